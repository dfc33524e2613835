"""The oracle says what a person works out by hand."""

import datetime as dt
import json
from pathlib import Path

import pytest
from oracle import Unknown, add, dues, hours_after, status, working_days_after

# Christmas 2026 to New Year 2027, and Easter 2026, as GOV.UK lists them for England.
HOLIDAYS = [
    dt.date(2026, 4, 3),
    dt.date(2026, 4, 6),
    dt.date(2026, 12, 25),
    dt.date(2026, 12, 28),
    dt.date(2027, 1, 1),
]
BANK_HOLIDAYS = Path(__file__).parents[3] / "shared" / "data" / "bank-holidays.json"
YEARLY = {"every": "12 months"}
TURNS = {"alternating_with": "qmc9b", "every": "12 months", "each_within": "24 months"}


def d(text):
    """Read a day."""
    return dt.date.fromisoformat(text)


def ask(rule, on, until, done="", **rest):
    """Give the plan as ISO text, from days written as text."""
    if rest.get("start"):
        rest["start"] = d(rest["start"])
    if rest.get("others"):
        rest["others"] = {who: [*map(d, text.split())] for who, text in rest["others"].items()}
    found = dues(rule, on=d(on), until=d(until), done=[*map(d, done.split())], **rest)
    return " ".join(map(str, found))


def test_leap_day():
    """A year after 29 February is 28 February, and met there it stays on the 28th."""
    assert ask(YEARLY, "2024-03-01", "2028-12-31", "2024-02-29") == (
        "2025-02-28 2026-02-28 2027-02-28 2028-02-28"
    )


def test_one_step():
    """An interval is added in one step: 31 January + 2 months is 31 March."""
    assert add(d("2026-01-31"), "1 month") == d("2026-02-28")
    assert add(d("2026-01-31"), "2 months") == d("2026-03-31")
    assert add(d("2026-01-31"), "1 month", month_end="roll_forward") == d("2026-03-01")
    assert add(d("2024-02-29"), "2 years") == d("2026-02-28")
    assert add(d("2026-01-01"), "4 weeks") == add(d("2026-01-01"), "28 days") == d("2026-01-29")


def test_one_step_from_each_one_met():
    """Counted from the one before, 31 January + 1 month is the 28th for good."""
    plan = ask({"every": "1 month"}, "2026-02-01", "2026-04-30", "2026-01-31")
    assert plan == "2026-02-28 2026-03-28 2026-04-28"


def test_overdue_is_met_on_its_own_day():
    """One overdue on the day of the question is not listed; the next counts from its due date."""
    assert ask(YEARLY, "2026-03-01", "2027-12-31", "2024-06-30") == "2026-06-30 2027-06-30"


def test_never_done():
    """Never done counts from the contract's start, and has no date without one."""
    assert ask(YEARLY, "2026-01-01", "2026-12-31", start="2025-05-01") == "2026-05-01"
    assert ask(YEARLY, "2026-01-01", "2026-12-31") == ""


def test_provider_interval():
    """While the provider's own interval is not known, it is asked."""
    rule = {"every": {"value": "review_interval"}}
    assert ask(
        rule, "2026-01-01", "2026-07-01", "2026-01-01", values={"review_interval": "6 months"}
    )
    with pytest.raises(Unknown) as error:
        ask(rule, "2026-01-01", "2026-07-01", "2026-01-01")
    assert error.value.names == ("review_interval",)


@pytest.mark.parametrize(
    ("done", "plan"),
    [
        ("", "2026-02-28 2026-03-31 2026-04-30"),
        ("2026-01-31", "2026-02-28 2026-03-31 2026-04-30"),
        ("2026-02-28", "2026-03-31 2026-04-30"),
        ("2026-03-01", "2026-04-30"),
    ],
)
def test_rounds(done, plan):
    """Rounds end at X + n I; a record after X and up to an end is that round's."""
    rule = {"every": "1 month", "from": "2026-01-31"}
    assert ask(rule, "2026-02-01", "2026-04-30", done) == plan


