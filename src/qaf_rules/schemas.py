"""JSON Schemas of a pack's files, of a register and of an assessment, for editors and others.

The sections of a pack come from the models that read them; written by hand is only what those
models read themselves: conditions, tests, frequencies and types. Wherever a value may stand, a
choice by reading may stand in its place.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from qaf_rules import result, shapes
from qaf_rules.frequency import CYCLES
from qaf_rules.model import Rating
from qaf_rules.pack import Pack
from qaf_rules.recurrence import YEARS
from qaf_rules.result import Assessment, Evidence, Keyed, Reason, field_names
from qaf_rules.schema import SECTIONS
from qaf_rules.value_tests import Value
from qaf_rules.values import SIMPLE, Type
from qaf_rules.workdays import MONTH_ENDS

__all__ = ["assessment_schema", "pack_schema", "register_schema"]

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REF: Final = "#/$defs/{model}"


def pack_schema(section: str | None = None) -> Schema:
    """Give the JSON Schema of one file of a pack, or of all of them as properties by section.

    `section` is the name of the file without `.yaml`; KeyError where a pack has no such file.
    """
    sections, definitions = _whole()
    if section is not None:
        head = {"title": f"{section}.yaml of a pack", **sections[section]}
    else:
        head = {
            "title": "A pack, its files by section",
            "type": "object",
            "properties": sections,
            "additionalProperties": False,
        }
    return copy.deepcopy({"$schema": DIALECT, **head, "$defs": definitions})


def register_schema(pack: Pack) -> Schema:
    """Give the JSON Schema of a register in YAML under a pack, with the pack's own words."""
    return shapes.register_schema(pack)


def assessment_schema() -> Schema:
    """Give the JSON Schema of the answer for one provider, as it is printed as JSON.

    Beside the assessment it has the provider's lines of the list, as `attention`, what activities
    bring due, as `brought`, and where it stands on each pathway, as `pathways`.
    """
    definitions: dict[str, Schema] = {}
    whole = _of_class(Assessment, definitions)
    beside: dict[str, Schema] = {
        "attention": {"type": "array", "items": {"type": "object"}},
        "brought": {"type": "array", "items": _ref("ScheduleItem")},
        "pathways": {"type": "array", "items": _STANDING},
    }
    whole["required"] = [*whole["properties"]]
    whole["properties"].update(beside)
    head = {
        "$schema": DIALECT,
        "title": "Assessment of a provider",
        "description": "One entry of `providers` in what `qaf assess REGISTER --json` prints.",
    }
    return {**head, **whole, "$defs": definitions}


# --- what conditions and frequencies look like ---------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _choice(value: Schema) -> Schema:
    """Allow a choice by reading in place of a value, with such values or nothing as its options."""
    option = {"anyOf": [value, {"type": "null"}, _ref("by_reading")]}
    chosen = {
        "type": "object",
        "properties": {"by_reading": {"type": "string"}},
        "required": ["by_reading"],
        "additionalProperties": option,
    }
    return {"anyOf": [value, chosen]}


def _object(properties: Mapping[str, Schema], *required: str, **more: object) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {
    "anyOf": [_TEXT, {"type": "array", "items": _choice(_TEXT)}, {"type": "null"}]
}
_SPAN: Final[Schema] = {
    "type": "string",
    "pattern": r"^[1-9]\d* (day|week|month|year)s?$",
    "description": "a whole number and a unit, such as `12 months`",
}
_LITERAL: Final[Schema] = {"type": ["string", "number", "boolean"]}
_LITERALS: Final[Schema] = {"type": "array", "items": _choice(_LITERAL)}
_BOUND: Final[Schema] = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        _object({"value": _TEXT}, "value"),
    ]
}
_IDS: Final[Schema] = {"anyOf": [_TEXT, {"type": "array", "items": _choice(_TEXT), "minItems": 1}]}
_COUNTS: Final = {"at_least": _choice(_BOUND), "at_most": _choice(_BOUND), "is": _choice(_LITERAL)}


