"""What only a person can answer: raised while it is live, gone when it is answered (K21, K23)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaf_rules.actions import Undecided, answers
from qaf_rules.condition import LIMIT, Is, Result
from qaf_rules.incomplete import lacking, raising
from qaf_rules.result import Evidence, Question, Reason, Row, ScheduleItem, Suggestion
from qaf_rules.value_tests import Value
from qaf_rules.values import OneOf

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.laid_out import Declared
    from qaf_rules.result import Lacking
    from qaf_rules.schema import QuestionSpec
    from qaf_rules.values import Type

SOURCE = "source"
"""What every finding may say, of whatever kind."""


class Asker:
    """Collects the questions of one assessment, each once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.pack = view.pack
        self.found: dict[str, Question] = {}
        self.settled = list(answers(view))

    # --- what is asked ---------------------------------------------------------------------------

    def declared(self, *, portfolio: bool = False) -> None:
        """Ask what the pack's questions and ambiguities say, where their condition holds.

        `portfolio` asks those of a whole register.
        """
        view = self.view
        for question in self.pack.laid_out.questions:
            gate = question.gate
            if gate is not None and not gate.stirs & view.told:
                continue
            if question.portfolio == portfolio:
                self._declared(question)
        for id_, when, of_register in self.pack.laid_out.readings:
            if of_register == portfolio and when.stirs & view.told and view.truth_of(when):
                self.reading(id_, view.reason_of(when))

    def _declared(self, question: Declared) -> None:
        id_, spec, entries, asked_when, _, _ = question
        view = self.view
        about, reasons = [], []
        for value, when in entries:
            if when is None:
                about.append(value)
            elif when.stirs & view.told and view.truth_of(when):
                about.append(value)
                reasons.append(view.reason_of(when))
        if asked_when is None and reasons:
            self._put(id_, spec, about, Reason(None, True, None, tuple(reasons)))  # noqa: FBT003  # a truth
        elif asked_when is not None and asked_when.stirs & view.told and view.truth_of(asked_when):
            self._put(id_, spec, about, view.reason_of(asked_when))

    def _put(
        self,
        id_: str,
        spec: QuestionSpec,
        about: Iterable[str],
        reason: Reason | None,
        clauses: tuple[str, ...] = (),
    ) -> None:
        """Put a question of the pack; readings that were chosen are no matter of it."""
        open_ = [a for a in about if a not in self.pack.chosen]
        asked = Question(
            id=id_,
            text=spec.ask,
            who=spec.who,
            about=tuple(dict.fromkeys([id_, *open_])),
            answered_by=spec.answered_by,
            topic=spec.topic,
            once=spec.once,
            clauses=spec.clause or clauses,
            readings=spec.readings,
            reason=reason,
            fact=id_ if id_ in self.pack.values else None,
            takes=self.pack.values[id_].type if id_ in self.pack.values else None,
        )
        of_each = [self._of_finding(asked, lacks) for lacks in raising(self.view, id_, reason)]
        for each in of_each or [asked]:
            self._add(each)

    def _of_finding(self, asked: Question, lacks: Lacking) -> Question:
        """Ask one finding alone for what a question asks."""
        kind, attribute, finding = lacks
        label = self.pack.kinds[kind].label or kind
        which = str(finding).removeprefix(f"{kind} ")  # one without a reference is named after it
        return asked._replace(
            id=f"{kind}:{finding}.{attribute}",
            text=f"{label[:1].upper()}{label[1:]} {which}: {asked.text}",
            about=(*asked.about, str(finding)),
            answered_by=(f"finding {finding}",),
            completes=lacks,
            takes=self._type_of(lacks),
        )

    def _type_of(self, lacks: Lacking) -> Type:
        """Give the type of what a finding would say: of its source one of the pack's."""
        if lacks.attribute == SOURCE:
            return OneOf(tuple(self.pack.sources))
        declared: Type = self.pack.kinds[lacks.kind].attributes[lacks.attribute]
        return declared

    def reading(
        self, id_: str, reason: Reason | None = None, *, even_if_chosen: bool = False
    ) -> None:
        """Ask which reading of an ambiguity is meant, unless one was chosen that settles it."""
        spec = self.pack.readings[id_]
        if id_ in self.pack.chosen and not even_if_chosen:
            return
        self._add(
            Question(
                id=id_,
                text=spec.ask or spec.about,
                who=spec.who,
                about=(id_,),
                answered_by=spec.answered_by or (f"reading {id_}",),
                topic=spec.topic,
                clauses=spec.clause,
                readings=(id_,),
                reason=reason,
            )
        )

    def name(self, name: str, clauses: tuple[str, ...] = (), reason: Reason | None = None) -> None:
        """Ask for a field, setting or fact, or put the question or ambiguity of that id."""
        if name in self.pack.readings:
            self.reading(name, reason)
            return
        lacks = lacking(self.view, name, reason)
        for each in lacks:
            self._lacking(each, name, clauses, reason)
        if lacks and not self._described(name):
            return
        question = self.pack.questions.get(name)
        if question is not None:
            plain = [entry.value for entry in question.about if entry.when is None]
            self._put(name, question, plain, reason, clauses)
            return
        if name in self.found:
            return
        known = self.pack.kept.plain_questions
        asked = known.get((name, clauses))
        if asked is None and (name, clauses) not in known:
            asked = known[name, clauses] = self._plain(name, clauses)
        if asked is not None:
            asked = self._spoken_for(asked)
            self._add(asked if reason is None else asked.because(reason))
        elif "." in name:
            for fact in self._counts_of(name):
                self.name(fact, clauses, reason)
                told = self.found.get(fact)
                if told is not None:
                    self.found[fact] = told._replace(about=(*told.about, name))

    def _lacking(
        self,
        lacks: Lacking,
        name: str,
        clauses: tuple[str, ...],
        reason: Reason | None,
        words: str = "{}",
    ) -> None:
        """Ask for what a finding on record does not say, or the state that several tell."""
        kind, attribute, finding = lacks
        spec, fact = self.pack.kinds[kind], self.pack.values.get(name)
        text = spec.ask_about.get(attribute) or (fact.ask if fact is not None else "")
        asked = Question(
            id=name,
            text=text or f"What is known of its {attribute.replace('_', ' ')}?",
            who=fact.stated_by if fact is not None else (),
            about=(name,),
            answered_by=(f"finding of the kind {kind}", name),
            topic=spec.topic,
            clauses=(fact.clause if fact is not None else ()) or clauses,
            reason=reason,
            fact=name if fact is not None else None,
            completes=lacks,
            takes=self._type_of(lacks),
        )
        if finding is None:
            self._add(asked._replace(text=words.format(asked.text)))
        else:
            self._add(self._of_finding(asked, lacks))

    def _described(self, name: str) -> bool:
        """Whether findings that a person described are still to be told of what a fact tells."""
        spec = self.pack.facts.get(name)
        kind = (
            spec.tie.kind if spec is not None and spec.tie is not None else name.partition(".")[0]
        )
        stated = self.view.world(kind).spoken.get(name)
        told = stated is not None and stated.value is not None
        return bool(self.view.world(kind).spoken) and not told

    def _spoken_for(self, asked: Question) -> Question:
        """Let an answer speak for no finding that was recorded since the kind was described."""
        spec = self.pack.facts.get(asked.id) if self.view.statements else None
        ties = [tie for tie in (spec.tie, spec.also) if tie is not None] if spec is not None else []
        worlds = [world for tie in ties if (world := self.view.world(tie.kind)).spoken]
        since = [e.recorded for w in worlds for e in w.elements if e.source_finding is not None]
        if not since:
            return asked
        day = min(since) - dt.timedelta(days=1)
        own = self.view.statements.get(asked.id)
        return asked if own is not None and own.on >= day else asked._replace(as_of=day)

    def _counts_of(self, name: str) -> Iterator[str]:
        """Give the facts that say of how many of a kind an attribute is told."""
        kind, _, attribute = name.partition(".")
        for fact in self.pack.facts_of.get(kind, ()):
            tie = self.pack.facts[fact].number
            if tie is not None and attribute in tie.where:
                yield fact

    def _plain(self, name: str, clauses: tuple[str, ...]) -> Question | None:
        """Make the question about a field or fact; one without words is not asked."""
        spec = self.pack.values.get(name)
        if spec is None or not spec.ask:
            return None
        topic = spec.topic
        tie = spec.tie or spec.marks
        if topic is None and tie is not None:
            topic = self.pack.kinds[tie.kind].topic
        return Question(
            id=name,
            text=spec.ask,
            who=spec.stated_by,
            about=(name,),
            answered_by=(name,),
            topic=topic,
            once="register" if name in self.pack.settings else None,
            clauses=spec.clause or clauses,
            fact=name,
            takes=spec.type,
        )

    # --- where unknowns come from ----------------------------------------------------------------

    def rows(self, rows: Iterable[Row]) -> None:
        """Ask for what keeps a row from being chosen."""
        for row in rows:
            if row.row is None and row.reason is not None and row.reason.truth is None:
                for name in (*row.reason.unknown, *row.reason.still_needed()):
                    self.name(name, (), row.reason)

    def items(self, items: Iterable[ScheduleItem]) -> None:
        """Ask for what keeps an item from being dated."""
        for item in items:
            for name in item.asks:
                self.name(name, item.clauses, item.reason)

    def triggers(self, undecided: Iterable[Undecided]) -> None:
        """Ask for what keeps a trigger unknown (K20)."""
        for open_ in undecided:
            for name in open_.names:
                self.name(name, open_.clauses, open_.reason)

    def rating(self, suggestion: Suggestion) -> None:
        """Ask for the facts that could still change the level, and about what is passed over."""
        needing: dict[str, list[Reason]] = {}
        for criterion in suggestion.criteria if suggestion.unknown else ():
            if criterion.matched is None:
                for name in criterion.reason.still_needed():
                    needing.setdefault(name, []).append(criterion.reason)
        for name in suggestion.unknown:
            self.name(name, (), Reason(None, None, None, tuple(needing.get(name, ()))))
        for evidence in suggestion.passed_over:
            self._passed_over(evidence)
        if self.pack.identity.rating.method == "ask":
            for name in self.pack.identity.rating.ask_about:
                taken = Result("chosen", (name,)).evaluate(self.view)
                self.reading(name, taken, even_if_chosen=True)

    def _passed_over(self, evidence: Evidence) -> None:
        ref, type_ = evidence.ref, evidence.type
        gap_about = self.pack.identity.rating.gap_about
        self._add(
            Question(
                id=f"gap:{ref}",
                text=f"No criterion speaks of {self._words(ref, type_)}: which level does it mean?",
                who=(),
                about=("gap", ref, *(a for a in gap_about if a not in self.pack.chosen)),
                answered_by=("rating", ref),
                clauses=self.pack.identity.rating.clause,
                reason=_rests_on(evidence),
            )
        )

    def _words(self, ref: str, type_: str) -> str:
        if type_ == "criterion":
            return f"a provider of which this does not hold: {self.pack.rating[ref].text}"
        names = ref.split(", ") if type_ == "statement" else []
        labels = [self.pack.values[n].label or n for n in names if n in self.pack.values]
        return ", ".join(labels) if labels else f"finding {ref}"

    def kinds(self) -> None:
        """Ask about live findings of the kinds that raise a question."""
        for kind in self.view.heard(self.pack.laid_out.asking_kinds):
            spec = self.pack.kinds[kind]
            for known in self.view.on_record(kind):
                if not known.attributes["open"]:
                    continue
                if isinstance(spec.asks, str):
                    self.name(spec.asks, (), _rests_on(known.evidence))
                    continue
                text = (
                    spec.ask or f"What does {spec.label or kind} {known.ref} mean for the rating?"
                )
                self._add(
                    Question(
                        f"{kind}:{known.ref}",
                        text,
                        (),
                        (kind, known.ref),
                        ("status of the finding",),
                        spec.topic,
                        clauses=spec.clause,
                        reason=_rests_on(known.evidence),
                    )
                )

    def statements(self) -> None:
        """Ask whether aged statements still hold, and which of two that differ is right (K17)."""
        for fact in self.view.aged:
            if not self.view.read(fact).given or self.view.read(fact).value is None:
                self._about_fact(fact, "Is it still so? {}")
        for fact in self.view.conflicts:
            self._about_fact(fact, "Two statements of one day differ. {}")

    def _about_fact(self, fact: str, words: str) -> None:
        """Ask again for a fact; of what findings on record do not say each is asked by itself."""
        reason = Is(fact, LIMIT).evaluate(self.view)
        lacks = lacking(self.view, fact, reason)
        self.found.pop(fact, None)
        if lacks and not self._described(fact):
            for each in lacks:
                self._lacking(each, fact, (), reason, words)
            return
        spec = self.pack.values[fact]
        text = words.format(spec.ask or f"What is known of {spec.label or fact}?")
        again = Question(
            fact,
            text,
            spec.stated_by,
            (fact,),
            (fact,),
            spec.topic,
            clauses=spec.clause,
            reason=reason,
            fact=fact,
            takes=spec.type,
        )
        self._add(self._spoken_for(again))

    def undecided_states(self) -> None:
        """Ask about states of which two findings of one day differ."""
        for kind in self.view.heard(self.pack.laid_out.states):
            for attribute in self.view.world(kind).differing:
                name = self.pack.attribute_facts.get((kind, attribute))
                if name is not None:
                    self._about_fact(name, "Two findings of one day differ. {}")

    # --- keeping them ----------------------------------------------------------------------------

    def _add(self, question: Question) -> None:
        """Keep a question; of one that was put before, what else it is about and rests on."""
        if self._is_settled(question):
            return
        own = self.found.setdefault(question.id, question)
        if own is not question and not set(question.about) <= set(own.about):
            self.found[question.id] = _joined(own, question)

    def _is_settled(self, question: Question) -> bool:
        """A decision answers it, until the inputs that it rested on change."""
        for to, day in self.settled:
            if to == question.id or question.id in self._ambiguities_of(to):
                # What is only planned has not happened yet: it is no newer than the answer.
                past = [
                    e.day
                    for e in (question.reason.support() if question.reason is not None else ())
                    if e.day is not None and e.day <= self.view.on
                ]
                if max(past, default=day) <= day:
                    return True
        return False

    def _ambiguities_of(self, to: object) -> set[str]:
        """One matter is one question: its answer settles the ambiguities that it names."""
        spec = self.pack.questions.get(str(to))
        return {e.value for e in spec.about if e.value in self.pack.readings} if spec else set()

    def questions(self) -> Iterator[Question]:
        """Give the questions; an ambiguity that another question names is not put again."""
        named = {
            about
            for q in self.found.values()
            for about in q.about
            if about != q.id and about in self.pack.readings
        }
        for question in self.found.values():
            if question.id not in named:
                yield question


def _joined(own: Question, other: Question) -> Question:
    """Give a question with what another of its id is about, cites and waits for."""
    reasons = tuple(r for r in (own.reason, other.reason) if r is not None)
    waiting = len(reasons) > 1 and all(reason.truth is None for reason in reasons)
    return own._replace(
        about=tuple(dict.fromkeys([*own.about, *other.about])),
        clauses=tuple(dict.fromkeys([*own.clauses, *other.clauses])),
        reason=Reason(None, None, None, reasons) if waiting else next(iter(reasons), None),
    )


def _rests_on(evidence: Evidence) -> Reason:
    return Reason(None, True, Value(True, (evidence,)))  # noqa: FBT003  # a truth


def all_questions(
    view: View,
    rows: Iterable[Row],
    items: Iterable[ScheduleItem],
    undecided: Iterable[Undecided],
    suggestion: Suggestion,
) -> tuple[Question, ...]:
    """Collect every question of one assessment, the pack's own first."""
    asker = Asker(view)
    asker.rows(rows)
    asker.declared()
    asker.items(items)
    asker.triggers(undecided)
    asker.rating(suggestion)
    asker.kinds()
    asker.undecided_states()
    asker.statements()
    return tuple(asker.questions())


__all__ = ["all_questions"]
