"""What is other in the answers of two frameworks on one provider, and which edit did it.

Attribution is exact: a difference is laid to an edit where undoing that edit undoes the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeAlias, TypeGuard

from qaf_rules.edits import Edit, without
from qaf_rules.engine import Framework
from qaf_rules.errors import InputError, PackError
from qaf_rules.model import ProviderRecord
from qaf_rules.provider_day import ProviderDay
from qaf_rules.result import (
    Action,
    Assessment,
    Flag,
    Question,
    ScheduleItem,
    Suggestion,
    field_names,
)
from qaf_rules.untouched import Basis, basis_of
from qaf_rules.workload import Due, dues_of

Kind: TypeAlias = Literal["schedule", "rating", "action", "question", "flag", "visits"]
Key: TypeAlias = tuple[Kind, str]
How: TypeAlias = Literal["alone", "together", "either", "mixed"]
Part: TypeAlias = ScheduleItem | Suggestion | Action | Question | Flag | tuple[Due, ...]

KINDS: tuple[Kind, ...] = ("rating", "schedule", "action", "question", "flag", "visits")
OVERDUE = "overdue"
UNMET = frozenset({"status", "missed"})  # of an item, where it says that it is not met
MATCHED, UNKNOWN = (
    "matched",
    "unknown",
)  # of a suggestion: which criteria hold, what would settle it
DUE = "due"  # of the plan of an activity: its due dates

# What is not compared: how an answer is reasoned, and what only repeats the rest of it.
_APART = {
    "reason",
    "reasons",
    "other_dues",
    "say",
    "criteria",
    "passed_over",
    "takes",
    "days",
    "attributes",
}


class Difference(NamedTuple):
    """One part of a provider's answer that is other: what it was and is, None where there is none.

    `fields` names what of it is other by one cause; what is other by another is a difference of its
    own. `edits` are those that did it: one (`how` is `alone`); several that do it together, of which
    each is needed (`together`); several of which each is enough (`either`); or several of which some
    are needed and of others any is enough (`mixed`).
    """

    provider: str
    kind: Kind
    id: str
    before: Part | None
    after: Part | None
    fields: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    how: How = "alone"

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that the answer cites, before and after, and those of the edits."""
        cited = [*_cited(self.after), *_cited(self.before)]
        return tuple(dict.fromkeys([*cited, *(c for edit in self.edits for c in edit.clauses)]))

    @property
    def newly_unmet(self) -> bool:
        """Whether it is an obligation that is overdue now and was not before."""
        own = not self.fields or not UNMET.isdisjoint(self.fields)
        return own and _unmet(self.after) and not _unmet(self.before)


class Unseen(NamedTuple):
    """The longest that a provider goes without contact in the period, in days, by both frameworks.

    `since` and `until` are the days between which nobody is there by the changed framework; it is
    `never` where nobody was there before either, so that it goes on for longer than is known.
    """

    provider: str
    before: int
    after: int
    since: dt.date
    until: dt.date
    never: bool = False


# --- the answers of one framework ----------------------------------------------------------------


class Answers:
    """The answers of one framework on a day.

    Of a provider that is not touched by the change from one of `like` to this framework they are
    taken over. `keep` keeps those of every provider, not only of the last: they are large.
    """

    def __init__(
        self,
        framework: Framework,
        on: dt.date,
        until: dt.date | None,
        like: Sequence[Answers] = (),
        *,
        keep: bool = False,
    ) -> None:
        self.framework = framework
        self.on = on
        self.until = until
        self.keep = keep
        self.made = 0  # how many providers were answered here
        self.like = like
        self._parts: dict[str, Mapping[Key, Part]] = {}
        self._dues: dict[str, tuple[Due, ...]] = {}
        self._same: dict[str, Answers | None] = {}
        self._bases: dict[tuple[int, int], Basis | None] = {}
        self._days: dict[str, ProviderDay] = {}  # only that of the last one, where none is kept

    def of(self, record: ProviderRecord) -> Mapping[Key, Part]:
        """Give every part of a provider's answer by its key; InputError where there is none."""
        found = self._parts.get(record.provider.id)
        if found is None:
            same = self.same(record)
            found = self._made(record) if same is None else same.of(record)
            if not self.keep:
                self._parts.clear()
            self._parts[record.provider.id] = found
        return found

    def same(self, record: ProviderRecord) -> Answers | None:
        """Give those of `like` whose answers for a provider are these, where there are such."""
        id_ = record.provider.id
        if id_ not in self._same:
            self._same[id_] = next((e for e in self.like if self._takes_over(e, record)), None)
        return self._same[id_]

    def _takes_over(self, other: Answers, record: ProviderRecord) -> bool:
        was, now = (each.framework.settled(record, self.on) for each in (other, self))
        key = id(was.pack), id(now.pack)  # kept as long as the frameworks are
        if key not in self._bases:
            self._bases[key] = basis_of(was, now)
        basis = self._bases[key]
        return basis is not None and basis.spares(other.day(record), partial(self.day, record))

    def _made(self, record: ProviderRecord) -> Mapping[Key, Part]:
        dues = self.due(record)  # the plan looks at a provider before anything is made of it
        assessment = self.day(record).assessment()
        self.made += 1
        return dict(_keyed(assessment, dues))

    def day(self, record: ProviderRecord) -> ProviderDay:
        """Read a provider on the day; InputError where its profile contradicts itself."""
        day = self._days.get(record.provider.id)
        if day is None:
            day = self.framework.day(record, on=self.on)
            day.refuse_contradictions()
            if not self.keep:
                self._days.clear()
            self._days[record.provider.id] = day
        return day

    def due(self, record: ProviderRecord) -> tuple[Due, ...]:
        """Give the due dates of a provider in the period; none where there is no period."""
        if self.until is None:
            return ()
        found = self._dues.get(record.provider.id)
        if found is None:
            same = self.same(record)
            found = dues_of(self.day(record), self.until) if same is None else same.due(record)
            self._dues[record.provider.id] = found
        return found


