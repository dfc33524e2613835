"""What recorded findings do not say and a rule needs: each finding is asked about by itself.

A statement speaks for all findings of a kind and takes their place, so that what one of them says
would be lost with it. Where findings are on record, what they lack is said in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qaf_rules.condition import Findings
from qaf_rules.environment import Ranged
from qaf_rules.result import Lacking
from qaf_rules.worlds import fits

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.result import Reason
    from qaf_rules.schema import Tie


def lacking(view: View, name: str, reason: Reason | None) -> tuple[Lacking, ...]:
    """Give what the findings on record do not say that would tell a fact, or an attribute.

    `name` is that of a fact, or a kind and its attribute with a dot between. Of several findings
    those are left out for which the `reason` to ask does not need it.
    """
    known = view.pack.kept.told_by
    if name not in known:
        known[name] = tuple(_told_by(view.pack, name))
    told_by = [told for told in known[name] if view.on_record(told[0])]
    if not told_by:
        return ()
    found: dict[Lacking, None] = {}
    needed = _needed(view, name, reason)
    for kind, attributes, tie in told_by:
        if needed is None and view.pack.kinds[kind].state:
            found.update((Lacking(kind, a), None) for a in attributes if _untold(view, kind, a))
            continue
        found.update(
            (Lacking(kind, attribute, known.ref), None)
            for known in view.world(kind).elements
            if known.source_finding is not None
            if needed is None or known.number in needed
            if tie is None or fits(known, tie.where, view) is None
            for attribute in attributes
            if known.get(attribute, view) is None
        )
    return tuple(found)


def raising(view: View, name: str, reason: Reason | None) -> tuple[Lacking, ...]:
    """Give the findings on record that raise a question about what a fact tells of them."""
    tie = view.pack.facts[name].states if name in view.pack.facts else None
    if tie is None or reason is None:
        return ()
    behind = {evidence.unit for evidence in reason.support()}
    return tuple(
        Lacking(tie.kind, tie.attribute or name, known.ref)
        for known in view.world(tie.kind).elements
        if known.source_finding is not None and known.number in behind
    )


def _untold(view: View, kind: str, attribute: str) -> bool:
    """Whether the findings that tell a state leave an attribute to be told by a further one.

    Where two of the very day differ, one more of that day would not settle it.
    """
    world = view.world(kind)
    elements = [k for k in world.elements if k.source_finding is not None]
    if attribute in world.differing and any(k.day >= view.until for k in elements):
        return False
    return bool(elements) and all(k.attributes.get(attribute) is None for k in elements)


def _told_by(pack: Pack, name: str) -> Iterator[tuple[str, tuple[str, ...], Tie | None]]:
    """Give the kinds and their attributes that tell a fact, with the tie of one that is a number."""
    spec = pack.facts.get(name)
    if spec is None:
        kind, _, attribute = name.partition(".")
        if kind in pack.kinds and attribute in pack.kinds[kind].attributes:
            yield kind, (attribute,), None
        return
    if spec.number is not None:
        yield spec.number.kind, tuple(spec.number.where), spec.number
    for tie in (spec.states, spec.also):
        if tie is not None:
            yield tie.kind, (tie.attribute or name,), None


def _needed(view: View, name: str, reason: Reason | None) -> set[object] | None:
    """The findings that a reason waits for to say what a name tells; None where it may be any."""
    units: set[object] = set()
    for part in _open(reason) if reason is not None else ():
        if name not in part.unknown:
            continue
        if not (isinstance(part.condition, Findings) and isinstance(part.read, Ranged)):
            return None
        waiting = part.condition.waits_for(part.read.elements, name, view)
        units.update(element.evidence.unit for element in waiting)
    return units or None


def _open(reason: Reason) -> Iterator[Reason]:
    """Give the parts that keep a reason undecided."""
    if reason.truth is None:
        yield reason
        for part in reason.parts:
            yield from _open(part)
