"""Which clauses the cases of a pack exercise, found by trying.

A clause is exercised when the pack's cases would not all pass without a rule that cites it. So
each rule is taken out of the pack by itself (see `removal`), and the cases are run until one
fails. They are run in an order that lets the likely ones fail first; a case in whose answer a rule
had no part, because its condition was false there, is not run for it.

That the engine stumbles over what is left proves nothing, so a case on which it does counts for
no rule. A case that failed before anything was changed counts for none either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, TypeAlias

from qaf_rules.cases import Case, Runner
from qaf_rules.condition import Any_
from qaf_rules.engine import Framework
from qaf_rules.environment import Attributed, Env
from qaf_rules.errors import InputError, PackError
from qaf_rules.model import ProviderRecord
from qaf_rules.pack import Pack, changed
from qaf_rules.references import at
from qaf_rules.removal import Rule, Without, rules_of, texts_of, without
from qaf_rules.result import Reason, Truth

__all__ = ["Coverage", "Rule", "measure", "rules_of"]

_ANY: Final = frozenset(
    {
        "rating",
        "actions",
        "questions",
        "flags",
        "cites",
        "conduct",
        "portfolio",
        "pathway",
        "steps",
        "brought",
        "sharing",
    }
)
_ALL: Final = _ANY | {"row", "schedule", "plan", "count"}
_REACH: Final[Mapping[str, frozenset[str]]] = {
    "rating": _ANY,
    "actions": _ANY - {"rating"} | {"schedule"},
    "flags": frozenset({"flags", "cites"}),
    "questions": frozenset({"questions", "cites", "portfolio"}),
    "readings": frozenset({"questions", "cites", "portfolio"}),
    "pathway": frozenset({"pathway", "steps"}),
    "sharing": frozenset({"sharing"}),
    "audience": frozenset({"sharing"}),
    "contact": frozenset({"contacts", "sharing"}),
    "forum": frozenset({"portfolio"}),
    "conduct": frozenset({"conduct"}),
    "brought": frozenset({"brought"}),
}
"""What a case may expect that a change could reach; a case that expects none of it is not run."""

Progress: TypeAlias = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of a pack exercise.

    `exercised` are the clauses; `not_exercised` the others that are executable, each with the
    rules that cite it (none where no rule does).
    `rules` are all that were tried, `idle` those that no case exercised.
    `stumbled` are the idle rules without which the engine could not answer some case.
    `guidance` and `deferred` count the clauses left aside; `faulty` are the cases that failed
    before anything was changed.
    """

    framework: str
    exercised: tuple[str, ...]
    not_exercised: Mapping[str, tuple[Rule, ...]]
    rules: tuple[Rule, ...]
    idle: tuple[Rule, ...]
    stumbled: tuple[Rule, ...] = ()
    guidance: int = 0
    deferred: int = 0
    faulty: tuple[str, ...] = ()

    @property
    def percent(self) -> float:
        """Executable clauses that are exercised, of a hundred, rounded down to one decimal."""
        total = len(self.exercised) + len(self.not_exercised)
        return len(self.exercised) * 1000 // total / 10 if total else 100.0

    @property
    def partly(self) -> Mapping[str, tuple[Rule, ...]]:
        """The exercised clauses that idle rules cite too, each with those."""
        found: dict[str, list[Rule]] = {}
        for rule in self.idle:
            for clause in rule.clauses:
                found.setdefault(clause, []).append(rule)
        return {c: tuple(found[c]) for c in self.exercised if c in found}

    def lines(self) -> Iterator[str]:
        """Say it in lines: what is not exercised, then what rests on other rules, then the sum."""
        for clause, rules in self.not_exercised.items():
            yield f"{clause} is not exercised" if rules else f"{clause} is cited by no rule"
            yield from (f"  {rule}" for rule in rules)
        for rule in self.idle:
            cited = f" ({', '.join(rule.clauses)})" if rule.clauses else ""
            yield f"no case exercises {rule}{cited}"
        yield from (f"left aside, since it fails as it is: case {case}" for case in self.faulty)
        total = len(self.exercised) + len(self.not_exercised)
        yield (
            f"{self.framework}: {len(self.exercised)} of {total} executable clauses exercised "
            f"({self.percent}%), {len(self.rules) - len(self.idle)} of {len(self.rules)} rules; "
            f"left aside: {self.guidance} guidance, {self.deferred} deferred"
        )


