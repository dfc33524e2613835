"""The findings of a kind as the rating reads them: displaced, aged, standing, and what may be besides.

What a person stated of a kind describes its findings and takes the place of those recorded by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from qaf_rules.alike import EVERYTHING
from qaf_rules.condition import Findings, leaves
from qaf_rules.elements import ENVELOPE, Known, Statement, World, as_list
from qaf_rules.model import OPEN
from qaf_rules.value_tests import all_of
from qaf_rules.values import OneOf

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.schema import Tie
    from qaf_rules.values import Type


def make_world(view: View, kind: str) -> World:
    """Give the findings of a kind as the rating reads them."""
    spec = view.pack.kinds[kind]
    looked_at = spec.topic is not None and (
        spec.topic in view.covered or EVERYTHING in view.covered
    )
    closed = bool(spec.derived) or (looked_at and spec.absence == "none")
    spoken = _spoken(view, kind) if view.statements else {}
    # Whatever was looked at: of two statements that differ one may say that there are some.
    closed = closed and all(s.value is not None for s in spoken.values())
    if not spoken and not spec.derived and not view.on_record(kind):
        empty = view.pack.kept.empty_worlds.get((kind, closed))
        if empty is None:
            empty = view.pack.kept.empty_worlds[kind, closed] = World(kind, [], closed)
        return empty
    elements = [e.copy() for e in view.on_record(kind)]
    if spoken:
        until = max(s.on for s in spoken.values())
        elements = [e for e in elements if e.recorded > until]
        if not (closed and _says_none(view, kind, spoken)):
            elements = [*_described(view, kind, spoken), *elements]
    differing: list[str] = []
    if spec.state:
        elements = _standing(elements, differing)
    elements = _of_now(view, kind, elements)
    _mark(view, kind, elements)
    return World(kind, elements, closed, spoken, tuple(differing))


def _of_now(view: View, kind: str, elements: list[Known]) -> list[Known]:
    """Leave out what is put right of a kind that criteria read in the present tense."""
    if view.pack.kinds[kind].tense != "present":
        return elements
    return [
        e for e in elements if e.attributes.get("status", "open") in OPEN or not view.speaks_ill(e)
    ]


def _says_none(view: View, kind: str, spoken: dict[str, Statement]) -> bool:
    """Whether statements only repeat of a kind what is so because nothing was found (K16).

    What they do not speak of is then none as before, and not unknown as of a finding.
    """
    return not _of_now(view, kind, view.on_record(kind)) and all(
        statement.value in as_list(view.pack.facts[name].benign)
        for name, statement in spoken.items()
    )


def _spoken(view: View, kind: str) -> dict[str, Statement]:
    names = [n for n in view.pack.facts_of.get(kind, ()) if n in view.statements]
    if names:
        for name, spec in view.pack.facts.items():
            if spec.also is not None and spec.also.kind == kind and name in view.statements:
                names.append(name)
    return {n: view.statements[n] for n in names}


def _described(
    view: View, kind: str, spoken: dict[str, Statement], *, found: bool = False
) -> list[Known]:
    """Make the findings that a person described by stating facts: as many as a count says.

    `found` says that it is known that there were some.
    """
    shared: dict[str, object] = {}
    counts: list[tuple[Mapping[str, Any], int]] = []
    denied = False
    for name, statement in spoken.items():
        spec = view.pack.facts[name]
        if statement.value is None:
            continue
        if spec.counts is not None or spec.exists is not None:
            tie = spec.number
            assert tie is not None  # just asked
            number = int(statement.value) if isinstance(statement.value, (int, bool)) else 0
            if spec.exists is not None and not tie.where:
                shared[name] = bool(number)
            if number:
                counts.append((tie.where, number))
            denied = denied or not number
        else:
            tie = spec.also if spec.also is not None and spec.also.kind == kind else spec.states
            assert tie is not None  # every other fact that speaks for a kind states an attribute
            shared[tie.attribute or name] = as_said(tie, statement.value)
    since = max(s.since for s in spoken.values())
    newest = max(s.on for s in spoken.values())
    make = partial(_stated_finding, view, kind, since, newest, spoken)
    made = _combined(counts, shared, make)
    if not made and shared and (found or _describes_one(view, kind, spoken, denied=denied)):
        made.append(make(dict(shared)))
    return made


def _describes_one(view: View, kind: str, spoken: dict[str, Statement], *, denied: bool) -> bool:
    """Whether attributes stated without a number speak of a finding at all.

    They do where one of them is adverse and no older than a statement that there is none, or where
    findings are on record that they take the place of, so that nothing adverse is lost; else only
    where being there is not what is adverse, and nobody said of some that there are none.
    """
    ties = {
        n: t
        for n in view.pack.facts_of.get(kind, ())
        if (t := view.pack.facts[n].number) is not None
    }
    none = {n: s.on for n, s in spoken.items() if n in ties and s.value in (0, False)}
    whole = max((day for name, day in none.items() if not ties[name].where), default=None)
    if not _exhausted(view, kind, [ties[name].where for name in none]):
        for name, statement in spoken.items():
            spec = view.pack.facts[name]
            benign = as_list(spec.benign)
            if spec.states is None or not benign or statement.value in benign:
                continue
            # A fact that speaks of this kind beside another does not stand against its number.
            own = spec.states.kind == kind
            if whole is None or (own and statement.on >= whole):
                return True
    stands_alone = not isinstance(view.pack.kinds[kind].adverse, bool)
    return not denied and (stands_alone or bool(_of_now(view, kind, view.on_record(kind))))


def take_derived(view: View, kind: str, derived: Iterable[Known]) -> None:
    """Add findings that the schedule makes; what was stated takes the place of those of its days.

    Where it describes them without a number, one that it describes stays.
    """
    world = view.world(kind)
    until = max([s.on for s in world.spoken.values()], default=dt.date.min)
    gone = []
    for known in derived:
        if known.day <= until:
            gone.append(known)
        else:
            world.elements.append(known)
            view.on_record(kind).append(known)
    world.unheard += len(gone)
    counted = [n for n in world.spoken if view.pack.facts[n].number is not None]
    if gone and not counted and not any(e.stated for e in world.elements):
        world.elements[:0] = _described(view, kind, world.spoken, found=True)


def _stated_finding(
    view: View,
    kind: str,
    since: dt.date,
    on: dt.date,
    spoken: dict[str, Statement],
    attributes: dict[str, object],
) -> Known:
    status = attributes.get("status", "open")
    full = {"kind": kind, **attributes, "status": status, "open": status in OPEN}
    ref, number = ", ".join(spoken), view.number()
    known = Known(kind, full, on, on, ref, view.pack, number, stated=True)
    known.day = since
    return known


def _mark(view: View, kind: str, elements: list[Known]) -> None:
    """Judgements about the findings on record when they were made."""
    for name in view.pack.marks_of.get(kind, ()):
        statement = view.statements.get(name)
        tie = view.pack.facts[name].marks
        if statement is None or tie is None:
            continue
        for element in elements:
            if element.recorded <= statement.on:
                element.attributes[tie.attribute or name] = statement.value


def may_be_more(view: View, world: World, where: Mapping[str, Any]) -> bool:
    """Whether there may be findings besides those known that have these attributes."""
    if world.closed:
        return False
    return not _bounded(view, world, where) if world.spoken else not world.elements


def _bounded(view: View, world: World, where: Mapping[str, Any]) -> bool:
    """Whether what was stated says how many there are with these attributes."""
    names = view.pack.facts_of.get(world.kind, ())
    ties = {name: tie for name in names if (tie := view.pack.facts[name].number) is not None}
    stated = [tie.where for name, tie in ties.items() if _is_told(world, name)]
    if any(_narrower(where, each) for each in stated):
        return True
    # A kind without numbers is told by one finding, if by any: of two that differ by none.
    return _exhausted(view, world.kind, stated) if ties else bool(world.elements)


def _is_told(world: World, name: str) -> bool:
    """Whether a person stated a fact for a kind, and not two things of one day."""
    statement = world.spoken.get(name)
    return statement is not None and statement.value is not None


def _exhausted(view: View, kind: str, stated: Iterable[Mapping[str, Any]]) -> bool:
    """Whether numbers were stated for each value that an attribute can have."""
    values: dict[str, set[object]] = {}
    for where in stated:
        if len(where) == 1:
            ((name, wanted),) = where.items()
            values.setdefault(name, set()).update(as_list(wanted))
    declared = view.pack.kinds[kind].attributes
    return any(values[name] >= _possible(declared[name]) for name in values if name in declared)


def _possible(declared: Type) -> set[object]:
    """The values that an attribute can have, where they are few; else what none of them all is."""
    return set(declared.values) if isinstance(declared, OneOf) else {True, False}


def more_in(view: View, kinds: tuple[str, ...], fixed: Mapping[str, Any]) -> bool:
    """Whether there may be more findings of any of some kinds with these attributes."""
    return any(may_be_more(view, view.world(kind), fixed) for kind in kinds)


def asks_in(view: View, kinds: tuple[str, ...], asked: Findings) -> tuple[str, ...]:
    """Name the facts that would tell whether there are findings with these attributes."""
    return tuple(
        dict.fromkeys(
            name
            for kind in kinds
            if may_be_more(view, view.world(kind), asked.fixed)
            for name in _asks_of(view, kind, asked)
            if not _is_told(view.world(kind), name)
        )
    )


def _asks_of(view: View, kind: str, asked: Findings) -> tuple[str, ...]:
    """Name them for one kind; they depend on the pack alone, so they are found once."""
    known = view.pack.kept.asks
    key = (kind, id(asked))
    if key not in known:
        known[key] = (asked, _find_asks(view, kind, asked))
    return known[key][1]


def _find_asks(view: View, kind: str, asked: Findings) -> tuple[str, ...]:
    facts, names = view.pack.facts, view.pack.facts_of.get(kind, ())
    ties = {n: t for n in names if (t := facts[n].number) is not None}
    counts = tuple(n for n, t in ties.items() if _compatible(asked.fixed, t.where))
    exact = tuple(n for n in counts if _narrower(asked.fixed, ties[n].where))
    told = view.pack.attribute_facts
    return (
        exact
        or counts
        or tuple(told[kind, leaf.name] for leaf in leaves(asked.where) if (kind, leaf.name) in told)
    )


def as_said(tie: Tie, value: object) -> object:
    """Give the value of a finding's attribute that a fact's value stands for."""
    if tie.as_ is None:
        return value
    return tie.as_.get(value, value)


def fits(known: Known, where: Mapping[str, Any], view: View) -> bool | None:
    """Whether a finding has the attributes of a tie; None where one is unknown."""

    def each() -> Iterable[bool | None]:
        for name, wanted in where.items():
            value = known.get(name, view)
            members = wanted if isinstance(wanted, list) else [wanted]
            yield None if value is None else value in members

    return all_of(each())


def _narrower(where: Mapping[str, Any], wider: Mapping[str, Any]) -> bool:
    """Whether everything with the attributes `where` also has those of `wider`."""
    for name, wanted in wider.items():
        if name not in where:
            return False
        allowed = wanted if isinstance(wanted, list) else [wanted]
        given = where[name] if isinstance(where[name], (list, tuple)) else [where[name]]
        if not all(g in allowed for g in given):
            return False
    return True


def _compatible(where: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one finding could have the attributes of both."""
    for name, wanted in other.items():
        if name in where:
            allowed = wanted if isinstance(wanted, list) else [wanted]
            given = where[name] if isinstance(where[name], (list, tuple)) else [where[name]]
            if not any(g in allowed for g in given):
                return False
    return True


