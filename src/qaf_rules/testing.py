"""Strategies of hypothesis: providers with their history, recurrences, terms and small packs.

Whatever is drawn is valid: a register may hold it, a pack may say it. The simplest of each says
least and is dated `ON`, so that what a failing property shrinks to can be read. It needs the extra
`testing`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from qaf_rules.drawn_frequencies import Recurrence, recurrences
from qaf_rules.drawn_packs import framework_of, frameworks
from qaf_rules.drawn_values import (
    ON,
    WORDS,
    YEAR,
    Raws,
    days,
    intervals,
    joined,
    just,
    one,
    parts_of,
    several,
    some_of,
    term_calendars,
    value_of,
)
from qaf_rules.engine import Framework
from qaf_rules.facts import View
from qaf_rules.frequency import ByValue, Cases
from qaf_rules.model import (
    STAGES,
    Activity,
    Decision,
    Finding,
    Frozen,
    FrozenDict,
    Provider,
    ProviderRecord,
    Rating,
)
from qaf_rules.obligations import choose_rows, obligations
from qaf_rules.pack import Pack
from qaf_rules.provider_day import contradictions
from qaf_rules.recurrence import Past, Series, Unknown
from qaf_rules.series import CONTRACT_START
from qaf_rules.shapes import JUDGEMENT, activity_types, finding_types, record_ids
from qaf_rules.values import OneOf, SetOf, Type
from qaf_rules.workdays import DAY

__all__ = [
    "ON",
    "Recurrence",
    "facts",
    "findings",
    "framework_of",
    "frameworks",
    "histories",
    "providers",
    "records",
    "recurrences",
    "term_calendars",
]

T = TypeVar("T", bound=Frozen)

SERVICE: Final = "service_type"
DAYS: Final = ("completed", "planned", "requested")


def providers(framework: Framework, *, on: dt.date = ON) -> st.SearchStrategy[Provider]:
    """Providers whose profile holds some of the pack's fields; what is left out is unknown.

    A contract has begun by `on`. No profile contradicts itself.
    """
    pack = framework.pack
    fields = {n: value_of(s.type, on) for n, s in pack.fields.items() if n != "provider_id"}
    if CONTRACT_START in fields:
        fields[CONTRACT_START] = days(on, 4 * YEAR)
    profile = some_of(fields)
    if SERVICE in fields:
        service = fields.pop(SERVICE)
        known = st.sampled_from((False, True, True, True)).flatmap(
            lambda given: st.fixed_dictionaries({SERVICE: service} if given else {})
        )
        profile = joined(known, some_of(fields))
    drawn = st.builds(Provider, id=st.integers(1, 99).map("p{}".format), fields=profile)

    def coherent(provider: Provider) -> Provider:
        """Leave out the fields in which a profile contradicts itself."""
        while wrong := {name for name, _ in contradictions(pack, provider)} & {*provider.fields}:
            kept = {name: value for name, value in provider.fields.items() if name not in wrong}
            provider = provider.model_copy(update={"fields": FrozenDict(kept)})
        return provider

    return drawn.map(coherent).filter(lambda provider: not contradictions(pack, provider))


def histories(
    framework: Framework, provider: Provider, *, on: dt.date = ON
) -> st.SearchStrategy[tuple[Activity, ...]]:
    """Records of what was done, planned or requested, in any order.

    Most are of what the provider's rows bring. Nothing is completed before the contract starts,
    and little after `on`. A return may name a period of its series, and may have come without
    something.
    """
    view = View(framework.pack, ProviderRecord(provider=provider), on, framework.settings)
    return _histories(view, _beside(framework.pack, on))


def _beside(pack: Pack, on: dt.date) -> Raws:
    """What a record of anything may hold, mostly nothing."""
    own = {"activity", "outcome", "missing", "period", "about_day", *DAYS}
    types = {name: declared for name, declared in activity_types(pack).items() if name not in own}
    plain = some_of(parts_of(types, on))
    ids = record_ids(pack)
    about: Raws = st.fixed_dictionaries({"about": st.sampled_from(ids), "about_day": days(on)})
    return st.just({}) | plain | about if ids else st.just({}) | plain


def _histories(view: View, beside: Raws) -> st.SearchStrategy[tuple[Activity, ...]]:
    pack = view.pack
    brought = [each.activity for each in obligations(view, choose_rows(view))]
    known = [name for name in (*brought, *pack.activities) if name in pack.activities]
    ids = record_ids(pack)
    names = st.sampled_from(known or ids) | st.sampled_from(ids) if ids else st.nothing()

    @cache
    def named(name: str) -> st.SearchStrategy[Activity]:
        return _activities(view, beside, name)

    return several(names.flatmap(named), 6)


def _activities(view: View, beside: Raws, name: str) -> st.SearchStrategy[Activity]:
    """Records of one activity; `beside` is what any of them may hold."""
    pack, spec = view.pack, view.pack.activities.get(name)
    since, ahead = _since_start(view), days(view.on, 30, 120)
    dated = [{"completed": since}] * 4 + [{"planned": ahead}, {"requested": since}]
    own: dict[str, Type] = {}
    if name == pack.identity.rating.confirmed_by:
        own["outcome"] = OneOf(tuple(map(str, pack.levels)))
    elif spec is not None:
        own["outcome"], own["period"] = OneOf(spec.outcomes), OneOf(_labels(view, name))
        own["missing"] = SetOf(tuple(pack.evidence) if spec.returns else ())
    done = st.sampled_from(dated).flatmap(st.fixed_dictionaries)
    named = st.just({"activity": name})
    return _made(Activity, joined(named, done, some_of(parts_of(own, view.on)), beside))


def _since_start(view: View) -> st.SearchStrategy[dt.date]:
    """Days on which something may have been done: not before the contract starts."""
    start = view.record.provider.fields.get(CONTRACT_START)
    first = view.on - 2 * YEAR * DAY
    first = max(first, start) if isinstance(start, dt.date) else first
    newest = max(first, view.on)
    return days(newest, (newest - first).days, 30)


def _labels(view: View, activity: str) -> tuple[str, ...]:
    """The labels of an activity's periods, the latest that has begun first."""
    found: list[str] = []
    past = Past((), None, lambda name: view.read(name).value, dates=view.pack.identity.dates)
    for series in _series(view.pack, activity):
        listed = series.periods(view.on - YEAR * DAY, past)
        try:
            found += [p.label for p in takewhile(lambda p: p.starts <= view.on, listed)]
        except Unknown:
            continue
    return tuple(reversed(dict.fromkeys(found)))


