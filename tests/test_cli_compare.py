"""What a change of rules, or another reading, does to a register, on the command line."""

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
GENERIC = Path(__file__).parent / "packs" / "generic"
CHILDREN = EXAMPLES / "children.yaml"
PERIOD = ("--since", "2026-11-22", "--until", "2027-11-21")
LONGER = """
extends: children
matrix:
  special_school_ib: {activities: {qmc1: {every: 24 months}}}
"""
BAKERS = """
framework: bread_rounds
providers:
  loaf:
    provider: {service_type: bread, licensed: true}
    activities: [{activity: tasting, completed: 2025-10-01}]
  bun:
    provider: {service_type: bread, licensed: true}
    activities: [{activity: flour_return, completed: 2026-11-05, period: 2026-10}]
"""


@pytest.fixture
def longer(tmp_path):
    """A change of the children's framework, as an overlay."""
    file = tmp_path / "longer.yaml"
    file.write_text(LONGER)
    return file


@pytest.fixture
def bakers(tmp_path):
    """A register of two bakers."""
    file = tmp_path / "bakers.yaml"
    file.write_text(BAKERS)
    return file


def test_a_change_is_summed_up(qaf, longer, golden):
    """The summary names the edit where it is written, what it does, and who goes longest unseen."""
    status, out, err = qaf("compare", "children", longer, CHILDREN, *PERIOD)
    assert (status, err) == (0, "")
    golden("compare", out.replace(str(longer), "longer.yaml"))


def test_the_differences_of_one_or_of_all(qaf, longer):
    """Every difference is told in a line, of one provider or after the summary of all."""
    _, everything, _ = qaf("compare", "children", longer, CHILDREN, *PERIOD, "--all")
    lines = everything.splitlines()
    details = lines[lines.index("") + 1 :]
    provider = details[0].partition(":")[0]
    _, one, _ = qaf("compare", "children", longer, CHILDREN, *PERIOD, "--provider", provider)
    assert one.splitlines() == [line for line in details if line.startswith(f"{provider}:")]
    _, same, _ = qaf("compare", "children", "children", CHILDREN, *PERIOD, "--provider", provider)
    assert same == f"{provider}: no answer is other\n"


def test_another_reading_is_compared(qaf, bakers):
    """The same pack under two readings is a comparison too, and the whole can be had as JSON."""
    chosen = ("--before-reading", "X-B-03=same_month", "--after-reading", "X-B-03=following_month")
    status, out, _ = qaf(
        "compare", GENERIC, GENERIC, bakers, "--on", "2026-11-22", *chosen, "--json"
    )
    data = json.loads(out)
    assert status == 0
    assert [edit["id"] for edit in data["edits"]] == ["reading.X-B-03"]
    assert {d["provider"] for d in data["differences"]} == {"bun"}


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ([], "a comparison needs a day or a period"),
        (["--since", "2026-11-22"], "a comparison needs a day or a period"),
        (["--on", "2026-11-22", "--until", "2027-01-01"], "of a day or of a period, not of both"),
        (["--since", "2026-11-22", "--until", "2026-11-01"], "the period ends on 2026-11-01, before it begins"),
    ],
)  # fmt: skip
def test_when_is_a_day_or_a_period(qaf, bakers, when, message):
    """A comparison is of a day or of a period; anything else is told."""
    status, out, err = qaf("compare", GENERIC, GENERIC, bakers, *when)
    assert (status, out) == (2, "")
    assert message in err


def test_the_faults_of_both_frameworks_are_told(qaf, bakers, tmp_path):
    """What is wrong with either framework is told, each fault where it is written."""
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(f"extends: {GENERIC}\nactivities: {{tasting: {{every: often}}}}\n")
    status, _, err = qaf("compare", "adlts", faulty, bakers, "--on", "2026-11-22")
    assert status == 2
    assert "did you mean `adults`?" in err
    assert f"{faulty}:2:31: error: `often` is not an interval" in err
    status, _, err = qaf(
        "compare", "adults", "children", EXAMPLES / "adults.yaml", "--on", "2026-11-22"
    )
    assert status == 2
    assert "only `adults` can read this register" in err


def test_readings_are_ranked(qaf, bakers):
    """Each ambiguity is told with the options that would change an answer, those that matter first."""
    place = ("--framework", GENERIC, "--on", "2026-11-22")
    status, out, _ = qaf("readings", bakers, *place)
    assert status == 0
    assert "  1 of 2 providers: same_month instead of following_month" in out.splitlines()
    assert out.splitlines()[-1].endswith("change nothing for these providers, however read.")
    _, out, _ = qaf("readings", bakers, *place, "--json")
    ranked = json.loads(out)
    assert [len(each["providers"]) for each in ranked] == sorted(
        (len(each["providers"]) for each in ranked), reverse=True
    )
    assert ranked[0].keys() == {"ambiguity", "about", "taken", "option", "providers", "faults"}


def test_a_reading_that_cannot_be_taken_is_told(qaf, bakers, tmp_path):
    """An option with which the pack would be faulty is told with why; the others are ranked."""
    file = tmp_path / "odd.yaml"
    change = "activities: {flour_return: {of: {same_month: sometime}}}"
    file.write_text(f"extends: {GENERIC}\n{change}\n")
    status, out, _ = qaf("readings", bakers, "--framework", file, "--on", "2026-11-22")
    assert status == 0
    (line,) = (line for line in out.splitlines() if "cannot be read as" in line)
    assert line.startswith("X-B-03 cannot be read as same_month: ")
    assert "`sometime`" in line
    assert "X-B-05" in out


def test_faults_of_the_register_are_told_after_the_answer(qaf, bakers):
    """What of the register could not be read is told, and the others are compared."""
    bakers.write_text(BAKERS.replace("tasting", "tastign"))
    status, out, err = qaf("readings", bakers, "--framework", GENERIC, "--on", "2026-11-22")
    assert status == 2
    assert "did you mean `tasting`?" in err
    assert "however read" in out
    bakers.write_text("framework: bread_rounds\nproviders: {loaf: red}\n")
    status, out, err = qaf("readings", bakers, "--framework", GENERIC, "--on", "2026-11-22")
    assert (status, out) == (2, "")
    assert "red" in err
    assert "there is no provider to compare the frameworks over" in err
