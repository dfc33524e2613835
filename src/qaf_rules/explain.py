"""From reasons to sentences an officer would write.

A sentence is made only when it is asked for, from the evaluated tree and the pack's own words.
Where the pack has a label, no id is told. A finding is named by its kind, its reference and its
day; whatever else was written about it, and who wrote it, is left out.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from qaf_rules.condition import NOTHING, All, Findings, Is, Not, Over, Result
from qaf_rules.frequency import Every
from qaf_rules.workdays import add

if TYPE_CHECKING:
    from qaf_rules.elements import Known
    from qaf_rules.facts import View
    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import (
        Action,
        Assessment,
        CriterionResult,
        Evidence,
        Flag,
        Held,
        Note,
        Question,
        Reason,
        Row,
        ScheduleItem,
        Suggestion,
    )

__all__ = ["Words", "a_day", "brief", "joined", "page", "sentence", "suggestion"]

JUDGEMENT = "judgement"
FIRM = ("must", "will")
PROVIDER = "provider"  # the owner of what the provider itself has to do
_LONG = 8
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
_WORD = re.compile(r"[^\W\d_][\w'-]*")


# --- a small grammar -----------------------------------------------------------------------------


def a_day(day: dt.date, *, short: bool = False) -> str:
    """Write a day as an officer does: 3 March 2026, or short 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}" if short else f"{day.day} {day:%B %Y}"


def joined(words: Iterable[str], last: str = "and", *, limit: int = 0) -> str:
    """Join words as in a sentence: a, b and c; of more than `limit` the rest are counted."""
    entries = list(dict.fromkeys(words))
    if limit and len(entries) > limit + 1:
        entries = [*entries[:limit], f"{len(entries) - limit} more"]
    if len(entries) < 2:  # noqa: PLR2004  # nothing to join
        return "".join(entries)
    return f"{', '.join(entries[:-1])} {last} {entries[-1]}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: 1 day, 2 days."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(phrases: Iterable[str], limit: int = _LONG) -> str:
    """List phrases that may hold commas; of more than `limit` the rest are counted."""
    own = list(dict.fromkeys(phrases))
    if len(own) > limit + 1:
        own = [*own[:limit], f"and {len(own) - limit} more"]
    return "; ".join(own)


def sentence(*parts: str) -> str:
    """Make a sentence of parts: the first letter large, one full stop at the end."""
    text = " ".join(part for part in parts if part).strip()
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


def _section(section: str) -> str:
    return f"section {section}" if section[:1].isdigit() else section


