"""A register's plan: what falls due when and to whom, and what is proposed within a capacity."""

import datetime as dt

import pytest

from qaf_rules.workdays import is_working_day
from qaf_rules.workload import NOBODY, Workload, workload

D = dt.date
ON = D(2026, 3, 2)  # a Monday
UNTIL = D(2026, 12, 31)
YEARLY = {"every": "12 months"}
VISITS = {"workload": {"counts": ["own"], "ranking": ["large", "due_day"]}}


def made(framework, *records, on=ON, until=UNTIL, **options):
    """Plan some boats."""
    return workload(framework, records, on=on, until=until, **options)


def proposed(found):
    """Give what is proposed: the boat, its due date and the day."""
    return [(due.provider, due.due, due.proposed) for due in found.dues]


@pytest.fixture
def port(harbour):
    """Give a framework in which a yearly visit takes an officer's time."""
    return harbour(YEARLY, identity=VISITS)


# --- what falls due ------------------------------------------------------------------------------


def test_what_falls_due_by_date(port, boat):
    """Every due date of every boat is there by date, with its name, its window and its clauses."""
    gull = boat(("own", D(2025, 9, 30)), called="gull", name="Gull")
    tern = boat(("own", D(2025, 6, 1)), called="tern")
    first, second = made(port, gull, tern).dues
    assert (first.provider, first.name, first.due) == ("tern", None, D(2026, 6, 1))
    assert (second.provider, second.name, second.due) == ("gull", "Gull", D(2026, 9, 30))
    assert (second.activity, second.text, second.month) == ("own", "Own", "2026-09")
    assert (second.earliest, second.late, second.proposed) == (D(2025, 10, 1), False, None)
    assert (second.officer, second.clauses, second.period) == ("mate", ("B-06",), None)


def test_counted_by_month_activity_officer_and_provider(harbour, boat):
    """Due dates are counted by any of these; who is not named is nobody."""
    framework = harbour({"every": "6 months"}, other={"name": "Other", **YEARLY})
    gull = boat(("own", D(2025, 12, 1)), ("other", D(2025, 6, 1)), called="gull")
    tern = boat(("own", D(2026, 1, 1)), called="tern")
    found = made(framework, gull, tern)
    assert found.by("month") == {("2026-06",): 2, ("2026-07",): 1, ("2026-12",): 1}
    assert found.by("activity", "officer") == {("other", NOBODY): 1, ("own", "mate"): 3}
    assert found.by("provider") == {("gull",): 3, ("tern",): 1}


def test_the_months_of_a_plan():
    """A plan has every month from its first day's to its last day's, over the turn of the year."""
    found = Workload(D(2026, 11, 22), D(2027, 2, 1), ())
    assert found.months == ("2026-11", "2026-12", "2027-01", "2027-02")


def test_officers_are_given_or_the_packs(port, boat):
    """Whose work a provider is may be given; else it is the owner's that the pack names."""
    last = ("own", D(2025, 9, 30))
    found = made(
        port, boat(last, called="gull"), boat(last, called="tern"), officers={"tern": "eve"}
    )
    assert [(due.provider, due.officer) for due in found.dues] == [
        ("gull", "mate"),
        ("tern", "eve"),
    ]


def test_what_is_overdue_is_marked_and_told(port, boat):
    """What was due before the plan is late, and without a capacity it alone cannot be met."""
    found = made(port, boat(("own", D(2025, 1, 31))), until=D(2027, 1, 31))
    assert [(due.due, due.late) for due in found.dues] == [
        (D(2026, 1, 31), True),
        (D(2027, 1, 31), False),
    ]
    assert [due.due for due in found.unmet] == [D(2026, 1, 31)]


def test_a_window_begins_today_where_nothing_says_when(harbour, boat):
    """Where neither a last one nor the start is known the window begins on the first day."""
    framework = harbour({"every": "6 months", "from": "other"})
    (due,) = made(framework, boat(("other", D(2026, 2, 1)))).dues
    assert (due.earliest, due.due) == (ON, D(2026, 8, 1))


def test_a_window_never_begins_after_its_due_date(harbour, boat):
    """One at least and one at most in half a year leave the due date itself as the window."""
    framework = harbour({"at_least": 1, "at_most": 1, "within": "6 months"})
    (due,) = made(framework, boat(("own", D(2026, 2, 1))), until=D(2026, 8, 1)).dues
    assert (due.earliest, due.due) == (D(2026, 8, 1), D(2026, 8, 1))


# --- within a capacity ---------------------------------------------------------------------------


def test_a_day_is_the_last_working_one_of_its_window(port, boat):
    """Due on Saturday 28 March 2026: the Friday is proposed, and the due date stays."""
    found = made(port, boat(("own", D(2025, 3, 28))), capacity=1)
    assert proposed(found) == [("gull", D(2026, 3, 28), D(2026, 3, 27))]
    assert found.unmet == ()


