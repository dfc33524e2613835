"""The suggestion: criteria over findings and facts, qualifiers, and what they pass over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from qaf_rules.condition import Findings, Is, walk
from qaf_rules.reach import Reach
from qaf_rules.result import CriterionResult, Evidence, Reason, Suggestion, Truth

if TYPE_CHECKING:
    from qaf_rules.elements import Known
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack


def suggest(view: View, say: Callable[[Suggestion], str]) -> Suggestion:
    """Evaluate every criterion and suggest a level (K7), or say why none can be suggested."""
    criteria = judged(view)
    method = view.pack.identity.rating
    matched = [c for c in criteria if c.matched]
    open_ = [c for c in criteria if c.matched is None]
    levels = [c.level for c in matched if c.mode == "any"]
    passed_over = tuple(_passed_over(view, matched))
    ladder = [c for c in criteria if c.mode == "all"]
    met = bool(ladder) and all(c.matched for c in ladder)
    level: int | None = None
    if method.method == "ask":
        status = "insufficient_information"
    elif levels:
        status, level = "suggested", max(levels)
    elif met and not passed_over:
        status, level = "suggested", method.all_of_level
    elif passed_over:
        status, level = "gap", _floor(view, passed_over)
    elif not anything_known(view):
        status = "none"
    elif not ladder or any(c.matched is None for c in ladder):
        status = "insufficient_information"
    else:
        failed = [c for c in ladder if c.matched is False]
        passed_over = tuple(Evidence("criterion", c.id) for c in failed)
        status, level = "gap", method.floor
    return Suggestion(
        status=status,
        level=level,
        lowest=_lowest(view, ladder, passed_over) if status != "suggested" else level,
        highest=max(
            [
                level or method.floor,
                *[c.level for c in open_ if c.mode == "any"],
            ]
        ),
        criteria=tuple(criteria),
        passed_over=passed_over,
        unknown=_still_needed(
            open_,
            level or 0,
            whole=status != "suggested" and all(c.matched is not False for c in ladder),
        ),
        clauses=(
            *method.clause,
            *(
                view.pack.levels[level].clause
                if level is not None and level in view.pack.levels
                else ()
            ),
        ),
        readings=method.readings,
        say=say,
    )


def judged(view: View) -> list[CriterionResult]:
    """Judge every criterion, in the order of the pack."""
    found: dict[str, CriterionResult] = {}
    laid_out, judge = view.pack.laid_out, view.reason_of
    for id_, when, level, mode, text, clauses, readings, _ in laid_out.criteria:
        reason = judge(when)
        result = (id_, level, mode, reason.truth, text, reason, clauses, readings)
        found[id_] = _new(CriterionResult, result)
    for id_, when, level, mode, text, clauses, readings, of in laid_out.qualifiers:
        reason = judge(when)
        narrowed = [found[o].matched for o in of if o in found]
        holds: Truth = any(narrowed) or (None if None in narrowed else False)
        truth = (
            reason.truth
            if holds
            else (None if holds is None and reason.truth is not False else False)
        )
        found[id_] = CriterionResult(id_, level, mode, truth, text, reason, clauses, readings)
    for id_, result in found.items():
        if result.matched:
            view.came_out("matched", id_, (result.reason, None))
        elif result.matched is None:
            view.came_out("undecided", id_, _UNDECIDED)
    return [found[id_] for id_ in view.pack.rating]


_new = tuple.__new__  # there is one for every criterion of every assessment
_UNDECIDED = (Reason(None, True), None)  # noqa: FBT003  # a truth


def _lowest(view: View, ladder: list[CriterionResult], passed_over: tuple[Evidence, ...]) -> int:
    """The best level that is still possible where none is suggested.

    It is the one that needs all of its criteria, until one of them fails for good, or something is
    passed over for good.
    """
    method = view.pack.identity.rating
    if _for_good(view, [c.id for c in ladder if c.matched is None], passed_over):
        return _floor(view, passed_over)
    failed = any(c.matched is False for c in ladder)
    return method.floor if failed else method.all_of_level


def _for_good(view: View, open_: list[str], passed_over: tuple[Evidence, ...]) -> bool:
    """Whether something passed over can neither prove benign nor be read by an open criterion."""
    pack = view.pack
    kinds = (
        known.kind
        for kind in rating_kinds(pack)
        for known in view.world(kind).elements
        if known.evidence in passed_over and not _may_be_benign(view, known)
    )
    facts = (
        evidence.ref
        for evidence in passed_over
        if evidence.unit == ("fact", evidence.ref) and pack.facts[evidence.ref].adverse_when is None
    )
    return any(not _can_read(pack, open_, about) for about in (*kinds, *facts))


def _may_be_benign(view: View, known: Known) -> bool:
    benign = view.pack.kinds[known.kind].benign
    return benign is not None and benign.holds(known, view) is not False


def _can_read(pack: Pack, criteria: Iterable[str], of: str) -> bool:
    """Whether one of some criteria may read a kind of finding or a fact where it holds."""
    known = pack.kept.readers
    if not known:
        reach = Reach(pack)
        for id_, spec in pack.rating.items():
            known[id_] = reach.readable(spec.when)
    return any(of in known[id_] for id_ in criteria)


def _still_needed(open_: list[CriterionResult], level: int, *, whole: bool) -> tuple[str, ...]:
    """Name the facts that could still change the suggestion, the worst level first."""
    needing = [c for c in open_ if whole or c.level > level]
    needing.sort(key=attrgetter("level"), reverse=True)
    return tuple(dict.fromkeys([name for c in needing for name in c.reason.still_needed()]))


# --- what is passed over (K18) -------------------------------------------------------------------


def _passed_over(view: View, matched: Iterable[CriterionResult]) -> Iterator[Evidence]:
    """Give what is adverse and live, and read by no matched criterion."""
    read = read_by(view, (criterion.reason for criterion in matched))
    for kind in view.heard(rating_kinds(view.pack)):
        yield from unread_findings(view, kind, read)
    for name in view.pack.laid_out.judgements:
        if name in view.statements:
            yield from unread_statement(view, name, read)


def unread_findings(view: View, kind: str, read: frozenset[object]) -> Iterator[Evidence]:
    """Give the adverse findings of a kind that are not among what was read."""
    for known in view.world(kind).elements:
        if known.number not in read and view.adverse(known):
            yield known.evidence


def unread_statement(view: View, name: str, read: frozenset[object]) -> Iterator[Evidence]:
    """Give the statement of a fact where it is adverse by itself and not among what was read."""
    spec = view.pack.facts[name]
    if spec.benign is None or (spec.tie is not None and not spec.judges):
        return
    stated = view.stated(name)
    benign = spec.benign if isinstance(spec.benign, list) else [spec.benign]
    if stated.value is None or stated.value in benign or ("fact", name) in read:
        return
    if spec.adverse_when is None or spec.adverse_when.holds(None, view):
        yield stated.evidence[0]


def read_by(view: View, reasons: Iterable[Reason]) -> frozenset[object]:
    """Give the findings and statements that were read for what holds, by their units."""
    return frozenset(_read(view, reasons))


def _read(view: View, reasons: Iterable[Reason]) -> Iterator[object]:
    for reason in reasons:
        for evidence in reason.support():
            yield evidence.unit
            if evidence.type == "statement":
                yield from _spoken_for(view, evidence.ref)


def _spoken_for(view: View, fact: str) -> Iterator[object]:
    """A statement that a criterion reads reads the findings that it describes or judges."""
    spec = view.pack.facts.get(fact)
    if spec is None:
        return
    for kind in spec.judges:
        yield from (known.number for known in view.world(kind).elements)
    tie = spec.tie
    if tie is not None:
        yield from (
            k.number
            for k in view.world(tie.kind).elements
            if k.stated and _described(view, k, tie.where)
        )


def _described(view: View, known: Known, where: Mapping[str, Any]) -> bool:
    return all(
        known.get(name, view) in (wanted if isinstance(wanted, list) else [wanted])
        for name, wanted in where.items()
    )


def _floor(view: View, passed_over: tuple[Evidence, ...]) -> int:
    """The floor of a gap, or under the other reading the next level that mentions its topic."""
    method = view.pack.identity.rating
    if method.gap == "floor":
        return method.floor
    kinds = {
        k.kind
        for kind in rating_kinds(view.pack)
        for k in view.world(kind).elements
        if k.evidence in passed_over
    }
    facts = {e.ref for e in passed_over if e.type == "statement"}
    levels = [
        spec.level
        for spec in view.pack.rating.values()
        if spec.mode == "any"
        and any(
            (isinstance(c, Findings) and kinds & set(c.kinds))
            or (isinstance(c, Is) and _speaks(view.pack, c.name, kinds, facts))
            for c in walk(spec.when)
        )
    ]
    return min(levels, default=method.floor)


def _speaks(pack: Pack, name: str, kinds: set[str], facts: set[str]) -> bool:
    spec = pack.facts.get(name)
    tie = spec.tie if spec is not None else None
    return name in facts or (tie is not None and tie.kind in kinds)


def anything_known(view: View) -> bool:
    """Whether any fact of the rating is known, stated or by what was found or looked at."""
    for name in rating_facts(view.pack):
        if name in view.statements:
            tie = view.pack.facts[name].tie
            derived = tie is not None and view.pack.kinds[tie.kind].derived
            if view.stated(name).value or not derived:
                return True
    kinds = rating_kinds(view.pack)
    if any(view.world(kind).elements for kind in view.heard(kinds)):
        return True
    return any(view.world(k).closed and not view.pack.kinds[k].derived for k in kinds)


def rating_kinds(pack: Pack) -> tuple[str, ...]:
    """Give the finding kinds that criteria or facts of the rating speak of."""
    return pack.rating_vocabulary[0]


def rating_facts(pack: Pack) -> tuple[str, ...]:
    """Give the facts that criteria read, by themselves or through a kind of finding."""
    return pack.rating_vocabulary[1]
