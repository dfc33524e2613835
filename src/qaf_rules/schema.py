"""The sections of a pack as they are written in YAML, checked by pydantic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from qaf_rules import frequency as frequencies
from qaf_rules.condition import ALWAYS
from qaf_rules.errors import described, did_you_mean
from qaf_rules.frequency import PLAIN, Rule
from qaf_rules.pathway import PathwaySpec
from qaf_rules.sharing import OneAudience, OneSubject, SharingRule
from qaf_rules.values import Fault, Type
from qaf_rules.workdays import Interval
from qaf_rules.written import (
    CONDITION_SCHEMA,
    Cited,
    Cond,
    Day,
    Declared,
    Due,
    Force,
    Part,
    Span,
    Texts,
    Timed,
    raise_all,
    read_condition,
    refused,
)

# --- pack.yaml -----------------------------------------------------------------------------------


class Level(Cited):
    """A level of the rating scale."""

    id: str
    name: str


class Scale(Cited):
    """The rating scale, from best to worst."""

    name: str
    levels: Mapping[int, Level]


class Lapse(Cited):
    """A fact that grows worse from one value to another, where a criterion then holds no more."""

    fact: str  # or KIND.ATTRIBUTE, where no fact tells it
    from_: Any = Field(alias="from")
    to: Any
    why: str


def _given(raw: object) -> object:
    return [entry for entry in raw if entry is not None] if isinstance(raw, list) else raw


class Method(Cited):
    """How criteria make a suggestion."""

    method: Literal["criteria_ladder", "ask"] = "criteria_ladder"
    all_of_level: int = 1
    floor: int = 2
    gap: Literal["floor", "round_up"] = "floor"
    confirmed_by: str | None = None
    ask_about: Texts = ()
    gap_about: Texts = ()


class Scope(Cited):
    """When a provider is outside the framework, and what is still told of it."""

    out_when: Cond
    flag: str = "out_of_scope"
    still: Texts = ()


class Contact(Cited):
    """How a team or body is reached for a purpose."""

    value: str
    label: str = ""
    note: str = ""


class Forum(Cited):
    """A group that sits at an interval, counted from a sitting that the council knows."""

    name: str
    every: Span
    anchor: str
    audience: str | None = None  # what may be told there is what it may be told
    takes: Texts = ()  # subjects
    actions: Texts = ()  # those that bring a provider before it


class MissedReturn(Cited):
    """When an overdue return counts as missed, and the finding kind it makes."""

    kind: str
    after: Literal["next_due", "any_lateness"] = "next_due"


class Principle(Cited):
    """A principle of the source."""

    text: str


def _dates(raw: object) -> object:
    if not isinstance(raw, Mapping):
        raise refused([Fault(f"{described(raw)} is no mapping of rules for dates")])
    strange = [key for key in raw if key not in frequencies.DATES]
    faults = [
        Fault(f"`{key}` is no rule for dates", did_you_mean(str(key), frequencies.DATES), (key,))
        for key in strange
    ]
    own = frequencies.parse_dates(raw, (), faults)
    raise_all(faults)
    return PLAIN._replace(**own)


Handling: TypeAlias = Annotated[Any, BeforeValidator(_dates), WithJsonSchema({})]


class Load(Part):
    """What takes an officer's time, and which providers go first when there is not enough of it."""

    counts: Texts = ()  # activities or groups of them
    ranking: Texts = ()  # values, the higher the sooner


