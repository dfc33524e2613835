"""What is told of many providers together, so that none of them and nobody is singled out.

A number of providers is told only where it is as large as the pack's smallest count. Where numbers
add up, as those of the levels do to all providers, what is not told is as large too: nobody can
work out the one number that is missing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.releases import Given, Teller

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.sharing import Sharing

__all__ = ["FINDINGS", "RATING", "Together", "aggregate", "suppressed"]

RATING, FINDINGS = "rating", "findings"


@dataclass(frozen=True, slots=True)
class Together:
    """How many providers there are of each level, value or kind of finding.

    `sharing` is the answer that permits it; nothing is counted where it does not. `providers` is
    how many there are, and `parts` has by `rating`, by the name of a value and by `findings` the
    number for each; None stands for one that is too small to be told. `smallest` is the smallest
    number that is. `faults` are of providers that could not be assessed.
    """

    on: dt.date
    sharing: Sharing
    smallest: int
    providers: int | None
    parts: Mapping[str, Mapping[str, int | None]]
    faults: tuple[Diagnostic, ...] = ()


def aggregate(
    framework: Framework,
    records: Iterable[ProviderRecord],
    what: str,
    *,
    audience: str,
    on: dt.date,
    known_at: dt.date | None = None,
) -> Together:
    """Count over all providers what an audience may be told of a subject.

    `records` are those of a register; who is outside the framework, or of whom it may not be told,
    is not counted. InputError where the pack has no such subject or audience, or names no smallest
    count.
    """
    smallest = framework.pack.identity.smallest_count
    if smallest is None:
        help_ = "write `smallest_count: 5` in pack.yaml"
        message = "the pack does not say which numbers of providers are too small to be told"
        raise InputError([Diagnostic(message, help=help_, code="no-smallest-count")])
    told = framework.may_share(what, audience=audience, on=on)
    given: list[Given] = []
    faults: list[Diagnostic] = []
    for record in records:
        try:
            teller = Teller(framework, record, on, known_at)
        except InputError as error:
            faults.extend(error.diagnostics)
            continue
        each = teller.about(what, audience)
        may = each.sharing.permitted and each.sharing.together and not each.sharing.open
        if may and not teller.outside:
            given.append(each)
    enough = len(given) >= smallest
    return Together(
        on,
        told,
        smallest,
        len(given) if enough else None,
        _parts(given, smallest) if enough else {},
        tuple(faults),
    )


def _parts(given: Sequence[Given], smallest: int) -> dict[str, dict[str, int | None]]:
    levels: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {}
    kinds: Counter[str] = Counter()
    for each in given:
        if each.rating is not None:
            levels[str(each.rating.level)] += 1
        for name, value in each.values.items():
            entries = value if isinstance(value, frozenset) else (value,)
            values.setdefault(name, Counter()).update(map(str, entries))
        kinds.update(counted.kind for counted in each.findings)
    parts = {RATING: levels, **values}
    told = {name: suppressed(counts, smallest, len(given)) for name, counts in parts.items()}
    told[FINDINGS] = suppressed(kinds, smallest)
    return {name: counts for name, counts in told.items() if counts}


def suppressed(
    counts: Mapping[str, int], smallest: int, total: int | None = None
) -> dict[str, int | None]:
    """Give numbers with None for each that is too small to be told.

    `total` is what the numbers add up to together with those of whom nothing is known, where that
    is told too: then the next smallest are left out as well, until all that is not told could be.
    """
    hidden: set[str] = set()
    left_out = max(0, total - sum(counts.values())) if total is not None else 0
    for name, number in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if number < smallest or (total is not None and 0 < left_out < smallest):
            hidden.add(name)
            left_out += number
    return {name: None if name in hidden else counts[name] for name in sorted(counts)}
