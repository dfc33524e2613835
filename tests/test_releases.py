"""What leaves the team: nothing that the sharing rules do not permit, and nothing beside its kind."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.export import as_json, plain_part
from qaf_rules.intake import read_record
from qaf_rules.registers import read_register
from qaf_rules.releases import forum_pack, replies, reply, sittings
from qaf_rules.words import Words

EXAMPLES = Path(__file__).parents[1] / "examples"
ADULTS, CHILDREN = load("adults"), load("children")
ON = dt.date(2026, 11, 22)
FORUM = "safeguarding_intelligence_forum"
READINGS = {name: ADULTS.using(readings={"X-A-10": name}) for name in ("four_weekly", "monthly")}


def register_of(framework):
    """Read the example of a framework."""
    return read_register(EXAMPLES / f"{framework.id}.yaml", framework)


REGISTERS = {framework.id: register_of(framework) for framework in (ADULTS, CHILDREN)}


def provider(framework, id_="own", **parts):
    """Read a provider without a fault."""
    own = {"service_type": "care_home"} if framework.id == "adults" else {}
    given = {"provider": {"provider_id": id_, **own, **parts.pop("profile", {})}, **parts}
    made, faults = read_record(given, framework.pack, on=ON)
    assert faults == []
    return made


def sif(records, anchor="2026-11-05", framework=ADULTS):
    """Put together what the adults' forum may be told."""
    return forum_pack(framework.using(settings={"sif_anchor": anchor}), records, "sif", on=ON)


# --- sittings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", READINGS)
@given(st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31)))
@settings(max_examples=25)
def test_a_rating_is_due_at_the_sitting_that_hears_it(reading, anchor):
    """Under each reading the day by which a rating is to be shared is the forum's next sitting."""
    framework = READINGS[reading].using(settings={"sif_anchor": anchor.isoformat()})
    rated = provider(
        framework, activities=[{"activity": "allocate_pqr", "completed": "2026-11-22"}]
    )
    due = framework.assess(rated, on=ON).actions["share_at_sif"].due
    assert sittings(framework, FORUM, on=ON, until=due) == (due,)
    assert forum_pack(framework, [], FORUM, on=ON).sitting == due


@pytest.mark.parametrize("reading", READINGS)
@given(
    st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31)),
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
@settings(max_examples=40)
def test_no_sitting_lies_between_a_sitting_and_the_one_before(reading, anchor, on):
    """What is new at a sitting is counted from the sitting just before it."""
    framework = READINGS[reading].using(settings={"sif_anchor": anchor.isoformat()})
    pack = forum_pack(framework, [], FORUM, on=on)
    assert pack.since < on <= pack.sitting
    assert sittings(framework, FORUM, on=pack.since, until=pack.sitting) == (
        pack.since,
        pack.sitting,
    )


def test_sittings_of_a_year():
    """The forum sits thirteen times in a year of four weeks each, twelve times where monthly."""
    year = {"on": dt.date(2026, 1, 1), "until": dt.date(2026, 12, 31)}
    counts = {
        name: len(sittings(framework.using(settings={"sif_anchor": "2026-01-15"}), "sif", **year))
        for name, framework in READINGS.items()
    }
    assert counts == {"four_weekly": 13, "monthly": 12}
    groups = CHILDREN.using(
        settings={"send_ap_group_anchor": "2026-01-15", "inclusion_group_anchor": "2026-01-31"}
    )
    assert len(sittings(groups, "send_ap_quality_assurance_group", **year)) == 3
    assert len(sittings(groups, "qai_inclusion_team_group", **year)) == 12


def test_without_a_known_sitting_there_is_none():
    """Where the council has named no sitting, none is given, and nothing counts as new."""
    assert sittings(ADULTS, FORUM, on=ON, until=dt.date(2027, 11, 22)) == ()
    rated = provider(ADULTS, activities=[{"activity": "allocate_pqr", "completed": "2026-11-20"}])
    pack = forum_pack(ADULTS, [rated], FORUM, on=ON)
    assert (pack.sitting, pack.since) == (None, None)
    assert [entry.actions for entry in pack.entries] == [("share_at_sif",)]


def test_there_is_no_other_forum():
    """A forum that the framework does not have is refused, with what may be meant."""
    with pytest.raises(InputError, match="did you mean"):
        forum_pack(CHILDREN, [], "qai_inclusion_group", on=ON)
    with pytest.raises(InputError, match="there is no forum `sif`"):
        sittings(CHILDREN, "sif", on=ON, until=ON)


# --- what goes before a sitting ------------------------------------------------------------------


