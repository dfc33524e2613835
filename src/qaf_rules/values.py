"""The types that a pack declares for fields, settings, facts and attributes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from qaf_rules.errors import did_you_mean, listed

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
INTERVAL = re.compile(r"([1-9]\d{0,3}) (day|week|month|year|working day)s?")


class Fault(ValueError):  # noqa: N818  # the word of the diagnostics
    """What is wrong with one value, and help; `path` leads to it from where parsing began."""

    def __init__(
        self,
        message: str,
        help: str | None = None,  # noqa: A002  # the word of the diagnostics
        path: tuple[str | int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.path = path


@dataclass(frozen=True, slots=True)
class Simple:
    """One of `boolean`, `count`, `number`, `date`, `text`, `token`, `interval`, `time` and `any`."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One value of a closed list."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set of values of a closed list (of any tokens, where the list is empty)."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from a closed list of keys to a closed list of values."""

    keys: tuple[str, ...]
    values: tuple[str, ...]


Type: TypeAlias = Simple | OneOf | SetOf | MapOf

LARGEST = 9_999
"""No provider has more findings of a kind than this."""

LONGEST = 60
"""Signs of a token or a reference at most: a longer one is a text."""

SIMPLE = ("boolean", "count", "number", "date", "text", "token", "interval", "time", "any")


def parse_type(raw: object) -> Type:
    """Read a type as a pack writes it; Fault where it is none."""
    if isinstance(raw, str) and raw in SIMPLE:
        return Simple(raw)
    if isinstance(raw, list) and raw:
        return OneOf(tuple(str(v) for v in raw))
    if isinstance(raw, Mapping) and set(raw) == {"set"} and isinstance(raw["set"], list):
        return SetOf(tuple(str(v) for v in raw["set"]))
    if isinstance(raw, Mapping) and set(raw) == {"map", "of"}:
        return MapOf(tuple(map(str, raw["map"])), tuple(map(str, raw["of"])))
    message = f"`{raw}` is not a type"
    raise Fault(
        message,
        f"write {listed(SIMPLE)}, a list of values, {{set: [..]}} or {{map: [..], of: [..]}}",
    )


YEARS = range(1900, 2200)


def parse_day(raw: object) -> dt.date:
    """Read a day written as YYYY-MM-DD; Fault where it is none, does not exist, or is centuries off."""
    day = _day(raw)
    if day.year not in YEARS:
        message = f"`{day}` is no day that anybody can mean"
        raise Fault(message, f"write a year from {YEARS[0]} to {YEARS[-1]}")
    return day


def _day(raw: object) -> dt.date:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        try:
            return dt.date.fromisoformat(raw)
        except ValueError:
            raise Fault(f"`{raw}` is a day that does not exist") from None
    message = f"`{raw}` is not a day"
    raise Fault(message, "write it as YYYY-MM-DD")


def parse_value(kind: Type, raw: object) -> object:
    """Read one value of a type: sets become frozensets, days dates; Fault where it does not fit."""
    match kind:
        case Simple(name):
            return _simple(name, raw)
        case OneOf(values):
            return _member(values, raw)
        case SetOf(values):
            entries = raw if isinstance(raw, (list, tuple, set, frozenset)) else [raw]
            return frozenset(_member(values, v) if values else _simple("token", v) for v in entries)
        case MapOf(keys, values):
            if not isinstance(raw, Mapping):
                raise Fault(f"`{raw}` is not a mapping", f"write {{{keys[0]}: {values[0]}}}")
            return {str(_member(keys, k)): _member(values, v) for k, v in raw.items()}
        case _:
            assert_never(kind)


def _simple(name: str, raw: object) -> object:
    if name == "any":
        return raw
    if name == "boolean" and isinstance(raw, bool):
        return raw
    if name == "count" and isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
        if raw > LARGEST:
            message = f"there cannot be more than {LARGEST}"
            raise Fault(message, "write how many there are")
        return raw
    if name == "number" and isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return raw
    if name == "date":
        return parse_day(raw)
    if name == "token" and isinstance(raw, str) and raw.strip():
        if len(raw) > LONGEST or "\n" in raw:
            message = (
                f"`{raw[:LONGEST]} …` is not a word or two: {LONGEST} signs on one line at most"
            )
            raise Fault(message, "no names and no text of what was found are kept here")
        return raw
    if name == "text" and isinstance(raw, str) and raw.strip():
        return raw
    if name == "time" and isinstance(raw, str) and TIME.fullmatch(raw):
        return raw
    if name == "interval" and isinstance(raw, str) and INTERVAL.fullmatch(raw):
        return raw
    wanted = {
        "boolean": "`true` or `false`",
        "count": "a whole number from 0",
        "number": "a number",
        "text": "text",
        "token": "a word",
        "interval": "an interval such as `12 months`",
        "time": "a time such as `09:30`",
    }
    message = f"`{raw}` is not {wanted[name]}"
    raise Fault(message)


def _member(values: tuple[str, ...], raw: object) -> str:
    if isinstance(raw, str) and raw in values:
        return raw
    word = {True: "true", False: "false"}.get(raw, str(raw)) if isinstance(raw, bool) else str(raw)
    message = f"`{word}` is none of the values"
    raise Fault(message, did_you_mean(word, values) or f"write one of {listed(values)}")


def json_schema(kind: Type) -> dict[str, object]:
    """Give the JSON Schema of a type."""
    match kind:
        case Simple(name):
            by_name: dict[str, dict[str, object]] = {
                "boolean": {"type": "boolean"},
                "count": {"type": "integer", "minimum": 0, "maximum": LARGEST},
                "number": {"type": "number"},
                "date": {"type": "string", "format": "date"},
                "token": {"type": "string", "maxLength": LONGEST},
            }
            return by_name.get(name, {} if name == "any" else {"type": "string"})
        case OneOf(values):
            return {"enum": list(values)}
        case SetOf(values):
            members: dict[str, object] = {"enum": list(values)} if values else {"type": "string"}
            return {"anyOf": [{"type": "array", "items": members}, members]}
        case MapOf(keys, values):
            return {
                "type": "object",
                "properties": {key: {"enum": list(values)} for key in keys},
                "additionalProperties": False,
            }
        case _:
            assert_never(kind)
