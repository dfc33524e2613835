"""Which matrix row each service has, and which activities it brings under which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules.frequency import Ask, AsRequired, ByValue, Cases, NotApplicable, Rule
from qaf_rules.result import Reason, Row
from qaf_rules.value_tests import Value

if TYPE_CHECKING:
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.schema import Cell, RowSpec


class Obligation(NamedTuple):
    """One activity of a provider under one rule, with the row or supplement it comes from.

    Where it is not known to apply `undecided` says what to ask, which may be nothing.
    """

    activity: str
    rule: Rule
    required: str
    reason: Reason | None
    undecided: tuple[str, ...] | None = None
    cell_clauses: tuple[str, ...] = ()


class Obliged(NamedTuple):
    """The rows of a provider, and the activities that they bring with their rules."""

    rows: tuple[Row, ...]
    obligations: list[Obligation]


def obliged(view: View) -> Obliged:
    """Choose the rows of a provider, and give what they bring."""
    rows = choose_rows(view)
    return Obliged(rows, obligations(view, rows))


def choose_rows(view: View) -> tuple[Row, ...]:
    """Choose the matrix row of each service: the first that holds, unless an earlier is unknown."""
    services = view.read("service_type").value
    if not services:
        return (Row(None, None, reason=Reason(None, None, None, (), ("service_type",))),)
    several = sorted(services) if isinstance(services, frozenset) else [str(services)]
    rows: list[Row] = []
    for service in several:
        with _bound(view, service, alone=len(several) == 1):
            rows.append(_row(view, service))
    return tuple(rows)


@contextmanager
def _bound(view: View, service: str, *, alone: bool) -> Iterator[None]:
    """While it lasts, the provider's service is this one of several."""
    if alone:
        yield
        return
    view.put("service_type", Value(frozenset({service})))
    yield
    view.put("service_type", None)


def _row(view: View, service: str) -> Row:
    open_: list[Reason] = []
    for id_, spec in view.pack.matrix.items():
        if view.truth(spec.when) is False:
            continue
        reason = view.judge(spec.when)
        if reason.truth and not open_:
            return Row(service, id_, spec.undocumented, reason, spec.clause, spec.readings)
        open_.append(reason)
    if open_:
        missing = tuple(dict.fromkeys(name for r in open_ for name in r.still_needed()))
        # A later row that would hold settles nothing while an earlier one may.
        unknown = tuple(r for r in open_ if r.truth is None)
        return Row(service, None, reason=Reason(None, None, None, unknown, missing))
    return Row(service, None, reason=Reason(None, False))  # noqa: FBT003  # a truth


def obligations(view: View, rows: Iterable[Row]) -> list[Obligation]:
    """Give what the rows and the supplements bring, in the pack's order."""
    found: list[Obligation] = []
    several = [row for row in rows if row.service is not None]
    for row in several:
        with _bound(view, str(row.service), alone=len(several) == 1):
            view.put("row", Value(row.row))
            found.extend(_resolved(view, o) for o in _of_service(view, row))
    return found


def _of_service(view: View, row: Row) -> list[Obligation]:
    pack = view.pack
    own = list(_of_row(pack, pack.matrix[row.row], row.reason)) if row.row is not None else []
    for when, spec in pack.laid_out.supplements:
        if not when.stirs & view.told or view.truth_of(when) is False:
            continue
        reason = view.reason_of(when)
        missing = tuple(dict.fromkeys(reason.still_needed())) if reason.truth is None else None
        replaced = [o for o in own if o.activity in spec.replaces]
        own = [o for o in own if o.activity not in spec.replaces]
        stood_for = merged(*[o.cell_clauses for o in replaced])
        own.extend(
            _citing(pack, o, spec, stood_for)
            for o in _of_row(pack, spec, reason, undecided=missing)
        )
    return own


