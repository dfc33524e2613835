"""`qaf may-share`: what is printed, and what is refused."""

import json
from pathlib import Path

import pytest

CHILDREN = Path(__file__).parents[1] / "examples" / "children.yaml"
ASKED = ("may-share", CHILDREN, "copper-beech")
ON = ("--on", "2026-11-22")


def test_the_answer_is_told_with_its_steps_and_clauses(qaf):
    """The paragraph tells the answer, each step, who decides, and the clauses."""
    status, out, err = qaf(*ASKED, "pqr", "--audience", "neighbouring_council", *ON)
    assert (status, err) == (0, "")
    assert out.startswith("The Provider Quality Rating may be shared with another council (C-193")
    assert "Step 3: Give brief details" in out


@pytest.mark.parametrize(("length", "lines"), [("line", 1), ("tree", 4)])
def test_the_answer_may_be_shorter_or_the_whole_tree(qaf, length, lines):
    """`--length` tells the line alone, or each condition as it was read."""
    out = qaf(*ASKED, "quality_intelligence", "--audience", "ofsted", *ON, "--length", length)[1]
    assert len(out.splitlines()) == lines
    assert out.startswith("A person decides whether intelligence from quality assurance")


def test_json_gives_the_whole_answer(qaf):
    """`--json` gives the answer with its steps, its unknowns and what was read."""
    out = qaf(*ASKED, "quality_intelligence", "--audience", "ofsted", *ON, "--json")[1]
    told = json.loads(out)
    assert (told["answer"], told["unknown"]) == ("ask", ["provider_agrees_to_share"])
    assert [step["value"] for step in told["steps"]] == [
        *("tell_provider_of_request", "seek_provider_agreement")
    ]
    assert [reason["truth"] for reason in told["reasons"]] == [None, None, True]


@pytest.mark.parametrize(
    ("what", "audience", "hint"),
    [
        ("pqrs", "public", "did you mean `pqr`?"),
        ("pqr", "ofstead", "did you mean `ofsted`?"),
    ],
)
def test_unknown_words_are_refused(qaf, what, audience, hint):
    """A subject or audience that the framework does not have is refused with a hint."""
    status, out, err = qaf(*ASKED, what, "--audience", audience, *ON)
    assert (status, out) == (2, "")
    assert hint in err


def test_faults_of_the_register_are_told_after_the_answer(qaf, tmp_path):
    """What could not be read of a register is told, and the status says so."""
    path = tmp_path / "children.yaml"
    path.write_text(
        "framework: children\nproviders:\n"
        "  - provider: {provider_id: own, service_type: special_school}\n"
        "  - provider: {provider_id: other, service_type: castle}\n",
        encoding="utf-8",
    )
    status, out, err = qaf("may-share", path, "own", "pqr", "--audience", "provider", *ON)
    assert (status, out.startswith("The Provider Quality Rating may be shared")) == (2, True)
    assert "castle" in err
