"""How often something falls due, as a pack writes it: recurrences with what stands beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from qaf_rules.condition import ALWAYS, Condition
from qaf_rules.condition import parse as parse_condition
from qaf_rules.errors import did_you_mean, listed
from qaf_rules.recurrence import (
    SAME_DAY,
    YEAR_DAY,
    YEARS,
    Alternating,
    Anchored,
    Dated,
    Dates,
    EachYear,
    Every,
    Fixed,
    Later,
    Monthly,
    Once,
    OnceEach,
    Past,
    Quarterly,
    Series,
    Sooner,
    Termly,
    Within,
)
from qaf_rules.values import Fault, parse_day
from qaf_rules.workdays import MONTH_ENDS, Interval, add, parse_interval

CYCLES = ("sooner", "keep", "anew")
PLAIN = Dates()


@dataclass(frozen=True, slots=True)
class AsRequired:
    """Never due; a person orders it. A deadline that was notified is then the due date."""

    deadline: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Nobody can say yet when it is due; `about` says what to ask."""

    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The source contradicts itself here; `about` says what to ask."""

    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Not part of what this provider gets."""


@dataclass(frozen=True, slots=True)
class ByValue:
    """One recurrence or another by the provider's own value."""

    name: str
    options: Mapping[str, Rule]
    otherwise: Rule | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """The first recurrence whose condition holds."""

    cases: tuple[tuple[Condition, Rule], ...]
    otherwise: Rule | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """Held together with another activity, on its day."""

    to: str
    when: Condition = ALWAYS


Frequency: TypeAlias = (
    Dated | Series | AsRequired | Ask | Conflict | NotApplicable | ByValue | Cases | Attached
)


@dataclass(frozen=True, slots=True)
class Change:
    """A recurrence that was another one before a day, and how the cycle in hand ends."""

    on: dt.date
    was: Dated
    cycle: str = "sooner"

    def next(self, new: Dated, past: Past) -> dt.date | None:
        """Give the due date that follows the last one done, which may be before the change."""
        begun = past.last or past.start
        if begun is None or begun >= self.on:
            return new.next(past)
        old = self.was.next(past)
        if old is not None and (old < self.on or self.cycle == "keep"):
            return old
        if self.cycle == "anew":
            return new.next(past.met(self.on))
        due = new.next(past)
        if due is None:
            return old
        due = max(due, self.on)  # nothing falls due under a frequency before there is one
        return min(old, due) if old is not None else due


@dataclass(frozen=True, slots=True)
class Rule:
    """A frequency with what stands beside it: its force, who acts, and where it comes from."""

    frequency: Frequency | None = None
    waits_on: str | None = None
    force: str | None = None
    owner: str | None = None
    channel: str | None = None
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    ask_about: tuple[str, ...] = ()
    own_dates: Mapping[str, Any] = field(default_factory=dict)  # what it says of dates itself
    dates: Dates = PLAIN  # these, laid over the pack's
    changed: Change | None = None


# --- reading -----------------------------------------------------------------------------------

BESIDE = ("waits_on", "force", "owner", "channel", "clause", "readings", "conventions", "ask_about")
DATES = ("month_end", "roll", "grace", "due_soon", "early")
FORMS: dict[str, tuple[str, ...]] = {
    "by_day": ("of", "months"),
    "quarterly": (),
    "periods": (),
    "termly": (),
    "half_termly": (),
    "once_each": (),
    "once": (),
    "at_least": ("at_most", "within", "in_each"),
    "at_most": ("within", "in_each"),
    "sooner_of": (),
    "later_of": (),
    "as_required": ("deadline",),
    "ask": (),
    "conflict": (),
    "not_applicable": (),
    "by_value": ("options", "otherwise"),
    "cases": ("otherwise",),
    "attached_to": ("when",),
    "alternating_with": ("every", "each_within"),
    "every": ("deadline", "anchor", "from"),
}
KEYS = frozenset(FORMS) | {key for keys in FORMS.values() for key in keys} | {"changed", *DATES}


