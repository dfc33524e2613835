import contextlib
import csv
import datetime as dt
import gc
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import openpyxl
import pytest

import qaf_rules
from qaf_rules import cli, export, progress
from qaf_rules.attention import MOST
from qaf_rules.registers import named_framework, read_register, write_register
from qaf_rules.schemas import assessment_schema

ROOT = Path(__file__).parents[1]
REGISTER = Path(__file__).parent / "golden" / "texts" / "adults.yaml"
GENERIC = Path(__file__).parent / "packs" / "generic"
PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "cqc_locations_oldham.json"
CASES = ROOT / "frameworks" / "adults" / "cases"
ON = "2026-11-22"

PASSING = """
framework: adults
cases:
  - id: one
    name: A meeting is due a year after the last
    on: 2026-11-22
    provider: {service_type: care_home, cqc_regulated: true}
    activities: [{activity: qm1, completed: 2025-03-03}]
    expect: {schedule: {qm1: {status: overdue, due: 2026-03-03}}}
"""
FAILING = PASSING.replace("due: 2026-03-03", "due: 2026-03-04")


@pytest.fixture
def wide(monkeypatch):
    """Give the terminal a hundred columns."""
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def written(tmp_path):
    """Write a file."""

    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


# --- qaf assess ----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
def test_mondays_list_reads_as_agreed(qaf, golden, monkeypatch, columns):
    """The list says who needs attention and why, in a narrow and in a wide terminal."""
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, err = qaf("assess", REGISTER, "--on", ON)
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= columns
    golden(f"list-{columns}", out)


@pytest.mark.usefixtures("wide")
def test_the_list_has_the_overdue_first_and_the_rating_beside_the_confirmed(qaf):
    """The first provider is overdue; suggested and confirmed rating stand in its heading."""
    _, out, _ = qaf("assess", REGISTER, "--on", ON)
    lines = out.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("Larch House"))
    assert "suggested: 3, possibly 5 · confirmed 2" in lines[first]
    assert lines[first + 1].strip().startswith("overdue")
    assert "4 providers: " in out


@pytest.mark.usefixtures("wide")
def test_one_provider_is_told_in_full(qaf):
    """`--provider` tells every reason with its clauses."""
    status, out, _ = qaf("assess", REGISTER, "--on", ON, "--provider", "larch-house")
    assert status == 0
    for heading in ("Rating", "Schedule", "Actions", "Questions", "To be told", "How it was"):
        assert f"\n{heading}" in out
    assert "A-359" in out
    assert "Beech Court" not in out
    assert out.startswith("Larch House (larch-house) on 22 November 2026\n")


def test_a_provider_that_needs_nothing_has_its_name_at_the_top(qaf):
    """`--provider` begins with the name whether or not the provider is on the list."""
    _, out, _ = qaf("assess", REGISTER, "--on", ON, "--provider", "beech-court")
    assert out.startswith("Beech Court (beech-court) on 22 November 2026\n")


def test_a_provider_may_be_asked_for_by_name(qaf):
    """The name serves as well as the id."""
    assert qaf("assess", REGISTER, "--on", ON, "--provider", "Elm Court")[0] == 0


def test_json_is_the_whole_and_fits_its_schema(qaf):
    """Every provider is there with all parts, days as text, in the shape of the schema."""
    status, out, _ = qaf("assess", REGISTER, "--on", ON, "--json")
    data = json.loads(out)
    assert status == 0
    assert (data["framework"], data["on"], data["faults"]) == ("adults", ON, [])
    assert [p["provider"] for p in data["providers"]][:2] == ["larch-house", "beech-court"]
    for provider in data["providers"]:
        jsonschema.validate(provider, assessment_schema())
        assert len(provider["attention"]) <= MOST
        out_of_scope = any(flag["id"] == "out_of_scope" for flag in provider["flags"])
        assert bool(provider["pathways"]) is not out_of_scope
        assert all(item["attached_to"] for item in provider["brought"])
    (read,) = [
        c
        for c in data["providers"][0]["suggestion"]["criteria"]
        if c["id"] == "contract_unmet_takes_time"
    ]
    assert read["reason"]["read"] == ["aspect of the contract not met CS-114 of 2 September 2026"]
    assert qaf("assess", REGISTER, "--on", ON, "--json")[1] == out


def test_json_of_one_provider_holds_that_one(qaf):
    """`--provider` and `--json` go together."""
    _, out, _ = qaf("assess", REGISTER, "--on", ON, "--json", "--provider", "elm-court")
    assert [p["provider"] for p in json.loads(out)["providers"]] == ["elm-court"]


def test_the_list_is_written_as_a_workbook(qaf, tmp_path, written):
    """`--excel` writes the lines, the totals and the faults; a name is never a formula."""
    text = REGISTER.read_text(encoding="utf-8").replace("name: Elm Court", "name: '=1+1'")
    register = written("adults.yaml", text.replace("kind: complaint", "kind: complain"))
    path = tmp_path / "list.xlsx"
    status, _, _ = qaf("assess", register, "--on", ON, "--excel", path)
    assert status == 2
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["attention", "totals", "brought", "faults"]
    heads, *rows = book["attention"].values
    assert heads[:3] == ("provider", "name", "suggested")
    assert any(row[1] == "=1+1" for row in rows)
    assert all(cell.data_type != "f" for row in book["attention"] for cell in row)
    assert any(isinstance(row[8], dt.datetime) for row in rows)
    assert dict(book["totals"].values)["providers"] == 4


def test_the_workbook_tells_what_activities_bring(qaf, tmp_path, written):
    """`--excel` has a sheet of it: which activity brings it, its day, who has to act, the channel."""
    register = written("adults.yaml", "framework: adults\nproviders: [{provider: {provider_id: ash, service_type: care_home}, activities: [{activity: qm1, completed: 2026-11-16}]}]\n")  # fmt: skip
    path = tmp_path / "list.xlsx"
    assert qaf("assess", register, "--on", ON, "--excel", path)[0] == 0
    heads, *rows = openpyxl.load_workbook(path)["brought"].values
    told = {row[2]: dict(zip(heads, row, strict=True)) for row in rows}
    form = told["Send the provider the completed form by secure email"]
    assert (form["due"].date(), form["through"]) == (dt.date(2026, 11, 30), "secure email")
    assert form["by"] == "the Quality Assurance and Improvement Team"
    assert form["for"] == "quality and contract monitoring meeting"
    assert told["Give the provider feedback on the visit"]["through"] == "not stated"


