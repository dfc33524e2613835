"""A position that was kept: where its history, its state and its days do not agree with the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

from qaf_rules.errors import Diagnostic, did_you_mean, listed, quoted
from qaf_rules.pathway import PathwaySpec, Position, Step, not_taken_by, who_takes

__all__ = ["MIGRATED", "misfits"]

MIGRATED: Final = "migrated"
"""The step by which a position came from one version to the next."""

WHOLE: Final = "keep the position as it was given, with all of its history"


def misfits(
    position: Position, spec: PathwaySpec, by_reading: Collection[str], today: dt.date | None
) -> Iterator[Diagnostic]:
    """Find where a position does not fit its pathway, each with the step at which it shows.

    Of steps before the last migration the table is not known, so only their order is looked at.
    `by_reading` are the transitions of which a reading says who takes them: it may have been
    another when they were. `today` is the day after which nothing may be dated, or None.
    """
    place = f"position on {position.pathway}"
    if position.state not in spec.states:
        message = f"the pathway has no state {quoted(position.state)}"
        help_ = did_you_mean(position.state, spec.states) or f"there is {listed(spec.states)}"
        yield Diagnostic(message, place=place, help=help_)
    if today is not None and position.since > today:
        message = f"the position is there since {position.since}, which is after {today}"
        yield Diagnostic(message, place=place, help="read it on that day, or correct the day")
    steps = position.history
    first = max((n for n, s in enumerate(steps, 1) if s.transition == MIGRATED), default=0)
    for n, step in enumerate(steps, start=1):
        at = f"{place}, step {n}"
        if n == first:
            yield from _not_declared(spec, step, at)
        elif n > first:
            yield from _not_of(spec, step, at, judge_takers=step.transition not in by_reading)
        if today is not None and step.on > today:
            message = f"the step is of {step.on}, which is after {today}"
            yield Diagnostic(message, place=at, help="read it on that day, or correct the day")
    yield from _disorder(position, place)


def _not_declared(spec: PathwaySpec, step: Step, place: str) -> Iterator[Diagnostic]:
    """Find where a position came from another version otherwise than the pack declares."""
    states = spec.migrations.get(step.version) if step.version is not None else None
    if states is None:
        version = "a version that is not told" if step.version is None else quoted(step.version)
        message = f"the pathway has no migration from {version}"
        yield Diagnostic(message, place=place, help=WHOLE)
        return
    became = states.get(step.left, step.left)
    if step.entered != became:
        message = f"{quoted(step.left)} did not become {quoted(step.entered)}"
        yield Diagnostic(message, place=place, help=f"it became `{became}`")


def _not_of(
    spec: PathwaySpec, step: Step, place: str, *, judge_takers: bool
) -> Iterator[Diagnostic]:
    """Find what the table does not have of a step: itself, where it leads from and to, who takes it."""
    row = spec.transitions.get(step.transition)
    if row is None:
        known = did_you_mean(step.transition, spec.transitions)
        message = f"the pathway has no transition {quoted(step.transition)}"
        yield Diagnostic(message, place=place, help=known or f"there is {listed(spec.transitions)}")
        return
    name = quoted(step.transition)
    if step.left not in row.from_:
        message = f"{name} does not lead from {quoted(step.left)}"
        yield Diagnostic(message, place=place, help=f"it leads from {listed(row.from_)}")
    if step.entered != row.target(step.left):
        message = f"{name} does not lead to {quoted(step.entered)}"
        yield Diagnostic(message, place=place, help=f"it leads to `{row.target(step.left)}`")
    if not judge_takers:
        return
    if row.automatic and step.by:
        message = f"{name} follows by itself, and {listed(step.by)} is told to have taken it"
        yield Diagnostic(message, place=place, help=WHOLE)
    refused = None if row.automatic else not_taken_by(row, step.by, step.transition)
    if refused is not None:
        yield Diagnostic(refused, place=place, help=f"{who_takes(row)} does")


def _disorder(position: Position, place: str) -> Iterator[Diagnostic]:
    """Find where the steps do not lead from one to the next, and to where and since when it is."""
    steps = position.history
    for n, (one, after) in enumerate(pairwise(steps), start=2):
        at = f"{place}, step {n}"
        if one.entered != after.left:
            message = f"step {n - 1} enters {quoted(one.entered)}, and the next leaves {quoted(after.left)}"
            yield Diagnostic(message, place=at, help=WHOLE)
        if after.on < one.on:
            message = f"step {n}, on {after.on}, is before the one of {one.on}"
            yield Diagnostic(message, place=at, help=WHOLE)
    if steps and steps[-1].entered != position.state:
        message = f"the last step enters {quoted(steps[-1].entered)}, not {quoted(position.state)}"
        yield Diagnostic(message, place=place, help=WHOLE)
    moved = [s.on for s in steps if s.entered != s.left and s.transition != MIGRATED]
    if moved and moved[-1] != position.since:
        message = f"the state is entered on {moved[-1]}, and not since {position.since}"
        yield Diagnostic(message, place=place, help=WHOLE)
