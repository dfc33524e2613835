"""The plan of a provider, and what lies ahead of each item of its schedule."""

import datetime as dt
from pathlib import Path

import pytest

from qaf_rules.engine import load
from qaf_rules.model import Activity, Decision
from qaf_rules.plan import Planned

D = dt.date
ON = D(2026, 3, 2)
YEARLY = {"every": "12 months"}
MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
ANSWER = Decision(decision="answer", on=D(2026, 1, 1), carries={"to": "X-1", "value": "calendar"})
TERMS = [
    {"name": "spring", "start": "2026-01-05", "end": "2026-03-27"},
    {"name": "summer", "start": "2026-04-13", "end": "2026-07-17"},
]


def own(day=None, **more):
    """Give a record of the activity that recurs."""
    return Activity(activity="own", completed=day, **more)


def planned(framework, record, until, on=ON):
    """Give what is planned of the activity that recurs."""
    return framework.planned(record, on=on, until=until)["own"]


def windows(*args, **options):
    """Give the first sensible day and the due date of each."""
    return [(p.earliest, p.due) for p in planned(*args, **options)]


def ahead(framework, record, on=ON):
    """Give what lies ahead of the activity that recurs."""
    return [f for f in framework.forecast(record, on=on) if f.activity == "own"]


def told(*args, **options):
    """Give what lies ahead in short: earliest, due, overdue, missed."""
    return [(f.earliest, f.due, f.overdue, f.missed) for f in ahead(*args, **options)]


# --- one date at a time --------------------------------------------------------------------------


def test_each_due_date_is_counted_from_the_one_before(harbour, boat):
    """What is overdue comes first; each next one counts from the one before, met on its day."""
    record = boat(own(D(2025, 1, 31)))
    assert planned(harbour(YEARLY), record, D(2028, 1, 31)) == [
        Planned("own", D(2026, 1, 31), D(2025, 2, 1), None, "mate", ("B-06",)),
        Planned("own", D(2027, 1, 31), D(2026, 2, 1), None, "mate", ("B-06",)),
        Planned("own", D(2028, 1, 31), D(2027, 2, 1), None, "mate", ("B-06",)),
    ]
    assert harbour(YEARLY).plan(record, on=ON, until=D(2028, 1, 30))["own"] == [D(2027, 1, 31)]


def test_a_moved_date_counts_on_from_where_it_was_moved(harbour, boat):
    """28 February 2026 is a Saturday: the month after counts from Monday 2 March."""
    framework = harbour({"every": "1 month"}, dates={"roll": "next_working_day"})
    record = boat(own(D(2026, 1, 28)))
    assert framework.plan(record, on=ON, until=D(2026, 6, 30))["own"] == [
        D(2026, 3, 2),
        D(2026, 4, 2),
        D(2026, 5, 5),  # the 2nd is a Saturday, the 4th a bank holiday
        D(2026, 6, 5),
    ]


def test_the_first_sensible_day(harbour, boat):
    """One is sensible from the day after the last, or the start, or no earlier than the pack says."""
    done, begun = boat(own(D(2025, 5, 31))), boat(contract_start=D(2025, 5, 31))
    until = D(2026, 5, 31)
    assert windows(harbour(YEARLY), done, until) == [(D(2025, 6, 1), until)]
    assert windows(harbour(YEARLY), begun, until) == [(D(2025, 5, 31), until)]
    early = harbour(YEARLY, dates={"early": "3 months"})
    assert windows(early, done, until) == [(D(2026, 2, 28), until)]


def test_a_maximum_keeps_the_first_sensible_day_back(harbour, boat):
    """With two in half a year a third is sensible only when the first of them is half a year old."""
    both = {"at_least": 1, "at_most": 2, "within": "6 months"}
    record = boat(own(D(2026, 1, 10)), own(D(2026, 2, 20)))
    assert windows(harbour(both), record, D(2026, 8, 20)) == [(D(2026, 7, 11), D(2026, 8, 20))]
    one = boat(own(D(2026, 2, 20)))
    assert windows(harbour(both), one, D(2026, 8, 20)) == [(D(2026, 2, 21), D(2026, 8, 20))]


