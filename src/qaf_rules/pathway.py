"""A pathway: states, the table of transitions between them, and the one step that applies it.

A step is automatic only where the rule says will or must, names nobody who decides or does it and
waits for no event. Every other one is offered, and taken by telling its event. A step that is not open is
refused with the reason and never kept for later: the position stays as it was. What was done since the
event that a step follows closes it, until the next such event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, NoReturn, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from qaf_rules.condition import ALWAYS, Is
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.frequency import parse_within, texts
from qaf_rules.model import Frozen
from qaf_rules.result import Reason, Truth
from qaf_rules.values import Fault
from qaf_rules.workdays import DAY, Interval, add, next_working_day
from qaf_rules.written import Cited, Cond, Force, Span, Texts, Timed, raise_all, read_plainly

__all__ = [
    "Judged",
    "Move",
    "PathwaySpec",
    "Position",
    "StateSpec",
    "Step",
    "TransitionSpec",
    "due_in",
    "follow",
    "moves",
    "not_taken_by",
    "step",
    "who_takes",
    "worded",
]

Judge: TypeAlias = Callable[["TransitionSpec", int], "Judged"]
Within: TypeAlias = Annotated[
    Any, BeforeValidator(read_plainly(parse_within)), WithJsonSchema({"type": "string"})
]
BINDING = ("must", "will")
NOBODY = "none"


# --- as a pack writes it -------------------------------------------------------------------------


class StateSpec(Cited):
    """A state: what it is called, what it brings, and by when it is to be left."""

    name: str
    start: bool = False
    end: bool = False  # nothing leads out of it, and that is meant
    actions: Texts = ()
    within: Within | None = None
    note: str = ""


class TransitionSpec(Timed):
    """One row of the table: from which states, to which, on what, and who decides."""

    text: str
    from_: Texts = Field(alias="from")
    to: str | None = None  # left out: the state stays, and that it was done is kept
    event: str | None = None
    after: Span | None = None  # so long in the state
    since: str | None = None  # a step: what is older than its last time opens nothing
    force: Force = "may"
    decided_by: Texts = ()  # any one of them
    decided_with: Texts = ()  # and all of these together with that one
    owner: str | None = None
    closed_by: Texts = ()  # steps and activities: one taken since its event closes it
    settled_by: Texts = ()  # settings by which the council itself made the step automatic
    actions: Texts = ()
    note: str = ""

    @model_validator(mode="after")
    def _one_decides(self) -> TransitionSpec:
        if self.decided_with and not self.deciders:
            message = "nobody decides with whom `decided_with` could"
            raise_all([Fault(message, "name who decides in `decided_by`", ("decided_with",))])
        return self

    @property
    def deciders(self) -> tuple[str, ...]:
        """The roles that decide; none where the rule leaves nothing to decide."""
        return tuple(role for role in self.decided_by if role != NOBODY)

    @property
    def takers(self) -> tuple[str, ...]:
        """The roles of which one takes the step: those that decide, or the owner."""
        return self.deciders or ((self.owner,) if self.owner else ())

    @property
    def automatic(self) -> bool:
        """Whether it follows its condition by itself."""
        told = self.event is not None or self.owner is not None or self.deciders
        return self.force in BINDING and not told

    def target(self, state: str) -> str:
        """Give the state that it leads to from a state."""
        return self.to or state


class StepsSource(Cited):
    """Where the steps of a pathway come from, where a condition holds."""

    value: str = Field(alias="is")
    when: Cond = ALWAYS


def _sources(raw: object) -> object:
    entries = raw if isinstance(raw, list) else [raw]
    return [{"is": entry} if isinstance(entry, str) else entry for entry in entries]


class PathwaySpec(Cited):
    """States and the transitions between them; `escalation` marks the one that cases ask about.

    `recorded_in` is the fact that says in which state a provider is that has no position yet;
    `migrations` say, by the version of a stored position, which state each old one has become.
    """

    name: str
    escalation: bool = False
    recorded_in: str | None = None
    steps_source: Annotated[tuple[StepsSource, ...], BeforeValidator(_sources)] = ()
    states: Mapping[str, StateSpec]
    transitions: Mapping[str, TransitionSpec]
    migrations: Mapping[str, Mapping[str, str]] = {}
    note: str = ""

    @model_validator(mode="after")
    def _joined(self) -> PathwaySpec:
        raise_all([*self._starts(), *self._unknown_states(), *self._unknown_steps()])
        return self

    def _starts(self) -> Iterator[Fault]:
        starts = [id_ for id_, state in self.states.items() if state.start]
        if not starts:
            help_ = f"write `start: true` at one of {listed(self.states)}"
            yield Fault("no state is where the pathway starts", help_, ("states",))
        for id_ in starts[1:]:
            message = f"the pathway starts in `{starts[0]}` already"
            yield Fault(message, "a provider is never in two states", ("states", id_, "start"))

    def _unknown_states(self) -> Iterator[Fault]:
        named: list[tuple[tuple[str, ...], str]] = []
        for id_, transition in self.transitions.items():
            if not transition.from_:
                help_ = f"name one of {listed(self.states)}, or several"
                yield Fault("it leads from no state", help_, ("transitions", id_, "from"))
            named.extend(((("transitions", id_, "from"), name)) for name in transition.from_)
            if transition.to is not None:
                named.append((("transitions", id_, "to"), transition.to))
        for version, states in self.migrations.items():
            named.extend((("migrations", version, old), new) for old, new in states.items())
        for path, name in named:
            if name not in self.states:
                help_ = did_you_mean(name, self.states) or f"there is {listed(self.states)}"
                yield Fault(f"the pathway has no state {quoted(name)}", help_, path)

    def _unknown_steps(self) -> Iterator[Fault]:
        for id_, transition in self.transitions.items():
            if transition.since is not None and transition.since not in self.transitions:
                help_ = did_you_mean(transition.since, self.transitions)
                message = f"the pathway has no transition {quoted(transition.since)}"
                yield Fault(message, help_, ("transitions", id_, "since"))

    @property
    def start(self) -> str:
        """The state that a provider is in before anything happened."""
        return next(id_ for id_, state in self.states.items() if state.start)

    def leaving(self, state: str) -> Iterator[tuple[str, TransitionSpec]]:
        """Give the transitions that a state has, in the order of the table."""
        return ((id_, t) for id_, t in self.transitions.items() if state in t.from_)

    def event_of(self, id_: str) -> str | None:
        """Give the event by which a transition is taken; none where it is automatic."""
        transition = self.transitions[id_]
        return None if transition.automatic else transition.event or id_


# --- where a provider stands ---------------------------------------------------------------------


class Step(Frozen):
    """One step that was taken: when, by which transition, and by which roles; none where it followed.

    `version` is the one that a position left, where the step brought it from one to the next.
    """

    on: dt.date
    transition: str
    left: str
    entered: str
    by: Annotated[tuple[str, ...], BeforeValidator(texts)] = ()
    version: str | None = None


class Position(Frozen):
    """Where a provider stands on a pathway since a day, with how it came there.

    The caller keeps it; `model_dump_json()` writes it, `assessment.pathways.read` reads it.
    `steps_source` says where the steps known on the day of the last one came from.
    """

    framework: str
    version: str
    pathway: str
    state: str
    since: dt.date
    history: tuple[Step, ...] = ()
    steps_source: str | None = None

    @property
    def last(self) -> dt.date:
        """The day of the last step, or on which it began."""
        return self.history[-1].on if self.history else self.since


class Judged(NamedTuple):
    """A row as it stands on a day: its condition, and the days on which activities that close it were done.

    `waits` says what is missing in time where it holds today, but not for long enough.
    """

    reason: Reason
    done: tuple[dt.date, ...] = ()
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that a state has: whether it is open on the day, and who decides.

    One of `decided_by` decides, together with all of `decided_with`. `open` is None where that is
    not known; `reason` then names what would settle it. `event` is what tells that it was taken; an
    automatic one has none. `done` is the day on which what closes it was done; `waits` says what is
    missing in time.
    """

    id: str
    text: str
    to: str
    automatic: bool
    event: str | None
    obligation: str
    decided_by: tuple[str, ...]
    owner: str | None
    open: Truth
    reason: Reason
    actions: tuple[str, ...] = ()
    not_before: dt.date | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    steps_source: str | None = None
    decided_with: tuple[str, ...] = ()
    done: dt.date | None = None
    note: str = ""
    waits: str = ""

    @property
    def takers(self) -> tuple[str, ...]:
        """The roles of which one takes the step."""
        return self.decided_by or ((self.owner,) if self.owner else ())