def _spaced(token: str) -> str:
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
        self.fields = record.provider.fields if record is not None else {}
        self.findings = record.findings if record is not None else ()
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
            return spec.label or _spaced(name)
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
            return _spaced(attribute)
        return f"{_spaced(attribute)} of the {self.token(owner)}"

    def token(self, token: str) -> str:
        """Give the words for any id of the pack; underscores become spaces where it has none."""
        pack = self.pack
        if token in pack.activities:
            return self.activity(token)
        if token in pack.actions:
            return f"“{self.short(pack.actions[token].text)}”"
        if token in pack.kinds:
            return pack.kinds[token].label or _spaced(token)
        if token in pack.matrix:
            return pack.matrix[token].name or _spaced(token)
        if token in pack.decisions:
            return pack.decisions[token].label or _spaced(token)
        for labels in (
            pack.roles,
            pack.places,
            pack.channels,
            pack.formats,
            pack.evidence,
            pack.sources,
            pack.topics,
            pack.identity.audiences,
        ):
            if token in labels:
                return labels[token]
        return _spaced(token)

    def role(self, role: str) -> str:
        """Give the name of a role with its article."""
        return (
            "the provider"
            if role == PROVIDER
            else f"the {self.pack.roles.get(role, _spaced(role))}"
        )

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
            return (
                f"for {dt.date(int(year), int(part), 1):{'%b' if self.short_months else '%B'} %Y}"
            )
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
            case str():
                return self.token(value)
            case Mapping():
                return ", ".join(f"{_spaced(str(k))} {self.value(v)}" for k, v in value.items())
            case frozenset() | tuple() | list():
                return joined(sorted(self.value(v) for v in value)) or "none"
        return "none" if value is NOTHING else str(value)

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
            return f"a record of {self.recorded(what)}" + (
                f" with its {_spaced(part)}" if part else ""
            )
        return self.label(name) if name in self.pack.values else self.recorded(name)

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
            first = [ids[0], *([_section(spec.section)] if spec is not None else [])]
            first.extend([f"“{_spaced(force)}”"] if force else [])
            parts.append(", ".join(first))
            parts.extend([f"also {', '.join(ids[1:])}"] if ids[1:] else [])
        taken = list(dict.fromkeys(readings))
        parts.extend(
            [f"{'reading' if len(taken) == 1 else 'readings'} {', '.join(taken)}"] if taken else []
        )
        told = list(dict.fromkeys(conventions))
        parts.extend([", ".join(told)] if told else [])
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
                value = self.fields.get(ref)
                told = (
                    f"{self.label(ref)}: {self.value(value)}"
                    if value is not None
                    else self.label(ref)
                )
                return f"{told}, {self.day(day)}" if day else told
            case "item":
                return self._dated(ref, evidence.due)
            case "decision":
                return (
                    f"the decision of {self.day(day)}: {self.token(ref)}"
                    if day
                    else self.token(ref)
                )
            case "criterion":
                return f"“{self.pack.rating[ref].text.rstrip('.')}” does not hold"
        return self.token(ref)

    def _finding(self, ref: str, day: dt.date | None) -> str:
        activity, _, _ = ref.partition("@")
        if activity in self.pack.activities:  # made by the schedule
            return self._dated(ref, day)
        kind, told = None, ref
        for finding in self.findings:
            if finding.on == day and ref in (finding.ref, f"{finding.kind} of {finding.on}"):
                kind, told = finding.kind, finding.ref or ""
        if kind is None:
            return self.plain(
                f"finding {ref}{'' if _ISO.search(ref) or day is None else f' of {day}'}"
            )
        label = self.token(kind)
        return f"{label} {told}".rstrip() + (f" of {self.day(day)}" if day else "")

    def _dated(self, item: str, due: dt.date | None) -> str:
        """Name an item with its due date, unless the period says it already."""
        told = due is not None and not item.endswith(f"@{due}")
        return f"the {self.item(item)}{f', due {self.day(due)}' if due and told else ''}"

    def _statement(self, ref: str, day: dt.date | None) -> str:
        told = []
        for fact in ref.split(", "):
            value = self._stated(fact, day)
            told.append(
                f"{self.label(fact)}: {self.value(value)}"
                if value is not None
                else self.label(fact)
            )
        since = f", stated {self.day(day)}" if day else ", stated"
        return f"{', '.join(told)}{since}"

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
        level = name in _LEVELS and reason.value == 0
        told = f"{self.label(name)}: {'none' if level else self.value(reason.value)}"
        sources = []
        for evidence in reason.evidence:
            if evidence.type == "statement" and evidence.ref == name:
                sources.append(f"stated {self.day(evidence.day)}" if evidence.day else "stated")
            elif evidence.type in ("field", "setting") and evidence.ref == name:
                sources.extend([self.day(evidence.day)] if evidence.day else [])
            elif (
                name not in _ENGINE or evidence.type == "rating"
            ):  # the suggestion gives its own reasons
                sources.append(self.evidence(evidence))
        return f"{told} ({listed(sources)})" if sources else told

    def _without(self, condition: Findings | Over) -> str:
        """Say that there is nothing of a kind that would fit."""
        ids = condition.kinds if isinstance(condition, Findings) else condition.ids
        what = joined(map(self.token, ids), "or", limit=3)
        if "any" in ids:
            what = "finding"
        elif isinstance(condition, Over) and condition.what == "decision":
            what = f"decision on {what}"
        return f"no {what} {'on record' if condition.where == All(()) else 'that fits'}"

    def unknown(self, reason: Reason) -> list[str]:
        """Name what is unknown and keeps a reason undecided."""
        return [self.label(name) for name in dict.fromkeys(reason.still_needed())]


