"""Why: any part of an answer explained in a line, a paragraph, or the whole tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from qaf_rules import explain, markup
from qaf_rules.actions import suggest_actions
from qaf_rules.condition import ALWAYS, LIMIT, Is, Over, whole
from qaf_rules.frequency import Attached, ByValue, Cases, branches, events, names
from qaf_rules.listing import Fact, facts
from qaf_rules.phrases import MARKS, Phrases
from qaf_rules.recurrence import Alternating
from qaf_rules.series import CONTRACT_START
from qaf_rules.value_tests import parse_test
from qaf_rules.words import Words, a_day, counted, joined, sentence, spaced

if TYPE_CHECKING:
    from qaf_rules.condition import Condition
    from qaf_rules.facts import View
    from qaf_rules.pack import Pack
    from qaf_rules.result import (
        Action,
        Assessment,
        CriterionResult,
        Flag,
        Question,
        Reason,
        ScheduleItem,
        Suggestion,
        Truth,
    )
    from qaf_rules.sharing import Sharing


FEW = 5
"""More rules than this are counted, not told."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One answer explained at three lengths; as text it is the paragraph.

    `truth` says whether what was asked about holds, None where that is not known. `facts` are the
    leaves behind it, each of which comes to the same again by itself. `conventions` are those by
    which absence and age were read.
    """

    about: str
    truth: Truth
    line: str
    paragraph: str
    tree: str
    facts: tuple[Fact, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.paragraph

    _repr_pretty_ = markup.plainly

    def _repr_html_(self) -> str:
        tree = markup.folded("The whole tree", markup.verbatim(self.tree))
        return markup.document(f"Why: {self.about}", markup.outline([self.paragraph]), tree)


class Cited(NamedTuple):
    """The clauses, readings and conventions that something rests on."""

    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()


class Told(NamedTuple):
    """Sentences, the first of which is the line, and the lines of the tree."""

    sentences: list[str]
    tree: list[str]
    line: str | None = None  # where it is not the first sentence


def made(
    phrases: Phrases,
    about: str,
    told: Told,
    reasons: Iterable[Reason],
    cited: Cited,
    *,
    truth: Truth = True,
) -> Explanation:
    """Put an explanation together."""
    own = tuple(dict.fromkeys(told.sentences))
    read = tuple(fact for reason in reasons for fact in facts(reason, phrases.view))
    meant = (name for fact in read for name, _ in phrases.remarks(fact))
    conventions = tuple(dict.fromkeys([*cited.conventions, *meant]))
    line, tree = told.line or own[0], "\n".join(told.tree)
    return Explanation(
        about, truth, line, " ".join(own), tree, read, cited.clauses, cited.readings, conventions
    )


def suggestion(phrases: Phrases, given: Suggestion) -> Explanation:
    """Explain the suggestion: the criteria that hold, and those that may."""
    told = explain.suggested(phrases.words, given)
    level = given.level or 0
    shown = [
        c
        for c in given.criteria
        if (c.matched and (c.mode != "all" or c.level == level))
        or (c.matched is None and (c.level > level or given.level is None))
    ]
    tree = [line for c in shown for line in criterion_tree(phrases, c, c.reason)]
    reasons = [c.reason for c in given.criteria]
    cited = Cited(given.clauses, given.readings, ("K18",) if given.passed_over else ())
    truth = given.level is not None
    return made(phrases, "rating", Told(told, tree or told), reasons, cited, truth=truth)


def criterion_tree(phrases: Phrases, given: CriterionResult, reason: Reason) -> list[str]:
    """Write a criterion with its tree."""
    head = f"[{MARKS[given.matched]}] level {given.level}: {given.text.rstrip('.')}"
    cited = phrases.cite(given.clauses, given.readings)
    return [f"{head} {cited}".rstrip(), *phrases.tree(reason)]


def criterion(phrases: Phrases, given: CriterionResult) -> Explanation:
    """Explain a criterion that holds: what it says and what was read."""
    cited = phrases.cite(given.clauses, given.readings)
    head = sentence(f"level {given.level}: {given.text.rstrip('.')}", cited)
    told = Told(
        [head, *phrases.leaves(given.reason, "it holds, as")],
        criterion_tree(phrases, given, given.reason),
    )
    return made(phrases, given.id, told, [given.reason], _of(given))


def level(phrases: Phrases, given: Suggestion, number: int) -> Explanation:
    """Explain the level that is suggested by the criteria that speak for it."""
    held = [c for c in given.matched if c.level == number]
    told = [sentence(f"{phrases.words.level(number)} is suggested")]
    told += [explain.met(phrases.words, c) for c in held]
    tree = [line for c in held for line in criterion_tree(phrases, c, c.reason)]
    cited = Cited(given.clauses, given.readings)
    return made(phrases, str(number), Told(told, tree), [c.reason for c in held], cited)


def items(phrases: Phrases, a: Assessment, name: str, given: list[ScheduleItem]) -> Explanation:
    """Explain what the schedule says of an activity: why it applies, and from what it is dated."""
    words, provider = phrases.words, a.name or a.provider
    told, tree = [], []
    for item in given:
        told.append(explain.scheduled(words, item, provider))
        tree += [told[-1], *(f"  {line}" for line in _dating(phrases, a, item))]
    reasons = [item.reason for item in given[:1] if item.reason is not None]
    for reason in reasons:
        told += phrases.leaves(reason, "it applies, as")
        tree += ["  it applies:", *phrases.tree(reason, "    ")]
    before = [row.evaluate(phrases.view) for row in _rows_before(phrases.view.pack, a)]
    if before:
        tree += ["  no row before it fits:", *(x for r in before for x in phrases.tree(r, "    "))]
    bases = _bases(phrases.view.pack, given[0].activity)
    counted = [reason for base in bases if _bears(reason := base.evaluate(phrases.view))]
    tree += ["  it is counted from:", *(line for r in counted for line in phrases.tree(r, "    "))]
    rows = [row.reason for row in a.rows if row.reason is not None]
    reasons += [*(reason for reason in rows if reason not in reasons), *before, *counted]
    conventions = tuple(dict.fromkeys(c for i in given for c in i.conventions))
    texts = words.pack.identity.conventions
    told += [sentence(f"{c}: {texts[c]}") for c in conventions if c in texts]
    clauses = tuple(dict.fromkeys(c for i in given for c in explain.item_clauses(words.pack, i)))
    readings = tuple(dict.fromkeys(r for i in given for r in i.readings))
    cited = Cited(clauses, readings, conventions)
    return made(phrases, name, Told(told, tree), reasons, cited)


def _rows_before(pack: Pack, a: Assessment) -> list[Condition]:
    """Give the conditions of the rows that were looked at before the one chosen."""
    if len(a.rows) != 1 or a.rows[0].row is None:  # each of several services has its own
        return []
    ids = list(pack.matrix)
    return [pack.matrix[id_].when for id_ in ids[: ids.index(a.rows[0].row)]]


def _bases(pack: Pack, activity: str) -> Iterator[Condition]:
    """Give what the dates of an activity may be counted from: what was last done, and values."""
    rules = [pack.activities[activity].rule] if activity in pack.activities else []
    rows = (*pack.matrix.values(), *pack.supplements.values())
    rules += [cell.rule for row in rows for cell in row.activities.get(activity, ())]
    found = dict.fromkeys([activity, CONTRACT_START])
    for frequency in (each for rule in rules for each in branches(rule)):
        match frequency:
            case Alternating(others):
                found |= dict.fromkeys(others)
            case Attached(to, when):
                found |= {to: None}
                yield when
            case Cases(cases):
                yield from (when for when, _ in cases)
            case ByValue(name):
                found |= {name: None}
        found |= dict.fromkeys([*events(frequency), *names(frequency)])
    for name in found:
        yield Over("latest", (name,), ALWAYS) if name in pack.record_ids else Is(name, LIMIT)
    for name, spec in pack.decisions.items():
        if spec.effect in ("interval", "due_day"):
            about = Is("activity", parse_test(activity, (), []))
            yield Over("decision", (name,), about)


def _bears(reason: Reason) -> bool:
    """Whether a base bears on the dates: a decision that is not in force does not."""
    return reason.truth is True or getattr(reason.condition, "what", None) != "decision"


def _dating(phrases: Phrases, a: Assessment, item: ScheduleItem) -> Iterator[str]:
    """Say from what a due date was counted, and what it was compared with."""
    words = phrases.words
    if item.last_done:
        yield f"last {explain.done_word(item)}: {a_day(item.last_done)}"
    if every := explain.interval(words.pack, item):
        yield f"interval: {every}"
    for decision in phrases.view.record.decisions:
        if decision.carries.get("activity") == item.activity and decision.on <= a.on:
            yield f"{words.token(decision.decision)}, decided {a_day(decision.on)}"
    if item.planned:
        yield f"arranged: {a_day(item.planned)}"
    if item.due:
        yield f"due: {a_day(item.due)}; the day of the question: {a_day(a.on)}"
    for name in item.asks:
        yield f"not known: {words.label(name)}"


def action(phrases: Phrases, a: Assessment, given: list[Action]) -> Explanation:
    """Explain an action: what started it, its force and day, and what closes it."""
    first = given[0]
    due = f", due {a_day(first.due)}" if first.due else ""
    head = f"{first.text.rstrip('.')}: {spaced(first.obligation)}{due}"
    tree = [sentence(head, phrases.cite(first.clauses, first.readings))]
    line = tree[0]
    for each in given:
        about = f" for the {phrases.words.item(each.about)}" if each.about else ""
        since = f", since {a_day(each.since)}" if each.since else ""
        tree.append(f"  started{about}{since}:")
        tree += [own for reason in each.reasons for own in phrases.tree(reason, "    ")]
        tree.append(f"  {explain.closing(phrases.words, each)}")
    told = [explain.acted(phrases.words, each, a.on) for each in given]
    reasons = [reason for each in given for reason in each.reasons]
    clauses = tuple(dict.fromkeys(c for each in given for c in each.clauses))
    readings = tuple(dict.fromkeys(r for each in given for r in each.readings))
    return made(
        phrases,
        first.id,
        Told(told, tree, line),
        reasons,
        Cited(clauses, readings),
    )


def question(phrases: Phrases, a: Assessment, given: Question) -> Explanation:
    """Explain a question: what raised it, and the rules that wait for its answer."""
    found = raised(phrases, given, explain.asked(phrases.words, given))
    waiting = list(_waiting(phrases, a, set(given.about)))
    if not waiting:
        return found
    told = [sentence for sentence, _ in waiting[:FEW]]
    if len(waiting) > FEW:
        more = len(waiting) - FEW
        told.append(f"{counted(more, 'more rule')} {'waits' if more == 1 else 'wait'} for it.")
    tree = [found.line, *(line for _, lines in waiting for line in lines)]
    return replace(
        found,
        line=f"{found.line} {waiting[0][0]}",
        paragraph=" ".join([found.paragraph, *told]),
        tree="\n".join(tree),
    )


def _waiting(phrases: Phrases, a: Assessment, about: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Say which rules wait for any of some names, the worst level first, each with its tree."""
    words, given = phrases.words, a.suggestion
    open_ = [c for c in given.criteria if c.matched is None] if about & {*given.unknown} else []
    for c in sorted(open_, key=lambda c: -c.level):
        still = given.status != "suggested" or c.level > (given.level or 0)
        if still and about & {*c.reason.still_needed()}:
            cited = phrases.cite(c.clauses, c.readings)
            told = sentence(f"level {c.level} waits for it: {c.text.rstrip('.')}", cited)
            yield told, criterion_tree(phrases, c, c.reason)
    for row in a.rows:
        reason = row.reason
        needed = {*reason.unknown, *reason.still_needed()} if reason is not None else set()
        if reason is not None and row.row is None and about & needed:
            told = "The choice of a row of the matrix waits for it."
            yield told, [told, *phrases.tree(reason)]
    for item in explain.by_urgency(a.schedule):
        if about & {*item.asks}:
            cited = phrases.cite(explain.item_clauses(words.pack, item), item.readings)
            told = sentence(f"the date of the {words.item(item)} waits for it", cited)
            yield told, [told]
    for undecided in suggest_actions(phrases.view.aside(), None)[1]:
        if about & {*undecided.names}:
            text = words.pack.actions[undecided.action].text.rstrip(".")
            cited = phrases.cite(undecided.clauses)
            told = sentence(f"whether this is to be done waits for it: {text}", cited)
            yield told, [told, *phrases.tree(undecided.reason)]


