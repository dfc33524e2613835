"""The plan: every due date to a horizon, each one before it met on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from qaf_rules.obligations import Obligation
from qaf_rules.recurrence import Alternating, Dated, EachYear, Past, Series, Unknown
from qaf_rules.schedule import Maker, Schedule, by_activity
from qaf_rules.series import assign, from_first, series_start

if TYPE_CHECKING:
    from qaf_rules.facts import View


def plan(view: View, schedule: Schedule, until: dt.date) -> dict[str, list[dt.date]]:
    """Give every due date from the day of the question to `until`, each one before it met on its day."""
    dates: dict[str, list[dt.date]] = {}
    for activity, own in by_activity(schedule.obligations).items():
        options = [sorted(planned(Maker(view, o, []), o, until)) for o in own]
        best = max(options, key=len, default=[])
        dates[activity] = [due for due in best if view.on <= due <= until]
    return dates


def planned(maker: Maker, obligation: Obligation, until: dt.date) -> Iterator[dt.date]:
    """Give the due dates of one obligation up to a day, from the first that is not yet met."""
    frequency = obligation.rule.frequency
    if obligation.undecided:
        return
    try:
        if isinstance(frequency, Alternating):
            yield from _turns(maker, frequency, until)
        elif isinstance(frequency, Dated):
            yield from _dated(maker, frequency, until)
        elif isinstance(frequency, Series):
            yield from _series(maker, frequency, until)
    except Unknown:
        return


def _dated(maker: Maker, frequency: Dated, until: dt.date) -> Iterator[dt.date]:
    past = maker.past
    first = maker.items()[0].due  # a notified deadline governs it
    due = first if maker.items()[0].status != "done" else None
    while due is not None and due <= until:
        yield due
        past = past.met(due)
        due = maker.after(frequency, past, tell=False)


def _turns(maker: Maker, rule: Alternating, until: dt.date) -> Iterator[dt.date]:
    past = maker.past
    lasts = {other: past.last_of(other) for other in rule.others}
    past = past._replace(last_of=lasts.get)
    while True:
        own = maker.after(rule, past, tell=False)
        turns = {name: due for name, due in rule.turns(past).items() if due is not None}
        if own is not None:
            turns[past.name] = own
        if not turns:
            return
        # Of one day the one whose turn comes first is held first.
        name, due = min(turns.items(), key=lambda turn: turn[1])
        if due > until:
            return
        if name == past.name:
            yield due
            past = past.met(due)
        else:
            lasts[name] = due


def _series(maker: Maker, series: Series, until: dt.date) -> Iterator[dt.date]:
    if isinstance(series, EachYear) and not series.least:
        return
    received = {d.record.period: d for d in maker.received() if d.record.period}
    loose = [d for d in maker.received() if not d.record.period]
    begins = series_start(maker.view, series, [str(r) for r in received], loose)
    start = begins or maker.on - dt.timedelta(days=62)
    listed = series.periods(start, maker.past)
    periods = list(takewhile(lambda period: period.due <= until, listed))
    periods = from_first(periods, received, loose, maker.start)
    assign(periods, received, loose, strict=series.strict)
    for period in periods:
        done = received.get(period.label)
        if done is None or done.record.missing:
            yield period.due


__all__ = ["Past", "plan", "planned"]
