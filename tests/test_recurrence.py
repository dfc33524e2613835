"""Each recurrence on days worked out by hand: what is due after what was done, and which periods."""

import datetime as dt
from itertools import islice

import pytest

from qaf_rules.frequency import parse
from qaf_rules.model import Activity, Decision
from qaf_rules.recurrence import Dates, EachYear, Past, Unknown
from qaf_rules.workdays import Interval, Term, parse_terms

D = dt.date
ORDER = ("own", "other", "third")


def read(raw):
    """Read a rule without a fault."""
    rule, faults = parse(raw)
    assert faults == []
    return rule


def past(*done, start=None, others=None, values=None, times=None, **dates):
    """Give what was done, when it began, and what else is known."""
    return Past(
        done,
        start,
        (values or {}).get,
        (others or {}).get,
        "own",
        ORDER,
        Dates()._replace(**dates),
        (times or {}).get,
    )


def due(raw, *done, **known):
    """Give the next due date of one date at a time."""
    rule, then = read(raw), past(*done, **known)
    return rule.changed.next(rule.frequency, then) if rule.changed else rule.frequency.next(then)


def periods(raw, start, number, **known):
    """Give the first periods of a series: label, first day, last day, due date."""
    series = read(raw).frequency
    return [tuple(p) for p in islice(series.periods(start, past(**known)), number)]


def asked(raw, *done, **known):
    """Give what a recurrence asks for."""
    with pytest.raises(Unknown) as caught:
        due(raw, *done, **known)
    return caught.value.names


# --- every ---------------------------------------------------------------------------------------


def test_a_month_that_lacks_the_day():
    """31 January and a month is 28 February, or the first of March where days roll forward."""
    month = {"every": "1 month"}
    assert due(month, D(2026, 1, 31)) == D(2026, 2, 28)
    assert due(month, D(2026, 1, 31), month_end="roll_forward") == D(2026, 3, 1)
    assert due(month, D(2026, 1, 28), month_end="roll_forward") == D(2026, 2, 28)
    assert due({"every": "2 months"}, D(2026, 1, 31), month_end="roll_forward") == D(2026, 3, 31)


def test_own_interval_of_the_provider():
    """The provider's own interval counts from the last one done; until it is known it is asked."""
    own = {"every": {"value": "own_every"}}
    assert due(own, D(2026, 1, 31), values={"own_every": "6 months"}) == D(2026, 7, 31)
    assert asked(own, D(2026, 1, 31)) == ("own_every",)
    assert asked(own, D(2026, 1, 31), values={"own_every": "often"}) == ("own_every",)
    assert asked(own, D(2026, 1, 31), values={"own_every": 6}) == ("own_every",)


def test_never_done_and_begun_at_no_known_time():
    """Without anything done and without a start nothing is due."""
    assert due({"every": "12 months"}) is None
    assert due({"every": "12 months"}, start=D(2025, 8, 31)) == D(2026, 8, 31)
    assert due({"once_each": {"year_from": "04-01"}}) is None
    assert due({"once_each": {"year_from": "04-01"}}, start=D(2026, 3, 31)) == D(2027, 3, 31)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("none", D(2026, 2, 28)),  # a Saturday
        ("next_working_day", D(2026, 3, 2)),
        ("previous_working_day", D(2026, 2, 27)),
    ],
)
def test_a_due_date_on_a_weekend(rule, expected):
    """A due date stays, or moves to the next or the previous working day, as the pack says."""
    assert due({"every": "1 month"}, D(2026, 1, 28), roll=rule) == expected


def test_a_due_date_on_a_bank_holiday():
    """Easter's Friday and Monday are no working days: the next is the Tuesday."""
    assert due({"every": "1 month"}, D(2026, 3, 3), roll="next_working_day") == D(2026, 4, 7)


def test_a_due_date_never_moves_back_to_the_day_it_counts_from():
    """A day after a Friday would be moved back to that Friday; it stays on the Saturday."""
    assert due({"every": "1 day"}, D(2026, 2, 27), roll="previous_working_day") == D(2026, 2, 28)


def test_moving_by_a_setting():
    """A setting may say whether due dates move to the next working day; unknown, nothing moves."""
    month = {"every": "1 month"}
    for told, expected in ((True, D(2026, 3, 2)), (False, D(2026, 2, 28)), (None, D(2026, 2, 28))):
        values = {"roll_days": told}
        assert due(month, D(2026, 1, 28), roll="roll_days", values=values) == expected


# --- rounds from an event ------------------------------------------------------------------------

