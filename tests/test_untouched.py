"""Whom a change leaves as they are, seen without answering again."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules import testing
from qaf_rules.differences import Answers, differing
from qaf_rules.errors import PackError
from qaf_rules.untouched import basis_of

EXAMPLES = Path(__file__).parents[1] / "examples"
BREAD = qaf.load(Path(__file__).parent / "packs" / "generic")
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)
D = dt.date


@cache
def council(name):
    """An example council: its framework and its register."""
    framework = qaf.load(name)
    register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def spared(before, after, register, until=UNTIL):
    """Give the ids of those whose answers are taken over: they are the ones that would be given."""
    old = Answers(before, ON, until, keep=True)
    quick, whole = Answers(after, ON, until, [old]), Answers(after, ON, until)
    found = []
    for record in register:
        id_ = record.provider.id
        if quick.same(record) is not None:
            assert list(differing(id_, old.of(record), whole.of(record))) == []
            assert old.due(record) == whole.due(record)
            found.append(id_)
    return found


def baker(id_="loaf", fields=None, activities=None, findings=(), decisions=()):
    """A baker of bread that was tasted in October 2025, unless told otherwise."""
    done = (qaf.Activity(activity="tasting", completed=D(2025, 10, 1)),)
    own = {"service_type": frozenset({"bread"}), "licensed": True, **(fields or {})}
    return qaf.ProviderRecord(
        provider=qaf.Provider(id=id_, fields=own),
        activities=done if activities is None else activities,
        findings=findings,
        decisions=decisions,
    )


def found(kind, **attributes):
    """A finding of November."""
    return qaf.Finding(kind=kind, on=D(2026, 11, 1), ref=f"{kind}-1", attributes=attributes)


def answered(to):
    """A person's answer to a question."""
    return qaf.Decision(
        decision="answer", on=D(2026, 11, 2), by="taster", carries={"to": to, "value": "so"}
    )


# --- both councils -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["adults", "children"])
def test_whom_a_reading_touches(name):
    """Under every reading of both packs what is taken over is what would be answered.

    Most readings touch few: not one in four providers is answered again.
    """
    before, register = council(name)
    tried = again = 0
    for id_, reading in before.pack.readings.items():
        for option in reading.options:
            try:
                after = before.using(readings={id_: option})
            except PackError:
                continue  # one that cannot be taken by itself
            tried += len(register)
            again += len(register) - len(spared(before, after, register, until=None))
    assert again < tried / 4


LIMITS = {
    "several_from": 2,
    "numerous_from": 4,
    "many_from": 2,
    "number_of_from": 2,
    "recent_within_days": 30,
    "turnover_high_from": 1,
    "roll_to_working_day": True,
}


@pytest.mark.parametrize("name", ["adults", "children"])
@pytest.mark.parametrize("setting", LIMITS)
def test_whom_a_setting_touches(name, setting):
    """A council's limit touches those for whom what reads it comes out otherwise, and leaves others."""
    before, register = council(name)
    assert spared(before, before.using(settings={setting: LIMITS[setting]}), register)


def test_a_threshold_is_swept_over_whom_it_touches():
    """Each step of a sweep of a setting or a reading answers anew only whom it may touch."""
    before, register = council("children")
    for path, values in (
        ("setting.several_from", [2, 3, 4]),
        ("setting.recent_within_days", [30, 60]),
        ("reading.X-C-09", ["qmc1_only", "table_literal"]),
        ("reading.X-S-09", ["by_action_begun"]),
    ):
        for step in qaf.sweep(before, path, values, register, on=ON):
            assert len(step.comparison.touched) <= step.answered < len(register) / 3
    (untold,) = qaf.sweep(before, "reading.X-C-19", ["as_printed"], register, on=ON)
    assert (untold.answered, untold.comparison.touched) == (0, ())


ROW = {"activities": {"qmc1": {"every": "6 months"}}, "clause": "C-256"}


@pytest.mark.parametrize(
    "change",
    [
        {"activities": {"qmc1": {"due_soon": "60 days"}}},
        {"matrix": {"ap_registered": {"when": {"registered": {"known": True}}}}},
        {"matrix": {"ap_registered": {"remove": True}}},
        {"matrix": {"own": {"when": {"locality": "in_borough"}, "before": "ap_registered", **ROW}}},
        {"supplements": {"same_day_check": {"remove": True}}},
        {"supplements": {"own": {"when": {"locality": "in_borough"}, **ROW}}},
    ],
)
def test_whom_a_change_of_frequencies_spares(change):
    """Who has none of the rows and activities that are other is answered as before, and no one else."""
    before, register = council("children")
    after = before.amend(change)
    assert spared(before, after, register)


