"""What stands in a cell of a sheet, and what it means."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from qaf_rules import _yaml
from qaf_rules.errors import InputError, quoted
from qaf_rules.values import Fault, MapOf, OneOf, SetOf, Simple, Type
from qaf_rules.workdays import Term

__all__ = ["NONE", "as_plain", "cell", "member", "written"]

NONE: Final = "-"
"""What a cell says to mean that there are none, where an empty cell says nothing."""

_UK_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_WHOLE: Final = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9]\d*)?\.?\d+(?:[eE][-+]?\d+)?", re.ASCII)
_SURROGATE: Final = re.compile("[\udc80-\udcff]")
_ERRORS: Final = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
LONGEST: Final = 19  # signs of a number; what is longer is none that anybody counted
_BOOLEANS: Final = {"yes": True, "true": True, "no": False, "false": False}


def cell(kind: Type, raw: object) -> object:
    """Give the plain value that a cell holds under a type, None where it is empty.

    What does not fit is handed on as it stands, for the type to refuse. Fault for a formula, for
    an error of Excel, and where Excel has made something else of what was typed.
    """
    if isinstance(raw, str):
        raw = raw.strip()
        if not raw:
            return None
        if raw.startswith("="):
            raise Fault("a formula is not read", "write its value instead")
        if not raw.isascii() and _SURROGATE.search(raw):
            raise Fault("a character is not UTF-8", "in Excel, save the file as `CSV UTF-8`")
        if raw in _ERRORS:
            raise Fault(f"the cell holds the error {quoted(raw)}", "write a value instead")
    elif raw is None:
        return None
    elif not isinstance(raw, bool | int | float | dt.date | dt.time | dt.timedelta):
        raise Fault("a formula is not read", "write its value instead")
    match kind:
        case Simple("boolean"):
            return raw if isinstance(raw, bool) else _boolean(raw)
        case Simple("count"):
            return _number(raw, _WHOLE)
        case Simple("number"):
            return _number(raw, _DECIMAL)
        case Simple("date"):
            return _day(raw)
        case Simple("any") | MapOf():
            return _any(raw)
        case Simple("time") if isinstance(raw, dt.time):
            return f"{raw:%H:%M}"
        case SetOf(values):
            if raw == NONE:
                return []
            return [member(each, values) for each in _as_text(raw).split(";") if each.strip()]
        case OneOf(values):
            return member(_as_text(raw), values)
        case _:
            return _as_text(raw)


def _boolean(raw: object) -> bool:
    if isinstance(raw, str) and raw.lower() in _BOOLEANS:
        return _BOOLEANS[raw.lower()]
    raise Fault(f"{quoted(raw)} is neither yes nor no", "write `yes` or `no`")


def _number(raw: object, wanted: re.Pattern[str]) -> object:
    if isinstance(raw, str) and len(raw) < LONGEST and wanted.fullmatch(raw):
        return int(raw) if _WHOLE.fullmatch(raw) else float(raw)
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _day(raw: object) -> object:
    if isinstance(raw, str) and (found := _UK_DAY.fullmatch(raw)):
        day, month, year = map(int, found.groups())
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            help_ = "the day comes first (`31/12/2026`), or write it as YYYY-MM-DD"
            raise Fault(f"{quoted(raw)} is no day", help_) from None
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        help_ = "give the cell a date format, or write the day as YYYY-MM-DD"
        raise Fault(f"{quoted(raw)} is a number, not a day", help_)
    return raw


def _as_text(raw: object) -> str:
    """Give text as it was meant: Excel makes numbers of ids, and days of what looks like one."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, int | float):
        return str(int(raw)) if raw == int(raw) else str(raw)
    help_ = "give the cell the format Text, then write it again"
    raise Fault(f"Excel has made a date of what was typed: {quoted(raw)}", help_)


def member(raw: str, values: Sequence[str]) -> str:
    """Give the one of the values that is meant, however it is spaced; else the word itself."""
    word = raw.strip()
    if word in values:
        return word
    loose = re.sub(r"[\s-]+", "_", word.lower())
    return loose if loose in values else word


def _any(raw: object) -> object:
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, dt.date):
        return (raw.date() if isinstance(raw, dt.datetime) else raw).isoformat()
    if not isinstance(raw, str):
        return raw
    if raw.lower() in _BOOLEANS:
        return _BOOLEANS[raw.lower()]
    if _DECIMAL.fullmatch(raw):
        return _number(raw, _DECIMAL)
    if raw[0] in '["{':
        with contextlib.suppress(InputError):
            return _yaml.parse(raw, file="").data
    return raw


def written(kind: Type, value: object) -> object:
    """Give what a cell holds to mean a value: text, a number or a day; `cell` gives it back."""
    match kind:
        case Simple("any") | MapOf() if isinstance(value, frozenset | Mapping | list | tuple):
            return json.dumps(as_plain(value), ensure_ascii=False)
        case Simple("any") if isinstance(value, str):
            plainly = value == value.strip() and value[:1] not in ("", "=") and _any(value) == value
            return value if plainly else json.dumps(value, ensure_ascii=False)
        case _ if isinstance(value, bool):
            return "yes" if value else "no"
        case _ if isinstance(value, frozenset):
            return "; ".join(sorted(value)) or NONE
        case _ if isinstance(value, list | tuple):
            return "; ".join(value) or NONE
        case _:
            return value


def as_plain(value: object) -> object:
    """Give a value as it is written by hand: sets as sorted lists, days as text."""
    match value:
        case frozenset():
            return sorted(value)
        case list() | tuple():
            return [as_plain(each) for each in value]
        case Mapping():
            return {key: as_plain(each) for key, each in value.items()}
        case dt.date():
            return value.isoformat()
        case Term():
            return as_plain(value.plain())
        case _:
            return value