def _test() -> Schema:
    test = _choice(_ref("test"))
    keys = {
        **_COUNTS,
        "in": _choice(_LITERALS),
        "not": test,
        "before": _choice(_BOUND),
        "after": _choice(_BOUND),
        "includes": _choice(_LITERAL),
        "any": test,
        "known": {"type": "boolean"},
        "given": {"type": "boolean"},
    }
    return {
        "description": "a literal (equal), a list (one of), or a mapping of what must hold",
        "anyOf": [_LITERAL, _LITERALS, _object(keys, minProperties=1)],
    }


_OVER: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("some", "none", "every"), ("where", "after", "recorded")),
    "count": ("where", "after", "recorded", "same", "across", "at_least", "at_most", "is"),
    **dict.fromkeys(("item", "latest", "record", "decision"), ("where", "after")),
}
"""The keys of each quantifier; it stands alone in its mapping."""


def _condition() -> Schema:
    parts = {
        "type": "array",
        "items": {"anyOf": [_choice(_ref("condition")), {"type": "null"}]},
    }
    own: dict[str, Schema] = {
        "all": _choice(parts),
        "any": _choice(parts),
        "not": _choice(_ref("condition")),
        "stated": {"type": ["object", "boolean"], "additionalProperties": _choice(_ref("test"))},
        **{head: _choice(_IDS) for head in (*_OVER, *_RESULTS)},
        "where": _choice(_ref("condition")),
        "recorded": {"type": "boolean"},
        "same": _TEXT,
        "across": {"const": "providers"},
        "by_reading": {"not": {}},  # a mapping with it is a choice, and no condition
        **_COUNTS,
    }
    return {
        "description": "all of these hold; it is true, false or unknown",
        "type": "object",
        "properties": own,
        "additionalProperties": _choice(_ref("test")),
        "allOf": [
            {
                "if": {"required": [head]},
                "then": {"propertyNames": {"enum": [head, *keys]}},
            }
            for head, keys in _OVER.items()
        ],
        "dependentSchemas": {
            "where": {"anyOf": [{"required": [head]} for head in (*_OVER, *_RESULTS)]}
        },
    }


_RESULTS: Final = ("suggested", "matched", "undecided", "chosen")


def _date_rules() -> dict[str, Schema]:
    return {
        "month_end": {"enum": list(MONTH_ENDS)},
        "roll": {
            **_TEXT,
            "description": "`none`, `next_working_day`, `previous_working_day`, or a value that says whether",
        },
        "grace": _TEXT,
        "due_soon": _TEXT,
        "early": _SPAN,
    }


def _frequency_keys() -> dict[str, Schema]:
    used = _ref("frequency")
    case = _object({"when": _choice(_ref("condition")), "use": _choice(used)}, "when", "use")
    cases = {"type": "array", "items": {"anyOf": [_choice(case), {"type": "null"}]}}
    options = {
        "type": "object",
        "additionalProperties": {"anyOf": [_choice(used), {"type": "null"}]},
    }
    day = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, _TEXT]}
    month: Schema = {"type": "integer", "minimum": 1, "maximum": 12}
    keys: dict[str, Schema] = {
        "every": {"anyOf": [_SPAN, _object({"value": _TEXT}, "value")]},
        "deadline": {"const": "notified"},
        "anchor": _TEXT,
        "from": _TEXT,
        "by_day": day,
        "of": {
            "anyOf": [
                {"enum": ["following_month", "same_month"]},
                {"type": "string", "pattern": r"^\d+ months? later$"},
            ]
        },
        "months": {"type": "array", "items": month},
        "quarterly": _object(
            {"start": {"anyOf": [_TEXT, month]}, "by_day": day}, "start", "by_day"
        ),
        "periods": {
            "type": "array",
            "items": _object({"from": _TEXT, "to": _TEXT, "by": _TEXT}, "from", "to", "by"),
        },
        "termly": {"const": "period_end"},
        "half_termly": {"const": "period_end"},
        "once": _object({"within": _TEXT, "of": _TEXT}, "within", "of"),
        "at_least": {"type": "integer", "minimum": 1},
        "at_most": {"type": "integer", "minimum": 1},
        "within": _SPAN,
        "in_each": {"enum": list(YEARS)},
        "sooner_of": {"type": "array", "minItems": 2, "items": _choice(used)},
        "later_of": {"type": "array", "minItems": 2, "items": _choice(used)},
        "changed": _object(
            {
                "on": {"type": "string", "format": "date"},
                "was": used,
                "cycle": {"enum": list(CYCLES)},
            },
            "on",
            "was",
        ),
        **_date_rules(),
        "alternating_with": _TEXTS,
        "each_within": _SPAN,
        "once_each": _object({"year_from": _choice(_TEXT)}, "year_from"),
        "as_required": {"const": True},
        "ask": _TEXTS,
        "conflict": _TEXTS,
        "not_applicable": {"const": True},
        "by_value": _TEXT,
        "options": options,
        "cases": cases,
        "otherwise": used,
        "attached_to": _TEXT,
        "when": _ref("condition"),
    }
    nothing: Schema = {"type": "null"}
    return {key: {"anyOf": [_choice(value), nothing]} for key, value in keys.items()}


