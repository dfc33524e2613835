"""Both packs hold what their documents say: every clause, every case, and no rule of the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qaf_rules.cases import Runner, read_cases
from qaf_rules.engine import Framework
from qaf_rules.folders import pack_path
from qaf_rules.pack import Pack, load_pack

SHARED = Path(__file__).parents[2] / "shared"
PACKS = ("adults", "children")
FILES = sorted(
    path
    for folder in (*(pack_path(name) / "cases" for name in PACKS), SHARED / "cases")
    for path in folder.glob("*.yaml")
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_cases_pass(path: Path) -> None:
    """Every worked case of the packs, and of those handed to us, is answered as it says."""
    file = read_cases(path)
    runner = Runner(file.framework)
    failed = [
        f"{case.id} {failure.key}: expected {failure.expected}, got {failure.actual}"
        for case in file.cases
        for failure in runner.run(case).failures
    ]
    assert not failed


@pytest.mark.parametrize(
    ("name", "prefix", "count"), [("adults", "A", 381), ("children", "C", 333)]
)
def test_every_statement_is_a_clause(name: str, prefix: str, count: int) -> None:
    """A pack holds every statement of its document, in order, each with its place and strength."""
    pack = load_pack(name)
    assert list(pack.clauses) == [f"{prefix}-{n:03d}" for n in range(1, count + 1)]
    assert all(
        clause.section and clause.strength and clause.says for clause in pack.clauses.values()
    )


@pytest.mark.parametrize("name", PACKS)
def test_clauses_without_a_rule_say_why(name: str) -> None:
    """A clause that is not executable gives the reason, or the topic that it is deferred with."""
    for id_, clause in load_pack(name).clauses.items():
        assert clause.rule == "executable" or clause.because, id_
        if clause.rule == "deferred":
            assert clause.because in ("sharing", "pathway", "pamms_stages"), id_


@pytest.mark.parametrize(("name", "count"), [("adults", 51), ("children", 55)])
def test_every_ambiguity_is_a_named_reading(name: str, count: int) -> None:
    """A pack carries its own ambiguities and those of both documents, each with its options."""
    readings = load_pack(name).readings
    assert len(readings) == count
    assert all(reading.options for reading in readings.values())


@pytest.mark.parametrize("name", PACKS)
def test_every_reading_can_be_chosen(name: str) -> None:
    """Under any one option of any ambiguity the pack still loads."""
    pack = load_pack(name)
    for id_, reading in pack.readings.items():
        for option in reading.options:
            assert load_pack(name, readings={id_: option}, check=False).choices[id_] == option


@pytest.mark.parametrize("name", PACKS)
def test_requirements_agree(name: str) -> None:
    """Keys, sections and strengths of the clauses are those of the numbered requirements."""
    path = SHARED / "requirements" / f"{name}.md"
    if not path.exists():
        pytest.skip("the numbered requirements are not beside this checkout")
    row = re.compile(r"\| ([AC]-\d{3}) \| (\S+) \| ([^|]*) \| [^|]* \| ([^|]*) \|")
    found = {m[1]: (m[2], m[3].strip(), m[4].strip()) for m in row.finditer(path.read_text())}
    clauses = load_pack(name).clauses
    assert {i: (c.key, c.section, c.strength) for i, c in clauses.items()} == found


def both() -> tuple[Pack, Pack]:
    """Give the two packs."""
    return load_pack("adults"), load_pack("children")


def agenda(pack: Pack, activity: str) -> set[str]:
    """Give the topics of an activity's agenda."""
    return {entry.value for entry in pack.activities[activity].conduct.agenda}


def may_share(pack: Pack, what: str, audience: str) -> tuple[str, list[str]]:
    """Give the answer and the steps, of no provider in particular."""
    told = Framework(pack).may_share(what, audience=audience, on=pack.identity.in_force)
    return told.answer, [step.value for step in told.steps]


def told(pack: Pack, what: str) -> set[str]:
    """Give who may be told of a subject."""
    return {a for a in pack.identity.audiences if may_share(pack, what, a)[0] == "permitted"}


