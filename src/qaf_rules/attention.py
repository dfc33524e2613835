"""Monday's list as data: who needs attention, why in few words, what is late first.

What belongs together is one line: the periods of one return; an item and the actions that only
repeat or prepare it; the actions that follow the same event; what may be done; and what has no
history. Which belongs to which is read from the actions themselves, never from their ids.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qaf_rules.explain import FIRM, done_word, interval, item_clauses, repeats
from qaf_rules.words import PROVIDER, Words, counted, joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import Action, Assessment, Evidence, ScheduleItem

__all__ = [
    "SAID",
    "SEVERITIES",
    "Attention",
    "Line",
    "Needing",
    "Told",
    "Totals",
    "attention",
    "lines",
    "needing",
]

SEVERITIES = ("overdue", "due", "do", "should", "consider", "unknown")
"""How a line presses, the most pressing first: `overdue`; `due` today or soon; `do`, what the
document says must or will be done; `should`; `consider`; `unknown`, what has no history."""

SAID = {severity: severity for severity in SEVERITIES} | {"unknown": "no record"}
"""The word by which each is told."""

MOST = 5
"""Lines for one provider; what is less pressing is counted in the last of them."""

_NAMED = 3
"""Actions or other lines that are named in one line; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that needs attention: how it presses, what and why in few words, by when."""

    severity: str
    what: str
    why: str = ""
    due: dt.date | None = None
    clause: str | None = None
    items: tuple[str, ...] = ()  # the schedule items that it tells
    actions: tuple[str, ...] = ()  # the actions that it tells
    since: dt.date | None = None  # the day of the event that its actions follow


@dataclass(frozen=True, slots=True)
class Needing:
    """A provider that needs attention, with its ratings and the number of open questions.

    While nothing is known that the rating could rest on, the questions that only it asks are
    counted apart, in `rating_questions`.
    """

    provider: str
    name: str
    lines: tuple[Line, ...]
    suggested: str
    level: int | None
    confirmed: int | None
    questions: int
    rating_questions: int = 0

    @property
    def overdue(self) -> bool:
        """Whether anything is overdue."""
        return any(line.severity == "overdue" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a register comes to.

    `needing` counts the providers on the list, `overdue_items` the overdue items of all schedules,
    `suggested` and `confirmed` the providers at each level (None: no level), `questions` the open
    ones, one that is asked once for a register counted once.
    """

    providers: int
    needing: int
    overdue_providers: int
    overdue_items: int
    suggested: Mapping[int | None, int]
    confirmed: Mapping[int | None, int]
    questions: int


@dataclass(frozen=True, slots=True)
class Told:
    """What of a provider's register did not count as it was written, and why."""

    provider: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Attention:
    """Monday's list: the providers that need attention, the most pressing first, and totals.

    `unused` counts the records that are dated after the day; `notes` tell what else of the
    register did not count as it was written.
    """

    on: dt.date | None
    providers: tuple[Needing, ...]
    totals: Totals
    unused: int = 0
    notes: tuple[Told, ...] = ()


_LATER: Final = "left_out"
_ASTRAY: Final = ("no_such_period", "not_yet")
"""Notes of an assessment on what the register says: dated too late, or counting for nothing."""


def attention(
    assessments: Iterable[Assessment],
    pack: Pack,
    *,
    records: Mapping[str, ProviderRecord] | None = None,
) -> Attention:
    """Make Monday's list of assessments of one day.

    `pack` is the one they were made under; `records`, by provider id, let a reason name what it
    read by kind.
    """
    all_ = tuple(assessments)
    known = records or {}
    words = Words(pack, short=True)
    everyone = [needing(a, words.of(known.get(a.provider))) for a in all_]
    listed = sorted((n for n in everyone if n.lines), key=_pressing)
    overdue = sum(i.status == "overdue" for a in all_ for i in a.schedule)
    once = {q.id for a in all_ for q in a.questions if q.once}
    totals = Totals(
        providers=len(all_),
        needing=len(listed),
        overdue_providers=sum(n.overdue for n in listed),
        overdue_items=overdue,
        suggested=_by_level(a.suggestion.level for a in all_),
        confirmed=_by_level(a.confirmed.level if a.confirmed else None for a in all_),
        questions=len(once) + sum(n.questions for n in everyone),
    )
    return Attention(
        all_[0].on if all_ else None,
        tuple(listed),
        totals,
        sum(_number(n.text) for a in all_ for n in a.notes if n.id == _LATER),
        tuple(
            Told(a.provider, a.name or a.provider, n.text)
            for a in all_
            for n in a.notes
            if n.id in _ASTRAY
        ),
    )


def _number(text: str) -> int:
    """Give the number with which a note begins."""
    found = re.match(r"\d+", text)
    return int(found.group()) if found else 1


