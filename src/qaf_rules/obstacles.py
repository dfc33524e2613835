"""What keeps a condition from holding: the leaves in its way, the fewest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple, TypeAlias

from qaf_rules.condition import All, Any_, Not
from qaf_rules.result import Reason, Truth

MOST = 64
"""More ways than this are not told apart: the nearest of them are enough."""


class Obstacle(NamedTuple):
    """A leaf that would have to come out otherwise."""

    leaf: Reason
    wanted: bool


Way: TypeAlias = tuple[Obstacle, ...]


def ways(reason: Reason, *, wanted: bool = True) -> list[Way]:
    """Give each way in which a wholly evaluated condition would hold, the nearest first.

    A way is what is left to change. Fewer leaves are nearer; of as many, those that are only
    unknown. A condition that holds has one way, with nothing in it.
    """
    truth: Truth = reason.truth
    if truth is wanted:
        return [()]
    match reason.condition:
        case Not():
            return ways(reason.parts[0], wanted=not wanted)
        case All() | Any_() | None:
            every = isinstance(reason.condition, All) is wanted
            inner = [ways(part, wanted=wanted) for part in reason.parts]
            return _sorted(_together(inner) if every else (way for own in inner for way in own))
    return [(Obstacle(reason, wanted),)]


def standing(reason: Reason, *, wanted: bool = True) -> Iterator[Obstacle]:
    """Give the leaves of a wholly evaluated condition that come out already as they should."""
    match reason.condition:
        case Not():
            yield from standing(reason.parts[0], wanted=not wanted)
        case All() | Any_() | None:
            for part in reason.parts:
                yield from standing(part, wanted=wanted)
        case _ if reason.truth is wanted:
            yield Obstacle(reason, wanted)


def _together(inner: list[list[Way]]) -> Iterable[Way]:
    """One way of each part, the nearest of them where there are many."""
    made: list[Way] = [()]
    for own in inner:
        made = _sorted((*way, *more) for way, more in product(made, own))
    return made


def _sorted(found: Iterable[Way]) -> list[Way]:
    told: dict[tuple[int, ...], Way] = {}
    for way in found:
        own = {id(obstacle.leaf): obstacle for obstacle in way}  # a leaf in the way is so once
        told.setdefault(tuple(own), tuple(own.values()))
    return sorted(told.values(), key=distance)[:MOST]


def distance(way: Way) -> tuple[int, int]:
    """Say how far a way is: its leaves, and how many of them are not merely unknown."""
    return len(way), sum(obstacle.leaf.truth is not None for obstacle in way)
