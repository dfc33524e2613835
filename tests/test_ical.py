"""A plan goes into a calendar, and later plans move its events instead of adding to them."""

import datetime as dt
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.ical import from_ical, to_ical
from qaf_rules.model import Activity
from qaf_rules.registers import read_register
from qaf_rules.workload import Due, Workload, workload

ROOT = Path(__file__).parents[1]
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)
DAY = dt.timedelta(days=1)
VISIT = Due(
    provider="birch-lea",
    name="Birch Lea",
    activity="qm1",
    due=dt.date(2027, 4, 21),
    earliest=dt.date(2027, 1, 21),
    officer="cqmo",
    clauses=("A-245", "A-055"),
    text="Quality and Contract Monitoring Meeting",
    occurrence=3,
)
RETURN = VISIT._replace(
    activity="local_data_return", period="2027-03", occurrence=None, text="Local Data Return"
)

registers = pytest.mark.parametrize("name", ["adults", "children"])


@cache
def example(name):
    """Give a framework under the settings of its example register, and the records."""
    framework = load(name)
    register = read_register(ROOT / "examples" / f"{name}.yaml", framework)
    return framework.using(settings=register.settings), dict(register.records)


@cache
def year(name):
    """Give a year's plan of an example register."""
    framework, records = example(name)
    return workload(framework, records.values(), on=ON, until=UNTIL, capacity=6)


def plan(*dues, on=ON, until=UNTIL):
    """Give a plan of these entries."""
    return Workload(on, until, tuple(dues))


def written(*dues, previous=None, on=ON, until=UNTIL, **options):
    """Write a plan of these entries under the framework of adult services."""
    made = plan(*dues, on=on, until=until)
    return to_ical(made, framework=example("adults")[0], previous=previous, **options)


def events(data):
    """Give the events of a file in their order, by UID."""
    return {str(e["UID"]): e for e in icalendar.Calendar.from_ical(data).walk("VEVENT")}


def event(data):
    """Give the only event of a file."""
    (only,) = events(data).values()
    return only


def state(found):
    """Give an event's sequence and status."""
    return int(found["SEQUENCE"]), str(found["STATUS"])


# --- what any plan is -----------------------------------------------------------------------------

DATES = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))
WORDS = st.text(min_size=1, max_size=40) | st.sampled_from(
    ["Tŷ Hafan; Llys, Nant", "two\nlines", "a\\nb\\Nc\\\\", "東京 " * 30, "100 %", "\x85\u2028\x00"]
)
MOMENTS = st.datetimes(
    dt.datetime(2020, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    dt.datetime(2035, 12, 31),  # noqa: DTZ001  # the same
    timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=1))]),
).map(lambda moment: moment.replace(microsecond=0))
DUES = st.builds(
    Due,
    provider=WORDS,
    name=st.none() | WORDS,
    activity=st.sampled_from(["qm1", "local_data_return"]) | WORDS,
    due=DATES,
    earliest=DATES,
    officer=st.sampled_from(["cqmo", "provider", "nobody"]) | WORDS,
    period=st.none() | st.just("2026-11") | WORDS,
    clauses=st.lists(st.sampled_from(["A-245", "no-such-clause"]), max_size=3).map(tuple),
    text=st.just("") | WORDS,
    proposed=st.none() | DATES,
    late=st.booleans(),
    due_at=st.none() | MOMENTS,
    occurrence=st.none() | st.integers(1, 9),
)
# Few keys, so that two plans share events.
FEW = st.builds(
    VISIT._replace,
    provider=st.sampled_from(["birch-lea", "ash-lodge"]),
    due=st.dates(dt.date(2026, 1, 1), dt.date(2029, 12, 31)),
    period=st.sampled_from([None, "2026-11"]),
    occurrence=st.none() | st.integers(1, 3),
)
ONS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))  # nothing is forgotten in two years
ENDS = st.dates(dt.date(2026, 6, 1), dt.date(2029, 12, 31))
PLANS = st.builds(Workload, ONS, ENDS, st.lists(FEW, max_size=4).map(tuple))


@settings(max_examples=100)
@given(st.lists(DUES, max_size=4))
def test_a_plan_reads_back(dues):
    """Whatever its words, a plan reads back entry by entry, and written again it has not changed."""
    data = written(*dues)
    assert from_ical(data) == tuple(dues)
    assert written(*dues, previous=data) == data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