def test_a_rating_is_told_with_what_changed():
    """A rating confirmed since the last sitting is new, and told with the one before."""
    records = [
        {"activity": "allocate_pqr", "completed": "2026-06-01", "outcome": "3"},
        {"activity": "allocate_pqr", "completed": "2026-11-10", "outcome": "2"},
    ]
    (entry,) = sif([provider(ADULTS, activities=records)]).entries
    (told,) = entry.given
    rating = told.rating
    assert (rating.level, rating.name, rating.before, rating.new) == (2, "Minor concern", 3, True)
    (earlier,) = sif([provider(ADULTS, activities=records[:1])]).entries
    assert (earlier.given[0].rating.new, earlier.given[0].news) == (False, False)


def test_what_is_open_is_to_be_decided_only_where_it_is_new():
    """What the team has yet to decide comes before the sitting once, not before every later one."""
    old = {"kind": "incident", "on": "2026-10-01", "harm": "moderate"}
    new = {"kind": "incident", "on": "2026-11-10", "harm": "moderate"}
    (entry,) = sif([provider(ADULTS, findings=[old, new])]).entries
    assert "harm_information" in [each.what for each in entry.to_decide]
    (entry,) = sif([provider(ADULTS, findings=[old])]).entries
    assert (entry.to_decide, entry.actions) == ((), ("consider_share_at_sif",))


def test_a_new_grade_is_news():
    """A value that is newer than the last sitting is told as such."""
    profile = {
        "regulator": "cqc",
        "regulator_overall": "inadequate",
        "regulator_rating_date": "2026-11-10",
    }
    facts = [
        {
            "kind": "judgement",
            "on": "2026-11-10",
            "fact": "poor_quality",
            "value": True,
            "by": "cqmo",
        }
    ]
    decisions = [
        {
            "decision": "answer",
            "to": "D-A-20",
            "value": True,
            "by": "qa_and_i_team",
            "on": "2026-11-11",
        }
    ]
    record = provider(ADULTS, profile=profile, findings=facts, decisions=decisions)
    (entry,) = sif([record]).entries
    (told,) = entry.given
    assert (told.values, told.changed, told.news) == (
        {"regulator_overall": "inadequate"},
        ("regulator_overall",),
        True,
    )


def test_findings_are_counted():
    """Of findings their kind is told, how many there are, are open and are new, and no more."""
    findings = [
        {"kind": "incident", "on": "2026-10-01", "harm": "moderate", "ref": "MRS-SMITH-1"},
        {"kind": "incident", "on": "2026-11-10", "harm": "minor", "status": "closed", "ref": "X-2"},
        {"kind": "incident", "on": "2026-11-10", "harm": "none", "ref": "X-3"},
    ]
    decided = {
        "decision": "answer",
        "to": "D-A-20",
        "value": "yes",
        "by": "qa_and_i_team",
        "on": "2026-11-11",
    }
    (entry,) = sif([provider(ADULTS, findings=findings, decisions=[decided])]).entries
    (told,) = entry.given
    (counted,) = told.findings
    assert (told.sharing.what, counted.kind, counted.number, counted.open, counted.new) == (
        *("harm_information", "incident"),
        *(2, 1, 1),
    )
    assert "SMITH" not in repr(entry)


def test_what_has_come_in_since_a_decision_is_to_be_decided_again():
    """A decision is about what was on record by then: a later incident is not shared by it."""
    decided = {
        "decision": "answer",
        "to": "D-A-20",
        "value": True,
        "by": "qa_and_i_team",
        "on": "2026-11-11",
    }
    known = {"kind": "incident", "on": "2026-11-10", "harm": "minor"}
    (entry,) = sif([provider(ADULTS, findings=[known], decisions=[decided])]).entries
    assert [told.sharing.what for told in entry.given] == ["harm_information"]
    later = {**known, "recorded": "2026-11-12"}
    (entry,) = sif([provider(ADULTS, findings=[known, later], decisions=[decided])]).entries
    assert entry.given == ()
    assert "harm_information" in [each.what for each in entry.to_decide]


def test_who_is_outside_or_contradicts_itself_is_not_told_of():
    """A provider outside the framework is left out; one that cannot be assessed is a fault."""
    outside = provider(
        ADULTS,
        facts={"commissioned_by_bolton": False},
        activities=[{"activity": "allocate_pqr", "completed": "2026-11-20", "outcome": "4"}],
    )
    wrong = provider(ADULTS, "wrong", profile={"regulator": "none", "cqc_regulated": True})
    pack = sif([outside, wrong])
    assert pack.entries == ()
    assert {fault.place.split(",")[0] for fault in pack.faults} == {"provider wrong"}


