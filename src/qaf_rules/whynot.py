"""Why not: what is missing for something to hold, leaf by leaf, the nearest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import EllipsisType
from typing import TYPE_CHECKING

from qaf_rules import explain, why
from qaf_rules.actions import judged
from qaf_rules.condition import Findings, Is, whole
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, quoted
from qaf_rules.errors import listed as listing
from qaf_rules.obstacles import Way, distance, standing, ways
from qaf_rules.phrases import Phrases
from qaf_rules.why import Cited, Explanation, Told, criterion_tree, made, whole_of
from qaf_rules.words import Words, counted, joined, sentence

if TYPE_CHECKING:
    from qaf_rules.actions import Judged
    from qaf_rules.facts import View
    from qaf_rules.result import Assessment, CriterionResult, Flag, Reason, ScheduleItem, Truth
    from qaf_rules.schema import ActionSpec

RATING = "rating"
FEW = 5
"""More ways than this are counted, not told."""


def why_of(view: View, a: Assessment, about: str | int) -> Explanation:
    """Explain a part of an answer as it stands, or what it would take where it is none.

    `about` is `rating`, a level, or the id of a criterion, activity, schedule item, action,
    question or flag; InputError with a hint for any other.
    """
    phrases, name = Phrases(Words(view.pack, view.record), view), str(about)
    scope = view.pack.identity.scope
    outside = next((flag for flag in a.flags if scope is not None and flag.id == scope.flag), None)
    if re.fullmatch(r"-?\d{1,4}", name):
        return _level(phrases, a, int(name), outside)
    if name == RATING:
        return _outside(phrases, name, outside) or why.suggestion(phrases, a.suggestion)
    return _present(phrases, a, name) or _absent(phrases, a, name, outside)


def _outside(phrases: Phrases, name: str, flag: Flag | None) -> Explanation | None:
    """Explain whatever there is not by the service being outside the framework, where it is."""
    if flag is None:
        return None
    told = why.raised(phrases, flag, explain.flagged(phrases.words, flag))
    return replace(told, about=name, truth=False)


def _present(phrases: Phrases, a: Assessment, name: str) -> Explanation | None:
    """Explain what is part of the answer; None for what is not."""
    items = [i for i in explain.by_urgency(a.schedule) if name in (i.id, i.activity)]
    if items:
        return why.items(phrases, a, name, items)
    for criterion in a.suggestion.matched:
        if criterion.id == name:
            return why.criterion(phrases, criterion)
    actions = [each for each in a.actions if each.id == name]
    if actions:
        return why.action(phrases, a, actions)
    if a.questions.has(name):
        return why.question(phrases, a, a.questions[name])
    asking = [q for q in a.questions if name in q.about and q.completes is not None]
    if asking:
        found = why.question(phrases, a, asking[0])
        if len(asking) > 1:
            of_all = f"It is asked of {counted(len(asking), 'finding')} in all."
            found = _with_sentence(found, of_all)
        return replace(found, about=name)
    if a.flags.has(name):
        return why.raised(phrases, a.flags[name], explain.flagged(phrases.words, a.flags[name]))
    return None


def _absent(phrases: Phrases, a: Assessment, name: str, outside: Flag | None) -> Explanation:
    """Explain what is no part of the answer by what it would take."""
    pack = phrases.view.pack
    if name in pack.rating:
        return _outside(phrases, name, outside) or _criterion(phrases, a, name)
    if name in pack.actions:
        return _outside(phrases, name, outside) or _action(phrases, name)
    if name in pack.activities:
        return _outside(phrases, name, outside) or _activity(phrases, a, name)
    if name in pack.flags:
        spec = pack.flags[name]
        scope = pack.identity.scope
        when = scope.out_when if scope is not None and scope.flag == name else spec.when
        reasons = [whole(when, phrases.view)] if when is not None else []
        return _missing(phrases, name, spec.text, reasons, Cited(spec.clause, spec.readings))
    if name in pack.questions or name in pack.values or name in pack.readings:
        return _question(phrases, name)
    known = [*pack.rating, *pack.activities, *pack.actions, *pack.questions, *pack.flags]
    help_ = did_you_mean(name, [*known, *pack.values, *pack.readings, RATING])
    help_ = help_ or "give `rating`, a level, or an id of the pack's rules"
    message = f"there is nothing called {quoted(name)} to explain"
    raise InputError([Diagnostic(message, help=help_, code="unknown-part")])


# --- levels and criteria -------------------------------------------------------------------------


def _level(phrases: Phrases, a: Assessment, number: int, outside: Flag | None) -> Explanation:
    """Say why a level is suggested, or what stands in its way."""
    given, pack = a.suggestion, phrases.view.pack
    if number not in pack.levels:
        help_ = f"the scale has {listing(map(str, pack.levels))}"
        raise InputError([Diagnostic(f"there is no level {number}", help=help_, code="no-level")])
    if given.status == "suggested" and given.level == number:
        return why.level(phrases, given, number)
    if given.status == "gap" and given.level == number:
        return replace(why.suggestion(phrases, given), about=str(number), truth=None)
    if (instead := _outside(phrases, str(number), outside)) is not None:
        return instead
    own = [(c, whole_of(phrases, c)) for c in given.criteria if c.level == number]
    own = [(c, reason) for c, reason in own if c.mode != "qualifier"]
    told = [sentence(f"{phrases.words.level(number)} is not suggested")]
    told += [
        sentence(
            f"level {c.level} holds and is worse: {c.text.rstrip('.')}", phrases.cite(c.clauses)
        )
        for c in given.matched
        if c.level > number and c.mode == "any"
    ]
    near = sorted(own, key=lambda pair: _nearest(pair[1]))
    told += [_unmet(phrases, c, reason) for c, reason in near if not c.matched]
    if any(c.mode == "all" for c, _ in own):
        told += [
            sentence(f"no criterion that holds speaks of {phrases.words.evidence(e)}", "(K18)")
            for e in given.passed_over
        ]
    tree = [told[0]]
    tree += [line for c, reason in near for line in criterion_tree(phrases, c, reason)]
    first = next(iter(told[1:]), "")
    line = f"{told[0].rstrip('.')}: {first[:1].lower()}{first[1:]}" if first else told[0]
    lowest, highest = given.lowest, given.highest
    possible = lowest is not None and highest is not None and lowest <= number <= highest
    truth = None if possible else False
    return made(
        phrases, str(number), Told(told, tree, line), [r for _, r in own], Cited(), truth=truth
    )


def _unmet(phrases: Phrases, criterion: CriterionResult, reason: Reason) -> str:
    text = f"{criterion.text.rstrip('.')}: {_verdict(criterion.matched)}"
    needs = needed(phrases, reason)
    return sentence(f"{text}; {needs}", phrases.cite(criterion.clauses, criterion.readings))


def _criterion(phrases: Phrases, a: Assessment, name: str) -> Explanation:
    spec = phrases.view.pack.rating[name]
    cited = Cited(spec.clause, spec.readings)
    head = f"level {spec.level}: {spec.text}"
    given = next(c for c in a.suggestion.criteria if c.id == name)
    found = _missing(phrases, name, head, [whole_of(phrases, given)], cited, truth=given.matched)
    if spec.mode == "qualifier":
        texts = (f"“{phrases.view.pack.rating[o].text.rstrip('.')}”" for o in spec.of)
        narrowed = sentence(f"it only narrows another criterion: {joined(texts, 'or')}")
        return _with_sentence(found, narrowed)
    return found


# --- actions -------------------------------------------------------------------------------------


def _action(phrases: Phrases, name: str) -> Explanation:
    spec = phrases.view.pack.actions[name]
    cited = Cited(spec.clause, spec.readings)
    if spec.portfolio:
        text = f"{spec.text.rstrip('.')}: this is judged of a whole register"
        return _plain(phrases, name, text, cited)
    triggers = judged(phrases.view, name)
    closed = [trigger for trigger in triggers if trigger.closed]
    if closed:
        return _closed(phrases, name, spec, closed)
    if not triggers:
        what = joined(map(phrases.words.token, spec.for_each.item if spec.for_each else ()), "or")
        text = f"{spec.text.rstrip('.')}: the schedule has nothing that it is for, {what}"
        return _plain(phrases, name, text, cited)
    waiting = [trigger for trigger in triggers if trigger.waits]
    if waiting:
        own = Cited(waiting[0].trigger.clause or spec.clause, spec.readings)
        return _plain(phrases, name, f"{spec.text.rstrip('.')}: {waiting[0].waits}", own)
    return _missing(phrases, name, spec.text, [trigger.reason for trigger in triggers], cited)


def _closed(phrases: Phrases, name: str, spec: ActionSpec, closed: list[Judged]) -> Explanation:
    """Say of an action that was started that it is closed, and by what it would be."""
    closers = closed[0].trigger.closed_by or spec.closed_by or (name,)
    by = joined(map(phrases.words.recorded, closers), "or")
    cited = Cited(closed[0].trigger.clause or spec.clause, spec.readings)
    head = f"{spec.text.rstrip('.')}: started, and closed since (by {by}, or by a decision)"
    told = [sentence(head, phrases.cite(cited.clauses, cited.readings))]
    told += [each for t in closed for each in phrases.leaves(t.reason, "it was started, as")]
    tree = [told[0], *(line for t in closed for line in phrases.tree(t.reason))]
    reasons = [trigger.reason for trigger in closed]
    return made(phrases, name, Told(told, tree), reasons, cited, truth=False)


# --- activities ----------------------------------------------------------------------------------


def _activity(phrases: Phrases, a: Assessment, name: str) -> Explanation:
    """Say which rows bring an activity, and what keeps this provider from having one of them."""
    words, pack = phrases.words, phrases.view.pack
    rows = {**pack.matrix, **pack.supplements}
    bringing = {
        id_: whole(row.when, phrases.view) for id_, row in rows.items() if name in row.activities
    }
    listed = [item for item in a.schedule if item.activity == name]
    chosen = [row.row for row in a.rows if row.row is not None]
    head = f"{words.activity(name)} is not on the schedule"
    told = [sentence(head), *_left_out(phrases, name, chosen, listed)]
    told += [explain.row_chosen(words, row) for row in a.rows]
    near = sorted(bringing.items(), key=lambda pair: _nearest(pair[1]))
    for id_, reason in near[:FEW]:
        if reason.truth is not True:
            told.append(sentence(f"“{words.token(id_)}” brings it; {needed(phrases, reason)}"))
    tree = [told[0]]
    for id_, reason in near:
        tree += [f"  “{words.token(id_)}” brings it:", *phrases.tree(reason, "    ")]
    cited = Cited(tuple(dict.fromkeys(c for id_ in bringing for c in rows[id_].clause)))
    line = sentence(f"{head}: {joined(map(words.token, chosen)) or 'no row'} does not bring it")
    truth = None if any(row.row is None for row in a.rows) else False
    return made(phrases, name, Told(told, tree, line), bringing.values(), cited, truth=truth)


def _left_out(
    phrases: Phrases, name: str, chosen: list[str], listed: list[ScheduleItem]
) -> Iterator[str]:
    """Say that the document itself leaves an activity out, or that it does not apply."""
    for id_ in chosen:
        blank = phrases.view.pack.matrix[id_].blank
        if blank is not None and name in blank.activities:
            text = f"the document leaves it out for “{phrases.words.token(id_)}”"
            yield sentence(text, phrases.cite(blank.clause, blank.readings))
    for item in listed:
        yield sentence("it does not apply here", phrases.cite(item.clauses, item.readings))


# --- questions -----------------------------------------------------------------------------------


def _question(phrases: Phrases, name: str) -> Explanation:
    """Say why something is not asked: it is known or settled, or nothing that is live needs it."""
    view, words = phrases.view, phrases.words
    pack, conditions = view.pack, []
    if name in pack.questions:
        asking = pack.questions[name]
        conditions = [asking.when, *(entry.when for entry in asking.about)]
    elif name in pack.readings:
        conditions = [pack.readings[name].asked_when]
    reasons = [whole(condition, view) for condition in conditions if condition is not None]
    value = view.read(name).value if name in pack.values else None
    if value is not None:
        because = f"it is known: {words.shown(name, value)}"
    elif name in pack.chosen:
        because = f"a reading is chosen: {pack.choices[name]}"
    elif any(reason.truth for reason in reasons):
        because = "it was answered, or another question covers it"
    else:
        because = "nothing that is live today rests on it"
    told = [sentence(f"{words.label(name).rstrip('.?')}: this is not asked, as {because}")]
    told += [sentence(needed(phrases, r)) for r in reasons if r.truth is not True]
    tree = [told[0], *(line for reason in reasons for line in phrases.tree(reason))]
    return made(phrases, name, Told(told, tree), reasons, Cited(), truth=False)


# --- what is missing -----------------------------------------------------------------------------


def _missing(
    phrases: Phrases,
    name: str,
    text: str,
    reasons: list[Reason],
    cited: Cited,
    *,
    truth: Truth | EllipsisType = ...,
) -> Explanation:
    """Say of something that does not hold what it would take, the nearest way first.

    `truth` is that of the reasons together where it is left out.
    """
    if truth is ...:
        truth = None if any(reason.truth is None for reason in reasons) else False
    every = ((reason, way) for reason in reasons for way in ways(reason) if way)
    found = sorted(every, key=lambda pair: distance(pair[1]))
    head = f"{text.rstrip('.')}: {_verdict(truth)}"
    told = [sentence(head, phrases.cite(cited.clauses, cited.readings))]
    told += [sentence(needed(phrases, reason, way)) for reason, way in found[:FEW]]
    if len(found) > FEW:
        told.append(sentence(f"there are {counted(len(found) - FEW, 'way')} more"))
    line = told[0]
    if found:
        line = sentence(
            f"{head}; {needed(phrases, *found[0], now=False)}",
            phrases.cite(cited.clauses, cited.readings),
        )
    tree = [told[0], *(each for reason in reasons for each in phrases.tree(reason))]
    return made(phrases, name, Told(told, tree, line), reasons, cited, truth=truth)


def needed(phrases: Phrases, reason: Reason, way: Way | None = None, *, now: bool = True) -> str:
    """Say what a way needs for a reason, and with `now` what stands there today.

    It is the nearest where none is given. What holds today only because there is nothing of a kind
    that the way asks for has to hold beside it.
    """
    way = ways(reason)[0] if way is None else way
    needs = []
    for obstacle in way:
        asked = phrases.asked(obstacle.leaf.condition, wanted=obstacle.wanted)
        needs.append(f"{asked} (now {phrases.read(obstacle.leaf)})" if now else asked)
    told = f"it would take {joined(needs)}"
    empty = {
        kind
        for obstacle in way
        for kind in _kinds(phrases.view, obstacle.leaf)
        if not phrases.view.world(kind).elements
    }
    besides = [
        phrases.asked(held.leaf.condition, wanted=held.wanted)
        for held in standing(reason)
        if not empty.isdisjoint(_kinds(phrases.view, held.leaf))
    ]
    return f"{told}, and then still {joined(dict.fromkeys(besides))}" if besides else told


def _kinds(view: View, leaf: Reason) -> tuple[str, ...]:
    """Give the kinds of finding that a leaf reads."""
    match leaf.condition:
        case Findings(kinds=kinds):
            return view.pack.members("kind", kinds)
        case Is(name=name) if name in view.pack.facts:
            tie = view.pack.facts[name].tie
            return (tie.kind,) if tie is not None else ()
    return ()


def _plain(phrases: Phrases, name: str, text: str, cited: Cited) -> Explanation:
    told = [sentence(text, phrases.cite(cited.clauses, cited.readings))]
    return made(phrases, name, Told(told, told), (), cited, truth=False)


def _with_sentence(found: Explanation, more: str) -> Explanation:
    return replace(found, paragraph=f"{found.paragraph} {more}")


def _verdict(truth: Truth) -> str:
    return "not known" if truth is None else "does not hold"


def _nearest(reason: Reason) -> tuple[int, int]:
    return distance(ways(reason)[0])