def due_in(spec: PathwaySpec, position: Position) -> dt.date | None:
    """Give the day by which a state is to be left; None where no time is stated."""
    within = spec.states[position.state].within
    match within:
        case None:
            return None
        case Interval():
            return add(position.since, within)
        case int(hours):
            return position.since + DAY * -(-hours // 24)
    return next_working_day(position.since)


# --- one step ------------------------------------------------------------------------------------


def moves(spec: PathwaySpec, position: Position, *, on: dt.date, judge: Judge) -> tuple[Move, ...]:
    """Give every transition that the state of a position has, each as it stands on a day.

    `judge` evaluates a row that day, and is told how many days the state has lasted.
    """
    return tuple(
        _move(spec, id_, transition, position, on, judge)
        for id_, transition in spec.leaving(position.state)
    )


def _move(
    spec: PathwaySpec,
    id_: str,
    transition: TransitionSpec,
    position: Position,
    on: dt.date,
    judge: Judge,
) -> Move:
    judged = judge(transition, (on - position.since).days)
    outdated = _outdated(transition, position, judged.reason)
    earliest = add(position.since, transition.after) if transition.after is not None else None
    done = _done(transition, position, judged)
    closed = done is not None or (earliest is not None and on < earliest)
    target = spec.states[transition.target(position.state)]
    return Move(
        id=id_,
        text=transition.text,
        to=transition.target(position.state),
        automatic=transition.automatic,
        event=spec.event_of(id_),
        obligation=transition.force,
        decided_by=transition.deciders,
        decided_with=transition.decided_with,
        owner=transition.owner,
        open=False if closed else None if outdated else judged.reason.truth,
        reason=judged.reason,
        actions=tuple(dict.fromkeys([*transition.actions, *target.actions])),
        not_before=earliest,
        done=done,
        clauses=tuple(dict.fromkeys([*transition.clause, *target.clause])),
        readings=tuple(dict.fromkeys([*spec.readings, *transition.readings])),
        note=transition.note,
        waits=judged.waits or outdated,
    )


def _outdated(transition: TransitionSpec, position: Position, reason: Reason) -> str:
    """Say that a row rests on what is older than a step; nothing where it does not."""
    taken = [step.on for step in position.history if step.transition == transition.since]
    day = reason.day()
    if not taken or not reason.truth or day is None or day >= max(taken):
        return ""
    return f"what it rests on is of {day}, before {quoted(transition.since)} on {max(taken)}"


def _done(transition: TransitionSpec, position: Position, judged: Judged) -> dt.date | None:
    """Give the last day on which what closes a row was done since its event; None where it was not."""
    if not judged.reason.truth:
        return None
    since = judged.reason.day()
    taken = [step.on for step in position.history if step.transition in transition.closed_by]
    days = [day for day in (*taken, *judged.done) if since is None or day >= since]
    return max(days, default=None)


def step(
    spec: PathwaySpec,
    position: Position,
    event: str,
    *,
    on: dt.date,
    by: tuple[str, ...],
    judge: Judge,
) -> Position:
    """Take the step that an event tells, on a day, by one role or by several together.

    InputError says why where the state does not take the event, the roles do not decide it, its
    condition does not hold or is not known, it was done already, or the day is before the last step.
    """
    _refuse_past(position, on)
    open_ = moves(spec, position, on=on, judge=judge)
    told = [move for move in open_ if move.event == event]
    if not told:
        _refuse_event(spec, position, event, open_)
    own = [move for move in told if not_taken_by(move, by, event) is None]
    if not own:
        _refuse_roles(position, event, told, by)
    taken = _first(own)
    if taken is None:
        _refuse_closed(position, event, own)
    return _moved(position, taken, on, by)


def follow(spec: PathwaySpec, position: Position, *, on: dt.date, judge: Judge) -> Position:
    """Take the automatic steps that are open on a day, each at most once; where none is, nothing.

    InputError where the day is before the last step.
    """
    _refuse_past(position, on)
    taken: set[str] = set()
    while True:
        open_ = moves(spec, position, on=on, judge=judge)
        move = _first([m for m in open_ if m.automatic and m.id not in taken])
        if move is None:
            return position
        taken.add(move.id)
        position = _moved(position, move, on, ())


def _first(found: list[Move]) -> Move | None:
    """Give the first that is open, unless one before it may be and leads elsewhere."""
    before: set[str] = set()
    for move in found:
        if move.open:
            return move if before <= {move.to} else None
        if move.open is None:
            before.add(move.to)
    return None


def _moved(position: Position, move: Move, on: dt.date, by: tuple[str, ...]) -> Position:
    done = Step(on=on, transition=move.id, left=position.state, entered=move.to, by=by)
    since = position.since if move.to == position.state else on
    history = (*position.history, done)
    return position.model_copy(update={"state": move.to, "since": since, "history": history})


# --- refusing ------------------------------------------------------------------------------------


def _refuse(position: Position, message: str, help_: str | None) -> NoReturn:
    place = f"pathway {position.pathway}, state {position.state}"
    raise InputError([Diagnostic(message, place=place, help=help_, code="not-open")])


def not_taken_by(row: TransitionSpec | Move, roles: Collection[str], event: str) -> str | None:
    """Say why some roles do not take a step together; None where they do."""
    if not row.takers:
        return None
    named = f"{' and '.join(map(quoted, roles))} {'do' if len(roles) > 1 else 'does'} not decide"
    if not roles:
        return f"nobody is named who decides {quoted(event)}"
    if not {*roles} <= {*row.takers, *row.decided_with}:
        return f"{named} {quoted(event)}"
    if {*row.decided_with} <= {*roles} and not {*row.takers}.isdisjoint(roles):
        return None
    return f"{named} {quoted(event)} alone"


def who_takes(row: TransitionSpec | Move, said: Callable[[str], str] = quoted) -> str:
    """Name who takes a step: one of some roles, and those who do so with that one."""
    beside = " and ".join(map(said, row.decided_with))
    one = " or ".join(map(said, row.takers))
    return f"{one} with {beside}" if beside else one


def _refuse_past(position: Position, on: dt.date) -> None:
    if on < position.last:
        message = f"a step on {on} is before the last one, on {position.last}"
        _refuse(position, message, "steps are told in the order in which they were taken")


def _refuse_event(
    spec: PathwaySpec, position: Position, event: str, open_: tuple[Move, ...]
) -> NoReturn:
    events = {told for id_ in spec.transitions if (told := spec.event_of(id_)) is not None}
    if event not in events:
        help_ = did_you_mean(event, events) or f"there is {listed(sorted(events), 20)}"
        _refuse(position, f"the pathway knows no event {quoted(event)}", help_)
    takers = {
        s for id_, t in spec.transitions.items() if spec.event_of(id_) == event for s in t.from_
    }
    here = [move.event for move in open_ if move.event is not None]
    help_ = f"it is taken in {listed(sorted(takers))}"
    help_ += f"; this state takes {listed(here)}" if here else "; this state takes no event"
    _refuse(position, f"the event {quoted(event)} is not taken in this state", help_)


def _refuse_roles(
    position: Position, event: str, told: list[Move], roles: tuple[str, ...]
) -> NoReturn:
    message = next(filter(None, (not_taken_by(move, roles, event) for move in told)))
    deciding = " or ".join(dict.fromkeys(map(who_takes, told)))
    together = "; name all of them in `by`" if any(move.decided_with for move in told) else ""
    _refuse(position, message, f"{deciding} does{together}")


def _refuse_closed(position: Position, event: str, told: list[Move]) -> NoReturn:
    done = [m.done for m in told if m.done is not None]
    if done:
        message = f"{quoted(event)} is not open: it was done on {max(done)}"
        _refuse(position, message, "it opens again with the next event that calls for it")
    early = [m.not_before for m in told if m.not_before is not None and m.reason.truth]
    if early:
        _refuse(position, f"{quoted(event)} is not open yet", f"not before {min(early)}")
    unknown = list(
        dict.fromkeys(n for m in told if m.open is None for n in m.reason.still_needed())
    )
    if unknown:
        message = f"whether {quoted(event)} is open is not known"
        _refuse(position, message, f"find out {listed(unknown)}")
    missing = [m.waits for m in told if m.waits]
    unmet = dict.fromkeys(missing or [said for m in told for said in _unmet(m.reason)])
    why = " and ".join(unmet) or "its condition does not hold"
    _refuse(position, f"{quoted(event)} is not open: {why}", told[0].text)


def _unmet(reason: Reason) -> Iterator[str]:
    """Say of the values that keep a condition from holding what they are."""
    if reason.truth is False and isinstance(reason.condition, Is) and reason.read is not None:
        yield f"`{reason.condition.name}` is {worded(reason.read.value)}"
    for part in reason.parts:
        yield from _unmet(part)


def worded(value: object) -> str:
    """Write a value of a condition as the pack writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "none"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value)
