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
from qaf_rules.result import Held, Reason
from qaf_rules.written import Cited, Cond, Part, Texts

if TYPE_CHECKING:
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
    `decided` what one did decide, where the rule leaves it to a person.
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


def sharing(view: View, say: Callable[[Sharing], Any], what: str, audience: str) -> Sharing:
    """Say whether a subject may go to an audience, about the provider of a view.

    `what` is a subject and `audience` an audience of the pack, or another of its names; `say`
    explains the answer. InputError with a hint where there is no such subject or audience.
    """
    pack = view.pack
    what, audience = subject_of(pack, what), audience_of(pack, audience)
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
        found = _settled(view, holds, _told(pack, holds))
    reasons = tuple(each.reason for each in read)
    return Sharing(what=what, audience=audience, reasons=reasons, say=say, **found)


def fitting(pack: Pack, what: str, audience: str) -> Iterator[tuple[str, SharingRule]]:
    """Give the rules that speak of a subject and an audience, in their order."""
    audiences = pack.identity.audiences
    groups = (id_ for id_, each in audiences.items() if audience in each.members)
    known = {ANY, audience, *groups}
    for id_, rule in pack.sharing.items():
        if not known.isdisjoint(rule.audience) and not {ANY, what}.isdisjoint(rule.what):
            yield id_, rule


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


def _known(noun: str, name: str, named: Named) -> str:
    known = ids_of(named)
    if name in known:
        return known[name]
    help_ = did_you_mean(name, known) or f"this framework has {listed(named, 30)}"
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


def _settled(view: View, read: _Read, found: dict[str, Any]) -> dict[str, Any]:
    """Take in what a person decided last on a question of the rule, where it is theirs to decide.

    What was decided before something that the rule rests on came about decides nothing.
    """
    rule, since = read.rule, read.reason.day()
    if not found["decided_by"] or found["answer"] == "not_permitted":
        return found
    answers = [name for name, _ in view.pack.laid_out.effects.get("answer", ())]
    for decision in sorted((d for n in answers for d in view.decisions(n)), key=lambda d: d.day):
        decided = _yes_or_no(decision.get("value"))
        fits = decision.get("to") in rule.discretion and (since is None or decision.day >= since)
        if fits and decided is not None:
            answer = "permitted" if decided else "not_permitted"
            found = {**found, "answer": answer, "decided": decided, "decided_on": decision.day}
    return found


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