def raised(phrases: Phrases, given: Question | Flag, told: str) -> Explanation:
    """Explain a question or a flag: what raised it, beside the sentence that tells it."""
    line = sentence(phrases.words.plain(given.text), phrases.cite(given.clauses, given.readings))
    reasons = [given.reason] if given.reason is not None else []
    tree = [line, *(own for reason in reasons for own in phrases.tree(reason))]
    return made(phrases, given.id, Told([told], tree, line), reasons, _of(given))


_ANSWERS = {
    "permitted": "{what} may be shared with {audience}",
    "not_permitted": "{what} may not be shared with {audience}",
    "ask": "a person decides whether {what} may be shared with {audience}",
}
_READ = {True: "it holds, as", False: "no other rule holds, as", None: "it is not known yet, as"}


def shared(view: View, given: Sharing) -> Explanation:
    """Explain whether something may be shared: the steps before it, and what was read."""
    phrases = Phrases(Words(view.pack, view.record), view)
    own = view.pack.identity
    what, audience = own.subjects[given.what].name, own.audiences[given.audience].name
    head = _ANSWERS[given.answer].format(what=what, audience=audience)
    line = sentence(head, phrases.cite(given.clauses, given.readings))
    told = [line, sentence(given.text), *_conditions_of(phrases, given)]
    told += [s for reason in given.reasons for s in phrases.leaves(reason, _READ[reason.truth])]
    tree = [line, *(own for reason in given.reasons for own in phrases.tree(reason))]
    cited = Cited(given.clauses, given.readings)
    truth = {"permitted": True, "not_permitted": False}.get(given.answer)
    return made(phrases, given.what, Told(told, tree), given.reasons, cited, truth=truth)