def _series(pack: Pack, activity: str) -> Iterator[Series]:
    """Give the series by which an activity may come, in every row and branch."""
    rows = (*pack.matrix.values(), *pack.supplements.values())
    cells = [cell for row in rows for cell in row.activities.get(activity, ())]
    rules = [pack.activities[activity].rule, *(cell.rule for cell in cells)]
    for rule in rules:
        match rule.frequency:
            case Cases(cases, otherwise):
                rules += [use for _, use in cases] + ([otherwise] if otherwise else [])
            case ByValue(_, options, otherwise):
                rules += [*options.values()] + ([otherwise] if otherwise else [])
            case frequency if isinstance(frequency, Series):
                yield frequency
            case _:
                continue


def findings(framework: Framework, *, on: dt.date = ON) -> st.SearchStrategy[Finding]:
    """Findings of the kinds that the pack declares, save judgements and what the schedule makes."""
    pack = framework.pack
    said = parts_of(finding_types(pack), on)
    kinds = {k: s for k, s in pack.kinds.items() if k != JUDGEMENT and not s.derived}
    return st.one_of([_findings(kind, kinds[kind].attributes, said, on) for kind in kinds])


def _findings(
    kind: str,
    attributes: Mapping[str, Type],
    said: Mapping[str, st.SearchStrategy[Any]],
    on: dt.date,
) -> st.SearchStrategy[Finding]:
    """Findings of one kind; `said` is what any of them may hold beside its attributes."""
    named = {name: value_of(declared, on) for name, declared in attributes.items()}
    own = {
        "kind": st.just(kind),
        "on": days(on, ahead=14),
        "attributes": some_of(named),
    }
    beside = {n: part for n, part in said.items() if n not in (*own, *named, "fact", "value")}
    return _made(Finding, joined(st.fixed_dictionaries(own), st.just({}) | some_of(beside)))


