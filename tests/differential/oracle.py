"""Due dates, worked out slowly from docs/reference/frequencies.md and the conventions K1 to K26.

It shares nothing with the library that it checks.
It walks the calendar a day at a time and is not clever.
Where the page can be read in two ways, a comment says how it is read here.
"""

import datetime as dt
from bisect import insort
from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

Rule = Mapping[str, Any]
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
SERIES = ("anchor", "by_day", "quarterly", "periods", "termly", "half_termly", "in_each")
DATELESS = ("as_required", "ask", "conflict", "not_applicable", "attached_to")
YEARS = {"calendar_year": "01-01", "financial_year": "04-01", "academic_year": "09-01"}


class Unknown(Exception):  # noqa: N818  (the name is the interface's)
    """A date cannot be told before these names are known."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names: tuple[str, ...] = names


class Period(NamedTuple):
    """A period of a series: its label, the days that it covers and its due date."""

    label: str
    first: dt.date
    last: dt.date
    due: dt.date


@dataclass(frozen=True)
class Case:
    """Everything that the due dates of one provider's activity rest on."""

    name: str
    order: Sequence[str]
    met: dict[str, list[dt.date]]  # every activity's days done, ascending; a plan adds to them
    start: dt.date | None
    values: Mapping[str, object]
    terms: Sequence[Mapping[str, Any]]
    holidays: Collection[dt.date]
    dates: Mapping[str, Any]

    def last(self, who: str) -> dt.date | None:
        """Give the last day on which an activity was done, or None."""
        return max(self.met.get(who, ()), default=None)


# --- days ------------------------------------------------------------------------------------


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Walk from one day to another, both included."""
    while first <= last:
        yield first
        first += DAY


def is_last_of_month(day: dt.date) -> bool:
    """Ask the calendar whether a day is the last of its month."""
    return day.day == monthrange(day.year, day.month)[1]


def is_working(day: dt.date, holidays: Collection[dt.date]) -> bool:
    """Leave out Saturdays, Sundays and bank holidays (K4)."""
    return day.weekday() < 5 and day not in holidays


def working_days_after(day: dt.date, n: int, holidays: Collection[dt.date]) -> dt.date:
    """Count working days, day 1 being the next one (K4); a negative count goes back."""
    return walk_working_days(day, n, frozenset(holidays))


@lru_cache(2**16)  # rounds and anchors ask for the same days again and again
def walk_working_days(day: dt.date, n: int, holidays: frozenset[dt.date]) -> dt.date:
    """Walk until so many working days have gone by."""
    left = abs(n)
    while left:
        day += DAY if n > 0 else -DAY
        left -= is_working(day, holidays)
    return day


def day_of_month(year: int, month: int, number: int, month_end: str) -> dt.date:
    """Take a day that a month lacks as its last day, or as the first of the next (K2)."""
    length = monthrange(year, month)[1]
    if number <= length:
        return dt.date(year, month, number)
    return dt.date(year, month, length) + (DAY if month_end == "roll_forward" else 0 * DAY)


def month_after(year: int, month: int, count: int) -> tuple[int, int]:
    """Step a month at a time; a negative count goes back."""
    for _ in range(abs(count)):
        month += 1 if count > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return year, month


def parse(interval: str) -> tuple[int, str]:
    """Split an interval into its whole number and its unit, in the singular."""
    count, unit = interval.strip().split(" ", 1)
    return int(count), unit.strip().removesuffix("s")


def add(
    day: dt.date,
    interval_text: str,
    *,
    holidays: Collection[dt.date] = (),
    month_end: str = "clamp",
    times: int = 1,
) -> dt.date:
    """Add an interval, or so many of it, in one step to the day that it counts from (K2, K9)."""
    count, unit = parse(interval_text)
    count *= times
    if unit == "working day":
        return working_days_after(day, count, holidays)
    if unit in {"month", "year"}:
        year, month = month_after(day.year, day.month, count * (12 if unit == "year" else 1))
        return day_of_month(year, month, day.day, month_end)
    return day + count * {"day": 1, "week": 7}[unit] * DAY


def status(due: dt.date, on: dt.date, *, soon: int = 30, grace: int = 0) -> str:
    """Name the state of a due date: inclusive (K1), soon from 1 to so many days before (K6)."""
    left = (due - on).days
    if left < -grace:
        return "overdue"
    if left <= 0:
        return "due_today"
    return "due_soon" if left <= soon else "not_due"


# --- hours -----------------------------------------------------------------------------------


def last_sunday(year: int, month: int) -> dt.datetime:
    """Find 01:00 on the last Sunday of a month of 31 days."""
    day = dt.datetime.combine(dt.date(year, month, 31), dt.time(1))
    while day.weekday() != 6:
        day -= DAY
    return day


def is_summer(utc: dt.datetime) -> bool:
    """Say whether London keeps summer time: from March's last Sunday to October's, 01:00 UTC."""
    return last_sunday(utc.year, 3) <= utc < last_sunday(utc.year, 10)


def to_utc(clock: dt.datetime) -> dt.datetime:
    """Turn London's clock into UTC."""
    # Read as: an hour that comes twice is the first of the two; one that is left out is in GMT.
    return clock - HOUR if is_summer(clock - HOUR) else clock


