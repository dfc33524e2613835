"""What leaves the team: nothing that the sharing rules do not permit, and nothing beside its kind."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaf_rules.aggregates import aggregate
from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.export import as_json, plain_part
from qaf_rules.intake import read_record
from qaf_rules.model import Activity, Rating
from qaf_rules.portfolio import portfolio
from qaf_rules.registers import read_register
from qaf_rules.release_lines import team as lines_of
from qaf_rules.releases import before_forum, replies, reply, sittings
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
    """Put together what the adults' forum is told, and what is the team's own."""
    return before_forum(framework.using(settings={"sif_anchor": anchor}), records, "sif", on=ON)


def answer(to, value="yes", by="qa_and_i_team", on="2026-11-11", **more):
    """Give what a person decided on a question."""
    return {"decision": "answer", "to": to, "value": value, "by": by, "on": on, **more}


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
    assert before_forum(framework, [], FORUM, on=ON).pack.sitting == due


@pytest.mark.parametrize("reading", READINGS)
@given(
    st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31)),
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
@settings(max_examples=40)
def test_no_sitting_lies_between_a_sitting_and_the_one_before(reading, anchor, on):
    """What is new at a sitting is counted from the sitting just before it."""
    framework = READINGS[reading].using(settings={"sif_anchor": anchor.isoformat()})
    pack = before_forum(framework, [], FORUM, on=on).pack
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
    pack, team = before_forum(ADULTS, [rated], FORUM, on=ON)
    assert (pack.sitting, pack.since, team.sitting) == (None, None, None)
    assert [matter.actions for matter in team.matters] == [("share_at_sif",)]


def test_there_is_no_other_forum():
    """A forum that the framework does not have is refused, with what may be meant."""
    with pytest.raises(InputError, match="did you mean"):
        before_forum(CHILDREN, [], "qai_inclusion_group", on=ON)
    with pytest.raises(InputError, match="there is no forum `sif`"):
        sittings(CHILDREN, "sif", on=ON, until=ON)


# --- what goes before a sitting ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: sittings(ADULTS, "sif", on="2026-11-11", until=ON), "`on` is no day: `2026-11-11`"),
        (lambda: sittings(ADULTS, "sif", on=ON, until=None), "`until` is no day"),
        (lambda: before_forum(ADULTS, [], "sif", on="today"), "`on` is no day: `today`"),
        (lambda: before_forum(ADULTS, [], ["sif"], on=ON), "there is no forum `['sif']`"),
        (lambda: before_forum(ADULTS, [], None, on=ON), "there is no forum `null`"),
        (lambda: reply(ADULTS, provider(ADULTS), "pqr", audience="sector", on=ON, by=5), "there is no role `5`"),
        (lambda: portfolio(ADULTS, [], on="2026-11-11"), "`on` is no day: `2026-11-11`"),
    ],
)  # fmt: skip
def test_what_is_asked_amiss_is_told(ask, message):
    """What is no day, no forum and no role is said, with what to give."""
    with pytest.raises(InputError) as caught:
        ask()
    (fault,) = caught.value.diagnostics
    assert fault.message == message
    assert fault.help


def test_what_is_the_teams_own_is_not_in_the_pack():
    """The pack holds what is given and nothing else: no matter of the team's, no action, no fault."""
    records = [
        provider(
            ADULTS,
            activities=[{"activity": "allocate_pqr", "completed": "2026-11-10", "outcome": "2"}],
            findings=[{"kind": "incident", "on": "2026-11-10", "harm": "minor"}],
        ),
        provider(ADULTS, "quiet", findings=[{"kind": "complaint", "on": "2026-11-10"}]),
        provider(ADULTS, "wrong", profile={"regulator": "none", "cqc_regulated": True}),
    ]
    pack, team = sif(records)
    assert [(e.provider, [g.sharing.what for g in e.given]) for e in pack.entries] == [
        ("own", ["pqr"])
    ]
    text = as_json(plain_part(pack, Words(ADULTS.pack)))
    assert not [
        word
        for word in ("to_decide", "actions", "harm_information", "quiet", "wrong")
        if word in text
    ]
    assert [(m.provider, [s.what for s in m.to_decide]) for m in team.matters] == [
        ("own", ["harm_information", "quality_intelligence"]),
        ("quiet", ["quality_intelligence"]),
    ]
    assert team.matters[0].actions == ("share_at_sif", "consider_share_at_sif")


