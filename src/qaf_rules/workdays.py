"""Calendar arithmetic: intervals, month ends, working days, bank holidays and terms."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import pendulum

from qaf_rules.values import Fault, parse_day

DAY = dt.timedelta(days=1)
_INTERVAL = re.compile(r"([1-9]\d{0,3}) (day|week|month|year)s?")
_LONGEST = 100  # years


@dataclass(frozen=True, slots=True)
class Interval:
    """A whole number of days or months; the two are never compared."""

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        number, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{number} {unit}{'s' if number != 1 else ''}"


def parse_interval(raw: object) -> Interval:
    """Read an interval such as `12 months` or `28 days`; Fault where it is none."""
    found = _INTERVAL.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        message = f"`{raw}` is not an interval"
        raise Fault(message, "write a whole number and a unit, such as `12 months` or `28 days`")
    number = int(found[1])
    match found[2]:
        case "day":
            return Interval(days=number)
        case "week":
            return Interval(days=7 * number)
        case "month" if number <= 12 * _LONGEST:
            return Interval(months=number)
        case _ if number <= _LONGEST:
            return Interval(months=12 * number)
    message = f"`{raw}` is longer than {_LONGEST} years"
    raise Fault(message)


@lru_cache(maxsize=65536)
def add(day: dt.date, interval: Interval, times: int = 1) -> dt.date:
    """Add an interval in one step, clamped to the month's end (29 February + 12 months = 28 February).

    `times` multiplies the interval first, so that repeated steps never drift.
    """
    if interval.days:
        return day + dt.timedelta(days=interval.days * times)
    moved = pendulum.date(day.year, day.month, day.day).add(months=interval.months * times)
    return dt.date(moved.year, moved.month, moved.day)


@lru_cache(maxsize=4096)
def month_day(year: int, month: int, day: int) -> dt.date:
    """Give that day of a month, or the month's last day where it is shorter.

    `month` may run past 12 or below 1: it counts on into the neighbouring years.
    """
    first = dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    last = pendulum.date(first.year, first.month, 1).days_in_month
    return first.replace(day=min(day, last))


@lru_cache(maxsize=256)
def _bank_holidays(year: int) -> frozenset[dt.date]:
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: dt.date) -> bool:
    """Say whether a day is neither a Saturday, a Sunday nor a bank holiday of England."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)  # Saturday


def working_days_after(day: dt.date, count: int, *, from_day_itself: bool = False) -> dt.date:
    """Give the nth working day after a day: day 1 is the next working day.

    With `from_day_itself` the day counts as day 1 where it is a working day.
    """
    left = count
    if from_day_itself and is_working_day(day):
        left -= 1
    while left > 0:
        day += DAY
        if is_working_day(day):
            left -= 1
    return day


def next_working_day(day: dt.date) -> dt.date:
    """Give the day itself, or the first working day after it."""
    while not is_working_day(day):
        day += DAY
    return day


@dataclass(frozen=True, slots=True)
class Term:
    """A school term as the caller gives it; `label` is its name with the year it ends in."""

    name: str
    start: dt.date
    end: dt.date

    @property
    def label(self) -> str:
        """The year and the name, as in `2026-autumn`."""
        return f"{self.end.year}-{self.name}"


def parse_terms(raw: object) -> tuple[Term, ...]:
    """Read a term calendar, a list of name, start and end; Fault where terms overlap or run backwards."""
    if not isinstance(raw, (list, tuple)):
        message = f"`{raw}` is not a list of terms"
        raise Fault(message, "write a list of {name, start, end}")
    terms = tuple(sorted(_terms(raw), key=lambda term: term.start))
    for n, (before, after) in enumerate(pairwise(terms), start=1):
        if after.start <= before.end:
            message = f"term `{after.label}` begins before `{before.label}` has ended"
            raise Fault(message, None, (n,))
    return terms


def _terms(raw: list[object] | tuple[object, ...]) -> Iterator[Term]:
    for n, entry in enumerate(raw):
        if isinstance(entry, Term):
            yield entry
            continue
        if not isinstance(entry, Mapping) or set(entry) != {"name", "start", "end"}:
            message = "a term has a name, a start and an end"
            raise Fault(message, None, (n,))
        term = Term(str(entry["name"]), parse_day(entry["start"]), parse_day(entry["end"]))
        if term.end < term.start:
            message = f"term `{term.name}` ends before it starts"
            raise Fault(message, None, (n,))
        yield term
