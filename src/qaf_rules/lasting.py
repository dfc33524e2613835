"""Conditions in time: what has held for so long, and what came together within a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.condition import All
from qaf_rules.model import FrozenDict
from qaf_rules.result import Reason, Truth
from qaf_rules.workdays import DAY, Interval, add

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.written import Timed

__all__ = ["Lasting", "as_it_was", "lasting"]


class Lasting(NamedTuple):
    """Whether a condition that holds has done so for long enough, or came together in time.

    `since` is the day on which it had; `waits` says in words what is missing where it has not.
    """

    truth: Truth
    since: dt.date | None = None
    waits: str = ""


def lasting(view: View, rule: Timed, reason: Reason) -> Lasting:
    """Judge what a timed rule says of a condition that holds today.

    A condition has held for a period when it holds on every day of it, as is known today. What came
    together did so when each part rests on something dated within one period.
    """
    if rule.held_for is not None:
        return _held(view, rule, rule.held_for, reason)
    assert rule.together_within is not None  # it is asked of no other rule
    return _together(reason, rule.together_within)


def as_it_was(pack: Pack, record: ProviderRecord, day: dt.date) -> ProviderRecord:
    """Give a record without what its profile has only from a later day on."""
    fields = record.provider.fields
    dated = {n: s.dated_by for n in fields if (s := pack.values.get(n)) and s.dated_by}
    later = {n for n, by in dated.items() if isinstance(on := fields.get(by), dt.date) and on > day}
    if not later:
        return record
    later.update([dated[name] for name in later])
    kept = FrozenDict({name: value for name, value in fields.items() if name not in later})
    provider = record.provider.model_copy(update={"fields": kept})
    return record.model_copy(update={"provider": provider})


def _held(view: View, rule: Timed, period: Interval, reason: Reason) -> Lasting:
    first, begun = view.on, False
    assert view.earlier is not None  # an assessment says how other days are judged
    for day in _days_before(view, reason):
        truth = view.earlier(day, rule.when)
        if not truth:
            begun = truth is False
            break
        first = day
    since = add(first, period)
    if since <= view.on:
        return Lasting(True, since)  # noqa: FBT003  # a truth
    if not begun:
        return Lasting(None, None, f"whether it has held for {period} is not known")
    return Lasting(False, None, f"it holds since {first}, not yet for {period}")  # noqa: FBT003  # a truth


def _days_before(view: View, reason: Reason) -> Iterator[dt.date]:
    """Give the days before today, to the one before anything is on record or dates the reason."""
    dated = [_earliest(view.record), *(evidence.day for evidence in reason.support())]
    day, last = view.on - DAY, min((each for each in dated if each is not None), default=None)
    while last is not None and day >= last - DAY:
        yield day
        day -= DAY


def _earliest(record: ProviderRecord) -> dt.date | None:
    """Give the first day of which anything is on record; None where nothing is dated."""
    days: list[dt.date | None] = [finding.on for finding in record.findings]
    days.extend(rating.on for rating in record.ratings)
    days.extend(decision.on for decision in record.decisions)
    days.extend(d for a in record.activities for d in (a.completed, a.planned, a.requested))
    return min((day for day in days if day is not None), default=None)


def _together(reason: Reason, period: Interval) -> Lasting:
    parts = reason.parts if isinstance(reason.condition, All) else (reason,)
    days = [sorted({e.day for e in part.support() if e.day is not None}) for part in parts]
    if not all(days):
        return Lasting(None, None, f"not everything it rests on is dated within {period}")
    found = [
        last
        for start in sorted({d for own in days for d in own})
        if (last := _last(days, start, period))
    ]
    if found:
        return Lasting(True, max(found))  # noqa: FBT003  # a truth
    return Lasting(False, None, f"what it rests on does not lie within {period}")  # noqa: FBT003  # a truth


def _last(days: list[list[dt.date]], start: dt.date, period: Interval) -> dt.date | None:
    """Give the day on which each part had happened once, from a day on; None where that is too late."""
    nexts = [next((day for day in own if day >= start), None) for own in days]
    known = [day for day in nexts if day is not None]
    last = max(known)
    return last if len(known) == len(nexts) and last <= add(start, period) else None
