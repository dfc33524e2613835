"""Which clauses the cases of a pack exercise, found by trying.

A clause is exercised when the pack's cases would not all pass without a rule that cites it. So
each rule is taken out of the pack by itself, and the cases are run until one fails.

A rule is what cites a clause, and each cell, frequency, criterion, trigger and action besides. It
is taken out where it stands. Where the pack would not load without it, or where others name it:

- a frequency becomes as required; one that is so already becomes not applicable;
- an activity keeps only its name, and no row or supplement brings it;
- the activities of a row's blank become as required;
- a kind of finding says nothing of its findings, and those of the cases are not read;
- a level of the scale goes with its criteria, an ambiguity is no longer asked about;
- anything else takes what it stands in with it.

That the engine stumbles over what is left proves nothing, so a case on which it does counts for
no rule. A case that failed before anything was changed counts for none either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, TypeAlias

from qaf_rules import frequency
from qaf_rules.cases import Case, Runner
from qaf_rules.condition import Any_, Env
from qaf_rules.engine import Framework
from qaf_rules.errors import InputError, PackError
from qaf_rules.model import ProviderRecord
from qaf_rules.pack import Pack, Path_, changed
from qaf_rules.references import CONDITION_KEYS, SECTIONS, TOLD, at
from qaf_rules.result import Reason

__all__ = ["Coverage", "Rule", "measure", "rules_of"]

_HEADS: Final = frozenset(
    {
        "every",
        "by_day",
        "quarterly",
        "termly",
        "once_each",
        "alternating_with",
        "as_required",
        "ask",
        "conflict",
        "not_applicable",
        "by_value",
        "cases",
        "attached_to",
    }
)

_ANY: Final = frozenset(
    {"rating", "actions", "questions", "flags", "cites", "conduct", "portfolio"}
)
_ALL: Final = _ANY | {"row", "schedule", "plan", "count"}
_REACH: Final[Mapping[str, frozenset[str]]] = {
    "rating": _ANY,
    "actions": _ANY - {"rating"} | {"schedule"},
    "flags": frozenset({"flags", "cites"}),
    "questions": frozenset({"questions", "cites", "portfolio"}),
    "readings": frozenset({"questions", "cites", "portfolio"}),
    "contact": frozenset({"contacts"}),
    "forum": frozenset({"portfolio"}),
    "conduct": frozenset({"conduct"}),
}
"""What a case may expect that a change could reach; a case that expects none of it is not run."""

Progress: TypeAlias = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack: what it is, where it stands and the clauses that it cites.

    `kind` is a word such as `cell`, `frequency`, `criterion`, `trigger`, `action` or `conduct`.
    `place` is `file:line:col`.
    """

    kind: str
    section: str
    path: Path_
    clauses: tuple[str, ...]
    place: str

    @property
    def name(self) -> str:
        """The section and the path, as in `actions.write_to_provider.triggers.0`."""
        return ".".join(map(str, (self.section, *self.path)))

    def __str__(self) -> str:
        return f"{self.place}: {self.kind} {self.name}"


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


# --- the rules of a pack -------------------------------------------------------------------------


def rules_of(pack: Pack) -> tuple[Rule, ...]:
    """Give the rules of a pack in the order of its files; those under readings not taken too."""
    found: list[Rule] = []
    for section in SECTIONS:
        for path, raw in _mappings(pack.data.get(section), ()):
            kind = _kind(section, path, raw)
            if kind is None:
                continue
            clauses = _clauses(pack, section, path, raw)
            place = pack.place(section, path)
            found.append(Rule(kind, section, path, clauses, place))
            if kind in ("activity", "cell") and not _HEADS.isdisjoint(raw):
                found.append(Rule("frequency", section, path, clauses, place))
    return tuple(found)


