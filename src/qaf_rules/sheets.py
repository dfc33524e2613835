"""A register as sheets: what their columns and cells mean.

A sheet has a row for each provider, activity, finding and so on, and a column for each value that
the pack declares. A workbook holds the sheets, or a folder of CSV files, one a file. What stands
above the row of column names is explanation and is not read.

A day is a date of Excel, YYYY-MM-DD, or dd/mm/yyyy: always the day first, as in the United Kingdom.
Yes and no are `yes` and `no`, or TRUE and FALSE. Several values stand in one cell with semicolons
between them; `-` says that there are none. A value of a list may be written with capitals, spaces
or hyphens. A column whose name begins with `#` is the officer's own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from qaf_rules import intake, shapes
from qaf_rules.cells import cell, member, written
from qaf_rules.errors import Diagnostic, did_you_mean, quoted
from qaf_rules.values import Fault, MapOf, OneOf, Simple, Type, parse_value
from qaf_rules.workdays import parse_terms

if TYPE_CHECKING:
    from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord, Rating
    from qaf_rules.pack import Pack

__all__ = [
    "Column",
    "Row",
    "Sheet",
    "Table",
    "letters",
    "plain",
    "rows",
    "sheets",
    "table",
    "title",
]

_TEXT: Final = Simple("text")
_DATE: Final = Simple("date")
_HEADER_WITHIN: Final = 10
"""Rows in which the row of column names is looked for."""


class Column(NamedTuple):
    """A column: its name, the type of its values and what they say.

    `shown` is false for what is rarely used: it is read, and written where a record has it.
    """

    name: str
    type: Type
    about: str = ""
    shown: bool = True


class Sheet(NamedTuple):
    """A sheet: its name, what its rows are, and its columns, the first of which every row fills."""

    name: str
    about: str
    columns: Mapping[str, Column]

    @property
    def key(self) -> str:
        """The column that every row fills."""
        return next(iter(self.columns))


class Row(NamedTuple):
    """A row that is not empty: its number (of its line, in CSV) and what its cells hold."""

    number: int
    cells: dict[str, object]
    beyond: bool = False  # whether it has more cells than there are column names


@dataclass(frozen=True)
class Table:
    """The rows of one sheet as they were found, with what is needed to say where each is.

    `positions` counts the columns from 0. `lines` and `delimiter` are those of a CSV file.
    """

    sheet: Sheet
    file: str
    rows: Sequence[Row] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[str] | None = None
    delimiter: str = ","

    def diagnostic(self, number: int, fault: Fault) -> Diagnostic:
        """Give a fault its place: `number` is its row's, and its path begins with a column."""
        name = str(fault.path[0]) if fault.path else ""
        at = self.positions.get(name)
        if at is None:  # a map's own columns, and what is not there at all
            at = next((n for c, n in self.positions.items() if c.startswith(f"{name}.")), None)
        code = "unknown-key" if isinstance(fault, intake.UnknownKey) else "invalid"
        if self.lines is None:
            where = "" if at is None else f", column {letters(at + 1)} ({name})"
            place = f"sheet {self.sheet.name}, row {number}{where}"
            return Diagnostic(fault.message, self.file, help=fault.help, place=place, code=code)
        line = self.lines[number - 1]
        return Diagnostic(
            fault.message,
            file=self.file,
            line=number,
            column=None if at is None else _start(line, at, self.delimiter),
            help=fault.help,
            source=line,
            place=f"{self.sheet.name}.{name}" if name else self.sheet.name,
            code=code,
        )