@pytest.mark.parametrize("framework", [ADULTS, CHILDREN], ids=lambda f: f.id)
def test_nothing_before_a_forum_is_beyond_its_rules(framework):
    """Whatever is given of a provider is permitted for that audience, with nothing left to decide."""
    register = REGISTERS[framework.id]
    known = framework.using(settings=register.settings)
    refs = {f.ref for record in register for f in record.findings if f.ref}
    for forum, spec in framework.pack.identity.forums.items():
        pack = forum_pack(known, register, forum, on=ON)
        text = json.dumps(json.loads(as_json(plain_part(pack, Words(framework.pack)))))
        assert not [ref for ref in refs if f'"{ref}"' in text]
        for entry in pack.entries:
            for told in entry.given:
                may = known.may_share(
                    told.sharing.what,
                    audience=spec.audience,
                    about=register[entry.provider],
                    on=ON,
                )
                assert (may.answer, may.open) == ("permitted", False)


def test_a_forum_without_an_audience_is_told_nothing():
    """A pack may name a forum's sittings alone: what may be told there is then nothing."""
    framework = ADULTS.amend({"pack": {"forums": {FORUM: {"audience": None}}}})
    rated = provider(ADULTS, activities=[{"activity": "allocate_pqr", "completed": "2026-11-20"}])
    (entry,) = forum_pack(framework, [rated], FORUM, on=ON).entries
    assert (entry.given, entry.to_decide) == ((), ())


# --- the reply to a request ----------------------------------------------------------------------


def request(audience, *what, requested="2026-11-10", **more):
    """Give a request for information."""
    asked = {"activity": "information_request", "audience": audience, "what": list(what)}
    return {**asked, "requested": requested, **more}


def school(*activities, **parts):
    """Read a rated school with further records."""
    rated = {"activity": "allocate_pqr", "completed": "2026-10-01", "outcome": "2"}
    profile = {"service_type": "special_school", "locality": "in_borough", "registered": True}
    return provider(CHILDREN, profile=profile, activities=[rated, *activities], **parts)


TOLD = {"activity": "tell_provider_of_request", "completed": "2026-11-12"}


def test_nothing_is_given_before_the_provider_was_told():
    """C-193: until it is on record that the provider was told of this request, nothing is given."""
    asked = request("neighbouring_council", "pqr")
    (first,) = replies(CHILDREN, school(asked), on=ON, by="cqmo")
    assert (first.given, first.waits_for.step.value) == (None, "tell_provider_of_request")
    before = {**TOLD, "completed": "2026-11-09"}
    (other,) = replies(CHILDREN, school(asked, before), on=ON, by="cqmo")
    assert other.given is None
    (second,) = replies(CHILDREN, school(asked, TOLD), on=ON, by="cqmo")
    assert [(s.step.value, s.on, s.awaited) for s in second.steps] == [
        ("tell_provider_of_request", dt.date(2026, 11, 12), True),
        ("ask_provider_to_share_forms", None, False),
        ("share_brief_details", None, False),
    ]
    assert second.given is not None


def test_brief_details_and_the_category_are_all_that_is_given():
    """C-195: of the provider brief details, of the rating its category, and no finding."""
    record = school(
        request("neighbouring_council", "quality_intelligence"),
        TOLD,
        findings=[{"kind": "complaint", "on": "2026-11-01"}],
    )
    (made,) = replies(CHILDREN, record, on=ON, by="cqmo")
    assert made.given.rating.name == "Minor concern"
    assert set(made.given.values) == {"service_type", "locality", "registered"}
    assert made.given.findings == ()


def test_what_a_person_decides_waits_for_one():
    """Where the rules leave it to a role, nothing is given until that role decides."""
    record = school(request("neighbouring_council", "pqr"), TOLD)
    (made,) = replies(CHILDREN, record, on=ON)
    assert (made.given, made.waits_for, made.sharing.decided_by) == (None, None, ("cqmo",))
    (other,) = replies(CHILDREN, record, on=ON, by="send_officer")
    assert other.given is None
    decided = [
        {"decision": "answer", "to": "D-C-10", "value": True, "by": "cqmo", "on": "2026-11-13"}
    ]
    (settled,) = replies(
        CHILDREN, school(*[request("neighbouring_council", "pqr"), TOLD], decisions=decided), on=ON
    )
    assert settled.given is not None
    with pytest.raises(InputError, match="did you mean `cqmo`"):
        replies(CHILDREN, record, on=ON, by="cqom")


