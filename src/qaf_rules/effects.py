"""Whether a change of rules asks more or less, and which number of a pack's version it moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from qaf_rules.actions import FORCES
from qaf_rules.differences import Difference, Part, is_plan
from qaf_rules.result import Action, ScheduleItem

Effect: TypeAlias = Literal["unnoticed", "tighter", "looser", "both", "otherwise", "unknown"]
Version: TypeAlias = Literal["patch", "minor", "major"]

# An answer that asks less may leave something unseen, so it weighs most.
VERSIONS: dict[Effect, Version] = {
    "unnoticed": "patch",
    "tighter": "minor",
    "otherwise": "minor",
    "looser": "major",
    "both": "major",
    "unknown": "major",
}


def effect_of(differences: Iterable[Difference]) -> Effect:
    """Say what differences are together: nobody's answer, tighter, looser, both, or other in words.

    Tighter is what is due sooner or more often or with more force, a worse level suggested or
    possible, an action more. A level that comes to be known, or not to be, may be either.
    """
    found = list(differences)
    signs = {sign for each in found for sign in _signs(each)}
    if not found:
        return "unnoticed"
    if len(signs) == 2:
        return "both"
    return "otherwise" if not signs else "tighter" if True in signs else "looser"


def _signs(difference: Difference) -> Iterator[bool]:
    """Give True for what asks more, False for what asks less; nothing for what does neither."""
    old, new = difference.before, difference.after
    match difference.kind:
        case "action" if old is None or new is None:
            yield old is None
        case "action" | "schedule":
            yield from _more(_due(new), _due(old))
            yield from _more(_force(new), _force(old))
        case "rating":
            for name in ("level", "lowest", "highest"):
                was, now = getattr(old, name), getattr(new, name)
                yield from (True, False) if None in (was, now) and was != now else _more(was, now)
        case "visits":
            was, now = _days(old), _days(new)
            pairs = [(len(was), len(now))] if len(was) != len(now) else zip(now, was, strict=True)
            yield from (sign for one, other in pairs for sign in _more(one, other))


def _more(one: Any, other: Any) -> Iterator[bool]:  # two of a kind that has an order
    if one != other:
        yield other > one


def _due(part: Part | None) -> dt.date:
    due = part.due if isinstance(part, ScheduleItem | Action) else None
    return due or dt.date.max


def _force(part: Part | None) -> int:
    """Give the place of its force among all, the strongest first; what states none is the weakest."""
    word = getattr(part, "force", None) or getattr(part, "obligation", None)
    return FORCES.index(word) if word in FORCES else len(FORCES)


def _days(part: Part | None) -> list[dt.date]:
    return [due.due for due in part] if part is not None and is_plan(part) else []
