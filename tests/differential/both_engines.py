"""The tree and durable-rules put the same questions: whole answers, over packs and providers drawn.

`python both_engines.py MINUTES [SEED]` goes on for as long as told. Each round has a seed of its own,
which is printed; `python both_engines.py 0 SEED` plays that round again.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import hypothesis
from hypothesis import strategies as st

import qaf_rules as qaf
from qaf_rules import durable
from qaf_rules import testing as drawn
from qaf_rules.engine import Framework
from qaf_rules.errors import InputError
from qaf_rules.facts import View
from qaf_rules.model import ProviderRecord
from qaf_rules.rating import suggest
from qaf_rules.result import Assessment
from qaf_rules.schedule import count_missed, make_schedule

EXAMPLES = Path(__file__).parents[2] / "examples"
COUNCILS = ("adults", "children")
COMPARED = [field.name for field in fields(Assessment) if field.compare]
DAY = dt.timedelta(days=1)
PROVIDERS = 400  # of each council in a round of the soak
PACKS = 60


class Tried(NamedTuple):
    """A provider on a day under both engines: what differs, and how many rules were judged."""

    differences: tuple[str, ...]
    criteria: int
    triggers: int
    refused: bool = False


def both(framework: Framework, record: ProviderRecord, on: dt.date) -> Tried:
    """Assess by the tree and by durable-rules, and name every part of the answers that differs."""
    try:
        tree = framework.assess(record, on=on)
    except InputError as error:  # a profile that contradicts itself
        tree = str(error)
    try:
        fired = durable.assess(framework, record, on=on)
    except InputError as error:
        if str(error) == tree:
            return Tried((), 0, 0)
        only = all(each.code == "durable" for each in error.diagnostics)
        return Tried(() if only else (str(error),), 0, 0, refused=only)
    except durable.EngineError as error:
        return Tried((str(error),), 0, 0)
    if isinstance(tree, str):
        return Tried((tree,), 0, 0)
    differences = [name for name in COMPARED if getattr(tree, name) != getattr(fired, name)]
    pack = framework.pack
    triggers = sum(len(action.triggers) for action in pack.actions.values() if not action.portfolio)
    return Tried(tuple(differences), len(pack.rating), triggers)


def suggested(framework: Framework, record: ProviderRecord, on: dt.date) -> Tried:
    """Suggest a rating by the tree and by durable-rules; actions, which take longer, are left out."""
    found = []
    for view_of in (View, partial(durable.judged, [])):
        view = view_of(framework.pack, record, on, framework.settings, on)
        make_schedule(view)
        count_missed(view)
        found.append(suggest(view, str))
    tree, fired = found
    differences = () if tree == fired else ("suggestion",)
    return Tried(differences, len(framework.pack.rating), 0)


# --- what is drawn ---------------------------------------------------------------------------------


def draws(strategy: st.SearchStrategy, number: int, seed: int) -> list:
    """Draw so many of a strategy, the same ones for the same seed."""
    found: list = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=number,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(each) -> None:
        found.append(each)

    collect()
    return found


@cache
def council(pack: str) -> tuple[Framework, tuple[ProviderRecord, ...]]:
    """Give a council's framework with its settings, and its example register."""
    framework = qaf.load(pack)
    register = qaf.read_register(EXAMPLES / f"{pack}.yaml", framework)
    return framework.using(settings=dict(register.settings)), tuple(register)


def mixed(pool: list[ProviderRecord], chance: random.Random) -> ProviderRecord:
    """Give a provider with the profile of one and the history of others."""

    def some(part: str) -> tuple:
        return tuple(
            each
            for record in chance.sample(pool, 3)
            for each in getattr(record, part)
            if chance.random() < 0.5
        )

    parts = {name: some(name) for name in ("activities", "findings", "ratings", "decisions")}
    return ProviderRecord(provider=chance.choice(pool).provider, **parts)


def of_councils(seed: int, number: int) -> Iterator[tuple[str, Framework, ProviderRecord, dt.date]]:
    """Give providers of both councils on a day each, so many of each."""
    chance = random.Random(seed)  # noqa: S311  # nothing is kept secret by it
    for pack in COUNCILS:
        framework, register = council(pack)
        on = dt.date(2026, 11, 22)
        pool = [*register, *draws(drawn.records(framework, on=on), 60, seed)]
        for _ in range(number):
            record = chance.choice(pool) if chance.random() < 0.2 else mixed(pool, chance)
            yield pack, framework, record, on + chance.randint(-400, 60) * DAY


def of_small_packs(
    seed: int, number: int
) -> Iterator[tuple[str, Framework, ProviderRecord, dt.date]]:
    """Give providers of small packs that are drawn, so many packs."""
    strategy = drawn.frameworks().flatmap(
        lambda made: st.tuples(st.just(made), st.lists(drawn.records(made), min_size=4, max_size=4))
    )
    for framework, pool in draws(strategy, number, seed):
        chance = random.Random(seed)  # noqa: S311  # nothing is kept secret by it
        for record in [*pool, *(mixed(pool, chance) for _ in range(4))]:
            yield "small", framework, record, drawn.ON + chance.randint(-400, 60) * DAY


def round_of(
    seed: int,
    providers: int,
    packs: int,
    tell: Callable[[str], None],
    by: Callable[[Framework, ProviderRecord, dt.date], Tried] = both,
) -> Counter[str]:
    """Try what one seed draws, tell each difference, and count."""
    counts: Counter[str] = Counter()
    for source in (of_councils(seed, providers), of_small_packs(seed, packs)):
        for number, (pack, framework, record, on) in enumerate(source):
            tried = by(framework, record, on)
            counts["providers"] += not tried.refused
            counts["refused"] += tried.refused
            counts["criterion-provider pairs"] += tried.criteria
            counts["trigger-provider pairs"] += tried.triggers
            counts["differences"] += bool(tried.differences)
            if tried.differences:
                tell(f"seed {seed}, {pack} {number} on {on}: {tried.differences}\n{record!r}")
                if pack == "small":
                    tell(repr(framework.pack.data))
    return counts


def main(minutes: float, seed: int) -> int:
    """Go on for so many minutes, at least one round; give 1 where anything differs."""
    started, whole = time.monotonic(), Counter[str]()
    while True:
        whole += round_of(seed, PROVIDERS, PACKS, print)
        spent = (time.monotonic() - started) / 60
        told = ", ".join(f"{count} {what}" for what, count in whole.items())
        print(  # noqa: T201  # what it is for
            f"seed {seed}, {spent:.1f} minutes: {told}, {whole['differences']} differences",
            flush=True,
        )
        if spent >= minutes:
            return int(bool(whole["differences"]))
        seed += 1


if __name__ == "__main__":
    start = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**9)
    sys.exit(main(float(sys.argv[1]), start))