HELD_BY_ITSELF = {"attached_to": {"remove": True}, "when": {"remove": True}, "every": "12 months"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("adults", {"activities": {"quality_and_safety_check": HELD_BY_ITSELF}}),
        ("adults", {"supplements": {"pharmacy_flu": {"before": "pharmacy_monthly"}}}),
        ("children", {"actions": {"share_brief_details": {"before": "tell_provider_of_request"}}}),
    ],
)
def test_what_who_lacks_it_is_told_and_the_order_of_rules_are_changes_too(name, change):
    """An activity that comes to stand by itself is told to who lacks it; an order can be felt too."""
    before, register = council(name)
    after = before.amend(change)
    assert len(spared(before, after, register, until=None)) < len(register)
    assert qaf.compare(before, after, register, on=ON).touched


def test_held_for_rests_on_other_days():
    """Where an action waits for how long something held, answers are never taken over."""
    held = {
        "text": "Look again.",
        "owner": "taster",
        "triggers": [
            {
                "when": {"level": {"at_least": 2}},
                "held_for": "60 days",
                "force": "will",
                "clause": "B-002",
            }
        ],
    }
    timed = BREAD.amend({"actions": {"look_again": held}})
    assert basis_of(timed, timed.amend({"rating": {"dirty": {"level": 3}}})) is None
    assert basis_of(BREAD, BREAD.amend({"rating": {"dirty": {"level": 3}}})) is not None


# --- what a change touches -----------------------------------------------------------------------

PLAIN = baker("plain")
CAKES = baker("cakes", {"service_type": frozenset({"cakes"})})
BURNT = baker("burnt", findings=(found("burnt_batch", size="large"),))
SHORT = baker("short", findings=(found("short_order", hits=True),))
APRIL = qaf.Activity(activity="flour_return", completed=D(2026, 5, 1), period="2026-04")
LATE = baker("late", activities=(APRIL,))
ALL = (PLAIN, CAKES, BURNT, SHORT, LATE)
EACH = ["plain", "cakes", "burnt", "short", "late"]


def derived(*options):
    """A change of how `large` follows from other values."""
    return {"vocabulary": {"fields": {"large": {"derive": list(options)}}}}


def when(condition, **other):
    """An action with one trigger."""
    trigger = {"when": condition, "force": "must", "clause": "B-022"}
    return {"text": "Do it", "owner": "taster", "triggers": [trigger], **other}


