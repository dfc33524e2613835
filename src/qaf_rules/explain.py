"""From reasons to sentences an officer would write, for each part of an assessment.

A sentence is made only when it is asked for, from the evaluated tree and the pack's own words.
Of what people wrote only the reason of a rating that differs from the suggested one is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from qaf_rules.condition import All
from qaf_rules.recurrence import Every
from qaf_rules.words import PROVIDER, Words, a_day, counted, joined, listed, sentence, spaced
from qaf_rules.workdays import Interval, add

if TYPE_CHECKING:
    from qaf_rules.least import LeastChange
    from qaf_rules.model import ProviderRecord, Rating
    from qaf_rules.pack import Pack
    from qaf_rules.result import (
        Action,
        Assessment,
        CriterionResult,
        Flag,
        Note,
        Question,
        Row,
        ScheduleItem,
        Suggestion,
    )
    from qaf_rules.standing import Standing

__all__ = [
    "NOT_STATED",
    "BroughtParts",
    "acted",
    "asked",
    "beside",
    "brought_parts",
    "by_urgency",
    "changing",
    "confirmed",
    "differing",
    "page",
    "scheduled",
    "suggestion",
]

FIRM = ("must", "will")


def suggestion(pack: Pack, given: Suggestion, *, record: ProviderRecord | None = None) -> str:
    """Say what a suggestion rests on: one sentence a line.

    `record` is the provider's, so that what was read is named by its kind and value.
    """
    return "\n".join(suggested(Words(pack, record), given))


def suggested(words: Words, given: Suggestion) -> list[str]:
    """Say which level is suggested, by which criteria, what is passed over and what is unknown."""
    level = given.level or 0
    told = [_head(words, given)]
    matched = [c for c in given.matched if c.mode != "all" or c.level == level]
    told.extend(
        met(words, c) for c in sorted(matched, key=lambda c: (-c.level, c.mode == "qualifier"))
    )
    if given.passed_over:
        left = listed(words.evidence(e) for e in given.passed_over)
        told.append(sentence("No criterion that is met speaks of", left, "(K18)"))
    told.extend(_open(words, given, level))
    return told


def _head(words: Words, given: Suggestion) -> str:
    cited = words.cite(given.clauses, given.readings)
    open_ = f"{counted(len(given.unknown), 'fact')} can still change it"
    if given.level is None:
        if given.status == "none":
            return sentence(
                "No level is suggested: nothing is known that the rating could rest on", cited
            )
        return sentence(f"No level is suggested yet: not enough is known, and {open_}", cited)
    named = words.level(given.level)
    possibly = f"possibly {given.possibly}: {open_}" if given.possibly else ""
    if given.status == "gap":
        least = "" if given.lowest is not None and given.lowest < given.level else "at least "
        told = f"{least}{named}, as something adverse fits no criterion and a person says more"
        return sentence(f"{told}; {possibly}" if possibly else told, cited)
    return sentence(
        f"{named} is suggested, {possibly}" if possibly else f"{named} is suggested", cited
    )


def met(words: Words, criterion: CriterionResult) -> str:
    """Say a criterion that is met and what it read."""
    read = listed(words.support(criterion.reason))
    text = criterion.text.rstrip(".")
    narrows = ", which narrows it" if criterion.mode == "qualifier" else ""
    told = f"level {criterion.level}{narrows}: {text}"
    cited = words.cite(criterion.clauses, criterion.readings)
    return sentence(f"{told}. Read: {read}" if read else told, cited)


def _open(words: Words, given: Suggestion, level: int) -> Iterator[str]:
    """Say what is unknown and which level it could still bring, the worst first."""
    if given.status == "none":
        return
    open_ = [c for c in given.criteria if c.matched is None and c.mode == "any" and c.level > level]
    for higher in sorted({c.level for c in open_}, reverse=True):
        own = [c for c in open_ if c.level == higher]
        names = [n for c in own for n in words.unknown(c.reason)]
        clauses = ", ".join(dict.fromkeys(i for c in own for i in c.clauses))
        told = f"{words.level(higher)} stays possible until it is known: {listed(names)}"
        yield sentence(told, f"({clauses})" if clauses else "")
    if given.level is None:
        for criterion in given.criteria:
            if criterion.mode == "all" and criterion.matched is None:
                names = words.unknown(criterion.reason)
                told = f"level {criterion.level} needs: {criterion.text.rstrip('.')}"
                told = f"{told}. Not known: {listed(names)}"
                yield sentence(told, words.cite(criterion.clauses, criterion.readings))


def item_clauses(pack: Pack, item: ScheduleItem) -> tuple[str, ...]:
    """Give an item's clauses, those of the activity itself first: they say how often."""
    spec = pack.activities.get(item.activity)
    own = [c for c in (spec.clause if spec else ()) if c in item.clauses]
    return tuple(dict.fromkeys([*own, *item.clauses]))


