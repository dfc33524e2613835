"""Laws of the suggestion, over both councils' packs: what is learnt narrows it, what is worse raises it."""

import datetime as dt
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules import testing as drawn
from qaf_rules.condition import Findings, Is, leaves, walk
from qaf_rules.drawn_values import value_of
from qaf_rules.facts import View
from qaf_rules.model import Finding, FrozenDict, Provider, ProviderRecord
from qaf_rules.outlook import answers, suggested
from qaf_rules.rating import suggest
from qaf_rules.schedule import count_missed, make_schedule
from qaf_rules.values import OneOf, SetOf, Simple

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 22)
packs = pytest.mark.parametrize("pack", ["adults", "children"])
many = settings(
    max_examples=12,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


@cache
def council(pack):
    """Give a framework with its council's settings, and the records of its example register."""
    framework = qaf.load(pack)
    register = qaf.read_register(ROOT / "examples" / f"{pack}.yaml", framework)
    return framework.using(settings=register.settings), tuple(register)


def narrows(before, after):
    """Whether the levels that are still possible lie within those that were."""
    within = before.lowest <= after.lowest <= after.highest <= before.highest
    return within and (after.level is None or after.lowest <= after.level <= after.highest)


def learns(framework, record, on, choose):
    """Answer what is unknown, a question after another; only a correction may widen what is possible."""
    suggestion = (told := framework.assess(record, on=on)).suggestion
    if suggestion.lowest is None:
        return
    put = set()
    for _ in range(12):
        needed = set(suggestion.unknown)
        open_ = (q for q in told.questions if needed & set(q.about) and q.id not in put)
        asked = [q for q in open_ if q.takes is not None]
        if not asked:
            break
        question = choose(st.sampled_from(asked))
        put.add(question.id)
        value = choose(value_of(question.takes, on))
        answered = record.with_answer(question, value, by="cqmo", on=on)
        after = (told := framework.assess(answered, on=on)).suggestion
        if not narrows(suggestion, after):
            before, told_of = read(framework, record, on), (question.id, value, suggestion, after)
            assert question.completes is None, told_of  # what a finding lacks takes nothing away
            known = before.read(question.fact)
            corrected = not agrees(known, value) or takes_away(
                before, read(framework, answered, on)
            )
            assert corrected, told_of
        record, suggestion = answered, after


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("whistleblowing", {"substantiated": True}),
        ("standards_shortfall", {"resolution": "takes_time"}),
        ("safeguarding", {"substantiated": True}),
        ("recruitment", {"recruitment_struggling": True}),
        ("incident", {"investigated": False}),
        ("kpi", {"solution_in_progress": False}),
        ("concern", {"safety_impact": "has"}),
        ("complaint", {"severity": "minor"}),
    ],
)
@packs
def test_no_answer_about_what_was_found_loses_it(pack, kind, attributes):
    """Whatever a finding does not say is told of it: it stays, and the bounds never widen."""
    framework, _ = council(pack)
    service = framework.pack.fields["service_type"].type.values[0]
    provider = Provider(id="p", fields={"service_type": frozenset({service})})
    finding = Finding(kind=kind, on=TODAY, ref="F-1", attributes=FrozenDict(attributes))
    record = ProviderRecord(provider=provider, findings=(finding,))
    told = framework.assess(record, on=TODAY)
    asked = [q for q in told.questions if q.takes is not None]
    assert any(q.completes is not None for q in asked)
    for question in asked:
        for value in answers(framework.pack, question):
            answered = record.with_answer(question, value, by="cqmo", on=TODAY)
            after = framework.assess(answered, on=TODAY)
            assert narrows(told.suggestion, after.suggestion), (question.id, value)
            (kept,) = (f for f in answered.findings if f.ref == "F-1")
            assert attributes.items() <= kept.attributes.items()
            assert "displaced" not in {note.id for note in after.notes}


@packs
@many
@given(st.data())
def test_what_is_learnt_never_widens_what_is_possible(pack, data):
    """Each answer leaves no level possible that was not before, until the level is settled."""
    framework, _ = council(pack)
    learns(framework, data.draw(drawn.records(framework)), drawn.ON, data.draw)


@packs
@many
@given(st.data())
def test_what_is_learnt_of_an_example_never_widens_what_is_possible(pack, data):
    """The same, from what is known of a provider of the example register."""
    framework, register = council(pack)
    learns(framework, data.draw(st.sampled_from(register)), TODAY, data.draw)


# --- what is added -------------------------------------------------------------------------------
# A statement adds to what is known where it agrees with it, is about what a rule waits for or what is
# known already, and takes away nothing that was found or described. Any other is a correction or news,
# of which the law does not speak: before it, nobody knew that it might be so.


def values_of(declared):
    """Values of a type that conditions could tell apart."""
    match declared:
        case Simple("boolean"):
            return (True, False)
        case Simple("count"):
            return (0, 1, 2, 5)
        case OneOf(values):
            return values
        case SetOf(values):
            return tuple(frozenset({value}) for value in values)
    return ("given",)


