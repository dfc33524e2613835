"""Pack: the checked data of a folder, with its versions, readings and the place of every value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from qaf_rules import canonical
from qaf_rules.alike import Silence
from qaf_rules.choosing import Chooser, by_id, choices_of
from qaf_rules.condition import Findings, Is, walk
from qaf_rules.errors import Diagnostic, PackError, described, did_you_mean
from qaf_rules.folders import pack_path, read_pack
from qaf_rules.impossible import impossible
from qaf_rules.keys import keys_at
from qaf_rules.laid_out import Kept, LaidOut
from qaf_rules.mentions import mentioned
from qaf_rules.names import ENGINE_VALUES, conditions, place_of, undeclared
from qaf_rules.overlay import Places, laid_over, overlay_of
from qaf_rules.pathway import PathwaySpec
from qaf_rules.schema import (
    SECTIONS,
    ActionSpec,
    ActivitySpec,
    Clause,
    CriterionSpec,
    DecisionSpec,
    FlagSpec,
    Identity,
    KindSpec,
    QuestionSpec,
    Reading,
    RowSpec,
    Tie,
    ValueSpec,
    Vocabulary,
)
from qaf_rules.sharing import SharingRule
from qaf_rules.value_tests import NOTHING, Value
from qaf_rules.values import Fault, MapOf, SetOf, Simple

Path_ = tuple[str | int, ...]

JUDGEMENT = "judgement"
_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


ABSENT = Value(None, given=False)


class Source(NamedTuple):
    """How a name is known, worked out once: the findings it speaks of, and what absence means."""

    spec: ValueSpec
    tie: Tie | None
    absent: Value


def typed(raw: object) -> object:
    """Give a value of a pack as conditions read it: lists stand for sets."""
    return frozenset(raw) if isinstance(raw, list) else raw


def _absent(spec: ValueSpec) -> Value:
    if spec.default is not None:
        return Value(typed(spec.default), given=False)
    if spec.absent in ("unknown", "derived"):
        return ABSENT
    if spec.absent != "none":
        return Value(typed(spec.absent), given=False)
    match spec.type:
        case SetOf():
            return Value(frozenset(), given=False)
        case MapOf():
            return Value({}, given=False)
        case Simple("boolean"):
            return Value(False, given=False)  # noqa: FBT003  # a value
        case Simple("count"):
            return Value(0, given=False)
    return Value(NOTHING, given=False)


@dataclass(frozen=True)
class Pack:
    """The rules of one document at one version, under one choice of readings.

    Made by `load_pack`; every mapping is by id. `choices` maps each ambiguity to the option taken,
    `chosen` are those that the caller chose.
    """

    identity: Identity
    clauses: Mapping[str, Clause]
    readings: Mapping[str, Reading]
    vocabulary: Vocabulary
    activities: Mapping[str, ActivitySpec]
    matrix: Mapping[str, RowSpec]
    supplements: Mapping[str, RowSpec]
    rating: Mapping[str, CriterionSpec]
    actions: Mapping[str, ActionSpec]
    flags: Mapping[str, FlagSpec]
    questions: Mapping[str, QuestionSpec]
    pathway: Mapping[str, PathwaySpec]
    sharing: Mapping[str, SharingRule]
    imports: Mapping[str, Any]
    choices: Mapping[str, str]
    chosen: frozenset[str]
    data: Mapping[str, Any] = field(repr=False)
    documents: Mapping[str, Places] = field(repr=False)
    folder: Path | None = None

    @property
    def id(self) -> str:
        """The id of the framework."""
        return self.identity.id

    @cached_property
    def fields(self) -> Mapping[str, ValueSpec]:
        """The profile fields."""
        return self.vocabulary.fields

    @cached_property
    def settings(self) -> Mapping[str, ValueSpec]:
        """What a council gives once."""
        return self.vocabulary.settings

    @cached_property
    def facts(self) -> Mapping[str, ValueSpec]:
        """The facts."""
        return self.vocabulary.facts

    @cached_property
    def kinds(self) -> Mapping[str, KindSpec]:
        """The kinds of finding."""
        return self.vocabulary.kinds

    @cached_property
    def decisions(self) -> Mapping[str, DecisionSpec]:
        """The standing decisions that a person may take."""
        return self.vocabulary.decisions

    @property
    def topics(self) -> Mapping[str, str]:
        """The agenda topics."""
        return self.vocabulary.topics

    @property
    def sources(self) -> Mapping[str, str]:
        """Where a finding may come from."""
        return self.vocabulary.sources

    @property
    def evidence(self) -> Mapping[str, str]:
        """The kinds of evidence."""
        return self.vocabulary.evidence

    @property
    def roles(self) -> Mapping[str, str]:
        """The roles of people and teams."""
        return self.identity.roles

    @property
    def places(self) -> Mapping[str, str]:
        """Where an activity may be held."""
        return self.identity.places

    @property
    def channels(self) -> Mapping[str, str]:
        """How something is sent."""
        return self.identity.channels

    @property
    def formats(self) -> Mapping[str, str]:
        """How an activity may be held."""
        return self.identity.formats

    @property
    def levels(self) -> Mapping[int, Any]:
        """The levels of the rating scale."""
        return self.identity.scale.levels

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Groups of activities."""
        return self.identity.groups

    @cached_property
    def values(self) -> Mapping[str, ValueSpec]:
        """Fields, settings and facts by name; a fact goes before a field of its name."""
        return {**self.settings, **self.fields, **self.facts}

    @cached_property
    def attribute_facts(self) -> Mapping[tuple[str, str], str]:
        """The fact that tells an attribute of a kind, by kind and attribute."""
        found: dict[tuple[str, str], str] = {}
        for name, spec in self.facts.items():
            for tie in (spec.states, spec.also, spec.marks):
                if tie is not None:
                    found.setdefault((tie.kind, tie.attribute or name), name)
        return found

    @cached_property
    def facts_of(self) -> Mapping[str, tuple[str, ...]]:
        """The facts whose statement takes the place of a kind's findings, by kind."""
        found: dict[str, list[str]] = {}
        for name, spec in self.facts.items():
            if spec.tie is not None:
                found.setdefault(spec.tie.kind, []).append(name)
        return {kind: tuple(names) for kind, names in found.items()}

    @cached_property
    def marks_of(self) -> Mapping[str, tuple[str, ...]]:
        """The facts that mark the findings of a kind, by kind."""
        found: dict[str, list[str]] = {}
        for name, spec in self.facts.items():
            if spec.marks is not None:
                found.setdefault(spec.marks.kind, []).append(name)
        return {kind: tuple(names) for kind, names in found.items()}

    @cached_property
    def rating_vocabulary(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The finding kinds and the facts that the criteria speak of, each by itself or by the other."""
        kinds: dict[str, None] = {}
        facts: dict[str, None] = {}
        for criterion in self.rating.values():
            for condition in walk(criterion.when):
                if isinstance(condition, Findings):
                    kinds.update(dict.fromkeys(self.members("kind", condition.kinds)))
                elif isinstance(condition, Is) and condition.name in self.facts:
                    facts[condition.name] = None
        for name in facts:
            tie = self.facts[name].tie or self.facts[name].marks
            if tie is not None:
                kinds[tie.kind] = None
        for name, spec in self.facts.items():
            tie = spec.tie or spec.marks
            if (tie is not None and tie.kind in kinds) or set(spec.judges) & set(kinds):
                facts[name] = None
        return tuple(kinds), tuple(facts)

    @cached_property
    def record_ids(self) -> frozenset[str]:
        """Every id that an activity record may carry."""
        return frozenset([*self.activities, *self.actions, *self.extra_records])

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The ids of the activities, in their order."""
        return tuple(self.activities)

    @cached_property
    def extra_records(self) -> tuple[str, ...]:
        """Ids in the group `records`: what may be recorded and is neither activity nor action."""
        return tuple(self.groups.get("records", ()))

    @cached_property
    def declared(self) -> frozenset[str]:
        """Every name that a condition may read as a value."""
        return frozenset([*self.values, *ENGINE_VALUES])

    @cached_property
    def sources_of(self) -> Mapping[str, Source]:
        """How each field, setting and fact is known."""
        return {name: Source(spec, spec.tie, _absent(spec)) for name, spec in self.values.items()}

    @cached_property
    def derived_from(self) -> frozenset[str]:
        """The names that derived values read."""
        return frozenset(
            part.name
            for spec in self.values.values()
            for option in spec.derive
            for part in walk(option.when)
            if isinstance(part, Is)
        )

    @cached_property
    def digest(self) -> str:
        """The digest of the data and of the readings taken, however the files are laid out."""
        return canonical.digest_of({"data": in_order(self.data), "readings": dict(self.choices)})

    @cached_property
    def laid_out(self) -> LaidOut:
        """What every assessment judges, as plain tuples."""
        return LaidOut(self)

    @cached_property
    def silence(self) -> Silence:
        """What its conditions read, and what they come out as where a provider is silent."""
        return Silence(self)

    @cached_property
    def under(self) -> dict[tuple[tuple[str, str], ...], Pack]:
        """The same pack under further readings that were asked for, made once for each."""
        return {}

    @cached_property
    def kept(self) -> Kept:
        """What follows from the pack alone, kept once it was made."""
        return Kept()

    @cached_property
    def _members(self) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
        return {}

    def members(self, what: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Give ids with groups replaced by their members; `what` is kind or activity."""
        found = self._members.get((what, ids))
        if found is None:
            found = self._members[what, ids] = self._find_members(what, ids)
        return found

    def _find_members(self, what: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        groups = self.identity.kind_groups if what == "kind" else self.groups
        found: list[str] = []
        for id_ in ids:
            if what == "kind" and id_ == "any":
                found.extend(kind for kind in self.kinds if kind != JUDGEMENT)
            else:
                found.extend(groups.get(id_, (id_,)))
        return tuple(dict.fromkeys(found))

    def fault(self, section: str, path: Path_, message: str, help_: str | None) -> Diagnostic:
        """Make a fault of the value at a path of a section."""
        return _placed(self.documents.get(section), section, path, Fault(message, help_))

    def place(self, section: str, path: Iterable[str | int]) -> str:
        """Give `file:line:col` of a value, for messages."""
        document = self.documents.get(section)
        if document is None:
            return section
        return document.diagnostic(list(path), "").where


def in_order(value: object) -> object:
    """Give plain data in which the order of keys is part of it: the first that fits is taken."""
    match value:
        case Mapping():
            return {"entries": [[key, in_order(each)] for key, each in value.items()]}
        case list() | tuple():
            return [in_order(each) for each in value]
        case _:
            return value


# --- making it ----------------------------------------------------------------------------------


def load_pack(
    name: str | Path,
    *,
    readings: Mapping[str, str] | None = None,
    check: bool = True,
) -> Pack:
    """Load a pack from its folder, or by its id where it comes with the library.

    `readings` maps ambiguities to the options to take instead of the defaults.
    PackError with every fault, each with its place.
    """
    path = pack_path(name)
    data, places, faults = read_pack(path)
    readings = readings or {}
    return make_pack(data, places, folder=path, readings=readings, check=check, faults=faults)


def amended(pack: Pack, change: Mapping[str, Any] | str | Path) -> Pack:
    """Give a pack with a change laid over it, under the same readings.

    `change` is a mapping by section, or a YAML file of one; it may say what it `extends`.
    InputError where it is no mapping, PackError with every fault.
    """
    overlay = overlay_of(change, tuple(SECTIONS))
    other = overlay.of_another(pack.id, pack.folder)
    aged = overlay.of_another_version(pack.identity.version)
    data, places, faults = laid_over(pack.data, pack.documents, overlay)
    kept = {name: pack.choices[name] for name in pack.chosen}
    found = [*overlay.faults, *other, *aged, *faults]
    return make_pack(data, places, folder=pack.folder, readings=kept, faults=found, like=pack)


def version_folder(name: str | Path, on: dt.date) -> Path:
    """Find the folder of a pack's version that is in force on a day (K25).

    Earlier versions lie in the folder `versions` of the pack, each whole in a folder of its own.
    Before the earliest came into force it is the earliest. PackError with every fault of each.
    """
    newest = pack_path(name)
    earlier = sorted(path.parent for path in newest.glob("versions/*/pack.yaml"))
    if not earlier:
        return newest
    packs = {folder: load_pack(folder) for folder in (newest, *earlier)}
    own = packs[newest].id
    strange = [
        Diagnostic(f"this is a version of `{pack.id}`, not of `{own}`", str(folder), help="move it")
        for folder, pack in packs.items()
        if pack.id != own
    ]
    if strange:
        raise PackError(strange)
    since = {folder: pack.identity.in_force for folder, pack in packs.items()}
    begun = [folder for folder, day in since.items() if day <= on]
    return max(begun, key=lambda f: since[f]) if begun else min(since, key=lambda f: since[f])


def make_pack(
    data: Mapping[str, Any],
    documents: Mapping[str, Places],
    *,
    folder: Path | None = None,
    readings: Mapping[str, str],
    check: bool = True,
    faults: Iterable[Diagnostic] = (),
    like: Pack | None = None,
) -> Pack:
    """Check plain data and make it a pack under a choice of readings; PackError with every fault.

    `faults` are those that were found in the data before. What is the same in the pack `like`, and
    under its readings, is taken over from it.
    """
    readings = by_id(readings, data.get("readings"))
    choices, strange = choices_of(data.get("readings"), readings)
    faults = [*faults, *strange]
    if strange:
        raise PackError(faults)
    chooser = Chooser(choices, data.get("readings"))
    sections: dict[str, Any] = {}
    for section in SECTIONS:
        there = _taken_over(section, data, like, choices)
        own = _without(data.get(section), there)
        raw = chooser.resolved(own)
        try:
            read = _adapter(section).validate_python({} if raw is None else raw)
        except ValidationError as error:
            faults.extend(_diagnostics(error, documents.get(section), section))
        else:
            sections[section] = _in_place(data[section], {**there, **read}) if there else read
    faults.extend(
        Diagnostic(message, file=str(folder) if folder else None) for message in chooser.faults
    )
    if faults:
        raise PackError(faults)
    pack = Pack(
        identity=sections.pop("pack"),
        **sections,
        choices=choices,
        chosen=frozenset(readings),
        data=data,
        documents=documents,
        folder=folder,
    )
    if check:
        faults = [*unknown_names(pack), *_never_kept(pack)]
        if faults:
            raise PackError(faults)
    if like is not None and _speaks_alike(pack, like):
        vars(pack)["silence"] = like.silence  # what was found of the conditions that they share
    return pack


def _speaks_alike(pack: Pack, like: Pack) -> bool:
    """Whether two packs have the same words and readings, so that a condition means the same."""
    words = ("pack", "vocabulary", "readings")
    same = all(pack.data.get(section) is like.data.get(section) for section in words)
    return same and (pack.choices, pack.chosen) == (like.choices, like.chosen)


def _taken_over(
    section: str, data: Mapping[str, Any], like: Pack | None, choices: Mapping[str, str]
) -> Mapping[str, Any]:
    """Give the entries of a section that are the same in another pack, as they were read there."""
    raw = data.get(section)
    if like is None or section in ("pack", "vocabulary"):
        return {}
    there: Any = like.data.get(section)
    if not isinstance(raw, Mapping) or not isinstance(there, Mapping):
        return {}
    read = getattr(like, section)
    same = [id_ for id_, each in raw.items() if id_ in read and there.get(id_) is each]
    # Where readings are written otherwise, an option may be another under the same name.
    written = data.get("readings") is like.data.get("readings")
    other = {n for n, option in choices.items() if not written or like.choices.get(n) != option}
    if not other:
        return {id_: read[id_] for id_ in same}
    told = mentioned(like, section)
    return {id_: read[id_] for id_ in same if other.isdisjoint(told[(id_,)])}


def _without(raw: Any, there: Mapping[str, Any]) -> Any:  # plain data
    return {id_: each for id_, each in raw.items() if id_ not in there} if there else raw


def _in_place(raw: Mapping[str, Any], entries: Mapping[str, Any]) -> dict[str, Any]:
    """Give entries in the order of the file; one that another reading has is not among them."""
    return {id_: entries[id_] for id_ in raw if id_ in entries}


def changed(pack: Pack, section: str, path: Path_, raw: object) -> Pack:
    """Give a pack in which one entry of a section is other plain data; nothing else is read again.

    `path` leads to the entry: its id, in `vocabulary` the part and the id, in `pack` nothing.
    `raw` is the entry as the pack's files write it, None where it is to go.
    The readings stay; names are not checked. PackError with every fault of the entry.
    """
    nested = {} if raw is None and path else raw
    for key in reversed(path[: -1 if raw is None else None]):
        nested = {key: nested}
    chooser = Chooser(pack.choices, pack.data.get("readings"))
    try:
        read = _adapter(section).validate_python(chooser.resolved(nested))
    except ValidationError as error:
        raise PackError(_diagnostics(error, pack.documents.get(section), section)) from None
    data = {**pack.data, section: _laid(pack.data.get(section) or {}, path, raw)}
    if section == "pack":
        return replace(pack, identity=read, data=data)
    if section == "vocabulary":
        part = str(path[0])
        entries = _laid(getattr(pack.vocabulary, part), path[1:], getattr(read, part).get(path[-1]))
        vocabulary = pack.vocabulary.model_copy(update={part: entries})
        return replace(pack, vocabulary=vocabulary, data=data)
    entries = _laid(getattr(pack, section), path, read.get(path[-1]))
    return replace(pack, data=data, **{section: entries})


def _laid(data: Any, path: Path_, value: object) -> Any:  # plain or checked data
    """Give a mapping with another value at a path, in its place; None takes the key away."""
    if not path:
        return value
    key, *below = path
    inner = _laid(data.get(key) or {}, tuple(below), value) if below else value
    laid = {**data, key: inner}
    return {k: v for k, v in laid.items() if v is not None or k != key}


def _adapter(section: str) -> TypeAdapter[Any]:
    if section not in _ADAPTERS:
        _ADAPTERS[section] = TypeAdapter(SECTIONS[section])
    return _ADAPTERS[section]


# --- faults --------------------------------------------------------------------------------------

_WORDS = {
    "extra_forbidden": "the pack language does not know `{key}` here",
    "missing": "`{key}` is missing",
    "too_short": "there is nothing in `{key}`",
}
_MAPPINGS = {"model_type", "dict_type", "mapping_type"}


def _diagnostics(
    error: ValidationError, document: Places | None, section: str
) -> Iterator[Diagnostic]:
    for entry in error.errors():
        path = tuple(
            p for p in entry["loc"] if not (isinstance(p, str) and p.startswith("function-"))
        )
        faults = entry.get("ctx", {}).get("faults")
        for fault in faults or [_plain(entry, section, path)]:
            full = (*path, *fault.path) if faults else path
            yield _placed(document, section, full, fault, key=entry["type"] == "extra_forbidden")


def _plain(entry: Any, section: str, path: Path_) -> Fault:  # pydantic's own mapping
    key = path[-1] if path else ""
    words = _WORDS.get(entry["type"])
    if words is not None:
        known = keys_at(SECTIONS[section], path) if entry["type"] == "extra_forbidden" else ()
        return Fault(words.format(key=key), did_you_mean(str(key), known))
    if entry["type"] in _MAPPINGS:
        return Fault(f"{described(entry['input'])} is not a mapping of names")
    return Fault(f"{entry['msg'][0].lower()}{entry['msg'][1:]}, not `{entry.get('input')}`"[:200])


def _placed(
    document: Places | None, section: str, path: Path_, fault: Fault, *, key: bool = False
) -> Diagnostic:
    if document is None:
        where = ".".join(str(p) for p in (section, *path))
        return Diagnostic(fault.message, help=fault.help, place=where)
    return document.diagnostic(list(path), fault.message, help=fault.help, key=key)


def unknown_names(pack: Pack) -> Iterator[Diagnostic]:
    """Find the names in conditions that the pack declares nowhere."""
    for section, path, condition in conditions(pack):
        for fault in undeclared(pack, condition):
            here, key = place_of(pack.data.get(section), path, fault.path)
            yield _placed(pack.documents.get(section), section, here, fault, key=key)


def _never_kept(pack: Pack) -> Iterator[Diagnostic]:
    for section, path, fault in impossible(pack):
        place = tuple(key for key in path if key != "")
        yield _placed(pack.documents.get(section), section, place, fault)
