"""Answers for other programs: an assessment and the outcome of cases as JSON, the list as Excel."""

from __future__ import annotations

import datetime as dt
import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from qaf_rules.attention import SAID, SEVERITIES
from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.explain import brought_parts, by_urgency
from qaf_rules.result import (
    Assessment,
    CriterionResult,
    Evidence,
    Lacking,
    Question,
    Reason,
    ScheduleItem,
    field_names,
)
from qaf_rules.values import MapOf, OneOf, SetOf, Simple, json_schema
from qaf_rules.words import Words

if TYPE_CHECKING:
    from qaf_rules.attention import Attention
    from qaf_rules.cases import Outcome
    from qaf_rules.coverage import Coverage
    from qaf_rules.engine import Framework
    from qaf_rules.listing import Fact
    from qaf_rules.model import ProviderRecord
    from qaf_rules.portfolio import Portfolio
    from qaf_rules.registers import Register
    from qaf_rules.why import Explanation

__all__ = [
    "as_json",
    "assessed",
    "check_target",
    "explained",
    "plain_assessment",
    "plain_coverage",
    "plain_fault",
    "plain_outcome",
    "plain_part",
    "write_list",
]


def as_json(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Write a value as JSON; what JSON has no word for is written as text.

    `ascii_only` escapes every other character, for a stream that cannot hold it.
    """
    return json.dumps(value, ensure_ascii=ascii_only, default=str, indent=indent)


def assessed(
    framework: Framework,
    register: Register,
    *,
    monday: Attention,
    assessments: Iterable[Assessment],
    faults: Iterable[Diagnostic],
    whole: Portfolio | None,
) -> dict[str, object]:
    """Give the assessments of a register with everything around them."""
    on_list = {n.provider: n for n in monday.providers}
    told = []
    words = Words(framework.pack)
    for a in assessments:
        own = words.of(register.records.get(a.provider))
        entry = plain_assessment(a, own)
        entry["attention"] = _plain(on_list[a.provider].lines if a.provider in on_list else (), own)
        entry["brought"] = _plain(a.brought, own)
        entry["pathways"] = [
            {name: _plain(getattr(standing, name), own) for name in _STANDING}
            for standing in a.pathways
        ]
        told.append(entry)
    return {
        "framework": framework.id,
        "version": framework.pack.identity.version,
        "on": _plain(monday.on, words),
        "providers": told,
        "register": _plain(whole, words),
        "totals": _plain(monday.totals, words),
        "faults": [plain_fault(f) for f in faults],
        "unmapped": list(register.unmapped),
    }


_STANDING = ("id", "name", "entered", "offered", "steps_source", "clauses", "readings")


def plain_assessment(a: Assessment, words: Words) -> dict[str, Any]:
    """Give an assessment as plain data, as its JSON Schema says; `words` are its provider's."""
    told = field_names(Assessment)  # what an engine adds is its own
    return {name: value for name, value in _fields(a, words).items() if name in told}


def plain_part(value: object, words: Words) -> Any:  # plain data
    """Give any part of an answer as plain data."""
    return _plain(value, words)


def _plain(value: Any, words: Any) -> Any:  # any part of an answer
    """Give plain data of an answer; a reason is what it read, in words, with its evidence."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dt.date():
            return value.isoformat()
        case ScheduleItem() | CriterionResult() | Question() | Lacking():
            return _fields(value, words)
        case Reason():
            return {
                "truth": value.truth,
                "read": words.support(value),
                "evidence": [_plain(e, words) for e in dict.fromkeys(value.support())],
                "unknown": list(dict.fromkeys(value.still_needed())),
            }
        case Evidence():
            return {"type": value.type, "ref": value.ref, "day": _plain(value.day, words)}
        case Simple() | OneOf() | SetOf() | MapOf():
            return json_schema(value)
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {"none" if k is None else str(k): _plain(v, words) for k, v in value.items()}
        case frozenset():
            return sorted(_plain(v, words) for v in value)
        case tuple() | list():
            return [_plain(v, words) for v in value]
    return _fields(value, words)


def _fields(value: object, words: Words) -> dict[str, object]:
    """Give the fields of a part of an answer, its functions aside."""
    read = {name: getattr(value, name) for name in field_names(type(value))}
    return {name: _plain(each, words) for name, each in read.items() if not callable(each)}


def explained(
    framework: Framework,
    record: ProviderRecord,
    assessment: Assessment,
    told: Iterable[Explanation],
    changed: Assessment | None,
) -> dict[str, object]:
    """Give what was explained of a provider, with the suggestion, its bounds and what settles it."""
    words = Words(framework.pack, record)
    given = assessment.suggestion
    found: dict[str, object] = {
        "provider": assessment.provider,
        "on": _plain(assessment.on, words),
        "suggestion": _plain(given, words),
        "ranked": [
            {"question": t.question.id, "settles": t.settles, "surely": t.surely}
            for t in assessment.ranked()
        ],
        "triangulation": _plain(assessment.triangulation(), words),
        "explanations": [_explanation(each, words) for each in told],
    }
    if changed is not None:
        found["what_if"] = _plain(changed, words)
    return found


def _explanation(told: Explanation, words: Words) -> dict[str, object]:
    facts = [_fact(fact, words) for fact in told.facts]
    return {**_fields(told, words), "tree": told.tree.split("\n"), "facts": facts}


def _fact(fact: Fact, words: Words) -> dict[str, object]:
    """Give a leaf with what it read; free text stays where it is."""
    things = [
        {
            "evidence": _plain(thing.evidence, words),
            "read": {name: words.shown(name, value) for name, value in thing.attributes.items()},
        }
        for thing in fact.things
    ]
    value = words.shown(fact.name, fact.value) if fact.value is not None else None
    plain = {name: _plain(getattr(fact, name), words) for name in _FACT}
    return {**plain, "value": value, "things": things}


_FACT = (
    "name",
    "comparison",
    "truth",
    "low",
    "high",
    "given",
    "evidence",
    "more",
    "limits",
    "unknown",
)


def plain_fault(fault: Diagnostic) -> dict[str, object]:
    """Give what a fault says and where it is."""
    names = ("severity", "code", "message", "file", "line", "column", "place", "help")
    return {name: getattr(fault, name) for name in names}


def plain_outcome(outcome: Outcome) -> dict[str, object]:
    """Give a case with what failed in it."""
    case = outcome.case
    return {
        "file": case.file,
        "line": case.line,
        "id": case.id,
        "name": case.name,
        "passed": outcome.passed,
        "failures": [
            {
                "key": f.key,
                "expected": json.loads(as_json(f.expected)),
                "actual": json.loads(as_json(f.actual)),
                "rests_on": list(f.rests_on),
            }
            for f in outcome.failures
        ],
    }


def plain_coverage(coverage: Coverage) -> dict[str, object]:
    """Give which clauses the cases of a framework exercise."""
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


# --- as a workbook -------------------------------------------------------------------------------


_LIST, _TOTALS = "attention", "totals"
"""The sheets by which a list is known for one."""


def check_target(path: Path, register: Path) -> None:
    """Refuse to write the list over the register, or over anything that is not such a list.

    `path` is the workbook to write, `register` what the list is made of; InputError says why not.
    """
    if find_spec("openpyxl") is None:
        needed = "writing a workbook needs the `excel` extra"
        raise InputError([Diagnostic(needed, help="pip install 'qaf-rules[excel]'")])
    message = None
    help_ = "give the list a file of its own, such as `list.xlsx`"
    if path.suffix.lower() != ".xlsx":
        message = "the list is written as an Excel workbook (.xlsx) only"
    elif path.exists() and register.exists() and path.samefile(register):
        message = "this is the register; the list is not written over it"
    elif path.exists() and not _is_list(path):
        message = "there is something else of that name, and it is not overwritten"
    if message is not None:
        raise InputError([Diagnostic(message, str(path), help=help_, code="not-a-list")])


def _is_list(path: Path) -> bool:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True)
            book.close()
    except Exception:  # noqa: BLE001  # openpyxl lets through whatever its parts raise
        return False
    return {_LIST, _TOTALS} <= set(book.sheetnames)


def write_list(
    path: Path,
    monday: Attention,
    faults: Sequence[Diagnostic],
    *,
    assessments: Iterable[Assessment] = (),
    words: Words,
) -> None:
    """Write the list as a workbook, whole or not at all; InputError where it cannot be written.

    `assessments` are those of the list, of which it has a sheet of what activities bring due;
    `words` are the pack's.
    """
    from openpyxl import Workbook

    book = Workbook()
    page: Any = book.active
    page.title = _LIST
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
            SAID[line.severity],
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
        book.create_sheet(_TOTALS),
        ("what", "number"),
        [
            ("providers", totals.providers),
            ("on the list", totals.needing),
            ("with something overdue", totals.overdue_providers),
            ("schedule items overdue", totals.overdue_items),
            ("questions", totals.questions),
            ("records dated later, not used", monday.unused),
            *(
                (f"{word} {'none' if level is None else level}", n)
                for word in ("suggested", "confirmed")
                for level, n in getattr(totals, word).items()
            ),
            *(
                (
                    f"lines: {SAID[s]}",
                    sum(line.severity == s for n in monday.providers for line in n.lines),
                )
                for s in SEVERITIES
            ),
        ],
        widths=(30, 10),
    )
    if brought := [(a, item) for a in assessments for item in by_urgency(a.brought)]:
        _fill(
            book.create_sheet("brought"),
            ("provider", "name", "what", "for", "status", "due", "by", "through", "clause"),
            [
                (a.provider, a.name, *brought_parts(words, item), ", ".join(item.clauses))
                for a, item in brought
            ],
            widths=(16, 24, 50, 40, 12, 12, 40, 24, 16),
        )
    if monday.notes:
        _fill(
            book.create_sheet("notes"),
            ("provider", "note"),
            [(n.provider, n.text) for n in monday.notes],
            widths=(16, 100),
        )
    if faults:
        _fill(
            book.create_sheet("faults"),
            ("could not be read",),
            [(str(f),) for f in faults],
            widths=(100,),
        )
    # A list that was there before stays as it was until the new one is whole.
    whole = path.resolve()
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        book.save(part)
        part.replace(whole)
    except OSError as error:
        why = error.strerror or "no reason is given"
        raise InputError([Diagnostic(f"cannot write the file: {why}", str(path))]) from None
    finally:
        part.unlink(missing_ok=True)


def _fill(
    page: Any,  # openpyxl's
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