def test_a_deadline_governs_the_first_and_the_next_counts_from_it(harbour, boat):
    """A notified deadline is the first due date; a year later the next is due."""
    framework = harbour({**YEARLY, "deadline": "notified"})
    notified = own(notified=D(2026, 2, 1), planned=D(2026, 4, 1), deadline=D(2026, 4, 24))
    record = boat(own(D(2025, 6, 1)), notified)
    assert framework.plan(record, on=ON, until=D(2027, 12, 31))["own"] == [
        D(2026, 4, 24),
        D(2027, 4, 24),
    ]


def test_a_deadline_governs_through_a_change(harbour, boat):
    """A notified deadline stands in the plan too where the frequency changes."""
    changed = {"on": "2026-04-01", "was": YEARLY}
    framework = harbour({"every": "24 months", "deadline": "notified", "changed": changed})
    notified = own(notified=D(2026, 2, 1), planned=D(2026, 4, 1), deadline=D(2026, 4, 24))
    record = boat(own(D(2025, 9, 10)), notified)
    assert framework.plan(record, on=ON, until=D(2028, 12, 31))["own"] == [
        D(2026, 4, 24),
        D(2028, 4, 24),
    ]


def test_the_moment_of_a_deadline_in_hours(harbour, boat):
    """Once has one due date, with its moment, and none when it was done."""
    once = harbour({"once": {"within": "24 hours", "of": "other"}})
    event = Activity(activity="other", completed=D(2026, 3, 1), time="09:30")
    (one,) = planned(once, boat(event), D(2026, 12, 31))
    assert (one.due, one.due_at.isoformat()) == (D(2026, 3, 2), "2026-03-02T09:30:00+00:00")
    assert planned(once, boat(event, own(D(2026, 3, 1))), D(2026, 12, 31)) == []
    assert planned(once, boat(), D(2026, 12, 31)) == []


def test_the_plan_looks_beyond_a_change(harbour, boat):
    """Yearly until April 2026 and every two years after: the plan of March knows it."""
    changed = {"on": "2026-04-01", "was": YEARLY}
    framework = harbour({"every": "24 months", "changed": changed})
    assert framework.plan(boat(own(D(2025, 9, 10))), on=ON, until=D(2030, 12, 31))["own"] == [
        D(2026, 9, 10),
        D(2028, 9, 10),
        D(2030, 9, 10),
    ]


def test_turns_are_planned_together(harbour, boat):
    """Two take turns a year apart: the one is due when the other is not."""
    framework = harbour(
        {"alternating_with": "other", **YEARLY},
        other={"name": "Other", "alternating_with": "own", **YEARLY},
    )
    record = boat(own(D(2025, 6, 1)))
    until = D(2029, 12, 31)
    plan = framework.plan(record, on=ON, until=until)
    assert plan["other"] == [D(2026, 6, 1), D(2028, 6, 1)]
    assert plan["own"] == [D(2027, 6, 1), D(2029, 6, 1)]
    nothing = framework.plan(boat(), on=ON, until=until)
    assert (nothing["own"], nothing["other"]) == ([], [])


def test_turns_within_a_shorter_interval_of_a_person(harbour, boat):
    """A person's shorter interval brings the own turn forward, and the other's counts from there."""
    framework = harbour({"alternating_with": "other", **YEARLY})
    carries = {"activity": "own", "every": "6 months"}
    decision = Decision(decision="sooner", on=D(2026, 1, 1), carries=carries)
    record = boat(own(D(2026, 1, 31)), decisions=(decision,))
    assert framework.plan(record, on=ON, until=D(2026, 12, 31))["own"] == [D(2026, 7, 31)]


@pytest.mark.parametrize(
    "raw",
    [
        {"as_required": True},
        {"ask": ["deck"]},
        {"every": {"value": "own_every"}},
        {"at_most": 2, "within": "1 year"},
        {"at_most": 2, "in_each": "calendar_year"},
        {"half_termly": "period_end"},
    ],
)
def test_what_has_no_date_or_is_unknown_is_not_planned(harbour, boat, raw):
    """What has no date of its own, or cannot be dated yet, is in the plan without a date."""
    assert planned(harbour(raw), boat(own(D(2026, 1, 1))), D(2027, 1, 1)) == []


