"""What is due by when: rows, statuses, series, turns, decisions and plans."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.facts import View
from qaf_rules.frequency import parse
from qaf_rules.intake import read_record
from qaf_rules.model import Activity, Provider, ProviderRecord
from qaf_rules.obligations import Obligation
from qaf_rules.schedule import strictest
from qaf_rules.workdays import Interval, add

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)
D = dt.date
TERMS = [
    {"name": "spring", "start": "2026-01-05", "end": "2026-03-27"},
    {"name": "summer", "start": "2026-04-13", "end": "2026-07-17"},
    {"name": "autumn", "start": "2026-09-01", "end": "2026-12-18"},
]
LICENSED = {"service_type": "bread", "licensed": True}
PLAIN = {"service_type": "bread", "licensed": False}
CAKES = {"service_type": "cakes"}


def record(provider, activities=(), *, on=ON, pack=BREAD.pack, **parts):
    """Read a record without a fault."""
    made, faults = read_record(
        {"provider": provider, "activities": list(activities), **parts},
        pack,
        default_id="loaf",
        on=on,
    )
    assert [str(f) for f in faults] == []
    return made


def assess(provider, activities=(), *, on=ON, framework=BREAD, settings=None, **parts):
    """Assess a provider as a register would hand it in."""
    under = framework.using(settings=settings) if settings else framework
    return under.assess(record(provider, activities, on=on, pack=framework.pack, **parts), on=on)


def items(activity, *args, **options):
    """Give the items of an activity."""
    return [i for i in assess(*args, **options).schedule if i.activity == activity]


def item(activity, *args, **options):
    """Give the one item of an activity."""
    (one,) = items(activity, *args, **options)
    return one


def told(activity, *args, **options):
    """Give the items of an activity in short."""
    return [(i.status, i.period, i.due) for i in items(activity, *args, **options)]


def plan(provider, activities=(), *, until, on=ON, framework=BREAD, settings=None):
    """Plan to a day."""
    under = framework.using(settings=settings) if settings else framework
    return under.plan(record(provider, activities, on=on), on=on, until=until)


def done(activity, day, **more):
    """Give a done record."""
    return {"activity": activity, "completed": day, **more}


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "row"),
    [
        (LICENSED, "licensed_bread"),
        (PLAIN, "plain_bread"),
        ({"service_type": "bread"}, None),
        ({"service_type": "mill"}, "no_row_mill"),
        ({}, None),
        ({"service_type": ["bread", "cakes"], "licensed": True}, ["licensed_bread", "cakes"]),
        ({"service_type": ["bread", "cakes"]}, ["cakes"]),
    ],
)
def test_row_of_each_service(provider, row):
    """Each service gets the first row that holds, none while an earlier one is unknown."""
    found = assess(provider).row
    assert (sorted(found) if isinstance(found, list) else found) == (
        sorted(row) if isinstance(row, list) else row
    )


def test_unknown_row_is_asked():
    """K20: a row that cannot be chosen is null, with a question about what would choose it."""
    assert "licensed" in [q.id for q in assess({"service_type": "bread"}).questions]
    assert "service_type" in [q.id for q in assess({}).questions]
    assert assess({"service_type": "bread", "staff": 2}).schedule == ()


def test_row_that_the_document_lacks():
    """A row the document does not have says so."""
    (row,) = assess({"service_type": "mill"}).rows
    assert row.undocumented


def test_service_of_no_row():
    """A service that no row speaks of has none, and nothing is asked to choose one."""
    framework = BREAD.amend({"matrix": {"no_row_mill": {"remove": True}}})
    told_of = assess({"service_type": "mill", "staff": 2}, framework=framework)
    assert (told_of.row, told_of.schedule) == (None, ())


def test_activities_outside_the_row_do_not_apply():
    """What a row does not bring is not applicable, with the clause where the row says so."""
    outside = item("riddle", LICENSED)
    assert (outside.status, outside.clauses) == ("not_applicable", ("B-004",))
    assert item("egg_return", LICENSED).status == "not_applicable"


def test_cell_goes_before_its_activity():
    """A cell's frequency and clause go before the activity's own."""
    last = [done("tasting", "2026-01-31")]
    assert item("tasting", LICENSED, last).due == D(2027, 1, 31)
    own = item("tasting", PLAIN, last)
    assert (own.due, own.clauses) == (D(2026, 7, 31), ("B-012", "B-010"))


def test_supplement_adds_and_replaces():
    """A supplement adds its activities and takes away those it replaces."""
    big = assess({**LICENSED, "staff": 12}, [done("oven_check", "2026-01-01")])
    by_id = {i.activity: i.status for i in big.schedule}
    assert by_id["oven_check"] == "due_soon"
    assert by_id["soot_sweep"] == "not_applicable"
    small = {i.activity: i.status for i in assess({**LICENSED, "staff": 2}).schedule}
    assert small["oven_check"] == "not_applicable"


def test_supplement_that_may_apply():
    """K20: what an unknown supplement would bring is `ask`, with what would tell."""
    perhaps = item("oven_check", LICENSED)
    assert (perhaps.status, perhaps.asks) == ("ask", ("staff",))


# --- statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "status", "days"),
    [
        (D(2025, 3, 1), "overdue", -1),
        (D(2025, 3, 2), "due_today", 0),
        (D(2025, 3, 3), "due_soon", 1),
        (D(2025, 4, 1), "due_soon", 30),
        (D(2025, 4, 2), "not_due", 31),
    ],
)
def test_status_by_days_left(last, status, days):
    """K1, K6: a due date is inclusive, and soon is one to thirty days."""
    found = item("tasting", LICENSED, [done("tasting", last)])
    assert (found.status, found.days, found.last_done) == (status, days, last)


def test_soon_is_a_setting():
    """K6: how many days are soon is the council's to say."""
    last = [done("tasting", "2025-04-01")]
    assert item("tasting", LICENSED, last, settings={"due_soon_days": 29}).status == "not_due"


