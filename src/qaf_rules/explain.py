"""From reasons to sentences an officer would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.result import Assessment, Suggestion


def suggestion(pack: Pack, given: Suggestion) -> str:
    """Say what a suggestion rests on."""
    return str(given) + pack.id


def brief(pack: Pack, view: View, assessment: Assessment, activity: str) -> str:
    """Write what an officer takes to a meeting."""
    return pack.id + activity + assessment.provider + str(view.on)
