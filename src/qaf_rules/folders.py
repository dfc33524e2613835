"""Finding a pack and reading its plain data, an overlay's laid over that of the pack it extends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qaf_rules import _yaml
from qaf_rules.errors import Diagnostic, InputError, PackError, did_you_mean, listed, quoted
from qaf_rules.overlay import EXTENDS, Overlay, Places, folder_overlay, laid_over, overlay_of
from qaf_rules.schema import SECTIONS

REQUIRED = ("pack", "clauses", "readings", "vocabulary", "activities", "matrix", "rating")


def pack_path(name: str | Path) -> Path:
    """Find a pack: its folder, the file of an overlay, or the id of one that comes with the library.

    PackError where there is none.
    """
    given = Path(name)
    if given.is_dir() or given.is_file():
        return given
    for root in _roots():
        if isinstance(name, str) and (root / name).is_dir():
            return root / name
    known = pack_names()
    message = f"there is no pack `{name}`"
    help_ = did_you_mean(str(name), known) or f"give a folder, or one of {listed(known)}"
    raise PackError([Diagnostic(message, help=help_, code="no-pack")])


def pack_names() -> tuple[str, ...]:
    """Give the ids of the packs that come with the library."""
    found = {p.name for root in _roots() if root.is_dir() for p in root.iterdir() if p.is_dir()}
    return tuple(sorted(found))


def _roots() -> tuple[Path, ...]:
    here = Path(__file__).parent
    return (here / "frameworks", here.parents[1] / "frameworks")


def read_folder(folder: Path) -> dict[str, _yaml.Document]:
    """Read every section of a pack's folder; PackError with every fault of every file."""
    faults: list[Diagnostic] = []
    documents: dict[str, _yaml.Document] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem not in SECTIONS:
            help_ = (
                did_you_mean(path.stem, SECTIONS) or f"a section is one of {listed(SECTIONS, 20)}"
            )
            faults.append(
                Diagnostic(f"`{path.name}` is no section of a pack", file=str(path), help=help_)
            )
            continue
        try:
            documents[path.stem] = _yaml.read(path)
        except InputError as error:
            faults.extend(error.diagnostics)
    own = documents.get("pack")
    whole = own is None or not isinstance(own.data, Mapping) or EXTENDS not in own.data
    missing = [name for name in REQUIRED if not (folder / f"{name}.yaml").exists()]
    if missing and whole:
        message = f"the pack has no {listed([f'{m}.yaml' for m in missing])}"
        faults.append(
            Diagnostic(message, file=str(folder), help="see the reference of the pack language")
        )
    if faults:
        raise PackError(faults)
    return documents


def read_pack(
    path: Path, above: tuple[Path, ...] = ()
) -> tuple[Mapping[str, Any], Mapping[str, Places], list[Diagnostic]]:
    """Read a pack's plain data, an overlay's laid over that of the pack that it extends."""
    if path.is_dir():
        documents = read_folder(path)
        overlay = folder_overlay(documents)
        if overlay is None:
            return {name: document.data for name, document in documents.items()}, documents, []
    else:
        overlay = overlay_of(path, tuple(SECTIONS))
        if overlay.base is None:
            if overlay.faults:
                raise PackError(overlay.faults)
            help_ = "write `extends: PACK` at its top, or give a folder"
            raise PackError([overlay.told((), "the file does not say what it changes", help_)])
    below = _base(overlay, path)
    if below.resolve() in [each.resolve() for each in (path, *above)]:
        message = f"the pack {quoted(overlay.base)} rests on this one, which rests on it"
        raise PackError([overlay.told((EXTENDS,), message, "let one of them stand by itself")])
    data, places, faults = read_pack(below, (path, *above))
    aged = overlay.of_another_version((data.get("pack") or {}).get("version"))
    whole, layered, found = laid_over(data, places, overlay)
    return whole, layered, [*faults, *overlay.faults, *aged, *found]


def _base(overlay: Overlay, path: Path) -> Path:
    """Find what an overlay extends: beside it, else by its path or id."""
    beside = path.parent / str(overlay.base)
    if beside.is_dir() or beside.is_file():
        return beside
    try:
        return pack_path(str(overlay.base))
    except PackError as error:
        (fault,) = error.diagnostics
        raise PackError([overlay.told((EXTENDS,), fault.message, fault.help)]) from None
