"""Retention: what a council no longer keeps, and what it must not lose yet.

What is dated before a day goes, except what is still live: findings that are open, decisions in
force, the newest confirmed rating with what came since, the last time that each activity was done,
and whatever else the assessment on the day of the purge would say otherwise without.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from qaf_rules.decisions import read_decision
from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.model import OPEN, Activity, Decision, Finding, ProviderRecord, Rating

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.registers import Register

__all__ = ["PARTS", "Purged", "decisions_before", "purge", "purge_register"]

PARTS: Final = ("activities", "findings", "ratings", "decisions")

Entry: TypeAlias = tuple[str, int]
"""A part of a provider's record, and a position in it."""


class Purged(NamedTuple):
    """A provider's record after a purge, and how many entries of each part were removed."""

    record: ProviderRecord
    removed: Mapping[str, int]


def purge(
    framework: Framework,
    record: ProviderRecord,
    *,
    before: dt.date,
    on: dt.date | None = None,
    live: bool = False,
) -> Purged:
    """Give a record without what is dated before a day, and how much that was.

    `on` is the day of the purge, `before` where left out: what is live on it stays, and the
    assessment on it says the same as it did. `live` removes that too. An entry is dated by its last
    day, the one on which it was recorded among them. InputError where `on` is earlier than
    `before`, or the profile contradicts itself.
    """
    on = before if on is None else on
    if on < before:
        message = f"the day of the purge, {on}, is before {before}"
        raise InputError([Diagnostic(message, help="give a later day, or none")])
    old = [
        (part, n)
        for part in PARTS
        for n, entry in enumerate(getattr(record, part))
        if _last_day(entry) < before
    ]
    if not live:
        kept = set(_plainly_live(record, on))
        old = sorted((e for e in old if e not in kept), key=lambda e: _last_day(_entry(record, e)))
        says = _said(framework, record, on)

        def same(gone: frozenset[Entry]) -> bool:
            return _said(framework, _without(record, gone), on) == says

        old = _removable(old, frozenset(), same)
    removed = {part: sum(p == part for p, _ in old) for part in PARTS}
    return Purged(_without(record, frozenset(old)), {p: n for p, n in removed.items() if n})


def purge_register(
    framework: Framework,
    register: Register,
    *,
    before: dt.date,
    on: dt.date | None = None,
    live: bool = False,
) -> tuple[Register, dict[str, Mapping[str, int]]]:
    """Purge every provider of a register: give the register, and what was removed by provider.

    The arguments are those of `purge`, and what is raised. Nothing is removed of a provider some
    of whose history could not be read.
    """
    purged = {
        r.provider.id: purge(framework, r, before=before, on=on, live=live)
        for r in register
        if r.provider.id not in register.incomplete
    }
    records = {**register.records, **{id_: each.record for id_, each in purged.items()}}
    removed = {id_: each.removed for id_, each in purged.items() if each.removed}
    return replace(register, records=records), removed


def decisions_before(
    folder: Path | str, before: dt.date
) -> tuple[dict[Path, dt.date], list[Diagnostic]]:
    """Give the files of a folder that are records of decisions before a day, with their days.

    Beside them are the faults of those files that cannot be read as records. Nothing is deleted.
    InputError where there is no such folder.
    """
    if not Path(folder).is_dir():
        help_ = "give the folder in which decision records are kept"
        raise InputError([Diagnostic("there is no such folder", str(folder), help=help_)])
    found: dict[Path, dt.date] = {}
    faults: list[Diagnostic] = []
    for path in sorted(Path(folder).glob("*.json")):
        try:
            day = read_decision(path).on
        except InputError as error:
            faults.extend(error.diagnostics)
            continue
        if day < before:
            found[path] = day
    return found, faults


def _entry(record: ProviderRecord, at: Entry) -> Activity | Finding | Rating | Decision:
    part, n = at
    entry: Activity | Finding | Rating | Decision = getattr(record, part)[n]
    return entry


def _last_day(entry: Activity | Finding | Rating | Decision) -> dt.date:
    values = (getattr(entry, name) for name in type(entry).model_fields)
    return max((day for day in values if isinstance(day, dt.date)), default=dt.date.min)


def _plainly_live(record: ProviderRecord, on: dt.date) -> Iterator[Entry]:
    """Give what no council means to lose, whatever the rules say of it."""
    for n, finding in enumerate(record.findings):
        if finding.status in OPEN and finding.fact is None:
            yield "findings", n
    for n, decision in enumerate(record.decisions):
        if decision.until is None or decision.until >= on:
            yield "decisions", n
    newest = max((r.on for r in record.confirmed), default=dt.date.min)
    for n, rating in enumerate(record.ratings):
        if rating.on >= newest:
            yield "ratings", n
    last: dict[str, tuple[dt.date, int]] = {}
    for n, activity in enumerate(record.activities):
        if activity.completed is not None:
            own = activity.completed, n
            last[activity.activity] = max(own, last.get(activity.activity, own))
    yield from (("activities", n) for _, n in last.values())


def _without(record: ProviderRecord, gone: frozenset[Entry]) -> ProviderRecord:
    left = {
        part: tuple(each for n, each in enumerate(getattr(record, part)) if (part, n) not in gone)
        for part in PARTS
    }
    return record.model_copy(update=left)


def _said(framework: Framework, record: ProviderRecord, on: dt.date) -> tuple[object, ...]:
    """Give what an assessment says, without why."""
    a = framework.assess(record, on=on)
    suggestion = a.suggestion
    return (
        [item._replace(reason=None) for item in a.schedule],
        (suggestion.status, suggestion.lowest, suggestion.level, suggestion.highest),
        [c.id for c in suggestion.matched],
        a.confirmed,
        [(action.id, action.about, action.due) for action in a.actions],
        [question.id for question in a.questions],
        [(flag.id, flag.names) for flag in a.flags],
    )


def _removable(
    entries: list[Entry], gone: frozenset[Entry], same: Callable[[frozenset[Entry]], bool]
) -> list[Entry]:
    """Give those of some entries without which, as without `gone`, the answer is the same."""
    if not entries or same(gone | {*entries}):
        return entries
    if len(entries) == 1:
        return []
    half = len(entries) // 2
    first = _removable(entries[:half], gone, same)
    return [*first, *_removable(entries[half:], gone | {*first}, same)]
