"""What the commands have in common: their arguments, and the framework and register they name."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    import datetime as dt

    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.registers import Register

__all__ = [
    "activity_of",
    "command_of",
    "day",
    "framework_arguments",
    "framework_id",
    "known_argument",
    "number",
    "opened",
    "printed_json",
    "reading",
    "reading_argument",
    "record_of",
    "register_argument",
    "register_arguments",
    "told_faults",
    "told_with",
]

OK, FAILED, UNUSABLE = 0, 1, 2


def command_of(
    commands: Any, name: str, run: Any, about: str
) -> argparse.ArgumentParser:  # argparse's own
    """Add a command: its name, the function that runs it, and what it does in a few words."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[:1].upper()}{about[1:]}."
    )
    command.set_defaults(run=run)
    return command


def register_argument(command: argparse.ArgumentParser) -> None:
    """Add the argument that names a register."""
    command.add_argument(
        "register",
        metavar="REGISTER",
        type=Path,
        help="a workbook, a folder of CSV files, a YAML file, or a regulator's JSON",
    )


def register_arguments(command: argparse.ArgumentParser, *positional: str) -> None:
    """Add the arguments of a command about a register; `positional` follow it by name."""
    register_argument(command)
    for name in positional:
        command.add_argument(name, metavar={"provider": "ID"}.get(name, name.upper()))
    command.add_argument(
        "--on", metavar="DATE", type=day, required=True, help="the day of the question, YYYY-MM-DD"
    )
    framework_arguments(command)


def known_argument(command: argparse.ArgumentParser) -> None:
    """Add the argument that leaves out what was not known yet."""
    command.add_argument(
        "--known-at", metavar="DATE", type=day, help="count only what was recorded by this day"
    )


def reading_argument(command: argparse.ArgumentParser) -> None:
    """Add the argument that chooses readings of ambiguities."""
    command.add_argument(
        "--reading",
        metavar="X=OPTION",
        action="append",
        type=reading,
        default=[],
        help="choose a reading of an ambiguity",
    )


def framework_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say under which rules a register is read."""
    command.add_argument(
        "--framework", metavar="ID|PATH", help="the framework, where the register names none"
    )
    command.add_argument(
        "--settings", metavar="FILE", type=Path, help="a YAML file of the council's settings"
    )
    reading_argument(command)
    command.add_argument(
        "--include-deregistered",
        action="store_true",
        help="keep what a regulator no longer has on its register",
    )


def day(text: str) -> dt.date:
    """Read a day; ArgumentTypeError says what it is not."""
    try:
        return parse_day(text)
    except Fault as fault:
        message = f"{fault.message}{f': {fault.help}' if fault.help else ''}"
        raise argparse.ArgumentTypeError(message) from None


def number(text: str) -> int:
    """Read a number of visits; ArgumentTypeError says what it is not."""
    if not text.isdecimal():
        message = f"{quoted(text)} is no number of visits: write a whole number"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def reading(text: str) -> tuple[str, str]:
    """Read the choice of a reading; ArgumentTypeError says what it is not."""
    name, equals, option = text.partition("=")
    if not (name and equals and option):
        message = f"{quoted(text)} is no choice of a reading: write it as X-A-10=monthly"
        raise argparse.ArgumentTypeError(message)
    return name, option


def framework_id(path: Path, given: str | None) -> str:
    """Give the framework of a register: as asked for, or named in it, or by its file.

    InputError where none of these says.
    """
    from qaf_rules.folders import pack_names
    from qaf_rules.registers import named_framework

    if given is not None:
        return given
    if not path.exists():
        raise InputError([Diagnostic("there is no such file or folder", str(path), code="no-file")])
    if named := named_framework(path):
        return named
    known, stem = pack_names(), path.stem.casefold()
    fitting = [id_ for id_ in known if re.match(rf"{re.escape(id_)}(?![^\W_])", stem)]
    if fitting:
        return max(fitting, key=len)
    message = "the register does not say which framework it belongs to"
    help_ = f"give --framework {listed(known)}, or a pack's folder"
    raise InputError([Diagnostic(message, str(path), help=help_)])


def opened(args: argparse.Namespace) -> tuple[Framework, Register]:
    """Load the framework and read the register; what the caller sets goes before the register's."""
    from qaf_rules.engine import Framework, load
    from qaf_rules.registers import read_register

    framework = load(framework_id(args.register, args.framework), on=args.on)
    if args.settings is not None or args.reading:
        framework = framework.using(settings=args.settings, readings=dict(args.reading))
    register = read_register(
        args.register, framework, include_deregistered=args.include_deregistered
    )
    return Framework(framework.pack, {**register.settings, **framework.settings}), register


def record_of(register: Register, id_: str, path: Path) -> ProviderRecord:
    """Give the record of an id or a name; InputError with a hint where there is none."""
    if id_ in register:
        return register[id_]
    names = {r.provider.name: r.provider.id for r in register if r.provider.name}
    if id_ in names:
        return register[names[id_]]
    near = did_you_mean(id_, [*register.records, *names])
    help_ = near or f"the register has {listed(register.records)}"
    message = f"there is no provider {quoted(id_)}"
    told = Diagnostic(message, str(path), help=help_, code="no-provider")
    raise InputError([told, *register.faults])


def activity_of(framework: Framework, name: str) -> str:
    """Give the activity of an id or of one of its other names."""
    pack = framework.pack
    known = {
        n.casefold(): id_
        for id_, spec in pack.activities.items()
        for n in (id_, spec.name, *spec.aliases)
    }
    if name.casefold() in known:
        return known[name.casefold()]
    help_ = did_you_mean(name, known) or f"the activities are {listed(pack.activities, 30)}"
    raise InputError(
        [Diagnostic(f"there is no activity {quoted(name)}", help=help_, code="no-activity")]
    )


def printed_json(data: object) -> None:
    """Print plain data as JSON, in letters that standard output can hold."""
    from qaf_rules.export import as_json

    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    print(as_json(data, indent=2, ascii_only=encoding != "utf8"))


def told_faults(faults: Iterable[Diagnostic]) -> int:
    """Print faults after an answer, and give the exit status: 2 where there is one."""
    found = list(faults)
    for fault in found:
        print(fault, file=sys.stderr)
    return UNUSABLE if found else OK


@contextmanager
def told_with(faults: Iterable[Diagnostic]) -> Iterator[None]:
    """While it lasts, what is refused is told together with the faults of the register."""
    try:
        yield
    except InputError as error:
        raise InputError([*faults, *error.diagnostics]) from None
