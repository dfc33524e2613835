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


# --- qaf forum -----------------------------------------------------------------------------------

ADULTS = CHILDREN.with_name("adults.yaml")


def test_a_forum_is_told_each_rating_and_what_is_new(qaf, golden):
    """What goes before a sitting is printed a provider after another, each line with its clause."""
    status, out, err = qaf("forum", ADULTS, "sif", "--on", "2026-10-20")
    assert (status, err) == (0, "")
    golden("forum-adults", out)


def test_the_team_has_a_sheet_of_its_own(qaf, golden):
    """What the team has to decide and to do is on a sheet that is asked for, and not in the pack."""
    common = ("forum", ADULTS, "sif", "--on", "2026-10-20")
    golden("forum-adults-team", qaf(*common, "--team")[1])
    told, sheet = (json.loads(qaf(*common, "--json", *more)[1]) for more in ([], ["--team"]))
    assert set(told) == {"forum", "on", "sitting", "since", "entries", "clauses"}
    assert {key for entry in told["entries"] for key in entry} == {"provider", "name", "given"}
    assert set(sheet) == {"forum", "on", "sitting", "matters", "faults"}


def test_a_forum_without_a_known_sitting_says_so(qaf, tmp_path):
    """Where no sitting is known it is said, and what waits for one is listed all the same."""
    path = tmp_path / "adults.yaml"
    path.write_text(
        "framework: adults\nproviders:\n"
        "  - provider: {provider_id: own, service_type: care_home}\n"
        "    activities: [{activity: allocate_pqr, completed: 2026-11-20, outcome: '2'}]\n"
        "    findings: [{kind: incident, on: 2026-11-20, harm: minor}]\n"
        "  - provider: {provider_id: odd, service_type: care_home, regulator: none, cqc_regulated: true}\n",
        encoding="utf-8",
    )
    status, out, err = qaf("forum", path, "sif", *ON)
    lines = out.splitlines()
    assert (status, "odd" in err) == (2, True)
    assert lines[0].startswith("Safeguarding Intelligence Forum: no sitting is known (A-187")
    assert lines[2:4] == [
        "own",
        (
            "  the Provider Quality Rating: level 2 (Minor concern), confirmed 20 November 2026 "
            "(A-187, section 3.0; reading X-A-30)"
        ),
    ]
    assert "odd" not in out
    status, out, err = qaf("forum", path, "sif", *ON, "--team")
    assert (status, "odd" in err) == (2, True)
    harm = "  to decide: information on harm or potential harm (harm_information) "
    assert f"{harm}(A-201, section 5.0; reading X-A-30)" in out.splitlines()
    assert "  to do: Share the rating at the next Safeguarding Intelligence Forum" in out


def test_what_is_decided_is_told_with_its_numbers(qaf, tmp_path):
    """Once the team has decided, harm is told by its kinds and numbers, a grade as what is new."""
    decided = ", ".join(
        f"{{decision: answer, to: D-A-20, value: yes, what: {what}, by: qa_and_i_team, on: 2026-11-21}}"
        for what in ("harm_information", "quality_intelligence")
    )
    poor = "{kind: judgement, on: 2026-11-20, fact: poor_quality, value: true, by: cqmo}"
    path = tmp_path / "adults.yaml"
    path.write_text(
        "framework: adults\nsettings: {sif_anchor: 2026-11-19}\nproviders:\n"
        "  - provider: {provider_id: own, name: Own Home, service_type: care_home, regulator: cqc,\n"
        "      regulator_overall: inadequate, regulator_rating_date: 2026-11-20}\n"
        f"    findings: [{{kind: incident, on: 2026-11-20, harm: minor}}, {poor},\n"
        "      {kind: incident, on: 2026-11-01, harm: minor, status: closed}]\n"
        f"    decisions: [{decided}]\n",
        encoding="utf-8",
    )
    status, out, _ = qaf("forum", path, "sif", *ON)
    lines = out.splitlines()
    assert (status, lines[2]) == (0, "Own Home")
    assert lines[3].startswith(
        "  information on harm or potential harm: incident: 2, 1 open, 1 new ("
    )
    assert lines[4].startswith(
        "  intelligence from quality monitoring: the regulator's overall grade: inadequate, new; incident: 2"
    )


def test_json_gives_what_goes_before_a_forum(qaf):
    """`--json` gives the sitting, the one before, and each provider with what may be told."""
    told = json.loads(qaf("forum", ADULTS, "sif", "--on", "2026-10-20", "--json")[1])
    assert (told["sitting"], told["since"]) == ("2026-10-21", "2026-09-23")
    first = told["entries"][0]
    assert first["given"][0]["sharing"]["answer"] == "permitted"
    assert first["given"][0]["rating"]["level"] in range(1, 6)


def test_a_forum_of_another_framework_is_refused(qaf):
    """The adults' forum is none of the children's."""
    status, out, err = qaf("forum", CHILDREN, "sif", *ON)
    assert (status, out) == (2, "")
    assert "there is no forum `sif`" in err


