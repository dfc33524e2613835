"""What follows from a whole register, beside its providers one by one."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.aggregates import aggregate
from qaf_rules.comparing import compare
from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.intake import read_record
from qaf_rules.portfolio import portfolio
from qaf_rules.workload import workload

BREAD = load(Path(__file__).parent / "packs" / "generic")
ON = dt.date(2026, 3, 2)


def provider(id_, **parts):
    """Read a provider without a fault."""
    made, faults = read_record({"provider": {"provider_id": id_}, **parts}, BREAD.pack, on=ON)
    assert faults == []
    return made


def short(town, on=dt.date(2026, 2, 1)):
    """Give a short order."""
    return {"kind": "short_order", "on": on, "town": town}


def of(*records, framework=BREAD, on=ON):
    """Say what follows from these providers."""
    return portfolio(framework, records, on=on)


def test_problem_that_two_providers_share():
    """A problem that two providers share is the register's; two of one provider are not."""
    one, other = (
        provider("a", findings=[short("millbrook")]),
        provider("b", findings=[short("millbrook")]),
    )
    assert [a.id for a in of(one, other).actions] == ["ring_the_guild"]
    assert "D-B-04" in [q.id for q in of(one, other).questions]
    twice = provider("a", findings=[short("millbrook"), short("millbrook")])
    assert not of(twice).actions
    assert not of(twice).questions
    assert not of(one, provider("b", findings=[short("elsewhere")])).actions


def test_who_is_outside_shares_no_problem():
    """A provider outside the framework brings no action, to the register neither; its records stand."""
    outside = {"provider_id": "b", "service_type": "tea_room"}
    done = {"activity": "ring_the_guild", "completed": "2026-02-02"}
    problems = [short("millbrook")]
    one, other = (provider(id_, findings=problems) for id_ in "ac")
    left, _ = read_record({"provider": outside, "findings": problems}, BREAD.pack, on=ON)
    rang, _ = read_record({"provider": outside, "activities": [done]}, BREAD.pack, on=ON)
    assert not of(one, left).actions
    assert [each.providers for each in of(one, other, left).shared] == [("a", "c")]
    assert not of(one, other, rang).actions


def test_each_shared_problem_is_named_with_the_providers_that_share_it():
    """What is to be solved for the sector is told: every problem by its name, and at whom it is."""
    records = [
        provider("c", findings=[short("millbrook"), short("weir")]),
        provider("b", findings=[short("millbrook"), short("millbrook"), short("elsewhere")]),
        provider("a", findings=[short("weir"), short("millbrook")]),
    ]
    told = of(*records)
    assert [(s.action, s.problem, s.providers) for s in told.shared] == [
        ("ring_the_guild", "millbrook", ("a", "b", "c")),
        ("ring_the_guild", "weir", ("a", "c")),
    ]
    assert of(*records[:1]).shared == ()


def test_a_shared_problem_is_named_wherever_the_rule_asks_for_it():
    """It is named within a condition of several parts too, where that part holds."""
    count = {"count": "short_order", "same": "town", "across": "providers", "recorded": True}
    parts = [{**count, "at_least": 2}, {"not": {**count, "at_least": 3}}]
    trigger = {"when": {"all": parts}, "force": "should", "clause": "B-003"}
    framework = BREAD.amend({"actions": {"ring_the_guild": {"triggers": [trigger]}}})
    told = of(
        *(provider(i, findings=[short("millbrook")]) for i in ("a", "b")), framework=framework
    )
    assert [(each.problem, each.providers) for each in told.shared] == [("millbrook", ("a", "b"))]


def test_what_is_not_shared_does_not_bring_a_solution_up_again():
    """A record closes it until there is something new of a shared problem, not of any other."""
    rung = [{"activity": "ring_the_guild", "completed": dt.date(2026, 2, 10)}]
    later = dt.date(2026, 2, 20)

    def again(town):
        one = provider("a", findings=[short("millbrook"), short(town, later)], activities=rung)
        other = provider("b", findings=[short("millbrook")])
        return of(one, other).actions.has("ring_the_guild")

    assert (again("elsewhere"), again("millbrook")) == (False, True)


def test_a_count_over_providers_of_no_shared_value_names_none():
    """Where the rule does not say what is to be the same, it counts findings, and names no problem."""
    trigger = {
        "when": {"count": "short_order", "across": "providers", "recorded": True, "at_least": 2},
        "force": "should",
        "clause": "B-003",
    }
    framework = BREAD.amend({"actions": {"ring_the_guild": {"triggers": [trigger]}}})
    told = of(
        *(provider(i, findings=[short(i)]) for i in ("a", "b")),
        framework=framework,
    )
    assert (told.actions.has("ring_the_guild"), told.shared) == (True, ())


