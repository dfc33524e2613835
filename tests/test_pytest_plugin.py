"""Case files are collected where a project names them, and nothing is done where it names none."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from qaf_rules.cases import Runner, read_cases

pytest_plugins = ["pytester"]

PACK = Path(__file__).parent / "packs" / "generic"
CASES = """\
cases:
  - id: tasted
    name: A licensed round is tasted again a year after the last tasting
    on: 2026-06-15
    provider: {service_type: bread, licensed: true}
    activities: [{activity: tasting, completed: 2026-01-20}]
    expect: {row: licensed_bread, schedule: {tasting: {due: 2027-01-20}}}
  - id: tasted-late
    name: A day late
    on: 2026-06-15
    provider: {service_type: bread, licensed: true}
    activities: [{activity: tasting, completed: 2026-01-20}]
    expect: {schedule: {tasting: {due: 2027-01-21}}}
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Give a run of pytest with the plugin, in a project whose configuration holds some lines."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def started(ini, *options):
        pytester.makeini(f"[pytest]\n{ini}\n")
        return pytester.runpytest_inprocess("-p", "qaf_rules.pytest_plugin", *options)

    return started


def cases(pytester, text=CASES, name="round.yaml"):
    """Write a case file into the project's folder `cases`."""
    folder = pytester.mkdir("cases") if not (pytester.path / "cases").exists() else Path("cases")
    (pytester.path / folder / name).write_text(text, encoding="utf-8")
    return pytester.path / "cases" / name


def test_each_case_is_a_test(pytester, run):
    """A case is a test by its id: it passes or fails."""
    cases(pytester)
    told = run(f"qaf_cases = cases/*.yaml\nqaf_pack = {PACK}", "-v", "-ra")
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(
        [
            "cases/round.yaml::tasted PASSED*",
            "cases/round.yaml::tasted-late FAILED*",
        ]
    )


def test_a_failure_tells_what_qaf_test_tells(pytester, run):
    """A failure names the case and shows what was expected, what came back, and the clauses."""
    file = read_cases(cases(pytester), pack=PACK)
    late = next(case for case in file.cases if case.id == "tasted-late")
    told = run(f"qaf_cases = cases\nqaf_pack = {PACK}", "-rN")  # a summary may tell it again
    lines = [*Runner(file.framework).answer(late).lines()]
    assert "2027-01-21" in lines[1]
    assert "2027-01-20" in lines[1]
    assert lines[1].endswith("(B-010)")
    assert [line for line in told.outlines if line in lines] == lines
    told.stdout.fnmatch_lines("*_ tasted-late: A day late _*")


def test_only_what_is_named_is_collected(pytester, run):
    """A file that is not named as holding cases is left alone; a pattern may be recursive."""
    cases(pytester)
    cases(pytester, "just: data\n", "other.yaml")
    told = run(f"qaf_cases = **/round.yaml\nqaf_pack = {PACK}", "--collect-only", "-q")
    assert [line for line in told.outlines if "::" in line] == [
        f"cases/round.yaml::{name}" for name in ("tasted", "tasted-late")
    ]


def test_the_command_line_goes_before_the_configuration(pytester, run):
    """`--qaf-pack` puts the cases to another pack, a folder from where pytest was started."""
    cases(pytester)
    (pytester.path / "draft").symlink_to(PACK)
    told = run("qaf_cases = cases\nqaf_pack = no-such-folder", "--qaf-pack", "draft")
    told.assert_outcomes(passed=1, failed=1)


def test_a_file_may_name_its_framework(pytester, run):
    """Without a pack, the one that the file names is taken."""
    provider = "{service_type: care_home, cqc_regulated: true}"
    cases(
        pytester,
        f"framework: adults\ncases:\n  - {{id: a, on: 2026-06-15, provider: {provider}, "
        "expect: {rating: {status: none}}}\n",
    )
    run("qaf_cases = cases").assert_outcomes(passed=1)


def test_a_faulty_file_is_an_error_with_every_fault(pytester, run):
    """A file that cannot be read is an error that tells each fault with its place."""
    cases(
        pytester, "cases:\n  - {id: a, on: 2026-02-30}\n  - {id: b, on: 2026-02-01, expects: {}}\n"
    )
    told = run(f"qaf_cases = cases\nqaf_pack = {PACK}")
    told.assert_outcomes(errors=1)
    told.stdout.fnmatch_lines(
        [
            "*round.yaml:2:*`2026-02-30` is a day that does not exist",
            "*round.yaml:3:*a case has no `expects`",
        ]
    )


def test_a_record_that_contradicts_itself_fails(pytester, run):
    """A case whose provider is refused fails, with what is wrong with it."""
    provider = "{service_type: bread, guild: no_guild, guild_grade: fine}"
    cases(pytester, f"cases:\n  - {{id: a, on: 2026-06-15, provider: {provider}, expect: {{}}}}\n")
    told = run(f"qaf_cases = cases\nqaf_pack = {PACK}")
    told.assert_outcomes(failed=1)
    told.stdout.fnmatch_lines('*expected "an answer", came back "A guild\'s grade needs a guild."')


def test_a_crash_is_shown_as_one(pytester, run, monkeypatch):
    """What is no failed expectation keeps its traceback."""
    cases(pytester)

    def stumble(*_):
        message = "the engine stumbled"
        raise RuntimeError(message)

    monkeypatch.setattr(Runner, "run", stumble)
    told = run(f"qaf_cases = cases\nqaf_pack = {PACK}")
    told.assert_outcomes(failed=2)
    told.stdout.fnmatch_lines("*RuntimeError: the engine stumbled")


def test_a_project_without_cases_does_not_load_the_library(pytester, run):
    """Where no file is named nothing is collected, and nothing of the library is imported."""
    cases(pytester)
    test = pytester.makepyfile(
        "import sys\ndef test_it():\n    assert not {'pydantic', 'qaf_rules.engine'} & {*sys.modules}\n"
    )
    told = pytester.runpytest_subprocess("-p", "qaf_rules.pytest_plugin", test)
    told.assert_outcomes(passed=1)
    run("").assert_outcomes(failed=1)  # in this process it was imported long ago


def test_pytest_finds_the_plugin_by_itself():
    """The plugin is an entry point of pytest's, so that installing the library is enough."""
    (found,) = importlib.metadata.entry_points(group="pytest11", name="qaf_rules")
    assert found.value == "qaf_rules.pytest_plugin"


def test_the_plugin_imports_nothing_heavy():
    """Every project of an environment gets the plugin from pytest, so it must cost none of them time."""
    code = "import sys, pytest; had = {*sys.modules}; import qaf_rules.pytest_plugin; print(*{*sys.modules} - had)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert {*told.stdout.split()} <= {"qaf_rules", "qaf_rules.pytest_plugin"}
