"""A masked record tells nobody whose it is, and its holder that it is that one's."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules.decisions import record_decision, sealed, verify
from qaf_rules.masking import MASK, mask, verify_masked
from qaf_rules.testing import records

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 11, 22)
KEY = b"a secret of the council, kept by itself"


@cache
def council(name="adults"):
    """Give a framework with its example register."""
    framework = qaf.load(name)
    register = qaf.read_register(ROOT / "examples" / f"{name}.yaml", framework)
    return framework.using(settings=dict(register.settings)), register


def kept(record, framework=None):
    """Give the record of a decision about a provider."""
    framework = framework or council()[0]
    a = framework.assess(record, on=ON)
    rating = a.confirm(a.suggestion.level or 1, by="cqmo", reason="Mrs Tell said so")
    return record_decision(framework, record, rating)


def telling(record):
    """Give the words of a provider's record that tell whose it is."""
    yield record.provider.id
    yield record.provider.name
    for finding in record.findings:
        yield finding.ref
    for decision in record.decisions:
        if " " in (decision.reason or ""):  # a single word may be one of the pack's sentences too
            yield decision.reason


@pytest.mark.parametrize("name", ["adults", "children"])
def test_masked_examples(name):
    """Each example is masked: nothing tells whose it is, the answer is the same and agrees."""
    framework, register = council(name)
    for record in register:
        original = kept(record, framework)
        masked = mask(original, KEY, framework)
        assert verify(masked, framework) == ()
        assert verify_masked(masked, original, KEY, framework) == ()
        text = masked.content.decode()
        assert not [w for w in telling(record) if w and w in text]
        assert "Mrs Tell" not in text
        assert original.digest not in text
        told, own = masked.data["assessment"], original.data["assessment"]
        assert [i["status"] for i in told["schedule"]] == [i["status"] for i in own["schedule"]]
        assert told["suggestion"]["level"] == own["suggestion"]["level"]
        assert masked.data["decision"]["level"] == original.data["decision"]["level"]


IDS = st.text("GHJKXYZ", min_size=6, max_size=9)  # no pack has such words, no digest such letters


@given(records(council()[0], on=ON), st.data())
@settings(max_examples=40)
def test_no_id_is_left(record, data):
    """Whatever a provider and what is kept of it is called, a masked record does not tell."""
    framework, _ = council()
    told = data.draw(st.lists(IDS, min_size=3, max_size=3, unique=True))
    finding = qaf.Finding(kind="complaint", on=ON, ref=told[0], attributes={"severity": "minor"})
    visit = qaf.Activity(activity="qm1", completed=ON, what=(told[1], "1-119142905"))
    home = record.model_copy(
        update={
            "provider": record.provider.model_copy(update={"id": told[2], "name": told[0]}),
            "findings": (finding,),
            "activities": (visit,),
            "decisions": (),
        }
    )
    try:
        original = kept(home)
    except qaf.InputError:  # what is drawn need not be what a register could hold
        return
    masked = mask(original, KEY, framework)
    told.append("1-119142905")  # a reference is one though it has only digits
    assert not [word for word in told if word in masked.content.decode()]
    assert verify(masked, framework) == ()
    assert verify_masked(masked, original, KEY, framework) == ()


def test_the_same_word_is_the_same_digest():
    """What belongs together still does; under another key it is another digest."""
    _, register = council()
    original = kept(register["ellesby-grange"])
    one = mask(original, KEY).data["inputs"]["provider"]["provider_id"]
    assert one.startswith(MASK)
    assert mask(original, KEY).data["inputs"]["provider"]["provider_id"] == one
    assert mask(original, KEY * 2).data["inputs"]["provider"]["provider_id"] != one


def test_another_original_or_key_is_told():
    """A masked record is not taken for that of another original, or under another key."""
    _, register = council()
    original, other = kept(register["ellesby-grange"]), kept(register["birch-lea"])
    masked = mask(original, KEY)
    assert "masked" in {d.path for d in verify_masked(masked, original, KEY * 2)}
    assert "masked" in {d.path for d in verify_masked(masked, other, KEY)}

    data = masked.data
    data["masked"] = MASK + "0" * 20
    found = [d.path for d in verify_masked(sealed(data), original, KEY)]
    assert sorted(found) == ["digest", "masked"]


def test_what_cannot_be_masked():
    """A short key, a masked record, and one that no longer agrees are refused with what to do."""
    framework, register = council()
    original = kept(register["ellesby-grange"])
    masked = mask(original, KEY)
    changed = framework.amend({"activities": {"qm1": {"every": "11 months"}}})
    for arguments, message in (
        ((original, b"short"), "the key has 5 bytes, and could be guessed"),
        ((masked, KEY), "the record is masked already"),
        ((original, KEY, changed), "the record no longer agrees: framework.digest"),
    ):
        with pytest.raises(qaf.InputError, match=message) as told:
            mask(*arguments)
        assert all(d.help for d in told.value.diagnostics)