def test_no_history():
    """K5: without history the first one is proposed from the contract's start."""
    started = item("tasting", {**LICENSED, "contract_start": "2025-08-31"})
    assert (started.status, started.due) == ("no_history", D(2026, 8, 31))
    unknown = assess(LICENSED)
    found = next(i for i in unknown.schedule if i.activity == "tasting")
    assert (found.status, found.due) == ("no_history", None)
    assert "contract_start" in [q.id for q in unknown.questions]


def test_month_ends_clamp():
    """K2: six months from the end of August is the end of February."""
    assert item("tasting", LICENSED, [done("tasting", "2024-02-29")], on=D(2025, 2, 1)).due == D(
        2025, 2, 28
    )
    assert item("tasting", PLAIN, [done("tasting", "2025-08-31")]).due == D(2026, 2, 28)


@settings(deadline=None)
@given(st.dates(D(2024, 1, 1), ON), st.dates(D(2024, 1, 1), ON))
def test_due_date_counts_from_the_last_one_done(one, other):
    """K2 for every day: due twelve calendar months after the later of the records."""
    for records in (
        [done("tasting", one), done("tasting", other)],
        [done("tasting", other), done("tasting", one)],
    ):
        assert item("tasting", LICENSED, records).due == add(max(one, other), Interval(months=12))


def test_notified_deadline_governs():
    """K14: a deadline notified since the last one governs, until one is done."""
    last = done("self_report", "2025-06-01")
    told_of = {
        "activity": "self_report",
        "notified": "2026-02-01",
        "planned": "2026-05-01",
        "deadline": "2026-04-15",
    }
    assert item("self_report", LICENSED, [last]).due == D(2026, 6, 1)
    assert item("self_report", LICENSED, [last, told_of]).due == D(2026, 4, 15)
    met = [last, told_of, done("self_report", "2026-02-20")]
    assert item("self_report", LICENSED, met).due == D(2027, 2, 20)


@pytest.mark.parametrize(
    "often",
    [
        {"every": "6 months", "from": "tasting"},
        {"sooner_of": [{"every": "6 months", "from": "tasting"}, {"every": "2 years"}]},
        {"later_of": [{"every": "6 months", "from": "tasting"}] * 2},
    ],
)
def test_what_an_event_began(often):
    """What counts from an event has begun with it, by itself or as one of several parts."""
    change = {
        "activities": {"crumb_check": {"name": "Crumb check", **often}},
        "matrix": {"licensed_bread": {"activities": {"crumb_check": {}}}},
    }
    framework = BREAD.amend(change)
    tasted = [done("tasting", "2025-08-01")]
    found = item("crumb_check", LICENSED, tasted, framework=framework)
    assert (found.status, found.due) == ("overdue", D(2026, 2, 1))
    assert item("crumb_check", LICENSED, framework=framework).status == "no_history"


def test_deadline_of_what_is_never_due():
    """K14: as required is never due, but for a deadline that was notified."""
    assert item("spot_visit", LICENSED).status == "as_required"
    asked = {"activity": "spot_visit", "requested": "2026-02-01", "deadline": "2026-03-02"}
    assert item("spot_visit", LICENSED, [asked]).status == "due_today"


def test_counting_from_another_activity():
    """An interval may count from another activity, and wait until a third is in."""
    waiting = item("follow_up", LICENSED, [done("tasting", "2025-11-30")])
    assert (waiting.due, waiting.waiting_on) == (D(2026, 5, 30), "self_report")
    free = item(
        "follow_up", LICENSED, [done("tasting", "2025-11-30"), done("self_report", "2026-01-01")]
    )
    assert free.waiting_on is None
    again = [
        done("tasting", "2025-11-30"),
        done("self_report", "2026-01-01"),
        done("follow_up", "2026-02-01"),
    ]
    assert item("follow_up", LICENSED, again).waiting_on == "self_report"


