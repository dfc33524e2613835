"""Which keys the pack language knows at a place: to say what a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel

__all__ = ["keys_at"]


def keys_at(type_: Any, path: Sequence[str | int]) -> tuple[str, ...]:  # any type of the schema
    """Give the keys that the mapping at a path may have, by the type of the whole.

    `path` leads to one of its keys. None are given where it leads nowhere.
    """
    types = [type_]
    for key in path[:-1]:
        types = [below for one in types for below in _below(one, key)]
    names = (name for one in types for model in _models(one) for name in _keys(model))
    return tuple(dict.fromkeys(names))


def _below(type_: Any, key: str | int) -> Iterator[Any]:
    """Give the types that there may be at a key: of a field, of a mapping's values, of a list's."""
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        for name, field in type_.model_fields.items():
            if key in (name, field.alias):
                yield field.annotation
    elif get_origin(type_) in (Mapping, dict):
        yield get_args(type_)[1]
    elif get_origin(type_) in (tuple, list) and isinstance(key, int):
        yield get_args(type_)[0]
    else:
        for part in get_args(type_):  # what may be one of several, or is annotated
            yield from _below(part, key)


def _models(type_: Any) -> Iterator[type[BaseModel]]:
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        yield type_
    elif get_origin(type_) not in (Mapping, dict, tuple, list):
        for part in get_args(type_):
            yield from _models(part)


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
