"""What to do next: what starts an action, its force and day, and what closes it."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.intake import read_record

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)
YESTERDAY = dt.date(2026, 3, 1)
D = dt.date
LICENSED = {"service_type": "bread", "licensed": True}


def assess(framework=BREAD, *, on=ON, provider=None, settings=None, **parts):
    """Assess a provider as a register would hand it in."""
    made, faults = read_record(
        {"provider": provider, **parts}, framework.pack, default_id="loaf", on=on
    )
    assert [str(f) for f in faults] == []
    under = framework.using(settings=settings) if settings else framework
    return under.assess(made, on=on)


def action(id_, framework=BREAD, **parts):
    """The one action of an id, or None."""
    found = [a for a in assess(framework, **parts).actions if a.id == id_]
    assert len(found) < 2
    return found[0] if found else None


def done(activity, day=YESTERDAY, **more):
    """Give a done record."""
    return {"activity": activity, "completed": day, **more}


def batch(on=YESTERDAY, **more):
    """Give a burnt batch."""
    return {"kind": "burnt_batch", "on": on, **more}


# --- what starts it, and what closes it ----------------------------------------------------------


def test_action_follows_its_event():
    """An action carries the day of its event, its force, owner, clauses and what closes it."""
    found = action("send_letter", activities=[done("tasting", "2026-02-20")])
    assert (found.since, found.obligation, found.owner, found.clauses) == (
        D(2026, 2, 20),
        "usually",
        "taster",
        ("B-020",),
    )
    assert found.closed_by == ("send_letter",)
    assert found.action == found.id == "send_letter"


def test_no_event_no_action():
    """Without what starts it there is no action."""
    assert action("send_letter") is None
    assert (
        action("send_letter", activities=[{"activity": "tasting", "planned": "2026-03-09"}]) is None
    )


@pytest.mark.parametrize(
    ("closed", "gone"), [("2026-02-19", False), ("2026-02-20", True), ("2026-03-02", True)]
)
def test_record_on_or_after_the_event_closes(closed, gone):
    """K21: a record of the action closes it from the day of its event on, not before."""
    found = action(
        "send_letter", activities=[done("tasting", "2026-02-20"), done("send_letter", closed)]
    )
    assert (found is None) is gone


def test_closed_until_the_next_event():
    """K21: what was closed opens again with the next event."""
    before = [done("tasting", "2026-01-20"), done("send_letter", "2026-01-21")]
    assert action("send_letter", activities=before) is None
    assert action("send_letter", activities=[*before, done("tasting")]).since == YESTERDAY


def test_planned_record_closes_nothing():
    """K21: only what is done closes."""
    planned = {"activity": "send_letter", "planned": "2026-03-09"}
    assert action("send_letter", activities=[done("tasting"), planned]) is not None


def test_confirmed_rating_is_the_record_of_its_action():
    """K21: confirming the rating closes the action that asks for it, and starts what follows."""
    visit = [done("tasting", "2026-02-20")]
    assert action("award_crust", activities=visit) is not None
    rating = [{"level": 2, "on": "2026-02-21", "by": "taster"}]
    assert action("award_crust", activities=visit, ratings=rating) is None
    assert action("share_rating", activities=visit, ratings=rating).since == D(2026, 2, 21)


def test_other_records_may_close_a_trigger():
    """A trigger may name what closes it instead; the action names all that close what is open."""
    graded = {"guild_grade": "plain", "guild_day": "2026-02-20"}
    found = action("talk_grade", provider=graded)
    assert (found.since, found.obligation, set(found.closed_by)) == (
        D(2026, 2, 20),
        "should",
        {"phone_call", "tasting"},
    )
    assert (
        action("talk_grade", provider=graded, activities=[done("phone_call", "2026-02-20")]) is None
    )
    assert (
        action("talk_grade", provider=graded, activities=[done("phone_call", "2026-02-19")])
        is not None
    )


def test_event_without_a_day():
    """K21: where the event has no day any record closes it."""
    assert (
        action(
            "talk_grade",
            provider={"guild_grade": "plain"},
            activities=[done("tasting", "2020-01-01")],
        )
        is None
    )


def test_several_triggers_make_one_action():
    """Of several triggers the strongest force, the newest event and every clause stand."""
    found = action(
        "talk_grade",
        provider={"guild_grade": "plain", "guild_day": "2026-02-20"},
        findings=[batch(size="large", fixed=False)],
    )
    assert (found.obligation, found.since, found.decided_by) == ("must", YESTERDAY, None)
    assert set(found.clauses) == {"B-022", "B-002"}
    assert len(found.reasons) == 2


def test_one_trigger_closed_leaves_the_other():
    """Each trigger is closed apart; the action stands while one is open."""
    found = action(
        "talk_grade",
        provider={"guild_grade": "plain", "guild_day": "2026-02-20"},
        findings=[batch(size="large", fixed=False)],
        activities=[done("phone_call", ON)],
    )
    assert (found.obligation, found.clauses, found.closed_by) == (
        "must",
        ("B-002",),
        ("talk_grade",),
    )


def test_closing_by_a_condition():
    """`closed_when` closes an action whatever the records say."""
    assert action(
        "tell_baker",
        findings=[{"kind": "judgement", "fact": "papers_held", "value": False, "on": YESTERDAY}],
    )
    framework = BREAD.amend(
        {
            "actions": {
                "tell_baker": {"closed_when": {"papers_held": {"remove": True}, "licensed": True}}
            }
        }
    )
    stated = {"facts": {"papers_held": False}}
    assert action("tell_baker", framework, provider={"licensed": False}, **stated) is not None
    assert action("tell_baker", framework, provider={"licensed": True}, **stated) is None


def test_event_of_an_unbroken_statement():
    """K21: the event of a judgement is its first day, so saying it again opens nothing."""
    run = [
        {"kind": "judgement", "fact": "papers_held", "value": False, "on": d}
        for d in ("2026-01-05", "2026-02-05")
    ]
    assert action("tell_baker", findings=run).since == D(2026, 1, 5)
    assert action("tell_baker", findings=run, activities=[done("tell_baker", "2026-01-06")]) is None


def test_event_from_another_condition():
    """`event` takes the day from another condition."""
    framework = BREAD.amend(
        {
            "actions": {
                "tell_baker": {
                    "triggers": [
                        {
                            "when": {"papers_held": False},
                            "force": "must",
                            "event": {"latest": "tasting"},
                        }
                    ]
                }
            }
        }
    )
    stated = {"facts": {"papers_held": False}, "activities": [done("tasting", "2026-02-20")]}
    assert action("tell_baker", framework, **stated).since == D(2026, 2, 20)


# --- what may be left ----------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["D-B-03", "look_again"])
def test_decision_not_to_act(to):
    """K21: a decision on or after the event closes an action that may be left."""
    assert action("look_again", findings=[batch()]).discretion == ("D-B-03",)
    answered = {"decision": "answer", "to": to, "on": YESTERDAY, "by": "taster"}
    assert action("look_again", findings=[batch()], decisions=[answered]) is None
    assert action("look_again", findings=[batch(ON)], decisions=[answered]) is not None


def test_decision_does_not_close_what_must_be_done():
    """K21: an action that must be done is not closed by deciding against it."""
    answered = {"decision": "answer", "to": "send_letter", "on": ON, "by": "taster"}
    assert action("send_letter", activities=[done("tasting")], decisions=[answered]) is not None


def test_extra_records_until_there_are_enough():
    """An action of a decided number stands until as many have been done since."""
    decided = [{"decision": "more_looks", "number": 2, "on": "2026-01-01", "by": "taster"}]
    looks = [done("late_look", "2026-01-05"), done("late_look", "2026-02-05")]
    assert action("hold_more_looks", decisions=decided) is not None
    assert action("hold_more_looks", decisions=decided, activities=looks[:1]) is not None
    assert action("hold_more_looks", decisions=decided, activities=looks) is None


# --- one for each item ---------------------------------------------------------------------------


def test_one_action_for_each_item():
    """One for each item, with its force, owner, clauses and day, gone when it moves on."""
    late = assess(provider=LICENSED, activities=[done("tasting", "2025-03-10")])
    held = [a for a in late.actions if a.id == "hold_visit"]
    assert [(a.about, a.obligation, a.owner, a.due, a.closed_by) for a in held] == [
        ("tasting", "will", "taster", D(2026, 3, 10), ()),
        ("follow_up", "will", None, D(2025, 9, 10), ()),
    ]
    assert "B-010" in held[0].clauses
    assert "hold_visit" not in [
        a.id
        for a in assess(
            provider=LICENSED, activities=[done("tasting", ON), done("follow_up", ON)]
        ).actions
        if a.about == "tasting"
    ]


def test_day_of_an_item_is_the_planned_one():
    """An action due with its item is due on the planned day where there is one."""
    arranged = [done("tasting", "2025-03-10"), {"activity": "tasting", "planned": "2026-03-20"}]
    held = [
        a for a in assess(provider=LICENSED, activities=arranged).actions if a.about == "tasting"
    ]
    assert [a.due for a in held] == [D(2026, 3, 20)]


def test_one_action_for_each_activity():
    """With `per: activity` all items of an activity make one action."""
    late = [done("flour_return", "2025-11-05", period="2025-10")]
    found = action("chase_return", provider=LICENSED, activities=late)
    assert (found.about, found.since, found.readings) == (
        "flour_return",
        D(2026, 2, 8),
        ("X-B-03", "X-B-02"),
    )


def test_chasing_is_closed_until_the_next_is_late():
    """What follows a due date is closed by a record after it, until the next is late."""
    late = [done("flour_return", "2025-11-05", period="2025-10")]
    assert (
        action(
            "chase_return",
            provider=LICENSED,
            activities=[*late, done("chase_return", "2026-02-10")],
        )
        is None
    )
    assert (
        action(
            "chase_return",
            provider=LICENSED,
            activities=[*late, done("chase_return", "2026-02-07")],
        )
        is not None
    )


def test_closing_record_of_the_same_period():
    """With `same_period` another id's record closes only for the latest one's period."""
    came = done("flour_return", "2026-02-05", period="2026-01")
    assert action("check_flour", provider=LICENSED, activities=[came]).since == D(2026, 2, 5)
    for period, gone in (("2025-12", False), ("2026-01", True)):
        seen = done("spot_visit", "2026-02-06", period=period)
        assert (action("check_flour", provider=LICENSED, activities=[came, seen]) is None) is gone
    own = done("check_flour", "2026-02-06")
    assert action("check_flour", provider=LICENSED, activities=[came, own]) is None


# --- days ----------------------------------------------------------------------------------------


def test_due_in_working_days():
    """K4: due ten working days after the event."""
    assert action("send_letter", activities=[done("tasting", "2026-02-20")]).due == D(2026, 3, 6)


@pytest.mark.parametrize(
    ("reading", "due"), [("four_weekly", D(2026, 3, 12)), ("monthly", D(2026, 3, 15))]
)
def test_due_by_the_reading_taken(reading, due):
    """A due date by an ambiguity is that of the reading taken, beside the others'."""
    framework = BREAD.using(readings={"X-B-04": reading}, settings={"table_day": "2026-01-15"})
    found = action(
        "share_rating", framework, activities=[done("award_crust", "2026-02-20", outcome="2")]
    )
    assert (found.due, found.readings) == (due, ("X-B-04",))
    assert (
        found.other_dues
        == ({D(2026, 3, 12): (D(2026, 3, 15),), D(2026, 3, 15): (D(2026, 3, 12),)}[due])
    )
    assert found.due_differs


