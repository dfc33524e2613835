"""What keeping reasons costs, and what telling them costs, over the example registers.

Prints, for each pack: the conditions of its criteria, triggers, flags and questions evaluated with
every reason kept, as a multiple of the same trees only judged; and the sentences of one rating,
which are made when they are asked for.
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
from qaf_rules.condition import Condition
from qaf_rules.engine import Framework
from qaf_rules.facts import View
from qaf_rules.model import ProviderRecord
from qaf_rules.pack import Pack
from qaf_rules.schedule import count_missed, make_schedule

EXAMPLES = Path(__file__).parents[1] / "examples"
ON = dt.date(2026, 11, 22)
ROUNDS = 20


def conditions(pack: Pack) -> list[Condition]:
    """Give the conditions that an assessment judges of a provider."""
    found = [spec.when for spec in pack.rating.values()]
    found += [t.when for spec in pack.actions.values() if not spec.for_each for t in spec.triggers]
    found += [spec.when for spec in pack.flags.values() if spec.when is not None]
    found += [spec.when for spec in pack.questions.values() if spec.when is not None]
    return found


def seconds(work: Callable[[View], object], make: Callable[[], View]) -> float:
    """Give the best time of some rounds of a piece of work, each on a view of its own."""
    best = float("inf")
    for _ in range(ROUNDS):
        view = make()
        start = time.process_time()
        work(view)
        best = min(best, time.process_time() - start)
    return best


def view_of(framework: Framework, record: ProviderRecord) -> View:
    """Give what is known of a provider, with its schedule."""
    view = View(framework.pack, record, ON, framework.settings)
    make_schedule(view)
    count_missed(view)
    return view


def kept(all_: list[Condition], view: View) -> list[object]:
    """Evaluate every condition and keep its reason."""
    return [condition.evaluate(view) for condition in all_]


def judged(all_: list[Condition], view: View) -> list[object]:
    """Judge every condition and keep nothing."""
    return [condition.holds(None, view) for condition in all_]


def main() -> None:
    """Measure both packs and print a line each."""
    for name in ("adults", "children"):
        framework = qaf.load(name)
        register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
        council = framework.using(settings=dict(register.settings))
        all_ = conditions(council.pack)
        gc.collect()
        gc.freeze()
        ratios, sentences = [], []
        with_, without = 0.0, 0.0
        for record in register:
            make = partial(view_of, council, record)
            own, bare = seconds(partial(kept, all_), make), seconds(partial(judged, all_), make)
            assert [r.truth for r in kept(all_, make())] == judged(all_, make())  # type: ignore[attr-defined]  # reasons
            ratios.append(own / bare)
            with_, without = with_ + own, without + bare
            assessment = council.assess(record, on=ON)
            start = time.process_time()
            str(assessment.why())
            sentences.append(time.process_time() - start)
        print(
            f"{name}: {len(all_)} conditions, reasons kept take {with_ / without:.2f} times as long "
            f"as truths alone (median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}); "
            f"the rating in sentences {statistics.median(sentences) * 1000:.2f} ms"
        )


if __name__ == "__main__":
    main()