_BESIDE: Final[Mapping[str, Schema]] = {
    "waits_on": _TEXT,
    "force": _TEXT,
    "owner": _TEXT,
    "channel": _TEXT,
    "clause": _TEXTS,
    "readings": _TEXTS,
    "conventions": _TEXTS,
    "ask_about": _TEXTS,
}


def _type() -> Schema:
    words = {"type": "array", "items": _choice(_TEXT)}
    return {
        "description": "the type of a value",
        "anyOf": [
            {"enum": [*SIMPLE]},
            {**words, "minItems": 1},
            _object({"set": words}, "set"),
            _object({"map": words, "of": words}, "map", "of"),
        ],
    }


def _due() -> Schema:
    days: dict[str, Schema] = {
        "working_days": {"type": "integer", "minimum": 0},
        "from_day_itself": {"type": "boolean"},
        "from": {"const": "today"},
        "every": _SPAN,
        "anchor": _TEXT,
        "monthly_on": _TEXT,
    }
    plain = _object({key: _choice(value) for key, value in days.items()}, minProperties=1)
    choice = {
        "type": "object",
        "properties": {"by_choice": _TEXT},
        "required": ["by_choice"],
        "additionalProperties": plain,
    }
    return {
        "description": "when an action is due",
        "anyOf": [{"const": "item"}, plain, choice, {"type": "null"}],
    }


# --- the sections --------------------------------------------------------------------------------

_BY_HAND: Final[Mapping[tuple[str, str], Schema]] = {
    ("ValueSpec", "type"): _ref("type"),
    ("KindSpec", "attributes"): {"type": "object", "additionalProperties": _ref("type")},
    ("KindSpec", "adverse"): {"anyOf": [{"type": "boolean"}, _ref("condition")]},
    ("KindSpec", "asks"): {"type": ["boolean", "string"]},
    ("ActionSpec", "due"): _ref("due"),
    ("Trigger", "due"): _ref("due"),
    ("Trigger", "event"): {"anyOf": [{"enum": ["evidence", "due"]}, _ref("condition")]},
    ("Pack", "ageing"): _SPAN,
    ("Pack", "dates"): _ref("dates"),
    **{
        ("Pack", key): {
            "type": "object",
            "additionalProperties": _choice({"anyOf": [_TEXT, _ref(model)]}),
        }
        for key, model in (("subjects", "Subject"), ("audiences", "Audience"))
    },
    ("Forum", "every"): _SPAN,
    ("ValueSpec", "stands_for"): _SPAN,
    **{
        ("ValueSpec", tie): {"anyOf": [_TEXT, _ref("Tie")]}
        for tie in ("counts", "exists", "states", "also", "marks")
    },
}
"""What the models read themselves, and so do not say."""

_WORDS: Final = frozenset({"Entry", "About", "Brought", "Cell", "Chosen", "Step", "StepsSource"})
"""Models of which one may stand for a list of one."""