def read(framework, record, on=TODAY):
    """What is known of a provider, as the rating reads it."""
    view = View(framework.pack, record, on, framework.settings)
    make_schedule(view)
    count_missed(view)
    return view


def agrees(known, value):
    """Whether a value is the one that is known, or of a number one that is possible."""
    if known.value is not None:
        return known.value == value and type(known.value) is type(value)
    return type(value) is not int or known.low <= value <= (
        value if known.high is None else known.high
    )


def takes_away(before, after):
    """Whether something that was found, or described, is there no more."""
    for kind in before.pack.kinds:
        was, now = before.world(kind).elements, after.world(kind).elements
        found = [[e.ref for e in each if not e.stated] for each in (was, now)]
        if found[0] != found[1] or len(now) < len(was):
            return True
    return False


@pytest.mark.no_cover  # much of the same: its lines are covered elsewhere
@packs
def test_what_is_added_never_widens_what_is_possible(pack):
    """Over the example register, with its visits and without, every statement of a fact that adds."""
    framework, register = council(pack)
    added = 0
    for own in register[::2]:
        for record in (own, own.model_copy(update={"activities": ()})):
            before = framework.assess(record, on=TODAY).suggestion
            if before.lowest is None:
                continue
            view = read(framework, record)
            for name, spec in framework.pack.facts.items():
                if view.read(name).value is None and name not in before.unknown:
                    continue
                for value in values_of(spec.type):
                    if not agrees(view.read(name), value):
                        continue
                    stated = Finding(kind="judgement", fact=name, value=value, on=TODAY)
                    after = suggested(view, record.with_finding(stated))
                    if not narrows(before, after):
                        told = read(framework, record.with_finding(stated))
                        assert takes_away(view, told), (record.provider.id, name, value)
                    added += 1
    assert added > 500


SHORT = {"kind": "contract_shortfall", "attributes": {"resolution": "takes_time"}}
EARLIER = TODAY - dt.timedelta(days=1)


@packs
@pytest.mark.parametrize(
    ("findings", "stated"),
    [
        # a correction: a count of none against a shortfall that a person described before
        ([{"fact": "contract_resolution", "value": "takes_time"}], ("contract_aspects_unmet", 0)),
        # a statement that takes the place of a finding, and says less than it did
        ([SHORT], ("contract_significant_part_unmet", False)),
        # news: nothing waited for it, and nothing reads it but as a gap
        ([], ("other_issues_raised", True)),
    ],
)
def test_what_is_no_addition_may_make_possible_what_was_not(pack, findings, stated):
    """A correction, a statement in place of findings, and news are no additions, and the test tells them."""
    framework, _ = council(pack)
    made = tuple(Finding(**{"kind": "judgement", "on": EARLIER, **each}) for each in findings)
    provider = Provider(id="any", fields={"service_type": frozenset({"care_home"})})
    record = ProviderRecord(provider=provider, findings=made)
    name, value = stated
    corrected = record.with_finding(Finding(kind="judgement", fact=name, value=value, on=TODAY))
    before, after = read(framework, record), read(framework, corrected)
    asked = framework.assess(record, on=TODAY).suggestion.unknown
    is_news = before.read(name).value is None and name not in asked
    assert is_news or not agrees(before.read(name), value) or takes_away(before, after)


# --- what is worse -------------------------------------------------------------------------------
# A pack writes values from the best to the worst; of a boolean that has benign values the other is
# worse, of any other the true one, of a count the greater.

NOBODYS = ("source", "status")
"""Attributes whose values are neither better nor worse."""


def scale(declared, benign):
    """Values of a type, from the best to the worst."""
    match declared:
        case Simple("boolean"):
            return (True, False) if benign == [True] else (False, True)
        case Simple("count"):
            return (0, 1, 2, 3)
        case OneOf(values):
            return values
        case SetOf(values):
            return tuple(frozenset({value}) for value in values)
    return ("any",)


def named_by(pack, criterion):
    """The facts that a criterion reads, by itself or as what tells the findings that it reads."""
    for part in walk(criterion.when):
        match part:
            case Is(name) if name in pack.facts:
                yield name
            case Findings(kinds=kinds, where=where):
                for kind in pack.members("kind", kinds):
                    told = [pack.attribute_facts.get((kind, leaf.name)) for leaf in leaves(where)]
                    yield from filter(None, told)
                    ties = {
                        n: pack.facts[n].counts or pack.facts[n].exists for n in pack.facts_of[kind]
                    }
                    yield from (name for name, tie in ties.items() if tie)


def steps(framework, scales, made):
    """Each step for the worse, with what is suggested before and after, in every combination.

    `scales` are the values by name, and whether one is worse than another; `made` gives the findings
    that say so much, and what to call a step.
    """
    names = tuple(scales)
    worlds = {}
    for values in product(*((None, *values) for values, _ in scales.values())):
        findings = made({n: v for n, v in zip(names, values, strict=True) if v is not None})
        record = ProviderRecord(provider=Provider(id="any"), findings=tuple(findings))
        worlds[values] = suggest(View(framework.pack, record, TODAY, framework.settings), str)
    for values, before in worlds.items():
        for n, name in enumerate(names):
            order, ordered = scales[name]
            if ordered and values[n] is not None and values[n] != order[-1]:
                worse = order[order.index(values[n]) + 1]
                yield name, values[n], worse, before, worlds[(*values[:n], worse, *values[n + 1 :])]


