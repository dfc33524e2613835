"""What has been done, judged record by record, apart from what is due next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.maker import Maker, complete, time_of
from qaf_rules.model import Activity
from qaf_rules.obligations import Obligation
from qaf_rules.recurrence import (
    Alternating,
    Dated,
    Dates,
    EachYear,
    Later,
    Once,
    Period,
    Series,
    Sooner,
    Unknown,
    Within,
)
from qaf_rules.schedule import Schedule, by_activity, strictest
from qaf_rules.series import assign, from_first, series_start, until_next
from qaf_rules.workdays import DAY

if TYPE_CHECKING:
    from qaf_rules.elements import Done
    from qaf_rules.facts import View

VERDICTS = {
    "counted": "counted for its due date",
    "first": "is the first on record, and what came before it is not known",
    "early": "was done earlier than is sensible",
    "late": "was late",
    "duplicate": "repeats one that counted already",
    "wrong_turn": "was another activity's turn",
    "before_start": "was done before the obligation began",
    "planned": "is only arranged or asked for",
    "incomplete": "lacks something that belongs to it",
    "no_such_period": "names a period that the series does not have",
    "not_due": "was done without having to be",
}


class Verdict(NamedTuple):
    """What one record counted for: the verdict, the due date, and the rule and its clauses.

    `days` is how late it was, negative where it came before its due date; `due` is None where
    nothing was due. `verdict` is a key of `VERDICTS`.
    """

    record: Activity
    verdict: str
    due: dt.date | None = None
    days: int | None = None
    period: str | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()

    @property
    def activity(self) -> str:
        """The activity that the record is of."""
        return self.record.activity

    @property
    def text(self) -> str:
        """The verdict in words."""
        if self.verdict == "late":
            return f"was late by {self.days} day{'' if self.days == 1 else 's'}"
        return VERDICTS[self.verdict]


def judged(view: View, schedule: Schedule) -> tuple[Verdict, ...]:
    """Judge every record known on the day, each activity's in order, the pack's order first."""
    grouped = by_activity(schedule.obligations)
    found: list[Verdict] = []
    for activity in view.pack.activities:
        records = view.records((activity,))
        own = grouped.get(activity, [])
        if records:
            found.extend(_of_activity(view, records, strictest(view, own) if own else None))
    return tuple(found)


def _of_activity(
    view: View, records: tuple[Done, ...], obligation: Obligation | None
) -> Iterator[Verdict]:
    if obligation is None:
        yield from (Verdict(d.record, "not_due" if d.done else "planned") for d in records)
        return
    rule = obligation.rule
    maker = Maker(view, obligation, [])
    frequency = rule.frequency
    if isinstance(frequency, Series) and not (
        isinstance(frequency, EachYear) and not frequency.least
    ):
        verdicts = _of_series(maker, frequency, records)
    elif isinstance(frequency, Dated):
        verdicts = _of_dated(maker, frequency, records)
    else:
        verdicts = _of_undated(maker, frequency, records)
    for verdict in verdicts:
        yield verdict._replace(
            clauses=rule.clauses,
            readings=rule.readings,
            conventions=(*rule.conventions, *verdict.conventions),
        )


def _of_undated(maker: Maker, frequency: object, records: tuple[Done, ...]) -> Iterator[Verdict]:
    last: dt.date | None = None
    for done in records:
        plain = _plain(maker, done)
        if plain is not None:
            yield plain
            continue
        assert done.day is not None  # a planned one is told above
        due = maker.notified(frequency, last, done.day)
        last = done.day
        if due is None:
            yield Verdict(done.record, "not_due")
        else:
            yield _timed(done.record, done.day, due, maker.rule.dates)


def _plain(maker: Maker, done: Done) -> Verdict | None:
    """What can be said of a record whatever the recurrence; None where it may count."""
    if not done.done or done.day is None:
        return Verdict(done.record, "planned")
    if maker.start is not None and done.day < maker.start:
        return Verdict(done.record, "before_start")
    returns = maker.spec is not None and maker.spec.returns is not None
    if done.record.missing and (returns or isinstance(maker.rule.frequency, Series)):
        return Verdict(done.record, "incomplete", period=done.record.period)
    return None


def _of_dated(maker: Maker, frequency: Dated, records: tuple[Done, ...]) -> Iterator[Verdict]:
    counted: list[dt.date] = []
    for done in records:
        plain = _plain(maker, done)
        if plain is not None:
            yield plain
            continue
        day = done.day
        assert day is not None  # only planned ones may lack a day, and these are told above
        if counted and day == counted[-1] and not _numbered(frequency):
            yield Verdict(done.record, "duplicate")
            continue
        # What is done on the day of its event counts for it, and for no round that begins then.
        before = day + DAY if isinstance(frequency, Once) else day
        past = maker.past._replace(
            done=tuple(counted),
            last_of=partial(_last_before, maker.view, before),
            time_of=partial(time_of, maker.view, before=before),
        )
        try:
            notified = maker.notified(frequency, past.last, day)
            due = notified or maker.after(frequency, past, tell=False)
            turns = list(frequency.turns(past)) if isinstance(frequency, Alternating) else []
        except Unknown:
            due, turns = None, []
        counted.append(day)
        if turns and turns[0] != maker.activity and any(past.last_of(o) for o in turns):
            yield Verdict(done.record, "wrong_turn", due, conventions=("K10",))
        elif not past.done and due is not None and day > due:
            yield Verdict(done.record, "first")
        else:
            yield _timed(done.record, day, due, maker.rule.dates)


def _numbered(frequency: Dated) -> bool:
    """Whether so many must be done that two of one day are two."""
    match frequency:
        case Within(least=least):
            return least > 1
        case Sooner(of) | Later(of):
            return any(map(_numbered, of))
    return False


def _last_before(view: View, day: dt.date, activity: str) -> dt.date | None:
    """When another activity was last done before a day."""
    return max((d for d in complete(view, activity) if d < day), default=None)


def _timed(
    record: Activity, day: dt.date, due: dt.date | None, dates: Dates, period: str | None = None
) -> Verdict:
    if due is None:
        return Verdict(record, "counted", period=period)
    days = (day - due).days
    if days > dates.grace:
        return Verdict(record, "late", due, days, period)
    earliest = dates.earliest(due)
    early = earliest is not None and day < earliest
    return Verdict(record, "early" if early else "counted", due, days, period)


def _of_series(maker: Maker, series: Series, records: tuple[Done, ...]) -> Iterator[Verdict]:
    first: dict[str, Done] = {}
    for done in records:
        if done.done and done.record.period and not done.record.missing:
            first.setdefault(done.record.period, done)
    loose = [d for d in records if d.done and not d.record.period and not d.record.missing]
    periods = {p.label: p for p in _periods(maker, series, first, loose)}
    received = dict(first)
    assign(list(periods.values()), received, loose, strict=series.strict)
    period_of = {id(done): label for label, done in received.items()}
    for done in records:
        plain = _plain(maker, done)
        label = period_of.get(id(done), done.record.period)
        period = periods.get(label) if label is not None else None
        if plain is not None:
            yield plain
        elif id(done) not in period_of:
            yield Verdict(done.record, "duplicate" if done.record.period in first else "not_due")
        elif period is None:
            yield Verdict(done.record, "no_such_period", period=label)
        else:
            assert done.day is not None  # a planned one is told above
            yield _timed(done.record, done.day, period.due, maker.rule.dates, label)


def _periods(
    maker: Maker, series: Series, first: dict[str, Done], loose: list[Done]
) -> list[Period]:
    begins = series_start(maker.view, series, list(first), loose)
    if begins is None:
        return []
    try:
        listed = series.periods(begins, maker.past)
        periods = until_next(listed, maker.on, first, len(loose))
    except Unknown:
        return []
    return from_first(periods, first, loose, maker.start)
