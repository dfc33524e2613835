"""What comes out alike for all providers of whom nothing is told that a condition reads.

Most rules speak of what most providers do not have: a finding of some kind, a statement, a record.
For all of those that share what it reads of the profile, a condition has the same evaluated tree:
made once for a pack, and kept. Whatever a provider adds to it makes it a tree of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from types import NoneType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from qaf_rules.condition import (
    ALWAYS,
    All,
    Any_,
    Condition,
    Findings,
    Is,
    Not,
    Over,
    Result,
    leaves,
    literals,
    walk,
)
from qaf_rules.names import ENGINE_VALUES, THIS
from qaf_rules.values import MapOf

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.result import Reason, ScheduleItem, Truth

V = TypeVar("V")
EVERYTHING = "all"
ANY = -1  # every bit
OWN = 1  # the bit of what every provider has for itself
KEPT = 4096  # how many conditions, and of each for how many profiles
JUDGED = frozenset({"sole_support", "issue"})  # of a finding, by what is made of all of them
VALUES = frozenset({"value", "evidence"})
ON_RECORD = VALUES | {"kind", "record", "decision"}
STATES = ("live", "scheduled", "missing")  # of items, beside their status
SHARED = frozenset({str, bool, frozenset, NoneType})  # of their fields many providers share these
COMMON = SHARED | {int, dt.date}  # and these of a council's settings and of the rating


class Reads(NamedTuple):
    """What a condition reads: bits for its tree, those that bear on its truth, and profile names."""

    tree: int = 0
    truth: int = 0
    names: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Alike:
    """A condition with what it reads, and how it came out, by what a silent profile tells it."""

    condition: Condition
    tree_reads: int  # the bits of what its evaluated tree tells
    truth_reads: int  # the bits of what its truth depends on
    closable: int  # the bits of the kinds of which none on record may mean that there is none
    profile: Callable[[Mapping[str, object]], object] | None
    stirs: int = ANY  # the bits of which one is told wherever it is not false, as far as is known
    trees: dict[object, Reason] = field(default_factory=dict)
    truths: dict[object, Truth] = field(default_factory=dict)


class _Bits(dict[tuple[str, str], int]):
    """The bit of each thing that can be told of a provider, such as a finding of a kind."""

    def __missing__(self, key: tuple[str, str]) -> int:
        bit = self[key] = 2 << len(self)
        return bit


class Silence:
    """Tells of a pack what its conditions read, and what tells of it."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.conditions: dict[int, Alike] = {}  # by identity
        self.bits = _Bits()
        self.unknown = dict.fromkeys([*pack.fields, *pack.settings, *ENGINE_VALUES])
        self._fields = pack.fields.keys() - pack.settings.keys()  # the evidence tells which it is
        self._settings = pack.settings.keys() - pack.fields.keys()
        self._maps = [n for n, spec in pack.fields.items() if isinstance(spec.type, MapOf)]
        self._dated = [(name, s.dated_by) for name, s in pack.values.items() if s.dated_by]
        self._of_values: dict[str, Reads] = {}
        self._of_items: dict[tuple[str, str, bool, bool], int] = {}
        self._closing: dict[frozenset[str], int] = {}
        self._kinds: dict[tuple[str, ...], tuple[int, tuple[tuple[str, int], ...]]] = {}

    # --- what is told of a provider ----------------------------------------------------------------

    def profile(
        self, fields: Mapping[str, object], settings: Mapping[str, object]
    ) -> dict[str, object]:
        """Give every field and setting by name, None where unknown; maps as what can be a key."""
        words = {
            name: frozenset(value.items())
            for name in self._maps
            if isinstance(value := fields.get(name), Mapping) and _of_words(value)
        }
        return {**self.unknown, **settings, **fields, **words}

    def told(
        self, fields: Mapping[str, object], settings: Mapping[str, object], until: dt.date
    ) -> int:
        """Give the bits of what hardly another provider has: a number, the day of a value."""
        bits = self.bits
        own = [
            bits["value", name]
            for name, value in fields.items()
            if name not in self._fields
            or (value.__class__ not in SHARED and not (name in self._maps and _of_words(value)))
        ]
        own += [
            bits["value", name]
            for name, value in settings.items()
            if name not in self._settings or value.__class__ not in COMMON
        ]
        for name, dated_by in self._dated:
            day = fields.get(dated_by)
            if isinstance(
                day, dt.date
            ):  # that a value is newer than the day is noted as it is read
                own.append(bits["value" if day > until else "evidence", name])
        return _all_of(own)

    def stated(self, fact: str) -> int:
        """Give the bits of what a statement speaks of: the fact, and the findings it describes."""
        spec = self.pack.values[fact]
        ties = [tie for tie in (spec.tie, spec.also, spec.marks) if tie is not None]
        return _all_of([self.bits["value", fact], *(self.bits["kind", tie.kind] for tie in ties)])

    def closing(self, topics: frozenset[str]) -> int:
        """Give the bits of the kinds of which none on record means none after topics were covered."""
        if topics not in self._closing:
            self._closing[topics] = _all_of(
                self.bits["kind", kind]
                for kind, spec in self.pack.kinds.items()
                if spec.derived or (spec.absence == "none" and _covered(spec.topic, topics))
            )
        return self._closing[topics]

    def kinds(self, kinds: tuple[str, ...]) -> tuple[int, tuple[tuple[str, int], ...]]:
        """Give the bits of some kinds, together and each."""
        if kinds not in self._kinds:
            each = tuple((kind, self.bits["kind", kind]) for kind in kinds)
            self._kinds[kinds] = _all_of(bit for _, bit in each), each
        return self._kinds[kinds]

    def item(self, item: ScheduleItem) -> int:
        """Give the bits of an item: of its activity, and of the states that it may be asked for by."""
        key = item.activity, item.status, item.planned is None, not item.missing
        if key not in self._of_items:
            states = ["item", item.status]
            states += [name for name in STATES if getattr(item, name)]
            self._of_items[key] = _all_of(self.bits[state, item.activity] for state in states)
        return self._of_items[key]

    # --- what a condition reads --------------------------------------------------------------------

    def of(self, condition: Condition) -> Alike:
        """Give a condition with what it reads."""
        return self.conditions.get(id(condition)) or self.add(condition)

    def add(self, condition: Condition) -> Alike:
        """Work out what a condition reads."""
        if len(self.conditions) >= KEPT:
            self.conditions.clear()
        tree, truth, names = self._reads(condition)
        closable = tree & self.closing(frozenset([EVERYTHING]))
        profile = itemgetter(*sorted(names)) if names else None
        made = self.conditions[id(condition)] = Alike(condition, tree, truth, closable, profile)
        return made

    def reads_values_alone(self, condition: Condition) -> bool:
        """Whether a condition reads fields, settings and facts, and nothing that is judged."""
        return not self.of(condition).tree_reads & ~self._known(VALUES)

    def reads_record_alone(self, condition: Condition) -> bool:
        """Whether a condition reads the record and the settings, and nothing that is made of them.

        What is due, suggested or rated is made, and findings that the schedule makes.
        """
        if self.of(condition).tree_reads & ~self._known(ON_RECORD):
            return False
        return not any(self._reads_beside(part) for part in walk(condition))

    def _reads_beside(self, part: Condition) -> bool:
        """Whether `where` asks of findings or records what they do not say themselves."""
        if isinstance(part, Is):
            return False
        where = getattr(part, "where", ALWAYS)
        kinds = self.pack.members("kind", part.kinds) if isinstance(part, Findings) else ()
        own = [self.pack.kinds[kind].attributes for kind in kinds]
        plain = self._settings - self.pack.facts.keys()
        return any(
            not plain.issuperset(leaf.test.names)
            or leaf.name in JUDGED
            or (leaf.name in self.pack.declared and not (own and all(leaf.name in a for a in own)))
            for leaf in leaves(where)
        )

    def _known(self, whats: frozenset[str]) -> int:
        """Give the bits of some of what is on record, but for what is made of it."""
        made = {kind for kind, spec in self.pack.kinds.items() if spec.derived}
        return _all_of(
            bit
            for (what, name), bit in self.bits.items()
            if what in whats and name not in made and name not in ENGINE_VALUES
        )

    def stirs(self, condition: Condition, env: View) -> int:
        """Give the bits of which one is told wherever a condition is not false, as far as is known.

        `env` is a provider of whom none is told.
        """
        alike = self.of(condition)
        if alike.profile is None and not alike.closable:
            return alike.truth_reads if condition.holds(None, env) is False else ANY
        match condition:
            case All(parts):
                asked = [bits for part in parts if (bits := self.stirs(part, env)) != ANY]
                return min(asked, key=int.bit_count, default=ANY)
            case Any_(parts):
                return _all_of(self.stirs(part, env) for part in parts)
        return ANY

    def _reads(self, condition: Condition) -> Reads:
        return _joined(self._parts(condition))

    def _parts(self, condition: Condition) -> Iterator[Reads]:
        """Give what each part reads. Without an element nothing asks what `where` reads."""
        members = self.pack.members
        match condition:
            case Any_() if condition.__class__ is not Any_:  # one that watches what is evaluated
                yield Reads(OWN, OWN)
            case All(parts) | Any_(parts):
                yield from map(self._reads, parts)
            case Not(part):
                yield self._reads(part)
            case Is(name, test):
                yield from map(self._value, (name, *test.names))
            case Findings(_, kinds, _, test):
                yield self._things("kind", members("kind", kinds))
                yield from map(self._value, test.names if test is not None else ())
            case Over("item", ids, where):
                yield self._items(members("activity", ids), _states(where))
            case Over("decision", ids):
                yield self._things("decision", ids)
            case Over(_, ids):
                yield self._things("record", members("activity", ids))
            case Result("chosen"):
                return
            case _:
                yield self._things(condition.what, condition.ids)

    def _things(self, what: str, names: tuple[str, ...]) -> Reads:
        bits = _all_of(self.bits[what, name] for name in names)
        return Reads(bits, bits)

    def _items(self, activities: tuple[str, ...], states: tuple[str, ...]) -> Reads:
        """The tree tells every item, its truth rests on those in a state that it asks for."""
        tree = _all_of(self.bits["item", a] for a in activities)
        if not states:
            return Reads(tree, tree)
        return Reads(tree, _all_of(self.bits[state, a] for state in states for a in activities))

    def _value(self, name: str) -> Reads:
        """Give what a value reads: the profile, findings, and what it is derived from."""
        if name not in self._of_values:
            self._of_values[name] = Reads(OWN, OWN)  # meanwhile: for what follows from itself
            self._of_values[name] = _joined(self._sources(name))
        return self._of_values[name]

    def _sources(self, name: str) -> Iterator[Reads]:
        bit = OWN if name.startswith(THIS) else self.bits["value", name]
        yield Reads(bit | self.bits["evidence", name], bit, frozenset(self.unknown.keys() & {name}))
        spec = self.pack.values.get(name)
        if spec is not None:
            yield from (self._reads(option.when) for option in spec.derive)
            if spec.tie is not None:
                yield self._things("kind", (spec.tie.kind,))


def keep(kept: dict[object, V], key: object, made: V) -> V:
    """Keep what was made under a key, and not ever more of it."""
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = made
    return made


def _states(where: Condition) -> tuple[str, ...]:
    """Give the states of which an item has one wherever a condition holds of it; none where open."""
    fixed = literals(where)
    if "status" in fixed:
        status = fixed["status"]
        return tuple(status) if isinstance(status, list) else (status,)
    match where:
        case Is("missing", test) if isinstance(test.plain, Mapping) and set(test.plain) == {"any"}:
            return ("missing",)  # some of what is missing is so: something is
    return tuple([name for name in STATES if fixed.get(name) is True][:1])


def _of_words(value: object) -> bool:
    """Whether a value is a map of words, as a profile has it of a closed list."""
    return isinstance(value, Mapping) and all(each.__class__ is str for each in value.values())


def _covered(topic: str | None, topics: frozenset[str]) -> bool:
    return topic in topics or (topic is not None and EVERYTHING in topics)


def _joined(reads: Iterable[Reads]) -> Reads:
    tree, truth, names = 0, 0, frozenset[str]()
    for each in reads:
        tree, truth, names = tree | each.tree, truth | each.truth, names | each.names
    return Reads(tree, truth, names)


def _all_of(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found
