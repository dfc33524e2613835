"""`qaf may-share` and `qaf forum`: what may be told to whom, and what goes before a sitting."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
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
    from qaf_rules.releases import Entry, ForumPack, Given, Rated
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

    forum = command_of(commands, "forum", _forum, "put together what a forum may be told")
    register_arguments(forum, "forum")
    known_argument(forum)
    forum.add_argument("--json", action="store_true", help="print everything as JSON")


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
    return _faults(register)


def _faults(register: Register, more: Iterable[Diagnostic] = ()) -> int:
    """Tell what could not be read; the answer stands without it."""
    faults = [*register.faults, *more]
    for fault in faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if faults else OK


# --- qaf forum -----------------------------------------------------------------------------------


def _forum(args: argparse.Namespace) -> int:
    from qaf_rules.releases import forum_pack
    from qaf_rules.words import Words

    framework, register = opened(args)
    pack = forum_pack(framework, register, args.forum, on=args.on, known_at=args.known_at)
    words = Words(framework.pack)
    if args.json:
        from qaf_rules.export import as_json, plain_part

        print(as_json(plain_part(pack, words), indent=2))
    else:
        print(*_sitting(words, pack), sep="\n")
    return _faults(register, pack.faults)


def _sitting(words: Words, pack: ForumPack) -> Iterator[str]:
    """Write what goes before a sitting, a provider after another."""
    name = words.pack.identity.forums[pack.forum].name
    if pack.sitting is None or pack.since is None:
        yield f"{name}: no sitting is known {words.cite(pack.clauses)}"
    else:
        days = f"{words.day(pack.sitting)}, after that of {words.day(pack.since)}"
        yield f"{name}: sitting of {days} {words.cite(pack.clauses)}"
    for entry in pack.entries:
        yield ""
        yield from _entry(words, entry)


def _entry(words: Words, entry: Entry) -> Iterator[str]:
    yield entry.name or entry.provider
    subjects = words.pack.identity.subjects
    for given in entry.given:
        told = "; ".join(_told(words, given))
        cited = words.cite(given.sharing.clauses, given.sharing.readings)
        yield f"  {subjects[given.sharing.what].name}: {told} {cited}"
    for sharing in entry.to_decide:
        cited = words.cite(sharing.clauses, sharing.readings)
        yield f"  to decide: {subjects[sharing.what].name} {cited}"
    for action in entry.actions:
        yield f"  to do: {words.short(words.pack.actions[action].text)}"


def _told(words: Words, given: Given) -> Iterator[str]:
    """Say what is given of one subject."""
    if given.rating is not None:
        yield _rated(words, given.rating)
    for name, value in given.values.items():
        new = ", new" if name in given.changed else ""
        yield f"{words.label(name)}: {words.shown(name, value)}{new}"
    for each in given.findings:
        new = f", {each.new} new" if each.new else ""
        yield f"{words.token(each.kind)}: {each.number}, {each.open} open{new}"


def _rated(words: Words, rating: Rated) -> str:
    was = f", before {rating.before}" if rating.before not in (None, rating.level) else ""
    new = "new, " if rating.new else ""
    return f"{words.level(rating.level)}, {new}confirmed {words.day(rating.on)}{was}"