def test_once_each_year():
    """Once in each year from 1 April: done in one, due by the last day of the next."""
    assert item("licence_check", LICENSED, [done("licence_check", "2025-06-01")]).due == D(
        2027, 3, 31
    )
    assert (
        item("licence_check", LICENSED, [done("licence_check", "2025-03-31")]).status == "due_soon"
    )


def test_attached_activity():
    """What is attached to another is held with it, on the condition that it states."""
    assert item("yeast_talk", LICENSED).attached_to == "tasting"


def test_questions_and_contradictions_of_the_document():
    """What nobody can say is `ask`, what the document contradicts is `conflict`."""
    asked, quarrel = item("riddle", CAKES), item("quarrel", CAKES)
    assert (asked.status, asked.asks) == ("ask", ("D-B-01", "staff"))
    assert (quarrel.status, quarrel.asks) == ("conflict", ("X-B-03",))
    questions = [q.id for q in assess(CAKES).questions]
    assert {"D-B-01", "staff", "X-B-03"} <= set(questions)


# --- recurrences that depend on the provider -----------------------------------------------------


@pytest.mark.parametrize(
    ("milling", "expected"),
    [
        ("monthly", ("not_due", "2026-03", D(2026, 3, 31))),
        ("yearly", ("not_due", None, D(2027, 2, 1))),
        ("never", ("not_applicable", None, None)),
        (None, ("ask", None, None)),
    ],
)
def test_frequency_by_value(milling, expected):
    """A frequency by the provider's value follows it, and asks while it is unknown."""
    provider = {"service_type": "mill", **({"milling": milling} if milling else {})}
    found = items(
        "mill_watch", provider, [done("mill_watch", "2026-02-01")], settings={"due_soon_days": 5}
    )
    assert expected in [(i.status, i.period, i.due) for i in found]


@pytest.mark.parametrize(
    ("staff", "licensed", "due"),
    [(12, False, D(2026, 4, 1)), (3, False, None), (None, False, None)],
)
def test_first_case_that_holds(staff, licensed, due):
    """The first case that holds gives the frequency; while one is unknown it is `ask`."""
    provider = {
        "service_type": "bread",
        "licensed": licensed,
        **({"staff": staff} if staff else {}),
    }
    framework = BREAD.amend({"supplements": {"big_oven": {"replaces": []}}})
    found = item("soot_sweep", provider, [done("soot_sweep", "2026-01-01")], framework=framework)
    status = {12: "due_soon", 3: "as_required", None: "ask"}[staff]
    assert (found.status, found.due) == (status, due)
    assert found.asks == (("staff",) if staff is None else ())


# --- series --------------------------------------------------------------------------------------


def test_series_lists_what_is_outstanding():
    """K19: listed are what was not received, the next one, and the latest received."""
    received = [
        done("flour_return", "2025-12-06", period="2025-11"),
        done("flour_return", "2026-02-03", period="2026-01"),
    ]
    assert told("flour_return", LICENSED, received) == [
        ("overdue", "2025-12", D(2026, 1, 8)),
        ("due_soon", "2026-02", D(2026, 3, 8)),
        ("done", "2026-01", D(2026, 2, 8)),
    ]


def test_late_return_is_done():
    """K13: a return received late is done."""
    received = [done("flour_return", "2026-02-27", period="2026-01")]
    assert ("done", "2026-01", D(2026, 2, 8)) in told("flour_return", LICENSED, received)


def test_incomplete_return_stays_open():
    """K13: a return that came without something stays open, with what is missing."""
    received = [done("flour_return", "2026-02-03", period="2026-01", missing=["receipt"])]
    first = items("flour_return", LICENSED, received)[0]
    assert (first.status, first.period, first.missing) == ("overdue", "2026-01", ("receipt",))


def test_record_without_a_period():
    """A record without a period counts for the earliest outstanding one."""
    start = {**LICENSED, "contract_start": "2025-12-09"}
    assert told("flour_return", start, [done("flour_return", "2026-02-20")])[:2] == [
        ("overdue", "2026-01", D(2026, 2, 8)),
        ("due_soon", "2026-02", D(2026, 3, 8)),
    ]
    both = [done("flour_return", "2026-02-20"), done("flour_return", "2026-02-21")]
    assert ("done", "2026-01", D(2026, 2, 8)) in told("flour_return", start, both)


def test_series_without_history():
    """K19: a series begins with the first due date on or after the contract's start."""
    assert told("flour_return", {**LICENSED, "contract_start": "2026-01-08"}) == [
        ("overdue", "2025-12", D(2026, 1, 8)),
        ("overdue", "2026-01", D(2026, 2, 8)),
        ("no_history", "2026-02", D(2026, 3, 8)),
    ]
    assert told("flour_return", {**LICENSED, "contract_start": "2026-02-09"}) == [
        ("no_history", "2026-02", D(2026, 3, 8))
    ]
    assert told("flour_return", LICENSED) == [("no_history", None, None)]