def test_rounds_from_an_activity():
    """Rounds count from another activity's last one done; never done, there are none."""
    rule = {"every": "6 months", "from": "qm3"}
    assert ask(rule, "2026-01-01", "2026-12-31", others={"qm3": "2024-05-01 2025-08-15"}) == (
        "2026-02-15 2026-08-15"
    )
    assert ask(rule, "2026-01-01", "2026-12-31", others={"qm3": ""}) == ""


def test_rounds_moved():
    """A round that ends on a Saturday, met on the Monday after, does not count for the next."""
    rule = {"every": "7 days", "from": "2026-01-03", "roll": "next_working_day"}
    assert ask(rule, "2026-01-04", "2026-01-31") == "2026-01-12 2026-01-19 2026-01-26"


def test_once():
    """A follow-up is due once, until one is done on or after what it follows."""
    rule = {"once": {"within": "10 working days", "of": "qm1"}}
    rest = {"others": {"qm1": "2026-12-17"}, "holidays": HOLIDAYS}
    assert ask(rule, "2026-12-17", "2027-12-31", **rest) == "2027-01-05"
    assert ask(rule, "2026-12-17", "2027-12-31", "2026-12-16", **rest) == "2027-01-05"
    assert ask(rule, "2026-12-17", "2027-12-31", "2026-12-17", **rest) == ""
    same = {"once": {"within": "same working day", "of": "2026-12-25"}}
    assert ask(same, "2026-12-17", "2026-12-31", holidays=HOLIDAYS) == "2026-12-29"


def test_once_in_hours():
    """Where the time is not known, 24 hours end with the next day."""
    rule = {"once": {"within": "24 hours", "of": "found_on"}}
    for day, due in [("06-01", "06-02"), ("10-24", "10-25"), ("03-28", "03-29")]:
        values = {"found_on": f"2026-{day}"}
        assert ask(rule, "2026-01-01", "2026-12-31", values=values) == f"2026-{due}"


def test_at_least():
    """Every stretch of a year holds two: due a year after the last but one."""
    rule = {"at_least": 2, "within": "12 months"}
    plan = ask(rule, "2026-02-01", "2027-02-28", "2025-03-10 2026-01-20")
    assert plan == "2026-03-10 2027-01-20"


def test_at_least_short():
    """With fewer than N done each missing one is due an interval after the start."""
    rule = {"at_least": 2, "within": "12 months"}
    assert ask(rule, "2025-01-02", "2026-12-31", start="2025-01-01") == "2026-01-01 2026-01-01"
    assert ask(rule, "2025-06-01", "2026-04-30", "2025-05-01") == ""
    assert ask(rule, "2025-06-01", "2026-05-01", "2025-05-01") == "2026-05-01 2026-05-01"


def test_at_most():
    """A limit alone makes nothing due."""
    assert (
        ask({"at_most": 2, "within": "12 months"}, "2025-01-01", "2027-01-01", "2025-01-01") == ""
    )
    rule = {"at_most": 2, "in_each": "calendar_year"}
    assert ask(rule, "2025-01-01", "2027-01-01", "2025-01-01") == ""


def test_once_each():
    """Once in each year from 1 April: by the last day of the year after the last one's."""
    rule = {"once_each": {"year_from": "04-01"}}
    assert ask(rule, "2026-01-01", "2028-12-31", "2025-03-31") == "2026-03-31 2027-03-31 2028-03-31"
    assert ask(rule, "2026-01-01", "2028-12-31", "2025-04-01") == "2027-03-31 2028-03-31"
    rule = {"once_each": {"year_from": "contract_start"}}
    assert ask(rule, "2026-01-01", "2027-06-30", start="2025-05-10") == "2027-05-09"


