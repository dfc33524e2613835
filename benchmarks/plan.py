"""How long it takes to plan a year for ten thousand providers with twenty past records each.

Prints the time, and how many times as long the oracle of the tests takes for the same plans of
single recurrences, so that two machines can be compared.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import qaf_rules as qaf
from qaf_rules.model import Activity, Provider, ProviderRecord

EXAMPLES = Path(__file__).parents[1] / "examples"
DIFFERENTIAL = Path(__file__).parents[1] / "tests" / "differential"
ON, UNTIL = dt.date(2026, 11, 22), dt.date(2027, 11, 21)
PROVIDERS, RECORDS = 10_000, 20


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
    print(
        f"{count} providers, {dues} due dates: {total:.2f} s, {total / count * 1000:.2f} ms each; "
        f"the oracle takes {oracle_ratio():.1f} times as long"
    )


def oracle_ratio(starts: int = 20) -> float:
    """Give how much longer the oracle takes to plan every recurrence of both packs."""
    sys.path.insert(0, str(DIFFERENTIAL))
    from oracle import dues

    from test_plan import CLOSED, PACKS, TERMS, VALUES_OF, council

    ours = theirs = 0.0
    for rule in PACKS:
        made = council(json.dumps([rule, {}]))
        for n in range(starts):
            day = dt.date(2021, 1, 1) + dt.timedelta(days=97 * n)
            until, values = day + dt.timedelta(days=365), VALUES_OF | {"published": day}
            done = () if "anchor" in rule else (day,)
            fields = {"service_type": "boat", "contract_start": day, **values}
            history = tuple(Activity(activity="own", completed=each) for each in done)
            record = ProviderRecord(provider=Provider(id="b", fields=fields), activities=history)
            start = time.perf_counter()
            made.plan(record, on=day, until=until)
            middle = time.perf_counter()
            dues(
                rule,
                on=day,
                until=until,
                done=done,
                start=day,
                values=values,
                others={"other": ()},
                order=list(made.pack.activities),
                terms=TERMS,
                holidays=CLOSED,
            )
            ours += middle - start
            theirs += time.perf_counter() - middle
    return theirs / ours


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
