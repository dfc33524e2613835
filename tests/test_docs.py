"""What the README and the documentation show is what happens."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from qaf_rules.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Give the code blocks of a page in one language."""
    return [text for found, text in BLOCK.findall(page.read_text()) if found == language]


def running(page: Path) -> object:
    """Give a page whose examples run, skipped where they need what is not installed."""
    durable = any("import durable" in text for text in blocks(page, "python"))
    absent = pytest.mark.skipif(find_spec("durable") is None, reason="needs the extra `durable`")
    return pytest.param(page, marks=[pytest.mark.durable, absent] if durable else [], id=page.stem)


@pytest.mark.parametrize("page", [running(p) for p in PAGES if blocks(p, "python")])
def test_python_examples_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python example of a page runs, its tests too, from the top of a checkout."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), names)  # noqa: S102  # our own documentation
    for shown in [shown for name, shown in names.items() if name.startswith("test_")]:
        assert callable(shown)
        shown()


def test_the_list_in_the_readme_is_real(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list that the README shows is what the command prints, shortened where it says so."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(os.environ, "COLUMNS", "110")
    main(["assess", "examples/adults.xlsx", "--on", "2026-11-22"])
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    shown = [line for line in blocks(ROOT / "README.md", "text")[0].splitlines() if line != "…"]
    position = 0
    for line in shown:
        assert line in printed[position:], line
        position = printed.index(line, position) + 1


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file of the project."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
