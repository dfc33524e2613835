"""Every kind of recurrence, with its YAML: pure date logic, no provider and no status.

A recurrence counts either from the last one done (`Every`, `OnceEach`, `Alternating`) or is a
series of periods, each with its own due date (`Monthly`, `Anchored`, `Quarterly`, `Termly`).
The others (`AsRequired`, `Ask`, …) have no date of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from qaf_rules.condition import ALWAYS, Condition
from qaf_rules.condition import parse as parse_condition
from qaf_rules.errors import listed
from qaf_rules.values import Fault
from qaf_rules.workdays import (
    DAY,
    Interval,
    Term,
    add,
    month_day,
    next_working_day,
    parse_interval,
)

_YEAR_DAY = re.compile(r"\d\d-\d\d")


NEXT_WORKING_DAY = "next_working_day"


class Period(NamedTuple):
    """One period of a series: its label, the days that it covers, and its due date."""

    label: str
    starts: dt.date
    ends: dt.date
    due: dt.date


Lookup: TypeAlias = Callable[[str], object]  # the value of a field; None where unknown


class Unknown(Exception):  # noqa: N818  # a signal, not an error
    """A recurrence cannot be dated until these fields are known."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names


@dataclass(frozen=True, slots=True)
class Every:
    """Due one interval after the last one done; a notified deadline may govern."""

    every: Interval
    deadline: bool = False
    counts_from: str | None = None  # another activity, where it does not count from its own last

    def next(self, last: dt.date, _lookup: Lookup) -> dt.date:
        """Give the due date that follows one done on `last`."""
        return add(last, self.every)


@dataclass(frozen=True, slots=True)
class OnceEach:
    """Due once in each year that begins on a fixed day or on a field's day and month."""

    year_from: str

    def next(self, last: dt.date, lookup: Lookup) -> dt.date:
        """Give the last day of the year after the one in which `last` falls."""
        month, day = self._begins(lookup)
        start = month_day(last.year, month, day)
        years = 1 if last < start else 2
        return month_day(last.year + years, month, day) - DAY

    def _begins(self, lookup: Lookup) -> tuple[int, int]:
        if _YEAR_DAY.fullmatch(self.year_from):
            month, day = self.year_from.split("-")
            return int(month), int(day)
        begins = lookup(self.year_from)
        if not isinstance(begins, dt.date):
            raise Unknown(self.year_from)
        return begins.month, begins.day


@dataclass(frozen=True, slots=True)
class Alternating:
    """Two activities take turns: one interval after the last of either, each within its own limit."""

    other: str
    every: Interval | None
    each_within: Interval | None


@dataclass(frozen=True, slots=True)
class Monthly:
    """Due by a day of the month, for the data of that month or of the one before."""

    by_day: int | str  # a day, a field, or `last`
    following: bool
    months: frozenset[int] = frozenset(range(1, 13))  # months of the data
    roll: str | None = None  # `next_working_day`, or a setting that says whether to roll

    def periods(self, start: dt.date, lookup: Lookup) -> Iterator[Period]:
        """Give the periods whose data month has not ended before `start`'s month, in order."""
        day = _day(self.by_day, lookup)
        rolls = self.roll == NEXT_WORKING_DAY or (self.roll and lookup(self.roll) is True)
        year, month = start.year, start.month
        while True:
            if month in self.months:
                due = month_day(year, month + self.following, day)
                ends = month_day(year, month, 31)
                due = next_working_day(due) if rolls else due
                yield Period(f"{year}-{month:02d}", ends.replace(day=1), ends, due)
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # December

    def begins(self, label: str) -> dt.date:
        """Give the first day of a period from its label."""
        return dt.date(int(label[:4]), int(label[5:7]), 1)


@dataclass(frozen=True, slots=True)
class Anchored:
    """Due on an anchor and every interval after it; a period is named by its due date."""

    every: Interval
    anchor: str

    def periods(self, start: dt.date, lookup: Lookup) -> Iterator[Period]:
        """Give the periods due on or after `start`, in order."""
        anchor = lookup(self.anchor)
        if not isinstance(anchor, dt.date):
            raise Unknown(self.anchor)
        month = 31 if start >= anchor else 28  # days: never past the first one wanted
        step = self.every.days or self.every.months * month
        times = (start - anchor).days // step - 1
        while True:
            due = add(anchor, self.every, times)
            times += 1
            if due >= start:
                before = add(anchor, self.every, times - 2)
                yield Period(due.isoformat(), before + DAY, due, due)

    def begins(self, label: str) -> dt.date:
        """Give the first day of a period from its label."""
        return dt.date.fromisoformat(label)


