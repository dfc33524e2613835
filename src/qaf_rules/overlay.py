"""An overlay: a change of a pack in the shape of its files, and where every value then stands.

Mappings merge by key, lists replace, `remove: true` removes; where entries have an order,
`before: NAME` puts one before another. Each value keeps the place at which it was last written, so a
fault is told where it can be mended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from qaf_rules import _yaml
from qaf_rules.errors import (
    Diagnostic,
    InputError,
    described,
    did_you_mean,
    listed,
    quoted,
)

Path_: TypeAlias = tuple[str | int, ...]

EXTENDS = "extends"
REMOVE, BEFORE = "remove", "before"
# Sections in which the order of entries means something: the first that fits answers, or a later one
# reads what was suggested before.
ORDERED: Final = ("matrix", "supplements", "actions", "sharing")
BY_NAME = "write what is to be other by its name"
_GONE = object()


class Places(Protocol):
    """Where the values of a section are written."""

    def diagnostic(
        self,
        path: Sequence[str | int],
        message: str,
        *,
        help: str | None = None,  # noqa: A002  # it fills the field of that name
        key: bool = False,
        code: str = "invalid",
    ) -> Diagnostic: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A section within a file of several, or within a mapping that was handed in (`document` None)."""

    section: str
    document: _yaml.Document | None

    def diagnostic(
        self,
        path: Sequence[str | int],
        message: str,
        *,
        help: str | None = None,  # noqa: A002  # it fills the field of that name
        key: bool = False,
        code: str = "invalid",
    ) -> Diagnostic:
        """Make a fault of the value at a path of the section."""
        full = (self.section, *path)
        if self.document is not None:
            return self.document.diagnostic(full, message, help=help, key=key, code=code)
        return Diagnostic(message, help=help, place=".".join(map(str, full)), code=code)


@dataclass(frozen=True, slots=True)
class Layered:
    """A section of a pack with a change laid over it; `change` and `base` are their plain data."""

    change: Any
    base: Any
    above: Places
    below: Places | None

    def diagnostic(
        self,
        path: Sequence[str | int],
        message: str,
        *,
        help: str | None = None,  # noqa: A002  # it fills the field of that name
        key: bool = False,
        code: str = "invalid",
    ) -> Diagnostic:
        """Make a fault of the value at a path, where the value was last written."""
        last = self.above if self._changed(path) or self.below is None else self.below
        return last.diagnostic(path, message, help=help or self._meant(path), key=key, code=code)

    def _changed(self, path: Sequence[str | int]) -> bool:
        written, replaced = _depth(self.change, path)
        return replaced or (written > 0 and written >= _depth(self.base, path)[0])

    def _meant(self, path: Sequence[str | int]) -> str | None:
        """Give the name in the base that the first new name on a path resembles."""
        known, _ = _depth(self.base, path)
        here = self.base
        for name in path[:known]:
            here = here[name]
        new = known < len(path) and isinstance(here, Mapping)
        return did_you_mean(str(path[known]), map(str, here)) if new else None


def _depth(data: Any, path: Sequence[str | int]) -> tuple[int, bool]:  # plain data
    """Give how many keys of a path data holds, and whether the rest lies below what replaces."""
    for n, key in enumerate(path):
        if not isinstance(data, Mapping) or _removes(data):
            return n, True
        if key not in data:
            return n, False
        data = data[key]
    return len(path), not isinstance(data, Mapping) or _removes(data)


def _removes(value: object) -> bool:
    return isinstance(value, Mapping) and value.get(REMOVE) is True


