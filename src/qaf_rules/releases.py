"""What leaves the team for a named audience: of a register no more than the sharing rules permit.

Of a finding nothing leaves but its kind and how many there are: no reference, no day, no word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qaf_rules.actions import sitting
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.facts import View
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.workdays import DAY, Interval, add

if TYPE_CHECKING:
    from qaf_rules.elements import Known
    from qaf_rules.engine import Framework
    from qaf_rules.pack import Pack
    from qaf_rules.result import Assessment, Held
    from qaf_rules.schema import Forum
    from qaf_rules.sharing import Contents, Sharing

__all__ = [
    "Counted",
    "Entry",
    "ForumPack",
    "Given",
    "Rated",
    "Reply",
    "Taken",
    "forum_of",
    "forum_pack",
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
    new: bool = False  # confirmed since the last sitting


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
    changed: tuple[str, ...] = ()  # the values that are newer than the last sitting
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
    """One provider before a forum.

    `given` is what may be told there, `to_decide` what a person has yet to decide, `actions` what
    brings it there. What may not be told is not in it.
    """

    provider: str
    name: str | None
    given: tuple[Given, ...]
    to_decide: tuple[Sharing, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForumPack:
    """What goes before a sitting of a forum: its day, the one before, and each provider.

    `sitting` and `since` are None where no sitting is known. `faults` are of providers that could
    not be assessed.
    """

    forum: str
    on: dt.date
    sitting: dt.date | None
    since: dt.date | None
    entries: tuple[Entry, ...]
    clauses: tuple[str, ...] = ()
    faults: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A step before something is shared, and the day it was taken; None where it was not yet."""

    step: Held
    on: dt.date | None
    awaited: bool  # nothing is told before it was taken


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
        return next((s for s in self.steps if s.awaited and s.on is None), None)


# --- sittings ------------------------------------------------------------------------------------


def forum_of(pack: Pack, name: str) -> tuple[str, Forum]:
    """Give a forum by its id or another name of its audience; InputError where there is none."""
    forums = pack.identity.forums
    known = {id_: id_ for id_ in forums}
    for id_, forum in forums.items():
        audience = pack.identity.audiences.get(forum.audience or "")
        known |= dict.fromkeys(audience.aliases if audience is not None else (), id_)
    if name not in known:
        help_ = did_you_mean(name, known) or f"this framework has {listed(forums)}"
        message = f"there is no forum {quoted(name)}"
        raise InputError([Diagnostic(message, help=help_, code="no-forum")])
    return known[name], forums[known[name]]


def sittings(
    framework: Framework, forum: str, *, on: dt.date, until: dt.date
) -> tuple[dt.date, ...]:
    """Give the sittings of a forum from a day to another; none where no sitting is known.

    InputError where the pack has no such forum.
    """
    _, spec = forum_of(framework.pack, forum)
    view = _council(framework, on)
    found: list[dt.date] = []
    day = sitting(view, spec.every, spec.anchor, on)
    while day is not None and day <= until:
        found.append(day)
        day = sitting(view, spec.every, spec.anchor, day + DAY)
    return tuple(found)


def _council(framework: Framework, on: dt.date) -> View:
    """Read what the council gave, beside any provider."""
    nobody = ProviderRecord(provider=Provider(id=""))
    return View(framework.pack, nobody, on, framework.settings)


def _before(view: View, forum: Forum, day: dt.date) -> dt.date | None:
    """Give the sitting before one: months may end a few days earlier than the known one did."""
    slack = Interval(days=3) if forum.every.months else Interval()
    back = add(add(day, forum.every, -1), slack, -1)
    return sitting(view, forum.every, forum.anchor, back)


# --- what goes before a sitting ------------------------------------------------------------------


def forum_pack(
    framework: Framework,
    records: Iterable[ProviderRecord],
    forum: str,
    *,
    on: dt.date,
    known_at: dt.date | None = None,
) -> ForumPack:
    """Put together what a forum may be told at its next sitting on or after a day.

    `records` are those of a register; a provider is in it where there is something that may be
    told, something to decide, or an action that brings it there. InputError where the pack has no
    such forum.
    """
    id_, spec = forum_of(framework.pack, forum)
    council = _council(framework, on)
    day = sitting(council, spec.every, spec.anchor, on)
    since = _before(council, spec, day) if day is not None else None
    entries: list[Entry] = []
    faults: list[Diagnostic] = []
    for record in records:
        try:
            teller = Teller(framework, record, on, known_at, since)
        except InputError as error:
            faults.extend(error.diagnostics)
            continue
        entry = _entry(teller, spec, day)
        if entry is not None:
            entries.append(entry)
    return ForumPack(id_, on, day, since, tuple(entries), spec.clause, tuple(faults))


