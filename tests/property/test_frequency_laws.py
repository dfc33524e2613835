"""Laws of how often: of the recurrences, of what is due, planned and judged, and of workloads.

What is generated is what a pack may write, read as it is read there; a framework is made of it
where one is needed. Days fall on the awkward ones more often than not.
"""

import calendar
import datetime as dt
import json
import os
import subprocess
import sys
from functools import cache, partial
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qaf_rules import testing
from qaf_rules.engine import Framework, load
from qaf_rules.frequency import events, parse
from qaf_rules.model import Activity, Decision, Provider, ProviderRecord
from qaf_rules.pack import make_pack
from qaf_rules.recurrence import Dates, EachYear, Past, Unknown
from qaf_rules.testing import ON
from qaf_rules.workdays import (
    Interval,
    Term,
    add,
    hours_after,
    is_working_day,
    parse_interval,
    rolled,
    working_days_after,
)
from qaf_rules.workload import workload

D = dt.date
DAY = dt.timedelta(days=1)
law = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
packs = pytest.mark.parametrize("name", ["adults", "children"])

# --- days, intervals and how dates are handled -----------------------------------------------------

AWKWARD = [
    *(D(2024, 2, 29), D(2028, 2, 29), D(2025, 2, 28), D(2027, 3, 1)),
    *(D(2024, 1, 31), D(2025, 8, 31), D(2026, 4, 30), D(2025, 12, 31), D(2026, 1, 1)),
    *(D(2024, 3, 28), D(2024, 12, 24), D(2026, 3, 28), D(2026, 10, 24), D(2026, 3, 31)),
]
DAYS = st.sampled_from(AWKWARD) | st.dates(D(2022, 1, 1), D(2028, 12, 31))
AFTER = st.dates(D(2026, 1, 1), D(2028, 12, 31)) | st.sampled_from(
    [d for d in AWKWARD if d.year > 2025]
)
BEFORE = st.dates(D(2022, 1, 1), D(2025, 12, 31)) | st.sampled_from(
    [d for d in AWKWARD if d.year < 2026]
)
HISTORY = st.lists(BEFORE, max_size=5).map(sorted)
DONE = st.lists(BEFORE, min_size=1, max_size=5).map(sorted)
MONTHS = st.integers(1, 36).map("{} months".format)
PLAIN_DAYS = st.integers(1, 500).map("{} days".format)
INTERVALS = (
    MONTHS
    | PLAIN_DAYS
    | st.integers(1, 60).map("{} weeks".format)
    | st.integers(1, 3).map("{} years".format)
    | st.integers(1, 60).map("{} working days".format)
)
# Long enough that a plan of some years holds dozens of dates at most.
LONG = (
    st.integers(1, 36).map("{} months".format)
    | st.integers(20, 500).map("{} days".format)
    | st.integers(20, 60).map("{} working days".format)
)
MONTH_ENDS = st.sampled_from(["clamp", "roll_forward"])
ROLLS = st.sampled_from(["none", "next_working_day", "previous_working_day"])
GRACE = st.integers(1, 45).map("{} days".format)
HANDLING = st.fixed_dictionaries(
    {},
    optional={
        "month_end": MONTH_ENDS,
        "roll": ROLLS,
        "grace": GRACE,
        "due_soon": st.integers(1, 60).map("{} days".format),
        "early": LONG,
    },
)
YEAR_DAYS = st.sampled_from(["01-01", "02-28", "02-29", "03-31", "04-01", "09-01", "12-31"])
EVENT = "event_day"


def every(intervals=LONG):
    """One interval after the last, or rounds from an event."""
    plain = st.builds(lambda i: {"every": i}, intervals)
    return plain | st.builds(lambda i: {"every": i, "from": EVENT}, intervals)


def at_least(intervals=LONG):
    """So many in every stretch, at times with a maximum beside."""
    return st.builds(
        lambda n, more, i: {
            "at_least": n,
            "within": i,
            **({} if more is None else {"at_most": n + more}),
        },
        st.integers(1, 4),
        st.none() | st.integers(0, 2),
        intervals,
    )


ONCE = st.builds(
    lambda within: {"once": {"within": within, "of": EVENT}},
    INTERVALS | st.integers(1, 200).map("{} hours".format) | st.just("same working day"),
)
ONCE_EACH = st.builds(lambda day: {"once_each": {"year_from": day}}, YEAR_DAYS)


def dated(intervals=LONG, *, once=True):
    """What a pack may write of one date at a time."""
    leaf = every(intervals) | at_least(intervals) | ONCE_EACH
    leaf = leaf | ONCE if once else leaf
    both = st.builds(
        lambda key, parts: {key: parts},
        st.sampled_from(["sooner_of", "later_of"]),
        st.lists(leaf, min_size=2, max_size=3),
    )
    return leaf | both


BY_DAY = st.integers(1, 31) | st.sampled_from(["last", "due_day"])
LAGS = st.sampled_from(["same_month", "following_month", "2 months later", "3 months later"])
MONTHLY = st.fixed_dictionaries(
    {"by_day": BY_DAY, "of": LAGS},
    optional={"months": st.lists(st.integers(1, 12), min_size=1, unique=True)},
)
QUARTERLY = st.builds(
    lambda start, day: {"quarterly": {"start": start, "by_day": day}},
    st.sampled_from(["calendar_year", "financial_year", "first_month"]) | st.integers(1, 12),
    BY_DAY,
)
ANCHORED = st.builds(
    lambda i, a: {"every": i, "anchor": a},
    st.integers(1, 24).map("{} months".format) | st.integers(7, 400).map("{} days".format),
    DAYS.map(str) | st.just(EVENT),
)
HALVES = [
    {"from": "04-01", "to": "09-30", "by": "10-31"},
    {"from": "10-01", "to": "03-31", "by": "06-30"},
]
PERIODS = st.sampled_from(
    [
        HALVES,
        [{"from": "01-01", "to": "02-29", "by": "02-29"}],
        [
            {"from": "12-01", "to": "01-31", "by": "01-31"},
            {"from": "02-01", "to": "11-30", "by": "12-01"},
        ],
        [
            {"from": "01-01", "to": "03-31", "by": "03-01"},
            {"from": "04-01", "to": "12-31", "by": "01-15"},
        ],
        # What is done first need not be due first.
        [
            {"from": "01-01", "to": "01-31", "by": "12-31"},
            {"from": "02-01", "to": "02-28", "by": "03-31"},
        ],
    ]
).map(lambda spans: {"periods": spans})
TERMLY = st.sampled_from([{"termly": "period_end"}, {"half_termly": "period_end"}])
IN_EACH = st.builds(
    lambda n, year: {"at_least": n, "in_each": year},
    st.integers(1, 4),
    st.sampled_from(["calendar_year", "financial_year", "academic_year"]),
)
SERIES = MONTHLY | QUARTERLY | ANCHORED | PERIODS | TERMLY | IN_EACH
ANY = dated() | SERIES
NAMED = {"due_day": 31, "first_month": 4}


def term(year, name, start, end, first, last):
    """Give a term with its half term."""
    days = (D(year, *day) for day in (start, end, first, last))
    start, end, *half = days
    return Term(name, start, end, tuple(half))


TERMS = tuple(
    term(year, *rest)
    for year in range(2010, 2041)
    for rest in (
        ("spring", (1, 5), (3, 27), (2, 16), (2, 20)),
        ("summer", (4, 13), (7, 17), (5, 25), (5, 29)),
        ("autumn", (9, 1), (12, 18), (10, 26), (10, 30)),
    )
)
KNOWN = {**NAMED, "terms": TERMS}


def read(raw):
    """Read what is written as a recurrence."""
    rule, faults = parse(raw)
    assert not faults, faults
    return rule.frequency


def past(done=(), *, start=None, event=None, **dates):
    """Give a past with a day of the event and how dates are handled."""
    values = {**KNOWN, EVENT: event}
    return Past(tuple(done), start, values.get, dates=Dates()._replace(**dates))


def due(frequency, before):
    """Give the due date, the end of time where there is none."""
    try:
        return frequency.next(before) or D.max
    except Unknown:
        return D.max


