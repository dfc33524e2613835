"""What is doubtful in a pack that loads: one function a check, each with its id and severity.

A fault of the schema, or a name in a condition that is declared nowhere, keeps a pack from
loading and is told there. Everything else that an author may have got wrong is found here, in the
rules of every reading, not only of those taken. What is found is an error where the pack says
something other than it seems to, and a notice where it may be meant.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from qaf_rules.attributes import FINDING, RECORD, conditions_of, undeclared_attributes
from qaf_rules.condition import ALWAYS, Condition, Findings, Is, leaves, walk
from qaf_rules.disclosure import LEAKS
from qaf_rules.errors import Diagnostic, PackError, did_you_mean, listed, quoted
from qaf_rules.guards import listed_values
from qaf_rules.names import ENGINE_READS
from qaf_rules.overlay import Part
from qaf_rules.pack import Pack, Path_, load_pack, unknown_names
from qaf_rules.references import (
    SECTIONS,
    TOLD,
    citing,
    declared_in,
    mappings,
    plain_texts,
    references_in,
    undeclared_ids,
    variants_of,
)
from qaf_rules.schema import ValueSpec
from qaf_rules.soundness import FLAWS, MISSING, Flaw, installed
from qaf_rules.values import Fault, MapOf, OneOf, SetOf, Simple, Type, parse_value

__all__ = ["CHECKS", "Check", "check", "deferred", "unloaded"]

UNDECLARED: Final = "undeclared"
DEFERRABLE: Final = ("sharing", "pathway", "pamms_stages")
"""The topics to which a clause may be put off."""

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
    for variant in variants_of(pack):
        if isinstance(variant, Pack):
            variants.append(variant)
        for fault in (
            variant.diagnostics if isinstance(variant, PackError) else unknown_names(variant)
        ):
            told.setdefault((fault.code, _where(fault), fault.message), fault)
    for one in CHECKS:
        for found in one.find(Subject(pack, tuple(variants))):
            placed = _placed(pack, one.id, one.severity, found)
            told.setdefault((one.id, _where(placed), placed.message), placed)
    if on is not None and pack.identity.review_by is not None and on > pack.identity.review_by:
        message = f"the document was to be reviewed by {pack.identity.review_by}"
        past = Found("pack", ("review_by",), message, "ask for the new edition")
        told["past-review", "", message] = _placed(pack, "past-review", "notice", past)
    if pack.pathway and not installed():
        lacking = Found("pathway", (), MISSING, "install it: pip install 'qaf-rules[cli]'")
        told["unverified", "", MISSING] = _placed(pack, "unverified", "error", lacking)
    return tuple(sorted(told.values(), key=lambda d: (d.file or "", d.line or 0, d.column or 0)))


def unloaded(name: str | Path, why: PackError) -> PackError:
    """Give what keeps a pack from loading, with the ids that it declares nowhere beside it.

    `name` is the pack's, or its folder; `why` what was raised. Where the pack has another form than
    it should, its ids cannot be read, and only that is told.
    """
    try:
        pack = load_pack(name, check=False)
    except PackError:
        return why
    ids = ids_undeclared(Subject(pack, ()))
    return PackError([*why.diagnostics, *(_placed(pack, UNDECLARED, "error", i) for i in ids)])


def deferred(pack: Pack) -> Mapping[str, int]:
    """Count the deferred clauses by the topic to which each is put off."""
    return Counter(c.because for c in pack.clauses.values() if c.rule == "deferred")


def _where(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"


def _placed(pack: Pack, code: str, severity: Severity, found: Found) -> Diagnostic:
    places = pack.documents.get(found.section) or Part(found.section, None)
    made = places.diagnostic(found.path, found.message, help=found.help, key=found.key, code=code)
    return dataclasses.replace(made, severity=severity)


# --- clauses -------------------------------------------------------------------------------------


def _rule_citations(pack: Pack) -> dict[str, list[tuple[str, Path_]]]:
    """Give where rules cite each clause; what is only told of the source is no rule."""
    found: dict[str, list[tuple[str, Path_]]] = {}
    for section, path, text in citing(pack, "clause"):
        if not (section == "pack" and path[0] in TOLD):
            found.setdefault(text, []).append((section, path))
    return found


def clauses_uncited(it: Subject) -> Iterator[Found]:
    """Find executable clauses that no rule cites."""
    pack = it.pack
    cited = _rule_citations(pack)
    for id_, clause in pack.clauses.items():
        if clause.rule == "executable" and id_ not in cited:
            message = f"the clause `{id_}` is executable, and no rule cites it"
            help_ = "cite it where it holds, or say in `because` why it is guidance"
            yield Found("clauses", (id_,), message, help_, key=True)


def clauses_without_reason(it: Subject) -> Iterator[Found]:
    """Find guidance that does not say why it has no rule, and deferred clauses without a topic."""
    pack = it.pack
    for id_, clause in pack.clauses.items():
        if clause.rule == "guidance" and not clause.because.strip():
            message = f"the clause `{id_}` is guidance without a reason"
            yield Found(
                "clauses", (id_,), message, "say in `because` why there is no rule", key=True
            )
        if clause.rule == "deferred" and clause.because not in DEFERRABLE:
            message = f"the clause `{id_}` is deferred without a topic"
            help_ = f"`because` is one of {listed(DEFERRABLE)}"
            yield Found("clauses", (id_,), message, help_, key=True)


def guidance_cited(it: Subject) -> Iterator[Found]:
    """Find guidance and deferred clauses that a rule cites all the same."""
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
    """Find rules that cite no clause, and rest on no reading or convention either."""
    pack = it.pack

    def bare(
        section: str, path: Path_, what: str, *cited: Any
    ) -> Iterator[Found]:  # any of the rules
        if not any(c.clause or c.readings or c.conventions for c in cited):
            yield Found(
                section, path, f"{what} cites no clause", "name what it comes from", key=True
            )

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
    nouns = {"rating": "criterion", "flags": "flag", "questions": "question", "sharing": "rule"}
    for section, noun in nouns.items():
        for id_, rule in getattr(pack, section).items():
            yield from bare(section, (id_,), f"the {noun} `{id_}`", rule)
    for id_, pathway in pack.pathway.items():
        for name, row in pathway.transitions.items():
            here = (id_, "transitions", name)
            yield from bare("pathway", here, f"the transition `{name}`", row)
    for id_, action in pack.actions.items():
        for n, trigger in enumerate(action.triggers):
            here = (id_, "triggers", n)
            yield from bare("actions", here, f"a trigger of `{id_}`", action, trigger)


# --- names ---------------------------------------------------------------------------------------


def ids_undeclared(it: Subject) -> Iterator[Found]:
    """Find ids that the pack declares nowhere: clauses, readings, activities, roles and others."""
    for section, path, message, help_ in undeclared_ids(it.pack, it.variants):
        yield Found(section, path, message, help_)


def options_undeclared(it: Subject) -> Iterator[Found]:
    """Find choices by reading among ambiguities or options that `readings.yaml` does not have."""
    pack = it.pack
    for section in SECTIONS:
        for path, raw in mappings(pack.data.get(section), ()):
            name = raw.get("by_reading", raw.get("by_choice"))
            if name is None:
                continue
            reading = pack.readings.get(str(name))
            if reading is None:
                help_ = did_you_mean(str(name), pack.readings)
                yield Found(
                    section, (*path, "by_reading"), f"there is no ambiguity {quoted(name)}", help_
                )
                continue
            known = {*reading.options, *(f"r{n}" for n in range(1, len(reading.options) + 1))}
            for option in raw:
                if option not in {*known, "otherwise", "by_reading", "by_choice"}:
                    message = f"{quoted(name)} has no reading {quoted(option)}"
                    help_ = (
                        did_you_mean(str(option), sorted(known))
                        or f"it has {listed(reading.options)}"
                    )
                    yield Found(section, (*path, option), message, help_, key=True)


def attributes_undeclared(it: Subject) -> Iterator[Found]:
    """Find names inside `where` that are no attribute of what is looked at."""
    for found in undeclared_attributes((it.pack, *it.variants)):
        yield Found(*found)


def values_impossible(it: Subject) -> Iterator[Found]:
    """Find tests for a value that the type of what they read does not have."""
    for variant, section, path, condition in conditions_of((it.pack, *it.variants)):
        for part in walk(condition):
            for leaf, kind in _typed_tests(variant, part):
                known = listed_values(variant, leaf.name) if kind is None else _words(kind)
                for message, help_ in _impossible(leaf, kind, known):
                    yield Found(section, path, message, help_)


def _typed_tests(pack: Pack, part: Condition) -> Iterator[tuple[Is, Type | None]]:
    """Give the tests of a condition with the type of what each reads; None of an engine value.

    That of an attribute is known where one kind alone declares it.
    """
    if isinstance(part, Is):
        spec = pack.values.get(part.name)
        yield part, spec.type if spec is not None else None
    if not isinstance(part, Findings):
        return
    kinds = [pack.kinds[k] for k in pack.members("kind", part.kinds) if k in pack.kinds]
    for leaf in leaves(part.where):
        declared = [k.attributes[leaf.name] for k in kinds if leaf.name in k.attributes]
        if len(declared) == 1:
            yield leaf, declared[0]


def _words(kind: Type) -> tuple[object, ...] | None:
    match kind:
        case OneOf(values) | SetOf(values) | MapOf(values=values) if values:
            return values
    return None


def _impossible(
    leaf: Is, kind: Type | None, known: tuple[object, ...] | None
) -> Iterator[tuple[str, str]]:
    for literal in _literals(leaf.test.plain):
        message = f"{quoted(leaf.name)} is never {quoted(literal)}"
        if known is not None and literal not in known:
            hint = did_you_mean(str(literal), map(str, known))
            yield message, hint or f"it is one of {listed(known)}"
        elif isinstance(kind, Simple):
            try:
                parse_value(kind, literal)
            except Fault as fault:
                yield message, fault.help or str(fault)


def _literals(plain: object) -> Iterator[object]:
    if isinstance(plain, Mapping):
        for key, value in plain.items():
            if key in ("is", "in", "not", "any"):
                yield from _literals(value)
    elif isinstance(plain, list):
        yield from plain
    else:
        yield plain


# --- what is never read, closed or answered ------------------------------------------------------


def values_unused(it: Subject) -> Iterator[Found]:
    """Find fields, settings and facts that nothing reads and whose `note` does not say why."""
    pack = it.pack
    read = set(ENGINE_READS)
    for variant in (pack, *it.variants):
        read.update(_named(variant))
    read.update(
        name
        for _, _, _, condition in conditions_of((it.pack, *it.variants))
        for name in _read(condition)
    )
    for part in ("fields", "settings", "facts"):
        for name, spec in getattr(pack, part).items():
            if name not in read and not _tied(spec) and not spec.note:
                message = f"nothing reads the {part.removesuffix('s')} `{name}`"
                yield Found(
                    "vocabulary", (part, name), message, "use it in a rule, or remove it", key=True
                )


def _tied(spec: ValueSpec) -> bool:
    """Whether a fact speaks of findings, and so is read wherever they are."""
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
    for nouns, id_, _, path in references_in(pack):
        if "value" in nouns and path[-1:] != ("about",):
            yield id_
    for mapping in pack.imports.values():
        if isinstance(mapping, Mapping):
            yield from (text for _, text in plain_texts(mapping.get("fields"), ()))


def actions_never_closed(it: Subject) -> Iterator[Found]:
    """Find actions that stand whatever is done."""
    pack = it.pack
    for variant in (pack, *it.variants):
        for id_, action in variant.actions.items():
            always = action.for_each is None and any(t.when == ALWAYS for t in action.triggers)
            ends = action.closed_when is not None or action.enough is not None
            if action.standing and always and not ends:
                message = (
                    f"nothing closes the action `{id_}`: it stands, and its trigger always holds"
                )
                help_ = "give the trigger a condition that ends, or leave out `standing`"
                yield Found("actions", (id_,), message, help_, key=True)
            if action.closed_by == () and not ends and not action.standing:
                message = f"nothing closes the action `{id_}`"
                yield Found("actions", (id_,), message, "name the records that close it", key=True)


def questions_never_answered(it: Subject) -> Iterator[Found]:
    """Find questions that say no input by which they are answered, or one that there is not."""
    pack = it.pack
    declared = declared_in(pack)
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
                    help_ = "name a field, a fact or a record, or `decision NAME`, `reading ID`"
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
    """Find criteria whose id names a level: it would lie when the criterion moves to another."""
    pack = it.pack
    for id_ in pack.rating:
        words = id_.split("_")
        for level, spec in pack.levels.items():
            if {str(level), f"level{level}", f"l{level}"} & set(
                words
            ) or f"_{spec.id}_" in f"_{id_}_":
                message = f"the id of the criterion `{id_}` names level {level}"
                yield Found("rating", (id_,), message, "call it after what it says", key=True)


def wording_repeated(it: Subject) -> Iterator[Found]:
    """Find two rules of one kind in the same words, which nobody could tell apart."""
    pack = it.pack
    sources: tuple[tuple[str, tuple[str, ...], Mapping[str, Any], str], ...] = (
        ("rating", (), pack.rating, "text"),
        ("actions", (), pack.actions, "text"),
        ("flags", (), pack.flags, "text"),
        ("questions", (), pack.questions, "ask"),
        ("sharing", (), pack.sharing, "text"),
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


def _of_sharing(flaws: Callable[[Pack, tuple[Pack, ...]], Iterator[Flaw]]) -> Finder:
    """Look at the sharing rules."""

    def find(it: Subject) -> Iterator[Found]:
        yield from (Found(*flaw, key=True) for flaw in flaws(it.pack, it.variants))

    return find


def _of_pathways(flaws: Callable[[Pack], Iterator[Flaw]]) -> Finder:
    """Look at the pathways under every reading."""

    def find(it: Subject) -> Iterator[Found]:
        own = it.pack
        others = (
            v
            for v in it.variants
            if v.pathway is not own.pathway or v.vocabulary is not own.vocabulary
        )
        for pack in (own, *others):
            yield from (Found(*flaw, key=True) for flaw in flaws(pack))

    return find


CHECKS: Final[tuple[Check, ...]] = (
    Check(UNDECLARED, "error", ids_undeclared),
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
    *(Check(id_, severity, _of_sharing(flaws)) for id_, severity, flaws in LEAKS),
    Check("level-in-id", "error", criteria_naming_levels),
    Check("repeated-wording", "notice", wording_repeated),
    *(Check(id_, severity, _of_pathways(flaws)) for id_, severity, flaws in FLAWS),
)