def sheets(pack: Pack) -> dict[str, Sheet]:
    """Give the sheets of a register under a pack, by name, in order."""
    activity, finding = shapes.activity_types(pack), shapes.finding_types(pack)
    decision, rating = shapes.decision_types(pack), shapes.rating_types(pack)
    kinds = {"kind": OneOf(tuple(kind for kind in pack.kinds if kind != shapes.JUDGEMENT))}
    made = [
        Sheet("providers", "One row for each provider.", _provider_columns(pack)),
        Sheet(
            "activities",
            "What was done or received (completed), is arranged (planned), or was asked for.",
            _columns(activity, hidden=("recorded", "authorised_by", *_of_requests(pack))),
        ),
        Sheet(
            "findings",
            "What was found: one row for each complaint, concern, enquiry, incident and so on. "
            "No names and no free text.",
            _columns(_without(finding, "fact", "value") | kinds, _attributes(pack)),
        ),
        Sheet(
            "judgements",
            "What an officer judges to be so on a day, where no single finding says it.",
            _columns(
                {name: finding[name] for name in ("fact", "value", "on", "by", "source", "ref")},
                _without(finding, "kind", "fact", "value", "on", "by", "source", "ref"),
                hidden=("recorded", "status", "evidence", "urgent"),
            ),
        ),
        Sheet(
            "ratings",
            "Levels that a person confirmed, with who, when and why; drafts and comments on them.",
            _columns(rating, hidden=("ref", "outcome")),
        ),
        Sheet("decisions", "What a person has decided for a provider.", _columns(decision)),
        Sheet(
            "settings",
            "What the council gives once for all providers.",
            {
                "setting": Column("setting", OneOf(("framework", *pack.settings)), "which setting"),
                "value": Column("value", Simple("any"), "its value"),
            },
        ),
    ]
    if "terms" in pack.settings:
        columns = {
            "name": Column("name", _TEXT, "the name of the term, such as `autumn`"),
            "start": Column("start", _DATE, "its first day"),
            "end": Column("end", _DATE, "its last day"),
            "half_term_start": Column("half_term_start", _DATE, "the first day of its half term"),
            "half_term_end": Column("half_term_end", _DATE, "the last day of its half term"),
        }
        made.append(Sheet("terms", "The terms of the year, for what falls due by term.", columns))
    return {sheet.name: sheet for sheet in made}


def _of_requests(pack: Pack) -> tuple[str, ...]:
    """Give what no record says where the pack knows of no requests for information."""
    return () if pack.identity.requests is not None else ("audience", "what")


_ABOUT: Final = {
    "provider_id": "the provider's id, as on the sheet providers",
    "activity": "what was done: an activity or an action",
    "completed": "the day on which it was done or received",
    "planned": "the day for which it is arranged",
    "requested": "the day on which it was asked for",
    "period": "which return it is: 2026-01, 2026-Q1, 2026-autumn or its due date",
    "about": "the activity that it was done for, such as the visit that feedback is on",
    "about_day": "the day of that activity",
    "outcome": "what came of it",
    "missing": "what came without it",
    "deadline": "the day that was notified to the provider",
    "notified": "the day on which the provider was told",
    "attendees": "the roles that attended",
    "location": "where it is held",
    "consent": "consent of those whose home it is",
    "evidence": "what it rests on",
    "time": "the time of day, where hours count from it: 09:30",
    "covered": "agenda topics that were looked at, or `all`",
    "format": "how it is held",
    "kind": "what sort of finding",
    "on": "the day it speaks of",
    "recorded": "the day it was entered, where that is another",
    "ref": "your reference, no name",
    "source": "who says so",
    "status": "open where left empty",
    "urgent": "yes or no",
    "by": "the role that says or decides so",
    "fact": "what is judged",
    "value": "what is so: yes or no, a number, or a word",
    "level": "the level that was confirmed, drafted or commented on",
    "suggested": "the level that was suggested",
    "stage": "final where left empty; draft; comment, for the provider's on a draft",
    "reason": "why, in a few words, no names",
    "decision": "what was decided",
    "to": "which question it answers, or which suggestion",
    "audience": "who asks for it, or is to be told",
    "what": "what is asked for, or is to be shared",
    "until": "the last day on which it stands; until withdrawn where left empty",
    "every": "such as `6 months`",
    "framework": "the framework and version it was made under",
}


def _columns(
    types: Mapping[str, Type], more: Mapping[str, Type] | None = None, *, hidden: Iterable[str] = ()
) -> dict[str, Column]:
    every = {"provider_id": _TEXT, **types, **(more or {})}
    return {
        name: Column(name, declared, _ABOUT.get(name, ""), name not in hidden)
        for name, declared in every.items()
    }


def _provider_columns(pack: Pack) -> dict[str, Column]:
    columns = [
        Column("provider_id", _TEXT, "an id of your own for the provider, no name"),
        Column("name", _TEXT, "what the provider is called in the list"),
    ]
    # A setting may be given for one provider; that is rare, so it has no column to begin with.
    for values, shown in ((pack.fields, True), (pack.settings, False)):
        for name, value in values.items():
            if isinstance(value.type, MapOf):
                columns += [
                    Column(
                        f"{name}.{key}", OneOf(value.type.values), f"{value.label}: {key}", shown
                    )
                    for key in value.type.keys
                ]
            else:
                columns.append(Column(name, value.type, value.label, shown))
    found: dict[str, Column] = {}
    for column in columns:
        found.setdefault(column.name, column)
    return found


