"""What a notebook shows of an answer: the parts that somebody acts on first, the rest folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Self

from qaf_rules.explain import (
    NOT_STATED,
    beside,
    brought_parts,
    by_urgency,
    confirmed,
    item_clauses,
    suggested,
)
from qaf_rules.markup import bullets, document, folded, outline, part, plainly, table
from qaf_rules.result import ScheduleItem
from qaf_rules.words import Words, a_day, counted, joined, sentence, spaced

if TYPE_CHECKING:
    from qaf_rules.comparing import Comparison
    from qaf_rules.facts import View
    from qaf_rules.result import Action, Assessment, Question

__all__ = ["Items", "assessment", "comparison", "schedule"]

MOST = 100  # differences that are listed; the rest are counted
FEW = 5  # questions that are not folded away

_QUIET = ("not_due", "as_required", "done")  # what calls for nothing yet
_ITEM = ("Activity", "Status", "Due", "Clauses")
_BROUGHT = ("What", "For", "Due", "By", "Through", "Clauses")
_ACTION = ("Action", "Force", "By", "Due", "Clauses")


class Items(tuple[ScheduleItem, ...]):  # noqa: SLOT001  # a tuple cannot have any
    """The items of a schedule, which a notebook shows as a table."""

    show: Callable[[Iterable[ScheduleItem]], str]

    def __new__(
        cls,
        items: Iterable[ScheduleItem] = (),
        show: Callable[[Iterable[ScheduleItem]], str] = lambda _: "",
    ) -> Self:
        """Take the items, and what makes HTML of them."""
        made = super().__new__(cls, items)
        made.show = show
        return made

    def __str__(self) -> str:
        by_status = Counter(spaced(item.status) for item in self)
        told = ", ".join(f"{number} {status}" for status, number in by_status.items())
        return f"schedule: {told or 'nothing'}"

    _repr_pretty_ = plainly

    def _repr_html_(self) -> str:
        return self.show(self)


def assessment(view: View, a: Assessment) -> str:
    """Show an assessment: the suggestion with its reasons, what is due, to be done and to be asked."""
    words = Words(view.pack, view.record, short=True)
    name = f"{a.name} ({a.provider})" if a.name else a.provider
    questions = [_asked(words, question) for question in a.questions]
    return document(
        f"{name} on {a_day(a.on)}",
        outline([f"{view.pack.identity.name}, {a.version}"]),
        part(
            f"Suggested: {a.suggestion}",
            bullets([*suggested(words, a.suggestion), *confirmed(words, a)]),
        ),
        *_items(words, a.schedule),
        table(
            "Brought by activities", _BROUGHT, [_brought(words, i) for i in by_urgency(a.brought)]
        ),
        table("Next actions", _ACTION, [_acted(words, action) for action in a.actions]),
        part(
            "Questions",
            bullets(questions[:FEW]),
            folded(f"{counted(len(questions[FEW:]), 'more question')}", bullets(questions[FEW:])),
        ),
    )


def schedule(view: View, items: Iterable[ScheduleItem]) -> str:
    """Show schedule items: what is late or due first, what calls for nothing yet folded away."""
    return document("Schedule", *_items(Words(view.pack, view.record, short=True), items))


def _items(words: Words, items: Iterable[ScheduleItem]) -> Iterator[str]:
    told = by_urgency(items)
    pressing = [item for item in told if item.status not in _QUIET]
    quiet = [item for item in told if item.status in _QUIET]
    yield table("Due, late or not known", _ITEM, [_item(words, item) for item in pressing])
    rest = table("Nothing to do yet", _ITEM, [_item(words, item) for item in quiet])
    yield folded(f"{counted(len(quiet), 'item')} with nothing to do yet", rest)


def _item(words: Words, item: ScheduleItem) -> tuple[str, ...]:
    days = abs(item.days or 0)
    late = f", {counted(days, 'day')} late" if item.status == "overdue" else ""
    due = words.day(item.due) if item.due else ""
    return (
        _first_large(words.item(item)),
        f"{spaced(item.status)}{late}{''.join(beside(words, item))}",
        due,
        ", ".join(item_clauses(words.pack, item)),
    )


def _brought(words: Words, item: ScheduleItem) -> tuple[str, ...]:
    told = brought_parts(words, item)
    due = words.day(told.due) if told.due else NOT_STATED
    parts = told.activity, due, told.owner, told.channel
    return told.what, *map(_first_large, parts), ", ".join(item.clauses)


def _acted(words: Words, action: Action) -> tuple[str, ...]:
    about = f" ({words.item(action.about)})" if action.about else ""
    owner = words.role(action.owner) if action.owner else ""
    decider = (
        f"{joined(map(words.role, action.decided_by.split(', ')))} to decide"
        if action.decided_by
        else ""
    )
    return (
        f"{action.text.rstrip('.')}{about}",
        spaced(action.obligation),
        _first_large("; ".join(filter(None, [owner, decider]))),
        words.day(action.due) if action.due else "",
        ", ".join(action.clauses),
    )


def _asked(words: Words, question: Question) -> str:
    return sentence(words.plain(question.text), words.cite(question.clauses, question.readings))


def _officer(words: Words, officer: str) -> str:
    return _first_large(words.role(officer) if officer in words.pack.roles else officer)


def _first_large(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def comparison(told: Comparison) -> str:
    """Show a comparison: its summary, then the due dates by month and every difference, folded."""
    head, *lines = str(told).splitlines()
    words = Words(told.after.pack)
    months = [
        (
            v.month,
            _first_large(words.item(v.activity)),
            _officer(words, v.officer),
            str(v.before),
            str(v.after),
        )
        for v in told.visits
    ]
    differences = [
        (d.provider, d.kind, line.removeprefix(f"{d.provider}: "))
        for d, line in zip(told.differences[:MOST], told.details(), strict=False)
    ]
    left = len(told.differences) - len(differences)
    more = [f"{left} more are in `details()` and `to_frame()`."] if left else []
    return document(
        head,
        outline(lines),
        folded(
            "Due dates by month",
            table(
                "Months with more or fewer due dates",
                ("Month", "Activity", "Officer", "Before", "After"),
                months,
            ),
        ),
        folded(
            "Every difference",
            table(
                "What is other, and which edit did it",
                ("Provider", "Part", "What is other"),
                differences,
            ),
            outline(more),
        ),
    )