def most_of(raw):
    """Give the greatest number that must be done in a stretch, else one."""
    parts = raw.get("sooner_of") or raw.get("later_of") or ()
    return max(raw.get("at_least", 1), *map(most_of, parts), 1)


def days_of(series, start, count=30, **dates):
    """Give the first periods of a series from a day."""
    before = past(event=D(2021, 1, 31), **dates)
    return list(islice(read(series).periods(start, before), count))


# --- frameworks of a few activities ----------------------------------------------------------------

PACK = {
    "pack": {
        "id": "laws",
        "name": "Laws",
        "version": "V1",
        "council": "Millbrook Council",
        "in_force": "2000-01-01",
        "scale": {
            "name": "Crust",
            "levels": {1: {"id": "gold", "name": "Gold"}, 2: {"id": "pale", "name": "Pale"}},
        },
        "dates": {"month_end": "clamp"},
        "groups": {"visits": ["tasting", "milling"]},
        "workload": {"counts": ["visits"]},
    },
    "clauses": {},
    "readings": {},
    "rating": {},
    "vocabulary": {
        "fields": {
            "service_type": {"type": ["bread"]},
            "contract_start": {"type": "date"},
            EVENT: {"type": "date"},
            "due_day": {"type": "count"},
            "first_month": {"type": "count"},
        },
        "settings": {
            "terms": {"type": "any"},
            "due_soon_days": {"type": "count"},
        },
        "kinds": {"late_return": {"attributes": {"return_kind": ["stock"]}, "adverse": True}},
        "decisions": {
            "shorter": {
                "effect": "interval",
                "carries": {"activity": "activity", "every": "interval"},
            }
        },
    },
}


def framework(tasting, *, missed="next_due", **others):
    """Make a framework in which `tasting` is as often as told, and others beside it."""
    activities = {"tasting": tasting, **others}
    named = {name: {"name": name, "owner": "taster", **raw} for name, raw in activities.items()}
    rows = {
        "all": {
            "name": "All",
            "when": {"service_type": "bread"},
            "activities": {key: {} for key in named},
        }
    }
    counts = {"kind": "late_return", "after": missed}
    own = {**PACK["pack"], "groups": {"visits": list(named)}, "missed_return": counts}
    data = {**PACK, "pack": own, "activities": named, "matrix": rows}
    return Framework(make_pack(data, {}, readings={}), {"terms": TERMS})


def provider(*activities, start=None, event=None, id_="loaf", **parts):
    """Give a record of what was done."""
    given_ = {"contract_start": start, EVENT: event}
    fields = {
        "service_type": "bread",
        **NAMED,
        **{k: v for k, v in given_.items() if v is not None},
    }
    return ProviderRecord(provider=Provider(id=id_, fields=fields), activities=activities, **parts)


def done(day, activity="tasting", **more):
    """Give a record of something done."""
    return Activity(activity=activity, completed=day, **more)


def all_done(days, activity="tasting"):
    """Give records of something done on some days."""
    return [done(day, activity) for day in days]


def items(rules, record, on, activity="tasting"):
    """Give the items of an activity that have to be done."""
    found = rules.assess(record, on=on).schedule
    return [
        i for i in found if i.activity == activity and i.status not in ("done", "not_applicable")
    ]


# --- the calendar ----------------------------------------------------------------------------------