ROUNDS = {"every": "6 months", "from": "other"}
EVENT = {"other": D(2026, 1, 31)}


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ((), D(2026, 7, 31)),
        ((D(2025, 12, 1),), D(2026, 7, 31)),  # before the event: no round's
        ((D(2026, 1, 31),), D(2026, 7, 31)),  # on its day: no round's either
        ((D(2026, 2, 1),), D(2027, 1, 31)),  # the first day of the first round
        ((D(2026, 7, 31),), D(2027, 1, 31)),  # its last
        ((D(2026, 8, 1),), D(2027, 7, 31)),  # the first day of the second
        ((D(2026, 2, 1), D(2026, 3, 1)), D(2027, 1, 31)),  # two in one round meet one round
    ],
)
def test_rounds_from_an_event(done, expected):
    """Rounds end every six months after the event; due is the end of the one after the last met."""
    assert due(ROUNDS, *done, others=EVENT) == expected


def test_rounds_from_a_date_and_from_the_start():
    """Rounds may begin on a date by its name; while the activity was never done, on the start."""
    dated = {"every": "6 months", "from": "published"}
    assert due(dated, values={"published": D(2026, 1, 31)}) == D(2026, 7, 31)
    assert asked(dated) == ("published",)
    assert due(ROUNDS, start=D(2025, 8, 31)) == D(2026, 2, 28)
    assert due(ROUNDS) is None


def test_rounds_that_are_moved_to_one_day_are_met_together():
    """A daily round on a Saturday and a Sunday is due on Monday, and one visit meets all three."""
    daily = {"every": "1 day", "from": "other"}
    thursday = {"other": D(2026, 2, 26)}
    friday = D(2026, 2, 27)
    known = {"others": thursday, "roll": "next_working_day"}
    assert due(daily, friday, **known) == D(2026, 3, 2)
    assert due(daily, D(2026, 3, 2), **known) == D(2026, 3, 3)


def test_a_round_lasts_until_its_due_date_as_moved():
    """A round that would end on a Saturday ends on the Monday, and a Sunday's visit is its own."""
    monthly = {"every": "1 month", "from": "other"}
    known = {"others": {"other": D(2026, 1, 28)}, "roll": "next_working_day"}
    assert due(monthly, **known) == D(2026, 3, 2)
    assert due(monthly, D(2026, 3, 1), **known) == D(2026, 3, 30)  # the 28th is a Saturday too


# --- once ----------------------------------------------------------------------------------------


def test_once_after_an_event():
    """Once is due an interval after the event, until one is done on or after it."""
    once = {"once": {"within": "28 days", "of": "other"}}
    assert due(once, others=EVENT) == D(2026, 2, 28)
    assert due(once, D(2026, 1, 30), others=EVENT) == D(2026, 2, 28)
    assert due(once, D(2026, 1, 31), others=EVENT) is None
    assert due(once, D(2026, 1, 31), others={"other": D(2026, 6, 1)}) == D(2026, 6, 29)
    assert due(once) is None
    assert asked({"once": {"within": "28 days", "of": "published"}}) == ("published",)


def test_once_within_working_days():
    """Ten working days from Monday 30 March 2026 skip Easter: 15 April."""
    once = {"once": {"within": "10 working days", "of": "other"}}
    assert due(once, others={"other": D(2026, 3, 30)}) == D(2026, 4, 15)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (D(2026, 4, 1), D(2026, 4, 1)),  # a Wednesday
        (D(2026, 4, 3), D(2026, 4, 7)),  # Good Friday: the Tuesday after Easter
        (D(2026, 2, 28), D(2026, 3, 2)),  # a Saturday
    ],
)
def test_once_on_the_same_working_day(event, expected):
    """The same working day is the event's own, or the next one where it is none."""
    once = {"once": {"within": "same working day", "of": "other"}}
    assert due(once, others={"other": event}) == expected


@pytest.mark.parametrize(
    ("hours", "event", "time", "at"),
    [
        (24, D(2026, 3, 28), dt.time(22), "2026-03-29T23:00:00+01:00"),  # the clock goes forward
        (24, D(2026, 3, 28), dt.time(23, 30), "2026-03-30T00:30:00+01:00"),
        (24, D(2026, 10, 24), dt.time(22), "2026-10-25T21:00:00+00:00"),  # and back
        (3, D(2026, 6, 1), dt.time(9, 15), "2026-06-01T12:15:00+01:00"),
    ],
)
def test_hours_are_those_of_the_clock_in_london(hours, event, time, at):
    """Hours are time that passes, read off London's clock."""
    once = read({"once": {"within": f"{hours} hours", "of": "other"}}).frequency
    then = past(others={"other": event}, times={"other": time})
    assert once.at(then).isoformat() == at
    assert once.next(then) == D.fromisoformat(at[:10])


@pytest.mark.parametrize(("hours", "days"), [("1 hour", 1), ("24 hours", 1), ("25 hours", 2)])
def test_hours_after_an_event_without_a_time(hours, days):
    """Without a time only the day is known: as many days later as the hours begin."""
    once = read({"once": {"within": hours, "of": "other"}}).frequency
    then = past(others=EVENT)
    assert once.next(then) == D(2026, 1, 31) + dt.timedelta(days=days)
    assert once.at(then) is None