def hours_after(start_date: dt.date, start_time: dt.time, hours: int) -> tuple[dt.date, dt.time]:
    """Let so many hours pass, one by one, and read London's clock."""
    utc = to_utc(dt.datetime.combine(start_date, start_time))
    for _ in range(hours):
        utc += HOUR
    clock = utc + HOUR if is_summer(utc) else utc
    return clock.date(), clock.time()


def hours_after_day(day: dt.date, hours: int) -> dt.date:
    """Count as many days as the hours begin, where the time of the event is not known."""
    while hours > 0:
        day += DAY
        hours -= 24
    return day


# --- names and settings ----------------------------------------------------------------------


def known(name: str, case: Case) -> Any:
    """Read a NAME, or ask for it."""
    if case.values.get(name) is not None:
        return case.values[name]
    if name == "contract_start" and case.start is not None:
        return case.start
    raise Unknown(name)


def as_date(value: object) -> dt.date:
    """Take a date, or its ISO text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def is_day(text: object) -> bool:
    """Say whether a value is a day itself and not the NAME of one."""
    return isinstance(text, dt.date) or str(text)[:1].isdigit()


def day_or_name(value: Any, case: Case) -> dt.date:
    """Take a day, or read the NAME of a date."""
    return as_date(value if is_day(value) else known(value, case))


def event(x: Any, case: Case) -> dt.date | None:
    """Find the day of X: an activity's last one done (None: never done), or a date."""
    if not is_day(x) and (x in case.met or x in case.order):
        return case.last(x)
    return day_or_name(x, case)


def number_of(value: Any, case: Case) -> int:
    """Take a number, or read the NAME of one; `last` is past any month's end."""
    text = str(value)
    if text == "last":
        return 99
    return int(text) if text.isdigit() else number_of(known(text, case), case)


def interval(value: Any, case: Case) -> str:
    """Take an interval, or the provider's own one: `{value: NAME}`."""
    return str(known(value["value"], case)) if isinstance(value, Mapping) else str(value)


def month_end(rule: Rule, case: Case) -> str:
    """Take what stands beside the frequency before what the pack says."""
    return str(rule.get("month_end", case.dates.get("month_end", "clamp")))


def month_day(rule: Rule, year: int, text: str, case: Case) -> dt.date:
    """Find the day `MM-DD` of a year."""
    return day_of_month(year, int(text[:2]), int(text[3:]), month_end(rule, case))


def roll_mode(rule: Rule, case: Case) -> str:
    """Say how a due date is moved (K3: not at all); a setting says whether to the next day."""
    mode = str(rule.get("roll", case.dates.get("roll", "none")))
    if mode in {"none", "next_working_day", "previous_working_day"}:
        return mode
    return "next_working_day" if known(mode, case) else "none"