def _attributes(pack: Pack) -> dict[str, Type]:
    """Give the attributes of all kinds; one that differs from kind to kind takes any word here."""
    found: dict[str, Type] = {}
    for id_, kind in pack.kinds.items():
        for name, declared in kind.attributes.items() if id_ != shapes.JUDGEMENT else ():
            other = found.setdefault(name, declared)
            if isinstance(other, OneOf) and isinstance(declared, OneOf):
                found[name] = OneOf(tuple(dict.fromkeys((*other.values, *declared.values))))
            elif other != declared:
                found[name] = Simple("any")
    return found


def _without(types: Mapping[str, Type], *names: str) -> dict[str, Type]:
    return {name: declared for name, declared in types.items() if name not in names}


def plain(row: Row, sheet: Sheet, pack: Pack) -> tuple[dict[str, object], list[Fault]]:
    """Give what a row says as plain data, as a register in YAML would have it.

    The provider's id is left in under `provider_id`.
    """
    types = _types(row, sheet, pack)
    values: dict[str, object] = {}
    maps: dict[str, dict[str, object]] = {}
    faults: list[Fault] = []
    if row.beyond:
        help_ = "put what has a comma in it between quotation marks"
        faults.append(Fault("the row has more cells than there are column names", help_))
    for name, raw in row.cells.items():
        declared = types.get(name) or sheet.columns[name].type
        try:
            value = cell(declared, raw)
            field_, dot, key = name.partition(".")
            if dot:
                maps.setdefault(field_, {})[key] = parse_value(declared, value)
            else:
                values[name] = value
        except Fault as fault:
            faults.append(Fault(fault.message, fault.help, (name,)))
    return values | maps, faults


def _types(row: Row, sheet: Sheet, pack: Pack) -> Mapping[str, Type]:
    """Give the types that depend on what the row is about."""
    match sheet.name:
        case "findings":
            kind = pack.kinds.get(member(str(row.cells.get("kind", "")), tuple(pack.kinds)))
            return {} if kind is None else kind.attributes
        case "judgements":
            stated = shapes.stateable(pack)
            fact = stated.get(member(str(row.cells.get("fact", "")), tuple(stated)))
            return {} if fact is None else {"value": fact.type}
        case "settings":
            setting = pack.settings.get(
                member(str(row.cells.get("setting", "")), tuple(pack.settings))
            )
            return {} if setting is None else {"value": setting.type}
        case _:
            return {}


def rows(
    records: Iterable[ProviderRecord], settings: Mapping[str, object], pack: Pack
) -> dict[str, list[dict[str, object]]]:
    """Give the rows of each sheet that say what records and settings hold, by column."""
    found: dict[str, list[dict[str, object]]] = {name: [] for name in sheets(pack)}
    found["settings"].append({"setting": "framework", "value": pack.id})
    activity, finding = shapes.activity_types(pack), shapes.finding_types(pack)
    decision, rating = shapes.decision_types(pack), shapes.rating_types(pack)
    stated = shapes.stateable(pack)
    for record in records:
        start = {"provider_id": record.provider.id}
        found["providers"].append(start | _provider_row(record.provider, pack))
        found["activities"] += [start | _row(each, activity) for each in record.activities]
        found["ratings"] += [start | _row(each, rating) for each in record.ratings]
        for each in record.findings:
            row = start | _row(each, finding)
            if each.kind == shapes.JUDGEMENT:
                declared = stated[str(each.fact)].type
                value = {"value": written(declared, each.value)}
                found["judgements"].append({n: row[n] for n in row if n != "kind"} | value)
            else:
                own = pack.kinds[each.kind].attributes
                found["findings"].append(row | _typed(each.attributes, own))
        for settled in record.decisions:
            row = start | _row(settled, decision, but=tuple(settled.carries))
            found["decisions"].append(row | _typed(settled.carries, decision))
    for name, setting in settings.items():
        if name == "terms" and isinstance(setting, list | tuple):
            found["terms"] += [term.plain() for term in parse_terms(setting)]
        else:
            said = written(pack.settings[name].type, setting)
            found["settings"].append({"setting": name, "value": said})
    return found


