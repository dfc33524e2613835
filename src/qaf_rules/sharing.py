"""Who may be told what of a provider, through which channel, and after which steps.

A pack's rules are read in their order: the first that speaks of the subject and the audience, and
whose condition holds, answers. Where one before it may yet hold and would answer otherwise, a
person is asked, and so where no rule speaks: nothing is shared, and nothing refused, by silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from pydantic import BeforeValidator, Field

from qaf_rules.condition import ALWAYS
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.requests import About, Request, asked, requests
from qaf_rules.result import Held, Reason
from qaf_rules.written import Cited, Cond, Part, Texts

if TYPE_CHECKING:
    from qaf_rules.elements import Carried, Known
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.why import Explanation

ANY: Final = "any"

Answer: TypeAlias = Literal["permitted", "not_permitted", "ask"]

# --- as a pack writes it -------------------------------------------------------------------------


def _named(raw: object) -> object:
    return {"name": raw} if isinstance(raw, str) else raw


def _one(raw: object) -> object:
    return {"is": raw} if isinstance(raw, str) else raw


def _listed(raw: object) -> object:
    given = raw if isinstance(raw, list) else [raw]
    return [entry for entry in given if entry is not None]


class Chosen(Part):
    """Findings of a kind, or of a group of kinds, and which of them."""

    kind: str = Field(alias="is")
    where: Cond = ALWAYS


OneChosen: TypeAlias = Annotated[Chosen, BeforeValidator(_one)]


class Contents(Part):
    """What a register has of a subject: the rating, fields and facts, and how many findings."""

    rating: bool = False
    values: Texts = ()
    findings: Annotated[tuple[OneChosen, ...], BeforeValidator(_listed)] = ()


class Subject(Part):
    """Something that may be shared, and what a register has of it."""

    name: str
    aliases: Texts = ()  # other names by which it is asked for
    holds: Contents = Contents()


OneSubject: TypeAlias = Annotated[Subject, BeforeValidator(_named)]


class Audience(Cited):
    """Someone who may be told: what may go to an audience may go to each of its members."""

    name: str
    aliases: Texts = ()  # other names by which it is asked for
    members: Texts = ()


OneAudience: TypeAlias = Annotated[Audience, BeforeValidator(_named)]


class Step(Cited):
    """What is done before something is shared, or left out of what else would be."""

    value: str = Field(alias="is")
    gives: bool = False  # it is the sharing itself
    where_appropriate: bool = False  # a person sees whether it is called for; nothing waits for it


OneStep: TypeAlias = Annotated[Step, BeforeValidator(_one)]


Steps: TypeAlias = Annotated[tuple[OneStep, ...], BeforeValidator(_listed)]


class SharingRule(Cited):
    """Whether some subjects may go to some audiences; `any` stands for all of them."""

    what: Texts
    audience: Texts
    when: Cond = ALWAYS
    answer: Answer
    text: str
    steps: Steps = ()  # before it is shared, in their order
    exempt: Steps = ()  # steps that are not waited for here
    channel: str | None = None
    contact: str | None = None
    decided_by: Texts = ()
    discretion: Texts = ()
    together: bool = False  # only of many providers at once, so that none of them is told
    gives: Contents | None = None  # no more than this, where it is less than the subject holds
    note: str = ""


# --- as it is answered ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether a subject may go to an audience: `permitted`, `not_permitted` or `ask`.

    `steps` come before it in their order, `exempt` are those that are not waited for. `rule` is
    the id of the rule that answers, None where no rule speaks of it. `unknown` names what, once
    known, would settle what is asked; `discretion` the questions that a person decides, and
    `decided` what one did decide, where the rule leaves it to a person. `request` is the one that
    it answers, where just one of the audience waits for that, or its day was given.
    """

    what: str
    audience: str
    answer: Answer
    text: str
    rule: str | None = None
    steps: tuple[Held, ...] = ()
    exempt: tuple[Held, ...] = ()
    channel: str | None = None
    contact: str | None = None
    together: bool = False  # only of many providers at once, and of none by itself
    request: Request | None = None  # the one that it answers
    decided_by: tuple[str, ...] = ()
    discretion: tuple[str, ...] = ()
    decided: bool | None = None
    decided_on: dt.date | None = None
    unknown: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()  # the conditions that were read until a rule answered
    say: Callable[[Sharing], Any] = field(default=lambda _: None, repr=False, compare=False)

    @property
    def permitted(self) -> bool:
        """Whether it may be shared, once its steps are done."""
        return self.answer == "permitted"

    @property
    def open(self) -> bool:
        """Whether a person has yet to decide."""
        return self.answer == "ask" or (
            self.permitted and bool(self.decided_by) and self.decided is None
        )

    def why(self) -> Explanation:
        """Explain the answer: its steps, what was read, and the clauses behind it."""
        told: Explanation = self.say(self)
        return told


UNSPOKEN: Final = "No rule speaks of sharing this; a person decides"


class _Read(NamedTuple):
    """A rule with its condition as it was evaluated."""

    id: str
    rule: SharingRule
    reason: Reason