def test_due_by_a_sitting_that_is_unknown():
    """A due date by a sitting is unknown until a sitting is known, and then no reading differs."""
    found = action("share_rating", activities=[done("award_crust", "2026-02-20", outcome="2")])
    assert (found.due, found.due_differs) == (None, False)


@settings(deadline=None)
@given(st.dates(D(2025, 1, 1), D(2027, 12, 31)), st.dates(D(2025, 6, 1), ON))
def test_sitting_is_the_first_on_or_after_the_event(anchor, event):
    """A sitting every 28 days: the first on or after the event, before the known one too."""
    framework = BREAD.using(settings={"table_day": anchor.isoformat()})
    due = action(
        "share_rating", framework, activities=[done("award_crust", event, outcome="2")]
    ).due
    assert 0 <= (due - event).days < 28
    assert (due - anchor).days % 28 == 0


@settings(deadline=None)
@given(st.dates(D(2025, 1, 1), D(2027, 12, 31)), st.dates(D(2025, 6, 1), ON))
def test_monthly_sitting_is_the_first_on_or_after_the_event(anchor, event):
    """A monthly sitting: the first on or after the event, clamped to the month's end."""
    framework = BREAD.using(
        readings={"X-B-04": "monthly"}, settings={"table_day": anchor.isoformat()}
    )
    due = action(
        "share_rating", framework, activities=[done("award_crust", event, outcome="2")]
    ).due
    assert 0 <= (due - event).days <= 31
    assert due.day == anchor.day or (due.day < anchor.day and (due + dt.timedelta(days=1)).day == 1)


