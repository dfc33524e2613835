"""What is due by when: one item for each activity, and for a series for each period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qaf_rules.condition import ALWAYS, Is, Over
from qaf_rules.elements import Done
from qaf_rules.frequency import (
    Attached,
)
from qaf_rules.maker import Maker, last_done, planned_for
from qaf_rules.obligations import Obligation, Obliged, merged, obliged
from qaf_rules.recurrence import (
    Alternating,
    Anchored,
    EachYear,
    Every,
    Monthly,
    Quarterly,
    Termly,
    Within,
)
from qaf_rules.result import Note, Reason, Row, ScheduleItem
from qaf_rules.value_tests import Value, parse_test
from qaf_rules.workdays import Interval

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.schema import Enough


@dataclass(slots=True)
class Schedule:
    """What a provider's rows and supplements bring: the rows, the items and notes on them."""

    rows: tuple[Row, ...]
    obligations: list[Obligation]
    items: list[ScheduleItem]
    notes: list[Note]


def make_schedule(view: View, brings: Obliged | None = None) -> Schedule:
    """List what is due by the rows of a provider, with what nobody can say yet as `ask`.

    `brings` is what the rows bring, where that is known already.
    """
    rows, found = brings or obliged(view)
    schedule = Schedule(rows, found, [], [])
    for own in by_activity(found).values():
        schedule.items.extend(
            _strictest([(o, Maker(view, o, schedule.notes).items()) for o in own])
        )
    schedule.notes.extend(_reductions(view))
    schedule.items.extend(_extra_visits(view))
    schedule.items = _waiting(view, schedule.items)
    listed = {item.activity for item in schedule.items}
    schedule.items.extend(_not_applicable(view, rows, listed))
    view.list_items(schedule.items)
    return schedule


def by_activity(found: Iterable[Obligation]) -> dict[str, list[Obligation]]:
    """Group obligations by their activity, in order."""
    grouped: dict[str, list[Obligation]] = {}
    for obligation in found:
        grouped.setdefault(obligation.activity, []).append(obligation)
    return grouped


def strictest(view: View, own: list[Obligation]) -> Obligation:
    """K26: of several services' rules for one activity give the one that stands."""
    if len(own) == 1:
        return own[0]
    made = [(o, Maker(view, o, []).items()) for o in own]
    listed = [(o, items) for o, items in made if items and not items[0].attached_to]
    return min(listed, key=_strictness)[0] if listed else own[0]


def _strictest(made: list[tuple[Obligation, list[ScheduleItem]]]) -> list[ScheduleItem]:
    """K26: of several services' rules for one activity the strictest stands; attachments stay."""
    if len(made) == 1:
        return made[0][1]
    attached = [i for _, items in made for i in items if i.attached_to]
    others = [(o, items) for o, items in made if items and not items[0].attached_to]
    if not others:
        return attached[:1]
    _, best = min(others, key=_strictness)
    clauses = merged(*[i.clauses for _, items in made for i in items])
    best = [item._replace(clauses=merged(item.clauses, clauses)) for item in best]
    return [*attached[:1], *best] if best[0].status == "as_required" else [*best, *attached[:1]]


_UNDATED = {"ask": 1, "conflict": 1, "as_required": 2, "not_applicable": 3}
_MONTH = 30.4


def _strictness(made: tuple[Obligation, list[ScheduleItem]]) -> tuple[int, float, dt.date]:
    """Order by whether it is dated, then by how often it comes, then by the nearest due date."""
    obligation, items = made
    dues = [i.due for i in items if i.due is not None and i.status != "done"]
    rank = min(_UNDATED.get(i.status, 0) for i in items)
    return rank, _days_between(obligation.rule.frequency), min(dues, default=dt.date.max)


def _days_between(frequency: object) -> float:
    match frequency:
        case Every(Interval() as every) | Anchored(every) | Alternating(_, Interval() as every):
            return every.days or every.months * _MONTH or every.working_days * 1.4
        case Within(every, least):
            return (every.days or every.months * _MONTH) / max(least, 1)
        case EachYear(_, least):
            return 12 * _MONTH / max(least, 1)
        case Monthly():
            return _MONTH
        case Quarterly():
            return 3 * _MONTH
        case Termly():
            return 4 * _MONTH
    return 12 * _MONTH


