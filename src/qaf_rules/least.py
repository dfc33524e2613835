"""The least change of what can change that makes the suggestion another level.

For a level, some criterion of it is to hold and none above it; for the level that needs all of its
criteria, all of them, with nothing adverse passed over. Each such need depends on few facts. Needs
that share no fact are met apart, each by a search that goes deeper a change at a time, so that the
first answer is a smallest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from qaf_rules.change import Change, changed, tellers
from qaf_rules.condition import All, Any_, Condition, Findings, Is, walk
from qaf_rules.elements import as_list
from qaf_rules.rating import (
    rating_facts,
    rating_kinds,
    read_by,
    unread_findings,
    unread_statement,
)
from qaf_rules.reach import Reach
from qaf_rules.value_tests import NOTHING
from qaf_rules.values import OneOf, SetOf, Simple
from qaf_rules.worlds import fits

if TYPE_CHECKING:
    from qaf_rules.elements import Known
    from qaf_rules.facts import View
    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import Evidence, Suggestion
    from qaf_rules.schema import ValueSpec

MOST = 24
"""As many changes are looked for; beyond it the answer says that none was found, and no more."""

PATIENCE = 4_000
"""As many times the record is read with changes, before the search is given up."""

VIEWS = 256
"""As many views are kept at hand; needs that depend on the same facts are looked at together."""


@dataclass(frozen=True, slots=True)
class LeastChange:
    """The fewest changes that make the suggestion `to`, or why no change of what can change does.

    `changes` is None where there are none. Then `blocked_by` names the criteria and finding kinds
    that stand in the way; `fixed` are the known facts behind them that cannot change, `unknown`
    those that cannot change either, but are to be found out. `bound` is given where the search was
    given up: no set of so many changes does, and more of them might.
    """

    to: int | None  # None where the provider is outside the framework, and no level was named
    changes: tuple[Change, ...] | None
    blocked_by: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    bound: int | None = None


class _GivenUp(Exception):  # noqa: N818  # no error: the search says how far it came
    """The record was read as often as patience allows."""


class Option(NamedTuple):
    """One value that a fact can change to; `place` orders all of them as the pack does."""

    place: int
    fact: str
    before: object
    after: object
    steps: int  # on the fact's scale; one where it is none, or nothing is known yet


Chosen: TypeAlias = frozenset[Option]
Unread: TypeAlias = "Callable[[View, str, frozenset[object]], Iterator[Evidence]]"
NOTHING_CHANGED: Chosen = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """Something that must be so for a level: what stands for it, the facts it depends on, its test."""

    about: str
    reach: frozenset[str]
    met: Callable[[Chosen], bool]


def least_change(
    rated: Callable[[ProviderRecord], View], record: ProviderRecord, to: int
) -> LeastChange:
    """Find the fewest facts to change for the suggestion to be a level of the scale.

    `rated` reads a record as the rating does. Of equals the one with the smaller steps is given,
    then the one that comes first in the pack.
    """
    search = Search(rated, record)
    most = 0
    try:
        ways = [search.grouped(needs) for needs in search.alternatives(to)]
        for most in range(MOST + 1):
            found = [chosen for groups in ways if (chosen := _within(groups, most)) is not None]
            if found:
                best = min(found, key=_rank)
                changes = (Change(o.fact, o.before, o.after) for o in sorted(best, key=_place))
                return LeastChange(to, tuple(changes))
        given_up = any(not any(group.barred for group in groups) for groups in ways)
        return search.refused(to, ways, MOST if given_up else None)
    except _GivenUp:
        return LeastChange(to, None, bound=max(most - 1, 0))


def next_level(pack: Pack, suggestion: Suggestion, way: str) -> int:
    """Give the level next to the suggested one, `better` or `worse`.

    Where none is suggested it is the best one, or the least that a gap means. ValueError where
    there is none, or `way` is another word.
    """
    if way not in ("better", "worse"):
        raise ValueError(f"`{way}` is no way to go: say `better`, `worse` or a level")
    method, level = pack.identity.rating, suggestion.level
    if level is None:
        return method.all_of_level if way == "better" else method.floor
    beyond = [n for n in sorted(pack.levels) if (n < level if way == "better" else n > level)]
    if not beyond:
        raise ValueError(f"no level is {way} than {level}")
    return beyond[-1] if way == "better" else beyond[0]


def facts_read(pack: Pack) -> frozenset[str]:
    """Give the facts that the criteria of a pack can depend on."""
    reach = Reach(pack)
    return frozenset().union(*(reach.of(spec.when) for spec in pack.rating.values()))


def _within(groups: list[_Group], most: int) -> Chosen | None:
    """Give the best set of at most so many changes that meets every group, where there is one."""
    while not any(g.barred for g in groups) and sum(g.least for g in groups) <= most:
        open_ = [group for group in groups if group.best is None]
        if not open_:
            return frozenset().union(*(group.best for group in groups if group.best))
        open_[0].look()
    return None


def _place(option: Option) -> int:
    return option.place


def _rank(chosen: Chosen) -> tuple[int, int, list[int]]:
    return len(chosen), sum(o.steps for o in chosen), sorted(map(_place, chosen))


class Search:
    """The needs of levels and the options of facts for one record, and what was found of them."""

    def __init__(self, rated: Callable[[ProviderRecord], View], record: ProviderRecord) -> None:
        self.view = rated(record)
        self.reach = Reach(self.view.pack)
        self.fixed: dict[str, bool] = {}  # the facts that cannot change, and whether each is known
        self.options = self._options()
        self._rated = rated
        self._read = 0
        self._view_of = lru_cache(VIEWS)(self.seen)
        self._met: Callable[[Need, Chosen], bool] = cache(lambda need, chosen: need.met(chosen))
        self._group = cache(partial(_Group, self))

    def seen(self, chosen: Chosen) -> View:
        """Read the record as if some facts were other."""
        self._read += 1
        if self._read > PATIENCE:
            raise _GivenUp
        return self._rated(changed(self.view, {o.fact: o.after for o in chosen}))

    # --- what can change -------------------------------------------------------------------------

    def _options(self) -> dict[str, tuple[Option, ...]]:
        pack = self.view.pack
        read = facts_read(pack)
        found: dict[str, tuple[Option, ...]] = {}
        place = 0
        for name, spec in pack.facts.items():
            if name not in read:
                continue
            known = self.view.read(name)
            unsaid = spec.states is not None and not self.view.world(spec.states.kind).elements
            before = None if unsaid or known.value is NOTHING else known.value
            if not self._can_change(name, spec, before):
                self.fixed[name] = before is not None and known.given
                continue
            scale = self._scale(name, spec)
            found[name] = tuple(
                Option(place + n, name, before, after, _steps(scale, before, after))
                for n, after in enumerate(scale)
                if after != before
            )
            place += len(scale)
        return {name: options for name, options in found.items() if options}

    def _can_change(self, name: str, spec: ValueSpec, before: object) -> bool:
        """Whether the pack lets a fact change from what it is, and from what its findings say."""
        if isinstance(spec.changes, bool):
            return spec.changes
        attribute = (spec.states.attribute if spec.states else None) or name
        told = [finding.attributes.get(attribute) for finding in tellers(self.view, name)]
        return all(value is None or value in spec.changes for value in (before, *told))

    def _scale(self, name: str, spec: ValueSpec) -> tuple[object, ...]:
        """The values that conditions could tell apart, in the order of the fact's scale."""
        match spec.type:
            case Simple("boolean"):
                return (False, True)
            case Simple("count"):
                return tuple(range(self._limit(name, spec) + 2))
            case OneOf(values):
                return values
            case SetOf(values):
                return tuple(frozenset({value}) for value in values)
        return ()

    def _limit(self, name: str, spec: ValueSpec) -> int:
        """The greatest number that a condition compares with a count, or with the findings it counts."""
        kind = spec.tie.kind if spec.tie else None
        pack = self.view.pack
        conditions = [c.when for c in pack.rating.values()]
        conditions += [option.when for s in pack.values.values() for option in s.derive]
        limits = [1]
        for part in (part for condition in conditions for part in walk(condition)):
            match part:
                case Is(read, test) if read == name:
                    limits += self._numbers(test.plain)
                case Findings(kinds=kinds, test=test) if test is not None:
                    if kind in pack.members("kind", kinds):
                        limits += self._numbers(test.plain)
        return max(limits)

    def _numbers(self, plain: object) -> Iterator[int]:
        if isinstance(plain, Mapping):
            if set(plain) == {"value"}:
                plain = self.view.read(plain["value"]).value
            else:
                plain = list(plain.values())
        for each in as_list(plain):
            if isinstance(each, (Mapping, list)):
                yield from self._numbers(each)
            elif isinstance(each, (int, float)) and not isinstance(each, bool):
                yield int(each)

    # --- what a level needs ----------------------------------------------------------------------

    def alternatives(self, to: int) -> Iterator[list[Need]]:
        """Give the needs of a level, once for each way in which it comes about."""
        pack, method = self.view.pack, self.view.pack.identity.rating
        if method.method == "ask":
            return
        speaking = {id_: spec for id_, spec in pack.rating.items() if spec.mode == "any"}
        never = {
            id_: [self._holds(id_, part, wanted=False) for part in _parts(spec.when, Any_)]
            for id_, spec in speaking.items()
        }
        kept = self.kept()
        above = [need for id_ in speaking if speaking[id_].level > to for need in never[id_]]
        for id_, spec in speaking.items():
            if spec.level == to:
                yield [*self._always(id_, spec.when), *above, *kept]
        ladder = {id_: spec.when for id_, spec in pack.rating.items() if spec.mode == "all"}
        if to == method.all_of_level and ladder:
            met = [need for id_, when in ladder.items() for need in self._always(id_, when)]
            none = [need for needs in never.values() for need in needs]
            yield [*met, *none, *self._nothing_passed_over(ladder), *kept]

    def _always(self, id_: str, when: Condition) -> list[Need]:
        return [self._holds(id_, part, wanted=True) for part in _parts(when, All)]

    def _holds(self, id_: str, when: Condition, *, wanted: bool) -> Need:
        def met(chosen: Chosen) -> bool:
            return (when.holds(None, self._view_of(chosen)) is True) is wanted

        return Need(id_, self.reach.of(when), met)

    def _nothing_passed_over(self, ladder: Mapping[str, Condition]) -> Iterator[Need]:
        """Need that each adverse thing is read by some criterion of the level."""
        reads = {id_: self.reach.of(when) for id_, when in ladder.items()}
        sorts: tuple[tuple[tuple[str, ...], Callable[[str], frozenset[str]], Unread], ...] = (
            (rating_kinds(self.view.pack), self.reach.of_kind, unread_findings),
            (rating_facts(self.view.pack), self.reach.of_name, unread_statement),
        )
        for names, reach_of, unread in sorts:
            for name in names:
                own = reach_of(name)
                readers = [id_ for id_ in ladder if reads[id_] & own]
                reach = own.union(*(reads[id_] for id_ in readers))
                whens = [ladder[id_] for id_ in readers]
                yield Need(name, reach, partial(self._all_read, unread, name, whens))

    def _all_read(
        self, unread: Unread, name: str, readers: list[Condition], chosen: Chosen
    ) -> bool:
        view = self._view_of(chosen)
        if not any(True for _ in unread(view, name, frozenset())):
            return True
        reasons = [when.evaluate(view) for when in readers]
        return not any(True for _ in unread(view, name, read_by(view, reasons)))

    # --- what must not be lost -------------------------------------------------------------------

    def kept(self) -> list[Need]:
        """Need that no adverse finding on record is lost, for each kind of which there is one."""
        kinds = rating_kinds(self.view.pack)
        return [self._kept(kind) for kind in kinds if self._adverse(kind)]

    def _adverse(self, kind: str) -> list[Known]:
        if self.view.pack.kinds[kind].state:
            return []  # what is said anew of a state stands over what was said
        found = self.view.world(kind).elements
        return [known for known in found if not known.stated and self.view.adverse(known)]

    def _kept(self, kind: str) -> Need:
        """Need that no adverse finding gives way to a statement, save where it says that there is none."""
        ours = self._adverse(kind)
        facts = self.view.pack.facts
        ties = {n: t for n in facts if (t := facts[n].number) and t.kind == kind}
        past = [tie for name, tie in ties.items() if name not in self.options]

        def met(chosen: Chosen) -> bool:
            until = [s.on for s in self._view_of(chosen).world(kind).spoken.values()]
            gone = [known for known in ours if until and known.recorded <= max(until)]
            denied = [ties[o.fact] for o in chosen if o.fact in ties and not o.after]
            return all(
                any(fits(known, tie.where, self.view) for tie in denied)
                and not any(fits(known, tie.where, self.view) for tie in past)
                for known in gone
            )

        return Need(kind, self.reach.of_kind(kind), met)

    # --- the needs that hang together ------------------------------------------------------------

    def grouped(self, needs: Iterable[Need]) -> list[_Group]:
        """Put needs together that share a fact that can change, be it through others."""
        groups: list[tuple[set[str], set[Need]]] = []
        for need in needs:
            facts, members = set(self.open(need)), {need}
            apart = []
            for group in groups:
                if facts.isdisjoint(group[0]):
                    apart.append(group)
                else:
                    facts |= group[0]
                    members |= group[1]
            groups = [*apart, (facts, members)]
        found = [self._group(frozenset(members)) for _, members in groups]
        return sorted(found, key=lambda group: len(group.needs))

    def refused(self, to: int, ways: list[list[_Group]], bound: int | None) -> LeastChange:
        """Say what stands in the way: where something does whatever the way, that alone."""
        if bound is None:
            with suppress(_GivenUp):  # then what was found so far is told
                for group in (group for groups in ways for group in groups):
                    group.nothing_does()
        barred = [{n for g in groups if g.barred for n in self._barred(g)} for groups in ways]
        common = frozenset.intersection(*map(frozenset, barred)) if barred else frozenset()
        blocking = common or frozenset().union(*barred)
        reach = frozenset().union(*(need.reach for need in blocking))
        about = {need.about for need in blocking}
        pack = self.view.pack
        return LeastChange(
            to,
            None,
            tuple(name for name in (*pack.rating, *pack.kinds, *pack.facts) if name in about),
            tuple(name for name, known in self.fixed.items() if known and name in reach),
            tuple(name for name, known in self.fixed.items() if not known and name in reach),
            bound,
        )

    def _barred(self, group: _Group) -> list[Need]:
        """Give the needs of a group that nothing meets even alone, else all that are unmet."""
        alone = [need for need in group.unmet if self._group(frozenset({need})).nothing_does()]
        return alone or group.unmet

    def open(self, need: Need) -> list[str]:
        """Give the facts that a need depends on and that can change."""
        return [name for name in self.options if name in need.reach]

    def met(self, need: Need, chosen: Chosen) -> bool:
        """Say whether a need is met; only what it depends on is looked at."""
        return self._met(need, frozenset(o for o in chosen if o.fact in need.reach))


