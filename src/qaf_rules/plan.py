"""The plan: every due date to a horizon, each one before it met on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.maker import Maker
from qaf_rules.recurrence import (
    Alternating,
    Dated,
    EachYear,
    Past,
    Period,
    Series,
    Unknown,
    Within,
)
from qaf_rules.schedule import Schedule, by_activity, strictest
from qaf_rules.series import assign, from_first, series_start
from qaf_rules.workdays import DAY

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
        maker = Maker(view, strictest(view, own), [])
        dues[activity] = sorted(planned(maker, until), key=_by_due)
    return dues


def _by_due(planned: Planned) -> dt.date:
    return planned.due


def planned(maker: Maker, until: dt.date) -> Iterator[Planned]:
    """Give the due dates of one obligation up to a day, from the first that is not yet met."""
    frequency = maker.rule.frequency
    if maker.obligation.undecided is not None:
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
    earliest = _earliest(maker, past, due)
    return Planned(maker.activity, due, earliest, None, _owner(maker), maker.rule.clauses, due_at)


def _earliest(maker: Maker, past: Past, due: dt.date) -> dt.date | None:
    """The first day on which the next one is sensible: not too early, nor beyond a maximum."""
    frequency = maker.rule.frequency
    earliest = maker.rule.dates.earliest(due)
    if earliest is None:
        earliest = past.last + DAY if past.last is not None else past.start
    most = frequency.earliest(past) if isinstance(frequency, Within) else None
    return max(earliest, most) if earliest is not None and most is not None else earliest


def _first_day(maker: Maker, period: Period) -> dt.date:
    """The first day on which what a period asks for is sensible: its data must be there."""
    earliest = maker.rule.dates.earliest(period.due)
    if earliest is None:
        earliest = period.ends + DAY if period.due > period.ends else period.starts
    return earliest


def _owner(maker: Maker) -> str | None:
    return maker.rule.owner or (maker.spec.owner if maker.spec is not None else None)


def _dated(maker: Maker, frequency: Dated, until: dt.date) -> Iterator[Planned]:
    past = maker.past
    first = maker.items()[0]  # a notified deadline governs it
    due = first.due if first.status != "done" else None
    due_at = first.due_at
    if maker.rule.changed is not None:  # the plan looks beyond the day of the change
        notified = maker.notified(frequency, maker.last)
        due = notified or maker.after(frequency, past, tell=False)
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
        turns = {
            name: maker.shorter(rule, _past_of(name, past, lasts), due, tell=False) or due
            for name, due in rule.turns(past).items()
            if due is not None
        }
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


def _past_of(other: str, past: Past, lasts: Mapping[str, dt.date | None]) -> Past:
    """The past of another activity that takes turns, as far as an interval reads it."""
    last = lasts.get(other)
    return past._replace(name=other, done=(last,) if last is not None else ())


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
    for period in periods:
        done = received.get(period.label)
        if done is None or done.record.missing:
            yield Planned(
                maker.activity,
                period.due,
                _first_day(maker, period),
                period.label,
                _owner(maker),
                maker.rule.clauses,
            )


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
    earliest = dates.earliest(due)
    missed = None
    if isinstance(frequency, Dated):
        try:
            following = maker.after(frequency, past.met(due), tell=False)
        except Unknown:  # a deadline is known, what follows it is not
            following = None
        missed = following + DAY if following is not None else None
        earliest = _earliest(maker, past, due)
    elif isinstance(frequency, Series) and item.period is not None:
        begins = frequency.begins(item.period)
        listed = dropwhile(lambda p: p.label != item.period, frequency.periods(begins, past))
        own, following_one = next(listed), next(listed, None)
        missed = following_one.due + DAY if following_one is not None else None
        earliest = _first_day(maker, own)
    overdue = due + DAY * (dates.grace + 1)
    if maker.missed_at_once:
        missed = overdue
    return found._replace(
        earliest=min(earliest, due) if earliest is not None else None,
        overdue=overdue,
        missed=max(missed, overdue) if missed is not None else None,
    )