def test_alternation():
    """Types swap each year, the next counted from the last visit of either (K10)."""
    rest = {"others": {"qmc9b": "2024-09-30"}, "name": "qmc1", "order": ["qmc1", "qmc9b"]}
    assert ask(TURNS, "2026-09-30", "2030-12-31", "2025-09-30", **rest) == "2027-09-30 2029-09-30"


def test_alternation_cap():
    """The next is due no later than two years after its own last, and the other a year on (K10)."""
    rest = {"name": "qmc1", "order": ["qmc1", "qmc9b"], "others": {"qmc9b": "2026-06-01"}}
    assert ask(TURNS, "2026-06-02", "2029-01-31", "2025-01-15", **rest) == "2027-01-15 2029-01-15"
    rest = {"name": "qmc9b", "order": ["qmc1", "qmc9b"], "others": {"qmc1": "2025-01-15"}}
    rule = TURNS | {"alternating_with": "qmc1"}
    assert ask(rule, "2026-06-02", "2028-12-31", "2026-06-01", **rest) == "2028-01-15"


def test_alternation_never_done():
    """Where none was ever done the first in the pack's order comes first."""
    rest = {"order": ["qmc1", "qmc9b"], "start": "2026-01-10"}
    assert ask(TURNS, "2026-01-10", "2029-12-31", name="qmc1", **rest) == "2027-01-10 2029-01-10"
    rule = TURNS | {"alternating_with": ["qmc1"]}
    assert ask(rule, "2026-01-10", "2029-12-31", name="qmc9b", **rest) == "2028-01-10"


def test_alternation_of_three():
    """Two whose turns fall on one day are both met on it, and the later in the order was last."""
    rule = {"alternating_with": ["a", "c"], "every": "4 months", "each_within": "12 months"}
    rest = {"name": "b", "order": ["a", "b", "c"], "others": {"a": "2026-01-01", "c": "2025-05-01"}}
    plan = ask(rule, "2026-01-02", "2028-12-31", "2025-09-01", **rest)
    assert plan == "2026-05-01 2027-01-01 2028-01-01"


def test_sooner_and_later():
    """The sooner leaves out what has no date; the later has none then."""
    both = [YEARLY, {"every": "6 months", "from": "qm3"}]
    rest = {"others": {"qm3": ""}}
    assert (
        ask({"sooner_of": both}, "2026-01-01", "2026-12-31", "2025-03-01", **rest) == "2026-03-01"
    )
    assert ask({"later_of": both}, "2026-01-01", "2026-12-31", "2025-03-01", **rest) == ""
    rest = {"others": {"qm3": "2025-12-01"}}
    assert ask({"later_of": both}, "2026-01-01", "2026-12-31", "2025-03-01", **rest) == "2026-06-01"


@pytest.mark.parametrize(
    ("cycle", "plan"),
    [
        ("sooner", "2026-09-01 2028-09-01"),
        ("keep", "2026-09-01 2028-09-01"),
        ("anew", "2028-04-01"),
    ],
)
def test_changed(cycle, plan):
    """The cycle in hand on the day of a change ends as the change says; later ones are new."""
    change = {"on": "2026-04-01", "was": {"every": "12 months"}, "cycle": cycle}
    rule = {"every": "24 months", "changed": change}
    assert ask(rule, "2026-05-01", "2028-12-31", "2025-09-01") == plan


def test_changed_later():
    """Cycles that end before the change follow the old frequency."""
    change = {"on": "2027-04-01", "was": {"every": "12 months"}, "cycle": "anew"}
    rule = {"every": "24 months", "changed": change}
    assert ask(rule, "2025-01-01", "2030-01-01", "2024-09-01") == "2025-09-01 2026-09-01 2029-04-01"


