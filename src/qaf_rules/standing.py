"""Where a provider stands on the pathways of its pack on a day, and the steps that are open to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import ValidationError

from qaf_rules import pathway as table
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.lasting import lasting
from qaf_rules.pathway import Move, PathwaySpec, Position, Step, StepsSource, TransitionSpec
from qaf_rules.result import Keyed, Reason

if TYPE_CHECKING:
    from qaf_rules.facts import View

__all__ = ["Pathways", "Standing"]

MIGRATED = "migrated"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pathway looks from its start on a day, whatever has been recorded.

    `entered` is true where an automatic step is open, `offered` where none is and a person may
    take one. `steps_source` says where its steps come from, while it is entered or offered.
    """

    id: str
    name: str
    entered: bool
    offered: bool
    steps_source: str | None
    moves: tuple[Move, ...]
    reasons: tuple[Reason, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


class Pathways:
    """The pathways of a pack for one provider on one day."""

    def __init__(self, view: View, *, out: bool) -> None:
        self._view = view
        self._specs: Mapping[str, PathwaySpec] = {} if out else view.pack.pathway

    def __getitem__(self, id_: str) -> Standing:
        """Say how a pathway looks from its start; KeyError with a hint for any other name."""
        return self._standing(id_, self._spec(id_))

    def __contains__(self, id_: object) -> bool:
        """Whether there is such a pathway for this provider."""
        return id_ in self._specs

    def __iter__(self) -> Iterator[Standing]:
        """Say how each pathway looks from its start, in the order of the pack."""
        return (self._standing(id_, spec) for id_, spec in self._specs.items())

    @property
    def escalation(self) -> Standing | None:
        """The standing on the pathway that the pack calls the escalation; None where it has none."""
        marked = [id_ for id_, spec in self._specs.items() if spec.escalation]
        return self[marked[0]] if marked else None

    def start(self, id_: str) -> Position:
        """Give the position at the start of a pathway, from this day on; KeyError as above."""
        own = self._view.pack.identity
        spec = self._spec(id_)
        return Position(
            framework=own.id,
            version=own.version,
            pathway=id_,
            state=spec.start,
            since=self._view.on,
            steps_source=self._named(spec),
        )

    def moves(self, position: Position) -> Keyed[Move]:
        """Give every transition that a position has, open or not, each with its reason.

        InputError where the position is of another framework, version or pathway.
        """
        spec = self._of(position)
        on, since, source = self._view.on, position.since, self._named(spec)
        found = table.moves(spec, position.state, since=since, on=on, judge=self._judge)
        return Keyed(replace(move, steps_source=source) for move in found)

    def step(self, position: Position, event: str, *, by: str) -> Position:
        """Take the step that an event tells, by a role; the position given stays as it was.

        InputError says why it is not open, and for a position that is not of this pack.
        """
        spec = self._of(position)
        roles = self._view.pack.roles
        if by not in roles:
            help_ = did_you_mean(by, roles) or f"the roles are {listed(roles, 30)}"
            raise InputError([Diagnostic(f"there is no role {quoted(by)}", help=help_)])
        after = table.step(spec, position, event, on=self._view.on, by=by, judge=self._judge)
        return self._sourced(spec, after)

    def follow(self, position: Position) -> Position:
        """Take the automatic steps that are open today; where none is, the position as it was.

        InputError for a position that is not of this pack, and where it is of a later day.
        """
        spec = self._of(position)
        after = table.follow(spec, position, on=self._view.on, judge=self._judge)
        return position if after is position else self._sourced(spec, after)

    def due(self, position: Position) -> dt.date | None:
        """Give the day by which the state is to be left; None where no time is stated."""
        return table.due_in(self._of(position), position)

    def read(self, text: str | bytes) -> Position:
        """Read a position that was kept as JSON, of this version or of one that can be migrated.

        InputError with every fault: what is no position, what is not of this framework, another
        version without a migration, a state or a transition that there is not, a broken history.
        """
        try:
            found = Position.model_validate_json(text)
        except ValidationError as error:
            raise InputError(
                Diagnostic(
                    f"{'.'.join(map(str, e['loc'])) or 'the text'}: {e['msg'][0].lower()}{e['msg'][1:]}",
                    place="position",
                    help="give what `model_dump_json()` of a position wrote",
                )
                for e in error.errors()
            ) from None
        found = self._migrated(found)
        self._of(found)
        return found

    # --- what stands behind ------------------------------------------------------------------------

    def _judge(self, row: TransitionSpec, days: int) -> Reason:
        self._view.bind({"days": days})
        reason = self._view.judge(row.when)
        if not (row.timed and reason.truth):
            return reason
        return Reason(row.when, lasting(self._view, row, reason).truth, None, (reason,))

    def _spec(self, id_: str) -> PathwaySpec:
        if id_ not in self._specs:
            hint = did_you_mean(id_, self._specs)
            raise KeyError(f"there is no pathway `{id_}`" + (f" ({hint})" if hint else ""))
        return self._specs[id_]

    def _standing(self, id_: str, spec: PathwaySpec) -> Standing:
        on = self._view.on
        found = table.moves(spec, spec.start, since=on, on=on, judge=self._judge)
        away = [m for m in found if m.open and m.to != spec.start]
        entered = [m for m in away if m.automatic]
        told = entered or away
        source = self._source(spec) if told else None
        cited = [c for m in told for c in (*spec.clause, *m.clauses)]
        cited.extend(source.clause if source else ())
        return Standing(
            id=id_,
            name=spec.name,
            entered=bool(entered),
            offered=bool(told) and not entered,
            steps_source=source.value if source else None,
            moves=found,
            reasons=tuple(m.reason for m in told),
            clauses=tuple(dict.fromkeys(cited)),
            readings=tuple(dict.fromkeys(r for m in told for r in m.readings)),
        )

    def _source(self, spec: PathwaySpec) -> StepsSource | None:
        """Give the first that holds of what a pathway says of where its steps come from."""
        return next((s for s in spec.steps_source if self._view.truth(s.when)), None)

    def _named(self, spec: PathwaySpec) -> str | None:
        source = self._source(spec)
        return source.value if source is not None else None

    def _sourced(self, spec: PathwaySpec, position: Position) -> Position:
        return position.model_copy(update={"steps_source": self._named(spec)})

    def _of(self, position: Position) -> PathwaySpec:
        """Give the pathway of a position; InputError with everything that does not fit."""
        faults = list(self._unfit(position))
        if faults:
            raise InputError(faults)
        return self._specs[position.pathway]

    def _unfit(self, position: Position) -> Iterator[Diagnostic]:
        own = self._view.pack.identity
        place = f"position on {position.pathway}"
        if position.framework != own.id:
            message = f"the position is of the framework {quoted(position.framework)}"
            yield Diagnostic(message, place=place, help=f"this one is `{own.id}`")
            return
        if position.version != own.version:
            message = (
                f"the position is of version {quoted(position.version)}, not of `{own.version}`"
            )
            help_ = (
                "read it with `pathways.read`, or declare under `migrations` what each state became"
            )
            yield Diagnostic(message, place=place, help=help_, code="other-version")
            return
        spec = self._specs.get(position.pathway)
        if spec is None:
            message = f"there is no pathway {quoted(position.pathway)} for this provider"
            known = did_you_mean(position.pathway, self._specs)
            yield Diagnostic(message, place=place, help=known)
            return
        if position.state not in spec.states:
            message = f"the pathway has no state {quoted(position.state)}"
            help_ = did_you_mean(position.state, spec.states) or f"there is {listed(spec.states)}"
            yield Diagnostic(message, place=place, help=help_)
        yield from _broken(position, place)

    def _migrated(self, position: Position) -> Position:
        """Give a position of an earlier version as the pack says what its states have become."""
        own = self._view.pack.identity
        spec = self._specs.get(position.pathway)
        states = spec.migrations.get(position.version) if spec is not None else None
        if position.framework != own.id or position.version == own.version or states is None:
            return position
        state = states.get(position.state, position.state)
        done = Step(
            on=position.last, transition=MIGRATED, left=position.state, entered=state, by=None
        )
        changed = {
            "version": own.version,
            "state": state,
            "history": (*position.history, done),
        }
        return position.model_copy(update=changed)


def _broken(position: Position, place: str) -> Iterator[Diagnostic]:
    """Find where the steps of a history do not lead from one to the next."""
    help_ = "keep the position as it was given, with all of its history"
    steps = position.history
    for n, (one, after) in enumerate(pairwise(steps), start=1):
        if one.entered != after.left:
            message = (
                f"step {n} enters {quoted(one.entered)}, and the next leaves {quoted(after.left)}"
            )
            yield Diagnostic(message, place=place, help=help_)
        if after.on < one.on:
            message = f"step {n + 1}, on {after.on}, is before the one of {one.on}"
            yield Diagnostic(message, place=place, help=help_)
    if steps and steps[-1].entered != position.state:
        message = f"the last step enters {quoted(steps[-1].entered)}, not {quoted(position.state)}"
        yield Diagnostic(message, place=place, help=help_)
