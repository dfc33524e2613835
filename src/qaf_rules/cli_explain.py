"""`qaf explain` and `qaf ask`: why, why not, what if, and the questions that settle the rating."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from qaf_rules.cli_input import (
    OK,
    UNUSABLE,
    command_of,
    known_argument,
    opened,
    record_of,
    register_arguments,
)
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.values import Fault, OneOf, SetOf, Simple, Type, parse_value

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.outlook import Telling
    from qaf_rules.registers import Register
    from qaf_rules.result import Assessment
    from qaf_rules.words import Words

__all__ = ["add_to"]

MANY = 5
"""More questions than this are counted, not told."""

UNKNOWN = frozenset({"", "?", "don't know", "dont know", "not known", "unknown"})


def add_to(commands: Any) -> None:  # argparse's own
    """Add the commands that explain and ask."""
    explain = command_of(
        commands, "explain", _explain, "say why, why not, and what would change the rating"
    )
    register_arguments(explain, "provider")
    known_argument(explain)
    asked = "`rating`, a level, or the id of a criterion, activity, action, question or flag"
    explain.add_argument("--why", metavar="WHAT", action="append", default=[], help=asked)
    explain.add_argument("--why-not", metavar="WHAT", action="append", default=[], help=asked)
    explain.add_argument(
        "--what-if",
        metavar="FACT=VALUE",
        action="append",
        type=_change,
        default=[],
        help="assess as if a fact or a field of the profile were other",
    )
    explain.add_argument(
        "--length",
        choices=("line", "paragraph", "tree"),
        default="paragraph",
        help="how much of each reason; a paragraph where left out",
    )
    explain.add_argument("--json", action="store_true", help="print everything as JSON")

    ask = command_of(
        commands, "ask", _ask, "put the questions that can still change the rating, one by one"
    )
    register_arguments(ask, "provider")
    ask.add_argument("--by", metavar="ROLE", required=True, help="the role that answers")


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        message = f"{quoted(text)} is no change: write it as registered_manager_in_place=true"
        raise argparse.ArgumentTypeError(message)
    return name, value


def _faults(register: Register) -> int:
    """Tell what could not be read; the answer stands without it."""
    for fault in register.faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if register.faults else OK


# --- qaf explain ---------------------------------------------------------------------------------


def _explain(args: argparse.Namespace) -> int:
    framework, register = opened(args)
    record = record_of(register, args.provider, args.register)
    assessment = framework.assess(record, on=args.on, known_at=args.known_at)
    told = [assessment.why(about) for about in (*args.why, *args.why_not)]
    changed = _changed(framework, record, args) if args.what_if else None
    if args.json:
        from qaf_rules.export import as_json, explained

        print(as_json(explained(framework, record, assessment, told, changed), indent=2))
        return _faults(register)
    if not told and changed is None:
        for heading, lines in _overview(framework, record, assessment):
            print(heading, *(f"  {line}" for line in lines), "", sep="\n")
    for explanation in told:
        print(getattr(explanation, args.length))
    if changed is not None:
        print(*_difference(assessment, changed), sep="\n")
    return _faults(register)


def _overview(
    framework: Framework, record: ProviderRecord, a: Assessment
) -> Iterator[tuple[str, list[str]]]:
    """Tell the suggestion, what would settle and confirm it, and what would change it."""
    from qaf_rules import explain
    from qaf_rules.words import Words

    words = Words(framework.pack, record)
    given = a.suggestion
    if given.lowest is None or given.highest is None:  # outside the framework
        yield f"{a.name or a.provider} on {a.on}: {given}", [a.why().paragraph]
        return
    told = explain.suggested(words, given)
    told.append(f"Still possible: {_between(given.lowest, given.highest)}.")
    yield f"{a.name or a.provider} on {a.on}: {given}", told
    ranked = a.ranked()
    if ranked:
        lines = [f"{words.plain(t.question.text)} ({_rules_out(t)})" for t in ranked]
        more = [f"and {len(lines) - MANY} more"] if len(lines) > MANY else []
        yield "Questions that can still change it, the most telling first", [*lines[:MANY], *more]
    yield "What confirms it", [str(a.triangulation())]
    changes = [_least(framework, record, a, words, to) for to in ("better", "worse")]
    yield "What would change it", [line for line in changes if line]


def _between(lowest: int, highest: int) -> str:
    return f"level {lowest}" if lowest == highest else f"levels {lowest} to {highest}"


def _rules_out(telling: Telling) -> str:
    from qaf_rules.words import counted

    return f"rules out up to {counted(telling.settles, 'level')}"


def _least(
    framework: Framework, record: ProviderRecord, a: Assessment, words: Words, to: str
) -> str | None:
    from qaf_rules import explain

    try:
        found = framework.least_change(record, on=a.on, to=to, known_at=a.known_at)
    except ValueError:  # there is no level beyond the last of the scale
        return None
    return explain.changing(words, found)


def _changed(framework: Framework, record: ProviderRecord, args: argparse.Namespace) -> Assessment:
    """Assess as if the facts named were other."""
    given = dict(args.what_if)
    twice = sorted({name for name, text in args.what_if if given[name] != text})
    if twice:
        help_ = "give one value for each, in one --what-if"
        told = [
            Diagnostic(f"{quoted(name)} is to be two things at once", help=help_) for name in twice
        ]
        raise InputError(told)
    known = {**framework.pack.fields, **framework.pack.facts}
    changes: dict[str, object] = {}
    for name, text in args.what_if:
        changes[name] = text
        if name in known:
            with contextlib.suppress(Fault):  # what does not fit is told with all the rest
                changes[name] = _typed(known[name].type, text)
    return framework.what_if(record, changes, on=args.on, known_at=args.known_at)


def _difference(before: Assessment, after: Assessment) -> Iterator[str]:
    """Say what a change makes other: the suggestion, its criteria, actions and questions."""
    one, other = str(before.suggestion), str(after.suggestion)
    yield f"Suggested: {other}" + (", as before" if one == other else f", before {one}")
    yield from _gone_and_new(
        "criterion", _texts(before.suggestion.matched), _texts(after.suggestion.matched)
    )
    yield from _gone_and_new("action", _texts(before.actions), _texts(after.actions))
    yield from _gone_and_new("question", _texts(before.questions), _texts(after.questions))
    yield from _gone_and_new("due", _dated(before), _dated(after))


def _texts(told: Iterable[Any]) -> dict[str, str]:
    return {each.id: each.text for each in told}


def _dated(a: Assessment) -> dict[str, str]:
    """Give what is on the schedule, each by its activity, status and day."""
    items = (item for item in a.schedule if item.status != "not_applicable")
    told = (f"{i.id} {i.status}{f', {i.due}' if i.due else ''}" for i in items)
    return {text: text for text in told}


def _gone_and_new(what: str, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """Name what is there no more, and what is new, each by its text."""
    yield from (f"- {what}: {text}" for id_, text in before.items() if id_ not in after)
    yield from (f"+ {what}: {text}" for id_, text in after.items() if id_ not in before)


# --- qaf ask -------------------------------------------------------------------------------------


def _ask(args: argparse.Namespace) -> int:
    from qaf_rules.words import Words

    framework, register = opened(args)
    if args.by not in framework.pack.roles:
        help_ = (
            did_you_mean(args.by, framework.pack.roles)
            or f"the roles are {listed(framework.pack.roles)}"
        )
        raise InputError([Diagnostic(f"there is no role {quoted(args.by)}", help=help_)])
    record = before = record_of(register, args.provider, args.register)
    skipped: list[str] = []
    put: set[str] = set()  # each question once, also where its answer settles nothing
    while True:
        assessment = framework.assess(record, on=args.on)
        ranked = [t for t in assessment.ranked() if t.question.id not in put]
        if not ranked:
            break
        value = _put(framework, assessment, ranked)
        if value is END:
            break
        question = ranked[0].question
        put.add(question.id)
        if value is None:
            skipped.append(question.text)
        else:
            record = record.with_answer(question, value, by=args.by, on=args.on)
    print()
    print(assessment.why())
    if skipped:
        print(
            "\nLeft open:",
            *(Words(framework.pack, None).plain(text) for text in skipped),
            sep="\n- ",
        )
    for line in _entries(before, record):
        print(line)
    return _faults(register)


END = object()


def _put(framework: Framework, a: Assessment, ranked: list[Telling]) -> object:
    """Put the first question until it is answered; None for not known, END where input ends."""
    from qaf_rules.words import Words, counted

    question = ranked[0].question
    declared = question.takes
    assert declared is not None  # only a question about a value is ranked
    given = a.suggestion
    levels = _between(given.lowest or 0, given.highest or 0)
    asked = counted(len(ranked), "question")
    print(f"\nPossible: {levels}; {asked} can still change it, this one {_rules_out(ranked[0])}.")
    print(Words(framework.pack, None).plain(question.text))
    while True:
        print(f"[{_choices(declared)}, don't know] ", end="", flush=True)
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            return END
        text = line.strip()
        if text.casefold() in UNKNOWN:
            return None
        try:
            return parse_value(declared, _typed(declared, text))
        except Fault as fault:
            print(f"{fault.message}{f': {fault.help}' if fault.help else ''}")


def _entries(before: ProviderRecord, after: ProviderRecord) -> Iterator[str]:
    """Give what is to be added to or changed in the register, as it is written there."""
    from qaf_rules import _yaml
    from qaf_rules.plain import plain_entry

    new = [finding for finding in after.findings if finding not in before.findings]
    if new:
        yield f"\nadd to `findings` of {after.provider.id}, or complete those that are there:"
        yield _yaml.dump([plain_entry(finding) for finding in new]).rstrip("\n")


def _typed(declared: Type, text: str) -> object:
    """Read what a person types as a cell of a register is read; several words have commas."""
    from qaf_rules.cells import cell

    return cell(declared, text.replace(",", ";") if isinstance(declared, SetOf) else text)


def _choices(declared: Type) -> str:
    """Say how a question about a value of a type may be answered."""
    if isinstance(declared, OneOf | SetOf):
        return ", ".join(declared.values)
    words = {Simple("boolean"): "yes, no", Simple("count"): "a number"}
    return words.get(declared, "a value") if isinstance(declared, Simple) else "a value"
