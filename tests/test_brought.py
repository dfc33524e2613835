"""What an activity brings due stands beside it with its day, its owner and its channel, until it is done."""

import datetime as dt
import json
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.cases import Runner, read_cases
from qaf_rules.check import check
from qaf_rules.explain import NOT_STATED, brought_parts, page
from qaf_rules.pack import amended
from qaf_rules.words import Words

MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
MONDAY = dt.date(2026, 6, 15)
RULES = qaf.load(MINIMAL).amend(
    {
        "activities": {
            "look": {
                "brings": [
                    {"is": "report", "channel": "flag_signal", "clause": "B-05"},
                    {"is": "sweep", "when": {"deck": "wet"}},
                    "tell",
                ]
            }
        },
        "actions": {
            "report": {"text": "Send the report", "owner": "mate", "due": {"working_days": 10}, "triggers": [{"when": {"latest": "look"}, "force": "usually", "clause": "B-11"}]},
            "sweep": {"text": "Sweep the deck before", "owner": "captain", "triggers": [{"when": {"item": "look", "where": {"scheduled": True}}, "force": "will", "clause": "B-11"}]},
            "tell": {"text": "Tell the owner", "owner": "mate", "triggers": [{"when": {"latest": "look"}, "force": "will", "clause": "B-11"}, {"when": {"latest": "swim"}, "force": "will", "clause": "B-11"}]},
        },
    }
)  # fmt: skip


def brought(*activities, on=MONDAY, rules=RULES, **fields):
    """Give what is brought due for a boat."""
    provider = qaf.Provider(id="gull", fields={"service_type": "boat", **fields})
    made = tuple(qaf.Activity(activity=a, **{key: dt.date.fromisoformat(day)}) for a, key, day in activities)  # fmt: skip
    record = qaf.ProviderRecord(provider=provider, activities=made)
    return {item.activity: item for item in rules.assess(record, on=on).brought}


def test_what_follows_is_due_by_its_rule():
    """After a look the report is due within ten working days, by its channel, from its owner."""
    item = brought(("look", "completed", "2026-06-12"))["report"]
    assert (item.due, item.days, item.status) == (dt.date(2026, 6, 26), 11, "due_soon")
    assert (item.owner, item.channel, item.force, item.attached_to) == ("mate", "flag_signal", "usually", "look")  # fmt: skip
    assert item.clauses == ("B-11", "B-05")
    assert item.reason.truth


@pytest.mark.parametrize(
    ("on", "status"), [("2026-06-26", "due_today"), ("2026-06-27", "overdue"), ("2026-06-12", "due_soon")]
)  # fmt: skip
def test_the_status_is_that_of_the_day(on, status):
    """It becomes due and overdue as any item of the schedule does."""
    told = brought(("look", "completed", "2026-06-12"), on=dt.date.fromisoformat(on))
    assert told["report"].status == status


def test_soon_is_what_the_council_says():
    """A council's own number of days says what is soon."""
    rules = RULES.amend({"vocabulary": {"settings": {"due_soon_days": {"type": "count", "label": "soon"}}}})  # fmt: skip
    soon = rules.using(settings={"due_soon_days": 5})
    assert brought(("look", "completed", "2026-06-12"), rules=soon)["report"].status == "not_due"


def test_what_has_no_time_says_so():
    """Where the document states no time none is given."""
    item = brought(("look", "completed", "2026-06-12"))["tell"]
    assert (item.due, item.days, item.status, item.note) == (None, None, "as_required", "no time is stated; no channel is stated")  # fmt: skip


def test_preparation_is_due_by_the_day_of_the_visit():
    """What comes before a visit is due by its day, where its condition holds."""
    planned = ("look", "planned", "2026-06-20")
    assert brought(planned, deck="wet")["sweep"].due == dt.date(2026, 6, 20)
    assert "sweep" not in brought(planned, deck="dry")


def test_what_another_activity_brings_is_not_told_here():
    """An action that rests on another activity is that one's."""
    assert brought(("swim", "completed", "2026-06-12")) == {}


def test_what_was_done_is_no_longer_due():
    """A record of it ends it."""
    done = ("report", "completed", "2026-06-13")
    assert set(brought(("look", "completed", "2026-06-12"), done)) == {"tell"}


def test_what_is_brought_is_declared():
    """An action or a channel that the pack does not have is found."""
    rules = qaf.Framework(amended(RULES.pack, {"activities": {"look": {"brings": [{"is": "reprt", "channel": "pigeon"}]}}}))  # fmt: skip
    messages = [d.message for d in check(rules.pack)]
    assert "there is no action `reprt` in this pack" in messages
    assert "there is no channel `pigeon` in this pack" in messages


# --- what was done for one of them ----------------------------------------------------------------

LOOKED = qaf.Activity(activity="look", completed=dt.date(2026, 6, 10))
SWAM = qaf.Activity(activity="swim", completed=dt.date(2026, 6, 12))


