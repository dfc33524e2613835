"""What nobody could keep or tell: recurrences and days, names in them, and what rests on itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from qaf_rules.condition import Findings, Is, leaves, walk
from qaf_rules.errors import did_you_mean
from qaf_rules.frequency import Attached, ByValue, Cases, Rule, events, names
from qaf_rules.recurrence import (
    Alternating,
    Anchored,
    Every,
    Later,
    Monthly,
    Once,
    OnceEach,
    Quarterly,
    Sooner,
)
from qaf_rules.values import Fault
from qaf_rules.workdays import NEXT, NONE, PREVIOUS

if TYPE_CHECKING:
    from qaf_rules.pack import Pack, Path_
    from qaf_rules.schema import KindSpec

LAST_OF_EVERY_MONTH = 28


class Stated(NamedTuple):
    """A rule where it stands: the activity that it is of, its section and its path."""

    activity: str
    rule: Rule
    section: str
    path: Path_
    month_end: bool = False  # something above it says what a day is that a month lacks


def impossible(pack: Pack) -> Iterator[tuple[str, Path_, Fault]]:
    """Find what is wrong with the recurrences and days of a pack, each with its section and path."""
    dates = pack.identity.dates
    yield from _ended_before_begun(pack)
    for fault in _undeclared(pack.declared, _settings(dates.roll)):
        yield "pack", ("dates", "roll"), fault
    rules = [each for stated in _stated(pack) for each in _below(stated)]
    for stated in rules:
        for key, fault in _of_rule(pack, stated):
            yield stated.section, (*stated.path, key), fault
    yield from _waiting_in_a_circle(rules)
    yield from _of_no_item(pack)
    yield from _told_by_themselves(pack)


def _ended_before_begun(pack: Pack) -> Iterator[tuple[str, Path_, Fault]]:
    begins, ends = pack.identity.in_force, pack.identity.in_force_until
    if ends is not None and ends < begins:
        message = f"the version is in force until {ends}, before it comes into force on {begins}"
        yield "pack", ("in_force_until",), Fault(message, "give a later day, or leave it out")


def _stated(pack: Pack) -> Iterator[Stated]:
    whole = "month_end" in (pack.data.get("pack", {}).get("dates") or {})
    for id_, spec in pack.activities.items():
        yield Stated(id_, spec.rule, "activities", (id_,), whole)
    for section in ("matrix", "supplements"):
        for id_, row in getattr(pack, section).items():
            for activity, cells in row.activities.items():
                base = pack.activities.get(activity)
                own = base is not None and "month_end" in base.rule.own_dates
                for n, cell in enumerate(cells):
                    place = (n,) if len(cells) > 1 else ()
                    path = (id_, "activities", activity, *place)
                    yield Stated(activity, cell.rule, section, path, whole or own)


def _below(stated: Stated) -> Iterator[Stated]:
    """Give a rule and those between which it chooses."""
    yield stated
    activity, rule, section, path, month_end = stated
    told = month_end or "month_end" in rule.own_dates
    match rule.frequency:
        case Cases(cases, otherwise):
            for n, (_, use) in enumerate(cases):
                yield from _below(Stated(activity, use, section, (*path, "cases", n, "use"), told))
        case ByValue(_, options, otherwise):
            for name, use in options.items():
                yield from _below(Stated(activity, use, section, (*path, "options", name), told))
        case _:
            return
    if otherwise is not None:
        yield from _below(Stated(activity, otherwise, section, (*path, "otherwise"), told))


def _of_rule(pack: Pack, stated: Stated) -> Iterator[tuple[str, Fault]]:
    activity, rule, *_ = stated
    match rule.frequency:
        case Alternating(others):
            if activity in others:
                help_ = "name the activity that it takes turns with"
                yield "alternating_with", Fault(f"`{activity}` alternates with itself", help_)
            yield from (("alternating_with", f) for f in _undeclared(pack.activities, others))
        case Attached(to):
            if activity == to:
                help_ = "name the activity that it is held with"
                yield "attached_to", Fault(f"`{activity}` is attached to itself", help_)
            yield from (("attached_to", f) for f in _undeclared(pack.activities, [to]))
        case Monthly(by_day=int(day)) | Quarterly(by_day=int(day)) if day > LAST_OF_EVERY_MONTH:
            if "month_end" not in rule.own_dates and not stated.month_end:
                message = f"some month has no day {day}, and no `month_end` says what then"
                help_ = "add `month_end: clamp` here or under `dates` in pack.yaml, or write `last`"
                yield _key(rule.frequency), Fault(message, help_)
    yield from _names(pack, activity, rule.frequency, _key(rule.frequency))
    if rule.changed is not None:
        yield from _names(pack, activity, rule.changed.was, "changed")
    roll = _settings(rule.own_dates.get("roll", NONE))
    yield from (("roll", fault) for fault in _undeclared(pack.declared, roll))


def _names(pack: Pack, activity: str, frequency: object, key: str) -> Iterator[tuple[str, Fault]]:
    at = "from" if key == "every" else key
    for event in events(frequency):
        if event == activity:
            help_ = "name another activity, or a date"
            yield at, Fault(f"`{activity}` counts from itself", help_)
        known = (*pack.activities, *pack.declared)
        yield from ((at, fault) for fault in _undeclared(known, [event]))
    yield from ((key, fault) for fault in _undeclared(pack.declared, names(frequency)))


_KEYS = {
    Anchored: "anchor",
    Every: "every",
    Later: "later_of",
    Monthly: "by_day",
    Once: "once",
    OnceEach: "once_each",
    Quarterly: "quarterly",
    Sooner: "sooner_of",
}


def _key(frequency: object) -> str:
    """Give the key under which a recurrence stands; none where none is needed."""
    return _KEYS.get(type(frequency), "")


def _settings(roll: str) -> Iterator[str]:
    if roll not in (NONE, NEXT, PREVIOUS):
        yield roll


def _undeclared(known: Collection[str], used: Iterable[str]) -> Iterator[Fault]:
    for name in used:
        if name not in known:
            help_ = did_you_mean(name, known) or "declare it in the vocabulary, or correct the name"
            yield Fault(f"there is no `{name}` in this pack", help_)


def _waiting_in_a_circle(rules: list[Stated]) -> Iterator[tuple[str, Path_, Fault]]:
    """Find activities each of which waits on the next, the last on the first."""
    waits = {(s.activity, s.rule.waits_on): s for s in rules if s.rule.waits_on is not None}
    after: dict[str, list[str]] = {}
    for activity, first in waits:
        after.setdefault(activity, []).append(str(first))
    told: set[frozenset[str]] = set()
    for (activity, _), stated in waits.items():
        circle = _circle(activity, after)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            message = f"{' waits on '.join(f'`{a}`' for a in circle)}: none can ever come first"
            fault = Fault(message, "take one `waits_on` away")
            yield stated.section, (*stated.path, "waits_on"), fault


def _of_no_item(pack: Pack) -> Iterator[tuple[str, Path_, Fault]]:
    """Find triggers with the force of the item that their action is for, where it is for none."""
    for id_, action in pack.actions.items():
        for n, trigger in enumerate(action.triggers if action.for_each is None else ()):
            if trigger.force == "item":
                message = "`force: item` is that of the item it is for, and it is for none"
                fault = Fault(message, "add `for_each`, or give the force")
                yield "actions", (id_, "triggers", n, "force"), fault


def _told_by_themselves(pack: Pack) -> Iterator[tuple[str, Path_, Fault]]:
    """Find kinds whose findings are adverse or benign by a value that their own findings tell."""
    for kind, spec in pack.kinds.items():
        for key in ("adverse", "benign"):
            condition = getattr(spec, key)
            for name in _read_beside(spec, condition):
                if kind in _tellers(pack, name):
                    message = (
                        f"whether it is {key} rests on `{name}`, which findings of `{kind}` tell"
                    )
                    fault = Fault(message, "read one of its attributes")
                    yield "vocabulary", ("kinds", kind, key), fault


def _read_beside(spec: KindSpec, condition: Any) -> list[str]:
    """Give the values that a condition on a finding reads, beside what the finding says itself."""
    if condition is None or isinstance(condition, bool):
        return []
    found = [leaf.name for leaf in leaves(condition) if leaf.name not in spec.attributes]
    return [*found, *(name for leaf in leaves(condition) for name in leaf.test.names)]


def _tellers(pack: Pack, name: str) -> set[str]:
    """Give the kinds whose findings a value rests on, by itself or by others that it reads."""
    found: set[str] = set()
    names, seen = [name], set()
    while names:
        each = names.pop()
        spec = pack.values.get(each)
        if each in seen or spec is None:
            continue
        seen.add(each)
        parts = [part for option in spec.derive for part in walk(option.when)]
        names += [
            n for part in parts if isinstance(part, Is) for n in (part.name, *part.test.names)
        ]
        ranges = [part for part in parts if isinstance(part, Findings)]
        names += [n for part in ranges if part.test is not None for n in part.test.names]
        kinds = [kind for part in ranges for kind in part.kinds]
        told = pack.members("kind", (*kinds, *([spec.tie.kind] if spec.tie else [])))
        for kind in pack.kinds.keys() & set(told):
            found.add(kind)
            by = pack.kinds[kind]
            names += [*_read_beside(by, by.adverse), *_read_beside(by, by.benign)]
    return found


def _circle(start: str, after: Mapping[str, list[str]]) -> list[str]:
    paths = [[start]]
    while paths:
        path = paths.pop()
        for following in after.get(path[-1], ()):
            if following == start:
                return [*path, start]
            if following not in path:
                paths.append([*path, following])
    return []