def _keyed(assessment: Assessment, dues: Iterable[Due]) -> Iterator[tuple[Key, Part]]:
    """Give the parts of an answer, each with a key; of several of one id the later are numbered."""
    yield ("rating", assessment.suggestion.id), assessment.suggestion
    times: Counter[Key] = Counter()
    parts: tuple[tuple[Kind, Iterable[Any]], ...] = (
        ("schedule", assessment.schedule),
        ("action", assessment.actions),
        ("question", assessment.questions),
        ("flag", assessment.flags),
    )
    for kind, entries in parts:
        for entry in entries:
            about = (
                entry.about if isinstance(entry, Action) else getattr(entry, "attached_to", None)
            )
            key: Key = kind, f"{entry.id} ({about})" if about else entry.id
            times[key] += 1
            yield (key if times[key] == 1 else (kind, f"{key[1]} #{times[key]}")), entry
    by_activity: dict[str, list[Due]] = {}
    for due in dues:
        by_activity.setdefault(due.activity, []).append(due)
    for activity, own in by_activity.items():
        yield ("visits", activity), tuple(own)


# --- differences ---------------------------------------------------------------------------------


def differing(
    provider: str, before: Mapping[Key, Part], after: Mapping[Key, Part]
) -> Iterator[Difference]:
    """Give what is other of a provider's answers."""
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            yield Difference(provider, *key, old, new, ())
        elif not _alike(old, new):
            fields = tuple(n for n in compared_fields(old) if _read(old, n) != _read(new, n))
            if fields:
                yield Difference(provider, *key, old, new, fields)


class _Compared(NamedTuple):
    """What is compared of a kind of part: the names, and what reads them all at once if it can."""

    names: tuple[str, ...]
    read: Callable[[Part], object] | None


_COMPARED: dict[type, _Compared] = {}


def _compared(part: Part) -> _Compared:
    kind = type(part)
    if kind not in _COMPARED:
        own = tuple(n for n in field_names(kind) if n not in _APART)
        names = (*own, MATCHED) if kind is Suggestion else own or (DUE,)
        read = attrgetter(*own) if names == own else None
        _COMPARED[kind] = _Compared(names, read)
    return _COMPARED[kind]


def compared_fields(part: Part) -> tuple[str, ...]:
    """Give the names of what is compared of a part of an answer."""
    return _compared(part).names


def _alike(old: Part, new: Part) -> bool:
    """Whether two parts are seen to be the same at once, as most are."""
    read = _compared(old).read
    return old is new or (read is not None and read(old) == read(new))


def _read(part: Part, name: str) -> object:
    """Give what is compared of a part under a name."""
    match part:
        case Suggestion() if name == MATCHED:
            return tuple(c.id for c in part.matched)
        case Suggestion() if name == UNKNOWN:
            return set(part.unknown)  # what would settle it, whichever is named first
        case tuple() if name == DUE and type(part) is tuple:
            return [(each.due, each.period, each.officer) for each in part]
    return getattr(part, name)


def is_plan(part: Part) -> TypeGuard[tuple[Due, ...]]:
    """Whether a part of an answer is the due dates of an activity."""
    return type(part) is tuple


def _cited(part: Part | None) -> tuple[str, ...]:
    match part:
        case None:
            return ()
        case ScheduleItem() | Suggestion() | Action() | Question() | Flag():
            return part.clauses
    return tuple(dict.fromkeys(c for due in part for c in due.clauses))


def _unmet(part: Part | None) -> bool:
    return isinstance(part, ScheduleItem) and (part.status == OVERDUE or part.missed)


# --- which edit did it ---------------------------------------------------------------------------