@pytest.mark.parametrize(
    ("received", "missed"),
    [
        ([("2025-11", "2025-12-05")], ["2025-12"]),
        ([("2026-01", "2026-02-05")], []),
        ([("2025-10", "2025-11-05")], ["2025-11", "2025-12"]),
    ],
)
def test_missed_once_the_next_is_late_too(received, missed):
    """K13: an overdue return counts as missed once the next one is past its due date too."""
    records = [done("flour_return", day, period=period) for period, day in received]
    told_of = assess(LICENSED, records)
    assert [
        i.period for i in told_of.schedule if i.activity == "flour_return" and i.missed
    ] == missed
    assert told_of.suggestion.level == (3 if len(missed) > 1 else 2 if missed else None)


def test_late_return_names_the_reading_of_what_is_missed():
    """K13: while the next one is not due yet, whether a late return is missed is a reading, and named."""
    received = [done("flour_return", "2026-01-08", period="2025-11")]
    late = {"2025-12": (), "2026-01": ("X-B-02",)}
    on = D(2026, 3, 7)
    found = items("flour_return", LICENSED, received, on=on)
    named = {
        i.period: tuple(r for r in i.readings if r == "X-B-02")
        for i in found
        if i.status == "overdue"
    }
    assert named == late
    strict = BREAD.using(readings={"X-B-02": "any_lateness"})
    for framework, day in ((BREAD, D(2026, 3, 9)), (strict, D(2026, 2, 9))):
        told_of = framework.forecast(record(LICENSED, received), on=on)
        assert [f.missed for f in told_of if f.period == "2026-01"] == [day]


def test_missed_at_once_under_the_other_reading():
    """The other reading of a late return counts it at once."""
    strict = BREAD.using(readings={"X-B-02": "any_lateness"})
    found = items(
        "flour_return",
        LICENSED,
        [done("flour_return", "2025-12-05", period="2025-11")],
        framework=strict,
    )
    assert [(i.period, i.missed) for i in found if i.status == "overdue"] == [
        ("2025-12", True),
        ("2026-01", True),
    ]


def test_series_from_an_anchor():
    """K9: four weeks from the anchor, which is itself a due date; without it, it is asked."""
    provider = {**PLAIN, "round_day": "2026-01-05"}
    received = [done("egg_return", "2026-01-05", period="2026-01-05")]
    assert told("egg_return", provider, received) == [
        ("overdue", "2026-02-02", D(2026, 2, 2)),
        ("due_today", "2026-03-02", D(2026, 3, 2)),
        ("done", "2026-01-05", D(2026, 1, 5)),
    ]
    assert told("egg_return", provider) == [("no_history", "2026-01-05", D(2026, 1, 5))]
    assert item("egg_return", PLAIN).asks == ("round_day",)


def test_anchor_that_is_rolled():
    """Proposed or listed, a due date on a Sunday is moved where that is the rule."""
    framework = BREAD.amend({"activities": {"egg_return": {"roll": "next_working_day"}}})
    provider = {**PLAIN, "round_day": "2026-02-01"}
    assert item("egg_return", provider, framework=framework).due == D(2026, 2, 2)


def test_quarters():
    """A quarter is due on its day of the month after; what is unknown of it is asked together."""
    provider = {**CAKES, "first_month": 4, "due_day": 31}
    received = [done("batch_return", "2025-10-20", period="2025-Q2")]
    assert told("batch_return", provider, received) == [
        ("overdue", "2025-Q3", D(2026, 1, 31)),
        ("not_due", "2026-Q4", D(2026, 4, 30)),
        ("done", "2025-Q2", D(2025, 10, 31)),
    ]
    assert item("batch_return", CAKES).asks == ("first_month", "due_day")


def test_terms():
    """K11: a term's return is due on its last day; without a calendar it is asked."""
    received = [done("menu_return", "2026-03-02", period="2026-spring")]
    assert told("menu_return", CAKES, received, settings={"terms": TERMS}) == [
        ("not_due", "2026-summer", D(2026, 7, 17)),
        ("done", "2026-spring", D(2026, 3, 27)),
    ]
    asked = item("menu_return", CAKES)
    assert (asked.status, asked.asks) == ("ask", ("terms",))


# --- taking turns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("oven", "late", "due_oven", "due_late"),
    [
        ("2025-06-01", None, D(2027, 6, 1), D(2026, 6, 1)),
        ("2025-06-01", "2024-06-01", D(2027, 6, 1), D(2026, 6, 1)),
        ("2024-09-01", "2025-06-01", D(2026, 6, 1), D(2027, 6, 1)),
        ("2024-04-01", "2025-06-01", D(2026, 4, 1), D(2027, 4, 1)),
        ("2025-06-01", "2025-06-01", D(2026, 6, 1), D(2027, 6, 1)),
    ],
)
def test_turns(oven, late, due_oven, due_late):
    """K10: the other than the last one done comes next, twelve months on."""
    records = [done("oven_check", oven), *([done("late_look", late)] if late else [])]
    found = {i.activity: i.due for i in assess(CAKES, records).schedule}
    assert (found["oven_check"], found["late_look"]) == (due_oven, due_late)