def _reductions(view: View) -> Iterator[Note]:
    """Fewer visits are a person's decision; the minimum stays shown beside it."""
    for name, spec in view.pack.laid_out.effects.get("reduce", ()):
        for decision in view.decisions(name):
            if spec.only_when is not None and not view.truth(spec.only_when):
                yield Note(
                    "refused",
                    f"the decision on {spec.label or name} does not stand: its condition is not known to hold",
                    spec.clause,
                )
                continue
            floor = spec.floor
            number = decision.get(floor.of) if floor else None
            if floor is not None and isinstance(number, int) and number < floor.least:
                allowed = floor.unless is not None and view.truth(floor.unless)
                if not allowed:
                    yield Note(
                        "refused",
                        f"the decision on {spec.label or name} does not stand: at least {floor.least} stays",
                        floor.clause,
                    )
                    continue
                yield Note(
                    "reduced",
                    f"{spec.label or name}: {number}, decided by a person; the minimum stays shown",
                    (*spec.clause, *floor.clause),
                )
                continue
            yield Note(
                "reduced",
                f"{spec.label or name}: {number}, decided by a person; the minimum stays shown",
                spec.clause,
            )


def _not_applicable(view: View, rows: Iterable[Row], listed: set[str]) -> tuple[ScheduleItem, ...]:
    """What the rows leave out; it depends on nothing else, so it is made once."""
    ids = tuple(r.row for r in rows if r.row is not None)
    key = (ids, frozenset(listed))
    found = view.pack.kept.left_out.get(key)
    if found is None:
        found = view.pack.kept.left_out[key] = tuple(_left_out(view, ids, listed)) if ids else ()
    return found


def _left_out(view: View, ids: tuple[str, ...], listed: set[str]) -> Iterator[ScheduleItem]:
    chosen = [view.pack.matrix[row] for row in ids]
    rows = Is("row", parse_test(list(ids), (), []))
    reason = Reason(rows, True, Value(frozenset(ids)))  # noqa: FBT003  # a truth
    for activity, spec in view.pack.activities.items():
        if activity in listed or isinstance(spec.rule.frequency, Attached):
            continue
        clauses = [
            c
            for row in chosen
            if row.blank and activity in row.blank.activities
            for c in row.blank.clause
        ]
        yield ScheduleItem(
            activity, "not_applicable", clauses=tuple(clauses), owner=spec.owner, reason=reason
        )


def _waiting(view: View, items: list[ScheduleItem]) -> list[ScheduleItem]:
    """An item waits on another activity unless that was done since its own last time."""
    listed = {i.activity for i in items}
    told: list[ScheduleItem] = []
    for item in items:
        first = item.waiting_on
        if first is not None:
            done = last_done(view, first)
            met = done is not None and (item.last_done is None or done > item.last_done)
            told.append(item._replace(waiting_on=None) if met or first not in listed else item)
        else:
            told.append(item)
    return told


def _extra_visits(view: View) -> Iterator[ScheduleItem]:
    """Visits that a person decided on are listed until as many have been held."""
    for action, enough in view.pack.laid_out.until_enough:
        decided = view.decisions(enough.decision)
        days = [view.judge(t.when).day() for t in action.triggers] if decided else []
        since = max((d for d in days if d is not None), default=None)
        for decision in decided:
            number = decision.get(enough.number)
            held = held_since(view, enough, since or decision.day)
            if isinstance(number, int) and len(held) < number:
                spec = view.pack.decisions.get(enough.decision)
                yield ScheduleItem(
                    enough.records,
                    "as_required",
                    required="minimum",
                    owner=action.owner,
                    note=f"{number - len(held)} of {number} still to be held",
                    clauses=spec.clause if spec else (),
                    planned=planned_for(view, enough.records),
                    reason=Over("decision", (enough.decision,), ALWAYS).evaluate(view),
                )


def held_since(view: View, enough: Enough, since: dt.date) -> list[Done]:
    """Give the records that count towards what a decision names: done on or after a day."""
    return [r for r in view.done((enough.records,)) if r.day is not None and r.day >= since]


def count_missed(view: View) -> None:
    """K13: overdue returns that count as missed are findings that the schedule makes."""
    missed = view.pack.identity.missed_return
    if missed is None:
        return
    made = []
    for item in (listed.item for own in view.schedule.values() for listed in own):
        if item.missed and item.due is not None:
            spec = view.pack.activities[item.activity]
            kinds = item.missing or ((spec.returns,) if spec.returns else ())
            told = {"return_kind": next(iter(kinds), None), "activity": item.activity}
            made.append((item.id, item.due, told))
    view.add_derived(missed.kind, made)
