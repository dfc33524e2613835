"""What has been done, judged record by record: each verdict with its due date and its clauses."""

import datetime as dt

import pytest

from qaf_rules.history import VERDICTS
from qaf_rules.model import Activity

D = dt.date
ON = D(2026, 11, 2)
YEARLY = {"every": "12 months"}
TWICE = {"at_least": 2, "within": "6 months"}
RETURN = {"by_day": 8, "returns": "log"}


def judged(framework, record, on=ON):
    """Give each verdict on the activity that recurs in short."""
    return [
        (v.verdict, v.due, v.days, v.period)
        for v in framework.history(record, on=on)
        if v.activity == "own"
    ]


def own(day=None, **more):
    """Give a record of the activity that recurs."""
    return Activity(activity="own", completed=day, **more)


# --- one date at a time --------------------------------------------------------------------------


def test_in_time_and_late(harbour, boat):
    """The first counts from the start; each next one from the one before, early or late."""
    record = boat(
        own(D(2024, 1, 31)),
        own(D(2024, 12, 1)),
        own(D(2025, 12, 2)),
        own(D(2026, 11, 1)),
        contract_start=D(2023, 1, 31),
    )
    assert judged(harbour(YEARLY), record) == [
        ("counted", D(2024, 1, 31), 0, None),
        ("counted", D(2025, 1, 31), -61, None),
        ("late", D(2025, 12, 1), 1, None),
        ("counted", D(2026, 12, 2), -31, None),
    ]


def test_a_verdict_in_words_with_its_clauses(harbour, boat):
    """A verdict says how late it was, and cites the clauses and conventions of its rule."""
    framework = harbour({**YEARLY, "conventions": "K2"})
    record = boat(own(D(2025, 1, 1)), own(D(2026, 1, 2)), own(D(2027, 1, 12)))
    first, second, third = framework.history(record, on=D(2027, 2, 1))
    assert [first.text, second.text, third.text] == [
        "counted for its due date",
        "was late by 1 day",
        "was late by 10 days",
    ]
    assert (first.due, first.days) == (None, None)  # nothing says from when it was due
    assert (second.activity, second.clauses, second.conventions) == ("own", ("B-06",), ("K2",))


def test_days_of_grace_are_no_lateness(harbour, boat):
    """Done on the last day of grace it counts, on the day after it was late by all of them."""
    framework = harbour(YEARLY, dates={"grace": "5 days"})
    for day, verdict, days in ((D(2026, 2, 5), "counted", 5), (D(2026, 2, 6), "late", 6)):
        record = boat(own(D(2025, 1, 31)), own(day))
        assert judged(framework, record)[1] == (verdict, D(2026, 1, 31), days, None)


@pytest.mark.parametrize(
    ("early", "first_day"),
    [("3 months", D(2026, 2, 28)), ("10 working days", D(2026, 5, 15)), ("30 days", D(2026, 5, 1))],
)
def test_earlier_than_is_sensible(harbour, boat, early, first_day):
    """Longer before 31 May than the pack says is early, on the first sensible day it is not.

    Ten working days before 31 May 2026: 29, 28, 27, 26, (25 is a bank holiday) 22, 21, 20, 19, 18
    and 15 May.
    """
    framework = harbour(YEARLY, dates={"early": early})
    begun = own(D(2025, 5, 31))
    due = D(2026, 5, 31)
    eve = first_day - dt.timedelta(days=1)
    assert judged(framework, boat(begun, own(first_day)))[1][:2] == ("counted", due)
    assert judged(framework, boat(begun, own(eve)))[1][:2] == ("early", due)
    (planned,) = framework.planned(boat(begun), on=D(2026, 1, 1), until=due)["own"]
    assert planned.earliest == first_day