def _combined(
    counts: list[tuple[Mapping[str, Any], int]],
    shared: dict[str, object],
    make: Callable[[dict[str, object]], Known],
) -> list[Known]:
    """Make as many findings as the counts say, one serving several counts where it can."""
    found: list[dict[str, object]] = []
    for where, number in sorted(counts, key=lambda c: len(c[0])):
        fixed = {n: (w[0] if isinstance(w, list) else w) for n, w in where.items()}
        fitting = [a for a in found if all(a.get(n, v) == v for n, v in fixed.items())]
        for attributes in fitting[:number]:
            attributes.update(fixed)
        while len(fitting) < number:
            attributes = dict(fixed)
            found.append(attributes)
            fitting.append(attributes)
    return [make({**shared, **attributes}) for attributes in found]


def _standing(elements: list[Known], differing: list[str]) -> list[Known]:
    """For a kind that is a state: what a later finding says stands over an earlier one that differs.

    Two of one day that differ leave the attribute unknown. One that only repeats what another says
    with more is that one.
    """
    ordered = sorted(elements, key=_told_on)
    standing: list[Known] = []
    told: dict[str, Known] = {}
    for element in reversed(ordered):
        own = _own(element)
        other = {n for n, v in own.items() if n in told and told[n].attributes.get(n) != v}
        for name in other:
            if _told_on(told[name]) == _told_on(element):
                told[name].attributes.pop(name, None)
                differing.append(name)
        kept = {n: v for n, v in own.items() if n not in (told if other else ())}
        for name in own:
            told.setdefault(name, element)
        if kept or not own:
            element.attributes = {
                k: v for k, v in element.attributes.items() if k in ENVELOPE or k in kept
            }
            standing.append(element)
    said = [_own(element) for element in standing]
    whole = [
        element
        for n, element in enumerate(standing)
        if not any(
            said[n].items() <= more.items() and (m < n or said[n] != more)
            for m, more in enumerate(said)
            if m != n
        )
    ]
    whole.reverse()
    return whole


def _own(element: Known) -> dict[str, object]:
    """What a finding says beside what every finding does."""
    return {name: value for name, value in element.attributes.items() if name not in ENVELOPE}


def _told_on(element: Known) -> dt.date:
    """The day by which one finding of a state stands over another."""
    return element.recorded if element.stated else element.day
