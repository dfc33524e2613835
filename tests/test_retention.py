"""What is past retention goes, what is still live stays, and nothing is said otherwise for it."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules.decisions import record_decision
from qaf_rules.model import Rating
from qaf_rules.retention import decisions_before, purge, purge_register
from qaf_rules.testing import records

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)
BEFORE = dt.date(2026, 6, 1)


@cache
def council(name="adults"):
    """Give a framework with its example register."""
    framework = qaf.load(name)
    register = qaf.read_register(ROOT / "examples" / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def said(framework, record, on=ON):
    """Give what is due, suggested, to be done and to be asked."""
    a = framework.assess(record, on=on)
    return (
        [(i.id, i.status, i.due) for i in a.schedule],
        str(a.suggestion),
        a.confirmed,
        [(each.id, each.due) for each in a.actions],
        [each.id for each in a.questions],
    )


@pytest.mark.parametrize("name", ["adults", "children"])
def test_a_purge_changes_no_answer(name):
    """Of each example much is removed, and on the day of the purge the same is said."""
    framework, register = council(name)
    left, removed = purge_register(framework, register, before=BEFORE, on=ON)
    assert sum(parts["activities"] for parts in removed.values()) > 200
    for before, after in zip(register, left, strict=True):
        assert said(framework, after) == said(framework, before)
        parts = removed.get(before.provider.id, {})
        for part in ("activities", "findings", "ratings", "decisions"):
            gone = len(getattr(before, part)) - len(getattr(after, part))
            assert gone == parts.get(part, 0)


@given(records(council()[0], on=ON), st.dates(ON - dt.timedelta(800), ON))
@settings(max_examples=25)
def test_no_purge_changes_an_answer(record, before):
    """Whatever is on record, a purge leaves what is said on its day; all that goes is older."""
    framework, _ = council()
    left, removed = purge(framework, record, before=before, on=ON)
    assert said(framework, left) == said(framework, record)
    assert [f for f in record.findings if f.status == "open" and not f.fact] == [
        f for f in left.findings if f.status == "open" and not f.fact
    ]
    assert all(f in left.findings for f in record.findings if f.on >= before)
    assert all(r in left.ratings for r in record.ratings if r.on >= before)
    assert sum(removed.values()) == sum(
        len(getattr(record, part)) - len(getattr(left, part)) for part in removed
    )


def home():
    """Give a provider with something old of every sort, live and over."""
    old, older = dt.date(2020, 5, 1), dt.date(2019, 5, 1)
    return qaf.ProviderRecord(
        provider=council()[1]["birch-lea"].provider,
        activities=(
            qaf.Activity(activity="qm1", completed=older),
            qaf.Activity(activity="qm1", completed=old),
            qaf.Activity(activity="qm3", planned=old),
        ),
        findings=(
            qaf.Finding(kind="complaint", on=old, status="closed"),
            qaf.Finding(kind="complaint", on=old),
        ),
        ratings=(
            Rating(level=1, on=older, by="cqmo"),
            Rating(level=2, on=old - dt.timedelta(9), by="cqmo", stage="draft"),
            Rating(level=2, on=old, by="cqmo"),
            Rating(level=3, on=old + dt.timedelta(9), by="cqmo", stage="draft"),
        ),
        decisions=(
            qaf.Decision(decision="extra_visits", on=older, until=old),
            qaf.Decision(decision="extra_visits", on=old),
        ),
    )


def test_what_is_live_stays():
    """Open findings, decisions in force, the last visit, the newest rating and a draft since."""
    framework, _ = council()
    whole = home()
    left, removed = purge(framework, whole, before=dt.date(2021, 1, 1), on=ON)
    assert qaf.Activity(activity="qm1", completed=dt.date(2020, 5, 1)) in left.activities
    assert left.findings == whole.findings[1:]
    assert left.ratings == whole.ratings[2:]
    assert left.decisions == whole.decisions[1:]
    assert removed["ratings"] == 2
    assert said(framework, left) == said(framework, whole)


def test_what_is_live_goes_only_when_told():
    """Told so, a purge removes whatever is older than the day."""
    framework, _ = council()
    left, removed = purge(framework, home(), before=dt.date(2021, 1, 1), live=True)
    assert left == qaf.ProviderRecord(provider=left.provider)
    assert removed == {"activities": 3, "findings": 2, "ratings": 4, "decisions": 2}


def test_the_day_of_a_purge_is_no_earlier_than_what_it_removes():
    """What is to be removed must be over: an earlier day of the purge is refused."""
    framework, _ = council()
    with pytest.raises(qaf.InputError, match="the day of the purge, 2020-01-01, is before"):
        purge(framework, home(), before=BEFORE, on=dt.date(2020, 1, 1))


def test_nothing_is_removed_of_what_is_incomplete():
    """Of a provider some of whose history could not be read, nothing is removed."""
    framework, register = council()
    from dataclasses import replace

    torn = replace(register, incomplete=frozenset({"birch-lea"}))
    left, removed = purge_register(framework, torn, before=BEFORE, on=ON)
    assert left["birch-lea"] == register["birch-lea"]
    assert "birch-lea" not in removed
    assert "alder-court" in removed


def test_records_of_decisions_before_a_day(tmp_path):
    """Of a folder the older decision records are told with their days, and what is none of them."""
    framework, register = council()
    for day in (ON, BEFORE):
        a = framework.assess(register["birch-lea"], on=day)
        rating = a.confirm(a.suggestion.level or 1, by="cqmo")
        record_decision(framework, register["birch-lea"], rating).save(tmp_path / f"{day}.json")
    (tmp_path / "note.json").write_text("{}")
    (tmp_path / "note.txt").write_text("")
    found, faults = decisions_before(tmp_path, ON)
    assert found == {tmp_path / "2026-06-01.json": BEFORE}
    assert [Path(f.file).name for f in faults] == ["note.json"]
    with pytest.raises(qaf.InputError, match="there is no such folder"):
        decisions_before(tmp_path / "none", ON)