@law
@given(DAYS, st.integers(1, 120))
def test_months_are_counted_from_the_date_itself(day, months):
    """N months from a date is computed from that date and clamped, never by shorter steps."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    assert add(day, Interval(months=months)) == D(year, month + 1, min(day.day, last))
    assert add(day, Interval(months=1), months) == add(day, Interval(months=months))


@pytest.mark.parametrize(
    ("day", "interval", "clamped", "rolled_on"),
    [
        (D(2024, 2, 29), "12 months", D(2025, 2, 28), D(2025, 3, 1)),
        (D(2024, 2, 29), "4 years", D(2028, 2, 29), D(2028, 2, 29)),
        (D(2096, 2, 29), "4 years", D(2100, 2, 28), D(2100, 3, 1)),
        (D(2000, 2, 29), "100 years", D(2100, 2, 28), D(2100, 3, 1)),
        (D(2000, 2, 29), "365 days", D(2001, 2, 28), D(2001, 2, 28)),
        (D(2100, 2, 28), "1 day", D(2100, 3, 1), D(2100, 3, 1)),
        (D(2026, 1, 31), "1 month", D(2026, 2, 28), D(2026, 3, 1)),
        (D(2026, 1, 31), "2 months", D(2026, 3, 31), D(2026, 3, 31)),
        (D(2027, 12, 31), "2 months", D(2028, 2, 29), D(2028, 3, 1)),
        (D(2026, 12, 31), "1 month", D(2027, 1, 31), D(2027, 1, 31)),
        (D(2099, 12, 31), "1 day", D(2100, 1, 1), D(2100, 1, 1)),
        (D(2026, 10, 31), "1 month", D(2026, 11, 30), D(2026, 12, 1)),
        (D(2026, 12, 24), "1 working day", D(2026, 12, 29), D(2026, 12, 29)),
    ],
)
def test_awkward_days(day, interval, clamped, rolled_on):
    """Leap days, month ends, year ends, the century: a day that a month lacks is clamped or rolled on."""
    every_ = parse_interval(interval)
    assert (add(day, every_), add(day, every_, 1, "roll_forward")) == (clamped, rolled_on)


@law
@given(DAYS, DAYS, INTERVALS, MONTH_ENDS)
def test_adding_keeps_the_order_of_days(one, other, interval, month_end):
    """An interval after a later day never ends before the same interval after an earlier one."""
    first, second = sorted((one, other))
    every_ = parse_interval(interval)
    assert first < add(first, every_, 1, month_end) <= add(second, every_, 1, month_end)


@law
@given(DAYS, st.integers(1, 60))
def test_roll_forward_is_clamp_or_the_day_after(day, months):
    """Rolled forward is a day after clamped where the month lacks the day, and the same elsewhere."""
    clamped = add(day, Interval(months=months))
    forward = add(day, Interval(months=months), 1, "roll_forward")
    assert forward == (clamped if clamped.day == day.day else clamped + DAY)


@law
@given(DAYS)
def test_rolling_lands_on_a_working_day(day):
    """Rolling never gives a day off: next never earlier, previous never later, at most five days away."""
    after, before = rolled(day, "next_working_day"), rolled(day, "previous_working_day")
    assert is_working_day(after)
    assert is_working_day(before)
    assert day - 5 * DAY <= before <= day <= after <= day + 5 * DAY
    assert rolled(day, "none") == day
    assert not is_working_day(day) or before == day == after
    between = [before + DAY * n for n in range(1, (after - before).days)]
    assert not [d for d in between if is_working_day(d)]


@law
@given(DAYS, st.integers(1, 60), st.integers(1, 4))
def test_working_days_are_counted_one_by_one(day, number, times):
    """An interval of working days ends on the working day with as many of them after the first day."""
    found = add(day, Interval(working_days=number), times)
    assert found == working_days_after(day, number * times)
    passed = [day + DAY * n for n in range(1, (found - day).days + 1)]
    assert sum(map(is_working_day, passed)) == number * times
    assert is_working_day(found)


CLOCK_CHANGES = [D(2026, 3, 29), D(2026, 10, 25), D(2028, 3, 26), D(2027, 10, 31)]


@law
@given(st.sampled_from(CLOCK_CHANGES) | DAYS, st.integers(-2, 1), st.times(), st.integers(1, 400))
def test_hours_are_time_that_passes(day, shift, time, hours):
    """So many hours after a moment in London is that moment in universal time and as many hours."""
    time = time.replace(second=0, microsecond=0, fold=0)
    london = ZoneInfo("Europe/London")
    start = dt.datetime.combine(day + DAY * shift, time, london)
    ends = hours_after(start.date(), time, hours)
    assert ends.astimezone(dt.UTC) == start.astimezone(dt.UTC) + dt.timedelta(hours=hours)
    assert ends.utcoffset() == ends.astimezone(london).utcoffset()


# --- one date at a time ----------------------------------------------------------------------------


@law
@given(dated(INTERVALS), DONE, st.none() | BEFORE, st.none() | DAYS, MONTH_ENDS)
def test_due_never_before_the_last_one(raw, days, start, event, month_end):
    """The due date never precedes the last one done, or the N-th last where N have to be."""
    number = most_of(raw)
    assume(len(days) >= number)
    before = past(days, start=start, event=event, month_end=month_end)
    assert due(read(raw), before) > days[-number]


@law
@given(dated(LONG, once=False), DONE, ROLLS, MONTH_ENDS, st.none() | DAYS)
def test_due_is_never_rolled_to_the_last_one(raw, days, roll, month_end, event):
    """Rolled or not, the due date that is listed never precedes the last one done, or the N-th last."""
    number = most_of(raw)
    assume(len(days) >= number)
    rules = framework({**raw, "roll": roll, "month_end": month_end})
    for item in items(rules, provider(*all_done(days), event=event), days[-1]):
        assert item.due is None or item.due > days[-number]


@law
@given(dated(INTERVALS), DONE, DAYS, st.none() | BEFORE, st.none() | DAYS, MONTH_ENDS, st.data())
def test_later_is_never_due_earlier(raw, days, later, start, event, month_end, data):
    """Doing something later never makes its next due date earlier."""
    which = data.draw(st.integers(0, len(days) - 1))
    assume(later >= days[which])
    moved = sorted([*days[:which], later, *days[which + 1 :]])
    frequency = read(raw)
    before = due(frequency, past(days, start=start, event=event, month_end=month_end))
    assert due(frequency, past(moved, start=start, event=event, month_end=month_end)) >= before


@law
@given(dated(INTERVALS), DONE, BEFORE, st.none() | DAYS, st.integers(0, 900))
def test_one_more_is_never_due_earlier(raw, days, start, event, later):
    """One more done never makes the next due date earlier, counted from the start on."""
    days = [day for day in days if day >= start]
    assume(days)
    frequency = read(raw)
    one = past(days, start=start, event=event)
    more = past([*days, days[-1] + DAY * later], start=start, event=event)
    assert due(frequency, more) >= due(frequency, one)


@law
@given(INTERVALS, BEFORE, MONTH_ENDS)
def test_never_done_counts_from_the_start(interval, start, month_end):
    """Never done, what comes every interval is due an interval after the start, else undated."""
    for raw in ({"every": interval}, {"at_least": 3, "within": interval}):
        wanted = add(start, parse_interval(interval), 1, month_end)
        assert read(raw).next(past(start=start, month_end=month_end)) == wanted
        assert read(raw).next(past(month_end=month_end)) is None


@law
@given(ONCE, DAYS, st.lists(DAYS, max_size=4).map(sorted), st.integers(1, 900))
def test_once_done_is_done_once(raw, event, days, later):
    """Once is due until one is done on or after its event, and not again before the event comes again."""
    frequency = read(raw)
    open_ = not days or days[-1] < event
    assert (frequency.next(past(days, event=event)) is not None) is open_
    if open_:
        assert frequency.next(past(days, event=event)) >= event
        assert frequency.next(past([*days, event], event=event)) is None
    again = max([event, *days]) + DAY * later
    assert frequency.next(past(days, event=again)) is not None


@law
@given(LONG, DAYS, st.integers(1, 1200), MONTH_ENDS)
def test_rounds_from_an_event(interval, event, later, month_end):
    """A record belongs to one round from the event, and the next due date is the end of the round after."""
    step, frequency = parse_interval(interval), read({"every": interval, "from": EVENT})
    done_ = event + DAY * later
    ends = (add(event, step, n, month_end) for n in range(1000))
    end = next(end for end in ends if end >= done_)

    def following(*days):
        return frequency.next(past(days, event=event, month_end=month_end))

    assert following(done_) == next(ends)
    # Others in the same round change nothing, nor do those up to the event.
    assert following(event, done_, end) == following(done_)
    assert following(event) == following(event - DAY) == add(event, step, 1, month_end)


@law
@given(st.lists(dated(), min_size=2, max_size=3), HISTORY, st.none() | BEFORE, st.none() | DAYS)
def test_sooner_and_later_are_among_their_parts(parts, days, start, event):
    """The sooner is no later than the later, both are among their parts, in whatever order."""
    before = past(days, start=start, event=event)
    dues = [due(read(part), before) for part in parts]
    sooner, later = (due(read({key: parts}), before) for key in ("sooner_of", "later_of"))
    assert sooner <= later
    assert (sooner, later) == (min(dues), max(dues))
    for key, told in (("sooner_of", sooner), ("later_of", later)):
        assert due(read({key: parts[::-1]}), before) == told


@law
@given(
    dated(), st.sampled_from(["sooner_of", "later_of"]), HISTORY, st.none() | BEFORE, DAYS, AFTER
)
def test_equal_parts_are_the_part(raw, key, days, start, event, on):
    """The sooner, or the later, of equal parts is due when the part is, and its status is the part's."""
    record = provider(*all_done(days), start=start, event=event)
    (one,) = items(framework(raw), record, on) or [None]
    (both,) = items(framework({key: [raw, raw]}), record, on) or [None]
    told = one and (one.status, one.due)
    if "once" in raw and one is None:
        assert both.due is None
    else:
        assert (both.status, both.due) == told


@law
@given(INTERVALS, DONE, MONTH_ENDS)
def test_at_least_one_is_every(interval, days, month_end):
    """At least one within an interval is one every interval, and so is an `every` without its `from`."""
    before = past(days, month_end=month_end)
    assert read({"at_least": 1, "within": interval}).next(before) == read({"every": interval}).next(
        before
    )


@law
@given(st.integers(1, 4), LONG, BEFORE, HISTORY)
def test_no_stretch_holds_too_few(least, interval, start, days):
    """In a plan met exactly no stretch of the interval, from today and the N-th one on, holds fewer than N."""
    step, until = parse_interval(interval), D(2029, 12, 31)
    days = [day for day in days if day >= start]
    on = days[-1] if days else start
    rules = framework({"at_least": least, "within": interval})
    dues = rules.planned(provider(*all_done(days), start=start), on=on, until=until)["tasting"]
    met = sorted([*days, *(p.due for p in dues)])
    first = max([on, *met[least - 1 : least]])
    for begins in {day + DAY * n for day in met for n in (-1, 0, 1)}:
        ends = add(begins, step)
        if begins >= first and ends <= until:
            assert sum(begins < day <= ends for day in met) >= least


@law
@given(st.integers(1, 4), INTERVALS, st.lists(BEFORE, min_size=1, max_size=5).map(sorted))
def test_earliest_day_keeps_the_maximum(most, interval, days):
    """At the earliest sensible day one more goes beyond no maximum, and a day before it would."""
    step = parse_interval(interval)
    earliest = read({"at_most": most, "within": interval}).earliest(past(days))
    if earliest is None:
        assert len(days) < most
        return
    assert add(days[-most], step) == earliest - DAY
    # Those done earlier may themselves have been too many; it is the new one's stretches that count.
    inside = [day for day in days[-most:] if add(day, step) >= earliest]
    assert len(inside) < most


@law
@given(
    st.integers(1, 4), LONG | st.sampled_from(["calendar_year", "academic_year"]), HISTORY, AFTER
)
def test_maximum_is_never_overdue(most, stretch, days, on):
    """A maximum is never reported as overdue, nor planned."""
    within = "in_each" if stretch.endswith("_year") else "within"
    rules = framework({"at_most": most, within: stretch})
    record = provider(*all_done(days), start=D(2022, 1, 1))
    assert [i.status for i in items(rules, record, on)] == ["as_required"]
    assert rules.plan(record, on=on, until=on + 900 * DAY)["tasting"] == []
    (ahead,) = rules.forecast(record, on=on)
    assert (ahead.due, ahead.overdue, ahead.missed) == (None, None, None)