def test_what_may_not_apply_is_not_planned(harbour, boat):
    """What a supplement brings is planned only when it is known to apply."""
    framework = harbour({"as_required": True}).amend(
        {
            "supplements": {
                "big": {"when": {"large": True}, "activities": {"rate": {"every": "1 year"}}}
            }
        }
    )
    done = ("rate", D(2026, 1, 1))
    plan = framework.plan(boat(done), on=ON, until=D(2027, 1, 1))
    assert plan["rate"] == []
    (item,) = [i for i in framework.assess(boat(done), on=ON).schedule if i.activity == "rate"]
    assert (item.status, item.asks) == ("ask", ())  # the pack has no question about it
    sure = framework.plan(boat(done, large=True), on=ON, until=D(2027, 1, 1))
    assert sure["rate"] == [D(2027, 1, 1)]


@pytest.mark.parametrize(
    ("decisions", "due"),
    [((), D(2026, 3, 3)), ((ANSWER,), D(2026, 12, 31))],
)
def test_a_reading_that_a_person_chose_holds_for_the_provider(boat, decisions, due):
    """An answered ambiguity governs the plan, what lies ahead, and how history is judged."""
    framework = load(MINIMAL)
    looked = [("look", D(2025, 3, 3)), ("look", D(2026, 3, 3))]
    first = boat(looked[0], decisions=decisions)
    (planned_one,) = framework.planned(first, on=ON, until=D(2026, 12, 31))["look"]
    (ahead_one,) = [f for f in framework.forecast(first, on=ON) if f.activity == "look"]
    _, judged_one = framework.history(boat(*looked, decisions=decisions), on=D(2026, 3, 3))
    assert planned_one.due == ahead_one.due == judged_one.due == due


def test_out_of_scope_nothing_is_planned_nor_ahead(harbour, boat):
    """Of what is no boat there is no plan and nothing lies ahead."""
    house = boat(own(D(2025, 1, 1)), service_type="house")
    framework = harbour(YEARLY)
    assert framework.planned(house, on=ON, until=D(2027, 1, 1)) == {}
    assert framework.forecast(house, on=ON) == ()


# --- series --------------------------------------------------------------------------------------


def test_the_periods_of_a_series(harbour, boat):
    """Each outstanding period has its label; its data is there only when the period has ended."""
    framework = harbour({"by_day": 8, "returns": "log", "owner": "captain"})
    record = boat(own(D(2025, 12, 8), period="2025-11"), own(D(2026, 2, 8), missing=("photo",)))
    assert planned(framework, record, D(2026, 4, 8)) == [
        Planned("own", D(2026, 1, 8), D(2026, 1, 1), "2025-12", "captain", ("B-06",)),
        Planned("own", D(2026, 2, 8), D(2026, 2, 1), "2026-01", "captain", ("B-06",)),
        Planned("own", D(2026, 3, 8), D(2026, 3, 1), "2026-02", "captain", ("B-06",)),
        Planned("own", D(2026, 4, 8), D(2026, 4, 1), "2026-03", "captain", ("B-06",)),
    ]


def test_a_period_that_is_due_on_its_last_day_may_be_met_while_it_runs(harbour, boat):
    """What is due when its period ends is sensible from its first day, or as early as is said."""
    terms = {"terms": TERMS}
    termly = harbour({"termly": "period_end"}, settings=terms)
    record = boat(own(D(2026, 3, 1), period="2026-spring"))
    assert windows(termly, record, D(2026, 12, 31)) == [(D(2026, 3, 28), D(2026, 7, 17))]
    early = harbour({"termly": "period_end"}, dates={"early": "14 days"}, settings=terms)
    assert windows(early, record, D(2026, 12, 31)) == [(D(2026, 7, 3), D(2026, 7, 17))]


def test_a_series_of_which_nothing_is_known_begins_today(harbour, boat):
    """Where neither a record nor the start is known only what is still to come is planned."""
    assert [p.period for p in planned(harbour({"by_day": 8}), boat(), D(2026, 4, 30))] == [
        "2026-02",
        "2026-03",
    ]


# --- what lies ahead -----------------------------------------------------------------------------


