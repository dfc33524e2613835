"""Registers in and out: many providers with their histories, from and to files.

What a file is decides how it is read: a workbook, a folder of CSV files, a YAML file, or a
regulator's JSON. Every faulty row or entry is reported and left out; the rest is still answered.
The findings of a provider are kept before its judgements, since sheets hold them apart.

Of two providers with one id both are reported, and the first one and its history are kept.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar, cast

from qaf_rules import _yaml, csv_folder, intake, regulator, shapes, workbook
from qaf_rules.cells import as_plain
from qaf_rules.errors import Diagnostic, InputError, did_you_mean, listed, quoted
from qaf_rules.model import (
    Activity,
    Decision,
    Finding,
    FrozenDict,
    Provider,
    ProviderRecord,
    Rating,
)
from qaf_rules.plain import plain_record
from qaf_rules.provider_day import CORRECT, contradictions
from qaf_rules.sheets import Row, Table, plain, rows
from qaf_rules.values import Fault, parse_day

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

__all__ = [
    "Faults",
    "Register",
    "as_of",
    "named_framework",
    "read_register",
    "template",
    "write_register",
]

_NO_RECORDS: Final[Mapping[str, ProviderRecord]] = MappingProxyType({})
_LARGEST: Final = 50_000_000
"""Bytes of a file; a register of a thousand providers has a hundredth of this."""

_NAMED: Final = re.compile(r"^framework[ \t]*[:,;\t][ \t]*['\"]?([\w.-]+)", re.MULTILINE)
T = TypeVar("T")
Path_: TypeAlias = tuple[str | int, ...]


class HasPack(Protocol):
    """A framework: it wraps a pack."""

    @property
    def pack(self) -> Pack: ...


class Faults(tuple[Diagnostic, ...]):
    """Faults in the order of the file; as text, all of them one after another."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(InputError(self)) if self else "no faults"


@dataclass(frozen=True)
class Register:
    """Providers with their histories, and what could not be read.

    `records` are by id, in the order of the file. `faults` are the rows and entries left out, and
    why; `incomplete` the ids of providers some of whose history is among them. `settings` are what
    the council gives once for all. `unmapped` says what a regulator's file holds that the pack
    has no word for, `regulator_ratings` every rating that it holds, newest first.
    Two registers are equal when their records and settings are.
    """

    records: Mapping[str, ProviderRecord] = field(default_factory=lambda: _NO_RECORDS)
    faults: Faults = field(default=Faults(), compare=False)
    settings: Mapping[str, object] = field(default_factory=dict)
    unmapped: tuple[str, ...] = field(default=(), compare=False)
    incomplete: frozenset[str] = field(default=frozenset(), compare=False)
    regulator_ratings: Mapping[str, tuple[regulator.Rated, ...]] = field(
        default_factory=dict, compare=False
    )

    def __getitem__(self, id_: str) -> ProviderRecord:
        """Give the record of an id; KeyError where there is none."""
        if id_ not in self.records:
            raise KeyError(did_you_mean(id_, self.records) or f"no provider {quoted(id_)}")
        return self.records[id_]

    def __iter__(self) -> Iterator[ProviderRecord]:
        """Give the records, in the order of the file."""
        return iter(self.records.values())

    def __len__(self) -> int:
        """Give the number of records."""
        return len(self.records)

    def __contains__(self, id_: object) -> bool:
        """Say whether there is a record of an id."""
        return id_ in self.records


def read_register(
    path: Path | str, framework: Pack | HasPack, *, include_deregistered: bool = False
) -> Register:
    """Read a register.

    `path` is a workbook (`.xlsx`), a folder of CSV files, a YAML file, or a regulator's JSON.
    `framework` is the framework or the pack whose words the register uses.
    `include_deregistered` keeps what a regulator no longer has on its register.
    Raises `InputError` where the file as a whole cannot be read.
    """
    path, pack = Path(path), _pack(framework)
    if path.is_dir():
        tables, strays = csv_folder.read_folder(path, pack, limit=_LARGEST)
        register = _from_tables(tables, pack)
        return replace(register, faults=Faults((*strays, *register.faults)))
    match path.suffix.lower():
        case ".xlsx" | ".xlsm":
            return _from_tables(workbook.read_workbook(path, pack), pack)
        case ".yaml" | ".yml":
            return _from_yaml(_yaml.read(path, limit=_LARGEST), pack)
        case ".json":
            return _from_json(path, pack, include_deregistered=include_deregistered)
        case _:
            help_ = "give a workbook (.xlsx), a folder of CSV files, a .yaml or a .json file"
            message = "it is not known how to read this as a register"
            raise InputError([Diagnostic(message, str(path), help=help_, code="no-register")])


