"""The same answers by durable-rules: a second evaluator, which the tree is held against.

What makes conditions true is for durable-rules to say; the facts that they read, the schedule, and
what follows from criteria that hold are the library's own. It needs the extra `durable`.
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
import weakref
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from qaf_rules.errors import Diagnostic, InputError, QafError
from qaf_rules.expressions import Expression, Scalar, facts_of
from qaf_rules.facts import View
from qaf_rules.result import Assessment
from qaf_rules.rulesets import ASSERTED, TREE, Rule, Turn, matched, rules_of, side_of
from qaf_rules.values import Fault

if TYPE_CHECKING:
    from qaf_rules.alike import Alike
    from qaf_rules.engine import Framework
    from qaf_rules.environment import Attributed
    from qaf_rules.model import ProviderRecord
    from qaf_rules.pack import Pack
    from qaf_rules.result import Reason, Truth
    from qaf_rules.value_tests import Value

SESSION: Final = "1"
"""The one session, deleted after every assertion: the engine keeps all others until it crashes."""


class EngineError(QafError):
    """Durable-rules failed: there is no answer."""


class Firing(NamedTuple):
    """A rule that fired: on which day's question, after which assertion, and on which side."""

    on: dt.date
    asserted: str  # facts, criteria, level, actions, or item
    rule: str
    truth: bool

    def __str__(self) -> str:
        return f"{self.asserted} -> {self.rule} is {'true' if self.truth else 'false'}"


@dataclass(frozen=True, slots=True)
class Watched(Assessment):
    """An assessment with the rules that fired for it, in the order of the assertions."""

    log: tuple[Firing, ...] = ()


def assess(
    framework: Framework,
    record: ProviderRecord,
    *,
    on: dt.date,
    known_at: dt.date | None = None,
) -> Watched:
    """Assess a provider as `framework.assess` does, with every rule judged by durable-rules.

    The arguments are those of `framework.assess`. InputError where the extra is not there, or where
    something cannot be told to durable-rules without loss; EngineError where it fails.
    """
    log: list[Firing] = []
    day = framework.day(record, on=on, known_at=known_at, view_of=partial(judged, log))
    told = day.assessment()
    return Watched(**{f.name: getattr(told, f.name) for f in fields(Assessment)}, log=tuple(log))


# --- what judges -----------------------------------------------------------------------------------


def judged(
    log: list[Firing],
    pack: Pack,
    record: ProviderRecord,
    on: dt.date,
    settings: Mapping[str, object],
    known_at: dt.date,
) -> View:
    """Give the view of a provider whose rules durable-rules judges; what fires is put in the log."""
    made = _Judged(pack, record, on, settings, known_at)
    made.ruleset, made.log = ruleset_of(pack), log
    made.truths, made.outcomes, made.rated = {}, {}, False
    return made