def test_first_turn_is_proposed_from_the_contract():
    """K10: where neither was ever done the first named begins."""
    found = {
        i.activity: (i.status, i.due)
        for i in assess({**CAKES, "contract_start": "2026-01-31"}).schedule
    }
    assert found["oven_check"] == ("no_history", D(2027, 1, 31))
    assert found["late_look"] == ("no_history", D(2028, 1, 31))


@settings(deadline=None)
@given(
    st.none() | st.dates(D(2024, 1, 1), ON),
    st.none() | st.dates(D(2024, 1, 1), ON),
)
def test_nobody_waits_longer_than_the_limit(oven, late):
    """K10 for every history: the next of the two comes in time, each within its limit."""
    records = [done(a, d) for a, d in (("oven_check", oven), ("late_look", late)) if d]
    found = {i.activity: i for i in assess(CAKES, records).schedule}
    dues = {a: found[a].due for a in ("oven_check", "late_look")}
    if records:
        assert min(dues.values()) <= add(max(d for d in (oven, late) if d), Interval(months=12))
    for activity, last in (("oven_check", oven), ("late_look", late)):
        if last:
            assert dues[activity] <= add(last, Interval(months=24))


# --- several services ----------------------------------------------------------------------------


def test_strictest_of_several_services():
    """K26: what several services bring is listed once, at the strictest frequency."""
    both = {"service_type": ["bread", "cakes"], "licensed": False, "staff": 2}
    found = item("tasting", both, [done("tasting", "2026-01-31")])
    assert found.due == D(2026, 4, 30)
    assert set(found.clauses) == {"B-010", "B-012"}
    assert item("soot_sweep", both).status == "as_required"


def test_plan_of_the_strictest_of_several_services():
    """K26: what is planned and judged is what is listed, however often it falls due till then."""
    cells = {
        "plain_bread": {"termly": "period_end"},
        "cakes": {"by_day": "last", "of": "same_month"},
    }
    matrix = {row: {"activities": {"tasting": [cell]}} for row, cell in cells.items()}
    framework = BREAD.amend({"matrix": matrix}).using(settings={"terms": TERMS})
    both = {"service_type": ["bread", "cakes"], "licensed": False, "contract_start": "2026-06-10"}
    on = D(2026, 6, 15)
    assert item("tasting", both, on=on, framework=framework).due == D(2026, 6, 30)
    assert plan(both, until=D(2026, 7, 20), on=on, framework=framework)["tasting"] == [
        D(2026, 6, 30)
    ]
    made = record(both, [done("tasting", "2026-06-12")], on=on)
    assert [(v.period, v.due) for v in framework.history(made, on=on)] == [
        ("2026-06", D(2026, 6, 30))
    ]


def test_each_service_brings_its_own():
    """K26: the provider gets the union of what each service brings."""
    both = {"service_type": ["bread", "mill"], "licensed": True, "milling": "yearly"}
    found = {i.activity for i in assess(both).schedule if i.status != "not_applicable"}
    assert {"flour_return", "mill_watch"} <= found


# --- decisions -----------------------------------------------------------------------------------


def sooner(every, **more):
    """Give a decision for an interval."""
    return {
        "decision": "sooner",
        "activity": "tasting",
        "every": every,
        "by": "taster",
        "on": "2026-01-01",
        **more,
    }


def test_shorter_interval_governs_and_a_longer_is_refused():
    """K21: a shorter interval governs until its end; a longer one is refused with its clause."""
    last = [done("tasting", "2025-08-31")]
    assert item("tasting", LICENSED, last, decisions=[sooner("6 months")]).due == D(2026, 2, 28)
    assert item(
        "tasting", LICENSED, last, decisions=[sooner("6 months", until="2026-03-01")]
    ).due == D(2026, 8, 31)
    refused = assess(LICENSED, last, decisions=[sooner("24 months")])
    assert next(i.due for i in refused.schedule if i.activity == "tasting") == D(2026, 8, 31)
    (note,) = [n for n in refused.notes if n.id == "refused"]
    assert "24 months" in note.text
    assert "B-010" in note.clauses


def test_shortest_of_several_decisions():
    """Of several shorter intervals the shortest governs, and another activity's does not."""
    last = [done("tasting", "2026-01-31")]
    decided = [
        sooner("6 months"),
        sooner("2 months"),
        {**sooner("1 month"), "activity": "self_report"},
    ]
    assert item("tasting", LICENSED, last, decisions=decided).due == D(2026, 3, 31)


def test_shorter_interval_of_rounds():
    """A shorter interval that a person set makes the rounds from an event shorter, and its plan ends."""
    tasted = [done("tasting", "2026-01-31")]
    decided = [{**sooner("1 month"), "activity": "follow_up"}]
    made = record(LICENSED, tasted, decisions=decided)
    assert BREAD.plan(made, on=ON, until=D(2026, 5, 31))["follow_up"] == [
        D(2026, 3, 31),
        D(2026, 4, 30),
        D(2026, 5, 31),
    ]
    assert item("follow_up", LICENSED, tasted, decisions=decided).due == D(2026, 2, 28)


