"""`qaf explain` and `qaf ask`: what is printed, what is refused, and what an answer leaves."""

import json
from pathlib import Path

import pytest

from qaf_rules import cli

ROOT = Path(__file__).parents[1]
ADULTS = ROOT / "examples" / "adults.yaml"
CHILDREN = ROOT / "examples" / "children.yaml"
ON = "2026-11-22"


@pytest.mark.parametrize(
    ("register", "provider"),
    [(ADULTS, "ellesby-grange"), (ADULTS, "gorse-bank"), (CHILDREN, "copper-beech")],
)
def test_the_overview_reads_as_agreed(qaf, golden, register, provider):
    """Without a further word a provider's rating is told with what settles and changes it."""
    status, out, err = qaf("explain", register, provider, "--on", ON)
    assert (status, err) == (0, "")
    golden(f"explain-{provider}", out)


def test_what_is_outside_the_framework_says_so(qaf):
    """Of a service that is out of scope there is nothing to settle, confirm or change."""
    status, out, _ = qaf("explain", ADULTS, "westmere-house", "--on", ON)
    assert status == 0
    assert "The service is outside this framework" in out
    assert "What would change it" not in out


def test_each_why_is_told_at_the_length_asked_for(qaf):
    """`--why` and `--why-not` tell their part in a line, a paragraph or the whole tree."""
    common = ("explain", ADULTS, "cobden-house", "--on", ON, "--why", "no_registered_manager")
    line = qaf(*common, "--length", "line")[1]
    paragraph = qaf(*common)[1]
    tree = qaf(*common, "--length", "tree")[1]
    assert line.startswith("Level 3: A registered manager is required and none is in place (A-364")
    assert "It holds, as registered manager in place: no" in paragraph
    assert "[yes] registered manager in place: no | no" in tree
    both = qaf(*common, "--why-not", "1", "--length", "line")[1]
    assert "Level 1 (No concerns) is not suggested" in both.splitlines()[1]


def test_what_if_tells_what_would_be_other(qaf):
    """`--what-if` names the suggestion, and what is gone and new beside it."""
    change = "registered_manager_in_place=false"
    status, out, _ = qaf("explain", ADULTS, "alder-court", "--on", ON, "--what-if", change)
    assert status == 0
    assert out.startswith("Suggested: 3, before 1\n")
    assert "+ criterion: A registered manager is required and none is in place." in out


def test_a_fact_cannot_be_two_things_at_once(qaf):
    """Of two values for one fact neither is taken; the same one twice is one."""
    common = ("explain", ADULTS, "alder-court", "--on", ON)
    first, other = "registered_manager_in_place=true", "registered_manager_in_place=false"
    status, out, err = qaf(*common, "--what-if", first, "--what-if", other)
    assert (status, out) == (2, "")
    assert "`registered_manager_in_place` is to be two things at once" in err
    assert qaf(*common, "--what-if", other, "--what-if", other)[0] == 0


def test_what_if_nothing_changes_is_told(qaf):
    """A change that makes no difference to the level says so."""
    change = "registered_manager_in_place=yes"
    _, out, _ = qaf("explain", ADULTS, "alder-court", "--on", ON, "--what-if", change)
    assert out.startswith("Suggested: 1, as before\n")


