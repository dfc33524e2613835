"""`qaf compare` and `qaf readings`: what a change of rules, or another reading, does to a register."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaf_rules.cli_input import (
    command_of,
    day,
    opened,
    printed_json,
    reading,
    record_of,
    register_argument,
    register_arguments,
    told_faults,
    told_with,
)
from qaf_rules.errors import Diagnostic, InputError

if TYPE_CHECKING:
    from qaf_rules.comparing import Comparison
    from qaf_rules.engine import Framework
    from qaf_rules.sweeps import Ranked

__all__ = ["add_to"]


def add_to(commands: Any) -> None:  # argparse's own
    """Add the commands."""
    compare = command_of(
        commands, "compare", _compare, "say what one framework answers otherwise than another"
    )
    for name in ("before", "after"):
        compare.add_argument(
            name, metavar=name.upper(), help="id or folder of a pack, or the file of an overlay"
        )
    register_argument(compare)
    compare.add_argument("--on", metavar="DATE", type=day, help="compare the answers of a day")
    compare.add_argument("--since", metavar="DATE", type=day, help="or of a period: its first day")
    compare.add_argument("--until", metavar="DATE", type=day, help="the last day of the period")
    for name in ("before", "after"):
        compare.add_argument(
            f"--{name}-reading",
            metavar="X=OPTION",
            action="append",
            type=reading,
            default=[],
            help=f"choose a reading of an ambiguity for {name.upper()}",
        )
    compare.add_argument(
        "--settings", metavar="FILE", type=Path, help="a YAML file of the council's settings"
    )
    form = compare.add_mutually_exclusive_group()
    form.add_argument("--all", action="store_true", help="tell every difference in a line")
    form.add_argument("--provider", metavar="ID", help="tell every difference of one provider")
    form.add_argument("--json", action="store_true", help="print everything as JSON")

    ranked = command_of(
        commands, "readings", _readings, "rank the ambiguities by the answers they would change"
    )
    register_arguments(ranked)
    ranked.add_argument("--json", action="store_true", help="print everything as JSON")


def _compare(args: argparse.Namespace) -> int:
    from qaf_rules.comparing import compare
    from qaf_rules.registers import read_register

    if args.on is None and (args.since is None or args.until is None):
        message = "a comparison needs a day or a period"
        raise InputError([Diagnostic(message, help="give --on, or --since and --until")])
    if args.on is not None and (args.since is not None or args.until is not None):
        message = "a comparison is of a day or of a period, not of both"
        raise InputError([Diagnostic(message, help="give --on, or --since and --until")])
    if args.on is None and args.until < args.since:
        message = f"the period ends on {args.until}, before it begins on {args.since}"
        raise InputError([Diagnostic(message, help="give a later --until")])
    before, after = _loaded(args)
    register = read_register(args.register, before)
    before, after = (_with_settings(each, register.settings) for each in (before, after))
    only = record_of(register, args.provider, args.register).provider.id if args.provider else None
    with told_with(register.faults):
        told = compare(before, after, register, on=args.on, since=args.since, until=args.until)
    if args.json:
        printed_json(told.to_data())
    else:
        print(*_lines(told, only, every=args.all), sep="\n")
    return told_faults([*register.faults, *told.faults])


def _loaded(args: argparse.Namespace) -> tuple[Framework, Framework]:
    """Load both frameworks; the faults of both are told together."""
    from qaf_rules.engine import load
    from qaf_rules.errors import QafError

    found: list[Framework] = []
    faults: list[Diagnostic] = []
    for name, chosen in ((args.before, args.before_reading), (args.after, args.after_reading)):
        try:
            found.append(load(name).using(settings=args.settings, readings=dict(chosen)))
        except QafError as error:
            faults.extend(error.diagnostics)
    if faults:
        raise InputError(dict.fromkeys(faults))
    before, after = found
    return before, after


def _with_settings(framework: Framework, settings: Any) -> Framework:  # a mapping of values
    """Give a framework with a register's settings, under those that were given beside it."""
    from qaf_rules.engine import Framework

    own = {name: value for name, value in settings.items() if name in framework.pack.settings}
    return Framework(framework.pack, {**own, **framework.settings})


def _lines(told: Comparison, only: str | None, *, every: bool) -> Sequence[str]:
    if only is not None:
        return told.details(only) or [f"{only}: no answer is other"]
    return [str(told), "", *told.details()] if every else [str(told)]


def _readings(args: argparse.Namespace) -> int:
    from qaf_rules.progress import Bar
    from qaf_rules.sweeps import readings

    framework, register = opened(args)
    with told_with(register.faults), Bar("trying readings") as bar:
        ranked = readings(framework, register, on=args.on, progress=bar.step)
    if args.json:
        printed_json([_data(each) for each in ranked])
    else:
        print(*_ranking(ranked, len(register)), sep="\n")
    return told_faults(register.faults)


def _data(ranked: Ranked) -> dict[str, object]:
    return {
        "ambiguity": ranked.ambiguity,
        "about": ranked.about,
        "taken": ranked.taken,
        "option": ranked.option,
        "providers": list(ranked.providers),
        "faults": [fault.message for fault in ranked.faults],
    }


def _ranking(ranked: Sequence[Ranked], providers: int) -> list[str]:
    """Write the ambiguities, those that matter most first, each with its options."""
    matter: dict[str, list[Ranked]] = {}
    for each in ranked:
        if each.providers:
            matter.setdefault(each.ambiguity, []).append(each)
    lines = []
    for id_, options in matter.items():
        lines.append(f"{id_}: {options[0].about}")
        lines += [
            f"  {len(each.providers)} of {providers} providers: {each.option} instead of {each.taken}"
            for each in options
        ]
    for each in ranked:
        lines += [f"{each.ambiguity} cannot be read as {each.option}: {f}" for f in each.faults]
    faulty = {each.ambiguity for each in ranked if each.faults}
    quiet = len({each.ambiguity for each in ranked} - matter.keys() - faulty)
    lines.append(f"{quiet} more ambiguities change nothing for these providers, however read.")
    return lines
