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
from typing import TYPE_CHECKING, Final, NamedTuple

from qaf_rules.condition import All, Any_, Condition, Findings, Is, Not, Over, Result
from qaf_rules.pathway import worded
from qaf_rules.result import Truth
from qaf_rules.value_tests import Test, Value, all_of, any_of, negate
from qaf_rules.values import Fault, MapOf, OneOf, SetOf, Simple, parse_day

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = ["UNKNOWN", "World", "listed_values", "worlds"]

MOST: Final = 100_000
"""So many combinations are tried, and no more."""

UNKNOWN: Final = Value(None, given=False)
_DAYS: Final = (dt.date(1900, 1, 1), dt.date(2100, 1, 1))
_OTHER: Final = "anything else"
_STATED: Final = "stated "
_BETWEEN: Final = 10
"""A number with which both are compared of which one is the other's limit."""

_TRIED: Final = 8
"""So many of the values of a set are tried in every combination."""

_LEVELS: Final = frozenset({"level", "suggested_level", "confirmed_level"})
STATUSES: Final = ("suggested", "gap", "insufficient_information", "none")
_THING: Final = (Value(True), Value(False))  # noqa: FBT003  # truths


@dataclass(frozen=True, slots=True)
class World:
    """One combination of values, under which a condition holds, does not, or is not known to."""

    pack: Pack
    told: Mapping[str, Value]

    def read(self, name: str) -> Value:
        """Read a value, as tests read their limits; what is not told is unknown."""
        return self.told.get(name, UNKNOWN)

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
        for value, when in () if told.given else _derivation(self.pack, _key(leaf)):
            if self.truth(when):
                return Value(value)
        return told

    def said(self) -> str:
        """Say the values that are known, for a message."""
        known = {k: v.value for k, v in self.told.items() if v.given and not k.startswith("(")}
        return ", ".join(f"{name} {worded(value)}" for name, value in known.items())


def worlds(pack: Pack, conditions: Iterable[Condition]) -> Iterator[World] | None:
    """Give every combination of what conditions read; None where there are too many to try."""
    found = _Found({}, {}, [])
    for condition in conditions:
        _collect(pack, condition, found)
    limits = {limit for _, limit in found.compared}
    for pair in found.compared:
        shared = {literal: None for key in pair for literal in found.literals[key]}
        for key in pair:
            found.literals[key] = {**shared, _BETWEEN: None}
    domains = {
        key: _domain(pack, key, tuple(literals), limit=key in limits)
        for key, literals in found.literals.items()
    }
    domains.update(dict.fromkeys(found.things, _THING))
    if math.prod(map(len, domains.values())) > MOST:
        return None
    choices = itertools.product(*domains.values())
    return (World(pack, dict(zip(domains, choice, strict=True))) for choice in choices)


class _Found(NamedTuple):
    """What conditions read: by name what it is compared with, what ranges over things, and limits.

    `compared` has each name whose limit is the value of another, with that other.
    """

    literals: dict[str, dict[object, None]]
    things: dict[str, None]
    compared: list[tuple[str, str]]


def _collect(pack: Pack, condition: Condition, found: _Found) -> None:
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                _collect(pack, part, found)
        case Not(part):
            _collect(pack, part, found)
        case Is(_, test):
            key = _key(condition)
            found.literals.setdefault(key, {}).update(dict.fromkeys(_literals(test)))
            for limit in test.names:
                found.literals.setdefault(limit, {})
                found.compared.append((key, limit))
            for _, when in _derivation(pack, key):
                _collect(pack, when, found)
        case _:
            found.things[_thing(condition)[0]] = None


def _key(leaf: Is) -> str:
    return f"{_STATED}{leaf.name}" if leaf.stated else leaf.name


def _thing(condition: Findings | Over | Result) -> tuple[str, bool]:
    """Name what ranges over things; that there is none is that there is not some."""
    if isinstance(condition, Findings) and condition.quantifier == "none":
        return f"({replace(condition, quantifier='some')!r})", True
    return f"({condition!r})", False


def _derivation(pack: Pack, key: str) -> tuple[tuple[object, Condition], ...]:
    """Give how a value follows from others where it is not given; none of what is stated does."""
    spec = pack.values.get(key)
    return tuple((option.value, option.when) for option in spec.derive) if spec is not None else ()