def test_a_workbook_that_cannot_be_written_is_a_fault(qaf, tmp_path):
    """A path that is no file is said, with what was wrong."""
    status, _, err = qaf("assess", REGISTER, "--on", ON, "--excel", tmp_path / "no" / "list.xlsx")
    assert status == 2
    assert "cannot write the file" in err


def test_the_list_is_never_written_over_anything_else(qaf, tmp_path):
    """The register, another workbook and another kind of file stay as they are."""
    adults = qaf_rules.load("adults")
    register, other, text = (tmp_path / n for n in ("adults.xlsx", "own.xlsx", "list.txt"))
    write_register(read_register(REGISTER, adults), register, adults)
    other.write_text("mine", encoding="utf-8")
    before = register.read_bytes()
    link = tmp_path / "link.xlsx"
    link.symlink_to(register)
    for path, told in (
        (register, "this is the register"),
        (link, "this is the register"),
        (other, "something else of that name"),
        (text, "as an Excel workbook (.xlsx) only"),
    ):
        status, out, err = qaf("assess", register, "--on", ON, "--excel", path)
        assert (status, out) == (2, "")
        assert told in err
        assert "help: " in err
    assert qaf("assess", REGISTER, "--on", ON, "--excel", register)[0] == 2
    assert register.read_bytes() == before
    assert other.read_text(encoding="utf-8") == "mine"
    assert not text.exists()


def test_a_list_is_written_over_an_older_one_whole_or_not_at_all(qaf, tmp_path, monkeypatch):
    """A list that cannot be written leaves the older one, and no part of the new."""
    path = tmp_path / "list.xlsx"
    assert qaf("assess", REGISTER, "--on", ON, "--excel", path)[0] == 0
    assert qaf("assess", REGISTER, "--on", "2026-11-21", "--excel", path)[0] == 0
    before = path.read_bytes()

    def full(_self, _path):
        raise OSError(28, "no space is left")

    monkeypatch.setattr(Path, "replace", full)
    status, _, err = qaf("assess", REGISTER, "--on", ON, "--excel", path)
    assert (status, path.read_bytes()) == (2, before)
    assert "no space is left" in err
    assert [each.name for each in tmp_path.iterdir()] == ["list.xlsx"]


@pytest.mark.usefixtures("wide")
def test_what_did_not_count_is_said_below_the_list(qaf, written, tmp_path):
    """Records after the day are counted; a record of no period and a newer profile are named."""
    register = written(
        "r.yaml",
        """
framework: adults
providers:
  - provider: {provider_id: a, name: Ash, service_type: care_home, regulator: cqc,
      regulator_overall: good, regulator_rating_date: 2026-12-01, contract_start: 2026-09-01}
    activities:
      - {activity: qm1, completed: 2026-12-01}
      - {activity: local_data_return, completed: 2026-10-05, period: 2026-Q3}
""",
    )
    path = tmp_path / "list.xlsx"
    status, out, _ = qaf("assess", register, "--on", ON, "--excel", path)
    assert status == 0
    assert "1 record is dated after 22 November 2026 and was not used." in out
    notes = " ".join(out.split("Did not count as written")[1].split())
    assert "Ash: the record of local_data_return for 2026-Q3 counts for no period" in notes
    assert "Ash: the profile is newer than 2026-11-22" in notes
    book = openpyxl.load_workbook(path)
    assert dict(book["totals"].values)["records dated later, not used"] == 1
    assert len(list(book["notes"].values)) == 3


def test_without_openpyxl_a_workbook_says_what_to_install(qaf, tmp_path, monkeypatch):
    """The `excel` extra is named where it is missing, and an older list stays as it is."""
    path = tmp_path / "list.xlsx"
    assert qaf("assess", REGISTER, "--on", ON, "--excel", path)[0] == 0
    before = path.read_bytes()
    found = importlib.util.find_spec
    monkeypatch.setattr(
        export, "find_spec", lambda name: None if name == "openpyxl" else found(name)
    )
    for target in (path, tmp_path / "new.xlsx"):
        status, out, err = qaf("assess", REGISTER, "--on", ON, "--excel", target)
        assert (status, out) == (2, "")
        assert "qaf-rules[excel]" in err
    assert path.read_bytes() == before


def test_without_rich_the_command_says_what_to_install(qaf, monkeypatch):
    """Without the `cli` extra nothing runs but the advice."""
    monkeypatch.setattr(cli, "find_spec", lambda _name: None)
    status, out, err = qaf("schema", "pack")
    assert (status, out) == (2, "")
    assert "qaf-rules[cli]" in err


@pytest.mark.usefixtures("wide")
def test_bad_rows_are_told_and_good_ones_answered(qaf, written):
    """A fault gives exit status 2, its place and its help; the list stands all the same."""
    text = REGISTER.read_text(encoding="utf-8").replace("kind: complaint", "kind: complain")
    status, out, _ = qaf("assess", written("adults.yaml", text), "--on", ON)
    assert status == 2
    assert "1 thing in the register could not be read" in out
    assert "did you mean `complaint`?" in out
    assert out.index("Larch House") < out.index("could not be read")


def test_faults_are_in_the_json_and_on_stderr(qaf, written):
    """What reads JSON finds the faults there; standard output stays JSON."""
    text = REGISTER.read_text(encoding="utf-8").replace("kind: complaint", "kind: complain")
    status, out, err = qaf("assess", written("adults.yaml", text), "--on", ON, "--json")
    assert status == 2
    (fault,) = json.loads(out)["faults"]
    assert fault["line"] > 1
    assert "complain" in err