def test_what_repeats_or_is_only_arranged_or_came_before_the_start(harbour, boat):
    """A second of one day repeats the first; arranged is not done; before the start is nothing."""
    record = boat(
        own(D(2024, 6, 1)),
        own(D(2025, 6, 1)),
        own(D(2025, 6, 1)),
        own(planned=D(2026, 12, 1)),
        own(requested=D(2026, 10, 1)),
        contract_start=D(2025, 1, 1),
    )
    found = judged(harbour(YEARLY), record)
    assert sorted(found, key=str) == sorted(
        [
            ("before_start", None, None, None),
            ("counted", D(2026, 1, 1), -214, None),
            ("duplicate", None, None, None),
            ("planned", None, None, None),
            ("planned", None, None, None),
        ],
        key=str,
    )


def test_what_is_as_required_or_of_no_row(harbour, boat):
    """What is as required, or what the provider's row does not bring, was done without having to be."""
    record = boat(
        ("other", D(2026, 1, 1)),
        ("swim", D(2026, 1, 2)),
        Activity(activity="swim", planned=D(2026, 12, 1)),
        Activity(activity="other", planned=D(2026, 12, 1)),
    )
    verdicts = [(v.activity, v.verdict) for v in harbour(YEARLY).history(record, on=ON)]
    assert verdicts == [
        ("swim", "not_due"),
        ("swim", "planned"),
        ("other", "not_due"),
        ("other", "planned"),
    ]


def test_a_maximum_alone_makes_nothing_due(harbour, boat):
    """What is done under a maximum alone was never due."""
    for raw, verdict in (
        ({"at_most": 1, "within": "1 month"}, "counted"),
        ({"at_most": 1, "in_each": "calendar_year"}, "not_due"),
    ):
        assert judged(harbour(raw), boat(own(D(2026, 1, 1)))) == [(verdict, None, None, None)]


def test_a_return_that_lacks_something(harbour, boat):
    """A return that came without something is incomplete, and the next counts from one that lacked none."""
    framework = harbour({**YEARLY, "returns": "log"})
    record = boat(own(D(2025, 1, 31)), own(D(2026, 1, 20), missing=("photo",)), own(D(2026, 2, 1)))
    assert [v[:3] for v in judged(framework, record)] == [
        ("counted", None, None),
        ("incomplete", None, None),
        ("late", D(2026, 1, 31), 1),
    ]


def test_whose_turn_it_was(harbour, boat):
    """Two in a row of the same are one too many; the other's turn was next."""
    framework = harbour({"alternating_with": "other", **YEARLY})
    record = boat(own(D(2024, 1, 31)), ("other", D(2025, 1, 31)), own(D(2026, 1, 31)))
    assert judged(framework, record) == [
        ("counted", None, None, None),
        ("counted", D(2026, 1, 31), 0, None),
    ]
    twice = boat(("other", D(2024, 1, 31)), own(D(2025, 1, 31)), own(D(2026, 1, 31)))
    first, second = [v for v in framework.history(twice, on=ON) if v.activity == "own"]
    assert (first.verdict, first.due) == ("counted", D(2025, 1, 31))
    assert (second.verdict, second.due, second.days) == ("wrong_turn", D(2027, 1, 31), None)
    assert "K10" in second.conventions


def test_whose_turn_it_was_when_the_other_was_never_held(harbour, boat):
    """After the first of all it is the other's turn; the first of all was nobody's."""
    framework = harbour({"alternating_with": "look", **YEARLY})  # in the pack's order look is first
    record = boat(own(D(2024, 1, 31)), own(D(2025, 1, 31)))
    assert [v[0] for v in judged(framework, record)] == ["counted", "wrong_turn"]


def test_rounds_and_what_is_unknown(harbour, boat):
    """What counts from an event is judged by the event before it; from an unknown date it counts."""
    rounds = harbour({"every": "6 months", "from": "other"})
    events = ("other", D(2025, 1, 31)), ("other", D(2026, 2, 5))
    record = boat(*events, own(D(2025, 3, 1)), own(D(2026, 2, 1)))
    assert judged(rounds, record) == [
        ("counted", D(2025, 7, 31), -152, None),
        ("late", D(2026, 1, 31), 1, None),
    ]
    dated = harbour({"every": "6 months", "from": "published"})
    assert judged(dated, boat(own(D(2025, 8, 1)))) == [("counted", None, None, None)]


