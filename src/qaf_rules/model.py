"""What is handed in: a provider with its history, frozen and without personal data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, NoReturn, Protocol, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

from qaf_rules.errors import Diagnostic, InputError, quoted
from qaf_rules.values import LONGEST, Fault, Type, parse_value

Plain: TypeAlias = Mapping[str, object]

WITHDRAWN: Literal["closed"] = "closed"  # of what was stated: it is taken back
OPEN = frozenset({"open", "being_resolved"})
"""The statuses of a finding that is not settled."""


class FrozenDict(dict[str, object]):
    """A mapping that does not change; it copies, compares and pickles as a dict does."""

    def _refuse(self, *_args: object, **_options: object) -> NoReturn:
        message = "this mapping does not change: make a new one"
        raise TypeError(message)

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, object]]]:
        """Pickle as its entries."""
        return FrozenDict, (dict(self),)

    def __deepcopy__(self, _memo: object) -> FrozenDict:
        """Its values do not change either."""
        return self


def _frozen(value: Plain) -> Plain:
    return FrozenDict(value)


def _thawed(value: Plain) -> dict[str, object]:
    return {key: sorted(v) if isinstance(v, frozenset) else v for key, v in value.items()}


FrozenMapping = Annotated[
    Mapping[str, object], AfterValidator(_frozen), PlainSerializer(_thawed, return_type=dict)
]


class Frozen(BaseModel):
    """A value that is checked once, when it is made, and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """Show what was given, so that it reads as it would be written."""
        for name, value in super().__repr_args__():
            if name in self.model_fields_set:
                yield name, value


class Provider(Frozen):
    """A commissioned service: an opaque id and the profile fields that the pack declares.

    `fields` maps field names to checked values; a field that is left out is unknown.
    """

    id: str
    name: str | None = None
    fields: FrozenMapping = FrozenDict()


class Activity(Frozen):
    """One record of something done, planned or requested to monitor a provider.

    `activity` is an activity or an action of the pack. Exactly the days that are given count:
    `completed` makes it done, `planned` only arranged. Lists hold ids of the pack's vocabulary.
    `about` is the activity or action that it was done for, of the day `about_day` where one is
    given: it closes what rests on that, and nothing else. Left out, it closes all that it may.
    """

    activity: str
    completed: dt.date | None = None
    planned: dt.date | None = None
    requested: dt.date | None = None
    recorded: dt.date | None = None
    period: str | None = None
    missing: tuple[str, ...] = ()
    deadline: dt.date | None = None
    notified: dt.date | None = None
    attendees: tuple[str, ...] | None = None
    location: str | None = None
    consent: str | None = None
    evidence: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    format: str | None = None
    outcome: str | None = None
    audience: str | None = None
    time: str | None = None
    what: tuple[str, ...] = ()
    authorised_by: str | None = None
    about: str | None = None
    about_day: dt.date | None = None


class Finding(Frozen):
    """A dated, sourced statement about a provider.

    `on` is the day it speaks of, `recorded` the day it was entered (`on` when left out).
    A judgement has `kind` judgement, the `fact` and its `value`, and the role `by`.
    """

    kind: str
    on: dt.date
    recorded: dt.date | None = None
    ref: str | None = None
    source: str | None = None
    status: str = "open"
    evidence: tuple[str, ...] = ()
    urgent: bool = False
    by: str | None = None
    fact: str | None = None
    value: object = None
    attributes: FrozenMapping = FrozenDict()

    def saying(self, attribute: str, value: object) -> Finding:
        """Give the same finding with an attribute, its source or its status as told."""
        if attribute in ("source", "status") and isinstance(value, str):
            return self.model_copy(update={attribute: value})
        attributes = FrozenDict({**self.attributes, attribute: value})
        # Of a source a finding names one, a statement several: they stand among the attributes.
        return self.model_copy(
            update={"attributes": attributes} | ({"source": None} if attribute == "source" else {})
        )