def sharing(
    view: View,
    say: Callable[[Sharing], Any],
    what: str,
    audience: str,
    requested: dt.date | None = None,
) -> Sharing:
    """Say whether a subject may go to an audience, about the provider of a view.

    `what` is a subject and `audience` an audience of the pack, or another of its names; `say`
    explains the answer. `requested` is the day of the request that it is about, where several of
    the audience wait for an answer. InputError with a hint where there is no such subject,
    audience or request.
    """
    pack = view.pack
    what, audience = subject_of(pack, what), audience_of(pack, audience)
    request = asked(view, what, audience, requested)
    read: list[_Read] = []
    for id_, rule in fitting(pack, what, audience):
        read.append(_Read(id_, rule, view.judge(rule.when)))
        if read[-1].reason.truth:
            break
    open_ = [each for each in read if each.reason.truth is None]
    holds = read[-1] if read and read[-1].reason.truth else None
    if holds is None or any(_differ(each.rule, holds.rule) for each in open_):
        found = _undecided(pack, open_, holds)
    else:
        question = _Question(view, holds, what, audience, request)
        found = _settled(question, _told(pack, holds))
    reasons = tuple(each.reason for each in read)
    return Sharing(what=what, audience=audience, request=request, reasons=reasons, say=say, **found)


def fitting(pack: Pack, what: str, audience: str) -> Iterator[tuple[str, SharingRule]]:
    """Give the rules that speak of a subject and an audience, in their order."""
    known = {ANY, audience, *_groups(pack, audience)}
    for id_, rule in pack.sharing.items():
        if not known.isdisjoint(rule.audience) and not {ANY, what}.isdisjoint(rule.what):
            yield id_, rule


def _groups(pack: Pack, audience: str) -> list[str]:
    return [id_ for id_, each in pack.identity.audiences.items() if audience in each.members]


def subject_of(pack: Pack, name: str) -> str:
    """Give the id of a subject; InputError with a hint where the pack has none of that name."""
    return _known("subject", name, pack.identity.subjects)


def audience_of(pack: Pack, name: str) -> str:
    """Give the id of an audience; InputError with a hint where the pack has none of that name."""
    return _known("audience", name, pack.identity.audiences)


Named: TypeAlias = Mapping[str, Subject] | Mapping[str, Audience]


def ids_of(named: Named) -> dict[str, str]:
    """Give the id for every name of some subjects or audiences."""
    aliases = {alias: id_ for id_, each in named.items() for alias in each.aliases}
    return aliases | {id_: id_ for id_ in named}


def _known(noun: str, name: object, named: Named) -> str:
    known = ids_of(named)
    if isinstance(name, str) and name in known:
        return known[name]
    help_ = did_you_mean(str(name), known) or f"this framework has {listed(named, 30)}"
    message = f"there is no {noun} {quoted(name)} to share {'with' if noun != 'subject' else ''}"
    raise InputError([Diagnostic(message.rstrip(), help=help_, code=f"no-{noun}")])


def _differ(one: SharingRule, other: SharingRule) -> bool:
    """Whether it makes a difference which of two rules answers."""
    return any(
        getattr(one, part) != getattr(other, part)
        for part in ("answer", "steps", "gives", "decided_by")
    )


def _told(pack: Pack, read: _Read) -> dict[str, Any]:
    """Give the answer of a rule that holds."""
    rule = read.rule
    steps, exempt = _held(pack, rule.steps), _held(pack, rule.exempt)
    contact = pack.identity.contacts.get(rule.contact or "")
    return {
        "answer": rule.answer,
        "text": rule.text,
        "rule": read.id,
        "steps": steps,
        "exempt": exempt,
        "channel": rule.channel,
        "together": rule.together,
        "contact": contact.value if contact is not None else None,
        "decided_by": () if rule.decided_by == ("none",) else rule.decided_by,
        "discretion": rule.discretion,
        "clauses": _all([rule.clause, *(step.clauses for step in (*steps, *exempt))]),
        "readings": rule.readings,
    }


# --- what a person decided -----------------------------------------------------------------------


class _Question(NamedTuple):
    """What is left to a person: the rule that leaves it, and what is to be shared with whom."""

    view: View
    read: _Read
    what: str
    audience: str
    request: Request | None


def _settled(question: _Question, found: dict[str, Any]) -> dict[str, Any]:
    """Take in what a person decided last, where it is theirs to decide.

    Two decisions of one day that differ decide nothing.
    """
    view = question.view
    if not found["decided_by"] or found["answer"] == "not_permitted":
        return found
    answers = [name for name, _ in view.pack.laid_out.effects.get("answer", ())]
    given: dict[dt.date, set[bool]] = {}
    for decision in (each for name in answers for each in view.decisions(name)):
        decided = _yes_or_no(decision.get("value"))
        if decided is not None and _is_of(question, decision, said_yes=decided):
            given.setdefault(decision.day, set()).add(decided)
    day = max(given, default=None)
    if day is None or len(given[day]) > 1:
        return found
    (decided,) = given[day]
    answer = "permitted" if decided else "not_permitted"
    return {**found, "answer": answer, "decided": decided, "decided_on": day}


