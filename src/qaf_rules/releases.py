"""What leaves the team for a named audience: of a register no more than the sharing rules permit.

What the team has yet to decide or to do stays with it, on a sheet of its own. Of a finding nothing leaves but its kind and how many there are: no reference, no day, no word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.actions import sitting
from qaf_rules.errors import (
    Diagnostic,
    InputError,
    did_you_mean,
    listed,
    quoted,
    refuse_no_day,
)
from qaf_rules.facts import View
from qaf_rules.model import Provider, ProviderRecord, Rating
from qaf_rules.requests import About, requests, unanswered
from qaf_rules.sharing import contents_of, findings_of, taken_for
from qaf_rules.workdays import DAY, Interval, add

if TYPE_CHECKING:
    from qaf_rules.elements import Done
    from qaf_rules.engine import Framework
    from qaf_rules.pack import Pack
    from qaf_rules.result import Assessment, Held
    from qaf_rules.schema import Forum
    from qaf_rules.sharing import Contents, Sharing

__all__ = [
    "Awaiting",
    "BeforeForum",
    "Counted",
    "Entry",
    "ForumPack",
    "Given",
    "Matter",
    "Rated",
    "Reply",
    "Taken",
    "TeamSheet",
    "before_forum",
    "forum_of",
    "replies",
    "reply",
    "sittings",
]


@dataclass(frozen=True, slots=True)
class Rated:
    """A confirmed level, since when, and the one before the last sitting where there was one."""

    level: int
    name: str
    on: dt.date
    before: int | None = None
    new: bool = False  # not known before the day of the last sitting


@dataclass(frozen=True, slots=True)
class Counted:
    """How many findings of a kind there are, how many are open, and how many are new."""

    kind: str
    number: int
    open: int
    new: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """What is given of one subject, and the answer that permits it."""

    sharing: Sharing
    rating: Rated | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    changed: tuple[str, ...] = ()  # the values that are no older than the last sitting
    findings: tuple[Counted, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing of it in the register."""
        return self.rating is None and not self.values and not self.findings

    @property
    def news(self) -> bool:
        """Whether any of it is new since the last sitting."""
        rated = self.rating is not None and self.rating.new
        return rated or bool(self.changed) or any(counted.new for counted in self.findings)


