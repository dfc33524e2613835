"""The condition tree: a closed union, three-valued, and its own explanation.

A condition is evaluated once; the `Reason` that comes back is the evaluated tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from qaf_rules.errors import did_you_mean, listed, quoted
from qaf_rules.result import Evidence, Reason, Truth
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    import datetime as dt


class _Nothing:
    """A value that is known to be missing: equal to nothing, above and below nothing."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()
_new = tuple.__new__  # reasons are made by the thousand, and nothing is faster


class Value(NamedTuple):
    """What a name reads: the value (None is unknown), its evidence, and bounds of a count.

    `given` is False where the value is only what absence means.
    """

    value: object
    evidence: tuple[Evidence, ...] = ()
    low: int = 0
    high: int | None = None
    given: bool = True


class Element(Protocol):
    """A finding, record or schedule item as a quantifier reads it."""

    @property
    def day(self) -> dt.date | None:
        """The day it is dated."""

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""

    def get(self, name: str) -> object:
        """Give an attribute; None where it is unknown."""

    def asks(self, name: str) -> str:
        """Give the name of the fact that would tell an unknown attribute."""


class Group(NamedTuple):
    """The elements that a quantifier ranges over, and whether there may be more.

    `may_be_more` is None where that depends on the attributes asked for: then `bounds` tells.
    """

    elements: tuple[Element, ...]
    may_be_more: bool | None
    bounds: Callable[[Mapping[str, Any]], bool]
    asks: Callable[[Findings], tuple[str, ...]]