def facts(framework: Framework, *, on: dt.date = ON) -> st.SearchStrategy[Finding]:
    """Statements of the facts that the pack declares: findings of the kind judgement."""
    pack = framework.pack
    said = parts_of(finding_types(pack), on)
    beside = some_of({n: part for n, part in said.items() if n in ("by", "source", "recorded")})
    stated = [
        joined(
            just(kind=JUDGEMENT, fact=name),
            one(on=days(on, ahead=14), value=value_of(spec.type, on)),
            st.just({}) | beside,
        )
        for name, spec in pack.facts.items()
    ]
    return _made(Finding, st.one_of(stated))


def _made(kind: type[T], raw: Raws) -> st.SearchStrategy[T]:
    """What is made of a mapping, checked as what is handed in always is."""
    return st.nothing() if raw.is_empty else _checked(kind, raw)


@st.composite
def _checked(draw: st.DrawFn, kind: type[T], raw: Raws) -> T:
    return kind.model_validate(draw(raw))


def records(framework: Framework, *, on: dt.date = ON) -> st.SearchStrategy[ProviderRecord]:
    """Providers with a history, findings, statements, decisions and confirmed ratings.

    None contradicts itself: each can be assessed on the day `on`.
    """
    pack = framework.pack
    said = several(findings(framework, on=on) | facts(framework, on=on), 5)
    ratings = st.builds(
        Rating,
        level=st.sampled_from(tuple(pack.levels)),
        on=days(on),
        by=st.sampled_from(tuple(pack.roles) or WORDS),
        stage=st.sampled_from(STAGES),
    )
    decided, confirmed = several(_decisions(pack, on), 2), several(ratings, 2)
    beside = _beside(pack, on)

    def of(provider: Provider) -> st.SearchStrategy[ProviderRecord]:
        return st.builds(
            ProviderRecord,
            provider=st.just(provider),
            activities=_histories(
                View(pack, ProviderRecord(provider=provider), on, framework.settings), beside
            ),
            findings=said,
            ratings=confirmed,
            decisions=decided,
        )

    invalid = [one.when for spec in pack.fields.values() for one in spec.invalid]

    def coherent(record: ProviderRecord) -> bool:
        view = View(pack, record, on, framework.settings)
        return not any(when.holds(None, view) for when in invalid)

    return providers(framework, on=on).flatmap(of).filter(coherent)


def _decisions(pack: Pack, on: dt.date) -> st.SearchStrategy[Decision]:
    """Standing decisions with what each carries; an answer is one to something that is asked."""
    asked = st.sampled_from((*pack.questions, *pack.readings) or WORDS)
    sorts = {
        "activity": st.sampled_from(record_ids(pack)),
        "interval": intervals("working day"),
        "day": st.integers(1, 31),
        "count": st.integers(0, 5),
        "id": asked,
        "token": asked,
        "subject": st.sampled_from((*pack.identity.subjects,) or WORDS),
        "audience": st.sampled_from((*pack.identity.audiences,) or WORDS),
        "date": days(on),
    }
    answer = st.booleans() | st.sampled_from(("r1", "r2"))
    carried = {
        name: {key: sorts.get(sort, answer) for key, sort in spec.carries.items()}
        for name, spec in pack.decisions.items()
    }
    return st.one_of(
        [
            st.builds(
                Decision,
                decision=st.just(name),
                on=days(on),
                until=st.none() | days(on, 0, YEAR),
                carries=st.fixed_dictionaries(carries),
            )
            for name, carries in carried.items()
        ]
    )
