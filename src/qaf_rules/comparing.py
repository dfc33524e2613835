"""Two frameworks over one register: what is other, for whom, and which edit did it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from qaf_rules import comparison_told, notebook
from qaf_rules.differences import Answers, Difference, Kind, Undoing, Unseen, differing, unseen
from qaf_rules.edits import Edit, edits
from qaf_rules.effects import VERSIONS, Effect, Version, effect_of
from qaf_rules.engine import Framework
from qaf_rules.errors import Diagnostic, InputError, listed, quoted, refuse_no_day
from qaf_rules.intake import read_record
from qaf_rules.markup import plainly
from qaf_rules.model import ProviderRecord, records_of
from qaf_rules.plain import plain_record
from qaf_rules.result import Suggestion
from qaf_rules.untouched import bare_activities
from qaf_rules.workload import Due

if TYPE_CHECKING:
    import polars as pl


class Visits(NamedTuple):
    """How many due dates there are in a month, of an activity and an officer, before and after."""

    month: str
    activity: str
    officer: str
    before: int
    after: int


LEVEL = "level"
SHARED = "compare frameworks that share their words, or leave these entries out"


@dataclass(frozen=True)
class Comparison:
    """What a change of a framework does to the answers on a register.

    The answers are those of the day `on`; `until` ends the period whose due dates are compared, None
    where there is none. `dues` are those by both frameworks, what was overdue on the day among them.
    `providers` are those that both could assess, `faults` are of the others.
    """

    before: Framework = field(repr=False)
    after: Framework = field(repr=False)
    on: dt.date
    until: dt.date | None
    edits: tuple[Edit, ...]
    providers: int
    differences: tuple[Difference, ...] = field(repr=False)
    dues: tuple[tuple[Due, ...], tuple[Due, ...]] = field(repr=False, default=((), ()))
    unseen: tuple[Unseen, ...] = ()
    faults: tuple[Diagnostic, ...] = ()

    def of(self, kind: Kind) -> tuple[Difference, ...]:
        """The differences of a kind: schedule, rating, action, question, flag or visits."""
        return tuple(d for d in self.differences if d.kind == kind)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The ids of the providers whose answers are other, in the order of the register."""
        return tuple(dict.fromkeys(d.provider for d in self.differences))

    @cached_property
    def ratings_moved(self) -> Mapping[tuple[int | None, int | None], tuple[str, ...]]:
        """The providers whose suggested level is other, by the level before and after."""
        moved: dict[tuple[int | None, int | None], list[str]] = {}
        for difference in self.of("rating"):
            old, new = difference.before, difference.after
            assert isinstance(old, Suggestion)
            assert isinstance(new, Suggestion)
            if LEVEL in difference.fields:
                moved.setdefault((old.level, new.level), []).append(difference.provider)
        ordered = sorted(moved.items(), key=lambda each: [level or 0 for level in each[0]])
        return {levels: tuple(ids) for levels, ids in ordered}

    @cached_property
    def newly_unmet(self) -> tuple[Difference, ...]:
        """The obligations that are overdue on the day by the changed framework alone."""
        return tuple(d for d in self.differences if d.newly_unmet)

    @cached_property
    def visits(self) -> tuple[Visits, ...]:
        """The months, activities and officers with more or fewer due dates in the period than before."""
        old, new = (
            Counter((d.month, d.activity, d.officer) for d in each if not d.late)
            for each in self.dues
        )
        return tuple(
            Visits(*key, old[key], new[key])
            for key in sorted(old.keys() | new.keys())
            if old[key] != new[key]
        )

    @property
    def effect(self) -> Effect:
        """What the change is for this register: unnoticed, tighter, looser, both, or otherwise.

        It is unknown where a provider cannot be assessed by both frameworks.
        """
        return "unknown" if self.faults else effect_of(self.differences)

    @property
    def version(self) -> Version:
        """Which number of the pack's version it moves: patch, minor or major."""
        return VERSIONS[self.effect]

    def __bool__(self) -> bool:
        """Whether any answer is other, or is not there by one of the frameworks."""
        return bool(self.differences or self.faults)

    def __str__(self) -> str:
        """Sum it up in lines of text."""
        return "\n".join(comparison_told.summary(self))

    _repr_pretty_ = plainly

    def _repr_html_(self) -> str:
        return notebook.comparison(self)

    def details(self, provider: str | None = None) -> tuple[str, ...]:
        """Tell every difference in a line, of one provider or of all."""
        return tuple(comparison_told.details(self, provider))

    def to_data(self) -> dict[str, Any]:
        """Give it as plain data, as JSON has it."""
        return comparison_told.as_data(self)

    def to_frame(self) -> pl.DataFrame:
        """Give the differences as a data frame, one row each: see `comparison_told.frame`.

        InputError where polars is not installed.
        """
        return comparison_told.frame(self)


