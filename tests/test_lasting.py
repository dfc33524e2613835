"""A trigger may wait until its condition has held for so long, or has come together within a period."""

import datetime as dt
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.cases import Runner, read_cases

MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"
BOATS = qaf.load(MINIMAL)


def day(text):
    """Give a day of 2026."""
    return dt.date.fromisoformat(f"2026-{text}")


def rules(**time):
    """Give the harbour's rules with one more action, which a level or what happened brings."""
    return rules_of(BOATS, **time)


def rules_of(framework, **time):
    """Give a framework with that action."""
    action = {"text": "Call a meeting", "owner": "captain", "triggers": [{"force": "will", "clause": "B-11", **time}]}  # fmt: skip
    return framework.amend({"actions": {"meet": action}})


def boat(*rated, findings=(), activities=(), **fields):
    """Give a boat with confirmed ratings: pairs of a level and a day."""
    ratings = tuple(qaf.Rating(level=level, on=day(on), by="captain") for level, on in rated)
    provider = qaf.Provider(id="gull", fields={"service_type": "boat", **fields})
    return qaf.ProviderRecord(provider=provider, ratings=ratings, findings=findings, activities=activities)  # fmt: skip


def leak(on, **attributes):
    """Give a leak of a day."""
    return qaf.Finding(kind="leak", on=day(on), status="closed", attributes=attributes)


HELD = rules(when={"level": {"at_least": 2}}, held_for="6 months")


def meets(framework, record, on):
    """Say whether the meeting is called on a day."""
    return framework.assess(record, on=day(on)).actions.has("meet")


# --- held for so long ----------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "called"), [("07-14", False), ("07-15", True), ("09-30", True)])
def test_a_level_held_for_six_months_triggers(on, called):
    """A level that was confirmed in January has been held for six months from the middle of July."""
    assert meets(HELD, boat((2, "01-15")), on) is called


def test_a_level_that_was_lifted_begins_anew():
    """Six months are counted from the day since which it holds without a break."""
    record = boat((2, "01-15"), (1, "04-01"), (2, "05-01"))
    assert [meets(HELD, record, on) for on in ("07-15", "10-31", "11-01")] == [False, False, True]


def test_what_confirms_the_level_again_does_not_begin_it_anew():
    """A level that is confirmed again is held on."""
    assert meets(HELD, boat((2, "01-15"), (2, "05-01")), "07-15")


def test_the_event_is_the_day_on_which_it_had_held_for_so_long():
    """Only a record since then closes the action: one from before answers nothing."""

    def record(on):
        done = (qaf.Activity(activity="meet", completed=day(on)),)
        return boat((2, "01-15"), activities=done)

    assert HELD.assess(boat((2, "01-15")), on=day("08-01")).actions["meet"].since == day("07-15")
    assert meets(HELD, record("07-14"), "08-01")
    assert not meets(HELD, record("07-15"), "08-01")


def test_since_when_a_profile_says_so_is_not_known():
    """A profile has no history: that it says so today is not that it has said so for months."""
    wet = rules(when={"deck": "wet"}, held_for="1 month")
    assert not meets(wet, boat(deck="wet"), "07-15")
    assert not meets(wet, boat((1, "07-01"), deck="wet"), "07-15")
    assert meets(wet, boat((1, "06-01"), deck="wet"), "07-15")  # on record since then


DATED = BOATS.amend({"vocabulary": {"fields": {"deck": {"dated_by": "contract_start"}}}})


@pytest.mark.parametrize(
    ("since", "on", "called"),
    [("06-15", "07-14", False), ("06-15", "07-15", True), ("07-20", "07-15", False)],
)
@pytest.mark.parametrize("rated", [(), ((1, "01-01"),)], ids=["alone", "beside a rating"])
def test_what_a_profile_has_from_a_day_on_has_held_since_then(since, on, called, rated):
    """A dated value was not there before its day, however much older is on record."""
    wet = rules_of(DATED, when={"deck": "wet"}, held_for="1 month")
    record = boat(*rated, deck="wet", contract_start=day(since))
    assert meets(wet, record, on) is called


def test_how_it_was_before_a_dated_value_is_not_known():
    """The value may have been the same before: that is not known, and said so."""
    wet = rules_of(DATED, when={"deck": "wet"}, held_for="1 month")
    record = boat((1, "01-01"), deck="wet", contract_start=day("07-01"))
    assert "whether it has held for 1 month is not known" in wet.assess(record, on=day("07-15")).why("meet").paragraph  # fmt: skip


def test_a_level_that_rests_on_a_dated_value_is_judged_as_it_was():
    """What is judged beside a dated value reads that no sooner than its day, too."""
    both = {"all": [{"level": {"at_least": 1}}, {"deck": "wet"}]}
    wet = rules_of(DATED, when=both, held_for="1 month")
    record = boat((1, "01-01"), deck="wet", contract_start=day("06-20"))
    assert [meets(wet, record, on) for on in ("07-19", "07-20")] == [False, True]


def test_what_was_unknown_has_not_held():
    """A day on which the condition was not known breaks what is known to have held."""
    stated = qaf.Finding(kind="judgement", on=day("06-20"), by="captain", fact="paint", value="red")
    red = rules(when={"paint": "red"}, held_for="1 month")
    assert not meets(red, boat((1, "01-01"), findings=(stated,)), "07-15")
    assert meets(red, boat((1, "01-01"), findings=(stated,)), "07-20")


@pytest.mark.parametrize(
    ("record", "on", "said"),
    [
        (boat((2, "01-15")), "07-14", "it holds since 2026-01-15, not yet for 6 months"),
        (boat(), "07-14", "Call a meeting"),
    ],
)
def test_why_not_says_what_time_is_missing(record, on, said):
    """Asked why not, the answer says since when it holds and for how long it has to."""
    assert said in HELD.assess(record, on=day(on)).why("meet").paragraph


def test_why_not_says_that_it_is_closed():
    """Asked why not of what was done, the answer is that it is closed since."""
    record = boat((2, "01-15"), activities=(qaf.Activity(activity="meet", completed=day("07-20")),))
    assert "closed since" in HELD.assess(record, on=day("08-01")).why("meet").paragraph


# --- together within a period --------------------------------------------------------------------

PAIR = rules(
    when={
        "all": [
            {"some": "leak", "recorded": True, "where": {"size": "large"}},
            {"latest": "look"},
        ]
    },
    together_within="14 days",
)


def seen(*days_):
    """Give looks at a boat."""
    return tuple(qaf.Activity(activity="look", completed=day(on)) for on in days_)


@pytest.mark.parametrize(
    ("leaks", "looks", "called"),
    [
        (["03-01"], ["03-10"], True),
        (["03-10"], ["03-01"], True),
        (["03-01"], ["03-15"], True),
        (["03-01"], ["03-16"], False),
        (["03-01", "04-10"], ["04-12"], True),
        (["03-01"], [], False),
    ],
)
def test_what_came_together_triggers(leaks, looks, called):
    """This and that within a period trigger, in whichever order; further apart they do not."""
    record = boat(findings=tuple(leak(on, size="large") for on in leaks), activities=seen(*looks))
    assert meets(PAIR, record, "05-01") is called


def test_the_event_is_the_later_of_the_two():
    """What came together is dated by the day on which all of it had."""
    record = boat(findings=(leak("03-01", size="large"),), activities=seen("03-10"))
    assert PAIR.assess(record, on=day("05-01")).actions["meet"].since == day("03-10")
    done = (*seen("03-10"), qaf.Activity(activity="meet", completed=day("03-09")))
    assert meets(PAIR, record.model_copy(update={"activities": done}), "05-01")


def test_what_has_no_day_is_not_known_to_have_come_together():
    """A part that nothing dates is unknown, and triggers nothing."""
    undated = rules(when={"all": [{"deck": "wet"}, {"latest": "look"}]}, together_within="1 year")
    told = undated.assess(boat(activities=seen("03-10"), deck="wet"), on=day("05-01"))
    assert not told.actions.has("meet")
    assert "not everything it rests on is dated" in told.why("meet").paragraph


def test_one_condition_comes_together_with_itself():
    """Of a condition without parts its own days count."""
    alone = rules(when={"latest": "look"}, together_within="1 day")
    assert meets(alone, boat(activities=seen("03-10")), "05-01")


# --- on pathways ---------------------------------------------------------------------------------


def test_a_step_may_wait_for_it():
    """A pathway's row waits as a trigger does; a case tells the day."""
    spec = {
        "name": "Watch",
        "states": {"a": {"name": "A", "start": True}, "b": {"name": "B", "end": True}},
        "transitions": {"go": {"text": "Go", "from": "a", "to": "b", "when": {"level": 2}, "held_for": "6 months", "force": "must", "clause": "B-11"}},
    }  # fmt: skip
    framework = BOATS.amend({"pathway": {"watch": spec}})
    for on, entered in (("07-14", False), ("07-15", True)):
        told = framework.assess(boat((2, "01-15")), on=day(on)).pathways["watch"]
        assert told.entered is entered
    assert framework.assess(boat((1, "01-15")), on=day("07-15")).pathways["watch"].entered is False


def test_a_step_that_waits_is_refused_with_what_is_missing_in_time():
    """Whoever takes the step too early is told since when its condition holds, and for how long it must."""
    spec = {
        "name": "Watch",
        "clause": "B-11",
        "states": {"a": {"name": "A", "start": True}, "b": {"name": "B", "end": True}},
        "transitions": {"go": {"text": "Go", "from": "a", "to": "b", "when": {"level": 2}, "held_for": "6 months", "force": "may", "decided_by": "captain", "clause": "B-11"}},
    }  # fmt: skip
    pathways = BOATS.amend({"pathway": {"watch": spec}}).assess(boat((2, "01-15")), on=day("07-14")).pathways  # fmt: skip
    start = pathways.start("watch")
    waits = "it holds since 2026-01-15, not yet for 6 months"
    assert pathways.moves(start)["go"].waits == waits
    with pytest.raises(qaf.InputError, match=f"`go` is not open: {waits}"):
        pathways.step(start, "go", by="captain")


def test_both_do_not_stand_together():
    """A rule says one thing of time."""
    with pytest.raises(qaf.PackError, match="do not stand together"):
        rules(when={"deck": "wet"}, held_for="1 month", together_within="1 month")


@pytest.mark.parametrize("key", ["held_for", "together_within"])
def test_what_is_timed_is_a_condition(key):
    """What is to last, or to come together, is said: a rule without a condition lasts for nothing."""
    with pytest.raises(qaf.PackError) as caught:
        rules(**{key: "1 month"})
    (fault,) = caught.value.diagnostics
    told = (fault.message, fault.help)
    assert told == (f"`{key}` is about a condition, and there is none", "give it in `when`")


def test_cases_exercise_it(tmp_path):
    """A worked case can tell a sustained level, as any other trigger."""
    file = tmp_path / "c.yaml"
    file.write_text(
        "framework: minimal\ncases:\n  - id: L\n    on: 2026-07-15\n    provider: {service_type: boat}\n"
        "    activities: [{activity: rate, completed: 2026-01-15, outcome: '2'}]\n"
        "    expect: {actions: {includes: [{action: meet, obligation: will}]}}\n"
    )
    read = read_cases(file, pack=MINIMAL)
    assert Runner(HELD).run(read.cases[0]).passed


@pytest.mark.parametrize("asked", [{"level": {"at_least": 2}}, {"sole_support": True}])
def test_what_findings_are_asked_may_be_what_was_rated(asked):
    """A condition on findings that asks for a level, or what it rests on, is judged as each day was rated."""
    bread = qaf.load(Path(__file__).parent / "packs" / "generic")
    trigger = {"when": {"some": "burnt_batch", "where": asked}, "held_for": "10 days"}
    trigger |= {"force": "should", "clause": "B-004"}
    framework = bread.amend({"actions": {"pass_on": {"triggers": [trigger]}}})
    burnt = qaf.Finding(kind="burnt_batch", on=day("11-01"), attributes={"size": "small"})
    fields = {"service_type": frozenset({"bread"}), "licensed": True}
    record = qaf.ProviderRecord(provider=qaf.Provider(id="loaf", fields=fields), findings=(burnt,))
    for on, since in (("11-10", None), ("11-22", day("11-11"))):
        found = framework.assess(record, on=day(on)).actions
        assert (found["pass_on"].since if found.has("pass_on") else None) == since
