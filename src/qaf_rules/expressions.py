"""Conditions as expressions over flat facts: what makes each one true, and what makes it false.

A rule engine has two outcomes, a condition three. So each condition becomes two expressions, with
negation pushed inward to the tests of single facts; where neither holds it is unknown. No expression
asks that a fact is missing: what is unknown has no facts, and makes nothing true or false.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, assert_never

from qaf_rules.condition import All, Any_, Condition, Findings, Is, Not
from qaf_rules.value_tests import NOTHING, Test, Value, parse_test
from qaf_rules.values import Fault, MapOf, OneOf, SetOf, Simple, Type, parse_day

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack

Scalar: TypeAlias = bool | int | str
Expression: TypeAlias = bool | Mapping[str, Any]  # True and False hold always and never

LIMIT: Final = 2**53
"""Whole numbers from here on are not told apart everywhere."""

LONGEST: Final = 1_000
"""Signs of a text at most: the engine compares longer ones wrongly from 65,536 bytes on."""

TRUTHS: Final = frozenset({"truth"})
TEXTS: Final = frozenset({"text"})
COUNTS: Final = frozenset({"number", "bounded"})  # bounded: only that it lies between two others
SIZED: Final = COUNTS | {"day"}
HOLDING: Final = frozenset({"set", "list", "map"})
ALL: Final = TRUTHS | TEXTS | SIZED | HOLDING | {"nothing"}


class Sides(NamedTuple):
    """What makes a condition true, and what makes it false."""

    true: Expression
    false: Expression

    def negated(self) -> Sides:
        """Turn it round."""
        return Sides(self.false, self.true)


def both(parts: Iterable[Expression]) -> Expression:
    """Join expressions of which each has to hold; the one with the fewest ways in goes first."""
    found = [part for part in parts if part is not True]
    if any(part is False for part in found):
        return False
    flat = [each for part in found for each in _parts("$and", part)]
    flat.sort(key=entries)
    return {"$and": flat} if len(flat) > 1 else (flat[0] if flat else True)


def either(parts: Iterable[Expression]) -> Expression:
    """Join expressions of which one has to hold."""
    found = [part for part in parts if part is not False]
    if any(part is True for part in found):
        return True
    flat = [each for part in found for each in _parts("$or", part)]
    return {"$or": flat} if len(flat) > 1 else (flat[0] if flat else False)


def _parts(joined: str, part: Expression) -> Iterable[Expression]:
    return part[joined] if isinstance(part, Mapping) and joined in part else (part,)


def entries(expression: Expression) -> int:
    """Count the single tests with which an expression can begin."""
    match expression:
        case {"$and": [first, *_]}:
            return entries(first)
        case {"$or": parts}:
            return sum(map(entries, parts))
    return 1


def ways(expression: Expression) -> int:
    """Count the ways in which an expression can hold, each a chain of single tests."""
    match expression:
        case {"$and": parts}:
            return prod(map(ways, parts))
        case {"$or": parts}:
            return sum(map(ways, parts))
    return 1


def fields_of(expression: Expression) -> Iterator[str]:
    """Give the fields that an expression reads."""
    if isinstance(expression, Mapping):
        for key, value in expression.items():
            if key in ("$and", "$or"):
                for part in value:
                    yield from fields_of(part)
            elif key == "$m":
                yield value
            elif key.startswith("$"):
                yield from fields_of(value)
            else:
                yield key
                yield from fields_of(value)


# --- from conditions to expressions ---------------------------------------------------------------

Source: TypeAlias = "Callable[[View], Value]"


@dataclass(slots=True)
class Vocabulary:
    """What expressions speak of: how each thing is read, and the words that are looked for in it."""

    sources: dict[str, Source] = field(default_factory=dict)
    words: dict[str, dict[str, None]] = field(default_factory=dict)
    types: dict[str, frozenset[str]] = field(default_factory=dict)  # where not any of all
    valued: set[str] = field(default_factory=set)  # of which more is asked than whether it is known
    keys: dict[str, None] = field(default_factory=dict)  # of what was spoken of since emptied

    @classmethod
    def of(cls, pack: Pack) -> Vocabulary:
        """Make the vocabulary of a pack's values by their types; what is declared `any` is any."""
        types: dict[str, frozenset[str]] = {}
        for name, source in pack.sources_of.items():
            if found := _declared(source.spec.type):
                absent = {"nothing"} if source.absent.value is NOTHING else frozenset()
                types[name] = types[f"stated {name}"] = found | absent
        return cls(types=types)

    def sides(self, condition: Condition) -> Sides:
        """Give what makes a condition true and what makes it false; Fault where it cannot be said.

        Quantifiers and what was judged before are facts that come ready-made; of a count the bounds
        do, and its comparison is an expression.
        """
        match condition:
            case All(parts):
                sides = [self.sides(part) for part in parts]
                return Sides(both(s.true for s in sides), either(s.false for s in sides))
            case Any_(parts):
                sides = [self.sides(part) for part in parts]
                return Sides(either(s.true for s in sides), both(s.false for s in sides))
            case Not(part):
                return self.sides(part).negated()
            case Is(name, test, stated):
                return self._tested(self._value(name, stated=stated), test.plain)
            case Findings("count", kinds, test=test):
                assert test is not None  # the parser gives every count a test
                bounds = {k: v for k, v in test.plain.items() if k in ("at_least", "at_most", "is")}
                key = self._numbered(
                    f"count {' '.join(kinds)}", partial(_counted, condition), COUNTS
                )
                return self._tested(key, bounds)
        what = condition.quantifier if isinstance(condition, Findings) else condition.what
        ids = condition.kinds if isinstance(condition, Findings) else condition.ids
        return self._truth(f"{what} {' '.join(ids)}", partial(_held, condition))

    def _value(self, name: str, *, stated: bool = False) -> str:
        key = f"stated {name}" if stated else name
        self.keys[key] = None
        self.sources[key] = partial(_stated if stated else _read, name)
        return key

    def _numbered(self, told: str, source: Source, types: frozenset[str]) -> str:
        """Add what is no value of the pack's; the number tells it from others that read alike."""
        key = f"{told} #{len(self.sources)}"
        self.keys[key] = None
        self.sources[key], self.types[key] = source, types
        return key

    def _truth(self, told: str, source: Source) -> Sides:
        """What comes ready-made is true, false or unknown."""
        return self._within(self._numbered(told, source, TRUTHS), [True])

    def _tested(self, key: str, plain: object) -> Sides:
        if isinstance(plain, list):
            return self._within(key, plain)
        if not isinstance(plain, Mapping):
            return self._within(key, [plain])
        sides = [self._test(key, how, operand) for how, operand in plain.items()]
        return Sides(both(s.true for s in sides), either(s.false for s in sides))

    def _test(self, key: str, how: str, operand: Any) -> Sides:
        match how:
            case "is":
                return self._within(key, [operand])
            case "in":
                return self._within(key, operand)
            case "not":
                return self._tested(key, operand).negated()
            case "known" | "given":
                return Sides({f"known:{key}": operand}, {f"known:{key}": not operand})
            case "includes":
                return self._includes(key, operand)
            case "any":
                test = parse_test({how: operand}, (), [])
                return self._truth(f"any {key}", partial(_some_member, self.sources[key], test))
        return self._compared(key, how, operand)

    def _within(self, key: str, wanted: Iterable[object]) -> Sides:
        """Equal to one of some values; each type of value has a field of its own."""
        literals = [_literal(each) for each in wanted]
        truths = [each for each in literals if isinstance(each, bool)]
        texts = [each for each in literals if isinstance(each, str)]
        counts = [each for each in literals if isinstance(each, int) and not isinstance(each, bool)]
        days = [each.toordinal() for each in literals if isinstance(each, dt.date)]
        if len(literals) != len(truths) + len(texts) + len(counts) + len(days):
            raise Fault(f"`{literals}` has a value that is no whole number, word, day or truth")
        types = self._types(key)
        members = [self._word("member", key, text) for text in texts if "set" in types]
        true: list[Expression] = [
            *({f"truth:{key}": truth} for truth in truths),
            *({f"text:{key}": text} for text in texts),
            *({f"count:{key}": count} for count in counts),
            *({f"day:{key}": day} for day in days),
            *({member: True} for member in members),
        ]
        false: list[Expression] = []
        if truths:
            false.append(both({f"truth:{key}": not truth} for truth in truths))
            types -= TRUTHS
        if texts:
            false.append(both({"$neq": {f"text:{key}": text}} for text in texts))
            false.append(both({member: False} for member in members) if members else False)
            types -= TEXTS | {"set"}
        if counts or days:  # a known number lies between itself and itself
            false += _outside(key, sorted([*counts, *days]))
            types -= {"bounded", *(["number"] if counts else []), *(["day"] if days else [])}
        return Sides(either(true), either([*false, _of_types(key, types)]))

    def _types(self, key: str) -> frozenset[str]:
        """Give the types that a value may be of, and note that it is to be told."""
        self.valued.add(key)
        return self.types.get(key, ALL)

    def _includes(self, key: str, wanted: object) -> Sides:
        word = _literal(wanted)
        if not isinstance(word, str):
            raise Fault(f"`includes: {wanted}` asks for what is no word")
        name = self._word("holds", key, word)
        others = _of_types(key, self._types(key) - HOLDING)
        return Sides({name: True}, either([{name: False}, others]))

    def _word(self, prefix: str, key: str, word: str) -> str:
        self.words.setdefault(key, {})[word] = None
        return f"{prefix}:{key}={word}"

    def _compared(self, key: str, how: str, operand: Any) -> Sides:
        limit: Any
        if isinstance(operand, Mapping):
            name = self._value(operand["value"])
            self.valued.add(name)
            limit = {"$m": f"size:{name}"}
            # First: where the limit is not there, the engine compares with what it finds in memory.
            known: Expression = {"$ex": {f"size:{name}": 1}}
        else:
            limit, known = _size(operand), True
        reached, failed, bound, other = _COMPARED[how]
        lower: Expression = {failed: {f"{other}:{key}": limit}}
        others = _of_types(key, self._types(key) - SIZED)
        return Sides(
            both([known, {reached: {f"{bound}:{key}": limit}}]),
            both([known, either([lower, others])]),
        )