def test_hours_are_not_moved_and_days_have_no_moment():
    """A deadline in hours stays on a Sunday; a deadline in days has no moment, nor has no event."""
    weekend = past(others={"other": D(2026, 2, 28)}, roll="next_working_day")
    assert read({"once": {"within": "24 hours", "of": "other"}}).frequency.next(weekend) == D(
        2026, 3, 1
    )
    times = {"other": dt.time(9)}
    days = read({"once": {"within": "1 day", "of": "other"}}).frequency
    assert days.at(past(others=EVENT, times=times)) is None
    hours = read({"once": {"within": "1 hour", "of": "other"}}).frequency
    assert hours.at(past(times=times)) is None


# --- so many in every stretch --------------------------------------------------------------------

TWICE = {"at_least": 2, "within": "6 months"}


def test_at_least_so_many_in_every_stretch():
    """Due an interval after the second last; with fewer, after the start, else after the first."""
    january, february = D(2026, 1, 10), D(2026, 2, 20)
    assert due(TWICE, january, february) == D(2026, 7, 10)
    assert due(TWICE, D(2025, 11, 5), january, february) == D(2026, 7, 10)
    assert due(TWICE, february, start=D(2025, 12, 1)) == D(2026, 6, 1)
    assert due(TWICE, february) == D(2026, 8, 20)
    assert due(TWICE, start=D(2025, 12, 1)) == D(2026, 6, 1)
    assert due(TWICE) is None


def test_at_most_so_many_is_never_due():
    """Of a maximum nothing is due; another is sensible the day after the second last has passed."""
    most = {"at_most": 2, "within": "6 months"}
    assert due(most, D(2026, 1, 10), D(2026, 2, 20), start=D(2020, 1, 1)) is None
    within = read(most).frequency
    assert within.earliest(past(D(2026, 1, 10), D(2026, 2, 20))) == D(2026, 7, 11)
    assert within.earliest(past(D(2026, 1, 10))) is None
    assert read(TWICE).frequency.earliest(past(D(2026, 1, 10), D(2026, 2, 20))) is None


def test_a_minimum_and_a_maximum():
    """Both may stand: due after the last, and no third before the stretch of the first is over."""
    both = read({"at_least": 1, "at_most": 2, "within": "6 months"}).frequency
    then = past(D(2026, 1, 10), D(2026, 2, 20))
    assert (both.next(then), both.earliest(then)) == (D(2026, 8, 20), D(2026, 7, 11))


# --- once in each year ---------------------------------------------------------------------------


def test_the_last_day_of_a_year_as_moved_is_still_of_that_year():
    """A year that ends on a Saturday ends on the Monday; done then, the next ends a year later."""
    yearly = {"once_each": {"year_from": "03-01"}}
    known = {"roll": "next_working_day"}
    assert due(yearly, D(2025, 2, 1), **known) == D(2026, 3, 2)  # 28 February is a Saturday
    assert due(yearly, D(2026, 3, 2), **known) == D(2027, 3, 1)  # 28 February is a Sunday
    assert due(yearly, D(2026, 3, 3), **known) == D(2028, 2, 29)  # a Tuesday
    assert due(yearly, D(2026, 3, 2)) == D(2028, 2, 29)


# --- turns ---------------------------------------------------------------------------------------


def turns(raw, own=None, **known):
    """Give the due dates of each of the activities, the next one first."""
    done = (own,) if own else ()
    return list(read(raw).frequency.turns(past(*done, **known)).items())


THREE = {"alternating_with": ["third", "other"], "every": "12 months"}


def test_three_take_turns():
    """After the second the third is next, each a year after the one before, in the pack's order."""
    done = {"other": D(2025, 6, 1)}
    assert turns(THREE, D(2025, 1, 10), others=done) == [
        ("third", D(2026, 6, 1)),
        ("own", D(2027, 6, 1)),
        ("other", D(2028, 6, 1)),
    ]


def test_nobodys_turn_is_later_than_the_limit():
    """Within two years of its own last one each is due at the latest; who never had one, has none."""
    limited = {**THREE, "each_within": "24 months"}
    assert turns(limited, D(2025, 1, 10), others={"other": D(2025, 6, 1)}) == [
        ("third", D(2026, 6, 1)),
        ("own", D(2027, 1, 10)),
        ("other", D(2027, 6, 1)),
    ]


def test_a_turn_that_is_overdue_since_before_the_last_one():
    """What was due before the last of any was done does not make the one after it overdue too."""
    two = {"alternating_with": "other", "every": "12 months", "each_within": "24 months"}
    assert turns(two, D(2022, 1, 1), others={"other": D(2025, 6, 1)}) == [
        ("own", D(2024, 1, 1)),
        ("other", D(2026, 6, 1)),
    ]