_HAND: Final = "by_hand"
_SHORT: Final = 60  # characters of a schema that is not worth a definition


class _Models(GenerateJsonSchema):
    """Hides references to what is written by hand from pydantic, which knows only its own."""

    def generate_inner(self, schema: Any) -> Schema:  # pydantic's core schema
        """Give the schema of one part."""
        made = super().generate_inner(schema)
        ref = made.get("$ref")
        return {_HAND: ref} if ref in ("#/$defs/condition", "#/$defs/frequency") else made


def _by_hand(schema: Any) -> Any:  # JSON
    if isinstance(schema, dict):
        if _HAND in schema:
            return {"$ref": schema[_HAND]}
        return {key: _by_hand(value) for key, value in schema.items()}
    return [_by_hand(value) for value in schema] if isinstance(schema, list) else schema


def _sections() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Give the schema of every section, and the definitions that they share."""
    definitions: dict[str, Schema] = {}
    sections: dict[str, Schema] = {}
    for section, model in SECTIONS.items():
        made = _by_hand(TypeAdapter(model).json_schema(ref_template=_REF, schema_generator=_Models))
        definitions.update(made.pop("$defs", {}))
        sections[section] = made
    definitions = {name: _model(name, schema) for name, schema in definitions.items()}
    definitions |= {
        "condition": _condition(),
        "test": _test(),
        "frequency": _object({**_frequency_keys(), **_beside()}),
        "dates": _object(_date_rules()),
        "type": _type(),
        "due": _due(),
        "by_reading": {
            "description": "a choice by the reading of an ambiguity: its options' values",
            "type": "object",
            "properties": {"by_reading": {"type": "string"}},
            "required": ["by_reading"],
        },
    }
    return {s: _open(_model(s.title(), made)) for s, made in sections.items()}, definitions


@cache
def _whole() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Give sections and definitions in which what is said more than once is said once."""
    sections, definitions = _sections()
    once = _Once()
    once.count([sections, definitions])
    sections, definitions = once.said(sections), once.said(definitions)
    return sections, {**definitions, **once.definitions}


