"""A pytest plugin that collects the worked cases of packs: each case is a test.

pytest imports it in every project of an environment, so it imports nothing of the library until
there is a case file to read.
"""

from __future__ import annotations

from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qaf_rules.cases import Case, Runner

__all__ = ["CaseFailed", "CaseItem", "CasesFile"]

FILES = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what says which files hold cases, and to which pack they are put."""
    parser.addini(
        "qaf_cases", "case files, or folders of them, as paths or globs from the root", "linelist"
    )
    parser.addini("qaf_pack", "put the cases to this pack, a folder from the root", default="")
    parser.getgroup("qaf_rules").addoption(
        "--qaf-pack",
        metavar="PATH",
        help="put the cases to this pack, instead of the one they name",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the case files."""
    config.stash[FILES] = frozenset(_case_files(config))


def _case_files(config: pytest.Config) -> Iterator[Path]:
    for pattern in config.getini("qaf_cases"):
        for found in map(Path, glob(str(config.rootpath / pattern), recursive=True)):  # noqa: PTH207  # takes absolute patterns too
            yield from found.glob("*.yaml") if found.is_dir() else [found]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CasesFile | None:
    """Collect a file that holds cases."""
    if file_path not in parent.config.stash[FILES]:
        return None
    return CasesFile.from_parent(parent, path=file_path)


class CaseFailed(Exception):  # noqa: N818  # what pytest reports, not what anybody catches
    """A case is not answered as it says; its lines tell what was expected and what came back."""


class CasesFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[CaseItem]:
        """Give an item for each case; a file with faults is an error with all of them."""
        from qaf_rules.cases import Runner, read_cases
        from qaf_rules.errors import QafError

        try:
            read = read_cases(self.path, pack=_pack(self.config))
        except QafError as error:
            raise self.CollectError(str(error)) from None
        runner = Runner(read.framework)
        for case in read.cases:
            yield CaseItem.from_parent(self, name=case.id, case=case, runner=runner)


def _pack(config: pytest.Config) -> Path | None:
    """Give the pack that is put in place of the one that a file names."""
    given: str | None = config.getoption("qaf_pack")
    if given:
        return config.invocation_params.dir / given
    told: str = config.getini("qaf_pack")
    return config.rootpath / told if told else None


class CaseItem(pytest.Item):
    """One case as a test."""

    def __init__(self, *, case: Case, runner: Runner, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # pytest's own
        self.case = case
        self.runner = runner

    def runtest(self) -> None:
        """Run the case."""
        outcome = self.runner.answer(self.case)
        if not outcome.passed:
            raise CaseFailed(*outcome.lines())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]  # text serves
        """Tell what was expected and what came back, as `qaf test` does."""
        if isinstance(excinfo.value, CaseFailed):
            return "\n".join(excinfo.value.args)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the case with its place."""
        return self.path, self.case.line - 1, f"{self.case.id}: {self.case.name}"
