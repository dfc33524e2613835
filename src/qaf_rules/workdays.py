"""Calendar arithmetic: intervals, month ends, working days, bank holidays and terms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import pendulum

from qaf_rules.errors import listed
from qaf_rules.values import INTERVAL, Fault, parse_day

DAY = dt.timedelta(days=1)
_LONGEST = 100  # years


CLAMP = "clamp"
ROLL_FORWARD = "roll_forward"
MONTH_ENDS = (CLAMP, ROLL_FORWARD)
NONE = "none"
NEXT = "next_working_day"
PREVIOUS = "previous_working_day"


@dataclass(frozen=True, slots=True)
class Interval:
    """A whole number of days, months or working days; they are never compared."""

    months: int = 0
    days: int = 0
    working_days: int = 0

    def __str__(self) -> str:
        number, unit = next(
            (n, u)
            for n, u in (
                (self.months, "month"),
                (self.working_days, "working day"),
                (self.days, "day"),
            )
            if n or u == "day"
        )
        return f"{number} {unit}{'s' if number != 1 else ''}"


def parse_interval(raw: object) -> Interval:
    """Read an interval such as `12 months` or `28 days`; Fault where it is none."""
    found = INTERVAL.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        message = f"`{raw}` is not an interval"
        help_ = "write a whole number and a unit, such as `12 months`, `28 days`, `10 working days`"
        raise Fault(message, help_)
    number = int(found[1])
    match found[2]:
        case "day":
            return Interval(days=number)
        case "week":
            return Interval(days=7 * number)
        case "working day":
            return Interval(working_days=number)
        case "month" if number <= 12 * _LONGEST:
            return Interval(months=number)
        case _ if number <= _LONGEST:
            return Interval(months=12 * number)
    message = f"`{raw}` is longer than {_LONGEST} years"
    raise Fault(message)


@lru_cache(maxsize=65536)
def add(day: dt.date, interval: Interval, times: int = 1, month_end: str = CLAMP) -> dt.date:
    """Add an interval in one step, clamped to the month's end (29 February + 12 months = 28 February).

    `times` multiplies the interval first, so that repeated steps never drift. With `roll_forward`
    a day that the month lacks becomes the first of the next. Working days are counted as K4 says.
    """
    if interval.months:
        moved = pendulum.date(day.year, day.month, day.day).add(months=interval.months * times)
        found = dt.date(moved.year, moved.month, moved.day)
        return found + DAY if month_end == ROLL_FORWARD and found.day != day.day else found
    if interval.working_days:
        return working_days_after(day, interval.working_days * times)
    return day + dt.timedelta(days=interval.days * times)


def rolled(day: dt.date, rule: str) -> dt.date:
    """Move a due date off a weekend or bank holiday, as a rule says: none, next or previous."""
    if rule == NONE or is_working_day(day):
        return day
    return next_working_day(day) if rule == NEXT else previous_working_day(day)


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
    """Give the nth working day after a day, before it where n is negative: day 1 is the next one.

    With `from_day_itself` the day counts as day 1 where it is a working day.
    """
    left = abs(count)
    step = DAY if count >= 0 else -DAY
    if from_day_itself and is_working_day(day):
        left -= 1
    while left > 0:
        day += step
        if is_working_day(day):
            left -= 1
    return day


def next_working_day(day: dt.date) -> dt.date:
    """Give the day itself, or the first working day after it."""
    while not is_working_day(day):
        day += DAY
    return day


def previous_working_day(day: dt.date) -> dt.date:
    """Give the day itself, or the last working day before it."""
    while not is_working_day(day):
        day -= DAY
    return day


def hours_after(day: dt.date, time: dt.time, hours: int) -> dt.datetime:
    """Give the moment in London that many hours of passing time after a day and time there.

    A time that the spring change leaves out is read as an hour later, one that comes twice in
    autumn as its first.
    """
    london = pendulum.timezone("Europe/London")
    # Python's own rule for a time that is left out, or comes twice; pendulum's takes the second.
    start = dt.datetime.combine(day, dt.time(time.hour, time.minute), london)
    moved = (start.astimezone(dt.UTC) + dt.timedelta(hours=hours)).astimezone(london)
    return dt.datetime.fromisoformat(moved.isoformat())


@dataclass(frozen=True, slots=True)
class Term:
    """A school term as the caller gives it; `label` is its name with the year it ends in.

    `half_term` is the first and the last day of the break within it, where the caller gave it.
    """

    name: str
    start: dt.date
    end: dt.date
    half_term: tuple[dt.date, dt.date] | None = None

    def plain(self) -> dict[str, object]:
        """Give the term as a caller writes it."""
        break_ = self.half_term or ()
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            **dict(zip(_HALF, break_, strict=False)),
        }

    @property
    def label(self) -> str:
        """The year and the name, as in `2026-autumn`."""
        return f"{self.end.year}-{self.name}"


_HALF = ("half_term_start", "half_term_end")


def parse_terms(raw: object) -> tuple[Term, ...]:
    """Read a term calendar, a list of name, start and end; Fault where terms overlap or run backwards."""
    if not isinstance(raw, (list, tuple)):
        message = f"`{raw}` is not a list of terms"
        raise Fault(message, "write a list of {name, start, end}")
    given = list(_terms(raw))
    terms = tuple(sorted(given, key=lambda term: term.start))
    for before, after in pairwise(terms):
        if after.start <= before.end:
            message = f"term `{after.label}` begins before `{before.label}` has ended"
            raise Fault(message, None, (given.index(after),))
    return terms


def _terms(raw: list[object] | tuple[object, ...]) -> Iterator[Term]:
    for n, entry in enumerate(raw):
        if isinstance(entry, Term):
            yield entry
            continue
        if not isinstance(entry, Mapping) or set(entry) - set(_HALF) != {"name", "start", "end"}:
            message = "a term has a name, a start and an end"
            help_ = f"it may have {listed(_HALF)} too"
            raise Fault(message, help_, (n,))
        first, last = (parse_day(d) if (d := entry.get(key)) else None for key in _HALF)
        term = Term(
            str(entry["name"]),
            parse_day(entry["start"]),
            parse_day(entry["end"]),
            (first, last) if first and last else None,
        )
        if (first is None) != (last is None):
            message = f"the half term of `{term.name}` has only one of its days"
            raise Fault(message, f"give {listed(_HALF)}", (n,))
        if term.end < term.start:
            message = f"term `{term.name}` ends before it starts"
            raise Fault(message, None, (n,))
        if term.half_term and not term.start < term.half_term[0] <= term.half_term[1] < term.end:
            message = f"the half term of `{term.name}` is not within it"
            raise Fault(message, None, (n, _HALF[0]))
        yield term
