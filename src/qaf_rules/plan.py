"""The plan: every due date to a horizon, each one before it met on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.recurrence import Alternating, Dated, EachYear, Past, Series, Unknown, Within
from qaf_rules.schedule import Maker, Schedule, by_activity
from qaf_rules.series import assign, from_first, series_start
from qaf_rules.workdays import DAY, add

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.obligations import Obligation
    from qaf_rules.result import ScheduleItem


class Planned(NamedTuple):
    """One due date of the plan: from which day it can sensibly be done, and who has to act.

    `due_at` is the moment in London where hours matter, `period` the label where it is of a series.
    """

    activity: str
    due: dt.date
    earliest: dt.date | None = None
    period: str | None = None
    owner: str | None = None
    clauses: tuple[str, ...] = ()
    due_at: dt.datetime | None = None


def plan(view: View, found: Iterable[Obligation], until: dt.date) -> dict[str, list[Planned]]:
    """Give every due date up to `until` by activity, each one before it met on its day.

    What is overdue on the day of the question comes first.
    """
    dues: dict[str, list[Planned]] = {}
    for activity, own in by_activity(found).items():
        options = [sorted(planned(Maker(view, o, []), until), key=_by_due) for o in own]
        dues[activity] = max(options, key=len, default=[])
    return dues


def _by_due(planned: Planned) -> dt.date:
    return planned.due


def planned(maker: Maker, until: dt.date) -> Iterator[Planned]:
    """Give the due dates of one obligation up to a day, from the first that is not yet met."""
    frequency = maker.rule.frequency
    if maker.obligation.undecided:
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


def _planned(maker: Maker, past: Past, due: dt.date, due_at: dt.datetime | None = None) -> Planned:
    early, owner = maker.rule.dates.early, _owner(maker)
    if early is not None:
        earliest: dt.date | None = add(due, early, -1, maker.rule.dates.month_end)
    else:
        earliest = past.last + DAY if past.last is not None else past.start
    return Planned(maker.activity, due, earliest, None, owner, maker.rule.clauses, due_at)


def _owner(maker: Maker) -> str | None:
    return maker.rule.owner or (maker.spec.owner if maker.spec is not None else None)


def _dated(maker: Maker, frequency: Dated, until: dt.date) -> Iterator[Planned]:
    past = maker.past
    first = maker.items()[0]  # a notified deadline governs it
    due = first.due if first.status != "done" else None
    due_at = first.due_at
    if maker.rule.changed is not None:  # the plan looks beyond the day of the change
        due = maker.after(frequency, past, tell=False)
    while due is not None and due <= until:
        yield _planned(maker, past, due, due_at)
        past = past.met(due)
        due, due_at = maker.after(frequency, past, tell=False), None


def _turns(maker: Maker, rule: Alternating, until: dt.date) -> Iterator[Planned]:
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
            yield _planned(maker, past, due)
            past = past.met(due)
        else:
            lasts[name] = due


def _series(maker: Maker, series: Series, until: dt.date) -> Iterator[Planned]:
    if isinstance(series, EachYear) and not series.least:
        return
    received = {d.record.period: d for d in maker.received() if d.record.period}
    loose = [d for d in maker.received() if not d.record.period]
    begins = series_start(maker.view, series, [str(r) for r in received], loose)
    start = begins or maker.on - dt.timedelta(days=62)
    listed = series.periods(start, maker.past)
    periods = list(takewhile(lambda period: period.due <= until, listed))
    if begins is None:  # of what was before nothing is known
        periods = [period for period in periods if period.due >= maker.on]
    periods = from_first(periods, received, loose, maker.start)
    assign(periods, received, loose, strict=series.strict)
    early, owner = maker.rule.dates.early, _owner(maker)
    for period in periods:
        done = received.get(period.label)
        if done is None or done.record.missing:
            label, starts, ends, due = period
            earliest = ends + DAY if due > ends else starts
            if early is not None:
                earliest = add(due, early, -1, maker.rule.dates.month_end)
            yield Planned(maker.activity, due, earliest, label, owner, maker.rule.clauses)


class Forecast(NamedTuple):
    """When one item can sensibly be done, is due, becomes overdue, and counts as missed.

    A day is None where nothing says it. `earliest` is the day after the last one done where the
    pack does not say how early is too early; `missed` is the day after the next one falls due.
    """

    activity: str
    period: str | None
    status: str
    earliest: dt.date | None
    due: dt.date | None
    overdue: dt.date | None
    missed: dt.date | None
    clauses: tuple[str, ...] = ()


def forecast(view: View, schedule: Schedule) -> tuple[Forecast, ...]:
    """Look ahead for every item that is not done, as the schedule lists them."""
    grouped = by_activity(schedule.obligations)
    makers = {a: [Maker(view, o, []) for o in own] for a, own in grouped.items()}
    return tuple(
        _ahead(_maker_of(item, makers.get(item.activity, [])), item)
        for item in schedule.items
        if item.status not in ("done", "not_applicable")
    )


def _maker_of(item: ScheduleItem, makers: list[Maker]) -> Maker | None:
    """The maker of an item, where several services bring its activity."""
    return next((m for m in makers if item.due in [i.due for i in m.items()]), None)


def _ahead(maker: Maker | None, item: ScheduleItem) -> Forecast:
    found = Forecast(
        item.activity, item.period, item.status, None, item.due, None, None, item.clauses
    )
    if maker is None:
        return found
    dates, frequency, past = maker.rule.dates, maker.rule.frequency, maker.past
    if isinstance(frequency, Within | EachYear) and not frequency.least:
        return found._replace(earliest=frequency.earliest(past))
    due = item.due
    if due is None:
        return found
    earliest = add(due, dates.early, -1, dates.month_end) if dates.early else None
    missed = None
    if isinstance(frequency, Dated):
        following = maker.after(frequency, past.met(due), tell=False)
        missed = following + DAY if following is not None else None
        earliest = earliest or (past.last + DAY if past.last else past.start)
        most = frequency.earliest(past) if isinstance(frequency, Within) else None
        earliest = max(earliest, most) if earliest and most else earliest
    elif isinstance(frequency, Series) and item.period is not None:
        begins = frequency.begins(item.period)
        listed = dropwhile(lambda p: p.label != item.period, frequency.periods(begins, past))
        own, following_one = next(listed), next(listed, None)
        missed = following_one.due + DAY if following_one is not None else None
        earliest = earliest or (own.ends + DAY if own.due > own.ends else own.starts)
    return found._replace(earliest=earliest, overdue=due + DAY * (dates.grace + 1), missed=missed)
