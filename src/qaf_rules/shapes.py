"""What each part of a provider's record holds under a pack, by type.

The words are the pack's; what is the same for every pack (the states of a finding, say) is here.
Reading, drop-downs and the JSON Schema of a register all follow from these types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from qaf_rules.model import OUTCOMES, STAGES
from qaf_rules.values import OneOf, SetOf, Simple, Type, json_schema

if TYPE_CHECKING:
    from qaf_rules.pack import Pack
    from qaf_rules.schema import ValueSpec

__all__ = [
    "CONSENT",
    "JUDGEMENT",
    "STATUSES",
    "activity_types",
    "carried_type",
    "decision_types",
    "finding_types",
    "rating_types",
    "record_ids",
    "register_schema",
    "stateable",
]

_DATE: Final = Simple("date")
_TEXT: Final = Simple("text")

JUDGEMENT: Final = "judgement"
"""The kind of finding by which a person states a fact; it is the language's, not a pack's."""

STATUSES: Final = ("open", "being_resolved", "resolved", "closed")
CONSENT: Final = ("not_asked", "asked", "given_by_all", "refused_by_some", "refused")


def record_ids(pack: Pack) -> tuple[str, ...]:
    """Give every id that an activity record may bear, activities first."""
    return tuple(dict.fromkeys((*pack.activities, *pack.actions, *pack.extra_records)))


def stateable(pack: Pack) -> Mapping[str, ValueSpec]:
    """Give what a person may state of a provider: facts, and fields of the profile."""
    return {**pack.fields, **pack.facts}


def activity_types(pack: Pack) -> dict[str, Type]:
    """Give the types of what an activity record holds."""
    evidence, authority = SetOf(tuple(pack.evidence)), pack.facts.get("authorised_by")
    return {
        "activity": OneOf(record_ids(pack)),
        "completed": _DATE,
        "planned": _DATE,
        "requested": _DATE,
        "period": _TEXT,
        "about": OneOf(record_ids(pack)),
        "about_day": _DATE,
        "outcome": _TEXT,
        "missing": evidence,
        "deadline": _DATE,
        "notified": _DATE,
        "attendees": SetOf(tuple(pack.roles)),
        "location": OneOf(tuple(pack.places)),
        "consent": OneOf(CONSENT),
        "evidence": evidence,
        "covered": SetOf((*pack.topics, "all")),
        "format": OneOf(tuple(pack.formats)),
        "audience": OneOf(tuple(pack.identity.audiences)) if pack.identity.audiences else _TEXT,
        "what": SetOf(tuple(pack.identity.subjects)),
        # What is kept of a record under the name of a fact is that fact, stated of the record.
        "authorised_by": authority.type if authority else Simple("token"),
        "recorded": _DATE,
        "time": Simple("time"),
    }


def finding_types(pack: Pack) -> dict[str, Type]:
    """Give the types of what every finding and judgement holds."""
    return {
        "kind": OneOf((*pack.kinds, JUDGEMENT)),
        "fact": OneOf(tuple(stateable(pack))),
        "value": Simple("any"),
        "on": _DATE,
        "recorded": _DATE,
        "ref": _TEXT,
        "source": OneOf(tuple(pack.sources)),
        "status": OneOf(STATUSES),
        "evidence": SetOf(tuple(pack.evidence)),
        "urgent": Simple("boolean"),
        "by": OneOf(tuple(pack.roles)),
    }


def decision_types(pack: Pack) -> dict[str, Type]:
    """Give the types of what every decision holds, then of all that some decision carries."""
    carried = {
        name: carried_type(sort, pack)
        for decision in pack.decisions.values()
        for name, sort in decision.carries.items()
    }
    return {
        "decision": OneOf(tuple(pack.decisions)),
        "on": _DATE,
        "by": OneOf(tuple(pack.roles)),
        "until": _DATE,
        "reason": _TEXT,
        **carried,
    }


def rating_types(pack: Pack) -> dict[str, Type]:
    """Give the types of what a rating holds, be it confirmed, a draft or a comment on one."""
    return {
        "level": Simple("count"),
        "on": _DATE,
        "by": OneOf(tuple(pack.roles)),
        "suggested": Simple("count"),
        "reason": _TEXT,
        "framework": _TEXT,
        "stage": OneOf(STAGES),
        "ref": _TEXT,
        "outcome": OneOf(OUTCOMES),
    }


def carried_type(sort: str, pack: Pack) -> Type:
    """Give the type of what a decision carries; `sort` is how the pack names it."""
    match sort:
        case "activity":
            return OneOf(record_ids(pack))
        case "subject":
            return OneOf(tuple(pack.identity.subjects))
        case "audience":
            return OneOf(tuple(pack.identity.audiences))
        case "date":
            return _DATE
        case "count" | "day":
            return Simple("count")
        case "interval" | "id" | "token":
            return _TEXT
        case _:
            return Simple("any")


def register_schema(pack: Pack) -> dict[str, object]:
    """Give the JSON Schema of a register in YAML under a pack."""
    settings, fields = _schemas_of(pack.settings), _schemas_of(pack.fields)
    decision, rating = _schemas(decision_types(pack)), _schemas(rating_types(pack))
    levels: dict[str, object] = {"enum": [*pack.levels]}
    record = _object(
        {
            "provider": _object({**settings, **fields, "provider_id": _ID, "name": _STRING}),
            "activities": _list(
                _object(_schemas(activity_types(pack)) | {"outcome": _ID}, "activity")
            ),
            "findings": _list(_finding_schema(pack)),
            "decisions": _list(_object(decision, "decision", "on")),
            "ratings": _list(
                _object(
                    rating | {"level": levels, "suggested": levels, "ref": _ID},
                    "level",
                    "on",
                    "by",
                )
            ),
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Register under {pack.identity.name}",
        **_object(
            {
                "framework": {"const": pack.id},
                "settings": _object(settings),
                "providers": {"anyOf": [_list({"$ref": "#/$defs/record"}), _map_of_records()]},
            },
            "providers",
        ),
        "$defs": {"record": record},
    }


_STRING: Final[dict[str, object]] = {"type": "string"}
_ID: Final[dict[str, object]] = {"type": ["string", "integer"]}


def _finding_schema(pack: Pack) -> dict[str, object]:
    """Give the schema of a finding: each kind has its own attributes, a judgement its fact."""
    common = _schemas(finding_types(pack)) | {"ref": _ID}
    plain = {name: each for name, each in common.items() if name not in ("fact", "value")}
    shapes = {kind: plain | _schemas(spec.attributes) for kind, spec in pack.kinds.items()}
    shapes[JUDGEMENT] = common | {"value": {}}
    return {
        "type": "object",
        "properties": {"kind": common["kind"]},
        "required": ["kind", "on"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"properties": shape, "additionalProperties": False},
            }
            for kind, shape in shapes.items()
        ],
    }


def _schemas(types: Mapping[str, Type]) -> dict[str, object]:
    return {name: json_schema(declared) for name, declared in types.items()}


def _schemas_of(values: Mapping[str, ValueSpec]) -> dict[str, object]:
    return {
        name: json_schema(value.type) | {"description": value.label}
        for name, value in values.items()
    }


def _object(properties: Mapping[str, object], *required: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def _map_of_records() -> dict[str, object]:
    return {"type": "object", "additionalProperties": {"$ref": "#/$defs/record"}}