def test_json_gives_the_facts_of_each_explanation(qaf):
    """`--json` gives each explanation with its leaves, and what the change would make of it all."""
    status, out, _ = qaf(
        *("explain", ADULTS, "cobden-house", "--on", ON, "--json"),
        *("--why", "no_registered_manager", "--what-if", "registered_manager_in_place=yes"),
    )
    told = json.loads(out)
    assert status == 0
    (explanation,) = told["explanations"]
    assert explanation["truth"] is True
    first = explanation["facts"][0]
    assert first["name"] == "registered_manager_in_place"
    assert first["truth"] is True
    assert first["evidence"][0]["type"] == "finding"
    assert told["what_if"]["provider"] == "cobden-house"
    assert "what_if" not in json.loads(
        qaf("explain", ADULTS, "cobden-house", "--on", ON, "--json")[1]
    )


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (["--why", "zzz"], "nothing called `zzz` to explain", "give `rating`"),
        (["--why-not", "9"], "there is no level 9", "the scale has"),
        (["--what-if", "registered_manager=true"], "no fact or profile field", "did you mean"),
        (["--what-if", "experience=fine"], "`fine` is none of the values", "good"),
        (["--what-if", "experience"], "`experience` is no change", "write it as"),
        (["--what-if", "experience="], "`experience=` is no change", "write it as"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_help(qaf, arguments, message, help_):
    """An unknown part, fact or value is told with what to do, and nothing else is printed."""
    status, out, err = qaf("explain", ADULTS, "cobden-house", "--on", ON, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert help_ in err


# --- qaf ask -------------------------------------------------------------------------------------


def test_one_answer_settles_and_is_left_to_be_added(qaf):
    """A walk ends with the suggestion and the statements to add to the register."""
    status, out, _ = qaf("ask", ADULTS, "ellesby-grange", "--on", ON, "--by", "cqmo", typed="yes\n")
    assert status == 0
    assert (
        "Possible: levels 3 to 4; 1 question can still change it, this one rules out up to 1 level."
        in out
    )
    assert "Level 4 (Significant concern) is suggested" in out
    assert "fact: safeguarding_numerous" in out
    assert "value: true" in out


def test_a_wrong_answer_is_asked_again(qaf):
    """An answer of the wrong type is told with what is wanted, and the question stands."""
    _, out, _ = qaf(
        "ask", ADULTS, "ellesby-grange", "--on", ON, "--by", "cqmo", typed="perhaps\nno\n"
    )
    assert "`perhaps` is neither yes nor no" in out
    assert out.count("[yes, no, don't know]") == 2
    assert "Level 3 (Moderate concern) is suggested" in out


def test_who_answers_is_a_role(qaf):
    """An answer is a role's; another word is refused before anything is asked."""
    status, out, err = qaf("ask", ADULTS, "ellesby-grange", "--on", ON, "--by", "cqm")
    assert (status, out) == (2, "")
    assert "there is no role `cqm`" in err
    assert "did you mean `cqmo`?" in err


def test_what_is_not_known_is_left_open(qaf):
    """`don't know` passes on; at the end the questions left open are named."""
    _, out, _ = qaf(
        "ask", ADULTS, "ellesby-grange", "--on", ON, "--by", "cqmo", typed="don't know\n"
    )
    assert "Left open:\n- Are the safeguarding concerns and enquiries numerous?\n" in out
    assert "add to" not in out


def test_the_end_of_what_is_typed_ends_the_walk(qaf):
    """Where nothing more is typed the suggestion stands as it is, and what was said is kept."""
    typed = "no\nno\n"
    _, out, _ = qaf("ask", ADULTS, "gorse-bank", "--on", ON, "--by", "cqmo", typed=typed)
    assert out.count("Possible:") == 3
    assert out.count("kind: judgement") == 2


def test_what_is_settled_is_not_asked(qaf):
    """A provider whose level cannot change is told at once."""
    status, out, _ = qaf("ask", ADULTS, "alder-court", "--on", ON, "--by", "cqmo")
    assert status == 0
    assert "Possible" not in out
    assert "Level 1 (No concerns) is suggested" in out


def test_numbers_words_and_lists_are_taken(qaf):
    """A number, one of the values and several with commas are read by the type of the fact."""
    common = ("explain", ADULTS, "alder-court", "--on", ON, "--what-if")
    for change in ("complaints_count=9", "experience=mixed", "concern_source=cqmo, regulator"):
        assert qaf(*common, change)[0] == 0
    status, _, err = qaf(*common, "concern_source=cqmo, nobody")
    assert status == 2
    assert "nobody" in err


def test_rows_that_cannot_be_read_are_told_and_the_rest_is_answered(qaf, tmp_path):
    """A fault of the register goes to the errors; the provider is explained all the same."""
    broken = tmp_path / "adults.yaml"
    text = ADULTS.read_text(encoding="utf-8")
    broken.write_text(text.replace("kind: complaint", "kind: complant", 1), encoding="utf-8")
    for command in (("explain",), ("explain", "--json"), ("ask", "--by", "cqmo")):
        status, out, err = qaf(command[0], broken, "alder-court", "--on", ON, *command[1:])
        assert status == 2
        assert out
        assert "complant" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--why=--1"], "nothing called `--1` to explain"),
        (["--why", "9" * 5000], "to explain"),
        (["--what-if", f"complaints_count={'9' * 5000}"], "is not a whole number"),
        (["--what-if", "complaints_count=1000000"], "there cannot be more than 9999"),
    ],
)
def test_what_is_out_of_all_proportion_is_refused(qaf, arguments, message):
    """A number that nothing can have, and a level that is none, are told without a traceback."""
    status, out, err = qaf("explain", ADULTS, "cobden-house", "--on", ON, *arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_what_if_and_least_change_rest_on_what_was_known(qaf):
    """With `--known-at` what would change is told of what was known then, and of nothing later."""
    common = ("explain", ADULTS, "ellesby-grange", "--on", ON, "--known-at", "2026-01-01")
    _, out, _ = qaf(*common, "--what-if", "very_urgent_attention_required=no")
    assert out.startswith("Suggested: ")
    assert "3" not in out.splitlines()[0]
    assert "(now yes)" not in qaf(*common)[1]


def test_each_question_is_put_once(qaf, tmp_path):
    """An answer that settles nothing is not asked for again."""
    register = tmp_path / "adults.yaml"
    register.write_text(
        """
providers:
  - id: oak-house
    provider: {service_type: care_home, cqc_regulated: true}
    findings:
      - {kind: judgement, on: 2026-11-01, fact: contract_resolution, value: takes_time, by: cqmo}
      - {kind: contract_shortfall, on: 2026-11-10, resolution: takes_time}
""",
        encoding="utf-8",
    )
    _, out, _ = qaf("ask", register, "oak-house", "--on", ON, "--by", "cqmo", typed="no\n" * 200)
    asked = [line for line in out.splitlines() if line.endswith("?")]
    assert len(asked) == len(set(asked))


def test_a_closed_input_ends_the_walk(capsys, monkeypatch):
    """Without an input to read from the walk ends with the suggestion as it is."""
    monkeypatch.setattr("sys.stdin", None)
    assert cli.main(["ask", str(ADULTS), "ellesby-grange", "--on", ON, "--by", "cqmo"]) == 0
    assert "Level 3 (Moderate concern) is suggested" in capsys.readouterr().out


def test_each_question_says_how_it_may_be_answered(qaf):
    """A truth, a number, one of several words or any value: what is put says which is wanted."""
    typed = "don't know\n" * 60
    _, out, _ = qaf("ask", ADULTS, "gorse-bank", "--on", ON, "--by", "cqmo", typed=typed)
    assert "[yes, no, don't know]" in out
    assert "[a number, don't know]" in out
    assert "[good, mixed, poor, very_poor, don't know]" in out
