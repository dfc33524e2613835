"""The library's plans and the oracle's are the same."""

import datetime as dt
import json
from functools import cache
from pathlib import Path

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Unknown, add, dues, hours_after, status, working_days_after

import qaf_rules as qaf
from qaf_rules import workdays
from qaf_rules.frequency import ByValue, Cases, Rule, parse
from qaf_rules.maker import status_of
from qaf_rules.model import Activity, Provider, ProviderRecord
from qaf_rules.recurrence import Alternating, Anchored, Every, Monthly, OnceEach, Quarterly, Termly

D = dt.date
ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
MINIMAL = qaf.load(ROOT / "tests" / "golden" / "good" / "minimal")
CLOSED = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(1999, 2105)))
TERMS = [
    {
        "name": name,
        "start": D(year, begins, 4),
        "end": D(year, ends, 19),
        "half_term": {"start": D(year, broken, 14), "end": D(year, broken, 19)},
    }
    for year in range(2020, 2035)
    for name, begins, broken, ends in (
        ("spring", 1, 2, 3),
        ("summer", 4, 5, 7),
        ("autumn", 9, 10, 12),
    )
]
FLAT = [
    {k: term[k] for k in ("name", "start", "end")}
    | {f"half_term_{k}": v for k, v in term["half_term"].items()}
    for term in TERMS
]
NAMED = {"due_day": "count", "first_month": "count", "published": "date", "own_every": "interval"}


@cache
def council(written):
    """Give a framework in which the activity `own` has a recurrence, beside `other` and `third`."""
    rule, dates = json.loads(written)
    fields = {name: {"type": kind, "label": name} for name, kind in NAMED.items()}
    own = {"own": {"name": "Own", **rule}}
    free = {n: {"name": n, "as_required": True} for n in ("other", "third")}
    change = {
        "pack": {"dates": {"month_end": "clamp", **dates}},
        "vocabulary": {"fields": fields, "settings": {"terms": {"type": "any", "label": "terms"}}},
        "activities": {**own, **free},
        "matrix": {"boats": {"activities": {"own": {}, "other": {}, "third": {}}}},
    }
    return MINIMAL.amend(change).using(settings={"terms": FLAT})


def both(rule, *, on, until, done=(), periods=(), others=None, start=None, values=None, dates=None):
    """Give the dates of the library and those of the oracle."""
    others, values, dates = others or {}, values or {}, dates or {}
    made = council(json.dumps([rule, dates]))
    order = list(made.pack.activities)
    records = [Activity(activity="own", completed=day) for day in done]
    records += [Activity(activity="own", completed=on, period=label) for label in periods]
    records += [Activity(activity=a, completed=d) for a, days in others.items() for d in days]
    fields = {"service_type": "boat", **values}
    if start is not None:
        fields["contract_start"] = start
    record = ProviderRecord(provider=Provider(id="b", fields=fields), activities=tuple(records))
    ours = made.plan(record, on=on, until=until)["own"]
    try:
        theirs = dues(
            rule,
            on=on,
            until=until,
            done=sorted(done),
            periods_done=periods,
            others={"other": (), "third": ()} | others,
            name="own",
            order=order,
            start=start,
            values=values,
            terms=TERMS,
            holidays=CLOSED,
            dates=dates,
        )
    except Unknown:
        theirs = []
    return ours, theirs


# --- any recurrence ------------------------------------------------------------------------------

INTERVALS = st.one_of(
    st.integers(1, 30).map(lambda n: f"{n} months"),
    st.integers(5, 400).map(lambda n: f"{n} days"),
    st.integers(1, 60).map(lambda n: f"{n} weeks"),
    st.integers(1, 3).map(lambda n: f"{n} years"),
    st.integers(3, 60).map(lambda n: f"{n} working days"),
)
ANCHORED = INTERVALS.filter(lambda text: "working" not in text)
EVENTS = st.sampled_from(["other", "published"])
YEAR_DAYS = st.dates(D(2001, 1, 1), D(2001, 12, 31)).map(lambda day: f"{day:%m-%d}")
MONTH_DAYS = st.one_of(st.integers(1, 31), st.sampled_from(["last", "due_day"]))
SIMPLE = st.one_of(
    st.fixed_dictionaries({"every": st.one_of(INTERVALS, st.just({"value": "own_every"}))}),
    st.fixed_dictionaries({"every": INTERVALS, "from": EVENTS}),
    st.fixed_dictionaries(
        {
            "once": st.fixed_dictionaries(
                {
                    "within": st.one_of(
                        INTERVALS, st.sampled_from(["24 hours", "3 hours", "same working day"])
                    ),
                    "of": EVENTS,
                }
            )
        }
    ),
    st.fixed_dictionaries({"at_least": st.integers(1, 4), "within": ANCHORED}),
    st.fixed_dictionaries(
        {
            "once_each": st.fixed_dictionaries(
                {"year_from": st.one_of(YEAR_DAYS, st.just("published"))}
            )
        }
    ),
)


def length(interval):
    """Give a day that tells the shorter of two intervals: no limit is shorter than the turns."""
    return workdays.add(dt.date(2026, 1, 1), workdays.parse_interval(interval))


