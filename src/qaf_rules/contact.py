"""The longest time that a provider at a level can go without contact, found from the pack alone.

What counts as contact the pack says. On every row the shortest minimum counts; and where the level
alone is known to bring a contact, from wherever a provider stands on a pathway, it is offered at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.errors import listed
from qaf_rules.frequency import ByValue, Cases, Rule
from qaf_rules.guards import World
from qaf_rules.recurrence import Alternating, Every
from qaf_rules.soundness import graph_of, path_to
from qaf_rules.value_tests import Value
from qaf_rules.workdays import Interval, add

if TYPE_CHECKING:
    from qaf_rules.pack import Pack
    from qaf_rules.pathway import PathwaySpec
    from qaf_rules.schema import RowSpec

__all__ = ["Gap", "gaps", "lines"]

LEVEL = "level"
_ANY_DAY = dt.date(2001, 1, 1)


class Gap(NamedTuple):
    """How long a provider at a level can go without contact.

    `at_once` names what offers a contact at once; else `longest` is the time on the row `row`, and
    `silent` are the rows for which no time is stated. `witness` is the shortest way on a pathway to
    a state in which a contact that it brings elsewhere is not offered.
    """

    level: int
    at_once: str | None
    longest: Interval | None
    row: str | None
    silent: tuple[str, ...]
    witness: str | None = None

    @property
    def said(self) -> str:
        """What holds at the level, in words."""
        if self.at_once is not None:
            return f"a contact is offered at once, {self.at_once}"
        told = []
        if self.longest is not None:
            told.append(f"{self.longest} without contact at most, on the row `{self.row}`")
        if self.silent:
            told.append(f"no time is fixed on {listed(self.silent)}")
        if self.witness is not None:
            told.append(f"nothing is offered at once to one who stands at {self.witness}")
        return "; ".join(told)


def lines(found: Iterable[Gap]) -> Iterator[str]:
    """Say it in lines, one for the levels of which the same holds."""
    by_text: dict[str, list[int]] = {}
    for gap in found:
        by_text.setdefault(gap.said, []).append(gap.level)
    for text, levels in by_text.items():
        yield f"level {', '.join(map(str, levels))}: {text}"


def gaps(pack: Pack) -> Iterator[Gap]:
    """Say of each level how long it can be; nothing where the pack does not say what contact is."""
    activities = set(pack.members("activity", pack.identity.contact))
    if not activities:
        return
    times = {id_: _shortest(pack, row, activities) for id_, row in pack.matrix.items()}
    known = {id_: time for id_, time in times.items() if time is not None}
    row = max(known, key=lambda id_: add(_ANY_DAY, known[id_]), default=None)
    silent = tuple(id_ for id_, time in times.items() if time is None)
    for level in pack.levels:
        at_once, witness = _at_once(pack, level, activities)
        longest = known[row] if row is not None else None
        yield Gap(level, at_once, longest, row, silent, witness)


# --- what a row brings ---------------------------------------------------------------------------


def _shortest(pack: Pack, row: RowSpec, activities: set[str]) -> Interval | None:
    found: list[Interval] = []
    for name, cells in row.activities.items():
        for cell in cells if name in activities else ():
            if cell.required == "minimum":
                plain = pack.activities[name].rule
                own = _longest(plain if cell.rule.frequency is None else cell.rule)
                found.extend([own] if own is not None else [])
    return min(found, key=lambda time: add(_ANY_DAY, time), default=None)


def _longest(rule: Rule) -> Interval | None:
    """Give the longest time between two; None where it is not fixed, or in some case none is held."""
    match rule.frequency:
        case Every(Interval() as interval) | Alternating(_, Interval() as interval):
            return interval
        case Cases(cases, otherwise):
            return _worst([*(below for _, below in cases), otherwise or Rule()])
        case ByValue(_, options, otherwise):
            return _worst([*options.values(), *([otherwise] if otherwise else [])])
    return None


def _worst(rules: Iterable[Rule]) -> Interval | None:
    found = [_longest(rule) for rule in rules]
    known = [time for time in found if time is not None]
    return (
        max(known, key=lambda t: add(_ANY_DAY, t)) if known and len(known) == len(found) else None
    )


# --- what a level brings -------------------------------------------------------------------------


def _at_once(pack: Pack, level: int, contacts: set[str]) -> tuple[str | None, str | None]:
    """Give what offers a contact at once, or a way to where a pathway that may offer one does not."""
    world = World(pack, {LEVEL: Value(level)})
    for id_, action in pack.actions.items():
        if id_ in contacts and any(world.truth(t.when) for t in action.triggers):
            return f"by the action `{id_}`", None
    witness: str | None = None
    for id_, spec in pack.pathway.items():
        lacking = _lacking(spec, world, contacts)
        if lacking is None:
            return f"on the pathway `{id_}` from every state", None
        if lacking:
            witness = witness or lacking
    return None, witness


def _lacking(spec: PathwaySpec, world: World, contacts: set[str]) -> str | None:
    """Give the shortest way to a state that offers no contact at the level; None where none lacks it.

    It is empty where the pathway offers a contact nowhere.
    """
    graph = graph_of(spec)
    offering = {state: _offers(spec, state, world, contacts) for state in spec.states}
    if not any(offering.values()):
        return ""
    import networkx as nx

    near: Mapping[str, int] = nx.single_source_shortest_path_length(graph, spec.start)
    lacking = [s for s in near if not offering[s] and not spec.states[s].end]
    if not lacking:
        return None
    return path_to(spec, graph, min(lacking, key=lambda state: near[state]))


def _offers(spec: PathwaySpec, state: str, world: World, contacts: set[str]) -> bool:
    if contacts & set(spec.states[state].actions):
        return True
    return any(
        contacts & {*t.actions, *spec.states[t.target(state)].actions}
        and t.after is None
        and world.truth(t.when)
        for _, t in spec.leaving(state)
    )