def _provider_row(provider: Provider, pack: Pack) -> dict[str, object]:
    types = {name: value.type for name, value in {**pack.settings, **pack.fields}.items()}
    row: dict[str, object] = {} if provider.name is None else {"name": provider.name}
    for name, value in provider.fields.items():
        if isinstance(value, Mapping) and isinstance(types[name], MapOf):
            row |= {f"{name}.{key}": word for key, word in value.items()}
        else:
            row[name] = written(types[name], value)
    return row


def _row(
    entry: Activity | Finding | Rating | Decision,
    types: Mapping[str, Type],
    but: Sequence[str] = (),
) -> dict[str, object]:
    """Give the cells of what an entry says otherwise than by leaving it out."""
    row: dict[str, object] = {}
    for name, declared in types.items():
        known = type(entry).model_fields.get(name)
        if (
            known is not None
            and name not in but
            and (value := getattr(entry, name)) != known.default
        ):
            row[name] = written(declared, value)
    return row


def _typed(values: Mapping[str, object], types: Mapping[str, Type]) -> dict[str, object]:
    return {name: written(types[name], value) for name, value in values.items()}


def table(
    sheet: Sheet,
    file: str,
    rows: Iterable[tuple[int, Sequence[object]]],
    *,
    lines: Sequence[str] | None = None,
    delimiter: str = ",",
) -> tuple[Table, list[Diagnostic]]:
    """Find the row of column names and the rows below it.

    `rows` are the cells of each row with the row's number; `lines` and `delimiter` those of a CSV
    file. The faults are those of the column names: the sheet cannot be read with them.
    """
    numbered = iter(rows)
    above, header, near = 1, None, False
    for above, cells in itertools.islice(numbered, _HEADER_WITHIN):  # noqa: B007  # needed below
        if sheet.key in map(title, cells):
            header = [title(each) for each in cells]
            break
        near = near or "id" in map(title, cells)
    if header is None:
        wrong = near and sheet.key == "provider_id"
        begin = "call the column `id` `provider_id`" if wrong else "start from the template"
        fault = Fault(f"no row of column names with {quoted(sheet.key)}", begin)
        empty = Table(sheet, file, lines=lines and [*lines, ""], delimiter=delimiter)
        return empty, [empty.diagnostic(1, fault)]
    positions: dict[str, int] = {}
    faults: list[tuple[int, Fault]] = []
    for at, name in enumerate(header):
        if not name or name.startswith("#"):
            continue
        if name not in sheet.columns:
            help_ = did_you_mean(name, sheet.columns)
            help_ = help_ or "begin its name with `#` if the column is your own"
            fault = intake.UnknownKey(f"unknown column {quoted(name)}", help_, (name,))
            faults.append((at, fault))
        elif name in positions:
            message = f"the column {quoted(name)} is there twice"
            faults.append((at, Fault(message, "keep one of them", (name,))))
        else:
            positions[name] = at
    used = [(at, name) for name, at in positions.items()]
    found = [
        # In CSV it is most often a comma that shifts every cell; beside a sheet there may be notes.
        Row(n, kept, lines is not None and not all(map(_blank, cells[len(header) :])))
        for n, cells in numbered
        if (
            kept := {
                name: cells[at] for at, name in used if at < len(cells) and not _blank(cells[at])
            }
        )
    ]
    places = {**positions, **{str(fault.path[0]): at for at, fault in faults}}
    whole = Table(sheet, file, found, places, lines, delimiter)
    return whole, [whole.diagnostic(above, fault) for _, fault in faults]


def _blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def title(raw: object) -> str:
    """Give a name of a sheet or a column as it is compared: capitals and spaces do not matter."""
    return re.sub(r"\s+", "_", raw.strip().lower()) if isinstance(raw, str) else ""


def letters(number: int) -> str:
    """Give the letters of a column of a workbook, counted from 1."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _start(line: str, wanted: int, delimiter: str) -> int | None:
    """Give the column, from 1, at which a field of a CSV line starts, None where it is not."""
    at, quotes = 0, False
    for position, character in enumerate(line):
        if at == wanted:
            return position + 1
        quotes ^= character == '"'
        at += character == delimiter and not quotes
    return len(line) + 1 if at == wanted else None
