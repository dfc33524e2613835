"""A Monday with the example register: the list, a reason, a brief, an answer, a rating.

Run it with `python examples/monday.py`.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

import qaf_rules as qaf

MONDAY = dt.date(2026, 11, 23)
HERE = Path(__file__).parent


def main() -> None:
    """Go through the morning's work in the order in which an officer would."""
    adults = qaf.load("adults")
    register = qaf.read_register(HERE / "adults.xlsx", adults)
    adults = adults.using(settings=register.settings)
    print(f"{len(register)} providers, {register.faults}")

    # What is late, and where.
    for home in register:
        for item in adults.assess(home, on=MONDAY).schedule:
            if item.status == "overdue":
                print(f"- {home.provider.name}: {item.id}, due {item.due}, {-item.days} days late")

    # One home in full: which level its evidence suggests, and why.
    home = register["ellesby-grange"]
    a = adults.assess(home, on=MONDAY)
    print(f"\n{home.provider.name}: {a.suggestion}; confirmed {a.confirmed.level}")
    print(a.suggestion.why())

    # What to take to the next meeting.
    print()
    print(a.brief("qm1"))

    # The one answer that settles the level, and the rating that a person confirms.
    question = a.questions["safeguarding_numerous"]
    print(f"\n{question.text} No.")
    home = home.with_answer(question, False, by="cqmo", on=MONDAY)  # noqa: FBT003  # the answer is no
    settled = adults.assess(home, on=MONDAY)
    home = home.with_rating(settled.confirm(3, by="qa_and_i_team"))
    rated = adults.assess(home, on=MONDAY)
    print(f"Suggested: {settled.suggestion}. Confirmed: {rated.confirmed.level}.")
    for action in rated.actions:
        if action.since == MONDAY:
            print(f"- next: {action.text} ({', '.join(action.clauses)})")


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