def texts(raw: object) -> tuple[str, ...]:
    """Read one text or a list of them as a tuple; nothing gives none."""
    if raw is None:
        return ()
    return tuple(str(e) for e in raw) if isinstance(raw, (list, tuple)) else (str(raw),)


def parse(raw: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> tuple[Rule, list[Fault]]:
    """Read the frequency keys of a mapping and what stands beside them, with every fault."""
    faults: list[Fault] = []
    return _rule(raw, path, faults), faults


def _rule(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Rule:
    if not isinstance(raw, Mapping):
        faults.append(
            Fault(f"`{raw}` is not a frequency", "write a mapping such as {every: 12 months}", path)
        )
        return Rule()
    head = next(
        (key for key in FORMS if key in raw and key not in FORMS.get(_first(raw, key), ())),
        None,
    )
    frequency = None
    own_dates = parse_dates(raw, path, faults)
    plain = [key for key in raw if key in KEYS and key not in DATES]
    stray = plain if head is None else []
    if stray:
        faults.append(
            Fault(
                f"`{stray[0]}` says nothing without a frequency",
                f"add {listed(FORMS, 20)}",
                (*path, stray[0]),
            )
        )
    if head is not None:
        others = [k for k in plain if k not in (head, "changed", *FORMS[head])]
        if others:
            message = f"{listed(others)} does not go with `{head}`"
            faults.append(Fault(message, "a frequency is said in one way", (*path, others[0])))
        try:
            frequency = _frequency(head, raw, path, faults)
        except Fault as fault:
            faults.append(Fault(fault.message, fault.help, fault.path or (*path, head)))
    change = _change(raw, frequency, path, faults) if "changed" in raw else None
    return Rule(
        frequency=frequency,
        waits_on=raw.get("waits_on"),
        force=raw.get("force"),
        owner=raw.get("owner"),
        channel=raw.get("channel") if isinstance(raw.get("channel"), str) else None,
        clauses=texts(raw.get("clause")),
        readings=texts(raw.get("readings")),
        conventions=texts(raw.get("conventions")),
        ask_about=texts(raw.get("ask_about")),
        own_dates=own_dates,
        dates=PLAIN._replace(**own_dates),
        changed=change,
    )


def _first(raw: Mapping[str, Any], key: str) -> str:
    """The form that a key may belong to: the first other one that is there and takes it."""
    return next((h for h, keys in FORMS.items() if h != key and h in raw and key in keys), "")


def parse_dates(
    raw: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]
) -> dict[str, Any]:
    """Read what a mapping says of the handling of dates, with every fault."""
    found: dict[str, Any] = {}
    for key in DATES:
        if key not in raw or raw[key] is None:
            continue
        try:
            found[key] = _date_rule(key, raw[key])
        except Fault as fault:
            faults.append(Fault(fault.message, fault.help, (*path, key)))
    return found


def _date_rule(key: str, value: object) -> object:
    match key:
        case "month_end":
            if value not in MONTH_ENDS:
                raise Fault(
                    f"`{value}` is no rule for a month's end", f"write {listed(MONTH_ENDS)}"
                )
            return value
        case "roll":
            if not isinstance(value, str):
                raise Fault(
                    f"`{value}` is no rule for weekends", "see the reference of frequencies"
                )
            return value
        case "early":
            return parse_interval(value)
    days = Interval() if value in (0, "0 days") else parse_interval(value)
    if days.months or days.working_days:
        raise Fault(f"`{value}` is no number of days", "write it as `5 days`")
    return days.days


def _change(
    raw: Mapping[str, Any],
    frequency: Frequency | None,
    path: tuple[str | int, ...],
    faults: list[Fault],
) -> Change | None:
    here = (*path, "changed")
    value = raw["changed"]
    if not isinstance(value, Mapping) or not {"on", "was"} <= set(value) <= {"on", "was", "cycle"}:
        message = "`changed` says `on` which day and what it `was`, and may say which `cycle`"
        faults.append(Fault(message, None, here))
        return None
    cycle = value.get("cycle", CYCLES[0])
    if cycle not in CYCLES:
        help_ = did_you_mean(str(cycle), CYCLES) or f"write {listed(CYCLES)}"
        faults.append(Fault(f"`{cycle}` is no end of a cycle", help_, (*here, "cycle")))
    before = _rule(value["was"], (*here, "was"), faults)
    _refuse_what_is_of_the_whole(before, (*here, "was"), "changed", faults)
    was = before.frequency
    if not isinstance(frequency, Dated) or not isinstance(was, Dated):
        message = "only what counts one date at a time can have been another before"
        faults.append(Fault(message, "leave out `changed`", here))
        return None
    try:
        return Change(parse_day(value["on"]), was, str(cycle))
    except Fault as fault:
        faults.append(Fault(fault.message, fault.help, (*here, "on")))
        return None


def _frequency(
    head: str, raw: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]
) -> Frequency:
    value = raw[head]
    match head:
        case "every":
            return _every(raw)
        case "alternating_with":
            return _alternating(raw)
        case "by_day":
            return _monthly(raw)
        case "quarterly" if isinstance(value, Mapping) and set(value) == {"start", "by_day"}:
            return Quarterly(_first_month(value["start"]), _month_day(value["by_day"]))
        case "periods" if isinstance(value, list) and value:
            return _fixed(value, (*path, "periods"))
        case "termly" | "half_termly" if value == "period_end":
            return Termly(halves=head == "half_termly")
        case "once_each" if isinstance(value, Mapping) and "year_from" in value:
            begins = str(value["year_from"])
            return OnceEach(_year_day(begins) if YEAR_DAY.fullmatch(begins) else begins)
        case "once" if isinstance(value, Mapping) and set(value) == {"within", "of"}:
            return Once(str(value["of"]), parse_within(value["within"]))
        case "at_least" | "at_most":
            return _bounded(raw)
        case "sooner_of" | "later_of" if isinstance(value, list) and len(value) > 1:
            told = [_dated(each, (*path, head, n), faults) for n, each in enumerate(value)]
            members = tuple(each for each in told if each is not None)
            return Sooner(members) if head == "sooner_of" else Later(members)
        case "as_required":
            return AsRequired(deadline=raw.get("deadline") == "notified")
        case "ask":
            return Ask(texts(value))
        case "conflict":
            return Conflict(texts(value))
        case "not_applicable":
            return NotApplicable()
        case "by_value" if isinstance(raw.get("options"), Mapping):
            options = {
                str(k): _rule(v, (*path, "options", k), faults)
                for k, v in raw["options"].items()
                if v is not None
            }
            return ByValue(str(value), options, _otherwise(raw, path, faults))
        case "cases" if isinstance(value, list):
            found = [
                _case(c, (*path, "cases", n), faults) for n, c in enumerate(value) if c is not None
            ]
            return Cases(tuple(found), _otherwise(raw, path, faults))
        case "attached_to":
            when, wrong = parse_condition(raw.get("when", {}), (*path, "when"))
            faults.extend(wrong)
            return Attached(str(value), when)
    message = f"`{head}` is not filled in as it should be"
    raise Fault(message, "see the reference of the pack language")


