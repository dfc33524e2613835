"""What is other in the answers of two frameworks on one provider, and which edit did it.

Attribution is exact: a difference is laid to an edit where undoing that edit undoes the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

from qaf_rules.edits import Edit, without
from qaf_rules.engine import Framework
from qaf_rules.errors import InputError, PackError
from qaf_rules.model import ProviderRecord
from qaf_rules.result import (
    Action,
    Assessment,
    Flag,
    Question,
    ScheduleItem,
    Suggestion,
    field_names,
)
from qaf_rules.untouched import untouched_by
from qaf_rules.workload import Due, workload

Kind: TypeAlias = Literal["schedule", "rating", "action", "question", "flag", "visits"]
Key: TypeAlias = tuple[Kind, str, int]
Part: TypeAlias = ScheduleItem | Suggestion | Action | Question | Flag | tuple[Due, ...]

KINDS: tuple[Kind, ...] = ("rating", "schedule", "action", "question", "flag", "visits")
OVERDUE = "overdue"
MATCHED = "matched"  # of a suggestion: which criteria hold

# What is not compared: how an answer is reasoned, and what only repeats the rest of it.
_APART = {"reason", "reasons", "other_dues", "say", "criteria", "passed_over", "takes", "days"}

_UNORDERED = {"unknown"}  # what would settle it, whichever is named first


class Difference(NamedTuple):
    """One part of a provider's answer that is other: what it was and is, None where there is none.

    `fields` names what of it is other. `edits` are those that did it: one; several of which each is
    needed (`how` is `together`); or several of which any is enough (`either`).
    """

    provider: str
    kind: Kind
    id: str
    before: Part | None
    after: Part | None
    fields: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    how: Literal["alone", "together", "either"] = "alone"

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that the answer cites, before and after, and those of the edits."""
        cited = [*_cited(self.after), *_cited(self.before)]
        return tuple(dict.fromkeys([*cited, *(c for edit in self.edits for c in edit.clauses)]))

    @property
    def newly_unmet(self) -> bool:
        """Whether it is an obligation that is overdue now and was not before."""
        return _unmet(self.after) and not _unmet(self.before)


class Unseen(NamedTuple):
    """The longest that a provider goes without contact in the period, in days, by both frameworks.

    `since` and `until` are the days between which nobody is there by the changed framework.
    """

    provider: str
    before: int
    after: int
    since: dt.date
    until: dt.date


# --- the answers of one framework ----------------------------------------------------------------


class Answers:
    """The answers of one framework on a day.

    Of a provider that the change from `like` to this framework does not touch they are taken over.
    `keep` keeps those of every provider, not only of the last: they are large.
    """

    def __init__(
        self,
        framework: Framework,
        on: dt.date,
        until: dt.date | None,
        like: Answers | None = None,
        *,
        keep: bool = False,
    ) -> None:
        self.framework = framework
        self.on = on
        self.until = until
        self.keep = keep
        self.made = 0  # how many providers were answered here
        self._like = like
        self._untouched = untouched_by(like.framework, framework, on) if like is not None else None
        self._parts: dict[str, Mapping[Key, Part]] = {}
        self._dues: dict[str, tuple[Due, ...]] = {}

    def of(self, record: ProviderRecord) -> Mapping[Key, Part]:
        """Give every part of a provider's answer by its key; InputError where there is none."""
        found = self._parts.get(record.provider.id)
        if found is None:
            found = self._taken_over(record) or self._made(record)
            if not self.keep:
                self._parts.clear()
            self._parts[record.provider.id] = found
        return found

    def _taken_over(self, record: ProviderRecord) -> Mapping[Key, Part] | None:
        if self._like is None or self._untouched is None or not self._untouched(record):
            return None
        found = self._like.of(record)
        self._dues[record.provider.id] = self._like.dues([record])
        return found

    def _made(self, record: ProviderRecord) -> Mapping[Key, Part]:
        assessment = self.framework.assess(record, on=self.on)
        self.made += 1
        return dict(_keyed(assessment, self._due(record)))

    def _due(self, record: ProviderRecord) -> tuple[Due, ...]:
        if self.until is None:
            return ()
        id_ = record.provider.id
        if id_ not in self._dues:
            made = workload(self.framework, [record], on=self.on, until=self.until)
            self._dues[id_] = made.dues
        return self._dues[id_]

    def dues(self, records: Iterable[ProviderRecord]) -> tuple[Due, ...]:
        """Give the due dates of all providers in the period."""
        return tuple(due for record in records for due in self._dues.get(record.provider.id, ()))


