"""A case that is wrong fails, and says what came back; a case file that is wrong is not run."""

from pathlib import Path

import pytest

from qaf_rules.cases import Runner, read_cases
from qaf_rules.errors import InputError

PACK = Path(__file__).parent / "packs" / "generic"
HEAD = """\
framework: bread_rounds
cases:
  - id: round
    on: 2026-06-15
    provider: {service_type: bread, licensed: true}
    activities: [{activity: tasting, completed: 2026-01-20}]
    findings: [{kind: burnt_batch, on: 2026-06-01, ref: BB-1, size: large, fixed: false}]
"""


def read(tmp_path, text):
    """Read a case file of the generic pack."""
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return read_cases(path, pack=PACK)


def outcome(tmp_path, expect):
    """Run the case with what is expected of it."""
    file = read(tmp_path, f"{HEAD}    expect: {expect}\n")
    return Runner(file.framework).run(file.cases[0])


def faults(tmp_path, text):
    """Give the place and message of each fault of a case file."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    return [(d.line, d.message) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("expect", "key"),
    [
        ("{row: none}", "row"),
        ("{schedule: {tasting: {due: 2027-01-21}}}", "schedule.tasting"),
        ("{schedule: {tasting: {dew: 2027-01-20}}}", "schedule.tasting"),
        ("{plan: {until: 2027-06-15, tasting: [2027-01-21]}}", "plan.tasting"),
        ("{count: {until: 2027-06-15, tasting: 2}}", "count.tasting"),
        ("{rating: {level: 3}}", "rating.level"),
        ("{rating: {matched: [no_such]}}", "rating.matched"),
        ("{rating: {not_matched: [large_unfixed]}}", "rating.not_matched"),
        ("{rating: {unknown: [large_unfixed]}}", "rating.unknown"),
        ("{actions: {includes: [no_such]}}", "actions.includes"),
        ("{questions: {includes: [no_such]}}", "questions.includes"),
        ("{flags: {includes: [not_ours]}}", "flags.includes"),
        ("{cites: [B-999]}", "cites"),
        ("{conduct: {tasting: {lead: nobody}}}", "conduct.tasting.lead"),
        ("{contacts: {nothing: a@b.example}}", "contacts.nothing"),
        ("{portfolio: {actions: {includes: [no_such]}}}", "portfolio.actions.includes"),
        ("{sharing: [{what: crust, audience: no_one}]}", "sharing.0"),
        ("{portfolio: {agenda: {bakers_table: {nobody: {}}}}}", "portfolio.agenda.bakers_table"),
        ("{portfolio: {sittings: {no_forum: 2026-06-15}}}", "portfolio.sittings.no_forum"),
    ],
)
def test_wrong_expectation_fails(expect, key, tmp_path):
    """Each kind of expectation, where it does not hold, fails under its own name."""
    told = outcome(tmp_path, expect)
    assert not told.passed
    assert [failure.key for failure in told.failures] == [key]


def test_the_profile_of_a_case_may_hold_terms_and_facts(tmp_path):
    """A calendar of terms and a stated fact may stand in the profile that they speak of."""
    spring = "{name: spring, start: 2026-01-05, end: 2026-03-27}"
    summer = "{name: summer, start: 2026-04-13, end: 2026-07-17}"
    text = f"""\
cases:
  - id: cakes
    on: 2026-06-15
    provider: {{service_type: cakes, term_calendar: [{spring}, {summer}], papers_held: false}}
    activities: [{{activity: menu_return, completed: 2026-03-02, period: 2026-spring}}]
    expect: {{schedule: {{menu_return: {{due: 2026-07-17}}}}, actions: {{includes: [tell_baker]}}}}