def test_a_rating_is_told_with_what_changed():
    """A rating confirmed since the last sitting is new, and told with the one before."""
    records = [
        {"activity": "allocate_pqr", "completed": "2026-06-01", "outcome": "3"},
        {"activity": "allocate_pqr", "completed": "2026-11-10", "outcome": "2"},
    ]
    (entry,) = sif([provider(ADULTS, activities=records)]).pack.entries
    (told,) = entry.given
    rating = told.rating
    assert (rating.level, rating.name, rating.before, rating.new) == (2, "Minor concern", 3, True)
    (earlier,) = sif([provider(ADULTS, activities=records[:1])]).pack.entries
    assert (earlier.given[0].rating.new, earlier.given[0].news) == (False, False)


def test_what_is_open_is_to_be_decided_only_where_it_is_new():
    """What the team has yet to decide comes before the sitting once, not before every later one."""
    old = {"kind": "incident", "on": "2026-10-01", "harm": "moderate"}
    new = {"kind": "incident", "on": "2026-11-10", "harm": "moderate"}
    (matter,) = sif([provider(ADULTS, findings=[old, new])]).team.matters
    assert "harm_information" in [each.what for each in matter.to_decide]
    (matter,) = sif([provider(ADULTS, findings=[old])]).team.matters
    assert (matter.to_decide, matter.actions) == ((), ("consider_share_at_sif",))


def test_what_comes_on_the_day_of_a_sitting_is_new_at_the_next():
    """Nobody knows whether the sitting heard it: it is told again, rather than never."""
    records = [
        {"activity": "allocate_pqr", "completed": "2026-06-01", "outcome": "4"},
        {"activity": "allocate_pqr", "completed": "2026-11-05", "outcome": "2"},
    ]
    profile = {"regulator": "cqc", "regulator_overall": "inadequate"}
    finding = {"kind": "incident", "on": "2026-11-05", "harm": "minor"}
    decided = [
        answer("D-A-20", on="2026-11-11", what=w)
        for w in ("harm_information", "quality_intelligence")
    ]
    poor = {
        "kind": "judgement",
        "on": "2026-11-05",
        "fact": "poor_quality",
        "value": True,
        "by": "cqmo",
    }
    record = provider(
        ADULTS,
        activities=records,
        profile={**profile, "regulator_rating_date": "2026-11-05"},
        findings=[finding, poor],
        decisions=decided,
    )
    pack = sif([record]).pack
    assert pack.since == dt.date(2026, 11, 5)
    rated, harm, quality = pack.entries[0].given
    assert (rated.rating.level, rated.rating.before, rated.rating.new) == (2, 4, True)
    assert [counted.new for counted in harm.findings] == [1]
    assert quality.changed == ("regulator_overall",)


def test_a_rating_that_was_entered_after_a_sitting_is_new():
    """A rating dated before the last sitting, which that could not know, is told as a change."""
    records = [
        {"activity": "allocate_pqr", "completed": "2026-06-01", "outcome": "4"},
        {
            "activity": "allocate_pqr",
            "completed": "2026-11-03",
            "outcome": "2",
            "recorded": "2026-11-09",
        },
    ]
    rating = sif([provider(ADULTS, activities=records)]).pack.entries[0].given[0].rating
    assert (rating.level, rating.before, rating.new) == (2, 4, True)


def test_nothing_is_told_at_a_forum_before_its_steps():
    """A step that comes before the rating is told is on the team's sheet until it is on record."""
    step = {"is": "check_lawful_basis", "clause": "A-198"}
    own = ADULTS.amend({"sharing": {"rating_at_the_forum": {"steps": [step]}}})
    rated = {"activity": "allocate_pqr", "completed": "2026-11-10", "outcome": "2"}
    told, team = sif([provider(own, activities=[rated])], framework=own)
    (matter,) = team.matters
    assert told.entries == ()
    (awaiting,) = matter.awaiting
    assert (awaiting.sharing.what, [s.step.value for s in awaiting.steps]) == (
        "pqr",
        ["check_lawful_basis"],
    )
    line = "  to do before the Provider Quality Rating is told: Check that data protection law allows it"
    assert f"{line} (A-198, section 5.0)" in [*lines_of(Words(own.pack), team)]
    checked = {"activity": "check_lawful_basis", "completed": "2026-11-12"}
    told, team = sif([provider(own, activities=[rated, checked])], framework=own)
    assert [given.sharing.what for given in told.entries[0].given] == ["pqr"]
    assert [matter.awaiting for matter in team.matters] == [()]


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
    decisions = [answer("D-A-20", what="quality_intelligence")]
    record = provider(ADULTS, profile=profile, findings=facts, decisions=decisions)
    (entry,) = sif([record]).pack.entries
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
    decided = answer("D-A-20", what="harm_information")
    (entry,) = sif([provider(ADULTS, findings=findings, decisions=[decided])]).pack.entries
    (told,) = entry.given
    (counted,) = told.findings
    assert (told.sharing.what, counted.kind, counted.number, counted.open, counted.new) == (
        *("harm_information", "incident"),
        *(2, 1, 1),
    )
    assert "SMITH" not in repr(entry)


