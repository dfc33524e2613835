"""What a case expects of pathways and of what activities bring: where a provider stands, what comes of steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from qaf_rules.errors import InputError, did_you_mean, listed
from qaf_rules.frequency import texts
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from qaf_rules.pack import Pack
    from qaf_rules.pathway import Position
    from qaf_rules.result import Assessment

__all__ = ["Differs", "of_brought", "of_pathway", "of_steps", "unfit_steps"]

BROUGHT: Final = ("channel", "days", "due", "force", "owner", "status")
STANDING: Final = ("entered", "offered", "steps_source")
STEP: Final = ("at", "event", "by", "follow", "on", "refused", "since", "to")


class Differs(NamedTuple):
    """One expectation that did not hold: its key, what was expected, and what came back."""

    key: str
    expected: object
    actual: object
    rests_on: tuple[str, ...] = ()


def of_pathway(assessment: Assessment, wanted: Mapping[str, Any]) -> Iterator[Differs]:
    """Compare the standing on the escalation pathway; a pack without one enters and offers nothing."""
    told = assessment.pathway
    for key, expected in wanted.items():
        nothing = None if key == "steps_source" else False
        actual = nothing if told is None else getattr(told, key)
        if actual != expected:
            yield Differs(f"pathway.{key}", expected, actual, told.clauses if told else ())


def of_brought(assessment: Assessment, wanted: Mapping[str, Any]) -> Iterator[Differs]:
    """Compare what activities bring due; null stands for what an activity does not bring today."""
    for activity, expected in wanted.items():
        own = {item.activity: item for item in assessment.brought if item.attached_to == activity}
        for id_, fields in expected.items():
            item, key = own.get(id_), f"brought.{activity}.{id_}"
            if item is None or fields is None:
                if (item is None) is not (fields is None):
                    yield Differs(key, fields, item and item.status, item.clauses if item else ())
                continue
            told = {name: getattr(item, name) for name in fields}
            plain = {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in told.items()}
            if plain != fields:
                yield Differs(key, fields, plain, item.clauses)


def of_steps(
    assess: Callable[[dt.date], Assessment], on: dt.date, wanted: Mapping[str, Any]
) -> Iterator[Differs]:
    """Take the steps that a case tells, and compare the state after each of them.

    `assess` gives the assessment of a day, `on` is the day of a step that names none.
    """
    for id_, steps in wanted.items():
        if id_ not in assess(on).pathways:
            yield Differs(f"steps.{id_}", "a pathway", None)
            continue
        position = assess(on).pathways.start(id_)
        for n, told in enumerate(steps):
            day = parse_day(told["on"]) if "on" in told else on
            since = parse_day(told["since"]) if "since" in told else day
            if n == 0:
                state = told.get("at", position.state)
                position = position.model_copy(update={"since": since, "state": state})
            after = _taken(assess(day), position, told)
            actual = "refused" if after is None else after.state
            expected = "refused" if told.get("refused") else told.get("to", actual)
            if actual != expected:
                key = f"steps.{id_}.{n + 1}"
                yield Differs(key, expected, actual, _cited(assess(day), position))
            position = after or position


def _taken(assessment: Assessment, position: Position, told: Mapping[str, Any]) -> Position | None:
    """Give the position after a step; None where it was refused."""
    if "event" not in told:
        return assessment.pathways.follow(position)
    try:
        return assessment.pathways.step(position, told["event"], by=told["by"])
    except InputError:
        return None


def _cited(assessment: Assessment, position: Position) -> tuple[str, ...]:
    moves = assessment.pathways.moves(position)
    return tuple(dict.fromkeys(c for move in moves for c in move.clauses))


def unfit_steps(key: str, wanted: Mapping[str, Any], pack: Pack) -> Iterator[Fault]:
    """Give what keeps an expectation of a pathway from being judged."""
    if key == "pathway":
        yield from _strange(wanted, STANDING)
        return
    if key == "brought":
        yield from _unfit_brought(wanted, pack)
        return
    yield from _strange(wanted, pack.pathway)
    for id_, steps in wanted.items():
        if not isinstance(steps, list) or not all(isinstance(one, Mapping) for one in steps):
            yield Fault(f"the steps of `{id_}` are a list of mappings", None, (id_,))
            continue
        spec = pack.pathway.get(id_)
        for n, told in enumerate(steps):
            yield from (Fault(f.message, f.help, (id_, n, *f.path)) for f in _strange(told, STEP))
            for name in ("at", "to"):
                states = spec.states if spec is not None else ()
                if name in told and spec is not None and told[name] not in states:
                    help_ = did_you_mean(str(told[name]), states) or f"there is {listed(states)}"
                    message = f"the pathway has no state `{told[name]}`"
                    yield Fault(message, help_, (id_, n, name))
            if n and ("at" in told or "since" in told):
                message = "only the first step says where and since when a provider begins"
                yield Fault(message, "leave out `at` and `since`", (id_, n))
            if ("event" in told) is ("follow" in told):
                message = "a step either follows or tells an event"
                yield Fault(message, "write `follow: true`, or `event` and `by`", (id_, n))
            if "event" in told and "by" not in told:
                yield Fault("the step does not say by whom", "add `by: ROLE`", (id_, n))
            for role in texts(told.get("by")):
                if role not in pack.roles:
                    help_ = did_you_mean(role, pack.roles) or f"there is {listed(pack.roles)}"
                    yield Fault(f"there is no role `{role}`", help_, (id_, n, "by"))
            for name in ("on", "since"):
                if name in told:
                    try:
                        parse_day(told[name])
                    except Fault as wrong:
                        yield Fault(wrong.message, wrong.help, (id_, n, name))


def _unfit_brought(wanted: Mapping[str, Any], pack: Pack) -> Iterator[Fault]:
    yield from _strange(wanted, pack.activities)
    for activity, expected in wanted.items():
        if not isinstance(expected, Mapping):
            message = f"what `{activity}` brings is a mapping of actions"
            yield Fault(message, "write what is expected of each, or null", (activity,))
            continue
        for id_, fields in expected.items():
            known = BROUGHT if id_ in pack.actions else ()
            for found in _strange({id_: None}, pack.actions) if not known else ():
                yield Fault(found.message, found.help, (activity, id_))
            for found in _strange(fields or {}, known) if known else ():
                yield Fault(found.message, found.help, (activity, id_, *found.path))


def _strange(wanted: Mapping[str, Any], known: Any) -> Iterator[Fault]:  # names or what has them
    for name in wanted:
        if name not in known:
            help_ = did_you_mean(str(name), known) or f"it is one of {listed(known, 20)}"
            yield Fault(f"unknown name `{name}`", help_, (name,))