"""
    file = read(tmp_path, text)
    assert Runner(file.framework).run(file.cases[0]).failures == ()


@pytest.mark.parametrize(
    "expect",
    [
        "{row: licensed_bread}",
        "{schedule: {tasting: {due: 2027-01-20}}}",
        "{plan: {until: 2027-06-15, tasting: [2027-01-20]}}",
        "{count: {until: 2027-06-15, tasting: 1}}",
        "{rating: {level: 4, matched: [large_unfixed], not_matched: [no_such]}}",
        "{actions: {excludes: [no_such]}, flags: {excludes: [not_ours]}}",
        "{cites: [B-010]}",
    ],
)
def test_right_expectation_passes(expect, tmp_path):
    """What does hold passes."""
    assert outcome(tmp_path, expect).failures == ()


def test_what_is_wrongly_excluded_fails(tmp_path):
    """An action, a question that is there fails where it is excluded."""
    file = read(tmp_path, f"{HEAD}    expect: {{}}\n")
    case = file.cases[0]
    assessment = file.framework.assess(case.record, on=case.on)
    action, about = assessment.actions[0].id, assessment.questions[0].about[0]
    wrong = f"{{actions: {{excludes: [{action}]}}, questions: {{excludes: [{about}]}}}}"
    keys = {failure.key for failure in outcome(tmp_path, wrong).failures}
    assert keys == {"actions.excludes", "questions.excludes"}


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[row]", "`expect` is a mapping"),
        ("{raw: none}", "nothing is expected of `raw`"),
        ("{rating: 3}", "`rating` is a mapping"),
        ("{rating: {levle: 3}}", "unknown name `levle`"),
        ("{rating: {matched: large_unfixed}}", "`matched` is a list"),
        ("{plan: {tasting: []}}", "`plan` does not say up to which day"),
        ("{count: {until: soon, tasting: 1}}", "`soon` is not a day"),
        ("{schedule: {tastin: {}}}", "unknown name `tastin`"),
        ("{schedule: {tasting: due}}", "what is expected of `tasting` is a mapping"),
        ("{conduct: {tasting: [x]}}", "what is expected of `tasting` is a mapping"),
        ("{actions: {include: [x]}}", "unknown name `include`"),
        ("{questions: {includes: x}}", "`includes` is a list"),
        ("{cites: B-010}", "`cites` is a list of clause ids"),
        ("{sharing: {what: crust}}", "`sharing` is a list of mappings"),
        ("{sharing: [crust]}", "`sharing` is a list of mappings"),
        ("{sharing: [{what: crust}]}", "a question of sharing has no `audience`"),
        ("{sharing: [{what: crust, audience: any, step: []}]}", "unknown name `step`"),
        ("{portfolio: {actions: [x]}}", "`actions` is a mapping"),
        ("{portfolio: {agenda: {bakers_tabel: {}}}}", "unknown name `bakers_tabel`"),
    ],
)
def test_expectation_that_cannot_be_judged_is_a_fault(expect, message, tmp_path):
    """What no judge could read is told with its line before anything runs."""
    (line, told), *rest = faults(tmp_path, f"{HEAD}    expect: {expect}\n")
    assert (line, rest) == (8, [])
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "a case file has `framework` and a list of `cases`"),
        ("cases: [x]\n", "a case is a mapping"),
        ("cases:\n  - {id: a, on: 2026-02-30}\n", "`2026-02-30` is a day that does not exist"),
        ("cases:\n  - {id: a, on: 2026-02-03, provider: [x]}\n", "`provider` is a mapping"),
        ("cases:\n  - {id: a, on: 2026-02-03, findings: {}}\n", "`findings` is a list"),
        ("cases:\n  - {id: a, on: 2026-02-03, expects: {}}\n", "a case has no `expects`"),
        (
            "cases:\n  - {id: a, on: 2026-02-03}\n  - {id: a, on: 2026-02-03}\n",
            "the case `a` stands at line 2 already",
        ),
        ("cases:\n  - {id: a, on: 2026-02-03, others: [{provider: {x: 1}}]}\n", "unknown field"),
        ("cases:\n  - {id: a, on: 2026-02-03, settings: {x: 1}}\n", "unknown setting"),
        ("cases:\n  - {id: a, on: 2026-02-03, facts: {x: 1}}\n", "unknown fact"),
    ],
)
def test_file_that_is_wrong_is_not_run(text, message, tmp_path):
    """A fault of a case file is told, and none of it is run."""
    (_, told), *_ = faults(tmp_path, text)
    assert message in told


def test_file_without_a_framework(tmp_path):
    """A file that names no framework says so, unless a pack is given."""
    path = tmp_path / "cases.yaml"
    path.write_text("cases: []\n", encoding="utf-8")
    assert read_cases(path, pack=PACK).cases == ()
    with pytest.raises(InputError, match="the file names no framework"):
        read_cases(path)
