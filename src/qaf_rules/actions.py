"""What to do next: each action with what starts it, its force, its day, and what closes it (K21)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.condition import ALWAYS, whole
from qaf_rules.elements import Listed
from qaf_rules.lasting import lasting
from qaf_rules.recurrence import Anchored, Past, Unknown
from qaf_rules.result import Action, Evidence, Reason
from qaf_rules.schedule import held_since
from qaf_rules.value_tests import NOTHING, Value
from qaf_rules.workdays import Interval, month_day, parse_interval, working_days_after

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.laid_out import Started
    from qaf_rules.schema import ActionSpec, Enough, Trigger

FORCES = ("must", "will", "should", "usually", "where_possible", "may")


class Open(NamedTuple):
    """A trigger that is true and not closed."""

    trigger: Trigger
    reason: Reason
    since: dt.date | None
    force: str
    items: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A trigger that is unknown, with the names that would settle it."""

    action: str
    names: tuple[str, ...]
    clauses: tuple[str, ...]
    reason: Reason


def suggest_actions(
    view: View, only: tuple[str, ...] | None, *, portfolio: bool = False
) -> tuple[list[Action], list[Undecided]]:
    """Judge every action of the pack, in its order.

    `only` names those told of a provider out of scope; `portfolio` judges those of a register.
    """
    actions: list[Action] = []
    undecided: list[Undecided] = []
    for id_, started in view.pack.laid_out.actions.items():
        told = view.told
        for when, _ in started.triggers:
            if when.stirs & told:
                break
        else:  # nothing that is told of the provider may start it
            continue
        if started.portfolio != portfolio or (only is not None and id_ not in only):
            continue
        own = suggest_action(view, started, undecided)
        if own:
            each = [Suggested(action) for action in own]
            suggested = [(Reason(None, True, Value(True, (s.evidence,))), s) for s in each]  # noqa: FBT003  # a truth
            view.came_out("suggested", id_, *suggested)
            actions.extend(own)
    return actions, undecided