class Env(Protocol):
    """What conditions read."""

    def value(self, name: str) -> Value:
        """Give the value of a field, setting, fact or engine value."""

    def findings(self, kinds: tuple[str, ...], *, recorded: bool) -> Group:
        """Give the findings of some kinds, as the rating reads them or as recorded."""

    def items(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the schedule items of some activities."""

    def records(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the records of some activities, oldest first."""

    def done(self, activities: tuple[str, ...]) -> tuple[Element, ...]:
        """Give the done records of some activities, oldest first."""

    def decisions(self, name: str) -> tuple[Element, ...]:
        """Give the standing decisions of a name that are in force."""

    def stated(self, name: str) -> Value:
        """Give what a person stated of a fact; unknown where nobody did."""

    def missing(self, name: str) -> tuple[str, ...]:
        """Give the names to ask for when the value of a name is unknown."""

    def results_of(
        self, kind: str, ids: tuple[str, ...]
    ) -> tuple[tuple[Reason, Element | None], ...]:
        """Give the outcomes of actions or criteria that were judged before."""

    def chosen(self, name: str) -> bool:
        """Say whether a reading of an ambiguity was chosen."""


Check: TypeAlias = Callable[[object, "Env | None", Value | None], Truth]


# --- tests -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test:
    """What a value must meet; `plain` is how the pack wrote it."""

    plain: Any
    check: Check
    names: tuple[str, ...] = ()  # settings and facts that it reads

    __test__ = False  # not a test of pytest's

    def __repr__(self) -> str:
        return f"Test({self.plain!r})"


def _equal(wanted: object) -> Check:
    truth_wanted = isinstance(wanted, bool)

    def check(value: object, _env: Env | None, _bounds: Value | None) -> Truth:
        if value.__class__ is frozenset:
            return wanted in value
        return value == wanted and (value.__class__ is bool) is truth_wanted

    return check


def _within(wanted: tuple[object, ...]) -> Check:
    members = frozenset(wanted)
    truths = tuple(w for w in wanted if isinstance(w, bool))
    others = tuple(w for w in wanted if not isinstance(w, bool))

    def check(value: object, _env: Env | None, _bounds: Value | None) -> Truth:
        if isinstance(value, frozenset):
            return bool(value & members)
        return value in (truths if isinstance(value, bool) else others)

    return check


def _includes(wanted: object) -> Check:
    def check(value: object, _env: Env | None, _bounds: Value | None) -> Truth:
        return isinstance(value, (frozenset, tuple, Mapping)) and wanted in value

    return check


def _number(value: object) -> float | None:
    """Numbers and days compare by size; True does not."""
    if isinstance(value, bool) or value is NOTHING:
        return None
    if hasattr(value, "toordinal"):
        return float(value.toordinal())
    return value if isinstance(value, (int, float)) else None


def _bound(operand: object, *, least: bool, strict: bool = False) -> tuple[Check, tuple[str, ...]]:
    name = operand["value"] if isinstance(operand, Mapping) else None
    fixed = None if name else _number(operand)

    def check(value: object, env: Env | None, bounds: Value | None) -> Truth:
        limit = fixed
        if name is not None:
            limit = _number(env.value(name).value) if env is not None else None
        if limit is None:
            return None
        if value is None:
            return _bounded(bounds, limit, least=least, strict=strict)
        number = _number(value)
        if number is None:
            return False
        if number == limit:
            return not strict
        return (number > limit) == least

    return check, (name,) if name else ()


def _bounded(bounds: Value | None, limit: float, *, least: bool, strict: bool) -> Truth:
    """Compare a count of which only bounds are known."""
    if bounds is None or (bounds.low == 0 and bounds.high is None):
        return None
    step = 1 if strict else 0
    if least:
        if bounds.low >= limit + step:
            return True
        return False if bounds.high is not None and bounds.high < limit + step else None
    if bounds.high is not None and bounds.high <= limit - step:
        return True
    return False if bounds.low > limit - step else None


def _known(wanted: object) -> Check:
    def check(value: object, _env: Env | None, read: Value | None) -> Truth:
        known = value is not None and value is not NOTHING and (read is None or read.given)
        return known == wanted

    return check


def _some_member(test: Test) -> Check:
    def check(value: object, env: Env | None, _bounds: Value | None) -> Truth:
        members: Iterable[object] = ()
        if isinstance(value, Mapping):
            members = value.values()
        elif isinstance(value, (frozenset, tuple)):
            members = value
        return any_of(test.check(member, env, None) for member in members)

    return check


def _negated(test: Test) -> Check:
    def check(value: object, env: Env | None, bounds: Value | None) -> Truth:
        return negate(test.check(value, env, bounds))

    return check


_TEST_KEYS = (
    "is",
    "in",
    "not",
    "at_least",
    "at_most",
    "before",
    "after",
    "includes",
    "any",
    "known",
    "given",
)


def parse_test(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Test:
    """Read a test; every fault is added to `faults`."""
    if not isinstance(raw, Mapping):
        wanted = _literals(raw if isinstance(raw, list) else [raw], path, faults)
        check = _within(wanted) if isinstance(raw, list) else _equal(_literal(raw))
        return Test(raw, _needs_value(check, wanted))
    checks: list[Check] = []
    names: list[str] = []
    for key, operand in raw.items():
        match key:
            case "is":
                wanted = _literals([operand], (*path, key), faults)
                checks.append(_needs_value(_equal(_literal(operand)), wanted))
            case "in" if isinstance(operand, list):
                wanted = _literals(operand, (*path, key), faults)
                checks.append(_needs_value(_within(wanted), wanted))
            case "includes":
                checks.append(_needs_value(_includes(_literal(operand))))
            case "known" | "given" if isinstance(operand, bool):
                checks.append(_known(operand))
            case "not":
                inner = parse_test(operand, (*path, key), faults)
                checks.append(_negated(inner))
                names.extend(inner.names)
            case "any":
                inner = parse_test(operand, (*path, key), faults)
                checks.append(_needs_value(_some_member(inner)))
                names.extend(inner.names)
            case "at_least" | "at_most" | "before" | "after":
                try:
                    bound = _operand(operand)
                except Fault as fault:
                    faults.append(Fault(fault.message, fault.help, (*path, key)))
                    continue
                check, read = _bound(
                    bound, least=key in ("at_least", "after"), strict=key in ("before", "after")
                )
                checks.append(check)
                names.extend(read)
            case _:
                message = f"`{key}` is no test of a value, or `{operand}` does not fit it"
                faults.append(
                    Fault(
                        message,
                        (None if key in _TEST_KEYS else did_you_mean(str(key), _TEST_KEYS))
                        or f"use {listed(_TEST_KEYS)}",
                        (*path, key),
                    )
                )
    if not raw:
        faults.append(Fault("an empty test says nothing", f"use {listed(_TEST_KEYS)}", path))
    return Test(raw, _all_checks(tuple(checks)), tuple(names))


def _literals(
    raw: list[object], path: tuple[str | int, ...], faults: list[Fault]
) -> tuple[object, ...]:
    """Read the values that a test names; a mapping, a list or nothing is none."""
    strange = [each for each in raw if each is None or isinstance(each, (Mapping, list))]
    faults.extend(Fault(f"{quoted(each)} is no value", None, path) for each in strange)
    return tuple(_literal(each) for each in raw if not any(each is s for s in strange))


def _literal(raw: object) -> object:
    """Days in a pack are text; as literals they compare with days."""
    if isinstance(raw, str) and len(raw) == 10:  # noqa: PLR2004  # YYYY-MM-DD
        try:
            return parse_day(raw)
        except Fault:
            return raw
    return raw


def _operand(raw: object) -> object:
    if isinstance(raw, Mapping) and set(raw) == {"value"} and isinstance(raw["value"], str):
        return raw
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return parse_day(raw)
    message = f"`{raw}` is no number, day or {{value: NAME}}"
    raise Fault(message)


def _needs_value(check: Check, wanted: tuple[object, ...] = ()) -> Check:
    def guarded(value: object, env: Env | None, bounds: Value | None) -> Truth:
        if value is not None:
            return check(value, env, bounds)
        if bounds is None or (bounds.low == 0 and bounds.high is None):
            return None
        return None if any(_possible(each, bounds) for each in wanted) else False

    return guarded


def _possible(wanted: object, bounds: Value) -> bool:
    """Say whether a count between bounds may be this value."""
    number = _number(wanted)
    if number is None or number < bounds.low:
        return False
    return bounds.high is None or number <= bounds.high


def _all_checks(checks: tuple[Check, ...]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: object, env: Env | None, bounds: Value | None) -> Truth:
        return all_of(c(value, env, bounds) for c in checks)

    return check


# --- Kleene's logic ----------------------------------------------------------------------------


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's and: false where one is false, else unknown where one is unknown."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's or: true where one is true, else unknown where one is unknown."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def negate(truth: Truth) -> Truth:
    """Kleene's not: unknown stays unknown."""
    return None if truth is None else not truth


# --- the tree ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, env: Env) -> Reason:
        """Evaluate the parts; one that is false is the whole reason why this is false."""
        parts: list[Reason] = []
        truth: Truth = True
        for part in self.parts:
            reason = part.evaluate(env)
            if reason.truth is False:
                return _new(Reason, (self, False, None, (), (reason,), ()))
            if reason.truth is None:
                truth = None
            parts.append(reason)
        return _new(Reason, (self, truth, None, (), tuple(parts), ()))

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds of one element."""
        truth: Truth = True
        for part in self.parts:
            held = part.holds(element, env)
            if held is False:
                return False
            if held is None:
                truth = None
        return truth


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801  # `any` and `Any` are taken
    """Some part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, env: Env) -> Reason:
        """Evaluate every part: each one that is true is a reason of its own."""
        parts = tuple([part.evaluate(env) for part in self.parts])
        truth: Truth = False
        for part in parts:
            if part.truth:
                truth = True
                break
            if part.truth is None:
                truth = None
        return Reason(self, truth, None, (), parts)

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds of one element."""
        return any_of([part.holds(element, env) for part in self.parts])


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def evaluate(self, env: Env) -> Reason:
        """Evaluate the part and turn it round."""
        part = self.part.evaluate(env)
        return Reason(self, negate(part.truth), None, (), (part,))

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds of one element."""
        return negate(self.part.holds(element, env))


@dataclass(frozen=True, slots=True)
class Is:
    """The value of a name meets a test; inside `where`, the attribute of that name."""

    name: str
    test: Test
    stated: bool = False  # only what a person stated

    def evaluate(self, env: Env) -> Reason:
        """Read the value and test it."""
        read = env.stated(self.name) if self.stated else env.value(self.name)
        value = read[0]
        truth = self.test.check(value, env, read)
        missing: tuple[str, ...] = ()
        if truth is None:
            missing = env.missing(self.name) if value is None else ()
            if self.test.names:
                missing = (*missing, *_limits(self.test, env))
        return _new(Reason, (self, truth, value, read[1], (), missing))

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds of one element."""
        return self.test.check(element.get(self.name), env, None)


@dataclass(frozen=True, slots=True)
class Findings:
    """A quantifier over findings: some, none, every, or a count of them."""

    quantifier: str  # some, none, every, count
    kinds: tuple[str, ...]
    where: Condition
    test: Test | None = None
    same: str | None = None
    after: tuple[str, ...] = ()
    recorded: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)  # the attributes that `where` fixes
    across: bool = False  # of a register: each provider counts once

    def evaluate(self, env: Env) -> Reason:
        """Range over the findings; what is not on record is unknown unless it was looked at."""
        group = env.findings(self.kinds, recorded=self.recorded)
        elements = _later(group.elements, self.after, env) if self.after else group.elements
        true: list[Element] = []
        open_: list[Element] = []
        for element in elements:
            held = self.where.holds(element, env)
            if held:
                true.append(element)
            elif held is None:
                open_.append(element)
        more = group.may_be_more
        if more is None:
            more = group.bounds(self.fixed)
        truth = self._truth(len(elements), true, open_, more=more, env=env)
        evidence: tuple[Evidence, ...] = ()
        missing: tuple[str, ...] = ()
        if truth and self.quantifier != "none":
            read = elements if self.quantifier == "every" else true
            evidence = tuple([e.evidence for e in read])
        elif truth is None:
            missing = group.asks(self) if more else ()
            if open_:
                missing = tuple(dict.fromkeys([*_missing(self.where, open_, env), *missing]))
            if self.test is not None and self.test.names:
                missing = tuple(dict.fromkeys([*missing, *_limits(self.test, env)]))
        return _new(Reason, (self, truth, len(true), evidence, (), missing))

    def _truth(
        self, total: int, true: list[Element], open_: list[Element], *, more: bool, env: Env
    ) -> Truth:
        match self.quantifier:
            case "some":
                return True if true else (None if open_ or more else False)
            case "none":
                return False if true else (None if open_ or more else True)
            case "every":
                if len(true) + len(open_) < total:
                    return False
                return None if open_ or (more and not total) else True
        low, high = len(true), None if more else len(true) + len(open_)
        if self.same is not None:
            low, high = _largest(self.same, true, open_, more=more, across=self.across)
        assert self.test is not None  # the parser gives every count a test
        return self.test.check(low if low == high else None, env, Value(None, (), low, high))

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds beside one element."""
        return self.evaluate(env).truth


def _largest(
    attribute: str, true: list[Element], open_: list[Element], *, more: bool, across: bool = False
) -> tuple[int, int | None]:
    """Bound the size of the largest group that shares one value of an attribute.

    With `across` the group's size is the number of providers in it.
    """
    sure, floating = _grouped(attribute, true, across=across)
    possible, unclear = _grouped(attribute, open_, across=across)
    low = max((len(members) for members in sure.values()), default=1 if true else 0)
    if more:
        return low, None
    values = {*sure, *possible}
    sizes = (len(sure.get(v, set()) | possible.get(v, set())) for v in values)
    return low, max(sizes, default=0) + floating + unclear


def _grouped(
    attribute: str, elements: list[Element], *, across: bool
) -> tuple[dict[object, set[object]], int]:
    """Group elements by an attribute; the second is how many do not say it."""
    groups: dict[object, set[object]] = {}
    silent = 0
    for element in elements:
        value = element.get(attribute)
        if value is None:
            silent += 1
        else:
            groups.setdefault(value, set()).add(element.get("provider") if across else id(element))
    return groups, silent


@dataclass(frozen=True, slots=True)
class Over:
    """Some item, record or decision meets a condition; `latest` reads only the last done."""

    what: str  # item, latest, record, decision
    ids: tuple[str, ...]
    where: Condition
    after: tuple[str, ...] = ()

    def evaluate(self, env: Env) -> Reason:
        """Range over what there is; nothing is unknown of what is not on record."""
        elements = self._elements(env)
        if not elements:
            return _new(Reason, (self, False, None, (), (), ()))
        if self.after:
            elements = _later(elements, self.after, env)
        if self.what == "latest" and elements:
            newest = elements[-1].day
            elements = tuple([e for e in elements if e.day == newest])
        if self.where is ALWAYS:
            evidence = tuple([e.evidence for e in elements])
            return _new(Reason, (self, bool(elements), None, evidence, (), ()))
        true: list[Element] = []
        open_: list[Element] = []
        for element in elements:
            held = self.where.holds(element, env)
            if held:
                true.append(element)
            elif held is None:
                open_.append(element)
        if true:
            evidence = tuple([e.evidence for e in true])
            return _new(Reason, (self, True, None, evidence, (), ()))
        missing = tuple(_missing(self.where, open_, env)) if open_ else ()
        return _new(Reason, (self, None if open_ else False, None, (), (), missing))

    def _elements(self, env: Env) -> tuple[Element, ...]:
        match self.what:
            case "item":
                return env.items(self.ids)
            case "decision":
                return env.decisions(self.ids[0])
            case "latest":
                return env.done(self.ids)
        return env.records(self.ids)

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds beside one element."""
        return self.evaluate(env).truth


@dataclass(frozen=True, slots=True)
class Result:
    """An action is suggested, a criterion matched or undecided, or a reading chosen."""

    what: str  # suggested, matched, undecided, chosen
    ids: tuple[str, ...]
    where: Condition = All(())

    def evaluate(self, env: Env) -> Reason:
        """Read what was judged before."""
        if self.what == "chosen":
            return Reason(self, any(env.chosen(i) for i in self.ids))
        fitting = [
            reason
            for reason, element in env.results_of(self.what, self.ids)
            if reason.truth and (element is None or self.where.holds(element, env))
        ]
        return Reason(self, bool(fitting), None, tuple(e for r in fitting for e in r.support()))

    def holds(self, element: Element, env: Env) -> Truth:
        """Say whether it holds beside one element."""
        return self.evaluate(env).truth


Condition: TypeAlias = All | Any_ | Not | Is | Findings | Over | Result

ALWAYS = All(())


def _later(elements: tuple[Element, ...], after: tuple[str, ...], env: Env) -> tuple[Element, ...]:
    """Keep what is dated after the latest done record of some activities."""
    if not after:
        return elements
    days = [r.day for r in env.records(after) if r.get("done") and r.day is not None]
    if not days:
        return elements
    return tuple(e for e in elements if (day := _known_on(e)) is not None and day > max(days))


def _known_on(element: Element) -> dt.date | None:
    """The day it is dated, or for a finding the day it was entered where that is later."""
    recorded = getattr(element, "recorded", None)
    return max(element.day, recorded) if element.day and recorded else element.day


def _missing(where: Condition, elements: list[Element], env: Env) -> Iterator[str]:
    """Name the unknown attributes that keep elements undecided."""
    for element in elements:
        for leaf in leaves(where):
            value = element.get(leaf.name)
            if leaf.test.check(value, env, None) is None:
                if value is None:
                    yield element.asks(leaf.name)
                yield from _limits(leaf.test, env)


def _limits(test: Test, env: Env) -> Iterator[str]:
    """Name what to ask for where a limit of a test is unknown."""
    for name in test.names:
        if env.value(name).value is None:
            yield from env.missing(name)


def leaves(condition: Condition) -> Iterator[Is]:
    """Give the value leaves of a condition, in order."""
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Is():
            yield condition
        case _:
            return


def walk(condition: Condition) -> Iterator[Condition]:
    """Give a condition and every one below it, `where` included."""
    yield condition
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case Findings() | Over() | Result():
            yield from walk(condition.where)
        case _:
            return


# --- reading -----------------------------------------------------------------------------------

_QUANTIFIERS = ("some", "none", "every", "count")
_OVER = ("item", "latest", "record", "decision")
_RESULT = ("suggested", "matched", "undecided", "chosen")
_WITH = {
    **dict.fromkeys(("some", "none", "every"), ("where", "after", "recorded")),
    "count": ("where", "after", "recorded", "same", "across", "at_least", "at_most", "is"),
    **dict.fromkeys(_OVER, ("where", "after")),
    **dict.fromkeys(_RESULT, ("where",)),
}


def parse(raw: object, path: tuple[str | int, ...] = ()) -> tuple[Condition, list[Fault]]:
    """Read a condition as a pack writes it, with every fault found in it."""
    faults: list[Fault] = []
    return _parse(raw, path, faults), faults


def _parse(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Condition:
    if not isinstance(raw, Mapping):
        faults.append(
            Fault(f"`{raw}` is not a condition", "write a mapping such as {NAME: VALUE}", path)
        )
        return ALWAYS
    heads = [key for key in raw if key in _WITH]
    if len(heads) == 1 and all(k == heads[0] or k in _WITH[heads[0]] for k in raw):
        return _quantified(heads[0], raw, path, faults)
    parts: list[Condition] = []
    for key, value in raw.items():
        here = (*path, key)
        if key in _RESULT and "where" not in raw:
            parts.append(Result(str(key), _ids(value, here, faults)))
        elif key in _WITH:
            extra = [k for k in raw if k != key and k not in _WITH[key]]
            message = f"`{key}` stands alone in its mapping, beside {listed(extra)} it is unclear"
            faults.append(Fault(message, "put each in a list under `all`", here))
        elif key in ("all", "any"):
            parts.append(_listed(key, value, here, faults))
        elif key == "not":
            parts.append(Not(_parse(value, here, faults)))
        elif key == "stated" and isinstance(value, Mapping):
            parts.extend(
                Is(str(n), parse_test(t, (*here, n), faults), stated=True) for n, t in value.items()
            )
        else:
            parts.append(Is(str(key), parse_test(value, here, faults)))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _listed(key: str, raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Condition:
    if not isinstance(raw, list):
        faults.append(Fault(f"`{key}` takes a list of conditions", None, path))
        return ALWAYS
    parts = tuple(
        _parse(part, (*path, n), faults) for n, part in enumerate(raw) if part is not None
    )
    return All(parts) if key == "all" else Any_(parts)


def _quantified(
    head: str, raw: Mapping[str, object], path: tuple[str | int, ...], faults: list[Fault]
) -> Condition:
    ids = _ids(raw[head], (*path, head), faults)
    where = _parse(raw["where"], (*path, "where"), faults) if "where" in raw else ALWAYS
    if head in _RESULT:
        return Result(head, ids, where)
    after = _ids(raw["after"], (*path, "after"), faults) if "after" in raw else ()
    if head in _OVER:
        return Over(head, ids, where, after)
    recorded = raw.get("recorded", False)
    if not isinstance(recorded, bool):
        faults.append(Fault("`recorded` is `true` or left out", None, (*path, "recorded")))
    test = None
    if head == "count":
        bounds = {k: raw[k] for k in ("at_least", "at_most", "is") if k in raw}
        test = parse_test(bounds, path, faults)
    same = raw.get("same")
    name = str(same) if same is not None else None
    across = raw.get("across") == "providers"
    return Findings(head, ids, where, test, name, after, recorded is True, literals(where), across)


def literals(where: Condition) -> dict[str, Any]:
    """Give the attributes that a condition fixes to a literal or a list of them."""
    match where:
        case Is(name, test) if not isinstance(test.plain, Mapping):
            return {name: test.plain}
        case Is(name, test) if set(test.plain) == {"in"}:
            return {name: test.plain["in"]}
        case All(parts):
            fixed: dict[str, Any] = {}
            for part in parts:
                fixed.update(literals(part))
            return fixed
    return {}


def _ids(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> tuple[str, ...]:
    entries = raw if isinstance(raw, list) else [raw]
    if not entries or not all(isinstance(e, str) for e in entries):
        faults.append(Fault(f"`{raw}` is neither an id nor a list of ids", None, path))
        return ()
    return tuple(str(e) for e in entries)