def interval(pack: Pack, item: ScheduleItem) -> str | None:
    """Give the interval that leads from the last one done to the due date, where one does."""
    spec = pack.activities.get(item.activity)
    rules = [spec.rule] if spec is not None else []
    rules += [
        cell.rule for row in pack.matrix.values() for cell in row.activities.get(item.activity, ())
    ]
    for rule in rules:
        every = rule.frequency
        if (
            isinstance(every, Every)
            and isinstance(every.every, Interval)
            and item.last_done
            and add(item.last_done, every.every) == item.due
        ):
            return str(every.every)
    return None


def done_word(item: ScheduleItem) -> str:
    """Give the word for how an activity is done: received, held or made."""
    if item.owner == PROVIDER:
        return "received"
    return "done" if item.period else "held"


def scheduled(words: Words, item: ScheduleItem, name: str) -> str:
    """Say one schedule item: last done, interval, due, days late, what it waits on.

    `name` is the provider's.
    """
    what = words.item(item)
    done = done_word(item)
    last = f"last {done} {a_day(item.last_done)}" if item.last_done else f"never {done} so far"
    every = interval(words.pack, item)
    times = [last, *([f"every {every}"] if every else [])]
    due = a_day(item.due) if item.due else ""
    due += f" at {item.due_at:%H:%M}" if item.due_at else ""
    days = abs(item.days or 0)
    match item.status:
        case "overdue":
            head = f"{name} is overdue for its {what}"
            told = f"{head}: {', '.join([*times, f'due {due}'])}, {counted(days, 'day')} late"
        case "due_today":
            told = f"{what} is due today, {due}: {', '.join(times)}"
        case "due_soon":
            told = f"{what} is due on {due}, in {counted(days, 'day')}: {', '.join(times)}"
        case "not_due":
            told = f"next {what} by {due}: {', '.join(times)}"
        case "no_history":
            told = f"no {what} is on record"
            if due:
                told += f"; counted from the start of the contract the first was due by {due}"
        case "ask":
            told = f"nobody can say yet when the {what} is due"
        case "conflict":
            told = f"the document contradicts itself on the {what}"
        case "done":
            told = f"{what} {done}"
        case _:
            told = f"{what} as required"
    told += "".join(beside(words, item))
    force = item.force if item.status not in ("as_required", "done") else None
    return sentence(
        told,
        words.cite(item_clauses(words.pack, item), item.readings, item.conventions, force=force),
    )


def beside(words: Words, item: ScheduleItem) -> Iterator[str]:
    """Say what else there is to know of a schedule item, each after a semicolon."""
    if item.planned:
        yield f"; arranged for {a_day(item.planned)}"
    if item.attached_to:
        yield f"; held with the {words.item(item.attached_to)}, on its day"
    if item.waiting_on and item.status not in ("as_required", "ask"):
        yield f"; waits on the {words.item(item.waiting_on)}"
    if item.missing:
        yield f"; came without {joined(map(words.token, item.missing))}"
    if item.missed:
        yield "; counts as missed"
    if item.note:
        yield f"; {item.note}"
    if item.asks and item.status in ("ask", "conflict", "no_history"):
        yield f"; asked: {'; '.join(words.label(a) for a in item.asks)}"


NOT_STATED: Final = "not stated"


class BroughtParts(NamedTuple):
    """What an activity brings due, in words: for which, its status, its day, by whom and through what."""

    what: str
    activity: str
    status: str
    due: dt.date | None
    owner: str
    channel: str


def brought_parts(words: Words, item: ScheduleItem) -> BroughtParts:
    """Give what an activity brings due part by part; what the pack does not state says so."""
    return BroughtParts(
        what=words.item(item).strip("“”"),
        activity=words.item(item.attached_to or ""),
        status=spaced(item.status),
        due=item.due,
        owner=words.role(item.owner) if item.owner else NOT_STATED,
        channel=words.token(item.channel) if item.channel else NOT_STATED,
    )