class _Once:
    """Puts schemas that occur several times among the definitions, which leaves a fourth."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self.definitions: dict[str, Schema] = {}

    def count(self, schema: Any) -> None:  # JSON
        """Count how often each union occurs."""
        if isinstance(schema, dict):
            if "anyOf" in schema:
                self._times[json.dumps(schema)] += 1
            schema = list(schema.values())
        if isinstance(schema, list):
            for part in schema:
                self.count(part)

    def said(self, schema: Any) -> Any:  # JSON
        """Give a schema with references in place of what occurs several times."""
        if isinstance(schema, list):
            return [self.said(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        text = json.dumps(schema) if "anyOf" in schema else ""
        if self._times[text] < 2 or len(text) < _SHORT:  # more than once
            return {key: self.said(part) for key, part in schema.items()}
        if text not in self._names:
            name = self._names[text] = f"value{len(self._names) + 1}"
            self.definitions[name] = {key: self.said(part) for key, part in schema.items()}
        return _ref(self._names[text])


def _beside() -> dict[str, Schema]:
    return {key: _choice(value) for key, value in _BESIDE.items()}


def _open(schema: Schema) -> Schema:
    """Allow a file of rules to be empty."""
    if "properties" in schema or "$ref" in schema:
        return schema
    return {**schema, "type": ["object", "null"]}


def _model(name: str, schema: Schema) -> Schema:
    """Finish the schema of a model: what it reads itself, and a choice wherever a value stands."""
    if "properties" not in schema:
        return _container(schema)
    given: dict[str, Schema] = schema["properties"]
    properties = {
        key: _choice(_BY_HAND.get((name, key)) or _value(value))
        for key, value in given.items()
        if key != "rule" or name == "Clause"
    }
    if "rule" in given and name != "Clause":
        properties = {**_frequency_keys(), **_beside(), **properties}
    finished = {k: v for k, v in schema.items() if k != "title"}
    return {**finished, "properties": properties}


def _value(schema: Schema) -> Schema:
    """Finish the schema of a value: null is what is left out, one may stand for a list of one."""
    made = _container({k: v for k, v in schema.items() if k not in ("title", "default")})
    items = made.get("items")
    if isinstance(items, dict) and any(items == _ref(word) for word in _WORDS):
        one = items if items == _ref("Cell") else {"anyOf": [_TEXT, items]}
        entry = {"anyOf": [_choice(one), {"type": "null"}]}
        made = {"anyOf": [one, {**made, "items": entry}]}
    return made if made == {} else {"anyOf": [made, {"type": "null"}]}


def _container(schema: Schema) -> Schema:
    """Finish what a list, a mapping or a union holds."""
    made = dict(schema)
    inner = made.get("additionalProperties")
    if isinstance(inner, dict):
        made["additionalProperties"] = _choice(_value(inner))
    if isinstance(made.get("items"), dict) and made["items"].get("$ref") not in {
        f"#/$defs/{word}" for word in _WORDS
    }:
        made["items"] = {"anyOf": [_choice(made["items"]), {"type": "null"}]}
    if "anyOf" in made:
        made["anyOf"] = [_container(option) for option in made["anyOf"]]
    return made


# --- an assessment -------------------------------------------------------------------------------

_EVIDENCE: Final = _object(
    {
        "type": _TEXT,
        "ref": _TEXT,
        "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    },
    "type",
    "ref",
    "day",
)
_TOLD_REASON: Final = _object(
    {
        "truth": {"type": ["boolean", "null"], "description": "null is unknown"},
        "read": {"type": "array", "items": _TEXT, "description": "what was read, in words"},
        "evidence": {"type": "array", "items": _ref("Evidence")},
        "unknown": {"type": "array", "items": _TEXT, "description": "what would settle it"},
    },
    "truth",
)
_PLAIN: Final[Mapping[object, Schema]] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    dt.date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
    Type | None: {"type": ["object", "null"], "description": "the JSON Schema of an answer"},
}


_STANDING: Final = _object(
    {
        "id": _TEXT,
        "name": _TEXT,
        "entered": {"type": "boolean", "description": "an automatic step is open"},
        "offered": {"type": "boolean", "description": "none is, and a person may take one"},
        "steps_source": {"type": ["string", "null"]},
        "clauses": {"type": "array", "items": _TEXT},
        "readings": {"type": "array", "items": _TEXT},
    },
    "id",
    "entered",
    "offered",
    "steps_source",
)


def _of_class(kind: type[Any], definitions: dict[str, Schema]) -> Schema:
    """Give the schema of a part of an answer from what its fields are annotated with."""
    names = {
        "Mapping": Mapping,
        "Rating": Rating,
        "Callable": Callable,
        "Value": Value,
        "Type": Type,
    }
    hints = typing.get_type_hints(kind, {**vars(result), **names})
    properties = {
        name: _of_hint(hints[name], definitions)
        for name in field_names(kind)
        if typing.get_origin(hints[name]) is not Callable
    }
    return _object(properties, *properties, description=(kind.__doc__ or "").split("\n")[0])


def _of_hint(hint: Any, definitions: dict[str, Schema]) -> Schema:  # any annotation
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of_hint(each, definitions) for each in arguments]}
    if origin in (tuple, Keyed):
        return {"type": "array", "items": _of_hint(arguments[0], definitions)}
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {"type": "object", "additionalProperties": _of_hint(arguments[1], definitions)}
    if hint is Reason:
        definitions.setdefault("Evidence", _EVIDENCE)
        return _defined("Reason", _TOLD_REASON, definitions)
    if hint is Evidence:
        return _defined("Evidence", _EVIDENCE, definitions)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        made = TypeAdapter(hint).json_schema(ref_template=_REF)
        return _defined(hint.__name__, made, definitions)
    if isinstance(hint, type) and field_names(hint):
        return _defined(hint.__name__, _of_class(hint, definitions), definitions)
    return {}


def _defined(name: str, schema: Schema, definitions: dict[str, Schema]) -> Schema:
    definitions.setdefault(name, schema)
    return _ref(name)
