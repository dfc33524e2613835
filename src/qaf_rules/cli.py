"""`qaf`: Monday's list, briefs, templates, and what the authors of packs need.

What is heavy is imported where it is used, so that an answer does not wait for it. Exit status: 0
for an answer, 1 where a case fails or a check finds something, 2 for input that cannot be used.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO, TypeVar, cast

from qaf_rules.errors import (
    Diagnostic,
    InputError,
    QafError,
    did_you_mean,
    listed,
    quoted,
)
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import Console, RenderableType
    from rich.progress import Progress, TaskID

    from qaf_rules.attention import Attention, Line, Needing
    from qaf_rules.cases import CaseFile, Outcome
    from qaf_rules.coverage import Coverage
    from qaf_rules.engine import Framework
    from qaf_rules.model import ProviderRecord
    from qaf_rules.portfolio import Portfolio
    from qaf_rules.registers import Register
    from qaf_rules.result import Assessment

__all__ = ["main"]

OK, FAILED, UNUSABLE = 0, 1, 2
INTERRUPTED = 130
_PATIENCE = 2.0
"""Seconds after which a progress bar says that there is work going on."""

T = TypeVar("T")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    `argv` are the arguments without the program's name, those of the process where left out.
    Gives the exit status.
    """
    if find_spec("rich") is None:
        print("qaf needs the `cli` extra: pip install 'qaf-rules[cli]'", file=sys.stderr)
        return UNUSABLE
    args = _parser().parse_args(argv)
    run: Any = args.run
    try:
        return int(run(args))
    except QafError as error:
        return _refuse(error)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is to be said on the way out.
        sys.stdout = None
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED


def _refuse(error: QafError) -> int:
    print(error, file=sys.stderr)
    return UNUSABLE


# --- arguments -----------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qaf",
        description="What is due, which rating the evidence suggests, and why.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    assess = _command(
        commands, "assess", _assess, "say which providers of a register need attention, and why"
    )
    _register_arguments(assess)
    assess.add_argument(
        "--provider", metavar="ID", help="tell one provider in full, with every reason"
    )
    assess.add_argument("--json", action="store_true", help="print everything as JSON")
    assess.add_argument(
        "--excel", metavar="FILE", type=Path, help="write the list as a workbook too"
    )

    brief = _command(commands, "brief", _brief, "say what to take to a meeting or visit")
    _register_arguments(brief, "provider", "activity")

    template = _command(commands, "template", _template, "make an empty register, explained")
    template.add_argument(
        "--framework", metavar="ID", required=True, help="id or folder of the framework"
    )
    template.add_argument(
        "file", metavar="FILE", type=Path, help="a .xlsx or .yaml file, or a folder for CSV files"
    )

    test = _command(commands, "test", _test, "run worked cases")
    test.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="a case file, or a folder of them"
    )
    test.add_argument("--pack", metavar="PATH", type=Path, help="put the cases to this pack")
    test.add_argument("--coverage", action="store_true", help="say which clauses no case exercises")
    test.add_argument("--threshold", metavar="PCT", type=float, help="fail below this coverage")
    test.add_argument("--json", action="store_true", help="print the same as JSON")

    check = _command(commands, "check", _check, "say what is wrong with a pack")
    check.add_argument("pack", metavar="PACK", help="id or folder of the pack")
    check.add_argument("--on", metavar="DATE", type=_day, help="the day on which it is used")

    schema = _command(commands, "schema", _schema, "print a JSON Schema")
    schema.add_argument("what", choices=("pack", "register", "assessment"))
    schema.add_argument(
        "--framework", metavar="ID", help="the framework whose words a register uses"
    )
    return parser


def _command(commands: Any, name: str, run: Any, about: str) -> argparse.ArgumentParser:  # noqa: ANN401  # argparse's own
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[:1].upper()}{about[1:]}."
    )
    command.set_defaults(run=run)
    return command


