"""What an activity brings due: its preparation, and what follows it, each with its owner and channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaf_rules.maker import soon_of, status_of
from qaf_rules.result import Action, Evidence, ScheduleItem

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.schema import Brought

__all__ = ["brought_due"]


def brought_due(view: View, actions: Iterable[Action]) -> tuple[ScheduleItem, ...]:
    """Give what the activities bring due today, as items of the schedule, in the pack's order.

    Each has the activity that brings it in `attached_to`. What prepares a visit is due by its day;
    what follows one has the day that the rule states, or none. It is there until it was done.
    """
    standing = list(actions)
    found: list[ScheduleItem] = []
    for activity, spec in view.pack.activities.items():
        for entry in spec.brings:
            for action in standing:
                behind = _behind(action, activity) if action.id == entry.value else []
                if behind and view.truth(entry.when):
                    found.append(_item(view, action, entry, activity, behind))
    return tuple(found)


def _behind(action: Action, activity: str) -> list[Evidence]:
    """Give the records and the schedule items of an activity that an action rests on."""
    return [
        evidence
        for reason in action.reasons
        for evidence in reason.support()
        if evidence.type in ("record", "item") and evidence.ref.partition("@")[0] == activity
    ]


def _item(
    view: View, action: Action, entry: Brought, activity: str, behind: list[Evidence]
) -> ScheduleItem:
    due = action.due or min(_days_of_items(behind), default=None)
    return ScheduleItem(
        activity=action.id,
        status=status_of(due, view.on, soon_of(view)) if due is not None else "as_required",
        due=due,
        days=(due - view.on).days if due is not None else None,
        attached_to=activity,
        owner=action.owner,
        channel=entry.channel,
        force=action.obligation,
        note=None if due is not None else "no time is stated",
        clauses=tuple(dict.fromkeys([*action.clauses, *entry.clause])),
        readings=tuple(dict.fromkeys([*action.readings, *entry.readings])),
        reason=action.reasons[0],
    )


def _days_of_items(behind: list[Evidence]) -> Iterator[dt.date]:
    return (e.due for e in behind if e.type == "item" and e.due is not None)
