"""Recurrences: how they are written, their periods, and what follows the last one."""

import calendar
import datetime as dt
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.condition import ALWAYS, All, Is
from qaf_rules.frequency import (
    Ask,
    AsRequired,
    Attached,
    ByValue,
    Change,
    Conflict,
    NotApplicable,
    Rule,
    parse,
    texts,
)
from qaf_rules.recurrence import (
    SAME_DAY,
    Alternating,
    Anchored,
    Dates,
    EachYear,
    Every,
    Fixed,
    Later,
    Monthly,
    Once,
    OnceEach,
    Past,
    Quarterly,
    Sooner,
    Termly,
    Unknown,
    Within,
)
from qaf_rules.workdays import Interval, Term, is_working_day

YEAR, MONTH, FOUR_WEEKS = Interval(months=12), Interval(months=1), Interval(days=28)
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))
D = dt.date


def nothing(_name):
    """Know nothing."""
    del _name


def known(**values):
    """Give what is known, by name."""
    return values.get


def past(lookup, *done, **dates):
    """Give what was done, with what is known and how dates are handled."""
    return Past(done, None, lookup, dates=Dates()._replace(**dates))


def read(raw):
    """Read what is written without a fault."""
    rule, faults = parse(raw)
    assert faults == []
    return rule


def faults(raw):
    """Give the faults that are told."""
    return [(fault.path, fault.message) for fault in parse(raw, ("flour",))[1]]


def last_of(year, month):
    """Give the last day of a month."""
    return calendar.monthrange(year, month)[1]


# --- how each is written -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "frequency"),
    [
        ({"every": "12 months"}, Every(YEAR)),
        ({"every": "12 months", "deadline": "notified"}, Every(YEAR, deadline=True)),
        ({"every": "12 months", "from": "tasting"}, Every(YEAR, counts_from="tasting")),
        ({"every": "28 days", "anchor": "round_anchor"}, Anchored(FOUR_WEEKS, "round_anchor")),
        ({"by_day": 8}, Monthly(8, 1)),
        ({"by_day": "due_day", "of": "same_month"}, Monthly("due_day", 0)),
        (
            {
                "by_day": "last",
                "of": "following_month",
                "months": [10, 11],
            },
            Monthly("last", 1, months=frozenset({10, 11})),
        ),
        (
            {"quarterly": {"start": "first_month", "by_day": "due_day"}},
            Quarterly("first_month", "due_day"),
        ),
        ({"quarterly": {"start": "calendar_year", "by_day": "last"}}, Quarterly(1, "last")),
        ({"quarterly": {"start": "financial_year", "by_day": 5}}, Quarterly(4, 5)),
        ({"quarterly": {"start": 11, "by_day": 5}}, Quarterly(11, 5)),
        ({"termly": "period_end"}, Termly()),
        ({"half_termly": "period_end"}, Termly(halves=True)),
        (
            {"periods": [{"from": "04-01", "to": "09-30", "by": "10-31"}]},
            Fixed((("04-01", "09-30", "10-31"),)),
        ),
        ({"by_day": 8, "of": "3 months later"}, Monthly(8, 3)),
        ({"every": {"value": "pace"}}, Every("pace")),
        ({"once": {"within": "1 month", "of": "tasting"}}, Once("tasting", MONTH)),
        ({"once": {"within": "1 hour", "of": "tasting"}}, Once("tasting", 1)),
        ({"once": {"within": "same working day", "of": "tasting"}}, Once("tasting", SAME_DAY)),
        ({"at_least": 2, "within": "12 months"}, Within(YEAR, 2)),
        ({"at_most": 3, "within": "12 months"}, Within(YEAR, 0, 3)),
        ({"at_least": 2, "at_most": 2, "in_each": "academic_year"}, EachYear(9, 2, 2)),
        (
            {"sooner_of": [{"every": "12 months"}, {"every": "28 days"}]},
            Sooner((Every(YEAR), Every(FOUR_WEEKS))),
        ),
        (
            {"later_of": [{"every": "12 months"}, {"at_least": 1, "within": "28 days"}]},
            Later((Every(YEAR), Within(FOUR_WEEKS, 1))),
        ),
        (
            {"alternating_with": ["b", "c"], "every": "12 months", "each_within": "24 months"},
            Alternating(("b", "c"), YEAR, Interval(24)),
        ),
        (
            {"alternating_with": "tasting", "every": "12 months"},
            Alternating(("tasting",), YEAR, None),
        ),
        (
            {"alternating_with": "tasting", "each_within": "24 months"},
            Alternating(("tasting",), None, Interval(24)),
        ),
        ({"once_each": {"year_from": "04-01"}}, OnceEach("04-01")),
        ({"as_required": True}, AsRequired()),
        ({"as_required": True, "deadline": "notified"}, AsRequired(deadline=True)),
        ({"ask": ["X-B-01", "D-B-02"]}, Ask(("X-B-01", "D-B-02"))),
        ({"ask": "X-B-01"}, Ask(("X-B-01",))),
        ({"conflict": ["X-B-01"]}, Conflict(("X-B-01",))),
        ({"not_applicable": True}, NotApplicable()),
        ({"attached_to": "tasting"}, Attached("tasting")),
        (
            {
                "by_value": "pace",
                "options": {"slow": {"every": "12 months"}},
                "otherwise": {"ask": "pace"},
            },
            ByValue("pace", {"slow": Rule(Every(YEAR))}, Rule(Ask(("pace",)))),
        ),
    ],
)
def test_each_kind_is_read(raw, frequency):
    """Each way of saying how often gives that recurrence."""
    assert read(raw).frequency == frequency