# --- sentences for each part of an assessment ----------------------------------------------------


def suggestion(pack: Pack, given: Suggestion, *, record: ProviderRecord | None = None) -> str:
    """Say what a suggestion rests on: one sentence a line.

    `record` is the provider's, so that what was read is named by its kind and value.
    """
    return "\n".join(suggested(Words(pack, record), given))


def suggested(words: Words, given: Suggestion) -> list[str]:
    """Say which level is suggested, by which criteria, what is passed over and what is unknown."""
    level = given.level or 0
    told = [_head(words, given)]
    matched = [c for c in given.matched if c.mode != "all" or c.level == level]
    told.extend(
        _met(words, c) for c in sorted(matched, key=lambda c: (-c.level, c.mode == "qualifier"))
    )
    if given.passed_over:
        left = listed(words.evidence(e) for e in given.passed_over)
        told.append(sentence("No criterion that is met speaks of", left, "(K18)"))
    told.extend(_open(words, given, level))
    return told


def _head(words: Words, given: Suggestion) -> str:
    cited = words.cite(given.clauses, given.readings)
    number = len(given.unknown)
    settle = f"{counted(number, 'answer')} {'settles' if number == 1 else 'settle'} it"
    if given.level is None:
        if given.status == "none":
            return sentence(
                "No level is suggested: nothing is known that the rating could rest on", cited
            )
        return sentence(f"No level is suggested yet: not enough is known, and {settle}", cited)
    named = words.level(given.level)
    named = words.level(given.level)
    higher = given.highest is not None and given.highest > given.level
    possibly = f"possibly {given.highest}: {settle}" if higher else ""
    if given.status == "gap":
        told = f"at least {named}, as something adverse fits no criterion and a person says more"
        return sentence(f"{told}; {possibly}" if possibly else told, cited)
    return sentence(
        f"{named} is suggested, {possibly}" if possibly else f"{named} is suggested", cited
    )


def _met(words: Words, criterion: CriterionResult) -> str:
    """Say a criterion that is met and what it read."""
    read = listed(words.support(criterion.reason))
    text = criterion.text.rstrip(".")
    narrows = ", which narrows it" if criterion.mode == "qualifier" else ""
    told = f"level {criterion.level}{narrows}: {text}"
    cited = words.cite(criterion.clauses, criterion.readings)
    return sentence(f"{told}. Read: {read}" if read else told, cited)


def _open(words: Words, given: Suggestion, level: int) -> Iterator[str]:
    """Say what is unknown and which level it could still bring, the worst first."""
    if given.status == "none":
        return
    open_ = [c for c in given.criteria if c.matched is None and c.mode == "any" and c.level > level]
    for higher in sorted({c.level for c in open_}, reverse=True):
        own = [c for c in open_ if c.level == higher]
        names = [n for c in own for n in words.unknown(c.reason)]
        clauses = ", ".join(dict.fromkeys(i for c in own for i in c.clauses))
        told = f"{words.level(higher)} stays possible until it is known: {listed(names)}"
        yield sentence(told, f"({clauses})" if clauses else "")
    if given.level is None:
        for criterion in given.criteria:
            if criterion.mode == "all" and criterion.matched is None:
                names = words.unknown(criterion.reason)
                told = f"level {criterion.level} needs: {criterion.text.rstrip('.')}"
                told = f"{told}. Not known: {listed(names)}"
                yield sentence(told, words.cite(criterion.clauses, criterion.readings))


