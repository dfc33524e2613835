"""What is doubtful in a pack that loads: one function a check, each with its id and severity.

A fault of the schema, or a name in a condition that is declared nowhere, keeps a pack from
loading and is told there. Everything else that an author may have got wrong is found here, in the
rules of every reading, not only of those taken. What is found is an error where the pack says
something other than it seems to, and a notice where it may be meant.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from qaf_rules import frequency as f
from qaf_rules import model
from qaf_rules.condition import ALWAYS, Condition, Findings, Is, Over, Result, Test, leaves, walk
from qaf_rules.errors import Diagnostic, PackError, did_you_mean, listed, quoted
from qaf_rules.pack import ENGINE_VALUES, Pack, Path_, changed, conditions, unknown_names
from qaf_rules.schema import ConductSpec, Entry, ValueSpec
from qaf_rules.values import MapOf, OneOf, SetOf, Type

__all__ = ["CHECKS", "Check", "check", "deferred"]

DEFERRABLE: Final = ("sharing", "pathway", "pamms_stages")
"""The topics to which a clause may be put off."""

ENGINE_READS: Final = frozenset(
    {"provider_id", "service_type", "contract_start", "due_soon_days", "terms", "authorised_by"}
)
"""Values that are read by what they are called, with no rule that names them."""

RULES: Final = (
    "pack",
    "vocabulary",
    "activities",
    "matrix",
    "supplements",
    "rating",
    "actions",
    "flags",
    "questions",
    "readings",
)
TOLD: Final = frozenset({"source", "changes", "circulation", "references", "principles"})
"""Parts of `pack.yaml` from which nothing follows; what they cite rests on no rule."""

_CONDITIONS: Final = frozenset(
    {"when", "where", "event", "adverse", "benign", "out_when", "only_when", "closed_when"}
    | {"asked_when", "adverse_when"}
)

RECORD: Final = frozenset(model.Activity.model_fields) | {
    *("done", "upcoming", "notice_days", "evidence_kinds"),
}
FINDING: Final = frozenset(model.Finding.model_fields) | {
    *("open", "issue", "evidence_kinds", "age_days", "sole_support", "provider"),
}
ITEM: Final = frozenset(
    "activity status class due days period waiting_on owner missed attached_to live scheduled "
    "planned location consent attendees format notified deadline requested missing "
    "done_before".split()
)
ACTION: Final = frozenset(
    "action id clause force obligation decided_by owner due due_differs about since".split()
)
DECISION: Final = frozenset({"by", "reason", "until"})

Severity: TypeAlias = Literal["error", "notice"]


class Found(NamedTuple):
    """Something a check found: where, what, and what helps; `key` puts it at the value's key."""

    section: str
    path: Path_
    message: str
    help: str | None = None
    key: bool = False


class Subject(NamedTuple):
    """A pack, and the same under each option that is not taken, one ambiguity at a time."""

    pack: Pack
    variants: tuple[Pack, ...]


Finder: TypeAlias = Callable[[Subject], Iterator[Found]]


class Check(NamedTuple):
    """One check: its id, how much it matters, and what it finds in a pack."""

    id: str
    severity: Severity
    find: Finder


def check(pack: Pack, on: dt.date | None = None) -> tuple[Diagnostic, ...]:
    """Find what is doubtful in a pack, in the order of its files, errors and notices together.

    `on` is the day of the question, for whether the document is past its review date; without it
    that is not told. Nothing is raised.
    """
    told: dict[tuple[str, str, str], Diagnostic] = {}
    variants: list[Pack] = []
    for variant in _variants(pack):
        if isinstance(variant, Pack):
            variants.append(variant)
        for fault in variant.diagnostics if isinstance(variant, PackError) else unknown_names(variant):
            told.setdefault((fault.code, _where(fault), fault.message), fault)
    for one in CHECKS:
        for found in one.find(Subject(pack, tuple(variants))):
            placed = _placed(pack, one, found)
            told.setdefault((one.id, _where(placed), placed.message), placed)
    if on is not None and pack.identity.review_by is not None and on > pack.identity.review_by:
        message = f"the document was to be reviewed by {pack.identity.review_by}"
        review = Check("past-review", "notice", _review)
        placed = _placed(pack, review, Found("pack", ("review_by",), message, "ask for the new edition"))
        told["past-review", "", message] = placed
    return tuple(sorted(told.values(), key=lambda d: (d.file or "", d.line or 0, d.column or 0)))


def deferred(pack: Pack) -> Mapping[str, int]:
    """Count the deferred clauses by the topic to which each is put off."""
    return Counter(c.because for c in pack.clauses.values() if c.rule == "deferred")