@dataclass(frozen=True, slots=True)
class Entry:
    """One provider before a forum, and what is told of it there."""

    provider: str
    name: str | None
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class ForumPack:
    """What a forum is told at a sitting: its day, the one before, and each provider.

    `sitting` and `since` are None where no sitting is known. There is nothing in it but what may
    be told.
    """

    forum: str
    on: dt.date
    sitting: dt.date | None
    since: dt.date | None
    entries: tuple[Entry, ...]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A step before something is shared, and the day it was taken; None where it was not yet.

    `unclear` is the day of a record that does not say for which of several requests it is.
    """

    step: Held
    on: dt.date | None
    awaited: bool  # nothing is told before it was taken
    unclear: dt.date | None = None

    @property
    def missing(self) -> bool:
        """Whether it has to be recorded before anything is told."""
        return self.awaited and self.on is None


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The answer about a subject that may be told once some steps are recorded."""

    sharing: Sharing
    steps: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """One provider about which the team has something to decide or to do before a sitting."""

    provider: str
    name: str | None
    to_decide: tuple[Sharing, ...]
    awaiting: tuple[Awaiting, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamSheet:
    """What is the team's own before a sitting, and is not for the forum.

    `faults` are of providers that could not be assessed.
    """

    forum: str
    on: dt.date
    sitting: dt.date | None
    matters: tuple[Matter, ...]
    faults: tuple[Diagnostic, ...] = ()


class BeforeForum(NamedTuple):
    """What there is before a sitting: what the forum is told, and what is the team's own."""

    pack: ForumPack
    team: TeamSheet


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request for information about one provider.

    `given` is what may be told: None where it is not permitted, a person has yet to decide, or a
    step that comes before it has not been recorded. `requested` is the day of the request.
    """

    provider: str
    name: str | None
    on: dt.date
    requested: dt.date | None
    sharing: Sharing
    steps: tuple[Taken, ...]
    given: Given | None

    @property
    def waits_for(self) -> Taken | None:
        """The first step that has to be recorded before anything is told."""
        return next((step for step in self.steps if step.missing), None)


# --- sittings ------------------------------------------------------------------------------------


def forum_of(pack: Pack, name: object) -> tuple[str, Forum]:
    """Give a forum by its id or another name of its audience; InputError where there is none."""
    forums = pack.identity.forums
    known = {id_: id_ for id_ in forums}
    for id_, forum in forums.items():
        audience = pack.identity.audiences.get(forum.audience or "")
        known |= dict.fromkeys(audience.aliases if audience is not None else (), id_)
    if not isinstance(name, str) or name not in known:
        help_ = did_you_mean(str(name), known) or f"this framework has {listed(forums)}"
        message = f"there is no forum {quoted(name)}"
        raise InputError([Diagnostic(message, help=help_, code="no-forum")])
    return known[name], forums[known[name]]


def sittings(
    framework: Framework, forum: str, *, on: dt.date, until: dt.date
) -> tuple[dt.date, ...]:
    """Give the sittings of a forum from a day to another; none where no sitting is known.

    InputError where the pack has no such forum, and for what is no day.
    """
    _, spec = forum_of(framework.pack, forum)
    refuse_no_day("until", until)
    view = _council(framework, on)
    found: list[dt.date] = []
    day = sitting(view, spec.every, spec.anchor, on)
    while day is not None and day <= until:
        found.append(day)
        day = sitting(view, spec.every, spec.anchor, day + DAY)
    return tuple(found)


def _council(framework: Framework, on: dt.date) -> View:
    """Read what the council gave, beside any provider; InputError where `on` is no day."""
    refuse_no_day("on", on)
    nobody = ProviderRecord(provider=Provider(id=""))
    return View(framework.pack, nobody, on, framework.settings)


def _before(view: View, forum: Forum, day: dt.date) -> dt.date | None:
    """Give the sitting before one: months may end a few days earlier than the known one did."""
    slack = Interval(days=3) if forum.every.months else Interval()
    back = add(add(day, forum.every, -1), slack, -1)
    return sitting(view, forum.every, forum.anchor, back)


# --- what goes before a sitting ------------------------------------------------------------------


def before_forum(
    framework: Framework,
    records: Iterable[ProviderRecord],
    forum: str,
    *,
    on: dt.date,
    known_at: dt.date | None = None,
) -> BeforeForum:
    """Put together what a forum is told at its next sitting on or after a day.

    `records` are those of a register. A provider is in the pack where there is something that may
    be told, and on the team's sheet where there is something to decide, a step to take before
    something is told, or an action that brings it there. InputError where the pack has no such forum.
    """
    id_, spec = forum_of(framework.pack, forum)
    council = _council(framework, on)
    day = sitting(council, spec.every, spec.anchor, on)
    since = _before(council, spec, day) if day is not None else None
    entries: list[Entry] = []
    matters: list[Matter] = []
    faults: list[Diagnostic] = []
    for record in records:
        try:
            teller = Teller(framework, record, on, known_at, since)
        except InputError as error:
            faults.extend(error.diagnostics)
            continue
        named = record.provider.id, record.provider.name
        given, to_decide, awaiting = _before_them(teller, spec)
        actions = tuple(_actions(teller, spec, day))
        if given:
            entries.append(Entry(*named, given))
        if to_decide or awaiting or actions:
            matters.append(Matter(*named, to_decide, awaiting, actions))
    return BeforeForum(
        ForumPack(id_, on, day, since, tuple(entries), spec.clause),
        TeamSheet(id_, on, day, tuple(matters), tuple(faults)),
    )


def _before_them(
    teller: Teller, forum: Forum
) -> tuple[tuple[Given, ...], tuple[Sharing, ...], tuple[Awaiting, ...]]:
    """Give what a forum is told of a provider, what a person has yet to decide, what waits for steps."""
    given: list[Given] = []
    to_decide: list[Sharing] = []
    awaiting: list[Awaiting] = []
    for what in forum.takes if forum.audience is not None and not teller.outside else ():
        told = teller.about(what, str(forum.audience))
        if told.sharing.open:
            if told.news or (teller.since is None and not told.empty):
                to_decide.append(_released(told.sharing))
        elif told.sharing.permitted and not told.sharing.together and not told.empty:
            released = _released(told.sharing)
            missing = tuple(step for step in teller.steps(told.sharing) if step.missing)
            if missing:
                awaiting.append(Awaiting(released, missing))
            else:
                given.append(replace(told, sharing=released))
    return tuple(given), tuple(to_decide), tuple(awaiting)


def _actions(teller: Teller, forum: Forum, day: dt.date | None) -> Iterator[str]:
    """Give the actions that bring a provider before a sitting."""
    for action in teller.assessment.actions:
        if action.id in forum.actions and (action.due is None or day is None or action.due <= day):
            yield action.id


# --- the reply to a request ----------------------------------------------------------------------


def replies(
    framework: Framework,
    record: ProviderRecord,
    *,
    on: dt.date,
    by: str | None = None,
    known_at: dt.date | None = None,
) -> tuple[Reply, ...]:
    """Give the reply to every open request on record, one for each subject that is asked for.

    The arguments are those of `reply`, and what is raised.
    """
    _refuse_unknown(framework.pack, by)
    teller = Teller(framework, record, on, known_at)
    return tuple(
        _reply(teller, teller.about(what, request.audience, request.on), by)
        for request in unanswered(teller.view)
        for what in request.what
    )


def reply(
    framework: Framework,
    record: ProviderRecord,
    what: str,
    *,
    audience: str,
    on: dt.date,
    by: str | None = None,
    requested: dt.date | None = None,
    known_at: dt.date | None = None,
) -> Reply:
    """Put together the reply to a request for a subject, with no more than may be told.

    `by` is the role that decides now to share it, where the rules leave that to one. `requested`
    is the day of the request, where several of the audience wait: only what was done for that one
    counts. InputError where the pack has no such subject, audience or role, and where no request
    of that day waits for an answer.
    """
    _refuse_unknown(framework.pack, by)
    teller = Teller(framework, record, on, known_at)
    return _reply(teller, teller.about(what, audience, requested), by)


def _refuse_unknown(pack: Pack, by: object) -> None:
    if by is not None and not (isinstance(by, str) and by in pack.roles):
        help_ = did_you_mean(str(by), pack.roles) or f"the roles are {listed(pack.roles, 30)}"
        raise InputError([Diagnostic(f"there is no role {quoted(by)}", help=help_, code="no-role")])


def _reply(teller: Teller, told: Given, by: str | None) -> Reply:
    sharing, provider, steps = told.sharing, teller.record.provider, teller.steps(told.sharing)
    released = _released(sharing)
    asked_on = sharing.request.on if sharing.request is not None else None
    made = Reply(provider.id, provider.name, teller.assessment.on, asked_on, released, steps, None)
    decided = not sharing.open or (sharing.permitted and by in sharing.decided_by)
    if not sharing.permitted or sharing.together or not decided or made.waits_for is not None:
        return made
    return replace(made, given=replace(told, sharing=released))


def _released(sharing: Sharing) -> Sharing:
    """Give an answer as it may leave: what was read for it names findings and their days."""
    return replace(sharing, reasons=())


# --- one provider --------------------------------------------------------------------------------


class Teller:
    """What may be told of one provider: the answer of the rules, and what the register has."""

    def __init__(
        self,
        framework: Framework,
        record: ProviderRecord,
        on: dt.date,
        known_at: dt.date | None = None,
        since: dt.date | None = None,
    ) -> None:
        """Assess a provider, and read its record; InputError where its profile contradicts itself."""
        self.pack = framework.pack
        self.record = record
        self.since = since
        self.assessment: Assessment = framework.assess(record, on=on, known_at=known_at)
        self.view = View(framework.pack, record, on, framework.settings, known_at)
        self._before: Rating | None = None
        if since is not None:  # what comes on the day of a sitting may have come after it
            day = min(since - DAY, known_at or since)
            self._before = framework.assess(record, on=day).confirmed

    @property
    def outside(self) -> bool:
        """Whether the provider is outside the framework."""
        scope = self.pack.identity.scope
        return scope is not None and self.assessment.flags.has(scope.flag)

    def about(self, what: str, audience: str, requested: dt.date | None = None) -> Given:
        """Give the answer about a subject, with what the register has of it.

        What the answer does not permit is in it all the same: it is the caller's to leave out.
        """
        told = self.assessment.may_share(what, audience=audience, requested=requested)
        rule = self.pack.sharing[told.rule] if told.rule is not None else None
        contents = contents_of(self.pack, rule, told.what)
        values = {name: self.assessment.value(name) for name in contents.values}
        known = {name: value for name, value in values.items() if value not in (None, False)}
        changed = tuple(name for name in known if self._changed(name))
        rated = self._rated() if contents.rating else None
        return Given(told, rated, known, changed, tuple(self._counted(contents)))

    def _changed(self, name: str) -> bool:
        days = [each.day for each in self.assessment.evidence(name) if each.day is not None]
        return self.since is not None and bool(days) and max(days) >= self.since

    def steps(self, sharing: Sharing) -> tuple[Taken, ...]:
        """Give the steps before something is shared, each with the day on which it was taken."""
        rule = self.pack.sharing[sharing.rule] if sharing.rule is not None else None
        loose = [s.value for s in (rule.steps if rule else ()) if s.gives or s.where_appropriate]
        awaited = self.pack.record_ids.difference(loose)
        return tuple(self._taken(s, sharing, awaited=s.value in awaited) for s in sharing.steps)

    def _taken(self, step: Held, sharing: Sharing, *, awaited: bool) -> Taken:
        """Give a step with the day on which it was last taken for what is to be shared.

        None where it was not, or where it cannot be told for which of several requests it was.
        """
        known = [r for r in requests(self.view) if taken_for(self.pack, step.value, r)]
        on: list[dt.date] = []
        unclear: list[dt.date] = []
        for about in map(_about, self.view.done((step.value,))):
            if about.for_request(sharing.request, known, sharing.what, sharing.audience):
                on.append(about.day)
            elif sharing.request in about.one_of(known):
                unclear.append(about.day)
        doubt = max(unclear, default=None) if not on else None
        return Taken(step, max(on, default=None), awaited, doubt)

    def _rated(self) -> Rated | None:
        confirmed = self.assessment.confirmed
        if confirmed is None or self.outside:  # it was the framework's, and stands no longer
            return None
        before = self._before
        new = self.since is not None and (before is None or before.on < confirmed.on)
        name = self.pack.levels[confirmed.level].name
        was = before.level if before is not None else None
        return Rated(confirmed.level, name, confirmed.on, was, new)

    def _counted(self, contents: Contents) -> Iterator[Counted]:
        for kind, found in findings_of(self.view, contents):
            open_ = sum(bool(element.attributes["open"]) for element in found)
            new = [e for e in found if self.since is not None and e.recorded >= self.since]
            yield Counted(kind, len(found), open_, len(new))


def _about(done: Done) -> About:
    """Give what the record of a step says of what it was taken for."""
    assert done.day is not None  # it was taken
    own = done.record
    return About(done.day, frozenset(own.what) or None, own.audience, own.requested)