def test_four_weekly():
    """Thirteen returns a year fall 28 days apart on the payment anchor's days."""
    rule = {"every": "4 weeks", "anchor": "payment_schedule_anchor"}
    rest = {"values": {"payment_schedule_anchor": "2026-01-05"}, "start": "2026-01-01"}
    plan = ask(rule, "2026-01-01", "2026-12-31", **rest).split()
    assert plan[:2] == ["2026-01-05", "2026-02-02"]
    assert (len(plan), plan[-1]) == (13, "2026-12-07")
    before = ask(rule, "2025-12-01", "2026-01-31", **rest | {"start": "2025-12-02"})
    assert before == "2025-12-08 2026-01-05"


def test_monthly():
    """A month's data is due by the day of the next, the last day being asked of the calendar."""
    rule = {"by_day": 31, "of": "following_month"}
    rest = {"periods_done": ["2025-12"]}
    assert ask(rule, "2026-02-01", "2026-04-30", **rest) == "2026-02-28 2026-03-31 2026-04-30"
    roll = rule | {"month_end": "roll_forward"}
    assert ask(roll, "2026-02-01", "2026-05-30", **rest) == "2026-03-01 2026-03-31 2026-05-01"
    last = {"by_day": "last", "of": "same_month"}
    assert ask(last, "2028-02-01", "2028-03-30", start="2028-02-01") == "2028-02-29"
    later = {"by_day": 6, "of": "3 months later", "months": [10, 11]}
    assert ask(later, "2026-01-01", "2026-12-31", start="2025-01-01") == "2026-01-06 2026-02-06"


def test_record_without_a_period():
    """A record counts for the earliest outstanding period that has ended, else the running one."""
    rule = {"by_day": 10, "of": "following_month"}
    rest = {"periods_done": ["2025-11"]}
    assert ask(rule, "2026-02-01", "2026-03-31", "2026-02-01", **rest) == "2026-02-10 2026-03-10"
    done = "2026-01-31 2026-02-01 2026-02-02"
    assert ask(rule, "2026-02-02", "2026-04-30", done, **rest) == "2026-04-10"


def test_quarters():
    """Quarters are counted from the month that begins them, in the year in which they begin."""
    rule = {"quarterly": {"start": "financial_year", "by_day": 31}}
    plan = ask(rule, "2026-08-01", "2027-07-31", "2026-07-31")
    assert plan == "2026-10-31 2027-01-31 2027-04-30 2027-07-31"
    got = {"periods_done": ["2026-Q3", "2027-Q4"]}
    assert ask(rule, "2027-01-01", "2027-07-31", **got) == "2027-07-31"


def test_listed_periods():
    """Listed periods come each year, due on the first such day from their end on."""
    rule = {"periods": [{"from": "04-01", "to": "03-31", "by": "01-31"}]}
    assert ask(rule, "2026-01-01", "2028-12-31", periods_done=["2025-04-01"]) == "2028-01-31"


def test_terms():
    """A term's return is due on its last day, and a half term's on the last day of the half."""
    half = {"start": "2026-10-26", "end": "2026-10-30"}
    autumn = {"name": "autumn", "start": "2026-09-01", "end": "2026-12-18", "half_term": half}
    summer = {"name": "summer", "start": "2026-04-13", "end": "2026-07-21"}
    summer["half_term"] = {"start": "2026-05-25", "end": "2026-05-29"}
    rest = {"terms": [summer, autumn], "periods_done": ["2026-summer"]}
    assert ask({"termly": "period_end"}, "2026-08-01", "2026-12-31", **rest) == "2026-12-18"
    rest["periods_done"] = ["2026-summer-2"]
    halves = ask({"half_termly": "period_end"}, "2026-08-01", "2026-12-31", **rest)
    assert halves == "2026-10-25 2026-12-18"


def test_in_each():
    """Each year holds N, and a record counts for no other year."""
    rule = {"at_least": 2, "in_each": "academic_year"}
    plan = ask(rule, "2026-08-01", "2027-08-31", "2025-09-01 2026-05-01 2026-08-01")
    assert plan == "2027-08-31 2027-08-31"
    assert ask(rule, "2026-08-01", "2026-12-31", "2025-09-01") == "2026-08-31"