def _by_level(levels: Iterable[int | None]) -> dict[int | None, int]:
    found = Counter(levels)
    return {level: found[level] for level in sorted(found, key=lambda x: (x is None, x))}


def _pressing(entry: Needing) -> tuple[bool, int, int, str, str]:
    worst = max(entry.level or 0, entry.confirmed or 0)
    first = SEVERITIES.index(entry.lines[0].severity)
    return (not entry.overdue, -worst, first, entry.name.casefold(), entry.provider)


def needing(assessment: Assessment, words: Words) -> Needing:
    """Say what one provider needs."""
    a = assessment
    asked = [q for q in a.questions if q.once is None]
    apart = a.suggestion.unknown if a.suggestion.status == "none" else ()
    own = [q for q in asked if q.id not in apart]
    return Needing(
        provider=a.provider,
        name=a.name or a.provider,
        lines=lines(a, words),
        suggested=str(a.suggestion),
        level=a.suggestion.level,
        confirmed=a.confirmed.level if a.confirmed is not None else None,
        questions=len(own),
        rating_questions=len(asked) - len(own),
    )


def lines(assessment: Assessment, words: Words) -> tuple[Line, ...]:
    """Give what needs attention at one provider, the most pressing first, at most `MOST` lines."""
    maker = _Maker(assessment, words)
    found = sorted(maker.made(), key=maker.order)
    if len(found) <= MOST:
        return tuple(found)
    kept, rest = found[: MOST - 1], found[MOST - 1 :]
    return (*kept, _together(rest))


def _together(rest: list[Line]) -> Line:
    """Make one line of the less pressing ones, under the severity of the first."""
    named = [line.what.partition("; ")[0] for line in rest[:_NAMED]]
    return Line(
        severity=rest[0].severity,
        what=f"and {len(rest)} more: {'; '.join(named)}{' …' if len(rest) > _NAMED else ''}",
        due=min((line.due for line in rest if line.due), default=None),
        items=tuple(i for line in rest for i in line.items),
        actions=tuple(i for line in rest for i in line.actions),
    )