def test_conditions_of_cases_and_attachments():
    """Cases and attachments carry the conditions that stand with them."""
    rule = read(
        {
            "cases": [{"when": {"large": True}, "use": {"every": "12 months"}}],
            "otherwise": {"as_required": True},
        }
    )
    ((when, use),) = rule.frequency.cases
    assert isinstance(when, Is)
    assert (when.name, use.frequency, rule.frequency.otherwise.frequency) == (
        "large",
        Every(YEAR),
        AsRequired(),
    )
    assert isinstance(read({"attached_to": "tasting", "when": {"large": True}}).frequency.when, Is)


def test_entry_that_a_reading_took_away():
    """A case or option that is null, as a reading may leave it, is not there."""
    rule = read({"cases": [None, {"when": {}, "use": {}}]})
    assert rule.frequency.cases == ((All(()), Rule()),)
    assert read({"by_value": "pace", "options": {"slow": None}}).frequency.options == {}


def test_what_stands_beside():
    """What stands beside a frequency is kept with it, one entry or a list."""
    rule = read(
        {
            "every": "12 months",
            "waits_on": "tasting",
            "force": "must",
            "owner": "baker",
            "channel": "post",
            "clause": ["B-001", "B-002"],
            "readings": "X-B-01",
            "conventions": ["K2"],
            "ask_about": "D-B-01",
        }
    )
    assert rule == Rule(
        Every(YEAR),
        "tasting",
        "must",
        "baker",
        "post",
        ("B-001", "B-002"),
        ("X-B-01",),
        ("K2",),
        ("D-B-01",),
    )


def test_no_frequency_is_no_fault():
    """An activity need not say how often; the matrix may."""
    assert read({"name": "Tasting", "clause": "B-001"}) == Rule(clauses=("B-001",))


def test_texts():
    """One text stands for a list of one, nothing for none."""
    assert (texts(None), texts("a"), texts(["a", 3])) == ((), ("a",), ("a", "3"))


