"""Where a provider stands on the pathways of its pack on a day, and the steps that are open to it.

No pathway begins for a provider outside the framework. A position that it has is kept, and stands
still until the provider is within the framework again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from qaf_rules import pathway as table
from qaf_rules.errors import (
    Diagnostic,
    InputError,
    did_you_mean,
    listed,
    quoted,
    refuse_other,
)
from qaf_rules.frequency import texts
from qaf_rules.kept import MIGRATED, misfits
from qaf_rules.lasting import lasting
from qaf_rules.pathway import (
    Judged,
    Move,
    PathwaySpec,
    Position,
    Step,
    StepsSource,
    TransitionSpec,
)
from qaf_rules.result import Keyed, Reason

if TYPE_CHECKING:
    from qaf_rules.facts import View

__all__ = ["Pathways", "Standing"]

_WRITTEN: Final = "give what `model_dump_json()` of a position wrote"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pathway looks on a day from where it begins, whatever position is kept.

    It begins at its start, or at the `state` that the records state. `entered` is true where an
    automatic step is open, `offered` where none is and a person may take one. `steps_source` says
    where its steps come from, while it is entered or offered.
    """

    id: str
    name: str
    state: str
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
        self._specs: Mapping[str, PathwaySpec] = view.pack.pathway
        self._out = out

    @property
    def stand_still(self) -> bool:
        """Whether the provider is outside the framework: what it has is kept, and nothing moves it."""
        return self._out

    def __getitem__(self, id_: str) -> Standing:
        """Say how a pathway looks from its start; KeyError with a hint for any other name."""
        return self._standing(id_, self._spec(id_))

    def __contains__(self, id_: object) -> bool:
        """Whether there is such a pathway for this provider."""
        return isinstance(id_, str) and id_ in self._begun

    def __iter__(self) -> Iterator[Standing]:
        """Say how each pathway looks from its start, in the order of the pack."""
        return (self._standing(id_, spec) for id_, spec in self._begun.items())

    @property
    def escalation(self) -> Standing | None:
        """The standing on the pathway that the pack calls the escalation; None where it has none."""
        marked = [id_ for id_, spec in self._begun.items() if spec.escalation]
        return self[marked[0]] if marked else None

    def start(self, id_: str) -> Position:
        """Give the position at which a pathway begins; KeyError as above.

        That is its start, from this day on, or the state that the records state, since they did.
        """
        own = self._view.pack.identity
        spec = self._spec(id_)
        state, since = self._recorded(spec) or (spec.start, self._view.on)
        return Position(
            framework=own.id,
            version=own.version,
            pathway=id_,
            state=state,
            since=since,
            steps_source=self._named(spec),
        )

    def moves(self, position: Position) -> Keyed[Move]:
        """Give every transition that a position has, open or not, each with its reason.

        None where the provider is outside the framework. InputError where the position is of another
        framework, version or pathway.
        """
        spec = self._of(position)
        source = self._named(spec)
        found = table.moves(spec, position, on=self._view.on, judge=self._judge)
        return Keyed(replace(move, steps_source=source) for move in found if not self._out)

    def step(self, position: Position, event: str, *, by: str | Iterable[str]) -> Position:
        """Take the step that an event tells; the position given stays as it was.

        `by` is the role that takes it, or all of those that do so together. InputError says why it
        is not open, and for a position that is not of this pack, or an argument that is something
        else than it has to be.
        """
        spec = self._of(position)
        self._refuse_outside(position)
        refuse_other(str, "event", event, "event", "give the `event` of one of `moves(position)`")
        named = (by,) if isinstance(by, str) else by
        help_ = f"give a role, or a list of those that decide together, of {self._roles()}"
        refuse_other(Iterable, "by", named, "role", help_)
        by = texts(tuple(named))
        self._refuse_strangers(by)
        after = table.step(spec, position, event, on=self._view.on, by=by, judge=self._judge)
        return self._sourced(spec, after)

    def follow(self, position: Position) -> Position:
        """Take the automatic steps that are open today; where none is, the position as it was.

        It is so too where the provider is outside the framework. InputError for a position that is not
        of this pack, and where it is of a later day.
        """
        spec = self._of(position)
        if self._out:
            return position
        after = table.follow(spec, position, on=self._view.on, judge=self._judge)
        return position if after is position else self._sourced(spec, after)

    def due(self, position: Position) -> dt.date | None:
        """Give the day by which the state is to be left; None where no time is stated or runs."""
        due = table.due_in(self._of(position), position)
        return None if self._out else due

    def read(self, text: str | bytes) -> Position:
        """Read a position that was kept as JSON, of this version or of one that can be migrated.

        InputError with every fault: what is no position, what is not of this framework, another
        version without a migration, a state or a transition that there is not, a step that the table
        does not have or that nobody who took it may take, a broken history, a day to come.
        """
        refuse_other(str | bytes, "text", text, "text of a position", _WRITTEN)
        try:
            found = Position.model_validate_json(text)
        except ValidationError as error:
            raise InputError(
                Diagnostic(
                    f"{'.'.join(map(str, e['loc'])) or 'the text'}: {e['msg'][0].lower()}{e['msg'][1:]}",
                    place="position",
                    help=_WRITTEN,
                )
                for e in error.errors()
            ) from None
        found = self._migrated(found)
        self._of(found, today=self._view.on)
        return found

    # --- what stands behind ------------------------------------------------------------------------

    @property
    def _begun(self) -> Mapping[str, PathwaySpec]:
        """The pathways that begin for this provider."""
        return {} if self._out else self._specs

    def _recorded(self, spec: PathwaySpec) -> tuple[str, dt.date] | None:
        """Give the state that the records state, and the day on which they did; None where they do not."""
        read = self._view.read(spec.recorded_in) if spec.recorded_in is not None else None
        if read is None or read.value not in spec.states:
            return None
        days = [evidence.day for evidence in read.evidence if evidence.day is not None]
        return str(read.value), max(days, default=self._view.on)

    def _judge(self, row: TransitionSpec, days: int) -> Judged:
        view = self._view
        view.bind({"days": days})
        reason = view.judge(row.when)
        waits = ""
        if row.timed and reason.truth:
            truth, _, waits = lasting(view, row, reason)
            reason = Reason(row.when, truth, None, (reason,))
        done = view.done(row.closed_by) if row.closed_by else ()
        serving = tuple(d.day for d in done if d.day is not None and d.serves(reason.support()))
        return Judged(reason, serving, waits)

    def _spec(self, id_: str) -> PathwaySpec:
        if id_ not in self:
            hint = did_you_mean(str(id_), self._begun)
            raise KeyError(f"there is no pathway `{id_}`" + (f" ({hint})" if hint else ""))
        return self._specs[id_]

    def _refuse_outside(self, position: Position) -> None:
        if self._out:
            message = "the provider is outside the framework, so the position stands still"
            help_ = "keep it: it goes on once the provider is within the framework again"
            place = f"position on {position.pathway}"
            raise InputError([Diagnostic(message, place=place, help=help_, code="stands-still")])

    def _refuse_strangers(self, by: tuple[str, ...]) -> None:
        roles = self._view.pack.roles
        faults = [
            Diagnostic(
                f"there is no role {quoted(role)}",
                help=did_you_mean(role, roles) or f"the roles are {self._roles()}",
            )
            for role in by
            if role not in roles
        ]
        if faults:
            raise InputError(faults)

    def _roles(self) -> str:
        return listed(self._view.pack.roles, 30)

    def _standing(self, id_: str, spec: PathwaySpec) -> Standing:
        begun = self.start(id_)
        found = table.moves(spec, begun, on=self._view.on, judge=self._judge)
        away = [m for m in found if m.open and m.to != begun.state]
        entered = [m for m in away if m.automatic]
        told = entered or away
        source = self._source(spec) if told else None
        cited = [c for m in told for c in (*spec.clause, *m.clauses)]
        cited.extend(source.clause if source else ())
        return Standing(
            id=id_,
            name=spec.name,
            state=begun.state,
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

    def _of(self, position: Position, *, today: dt.date | None = None) -> PathwaySpec:
        """Give the pathway of a position; InputError with everything that does not fit.

        `today` is the day after which nothing may be dated; None where that is told otherwise.
        """
        help_ = "give what `start` begins, a step leaves, or `read` reads"
        refuse_other(Position, "position", position, "position on a pathway", help_)
        faults = list(self._unfit(position, today))
        if faults:
            raise InputError(faults)
        return self._specs[position.pathway]

    def _unfit(self, position: Position, today: dt.date | None) -> Iterator[Diagnostic]:
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
            message = f"there is no pathway {quoted(position.pathway)} in this pack"
            known = did_you_mean(position.pathway, self._specs)
            yield Diagnostic(message, place=place, help=known)
            return
        yield from misfits(position, spec, self._rows_by_reading(position.pathway), today)

    def _rows_by_reading(self, id_: str) -> frozenset[str]:
        """Give the rows of which a reading says who takes them, so that it may have been others."""
        rows: Mapping[str, Mapping[str, object]]
        rows = self._view.pack.data["pathway"][id_]["transitions"]
        return frozenset(
            name
            for name, raw in rows.items()
            if any(
                isinstance(told := raw.get(key), Mapping) and "by_reading" in told
                for key in ("force", "decided_by", "decided_with", "owner", "event")
            )
        )

    def _migrated(self, position: Position) -> Position:
        """Give a position of an earlier version as the pack says what its states have become."""
        own = self._view.pack.identity
        spec = self._specs.get(position.pathway)
        states = spec.migrations.get(position.version) if spec is not None else None
        if position.framework != own.id or position.version == own.version or states is None:
            return position
        state = states.get(position.state, position.state)
        done = Step(
            on=position.last,
            transition=MIGRATED,
            left=position.state,
            entered=state,
            version=position.version,
        )
        changed = {
            "version": own.version,
            "state": state,
            "history": (*position.history, done),
        }
        return position.model_copy(update=changed)