def test_what_has_come_in_since_a_decision_is_to_be_decided_again():
    """A decision is about what was on record by then: a later incident is not shared by it."""
    decided = answer("D-A-20", what="harm_information")
    known = {"kind": "incident", "on": "2026-11-10", "harm": "minor"}
    (entry,) = sif([provider(ADULTS, findings=[known], decisions=[decided])]).pack.entries
    assert [told.sharing.what for told in entry.given] == ["harm_information"]
    later = {**known, "recorded": "2026-11-12"}
    pack, team = sif([provider(ADULTS, findings=[known, later], decisions=[decided])])
    assert pack.entries == ()
    assert "harm_information" in [each.what for each in team.matters[0].to_decide]


INCIDENT = {"kind": "incident", "on": "2026-11-10", "harm": "minor"}
POOR = {
    "kind": "judgement",
    "on": "2026-11-10",
    "fact": "poor_quality",
    "value": True,
    "by": "cqmo",
}


def told_of(*decisions, findings=(INCIDENT, POOR), **parts):
    """Give the subjects that the forum is told of, and those that the team has yet to decide."""
    record = provider(ADULTS, findings=[*findings], decisions=[*decisions], **parts)
    pack, team = sif([record])
    given = [each.sharing.what for entry in pack.entries for each in entry.given]
    return given, [each.what for matter in team.matters for each in matter.to_decide]


def test_a_yes_is_for_its_subject_alone():
    """What is decided of the harm releases no other intelligence; a yes that names none, nothing."""
    harm, quality = "harm_information", "quality_intelligence"
    assert told_of(answer("D-A-20", what=harm)) == ([harm], [quality])
    assert told_of(answer("D-A-20", what=quality)) == ([quality], [harm])
    assert told_of(answer("D-A-20")) == ([], [harm, quality])
    assert told_of(answer("D-A-20", what=harm, audience="regulator")) == ([], [harm, quality])
    assert told_of(answer("D-A-20", what=harm, audience="sif")) == ([harm], [quality])


def test_a_no_that_names_nothing_keeps_all_of_it_back():
    """Nothing is told and nothing more asked where the team said no to the whole question."""
    assert told_of(answer("D-A-20", "no")) == ([], [])
    assert told_of(answer("D-A-20", "no", what="harm_information")) == (
        [],
        ["quality_intelligence"],
    )


def test_only_who_may_decide_does():
    """A yes of another role, or of nobody, decides nothing."""
    for by in ("cqmo", None):
        assert told_of(answer("D-A-20", what="harm_information", by=by))[0] == []


def test_two_answers_of_one_day_that_differ_decide_nothing():
    """Nobody can tell which of them stands; a later one does."""
    both = [answer("D-A-20", value, what="harm_information") for value in ("yes", "no")]
    assert told_of(*both) == ([], ["harm_information", "quality_intelligence"])
    later = answer("D-A-20", what="harm_information", on="2026-11-12")
    assert told_of(*both, later)[0] == ["harm_information"]


def test_a_newer_grade_undoes_a_yes():
    """The team decided on what it knew: the regulator's newer grade is to be decided on again."""
    decided = answer("D-A-20", what="quality_intelligence")
    for graded, told in (("2026-11-10", ["quality_intelligence"]), ("2026-11-12", [])):
        profile = {
            "regulator": "cqc",
            "regulator_overall": "inadequate",
            "regulator_rating_date": graded,
        }
        assert told_of(decided, findings=[POOR], profile=profile)[0] == told