def test_roll():
    """A due date on a weekend is moved where the pack asks, and the next counts from there."""
    rolled = {"dates": {"roll": "next_working_day"}}
    plan = ask({"every": "1 month"}, "2026-08-01", "2026-10-31", "2026-07-01", **rolled)
    assert plan == "2026-08-03 2026-09-03 2026-10-05"
    rule = {"every": "1 month", "roll": "none"}
    assert ask(rule, "2026-08-01", "2026-08-31", "2026-07-01", **rolled) == "2026-08-01"
    back = {"every": "2 days", "roll": "previous_working_day"}
    assert ask(back, "2026-01-01", "2026-01-07", "2025-12-31") == "2026-01-02 2026-01-04 2026-01-06"


def test_no_form():
    """A mapping that is no recurrence, or a series among single dates, is refused."""
    for rule in (
        {"often": "1 month"},
        {"sooner_of": [{"every": "1 month", "anchor": "2026-01-01"}]},
    ):
        with pytest.raises(ValueError, match=r"one date at a time|no form"):
            ask(rule, "2026-01-01", "2026-12-31", "2025-06-01")


def test_no_date():
    """What a person orders, nobody can say or does not apply has no date."""
    for rule in ({"as_required": True}, {"ask": ["x"]}, {"not_applicable": True}):
        assert ask(rule, "2026-01-01", "2026-12-31", "2025-06-01") == ""
    rule = {"by_value": "often", "options": {"annual": YEARLY}, "otherwise": {"every": "1 month"}}
    yearly = ask(rule, "2026-01-01", "2026-02-28", "2025-01-15", values={"often": "annual"})
    other = ask(rule, "2026-01-01", "2026-02-28", "2025-01-15", values={"often": "monthly"})
    assert (yearly, other) == ("2026-01-15", "2026-01-15 2026-02-15")


def test_working_days_over_christmas():
    """Ten working days after 17 December 2026 end on 5 January 2027 (A-094, C-108)."""
    assert working_days_after(d("2026-12-17"), 10, HOLIDAYS) == d("2027-01-05")
    assert working_days_after(d("2026-03-26"), 10, HOLIDAYS) == d("2026-04-13")


@pytest.mark.skipif(not BANK_HOLIDAYS.exists(), reason="no bank holidays here")
def test_bank_holidays():
    """The days used here are England's bank holidays of those months."""
    text = BANK_HOLIDAYS.read_text("utf-8")
    events = json.loads(text)["england-and-wales"]["events"]
    assert {str(day) for day in HOLIDAYS} <= {event["date"] for event in events}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-28T12:00", "2026-03-29T13:00"),
        ("2026-03-29T00:30", "2026-03-30T01:30"),
        ("2026-10-24T12:00", "2026-10-25T11:00"),
        ("2026-10-25T12:00", "2026-10-26T12:00"),
        ("2026-06-01T09:15", "2026-06-02T09:15"),
    ],
)
def test_clock_changes(start, end):
    """Twenty-four hours pass by the sun, not by the clock, over a night that changes it."""
    begin, finish = map(dt.datetime.fromisoformat, (start, end))
    assert hours_after(begin.date(), begin.time(), 24) == (finish.date(), finish.time())


@pytest.mark.parametrize(
    ("left", "name"),
    [(31, "not_due"), (30, "due_soon"), (1, "due_soon"), (0, "due_today"), (-1, "overdue")],
)
def test_status(left, name):
    """A due date is inclusive, and soon within thirty days (K1, K6)."""
    on = d("2026-06-01")
    assert status(on + dt.timedelta(days=left), on) == name


def test_grace():
    """Overdue starts the day after the due date and the grace."""
    due = d("2026-06-01")
    assert status(due, d("2026-06-06"), grace=5) != "overdue"
    assert status(due, d("2026-06-07"), grace=5) == "overdue"