class Identity(Part):
    """`pack.yaml`: what the pack is, and what all of its rules share."""

    id: str
    name: str
    version: str
    council: str
    extends: str | Mapping[str, str] | None = None
    in_force: Day
    in_force_until: Day | None = None
    review_by: Day | None = None
    source: Any = None
    changes: Any = ()
    circulation: Any = ()
    references: Any = ()
    principles: Mapping[str, Principle] = {}
    scale: Scale
    rating: Method = Method()
    lapses: Annotated[tuple[Lapse, ...], BeforeValidator(_given)] = ()
    ageing: Span = Interval(months=12)
    dates: Handling = PLAIN
    groups: Mapping[str, Texts] = {}
    kind_groups: Mapping[str, Texts] = {}
    scope: Scope | None = None
    officer_sources: Texts = ()
    roles: Mapping[str, str] = {}
    places: Mapping[str, str] = {}
    channels: Mapping[str, str] = {}
    formats: Mapping[str, str] = {}
    subjects: Mapping[str, OneSubject] = {}
    audiences: Mapping[str, OneAudience] = {}
    steps: Mapping[str, str] = {}
    requests: str | None = None  # the record by which someone asks for information
    # Of providers told of together; what is below two is one, and so would be told by not telling.
    smallest_count: Annotated[int, Field(ge=3)] | None = None
    contacts: Mapping[str, Contact] = {}
    forums: Mapping[str, Forum] = {}
    missed_return: MissedReturn | None = None
    workload: Load = Load()
    contact: Texts = ()  # activities, groups of them, and actions in which the provider is met
    conventions: Mapping[str, str] = {}


class Clause(Part):
    """One statement of the source, paraphrased."""

    key: str
    section: str
    strength: str
    says: str
    rule: Literal["executable", "guidance", "deferred"]
    because: str = ""
    forbids: bool = False  # to share what it speaks of: no rule that cites it may permit that


class Reading(Cited):
    """An ambiguity of the source, its options (the first is the default) and when it is asked."""

    about: str
    options: Annotated[Mapping[str, str], Field(min_length=1)]
    alias: str | None = None  # another name by which it is chosen
    ask: str = ""
    who: Texts = ()
    asked_when: Cond | None = None
    answered_by: Texts = ()
    fixed_by: Texts = ()
    note: str = ""
    portfolio: bool = False
    topic: str | None = None


# --- vocabulary.yaml -----------------------------------------------------------------------------


class Derived(Cited):
    """One way a value follows from others."""

    when: Cond
    value: Any


class Invalid(Cited):
    """Values that contradict one another."""

    when: Cond
    text: str


def _tie(raw: object) -> object:
    return {"kind": raw} if isinstance(raw, str) else raw


def _truth_keys(raw: object) -> object:
    """Keys of a mapping in YAML are text; here `true` and `false` mean the truth values."""
    if not isinstance(raw, Mapping):
        return raw
    return {{"true": True, "false": False}.get(key, key): value for key, value in raw.items()}


class Tie(Part):
    """How a fact speaks of the findings of a kind."""

    kind: str
    attribute: str | None = None
    where: Mapping[str, Any] = {}
    as_: Annotated[Mapping[Any, Any] | None, BeforeValidator(_truth_keys)] = Field(
        default=None, alias="as"
    )


OneTie: TypeAlias = Annotated[Tie | None, BeforeValidator(_tie)]


class ValueSpec(Cited):
    """A field, a setting or a fact: its type, what its absence means, and how it is known."""

    type: Declared
    label: str = ""
    ask: str = ""
    absent: Any = "unknown"
    default: Any = None
    dated_by: str | None = None
    open: bool = False
    derive: tuple[Derived, ...] = ()
    invalid: tuple[Invalid, ...] = ()
    topic: str | None = None
    stated_by: Texts = ()
    counts: OneTie = None
    exists: OneTie = None
    states: OneTie = None
    also: OneTie = None
    marks: OneTie = None
    judges: Texts = ()
    benign: Any = None
    adverse_when: Cond | None = None
    changes: bool | tuple[Any, ...] = True  # or the values from which it can become another
    stands_for: Span | None = None
    lapses_with: Texts = ()  # activities: a statement older than the latest of them says nothing
    # by what is stated, the field of the day after which it says nothing
    stands_until: Annotated[Mapping[Any, str], BeforeValidator(_truth_keys)] = {}
    asked_by: Texts = ()  # audiences: a statement older than their latest request says nothing
    once: str | None = None
    note: str = ""

    @property
    def tie(self) -> Tie | None:
        """The tie that lets a statement take the place of findings."""
        return self.number or self.states

    @property
    def number(self) -> Tie | None:
        """The tie of a fact that says how many there are, or whether there is one."""
        return self.counts or self.exists


