"""What leaves the team in lines of text: a reply, what goes before a forum, numbers of providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qaf_rules.aggregates import FINDINGS, RATING
from qaf_rules.words import counted, joined, sentence

if TYPE_CHECKING:
    from qaf_rules.aggregates import Together
    from qaf_rules.releases import Entry, ForumPack, Given, Matter, Rated, Reply, Taken, TeamSheet
    from qaf_rules.words import Words

__all__ = ["counts", "replied", "sitting", "team"]


def replied(words: Words, reply: Reply) -> Iterator[str]:
    """Write one reply: the answer, the steps, and what is given or why nothing is."""
    own, sharing = words.pack.identity, reply.sharing
    what, audience = own.subjects[sharing.what].name, own.audiences[sharing.audience].name
    asked = f", asked for on {words.day(reply.requested)}" if reply.requested else ""
    yield f"{reply.name or reply.provider}: {what} for {audience}{asked}"
    yield f"  {sharing.why().line}"
    for taken in reply.steps:
        todo = "to do" if taken.awaited else "step"
        done = f"done {words.day(taken.on)}" if taken.on else todo
        yield f"  {done}: {_step(taken)}"
    yield f"  {_outcome(words, reply)}"


def _step(taken: Taken) -> str:
    doubt = " (recorded, but not for which request)" if taken.unclear else ""
    return f"{taken.step.text or taken.step.value}{doubt}"


def _outcome(words: Words, reply: Reply) -> str:
    sharing, waits = reply.sharing, reply.waits_for
    if reply.given is not None:
        return f"given: {'; '.join(_told(words, reply.given)) or 'nothing on record'}"
    if sharing.unknown:
        return f"nothing is given yet: not known, {joined(map(words.label, sharing.unknown))}"
    if not sharing.permitted:
        return f"nothing is given: {sharing.text}"
    if waits is not None:
        return f"nothing is given yet: first, {waits.step.text or waits.step.value}"
    return f"nothing is given yet: {joined(map(words.role, sharing.decided_by), 'or')} decides"


def counts(words: Words, told: Together) -> Iterator[str]:
    """Write numbers of providers, and of which too few are told of."""
    yield told.sharing.why().line
    if told.providers is None:
        if told.sharing.permitted:
            yield _uncounted(words, told)
        return
    yield f"{counted(told.providers, 'provider')}; fewer than {told.smallest} are not told"
    for part, numbers in told.parts.items():
        yield f"{sentence(_part(words, part)).rstrip('.')}:"
        for name, number in numbers.items():
            label = words.level(int(name)) if part == RATING else words.token(name)
            yield f"  {label}: {'not told' if number is None else number}"


def _uncounted(words: Words, told: Together) -> str:
    """Say why there is no number of what may be told."""
    if not told.sharing.together:
        return "It is told of each provider by itself, and not of many together."
    if told.sharing.open:
        decides = joined(map(words.role, told.sharing.decided_by), "or")
        return f"Nothing is told yet: {decides} decides."
    return f"Fewer than {told.smallest} providers: nothing is told of them."


def _part(words: Words, part: str) -> str:
    if part == RATING:
        return words.pack.identity.scale.name
    return "providers with" if part == FINDINGS else words.label(part)


def sitting(words: Words, pack: ForumPack) -> Iterator[str]:
    """Write what a forum is told at a sitting, a provider after another."""
    name = words.pack.identity.forums[pack.forum].name
    if pack.sitting is None or pack.since is None:
        yield f"{name}: no sitting is known {words.cite(pack.clauses)}"
    else:
        days = f"{words.day(pack.sitting)}, after that of {words.day(pack.since)}"
        yield f"{name}: sitting of {days} {words.cite(pack.clauses)}"
    for entry in pack.entries:
        yield ""
        yield from _entry(words, entry)


def _entry(words: Words, entry: Entry) -> Iterator[str]:
    yield entry.name or entry.provider
    for given in entry.given:
        told = "; ".join(_told(words, given))
        cited = words.cite(given.sharing.clauses, given.sharing.readings)
        yield f"  {words.pack.identity.subjects[given.sharing.what].name}: {told} {cited}"


def team(words: Words, sheet: TeamSheet) -> Iterator[str]:
    """Write what the team has to decide and to do before a sitting, a provider after another."""
    name = words.pack.identity.forums[sheet.forum].name
    yield f"For the team alone, before the {name}"
    for matter in sheet.matters:
        yield ""
        yield from _matter(words, matter)


def _matter(words: Words, matter: Matter) -> Iterator[str]:
    yield matter.name or matter.provider
    for sharing in matter.to_decide:
        cited = words.cite(sharing.clauses, sharing.readings)
        what = words.pack.identity.subjects[sharing.what].name
        yield f"  to decide: {what} ({sharing.what}) {cited}"
    for awaiting in matter.awaiting:
        what = words.pack.identity.subjects[awaiting.sharing.what].name
        for taken in awaiting.steps:
            cited = words.cite(taken.step.clauses)
            yield f"  to do before {what} is told: {_step(taken)} {cited}"
    for action in matter.actions:
        yield f"  to do: {words.short(words.pack.actions[action].text)}"


def _told(words: Words, given: Given) -> Iterator[str]:
    """Say what is given of one subject."""
    if given.rating is not None:
        yield _rated(words, given.rating)
    for name, value in given.values.items():
        new = ", new" if name in given.changed else ""
        yield f"{words.label(name)}: {words.shown(name, value)}{new}"
    for each in given.findings:
        new = f", {each.new} new" if each.new else ""
        yield f"{words.token(each.kind)}: {each.number}, {each.open} open{new}"


def _rated(words: Words, rating: Rated) -> str:
    was = f", before {rating.before}" if rating.before not in (None, rating.level) else ""
    new = "new, " if rating.new else ""
    return f"{words.level(rating.level)}, {new}confirmed {words.day(rating.on)}{was}"