def test_of_one_day_the_later_in_the_packs_order_was_the_last():
    """Where two are done on one day the turn after the later of them is next."""
    day = D(2025, 6, 1)
    found = turns(THREE, day, others={"other": day})
    assert [name for name, _ in found] == ["third", "own", "other"]
    found = turns(THREE, day, others={"third": day})
    assert [name for name, _ in found] == ["own", "other", "third"]


def test_turns_before_anything_was_done():
    """Where none was ever done the start counts as if one had been; without it nothing is due."""
    assert turns(THREE, start=D(2025, 1, 1)) == [
        ("own", D(2026, 1, 1)),
        ("other", D(2027, 1, 1)),
        ("third", D(2028, 1, 1)),
    ]
    assert turns(THREE) == []
    assert due(THREE) is None


def test_turns_that_have_only_a_limit():
    """Without an interval each is due within the limit of its own last one, or of the start."""
    limit = {"alternating_with": "other", "each_within": "24 months"}
    known = {"others": {"other": D(2025, 6, 1)}, "start": D(2024, 1, 1)}
    assert turns(limit, **known) == [("own", D(2026, 1, 1)), ("other", D(2027, 6, 1))]


# --- the sooner and the later --------------------------------------------------------------------

PAIR = [{"every": "12 months"}, {"once": {"within": "28 days", "of": "other"}}]
DATED = [{"every": "12 months"}, {"every": "6 months", "from": "published"}]


def test_the_sooner_and_the_later():
    """Of a year after the last and four weeks after the event the sooner or the later is due."""
    last = D(2025, 9, 1)
    event = {"others": {"other": D(2026, 1, 5)}}
    assert due({"sooner_of": PAIR}, last, **event) == D(2026, 2, 2)
    assert due({"later_of": PAIR}, last, **event) == D(2026, 9, 1)


def test_what_has_no_date_is_no_sooner_and_leaves_no_later():
    """What has no date is left out of the sooner, and leaves the later without a date."""
    last = D(2025, 9, 1)
    assert due({"sooner_of": PAIR}, last) == D(2026, 9, 1)
    assert due({"later_of": PAIR}, last) is None
    assert due({"sooner_of": PAIR}) is None


def test_what_is_unknown_is_asked_only_where_it_matters():
    """An unknown date is asked by the later, and by the sooner only where nothing else is dated."""
    last = D(2025, 9, 1)
    assert due({"sooner_of": DATED}, last) == D(2026, 9, 1)
    assert asked({"sooner_of": DATED}) == ("published",)
    assert asked({"later_of": DATED}, last) == ("published",)


# --- series --------------------------------------------------------------------------------------


def test_quarters_of_the_calendar_and_of_the_financial_year():
    """January to March is the first quarter of a calendar year, the fourth of a financial one."""
    calendar = {"quarterly": {"start": "calendar_year", "by_day": 15}}
    assert periods(calendar, D(2027, 2, 1), 2) == [
        ("2027-Q1", D(2027, 1, 1), D(2027, 3, 31), D(2027, 4, 15)),
        ("2027-Q2", D(2027, 4, 1), D(2027, 6, 30), D(2027, 7, 15)),
    ]
    financial = {"quarterly": {"start": "financial_year", "by_day": "last"}}
    assert periods(financial, D(2027, 2, 1), 2) == [
        ("2027-Q4", D(2027, 1, 1), D(2027, 3, 31), D(2027, 4, 30)),
        ("2027-Q1", D(2027, 4, 1), D(2027, 6, 30), D(2027, 7, 31)),
    ]


def test_quarters_from_a_month_or_a_field():
    """Quarters may count from the number of a month, or from what a field gives."""
    numbered = {"quarterly": {"start": 11, "by_day": 1}}
    assert periods(numbered, D(2026, 12, 1), 1) == [
        ("2026-Q1", D(2026, 11, 1), D(2027, 1, 31), D(2027, 2, 1))
    ]
    named = {"quarterly": {"start": "first_month", "by_day": "due_day"}}
    values = {"first_month": 11, "due_day": 1}
    assert periods(named, D(2026, 12, 1), 1, values=values) == periods(numbered, D(2026, 12, 1), 1)


@pytest.mark.parametrize(("month", "day"), [(0, 0), (13, 32)])
def test_a_month_or_a_day_that_is_none_is_asked_for(month, day):
    """A provider's month 13 or day 0 is no answer, so it is asked for again."""
    named = {"quarterly": {"start": "first_month", "by_day": "due_day"}}
    with pytest.raises(Unknown) as caught:
        periods(named, D(2026, 12, 1), 1, values={"first_month": month, "due_day": day})
    assert caught.value.names == ("first_month", "due_day")
    with pytest.raises(Unknown) as caught:
        periods({"by_day": "due_day"}, D(2026, 12, 1), 1, values={"due_day": day})
    assert caught.value.names == ("due_day",)