@law
@given(YEAR_DAYS, DONE)
def test_once_each_year_is_once_in_each(begins, days):
    """Once in each year, met on its day, falls due on the last day of every year that follows."""
    frequency, found = read({"once_each": {"year_from": begins}}), list(days)
    for _ in range(8):
        found.append(frequency.next(past(found)))
    dues = found[len(days) :]
    assert [d.year for d in dues] == list(range(dues[0].year, dues[0].year + 8))
    month, day = map(int, begins.split("-"))
    lasts = [min(day, calendar.monthrange(d.year, month)[1]) for d in dues]
    assert [d + DAY for d in dues] == [
        D((d + DAY).year, month, last) for d, last in zip(dues, lasts, strict=True)
    ]


# --- a frequency that changes ----------------------------------------------------------------------

CHANGES = st.tuples(every() | ONCE_EACH, every() | ONCE_EACH, AFTER)


def changed(new, old, on, cycle):
    """Write a frequency that was another before a day."""
    return {**new, "changed": {"on": str(on), "was": old, "cycle": cycle}}


@law
@given(CHANGES, DONE, st.none() | BEFORE, DAYS)
def test_sooner_is_no_later_than_keep(change, days, start, event):
    """After a change the sooner is never later than the old, and nothing new is due before the change."""
    new, old, on = change
    before = past(days, start=start, event=event)
    told = {}
    for cycle in ("sooner", "keep", "anew"):
        rule, faults = parse(changed(new, old, on, cycle))
        assert not faults
        told[cycle] = rule.changed.next(rule.frequency, before) or D.max
    own = due(read(old), before)
    assert told["sooner"] <= told["keep"] == own
    if own >= on:
        assert told["sooner"] == min(own, max(on, due(read(new), before)))
        assert min(told.values()) >= on


@law
@given(CHANGES, DONE, st.integers(0, 900), DAYS)
def test_change_is_over_with_the_first_one_after_it(change, days, later, event):
    """From the first one done on or after the change only the new frequency holds, however it ended."""
    new, old, on = change
    before = past([*days, on + DAY * later], event=event)
    for cycle in ("sooner", "keep", "anew"):
        rule, _ = parse(changed(new, old, on, cycle))
        assert due(read(new), before) == (rule.changed.next(rule.frequency, before) or D.max)


# --- turns -----------------------------------------------------------------------------------------

TURNS = st.builds(  # no limit is shorter than the turns
    lambda lengths, members: (min(lengths), max(lengths), members),
    st.tuples(st.integers(1, 14), st.integers(2, 40)),
    st.integers(2, 3),
)


def turns(each, limit, members, **dates):
    """Make a framework of activities that take turns."""
    ids = ["tasting", "milling", "sifting"][:members]
    rule = {"every": f"{each} months", "each_within": f"{limit} months", **dates}
    own = {n: {**rule, "alternating_with": [m for m in ids if m != n]} for n in ids}
    return framework(own.pop("tasting"), **own), ids


def merged(plan):
    """Give the dates of a plan of several activities in order."""
    return sorted((p.due, a) for a, dues in plan.items() for p in dues)


@law
@given(TURNS, st.lists(st.tuples(BEFORE, st.integers(0, 2)), min_size=1, max_size=5), BEFORE)
def test_no_turn_goes_beyond_its_limit(rule, held, start):
    """Alternation never leaves any type beyond its limit when every date is met."""
    each, limit, members = rule
    rules, ids = turns(each, limit, members)
    records = [done(day, ids[n % members]) for day, n in held]
    on, until = max(day for day, _ in held), D(2033, 1, 1)
    plan = rules.planned(provider(*records, start=start), on=on, until=until)
    for name in ids:
        own = sorted(r.completed for r in records if r.activity == name)
        met = [*own[-1:], *(p.due for p in plan[name])]
        assert all(b <= add(a, Interval(months=limit)) for a, b in pairwise(met))


@law
@given(st.integers(1, 12), st.integers(2, 3), st.integers(0, 2), BEFORE)
def test_turns_are_taken_in_order(each, members, first, day):
    """Where no limit binds, the activities take turns in the pack's order, an interval apart."""
    rules, ids = turns(each, 120, members)
    record = provider(done(day, ids[first % members]))
    order = [name for _, name in merged(rules.planned(record, on=day, until=day + 2000 * DAY))]
    assert order
    wanted = [ids[(first + 1 + n) % members] for n in range(len(order))]
    assert order == wanted


@law
@given(
    TURNS,
    st.lists(st.tuples(BEFORE, st.integers(0, 2)), max_size=4),
    BEFORE,
    ROLLS,
    st.none() | st.tuples(st.integers(0, 2), st.integers(1, 12).map("{} months".format)),
)
def test_turns_met_have_their_own_dates(rule, held, start, roll, shorter):
    """A plan of turns, rolled or made shorter by a person, met on each day has the plan's own dates."""
    each, limit, members = rule
    rules, ids = turns(each, limit, members, roll=roll)
    record = provider(*[done(day, ids[n % members]) for day, n in held], start=start)
    if shorter is not None:
        carries = {"activity": ids[shorter[0] % members], "every": shorter[1]}
        record = record.with_decision(Decision(decision="shorter", on=start, carries=carries))
    on, until = D(2026, 1, 1), D(2029, 1, 1)
    whole = merged(rules.planned(record, on=on, until=until))
    for day in sorted({day for day, _ in whole}):
        if day >= on:
            left = merged(rules.planned(record, on=day, until=until))
            assert left == [each for each in whole if each[0] >= day]
        for name in [name for each, name in whole if each == day]:
            record = record.with_activity(done(day, name))


# --- what is due, as days pass ---------------------------------------------------------------------

RANK = {"no_history": 0, "not_due": 0, "due_soon": 1, "due_today": 2, "overdue": 3}


@law
@given(
    ANY,
    HANDLING,
    HISTORY,
    st.none() | BEFORE,
    DAYS,
    AFTER,
    st.lists(st.integers(1, 90), max_size=8),
)
def test_status_only_moves_on(raw, handling, days, start, event, on, steps):
    """Status moves only not due, due soon, due today, overdue as days pass, and what is due stays listed."""
    rules, record = (
        framework({**raw, **handling}),
        provider(*all_done(days), start=start, event=event),
    )
    before = {}
    for step in [0, *steps]:
        on += step * DAY
        now = {i.period: i for i in items(rules, record, on)}
        for period, item in before.items():
            assert period in now or RANK.get(item.status, 0) == 0
            if period in now and item.status in RANK:
                assert RANK[now[period].status] >= RANK[item.status]
                assert now[period].due == item.due
                assert item.days is None or now[period].days == item.days - step
        before = now


@law
@given(
    CHANGES,
    st.sampled_from(["sooner", "keep"]),
    DONE,
    DAYS,
    st.lists(st.integers(1, 200), max_size=8),
)
def test_status_only_moves_on_over_a_change(change, cycle, days, event, steps):
    """A frequency that becomes another never makes what is due less so, save where it counts anew."""
    rules = framework(changed(*change, cycle))
    on, record, ranks = D(2025, 12, 31), provider(*all_done(days), event=event), []
    for step in steps:
        on += step * DAY
        ranks += [RANK[i.status] for i in items(rules, record, on)]
    assert ranks == sorted(ranks)


@law
@given(ANY, HANDLING, HISTORY, BEFORE, DAYS, AFTER, st.integers(1, 60), st.integers(1, 60))
def test_grace_only_delays_overdue(raw, handling, days, start, event, on, grace, more):
    """Days of grace change no due date and only delay what is overdue: till then it is due today."""
    record = provider(*all_done(days), start=start, event=event)
    told = []
    for number in (grace, grace + more):
        rules = framework({**raw, **handling, "grace": f"{number} days"})
        told.append([(i.period, i.due, i.status) for i in items(rules, record, on)])
        for _, due_, status in told[-1]:
            if due_ is not None and status in ("due_today", "overdue"):
                assert status == ("overdue" if on > due_ + number * DAY else "due_today")
    for (*one, before), (*other, after) in zip(*told, strict=True):
        assert one == other
        kept = (before, "due_today", "no_history") if before == "overdue" else (before,)
        assert after in kept