def _mappings(raw: object, path: Path_) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    if isinstance(raw, dict):
        yield path, raw
        for key, value in raw.items():
            if key not in CONDITION_KEYS:
                yield from _mappings(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from _mappings(value, (*path, n))


def _kind(section: str, path: Path_, raw: Mapping[str, Any]) -> str | None:
    """Say what rule a mapping is; None where it is none."""
    cites = "clause" in raw
    match section, *path:
        case [_]:
            return None
        case ["pack", part, *_]:
            return _part(str(part), path) if cites and part not in TOLD else None
        case ["vocabulary", part, _, *below]:
            # What contradicts itself is refused before there is an answer, so no case can tell.
            if "invalid" in below:
                return None
            return str(below[0] if below else part).removesuffix("s") if cites else None
        case ["activities", _]:
            return "activity"
        case ["activities", _, "conduct", *_]:
            return "conduct" if cites else None
        case ["matrix" | "supplements", _]:
            return ("row" if section == "matrix" else "supplement") if cites else None
        case ["matrix" | "supplements", _, "blank", *_]:
            return "blank" if cites else None
        case ["matrix" | "supplements", _, "activities", _, *below] if all(map(_passing, below)):
            return "cell" if "by_reading" not in raw else None
        case ["activities" | "matrix" | "supplements", *_]:
            return "frequency" if cites or (_branch(path) and not _HEADS.isdisjoint(raw)) else None
        case ["rating", _]:
            return "criterion"
        case ["actions", _]:
            return "action"
        case ["actions", _, "triggers", _, *_]:
            return "trigger" if "by_reading" not in raw and ("when" in raw or cites) else None
        case ["readings", _]:
            return "ambiguity" if "asked_when" in raw else None
        case [_, _]:
            return section.removesuffix("s") if cites else None
    return None


def _part(part: str, path: Path_) -> str:
    names = {"contacts": "contact", "forums": "forum", "rating": "method", "scale": "level"}
    return part if len(path) == 1 and part == "scale" else names.get(part, part)


def _passing(key: object) -> bool:
    """Whether a step of a path only chooses among cells: a place in a list or a reading."""
    return isinstance(key, int) or key not in ("cases", "options", "otherwise", "once_each")


def _branch(path: Path_) -> bool:
    return path[-1] in ("use", "otherwise") or (len(path) > 1 and path[-2] == "options")


def _clauses(pack: Pack, section: str, path: Path_, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the clauses that a rule cites; a trigger without its own rests on its action's."""
    given = raw.get("clause")
    if given is None and section == "actions":
        given = pack.data[section][path[0]].get("clause")
    flat = [c for _, c in _leaves(given)]
    return tuple(dict.fromkeys(c for c in flat if c in pack.clauses))


def _leaves(raw: object, key: object = None) -> Iterator[tuple[object, str]]:
    """Give every text of plain data with the key that it stands under."""
    if isinstance(raw, Mapping):
        for name, value in raw.items():
            yield None, str(name)
            yield from _leaves(value, name)
    elif isinstance(raw, (list, tuple, frozenset)):
        for value in raw:
            yield from _leaves(value, key)
    elif isinstance(raw, str):
        yield key, raw


# --- taking a rule out ---------------------------------------------------------------------------


class _Change(NamedTuple):
    """Other plain data for one entry of a section; None takes it out."""

    section: str
    path: Path_
    raw: Any


class _Without(NamedTuple):
    """A pack without a rule: the changes, and the kind whose findings are not read."""

    changes: tuple[_Change, ...]
    kind: str | None = None


_DEPTH: Final = {"pack": 0, "vocabulary": 2}


def _without(pack: Pack, rule: Rule) -> Iterator[_Without]:
    """Give what the pack is without a rule, the smallest change first."""
    entry, below = _split(rule)
    whole = at(pack.data[rule.section], entry)
    match rule.kind:
        case "activity":
            bare = {"name": whole.get("name", entry[0]), "not_applicable": True}
            yield _Without((_Change("activities", entry, bare), *_cells(pack, str(entry[0]))))
        case "frequency" if not _HEADS.isdisjoint(at(whole, below)):
            raw = _put(whole, below, _loosened(at(whole, below)))
            yield _Without((_Change(rule.section, entry, raw),))
        case "blank":
            yield _Without((_Change(rule.section, entry, _filled(pack, rule, whole)),))
        case "kind":
            bare = {k: v for k, v in whole.items() if k in ("label", "topic", "attributes")}
            yield _Without((_Change(rule.section, entry, bare),), str(entry[-1]))
        case "level":
            criteria = [i for i, c in pack.rating.items() if c.level == below[-1]]
            yield _Without(
                (
                    _Change("pack", (), _removed(whole, below)),
                    *(_Change("rating", (i,), None) for i in criteria),
                )
            )
        case "ambiguity":
            raw = {k: v for k, v in whole.items() if k != "asked_when"}
            yield _Without((_Change(rule.section, entry, raw),))
        case _:
            for end in range(len(below), 0, -1):
                yield _Without((_Change(rule.section, entry, _removed(whole, below[:end])),))
            if entry:
                yield _Without((_Change(rule.section, entry, None),))


def _split(rule: Rule) -> tuple[Path_, Path_]:
    depth = _DEPTH.get(rule.section, 1)
    return rule.path[:depth], rule.path[depth:]


def _cells(pack: Pack, activity: str) -> Iterator[_Change]:
    """Take an activity out of every row and supplement."""
    for section in ("matrix", "supplements"):
        for id_, row in (pack.data.get(section) or {}).items():
            if activity in row.get("activities", {}):
                yield _Change(section, (id_,), _removed(row, ("activities", activity)))


def _loosened(raw: Mapping[str, Any]) -> dict[str, Any]:
    loose = "not_applicable" if "as_required" in raw else "as_required"
    kept = {k: v for k, v in raw.items() if k not in frequency.KEYS}
    return {**kept, loose: True}


def _filled(pack: Pack, rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    blank = getattr(pack, rule.section)[rule.path[0]].blank
    added = {name: {"class": "as_required"} for name in (blank.activities if blank else ())}
    kept = {k: v for k, v in row.items() if k != "blank"}
    return {**kept, "activities": {**row.get("activities", {}), **added}}


def _put(raw: Any, path: Path_, value: object) -> Any:  # noqa: ANN401  # plain data
    """Give plain data with another value at a path; what is beside the path is shared."""
    if not path:
        return value
    key = path[0]
    if isinstance(raw, list):
        return [_put(v, path[1:], value) if n == key else v for n, v in enumerate(raw)]
    return {k: _put(v, path[1:], value) if k == key else v for k, v in raw.items()}


def _removed(raw: Any, path: Path_) -> Any:  # noqa: ANN401  # plain data
    """Give plain data without the value at a path."""
    *above, last = path
    parent = at(raw, tuple(above))
    if isinstance(parent, list):
        left: object = [v for n, v in enumerate(parent) if n != last]
    else:
        left = {k: v for k, v in parent.items() if k != last}
    return _put(raw, tuple(above), left)


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

    def __init__(self, bases: _Bases, without: _Without | None = None) -> None:
        super().__init__(bases.framework)
        self._bases = bases
        self._without = without or _Without(())
        self._packs: dict[int, Pack] = {}

    def pack(self, base: Pack) -> Pack:
        """Give a pack without the rule; PackError where it would not load."""
        if id(base) not in self._packs:
            pack = base
            for section, path, raw in self._without.changes:
                pack = changed(pack, section, path, raw)
            self._packs[id(base)] = pack
        return self._packs[id(base)]

    def _framework(self, case: Case) -> Framework:
        base = self._bases.of(case)
        return Framework(self.pack(base.pack), {**base.settings, **case.settings})

    def fails(self, case: Case) -> bool | None:
        """Say whether a case fails; None where the engine cannot answer it."""
        kind = self._without.kind
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


def _watched(pack: Pack, seen: set[str]) -> Pack:
    """Give a pack whose rows, criteria, triggers, flags and questions note where they are not false."""

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


def _sound(bases: _Bases, cases: Iterable[Case]) -> tuple[list[_Run], list[str]]:
    """Part the cases into those that pass and the ids of the others."""
    trial = _Trial(bases)
    sound: list[_Run] = []
    faulty: list[str] = []
    for case in cases:
        if trial.fails(case) is False:
            sound.append(_watch(bases, case))
        else:
            faulty.append(case.id)
    return sound, faulty


def _watch(bases: _Bases, case: Case) -> _Run:
    seen: set[str] = set()
    base = bases.of(case)
    pack = _watched(base.pack, seen)
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
    words = {word for raw in texts for _, word in _leaves(raw)}
    if any(a.covered for r in records for a in r.activities):
        words.update(pack.kinds)  # a topic that was looked at speaks of every kind under it
    return _Run(case, frozenset(words | asked | assessment.cited()), frozenset(seen))


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
        words = {word for _, word in _leaves(raw)} | {str(p) for p in rule.path} | {*rule.clauses}
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
        if run.case.others:
            return True
        match rule.section:
            case "activities" if rule.kind == "conduct":
                return rule.path[0] in run.case.expect.get("conduct", {})
            case "rating":
                return name in run.live or self._pack.rating[str(rule.path[0])].mode == "all"
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
    for without in _without(pack, rule):
        trial = _Trial(bases, without)
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