def _adverse(raw: object) -> object:
    return raw if isinstance(raw, bool) else read_condition(raw)


class KindSpec(Cited):
    """A kind of finding: its attributes and how the rating reads it."""

    label: str = ""
    topic: str | None = None
    attributes: Mapping[str, Declared] = {}
    adverse: Annotated[Any, BeforeValidator(_adverse), WithJsonSchema(CONDITION_SCHEMA)] = False
    benign: Cond | None = None
    tense: Literal["past", "present"] = "past"
    state: bool = False
    absence: Literal["none", "unknown"] = "unknown"
    issue: bool = False
    seek: Texts = ()  # kinds of evidence, or of findings, that would confirm one
    asks: Any = False
    ask: str = ""
    ask_about: Mapping[str, str] = {}  # attributes that a finding may lack, each with the question
    derived: str | None = None
    note: str = ""


class Floor(Cited):
    """The least that a decision may carry, unless a condition holds."""

    of: str
    least: int
    unless: Cond | None = None


class DecisionSpec(Cited):
    """A standing decision that a person may take, and its effect."""

    effect: Literal["interval", "extra", "reduce", "due_day", "answer"]
    label: str = ""
    carries: Mapping[str, str] = {}
    only_when: Cond | None = None
    floor: Floor | None = None
    note: str = ""


class Vocabulary(Part):
    """`vocabulary.yaml`."""

    topics: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    evidence: Mapping[str, str] = {}
    fields: Mapping[str, ValueSpec] = {}
    settings: Mapping[str, ValueSpec] = {}
    facts: Mapping[str, ValueSpec] = {}
    kinds: Mapping[str, KindSpec] = {}
    decisions: Mapping[str, DecisionSpec] = {}


# --- activities.yaml, matrix.yaml ----------------------------------------------------------------


def _entry(raw: object) -> object:
    return {"is": raw} if isinstance(raw, str) else raw


class Entry(Cited):
    """One element of how an activity is held."""

    value: str = Field(alias="is")
    when: Cond = ALWAYS
    text: str | None = None
    force: Force | None = None
    note: str = ""
    question: str | None = None


OneEntry: TypeAlias = Annotated[Entry, BeforeValidator(_entry)]


def _entries(raw: object) -> object:
    return [raw] if isinstance(raw, (str, Mapping)) else _given(raw)


Entries: TypeAlias = Annotated[tuple[OneEntry, ...], BeforeValidator(_entries)]


class Brought(Entry):
    """An action that an activity brings due, and how it goes out."""

    channel: str | None = None


OneBrought: TypeAlias = Annotated[Brought, BeforeValidator(_entry)]


class Attendance(Part):
    """Who attends as a minimum, and who may."""

    required: Entries = ()
    optional: Entries = ()


class ConductSpec(Part):
    """How an activity is held."""

    lead: Entries = ()
    attendance: Attendance = Attendance()
    agenda: Entries = ()
    location: Entries = ()
    fallbacks: Entries = ()
    channel: Entries = ()
    format: Entries = ()
    checklist: Entries = ()
    steps: Entries = ()
    form: Entries = ()
    purposes: Entries = ()
    problems: Entries = ()


class _WithRule(Cited):
    """A mapping in which the keys of a frequency may stand."""

    rule: Annotated[Any, WithJsonSchema({})] = Rule()

    @model_validator(mode="before")
    @classmethod
    def _read_frequency(cls, raw: object) -> object:
        if not isinstance(raw, Mapping) or "rule" in raw:
            return raw
        rule, faults = frequencies.parse(raw)
        raise_all(faults)
        beside = {"ask_about", "waits_on"} | (set(frequencies.BESIDE) - set(cls.model_fields))
        plain = {k: v for k, v in raw.items() if k not in frequencies.KEYS and k not in beside}
        return {**plain, "rule": rule}


class ActivitySpec(_WithRule):
    """An activity: its name, how often it falls due, and how it is held."""

    name: str
    aliases: Texts = ()
    kind: str | None = None
    force: Force | None = None
    owner: str | None = None
    channel: str | None = None
    returns: str | None = None
    needs: Texts = ()
    outcomes: Texts = ()
    conduct: ConductSpec = ConductSpec()
    brings: Annotated[tuple[OneBrought, ...], BeforeValidator(_entries)] = ()
    note: str = ""