@pytest.mark.parametrize(
    ("raw", "path", "message"),
    [
        ("yearly", ("flour",), "`yearly` is not a frequency"),
        ({"every": "a year"}, ("flour", "every"), "`a year` is not an interval"),
        (
            {"every": "1 year", "termly": "period_end"},
            ("flour", "every"),
            "`every` does not go with `termly`",
        ),
        (
            {"by_day": 8, "deadline": "notified"},
            ("flour", "deadline"),
            "`deadline` does not go with `by_day`",
        ),
        ({"by_day": 0}, ("flour", "by_day"), "`0` is no day of a month"),
        ({"by_day": 32}, ("flour", "by_day"), "`32` is no day of a month"),
        ({"by_day": 8, "of": "last_month"}, ("flour", "by_day"), "`last_month` is no month"),
        ({"by_day": 8, "months": [0]}, ("flour", "by_day"), "`months` are numbers from 1 to 12"),
        (
            {"by_day": 8, "months": ["June"]},
            ("flour", "by_day"),
            "`months` are numbers from 1 to 12",
        ),
        ({"by_day": 8, "months": 6}, ("flour", "by_day"), "`months` are numbers from 1 to 12"),
        ({"by_day": True}, ("flour", "by_day"), "`True` is no day of a month"),
        (
            {"quarterly": {"start": "f"}},
            ("flour", "quarterly"),
            "`quarterly` is not filled in as it should be",
        ),
        (
            {"once_each": "04-01"},
            ("flour", "once_each"),
            "`once_each` is not filled in as it should be",
        ),
        (
            {"once_each": {"year_from": "13-01"}},
            ("flour", "once_each"),
            "`13-01` is no day of a year",
        ),
        (
            {"by_value": "pace"},
            ("flour", "by_value"),
            "`by_value` is not filled in as it should be",
        ),
        ({"cases": {}}, ("flour", "cases"), "`cases` is not filled in as it should be"),
        ({"cases": [{"when": {}}]}, ("flour", "cases", 0), "a case has `when` and `use`"),
        (
            {"alternating_with": "b"},
            ("flour", "alternating_with"),
            "an alternation needs `every` or `each_within`",
        ),
        ({"attached_to": "b", "when": 5}, ("flour", "when"), "`5` is not a condition"),
        ({"months": [10]}, ("flour", "months"), "`months` says nothing without a frequency"),
        ({"by_day": 8, "months": [True]}, ("flour", "by_day"), "`months` are numbers from 1 to 12"),
        (
            {"by_day": 8, "of": "25 months later"},
            ("flour", "by_day"),
            "`25 months later` is no month",
        ),
        ({"by_day": 8, "of": "3 weeks later"}, ("flour", "by_day"), "`3 weeks later` is no month"),
        (
            {"every": "10 working days", "anchor": "opened_on"},
            ("flour", "every"),
            "a series from an anchor counts days, weeks, months or years of its own",
        ),
        (
            {"every": {"value": "pace"}, "anchor": "opened_on"},
            ("flour", "every"),
            "a series from an anchor counts days, weeks, months or years of its own",
        ),
        ({"every": {"of": "pace"}}, ("flour", "every"), "`{'of': 'pace'}` is not an interval"),
        (
            {"alternating_with": "b", "every": "12 months", "each_within": "6 months"},
            ("flour", "alternating_with"),
            "each within 6 months is shorter than one of them every 12 months",
        ),
        (
            {"alternating_with": ["b", "c", "b"], "every": "1 year"},
            ("flour", "alternating_with"),
            "an alternation names each other activity once",
        ),
        (
            {"alternating_with": [], "every": "1 year"},
            ("flour", "alternating_with"),
            "an alternation names each other activity once",
        ),
        ({"once": "24 hours"}, ("flour", "once"), "`once` is not filled in as it should be"),
        (
            {"once": {"within": "0 hours", "of": "b"}},
            ("flour", "once"),
            "`0 hours` is not an interval",
        ),
        (
            {"once": {"within": "10000 hours", "of": "b"}},
            ("flour", "once"),
            "`10000 hours` is not an interval",
        ),
        (
            {"at_least": 0, "within": "1 year"},
            ("flour", "at_least"),
            "`0` is no number of times",
        ),
        (
            {"at_most": True, "within": "1 year"},
            ("flour", "at_most"),
            "`True` is no number of times",
        ),
        (
            {"at_least": "two", "within": "1 year"},
            ("flour", "at_least"),
            "`two` is no number of times",
        ),
        (
            {"at_least": 1},
            ("flour", "at_least"),
            "a number of times is `within` an interval or `in_each` year",
        ),
        (
            {"at_most": 1, "within": "1 year", "in_each": "calendar_year"},
            ("flour", "at_most"),
            "a number of times is `within` an interval or `in_each` year",
        ),
        ({"at_least": 1, "in_each": "leap_year"}, ("flour", "at_least"), "`leap_year` is no year"),
        (
            {"sooner_of": [{"every": "1 year"}]},
            ("flour", "sooner_of"),
            "`sooner_of` is not filled in as it should be",
        ),
        (
            {"later_of": [{"every": "1 year"}, {"by_day": 5}]},
            ("flour", "later_of", 1),
            "of series, turns, and what has no date there is no sooner and no later",
        ),
        (
            {"sooner_of": [{"every": "1 year"}, {"alternating_with": "b", "every": "1 year"}]},
            ("flour", "sooner_of", 1),
            "of series, turns, and what has no date there is no sooner and no later",
        ),
        (
            {"sooner_of": [{"every": "1 year"}, {"every": "a year"}]},
            ("flour", "sooner_of", 1, "every"),
            "`a year` is not an interval",
        ),
        (
            {"sooner_of": [{"every": "1 year"}, {"every": "6 months", "roll": "none"}]},
            ("flour", "sooner_of", 1, "roll"),
            "`roll` holds for the whole",
        ),
        (
            {
                "sooner_of": [
                    {"every": "1 year"},
                    {
                        "every": "1 year",
                        "changed": {"on": "2026-01-01", "was": {"every": "1 month"}},
                    },
                ]
            },
            ("flour", "sooner_of", 1, "changed"),
            "`changed` holds for the whole",
        ),
        (
            {"quarterly": {"start": 13, "by_day": 5}},
            ("flour", "quarterly"),
            "`13` is no month in which quarters begin",
        ),
        (
            {"quarterly": {"start": True, "by_day": 5}},
            ("flour", "quarterly"),
            "`True` is no month in which quarters begin",
        ),
        ({"periods": []}, ("flour", "periods"), "`periods` is not filled in as it should be"),
        (
            {"periods": [{"from": "04-01", "to": "09-30"}]},
            ("flour", "periods", 0),
            "a period says `from`, `to` and `by`, each as MM-DD",
        ),
        (
            {
                "periods": [
                    {"from": "02-28", "to": "03-31", "by": "04-30"},
                    {"from": "02-29", "to": "06-30", "by": "07-31"},
                ]
            },
            ("flour", "periods", 1, "from"),
            "another period begins on `02-29`, by which it is named",
        ),
        (
            {"periods": ["04-01"]},
            ("flour", "periods", 0),
            "a period says `from`, `to` and `by`, each as MM-DD",
        ),
        (
            {"periods": [{"from": "04-01", "to": "09-31", "by": "10-31"}]},
            ("flour", "periods"),
            "`09-31` is no day of a year",
        ),
        (
            {"half_termly": "start"},
            ("flour", "half_termly"),
            "`half_termly` is not filled in as it should be",
        ),
        ({"month_end": "spill"}, ("flour", "month_end"), "`spill` is no rule for a month's end"),
        ({"roll": True}, ("flour", "roll"), "`True` is no rule for weekends"),
        ({"grace": "1 month"}, ("flour", "grace"), "`1 month` is no number of days"),
        (
            {"due_soon": "5 working days"},
            ("flour", "due_soon"),
            "`5 working days` is no number of days",
        ),
        ({"grace": 5}, ("flour", "grace"), "`5` is not an interval"),
        ({"early": "soon"}, ("flour", "early"), "`soon` is not an interval"),
    ],
)
def test_fault_has_its_place(raw, path, message):
    """Each way of writing a frequency wrongly is one fault, at the key that is wrong."""
    assert faults(raw) == [(path, message)]


