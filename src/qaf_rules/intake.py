"""Plain data to a checked provider record: every word against the pack, every fault at once.

What is handed in is the same wherever it comes from (a case, a register in YAML, a row of a
sheet), so it is checked in one place. A value that is left out, or null, is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from qaf_rules import readers
from qaf_rules.errors import did_you_mean, listed, quoted
from qaf_rules.model import Activity, Decision, Finding, Provider, ProviderRecord, Rating
from qaf_rules.shapes import (
    JUDGEMENT,
    activity_types,
    carried_type,
    decision_types,
    finding_types,
    rating_types,
    stateable,
)
from qaf_rules.sharing import ids_of
from qaf_rules.values import Fault, OneOf, SetOf, Simple, Type, parse_value

if TYPE_CHECKING:
    from qaf_rules._yaml import Document
    from qaf_rules.errors import Diagnostic
    from qaf_rules.pack import Pack
    from qaf_rules.schema import ValueSpec

__all__ = [
    "PARTS",
    "UnknownKey",
    "located",
    "read_activity",
    "read_decision",
    "read_facts",
    "read_finding",
    "read_provider",
    "read_rating",
    "read_record",
    "read_settings",
]

PARTS: Final = ("provider", "activities", "findings", "facts", "decisions", "ratings")

_DAYS: Final = ("completed", "planned", "requested")
_NOUNS: Final = {
    "about": "activity",
    "activity": "activity",
    "attendees": "role",
    "by": "role",
    "consent": "state of consent",
    "covered": "topic",
    "decision": "decision",
    "evidence": "evidence kind",
    "fact": "fact",
    "format": "format",
    "kind": "finding kind",
    "location": "place",
    "missing": "evidence kind",
    "outcome": "outcome of a comment",
    "source": "source",
    "stage": "stage of a rating",
    "status": "status",
}

T = TypeVar("T")


class UnknownKey(Fault):
    """A key that does not belong there; `path` leads to it, and the fault lies in the key."""


class _Read(NamedTuple):
    """What was read of one mapping, and what was wrong with it."""

    values: dict[str, object]
    faults: list[Fault]


def read_record(
    data: object,
    pack: Pack,
    *,
    default_id: str | None = None,
    on: dt.date | None = None,
    keep_good: bool = False,
    open_lists: bool = False,
) -> tuple[ProviderRecord | None, list[Fault]]:
    """Read a provider with its history from plain data.

    `data` maps `provider` to the profile, `activities`, `findings`, `decisions` and `ratings` to
    lists, and `facts` to what is stated on the day `on`.
    `default_id` serves a provider that names no id of its own.
    Without `keep_good` any fault leaves no record; with it only the faulty entries are left out,
    and there is no record where the provider itself is at fault.
    `open_lists` also takes what is outside the lists that the pack leaves open.
    """
    if not isinstance(data, Mapping):
        return None, [Fault(f"{quoted(data)} is not a provider with its history", _shape())]
    faults: list[Fault] = [
        UnknownKey(f"unknown key {quoted(key)}", did_you_mean(str(key), PARTS) or _shape(), (key,))
        for key in data
        if key not in PARTS
    ]
    provider, found = read_provider(
        data.get("provider"), pack, default_id=default_id, open_lists=open_lists
    )
    faults += _below(("provider",), found)
    start = provider.fields.get("contract_start") if provider else None
    started = start if isinstance(start, dt.date) else None
    activity = partial(read_activity, contract_start=started, open_lists=open_lists)
    activities = _entries(data, "activities", activity, pack, faults)
    findings = _entries(data, "findings", read_finding, pack, faults)
    decisions = _entries(data, "decisions", read_decision, pack, faults)
    ratings = _entries(data, "ratings", read_rating, pack, faults)
    stated, found = read_facts(data.get("facts"), pack, on=on)
    faults += _below(("facts",), found)
    if provider is None or (faults and not keep_good):
        return None, faults
    record = ProviderRecord(
        provider=provider,
        activities=tuple(activities),
        findings=(*findings, *stated),
        ratings=tuple(ratings),
        decisions=tuple(decisions),
    )
    return record, faults


def read_provider(
    raw: object, pack: Pack, *, default_id: str | None = None, open_lists: bool = False
) -> tuple[Provider | None, list[Fault]]:
    """Read a provider's id, name and profile fields; a setting may be given as a field too.

    `default_id` serves where `provider_id` is left out. With `open_lists` a value outside a list
    that the pack leaves open is kept; without, it is a fault, as it is most often a slip.
    """
    raw = {} if raw is None else raw
    table = _tables(pack).provider
    if open_lists:
        opened = {name: field.type for name, field in pack.fields.items() if field.open}
        table = {**table, **{n: partial(parse_value, _opened(t)) for n, t in opened.items()}}
    elsewhere = dict.fromkeys(pack.facts, "state it as a fact: under `facts`, or as a judgement")
    elsewhere["id"] = "did you mean `provider_id`?"
    values, faults = _mapping(raw, table, "a provider's profile", noun="field", elsewhere=elsewhere)
    identity = values.pop("provider_id", default_id)
    if identity is None and not any(fault.path[:1] == ("provider_id",) for fault in faults):
        faults.append(Fault("the provider has no id", "give it a `provider_id`"))
    if faults:
        return None, faults
    name = values.pop("name", None)
    # A map without entries says no more than one that is left out.
    values = {field: value for field, value in values.items() if value != {}}
    return Provider(id=str(identity), name=_or_none(name), fields=values), []


def read_activity(
    raw: object,
    pack: Pack,
    *,
    contract_start: dt.date | None = None,
    open_lists: bool = False,
) -> tuple[Activity | None, list[Fault]]:
    """Read one record of something done, planned or requested.

    `contract_start` is the first day of the provider's contract: nothing was done before it.
    `open_lists` also takes a subject or an audience that the pack does not have.
    """
    values, faults = _mapping(raw, _tables(pack).activity, "an activity record")
    if not isinstance(raw, Mapping):
        return None, faults
    name = values.get("activity")
    if name is None and not _faulty(faults, "activity"):
        faults.append(Fault("the record has no `activity`"))
    if not any(day in values or _faulty(faults, day) for day in _DAYS):
        faults.append(
            Fault(
                "the activity has none of `completed`, `planned` and `requested`",
                "give the day on which it was done, or is to be done",
            )
        )
    if "about_day" in values and "about" not in values and not _faulty(faults, "about"):
        message = "`about_day` is the day of an activity that is not named"
        faults.append(Fault(message, "name it in `about`", ("about_day",)))
    done = values.get("completed")
    if contract_start and isinstance(done, dt.date) and done < contract_start:
        message = f"an activity before the contract start: {quoted(done)}"
        faults.append(Fault(message, f"the contract starts on {contract_start}", ("completed",)))
    if isinstance(name, str) and "outcome" in values:
        faults += _outcome(name, str(values["outcome"]), pack)
    faults += _asked_for(values, pack, open_lists=open_lists)
    if faults:
        return None, faults
    return Activity.model_validate(values), []


def _asked_for(values: dict[str, Any], pack: Pack, *, open_lists: bool) -> Iterator[Fault]:
    """Put the ids of subjects and audiences in the place of their other names."""
    own = pack.identity
    for key, named in (("what", own.subjects), ("audience", own.audiences)):
        if not named or key not in values:
            continue
        known, given = ids_of(named), values[key]
        told = (given,) if isinstance(given, str) else given
        if not open_lists:
            for word in told:
                if word not in known:
                    help_ = did_you_mean(word, known) or f"it is one of {listed(named, 30)}"
                    yield Fault(f"{quoted(word)} is none of the pack's `{key}`", help_, (key,))
        ids = tuple(known.get(word, word) for word in told)
        values[key] = ids[0] if isinstance(given, str) else ids


def read_finding(raw: object, pack: Pack) -> tuple[Finding | None, list[Fault]]:
    """Read one finding: a kind of the pack with its own attributes, or a judgement."""
    if not isinstance(raw, Mapping):
        return None, _mapping(raw, _tables(pack).finding, "a finding").faults
    given = raw.get("kind")
    # A judgement is the same in every pack, whatever one says of it.
    kind = pack.kinds.get(given) if isinstance(given, str) and given != JUDGEMENT else None
    own = {} if kind is None or given == JUDGEMENT else kind.attributes
    tables = _tables(pack)
    table = tables.finding if not own else tables.kinds[str(given)]
    known = kind is not None or given == JUDGEMENT
    what = f"a {given}" if known else "a finding"
    values, faults = _mapping(raw, table, what, strict=known or given is None)
    if given is None:
        faults.append(Fault("the finding has no `kind`"))
    if "on" not in values and not _faulty(faults, "on"):
        faults.append(Fault("the finding has no day", "give the day it speaks of as `on`"))
    if given == JUDGEMENT:
        faults += _judgement(values, faults, pack)
    elif known:
        faults += [
            UnknownKey(f"only a judgement has a `{key}`", "write `kind: judgement`", (key,))
            for key in ("fact", "value")
            if key in values and key not in own
        ]
    if faults:
        return None, faults
    attributes = {name: values.pop(name) for name in own if name in values}
    return Finding.model_validate({**values, "attributes": attributes}), []


def read_facts(raw: object, pack: Pack, *, on: dt.date | None) -> tuple[list[Finding], list[Fault]]:
    """Read facts that are stated on the day `on`, as judgements of nobody in particular."""
    if raw is None:
        return [], []
    values, faults = _mapping(raw, _tables(pack).facts, "a set of facts", noun="fact")
    if on is None:
        if values:
            faults.append(Fault("the facts have no day", "state each as a judgement with its day"))
        return [], faults
    return [
        Finding(kind=JUDGEMENT, on=on, fact=name, value=value, attributes={})
        for name, value in values.items()
    ], faults


def read_decision(raw: object, pack: Pack) -> tuple[Decision | None, list[Fault]]:
    """Read one standing decision with what it carries."""
    tables = _tables(pack)
    if not isinstance(raw, Mapping):
        return None, _mapping(raw, tables.decision, "a decision").faults
    given = raw.get("decision")
    declared = pack.decisions.get(given) if isinstance(given, str) else None
    carries: Mapping[str, str] = {} if declared is None else declared.carries
    table = tables.decision if declared is None else tables.decisions[str(given)]
    what = f"the decision {quoted(given)}" if declared else "a decision"
    values, faults = _mapping(raw, table, what, strict=declared is not None or given is None)
    needed = ["decision", "on", *(name for name, sort in carries.items() if sort in _NEEDED)]
    faults += _missing(needed, values, faults, what)
    on, until = values.get("on"), values.get("until")
    if isinstance(on, dt.date) and isinstance(until, dt.date) and until < on:
        faults.append(Fault(f"the decision ends before {quoted(on)}", None, ("until",)))
    if faults:
        return None, faults
    carried = {name: values.pop(name) for name in carries if name in values}
    return Decision.model_validate({**values, "carries": carried}), []


def read_rating(raw: object, pack: Pack) -> tuple[Rating | None, list[Fault]]:
    """Read one level that a person gave, with who gave it, when and, where it differs, why."""
    values, faults = _mapping(raw, _tables(pack).rating, "a rating")
    if not isinstance(raw, Mapping):
        return None, faults
    faults += _missing(("level", "on", "by"), values, faults, "the rating")
    suggested = values.get("suggested")
    differs = suggested is not None and suggested != values.get("level", suggested)
    if differs and "reason" not in values:
        message = f"the level differs from the suggested {quoted(suggested)} without a reason"
        faults.append(Fault(message, "say why in `reason`"))
    if "outcome" in values and values.get("stage") != "comment":
        faults.append(
            Fault("only a comment has an outcome", "write `stage: comment`", ("outcome",))
        )
    if faults:
        return None, faults
    return Rating.model_validate(values), []


def read_settings(raw: object, pack: Pack) -> tuple[dict[str, object], list[Fault]]:
    """Read what a council gives once for all of its providers; faulty settings are left out."""
    if raw is None:
        return {}, []
    elsewhere = dict.fromkeys(pack.fields, "it is a field of a provider's profile")
    return _mapping(raw, _settings(pack), "a set of settings", noun="setting", elsewhere=elsewhere)


def located(
    document: Document, faults: Iterable[Fault], below: tuple[str | int, ...] = ()
) -> Iterator[Diagnostic]:
    """Give faults their place in the file that they were read from.

    `below` leads to the data that was read.
    """
    for fault in faults:
        key = isinstance(fault, UnknownKey)
        code = "unknown-key" if key else "invalid"
        yield document.diagnostic(
            (*below, *fault.path), fault.message, help=fault.help, key=key, code=code
        )


def _opened(declared: Type) -> Type:
    return SetOf(()) if isinstance(declared, SetOf) else Simple("token")


def _typed(values: Mapping[str, ValueSpec]) -> dict[str, readers.Reader]:
    return {name: partial(parse_value, value.type) for name, value in values.items()}


def _settings(pack: Pack) -> dict[str, readers.Reader]:
    terms: dict[str, readers.Reader] = {"terms": readers.terms} if "terms" in pack.settings else {}
    return _typed(pack.settings) | terms


@dataclass(frozen=True, slots=True, eq=False)
class _Of:
    """A pack as a key: the same only as itself, since comparing whole packs is slow."""

    pack: Pack

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Of) and self.pack is other.pack

    def __hash__(self) -> int:
        return id(self.pack)


class _Tables(NamedTuple):
    """How each value of each part of a record is read, by its name."""

    provider: Mapping[str, readers.Reader]
    activity: Mapping[str, readers.Reader]
    finding: Mapping[str, readers.Reader]
    kinds: Mapping[str, Mapping[str, readers.Reader]]
    facts: Mapping[str, readers.Reader]
    decision: Mapping[str, readers.Reader]
    decisions: Mapping[str, Mapping[str, readers.Reader]]
    rating: Mapping[str, readers.Reader]


def _tables(pack: Pack) -> _Tables:
    return _made(_Of(pack))


@lru_cache(maxsize=8)
def _made(of: _Of) -> _Tables:
    """Make the tables once a pack: a register has thousands of rows."""
    pack, finding = of.pack, _readers(finding_types(of.pack))
    decided = _readers(decision_types(pack))
    decision = {name: decided[name] for name in ("decision", "on", "by", "until", "reason")}
    level = partial(readers.level, pack)
    kinds: dict[str, Mapping[str, readers.Reader]] = {}
    for kind, spec in pack.kinds.items():
        own = {name: partial(parse_value, declared) for name, declared in spec.attributes.items()}
        # A kind's own attributes come first, in the list of help too.
        kinds[kind] = {**own, **finding, **own}
    return _Tables(
        # The profile's fields come first in the list of help, and go before settings of their name.
        provider={
            **_typed(pack.fields),
            **_settings(pack),
            **_typed(pack.fields),
            "provider_id": readers.reference,
            "name": readers.text,
        },
        activity=_readers(activity_types(pack))
        # What is asked for, and by whom, may be said by other names than those of its type.
        | {
            "period": readers.period,
            "what": readers.references,
            "audience": readers.reference,
        },
        finding=finding,
        kinds=kinds,
        facts=_typed(stateable(pack)),
        decision=decision,
        decisions={
            name: decision | {key: _carried(sort, pack) for key, sort in spec.carries.items()}
            for name, spec in pack.decisions.items()
        },
        rating=_readers(rating_types(pack)) | {"level": level, "suggested": level},
    )


def _readers(types: Mapping[str, Type]) -> dict[str, readers.Reader]:
    """Give readers of a record's own values, which say what a word is not."""
    return {name: _reader(name, declared) for name, declared in types.items()}