def test_due_from_today():
    """A sitting counted from today is never in the past."""
    framework = BREAD.amend(
        {
            "actions": {
                "share_rating": {
                    "due": {
                        "by_choice": {"remove": True},
                        "four_weekly": {"remove": True},
                        "monthly": {"remove": True},
                        "every": "28 days",
                        "anchor": "table_day",
                        "from": "today",
                    }
                }
            }
        }
    ).using(settings={"table_day": "2025-01-01"})
    found = action(
        "share_rating", framework, activities=[done("award_crust", "2025-06-01", outcome="2")]
    )
    assert 0 <= (found.due - ON).days < 28


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"due_differs": True}, True),
        ({"force": "should"}, True),
        ({"force": "must"}, False),
        ({"clause": "B-030"}, True),
        ({"owner": "miller", "due": {"before": "2026-04-01"}}, True),
        ({"decided_by": {"known": False}}, True),
        ({"action": "share_rating"}, True),
    ],
)
def test_rules_may_read_what_is_suggested(where, expected):
    """A rule may read what is suggested: its force, owner, day and clauses."""
    framework = BREAD.amend(
        {
            "flags": {
                "probe": {"when": {"suggested": "share_rating", "where": where}, "text": "Probe."}
            }
        }
    )
    found = assess(
        framework,
        settings={"table_day": "2026-01-15"},
        activities=[done("award_crust", "2026-02-20", outcome="2")],
    )
    assert found.flags.has("probe") is expected