@dataclass(frozen=True, slots=True)
class Overlay:
    """A change by section, with where each is written, and what it is to be laid over.

    `base` is the id or path of the pack that it extends and `version` that pack's version, None
    where the overlay does not say; `document` is where it says so. `faults` are those of its form.
    """

    sections: Mapping[str, Any]
    places: Mapping[str, Places]
    base: str | None = None
    version: str | None = None
    faults: tuple[Diagnostic, ...] = ()
    document: _yaml.Document | None = field(default=None, repr=False)

    def told(self, path: Sequence[str | int], message: str, help_: str | None) -> Diagnostic:
        """Make a fault of what the overlay says of its base."""
        if self.document is not None:
            return self.document.diagnostic(path, message, help=help_, code="overlay")
        place = ".".join(map(str, path))
        return Diagnostic(message, help=help_, place=place, code="overlay")

    def of_another(self, id_: str, folder: Path | None) -> Iterator[Diagnostic]:
        """Find whether it is made for another pack than one of an id or in a folder."""
        names = {id_} if folder is None else {id_, folder.name, str(folder)}
        if self.base is not None and self.base not in names:
            message = f"this changes the pack {quoted(self.base)}, not {quoted(id_)}"
            yield self.told((EXTENDS,), message, "lay it over the pack that it extends")

    def of_another_version(self, version: object) -> Iterator[Diagnostic]:
        """Find whether it is made for another version than one."""
        if self.version is not None and self.version != version:
            message = (
                f"this changes version {quoted(self.version)} of {quoted(self.base)}, "
                f"which is at {quoted(version)}"
            )
            help_ = "check the change against that version, then name it here"
            yield self.told((EXTENDS,), message, help_)


def overlay_of(change: Mapping[str, Any] | str | Path, known: Sequence[str]) -> Overlay:
    """Read a change: a mapping by section, or a YAML file of one.

    `known` are the sections of a pack. InputError where it is no mapping.
    """
    document = _yaml.read(Path(change)) if isinstance(change, (str, Path)) else None
    given = _plain(change) if document is None else document.data
    if not isinstance(given, Mapping):
        message = f"{described(given)} is not a mapping of names"
        raise InputError([_of(document, (), message, "write it by section, as a pack's files are")])
    sections = {str(name): value for name, value in given.items() if name != EXTENDS}
    base, version, faults = _extended(given.get(EXTENDS), document)
    for name, value in sections.items():
        if name not in known:
            help_ = did_you_mean(name, known) or f"a section is one of {listed(known, 20)}"
            faults.append(_of(document, (name,), f"a pack has no section {quoted(name)}", help_))
        elif not isinstance(value, Mapping):
            message = f"{described(value)} is not a mapping of names"
            faults.append(_of(document, (name,), message, BY_NAME))
    sound = {n: v for n, v in sections.items() if n in known and isinstance(v, Mapping)}
    places = {name: Part(name, document) for name in sound}
    return Overlay(sound, places, base, version, tuple(faults), document)


def _plain(value: Any) -> Any:  # what was handed in, as a file would have it
    match value:
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case dt.date():
            return value.isoformat()
    return value


def folder_overlay(documents: Mapping[str, _yaml.Document]) -> Overlay | None:
    """Give the overlay that a folder is whose `pack.yaml` says what it extends, else None."""
    own = documents.get("pack")
    named = own.data.get(EXTENDS) if own is not None and isinstance(own.data, Mapping) else None
    if own is None or named is None:
        return None
    base, version, faults = _extended(named, own)
    sections = {n: document.data for n, document in documents.items() if document.data is not None}
    for name, data in sections.items():
        if not isinstance(data, Mapping):
            faults.append(_of(documents[name], (), f"{described(data)} is not a mapping", BY_NAME))
    sound = {name: data for name, data in sections.items() if isinstance(data, Mapping)}
    return Overlay(sound, documents, base, version, tuple(faults), own)