@settings(max_examples=50)
@given(st.lists(PLANS, min_size=2, max_size=4))
def test_a_calendar_that_imports_each_file_shows_the_last_plan(plans):
    """An importer that keeps one event a UID shows the last plan, and otherwise only what falls due later."""
    framework = example("adults")[0]
    client, previous = {}, None
    for made in plans:
        previous = to_ical(made, framework=framework, previous=previous)
        told = events(previous)
        assert from_ical(previous) == made.dues
        for uid in client.keys() & told.keys():
            assert int(told[uid]["SEQUENCE"]) >= int(client[uid]["SEQUENCE"])
        client |= told
        planned = [uid for uid in told if told[uid]["X-QAF-STATE"] == "planned"]
        assert len(planned) == len(made.dues)
        for uid in client.keys() - set(planned):
            old = client[uid]
            assert old["STATUS"] == "CANCELLED" or old["DTSTART"].dt > made.until


@registers
def test_a_year_of_a_register(name):
    """A year of each example register: one event a due date, each on its whole day, and no rule."""
    framework, _ = example(name)
    made = year(name)
    data = to_ical(made, framework=framework)
    found = events(data)
    assert from_ical(data) == made.dues
    assert len(made.dues) == len(found) > 150
    assert [e["DTSTART"].dt for e in found.values()] == [due.due for due in made.dues]
    assert all(e["DTEND"].dt - e["DTSTART"].dt == DAY for e in found.values())
    assert b"VALUE=DATE:" in data
    assert not any(word in data for word in (b"RRULE", b"RDATE", b"\nDTSTART:"))


@registers
def test_a_plan_names_what_it_plans(name):
    """Every entry of a series has its period, every other its place in the order, and all a clause."""
    for due in year(name).dues:
        assert (due.period is None) != (due.occurrence is None)
        assert due.clauses


@registers
def test_events_keep_their_names_as_time_goes_by(name):
    """A plan made later gives what still falls due on the same day the same UID."""
    framework, records = example(name)
    seen = {}
    common = 0
    for days in (0, 30, 60):
        on = ON + days * DAY
        made = workload(framework, records.values(), on=on, until=on + 364 * DAY)
        for uid, due in zip(events(to_ical(made, framework=framework)), made.dues, strict=True):
            key = due.provider, due.activity, due.due
            common += key in seen
            assert seen.setdefault(key, uid) == uid
    assert common > 200


def test_the_same_in_every_process(tmp_path):
    """Another process writes the same bytes, whatever its hash seed, time zone and locale."""
    path = tmp_path / "plan.ics"
    code = (
        "import datetime as dt, pathlib, sys, qaf_rules as qaf\n"
        "from qaf_rules.ical import to_ical\n"
        "from qaf_rules.workload import workload\n"
        "adults = qaf.load('adults')\n"
        "register = qaf.read_register('examples/adults.yaml', adults)\n"
        "adults = adults.using(settings=register.settings)\n"
        "plan = workload(adults, register, on=dt.date(2026, 11, 22),"
        " until=dt.date(2027, 11, 21), capacity=6)\n"
        "pathlib.Path(sys.argv[1]).write_bytes(to_ical(plan, framework=adults))\n"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=ROOT, env=env)
    assert path.read_bytes() == to_ical(year("adults"), framework=example("adults")[0])


# --- one event ------------------------------------------------------------------------------------


def test_what_a_calendar_shows():
    """An event says what is due of whom, from when, whose work it is, and the clauses with their words."""
    clauses = example("adults")[0].pack.clauses
    found = event(written(VISIT._replace(proposed=dt.date(2027, 3, 9))))
    assert found["SUMMARY"] == "Quality and Contract Monitoring Meeting: Birch Lea"
    assert found["CATEGORIES"].cats == ["Quality and Contract Monitoring Meeting"]
    assert found["TRANSP"] == "TRANSPARENT"
    assert found["DTSTAMP"].dt == dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    assert state(found) == (0, "CONFIRMED")
    assert found["DTSTART"].dt == dt.date(2027, 4, 21)
    assert found["DESCRIPTION"].split("\n") == [
        "Provider: Birch Lea (birch-lea)",
        "Activity: Quality and Contract Monitoring Meeting",
        "Due: 21 April 2027",
        "Earliest: 21 January 2027",
        "Proposed: 9 March 2027",
        "Owner: Contract and Quality Monitoring Officer",
        f"A-245: {clauses['A-245'].says}",
        f"A-055: {clauses['A-055'].says}",
    ]


