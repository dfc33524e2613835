"""`qaf may-share`: whether something may go to an audience, after which steps, and why."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qaf_rules.cli_input import (
    command_of,
    known_argument,
    opened,
    record_of,
    register_arguments,
)

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


def _may_share(args: argparse.Namespace) -> int:
    framework, register = opened(args)
    record = record_of(register, args.provider, args.register)
    told = framework.may_share(
        args.what, audience=args.audience, about=record, on=args.on, known_at=args.known_at
    )
    if args.json:
        from qaf_rules.export import as_json, plain_part
        from qaf_rules.words import Words

        print(as_json(plain_part(told, Words(framework.pack, record)), indent=2))
    else:
        print(getattr(told.why(), args.length))
    for fault in register.faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if register.faults else OK
