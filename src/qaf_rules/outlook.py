"""What the rating may still become, and which question would tell the most of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, assert_never

from qaf_rules.condition import Is, walk
from qaf_rules.facts import View
from qaf_rules.rating import suggest
from qaf_rules.schedule import count_missed
from qaf_rules.values import MapOf, OneOf, SetOf, Simple

if TYPE_CHECKING:
    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import Assessment, Question, Suggestion

SMALL = (0, 1, 2, 3)
"""Numbers that an answer is tried with, beside those that a rule compares with."""


class Telling(NamedTuple):
    """A question that can still change the rating, and what its answers would settle.

    `settles` is how many levels of those still possible its most telling answer rules out, and
    `surely` how many every answer does; `expected` is the mean over its answers.
    """

    question: Question
    settles: int
    surely: int
    expected: float


def ranked(view: View, a: Assessment) -> tuple[Telling, ...]:
    """Rank the questions that can still change the suggestion by how much they settle.

    Those that rule out the most levels on average come first; of equal ones, those that leave the
    fewest facts to be asked, and then in the order in which they were put.
    """
    if _width(a.suggestion) == 0:
        return ()
    about: dict[str, list[Question]] = {}
    for question in a.questions:
        for name in question.about:
            about.setdefault(name, []).append(question)
    asked = {q.id: q for name in a.suggestion.unknown for q in about.get(name, ())}
    told = [_telling(view, a, q) for q in asked.values() if q.takes is not None]
    return tuple(telling for _, telling in sorted(told, key=lambda pair: pair[0]))


def _telling(view: View, a: Assessment, question: Question) -> tuple[tuple[float, float], Telling]:
    before = _width(a.suggestion)
    record, day = view.record, view.until
    after = [
        suggested(view, record.with_answer(question, value, by="", on=day))
        for value in answers(view.pack, question)
        if _possible(view, question, value)
    ]
    ruled_out = [before - _width(each) for each in after] or [0]
    left = sum(len(each.unknown) for each in after) / max(len(after), 1)
    expected = sum(ruled_out) / len(ruled_out)
    return (-expected, left), Telling(question, max(ruled_out), min(ruled_out), expected)


def _possible(view: View, question: Question, value: object) -> bool:
    """Whether what is known leaves an answer possible: of a number some are ruled out."""
    if question.fact is None or question.completes is not None or not isinstance(value, int):
        return True
    known = view.read(question.fact)
    return known.low <= value <= (value if known.high is None else known.high)


def _width(given: Suggestion) -> int:
    """Give how many levels are possible beside one."""
    return (given.highest or 0) - (given.lowest or 0)


def suggested(view: View, record: ProviderRecord) -> Suggestion:
    """Give the suggestion for a record that differs in what was stated or found alone.

    The schedule of the view is taken over: no such answer changes what is due.
    """
    fresh = View(view.pack, record, view.on, view.settings, view.known_at)
    fresh.list_items(listed.item for own in view.schedule.values() for listed in own)
    fresh.put("row", view.read("row"))
    count_missed(fresh)
    return suggest(fresh, lambda _: "")


def answers(pack: Pack, question: Question) -> tuple[object, ...]:
    """Give the answers to a question about a value that can make a difference."""
    match question.takes:
        case Simple("boolean"):
            return (True, False)
        case Simple("count" | "number"):
            return tuple(sorted({*SMALL, *_compared(pack, question.fact)}))
        case Simple("text" | "token"):
            return ("given",)
        case OneOf(values):
            return values
        case SetOf(values):
            return tuple(frozenset({value}) for value in values)
        case Simple() | MapOf() | None:
            return ()
        case other:
            assert_never(other)


def _compared(pack: Pack, name: str | None) -> Iterator[int]:
    """Give the numbers with which the criteria compare a value, and those beside them."""
    for spec in pack.rating.values():
        for part in walk(spec.when):
            if isinstance(part, Is) and part.name == name and isinstance(part.test.plain, Mapping):
                for limit in part.test.plain.values():
                    if isinstance(limit, int) and not isinstance(limit, bool):
                        yield from (max(limit - 1, 0), limit, limit + 1)