def test_what_is_not_known_is_left_out():
    """Without a name or a label the ids stand, an unknown clause stands by itself, overdue is said."""
    bare = RETURN._replace(name=None, text="", officer="sam", clauses=("Z-1",), late=True)
    found = event(written(bare))
    assert found["SUMMARY"] == "local_data_return: birch-lea"
    assert found["DESCRIPTION"].split("\n") == [
        "Provider: birch-lea",
        "Activity: local_data_return, for 2027-03",
        "Due: 21 April 2027, overdue",
        "Earliest: 21 January 2027",
        "Owner: sam",
        "Z-1",
    ]


def test_the_calendar_says_whose_it_is():
    """A calendar is named after its only provider, else after the framework."""
    framework = example("adults")[0]
    other = VISIT._replace(provider="ash-lodge")
    one, two = (icalendar.Calendar.from_ical(written(*d)) for d in ([VISIT], [VISIT, other]))
    assert one["X-WR-CALNAME"] == "Due dates: Birch Lea"
    assert two["X-WR-CALNAME"] == f"Due dates: {framework.pack.identity.name}"
    assert (one["METHOD"], one["VERSION"]) == ("PUBLISH", "2.0")
    assert one["PRODID"] == "-//qaf_rules//qaf-rules//EN"


@pytest.mark.parametrize(
    ("days", "at"),
    [
        (7, dt.datetime(2027, 4, 14, 9)),  # noqa: DTZ001  # a whole day has no zone
        (1, dt.datetime(2027, 4, 20, 9)),  # noqa: DTZ001  # the same
        (0, dt.datetime(2027, 4, 21, 9)),  # noqa: DTZ001  # the same
    ],
)
def test_an_alarm_goes_off_in_the_morning(days, at):
    """A whole day's alarm goes off at nine, so many days before."""
    found = event(written(VISIT, alarm_days=days))
    (alarm,) = found.walk("VALARM")
    midnight = dt.datetime.combine(found["DTSTART"].dt, dt.time())
    assert alarm["ACTION"] == "DISPLAY"
    assert alarm["DESCRIPTION"] == found["SUMMARY"]
    assert midnight + alarm["TRIGGER"].dt == at


def test_an_alarm_is_never_after_the_due_date():
    """A negative number of days is refused."""
    with pytest.raises(ValueError, match="alarm_days"):
        written(VISIT, alarm_days=-1)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (dt.datetime(2027, 7, 1, 14, 30, tzinfo=ZoneInfo("Europe/London")), "1 July 2027, 14:30"),
        (dt.datetime(2027, 1, 5, 9, 0, tzinfo=dt.UTC), "5 January 2027, 09:00"),
        (dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC), "31 October 2027, 01:30"),
        (dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC), "31 October 2027, 01:30"),
    ],
)
def test_a_deadline_in_hours(moment, shown):
    """An event of hours ends at its moment, said by London's clock, with an alarm two hours before."""
    due = VISIT._replace(due=moment.date(), due_at=moment)
    data = written(due)
    found = event(data)
    assert from_ical(data)[0].due_at.astimezone(dt.UTC) == moment.astimezone(dt.UTC)
    assert found["DTEND"].dt == moment.astimezone(dt.UTC)
    assert found["DTEND"].dt - found["DTSTART"].dt == dt.timedelta(hours=1)
    assert f"Due: {shown}\n" in found["DESCRIPTION"]
    (alarm,) = found.walk("VALARM")
    rings = found["DTSTART"].dt + alarm["TRIGGER"].dt
    assert found["DTEND"].dt - rings == dt.timedelta(hours=2)


def test_a_framework_that_counts_hours():
    """What a framework asks for within hours of a meeting is an event of that moment."""
    framework, records = example("adults")
    once = {"once": {"within": "24 hours", "of": "qm1"}, "as_required": {"remove": True}}
    hourly = framework.amend({"activities": {"qm2": once}})
    record = records["ash-lodge"]
    held = Activity(activity="qm1", completed=dt.date(2026, 11, 20), time="14:30")
    record = record.model_copy(update={"activities": (*record.activities, held)})
    made = workload(hourly, [record], on=dt.date(2026, 11, 21), until=dt.date(2026, 11, 30))
    data = to_ical(made, framework=hourly)
    assert from_ical(data) == made.dues
    assert event(data)["DTEND"].dt == dt.datetime(2026, 11, 21, 14, 30, tzinfo=dt.UTC)


