"""Requests for information, and for which of them something was done.

A step, or what a person decided, is for one request. It may say for which: whose it is, for what
and of which day. What it leaves unsaid is told by the requests that were open on its day: where
only one fits it is for that one, and where several do, for none of them, since nobody can tell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.errors import Diagnostic, InputError, listed, refuse_no_day

if TYPE_CHECKING:
    from qaf_rules.facts import View

__all__ = ["About", "Request", "asked", "newest", "requests", "unanswered"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its day, who asks, for which subjects, and when it was answered, if it was."""

    on: dt.date
    audience: str
    what: tuple[str, ...]
    answered: dt.date | None = None

    def open(self, day: dt.date) -> bool:
        """Whether it was there on a day, and not answered before it."""
        return self.on <= day and (self.answered is None or self.answered >= day)

    def asks(self, what: str, audience: str) -> bool:
        """Whether an audience asks in it for a subject."""
        return audience == self.audience and what in self.what


class About(NamedTuple):
    """What something done on a day says of what it was done for; what it does not say is None."""

    day: dt.date
    what: frozenset[str] | None = None
    audience: str | None = None
    requested: dt.date | None = None

    def one_of(self, known: Iterable[Request]) -> set[Request]:
        """Give the requests for which it can have been done."""
        return {
            request
            for request in known
            if request.open(self.day)
            and self.audience in (None, request.audience)
            and self.requested in (None, request.on)
            and (self.what is None or not self.what.isdisjoint(request.what))
        }

    def for_request(
        self, request: Request | None, known: Iterable[Request], what: str, audience: str
    ) -> bool:
        """Whether it was done for a request and no other, or where there is none, beside any.

        `known` are the requests it may be for, `what` and `audience` what is to be shared.
        """
        if self.audience not in (None, audience) or (self.what and what not in self.what):
            return False
        fitting = self.one_of(known)
        if request is None:
            return not fitting and self.requested is None
        return fitting == {request}


def requests(view: View) -> tuple[Request, ...]:
    """Give the requests for information that were known of, in the order of their days."""
    found: list[Request] = []
    for own in view.record.activities if view.pack.identity.requests is not None else ():
        if own.activity != view.pack.identity.requests or own.audience is None:
            continue
        on, recorded, answered = own.requested or own.completed, own.recorded, own.completed
        if on is None or on > view.until or (recorded is not None and recorded > view.known):
            continue
        if answered is not None and answered > view.until:  # that came later
            answered = None
        found.append(Request(on, own.audience, own.what, answered))
    return tuple(sorted(found, key=lambda request: request.on))


def unanswered(view: View) -> tuple[Request, ...]:
    """Give the requests that wait for an answer; two that are alike in all are one."""
    return tuple(dict.fromkeys(r for r in requests(view) if r.answered is None))


def asked(view: View, what: str, audience: str, on: dt.date | None = None) -> Request | None:
    """Give the request that waits for an answer on a subject; None where there is not just one.

    `on` is its day, where several wait. InputError where none of that day does,
    and where it is no day.
    """
    waiting = [r for r in unanswered(view) if r.asks(what, audience)]
    if on is None:
        return waiting[0] if len(waiting) == 1 else None
    refuse_no_day("requested", on)
    for request in waiting:
        if request.on == on:
            return request
    days = listed(str(r.on) for r in waiting)
    help_ = f"those on record are of {days}" if waiting else "record it, or leave the day out"
    message = f"no request of {on} for `{what}` by `{audience}` waits for an answer"
    raise InputError([Diagnostic(message, help=help_, code="no-request")])


def newest(view: View, audiences: Iterable[str]) -> dt.date | None:
    """Give the day of the newest request of some audiences, answered or not."""
    return max((r.on for r in requests(view) if r.audience in audiences), default=None)
