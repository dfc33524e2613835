"""The case runner: what a case says in data, what came back, and where they differ."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qaf_rules import _yaml
from qaf_rules.case_steps import of_brought, of_pathway, of_steps
from qaf_rules.engine import Framework, load
from qaf_rules.errors import Diagnostic, InputError, QafError, did_you_mean, listed
from qaf_rules.expectations import SHARING_ANSWER, misshapen
from qaf_rules.intake import read_record, read_settings
from qaf_rules.model import ProviderRecord
from qaf_rules.portfolio import portfolio
from qaf_rules.releases import before_forum
from qaf_rules.result import Assessment, Conduct, Held, ScheduleItem
from qaf_rules.values import Fault, parse_day

KEYS = (
    "id",
    "name",
    "on",
    "provider",
    "activities",
    "findings",
    "facts",
    "decisions",
    "ratings",
    "others",
    "terms",
    "settings",
    "readings",
    "expect",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case: a provider's record, the day, the readings and what is expected."""

    id: str
    name: str
    file: str
    line: int
    on: dt.date
    record: ProviderRecord
    settings: Mapping[str, object]
    readings: Mapping[str, str]
    expect: Mapping[str, Any]
    others: tuple[ProviderRecord, ...] = ()  # the rest of a register, for what follows from all


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold: what was expected, what came back, what it rests on."""

    key: str
    expected: object
    actual: object
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went."""

    case: Case
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return not self.failures

    def lines(self) -> Iterator[str]:
        """Say in lines which case it is, and of each failure what was expected and came back."""
        case = self.case
        yield f"{case.file}:{case.line}: {case.id}: {case.name}"
        for failure in self.failures:
            rests = f" ({', '.join(failure.rests_on)})" if failure.rests_on else ""
            wanted, actual = _json(failure.expected), _json(failure.actual)
            yield f"  {failure.key}: expected {wanted}, came back {actual}{rests}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class CaseFile:
    """The cases of one file with the framework that they are put to."""

    def __init__(self, framework: Framework, cases: tuple[Case, ...]) -> None:
        self.framework = framework
        self.cases = cases


def read_cases(path: Path, *, pack: str | Path | None = None) -> CaseFile:
    """Read a case file; `pack` replaces the framework that it names.

    InputError with every fault of the file, each with its place.
    """
    document = _yaml.read(path)
    data = document.data
    if not isinstance(data, Mapping) or not isinstance(data.get("cases"), list):
        raise InputError(
            [document.diagnostic([], "a case file has `framework` and a list of `cases`")]
        )
    name = pack if pack is not None else data.get("framework")
    if name is None:
        raise InputError(
            [
                document.diagnostic(
                    [], "the file names no framework", help="write `framework: ID` or give --pack"
                )
            ]
        )
    framework = load(name if isinstance(name, Path) else str(name))
    faults: list[Diagnostic] = []
    cases: list[Case] = []
    seen: dict[str, int] = {}
    for n, raw in enumerate(data["cases"]):
        case = _case(document, n, raw, framework, faults)
        if case is None:
            continue
        if case.id in seen:
            faults.append(
                document.diagnostic(
                    ["cases", n, "id"],
                    f"the case `{case.id}` stands at line {seen[case.id]} already",
                )
            )
        seen[case.id] = case.line
        cases.append(case)
    if faults:
        raise InputError(faults)
    return CaseFile(framework, tuple(cases))