def suggest_action(view: View, started: Started, undecided: list[Undecided]) -> list[Action]:
    """Judge one action, for each thing that it is for; triggers that are unknown join `undecided`."""
    found: list[Action] = []
    for about, items in _instances(view, started):
        opened = _open(view, started, items, undecided)
        if opened:
            found.append(_action(view, started.id, started.spec, about, opened))
    return found


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggested action as conditions read it."""

    action: Action

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        return Evidence("action", self.action.id, self.action.since)

    def get(self, name: str, _env: object = None) -> object:
        """Give an attribute of the action."""
        match name:
            case "clause":
                return frozenset(self.action.clauses)
            case "force":
                return self.action.obligation
        value = getattr(self.action, name, None)
        return NOTHING if value is None else value


_ALONE = ((None, None),)


def _instances(
    view: View, started: Started
) -> Iterable[tuple[str | None, tuple[Listed, ...] | None]]:
    """One for the provider, or one for each item, or for each activity that has such items."""
    each = started.each
    if each is None:
        return _ALONE
    if not started.each_reads & view.told:
        return ()
    fitting = [listed for listed in view.items(each.ids) if each.where.holds(listed, view)]
    if started.spec.per == "item":
        return [(listed.item.id, (listed,)) for listed in fitting]
    by_activity: dict[str, list[Listed]] = {}
    for listed in fitting:
        by_activity.setdefault(listed.item.activity, []).append(listed)
    return [(activity, tuple(items)) for activity, items in by_activity.items()]


def _open(
    view: View,
    started: Started,
    items: tuple[Listed, ...] | None,
    undecided: list[Undecided],
) -> list[Open]:
    id_, spec, closed_when = started.id, started.spec, started.closed_when
    if items or view.this:
        view.bind(items[0].attributes() if items else {})
    if closed_when is not None and view.truth_of(closed_when):
        return []
    found: list[Open] = []
    for when, trigger in started.triggers:
        if not when.stirs & view.told or view.truth_of(when) is False:
            continue
        reason = view.reason_of(when)
        if reason.truth is None:
            names = tuple(dict.fromkeys(reason.still_needed()))
            undecided.append(Undecided(id_, names, trigger.clause or spec.clause, reason))
        if not reason.truth:
            continue
        time = lasting(view, trigger, reason) if trigger.timed else None
        if time is not None and not time.truth:
            continue
        since = time.since if time is not None else _since(view, trigger, reason, items)
        force = _force(trigger, items)
        if not _closed(view, id_, spec, trigger, reason, since, force, items):
            found.append(Open(trigger, reason, since, force, items or ()))
    return found


class Judged(NamedTuple):
    """A trigger as it stands: every part of it evaluated, and what has closed it."""

    trigger: Trigger
    reason: Reason
    items: tuple[Listed, ...]
    closed: bool
    waits: str = ""  # what is missing in time where its condition holds


def judged(view: View, id_: str) -> list[Judged]:
    """Judge every trigger of an action with all of its parts, to tell why it is not suggested."""
    started = view.pack.laid_out.actions[id_]
    spec = started.spec
    found: list[Judged] = []
    for _, items in _instances(view, started):
        view.bind(items[0].attributes() if items else {})
        over = spec.closed_when is not None and bool(view.truth(spec.closed_when))
        for trigger in spec.triggers:
            reason = whole(trigger.when, view)
            since = _since(view, trigger, reason, items)
            waits = ""
            if trigger.timed and reason.truth:
                _, since, waits = lasting(view, trigger, reason)
            force = _force(trigger, items)
            closed = (
                bool(reason.truth)
                and not waits
                and (over or _closed(view, id_, spec, trigger, reason, since, force, items))
            )
            found.append(Judged(trigger, reason, items or (), closed, waits))
    view.bind({})
    return found


def _since(
    view: View, trigger: Trigger, reason: Reason, items: tuple[Listed, ...] | None
) -> dt.date | None:
    """The day of the event that an action follows: the newest behind what made it true."""
    if trigger.event == "due":
        dues = [i.item.due for i in items or ()] or [e.due for e in reason.support()]
        come = [due for due in dues if due is not None and due <= view.on]
        if come:
            return max(come)
    if not isinstance(trigger.event, str):
        event: Reason = view.judge(trigger.event)
        return event.day()
    days = [*[i.evidence.day for i in items or ()], reason.day()]
    known = [d for d in days if d is not None]
    return min(max(known), view.on) if known else None  # what follows today's visit is open today


def _force(trigger: Trigger, items: tuple[Listed, ...] | None) -> str:
    if trigger.force == "item" and items:
        forces = [i.item.force for i in items if i.item.force]
        return min(forces, key=FORCES.index, default="will")
    return trigger.force or "will"


def _closed(
    view: View,
    id_: str,
    spec: ActionSpec,
    trigger: Trigger,
    reason: Reason,
    since: dt.date | None,
    force: str,
    items: tuple[Listed, ...] | None,
) -> bool:
    if spec.enough is not None and _enough(view, spec.enough, since):
        return True
    if force == "may" and _answered(view, (id_, *spec.discretion), since):
        return True
    if spec.standing:
        return False
    closers = trigger.closed_by or spec.closed_by or (id_,)
    period = _latest_period(view, items) if trigger.same_period else None
    return any(
        record.day is not None
        and (since is None or record.day >= since)
        and (period is None or record.record.activity == id_ or record.record.period == period)
        and record.serves(_behind(view, trigger, reason, items))
        for record in view.done(closers)
    )


def _behind(
    view: View, trigger: Trigger, reason: Reason, items: tuple[Listed, ...] | None
) -> Iterator[Evidence]:
    """Give what an action rests on: its items, what made it true, and its event."""
    yield from (item.evidence for item in items or ())
    yield from reason.support()
    if not isinstance(trigger.event, str):
        yield from view.judge(trigger.event).support()


def _latest_period(view: View, items: tuple[Listed, ...] | None) -> str | None:
    done = [r for i in items or () for r in view.done((i.item.activity,))]
    return done[-1].record.period if done else None


def _enough(view: View, enough: Enough, since: dt.date | None) -> bool:
    for decision in view.decisions(enough.decision):
        number = decision.get(enough.number)
        held = held_since(view, enough, since or decision.day)
        if isinstance(number, int) and len(held) >= number:
            return True
    return False


def _answered(view: View, ids: tuple[str, ...], since: dt.date | None) -> bool:
    """A decision not to act, taken on or after the event."""
    return any(answer in ids and (since is None or day >= since) for answer, day in answers(view))


def answers(view: View) -> Iterator[tuple[object, dt.date]]:
    """Give what standing decisions answer, with the day of each."""
    for name, _ in view.pack.laid_out.effects.get("answer", ()):
        for decision in view.decisions(name):
            yield decision.get("to"), decision.day


def _action(
    view: View, id_: str, spec: ActionSpec, about: str | None, opened: list[Open]
) -> Action:
    """Several triggers make one action: the strongest force, the earliest day, every clause."""
    strongest = min(opened, key=lambda o: FORCES.index(o.force))
    dues = [d for d in (_due(view, o.trigger.due or spec.due, o) for o in opened) if d is not None]
    choice = spec.due.get("by_choice") if isinstance(spec.due, Mapping) else None
    owner = spec.owner
    if owner == "item":
        owner = next((i.item.owner for o in opened for i in o.items), None)
    clauses = [c for o in opened for c in (o.trigger.clause or spec.clause)]
    if "item" in clauses or "item" in spec.clause:
        clauses = [*clauses, *[c for o in opened for i in o.items for c in i.item.clauses]]
    readings = [*spec.readings, *[r for o in opened for r in o.trigger.readings]]
    readings.extend([choice] if choice else [])
    readings.extend(r for o in opened for i in o.items for r in i.item.readings)
    since = [o.since for o in opened if o.since]
    decided = strongest.trigger.decided_by or spec.decided_by
    closers = [c for o in opened for c in (o.trigger.closed_by or spec.closed_by or (id_,))]
    return Action(
        id=id_,
        text=spec.text,
        obligation=strongest.force,
        decided_by=None if decided in ((), ("none",)) else ", ".join(decided),
        owner=owner,
        due=min(dues, default=None),
        about=about,
        since=max(since, default=None),
        closed_by=() if spec.standing else tuple(dict.fromkeys(closers)),
        discretion=spec.discretion,
        clauses=tuple(dict.fromkeys(c for c in clauses if c != "item")),
        readings=tuple(dict.fromkeys(readings)),
        reasons=tuple(o.reason for o in opened),
        other_dues=tuple(_other_dues(view, spec.due, choice, opened)) if choice else (),
    )


def _other_dues(
    view: View, due: Mapping[str, object], choice: str, opened: list[Open]
) -> Iterator[dt.date | None]:
    """Give the earliest due date under each option of an ambiguity that was not taken."""
    for option in view.pack.readings[choice].options:
        other = _chosen(due, option)
        if option != view.pack.choices[choice] and other is not None:
            dues = [d for d in (_due(view, other, o) for o in opened) if d is not None]
            yield min(dues, default=None)


def _chosen(due: Mapping[str, object], option: str) -> object:
    """Give the day that stands under an option of an ambiguity, or under `otherwise`."""
    return due.get(option, due.get("otherwise"))


def _due(view: View, due: object, opened: Open) -> dt.date | None:
    if due == "item":
        own = [i.item.day for i in opened.items if i.item.day]
        own = own or [e.due for e in opened.reason.support() if e.due]
        return min(own, default=None)
    if not isinstance(due, Mapping):
        return None
    if "by_choice" in due:
        return _due(view, _chosen(due, view.pack.choices[str(due["by_choice"])]), opened)
    since = view.on if due.get("from") == "today" else opened.since or view.on
    if "working_days" in due:
        return working_days_after(
            since, int(due["working_days"]), from_day_itself=bool(due.get("from_day_itself"))
        )
    if "monthly_on" in due:
        return _monthly(view, str(due["monthly_on"]), since)
    return sitting(view, parse_interval(due["every"]), str(due["anchor"]), since)


def sitting(view: View, every: Interval, anchor: str, since: dt.date) -> dt.date | None:
    """Give the first sitting on or after a day, also before the one known; None where none is known."""
    series = Anchored(every, anchor)
    known = view.read(anchor).value
    if isinstance(known, dt.date) and known > since and every.days:
        back = (known - since).days // every.days + 1
        known = known - dt.timedelta(days=back * every.days)
    try:
        return next(series.periods(since, Past((), None, lambda _name: known))).due
    except (Unknown, StopIteration):
        return None


def _monthly(view: View, name: str, since: dt.date) -> dt.date | None:
    anchor = view.read(name).value
    if not isinstance(anchor, dt.date):
        return None
    due = month_day(since.year, since.month, anchor.day)
    return due if due >= since else month_day(since.year, since.month + 1, anchor.day)


__all__ = [
    "ALWAYS",
    "FORCES",
    "Undecided",
    "answers",
    "judged",
    "sitting",
    "suggest_action",
    "suggest_actions",
]