@dataclass(frozen=True, slots=True)
class Quarterly:
    """Due on a day of the month after each quarter; quarters count from the field's month."""

    start: str
    by_day: int | str

    def periods(self, start: dt.date, lookup: Lookup) -> Iterator[Period]:
        """Give the quarters that have not ended before `start`, in order."""
        first = lookup(self.start)
        missing = [] if isinstance(first, int) else [self.start]
        try:
            day = _day(self.by_day, lookup)
        except Unknown as unknown:
            missing.extend(unknown.names)
        if missing:
            raise Unknown(*missing)
        assert isinstance(first, int)  # told just above
        year, month = start.year - 1, first
        while True:
            ends = month_day(year, month + 2, 31)
            if ends >= start:
                quarter = (month - first) // 3 % 4 + 1
                begun = year + (month - 1) // 12
                label = f"{begun}-Q{quarter}"
                yield Period(
                    label, month_day(year, month, 1), ends, month_day(year, month + 3, day)
                )
            month += 3

    def begins(self, label: str) -> dt.date:
        """Give a day safely before the end of a quarter and after the one before it."""
        return dt.date(int(label[:4]), 1, 1)


@dataclass(frozen=True, slots=True)
class Termly:
    """Due on the last day of each term of the caller's calendar."""

    terms: str = "terms"

    def periods(self, start: dt.date, lookup: Lookup) -> Iterator[Period]:
        """Give the terms that have not ended before `start`, in order."""
        terms = lookup(self.terms)
        if not isinstance(terms, tuple) or not terms:
            raise Unknown(self.terms)
        starts = dt.date.min
        for term in terms:
            assert isinstance(term, Term)  # the calendar was read as terms
            if term.end >= start:
                yield Period(term.label, starts, term.end, term.end)
            starts = term.end + DAY  # what comes in the holidays is early for the next term

    def begins(self, label: str) -> dt.date:
        """Give the first day of the year that a term's label names."""
        return dt.date(int(label[:4]), 1, 1)


@dataclass(frozen=True, slots=True)
class AsRequired:
    """Never due; a person orders it. A deadline that was notified is then the due date."""

    deadline: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Nobody can say yet when it is due; `about` says what to ask."""

    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The source contradicts itself here; `about` says what to ask."""

    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Not part of what this provider gets."""


@dataclass(frozen=True, slots=True)
class ByValue:
    """One recurrence or another by the provider's own value."""

    name: str
    options: Mapping[str, Rule]
    otherwise: Rule | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """The first recurrence whose condition holds."""

    cases: tuple[tuple[Condition, Rule], ...]
    otherwise: Rule | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """Held together with another activity, on its day."""

    to: str
    when: Condition = ALWAYS