def item_clauses(pack: Pack, item: ScheduleItem) -> tuple[str, ...]:
    """Give an item's clauses, those of the activity itself first: they say how often."""
    spec = pack.activities.get(item.activity)
    own = [c for c in (spec.clause if spec else ()) if c in item.clauses]
    return tuple(dict.fromkeys([*own, *item.clauses]))


def interval(pack: Pack, item: ScheduleItem) -> str | None:
    """Give the interval that leads from the last one done to the due date, where one does."""
    spec = pack.activities.get(item.activity)
    rules = [spec.rule] if spec is not None else []
    rules += [
        cell.rule for row in pack.matrix.values() for cell in row.activities.get(item.activity, ())
    ]
    for rule in rules:
        every = rule.frequency
        if (
            isinstance(every, Every)
            and item.last_done
            and add(item.last_done, every.every) == item.due
        ):
            return str(every.every)
    return None


def done_word(item: ScheduleItem) -> str:
    """Give the word for how an activity is done: received, held or made."""
    if item.owner == PROVIDER:
        return "received"
    return "done" if item.period else "held"


def scheduled(words: Words, item: ScheduleItem, name: str) -> str:
    """Say one schedule item: last done, interval, due, days late, what it waits on.

    `name` is the provider's.
    """
    what = words.item(item)
    done = done_word(item)
    last = f"last {done} {a_day(item.last_done)}" if item.last_done else f"never {done} so far"
    every = interval(words.pack, item)
    times = [last, *([f"every {every}"] if every else [])]
    due = a_day(item.due) if item.due else ""
    days = abs(item.days or 0)
    match item.status:
        case "overdue":
            head = f"{name} is overdue for its {what}"
            told = f"{head}: {', '.join([*times, f'due {due}'])}, {counted(days, 'day')} late"
        case "due_today":
            told = f"{what} is due today, {due}: {', '.join(times)}"
        case "due_soon":
            told = f"{what} is due on {due}, in {counted(days, 'day')}: {', '.join(times)}"
        case "not_due":
            told = f"next {what} by {due}: {', '.join(times)}"
        case "no_history":
            first = (
                f"; counted from the start of the contract the first was due by {due}"
                if due
                else ""
            )
            told = f"no {what} is on record{first}"
        case "ask":
            told = f"nobody can say yet when the {what} is due"
        case "conflict":
            told = f"the document contradicts itself on the {what}"
        case "done":
            told = f"{what} {done}"
        case _:
            told = f"{what} as required"
    told += "".join(_beside(words, item))
    force = item.force if item.status not in ("as_required", "done") else None
    return sentence(
        told,
        words.cite(item_clauses(words.pack, item), item.readings, item.conventions, force=force),
    )


def _beside(words: Words, item: ScheduleItem) -> Iterator[str]:
    if item.planned:
        yield f"; arranged for {a_day(item.planned)}"
    if item.attached_to:
        yield f"; held with the {words.item(item.attached_to)}, on its day"
    if item.waiting_on and item.status not in ("as_required", "ask"):
        yield f"; waits on the {words.item(item.waiting_on)}"
    if item.missing:
        yield f"; came without {joined(map(words.token, item.missing))}"
    if item.missed:
        yield "; counts as missed"
    if item.note:
        yield f"; {item.note}"
    if item.asks and item.status in ("ask", "conflict", "no_history"):
        yield f"; asked: {'; '.join(words.label(a) for a in item.asks)}"


def acted(words: Words, action: Action, on: dt.date) -> str:
    """Say one action: what started it, its force, who decides, its due date, what closes it."""
    about = f" ({words.item(action.about)})" if action.about else ""
    told = [sentence(f"{action.text.rstrip('.')}{about}")]
    who = [f"by {words.role(action.owner)}"] if action.owner else []
    who += (
        [f"{joined(map(words.role, action.decided_by.split(', ')))} to decide"]
        if action.decided_by
        else []
    )
    if action.due:
        late = (on - action.due).days
        who.append(
            f"due {a_day(action.due)}" + (f", {counted(late, 'day')} late" if late > 0 else "")
        )
    told.append(
        sentence(
            f"the document says “{_spaced(action.obligation)}”: {'; '.join(who)}"
            if who
            else f"the document says “{_spaced(action.obligation)}”"
        )
    )
    read = words.because(action)
    if read:
        told.append(sentence(f"because of {listed(read)}"))
    told.append(sentence(closing(words, action), words.cite(action.clauses, action.readings)))
    return " ".join(told)