TURNS = st.builds(
    lambda names, lengths: {
        "alternating_with": names,
        **dict(zip(("every", "each_within"), sorted(lengths, key=length), strict=True)),
    },
    st.sampled_from(["other", ["other", "third"]]),
    st.lists(INTERVALS, min_size=2, max_size=2),
)
CHANGED = st.builds(
    lambda rule, was, day, cycle: {**rule, "changed": {"on": day, "was": was, "cycle": cycle}},
    st.fixed_dictionaries({"every": ANCHORED}),
    st.fixed_dictionaries({"every": ANCHORED}),
    st.dates(D(2025, 1, 1), D(2028, 1, 1)).map(str),
    st.sampled_from(["sooner", "keep", "anew"]),
)
DATED = st.one_of(
    SIMPLE,
    TURNS,
    CHANGED,
    st.lists(SIMPLE, min_size=2, max_size=2).map(lambda of: {"sooner_of": of}),
    st.lists(SIMPLE, min_size=2, max_size=2).map(lambda of: {"later_of": of}),
)
SERIES = st.one_of(
    st.fixed_dictionaries({"every": ANCHORED, "anchor": st.just("published")}),
    st.fixed_dictionaries(
        {
            "by_day": MONTH_DAYS,
            "of": st.sampled_from(["same_month", "following_month", "3 months later"]),
            "months": st.lists(st.integers(1, 12), min_size=1, unique=True),
        }
    ),
    st.fixed_dictionaries(
        {
            "quarterly": st.fixed_dictionaries(
                {
                    "start": st.sampled_from(["calendar_year", "financial_year", "first_month"]),
                    "by_day": MONTH_DAYS,
                }
            )
        }
    ),
    st.sampled_from([{"termly": "period_end"}, {"half_termly": "period_end"}]),
    st.just(
        {
            "periods": [
                {"from": "04-01", "to": "09-30", "by": "10-31"},
                {"from": "10-01", "to": "03-31", "by": "04-30"},
            ]
        }
    ),
    st.fixed_dictionaries(
        {
            "at_least": st.integers(1, 3),
            "in_each": st.sampled_from(["calendar_year", "financial_year", "academic_year"]),
        }
    ),
)
PAST = st.dates(D(2024, 1, 1), D(2026, 6, 1))
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "due_day": st.integers(1, 31),
        "first_month": st.integers(1, 12),
        "published": PAST,
        "own_every": ANCHORED,
    },
)
DATES = st.fixed_dictionaries(
    {},
    optional={
        "month_end": st.sampled_from(["clamp", "roll_forward"]),
        "roll": st.sampled_from(["none", "next_working_day", "previous_working_day"]),
    },
)
ON = D(2026, 6, 1)


@settings(deadline=None, max_examples=300)
@given(
    DATED,
    st.lists(PAST, max_size=4, unique=True),
    st.dictionaries(st.sampled_from(["other", "third"]), st.lists(PAST, max_size=3, unique=True)),
    st.one_of(st.none(), st.dates(D(2023, 6, 1), D(2024, 1, 1))),
    VALUES,
    DATES,
)
def test_one_date_at_a_time(rule, done, others, start, values, dates):
    """Of every recurrence that gives one date at a time the plan is the oracle's."""
    others = {a: sorted(days) for a, days in others.items()}
    until = D(2028, 12, 31)
    ours, theirs = both(
        rule, on=ON, until=until, done=done, others=others, start=start, values=values, dates=dates
    )
    assert ours == theirs


@settings(deadline=None, max_examples=200)
@given(
    SERIES,
    st.lists(PAST, max_size=3, unique=True),
    st.dates(D(2023, 6, 1), D(2024, 1, 1)),
    VALUES,
    DATES,
)
def test_series(rule, done, start, values, dates):
    """Of every series the plan is the oracle's."""
    ours, theirs = both(
        rule, on=ON, until=D(2028, 3, 31), done=done, start=start, values=values, dates=dates
    )
    assert ours == theirs


# --- the recurrences of both packs ---------------------------------------------------------------


def plain(frequency):
    """Write a recurrence as a pack does."""
    match frequency:
        case Every(every, _, counts_from):
            return {"every": str(every)} | ({"from": "other"} if counts_from else {})
        case OnceEach(begins):
            return {"once_each": {"year_from": "published" if "_" in begins else begins}}
        case Alternating(_, every, within):
            rule = {"alternating_with": "other", "every": every and str(every)}
            return {k: v for k, v in (rule | {"each_within": within and str(within)}).items() if v}
        case Monthly(by_day, lag, months):
            of = f"{lag} months later"
            day = by_day if isinstance(by_day, int) or by_day == "last" else "due_day"
            return {"by_day": day, "of": of, "months": sorted(months)}
        case Anchored(every, _):
            return {"every": str(every), "anchor": "published"}
        case Quarterly(start, day):
            first = "first_month" if isinstance(start, str) else start
            return {
                "quarterly": {"start": first, "by_day": day if isinstance(day, int) else "due_day"}
            }
        case Termly(_, halves):
            return {"half_termly" if halves else "termly": "period_end"}
    return None


