"""What a reason lists: each fact that a leaf read, enough to come to the same truth again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.condition import (
    All,
    Any_,
    Condition,
    Findings,
    Is,
    Not,
    Over,
    Result,
    leaves,
)
from qaf_rules.environment import Element, Env, Group, Ranged
from qaf_rules.result import Evidence, Reason, Truth
from qaf_rules.value_tests import Value, all_of, any_of, negate

if TYPE_CHECKING:
    from qaf_rules.elements import Known

UNKNOWN = Value(None)


class Thing(NamedTuple):
    """One finding, record, decision or item that a leaf ranged over, with what was read of it."""

    evidence: Evidence
    day: dt.date | None
    attributes: Mapping[str, object]
    recorded: dt.date | None = None

    def get(self, name: str, _env: object = None) -> object:
        """Give an attribute; one that was not read is unknown."""
        return self.attributes.get(name)

    def asks(self, name: str) -> str:
        """Give the name of an attribute that is missing."""
        return f"{self.evidence.ref}.{name}"


class Fact(NamedTuple):
    """One leaf of a reason: what it read, how it was compared, and whether that held.

    `name` is a value's, or the ids that a quantifier ranges over. `value` is what was read, for a
    quantifier the number that fits; `low` and `high` bound a count that is not known. `given` is
    False where only absence speaks. `things` are what a quantifier ranged over, `more` whether
    there may be others. `limits` are the values that it was compared with.
    """

    condition: Condition
    name: str
    comparison: object
    truth: Truth
    value: object
    evidence: tuple[Evidence, ...] = ()
    low: int = 0
    high: int | None = None
    given: bool = True
    things: tuple[Thing, ...] = ()
    more: bool = False
    limits: Mapping[str, object] = {}
    unknown: tuple[str, ...] = ()

    def again(self) -> Truth:
        """Evaluate the leaf with this fact and no other."""
        return self.condition.evaluate(_Only(self)).truth


def facts(reason: Reason, env: Env) -> tuple[Fact, ...]:
    """Give the facts that a reason lists, leaf by leaf, each once, as its environment reads them."""
    found: dict[tuple[object, str], Fact] = {}
    for leaf in leaves_of(reason):
        fact = fact_of(leaf, env)
        found.setdefault((id(fact.condition), fact.name), fact)
    return tuple(found.values())


def leaves_of(reason: Reason) -> Iterator[Reason]:
    """Give the leaves of a reason, in order."""
    if isinstance(reason.condition, Is | Findings | Over | Result):
        yield reason
        return
    for part in reason.parts:
        yield from leaves_of(part)


def fact_of(leaf: Reason, env: Env) -> Fact:
    """Give the fact that a leaf read in an environment."""
    condition = leaf.condition
    limits = {part.condition.name: part.value for part in leaf.parts}
    match condition:
        case Is(name, test):
            read = leaf.read if isinstance(leaf.read, Value) else UNKNOWN
            fact = Fact(condition, name, test.plain, leaf.truth, read.value, read.evidence)
            fact = fact._replace(low=read.low, high=read.high, given=read.given)
        case Findings(quantifier, kinds):
            fact = _ranged(leaf, quantifier, kinds, env)
        case Over(what, ids):
            fact = _ranged(leaf, what, ids, env)
        case _:
            plain = {condition.what: list(condition.ids)}
            fact = Fact(condition, ", ".join(condition.ids), plain, leaf.truth, leaf.value)
            fact = fact._replace(evidence=leaf.evidence)
    return fact._replace(limits=limits, unknown=leaf.unknown)


def _ranged(leaf: Reason, head: str, ids: tuple[str, ...], env: Env) -> Fact:
    read, condition = leaf.read, leaf.condition
    assert isinstance(read, Ranged)  # every quantifier reads a range
    names = dict.fromkeys(each.name for each in leaves(condition.where))
    if isinstance(condition, Findings) and condition.same is not None:
        names |= {condition.same: None, "provider": None}
    things = tuple(_thing(e, names, env) for e in read.elements)
    fact = Fact(condition, ", ".join(ids), {head: list(ids)}, leaf.truth, read.value, read.evidence)
    return fact._replace(things=things, more=read.may_be_more)


def _thing(element: Element, names: Mapping[str, None], env: Env) -> Thing:
    recorded = getattr(element, "recorded", None)
    read = {name: element.get(name, env) for name in names}
    return Thing(element.evidence, element.day, read, recorded)


def again(reason: Reason, env: Env) -> Truth:
    """Judge a reason again from the facts that it lists and nothing else."""
    if isinstance(reason.condition, Is | Findings | Over | Result):
        return fact_of(reason, env).again()
    parts = [again(part, env) for part in reason.parts]
    match reason.condition:
        case All():
            return all_of(parts)
        case Any_():
            return any_of(parts)
        case Not():
            return negate(parts[0])
    return any_of(parts) if parts else reason.truth


@dataclass(frozen=True)
class _Only:
    """An environment of conditions that knows one fact."""

    fact: Fact

    def read(self, name: str) -> Value:
        fact = self.fact
        read = Value(fact.value, fact.evidence, fact.low, fact.high, fact.given)
        limits = {name: Value(value) for name, value in fact.limits.items()}
        known = limits if fact.things or fact.name in limits else {fact.name: read, **limits}
        return known[name]

    def findings(self, kinds: tuple[str, ...]) -> Group:
        return {getattr(self.fact.condition, "kinds", ()): Group(self.fact.things, self.fact.more)}[
            kinds
        ]

    recorded = findings

    def more_in(
        self, _kinds: tuple[str, ...], _fixed: Mapping[str, object]
    ) -> bool:  # pragma: no cover  # a fact says whether there may be more
        return self.fact.more

    def asks_in(self, _kinds: tuple[str, ...], _asked: Findings) -> tuple[str, ...]:
        return self.fact.unknown

    def records(self, activities: tuple[str, ...]) -> tuple[Thing, ...]:
        return {getattr(self.fact.condition, "ids", ()): self.fact.things}[activities]

    def done(self, activities: tuple[str, ...]) -> tuple[Thing, ...]:
        # What is listed lies after the latest of others already: there is none to look for.
        match self.fact.condition:
            case Over("latest", ids) if ids == activities:
                return self.fact.things
        return ()

    def beside(self, _finding: Known, _name: str) -> object:  # pragma: no cover  # a thing says all
        return None

    def items(self, _activities: tuple[str, ...]) -> tuple[Thing, ...]:
        return self.fact.things

    def decisions(self, _name: str) -> tuple[Thing, ...]:
        return self.fact.things

    def judge(self, condition: Condition) -> Reason:  # pragma: no cover  # a leaf has no parts
        return condition.evaluate(self)

    def stated(self, name: str) -> Value:
        return self.read(name)

    def missing(self, _name: str) -> tuple[str, ...]:
        return self.fact.unknown

    def results_of(
        self, _kind: str, _ids: tuple[str, ...]
    ) -> tuple[tuple[Reason, Element | None], ...]:
        return ((Reason(None, self.fact.value is True), None),)

    def chosen(self, _name: str) -> bool:
        return self.fact.value is True


__all__ = ["Fact", "Thing", "again", "fact_of", "facts", "leaves_of"]