def _is_of(question: _Question, decision: Carried, *, said_yes: bool) -> bool:
    """Whether a decision is one on this question, by who may take it, and saw what there is of it.

    A yes says of which subject and for whom, unless the question is asked of nothing else or a
    request says so. A no to all that is asked needs no more words.
    """
    view, rule = question.view, question.read.rule
    own = question.what, question.audience
    if decision.get("to") not in rule.discretion or decision.get("by") not in rule.decided_by:
        return False
    seen = [question.read.reason.day(), newest(view, contents_of(view.pack, rule, own[0]))]
    if any(day is not None and decision.day < day for day in seen):
        return False
    said = _about(view.pack, decision, question.audience)
    known = [r for r in requests(view) if any(each is rule for each in _reached(view.pack, r))]
    if not said.for_request(question.request, known, *own):
        return False
    return (
        not said_yes or question.request is not None or _says_which(view.pack, decision, said, *own)
    )


def _about(pack: Pack, decision: Carried, audience: str) -> About:
    """Give what a decision says of what it is about; one on a group is on each of its members."""
    what, to, requested = (decision.get(name) for name in ("what", "audience", "requested"))
    if to in _groups(pack, audience):
        to = audience
    return About(
        decision.day,
        frozenset({what}) if isinstance(what, str) else None,
        to if isinstance(to, str) else None,
        requested if isinstance(requested, dt.date) else None,
    )


def taken_for(pack: Pack, step: str, request: Request) -> bool:
    """Whether a step may be one of those before a request is answered."""
    return any(step == each.value for rule in _reached(pack, request) for each in rule.steps)


def _reached(pack: Pack, request: Request) -> Iterator[SharingRule]:
    """Give the rules that may answer a request."""
    for what in request.what:
        for _, rule in fitting(pack, what, request.audience):
            yield rule
            if rule.when == ALWAYS:
                break


def _says_which(pack: Pack, decision: Carried, said: About, what: str, audience: str) -> bool:
    """Whether a decision is about one subject and audience alone: by its words, or its question's."""
    to = decision.get("to")
    rules = [r for r in pack.sharing.values() if to in r.discretion and r.decided_by]
    subjects = said.what or {each for rule in rules for each in rule.what}
    audiences = {said.audience} if said.audience else {a for rule in rules for a in rule.audience}
    return subjects == {what} and audiences == {audience}


def contents_of(pack: Pack, rule: SharingRule | None, what: str) -> Contents:
    """Give what a register has of a subject, as far as a rule gives it."""
    if rule is not None and rule.gives is not None:
        return rule.gives
    return pack.identity.subjects[what].holds


def findings_of(view: View, contents: Contents) -> Iterator[tuple[str, list[Known]]]:
    """Give the findings on record of some contents, by their kinds."""
    for chosen in contents.findings:
        for kind in view.pack.members("kind", (chosen.kind,)):
            found = [e for e in view.on_record(kind) if chosen.where.holds(e, view)]
            if found:
                yield kind, found


def newest(view: View, contents: Contents) -> dt.date | None:
    """Give the day on which the newest of some contents came to be known."""
    days = [known.recorded for _, found in findings_of(view, contents) for known in found]
    days += [e.day for n in contents.values for e in view.read(n).evidence if e.day is not None]
    if contents.rating:
        days += [rating.on for rating in view.record.confirmed if rating.on <= view.until]
        by = view.pack.identity.rating.confirmed_by
        days += [done.day for done in view.done((by,)) if done.day] if by is not None else []
    return max(days, default=None)


_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}


def _yes_or_no(value: object) -> bool | None:
    return value if isinstance(value, bool) else _WORDS.get(str(value).casefold())


def _undecided(pack: Pack, open_: list[_Read], holds: _Read | None) -> dict[str, Any]:
    """Ask, where rules may yet hold that would answer otherwise, or where none holds at all."""
    read = [*open_, *([holds] if holds else [])]
    cited = [each.rule for each in read]
    asked = holds if holds is not None and holds.rule.answer == "ask" else None
    told = asked or (read[0] if read else None)
    steps = _held(pack, asked.rule.steps) if asked else ()
    return {
        "answer": "ask",
        "text": told.rule.text if told else UNSPOKEN,
        "rule": told.id if told else None,
        "steps": steps,
        "discretion": told.rule.discretion if told else (),
        "unknown": _all(each.reason.still_needed() for each in open_),
        "clauses": _all([*(rule.clause for rule in cited), *(step.clauses for step in steps)]),
        "readings": _all(rule.readings for rule in cited),
    }


def _held(pack: Pack, steps: Iterable[Step]) -> tuple[Held, ...]:
    words = pack.identity.steps
    return tuple(Held(step.value, step.clause, words.get(step.value)) for step in steps)


def _all(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for one in lists for each in one))