@pytest.mark.parametrize(
    ("of", "month_end", "expected"),
    [
        ("same_month", "clamp", D(2026, 11, 30)),
        ("same_month", "roll_forward", D(2026, 12, 1)),
        ("following_month", "clamp", D(2026, 12, 31)),
        ("1 month later", "clamp", D(2026, 12, 31)),
        ("3 months later", "clamp", D(2027, 2, 28)),
        ("3 months later", "roll_forward", D(2027, 3, 1)),
    ],
)
def test_a_day_so_many_months_later(of, month_end, expected):
    """November's data is due on the 31st of a month, on its last day or the first of the next."""
    found = periods({"by_day": 31, "of": of}, D(2026, 11, 5), 1, month_end=month_end)
    assert found == [("2026-11", D(2026, 11, 1), D(2026, 11, 30), expected)]


@pytest.mark.parametrize("month_end", ["clamp", "roll_forward"])
def test_the_last_day_is_the_last_whatever_the_rule(month_end):
    """The last day of February is the 28th, however days are handled that months lack."""
    raw = {"by_day": "last", "of": "same_month"}
    ((*_, found),) = periods(raw, D(2026, 2, 1), 1, month_end=month_end)
    assert found == D(2026, 2, 28)


HALVES = {
    "periods": [
        {"from": "04-01", "to": "09-30", "by": "10-31"},
        {"from": "10-01", "to": "03-31", "by": "04-30"},
    ]
}


def test_fixed_periods():
    """Each year has the same periods, named by their first day."""
    assert periods(HALVES, D(2027, 3, 31), 3) == [
        ("2026-10-01", D(2026, 10, 1), D(2027, 3, 31), D(2027, 4, 30)),
        ("2027-04-01", D(2027, 4, 1), D(2027, 9, 30), D(2027, 10, 31)),
        ("2027-10-01", D(2027, 10, 1), D(2028, 3, 31), D(2028, 4, 30)),
    ]
    assert read(HALVES).frequency.begins("2026-10-01") < D(2026, 4, 1)


def test_fixed_periods_come_as_they_fall_due():
    """What begins first may be due last; periods come in the order of their due dates."""
    raw = {
        "periods": [
            {"from": "01-01", "to": "01-31", "by": "12-31"},
            {"from": "02-01", "to": "02-28", "by": "03-31"},
        ]
    }
    found = [(label, due) for label, _, _, due in periods(raw, D(2026, 1, 1), 4)]
    assert found == [
        ("2026-02-01", D(2026, 3, 31)),
        ("2026-01-01", D(2026, 12, 31)),
        ("2027-02-01", D(2027, 3, 31)),
        ("2027-01-01", D(2027, 12, 31)),
    ]
    later = islice(read(raw).frequency.periods(read(raw).frequency.begins("2026-02-01"), past()), 9)
    assert "2026-01-01" in [p.label for p in later]


@pytest.mark.parametrize(
    ("to", "by", "ends", "expected"),
    [
        ("12-31", "01-31", D(2026, 12, 31), D(2027, 1, 31)),  # the next one after its end
        ("12-31", "12-31", D(2026, 12, 31), D(2026, 12, 31)),  # on its end
        ("02-29", "03-01", D(2026, 2, 28), D(2026, 3, 1)),  # a leap day that 2026 lacks
    ],
)
def test_the_due_date_of_a_fixed_period(to, by, ends, expected):
    """A fixed period is due on the first such day on or after its end."""
    raw = {"periods": [{"from": "01-01", "to": to, "by": by}]}
    assert periods(raw, D(2026, 1, 1), 1) == [("2026-01-01", D(2026, 1, 1), ends, expected)]


def test_fixed_periods_move_off_a_weekend():
    """31 October 2026 is a Saturday, so the first half year is due on Monday."""
    ((*_, found),) = periods(HALVES, D(2026, 4, 1), 1, roll="next_working_day")
    assert found == D(2026, 11, 2)


AUTUMN = {
    "name": "autumn",
    "start": "2026-09-01",
    "end": "2026-12-18",
    "half_term_start": "2026-10-26",
    "half_term_end": "2026-10-30",
}
SPRING = {
    "name": "spring",
    "start": "2027-01-04",
    "end": "2027-03-25",
    "half_term_start": "2027-02-15",
    "half_term_end": "2027-02-19",
}


