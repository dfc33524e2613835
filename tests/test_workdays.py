"""Calendar arithmetic: month ends, working days and terms."""

import calendar
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.values import Fault
from qaf_rules.workdays import (
    Interval,
    Term,
    add,
    hours_after,
    is_working_day,
    month_day,
    next_working_day,
    parse_interval,
    parse_terms,
    previous_working_day,
    rolled,
    working_days_after,
)

DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2012, 1, 1), dt.date(2027, 12, 31))
OFFICIAL = Path(__file__).parents[2] / "shared" / "data" / "bank-holidays.json"
AUTUMN = {"name": "autumn", "start": "2026-09-01", "end": "2026-12-18"}
SPRING = {"name": "spring", "start": "2027-01-04", "end": "2027-04-01"}


def month_last(year, month):
    """Give the last day of a month."""
    return calendar.monthrange(year, month)[1]


# --- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "interval", "shown"),
    [
        ("12 months", Interval(months=12), "12 months"),
        ("1 month", Interval(months=1), "1 month"),
        ("2 years", Interval(months=24), "24 months"),
        ("28 days", Interval(days=28), "28 days"),
        ("1 day", Interval(days=1), "1 day"),
        ("4 weeks", Interval(days=28), "28 days"),
    ],
)
def test_interval_is_read_and_shown(raw, interval, shown):
    """An interval is a whole number of months or days, whatever unit it was written in."""
    assert parse_interval(raw) == interval
    assert str(interval) == shown
    assert parse_interval(shown) == interval


@pytest.mark.parametrize(
    "raw",
    [
        "12",
        "0 months",
        "-1 days",
        "1.5 months",
        "a month",
        "12months",
        "12  months",
        12,
        None,
        "12 months ",
    ],
)
def test_no_interval(raw):
    """What is no whole number with a unit is a fault that shows how to write one."""
    with pytest.raises(Fault, match="is not an interval") as caught:
        parse_interval(raw)
    assert "`12 months`" in caught.value.help


@settings(deadline=None)
@given(DAYS, st.integers(1, 60))
def test_months_are_clamped_to_the_month_end(day, months):
    """K2: adding months gives the same day of that month, or its last day where it is shorter."""
    later = add(day, Interval(months=months))
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    assert (later.year, later.month) == (year, month + 1)
    assert later.day == min(day.day, month_last(year, month + 1))


@settings(deadline=None)
@given(DAYS, st.integers(1, 24), st.integers(0, 12))
def test_repeated_months_do_not_drift(day, months, times):
    """Many steps are one long one, so a month's end is never lost to a shorter month on the way."""
    assert add(day, Interval(months=months), times) == add(day, Interval(months=months * times))


@settings(deadline=None)
@given(DAYS, st.integers(1, 400), st.integers(0, 12))
def test_days_are_days(day, days, times):
    """Days are added as days."""
    assert add(day, Interval(days=days), times) == day + dt.timedelta(days=days * times)


def test_leap_day_and_twelve_months():
    """K2: 29 February and 12 months is 28 February, and 48 months is 29 February again."""
    leap = dt.date(2024, 2, 29)
    assert add(leap, Interval(months=12)) == dt.date(2025, 2, 28)
    assert add(leap, Interval(months=48)) == dt.date(2028, 2, 29)


@settings(deadline=None)
@given(st.integers(2000, 2050), st.integers(-30, 40), st.integers(1, 31))
def test_day_of_a_month_counts_on_into_other_years(year, month, day):
    """A day of a month is clamped to the month's end, and months past December are next year's."""
    found = month_day(year, month, day)
    at, index = divmod(year * 12 + month - 1, 12)
    assert (found.year, found.month) == (at, index + 1)
    assert found.day == min(day, month_last(at, index + 1))


# --- working days --------------------------------------------------------------------------------


def test_working_days_agree_with_the_official_list():
    """Every day of 2012 to 2028 is a working day or not as the official bank holidays say."""
    if not OFFICIAL.exists():
        pytest.skip(
            f"the official list of bank holidays is not at {OFFICIAL.name} beside the project"
        )
    events = json.loads(OFFICIAL.read_text("utf-8"))["england-and-wales"]["events"]
    holidays = {dt.date.fromisoformat(event["date"]) for event in events}
    first, last = dt.date(2012, 1, 2), dt.date(2028, 12, 31)
    every = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    wrong = [d for d in every if is_working_day(d) != (d.weekday() < 5 and d not in holidays)]
    assert wrong == []


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2022, 6, 3),  # a jubilee
        dt.date(2022, 9, 19),  # a state funeral
        dt.date(2023, 5, 8),  # a coronation
        dt.date(2026, 12, 28),  # Boxing Day falls on a Saturday
        dt.date(2027, 3, 26),  # Good Friday
    ],
)
def test_bank_holidays_of_one_year_only(day):
    """Bank holidays that were proclaimed once, moved or follow Easter are no working days."""
    assert not is_working_day(day)
    assert is_working_day(day + 7 * DAY)


