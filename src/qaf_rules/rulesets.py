"""A pack's criteria, qualifiers, levels and triggers as one ruleset: the expressions of each rule.

Each rule has two sides, so that what is false fires too and what is unknown does not. The rules are
asserted in turns: what fires in one is a fact of the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from qaf_rules.condition import ALWAYS, Condition, Is, Result, walk
from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.expressions import (
    Expression,
    Sides,
    Vocabulary,
    both,
    either,
    entries,
    fields_of,
    ways,
)
from qaf_rules.names import THIS
from qaf_rules.values import Fault

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

TREE: Final = "ask the tree, which is the default"

ASSERTED: Final = "asserted"
"""The fact by which every assertion is known; no rule is without a fact, so that what the engine
keeps of its own session fires nothing."""

OWN: Final = ("sid", "id", "$s")
"""The names of the engine's own facts."""

MOST_WAYS: Final = 500
"""Ways in which one side may hold: the engine makes a chain of tests of each."""

MOST_ENTRIES: Final = 24
MOST_GROUPS: Final = 20
"""The engine keeps 64 tests open at once: the groups of an assertion, and the first tests of one."""

Turn = tuple["Rule", ...]


class Rule(NamedTuple):
    """A rule with its name, what it reads, and the group in which it is asked."""

    name: str
    sides: Sides
    keys: tuple[str, ...]
    group: str
    starts: bool  # it starts an action
    alone: bool  # it is asked by itself: what it reads changes from one asking to the next


class Rules(NamedTuple):
    """The rules of a pack, and the turns in which they are asked."""

    vocabulary: Vocabulary
    criteria: tuple[Turn, ...]
    levels: tuple[Turn, ...]
    triggers: tuple[Turn, ...]
    by_condition: Mapping[int, Rule]  # by identity
    fields: frozenset[str]  # of facts that some rule asks for

    def definition(self) -> dict[str, Expression]:
        """Give every side of every rule, by its name."""
        rules = [*self.by_condition.values(), *(r for turn in self.levels for r in turn)]
        return {
            side_of(rule, truth): _guarded(rule, truth) for rule in rules for truth in (True, False)
        }


def side_of(rule: Rule, truth: bool) -> str:  # noqa: FBT001  # a truth
    """Name the side of a rule that fires where it is true, or where it is false."""
    return f"{rule.name} is {'true' if truth else 'false'}"


def _guarded(rule: Rule, truth: bool) -> Expression:  # noqa: FBT001  # a truth
    """A side that is asked for in its group alone; the guard has to be its first test."""
    side = rule.sides.true if truth else rule.sides.false
    guard = {f"group:{rule.group}": True}
    if isinstance(side, bool):
        return guard if side else False
    return {"$and": [guard, *side.get("$and", [side])]}


def matched(criterion: str) -> str:
    """Name the fact that a criterion is matched or is not."""
    return f"matched:{criterion}"


def rules_of(pack: Pack) -> Rules:
    """Make the rules of a pack; InputError with everything that they cannot say."""
    vocabulary = Vocabulary.of(pack)
    made, faults = _Making(vocabulary), list[Diagnostic]()
    laid_out = pack.laid_out
    criteria = {
        f"criterion {c.id}": c.when.condition for c in (*laid_out.criteria, *laid_out.qualifiers)
    }
    triggers = {
        f"action {id_}" + (f" {n}" if len(started.triggers) > 1 else ""): when.condition
        for id_, started in laid_out.actions.items()
        if not started.portfolio
        for n, (when, _) in enumerate(started.triggers, 1)
        if when.condition is not ALWAYS  # nothing is to be judged
    }
    by_condition: dict[int, Rule] = {}
    for told in (criteria, triggers):
        made.next_group()
        for name, condition in told.items():
            try:
                by_condition[id(condition)] = made.rule(name, condition, starts=told is triggers)
            except Fault as fault:
                place = f"{pack.id}, {name}"
                faults.append(Diagnostic(fault.message, place=place, help=TREE, code="durable"))
    if faults:
        raise InputError(faults)
    rated = [by_condition[id(condition)] for condition in criteria.values()]
    started_by = [rule for c in triggers.values() if not (rule := by_condition[id(c)]).alone]
    made.next_group()
    levels = list(_levels(pack, made))
    rules = [*by_condition.values(), *levels]
    fields = frozenset(f for rule in rules for side in rule.sides for f in fields_of(side))
    _refuse_alike(pack, [*fields, *(f"group:{rule.group}" for rule in rules), ASSERTED, *OWN])
    return Rules(vocabulary, turns(rated), turns(levels), turns(started_by), by_condition, fields)