def test_a_profile_that_contradicts_itself_is_a_fault_of_its_provider(qaf, written):
    """The others are answered."""
    text = """
framework: adults
providers:
  - provider: {provider_id: a, service_type: care_home, regulator: none, cqc_regulated: true}
  - provider: {provider_id: b, service_type: care_home, regulator: cqc}
"""
    status, out, _ = qaf("assess", written("r.yaml", text), "--on", ON)
    assert status == 2
    assert "\nb\n" in out or "\nb " in out
    assert "could not be read" in out
    assert "r.yaml:4:" in out
    assert "help: correct this, or what it contradicts" in out


def test_a_profile_that_its_history_contradicts_is_a_fault_of_its_provider(qaf, written, tmp_path):
    """What only the findings contradict is told when it is assessed; the others are answered."""
    pack = Path(shutil.copytree(GENERIC, tmp_path / "bread_rounds"))
    vocabulary = (pack / "vocabulary.yaml").read_text("utf-8")
    rule = "guild_grade: {known: true}}"
    assert vocabulary.count(rule) == 1
    (pack / "vocabulary.yaml").write_text(vocabulary.replace(rule, "burnt_batches: 1}"), "utf-8")
    register = written(
        "r.yaml",
        """
providers:
  - provider: {provider_id: a, guild: no_guild}
    findings: [{kind: burnt_batch, on: 2026-11-01, ref: BB-1}]
  - provider: {provider_id: b, guild: no_guild}
""",
    )
    status, out, err = qaf("assess", register, "--on", ON, "--framework", pack, "--json")
    assert status == 2
    assert [p["provider"] for p in json.loads(out)["providers"]] == ["b"]
    assert "A guild's grade needs a guild." in err
    assert "provider a, field guild" in err


@pytest.fixture
def locations(written):
    """Give a regulator's file of two locations, one of them no longer registered."""
    one = {
        "locationId": "1-1",
        "name": "North House",
        "registrationStatus": "Registered",
        "gacServiceTypes": [{"name": "Residential homes"}, {"name": "Lighthouse keeping"}],
        "currentRatings": {"overall": {"rating": "Inadequate", "reportDate": "2026-02-01"}},
    }
    other = {**one, "locationId": "1-2", "name": "Old House", "registrationStatus": "Deregistered"}
    return written("adults-cqc.json", json.dumps([one, other]))


@pytest.mark.usefixtures("wide")
def test_a_regulators_file_is_a_register(qaf, locations):
    """What it says that the pack has no word for is listed, and grades have their effect."""
    status, out, _ = qaf("assess", locations, "--on", ON)
    assert status == 0
    assert "Meet the provider about the impact and the risk" in out
    assert "1 entry has no word in the pack" in out
    assert "Lighthouse keeping" in out
    assert "Old House" not in out


def test_deregistered_locations_are_kept_when_asked_for(qaf, locations):
    """`--include-deregistered` keeps them."""
    _, out, _ = qaf("assess", locations, "--on", ON, "--include-deregistered", "--json")
    assert len(json.loads(out)["providers"]) == 2


@pytest.mark.usefixtures("wide")
def test_what_several_providers_share_and_when_forums_sit_is_told_once(qaf, written):
    """A problem of two providers is the sector's; the next sitting of a forum is told."""
    text = """
framework: children
settings: {inclusion_group_anchor: 2026-11-03}
providers:
"""
    for id_ in ("a", "b"):
        text += f"""
  - provider: {{provider_id: {id_}, service_type: residential_childrens_home}}
    findings: [{{kind: complaint, on: 2026-10-04, ref: C-{id_}, severity: minor}}]
"""
    status, out, _ = qaf("assess", written("r.yaml", text), "--on", ON)
    assert status == 0
    whole = " ".join(out.split("For all providers together")[1].split())
    assert "complaint C-a of 4 October 2026; complaint C-b of 4 October 2026" in whole
    assert "Shared: complaint at 2 providers, a and b." in whole
    data = json.loads(qaf("assess", written("r.yaml", text), "--on", ON, "--json")[1])
    shared = {"action": "sector_wide_solution", "problem": "complaint", "providers": ["a", "b"]}
    assert data["register"]["shared"] == [shared]
    assert "Inclusion Team Group: next sitting 3 December 2026" in whole


@pytest.mark.usefixtures("wide")
def test_a_long_name_has_its_ratings_below(qaf, written):
    """What does not fit on one line stands on two."""
    name = "The Residential Home for Older People of the Parish of Saint Bartholomew the Great"
    text = REGISTER.read_text(encoding="utf-8").replace("name: Elm Court", f"name: {name}")
    _, out, _ = qaf("assess", written("r.yaml", text), "--on", ON)
    heading, ratings = out[out.index(name) :].splitlines()[:2]
    assert heading == f"{name} (elm-court)"
    assert ratings.startswith("  suggested: ")


# --- which framework -----------------------------------------------------------------------------


def test_the_framework_is_named_in_the_register_or_by_its_file(qaf, tmp_path):
    """A register that names its framework needs no option, whatever its form."""
    adults = qaf_rules.load("adults")
    register = read_register(REGISTER, adults)
    for name in ("adults-2026.xlsx", "homes.xlsx", "homes"):
        write_register(register, tmp_path / name, adults)
        status, out, err = qaf("assess", tmp_path / name, "--on", ON, "--json")
        assert (status, err) == (0, "")
        assert json.loads(out)["framework"] == "adults"


def test_a_register_that_names_no_framework_asks_which(qaf, written):
    """Nothing is guessed."""
    register = written("homes.yaml", "providers: []\n")
    status, _, err = qaf("assess", register, "--on", ON)
    assert status == 2
    assert "does not say which framework" in err
    assert "--framework `adults` or `children`" in err


def test_a_register_of_nobody_is_answered(qaf, written):
    """With no provider the totals say so."""
    status, out, _ = qaf(
        "assess", written("r.yaml", "framework: adults\nproviders: []\n"), "--on", ON
    )
    assert status == 0
    assert "0 providers: 0 need attention" in out
    assert "Suggested" not in out


def test_a_register_that_cannot_be_read_is_said_so_whatever_the_framework(qaf, written):
    """A broken workbook is broken, and not of an unknown framework."""
    status, _, err = qaf("assess", written("homes.xlsx", "no workbook"), "--on", ON)
    assert status == 2
    assert "the workbook cannot be read" in err


