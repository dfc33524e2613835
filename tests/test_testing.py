"""What is drawn is valid, reaches every form, and shrinks to what can be read."""

import datetime as dt
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.errors import PackError
from qaf_rules.frequency import DATES, FORMS, parse
from qaf_rules.intake import read_record
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.provider_day import contradictions
from qaf_rules.shapes import JUDGEMENT
from qaf_rules.testing import (
    ON,
    facts,
    findings,
    framework_of,
    frameworks,
    histories,
    providers,
    records,
    recurrences,
    term_calendars,
)
from qaf_rules.workdays import Term, parse_terms

GENERIC = Path(__file__).parent / "packs" / "generic"
DAY = dt.timedelta(days=1)

packs = pytest.mark.parametrize("name", ["adults", "children", GENERIC], ids=lambda n: Path(n).name)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
simplest = settings(max_examples=500, deadline=None, database=None)


@cache
def framework(name):
    """Load each pack once."""
    return load(name)


@st.composite
def small(draw):
    """Draw a small pack, with terms or without, and a record of it."""
    pack = draw(frameworks())
    if draw(st.booleans()):
        pack = pack.using(settings={"terms": draw(term_calendars())})
    return pack, draw(records(pack))


def drawn(strategy, number=200):
    """Draw so many, the same on each run."""
    told = []

    @settings(max_examples=number, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(each):
        told.append(each)

    collect()
    return told


def plain(record):
    """Give a record as a register writes it."""

    def told(part):
        held = part.model_dump(exclude_unset=True)
        return {**held, **held.pop("attributes", {}), **held.pop("carries", {})}

    return {
        "provider": {"provider_id": record.provider.id, **record.provider.fields},
        "activities": [told(part) for part in record.activities],
        "findings": [
            {k: v for k, v in told(part).items() if k != "attributes"} for part in record.findings
        ],
        "ratings": [told(part) for part in record.ratings],
        "decisions": [
            {k: v for k, v in told(p).items() if k != "carries"} for p in record.decisions
        ],
    }


def whole(pack, record):
    """Ask a framework everything about a record."""
    told = pack.assess(record, on=ON)
    for activity in pack.pack.activities:
        assert told.conduct(activity).activity == activity
    assert told.cited() <= set(pack.pack.clauses)
    pack.plan(record, on=ON, until=ON.replace(year=2028))
    return told


# --- records -------------------------------------------------------------------------------------


@packs
@some
@given(st.data())
def test_every_record_is_assessed(name, data):
    """A record drawn for a pack is answered in full, and its profile is never refused."""
    whole(framework(name), data.draw(records(framework(name))))


@packs
@some
@given(st.data())
def test_every_record_could_be_in_a_register(name, data):
    """A record drawn for a pack is one that the reader of registers takes as it is."""
    record = data.draw(records(framework(name)))
    read, faults = read_record(plain(record), framework(name).pack, on=ON)
    assert not faults
    assert read == record


@packs
@some
@given(st.data())
def test_no_profile_contradicts_itself(name, data):
    """A provider's fields are the pack's, and none contradicts another."""
    provider = data.draw(providers(framework(name)))
    assert set(provider.fields) <= set(framework(name).pack.fields)
    assert not contradictions(framework(name).pack, provider)


@packs
@some
@given(st.data())
def test_nothing_is_done_before_the_contract_starts(name, data):
    """No record is of something completed before the contract starts, whenever that is."""
    start = data.draw(st.dates(ON - 400 * DAY, ON + 100 * DAY))
    provider = Provider(id="p1", fields={"contract_start": start})
    for activity in data.draw(histories(framework(name), provider)):
        assert activity.completed is None or activity.completed >= start


@packs
@some
@given(st.data())
def test_findings_are_of_the_pack(name, data):
    """A finding has a declared kind that no schedule makes, and attributes of that kind."""
    kinds = framework(name).pack.kinds
    finding = data.draw(findings(framework(name)))
    assert not kinds[finding.kind].derived
    assert set(finding.attributes) <= set(kinds[finding.kind].attributes)


@packs
@some
@given(st.data())
def test_facts_are_stated(name, data):
    """A fact is a judgement: a finding that states one of the pack's facts."""
    finding = data.draw(facts(framework(name)))
    assert finding.kind == JUDGEMENT
    assert finding.fact in framework(name).pack.facts
    assert finding.value is not None


def test_a_return_names_a_period_of_its_series():
    """A period is one of the activity's own, in the form that its series gives it."""
    fields = {"due_day": 8, "first_month": 4, "round_day": ON}
    told = drawn(histories(framework(GENERIC), Provider(id="p1", fields=fields)))
    for name, form in {
        "flour_return": r"202[56]-\d\d",
        "batch_return": "202[56]-Q[1-4]",
        "egg_return": r"202[56]-\d\d-\d\d",
    }.items():
        periods = {a.period for history in told for a in history if a.activity == name and a.period}
        assert periods
        assert all(re.fullmatch(form, period) for period in periods)
    assert not [a for history in told for a in history if a.activity == "tasting" and a.period]


def test_a_history_holds_whatever_may_be_recorded():
    """Some record is done, planned, requested, has an outcome, or came without something."""
    told = drawn(histories(framework(GENERIC), Provider(id="p1")))
    for name in ("completed", "planned", "requested", "outcome", "missing", "covered", "what"):
        assert any(getattr(record, name) for history in told for record in history), name
    assert any(a.completed and a.completed > ON for history in told for a in history)


def test_any_field_may_be_known():
    """Each field of the pack is in some profile, and the simplest profile holds none."""
    told = drawn(providers(framework(GENERIC)))
    known = {name for provider in told for name in provider.fields}
    assert known == set(framework(GENERIC).pack.fields)
    assert find(providers(framework(GENERIC)), lambda _: True) == Provider(id="p1", fields={})


def test_a_pack_that_declares_little_has_records_too():
    """Without fields, kinds, facts and decisions the record is a bare provider with a history."""
    data = {
        "pack": {
            "id": "bare",
            "name": "Bare",
            "version": "V1",
            "council": "Council",
            "in_force": "2020-01-01",
            "scale": {"name": "Scale", "levels": {1: {"id": "l1", "name": "Level 1"}}},
        },
        "activities": {"a1": {"name": "Activity 1", "every": "12 months"}},
    }
    bare = framework_of(data)
    record = find(records(bare), lambda told: bool(told.activities), settings=simplest)
    assert repr(record.activities) == (
        "(Activity(activity='a1', completed=datetime.date(2026, 6, 1)),)"
    )
    assert (record.findings, record.decisions, record.ratings) == ((), (), ())
    none = framework_of(
        data | {"activities": {}, "vocabulary": {"facts": {"f1": {"type": "date"}}}}
    )
    assert find(findings(none) | facts(none), lambda _: True, settings=simplest).value == ON


# --- terms and recurrences -----------------------------------------------------------------------


@some
@given(term_calendars())
def test_terms_never_overlap(terms):
    """A calendar is three terms a year for several years, in order, and is read as it is."""
    assert parse_terms(terms) == terms
    assert all(before.end < after.start for before, after in pairwise(terms))
    assert len(terms) % 3 == 0
    assert len(terms) >= 15
    assert terms[0].start.year <= ON.year - 2
    assert terms[-1].end.year >= ON.year + 2


def test_some_calendars_have_half_terms():
    """The simplest calendar that tells half terms tells them all."""
    terms = find(term_calendars(), lambda told: told[0].half_term is not None, settings=simplest)
    assert all(term.half_term for term in terms)
    assert terms[0] == Term(
        "spring", dt.date(2024, 1, 5), dt.date(2024, 3, 20), (dt.date(2024, 2, 12),) * 2
    )


@settings(max_examples=200, deadline=None)
@given(recurrences())
def test_every_recurrence_is_read(recurrence):
    """A recurrence is read without a fault, and comes with a value for every name."""
    rule, faults = parse(recurrence.raw)
    assert not faults
    assert rule.frequency is not None
    assert all(value is not None for value in recurrence.values.values())


def keys_of(raw):
    """Give every key of plain data, at any depth."""
    match raw:
        case dict():
            yield from raw
            yield from (key for value in raw.values() for key in keys_of(value))
        case list():
            yield from (key for each in raw for key in keys_of(each))


def test_every_form_is_drawn():
    """Each form of the language is drawn, and whatever may stand beside it."""
    keys = {key for recurrence in drawn(recurrences(), 600) for key in keys_of(recurrence.raw)}
    assert {*FORMS, *DATES, "changed"} <= keys
    assert {key for beside in FORMS.values() for key in beside} <= keys


def test_a_recurrence_comes_with_what_it_reads():
    """The names that it reads have values of their type, and the activities are named."""
    found = find(recurrences(), lambda told: "alternating_with" in told.raw, settings=simplest)
    assert found == ({"alternating_with": "a2", "every": "12 months"}, {}, ("a2",))
    termly = [told.values for told in drawn(recurrences()) if "termly" in told.raw]
    assert all(isinstance(values["terms"][0], Term) for values in termly)


# --- small packs ---------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(small())
def test_every_small_pack_answers(both):
    """A small pack loads, and every record of it is assessed and planned without an error."""
    whole(*both)


def test_a_small_pack_shrinks_to_what_can_be_read():
    """A failing pack has one activity, one row, one fact and one criterion, beside what failed."""
    data = find(frameworks(), lambda told: bool(told.pack.actions), settings=simplest).pack.data
    assert {k: len(data[k]) for k in ("activities", "matrix", "rating", "actions")} == {
        "activities": 1,
        "matrix": 1,
        "rating": 1,
        "actions": 1,
    }
    assert len(data["vocabulary"]["facts"]) == 1


def test_a_failing_pack_is_shown_as_a_call():
    """What fails is printed as a call of `framework_of` with plain data, which gives it again."""

    @settings(max_examples=10, database=None, deadline=None)
    @given(frameworks())
    def fails(small_pack):
        assert not small_pack.pack.matrix

    with pytest.raises(AssertionError) as caught:
        fails()
    (note,) = [note for note in caught.value.__notes__ if "framework_of(" in note]
    call = note[note.index("fails(") :]
    again = eval(call, {"fails": lambda small_pack: small_pack, "framework_of": framework_of})  # noqa: S307  # ours
    assert again.pack.matrix


def test_a_failing_record_is_small():
    """A failing property is shown with the one finding that it needs, and little else."""

    def burnt(record: ProviderRecord) -> bool:
        return any(finding.attributes.get("size") == "large" for finding in record.findings)

    found = find(records(framework(GENERIC)), burnt, settings=simplest)
    assert repr(found) == (
        "ProviderRecord(provider=Provider(id='p1', fields={}), activities=(), findings=("
        "Finding(kind='burnt_batch', on=datetime.date(2026, 6, 1), attributes={'size': 'large'}),"
        "), ratings=(), decisions=())"
    )


def test_plain_data_that_is_no_pack_is_told():
    """`framework_of` says what is wrong with plain data."""
    with pytest.raises(PackError):
        framework_of({})


@pytest.mark.parametrize("name", sorted(framework(GENERIC).pack.decisions))
@pytest.mark.parametrize("for_good", [True, False])
def test_every_decision_is_drawn(name, for_good):
    """Each decision that a pack declares stands in some record, for a time and for good."""

    def decided(record: ProviderRecord) -> bool:
        return any(d.decision == name and (d.until is None) is for_good for d in record.decisions)

    sought = settings(max_examples=5000, phases=[Phase.generate], database=None, deadline=None)
    assert decided(find(records(framework(GENERIC)), decided, settings=sought))
