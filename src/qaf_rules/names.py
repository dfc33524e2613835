"""The names that conditions use, and which of them a pack declares nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from qaf_rules import frequency as f
from qaf_rules.condition import All, Any_, Condition, Findings, Is, Not, Over
from qaf_rules.errors import did_you_mean
from qaf_rules.schema import ConductSpec, Entry
from qaf_rules.values import Fault

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

Path_: TypeAlias = tuple[str | int, ...]

ENGINE_VALUES = frozenset(
    {"row", "rating_status", "suggested_level", "confirmed_level", "level", "gap", "provider_id"}
)
# Values that are read by what they are called, with no rule that names them.
ENGINE_READS = frozenset(
    {"provider_id", "service_type", "contract_start", "due_soon_days", "terms", "authorised_by"}
)
THIS = "this."  # before the name of an attribute of the thing that something is for

Placed: TypeAlias = "tuple[str, Path_, Condition]"


def conditions(pack: Pack) -> Iterator[Placed]:
    """Give every condition of a pack with its section and path, those of frequencies and conduct too."""
    yield from _of_rules(pack)
    yield from _of_actions(pack)
    yield from _of_pathways(pack)
    yield from _of_vocabulary(pack)
    yield from _of_activities(pack)


def _of_rules(pack: Pack) -> Iterator[Placed]:
    if pack.identity.scope is not None:
        yield "pack", ("scope", "out_when"), pack.identity.scope.out_when
    for section in ("matrix", "supplements", "rating", "flags", "questions", "sharing"):
        for id_, rule in getattr(pack, section).items():
            if rule.when is not None:
                yield section, (id_, "when"), rule.when
    for id_, question in pack.questions.items():
        for n, about in enumerate(question.about):
            if about.when is not None:
                yield "questions", (id_, "about", n), about.when
    for id_, reading in pack.readings.items():
        if reading.asked_when is not None:
            yield "readings", (id_, "asked_when"), reading.asked_when


def _of_actions(pack: Pack) -> Iterator[Placed]:
    for id_, action in pack.actions.items():
        for n, trigger in enumerate(action.triggers):
            yield "actions", (id_, "triggers", n, "when"), trigger.when
            if not isinstance(trigger.event, str):
                yield "actions", (id_, "triggers", n, "event"), trigger.event
        if action.closed_when is not None:
            yield "actions", (id_, "closed_when"), action.closed_when


def _of_pathways(pack: Pack) -> Iterator[Placed]:
    for id_, pathway in pack.pathway.items():
        for n, source in enumerate(pathway.steps_source):
            yield "pathway", (id_, "steps_source", n), source.when
        for name, transition in pathway.transitions.items():
            yield "pathway", (id_, "transitions", name, "when"), transition.when


def _of_vocabulary(pack: Pack) -> Iterator[Placed]:
    for part in ("fields", "settings", "facts"):
        for id_, spec in getattr(pack, part).items():
            for key in ("derive", "invalid"):
                for n, option in enumerate(getattr(spec, key)):
                    yield "vocabulary", (part, id_, key, n, "when"), option.when
            if spec.adverse_when is not None:
                yield "vocabulary", (part, id_, "adverse_when"), spec.adverse_when
    for id_, decision in pack.decisions.items():
        if decision.only_when is not None:
            yield "vocabulary", ("decisions", id_, "only_when"), decision.only_when
        if decision.floor is not None and decision.floor.unless is not None:
            yield "vocabulary", ("decisions", id_, "floor", "unless"), decision.floor.unless


def _of_activities(pack: Pack) -> Iterator[Placed]:
    for id_, activity in pack.activities.items():
        yield from _of_rule(activity.rule, "activities", (id_,))
        for n, brought in enumerate(activity.brings):
            yield "activities", (id_, "brings", n), brought.when
        for below, n, entry in conduct_entries(activity.conduct):
            yield "activities", (id_, "conduct", *below, n), entry.when
    for section in ("matrix", "supplements"):
        for id_, row in getattr(pack, section).items():
            for name, cells in row.activities.items():
                for cell in cells:
                    yield from _of_rule(cell.rule, section, (id_, "activities", name))


def _of_rule(rule: f.Rule, section: str, path: Path_) -> Iterator[Placed]:
    match rule.frequency:
        case f.Attached(when=when):
            yield section, (*path, "when"), when
        case f.Cases(cases, otherwise):
            for n, (when, below) in enumerate(cases):
                yield section, (*path, "cases", n, "when"), when
                yield from _of_rule(below, section, (*path, "cases", n, "use"))
            if otherwise is not None:
                yield from _of_rule(otherwise, section, (*path, "otherwise"))
        case f.ByValue(_, options, otherwise):
            for option, below in options.items():
                yield from _of_rule(below, section, (*path, "options", option))
            if otherwise is not None:
                yield from _of_rule(otherwise, section, (*path, "otherwise"))


def conduct_entries(conduct: ConductSpec) -> Iterator[tuple[tuple[str, ...], int, Entry]]:
    """Give the entries of an activity's conduct, each with its part and place."""
    for part in ConductSpec.model_fields:
        value = getattr(conduct, part)
        if part == "attendance":
            for which in ("required", "optional"):
                yield from (((part, which), n, e) for n, e in enumerate(getattr(value, which)))
        else:
            yield from (((part,), n, entry) for n, entry in enumerate(value))


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
            for used in (*(() if free or name.startswith(THIS) else (name,)), *test.names):
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
        case _:
            what, ids = condition.what, condition.ids
            among = {"suggested": pack.actions, "chosen": pack.readings}
            known = {*among.get(what, pack.rating)}
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