def stated_steps(framework, criterion):
    """Steps of the facts that a criterion reads, as a person states them."""
    facts = framework.pack.facts
    names = dict.fromkeys(named_by(framework.pack, criterion))
    scales = {
        n: (scale(facts[n].type, facts[n].benign), facts[n].benign is not None) for n in names
    }

    def made(said):
        return [Finding(kind="judgement", fact=n, value=v, on=TODAY) for n, v in said.items()]

    yield from steps(framework, scales, made)


def recorded_steps(framework, criterion):
    """Steps of what one finding says of itself, beside as many others that say the same as matter."""
    pack = framework.pack
    for part in walk(criterion.when):
        if not isinstance(part, Findings) or part.quantifier == "none":
            continue
        for kind in pack.members("kind", part.kinds):
            declared = pack.kinds[kind].attributes
            own = dict.fromkeys(n.name for n in leaves(part.where) if n.name in declared)
            scales = {n: (order_of(pack, kind, n), n not in NOBODYS) for n in own}
            for beside in (0, 1) if part.quantifier == "count" else (0,):

                def made(said, kind=kind, beside=beside, part=part):
                    whole = {**said, part.same: "one"} if part.same else said
                    others = [whole | fixed(part.fixed)] * beside
                    return [Finding(kind=kind, on=TODAY, attributes=a) for a in (whole, *others)]

                for name, *step in steps(framework, scales, made):
                    yield told(pack, kind, name, step)


def fixed(where):
    """The values that a condition asks for, one of each."""
    return {n: v[0] if isinstance(v, list) else v for n, v in where.items() if n not in NOBODYS}


def order_of(pack, kind, name):
    """The values of an attribute from the best to the worst, by the fact that tells it if one does."""
    fact = pack.facts.get(pack.attribute_facts.get((kind, name)))
    if fact is None:
        return scale(pack.kinds[kind].attributes[name], None)
    said = (fact.states and fact.states.as_) or {}
    return tuple(said.get(value, value) for value in scale(fact.type, fact.benign))


def told(pack, kind, name, step):
    """A step under the name of the fact that tells the attribute, where one does in its own words."""
    fact = pack.attribute_facts.get((kind, name))
    plain = fact is not None and not (pack.facts[fact].states or pack.facts[fact].marks).as_
    return (fact if plain else f"{kind}.{name}", *step)


def lapses(framework):
    """Every step for the worse after which the suggestion is better, or could be."""
    found = set()
    for criterion in framework.pack.rating.values():
        if criterion.mode == "any":
            for sort in (stated_steps, recorded_steps):
                for name, value, worse, before, after in sort(framework, criterion):
                    if (after.level or 0) < (before.level or 0) or after.lowest < before.lowest:
                        found.add((name, value, worse))
    return found


def listed(framework):
    """The lapses that a pack lists."""
    return {(lapse.fact, lapse.from_, lapse.to) for lapse in framework.pack.identity.lapses}


@pytest.mark.no_cover  # much of the same: its lines are covered elsewhere
@packs
@pytest.mark.parametrize("readings", [{}, {"X-S-07": "level_3_unless_general"}], ids=len)
def test_what_is_worse_never_improves_the_suggestion(pack, readings):
    """In every combination that a criterion tells apart, the steps that do are those the pack lists."""
    framework = council(pack)[0].using(readings=readings)
    assert lapses(framework) == listed(framework)
    for lapse in framework.pack.identity.lapses:
        assert set(lapse.clause) <= set(framework.pack.clauses)


@packs
@pytest.mark.parametrize(
    ("kind", "status", "attributes", "lowest"),
    [
        ("safeguarding", "closed", {}, 1),  # it may not be substantiated
        ("safeguarding", "closed", {"substantiated": True}, 2),
        ("incident", "open", {}, 1),  # there may have been no harm
        ("incident", "open", {"harm": "minor"}, 2),
        ("complaint", "open", {}, 1),  # it may be a minor one, which the best level allows
        ("complaint", "open", {"severity": "serious"}, 2),
    ],
)
def test_the_best_level_is_possible_until_a_gap_is_for_good(pack, kind, status, attributes, lowest):
    """K18: what is passed over and may yet prove benign, or be read at the best level, leaves it possible."""
    found = Finding(kind=kind, on=TODAY, status=status, attributes=attributes)
    record = ProviderRecord(provider=Provider(id="any"), findings=(found,))
    suggestion = council(pack)[0].assess(record, on=TODAY).suggestion
    assert (suggestion.status, suggestion.level, suggestion.lowest) == ("gap", 2, lowest)