def _keyed(assessment: Assessment, dues: Iterable[Due]) -> Iterator[tuple[Key, Part]]:
    """Give the parts of an answer, each with a key; of several with one id, each by its position."""
    yield ("rating", assessment.suggestion.id, 0), assessment.suggestion
    times: Counter[tuple[Kind, str]] = Counter()
    parts: tuple[tuple[Kind, Iterable[Any]], ...] = (
        ("schedule", assessment.schedule),
        ("action", assessment.actions),
        ("question", assessment.questions),
        ("flag", assessment.flags),
    )
    for kind, entries in parts:
        for entry in entries:
            about = getattr(entry, "attached_to", None) or (
                entry.about if isinstance(entry, Action) else None
            )
            id_ = f"{entry.id} ({about})" if about else entry.id
            yield (kind, id_, times[kind, id_]), entry
            times[kind, id_] += 1
    by_activity: dict[str, list[Due]] = {}
    for due in dues:
        by_activity.setdefault(due.activity, []).append(due)
    for activity, own in by_activity.items():
        yield ("visits", activity, 0), tuple(own)


# --- differences ---------------------------------------------------------------------------------


def differing(
    provider: str, before: Mapping[Key, Part], after: Mapping[Key, Part]
) -> Iterator[Difference]:
    """Give what is other of a provider's answers."""
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None:
            fields = _other(old, new)
            if fields:
                yield Difference(provider, key[0], key[1], old, new, fields)
        else:
            yield Difference(provider, key[0], key[1], old, new, ())


_COMPARED: dict[type, tuple[str, ...]] = {}


def _other(before: Part, after: Part) -> tuple[str, ...]:
    """Give the names of what is other of two parts of one kind."""
    if before is after:
        return ()
    if isinstance(before, Suggestion) and isinstance(after, Suggestion):
        matched = [tuple(c.id for c in each.matched) for each in (before, after)]
        extra = (MATCHED,) if matched[0] != matched[1] else ()
        return (*_other_fields(before, after), *extra)
    if isinstance(before, tuple) and not hasattr(before, "_fields"):
        faces = [[(d.due, d.period, d.officer) for d in each] for each in (before, after)]  # type: ignore[union-attr]  # both are of due dates
        return ("due",) if faces[0] != faces[1] else ()
    return _other_fields(before, after)


def _other_fields(before: object, after: object) -> tuple[str, ...]:
    names = compared_fields(type(before))
    return tuple(n for n in names if _face(n, getattr(before, n)) != _face(n, getattr(after, n)))


def _face(name: str, value: Any) -> object:  # a field of any part
    return set(value) if name in _UNORDERED else value


def compared_fields(kind: type) -> tuple[str, ...]:
    """Give the names of what is compared of a part of an answer."""
    names = _COMPARED.get(kind)
    if names is None:
        names = _COMPARED[kind] = tuple(n for n in field_names(kind) if n not in _APART)
    return names


def _cited(part: Part | None) -> tuple[str, ...]:
    if part is None:
        return ()
    if isinstance(part, tuple) and not hasattr(part, "_fields"):
        return tuple(dict.fromkeys(c for due in part for c in due.clauses))
    return tuple(part.clauses)  # type: ignore[union-attr]  # every other part has them


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

    def attributed(self, difference: Difference, record: ProviderRecord) -> Difference:
        """Give a difference with the edits that did it."""
        if len(self.edits) <= 1:
            return difference._replace(edits=self.edits)
        everything = range(len(self.edits))
        needed = [n for n in everything if self._undoes(frozenset([n]), difference, record)]
        if needed:
            how: Literal["alone", "together"] = "alone" if len(needed) == 1 else "together"
            return difference._replace(edits=tuple(self.edits[n] for n in needed), how=how)
        # Undoing all undoes it; what can be left as it is has no part in it.
        several = frozenset(everything)
        for n in everything:
            if self._undoes(several - {n}, difference, record):
                several -= {n}
        return difference._replace(
            edits=tuple(self.edits[n] for n in sorted(several)), how="either"
        )

    def _undoes(
        self, which: frozenset[int], difference: Difference, record: ProviderRecord
    ) -> bool:
        if len(which) == len(self.edits):
            return True
        answers = self._without(which)
        if answers is None:
            return False
        try:
            found = answers.of(record)
        except InputError:
            return False
        still = differing(record.provider.id, self.before.of(record), found)
        return (difference.kind, difference.id) not in {(d.kind, d.id) for d in still}

    def _without(self, which: frozenset[int]) -> Answers | None:
        """Give the answers with some edits undone; None where what is left is no framework."""
        if which not in self._answers:
            undone = [self.edits[n] for n in which]
            try:
                made = without(self.before.framework, self.after.framework, undone)
                self._answers[which] = Answers(made, self.after.on, self.after.until, self.before)
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


def _longest(answers: Answers, record: ProviderRecord) -> tuple[int, dt.date, dt.date] | None:
    """Give the longest time between contacts, from the last before the period to its end."""
    pack = answers.framework.pack
    contacts = set(pack.members("activity", pack.identity.contact))
    if not contacts or answers.until is None:
        return None
    done = [
        each.completed
        for each in record.activities
        if each.activity in contacts and each.completed and each.completed <= answers.on
    ]
    coming = [max(d.due, answers.on) for d in answers.dues([record]) if d.activity in contacts]
    days = [max(done, default=answers.on), *sorted(coming), answers.until]
    return max(((b - a).days, a, b) for a, b in pairwise(days))
