"""Readers of single words and values, each of which says what the word is not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from qaf_rules.errors import did_you_mean, listed, quoted
from qaf_rules.sharing import ids_of
from qaf_rules.values import Fault, Simple, parse_day, parse_value
from qaf_rules.workdays import parse_interval, parse_terms

if TYPE_CHECKING:
    from qaf_rules.pack import Pack
    from qaf_rules.sharing import Named

Reader: TypeAlias = Callable[[object], object]

_PERIOD: Final = re.compile(
    r"\d{4}(?:-(?:Q[1-4]|(0[1-9]|1[0-2])|[a-z]\w*(?:-[12])?)|/[1-9]\d?)", re.ASCII
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LAST_OF_MONTH: Final = 31


def helped(word: str, words: Iterable[str]) -> str:
    """Say what was probably meant, or what there is."""
    known = tuple(words)
    return did_you_mean(word, known) or f"write one of {listed(known)}"


def one_of(words: Iterable[str], what: str) -> Reader:
    """Make the reader of one of some words; `what` is what a word of them is."""
    known = words if isinstance(words, Mapping) else tuple(words)

    def read(raw: object) -> object:
        if isinstance(raw, str) and raw in known:
            return raw
        raise Fault(f"{quoted(_word(raw))} is no {what}", helped(_word(raw), known))

    return read


def called(named: Named, what: str) -> Reader:
    """Make the reader of a subject or an audience by any of its names, which gives its id."""
    ids = ids_of(named)
    one = one_of(ids, what)
    return lambda raw: ids[str(one(raw))]


def some_of(words: Iterable[str], what: str) -> Reader:
    """Make the reader of a list of some words, or of one."""
    one = one_of(words, what)

    def read(raw: object) -> object:
        return tuple(one(each) for each in _each(raw))

    return read


def _each(raw: object) -> Iterable[object]:
    """Give the entries of a list; one word stands for a list of one."""
    return raw if isinstance(raw, list | tuple | set | frozenset) else (raw,)


def _word(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def text(raw: object) -> object:
    """Read text."""
    return parse_value(Simple("text"), raw)


def references(raw: object) -> object:
    """Read a list of opaque references, or one."""
    return tuple(reference(each) for each in _each(raw))


def reference(raw: object) -> object:
    """Read an opaque reference; a bare whole number is one too."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    return parse_value(Simple("text"), raw)


def level(pack: Pack, raw: object) -> object:
    """Read a level of the pack's scale."""
    if isinstance(raw, int) and not isinstance(raw, bool) and raw in pack.levels:
        return raw
    levels = [f"{number} ({level.name})" for number, level in pack.levels.items()]
    raise Fault(f"{quoted(raw)} is no level of the scale", f"write one of {listed(levels)}")


def interval(raw: object) -> object:
    """Check an interval such as `12 months`, and leave it as it is written."""
    parse_interval(raw)
    return raw


def day_of_month(raw: object) -> object:
    """Read a day of the month."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= _LAST_OF_MONTH:
        return raw
    raise Fault(f"{quoted(raw)} is no day of the month", "write a number from 1 to 31")


def terms(raw: object) -> object:
    """Read a calendar of terms."""
    return parse_terms(raw)


def period(raw: object) -> object:
    """Read a month, a quarter, a term with its year, or the day that a return is due."""
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        return parse_day(raw).isoformat()
    if isinstance(raw, dt.date):
        return parse_day(raw).isoformat()
    if isinstance(raw, str) and _PERIOD.fullmatch(raw):
        return raw
    help_ = "write a month (2026-01), a quarter (2026-Q1), a term (2026-autumn) or the due date"
    raise Fault(f"{quoted(raw)} is no period", help_)