def _every(raw: Mapping[str, Any]) -> Frequency:
    value = raw["every"]
    named = isinstance(value, Mapping) and set(value) == {"value"}
    every = str(value["value"]) if named else parse_interval(value)
    if "anchor" not in raw:
        counts_from = raw.get("from")
        notified = raw.get("deadline") == "notified"
        return Every(every, notified, str(counts_from) if counts_from is not None else None)
    if isinstance(every, str) or every.working_days:
        message = "a series from an anchor counts days, weeks, months or years of its own"
        raise Fault(message, "leave out `anchor`, or write such an interval")
    return Anchored(every, str(raw["anchor"]))


_ANY_DAY = dt.date(2026, 1, 1)  # from which to tell the shorter of two intervals


def _alternating(raw: Mapping[str, Any]) -> Alternating:
    every = parse_interval(raw["every"]) if raw.get("every") else None
    within = parse_interval(raw["each_within"]) if raw.get("each_within") else None
    if every is None and within is None:
        raise Fault("an alternation needs `every` or `each_within`")
    others = texts(raw["alternating_with"])
    if len(set(others)) < len(others) or not others:
        raise Fault("an alternation names each other activity once")
    if every is not None and within is not None and add(_ANY_DAY, within) < add(_ANY_DAY, every):
        message = f"each within {within} is shorter than one of them every {every}"
        raise Fault(message, "give `every` the shorter interval, or leave `each_within` out")
    return Alternating(others, every, within)