def test_register_reads_findings_as_the_rating_does():
    """Without `recorded` a rule of the register passes over what the rating no longer counts."""
    when = {"count": "short_order", "same": "town", "across": "providers", "at_least": 2}
    trigger = {"when": when, "force": "should", "clause": "B-003"}
    framework = BREAD.amend({"actions": {"ring_the_guild": {"triggers": [trigger]}}})
    one, other = (provider(i, findings=[short("millbrook")]) for i in ("a", "b"))
    closed = provider("b", findings=[{**short("millbrook"), "status": "closed"}])
    assert of(one, other, framework=framework).actions.has("ring_the_guild")
    assert not of(one, closed, framework=framework).actions
    assert of(one, closed).actions.has("ring_the_guild")


def test_one_provider_is_never_told_the_registers_rules():
    """What is judged over a register is in no provider's own assessment."""
    shared = provider("a", findings=[short("millbrook")])
    found = BREAD.assess(shared, on=ON)
    assert not found.actions.has("ring_the_guild")
    assert not found.questions.has("D-B-04")


def test_record_of_one_provider_closes_it():
    """K21: a record of the action at one of the providers closes it for the register."""
    shared = [provider(i, findings=[short("millbrook")]) for i in ("a", "b")]
    done = [{"activity": "ring_the_guild", "completed": "2026-02-02"}]
    assert not of(*shared, provider("c", activities=done)).actions
    before = [{"activity": "ring_the_guild", "completed": "2026-01-31"}]
    assert of(*shared, provider("c", activities=before)).actions


def test_decision_at_one_provider_answers_it():
    """K21: a decision at one of the providers answers a register's question."""
    shared = [provider(i, findings=[short("millbrook")]) for i in ("a", "b")]
    decided = [{"decision": "answer", "to": "D-B-04", "on": ON, "by": "miller"}]
    assert not of(*shared, provider("c", decisions=decided)).questions.has("D-B-04")


def test_empty_register():
    """From no providers nothing follows but the sittings."""
    found = of(framework=BREAD.using(settings={"table_day": "2026-01-15"}))
    assert (found.on, found.actions, found.questions) == (ON, (), ())
    assert found.sittings == {"bakers_table": dt.date(2026, 3, 12)}
    assert of().sittings == {}


@pytest.mark.parametrize(
    ("known", "next_one"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-01", "2026-03-29"),
        ("2026-03-30", "2026-03-02"),
        ("2026-03-31", "2026-03-03"),
    ],
)
def test_next_sitting(known, next_one):
    """The next sitting is the first on or after the day, whenever the known one is."""
    found = of(framework=BREAD.using(settings={"table_day": known}))
    assert found.sittings["bakers_table"].isoformat() == next_one


@settings(deadline=None)
@given(st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)))
def test_sitting_agrees_with_the_action_that_uses_it(anchor):
    """The next sitting is the day on which a rating confirmed today is shared."""
    framework = BREAD.using(settings={"table_day": anchor.isoformat()})
    rated = provider("a", ratings=[{"level": 2, "on": ON, "by": "taster"}])
    due = framework.assess(rated, on=ON).actions["share_rating"].due
    assert of(framework=framework).sittings["bakers_table"] == due


@settings(deadline=None)
@given(st.permutations(["a", "b", "c"]))
def test_order_of_providers_changes_nothing(order):
    """The order of a register changes nothing of what follows from it."""
    records = {
        i: provider(i, findings=[short("millbrook" if i != "c" else "elsewhere")]) for i in "abc"
    }
    found = of(*[records[i] for i in order])
    usual = of(*records.values())
    assert [(a.id, a.since) for a in found.actions] == [(a.id, a.since) for a in usual.actions]
    assert [q.id for q in found.questions] == [q.id for q in usual.questions]


ONE = provider("loaf")
REGISTERS = {
    "portfolio": lambda given: portfolio(BREAD, given, on=ON),
    "workload": lambda given: workload(BREAD, given, on=ON, until=ON),
    "compare": lambda given: compare(BREAD, BREAD, given, on=ON),
    "aggregate": lambda given: aggregate(load("adults"), given, "pqr", audience="regulator", on=ON),
}


@pytest.mark.parametrize("asked", REGISTERS)
def test_what_is_no_register_is_told(asked):
    """One record, nothing, and what is no record are told wherever a register is taken."""
    for register, told in (
        (ONE, "this is the record of `loaf`, not a register"),
        (None, "a register holds records of providers"),
        ([ONE, "loaf"], "a register holds records of providers"),
    ):
        with pytest.raises(InputError, match=told):
            REGISTERS[asked](register)


def test_what_is_no_day_or_period_is_told():
    """A text for a day, and a plan of a register that ends before it begins, are told, not answered."""
    with pytest.raises(InputError, match="`known_at` is no day: `then`"):
        portfolio(BREAD, [ONE], on=ON, known_at="then")
    earlier = ON - dt.timedelta(days=1)
    told = "the plan ends on 2026-03-01, before it begins on 2026-03-02"
    with pytest.raises(InputError, match=told):
        workload(BREAD, [ONE], on=ON, until=earlier)