@law
@given(ANY, HANDLING, HISTORY, BEFORE, DAYS, AFTER, st.integers(1, 60), st.integers(1, 60))
def test_due_soon_only_widens(raw, handling, days, start, event, on, soon, more):
    """With more days that are soon everything due soon stays so, and only what was not due joins it."""
    record = provider(*all_done(days), start=start, event=event)
    narrow, wide = (
        items(framework({**raw, **handling, "due_soon": f"{n} days"}), record, on)
        for n in (soon, soon + more)
    )
    for one, other in zip(narrow, wide, strict=True):
        assert one._replace(status="", reason=None) == other._replace(status="", reason=None)
        assert other.status in (
            [one.status, "due_soon"] if one.status == "not_due" else [one.status]
        )


@law
@given(ANY, HANDLING, HISTORY, st.none() | BEFORE, DAYS, AFTER)
def test_forecast_is_in_order(raw, handling, days, start, event, on):
    """What is ahead comes in order: it can be done, it is due, it is overdue, and then it is missed."""
    rules, record = (
        framework({**raw, **handling}),
        provider(*all_done(days), start=start, event=event),
    )
    for ahead in rules.forecast(record, on=on):
        if ahead.due is not None:
            assert ahead.earliest is None or ahead.earliest <= ahead.due
        if ahead.overdue is not None:
            assert ahead.due < ahead.overdue
            assert ahead.missed is None or ahead.overdue <= ahead.missed


@law
@given(ANY, HANDLING, HISTORY, BEFORE, DAYS, AFTER, st.sampled_from(["next_due", "any_lateness"]))
def test_forecast_comes_true(raw, handling, days, start, event, on, missed):
    """What is forecast to be overdue, or missed, on a day is so from that day on and not the day before."""
    rules = framework({**raw, **handling, "returns": "stock"}, missed=missed)
    record = provider(*all_done(days), start=start, event=event)
    for ahead in rules.forecast(record, on=on):
        for day, told in ((ahead.overdue, overdue), (ahead.missed, counts_as_missed)):
            if day is not None and day > on and ahead.status != "no_history":
                for n in (-1, 0):
                    found = [
                        i for i in items(rules, record, day + n * DAY) if i.period == ahead.period
                    ]
                    assert [told(i) for i in found] == [n == 0]


def overdue(item):
    """Say whether an item is overdue."""
    return item.status == "overdue"


def counts_as_missed(item):
    """Say whether an item counts as missed."""
    return item.missed


# --- plans -----------------------------------------------------------------------------------------


def since(raw, start, days):
    """Leave out what was done before the start where a number must be done."""
    return days if start is None or most_of(raw) == 1 else [day for day in days if day >= start]


RULES = st.builds(lambda raw, more: {**raw, **more}, ANY, HANDLING)
UNTIL = st.integers(0, 1300)


@law
@given(RULES, HISTORY, st.none() | BEFORE, st.none() | DAYS, AFTER, UNTIL)
def test_plan_begins_with_what_is_listed(raw, days, start, event, on, length):
    """What is listed with a due date up to the horizon is planned, and what is planned first is listed.

    A series is to have a start or something done: without either one period is proposed, or none.
    Where a number must be done, what was done before the start is left out: N of it count from then.
    """
    days = since(raw, start, days)
    assume(start or days)
    rules, record = framework(raw), provider(*all_done(days), start=start, event=event)
    until = on + length * DAY
    listed = [(i.due, i.period or "") for i in items(rules, record, on) if i.due is not None]
    plan = [(p.due, p.period or "") for p in rules.planned(record, on=on, until=until)["tasting"]]
    assert [each for each in listed if each[0] <= until and each not in plan] == []
    assert plan[:1] == sorted(each for each in listed if each[0] <= until)[:1]


@law
@given(RULES, HISTORY, st.none() | BEFORE, st.none() | DAYS, AFTER, UNTIL, st.data())
def test_plan_met_has_its_own_dates(raw, days, start, event, on, length, data):
    """A plan met on each day has the plan's own dates: on each of them it is due, and the rest is left.

    As above, a start is known or something was done, no part of a number before it.
    """
    days = since(raw, start, days)
    assume(start or days)
    rules, record = framework(raw), provider(*all_done(days), start=start, event=event)
    until = on + length * DAY
    whole = rules.planned(record, on=on, until=until)["tasting"]
    ahead = sorted({p.due for p in whole if p.due >= on})
    assume(ahead)
    stop = data.draw(st.sampled_from(ahead))
    met = [done(p.due, period=p.period) for p in whole if p.due < stop]
    record = record.model_copy(update={"activities": (*record.activities, *met)})
    left = rules.planned(record, on=stop, until=until)["tasting"]
    assert [(p.due, p.period) for p in left] == [(p.due, p.period) for p in whole if p.due >= stop]
    assert stop in [
        i.due for i in items(rules, record, stop) if i.status in ("due_today", "no_history")
    ]


@law
@given(RULES, HISTORY, st.none() | BEFORE, st.none() | DAYS, AFTER, UNTIL, UNTIL)
def test_plans_add_up(raw, days, start, event, on, first, more):
    """The plan to A plus the plan from the day after A to B, A's dates met, is the plan to B."""
    days = since(raw, start, days)
    rules, record = framework(raw), provider(*all_done(days), start=start, event=event)
    until = on + first * DAY
    head = rules.planned(record, on=on, until=until)["tasting"]
    met = [done(p.due, period=p.period) for p in head]
    later = record.model_copy(update={"activities": (*record.activities, *met)})
    tail = rules.plan(later, on=until + DAY, until=until + more * DAY)["tasting"]
    whole = rules.planned(record, on=on, until=until + more * DAY)["tasting"]
    assert [p.due for p in head] + tail == [p.due for p in whole]
    assert whole[: len(head)] == head


@law
@given(RULES, HISTORY, st.none() | BEFORE, st.none() | DAYS, AFTER, UNTIL)
def test_plan_is_in_order_and_inside(raw, days, start, event, on, length):
    """A plan is in order, ends by its horizon, and names each period once."""
    rules, record = framework(raw), provider(*all_done(days), start=start, event=event)
    whole = rules.planned(record, on=on, until=on + length * DAY)["tasting"]
    dues, labels = [p.due for p in whole], [p.period for p in whole if p.period]
    assert dues == sorted(dues)
    assert all(due_ <= on + length * DAY for due_ in dues)
    assert len(labels) == len(set(labels))
    assert rules.plan(record, on=on, until=on + length * DAY)["tasting"] == [
        d for d in dues if d >= on
    ]
    if "once" in raw:
        assert len(whole) <= 1


@law
@given(
    st.integers(1, 30),
    st.integers(0, 30),
    st.sampled_from(["months", "days", "working days"]),
    HANDLING,
    DONE,
    AFTER,
    UNTIL,
)
def test_longer_interval_is_never_due_more_often(short, more, unit, handling, days, on, length):
    """A longer interval never gives more due dates in a horizon, nor an earlier one."""
    short += 10 * (unit != "months")
    record, until = provider(*all_done(days), event=days[-1]), on + length * DAY
    for form in ({}, {"from": EVENT}, {"at_least": 2}):
        key = "within" if "at_least" in form else "every"
        often, seldom = (
            framework({**form, key: f"{n} {unit}", **handling}).planned(record, on=on, until=until)
            for n in (short, short + more)
        )
        often, seldom = ([p.due for p in plan["tasting"]] for plan in (often, seldom))
        assert len(seldom) <= len(often)
        assert all(a <= b for a, b in zip(often, seldom, strict=False))


@law
@given(
    st.sampled_from([{"every": ""}, {"every": "", "from": EVENT}, {"at_least": 1, "within": ""}]),
    st.sampled_from(["months", "days", "working days"]),
    st.integers(1, 60),
    st.integers(1, 60),
    DONE,
    AFTER,
    HANDLING,
)
def test_shorter_interval_of_a_person_governs(form, unit, pack, own, days, on, handling):
    """A shorter interval that a person set is planned as if the pack said it; a longer one changes nothing."""
    carries = {"activity": "tasting", "every": f"{own + 5} {unit}"}
    decided = Decision(decision="shorter", on=days[-1], carries=carries)
    record, until = provider(*all_done(days), event=days[-1]), on + 800 * DAY

    def planned(number, of):
        written = {key: value or f"{number + 5} {unit}" for key, value in form.items()}
        plan = framework({**written, **handling}).planned(of, on=on, until=until)
        return [p.due for p in plan["tasting"]]

    assert planned(pack, record.with_decision(decided)) == planned(min(pack, own), record)


