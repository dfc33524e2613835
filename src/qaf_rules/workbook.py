"""The workbook: read with openpyxl, written, and made as a template with drop-downs.

Each sheet begins with what it is for and what each column means; the row of column names is below.
openpyxl is imported only where a workbook is read or written, since it is an extra.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import warnings
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from qaf_rules.cells import NONE
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, quoted
from qaf_rules.intake import read_record
from qaf_rules.model import Provider, ProviderRecord
from qaf_rules.shapes import JUDGEMENT, decision_types
from qaf_rules.sheets import Column, Sheet, Table, letters, sheets, table, title
from qaf_rules.sheets import rows as rows_of
from qaf_rules.values import Fault, MapOf, OneOf, SetOf, Simple, Type

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = [
    "EXAMPLE",
    "Cells",
    "check_framework",
    "example",
    "named_framework",
    "read_workbook",
    "template",
    "write_workbook",
]

EXAMPLE: Final = "example"
"""The id of the worked example in a template; it is passed over once there is another provider."""

_LARGEST: Final = 50_000_000
_LARGEST_UNPACKED: Final = 400_000_000
"""Bytes; a register of a thousand providers has a hundredth of this."""

_NAMES_ROW: Final = 3
"""The row of column names in what is written; above it are the sheet's purpose and the columns'."""

_ROOM: Final = 2000
"""Rows below the names that have drop-downs."""

_WIDEST: Final = 30
_NARROWEST: Final = 12
_PROMPT: Final = 250
"""Characters that Excel shows of an input message."""

Cells: TypeAlias = Mapping[str, Sequence[Mapping[str, object]]]
"""The rows of each sheet, each by column name, as `cells.written` gives them."""


def _openpyxl() -> Any:  # a module
    try:
        import openpyxl
    except ImportError:
        message = "a workbook needs openpyxl, which is not installed"
        help_ = "install `qaf_rules[excel]`, or use a folder of CSV files or a YAML file"
        raise InputError([Diagnostic(message, help=help_, code="no-openpyxl")]) from None
    return openpyxl


def read_workbook(path: Path, pack: Pack) -> dict[str, Table]:
    """Read the sheets of a workbook.

    Raises `InputError` where it cannot be opened, has no sheet of providers, or has columns that
    are not known.
    """
    file, known = str(path), sheets(pack)
    tables: dict[str, Table] = {}
    faults: list[Diagnostic] = []
    with _opened(path) as book:
        for found in book.worksheets:
            sheet = known.get(title(found.title))
            if sheet is None:
                faults += _stray(found.title, [s.title for s in book.worksheets], known, file)
                continue
            found.reset_dimensions()  # other programs write wrong ones
            # It holds the file open until it has given its last row.
            with contextlib.closing(_cells(found)) as cells:
                tables[sheet.name], wrong = table(sheet, file, enumerate(cells, start=1))
            faults += wrong
    check_framework(tables, pack)
    if "providers" not in tables and not faults:
        help_ = "start from the template"
        faults = [Diagnostic("there is no sheet `providers`", file, help=help_, code="no-sheet")]
    if faults:
        raise InputError(faults)
    return tables


def check_framework(tables: Mapping[str, Table], pack: Pack) -> None:
    """Refuse sheets that name another framework, whose columns would be faults; InputError."""
    settings = tables.get("settings")
    for row in settings.rows if settings is not None else ():
        named = str(row.cells.get("value", pack.id)).strip()
        if settings and title(row.cells.get("setting")) == "framework" and named != pack.id:
            message = f"the register is of {quoted(named)}, not of {quoted(pack.id)}"
            raise InputError([settings.diagnostic(row.number, Fault(message, None, ("value",)))])


def named_framework(path: Path) -> str | None:
    """Give the framework that the settings of a workbook name, where they name one.

    Raises `InputError` where the workbook cannot be opened.
    """
    with _opened(path) as book:
        for page in book.worksheets:
            if title(page.title) == "settings":
                page.reset_dimensions()
                with contextlib.closing(_cells(page)) as rows:
                    for cells in rows:
                        if len(cells) > 1 and title(cells[0]) == "framework" and cells[1]:
                            return str(cells[1]).strip()
    return None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    openpyxl, file = _openpyxl(), str(path)
    _check(path, file)
    try:
        # What Excel adds and openpyxl drops (drop-downs of newer kinds) is not read here anyway.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with contextlib.closing(openpyxl.load_workbook(path, read_only=True)) as book:
                yield book
    except Exception as error:  # noqa: BLE001  # openpyxl lets through whatever its parts raise
        raise InputError([_broken(file, str(error))]) from None


def _cells(page: Any) -> Generator[Sequence[object], None, None]:  # a sheet of openpyxl
    yield from page.iter_rows(values_only=True)


def _check(path: Path, file: str) -> None:
    """Refuse what is no workbook before it is unpacked; InputError says why."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
        size = path.stat().st_size
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise InputError(
            [Diagnostic(f"cannot read the file: {why}", file, code="no-file")]
        ) from None
    fault = help_ = None
    if not start:
        fault = "the file is empty"
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        fault = "the workbook is protected by a password, or is of the old kind (.xls)"
        help_ = "save it without a password as an Excel workbook (.xlsx)"
    elif size > _LARGEST:
        fault = f"the file has {size:,} bytes, more than the {_LARGEST:,} that are read"
    if fault is None:
        try:
            with zipfile.ZipFile(path) as packed:
                unpacked = sum(entry.file_size for entry in packed.infolist())
        except (zipfile.BadZipFile, OSError, ValueError):
            raise InputError([_broken(file, "it is no workbook")]) from None
        if unpacked > _LARGEST_UNPACKED:
            fault = f"the workbook unpacks to {unpacked:,} bytes"
    if fault is not None:
        raise InputError([Diagnostic(fault, file, help=help_, code="bad-workbook")])


