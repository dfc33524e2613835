"""Every kind of recurrence: pure date logic, no provider, no YAML and no status.

A recurrence gives either one date at a time, what follows the last one done (`Dated`), or a series
of periods, each with its own due date (`Series`). The others have no date of their own. What it
means is told in docs/reference/frequencies.md.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from heapq import merge
from itertools import count
from typing import NamedTuple, TypeAlias

from qaf_rules.values import Fault
from qaf_rules.workdays import (
    CLAMP,
    DAY,
    NEXT,
    NONE,
    PREVIOUS,
    Interval,
    Term,
    add,
    hours_after,
    month_day,
    next_working_day,
    parse_interval,
    rolled,
)

Lookup: TypeAlias = Callable[[str], object]  # the value of a name; None where unknown
YEAR_DAY = re.compile(r"\d\d-\d\d")
YEARS = {"calendar_year": 1, "financial_year": 4, "academic_year": 9}  # the month each begins
SAME_DAY = "same working day"


class Unknown(Exception):  # noqa: N818  # a signal, not an error
    """A recurrence cannot be dated until these fields are known."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names


class Dates(NamedTuple):
    """How dates are handled: what months lack, days off, grace, and what is soon or early."""

    month_end: str = CLAMP
    roll: str = NONE  # one of none, next_working_day, previous_working_day, or a setting's name
    grace: int = 0  # days
    due_soon: int = 30  # days
    early: Interval | None = None

    def earliest(self, due: dt.date) -> dt.date | None:
        """Give the first day that is not too early for a due date; None where none is."""
        return add(due, self.early, -1, self.month_end) if self.early is not None else None


class Past(NamedTuple):
    """What a recurrence reads: what was done, when it all began, values, and other activities.

    `done` holds days in order. `last_of` gives when another activity was last done, `order` the
    ids of the pack's activities in their order, `dates` the handling of dates.
    """

    done: tuple[dt.date, ...]
    start: dt.date | None
    lookup: Lookup
    last_of: Callable[[str], dt.date | None] = lambda _: None
    name: str = ""
    order: tuple[str, ...] = ()
    dates: Dates = Dates()
    time_of: Callable[[str], dt.time | None] = lambda _: None

    @property
    def last(self) -> dt.date | None:
        """The day of the last one done."""
        return self.done[-1] if self.done else None

    def later(self, day: dt.date, interval: Interval, times: int = 1) -> dt.date:
        """Give the day an interval later, under the rule for the month's end."""
        return add(day, interval, times, self.dates.month_end)

    def after(self, day: dt.date, interval: Interval, times: int = 1) -> dt.date:
        """Give the due date an interval after a day, moved off a day on which nobody works."""
        return self.moved(self.later(day, interval, times), day)

    def moved(self, due: dt.date, since: dt.date) -> dt.date:
        """Give a due date as it is moved, never back to the day that it counts from."""
        moved = self.roll(due)
        return due if moved <= since < due else moved

    def event(self, name: str) -> dt.date | None:
        """Give the day of an event: another activity's last, or a date by its name."""
        if name in self.order:
            return self.last_of(name)
        day = self.lookup(name)
        if not isinstance(day, dt.date):
            raise Unknown(name)
        return day

    def roll(self, due: dt.date) -> dt.date:
        """Give the due date, moved off a day on which nobody works where that is the rule."""
        rule = self.dates.roll
        if rule == NONE:
            return due
        if rule not in (NEXT, PREVIOUS):
            rule = NEXT if self.lookup(rule) is True else NONE
        return rolled(due, rule)

    def met(self, day: dt.date) -> Past:
        """Give the past after one more was done on a day."""
        done = (*self.done, day)
        in_order = len(done) == 1 or done[-2] <= day
        return self._replace(done=done if in_order else tuple(sorted(done)))


# --- one date at a time --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Every:
    """Due one interval after the last one done, or at the end of each round from an event.

    `every` may name a value of the provider. With `deadline` one that was notified governs.
    """

    every: Interval | str
    deadline: bool = False
    counts_from: str | None = None

    def next(self, past: Past) -> dt.date | None:
        """Give the next due date; None where nothing was done and the start is not known."""
        step = self.interval(past)
        base = past.event(self.counts_from) if self.counts_from else past.last
        base = base or past.start
        if base is None:
            return None
        last = past.last
        rounds = 1
        if self.counts_from and last is not None and last > base:
            while past.after(base, step, rounds) < last:
                rounds += 1
            rounds += 1  # the round in which the last one falls is met
            while past.after(base, step, rounds) == last:
                rounds += 1  # and with it those that were moved to the same day
        return past.after(base, step, rounds)

    def interval(self, past: Past) -> Interval:
        """Give the interval: its own, or the provider's."""
        return self.every if isinstance(self.every, Interval) else _own(past, self.every)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Interval | None:
    try:
        return parse_interval(text)
    except Fault:
        return None


