"""Where a series of periods begins, and which of its periods a record stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from qaf_rules.frequency import Anchored, Lookup, Period, Series
from qaf_rules.workdays import Interval, add

if TYPE_CHECKING:
    from qaf_rules.elements import Done
    from qaf_rules.facts import View

CONTRACT_START = "contract_start"


def series_start(
    view: View, series: Series, labels: list[str], loose: list[Done]
) -> dt.date | None:
    """Give the day from which to list periods: the first received, else the contract's start."""
    begins = []
    for label in labels:
        try:
            begins.append(series.begins(label))
        except ValueError:
            continue
    if loose:
        first = min(d.record.completed for d in loose if d.record.completed)
        begins.append(add(first, Interval(months=7)) - dt.timedelta(days=366 + 62))
    start = view.values[CONTRACT_START].value
    if not begins and isinstance(start, dt.date):
        begins.append(start)
    return min(begins, default=None)


def first_due(series: Series, start: object, lookup: Lookup) -> Period | None:
    """Give the first period due on or after the contract's start; an anchor is itself a due date."""
    if isinstance(start, dt.date):
        early = start - dt.timedelta(days=62)
        return next((p for p in series.periods(early, lookup) if p.due >= start), None)
    anchor = lookup(series.anchor) if isinstance(series, Anchored) else None
    return (
        Period(anchor.isoformat(), anchor, anchor, anchor) if isinstance(anchor, dt.date) else None
    )


def until_next(periods: Iterator[Period], on: dt.date) -> list[Period]:
    """Take the periods up to a year and more ahead: returns may have come early."""
    found: list[Period] = []
    ahead = 0
    for period in periods:
        found.append(period)
        ahead += period.due >= on
        if ahead > 14:  # more than a year of monthly returns received early
            break
    return found


def from_first(
    periods: list[Period], received: Mapping[str, Done], loose: list[Done], start: object
) -> list[Period]:
    """Drop the periods before the series begins: its first received one, or its first record's."""
    for n, period in enumerate(periods):
        if period.label in received:
            return periods[n:]
    if isinstance(start, dt.date) and loose:
        kept = [p for p in periods if p.due >= start]
        if kept:
            return kept
    if loose:
        first = min(d.record.completed for d in loose if d.record.completed)
        ended = [n for n, p in enumerate(periods) if p.ends <= first]
        return periods[ended[-1] :] if ended else periods
    return periods


def assign(periods: list[Period], received: dict[str, Done], loose: list[Done]) -> None:
    """A record without a period counts for the earliest outstanding one that has ended by then.

    Where none has, it counts for the one that is running, never for one that has not begun.
    """
    for done in loose:
        day = done.record.completed
        assert day is not None  # only done records are received
        open_ = [p for p in periods if p.label not in received and p.starts <= day]
        if open_:
            received[open_[0].label] = done