def _citing(
    pack: Pack, obligation: Obligation, spec: RowSpec, stood_for: tuple[str, ...]
) -> Obligation:
    """What a supplement brings rests on its own clauses and on those of the cells it stands for."""
    rule = obligation.rule
    key = (obligation.activity, id(rule), stood_for)  # a rule laid over lives as long as the pack
    citing = pack.kept.citing.get(key)
    if citing is None:
        citing = pack.kept.citing[key] = replace(
            rule,
            clauses=merged(rule.clauses, spec.clause, stood_for),
            readings=merged(rule.readings, spec.readings),
            conventions=merged(rule.conventions, spec.conventions),
        )
    return obligation._replace(rule=citing)


def _of_row(
    pack: Pack, spec: RowSpec, reason: Reason | None, *, undecided: tuple[str, ...] | None = None
) -> Iterator[Obligation]:
    for activity, cells in spec.activities.items():
        for one in cells:
            key = (activity, id(one))  # the cell lives as long as the pack
            rule = pack.kept.laid_over.get(key)
            if rule is None:
                rule = pack.kept.laid_over[key] = rule_of(pack, activity, one)
            yield Obligation(activity, rule, one.required, reason, undecided, one.clause)


def rule_of(pack: Pack, activity: str, cell: Cell) -> Rule:
    """Lay a cell over its activity: the cell's own frequency and words go first."""
    spec = pack.activities.get(activity)
    base = spec.rule if spec is not None else Rule()
    own = cell.rule
    frequency = own.frequency or base.frequency or AsRequired()
    inherited = own.frequency is None and frequency is base.frequency
    own_dates = {**base.own_dates, **own.own_dates}
    return Rule(
        frequency=frequency,
        waits_on=own.waits_on or base.waits_on,
        force=own.force or base.force,
        owner=own.owner or base.owner,
        channel=own.channel or base.channel,
        clauses=merged(cell.clause, base.clauses),
        readings=merged(cell.readings, base.readings if inherited else ()),
        conventions=merged(cell.conventions, base.conventions if inherited else ()),
        ask_about=merged(own.ask_about, base.ask_about),
        own_dates=own_dates,
        dates=pack.identity.dates._replace(**own_dates) if own_dates else pack.identity.dates,
        changed=base.changed if inherited else own.changed,
    )


def merged(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """Join tuples, each entry once and in order."""
    return tuple(dict.fromkeys(entry for part in parts for entry in part))


def _resolved(view: View, obligation: Obligation) -> Obligation:
    """Take the branch of a rule that depends on the provider, as far as it is known."""
    rule = obligation.rule
    missing: tuple[str, ...] = ()
    while isinstance(rule.frequency, (ByValue, Cases)):
        branch, missing = _branch(view, rule.frequency)
        if branch is None:
            return obligation._replace(
                rule=replace(rule, frequency=Ask(merged(missing, rule.ask_about)))
            )
        rule = Rule(
            frequency=branch.frequency,
            waits_on=branch.waits_on or rule.waits_on,
            force=branch.force or rule.force,
            owner=branch.owner or rule.owner,
            channel=branch.channel or rule.channel,
            clauses=merged(rule.clauses, branch.clauses),
            readings=merged(rule.readings, branch.readings),
            conventions=merged(rule.conventions, branch.conventions),
            ask_about=merged(rule.ask_about, branch.ask_about),
            own_dates={**rule.own_dates, **branch.own_dates},
            dates=rule.dates._replace(**branch.own_dates) if branch.own_dates else rule.dates,
            changed=branch.changed,
        )
    return obligation if rule is obligation.rule else obligation._replace(rule=rule)


def _branch(view: View, frequency: ByValue | Cases) -> tuple[Rule | None, tuple[str, ...]]:
    if isinstance(frequency, ByValue):
        value = view.read(frequency.name).value
        if value is not None and str(value) in frequency.options:
            return frequency.options[str(value)], ()
        if value is None and frequency.otherwise is None:
            return None, (frequency.name,)
        return frequency.otherwise or Rule(NotApplicable()), ()
    for when, rule in frequency.cases:
        truth = view.truth(when)
        if truth:
            return rule, ()
        if truth is None:
            return None, tuple(dict.fromkeys(view.judge(when).still_needed()))
    return frequency.otherwise or Rule(NotApplicable()), ()