def repeats(action: Action) -> bool:
    """Whether an action only says again that an item of the schedule is to be done."""
    return action.about is not None and all(r.condition == All(()) for r in action.reasons)


def closing(words: Words, action: Action) -> str:
    """Say what closes an action."""
    if not action.closed_by:
        return "it stands until what started it is over"
    if action.closed_by == (action.id,):
        return "closed once it is recorded as done"
    return f"closed by a record of {joined(map(words.recorded, action.closed_by), 'or')}"


def asked(words: Words, question: Question) -> str:
    """Say one question: to whom it goes, what answers it, and why it is asked."""
    about = [f"for {joined(map(words.role, question.who), 'or')}"] if question.who else []
    inputs = [words.answer(a) for a in question.answered_by if a != question.id]
    about += [f"answered by {joined(inputs, 'or', limit=4)}"] if inputs else []
    read = words.support(question.reason) if question.reason is not None else []
    about += [f"asked because of {listed(read, 4)}"] if read else []
    told = sentence(words.plain(question.text))
    return (
        f"{told} {sentence('; '.join(about), words.cite(question.clauses, question.readings))}"
        if about
        else told
    )


def flagged(words: Words, flag: Flag) -> str:
    """Say one flag and what made it true."""
    read = words.support(flag.reason) if flag.reason is not None else []
    names = [words.label(n) for n in flag.names]
    inside = listed([*names, *read])
    told = f"{words.plain(flag.text).rstrip('.')}: {inside}" if inside else words.plain(flag.text)
    return sentence(told, words.cite(flag.clauses, flag.readings))


def noted(words: Words, note: Note) -> str:
    """Say one note."""
    return sentence(words.plain(note.text), words.cite(note.clauses, note.readings))


def row_chosen(words: Words, row: Row) -> str:
    """Say which row of the matrix was chosen, or what keeps it from being chosen."""
    service = _spaced(row.service) if row.service else "the service"
    if row.row is None:
        needed = words.unknown(row.reason) if row.reason is not None else []
        needed = needed or [words.label(n) for n in (row.reason.unknown if row.reason else ())]
        return sentence(
            f"no row of the matrix is chosen for {service}",
            f"until it is known: {'; '.join(needed)}" if needed else "",
        )
    spec = words.pack.matrix[row.row]
    lacks = "; the document lacks this row" if row.undocumented else ""
    return sentence(
        f"{service}: row “{spec.name or _spaced(row.row)}”{lacks}",
        words.cite(row.clauses, row.readings),
    )


def page(
    pack: Pack, assessment: Assessment, record: ProviderRecord | None = None
) -> list[tuple[str, list[str]]]:
    """Write a whole assessment: headings, each with its sentences.

    `record` is the provider's, so that what was read is named by its kind and value.
    """
    words = Words(pack, record)
    a = assessment
    name = a.name or a.provider
    parts = [
        ("Rating", [*suggested(words, a.suggestion), *_confirmed(words, a)]),
        ("Schedule", [scheduled(words, i, name) for i in by_urgency(a.schedule)]),
        ("Actions", [acted(words, x, a.on) for x in a.actions]),
        ("Questions", [asked(words, q) for q in a.questions]),
        ("To be told", [flagged(words, f) for f in a.flags]),
        (
            "How it was worked out",
            [
                *(row_chosen(words, r) for r in a.rows),
                *(noted(words, n) for n in a.notes),
                *_taken(words, a),
            ],
        ),
    ]
    return [(heading, told) for heading, told in parts if told]