def test_settings_and_readings_go_before_the_registers_own(qaf, written):
    """A file of settings and a chosen reading take effect."""
    settings = written("council.yaml", "due_soon_days: 60\n")
    args = ("assess", REGISTER, "--on", ON, "--provider", "larch-house", "--json")
    (before,) = json.loads(qaf(*args)[1])["providers"]
    (after,) = json.loads(qaf(*args, "--settings", settings, "--reading", "X-A-10=monthly")[1])[
        "providers"
    ]

    def status(data):
        return next(i["status"] for i in data["schedule"] if i["activity"] == "qm4")

    assert (status(before), status(after)) == ("not_due", "due_soon")


# --- qaf plan ------------------------------------------------------------------------------------

PLANNED = {
    "roles": "roles: {officer: Officer}\nworkload: {counts: [visit], ranking: [poor]}\n",
    "activities.yaml": """
visit: {name: Visit, every: 12 months, owner: officer, clause: T-1}
call: {name: Call, as_required: true}
letter: {name: Letter, once: {within: 24 hours, of: call}, owner: officer, clause: T-1}
sheet: {name: Sheet, quarterly: {start: calendar_year, by_day: 15}, clause: T-1}
""",
    "matrix.yaml": """
homes:
  when: {service_type: home}
  activities: {visit: {}, call: {}, letter: {}, sheet: {}}
""",
}
HOMES = """
framework: tiny
providers:
  - provider: {provider_id: ash, service_type: home}
    activities: [{activity: visit, completed: 2025-12-31}]
    findings: [{kind: judgement, on: 2026-01-05, by: officer, fact: poor, value: true}]
  - provider: {provider_id: elm, name: Elm House, service_type: home}
    activities: [{activity: visit, completed: 2025-12-31}]
  - provider: {provider_id: oak, name: Oak House, service_type: home}
    activities:
      - {activity: visit, completed: 2025-02-28}
      - {activity: visit, planned: 2026-03-10}
      - {activity: call, completed: 2026-03-02, time: "09:30"}
      - {activity: sheet, completed: 2026-01-15, period: 2025-Q4}
"""


@pytest.fixture
def homes(tiny, written):
    """Give the arguments of a plan of three homes from a Monday on."""
    path = tiny / "pack.yaml"
    path.write_text(path.read_text("utf-8") + PLANNED["roles"], "utf-8")
    (tiny / "activities.yaml").write_text(PLANNED["activities.yaml"], "utf-8")
    (tiny / "matrix.yaml").write_text(PLANNED["matrix.yaml"], "utf-8")
    return "plan", written("homes.yaml", HOMES), "--framework", tiny, "--on", "2026-03-02"


@pytest.mark.usefixtures("wide")
def test_the_plan_by_date_and_by_month(qaf, homes):
    """Every due date is in the table; the grids count them by activity, officer and month."""
    status, out, err = qaf(*homes, "--until", "2026-12-31")
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[:3] == ["The plan from 2 March 2026 to 31 December 2026", "Tiny, V1", ""]
    assert [line for line in lines if line[:4] == "2026"] == [
        "2026-02-28 Oak House Visit the Officer",
        "2026-03-03 09:30 Oak House Letter the Officer",
        "2026-04-15 ash Sheet, 2026-Q1 nobody",
        "2026-04-15 Elm House Sheet, 2026-Q1 nobody",
        "2026-04-15 Oak House Sheet, 2026-Q1 nobody",
        "2026-07-15 ash Sheet, 2026-Q2 nobody",
        "2026-07-15 Elm House Sheet, 2026-Q2 nobody",
        "2026-07-15 Oak House Sheet, 2026-Q2 nobody",
        "2026-10-15 ash Sheet, 2026-Q3 nobody",
        "2026-10-15 Elm House Sheet, 2026-Q3 nobody",
        "2026-10-15 Oak House Sheet, 2026-Q3 nobody",
        "2026-12-31 ash Visit the Officer",
        "2026-12-31 Elm House Visit the Officer",
    ]
    assert "Activity late Mar Apr May Jun Jul Aug Sep Oct Nov Dec all" in lines
    assert "Visit 1 · · · · · · · · · 2 3" in lines
    assert "Letter · 1 · · · · · · · · · 1" in lines
    assert "Sheet · · 3 · · 3 · · 3 · · 9" in lines
    assert "Officer late Mar Apr May Jun Jul Aug Sep Oct Nov Dec all" in lines
    assert "the Officer 1 1 · · · · · · · · 2 4" in lines
    assert "nobody · · 3 · · 3 · · 3 · · 9" in lines
    assert lines[-4:] == [
        "13 due dates, 1 of them overdue already.",
        "",
        "Overdue",
        "Oak House (oak): Visit, due 28 February 2026",
    ]


@pytest.mark.usefixtures("wide")
def test_a_plan_is_a_year_unless_said(qaf, homes):
    """Without `--until` the plan ends the day before the same day of the next year."""
    _, out, _ = qaf(*homes)
    assert out.startswith("The plan from 2 March 2026 to 1 March 2027\n")
    assert "2027-02-28" in out
    assert "2027-03-01" not in out


@pytest.mark.usefixtures("wide")
def test_a_plan_within_a_capacity(qaf, homes):
    """With one visit a month the overdue goes first, then the poor; the third finds November."""
    status, out, _ = qaf(*homes, "--until", "2026-12-31", "--capacity", "1")
    assert status == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert [line for line in lines if "Visit the Officer" in line] == [
        "2026-02-28 Oak House Visit the Officer 2026-03-02",
        "2026-12-31 ash Visit the Officer 2026-12-31",
        "2026-12-31 Elm House Visit the Officer 2026-11-30",
    ]
    assert "13 due dates, 1 of them overdue already; a day is proposed for 3." in lines
    assert lines[-2:] == ["Cannot be met in time", "Oak House (oak): Visit, due 28 February 2026"]