def _case(
    document: _yaml.Document, n: int, raw: object, framework: Framework, faults: list[Diagnostic]
) -> Case | None:
    here: list[str | int] = ["cases", n]

    def fault(found: Fault, *path: str | int) -> None:
        faults.append(
            document.diagnostic([*here, *path, *found.path], found.message, help=found.help)
        )

    if not isinstance(raw, Mapping):
        fault(Fault("a case is a mapping"))
        return None
    before = len(faults)
    for wrong in misshapen(raw, framework.pack, JUDGES):
        fault(wrong)
    if len(faults) > before:
        return None
    faults.extend(
        document.diagnostic(
            [*here, str(key)],
            f"a case has no `{key}`",
            help=did_you_mean(str(key), KEYS) or f"it has {listed(KEYS, 20)}",
            key=True,
        )
        for key in raw
        if key not in KEYS
    )
    try:
        on = parse_day(raw.get("on"))
    except Fault as none:
        fault(none, "on")
        return None
    provider = dict(raw.get("provider") or {})
    settings = dict(raw.get("settings") or {})
    if "term_calendar" in provider:
        settings["terms"] = provider.pop("term_calendar")
    if raw.get("terms") is not None:
        settings["terms"] = raw["terms"]
    for name in [
        k for k in provider if k in framework.pack.settings and k not in framework.pack.fields
    ]:
        settings.setdefault(name, provider.pop(name))
    stated = {
        k: provider.pop(k)
        for k in [*provider]
        if k in framework.pack.facts and k not in framework.pack.fields
    }
    parts = {
        k: raw[k] for k in ("activities", "findings", "facts", "decisions", "ratings") if raw.get(k)
    }
    if stated:
        parts["facts"] = {**stated, **(raw.get("facts") or {})}
    record, slips = read_record(
        {"provider": provider, **parts},
        framework.pack,
        default_id=str(raw.get("id")),
        on=on,
        open_lists=True,
    )
    for slip in slips:
        fault(slip)
    others: list[ProviderRecord] = []
    for index, plain in enumerate(raw.get("others") or ()):
        other, slips = read_record(
            plain, framework.pack, default_id=f"other-{index + 1}", on=on, open_lists=True
        )
        others.extend([other] if other is not None else [])
        for slip in slips:
            fault(Fault(slip.message, slip.help, ("others", index, *slip.path)))
    given, slips = read_settings(settings, framework.pack)
    for slip in slips:
        fault(Fault(slip.message, slip.help, ("settings", *slip.path)))
    expect = raw.get("expect") or {}
    for key in expect:
        if key in JUDGES:
            continue
        faults.append(
            document.diagnostic(
                [*here, "expect", str(key)],
                f"nothing is expected of `{key}`",
                help=did_you_mean(str(key), JUDGES) or f"expect one of {listed(JUDGES, 20)}",
                key=True,
            )
        )
    if len(faults) > before or record is None:
        return None
    line, _ = document.locate(here)
    return Case(
        id=str(raw.get("id")),
        name=str(raw.get("name", "")),
        file=document.file,
        line=line,
        on=on,
        record=record,
        settings=given,
        readings={str(k): str(v) for k, v in (raw.get("readings") or {}).items()},
        expect=expect,
        others=tuple(others),
    )


# --- running -------------------------------------------------------------------------------------


class Runner:
    """Puts cases to one framework; a framework under other readings is made once."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self._under: dict[tuple[tuple[str, str], ...], Framework] = {}

    def run(self, case: Case) -> Outcome:
        """Assess a case and judge each of its expectations."""
        framework = self._framework(case)
        assessment = framework.assess(case.record, on=case.on)
        failures: list[Failure] = []
        for key, wanted in case.expect.items():
            failures.extend(JUDGES[key](_Judged(framework, case, assessment), wanted))
        return Outcome(case, tuple(failures))

    def answer(self, case: Case) -> Outcome:
        """Run a case; that its record is refused is a failure like any other."""
        try:
            return self.run(case)
        except QafError as error:
            told = "; ".join(d.message for d in error.diagnostics)
            return Outcome(case, (Failure("expect", "an answer", told),))

    def _framework(self, case: Case) -> Framework:
        key = tuple(sorted(case.readings.items()))
        if key not in self._under:
            self._under[key] = (
                self.framework.using(readings=case.readings) if key else self.framework
            )
        under = self._under[key]
        return Framework(under.pack, {**under.settings, **case.settings})


@dataclass(frozen=True, slots=True)
class _Judged:
    framework: Framework
    case: Case
    assessment: Assessment


def _plain(value: object) -> object:
    """Days in a case are text; what comes back is compared in that form."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (tuple, list, frozenset)):
        return [_plain(v) for v in value]
    return value


def _row(j: _Judged, wanted: object) -> Iterator[Failure]:
    actual = j.assessment.row
    if actual != wanted and not (isinstance(actual, list) and wanted in actual):
        yield Failure("row", wanted, actual)


_ITEM = {
    "class": "required",
    **{
        k: k
        for k in (
            "status",
            "due",
            "days",
            "period",
            "waiting_on",
            "owner",
            "channel",
            "attached_to",
        )
    },
}