def test_may_share_tells_a_decision_that_has_been_overtaken():
    """The answer and the pack agree: a newer finding undoes a decision in both."""
    decided = answer("D-A-20", what="harm_information")
    for recorded, said in (("2026-11-11", True), ("2026-11-12", None)):
        record = provider(
            ADULTS, findings=[{**INCIDENT, "recorded": recorded}], decisions=[decided]
        )
        may = ADULTS.may_share("harm_information", audience="sif", about=record, on=ON)
        assert may.decided is said


def test_who_is_outside_or_contradicts_itself_is_not_told_of():
    """A provider outside the framework is left out; one that cannot be assessed is a fault."""
    outside = provider(
        ADULTS,
        facts={"commissioned_by_bolton": False},
        activities=[{"activity": "allocate_pqr", "completed": "2026-11-20", "outcome": "4"}],
    )
    wrong = provider(ADULTS, "wrong", profile={"regulator": "none", "cqc_regulated": True})
    pack, team = sif([outside, wrong])
    assert (pack.entries, team.matters) == ((), ())
    assert {fault.place.split(",")[0] for fault in team.faults} == {"provider wrong"}


@pytest.mark.parametrize("framework", [ADULTS, CHILDREN], ids=lambda f: f.id)
def test_nothing_before_a_forum_is_beyond_its_rules(framework):
    """Whatever is given of a provider is permitted for that audience, with nothing left to decide."""
    register = REGISTERS[framework.id]
    known = framework.using(settings=register.settings)
    refs = {f.ref for record in register for f in record.findings if f.ref}
    for forum, spec in framework.pack.identity.forums.items():
        pack = before_forum(known, register, forum, on=ON).pack
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
    pack, team = before_forum(framework, [rated], FORUM, on=ON)
    assert (pack.entries, [matter.to_decide for matter in team.matters]) == ((), [()])


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


def test_a_step_is_for_the_request_it_names():
    """C-193: that the provider was told of one request tells it nothing of another."""
    asked = [
        request("neighbouring_council", "pqr"),
        request("other_requester", "pqr", requested="2026-11-11"),
    ]

    def waits(*told):
        made = replies(CHILDREN, school(*asked, *told), on=ON, by="cqmo")
        return [each.sharing.audience for each in made if each.waits_for is not None]

    both = ["neighbouring_council", "other_requester"]
    assert waits() == both
    assert waits(TOLD) == both  # of which of them, nobody can tell
    for day, told in ((None, []), (dt.date(2026, 11, 12), [TOLD])):
        made = replies(CHILDREN, school(*asked, *told), on=ON, by="cqmo")
        assert [each.steps[0].unclear for each in made] == [day, day]
    assert waits({**TOLD, "audience": "other_requester"}) == ["neighbouring_council"]
    assert waits({**TOLD, "requested": "2026-11-10"}) == ["other_requester"]
    assert waits({**TOLD, "what": ["quality_intelligence"]}) == both
    assert waits({**TOLD, "completed": "2026-11-10"}) == ["other_requester"]  # the other came later
    assert waits(*({**TOLD, "audience": audience} for audience in both)) == []


def test_a_step_that_a_request_does_not_call_for_was_not_taken_for_it():
    """Where only one of the open requests has such a step, it needs not say for which it was."""
    framework = CHILDREN.amend({"sharing": {"unlisted": {"remove": True}}})
    asked = [request("neighbouring_council", "pqr"), request("senior_managers", "pqr")]
    made = replies(framework, school(*asked, TOLD), on=ON, by="cqmo")
    assert [(each.sharing.answer, each.waits_for) for each in made] == [
        ("permitted", None),
        ("ask", None),
    ]


def test_a_yes_for_a_group_is_for_each_of_it_and_for_nobody_else():
    """C-202: who decides on key stakeholders decides on each; on one of them, on that one alone."""
    incident = {"kind": "incident", "on": "2026-11-01", "harm": "minor"}

    def given(to):
        decided = answer("D-C-16", on="2026-11-02", what="harm_information", audience=to)
        record = school(findings=[incident], decisions=[decided])
        return [
            audience
            for audience in ("key_stakeholders", "lado", "social_worker", "heads_and_leads")
            if reply(CHILDREN, record, "harm_information", audience=audience, on=ON).given
        ]

    assert given("key_stakeholders") == ["key_stakeholders", "lado", "social_worker"]
    assert given("lado") == ["lado"]


