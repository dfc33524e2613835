"""What may be told to whom: `qaf may-share`, `reply`, `forum` and `aggregate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qaf_rules.cli_input import (
    command_of,
    known_argument,
    opened,
    record_of,
    register_arguments,
)

if TYPE_CHECKING:
    from qaf_rules.errors import Diagnostic
    from qaf_rules.registers import Register
    from qaf_rules.words import Words

__all__ = ["add_to"]

OK, UNUSABLE = 0, 2


def add_to(commands: Any) -> None:  # argparse's own
    """Add the commands about what leaves the team."""
    share = command_of(
        commands, "may-share", _may_share, "say whether something may be shared with an audience"
    )
    register_arguments(share, "provider", "what")
    share.add_argument(
        "--audience", metavar="WHOM", required=True, help="who would be told, by the pack's word"
    )
    known_argument(share)
    share.add_argument(
        "--length",
        choices=("line", "paragraph", "tree"),
        default="paragraph",
        help="how much of the reason; a paragraph where left out",
    )
    share.add_argument("--json", action="store_true", help="print everything as JSON")

    reply = command_of(
        commands, "reply", _reply, "put together the reply to each open request about a provider"
    )
    register_arguments(reply, "provider")
    reply.add_argument("--by", metavar="ROLE", help="the role that decides to share it")
    known_argument(reply)
    reply.add_argument("--json", action="store_true", help="print everything as JSON")

    together = command_of(
        commands, "aggregate", _aggregate, "count over all providers what an audience may be told"
    )
    register_arguments(together, "what")
    together.add_argument(
        "--audience", metavar="WHOM", required=True, help="who would be told, by the pack's word"
    )
    known_argument(together)
    together.add_argument("--json", action="store_true", help="print everything as JSON")

    forum = command_of(commands, "forum", _forum, "put together what a forum is told")
    register_arguments(forum, "forum")
    known_argument(forum)
    forum.add_argument(
        "--team",
        action="store_true",
        help="the team's own sheet instead: what it has to decide and to do before the sitting",
    )
    forum.add_argument("--json", action="store_true", help="print everything as JSON")


def _may_share(args: argparse.Namespace) -> int:
    from qaf_rules.words import Words

    framework, register = opened(args)
    record = record_of(register, args.provider, args.register)
    told = framework.may_share(
        args.what, audience=args.audience, about=record, on=args.on, known_at=args.known_at
    )
    if args.json:
        _print_json(told, Words(framework.pack, record))
    else:
        print(getattr(told.why(), args.length))
    return _faults(register)


def _print_json(value: object, words: Words) -> None:
    from qaf_rules.export import as_json, plain_part

    print(as_json(plain_part(value, words), indent=2))


def _faults(register: Register, more: Iterable[Diagnostic] = ()) -> int:
    """Tell what could not be read; the answer stands without it."""
    faults = [*register.faults, *more]
    for fault in faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if faults else OK


# --- qaf reply -----------------------------------------------------------------------------------


def _reply(args: argparse.Namespace) -> int:
    from qaf_rules.release_lines import replied
    from qaf_rules.releases import replies
    from qaf_rules.words import Words

    framework, register = opened(args)
    record = record_of(register, args.provider, args.register)
    made = replies(framework, record, on=args.on, by=args.by, known_at=args.known_at)
    words = Words(framework.pack, record)
    if args.json:
        _print_json(made, words)
    else:
        told = ["\n".join(replied(words, each)) for each in made]
        print("\n\n".join(told) or "There is no open request about this provider.")
    return _faults(register)


# --- qaf aggregate -------------------------------------------------------------------------------


def _aggregate(args: argparse.Namespace) -> int:
    from qaf_rules.aggregates import aggregate
    from qaf_rules.release_lines import counts
    from qaf_rules.words import Words

    framework, register = opened(args)
    told, faults = aggregate(
        framework,
        register,
        args.what,
        audience=args.audience,
        on=args.on,
        known_at=args.known_at,
    )
    words = Words(framework.pack)
    if args.json:
        _print_json(told, words)
    else:
        print(*counts(words, told), sep="\n")
    return _faults(register, faults)


# --- qaf forum -----------------------------------------------------------------------------------


def _forum(args: argparse.Namespace) -> int:
    from qaf_rules.release_lines import sitting, team
    from qaf_rules.releases import before_forum
    from qaf_rules.words import Words

    framework, register = opened(args)
    pack, sheet = before_forum(framework, register, args.forum, on=args.on, known_at=args.known_at)
    words = Words(framework.pack)
    if args.json:
        _print_json(sheet if args.team else pack, words)
    else:
        print(*(team(words, sheet) if args.team else sitting(words, pack)), sep="\n")
    return _faults(register, sheet.faults)