def as_of(register: Register, day: dt.date, framework: Pack | HasPack) -> Register:
    """Give a regulator's register with the grades that stood on a day.

    `register` was read from a regulator's file, whose other entries stay as they are; `framework`
    is as for `read_register`. A location is not yet rated before its first rating.
    """
    mapping = _pack(framework).imports[regulator.SECTION]
    dated = mapping["fields"]["date"]
    graded = {mapping["fields"][name] for name in ("overall", "questions", "date")}
    records = {}
    for id_, record in register.records.items():
        provider = record.provider
        fields = {name: each for name, each in provider.fields.items() if name not in graded}
        stood = regulator.grades_on(register.regulator_ratings[id_], mapping, day)
        if dated in stood:
            stood[dated] = parse_day(stood[dated])
        changed = provider.model_copy(update={"fields": FrozenDict(fields | stood)})
        records[id_] = record.model_copy(update={"provider": changed})
    return replace(register, records=records)


def named_framework(path: Path | str) -> str | None:
    """Give the id of the framework that a register names, None where it names none.

    `path` is as for `read_register`. InputError where a workbook cannot be opened.
    """
    path = Path(path)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return workbook.named_framework(path)
    file = path / "settings.csv" if path.is_dir() else path
    known = file.suffix.lower() in (".yaml", ".yml", ".csv") and file.exists()
    text = file.read_bytes()[:100_000].decode("utf-8-sig", "replace") if known else ""
    named = _NAMED.search(text)
    return named.group(1) if named else None


def write_register(register: Register, path: Path | str, framework: Pack | HasPack) -> None:
    """Write a register so that `read_register` reads the same back.

    `path` ends in `.xlsx` for a workbook and in `.yaml` for a YAML file; otherwise it is a folder
    for CSV files, which is made where it is not there.
    `framework` is the framework or the pack whose words the register uses.
    Raises `InputError` where a file cannot be written.
    """
    path, pack = Path(path), _pack(framework)
    try:
        match path.suffix.lower():
            case ".xlsx":
                workbook.write_workbook(path, pack, rows(register, register.settings, pack))
            case ".yaml" | ".yml":
                path.write_text(_yaml.dump(_plain_register(register, pack)), encoding="utf-8")
            case _:
                path.mkdir(parents=True, exist_ok=True)
                csv_folder.write_folder(path, pack, rows(register, register.settings, pack))
    except OSError as error:
        why = error.strerror or "no reason is given"
        raise InputError([Diagnostic(f"cannot write the file: {why}", str(path))]) from None


def template(framework: Pack | HasPack, path: Path | str) -> None:
    """Write an empty register with one worked example, to be filled in.

    `framework` is the framework or the pack whose words the register is to use.
    `path` is as for `write_register`; only a workbook has explanations and drop-downs.
    Raises `InputError` where the file cannot be written.
    """
    path, pack = Path(path), _pack(framework)
    if path.suffix.lower() == ".xlsx":
        workbook.template(pack, path)
    else:
        write_register(Register({workbook.EXAMPLE: workbook.example(pack)}), path, pack)


def _pack(framework: Pack | HasPack) -> Pack:
    # Only a framework wraps a pack; a pack has no such attribute of its own.
    wrapped: Pack | None = getattr(framework, "pack", None)
    return wrapped if wrapped is not None else cast("Pack", framework)


# From sheets.


def _from_tables(tables: Mapping[str, Table], pack: Pack) -> Register:
    return _Gathering(pack).register(_without_example(tables))