def test_a_plan_in_which_nothing_is_overdue_ends_with_its_total(qaf, homes):
    """Where nothing is overdue, and all can be met, nothing more is said."""
    _, out, _ = qaf(*homes, "--provider", "elm", "--until", "2026-12-31")
    told = out.split("\n\nWhat is next\n")[0]
    assert told.splitlines()[-1] == "4 due dates, 0 of them overdue already."


@pytest.mark.usefixtures("wide")
def test_the_plan_of_one_provider_has_its_history(qaf, homes):
    """`--provider` plans one, says what is next, and of each record what it counted for."""
    status, out, _ = qaf(*homes, "--provider", "Oak House", "--until", "2026-12-31")
    assert status == 0
    assert "Elm House" not in out
    ahead, done = out.split("What is next\n")[1].split("\n\nWhat has been done\n")
    assert [" ".join(line.split()) for line in ahead.splitlines()] == [
        "What Not before Due Overdue from Missed from",
        "Visit 2025-03-01 2026-02-28 2026-03-01 2027-03-01",
        "Letter · 2026-03-03 2026-03-04 ·",
        "Sheet, 2026-Q1 2026-04-01 2026-04-15 2026-04-16 2026-07-16",
    ]
    assert done.splitlines() == [
        "  2025-02-28  Visit: counted for its due date  T-1",
        "  2026-03-10  Visit: is only arranged or asked for  T-1",
        "  2026-03-02  Call: was done without having to be",
        "  2026-01-15  Sheet, 2025-Q4: counted for its due date (due 2026-01-15)  T-1",
    ]


def test_a_provider_without_history_has_none_told(qaf, homes, written):
    """Of a provider of whom nothing was done nothing is judged."""
    register = written("new.yaml", "framework: tiny\nproviders: [{provider: {provider_id: fir}}]\n")
    status, out, _ = qaf("plan", register, *homes[2:], "--provider", "fir")
    assert status == 0
    assert out.endswith("What has been done\n")
    assert "0 due dates, 0 of them overdue already." in out


