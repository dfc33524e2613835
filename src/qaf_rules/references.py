"""What the rules of a pack name and cite, and where their conditions stand, under every reading.

`pack.conditions` has what must be declared before a pack loads; here is everything else that an
author may have got wrong, with its place in the files.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from qaf_rules import frequency as f
from qaf_rules import recurrence as r
from qaf_rules.condition import Condition, Findings, Over
from qaf_rules.errors import PackError, did_you_mean, listed, quoted
from qaf_rules.model import Finding
from qaf_rules.names import ENGINE_VALUES, conditions, conduct_entries
from qaf_rules.pack import Pack, Path_, changed
from qaf_rules.pathway import PathwaySpec
from qaf_rules.schema import Tie
from qaf_rules.sharing import ANY, Contents
from qaf_rules.values import OneOf
from qaf_rules.workdays import NEXT, NONE, PREVIOUS

SECTIONS: Final = (
    "pack",
    "vocabulary",
    "activities",
    "matrix",
    "supplements",
    "rating",
    "actions",
    "flags",
    "questions",
    "pathway",
    "sharing",
    "readings",
)
TOLD: Final = frozenset({"source", "changes", "circulation", "references", "principles"})
"""Parts of `pack.yaml` from which nothing follows; what they cite rests on no rule."""

CONDITION_KEYS: Final = frozenset(
    {"when", "where", "event", "adverse", "benign", "out_when", "only_when", "closed_when"}
    | {"asked_when", "adverse_when", "unless"}
)
"""The keys of the pack language that hold a condition."""


# --- the rules of every reading ------------------------------------------------------------------


def variants_of(pack: Pack) -> Iterator[Pack | PackError]:
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
    for section in SECTIONS:
        depth = {"pack": 0, "vocabulary": 2}.get(section, 1)
        seen: set[tuple[str, Path_]] = set()
        for path, raw in mappings(pack.data.get(section), ()):
            name, entry = raw.get("by_reading"), path[:depth]
            if name is not None and len(path) >= depth and (str(name), entry) not in seen:
                seen.add((str(name), entry))
                whole = at(pack.data[section], entry)
                found.setdefault(str(name), []).append((section, entry, whole))
    return found


def mappings(raw: object, path: Path_) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    """Give every mapping of plain data with its path."""
    if isinstance(raw, dict):
        yield path, raw
        for key, value in raw.items():
            yield from mappings(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from mappings(value, (*path, n))


def at(raw: Any, path: Path_) -> Any:  # plain data
    """Give the plain data at a path."""
    for key in path:
        raw = raw[key]
    return raw


def plain_texts(raw: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Give the texts of plain data with their places; of a choice by reading, its options'."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key != "by_reading":
                yield from plain_texts(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from plain_texts(value, (*path, n))
    elif isinstance(raw, str):
        yield path, raw


def citing(pack: Pack, key: str) -> Iterator[tuple[str, Path_, str]]:
    """Give what stands under `clause`, `readings` or `conventions`, outside of conditions."""
    for section in SECTIONS:
        for path, raw in mappings(pack.data.get(section), ()):
            if (section, path, key) == ("pack", (), "conventions"):
                continue  # it declares them
            if key in raw and CONDITION_KEYS.isdisjoint(map(str, path)):
                for place, text in plain_texts(raw[key], (*path, key)):
                    yield section, place, text


# --- names ---------------------------------------------------------------------------------------


class Reference(NamedTuple):
    """An id where a rule names something; `nouns` are what it may name."""

    nouns: tuple[str, ...]
    id: str
    section: str
    path: Path_


EVENT: Final = ("value", "activity")
ASKED: Final = ("question", "ambiguity", "value", "finding kind", "activity", "action")


def declared_in(pack: Pack) -> dict[str, set[str]]:
    """Give the ids that a pack declares, by what they are of."""
    activities = {*pack.activities, *pack.groups}
    return {
        "action": {*pack.actions},
        "activity": activities,
        "ambiguity": {*pack.readings},
        "audience": {*pack.identity.audiences, ANY},
        "channel": {*pack.channels},
        "clause": {*pack.clauses, "item"},
        "contact": {*pack.identity.contacts},
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
        "step": {*pack.identity.steps},
        "subject": {*pack.identity.subjects, ANY},
        "topic": {*pack.topics},
        "value": {*pack.values, *ENGINE_VALUES},
        **{_attribute_of(name): {*kind.attributes, "source"} for name, kind in pack.kinds.items()},
    }


def _attribute_of(kind: str) -> str:
    return f"attribute of {kind}"


def _returns(pack: Pack) -> set[str]:
    """Give the kinds of return, which are what a missed one may be of."""
    missed = pack.identity.missed_return
    kind = pack.kinds.get(missed.kind) if missed is not None else None
    types = kind.attributes.values() if kind is not None else ()
    return {value for type_ in types if isinstance(type_, OneOf) for value in type_.values}


def citations_in(pack: Pack) -> Iterator[Reference]:
    """Give the clauses, readings and conventions that rules cite."""
    for section, path, text in citing(pack, "clause"):
        yield Reference(("clause",), text, section, path)
    for section, path, text in citing(pack, "readings"):
        yield Reference(("ambiguity",), text, section, path)
    for section, path, text in citing(pack, "conventions"):
        yield Reference(("convention",), text, section, path)


def references_in(pack: Pack) -> Iterator[Reference]:
    """Give every id that a rule names, conditions aside."""
    yield from _of_identity(pack)
    yield from _of_vocabulary(pack)
    yield from _of_activities(pack)
    yield from _of_rows(pack)
    yield from _of_rules(pack)
    yield from _of_sharing(pack)


def undeclared_ids(
    pack: Pack, variants: Iterable[Pack] = ()
) -> Iterator[tuple[str, Path_, str, str]]:
    """Find ids that a pack declares nowhere: clauses, readings, activities, roles and others.

    `variants` are the pack under other readings. Gives section, path, what is wrong, and help.
    """
    declared = declared_in(pack)
    references = [*citations_in(pack)]
    for variant in (pack, *variants):
        references.extend(references_in(variant))
    for nouns, id_, section, path in dict.fromkeys(references):
        if not any(id_ in declared[noun] for noun in nouns):
            known = sorted({name for noun in nouns for name in declared[noun]})
            help_ = did_you_mean(id_, known) or f"there is {listed(known, 6)}"
            yield section, path, f"there is no {nouns[0]} {quoted(id_)} in this pack", help_


def _all(
    noun: str | tuple[str, ...], ids: Iterable[str | None], section: str, *path: str | int
) -> Iterator[Reference]:
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
    for n, lapse in enumerate(own.lapses):
        kind, dot, _ = lapse.fact.partition(".")
        noun = "finding kind" if dot else "value"
        yield from _all(noun, [kind], "pack", "lapses", n, "fact")
    yield from _all("record", own.contact, "pack", "contact")
    yield from _all("record", [own.requests], "pack", "requests")
    for id_, audience in own.audiences.items():
        yield from _all("audience", audience.members, "pack", "audiences", id_, "members")
    for id_, forum in own.forums.items():
        here = ("pack", "forums", id_)
        yield from _all("value", [forum.anchor], *here, "anchor")
        yield from _all("audience", [forum.audience], *here, "audience")
        yield from _all("subject", forum.takes, *here, "takes")
        yield from _all("action", forum.actions, *here, "actions")
    for id_, subject in own.subjects.items():
        yield from _of_contents(subject.holds, "pack", "subjects", id_, "holds")


def _of_attribute(
    pack: Pack, fact: str, tie: Tie | None, section: str, *path: str
) -> Iterator[Reference]:
    """Name the attribute that a fact tells, but for what every finding has."""
    told = (tie.attribute or fact) if tie is not None and tie.kind in pack.kinds else None
    if tie is not None and told not in Finding.model_fields:
        yield from _all(_attribute_of(tie.kind), [told], section, *path, "attribute")


def _of_vocabulary(pack: Pack) -> Iterator[Reference]:
    for part in ("fields", "settings", "facts"):
        for name, spec in getattr(pack, part).items():
            here = ("vocabulary", part, name)
            yield from _all("topic", [spec.topic], *here, "topic")
            yield from _all("value", [spec.dated_by], *here, "dated_by")
            yield from _all("value", spec.stands_until.values(), *here, "stands_until")
            yield from _all("role", spec.stated_by, *here, "stated_by")
            yield from _all("audience", spec.asked_by, *here, "asked_by")
            yield from _all("finding kind", spec.judges, *here, "judges")
            for key in ("counts", "exists", "states", "also", "marks"):
                tie = getattr(spec, key)
                yield from _all("finding kind", [tie.kind] if tie else [], *here, key)
            for key in ("states", "also"):
                yield from _of_attribute(pack, name, getattr(spec, key), *here, key)
    for name, kind in pack.kinds.items():
        yield from _all("topic", [kind.topic], "vocabulary", "kinds", name, "topic")
        asked = [kind.asks] if isinstance(kind.asks, str) else []
        yield from _all(ASKED, asked, "vocabulary", "kinds", name, "asks")
        asked_of = _attribute_of(name)
        yield from _all(asked_of, kind.ask_about, "vocabulary", "kinds", name, "ask_about")
        sought = ("evidence kind", "finding kind")
        yield from _all(sought, kind.seek, "vocabulary", "kinds", name, "seek")


_CONDUCT: Final[Mapping[str, str | tuple[str, ...]]] = {
    "lead": "role",
    "agenda": "topic",
    "location": "place",
    "fallbacks": ("place", "format"),
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
        for n, brought in enumerate(spec.brings):
            yield from _all("action", [brought.value], "activities", id_, "brings", n)
            yield from _all("channel", [brought.channel], "activities", id_, "brings", n)
        for part, n, entry in conduct_entries(spec.conduct):
            noun = _CONDUCT.get(part[-1], "role" if part[0] == "attendance" else None)
            if noun is not None:
                yield from _all(noun, [entry.value], "activities", id_, "conduct", *part, n)
            yield from _all(ASKED, [entry.question], "activities", id_, "conduct", *part, n)


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
        case r.Alternating(others):
            yield from _all("activity", others, section, *path, "alternating_with")
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
    yield from _all(EVENT, f.events(rule.frequency), section, *path)


def _fields_of(rule: f.Rule) -> Iterator[str]:
    """Name the values that a frequency itself reads, not those below it."""
    roll = rule.own_dates.get("roll", NONE)
    if roll not in (NONE, NEXT, PREVIOUS):
        yield roll
    if isinstance(rule.frequency, f.ByValue):
        yield rule.frequency.name
    yield from f.names(rule.frequency)
    if rule.changed is not None:
        yield from f.names(rule.changed.was)


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
    for id_, pathway in pack.pathway.items():
        yield from _of_pathway(pathway, "pathway", id_)
    for id_, reading in pack.readings.items():
        yield from _all("role", reading.who, "readings", id_, "who")
        yield from _all("topic", [reading.topic], "readings", id_, "topic")
        yield from _all("convention", reading.fixed_by, "readings", id_, "fixed_by")


def _of_pathway(pathway: PathwaySpec, *here: str) -> Iterator[Reference]:
    yield from _all("value", [pathway.recorded_in], *here, "recorded_in")
    for name, state in pathway.states.items():
        yield from _all("action", state.actions, *here, "states", name, "actions")
    for name, transition in pathway.transitions.items():
        at_ = (*here, "transitions", name)
        yield from _all("action", transition.actions, *at_, "actions")
        yield from _all("role", transition.decided_by, *at_, "decided_by")
        yield from _all("role", transition.decided_with, *at_, "decided_with")
        yield from _all("role", [transition.owner], *at_, "owner")
        records = [c for c in transition.closed_by if c not in pathway.transitions]
        yield from _all("record", records, *at_, "closed_by")
        yield from _all("value", transition.settled_by, *at_, "settled_by")


def _of_sharing(pack: Pack) -> Iterator[Reference]:
    for id_, rule in pack.sharing.items():
        here = ("sharing", id_)
        yield from _all("subject", rule.what, *here, "what")
        yield from _all("audience", rule.audience, *here, "audience")
        yield from _all("channel", [rule.channel], *here, "channel")
        yield from _all("contact", [rule.contact], *here, "contact")
        yield from _all("role", rule.decided_by, *here, "decided_by")
        yield from _all("question", rule.discretion, *here, "discretion")
        for part in ("steps", "exempt"):
            for n, step in enumerate(getattr(rule, part)):
                yield from _all("step", [step.value], *here, part, n)
        if rule.gives is not None:
            yield from _of_contents(rule.gives, *here, "gives")


def _of_contents(contents: Contents, section: str, *path: str | int) -> Iterator[Reference]:
    yield from _all("value", contents.values, section, *path, "values")
    for n, chosen in enumerate(contents.findings):
        yield from _all("finding kind", [chosen.kind], section, *path, "findings", n)


def _of_due(due: object, section: str, *path: str | int) -> Iterator[Reference]:
    if isinstance(due, Mapping):
        for key in ("anchor", "monthly_on"):
            yield from _all("value", [due.get(key)], section, *path, key)
        yield from _all("ambiguity", [due.get("by_choice")], section, *path, "by_choice")
        for option, below in due.items():
            yield from _of_due(below, section, *path, option)


# --- conditions ----------------------------------------------------------------------------------


def conditions_in(pack: Pack) -> Iterator[tuple[str, Path_, Condition]]:
    """Give every condition, and what stands by itself for items and findings, as asked of some."""
    yield from conditions(pack)
    for section, path, contents in _contents_in(pack):
        for n, chosen in enumerate(contents.findings):
            yield section, (*path, n), Findings("some", (chosen.kind,), chosen.where)
    for id_, action in pack.actions.items():
        if action.for_each is not None:
            over = Over("item", action.for_each.item, action.for_each.where)
            yield "actions", (id_, "for_each"), over
    for id_, kind in pack.kinds.items():
        for key, where in (("adverse", kind.adverse), ("benign", kind.benign)):
            if where is not None and not isinstance(where, bool):
                yield "vocabulary", ("kinds", id_, key), Findings("some", (id_,), where)


def _contents_in(pack: Pack) -> Iterator[tuple[str, Path_, Contents]]:
    for id_, subject in pack.identity.subjects.items():
        yield "pack", ("subjects", id_, "holds", "findings"), subject.holds
    for id_, rule in pack.sharing.items():
        if rule.gives is not None:
            yield "sharing", (id_, "gives", "findings"), rule.gives