_COMPARED: Final = {
    # what makes it true, what makes it false, and of which bound of a count each speaks
    "at_least": ("$gte", "$lt", "least", "most"),
    "after": ("$gt", "$lte", "least", "most"),
    "at_most": ("$lte", "$gt", "most", "least"),
    "before": ("$lt", "$gte", "most", "least"),
}


def _of_types(key: str, types: frozenset[str]) -> Expression:
    """A value is there, and of one of some types."""
    name = f"type:{key}"
    if len(types) <= len(ALL) / 2:
        return either({name: type_} for type_ in sorted(types))
    return both({"$neq": {name: type_}} for type_ in sorted(ALL - types))


def _outside(key: str, counts: list[int]) -> Iterator[Expression]:
    """Between no two neighbours of these lies a count of which only bounds are known."""
    for below, above in zip([None, *counts], [*counts, None], strict=True):
        least = True if below is None else {"$gt": {f"least:{key}": below}}
        most = True if above is None else {"$lt": {f"most:{key}": above}}
        yield both([least, most])


def _literal(raw: object) -> object:
    """Read a value as a pack writes it: ten signs may be a day."""
    if isinstance(raw, str):
        if len(raw) == 10:  # YYYY-MM-DD
            try:
                return parse_day(raw)
            except Fault:
                pass
        return _text(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return _whole(raw)
    return raw


def _size(operand: object) -> int:
    """Give the number, or the day as one, with which a value is compared."""
    if isinstance(operand, (str, dt.date)):
        return parse_day(operand).toordinal()
    if isinstance(operand, float):
        raise Fault(f"`{operand}` is no whole number")
    assert isinstance(operand, int)  # the parser takes nothing else
    return _whole(operand)


def _whole(number: int) -> int:
    if abs(number) >= LIMIT:
        raise Fault(f"`{number}` is too large: whole numbers below 2**53 are told apart")
    return number


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise Fault(f"`{text[:20]} …` is longer than {LONGEST} signs")
    if "\0" in text:
        raise Fault("a text has a NUL in it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Fault("a text has half of a sign in it") from None
    return text


def _declared(type_: Type) -> frozenset[str]:
    """Give the types of the values of a declared type; none where they may be any."""
    match type_:
        case Simple("boolean"):
            return TRUTHS
        case Simple("count"):
            return COUNTS
        case Simple("date"):
            return frozenset({"day"})
        case Simple("any" | "number"):
            return frozenset()
        case Simple() | OneOf():
            return TEXTS
        case SetOf():
            return TEXTS | {"set"}
        case MapOf():
            return frozenset({"map"})
        case _:
            assert_never(type_)


# --- what is read ----------------------------------------------------------------------------------


def _read(name: str, view: View) -> Value:
    return view.read(name)


def _stated(name: str, view: View) -> Value:
    return view.stated(name)


def _held(condition: Condition, view: View) -> Value:
    return Value(condition.holds(None, view))


def _counted(condition: Findings, view: View) -> Value:
    low, high = condition.bounds(view)
    return Value(low if low == high else None, (), low, high)


def _some_member(source: Source, test: Test, view: View) -> Value:
    read = source(view)
    return Value(test.check(read.value, view, read))


def facts_of(vocabulary: Vocabulary, key: str, view: View) -> dict[str, Scalar]:
    """Give what is read under a key as flat facts, each named by its type.

    What is unknown has none but that it is not known, and a count the bounds that are. Fault where a
    value cannot be told without loss: it is nested, no whole number, too large or too long, or not
    of the type that is declared.
    """
    read = vocabulary.sources[key](view)
    value = read.value
    told: dict[str, Scalar] = {"known": value is not None and value is not NOTHING and read.given}
    if key in vocabulary.valued:
        told |= _facts(read)
        type_ = told.get("type")
        if type_ is not None and type_ not in vocabulary.types.get(key, ALL):
            raise Fault(f"`{value}` is a {type_}, which it is not declared to be")
    named = {f"{prefix}:{key}": fact for prefix, fact in told.items()}
    if told.get("type") in HOLDING:
        named |= dict(_words(key, value, vocabulary.words.get(key, ())))
    return named


def _facts(read: Value) -> dict[str, Scalar]:
    match read.value:
        case None if read.low == 0 and read.high is None:
            return {}
        case None:
            most = {} if read.high is None else {"most": read.high}
            return {"type": "bounded", "least": read.low, **most}
        case bool() as truth:
            return {"type": "truth", "truth": truth}
        case int() as count:
            size = _whole(count)
            return {"type": "number", "count": size, "least": size, "most": size, "size": size}
        case str() as text:
            return {"type": "text", "text": _text(text)}
        case dt.datetime() as moment:
            raise Fault(f"`{moment}` is a moment, not a day")
        case dt.date() as day:
            size = day.toordinal()
            return {"type": "day", "day": size, "least": size, "most": size, "size": size}
        case frozenset() | tuple() | Mapping() as members:
            for member in members.values() if isinstance(members, Mapping) else members:
                if not isinstance(member, str):
                    raise Fault("a value is nested: it holds what is no word")
            types = {frozenset: "set", tuple: "list"}
            return {"type": types.get(type(members), "map")}
        case value if value is NOTHING:
            return {"type": "nothing"}
        case value:
            raise Fault(f"`{value}` is no whole number, word, day or truth")


def _words(key: str, value: Any, words: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Give for each word that is looked for whether a value holds it, and a set as its member."""
    for word in words:
        yield f"holds:{key}={word}", word in value
        if isinstance(value, frozenset):
            yield f"member:{key}={word}", word in value