@settings(deadline=None)
@given(DAYS, st.integers(1, 40))
def test_nth_working_day(day, count):
    """K4: the nth working day after a day is a working day, and n of them lie in between."""
    found = working_days_after(day, count)
    between = [day + dt.timedelta(days=n) for n in range(1, (found - day).days + 1)]
    assert is_working_day(found)
    assert sum(map(is_working_day, between)) == count


@settings(deadline=None)
@given(DAYS, st.integers(1, 40))
def test_counting_from_the_day_itself(day, count):
    """K4's other reading: a working day counts as day 1."""
    assert working_days_after(day, count, from_day_itself=True) == working_days_after(
        day - DAY, count
    )


def test_no_working_days_is_the_day_itself():
    """Counting no working days stays where it is, weekend or not."""
    saturday = dt.date(2026, 2, 7)
    assert working_days_after(saturday, 0) == saturday


def test_ten_working_days_over_easter():
    """Ten working days from the Monday before Easter skip two weekends and two bank holidays."""
    assert working_days_after(dt.date(2026, 3, 30), 10) == dt.date(2026, 4, 15)


@settings(deadline=None)
@given(DAYS)
def test_next_working_day(day):
    """A working day is its own next one; from any other the first that follows is taken."""
    found = next_working_day(day)
    assert is_working_day(found)
    assert not any(is_working_day(day + dt.timedelta(days=n)) for n in range((found - day).days))


# --- hours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "at", "hours", "told"),
    [
        (dt.date(2026, 3, 28), "12:00", 24, "2026-03-29T13:00:00+01:00"),
        (dt.date(2026, 3, 29), "01:30", 1, "2026-03-29T03:30:00+01:00"),  # left out
        (dt.date(2026, 10, 24), "12:00", 24, "2026-10-25T11:00:00+00:00"),
        (dt.date(2026, 10, 25), "01:30", 1, "2026-10-25T01:30:00+00:00"),  # comes twice
        (dt.date(2026, 10, 25), "01:30", 24, "2026-10-26T00:30:00+00:00"),
    ],
)
def test_hours_when_the_clock_changes(day, at, hours, told):
    """A time that is left out is an hour later, one that comes twice the first, and hours just pass."""
    assert hours_after(day, dt.time.fromisoformat(at), hours).isoformat() == told


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("none", dt.date(2026, 4, 3)),
        ("next_working_day", dt.date(2026, 4, 7)),
        ("previous_working_day", dt.date(2026, 4, 2)),
    ],
)
def test_moved_off_good_friday(rule, expected):
    """Good Friday's due date stays, goes to the Tuesday after Easter, or to the Thursday before."""
    assert rolled(dt.date(2026, 4, 3), rule) == expected
    assert rolled(expected, "none") == expected


def test_previous_working_day():
    """A working day is its own previous one; of Boxing Day's substitute it is Christmas Eve."""
    assert previous_working_day(dt.date(2026, 12, 24)) == dt.date(2026, 12, 24)
    assert previous_working_day(dt.date(2026, 12, 28)) == dt.date(2026, 12, 24)


def test_working_days_before():
    """Working days count back as they count on: ten before 15 April 2026 is 30 March."""
    ten = Interval(working_days=10)
    assert add(dt.date(2026, 4, 15), ten, -1) == dt.date(2026, 3, 30)
    assert add(dt.date(2026, 3, 30), ten) == dt.date(2026, 4, 15)
    assert str(ten) == "10 working days"


def test_a_month_that_lacks_the_day_may_roll_forward():
    """31 March less a month is 28 February, or the first of March where days roll forward."""
    month = Interval(months=1)
    assert add(dt.date(2026, 3, 31), month, -1) == dt.date(2026, 2, 28)
    assert add(dt.date(2026, 3, 31), month, -1, "roll_forward") == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("day", "time", "hours", "told"),
    [
        (dt.date(2026, 3, 29), dt.time(1, 30), 1, "2026-03-29T03:30:00+01:00"),  # left out: 2:30
        (dt.date(2026, 10, 25), dt.time(1, 30), 1, "2026-10-25T01:30:00+00:00"),  # its first
        (dt.date(2026, 12, 31), dt.time(23), 2, "2027-01-01T01:00:00+00:00"),
    ],
)
def test_hours_over_the_nights_in_which_the_clocks_change(day, time, hours, told):
    """A time that is left out is an hour later; of one that comes twice the first is meant."""
    assert hours_after(day, time, hours).isoformat() == told