def test_a_step_for_a_request_that_was_answered_is_for_no_later_one():
    """Each request begins anew, whoever asks."""
    answered = request(
        "neighbouring_council", "pqr", requested="2026-10-01", completed="2026-10-20"
    )
    told = {**TOLD, "completed": "2026-10-05"}
    again = request("neighbouring_council", "pqr")
    (made,) = replies(CHILDREN, school(answered, told, again), on=ON, by="cqmo")
    assert made.waits_for is not None
    beside = reply(CHILDREN, school(answered, told), "pqr", audience="other_requester", on=ON)
    assert (beside.requested, beside.waits_for.step.value) == (None, "tell_provider_of_request")


def test_a_yes_is_for_the_request_it_was_taken_about():
    """What was decided of one request decides nothing of another, unless it names that one."""
    asked = [
        request("neighbouring_council", "pqr"),
        request("other_requester", "pqr", requested="2026-11-11"),
    ]
    told = [{**TOLD, "audience": each["audience"]} for each in asked]

    def given(*decisions):
        made = replies(CHILDREN, school(*asked, *told, decisions=[*decisions]), on=ON)
        return [each.sharing.audience for each in made if each.given is not None]

    def yes(**more):
        return answer("D-C-10", by="cqmo", on="2026-11-13", **more)

    assert given(yes()) == []  # of which of them, nobody can tell
    assert given(yes(audience="other_requester")) == ["other_requester"]
    assert given(yes(requested="2026-11-10")) == ["neighbouring_council"]
    assert given({**yes(), "on": "2026-11-10"}) == ["neighbouring_council"]
    assert given(yes(what="quality_intelligence")) == []
    assert given({**yes(audience="other_requester"), "by": "qa_and_i_team"}) == []


def test_a_yes_for_a_request_that_was_answered_is_for_no_later_one():
    """Another council that asks again is decided on again."""
    first = request("neighbouring_council", "pqr", requested="2026-10-05", completed="2026-10-20")
    decided = answer("D-C-10", by="cqmo", on="2026-10-06", audience="neighbouring_council")
    again = request("neighbouring_council", "pqr")
    (made,) = replies(CHILDREN, school(first, again, TOLD, decisions=[decided]), on=ON)
    assert (made.waits_for, made.given) == (None, None)


def test_a_newer_rating_undoes_a_yes():
    """What goes with brief details is the rating: a newer one was not what was decided on."""
    asked = [request("neighbouring_council", "pqr"), TOLD]
    decided = [answer("D-C-10", by="cqmo", on="2026-11-13")]
    newer = {"activity": "allocate_pqr", "completed": "2026-11-14", "outcome": "4"}
    given = [
        replies(CHILDREN, school(*asked, *more, decisions=decided), on=ON)[0].given is not None
        for more in ([], [newer])
    ]
    assert given == [True, False]
    by_hand = school(*asked, decisions=decided).with_rating(
        Rating(level=4, on=dt.date(2026, 11, 14), by="cqmo")
    )
    assert replies(CHILDREN, by_hand, on=ON)[0].given is None


def test_agreement_is_to_a_request_that_the_provider_knew_of():
    """C-197, C-198: what the provider agreed to before the regulator asked is no answer to it."""
    asked = request("regulator", "quality_intelligence")

    def made(day, *more):
        agrees = {"kind": "judgement", "fact": "provider_agrees_to_share", "value": True}
        findings = [{**agrees, "on": day, "by": "cqmo"}, {"kind": "complaint", "on": "2026-11-01"}]
        return replies(CHILDREN, school(asked, TOLD, *more, findings=findings), on=ON)[0]

    assert made("2026-11-09").sharing.unknown == ("provider_agrees_to_share",)
    assert made("2026-11-12").given is not None
    of_another = request(
        "neighbouring_council", "pqr", requested="2026-11-13", completed="2026-11-14"
    )
    assert made("2026-11-12", of_another).given is not None
    assert made("2026-11-12", request("regulator", "pqr", requested="2026-11-13")).given is None


def test_a_refusal_is_decided_on_for_the_request():
    """C-198: where the provider refuses, a person's yes is about what the regulator asked for."""
    asked = request("regulator", "quality_intelligence")
    refuses = {"kind": "judgement", "fact": "provider_agrees_to_share", "value": False}
    findings = [{**refuses, "on": "2026-11-12", "by": "cqmo"}]

    def given(*decisions):
        record = school(asked, TOLD, findings=findings, decisions=[*decisions])
        return replies(CHILDREN, record, on=ON)[0].given is not None

    assert not given()
    assert given(answer("D-C-11", by="legal_services", on="2026-11-13"))
    assert not given(answer("D-C-11", by="cqmo", on="2026-11-11"))  # before it refused