class _Judged(View):
    """A provider whose criteria and triggers durable-rules judges; the tree tells why."""

    ruleset: Ruleset
    log: list[Firing]
    truths: dict[str, Truth]  # of the rules that were asked
    outcomes: dict[str, Scalar]  # of the criteria, as facts
    rated: bool  # the level is known, from which actions follow

    def reason_of(self, alike: Alike) -> Reason:
        """Evaluate a condition; whether a rule holds is for durable-rules to say."""
        reason = super().reason_of(alike)
        rule = self._rule(alike)
        return reason if rule is None else reason._replace(truth=self._truth_of_rule(rule))

    def truth_of(self, alike: Alike) -> Truth:
        """Say whether a condition holds; of a rule durable-rules says it."""
        truth = super().truth_of(alike)  # an answer notes what was read for it
        rule = self._rule(alike)
        return truth if rule is None else self._truth_of_rule(rule)

    def came_out(self, what: str, id_: str, *found: tuple[Reason, Attributed | None]) -> None:
        """Take in an outcome; those of the criteria are facts of the next assertion."""
        super().came_out(what, id_, *found)
        if what == "matched":
            self.outcomes[matched(id_)] = True
        elif what == "undecided":
            self.outcomes.pop(matched(id_), None)

    def put(self, name: str, value: Value | None) -> None:
        """Set an engine value, or take it back; the suggested level is one that fired."""
        super().put(name, value)
        self.rated = self.rated or name == "level"
        if name == "suggested_level" and self.outcomes:
            fired = self._ask(self.ruleset.rules.levels, "criteria", self.outcomes)
            assert value is not None  # it is never taken back
            if value.value and not any(r.startswith(f"level {value.value} ") for r in fired):
                raise _failed(f"level {value.value} follows from the criteria, and did not fire")

    def _rule(self, alike: Alike) -> Rule | None:
        """Find the rule of a condition. The schedule, which comes before the level, asks the tree."""
        rule = self.ruleset.rules.by_condition.get(id(alike.condition))
        return None if rule is None or (rule.starts and not self.rated) else rule

    def _truth_of_rule(self, rule: Rule) -> Truth:
        """Look up how a rule came out; the first that is asked of a turn has all of them asserted."""
        rules = self.ruleset.rules
        if rule.alone:
            return self._alone(rule)
        if rule.name not in self.truths:
            if rule.starts:
                self._ask(rules.triggers, "level", {})
            else:
                self._ask(rules.criteria, "facts", {})
                self.outcomes = {matched(id_): False for id_ in self.pack.rating}
        return self.truths[rule.name]

    def _alone(self, rule: Rule) -> Truth:
        """Ask a rule of the item at hand, or of what was suggested so far."""
        key = f"{rule.name} {sorted(self._facts((rule,)).items())}"
        if key not in self.truths:
            self._ask(((rule,),), "item" if self.this else "actions", {})
            self.truths[key] = self.truths[rule.name]
        return self.truths[key]

    def _ask(self, turns: Iterable[Turn], asserted: str, beside: Mapping[str, Scalar]) -> list[str]:
        """Assert what the rules of each turn read, and give the names of those that are true."""
        for turn in turns:
            fired = self.ruleset.ask({**self._facts(turn), **beside}, turn)
            self.truths.update(fired)
            self.log += [
                Firing(self.on, asserted, name, truth)
                for name, truth in fired.items()
                if truth is not None
            ]
        return [rule.name for turn in turns for rule in turn if self.truths[rule.name]]

    def _facts(self, turn: Turn) -> dict[str, Scalar]:
        """Give the flat facts that some rules read; InputError with all that cannot be told."""
        rules, view = self.ruleset.rules, self.aside()
        facts: dict[str, Scalar] = {}
        faults: list[Diagnostic] = []
        for key in dict.fromkeys(key for rule in turn for key in rule.keys):
            try:
                facts |= facts_of(rules.vocabulary, key, view)
            except Fault as fault:
                place = f"provider {self.record.provider.id}, {key}"
                faults.append(_diagnostic(fault.message, TREE, place))
        if faults:
            raise InputError(faults)
        return {name: fact for name, fact in facts.items() if name in rules.fields}


# --- durable-rules ---------------------------------------------------------------------------------