# --- series ----------------------------------------------------------------------------------------


@law
@given(SERIES, DAYS, ROLLS, MONTH_ENDS)
def test_periods_follow_one_another(raw, start, roll, month_end):
    """Periods come as they fall due, each under a label of its own, and none overlaps another."""
    found = days_of(raw, start, roll=roll, month_end=month_end)
    assert all(a.due <= b.due for a, b in pairwise(found))
    assert len({p.label for p in found}) == len(found)
    spans = sorted({(p.starts, p.ends) for p in found})
    assert all(ends < starts for (_, ends), (starts, _) in pairwise(spans))


@law
@given(MONTHLY | QUARTERLY | PERIODS, DAYS, MONTH_ENDS)
def test_nothing_is_due_before_it_has_ended(raw, start, month_end):
    """What is due later than its period is due on or after the period's end, and rolled on never before it."""
    assume(raw.get("of") != "same_month")
    for roll in ("none", "next_working_day"):
        assert all(p.due >= p.ends for p in days_of(raw, start, roll=roll, month_end=month_end))


@law
@given(SERIES, DAYS, MONTH_ENDS)
def test_rolling_moves_due_dates_only(raw, start, month_end):
    """Rolling changes no period but its due date: on to the next working day, back to the previous one."""
    plain, after, before = (
        days_of(raw, start, roll=roll, month_end=month_end)
        for roll in ("none", "next_working_day", "previous_working_day")
    )
    for one, later, sooner in zip(plain, after, before, strict=True):
        assert one[:3] == later[:3] == sooner[:3]
        assert later.due == rolled(one.due, "next_working_day")
        assert sooner.due == rolled(one.due, "previous_working_day")


@law
@given(RULES, HISTORY, st.none() | BEFORE, AFTER)
def test_rolled_is_a_working_day(raw, days, start, on):
    """Where due dates roll on, whatever is listed or planned is due on a working day."""
    rules = framework({**raw, "roll": "next_working_day"})
    record = provider(*all_done(days), start=start, event=D(2025, 2, 1))
    plan = rules.planned(record, on=on, until=on + 500 * DAY)["tasting"]
    listed = [i.due for i in items(rules, record, on) if i.due is not None]
    if "hours" not in str(raw):
        assert [day for day in [*listed, *(p.due for p in plan)] if not is_working_day(day)] == []


@law
@given(st.sampled_from(TERMS), st.none() | DAYS)
def test_half_terms_refine_terms(first, start):
    """Every term is its two halves: the first begins where it does, the last ends and is due where it does."""
    start = start or first.start
    terms = days_of({"termly": "period_end"}, start, 6)
    halves = days_of({"half_termly": "period_end"}, terms[0].starts, 13)
    for term_ in terms:
        one, two = (next(p for p in halves if p.label == f"{term_.label}-{n}") for n in (1, 2))
        assert (one.starts, two.ends, two.due) == (term_.starts, term_.ends, term_.due)
        assert one.ends == one.due == two.starts - DAY


@law
@given(st.integers(1, 12), BY_DAY, DAYS)
def test_quarters_by_a_name_are_quarters_by_its_number(number, day, start):
    """Quarters that begin in a month by its name are those that begin in that month by its number."""
    named = read({"quarterly": {"start": "first_month", "by_day": day}})
    before = Past((), None, {**KNOWN, "first_month": number}.get)
    found = list(islice(named.periods(start, before), 12))
    assert found == days_of({"quarterly": {"start": number, "by_day": day}}, start, 12)
    for year, month in (("calendar_year", 1), ("financial_year", 4)):
        if number == month:
            assert found == days_of({"quarterly": {"start": year, "by_day": day}}, start, 12)


@law
@given(st.sets(st.integers(1, 12), min_size=1, max_size=11), BY_DAY, LAGS, DAYS)
def test_months_are_shared_out(months, day, of, start):
    """What is due for some months and what is due for the others is together what is due for all."""
    raw = {"by_day": day, "of": of}
    others = set(range(1, 13)) - months
    parts = [
        days_of({**raw, "months": list(some)}, start, 2 * len(some)) for some in (months, others)
    ]
    assert sorted(p for part in parts for p in part) == days_of(raw, start, 24)


@law
@given(LAGS, st.integers(1, 31), DAYS)
def test_last_day_is_the_latest(of, day, start):
    """By the last day is the last day of its month, and no day of that month by number is later."""
    last = days_of({"by_day": "last", "of": of}, start, month_end="roll_forward")
    assert all((p.due + DAY).day == 1 for p in last)
    numbered = days_of({"by_day": day, "of": of}, start)
    assert all(a.due <= b.due and a[:3] == b[:3] for a, b in zip(numbered, last, strict=True))


@law
@given(st.integers(1, 400), DAYS, st.integers(-9, 9), DAYS)
def test_anchor_may_be_any_of_its_days(interval, anchor, shift, start):
    """A series of days counts from any of its own due dates, before or after, as from its anchor."""
    other = anchor + DAY * interval * shift
    one, two = (
        days_of({"every": f"{interval} days", "anchor": str(a)}, start) for a in (anchor, other)
    )
    assert one == two
    assert one[0].due >= start > one[0].due - interval * DAY


@law
@given(IN_EACH, HISTORY, BEFORE, AFTER)
def test_so_many_in_each_year(raw, days, start, on):
    """At least N in each year gives N a year, less those done in it, all due by its last day."""
    number, series = raw["at_least"], read(raw)
    assert isinstance(series, EachYear)
    record, until = provider(*all_done(days), start=start), on + 1200 * DAY
    dues = [p.due for p in framework(raw).planned(record, on=on, until=until)["tasting"]]
    for year in range(series.year_of(start) + 1, series.year_of(until)):
        ends = add(D(year, series.month, 1), Interval(months=12)) - DAY
        inside = [day for day in days if series.year_of(day) == year]
        assert dues.count(ends) == max(0, number - len(inside))


@law
@given(SERIES, BEFORE, DAYS, AFTER, st.data())
def test_received_is_received(raw, start, event, on, data):
    """What is received for a period is not listed again, and changes no other period's due date."""
    rules = framework(raw)
    record = provider(
        done(start, period=days_of_first(raw, start, event)), start=start, event=event
    )
    before = [(i.period, i.due) for i in items(rules, record, on) if i.period]
    assume(before)
    period, _ = data.draw(st.sampled_from(before))
    after = items(rules, record.with_activity(done(on, period=period)), on)
    found = [(i.period, i.due) for i in after if i.period]
    assert period not in [p for p, _ in found]
    assert [each for each in before if each[0] != period] == found[: len(before) - 1]


def days_of_first(raw, start, event):
    """Give the label of the first period due on or after the start."""
    periods = read(raw).periods(start - 800 * DAY, past(event=event))
    return next(p.label for p in periods if p.due >= start)


# --- what was done, judged -------------------------------------------------------------------------


@law
@given(RULES, HISTORY, st.none() | BEFORE, DAYS, AFTER, st.lists(DAYS, max_size=2))
def test_every_record_gets_one_verdict(raw, days, start, event, on, arranged):
    """Every record known on the day gets exactly one verdict, and its days are done less due."""
    planned = [Activity(activity="tasting", planned=day) for day in arranged]
    record = provider(*all_done(days), *planned, start=start, event=event)
    told = framework(raw).history(record, on=on)
    assert sorted(map(str, (v.record for v in told))) == sorted(map(str, record.activities))
    for verdict in told:
        assert verdict.text
        assert (verdict.verdict == "planned") is (verdict.record.completed is None)
        assert (verdict.days is None) is (verdict.due is None or verdict.verdict == "wrong_turn")
        if verdict.days is not None:
            assert verdict.days == (verdict.record.completed - verdict.due).days