def _broken(file: str, why: str) -> Diagnostic:
    message = f"the workbook cannot be read: {why}"
    help_ = "open it in Excel and save it again as an Excel workbook (.xlsx)"
    return Diagnostic(message, file, help=help_, code="bad-workbook")


def _stray(
    name: str, names: Sequence[str], known: Iterable[str], file: str
) -> Iterator[Diagnostic]:
    """Report a sheet that was probably meant to be one of the known; other sheets are your own."""
    present = {title(each) for each in names}
    help_ = did_you_mean(name, [each for each in known if each not in present])
    if help_:
        place = f"sheet {name}"
        yield Diagnostic(f"unknown sheet {quoted(name)}", file, help=help_, place=place)


def write_workbook(path: Path, pack: Pack, rows: Cells) -> None:
    """Write rows as a workbook laid out as the template is.

    Raises `InputError` where openpyxl is not installed or the file cannot be written.
    """
    _openpyxl()
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    for page in book.worksheets:
        book.remove(page)
    choices: dict[tuple[str, ...], str] = {}
    for sheet in sheets(pack).values():
        given = rows.get(sheet.name, ())
        used = {name for row in given for name in row}
        columns = [c for c in sheet.columns.values() if c.shown or c.name in used]
        page = book.create_sheet(sheet.name)
        _head(page, sheet, columns)
        for number, row in enumerate(given, start=_NAMES_ROW + 1):
            for at, column in enumerate(columns, start=1):
                if (value := row.get(column.name)) is not None:
                    _put(page.cell(number, at), value)
        for at, column in enumerate(columns, start=1):
            for rule in _rules(column, choices, DataValidation):
                rule.add(f"{letters(at)}{_NAMES_ROW + 1}:{letters(at)}{_NAMES_ROW + _ROOM}")
                page.add_data_validation(rule)
    _lists(book, choices)
    try:
        book.save(path)
    except OSError as error:
        why = error.strerror or "no reason is given"
        raise InputError([Diagnostic(f"cannot write the file: {why}", str(path))]) from None


def template(pack: Pack, path: Path) -> None:
    """Write an empty workbook for a pack: explained, with drop-downs and one example row a sheet.

    `path` is the `.xlsx` file to write.
    Raises `InputError` as `write_workbook` does.
    """
    write_workbook(path, pack, rows_of([example(pack)], {}, pack))


def example(pack: Pack) -> ProviderRecord:
    """Give the worked example of a pack: its `imports.example`, or one made from its vocabulary."""
    data = pack.imports.get("example")
    record, _ = read_record(data, pack, default_id=EXAMPLE, keep_good=True)
    if record is None:
        record, _ = read_record(_made_up(pack), pack, default_id=EXAMPLE, keep_good=True)
    return record or ProviderRecord(provider=Provider(id=EXAMPLE, fields={}))


def _made_up(pack: Pack) -> dict[str, object]:
    """Make up a provider of the first words that the pack declares."""
    by, on = next(iter(pack.roles), None), "2026-01-15"
    findings: list[dict[str, object]] = []
    for kind, spec in list(pack.kinds.items())[:1]:
        own = {name: _any_value(declared) for name, declared in spec.attributes.items()}
        findings.append(own | {"kind": kind, "on": on, "ref": "REF-1", "by": by})
    for fact, value in list(pack.facts.items())[:1]:
        said = {"kind": JUDGEMENT, "fact": fact, "value": _any_value(value.type)}
        findings.append(said | {"on": on, "by": by})
    chosen = [n for n, field in pack.fields.items() if isinstance(field.type, OneOf | SetOf)]
    profile = {name: _any_value(pack.fields[name].type) for name in chosen[:2]}
    types = decision_types(pack)
    decisions = [
        {"decision": name, "on": on, "by": by}
        | {key: _carried(sort, types[key]) for key, sort in spec.carries.items()}
        for name, spec in list(pack.decisions.items())[:1]
    ]
    return {
        "provider": profile | {"name": "Example, to be replaced"},
        "findings": findings,
        "activities": [{"activity": name, "completed": on} for name in list(pack.activities)[:1]],
        "ratings": [{"level": level, "on": on, "by": by} for level in list(pack.levels)[:1]],
        "decisions": decisions,
    }


