import subprocess
import sys
from pathlib import Path

import pytest

import qaf_rules

ROOT = Path(__file__).parents[1]
OPTIONAL_OR_HEAVY = {
    "IPython",
    "altair",
    "cryptography",
    "durable",
    "holidays",
    "hypothesis",
    "icalendar",
    "narwhals",
    "openpyxl",
    "polars",
    "rich",
    "vl_convert",
}


def readme_command(heading):
    """Return the first command under a heading of the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    (command,) = section.split("```sh\n", 1)[1].split("\n```", 1)[0].splitlines()
    return command


def test_ci_runs_the_test_command_of_the_readme():
    """What the README tells a newcomer to paste is what CI runs, as one line."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert readme_command("Test") in [line.strip() for line in script.splitlines()]


@pytest.mark.parametrize("heading", ["Set up and run", "Test"])
def test_a_command_of_the_readme_needs_no_c_compiler(heading):
    """Neither line asks for the one extra that is built from C."""
    assert "durable" not in readme_command(heading)


def test_importing_the_library_loads_nothing_optional_or_heavy():
    """The public names leave every extra, and the bank holidays, until they are used."""
    code = "import sys; from qaf_rules import *; print(*{n.partition('.')[0] for n in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "qaf_rules" in loaded
    assert OPTIONAL_OR_HEAVY.isdisjoint(loaded)


def test_the_library_has_its_public_names_and_no_others():
    """Each public name can be had from the library; another is told as any module tells it."""
    assert dir(qaf_rules) == qaf_rules.__all__
    assert [getattr(qaf_rules, name).__name__ for name in qaf_rules.__all__] == qaf_rules.__all__
    with pytest.raises(AttributeError, match="module `qaf_rules` has no attribute `lode`"):
        _ = qaf_rules.lode