def _register_arguments(command: argparse.ArgumentParser, *positional: str) -> None:
    command.add_argument(
        "register",
        metavar="REGISTER",
        type=Path,
        help="a workbook, a folder of CSV files, a YAML file, or a regulator's JSON",
    )
    for name in positional:
        command.add_argument(name, metavar={"provider": "ID"}.get(name, name.upper()))
    command.add_argument(
        "--on", metavar="DATE", type=_day, required=True, help="the day of the question, YYYY-MM-DD"
    )
    command.add_argument(
        "--framework", metavar="ID|PATH", help="the framework, where the register names none"
    )
    command.add_argument(
        "--settings", metavar="FILE", type=Path, help="a YAML file of the council's settings"
    )
    command.add_argument(
        "--reading",
        metavar="X=OPTION",
        action="append",
        type=_reading,
        default=[],
        help="choose a reading of an ambiguity",
    )
    command.add_argument(
        "--include-deregistered",
        action="store_true",
        help="keep what a regulator no longer has on its register",
    )


def _day(text: str) -> dt.date:
    try:
        return parse_day(text)
    except Fault as fault:
        message = f"{fault.message}{f': {fault.help}' if fault.help else ''}"
        raise argparse.ArgumentTypeError(message) from None


def _reading(text: str) -> tuple[str, str]:
    name, equals, option = text.partition("=")
    if not (name and equals and option):
        message = f"{quoted(text)} is no choice of a reading: write it as X-A-10=monthly"
        raise argparse.ArgumentTypeError(message)
    return name, option


# --- what the commands read ----------------------------------------------------------------------


def _shipped() -> list[str]:
    """Give the ids of the frameworks that come with the library."""
    from qaf_rules.pack import _roots

    return sorted(
        {p.name for root in _roots() if root.is_dir() for p in root.iterdir() if p.is_dir()}
    )


def _framework_of(path: Path, given: str | None) -> str:
    """Give the framework of a register: as asked for, named in it or by its file, or that fits it.

    InputError where none of these says.
    """
    if given is not None:
        return given
    if not path.exists():
        raise InputError([Diagnostic("there is no such file or folder", str(path), code="no-file")])
    if path.suffix.lower() in (".yaml", ".yml"):
        with path.open(encoding="utf-8", errors="replace") as file:
            named = re.search(r"^framework:\s*['\"]?([\w.-]+)", file.read(100_000), re.MULTILINE)
        if named is not None:
            return named.group(1)
    shipped = _shipped()
    stem = path.stem.casefold()
    fitting = [id_ for id_ in shipped if re.match(rf"{re.escape(id_)}(?![^\W_])", stem)]
    if fitting:
        return max(fitting, key=len)
    best = _best_reader(path, shipped)
    if best is not None:
        return best
    help_ = f"give --framework {listed(shipped)}, or a pack's folder"
    raise InputError(
        [
            Diagnostic(
                "the register does not say which framework it belongs to", str(path), help=help_
            )
        ]
    )


def _best_reader(path: Path, ids: Iterable[str]) -> str | None:
    """Give the framework under which a register has the fewest faults, where one has.

    InputError where it cannot be read at all, whatever the framework.
    """
    from qaf_rules.engine import load
    from qaf_rules.registers import read_register

    faults: dict[str, tuple[Diagnostic, ...]] = {}
    for id_ in ids:
        try:
            faults[id_] = tuple(read_register(path, load(id_).pack).faults)
        except InputError as error:
            faults[id_] = error.diagnostics
    told = list(faults.values())
    if len(told) > 1 and told[0] and all(each == told[0] for each in told):
        raise InputError(told[0])
    fewest = [id_ for id_, own in faults.items() if len(own) == min(map(len, told))]
    return fewest[0] if len(fewest) == 1 else None


