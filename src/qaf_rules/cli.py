"""`qaf`: Monday's list, briefs, templates, and what the authors of packs need.

What is heavy is imported where it is used, so that an answer does not wait for it. Exit status: 0
for an answer, 1 where a case fails or a check finds something, 2 for input that cannot be used.
"""

from __future__ import annotations

import argparse
import gc
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaf_rules import cli_compare, cli_decisions, cli_explain, cli_pathway, cli_sharing
from qaf_rules.cli_input import (
    FAILED,
    OK,
    UNUSABLE,
    activity_of,
    command_of,
    day,
    known_argument,
    number,
    opened,
    printed_json,
    record_of,
    register_arguments,
)
from qaf_rules.errors import (
    Diagnostic,
    InputError,
    PackError,
    QafError,
    did_you_mean,
    listed,
    quoted,
)

if TYPE_CHECKING:
    from qaf_rules.cases import CaseFile, Outcome
    from qaf_rules.coverage import Coverage
    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.result import Assessment
    from qaf_rules.workload import Workload

__all__ = ["main"]

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    `argv` are the arguments without the program's name, those of the process where left out.
    Gives the exit status.
    """
    if find_spec("rich") is None:
        print("qaf needs the `cli` extra: pip install 'qaf-rules[cli]'", file=sys.stderr)
        return UNUSABLE
    if argv is None:
        # A process of its own is over before there is much to collect, and looking for it takes
        # a good part of the start.
        gc.disable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal has no letters for must not end the answer.
        sys.stdout.reconfigure(errors="replace")
    args = _parser().parse_args(argv)
    run: Any = args.run
    try:
        status = int(run(args))
        sys.stdout.flush()
    except QafError as error:
        return _refuse(error)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is to be said on the way out.
        sys.stdout = None
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _refuse(error: QafError) -> int:
    print(error, file=sys.stderr)
    return UNUSABLE


# --- arguments -----------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qaf",
        description="What is due, which rating the evidence suggests, and why.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('qaf-rules')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    assess = command_of(
        commands, "assess", _assess, "say which providers of a register need attention, and why"
    )
    register_arguments(assess)
    known_argument(assess)
    assess.add_argument(
        "--provider", metavar="ID", help="tell one provider in full, with every reason"
    )
    assess.add_argument(
        "--engine",
        choices=("tree", "durable"),
        default="tree",
        help="what judges the rules: the tree, or durable-rules, which tells a --provider's firings",
    )
    assess.add_argument("--json", action="store_true", help="print everything as JSON")
    assess.add_argument(
        "--excel", metavar="FILE", type=Path, help="write the list as a workbook too"
    )

    brief = command_of(commands, "brief", _brief, "say what to take to a meeting or visit")
    register_arguments(brief, "provider", "activity")
    known_argument(brief)

    plan = command_of(commands, "plan", _plan, "say what falls due when, by month and officer")
    register_arguments(plan)
    plan.add_argument(
        "--until", metavar="DATE", type=day, help="the last day; a year where left out"
    )
    plan.add_argument("--provider", metavar="ID", help="plan one provider, with its history judged")
    plan.add_argument(
        "--capacity", metavar="N", type=number, help="visits a month of each officer: propose days"
    )
    form = plan.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print the due dates as CSV")
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    plan.add_argument("--ics", metavar="FILE", type=Path, help="write a calendar file")

    cli_explain.add_to(commands)
    cli_compare.add_to(commands)
    cli_decisions.add_to(commands)
    cli_pathway.add_to(commands)
    cli_sharing.add_to(commands)

    template = command_of(commands, "template", _template, "make an empty register, explained")
    template.add_argument(
        "--framework", metavar="ID", required=True, help="id or folder of the framework"
    )
    template.add_argument(
        "file", metavar="FILE", type=Path, help="a .xlsx or .yaml file, or a folder for CSV files"
    )

    test = command_of(commands, "test", _test, "run worked cases")
    test.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="a case file, or a folder of them"
    )
    test.add_argument("--pack", metavar="PATH", type=Path, help="put the cases to this pack")
    test.add_argument("--coverage", action="store_true", help="say which clauses no case exercises")
    test.add_argument("--threshold", metavar="PCT", type=float, help="fail below this coverage")
    test.add_argument("--json", action="store_true", help="print the same as JSON")

    check = command_of(commands, "check", _check, "say what is wrong with a pack")
    check.add_argument("pack", metavar="PACK", help="id or folder of the pack")
    check.add_argument("--on", metavar="DATE", type=day, help="the day on which it is used")

    schema = command_of(commands, "schema", _schema, "print a JSON Schema")
    schema.add_argument(
        "what",
        choices=("pack", "register", "assessment"),
        help="of a pack's files, of a register in YAML, or of one provider of `assess --json`",
    )
    schema.add_argument(
        "--section", metavar="NAME", help="only the file NAME.yaml of a pack, as an editor needs it"
    )
    schema.add_argument(
        "--framework", metavar="ID", help="the framework whose words a register uses"
    )
    return parser


def _assessed(
    framework: Framework,
    records: Sequence[ProviderRecord],
    args: argparse.Namespace,
    faults: list[Diagnostic],
) -> list[Assessment]:
    """Assess every provider; one whose profile contradicts itself is a fault."""
    from qaf_rules.progress import with_progress

    assess = _engine(args.engine)
    found: list[Assessment] = []
    for record in with_progress(records, "assessing"):
        try:
            found.append(assess(framework, record, on=args.on, known_at=args.known_at))
        except InputError as error:
            faults.extend(error.diagnostics)
    return found


def _engine(name: str) -> Callable[..., Assessment]:
    """Give what assesses a provider; InputError where it is not to be had."""
    if name == "tree":
        from qaf_rules.engine import Framework

        return Framework.assess
    from qaf_rules import durable

    durable.engine()
    return durable.assess  # pragma: no cover  # durable-rules is not there in the ordinary run


# --- qaf assess ----------------------------------------------------------------------------------


def _assess(args: argparse.Namespace) -> int:
    from qaf_rules.attention import attention
    from qaf_rules.portfolio import portfolio

    if args.excel is not None:
        from qaf_rules.export import check_target

        check_target(args.excel, args.register)
    framework, register = opened(args)
    faults = list(register.faults)
    chosen = (
        [record_of(register, args.provider, args.register)] if args.provider else list(register)
    )
    assessments = _assessed(framework, chosen, args, faults)
    monday = attention(assessments, framework.pack, records=register.records)
    whole = None
    if not args.provider:
        whole = portfolio(framework, chosen, on=args.on, known_at=args.known_at)
    if args.excel is not None:
        from qaf_rules.export import write_list
        from qaf_rules.words import Words

        words = Words(framework.pack)
        write_list(args.excel, monday, faults, assessments=assessments, words=words)
    if args.json:
        from qaf_rules.export import assessed

        data = assessed(
            framework, register, monday=monday, assessments=assessments, faults=faults, whole=whole
        )
        printed_json(data)
        for fault in faults:
            print(fault, file=sys.stderr)
        return UNUSABLE if faults else OK
    from qaf_rules import screen

    console = screen.console()
    if whole is None:
        for assessment in assessments:
            screen.print_provider(console, framework, assessment, chosen[0])
            fired = getattr(assessment, "log", ())
            if fired:  # pragma: no cover  # by durable-rules alone
                console.print()
                screen.print_entries(console, "what fired, in order", map(str, fired))
    else:
        screen.print_list(console, framework, monday, args.on)
        screen.print_whole(console, framework, whole, chosen)
    screen.print_faults(console, faults)
    if register.unmapped and not args.provider:
        number = len(register.unmapped)
        told = f"{number} {'entry has' if number == 1 else 'entries have'} no word in the pack"
        console.print()
        screen.print_entries(console, told, register.unmapped)
    return UNUSABLE if faults else OK


# --- qaf plan ------------------------------------------------------------------------------------


def _plan(args: argparse.Namespace) -> int:
    from qaf_rules import agenda
    from qaf_rules.workdays import DAY, Interval, add
    from qaf_rules.workload import workload

    until = args.until or add(args.on, Interval(months=12)) - DAY
    if until < args.on:
        message = f"the plan ends on {until}, before it begins on {args.on}"
        raise InputError([Diagnostic(message, help="give a later --until")])
    framework, register = opened(args)
    chosen = (
        [record_of(register, args.provider, args.register)] if args.provider else list(register)
    )
    made = workload(framework, chosen, on=args.on, until=until, capacity=args.capacity)
    if args.ics is not None:
        _write_calendar(args.ics, framework, made, chosen[0].provider.id if args.provider else None)
    if args.csv:
        print(agenda.as_csv(made), end="")
    elif args.json:
        printed_json(agenda.as_data(framework, made))
    else:
        from qaf_rules import screen

        console = screen.console()
        agenda.print_plan(console, framework, made)
        if args.provider:
            console.print()
            agenda.print_forecast(console, framework, framework.forecast(chosen[0], on=args.on))
            console.print()
            agenda.print_history(console, framework, framework.history(chosen[0], on=args.on))
    for fault in register.faults:
        print(fault, file=sys.stderr)
    return UNUSABLE if register.faults else OK


def _write_calendar(path: Path, framework: Framework, made: Workload, only: str | None) -> None:
    """Write a calendar file; one that is there already is what the new one is compared with.

    A plan of one provider says nothing of the others: InputError where the file is theirs too.
    """
    from qaf_rules.ical import from_ical, to_ical

    before = path.read_bytes() if path.exists() else None
    try:
        there = {due.provider for due in from_ical(before)} if only and before else set()
        data = to_ical(made, framework=framework, previous=before)
    except InputError as error:
        raise InputError(
            [replace(d, file=d.file or str(path)) for d in error.diagnostics]
        ) from None
    if others := sorted(there - {only}):
        message = f"this calendar is of {listed(others)} too, and the plan only of {quoted(only)}"
        help_ = "give another file, or plan the whole register"
        raise InputError([Diagnostic(message, str(path), help=help_, code="calendar")])
    path.write_bytes(data)


# --- qaf brief, qaf template ---------------------------------------------------------------------


def _brief(args: argparse.Namespace) -> int:
    framework, register = opened(args)
    activity = activity_of(framework, args.activity)
    record = record_of(register, args.provider, args.register)
    print(framework.assess(record, on=args.on, known_at=args.known_at).brief(activity))
    if record.provider.id in register.incomplete:
        print("\nSome of this provider's history could not be read:", file=sys.stderr)
    if register.faults:
        return _refuse(InputError(register.faults))
    return OK


def _template(args: argparse.Namespace) -> int:
    from qaf_rules.engine import load
    from qaf_rules.registers import template

    pack = load(args.framework).pack
    if args.file.exists():
        message = "there is something of that name already"
        help_ = "give another name; nothing is overwritten"
        raise InputError([Diagnostic(message, str(args.file), help=help_)])
    template(pack, args.file)
    print(f"{args.file}: an empty register for {pack.identity.name}, {pack.identity.version}")
    return OK


# --- qaf test ------------------------------------------------------------------------------------


def _test(args: argparse.Namespace) -> int:

    read, faults = _case_files(args.files, args.pack)
    outcomes = [outcome for file in read for outcome in _outcomes(file)]
    failed = sum(not o.passed for o in outcomes)
    measured = list(_measured(read)) if args.coverage or args.threshold is not None else []
    if args.json:
        from qaf_rules.export import plain_coverage, plain_fault, plain_outcome

        data = {
            "passed": len(outcomes) - failed,
            "failed": failed,
            "cases": [plain_outcome(o) for o in outcomes],
            "coverage": [plain_coverage(c) for c in measured],
            "faults": [plain_fault(f) for f in faults],
        }
        printed_json(data)
    else:
        for outcome in outcomes:
            if not outcome.passed:
                print(*outcome.lines(), sep="\n")
        for coverage in measured:
            print(*coverage.lines(), sep="\n")
    if faults:
        print(InputError(faults), file=sys.stderr)
    if not args.json:
        print(f"{len(outcomes) - failed} passed, {failed} failed", flush=True)
    if faults:
        return UNUSABLE
    short = args.threshold is not None and any(c.percent < args.threshold for c in measured)
    return FAILED if failed or short else OK


def _case_files(
    paths: Iterable[Path], pack: Path | None
) -> tuple[list[CaseFile], list[Diagnostic]]:
    """Read case files, of a folder those in it; the faults of all of them are told together."""
    from qaf_rules.cases import read_cases

    read: list[CaseFile] = []
    faults: list[Diagnostic] = []
    for path in paths:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            faults.append(Diagnostic("there is no case file in this folder", str(path)))
        for file in files:
            try:
                read.append(read_cases(file, pack=pack))
            except QafError as error:
                faults.extend(error.diagnostics)
    return read, list(dict.fromkeys(faults))


def _outcomes(file: CaseFile) -> Iterator[Outcome]:
    from qaf_rules.cases import Runner
    from qaf_rules.progress import with_progress

    runner = Runner(file.framework)
    return (runner.answer(case) for case in with_progress(file.cases, "running cases"))


def _measured(read: Iterable[CaseFile]) -> Iterator[Coverage]:
    """Measure each framework by all of its cases together."""
    from qaf_rules.coverage import measure
    from qaf_rules.progress import Bar

    by_pack: dict[str, list[CaseFile]] = {}
    for file in read:
        by_pack.setdefault(file.framework.id, []).append(file)
    for files in by_pack.values():
        with Bar("taking out rules") as bar:
            yield measure(
                files[0].framework, [c for f in files for c in f.cases], progress=bar.step
            )


# --- qaf check, qaf schema -----------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    from qaf_rules.check import check, deferred, unloaded
    from qaf_rules.contact import gaps, lines
    from qaf_rules.engine import load
    from qaf_rules.soundness import installed
    from qaf_rules.words import counted

    try:
        pack = load(args.pack).pack
    except PackError as error:
        raise unloaded(args.pack, error) from None
    found = list(check(pack, on=args.on))
    for diagnostic in found:
        print(diagnostic)
    if installed():
        for line in lines(gaps(pack)):
            print(line)
    put_off = deferred(pack)
    errors = sum(d.severity == "error" for d in found)
    told = f"{counted(errors, 'fault')}, {counted(len(found) - errors, 'notice')}"
    topics = ", ".join(f"{number} {topic}" for topic, number in put_off.items())
    told += f"; {sum(put_off.values())} of {len(pack.clauses)} clauses deferred"
    print(f"{pack.id}: {told}{f' ({topics})' if topics else ''}")
    return FAILED if errors else OK


def _section(name: str | None) -> str | None:
    from qaf_rules.schema import SECTIONS

    section = None if name is None else name.removesuffix(".yaml")
    if section is not None and section not in SECTIONS:
        help_ = did_you_mean(section, SECTIONS) or f"a pack has {listed(SECTIONS, 20)}"
        raise InputError(
            [Diagnostic(f"a pack has no file {quoted(f'{section}.yaml')}", help=help_)]
        )
    return section


def _schema(args: argparse.Namespace) -> int:
    from qaf_rules import schemas

    match args.what:
        case "pack":
            made = schemas.pack_schema(_section(args.section))
        case "register":
            from qaf_rules.folders import pack_names

            if args.framework is None:
                message = "the words of a register are those of a framework"
                help_ = f"give --framework {listed(pack_names())}"
                raise InputError([Diagnostic(message, help=help_)])
            from qaf_rules.engine import load

            made = schemas.register_schema(load(args.framework).pack)
        case _:
            made = schemas.assessment_schema()
    printed_json(made)
    return OK