def test_half_terms():
    """The first half ends the day before its break, and each covers the holidays before it."""
    terms = {"terms": parse_terms([AUTUMN, SPRING])}
    halves = {"half_termly": "period_end"}
    assert periods(halves, D(2026, 10, 25), 9, values=terms) == [
        ("2026-autumn-1", D.min, D(2026, 10, 25), D(2026, 10, 25)),
        ("2026-autumn-2", D(2026, 10, 26), D(2026, 12, 18), D(2026, 12, 18)),
        ("2027-spring-1", D(2026, 12, 19), D(2027, 2, 14), D(2027, 2, 14)),
        ("2027-spring-2", D(2027, 2, 15), D(2027, 3, 25), D(2027, 3, 25)),
    ]
    assert [p[0] for p in periods(halves, D(2026, 10, 26), 1, values=terms)] == ["2026-autumn-2"]
    assert [p[0] for p in periods({"termly": "period_end"}, D(2026, 9, 1), 9, values=terms)] == [
        "2026-autumn",
        "2027-spring",
    ]


def test_half_terms_that_are_not_given_are_asked_for():
    """A calendar of whole terms is asked for its halves."""
    whole = (Term("autumn", D(2026, 9, 1), D(2026, 12, 18)),)
    with pytest.raises(Unknown) as caught:
        periods({"half_termly": "period_end"}, D(2026, 9, 1), 1, values={"terms": whole})
    assert caught.value.names == ("terms",)


@pytest.mark.parametrize(
    ("year", "start", "label", "starts", "ends"),
    [
        ("calendar_year", D(2026, 3, 31), "2026", D(2026, 1, 1), D(2026, 12, 31)),
        ("financial_year", D(2026, 3, 31), "2025", D(2025, 4, 1), D(2026, 3, 31)),
        ("financial_year", D(2026, 4, 1), "2026", D(2026, 4, 1), D(2027, 3, 31)),
        ("academic_year", D(2026, 8, 31), "2025", D(2025, 9, 1), D(2026, 8, 31)),
    ],
)
def test_at_least_so_many_in_each_year(year, start, label, starts, ends):
    """Two in each year are two periods of it, due by its end, named by the year it begins in."""
    raw = {"at_least": 2, "in_each": year}
    first, second, following = periods(raw, start, 3)
    assert first == (f"{label}/1", starts, ends, ends)
    assert second == (f"{label}/2", starts, ends, ends)
    assert following[0] == f"{int(label) + 1}/1"
    assert read(raw).frequency.begins(f"{label}/2") == starts


def test_at_most_so_many_in_each_year():
    """Once two are done in a year, another is sensible from the first day of the next."""
    most = read({"at_most": 2, "in_each": "financial_year"}).frequency
    assert most.earliest(past()) is None
    assert most.earliest(past(D(2026, 3, 31), D(2026, 4, 1))) is None  # of two years
    assert most.earliest(past(D(2026, 4, 1), D(2027, 3, 31))) == D(2027, 4, 1)
    assert list(most.periods(D(2026, 4, 1), past())) == []
    assert EachYear(4, 2).earliest(past(D(2026, 4, 1))) is None


# --- when a frequency changes --------------------------------------------------------------------


def change(new, was, cycle=None, on="2026-04-01"):
    """Write a frequency that changed."""
    told = {"on": on, "was": was} | ({"cycle": cycle} if cycle else {})
    return {**new, "changed": told}


YEARLY, TWO_YEARLY, HALF_YEARLY = ({"every": f"{n} months"} for n in (12, 24, 6))


@pytest.mark.parametrize(
    ("new", "was", "cycle", "expected"),
    [
        (TWO_YEARLY, YEARLY, None, D(2026, 9, 10)),
        (TWO_YEARLY, YEARLY, "sooner", D(2026, 9, 10)),
        (TWO_YEARLY, YEARLY, "keep", D(2026, 9, 10)),
        (TWO_YEARLY, YEARLY, "anew", D(2028, 4, 1)),
        (YEARLY, TWO_YEARLY, "sooner", D(2026, 9, 10)),
        (YEARLY, TWO_YEARLY, "keep", D(2027, 9, 10)),
        (YEARLY, TWO_YEARLY, "anew", D(2027, 4, 1)),
        (HALF_YEARLY, YEARLY, "sooner", D(2026, 4, 1)),  # 10 March is before there was the new one
        (HALF_YEARLY, YEARLY, "keep", D(2026, 9, 10)),
        (HALF_YEARLY, YEARLY, "anew", D(2026, 10, 1)),
    ],
)
def test_the_cycle_in_hand_when_a_frequency_changes(new, was, cycle, expected):
    """Done, or never done and begun, on 10 September 2025: the cycle in hand ends as is said."""
    begun = D(2025, 9, 10)
    assert due(change(new, was, cycle), begun) == expected
    assert due(change(new, was, cycle), start=begun) == expected


@pytest.mark.parametrize("cycle", ["sooner", "keep", "anew"])
def test_a_cycle_that_ended_before_the_change(cycle):
    """What fell due before the change is due as it was, whatever the cycle in hand does."""
    assert due(change(TWO_YEARLY, YEARLY, cycle), D(2025, 3, 31)) == D(2026, 3, 31)