def test_packs_differ_where_the_documents_do() -> None:
    """Rules that look alike and are not the same stay apart: the table of the vocabulary, row by row."""
    a, c = both()
    every = {"adults": a.activities["qm1"].rule, "children": c.activities["qmc1"].rule}
    check = {n: p.activities["quality_and_safety_check"].conduct for n, p in (("a", a), ("c", c))}
    differences = {
        "contract meeting outer limit": (
            every["adults"].frequency.every.months,
            every["children"].frequency.every.months,
        ),
        "increase triggers": (
            "risk_increase" in a.facts,
            "registered_manager_changed" in c.facts,
            "registered_manager_changed" in a.facts,
            "risk_increase" in c.facts,
        ),
        "check samples": (
            {e.value for e in check["a"].checklist} - {e.value for e in check["c"].checklist},
            {e.value for e in check["c"].checklist} - {e.value for e in check["a"].checklist},
        ),
        "agenda": (agenda(a, "qm1") - agenda(c, "qmc1"), agenda(c, "qmc1") - agenda(a, "qm1")),
        "form channel": (
            a.activities["qm1"].conduct.channel[0].value,
            c.activities["qmc1"].conduct.channel[0].value,
        ),
        "PQR sharing": ("share_at_sif" in a.actions, "share_with_key_leaders" in c.actions),
        "PQR update": ("update_pqr" in a.actions, "update_pqr" in c.actions),
        "harm information": (
            a.actions["consider_share_at_sif"].triggers[0].force,
            c.actions["share_with_key_stakeholders"].triggers[0].force,
        ),
        "information request": (
            "tell_provider_of_request" in a.actions,
            "tell_provider_of_request" in c.actions,
        ),
        "regulator request": (
            may_share(a, "quality_intelligence", "regulator"),
            may_share(c, "quality_intelligence", "regulator"),
        ),
        "another council's request": (
            may_share(a, "pqr", "neighbouring_council"),
            may_share(c, "pqr", "neighbouring_council"),
        ),
        "who hears the rating": (
            told(a, "pqr") - told(c, "pqr"),
            told(c, "pqr") - told(a, "pqr"),
        ),
        "who hears of harm": (told(a, "harm_information"), told(c, "harm_information")),
        "who sees the report": (told(a, "pamms_report"), "pamms_report" in c.identity.subjects),
        "regulator grade response": (
            "impact_and_risk_meeting" in a.actions and "additional_visits" not in a.actions,
            "additional_visits" in c.actions and "impact_and_risk_meeting" not in c.actions,
        ),
        "payment checks, risk score, PAMMS": (
            {"verify_return", "send_pamms_guidance"} <= set(a.actions),
            {"verify_return", "send_pamms_guidance"} & set(c.actions),
        ),
        "capacity reduction of visits": (
            "reduced_visits" in a.decisions,
            "reduced_visits" in c.decisions,
        ),
        "consent in a home": (
            "inform_service_users" in a.actions,
            "inform_service_users" in c.actions,
        ),
        "self-assessment": (
            a.activities["qm3"].channel,
            c.activities["qmc3"].channel,
        ),
    }
    assert differences == {
        "contract meeting outer limit": (12, 24),
        "increase triggers": (True, True, False, False),
        "check samples": ({"audit", "talk_to_residents"}, {"children_files", "talk_to_children"}),
        "agenda": (
            {"due_diligence_checks"},
            {"restrictive_physical_interventions", "ap_individual_intervention_plans"},
        ),
        "form channel": ("secure_email", "email"),
        "PQR sharing": (True, True),
        "PQR update": (False, True),
        "harm information": ("may", "will"),
        "information request": (False, True),
        "regulator request": (
            ("permitted", ["check_lawful_basis"]),
            ("ask", ["tell_provider_of_request", "seek_provider_agreement"]),
        ),
        "another council's request": (
            ("ask", ["check_lawful_basis"]),
            (
                "permitted",
                ["tell_provider_of_request", "ask_provider_to_share_forms", "share_brief_details"],
            ),
        ),
        "who hears the rating": (
            {"safeguarding_intelligence_forum"},
            {"key_council_leaders", "neighbouring_council", "other_requester"},
        ),
        "who hears of harm": (
            {"safeguarding_intelligence_forum"},
            {"key_stakeholders", "key_council_leaders", "gmicb", "lado", "social_worker"}
            | {"independent_reviewing_officer"},
        ),
        "who sees the report": ({"provider", "qa_and_i_team"}, False),
        "regulator grade response": (True, True),
        "payment checks, risk score, PAMMS": (True, set()),
        "capacity reduction of visits": (False, True),
        "consent in a home": (True, False),
        "self-assessment": ("pamms_portal", "childrens_quality_mailbox"),
    }


def test_no_word_of_one_pack_is_in_the_other() -> None:
    """Activities, rows, service types, forums and own audiences belong to one pack only."""
    a, c = both()
    shared = set(a.activities) & set(c.activities)
    assert shared == {"quality_and_safety_check"}
    assert not set(a.matrix) & set(c.matrix)
    assert not set(a.fields["service_type"].type.values) & set(c.fields["service_type"].type.values)
    own, other = set(a.identity.audiences), set(c.identity.audiences)
    assert own - other == {"safeguarding_intelligence_forum"}
    assert other - own == {
        *("key_stakeholders", "lado", "social_worker", "independent_reviewing_officer"),
        *("heads_and_leads", "send_ap_quality_assurance_group", "qai_inclusion_team_group"),
    }
    assert not set(a.identity.forums) & set(c.identity.forums)
