"""What is handed back: an assessment and its parts, each with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, overload

from qaf_rules import markup
from qaf_rules.errors import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qaf_rules.model import Rating, Stage
    from qaf_rules.outlook import Telling
    from qaf_rules.sharing import Sharing
    from qaf_rules.standing import Pathways, Standing
    from qaf_rules.triangulation import Triangulation
    from qaf_rules.value_tests import Value
    from qaf_rules.values import Type
    from qaf_rules.why import Explanation

Truth: TypeAlias = bool | None  # None is unknown (Kleene)

NO_ATTRIBUTES: Mapping[str, object] = {}


class Evidence(NamedTuple):
    """One thing an answer rests on: its type, an opaque reference, and its day where it has one.

    `type` is one of finding, statement, record, rating, field, setting, item, decision, action,
    criterion, derived. `day` is the day of the event; `due` the day a schedule item falls.
    """

    type: str
    ref: str
    day: dt.date | None = None
    due: dt.date | None = None
    unit: object = None  # what was read, to tell what no criterion reads


class Reads(Protocol):
    """What a leaf read: the value and the evidence behind it."""

    @property
    def value(self) -> object: ...
    @property
    def evidence(self) -> tuple[Evidence, ...]: ...


class Reason(NamedTuple):
    """A condition as it was evaluated: its truth, what was read, and the parts below it.

    `unknown` names the fields and facts that would settle a leaf whose truth is unknown.
    """

    condition: Any
    truth: Truth
    read: Reads | None = None
    parts: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def value(self) -> object:
        """The value that a leaf read; for what it ranges over the number that fits."""
        return self.read.value if self.read is not None else None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What stands behind the value that a leaf read."""
        return self.read.evidence if self.read is not None else ()

    def still_needed(self) -> list[str]:
        """Give the names of what is unknown and keeps this reason undecided, in order."""
        found = [*self.unknown] if self.truth is None else []
        for part in self.parts if self.truth is None else ():
            if part.truth is None:
                found += part.still_needed()
        return found

    def support(self) -> list[Evidence]:
        """Give the evidence behind what is true."""
        found = [*self.evidence] if self.truth else []
        for part in self.parts if self.truth else ():
            if part.truth:
                found += part.support()
        return found

    def day(self) -> dt.date | None:
        """Give the newest day of an event behind this, or None where nothing is dated."""
        return max((e.day for e in self.support() if e.day is not None), default=None)


def field_names(kind: type) -> tuple[str, ...]:
    """Give the names of the fields of a part of an answer; none for what is no part."""
    if is_dataclass(kind):
        return tuple(f.name for f in fields(kind))
    return tuple(getattr(kind, "_fields", ()))


class Told(Protocol):
    """Anything an assessment tells: it has an id, clauses and the readings it rests on."""

    @property
    def id(self) -> str: ...
    @property
    def clauses(self) -> tuple[str, ...]: ...
    @property
    def readings(self) -> tuple[str, ...]: ...


T = TypeVar("T", bound=Told)


class Keyed(tuple[T, ...], Generic[T]):
    """A tuple whose entries can also be had by their id."""

    __slots__ = ()

    @overload  # type: ignore[override]  # ids are accepted beside positions
    def __getitem__(self, key: str) -> T: ...
    @overload
    def __getitem__(self, key: int) -> T: ...
    def __getitem__(self, key: str | int) -> T:
        if isinstance(key, str):
            for entry in self:
                if entry.id == key:
                    return entry
            raise KeyError(key)
        return super().__getitem__(key)

    def has(self, key: str) -> bool:
        """Say whether there is an entry of that id."""
        return any(entry.id == key for entry in self)


class ScheduleItem(NamedTuple):
    """An activity, and for a series one period of it, with its status and due date.

    `days` is due minus the day of the question, negative when late. `owner` is who has to act.
    """

    activity: str
    status: str
    due: dt.date | None = None
    days: int | None = None
    period: str | None = None
    required: str | None = None  # the class: minimum or as_required
    waiting_on: str | None = None
    attached_to: str | None = None
    owner: str | None = None
    channel: str | None = None
    force: str | None = None
    last_done: dt.date | None = None
    planned: dt.date | None = None
    missed: bool = False
    missing: tuple[str, ...] = ()
    note: str | None = None
    asks: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    due_at: dt.datetime | None = None  # the moment in London, where hours matter
    reason: Reason | None = None
    attributes: Mapping[str, object] = NO_ATTRIBUTES

    @property
    def id(self) -> str:
        """The activity, with its period where it is one of a series."""
        return f"{self.activity}@{self.period}" if self.period else self.activity

    @property
    def live(self) -> bool:
        """Whether it is due soon, due today or overdue."""
        return self.status in LIVE

    @property
    def scheduled(self) -> bool:
        """Whether it is live or arranged for today or later (K22)."""
        return self.live or self.planned is not None

    @property
    def day(self) -> dt.date | None:
        """The day it is to be held: the planned one, else the due date."""
        return self.planned or self.due


LIVE = frozenset({"due_soon", "due_today", "overdue"})


class CriterionResult(NamedTuple):
    """A criterion as it was evaluated; `matched` also honours what a qualifier belongs to."""

    id: str
    level: int
    mode: str
    matched: Truth
    text: str
    reason: Reason
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The rating that the evidence suggests, or why there is none; a person decides.

    `status` is suggested, gap, insufficient_information or none. `level` is the matched level, the
    floor of a gap, or None. `lowest` and `highest` bound what is still possible.
    `passed_over` is what is adverse and read by no matched criterion.
    """

    status: str
    level: int | None
    lowest: int | None
    highest: int | None
    criteria: tuple[CriterionResult, ...]
    passed_over: tuple[Evidence, ...] = ()
    unknown: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    say: Callable[[Suggestion], str] = field(default=lambda _: "", repr=False, compare=False)

    id = "suggestion"
    _repr_pretty_ = markup.plainly

    @property
    def gap(self) -> bool:
        """Whether something adverse is passed over (K18)."""
        return bool(self.passed_over)

    @property
    def matched(self) -> tuple[CriterionResult, ...]:
        """The criteria that hold, qualifiers among them."""
        return tuple(c for c in self.criteria if c.matched)

    def why(self) -> str:
        """Say in sentences what the suggestion rests on."""
        return self.say(self)

    def _repr_html_(self) -> str:
        return markup.document(f"Suggested: {self}", markup.bullets(self.why().splitlines()))

    def __str__(self) -> str:
        words = {
            "none": "nothing to go on",
            "insufficient_information": "not enough is known",
        }
        if self.level is None:
            return words.get(self.status, self.status)
        told = str(self.level)
        if self.status == "gap":
            least = "" if self.lowest is not None and self.lowest < self.level else "at least "
            told = f"{least}{told}, with a gap"
        return f"{told}, possibly {self.possibly}" if self.possibly else told

    @property
    def possibly(self) -> str:
        """The levels that are possible beside the suggested one, in words; empty where none is."""
        if self.level is None or self.lowest is None or self.highest is None:
            return ""
        if self.lowest < self.level < self.highest:
            return f"{self.lowest} to {self.highest}"
        beside = [n for n in (self.lowest, self.highest) if n != self.level]
        return str(beside[0]) if beside else ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do next: with its force, who decides, who does it, by when, and its closing.

    `obligation` is the document's own word: must, will, should, usually or may.
    """

    id: str
    text: str
    obligation: str
    decided_by: str | None
    owner: str | None
    due: dt.date | None
    about: str | None  # the activity or item it is for, where there is one for each
    since: dt.date | None  # the day of the event that it follows
    closed_by: tuple[str, ...]
    discretion: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    other_dues: tuple[dt.date | None, ...] = ()  # what it would be under the readings not taken

    @property
    def due_differs(self) -> bool:
        """Whether another reading would give another due date."""
        return any(due != self.due for due in self.other_dues)

    @property
    def action(self) -> str:
        """The id, under the name that records and cases use."""
        return self.id


class Lacking(NamedTuple):
    """What the findings of a kind do not say: an attribute, of one of them or of the state they tell.

    `finding` is the name of the one; None where a further finding tells it as well.
    """

    kind: str
    attribute: str
    finding: str | None = None


class Question(NamedTuple):
    """What only a person can answer, and the input that answers it.

    `about` lists the ids it is about: discretion points, ambiguities, fields and facts. Where the
    answer is a value, `takes` is its type, and `fact` the field or fact that it states, as of the
    day `as_of` where one is given, unless `completes` says which findings on record it is told in.
    """

    id: str
    text: str
    who: tuple[str, ...]
    about: tuple[str, ...]
    answered_by: tuple[str, ...] = ()
    topic: str | None = None
    once: str | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    reason: Reason | None = None
    fact: str | None = None
    completes: Lacking | None = None
    takes: Type | None = None  # the type of an answer that is a value
    as_of: dt.date | None = None  # what was found later is not spoken for

    def because(self, reason: Reason) -> Question:
        """Give the same question with its reason."""
        return _new(Question, (*self[:_REASON], reason, *self[_REASON + 1 :]))


_new = tuple.__new__  # `_replace` is slow for what most questions go through
_REASON = Question._fields.index("reason")


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to be told that is no action; `names` says which values made it true."""

    id: str
    text: str
    names: tuple[str, ...] = ()
    on: str = "provider"
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on how the answer came about: a convention, an input left out, a refusal."""

    id: str
    text: str
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One element of how an activity is held, with the clause behind it."""

    value: str
    clauses: tuple[str, ...] = ()
    text: str | None = None
    force: str | None = None


@dataclass(frozen=True, slots=True)
class Conduct:
    """How an activity is to be held, and what is wrong with how it was or is arranged."""

    activity: str
    lead: Held | None = None
    required: tuple[Held, ...] = ()
    optional: tuple[Held, ...] = ()
    agenda: tuple[Held, ...] = ()
    location: Held | None = None
    fallbacks: tuple[Held, ...] = ()
    channel: Held | None = None
    format: tuple[Held, ...] = ()
    checklist: tuple[Held, ...] = ()
    steps: tuple[Held, ...] = ()
    form: tuple[Held, ...] = ()
    purposes: tuple[Held, ...] = ()
    problems: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The matrix row chosen for one service, or why none is known."""

    service: str | None
    row: str | None
    undocumented: bool = False
    reason: Reason | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is due, suggested, to be done and to be asked for one provider on one day."""

    framework: str
    version: str
    provider: str
    name: str | None
    on: dt.date
    rows: tuple[Row, ...]
    schedule: tuple[ScheduleItem, ...]
    suggestion: Suggestion
    confirmed: Rating | None
    actions: Keyed[Action]
    questions: Keyed[Question]
    flags: Keyed[Flag]
    notes: tuple[Note, ...]
    conduct_of: Callable[[str], Conduct] = field(repr=False, compare=False)
    brief_of: Callable[[Assessment, str], str] = field(repr=False, compare=False)
    levels: tuple[int, ...] = field(default=(), repr=False)  # of the pack's scale
    roles: tuple[str, ...] = field(default=(), repr=False)  # of the pack
    known_at: dt.date | None = None  # where only what was known by then is counted
    value_of: Callable[[str], Value | None] = field(
        default=lambda _: None, repr=False, compare=False
    )
    why_of: Callable[[Assessment, str | int], Any] = field(
        default=lambda *_: None, repr=False, compare=False
    )
    ranked_of: Callable[[Assessment], Any] = field(default=lambda _: (), repr=False, compare=False)
    triangulation_of: Callable[[Assessment], Any] = field(
        default=lambda _: None, repr=False, compare=False
    )
    brought_of: Callable[[Iterable[Action]], tuple[ScheduleItem, ...]] = field(
        default=lambda _: (), repr=False, compare=False
    )
    pathways_of: Callable[[], Any] = field(default=lambda: None, repr=False, compare=False)
    sharing_of: Callable[[str, str, dt.date | None], Any] = field(
        default=lambda *_: None, repr=False, compare=False
    )
    html_of: Callable[[Assessment], str] = field(default=lambda _: "", repr=False, compare=False)
    _repr_pretty_ = markup.plainly

    def __str__(self) -> str:
        return f"{self.name or self.provider} on {self.on}, suggested: {self.suggestion}"

    def _repr_html_(self) -> str:
        return self.html_of(self)

    @property
    def row(self) -> str | list[str] | None:
        """The chosen row; a list of them where the provider has several services."""
        chosen = [r.row for r in self.rows if r.row is not None]
        if len(self.rows) > 1:
            return chosen or None
        return chosen[0] if chosen else None

    def value(self, name: str) -> object:
        """Give a field, setting, fact or engine value as this answer read it; None where unknown."""
        read = self.value_of(name)
        return None if read is None else read.value

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """Give what a field, setting, fact or engine value rests on, as this answer read it."""
        read = self.value_of(name)
        return () if read is None else tuple(read.evidence)

    def why(self, about: str | int = "rating") -> Explanation:
        """Explain a part of this answer, or what it would take where it is none.

        `about` is `rating`, a level, or the id of a criterion, activity, schedule item, action,
        question or flag; InputError with a hint for any other.
        """
        explanation: Explanation = self.why_of(self, about)
        return explanation

    def ranked(self) -> tuple[Telling, ...]:
        """Give the questions that can still change the rating, the most telling first."""
        ranked: tuple[Telling, ...] = self.ranked_of(self)
        return ranked

    def triangulation(self) -> Triangulation:
        """Say how much of the suggestion rests on facts that one kind of evidence alone confirms."""
        triangulation: Triangulation = self.triangulation_of(self)
        return triangulation

    @property
    def brought(self) -> tuple[ScheduleItem, ...]:
        """What the activities bring due: preparation, and what follows, each `attached_to` one.

        Its day is the visit's, or what the rule states; `as_required` stands where none is stated.
        """
        return self.brought_of(self.actions)

    @property
    def pathways(self) -> Pathways:
        """The pathways of the pack for this provider today: standings, open moves, and the step."""
        pathways: Pathways = self.pathways_of()
        return pathways

    @property
    def pathway(self) -> Standing | None:
        """The standing on the escalation pathway: entered, offered, where its steps come from.

        None where the pack has no such pathway, or the provider is outside the framework.
        """
        return self.pathways.escalation

    def may_share(self, what: str, *, audience: str, requested: dt.date | None = None) -> Sharing:
        """Say whether something about this provider may go to an audience, and after which steps.

        `what` and `audience` are a subject and an audience of the pack, `requested` the day of the
        request that is to be answered, where several wait; InputError with a hint for any other.
        """
        told: Sharing = self.sharing_of(what, audience, requested)
        return told

    def conduct(self, activity: str) -> Conduct:
        """Say how an activity is held at this provider, and what was wrong with how it was.

        `activity` is an id of the pack; KeyError for any other.
        """
        return self.conduct_of(activity)

    def brief(self, activity: str) -> str:
        """Write what an officer takes to a meeting or visit.

        `activity` is an id of the pack; KeyError for any other.
        """
        return self.brief_of(self, activity)

    def cited(self) -> frozenset[str]:
        """Give every clause that some part of this answer cites."""
        parts: list[Told] = [
            *self.schedule,
            *self.suggestion.matched,
            *self.actions,
            *self.questions,
            *self.flags,
        ]
        found = {clause for part in parts for clause in part.clauses}
        found.update(self.suggestion.clauses)
        found.update(clause for row in self.rows for clause in row.clauses)
        found.update(clause for note in self.notes for clause in note.clauses)
        return frozenset(found)

    def confirm(self, level: int, *, by: str, reason: str | None = None) -> Rating:
        """Give the rating that a person confirms on the day of this assessment.

        `level` is one of the pack's scale, `by` one of its roles; `reason` is needed where the
        level differs from the suggestion. ValueError says what is missing. Clauses A-185 and C-177.
        """
        return _given(self, level, by, reason, "final")

    def draft(self, level: int, *, by: str, reason: str | None = None) -> Rating:
        """Give the rating that is put to the provider for comment, and does not count as confirmed.

        The arguments are those of `confirm`, and what is raised.
        """
        return _given(self, level, by, reason, "draft")


def _given(a: Assessment, level: int, by: str, reason: str | None, stage: Stage) -> Rating:
    from qaf_rules.model import Rating  # noqa: PLC0415  # only the type is needed elsewhere

    if type(level) is not int or (a.levels and level not in a.levels):
        message = f"there is no level {level!r}: the scale has {', '.join(map(str, a.levels))}"
        raise ValueError(message)
    if a.roles and by not in a.roles:
        help_ = did_you_mean(str(by), a.roles) or f"the roles are {listed(a.roles, 30)}"
        message = f"there is no role {quoted(str(by))}: {help_}"
        raise ValueError(message)
    suggested = a.suggestion.level if a.suggestion.status == "suggested" else None
    reason = str(reason or "").strip() or None
    if suggested is not None and level != suggested and reason is None:
        message = f"level {level} differs from the suggested {suggested}: give a reason"
        raise ValueError(message)
    floor = a.suggestion.level if a.suggestion.status == "gap" else None
    if floor is not None and level < floor and reason is None:
        message = f"level {level} is below {floor}, the least that is suggested: give a reason"
        raise ValueError(message)
    return Rating(
        level=level,
        on=a.on,
        by=by,
        suggested=suggested,
        reason=reason,
        framework=f"{a.framework} {a.version}",
        stage=stage,
    )
