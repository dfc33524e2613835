"""What conditions read: the values and the things of an environment, and what a leaf took of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from qaf_rules.result import Evidence, Reason

if TYPE_CHECKING:
    import datetime as dt

    from qaf_rules.condition import Condition, Findings
    from qaf_rules.elements import Known
    from qaf_rules.value_tests import Value


class Attributed(Protocol):
    """Anything whose attributes a condition inside `where` reads."""

    def get(self, name: str, env: Env, /) -> object:
        """Give an attribute, where it is none of its own as `env` reads it; None where unknown."""


class Element(Attributed, Protocol):
    """A finding, record or schedule item as a quantifier reads it."""

    @property
    def day(self) -> dt.date | None:
        """The day it is dated."""

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""

    def asks(self, name: str) -> str:
        """Give the name of the fact that would tell an unknown attribute."""


class Group(NamedTuple):
    """The elements that a quantifier ranges over, and whether there may be more.

    `may_be_more` is None where that depends on the attributes asked for: then the environment
    tells it of the `kinds`.
    """

    elements: tuple[Element, ...]
    may_be_more: bool | None
    kinds: tuple[str, ...] = ()  # of which there may be more


class Ranged(NamedTuple):
    """What a quantifier read: how many fit, the evidence, what it ranged over, and if there may be more."""

    value: int
    evidence: tuple[Evidence, ...]
    elements: tuple[Element, ...]
    may_be_more: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranged) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def __repr__(self) -> str:
        return f"Ranged{self._told()!r}"

    def _told(self) -> tuple[object, ...]:
        """All of it, elements by what they are and not by which object they are."""
        behind = tuple(e.evidence for e in self.elements)
        return self.value, self.evidence, behind, self.may_be_more


NOTHING_THERE = Ranged(0, (), (), may_be_more=False)


class Env(Protocol):
    """What conditions read."""

    def read(self, name: str) -> Value:
        """Read the value of a field, a setting, a fact or an engine value."""

    def findings(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds, as the rating reads them."""

    def recorded(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds, as they are on record."""

    def more_in(self, kinds: tuple[str, ...], fixed: Mapping[str, Any]) -> bool:
        """Say whether there may be more findings of some kinds with these attributes."""

    def asks_in(self, kinds: tuple[str, ...], asked: Findings) -> tuple[str, ...]:
        """Name the facts that would tell whether there are more findings of some kinds."""

    def records(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the records of some activities, oldest first."""

    def done(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the completed records of some activities, oldest first."""

    def beside(self, finding: Known, name: str) -> object:
        """Give what a name means for a finding that does not carry it; None where unknown."""

    def items(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the schedule items of some activities."""

    def decisions(self, name: str) -> tuple[Element, ...]:
        """Give the standing decisions of a name that are in force."""

    def judge(self, condition: Condition) -> Reason:
        """Evaluate a condition of the provider, or a part of one."""

    def stated(self, name: str) -> Value:
        """Give what a person stated of a fact; unknown where nobody did."""

    def missing(self, name: str) -> tuple[str, ...]:
        """Give the names to ask for when the value of a name is unknown."""

    def results_of(
        self, kind: str, ids: tuple[str, ...]
    ) -> tuple[tuple[Reason, Attributed | None], ...]:
        """Give the outcomes of actions or criteria that were judged before."""

    def chosen(self, name: str) -> bool:
        """Say whether a reading of an ambiguity was chosen."""