def measure(
    framework: Framework, cases: Iterable[Case], *, progress: Progress | None = None
) -> Coverage:
    """Find what cases exercise of a framework, by taking out each rule and running them.

    `cases` are those of the framework's pack, from `read_cases`.
    `progress` is called with the rules tried and their number after each of them.
    """
    pack = framework.pack
    bases = _Bases(framework)
    sound, faulty = _sound(bases, cases)
    order = _Order(pack, sound)
    rules = rules_of(pack)
    idle: list[Rule] = []
    stumbled: list[Rule] = []
    for n, rule in enumerate(rules, start=1):
        outcome = _try(bases, rule, order)
        if not outcome:
            idle.append(rule)
        if outcome is None:
            stumbled.append(rule)
        if progress is not None:
            progress(n, len(rules))
    at_rest = set(idle)
    moved = {clause for rule in rules if rule not in at_rest for clause in rule.clauses}
    executable = [id_ for id_, clause in pack.clauses.items() if clause.rule == "executable"]
    counts = Counter(clause.rule for clause in pack.clauses.values())
    return Coverage(
        framework=pack.id,
        exercised=tuple(c for c in executable if c in moved),
        not_exercised={
            c: tuple(rule for rule in rules if c in rule.clauses)
            for c in executable
            if c not in moved
        },
        rules=rules,
        idle=tuple(idle),
        stumbled=tuple(stumbled),
        guidance=counts["guidance"],
        deferred=counts["deferred"],
        faulty=tuple(faulty),
    )


# --- running the cases ---------------------------------------------------------------------------


class _Bases:
    """The framework under each choice of readings that a case makes, made once."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self._under: dict[tuple[tuple[str, str], ...], Framework] = {(): framework}

    def of(self, case: Case) -> Framework:
        """Give the framework under a case's readings."""
        key = tuple(sorted(case.readings.items()))
        if key not in self._under:
            self._under[key] = self.framework.using(readings=case.readings)
        return self._under[key]


class _Trial(Runner):
    """Runs cases against the framework without a rule."""

    def __init__(self, bases: _Bases, lacking: Without | None = None) -> None:
        super().__init__(bases.framework)
        self._bases = bases
        self._lacking = lacking or Without(())
        self._packs: dict[int, Pack] = {}

    def pack(self, base: Pack) -> Pack:
        """Give a pack without the rule; PackError where it would not load."""
        if id(base) not in self._packs:
            pack = base
            for section, path, raw in self._lacking.changes:
                pack = changed(pack, section, path, raw)
            self._packs[id(base)] = pack
        return self._packs[id(base)]

    def _framework(self, case: Case) -> Framework:
        base = self._bases.of(case)
        return Framework(self.pack(base.pack), {**base.settings, **case.settings})

    def fails(self, case: Case) -> bool | None:
        """Say whether a case fails; None where the engine cannot answer it."""
        kind = self._lacking.kind
        if kind is not None:
            others = tuple(_unread(record, kind) for record in case.others)
            case = replace(case, record=_unread(case.record, kind), others=others)
        try:
            return not self.run(case).passed
        except InputError:  # what contradicts itself is refused: that is an answer
            return True
        except Exception:  # noqa: BLE001  # whatever it is, it is no evidence
            return None


def _unread(record: ProviderRecord, kind: str) -> ProviderRecord:
    kept = tuple(f for f in record.findings if f.kind != kind)
    return record.model_copy(update={"findings": kept})