def test_forms_are_never_given_by_the_team():
    """C-194: a form stays with the provider, under either of its names."""
    record = school(request("neighbouring_council", "activity_form", "qmc1_form"), TOLD)
    made = replies(CHILDREN, record, on=ON, by="cqmo")
    assert [(r.sharing.what, r.sharing.answer, r.given) for r in made] == [
        ("activity_form", "not_permitted", None)
    ] * 2


def test_the_regulator_is_given_what_is_relevant_once_the_provider_agrees():
    """C-198: without the provider's agreement the regulator's request is a question."""
    asked = request("regulator", "quality_intelligence")
    findings = [{"kind": "complaint", "on": "2026-11-01"}]
    (made,) = replies(CHILDREN, school(asked, TOLD, findings=findings), on=ON)
    assert (made.given, made.sharing.unknown) == (None, ("provider_agrees_to_share",))
    agrees = {"provider_agrees_to_share": True}
    (agreed,) = replies(CHILDREN, school(asked, TOLD, findings=findings, facts=agrees), on=ON)
    assert [counted.kind for counted in agreed.given.findings] == ["complaint"]


def test_safeguarding_is_given_what_concerns_it_at_once():
    """C-196: no step stands before what safeguarding is to know."""
    record = school(
        request("safeguarding", "safeguarding_concern"),
        findings=[{"kind": "safeguarding", "on": "2026-11-09", "stage": "concern"}],
    )
    (made,) = replies(CHILDREN, record, on=ON)
    assert (made.steps, [counted.kind for counted in made.given.findings]) == ((), ["safeguarding"])


def test_the_adults_regulator_waits_for_the_lawful_basis_alone():
    """A-198, A-216: once the lawful basis is checked, intelligence goes, and no provider is asked."""
    asked = request("cqc", "quality_intelligence")
    (made,) = replies(ADULTS, provider(ADULTS, activities=[asked]), on=ON)
    assert made.waits_for.step.value == "check_lawful_basis"
    checked = {"activity": "check_lawful_basis", "completed": "2026-11-11"}
    (done,) = replies(ADULTS, provider(ADULTS, activities=[asked, checked]), on=ON)
    assert done.given is not None


@pytest.mark.parametrize(
    ("more", "open_"),
    [
        ({}, True),
        ({"completed": "2026-11-15"}, False),
        ({"completed": "2026-11-30"}, True),
        ({"requested": "2026-11-30"}, False),
        ({"audience": None}, False),
    ],
)
def test_open_requests_are_replied_to(more, open_):
    """A request is open from its day until it was answered; without an audience there is none."""
    record = school({**request("neighbouring_council", "pqr"), **more})
    assert bool(replies(CHILDREN, record, on=ON)) is open_


@pytest.mark.parametrize("framework", [ADULTS, CHILDREN], ids=lambda f: f.id)
def test_nothing_is_ever_given_to_the_public(framework):
    """Whoever decides and whatever is on record, no reply to the public holds anything."""
    record = next(iter(REGISTERS[framework.id]))
    for what in framework.pack.identity.subjects:
        for role in (None, *framework.pack.roles):
            assert reply(framework, record, what, audience="public", on=ON, by=role).given is None


def test_without_a_rule_nothing_is_given():
    """Where no rule speaks of it a person decides, and nothing is given."""
    framework = CHILDREN.amend({"sharing": {"unlisted": {"remove": True}}})
    made = reply(framework, school(), "pqr", audience="senior_managers", on=ON, by="cqmo")
    assert (made.sharing.rule, made.given, made.requested) == (None, None, None)


# --- what is of many together, and what names a finding -------------------------------------------


@pytest.mark.parametrize("framework", [ADULTS, CHILDREN], ids=lambda f: f.id)
@pytest.mark.parametrize(
    ("what", "audience"), [("aggregated_evidence", "gmicb"), ("learning", "sector")]
)
def test_what_is_of_many_together_is_given_of_nobody(framework, what, audience):
    """Evidence of all providers, and learning for the sector, are in no reply about one of them."""
    for record in REGISTERS[framework.id]:
        told = reply(framework, record, what, audience=audience, on=ON)
        assert told.sharing.together
        assert told.given is None


def test_nothing_that_leaves_names_a_finding():
    """What the rules read to answer stays here: no reference and no day of it is in a reply."""
    finding = {"kind": "safeguarding", "on": "2026-10-30", "ref": "S-0042", "stage": "concern"}
    record = provider(ADULTS, findings=[finding])
    told = reply(ADULTS, record, "harm_information", audience="safeguarding", on=ON)
    assert told.sharing.permitted
    text = as_json(plain_part(told, Words(ADULTS.pack, record)))
    assert "S-0042" not in text
    assert "2026-10-30" not in text