def _opened(args: argparse.Namespace) -> tuple[Framework, Register]:
    """Load the framework and read the register; what the caller sets goes before the register's."""
    from qaf_rules.engine import Framework, load
    from qaf_rules.registers import read_register

    framework = load(_framework_of(args.register, args.framework))
    if args.settings is not None or args.reading:
        framework = framework.using(settings=args.settings, readings=dict(args.reading))
    register = read_register(
        args.register, framework, include_deregistered=args.include_deregistered
    )
    return Framework(framework.pack, {**register.settings, **framework.settings}), register


def _record(register: Register, id_: str, path: Path) -> ProviderRecord:
    if id_ in register:
        return register[id_]
    names = {r.provider.name: r.provider.id for r in register if r.provider.name}
    if id_ in names:
        return register[names[id_]]
    near = did_you_mean(id_, [*register.records, *names])
    known = near or f"the register has {listed(register.records)}"
    raise InputError(
        [
            Diagnostic(
                f"there is no provider {quoted(id_)}", str(path), help=known, code="no-provider"
            ),
            *register.faults,
        ]
    )


def _activity(framework: Framework, name: str) -> str:
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


def _assessed(
    framework: Framework, records: Sequence[ProviderRecord], on: dt.date, faults: list[Diagnostic]
) -> list[Assessment]:
    """Assess every provider; one whose profile contradicts itself is a fault."""
    found: list[Assessment] = []
    for record in _with_progress(records, "assessing"):
        try:
            found.append(framework.assess(record, on=on))
        except InputError as error:
            faults.extend(error.diagnostics)
    return found


def _with_progress(entries: Sequence[T], doing: str) -> Iterator[T]:
    """Give entries one by one; a bar appears on stderr once it takes long."""
    with _Bar(doing) as bar:
        for n, entry in enumerate(entries):
            bar.step(n, len(entries))
            yield entry


class _Bar:
    """A progress bar on stderr that appears only once the work takes long."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self.begun = time.monotonic()
        self.shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.shown is not None:
            self.shown[0].stop()

    def step(self, done: int, total: int) -> None:
        """Say how far the work is."""
        if self.shown is None and time.monotonic() - self.begun > _PATIENCE:
            from rich.console import Console
            from rich.progress import Progress

            progress = Progress(console=Console(stderr=True), transient=True)
            self.shown = (progress, progress.add_task(self.doing, total=total))
            progress.start()
        if self.shown is not None:
            self.shown[0].update(self.shown[1], completed=done)


# --- qaf assess ----------------------------------------------------------------------------------


def _assess(args: argparse.Namespace) -> int:
    from qaf_rules.attention import attention
    from qaf_rules.portfolio import portfolio

    framework, register = _opened(args)
    faults = list(register.faults)
    chosen = [_record(register, args.provider, args.register)] if args.provider else list(register)
    assessments = _assessed(framework, chosen, args.on, faults)
    monday = attention(assessments, framework.pack, records=register.records)
    whole = None if args.provider else portfolio(framework, chosen, on=args.on)
    if args.excel is not None:
        _write_list(args.excel, monday, faults)
    if args.json:
        data = _whole(
            framework, register, monday=monday, assessments=assessments, faults=faults, whole=whole
        )
        _print_json(data)
        for fault in faults:
            print(fault, file=sys.stderr)
        return UNUSABLE if faults else OK
    console = _console()
    if whole is None:
        for assessment in assessments:
            _print_provider(console, framework, monday, assessment, chosen[0])
    else:
        _print_list(console, framework, monday, args.on)
        _print_whole(console, framework, whole, chosen)
    _print_faults(console, faults)
    if register.unmapped and not args.provider:
        number = len(register.unmapped)
        told = "1 entry has" if number == 1 else f"{number} entries have"
        _print_entries(console, f"{told} no word in the pack", register.unmapped)
    return UNUSABLE if faults else OK


def _console() -> Console:
    from rich.console import Console

    # What comes out is data: no mark-up is read in it, and no number or path is coloured.
    file = sys.stdout if sys.stdout.isatty() else _Tidy(sys.stdout)
    return Console(file=cast("TextIO", file), highlight=False, markup=False, emoji=False)


class _Tidy(io.TextIOBase):
    """A stream without the blanks that fill a table's cells at the end of a line."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text, whole lines of it at once."""
        return self.stream.write(re.sub(r" +(?=\n)", "", text))