@dataclass(frozen=True, slots=True)
class _Watched(Any_):
    """A condition that notes where it is not false, and else is what it was."""

    seen: set[str] = field(default_factory=set, compare=False, repr=False)
    name: str = ""

    def evaluate(self, env: Env) -> Reason:
        """Evaluate the condition."""
        reason = Any_.evaluate(self, env)
        if reason.truth is not False:
            self.seen.add(self.name)
        return reason

    def holds(self, element: Attributed | None, env: Env) -> Truth:
        """Say whether the condition holds."""
        truth = Any_.holds(self, element, env)
        if truth is not False:
            self.seen.add(self.name)
        return truth


def _watched(pack: Pack, seen: set[str]) -> Pack:
    """Give a pack whose rows, criteria, triggers and questions note where they are not false."""

    def watch(section: str, key: str = "when") -> dict[str, Any]:
        return {
            id_: rule
            if getattr(rule, key) is None
            else rule.model_copy(
                update={key: _Watched((getattr(rule, key),), seen, f"{section}.{id_}")}
            )
            for id_, rule in getattr(pack, section).items()
        }

    actions = {}
    for id_, action in pack.actions.items():
        triggers = [
            t.model_copy(update={"when": _Watched((t.when,), seen, f"actions.{id_}")})
            for t in action.triggers
        ]
        actions[id_] = action.model_copy(update={"triggers": tuple(triggers)})
    return replace(
        pack,
        matrix=watch("matrix"),
        supplements=watch("supplements"),
        rating=watch("rating"),
        flags=watch("flags"),
        questions=watch("questions"),
        readings=watch("readings", "asked_when"),
        actions=actions,
    )


class _Run(NamedTuple):
    """A case that passes, with the words in it and its answer, and the rules that took part."""

    case: Case
    words: frozenset[str]
    live: frozenset[str]
    choices: Mapping[str, str]


def _sound(bases: _Bases, cases: Iterable[Case]) -> tuple[list[_Run], list[str]]:
    """Part the cases into those that pass and the ids of the others."""
    trial, watch = _Trial(bases), _Watch(bases)
    sound: list[_Run] = []
    faulty: list[str] = []
    for case in cases:
        if trial.fails(case) is False:
            sound.append(watch.run(case))
        else:
            faulty.append(case.id)
    return sound, faulty


class _Watch:
    """Runs cases that pass once more, to see what takes part in their answers."""

    def __init__(self, bases: _Bases) -> None:
        self._bases = bases
        self._packs: dict[int, tuple[Pack, set[str]]] = {}

    def run(self, case: Case) -> _Run:
        """Give a case with its words and the rules that took part."""
        base = self._bases.of(case)
        if id(base) not in self._packs:
            noted: set[str] = set()
            self._packs[id(base)] = (_watched(base.pack, noted), noted)
        pack, seen = self._packs[id(base)]
        seen.clear()
        framework = Framework(pack, {**base.settings, **case.settings})
        assessment = framework.assess(case.record, on=case.on)
        seen.update(f"matrix.{row.row}" for row in assessment.rows)
        for section in ("matrix", "supplements"):
            for id_, row in getattr(pack, section).items():
                if f"{section}.{id_}" in seen:
                    seen.update(f"activities.{activity}" for activity in row.activities)
        asked = {about for q in assessment.questions for about in (q.id, *q.about)}
        seen.update(f"questions.{id_}" for id_ in asked)
        records = [case.record, *case.others]
        given = [r.model_dump() for r in records]
        texts = (given, dict(case.expect), dict(case.settings), dict(case.readings))
        words = {word for raw in texts for _, word in texts_of(raw)}
        if any(a.covered for r in records for a in r.activities):
            words.update(pack.kinds)  # a topic that was looked at speaks of every kind under it
        return _Run(
            case, frozenset(words | asked | assessment.cited()), frozenset(seen), pack.choices
        )


