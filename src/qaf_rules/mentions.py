"""What the entries of a pack's files mention: settings and readings are read by what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

Key: TypeAlias = tuple[str, ...]

ONLY_NAMED = "readings"  # of a rule: the readings that a result of it names


def entries(pack: Pack, section: str) -> Mapping[Key, object]:
    """Give the entries of a section as the pack's files write them, by id; facts by part and id."""
    raw = pack.data.get(section) or {}
    if section == "vocabulary":
        return {(part, id_): each for part, own in raw.items() for id_, each in own.items()}
    return {(id_,): each for id_, each in raw.items()}


def mentioned(pack: Pack, section: str) -> Mapping[Key, frozenset[str]]:
    """Give what each entry of a section mentions."""
    known = pack.kept.mentioned
    if section not in known:
        known[section] = {key: mentions(raw) for key, raw in entries(pack, section).items()}
    return known[section]


def mentions(raw: object) -> frozenset[str]:
    """Give every key and every value of plain data that is a text."""
    return frozenset(_texts(raw))


def _texts(raw: object) -> Iterator[str]:
    match raw:
        case str():
            yield raw
        case dict():
            for key, each in raw.items():
                yield str(key)
                yield from () if key == ONLY_NAMED and not isinstance(each, dict) else _texts(each)
        case list() | tuple():
            for each in raw:
                yield from _texts(each)