def _carried(sort: str, kind: Type) -> object:
    return "6 months" if sort == "interval" else _any_value(kind)


def _any_value(kind: Type) -> object:
    """Give some plain value of a type."""
    match kind:
        case OneOf(values):
            return values[0]
        case SetOf(values):
            return list(values[:1]) or ["word"]
        case MapOf(keys, values):
            return {keys[0]: values[0]}
        case Simple(name):
            simple = {"boolean": True, "count": 1, "number": 1, "date": "2026-01-15"}
            return simple.get(name, "word")
        case _:
            assert_never(kind)


def _head(page: Any, sheet: Sheet, columns: Sequence[Column]) -> None:  # openpyxl's
    from openpyxl.styles import Alignment, Font, PatternFill

    page.cell(1, 1, sheet.about).font = Font(italic=True)
    grey, fill = Font(italic=True, color="666666", size=9), PatternFill("solid", fgColor="DDE6EE")
    for at, column in enumerate(columns, start=1):
        about = page.cell(_NAMES_ROW - 1, at, _about(column))
        about.font, about.alignment = grey, Alignment(wrap_text=True, vertical="top")
        name = page.cell(_NAMES_ROW, at, column.name)
        name.font, name.fill = Font(bold=True), fill
        shape = page.column_dimensions[letters(at)]
        shape.width = min(_WIDEST, max(_NARROWEST, len(column.name) + 3))
        shape.number_format = _format(column.type)
    page.row_dimensions[_NAMES_ROW - 1].height = 60
    page.freeze_panes = page.cell(_NAMES_ROW + 1, 2)
    page.sheet_properties.tabColor = "DDE6EE" if sheet.name in ("settings", "terms") else "33658A"


def _about(column: Column) -> str:
    """Say what a column holds and how it is written."""
    match column.type:
        case Simple("date"):
            how = "YYYY-MM-DD or dd/mm/yyyy"
        case Simple("boolean"):
            how = "yes or no"
        case SetOf():
            how = f"several with `; ` between them, `{NONE}` for none"
        case _:
            how = ""
    return f"{column.about} ({how})" if column.about and how else column.about or how


def _format(kind: Type) -> str:
    match kind:
        case Simple("date"):
            return "yyyy-mm-dd"
        case Simple("count" | "number" | "any"):
            return "General"
        case _:
            return "@"  # else Excel makes a date of a period, and a number of an id


def _put(at: Any, value: object) -> None:  # a cell of openpyxl
    at.value = value
    if isinstance(value, str):
        # What begins with `=` would else be a formula.
        at.data_type, at.number_format = "s", "@"
    elif isinstance(value, dt.date):
        at.number_format = "yyyy-mm-dd"


def _rules(
    column: Column,
    choices: dict[tuple[str, ...], str],
    make: Any,  # openpyxl's class
) -> Iterator[Any]:
    """Give what Excel is to check of a column, and the list it is to offer."""
    about: dict[str, object] = {
        "allow_blank": True,
        "showErrorMessage": True,
        "showInputMessage": True,
        "promptTitle": column.name[:32],
        "prompt": _prompt(column),
        "errorTitle": column.name[:32],
    }
    match column.type:
        case OneOf(values) if values:
            place = choices.setdefault(values, letters(len(choices) + 1))
            source = f"=lists!${place}$1:${place}${len(values)}"
            yield make(type="list", formula1=source, error="Choose one of the list.", **about)
        case Simple("boolean"):
            yield make(type="list", formula1='"yes,no"', error="Choose yes or no.", **about)
        case Simple("date"):
            error = "Write a day, such as 2026-01-31."
            yield make(
                type="date", operator="greaterThan", formula1="7306", error=error, **about
            )  # 1920-01-01
        case Simple("count"):
            error = "Write a whole number from 0."
            yield make(
                type="whole", operator="greaterThanOrEqual", formula1="0", error=error, **about
            )
        case _:
            if about["prompt"]:
                yield make(type="textLength", operator="greaterThan", formula1="0", **about)


def _prompt(column: Column) -> str:
    words = _about(column)
    if isinstance(column.type, SetOf) and column.type.values:
        words = f"{words}: {', '.join(column.type.values)}"
    return words if len(words) <= _PROMPT else f"{words[: _PROMPT - 1]}…"


def _lists(book: Any, choices: Mapping[tuple[str, ...], str]) -> None:  # openpyxl's
    """Write the values of the drop-downs; a list in the rule itself may not be long."""
    page = book.create_sheet("lists")
    page.sheet_state = "hidden"
    for values, column in choices.items():
        for number, value in enumerate(values, start=1):
            page[f"{column}{number}"] = value