def _refuse_alike(pack: Pack, names: Iterable[str]) -> None:
    """Refuse a pack of which two facts have names that are one to the engine, which hashes them."""
    seen: dict[int, str] = {}
    faults = []
    for name in dict.fromkeys(names):
        other = seen.setdefault(_hash(name), name)
        if other != name:
            message = f"`{other}` and `{name}` are one name to durable-rules"
            faults.append(Diagnostic(message, place=pack.id, help=TREE, code="durable"))
    if faults:
        raise InputError(faults)


def _hash(name: str) -> int:
    """Hash a name as the engine does: FNV-1a in 32 bits, of the signed bytes of its JSON."""
    found = 0x811C9DC5
    for byte in json.dumps(name, ensure_ascii=False)[1:-1].encode():
        signed = byte - 256 if byte > 127 else byte
        found = ((found ^ signed) * 16777619) % 2**32
    return found


def _levels(pack: Pack, made: _Making) -> Iterator[Rule]:
    """A level fires where one of its criteria is matched, or all of them where it needs all."""
    for level in pack.levels:
        for mode, one, other in (("any", either, both), ("all", both, either)):
            ids = [id_ for id_, c in pack.rating.items() if c.level == level and c.mode == mode]
            if ids:
                true = one({matched(id_): True} for id_ in ids)
                false = other({matched(id_): False} for id_ in ids)
                yield made.grouped(f"level {level} by {mode}", Sides(true, false), ())


class _Making:
    """Puts rules in groups of no more first tests than the engine keeps open."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.group = 0
        self.entries = 0

    def next_group(self) -> None:
        """Begin a group."""
        self.group, self.entries = self.group + 1, 0

    def rule(self, name: str, condition: Condition, *, starts: bool) -> Rule:
        """Make the rule of a condition; Fault where it cannot be said."""
        self.vocabulary.keys.clear()
        sides = self.vocabulary.sides(condition)
        for side in sides:
            if ways(side) > MOST_WAYS or entries(side) > MOST_ENTRIES:
                message = f"it holds in {ways(side)} ways, of which {entries(side)} begin otherwise"
                raise Fault(f"{message}: {MOST_WAYS} and {MOST_ENTRIES} at most")
        keys = tuple(self.vocabulary.keys)
        if _changes(condition):
            return Rule(name, sides, keys, name, starts, alone=True)
        return self.grouped(name, sides, keys, starts=starts)

    def grouped(
        self, name: str, sides: Sides, keys: tuple[str, ...], *, starts: bool = False
    ) -> Rule:
        """Make a rule that is asked together with others."""
        count = sum(map(entries, sides))
        if self.entries and self.entries + count > MOST_ENTRIES:
            self.next_group()
        self.entries += count
        return Rule(name, sides, keys, str(self.group), starts, alone=False)


def _changes(condition: Condition) -> bool:
    """Whether it reads the item that it is asked of, or which actions were suggested before."""
    for part in walk(condition):
        if isinstance(part, Result) and part.what == "suggested":
            return True
        if isinstance(part, Is) and any(n.startswith(THIS) for n in (part.name, *part.test.names)):
            return True
    return False


def turns(rules: list[Rule]) -> tuple[Turn, ...]:
    """Share rules out to assertions of no more groups than the engine keeps open."""
    groups = list(dict.fromkeys(rule.group for rule in rules))
    found = []
    for start in range(0, len(groups), MOST_GROUPS):
        now = groups[start : start + MOST_GROUPS]
        found.append(tuple(rule for rule in rules if rule.group in now))
    return tuple(found)