@dataclass(slots=True)
class _Maker:
    """Makes the lines of one assessment."""

    a: Assessment
    words: Words

    def made(self) -> Iterator[Line]:
        """Make every line, in no order."""
        beside, own, maybe = self._sorted_actions()
        yield from self._item_lines(beside)
        yield from self._action_lines(own)
        if maybe:
            yield Line(
                "consider",
                self._texts(maybe),
                due=min((a.due for a in maybe if a.due), default=None),
                clause=_first(maybe[0].clauses),
                actions=tuple(a.id for a in maybe),
            )
        late = self._listed()
        unknown = [
            i for i in self.a.schedule if i.status == "no_history" and i.activity not in late
        ]
        if unknown:
            names = joined((self.words.activity(i.activity) for i in unknown), limit=3)
            yield Line(
                "unknown",
                f"nothing on record: {names}",
                due=min((i.due for i in unknown if i.due), default=None),
                clause=_first(item_clauses(self.words.pack, unknown[0])),
                items=tuple(i.id for i in unknown),
            )

    def order(self, line: Line) -> tuple[int, bool, dt.date, int, str]:
        """Order lines: by severity, the schedule first, the longest due, the newest event."""
        newest = -line.since.toordinal() if line.since else 0
        return (
            SEVERITIES.index(line.severity),
            not line.items,
            line.due or dt.date.max,
            newest,
            line.what,
        )

    # --- the schedule ----------------------------------------------------------------------------

    def _listed(self) -> dict[str, list[ScheduleItem]]:
        """Give the live items by activity; what the provider owes concerns nobody until late."""
        found: dict[str, list[ScheduleItem]] = {}
        for item in self.a.schedule:
            if item.status == "overdue" or (item.live and item.owner != PROVIDER):
                found.setdefault(item.activity, []).append(item)
        return found

    def _item_lines(self, beside: Mapping[str, list[Action]]) -> Iterator[Line]:
        for activity, items in self._listed().items():
            late = [i for i in items if i.status == "overdue"]
            first = min(late or items, key=lambda i: i.due or dt.date.max)
            prepared = [a for a in beside.get(activity, []) if not repeats(a)]
            yield Line(
                severity="overdue" if late else "due",
                what=self._what(first, late or items),
                why="; ".join(self._why(first, late, prepared)),
                due=first.due,
                clause=_first(item_clauses(self.words.pack, first)),
                items=tuple(i.id for i in items),
                actions=tuple(a.id for a in beside.get(activity, [])),
            )

    def _what(self, first: ScheduleItem, items: list[ScheduleItem]) -> str:
        if len(items) > 1:
            ends = [
                self.words.period(i.period).partition(" ")[2]
                for i in (items[0], items[-1])
                if i.period
            ]
            periods = " to ".join(ends)
            return f"{self.words.activity(first.activity)}, {len(items)} outstanding ({periods})"
        return self.words.item(first)

    def _why(
        self, first: ScheduleItem, late: list[ScheduleItem], prepared: list[Action]
    ) -> Iterator[str]:
        if first.last_done:
            every = interval(self.words.pack, first)
            yield f"last {done_word(first)} {self.words.day(first.last_done)}" + (
                f", every {every}" if every else ""
            )
        days = abs(first.days or 0)
        if late:
            yield f"{counted(days, 'day')} late"
        else:
            yield "today" if days == 0 else f"in {counted(days, 'day')}"
        if first.planned:
            yield f"arranged for {self.words.day(first.planned)}"
        if first.waiting_on:
            yield f"waits on the {self.words.item(first.waiting_on)}"
        if first.missing:
            yield f"came without {joined(map(self.words.token, first.missing))}"
        if prepared:
            yield f"{counted(len(prepared), 'thing')} to prepare"
        if first.planned and (wrong := len(self.a.conduct(first.activity).problems)):
            yield f"{counted(wrong, 'thing')} wrong with how it is arranged"

    # --- actions ---------------------------------------------------------------------------------

    def _sorted_actions(self) -> tuple[dict[str, list[Action]], list[Action], list[Action]]:
        """Part actions into those told beside an item, by activity; those of their own; and may."""
        listed = self._listed()
        beside: dict[str, list[Action]] = {}
        own: list[Action] = []
        maybe: list[Action] = []
        for action in self.a.actions:
            activity = self._item_of(action, listed)
            if activity is not None:
                beside.setdefault(activity, []).append(action)
            elif action.obligation == "may":
                maybe.append(action)
            else:
                own.append(action)
        return beside, own, maybe

    def _item_of(self, action: Action, listed: Mapping[str, object]) -> str | None:
        """Give the listed activity that an action repeats or prepares: it rests on items alone."""
        if action.about is not None:
            own = [action.about] if repeats(action) or action.due is not None else []
        else:
            support = _support(action)
            own = [e.ref for e in support] if all(e.type == "item" for e in support) else []
        return next((a for a in (ref.partition("@")[0] for ref in own) if a in listed), None)

    def _action_lines(self, actions: list[Action]) -> Iterator[Line]:
        """Give a line for the actions that follow one event, as pressing as the first of them."""
        by_event: dict[object, tuple[Evidence | None, list[Action]]] = {}
        for action in actions:
            event = self._event(action)
            key = (action.id, action.about) if event is None else event[:3]
            by_event.setdefault(key, (event, []))[1].append(action)
        for event, own in by_event.values():
            own.sort(key=self._severity)
            due = min((a.due for a in own if a.due), default=None)
            severity = SEVERITIES[self._severity(own[0])]
            yield Line(
                severity=severity,
                what=self._texts(own),
                why="; ".join(self._cause(event, due)),
                due=due,
                clause=_first(own[0].clauses),
                actions=tuple(a.id for a in own),
                since=max((a.since for a in own if a.since), default=None),
            )

    def _cause(self, event: Evidence | None, due: dt.date | None) -> Iterator[str]:
        if event is not None:
            yield f"{_AFTER.get(event.type, '')} {self.words.evidence(event)}".lstrip()
        if due is not None and due < self.a.on:
            yield f"{counted((self.a.on - due).days, 'day')} late"

    def _severity(self, action: Action) -> int:
        if action.due is not None and action.due < self.a.on:
            return SEVERITIES.index("overdue")
        return SEVERITIES.index("do" if action.obligation in FIRM else "should")

    def _event(self, action: Action) -> Evidence | None:
        """Give the event that an action follows: what is behind it, of the day that it is since."""
        found = [e for e in _support(action) if e.day is not None and e.day == action.since]
        return min(found, key=lambda e: (_EVENTS.get(e.type, len(_EVENTS)), e.ref), default=None)

    def _texts(self, actions: list[Action]) -> str:
        """Tell actions by the first clause of their text."""
        texts = list(dict.fromkeys(map(self._short, actions)))
        if len(texts) > _NAMED + 1:
            texts = [*texts[:_NAMED], f"and {len(texts) - _NAMED} more"]
        return "; ".join(texts)

    def _short(self, action: Action) -> str:
        about = f" ({self.words.item(action.about)})" if action.about else ""
        text = self.words.short(action.text)
        return f"{text[:1].lower()}{text[1:]}{about}"


_AFTER = {"record": "after", "rating": "after", "finding": "because of", "item": "because of"}
"""How an event is told as a cause; a value that was read is told as it is."""

_EVENTS = {"record": 0, "rating": 1, "finding": 2, "statement": 3, "field": 4}


def _support(action: Action) -> list[Evidence]:
    return [e for reason in action.reasons for e in reason.support()]


def _first(clauses: tuple[str, ...]) -> str | None:
    return clauses[0] if clauses else None
