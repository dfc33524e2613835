"""How long one assessment takes, with all of its reasons, over the example registers.

Prints, for each pack, the median and the worst provider in milliseconds, and the median as a
multiple of a yardstick run in the same process, so that two machines can be compared.
"""

from __future__ import annotations

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import qaf_rules as qaf

EXAMPLES = Path(__file__).parents[1] / "examples"
ON = dt.date(2026, 11, 22)
ROUNDS = 20


def seconds(work: Callable[[], object]) -> float:
    """Give the best time of some rounds of a piece of work."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def yardstick() -> None:
    """A thousand small Python calls: the unit that assessments are measured in."""
    values = {str(n): n for n in range(100)}
    for n in range(1000):
        values.get(str(n % 100))


def main() -> None:
    """Measure both packs and print a line each."""
    unit = seconds(yardstick)
    for name in ("adults", "children"):
        framework = qaf.load(name)
        register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
        council = framework.using(settings=dict(register.settings))
        gc.collect()
        gc.freeze()
        times = [seconds(partial(council.assess, record, on=ON)) for record in register]
        median = statistics.median(times)
        print(
            f"{name}: {len(times)} providers, median {median * 1000:.2f} ms, "
            f"worst {max(times) * 1000:.2f} ms, {median / unit:.0f} yardsticks"
        )


if __name__ == "__main__":
    main()