def _conditions_of(phrases: Phrases, given: Sharing) -> Iterator[str]:
    """Say what comes before something is shared, how it goes, and who decides."""
    pack, words = phrases.view.pack, phrases.words
    for number, step in enumerate(given.steps, start=1):
        yield sentence(
            f"step {number}: {step.text or spaced(step.value)}", words.cite(step.clauses)
        )
    for step in given.exempt:
        yield sentence(f"not waited for: {step.text or spaced(step.value)}")
    if given.channel is not None:
        contact = f", {given.contact}" if given.contact else ""
        yield sentence(f"it goes by {pack.channels.get(given.channel, given.channel)}{contact}")
    if given.decided_by:
        done = {None: "decides", True: "has decided so", False: "has decided against it"}
        yield sentence(f"{joined(map(words.role, given.decided_by), 'or')} {done[given.decided]}")
    yield from (words.plain(pack.questions[d].ask) for d in given.discretion if d in pack.questions)


def _of(given: CriterionResult | Question | Flag) -> Cited:
    return Cited(given.clauses, given.readings)


def whole_of(phrases: Phrases, given: CriterionResult) -> Reason:
    """Evaluate a criterion again with every part, also those beside one that decides it."""
    return whole(phrases.view.pack.rating[given.id].when, phrases.view)
