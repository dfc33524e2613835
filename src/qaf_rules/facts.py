"""From findings, statements, profile and settings to what conditions read, each with its evidence.

Implements the absence, ageing and displacement of findings: what a person stated takes the place
of the findings that it speaks for; what nobody looked at is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self

from qaf_rules import requests
from qaf_rules.alike import ANY, COMMON, EVERYTHING, OWN, keep
from qaf_rules.elements import (
    ENVELOPE,
    JUDGEMENT,
    Carried,
    Done,
    Known,
    Listed,
    Statement,
    World,
    as_list,
    hashable,
    rating_record,
    recorded_as,
)
from qaf_rules.environment import Attributed, Group
from qaf_rules.model import OPEN, WITHDRAWN, named
from qaf_rules.names import THIS
from qaf_rules.once import Made, nothing_made, once
from qaf_rules.pack import ABSENT, Pack, Source, typed
from qaf_rules.result import Evidence, Reason, Truth
from qaf_rules.value_tests import Value
from qaf_rules.workdays import add
from qaf_rules.worlds import asks_in, fits, make_world, may_be_more, more_in, take_derived

if TYPE_CHECKING:
    from qaf_rules.alike import Alike
    from qaf_rules.condition import Condition, Findings
    from qaf_rules.model import Activity, Finding, ProviderRecord
    from qaf_rules.result import ScheduleItem
    from qaf_rules.schema import Tie, ValueSpec

UNKNOWN = Value(None)


@dataclass(slots=True)
class View:
    """What is known of one provider on one day under one pack; the environment of conditions."""

    pack: Pack
    record: ProviderRecord
    on: dt.date
    settings: Mapping[str, object]
    known_at: dt.date | None = None  # the day by which a thing must have been recorded; else `on`
    left_out: int = 0
    known: dt.date = field(init=False)  # the day by which a thing must have been recorded
    until: dt.date = field(init=False)  # the last day of what a person settled that counts
    made: int = 0  # how many findings were read or described so far
    schedule: dict[str, list[Listed]] = field(default_factory=dict)
    results: dict[tuple[str, str], tuple[tuple[Reason, Attributed | None], ...]] = field(
        default_factory=dict
    )
    this: Mapping[str, object] = field(default_factory=dict)
    _bound: list[str] = field(default_factory=list)  # what was read of it
    conflicts: dict[str, dt.date] = field(default_factory=dict)
    aged: list[str] = field(default_factory=list)
    not_yet: set[str] = field(default_factory=set)
    earlier: Callable[[dt.date, Condition], Truth] | None = None  # how one was on another day
    sole_support: object = None  # the one finding that the suggested level rests on
    _findings: list[Finding] = field(default_factory=list)
    _by_kind: dict[str, list[Finding]] = field(default_factory=dict)
    _by_activity: dict[str, list[Done]] = field(default_factory=dict)
    _engine: dict[str, Value] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    covered: dict[str, Done] = field(default_factory=dict)  # topics, each with who looked last
    profile: dict[str, object] = field(init=False)  # every field and setting, None where unknown
    told: int = field(init=False)  # the bits of what is known of this provider (see `alike`)
    closed: int = field(init=False)  # the bits of the kinds of which none on record means none
    _alike: Mapping[int, Alike] = field(init=False)
    kept: Made = field(default_factory=nothing_made)  # what was read, by what gives it

    def __post_init__(self) -> None:
        self.known = self.known_at or self.on
        self.until = min(self.on, self.known)  # what is settled is known on its own day
        self._alike = self.pack.silence.conditions
        self._take_findings()
        self._take_activities()
        self._take_statements()
        self._take_profile()

    def aside(self) -> Self:
        """Give the same to read from as it stands now: nothing is noted here of what is read there."""
        other = copy(self)
        other.not_yet, other.results = set(), {**self.results}
        other._bound, other._engine = [*self._bound], {**self._engine}  # noqa: SLF001  # of its own class
        other.kept = nothing_made()
        other.kept.update({name: {**kept} for name, kept in self.kept.items()})
        return other

    # --- what was known on the day ---------------------------------------------------------------

    def _take_findings(self) -> None:
        known: list[tuple[dt.date, dt.date, str, str, int, Finding]] = []
        for n, finding in enumerate(self.record.findings):
            day, recorded, kind = finding.on, finding.recorded, finding.kind
            if day <= self.until and (recorded is None or recorded <= self.known):
                known.append((day, recorded or day, kind, finding.ref or "", n, finding))
            else:
                self.left_out += 1
        # The order of a register's rows is nobody's statement: kind and reference settle a day's.
        for _, _, kind, _, _, finding in sorted(known):
            self._findings.append(finding)
            self._by_kind.setdefault(kind, []).append(finding)

    def _take_activities(self) -> None:
        ageing = self.pack.identity.ageing
        confirmed_by = self.pack.identity.rating.confirmed_by
        on, until = self.on, self.until
        known: list[tuple[dt.date, bool, int, Done, Activity]] = []
        for record in (*self.record.activities, *self._ratings_as_records(confirmed_by)):
            done = Done(record, on)
            # What is only arranged has no day of its own: it was known unless recorded later.
            day = (done.day if done.done else record.requested) or until
            recorded = record.recorded
            if day <= until and (recorded is None or recorded <= self.known):
                known.append((done.at, done.done, len(known), done, record))
            else:
                self.left_out += 1
        known.sort()
        for _, _, _, done, record in known:
            self._by_activity.setdefault(record.activity, []).append(done)
            covered = record.covered
            if covered and done.done and done.day and add(done.day, ageing) >= on:
                self.covered.update(dict.fromkeys(covered, done))
        for group in self._by_activity.values():
            if len(group) > 1 and len({(d.day, d.done) for d in group}) < len(group):
                group.sort(key=self._of_one_day)

    def _of_one_day(self, done: Done) -> tuple[object, ...]:
        """Order records so that rows may come in any: of one day the whole one is the last."""
        record, day = done.record, done.day or self.on
        entered = record.recorded or day
        return day, done.done, entered, not record.missing, record.time or "", str(record)

    def _ratings_as_records(self, activity: str | None) -> Iterable[Activity]:
        if activity is None:
            return ()
        return [rating_record(activity, r.on, r.level) for r in self.record.confirmed]

    def _take_statements(self) -> None:
        runs: dict[str, list[Finding]] = {}
        for finding in self._findings:
            fact = finding.fact
            stated = finding.kind == JUDGEMENT and finding.status != WITHDRAWN
            if stated and fact is not None and fact in self.pack.values:
                runs.setdefault(fact, []).append(finding)
        for fact, findings in runs.items():
            span = self.pack.values[fact].stands_for or self.pack.identity.ageing
            newest = findings[-1]
            if self._lapsed(fact, newest):
                continue
            if add(newest.on, span) < self.on:
                self.aged.append(fact)
                continue
            values = {hashable(f.value) for f in findings if f.on == newest.on}
            if len(values) > 1:
                self.conflicts[fact] = newest.on
                self.statements[fact] = Statement(fact, None, newest.on, newest.on, newest)
                continue
            since = newest.on
            for earlier in reversed(findings[:-1]):
                if earlier.value != newest.value or add(earlier.on, span) < since:
                    break
                since = earlier.on
            self.statements[fact] = Statement(fact, newest.value, newest.on, since, newest)

    def _take_profile(self) -> None:
        silence, fields = self.pack.silence, self.record.provider.fields
        self.profile = silence.profile(fields, self.settings)
        self.closed = silence.closing(frozenset(self.covered))
        self.told = OWN | silence.told(fields, self.settings, self.until)
        bits = silence.bits
        for kind in self._by_kind:
            self.told |= bits["kind", kind]
        for activity in self._by_activity:
            self.told |= bits["record", activity]
        for fact in self.statements:
            self.told |= silence.stated(fact)
        for decision in self.record.decisions:
            self.told |= bits["decision", decision.decision]
        for name, value in self._engine.items():
            self._tell(name, value)

    def _tell(self, name: str, value: Value) -> None:
        """An engine value goes before one of the profile."""
        self.profile[name] = value.value
        shared = value.value.__class__ in COMMON
        self.told |= self.pack.silence.bits["evidence" if shared else "value", name]

    def _lapsed(self, fact: str, newest: Finding) -> bool:
        """Whether a fact that speaks of the latest activity, request or day was stated before it."""
        spec, fields = self.pack.values[fact], self.record.provider.fields
        done = self.done(spec.lapses_with)[-1:] if spec.lapses_with else ()
        days: list[object] = [*(d.day for d in done), requests.newest(self, spec.asked_by)]
        days.extend(fields.get(f) for told, f in spec.stands_until.items() if told == newest.value)
        return any(isinstance(d, dt.date) and newest.on < d <= self.until for d in days)

    # --- the environment of conditions -----------------------------------------------------------

    def put(self, name: str, value: Value | None) -> None:
        """Set an engine value, or take it back; what follows from it is read again."""
        if value is None:
            self._engine.pop(name, None)
            self.kept["read"].pop(name, None)
            self._take_profile()
        else:
            self._engine[name] = self.kept["read"][name] = value
            self._tell(name, value)
        if name in self.pack.derived_from:
            self._forget_values()

    def _forget_values(self) -> None:
        read = self.kept["read"]
        read.clear()
        read.update(self._engine)

    def judge(self, condition: Condition) -> Reason:
        """Evaluate a condition, once for all providers of whom nothing is told that it reads."""
        return self.reason_of(self._alike.get(id(condition)) or self.pack.silence.add(condition))

    def reason_of(self, alike: Alike) -> Reason:
        """Evaluate a condition of which is known what it reads."""
        if alike.tree_reads & self.told:
            return alike.condition.evaluate(self)
        key: object = self.closed & alike.closable
        if alike.profile is not None:
            key = key, alike.profile(self.profile)
        try:
            return alike.trees[key]
        except KeyError:
            return keep(alike.trees, key, alike.condition.evaluate(self))

    def truth(self, condition: Condition) -> Truth:
        """Say whether a condition holds; no reason is made."""
        return self.truth_of(self._alike.get(id(condition)) or self.pack.silence.add(condition))

    def truth_of(self, alike: Alike) -> Truth:
        """Say whether a condition holds of which is known what it reads."""
        if alike.truth_reads & self.told:
            return alike.condition.holds(None, self)
        key: object = self.closed & alike.closable
        if alike.profile is not None:
            key = key, alike.profile(self.profile)
        try:
            return alike.truths[key]
        except KeyError:
            truth = keep(alike.truths, key, alike.condition.holds(None, self))
            if truth is False and alike.stirs == ANY:
                alike.stirs = self.pack.silence.stirs(alike.condition, self)
            return truth

    def stated(self, name: str) -> Value:
        """Give what a person stated of a fact."""
        statement = self.statements.get(name)
        return UNKNOWN if statement is None else Value(statement.value, (statement.evidence,))

    @once
    def recorded(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds, as they are on record."""
        names = self.pack.members("kind", kinds)
        found = tuple([e for kind in self.heard(names) for e in self.on_record(kind)])
        return Group(found, False)  # noqa: FBT003  # a truth: nothing is unknown of what is on record

    @once
    def findings(self, kinds: tuple[str, ...]) -> Group:
        """Give the findings of some kinds, as the rating reads them."""
        names, silence = self.pack.members("kind", kinds), self.pack.silence
        worlds = [self.world(kind) for kind in self.heard(names)]
        elements = tuple([e for world in worlds for e in world.elements])
        more: bool | None = bool(silence.kinds(names)[0] & ~self.told & ~self.closed)
        for world in worlds:
            if world.spoken:
                more = None
                break
            more = more or not (world.closed or world.elements)
        return Group(elements, more, names)

    def more_in(self, kinds: tuple[str, ...], fixed: Mapping[str, Any]) -> bool:
        """Say whether there may be more findings of some kinds with these attributes."""
        return more_in(self, kinds, fixed)

    def asks_in(self, kinds: tuple[str, ...], asked: Findings) -> tuple[str, ...]:
        """Name the facts that would tell whether there are more findings of some kinds."""
        return asks_in(self, kinds, asked)

    def list_items(self, items: Iterable[ScheduleItem]) -> None:
        """Take in the schedule, for what conditions read of it."""
        bits_of, schedule, told = self.pack.silence.item, self.schedule, self.told
        for item in items:
            activity = item.activity
            schedule.setdefault(activity, []).append(Listed(item))
            told |= bits_of(item)
        self.told = told

    def came_out(self, what: str, id_: str, *found: tuple[Reason, Attributed | None]) -> None:
        """Take in that an action is suggested, or a criterion matched or undecided."""
        self.results[what, id_] = found
        self.told |= self.pack.silence.bits[what, id_]

    @once
    def heard(self, kinds: tuple[str, ...]) -> list[str]:
        """Give those of some kinds of which there are findings, recorded or described."""
        together, each = self.pack.silence.kinds(kinds)
        return [kind for kind, bit in each if bit & self.told] if together & self.told else []

    def items(self, activities: tuple[str, ...]) -> tuple[Listed, ...]:
        """Give the schedule items of some activities."""
        names = self.pack.members("activity", activities)
        return tuple([listed for name in names for listed in self.schedule.get(name, ())])

    @once
    def records(self, activities: tuple[str, ...]) -> tuple[Done, ...]:
        """Give the records of some activities, oldest first."""
        if not self._by_activity:
            return ()
        names = self.pack.members("activity", activities)
        if len(names) == 1:
            return tuple(self._by_activity.get(names[0], ()))
        found = [done for name in names for done in self._by_activity.get(name, ())]
        found.sort(key=attrgetter("at"))
        return tuple(found)

    @once
    def done(self, activities: tuple[str, ...]) -> tuple[Done, ...]:
        """Give the completed records of some activities, oldest first."""
        return tuple([d for d in self.records(activities) if d.done])

    def decisions(self, name: str) -> tuple[Carried, ...]:
        """Give the standing decisions of a name that are in force."""
        if not self.record.decisions:
            return ()
        return tuple(
            Carried(d)
            for d in self.record.decisions
            if d.decision == name and d.on <= self.until and (d.until is None or d.until >= self.on)
        )

    def results_of(
        self, kind: str, ids: tuple[str, ...]
    ) -> tuple[tuple[Reason, Attributed | None], ...]:
        """Give the outcomes of actions or criteria that were judged before."""
        return tuple(pair for i in ids for pair in self.results.get((kind, i), ()))

    def chosen(self, name: str) -> bool:
        """Say whether a reading of an ambiguity was chosen, or a convention fixes it."""
        return name in self.pack.chosen or bool(self.pack.readings[name].fixed_by)

    def looked_at(self, kind: str) -> Done | None:
        """Give the record of who looked last, where none of a kind on record means none."""
        spec = self.pack.kinds[kind]
        if not self.world(kind).closed or spec.topic is None:
            return None
        return self.covered.get(spec.topic) or self.covered.get(EVERYTHING)

    def missing(self, name: str) -> tuple[str, ...]:
        """Give the names to ask for: the name itself, or what it is derived from where it is not asked."""
        spec = self.pack.values.get(name)
        if spec is None or spec.ask:
            return (name,)
        asking = self.kept["asking"]  # what follows from itself asks for nothing else
        if not spec.derive or name in asking:
            return ()
        asking[name] = True
        found = [n for option in spec.derive for n in self.judge(option.when).still_needed()]
        del asking[name]
        return tuple(dict.fromkeys(found))

    def displaced(self) -> Iterable[tuple[str, int]]:
        """Give the kinds of which recorded findings gave way to statements, and how many."""
        for kind, world in self.kept["world"].items():
            if world.spoken:
                counted = sum(not e.stated for e in world.elements)
                gone = len(self.on_record(kind)) + world.unheard - counted
                if gone > 0:
                    yield kind, gone

    def bind(self, this: Mapping[str, object]) -> None:
        """Say what `this.NAME` reads from now on."""
        for name in self._bound:
            self.kept["read"].pop(name, None)
        self._bound.clear()
        self.this = this

    def _of_this(self, name: str) -> Value:
        if not name.startswith(THIS):
            return ABSENT
        self._bound.append(name)
        attribute = name.removeprefix(THIS)
        return Value(self.this[attribute]) if attribute in self.this else ABSENT

    # --- values ----------------------------------------------------------------------------------

    @once
    def read(self, name: str) -> Value:
        """Read the value of a field, a setting, a fact or an engine value, with its evidence."""
        source = self.pack.sources_of.get(name)
        statement = self.statements.get(name)
        if statement is not None and not self._found_since(source):
            later = self._derived_since(statement, name, source)
            return later or Value(statement.value, (statement.evidence,))
        if source is None:
            return self._of_this(name)
        if source.tie is not None:
            tied = self._from_findings(name, source.spec, source.tie)
            if tied is not None:
                return tied
        given = self.record.provider.fields.get(name)
        if given is not None:
            return Value(given, (self._field(name, source.spec),))
        if self.settings.get(name) is not None:
            return Value(self.settings[name], (Evidence("setting", name),))
        return self._derived(name, source) if source.spec.derive else source.absent

    def _derived(self, name: str, source: Source) -> Value:
        """Give what follows from other values: the first option that holds."""
        self.kept["read"][name] = UNKNOWN  # meanwhile: a value cannot follow from itself
        for option in source.spec.derive:
            if self.truth(option.when):
                reason = self.judge(option.when)
                return Value(typed(option.value), tuple(reason.support()))
        return source.absent

    def _derived_since(
        self, statement: Statement, name: str, source: Source | None
    ) -> Value | None:
        """What follows from something dated after a statement goes before it."""
        if source is None or not source.spec.derive:
            return None
        derived = self._derived(name, source)
        days = [e.day for e in derived.evidence if e.day is not None]
        return derived if derived.given and days and max(days) > statement.on else None

    def _found_since(self, source: Source | None) -> bool:
        """Whether findings dated after a statement count beside what it described."""
        if source is None or source.tie is None:
            return False
        return any(not e.stated for e in self.world(source.tie.kind).elements)

    def _field(self, name: str, spec: ValueSpec) -> Evidence:
        day = self.record.provider.fields.get(spec.dated_by) if spec.dated_by else None
        if isinstance(day, dt.date) and day > self.until:
            self.not_yet.add(name)  # the profile is newer than the day of the question
            day = None
        return Evidence("field", name, day if isinstance(day, dt.date) else None)

    def _from_findings(self, name: str, spec: ValueSpec, tie: Tie) -> Value | None:
        """Give a fact by the findings it speaks of; None where they are silent."""
        world = self.world(tie.kind)
        if spec.counts is not None or spec.exists is not None:
            return self._counted(world, tie, boolean=spec.exists is not None)
        return self._state_of(name, spec, tie, world) if world.elements or world.closed else None

    def _counted(self, world: World, tie: Tie, *, boolean: bool) -> Value | None:
        if not world.elements and not world.spoken and not world.closed:
            return UNKNOWN
        sure, maybe = [], 0
        for element in world.elements:
            truth = fits(element, tie.where, self)
            if boolean and not tie.where and element.stated:
                truth = None  # described without saying that there is one
            if truth:
                sure.append(element)
            maybe += truth is None
        more = may_be_more(self, world, tie.where)
        low, high = len(sure), None if more else len(sure) + maybe
        evidence = tuple([e.evidence for e in sure])
        if boolean:
            return Value(True if low else (False if high == 0 else None), evidence)
        return Value(low if low == high else None, evidence, low, high)

    def _state_of(self, name: str, spec: ValueSpec, tie: Tie, world: World) -> Value | None:
        attribute = tie.attribute or name
        inverse = {hashable(typed(v)): k for k, v in tie.as_.items()} if tie.as_ else None
        told: list[tuple[object, Known]] = []
        unknown = False
        state = self.pack.kinds[world.kind].state
        for element in world.elements:
            value = element.attributes.get(attribute)
            if value is None:
                unknown = unknown or not state
            else:
                value = inverse.get(hashable(value), value) if inverse is not None else value
                told.append((value, element))
        if not told:
            if world.elements or not world.closed:
                return None
            benign = as_list(spec.benign)
            return Value(benign[0]) if benign else None
        benign = as_list(spec.benign)
        adverse = [(v, e) for v, e in told if benign and v not in benign]
        if adverse:
            return Value(adverse[-1][0], tuple([e.evidence for v, e in adverse]))
        if unknown or len({hashable(v) for v, _ in told}) > 1:
            return Value(None)
        return Value(told[-1][0], tuple([e.evidence for _, e in told]))

    def beside(self, finding: Known, name: str) -> object:
        """Give what a name means for a finding that does not carry it; None where unknown.

        That there is a finding at all is true of a recorded one; of a described one only if said.
        """
        match name:
            case "issue":
                return self.states_issue(finding)
            case "provider":
                return self.record.provider.id
            case "sole_support":
                return self.sole_support == finding.number
            case "source" | "urgent" | "evidence":
                return None
        kind = finding.kind
        if name in self.pack.kinds[kind].attributes:
            return None
        spec = self.pack.values.get(name)
        if spec is not None and spec.exists is not None and spec.exists.kind == kind:
            return None if finding.stated else True
        if any(tie.attribute == name for tie in self._marks(kind)):
            return None
        return self.read(name).value

    def _marks(self, kind: str) -> list[Tie]:
        return [m for n in self.pack.marks_of.get(kind, ()) if (m := self.pack.facts[n].marks)]

    # --- findings --------------------------------------------------------------------------------

    def number(self) -> int:
        """Number one more finding."""
        self.made += 1
        return self.made

    @once
    def world(self, kind: str) -> World:
        """Give the findings of a kind as the rating reads them."""
        return make_world(self, kind)

    @once
    def on_record(self, kind: str) -> list[Known]:
        """Give the findings of a kind that are recorded and live, also those that were displaced."""
        known = [recorded_as(self, name, f) for name, f in named(self._by_kind.get(kind, ()))]
        return [k for k in known if self._live(k)]

    def _live(self, known: Known) -> bool:
        """K15: open findings count, others for twelve months; what is not adverse always ages."""
        if add(known.day, self.pack.identity.ageing) >= self.on:
            return True
        still_open = known.attributes["status"] in OPEN
        return still_open and (self.adverse(known) or self._silent(known))

    def _silent(self, known: Known) -> bool:
        """Say whether a finding tells nothing of itself, and so may be adverse for all it says."""
        bad = self.pack.kinds[known.kind].adverse
        silent = not isinstance(bad, bool) and known.attributes.keys() <= ENVELOPE
        return silent and bad.holds(known, self) is None

    def adverse(self, known: Known) -> bool:
        """Say whether a finding is adverse and not benign after all, as its kind declares (K18)."""
        benign = self.pack.kinds[known.kind].benign
        return self.speaks_ill(known) and (benign is None or not benign.holds(known, self))

    def speaks_ill(self, known: Known) -> bool:
        """Say whether a finding is of an adverse kind, or has an adverse value."""
        bad = self.pack.kinds[known.kind].adverse
        return bad if isinstance(bad, bool) else bool(bad.holds(known, self))

    def states_issue(self, known: Known) -> bool:
        """Say whether a finding states an issue: by its kind, or for a state by its values."""
        spec = self.pack.kinds[known.kind]
        return spec.issue and (isinstance(spec.adverse, bool) or self.adverse(known))

    def add_derived(
        self, kind: str, attributes: Iterable[tuple[str, dt.date, Mapping[str, object]]]
    ) -> None:
        """Add findings that the schedule makes, such as missed returns, unless a person stated them."""
        plain = {"kind": kind, "status": "open", "open": True}
        made = [
            Known(kind, {**plain, **extra}, on, on, ref, self.pack, self.number())
            for ref, on, extra in attributes
        ]
        take_derived(self, kind, made)
        if self.on_record(kind):
            self.told |= self.pack.silence.bits["kind", kind]
        for name in ("heard", "findings", "recorded"):
            self.kept[name].clear()
        self._forget_values()