def test_of_several_requests_of_one_audience_one_is_told_by_its_day():
    """A reply is to the request of the day that is given; another day is refused with those there."""
    asked = [
        request("neighbouring_council", "pqr"),
        request("neighbouring_council", "pqr", requested="2026-11-11"),
    ]
    told = {**TOLD, "requested": "2026-11-11"}
    record = school(*asked, told)

    def made(day):
        common = {"audience": "neighbouring_council", "on": ON, "by": "cqmo"}
        return reply(CHILDREN, record, "pqr", requested=day, **common)

    assert made(dt.date(2026, 11, 10)).given is None
    assert made(dt.date(2026, 11, 11)).given is not None
    assert made(None).given is None
    with pytest.raises(InputError, match="no request of 2026-11-12 for `pqr`") as caught:
        made(dt.date(2026, 11, 12))
    assert "2026-11-10" in caught.value.diagnostics[0].help
    with pytest.raises(InputError, match="record it"):
        reply(CHILDREN, school(), "pqr", audience="regulator", on=ON, requested=ON)


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


def test_the_rating_of_who_is_outside_is_not_given():
    """A rating is the framework's: of a provider that has left it none stands."""
    rated = [{"activity": "allocate_pqr", "completed": "2026-11-20", "outcome": "4"}]
    inside = provider(ADULTS, activities=rated)
    outside = provider(ADULTS, activities=rated, facts={"commissioned_by_bolton": False})
    given = [reply(ADULTS, r, "pqr", audience="provider", on=ON).given for r in (inside, outside)]
    assert [each.rating.level if each.rating else None for each in given] == [4, None]


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


# --- what was known ------------------------------------------------------------------------------


def known_by(record, day):
    """Give a record without what was entered after a day."""
    findings = [f for f in record.findings if max(f.on, f.recorded or f.on) <= day]
    activities = []
    for each in record.activities:
        done = each.completed
        if done is not None and done > day and each.requested is not None:
            each, done = each.model_copy(update={"completed": None}), None  # noqa: PLW2901  # as it stood
        since = done or each.requested
        if (since is None or since <= day) and (each.recorded is None or each.recorded <= day):
            activities.append(each)
    parts = {"findings": tuple(findings), "activities": tuple(activities)}
    for name in ("ratings", "decisions"):
        parts[name] = tuple(each for each in getattr(record, name) if each.on <= day)
    return record.model_copy(update=parts)


@given(st.sampled_from([ADULTS, CHILDREN]), st.dates(dt.date(2025, 11, 1), ON))
@settings(max_examples=12)
def test_nothing_entered_later_is_told(framework, day):
    """What leaves as of an earlier day is what would have left with what was on record by then."""
    register = [*REGISTERS[framework.id]][:8]
    asked = Activity(
        activity="information_request",
        requested=dt.date(2026, 5, 1),
        completed=dt.date(2026, 8, 1),
        audience="regulator",
        what=("pqr", "quality_intelligence"),
    )
    checked = "check_lawful_basis" if framework is ADULTS else "tell_provider_of_request"
    step = Activity(activity=checked, completed=dt.date(2026, 5, 3), recorded=dt.date(2026, 6, 1))
    register = [each.with_activity(asked).with_activity(step) for each in register]
    then = [known_by(each, day) for each in register]

    def left(records):
        for forum in framework.pack.identity.forums:
            yield from before_forum(framework, records, forum, on=ON, known_at=day)
        for record in records:
            yield from replies(framework, record, on=ON, by="cqmo", known_at=day)
        common = {"audience": "commissioning_team", "on": ON, "known_at": day}
        yield from aggregate(framework, records, "aggregated_evidence", **common)

    words = Words(framework.pack)
    told, was = ([plain_part(each, words) for each in left(r)] for r in (register, then))
    assert told == was


def test_a_request_that_was_entered_later_is_not_replied_to():
    """As of a day before it was entered nobody had asked."""
    record = school({**request("neighbouring_council", "pqr"), "recorded": "2026-11-15"})
    known = [
        len(replies(CHILDREN, record, on=ON, known_at=dt.date(2026, 11, day))) for day in (14, 15)
    ]
    assert known == [0, 1]