def _without_example(tables: Mapping[str, Table]) -> Mapping[str, Table]:
    """Pass over the template's worked example once there is a provider of one's own."""

    def ours(row: Row) -> bool:
        return str(row.cells.get("provider_id", "")).strip().lower() != workbook.EXAMPLE

    if not any(map(ours, tables["providers"].rows)):
        return tables
    return {name: replace(each, rows=[*filter(ours, each.rows)]) for name, each in tables.items()}


class _Gathering:
    """What the rows of all sheets amount to, by provider."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.providers: dict[str, Provider] = {}
        self.places: dict[str, int] = {}
        self.parts: dict[tuple[str, str], list[object]] = {}
        self.incomplete: set[str] = set()
        self.faults: list[Diagnostic] = []

    def register(self, tables: Mapping[str, Table]) -> Register:
        """Read every row of every sheet."""
        self._providers(tables["providers"])
        for name, part in _HISTORY.items():
            if name in tables:
                self._history(tables[name], part)
        records = {
            id_: ProviderRecord(
                provider=provider,
                activities=self._part(id_, "activities", Activity),
                findings=self._part(id_, "findings", Finding),
                ratings=self._part(id_, "ratings", Rating),
                decisions=self._part(id_, "decisions", Decision),
            )
            for id_, provider in self.providers.items()
        }
        settings = self._settings(tables)
        known = frozenset(self.incomplete & set(records))
        return Register(records, Faults(self.faults), settings, (), known)

    def _part(self, id_: str, part: str, sort: type[T]) -> tuple[T, ...]:
        found = self.parts.get((id_, part), ())
        return tuple(each for each in found if isinstance(each, sort))

    def _tell(self, table_: Table, row: Row, faults: Sequence[Fault]) -> None:
        """Report the faults of a row from left to right, those of the whole row last."""
        at = table_.positions
        ordered = sorted(faults, key=lambda each: at.get(str((*each.path, "")[0]), len(at)))
        self.faults += [table_.diagnostic(row.number, fault) for fault in ordered]

    def _providers(self, table_: Table) -> None:
        for row in table_.rows:
            values, faults = plain(row, table_.sheet, self.pack)
            provider, found = intake.read_provider(values, self.pack)
            faults += _news(found, faults)
            if provider is not None and not faults:
                faults += _contradicting(provider, self.pack)
            id_ = str(values.get("provider_id", ""))
            first = self.places.setdefault(id_, row.number) if id_ else row.number
            if first != row.number:
                where = "line" if table_.lines is not None else "row"
                told = Fault(f"another provider has the id {quoted(id_)}", None, ("provider_id",))
                told.help = f"{where} {row.number} has it too; this one is kept"
                self.faults.append(table_.diagnostic(first, told))
                help_ = f"{where} {first} has it first and is kept; give this one an id of its own"
                faults.append(Fault(told.message, help_, told.path))
            elif provider is not None and not faults:
                self.providers[id_] = provider
            self._tell(table_, row, faults)

    def _history(self, table_: Table, part: str) -> None:
        for row in table_.rows:
            values, faults = plain(row, table_.sheet, self.pack)
            id_ = str(values.pop("provider_id", ""))
            entry, found = self._entry(table_.sheet.name, values, id_)
            faults += _news(found, faults)
            if id_ and id_ not in self.places:
                help_ = did_you_mean(id_, self.places) or "give it a row on the sheet `providers`"
                faults.append(Fault(f"no provider {quoted(id_)}", help_, ("provider_id",)))
            elif not id_ and not faults:
                faults.append(Fault("the row has no `provider_id`", "say whose it is"))
            if not faults:
                self.parts.setdefault((id_, part), []).append(entry)
                continue
            self.incomplete.add(id_)
            self._tell(table_, row, faults)

    def _entry(
        self, sheet: str, values: dict[str, object], id_: str
    ) -> tuple[Activity | Finding | Rating | Decision | None, list[Fault]]:
        match sheet:
            case "activities":
                provider = self.providers.get(id_)
                start = provider.fields.get("contract_start") if provider else None
                day = start if isinstance(start, dt.date) else None
                return intake.read_activity(values, self.pack, contract_start=day)
            case "ratings":
                return intake.read_rating(values, self.pack)
            case "decisions":
                return intake.read_decision(values, self.pack)
            case "judgements":
                return intake.read_finding(values | {"kind": shapes.JUDGEMENT}, self.pack)
            case _:
                return intake.read_finding(values, self.pack)

    def _settings(self, tables: Mapping[str, Table]) -> dict[str, object]:
        found: dict[str, object] = {}
        table_ = tables.get("settings")
        for row in table_.rows if table_ else ():
            values, faults = plain(row, table_.sheet, self.pack) if table_ else ({}, [])
            name = str(values.get("setting", ""))
            if name == "framework" and not faults:
                continue
            if name in found:
                faults.append(
                    Fault(f"the setting {quoted(name)} is there twice", None, ("setting",))
                )
            read, wrong = intake.read_settings({name: values.get("value")}, self.pack)
            faults += [
                Fault(
                    f.message, f.help, ("setting" if name not in self.pack.settings else "value",)
                )
                for f in wrong
            ]
            if faults and table_:
                self.faults += [table_.diagnostic(row.number, fault) for fault in faults]
            else:
                found |= read
        if (terms := tables.get("terms")) and terms.rows:
            found |= self._terms(terms)
        return found

    def _terms(self, table_: Table) -> dict[str, object]:
        whole, faults = [], []
        for row in table_.rows:
            values, wrong = plain(row, table_.sheet, self.pack)
            whole.append(values)
            faults += [table_.diagnostic(row.number, fault) for fault in wrong]
        read, wrong = intake.read_settings({"terms": whole}, self.pack) if not faults else ({}, [])
        for fault in wrong:
            at = fault.path[1] if len(fault.path) > 1 else 0
            number = table_.rows[at if isinstance(at, int) else 0].number
            faults.append(table_.diagnostic(number, Fault(fault.message, fault.help)))
        self.faults += faults
        return read


_HISTORY: Final = {
    "activities": "activities",
    "findings": "findings",
    "judgements": "findings",
    "ratings": "ratings",
    "decisions": "decisions",
}
"""The sheets of a provider's history, and the part of its record that each fills."""