_STYLES = {
    "overdue": "bold red",
    "due": "yellow",
    "do": "cyan",
    "should": "blue",
    "consider": "dim",
    "unknown": "dim",
}
_WORDS = {"unknown": "no record"}


def _print_list(console: Console, framework: Framework, monday: Attention, on: dt.date) -> None:
    from rich.text import Text

    from qaf_rules.explain import a_day

    console.print(Text(f"Who needs attention on {a_day(on)}", style="bold"))
    console.print(Text(_edition(framework), style="dim"))
    for entry in monday.providers:
        console.print()
        _print_needing(console, entry)
    console.print()
    for line in _totals(framework, monday):
        console.print(line)


def _edition(framework: Framework) -> str:
    identity = framework.pack.identity
    return f"{identity.name}, {identity.version}"


def _print_needing(console: Console, entry: Needing) -> None:
    """Print a provider's heading, then its lines in columns that are the same for all."""
    from rich.table import Table
    from rich.text import Text

    name = Text(entry.name, style="bold")
    if entry.name != entry.provider:
        name.append(f" ({entry.provider})", style="not bold dim")
    ratings = Text(_ratings(entry), style="dim")
    if len(name) + len(ratings) + 2 <= console.width:
        name.append(" " * (console.width - len(name) - len(ratings)))
        console.print(name + ratings)
    else:
        console.print(name)
        console.print(Text("  ") + ratings)
    table = Table.grid(padding=(0, 1), expand=True)
    for width in (10, None, 11, 6):
        table.add_column(width=width, ratio=None if width else 1, no_wrap=width is not None)
    for line in entry.lines:
        severity = Text(
            f" {_WORDS.get(line.severity, line.severity)}", style=_STYLES[line.severity]
        )
        due = f"{line.due.day} {line.due:%b %Y}" if line.due else ""
        table.add_row(severity, _told(line), Text(due, justify="right"), line.clause or "")
    console.print(table)


def _told(line: Line) -> RenderableType:
    from rich.text import Text

    text = Text(f"{line.what[:1].upper()}{line.what[1:]}")
    if line.why:
        text.append(f" · {line.why}", style="dim")
    return text


def _ratings(entry: Needing) -> str:
    confirmed = "none confirmed" if entry.confirmed is None else f"confirmed {entry.confirmed}"
    asked = f"{entry.questions} question{'' if entry.questions == 1 else 's'}"
    return f"suggested: {entry.suggested} · {confirmed} · {asked}"


def _totals(framework: Framework, monday: Attention) -> Iterator[str]:
    from qaf_rules.explain import counted, joined

    t = monday.totals
    rest = t.providers - t.needing
    yield (
        f"{counted(t.providers, 'provider')}: {_need(t.needing)} attention, "
        f"{t.overdue_providers} of them with something overdue; {_need(rest)} nothing. "
        f"{counted(t.overdue_items, 'item')} overdue, {counted(t.questions, 'question')} open."
    )
    for word, by_level in (("Suggested", t.suggested), ("Confirmed", t.confirmed)):
        told = [
            f"{number} at {framework.pack.levels[level].name.lower()} ({level})"
            if level is not None
            else f"{number} without a level"
            for level, number in by_level.items()
        ]
        if told:
            yield f"{word}: {joined(told)}."


def _need(number: int) -> str:
    return f"{number} {'needs' if number == 1 else 'need'}"


