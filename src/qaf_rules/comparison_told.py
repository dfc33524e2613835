"""What a comparison found: in lines of text, as plain data for JSON, and as a data frame."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from qaf_rules.differences import KINDS, MATCHED, Difference, Part, compared_fields, is_plan
from qaf_rules.edits import READING, SETTING, Edit, Nothing
from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.export import plain_fault, plain_part
from qaf_rules.result import Action, Flag, Question, ScheduleItem, Suggestion
from qaf_rules.words import Words, a_day, counted, joined

if TYPE_CHECKING:
    import polars as pl

    from qaf_rules.comparing import Comparison
    from qaf_rules.workload import Due

__all__ = ["as_data", "details", "frame", "summary"]

NAMED = 5  # providers named in one line of the summary

_SHOWN = {"status", "level", "lowest", "highest"}  # of a suggestion, in the words it has for itself
_NOUNS = {
    "rating": "rating",
    "schedule": "schedule item",
    "action": "action",
    "question": "question",
    "flag": "flag",
    "visits": "plan",
}


_EFFECTS = {
    "tighter": "Tighter: it asks more, or sooner, and nowhere less.",
    "looser": "Looser: it asks less, or later, and nowhere more.",
    "both": "Tighter for some and looser for others.",
    "unknown": "Whether it is tighter or looser is not known: some cannot be assessed by both.",
    "otherwise": "Neither tighter nor looser: other words, questions or clauses.",
}

# --- in lines ------------------------------------------------------------------------------------


def summary(told: Comparison) -> Iterator[str]:
    """Sum a comparison up."""
    yield f"{_named(told)}, {counted(told.providers, 'provider')}, {_when(told)}"
    for edit in told.edits:
        yield f"  {_edited(edit)}"
    if not told.edits:
        yield "  the two are the same"
    yield _counts(told)
    if told:
        yield _EFFECTS[told.effect]
    yield from _moved(told)
    yield from _unmet(told)
    yield from _dues(told)
    for each in told.unseen[:NAMED]:
        begun = f"{a_day(each.since)}, and never before," if each.never else a_day(each.since)
        yield (
            f"Unseen for {each.after} days (before: {each.before}): {each.provider}, "
            f"{begun} to {a_day(each.until)}"
        )
    if told.unseen[NAMED:]:
        yield f"{counted(len(told.unseen[NAMED:]), 'more provider')} unseen for longer than before."
    if len(told.edits) > 1:
        yield from _by_edit(told)
    for fault in told.faults:
        yield f"Left out: {fault}"


def _named(told: Comparison) -> str:
    names = [f"{f.id} {f.pack.identity.version}" for f in (told.before, told.after)]
    changed = counted(len(told.edits), "edit")
    if names[0] == names[1]:
        return f"{names[0]} with {changed}"
    return f"{names[0]} against {names[1]}, {changed}"


def _when(told: Comparison) -> str:
    if told.until is None:
        return f"on {a_day(told.on)}"
    return f"from {a_day(told.on)} to {a_day(told.until)}"


def _edited(edit: Edit) -> str:
    cited = f" ({', '.join(edit.clauses)})" if edit.clauses else ""
    told = edit.path[0] in (READING, SETTING) or edit.place == edit.id  # by its path
    place = "" if told else f", {edit.place}"
    return f"{edit}{cited}{place}"


def _counts(told: Comparison) -> str:
    if not told.differences:
        return "No answer is other." if not told.faults else "Of the others no answer is other."
    counts = Counter(kind for _, kind, _ in {(d.provider, d.kind, d.id) for d in told.differences})
    parts = [counted(counts[kind], _NOUNS[kind]) for kind in KINDS if counts[kind]]
    whom = f"{len(told.touched)} of {counted(told.providers, 'provider')}"
    return f"Other answers for {whom}: {joined(parts)}."


def _moved(told: Comparison) -> Iterator[str]:
    for (old, new), ids in told.ratings_moved.items():
        yield f"Suggested rating from {_level(old)} to {_level(new)}: {_some(ids)}"


def _level(level: int | None) -> str:
    return "none" if level is None else str(level)


def _unmet(told: Comparison) -> Iterator[str]:
    by_item: dict[str, list[str]] = {}
    for difference in told.newly_unmet:
        by_item.setdefault(difference.id, []).append(difference.provider)
    words = Words(told.after.pack)
    for id_, ids in by_item.items():
        yield f"Newly overdue, {_item(words, id_)}: {_some(ids)}"


def _dues(told: Comparison) -> Iterator[str]:
    """Give the activities with more or fewer due dates in the period."""
    if told.until is None:
        return
    words = Words(told.after.pack)
    old, new = (
        Counter((due.activity, due.officer) for due in each if not due.late) for each in told.dues
    )
    yield f"Due dates in the period: {old.total()} before, {new.total()} now."
    late = [sum(due.late for due in each) for each in told.dues]
    if any(late):
        yield f"Overdue before it began: {late[0]} before, {late[1]} now."
    for activity, officer in sorted(old.keys() | new.keys()):
        was, now = old[activity, officer], new[activity, officer]
        if was != now:
            who = words.role(officer) if officer in told.after.pack.roles else officer
            yield f"  {_item(words, activity)} ({who}): {was} before, {now} now"


def _by_edit(told: Comparison) -> Iterator[str]:
    """Give how much each edit does, alone and together with others."""
    for edit in told.edits:
        own = [d for d in told.differences if edit in d.edits]
        alone = [d for d in own if d.how == "alone"]
        shared = len(own) - len(alone)
        whom = counted(len({d.provider for d in own}), "provider")
        beside = f", {shared} of them together with other edits" if shared else ""
        yield f"{edit.id}: {counted(len(own), 'difference')} for {whom}{beside}"


def _some(ids: Iterable[str]) -> str:
    known = list(ids)
    return f"{len(known)} ({joined(known, limit=NAMED)})"


def _item(words: Words, id_: str) -> str:
    """Name an item: the activity, and the period where it is of a series."""
    activity, at, period = id_.partition("@")
    known = activity in words.pack.activities
    name = words.pack.activities[activity].name if known else activity
    return f"{name}{f', {period}' if at else ''}"


def details(told: Comparison, provider: str | None = None) -> Iterator[str]:
    """Tell every difference in a line, of one provider or of all, with its clauses and edits."""
    words = Words(told.after.pack)
    for difference in told.differences:
        if provider in (None, difference.provider):
            cited = ", ".join(difference.clauses)
            yield f"{difference.provider}: {_told(words, difference)} [{cited}] {because(difference)}"


def because(difference: Difference) -> str:
    """Say which edits did it."""
    names = [edit.id for edit in difference.edits]
    if difference.how == "alone":
        return f"by {joined(names)}"
    if difference.how == "together":
        return f"by {joined(names)} together: without one of them it is as before"
    if difference.how == "either":
        return f"by any of {joined(names, 'or')}: only without all of them it is as before"
    return f"by {joined(names)}, each of which has a part in it"


def _told(words: Words, difference: Difference) -> str:
    old, new = difference.before, difference.after
    either = new if new is not None else old
    match either:
        case Suggestion():
            return f"suggested rating: {'; '.join(_rated(difference))}"
        case ScheduleItem():
            name = _item(words, difference.id)
        case Action():
            name = f"“{words.short(either.text)}”"
        case Question() | Flag():
            name = f"{difference.kind} “{either.text}”"
        case _:
            return f"{_item(words, difference.id)}: due {_days(old)}, now {_days(new)}"
    if old is None or new is None:
        return f"{name}: {'no longer there' if new is None else 'new'}"
    return f"{name}: {'; '.join(_fields(difference))}"


def _fields(difference: Difference) -> Iterator[str]:
    """Give what of a part is other, the fields by their names."""
    old, new = difference.before, difference.after
    for name in difference.fields:
        if name != MATCHED:
            was, now = getattr(old, name), getattr(new, name)
            yield f"{name.replace('_', ' ')} {_other(was, now)}"


def _other(was: object, now: object) -> str:
    if not (isinstance(was, tuple) and isinstance(now, tuple) and was and now):
        return f"{_value(was)}, now {_value(now)}"
    gone = [str(each) for each in was if each not in now]
    come = [str(each) for each in now if each not in was]
    told = [f"no longer {joined(gone)}"] if gone else []
    told += [f"now also {joined(come)}"] if come else []
    return " and ".join(told) or "in another order"


def _rated(difference: Difference) -> Iterator[str]:
    """Give what of a suggestion is other: the level in words, the criteria, else the fields."""
    old, new = difference.before, difference.after
    assert isinstance(old, Suggestion)
    assert isinstance(new, Suggestion)
    shown = [name for name in difference.fields if name in _SHOWN]
    if shown and str(old) != str(new):
        yield f"{old}, now {new}"
    else:
        yield from _fields(difference)
    if MATCHED in difference.fields:
        ids = [[c.id for c in each.matched] for each in (old, new)]
        yield from (f"no longer {id_}" for id_ in ids[0] if id_ not in ids[1])
        yield from (f"now {id_}" for id_ in ids[1] if id_ not in ids[0])


def _days(dues: Part | None) -> str:
    days = [str(due.due) for due in dues] if dues is not None and is_plan(dues) else []
    return ", ".join(days) or "none"


def _value(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(str(each) for each in value) or "none"
    return str(value).replace("_", " ")


# --- as data -------------------------------------------------------------------------------------


def as_data(told: Comparison) -> dict[str, Any]:
    """Give a comparison as plain data."""
    words = Words(told.after.pack)
    return {
        "before": _framework(told.before),
        "after": _framework(told.after),
        "on": str(told.on),
        "until": str(told.until) if told.until else None,
        "providers": told.providers,
        "edits": [
            {
                "id": edit.id,
                "kind": edit.kind,
                "before": _plain_value(edit.before),
                "after": _plain_value(edit.after),
                "place": edit.place,
                "clauses": list(edit.clauses),
            }
            for edit in told.edits
        ],
        "effect": told.effect,
        "version": told.version,
        "differences": [
            {
                "provider": d.provider,
                "kind": d.kind,
                "id": d.id,
                "fields": list(d.fields),
                "before": _face(d.before, words),
                "after": _face(d.after, words),
                "edits": [edit.id for edit in d.edits],
                "how": d.how,
                "clauses": list(d.clauses),
            }
            for d in told.differences
        ],
        "ratings_moved": [
            {"from": old, "to": new, "providers": list(ids)}
            for (old, new), ids in told.ratings_moved.items()
        ],
        "newly_unmet": [{"provider": d.provider, "id": d.id} for d in told.newly_unmet],
        "visits": [each._asdict() for each in told.visits],
        "unseen": [
            {**each._asdict(), "since": str(each.since), "until": str(each.until)}
            for each in told.unseen
        ],
        "faults": [plain_fault(fault) for fault in told.faults],
    }


def _framework(framework: Any) -> dict[str, str]:  # a framework
    pack = framework.pack
    return {"id": pack.id, "version": pack.identity.version, "digest": pack.digest}


def _plain_value(value: object) -> object:
    """Give a value of a pack or a setting as JSON has it; what is not there is null."""
    match value:
        case Nothing():
            return None
        case Mapping():
            return {str(key): _plain_value(each) for key, each in value.items()}
        case list() | tuple() | frozenset():
            return [_plain_value(each) for each in value]
        case dt.date():
            return value.isoformat()
    return value


def _face(part: Part | None, words: Words) -> Any:  # plain data
    """Give what is compared of a part of an answer."""
    if part is None:
        return None
    if is_plan(part):
        return [_due(due) for due in part]
    if isinstance(part, Suggestion):
        matched = {MATCHED: [criterion.id for criterion in part.matched]}
    else:
        matched = {}
    names = [name for name in compared_fields(part) if name not in matched]
    return {name: plain_part(getattr(part, name), words) for name in names} | matched


def _due(due: Due) -> dict[str, object]:
    return {"due": str(due.due), "period": due.period, "officer": due.officer}


def frame(told: Comparison) -> pl.DataFrame:
    """Give the differences as a frame: one row each, what was and is as text.

    Columns: provider, kind, id, before, after, edits, how and clauses, the last but one a list.
    InputError where polars is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        message = "a data frame needs polars, which is not installed"
        help_ = "install it: pip install 'qaf-rules[frames]'"
        raise InputError([Diagnostic(message, help=help_)]) from None
    rows = [
        {
            "provider": d.provider,
            "kind": d.kind,
            "id": d.id,
            "before": _cell(d, d.before),
            "after": _cell(d, d.after),
            "edits": [edit.id for edit in d.edits],
            "how": d.how,
            "clauses": list(d.clauses),
        }
        for d in told.differences
    ]
    many = pl.List(pl.String)
    texts = dict.fromkeys(("provider", "kind", "id", "before", "after"), pl.String)
    return pl.DataFrame(rows, schema={**texts, "edits": many, "how": pl.String, "clauses": many})


def _cell(difference: Difference, part: Part | None) -> str | None:
    """Give what a part says of what is other, in a cell."""
    match part:
        case None:
            return None
        case Suggestion():
            return str(part)
        case Action() | Question() | Flag() if not difference.fields:
            return part.text
        case ScheduleItem() if not difference.fields:
            return part.status
        case ScheduleItem() | Action() | Question() | Flag():
            told = [f"{n} {_value(getattr(part, n))}" for n in difference.fields]
            return "; ".join(told)
    return _days(part)
