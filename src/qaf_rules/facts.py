"""From findings, statements, profile and settings to what conditions read, each with its evidence.

Implements the absence, ageing and displacement of findings: what a person stated takes the place
of the findings that it speaks for; what nobody looked at is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from qaf_rules.condition import NOTHING, Condition, Element, Findings, Group, Value, all_of, leaves
from qaf_rules.pack import ABSENT, Pack, Source, typed
from qaf_rules.result import Evidence, Reason, ScheduleItem
from qaf_rules.workdays import add

if TYPE_CHECKING:
    from qaf_rules.model import Activity, Decision, Finding, ProviderRecord
    from qaf_rules.schema import KindSpec, Tie, ValueSpec

UNKNOWN = Value(None)
OPEN = frozenset({"open", "being_resolved"})
JUDGEMENT = "judgement"
EVERYTHING = "all"


class Statement(NamedTuple):
    """What a person stated of a fact: its value (None where two of one day differ) and its days."""

    fact: str
    value: object
    on: dt.date
    since: dt.date  # the first day of the unbroken run
    finding: Finding

    @property
    def evidence(self) -> Evidence:
        """The statement, as evidence."""
        return Evidence("statement", self.fact, self.since, None, ("fact", self.fact))


@dataclass(slots=True, eq=False)
class Known:
    """A finding as the rating reads it: recorded, or described by what a person stated."""

    kind: str
    attributes: dict[str, object]
    day: dt.date
    recorded: dt.date
    ref: str
    view: View
    stated: bool = False
    source_finding: Finding | None = None

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        type_ = "statement" if self.stated else "finding"
        return Evidence(type_, self.ref, self.day, None, id(self))

    def get(self, name: str) -> object:
        """Give an attribute; a name that is none is read as a value of the provider."""
        if name in self.attributes:
            return self.attributes[name]
        if name == "issue":
            return self.view.states_issue(self)
        if name == "provider":
            return self.view.record.provider.id
        if name == "sole_support":
            return self.view.sole_support == id(self)
        if name in self.view.pack.kinds[self.kind].attributes or name in _COMMON:
            return None
        return self.view.attribute_or_value(self.kind, name)

    def asks(self, name: str) -> str:
        """Give the fact that tells an attribute."""
        return self.view.pack.attribute_facts.get((self.kind, name), f"{self.kind}.{name}")


_COMMON = frozenset({"source", "urgent", "evidence"})


@dataclass(slots=True, eq=False)
class Done:
    """An activity record as conditions read it."""

    record: Activity
    on: dt.date

    @property
    def day(self) -> dt.date | None:
        """The day it was done, else is planned, else was asked for."""
        return self.record.completed or self.record.planned or self.record.requested

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        return Evidence("record", self.record.activity, self.day, self.record.planned)

    def get(self, name: str) -> object:  # noqa: PLR0911  # one return for each derived attribute
        """Give an attribute; what the record does not say is unknown."""
        record = self.record
        match name:
            case "done":
                return record.completed is not None
            case "upcoming":
                return record.completed is None and record.planned is not None and record.planned >= self.on
            case "notice_days":
                held = record.completed or record.planned
                return (held - record.notified).days if held and record.notified else None
            case "missing" | "what" | "covered":
                return frozenset(getattr(record, name))
            case "evidence":
                return frozenset(record.evidence)
            case "evidence_kinds":
                return len(set(record.evidence))
            case "attendees":
                return None if record.attendees is None else frozenset(record.attendees)
        return getattr(record, name, None)

    def asks(self, name: str) -> str:
        """Give the field of the record that is missing."""
        return f"{self.record.activity}.{name}"


@dataclass(slots=True, eq=False)
class Carried:
    """A standing decision as conditions read it."""

    decision: Decision

    @property
    def day(self) -> dt.date:
        """The day it was taken."""
        return self.decision.on

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        return Evidence("decision", self.decision.decision, self.decision.on)

    def get(self, name: str) -> object:
        """Give what the decision carries; what it does not carry is nothing."""
        if name in ("by", "reason", "until"):
            return getattr(self.decision, name)
        return self.decision.carries.get(name, NOTHING)

    def asks(self, name: str) -> str:
        """Give the part of the decision that is missing."""
        return f"{self.decision.decision}.{name}"


@dataclass(slots=True, eq=False)
class Listed:
    """A schedule item as conditions read it."""

    item: ScheduleItem

    @property
    def day(self) -> dt.date | None:
        """The due date."""
        return self.item.due

    @property
    def evidence(self) -> Evidence:
        """Itself: its event is the day after the last one done, its day the planned or due one."""
        last = self.item.last_done
        event = last + dt.timedelta(days=1) if last else None
        return Evidence("item", self.item.id, event, self.item.day)

    def get(self, name: str) -> object:
        """Give an attribute of the item, or of the record that prepares it."""
        item = self.item
        if name in ("activity", "status", "due", "days", "period", "waiting_on", "live", "scheduled", "planned", "owner", "missed", "attached_to"):
            value = getattr(item, name)
            return NOTHING if value is None else value
        if name == "class":
            return item.required
        if name == "missing":
            return frozenset(item.missing)
        if name == "done_before":
            return item.last_done is not None
        return item.attributes.get(name)

    def asks(self, name: str) -> str:
        """Give the field of the record that is missing."""
        return f"{self.item.activity}.{name}"

    def attributes(self) -> dict[str, object]:
        """Give all of it, for `this.NAME`."""
        names = ("activity", "status", "due", "period", "owner", "scheduled", "live")
        return {name: self.get(name) for name in names} | dict(self.item.attributes)


@dataclass(slots=True)
class World:
    """The findings of one kind as the rating reads them, and whether there may be others."""

    kind: str
    elements: list[Known]
    closed: bool  # none on record means none
    spoken: dict[str, Statement] = field(default_factory=dict)
    differing: tuple[str, ...] = ()  # attributes of a state of which two of one day differ


@dataclass(slots=True)
class View:
    """What is known of one provider on one day under one pack; the environment of conditions."""

    pack: Pack
    record: ProviderRecord
    on: dt.date
    settings: Mapping[str, object]
    left_out: int = 0
    schedule: dict[str, list[Listed]] = field(default_factory=dict)
    results: dict[tuple[str, str], tuple[tuple[Reason, Element | None], ...]] = field(default_factory=dict)
    this: Mapping[str, object] = field(default_factory=dict)
    conflicts: dict[str, dt.date] = field(default_factory=dict)
    aged: list[str] = field(default_factory=list)
    sole_support: object = None  # the one finding that the suggested level rests on
    _findings: list[Finding] = field(default_factory=list)
    _by_kind: dict[str, list[Finding]] = field(default_factory=dict)
    _by_activity: dict[str, list[Done]] = field(default_factory=dict)
    _engine: dict[str, Value] = field(default_factory=dict)
    _done: dict[tuple[str, ...], tuple[Done, ...]] = field(default_factory=dict)
    _groups: dict[tuple[str, ...], Group] = field(default_factory=dict)
    _statements: dict[str, Statement] = field(default_factory=dict)
    _worlds: dict[str, World] = field(default_factory=dict)
    _raw: dict[str, list[Known]] = field(default_factory=dict)
    _values: dict[str, Value] = field(default_factory=dict)
    _covered: set[str] = field(default_factory=set)
    _reading: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._take_findings()
        self._take_activities()
        self._take_statements()

    # --- what was known on the day ---------------------------------------------------------------

    def _take_findings(self) -> None:
        for finding in self.record.findings:
            if max(finding.on, finding.recorded or finding.on) <= self.on:
                self._findings.append(finding)
            else:
                self.left_out += 1
        self._findings.sort(key=lambda f: (f.on, f.recorded or f.on))
        for finding in self._findings:
            self._by_kind.setdefault(finding.kind, []).append(finding)

    def _take_activities(self) -> None:
        ageing = self.pack.identity.ageing
        confirmed_by = self.pack.identity.rating.confirmed_by
        known: list[Done] = []
        for record in (*self.record.activities, *self._ratings_as_records(confirmed_by)):
            day = record.completed or record.requested
            if (day is not None and day > self.on) or (record.recorded or self.on) > self.on:
                self.left_out += 1
                continue
            known.append(Done(record, self.on))
        known.sort(key=lambda d: (d.day or self.on, d.record.completed is not None))
        for done in known:
            self._by_activity.setdefault(done.record.activity, []).append(done)
            record = done.record
            if record.covered and record.completed and add(record.completed, ageing) >= self.on:
                self._covered.update(record.covered)

    def _ratings_as_records(self, activity: str | None) -> Iterable[Activity]:
        from qaf_rules.model import Activity  # noqa: PLC0415

        if activity is None:
            return ()
        return tuple(
            Activity(activity=activity, completed=r.on, outcome=str(r.level)) for r in self.record.ratings
        )

    def _take_statements(self) -> None:
        runs: dict[str, list[Finding]] = {}
        for finding in self._findings:
            if finding.kind == JUDGEMENT and finding.fact in self.pack.values:
                runs.setdefault(finding.fact, []).append(finding)
        for fact, findings in runs.items():
            span = self.pack.values[fact].stands_for or self.pack.identity.ageing
            newest = findings[-1]
            if add(newest.on, span) < self.on:
                self.aged.append(fact)
                continue
            values = {_hashable(f.value) for f in findings if f.on == newest.on}
            if len(values) > 1:
                self.conflicts[fact] = newest.on
                self._statements[fact] = Statement(fact, None, newest.on, newest.on, newest)
                continue
            since = newest.on
            for earlier in reversed(findings[:-1]):
                if earlier.value != newest.value or add(earlier.on, span) < since:
                    break
                since = earlier.on
            self._statements[fact] = Statement(fact, newest.value, newest.on, since, newest)

    # --- the environment of conditions -----------------------------------------------------------

    def value(self, name: str) -> Value:
        """Give the value of a fact, field, setting or engine value, with its evidence."""
        found = self._values.get(name)
        return self._first(name) if found is None else found

    def _first(self, name: str) -> Value:
        if name.startswith("this."):
            return Value(self.this.get(name[5:]))
        if name in self._reading:
            return UNKNOWN  # a value cannot follow from itself
        self._reading.add(name)
        found = self._values[name] = self._read(name)
        self._reading.discard(name)
        return found

    def put(self, name: str, value: Value | None) -> None:
        """Set an engine value, or take it back; what follows from it is read again."""
        if value is None:
            self._engine.pop(name, None)
            self._values.pop(name, None)
        else:
            self._engine[name] = self._values[name] = value
        if name in self.pack.derived_from:
            self._values = dict(self._engine)

    def stated(self, name: str) -> Value:
        """Give what a person stated of a fact."""
        statement = self._statements.get(name)
        return UNKNOWN if statement is None else Value(statement.value, (statement.evidence,))

    def findings(self, kinds: tuple[str, ...], *, recorded: bool) -> Group:
        """Give the findings of some kinds, as the rating reads them or as they are on record."""
        key = ("recorded", *kinds) if recorded else kinds
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = self._group(kinds, recorded=recorded)
        return group

    def _group(self, kinds: tuple[str, ...], *, recorded: bool) -> Group:
        names = self.pack.members("kind", kinds)
        if recorded:
            return Group(tuple([e for kind in names for e in self.on_record(kind)]), _never, _nothing)
        worlds = [self.world(kind) for kind in names]
        elements = tuple([e for world in worlds for e in world.elements])
        return Group(elements, partial(self._more_in, worlds), partial(self._asks_in, worlds))

    def items(self, activities: tuple[str, ...]) -> tuple[Listed, ...]:
        """Give the schedule items of some activities."""
        names = self.pack.members("activity", activities)
        return tuple([listed for name in names for listed in self.schedule.get(name, ())])

    def records(self, activities: tuple[str, ...]) -> tuple[Done, ...]:
        """Give the records of some activities, oldest first."""
        names = self.pack.members("activity", activities)
        if len(names) == 1:
            return tuple(self._by_activity.get(names[0], ()))
        found = [done for name in names for done in self._by_activity.get(name, ())]
        return tuple(sorted(found, key=lambda d: d.day or self.on))

    def done(self, activities: tuple[str, ...]) -> tuple[Done, ...]:
        """Give the done records of some activities, oldest first."""
        found = self._done.get(activities)
        if found is None:
            found = tuple([d for d in self.records(activities) if d.record.completed is not None])
            self._done[activities] = found
        return found

    def decisions(self, name: str) -> tuple[Carried, ...]:
        """Give the standing decisions of a name that are in force."""
        return tuple(
            Carried(d)
            for d in self.record.decisions
            if d.decision == name and d.on <= self.on and (d.until is None or d.until >= self.on)
        )

    def results_of(self, kind: str, ids: tuple[str, ...]) -> tuple[tuple[Reason, Element | None], ...]:
        """Give the outcomes of actions or criteria that were judged before."""
        return tuple(pair for i in ids for pair in self.results.get((kind, i), ()))

    def chosen(self, name: str) -> bool:
        """Say whether a reading of an ambiguity was chosen, or a convention fixes it."""
        return name in self.pack.chosen or bool(self.pack.readings[name].fixed_by)

    def missing(self, name: str) -> tuple[str, ...]:
        """Give the names to ask for: the name itself, or what it is derived from where it is not asked."""
        spec = self.pack.values.get(name)
        if spec is None or spec.ask:
            return (name,)
        if not spec.derive:
            return ()
        found = [n for option in spec.derive for n in option.when.evaluate(self).still_needed()]
        return tuple(dict.fromkeys(found))

    def displaced(self) -> Iterable[tuple[str, int]]:
        """Give the kinds of which recorded findings gave way to statements, and how many."""
        for kind, world in self._worlds.items():
            if world.spoken:
                gone = len(self.on_record(kind)) - sum(not e.stated for e in world.elements)
                if gone > 0:
                    yield kind, gone

    def bind(self, this: Mapping[str, object]) -> None:
        """Say what `this.NAME` reads from now on."""
        self.this = this

    # --- values ----------------------------------------------------------------------------------

    def _read(self, name: str) -> Value:
        source = self.pack.sources_of.get(name)
        statement = self._statements.get(name)
        if statement is not None and not self._found_since(source):
            return Value(statement.value, (statement.evidence,))
        if source is None:
            return ABSENT
        if source.tie is not None:
            tied = self._from_findings(name, source.spec, source.tie)
            if tied is not None:
                return tied
        given = self.record.provider.fields.get(name)
        if given is not None:
            return Value(given, (self._field(name, source.spec),))
        if self.settings.get(name) is not None:
            return Value(self.settings[name], (Evidence("setting", name),))
        for option in source.spec.derive:
            reason = option.when.evaluate(self)
            if reason.truth:
                return Value(typed(option.value), tuple(reason.support()))
        return source.absent

    def _found_since(self, source: Source | None) -> bool:
        """Whether findings dated after a statement count beside what it described."""
        if source is None or source.tie is None:
            return False
        return any(not e.stated for e in self.world(source.tie.kind).elements)

    def _field(self, name: str, spec: ValueSpec) -> Evidence:
        day = self.record.provider.fields.get(spec.dated_by) if spec.dated_by else None
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
            truth = _fits(element, tie.where)
            if boolean and not tie.where and element.stated:
                truth = None  # described without saying that there is one
            if truth:
                sure.append(element)
            maybe += truth is None
        more = self._may_be_more(world, tie.where)
        low, high = len(sure), None if more else len(sure) + maybe
        evidence = tuple([e.evidence for e in sure])
        if boolean:
            return Value(True if low else (False if high == 0 else None), evidence)
        return Value(low if low == high else None, evidence, low, high)

    def _state_of(self, name: str, spec: ValueSpec, tie: Tie, world: World) -> Value | None:
        attribute = tie.attribute or name
        inverse = {_hashable(typed(v)): k for k, v in tie.as_.items()} if tie.as_ else None
        told: list[tuple[object, Known]] = []
        unknown = False
        state = self.pack.kinds[world.kind].state
        for element in world.elements:
            value = element.attributes.get(attribute)
            if value is None:
                unknown = unknown or not state
            else:
                value = inverse.get(_hashable(value), value) if inverse is not None else value
                told.append((value, element))
        if not told:
            if world.elements or not world.closed:
                return None
            benign = _listed(spec.benign)
            return Value(benign[0]) if benign else None
        benign = _listed(spec.benign)
        adverse = [(v, e) for v, e in told if benign and v not in benign]
        if adverse:
            return Value(adverse[-1][0], tuple([e.evidence for v, e in adverse]))
        if unknown or len({_hashable(v) for v, _ in told}) > 1:
            return Value(None)
        return Value(told[-1][0], tuple([e.evidence for _, e in told]))

    def attribute_or_value(self, kind: str, name: str) -> object:
        """Give what a name means for a recorded finding that does not carry it."""
        spec = self.pack.values.get(name)
        if spec is not None and spec.exists is not None and spec.exists.kind == kind:
            return True
        if any(tie.attribute == name for tie in self._marks(kind)):
            return None
        return self.value(name).value

    def _marks(self, kind: str) -> list[Tie]:
        marks = (self.pack.facts[n].marks for n in self.pack.marks_of.get(kind, ()))
        return [m for m in marks if m is not None]

    # --- findings --------------------------------------------------------------------------------

    def on_record(self, kind: str) -> list[Known]:
        """Give the recorded findings of a kind that are live, displaced or not."""
        found = self._raw.get(kind)
        if found is None:
            known = [self._known(f) for f in self._by_kind.get(kind, ())]
            found = self._raw[kind] = [k for k in known if self._live(k)]
        return found

    def _known(self, finding: Finding) -> Known:
        attributes = dict(finding.attributes)
        attributes["kind"] = finding.kind
        attributes["status"] = finding.status
        attributes["open"] = finding.status in OPEN
        attributes["urgent"] = finding.urgent
        attributes["evidence"] = frozenset(finding.evidence)
        attributes["evidence_kinds"] = len(set(finding.evidence))
        attributes["age_days"] = (self.on - finding.on).days
        if finding.kind == JUDGEMENT:
            attributes.update(fact=finding.fact, value=finding.value, by=finding.by)
        if finding.source is not None:
            attributes["source"] = finding.source
        ref = finding.ref or f"{finding.kind} of {finding.on}"
        recorded = finding.recorded or finding.on
        return Known(finding.kind, attributes, finding.on, recorded, ref, self, source_finding=finding)

    def _live(self, known: Known) -> bool:
        """K15: open findings count, others for twelve months; what is not adverse always ages."""
        if add(known.day, self.pack.identity.ageing) >= self.on:
            return True
        return known.attributes["status"] in OPEN and self.adverse(known)

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

    def world(self, kind: str) -> World:
        """Give the findings of a kind as the rating reads them, made once."""
        world = self._worlds.get(kind)
        if world is None:
            world = self._worlds[kind] = self._make_world(kind)
        return world

    def _make_world(self, kind: str) -> World:
        spec = self.pack.kinds[kind]
        looked_at = spec.topic is not None and (spec.topic in self._covered or EVERYTHING in self._covered)
        closed = bool(spec.derived) or (looked_at and spec.absence == "none")
        spoken = self._spoken(kind) if self._statements else {}
        if not spoken and not self.on_record(kind):
            return World(kind, [], closed)
        elements = [replace(e, attributes=dict(e.attributes)) for e in self.on_record(kind)]
        if spoken:
            until = max(s.on for s in spoken.values())
            elements = [e for e in elements if e.recorded > until]
            elements = [*self._described(kind, spoken), *elements]
        differing: list[str] = []
        if spec.state:
            elements = _standing(elements, differing)
        if spec.tense == "present":
            elements = [e for e in elements if e.attributes.get("status", "open") in OPEN or not self.speaks_ill(e)]
        self._mark(kind, elements)
        return World(kind, elements, closed, spoken, tuple(differing))

    def add_derived(self, kind: str, attributes: Iterable[tuple[str, dt.date, dict[str, object]]]) -> None:
        """Add findings that the schedule makes, such as missed returns, unless a person stated them."""
        world = self.world(kind)
        if world.spoken:
            return
        for ref, day, extra in attributes:
            plain = {"kind": kind, "status": "open", "open": True, **extra}
            known = Known(kind, plain, day, day, ref, self)
            world.elements.append(known)
            self.on_record(kind).append(known)
        self._groups.clear()
        self._values = dict(self._engine)

    def _spoken(self, kind: str) -> dict[str, Statement]:
        names = [n for n in self.pack.facts_of.get(kind, ()) if n in self._statements]
        if names:
            for name, spec in self.pack.facts.items():
                if spec.also is not None and spec.also.kind == kind and name in self._statements:
                    names.append(name)
        return {n: self._statements[n] for n in names}

    def _described(self, kind: str, spoken: dict[str, Statement]) -> list[Known]:
        """Make the findings that a person described by stating facts: as many as a count says."""
        shared: dict[str, object] = {}
        counts: list[tuple[Mapping[str, Any], int]] = []
        denied = False
        for name, statement in spoken.items():
            spec = self.pack.facts[name]
            if statement.value is None:
                continue
            if spec.counts is not None or spec.exists is not None:
                tie = spec.counts or spec.exists
                assert tie is not None  # just asked
                number = int(statement.value) if isinstance(statement.value, (int, bool)) else 0
                if spec.exists is not None and number and not tie.where:
                    shared[name] = True
                if number:
                    counts.append((tie.where, number))
                denied = denied or not number
            else:
                tie = spec.also if spec.also is not None and spec.also.kind == kind else spec.states
                assert tie is not None  # every other fact that speaks for a kind states an attribute
                shared[tie.attribute or name] = _as(tie, statement.value)
        since = max(s.since for s in spoken.values())
        newest = max(s.on for s in spoken.values())
        make = partial(self._stated_finding, kind, since, newest, spoken)
        found = _combined(counts, shared, make)
        if not found and shared and self._describes_one(kind, spoken, denied=denied):
            found.append(make(dict(shared)))
        return found

    def _describes_one(self, kind: str, spoken: dict[str, Statement], *, denied: bool) -> bool:
        """Whether attributes stated without a number speak of a finding at all.

        They do where one of them is adverse, so that nothing adverse is lost; else only where
        nobody said that there is none, and being there is not what is adverse.
        """
        for name, statement in spoken.items():
            benign = _listed(self.pack.facts[name].benign)
            if self.pack.facts[name].states and benign and statement.value not in benign:
                return True
        return not denied and not isinstance(self.pack.kinds[kind].adverse, bool)

    def _stated_finding(
        self, kind: str, since: dt.date, on: dt.date, spoken: dict[str, Statement], attributes: dict[str, object]
    ) -> Known:
        status = attributes.get("status", "open")
        full = {"kind": kind, **attributes, "status": status, "open": status in OPEN}
        known = Known(kind, full, on, on, ", ".join(spoken), self, stated=True)
        known.day = since
        return known

    def _mark(self, kind: str, elements: list[Known]) -> None:
        """Judgements about the findings on record when they were made."""
        for name in self.pack.marks_of.get(kind, ()):
            statement = self._statements.get(name)
            tie = self.pack.facts[name].marks
            if statement is None or tie is None:
                continue
            for element in elements:
                if element.recorded <= statement.on:
                    element.attributes[tie.attribute or name] = statement.value

    # --- what may be besides ---------------------------------------------------------------------

    def _may_be_more(self, world: World, where: Mapping[str, Any]) -> bool:
        """Whether there may be findings besides those known that have these attributes."""
        if world.closed:
            return False
        return not self._bounded(world, where) if world.spoken else not world.elements

    def _bounded(self, world: World, where: Mapping[str, Any]) -> bool:
        """Whether what was stated says how many there are with these attributes."""
        open_question = False
        for name in self.pack.facts_of.get(world.kind, ()):
            spec = self.pack.facts[name]
            tie = spec.counts or spec.exists
            if tie is None or not _narrower(where, tie.where):
                continue
            statement = world.spoken.get(name)
            if statement is not None and statement.value is not None:
                return True
            open_question = True
        return not open_question

    def _more_in(self, worlds: list[World], fixed: Mapping[str, Any]) -> bool:
        for world in worlds:
            if self._may_be_more(world, fixed):
                return True
        return False

    def _asks_in(self, worlds: list[World], asked: Findings) -> tuple[str, ...]:
        """Name the facts that would tell whether there are findings with these attributes."""
        return tuple(
            dict.fromkeys(
                name
                for world in worlds
                if self._may_be_more(world, asked.fixed)
                for name in self._asks_of(world.kind, asked)
            )
        )

    def _asks_of(self, kind: str, asked: Findings) -> tuple[str, ...]:
        """Name them for one kind; they depend on the pack alone, so they are found once."""
        known = self.pack.asks_cache
        key = (kind, id(asked))
        if key not in known:
            known[key] = (asked, self._find_asks(kind, asked))
        return known[key][1]

    def _find_asks(self, kind: str, asked: Findings) -> tuple[str, ...]:
        facts, names = self.pack.facts, self.pack.facts_of.get(kind, ())
        ties = {n: t for n in names if (t := facts[n].counts or facts[n].exists) is not None}
        counts = tuple(n for n, t in ties.items() if _compatible(asked.fixed, t.where))
        exact = tuple(n for n in counts if _narrower(asked.fixed, ties[n].where))
        told = self.pack.attribute_facts
        return exact or counts or tuple(told[kind, leaf.name] for leaf in leaves(asked.where) if (kind, leaf.name) in told)


def _never(_fixed: Mapping[str, Any]) -> bool:
    return False


def _nothing(_asked: Findings) -> tuple[str, ...]:
    return ()


def _hashable(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    return (type(value) is bool, frozenset(value) if isinstance(value, (list, set, frozenset)) else value)


def _listed(raw: object) -> list[object]:
    if raw is None:
        return []
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def _as(tie: Tie, value: object) -> object:
    if tie.as_ is None:
        return value
    return tie.as_.get(value, value)


def _fits(known: Known, where: Mapping[str, Any]) -> bool | None:
    """Whether a finding has the attributes of a tie; None where one is unknown."""

    def each() -> Iterable[bool | None]:
        for name, wanted in where.items():
            value = known.get(name)
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
    """For a kind that is a state: what a later finding says stands over an earlier one.

    Two of one day that differ leave the attribute unknown.
    """
    ordered = sorted(elements, key=lambda e: (e.recorded if e.stated else e.day))
    standing: list[Known] = []
    told: dict[str, tuple[dt.date, Known]] = {}
    for element in reversed(ordered):
        own = {k: v for k, v in element.attributes.items() if k not in _ENVELOPE}
        day = element.recorded if element.stated else element.day
        kept: dict[str, object] = {}
        for name, value in own.items():
            later = told.get(name)
            if later is None:
                kept[name] = value
                told[name] = (day, element)
            elif later[0] == day and later[1].attributes.get(name) != value:
                later[1].attributes.pop(name, None)
                differing.append(name)
        if kept:
            element.attributes = {k: v for k, v in element.attributes.items() if k in _ENVELOPE or k in kept}
            standing.append(element)
    standing.reverse()
    return standing


_ENVELOPE = frozenset({"kind", "status", "open", "urgent", "evidence", "evidence_kinds", "age_days", "source"})

__all__ = ["Carried", "Done", "KindSpec", "Known", "Listed", "Statement", "View", "World"]