def test_the_riskiest_goes_first_and_others_find_the_month_before(port, boat):
    """With one visit a month the large boat gets its month, the next one the month before."""
    last = ("own", D(2025, 4, 30))
    small, large = boat(last, called="a"), boat(last, called="b", large=True)
    busy = boat(last, called="c", due_day=3)
    found = made(port, small, large, busy, capacity=1)
    due = D(2026, 4, 30)
    assert proposed(found) == [
        ("a", due, None),  # April and March are taken, and its window begins today
        ("b", due, D(2026, 4, 30)),
        ("c", due, D(2026, 3, 31)),  # of those that are not large the higher second value
    ]
    assert [unmet.provider for unmet in found.unmet] == ["a"]
    assert found.unmet[0].due == due


def test_a_value_that_is_no_number_ranks_nobody(harbour, boat):
    """Where the ranking reads a word, providers go by their due dates and ids."""
    words = {"workload": {"counts": ["own"], "ranking": ["deck"]}}
    last = ("own", D(2025, 3, 31))
    records = boat(last, called="b", deck="wet"), boat(last, called="a")
    found = made(harbour(YEARLY, identity=words), *records, capacity=1)
    assert [due.proposed for due in found.dues] == [D(2026, 3, 31), None]
    assert [unmet.provider for unmet in found.unmet] == ["b"]


def test_nothing_is_proposed_outside_its_window(harbour, boat):
    """No more than a month early: with March taken nothing is proposed in February's place."""
    framework = harbour(YEARLY, identity=VISITS, dates={"early": "1 month"})
    last = ("own", D(2025, 5, 20))
    records = [boat(last, called=name) for name in "abc"]
    found = made(framework, *records, capacity=1)
    due = D(2026, 5, 20)
    assert proposed(found) == [
        ("a", due, D(2026, 5, 20)),
        ("b", due, D(2026, 4, 30)),
        ("c", due, None),  # the window begins on 20 April, and April is taken
    ]
    for one in found.dues:
        if one.proposed:
            assert one.earliest <= one.proposed <= one.due
            assert is_working_day(one.proposed)


def test_what_is_overdue_goes_first_on_the_first_day_with_room(port, boat):
    """What is overdue gets the first working days with room, before those that can wait."""
    late = [boat(("own", D(2025, 1, 31)), called=name) for name in ("y", "z")]
    risky = boat(("own", D(2025, 3, 31)), called="a", large=True)
    found = made(port, risky, *late, capacity=1)
    assert proposed(found) == [
        ("y", D(2026, 1, 31), D(2026, 3, 2)),
        ("z", D(2026, 1, 31), D(2026, 4, 1)),
        ("a", D(2026, 3, 31), None),  # March is taken
    ]
    assert [unmet.provider for unmet in found.unmet] == ["y", "z", "a"]


def test_the_first_day_with_room_is_a_working_day(port, boat):
    """A plan that begins on Good Friday proposes the Tuesday after Easter."""
    found = made(port, boat(("own", D(2025, 1, 31))), on=D(2026, 4, 3), capacity=1)
    assert [due.proposed for due in found.dues] == [D(2026, 4, 7)]


def test_each_officer_has_a_capacity(port, boat):
    """A capacity may be each officer's own; who has none has no room at all."""
    last = ("own", D(2025, 3, 31))
    records = [boat(last, called=name) for name in "abcd"]
    officers = {"a": "eve", "b": "eve", "c": "ann"}
    found = made(port, *records, capacity={"eve": 2, "ann": 1}, officers=officers)
    assert [(due.officer, due.proposed) for due in found.dues] == [
        ("eve", D(2026, 3, 31)),
        ("eve", D(2026, 3, 31)),
        ("ann", D(2026, 3, 31)),
        ("mate", None),
    ]
    assert [unmet.provider for unmet in found.unmet] == ["d"]


def test_with_no_capacity_at_all_nothing_can_be_met(port, boat):
    """With room for none even what is overdue finds no day within a year."""
    found = made(port, boat(("own", D(2025, 1, 31))), capacity=0)
    assert proposed(found) == [("gull", D(2026, 1, 31), None)]
    assert found.unmet == found.dues


def test_what_takes_no_officers_time_is_not_placed(harbour, boat):
    """Other work keeps its due dates and takes no room; where it is overdue that is told."""
    framework = harbour(YEARLY, identity=VISITS, other={"name": "Other", **YEARLY})
    record = boat(("own", D(2025, 3, 31)), ("other", D(2025, 2, 1)), ("third", D(2025, 1, 1)))
    found = made(framework, record, capacity=1)
    assert [(due.activity, due.due, due.proposed) for due in found.dues] == [
        ("other", D(2026, 2, 1), None),
        ("own", D(2026, 3, 31), D(2026, 3, 31)),
    ]
    assert [unmet.activity for unmet in found.unmet] == ["other"]


@pytest.mark.parametrize("capacity", [None, 0, 1, {"mate": 2}])
def test_a_due_date_is_never_moved(port, boat, capacity):
    """Whatever the capacity, the due dates are those of the plan of each boat."""
    records = [boat(("own", D(2025, month, 28)), called=f"b{month}") for month in (1, 2, 3, 3, 11)]
    found = made(port, *records, capacity=capacity)
    free = made(port, *records)
    assert [(d.provider, d.due) for d in found.dues] == [(d.provider, d.due) for d in free.dues]