def test_plan_of_turns_of_which_one_is_made_shorter():
    """A shorter interval of one activity brings on the turn of the other in its plan too."""
    decided = [{**sooner("2 months"), "activity": "late_look"}]
    made = record(CAKES, [done("oven_check", "2026-01-31")], decisions=decided)
    made = made.with_activity(Activity(activity="late_look", completed=D(2026, 2, 28)))
    found = BREAD.plan(made, on=ON, until=D(2027, 4, 30))
    assert found["late_look"][:2] == [D(2026, 4, 28), D(2026, 6, 28)]
    assert found["oven_check"] == []
    met = made.with_activity(Activity(activity="late_look", completed=D(2026, 4, 28)))
    later = BREAD.plan(met, on=D(2026, 4, 29), until=D(2027, 4, 30))
    assert (later["late_look"], later["oven_check"]) == (found["late_look"][1:], [])


def test_own_due_day():
    """K21: a due day that a person chose takes the place of the field's."""
    decided = [
        {
            "decision": "own_day",
            "activity": "stock_return",
            "day": 20,
            "by": "taster",
            "on": "2026-01-01",
        }
    ]
    received = [done("stock_return", "2026-02-01", period="2026-01")]
    assert item("stock_return", CAKES, received).asks == ("due_day",)
    assert told("stock_return", CAKES, received, decisions=decided)[0] == (
        "due_soon",
        "2026-02",
        D(2026, 3, 20),
    )


def test_extra_visits_until_they_are_held():
    """K21: visits that a person decided on are listed until as many have been held."""
    decided = [{"decision": "more_looks", "number": 2, "by": "taster", "on": "2026-01-01"}]
    first = [done("late_look", "2026-01-05")]
    (extra,) = [i for i in items("late_look", LICENSED, first, decisions=decided) if i.note]
    assert (extra.status, extra.note) == ("as_required", "1 of 2 still to be held")
    held = [*first, done("late_look", "2026-02-05")]
    assert not [i for i in items("late_look", LICENSED, held, decisions=decided) if i.note]
    early = [done("late_look", "2025-12-31")]
    assert [i.note for i in items("late_look", LICENSED, early, decisions=decided) if i.note] == [
        "2 of 2 still to be held"
    ]


# --- planned, scheduled, told --------------------------------------------------------------------


def test_planned_is_scheduled():
    """K22: what is arranged for today or later is scheduled, and moves no due date."""
    arranged = [
        {"activity": "tasting", "planned": d} for d in ("2026-02-01", "2026-06-01", "2026-05-01")
    ]
    found = item("tasting", LICENSED, [done("tasting", "2025-12-01"), *arranged])
    assert (found.planned, found.due, found.status, found.scheduled, found.live) == (
        D(2026, 5, 1), D(2026, 12, 1), "not_due", True, False,
    )  # fmt: skip
    assert found.day == D(2026, 5, 1)


def test_item_says_who_and_what_it_rests_on():
    """An item says who acts, how, with what force, and what it rests on."""
    found = items("flour_return", LICENSED, [done("flour_return", "2026-02-03", period="2026-01")])[
        0
    ]
    assert (found.owner, found.channel, found.required, found.clauses) == (
        "provider",
        "hatch",
        "minimum",
        ("B-005",),
    )
    assert found.readings == ("X-B-03",)
    assert "K19" in found.conventions
    assert item("tasting", LICENSED).force == "will"
    assert item("soot_sweep", {**LICENSED, "staff": 2}).required is None
    assert found.id == "flour_return@2026-02"


# --- plans ---------------------------------------------------------------------------------------


def test_plan_counts_each_date_from_the_one_before():
    """K2: a plan assumes each date met, and counts the next from it."""
    dates = plan(PLAIN, [done("tasting", "2025-08-31")], until=D(2027, 12, 31), on=D(2026, 2, 1))[
        "tasting"
    ]
    assert dates == [D(2026, 2, 28), D(2026, 8, 28), D(2027, 2, 28), D(2027, 8, 28)]


def test_plan_of_a_series():
    """A plan of a series holds every period not received that falls due."""
    received = [
        done("flour_return", "2026-02-03", period="2026-01"),
        done("flour_return", "2026-02-20", period="2026-03"),
    ]
    dates = plan(LICENSED, received, until=D(2026, 6, 8))["flour_return"]
    assert dates == [D(2026, 3, 8), D(2026, 5, 8), D(2026, 6, 8)]


