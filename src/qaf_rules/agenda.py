"""A plan as people read it: a table by date, a grid by month, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from qaf_rules.words import Words, a_day, counted
from qaf_rules.workload import NOBODY

if TYPE_CHECKING:
    from rich.console import Console

    from qaf_rules.engine import Framework
    from qaf_rules.history import Verdict
    from qaf_rules.plan import Forecast
    from qaf_rules.workload import Due, Workload

COLUMNS = (
    "provider",
    "name",
    "activity",
    "period",
    "earliest",
    "due",
    "due_at",
    "late",
    "officer",
    "proposed",
    "clauses",
)


def print_plan(console: Console, framework: Framework, workload: Workload) -> None:
    """Print the plan: every due date, then how many there are by activity, officer and month."""
    title = f"The plan from {a_day(workload.on)} to {a_day(workload.until)}"
    console.print(Text(title, style="bold"))
    identity = framework.pack.identity
    console.print(Text(f"{identity.name}, {identity.version}", style="dim"))
    console.print()
    _print_dues(console, framework, workload)
    for heading, key in (("Activity", "activity"), ("Officer", "officer")):
        console.print()
        _print_grid(console, framework, workload, heading, key)
    console.print()
    console.print(_total(workload))
    if workload.unmet:
        console.print()
        told = "Cannot be met in time" if any(d.proposed for d in workload.dues) else "Overdue"
        console.print(Text(told, style="bold"))
        for due in workload.unmet:
            console.print(Text(f"  {_named(due)}: {_what(due)}, due {a_day(due.due)}"))


def _total(workload: Workload) -> str:
    late = sum(due.late for due in workload.dues)
    told = f"{counted(len(workload.dues), 'due date')}, {late} of them overdue already"
    placed = sum(due.proposed is not None for due in workload.dues)
    return f"{told}; a day is proposed for {placed}." if placed else f"{told}."


def _named(due: Due) -> str:
    return f"{due.name} ({due.provider})" if due.name else due.provider


def _what(due: Due) -> str:
    return f"{due.text}, {due.period}" if due.period else due.text


def _who(words: Words, officer: str) -> str:
    return officer if officer == NOBODY else words.role(officer)


def _print_dues(console: Console, framework: Framework, workload: Workload) -> None:
    words = Words(framework.pack)
    table = Table(box=None, pad_edge=False, header_style="dim", expand=False)
    proposes = any(due.proposed for due in workload.dues)
    for heading in ("Due", "Provider", "What", "Who", *(["Proposed"] if proposes else [])):
        table.add_column(heading, no_wrap=heading in ("Due", "Proposed"))
    for due in workload.dues:
        when = f"{due.due_at:%Y-%m-%d %H:%M}" if due.due_at else str(due.due)
        row = [
            Text(when, style="bold red" if due.late else ""),
            Text(due.name or due.provider),
            Text(_what(due)),
            Text(_who(words, due.officer)),
        ]
        if proposes:
            row.append(Text(str(due.proposed) if due.proposed else ""))
        table.add_row(*row)
    console.print(table)


def _print_grid(
    console: Console, framework: Framework, workload: Workload, heading: str, key: str
) -> None:
    """Print how many fall due in each month; what is overdue stands in a column of its own."""
    words = Words(framework.pack)
    coming = workload.by(key, "month", "late")
    late = workload.by(key, "late")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(heading, min_width=18)
    for title in ("late", *(_month(month) for month in workload.months), "all"):
        table.add_column(title, justify="right", no_wrap=True, min_width=3)
    for name in dict.fromkeys(name for name, _ in late):
        numbers = [late.get((name, "True"), 0)]
        numbers += [coming.get((name, month, "False"), 0) for month in workload.months]
        label = framework.pack.activities[name].name if key == "activity" else _who(words, name)
        table.add_row(Text(label), *(str(n or "·") for n in numbers), str(sum(numbers)))
    console.print(table)


def _month(month: str) -> str:
    """Give the short name of a month."""
    return MONTHS[int(month[5:]) - 1]


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def print_forecast(console: Console, framework: Framework, ahead: Iterable[Forecast]) -> None:
    """Print for what is not done when it can be, is due, is overdue and counts as missed."""
    console.print(Text("What is next", style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("What", "Not before", "Due", "Overdue from", "Missed from"):
        table.add_column(heading, no_wrap=heading != "What")
    for each in ahead:
        if each.earliest is None and each.due is None:
            continue
        name = framework.pack.activities[each.activity].name
        days = (each.earliest, each.due, each.overdue, each.missed)
        what = f"{name}, {each.period}" if each.period else name
        table.add_row(Text(what), *(str(day) if day else "·" for day in days))
    console.print(table)


def print_history(console: Console, framework: Framework, verdicts: Iterable[Verdict]) -> None:
    """Print what each record of a provider's history counted for."""
    console.print(Text("What has been done", style="bold"))
    for verdict in verdicts:
        record = verdict.record
        day = record.completed or record.planned or record.requested
        name = framework.pack.activities[verdict.activity].name
        due = f" (due {verdict.due})" if verdict.due else ""
        period = f", {verdict.period}" if verdict.period else ""
        clauses = f"  {', '.join(verdict.clauses[:3])}" if verdict.clauses else ""
        line = Text(f"  {day}  {name}{period}: {verdict.text}{due}")
        console.print(line.append(clauses, style="dim"))


def _rows(workload: Workload) -> Iterator[dict[str, object]]:
    for due in workload.dues:
        row: dict[str, object] = {}
        for column in COLUMNS:
            value = getattr(due, column)
            if column == "clauses":
                row[column] = list(value)
            elif value is None or isinstance(value, (bool, str)):
                row[column] = value
            else:
                row[column] = value.isoformat()
        yield row


def as_csv(workload: Workload) -> str:
    """Give the plan as CSV, a row for each due date."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in _rows(workload):
        clauses = row["clauses"]
        assert isinstance(clauses, list)  # made just above
        late = "yes" if row["late"] else ""
        writer.writerow({**row, "clauses": " ".join(clauses), "late": late})
    return text.getvalue()


def as_data(framework: Framework, workload: Workload) -> dict[str, object]:
    """Give the plan as plain data, for JSON."""
    return {
        "framework": framework.id,
        "version": framework.pack.identity.version,
        "on": workload.on.isoformat(),
        "until": workload.until.isoformat(),
        "dues": list(_rows(workload)),
        "unmet": [
            row
            for row, due in zip(_rows(workload), workload.dues, strict=True)
            if due in workload.unmet
        ],
        "by_month": [
            {"month": month, "activity": activity, "officer": officer, "number": number}
            for (month, activity, officer), number in workload.by(
                "month", "activity", "officer"
            ).items()
        ],
    }