class Decision(Frozen):
    """What a person has settled for a provider, in force from `on` to `until` (inclusive)."""

    decision: str
    on: dt.date
    by: str | None = None
    until: dt.date | None = None
    reason: str | None = None
    carries: FrozenMapping = FrozenDict()


Stage: TypeAlias = Literal["draft", "comment", "final"]
Outcome: TypeAlias = Literal["accepted", "partly_accepted", "not_accepted"]
STAGES: tuple[str, ...] = get_args(Stage)
OUTCOMES: tuple[str, ...] = get_args(Outcome)


class Rating(Frozen):
    """A level of the pack's scale as a person gave it, with who, when and why.

    `stage` is `final` for the one that is confirmed; a `draft` and the provider's `comment` on it
    are entries of their own, which never count as confirmed. A comment repeats the level that it
    is about and is kept as a reference, `ref`, with what came of it, `outcome`; no words of it.
    """

    level: int
    on: dt.date
    by: str
    suggested: int | None = None
    reason: str | None = None
    framework: str | None = None
    stage: Stage = "final"
    ref: str | None = None
    outcome: Outcome | None = None

    @property
    def status(self) -> str:
        """`overridden` where it differs from what was suggested, else `confirmed`.

        A draft or a comment is neither: its status is its stage.
        """
        if self.stage != "final":
            return self.stage
        return "overridden" if self.suggested not in (None, self.level) else "confirmed"

    def commented(
        self, *, by: str, on: dt.date, ref: str | None = None, outcome: Outcome | None = None
    ) -> Rating:
        """Give the provider's comment on this draft, as an entry of its own.

        `by` is the role that commented, `on` the day, `ref` where the comment is kept, `outcome`
        what came of it. ValueError where this is no draft, or the comment is older than it.
        """
        if self.stage != "draft":
            message = "only a draft is commented on; a final rating is changed by a new one"
            raise ValueError(message)
        if not str(by or "").strip():
            raise ValueError("say which role commented")
        if ref is not None and (not ref.strip() or len(ref) > LONGEST or "\n" in ref):
            message = "`ref` says where the comment is kept, in a word or two: no text of it"
            raise ValueError(message)
        if on < self.on:
            message = f"the comment of {on} is older than the draft of {self.on}"
            raise ValueError(message)
        return Rating(
            level=self.level,
            on=on,
            by=by,
            framework=self.framework,
            stage="comment",
            ref=ref,
            outcome=outcome,
        )


class Asked(Protocol):
    """A question of an assessment: its id, and what an answer states or completes."""

    @property
    def id(self) -> str: ...
    @property
    def fact(self) -> str | None: ...
    @property
    def completes(self) -> tuple[str, str, str | None] | None: ...
    @property
    def takes(self) -> Type | None: ...
    @property
    def as_of(self) -> dt.date | None: ...


