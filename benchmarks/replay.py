"""How long it takes to replay a regulator's ratings: what was to be suggested, month by month.

For every registered location of the published file, on every first of the month from 2019 to 2025,
the grades as they stood that day and whether the meeting was then suggested. Prints the seconds of
the whole, with those that were computed on all processors together, and the counts by year. Give
the file, or have it beside the checkout.
"""

from __future__ import annotations

import datetime as dt
import gc
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import qaf_rules as qaf
from qaf_rules.registers import as_of

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "cqc_locations_oldham.json"
YEARS = range(2019, 2026)
MEETING = "impact_and_risk_meeting"


def replayed(path: Path, year: int) -> tuple[list[tuple[str, dt.date, bool]], float]:
    """Give each location and month of a year, and whether the meeting was then suggested.

    Beside them are the seconds that it took to compute.
    """
    began = time.process_time()
    framework = qaf.load("adults")
    register = qaf.read_register(path, framework)
    gc.collect()
    gc.freeze()  # the pack stays; it need not be looked through again and again
    points = []
    for month in range(1, 13):
        day = dt.date(year, month, 1)
        for record in as_of(register, day, framework):
            meeting = framework.assess(record, on=day).actions.has(MEETING)
            points.append((record.provider.id, day, meeting))
    return points, time.process_time() - began


def main() -> None:
    """Replay the whole file, and print how long it took and what was suggested."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PUBLISHED
    began = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        parts = list(pool.map(partial(replayed, path), YEARS))
    seconds = time.perf_counter() - began
    points = list(chain.from_iterable(found for found, _ in parts))
    computed = sum(each for _, each in parts)
    print(f"{len(points)} locations and days in {seconds:.1f} s ({computed:.1f} s computed)")
    by_year = Counter(day.year for _, day, suggested in points if suggested)
    for year in YEARS:
        of = sum(day.year == year for _, day, _ in points)
        print(f"{year}: suggested on {by_year[year]} of {of}")


if __name__ == "__main__":
    main()
