"""How an activity is held at a provider, and what was wrong with how it was held or arranged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from qaf_rules.result import Conduct, Held

if TYPE_CHECKING:
    from qaf_rules.elements import Done
    from qaf_rules.facts import View
    from qaf_rules.schema import Entry

_THIS = (
    "attendees",
    "notified",
    "notice_days",
    "location",
    "consent",
    "format",
    "evidence",
    "missing",
    "outcome",
    "done",
    "upcoming",
    "completed",
    "planned",
    "period",
    "authorised_by",
    "deadline",
    "requested",
    "covered",
)


def conduct_of(view: View, activity: str) -> Conduct:
    """Say how an activity is held, by the pack and what is known of the provider.

    The planned record, else the latest done, is the one whose problems are told.
    KeyError where the pack has no such activity.
    """
    spec = view.pack.activities[activity].conduct
    view.bind(_this(view, activity))
    required = tuple(_held(view, spec.attendance.required))
    location = next(_held(view, spec.location), None)
    stated = view.this.get("location")
    if isinstance(stated, str):
        location = Held(stated, location.clauses if location else ())
    return Conduct(
        activity=activity,
        lead=next(_held(view, spec.lead), None),
        required=required,
        optional=tuple(_held(view, spec.attendance.optional)),
        agenda=tuple(_held(view, spec.agenda)),
        location=location,
        fallbacks=tuple(_held(view, spec.fallbacks)),
        channel=next(_held(view, spec.channel), None),
        format=tuple(_held(view, spec.format)),
        checklist=tuple(_held(view, spec.checklist)),
        steps=tuple(_held(view, spec.steps)),
        form=tuple(_held(view, spec.form)),
        purposes=tuple(_held(view, spec.purposes)),
        problems=tuple(_held(view, spec.problems)),
    )


def _held(view: View, entries: Iterable[Entry]) -> Iterator[Held]:
    for entry in entries:
        if view.truth(entry.when):
            yield Held(entry.value, entry.clause, entry.text, entry.force)


def _this(view: View, activity: str) -> dict[str, object]:
    record = _subject(view, activity)
    if record is None:
        return {}
    return {name: record.get(name) for name in _THIS}


def _subject(view: View, activity: str) -> Done | None:
    records = view.records((activity,))
    upcoming = next((r for r in records if r.get("upcoming")), None)
    return upcoming or next((r for r in reversed(records) if r.done), None)
