"""What more than one kind of evidence confirms, and how much of a suggestion rests on the rest."""

import datetime as dt
from pathlib import Path

import pytest

import qaf_rules as qaf
from qaf_rules.model import Finding, Provider, ProviderRecord

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)
HOME = Provider(id="p", fields={"service_type": frozenset({"care_home"}), "cqc_regulated": True})


@pytest.fixture(scope="module")
def adults():
    """Give the adults' framework."""
    return qaf.load("adults")


def told(adults, *findings):
    """Give the triangulation of a provider with some findings."""
    record = ProviderRecord(provider=HOME, findings=findings)
    return adults.assess(record, on=ON).triangulation()


def shortfall(*evidence, ref="CS-1"):
    """Give a shortfall that a criterion of level 3 reads, with kinds of evidence behind it."""
    said = {"affects_delivery_or_quality": True, "resolution": "takes_time"}
    on, source = dt.date(2026, 10, 1), "cqmo"
    return Finding(
        kind="contract_shortfall", on=on, ref=ref, source=source, evidence=evidence, attributes=said
    )


def test_one_kind_of_evidence_leaves_a_fact_untriangulated(adults):
    """Fewer than two kinds of evidence mark a fact, and the whole suggestion rests on it."""
    found = told(adults, shortfall("audit"))
    (fact,) = found.untriangulated
    assert (fact.fact, fact.evidence, fact.sources) == ("contract_shortfall", ("audit",), ("cqmo",))
    assert found.share == 1
    assert str(found) == (
        "The one fact that the suggestion rests on is untriangulated. "
        "Aspect of the contract not met: audit."
    )


def test_two_kinds_of_evidence_triangulate(adults):
    """Two distinct kinds confirm a fact, be they of one finding or of two."""
    for findings in (
        [shortfall("audit", "policy")],
        [shortfall("audit"), shortfall("policy", ref="CS-2")],
    ):
        found = told(adults, *findings)
        assert found.untriangulated == ()
        assert found.share == 0
        assert str(found) == "The one fact that the suggestion rests on is triangulated."


def test_the_same_kind_twice_is_one(adults):
    """Two findings with the same kind of evidence confirm no more than one of them does."""
    assert told(adults, shortfall("audit"), shortfall("audit", ref="CS-2")).share == 1


def test_the_pack_names_what_to_seek(adults):
    """For a claim about volume the pack looks for activity logs and service users' experience."""
    said = {"state": "unmet", "solution_in_progress": True}
    kpi = Finding(kind="kpi", on=ON, evidence=("activity_log",), attributes=said)
    found = told(adults, kpi)
    (fact,) = found.facts
    assert fact.seek == ("service_user_experience",)
    assert "to seek: service users' experience" in str(found)


def test_a_statement_counts_by_its_own_evidence(adults):
    """What an officer states is confirmed by the evidence named with the statement."""
    stated = Finding(
        kind="judgement", on=ON, fact="safeguarding_several", value=True, evidence=("audit", "rota")
    )
    found = told(adults, stated)
    assert [fact.fact for fact in found.facts] == ["safeguarding_several"]
    assert found.share == 0


def test_a_gap_rests_on_what_is_passed_over(adults):
    """Where no criterion reads what is adverse, that is what the floor rests on."""
    serious = Finding(kind="complaint", on=ON, ref="C-1", attributes={"severity": "serious"})
    found = told(adults, serious)
    assert [fact.fact for fact in found.untriangulated] == ["complaint"]
    assert found.untriangulated[0].seek[0] == "policy"


def test_nothing_recorded_is_said(adults):
    """Without a finding or statement nothing is to be confirmed."""
    found = told(adults)
    assert (found.facts, found.share) == ((), 0)
    assert str(found) == "The suggestion rests on nothing that anybody recorded or stated."


def test_several_facts_are_counted(adults):
    """Of several facts the text says how many are untriangulated, and which."""
    recruitment = Finding(
        kind="recruitment",
        on=ON,
        evidence=("rota", "audit"),
        attributes={"recruitment_struggling": True, "recruitment_plans": True},
    )
    found = told(adults, shortfall("audit"), recruitment)
    assert found.share == 0.5
    assert str(found).startswith("1 of the 2 facts that the suggestion rests on is untriangulated.")


def test_what_the_schedule_shows_is_nobodys_claim(adults):
    """A suggestion that rests on a return that did not come rests on nothing to be confirmed."""
    register = qaf.read_register(ROOT / "examples" / "adults.yaml", adults)
    framework = adults.using(settings=dict(register.settings))
    assessment = framework.assess(register["birch-lea"], on=ON)
    assert [c.id for c in assessment.suggestion.matched if c.mode == "any"] == [
        "reporting_period_missed"
    ]
    assert assessment.triangulation().facts == ()
    assert str(assessment.triangulation()).startswith("The suggestion rests on what the schedule")