def test_a_plan_as_csv(qaf, homes):
    """A row for each due date, days as text, what is late marked, clauses apart by a space."""
    status, out, _ = qaf(*homes, "--until", "2026-04-30", "--capacity", "1", "--csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert status == 0
    assert [(row["provider"], row["due"], row["late"]) for row in rows] == [
        ("oak", "2026-02-28", "yes"),
        ("oak", "2026-03-03", ""),
        ("ash", "2026-04-15", ""),
        ("elm", "2026-04-15", ""),
        ("oak", "2026-04-15", ""),
    ]
    assert rows[0] == {
        "provider": "oak",
        "name": "Oak House",
        "activity": "visit",
        "period": "",
        "earliest": "2025-03-01",
        "due": "2026-02-28",
        "due_at": "",
        "late": "yes",
        "officer": "officer",
        "proposed": "2026-03-02",
        "clauses": "T-1",
    }
    assert rows[1]["due_at"] == "2026-03-03T09:30:00+00:00"
    assert (rows[2]["period"], rows[2]["earliest"]) == ("2026-Q1", "2026-04-01")


def test_a_plan_as_json(qaf, homes):
    """The due dates, what cannot be met, and the numbers by month, activity and officer."""
    status, out, _ = qaf(*homes, "--until", "2026-04-30", "--json")
    data = json.loads(out)
    assert status == 0
    assert (data["framework"], data["version"]) == ("tiny", "V1")
    assert (data["on"], data["until"]) == ("2026-03-02", "2026-04-30")
    assert len(data["dues"]) == 5
    assert data["dues"][0]["clauses"] == ["T-1"]
    assert data["dues"][0]["late"] is True
    assert data["dues"][1]["proposed"] is None
    assert data["unmet"] == [data["dues"][0]]
    assert data["by_month"] == [
        {"month": "2026-02", "activity": "visit", "officer": "officer", "number": 1},
        {"month": "2026-03", "activity": "letter", "officer": "officer", "number": 1},
        {"month": "2026-04", "activity": "sheet", "officer": "nobody", "number": 3},
    ]


def test_a_plan_of_a_faulty_register_tells_its_faults(qaf, homes, written):
    """Rows that cannot be read are told, the others are planned, and the status is 2."""
    register = written("faulty.yaml", HOMES.replace("2025-12-31", "2025-12-32", 1))
    status, out, err = qaf("plan", register, *homes[2:], "--until", "2026-12-31", "--csv")
    assert status == 2
    assert "`2025-12-32` is a day that does not exist" in err
    assert "elm,Elm House,visit" in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--until", "2026-03-01"], "the plan ends on 2026-03-01, before it begins on 2026-03-02"),
        (["--until", "2026-02-30"], "`2026-02-30` is a day that does not exist"),
        (["--capacity", "many"], "`many` is no number of visits: write a whole number"),
        (["--capacity", "-1"], "`-1` is no number of visits: write a whole number"),
        (["--capacity", "1.5"], "`1.5` is no number of visits: write a whole number"),
        (["--csv", "--json"], "not allowed with argument"),
        (["--provider", "okk"], "did you mean `oak`?"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(qaf, homes, args, message):
    """A plan that ends before it begins, or a number that is none, is refused with help."""
    status, out, err = qaf(*homes, *args)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())


def test_a_plan_may_be_of_one_day(qaf, homes):
    """A plan may end on the day on which it begins."""
    status, out, _ = qaf(*homes, "--until", "2026-03-02", "--csv")
    assert status == 0
    assert [row["due"] for row in csv.DictReader(out.splitlines())] == ["2026-02-28"]


def test_the_regulators_published_file_is_planned(qaf):
    """Every registered location of the published file gets a plan, within its days and in order."""
    if not PUBLISHED.exists():
        pytest.skip(f"the regulator's file {PUBLISHED.name} is not beside the project")
    raw = json.loads(PUBLISHED.read_text("utf-8"))
    registered = {one["locationId"] for one in raw if one["registrationStatus"] == "Registered"}
    args = ("--framework", "adults", "--on", "2026-03-02", "--until", "2026-04-30", "--json")
    status, out, err = qaf("plan", PUBLISHED, *args)
    dues = json.loads(out)["dues"]
    assert (status, err) == (0, "")
    assert {due["provider"] for due in dues} <= registered
    assert dues == sorted(dues, key=lambda due: (due["due"], due["provider"], due["activity"]))
    assert all("2026-03-02" <= due["due"] <= "2026-04-30" and not due["late"] for due in dues)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["assess", "nowhere.yaml", "--on", ON], "there is no such file or folder"),
        (["assess", REGISTER, "--on", "2026-02-30"], "`2026-02-30` is a day that does not exist"),
        (["assess", REGISTER, "--on", "22/11/2026"], "write it as YYYY-MM-DD"),
        (["assess", REGISTER], "the following arguments are required: --on"),
        (["assess", REGISTER, "--on", ON, "--framework", "adlts"], "did you mean `adults`?"),
        (
            ["assess", REGISTER, "--on", ON, "--framework", "children"],
            "the register is of `adults`",
        ),
        (["assess", REGISTER, "--on", ON, "--provider", "larch-hous"], "did you mean"),
        (["assess", REGISTER, "--on", ON, "--provider", "zzz"], "the register has `larch-house`"),
        (["assess", REGISTER, "--on", ON, "--reading", "X-A-10"], "write it as X-A-10=monthly"),
        (["assess", REGISTER, "--on", ON, "--reading", "X-A-10=montly"], "did you mean `monthly`?"),
        (["assess", REGISTER, "--on", ON, "--settings", "nowhere.yaml"], "there is no such file"),
        (["brief", REGISTER, "larch-house", "qm11", "--on", ON], "did you mean"),
        (["brief", REGISTER, "larch-house", "zzzzzz", "--on", ON], "the activities are `qm1`"),
        (["brief", REGISTER, "nobody", "qm1", "--on", ON], "there is no provider `nobody`"),
        (["template", "--framework", "adlts", "new.yaml"], "there is no pack `adlts`"),
        (["template", "--framework", "adults", REGISTER], "nothing is overwritten"),
        (["test", "nowhere.yaml"], "there is no such file"),
        (["check", "nowhere"], "there is no pack `nowhere`"),
        (["schema", "register"], "give --framework"),
        (["schema", "nothing"], "invalid choice"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_input_is_refused_with_help(qaf, args, message):
    """Whatever cannot be used gives exit status 2, says what is wrong, and shows no traceback."""
    status, _, err = qaf(*args)
    assert status == 2
    assert message in " ".join(err.split())


# --- qaf brief, qaf template ---------------------------------------------------------------------


def test_a_brief_is_printed_for_an_activity_by_any_of_its_names(qaf):
    """The id and the document's own name give the same brief."""
    status, out, _ = qaf("brief", REGISTER, "larch-house", "qm1", "--on", ON)
    assert status == 0
    assert out.startswith("Quality and Contract Monitoring Meeting: Larch House")
    assert qaf("brief", REGISTER, "larch-house", "QM-1", "--on", ON)[1] == out


def test_a_brief_from_a_faulty_register_says_so(qaf, written):
    """The brief is given, the faults are told, and the status says that some are there."""
    text = REGISTER.read_text(encoding="utf-8").replace("kind: complaint", "kind: complain")
    status, out, err = qaf("brief", written("r.yaml", text), "larch-house", "qm1", "--on", ON)
    assert status == 2
    assert out.startswith("Quality and Contract")
    assert "Some of this provider's history could not be read" in err


@pytest.mark.parametrize("name", ["new.xlsx", "new.yaml", "new"])
def test_a_template_reads_back_without_a_fault(qaf, tmp_path, name):
    """The empty register that is made is a register."""
    status, out, _ = qaf("template", "--framework", "adults", tmp_path / name)
    assert status == 0
    assert name in out
    adults = qaf_rules.load("adults")
    register = read_register(tmp_path / name, adults)
    assert not register.faults
    assert len(register) == 1
    assert named_framework(tmp_path / name) == "adults"
    status, out, _ = qaf("assess", tmp_path / name, "--on", ON, "--json")
    assert (status, json.loads(out)["framework"]) == (0, "adults")


@pytest.mark.parametrize("name", ["new.xlsx", "new"])
def test_a_sheet_of_another_framework_is_refused(qaf, tmp_path, name):
    """What a register says of itself is not overruled."""
    assert qaf("template", "--framework", "adults", tmp_path / name)[0] == 0
    status, _, err = qaf("assess", tmp_path / name, "--on", ON, "--framework", "children")
    assert status == 2
    assert "the register is of `adults`, not of `children`" in err


# --- qaf test ------------------------------------------------------------------------------------


def test_cases_that_pass_are_counted(qaf, written):
    """The last line says how many passed and failed, and nothing else."""
    status, out, _ = qaf("test", written("c.yaml", PASSING))
    assert (status, out) == (0, "1 passed, 0 failed\n")


def test_a_failing_case_says_what_was_expected_what_came_back_and_why(qaf, written):
    """One line a case, one a failed expectation, with what it rests on."""
    path = written("c.yaml", FAILING)
    status, out, _ = qaf("test", path)
    assert status == 1
    case, failure, last = out.splitlines()
    assert case == f"{path}:4: one: A meeting is due a year after the last"
    assert failure.startswith("  schedule.qm1: expected ")
    assert '"due": "2026-03-04"' in failure
    assert '"due": "2026-03-03"' in failure
    assert "A-055" in failure
    assert last == "0 passed, 1 failed"


def test_files_that_cannot_be_read_give_every_fault_and_the_others_run(qaf, written):
    """All faults of all files are told with their places; the readable cases are judged."""
    bad = written("bad.yaml", PASSING.replace("on: 2026-11-22", "on: 2026-02-30"))
    worse = written("worse.yaml", PASSING.replace("expect", "expct"))
    status, out, err = qaf("test", bad, worse, written("c.yaml", PASSING))
    assert status == 2
    assert f"{bad}:6:" in err
    assert "did you mean `expect`?" in err
    assert out.splitlines()[-1] == "1 passed, 0 failed"


def test_an_empty_folder_holds_no_cases(qaf, tmp_path):
    """A folder without a case file is a mistake."""
    assert qaf("test", tmp_path)[0] == 2


def test_a_case_that_contradicts_itself_fails(qaf, written):
    """A profile that the framework refuses is a failure of its case."""
    text = PASSING.replace("cqc_regulated: true", "cqc_regulated: true, regulator: none")
    status, out, _ = qaf("test", written("c.yaml", text))
    assert status == 1
    assert "came back" in out


def test_cases_as_json(qaf, written):
    """`--json` gives the same as data."""
    status, out, _ = qaf("test", written("c.yaml", FAILING), "--json")
    data = json.loads(out)
    assert status == 1
    assert (data["passed"], data["failed"]) == (0, 1)
    ((case,),) = [data["cases"]]
    assert case["failures"][0]["expected"]["due"] == "2026-03-04"


TINY = {
    "pack.yaml": """
id: tiny
name: Tiny
version: V1
council: Nowhere
in_force: 2020-01-01
scale: {name: Rating, levels: {1: {id: good, name: Good}, 2: {id: poor, name: Poor}}}
""",
    "clauses.yaml": """
T-1: {key: visit, section: "1", strength: will, rule: executable, says: A visit each year}
T-2: {key: rating, section: "2", strength: fact, rule: executable, says: A rating is given}
T-3: {key: later, section: "3", strength: fact, rule: deferred, because: sharing, says: Later}
""",
    "readings.yaml": "{}\n",
    "vocabulary.yaml": """
fields:
  service_type: {type: [home], label: service, ask: Which service?}
  contract_start: {type: date, label: start, ask: When did the contract start?}
facts:
  poor: {type: boolean, label: poor, ask: Is it poor?, benign: [false], topic: all_of_it}
topics: {all_of_it: All of it}
""",
    "activities.yaml": "visit: {name: Visit, every: 12 months, clause: T-1}\n",
    "matrix.yaml": "homes: {when: {service_type: home}, activities: {visit: {class: minimum}}}\n",
    "rating.yaml": "poor_quality: {level: 2, when: {poor: true}, text: It is poor., clause: T-2}\n",
}
TINY_CASES = """
framework: tiny
cases:
  - id: one
    name: A visit is due after a year
    on: 2026-11-22
    provider: {service_type: home}
    activities: [{activity: visit, completed: 2025-03-03}]
    expect: {schedule: {visit: {status: overdue, due: 2026-03-03}}}
"""


@pytest.fixture
def tiny(tmp_path):
    """Give the folder of a small pack."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, text in TINY.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_coverage_says_what_no_case_exercises_and_a_threshold_fails(qaf, tiny, written):
    """One of two clauses is exercised; below the threshold the status is 1."""
    cases = written("c.yaml", TINY_CASES)
    status, out, _ = qaf("test", cases, "--pack", tiny, "--coverage")
    assert status == 0
    assert "T-2 is not exercised" in out
    assert "1 of 2 executable clauses exercised (50.0%)" in out
    assert out.splitlines()[-1] == "1 passed, 0 failed"
    assert qaf("test", cases, "--pack", tiny, "--threshold", "50")[0] == 0
    assert qaf("test", cases, "--pack", tiny, "--threshold", "51")[0] == 1
    (coverage,) = json.loads(qaf("test", cases, "--pack", tiny, "--coverage", "--json")[1])[
        "coverage"
    ]
    assert coverage["percent"] == 50.0
    assert list(coverage["not_exercised"]) == ["T-2"]


# --- qaf check, qaf schema -----------------------------------------------------------------------


def test_check_reports_with_places_and_counts_deferred_clauses(qaf, tiny):
    """What is doubtful is told with file, line and column; the count of deferred is printed."""
    (tiny / "clauses.yaml").write_text(
        TINY["clauses.yaml"]
        + 'T-4: {key: no, section: "4", strength: will, rule: executable, says: No}\n',
        encoding="utf-8",
    )
    status, out, _ = qaf("check", tiny)
    assert status == 1
    assert "clauses.yaml:5:" in out
    assert "1 of 4 clauses deferred (1 sharing)" in out.splitlines()[-1]


def test_check_tells_a_review_date_that_is_past(qaf):
    """With a day, a document past its review date is a notice."""
    _, out, _ = qaf("check", "adults", "--on", ON)
    assert "was to be reviewed by" in out


def test_a_faulty_pack_gives_every_fault(qaf, tiny):
    """Faults of the schema keep a pack from loading, all of them told."""
    (tiny / "rating.yaml").write_text("a: {level: 2, whn: {poor: true}}\n", encoding="utf-8")
    (tiny / "activities.yaml").write_text("visit: {nam: Visit}\n", encoding="utf-8")
    status, _, err = qaf("check", tiny)
    assert status == 2
    assert "rating.yaml:1:" in err
    assert "activities.yaml:1:" in err


def test_a_name_that_there_is_not_hides_no_other(qaf, tmp_path):
    """A fact that nobody declared is told with the subject, audience, step and role that nobody did."""
    path = tmp_path / "ours.yaml"
    path.write_text(
        "extends: adults\nsharing:\n"
        "  mine: {what: pqrs, audience: gmicbs, when: {no_fact: true}, steps: [ask_them],\n"
        "    answer: permitted, decided_by: cqom, text: So it is, clause: A-188}\n",
        encoding="utf-8",
    )
    status, _, err = qaf("check", path)
    assert status == 2
    names = (
        "value `no_fact`",
        "subject `pqrs`",
        "audience `gmicbs`",
        "step `ask_them`",
        "role `cqom`",
    )
    assert [name for name in names if f"there is no {name}" not in err] == []


@pytest.mark.parametrize("args", [["pack"], ["register", "--framework", "adults"], ["assessment"]])
def test_schemas_are_schemas(qaf, args):
    """Each schema that is printed is a valid JSON Schema."""
    status, out, _ = qaf("schema", *args)
    assert status == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_the_schema_of_one_file_is_printed(qaf):
    """An editor needs the schema of the file that is open; a slip in its name has a hint."""
    made = json.loads(qaf("schema", "pack", "--section", "flags")[1])
    assert made["title"] == "flags.yaml of a pack"
    status, _, err = qaf("schema", "pack", "--section", "flag.yaml")
    assert status == 2
    assert "did you mean `flags`?" in err


def test_the_small_pack_of_the_docs_is_clean_and_its_cases_pass(qaf):
    """The pack that the how-to points at keeps what the how-to promises."""
    status, out, _ = qaf("check", GENERIC)
    assert status == 0
    assert "0 faults, 0 notices" in out
    assert qaf("test", GENERIC / "cases", "--pack", GENERIC)[:2] == (0, "3 passed, 0 failed\n")


# --- how it behaves ------------------------------------------------------------------------------


def test_a_bar_appears_only_when_it_takes_long(qaf, monkeypatch):
    """After two seconds a progress bar shows on stderr, never in the output."""
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    status, out, err = qaf("assess", REGISTER, "--on", ON, "--json")
    assert status == 0
    json.loads(out)
    assert "assessing" in err


def test_a_reader_that_stops_early_is_no_error(qaf, monkeypatch):
    """`qaf … | head` ends quietly."""

    def stop(_args):
        raise BrokenPipeError

    monkeypatch.setattr(cli, "_schema", stop)
    stdout = sys.stdout
    try:
        assert qaf("schema", "pack")[0] == 0
    finally:
        sys.stdout = stdout


def test_a_pipe_that_closes_amid_a_table_is_no_error(monkeypatch):
    """What the printing of tables does with a closed pipe is the command's to say."""

    class Closed(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert cli.main(["assess", str(REGISTER), "--on", ON]) == 0


def test_the_output_goes_to_any_stream(qaf):
    """A stream that Python made, and no terminal or file, gets the same output."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert cli.main(["assess", str(REGISTER), "--on", ON]) == 0
    assert out.getvalue() == qaf("assess", REGISTER, "--on", ON)[1]


def test_a_process_of_its_own_reads_its_arguments_and_collects_no_garbage(monkeypatch, capsys):
    """Without arguments of its own the command takes the process's, and is over before long."""
    monkeypatch.setattr(sys, "argv", ["qaf", "schema", "assessment"])
    try:
        assert cli.main() == 0
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert json.loads(capsys.readouterr().out) == assessment_schema()


def test_an_interrupt_ends_it(qaf, monkeypatch):
    """Control-C gives the status that shells expect."""

    def stop(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_schema", stop)
    assert qaf("schema", "pack")[0] == 130


def test_what_a_command_does_not_need_is_not_imported():
    """A register in YAML is answered without the library for workbooks, JSON without printing."""
    code = (
        "import sys; from qaf_rules.cli import main; "
        f"main(['assess', {str(REGISTER)!r}, '--on', '{ON}', '--json']); "
        "print(*sorted({'rich', 'openpyxl'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr.split() == []


@pytest.mark.parametrize("args", [["--version"], ["schema", "--help"]])
def test_the_module_is_the_command(args):
    """`python -m qaf_rules` is `qaf`."""
    run = subprocess.run(
        [sys.executable, "-m", "qaf_rules", *args], capture_output=True, check=True
    )
    assert run.stdout.startswith((b"qaf 0.", b"usage: qaf schema"))


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_stream_without_the_letters_gets_an_answer(written, more):
    """A name that Latin-1 cannot hold ends in no traceback, and JSON still holds it."""
    text = REGISTER.read_text(encoding="utf-8").replace("name: Elm Court", "name: Dębowy Dwór")
    command = [
        sys.executable,
        "-m",
        "qaf_rules",
        "assess",
        written("adults.yaml", text),
        "--on",
        ON,
    ]
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    run = subprocess.run([*command, *more], capture_output=True, check=True, env=env)
    if more:
        assert "Dębowy Dwór" in [p["name"] for p in json.loads(run.stdout)["providers"]]
    else:
        assert b"D?bowy Dw\xf3r" in run.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no `head`")
@pytest.mark.parametrize(
    "command",
    [["-m", "qaf_rules", "assess", str(REGISTER), "--on", ON], [str(ROOT / "examples/monday.py")]],
)
def test_a_closed_pipe_is_no_error(command):
    """Who reads only the beginning sees no traceback."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        run.stdout.close()
        assert run.stderr is not None
        assert run.stderr.read() == b""
    assert run.returncode == 0


# --- qaf plan --ics ------------------------------------------------------------------------------


def planned(tmp_path, *more):
    """Write the plan of the children's example as a calendar, and give what came of it."""
    target = tmp_path / "plan.ics"
    register = str(ROOT / "examples" / "children.yaml")
    status = cli.main(
        ["plan", register, "--on", "2026-11-22", "--ics", str(target), "--csv", *more]
    )
    return status, target


def test_a_calendar_is_written_and_compared(tmp_path, capsys):
    """A plan is written as a calendar; writing it again changes nothing of it."""
    status, target = planned(tmp_path)
    first = target.read_bytes()
    assert (status, first.count(b"BEGIN:VEVENT") > 100) == (0, True)
    assert planned(tmp_path)[0] == 0
    assert target.read_bytes() == first
    assert capsys.readouterr().err == ""


def test_one_provider_does_not_close_the_others(tmp_path, capsys):
    """The calendar of a register is no target for the plan of one provider."""
    _, target = planned(tmp_path)
    before = target.read_bytes()
    assert planned(tmp_path, "--provider", "hazel-keys")[0] == 2
    assert "the plan only of `hazel-keys`" in capsys.readouterr().err
    assert target.read_bytes() == before


def test_one_provider_has_a_calendar(tmp_path):
    """The plan of one provider may be written, and written again."""
    assert planned(tmp_path, "--provider", "hazel-keys")[0] == 0
    assert planned(tmp_path, "--provider", "hazel-keys")[0] == 0


def test_what_is_no_calendar_stays(tmp_path, capsys):
    """A file of that name that is no calendar of a plan is refused, by its name, and stays."""
    (tmp_path / "plan.ics").write_text("minutes of the meeting")
    assert planned(tmp_path)[0] == 2
    assert f"{tmp_path / 'plan.ics'}: error: this is no iCalendar file" in capsys.readouterr().err
    assert (tmp_path / "plan.ics").read_text() == "minutes of the meeting"