def test_a_moment_needs_its_time_zone():
    """A moment without a time zone is refused, and it is said whose."""
    naive = dt.datetime(2027, 7, 1, 14, 30)  # noqa: DTZ001  # the fault
    with pytest.raises(InputError, match=r"birch-lea, qm1: .*no time zone"):
        written(VISIT._replace(due_at=naive))


# --- UIDs -----------------------------------------------------------------------------------------


def uid(*dues):
    """Give the UID of the last of these entries."""
    return list(events(written(*dues)))[-1]


@pytest.mark.parametrize(
    "change",
    [
        {"due": dt.date(2027, 6, 1)},
        {"name": "Birch Lea Care Home"},
        {"officer": "commissioner"},
        {"text": "Meeting"},
        {"clauses": ()},
        {"late": True},
        {"due_at": dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_uid_is_of_the_work(change):
    """A UID stays when the date moves or anything else about the work changes."""
    assert uid(VISIT._replace(**change)) == uid(VISIT)


def test_different_work_has_different_uids():
    """Another provider, activity, period, place in the order or framework is another event."""
    different = [
        VISIT,
        VISIT._replace(provider="ash-lodge"),
        VISIT._replace(activity="qm4"),
        VISIT._replace(occurrence=4),
        VISIT._replace(occurrence=None),
        RETURN,
        RETURN._replace(period="2027-04"),
    ]
    found = list(events(written(*different)))
    assert len(found) == len(different)
    theirs = events(to_ical(plan(VISIT), framework=example("children")[0]))
    assert not theirs.keys() & set(found)


def test_a_uid_tells_nothing():
    """Who or what an event is about cannot be read from its UID."""
    hexadecimal, at, domain = uid(VISIT).partition("@")
    assert (len(bytes.fromhex(hexadecimal)), at, domain) == (16, "@", "adults.qaf-rules")


def test_entries_that_nothing_else_tells_apart():
    """Of entries with neither period nor place in the order, the first of each plan is the same event."""
    bare = VISIT._replace(occurrence=None)
    later = bare._replace(due=bare.due + 365 * DAY)
    assert uid(bare) == uid(later)
    assert uid(bare, later) != uid(bare)


# --- a later plan ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        ({}, 0),
        ({"due": dt.date(2027, 6, 1)}, 1),
        ({"name": "Birch Lea Care Home"}, 1),
        ({"proposed": dt.date(2027, 3, 9)}, 1),
        ({"due_at": dt.datetime(2027, 4, 21, 9, tzinfo=dt.UTC)}, 1),
    ],
)
def test_what_changed_has_the_next_sequence(change, sequence):
    """A change of date, title or description raises the sequence, nothing else does."""
    before = written(VISIT)
    after = written(VISIT._replace(**change), previous=before, on=ON + DAY, alarm_days=1)
    assert state(event(after)) == (sequence, "CONFIRMED")
    again = written(VISIT, previous=after)
    assert state(event(again)) == (2 * sequence, "CONFIRMED")


def test_what_vanished_is_cancelled():
    """What is no longer due is cancelled once, without an alarm, and comes back as an event of its name."""
    before = written(VISIT, RETURN)
    after = written(RETURN, previous=before)
    kept, gone = events(after).values()
    assert [state(kept), state(gone)] == [(0, "CONFIRMED"), (1, "CANCELLED")]
    assert gone["UID"] == uid(VISIT)
    assert gone["SUMMARY"] == "Closed: Quality and Contract Monitoring Meeting: Birch Lea"
    assert gone["DESCRIPTION"].startswith("Done, or no longer due.\n")
    assert not gone.walk("VALARM")
    assert from_ical(after) == (RETURN,)
    assert written(RETURN, previous=after) == after
    back = events(written(VISIT, RETURN, previous=after))
    assert state(back[uid(VISIT)]) == (2, "CONFIRMED")


def test_what_falls_due_after_the_plan_is_kept():
    """A shorter plan does not speak of what falls due after its end: the event stays as it was."""
    short = VISIT.due - DAY
    kept = written(previous=written(VISIT), until=short)
    assert state(event(kept)) == (0, "CONFIRMED")
    assert event(kept).walk("VALARM")
    assert from_ical(kept) == ()
    assert written(VISIT, previous=kept) == written(VISIT)
    cancelled = written(previous=kept)
    assert state(event(cancelled)) == (1, "CANCELLED")
    assert state(event(written(previous=cancelled, until=short))) == (1, "CANCELLED")


def test_what_was_cancelled_is_forgotten_in_the_end():
    """What was cancelled is told again for three years, and no longer."""
    cancelled = written(previous=written(VISIT))
    for days, count in ((1098, 1), (1099, 0)):
        on = VISIT.due + days * DAY
        assert len(events(written(previous=cancelled, on=on, until=on))) == count


def test_a_visit_done_late_moves_the_next():
    """When an overdue visit is done, its event is closed and the event of the next one moves."""
    framework, records = example("adults")
    record = records["ash-lodge"]
    done = Activity(activity="qm1", completed=dt.date(2026, 11, 30))
    later = record.model_copy(update={"activities": (*record.activities, done)})
    before = workload(framework, [record], on=ON, until=UNTIL)
    after = workload(framework, [later], on=dt.date(2026, 12, 1), until=dt.date(2027, 11, 30))
    first = to_ical(before, framework=framework)
    second = to_ical(after, framework=framework, previous=first)

    def visits(data):
        found = events(data).values()
        told = [e for e in found if e["CATEGORIES"].cats == [VISIT.text]]
        return {e["UID"]: (e["DTSTART"].dt, *state(e)) for e in told}

    (overdue, _), (following, _) = visits(first).items()
    assert list(visits(first).values()) == [
        (dt.date(2026, 10, 28), 0, "CONFIRMED"),
        (dt.date(2027, 10, 28), 0, "CONFIRMED"),
    ]
    assert visits(second) == {
        following: (dt.date(2027, 11, 30), 1, "CONFIRMED"),
        overdue: (dt.date(2026, 10, 28), 1, "CANCELLED"),
    }


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no iCalendar file"),
        (b"\xff\xfe\x00", "no iCalendar file"),
        (b"provider,due\r\nbirch-lea,2027-04-21\r\n", "no iCalendar file"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "no iCalendar file"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "another program"),
        (b"BEGIN:VCALENDAR\r\nPRODID:-//x//EN\r\nEND:VCALENDAR\r\n", "another program"),
    ],
)
def test_what_is_no_calendar_of_ours_is_refused(data, message):
    """A file that is no calendar, or another program's, is refused in plain words."""
    with pytest.raises(InputError, match=message):
        from_ical(data)
    with pytest.raises(InputError, match=message):
        written(VISIT, previous=data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"UID:", b"X-UID:"),
        (b"X-QAF-DUE:", b"X-OTHER:"),
        (b'X-QAF-DUE:{"provider"', b'X-QAF-DUE:{"who"'),
        (b"DTSTART;VALUE=DATE:20270421", b"DTSTART:soon"),
        (b"DTSTART;VALUE=DATE:20270421", b"DTSTART:20270421T090000Z"),
        (b"SEQUENCE:0", b"SEQUENCE:first"),
        (b"SEQUENCE:0", b"SEQUENCE:0\r\nSEQUENCE:1"),
    ],
)
def test_a_changed_event_is_refused(old, new):
    """An event that another hand has changed is refused, and it is said which."""
    data = written(RETURN, VISIT._replace(due_at=None))
    head, _, last = data.rpartition(b"BEGIN:VEVENT")
    assert old in last
    with pytest.raises(InputError, match=r"event 2: .*not written by qaf-rules"):
        from_ical(head + b"BEGIN:VEVENT" + last.replace(old, new))


