"""How long it takes to compare two frameworks over a year for five hundred providers.

Each has twenty past records. One change is of a single row, as that of the example notebook; the
other is felt by most: the main meeting of adults and the main visit of three rows of children are
due less often. Prints for each the time, and how many times as long it takes to answer all
providers by one framework, so that two machines can be compared.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

import qaf_rules as qaf

sys.path.insert(0, str(Path(__file__).parent))
from plan import EXAMPLES, ON, UNTIL, records_of

PROVIDERS = 500
ROWS = ("childrens_home_unregistered_or_ri", "ap_unregistered", "special_school_ib")


def less_often(*rows: str, every: str) -> dict[str, object]:
    """Give a change by which the main visit of some rows of children is due less often."""
    return {"matrix": {row: {"activities": {"qmc1": {"every": every}}} for row in rows}}


CHANGES = {
    "one row": {"children": less_often("special_school_ib", every="24 months")},
    "most providers": {
        "adults": {"activities": {"qm1": {"every": "24 months"}}},
        "children": less_often(*ROWS, every="18 months"),
    },
}


def main(count: int = PROVIDERS) -> None:
    """Compare the packs with each of the changes, and print the times."""
    for told, changes in CHANGES.items():
        whole = alone = 0.0
        differences = touched = 0
        for name, change in changes.items():
            plain = qaf.load(name)
            register = qaf.read_register(EXAMPLES / f"{name}.yaml", plain)
            before = plain.using(settings=dict(register.settings))
            after = before.amend(change)
            records = list(records_of(name, count // len(changes)))
            before.assess(records[0], on=ON)  # the first in a process reads the calendar
            gc.collect()
            gc.freeze()
            start = time.perf_counter()
            found = qaf.compare(before, after, records, since=ON, until=UNTIL)
            whole += time.perf_counter() - start
            differences += len(found.differences)
            touched += len(found.touched)
            start = time.perf_counter()
            for record in records:
                before.assess(record, on=ON)
                before.plan(record, on=ON, until=UNTIL)
            alone += time.perf_counter() - start
        print(
            f"{told}: {count} providers, {touched} touched, {differences} differences: "
            f"{whole:.2f} s, {whole / alone:.1f} times as long as one framework's answers "
            f"({alone:.2f} s)"
        )


if __name__ == "__main__":
    main()
