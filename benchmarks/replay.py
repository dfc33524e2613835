"""How long it takes to replay a regulator's ratings: what was to be suggested, month by month.

For every registered location of the published file, on every first of the month from 2019 to 2025,
the grades as they stood that day and whether the meeting was then suggested. Prints the seconds of
the whole and the counts by year. Give the file, or have it beside the checkout.
"""

from __future__ import annotations

import datetime as dt
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import qaf_rules as qaf
from qaf_rules.registers import as_of

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "cqc_locations_oldham.json"
MONTHS = [dt.date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)]
MEETING = "impact_and_risk_meeting"


def replayed(framework: qaf.Framework, path: Path) -> Iterator[tuple[str, dt.date, bool]]:
    """Give each location and day, and whether the meeting was then suggested."""
    register = qaf.read_register(path, framework)
    for day in MONTHS:
        for record in as_of(register, day, framework):
            yield record.provider.id, day, framework.assess(record, on=day).actions.has(MEETING)
        gc.collect()  # once a month is enough


def main() -> None:
    """Replay the whole file, and print how long it took and what was suggested."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PUBLISHED
    framework = qaf.load("adults")
    gc.collect()
    gc.freeze()  # the pack stays; it need not be looked through again and again
    gc.disable()
    began, used = time.perf_counter(), time.process_time()
    points = list(replayed(framework, path))
    seconds, computed = time.perf_counter() - began, time.process_time() - used
    print(f"{len(points)} locations and days in {seconds:.1f} s ({computed:.1f} s computed)")
    by_year = Counter(day.year for _, day, suggested in points if suggested)
    for year, number in sorted(by_year.items()):
        print(f"{year}: suggested on {number} of {len(points) // 7}")


if __name__ == "__main__":
    main()