def told(*done, rules=RULES, on=MONDAY):
    """Give the assessment of a boat that was looked at and swum round, and of what was told since."""
    provider = qaf.Provider(id="gull", fields={"service_type": "boat"})
    since = [qaf.Activity(activity="tell", completed=MONDAY, **each) for each in done]
    record = qaf.ProviderRecord(provider=provider, activities=(LOOKED, SWAM, *since))
    return rules.assess(record, on=on)


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ((), ["look", "swim"]),
        (({},), []),
        (({"about": "look"},), ["swim"]),
        (({"about": "look", "about_day": LOOKED.completed},), ["swim"]),
        (({"about": "swim", "about_day": SWAM.completed},), ["look"]),
        (({"about": "look"}, {"about": "swim"}), []),
        (({"about": "look", "about_day": dt.date(2026, 6, 9)},), ["look", "swim"]),
        (({"about": "rate"},), ["look", "swim"]),
    ],
)
def test_a_record_closes_what_it_is_about(done, left):
    """What says what it was done for closes that and nothing else; what does not closes all."""
    a = told(*done)
    actions = [action for action in a.actions if action.id == "tell"]
    rests = {e.ref for action in actions for reason in action.reasons for e in reason.support()}
    assert sorted(rests) == left
    assert ("tell" in {item.activity for item in a.brought}) == ("look" in left)


def test_what_is_brought_rests_on_its_own_visit():
    """Where an action follows several visits, what one of them brings has that one as its reason."""
    (item,) = [i for i in told().brought if i.activity == "tell"]
    assert [e.ref for e in item.reason.support()] == ["look"]
    rules = RULES.amend({"activities": {"swim": {"brings": ["tell"]}}})
    both = {i.attached_to: i for i in told(rules=rules).brought if i.activity == "tell"}
    assert {a: [e.ref for e in i.reason.support()] for a, i in both.items()} == {"look": ["look"], "swim": ["swim"]}  # fmt: skip


def test_preparation_may_say_for_which_visit_it_was():
    """What was prepared for the visit of one day does not prepare that of another."""
    for day, left in (("2026-06-20", False), ("2026-06-19", True)):
        about = {"about": "look", "about_day": dt.date.fromisoformat(day)}
        ahead = qaf.Activity(activity="look", planned=dt.date(2026, 6, 20))
        swept = qaf.Activity(activity="sweep", completed=MONDAY, **about)
        provider = qaf.Provider(id="gull", fields={"service_type": "boat", "deck": "wet"})
        a = RULES.assess(qaf.ProviderRecord(provider=provider, activities=(ahead, swept)), on=MONDAY)  # fmt: skip
        assert a.actions.has("sweep") == left
        assert not [note for note in a.notes if note.id == "about_nothing"]


def test_a_visit_is_known_by_the_day_it_was_planned_for():
    """A record about a visit names the day it was held, or the one for which it was arranged."""
    moved = qaf.Activity(activity="look", planned=dt.date(2026, 6, 8), completed=dt.date(2026, 6, 10))  # fmt: skip
    provider = qaf.Provider(id="gull", fields={"service_type": "boat"})
    for day, left in (("2026-06-08", False), ("2026-06-10", False), ("2026-06-09", True)):
        said = qaf.Activity(activity="tell", completed=MONDAY, about="look", about_day=dt.date.fromisoformat(day))  # fmt: skip
        a = RULES.assess(qaf.ProviderRecord(provider=provider, activities=(moved, said)), on=MONDAY)
        assert a.actions.has("tell") == left
        assert ("about_nothing" in {note.id for note in a.notes}) == left


def test_what_an_action_follows_is_what_a_record_may_be_about():
    """An action that follows another event than its condition is closed by what is about that."""
    own = {"text": "Ring", "owner": "mate", "triggers": [{"when": {"latest": "look"}, "event": {"latest": "swim"}, "force": "will", "clause": "B-11"}]}  # fmt: skip
    rules = RULES.amend({"actions": {"ring": own}})
    provider = qaf.Provider(id="gull", fields={"service_type": "boat"})

    def rings(about):
        done = qaf.Activity(activity="ring", completed=MONDAY, about=about)
        record = qaf.ProviderRecord(provider=provider, activities=(LOOKED, SWAM, done))
        return rules.assess(record, on=MONDAY).actions.has("ring")

    assert [rings(about) for about in ("swim", "look", "rate")] == [False, False, True]


@pytest.mark.parametrize("day", ["2026-06-10", "2026-06-09"])
def test_what_is_about_nothing_on_record_is_noted(day):
    """It closes nothing, and the answer says so; what is about something on record needs no note."""
    a = told({"about": "look", "about_day": dt.date.fromisoformat(day)})
    notes = [note.text for note in a.notes if note.id == "about_nothing"]
    text = "the `tell` of 2026-06-15 is about `look` of 2026-06-09, of which there is no record, and closes nothing"
    assert notes == ([text] if day == "2026-06-09" else [])
    assert not [n for n in told({"about": "look"}).notes if n.id == "about_nothing"]