class _Group:
    """Needs that are met together: `least` changes at least, by the `best` set once it is found.

    `barred` says that no set meets them.
    """

    def __init__(self, search: Search, needs: frozenset[Need]) -> None:
        self.search = search
        self.needs = sorted(needs, key=lambda need: need.about)
        self.unmet = [need for need in self.needs if not search.met(need, NOTHING_CHANGED)]
        self.best: Chosen | None = None if self.unmet else NOTHING_CHANGED
        self.least = 1 if self.unmet else 0
        self.barred = False
        self._cut = False  # whether something lies deeper than was looked

    def look(self) -> None:
        """Look for the best set of as many changes as are needed at least, else need one more."""
        self._cut = False
        sets = self._sets(NOTHING_CHANGED, frozenset(), self.least)
        self.best = min(sets, key=_rank, default=None)
        if self.best is None or self.least > MOST:
            self.best = None
            self.barred = not self._cut
            self.least += 1

    def nothing_does(self) -> bool:
        """Say whether it is sure that no set of any number of changes meets the needs."""
        while not self.barred and self.best is None and self.least <= MOST:
            self.look()
        return self.barred

    def _sets(self, chosen: Chosen, closed: frozenset[str], left: int) -> Iterator[Chosen]:
        """Give the sets of at most `left` more changes that meet every need; `closed` facts stay.

        Any such set changes a fact that an unmet need depends on. Each of these facts is tried in
        turn and stays from then on, so that no set is tried twice.
        """
        unmet = [need for need in self.needs if not self.search.met(need, chosen)]
        if not unmet:
            yield chosen
            return
        taken = closed.union(o.fact for o in chosen)
        open_ = [[name for name in self.search.open(n) if name not in taken] for n in unmet]
        open_.sort(key=len)
        if not open_[0]:
            return
        if _apart(open_) > left:
            self._cut = True
            return
        for name in open_[0]:
            for option in self.search.options[name]:
                yield from self._sets(chosen | {option}, closed, left - 1)
            closed |= {name}


def _apart(groups: Iterable[list[str]]) -> int:
    """Count groups of facts that share none, the smallest first: each takes a change of its own."""
    taken: set[str] = set()
    count = 0
    for names in groups:
        if taken.isdisjoint(names):
            taken.update(names)
            count += 1
    return count


def _parts(when: Condition, joint: type[All | Any_]) -> tuple[Condition, ...]:
    return when.parts if isinstance(when, joint) else (when,)


def _steps(scale: tuple[object, ...], before: object, after: object) -> int:
    if before is None or before not in scale:
        return 1
    return abs(scale.index(after) - scale.index(before))