@law
@given(RULES, BEFORE, DAYS, st.integers(0, 1000))
def test_done_on_its_day_is_counted(raw, start, event, length):
    """What is done on its due date is counted, not a day late, and so is all of a plan that is met."""
    event = max(event, start)  # what is done before the start is done before anything is due
    rules, on = framework({k: v for k, v in raw.items() if k != "early"}), start + length * DAY
    plan = rules.planned(provider(start=start, event=event), on=start, until=on)["tasting"]
    met = [done(p.due, period=p.period) for p in plan]
    told = rules.history(provider(*met, start=start, event=event), on=on)
    assert [(v.verdict, v.days) for v in told] == [("counted", 0)] * len(met)


@law
@given(dated(), HANDLING, DONE, st.none() | BEFORE, DAYS)
def test_late_and_early_are_by_days(raw, handling, days, start, event):
    """A record is late beyond the days of grace, early beyond what the pack says, and else is counted."""
    rules = framework({**raw, **handling})
    grace = int(handling.get("grace", "0 days").split()[0])
    for v in rules.history(provider(*all_done(days), start=start, event=event), on=D(2026, 1, 1)):
        if v.days is not None:
            assert (v.verdict == "late") is (v.days > grace)
            assert v.verdict != "early" or ("early" in handling and v.days < 0)


@law
@given(RULES, DONE, st.none() | BEFORE, DAYS, AFTER, st.data())
def test_duplicate_changes_nothing(raw, days, start, event, on, data):
    """A record that is judged to repeat another never changes what is due next."""
    rules, record = framework(raw), provider(*all_done(days), start=start, event=event)
    again = done(data.draw(st.sampled_from(days)))
    more = record.with_activity(again)
    told = [v.verdict for v in rules.history(more, on=on)]
    assume(
        told.count("duplicate")
        > [v.verdict for v in rules.history(record, on=on)].count("duplicate")
    )
    one, two = (items(rules, each, on) for each in (record, more))
    assert [(i.status, i.due, i.period) for i in one] == [(i.status, i.due, i.period) for i in two]


@law
@given(dated(), HANDLING, DONE, st.none() | BEFORE, DAYS, AFTER)
def test_later_records_change_no_verdict(raw, handling, days, start, event, on):
    """What came later never changes what an earlier record counted for."""
    rules = framework({**raw, **handling})
    whole = rules.history(provider(*all_done(days), start=start, event=event), on=on)
    for n in range(len(days)):
        part = rules.history(provider(*all_done(days[:n]), start=start, event=event), on=on)
        assert part == whole[:n]


# --- several activities and several providers ------------------------------------------------------

KINDS = {
    "yearly": {"every": "12 months"},
    "weighing": {"at_least": 2, "within": "6 months"},
    "licence": {"once_each": {"year_from": "04-01"}},
    "soot": {"sooner_of": [{"every": "3 months"}, {"every": "60 working days"}]},
    "yeast": {"at_most": 2, "within": "6 months"},
    "flour": {"by_day": 8, "returns": "stock"},
    "eggs": {"every": "28 days", "anchor": "2024-01-05", "returns": "stock"},
    "halves": {"periods": HALVES},
    "terms": {"termly": "period_end"},
    "talks": {"at_least": 2, "in_each": "financial_year"},
    "waiting": {"every": "6 months", "waits_on": "yearly"},
    "round": {"every": "5 months", "from": "yearly"},
    "answer": {"once": {"within": "36 hours", "of": "weighing"}},
    "left": {"alternating_with": "right", "every": "4 months", "each_within": "9 months"},
    "right": {"alternating_with": "left", "every": "4 months", "each_within": "9 months"},
}
TIED = {
    *{("yearly", "waiting"), ("yearly", "round"), ("weighing", "answer")},
    *{("left", "right"), ("right", "left")},
}
BAKERY = framework(KINDS["yearly"], **KINDS)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.just(("stock",)),
        "time": st.sampled_from(["09:00", "17:30"]),
        "period": st.sampled_from(["2025-06", "2025-07"]),
        "location": st.sampled_from(["hall", "mill"]),
        "deadline": AFTER,
    },
)


def some_records(days, kinds, most=12):
    """Records of some kinds on some days, with what may be told of them."""
    one = st.builds(lambda day, name, more: done(day, name, **more), days, kinds, MORE)
    return st.lists(one, max_size=most)


RECORDS = some_records(BEFORE, st.sampled_from(sorted(KINDS)))
# So few days and kinds that several are of one day.
CROWDED = some_records(
    st.sampled_from([D(2025, 7, 4), D(2025, 8, 8)]),
    st.sampled_from(["flour", "eggs", "weighing", "answer"]),
    6,
)


def answers(rules, record, on):
    """Give everything that is said of a record's dates."""
    whole = rules.assess(record, on=on)
    schedule = [i._replace(reason=None) for i in whole.schedule]
    notes = sorted(map(str, whole.notes))
    plan = rules.planned(record, on=on, until=on + 400 * DAY)
    verdicts = sorted(map(str, rules.history(record, on=on)))
    return schedule, notes, plan, rules.forecast(record, on=on), verdicts


@law
@given(RECORDS, st.sampled_from(sorted(KINDS)), BEFORE, st.none() | BEFORE, AFTER)
def test_one_more_leaves_the_other_kinds_alone(records, kind, day, start, on):
    """Adding a completed activity never makes another kind overdue, save where the pack ties the two.

    Ties are waiting, alternation and counting from the other. What is not tied stays as it was.
    """
    before = provider(*records, start=start)
    after = before.with_activity(done(day, kind))
    for name in KINDS:
        if name != kind and (kind, name) not in TIED:
            one, two = (items(BAKERY, record, on, name) for record in (before, after))
            assert [i._replace(reason=None) for i in one] == [i._replace(reason=None) for i in two]


@law
@given(
    (RECORDS | CROWDED).flatmap(lambda r: st.tuples(st.just(r), st.permutations(r))),
    st.none() | BEFORE,
    AFTER,
)
def test_order_of_records_is_nothing(both, start, on):
    """The result does not depend on the order of the records."""
    one, two = (provider(*records, start=start) for records in both)
    assert answers(BAKERY, one, on) == answers(BAKERY, two, on)


SCRIPT = """
import datetime as dt, json, sys
from pathlib import Path
from qaf_rules.engine import load
from qaf_rules.intake import read_record
from qaf_rules.workload import workload
rules = load(Path(sys.argv[1]))
on, until = dt.date(2026, 3, 28), dt.date(2027, 12, 31)
profile = {"service_type": ["bread", "cakes"], "licensed": True, "staff": 12, "contract_start": "2024-02-29"}
profile |= {"due_day": 31, "first_month": 4, "round_day": "2026-01-31"}
days = ["2024-02-29", "2025-03-30", "2025-10-26", "2026-01-31"]
ids = sorted(rules.pack.activities)
acts = [{"activity": a, "completed": d, "time": "01:30"} for n, a in enumerate(ids) for d in days[n % 4 :]]
record, faults = read_record({"provider": profile, "activities": acts}, rules.pack, default_id="x", on=on)
assert not faults
told = rules.assess(record, on=on)
plan = workload(rules, [record], on=on, until=until, capacity=2)
print(json.dumps([str(told), str(plan), str(rules.history(record, on=on)), str(rules.forecast(record, on=on))]))
"""


def test_hash_seed_time_zone_and_locale_are_nothing():
    """The result does not depend on the hash seed, the time zone or the locale."""
    pack = str(Path(__file__).parents[1] / "packs" / "generic")
    worlds = [
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"},
        {"PYTHONHASHSEED": "77", "TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8"},
    ]
    told = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, pack],
            env={**os.environ, **world},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for world in worlds
    }
    assert len(told) == 1
    assert len(json.loads(told.pop())) == 4


BAKERIES = st.lists(
    st.tuples(RECORDS, st.none() | BEFORE, st.sampled_from(["ann", "bob"])), min_size=1, max_size=4
).map(
    lambda made: [
        (provider(*records, start=start, id_=f"loaf {n}"), officer)
        for n, (records, start, officer) in enumerate(made)
    ]
)
CAPACITY = st.none() | st.integers(0, 6) | st.fixed_dictionaries({"ann": st.integers(0, 6)})
VISITS = BAKERY.amend(
    {
        "pack": {
            "groups": {"visits": ["tasting", "left", "right", "weighing"]},
            "workload": {"counts": ["visits"]},
        }
    }
)