def _news(found: Iterable[Fault], told: Sequence[Fault]) -> list[Fault]:
    """Drop what is missing only because its cell could not be read, which was told before."""
    return [fault for fault in found if fault.path or not told]


# YAML.


def _from_yaml(document: _yaml.Document, pack: Pack) -> Register:
    data = document.data
    if not isinstance(data, Mapping) or "providers" not in data:
        fault = Fault("this is no register", "write the providers under `providers`")
        raise InputError([*intake.located(document, [fault])])
    found: list[Fault] = [
        intake.UnknownKey(f"unknown key {quoted(key)}", _top_help(str(key)), (key,))
        for key in data
        if key not in _TOP
    ]
    if data.get("framework", pack.id) != pack.id:
        message = f"the register is of {quoted(data['framework'])}, not of {quoted(pack.id)}"
        found.append(Fault(message, None, ("framework",)))
    if found:
        raise InputError([*intake.located(document, found)])
    settings, wrong = intake.read_settings(data.get("settings"), pack)
    faults = [*intake.located(document, wrong, ("settings",))]
    entries: list[tuple[str | None, Path_, object]] = []
    given = data["providers"]
    if isinstance(given, Mapping):
        entries = [
            (str(id_), ("providers", id_), each)
            for id_, each in given.items()
            if id_ != workbook.EXAMPLE or len(given) == 1
        ]
    elif isinstance(given, list):
        entries = [(None, ("providers", n), each) for n, each in enumerate(given)]
    elif given is not None:
        fault = Fault("`providers` is not a list", "start each provider with `- `", ("providers",))
        raise InputError([*intake.located(document, [fault])])

    def place(path: Path_, fault: Fault) -> Diagnostic:
        (diagnostic,) = intake.located(document, [fault], path)
        return diagnostic

    register = _from_plain(entries, pack, place)
    whole = sorted([*faults, *register.faults], key=lambda each: (each.line or 0, each.column or 0))
    return replace(register, faults=Faults(whole), settings=settings)


