"""What every assessment judges, laid out once for a pack as plain tuples in the order of judging.

A checked part of a pack looks its attributes up slowly, and most rules are judged only to be false:
a rule whose condition nothing stirs that is told of a provider is passed over at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.condition import Condition, Findings, Over

if TYPE_CHECKING:
    from qaf_rules.alike import Alike
    from qaf_rules.elements import World
    from qaf_rules.frequency import Rule
    from qaf_rules.pack import Pack
    from qaf_rules.result import Question, ScheduleItem
    from qaf_rules.schema import (
        ActionSpec,
        DecisionSpec,
        Enough,
        FlagSpec,
        QuestionSpec,
        RowSpec,
        Tie,
        Trigger,
    )


class Criterion(NamedTuple):
    """A criterion of the rating."""

    id: str
    when: Alike
    level: int
    mode: str
    text: str
    clauses: tuple[str, ...]
    readings: tuple[str, ...]
    of: tuple[str, ...]


class Started(NamedTuple):
    """An action with what starts and closes it, and the items of which each has one."""

    id: str
    spec: ActionSpec
    each: Over | None
    each_reads: int  # the bits of what such an item needs
    closed_when: Alike | None
    triggers: tuple[tuple[Alike, Trigger], ...]
    portfolio: bool  # of a whole register


class Declared(NamedTuple):
    """A question with what it is about, each where its condition holds."""

    id: str
    spec: QuestionSpec
    about: tuple[tuple[str, Alike | None], ...]
    when: Alike | None
    gate: Alike | None  # its condition where that is all that is to be judged
    portfolio: bool


class Asked(NamedTuple):
    """An ambiguity that is asked about where a condition holds."""

    id: str
    when: Alike
    portfolio: bool


class Flagged(NamedTuple):
    """What is told where a condition holds, and is no action."""

    id: str
    spec: FlagSpec
    when: Alike


@dataclass(slots=True)
class Kept:
    """What follows from a pack alone, made once for each key as it is first asked for."""

    laid_over: dict[tuple[str, int], Rule] = field(default_factory=dict)  # of cells, by activity
    # ... with the clauses of the supplement that brings it
    citing: dict[tuple[str, int, tuple[str, ...]], Rule] = field(default_factory=dict)
    # The items of what a choice of rows leaves out.
    left_out: dict[tuple[tuple[str, ...], frozenset[str]], tuple[ScheduleItem, ...]] = field(
        default_factory=dict
    )
    # Of kinds of which nothing is known, or nothing is there; nobody adds to them.
    empty_worlds: dict[tuple[str, bool], World] = field(default_factory=dict)
    # About fields and facts, resting on nothing but their name.
    plain_questions: dict[tuple[str, tuple[str, ...]], Question | None] = field(
        default_factory=dict
    )
    # The kinds and attributes that tell each fact, with the tie of one that is a number
    told_by: dict[str, tuple[tuple[str, tuple[str, ...], Tie | None], ...]] = field(
        default_factory=dict
    )
    # The facts and kinds of finding that each criterion may read.
    readers: dict[str, frozenset[str]] = field(default_factory=dict)
    # What is wrong with names that it does not declare.
    undeclared: frozenset[str] | None = None
    # What each entry of a section mentions, as its files write it.
    mentioned: dict[str, Mapping[tuple[str, ...], frozenset[str]]] = field(default_factory=dict)
    # What to ask where a quantifier over a kind is unknown.
    asks: dict[tuple[str, int], tuple[Findings, tuple[str, ...]]] = field(default_factory=dict)


class LaidOut:
    """The rules of a pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def _alike(self, condition: Condition | None) -> Alike | None:
        return None if condition is None else self.pack.silence.of(condition)

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of the rating, but for those that qualify others."""
        return tuple(c for c in self._criteria() if c.mode != "qualifier")

    @cached_property
    def qualifiers(self) -> tuple[Criterion, ...]:
        """The criteria that qualify others."""
        return tuple(c for c in self._criteria() if c.mode == "qualifier")

    def _criteria(self) -> Iterator[Criterion]:
        of = self.pack.silence.of
        for id_, c in self.pack.rating.items():
            yield Criterion(id_, of(c.when), c.level, c.mode, c.text, c.clause, c.readings, c.of)

    @cached_property
    def contradictions(self) -> tuple[tuple[str, Alike, str], ...]:
        """What contradicts itself in a profile: the field, the condition, and what is wrong."""
        fields, of = self.pack.fields.items(), self.pack.silence.of
        return tuple((name, of(o.when), o.text) for name, spec in fields for o in spec.invalid)

    @cached_property
    def judgements(self) -> tuple[str, ...]:
        """The facts of the rating that may be adverse by what was stated, not by what was found."""
        facts = self.pack.facts
        return tuple(
            name
            for name in self.pack.rating_vocabulary[1]
            if facts[name].benign is not None and (facts[name].tie is None or facts[name].judges)
        )

    @cached_property
    def asking_kinds(self) -> tuple[str, ...]:
        """The kinds of finding that raise a question."""
        return tuple(kind for kind, spec in self.pack.kinds.items() if spec.asks)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The kinds of finding that are a state."""
        return tuple(kind for kind, spec in self.pack.kinds.items() if spec.state)

    @cached_property
    def actions(self) -> Mapping[str, Started]:
        """The actions by id."""
        return {id_: self.started(id_, spec) for id_, spec in self.pack.actions.items()}

    def started(self, id_: str, spec: ActionSpec) -> Started:
        """Lay out an action."""
        of, each = self.pack.silence.of, spec.for_each
        over = Over("item", each.item, each.where) if each is not None else None
        return Started(
            id_,
            spec,
            over,
            of(over).truth_reads if over is not None else 0,
            self._alike(spec.closed_when),
            tuple((of(trigger.when), trigger) for trigger in spec.triggers),
            spec.portfolio,
        )

    @cached_property
    def questions(self) -> tuple[Declared, ...]:
        """The questions that the pack declares."""
        return tuple(self._declared(id_, spec) for id_, spec in self.pack.questions.items())

    def _declared(self, id_: str, spec: QuestionSpec) -> Declared:
        when = self._alike(spec.when)
        about = tuple((entry.value, self._alike(entry.when)) for entry in spec.about)
        gate = when if all(each is None for _, each in about) else None
        return Declared(id_, spec, about, when, gate, spec.portfolio)

    @cached_property
    def readings(self) -> tuple[Asked, ...]:
        """The ambiguities that are asked about until a reading is chosen."""
        return tuple(
            Asked(id_, self.pack.silence.of(reading.asked_when), reading.portfolio)
            for id_, reading in self.pack.readings.items()
            if reading.asked_when is not None and id_ not in self.pack.chosen
        )

    @cached_property
    def flags(self) -> tuple[Flagged, ...]:
        """The flags of a provider in scope."""
        scope = self.pack.identity.scope
        return tuple(
            Flagged(id_, spec, self.pack.silence.of(spec.when))
            for id_, spec in self.pack.flags.items()
            if spec.when is not None and (scope is None or id_ != scope.flag)
        )

    @cached_property
    def supplements(self) -> tuple[tuple[Alike, RowSpec], ...]:
        """What is laid over the rows where a condition holds."""
        specs = self.pack.supplements.values()
        return tuple((self.pack.silence.of(spec.when), spec) for spec in specs)

    @cached_property
    def effects(self) -> Mapping[str, tuple[tuple[str, DecisionSpec], ...]]:
        """The decisions that a person may take, by their effect."""
        found: dict[str, list[tuple[str, DecisionSpec]]] = {}
        for name, spec in self.pack.decisions.items():
            found.setdefault(spec.effect, []).append((name, spec))
        return {effect: tuple(specs) for effect, specs in found.items()}

    @cached_property
    def until_enough(self) -> tuple[tuple[ActionSpec, Enough], ...]:
        """The actions that go on until a person's decision is met."""
        actions = self.pack.actions.values()
        return tuple((spec, spec.enough) for spec in actions if spec.enough is not None)