def test_a_moment_that_lost_its_zone_is_refused():
    """A moment is never read by the clock of the machine."""
    data = written(VISIT._replace(due_at=dt.datetime(2027, 4, 21, 9, tzinfo=dt.UTC)))
    with pytest.raises(InputError, match="event 1"):
        from_ical(data.replace(b"T090000Z", b"T090000"))


def test_another_framework_is_refused():
    """A file of another framework is nothing to compare with."""
    with pytest.raises(InputError, match="of the framework `adults`, not `children`"):
        to_ical(plan(VISIT), framework=example("children")[0], previous=written(VISIT))


def test_without_icalendar(monkeypatch):
    """Without the extra the module can be imported, and it is said what to install."""
    data = written(VISIT)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    for use in (lambda: written(VISIT), lambda: from_ical(data)):
        with pytest.raises(InputError, match=r"pip install 'qaf-rules\[calendar\]'"):
            use()


# --- a real client --------------------------------------------------------------------------------


@pytest.fixture
def khal(tmp_path):
    """A calendar of khal's: call it with a command; `import` takes the file's bytes."""
    if find_spec("khal") is None:
        pytest.skip("khal is not installed")
    config = tmp_path / "config"
    config.write_text(
        f"""
[calendars]
[[plan]]
path = {tmp_path / "calendar"}
[sqlite]
path = {tmp_path / "khal.db"}
[locale]
local_timezone = Europe/London
default_timezone = Europe/London
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = plan
"""
    )
    (tmp_path / "calendar").mkdir()

    def run(*words):
        command = [sys.executable, "-m", "khal", "--config", str(config), *words]
        env = {**os.environ, "HOME": str(tmp_path), "PYTHONUTF8": "1"}
        ran = subprocess.run(command, capture_output=True, check=True, text=True, env=env)
        return ran.stdout.splitlines()

    class Client:
        def imports(self, data):
            """Import a file without asking, as an officer who trusts it does."""
            path = tmp_path / "plan.ics"
            path.write_bytes(data)
            run("import", "--batch", str(path))

        def shows(self, form, start="2025-01-01", days=1500):
            """List every event of some years, once each."""
            return run("list", "--once", "--day-format", "", "--format", form, start, f"{days}d")

    return Client()


