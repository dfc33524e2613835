"""The Care Quality Commission's public API read as plain records, one for each location.

What its words mean is data of the pack (`imports.yaml`, section `cqc_locations`); here is only
where they stand in the file.

Ratings stand in three places. `currentRatings.overall` and, for services assessed in the newer
way, `assessment[].ratings.asgRatings[]` hold what is current, `historicRatings[]` what was before.
Of the current ones the newest stands; of several of one day, and of several services of one
location, the most cautious. A word that is no rating is not yet rated; where a location has only
such words, or none at all, it is not yet rated. A historic rating never stands for a current one:
the newest that is older than the current one is the previous rating.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from qaf_rules.errors import listed, quoted
from qaf_rules.values import Fault, parse_day

__all__ = ["SECTION", "Location", "read_locations"]

SECTION: Final = "cqc_locations"
"""The section of a pack's imports that says what the words of the file mean."""

_DEREGISTERED: Final = "Deregistered"


class Location(NamedTuple):
    """One location: where it stands in the file, its plain record, and what has no meaning here."""

    position: int
    data: dict[str, object]
    unmapped: tuple[str, ...]


class Rated(NamedTuple):
    """One rating: its day (empty where none is given), its grade, and the grades of its questions."""

    day: str
    overall: str
    questions: Mapping[str, str]


def read_locations(
    data: object, mapping: Mapping[str, Any], *, include_deregistered: bool = False
) -> list[Location]:
    """Read the locations of a file.

    `data` is the parsed JSON: a list of locations, one of them, or a mapping with `locations`.
    `mapping` is the pack's section on it.
    `include_deregistered` keeps the locations that are no longer registered.
    Raises `Fault` where there are none.
    """
    if isinstance(data, Mapping):
        data = data.get("locations", [data])
    if not isinstance(data, list) or not all(
        isinstance(each, Mapping) and "locationId" in each for each in data
    ):
        message = "the file holds no locations of the regulator's API"
        raise Fault(message, "it is a list of mappings, each with a `locationId`")
    words = _Words(mapping)
    return [
        _location(position, each, words)
        for position, each in enumerate(data)
        if include_deregistered or each.get("registrationStatus") != _DEREGISTERED
    ]
