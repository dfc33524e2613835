"""What is wrong with what was handed in, and where.

Every fault is a `Diagnostic`; faults are raised together, in one `QafError`, so that whoever
wrote the file mends it once.
"""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import UnionType

__all__ = [
    "Diagnostic",
    "InputError",
    "PackError",
    "QafError",
    "described",
    "did_you_mean",
    "listed",
    "quoted",
    "refuse_no_day",
    "refuse_other",
]

_WIDTH = 100
"""Characters of a source line that are shown; a longer line is cut around the caret."""

_BEFORE = 60
"""Characters of a cut line that are shown before the caret."""

_LONGEST_WORD = 80
"""Longer words are never compared with others: they are not slips of the pen, and it is slow."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault or notice, with its place and what helps.

    `message` is lower case without a full stop, values in backticks.
    `file` is the file's name as the caller gave it.
    `line` and `column` count from 1, in characters.
    `help` says what to do about it.
    `source` is the text of the line.
    `place` says where in what is not text (`sheet providers, row 4, column C`), or which value
    (`activities.visit.every`); it is shown where there is no line.
    `code` is a short id (`unknown-key`).
    `severity` is `error`, or `notice` for what does not stop the work.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    help: str | None = None
    source: str | None = None
    place: str | None = None
    code: str = "invalid"
    severity: Literal["error", "notice"] = "error"

    @property
    def where(self) -> str:
        """The place: `file:line:col`, or what stands for it."""
        return ": ".join(_printable(part, tab=" ") for part in self._where())

    def __str__(self) -> str:
        """Say the place and the fault, show the line with a caret, then the help."""
        where = f"{self.where}: " if self.where else ""
        lines = [f"{where}{self.severity}: {self.message}"]
        if self.source is not None and self.source.strip():
            lines.extend(_excerpt(self.source, self.column))
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)

    def _where(self) -> Iterable[str]:
        if self.line is None:
            return filter(None, (self.file, self.place))
        if self.file is None:
            at = f"line {self.line}"
            return [at if self.column is None else f"{at}, column {self.column}"]
        at = f"{self.file}:{self.line}"
        return [at if self.column is None else f"{at}:{self.column}"]


class QafError(Exception):
    """What was handed in cannot be used; every fault is in `diagnostics`.

    `diagnostics` are the faults in the order they are to be read.
    """

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        """Say every fault, one after another, then how many there are."""
        notices = sum(diagnostic.severity == "notice" for diagnostic in self.diagnostics)
        counts = [_counted(len(self.diagnostics) - notices, "fault")]
        if notices:
            counts.append(_counted(notices, "notice"))
        return "\n".join([*map(str, self.diagnostics), ", ".join(counts)])


class PackError(QafError):
    """A pack is faulty: its files do not state a framework."""


class InputError(QafError):
    """A file, a register or a record is faulty."""


def refuse_other(wanted: type | UnionType, name: str, value: object, what: str, help_: str) -> None:
    """Refuse an argument that is not of the type that it has to be.

    `name` is the argument's, `what` what it is to be, in words, `help_` what to give. InputError.
    """
    if isinstance(value, wanted):
        return
    said = f": {quoted(value)}" if isinstance(value, (str, int, float, dt.date)) else ""
    raise InputError([Diagnostic(f"`{name}` is no {what}{said}", help=help_, code="wrong-type")])


def refuse_no_day(name: str, value: object) -> None:
    """Refuse what is no day, a moment too; InputError says what to give."""
    given = None if isinstance(value, dt.datetime) else value
    help_ = "give a `datetime.date`, such as `dt.date(2026, 11, 22)`"
    refuse_other(dt.date, name, given, "day", help_)


def refuse_no_period(on: object, until: object) -> None:
    """Refuse a plan from what is no day, to what is none, or that ends before it begins: InputError."""
    refuse_no_day("on", on)
    refuse_no_day("until", until)
    assert isinstance(on, dt.date)
    assert isinstance(until, dt.date)
    if until < on:
        message = f"the plan ends on {until}, before it begins on {on}"
        raise InputError([Diagnostic(message, help="give a later `until`", code="period")])


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    """Say which of the words was probably meant, or nothing where none is near.

    `word` is what was written; `words` are those that could have been.
    Case, spaces and hyphens make no difference.
    """
    known = {_loose(each): each for each in words}
    if len(word) > _LONGEST_WORD:
        return None
    near = difflib.get_close_matches(_loose(word), known, n=1)
    return f"did you mean {quoted(known[near[0]])}?" if near else None


def listed(words: Iterable[object], limit: int = 12) -> str:
    """Write words as a list in a sentence: "`a`, `b` or `c`".

    `words` are shown in the order given; of more than `limit` the rest are only counted.
    """
    shown = [quoted(word) for word in words]
    if len(shown) > limit:
        shown[limit:] = [f"{len(shown) - limit} more"]
    if not shown:
        return "nothing"
    *most, last = shown
    return f"{', '.join(most)} or {last}" if most else last


def quoted(value: object, limit: int = 60) -> str:
    """Write a value in backticks, on one line and printable, as messages do.

    `value` is shown as YAML words it (`null`, `true`); `limit` is the most characters shown.
    """
    match value:
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case _:
            text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    text = _printable(text, tab=" ")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def described(value: object) -> str:
    """Say what a value is where it stands for something else: "a mapping", "a list", "`12`".

    `value` is plain data.
    """
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return quoted(value)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _loose(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def _printable(text: str, *, tab: str) -> str:
    """Replace what would move the cursor or command the terminal, a character for a character."""
    if text.isprintable():
        return text
    shown = {"\t": tab}
    return "".join(
        c if c.isprintable() else shown.get(c, "\N{REPLACEMENT CHARACTER}") for c in text
    )


def _excerpt(source: str, column: int | None) -> Iterable[str]:
    """Show the line, cut around the caret where it is long, and the caret."""
    text = _printable(source.rstrip("\r\n"), tab="\t")
    caret = 0 if column is None else min(column - 1, len(text))
    start = max(0, min(caret - _BEFORE, len(text) - _WIDTH))
    end = start + _WIDTH
    cut = "…" if start else ""
    shown = f"{cut}{text[start:end]}{'…' if end < len(text) else ''}"
    if column is None:
        return [f"  {shown}"]
    before = shown[: caret - start + len(cut)]
    return [f"  {shown}", f"  {''.join(map(_blank, before))}^"]


def _blank(character: str) -> str:
    """Give white space as wide as the character, so that the caret stands below its own."""
    if character == "\t":
        return character
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
