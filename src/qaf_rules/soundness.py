"""What is wrong with the pathways of a pack, each flaw with the shortest way in which it shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from qaf_rules.condition import ALWAYS, leaves
from qaf_rules.errors import did_you_mean, listed, quoted
from qaf_rules.guards import World, listed_values, worlds
from qaf_rules.pathway import BINDING, NOBODY, PathwaySpec, TransitionSpec
from qaf_rules.values import OneOf

if TYPE_CHECKING:
    from qaf_rules.pack import Pack, Path_

__all__ = ["FLAWS", "MISSING", "Flaw", "graph_of", "installed", "path_to"]

Graph: TypeAlias = Any  # networkx's own
Finder: TypeAlias = "Callable[[Pack], Iterator[Flaw]]"
DAYS: Final = "this.days"
FACT: Final = "fact"
MISSING: Final = "the pathways are not verified: networkx is not installed"


class Flaw(NamedTuple):
    """A flaw where it stands: the section, the path, what is wrong and what helps."""

    section: str
    path: Path_
    message: str
    help: str


class Table(NamedTuple):
    """A pathway with its graph: an edge for each state that a transition leads from."""

    pack: Pack
    id: str
    spec: PathwaySpec
    graph: Graph

    def at(self, part: str, name: str) -> Path_:
        """Give the path of a state or a transition."""
        return (self.id, part, name)


def installed() -> bool:
    """Whether the library that works with graphs is there."""
    return find_spec("networkx") is not None


def _networkx() -> Any:  # a module
    """Give the library, which takes a moment to import."""
    import networkx as nx

    return nx


def graph_of(spec: PathwaySpec, without: Collection[str] = ()) -> Graph:
    """Give the states and transitions as a graph of several edges, each with its transition's id.

    `without` are transitions that are left out.
    """
    graph: Graph = _networkx().MultiDiGraph()
    graph.add_nodes_from(spec.states)
    for id_, transition in spec.transitions.items():
        for state in () if id_ in without else transition.from_:
            graph.add_edge(state, transition.target(state), key=id_)
    return graph


def _tables(pack: Pack) -> Iterator[Table]:
    """Give the pathways with what can happen on them."""
    if installed():
        for id_, spec in pack.pathway.items():
            never = {name for name, t in spec.transitions.items() if _never(pack, t)}
            yield Table(pack, id_, spec, graph_of(spec, never))


# --- ways ----------------------------------------------------------------------------------------


def path_to(spec: PathwaySpec, graph: Graph, state: str) -> str:
    """Say the shortest way from the start of a pathway to a state."""
    return _said(graph, _networkx().shortest_path(graph, spec.start, state))


def _said(graph: Graph, states: Sequence[str]) -> str:
    told = [f"`{states[0]}`"]
    for one, after in itertools.pairwise(states):
        told.append(f"by `{next(iter(graph[one][after]))}` to `{after}`")
    return ", ".join(told)


def _reached(table: Table) -> set[str]:
    return {table.spec.start, *_networkx().descendants(table.graph, table.spec.start)}


# --- states --------------------------------------------------------------------------------------


def unreachable(pack: Pack) -> Iterator[Flaw]:
    """Find states that no provider ever comes to."""
    for table in _tables(pack):
        reached = _reached(table)
        for state in table.spec.states:
            if state not in reached:
                known = [s for s in table.spec.states if s in reached]
                message = f"no provider ever comes to the state `{state}`"
                help_ = f"from `{table.spec.start}` a provider comes to {listed(known)} only"
                yield Flaw("pathway", table.at("states", state), message, help_)


def dead_ends(pack: Pack) -> Iterator[Flaw]:
    """Find states that nothing leads out of and that are not meant as an end, and ends that are left."""
    for table in _tables(pack):
        for state in _known(table):
            spec = table.spec.states[state]
            away = [after for after in table.graph.successors(state) if after != state]
            path = path_to(table.spec, table.graph, state)
            if not away and not spec.end:
                message = f"nothing leads out of the state `{state}`"
                help_ = f"add a transition from it, or write `end: true`; the way there: {path}"
                yield Flaw("pathway", table.at("states", state), message, help_)
            if away and spec.end:
                message = f"the state `{state}` is an end, and something leads out of it"
                help_ = (
                    f"leave out `end`, or the transition: {_said(table.graph, [state, away[0]])}"
                )
                yield Flaw("pathway", table.at("states", state), message, help_)


def no_exits(pack: Pack) -> Iterator[Flaw]:
    """Find states from which a provider comes neither to the start again nor to an end."""
    for table in _tables(pack):
        ends = {table.spec.start}
        # What leads nowhere is told as that.
        ends.update(s for s in table.graph if not set(table.graph.successors(s)) - {s})
        leaving = set().union(*({e, *_networkx().ancestors(table.graph, e)} for e in ends))
        near = _networkx().single_source_shortest_path_length(table.graph, table.spec.start)
        caught = table.graph.subgraph(s for s in _known(table) if s not in leaving)
        for group in _networkx().weakly_connected_components(caught):
            state = min((s for s in table.spec.states if s in group), key=near.__getitem__)
            message = f"from the state `{state}` no exit is possible"
            path = path_to(table.spec, table.graph, state)
            among = listed(s for s in table.spec.states if s in group)
            help_ = f"a provider stays among {among}; the way there: {path}"
            yield Flaw("pathway", table.at("states", state), message, help_)


def _known(table: Table) -> list[str]:
    reached = _reached(table)
    return [state for state in table.spec.states if state in reached]


# --- transitions ---------------------------------------------------------------------------------


def never_fire(pack: Pack) -> Iterator[Flaw]:
    """Find transitions whose condition holds of no provider."""
    for id_, spec in pack.pathway.items():
        for name, transition in spec.transitions.items():
            if _never(pack, transition):
                message = f"the transition `{name}` can never fire: its condition never holds"
                read = dict.fromkeys(leaf.name for leaf in leaves(transition.when))
                help_ = f"no values of {listed(read)} meet it"
                known = {each: listed_values(pack, each) for each in read}
                help_ += "".join(f"; `{n}` has {listed(each)}" for n, each in known.items() if each)
                yield Flaw("pathway", (id_, "transitions", name, "when"), message, help_)


def _never(pack: Pack, transition: TransitionSpec) -> bool:
    tried = worlds(pack, [transition.when])
    return tried is not None and not any(w.truth(transition.when) for w in tried)


def shadowed(pack: Pack) -> Iterator[Flaw]:
    """Find transitions that never get their turn: one before them holds whenever they do."""
    for id_, spec in pack.pathway.items():
        for state in spec.states:
            rows = list(spec.leaving(state))
            for n, (name, transition) in enumerate(rows):
                for first, other in rows[:n]:
                    rivals = spec.event_of(first) == spec.event_of(name)
                    if rivals and _covers(other, transition) and _within(pack, transition, other):
                        message = f"the transition `{name}` never gets its turn in `{state}`"
                        help_ = f"`{first}` stands before it and holds whenever it does"
                        yield Flaw("pathway", (id_, "transitions", name), message, help_)


def _covers(other: TransitionSpec, transition: TransitionSpec) -> bool:
    """Whether whoever may take a transition may take another, and no later."""
    deciders, own = set(other.takers), set(transition.takers)
    if other.after is not None or not {*other.closed_by} <= {*transition.closed_by}:
        return False
    if not {*other.decided_with} <= {*transition.decided_with}:
        return False
    return not deciders or bool(own and own <= deciders)


def _within(pack: Pack, inner: TransitionSpec, outer: TransitionSpec) -> bool:
    """Whether one holds wherever another does, which holds somewhere."""
    tried = worlds(pack, [inner.when, outer.when])
    some = False
    for world in tried or ():
        if world.truth(inner.when):
            if not world.truth(outer.when):
                return False
            some = True
    return some


def endless(pack: Pack) -> Iterator[Flaw]:
    """Find circles of automatic steps that no person, date or change of facts breaks."""
    for table in _tables(pack):
        own: Graph = _networkx().DiGraph()
        own.add_edges_from(
            (one, after)
            for one, after, id_ in table.graph.edges(keys=True)
            if _unbroken(table.spec, id_)
        )
        order = list(table.spec.states).index
        circles = [_from_first(circle, order) for circle in _networkx().simple_cycles(own)]
        for circle in sorted(circles, key=lambda c: (len(c), [order(s) for s in c])):
            found = _turning(table, [*circle, circle[0]])
            if found is not None:
                names, world = found
                message = f"steps follow one another without end: {listed_path(circle, names)}"
                help_ = "let a person decide one of them, or let time pass before it"
                said = world.said()
                help_ += f"; it turns where {said}" if said else "; it always turns"
                path = table.at("transitions", names[0])
                yield Flaw("pathway", path, message, help_)
                break  # the shortest shows it


def _from_first(circle: list[str], order: Callable[[str], int]) -> list[str]:
    """Turn a circle so that it begins at the state that stands first in the table."""
    first = circle.index(min(circle, key=order))
    return [*circle[first:], *circle[:first]]


def listed_path(circle: Sequence[str], names: Sequence[str]) -> str:
    """Say a circle of states with the transition that leads from each to the next."""
    after = [*circle[1:], circle[0]]
    told = [f"by `{name}` to `{state}`" for name, state in zip(names, after, strict=True)]
    return ", ".join([f"`{circle[0]}`", *told])


def _unbroken(spec: PathwaySpec, id_: str) -> bool:
    """Whether a step follows whenever its condition holds, however often and soon."""
    transition = spec.transitions[id_]
    dated = transition.after is not None or any(
        leaf.name == DAYS for leaf in leaves(transition.when)
    )
    return transition.automatic and not dated and id_ not in transition.closed_by


def _turning(table: Table, states: Sequence[str]) -> tuple[tuple[str, ...], World] | None:
    """Give transitions round a circle that can all hold at once, with what they hold of."""
    steps = [
        [id_ for id_ in table.graph[one][after] if _unbroken(table.spec, id_)]
        for one, after in itertools.pairwise(states)
    ]
    for names in itertools.product(*steps):
        conditions = [table.spec.transitions[name].when for name in names]
        for world in worlds(table.pack, conditions) or ():
            if all(world.truth(when) for when in conditions):
                return names, world
    return None


def not_compared(pack: Pack) -> Iterator[Flaw]:
    """Find transitions whose conditions have too many combinations for all of them to be tried."""
    for id_, spec in pack.pathway.items():
        for name, transition in spec.transitions.items():
            if worlds(pack, [transition.when]) is None:
                message = f"the condition of `{name}` reads too much to be tried in full"
                help_ = "read a fact that follows from these values instead"
                yield Flaw("pathway", (id_, "transitions", name, "when"), message, help_)


def unheld(pack: Pack) -> Iterator[Flaw]:
    """Find recorded stages at which a pathway could not begin: they are none of its states."""
    for id_, spec in pack.pathway.items():
        recorded = pack.values.get(spec.recorded_in or "")
        stages = recorded.type.values if recorded and isinstance(recorded.type, OneOf) else None
        if recorded is not None and stages is None:
            message = f"{quoted(spec.recorded_in)} does not list the stages that it may state"
            yield Flaw("pathway", (id_, "recorded_in"), message, "give its values as a list")
        for stage in stages or ():
            if stage not in spec.states:
                message = f"{quoted(spec.recorded_in)} may be {quoted(stage)}, which is no state"
                help_ = did_you_mean(stage, spec.states) or f"there is {listed(spec.states)}"
                yield Flaw("pathway", (id_, "recorded_in"), message, help_)


# --- who decides ---------------------------------------------------------------------------------


def undecided(pack: Pack) -> Iterator[Flaw]:
    """Find steps, and actions of pathways, whose decision nobody holds."""
    named: dict[str, str] = {}
    for id_, spec in pack.pathway.items():
        for name, transition in spec.transitions.items():
            if not transition.automatic and not transition.takers:
                message = f"nobody decides the transition `{name}`"
                help_ = "name the role in `decided_by`, or who takes the step in `owner`"
                yield Flaw("pathway", (id_, "transitions", name), message, help_)
            named.update(dict.fromkeys(transition.actions, f"the transition `{name}`"))
        for name, state in spec.states.items():
            named.update(dict.fromkeys(state.actions, f"the state `{name}`"))
    for id_, where in named.items():
        action = pack.actions.get(id_)
        for n, trigger in enumerate(action.triggers if action is not None else ()):
            deciders = trigger.decided_by or (action.decided_by if action is not None else ())
            if trigger.force == "may" and not set(deciders) - {NOBODY}:
                message = f"nobody decides the action `{id_}`, which may be taken or not"
                help_ = f"name the role in `decided_by`; {where} brings it"
                yield Flaw("actions", (id_, "triggers", n), message, help_)


def unfounded(pack: Pack) -> Iterator[Flaw]:
    """Find automatic steps that a clause does not make binding, and no setting of the council does.

    A clause that only states a fact binds nobody, and leaves nothing open either.
    """
    for id_, spec in pack.pathway.items():
        for name, transition in spec.transitions.items():
            if not transition.automatic:
                continue
            strengths = {
                c: pack.clauses[c].strength for c in transition.clause if c in pack.clauses
            }
            weak = [c for c, strength in strengths.items() if strength not in (*BINDING, FACT)]
            bound = not weak and not {*BINDING}.isdisjoint(strengths.values())
            path = (id_, "transitions", name)
            if not bound and not transition.settled_by:
                message = f"the step `{name}` is automatic, and no clause of it says must or will"
                if weak:
                    says = strengths[weak[0]]
                    message = f"the step `{name}` is automatic, and `{weak[0]}` says only “{says}”"
                help_ = "name who decides in `decided_by`, or the setting in `settled_by`"
                yield Flaw("pathway", path, message, help_)
            if transition.when == ALWAYS and transition.after is None:
                message = f"the step `{name}` is automatic and waits for nothing"
                yield Flaw("pathway", path, message, "give its condition in `when`, or its `event`")


FLAWS: Final[tuple[tuple[str, Literal["error", "notice"], Finder], ...]] = (
    ("unreachable-state", "error", unreachable),
    ("dead-end", "error", dead_ends),
    ("no-exit", "error", no_exits),
    ("never-fires", "error", never_fire),
    ("shadowed", "error", shadowed),
    ("endless", "error", endless),
    ("no-such-stage", "error", unheld),
    ("nobody-decides", "error", undecided),
    ("unfounded-step", "error", unfounded),
    ("not-compared", "notice", not_compared),
)
"""Each check of pathways: its id, how much it matters, and what finds it."""