_TOP: Final = ("framework", "settings", "providers")


def _top_help(key: str) -> str:
    return did_you_mean(key, _TOP) or f"a register has {listed(_TOP)}"


def _from_plain(
    entries: Iterable[tuple[str | None, Path_, object]],
    pack: Pack,
    place: Callable[[Path_, Fault], Diagnostic],
) -> Register:
    """Read plain records; `place` gives a fault its place below the path of its entry."""
    records: dict[str, ProviderRecord] = {}
    places: dict[str, Path_] = {}
    faults: list[Diagnostic] = []
    incomplete: set[str] = set()
    for default, path, raw in entries:
        record, found = intake.read_record(raw, pack, default_id=default, keep_good=True)
        faults += [place(path, fault) for fault in found]
        if record is None:
            continue
        if opposed := _contradicting(record.provider, pack, "provider"):
            faults += [place(path, fault) for fault in opposed]
            continue
        id_ = record.provider.id
        if id_ in records:
            told = Fault(f"another provider has the id {quoted(id_)}", None, ("provider",))
            faults.append(place(places[id_], Fault(told.message, "this one is kept", told.path)))
            help_ = "the first with it is kept; give this one an id of its own"
            faults.append(place(path, Fault(told.message, help_, told.path)))
            continue
        records[id_], places[id_] = _ordered(record), path
        if found:
            incomplete.add(id_)
    return Register(records, Faults(faults), {}, (), frozenset(incomplete))


def _contradicting(provider: Provider, pack: Pack, *below: str) -> list[Fault]:
    """Give the fields in which a profile contradicts itself; `below` leads to the profile."""
    return [Fault(text, CORRECT, (*below, name)) for name, text in contradictions(pack, provider)]


def _ordered(record: ProviderRecord) -> ProviderRecord:
    findings = sorted(record.findings, key=lambda each: each.kind == shapes.JUDGEMENT)
    return record.model_copy(update={"findings": tuple(findings)})


def _plain_register(register: Register, pack: Pack) -> dict[str, object]:
    data: dict[str, object] = {"framework": pack.id}
    if register.settings:
        data["settings"] = as_plain(register.settings)
    data["providers"] = {record.provider.id: plain_record(record) for record in register}
    return data


# A regulator's JSON.


def _from_json(path: Path, pack: Pack, *, include_deregistered: bool) -> Register:
    file = str(path)
    try:
        data = json.loads(csv_folder.read_text(path, _LARGEST))
    except json.JSONDecodeError as error:
        message = f"the file is not JSON: {error.msg.lower()}"
        line = error.doc.splitlines()[error.lineno - 1 : error.lineno]
        raise InputError(
            [Diagnostic(message, file, error.lineno, error.colno, source="".join(line))]
        ) from None
    except RecursionError:
        raise InputError([Diagnostic("the file is nested too deeply", file)]) from None
    mapping = pack.imports.get(regulator.SECTION)
    if mapping is None:
        message = f"the pack {quoted(pack.id)} does not say how a regulator's file is read"
        help_ = f"give it a section {quoted(regulator.SECTION)} in `imports.yaml`"
        raise InputError([Diagnostic(message, file, help=help_)])
    try:
        found = regulator.read_locations(data, mapping, include_deregistered=include_deregistered)
    except Fault as fault:
        raise InputError([Diagnostic(fault.message, file, help=fault.help)]) from None

    def place(path_: Path_, fault: Fault) -> Diagnostic:
        where = ".".join(map(str, (*path_, *fault.path)))
        return Diagnostic(fault.message, file, help=fault.help, place=where)

    entries = [(None, ("locations", each.position), each.data) for each in found]
    register = _from_plain(entries, pack, place)
    return replace(
        register,
        unmapped=tuple(said for each in found for said in each.unmapped),
        regulator_ratings={
            str(each.data["provider"]["provider_id"]): each.ratings for each in found
        },
    )