def below(rule):
    """Give every rule between which a rule chooses."""
    match rule.frequency:
        case Cases(cases, otherwise):
            used = [use for _, use in cases] + ([otherwise] if otherwise else [])
        case ByValue(_, options, otherwise):
            used = [*options.values()] + ([otherwise] if otherwise else [])
        case _:
            return [rule]
    return [found for use in used for found in below(use)]


def recurrences(name):
    """Give every different recurrence of a pack under every reading of one ambiguity at a time."""
    base = qaf.load(name)
    packs = [base.pack]
    for id_, reading in base.pack.readings.items():
        packs += [base.using(readings={id_: option}).pack for option in list(reading.options)[1:]]
    found = {}
    for pack in packs:
        rules = [spec.rule for spec in pack.activities.values()]
        for row in (*pack.matrix.values(), *pack.supplements.values()):
            rules += [cell.rule for cells in row.activities.values() for cell in cells]
        for rule in rules:
            for each in below(rule):
                written = plain(each.frequency)
                if written is not None:
                    if each.own_dates.get("roll") == "next_working_day":
                        written["roll"] = "next_working_day"
                    found[json.dumps(written, sort_keys=True)] = written
    return [found[key] for key in sorted(found)]


PACKS = [rule for name in ("adults", "children") for rule in recurrences(name)]
VALUES_OF = {"due_day": 15, "first_month": 4}


def agree(rule, day):
    """Whether both plan the same for a year and more from a last visit, anchor and start."""
    values = VALUES_OF | {"published": day}
    until = day + dt.timedelta(days=430)
    last = [] if "anchor" in rule else [day]
    ours, theirs = both(rule, on=day, until=until, done=last, start=day, values=values)
    return ours == theirs


@pytest.mark.parametrize("rule", PACKS, ids=lambda rule: json.dumps(rule)[:60])
def test_a_sample_of_starts(rule):
    """Every recurrence of both packs agrees from days all over the century."""
    first, last = D(2000, 1, 1).toordinal(), D(2100, 12, 31).toordinal()
    days = [D.fromordinal(n) for n in range(first, last, 2503)]
    edges = [D(2000, 2, 29), D(2024, 2, 29), D(2026, 1, 31), D(2099, 12, 31), D(2100, 2, 28)]
    assert [day for day in [*days, *edges] if not agree(rule, day)] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("rule", PACKS, ids=lambda rule: json.dumps(rule)[:60])
def test_every_start_of_the_century(rule):
    """Every recurrence of both packs agrees from every day of 2000 to 2100."""
    first, last = D(2000, 1, 1).toordinal(), D(2100, 12, 31).toordinal()
    for n in range(first, last + 1):
        assert agree(rule, D.fromordinal(n)), D.fromordinal(n)


# --- days ----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.dates(D(2000, 1, 1), D(2100, 1, 1)), INTERVALS, st.sampled_from(["clamp", "roll_forward"])
)
def test_intervals(day, interval, month_end):
    """An interval after a day is the same day for both."""
    parsed = workdays.parse_interval(interval)
    theirs = add(day, interval, holidays=CLOSED, month_end=month_end)
    assert workdays.add(day, parsed, 1, month_end) == theirs


@settings(deadline=None)
@given(st.dates(D(2000, 1, 1), D(2100, 1, 1)), st.times(), st.integers(0, 500))
def test_hours(day, time, hours):
    """Hours after a moment in London are the same moment for both."""
    time = time.replace(second=0, microsecond=0)
    ours = workdays.hours_after(day, time, hours)
    assert (ours.date(), ours.time()) == hours_after(day, time, hours)


@settings(deadline=None)
@given(
    st.dates(D(2020, 1, 1), D(2030, 1, 1)),
    st.integers(-60, 60),
    st.integers(0, 40),
    st.integers(0, 9),
)
def test_statuses(due, days, soon, grace):
    """The status of a due date is the same word for both."""
    on = due + dt.timedelta(days=days)
    assert status_of(due, on, soon, grace) == status(due, on, soon=soon, grace=grace)


def test_working_days_of_the_official_list():
    """Working days agree with the official bank holidays on every day from 2012 to 2028."""
    path = SHARED / "bank-holidays.json"
    if not path.exists():
        pytest.skip("the official list of bank holidays is not here")
    told = json.loads(path.read_text())["england-and-wales"]["events"]
    official = {D.fromisoformat(event["date"]) for event in told}
    day, last = D(2012, 1, 1), D(2028, 12, 31)
    while day <= last:
        assert workdays.is_working_day(day) is (day.weekday() < 5 and day not in official), day
        if day.year < 2028:
            assert workdays.working_days_after(day, 10) == working_days_after(day, 10, official)
        day += dt.timedelta(days=1)


def test_every_form_of_the_packs_is_compared():
    """No recurrence of a pack is left out of the comparison but those without a date."""
    assert len(PACKS) > 15
    assert all(parse(rule)[1] == [] and isinstance(parse(rule)[0], Rule) for rule in PACKS)