def brought(words: Words, item: ScheduleItem) -> str:
    """Say what an activity brings due: by when, by whom, through which channel, and for which."""
    days = counted(abs(item.days or 0), "day")
    late = {"overdue": f"{days} late", "due_today": "today"}.get(item.status, f"in {days}")
    parts = [f"due {a_day(item.due)}, {late}"] if item.due else []
    parts += [f"by {words.role(item.owner)}"] if item.owner else []
    parts += [f"through {words.token(item.channel)}"] if item.channel else []
    parts += [item.note] if item.note else []
    read = words.support(item.reason) if item.reason is not None else []
    told = sentence(f"{words.item(item)}: {'; '.join(parts)}")
    cited = words.cite(item_clauses(words.pack, item), item.readings, force=item.force)
    return f"{told} {sentence(f'because: {listed(read)}', cited)}"


def acted(words: Words, action: Action, on: dt.date) -> str:
    """Say one action: what started it, its force, who decides, its due date, what closes it."""
    about = f" ({words.item(action.about)})" if action.about else ""
    told = [sentence(f"{action.text.rstrip('.')}{about}")]
    who = [f"by {words.role(action.owner)}"] if action.owner else []
    if action.decided_by:
        who.append(f"{joined(map(words.role, action.decided_by.split(', ')))} to decide")
    if action.due:
        late = (on - action.due).days
        overdue = f", {counted(late, 'day')} late" if late > 0 else ""
        who.append(f"due {a_day(action.due)}{overdue}")
    rest = f": {'; '.join(who)}" if who else ""
    told.append(sentence(f"the document says “{spaced(action.obligation)}”{rest}"))
    if read := words.because(action):
        told.append(sentence(f"because: {listed(read)}"))
    told.append(sentence(closing(words, action), words.cite(action.clauses, action.readings)))
    return " ".join(told)


def repeats(action: Action) -> bool:
    """Whether an action only says again that an item of the schedule is to be done."""
    return action.about is not None and all(r.condition == All(()) for r in action.reasons)


def closing(words: Words, action: Action) -> str:
    """Say what closes an action."""
    if not action.closed_by:
        return "it stands until what started it is over"
    if action.closed_by == (action.id,):
        return "closed once it is recorded as done"
    return f"closed by a record of {joined(map(words.recorded, action.closed_by), 'or')}"


def asked(words: Words, question: Question) -> str:
    """Say one question: to whom it goes, what answers it, and why it is asked."""
    about = [f"for {joined(map(words.role, question.who), 'or')}"] if question.who else []
    inputs = [words.answer(a) for a in question.answered_by if a != question.id]
    about += [f"answered by {joined(inputs, 'or', limit=4)}"] if inputs else []
    read = words.support(question.reason) if question.reason is not None else []
    about += [f"asked because: {listed(read, 4)}"] if read else []
    told = sentence(words.plain(question.text))
    if not about:
        return told
    return f"{told} {sentence('; '.join(about), words.cite(question.clauses, question.readings))}"


def flagged(words: Words, flag: Flag) -> str:
    """Say one flag and what made it true."""
    read = words.support(flag.reason) if flag.reason is not None else []
    names = [words.label(n) for n in flag.names]
    inside = listed([*names, *read])
    told = f"{words.plain(flag.text).rstrip('.')}: {inside}" if inside else words.plain(flag.text)
    return sentence(told, words.cite(flag.clauses, flag.readings))


def noted(words: Words, note: Note) -> str:
    """Say one note."""
    return sentence(words.plain(note.text), words.cite(note.clauses, note.readings))


def row_chosen(words: Words, row: Row) -> str:
    """Say which row of the matrix was chosen, or what keeps it from being chosen."""
    service = spaced(row.service) if row.service else "the service"
    if row.row is None:
        needed = words.unknown(row.reason) if row.reason is not None else []
        needed = needed or [words.label(n) for n in (row.reason.unknown if row.reason else ())]
        return sentence(
            f"no row of the matrix is chosen for {service}",
            f"until it is known: {'; '.join(needed)}" if needed else "",
        )
    spec = words.pack.matrix[row.row]
    lacks = "; the document lacks this row" if row.undocumented else ""
    return sentence(
        f"{service}: row “{spec.name or spaced(row.row)}”{lacks}",
        words.cite(row.clauses, row.readings),
    )


def stood(words: Words, standing: Standing) -> str:
    """Say of a pathway what brings the provider onto it, or which step is open to be taken."""
    moves = (m for m in standing.moves if m.open and (m.automatic or not standing.entered))
    told = "; ".join(move.text.rstrip(".") for move in moves)
    source = standing.steps_source
    steps = f"; its steps: {words.token(source)}" if source else ""
    how = "entered" if standing.entered else "open"
    cited = words.cite(standing.clauses, standing.readings)
    return sentence(f"{standing.name} ({how}): {told}{steps}", cited)


