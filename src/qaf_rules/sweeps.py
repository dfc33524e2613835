"""One value tried at several settings over a register; and readings ranked by what they change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from qaf_rules.comparing import Comparison, compared, day_of, refuse
from qaf_rules.differences import Answers, Difference
from qaf_rules.edits import READING, SETTING
from qaf_rules.engine import Framework
from qaf_rules.errors import Diagnostic, InputError, PackError, did_you_mean, listed, quoted
from qaf_rules.model import ProviderRecord, records_of
from qaf_rules.overlay import REMOVE
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

    `path` is the value's, with dots: `activities.visit.every`, `reading.X-1`, `setting.many`; a place
    in a list is its number, from 0: `rating.poor.when.all.0.complaints.at_least`.
    `values` are in the shape of the pack's files. The other arguments are those of `compare`. Only
    the providers that a step touches are answered anew. InputError where nothing is at the path,
    PackError where a value does not fit there.
    """
    day = day_of(on, since, until)
    records = records_of(register)
    if isinstance(values, str):
        message = f"`values` is one value, {quoted(values)}, not several"
        raise InputError([Diagnostic(message, help="give a list of them", code="wrong-type")])
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
    if section not in framework.pack.data:
        raise _nothing_at(path, 0, section, framework.pack.data)
    before = framework.pack.data[section]
    return framework.amend({section: _instead(before, _put(before, keys, value, path))})


def _put(data: Any, keys: Sequence[str], value: object, path: str) -> Any:  # plain data
    """Give plain data with another value at a path of it, which names keys and places in lists."""
    if not keys:
        return value
    name, *rest = keys
    places = data if isinstance(data, dict) else range(len(data) if isinstance(data, list) else 0)
    for key in places:
        if str(key) == name:
            found = _put(data[key], rest, value, path)
            if isinstance(data, list):
                return [*data[:key], found, *data[key + 1 :]]
            return {**data, key: found}
    raise _nothing_at(path, len(path.split(".")) - len(keys), name, places)


def _instead(before: Any, after: Any) -> Any:  # plain data
    """Give the change that makes one value of another: mappings merge, so what goes is removed."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return after
    gone = {key: {REMOVE: True} for key in before if key not in after}
    own = {k: _instead(before.get(k), v) for k, v in after.items() if before.get(k) is not v}
    return gone | own


def _nothing_at(path: str, depth: int, key: str, known: Iterable[object]) -> InputError:
    above = ".".join(path.split(".")[:depth])
    there = [str(each) for each in known]
    message = f"there is nothing at `{path}`: no `{key}`" + (f" in `{above}`" if above else "")
    help_ = did_you_mean(key, there) or (
        f"there is {listed(there, 6)}" if there else "leave the rest of the path out"
    )
    return InputError([Diagnostic(message, help=help_, code="path")])


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
    records = records_of(register)
    refuse(framework, framework, records)
    base = Answers(framework, day_of(on, None, None), None, keep=True)
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