class Ruleset:
    """The ruleset of a pack; threads take turns at it."""

    def __init__(self, pack: Pack) -> None:
        ruleset = engine()
        self.rules = rules_of(pack)
        self._fired: list[str] = []
        self._lock = threading.Lock()
        definition = {
            name: self._rule(name, side)
            for name, side in self.rules.definition().items()
            if side is not False
        }
        definition[ASSERTED] = self._rule(ASSERTED, {"$ex": {ASSERTED: 1}})
        try:
            self.inner = ruleset(pack.id, None, definition)
        except Exception as error:
            raise _failed(error) from error

    @property
    def handle(self) -> object:
        """What durable-rules knows it by."""
        return self.inner._handle  # noqa: SLF001  # there is no other way to it

    def _rule(self, name: str, side: Expression) -> dict[str, Any]:
        def fire(_context: object) -> None:
            self._fired.append(name)

        return {"all": [{"m": side}], "run": fire}

    def ask(self, facts: Mapping[str, Scalar], turn: Turn) -> dict[str, Truth]:
        """Assert facts as one message, and say how the rules of a turn come out."""
        message = {f"group:{rule.group}": True for rule in turn} | {ASSERTED: True, **facts}
        fired = self._assert(message)
        return {rule.name: _outcome(rule, fired) for rule in turn}

    def _assert(self, message: Mapping[str, Scalar]) -> frozenset[str]:
        """Give the names of what fires; a rule that holds in two ways fires twice, and counts once."""
        ended: list[tuple[object, Any]] = []
        with self._lock:
            self._fired.clear()
            try:
                self._run({**message, "sid": SESSION}, ended)
            except Exception as error:
                raise _failed(error) from error
            fired = frozenset(self._fired)
        # It raises nothing that goes wrong in an action: it tells of it, or stops without a word.
        problem, kept = ended[0] if ended else ("it stopped in the middle", None)
        problem = problem or (kept or {}).get("exception")
        if problem:
            raise _failed(problem)
        assert ASSERTED in fired  # every message has it
        return fired

    def _run(self, message: Mapping[str, Scalar], ended: list[tuple[object, Any]]) -> None:
        """Assert a message and let fire what it makes true; the session is gone whatever happens."""
        try:
            state = self.inner.assert_fact(message)
        except Exception:
            with suppress(Exception):  # it may have failed before there was a session
                self.inner.delete_state(SESSION)
            raise
        try:
            self.inner.do_actions(state, lambda *end: ended.append(end))
        finally:
            self.inner.delete_state(SESSION)


def _outcome(rule: Rule, fired: frozenset[str]) -> Truth:
    """Both sides never fire: one is the other with negation pushed inward."""
    true, false = (side_of(rule, truth) in fired for truth in (True, False))
    assert not (true and false)
    return true if true or false else None


def _diagnostic(message: str, help_: str, place: str | None = None) -> Diagnostic:
    return Diagnostic(message, help=help_, place=place, code="durable")


def _failed(error: object) -> EngineError:
    return EngineError([_diagnostic(f"durable-rules failed: {error}", TREE)])


RULESETS: dict[int, Ruleset] = {}  # by the pack's identity, as long as there is the pack
_MAKING = threading.Lock()


def ruleset_of(pack: Pack) -> Ruleset:
    """Give the ruleset of a pack, made when it is first asked for."""
    with _MAKING:
        made = RULESETS.get(id(pack))
        if made is None:
            made = RULESETS[id(pack)] = Ruleset(pack)
            weakref.finalize(pack, _forget, id(pack)).atexit = False
        return made


def _forget(pack: int) -> None:
    """Delete the ruleset of a pack that is no more; the engine would keep it for good."""
    import durable_rules_engine  # noqa: PLC0415  # it is there where a ruleset was made

    ruleset = RULESETS.pop(pack)
    durable_rules_engine.delete_ruleset(ruleset.handle)


def engine() -> Any:
    """Give durable-rules' own class of a ruleset; InputError where it cannot be imported."""
    try:
        from durable import engine as durable_engine  # noqa: PLC0415  # only here is it needed
    except ImportError as error:
        raise InputError([_diagnostic(*why_not(error, sys.version_info[:2]))]) from None
    return durable_engine.Ruleset


def why_not(error: ImportError, python: tuple[int, ...]) -> tuple[str, str]:
    """Say why durable-rules cannot be imported, and what to do."""
    if python >= (3, 13):
        version = ".".join(map(str, python))
        message = f"durable-rules does not import on Python {version}: {error}"
        return message, f"use Python 3.11 or 3.12, or {TREE}"
    message = f"durable-rules cannot be imported: {error}"
    help_ = (
        "it has no wheels: with a C compiler and Python's headers run "
        f"`pip install 'qaf-rules[durable]'`, or {TREE}"
    )
    return message, help_