def page(
    pack: Pack, assessment: Assessment, record: ProviderRecord | None = None
) -> list[tuple[str, list[str]]]:
    """Write a whole assessment: headings, each with its sentences.

    `record` is the provider's, so that what was read is named by its kind and value.
    """
    words = Words(pack, record)
    a = assessment
    name = a.name or a.provider
    parts = [
        ("Rating", [*suggested(words, a.suggestion), *confirmed(words, a)]),
        ("Schedule", [scheduled(words, i, name) for i in by_urgency(a.schedule)]),
        ("Actions", [acted(words, x, a.on) for x in a.actions]),
        ("Brought by activities", [brought(words, i) for i in by_urgency(a.brought)]),
        ("Pathways", [stood(words, s) for s in a.pathways if s.entered or s.offered]),
        ("Questions", [asked(words, q) for q in a.questions]),
        ("To be told", [flagged(words, f) for f in a.flags]),
        (
            "How it was worked out",
            [
                *(row_chosen(words, r) for r in a.rows),
                *(noted(words, n) for n in a.notes),
                *_taken(words, a),
            ],
        ),
    ]
    return [(heading, told) for heading, told in parts if told]


_ORDER = (
    "overdue",
    "due_today",
    "due_soon",
    "no_history",
    "ask",
    "conflict",
    "not_due",
    "as_required",
    "done",
)


def by_urgency(items: Iterable[ScheduleItem]) -> list[ScheduleItem]:
    """Order items for reading: what is late first; what does not apply is left out."""
    told = [i for i in items if i.status in _ORDER]
    return sorted(told, key=lambda i: (_ORDER.index(i.status), i.due or dt.date.max))


def confirmed(words: Words, a: Assessment) -> Iterator[str]:
    """Say which rating a person confirmed, and where it is not the suggested one."""
    if a.confirmed is None:
        yield "No rating is confirmed."
        return
    told = f"{words.level(a.confirmed.level)} was confirmed on {a_day(a.confirmed.on)}"
    yield sentence(f"{told}{differing(a.confirmed)}")


def differing(confirmed: Rating) -> str:
    """Say that a confirmed rating is not the one that was suggested, and why not."""
    if confirmed.status != "overridden":
        return ""
    reason = f": {confirmed.reason}" if confirmed.reason else ", without a reason"
    return f", other than the suggested {confirmed.suggested}{reason}"


class _Rests(Protocol):
    """Whatever rests on readings."""

    @property
    def readings(self) -> tuple[str, ...]: ...


def _taken(words: Words, a: Assessment) -> Iterator[str]:
    """Spell out the readings and conventions that something told rests on, each once."""
    items = [i for i in a.schedule if i.status in _ORDER]
    parts: tuple[_Rests, ...] = (
        *items,
        *a.rows,
        a.suggestion,
        *a.suggestion.matched,
        *a.actions,
        *a.questions,
        *a.flags,
        *a.notes,
    )
    readings = {r for part in parts for r in part.readings}
    yield from (
        sentence(f"reading {words.reading(r)}") for r in words.pack.readings if r in readings
    )
    used = {c for i in items for c in i.conventions} | (
        {"K18"} if a.suggestion.passed_over else set()
    )
    texts = words.pack.identity.conventions
    yield from (sentence(f"{c}: {texts[c]}") for c in texts if c in used)


def changing(words: Words, found: LeastChange) -> str:
    """Say which fewest changes bring another level, or what stands in the way of every one."""
    if found.to is None:
        return "The service is outside the framework: nothing changes its rating."
    named = words.level(found.to)
    if found.changes is not None:
        told = [
            f"{words.label(c.fact)}: {words.shown(c.fact, c.after)} "
            f"(now {words.shown(c.fact, c.before)})"
            for c in found.changes
        ]
        number = counted(len(told), "change")
        return sentence(f"{named} would take {number}: {'; '.join(told)}")
    if found.bound is not None:
        return sentence(f"{named}: not found with up to {counted(found.bound, 'change')}")
    in_the_way = [
        f"“{words.pack.rating[i].text.rstrip('.')}”" if i in words.pack.rating else words.token(i)
        for i in found.blocked_by
    ]
    parts = [f"in the way: {listed(in_the_way)}"] if in_the_way else []
    parts += (
        [f"what happened stays: {joined(map(words.label, found.fixed))}"] if found.fixed else []
    )
    if found.unknown:
        parts.append(f"to be found out: {joined(map(words.label, found.unknown))}")
    return sentence(f"{named}: nothing that can change brings it; {'; '.join(parts)}")