CHANGED = {"on": "2026-04-01", "was": {"every": "28 days"}}


def test_a_change_is_read():
    """A change keeps its day, what was before and how the cycle in hand ends: the sooner, unless said."""
    rule = read({"every": "12 months", "changed": CHANGED})
    assert rule.changed == Change(D(2026, 4, 1), Every(FOUR_WEEKS), "sooner")
    kept = read({"every": "12 months", "changed": {**CHANGED, "cycle": "keep"}})
    assert kept.changed.cycle == "keep"


@pytest.mark.parametrize(
    ("raw", "changed", "path", "message"),
    [
        (
            {"every": "1 year"},
            "2026-04-01",
            (),
            "`changed` says `on` which day and what it `was`, and may say which `cycle`",
        ),
        (
            {"every": "1 year"},
            {"on": "2026-04-01"},
            (),
            "`changed` says `on` which day and what it `was`, and may say which `cycle`",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "until": 1},
            (),
            "`changed` says `on` which day and what it `was`, and may say which `cycle`",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "cycle": "keeep"},
            ("cycle",),
            "`keeep` is no end of a cycle",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "on": "2026-04-31"},
            ("on",),
            "`2026-04-31` is a day that does not exist",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "was": {"by_day": 5}},
            (),
            "only what counts one date at a time can have been another before",
        ),
        (
            {"by_day": 5},
            CHANGED,
            (),
            "only what counts one date at a time can have been another before",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "was": {"every": "28 days", "grace": "5 days"}},
            ("was", "grace"),
            "`grace` holds for the whole",
        ),
        (
            {"every": "1 year"},
            {**CHANGED, "was": {"every": "28 days", "changed": CHANGED}},
            ("was", "changed"),
            "`changed` holds for the whole",
        ),
    ],
)
def test_a_change_that_cannot_be(raw, changed, path, message):
    """Each way of writing a change wrongly is one fault, at what is wrong."""
    assert faults({**raw, "changed": changed}) == [(("flour", "changed", *path), message)]


