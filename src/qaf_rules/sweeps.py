"""One value tried at several settings over a register; and readings ranked by what they change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from qaf_rules.comparing import Comparison, compared, day_of, refuse
from qaf_rules.differences import Answers, Difference
from qaf_rules.edits import READING, SETTING
from qaf_rules.engine import Framework
from qaf_rules.errors import Diagnostic, InputError, PackError, did_you_mean
from qaf_rules.model import ProviderRecord
from qaf_rules.result import Question

__all__ = ["Ranked", "Step", "readings", "sweep"]


class Step(NamedTuple):
    """One value of a sweep, and what it changes; `answered` is for how many anew."""

    value: object
    comparison: Comparison
    answered: int


class Ranked(NamedTuple):
    """One option of an ambiguity that is not taken, and whose answers it would change.

    `faults` are those for which the option cannot be taken; there is no comparison then.
    """

    ambiguity: str
    about: str
    taken: str
    option: str
    comparison: Comparison | None = None
    faults: tuple[Diagnostic, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """The ids of the providers whose answers it would change, but for the question which it is."""
        return tuple(
            dict.fromkeys(
                d.provider
                for d in (self.comparison.differences if self.comparison else ())
                if not self._asks(d)
            )
        )

    def _asks(self, difference: Difference) -> bool:
        asked = difference.before or difference.after
        return isinstance(asked, Question) and set(asked.about) <= {self.ambiguity}


def sweep(
    framework: Framework,
    path: str,
    values: Iterable[object],
    register: Iterable[ProviderRecord],
    *,
    on: dt.date | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> tuple[Step, ...]:
    """Compare a framework with itself with one value at each of several settings.

    `path` is the value's, with dots: `activities.visit.every`, `reading.X-1`, `setting.many`.
    `values` are in the shape of the pack's files. The other arguments are those of `compare`. Only
    the providers that a step touches are answered anew. InputError where nothing is at the path,
    PackError where a value does not fit there.
    """
    day = day_of(on, since, until)
    records = list(register)
    base = Answers(framework, day, until, keep=True)
    found: list[Step] = []
    for value in values:
        made = changed_at(framework, path, value)
        refuse(framework, made, records)
        answers = Answers(made, day, until, [base])
        comparison = compared(base, answers, records)
        found.append(Step(value, comparison, answers.made))
    return tuple(found)


def changed_at(framework: Framework, path: str, value: object) -> Framework:
    """Give a framework with another value at a path; InputError where there is none to change."""
    section, *keys = path.split(".")
    if section == READING:
        return framework.using(readings={".".join(keys): str(value)})
    if section == SETTING:
        return framework.using(settings={".".join(keys): value})
    here: Any = framework.pack.data
    for n, key in enumerate([section, *keys]):
        if not isinstance(here, dict) or key not in here:
            known = [str(each) for each in here] if isinstance(here, dict) else []
            message = f"there is nothing at `{path}`: no `{key}`" + _below(path, n)
            help_ = did_you_mean(key, known) or "see the pack's files for what is there"
            raise InputError([Diagnostic(message, help=help_, code="path")])
        here = here[key]
    change: Any = value
    for key in reversed(keys):
        change = {key: change}
    return framework.amend({section: change})


def _below(path: str, depth: int) -> str:
    above = ".".join(path.split(".")[:depth])
    return f" in `{above}`" if above else ""


def readings(
    framework: Framework,
    register: Iterable[ProviderRecord],
    *,
    on: dt.date,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Ranked, ...]:
    """Rank the readings that are not taken by how many providers' answers they would change.

    `register` gives the providers, `on` is the day; `progress` is told how many of all readings are
    tried. Those that change most come first, then as the pack has them; readings that change
    nothing for anybody come last. InputError where there is no provider.
    """
    records: Sequence[ProviderRecord] = list(register)
    refuse(framework, framework, records)
    base = Answers(framework, on, None, keep=True)
    pack, found = framework.pack, []
    others = [
        (id_, option)
        for id_, reading in pack.readings.items()
        for option in reading.options
        if option != pack.choices[id_]
    ]
    for n, (id_, option) in enumerate(others):
        progress(n, len(others))
        ranked = Ranked(id_, pack.readings[id_].about, pack.choices[id_], option)
        try:
            made = framework.using(readings={id_: option})
        except PackError as error:
            found.append(ranked._replace(faults=error.diagnostics))
            continue
        comparison = compared(base, Answers(made, on, None, [base]), records)
        found.append(ranked._replace(comparison=comparison))
    return tuple(sorted(found, key=lambda each: -len(each.providers)))
