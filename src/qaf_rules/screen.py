"""What the command line shows: Monday's list, one provider in full, and what could not be read.

What comes out is data: no mark-up is read in it, and no number or path is coloured.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qaf_rules.attention import SAID, needing
from qaf_rules.explain import acted, asked, page
from qaf_rules.words import Words, a_day, counted, joined, sentence

if TYPE_CHECKING:
    from qaf_rules.attention import Attention, Line, Needing
    from qaf_rules.engine import Framework
    from qaf_rules.errors import Diagnostic
    from qaf_rules.model import ProviderRecord
    from qaf_rules.portfolio import Portfolio, Shared
    from qaf_rules.result import Assessment

__all__ = [
    "console",
    "print_entries",
    "print_faults",
    "print_list",
    "print_provider",
    "print_whole",
]


def console() -> Console:
    """Give the console on standard output."""
    file = sys.stdout if sys.stdout.isatty() else _Tidy(sys.stdout)
    return _Console(file=cast("TextIO", file), highlight=False, markup=False, emoji=False)


class _Console(Console):
    """A console that leaves it to the command what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError again that is being handled."""
        raise  # noqa: PLE0704  # rich calls this where it catches the error


class _Tidy(io.TextIOBase):
    """A stream without the blanks that fill a table's cells at the end of a line."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text, whole lines of it at once."""
        return self.stream.write(re.sub(r" +(?=\n)", "", text))


_STYLES = {
    "overdue": "bold red",
    "due": "yellow",
    "do": "cyan",
    "should": "blue",
    "consider": "dim",
    "unknown": "dim",
}


def print_list(console: Console, framework: Framework, monday: Attention, on: dt.date) -> None:
    """Print Monday's list of a day, with its totals."""
    _print_title(console, framework, f"Who needs attention on {a_day(on)}")
    for entry in monday.providers:
        console.print()
        _print_heading(console, entry)
        _print_lines(console, entry)
    console.print()
    for line in _totals(framework, monday):
        console.print(line)
    if monday.unused:
        many = "record is" if monday.unused == 1 else "records are"
        were = "was" if monday.unused == 1 else "were"
        console.print(f"{monday.unused} {many} dated after {a_day(on)} and {were} not used.")
    if monday.notes:
        console.print()
        told = [f"{n.name}: {n.text}" for n in monday.notes]
        print_entries(console, "Did not count as written", told)


def _print_title(console: Console, framework: Framework, title: str) -> None:
    identity = framework.pack.identity
    console.print(Text(title, style="bold"))
    console.print(Text(f"{identity.name}, {identity.version}", style="dim"))


def _print_heading(console: Console, entry: Needing) -> None:
    name = Text(entry.name, style="bold")
    if entry.name != entry.provider:
        name.append(f" ({entry.provider})", style="not bold dim")
    ratings = Text(_ratings(entry), style="dim")
    if len(name) + len(ratings) + 2 <= console.width:
        name.append(" " * (console.width - len(name) - len(ratings)))
        console.print(name + ratings)
    else:
        console.print(name)
        console.print(Text("  ") + ratings)


def _print_lines(console: Console, entry: Needing) -> None:
    """Print what a provider needs, in columns that are the same for all."""
    table = Table.grid(padding=(0, 1), expand=True)
    for width in (10, None, 11, 6):
        table.add_column(width=width, ratio=None if width else 1, no_wrap=width is not None)
    for line in entry.lines:
        severity = Text(f" {SAID[line.severity]}", style=_STYLES[line.severity])
        due = a_day(line.due, short=True) if line.due else ""
        table.add_row(severity, _told(line), Text(due, justify="right"), line.clause or "")
    console.print(table)


def _told(line: Line) -> Text:
    text = Text(f"{line.what[:1].upper()}{line.what[1:]}")
    if line.why:
        text.append(f" · {line.why}", style="dim")
    return text


def _ratings(entry: Needing) -> str:
    confirmed = "none confirmed" if entry.confirmed is None else f"confirmed {entry.confirmed}"
    asked_ = counted(entry.questions, "question")
    if entry.rating_questions:
        return f"{confirmed} · {asked_}; the rating has not been looked at"
    return f"suggested: {entry.suggested} · {confirmed} · {asked_}"


def _totals(framework: Framework, monday: Attention) -> Iterator[str]:
    t = monday.totals
    rest = t.providers - t.needing
    yield (
        f"{counted(t.providers, 'provider')}: {_need(t.needing)} attention, "
        f"{t.overdue_providers} of them with something overdue; {_need(rest)} nothing. "
        f"{counted(t.overdue_items, 'schedule item')} overdue, {counted(t.questions, 'question')} open."
    )
    for word, by_level in (("Suggested", t.suggested), ("Confirmed", t.confirmed)):
        told = [
            f"{number} at {framework.pack.levels[level].name.lower()} ({level})"
            if level is not None
            else f"{number} without a level"
            for level, number in by_level.items()
        ]
        if told:
            yield f"{word}: {joined(told)}."


def _need(number: int) -> str:
    return f"{number} {'needs' if number == 1 else 'need'}"


def print_whole(
    console: Console,
    framework: Framework,
    whole: Portfolio,
    records: Sequence[ProviderRecord],
) -> None:
    """Print what follows from a register as a whole."""
    words = Words(framework.pack).of_all(records)
    told = []
    for action in whole.actions:
        told.append(acted(words, action, whole.on))
        told += [_shared(words, each) for each in whole.shared if each.action == action.id]
    told += [asked(words, q) for q in whole.questions]
    told += [
        f"{framework.pack.identity.forums[f].name}: next sitting {a_day(day)}"
        for f, day in whole.sittings.items()
    ]
    if told:
        console.print()
        print_entries(console, "For all providers together", told)


def _shared(words: Words, shared: Shared) -> str:
    """Say a problem that several providers share, and at which."""
    at = counted(len(shared.providers), "provider")
    return sentence(f"shared: {words.token(shared.problem)} at {at}, {joined(shared.providers)}")


def print_provider(
    console: Console, framework: Framework, assessment: Assessment, record: ProviderRecord
) -> None:
    """Print one provider in full: what it needs, then every part with its reasons."""
    entry = needing(assessment, Words(framework.pack, record, short=True))
    title = f"{entry.name} ({entry.provider})" if entry.name != entry.provider else entry.name
    _print_title(console, framework, f"{title} on {a_day(assessment.on)}")
    console.print()
    console.print(Text(_ratings(entry), style="dim"))
    _print_lines(console, entry)
    for heading, sentences in page(framework.pack, assessment, record):
        console.print()
        print_entries(console, heading, sentences)


def print_entries(console: Console, heading: str, entries: Iterable[str]) -> None:
    """Print a heading with entries below it."""
    console.print(Text(heading, style="bold"))
    table = Table.grid(padding=(0, 1))
    for entry in entries:
        table.add_row("-", Text(entry))
    console.print(Padding(table, (0, 0, 0, 2)))


def print_faults(console: Console, faults: Sequence[Diagnostic]) -> None:
    """Print what could not be read, where there is any."""
    if not faults:
        return
    told = f"{counted(len(faults), 'thing')} in the register could not be read"
    console.print()
    console.print(Text(f"{told}; the rest is answered above:", style="bold red"))
    # The caret must stay below its column, so no line is broken.
    for fault in faults:
        console.print(Text(str(fault)), soft_wrap=True)