@pytest.mark.parametrize(
    ("raw", "help_"),
    [
        ({"every": "1 year", "changed": {**CHANGED, "cycle": "keeep"}}, "did you mean `keep`?"),
        (
            {"every": "1 year", "changed": {**CHANGED, "cycle": "x"}},
            "write `sooner`, `keep` or `anew`",
        ),
        ({"at_least": 1, "in_each": "finance_year"}, "did you mean `financial_year`?"),
        (
            {"at_least": 1, "in_each": "x"},
            "write `calendar_year`, `financial_year` or `academic_year`",
        ),
        (
            {"once": {"within": "a day", "of": "b"}},
            "write an interval, `24 hours` or `same working day`",
        ),
        ({"month_end": "x"}, "write `clamp` or `roll_forward`"),
    ],
)
def test_a_fault_says_what_helps(raw, help_):
    """What is nearly right is guessed; else all that there is, is named."""
    (fault,) = parse(raw)[1]
    assert fault.help == help_


def test_faults_inside_options_and_cases_are_told_together():
    """The faults of every option and case are told at once, each with its way there."""
    raw = {
        "by_value": "pace",
        "options": {
            "slow": {"every": "x"},
            "fast": {"cases": [{"when": 1, "use": {"by_day": 40}}]},
        },
        "otherwise": {"every": "y"},
    }
    assert [path for path, _ in faults(raw)] == [
        ("flour", "options", "slow", "every"),
        ("flour", "options", "fast", "cases", 0, "when"),
        ("flour", "options", "fast", "cases", 0, "use", "by_day"),
        ("flour", "otherwise", "every"),
    ]


def test_help_never_offers_what_was_written():
    """The help for a frequency that is filled in wrongly is not the very same word."""
    (fault,) = parse({"quarterly": 3})[1]
    assert "did you mean" not in (fault.help or "")


# --- after the last one done ---------------------------------------------------------------------


@settings(deadline=None)
@given(DAYS, st.integers(1, 36))
def test_next_is_counted_from_the_last_one(last, months):
    """Due N months after the last one done, clamped to the month's end."""
    due = Every(Interval(months=months)).next(past(nothing, last))
    at, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    assert due == D(at, month + 1, min(last.day, last_of(at, month + 1)))


@settings(deadline=None)
@given(DAYS, st.integers(1, 12), st.integers(1, 28))
def test_once_each_year_is_due_by_its_last_day(last, month, day):
    """Once in each year: done in one, due by the last day of the next."""
    due = OnceEach(f"{month:02d}-{day:02d}").next(past(nothing, last))
    begins = due + dt.timedelta(days=1)
    assert (begins.month, begins.day) == (month, day)
    assert begins.replace(year=begins.year - 2) <= last < begins.replace(year=begins.year - 1)


def test_year_that_begins_on_a_field():
    """The year may begin on a field's day and month; until the field is known it is asked for."""
    yearly = OnceEach("opened_on")
    assert yearly.next(past(known(opened_on=D(2019, 5, 20)), D(2026, 6, 1))) == D(2028, 5, 19)
    with pytest.raises(Unknown) as caught:
        yearly.next(past(nothing, D(2026, 6, 1)))
    assert caught.value.names == ("opened_on",)


def test_year_that_begins_on_a_leap_day():
    """A year that begins on 29 February begins on the 28th where there is none."""
    yearly = OnceEach("02-29")
    assert yearly.next(past(nothing, D(2025, 3, 1))) == D(2027, 2, 27)
    assert yearly.next(past(nothing, D(2027, 3, 1))) == D(2029, 2, 27)
    assert yearly.next(past(nothing, D(2026, 3, 1))) == D(2028, 2, 28)


# --- series --------------------------------------------------------------------------------------

