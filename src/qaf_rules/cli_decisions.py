"""`qaf confirm`, `verify`, `mask` and `purge`: decisions, their records, and what is kept of them.

No register is changed in place, and nothing is overwritten: what is to be added is printed, what
is made is written to a new file.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaf_rules.cli_input import (
    FAILED,
    OK,
    UNUSABLE,
    command_of,
    day,
    framework_arguments,
    known_argument,
    opened,
    record_of,
    register_arguments,
)
from qaf_rules.errors import Diagnostic, InputError, QafError, quoted

if TYPE_CHECKING:
    from qaf_rules.decisions import DecisionRecord, Difference
    from qaf_rules.engine import Framework
    from qaf_rules.model import Rating
    from qaf_rules.result import Assessment

__all__ = ["add_to"]

_ONE = {
    "activities": "activity",
    "findings": "finding",
    "ratings": "rating",
    "decisions": "decision",
}


def add_to(commands: Any) -> None:  # argparse's own
    """Add the commands about decisions."""
    confirm = command_of(
        commands, "confirm", _confirm, "confirm or draft a rating, and keep what it rests on"
    )
    register_arguments(confirm, "provider", "level")
    known_argument(confirm)
    confirm.add_argument("--by", metavar="ROLE", required=True, help="the role that decides")
    confirm.add_argument("--reason", metavar="TEXT", help="why it is not what is suggested")
    confirm.add_argument(
        "--draft", action="store_true", help="for the provider to comment on; it is not confirmed"
    )
    confirm.add_argument("--record", metavar="FILE", type=Path, help="write a decision record")
    confirm.add_argument("--key", metavar="PEM", type=Path, help="sign the record with this key")

    verify = command_of(
        commands, "verify", _verify, "say where decision records no longer agree, field by field"
    )
    verify.add_argument("records", metavar="RECORD", nargs="+", type=Path, help="a decision record")
    verify.add_argument(
        "--key", metavar="PEM", type=Path, help="the public key of who must have signed"
    )
    verify.add_argument("--framework", metavar="ID|PATH", help="check them under this framework")
    verify.add_argument(
        "--original", metavar="FILE", type=Path, help="the record of which RECORD is the masked one"
    )
    verify.add_argument(
        "--key-file", metavar="FILE", type=Path, help="the key with which it was masked"
    )

    mask = command_of(
        commands, "mask", _mask, "write a decision record without what tells whose it is"
    )
    mask.add_argument("record", metavar="RECORD", type=Path, help="a decision record")
    mask.add_argument(
        "--key-file", metavar="FILE", type=Path, required=True, help="a secret of 16 bytes or more"
    )
    mask.add_argument("--to", metavar="FILE", type=Path, help="the file to write")
    mask.add_argument("--framework", metavar="ID|PATH", help="the framework it was made under")

    purge = command_of(
        commands, "purge", _purge, "list, or remove, what is dated before a day and not live"
    )
    purge.add_argument(
        "path",
        metavar="FOLDER|REGISTER",
        type=Path,
        help="a folder of decision records, or a register",
    )
    purge.add_argument("--before", metavar="DATE", type=day, required=True, help="YYYY-MM-DD")
    purge.add_argument("--delete", action="store_true", help="delete the records that are listed")
    purge.add_argument(
        "--on", metavar="DATE", type=day, help="the day of the purge; --before where left out"
    )
    purge.add_argument(
        "--to", metavar="FILE", type=Path, help="write the register without what is listed"
    )
    purge.add_argument("--live", action="store_true", help="take what is still live out too")
    framework_arguments(purge)


# --- qaf confirm ---------------------------------------------------------------------------------


def _confirm(args: argparse.Namespace) -> int:
    from qaf_rules.decisions import record_decision, sign

    if args.key is not None and args.record is None:
        message, help_ = "there is no record to sign", "give the file to write as --record"
        raise InputError([Diagnostic(message, help=help_)])
    framework, register = opened(args)
    record = record_of(register, args.provider, args.register)
    if record.provider.id in register.incomplete:
        message = f"some of the history of {quoted(record.provider.id)} cannot be read"
        help_ = "correct what is told below; a decision rests on the whole"
        told = Diagnostic(message, str(args.register), help=help_)
        raise InputError([told, *register.faults])
    assessment = framework.assess(record, on=args.on, known_at=args.known_at)
    rating = _rating(args, assessment)
    if args.record is not None:
        kept = record_decision(framework, record, rating, known_at=args.known_at)
        if args.key is not None:
            kept = sign(kept, _bytes(args.key))
        kept.save(args.record)
        print(f"{args.record}: kept, with the digest {kept.digest}")
    print(_told(framework, record.provider.id, rating))
    print(_row(args.register, record.provider.id, rating))
    return OK


def _rating(args: argparse.Namespace, assessment: Assessment) -> Rating:
    give = assessment.draft if args.draft else assessment.confirm
    if not re.fullmatch(r"\d{1,4}", args.level):
        levels = ", ".join(map(str, assessment.levels))
        message = f"{quoted(args.level)} is no level"
        raise InputError([Diagnostic(message, help=f"the scale has {levels}")])
    try:
        return give(int(args.level), by=args.by, reason=args.reason)
    except ValueError as error:
        message, _, help_ = str(error).partition(": ")
        raise InputError([Diagnostic(message, help=help_)]) from None


def _told(framework: Framework, provider: str, rating: Rating) -> str:
    """Say what was decided."""
    from qaf_rules.words import a_day

    name = framework.pack.levels[rating.level].name
    done = "drafted" if rating.stage == "draft" else "confirmed"
    against = f"other than the suggested {rating.suggested}"
    if rating.suggested in (None, rating.level):
        against = "nothing was suggested" if rating.suggested is None else "as suggested"
    return f"{provider}: {rating.level} ({name}) {done} on {a_day(rating.on)} by {rating.by}, {against}"


def _row(register: Path, provider: str, rating: Rating) -> str:
    """Give what is to be added to the ratings of a register, as it is written there."""
    from qaf_rules import _yaml
    from qaf_rules.plain import plain_entry

    entry = plain_entry(rating)
    if register.suffix.lower() in (".yaml", ".yml", ".json"):
        return f"add to `ratings` of {provider}:\n{_yaml.dump([entry])}".rstrip("\n")
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerows([["provider_id", *entry], [provider, *entry.values()]])
    return f"add to the sheet `ratings`:\n{line.getvalue()}".rstrip("\n")


# --- qaf verify, qaf mask ------------------------------------------------------------------------


def _verify(args: argparse.Namespace) -> int:
    from qaf_rules.decisions import read_decision

    if (args.original is None) != (args.key_file is None):
        message = "a masked record is compared with its original under the key"
        raise InputError([Diagnostic(message, help="give both --original and --key-file")])
    framework = _framework(args.framework)
    status, faults = OK, list[Diagnostic]()
    for path in args.records:
        try:
            record = read_decision(path)
            found = _differences(record, args, framework)
        except QafError as error:
            faults += [replace(d, file=d.file or str(path)) for d in error.diagnostics]
            continue
        if found:
            status = FAILED
            print(f"{path}: no longer agrees", *(f"  {each}" for each in found), sep="\n")
        else:
            print(f"{path}: agrees{_signed_by(record)}")
    if faults:
        raise InputError(faults)
    return status


def _differences(
    record: DecisionRecord, args: argparse.Namespace, framework: Framework | None
) -> list[Difference]:
    from qaf_rules.decisions import read_decision, verify
    from qaf_rules.masking import verify_masked

    key = None if args.key is None else _bytes(args.key)
    found = [*verify(record, framework, public_key=key)]
    if args.original is not None:
        original = read_decision(args.original)
        found += verify_masked(record, original, _bytes(args.key_file), framework)
    return found


def _signed_by(record: DecisionRecord) -> str:
    signature = record.data.get("signature")
    return "" if signature is None else f", signed by the key {signature['key']}"


def _mask(args: argparse.Namespace) -> int:
    from qaf_rules.decisions import read_decision
    from qaf_rules.masking import mask

    masked = mask(read_decision(args.record), _bytes(args.key_file), _framework(args.framework))
    provider = masked.data["inputs"]["provider"]["provider_id"]
    # The name of the original most often tells whose it is.
    path = args.to or args.record.with_name(f"{provider}-{masked.on}.json")
    masked.save(path)
    print(f"{path}: masked, with the digest {masked.digest}")
    return OK


def _framework(given: str | None) -> Framework | None:
    from qaf_rules.engine import load

    return None if given is None else load(given)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the file: {error.strerror or 'no reason is given'}"
        told = Diagnostic(message, str(path), help="give the file of a key", code="no-file")
        raise InputError([told]) from None


# --- qaf purge -----------------------------------------------------------------------------------


def _purge(args: argparse.Namespace) -> int:
    register = args.path.is_file() or (args.path / "providers.csv").exists()
    if register and args.delete:
        message, help_ = "nothing is deleted from a register", "give the new one as --to FILE"
        raise InputError([Diagnostic(message, str(args.path), help=help_)])
    if args.to is not None and not register:
        message, help_ = (
            "a folder of records is not written anew",
            "give --delete, or leave --to out",
        )
        raise InputError([Diagnostic(message, str(args.path), help=help_)])
    return _purge_register(args) if register else _purge_folder(args)


def _purge_folder(args: argparse.Namespace) -> int:
    from qaf_rules.retention import decisions_before
    from qaf_rules.words import counted

    found, faults = decisions_before(args.path, args.before)
    for path, decided in found.items():
        print(f"{path}: decided on {decided}")
        if args.delete:
            faults += _deleted(path)
    number = f"{counted(len(found), 'record')} from before {args.before}"
    print(f"{number}; {'deleted' if args.delete else 'give --delete to delete them'}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if faults else OK


def _deleted(path: Path) -> list[Diagnostic]:
    """Delete a file; give what is wrong where it cannot be."""
    try:
        path.unlink()
    except OSError as error:
        message = f"cannot delete the file: {error.strerror or 'no reason is given'}"
        return [Diagnostic(message, str(path), help="delete it by hand")]
    return []


def _purge_register(args: argparse.Namespace) -> int:
    from qaf_rules.registers import write_register
    from qaf_rules.retention import purge_register

    args.register, args.include_deregistered = args.path, True
    framework, register = opened(args)
    if register.faults:
        message = "what cannot be read would be lost"
        told = Diagnostic(message, str(args.path), help="correct what is told below")
        raise InputError([told, *register.faults])
    left, removed = purge_register(
        framework, register, before=args.before, on=args.on, live=args.live
    )
    for provider, parts in removed.items():
        counts = [f"{n} {_ONE[part] if n == 1 else part}" for part, n in parts.items()]
        print(f"{provider}: {', '.join(counts)}")
    if args.to is None:
        print("give --to FILE to write the register without what is listed")
        return OK
    if args.to.exists():
        message, help_ = "there is something of that name already", "give another name"
        raise InputError([Diagnostic(message, str(args.to), help=help_)])
    write_register(left, args.to, framework)
    print(f"{args.to}: written without what is listed")
    return OK
