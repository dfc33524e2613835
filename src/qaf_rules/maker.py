"""The schedule items of one obligation: what follows the last one done, or a series' periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from qaf_rules.elements import Done
from qaf_rules.frequency import (
    Ask,
    AsRequired,
    Attached,
    ByValue,
    Cases,
    Conflict,
    NotApplicable,
    events,
)
from qaf_rules.obligations import Obligation, merged
from qaf_rules.recurrence import (
    Alternating,
    Anchored,
    Dated,
    Dates,
    EachYear,
    Every,
    Fixed,
    Later,
    Monthly,
    Once,
    OnceEach,
    Past,
    Period,
    Quarterly,
    Series,
    Sooner,
    Termly,
    Unknown,
    Within,
)
from qaf_rules.result import NO_ATTRIBUTES, Note, ScheduleItem
from qaf_rules.series import CONTRACT_START, assign, first_due, from_first, series_start, until_next
from qaf_rules.workdays import NEXT, NONE, PREVIOUS, Interval, parse_interval

if TYPE_CHECKING:
    from qaf_rules.elements import Carried
    from qaf_rules.facts import View
    from qaf_rules.frequency import Change
    from qaf_rules.model import Activity
    from qaf_rules.schema import DecisionSpec

DUE_SOON = "due_soon_days"
ROLLS = frozenset({NONE, NEXT, PREVIOUS})


def records_of(view: View, activity: str) -> tuple[Done, ...]:
    """Give the records of one activity, oldest first."""
    return view.records((activity,))


def last_done(view: View, activity: str) -> dt.date | None:
    """Give the day of the last complete record."""
    days = complete(view, activity)
    return days[-1] if days else None


def complete(view: View, activity: str) -> tuple[dt.date, ...]:
    """Give the days of the complete records; a return received without something is not complete."""
    spec = view.pack.activities.get(activity)
    returns = spec is not None and spec.returns is not None
    return tuple(
        [d.day for d in view.done((activity,)) if d.day and not (returns and d.record.missing)]
    )


def time_of(view: View, activity: str, before: dt.date = dt.date.max) -> dt.time | None:
    """Give the time of day of the last record done before a day, where it was told."""
    told = [d.record.time for d in view.done((activity,)) if d.day is not None and d.day < before]
    return dt.time.fromisoformat(told[-1]) if told and told[-1] is not None else None


def planned_for(view: View, activity: str) -> dt.date | None:
    """Give the next day for which an activity is arranged."""
    days = [d.record.planned for d in records_of(view, activity) if d.upcoming and d.record.planned]
    return min(days, default=None)


def status_of(due: dt.date, on: dt.date, soon: int, grace: int = 0) -> str:
    """Give the status of a due date: overdue starts the day after (K1) and the days of grace.

    Soon is 1 to `soon` days; within the days of grace it stays due today.
    """
    days = (due - on).days
    if days < -grace:
        return "overdue"
    if days <= 0:
        return "due_today"
    return "due_soon" if days <= soon else "not_due"


def soon_of(view: View) -> int:
    """Give the days within which something is due soon: the council's, else the pack's (K6)."""
    soon = view.read(DUE_SOON).value
    return soon if isinstance(soon, int) else int(view.pack.identity.dates.due_soon)


class Maker:
    """Makes the items of one obligation."""

    def __init__(self, view: View, obligation: Obligation, notes: list[Note]) -> None:
        self.view = view
        self.on = view.on
        self.activity = obligation.activity
        self.rule = obligation.rule
        self.obligation = obligation
        self.notes = notes
        self.spec = view.pack.activities.get(obligation.activity)
        self.records = records_of(view, self.activity)
        self.open = [d for d in self.records if not d.done]
        days = complete(view, self.activity) if self.records else ()
        self.last = days[-1] if days else None
        start = view.read(CONTRACT_START).value
        self.start = start if isinstance(start, dt.date) else None
        self.planned = planned_for(view, self.activity) if self.open else None
        self.attributes = self._said_of_next()
        self.past = Past(
            days,
            self.start,
            partial(_looked_up, view, obligation),
            partial(last_done, view),
            self.activity,
            view.pack.order,
            self._dates(),
            partial(time_of, view),
        )

    def _dates(self) -> Dates:
        """The handling of dates, with the rule for days off that a setting turns on."""
        dates = self.rule.dates
        if dates.roll in ROLLS:
            return dates
        on = self.view.read(dates.roll).value is True
        return dates._replace(roll=NEXT if on else NONE)

    def items(self) -> list[ScheduleItem]:
        """Make the items; what cannot be dated is `ask` with what to ask."""
        if self.obligation.undecided is not None:
            return [self._item("ask", asks=self.obligation.undecided)]
        try:
            return self._dated()
        except Unknown as unknown:
            return [self._item("ask", asks=merged(unknown.names, self.rule.ask_about))]

    def _dated(self) -> list[ScheduleItem]:
        match self.rule.frequency:
            case None | NotApplicable():
                return [self._item("not_applicable")]
            case AsRequired() as rule:
                notified = self.notified(rule, self.last)
                if notified is not None:
                    return [self._due(notified, conventions=("K14",))]
                return [self._item("as_required", asks=self.rule.ask_about)]
            case Ask(about):
                return [self._item("ask", asks=merged(about, self.rule.ask_about))]
            case Conflict(about):
                return [self._item("conflict", asks=merged(about, self.rule.ask_about))]
            case Attached(to, when):
                return self._with(to, when)
            case Once() as once:
                return [self._once(once)]
            case Within(least=0) | EachYear(least=0):
                return [self._item("as_required")]
            case Monthly() | Anchored() | Quarterly() | Fixed() | Termly() | EachYear() as series:
                return self._series(series)
            case (
                Every() | OnceEach() | Within() | Alternating() | Sooner() | Later()
            ) as frequency:
                return [self.next(frequency)]
            case ByValue() | Cases():  # pragma: no cover  # obligations have taken their branch
                message = "a branch that nobody took"
                raise AssertionError(message)

    # --- one date at a time ----------------------------------------------------------------------

    def next(self, frequency: Dated) -> ScheduleItem:
        """Make the item that follows the last one done."""
        deadline = self.notified(frequency, self.last)
        if deadline is not None:
            return self._due(deadline, conventions=("K14",))
        turns = isinstance(frequency, Alternating)
        conventions = ("K10",) if turns else ()
        due = self.after(frequency, self.past)
        if due is None or not self._begun(frequency):
            return self._item(
                "no_history",
                due=due,
                asks=() if due else (CONTRACT_START,),
                conventions=("K5", *conventions),
            )
        item = self._due(due, conventions=conventions)
        if self._late_return(item):
            following = self.after(frequency, self.past.met(due), tell=False)
            item = self._missed(item, following)
        return item

    def _begun(self, frequency: Dated) -> bool:
        """Whether anything was done from which to count."""
        if isinstance(frequency, Alternating):
            others = any(self.past.last_of(other) for other in frequency.others)
            return self.last is not None or (others and frequency.every is not None)
        return self.last is not None or any(map(self._happened, events(frequency)))

    def _happened(self, event: str) -> bool:
        try:
            return self.past.event(event) is not None
        except Unknown:
            return False

    def after(self, frequency: Dated, past: Past, *, tell: bool = True) -> dt.date | None:
        """Give the due date that follows what was done, a person's shorter interval observed.

        `tell` notes what was refused, or that the frequency has changed.
        """
        changed = self.rule.changed
        if changed is None:
            due = frequency.next(past)
        elif self.on < changed.on and tell:
            due = changed.was.next(past)
        else:
            due = changed.next(frequency, past)
            begun = past.last or past.start
            if tell and begun is not None and begun < changed.on:
                self._tell_change(changed)
        if due is None:
            return None
        return self.shorter(frequency, past, due, tell=tell) or due

    def _tell_change(self, changed: Change) -> None:
        words = {
            "sooner": "the sooner of the old due date and the new stands",
            "keep": "the old due date stands",
            "anew": "it counts anew from that day",
        }
        text = f"the frequency of {self.activity} changed on {changed.on}: for the cycle in hand {words[changed.cycle]}"
        self.notes.append(Note("changed", text, self.rule.clauses))

    def _once(self, once: Once) -> ScheduleItem:
        due = once.next(self.past)
        if due is None:
            happened = self.past.event(once.of) is not None
            return self._item("done" if happened else "as_required")
        item = self._due(due)._replace(due_at=once.at(self.past))
        return self._missed(item, None) if self._late_return(item) else item

    def shorter(
        self, frequency: Dated, past: Past, due: dt.date, *, tell: bool = True
    ) -> dt.date | None:
        """A shorter interval that a person set governs; a longer one is refused.

        `past` is this activity's, or that of one with which it takes turns.
        """
        governs: dt.date | None = None
        for spec, decision in effects(self.view, "interval"):
            if decision.get("activity") != past.name:
                continue
            every = decision.get("every")
            interval = every if isinstance(every, Interval) else parse_interval(every)
            own = _at_interval(frequency, past, interval)
            if own is None:
                continue
            if own < due:
                governs = min(governs or own, own)
                if past.name == self.activity:
                    self.rule = replace(self.rule, clauses=merged(self.rule.clauses, spec.clause))
            elif own > due and tell:
                text = (
                    f"an interval of {interval} is longer than the framework allows and is refused"
                )
                self.notes.append(Note("refused", text, merged(self.rule.clauses, spec.clause)))
        return governs

    # --- series ----------------------------------------------------------------------------------

    def _series(self, series: Series) -> list[ScheduleItem]:
        received: dict[str, Done] = {}
        loose: list[Done] = []
        for done in self.received():
            period = done.record.period
            if period:
                received[period] = done
            else:
                loose.append(done)
        begins = series_start(self.view, series, list(received), loose)
        if begins is None or (not received and not loose):
            return self._series_without_history(series)
        periods = until_next(series.periods(begins, self.past), self.on, received, len(loose))
        self._tell_strangers(periods, received)
        periods = from_first(periods, received, loose, self.start)
        assign(periods, received, loose, strict=series.strict)
        items = list(self._period_items(periods, received))
        if isinstance(series, Termly) and all(item.status in ("overdue", "done") for item in items):
            items.append(self._item("ask", asks=(series.terms,)))  # the calendar has run out
        return items

    def _tell_strangers(self, periods: list[Period], received: Mapping[str, Done]) -> None:
        """A record whose period is none of the series counts for nothing, and that is said."""
        known = {period.label for period in periods}
        for label in received:
            if label not in known:
                text = f"the record of {self.activity} for {label} counts for no period: its periods are written like {periods[0].label if periods else 'the due date'}"
                self.notes.append(Note("no_such_period", text, self.rule.clauses))

    def received(self) -> list[Done]:
        """Give the records of what has come in, complete or not."""
        return [*self.view.done((self.activity,))]

    def _series_without_history(self, series: Series) -> list[ScheduleItem]:
        """K5, K19: nothing was ever received, so the series begins with the contract.

        What has fallen due since then is overdue; the next one is proposed. Without a contract
        start only an anchor, itself a due date, proposes one.
        """
        start = self.start
        first = first_due(series, start, self.past)
        if first is None:
            next(iter(series.periods(self.on, self.past)), None)  # asks for what the series needs
            return [self._item("no_history", asks=(CONTRACT_START,), conventions=("K5", "K19"))]
        if start is None:
            conventions = ("K5", "K19")
            return [
                self._item(
                    "no_history",
                    due=first.due,
                    period=first.label,
                    asks=(CONTRACT_START,),
                    conventions=conventions,
                )
            ]
        periods = until_next(series.periods(first.starts, self.past), self.on, {})
        since = [p for p in periods if p.due >= first.due]
        return [
            item
            if item.status == "overdue"
            else item._replace(status="no_history", conventions=("K5", "K19"))
            for item in self._period_items(since, {})
        ]

    def _period_items(
        self, periods: list[Period], received: Mapping[str, Done]
    ) -> Iterator[ScheduleItem]:
        pending = True
        latest: tuple[Period, Done] | None = None
        for period, following in pairwise([*periods, None]):
            assert period is not None  # only the last of the pairs is open
            done = received.get(period.label)
            if done is not None and not done.record.missing:
                latest = (period, done)
                continue
            if period.due >= self.on and not pending:
                continue
            if period.due >= self.on:
                pending = False
            item = self._due(period.due, period=period.label, conventions=("K19",))
            if done is not None:
                item = item._replace(missing=done.record.missing)
            if self._late_return(item):
                item = self._missed(item, following.due if following is not None else None)
            yield item
        if latest is not None:
            yield self._item(
                "done", due=latest[0].due, period=latest[0].label, missing=latest[1].record.missing
            )

    def _late_return(self, item: ScheduleItem) -> bool:
        return item.status == "overdue" and self.spec is not None and self.spec.returns is not None

    def _missed(self, item: ScheduleItem, following: dt.date | None) -> ScheduleItem:
        """K13: an overdue return counts as missed once the next one is past its due date too.

        Where it is not, whether it counts rests on how the pack reads that, and says so.
        """
        if following is not None and following < self.on:
            return item._replace(missed=True)
        spec = self.view.pack.identity.missed_return
        readings = merged(item.readings, spec.readings) if spec is not None else item.readings
        return item._replace(missed=self.missed_at_once, readings=readings)

    @property
    def missed_at_once(self) -> bool:
        """Whether a late return counts as missed from the day on which it is overdue."""
        missed = self.view.pack.identity.missed_return
        returns = self.spec is not None and self.spec.returns is not None
        return returns and missed is not None and missed.after == "any_lateness"

    # --- one item --------------------------------------------------------------------------------

    def _with(self, to: str, when: object) -> list[ScheduleItem]:
        reason = self.view.judge(when)  # type: ignore[arg-type]  # a condition
        if reason.truth is False:
            return [self._item("not_applicable")]
        if reason.truth is None:
            return [self._item("ask", asks=tuple(reason.still_needed()))]
        return [self._item("as_required")._replace(attached_to=to)]

    def _due(
        self, due: dt.date, *, period: str | None = None, conventions: tuple[str, ...] = ()
    ) -> ScheduleItem:
        dates = self.rule.dates
        soon = dates.due_soon if "due_soon" in self.rule.own_dates else soon_of(self.view)
        status = status_of(due, self.on, soon, dates.grace)
        return self._item(status, due=due, period=period, conventions=conventions)

    def _item(
        self,
        status: str,
        *,
        due: dt.date | None = None,
        period: str | None = None,
        asks: tuple[str, ...] = (),
        missing: tuple[str, ...] = (),
        conventions: tuple[str, ...] = (),
    ) -> ScheduleItem:
        rule = self.rule
        return ScheduleItem(
            activity=self.activity,
            status=status,
            due=due,
            days=(due - self.on).days if due and status != "done" else None,
            period=period,
            required=None if self.obligation.required == "unknown" else self.obligation.required,
            waiting_on=rule.waits_on,
            owner=rule.owner or (self.spec.owner if self.spec else None),
            channel=rule.channel or (self.spec.channel if self.spec else None),
            force=rule.force or (self.spec.force if self.spec else None),
            last_done=self.last,
            planned=self.planned,
            missing=missing if period is not None else self._missing(),
            asks=merged(asks, rule.ask_about) if rule.ask_about else asks,
            clauses=rule.clauses,
            readings=rule.readings,
            conventions=merged(rule.conventions, conventions) if conventions else rule.conventions,
            reason=self.obligation.reason,
            attributes=self.attributes,
        )

    def _missing(self) -> tuple[str, ...]:
        done = self.view.done((self.activity,))
        return done[-1].record.missing if done else ()

    def _said_of_next(self) -> Mapping[str, object]:
        """What the record that prepares the next one says, else the latest."""
        if not self.records:
            return NO_ATTRIBUTES
        found = {name: self._attribute(name) for name in ("deadline", "requested")}
        upcoming = [d for d in self.open if d.upcoming]
        record = (upcoming or [self.records[-1]])[0]
        for name in ("location", "consent", "attendees", "format", "notified"):
            found[name] = record.get(name)
        return found

    def _attribute(self, name: str) -> object:
        """A deadline or a request that came after the last one done."""
        return self.told(name, self.last)

    def notified(
        self, frequency: object, since: dt.date | None, until: dt.date = dt.date.max
    ) -> dt.date | None:
        """Give the deadline that governs: one notified after a day, where the rule waits for it."""
        governs = isinstance(frequency, Every | AsRequired) and frequency.deadline
        return self.told("deadline", since, until) if governs else None

    def told(
        self, name: str, since: dt.date | None, until: dt.date = dt.date.max
    ) -> dt.date | None:
        """Give the latest deadline or request that was told after a day and by another."""
        days = [
            getattr(d.record, name)
            for d in self.open
            if getattr(d.record, name) is not None
            and (since or dt.date.min) < _said(d.record) <= until
        ]
        return max(days, default=None)


def _looked_up(view: View, obligation: Obligation, name: str) -> object:
    """Give a field for the recurrence; a due day decided for this activity goes first."""
    for _, decision in effects(view, "due_day"):
        by_day = getattr(obligation.rule.frequency, "by_day", None)
        if decision.get("activity") == obligation.activity and by_day == name:
            return decision.get("day")
    return view.read(name).value


def _at_interval(frequency: Dated, past: Past, interval: Interval) -> dt.date | None:
    """Give when one would be due at an interval that a person set, rounds from their event."""
    if isinstance(frequency, Every):
        return replace(frequency, every=interval).next(past)
    base = past.last or past.start
    return past.after(base, interval) if base is not None else None


def _said(record: Activity) -> dt.date:
    """The day on which a request or a deadline was told, as far as the record says."""
    said = (
        record.requested or record.notified or record.recorded or record.planned or record.deadline
    )
    return said or dt.date.min


def effects(view: View, effect: str) -> Iterator[tuple[DecisionSpec, Carried]]:
    """Give the decisions in force that have an effect, with what the pack says of them."""
    for name, spec in view.pack.laid_out.effects.get(effect, ()):
        for decision in view.decisions(name):
            yield spec, decision
