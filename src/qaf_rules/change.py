"""What if: a record in which some facts are other, entered as a person would enter them.

A profile field is changed in the profile. What recorded findings say of themselves is changed in
them, so that nothing else that they say is lost. Any other fact is stated on the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qaf_rules.elements import JUDGEMENT, Known
from qaf_rules.errors import Diagnostic, InputError, did_you_mean
from qaf_rules.model import Finding, FrozenDict, ProviderRecord
from qaf_rules.values import Fault, parse_value
from qaf_rules.worlds import as_said

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is other than it was: its name, and its value before (None is unknown) and after."""

    fact: str
    before: object
    after: object


def checked(pack: Pack, raw: Mapping[str, object]) -> dict[str, object]:
    """Give changes as the pack types them: facts and profile fields by name, each with its value.

    InputError with every name that the pack does not declare and every value of another type.
    """
    known = {**pack.fields, **pack.facts}
    found: dict[str, object] = {}
    faults: list[Diagnostic] = []
    for name, value in raw.items():
        if name not in known:
            faults.append(_unknown(pack, name))
            continue
        try:
            found[name] = parse_value(known[name].type, value)
        except Fault as fault:
            place = ".".join(map(str, (name, *fault.path)))
            faults.append(Diagnostic(fault.message, help=fault.help, place=place))
    if faults:
        raise InputError(faults)
    return found


def _unknown(pack: Pack, name: str) -> Diagnostic:
    if name in pack.settings:
        help_ = "a setting is the council's: give it to the framework, for all of its providers"
        return Diagnostic(f"`{name}` is no fact of a provider", help=help_, place="what if")
    near = did_you_mean(name, [*pack.facts, *pack.fields])
    help_ = near or "name a fact or a profile field of the pack's `vocabulary.yaml`"
    message = f"there is no fact or profile field `{name}`"
    return Diagnostic(message, help=help_, place="what if", code="unknown-fact")


def changed(view: View, changes: Mapping[str, object]) -> ProviderRecord:
    """Give the record of a view with some facts and fields changed on its day.

    `changes` are checked values by name.
    """
    fields = dict(view.record.provider.fields)
    edits: dict[int, Finding] = {}
    stated: dict[str, Finding] = {}
    for name, value in _telling(view, changes).items():
        if name not in view.pack.facts:
            fields[name] = value
            continue
        told = tellers(view, name)
        for finding in told:
            tie = view.pack.facts[name].states
            assert tie is not None  # only such a fact is told by findings
            said = edits.get(id(finding), finding)
            edits[id(finding)] = said.saying(tie.attribute or name, as_said(tie, value))
        day = _spoken_until(view, name) if told else view.until
        if day is not None:
            stated[name] = Finding(kind=JUDGEMENT, fact=name, value=value, on=day)
    kept = [
        edits.get(id(f), f)
        for f in view.record.findings
        if not (f.fact in stated and f.kind == JUDGEMENT and f.on >= stated[f.fact].on)
    ]
    provider = view.record.provider.model_copy(update={"fields": FrozenDict(fields)})
    findings = (*kept, *stated.values())
    return view.record.model_copy(update={"provider": provider, "findings": findings})


def _telling(view: View, changes: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is so already: a statement of it would still take the place of findings.

    Beside another change of the same kind of finding it stays, since that speaks for all of them.
    """

    def so_already(name: str, value: object) -> bool:
        read = view.read(name)
        return read.given and read.value == value

    def kind(name: str) -> str | None:
        tie = view.pack.facts[name].tie if name in view.pack.facts else None
        return tie.kind if tie is not None else None

    other = {kind(name) for name, value in changes.items() if not so_already(name, value)} - {None}
    return {n: v for n, v in changes.items() if kind(n) in other or not so_already(n, v)}


def tellers(view: View, name: str) -> list[Finding]:
    """Give the recorded findings of which a fact tells an attribute, as the rating reads them."""
    tie = view.pack.facts[name].states
    return [] if tie is None else recorded(view, tie.kind)


def recorded(view: View, kind: str) -> list[Finding]:
    """Give the recorded findings of a kind that the rating reads."""
    found: list[Known] = view.world(kind).elements
    if view.pack.kinds[kind].state:
        # Those that a later one stands over too, so that none of them contradicts it.
        found = [k for k in view.on_record(kind) if k.recorded > _until(view, kind)]
    return [k.source_finding for k in found if k.source_finding is not None]


def _until(view: View, kind: str) -> dt.date:
    return max((s.on for s in view.world(kind).spoken.values()), default=dt.date.min)


def _spoken_until(view: View, name: str) -> dt.date | None:
    """The day up to which statements speak for a fact's kind: one more of it takes no finding's place."""
    tie = view.pack.facts[name].states
    assert tie is not None  # only such a fact is told by findings
    return _until(view, tie.kind) if view.world(tie.kind).spoken else None