Series: TypeAlias = Monthly | Anchored | Quarterly | Termly
Frequency: TypeAlias = (
    Every
    | OnceEach
    | Alternating
    | Series
    | AsRequired
    | Ask
    | Conflict
    | NotApplicable
    | ByValue
    | Cases
    | Attached
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A frequency with what stands beside it: its force, who acts, and where it comes from."""

    frequency: Frequency | None = None
    waits_on: str | None = None
    force: str | None = None
    owner: str | None = None
    channel: str | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    ask_about: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def _day(by_day: int | str, lookup: Lookup) -> int:
    if isinstance(by_day, int):
        return by_day
    if by_day == "last":
        return 31
    day = lookup(by_day)
    if not isinstance(day, int):
        raise Unknown(by_day)
    return day


# --- reading -----------------------------------------------------------------------------------

BESIDE = ("waits_on", "force", "owner", "channel", "clause", "readings", "conventions", "ask_about")
_HEADS: dict[str, tuple[str, ...]] = {
    "by_day": ("of", "months", "roll"),
    "quarterly": (),
    "termly": (),
    "once_each": (),
    "as_required": ("deadline",),
    "ask": (),
    "conflict": (),
    "not_applicable": (),
    "by_value": ("options", "otherwise"),
    "cases": ("otherwise",),
    "attached_to": ("when",),
    "alternating_with": ("every", "each_within"),
    "every": ("deadline", "anchor", "from"),
}
KEYS = frozenset(_HEADS) | {key for keys in _HEADS.values() for key in keys}


def texts(raw: object) -> tuple[str, ...]:
    """Read one text or a list of them as a tuple; nothing gives none."""
    if raw is None:
        return ()
    return tuple(str(e) for e in raw) if isinstance(raw, (list, tuple)) else (str(raw),)


def parse(raw: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> tuple[Rule, list[Fault]]:
    """Read the frequency keys of a mapping and what stands beside them, with every fault."""
    faults: list[Fault] = []
    return _rule(raw, path, faults), faults


def _rule(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Rule:
    if not isinstance(raw, Mapping):
        faults.append(
            Fault(f"`{raw}` is not a frequency", "write a mapping such as {every: 12 months}", path)
        )
        return Rule()
    head = next(
        (
            key
            for key in _HEADS
            if key in raw and not (key == "every" and "alternating_with" in raw)
        ),
        None,
    )
    frequency = None
    stray = [key for key in raw if key in KEYS] if head is None else []
    if stray:
        faults.append(
            Fault(
                f"`{stray[0]}` says nothing without a frequency",
                f"add {listed(_HEADS, 20)}",
                (*path, stray[0]),
            )
        )
    if head is not None:
        others = [k for k in raw if k in KEYS and k != head and k not in _HEADS[head]]
        if others:
            message = f"{listed(others)} does not go with `{head}`"
            faults.append(Fault(message, "a frequency is said in one way", (*path, others[0])))
        try:
            frequency = _frequency(head, raw, path, faults)
        except Fault as fault:
            faults.append(Fault(fault.message, fault.help, fault.path or (*path, head)))
    return Rule(
        frequency=frequency,
        waits_on=raw.get("waits_on"),
        force=raw.get("force"),
        owner=raw.get("owner"),
        channel=raw.get("channel") if isinstance(raw.get("channel"), str) else None,
        clauses=texts(raw.get("clause")),
        readings=texts(raw.get("readings")),
        conventions=texts(raw.get("conventions")),
        ask_about=texts(raw.get("ask_about")),
    )


def _frequency(
    head: str, raw: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]
) -> Frequency:
    value = raw[head]
    match head:
        case "every":
            interval = parse_interval(value)
            if "anchor" in raw:
                return Anchored(interval, str(raw["anchor"]))
            return Every(interval, raw.get("deadline") == "notified", raw.get("from"))
        case "alternating_with":
            every = parse_interval(raw["every"]) if raw.get("every") else None
            within = parse_interval(raw["each_within"]) if raw.get("each_within") else None
            if every is None and within is None:
                raise Fault("an alternation needs `every` or `each_within`")
            return Alternating(str(value), every, within)
        case "by_day":
            return _monthly(raw)
        case "quarterly" if isinstance(value, Mapping) and set(value) == {"start", "by_day"}:
            return Quarterly(str(value["start"]), value["by_day"])
        case "termly":
            return Termly()
        case "once_each" if isinstance(value, Mapping) and "year_from" in value:
            begins = str(value["year_from"])
            if _YEAR_DAY.fullmatch(begins) and not (
                "01" <= begins[:2] <= "12" and "01" <= begins[3:] <= "31"
            ):
                message = f"`{begins}` is no day of a year"
                raise Fault(message, "write it as MM-DD, or the name of a field")
            return OnceEach(begins)
        case "as_required":
            return AsRequired(deadline=raw.get("deadline") == "notified")
        case "ask":
            return Ask(texts(value))
        case "conflict":
            return Conflict(texts(value))
        case "not_applicable":
            return NotApplicable()
        case "by_value" if isinstance(raw.get("options"), Mapping):
            options = {
                str(k): _rule(v, (*path, "options", k), faults)
                for k, v in raw["options"].items()
                if v is not None
            }
            return ByValue(str(value), options, _otherwise(raw, path, faults))
        case "cases" if isinstance(value, list):
            found = [
                _case(c, (*path, "cases", n), faults) for n, c in enumerate(value) if c is not None
            ]
            return Cases(tuple(found), _otherwise(raw, path, faults))
        case "attached_to":
            when, wrong = parse_condition(raw.get("when", {}), (*path, "when"))
            faults.extend(wrong)
            return Attached(str(value), when)
    message = f"`{head}` is not filled in as it should be"
    raise Fault(message, "see the reference of the pack language")


def _monthly(raw: Mapping[str, Any]) -> Monthly:
    of = raw.get("of", "following_month")
    if of not in ("following_month", "same_month"):
        message = f"`{of}` is no month"
        raise Fault(message, "write `following_month` or `same_month`")
    by_day = raw["by_day"]
    if isinstance(by_day, bool) or (
        isinstance(by_day, int) and not 1 <= by_day <= 31
    ):  # the days of a month
        message = f"`{by_day}` is no day of a month"
        raise Fault(message, "write 1 to 31, `last`, or the name of a field")
    months = raw.get("months") or list(range(1, 13))
    if not isinstance(months, list) or any(
        not isinstance(m, int) or not 1 <= m <= 12 for m in months
    ):
        raise Fault("`months` are numbers from 1 to 12")
    return Monthly(
        by_day if isinstance(by_day, int) else str(by_day),
        of == "following_month",
        frozenset(months),
        raw.get("roll"),
    )


def _case(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> tuple[Condition, Rule]:
    if not isinstance(raw, Mapping) or not {"when", "use"} <= set(raw):
        faults.append(Fault("a case has `when` and `use`", None, path))
        return ALWAYS, Rule()
    when, wrong = parse_condition(raw["when"], (*path, "when"))
    faults.extend(wrong)
    return when, _rule(raw["use"], (*path, "use"), faults)


def _otherwise(
    raw: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]
) -> Rule | None:
    return _rule(raw["otherwise"], (*path, "otherwise"), faults) if raw.get("otherwise") else None
