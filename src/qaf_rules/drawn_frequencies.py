"""Frequencies in every form of the pack language, with what they read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from qaf_rules.drawn_values import (
    MEMBERS,
    ON,
    Raw,
    Raws,
    beside,
    days,
    interval_of,
    intervals,
    just,
    one,
    term_calendars,
    value_of,
)
from qaf_rules.frequency import CYCLES
from qaf_rules.recurrence import YEARS
from qaf_rules.values import OneOf, Simple, Type
from qaf_rules.workdays import DAY, MONTH_ENDS, NEXT, NONE, PREVIOUS, month_day


class Recurrence(NamedTuple):
    """A frequency as a pack writes it, with values for the names and the activities it reads."""

    raw: Mapping[str, Any]
    values: Mapping[str, object]
    activities: tuple[str, ...] = ()


_NAMES: Final[Mapping[str, Type]] = {
    "cycle": Simple("interval"),
    "event_day": Simple("date"),
    "due_day": Simple("count"),
    "first_month": Simple("count"),
    "rhythm": OneOf(("monthly", "annual")),
    "large": Simple("boolean"),
    "shift": Simple("boolean"),
}
"""The names that a drawn recurrence may read, beside `terms`."""


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    """Frequencies in every form of the pack language, nested where that is allowed.

    `activities` names the others that it counts from or goes with: `a2` and `a3`.
    """
    raw = draw(forms(("a2", "a3")))
    words = set(_words(raw))
    plausible = {
        **{name: value_of(declared, ON) for name, declared in _NAMES.items()},
        "due_day": st.integers(1, 31),
        "first_month": st.integers(1, 12),
        "terms": term_calendars(),
    }
    read = {name: values for name, values in plausible.items() if name in words}
    return Recurrence(
        raw, draw(st.fixed_dictionaries(read)), tuple(a for a in ("a2", "a3") if a in words)
    )


def _words(raw: object) -> Iterator[str]:
    """Give every word of plain data; a series of terms reads `terms`."""
    match raw:
        case Mapping():
            for key, value in raw.items():
                yield "terms" if key in ("termly", "half_termly") else key
                yield from _words(value)
        case list():
            for each in raw:
                yield from _words(each)
        case str():
            yield raw


@cache
def forms(others: tuple[str, ...], earlier: tuple[str, ...] = ()) -> Raws:
    """Frequencies that may count from `others`, and wait on `earlier` ones."""
    dated = _dated(others)
    plain = [_changed(dated, dated), _series_forms(), _undated(others)]
    plain += [_changed(_alternating(others), dated)] if others else []
    chosen = st.recursive(st.one_of(plain), _choices, max_leaves=MEMBERS)
    waits = {"waits_on": st.sampled_from(earlier)} if earlier else {}
    some_days = st.sampled_from(("0 days", "5 days", "14 days"))
    return chosen | beside(
        chosen,
        month_end=st.sampled_from(MONTH_ENDS),
        roll=st.sampled_from((NONE, NEXT, PREVIOUS, "shift")),
        grace=some_days,
        due_soon=some_days,
        early=intervals(),
        **waits,
    )


def _dated(others: Sequence[str]) -> Raws:
    """What counts one date at a time, save taking turns."""
    interval, event = intervals("working day"), st.sampled_from((*others, "event_day"))
    hours = st.integers(1, 72).map(partial(interval_of, unit="hour"))
    within = interval | hours | st.just("same working day")
    some = st.integers(1, 4)
    leaves = st.one_of(
        one(every=interval),
        just(every={"value": "cycle"}),
        one(every=interval, from_=event),
        one(every=interval, deadline=st.just("notified")),
        one(once=one(within=within, of=event)),
        one(at_least=some, within=interval),
        one(at_most=some, within=interval),
        st.builds(_between, some, some).flatmap(lambda raw: _with_all(raw, within=interval)),
        one(once_each=one(year_from=_year_days() | st.just("event_day"))),
    )
    both = partial(st.lists, min_size=2, max_size=MEMBERS)
    return st.recursive(
        leaves,
        lambda inner: one(sooner_of=both(inner)) | one(later_of=both(inner)),
        max_leaves=MEMBERS,
    )


def _between(least: int, more: int) -> Raw:
    return {"at_least": least, "at_most": least + more - 1}


def _with_all(raw: Raw, **parts: st.SearchStrategy[Any]) -> Raws:
    return one(**{key: st.just(value) for key, value in raw.items()}, **parts)


def _changed(raws: Raws, before: Raws) -> Raws:
    """Some of the frequencies were another one before a day."""
    cycles = st.fixed_dictionaries({}, optional={"cycle": st.sampled_from(CYCLES)})
    change = st.tuples(one(on=days(ON, 400, 200).map(str), was=before), cycles)
    return raws | beside(raws, changed=change.map(lambda both: both[0] | both[1]))


def _alternating(others: Sequence[str]) -> Raws:
    with_ = st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True)
    named = st.sampled_from(others) | with_
    interval = intervals()
    return st.one_of(
        one(alternating_with=named, every=interval),
        one(alternating_with=named, each_within=interval),
        one(alternating_with=named, every=interval, each_within=interval),
    )


def _series_forms() -> Raws:
    """What comes in periods, each with its own due date."""
    day = st.integers(1, 31) | st.sampled_from(("last", "due_day"))
    months = st.lists(st.integers(1, 12), min_size=1, max_size=MEMBERS, unique=True)
    later = st.sampled_from(("following_month", "same_month", "3 months later"))
    year = st.sampled_from(tuple(YEARS))
    number = st.integers(1, 4)
    return st.one_of(
        one(every=intervals(), anchor=st.just("event_day") | days(ON).map(str)),
        beside(one(by_day=day), of=later, months=months),
        one(quarterly=one(start=year | st.integers(1, 12) | st.just("first_month"), by_day=day)),
        one(periods=_periods()),
        just(termly="period_end"),
        just(half_termly="period_end"),
        one(at_least=number, in_each=year),
        one(at_most=number, in_each=year),
        st.builds(_between, number, number).flatmap(lambda raw: _with_all(raw, in_each=year)),
    )


def _year_days() -> st.SearchStrategy[str]:
    """Days of a year as MM-DD, of which 1 April is the simplest."""
    return st.integers(0, 365).map(lambda n: f"{dt.date(2024, 4, 1) + n * DAY:%m-%d}")


@st.composite
def _periods(draw: st.DrawFn) -> list[Raw]:
    """One to four periods a year of whole months, each due some days or months after its end."""
    number, first = draw(st.integers(1, 4)), draw(st.integers(0, 11)) + 4
    length = 12 // number
    starts = [month_day(2023, first + n * length, 1) for n in range(number)]
    ends = [month_day(start.year, start.month + length - 1, 31) for start in starts]
    dues = [end + draw(st.integers(0, 100)) * DAY for end in ends]
    told = zip(starts, ends, dues, strict=True)
    return [{"from": f"{a:%m-%d}", "to": f"{b:%m-%d}", "by": f"{c:%m-%d}"} for a, b, c in told]


def _undated(others: Sequence[str]) -> Raws:
    """What has no date of its own."""
    about = st.lists(st.sampled_from(("cycle", "Q-1")), min_size=1, max_size=2, unique=True)
    forms = [
        beside(just(as_required=True), deadline=st.just("notified")),
        one(ask=about),
        one(conflict=about),
        just(not_applicable=True),
    ]
    held = one(attached_to=st.sampled_from(others))
    return st.one_of(forms + ([beside(held, when=conditions())] if others else []))


def _choices(inner: Raws) -> Raws:
    """One frequency or another, by the provider's own value or by a condition."""
    by_value = one(by_value=st.just("rhythm"), options=one(monthly=inner, annual=inner))
    cases = st.lists(one(when=conditions(), use=inner), min_size=1, max_size=2)
    return beside(by_value, otherwise=inner) | beside(one(cases=cases), otherwise=inner)


def conditions() -> Raws:
    """Conditions on the provider's profile."""
    return st.sampled_from(({"large": True}, {"large": False}, {"large": {"known": True}}))