class _Order:
    """Orders cases so that those which share rare words with a rule come first."""

    def __init__(self, pack: Pack, runs: list[_Run]) -> None:
        self._pack = pack
        self._runs = runs
        self._by_word: dict[str, list[int]] = {}
        for n, run in enumerate(runs):
            for word in run.words:
                self._by_word.setdefault(word, []).append(n)

    def of(self, rule: Rule, raw: object) -> list[Case]:
        """Give the cases that a rule could reach, the most likely to fail without it first."""
        scores = [0.0] * len(self._runs)
        words = {word for _, word in texts_of(raw)} | {str(p) for p in rule.path} | {*rule.clauses}
        for word in words:
            holding = self._by_word.get(word, ())
            for n in holding:
                scores[n] += 1 / len(holding)
        order = sorted(range(len(self._runs)), key=lambda n: -scores[n])
        reach = _REACH.get(rule.kind) or _REACH.get(rule.section, _ALL)
        return [
            run.case
            for run in (self._runs[n] for n in order)
            if not reach.isdisjoint(run.case.expect) and self._takes_part(rule, run)
        ]

    def _takes_part(self, rule: Rule, run: _Run) -> bool:
        """Whether a rule could have had a part in the answer: one that was false there had none."""
        name = f"{rule.section}.{rule.path[0]}"
        if not self._taken(rule, run):
            return False
        if run.case.others or "portfolio" in run.case.expect:
            return True  # only what is asked of the provider alone was watched
        match rule.section:
            case "activities" if rule.kind == "conduct":
                return rule.path[0] in run.case.expect.get("conduct", {})
            case "rating":
                return name in run.live or self._pack.rating[str(rule.path[0])].mode == "all"
            case "activities" if rule.kind == "brought":
                return True
            case "activities":
                # An activity that no row brings may still be listed by what a person decided.
                return name in run.live or bool(run.case.record.decisions)
            case "matrix" | "supplements" | "actions" | "questions" | "readings":
                return name in run.live
            case "flags":
                scope = self._pack.identity.scope
                return name in run.live or (scope is not None and scope.flag == rule.path[0])
            case "vocabulary":
                return self._speaks(rule, run)
        return True

    def _taken(self, rule: Rule, run: _Run) -> bool:
        """Whether a rule stands under the readings that a case takes."""
        raw = self._pack.data[rule.section]
        for key in rule.path:
            if isinstance(raw, dict) and "by_reading" in raw:
                name = str(raw["by_reading"])
                number = list(self._pack.readings[name].options).index(run.choices[name]) + 1
                known = [o for o in (run.choices[name], f"r{number}", "otherwise") if o in raw]
                if known[:1] != [key]:
                    return False
            raw = raw[key]
        return True

    def _speaks(self, rule: Rule, run: _Run) -> bool:
        """Whether a value was given, asked or follows from others; a kind or decision was named."""
        part, name = str(rule.path[0]), str(rule.path[1])
        if name in run.words:
            return True
        if part == "kinds":
            facts = self._pack.facts.items()
            return any(
                f in run.words and (t := s.tie or s.marks) and t.kind == name for f, s in facts
            )
        if part == "decisions":
            return False
        spec = getattr(self._pack, part)[name]
        tie = spec.tie or spec.marks
        if tie is not None and tie.kind in run.words:
            return True
        return bool(spec.derive) or spec.absent != "unknown" or spec.default is not None


def _try(bases: _Bases, rule: Rule, order: _Order) -> bool | None:
    """Say whether some case fails without a rule; None where none does and one has no answer."""
    pack = bases.framework.pack
    cases = order.of(rule, at(pack.data[rule.section], rule.path))
    for lacking in without(pack, rule):
        trial = _Trial(bases, lacking)
        try:
            trial.pack(pack)
        except PackError:
            continue
        stumbled = False
        for case in cases:
            failed = trial.fails(case)
            if failed:
                return True
            stumbled = stumbled or failed is None
        return None if stumbled else False
    return False
