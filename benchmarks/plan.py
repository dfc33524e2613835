"""How long it takes to plan a year for ten thousand providers with twenty past records each.

Prints the time, and the same work as a multiple of a yardstick run in the same process, so that
two machines can be compared.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import qaf_rules as qaf
from qaf_rules.model import Activity, Provider, ProviderRecord

EXAMPLES = Path(__file__).parents[1] / "examples"
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)
PROVIDERS, RECORDS = 10_000, 20


def yardstick() -> None:
    """A thousand small Python calls: the unit that plans are measured in."""
    values = {str(n): n for n in range(100)}
    for n in range(1000):
        values.get(str(n % 100))


def records_of(name: str, count: int) -> Iterator[ProviderRecord]:
    """Give that many providers, the example's own in turn, each with twenty past records."""
    framework = qaf.load(name)
    register = qaf.read_register(EXAMPLES / f"{name}.yaml", framework)
    for n, record in enumerate(islice(cycle(register), count)):
        known = record.activities
        more = (
            Activity(activity=each.activity, completed=ON - dt.timedelta(days=40 * back + n % 37))
            for back, each in zip(range(RECORDS), cycle(known or ()), strict=False)
        )
        history = [*known, *more][:RECORDS]
        provider = Provider(id=f"p{n}", fields=record.provider.fields)
        yield record.model_copy(update={"provider": provider, "activities": tuple(history)})


def main(count: int = PROVIDERS) -> None:
    """Plan a year for every provider, half of them of each pack, and print the time."""
    total, dues = 0.0, 0
    for name in ("adults", "children"):
        council = qaf.load(name)
        register = qaf.read_register(EXAMPLES / f"{name}.yaml", council)
        council = council.using(settings=dict(register.settings))
        records = list(records_of(name, count // 2))
        start = time.perf_counter()
        for record in records:
            dues += sum(map(len, council.plan(record, on=ON, until=UNTIL).values()))
        total += time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(100):
        yardstick()
    unit = (time.perf_counter() - start) / 100
    print(
        f"{count} providers, {dues} due dates: {total:.2f} s, "
        f"{total / count * 1000:.2f} ms and {total / count / unit:.1f} yardsticks each"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
