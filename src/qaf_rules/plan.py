"""The plan: every due date to a horizon, each one before it met on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qaf_rules.frequency import (
    Alternating,
    Anchored,
    Every,
    Monthly,
    OnceEach,
    Period,
    Quarterly,
    Series,
    Termly,
    Unknown,
)
from qaf_rules.obligations import Obligation
from qaf_rules.schedule import Maker, Schedule, by_activity, last_done, turn
from qaf_rules.series import CONTRACT_START, assign, from_first, series_start
from qaf_rules.workdays import add

if TYPE_CHECKING:
    from qaf_rules.facts import View


def plan(view: View, schedule: Schedule, until: dt.date) -> dict[str, list[dt.date]]:
    """Give every due date from the day of the question to `until`, each one before it met on its day."""
    dates: dict[str, list[dt.date]] = {}
    grouped = by_activity(schedule.obligations)
    for activity, own in grouped.items():
        options = [sorted(_planner(view, o, until)) for o in own]
        best = max(options, key=len, default=[])
        dates[activity] = [d for d in best if view.on <= d <= until]
    return dates


def _planner(view: View, obligation: Obligation, until: dt.date) -> Iterator[dt.date]:
    maker = Maker(view, obligation, [])
    frequency = obligation.rule.frequency
    if obligation.undecided:
        return
    try:
        if isinstance(frequency, (Every, OnceEach)):
            yield from _from_last(maker, frequency, until)
        elif isinstance(frequency, Alternating):
            yield from _turns(maker, frequency, until)
        elif isinstance(frequency, (Monthly, Anchored, Quarterly, Termly)):
            yield from _series_dates(maker, frequency, until)
    except Unknown:
        return


def _from_last(maker: Maker, frequency: Every | OnceEach, until: dt.date) -> Iterator[dt.date]:
    due = maker.next().due
    while due is not None and due <= until:
        yield due
        due = maker.shorter(due, frequency.next(due, maker.lookup)) or frequency.next(
            due, maker.lookup
        )


def _turns(maker: Maker, rule: Alternating, until: dt.date) -> Iterator[dt.date]:
    order = list(maker.view.pack.activities)
    begins = order.index(maker.activity) < order.index(rule.other)
    own, other = maker.last, last_done(maker.view, rule.other)
    if own is None and other is None:
        start = maker.view.values[CONTRACT_START].value
        step = rule.every or rule.each_within
        if not isinstance(start, dt.date) or step is None:
            return
        if begins:
            own = add(start, step)
            yield own
        else:
            other = add(start, step)
    while True:
        mine = turn(rule, own, other, begins=begins)
        theirs = turn(rule, other, own, begins=not begins)
        if mine is not None and own is not None:
            mine = maker.shorter(own, mine) or mine
        if mine is not None and (theirs is None or mine <= theirs):
            if mine > until:
                return
            yield mine
            own = mine
        elif theirs is not None and theirs <= until:
            other = theirs
        else:
            return


def _series_dates(maker: Maker, series: Series, until: dt.date) -> Iterator[dt.date]:
    received = {d.record.period: d for d in maker.received() if d.record.period}
    loose = [d for d in maker.received() if not d.record.period]
    begins = series_start(maker.view, series, [str(r) for r in received], loose)
    periods: list[Period] = []
    for period in series.periods(begins or maker.on - dt.timedelta(days=62), maker.lookup):
        if period.due > until:
            break
        periods.append(period)
    periods = from_first(periods, received, loose, maker.view.values[CONTRACT_START].value)
    assign(periods, received, loose)
    for period in periods:
        done = received.get(period.label)
        if done is None or done.record.missing:
            yield period.due
