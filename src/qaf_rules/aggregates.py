"""What is told of many providers together, so that none of them and nobody is singled out.

A number of providers is told only where it is as large as the pack's smallest count. What is not
told is as large together, and never one number alone: it cannot be worked out from the others, nor
from how many providers there are.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.errors import Diagnostic, InputError, quoted
from qaf_rules.model import records_of
from qaf_rules.releases import Given, Teller

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.sharing import Sharing

__all__ = ["FINDINGS", "RATING", "Aggregated", "Together", "aggregate", "suppressed"]

RATING, FINDINGS = "rating", "findings"


@dataclass(frozen=True, slots=True)
class Together:
    """How many providers there are of each level, value or kind of finding.

    `sharing` is the answer that permits it; nothing is counted where it does not. `providers` is
    how many there are, and `parts` has by `rating`, by the name of a value and by `findings` the
    number for each; None stands for one that is too small to be told. `smallest` is the smallest
    number that is. There is nothing in it but what may be told.
    """

    on: dt.date
    sharing: Sharing
    smallest: int
    providers: int | None
    parts: Mapping[str, Mapping[str, int | None]]


class Aggregated(NamedTuple):
    """What may be told of many together; and the team's own: who could not be assessed, and why."""

    told: Together
    faults: tuple[Diagnostic, ...]


def aggregate(
    framework: Framework,
    records: Iterable[ProviderRecord],
    what: str,
    *,
    audience: str,
    on: dt.date,
    known_at: dt.date | None = None,
) -> Aggregated:
    """Count over all providers what an audience may be told of a subject.

    `records` are those of a register; who is outside the framework, or of whom it may not be told,
    is not counted. The `faults` beside what is told name providers. InputError where the pack has
    no such subject or audience, or names no smallest count, and where a provider is there twice.
    """
    smallest = framework.pack.identity.smallest_count
    if smallest is None:
        help_ = "write `smallest_count: 5` in pack.yaml"
        message = "the pack does not say which numbers of providers are too small to be told"
        raise InputError([Diagnostic(message, help=help_, code="no-smallest-count")])
    sharing = framework.may_share(what, audience=audience, on=on)
    records = records_of(records)
    _refuse_twice(record.provider.id for record in records)
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
    providers, parts = (len(given), _parts(given, smallest)) if enough else (None, {})
    return Aggregated(Together(on, sharing, smallest, providers, parts), tuple(faults))


def _refuse_twice(ids: Iterable[str]) -> None:
    """Refuse a provider that is there twice: it would count for two."""
    twice = [id_ for id_, number in Counter(ids).items() if number > 1]
    if twice:
        help_ = "keep one record of it"
        messages = [f"the provider {quoted(id_)} is there more than once" for id_ in twice]
        raise InputError([Diagnostic(m, help=help_, code="provider-twice") for m in messages])


def _parts(given: Sequence[Given], smallest: int) -> dict[str, dict[str, int | None]]:
    """Count the providers of each level, of each value and with each kind of finding."""
    of_each: dict[str, list[frozenset[str]]] = {RATING: [], FINDINGS: []}
    for each in given:
        if each.rating is not None:
            of_each[RATING].append(frozenset({str(each.rating.level)}))
        for name, value in each.values.items():
            entries = value if isinstance(value, frozenset) else {value}
            of_each.setdefault(name, []).append(frozenset(map(str, entries)))
        of_each[FINDINGS].append(frozenset(counted.kind for counted in each.findings))
    of_each[FINDINGS] = of_each.pop(FINDINGS)  # they come last
    told = {name: _told(cells, len(given), smallest) for name, cells in of_each.items()}
    return {name: counts for name, counts in told.items() if counts}


def _told(cells: Sequence[frozenset[str]], providers: int, smallest: int) -> dict[str, int | None]:
    """Count the providers in each cell, and leave out what is too small to be told.

    `cells` are those in which a provider is, which may be several. Where each is in one at most,
    those that are in none are a number of their own, which all the others tell.
    """
    counts = Counter(name for own in cells for name in own)
    one_each = all(len(own) <= 1 for own in cells)
    return suppressed(counts, smallest, providers - counts.total() if one_each else 0)


def suppressed(counts: Mapping[str, int], smallest: int, others: int = 0) -> dict[str, int | None]:
    """Give numbers with None for each that is not told.

    `others` is the number that is in no list, and can be worked out where all of the list is told.
    Left out is each number below `smallest`, then the next smallest, until what is left out, the
    others with it, is nothing, or as large as `smallest` and more than one for each name. Where it
    never is, not even the names are told.
    """
    hidden: set[str] = set()
    left_out = others
    for name, number in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if number < smallest or 0 < left_out < max(smallest, len(hidden) + 1):
            hidden.add(name)
            left_out += number
    if 0 < left_out <= len(hidden):
        return {}
    return {name: None if name in hidden else counts[name] for name in sorted(counts)}
