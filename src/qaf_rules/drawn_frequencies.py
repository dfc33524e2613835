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
    intervals,
    joined,
    just,
    numbered,
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
    before = one(on=days(ON, 400, 200).map(str), was=dated)
    changed = beside(dated, changed=beside(before, cycle=st.sampled_from(CYCLES)))
    turns = [_alternating(others)] if others else []
    plain = _any_of([dated] * 3 + [_series_forms()] * 3 + [changed, _undated(others), *turns])
    chosen = _any_of([plain] * 4 + [_choices(plain | _choices(plain))])
    waits = {"waits_on": st.sampled_from(earlier)} if earlier else {}
    number = st.sampled_from(("0 days", "5 days", "14 days"))
    handled = beside(
        chosen,
        month_end=st.sampled_from(MONTH_ENDS),
        roll=st.sampled_from((NONE, NEXT, PREVIOUS, "shift")),
        grace=number,
        due_soon=number,
        early=intervals(),
        **waits,
    )
    return _any_of([chosen, chosen, handled])


def _any_of(raws: list[Raws]) -> Raws:
    """One of these, each as often as it stands there; `one_of` counts what they are made of."""
    return st.sampled_from(raws).flatmap(lambda drawn: drawn)


def _dated(others: Sequence[str]) -> Raws:
    """What counts one date at a time, save taking turns."""
    interval, event = intervals("working day"), st.sampled_from((*others, "event_day"))
    within = interval | numbered(72, ("hour",)) | st.just("same working day")
    some = st.integers(1, 4)
    leaves = st.one_of(
        one(every=interval),
        just(every={"value": "cycle"}),
        one(every=interval, from_=event),
        one(every=interval, deadline=st.just("notified")),
        one(once=one(within=within, of=event)),
        one(at_least=some, within=interval),
        one(at_most=some, within=interval),
        joined(_between(), one(within=interval)),
        one(once_each=one(year_from=_year_days() | st.just("event_day"))),
    )
    both = partial(st.lists, min_size=2, max_size=MEMBERS)

    def of(inner: Raws) -> Raws:
        return one(sooner_of=both(inner)) | one(later_of=both(inner))

    return _any_of([leaves] * 4 + [of(leaves | of(leaves))])


@st.composite
def _between(draw: st.DrawFn) -> Raw:
    least = draw(st.integers(1, 4))
    return {"at_least": least, "at_most": least + draw(st.integers(0, 3))}


def _alternating(others: Sequence[str]) -> Raws:
    """Turns with one or two others, each of them within a time in which all can come round."""
    with_ = st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True)
    named = one(alternating_with=st.sampled_from(others) | with_)
    step = st.sampled_from(("12 months", "6 months", "28 days"))
    limit = one(each_within=st.sampled_from(("3 years", "48 months")))
    return st.one_of(
        joined(named, one(every=step)), joined(named, limit), joined(named, one(every=step), limit)
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
        joined(_between(), one(in_each=year)),
    )


@st.composite
def _year_days(draw: st.DrawFn) -> str:
    """Days of a year as MM-DD, of which 1 April is the simplest."""
    return f"{dt.date(2024, 4, 1) + draw(st.integers(0, 365)) * DAY:%m-%d}"


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
