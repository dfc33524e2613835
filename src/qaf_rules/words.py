"""The words of a pack: its labels for ids, a small grammar, and phrases for what was read.

Where the pack has a label, no id is told. A finding is named by its kind, its reference and its
day; whatever else was written about it, and who wrote it, is left out.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from qaf_rules.condition import All, Findings, Is, Not, Over, Result
from qaf_rules.elements import JUDGEMENT
from qaf_rules.model import named
from qaf_rules.value_tests import NOTHING, Value
from qaf_rules.values import Simple
from qaf_rules.workdays import Term

if TYPE_CHECKING:
    from qaf_rules.model import Finding, ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import Action, Evidence, Reason, ScheduleItem

__all__ = [
    "MANY",
    "PROVIDER",
    "Words",
    "a_day",
    "an",
    "counted",
    "joined",
    "listed",
    "sentence",
    "spaced",
]

PROVIDER = "provider"  # the owner of what the provider itself has to do
MANY = 8
"""More entries than this in one sentence are counted, not named."""

_ENGINE = {
    "row": "row of the matrix",
    "service_type": "service",
    "rating_status": "state of the suggestion",
    "suggested_level": "suggested level",
    "confirmed_level": "confirmed level",
    "level": "rating, the worse of suggested and confirmed",
    "gap": "something adverse that no criterion reads",
    "provider_id": "provider",
}

_LEVELS = ("suggested_level", "confirmed_level", "level")
_FRAME = ("row", "service_type", "this.activity")
"""What a rule is written for is no news of the provider."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_ARTICLE = re.compile(r"^(?:an?|the) ")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_NUMBERED = re.compile(r" \(\d+\)$")  # of several of one kind and day without a reference
_NAMELESS = re.compile(r"\b([a-z0-9_]+) of \d{4}-\d{2}-\d{2}")
"""A finding without a reference, by its kind and day."""

_ANSWERS = {"rating": "a confirmed rating", "status of the finding": "the status of the finding"}


# --- a small grammar -----------------------------------------------------------------------------


def a_day(day: dt.date, *, short: bool = False) -> str:
    """Write a day as an officer does: 3 March 2026, or short 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}" if short else f"{day.day} {day:%B %Y}"


def joined(words: Iterable[str], last: str = "and", *, limit: int = 0) -> str:
    """Join words as in a sentence: a, b and c; of more than `limit` the rest are counted."""
    entries = list(dict.fromkeys(words))
    if limit and len(entries) > limit + 1:
        entries = [*entries[:limit], f"{len(entries) - limit} more"]
    if len(entries) < 2:  # nothing to join
        return "".join(entries)
    return f"{', '.join(entries[:-1])} {last} {entries[-1]}"


def an(noun: str) -> str:
    """Give a noun its article: a visit, an incident."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: 1 day, 2 days."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(phrases: Iterable[str], limit: int = MANY) -> str:
    """List phrases that may hold commas; of more than `limit` the rest are counted."""
    own = list(dict.fromkeys(phrases))
    if len(own) > limit + 1:
        own = [*own[:limit], f"and {len(own) - limit} more"]
    return "; ".join(own)


def bounded(value: object, low: int, high: int | None) -> str:
    """Write the bounds of a number that is not known itself; empty where it has none."""
    if value is not None or (not low and high is None):
        return ""
    return f"at least {low}" + (f" and at most {high}" if high is not None else "")


def sentence(*parts: str) -> str:
    """Make a sentence of parts: the first letter large, one full stop at the end."""
    text = " ".join(part for part in parts if part).strip()
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


def spaced(token: str) -> str:
    """Write an id as words."""
    return token.replace("_", " ")


