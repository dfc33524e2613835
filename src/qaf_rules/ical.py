"""A plan as an iCalendar file: one event a due date, which every calendar program reads.

An event is known by its UID, made from whose work of which activity it is and for which period,
or the how-manieth it is, never from its date: whoever imports a later plan sees the same event
move. What else the plan knows of it is in a property of its own, so that the file reads back to
the same plan. Nothing recurs: every date is an event, as no recurrence rule says what a framework
says of month ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from qaf_rules.engine import Framework
from qaf_rules.errors import Diagnostic, InputError, quoted
from qaf_rules.words import a_day
from qaf_rules.workdays import DAY
from qaf_rules.workload import Due, Workload

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Event

__all__ = ["from_ical", "to_ical"]

PRODID = "-//qaf_rules//qaf-rules//EN"
FRAMEWORK, STATE, DUE = "X-QAF-FRAMEWORK", "X-QAF-STATE", "X-QAF-DUE"
PLANNED, LATER, CANCELLED = "planned", "later", "cancelled"
"""What an event is: an entry of the plan; due after its end, by an earlier plan; due no longer."""

_LONDON = ZoneInfo("Europe/London")
_HOUR = dt.timedelta(hours=1)
_MORNING = 9 * _HOUR  # when a day's alarms go off, by the clock
_NOTICE = 2 * _HOUR  # before a deadline in hours
_REMEMBERED = dt.timedelta(days=3 * 366)  # how long what was cancelled is told again
_TOLD = ("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS")
"""What a reader of the event sees: where it differs, the event has changed."""

_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
_DUE = TypeAdapter(Due)


def to_ical(
    workload: Workload,
    *,
    framework: Framework,
    previous: bytes | None = None,
    alarm_days: int = 7,
) -> bytes:
    """Write a plan as an iCalendar file, in UTF-8.

    `workload` is the plan of a register or of one provider, `framework` what it was made with.
    `previous` is the file last written for the same providers: what has changed since gets the
    next SEQUENCE, and what no longer falls due in the plan's time is CANCELLED. `alarm_days` is how
    many days before a due date the alarm goes off, at nine in the morning; a deadline in hours
    has its alarm two hours before. InputError where `previous` is not such a file, where a
    deadline has no time zone, or where the extra `calendar` is missing.
    """
    if alarm_days < 0:
        raise ValueError("`alarm_days` is a number of days before the due date, 0 or more")
    _need_library()
    before = {} if previous is None else dict(_written(_calendar(previous, framework.id)))
    entries = {uid: (due, PLANNED) for uid, due in _identified(workload.dues, framework.id)}
    for uid, was in before.items():
        state = _state(was, workload)
        if uid not in entries and state is not None:
            entries[uid] = was.due, state
    calendar = _empty(workload, framework)
    for uid, (due, state) in entries.items():
        event = _event(uid, due, state, before.get(uid), framework, workload.on)
        if state != CANCELLED:
            event.add_component(_alarm(due, alarm_days))
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def from_ical(data: bytes) -> tuple[Due, ...]:
    """Read back the plan's entries from a file that `to_ical` wrote, and nothing it kept besides.

    InputError where it is no such file, or where the extra `calendar` is missing.
    """
    _need_library()
    return tuple(was.due for _, was in _written(_calendar(data)) if was.state == PLANNED)


# --- writing -------------------------------------------------------------------------------------


def _empty(workload: Workload, framework: Framework) -> Calendar:
    from icalendar import Calendar

    names = {due.provider: due.name or due.provider for due in workload.dues}
    whose = next(iter(names.values())) if len(names) == 1 else framework.pack.identity.name
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", _plain(f"Due dates: {whose}"))
    calendar.add(FRAMEWORK, framework.id)
    return calendar


def _identified(dues: Iterable[Due], framework: str) -> Iterator[tuple[str, Due]]:
    """Give each entry its UID, which its date has no part in.

    Entries that have neither period nor occurrence are told apart by their order.
    """
    met: Counter[str] = Counter()
    for due in dues:
        which = due.period or due.occurrence
        key = json.dumps([framework, due.provider, due.activity, which])
        met[key] += 1
        digest = hashlib.sha256(f"{key}{met[key]}".encode()).hexdigest()
        yield f"{digest[:32]}@{framework}.qaf-rules", due


def _event(
    uid: str,
    due: Due,
    state: str,
    was: _Written | None,
    framework: Framework,
    on: dt.date,
) -> Event:
    """Make an event of an entry; `was` is what the file before told of it."""
    from icalendar import Event

    event, cancelled = Event(), state == CANCELLED
    event.add("UID", uid)
    event.add("DTSTAMP", dt.datetime.combine(on, dt.time(), dt.UTC))
    starts, ends = _span(due)
    event.add("DTSTART", starts)
    event.add("DTEND", ends)
    title = f"{_category(due)}: {due.name or due.provider}"
    event.add("SUMMARY", _plain(f"Closed: {title}" if cancelled else title))
    event.add("DESCRIPTION", "\n".join(map(_plain, _description(due, framework, closed=cancelled))))
    event.add("CATEGORIES", [_category(due)])
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")  # a due date takes nobody's time
    event.add("SEQUENCE", _sequence(was, _told(event)))
    event.add(STATE, state)
    event.add(DUE, _packed(due))
    return event


def _span(due: Due) -> tuple[dt.date, dt.date]:
    """Give the whole day of a due date, or the last hour of a deadline in hours.

    Moments are in UTC: London's clock shows an hour of autumn twice, and no file can tell which.
    """
    if due.due_at is None:
        return due.due, due.due + DAY
    if due.due_at.tzinfo is None:
        message = f"the deadline {quoted(due.due_at)} has no time zone"
        raise _refusal(message, place=f"provider {due.provider}, {due.activity}")
    moment = due.due_at.astimezone(dt.UTC)
    return moment - _HOUR, moment


def _category(due: Due) -> str:
    return _plain(due.text or due.activity)


def _description(due: Due, framework: Framework, *, closed: bool) -> Iterator[str]:
    """Say whose it is, when it can be done, who does it and what the framework says of it."""
    pack = framework.pack
    if closed:
        yield "Done, or no longer due."
    yield f"Provider: {f'{due.name} ({due.provider})' if due.name else due.provider}"
    yield f"Activity: {due.text or due.activity}{f', for {due.period}' if due.period else ''}"
    yield f"Due: {_moment(due)}{', overdue' if due.late else ''}"
    yield f"Earliest: {a_day(due.earliest)}"
    if due.proposed is not None:
        yield f"Proposed: {a_day(due.proposed)}"
    yield f"Owner: {pack.roles.get(due.officer, due.officer)}"
    for clause in due.clauses:
        known = pack.clauses.get(clause)
        yield f"{clause}: {known.says}" if known is not None else clause


def _moment(due: Due) -> str:
    if due.due_at is None:
        return a_day(due.due)
    at = due.due_at.astimezone(_LONDON)
    return f"{a_day(at.date())}, {at:%H:%M}"


def _alarm(due: Due, days: int) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _plain(f"{_category(due)}: {due.name or due.provider}"))
    # An event of hours starts an hour before its deadline.
    trigger = _MORNING - days * DAY if due.due_at is None else _HOUR - _NOTICE
    alarm.add("TRIGGER", trigger)
    return alarm


def _sequence(was: _Written | None, told: tuple[bytes, ...]) -> int:
    """Count how often the event has changed since it was first written."""
    if was is None:
        return 0
    return was.sequence + (told != was.told)


def _state(was: _Written, workload: Workload) -> str | None:
    """Say what an event of the file before is that the plan lacks; None where it is forgotten.

    What falls due after the plan's end stays as it was: the plan does not speak of it.
    """
    if was.state != CANCELLED:
        return LATER if was.due.due > workload.until else CANCELLED
    return CANCELLED if was.due.due >= workload.on - _REMEMBERED else None


def _packed(due: Due) -> str:
    """Write an entry as JSON, what is as usual left out and what calendars escape quoted."""
    usual = Due._field_defaults
    told = {n: v for n, v in due._asdict().items() if n not in usual or v != usual[n]}
    return quote(json.dumps(told, default=str, separators=(",", ":")), safe='{}[]":')


def _plain(text: str) -> str:
    """Give a text on one line; a backslash before `n` would come back as a new line."""
    kept = (" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)
    return "".join(kept).replace("\\", "/")


# --- reading -------------------------------------------------------------------------------------


class _Written(NamedTuple):
    """An event as a file tells it; `told` is what a reader of it sees."""

    due: Due
    sequence: int
    state: str
    told: tuple[bytes, ...]


def _calendar(data: bytes, framework: str | None = None) -> Calendar:
    """Read a calendar; InputError where it is none of this library's, or of another framework."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(data)
    except ValueError:
        raise _refusal("this is no iCalendar file") from None
    if calendar.name != "VCALENDAR" or str(calendar.get("PRODID")) != PRODID:
        raise _refusal("this calendar was written by another program")
    of = str(calendar.get(FRAMEWORK, ""))
    if framework is not None and of != framework:
        raise _refusal(f"this calendar is of the framework {quoted(of)}, not {quoted(framework)}")
    return calendar


