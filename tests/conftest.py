"""What several tests share."""

import io
import json
from functools import cache
from pathlib import Path

import hypothesis
import pytest

import qaf_rules
from qaf_rules import cli

# How long an example takes is the machine's, and speed is measured in `benchmarks/`.
# The ordinary run tries the same examples every time; `--hypothesis-profile=explore` tries others.
hypothesis.settings.register_profile("fixed", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("fixed")

GOLDEN = Path(__file__).parent / "golden" / "texts"
MINIMAL = Path(__file__).parent / "golden" / "good" / "minimal"


def pytest_addoption(parser):
    """Add the one flag by which golden texts change."""
    parser.addoption(
        "--update-golden", action="store_true", help="write what comes back as the golden texts"
    )


@pytest.fixture
def golden(request):
    """Give a check of a text against the golden one of a name."""

    def check(name, text):
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check


@cache
def _harbour(written):
    own, dates, identity, more = json.loads(written)
    types = {
        "due_day": "count",
        "first_month": "count",
        "published": "date",
        "own_every": "interval",
        "pace": "token",
        "large": "boolean",
    }
    fields = {name: {"type": type_, "label": name} for name, type_ in types.items()}
    settings = {
        "terms": {"type": "any", "label": "terms"},
        "roll_days": {"type": "boolean", "label": "whether days roll"},
    }
    free = {name: {"name": name.title(), "as_required": True} for name in ("other", "third")}
    activities = {"own": {"name": "Own", "owner": "mate", "clause": "B-06", **own}, **free, **more}
    cells = {name: {} for name in activities}
    gone = {name: {"remove": True} for name in ("look", "log")}
    return qaf_rules.load(MINIMAL).amend(
        {
            "pack": {"dates": dates, **identity},
            "vocabulary": {
                "fields": fields,
                "settings": settings,
                "decisions": {
                    "sooner": {
                        "effect": "interval",
                        "carries": {"activity": "activity", "every": "interval"},
                        "clause": "B-08",
                    }
                },
            },
            "activities": activities,
            "matrix": {"boats": {"activities": {**gone, **cells}}},
        }
    )


@pytest.fixture(scope="session")
def harbour():
    """Give a framework of boats whose activity `own` recurs as told, beside `other` and `third`."""

    def made(own, *, dates=None, identity=None, settings=None, **more):
        framework = _harbour(json.dumps([own, dates or {}, identity or {}, more]))
        return framework.using(settings=settings) if settings else framework

    return made


@pytest.fixture(scope="session")
def boat():
    """Give a boat and what was done with it: pairs of an activity and a day, or whole records."""

    def made(*records, called="gull", name=None, decisions=(), **fields):
        activities = tuple(
            r
            if isinstance(r, qaf_rules.Activity)
            else qaf_rules.Activity(activity=r[0], completed=r[1])
            for r in records
        )
        provider = qaf_rules.Provider(
            id=called, name=name, fields={"service_type": "boat", **fields}
        )
        return qaf_rules.ProviderRecord(
            provider=provider, activities=activities, decisions=decisions
        )

    return made


@pytest.fixture
def qaf(capsys, monkeypatch):
    """Run a command line with what a person types; give its exit status, output and errors."""

    def run(*args, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        try:
            status = cli.main([str(arg) for arg in args])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run