def roll(rule: Rule, day: dt.date, case: Case, *, since: dt.date | None = None) -> dt.date:
    """Move a due date that is no working day, as the pack asks."""
    mode, moved = roll_mode(rule, case), day
    while mode != "none" and not is_working(moved, case.holidays):
        moved += DAY if mode == "next_working_day" else -DAY
    # Read as: a due date never moves back to, or before, the day that it counts from.
    return day if since is not None and moved <= since < day else moved


def count_on(rule: Rule, day: dt.date, every: Any, case: Case, times: int = 1) -> dt.date:
    """Give the due date an interval, or so many of it, after a day."""
    text = interval(every, case)
    due = add(day, text, holidays=case.holidays, month_end=month_end(rule, case), times=times)
    return roll(rule, due, case, since=day)


# --- one date at a time ----------------------------------------------------------------------


def every_so_often(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Count from the last one done, else from the start (K2, K5)."""
    # A notified `deadline` would govern (K14); none is ever given here.
    day = case.last(who) or case.start
    text = interval(rule["every"], case)
    return day and count_on(rule, day, text, case)


def every_from(rule: Rule, who: str, case: Case) -> dt.date | None:
    """End the round after the last one met; rounds end at X + I, X + 2 I and so on."""
    text = interval(rule["every"], case)
    x = event(rule["from"], case) or case.start
    if x is None:
        return None

    def end(number: int) -> dt.date:
        return count_on(rule, x, text, case, number)

    # Read as: a round ends on its due date as moved; rounds moved to one day are met together.
    last, number = case.last(who), 0
    if last is not None and last > x:
        number = 1
        while end(number) < last or end(number + 1) == last:
            number += 1
    return end(number + 1)


def once(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Give X + I until one is done on or after X."""
    within, x = rule["once"]["within"], event(rule["once"]["of"], case)
    last = case.last(who)
    if x is None or (last is not None and last >= x):
        return None
    if within == "same working day":
        return x if is_working(x, case.holidays) else working_days_after(x, 1, case.holidays)
    count, unit = parse(interval(within, case))
    if unit == "hour":
        return hours_after_day(x, count)
    return count_on(rule, x, within, case)


def once_each(rule: Rule, who: str, case: Case) -> dt.date | None:
    """End the year after the one in which the last one was done."""
    given = rule["once_each"]
    given = given["year_from"] if isinstance(given, Mapping) else given
    if not (is_day(given) and len(str(given)) == len("04-01")):
        given = f"{day_or_name(given, case):%m-%d}"
    last = case.last(who)
    day = last or case.start
    if day is None:
        return None
    ends_left = 2
    if last is not None:
        # One done when the end of a year was moved to is that year's.
        for end in days(last - 14 * DAY, last - DAY):
            tomorrow = end + DAY
            year_ends = tomorrow == month_day(rule, tomorrow.year, given, case)
            if year_ends and roll(rule, end, case) >= last:
                ends_left = 1
    while True:
        tomorrow = day + DAY
        ends_left -= tomorrow == month_day(rule, tomorrow.year, given, case)
        if not ends_left:
            return roll(rule, day, case, since=last or case.start)
        day = tomorrow


def at_least(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Let every stretch of I hold N: the N-th last one done + I."""
    number, done = int(rule["at_least"]), case.met[who]
    # Read as: with fewer than N done, start + I, and the first one done + I without a start.
    day = case.start or (done[0] if done else None)
    if len(done) >= number:
        day = done[-number]
    return day and count_on(rule, day, rule["within"], case)


def group_of(rule: Rule, case: Case) -> list[str]:
    """List the activities that take turns, in the pack's order."""
    others = rule["alternating_with"]
    group = [case.name, *([others] if isinstance(others, str) else others)]
    place = {who: number for number, who in enumerate(case.order)}
    return sorted(group, key=lambda who: place.get(who, len(place)))


def alternating(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Take turns after the last one done of any, none later than its own last + L (K10)."""
    group = group_of(rule, case)
    done = [(day, group.index(one)) for one in group if (day := case.last(one))]
    every, limit = rule.get("every"), rule.get("each_within")
    if every is None:
        # Read as: without `every`, one never done is due at start + L.
        own = case.last(who) or case.start
        return own and count_on(rule, own, limit, case)
    if not done and case.start is None:
        return None
    day, place = max(done) if done else (case.start, len(group))
    newest = day
    for one in group[place + 1 :] + group[: place + 1]:
        day, own = count_on(rule, max(day, newest), every, case), case.last(one)
        if own and limit is not None:
            day = min(day, count_on(rule, own, limit, case))
        if one == who:
            break
    return day


def combined(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Take the earlier, or the later, of what all of them say."""
    sooner, dated = "sooner_of" in rule, []
    unknown: list[str] = []
    for one in rule["sooner_of" if sooner else "later_of"]:
        try:
            dated.append(next_due(beside(rule, one), who, case))
        except Unknown as error:
            # Read as: what is not known cannot be dated; it is asked where no date is left.
            unknown.extend(error.names)
    kept = [day for day in dated if day is not None]
    if unknown and (not sooner or not kept):
        raise Unknown(*unknown)
    if sooner:
        return min(kept, default=None)
    return max(kept, default=None) if len(kept) == len(dated) else None


def beside(rule: Rule, inner: Rule) -> Rule:
    """Let what stands beside the outer frequency hold for the inner, whose own goes before it."""
    return {key: rule[key] for key in ("month_end", "roll") if key in rule} | dict(inner)


def changed(rule: Rule, who: str, case: Case) -> dt.date | None:
    """End the cycle in hand on the day of a change as `cycle` says; then only the new holds."""
    change = rule["changed"]
    new_rule = {key: value for key, value in rule.items() if key != "changed"}
    new, day = next_due(new_rule, who, case), as_date(change["on"])
    last, cycle = case.last(who), change.get("cycle", "sooner")
    begun = last or case.start
    if begun is None or begun >= day:
        return new
    old = next_due(beside(rule, change["was"]), who, case)
    # Read as: a cycle that ended before the change is not in hand on its day and ends as it did.
    if old is not None and (old < day or cycle == "keep"):
        return old
    if cycle == "anew":
        case.met.setdefault(who, []).append(day)
        new = next_due(new_rule, who, case)
        case.met[who].remove(day)
        return new
    if new is not None:
        new = max(new, day)  # nothing falls due under a frequency before there is one
    return min((due for due in (old, new) if due is not None), default=None)


FORMS: Mapping[str, Callable[[Rule, str, Case], dt.date | None]] = {
    "changed": changed,
    "sooner_of": combined,
    "later_of": combined,
    "once": once,
    "once_each": once_each,
    "alternating_with": alternating,
    "at_least": at_least,
    "from": every_from,
    "every": every_so_often,
}


def next_due(rule: Rule, who: str, case: Case) -> dt.date | None:
    """Give an activity's next due date after what was done, or None."""
    if any(key in rule for key in SERIES):
        raise ValueError("a series is no one date at a time")
    for key, form in FORMS.items():
        if key in rule:
            return form(rule, who, case)
    if any(key in rule for key in (*DATELESS, "at_most")):
        return None
    raise ValueError(f"no form of a recurrence: {sorted(rule)}")


def turns(rule: Rule, case: Case) -> dict[str, Rule]:
    """Find the other activities of every alternation in a rule, each with that rule."""
    if "alternating_with" in rule:
        return {one: rule for one in group_of(rule, case) if one != case.name}
    inner = [*rule.get("sooner_of", ()), *rule.get("later_of", ())]
    found = [sub for each in inner if (sub := turns(beside(rule, each), case))]
    if len(found) > 1:
        raise ValueError("two alternations of one activity contradict each other")
    return found[0] if found else {}


def plan(rule: Rule, case: Case, on: dt.date, until: dt.date) -> list[dt.date]:
    """Walk the days; meet what falls due, and what fell due before, on its own day (K2)."""
    rules = turns(rule, case) | {case.name: rule}

    def waiting() -> dict[str, dt.date]:
        found = {}
        for who, each in rules.items():
            day, last = next_due(each, who, case), case.last(who)
            # Read as: another's turn, behind one held up by `later_of`, is not taken in its past.
            if day is not None and (who == case.name or last is None or day > last):
                found[who] = day
        return found

    found, due = [], waiting()
    for today in days(on, until):
        while due and (day := min(due.values())) <= today:
            for who in (who for who in due if due[who] == day):
                insort(case.met.setdefault(who, []), day)
            if due.get(case.name) == day >= on:
                found.append(day)
            try:
                due = waiting()
            except Unknown:  # what follows cannot be told; what came before it can
                due = {}
    return sorted(found)


# --- series ----------------------------------------------------------------------------------


def last_day(first: dt.date, text: str, rule: Rule, case: Case) -> dt.date:
    """Walk from a day to the first `MM-DD` on or after it."""
    while first != month_day(rule, first.year, text, case):
        first += DAY
    return first


def day_after_month(rule: Rule, day: dt.date, count: int, by: Any, case: Case) -> dt.date:
    """Find day D of the month so many after a day's own."""
    year, month = month_after(day.year, day.month, count)
    number = number_of(by, case)
    return day_of_month(year, month, number, "clamp" if number == 99 else month_end(rule, case))


def anchored(rule: Rule, first: dt.date, last: dt.date, case: Case) -> Iterator[Period]:
    """Make X, and every I before and after it, a due date and its label (K9)."""
    x, text = day_or_name(rule["anchor"], case), interval(rule["every"], case)

    def at(number: int) -> dt.date:
        ends = month_end(rule, case)
        return add(x, text, holidays=case.holidays, month_end=ends, times=number)

    number = 0
    while at(number) >= first:
        number -= 1
    before = at(number)
    # Read as: it covers the days after the due date before; its label is the date unmoved.
    while before <= last:
        number += 1
        due = at(number)
        yield Period(f"{due}", before + DAY, due, due)
        before = due


def monthly(rule: Rule, day: dt.date, case: Case) -> Iterator[Period]:
    """Begin a month's data on its first day; due by day D of the month named by `of` (K8)."""
    if day.day != 1 or day.month not in rule.get("months", range(1, 13)):
        return
    of = str(rule["of"])
    count = {"same_month": 0, "following_month": 1}.get(of)
    count = int(of.split(maxsplit=1)[0]) if count is None else count
    due = day_after_month(rule, day, count, rule["by_day"], case)
    yield Period(f"{day:%Y-%m}", day, next(filter(is_last_of_month, days(day, dt.date.max))), due)


def quarterly(rule: Rule, day: dt.date, case: Case) -> Iterator[Period]:
    """Begin a quarter every third month from S; due on day D of the month after it."""
    given = rule["quarterly"]["start"]
    start = {"calendar_year": 1, "financial_year": 4}.get(given) or number_of(given, case)
    months = (day.month - start) % 12
    if day.day != 1 or months % 3:
        return
    last = dt.date(*month_after(day.year, day.month, 3), 1) - DAY
    due = day_after_month(rule, day, 3, rule["quarterly"]["by_day"], case)
    yield Period(f"{day.year}-Q{months // 3 + 1}", day, last, due)


def listed(rule: Rule, day: dt.date, case: Case) -> Iterator[Period]:
    """Begin each of the listed periods every year; due on the first `by` from its end on."""
    for one in rule["periods"]:
        if day == month_day(rule, day.year, one["from"], case):
            last = last_day(day, one["to"], rule, case)
            yield Period(f"{day}", day, last, last_day(last, one["by"], rule, case))


def in_each(rule: Rule, day: dt.date, case: Case) -> Iterator[Period]:
    """Begin a year with N to be done in it, all due by its last day."""
    if day != month_day(rule, day.year, YEARS[rule["in_each"]], case):
        return
    last = dt.date(day.year + 1, day.month, 1) - DAY
    for number in range(1, int(rule.get("at_least", 0)) + 1):
        yield Period(f"{day.year}/{number}", day, last, last)


def termly(rule: Rule, case: Case) -> Iterator[Period]:
    """Make each term, or each half of one, a period due on its last day (K8, K11)."""
    before = dt.date.min
    for term in sorted(case.terms, key=lambda term: as_date(term["start"])):
        first, last = before, as_date(term["end"])  # with the holidays before it
        before = last + DAY
        label, half = f"{last.year}-{term['name']}", term.get("half_term")
        if "termly" in rule:
            yield Period(label, first, last, last)
            continue
        if not half:
            raise Unknown("terms")
        ends = [as_date(half["start"]) - DAY, last]
        begins = [first, as_date(half["end"]) + DAY]
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True), 1):
            yield Period(f"{label}-{number}", begin, end, end)


def periods(rule: Rule, first: dt.date, last: dt.date, case: Case) -> list[Period]:
    """List the periods that begin, or fall due, in a stretch of days, the earliest first."""
    found: list[Period] = []
    if "termly" in rule or "half_termly" in rule:
        found.extend(termly(rule, case))
    elif "anchor" in rule:
        found.extend(anchored(rule, first, last, case))
    else:
        forms = {"by_day": monthly, "quarterly": quarterly, "periods": listed, "in_each": in_each}
        begun = next(form for key, form in forms.items() if key in rule)
        for day in days(first, last):
            found.extend(begun(rule, day, case))
    found.sort(key=lambda period: (period.last, period.first, period.label))
    return [period._replace(due=roll(rule, period.due, case)) for period in found]


def begun_from(found: Sequence[Period], got: Collection[str], case: Case) -> int | None:
    """Begin a series with the first period received, else the first due from the start (K19)."""
    for place, period in enumerate(found):
        if period.label in got:
            return place
    for place, period in enumerate(found):
        if case.start is not None and period.due >= case.start:
            return place
    return None


def counted_for(
    rule: Rule, found: Sequence[Period], got: Collection[str], day: dt.date, case: Case
) -> list[Period]:
    """List what a record without a period may count for, the first choice first."""
    running = [one for one in found if one.first <= day <= one.last and one.label not in got]
    if "in_each" in rule:
        return running
    begun = begun_from(found, got, case)
    ended = [one for one in found[begun or 0 :] if one.last <= day and one.label not in got]
    # Read as: with nothing received and no start, the period that ended last is meant.
    return (ended[-1:] if begun is None else ended) + running


def series(
    rule: Rule, case: Case, on: dt.date, until: dt.date, labels: Sequence[str]
) -> list[dt.date]:
    """Give the due dates of every period since the first that was not received (K19)."""
    done = case.met[case.name]
    years = [int(label[:4]) for label in labels]
    years += [day.year for day in (on, case.start, *done) if day is not None]
    found = periods(rule, dt.date(min(years) - 2, 1, 1), until + 62 * DAY, case)
    got = set(labels)
    for day in done:
        got.update(period.label for period in counted_for(rule, found, got, day, case)[:1])
    begun = begun_from(found, got, case)
    if begun is None:
        return []
    left = sorted(period.due for period in found[begun:] if period.label not in got)
    return [due for due in left if on <= due <= until]


# --- the question ----------------------------------------------------------------------------


def dues(
    rule: Mapping[str, object],
    *,
    on: dt.date,
    until: dt.date,
    done: Sequence[dt.date] = (),
    periods_done: Sequence[str] = (),
    others: Mapping[str, Sequence[dt.date]] = {},
    name: str = "own",
    order: Sequence[str] = (),
    start: dt.date | None = None,
    values: Mapping[str, object] = {},
    terms: Sequence[Mapping[str, object]] = (),
    holidays: Collection[dt.date] = (),
    dates: Mapping[str, object] = {},
) -> list[dt.date]:
    """Plan every due date from `on` to `until`, had every one before been met on its day."""
    met = {one: sorted(days_done) for one, days_done in others.items()} | {name: sorted(done)}
    case = Case(name, order, met, start, values, terms, frozenset(holidays), dates)
    while "by_value" in rule:
        options: Any = rule["options"]
        chosen = options.get(str(known(str(rule["by_value"]), case)), rule.get("otherwise"))
        rule = beside(rule, chosen or {"ask": []})
    if "cases" in rule:
        raise ValueError("which case holds is decided before the dates are asked for")
    if any(key in rule for key in DATELESS):
        return []
    if any(key in rule for key in SERIES):
        if "changed" in rule:
            raise ValueError("the page does not say how the periods of a series change")
        return series(rule, case, on, until, periods_done)
    return plan(rule, case, on, until)