def test_plan_of_turns():
    """K10: in a plan the two take turns, a year apart."""
    dates = plan(CAKES, [done("oven_check", "2025-06-01")], until=D(2029, 6, 1))
    assert dates["late_look"] == [D(2026, 6, 1), D(2028, 6, 1)]
    assert dates["oven_check"] == [D(2027, 6, 1), D(2029, 6, 1)]
    first = plan({**CAKES, "contract_start": "2026-01-31"}, until=D(2028, 12, 31))
    assert (first["oven_check"], first["late_look"]) == ([D(2027, 1, 31)], [D(2028, 1, 31)])


def test_plan_of_terms_and_of_what_is_unknown():
    """A plan holds the terms of the calendar, and nothing of what cannot be dated."""
    received = [done("menu_return", "2026-03-02", period="2026-spring")]
    dates = plan(CAKES, received, until=D(2027, 12, 31), settings={"terms": TERMS})
    assert dates["menu_return"] == [D(2026, 7, 17), D(2026, 12, 18)]
    assert plan(CAKES, until=D(2027, 1, 1))["menu_return"] == []
    assert plan(CAKES, until=D(2027, 1, 1))["riddle"] == []


def test_plan_under_a_decision():
    """A plan steps by the shorter interval that a person set."""
    made = record(LICENSED, [done("tasting", "2025-12-31")], decisions=[sooner("6 months")])
    dates = BREAD.plan(made, on=ON, until=D(2027, 6, 30))["tasting"]
    assert dates == [D(2026, 6, 30), D(2026, 12, 30), D(2027, 6, 30)]


@settings(deadline=None)
@given(st.dates(D(2025, 1, 1), ON), st.integers(0, 900))
def test_plan_lies_within_its_days_and_in_order(last, days):
    """Every plan is in order, within its days, and begins with what the schedule says is next."""
    until = ON + dt.timedelta(days=days)
    made = [done("tasting", last), done("flour_return", last)]
    dates = plan(LICENSED, made, until=until)
    for found in dates.values():
        assert found == sorted(set(found))
        assert all(ON <= d <= until for d in found)
    due = item("tasting", LICENSED, made).due
    if ON <= due <= until:
        assert dates["tasting"][0] == due


def test_plan_out_of_scope_is_empty():
    """Nothing is planned of what the framework does not reach."""
    assert plan({"service_type": "tea_room"}, until=D(2027, 1, 1)) == {}


# --- what is ahead -------------------------------------------------------------------------------


def ahead(often, activities):
    """Give what is ahead of a tasting that is as often as told."""
    cells = {"plain_bread": {"activities": {"tasting": [often]}}}
    made = record(PLAIN, activities)
    (one,) = [
        f for f in BREAD.amend({"matrix": cells}).forecast(made, on=ON) if f.activity == "tasting"
    ]
    return one.earliest, one.due, one.overdue, one.missed


def test_forecast_is_in_order():
    """Nothing is missed before it is overdue, and nothing is due before it can be done."""
    monthly = {"every": "1 month", "grace": "40 days"}
    last = [done("tasting", "2026-02-28")]
    assert ahead(monthly, last) == (D(2026, 3, 1), D(2026, 3, 28), D(2026, 5, 8), D(2026, 5, 8))
    just_one = {"at_least": 1, "at_most": 1, "within": "1 month"}
    assert ahead(just_one, last)[:2] == (D(2026, 3, 28), D(2026, 3, 28))


def test_rows_of_one_day_in_any_order():
    """Of records of one day the one that lacks nothing is the last, in whatever order they stand."""
    whole = done("flour_return", "2026-02-05", period="2026-01")
    rows = [whole, {**whole, "missing": ["receipt"]}]
    one, two = (told("flour_return", LICENSED, order) for order in (rows, rows[::-1]))
    assert one == two
    assert ("done", "2026-01", D(2026, 2, 8)) in one


def test_two_of_one_day():
    """Where a number must be done two of one day are two, when judged as when the next is due."""
    cells = {"plain_bread": {"activities": {"tasting": [{"at_least": 2, "within": "6 months"}]}}}
    framework = BREAD.amend({"matrix": cells})
    provider, twice = {**PLAIN, "contract_start": "2025-01-01"}, [done("tasting", "2025-06-01")] * 2
    assert item("tasting", provider, twice, framework=framework).due == D(2025, 12, 1)
    told_of = framework.history(record(provider, twice), on=ON)
    assert [v.verdict for v in told_of] == ["counted", "counted"]
    told_of = BREAD.history(record(provider, twice), on=ON)
    assert [v.verdict for v in told_of] == ["counted", "duplicate"]


# --- a cell that is several ----------------------------------------------------------------------


def test_cell_that_is_a_list():
    """A cell may be a list of cells, each an item of its own."""
    framework = BREAD.amend(
        {
            "matrix": {
                "no_row_mill": {
                    "activities": {
                        "tasting": [{"every": "12 months"}, {"attached_to": "mill_watch"}]
                    }
                }
            }
        }
    )
    found = items(
        "tasting", {"service_type": "mill"}, [done("tasting", "2026-01-01")], framework=framework
    )
    assert {(i.due, i.attached_to) for i in found} == {(D(2027, 1, 1), None), (None, "mill_watch")}