# --- unknown, out of scope -----------------------------------------------------------------------


def test_unknown_trigger_asks():
    """K20: a trigger that is unknown gives no action but a question about what would tell."""
    found = assess(provider=LICENSED)
    assert not found.actions.has("talk_grade")
    assert "guild_grade" in [q.id for q in found.questions]
    assert not assess(provider={**LICENSED, "guild_grade": "fine"}).questions.has("guild_grade")


def test_actions_still_told_out_of_scope():
    """Out of scope only the actions that the scope names are told."""
    praise = [{"kind": "praise", "on": ON}]
    out = assess(provider={"service_type": "tea_room"}, findings=[*praise, batch()])
    assert [a.id for a in out.actions] == ["pass_on"]


def test_who_decides():
    """An action says who decides on it, and nobody where it is not to be decided."""
    assert action("look_again", findings=[batch()]).decided_by == "taster, miller"
    assert action("award_crust", activities=[done("tasting")]).decided_by == "taster"
    assert action("talk_grade", provider={"guild_grade": "plain"}).decided_by is None
    assert action("send_letter", activities=[done("tasting")]).decided_by is None


# --- the law of closing --------------------------------------------------------------------------

HISTORY = st.lists(
    st.builds(
        done,
        st.sampled_from(
            ["tasting", "oven_check", "award_crust", "flour_return", "send_letter", "phone_call"]
        ),
        st.dates(D(2025, 1, 1), ON),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(
    HISTORY,
    st.sampled_from([{}, LICENSED, {"guild_grade": "plain"}, {"service_type": "cakes"}]),
    st.booleans(),
)
def test_every_action_names_what_closes_it(history, provider, burnt):
    """K21: with a record of what an action names, done today, it is gone, unless it is standing."""
    parts = {"provider": provider, "findings": [batch()] if burnt else []}
    for found in assess(activities=history, **parts).actions:
        for closer in found.closed_by:
            after = assess(activities=[*history, done(closer, ON)], **parts).actions
            same = [a for a in after if (a.id, a.about) == (found.id, found.about)]
            assert not any(set(a.closed_by) & {closer} for a in same)


def test_each_instance_is_closed_by_its_own_item():
    """What closes an action for each item reads that item, not the one before it."""
    cakes = {
        "service_type": "cakes",
        "contract_start": D(2025, 1, 1),
        "due_day": 5,
        "first_month": 1,
    }
    returns = {"batch_return", "stock_return"}
    for closed in (None, *returns):
        change = {"chase_return": {"closed_when": {"this.activity": closed}}} if closed else {}
        framework = BREAD.amend({"actions": change})
        found = assess(framework, provider=cakes)
        chased = {a.about for a in found.actions if a.id == "chase_return"}
        assert chased == returns - {closed}


def test_a_day_under_every_other_option():
    """Where no day stands under the option that is taken, that under `otherwise` is taken."""
    due = {"by_choice": "X-B-04", "monthly": {"working_days": 5}, "otherwise": {"working_days": 10}}
    own = {"text": "Share", "owner": "miller", "due": due, "triggers": [{"when": {"latest": "tasting"}, "force": "should", "clause": "B-030"}]}  # fmt: skip
    framework = BREAD.amend({"actions": {"own": own}})
    for reading, day in (("four_weekly", D(2026, 3, 13)), ("monthly", D(2026, 3, 6))):
        under = framework.using(readings={"X-B-04": reading})
        found = action("own", under, activities=[done("tasting", D(2026, 2, 27))])
        assert found.due == day
        assert len(found.other_dues) == 1
