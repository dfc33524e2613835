"""Whether a change leaves a provider's answers as they are, found without answering again.

A change of frequencies alone touches only those who have other obligations for it, and a change of
criteria alone only those whose suggestion is other by it: all else is made of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.frequency import KEYS, Attached
from qaf_rules.pack import Pack, in_order
from qaf_rules.schema import SECTIONS

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.provider_day import ProviderDay


class Basis(NamedTuple):
    """How to see whether a change from one framework to another touches a provider.

    It does not where `spares` says so of the provider's day under the first, and not where `read`
    gives the same of its days under both.
    """

    read: Callable[[ProviderDay], object]
    spares: Callable[[ProviderDay], bool]


NAMES = ("id", "version", "extends")  # of what the pack calls itself: no answer rests on it
FREQUENCIES = {"activities", "matrix", "supplements"}
CRITERIA = {"rating"}


def basis_of(before: Framework, after: Framework) -> Basis | None:
    """Give how to see whom a change from one framework to another leaves as they are.

    None where that cannot be told from less than the answers themselves.
    """
    old, new = before.pack, after.pack
    if dict(old.choices) != dict(new.choices) or dict(before.settings) != dict(after.settings):
        return None
    if any(_timed(pack) for pack in (old, new)):
        return None  # an action rests on other days too
    other = {name for name in SECTIONS if _rules_differ(old, new, name)}
    if other <= FREQUENCIES and _only_rules(old, new):
        return Basis(_obliged, partial(_has_none_of, _entries_of(old, new)))
    if other <= CRITERIA and old.rating_vocabulary == new.rating_vocabulary:
        return Basis(_rated, partial(_has_none_of, None))
    return None


def _rules_differ(old: Pack, new: Pack, section: str) -> bool:
    """Whether a section is other in two packs, be it only in the order of its entries."""
    same = old.data.get(section) is new.data.get(section)
    return not same and in_order(_rules(old, section)) != in_order(_rules(new, section))


def _rules(pack: Pack, section: str) -> object:
    """Give a section of a pack as its files write it, without what the pack calls itself."""
    raw = pack.data.get(section)
    if section == "pack" and isinstance(raw, Mapping):
        return {key: value for key, value in raw.items() if key not in NAMES}
    return raw


def _timed(pack: Pack) -> bool:
    return any(each.timed for action in pack.actions.values() for each in action.triggers)


def _only_rules(old: Pack, new: Pack) -> bool:
    """Whether the activities are the same but for how often they are due, and in the same order.

    Those that are held with another are the same too: who lacks one is told of it otherwise.
    """
    return bare_activities(old) == bare_activities(new) and _attached(old) == _attached(new)


def _attached(pack: Pack) -> set[str]:
    found = pack.activities.items()
    return {id_ for id_, spec in found if isinstance(spec.rule.frequency, Attached)}


def bare_activities(pack: Pack) -> list[tuple[str, dict[str, object]]]:
    """Give the activities as the pack writes them, in their order, without how often they are due."""
    raw = pack.data["activities"]
    return [(id_, {k: v for k, v in raw[id_].items() if k not in KEYS}) for id_ in pack.activities]


class _Entries(NamedTuple):
    """The matrix rows and the activities that are other in another pack."""

    rows: set[str]
    activities: set[str]


def _entries_of(old: Pack, new: Pack) -> _Entries | None:
    """Give the rows and activities that are other; None where who has them may be other too."""
    was, now = ({s: pack.data.get(s) or {} for s in FREQUENCIES} for pack in (old, new))
    same_order = all([*was[each]] == [*now[each]] for each in ("matrix", "supplements"))
    if not same_order or was["supplements"] != now["supplements"]:
        return None
    rows, activities = (
        {id_ for id_, entry in was[section].items() if entry != now[section].get(id_)}
        for section in ("matrix", "activities")
    )
    if any(was["matrix"][id_].get("when") != now["matrix"][id_].get("when") for id_ in rows):
        return None
    return _Entries(rows, activities)


def _has_none_of(other: _Entries | None, day: ProviderDay) -> bool:
    """Whether a provider has none of the rows and activities that are other."""
    return (
        other is not None
        and all(row.row not in other.rows for row in day.obliged.rows)
        and all(each.activity not in other.activities for each in day.obliged.obligations)
    )


def _obliged(day: ProviderDay) -> object:
    """Give what the schedule and the plan of a provider are made of, beside the record."""
    found = day.obliged
    rows = [
        (
            (row.service, row.row, row.undocumented),
            row.clauses,
            row.readings,
            row.reason.truth if row.reason is not None else None,
            row.reason.still_needed() if row.reason is not None else [],
            day.pack.matrix[row.row].blank if row.row is not None else None,
        )
        for row in found.rows
    ]
    return rows, [each._replace(reason=None) for each in found.obligations]


def _rated(day: ProviderDay) -> object:
    """Give what of a suggestion the rest of the answers can rest on."""
    found = day.rated.suggestion
    criteria = [
        (*each[:5], *each[6:], each.reason.support(), each.reason.still_needed())
        for each in found.criteria
    ]
    return found.status, found.level, found.lowest, found.highest, found.passed_over, criteria