TERMS = tuple(
    Term(name, D(year, start, 3), D(year, end, 20))
    for year in range(2014, 2040)
    for name, start, end in (("spring", 1, 3), ("summer", 4, 7), ("autumn", 9, 12))
)
LOOKUP = known(due_day=31, first_month=4, round_anchor=D(2018, 1, 31), terms=TERMS)
SERIES = st.one_of(
    st.builds(
        Monthly,
        st.one_of(st.integers(1, 31), st.sampled_from(["last", "due_day"])),
        st.integers(0, 3),
        st.frozensets(st.integers(1, 12), min_size=1),
    ),
    st.builds(
        Anchored,
        st.one_of(
            st.builds(Interval, months=st.integers(1, 13)),
            st.builds(Interval, days=st.integers(1, 400)),
        ),
        st.just("round_anchor"),
    ),
    st.builds(Quarterly, st.just("first_month"), st.one_of(st.integers(1, 31), st.just("due_day"))),
    st.just(Termly()),
)


@settings(deadline=None)
@given(SERIES, DAYS)
def test_due_dates_strictly_increase(series, start):
    """In every series each period is due after the one before, under a label of its own."""
    periods = list(islice(series.periods(start, past(LOOKUP)), 20))
    assert all(a.due < b.due and a.ends < b.ends for a, b in pairwise(periods))
    assert len({p.label for p in periods}) == len(periods)


@settings(deadline=None)
@given(SERIES, DAYS, st.integers(1, 1500))
def test_where_listing_starts_changes_no_period(series, start, later):
    """Listing from a later day leaves earlier periods out and changes no other."""
    periods = list(islice(series.periods(start, past(LOOKUP)), 200))
    after = list(islice(series.periods(start + dt.timedelta(days=later), past(LOOKUP)), 3))
    kept = [p for p in periods if p in after]
    assert kept == after[: len(kept)]
    if periods and after and after[-1].due <= periods[-1].due:
        assert kept == after


@settings(deadline=None)
@given(SERIES, DAYS)
def test_period_begins_in_time_to_be_listed(series, start):
    """The day from which a label says to list is early enough to list that label."""
    for period in islice(series.periods(start, past(LOOKUP)), 5):
        listed = islice(series.periods(series.begins(period.label), past(LOOKUP)), 40)
        assert period.label in [p.label for p in listed]


@settings(deadline=None)
@given(DAYS, st.integers(1, 31), st.booleans())
def test_monthly_by_day(start, day, following):
    """Each month's data is due on that day of the month or the next, clamped."""
    for n, period in enumerate(
        islice(Monthly(day, int(following)).periods(start, past(nothing)), 30)
    ):
        at, index = divmod(start.year * 12 + start.month - 1 + n, 12)
        assert period.label == f"{at}-{index + 1:02d}"
        assert period.ends == D(at, index + 1, last_of(at, index + 1))
        at, index = divmod(start.year * 12 + start.month - 1 + n + following, 12)
        assert period.due == D(at, index + 1, min(day, last_of(at, index + 1)))


def test_monthly_in_some_months():
    """A series of some months has no period for the others."""
    periods = Monthly(8, 1, months=frozenset({10, 12})).periods(D(2026, 11, 20), past(nothing))
    assert [(p.label, p.due) for p in islice(periods, 3)] == [
        ("2026-12", D(2027, 1, 8)),
        ("2027-10", D(2027, 11, 8)),
        ("2027-12", D(2028, 1, 8)),
    ]


@settings(deadline=None)
@given(DAYS, st.integers(1, 31))
def test_rolling_moves_to_the_next_working_day(start, day):
    """A series that rolls is never due on a weekend or holiday, and never before its day."""
    fixed = Monthly(day, 1).periods(start, past(nothing))
    rolled = Monthly(day, 1).periods(start, past(nothing, roll="next_working_day"))
    for before, after in islice(zip(fixed, rolled, strict=False), 12):
        assert after.label == before.label
        assert is_working_day(after.due)
        assert 0 <= (after.due - before.due).days <= 5


@pytest.mark.parametrize(
    ("rolls", "due"), [(True, D(2026, 3, 9)), (False, D(2026, 3, 8)), (None, D(2026, 3, 8))]
)
def test_rolling_may_be_a_setting(rolls, due):
    """Whether a series rolls may be a setting; it does not until that is true."""
    found = Monthly(8, 1).periods(D(2026, 2, 1), past(known(roll_days=rolls), roll="roll_days"))
    assert next(found).due == due


def test_due_day_that_is_a_field():
    """A due day may be a field; until it is known it is asked for."""
    monthly = Monthly("due_day", 1)
    assert next(monthly.periods(D(2026, 1, 5), past(known(due_day=30)))).due == D(2026, 2, 28)
    with pytest.raises(Unknown) as caught:
        next(monthly.periods(D(2026, 1, 5), past(nothing)))
    assert caught.value.names == ("due_day",)


