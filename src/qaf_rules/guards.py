"""Whether conditions can hold, together or one within another: every combination is tried.

Of each value that they read, one for every outcome that their tests can tell apart is taken. What
ranges over findings, records and the like is free to hold or not; so more may be thought possible
than is, never less. Values that only follow from others are worked out.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from qaf_rules.comparison import Test, Value, all_of, any_of, negate
from qaf_rules.condition import All, Any_, Condition, Findings, Is, Not, Over, Result
from qaf_rules.pathway import worded
from qaf_rules.result import Truth
from qaf_rules.values import MapOf, OneOf, SetOf, Simple

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = ["UNKNOWN", "World", "worlds"]

MOST: Final = 100_000
"""So many combinations are tried, and no more."""

UNKNOWN: Final = Value(None, given=False)
_DAYS: Final = (dt.date(1900, 1, 1), dt.date(2100, 1, 1))
_OTHER: Final = "anything else"
_THING: Final = (Value(True), Value(False))  # noqa: FBT003  # truths


class _Values(dict[str, Value]):
    """Values by name; what is not told is unknown."""

    def __missing__(self, name: str) -> Value:
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class World:
    """One combination of values, under which a condition holds, does not, or is not known to."""

    pack: Pack
    told: Mapping[str, Value]

    @property
    def values(self) -> Mapping[str, Value]:
        """The values, as tests read their limits."""
        return _Values(self.told)

    def truth(self, condition: Condition) -> Truth:
        """Say whether a condition holds."""
        match condition:
            case All(parts):
                return all_of(self.truth(part) for part in parts)
            case Any_(parts):
                return any_of(self.truth(part) for part in parts)
            case Not(part):
                return negate(self.truth(part))
            case Is():
                read = self._read(condition)
                return condition.test.check(read.value, self, read)
        key, turned = _thing(condition)
        told = self.told.get(key)
        if told is None:
            return None
        return not told.value if turned else bool(told.value)

    def _read(self, leaf: Is) -> Value:
        told = self.told.get(_key(leaf), UNKNOWN)
        for value, when in () if told.given else _derivation(self.pack, leaf):
            if self.truth(when):
                return Value(value)
        return told

    def said(self) -> str:
        """Say the values that are known, for a message."""
        known = {k: v.value for k, v in self.told.items() if v.given and not k.startswith("(")}
        return ", ".join(f"{name} {worded(value)}" for name, value in known.items())


def worlds(pack: Pack, conditions: Iterable[Condition]) -> Iterator[World] | None:
    """Give every combination of what conditions read; None where there are too many to try."""
    tests: dict[str, list[Is]] = {}
    things: dict[str, None] = {}
    for condition in conditions:
        _collect(pack, condition, tests, things)
    domains = {key: _domain(pack, leaves) for key, leaves in tests.items()}
    domains.update(dict.fromkeys(things, _THING))
    if math.prod(map(len, domains.values())) > MOST:
        return None
    choices = itertools.product(*domains.values())
    return (World(pack, dict(zip(domains, choice, strict=True))) for choice in choices)


def _collect(
    pack: Pack, condition: Condition, tests: dict[str, list[Is]], things: dict[str, None]
) -> None:
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                _collect(pack, part, tests, things)
        case Not(part):
            _collect(pack, part, tests, things)
        case Is():
            tests.setdefault(_key(condition), []).append(condition)
            for _, when in _derivation(pack, condition):
                _collect(pack, when, tests, things)
        case _:
            things[_thing(condition)[0]] = None


def _key(leaf: Is) -> str:
    return f"stated {leaf.name}" if leaf.stated else leaf.name


def _thing(condition: Findings | Over | Result) -> tuple[str, bool]:
    """Name what ranges over things; that there is none is that there is not some."""
    if isinstance(condition, Findings) and condition.quantifier == "none":
        return f"({replace(condition, quantifier='some')!r})", True
    return f"({condition!r})", False


def _derivation(pack: Pack, leaf: Is) -> tuple[tuple[object, Condition], ...]:
    """Give how a value follows from others where it is not given."""
    spec = pack.values.get(leaf.name)
    if leaf.stated or spec is None:
        return ()
    return tuple((option.value, option.when) for option in spec.derive)


def _only_derived(pack: Pack, leaf: Is) -> bool:
    """Whether a value is nobody's to give: it only follows from others."""
    fact = pack.facts.get(leaf.name)
    return bool(_derivation(pack, leaf)) and fact is not None and not fact.stated_by


# --- the values that tests can tell apart --------------------------------------------------------


def _domain(pack: Pack, leaves: list[Is]) -> tuple[Value, ...]:
    """Give what a name may read: its absence, and one value for each outcome of its tests."""
    name = leaves[0].name
    source = pack.sources_of.get(name)
    absent = UNKNOWN if source is None or leaves[0].stated else source.absent
    if _only_derived(pack, leaves[0]):
        return (absent,)
    literals = dict.fromkeys(lit for leaf in leaves for lit in _literals(leaf.test))
    return (absent, *(Value(value) for value in _possible(pack, name, tuple(literals))))


def _possible(pack: Pack, name: str, literals: tuple[object, ...]) -> Iterator[object]:
    spec = pack.values.get(name)
    match spec.type if spec is not None else None:
        case Simple("boolean"):
            yield from (True, False)
        case OneOf(values):
            yield from values
        case SetOf(values):
            yield from (frozenset(), frozenset(values), *(frozenset({v}) for v in values))
        case MapOf(keys, values):
            yield from ({}, *({keys[0]: value} for value in values))
        case Simple("date"):
            yield from _DAYS
        case _:
            numbers = [n for n in literals if isinstance(n, (int, float))]
            near = {n + step for n in numbers for step in (-1, 0, 1)}
            yield from sorted(n for n in near if n >= 0)
            yield from (text for text in literals if text not in numbers)
            yield _OTHER if not numbers else max(numbers) + 2


def _literals(test: Test) -> Iterator[object]:
    """Give the values that a test compares with."""
    found = [test.plain]
    while found:
        plain = found.pop()
        if isinstance(plain, Mapping):
            found.extend(v for k, v in plain.items() if k not in ("known", "given", "value"))
        elif isinstance(plain, list):
            found.extend(plain)
        else:
            yield plain
