"""The checks, one session each: `nox` runs them all, `nox -s lint` one."""

from pathlib import Path

import nox

nox.options.reuse_existing_virtualenvs = True

DEV = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "dev")
PROJECT = ("-e", ".[cli,excel,testing]")
WITH_DURABLE = ("-e", ".[cli,durable,excel,testing]")


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the tests, on the oldest Python with branch coverage of what all of them run."""
    session.install(*PROJECT, *DEV)
    cover = session.python == "3.11" and not session.posargs
    session.run("pytest", *(["--cov"] if cover else []), *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the code and of the packs."""
    session.install(*DEV)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("yamllint", "--strict", "frameworks")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    session.install(*PROJECT, *DEV)
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that imports point one way."""
    session.install(*PROJECT, *DEV)
    session.run("lint-imports")


@nox.session
def wheel(session: nox.Session) -> None:
    """Run the packs' cases from the installed wheel."""
    tmp = Path(session.create_tmp())
    for old in tmp.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp), ".")
    (built,) = tmp.glob("*.whl")
    session.install("--force-reinstall", f"{built}[cli,excel]")
    session.cd(tmp)
    find = "import qaf_rules, pathlib; print(pathlib.Path(qaf_rules.__file__).parent)"
    package = Path(str(session.run("python", "-c", find, silent=True)).strip())
    session.run("qaf", "test", *map(str, sorted(package.glob("frameworks/*/cases/*.yaml"))))


@nox.session(python=["3.11", "3.12"])
def durable(session: nox.Session) -> None:
    """Run the tests that need durable-rules, which needs a C compiler."""
    session.install(*WITH_DURABLE, *DEV)
    measured = ("--cov", "--cov-config=.ci/coverage-durable.toml")
    session.run("pytest", "-m", "durable", "--ignore=tests/differential", *measured)
    session.run("pytest", "-m", "durable", "tests/differential")


@nox.session(python="3.11")
def soak(session: nox.Session) -> None:
    """Hold both engines against each other for so many minutes, 20 where none are told.

    `nox -s soak -- MINUTES [SEED]` prints the seed of every round; `-- 0 SEED` plays one again.
    """
    session.install(*WITH_DURABLE, *DEV)
    session.run("python", "tests/differential/both_engines.py", *(session.posargs or ["20"]))
