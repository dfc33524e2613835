"""How long it takes to compare two frameworks over a year for five hundred providers.

Half of the providers are of each pack, each with twenty past records. The change is one that is
felt by most of them: the main meeting of adults and the main visit of three rows of children are
due less often. Prints the time, and how many times as long it takes to answer them all by one
framework, so that two machines can be compared.
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
CHANGES = {
    "adults": {"activities": {"qm1": {"every": "24 months"}}},
    "children": {"matrix": {row: {"activities": {"qmc1": {"every": "18 months"}}} for row in ROWS}},
}


def main(count: int = PROVIDERS) -> None:
    """Compare both packs with their changes, and print the time."""
    whole = alone = 0.0
    differences = 0
    for name, change in CHANGES.items():
        plain = qaf.load(name)
        register = qaf.read_register(EXAMPLES / f"{name}.yaml", plain)
        before = plain.using(settings=dict(register.settings))
        after = before.amend(change)
        records = list(records_of(name, count // 2))
        gc.collect()
        gc.freeze()
        start = time.perf_counter()
        found = qaf.compare(before, after, records, since=ON, until=UNTIL)
        whole += time.perf_counter() - start
        differences += len(found.differences)
        start = time.perf_counter()
        for record in records:
            before.assess(record, on=ON)
            before.plan(record, on=ON, until=UNTIL)
        alone += time.perf_counter() - start
    print(
        f"{count} providers, {differences} differences: {whole:.2f} s, {whole / alone:.1f} times "
        f"as long as one framework's answers ({alone:.2f} s)"
    )


if __name__ == "__main__":
    main()