def _entry(teller: Teller, forum: Forum, day: dt.date | None) -> Entry | None:
    given: list[Given] = []
    to_decide: list[Sharing] = []
    for what in forum.takes if forum.audience is not None and not teller.outside else ():
        told = teller.about(what, str(forum.audience))
        if told.sharing.open:
            if told.news or (teller.since is None and not told.empty):
                to_decide.append(_released(told.sharing))
        elif told.sharing.permitted and not told.sharing.together and not told.empty:
            given.append(replace(told, sharing=_released(told.sharing)))
    actions = tuple(
        action.id
        for action in teller.assessment.actions
        if action.id in forum.actions and (action.due is None or day is None or action.due <= day)
    )
    if not given and not to_decide and not actions:
        return None
    provider = teller.record.provider
    return Entry(provider.id, provider.name, tuple(given), tuple(to_decide), actions)


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
    until = min(on, known_at or on)
    found = [
        reply(
            framework,
            record,
            what,
            audience=request.audience,
            on=on,
            by=by,
            requested=request.requested,
            known_at=known_at,
        )
        for request in record.activities
        if request.audience is not None
        and request.requested is not None
        and request.requested <= until
        and (request.completed is None or request.completed > until)
        for what in request.what
    ]
    return tuple(found)


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
    is the day of the request: only steps recorded since count. InputError where the pack has no
    such subject, audience or role.
    """
    pack = framework.pack
    if by is not None and by not in pack.roles:
        help_ = did_you_mean(by, pack.roles) or f"the roles are {listed(pack.roles, 30)}"
        raise InputError([Diagnostic(f"there is no role {quoted(by)}", help=help_, code="no-role")])
    teller = Teller(framework, record, on, known_at)
    told = teller.about(what, audience)
    sharing = told.sharing
    rule = pack.sharing[sharing.rule] if sharing.rule is not None else None
    loose = [s.value for s in (rule.steps if rule else ()) if s.gives or s.where_appropriate]
    steps = tuple(
        Taken(
            step,
            teller.done(step.value, requested),
            step.value in pack.record_ids.difference(loose),
        )
        for step in sharing.steps
    )
    provider = record.provider
    released = _released(sharing)
    made = Reply(provider.id, provider.name, on, requested, released, steps, None)
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
        self._view = View(framework.pack, record, on, framework.settings, known_at)
        earlier = min(since, known_at or since) if since is not None else None
        before = framework.assess(record, on=earlier).confirmed if earlier is not None else None
        self._before = before.level if before is not None else None

    @property
    def outside(self) -> bool:
        """Whether the provider is outside the framework."""
        scope = self.pack.identity.scope
        return scope is not None and self.assessment.flags.has(scope.flag)

    def about(self, what: str, audience: str) -> Given:
        """Give the answer about a subject, with what the register has of it.

        What the answer does not permit is in it all the same: it is the caller's to leave out.
        """
        told = self.assessment.may_share(what, audience=audience)
        rule = self.pack.sharing[told.rule] if told.rule is not None else None
        holds = self.pack.identity.subjects[told.what].holds
        contents = rule.gives if rule is not None and rule.gives is not None else holds
        if told.decided_on is not None and self._newest(contents) > told.decided_on:
            told = replace(told, answer="ask", decided=None, decided_on=None)
        values = {name: self.assessment.value(name) for name in contents.values}
        known = {name: value for name, value in values.items() if value not in (None, False)}
        changed = tuple(name for name in known if self._changed(name))
        rated = self._rated() if contents.rating else None
        return Given(told, rated, known, changed, tuple(self._counted(contents)))

    def _changed(self, name: str) -> bool:
        days = [each.day for each in self.assessment.evidence(name) if each.day is not None]
        return self.since is not None and bool(days) and max(days) > self.since

    def done(self, step: str, since: dt.date | None) -> dt.date | None:
        """Give the day on which a step was last recorded as done since a day; None where it was not."""
        days = [r.day for r in self._view.done[(step,)] if r.day is not None]
        return max((day for day in days if since is None or day >= since), default=None)

    def _rated(self) -> Rated | None:
        confirmed = self.assessment.confirmed
        if confirmed is None:
            return None
        new = self.since is not None and confirmed.on > self.since
        name = self.pack.levels[confirmed.level].name
        return Rated(confirmed.level, name, confirmed.on, self._before, new)

    def _counted(self, contents: Contents) -> Iterator[Counted]:
        for kind, found in self._findings(contents):
            open_ = sum(bool(element.attributes["open"]) for element in found)
            new = [e for e in found if self.since is not None and e.recorded > self.since]
            yield Counted(kind, len(found), open_, len(new))

    def _findings(self, contents: Contents) -> Iterator[tuple[str, list[Known]]]:
        for chosen in contents.findings:
            for kind in self.pack.members("kind", (chosen.kind,)):
                found = [e for e in self._view.on_record[kind] if chosen.where.holds(e, self._view)]
                if found:
                    yield kind, found

    def _newest(self, contents: Contents) -> dt.date:
        """Give the day on which the newest finding of it was entered: no decision is about a later one."""
        days = (known.recorded for _, found in self._findings(contents) for known in found)
        return max(days, default=dt.date.min)