def _schedule(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    for activity, expected in wanted.items():
        items = [i for i in j.assessment.schedule if i.activity == activity]
        for one in expected if isinstance(expected, list) else [expected]:
            if not any(_fits(item, one) for item in items):
                told = [
                    {k: _plain(getattr(i, _ITEM.get(k, k))) for k in one if k in _ITEM}
                    for i in items
                ]
                rests = tuple(dict.fromkeys(c for i in items for c in (*i.clauses, *i.conventions)))
                yield Failure(f"schedule.{activity}", one, told, rests)


def _fits(item: ScheduleItem, wanted: Mapping[str, Any]) -> bool:
    return all(
        k in _ITEM and _plain(getattr(item, _ITEM[k])) == _plain(v) for k, v in wanted.items()
    )


def _plan(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    dates = j.framework.plan(j.case.record, on=j.case.on, until=parse_day(wanted["until"]))
    for activity, expected in wanted.items():
        if activity != "until":
            actual = _plain(dates.get(activity, []))
            if actual != _plain(expected):
                yield Failure(f"plan.{activity}", expected, actual)


def _count(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    dates = j.framework.plan(j.case.record, on=j.case.on, until=parse_day(wanted["until"]))
    for activity, expected in wanted.items():
        if activity != "until" and len(dates.get(activity, [])) != expected:
            yield Failure(f"count.{activity}", expected, len(dates.get(activity, [])))


def _rating(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    suggestion = j.assessment.suggestion
    matched = [c.id for c in suggestion.matched]
    rests = tuple(c for m in suggestion.matched for c in m.clauses)
    for key, expected in wanted.items():
        match key:
            case "status" | "level" | "gap":
                actual: object = getattr(suggestion, key)
                wrong = actual != expected
            case "matched":
                actual = matched
                wrong = not set(expected) <= set(matched)
            case "not_matched":
                actual = matched
                wrong = bool(set(expected) & set(matched))
            case _:  # "unknown"
                actual = list(suggestion.unknown)
                wrong = not set(expected) <= set(suggestion.unknown)
        if wrong:
            yield Failure(f"rating.{key}", expected, actual, rests)


def _actions(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    actions = j.assessment.actions
    for expected in wanted.get("includes", ()):
        one = expected if isinstance(expected, Mapping) else {"action": expected}
        if not any(all(_same(getattr(a, k, None), v) for k, v in one.items()) for a in actions):
            same = [a for a in actions if a.id == one.get("action")]
            told: list[object] = [{k: _plain(getattr(a, k, None)) for k in one} for a in same]
            told = told or [a.id for a in actions]
            yield Failure("actions.includes", one, told)
    for expected in wanted.get("excludes", ()):
        one = expected if isinstance(expected, Mapping) else {"action": expected}
        for action in actions:
            if all(_same(getattr(action, k, None), v) for k, v in one.items()):
                yield Failure("actions.excludes", expected, "suggested", action.clauses)


def _same(actual: object, wanted: object) -> bool:
    if wanted == "none":
        return actual is None
    return _plain(actual) == _plain(wanted)


def _questions(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    yield from _among("questions", [a for q in j.assessment.questions for a in q.about], wanted)


def _flags(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    yield from _among("flags", [f.id for f in j.assessment.flags], wanted)


def _among(key: str, actual: list[str], wanted: Mapping[str, Any]) -> Iterator[Failure]:
    for expected in wanted.get("includes", ()):
        if expected not in actual:
            yield Failure(f"{key}.includes", expected, actual)
    for expected in wanted.get("excludes", ()):
        if expected in actual:
            yield Failure(f"{key}.excludes", expected, actual)


def _cites(j: _Judged, wanted: Iterable[str]) -> Iterator[Failure]:
    cited = j.assessment.cited()
    for clause in wanted:
        if clause not in cited:
            yield Failure("cites", clause, sorted(cited))


def _conduct(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    for activity, expected in wanted.items():
        told = _told(j.assessment.conduct(activity))
        for key, value in _flat(expected):
            actual = told.get(key)
            if isinstance(value, list) and key in ("location", "format"):
                fallbacks = told["fallbacks"]
                assert isinstance(fallbacks, list)  # as `_told` gives it
                actual = [*(actual if isinstance(actual, list) else [actual]), *fallbacks]
            entries = value if isinstance(value, list) else [value]
            have = actual if isinstance(actual, list) else [actual]
            if not set(entries) <= set(have) or (value == [] and actual):
                yield Failure(f"conduct.{activity}.{key}", value, actual)


def _flat(expected: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in expected.items():
        if key == "attendance":
            yield from value.items()
        else:
            yield key, value


def _told(conduct: Conduct) -> dict[str, object]:
    def value(held: Held | None) -> str | None:
        return None if held is None else held.value

    one = {name: value(getattr(conduct, name)) for name in ("lead", "location", "channel")}
    names = (
        "required",
        "optional",
        "agenda",
        "fallbacks",
        "format",
        "checklist",
        "steps",
        "form",
        "purposes",
        "problems",
    )
    return {**one, **{name: [h.value for h in getattr(conduct, name)] for name in names}}


def _sharing(j: _Judged, wanted: Iterable[Mapping[str, Any]]) -> Iterator[Failure]:
    for n, one in enumerate(wanted):
        try:
            told = j.assessment.may_share(one["what"], audience=one["audience"])
        except InputError as error:
            yield Failure(f"sharing.{n}", one, "; ".join(str(d) for d in error.diagnostics))
            continue
        came = {name: _plain(getattr(told, name, None)) for name in SHARING_ANSWER}
        came |= {name: [held.value for held in getattr(told, name)] for name in ("steps", "exempt")}
        came["cites"] = list(told.clauses)
        for key in SHARING_ANSWER:
            if key in one and not _agrees(one[key], came[key]):
                yield Failure(f"sharing.{n}.{key}", one[key], came[key], told.clauses)


def _agrees(wanted: object, actual: object) -> bool:
    """Whether what came back is what was wanted: of a list its entries in order, others between."""
    if not (isinstance(wanted, list) and wanted and isinstance(actual, list)):
        return wanted == actual
    left = iter(actual)
    return all(one in left for one in wanted)


def _portfolio(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    told = portfolio(j.framework, [j.case.record, *j.case.others], on=j.case.on)
    yield from _among("portfolio.actions", [a.id for a in told.actions], wanted.get("actions", {}))
    about = [a for q in told.questions for a in q.about]
    yield from _among("portfolio.questions", about, wanted.get("questions", {}))
    records = [j.case.record, *j.case.others]
    for forum, expected in wanted.get("agenda", {}).items():
        agenda = _before_forum(j.framework, records, forum, j.case.on)
        if agenda != expected:
            yield Failure(f"portfolio.agenda.{forum}", expected, agenda)
    for forum, expected in wanted.get("sittings", {}).items():
        actual = told.sittings.get(forum)
        if _plain(actual) != _plain(expected):
            yield Failure(f"portfolio.sittings.{forum}", expected, _plain(actual))


def _before_forum(
    framework: Framework, records: list[ProviderRecord], forum: str, on: dt.date
) -> dict[str, dict[str, list[str]]]:
    """Give what goes before a forum, and what is the team's own: subjects and actions by their ids."""
    pack, team = before_forum(framework, records, forum, on=on)
    given = {entry.provider: [each.sharing.what for each in entry.given] for entry in pack.entries}
    matters = {matter.provider: matter for matter in team.matters}
    return {
        provider: {
            "given": given.get(provider, []),
            "to_decide": [each.what for each in matter.to_decide] if matter else [],
            "actions": list(matter.actions) if matter else [],
        }
        for provider in given | matters
        for matter in [matters.get(provider)]
    }


def _contacts(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    contacts = j.framework.pack.identity.contacts
    for purpose, expected in wanted.items():
        actual = contacts[purpose].value if purpose in contacts else None
        if actual != expected:
            yield Failure(f"contacts.{purpose}", expected, actual)


def _pathway(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    yield from (Failure(*each) for each in of_pathway(j.assessment, wanted))


def _brought(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    yield from (Failure(*each) for each in of_brought(j.assessment, wanted))


def _steps(j: _Judged, wanted: Mapping[str, Any]) -> Iterator[Failure]:
    def assessed(on: dt.date) -> Assessment:
        return j.assessment if on == j.case.on else j.framework.assess(j.case.record, on=on)

    yield from (Failure(*each) for each in of_steps(assessed, j.case.on, wanted))


JUDGES: Mapping[str, Callable[[_Judged, Any], Iterator[Failure]]] = {
    "row": _row,
    "schedule": _schedule,
    "plan": _plan,
    "count": _count,
    "rating": _rating,
    "actions": _actions,
    "questions": _questions,
    "flags": _flags,
    "cites": _cites,
    "conduct": _conduct,
    "contacts": _contacts,
    "brought": _brought,
    "pathway": _pathway,
    "steps": _steps,
    "portfolio": _portfolio,
    "sharing": _sharing,
}
