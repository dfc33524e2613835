"""What a value must meet: comparisons with three outcomes, and Kleene's logic over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from qaf_rules.errors import did_you_mean, listed, quoted
from qaf_rules.result import Evidence, Truth
from qaf_rules.values import Fault, parse_day


class _Nothing:
    """A value that is known to be missing: equal to nothing, above and below nothing."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


class Value(NamedTuple):
    """What a name reads: the value (None is unknown), its evidence, and bounds of a count.

    `given` is False where the value is only what absence means.
    """

    value: object
    evidence: tuple[Evidence, ...] = ()
    low: int = 0
    high: int | None = None
    given: bool = True

    def __repr__(self) -> str:
        """Write it the same in every process: a set has no order of its own."""
        value = self.value
        told = (
            f"{{{', '.join(sorted(map(repr, value)))}}}" if isinstance(value, frozenset) else value
        )
        return f"Value({told!r}, {self.evidence!r}, {self.low}, {self.high}, {self.given})"


class Reads(Protocol):
    """What a comparison may read besides the value: settings and facts by name."""

    def read(self, name: str) -> Value:
        """Read the value of a field, a setting, a fact or an engine value."""


Check: TypeAlias = Callable[[object, "Reads | None", Value | None], Truth]


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

    def check(value: object, _env: Reads | None, bounds: Value | None) -> Truth:
        if value is None:
            return _of_unknown(bounds, (wanted,))
        if value.__class__ is frozenset:
            return wanted in value
        return value == wanted and (value.__class__ is bool) is truth_wanted

    return check


def _within(wanted: tuple[object, ...]) -> Check:
    members = frozenset(wanted)
    truths = tuple(w for w in wanted if isinstance(w, bool))
    others = tuple(w for w in wanted if not isinstance(w, bool))

    def check(value: object, _env: Reads | None, bounds: Value | None) -> Truth:
        if value is None:
            return _of_unknown(bounds, wanted)
        if isinstance(value, frozenset):
            return bool(value & members)
        return value in (truths if isinstance(value, bool) else others)

    return check


def _includes(wanted: object) -> Check:
    def check(value: object, _env: Reads | None, bounds: Value | None) -> Truth:
        if value is None:
            return _of_unknown(bounds)
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

    def check(value: object, env: Reads | None, bounds: Value | None) -> Truth:
        limit = fixed
        if name is not None:
            limit = _number(env.read(name).value) if env is not None else None
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
    def check(value: object, _env: Reads | None, read: Value | None) -> Truth:
        known = value is not None and value is not NOTHING and (read is None or read.given)
        return known == wanted

    return check


def _some_member(test: Test) -> Check:
    def check(value: object, env: Reads | None, bounds: Value | None) -> Truth:
        if value is None:
            return _of_unknown(bounds)
        members: Iterable[object] = ()
        if isinstance(value, Mapping):
            members = value.values()
        elif isinstance(value, (frozenset, tuple)):
            members = value
        return any_of(test.check(member, env, None) for member in members)

    return check


def _negated(test: Test) -> Check:
    def check(value: object, env: Reads | None, bounds: Value | None) -> Truth:
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
        return Test(raw, _within(wanted) if isinstance(raw, list) else _equal(_literal(raw)))
    checks: list[Check] = []
    names: list[str] = []
    for key, operand in raw.items():
        match key:
            case "is":
                _literals([operand], (*path, key), faults)
                checks.append(_equal(_literal(operand)))
            case "in" if isinstance(operand, list):
                checks.append(_within(_literals(operand, (*path, key), faults)))
            case "includes":
                checks.append(_includes(_literal(operand)))
            case "known" | "given" if isinstance(operand, bool):
                checks.append(_known(operand))
            case "not":
                inner = parse_test(operand, (*path, key), faults)
                checks.append(_negated(inner))
                names.extend(inner.names)
            case "any":
                inner = parse_test(operand, (*path, key), faults)
                checks.append(_some_member(inner))
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
    if isinstance(raw, str) and len(raw) == 10:  # YYYY-MM-DD
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


def _of_unknown(bounds: Value | None, wanted: tuple[object, ...] = ()) -> Truth:
    """Judge a value that is not known, save perhaps between which bounds a count lies."""
    if bounds is None or (bounds.low == 0 and bounds.high is None):
        return None
    return None if any(_possible(each, bounds) for each in wanted) else False


def _possible(wanted: object, bounds: Value) -> bool:
    """Say whether a count between bounds may be this value."""
    number = _number(wanted)
    if number is None or number < bounds.low:
        return False
    return bounds.high is None or number <= bounds.high


def _all_checks(checks: tuple[Check, ...]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: object, env: Reads | None, bounds: Value | None) -> Truth:
        return all_of(c(value, env, bounds) for c in checks)

    return check


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