def _extended(
    named: object, document: _yaml.Document | None
) -> tuple[str | None, str | None, list[Diagnostic]]:
    match named:
        case None:
            return None, None, []
        case str():
            return named, None, []
        case {"pack": str(base), "version": str(version), **rest} if not rest:
            return base, version, []
        case {"pack": str(base), "version": int() | float() as number, **rest} if not rest:
            message = f"{quoted(number)} is a number, and a version is text"
            fault = _of(document, (EXTENDS, "version"), message, f'write `version: "{number}"`')
            return base, None, [fault]
    message = f"{described(named)} does not name a pack"
    help_ = "write `extends: PACK`, or `extends: {pack: PACK, version: VERSION}`"
    return None, None, [_of(document, (EXTENDS,), message, help_)]


def _of(document: _yaml.Document | None, path: Path_, message: str, help_: str) -> Diagnostic:
    if document is not None:
        return document.diagnostic(path, message, help=help_, code="overlay")
    place = ".".join(map(str, path)) or None
    return Diagnostic(message, help=help_, place=place, code="overlay")


def laid_over(
    data: Mapping[str, Any], places: Mapping[str, Places], overlay: Overlay
) -> tuple[dict[str, Any], dict[str, Places], list[Diagnostic]]:
    """Lay a change over a pack's plain data.

    Gives the data by section, where its values are written, and what it removes, or is to stand
    before, that is not there.
    """
    faults: list[Diagnostic] = []
    whole, layered = dict(data), dict(places)
    for section, change in overlay.sections.items():
        base = data.get(section) or {}
        above = overlay.places[section]
        own, before = _apart(change) if section in ORDERED else (change, {})
        merged = _merged(base, own, (), above, faults)
        whole[section] = _in_order(merged, before, above, faults)
        layered[section] = Layered(change, base, above, places.get(section))
    return whole, layered, faults


def _apart(change: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the entries of a change by themselves, and before which others they are to stand."""
    before: dict[str, str] = {}
    own = dict(change)
    for key, value in change.items():
        if isinstance(value, Mapping) and BEFORE in value and not _removes(value):
            before[key] = str(value[BEFORE])
            own[key] = {name: each for name, each in value.items() if name != BEFORE}
    return own, before


def _in_order(
    merged: dict[str, Any], before: Mapping[str, str], above: Places, faults: list[Diagnostic]
) -> dict[str, Any]:
    """Put each entry just before the one that it is to stand before, all others as they were."""
    ordered: dict[str, Any] = {}

    def place(key: str) -> None:
        for own in (name for name, other in before.items() if other == key):
            place(own)
        ordered[key] = merged[key]

    for key in merged:
        if key not in before or before[key] not in merged:
            place(key)
    for key, other in before.items():
        path = (key, BEFORE)
        if other not in merged:
            message = f"there is no {quoted(other)} to stand before"
            help_ = did_you_mean(other, map(str, merged)) or "name an entry that is there"
            faults.append(above.diagnostic(path, message, help=help_, code="overlay"))
        elif key not in ordered:
            message = (
                f"{quoted(key)} cannot stand before {quoted(other)}, which is to stand before it"
            )
            help_ = "leave one of the two out"
            faults.append(above.diagnostic(path, message, help=help_, code="overlay"))
    return ordered


def _merged(
    base: Any,  # plain data
    change: Mapping[str, Any],
    path: Path_,
    above: Places,
    faults: list[Diagnostic],
) -> dict[str, Any]:
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in change.items():
        below = (*path, key)
        if _removes(value):
            for lost in (each for each in value if each != REMOVE):
                message = f"{quoted(lost)} is said of {quoted(key)}, which is removed"
                help_ = f"leave out {quoted(lost)}, or `remove: true`"
                faults.append(above.diagnostic((*below, lost), message, help=help_, code="overlay"))
            if merged.pop(key, _GONE) is _GONE:
                message = f"there is no {quoted(key)} to remove"
                help_ = did_you_mean(str(key), map(str, merged)) or "leave it out"
                faults.append(above.diagnostic(below, message, help=help_, code="overlay"))
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merged(merged[key], value, below, above, faults)
        else:
            merged[key] = value
    return merged
