"""What a reason lists is enough to come to the same truth again."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules import testing
from qaf_rules.cases import read_cases
from qaf_rules.condition import parse
from qaf_rules.environment import Ranged
from qaf_rules.facts import View
from qaf_rules.listing import again, fact_of, facts, leaves_of
from qaf_rules.model import ProviderRecord
from qaf_rules.result import Reason
from qaf_rules.value_tests import Value

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)
PACKS = ("adults", "children")


def reasons(day):
    """Give every reason of a day's assessment; nothing that it tells is without one."""
    assessment = day.assessment()
    parts = [*assessment.rows, *assessment.suggestion.criteria, *assessment.schedule]
    parts += [*assessment.questions, *assessment.flags]
    for part in parts:
        assert part.reason is not None, part
        yield part.reason
    for action in assessment.actions:
        assert action.reasons, action
        yield from action.reasons


@pytest.mark.no_cover  # much of the same: its lines are covered elsewhere
@pytest.mark.parametrize("name", PACKS)
def test_a_reason_is_complete_in_the_packs_own_cases(name):
    """Every reason of every case gives the same truth again from the facts that it lists alone."""
    judged = 0
    framework = qaf.load(name)
    for path in sorted((ROOT / "frameworks" / name / "cases").glob("*.yaml")):
        for case in read_cases(path).cases:
            own = framework.using(settings=case.settings, readings=case.readings)
            day = own.day(case.record, on=case.on)
            for reason in reasons(day):
                judged += 1
                assert again(reason, day.view) is reason.truth, (case.id, reason)
    assert judged > 1000


@given(st.data())
def test_a_reason_is_complete_in_any_pack(data):
    """Whatever the pack and the record, a reason gives its truth again from its own facts."""
    framework = data.draw(testing.frameworks())
    record = data.draw(testing.records(framework, on=ON))
    day = framework.day(record, on=ON)
    for reason in reasons(day):
        assert again(reason, day.view) is reason.truth


@pytest.fixture(scope="module")
def adults():
    """Give the view of a provider of the adults' example register with a complaint on record."""
    framework = qaf.load("adults")
    register = qaf.read_register(ROOT / "examples" / "adults.yaml", framework)
    views = (View(framework.pack, record, ON, dict(register.settings)) for record in register)
    return next(view for view in views if view.findings(("complaint",)).elements)


def reason_of(view, raw):
    """Evaluate what a pack writes."""
    condition, faults = parse(raw)
    assert not faults
    return condition.evaluate(view)


@pytest.mark.parametrize(
    "raw",
    [
        {"cqc_regulated": True},
        {"not": {"cqc_regulated": True}},
        {"any": [{"cqc_regulated": False}, {"service_type": "care_home"}]},
        {"all": [{"cqc_regulated": True}, {"complaints_count": {"at_least": 1}}]},
        {"complaints_count": {"at_most": {"value": "many_from"}}},
        {"some": "complaint", "where": {"severity": "serious"}},
        {"none": "any", "recorded": True, "where": {"open": True}},
        {"every": "complaint", "where": {"reported_to_qa": True}},
        {"count": "complaint", "same": "severity", "at_least": 1},
        {"count": "complaint", "at_least": {"value": "many_from"}},
        {"some": "complaint", "after": "qm1", "where": {"age_days": {"at_least": 0}}},
        {"record": "qm1", "where": {"done": True}},
        {"latest": "qm1"},
        {"item": "qm1", "where": {"live": True}},
        {"decision": "extra_visits"},
        {"chosen": "X-A-10"},
        {"matched": "no_registered_manager"},
        {"stated": {"experience": "good"}},
    ],
)
def test_each_form_of_condition_lists_what_it_read(adults, raw):
    """A leaf of any form gives its truth again from what it lists."""
    reason = reason_of(adults, raw)
    assert again(reason, adults) is reason.truth
    assert [fact.truth for fact in facts(reason, adults)] == [
        leaf.truth for leaf in leaves_of(reason)
    ]


def test_a_fact_that_was_not_read_would_be_missed(adults):
    """The facts matter: with another value the leaf comes to another truth."""
    (fact,) = facts(reason_of(adults, {"cqc_regulated": True}), adults)
    assert fact.truth is True
    assert fact._replace(value=False).again() is False
    assert fact._replace(value=None).again() is None


def test_things_that_were_ranged_over_matter(adults):
    """A quantifier lists what it ranged over with the attributes that it read and no others."""
    reason = reason_of(adults, {"some": "complaint", "where": {"status": "open"}})
    (fact,) = facts(reason, adults)
    assert fact.things
    assert all(set(thing.attributes) == {"status"} for thing in fact.things)
    assert fact._replace(things=(), more=True).again() is None
    assert fact._replace(things=(), more=False).again() is False


def test_a_limit_that_was_compared_with_is_a_fact_too(adults):
    """A value that a test compares with is listed with what it read, and decides with it."""
    reason = reason_of(adults, {"complaints_count": {"at_least": {"value": "many_from"}}})
    fact = fact_of(reason, adults)
    assert fact.limits == {"many_from": None}
    assert reason.truth is None
    assert fact._replace(value=9, limits={"many_from": 3}).again() is True


def test_several_reasons_together_are_judged_by_their_parts(adults):
    """A reason without a condition of its own is its parts; one without parts is what it says."""
    condition, _ = parse({"chosen": "x"})
    part = Reason(condition, truth=False)
    assert again(Reason(None, truth=False, parts=(part,)), adults) is False
    assert again(Reason(None, truth=None), adults) is None


def test_a_record_that_nothing_is_known_of_lists_unknowns():
    """With nothing on record every fact is unknown, and what would tell it is named."""
    framework = qaf.load("adults")
    record = ProviderRecord(provider=qaf.Provider(id="p"))
    view = View(framework.pack, record, ON, {})
    reason = reason_of(view, {"some": "complaint", "where": {"severity": "serious"}})
    (fact,) = facts(reason, view)
    assert fact.truth is None
    assert fact.more
    assert fact.unknown == tuple(reason.still_needed())


def test_what_was_read_is_written_the_same_everywhere():
    """A set is written in order, and what a quantifier ranged over by what it is."""
    value = Value(frozenset({"b", "a"}))
    assert repr(value) == "Value(\"{'a', 'b'}\", (), 0, None, True)"
    assert repr(Value(2)) == "Value(2, (), 0, None, True)"
    one, other = Ranged(0, (), (), may_be_more=True), Ranged(0, (), (), may_be_more=True)
    assert one == other
    assert len({one, other}) == 1
    assert repr(one) == "Ranged(0, (), (), True)"
