"""What keeps a case from being read, or what it expects from being judged."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from qaf_rules.case_steps import unfit_steps
from qaf_rules.errors import did_you_mean, listed
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

_MAPPINGS = ("provider", "facts", "settings", "readings", "expect")
_LISTS = ("activities", "findings", "decisions", "ratings", "others")
_RATING = ("status", "level", "gap", "matched", "not_matched", "unknown")
_OF_ACTIVITIES = ("schedule", "plan", "count", "conduct")
_AMONG = ("includes", "excludes")
_SHARING = ("what", "audience")
SHARING_ANSWER = (
    "answer",
    "steps",
    "exempt",
    "channel",
    "contact",
    "decided_by",
    "discretion",
    "unknown",
    "cites",
)
"""What a case may expect of an answer on sharing."""


def misshapen(raw: Mapping[str, Any], pack: Pack, judged: Container[str]) -> Iterator[Fault]:
    """Give what keeps a case from being read at all, or its expectations from being judged.

    `judged` are the keys of `expect` that are judged; of others nothing is said here.
    """
    for kinds, names, noun in ((Mapping, _MAPPINGS, "a mapping"), (list, _LISTS, "a list")):
        for name in names:
            if raw.get(name) is not None and not isinstance(raw[name], kinds):
                yield Fault(f"`{name}` is {noun}", None, (name,))
    expect = raw.get("expect")
    for key, wanted in expect.items() if isinstance(expect, Mapping) else ():
        for found in _unfit(key, wanted, pack) if key in judged else ():
            yield Fault(found.message, found.help, ("expect", key, *found.path))


def _unfit(key: str, wanted: object, pack: Pack) -> Iterator[Fault]:
    """Give what keeps one expectation from being judged."""
    if key == "cites" and not isinstance(wanted, list):
        yield Fault("`cites` is a list of clause ids")
    if key == "sharing":
        yield from _unfit_sharing(wanted)
    if key in ("row", "cites", "sharing"):
        return
    if not isinstance(wanted, Mapping):
        yield Fault(f"`{key}` is a mapping")
        return
    match key:
        case "rating":
            yield from _strange(wanted, _RATING)
            for name in _RATING[3:]:
                if not isinstance(wanted.get(name, []), list):
                    yield Fault(f"`{name}` is a list", None, (name,))
        case "actions" | "questions" | "flags":
            yield from _strange(wanted, _AMONG)
            for name in _AMONG:
                if not isinstance(wanted.get(name, []), list):
                    yield Fault(f"`{name}` is a list", None, (name,))
        case "pathway" | "steps" | "brought":
            yield from unfit_steps(key, wanted, pack)
        case "portfolio":
            yield from _strange(wanted, ("actions", "questions", "sittings", "agenda"))
            for name, part in wanted.items():
                if not isinstance(part, Mapping):
                    yield Fault(f"`{name}` is a mapping", None, (name,))
                elif name == "agenda":
                    yield from _under("agenda", _strange(part, pack.identity.forums))
        case "plan" | "count":
            if "until" not in wanted:
                yield Fault(f"`{key}` does not say up to which day", "add `until: DATE`")
                return
            try:
                parse_day(wanted["until"])
            except Fault as wrong:
                yield Fault(wrong.message, wrong.help, ("until",))
    if key in _OF_ACTIVITIES:
        yield from _strange({k: v for k, v in wanted.items() if k != "until"}, pack.activities)
    if key in ("schedule", "conduct"):
        for name, part in wanted.items():
            parts = part if isinstance(part, list) and key == "schedule" else [part]
            if not all(isinstance(one, Mapping) for one in parts):
                yield Fault(f"what is expected of `{name}` is a mapping", None, (name,))


def _unfit_sharing(wanted: object) -> Iterator[Fault]:
    if not isinstance(wanted, list) or not all(isinstance(one, Mapping) for one in wanted):
        yield Fault("`sharing` is a list of mappings", "write [{what: …, audience: …, answer: …}]")
        return
    for n, one in enumerate(wanted):
        for fault in _strange(one, (*_SHARING, *SHARING_ANSWER)):
            yield Fault(fault.message, fault.help, (n, *fault.path))
        missing = [name for name in _SHARING if name not in one]
        yield from (Fault(f"a question of sharing has no `{m}`", None, (n,)) for m in missing)


def _under(key: str, faults: Iterable[Fault]) -> Iterator[Fault]:
    for fault in faults:
        yield Fault(fault.message, fault.help, (key, *fault.path))


def _strange(wanted: Mapping[str, Any], names: Iterable[str]) -> Iterator[Fault]:
    known = tuple(names)
    for name in wanted:
        if name not in known:
            help_ = did_you_mean(str(name), known) or f"it is one of {listed(known, 20)}"
            yield Fault(f"unknown name `{name}`", help_, (name,))