# --- decisions to do less ------------------------------------------------------------------------


def fewer(**spec):
    """Give the framework with fewer visits to decide on."""
    return BREAD.amend(
        {
            "vocabulary": {
                "decisions": {
                    "fewer": {
                        "effect": "reduce",
                        "label": "fewer visits",
                        "carries": {"number": "count"},
                        "clause": "B-011",
                        **spec,
                    }
                }
            }
        }
    )


@pytest.mark.parametrize(
    ("spec", "number", "note"),
    [
        ({}, 1, "reduced"),
        ({"only_when": {"licensed": True}}, 1, "reduced"),
        ({"only_when": {"licensed": False}}, 1, "refused"),
        ({"only_when": {"large": True}}, 1, "refused"),
        ({"floor": {"of": "number", "least": 2, "clause": "B-012"}}, 1, "refused"),
        ({"floor": {"of": "number", "least": 2, "clause": "B-012"}}, 2, "reduced"),
        (
            {
                "floor": {
                    "of": "number",
                    "least": 2,
                    "unless": {"licensed": True},
                    "clause": "B-012",
                }
            },
            1,
            "reduced",
        ),
    ],
)
def test_fewer_visits(spec, number, note):
    """K21: fewer visits stand where their condition holds and the floor is kept."""
    decided = [{"decision": "fewer", "number": number, "on": "2026-01-01", "by": "taster"}]
    found = assess(LICENSED, decisions=decided, framework=fewer(**spec))
    assert [n.id for n in found.notes if n.id in ("reduced", "refused")] == [note]
    assert any("fewer visits" in n.text for n in found.notes)


# --- corners -------------------------------------------------------------------------------------


def test_decision_for_the_very_interval():
    """An interval decided as long as the framework's own changes nothing and is not refused."""
    found = assess(LICENSED, [done("tasting", "2025-08-31")], decisions=[sooner("12 months")])
    assert next(i.due for i in found.schedule if i.activity == "tasting") == D(2026, 8, 31)
    assert not [n for n in found.notes if n.id == "refused"]


def test_turns_that_have_only_a_limit():
    """Of two that alternate within a limit alone each is due by its own."""
    limit = {
        "alternating_with": "oven_check",
        "every": {"remove": True},
        "each_within": "24 months",
    }
    framework = BREAD.amend(
        {
            "activities": {
                "late_look": limit,
                "oven_check": {**limit, "alternating_with": "late_look"},
            }
        }
    )
    found = {
        i.activity: i
        for i in assess(CAKES, [done("oven_check", "2025-06-01")], framework=framework).schedule
    }
    assert found["oven_check"].due == D(2027, 6, 1)
    assert (found["late_look"].status, found["late_look"].asks) == (
        "no_history",
        ("contract_start",),
    )


def test_calendar_that_has_run_out():
    """K11: where every term of the calendar is over, the next ones are asked for."""
    received = [done("menu_return", "2025-12-18", period="2025-autumn")]
    old = [{"name": "autumn", "start": "2025-09-01", "end": "2025-12-18"}]
    found = items("menu_return", CAKES, received, settings={"terms": old})
    assert ("ask", ("terms",)) in [(i.status, i.asks) for i in found]


def test_period_of_no_such_series():
    """A period that the series does not have is passed by, and what is outstanding stays so."""
    found = told(
        "flour_return",
        {**LICENSED, "contract_start": "2026-01-09"},
        [done("flour_return", "2026-02-03", period="2026-autumn")],
    )
    assert ("overdue", "2026-01", D(2026, 2, 8)) in found


@pytest.mark.parametrize("start", [None, "2026-02-20"])
def test_first_record_begins_the_series(start):
    """A record without a period begins the series with the period that had ended by then."""
    provider = {**LICENSED, **({"contract_start": start} if start else {})}
    found = told("flour_return", provider, [done("flour_return", "2026-02-21")])
    assert ("due_soon", "2026-02", D(2026, 3, 8)) in found or (
        "done",
        "2026-02",
        D(2026, 3, 8),
    ) in found
    assert not [f for f in found if f[0] == "overdue"]


def test_what_comes_more_often_is_the_stricter():
    """Of rules for one activity the one that comes most often stands, in whatever form it is told."""
    pack = load("adults").pack
    fields = {"service_type": frozenset({"care_home"}), "contract_start": dt.date(2024, 1, 1)}
    record = ProviderRecord(
        provider=Provider(id="p", fields=fields),
        activities=(Activity(activity="qm1", completed=dt.date(2026, 11, 1)),),
    )
    view = View(pack, record, dt.date(2026, 11, 22), {})
    rules = [
        {"every": "12 months"},
        {"at_least": 2, "within": "12 months"},
        {"at_least": 4, "in_each": "calendar_year"},
    ]
    own = [Obligation("qm1", parse(raw)[0], "minimum", None) for raw in rules]
    assert strictest(view, own) is own[2]
    assert strictest(view, own[:2]) is own[1]
