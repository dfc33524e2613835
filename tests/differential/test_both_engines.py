"""The tree and durable-rules agree, over providers and packs that are drawn from a seed."""

from __future__ import annotations

from importlib.util import find_spec

import both_engines
import pytest

pytestmark = [
    pytest.mark.durable,
    pytest.mark.skipif(find_spec("durable") is None, reason="needs the extra `durable`"),
]


def test_of_a_million_pairs_of_a_criterion_and_a_provider_none_differs() -> None:
    """Suggestions are the same whole: rating, bounds, criteria with reasons, what is passed over."""
    differences: list[str] = []
    counts = both_engines.round_of(1, 10_500, 1, differences.append, both_engines.suggested)
    assert differences == []
    assert counts["criterion-provider pairs"] >= 1_000_000


def test_of_whole_answers_none_differs() -> None:
    """Actions, questions, schedules, flags and notes as well, for councils' packs and drawn ones."""
    differences: list[str] = []
    counts = both_engines.round_of(2, 500, 100, differences.append)
    assert differences == []
    assert counts["trigger-provider pairs"] >= 50_000
    assert counts["refused"] == 0


def test_a_difference_is_told_with_its_seed_and_found_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a rule of durable-rules is broken, the soak says so, and the same seed says the same."""
    framework, _ = both_engines.council("adults")
    ruleset = both_engines.durable.ruleset_of(framework.pack)
    for name, action in ruleset.inner._actions.items():  # noqa: SLF001  # its own
        if name.startswith("criterion") and name.endswith("true"):
            monkeypatch.setattr(action, "_func", lambda _context: None)
    monkeypatch.setattr(both_engines, "PROVIDERS", 40)
    monkeypatch.setattr(both_engines, "PACKS", 1)
    assert both_engines.main(0, 7) == 1
    told = capsys.readouterr().out
    assert told.startswith("seed 7, adults ")
    assert " differences" in told.splitlines()[-1]
    assert both_engines.main(0, 7) == 1
    assert capsys.readouterr().out.splitlines()[:-1] == told.splitlines()[:-1]