@registers
def test_khal_shows_the_plan(khal, name):
    """Imported by khal, a registerister's plan and shows every due date on its day, and nothing more."""
    made = year(name)
    khal.imports(to_ical(made, framework=example(name)[0]))
    shown = khal.shows("{start-date} {end-date} {title}")
    assert sorted(shown) == sorted(f"{d.due} {d.due} {d.text}: {d.name}" for d in made.dues)


def test_khal_shows_a_changed_plan(khal):
    """After a visit was done late and a later plan imported, khal shows one event for each date."""
    framework, register = example("adults")
    chosen = ("alder-court", "ash-lodge", "birch-lea", "juniper-homecare", "rowan-pharmacy")
    records = {id_: register[id_] for id_ in chosen}
    before = workload(framework, records.values(), on=ON, until=UNTIL, capacity=6)
    first = to_ical(before, framework=framework)
    record = records["ash-lodge"]
    done = Activity(activity="qm1", completed=dt.date(2026, 11, 30))
    later = record.model_copy(update={"activities": (*record.activities, done)})
    on, until = dt.date(2026, 12, 10), dt.date(2027, 12, 9)
    changed = {**records, "ash-lodge": later}.values()
    after = workload(framework, changed, on=on, until=until, capacity=6)
    second = to_ical(after, framework=framework, previous=first)
    for data in (first, second, second):
        khal.imports(data)
    shown = khal.shows("{uid} {start-date} {status}{title}")
    assert len({line.split()[0] for line in shown}) == len(shown)
    cancelled = khal.shows("{cancelled}{start-date} {title}")
    live = [line for line in cancelled if not line.startswith("CANCELLED ")]
    assert sorted(live) == sorted(f"{d.due} {d.text}: {d.name}" for d in after.dues)
    assert f"CANCELLED 2026-10-28 Closed: {VISIT.text}: Ash Lodge" in cancelled
    assert [line for line in live if line.endswith(f" {VISIT.text}: Ash Lodge")] == [
        f"2027-11-30 {VISIT.text}: Ash Lodge"
    ]


def test_khal_shows_words_and_hours(khal):
    """In khal a deadline in hours is shown by London's clock, and any words as they were."""
    moment = dt.datetime(2027, 7, 1, 13, 30, tzinfo=dt.UTC)
    due = VISIT._replace(name="Tŷ Hafan; Llys, Nant", due=moment.date(), due_at=moment)
    khal.imports(written(due))
    (shown,) = khal.shows("{start} {end-time} {title}|{categories}|{alarm-symbol}")
    assert shown.startswith(f"2027-07-01 13:30 14:30 {VISIT.text}: Tŷ Hafan; Llys, Nant|")
    assert shown.split("|")[1] == VISIT.text
    assert shown.split("|")[2].strip()