def _only_derived(pack: Pack, key: str) -> bool:
    """Whether a value is nobody's to give: it only follows from others."""
    fact = pack.facts.get(key)
    return bool(_derivation(pack, key)) and fact is not None and not fact.stated_by


# --- the values that tests can tell apart --------------------------------------------------------


def _domain(
    pack: Pack, key: str, literals: tuple[object, ...], *, limit: bool
) -> tuple[Value, ...]:
    """Give what a name may read: its absence, and one value for each outcome of its tests.

    `limit` says that another is compared with its value, which is not worked out there.
    """
    name = key.removeprefix(_STATED)
    source = pack.sources_of.get(name)
    absent = UNKNOWN if source is None or key != name else source.absent
    if _only_derived(pack, key) and not limit:
        return (absent,)
    return (absent, *(Value(value) for value in _possible(pack, name, literals)))


def listed_values(pack: Pack, name: str) -> tuple[object, ...] | None:
    """Give the values that a name can read, or of which its sets are; None where there is no list."""
    if name in _LEVELS:
        return (0, *pack.levels)
    if name == "rating_status":
        return STATUSES
    spec = pack.values.get(name)
    match spec.type if spec is not None else None:
        case Simple("boolean"):
            return (True, False)
        case OneOf(values) | SetOf(values) | MapOf(_, values) if values:
            return None if spec is None or spec.open else values
    return (True, False) if name == "gap" else None


def _possible(pack: Pack, name: str, literals: tuple[object, ...]) -> Iterator[object]:
    """Give one value of a name for each outcome of its tests, which compare it with literals."""
    spec, known = pack.values.get(name), listed_values(pack, name)
    match spec.type if spec is not None else None:
        case SetOf():
            yield from map(frozenset, _some_of(known, literals))
        case MapOf(keys):
            yield from _maps(keys, [each for each in keys if each in literals], known, literals)
        case OneOf() if known is not None:
            named = [each for each in known if each in literals]
            yield from (*named, *[each for each in known if each not in named][:1])
        case _ if known is not None and name in _LEVELS:
            near_by = {n + step for n in literals if isinstance(n, int) for step in (-1, 0, 1)}
            yield from (n for n in known if n in near_by or n in (known[0], known[-1]))
        case _ if known is not None:
            yield from known
        case Simple("date"):
            days = [day for each in literals if (day := _day(each)) is not None]
            near = {day + dt.timedelta(days=step) for day in days for step in (-1, 0, 1)}
            yield from sorted({*_DAYS, *near})
        case declared:
            numbers = [n for n in literals if isinstance(n, (int, float))]
            steps = (-1, -0.5, 0, 0.5, 1) if declared == Simple("number") else (-1, 0, 1)
            near_ = {n + step for n in numbers for step in steps}
            near_ |= {round_(n) for n in numbers for round_ in (math.floor, math.ceil)}
            whole = declared == Simple("count")
            yield from sorted(n for n in near_ if n >= 0 and not (whole and n % 1))
            yield from (text for text in literals if text not in numbers)
            yield from (frozenset(some) for some in _some_of(None, literals) if name == "row")
            yield _OTHER if not numbers else max(numbers) + 2


def _some_of(
    known: tuple[object, ...] | None, literals: tuple[object, ...]
) -> Iterator[tuple[object, ...]]:
    """Give every choice of the literals that a list has and one value that is none of them."""
    named = [each for each in literals if known is None or each in known][:_TRIED]
    others = [_OTHER] if known is None else [each for each in known if each not in named]
    for number in range(len(named) + 1):
        for some in itertools.combinations(named, number):
            yield some
            yield from [(*some, *others[:1])] if others else []


def _maps(
    keys: tuple[str, ...],
    named: list[str],
    known: tuple[object, ...] | None,
    literals: tuple[object, ...],
) -> Iterator[Mapping[str, object]]:
    """Give maps with every choice of values, and with every choice of the keys that are named."""
    yield {}
    for own in filter(None, _some_of(keys, tuple(named))) if named else [keys]:
        for values in _some_of(known, literals):
            if values and len(values) <= len(own):
                yield dict(zip(map(str, own), itertools.cycle(values), strict=False))


def _day(literal: object) -> dt.date | None:
    try:
        return parse_day(literal)
    except Fault:
        return None


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
