"""What a condition inside `where` can ask of each thing: findings, records, items, actions, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from qaf_rules import model
from qaf_rules.condition import Condition, Findings, Over, Result, leaves, walk
from qaf_rules.errors import did_you_mean, quoted
from qaf_rules.names import ENGINE_VALUES, THIS
from qaf_rules.pack import Pack, Path_
from qaf_rules.references import conditions_in

RECORD: Final = frozenset(model.Activity.model_fields) | {
    *("done", "upcoming", "notice_days", "evidence_kinds"),
}
FINDING: Final = frozenset(model.Finding.model_fields) | {
    *("open", "issue", "evidence_kinds", "age_days", "sole_support", "provider", "stated"),
}
ITEM: Final = frozenset(
    [
        "activity",
        "status",
        "class",
        "due",
        "days",
        "period",
        "waiting_on",
        "owner",
        "missed",
        "attached_to",
        "live",
        "scheduled",
        "planned",
        "location",
        "consent",
        "attendees",
        "format",
        "notified",
        "deadline",
        "requested",
        "missing",
        "done_before",
    ]
)
ACTION: Final = frozenset(
    [
        "action",
        "id",
        "clause",
        "force",
        "obligation",
        "decided_by",
        "owner",
        "due",
        "due_differs",
        "about",
        "since",
    ]
)
DECISION: Final = frozenset({"by", "reason", "until"})


def attributes_of(pack: Pack, condition: Condition) -> frozenset[str] | None:
    """Give the attributes of what a condition looks at; None where it looks at nothing."""
    match condition:
        case Findings(kinds=kinds):
            members = [k for k in pack.members("kind", kinds) if k in pack.kinds]
            own = {name for k in members for name in pack.kinds[k].attributes}
            return FINDING | own | {*pack.values, *ENGINE_VALUES}
        case Over("item"):
            return ITEM
        case Over("decision", ids):
            taken = [pack.decisions[i] for i in ids if i in pack.decisions]
            return DECISION | {name for decision in taken for name in decision.carries}
        case Over():
            return RECORD
        case Result():
            return ACTION
    return None


def undeclared_attributes(packs: Iterable[Pack]) -> Iterator[tuple[str, Path_, str, str | None]]:
    """Find names inside `where` that are no attribute of what is looked at.

    `packs` are one pack under several readings. Gives section, path, what is wrong, and help.
    """
    for pack, section, path, condition in conditions_of(packs):
        for part in walk(condition):
            known = attributes_of(pack, part)
            if known is None:
                continue
            for leaf in leaves(part.where):  # type: ignore[union-attr]  # only these have attributes
                if leaf.name not in known and not leaf.name.startswith(THIS):
                    message = f"{quoted(leaf.name)} is no attribute of what `where` looks at"
                    yield section, path, message, did_you_mean(leaf.name, sorted(known))


def conditions_of(packs: Iterable[Pack]) -> Iterator[tuple[Pack, str, Path_, Condition]]:
    """Give the conditions of one pack under several readings, each once."""
    seen: dict[int, Condition] = {}  # what is kept lends its identity to no other
    for pack in packs:
        for section, path, condition in conditions_in(pack):
            if id(condition) not in seen:
                seen[id(condition)] = condition
                yield pack, section, path, condition