class _Inside:
    """Names as they stand inside a sentence, each worked out once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.made: dict[str, str] = {}

    def name(self, name: str) -> str:
        """Lower the capitals of an activity's name, save those of words that always have one."""
        if name not in self.made:
            self.made[name] = _WORD.sub(self._word, name)
        return self.made[name]

    def _word(self, match: re.Match[str]) -> str:
        word = match.group()
        return word if word != word.capitalize() or self._proper(word) else word.lower()

    def _proper(self, word: str) -> bool:
        """Whether the clauses write a word with a capital inside a sentence, and never without."""
        if re.search(rf"\b{re.escape(word.lower())}\b", self._said):
            return False
        return re.search(rf"[\w,;] {re.escape(word)}\b", self._said) is not None

    @cached_property
    def _said(self) -> str:
        """All clauses, without the names of activities."""
        said = "\n".join(clause.says for clause in self.pack.clauses.values())
        for activity in self.pack.activities.values():
            said = said.replace(activity.name, "")
        return said


class Words:
    """A pack's words for its ids, with phrases for what an answer rests on.

    `record` is the provider's, where there is one: it says of which kind a finding is, and what
    was stated. `short` shortens the names of months.
    """

    def __init__(
        self, pack: Pack, record: ProviderRecord | None = None, *, short: bool = False
    ) -> None:
        self.pack = pack
        self.fields: Mapping[str, object] = {}
        self.findings: tuple[Finding, ...] = ()
        if record is not None:
            self.fields, self.findings = record.provider.fields, record.findings
        self.short_months = short
        self._inside = _Inside(pack)

    def of(self, record: ProviderRecord | None) -> Words:
        """Give the same words for another provider."""
        other = copy.copy(self)
        other.fields = record.provider.fields if record is not None else {}
        other.findings = record.findings if record is not None else ()
        return other

    def of_all(self, records: Iterable[ProviderRecord]) -> Words:
        """Give the same words for what several providers share."""
        other = self.of(None)
        other.findings = tuple(finding for record in records for finding in record.findings)
        return other

    # --- names -----------------------------------------------------------------------------------

    def label(self, name: str) -> str:
        """Give the words for a field, fact, engine value, question, ambiguity or attribute."""
        spec = self.pack.values.get(name)
        if spec is not None:
            return spec.label or spaced(name)
        if name in _ENGINE:
            return _ENGINE[name]
        if name in self.pack.questions:
            return self.pack.questions[name].ask
        if name in self.pack.readings:
            return self.pack.readings[name].about
        owner, dot, attribute = name.partition(".")
        if not dot:
            return self.token(name)
        if owner == "this":
            return spaced(attribute)
        return f"{spaced(attribute)} of the {self.token(owner)}"

    def token(self, token: str) -> str:
        """Give the words for any id of the pack; underscores become spaces where it has none."""
        pack = self.pack
        if token in pack.activities:
            return self.activity(token)
        if token in pack.actions:
            return f"“{self.short(pack.actions[token].text)}”"
        if token in pack.kinds:
            return pack.kinds[token].label or spaced(token)
        if token in pack.matrix:
            return pack.matrix[token].name or spaced(token)
        if token in pack.decisions:
            return pack.decisions[token].label or spaced(token)
        for labels in (
            pack.roles,
            pack.places,
            pack.channels,
            pack.formats,
            pack.evidence,
            pack.sources,
            pack.topics,
            pack.identity.steps,
        ):
            if token in labels:
                return labels[token]
        own = pack.identity
        for words in (own.subjects, own.audiences, own.forums):
            if token in words:
                return words[token].name
        return spaced(token)

    def bare(self, token: str) -> str:
        """Give the words for an id without an article."""
        return _ARTICLE.sub("", self.token(token))

    def attribute(self, name: str) -> str:
        """Give the words for what is read of one finding, record or item."""
        return self.label(name) if name in self.pack.values else spaced(name)

    def role(self, role: str) -> str:
        """Give the name of a role with its article."""
        name = PROVIDER if role == PROVIDER else self.pack.roles.get(role, spaced(role))
        return f"the {name}"

    def activity(self, id_: str) -> str:
        """Give an activity's name as it stands inside a sentence."""
        return self._inside.name(self.pack.activities[id_].name)

    def item(self, item: ScheduleItem | str) -> str:
        """Give an item's name inside a sentence: its activity and the period."""
        activity, at, period = (item if isinstance(item, str) else item.id).partition("@")
        name = self.activity(activity) if activity in self.pack.activities else self.token(activity)
        return f"{name} {self.period(period)}" if at else name

    def day(self, day: dt.date) -> str:
        """Write a day."""
        return a_day(day, short=self.short_months)

    def period(self, period: str) -> str:
        """Say for which period something is: a month, a quarter, a term, or a date of payment."""
        if _ISO.fullmatch(period):
            return f"of {self.day(dt.date.fromisoformat(period))}"
        year, _, part = period.partition("-")
        if part.isdecimal():
            month = "%b" if self.short_months else "%B"
            return f"for {dt.date(int(year), int(part), 1):{month} %Y}"
        return f"for quarter {part[1:]} of {year}" if part[:1] == "Q" else f"for {part} {year}"

    @staticmethod
    def short(text: str) -> str:
        """Cut a text to its first clause, for a list."""
        return re.split(r"[:;(]", text, maxsplit=1)[0].rstrip(" .")

    def value(self, value: object) -> str:
        """Write a value."""
        match value:
            case None:
                return "not known"
            case True | False:
                return "yes" if value else "no"
            case dt.date():
                return self.day(value)
            case Term(name, start, end):
                return f"{name} {self.day(start)} to {self.day(end)}"
            case str():
                return self.token(value)
            case Mapping():
                return ", ".join(f"{spaced(str(k))} {self.value(v)}" for k, v in value.items())
            case frozenset() | tuple() | list():
                return joined(sorted(self.value(v) for v in value)) or "none"
        return "none" if value is NOTHING else str(value)

    def shown(self, name: str, value: object) -> str:
        """Write the value of a field, fact or attribute; free text stays where it is."""
        return "given" if isinstance(value, str) and name in self._free else self.value(value)

    @cached_property
    def _free(self) -> frozenset[str]:
        """What is written freely: fields, facts and attributes of type text."""
        types = {name: spec.type for name, spec in self.pack.values.items()}
        for kind in self.pack.kinds.values():
            types.update(kind.attributes)
        return frozenset(name for name, type_ in types.items() if type_ == Simple("text"))

    def answer(self, name: str) -> str:
        """Say which input answers a question."""
        head, _, rest = name.partition(" ")
        if head == "decision" and rest in self.pack.decisions:
            spec = self.pack.decisions[rest]
            return "a decision" if spec.effect == "answer" else f"a decision on {spec.label}"
        if head == "reading":
            return f"a choice of reading {rest}"
        if head in ("record", "planned") and rest:
            what, _, part = rest.partition(" ")
            with_ = f" with its {spaced(part)}" if part else ""
            return f"a record of {self.recorded(what)}{with_}"
        facts = name.split(", ")
        if all(fact in self.pack.values for fact in facts):
            return joined(map(self.label, facts))
        if name in self.pack.rating:
            return f"what shows that this holds: {self.pack.rating[name].text.rstrip('.')}"
        if head.partition("@")[0] in self.pack.activities and "@" in head:
            return f"a record of the {self.item(name)}"
        ref = rest if head == "finding" else name
        if found := self._by_ref(ref):
            return f"the {'particulars' if head == 'finding' else 'status'} of {self._finding(ref, found.on)}"
        return _ANSWERS.get(name) or self.recorded(name)

    def recorded(self, id_: str) -> str:
        """Name what a record is of: an activity, or an action by its text."""
        if id_ in self.pack.activities:
            return f"the {self.activity(id_)}"
        return self.token(id_)

    def level(self, level: int) -> str:
        """Name a level of the scale."""
        spec = self.pack.levels.get(level)
        return f"level {level} ({spec.name})" if spec is not None else f"level {level}"

    def plain(self, text: str) -> str:
        """Write the days in a text as an officer does, and labels for ids."""
        for kind in _NAMELESS.findall(text):  # its label may stand before it
            if kind in self.pack.kinds:
                text = text.replace(f"{self.token(kind)} {kind} of ", f"{kind} of ")
        text = _ID.sub(lambda m: self.label(m.group()), text)
        return _ISO.sub(lambda m: self.day(dt.date.fromisoformat(m.group())), text)

    # --- what an answer rests on -----------------------------------------------------------------

    def cite(
        self,
        clauses: Iterable[str],
        readings: Iterable[str] = (),
        conventions: Iterable[str] = (),
        *,
        force: str | None = None,
    ) -> str:
        """Cite clauses, the first with its section and the force of the document's own word."""
        ids = list(dict.fromkeys(clauses))
        parts: list[str] = []
        if ids:
            spec = self.pack.clauses.get(ids[0])
            section = spec.section if spec is not None else ""
            first = [
                ids[0],
                f"section {section}" if section[:1].isdigit() else section,
                f"“{spaced(force)}”" if force else "",
            ]
            parts.append(", ".join(filter(None, first)))
        if ids[1:]:
            parts.append(f"also {', '.join(ids[1:])}")
        if taken := list(dict.fromkeys(readings)):
            parts.append(f"{'reading' if len(taken) == 1 else 'readings'} {', '.join(taken)}")
        if told := list(dict.fromkeys(conventions)):
            parts.append(", ".join(told))
        return f"({'; '.join(parts)})" if parts else ""

    def reading(self, id_: str) -> str:
        """Spell out an ambiguity with the option taken."""
        spec = self.pack.readings[id_]
        taken = spec.options.get(self.pack.choices.get(id_, ""), "")
        return f"{id_}: {spec.about.rstrip('.')}. Taken: {taken}"

    def evidence(self, evidence: Evidence) -> str:
        """Say what one piece of evidence is."""
        ref, day = evidence.ref, evidence.day
        match evidence.type:
            case "finding":
                return self._finding(ref, day)
            case "statement":
                return self._statement(ref, day)
            case "record" if ref == self.pack.identity.rating.confirmed_by and day:
                return f"the rating confirmed on {self.day(day)}"
            case "record":
                when = f" of {self.day(day)}" if day else ""
                return f"{self.recorded(ref)}{when}"
            case "rating":
                return f"the rating confirmed on {self.day(day)}" if day else "the confirmed rating"
            case "field" | "setting":
                told = self._valued(ref, self.fields.get(ref))
                return f"{told}, {self.day(day)}" if day else told
            case "item":
                return self._dated(ref, evidence.due)
            case "decision" if day:
                return f"the decision of {self.day(day)}: {self.token(ref)}"
            case "criterion":
                return f"“{self.pack.rating[ref].text.rstrip('.')}” does not hold"
        return self.token(ref)

    def _finding(self, ref: str, day: dt.date | None) -> str:
        activity, _, _ = ref.partition("@")
        if activity in self.pack.activities:  # made by the schedule
            return self._dated(ref, day)
        found = self._by_ref(ref, day)
        if found is None:
            return self.plain(
                f"finding {ref}{'' if _ISO.search(ref) or day is None else f' of {day}'}"
            )
        told = f"{self.token(found.kind)} {found.ref or ''}".rstrip() + f" of {self.day(found.on)}"
        number = _NUMBERED.search(ref) if found.ref is None else None
        return f"{told}{number.group()}" if number else told

    def _by_ref(self, ref: str, day: dt.date | None = None) -> Finding | None:
        """Give the finding entered last of a reference, or of a kind and day without one."""
        for name, finding in reversed(self._named):
            if name == ref and day in (None, finding.on):
                return finding
        return None

    @cached_property
    def _named(self) -> list[tuple[str, Finding]]:
        """The findings on record, each with its name."""
        found: dict[int, str] = {}
        for kind in dict.fromkeys(finding.kind for finding in self.findings):
            own = named(f for f in self.findings if f.kind == kind)
            found.update((id(finding), name) for name, finding in own)
        return [(found[id(finding)], finding) for finding in self.findings]

    def _dated(self, item: str, due: dt.date | None) -> str:
        """Name an item with its due date, unless the period says it already."""
        told = due is not None and not item.endswith(f"@{due}")
        return f"the {self.item(item)}{f', due {self.day(due)}' if due and told else ''}"

    def _statement(self, ref: str, day: dt.date | None) -> str:
        told = ", ".join(self._valued(fact, self._stated(fact, day)) for fact in ref.split(", "))
        return f"{told}, stated {self.day(day)}" if day else f"{told}, stated"

    def _valued(self, name: str, value: object) -> str:
        return (
            self.label(name) if value is None else f"{self.label(name)}: {self.shown(name, value)}"
        )

    def _stated(self, fact: str, day: dt.date | None) -> object:
        for finding in self.findings:
            if finding.kind == JUDGEMENT and finding.fact == fact and finding.on == day:
                return finding.value
        return None

    # --- the evaluated tree ----------------------------------------------------------------------

    def support(self, reason: Reason) -> list[str]:
        """Say what makes a reason true, each thing once; nothing where it is not true."""
        return self._told_once(self._leaves(reason)) if reason.truth else []

    @staticmethod
    def _told_once(phrases: Iterable[str]) -> list[str]:
        """Leave out what another phrase says already."""
        told: list[str] = []
        for phrase in dict.fromkeys(phrases):
            if not any(phrase in other for other in told):
                told = [*(other for other in told if other not in phrase), phrase]
        return told

    def because(self, action: Action) -> list[str]:
        """Say what started an action."""
        return self._told_once(
            phrase for reason in action.reasons for phrase in self.support(reason)
        )

    def _leaves(self, reason: Reason, *, wanted: bool = True) -> Iterator[str]:
        """Give the phrase of every leaf that has the wanted truth and so decides the reason."""
        condition = reason.condition
        match condition:
            case Not():
                for part in reason.parts:
                    yield from self._leaves(part, wanted=not wanted)
            case Is(name) if name not in _FRAME:
                yield self._is(reason)
            case Is():
                return
            case Findings() | Over() | Result():
                if reason.evidence:
                    yield from map(self.evidence, reason.evidence)
                elif not isinstance(condition, Result):
                    yield self._without(condition)
            case _:  # all, any, or several reasons together
                for part in reason.parts:
                    if part.truth is wanted:
                        yield from self._leaves(part, wanted=wanted)

    def _is(self, reason: Reason) -> str:
        """Write what was read: the label, the value, and where it comes from."""
        name = reason.condition.name
        told = self.label(name)
        if reason.value is not True:
            none = name in _LEVELS and reason.value == 0
            shown = "none" if none else self.shown(name, reason.value)
            read = reason.read
            assert isinstance(read, Value)  # that is what a leaf of one value reads
            told = f"{told}: {bounded(read.value, read.low, read.high) or shown}"
        sources = []
        for evidence in reason.evidence:
            if evidence.type == "statement" and evidence.ref == name:
                sources.append(f"stated {self.day(evidence.day)}" if evidence.day else "stated")
            elif evidence.type in ("field", "setting") and evidence.ref == name:
                sources.extend([self.day(evidence.day)] if evidence.day else [])
            elif name not in _ENGINE or evidence.type == "rating":
                sources.append(self.evidence(evidence))  # the suggestion gives its own reasons
        return f"{told} ({listed(sources)})" if sources else told

    def _without(self, condition: Findings | Over) -> str:
        """Say that there is nothing of a kind that would fit."""
        ids = condition.kinds if isinstance(condition, Findings) else condition.ids
        what = joined(map(self.bare, ids), "or", limit=3)
        if "any" in ids:
            what = "finding"
        elif isinstance(condition, Over) and condition.what == "decision":
            spec = self.pack.decisions.get(ids[0])
            answers = spec is not None and spec.effect == "answer"
            what = "decision" if answers else f"decision on {self.token(ids[0])}"
        return f"no {what} {'on record' if condition.where == All(()) else 'that fits'}"

    def unknown(self, reason: Reason) -> list[str]:
        """Name what is unknown and keeps a reason undecided."""
        return [self.label(name) for name in dict.fromkeys(reason.still_needed())]