def _print_whole(
    console: Console,
    framework: Framework,
    whole: Portfolio,
    records: Sequence[ProviderRecord],
) -> None:
    """Print what follows from the register as a whole."""
    from qaf_rules.explain import Words, a_day, acted, asked

    words = Words(framework.pack).of_all(records)
    told = [acted(words, a, whole.on) for a in whole.actions] + [
        asked(words, q) for q in whole.questions
    ]
    told += [
        f"{framework.pack.identity.forums[f].name}: next sitting {a_day(day)}"
        for f, day in whole.sittings.items()
    ]
    if told:
        console.print()
        _print_entries(console, "For all providers together", told)


def _print_provider(
    console: Console,
    framework: Framework,
    monday: Attention,
    assessment: Assessment,
    record: ProviderRecord,
) -> None:
    from qaf_rules.explain import a_day, page

    console.print(f"{a_day(assessment.on)} · {_edition(framework)}")
    console.print()
    for entry in monday.providers:
        _print_needing(console, entry)
        console.print()
    for heading, sentences in page(framework.pack, assessment, record):
        _print_entries(console, heading, sentences)


def _print_entries(console: Console, heading: str, entries: Iterable[str]) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console.print(Text(heading, style="bold"))
    table = Table.grid(padding=(0, 1))
    for entry in entries:
        table.add_row("-", Text(entry))
    console.print(Padding(table, (0, 0, 1, 2)))


def _print_faults(console: Console, faults: Sequence[Diagnostic]) -> None:
    if not faults:
        return
    from rich.text import Text

    number = len(faults)
    told = (
        "1 thing in the register could not be read"
        if number == 1
        else f"{number} things in the register could not be read"
    )
    console.print()
    console.print(Text(f"{told}; the rest is answered above:", style="bold red"))
    # The caret must stay below its column, so no line is broken.
    for fault in faults:
        console.print(Text(str(fault)), soft_wrap=True)


def _write_list(path: Path, monday: Attention, faults: Sequence[Diagnostic]) -> None:
    """Write the list as a workbook; InputError where it cannot be written."""
    if find_spec("openpyxl") is None:
        raise InputError(
            [
                Diagnostic(
                    "writing a workbook needs the `excel` extra",
                    help="pip install 'qaf-rules[excel]'",
                )
            ]
        )
    from openpyxl import Workbook

    from qaf_rules.attention import SEVERITIES

    book = Workbook()
    page: Any = book.active
    page.title = "attention"
    heads = (
        "provider",
        "name",
        "suggested",
        "confirmed",
        "questions",
        "severity",
        "what",
        "why",
        "due",
        "clause",
    )
    rows = [
        (
            n.provider,
            n.name,
            n.suggested,
            n.confirmed,
            n.questions,
            _WORDS.get(line.severity, line.severity),
            line.what,
            line.why,
            line.due,
            line.clause,
        )
        for n in monday.providers
        for line in n.lines
    ]
    _fill(page, heads, rows, widths=(16, 24, 16, 10, 10, 11, 60, 50, 12, 9))
    page.auto_filter.ref = page.dimensions
    totals = monday.totals
    _fill(
        book.create_sheet("totals"),
        ("what", "number"),
        [
            ("providers", totals.providers),
            ("on the list", totals.needing),
            ("with something overdue", totals.overdue_providers),
            ("items overdue", totals.overdue_items),
            ("questions", totals.questions),
            *(
                (f"suggested {'none' if level is None else level}", n)
                for level, n in totals.suggested.items()
            ),
            *(
                (f"confirmed {'none' if level is None else level}", n)
                for level, n in totals.confirmed.items()
            ),
            *(
                (
                    f"lines: {_WORDS.get(s, s)}",
                    sum(line.severity == s for n in monday.providers for line in n.lines),
                )
                for s in SEVERITIES
            ),
        ],
        widths=(30, 10),
    )
    if faults:
        _fill(
            book.create_sheet("faults"),
            ("could not be read",),
            [(str(f),) for f in faults],
            widths=(100,),
        )
    try:
        book.save(path)
    except OSError as error:
        raise InputError(
            [
                Diagnostic(
                    f"cannot write the file: {error.strerror or 'no reason is given'}", str(path)
                )
            ]
        ) from None