def _reader(name: str, declared: Type) -> readers.Reader:
    match declared:
        case OneOf(words) if name in _NOUNS:
            return readers.one_of(words, _NOUNS[name])
        case SetOf(words) if name in _NOUNS:
            return readers.some_of(words, _NOUNS[name])
        case Simple("text"):
            return readers.reference
        case _:
            return partial(parse_value, declared)


def _judgement(values: dict[str, object], faults: list[Fault], pack: Pack) -> Iterator[Fault]:
    """Check that a judgement states a fact, and give its value the fact's type."""
    yield from _missing(("fact", "value"), values, faults, "the judgement")
    fact = stateable(pack).get(str(values.get("fact")))
    if fact is not None and "value" in values:
        try:
            values["value"] = parse_value(fact.type, values["value"])
        except Fault as fault:
            yield _under(fault, "value")


def _outcome(name: str, outcome: str, pack: Pack) -> Iterator[Fault]:
    """Check an outcome against those of the activity; the one that confirms a rating has levels."""
    activity = pack.activities.get(name)
    known: tuple[str, ...] = activity.outcomes if activity else ()
    if name == pack.identity.rating.confirmed_by:
        known = tuple(map(str, pack.levels))
    if known and outcome not in known:
        message = f"{quoted(outcome)} is no outcome of {quoted(name)}"
        yield Fault(message, readers.helped(outcome, known), ("outcome",))