@settings(deadline=None)
@given(st.integers(1, 14), DAYS, DAYS)
def test_anchored_months_are_counted_from_the_anchor(months, anchor, start):
    """A series of months is whole months from its anchor, clamped, with none left out."""
    series = Anchored(Interval(months=months), "round_anchor")
    found = [p.due for p in islice(series.periods(start, past(known(round_anchor=anchor))), 4)]
    wanted = []
    n = -300
    while len(wanted) < 4:
        at, index = divmod(anchor.year * 12 + anchor.month - 1 + n * months, 12)
        due = D(at, index + 1, min(anchor.day, last_of(at, index + 1)))
        if due >= start:
            wanted.append(due)
        n += 1
    assert found == wanted


@settings(deadline=None)
@given(st.integers(1, 60), DAYS, DAYS)
def test_anchor_is_itself_a_due_date(days, anchor, start):
    """K9: the first due date is the anchor, or a whole number of intervals from it."""
    first = next(Anchored(Interval(days=days), "a").periods(start, past(known(a=anchor))))
    assert first.label == first.due.isoformat()
    assert (first.due - anchor).days % days == 0
    assert 0 <= (first.due - start).days < days
    assert (
        next(Anchored(Interval(days=days), "a").periods(anchor, past(known(a=anchor)))).due
        == anchor
    )


def test_anchor_that_is_unknown():
    """A series without its anchor asks for it."""
    with pytest.raises(Unknown) as caught:
        next(Anchored(FOUR_WEEKS, "round_anchor").periods(D(2026, 1, 1), past(nothing)))
    assert caught.value.names == ("round_anchor",)


@settings(deadline=None)
@given(DAYS, st.integers(1, 12), st.integers(1, 31))
def test_quarters_count_from_their_first_month(start, first, day):
    """A quarter is three months from the month named, labelled by the year it begins in."""
    lookup = known(first_month=first)
    for period in islice(Quarterly("first_month", day).periods(start, past(lookup)), 9):
        begun = D(int(period.label[:4]), (first - 1 + 3 * (int(period.label[-1]) - 1)) % 12 + 1, 1)
        at, index = divmod(begun.year * 12 + begun.month - 1 + 2, 12)
        assert period.ends == D(at, index + 1, last_of(at, index + 1))
        at, index = divmod(begun.year * 12 + begun.month - 1 + 3, 12)
        assert period.due == D(at, index + 1, min(day, last_of(at, index + 1)))
        assert period.ends >= start


def test_quarters_ask_for_all_they_lack():
    """A series of quarters asks for its first month and its due day together."""
    with pytest.raises(Unknown) as caught:
        next(Quarterly("first_month", "due_day").periods(D(2026, 1, 1), past(nothing)))
    assert caught.value.names == ("first_month", "due_day")


def test_quarters_of_a_financial_year():
    """January to March is the fourth quarter of a year from April."""
    periods = Quarterly("first_month", 15).periods(D(2026, 1, 1), past(known(first_month=4)))
    assert [(p.label, p.due) for p in islice(periods, 2)] == [
        ("2026-Q4", D(2026, 4, 15)),
        ("2026-Q1", D(2026, 7, 15)),
    ]


def test_terms_are_due_on_their_last_day():
    """Each term is a period, due on its last day, from the first that has not ended."""
    periods = list(Termly().periods(D(2026, 4, 30), past(known(terms=TERMS[36:40]))))
    assert [(p.label, p.due) for p in periods] == [
        ("2026-summer", D(2026, 7, 20)),
        ("2026-autumn", D(2026, 12, 20)),
        ("2027-spring", D(2027, 3, 20)),
    ]


@pytest.mark.parametrize("calendar_of", [(), None, "autumn"])
def test_no_terms_are_asked_for(calendar_of):
    """K11: without a calendar of terms it is asked for."""
    with pytest.raises(Unknown) as caught:
        next(Termly().periods(D(2026, 1, 1), past(known(terms=calendar_of))))
    assert caught.value.names == ("terms",)


def test_attachment_without_a_condition_always_holds():
    """What is attached without a condition is always held with the other."""
    assert read({"attached_to": "tasting"}).frequency.when is ALWAYS or read(
        {"attached_to": "tasting"}
    ).frequency.when == All(())