def _written(calendar: Calendar) -> Iterator[tuple[str, _Written]]:
    """Give the events of a calendar by their UIDs; InputError where one cannot be read."""
    for number, event in enumerate(calendar.walk("VEVENT"), start=1):
        try:
            yield str(event["UID"]), _read(event)
        except (AttributeError, KeyError, TypeError, ValueError):
            message = "this event was not written by qaf-rules, or was changed since"
            raise _refusal(message, place=f"event {number}") from None


def _read(event: Any) -> _Written:  # what the library makes of a component
    """Read an event: its date is the one that calendars show, the rest is the plan's own."""
    due = _DUE.validate_json(unquote(str(event[DUE])))
    if due.due_at is None:
        due = due._replace(due=event["DTSTART"].dt)
    else:
        due = due._replace(due_at=due.due_at + (event["DTEND"].dt - due.due_at))  # in its own zone
    due = _DUE.validate_python(due)
    return _Written(due, int(event["SEQUENCE"]), str(event[STATE]), _told(event))


def _told(event: Any) -> tuple[bytes, ...]:  # what the library makes of a component
    return tuple(event[name].to_ical() for name in _TOLD)


def _need_library() -> None:
    if find_spec("icalendar") is None:
        message = "a calendar needs icalendar, which is not installed"
        raise _refusal(message, help_="pip install 'qaf-rules[calendar]'")


def _refusal(message: str, *, place: str | None = None, help_: str | None = None) -> InputError:
    return InputError([Diagnostic(message, place=place, help=help_, code="calendar")])
