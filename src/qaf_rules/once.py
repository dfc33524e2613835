"""What an object makes once for each key, and keeps for as long as it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

__all__ = ["Made", "nothing_made", "once"]

Made: TypeAlias = defaultdict[str, dict[Any, Any]]  # by the name of what makes it
Make = TypeVar("Make", bound=Callable[..., Any])


def nothing_made() -> Made:
    """Give what an object keeps that has made nothing yet."""
    return defaultdict(dict)


def once(make: Make) -> Make:
    """Let a method of one argument make what it gives, never None, once for each argument.

    Its object keeps it in `kept`. A mapping that makes what it lacks would have to know the object
    that has it, and neither would be freed before a collector found the circle.
    """
    name = make.__name__

    @wraps(make)
    def given(self: Any, key: Any) -> Any:
        kept = self.kept[name]
        found = kept.get(key)
        if found is None:
            found = kept[key] = make(self, key)
        return found

    return cast("Make", given)
