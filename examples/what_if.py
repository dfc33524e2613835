"""What if the contract meeting were held every two years: who would be met less often.

Run it with `python examples/what_if.py`. The rule is changed here and nowhere else; the plan is
counted over two years, as if every visit were made on its day.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import qaf_rules as qaf

SINCE = dt.date(2026, 11, 22)
UNTIL = dt.date(2028, 11, 21)
HERE = Path(__file__).parent


def meetings(framework: qaf.Framework, register: qaf.Register) -> dict[str, int]:
    """Count the contract meetings of each provider until the end of the plan."""
    plans = {home.provider.id: framework.plan(home, on=SINCE, until=UNTIL) for home in register}
    return {id_: len(plan["qm1"]) for id_, plan in plans.items() if "qm1" in plan}


def main() -> None:
    """Count under today's rules and under the changed ones, and say who is met less often."""
    adults = qaf.load("adults")
    register = qaf.read_register(HERE / "adults.xlsx", adults)
    longer = adults.amend({"activities": {"qm1": {"every": "24 months"}}})

    today, then = meetings(adults, register), meetings(longer, register)
    print(f"Meetings until {UNTIL}: {sum(today.values())} today, {sum(then.values())} then.")
    for id_, before in today.items():
        after = then.get(id_, 0)
        change = "as before" if after == before else f"{before} become {after}"
        print(f"- {register[id_].provider.name}: {change}")


if __name__ == "__main__":
    main()