def test_once_on_the_very_day_of_its_event(harbour, boat):
    """Done on the day of the event it counts for that event, and hours by the time of then."""
    once = harbour({"once": {"within": "20 hours", "of": "other"}})
    early = Activity(activity="other", completed=D(2026, 1, 10), time="09:00")
    late = Activity(activity="other", completed=D(2026, 6, 10), time="01:00")
    record = boat(early, own(D(2026, 1, 10)), late, own(D(2026, 6, 12)), own(D(2026, 6, 13)))
    assert judged(once, record) == [
        ("counted", D(2026, 1, 11), -1, None),
        ("late", D(2026, 6, 10), 2, None),
        ("counted", None, None, None),
    ]
    without = boat(own(D(2026, 1, 9)), early)
    assert judged(once, without) == [("counted", None, None, None)]


def test_the_first_on_record_is_not_late(harbour, boat):
    """What came before the first on record is not known, so it is not late, however long after."""
    record = boat(own(D(2026, 2, 1)), own(D(2027, 2, 2)), contract_start=D(2025, 1, 31))
    assert judged(harbour(YEARLY), record, D(2027, 3, 1)) == [
        ("first", None, None, None),
        ("late", D(2027, 2, 1), 1, None),
    ]
    in_time = boat(own(D(2026, 1, 31)), contract_start=D(2025, 1, 31))
    assert judged(harbour(YEARLY), in_time) == [("counted", D(2026, 1, 31), 0, None)]


@pytest.mark.parametrize(
    "many", [TWICE, {"sooner_of": [TWICE, YEARLY]}, {"later_of": [TWICE, YEARLY]}]
)
def test_where_a_number_is_asked_for_two_of_one_day_are_two(harbour, boat, many):
    """Two in each half year may be done on one day; where one is asked for the second repeats it."""
    record = boat(own(D(2026, 1, 10)), own(D(2026, 1, 10)))
    assert [v[0] for v in judged(harbour(many), record)] == ["counted", "counted"]
    once = harbour({"at_least": 1, "within": "6 months"})
    assert [v[0] for v in judged(once, record)] == ["counted", "duplicate"]


def test_a_notified_deadline_governs(harbour, boat):
    """A deadline that was notified before governs the next one done, and only that one."""
    framework = harbour({**YEARLY, "deadline": "notified"})
    told = own(notified=D(2026, 1, 5), planned=D(2026, 4, 1), deadline=D(2026, 4, 24))
    record = boat(own(D(2025, 2, 10)), told, own(D(2026, 4, 20)))
    verdicts = judged(framework, record)
    assert ("counted", D(2026, 4, 24), -4, None) in verdicts
    after = boat(own(D(2025, 2, 10)), own(D(2026, 1, 4)), told)
    assert ("counted", D(2026, 2, 10), -37, None) in judged(framework, after)
    plain = harbour(YEARLY)
    assert ("late", D(2026, 2, 10), 69, None) in judged(plain, record)


def test_a_deadline_of_what_is_as_required(harbour, boat):
    """What is as required has no due date but a deadline that was notified since the last one."""
    framework = harbour({"as_required": True, "deadline": "notified"})
    told = own(notified=D(2026, 1, 5), planned=D(2026, 4, 1), deadline=D(2026, 4, 24))
    record = boat(own(D(2025, 2, 10)), told, own(D(2026, 4, 25)), own(D(2026, 5, 1)))
    assert [v for v in judged(framework, record) if v[0] != "planned"] == [
        ("not_due", None, None, None),
        ("late", D(2026, 4, 24), 1, None),
        ("not_due", None, None, None),
    ]


# --- series --------------------------------------------------------------------------------------