def compare(
    before: Framework,
    after: Framework,
    register: Iterable[ProviderRecord],
    *,
    on: dt.date | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Comparison:
    """Say what is other by one framework than by another, and which edit did it.

    `register` gives the providers. Either `on` is the day whose answers are compared; or `since` is,
    and the due dates from then to `until` are compared too. ValueError where neither or both are
    given. InputError where one is no day, there is no provider, or one of the frameworks cannot
    read the register.
    """
    day = day_of(on, since, until)
    records = records_of(register)
    refuse(before, after, records)
    old = Answers(before, day, until)
    return compared(old, Answers(after, day, until, [old]), records)


def day_of(on: dt.date | None, since: dt.date | None, until: dt.date | None) -> dt.date:
    """Give the day whose answers are compared; ValueError where none, or more than one, is given.

    InputError where one of them is no day.
    """
    for name, day in (("on", on), ("since", since), ("until", until)):
        if day is not None:
            refuse_no_day(name, day)
    if on is not None and since is None and until is None:
        return on
    if on is not None or since is None or until is None:
        raise ValueError("give either the day `on`, or a period from `since` to `until`")
    if until < since:
        raise ValueError(f"the period ends on {until}, before it begins on {since}")
    return since


def compared(before: Answers, after: Answers, records: Sequence[ProviderRecord]) -> Comparison:
    """Compare the answers of two frameworks; those that are there already are not made again."""
    made = edits(before.framework, after.framework)
    undoing = Undoing(before, after, made)
    found: list[Difference] = []
    faults: list[Diagnostic] = []
    answered: list[ProviderRecord] = []
    planned: list[tuple[tuple[Due, ...], tuple[Due, ...]]] = []
    for record in records:
        try:
            untouched = after.same(record) is before
            old, new = ({}, {}) if untouched else (before.of(record), after.of(record))
            dues = before.due(record), after.due(record)
        except InputError as error:
            faults.extend(error.diagnostics)
            continue
        answered.append(record)
        planned.append(dues)
        for difference in differing(record.provider.id, old, new):
            found += undoing.attributed(difference, record)
    return Comparison(
        before=before.framework,
        after=after.framework,
        on=before.on,
        until=before.until,
        edits=made,
        providers=len(answered),
        differences=tuple(found),
        dues=(_joined(old for old, _ in planned), _joined(new for _, new in planned)),
        unseen=tuple(unseen(before, after, answered)),
        faults=tuple(dict.fromkeys(faults)),
    )


def _joined(dues: Iterable[tuple[Due, ...]]) -> tuple[Due, ...]:
    return tuple(chain.from_iterable(dues))


# --- what can be compared ------------------------------------------------------------------------


def refuse(before: Framework, after: Framework, records: Sequence[ProviderRecord]) -> None:
    """Refuse a comparison over nobody, of one provider twice, and of what only one can read.

    InputError with every fault.
    """
    if not records:
        message = "there is no provider to compare the frameworks over"
        raise InputError([Diagnostic(message, help="give a register with a provider in it")])
    faults = [
        Diagnostic(f"there are {times} records of {quoted(id_)}", help="give each provider once")
        for id_, times in Counter(record.provider.id for record in records).items()
        if times > 1
    ]
    if _speak_otherwise(before, after):
        faults += _unreadable(before, after, records)
    if faults:
        raise InputError(faults)


def _speak_otherwise(before: Framework, after: Framework) -> bool:
    """Whether a record may be readable for one of the frameworks and not for the other."""
    words = ("pack", "vocabulary", "actions", "readings")
    old, new = before.pack, after.pack
    same = all(old.data.get(each) is new.data.get(each) for each in words)
    return not same or bare_activities(old) != bare_activities(new)


def _unreadable(
    before: Framework, after: Framework, records: Sequence[ProviderRecord]
) -> Iterator[Diagnostic]:
    """Find what only one of the frameworks has the words for: by name, then by every other check."""
    by_name = list(_unnamed(before, after, records))
    yield from by_name
    if by_name:
        return
    for record in records:
        old, new = (_faults_of(framework, record) for framework in (before, after))
        for knows, lacks, only in ((before, after, new - old), (after, before, old - new)):
            for message in sorted(only):
                told = f"only {quoted(knows.id)} can read this register: by {quoted(lacks.id)} {message}"
                place = f"provider {record.provider.id}"
                yield Diagnostic(told, help=SHARED, place=place, code="register")


def _faults_of(framework: Framework, record: ProviderRecord) -> set[str]:
    """Give what is wrong with a record in the words of a framework."""
    data = plain_record(record)
    _, faults = read_record(data, framework.pack, default_id=record.provider.id)
    return {fault.message for fault in faults}


def _unnamed(
    before: Framework, after: Framework, records: Sequence[ProviderRecord]
) -> Iterator[Diagnostic]:
    for knows, lacks in ((before, after), (after, before)):
        for what, names in _used(records).items():
            known, other = _known(knows, what), _known(lacks, what)
            only = sorted(name for name in names if name in known and name not in other)
            if only:
                message = (
                    f"only {quoted(knows.id)} can read this register: "
                    f"{quoted(lacks.id)} has no {what} {listed(only)}"
                )
                yield Diagnostic(message, help=SHARED, code="register")


def _used(records: Iterable[ProviderRecord]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {"field": set(), "activity": set(), "kind of finding": set()}
    for record in records:
        found["field"].update(record.provider.fields)
        found["activity"].update(each.activity for each in record.activities)
        found["kind of finding"].update(each.kind for each in record.findings)
    return found


def _known(framework: Framework, what: str) -> Iterable[str]:
    pack = framework.pack
    match what:
        case "field":
            return pack.fields
        case "activity":
            return pack.record_ids
    return pack.kinds