def test_an_action_for_each_activity_is_closed_for_one():
    """Where an action is suggested for each activity, a record about one of them closes that one."""
    own = {"text": "Chase it", "owner": "mate", "per": "activity", "for_each": {"item": ["look", "log"], "where": {"status": "overdue"}}, "triggers": [{"force": "will", "event": "due", "clause": "B-11"}]}  # fmt: skip
    rules = RULES.amend({"actions": {"chase": own}})
    boat = qaf.Provider(id="gull", fields={"service_type": "boat"})
    started = (qaf.Activity(activity="look", completed=dt.date(2024, 1, 1)), qaf.Activity(activity="log", period="2026-04", completed=dt.date(2026, 5, 1)))  # fmt: skip

    def chased(*more):
        record = qaf.ProviderRecord(provider=boat, activities=(*started, *more))
        return [a.about for a in rules.assess(record, on=MONDAY).actions if a.id == "chase"]

    assert chased() == ["look", "log"]
    assert chased(qaf.Activity(activity="chase", completed=MONDAY, about="log")) == ["look"]
    assert chased(qaf.Activity(activity="chase", completed=MONDAY)) == []


# --- as it is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due"),
    [
        ("2026-06-15", "due 24 June 2026, in 9 days"),
        ("2026-06-24", "due 24 June 2026, today"),
        ("2026-06-25", "due 24 June 2026, 1 day late"),
    ],
)
def test_a_page_says_owner_channel_and_day(on, due):
    """Each is told with its day, its owner and its channel, or that none is stated, and its visit."""
    a = told(on=dt.date.fromisoformat(on))
    lines = dict(page(RULES.pack, a))["Brought by activities"]
    report, tell = sorted(lines, key=lambda line: "tell" in line.casefold())
    assert f": {due}; by the Mate; through a signal by flag. Because:" in report
    assert "by the Mate; no time is stated; no channel is stated. Because:" in tell


def test_nobody_stated_is_said():
    """Where the rule names no owner, what is brought says so."""
    rules = RULES.amend({"actions": {"tell": {"owner": None}}})
    (line,) = [line for line in dict(page(rules.pack, told(rules=rules)))["Brought by activities"] if "no time" in line]  # fmt: skip
    assert ": no time is stated; no owner is stated; no channel is stated." in line
    (item,) = [i for i in told(rules=rules).brought if i.activity == "tell"]
    parts = brought_parts(Words(rules.pack), item)
    assert (parts.owner, parts.channel) == (NOT_STATED, NOT_STATED)


# --- in cases ------------------------------------------------------------------------------------


def outcome(tmp_path, wanted):
    """Give what failed of a case about a boat that was looked at."""
    file = tmp_path / "c.yaml"
    case = {"id": "B-1", "on": "2026-06-15", "provider": {"service_type": "boat"}, "activities": [{"activity": "look", "completed": "2026-06-12"}], "expect": {"brought": wanted}}  # fmt: skip
    file.write_text(json.dumps({"framework": "minimal", "cases": [case]}))
    folder = tmp_path / "pack"
    folder.mkdir()
    for source in MINIMAL.glob("*.yaml"):
        (folder / source.name).write_bytes(source.read_bytes())
    for section in ("activities", "actions"):
        (folder / f"{section}.yaml").write_text(json.dumps(RULES.pack.data[section]))
    read = read_cases(file, pack=folder)
    return [(f.key, f.expected, f.actual) for f in Runner(read.framework).run(read.cases[0]).failures]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "failures"),
    [
        ({"look": {"report": {"due": "2026-06-26", "owner": "mate"}, "sweep": None}}, []),
        ({"look": {"report": {"owner": "captain"}}}, [("brought.look.report", {"owner": "captain"}, {"owner": "mate"})]),
        ({"look": {"report": None}}, [("brought.look.report", None, "due_soon")]),
        ({"look": {"sweep": {"owner": "mate"}}}, [("brought.look.sweep", {"owner": "mate"}, None)]),
    ],
)  # fmt: skip
def test_cases_judge_what_is_brought(tmp_path, wanted, failures):
    """A case compares the fields that it names; null stands for what is not brought."""
    assert outcome(tmp_path, wanted) == failures


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"lok": {}}, "unknown name `lok`"),
        ({"look": "report"}, "what `look` brings is a mapping of actions"),
        ({"look": {"reprt": {}}}, "unknown name `reprt`"),
        ({"look": {"report": {"de": "2026-06-26"}}}, "unknown name `de`"),
    ],
)
def test_a_case_that_asks_amiss_is_told(tmp_path, wanted, message):
    """What nothing could bring is a fault of the file."""
    with pytest.raises(qaf.InputError) as caught:
        outcome(tmp_path, wanted)
    assert [d.message for d in caught.value.diagnostics] == [message]