def named(findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
    """Give findings of one kind, each with its name: the reference, or else the kind and day.

    Of several of one day without a reference the further ones are numbered: those that are open
    first, so that they keep their names when others are removed, then as they were entered.
    """
    own = [*findings]
    plain = [finding for finding in own if not finding.ref]
    if not plain:
        return [(finding.ref or "", finding) for finding in own]
    plain.sort(key=lambda f: (f.on, f.status not in OPEN, f.recorded or f.on))
    numbers: Counter[dt.date] = Counter()
    names: dict[int, str] = {}
    for finding in plain:
        numbers[finding.on] += 1
        number = numbers[finding.on]
        further = f" ({number})" if number > 1 else ""
        names[id(finding)] = f"{finding.kind} of {finding.on}{further}"
    return [(finding.ref or names[id(finding)], finding) for finding in own]


def _of_type(wanted: Type, value: object, asked: str) -> object:
    try:
        return parse_value(wanted, value)
    except Fault as fault:
        told = Diagnostic(fault.message, help=fault.help, place=f"answer to {asked}")
        raise InputError([told]) from None


class ProviderRecord(Frozen):
    """A provider with everything known of it; the input of an assessment."""

    provider: Provider
    activities: tuple[Activity, ...] = ()
    findings: tuple[Finding, ...] = ()
    ratings: tuple[Rating, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def confirmed(self) -> tuple[Rating, ...]:
        """The ratings that were confirmed, without drafts and comments."""
        return tuple([r for r in self.ratings if r.stage == "final"])

    def with_finding(self, finding: Finding) -> ProviderRecord:
        """Give the same record with one more finding."""
        return self.model_copy(update={"findings": (*self.findings, finding)})

    def with_activity(self, activity: Activity) -> ProviderRecord:
        """Give the same record with one more activity."""
        return self.model_copy(update={"activities": (*self.activities, activity)})

    def with_decision(self, decision: Decision) -> ProviderRecord:
        """Give the same record with one more standing decision."""
        return self.model_copy(update={"decisions": (*self.decisions, decision)})

    def with_answer(
        self, question: Asked, value: object, *, by: str, on: dt.date, reason: str | None = None
    ) -> ProviderRecord:
        """Give the same record with a question answered on a day by a role.

        A question about a fact or field is answered by stating it, one about what findings do not
        say by saying it there; `value` has the type of the fact or attribute. Any other is answered
        by a decision, which stands until what it rested on changes. InputError where the value is
        of another type, or the finding that the question is about is not on record.
        """
        if question.takes is not None:
            value = _of_type(question.takes, value, question.id)
        if question.completes is not None:
            return self._completed(question.completes, value, on)
        if question.fact is not None:
            day = question.as_of or on
            entered = on if day != on else None
            stated = Finding(
                kind="judgement", on=day, recorded=entered, by=by, fact=question.fact, value=value
            )
            return self._agreed(stated).with_finding(stated)
        carries = {"to": question.id, "value": value}
        return self.with_decision(
            Decision(decision="answer", on=on, by=by, reason=reason, carries=carries)
        )

    def _agreed(self, stated: Finding) -> ProviderRecord:
        """Take back what was stated of the same fact on the same day and differs: this settles it."""
        findings = tuple(
            f.model_copy(update={"status": WITHDRAWN})
            if (f.kind, f.fact, f.on) == (stated.kind, stated.fact, stated.on)
            and f.value != stated.value
            else f
            for f in self.findings
        )
        return self.model_copy(update={"findings": findings})

    def _completed(
        self, lacking: tuple[str, str, str | None], value: object, on: dt.date
    ) -> ProviderRecord:
        """Say an attribute in a finding, or in a further one of a state."""
        kind, attribute, finding = lacking
        if finding is None:
            told = FrozenDict({attribute: value})
            return self.with_finding(Finding(kind=kind, on=on, attributes=told))
        own = named(f for f in self.findings if f.kind == kind)
        found = [f for name, f in own if name == finding]
        if not found:
            message = f"there is no {kind} finding `{finding}` on record"
            raise InputError([Diagnostic(message, help="assess the record anew, and ask again")])
        findings = [f.saying(attribute, value) if f in found else f for f in self.findings]
        return self.model_copy(update={"findings": tuple(findings)})

    def with_rating(self, rating: Rating) -> ProviderRecord:
        """Give the same record with one more rating: a confirmed one, a draft or a comment."""
        return self.model_copy(update={"ratings": (*self.ratings, rating)})


def records_of(register: Iterable[ProviderRecord]) -> list[ProviderRecord]:
    """Give the records of a register; InputError where it is none, but one of its records perhaps."""
    given: Any = register
    if isinstance(given, ProviderRecord):
        message = f"this is the record of {quoted(given.provider.id)}, not a register"
        raise InputError([Diagnostic(message, help="give a list: `[record]`")])
    records: list[Any] = list(given) if isinstance(given, Iterable) else [None]
    if all(isinstance(each, ProviderRecord) for each in records):
        return records
    message, help_ = "a register holds records of providers", "read it with `read_register`"
    raise InputError([Diagnostic(message, help=help_)])
