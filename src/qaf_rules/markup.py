"""HTML for a notebook: plain text goes in, and a table or list that any reader can follow comes out.

Every text is escaped here, so nothing that was written in a register is read as mark-up. A table
has a caption and says what each heading is of. No colour is set: it is read in light and in dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Protocol

__all__ = ["bullets", "document", "folded", "outline", "part", "plainly", "table", "verbatim"]

_STYLE = (
    "<style>.qaf table {border-collapse: collapse; margin: .8em 0} .qaf caption {text-align: left; font-weight: bold} "
    ".qaf th, .qaf td {text-align: left; vertical-align: top; padding: .2em .8em .2em 0; "
    "border-bottom: 1px solid} .qaf tbody th {font-weight: normal} "
    ".qaf li, .qaf p {max-width: 50em}</style>"
)


class _Printer(Protocol):
    """What IPython hands in for the plain text of a value."""

    def text(self, text: str) -> None: ...


def plainly(self: object, printer: _Printer, _cycle: object) -> None:
    """Show a value as `str` says it where there is only plain text; a method of what is shown.

    Each class needs it by itself: IPython passes over one that is inherited.
    """
    printer.text(str(self))


def document(title: str, *blocks: str) -> str:
    """Make the whole of what is shown: a title, and blocks of HTML below it."""
    return f'<div class="qaf">{_STYLE}<h3>{escape(title)}</h3>{"".join(blocks)}</div>'


def part(heading: str, *blocks: str) -> str:
    """Make a part with its heading; nothing where there is nothing in it."""
    inside = "".join(blocks)
    return f"<h4>{escape(heading)}</h4>{inside}" if inside else ""


def folded(heading: str, *blocks: str) -> str:
    """Make a part that opens when it is wanted; nothing where there is nothing in it."""
    inside = "".join(blocks)
    return f"<details><summary>{escape(heading)}</summary>{inside}</details>" if inside else ""


def bullets(entries: Iterable[str]) -> str:
    """Make a list; nothing of no entries."""
    inside = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
    return f"<ul>{inside}</ul>" if inside else ""


def outline(lines: Iterable[str]) -> str:
    """Make paragraphs of lines of text, and lists of those among them that are indented."""
    return "".join(
        bullets(line.strip() for line in group)
        if indented
        else "".join(f"<p>{escape(line)}</p>" for line in group)
        for indented, group in groupby(lines, key=lambda line: line.startswith(" "))
    )


def verbatim(text: str) -> str:
    """Keep a text's own lines and indents."""
    return f"<pre>{escape(text)}</pre>"


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table, the first cell of each row its heading; nothing of no rows."""
    body = "".join(f"<tr>{_row(cells)}</tr>" for cells in rows)
    if not body:
        return ""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(cells: Sequence[str]) -> str:
    head, *rest = map(escape, cells)
    return f'<th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}'
