"""Values as a pack declares their types, days, intervals and terms: the strategies under all others.

The simplest of each says least and is dated `ON`, so that what fails can be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar, assert_never

from hypothesis import strategies as st

from qaf_rules.values import MapOf, OneOf, SetOf, Simple, Type
from qaf_rules.workdays import DAY, Term

ON: Final = dt.date(2026, 6, 1)
"""The day of the question where none is given, a Monday; what is drawn lies around it."""

T = TypeVar("T")
Raw: TypeAlias = dict[str, Any]  # plain data, as YAML gives it
Raws: TypeAlias = st.SearchStrategy[Raw]

YEAR: Final = 365  # days
MEMBERS: Final = 3
WORDS: Final = ("a", "b", "c")


@st.composite
def days(draw: st.DrawFn, on: dt.date, back: int = 2 * YEAR, ahead: int = 0) -> dt.date:
    """Days around a day, of which that day is the simplest."""
    number = draw(st.integers(0, back + ahead))
    return on + (number - back if number > back else -number) * DAY


def value_of(declared: Type, on: dt.date) -> st.SearchStrategy[Any]:
    """Values of a type that a pack declares, as they are read."""
    match declared:
        case Simple("boolean"):
            return st.booleans()
        case Simple("count"):
            return st.integers(0, 12)
        case Simple("number"):
            return st.integers(0, 100) | st.floats(0, 100)
        case Simple("date"):
            return days(on, ahead=120)
        case Simple("interval"):
            return intervals()
        case Simple("time"):
            return st.sampled_from(("09:30", "00:00", "16:45", "23:59"))
        case Simple("any"):
            return st.booleans() | st.integers(0, 12) | st.sampled_from(WORDS)
        case Simple():
            return st.sampled_from(WORDS)
        case OneOf(words):
            return st.sampled_from(words)
        case SetOf(words):
            member = st.sampled_from(words or WORDS)
            several = st.frozensets(member, min_size=1, max_size=MEMBERS)
            return member.map(_alone) | several
        case MapOf(keys, words):
            return st.dictionaries(
                st.sampled_from(keys), st.sampled_from(words), min_size=1, max_size=MEMBERS
            )
        case _:
            assert_never(declared)


def _alone(member: str) -> frozenset[str]:
    return frozenset({member})


def some_of(parts: Mapping[str, st.SearchStrategy[Any]]) -> Raws:
    """Mappings with some of these keys, each left out for itself, in one order."""
    # The `optional` keys of `fixed_dictionaries` hang together, and shrink badly.
    return _told({name: st.none() | part for name, part in parts.items()})


# What is drawn by a composite is shown as it is; what is mapped is shown as a call.
@st.composite
def _told(draw: st.DrawFn, parts: Mapping[str, st.SearchStrategy[Any]]) -> Raw:
    held = {name: draw(part) for name, part in parts.items()}
    return {name: value for name, value in held.items() if value is not None}


@st.composite
def joined(draw: st.DrawFn, *raws: Raws) -> Raw:
    """Mappings with the keys of all of these."""
    return {key: value for raw in raws for key, value in draw(raw).items()}


def several(part: st.SearchStrategy[T], most: int) -> st.SearchStrategy[tuple[T, ...]]:
    """None, or a few; none where there is nothing to draw."""
    return st.just(()) if part.is_empty else st.lists(part, max_size=most).map(tuple)


def parts_of(types: Mapping[str, Type], on: dt.date) -> dict[str, st.SearchStrategy[Any]]:
    """What a record or a finding holds, by name: its sets are tuples.

    What the pack gives no words is left out, save references, which are anybody's own.
    """
    found = {}
    for name, declared in types.items():
        match declared:
            case SetOf(words) if words or name == "what":
                found[name] = value_of(declared, on).map(lambda each: tuple(sorted(each)))
            case SetOf(()) | OneOf(()):
                continue
            case _:
                found[name] = value_of(declared, on)
    return found


def intervals(*units: str) -> st.SearchStrategy[str]:
    """Intervals as a pack writes them, of which a year is the simplest."""
    common = st.sampled_from(("12 months", "6 months", "4 weeks", "28 days", "2 years"))
    return common | numbered(24, ("month", "week", "day", "year", *units))


@st.composite
def numbered(draw: st.DrawFn, most: int, units: Sequence[str]) -> str:
    """So many of a unit, as in `3 weeks`."""
    number, unit = draw(st.integers(1, most)), draw(st.sampled_from(units))
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def one(**parts: st.SearchStrategy[Any]) -> Raws:
    """Mappings with these keys; a key that is a word of Python's has an underscore behind it."""
    return st.fixed_dictionaries({key.removesuffix("_"): part for key, part in parts.items()})


def beside(raws: Raws, **optional: st.SearchStrategy[Any]) -> Raws:
    """Mappings beside some of whose keys others may stand."""
    return joined(raws, some_of(optional))


def just(**keys: object) -> Raws:
    """Give one mapping, always."""
    return st.just(keys)


_TERMS: Final = (
    ("spring", (1, 5), (3, 20), (2, 12)),
    ("summer", (4, 12), (7, 14), (5, 24)),
    ("autumn", (9, 1), (12, 14), (10, 22)),
)
"""Each term's name, and its first, its last and its half term's first day, at their earliest."""


@st.composite
def term_calendars(draw: st.DrawFn, *, on: dt.date = ON) -> tuple[Term, ...]:
    """Calendars of school terms for the years around `on`, some of them with half terms."""
    halves = draw(st.booleans())
    years = range(on.year - draw(st.integers(2, 4)), on.year + draw(st.integers(2, 4)) + 1)
    return tuple(draw(_term(year, *term, halves)) for year in years for term in _TERMS)


@st.composite
def _term(
    draw: st.DrawFn,
    year: int,
    name: str,
    first: tuple[int, int],
    last: tuple[int, int],
    half: tuple[int, int],
    halves: bool,  # noqa: FBT001  # whether the calendar tells them
) -> Term:
    start, end, begins = (
        dt.date(year, *day) + draw(st.integers(0, 7)) * DAY for day in (first, last, half)
    )
    break_ = (begins, begins + draw(st.integers(0, 7)) * DAY) if halves else None
    return Term(name, start, end, break_)
