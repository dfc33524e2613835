"""Where a series of periods begins, and which of its periods a record stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from qaf_rules.recurrence import Anchored, Past, Period, Series

if TYPE_CHECKING:
    from qaf_rules.elements import Done
    from qaf_rules.facts import View

CONTRACT_START = "contract_start"
LAG = dt.timedelta(days=800)  # longer than any data waits for its due date


def series_start(
    view: View, series: Series, labels: list[str], loose: list[Done]
) -> dt.date | None:
    """Give the day from which to list periods: the first received, else the contract's start.

    A record that names no period may stand for one that had ended by then.
    """
    begins = []
    for label in labels:
        try:
            begins.append(series.begins(label))
        except ValueError:
            continue
    start = view.read(CONTRACT_START).value
    if isinstance(start, dt.date) and not begins:
        return start - LAG
    if loose:
        begins.append(_first(loose) - LAG)
    return min(begins, default=None)


def _first(loose: list[Done]) -> dt.date:
    """Give the day of the first of some records."""
    return min(d.record.completed for d in loose if d.record.completed)


def first_due(series: Series, start: object, past: Past) -> Period | None:
    """Give the first period due on or after the contract's start; an anchor is itself a due date."""
    if isinstance(start, dt.date):
        return next((p for p in series.periods(start - LAG, past) if p.due >= start), None)
    anchor = series.anchored(past.lookup) if isinstance(series, Anchored) else None
    if anchor is None:
        return None
    return Period(anchor.isoformat(), anchor, anchor, past.roll(anchor))


def until_next(
    periods: Iterator[Period], on: dt.date, received: Mapping[str, Done], loose: int = 0
) -> list[Period]:
    """Take the periods up to the next one and beyond every one received, at most a year early.

    `loose` is how many records name no period: each may yet stand for one.
    """
    found: list[Period] = []
    left = set(received)
    ahead = 0
    for period in periods:
        found.append(period)
        left.discard(period.label)
        ahead += period.due >= on and period.label not in received
        if (
            ahead > loose and not left
        ) or ahead > 14 + loose:  # more than a year of monthly returns
            break
    return found


def from_first(
    periods: list[Period], received: Mapping[str, Done], loose: list[Done], start: object
) -> list[Period]:
    """Drop the periods before the series begins: its first received one, or its first record's."""
    labelled = next((n for n, p in enumerate(periods) if p.label in received), None)
    if isinstance(start, dt.date) and labelled is None:
        return [p for p in periods if p.due >= start]
    first = _first(loose) if loose else dt.date.min
    ended = [n for n, p in enumerate(periods) if p.ends <= first]
    if isinstance(start, dt.date):
        ended = [n for n in ended if periods[n].due >= start]
    begins = [n for n in (labelled, *ended[-1:]) if n is not None]
    return periods[min(begins, default=0) :]


def assign(
    periods: list[Period], received: dict[str, Done], loose: list[Done], *, strict: bool = False
) -> None:
    """A record without a period counts for the earliest outstanding one that has ended by then.

    Where none has, it counts for the one that is running, never for one that has not begun. With
    `strict` it counts only for a period in which it was done.
    """
    for done in loose:
        day = done.record.completed
        assert day is not None  # only done records are received
        open_ = [
            p
            for p in periods
            if p.label not in received and p.starts <= day and (not strict or day <= p.ends)
        ]
        if open_:
            received[open_[0].label] = done