_ORDER = (
    "overdue",
    "due_today",
    "due_soon",
    "no_history",
    "ask",
    "conflict",
    "not_due",
    "as_required",
    "done",
)


def by_urgency(items: Iterable[ScheduleItem]) -> list[ScheduleItem]:
    """Order items for reading: what is late first; what does not apply is left out."""
    told = [i for i in items if i.status in _ORDER]
    return sorted(told, key=lambda i: (_ORDER.index(i.status), i.due or dt.date.max))


def _confirmed(words: Words, a: Assessment) -> Iterator[str]:
    if a.confirmed is None:
        yield "No rating is confirmed."
        return
    differs = a.confirmed.status == "overridden"
    told = f"{words.level(a.confirmed.level)} was confirmed on {a_day(a.confirmed.on)}"
    yield sentence(f"{told}, other than the suggested {a.confirmed.suggested}" if differs else told)


class _Rests(Protocol):
    """Whatever rests on readings."""

    @property
    def readings(self) -> tuple[str, ...]: ...


def _taken(words: Words, a: Assessment) -> Iterator[str]:
    """Spell out the readings and conventions that something told rests on, each once."""
    items = [i for i in a.schedule if i.status in _ORDER]
    parts: tuple[_Rests, ...] = (
        *items,
        *a.rows,
        a.suggestion,
        *a.suggestion.matched,
        *a.actions,
        *a.questions,
        *a.flags,
        *a.notes,
    )
    readings = {r for part in parts for r in part.readings}
    yield from (
        sentence(f"reading {words.reading(r)}") for r in words.pack.readings if r in readings
    )
    used = {c for i in items for c in i.conventions} | (
        {"K18"} if a.suggestion.passed_over else set()
    )
    texts = words.pack.identity.conventions
    yield from (sentence(f"{c}: {texts[c]}") for c in texts if c in used)


# --- what an officer takes along -----------------------------------------------------------------

_WIDTH = 79
_INDENT = 16
_FEW = 2
"""Questions under one topic that are written out; the rest are counted."""


def brief(pack: Pack, view: View, assessment: Assessment, activity: str) -> str:
    """Write what an officer takes to a meeting or visit, as plain text.

    `activity` is an id of the pack; KeyError for any other.
    """
    return "\n".join(_Brief(pack, view, assessment, activity).lines())