@pytest.mark.parametrize("cycle", ["sooner", "keep", "anew"])
def test_after_the_change_only_the_new_frequency_holds(cycle):
    """From the first one done on the day of the change or later the old one is forgotten."""
    assert due(change(TWO_YEARLY, YEARLY, cycle), D(2026, 4, 1)) == D(2028, 4, 1)
    assert due(change(TWO_YEARLY, YEARLY, cycle), start=D(2026, 4, 1)) == D(2028, 4, 1)
    assert due(change(TWO_YEARLY, YEARLY, cycle)) is None


def test_a_change_to_or_from_what_has_no_date():
    """Where only one of the two has a date, that one stands, the new one not before the change."""
    once = {"once": {"within": "28 days", "of": "other"}}
    last = D(2025, 9, 10)
    assert due(change(once, YEARLY), last) == D(2026, 9, 10)
    assert due(change(HALF_YEARLY, once), last) == D(2026, 4, 1)
    assert due(change(HALF_YEARLY, once, "keep"), last) == D(2026, 4, 1)


# --- as items of a schedule ----------------------------------------------------------------------


def item(framework, record, on):
    """Give the item of the activity that recurs."""
    (found,) = [i for i in framework.assess(record, on=on).schedule if i.activity == "own"]
    return found


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (D(2026, 3, 20), "not_due"),  # eleven days left
        (D(2026, 3, 21), "due_soon"),
        (D(2026, 3, 30), "due_soon"),
        (D(2026, 3, 31), "due_today"),
        (D(2026, 4, 5), "due_today"),  # the fifth day of grace
        (D(2026, 4, 6), "overdue"),
    ],
)
def test_grace_and_what_is_soon(harbour, boat, on, status):
    """Due soon with ten days left; overdue starts the day after the five days of grace."""
    framework = harbour({"every": "12 months"}, dates={"grace": "5 days", "due_soon": "10 days"})
    found = item(framework, boat(("own", D(2025, 3, 31))), on)
    assert (found.status, found.due) == (status, D(2026, 3, 31))


def test_what_a_branch_says_of_dates_goes_first(harbour, boat):
    """`due_soon` beside an option goes before that beside the choice, and this before the pack's."""
    choice = {
        "by_value": "pace",
        "options": {"slow": {"every": "12 months", "due_soon": "10 days"}, "fast": YEARLY},
        "due_soon": "60 days",
    }
    framework = harbour(choice, settings={"roll_days": True})
    last = ("own", D(2025, 3, 31))
    for pace, status in (("slow", "not_due"), ("fast", "due_soon")):
        assert item(framework, boat(last, pace=pace), D(2026, 3, 1)).status == status


def test_once_as_an_item(harbour, boat):
    """Once is as required before the event, due after it, and done when one was done since."""
    framework = harbour({"once": {"within": "24 hours", "of": "other"}})
    on = D(2026, 3, 29)
    event = Activity(activity="other", completed=D(2026, 3, 28), time="22:00")
    assert item(framework, boat(), on).status == "as_required"
    found = item(framework, boat(event), on)
    assert (found.status, found.due) == ("due_today", D(2026, 3, 29))
    assert found.due_at.isoformat() == "2026-03-29T23:00:00+01:00"
    assert item(framework, boat(event, ("own", D(2026, 3, 28))), on).status == "done"


def test_a_maximum_alone_is_as_required(harbour, boat):
    """Of a maximum nothing is due, however long nothing was done."""
    for raw in ({"at_most": 1, "within": "1 month"}, {"at_most": 1, "in_each": "calendar_year"}):
        record = boat(("own", D(2020, 1, 1)), contract_start=D(2019, 1, 1))
        found = item(harbour(raw), record, D(2026, 3, 1))
        assert (found.status, found.due) == ("as_required", None)


def test_rounds_without_an_event_have_no_history(harbour, boat):
    """While the activity that rounds count from was never done, the start proposes a date."""
    framework = harbour(ROUNDS)
    proposed = item(framework, boat(contract_start=D(2025, 8, 31)), D(2026, 1, 1))
    assert (proposed.status, proposed.due) == ("no_history", D(2026, 2, 28))
    begun = item(framework, boat(("other", D(2026, 1, 31))), D(2026, 2, 1))
    assert (begun.status, begun.due) == ("not_due", D(2026, 7, 31))
    dated = item(harbour({"every": "6 months", "from": "published"}), boat(), D(2026, 2, 1))
    assert (dated.status, dated.asks) == ("ask", ("published",))


def test_what_counts_from_an_unknown_date_has_not_begun(harbour, boat):
    """Of the sooner of two the one is dated by the start: nothing was done, nor is the other known."""
    framework = harbour({"sooner_of": DATED})
    started = D(2025, 8, 31)
    proposed = item(framework, boat(contract_start=started), D(2026, 1, 1))
    assert (proposed.status, proposed.due) == ("no_history", D(2026, 8, 31))
    known = item(framework, boat(contract_start=started, published=D(2025, 9, 1)), D(2026, 1, 1))
    assert (known.status, known.due) == ("not_due", D(2026, 3, 1))


def test_one_counts_only_for_the_year_it_was_done_in(harbour, boat):
    """Two done in 2025 leave both of 2026 open; of the older year nothing is outstanding."""
    framework = harbour({"at_least": 2, "in_each": "calendar_year"})
    record = boat(("own", D(2025, 2, 1)), ("own", D(2025, 11, 1)), contract_start=D(2025, 1, 1))
    items = [i for i in framework.assess(record, on=D(2026, 3, 1)).schedule if i.activity == "own"]
    assert [(i.status, i.period, i.due) for i in items] == [
        ("not_due", "2026/1", D(2026, 12, 31)),
        ("done", "2025/2", D(2025, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("cycle", "words"),
    [
        ("sooner", "the sooner of the old due date and the new stands"),
        ("keep", "the old due date stands"),
        ("anew", "it counts anew from that day"),
    ],
)
def test_an_item_says_that_its_frequency_changed(harbour, boat, cycle, words):
    """The cycle in hand says how it ends; before the change, and after it, nothing is said."""
    framework = harbour(change(TWO_YEARLY, YEARLY, cycle))

    def told(done, on):
        notes = framework.assess(boat(("own", done)), on=on).notes
        return [note.text for note in notes if note.id == "changed"]

    assert told(D(2025, 9, 10), D(2026, 3, 31)) == []
    (text,) = told(D(2025, 9, 10), D(2026, 4, 1))
    assert text.startswith("the frequency of own changed on 2026-04-01")
    assert text.endswith(words)
    assert told(D(2026, 4, 1), D(2026, 5, 1)) == []


def test_before_a_change_the_old_frequency_holds(harbour, boat):
    """On the day before the change the old due date is told, from then on the new one."""
    framework = harbour(change(HALF_YEARLY, TWO_YEARLY, "anew"))
    record = boat(("own", D(2025, 9, 10)))
    assert item(framework, record, D(2026, 3, 31)).due == D(2027, 9, 10)
    assert item(framework, record, D(2026, 4, 1)).due == D(2026, 10, 1)


def sooner(every):
    """Give a person's decision for another interval."""
    carries = {"activity": "own", "every": every}
    return (Decision(decision="sooner", on=D(2026, 1, 1), carries=carries),)


def test_a_shorter_interval_shortens_the_rounds_from_an_event(harbour, boat):
    """Rounds of a year shortened to three months end every three months after the event."""
    framework = harbour({"every": "12 months", "from": "other"})
    done = (("other", D(2025, 10, 1)), ("own", D(2025, 11, 1)))
    record = boat(*done, decisions=sooner("3 months"))
    assert item(framework, record, D(2026, 1, 2)).due == D(2026, 4, 1)
    assert framework.plan(record, on=D(2026, 1, 2), until=D(2026, 12, 31))["own"] == [
        D(2026, 4, 1),
        D(2026, 7, 1),
        D(2026, 10, 1),
    ]


def test_an_interval_of_a_person_is_moved_as_due_dates_are(harbour, boat):
    """The very same interval changes nothing, and a shorter one is moved off a weekend too."""
    framework = harbour({"every": "12 months"}, dates={"roll": "next_working_day"})
    last = ("own", D(2025, 2, 28))  # a year on is a Saturday, a month on a Friday

    def due_under(every):
        return item(framework, boat(last, decisions=sooner(every)), D(2026, 1, 2)).due

    assert due_under("12 months") == D(2026, 3, 2)
    assert due_under("3 months") == D(2025, 5, 28)
    assert due_under("8 months") == D(2025, 10, 28)
    assert due_under("92 days") == D(2025, 6, 2)  # 31 May is a Saturday


def test_an_interval_of_a_person_needs_a_day_to_count_from(harbour, boat):
    """Where nothing was done and the start is not known, a shorter interval says nothing."""
    framework = harbour({"sooner_of": [{"every": "12 months", "from": "published"}, YEARLY]})
    record = boat(published=D(2025, 3, 1), decisions=sooner("3 months"))
    assert item(framework, record, D(2026, 1, 2)).due == D(2026, 3, 1)


def test_an_interval_is_what_it_says():
    """A rule's own dates are read as days and intervals."""
    rule = read({**YEARLY, "grace": 0, "due_soon": "2 weeks", "early": "3 months", "roll": "none"})
    assert rule.dates == Dates(grace=0, due_soon=14, early=Interval(months=3))