def shared_out(bakeries, on, length, capacity):
    """Give the workload of a register."""
    officers = {record.provider.id: officer for record, officer in bakeries}
    records = [record for record, _ in bakeries]
    return workload(
        VISITS, records, on=on, until=on + length * DAY, capacity=capacity, officers=officers
    )


@law
@given(BAKERIES, AFTER, st.integers(0, 700), CAPACITY)
def test_proposed_inside_the_window(bakeries, on, length, capacity):
    """A day is proposed inside the window, a working day from today on, or the work is told as unmet."""
    made = shared_out(bakeries, on, length, capacity)
    for each in made.dues:
        if each.proposed is not None:
            assert is_working_day(each.proposed)
            assert each.proposed >= on
            assert each.late or max(each.earliest, on) <= each.proposed <= each.due
        visit = each.activity in ("tasting", "left", "right", "weighing")
        assert visit or each.proposed is None
        assert (each in made.unmet) is (
            each.late or (visit and capacity is not None and each.proposed is None)
        )


@law
@given(BAKERIES, AFTER, st.integers(0, 700), st.integers(0, 6))
def test_never_beyond_the_capacity(bakeries, on, length, capacity):
    """No month holds more proposed work of one officer than the officer's capacity."""
    for capacities in (capacity, {"ann": capacity, "bob": 1}):
        made = shared_out(bakeries, on, length, capacities)
        held = [(each.officer, f"{each.proposed:%Y-%m}") for each in made.dues if each.proposed]
        for officer, month in held:
            limit = capacities if isinstance(capacities, int) else capacities[officer]
            assert held.count((officer, month)) <= limit


@law
@given(BAKERIES, AFTER, st.integers(0, 700), CAPACITY, st.randoms(use_true_random=False))
def test_workload_of_a_shuffled_register(bakeries, on, length, capacity, random):
    """The workload of a register is the same in whatever order the register comes."""
    shuffled = list(bakeries)
    random.shuffle(shuffled)
    assert shared_out(shuffled, on, length, capacity) == shared_out(bakeries, on, length, capacity)


@law
@given(BAKERIES, AFTER, st.integers(0, 700), CAPACITY)
def test_no_due_date_is_moved(bakeries, on, length, capacity):
    """The plan of a register is the plans of its providers together, whatever the capacity."""
    until = on + length * DAY
    made = shared_out(bakeries, on, length, capacity)
    found = sorted((d.provider, d.activity, d.due, d.period or "") for d in made.dues)
    wanted = [
        (record.provider.id, activity, p.due, p.period or "")
        for record, _ in bakeries
        for activity, dues in VISITS.planned(record, on=on, until=until).items()
        for p in dues
    ]
    assert found == sorted(wanted)
    assert sum(made.by("month").values()) == len(wanted)
    assert [d.late for d in made.dues] == [d.due < on for d in made.dues]


# --- both councils' packs --------------------------------------------------------------------------

few = settings(parent=law, max_examples=10)


@cache
def council(name):
    """Load a council's pack once, with a calendar of terms where it wants one."""
    loaded = load(name)
    plain = [t.plain() for t in TERMS]
    return loaded.using(settings={"terms": plain}) if "terms" in loaded.pack.settings else loaded


@cache
def visited(name):
    """Providers of a council of which a row speaks, with a history up to today of what it brings."""
    rules = council(name)

    def has_row(one):
        return rules.assess(ProviderRecord(provider=one), on=ON).row is not None

    def with_history(one):
        return testing.histories(rules, one).map(partial(known, one))

    def known(one, activities):
        past_ = [
            a
            for a in activities
            if all(d is None or d <= ON for d in (a.completed, a.requested, a.recorded))
        ]
        return ProviderRecord(provider=one, activities=tuple(past_))

    return testing.providers(rules).filter(has_row).flatmap(with_history)


def told_of(item):
    """Give what an item says, without its reasons."""
    return item._replace(reason=None, readings=(), clauses=(), conventions=())


@packs
@few
@given(st.data(), st.integers(0, 500), st.integers(0, 500))
def test_plans_of_councils_add_up(name, data, first, more):
    """A council's plan to A and, A's dates met, its plan from the day after to B is its plan to B."""
    rules, record = council(name), data.draw(visited(name))
    until, end = ON + first * DAY, ON + (first + more) * DAY
    head = rules.planned(record, on=ON, until=until)
    whole = rules.planned(record, on=ON, until=end)
    met = [done(p.due, activity, period=p.period) for activity, dues in head.items() for p in dues]
    later = record.model_copy(update={"activities": (*record.activities, *met)})
    tail = rules.plan(later, on=until + DAY, until=end)
    for activity, dues in head.items():
        assert [p.due for p in dues] + tail[activity] == [p.due for p in whole[activity]]


@packs
@few
@given(st.data(), st.integers(0, 500))
def test_councils_plan_begins_with_what_is_listed(name, data, length):
    """What a council's schedule lists with a due date up to the horizon is in its plan, and overdue first."""
    rules, record = council(name), data.draw(visited(name))
    plan = rules.planned(record, on=ON, until=ON + length * DAY)
    for item in rules.assess(record, on=ON).schedule:
        if item.due is not None and item.status not in ("done", "no_history"):
            wanted = item.due <= ON + length * DAY
            assert (
                (item.due, item.period) in [(p.due, p.period) for p in plan[item.activity]]
            ) is wanted


@packs
@few
@given(st.data(), st.dates(D(2024, 1, 1), ON))
def test_one_more_of_a_council_leaves_other_kinds_alone(name, data, day):
    """Under a council's rules too one more done makes no other kind overdue that is not tied to it."""
    rules, record = council(name), data.draw(visited(name))
    kind = data.draw(st.sampled_from(sorted(rules.pack.activities)))
    before, after = (
        {i.id for i in rules.assess(each, on=ON).schedule if i.status == "overdue"}
        for each in (record, record.with_activity(done(day, kind)))
    )
    new = {id_.split("@")[0] for id_ in after - before} - {kind}
    assert {other for other in new if kind not in ties(rules, other)} == set()


def ties(rules, activity):
    """Give the activities to which a pack ties one anywhere: turns, waiting, and what it counts from."""
    rows = (*rules.pack.matrix.values(), *rules.pack.supplements.values())
    cells = [cell.rule for row in rows for cell in row.activities.get(activity, ())]
    found = set()
    for rule in [rules.pack.activities[activity].rule, *cells]:
        used = [rule, *getattr(rule.frequency, "options", {}).values()]
        used += [use for _, use in getattr(rule.frequency, "cases", ())]
        for each in used:
            found |= {
                each.waits_on,
                *events(each.frequency),
                *getattr(each.frequency, "others", ()),
            }
    return found


@packs
@few
@given(st.data())
def test_order_of_a_councils_records_is_nothing(name, data):
    """Under a council's rules too the order of the records is nobody's statement."""
    rules, record = council(name), data.draw(visited(name))
    turned = tuple(data.draw(st.permutations(record.activities)))
    shuffled = record.model_copy(update={"activities": turned})
    assert answers(rules, record, ON) == answers(rules, shuffled, ON)


@packs
@few
@given(st.data())
def test_reading_changes_only_what_names_it(name, data):
    """Switching a reading changes only results that name it: the item, or the row that brings it."""
    rules, record = council(name), data.draw(visited(name))
    id_ = data.draw(st.sampled_from(sorted(rules.pack.readings)))
    option = data.draw(st.sampled_from(sorted(rules.pack.readings[id_].options)))
    one, two = (each.assess(record, on=ON) for each in (rules, under(name, id_, option)))
    rows = {reading for told in (one, two) for row in told.rows for reading in row.readings}
    for activity in rules.pack.activities:
        said = [[i for i in told.schedule if i.activity == activity] for told in (one, two)]
        if [*map(told_of, said[0])] != [*map(told_of, said[1])]:
            named = {reading for items_ in said for i in items_ for reading in i.readings}
            assert id_ in named | rows


@cache
def under(name, id_, option):
    """Give a council's pack under an option of a reading."""
    return council(name).using(readings={id_: option})