def _own(past: Past, name: str) -> Interval:
    value = past.lookup(name)
    interval = _parsed(value) if isinstance(value, str) else None
    if interval is None:
        raise Unknown(name)
    return interval


@dataclass(frozen=True, slots=True)
class Once:
    """Due an interval, some hours, or no later than the same working day after an event."""

    of: str
    within: Interval | int | str  # an interval, hours, or `same working day`

    def next(self, past: Past) -> dt.date | None:
        """Give the due date; None before the event, and where one was done since."""
        event = past.event(self.of)
        if event is None or (past.last is not None and past.last >= event):
            return None
        match self.within:
            case Interval() as interval:
                return past.after(event, interval)
            case int(hours):
                at = self.at(past)
                return at.date() if at is not None else event + DAY * -(-hours // 24)
        return next_working_day(event)

    def at(self, past: Past) -> dt.datetime | None:
        """Give the moment in London of a deadline in hours; None where the event has no time."""
        time, event = past.time_of(self.of), past.event(self.of)
        if not isinstance(self.within, int) or time is None or event is None:
            return None
        return hours_after(event, time, self.within)


@dataclass(frozen=True, slots=True)
class Within:
    """At least, or at most, so many in every stretch of an interval."""

    every: Interval
    least: int = 0
    most: int | None = None

    def next(self, past: Past) -> dt.date | None:
        """Give the day by which one more must be done; None where there is only a maximum."""
        if not self.least:
            return None
        if len(past.done) >= self.least:
            return past.after(past.done[-self.least], self.every)
        begun = past.start or (past.done[0] if past.done else None)
        return past.after(begun, self.every) if begun is not None else None

    def earliest(self, past: Past) -> dt.date | None:
        """Give the first day on which one more does not go beyond the maximum."""
        if self.most is None or len(past.done) < self.most:
            return None
        return past.later(past.done[-self.most], self.every) + DAY


@dataclass(frozen=True, slots=True)
class OnceEach:
    """Due once in each year that begins on a fixed day or on a field's day and month."""

    year_from: str

    def next(self, past: Past) -> dt.date | None:
        """Give the last day of the year after the one in which the last one was done."""
        last = past.last or past.start
        month, day = self._begins(past.lookup)
        if last is None:
            return None
        start = month_day(last.year, month, day)
        begun = start if last >= start else month_day(last.year - 1, month, day)
        # One done when the end of a year was moved to is that year's.
        late = past.last is not None and past.roll(begun - DAY) >= last
        due = month_day(begun.year + (1 if late else 2), month, day) - DAY
        return past.moved(due, last)

    def _begins(self, lookup: Lookup) -> tuple[int, int]:
        if YEAR_DAY.fullmatch(self.year_from):
            month, day = self.year_from.split("-")
            return int(month), int(day)
        begins = lookup(self.year_from)
        if not isinstance(begins, dt.date):
            raise Unknown(self.year_from)
        return begins.month, begins.day


@dataclass(frozen=True, slots=True)
class Alternating:
    """Activities take turns: one interval after the last of any, each within its own limit (K10)."""

    others: tuple[str, ...]
    every: Interval | None
    each_within: Interval | None

    def next(self, past: Past) -> dt.date | None:
        """Give the due date of this activity's own turn; None where it cannot be told."""
        found = self.turns(past)
        return found[past.name] if found else None

    def turns(self, past: Past) -> dict[str, dt.date | None]:
        """Give the due date of each of the activities, the next one first; none where unknown."""
        members = sorted((past.name, *self.others), key=_place(past.order))
        last = {m: past.last if m == past.name else past.last_of(m) for m in members}
        done = [(day, n) for n, m in enumerate(members) if (day := last[m]) is not None]
        newest = past.start
        if done:
            newest, latest = max(done)  # of one day the later in order was the last
            members = [*members[latest + 1 :], *members[: latest + 1]]
        if newest is None:
            return {}
        due = newest
        found: dict[str, dt.date | None] = {}
        for member in members:
            begun = last[member] or (past.start if not done or self.every is None else None)
            limit = past.after(begun, self.each_within) if begun and self.each_within else None
            if self.every is None:
                found[member] = limit
                continue
            due = past.after(max(due, newest), self.every)
            due = min(due, limit) if limit and last[member] else due
            found[member] = due
        return found


def _place(order: tuple[str, ...]) -> Callable[[str], tuple[int, str]]:
    places = {name: n for n, name in enumerate(order)}
    return lambda name: (places.get(name, len(places)), name)


@dataclass(frozen=True, slots=True)
class Sooner:
    """The earlier of what several recurrences say; one that has no date is left out."""

    of: tuple[Dated, ...]

    def next(self, past: Past) -> dt.date | None:
        """Give the earliest due date; what is not known is asked unless another is dated."""
        found: list[dt.date] = []
        missing: list[str] = []
        for each in self.of:
            try:
                due = each.next(past)
            except Unknown as unknown:
                missing.extend(unknown.names)
            else:
                found.extend([due] if due else [])
        if not found and missing:
            raise Unknown(*missing)
        return min(found, default=None)


@dataclass(frozen=True, slots=True)
class Later:
    """The later of what several recurrences say; without a date where one of them has none."""

    of: tuple[Dated, ...]

    def next(self, past: Past) -> dt.date | None:
        """Give the latest due date."""
        found = [each.next(past) for each in self.of]
        dues = [due for due in found if due is not None]
        return max(dues) if len(dues) == len(found) else None


Dated: TypeAlias = Every | Once | Within | OnceEach | Alternating | Sooner | Later


# --- series --------------------------------------------------------------------------------------


class Period(NamedTuple):
    """One period of a series: its label, the days that it covers, and its due date."""

    label: str
    starts: dt.date
    ends: dt.date
    due: dt.date


@dataclass(frozen=True, slots=True)
class Monthly:
    """Due by a day of a month, for the data of that month or of one some months before."""

    by_day: int | str  # a day, a field, or `last`
    lag: int  # months from the month of the data to that of the due date
    months: frozenset[int] = frozenset(range(1, 13))  # months of the data

    strict = False

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give the periods whose data month has not ended before `start`'s month, in order."""
        day = _day(self.by_day, past.lookup)
        year, month = start.year, start.month
        while True:
            if month in self.months:
                made = _month(year, month, self.lag, day, past.dates.month_end)
                due = past.roll(made.due)
                yield made if due is made.due else made._replace(due=due)
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # December

    def begins(self, label: str) -> dt.date:
        """Give the first day of a period from its label."""
        return dt.date(int(label[:4]), int(label[5:7]), 1)


@lru_cache(maxsize=16384)
def _month(year: int, month: int, lag: int, day: int, month_end: str) -> Period:
    ends = month_day(year, month, 31)
    due = month_day(year, month + lag, day)
    if day <= 31 and due.day < day and month_end != CLAMP:
        due += DAY
    return Period(f"{year}-{month:02d}", ends.replace(day=1), ends, due)


@dataclass(frozen=True, slots=True)
class Anchored:
    """Due on an anchor and every interval after it; a period is named by its due date."""

    every: Interval
    anchor: str  # a date's name, or a day as text

    strict = False

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give the periods due on or after `start`, in order."""
        anchor = self.anchored(past.lookup)
        if anchor is None:
            raise Unknown(self.anchor)
        month = 31 if start >= anchor else 28  # days: never past the first one wanted
        step = self.every.days or self.every.months * month
        times = (start - anchor).days // step - 1
        while True:
            due = past.later(anchor, self.every, times)
            times += 1
            if due >= start:
                before = past.later(anchor, self.every, times - 2)
                yield Period(due.isoformat(), before + DAY, due, past.roll(due))

    def anchored(self, lookup: Lookup) -> dt.date | None:
        """Give the anchor's day; None where it is not known."""
        try:
            return dt.date.fromisoformat(self.anchor)
        except ValueError:
            anchor = lookup(self.anchor)
            return anchor if isinstance(anchor, dt.date) else None

    def begins(self, label: str) -> dt.date:
        """Give the first day of a period from its label."""
        return dt.date.fromisoformat(label)


@dataclass(frozen=True, slots=True)
class Quarterly:
    """Due on a day of the month after each quarter; quarters count from a month."""

    start: str | int  # the number of a month, or a field that gives it
    by_day: int | str

    strict = False

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give the quarters that have not ended before `start`, in order."""
        first = self.start if isinstance(self.start, int) else past.lookup(self.start)
        missing = [] if isinstance(first, int) and 1 <= first <= 12 else [str(self.start)]
        try:
            day = _day(self.by_day, past.lookup)
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
                label = f"{year + (month - 1) // 12}-Q{quarter}"
                due = _month(year, month + 2, 1, day, past.dates.month_end).due
                yield Period(label, month_day(year, month, 1), ends, past.roll(due))
            month += 3

    def begins(self, label: str) -> dt.date:
        """Give a day safely before the end of a quarter and after the one before it."""
        return dt.date(int(label[:4]), 1, 1)


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same periods each year, each with the day of the year by which it is due."""

    spans: tuple[tuple[str, str, str], ...]  # first day, last day, due day, each as MM-DD

    strict = False

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give the periods that have not ended before `start`, in order of their due dates."""
        spans = [map(partial(self._period, span), count(start.year - 2)) for span in self.spans]
        for period in merge(*spans, key=_by_due):  # pragma: no branch  # years never end
            if period.ends >= start:
                yield period._replace(due=past.roll(period.due))

    def _period(self, span: tuple[str, str, str], year: int) -> Period:
        first, last, by = span
        starts = _on(year, first)
        ends = next(day for y in (0, 1) if (day := _on(year + y, last)) >= starts)
        due = next(day for y in (0, 1, 2) if (day := _on(year + y, by)) >= ends)
        return Period(starts.isoformat(), starts, ends, due)

    def begins(self, label: str) -> dt.date:
        """Give a day before the end of every period that is due after the one of a label."""
        return dt.date.fromisoformat(label) - dt.timedelta(days=400)


def _by_due(period: Period) -> tuple[dt.date, dt.date]:
    return period.due, period.starts


def _on(year: int, day: str) -> dt.date:
    return month_day(year, int(day[:2]), int(day[3:]))


@dataclass(frozen=True, slots=True)
class Termly:
    """Due on the last day of each term, or of each half term, of the caller's calendar."""

    terms: str = "terms"
    halves: bool = False

    strict = False

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give the terms that have not ended before `start`, in order."""
        terms = past.lookup(self.terms)
        if not isinstance(terms, tuple) or not terms:
            raise Unknown(self.terms)
        starts = dt.date.min
        for term in terms:
            assert isinstance(term, Term)  # the calendar was read as terms
            for label, ends in self._ends(term):
                if ends >= start:
                    yield Period(label, starts, ends, past.roll(ends))
                starts = ends + DAY  # what comes in the holidays is early for the next term

    def _ends(self, term: Term) -> tuple[tuple[str, dt.date], ...]:
        if not self.halves:
            return ((term.label, term.end),)
        if term.half_term is None:
            raise Unknown(self.terms)
        return (
            (f"{term.label}-1", term.half_term[0] - DAY),
            (f"{term.label}-2", term.end),
        )

    def begins(self, label: str) -> dt.date:
        """Give the first day of the year that a term's label names."""
        return dt.date(int(label[:4]), 1, 1)


@dataclass(frozen=True, slots=True)
class EachYear:
    """At least, or at most, so many in each year; one counts only for the year it was done in."""

    month: int  # in which the year begins
    least: int = 0
    most: int | None = None

    strict = True

    def periods(self, start: dt.date, past: Past) -> Iterator[Period]:
        """Give as many periods for each year as must be done in it, in order."""
        year = self.year_of(start)
        while True:
            starts, ends = self._span(year)
            for n in range(1, self.least + 1):
                yield Period(f"{year}/{n}", starts, ends, past.roll(ends))
            if not self.least:
                return
            year += 1

    def year_of(self, day: dt.date) -> int:
        """Give the year, by the calendar year in which it begins, that a day falls in."""
        return day.year if day.month >= self.month else day.year - 1

    def _span(self, year: int) -> tuple[dt.date, dt.date]:
        return dt.date(year, self.month, 1), month_day(year, self.month + 11, 31)

    def earliest(self, past: Past) -> dt.date | None:
        """Give the first day on which one more does not go beyond the year's maximum."""
        if self.most is None or not past.done:
            return None
        year = self.year_of(past.done[-1])
        inside = [day for day in past.done if self.year_of(day) == year]
        return self._span(year + 1)[0] if len(inside) >= self.most else None

    def begins(self, label: str) -> dt.date:
        """Give the first day of the year that a label names."""
        return dt.date(int(label[:4]), self.month, 1)


Series: TypeAlias = Monthly | Anchored | Quarterly | Fixed | Termly | EachYear


def _day(by_day: int | str, lookup: Lookup) -> int:
    if isinstance(by_day, int):
        return by_day
    if by_day == "last":
        return 32  # beyond every month: its last day, whatever the rule for its end
    day = lookup(by_day)
    if not isinstance(day, int) or not 1 <= day <= 31:
        raise Unknown(by_day)
    return day