_NEEDED: Final = ("activity", "interval", "day", "id", "token")
"""What a decision carries and has no effect without; a number may still be open."""


def _carried(sort: str, pack: Pack) -> readers.Reader:
    match sort:
        case "interval":
            return readers.interval
        case "day":
            return readers.day_of_month
        case "subject" | "audience":
            own = pack.identity
            return readers.called(own.subjects if sort == "subject" else own.audiences, sort)
        case _:
            return _reader("activity", carried_type(sort, pack))


def _mapping(
    raw: object,
    table: Mapping[str, readers.Reader],
    what: str,
    *,
    noun: str = "key",
    strict: bool = True,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> _Read:
    """Read a mapping by a table of readers.

    `what` is what the mapping is, `noun` what its keys are called.
    `strict` is off where the table is not known to be whole, so that one fault is not told twice.
    `elsewhere` are names that belong somewhere else, and what is to be said of them.
    """
    if not isinstance(raw, Mapping):
        help_ = f"write it as a mapping: `{{{', '.join(f'{key}: …' for key in [*table][:2])}}}`"
        return _Read({}, [Fault(f"{quoted(raw)} is not {what}", help_)])
    values: dict[str, object] = {}
    faults: list[Fault] = []
    for key, value in raw.items():
        reader = table.get(key)
        if reader is None:
            if strict:
                message = f"unknown {noun} {quoted(key)}"
                message += f" in {what}" if noun == "key" else ""
                help_ = elsewhere.get(key) or readers.helped(str(key), table)
                faults.append(UnknownKey(message, help_, (key,)))
        elif value is not None:
            try:
                values[key] = reader(value)
            except Fault as fault:
                faults += [_under(each, key) for each in _all_of(reader, value, fault)]
    return _Read(values, faults)


def _all_of(reader: readers.Reader, value: object, first: Fault) -> list[Fault]:
    """Give the faults of every word of a list, where only the first was told."""
    found = []
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        for n, each in enumerate(value):
            try:
                reader([each])
            except Fault as fault:
                path = (n, *fault.path[1:]) if fault.path else ()
                found.append(type(fault)(fault.message, fault.help, path))
    return found or [first]


def _entries(
    data: Mapping[str, object],
    part: str,
    read: Callable[[object, Pack], tuple[T | None, list[Fault]]],
    pack: Pack,
    faults: list[Fault],
) -> list[T]:
    raw = data.get(part)
    if raw is None:
        return []
    if not isinstance(raw, list | tuple):
        faults.append(Fault(f"`{part}` is not a list", "start each entry with `- `", (part,)))
        return []
    entries = []
    for n, each in enumerate(raw):
        entry, found = read(each, pack)
        faults += _below((part, n), found)
        if entry is not None:
            entries.append(entry)
    return entries


def _below(path: tuple[str | int, ...], faults: Iterable[Fault]) -> list[Fault]:
    return [type(fault)(fault.message, fault.help, (*path, *fault.path)) for fault in faults]


def _under(fault: Fault, key: str) -> Fault:
    return type(fault)(fault.message, fault.help, (key, *fault.path))


def _faulty(faults: Iterable[Fault], key: str) -> bool:
    """Say whether a value was given and is at fault, so that it is not also reported missing."""
    return any(fault.path[:1] == (key,) for fault in faults)


def _missing(
    names: Iterable[str], values: Mapping[str, object], faults: Iterable[Fault], what: str
) -> list[Fault]:
    told = {fault.path[0] for fault in faults if fault.path}
    return [
        Fault(f"{what} has no {quoted(name)}")
        for name in names
        if name not in values and name not in told
    ]


def _shape() -> str:
    return f"a record has {listed(PARTS)}"


def _or_none(value: object) -> str | None:
    return None if value is None else str(value)
