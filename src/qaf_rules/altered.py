"""What is other by one framework than by another: entries, and the settings and readings that they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from qaf_rules.mentions import Key, entries, mentioned, mentions
from qaf_rules.pack import Pack, in_order
from qaf_rules.schema import SECTIONS

if TYPE_CHECKING:
    from qaf_rules.engine import Framework

NAMES: Final = ("id", "version", "extends")  # what the pack calls itself
CHOSEN: Final = "chosen"
# On which no answer that is compared rests: what is told of sharing, and what is checked by it.
APART: Final = (*NAMES, "audiences", "forums", "lapses", "smallest_count", "steps", "subjects")


class Change:
    """What is other by one framework than by another.

    `settings` and `readings` are the names of those that are other, `names` of both. It `shifts` where
    what conditions of the one pack come out as is not seen by the other: where a setting is other, or
    a reading beside other rules, or what asks whether it is chosen.
    """

    def __init__(self, before: Framework, after: Framework) -> None:
        self.old, self.new = self.packs = before.pack, after.pack
        was, now = before.settings, after.settings
        self.settings = {n for n in {**was, **now} if was.get(n) != now.get(n)}
        chosen = self.old.chosen ^ self.new.chosen
        self.readings = {n for n in self.new.readings if self._is_read_otherwise(n)} | chosen
        self.names = self.settings | self.readings
        self.shifts = bool(self.settings) or any(
            map(self._moves, SECTIONS if self.readings else ())
        )

    def _is_read_otherwise(self, name: str) -> bool:
        """Whether another option is taken, or the same one has another number."""
        old, new = (
            (pack.choices[name], [*pack.readings[name].options]) if name in pack.readings else None
            for pack in self.packs
        )
        return old != new

    def _moves(self, section: str) -> bool:
        """Whether a section is other beside its readings, or asks whether one that is other is chosen."""
        old, new = (pack.data.get(section) for pack in self.packs)
        return (old is not new and old != new) or any(
            CHOSEN in told and not self.readings.isdisjoint(told)
            for told in mentioned(self.old, section).values()
        )

    def other(self, section: str) -> set[Key]:
        """Give the entries of a section that are other, or read a setting or a reading that is.

        Where their order is other they all are.
        """
        was, now = (_judged_by(pack, section) for pack in self.packs)
        found = {(name,) for name in self.readings} if section == "readings" else set()
        if [key for key in was if key in now] != [key for key in now if key in was]:
            return {*was, *now} | found
        told = mentioned(self.old, section) if self.names else {}
        return found | {
            key
            for key in {**was, **now}
            if key not in was
            or key not in now
            or (was[key] is not now[key] and in_order(was[key]) != in_order(now[key]))
            or not self.names.isdisjoint(told.get(key, ()))
        }

    def reads(self, raw: object) -> bool:
        """Whether plain data names a setting or a reading that is other."""
        return bool(self.names) and not self.names.isdisjoint(mentions(raw))


def _judged_by(pack: Pack, section: str) -> Mapping[Key, object]:
    """Give the entries of a section on which answers that are compared rest."""
    found = entries(pack, section)
    return {k: v for k, v in found.items() if k[0] not in APART} if section == "pack" else found
