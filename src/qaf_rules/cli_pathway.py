"""`qaf pathway`: the pathways of a pack, as a table or drawn."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaf_rules.cli_input import command_of, reading_argument
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted

if TYPE_CHECKING:
    from qaf_rules.pathway import PathwaySpec

__all__ = ["add_to"]


def add_to(commands: Any) -> None:  # argparse's own
    """Add the command."""
    pathway = command_of(commands, "pathway", _pathway, "show the pathways of a pack, or draw them")
    pathway.add_argument("pack", metavar="PACK", help="id or folder of the pack")
    pathway.add_argument("id", metavar="PATHWAY", nargs="?", help="only this one")
    reading_argument(pathway)
    form = pathway.add_mutually_exclusive_group()
    form.add_argument("--mermaid", action="store_true", help="print it as Mermaid")
    form.add_argument("--svg", metavar="FILE", type=Path, help="write it as an SVG drawing")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write the file: {error.strerror or 'no reason is given'}"
        told = Diagnostic(message, str(path), help="name a file in a folder that there is")
        raise InputError([told]) from None


def _pathway(args: argparse.Namespace) -> int:
    from qaf_rules.drawings import mermaid, svg, told
    from qaf_rules.engine import load

    pack = load(args.pack, readings=dict(args.reading)).pack
    chosen = _chosen(pack.id, pack.pathway, args.id)
    if args.svg is not None:
        if len(chosen) > 1:
            message = f"a drawing is of one pathway, and this pack has {len(chosen)}"
            raise InputError([Diagnostic(message, help=f"name one of {listed(chosen, 20)}")])
        _write(args.svg, svg(next(iter(chosen.values())), pack.roles))
        return 0
    for n, (id_, spec) in enumerate(chosen.items()):
        if n:
            print()
        table = "\n".join(told(spec, pack.roles))
        print(f"%% {pack.id} {id_}\n{mermaid(spec, pack.roles)}" if args.mermaid else table)
    return 0


def _chosen(
    pack: str, pathways: Mapping[str, PathwaySpec], id_: str | None
) -> Mapping[str, PathwaySpec]:
    if not pathways:
        raise InputError([Diagnostic(f"the pack `{pack}` has no pathway")])
    if id_ is None:
        return pathways
    if id_ not in pathways:
        help_ = did_you_mean(id_, pathways) or f"there is {listed(pathways, 20)}"
        message = f"the pack `{pack}` has no pathway {quoted(id_)}"
        raise InputError([Diagnostic(message, help=help_)])
    return {id_: pathways[id_]}