def _review(_it: Subject) -> Iterator[Found]:
    yield from ()


def _where(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"


def _placed(pack: Pack, one: Check, found: Found) -> Diagnostic:
    document = pack.documents.get(found.section)
    if document is None:
        place = ".".join(map(str, (found.section, *found.path)))
        return Diagnostic(
            found.message, help=found.help, place=place, code=one.id, severity=one.severity
        )
    made = document.diagnostic(
        found.path, found.message, help=found.help, key=found.key, code=one.id
    )
    return dataclasses.replace(made, severity=one.severity)


# --- the rules of every reading ------------------------------------------------------------------


def _variants(pack: Pack) -> Iterator[Pack | PackError]:
    """Give the pack under each option that is not taken, one ambiguity at a time."""
    for name, entries in _entries_by_reading(pack).items():
        reading = pack.readings.get(name)
        for option in reading.options if reading is not None else ():
            if option == pack.choices[name]:
                continue
            variant = dataclasses.replace(pack, choices={**pack.choices, name: option})
            try:
                for section, path, raw in entries:
                    variant = changed(variant, section, path, raw)
            except PackError as error:
                yield error
            else:
                yield variant


def _entries_by_reading(pack: Pack) -> dict[str, list[tuple[str, Path_, object]]]:
    found: dict[str, list[tuple[str, Path_, object]]] = {}
    for section in RULES:
        depth = {"pack": 0, "vocabulary": 2}.get(section, 1)
        seen: set[tuple[str, Path_]] = set()
        for path, raw in _mappings(pack.data.get(section), ()):
            name, entry = raw.get("by_reading"), path[:depth]
            if name is not None and len(path) >= depth and (str(name), entry) not in seen:
                seen.add((str(name), entry))
                whole = _at(pack.data[section], entry)
                found.setdefault(str(name), []).append((section, entry, whole))
    return found


def _mappings(raw: object, path: Path_) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    if isinstance(raw, dict):
        yield path, raw
        for key, value in raw.items():
            yield from _mappings(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from _mappings(value, (*path, n))


def _at(raw: Any, path: Path_) -> Any:  # noqa: ANN401  # plain data
    for key in path:
        raw = raw[key]
    return raw


def _plain_texts(raw: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Give the texts of plain data with their places; of a choice by reading, its options'."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key != "by_reading":
                yield from _plain_texts(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from _plain_texts(value, (*path, n))
    elif isinstance(raw, str):
        yield path, raw


def _citing(pack: Pack, key: str) -> Iterator[tuple[str, Path_, str]]:
    """Give what stands under `clause`, `readings` or `conventions`, outside of conditions."""
    for section in RULES:
        for path, raw in _mappings(pack.data.get(section), ()):
            if (section, path, key) == ("pack", (), "conventions"):
                continue  # it declares them
            if key in raw and _CONDITIONS.isdisjoint(map(str, path)):
                for place, text in _plain_texts(raw[key], (*path, key)):
                    yield section, place, text


# --- clauses -------------------------------------------------------------------------------------


def _rule_citations(pack: Pack) -> dict[str, list[tuple[str, Path_]]]:
    """Give where rules cite each clause; what is only told of the source is no rule."""
    found: dict[str, list[tuple[str, Path_]]] = {}
    for section, path, text in _citing(pack, "clause"):
        if not (section == "pack" and path[0] in TOLD):
            found.setdefault(text, []).append((section, path))
    return found


def clauses_uncited(it: Subject) -> Iterator[Found]:
    """Executable clauses that no rule cites."""
    pack = it.pack
    cited = _rule_citations(pack)
    for id_, clause in pack.clauses.items():
        if clause.rule == "executable" and id_ not in cited:
            message = f"the clause `{id_}` is executable, and no rule cites it"
            help_ = "cite it where it holds, or say in `because` why it is guidance"
            yield Found("clauses", (id_,), message, help_, key=True)


def clauses_without_reason(it: Subject) -> Iterator[Found]:
    """Guidance that does not say why it has no rule, and deferred clauses without a topic."""
    pack = it.pack
    for id_, clause in pack.clauses.items():
        if clause.rule == "guidance" and not clause.because.strip():
            message = f"the clause `{id_}` is guidance without a reason"
            yield Found("clauses", (id_,), message, "say in `because` why there is no rule", key=True)
        if clause.rule == "deferred" and clause.because not in DEFERRABLE:
            message = f"the clause `{id_}` is deferred without a topic"
            help_ = f"`because` is one of {listed(DEFERRABLE)}"
            yield Found("clauses", (id_,), message, help_, key=True)


def guidance_cited(it: Subject) -> Iterator[Found]:
    """Guidance and deferred clauses that a rule cites all the same."""
    pack = it.pack
    for id_, places in _rule_citations(pack).items():
        clause = pack.clauses.get(id_)
        if clause is None or clause.rule == "executable":
            continue
        for section, path in places:
            message = f"a rule cites `{id_}`, which is {clause.rule}"
            if section != "readings":  # an ambiguity may be one of the words of guidance
                yield Found(section, path, message, "mark the clause executable, or cite another")


def rules_without_clause(it: Subject) -> Iterator[Found]:
    """Rules that cite no clause, and rest on no reading or convention either."""
    pack = it.pack

    def bare(section: str, path: Path_, what: str, *cited: Any) -> Iterator[Found]:  # noqa: ANN401  # any of the rules
        if not any(c.clause or c.readings or c.conventions for c in cited):
            yield Found(section, path, f"{what} cites no clause", "name what it comes from", key=True)

    for purpose, contact in pack.identity.contacts.items():
        yield from bare("pack", ("contacts", purpose), f"the contact `{purpose}`", contact)
    for level, spec in pack.levels.items():
        yield from bare("pack", ("scale", "levels", level), f"the level `{level}`", spec)
    for id_, activity in pack.activities.items():
        yield from bare("activities", (id_,), f"the activity `{id_}`", activity)
    for section in ("matrix", "supplements"):
        for id_, row in getattr(pack, section).items():
            for name, cells in row.activities.items():
                declared = [pack.activities[name]] if name in pack.activities else []
                here: Path_ = (id_, "activities", name)
                yield from bare(section, here, f"the cell `{name}`", row, *cells, *declared)
    for section, noun in (("rating", "criterion"), ("flags", "flag"), ("questions", "question")):
        for id_, rule in getattr(pack, section).items():
            yield from bare(section, (id_,), f"the {noun} `{id_}`", rule)
    for id_, action in pack.actions.items():
        for n, trigger in enumerate(action.triggers):
            here = (id_, "triggers", n)
            yield from bare("actions", here, f"a trigger of `{id_}`", action, trigger)


# --- names ---------------------------------------------------------------------------------------


class Reference(NamedTuple):
    """An id where a rule names something; `nouns` are what it may name."""

    nouns: tuple[str, ...]
    id: str
    section: str
    path: Path_


ASKED: Final = ("question", "ambiguity", "value", "finding kind", "activity", "action")


def ids_undeclared(it: Subject) -> Iterator[Found]:
    """Ids that the pack declares nowhere: clauses, readings, activities, roles, kinds and others."""
    pack = it.pack
    declared = _declared(pack)
    references = [*_cited_references(pack)]
    for variant in (pack, *it.variants):
        references.extend(_references(variant))
    for nouns, id_, section, path in dict.fromkeys(references):
        known = {name for noun in nouns for name in declared[noun]}
        if id_ not in known:
            help_ = did_you_mean(id_, known) or f"a declared {nouns[0]} is one of {listed(known, 6)}"
            yield Found(section, path, f"there is no {nouns[0]} {quoted(id_)} in this pack", help_)


def _declared(pack: Pack) -> dict[str, set[str]]:
    activities = {*pack.activities, *pack.groups}
    return {
        "action": {*pack.actions},
        "activity": activities,
        "ambiguity": {*pack.readings},
        "channel": {*pack.channels},
        "clause": {*pack.clauses, "item"},
        "convention": {*pack.identity.conventions},
        "criterion": {*pack.rating},
        "decision": {*pack.decisions},
        "evidence kind": {*pack.evidence},
        "finding kind": {*pack.kinds, *pack.identity.kind_groups, "any"},
        "flag": {*pack.flags},
        "format": {*pack.formats},
        "level": {str(level) for level in pack.levels},
        "place": {*pack.places},
        "question": {*pack.questions},
        "record": {*pack.record_ids, *pack.groups},
        "return": _returns(pack),
        "role": {*pack.roles, "item", "none"},
        "source": {*pack.sources},
        "topic": {*pack.topics},
        "value": {*pack.values, *ENGINE_VALUES},
    }


def _returns(pack: Pack) -> set[str]:
    """Give the kinds of return, which are what a missed one may be of."""
    missed = pack.identity.missed_return
    kind = pack.kinds.get(missed.kind) if missed is not None else None
    types = kind.attributes.values() if kind is not None else ()
    return {value for type_ in types if isinstance(type_, OneOf) for value in type_.values}


def _cited_references(pack: Pack) -> Iterator[Reference]:
    for section, path, text in _citing(pack, "clause"):
        yield Reference(("clause",), text, section, path)
    for section, path, text in _citing(pack, "readings"):
        yield Reference(("ambiguity",), text, section, path)
    for section, path, text in _citing(pack, "conventions"):
        yield Reference(("convention",), text, section, path)


def _references(pack: Pack) -> Iterator[Reference]:
    yield from _of_identity(pack)
    yield from _of_vocabulary(pack)
    yield from _of_activities(pack)
    yield from _of_rows(pack)
    yield from _of_rules(pack)


def _all(noun: str | tuple[str, ...], ids: Iterable[str | None], section: str, *path: str | int) -> Iterator[Reference]:
    nouns = (noun,) if isinstance(noun, str) else noun
    yield from (Reference(nouns, id_, section, path) for id_ in ids if id_ is not None)


def _of_identity(pack: Pack) -> Iterator[Reference]:
    own = pack.identity
    for group, members in own.groups.items():
        if group != "records":  # that group declares its members
            yield from _all("record", members, "pack", "groups", group)
    for group, members in own.kind_groups.items():
        yield from _all("finding kind", members, "pack", "kind_groups", group)
    yield from _all("source", own.officer_sources, "pack", "officer_sources")
    yield from _all("record", [own.rating.confirmed_by], "pack", "rating", "confirmed_by")
    yield from _all("ambiguity", own.rating.ask_about, "pack", "rating", "ask_about")
    if own.scope is not None:
        yield from _all("flag", [own.scope.flag], "pack", "scope", "flag")
        yield from _all("action", own.scope.still, "pack", "scope", "still")
    if own.missed_return is not None:
        yield from _all("finding kind", [own.missed_return.kind], "pack", "missed_return", "kind")
    for id_, forum in own.forums.items():
        yield from _all("value", [forum.anchor], "pack", "forums", id_, "anchor")


def _of_vocabulary(pack: Pack) -> Iterator[Reference]:
    for part in ("fields", "settings", "facts"):
        for name, spec in getattr(pack, part).items():
            here = ("vocabulary", part, name)
            yield from _all("topic", [spec.topic], *here, "topic")
            yield from _all("value", [spec.dated_by], *here, "dated_by")
            yield from _all("role", spec.stated_by, *here, "stated_by")
            yield from _all("finding kind", spec.judges, *here, "judges")
            for key in ("counts", "exists", "states", "also", "marks"):
                tie = getattr(spec, key)
                yield from _all("finding kind", [tie.kind] if tie else [], *here, key)
    for name, kind in pack.kinds.items():
        yield from _all("topic", [kind.topic], "vocabulary", "kinds", name, "topic")
        asked = [kind.asks] if isinstance(kind.asks, str) else []
        yield from _all(ASKED, asked, "vocabulary", "kinds", name, "asks")


_CONDUCT: Final = {
    "lead": "role",
    "agenda": "topic",
    "location": "place",
    "fallbacks": "place",
    "channel": "channel",
    "format": "format",
}


def _of_activities(pack: Pack) -> Iterator[Reference]:
    for id_, spec in pack.activities.items():
        yield from _all("role", [spec.owner], "activities", id_, "owner")
        yield from _all("channel", [spec.channel], "activities", id_, "channel")
        yield from _all(("return", "evidence kind"), [spec.returns], "activities", id_, "returns")
        yield from _all("evidence kind", spec.needs, "activities", id_, "needs")
        yield from _of_rule(spec.rule, "activities", id_)
        for part, n, entry in _entries(spec.conduct):
            noun = _CONDUCT.get(part[-1], "role" if part[0] == "attendance" else None)
            if noun is not None:
                yield from _all(noun, [entry.value], "activities", id_, "conduct", *part, n)
            yield from _all(ASKED, [entry.question], "activities", id_, "conduct", *part, n)


def _entries(conduct: ConductSpec) -> Iterator[tuple[tuple[str, ...], int, Entry]]:
    for part in ConductSpec.model_fields:
        value = getattr(conduct, part)
        if part == "attendance":
            for which in ("required", "optional"):
                yield from (((part, which), n, e) for n, e in enumerate(getattr(value, which)))
        else:
            yield from (((part,), n, entry) for n, entry in enumerate(value))


def _of_rows(pack: Pack) -> Iterator[Reference]:
    for section in ("matrix", "supplements"):
        for id_, row in getattr(pack, section).items():
            yield from _all("activity", row.replaces, section, id_, "replaces")
            blank = row.blank.activities if row.blank else ()
            yield from _all("activity", blank, section, id_, "blank", "activities")
            for name, cells in row.activities.items():
                here = (section, id_, "activities", name)
                yield from _all("activity", [name], *here)
                for cell in cells:
                    yield from _all("role", [cell.owner], *here, "owner")
                    yield from _all("channel", [cell.channel], *here, "channel")
                    yield from _of_rule(cell.rule, *here)


def _of_rule(rule: f.Rule, section: str, *path: str | int) -> Iterator[Reference]:
    """Give what a frequency and what stands beside it name."""
    yield from _all("activity", [rule.waits_on], section, *path, "waits_on")
    yield from _all("role", [rule.owner], section, *path, "owner")
    yield from _all("channel", [rule.channel], section, *path, "channel")
    yield from _all(ASKED, rule.ask_about, section, *path, "ask_about")
    match rule.frequency:
        case f.Every(counts_from=other):
            yield from _all("activity", [other], section, *path, "from")
        case f.Alternating(other):
            yield from _all("activity", [other], section, *path, "alternating_with")
        case f.Attached(other):
            yield from _all("activity", [other], section, *path, "attached_to")
        case f.Ask(about):
            yield from _all(ASKED, about, section, *path, "ask")
        case f.Conflict(about):
            yield from _all(ASKED, about, section, *path, "conflict")
        case f.Cases(cases, otherwise):
            for n, (_, below) in enumerate(cases):
                yield from _of_rule(below, section, *path, "cases", n, "use")
            if otherwise is not None:
                yield from _of_rule(otherwise, section, *path, "otherwise")
        case f.ByValue(_, options, otherwise):
            for option, below in options.items():
                yield from _of_rule(below, section, *path, "options", option)
            if otherwise is not None:
                yield from _of_rule(otherwise, section, *path, "otherwise")
    yield from _all("value", _fields_of(rule), section, *path)


def _fields_of(rule: f.Rule) -> Iterator[str]:
    """Name the values that a frequency itself reads, not those below it."""
    match rule.frequency:
        case f.Anchored(anchor=name) | f.ByValue(name=name):
            yield name
        case f.Monthly(by_day=str(day)) if day != "last":
            yield day
        case f.Quarterly(start, by_day):
            yield start
            if isinstance(by_day, str) and by_day != "last":
                yield by_day
        case f.Termly(terms):
            yield terms
        case f.OnceEach(year_from) if not re.fullmatch(r"\d\d-\d\d", year_from):
            yield year_from


def _of_rules(pack: Pack) -> Iterator[Reference]:
    for id_, criterion in pack.rating.items():
        yield from _all("level", [str(criterion.level)], "rating", id_, "level")
        yield from _all("criterion", criterion.of, "rating", id_, "of")
    for id_, action in pack.actions.items():
        here = ("actions", id_)
        yield from _all("role", [action.owner], *here, "owner")
        yield from _all("role", action.decided_by, *here, "decided_by")
        yield from _all("record", action.closed_by or (), *here, "closed_by")
        yield from _all("question", action.discretion, *here, "discretion")
        yield from _of_due(action.due, *here, "due")
        if action.for_each is not None:
            yield from _all("activity", action.for_each.item, *here, "for_each", "item")
        if action.enough is not None:
            yield from _all("record", [action.enough.records], *here, "enough", "records")
            yield from _all("decision", [action.enough.decision], *here, "enough", "decision")
        for n, trigger in enumerate(action.triggers):
            at = (*here, "triggers", n)
            yield from _all("role", trigger.decided_by, *at, "decided_by")
            yield from _all("record", trigger.closed_by or (), *at, "closed_by")
            yield from _of_due(trigger.due, *at, "due")
    for id_, flag in pack.flags.items():
        yield from _all("value", flag.names, "flags", id_, "names")
    for id_, question in pack.questions.items():
        yield from _all("role", question.who, "questions", id_, "who")
        yield from _all("topic", [question.topic], "questions", id_, "topic")
        about = [entry.value for entry in question.about]
        yield from _all(ASKED, about, "questions", id_, "about")
    for id_, reading in pack.readings.items():
        yield from _all("role", reading.who, "readings", id_, "who")
        yield from _all("topic", [reading.topic], "readings", id_, "topic")
        yield from _all("convention", reading.fixed_by, "readings", id_, "fixed_by")


def _of_due(due: object, section: str, *path: str | int) -> Iterator[Reference]:
    if isinstance(due, Mapping):
        for key in ("anchor", "monthly_on"):
            yield from _all("value", [due.get(key)], section, *path, key)
        yield from _all("ambiguity", [due.get("by_choice")], section, *path, "by_choice")
        for option, below in due.items():
            yield from _of_due(below, section, *path, option)


def options_undeclared(it: Subject) -> Iterator[Found]:
    """Choices by reading among ambiguities or options that `readings.yaml` does not have."""
    pack = it.pack
    for section in RULES:
        for path, raw in _mappings(pack.data.get(section), ()):
            name = raw.get("by_reading", raw.get("by_choice"))
            if name is None:
                continue
            reading = pack.readings.get(str(name))
            if reading is None:
                help_ = did_you_mean(str(name), pack.readings)
                yield Found(section, (*path, "by_reading"), f"there is no ambiguity {quoted(name)}", help_)
                continue
            known = {*reading.options, *(f"r{n}" for n in range(1, len(reading.options) + 1))}
            for option in raw:
                if option not in {*known, "otherwise", "by_reading", "by_choice"}:
                    message = f"{quoted(name)} has no reading {quoted(option)}"
                    help_ = did_you_mean(str(option), known) or f"it has {listed(reading.options)}"
                    yield Found(section, (*path, option), message, help_, key=True)


def attributes_undeclared(it: Subject) -> Iterator[Found]:
    """Names inside `where` that are no attribute of what is looked at."""
    pack = it.pack
    for variant, section, path, condition in _all_conditions(it):
        for part in walk(condition):
            known = _attributes(variant, part)
            if known is None:
                continue
            for leaf in leaves(part.where):  # type: ignore[union-attr]  # only these have attributes
                if leaf.name not in known and not leaf.name.startswith("this."):
                    message = f"{quoted(leaf.name)} is no attribute of what `where` looks at"
                    yield Found(section, path, message, did_you_mean(leaf.name, known))


def _attributes(pack: Pack, condition: Condition) -> set[str] | None:
    values = {*pack.values, *ENGINE_VALUES}
    match condition:
        case Findings(kinds=kinds):
            own = {a for k in pack.members("kind", kinds) if k in pack.kinds for a in pack.kinds[k].attributes}
            return {*FINDING, *own, *values}
        case Over("item"):
            return {*ITEM}
        case Over("decision", ids):
            carried = {c for i in ids if i in pack.decisions for c in pack.decisions[i].carries}
            return {*DECISION, *carried}
        case Over():
            return {*RECORD}
        case Result():
            return {*ACTION}
    return None


def values_impossible(it: Subject) -> Iterator[Found]:
    """Tests for a value that the type of what they read does not have."""
    pack = it.pack
    for variant, section, path, condition in _all_conditions(it):
        for part in walk(condition):
            if isinstance(part, Findings):
                yield from _impossible_attributes(variant, part, section, path)
            elif isinstance(part, Is) and part.name in variant.values:
                kind = variant.values[part.name].type
                yield from _impossible(part.name, kind, part.test, section, path)


def _impossible_attributes(pack: Pack, part: Findings, section: str, path: Path_) -> Iterator[Found]:
    for leaf in leaves(part.where):
        kinds = [pack.kinds[k] for k in pack.members("kind", part.kinds) if k in pack.kinds]
        declared = [k.attributes[leaf.name] for k in kinds if leaf.name in k.attributes]
        if len(declared) == 1:
            yield from _impossible(leaf.name, declared[0], leaf.test, section, path)


def _impossible(name: str, kind: Type, test: Test, section: str, path: Path_) -> Iterator[Found]:
    match kind:
        case OneOf(values) | SetOf(values) | MapOf(values=values) if values:
            for literal in _literals(test.plain):
                if literal not in values:
                    message = f"{quoted(name)} is never {quoted(literal)}"
                    help_ = did_you_mean(str(literal), values) or f"it is one of {listed(values)}"
                    yield Found(section, path, message, help_)


def _literals(plain: object) -> Iterator[object]:
    if isinstance(plain, Mapping):
        for key, value in plain.items():
            if key in ("is", "in", "not", "any"):
                yield from _literals(value)
    elif isinstance(plain, list):
        yield from plain
    elif plain is not None:
        yield plain


# --- what is never read, closed or answered ------------------------------------------------------


def _all_conditions(it: Subject) -> Iterator[tuple[Pack, str, Path_, Condition]]:
    """Give the conditions under every reading, each once."""
    seen: set[int] = set()
    for pack in (it.pack, *it.variants):
        for section, path, condition in _conditions(pack):
            if id(condition) not in seen:
                seen.add(id(condition))
                yield pack, section, path, condition


def _conditions(pack: Pack) -> Iterator[tuple[str, Path_, Condition]]:
    """Give every condition, those of scope, conduct, frequencies, kinds and values too."""
    yield from ((s, p, c) for s, p, c in conditions(pack) if c is not None)
    if pack.identity.scope is not None:
        yield "pack", ("scope", "out_when"), pack.identity.scope.out_when
    for id_, action in pack.actions.items():
        if action.for_each is not None:
            over = Over("item", action.for_each.item, action.for_each.where)
            yield "actions", (id_, "for_each"), over
        for n, trigger in enumerate(action.triggers):
            if not isinstance(trigger.event, str):
                yield "actions", (id_, "triggers", n, "event"), trigger.event
    for id_, question in pack.questions.items():
        for n, entry in enumerate(question.about):
            if entry.when is not None:
                yield "questions", (id_, "about", n), entry.when
    for part in ("fields", "settings", "facts"):
        for id_, spec in getattr(pack, part).items():
            if spec.adverse_when is not None:
                yield "vocabulary", (part, id_, "adverse_when"), spec.adverse_when
    for id_, kind in pack.kinds.items():
        if kind.benign is not None:
            where = Findings("some", (id_,), kind.benign)
            yield "vocabulary", ("kinds", id_, "benign"), where
    for id_, activity in pack.activities.items():
        yield from _conditions_of(activity.rule, "activities", (id_,))
        for below, n, entry in _entries(activity.conduct):
            yield "activities", (id_, "conduct", *below, n), entry.when
    for section in ("matrix", "supplements"):
        for id_, row in getattr(pack, section).items():
            for name, cells in row.activities.items():
                for cell in cells:
                    yield from _conditions_of(cell.rule, section, (id_, "activities", name))


def _conditions_of(rule: f.Rule, section: str, path: Path_) -> Iterator[tuple[str, Path_, Condition]]:
    match rule.frequency:
        case f.Attached(when=when):
            yield section, (*path, "when"), when
        case f.Cases(cases, otherwise):
            for n, (when, below) in enumerate(cases):
                yield section, (*path, "cases", n, "when"), when
                yield from _conditions_of(below, section, (*path, "cases", n, "use"))
            if otherwise is not None:
                yield from _conditions_of(otherwise, section, (*path, "otherwise"))
        case f.ByValue(_, options, otherwise):
            for option, below in options.items():
                yield from _conditions_of(below, section, (*path, "options", option))
            if otherwise is not None:
                yield from _conditions_of(otherwise, section, (*path, "otherwise"))


def values_unused(it: Subject) -> Iterator[Found]:
    """Fields, settings and facts that nothing reads."""
    pack = it.pack
    read = set(ENGINE_READS)
    for variant in (pack, *it.variants):
        read.update(_named(variant))
    read.update(name for _, _, _, condition in _all_conditions(it) for name in _read(condition))
    for part in ("fields", "settings", "facts"):
        for name, spec in getattr(pack, part).items():
            if name not in read and not _tied(spec):
                message = f"nothing reads the {part.removesuffix('s')} `{name}`"
                yield Found("vocabulary", (part, name), message, "use it in a rule, or remove it", key=True)


def _tied(spec: ValueSpec) -> bool:
    """A fact that speaks of findings is read wherever they are."""
    return any((spec.tie, spec.also, spec.marks, spec.judges))


def _read(condition: Condition) -> Iterator[str]:
    for part in walk(condition):
        if isinstance(part, Is):
            yield part.name
            yield from part.test.names
        elif isinstance(part, Findings) and part.test is not None:
            yield from part.test.names


def _named(pack: Pack) -> Iterator[str]:
    """Name the values that are read otherwise than by a condition."""
    for nouns, id_, _, path in _references(pack):
        if "value" in nouns and path[-1:] != ("about",):
            yield id_
    for kind in pack.kinds.values():
        yield from (name for _, name in _plain_keys(kind.adverse))
    for spec in pack.values.values():
        yield from (name for option in spec.derive for name in _given(option.value))
    for mapping in pack.imports.values():
        if isinstance(mapping, Mapping):
            yield from (text for _, text in _plain_texts(mapping.get("fields"), ()))


def _plain_keys(raw: object) -> Iterator[tuple[Path_, str]]:
    for path, mapping in _mappings(raw, ()):
        yield from ((path, str(key)) for key in mapping)


def _given(value: object) -> Iterator[str]:
    if isinstance(value, Mapping) and isinstance(value.get("value"), str):
        yield value["value"]


def actions_never_closed(it: Subject) -> Iterator[Found]:
    """Actions that stand whatever is done."""
    pack = it.pack
    for variant in (pack, *it.variants):
        for id_, action in variant.actions.items():
            always = action.for_each is None and any(t.when == ALWAYS for t in action.triggers)
            ends = action.closed_when is not None or action.enough is not None
            if action.standing and always and not ends:
                message = f"nothing closes the action `{id_}`: it stands, and its trigger always holds"
                help_ = "give the trigger a condition that ends, or leave out `standing`"
                yield Found("actions", (id_,), message, help_, key=True)
            if action.closed_by == () and not ends and not action.standing:
                message = f"nothing closes the action `{id_}`"
                yield Found("actions", (id_,), message, "name the records that close it", key=True)


def questions_never_answered(it: Subject) -> Iterator[Found]:
    """Questions that say no input by which they are answered, or one that there is not."""
    pack = it.pack
    declared = _declared(pack)
    names = {*declared["record"], *declared["value"], *declared["criterion"], *RECORD, *FINDING}
    for section in ("questions", "readings"):
        for id_, spec in getattr(pack, section).items():
            if section == "questions" and not spec.answered_by:
                message = f"nothing answers the question `{id_}`"
                help_ = "name the field, fact, record or decision that does in `answered_by`"
                yield Found(section, (id_,), message, help_, key=True)
            for answer in spec.answered_by:
                if not _can_be_given(answer, declared, names):
                    message = f"nothing that can be given is called {quoted(answer)}"
                    help_ = "name a field, a fact, a record, `record ID …`, `decision NAME` or `reading ID`"
                    yield Found(section, (id_, "answered_by"), message, help_)


def _can_be_given(answer: str, declared: Mapping[str, set[str]], names: set[str]) -> bool:
    match answer.split():
        case ["decision", name]:
            return name in declared["decision"]
        case ["reading", name]:
            return name in declared["ambiguity"]
        case ["record" | "planned" | "requested", name] | ["record", name, _]:
            return name in declared["record"]
        case [name] | [name, "of", "the", "finding"]:
            return name in names
    return False


# --- words ---------------------------------------------------------------------------------------


def criteria_naming_levels(it: Subject) -> Iterator[Found]:
    """Criteria whose id names a level: it would lie when the criterion moves to another."""
    pack = it.pack
    for id_ in pack.rating:
        words = id_.split("_")
        for level, spec in pack.levels.items():
            if {str(level), f"level{level}", f"l{level}"} & set(words) or f"_{spec.id}_" in f"_{id_}_":
                message = f"the id of the criterion `{id_}` names level {level}"
                yield Found("rating", (id_,), message, "call it after what it says", key=True)


def wording_repeated(it: Subject) -> Iterator[Found]:
    """Two rules of one kind in the same words, which nobody could tell apart."""
    pack = it.pack
    sources: tuple[tuple[str, tuple[str, ...], Mapping[str, Any], str], ...] = (
        ("rating", (), pack.rating, "text"),
        ("actions", (), pack.actions, "text"),
        ("flags", (), pack.flags, "text"),
        ("questions", (), pack.questions, "ask"),
        ("readings", (), pack.readings, "ask"),
        ("clauses", (), pack.clauses, "says"),
        ("vocabulary", ("fields",), pack.fields, "ask"),
        ("vocabulary", ("facts",), pack.facts, "ask"),
        ("vocabulary", ("kinds",), pack.kinds, "label"),
    )
    for section, part, rules, key in sources:
        first: dict[str, str] = {}
        for id_, rule in rules.items():
            words = " ".join(getattr(rule, key).casefold().split()).rstrip(".")
            if words and first.setdefault(words, id_) != id_:
                message = f"`{id_}` has the words of `{first[words]}`"
                yield Found(section, (*part, id_, key), message, "say how they differ")


CHECKS: Final[tuple[Check, ...]] = (
    Check("undeclared", "error", ids_undeclared),
    Check("undeclared-option", "error", options_undeclared),
    Check("undeclared-attribute", "error", attributes_undeclared),
    Check("impossible-value", "error", values_impossible),
    Check("uncited-clause", "error", clauses_uncited),
    Check("clause-without-reason", "error", clauses_without_reason),
    Check("guidance-cited", "notice", guidance_cited),
    Check("no-clause", "error", rules_without_clause),
    Check("unused", "error", values_unused),
    Check("never-closed", "error", actions_never_closed),
    Check("never-answered", "error", questions_never_answered),
    Check("level-in-id", "error", criteria_naming_levels),
    Check("repeated-wording", "notice", wording_repeated),
)
