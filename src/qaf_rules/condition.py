"""The condition tree: a closed union, three-valued, and its own explanation.

A condition is evaluated once; the `Reason` that comes back is the evaluated tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from qaf_rules.environment import NOTHING_THERE, Attributed, Element, Env, Group, Ranged
from qaf_rules.errors import listed
from qaf_rules.result import Evidence, Reason, Truth
from qaf_rules.value_tests import Test, Value, all_of, any_of, negate, parse_test
from qaf_rules.values import Fault

if TYPE_CHECKING:
    import datetime as dt


_new = tuple.__new__  # reasons are made by the thousand, and nothing is faster


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, env: Env) -> Reason:
        """Evaluate the parts; one that is false is the whole reason why this is false."""
        parts: list[Reason] = []
        truth: Truth = True
        judge = env.judge
        for part in self.parts:
            reason = judge(part)
            if reason.truth is False:
                return _new(Reason, (self, False, None, (reason,), ()))
            if reason.truth is None:
                truth = None
            parts.append(reason)
        return _new(Reason, (self, truth, None, tuple(parts), ()))

    def holds(self, element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds, of one element or of the provider."""
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
        parts = tuple([env.judge(part) for part in self.parts])
        truth: Truth = False
        for part in parts:
            if part.truth:
                truth = True
                break
            if part.truth is None:
                truth = None
        return _new(Reason, (self, truth, None, parts, ()))

    def holds(self, element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds, of one element or of the provider."""
        truth: Truth = False
        for part in self.parts:
            held = part.holds(element, env)
            if held:
                return True
            if held is None:
                truth = None
        return truth


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def evaluate(self, env: Env) -> Reason:
        """Evaluate the part and turn it round."""
        part = self.part.evaluate(env)
        return Reason(self, negate(part.truth), None, (part,))

    def holds(self, element: Attributed | None, env: Env) -> Truth:
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
        read = env.stated(self.name) if self.stated else env.read(self.name)
        value = read[0]
        truth = self.test.check(value, env, read)
        missing = env.missing(self.name) if truth is None and value is None else ()
        names = self.test.names
        return _new(Reason, (self, truth, read, _limits(names, env) if names else (), missing))

    def holds(self, element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds of one element."""
        if element is not None:
            return self.test.check(element.get(self.name, env), env, None)
        read = env.stated(self.name) if self.stated else env.read(self.name)
        return self.test.check(read[0], env, read)


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
    limits: tuple[str, ...] = ()  # values that the tests of its `where` compare with

    def evaluate(self, env: Env) -> Reason:
        """Range over the findings; what is not on record is unknown unless it was looked at."""
        group, elements, true, open_, more = self._range(env)
        truth = self._truth(len(elements), true, open_, more=more, env=env)
        evidence: tuple[Evidence, ...] = ()
        missing: tuple[str, ...] = ()
        if truth and self.quantifier != "none":
            behind = elements if self.quantifier == "every" else true
            if self.across and self.same is not None:
                behind = [e for group in self._shared(self.same, true, env).values() for e in group]
            evidence = tuple([e.evidence for e in behind])
        elif truth is None:
            missing = env.asks_in(group.kinds, self) if more else ()
            if open_ or self.same is not None:
                unsaid = [*_missing(self.where, open_, env), *self._unshared((*true, *open_), env)]
                missing = tuple(dict.fromkeys([*unsaid, *missing]))
        read = _new(Ranged, (len(true), evidence, elements, more))
        limits = self.test.names if self.test is not None else ()
        if elements and self.limits:
            limits = (*limits, *self.limits)
        return _new(Reason, (self, truth, read, _limits(limits, env) if limits else (), missing))

    def _range(
        self, env: Env
    ) -> tuple[Group, tuple[Element, ...], list[Element], list[Element], bool]:
        """Give the group, its elements, those it is true and unknown of, and if there may be more."""
        group = (env.recorded if self.recorded else env.findings)(self.kinds)
        elements = _later(group.elements, self.after, env) if self.after else group.elements
        more = group.may_be_more
        if more is None:
            more = env.more_in(group.kinds, self.fixed)
        true, open_ = _sorted_by(self.where, elements, env) if elements else ([], [])
        return group, elements, true, open_, more

    def shared(self, env: Env) -> dict[object, list[Element]]:
        """Give by each value that is shared often enough those that share it."""
        return self._shared(self.same, self._range(env)[2], env) if self.same is not None else {}

    def _shared(self, name: str, true: list[Element], env: Env) -> dict[object, list[Element]]:
        assert self.test is not None  # the parser gives every count a test
        sizes, _ = _grouped(name, true, env, across=self.across)
        enough = [v for v, members in sizes.items() if self.test.check(len(members), env, None)]
        return {v: [e for e in true if e.get(name, env) == v] for v in enough}

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
        low, high = self._bounds(true, open_, env, more=more)
        assert self.test is not None  # the parser gives every count a test
        return self.test.check(low if low == high else None, env, Value(None, (), low, high))

    def bounds(self, env: Env) -> tuple[int, int | None]:
        """Give how many findings fit at least, and at most where that is known."""
        _, _, true, open_, more = self._range(env)
        return self._bounds(true, open_, env, more=more)

    def _bounds(
        self, true: list[Element], open_: list[Element], env: Env, *, more: bool
    ) -> tuple[int, int | None]:
        if self.same is not None:
            return _largest(self.same, true, open_, env, more=more, across=self.across)
        return len(true), None if more else len(true) + len(open_)

    def holds(self, _element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds, beside one element or of the provider."""
        _, elements, true, open_, more = self._range(env)
        return self._truth(len(elements), true, open_, more=more, env=env)

    def waits_for(self, elements: tuple[Element, ...], name: str, env: Env) -> list[Element]:
        """Give those elements that stay undecided until a fact, or an attribute of them, is told."""
        true, open_ = _sorted_by(self.where, elements, env)
        waiting = [e for e in open_ if name in _missing(self.where, [e], env)]
        return [*waiting, *(e for e in (*true, *open_) if name in self._unshared([e], env))]

    def _unshared(self, elements: Iterable[Element], env: Env) -> Iterator[str]:
        """Name the attribute that elements are to share where one does not say it."""
        if self.same is not None:
            for element in elements:
                if element.get(self.same, env) is None:
                    yield element.asks(self.same)


def _largest(
    attribute: str,
    true: list[Element],
    open_: list[Element],
    env: Env,
    *,
    more: bool,
    across: bool = False,
) -> tuple[int, int | None]:
    """Bound the size of the largest group that shares one value of an attribute.

    With `across` the group's size is the number of providers in it.
    """
    sure, floating = _grouped(attribute, true, env, across=across)
    possible, unclear = _grouped(attribute, open_, env, across=across)
    low = max((len(members) for members in sure.values()), default=1 if true else 0)
    if more:
        return low, None
    values = {*sure, *possible}
    sizes = (len(sure.get(v, set()) | possible.get(v, set())) for v in values)
    return low, max(sizes, default=0) + floating + unclear


def _grouped(
    attribute: str, elements: list[Element], env: Env, *, across: bool
) -> tuple[dict[object, set[object]], int]:
    """Group elements by an attribute; the second is how many do not say it."""
    groups: dict[object, set[object]] = {}
    silent = 0
    for element in elements:
        value = element.get(attribute, env)
        if value is None:
            silent += 1
        else:
            one = element.get("provider", env) if across else id(element)
            groups.setdefault(value, set()).add(one)
    return groups, silent


@dataclass(frozen=True, slots=True)
class Over:
    """Some item, record or decision meets a condition; `latest` reads only the last done."""

    what: str  # item, latest, record, decision
    ids: tuple[str, ...]
    where: Condition
    after: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()  # values that the tests of its `where` compare with

    def evaluate(self, env: Env) -> Reason:
        """Range over what there is; nothing is unknown of what is not on record."""
        elements = self._range(env)
        if not elements:
            return _new(Reason, (self, False, NOTHING_THERE, (), ()))
        true, open_ = _sorted_by(self.where, elements, env)
        evidence = tuple([e.evidence for e in true])
        truth = True if true else (None if open_ else False)
        missing = tuple(_missing(self.where, open_, env)) if truth is None else ()
        read = _new(Ranged, (len(true), evidence, elements, False))
        limits = _limits(self.limits, env) if self.limits else ()
        return _new(Reason, (self, truth, read, limits, missing))

    def holds(self, _element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds, beside one element or of the provider."""
        elements = self._range(env)
        if self.where is ALWAYS or not elements:
            return bool(elements)
        truth: Truth = False
        for each in elements:
            held = self.where.holds(each, env)
            if held:
                return True
            if held is None:
                truth = None
        return truth

    def _range(self, env: Env) -> tuple[Element, ...]:
        match self.what:
            case "item":
                elements = env.items(self.ids)
            case "decision":
                elements = env.decisions(self.ids[0])
            case "latest":
                elements = env.done(self.ids)
            case _:
                elements = env.records(self.ids)
        if self.after and elements:
            elements = _later(elements, self.after, env)
        if self.what == "latest" and len(elements) > 1:
            newest = elements[-1].day
            if elements[-2].day != newest:
                return elements[-1:]
            elements = tuple([e for e in elements if e.day == newest])
        return elements


@dataclass(frozen=True, slots=True)
class Result:
    """An action is suggested, a criterion matched or undecided, or a reading chosen."""

    what: str  # suggested, matched, undecided, chosen
    ids: tuple[str, ...]
    where: Condition = All(())

    def evaluate(self, env: Env) -> Reason:
        """Read what was judged before."""
        if self.what == "chosen":
            taken = any(env.chosen(i) for i in self.ids)
            return Reason(self, taken, Value(taken))
        fitting = self._fitting(env)
        evidence = tuple(e for r in fitting for e in r.support())
        return Reason(self, bool(fitting), Value(bool(fitting), evidence))

    def holds(self, _element: Attributed | None, env: Env) -> Truth:
        """Say whether it holds, beside one element or of the provider."""
        if self.what == "chosen":
            return any(env.chosen(i) for i in self.ids)
        return bool(self._fitting(env))

    def _fitting(self, env: Env) -> list[Reason]:
        return [
            reason
            for reason, element in env.results_of(self.what, self.ids)
            if reason.truth and (element is None or self.where.holds(element, env))
        ]


Condition: TypeAlias = All | Any_ | Not | Is | Findings | Over | Result

ALWAYS = All(())


def _sorted_by(
    where: Condition, elements: tuple[Element, ...], env: Env
) -> tuple[list[Element], list[Element]]:
    """Give the elements of which a condition is true, and those of which it is unknown."""
    true: list[Element] = []
    open_: list[Element] = []
    for element in elements:
        held = where.holds(element, env)
        if held:
            true.append(element)
        elif held is None:
            open_.append(element)
    return true, open_


def _later(elements: tuple[Element, ...], after: tuple[str, ...], env: Env) -> tuple[Element, ...]:
    """Keep what is dated after the latest done record of some activities."""
    done = env.done(after)
    last = done[-1].day if done else None
    if last is None:
        return elements
    return tuple([e for e in elements if (day := _known_on(e)) is not None and day > last])


def _known_on(element: Element) -> dt.date | None:
    """The day it is dated, or for a finding the day it was entered where that is later."""
    recorded = getattr(element, "recorded", None)
    return max(element.day, recorded) if element.day and recorded else element.day


def _missing(where: Condition, elements: list[Element], env: Env) -> Iterator[str]:
    """Name the unknown attributes that keep elements undecided."""
    for element in elements:
        for leaf in leaves(where):
            value = element.get(leaf.name, env)
            if value is None and leaf.test.check(value, env, None) is None:
                yield element.asks(leaf.name)


def _limits(names: tuple[str, ...], env: Env) -> tuple[Reason, ...]:
    """Read the limits that a test compares with: each is a leaf of its own below it."""
    return tuple([Is(name, LIMIT).evaluate(env) for name in names])


def _is_given(value: object, _env: object, _read: object) -> Truth:
    return None if value is None else True


LIMIT = Test({"known": True}, _is_given)


def whole(condition: Condition, env: Env) -> Reason:
    """Evaluate every part of a condition, also those beside one that decides it."""
    match condition:
        case All(parts):
            told = tuple(whole(part, env) for part in parts)
            return Reason(condition, all_of(r.truth for r in told), None, told)
        case Any_(parts):
            told = tuple(whole(part, env) for part in parts)
            return Reason(condition, any_of(r.truth for r in told), None, told)
        case Not(part):
            inner = whole(part, env)
            return Reason(condition, negate(inner.truth), None, (inner,))
    return condition.evaluate(env)


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
        return Over(head, ids, where, after, _limits_of(where))
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
    limits = _limits_of(where)
    return Findings(
        head, ids, where, test, name, after, recorded is True, literals(where), across, limits
    )


def _limits_of(where: Condition) -> tuple[str, ...]:
    """Name the values that the tests of a condition compare with."""
    return tuple(dict.fromkeys(name for leaf in leaves(where) for name in leaf.test.names))


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