# --- qaf reply -----------------------------------------------------------------------------------

REQUESTS = """\
framework: children
providers:
  - provider: {provider_id: own, name: Own School, service_type: special_school, locality: in_borough}
    activities:
      - {activity: allocate_pqr, completed: 2026-10-01, outcome: '2'}
      - {activity: information_request, requested: 2026-11-10, audience: neighbouring_council, what: [pqr, activity_form]}
      - {activity: information_request, requested: 2026-11-12, audience: regulator, what: [quality_intelligence]}
      - {activity: information_request, requested: 2026-11-12, audience: safeguarding, what: [safeguarding_concern]}
"""
TOLD = "".join(
    f"      - {{activity: tell_provider_of_request, completed: 2026-11-13, audience: {audience}}}\n"
    for audience in ("neighbouring_council", "regulator")
)


@pytest.fixture
def replied(qaf, tmp_path):
    """Run `qaf reply` over the requests, with further records, and give what is printed."""

    def run(more="", *arguments):
        path = tmp_path / "children.yaml"
        path.write_text(REQUESTS + more, encoding="utf-8")
        status, out, err = qaf("reply", path, "own", *ON, *arguments)
        assert (status, err) == (0, "")
        return out

    return run


def test_each_open_request_is_replied_to(replied, golden):
    """Each reply tells the answer, the steps taken and to take, and what is given or why nothing."""
    golden("reply-before", replied())
    golden("reply-told", replied(TOLD, "--by", "cqmo"))


def test_a_step_that_may_be_for_several_requests_is_said_to_be(replied):
    """Who recorded a step without its request is told why it is still to do."""
    bare = "      - {activity: tell_provider_of_request, completed: 2026-11-13}\n"
    told = "to do: Tell the provider that a request has come, from whom and for what"
    lines = [line.strip() for line in replied(bare).splitlines()]
    assert lines.count(f"{told} (recorded, but not for which request)") == 3
    assert not [line for line in lines if line == told]


def test_what_a_person_has_to_decide_is_said(replied):
    """Once the steps are taken, it is said who decides."""
    assert "nothing is given yet: the Contract and Quality Monitoring Officer decides" in replied(
        TOLD
    )


def test_json_gives_each_reply(replied):
    """`--json` gives each reply with its steps and what is given."""
    told = json.loads(replied(TOLD, "--by", "cqmo", "--json"))
    assert [bool(reply["given"]) for reply in told] == [True, False, False, True]
    assert told[0]["given"]["rating"]["level"] == 2


def test_without_an_open_request_it_is_said(qaf):
    """Where nobody has asked, that is said."""
    out = qaf("reply", CHILDREN, "copper-beech", *ON)[1]
    assert out == "There is no open request about this provider.\n"


def test_a_role_that_there_is_not_is_refused(qaf, tmp_path):
    """Only a role of the framework decides."""
    path = tmp_path / "children.yaml"
    path.write_text(REQUESTS, encoding="utf-8")
    status, _, err = qaf("reply", path, "own", *ON, "--by", "cqom")
    assert (status, "did you mean `cqmo`" in err) == (2, True)


# --- qaf aggregate -------------------------------------------------------------------------------


def test_evidence_of_all_providers_is_counted(qaf, golden):
    """Levels, values and kinds are counted by their words, and small numbers not told."""
    common = ("aggregate", ADULTS, "aggregated_evidence", *ON)
    status, out, err = qaf(*common, "--audience", "commissioners")
    assert (status, err) == (0, "")
    golden("aggregate-adults", out)
    told = json.loads(qaf(*common, "--audience", "commissioners", "--json")[1])
    assert told["parts"]["rating"] == {"1": 8, "2": 9, "4": None}
    assert len(qaf(*common, "--audience", "public")[1].splitlines()) == 1


def test_why_nothing_is_counted_is_said(qaf, tmp_path):
    """What is told of each by itself, and what a person has yet to decide, is no small number."""
    out = qaf("aggregate", ADULTS, "pqr", "--audience", "sif", *ON)[1]
    assert out.splitlines()[1:] == [
        "It is told of each provider by itself, and not of many together."
    ]
    path = tmp_path / "decided.yaml"
    path.write_text(
        "extends: adults\nsharing: {aggregated_evidence: {decided_by: qa_and_i_team}}\n",
        encoding="utf-8",
    )
    decided = ("--framework", path, "--audience", "commissioners", *ON)
    out = qaf("aggregate", ADULTS, "aggregated_evidence", *decided)[1]
    assert out.splitlines()[1:] == [
        "Nothing is told yet: the Quality Assurance and Improvement Team decides."
    ]


def test_too_few_providers_are_not_told_of(qaf, tmp_path):
    """Of a register of a few providers nothing is told."""
    path = tmp_path / "children.yaml"
    path.write_text(REQUESTS, encoding="utf-8")
    out = qaf("aggregate", path, "learning", "--audience", "sector", *ON)[1]
    assert out.splitlines()[1:] == ["Fewer than 5 providers: nothing is told of them."]