def test_what_lies_ahead_of_one_date(harbour, boat):
    """It can be done from the day after the last, is overdue after grace, missed after the next."""
    framework = harbour(YEARLY, dates={"grace": "5 days"})
    (found,) = ahead(framework, boat(own(D(2025, 5, 31))))
    assert (found.status, found.period, found.clauses) == ("not_due", None, ("B-06",))
    assert (found.earliest, found.due) == (D(2025, 6, 1), D(2026, 5, 31))
    assert (found.overdue, found.missed) == (D(2026, 6, 6), D(2027, 6, 1))


def test_what_lies_ahead_under_a_minimum_and_a_maximum(harbour, boat):
    """A maximum alone says from when another is sensible; beside a minimum it keeps the day back."""
    record = boat(own(D(2026, 1, 10)), own(D(2026, 2, 20)))
    most = harbour({"at_most": 2, "within": "6 months"})
    assert told(most, record) == [(D(2026, 7, 11), None, None, None)]
    yearly = harbour({"at_most": 2, "in_each": "financial_year"})
    assert told(yearly, record) == [(D(2026, 4, 1), None, None, None)]
    both = harbour({"at_least": 1, "at_most": 2, "within": "6 months"})
    assert told(both, record) == [(D(2026, 7, 11), D(2026, 8, 20), D(2026, 8, 21), D(2027, 2, 21))]


def test_what_lies_ahead_of_a_series(harbour, boat):
    """A return is sensible once its month is over, and missed once the next is late too."""
    record = boat(own(D(2026, 2, 8), period="2026-01"))
    assert told(harbour({"by_day": 8, "returns": "log"}), record) == [
        (D(2026, 3, 1), D(2026, 3, 8), D(2026, 3, 9), D(2026, 4, 9))
    ]


def test_what_lies_ahead_of_the_last_term(harbour, boat):
    """Of the last term of the calendar nobody can say when it is missed; the next is asked for."""
    framework = harbour({"termly": "period_end"}, settings={"terms": TERMS})
    record = boat(own(D(2026, 3, 1), period="2026-spring"))
    assert told(framework, record) == [(D(2026, 3, 28), D(2026, 7, 17), D(2026, 7, 18), None)]
    overdue, beyond = ahead(framework, record, D(2026, 8, 1))
    assert (overdue.status, beyond.status, beyond.due) == ("overdue", "ask", None)


def test_what_lies_ahead_of_a_deadline(harbour, boat):
    """A deadline is ahead where nothing else is known: of what is as required, or not yet dated."""
    notified = own(notified=D(2026, 2, 1), planned=D(2026, 4, 1), deadline=D(2026, 4, 24))
    for raw in (
        {"as_required": True, "deadline": "notified"},
        {"every": {"value": "own_every"}, "deadline": "notified"},
    ):
        assert told(harbour(raw), boat(notified)) == [(None, D(2026, 4, 24), D(2026, 4, 25), None)]


def test_once_is_missed_never_for_there_is_no_next(harbour, boat):
    """After once nothing follows, so it is only overdue; done, nothing lies ahead."""
    once = harbour({"once": {"within": "28 days", "of": "other"}})
    event = ("other", D(2026, 2, 20))
    assert told(once, boat(event, contract_start=D(2026, 1, 1))) == [
        (D(2026, 1, 1), D(2026, 3, 20), D(2026, 3, 21), None)
    ]
    assert told(once, boat(event, own(D(2026, 2, 21)))) == []


def test_what_a_person_ordered_lies_ahead_without_a_date(harbour, boat):
    """Extra visits that a person decided on are ahead without a date, and so is what is asked."""
    framework = harbour({"ask": ["deck"]}).amend(
        {
            "vocabulary": {
                "decisions": {"more": {"effect": "extra", "carries": {"number": "count"}}}
            },
            "actions": {
                "swim_more": {
                    "text": "Swim more",
                    "owner": "mate",
                    "standing": True,
                    "enough": {"records": "swim", "decision": "more", "number": "number"},
                    "triggers": [{"when": {"decision": "more"}, "force": "will", "clause": "B-08"}],
                }
            },
        }
    )
    decided = Decision(decision="more", on=D(2026, 1, 1), carries={"number": 2})
    found = {f.activity: f for f in framework.forecast(boat(decisions=(decided,)), on=ON)}
    assert (found["own"].status, found["own"].earliest, found["own"].due) == ("ask", None, None)
    assert (found["swim"].status, found["swim"].due) == ("as_required", None)