class _Brief:
    """The brief of one activity at one provider."""

    def __init__(self, pack: Pack, view: View, assessment: Assessment, activity: str) -> None:
        self.pack = pack
        self.view = view
        self.a = assessment
        self.activity = activity
        self.words = Words(pack, view.record)
        self.conduct = assessment.conduct(activity)
        self.items = [i for i in by_urgency(assessment.schedule) if i.activity == activity]
        done = [r.day for r in view.records((activity,)) if r.get("done") and r.day is not None]
        self.last = max(done, default=None)

    def lines(self) -> Iterator[str]:
        """Give the brief line by line."""
        yield f"{self.pack.activities[self.activity].name}: {self.a.name or self.a.provider}"
        edition = f"{self.pack.identity.name}, {self.pack.identity.version}"
        yield from textwrap.wrap(f"{a_day(self.a.on)} · {edition}", _WIDTH)
        yield ""
        yield from self._frame()
        yield from self._section("Arranged wrongly", [self._told(h) for h in self.conduct.problems])
        before = [a for a in self.a.actions if self._prepares(a) and not repeats(a)]
        yield from self._section("Before it", [self._to_do(a) for a in before])
        yield from self._agenda()
        yield from self._section(self._since(), self._enquiries())
        yield from self._section("Returns outstanding", self._returns())
        documents = [self.words.token(h.value) for h in self.conduct.checklist]
        sampled = (
            [f"{joined(documents)} {self._cited(self.conduct.checklist)}"] if documents else []
        )
        yield from self._section("Documents and people to sample", sampled)
        open_ = [
            a
            for a in self.a.actions
            if not self._prepares(a) and not repeats(a) and a.obligation != "may"
        ]
        open_.sort(key=lambda a: a.obligation not in FIRM)
        yield from self._section(
            "Improvement and other actions open", _few([self._to_do(a) for a in open_], _LONG)
        )

    # --- when, where and who ---------------------------------------------------------------------

    def _frame(self) -> Iterator[str]:
        held = self.conduct
        yield from self._row(
            "When",
            "; ".join(self._when(i) for i in self.items) or "does not apply to this provider",
        )
        where = [held.location] if held.location else []
        others = [h for h in held.fallbacks if h.value not in {w.value for w in where}]
        otherwise = f", else {self._names(others, 'or')}" if others else ""
        yield from self._row(
            "Where",
            f"{self._names(where)}{otherwise}" if where else self._names(others, "or"),
            (*where, *others),
        )
        yield from self._row(
            "Led by",
            self._names([held.lead] if held.lead else []),
            [held.lead] if held.lead else [],
        )
        yield from self._row("Must attend", self._names(held.required), held.required)
        yield from self._row("May attend", self._names(held.optional), held.optional)
        yield from self._row("How", self._names(held.format, "or"), held.format)
        rating = f"suggested {self.a.suggestion}"
        if self.a.confirmed is not None:
            rating += f"; confirmed {self.a.confirmed.level} on {a_day(self.a.confirmed.on)}"
        yield from self._row("Rating", rating)

    def _when(self, item: ScheduleItem) -> str:
        told = {
            "due_today": "due today",
            "due_soon": f"due {a_day(item.due)}" if item.due else "",
            "not_due": f"due by {a_day(item.due)}" if item.due else "",
            "overdue": f"overdue since {a_day(item.due)}" if item.due else "",
            "no_history": "none on record",
        }.get(item.status, _spaced(item.status))
        period = f" ({self.words.period(item.period)})" if item.period else ""
        last = f", last {done_word(item)} {a_day(item.last_done)}" if item.last_done else ""
        planned = f", arranged for {a_day(item.planned)}" if item.planned else ""
        waits = f", waits on the {self.words.item(item.waiting_on)}" if item.waiting_on else ""
        return f"{told}{period}{last}{planned}{waits}"

    def _names(self, held: Iterable[Held], last: str = "and") -> str:
        return joined((self.words.token(h.value) for h in held), last)

    @staticmethod
    def _cited(held: Iterable[Held]) -> str:
        clauses = list(dict.fromkeys(c for h in held for c in h.clauses))
        return f"({', '.join(clauses)})" if clauses else ""

    def _told(self, held: Held) -> str:
        return (
            f"{held.text or sentence(self.words.token(held.value))} {self._cited([held])}".strip()
        )

    # --- agenda ----------------------------------------------------------------------------------

    def _agenda(self) -> Iterator[str]:
        topics = [h.value for h in self.conduct.agenda] or list(self.pack.topics)
        clauses = {h.value: self._cited([h]) for h in self.conduct.agenda}
        yield from ("", "Agenda" if clauses else "By topic")
        for number, topic in enumerate(topics, start=1):
            found = [self._found(k) for k in self._live() if self.pack.kinds[k.kind].topic == topic]
            asked_ = [self.words.plain(q.text) for q in self.a.questions if q.topic == topic]
            told = [*([f"found: {listed(found)}"] if found else []), *_asks(asked_)]
            name = (
                f"{self.pack.topics.get(topic, _spaced(topic))} {clauses.get(topic, '')}".rstrip()
            )
            yield f"  {number:2} {name}{'' if told else ': nothing open'}"
            for entry in told:
                yield from _wrapped(entry, "     - ")
        loose = [
            self.words.plain(q.text)
            for q in self.a.questions
            if q.topic not in topics and q.once is None
        ]
        found = [
            self._found(k) for k in self._live() if self.pack.kinds[k.kind].topic not in topics
        ]
        rest = [*([f"found: {listed(found)}"] if found else []), *_asks(loose)]
        yield from self._section(
            "Beside the agenda" if self.conduct.agenda else "Without a topic", rest
        )

    def _live(self) -> list[Known]:
        kinds = [k for k, spec in self.pack.kinds.items() if k != JUDGEMENT and not spec.derived]
        return sorted(
            (f for k in kinds for f in self.view.on_record(k) if f.get("open")), key=lambda f: f.day
        )

    def _found(self, known: Known) -> str:
        return self.words.evidence(known.evidence)

    # --- what to look into -----------------------------------------------------------------------

    def _since(self) -> str:
        return (
            f"Key lines of enquiry: found since {a_day(self.last)}"
            if self.last
            else "Key lines of enquiry"
        )

    def _enquiries(self) -> list[str]:
        """Give what was found since the last visit, each with what is not yet known of it."""
        kinds = [k for k, spec in self.pack.kinds.items() if spec.issue and not spec.derived]
        found = [
            f
            for k in kinds
            for f in self.view.on_record(k)
            if f.get("issue") and (self.last is None or f.day > self.last)
        ]
        told = []
        for known in sorted(found, key=lambda f: f.day):
            facts = self.pack.attribute_facts
            open_ = [
                self.words.label(facts.get((known.kind, n), n))
                for n in self.pack.kinds[known.kind].attributes
                if known.get(n) is None
            ]
            told.append(
                f"{self._found(known)}, {_spaced(str(known.get('status')))}"
                + (f". Not known: {'; '.join(open_)}" if open_ else "")
            )
        return _few(told, _LONG)

    def _returns(self) -> list[str]:
        """Give what the provider owes, the periods of one return together."""
        owed: dict[str, list[ScheduleItem]] = {}
        for item in self.a.schedule:
            if (
                item.status == "overdue"
                and item.owner == PROVIDER
                and item.activity != self.activity
            ):
                owed.setdefault(item.activity, []).append(item)
        told = []
        for activity, items in owed.items():
            periods = joined((self.words.period(i.period) for i in items if i.period), limit=_FEW)
            since = min(i.due for i in items if i.due)
            name = f"{self.words.activity(activity)} {periods}".rstrip()
            told.append(
                f"{name}, overdue since {a_day(since)} ({item_clauses(self.pack, items[0])[0]})"
            )
        return told

    # --- actions ---------------------------------------------------------------------------------

    def _prepares(self, action: Action) -> bool:
        """Whether an action is about this activity or rests on its being scheduled."""
        if action.about is not None:
            return action.about.partition("@")[0] == self.activity
        support = [e for r in action.reasons for e in r.support()]
        return any(e.type == "item" and e.ref.partition("@")[0] == self.activity for e in support)

    def _to_do(self, action: Action) -> str:
        due = f", by {a_day(action.due)}" if action.due else ""
        rests = "; ".join([_spaced(action.obligation), ", ".join(action.clauses)])
        return f"{action.text.rstrip('.')}{due} ({rests})"

    # --- layout ----------------------------------------------------------------------------------

    def _row(self, label: str, text: str, held: Iterable[Held] = ()) -> Iterator[str]:
        if text:
            yield from _wrapped(f"{text} {self._cited(held)}".rstrip(), label.ljust(_INDENT))

    @staticmethod
    def _section(heading: str, entries: list[str]) -> Iterator[str]:
        if entries:
            yield from ("", heading)
            for entry in entries:
                yield from _wrapped(entry, "  - ")


def _few(entries: list[str], few: int, more: str = "more") -> list[str]:
    """Write out a few entries and count the rest."""
    return (
        entries if len(entries) <= few + 1 else [*entries[:few], f"and {len(entries) - few} {more}"]
    )


def _asks(texts: list[str]) -> list[str]:
    return _few([f"ask: {text}" for text in texts], _FEW, "more questions")


def _wrapped(text: str, head: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )
