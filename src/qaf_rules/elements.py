"""What quantifiers range over: findings, records, decisions and schedule items, each as evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.model import OPEN, Activity
from qaf_rules.result import Evidence, ScheduleItem
from qaf_rules.value_tests import NOTHING

if TYPE_CHECKING:
    from qaf_rules.environment import Env
    from qaf_rules.facts import View
    from qaf_rules.model import Decision, Finding
    from qaf_rules.pack import Pack


JUDGEMENT = "judgement"
ENVELOPE = frozenset(
    {"kind", "status", "open", "urgent", "evidence", "evidence_kinds", "age_days", "source"}
)


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
    pack: Pack
    number: int  # of this finding in its view, for it and its copies
    stated: bool = False
    source_finding: Finding | None = None

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        type_ = "statement" if self.stated else "finding"
        return Evidence(type_, self.ref, self.day, None, self.number)

    def copy(self) -> Known:
        """Give the same finding with attributes of its own."""
        return Known(
            self.kind,
            dict(self.attributes),
            self.day,
            self.recorded,
            self.ref,
            self.pack,
            self.number,
            self.stated,
            self.source_finding,
        )

    def get(self, name: str, env: Env) -> object:
        """Give an attribute; a name that is none is read as a value of the provider."""
        if name in self.attributes:
            return self.attributes[name]
        return self.stated if name == "stated" else env.beside(self, name)

    def asks(self, name: str) -> str:
        """Give the fact that tells an attribute; what is none of its own tells itself."""
        pack = self.pack
        if name in pack.values and name not in pack.kinds[self.kind].attributes:
            return name
        return pack.attribute_facts.get((self.kind, name), f"{self.kind}.{name}")


def recorded_as(view: View, name: str, finding: Finding) -> Known:
    """Read a finding on record as conditions do, by its name."""
    attributes = dict(finding.attributes)
    attributes["kind"] = finding.kind
    attributes["status"] = finding.status
    attributes["open"] = finding.status in OPEN
    attributes["urgent"] = finding.urgent
    attributes["evidence"] = frozenset(finding.evidence)
    attributes["evidence_kinds"] = len(set(finding.evidence))
    attributes["age_days"] = (view.on - finding.on).days
    if finding.kind == JUDGEMENT:
        attributes.update(fact=finding.fact, value=finding.value, by=finding.by)
    if finding.source is not None:
        attributes["source"] = finding.source
    recorded = finding.recorded or finding.on
    number, stated = view.number(), False
    return Known(
        finding.kind, attributes, finding.on, recorded, name, view.pack, number, stated, finding
    )


@lru_cache(maxsize=4096)
def rating_record(activity: str, on: dt.date, level: int) -> Activity:
    """Make the record of the activity by which a rating was confirmed."""
    return Activity(activity=activity, completed=on, outcome=str(level))


@dataclass(slots=True, eq=False, init=False)
class Done:
    """An activity record as conditions read it."""

    record: Activity
    at: dt.date  # its day, or that of the question where it has none
    done: bool
    upcoming: bool  # it is planned for the day of the question or later
    day: dt.date | None  # it was done, else is planned, else was asked for

    def __init__(self, record: Activity, on: dt.date) -> None:
        self.record = record
        self.day = record.completed
        self.done = self.day is not None
        self.upcoming = False
        if self.day is None:
            planned = record.planned
            self.upcoming = planned is not None and planned >= on
            self.day = planned or record.requested
        self.at = self.day or on

    @property
    def evidence(self) -> Evidence:
        """Itself, as evidence."""
        return Evidence("record", self.record.activity, self.day, self.record.planned)

    def serves(self, support: Iterable[Evidence]) -> bool:
        """Whether it was done for something of this; it was, where it does not say for what."""
        about, day = self.record.about, self.record.about_day
        return about is None or any(
            each.type in ("record", "item")
            and each.ref.partition("@")[0] == about
            and (
                day is None
                or day in ((each.day, each.due) if each.type == "record" else (each.due,))
            )
            for each in support
        )

    def get(self, name: str, _env: object = None) -> object:
        """Give an attribute; what the record does not say is unknown."""
        record = self.record
        if name not in _OF_RECORD:
            return getattr(record, name, None)
        match name:
            case "done":
                return self.done
            case "upcoming":
                return self.upcoming
            case "notice_days":
                held = record.completed or record.planned
                return (held - record.notified).days if held and record.notified else None
            case "missing" | "what" | "covered":
                return frozenset(getattr(record, name))
            case "evidence":
                return frozenset(record.evidence)
            case "evidence_kinds":
                return len(set(record.evidence))
            case _:  # attendees
                return None if record.attendees is None else frozenset(record.attendees)

    def asks(self, name: str) -> str:
        """Give the field of the record that is missing."""
        return f"{self.record.activity}.{name}"


_OF_RECORD = frozenset(
    [
        "done",
        "upcoming",
        "notice_days",
        "missing",
        "what",
        "covered",
        "evidence",
        "evidence_kinds",
        "attendees",
    ]
)


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

    def get(self, name: str, _env: object = None) -> object:
        """Give what the decision carries; what it does not carry is nothing."""
        if name in ("by", "reason", "until"):
            return getattr(self.decision, name)
        return self.decision.carries.get(name, NOTHING)

    def asks(self, name: str) -> str:
        """Give the part of the decision that is missing."""
        return f"{self.decision.decision}.{name}"


_OF_ITEM = frozenset(
    [
        "activity",
        "status",
        "due",
        "days",
        "period",
        "waiting_on",
        "live",
        "scheduled",
        "planned",
        "owner",
        "missed",
        "attached_to",
    ]
)


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

    def get(self, name: str, _env: object = None) -> object:
        """Give an attribute of the item, or of the record that prepares it."""
        item = self.item
        if name in _OF_ITEM:
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
    unheard: int = 0  # those that follow from the schedule and gave way to what was stated


def as_list(raw: object) -> list[object]:
    """Give one value or a list of them as a list; nothing gives none."""
    if raw is None:
        return []
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def hashable(value: object) -> object:
    """Give what stands for a value where values are told apart: true is not one."""
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    return (
        type(value) is bool,
        frozenset(value) if isinstance(value, (list, set, frozenset)) else value,
    )
