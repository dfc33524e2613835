"""The tree and durable-rules side by side, over the example registers; their answers are asserted equal.

Prints, for each pack, the median of one assessment with all of its reasons by each engine, how many
times the tree's durable-rules takes, and how many rules fired. It needs the extra `durable`.
"""

from __future__ import annotations

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import qaf_rules as qaf
from qaf_rules import durable
from qaf_rules.result import Assessment

EXAMPLES = Path(__file__).parents[1] / "examples"
ON = dt.date(2026, 11, 22)
ROUNDS = 10
COMPARED = [field.name for field in fields(Assessment) if field.compare]


def milliseconds(work: Callable[[], object]) -> float:
    """Give the best time of some rounds of a piece of work."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def main() -> None:
    """Measure both packs and print a line for each."""
    for name in ("adults", "children"):
        framework = qaf.load(name)
        register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
        council = framework.using(settings=dict(register.settings))
        fired = []
        for record in register:
            tree, rules = council.assess(record, on=ON), durable.assess(council, record, on=ON)
            differ = [part for part in COMPARED if getattr(tree, part) != getattr(rules, part)]
            assert not differ, (record.provider.id, differ)
            fired.append(len(rules.log))
        gc.collect()
        gc.freeze()
        by_tree = [milliseconds(partial(council.assess, record, on=ON)) for record in register]
        by_rules = [
            milliseconds(partial(durable.assess, council, record, on=ON)) for record in register
        ]
        median, other = statistics.median(by_tree), statistics.median(by_rules)
        print(
            f"{name}: {len(by_tree)} providers, the same answers; tree {median:.2f} ms, "
            f"durable-rules {other:.2f} ms, {other / median:.0f} times as long, "
            f"{statistics.median(fired):.0f} rules fired"
        )


if __name__ == "__main__":
    main()