# --- terms ---------------------------------------------------------------------------------------


def test_terms_are_put_in_order():
    """Terms are read in any order and kept by their first day, named by year and name."""
    terms = parse_terms([SPRING, AUTUMN])
    assert [t.label for t in terms] == ["2026-autumn", "2027-spring"]
    assert parse_terms(terms) == terms


HALVES = {"half_term_start": "2026-10-26", "half_term_end": "2026-10-30"}


def test_half_terms_are_read_and_written():
    """A term with its half term reads as it is written, and so does one without."""
    halved, whole = parse_terms([{**AUTUMN, **HALVES}, SPRING])
    assert halved.half_term == (dt.date(2026, 10, 26), dt.date(2026, 10, 30))
    assert (whole.half_term, set(whole.plain())) == (None, {"name", "start", "end"})
    assert parse_terms([halved.plain(), whole.plain()]) == (halved, whole)


def half_term(first, last):
    """Give an autumn with a half term."""
    return {**AUTUMN, "half_term_start": first, "half_term_end": last}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-09-01", "2026-09-04"),  # begins with the term
        ("2026-12-14", "2026-12-18"),  # ends with it
        ("2026-10-30", "2026-10-26"),  # backwards
        ("2027-02-15", "2027-02-19"),  # another term's
    ],
)
def test_a_half_term_outside_its_term(first, last):
    """A half term lies within its term, with days of school before and after."""
    with pytest.raises(Fault, match="the half term of `autumn` is not within it") as caught:
        parse_terms([SPRING, half_term(first, last)])
    assert caught.value.path == (1, "half_term_start")


@pytest.mark.parametrize("given", [("2026-10-26", None), (None, "2026-10-30")])
def test_half_a_half_term(given):
    """A half term has both its days, or none of them is given."""
    with pytest.raises(Fault, match="has only one of its days") as caught:
        parse_terms([half_term(*given)])
    assert caught.value.path == (0,)
    assert parse_terms([half_term(None, None)])[0].half_term is None


def test_terms_that_overlap_are_told_at_the_later_one():
    """Whatever the order in which terms are given, the place is that of the later one."""
    spring = {**SPRING, "start": "2026-12-18"}
    for raw, place in (([AUTUMN, spring], 1), ([spring, AUTUMN], 0)):
        with pytest.raises(Fault, match="begins before `2026-autumn` has ended") as caught:
            parse_terms(raw)
        assert caught.value.path == (place,)


@pytest.mark.parametrize(
    ("raw", "message", "path"),
    [
        ("autumn", "`autumn` is not a list of terms", ()),
        ([AUTUMN, "spring"], "a term has a name, a start and an end", (1,)),
        (
            [{"name": "autumn", "start": "2026-09-01"}],
            "a term has a name, a start and an end",
            (0,),
        ),
        ([{**AUTUMN, "end": "2026-08-01"}], "term `autumn` ends before it starts", (0,)),
        ([{**AUTUMN, "end": "2027-02-30"}], "`2027-02-30` is a day that does not exist", None),
        (
            [AUTUMN, {**SPRING, "start": "2026-12-18"}],
            "term `2027-spring` begins before `2026-autumn` has ended",
            (1,),
        ),
    ],
)
def test_terms_that_cannot_be(raw, message, path):
    """A calendar that is none, or whose terms overlap or run backwards, is a fault at its entry."""
    with pytest.raises(Fault) as caught:
        parse_terms(raw)
    assert caught.value.message == message
    if path is not None:
        assert caught.value.path == path


def test_term_knows_its_year():
    """A term is named by the year in which it ends."""
    assert Term("winter", dt.date(2026, 12, 1), dt.date(2027, 1, 31)).label == "2027-winter"


@pytest.mark.parametrize("raw", ["101 years", "1201 months"])
def test_interval_of_more_than_a_lifetime(raw):
    """An interval that no calendar holds is a slip of the hand."""
    with pytest.raises(Fault, match="longer than 100 years"):
        parse_interval(raw)
