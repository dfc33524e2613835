"""A reason in words: what each leaf asked and read, what absence and age meant, and the whole tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from qaf_rules.actions import FORCES
from qaf_rules.condition import ALWAYS, All, Any_, Findings, Is, Not, Over, Result
from qaf_rules.elements import Statement
from qaf_rules.listing import Fact, Thing, fact_of
from qaf_rules.value_tests import NOTHING
from qaf_rules.words import a_day, an, bounded, joined, listed, sentence
from qaf_rules.workdays import add

if TYPE_CHECKING:
    from qaf_rules.condition import Condition
    from qaf_rules.facts import View
    from qaf_rules.result import Reason, Truth
    from qaf_rules.words import Words

ABSENCE, AGE = "K16", "K17"
FEW = 4
"""More things than this are counted, not named."""

MARKS = {True: "yes", False: "no", None: "not known"}

_BOUNDS = {
    "at_least": ("at least {}", "below {}"),
    "at_most": ("at most {}", "above {}"),
    "before": ("before {}", "not before {}"),
    "after": ("after {}", "not after {}"),
}


Leaf: TypeAlias = Is | Findings | Over | Result


class Phrases:
    """Puts leaves into words for one provider on one day."""

    def __init__(self, words: Words, view: View) -> None:
        self.words = words
        self.view = view

    # --- what is asked ---------------------------------------------------------------------------

    def asked(self, condition: Leaf, *, wanted: bool = True) -> str:
        """Say what a leaf asks for; with `wanted` False for it not to hold."""
        match condition:
            case Is(name, test, stated):
                said = ", as stated" if stated else ""
                return f"{self.words.label(name)}{said}: {self.compared(test.plain, wanted=wanted)}"
            case Findings():
                return self._quantified(condition, wanted=wanted)
            case Over(what, ids, where):
                thing = self._over(what, ids)
                return f"{an(thing) if wanted else f'no {thing}'}{self._with(where)}"
        return self._judged(condition.what, condition.ids, wanted=wanted)

    def compared(self, plain: Any, *, wanted: bool = True) -> str:  # plain data of a pack
        """Say what a value is compared with: no, at least 2, 1 or 2, not known."""
        if isinstance(plain, bool):
            return self.words.value(plain is wanted)
        if isinstance(plain, list):
            return joined(map(self.words.value, plain), "or") if wanted else self._none_of(plain)
        if not isinstance(plain, Mapping):
            return f"{'' if wanted else 'not '}{self.words.value(plain)}"
        told = [self._test(key, operand, wanted=wanted) for key, operand in plain.items()]
        return joined(told, "and" if wanted else "or")

    def _none_of(self, values: list[object]) -> str:
        return f"neither {joined(map(self.words.value, values), 'nor')}"

    def _test(self, key: str, operand: Any, *, wanted: bool) -> str:  # plain data of a pack
        match key:
            case "is":
                return self.compared(operand, wanted=wanted)
            case "in":
                return self.compared(list(operand), wanted=wanted)
            case "not":
                return self.compared(operand, wanted=not wanted)
            case "known" | "given":
                return "known" if operand is wanted else "not known"
            case "includes":
                return f"{'with' if wanted else 'without'} {self.words.value(operand)}"
            case "any":
                return f"{'some' if wanted else 'none'} of them {self.compared(operand)}"
        return _BOUNDS[key][not wanted].format(self._limit(operand))

    def _limit(self, operand: object) -> str:
        if isinstance(operand, Mapping):
            return f"the value of “{self.words.label(str(operand['value']))}”"
        return self.words.plain(self.words.value(operand))

    def _quantified(self, condition: Findings, *, wanted: bool) -> str:
        what = self._kinds(condition.kinds)
        recorded = " on record" if condition.recorded else ""
        whole = f"{what}{recorded}{self._with(condition.where)}"
        match condition.quantifier:
            case "some" | "none":
                there = wanted is (condition.quantifier == "some")
                return an(whole) if there else f"no {whole}"
            case "every":
                return f"{'' if wanted else 'not '}every {whole}"
        assert condition.test is not None  # the parser gives every count a test
        same = f" that share one {self.words.attribute(condition.same)}" if condition.same else ""
        across = "providers" if condition.across else "findings"
        compared = self.compared(condition.test.plain, wanted=wanted)
        return f"number of {across}{same}, of {whole}: {compared}"

    def _kinds(self, kinds: tuple[str, ...]) -> str:
        if "any" in kinds:
            return "finding"
        members = self.view.pack.members("kind", kinds)
        return joined((self.words.bare(kind) for kind in members), "or", limit=FEW)

    @cached_property
    def _sources(self) -> Mapping[str, str]:
        """The words for sources; one may bear the name of a kind of finding, which has others."""
        pack = self.view.pack
        return {
            id_: f"the {own}" if id_ in pack.kinds else own for id_, own in pack.sources.items()
        }

    def _with(self, where: Condition) -> str:
        return f" with {self._inside(where)}" if where != ALWAYS else ""

    def _inside(self, where: Condition, *, wanted: bool = True) -> str:
        """Say what is asked of one thing: attributes are named by themselves."""
        match where:
            case Is(name, test):
                plain = _labelled(test.plain, self._sources if name == "source" else {})
                return f"{self.words.attribute(name)}: {self.compared(plain, wanted=wanted)}"
            case All(parts) | Any_(parts):
                every = isinstance(where, All) is wanted
                inner = [self._inside(part, wanted=wanted) for part in parts]
                return ", ".join(inner) if every else " or ".join(inner)
            case Not(part):
                return self._inside(part, wanted=not wanted)
        return self.asked(where, wanted=wanted)

    def _over(self, what: str, ids: tuple[str, ...]) -> str:
        names = joined((self.words.recorded(i) for i in ids), "or", limit=FEW)
        match what:
            case "record":
                return f"record of {names}"
            case "latest":
                return f"latest record of {names}"
            case "decision":
                return f"decision in force, {joined(map(self.words.token, ids), 'or')},"
        return f"entry of the schedule for {names}"

    def _judged(self, what: str, ids: tuple[str, ...], *, wanted: bool) -> str:
        negated = "" if wanted else "not "
        match what:
            case "suggested":
                return f"{negated}suggested: {joined(map(self.words.token, ids), 'or')}"
            case "chosen":
                return f"reading {joined(ids, 'or')}: {negated}chosen"
        texts = (f"“{self.view.pack.rating[i].text.rstrip('.')}”" for i in ids)
        held = {"matched": "met", "undecided": "undecided"}[what]
        return f"{joined(texts, 'or', limit=FEW)}: {negated}{held}"

    # --- the tree --------------------------------------------------------------------------------

    def tree(self, reason: Reason, indent: str = "  ") -> list[str]:
        """Write an evaluated tree, a node a line, each leaf with what it read."""
        mark = f"{indent}[{MARKS[reason.truth]}] "
        match reason.condition:
            case Is() | Findings() | Over() | Result() as condition:
                return [f"{mark}{self.asked(condition)} | {self._told(reason)}"]
            case _ if not reason.parts:
                read = listed(map(self.words.evidence, reason.evidence))
                return [f"{mark}{read or 'always'}"]
            case All():
                head = "all of these"
            case Not():
                head = "not this"
            case _:
                head = "one of these"
        below = [line for part in reason.parts for line in self.tree(part, f"{indent}  ")]
        return [f"{mark}{head}:", *below]

    def _told(self, leaf: Reason) -> str:
        spec = self.view.pack.values.get(getattr(leaf.condition, "name", ""))
        cited = self.cite(spec.clause, spec.readings) if spec is not None else ""
        return f"{self.read(leaf)} {cited}".rstrip()

    def leaves(self, reason: Reason, head: str) -> list[str]:
        """Say what decided a reason, a sentence a leaf."""
        told = (self._found(leaf) for leaf in _deciding(reason, wanted=reason.truth))
        return [sentence(f"{head} {each}") for each in told]

    def _found(self, leaf: Reason) -> str:
        condition = leaf.condition
        if isinstance(condition, Is):
            return f"{self.words.label(condition.name)}: {self.read(leaf)}"
        return f"{self.asked(condition)} ({self.read(leaf)})"

    def cite(self, clauses: Iterable[str], readings: Iterable[str] = ()) -> str:
        """Cite clauses, with the section and the force of the first."""
        own = tuple(clauses)
        clause = self.view.pack.clauses.get(own[0]) if own else None
        force = clause.strength if clause is not None and clause.strength in FORCES else None
        return self.words.cite(own, readings, force=force)

    # --- what was read ---------------------------------------------------------------------------

    def read(self, leaf: Reason) -> str:
        """Say what a leaf read, with its evidence, and what absence or age meant for it."""
        fact = fact_of(leaf, self.view)
        told = self._value(fact) if isinstance(fact.condition, Is) else self._range(fact)
        limits = [
            f"{self.words.label(name)}: {self.words.value(value)}"
            for name, value in fact.limits.items()
        ]
        return listed([told, *limits, *(text for _, text in self.remarks(fact))])

    def _value(self, fact: Fact) -> str:
        if bounds := bounded(fact.value, fact.low, fact.high):
            return bounds
        told = self.words.shown(fact.name, fact.value)
        behind = [self._source(fact, n) for n in range(len(fact.evidence))]
        behind = [each for each in behind if each]
        return f"{told} ({listed(behind, FEW)})" if behind else told

    def _source(self, fact: Fact, number: int) -> str:
        evidence = fact.evidence[number]
        if evidence.ref == fact.name and evidence.type in ("statement", "field", "setting"):
            said = {"statement": "stated ", "field": "", "setting": "a setting"}[evidence.type]
            return f"{said}{a_day(evidence.day)}" if evidence.day else said.strip()
        return self.words.evidence(evidence)

    def _range(self, fact: Fact) -> str:
        if isinstance(fact.condition, Result):
            behind = [self.words.evidence(e) for e in fact.evidence]
            return listed([self.words.value(fact.value), *behind], FEW)
        if not fact.things:
            return "none on record"
        fitting = f"{fact.value or 'none'} of {len(fact.things)} on record"
        return f"{fitting}: {listed(map(self._thing, fact.things), FEW)}"

    def _thing(self, thing: Thing) -> str:
        read = [
            f"{self.words.attribute(name)}: {self.words.shown(name, value)}"
            for name, value in thing.attributes.items()
            if value is not NOTHING
        ]
        name = self.words.evidence(thing.evidence)
        return f"{name} ({', '.join(read)})" if read else name

    # --- what absence and age meant --------------------------------------------------------------

    def remarks(self, fact: Fact) -> Iterator[tuple[str, str]]:
        """Give what absence and age meant for a fact: the convention, and a phrase."""
        match fact.condition:
            case Is(name):
                yield from self._of_value(name, fact)
            case Findings(_, kinds):
                for kind in self.view.pack.members("kind", kinds):
                    yield from self._of_kind(kind, silent=not fact.things)

    def _of_value(self, name: str, fact: Fact) -> Iterator[tuple[str, str]]:
        view, spec = self.view, self.view.pack.values.get(name)
        statement = view.statements.get(name)
        if name in view.conflicts:
            yield AGE, f"two statements of {a_day(view.conflicts[name])} differ ({AGE})"
        elif name in view.aged and fact.value is None:
            yield AGE, f"what was stated is too old to stand ({AGE})"
        elif statement is not None and any(e.type == "statement" for e in fact.evidence):
            yield AGE, f"stands until {a_day(self._stands_until(statement))} ({AGE})"
        elif spec is not None and spec.tie is not None:
            yield from self._of_kind(spec.tie.kind, silent=not fact.evidence)
        elif spec is not None and not fact.given and fact.value is not None:
            yield ABSENCE, f"nothing was said, which means so ({ABSENCE})"

    def _stands_until(self, statement: Statement) -> dt.date:
        pack = self.view.pack
        span = pack.values[statement.fact].stands_for or pack.identity.ageing
        return add(statement.on, span)

    def _of_kind(self, kind: str, *, silent: bool) -> Iterator[tuple[str, str]]:
        view, spec = self.view, self.view.pack.kinds[kind]
        world = view.world(kind)
        if world.spoken:
            told = joined(map(self.words.label, world.spoken), limit=FEW)
            yield AGE, f"stated as a whole: {told} ({AGE})"
        elif not silent or world.elements or spec.derived:
            return
        elif not world.closed:
            topic = self._topic(kind)
            yield ABSENCE, f"nobody has looked at {topic} within the time that counts ({ABSENCE})"
        else:
            looked = view.looked_at(kind)
            assert looked is not None  # else none on record would not mean that there is none
            by = self.words.evidence(looked.evidence)
            yield ABSENCE, f"{by} looked at {self._topic(kind)} ({ABSENCE})"

    def _topic(self, kind: str) -> str:
        topic = self.view.pack.kinds[kind].topic
        named = self.view.pack.topics.get(topic or "") or self.words.bare(kind)
        return named[:1].lower() + named[1:]


def _deciding(reason: Reason, *, wanted: Truth) -> Iterator[Reason]:
    """Give the leaves that decide a reason: those of the truth that it has because of them."""
    match reason.condition:
        case Not():
            turned = None if wanted is None else not wanted
            yield from _deciding(reason.parts[0], wanted=turned)
        case Is() | Findings() | Over() | Result():
            yield reason
        case _:
            for part in reason.parts:
                if part.truth is wanted:
                    yield from _deciding(part, wanted=wanted)


def _labelled(plain: Any, labels: Mapping[str, str]) -> Any:  # plain data of a pack
    """Put labels in place of the words that have one."""
    if isinstance(plain, list):
        return [_labelled(each, labels) for each in plain]
    if isinstance(plain, Mapping):
        return {key: _labelled(each, labels) for key, each in plain.items()}
    return labels.get(plain, plain) if isinstance(plain, str) else plain
