"""A register's plan: what falls due when and to whom, and dates proposed within a capacity."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from qaf_rules.engine import Framework
from qaf_rules.errors import refuse_no_period
from qaf_rules.model import ProviderRecord, records_of
from qaf_rules.provider_day import ProviderDay
from qaf_rules.result import Assessment
from qaf_rules.workdays import DAY, is_working_day

NOBODY_GIVEN: Mapping[str, str] = {}
NOBODY = "nobody"  # an obligation whose owner the pack does not name


class Due(NamedTuple):
    """One due date of the plan, the officer whose work it is, and when it is proposed to be done.

    `earliest` and `due` are the lawful window. `proposed` is None where no capacity was given,
    where the work takes none, or where it cannot be met. `late` marks what was due before the plan.
    `due_at` is the moment of a deadline in hours. What has no period has its `occurrence`: the
    days on which the activity was done already, and its due dates in the plan up to this one.
    """

    provider: str
    name: str | None
    activity: str
    due: dt.date
    earliest: dt.date
    officer: str
    period: str | None = None
    clauses: tuple[str, ...] = ()
    text: str = ""
    proposed: dt.date | None = None
    late: bool = False
    due_at: dt.datetime | None = None
    occurrence: int | None = None

    @property
    def month(self) -> str:
        """The month in which it falls due, as YYYY-MM."""
        return f"{self.due:%Y-%m}"


@dataclass(frozen=True)
class Workload:
    """Every due date of a register from `on` to `until`, by date, and what cannot be met.

    `unmet` names the work for which no day is left inside its window, what is overdue among it.
    """

    on: dt.date
    until: dt.date
    dues: tuple[Due, ...]
    unmet: tuple[Due, ...] = ()

    def by(self, *keys: str) -> Mapping[tuple[str, ...], int]:
        """Count the due dates by some of `month`, `activity`, `officer` and `provider`."""
        counted = Counter(tuple(str(getattr(due, key)) for key in keys) for due in self.dues)
        return dict(sorted(counted.items()))

    @property
    def months(self) -> tuple[str, ...]:
        """Every month from the first day to the last, as YYYY-MM."""
        first, last = self.on.year * 12 + self.on.month, self.until.year * 12 + self.until.month
        return tuple(f"{(m - 1) // 12}-{(m - 1) % 12 + 1:02d}" for m in range(first, last + 1))


def workload(
    framework: Framework,
    records: Iterable[ProviderRecord],
    *,
    on: dt.date,
    until: dt.date,
    capacity: int | Mapping[str, int] | None = None,
    officers: Mapping[str, str] | None = None,
) -> Workload:
    """Plan a whole register, and propose dates for the work that takes an officer's time.

    `capacity` is how many visits a month there are, of each officer or by officer; without it
    nothing is proposed. `officers` says by provider id whose work it is, else it is the owner's
    that the pack names. The riskiest go first, by the ranking that the pack declares. A due date
    is never moved: what finds no day in its window is told in `unmet`. InputError where a day is
    none, or a record, and where the plan ends before it begins.
    """
    refuse_no_period(on, until)
    providers = records_of(records)
    days = (framework.day(record, on=on) for record in providers)
    dues = [due for day in days for due in dues_of(day, until, officers or {})]
    unmet: list[Due] = [due for due in dues if due.late]
    if capacity is not None:
        ranks = {r.provider.id: _rank(framework, r, on) for r in providers}
        dues, unmet = _proposed(framework, dues, ranks, capacity, on)
    return Workload(
        on, until, tuple(sorted(dues, key=_by_date)), tuple(sorted(unmet, key=_by_date))
    )


def _by_date(due: Due) -> tuple[dt.date, str, str, str]:
    return due.due, due.provider, due.activity, due.period or ""


def dues_of(
    day: ProviderDay, until: dt.date, officers: Mapping[str, str] = NOBODY_GIVEN
) -> tuple[Due, ...]:
    """Give the due dates of one provider, by date; what is overdue already is marked late."""
    return tuple(sorted(_of_provider(day, until, officers), key=_by_date))


def _of_provider(day: ProviderDay, until: dt.date, officers: Mapping[str, str]) -> Iterator[Due]:
    record, on = day.record, day.on
    provider = record.provider
    given = officers.get(provider.id)
    for activity, dues in day.planned(until).items():
        text = day.pack.activities[activity].name
        for occurrence, planned in enumerate(dues, start=_times_done(record, activity, on) + 1):
            yield Due(
                provider=provider.id,
                name=provider.name,
                activity=activity,
                due=planned.due,
                earliest=min(planned.earliest or on, planned.due),
                officer=given or planned.owner or NOBODY,
                period=planned.period,
                clauses=planned.clauses,
                text=text,
                late=planned.due < on,
                due_at=planned.due_at,
                occurrence=None if planned.period else occurrence,
            )


def _times_done(record: ProviderRecord, activity: str, on: dt.date) -> int:
    """Count the days on which an activity was done with nothing missing."""
    done = [a for a in record.activities if a.activity == activity and not a.missing]
    return len({a.completed for a in done if a.completed and a.completed <= on})


def _rank(framework: Framework, record: ProviderRecord, on: dt.date) -> tuple[float, ...]:
    """Give how soon a provider goes, the lowest first: the pack's values, the higher the sooner."""
    answer: Assessment = framework.assess(record, on=on)
    values = [answer.value(name) for name in framework.pack.identity.workload.ranking]
    return tuple(-float(v) if isinstance(v, (bool, int, float)) else 0.0 for v in values)


def _proposed(
    framework: Framework,
    dues: list[Due],
    ranks: Mapping[str, tuple[float, ...]],
    capacity: int | Mapping[str, int],
    on: dt.date,
) -> tuple[list[Due], list[Due]]:
    counts = framework.pack.members("activity", framework.pack.identity.workload.counts)
    left: Counter[tuple[str, str]] = Counter()
    found: list[Due] = []
    unmet: list[Due] = []
    for due in sorted(dues, key=lambda d: (not d.late, ranks[d.provider], *_by_date(d))):
        if due.activity not in counts:
            found.append(due)
            unmet.extend([due] if due.late else [])
            continue
        limit = capacity if isinstance(capacity, int) else capacity.get(due.officer, 0)
        day = _day(due, left, limit, on)
        if day is not None:
            left[due.officer, f"{day:%Y-%m}"] += 1
        found.append(due._replace(proposed=day))
        unmet.extend([found[-1]] if day is None or day > due.due else [])
    return found, unmet


def _day(due: Due, taken: Counter[tuple[str, str]], limit: int, on: dt.date) -> dt.date | None:
    """Give the last working day of the window in whose month there is room.

    What is overdue already has no window left: it gets the first day with room, within a year.
    """
    if due.late:
        days: Iterable[dt.date] = (on + DAY * n for n in range(366))
    else:
        first = max(due.earliest, on)
        days = (due.due - DAY * n for n in range((due.due - first).days + 1))
    working = (day for day in days if is_working_day(day))
    return next((d for d in working if taken[due.officer, f"{d:%Y-%m}"] < limit), None)