def test_a_series_period_by_period(harbour, boat):
    """Each return counts for its period: named, or the earliest outstanding; late, twice, or none of it."""
    record = boat(
        own(D(2026, 2, 8), period="2026-01"),
        own(D(2026, 3, 9)),  # February's, a day late
        own(D(2026, 3, 10), period="2026-01"),
        own(D(2026, 4, 8), period="2026-03", missing=("photo",)),
        own(D(2026, 5, 1), period="Q1"),
        own(D(2026, 5, 2), period="2026-03"),
        own(planned=D(2026, 12, 1), period="2026-11"),
    )
    found = judged(harbour(RETURN), record)
    assert found[:6] == [
        ("counted", D(2026, 2, 8), 0, "2026-01"),
        ("late", D(2026, 3, 8), 1, "2026-02"),
        ("duplicate", None, None, None),
        ("incomplete", None, None, "2026-03"),
        ("no_such_period", None, None, "Q1"),
        ("late", D(2026, 4, 8), 24, "2026-03"),
    ]
    assert found[6:] == [("planned", None, None, None)]


def test_what_lacks_something_is_incomplete_in_every_series(harbour, boat):
    """A record of a series that lacks something is incomplete whether or not it is a return."""
    record = boat(own(D(2026, 2, 8), period="2026-01", missing=("photo",)))
    assert judged(harbour({"by_day": 8}), record) == [("incomplete", None, None, "2026-01")]


def test_more_than_the_year_asks_for(harbour, boat):
    """Of a year that asks for one the second was not due; the year that asks has it counted."""
    framework = harbour({"at_least": 1, "in_each": "calendar_year"})
    record = boat(own(D(2026, 2, 1)), own(D(2026, 3, 1)), contract_start=D(2026, 1, 1))
    assert judged(framework, record) == [
        ("counted", D(2026, 12, 31), -333, "2026/1"),
        ("not_due", None, None, None),
    ]


def test_a_series_without_its_calendar(harbour, boat):
    """Without the calendar of terms a named term is none that is known, and an unnamed is not due."""
    framework = harbour({"termly": "period_end"})
    named = boat(own(D(2026, 12, 18), period="2026-autumn"))
    assert judged(framework, named, D(2026, 12, 31)) == [
        ("no_such_period", None, None, "2026-autumn")
    ]
    assert judged(framework, boat(own(D(2026, 10, 1)))) == [("not_due", None, None, None)]


def test_only_incomplete_ones_begin_no_series(harbour, boat):
    """Where nothing whole was ever received, and the start is not known, there are no periods."""
    record = boat(own(D(2026, 2, 8), missing=("photo",)), own(planned=D(2026, 12, 1)))
    assert [v[0] for v in judged(harbour(RETURN), record)] == ["incomplete", "planned"]


# --- the whole -----------------------------------------------------------------------------------


def test_the_packs_order(harbour, boat):
    """Verdicts come in the pack's order of activities, each activity's by day."""
    record = boat(("third", D(2026, 1, 1)), own(D(2026, 3, 1)), own(D(2026, 2, 1)))
    verdicts = harbour(YEARLY).history(record, on=ON)
    assert [(v.activity, v.record.completed) for v in verdicts] == [
        ("own", D(2026, 2, 1)),
        ("own", D(2026, 3, 1)),
        ("third", D(2026, 1, 1)),
    ]


def test_nothing_is_judged_by_what_came_later(harbour, boat):
    """What is done after the day of the question is not known on it."""
    record = boat(own(D(2025, 1, 1)), own(D(2026, 12, 1)))
    assert [v[0] for v in judged(harbour(YEARLY), record)] == ["counted"]


def test_out_of_scope_nothing_had_to_be_done(harbour, boat):
    """What was done with what is no boat was done without having to be."""
    record = boat(own(D(2026, 1, 1)), service_type="house")
    assert judged(harbour(YEARLY), record) == [("not_due", None, None, None)]


def test_every_verdict_has_its_words():
    """Each verdict reads on after the name of what was done."""
    assert all(
        text.split()[0] in ("counted", "was", "is", "repeats", "lacks", "names")
        for text in VERDICTS.values()
    )