def parse_within(value: object) -> Interval | int | str:
    """Read an interval, `24 hours` as their number, or `same working day`; Fault where it is none."""
    if value == SAME_DAY:
        return SAME_DAY
    number, _, unit = str(value).partition(" ")
    if unit in ("hour", "hours") and number.isdecimal() and 0 < int(number) < 10_000:
        return int(number)
    try:
        return parse_interval(value)
    except Fault as fault:
        help_ = f"write an interval, `24 hours` or `{SAME_DAY}`"
        raise Fault(fault.message, help_) from None


def _bounded(raw: Mapping[str, Any]) -> Frequency:
    numbers = {key: raw[key] for key in ("at_least", "at_most") if raw.get(key) is not None}
    for key, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise Fault(f"`{number}` is no number of times", f"`{key}` counts from 1")
    least, most = numbers.get("at_least", 0), numbers.get("at_most")
    if most is not None and most < least:
        raise Fault(f"at most {most} is below at least {least}: nobody can keep both")
    if ("within" in raw) == ("in_each" in raw):
        raise Fault("a number of times is `within` an interval or `in_each` year")
    if "within" in raw:
        return Within(parse_interval(raw["within"]), least, most)
    year = str(raw["in_each"])
    if year not in YEARS:
        raise Fault(f"`{year}` is no year", did_you_mean(year, YEARS) or f"write {listed(YEARS)}")
    return EachYear(YEARS[year], least, most)


def _first_month(start: object) -> int | str:
    first = YEARS.get(str(start), start)
    if isinstance(first, bool) or (isinstance(first, int) and not 1 <= first <= 12):
        help_ = "write `calendar_year`, `financial_year`, 1 to 12, or the name of a field"
        raise Fault(f"`{start}` is no month in which quarters begin", help_)
    return first if isinstance(first, int) else str(first)


