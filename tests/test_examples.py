"""The example registers are whole, are the same in both forms, and give a list worth reading."""

import datetime as dt
import os
import runpy
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import qaf_rules as qaf
from qaf_rules.attention import attention
from qaf_rules.registers import write_register
from qaf_rules.shapes import STATUSES

EXAMPLES = Path(__file__).parent.parent / "examples"
SUNDAY = dt.date(2026, 11, 22)
TYPICAL = 5
"""Lines of attention for a typical provider."""


@pytest.fixture(scope="module", params=["adults", "children"])
def example(request):
    """A framework with its example register, and every assessment of it."""
    framework = qaf.load(request.param)
    register = qaf.read_register(EXAMPLES / f"{request.param}.yaml", framework)
    framework = framework.using(settings=register.settings)
    assessed = {home.provider.id: framework.assess(home, on=SUNDAY) for home in register}
    return framework, register, assessed


def test_the_register_is_whole(example):
    """Twenty-five providers, no faults, and every service type of the pack among them."""
    framework, register, _ = example
    assert len(register) == 25
    assert register.faults == ()
    found = {service for home in register for service in home.provider.fields["service_type"]}
    assert found == set(framework.pack.fields["service_type"].type.values)


def test_workbook_and_yaml_say_the_same(example):
    """The committed workbook reads back to the register that the YAML holds."""
    framework, register, _ = example
    workbook = qaf.read_register(EXAMPLES / f"{framework.id}.xlsx", framework)
    assert workbook.faults == ()
    assert workbook == register


def test_every_form_reads_the_same(example, tmp_path):
    """Written as YAML and as a folder of CSV files, it reads back to the same register."""
    framework, register, _ = example
    for name in ("again.yaml", "sheets"):
        write_register(register, tmp_path / name, framework)
        again = qaf.read_register(tmp_path / name, framework)
        assert again.faults == ()
        assert again == register


def test_the_workbooks_are_made_from_the_yaml(tmp_path):
    """Running the script again gives registers equal to the committed ones."""
    _run("make_workbooks.py", str(tmp_path))
    for name in ("adults", "children"):
        framework = qaf.load(name)
        made = qaf.read_register(tmp_path / f"{name}.xlsx", framework)
        assert made == qaf.read_register(EXAMPLES / f"{name}.xlsx", framework)


def test_eighteen_months_of_every_kind_of_record(example):
    """The history reaches back eighteen months, ends on the day, and speaks of every kind."""
    framework, register, _ = example
    days = [a.completed for home in register for a in home.activities if a.completed]
    assert min(days) <= dt.date(2025, 6, 1)
    assert max(days) <= SUNDAY
    assert {f.kind for home in register for f in home.findings} == set(framework.pack.kinds)
    assert {f.status for home in register for f in home.findings} == set(STATUSES)
    assert any(f.recorded and f.recorded > f.on for home in register for f in home.findings)
    assert {r.status for home in register for r in home.ratings} == {"confirmed", "overridden"}
    used = {decision.decision for home in register for decision in home.decisions}
    assert used >= {"answer", "shorter_interval"}
    assert {framework.pack.id} == {r.framework.split()[0] for h in register for r in h.ratings}


def test_what_came_in_and_what_did_not(example):
    """Most returns came in time; the schedule holds some that are late, and not many."""
    _, _, assessed = example
    items = [item for a in assessed.values() for item in a.schedule]
    late = [item for item in items if item.status == "overdue"]
    assert 1 <= len(late) <= 8
    assert sum(item.status == "done" for item in items) > len(late)


def test_mondays_list_is_short(example):
    """A typical provider has few lines, none has more than five, and several have none."""
    framework, register, assessed = example
    found = attention(assessed.values(), framework.pack, records=register.records)
    counts = [len(entry.lines) for entry in found.providers]
    every = counts + [0] * (len(register) - len(counts))
    assert median(every) <= TYPICAL
    assert max(every) <= TYPICAL
    assert every.count(0) >= 5
    assert found.totals.overdue_providers <= 5


STORIES = {
    "adults": {
        "alder-court": ("suggested", 1),
        "cobden-house": ("suggested", 4),
        "dunmere-nursing": ("gap", 2),
        "ellesby-grange": ("suggested", 3),
        "fernlea": ("insufficient_information", None),
        "yarrow-house": ("suggested", 5),
        "westmere-house": ("none", None),
    },
    "children": {
        "dovecote-house": ("suggested", 1),
        "copper-beech": ("suggested", 4),
        "pebblebrook-school": ("gap", 2),
        "gatehouse-living": ("suggested", 3),
        "ridge-school": ("insufficient_information", None),
        "yewdale-house": ("suggested", 5),
        "wren-house": ("none", None),
    },
}


def test_the_stories_come_out_as_they_are_told(example):
    """What each provider of a story is there to show is what the evidence suggests."""
    framework, _, assessed = example
    for id_, expected in STORIES[framework.id].items():
        suggestion = assessed[id_].suggestion
        assert (suggestion.status, suggestion.level) == expected, id_


def test_the_well_run_need_nothing_and_the_out_of_scope_get_nothing(example):
    """Neither has an action or a live item of the council; what is out of scope says so."""
    framework, _, assessed = example
    well, outside = {
        "adults": ("alder-court", "westmere-house"),
        "children": ("dovecote-house", "wren-house"),
    }[framework.id]
    for a in (assessed[well], assessed[outside]):
        assert a.actions == ()
        assert not any(item.live and item.owner != "provider" for item in a.schedule)
    assert assessed[outside].flags.has("out_of_scope")


def test_one_answer_settles_the_level(example):
    """Where level 3 may be 4, the one answer that is asked for makes it 3 or 4."""
    framework, register, assessed = example
    id_ = {"adults": "ellesby-grange", "children": "gatehouse-living"}[framework.id]
    a = assessed[id_]
    assert (a.suggestion.level, a.suggestion.highest) == (3, 4)
    for answer, level in ((False, 3), (True, 4)):
        question = a.questions["safeguarding_numerous"]
        home = register[id_].with_answer(question, answer, by="cqmo", on=SUNDAY)
        settled = framework.assess(home, on=SUNDAY).suggestion
        assert (settled.level, settled.highest) == (level, level if answer else 3)


def test_what_was_entered_late_was_not_known_before(example):
    """A complaint of one month that was entered the next is left out of the days between."""
    framework, register, _ = example
    id_, entered = {
        "adults": ("larkhill-living", dt.date(2026, 11, 16)),
        "children": ("bracken-house", dt.date(2026, 11, 17)),
    }[framework.id]
    before = framework.assess(register[id_], on=entered - dt.timedelta(days=1))
    after = framework.assess(register[id_], on=entered)
    assert not before.actions.has("consider_safety_visit")
    assert after.actions.has("consider_safety_visit")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("monday.py", ["25 providers", "3, possibly 4", "Suggested: 3. Confirmed: 3."]),
        ("what_if.py", ["44 today, 26 then", "Cobden House: as before"]),
    ],
)
def test_the_scripts_run(script, says):
    """Each example script runs as it stands and prints what it is there to show."""
    printed = _run(script)
    for words in says:
        assert words in printed


def test_importing_a_script_does_nothing():
    """A script is a module too: it acts only when it is run."""
    for script in ("make_workbooks.py", "monday.py", "what_if.py"):
        assert "main" in runpy.run_path(str(EXAMPLES / script))


def _run(script, *args):
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
