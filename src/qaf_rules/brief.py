"""What an officer takes to a meeting or visit: one activity at one provider, as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaf_rules.elements import JUDGEMENT
from qaf_rules.explain import FIRM, by_urgency, differing, done_word, item_clauses, repeats
from qaf_rules.words import MANY, PROVIDER, Words, a_day, joined, listed, sentence, spaced

if TYPE_CHECKING:
    from qaf_rules.elements import Known
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.result import Action, Assessment, Held, ScheduleItem

__all__ = ["brief"]

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
        done = [r.day for r in view.records((activity,)) if r.done and r.day is not None]
        self.last = max(done, default=None)

    def lines(self) -> Iterator[str]:
        """Give the brief line by line."""
        yield f"{self.pack.activities[self.activity].name}: {self.a.name or self.a.provider}"
        edition = f"{self.pack.identity.name}, {self.pack.identity.version}"
        yield from textwrap.wrap(f"{a_day(self.a.on)} · {edition}", _WIDTH)
        yield ""
        wrongly = self._section("Arranged wrongly", [self._told(h) for h in self.conduct.problems])
        if not self.items:
            yield "It does not apply to this provider."
            yield from wrongly
            return
        yield from self._frame()
        yield from wrongly
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
            "Improvement and other actions open", _few([self._to_do(a) for a in open_], MANY)
        )

    # --- when, where and who ---------------------------------------------------------------------

    def _frame(self) -> Iterator[str]:
        held = self.conduct
        yield from self._row(
            "When",
            "; ".join(self._when(i) for i in self.items),
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
            confirmed = self.a.confirmed
            rating += (
                f"; confirmed {confirmed.level} on {a_day(confirmed.on)}{differing(confirmed)}"
            )
        yield from self._row("Rating", rating)

    def _when(self, item: ScheduleItem) -> str:
        told = {
            "due_today": "due today",
            "due_soon": f"due {a_day(item.due)}" if item.due else "",
            "not_due": f"due by {a_day(item.due)}" if item.due else "",
            "overdue": f"overdue since {a_day(item.due)}" if item.due else "",
            "no_history": "none on record",
        }.get(item.status, spaced(item.status))
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
            name = f"{self.pack.topics.get(topic, spaced(topic))} {clauses.get(topic, '')}".rstrip()
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
            (f for k in kinds for f in self.view.on_record(k) if f.attributes["open"]),
            key=lambda f: f.day,
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
            if f.get("issue", self.view) and (self.last is None or f.day > self.last)
        ]
        told = []
        for known in sorted(found, key=lambda f: f.day):
            facts = self.pack.attribute_facts
            open_ = [
                self.words.label(facts.get((known.kind, n), n))
                for n in self.pack.kinds[known.kind].attributes
                if known.get(n, self.view) is None
            ]
            told.append(
                f"{self._found(known)}, {spaced(str(known.attributes['status']))}"
                + (f". Not known: {'; '.join(open_)}" if open_ else "")
            )
        return _few(told, MANY)

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
        rests = "; ".join([spaced(action.obligation), ", ".join(action.clauses)])
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