CHANGES = {
    "nothing": ({}, EACH),
    "words of a clause": ({"clauses": {"B-001": {"says": "As the scale has it."}}}, EACH),
    "what a forum is": ({"pack": {"forums": {"bakers_table": {"name": "The table"}}}}, EACH),
    "how an activity is held": ({"activities": {"tasting": {"conduct": {"lead": "miller"}}}}, EACH),
    "an activity's name": ({"activities": {"tasting": {"name": "The tasting"}}}, []),
    "a supplement": ({"supplements": {"own": {"when": {"licensed": False}, "activities": {"oven_check": {}}, "clause": "B-011"}}}, EACH),
    "what all rules share": ({"pack": {"ageing": "6 months"}}, []),
    "how a rating is made": ({"pack": {"rating": {"method": "ask"}}}, []),
    "a kind of finding": ({"vocabulary": {"kinds": {"praise": {"label": "kind words"}}}}, []),
    "what a fact is called": ({"vocabulary": {"facts": {"clean": {"label": "spotless"}}}}, []),
    "a fact that follows": (derived({"when": {"staff": {"at_least": 3}}, "value": True}), EACH),
    "a fact of what is rated": (derived({"when": {"level": 4}, "value": True}), []),
    "a fact of what is due": (derived({"when": {"item": "tasting", "where": {"live": True}}, "value": True}), []),
    "a fact that is new": ({"vocabulary": {"facts": {"own": {"type": "boolean", "ask": "Is it?"}}}}, []),
    "a threshold": ({"rating": {"missed_many": {"when": {"at_least": 1}}}}, EACH),
    "a criterion of others": ({"rating": {"dirty": {"when": {"matched": "small_batch"}}}}, []),
    "the level of what fails": ({"rating": {"missed_many": {"level": 4}}}, ["plain", "cakes", "burnt", "short"]),
    "a criterion that speaks of more": ({"rating": {"dirty": {"when": {"wants_help": True}}}}, []),
    "an action of a few": ({"actions": {"pass_on": {"triggers": [{"when": {"some": "burnt_batch", "recorded": True}, "force": "must", "clause": "B-022"}]}}}, ["plain", "cakes", "short", "late"]),
    "an action after another": ({"actions": {"own": when({"suggested": "look_again"})}}, ["plain", "cakes", "short", "late"]),
    "an action that looks ahead": ({"actions": {"send_letter": {"triggers": [{"when": {"suggested": "look_again"}, "force": "must", "clause": "B-022"}]}}}, []),
    "an action that closes": ({"actions": {"look_again": {"closed_when": {"clean": True}}}}, EACH),
    "an action that is gone": ({"actions": {"ring_the_guild": {"remove": True}}}, EACH),
    "an action for each item": ({"actions": {"chase_return": {"triggers": [{"when": {"this.activity": "egg_return"}, "force": "must", "clause": "item"}]}}}, ["plain", "cakes", "burnt", "short"]),
    "a flag": ({"flags": {"own": {"text": "Short", "clause": "B-002", "when": {"some": "short_order", "recorded": True}}}}, ["plain", "cakes", "burnt", "late"]),
    "the flag of whoever is out": ({"flags": {"not_ours": {"text": "Ours no more"}}}, []),
    "a question": ({"questions": {"D-B-03": {"ask": "Once more?"}}}, ["plain", "cakes", "short", "late"]),
    "a question of all providers": ({"questions": {"D-B-04": {"ask": "Is it bad?"}}}, EACH),
    "a question that is new": ({"questions": {"own": {"who": "taster", "ask": "Is it so?", "when": {"some": "short_order", "recorded": True}, "answered_by": ["decision answer"], "clause": "B-003"}}}, ["plain", "cakes", "burnt", "late"]),
    "words of an ambiguity": ({"readings": {"X-B-04": {"about": "How often do they sit?"}}}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_whom_a_change_touches(name):
    """A change touches those for whom an entry that is other comes to something else, or may."""
    change, expected = CHANGES[name]
    assert spared(BREAD, BREAD.amend(change), ALL) == expected


SETTINGS = {
    "a limit of a count": ({"many_from": 1}, []),
    "a limit that few reach": ({"large_from": 3}, EACH),
    "a day that a reading takes": ({"table_day": D(2026, 12, 1)}, EACH),
    "what rules read by its name": ({"due_soon_days": 10}, []),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_whom_a_limit_touches(name):
    """A setting touches those for whom what reads it comes out otherwise."""
    change, expected = SETTINGS[name]
    assert spared(BREAD, BREAD.using(settings=change), ALL) == expected


READINGS = {
    ("X-B-01", "next_level"): ["plain", "cakes", "late"],  # who has an unread trouble is asked
    ("X-B-03", "same_month"): [],
    ("X-B-03", "following_month"): ["plain", "burnt", "short", "late"],  # who is asked for it
    ("X-B-04", "monthly"): EACH,
    ("X-B-05", "taste_panel"): [],
    ("X-B-06", "spill"): EACH,
}


@pytest.mark.parametrize("name", READINGS)
def test_whom_another_reading_touches(name):
    """A reading touches those for whom what is written under it comes to something else, or who are asked."""
    id_, option = name
    assert spared(BREAD, BREAD.using(readings={id_: option}), ALL) == READINGS[name]


def test_a_day_by_a_reading_touches_whom_the_action_is_for():
    """An action whose day is that of the reading which is taken is another for whom it is suggested."""
    rated = qaf.Activity(activity="award_crust", completed=D(2026, 11, 2), outcome="2")
    shared = baker("shared", activities=(rated,))
    assert spared(BREAD, BREAD.using(readings={"X-B-04": "monthly"}), (*ALL, shared)) == EACH


def test_whether_a_reading_is_chosen_can_be_read():
    """A condition may read that a reading is chosen: it comes out otherwise though it stays as it is."""
    unsettled = {"not": {"chosen": "X-B-04"}}
    asks = {"who": "taster", "ask": "Well?", "answered_by": ["decision answer"], "clause": "B-003"}
    for change in (
        {"actions": {"own": when(unsettled)}},
        {"flags": {"own": {"text": "Unsettled", "clause": "B-003", "when": unsettled}}},
        {"questions": {"own": {**asks, "when": unsettled}}},
        {"rating": {"dirty": {"when": unsettled}}},
        {"activities": {"yeast_talk": {"when": unsettled}}},
    ):
        before = BREAD.amend(change)
        after = before.using(readings={"X-B-04": "four_weekly"})
        bread = [each for each in ALL if each is not CAKES]
        assert spared(before, after, bread) == []


def test_a_condition_that_rests_on_actions_is_read_after_them():
    """Where settings are other, what rests on what is suggested cannot be told from less."""
    asks = {"who": "taster", "ask": "Well?", "answered_by": ["decision answer"], "clause": "B-003"}
    many = {"count": "burnt_batch", "at_least": {"value": "many_from"}, "recorded": True}
    looked = {"all": [many, {"suggested": "look_again"}]}
    asking = BREAD.amend({"questions": {"own": {**asks, "when": looked}}})
    doing = BREAD.amend({"actions": {"own": when(looked)}})
    for framework in (asking, doing):
        before = framework.using(settings={"many_from": 2})
        assert spared(before, before.using(settings={"many_from": 1}), ALL) == []


def test_what_a_person_decided_goes_before():
    """Whom a person chose a reading for is touched by another, and not where all others come to have it."""
    to = {"to": "X-B-03", "value": "same_month"}
    own = qaf.Decision(decision="answer", on=D(2026, 11, 2), by="taster", carries=to)
    decided = baker("decided", decisions=(own,))
    same, later = (BREAD.using(readings={"X-B-03": o}) for o in ("same_month", "following_month"))
    assert spared(BREAD, same, [decided, PLAIN]) == ["decided"]
    assert spared(BREAD, later, [decided, PLAIN]) == ["plain"]


def test_who_answered_a_question_is_touched_by_it():
    """What a decision answers may be asked once the question is another."""
    told = baker("told", decisions=(answered("D-B-03"),))
    again = BREAD.amend({"questions": {"D-B-03": {"ask": "Once more?"}}})
    assert spared(BREAD, again, [told, PLAIN]) == ["plain"]


def test_who_has_more_to_hold_is_touched():
    """Of an action that goes on until it is enough the schedule lists what is still to be held."""
    more = qaf.Decision(
        decision="more_looks", on=D(2026, 11, 2), by="taster", carries={"number": 2}
    )
    looked = baker("looked", decisions=(more,))
    later = BREAD.amend({"actions": {"hold_more_looks": {"owner": "miller"}}})
    assert spared(BREAD, later, [looked, PLAIN]) == ["plain"]


def test_a_question_of_each_finding_is_compared():
    """A criterion that waits for another finding asks of another, though it is as unknown as before."""
    orders = tuple(
        qaf.Finding(kind="short_order", on=D(2026, 11, 1), ref=ref, attributes={"hits": hits})
        for ref, hits in (("one", True), ("two", False))
    )
    other = BREAD.amend({"rating": {"slow_short_order": {"when": {"where": {"hits": False}}}}})
    assert spared(BREAD, other, [baker(findings=orders), PLAIN]) == ["plain"]


MONTHLY = {"X-B-04": "monthly"}
ODD = {"type": "boolean", "label": "odd", "ask": "Is it odd?", "benign": [False], "topic": "papers"}
PAPERS = {"when": {"papers_held": False}, "value": True}


def odd(*options, **beside):
    """A change that adds a fact which follows from others, and what else is given."""
    fact = {**ODD, "derive": [PAPERS, *options]}
    return {"vocabulary": {"facts": {"odd": fact}}, **beside}


def follows(condition):
    """A change by which the fact follows from a condition too."""
    return {
        "vocabulary": {"facts": {"odd": {"derive": [PAPERS, {"when": condition, "value": True}]}}}
    }


def test_a_choice_beside_other_rules_is_seen_by_both():
    """Where rules are other too, what a reading that is chosen means is not judged as it was before."""
    unread = {"all": [{"chosen": "X-B-04"}, {"licensed": True}]}
    by_choice = {
        "by_choice": "X-B-04",
        "four_weekly": {"working_days": 10},
        "monthly": {"working_days": 20},
    }
    for change in (
        {"actions": {"own": when(unread)}},
        {"flags": {"own": {"text": "Settled", "clause": "B-003", "when": unread}}},
        {"actions": {"own": when({"licensed": True}, due=by_choice)}},
        {"rating": {"dirty": {"when": {"clean": {"remove": True}, "chosen": "X-B-04"}}}},
    ):
        assert spared(BREAD, BREAD.amend(change).using(readings=MONTHLY), [PLAIN]) == []


def test_an_action_of_all_providers_is_of_none():
    """An action that becomes one of the whole register is suggested to its provider no more."""
    whole = BREAD.amend({"actions": {"pass_on": {"portfolio": True}}})
    praised = baker("praised", findings=(found("praise"),))
    for before, after in ((BREAD, whole), (whole, BREAD)):
        assert spared(before, after, [praised, PLAIN]) == ["plain"]


def test_the_number_of_an_option_is_read():
    """An option that stays, and gets another number, is read otherwise where rules go by the number."""
    flour = {
        "activities": {
            "flour_return": {
                "of": {"by_reading": "X-B-03", "r1": "following_month", "r2": "same_month"}
            }
        }
    }
    before = BREAD.amend(flour)
    options = {"same_month": "the month itself", "following_month": "the one after"}
    turned = {"readings": {"X-B-03": {"options": {"following_month": {"remove": True}}}}}
    after = before.amend(turned).amend({"readings": {"X-B-03": {"options": options}}})
    chosen = {"X-B-03": "following_month"}
    assert [*after.pack.readings["X-B-03"].options] == [*options]
    assert spared(before.using(readings=chosen), after.using(readings=chosen), [PLAIN]) == []


def test_what_where_asks_of_what_is_made():
    """A fact that follows from findings by what is rated, or due, is not known before that is."""
    told = {"text": "Odd", "clause": "B-002", "when": {"odd": True}}
    before = BREAD.amend(odd(flags={"own": told}))
    for asked in (
        {"level": {"at_least": 2}},
        {"sole_support": True},
        {"missed_returns": {"at_least": 0}},
    ):
        after = before.amend(follows({"some": "burnt_batch", "where": asked}))
        assert spared(before, after, [BURNT]) == []
    large = follows({"some": "burnt_batch", "where": {"size": "large"}})
    small = follows({"some": "burnt_batch", "where": {"size": "small"}})
    assert spared(before, before.amend(large), [BURNT, PLAIN]) == ["plain"]
    assert spared(before, before.amend(small), [BURNT, PLAIN]) == ["burnt", "plain"]


def test_a_fact_that_may_be_read_of_what_is_passed_over():
    """What a fact may read bears on the lowest level where something is passed over."""
    golden = {
        "c": {"level": 1, "mode": "all", "text": "c", "clause": "B-002", "when": {"odd": False}}
    }
    before = BREAD.amend(odd(rating=golden)).using(readings={"X-B-01": "next_level"})
    after = before.amend(follows({"some": "short_order", "where": {"town": "x"}}))
    order = found("short_order", lasting="quick", hits=True, town="y")
    assert spared(before, after, [baker("over", findings=(order,)), PLAIN]) == ["plain"]


def test_a_criterion_of_what_the_rating_makes():
    """What the rating makes of the criteria is not known as they are judged, and is asked for."""
    own = {"level": 3, "text": "c", "clause": "B-002"}
    fresh = baker(
        "fresh",
        {"licensed": False, "staff": 1},
        (qaf.Activity(activity="tasting", completed=D(2026, 11, 18)),),
    )
    before = BREAD.amend({"rating": {"c": {**own, "when": {"licensed": False, "staff": 2}}}})
    for condition in ({"gap": True}, {"level": {"at_least": 4}}):
        after = BREAD.amend({"rating": {"c": {**own, "when": condition}}})
        assert spared(before, after, [fresh]) == []
        assert qaf.compare(before, after, [fresh], on=ON).touched == ("fresh",)


def test_the_flag_of_whoever_is_outside_is_told_without_its_condition():
    """The flag of the scope is told of whoever is outside, whatever else it asks."""
    before = BREAD.amend({"flags": {"not_ours": {"when": {"harm": "much"}}}})
    after = before.amend({"flags": {"not_ours": {"text": "Ours no more"}}})
    tea = baker("tea", {"service_type": frozenset({"tea_room"})})
    assert spared(before, after, [tea]) == []


CHOICES = st.one_of(
    st.sampled_from([("amend", change) for change, _ in CHANGES.values()]),
    st.sampled_from([("settings", change) for change, _ in SETTINGS.values()]),
    st.sampled_from([("readings", {id_: option}) for id_, option in READINGS]),
)


def changed(framework, how, change):
    """Give a framework with a change, or as it is where the two contradict each other."""
    try:
        return framework.amend(change) if how == "amend" else framework.using(**{how: change})
    except PackError:
        return framework


@settings(max_examples=60)
@given(
    st.lists(CHOICES, max_size=1), st.lists(CHOICES, min_size=1, max_size=2), testing.records(BREAD)
)
def test_what_is_taken_over_is_what_would_be_answered(first, then, record):
    """Whatever the changes and the record: who is left as it was is answered as it was."""
    before = BREAD
    for each in first:
        before = changed(before, *each)
    after = before
    for each in then:
        after = changed(after, *each)
    spared(before, after, [record])