def _dated(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> Dated | None:
    before = len(faults)
    rule = _rule(raw, path, faults)
    frequency = rule.frequency
    _refuse_what_is_of_the_whole(rule, path, path[-2], faults)
    if isinstance(frequency, Dated) and not isinstance(frequency, Alternating):
        return frequency
    if len(faults) == before:
        message = "of series, turns, and what has no date there is no sooner and no later"
        faults.append(Fault(message, "write what counts one date at a time by itself", path))
    return None


def _refuse_what_is_of_the_whole(
    rule: Rule, path: tuple[str | int, ...], head: str | int, faults: list[Fault]
) -> None:
    own = [*rule.own_dates, *(["changed"] if rule.changed is not None else [])]
    faults.extend(
        Fault(f"`{key}` holds for the whole", f"write it beside `{head}`", (*path, key))
        for key in own
    )


def _year_day(text: str) -> str:
    try:
        dt.date.fromisoformat(f"2000-{text}")
    except ValueError:
        message = f"`{text}` is no day of a year"
        raise Fault(message, "write it as MM-DD, or the name of a field") from None
    return text


def _fixed(raw: list[object], path: tuple[str | int, ...]) -> Fixed:
    spans = [_span(each, (*path, n)) for n, each in enumerate(raw)]
    begun: set[str] = set()
    for n, (first, *_) in enumerate(spans):
        day = "02-28" if first == "02-29" else first  # the same in most years
        if day in begun:
            message = f"another period begins on `{first}`, by which it is named"
            raise Fault(message, "let each begin on a day of its own", (*path, n, "from"))
        begun.add(day)
    return Fixed(tuple(spans))


def _span(raw: object, path: tuple[str | int, ...]) -> tuple[str, str, str]:
    if not isinstance(raw, Mapping) or set(raw) != {"from", "to", "by"}:
        raise Fault("a period says `from`, `to` and `by`, each as MM-DD", None, path)
    return tuple(_year_day(str(raw[key])) for key in ("from", "to", "by"))  # type: ignore[return-value]


def _monthly(raw: Mapping[str, Any]) -> Monthly:
    lag = _lag(raw.get("of", "following_month"))
    months = raw["months"] if raw.get("months") is not None else list(range(1, 13))
    if months == []:
        raise Fault("a series of no months never falls due", "leave out `months`, or name some")
    if not isinstance(months, list) or any(
        isinstance(m, bool) or not isinstance(m, int) or not 1 <= m <= 12 for m in months
    ):
        raise Fault("`months` are numbers from 1 to 12")
    return Monthly(_month_day(raw["by_day"]), lag, frozenset(months))


def _lag(of: object) -> int:
    if of in ("same_month", "following_month"):
        return int(of == "following_month")
    number, _, words = str(of).partition(" ")
    if number.isdecimal() and words in ("month later", "months later") and int(number) <= 24:
        return int(number)
    raise Fault(f"`{of}` is no month", "write `following_month`, `same_month` or `3 months later`")


def _month_day(by_day: object) -> int | str:
    if isinstance(by_day, bool) or (isinstance(by_day, int) and not 1 <= by_day <= 31):
        message = f"`{by_day}` is no day of a month"
        raise Fault(message, "write 1 to 31, `last`, or the name of a field")
    return by_day if isinstance(by_day, int) else str(by_day)


def _case(raw: object, path: tuple[str | int, ...], faults: list[Fault]) -> tuple[Condition, Rule]:
    if not isinstance(raw, Mapping) or not {"when", "use"} <= set(raw):
        faults.append(Fault("a case has `when` and `use`", None, path))
        return ALWAYS, Rule()
    when, wrong = parse_condition(raw["when"], (*path, "when"))
    faults.extend(wrong)
    return when, _rule(raw["use"], (*path, "use"), faults)


def _otherwise(
    raw: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]
) -> Rule | None:
    return _rule(raw["otherwise"], (*path, "otherwise"), faults) if raw.get("otherwise") else None


# --- what a recurrence names ---------------------------------------------------------------------


def branches(rule: Rule) -> Iterator[Frequency | None]:
    """Give the recurrence of a rule, and where it chooses all of those between which it does."""
    yield rule.frequency
    match rule.frequency:
        case ByValue(_, options, otherwise):
            uses = [*options.values(), otherwise]
        case Cases(cases, otherwise):
            uses = [*(use for _, use in cases), otherwise]
        case _:
            return
    for use in uses:
        if use is not None:
            yield from branches(use)


def events(frequency: object) -> Iterator[str]:
    """Name the activities or dates that a recurrence counts from."""
    match frequency:
        case Every(_, _, counts_from) if counts_from is not None:
            yield counts_from
        case Once(of):
            yield of
        case Sooner(of) | Later(of):
            for each in of:
                yield from events(each)


def names(frequency: object) -> Iterator[str]:
    """Name the values that a recurrence reads."""
    match frequency:
        case Every(str(every)):
            yield every
        case OnceEach(begins) if not YEAR_DAY.fullmatch(begins):
            yield begins
        case Sooner(of) | Later(of):
            for each in of:
                yield from names(each)
        case Monthly(by_day=str(day)) if day != "last":
            yield day
        case Anchored(_, anchor) if frequency.anchored(lambda _: None) is None:
            yield anchor
        case Quarterly(start, by_day):
            yield from (n for n in (start, by_day) if isinstance(n, str) and n != "last")
        case Termly(terms):
            yield terms
