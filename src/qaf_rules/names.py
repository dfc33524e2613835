"""The names that conditions use, and which of them a pack declares nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from qaf_rules.condition import All, Any_, Condition, Findings, Is, Not, Over, Result
from qaf_rules.errors import did_you_mean
from qaf_rules.values import Fault

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

Path_: TypeAlias = tuple[str | int, ...]

ENGINE_VALUES = frozenset(
    {"row", "rating_status", "suggested_level", "confirmed_level", "level", "gap", "provider_id"}
)


def conditions(pack: Pack) -> Iterator[tuple[str, Path_, Condition]]:
    """Give every condition of a pack with its section and path."""
    for section in ("matrix", "supplements", "rating", "flags", "questions", "sharing"):
        for id_, rule in getattr(pack, section).items():
            yield section, (id_, "when"), rule.when
    for id_, reading in pack.readings.items():
        if reading.asked_when is not None:
            yield "readings", (id_, "asked_when"), reading.asked_when
    for id_, action in pack.actions.items():
        for n, trigger in enumerate(action.triggers):
            yield "actions", (id_, "triggers", n, "when"), trigger.when
        if action.closed_when is not None:
            yield "actions", (id_, "closed_when"), action.closed_when
    for id_, pathway in pack.pathway.items():
        for n, source in enumerate(pathway.steps_source):
            yield "pathway", (id_, "steps_source", n), source.when
        for name, transition in pathway.transitions.items():
            yield "pathway", (id_, "transitions", name, "when"), transition.when
    for part in ("fields", "settings", "facts"):
        for id_, spec in getattr(pack, part).items():
            for n, option in enumerate(spec.derive):
                yield "vocabulary", (part, id_, "derive", n, "when"), option.when
            for n, option in enumerate(spec.invalid):
                yield "vocabulary", (part, id_, "invalid", n, "when"), option.when
    for id_, decision in pack.decisions.items():
        if decision.only_when is not None:
            yield "vocabulary", ("decisions", id_, "only_when"), decision.only_when
        if decision.floor is not None and decision.floor.unless is not None:
            yield "vocabulary", ("decisions", id_, "floor", "unless"), decision.floor.unless


def undeclared(pack: Pack, condition: Condition, *, free: bool = False) -> Iterator[Fault]:
    """Walk a condition; inside `where` (`free`) the names are attributes of the element."""
    match condition:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from undeclared(pack, part, free=free)
        case Not(part):
            yield from undeclared(pack, part, free=free)
        case Is(name, test):
            declared = pack.declared
            for used in (*(() if free or name.startswith("this.") else (name,)), *test.names):
                if used not in declared:
                    yield _not_declared("value", used, declared)
        case Findings(kinds=kinds, test=test):
            declared = pack.declared
            limits = test.names if test is not None else ()
            yield from (_not_declared("value", n, declared) for n in limits if n not in declared)
            known = {*pack.kinds, *pack.identity.kind_groups, "any"}
            yield from (_not_declared("finding kind", k, known) for k in kinds if k not in known)
            yield from undeclared(pack, condition.where, free=True)
        case Over(what, ids):
            known = {*pack.decisions} if what == "decision" else {*pack.record_ids, *pack.groups}
            yield from (_not_declared(what, i, known) for i in ids if i not in known)
            yield from undeclared(pack, condition.where, free=True)
        case Result(what, ids):
            known = {*(pack.actions if what == "suggested" else pack.rating)}
            yield from (_not_declared(what, i, known) for i in ids if i not in known)


def _not_declared(what: str, name: str, known: Iterable[str]) -> Fault:
    return Fault(f"there is no {what} `{name}` in this pack", did_you_mean(name, known), (name,))


def place_of(data: object, path: Path_, named: Path_) -> tuple[Path_, bool]:
    """Give where in a section a condition names something, and whether that is a key.

    `path` leads to the condition, `named` is the name alone. Where it is not found, as of what the
    pack's files write otherwise, the place is the condition's.
    """
    raw: Any = data  # what the pack's files write
    for key in path:
        try:
            raw = raw[key]
        except (KeyError, IndexError, TypeError):
            return path, False
    (name,) = named
    found = next(_named(raw, str(name)), None)
    return (path, False) if found is None else ((*path, *found[0]), found[1])


def _named(raw: object, name: str) -> Iterator[tuple[Path_, bool]]:
    """Give each path at which a name is a key, or a value."""
    if raw == name:
        yield (), False
    elif isinstance(raw, Mapping):
        if name in raw:
            yield (name,), True
        for key, value in raw.items():
            yield from (((key, *below), is_key) for below, is_key in _named(value, name))
    elif isinstance(raw, list | tuple):
        for n, value in enumerate(raw):
            yield from (((n, *below), is_key) for below, is_key in _named(value, name))