def _fill(
    page: Any,  # noqa: ANN401  # openpyxl's
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    widths: Sequence[int],
) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for n, row in enumerate([heads, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = page.cell(n, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with `=` is no formula
            cell.alignment = Alignment(wrap_text=n > 1, vertical="top")
    for column, width in enumerate(widths, start=1):
        page.cell(1, column).font = Font(bold=True)
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A2"


# --- as JSON -------------------------------------------------------------------------------------


def _whole(
    framework: Framework,
    register: Register,
    *,
    monday: Attention,
    assessments: Iterable[Assessment],
    faults: Iterable[Diagnostic],
    whole: Portfolio | None,
) -> dict[str, object]:
    from qaf_rules.explain import Words

    on_list = {n.provider: n for n in monday.providers}
    told = []
    words = Words(framework.pack)
    for a in assessments:
        own = words.of(register.records.get(a.provider))
        entry = dict(_plain(a, own))
        entry["attention"] = _plain(on_list[a.provider].lines if a.provider in on_list else (), own)
        told.append(entry)
    return {
        "framework": framework.id,
        "version": framework.pack.identity.version,
        "on": _plain(monday.on, words),
        "providers": told,
        "register": _plain(whole, words),
        "totals": _plain(monday.totals, words),
        "faults": [_plain_fault(f) for f in faults],
        "unmapped": list(register.unmapped),
    }


def _plain(value: Any, words: Any) -> Any:  # noqa: ANN401  # any part of an answer
    """Give plain data of an answer; a reason is what it read, in words, with its evidence."""
    import dataclasses
    import datetime as dt

    from pydantic import BaseModel

    from qaf_rules.result import Evidence, Reason

    match value:
        case None | bool() | int() | float() | str():
            return value
        case dt.date():
            return value.isoformat()
        case Reason():
            return {
                "truth": value.truth,
                "read": words.support(value),
                "evidence": [_plain(e, words) for e in dict.fromkeys(value.support())],
                "unknown": list(dict.fromkeys(value.still_needed())),
            }
        case Evidence():
            return {"type": value.type, "ref": value.ref, "day": _plain(value.day, words)}
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {"none" if k is None else str(k): _plain(v, words) for k, v in value.items()}
        case frozenset():
            return sorted(_plain(v, words) for v in value)
        case tuple() | list():
            return [_plain(v, words) for v in value]
    names = [f.name for f in dataclasses.fields(value) if not callable(getattr(value, f.name))]
    return {name: _plain(getattr(value, name), words) for name in names}


def _plain_fault(fault: Diagnostic) -> dict[str, object]:
    names = ("severity", "code", "message", "file", "line", "column", "place", "help")
    return {name: getattr(fault, name) for name in names}


def _print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


# --- qaf brief, qaf template ---------------------------------------------------------------------


def _brief(args: argparse.Namespace) -> int:
    framework, register = _opened(args)
    activity = _activity(framework, args.activity)
    record = _record(register, args.provider, args.register)
    print(framework.assess(record, on=args.on).brief(activity))
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
        raise InputError(
            [
                Diagnostic(
                    "there is something of that name already",
                    str(args.file),
                    help="give another name; nothing is overwritten",
                )
            ]
        )
    template(pack, args.file)
    print(f"{args.file}: an empty register for {pack.identity.name}, {pack.identity.version}")
    return OK


# --- qaf test ------------------------------------------------------------------------------------


def _test(args: argparse.Namespace) -> int:
    read, faults = _case_files(args.files, args.pack)
    outcomes = [outcome for file in read for outcome in _outcomes(file)]
    failed = sum(not o.passed for o in outcomes)
    skipped = Counter(key for o in outcomes for key in o.skipped)
    measured = list(_measured(read)) if args.coverage or args.threshold is not None else []
    if args.json:
        _print_json(
            {
                "passed": len(outcomes) - failed,
                "failed": failed,
                "skipped": dict(skipped),
                "cases": [_plain_outcome(o) for o in outcomes],
                "coverage": [_plain_coverage(c) for c in measured],
                "faults": [_plain_fault(f) for f in faults],
            }
        )
    else:
        for outcome in outcomes:
            _print_outcome(outcome)
        for key, number in skipped.items():
            print(f"skipped: `{key}`, in {number} case{'' if number == 1 else 's'}")
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
    from qaf_rules.cases import Failure, Outcome, Runner

    runner = Runner(file.framework)
    for case in _with_progress(file.cases, "running cases"):
        try:
            yield runner.run(case)
        except QafError as error:
            told = "; ".join(d.message for d in error.diagnostics)
            yield Outcome(case, (Failure("expect", "an answer", told),))


def _measured(read: Iterable[CaseFile]) -> Iterator[Coverage]:
    """Measure each framework by all of its cases together."""
    from qaf_rules.coverage import measure

    by_pack: dict[str, list[CaseFile]] = {}
    for file in read:
        by_pack.setdefault(file.framework.id, []).append(file)
    for files in by_pack.values():
        with _Bar("taking out rules") as bar:
            yield measure(
                files[0].framework, [c for f in files for c in f.cases], progress=bar.step
            )


def _print_outcome(outcome: Outcome) -> None:
    if outcome.passed:
        return
    case = outcome.case
    print(f"{case.file}:{case.line}: {case.id}: {case.name}")
    for failure in outcome.failures:
        rests = f" ({', '.join(failure.rests_on)})" if failure.rests_on else ""
        wanted, actual = _shown(failure.expected), _shown(failure.actual)
        print(f"  {failure.key}: expected {wanted}, came back {actual}{rests}")


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _plain_outcome(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "file": case.file,
        "line": case.line,
        "id": case.id,
        "name": case.name,
        "passed": outcome.passed,
        "skipped": list(outcome.skipped),
        "failures": [
            {
                "key": f.key,
                "expected": json.loads(_shown(f.expected)),
                "actual": json.loads(_shown(f.actual)),
                "rests_on": list(f.rests_on),
            }
            for f in outcome.failures
        ],
    }


def _plain_coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "framework": coverage.framework,
        "percent": coverage.percent,
        "exercised": list(coverage.exercised),
        "not_exercised": {
            c: [str(r) for r in rules] for c, rules in coverage.not_exercised.items()
        },
        "idle": [str(r) for r in coverage.idle],
        "rules": len(coverage.rules),
        "guidance": coverage.guidance,
        "deferred": coverage.deferred,
    }


# --- qaf check, qaf schema -----------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    from qaf_rules.check import check, deferred
    from qaf_rules.engine import load
    from qaf_rules.explain import counted

    pack = load(args.pack).pack
    found = list(check(pack, on=args.on))
    for diagnostic in found:
        print(diagnostic)
    put_off = deferred(pack)
    errors = sum(d.severity == "error" for d in found)
    told = f"{counted(errors, 'fault')}, {counted(len(found) - errors, 'notice')}"
    topics = ", ".join(f"{number} {topic}" for topic, number in put_off.items())
    told += f"; {sum(put_off.values())} of {len(pack.clauses)} clauses deferred"
    print(f"{pack.id}: {told}{f' ({topics})' if topics else ''}")
    return FAILED if errors else OK


def _schema(args: argparse.Namespace) -> int:
    from qaf_rules import schemas

    match args.what:
        case "pack":
            made = schemas.pack_schema()
        case "register":
            if args.framework is None:
                raise InputError(
                    [
                        Diagnostic(
                            "the words of a register are those of a framework",
                            help=f"give --framework {listed(_shipped())}",
                        )
                    ]
                )
            from qaf_rules.engine import load

            made = schemas.register_schema(load(args.framework).pack)
        case _:
            made = schemas.assessment_schema()
    _print_json(made)
    return OK