class Undoing:
    """Lays differences to edits by undoing them."""

    def __init__(self, before: Answers, after: Answers, made: tuple[Edit, ...]) -> None:
        self.before = before
        self.after = after
        self.edits = made
        self._answers: dict[frozenset[int], Answers | None] = {}

    def attributed(self, difference: Difference, record: ProviderRecord) -> Iterator[Difference]:
        """Give a difference with the edits that did it, one for each of the causes of its fields."""
        if len(self.edits) <= 1:
            yield difference._replace(edits=self.edits)
            return
        causes: dict[tuple[tuple[int, ...], How], list[str]] = {}
        for name in difference.fields or ("",):
            causes.setdefault(self._cause(difference, name, record), []).append(name)
        for (which, how), names in causes.items():
            fields = tuple(name for name in names if name)
            did = tuple(self.edits[n] for n in which)
            yield difference._replace(fields=fields, edits=did, how=how)

    def _cause(
        self, difference: Difference, name: str, record: ProviderRecord
    ) -> tuple[tuple[int, ...], How]:
        """Give the edits that make a field other; without a name, the whole."""
        everything = set(range(len(self.edits)))
        needed = [n for n in everything if self._undoes({n}, difference, name, record)]
        if needed and self._made_by(set(needed), difference, name, record):
            return tuple(needed), "alone" if len(needed) == 1 else "together"
        enough = [n for n in everything if self._made_by({n}, difference, name, record)]
        if enough and not needed and self._undoes(set(enough), difference, name, record):
            return tuple(enough), "either"
        # What can be left out of all without a change has no part in it, by itself or with others.
        several = self._fewest(
            everything, partial(self._made_by, difference=difference, name=name, record=record)
        )
        several |= self._fewest(
            everything, partial(self._undoes, difference=difference, name=name, record=record)
        )
        return tuple(sorted({*several, *needed, *enough})), "mixed"

    def _fewest(self, which: set[int], holds: Callable[[set[int]], bool]) -> set[int]:
        """Leave out of edits what can be left out while something holds of the others."""
        kept = set(which)
        for n in sorted(which):
            if len(kept) > 1 and holds(kept - {n}):
                kept.remove(n)
        return kept

    def _made_by(
        self, which: set[int], difference: Difference, name: str, record: ProviderRecord
    ) -> bool:
        """Whether some edits by themselves make a field what it is by all of them."""
        rest = set(range(len(self.edits))) - which
        return self._comes_out(rest, difference, difference.after, name, record)

    def _undoes(
        self, which: set[int], difference: Difference, name: str, record: ProviderRecord
    ) -> bool:
        """Whether with some edits undone a field is as before."""
        return self._comes_out(which, difference, difference.before, name, record)

    def _comes_out(
        self,
        undone: set[int],
        difference: Difference,
        wanted: Part | None,
        name: str,
        record: ProviderRecord,
    ) -> bool:
        answers = self._without(frozenset(undone))
        if answers is None:
            return False
        try:
            found = answers.of(record).get((difference.kind, difference.id))
        except InputError:
            return False
        if not name or found is None or wanted is None:
            return (found is None) == (wanted is None)
        return _read(wanted, name) == _read(found, name)

    def _without(self, which: frozenset[int]) -> Answers | None:
        """Give the answers with some edits undone; None where what is left is no framework."""
        if not which:
            return self.after
        if len(which) == len(self.edits):
            return self.before
        if which not in self._answers:
            undone = [self.edits[n] for n in which]
            try:
                made = without(self.before.framework, self.after.framework, undone)
                like = self.before, self.after
                self._answers[which] = Answers(made, self.after.on, self.after.until, like)
            except (PackError, InputError):
                self._answers[which] = None
        return self._answers[which]


# --- who goes unseen -----------------------------------------------------------------------------


def unseen(before: Answers, after: Answers, records: Iterable[ProviderRecord]) -> Iterator[Unseen]:
    """Give the providers that go longer without contact in the period, the longest first."""
    found: list[Unseen] = []
    for record in records:
        old, new = _longest(before, record), _longest(after, record)
        if old is not None and new is not None and new[0] > old[0]:
            found.append(Unseen(record.provider.id, old[0], *new))
    yield from sorted(found, key=lambda each: (-each.after, each.provider))


def _longest(answers: Answers, record: ProviderRecord) -> tuple[int, dt.date, dt.date, bool] | None:
    """Give the longest time between contacts, from the last before the period to its end.

    Of one that was never met it begins with the period. What is booked is held on its day.
    """
    pack, on, until = answers.framework.pack, answers.on, answers.until
    contacts = set(pack.members("activity", pack.identity.contact))
    if not contacts or until is None:
        return None
    done = [
        each.completed
        for each in record.activities
        if each.activity in contacts and each.completed and each.completed <= on
    ]
    coming = sorted(_coming(answers, record, contacts, until))
    days = [max(done, default=on), *coming, until]
    longest, since, end = max(((b - a).days, a, b) for a, b in pairwise(days))
    return longest, since, end, not done and since == on


def _coming(
    answers: Answers, record: ProviderRecord, contacts: set[str], until: dt.date
) -> Iterator[dt.date]:
    """Give the days of contacts to come: those that are booked, in place of what they are for."""
    booked = [
        (each.activity, each.planned)
        for each in record.activities
        if each.activity in contacts
        and each.completed is None
        and each.planned is not None
        and answers.on <= each.planned <= until
    ]
    yield from (day for _, day in booked)
    held = Counter(activity for activity, _ in booked)
    for due in answers.due(record):
        if held[due.activity]:
            held[due.activity] -= 1
        elif due.activity in contacts:
            yield max(due.due, answers.on)