class Cell(_WithRule):
    """What one row says of one activity; its own frequency goes before the activity's."""

    required: Literal["minimum", "as_required", "unknown"] = Field(default="minimum", alias="class")
    force: Force | None = None
    owner: str | None = None
    channel: str | None = None
    note: str = ""


class Blank(Cited):
    """Activities that a row leaves out."""

    activities: Texts


def _cells(raw: object) -> object:
    return raw if isinstance(raw, list) else [raw]


Cells: TypeAlias = Annotated[tuple[Cell, ...], BeforeValidator(_cells)]


class RowSpec(Cited):
    """Which services get which activities."""

    name: str = ""
    when: Cond
    activities: Mapping[str, Cells] = {}
    blank: Blank | None = None
    undocumented: bool = False
    replaces: Texts = ()
    on_site: Any = None
    note: str = ""


# --- rating.yaml, actions.yaml, flags.yaml, questions.yaml ---------------------------------------


class CriterionSpec(Cited):
    """A condition that speaks for one level of the scale."""

    level: int
    mode: Literal["all", "any", "qualifier"] = "any"
    of: Texts = ()
    when: Cond
    text: str


def _event(raw: object) -> object:
    return raw if isinstance(raw, str) else read_condition(raw)


class Trigger(Timed):
    """What starts an action, and the event that it follows."""

    force: Force | None = None
    decided_by: Texts = ()
    event: Annotated[Any, BeforeValidator(_event), WithJsonSchema(CONDITION_SCHEMA)] = "evidence"
    closed_by: Texts | None = None
    same_period: bool = False
    due: Due = None


class Enough(Part):
    """An action ends once as many records are done as a decision names."""

    records: str
    decision: str
    number: str = "number"


class ForEach(Part):
    """One action for each such schedule item."""

    item: Texts
    where: Cond = ALWAYS


class ActionSpec(Cited):
    """What to do next, what starts it and what closes it."""

    text: str
    triggers: tuple[Trigger, ...]
    owner: str | None = None
    decided_by: Texts = ()
    due: Due = None
    closed_by: Texts | None = None
    closed_when: Cond | None = None
    standing: bool = False
    enough: Enough | None = None
    for_each: ForEach | None = None
    per: Literal["item", "activity"] = "item"
    discretion: Texts = ()
    portfolio: bool = False
    note: str = ""


class FlagSpec(Cited):
    """Something to be told that is no action; the one of the scope has no condition of its own."""

    when: Cond | None = None
    text: str
    on: str = "provider"
    names: Texts = ()
    note: str = ""


class About(Part):
    """What a question is about, and the condition on which it is."""

    value: str = Field(alias="is")
    when: Cond | None = None


OneAbout: TypeAlias = Annotated[About, BeforeValidator(_entry)]
Abouts: TypeAlias = Annotated[tuple[OneAbout, ...], BeforeValidator(_entries)]


class QuestionSpec(Cited):
    """What only a person can answer."""

    ask: str
    who: Texts = ()
    when: Cond | None = None
    about: Abouts = ()
    answered_by: Texts = ()
    topic: str | None = None
    once: str | None = None
    portfolio: bool = False
    note: str = ""


SECTIONS: Mapping[str, Any] = {
    "pack": Identity,
    "clauses": Mapping[str, Clause],
    "readings": Mapping[str, Reading],
    "vocabulary": Vocabulary,
    "activities": Mapping[str, ActivitySpec],
    "matrix": Mapping[str, RowSpec],
    "supplements": Mapping[str, RowSpec],
    "rating": Mapping[str, CriterionSpec],
    "actions": Mapping[str, ActionSpec],
    "flags": Mapping[str, FlagSpec],
    "questions": Mapping[str, QuestionSpec],
    "pathway": Mapping[str, PathwaySpec],
    "sharing": Mapping[str, SharingRule],
    "imports": Mapping[str, Any],
}

__all__ = ["SECTIONS", "Type", "dt"]
