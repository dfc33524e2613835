"""What an activity brings due: its preparation, and what follows it, each with its owner and channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qaf_rules.maker import soon_of, status_of
from qaf_rules.result import Action, Evidence, Reason, ScheduleItem

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.schema import Brought

__all__ = ["brought_due"]


def brought_due(view: View, actions: Iterable[Action]) -> tuple[ScheduleItem, ...]:
    """Give what the activities bring due today, as items of the schedule, in the pack's order.

    Each has the activity that brings it in `attached_to`. What prepares a visit is due by its day;
    what follows one has the day that the rule states, or none. It is there until it was done. The
    `note` says of the time, the owner and the channel which is not stated.
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


def _behind(action: Action, activity: str) -> list[tuple[Reason, list[Evidence]]]:
    """Give the reasons of an action that rest on an activity, each with its records and items."""
    found = []
    for reason in action.reasons:
        own = [
            evidence
            for evidence in reason.support()
            if evidence.type in ("record", "item") and evidence.ref.partition("@")[0] == activity
        ]
        if own:
            found.append((reason, own))
    return found


def _item(
    view: View,
    action: Action,
    entry: Brought,
    activity: str,
    behind: list[tuple[Reason, list[Evidence]]],
) -> ScheduleItem:
    days = [e.due for _, own in behind for e in own if e.type == "item" and e.due is not None]
    due = action.due or min(days, default=None)
    stated = {"time": due, "owner": action.owner, "channel": entry.channel}
    return ScheduleItem(
        activity=action.id,
        status=status_of(due, view.on, soon_of(view)) if due is not None else "as_required",
        due=due,
        days=(due - view.on).days if due is not None else None,
        attached_to=activity,
        owner=action.owner,
        channel=entry.channel,
        force=action.obligation,
        note="; ".join(f"no {name} is stated" for name, told in stated.items() if not told) or None,
        clauses=tuple(dict.fromkeys([*action.clauses, *entry.clause])),
        readings=tuple(dict.fromkeys([*action.readings, *entry.readings])),
        reason=behind[0][0],
    )
