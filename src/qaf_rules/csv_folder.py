"""A register as a folder of CSV files, one a sheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qaf_rules import workbook
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, quoted
from qaf_rules.sheets import Sheet, Table, sheets, table

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = ["read_folder", "read_text", "write_folder"]


def read_folder(
    folder: Path, pack: Pack, *, limit: int
) -> tuple[dict[str, Table], list[Diagnostic]]:
    """Read the tables of a folder; also its files that are none of a register's, as faults.

    `limit` is the most bytes of a file that are read. InputError with every fault of the files.
    """
    known = sheets(pack)
    paths = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    tables: dict[str, Table] = {}
    faults: list[Diagnostic] = []
    strays: list[Diagnostic] = []
    for name, path in paths.items():
        if name in known:
            try:
                tables[name], wrong = _csv_table(path, known[name], limit)
            except InputError as error:
                wrong = list(error.diagnostics)
            faults += wrong
        elif help_ := did_you_mean(name, [each for each in known if each not in paths]):
            faults.append(Diagnostic(f"unknown sheet {quoted(name)}", str(path), help=help_))
        elif not name.startswith("#"):
            help_ = "begin its name with `#` if the file is your own"
            message = f"a register has no file {quoted(path.name)}; it was not read"
            strays.append(Diagnostic(message, str(path), help=help_, code="unknown-file"))
    workbook.check_framework(tables, pack)
    if "providers" not in paths:
        help_ = "a register has at least that file; start from the template"
        faults.append(Diagnostic("there is no file `providers.csv`", str(folder), help=help_))
    if faults:
        raise InputError(faults)
    return tables, strays


def _csv_table(path: Path, sheet: Sheet, limit: int) -> tuple[Table, list[Diagnostic]]:
    file, text = str(path), read_text(path, limit)
    lines = re.split("\r\n|\r|\n", text)
    if not text.strip():
        raise InputError([Diagnostic("the file is empty", file, code="empty-file")])
    first = next((line for line in lines if sheet.key in line.lower()), lines[0])
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    cells: list[tuple[int, Sequence[object]]] = []
    line = 1
    try:
        for row in reader:
            cells.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        help_ = "see to the quotation marks of this line"
        source = lines[line - 1]
        raise InputError(
            [Diagnostic(str(error), file, line, help=help_, source=source, code="csv")]
        ) from None
    return table(sheet, file, cells, lines=lines, delimiter=delimiter)


def read_text(path: Path, limit: int) -> str:
    """Read a text file; what is not UTF-8 in it stays as lone surrogates, told where it stands."""
    file = str(path)
    try:
        if path.stat().st_size > limit:
            message = f"the file is larger than the {limit:,} bytes that are read"
            raise InputError([Diagnostic(message, file, code="too-large")])
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or "no reason is given"
        raise InputError([Diagnostic(f"cannot read the file: {why}", file)]) from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        message, help_ = "the file is not UTF-8", "in Excel, save it as `CSV UTF-8`"
        raise InputError([Diagnostic(message, file, help=help_, code="not-utf8")])
    return raw.decode("utf-8-sig", errors="surrogateescape")


def write_folder(folder: Path, pack: Pack, cells: workbook.Cells) -> None:
    """Write a file for each sheet of a register into a folder that exists."""
    for sheet in sheets(pack).values():
        given = cells.get(sheet.name, ())
        used = {name for row in given for name in row}
        names = [c.name for c in sheet.columns.values() if c.shown or c.name in used]
        path = folder / f"{sheet.name}.csv"
        # With a byte order mark Excel knows that the file is UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(given)
