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

    `settings` and `readings` are the names of those that are other, `names` of both. It `shifts` what
    conditions come out as that are written the same: by a setting, or by whether a reading is chosen.
    """

    def __init__(self, before: Framework, after: Framework) -> None:
        self.old, self.new = self.packs = before.pack, after.pack
        was, now = before.settings, after.settings
        self.settings = {n for n in {**was, **now} if was.get(n) != now.get(n)}
        chosen, taken = self.old.chosen ^ self.new.chosen, self.new.choices.items()
        self.readings = {n for n, option in taken if self.old.choices.get(n) != option} | chosen
        self.names = self.settings | self.readings
        self.shifts = bool(self.settings) or any(map(self._asks_what_is_chosen, SECTIONS))

    def _asks_what_is_chosen(self, section: str) -> bool:
        return bool(self.readings) and any(
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
