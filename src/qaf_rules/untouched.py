"""Whether a change leaves a provider's answers as they are, found without answering again.

An answer is made of what the entries of a pack come to: facts, obligations, criteria, actions and
questions, each made of those before it. Where every entry that is other comes to the same for a
provider as it did, so does all that rests on it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from qaf_rules.actions import Undecided, answers, suggest_action
from qaf_rules.altered import Change
from qaf_rules.condition import Condition, Result, walk
from qaf_rules.frequency import KEYS, Attached
from qaf_rules.incomplete import lacking
from qaf_rules.mentions import Key, entries
from qaf_rules.names import ENGINE_READS
from qaf_rules.pack import Pack
from qaf_rules.result import Evidence, Lacking, Reason, Truth
from qaf_rules.schema import ActionSpec, Derived, QuestionSpec, Reading, ValueSpec

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.facts import View
    from qaf_rules.laid_out import Started
    from qaf_rules.provider_day import ProviderDay

Later: TypeAlias = "Callable[[], ProviderDay]"  # gives the day under the other framework
Test: TypeAlias = "Callable[[ProviderDay, Later], bool]"

FREQUENCIES: Final = ("activities", "matrix", "supplements")
SETTING: Final = "setting"
CONDUCT: Final = "conduct"


class Basis(NamedTuple):
    """How to see whether a change from one framework to another touches a provider."""

    tests: tuple[Test, ...]

    def spares(self, was: ProviderDay, now: Later) -> bool:
        """Whether the provider's answers stay as they are.

        `was` is its day under the first framework, `now` gives the one under the other.
        """
        return all(test(was, now) for test in self.tests)


def basis_of(before: Framework, after: Framework) -> Basis | None:
    """Give how to see whom a change from one framework to another leaves as they are.

    None where that cannot be told from less than the answers themselves.
    """
    change = Change(before, after)
    if any(_timed(pack) for pack in (change.old, change.new)):
        return None  # an action rests on other days too
    if change.old.chosen - change.new.chosen or change.names & ENGINE_READS:
        return None
    tests: list[Test] = []
    for sections, test_of in _TESTS.items():
        other = [change.other(section) for section in sections]
        if any(other):
            test = test_of(change, *other)
            if test is None:
                return None
            tests.append(test)
    return Basis(tuple(tests))


def _timed(pack: Pack) -> bool:
    return any(each.timed for action in pack.actions.values() for each in action.triggers)


class Told(NamedTuple):
    """What of a reason anything else can rest on: its truth, what it rests on, what would settle it."""

    truth: Truth
    support: list[Evidence]
    asks: list[tuple[str, tuple[Lacking, ...]]]


def _told(day: ProviderDay, reason: Reason) -> Told:
    asks = [(name, lacking(day.view, name, reason)) for name in reason.still_needed()]
    return Told(reason.truth, reason.support(), asks)


def _read_from(day: ProviderDay, *, after_actions: bool = False) -> View:
    """Give the view of a day as conditions read it once it is rated, or once actions are suggested."""
    if after_actions:
        day.assessment()
    day.rated  # noqa: B018  # which the view then tells
    return day.view


# --- what all rules share ------------------------------------------------------------------------


def _pack(change: Change, ids: set[Key]) -> Test | None:
    """What all rules share: where a gap is read otherwise, what that suggests; of the rest no less tells."""
    old, new = (pack.identity.rating for pack in change.packs)
    plain = old.model_copy(update={"gap": new.gap})
    return _rated_alike if ids == {("rating",)} and plain == new else None


# --- facts ---------------------------------------------------------------------------------------


def _facts(change: Change, ids: set[Key]) -> Test | None:
    """Facts and fields that follow from others otherwise: what they come to."""
    if not {part for part, _ in ids} <= {"facts", "fields"}:
        return None
    old, new = ([_but_derived(pack, key) for key in sorted(ids)] for pack in change.packs)
    if old != new or change.reads(old):
        return None
    whens = [option.when for pack in change.packs for key in ids for option in _derived(pack, *key)]
    if not all(change.new.silence.reads_record_alone(when) for when in whens):
        return None  # what it is may rest on when it is read

    def same(was: ProviderDay, now: Later) -> bool:
        if _obliged(was) != _obliged(now()) or any(
            _read(was, name) != _read(now(), name) for _, name in ids
        ):
            return False
        return not was.rated.suggestion.passed_over or _rated_alike(was, now)  # who may read of it

    return same


def _read(day: ProviderDay, name: str) -> object:
    """Give what a name reads, and what is missing for it; that a setting is given tells nothing of it."""
    read = day.view.read(name)
    evidence = tuple(each for each in read.evidence if each.type != SETTING)
    return read._replace(evidence=evidence), day.view.missing(name)


def _but_derived(pack: Pack, key: Key) -> object:
    known = entries(pack, "vocabulary")
    found: Any = known.get(key)
    return found and (list(known).index(key), {k: v for k, v in found.items() if k != "derive"})


def _derived(pack: Pack, part: str, name: str) -> tuple[Derived, ...]:
    spec: ValueSpec = getattr(pack, part)[name]
    return spec.derive


# --- what is due ---------------------------------------------------------------------------------


def _frequencies(
    change: Change, activities: set[Key], rows: set[Key], supplements: set[Key]
) -> Test | None:
    """What rows bring, and how often: what the provider is obliged to."""
    old, new = (_bare(pack) for pack in change.packs)
    if old != new or change.reads(old) or len({_attached(pack) for pack in change.packs}) > 1:
        return None
    chosen_otherwise = bool(supplements) or _choose_otherwise(change, rows)

    def has_none(was: ProviderDay) -> bool:
        return not chosen_otherwise and not (
            any((row.row,) in rows for row in was.obliged.rows)
            or any((each.activity,) in activities for each in was.obliged.obligations)
        )

    if change.shifts:  # a rule that is the same may come out otherwise
        return lambda was, _now: has_none(was)
    return lambda was, now: has_none(was) or _obliged(was) == _obliged(now())


def _bare(pack: Pack) -> list[tuple[str, dict[str, object]]]:
    return [
        (id_, {k: v for k, v in each.items() if k != CONDUCT})
        for id_, each in bare_activities(pack)
    ]


def bare_activities(pack: Pack) -> list[tuple[str, dict[str, object]]]:
    """Give the activities as the pack writes them, in their order, without how often they are due."""
    raw = pack.data["activities"]
    return [(id_, {k: v for k, v in raw[id_].items() if k not in KEYS}) for id_ in pack.activities]


def _attached(pack: Pack) -> frozenset[str]:
    """Give the activities that are held with another: who lacks one is told of it otherwise."""
    found = pack.activities.items()
    return frozenset(id_ for id_, spec in found if isinstance(spec.rule.frequency, Attached))


def _choose_otherwise(change: Change, ids: set[Key]) -> bool:
    """Whether another row may be chosen: one is new or gone, holds otherwise or elsewhere in order."""
    old, new = (entries(pack, "matrix") for pack in change.packs)
    if list(old) != list(new):
        return True
    whens: Any = [(old[id_], new[id_]) for id_ in ids]
    return any(a["when"] != b["when"] or change.reads(a["when"]) for a, b in whens)


def _obliged(day: ProviderDay) -> object:
    """Give what the schedule and the plan of a provider are made of, beside the record."""
    found = day.obliged
    rows = [
        (
            (row.service, row.row, row.undocumented),
            row.clauses,
            row.readings,
            row.reason and _told(day, row.reason),
            day.pack.matrix[row.row].blank if row.row is not None else None,
        )
        for row in found.rows
    ]
    asked = [
        [lacking(day.view, name, each.reason) for name in each.undecided or ()]
        for each in found.obligations
    ]
    return rows, [each._replace(reason=None) for each in found.obligations], asked


# --- the rating ----------------------------------------------------------------------------------


def _criteria(change: Change, ids: set[Key]) -> Test | None:
    """Criteria: what they come to, and what that suggests."""
    old, new = change.packs
    if any(
        set(a) != set(b) for a, b in zip(old.rating_vocabulary, new.rating_vocabulary, strict=False)
    ):
        return None
    whens = [(old.rating[id_].when, new.rating[id_].when) for (id_,) in ids & _but_when(change)]
    plain = not change.shifts and len(whens) == len(ids)
    if not plain or not all(map(old.silence.reads_record_alone, chain(*whens))):
        return _rated_alike  # what is made meanwhile is not what it reads when it is judged

    def same(was: ProviderDay, now: Later) -> bool:
        if was.rated.suggestion.passed_over:  # which every criterion may speak of
            return _rated_alike(was, now)
        return all(_judged(was, old) == _judged(was, new) for old, new in whens)

    return same


def _rated_alike(was: ProviderDay, now: Later) -> bool:
    return _rated(was) == _rated(now())


def _but_when(change: Change) -> set[Key]:
    """Give the criteria that both packs have, the same but for their condition."""
    old, new = (
        {(c.id,): (c.level, c.mode, c.of) for c in (*p.laid_out.criteria, *p.laid_out.qualifiers)}
        for p in change.packs
    )
    return {key for key in old if old[key] == new.get(key)}


def _judged(day: ProviderDay, when: Condition) -> object:
    return _told(day, _read_from(day).judge(when))


def _rated(day: ProviderDay) -> object:
    """Give what of a suggestion the rest of the answers can rest on.

    Of what does not hold, nothing rests on but where a level needs all of its criteria.
    """
    found = day.rated.suggestion
    criteria = [
        (*each[:4], _told(day, each.reason))
        for each in found.criteria
        if each.matched is not False or each.mode == "all"
    ]
    return found.status, found.level, found.lowest, found.highest, found.passed_over, criteria


# --- what is suggested, told and asked -----------------------------------------------------------


def _actions(change: Change, ids: set[Key]) -> Test | None:
    """Actions: what is suggested of them, and what is asked before they can be."""
    old, new = (
        {i: p.actions[i] for (i,) in sorted(ids) if i in p.actions and not p.actions[i].portfolio}
        for p in change.packs
    )
    specs = (*old.values(), *new.values())
    late = any(_rests_on_actions(when) for spec in specs for when in _conditions(spec))
    if late and (change.shifts or any(_looks_ahead(pack, ids) for pack in change.packs)):
        return None
    # Of one that goes on until it is enough the schedule lists what is still to be held.
    decided = {spec.enough.decision for spec in specs if spec.enough is not None}
    # A day may be that of the reading which is taken, and is told of the pack that takes it.
    by_choice = {id_ for id_, spec in old.items() if not change.readings.isdisjoint(_choices(spec))}
    place = change.new if change.shifts else change.old  # by which the other ones are judged
    by_old, by_new = (
        [pack.laid_out.started(id_, spec) for id_, spec in own.items()]
        for pack, own in ((change.old, old), (place, new))
    )

    def same(was: ProviderDay, now: Later) -> bool:
        then = now() if change.shifts else was
        _read_from(was, after_actions=late)
        told = _suggested(was, by_old)
        if not by_choice.isdisjoint(told) or any(map(was.view.decisions, decided)):
            return False
        return told == _suggested(then, by_new)

    return same


def _conditions(spec: ActionSpec) -> Iterator[Condition]:
    for trigger in spec.triggers:
        yield trigger.when
        yield from () if isinstance(trigger.event, str) else (trigger.event,)
    yield from () if spec.closed_when is None else (spec.closed_when,)


def _looks_ahead(pack: Pack, ids: set[Key]) -> bool:
    """Whether some actions read what is suggested after them, of which they see nothing."""
    order = {id_: n for n, id_ in enumerate(pack.actions)}
    return any(
        order.get(name, len(order)) >= order[id_]
        for (id_,) in ids
        if id_ in order
        for condition in _conditions(pack.actions[id_])
        for part in walk(condition)
        if isinstance(part, Result) and part.what == "suggested"
        for name in part.ids
    )


def _choices(spec: ActionSpec) -> Iterator[object]:
    for due in (spec.due, *(trigger.due for trigger in spec.triggers)):
        if isinstance(due, Mapping):
            yield due.get("by_choice")


def _suggested(day: ProviderDay, actions: Iterable[Started]) -> Mapping[str, object]:
    """Give what is suggested of some actions, and what is asked for them, without the reasons."""
    view = _read_from(day)
    found: dict[str, object] = {}
    for started in actions:
        undecided: list[Undecided] = []
        own = suggest_action(view, started, undecided)
        if own or undecided:
            plain = [replace(each, reasons=(), other_dues=()) for each in own]
            found[started.id] = plain, [(_told(day, u.reason), u.clauses) for u in undecided]
    view.bind({})
    return found


def _flags(change: Change, ids: set[Key]) -> Test | None:
    """Flags: that they are told by neither pack."""
    if any(p.identity.scope and (p.identity.scope.flag,) in ids for p in change.packs):
        return None  # it is told of whoever is outside the framework
    old, new = ([p.flags[id_].when for (id_,) in ids if id_ in p.flags] for p in change.packs)
    by_old, by_new = ([when for when in each if when is not None] for each in (old, new))
    return _come_out(change, by_old, by_new, _none_holds)


def _questions(change: Change, questions: set[Key], readings: set[Key]) -> Test | None:
    """Questions and ambiguities: that they are asked by neither pack, or by both for the same."""
    asked = [(key, "questions") for key in questions] + [(key, "readings") for key in readings]
    tests = [_question(change, section, key) for key, section in asked]
    made = [test for test in tests if test is not None]
    if len(made) < len(tests):
        return None
    return lambda was, now: all(test(was, now) for test in made)


def _question(change: Change, section: str, key: Key) -> Test | None:
    was, now = (entries(pack, section).get(key) for pack in change.packs)
    (id_,) = key
    asked = [list(_asks_when(pack, section, id_)) for pack in change.packs]
    about = [list(_about_when(pack, id_)) for pack in change.packs]
    old, new = (getattr(pack, section).get(id_) for pack in change.packs)
    if was == now and old == new and id_ not in change.readings:
        return _come_out(change, asked[0] + about[0], asked[1] + about[1], operator.eq)
    if section == "readings" and was != now:
        return None
    silent = _come_out(change, asked[0] or about[0], asked[1] or about[1], _none_holds)
    return silent and (lambda was, now: silent(was, now) and not _asked(was, id_))


def _asks_when(pack: Pack, section: str, id_: str) -> Iterator[Condition]:
    """Give the condition on which a provider is asked, where the pack states one."""
    spec = getattr(pack, section).get(id_)
    if isinstance(spec, QuestionSpec) and spec.when is not None and not spec.portfolio:
        yield spec.when
    if isinstance(spec, Reading) and spec.asked_when is not None and not spec.portfolio:
        yield from () if id_ in pack.chosen else (spec.asked_when,)


def _about_when(pack: Pack, id_: str) -> Iterator[Condition]:
    """Give the conditions on which a question is about something."""
    spec = pack.questions.get(id_)
    if spec is not None and not spec.portfolio:
        yield from (each.when for each in spec.about if each.when is not None)


def _asked(day: ProviderDay, id_: str) -> bool:
    """Whether a question is asked that is about something, be it for an unknown, or is answered."""
    asked = day.assessment().questions
    return any(id_ in question.about for question in asked) or any(
        to == id_ for to, _ in answers(day.view)
    )


def _come_out(
    change: Change,
    old: list[Condition],
    new: list[Condition],
    fit: Callable[[list[Told], list[Told]], bool],
) -> Test | None:
    """Whether what conditions come out as by both packs fits; None where it takes an answer to tell."""
    late = any(_rests_on_actions(when) for when in (*old, *new))
    if late and change.shifts:
        return None

    def test(was: ProviderDay, now: Later) -> bool:
        # Where nothing shifts, all that they read is what it was.
        then = now() if change.shifts else was
        mine, other = _read_from(was, after_actions=late), _read_from(then)
        return fit(
            [_told(was, when.evaluate(mine)) for when in old],
            [_told(then, when.evaluate(other)) for when in new],
        )

    return test


def _none_holds(was: list[Told], now: list[Told]) -> bool:
    return not any(truth for truth, _, _ in (*was, *now))


def _rests_on_actions(condition: Condition) -> bool:
    """Whether a condition reads what is suggested."""
    return any(isinstance(p, Result) and p.what == "suggested" for p in walk(condition))


_TESTS: Final[Mapping[tuple[str, ...], Callable[..., Test | None]]] = {
    ("pack",): _pack,
    ("vocabulary",): _facts,
    FREQUENCIES: _frequencies,
    ("rating",): _criteria,
    ("actions",): _actions,
    ("flags",): _flags,
    ("questions", "readings"): _questions,
}
