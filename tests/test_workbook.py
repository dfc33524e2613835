"""A workbook is read as an officer fills it, and a template helps to fill it."""

import dataclasses
import datetime as dt
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from qaf_rules.cells import cell, written
from qaf_rules.engine import load
from qaf_rules.errors import InputError
from qaf_rules.model import Activity, Provider, ProviderRecord
from qaf_rules.pack import load_pack
from qaf_rules.registers import Register, read_register, write_register
from qaf_rules.releases import replies
from qaf_rules.schema import KindSpec
from qaf_rules.sheets import letters, sheets
from qaf_rules.values import Fault, OneOf, SetOf, Simple
from qaf_rules.workbook import EXAMPLE, template

FIRST_OF_APRIL = dt.datetime(2024, 4, 1)  # noqa: DTZ001  # Excel knows no time zones
ADULTS, CHILDREN = load_pack("adults"), load_pack("children")


@pytest.fixture
def book(tmp_path):
    """A workbook: call it with the rows of each sheet, the column names first."""

    def make(**pages):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in pages.items():
            page = made.create_sheet(name.replace("_", " "))
            for row in rows:
                page.append(row)
        path = tmp_path / "register.xlsx"
        made.save(path)
        return path

    return make


def refused(path):
    """Give the faults for which a file is refused."""
    with pytest.raises(InputError) as told:
        read_register(path, ADULTS)
    return told.value.diagnostics


def places(register):
    """Give the place and the message of each fault."""
    return [(fault.place, fault.message) for fault in register.faults]


def test_as_an_officer_fills_it(book):
    """Dates, numbers, yes and no are read as Excel keeps them, whatever stands above the names."""
    register = read_register(
        book(
            Providers=[
                ["Our homes"],
                [
                    "Provider ID",
                    "Name",
                    "service type",
                    "Contract_Start",
                    "cqc_regulated",
                    "cqc_domains.safe",
                ],
                [
                    1001,
                    "Larch House",
                    "Care Home; supported-living",
                    FIRST_OF_APRIL,
                    True,
                    "Good",
                ],
                [None, "  ", None, None, None, None],
                [1002.0, "Elm", "care_home", "1/4/2024", "No", None],
            ],
            findings=[
                ["provider_id", "kind", "on", "severity", "reported_to_qa", "evidence"],
                [1001, "complaint", dt.date(2026, 1, 2), "minor", "yes", "audit; policy"],
            ],
            judgements=[
                ["provider_id", "fact", "value", "on", "by"],
                ["1001", "complaints_count", 2.0, dt.date(2026, 1, 2), "cqmo"],
                ["1001", "experience", "good", "2026-01-02", "cqmo"],
            ],
            activities=[
                ["provider_id", "activity", "period", "completed", "attendees"],
                [1002, "local_data_return", "2026-01", dt.date(2026, 2, 6), "-"],
            ],
            my_notes=[["anything"], ["=1+1"]],
        ),
        ADULTS,
    )
    assert str(register.faults) == "no faults"
    assert list(register.records) == ["1001", "1002"]
    assert register["1001"].provider.fields == {
        "service_type": frozenset({"care_home", "supported_living"}),
        "contract_start": dt.date(2024, 4, 1),
        "cqc_regulated": True,
        "cqc_domains": {"safe": "good"},
    }
    assert register["1002"].provider.fields["contract_start"] == dt.date(2024, 4, 1)
    assert register["1002"].provider.fields["cqc_regulated"] is False
    assert [finding.value for finding in register["1001"].findings] == [None, 2, "good"]
    assert register["1001"].findings[0].attributes == {"severity": "minor", "reported_to_qa": True}
    assert register["1002"].activities[0].attendees == ()


def test_every_bad_cell_has_its_place(book):
    """Each fault names its sheet, row and column, and the good rows are answered."""
    register = read_register(
        book(
            providers=[
                ["provider_id", "service_type", "contract_start", "cqc_domains.safe", "name"],
                ["a", "care_home", dt.date(2025, 1, 1), "good", "A"],
                ["b", "care_homes", 45000, "goood", "#REF!"],
                ["a", "care_home", None, None, "A again"],
                [dt.date(2026, 1, 2), "care_home", None, None, "C"],
            ],
            activities=[
                ["provider_id", "activity", "completed", "period"],
                ["a", "qm1", dt.date(2024, 12, 31), None],
                ["a", "qm5", dt.date(2026, 2, 2), dt.date(2026, 1, 1)],
                ["b", "qm5", "=TODAY()", None],
                ["a", "qm5", "2026-02-30", None],
                ["c", "qm5", dt.date(2026, 2, 2), None],
            ],
            ratings=[["provider_id", "level", "on", "by"], ["a", 9, dt.date(2026, 1, 1), "cqmo"]],
        ),
        ADULTS,
    )
    assert list(register.records) == ["a"]
    assert places(register) == [
        ("sheet providers, row 3, column B (service_type)", "`care_homes` is none of the values"),
        ("sheet providers, row 3, column C (contract_start)", "`45000` is a number, not a day"),
        ("sheet providers, row 3, column D (cqc_domains.safe)", "`goood` is none of the values"),
        ("sheet providers, row 3, column E (name)", "the cell holds the error `#REF!`"),
        ("sheet providers, row 2, column A (provider_id)", "another provider has the id `a`"),
        ("sheet providers, row 4, column A (provider_id)", "another provider has the id `a`"),
        (
            "sheet providers, row 5, column A (provider_id)",
            "Excel has made a date of what was typed: `2026-01-02 00:00:00`",
        ),
        (
            "sheet activities, row 2, column C (completed)",
            "an activity before the contract start: `2024-12-31`",
        ),
        (
            "sheet activities, row 3, column D (period)",
            "Excel has made a date of what was typed: `2026-01-01 00:00:00`",
        ),
        ("sheet activities, row 4, column C (completed)", "a formula is not read"),
        (
            "sheet activities, row 5, column C (completed)",
            "`2026-02-30` is a day that does not exist",
        ),
        ("sheet activities, row 6, column A (provider_id)", "no provider `c`"),
        ("sheet ratings, row 2, column B (level)", "`9` is no level of the scale"),
    ]


def test_array_formula(book):
    """A formula over several cells is a formula too."""
    path = book(providers=[["provider_id", "name"], ["a", "x"]])
    made = openpyxl.load_workbook(path)
    made["providers"]["B2"] = ArrayFormula("B2:B2", "=A2:A2")
    made.save(path)
    assert places(read_register(path, ADULTS)) == [
        ("sheet providers, row 2, column B (name)", "a formula is not read")
    ]


@pytest.mark.parametrize(
    ("pages", "place", "message"),
    [
        ({"homes": [["provider_id"]]}, None, "there is no sheet `providers`"),
        ({"provider": [["provider_id"]]}, "sheet provider", "unknown sheet `provider`"),
        ({"providers": [["name"], ["A"]]}, "sheet providers, row 1", None),
        ({"providers": [["x"]] * 12 + [["provider_id"]]}, "sheet providers, row 1", None),
        ({"providers": []}, "sheet providers, row 1", None),
        (
            {"providers": [["about"], ["provider_id", "service_typ"]]},
            "sheet providers, row 2, column B (service_typ)",
            "unknown column `service_typ`",
        ),
    ],
)
def test_refused_layouts(book, pages, place, message):
    """A workbook whose sheets or columns are not known is refused as a whole."""
    (fault,) = refused(book(**pages))
    assert fault.place == place
    assert message in (None, fault.message)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "the workbook is protected by a password",
        ),
        (b"PK\x03\x04 and no more", "the workbook cannot be read: it is no workbook"),
        (b"provider_id,name\n", "the workbook cannot be read: it is no workbook"),
    ],
)
def test_refused_files(tmp_path, raw, message):
    """What is protected, broken or no workbook at all is told as such."""
    path = tmp_path / "register.xlsx"
    path.write_bytes(raw)
    (fault,) = refused(path)
    assert fault.message.startswith(message)


def test_broken_inside(book):
    """A workbook that breaks off inside is one fault, never a traceback."""
    path = book(providers=[["provider_id"], ["a"]])
    whole = zipfile.ZipFile(path)
    parts = {name: whole.read(name) for name in whole.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-60]
    with zipfile.ZipFile(path, "w") as broken:
        for name, content in parts.items():
            broken.writestr(name, content)
    (fault,) = refused(path)
    assert fault.message.startswith("the workbook cannot be read")


@pytest.mark.parametrize("limit", ["_LARGEST", "_LARGEST_UNPACKED"])
def test_too_large(book, monkeypatch, limit):
    """A workbook beyond all measure, packed or unpacked, is refused unread."""
    path = book(providers=[["provider_id"], ["a"]])
    monkeypatch.setattr(f"qaf_rules.workbook.{limit}", 100)
    assert "bytes" in refused(path)[0].message


def test_without_openpyxl(tmp_path, monkeypatch):
    """Without the extra it is said what to install."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"install `qaf_rules\[excel\]`"):
        template(ADULTS, tmp_path / "new.xlsx")


# The template.


@pytest.mark.parametrize("pack", [ADULTS, CHILDREN], ids=lambda pack: pack.id)
def test_template_reads_back(pack, tmp_path):
    """A new template reads without a fault, its example in every sheet of a provider's history."""
    path = tmp_path / "new.xlsx"
    template(pack, path)
    register = read_register(path, pack)
    assert str(register.faults) == "no faults"
    record = register[EXAMPLE]
    assert record.provider.fields
    assert len(record.activities) == len(record.ratings) == len(record.decisions) == 1
    assert len(record.findings) == 2


def test_template_explains(tmp_path):
    """Columns are named and of a sensible width, sheets explained, and the names stay in view."""
    path = tmp_path / "new.xlsx"
    template(ADULTS, path)
    made = openpyxl.load_workbook(path)
    assert set(sheets(ADULTS)) <= set(made.sheetnames)
    assert made["lists"].sheet_state == "hidden"
    for name, sheet in sheets(ADULTS).items():
        page = made[name]
        names = [each.value for each in page[3]]
        shown = [column.name for column in sheet.columns.values() if column.shown]
        assert names == shown
        assert page["A1"].value == sheet.about
        assert page.freeze_panes == "B4"
        for each in page[3]:
            assert 12 <= page.column_dimensions[each.column_letter].width <= 30
    assert {column.name for column in sheets(ADULTS)["providers"].columns.values()} >= {
        "service_type",
        "cqc_domains.safe",
    }


def test_template_offers_the_packs_words(tmp_path):
    """Drop-downs offer the pack's values, and days and numbers are checked as they are typed."""
    path = tmp_path / "new.xlsx"
    template(ADULTS, path)
    made = openpyxl.load_workbook(path)
    rules = {}
    for rule in made["findings"].data_validations.dataValidation:
        column = str(rule.sqref).split(":")[0].rstrip("0123456789")
        rules[made["findings"][f"{column}3"].value] = rule
    assert rules["on"].type == "date"
    assert rules["reported_to_qa"].formula1 == '"yes,no"'
    start, end = rules["kind"].formula1.removeprefix("=lists!").replace("$", "").split(":")
    offered = [row[0].value for row in made["lists"][start:end]]
    assert offered == [kind for kind in ADULTS.kinds if kind != "judgement"]
    assert "audit" in rules["evidence"].prompt
    assert all(len(rule.prompt) <= 255 for rule in rules.values() if rule.prompt)


def test_any_vocabulary(tmp_path):
    """A pack may declare attributes of any type, one name of several types, and no settings."""
    odd = {
        "grades": {"map": ["safe"], "of": ["good"]},
        "words": {"set": []},
        "day": "date",
        "note": "text",
        "score": "number",
    }
    vocabulary = ADULTS.vocabulary.model_copy(
        update={
            "kinds": {
                "odd": KindSpec(attributes=odd),
                "even": KindSpec(attributes={"note": "count"}),
            },
            "facts": {},
            "settings": {},
        }
    )
    pack = dataclasses.replace(
        ADULTS, vocabulary=vocabulary, imports={}, identity=ADULTS.identity.model_copy()
    )
    path = tmp_path / "new.xlsx"
    template(pack, path)
    register = read_register(path, pack)
    assert str(register.faults) == "no faults"
    assert register[EXAMPLE].findings[0].attributes == {
        "grades": {"safe": "good"},
        "words": frozenset({"word"}),
        "day": dt.date(2026, 1, 15),
        "note": "word",
        "score": 1,
    }
    assert "terms" not in sheets(pack)
    assert sheets(pack)["findings"].columns["note"].type == Simple("any")


def test_example_of_the_packs_own_words(tmp_path):
    """A pack that gives no example gets one of the first words that it declares."""
    pack = dataclasses.replace(ADULTS, imports={})
    path = tmp_path / "new.xlsx"
    template(pack, path)
    register = read_register(path, pack)
    assert str(register.faults) == "no faults"
    found, said = register[EXAMPLE].findings
    assert (found.kind, said.fact) == (next(iter(pack.kinds)), next(iter(pack.facts)))


def test_example_gives_way(tmp_path):
    """The worked example, with its rows on every sheet, is passed over once there is a provider."""
    path = tmp_path / "new.xlsx"
    template(ADULTS, path)
    made = openpyxl.load_workbook(path)
    made["providers"].append(["larch", "Larch House"])
    made.save(path)
    register = read_register(path, ADULTS)
    assert list(register.records) == ["larch"]
    assert register.faults == ()


def test_text_stays_text(tmp_path):
    """Ids, periods and what looks like a formula are written as text, so that Excel keeps them."""
    record = ProviderRecord(
        provider=Provider(id="0012", name="=A1", fields={}),
        activities=(Activity(activity="qm5", completed=dt.date(2026, 2, 1), period="2026-01"),),
    )
    path = tmp_path / "register.xlsx"
    write_register(Register({"0012": record}), path, ADULTS)
    made = openpyxl.load_workbook(path)
    row = [made["providers"].cell(4, 1), made["providers"].cell(4, 2)]
    assert [(each.value, each.data_type, each.number_format) for each in row] == [
        ("0012", "s", "@"),
        ("=A1", "s", "@"),
    ]


# Cells.


@pytest.mark.parametrize(
    ("kind", "raw", "plain"),
    [
        (Simple("boolean"), "YES", True),
        (Simple("boolean"), "false", False),
        (Simple("boolean"), True, True),
        (Simple("count"), "12", 12),
        (Simple("count"), 12.0, 12),
        (Simple("count"), "010", "010"),
        (Simple("count"), 1.5, 1.5),
        (Simple("number"), "1.5", 1.5),
        (Simple("number"), ".5", 0.5),
        (Simple("number"), "1,5", "1,5"),
        (Simple("date"), "31/12/2026", "2026-12-31"),
        (Simple("date"), dt.date(2026, 1, 2), dt.date(2026, 1, 2)),
        (Simple("time"), dt.time(9, 5), "09:05"),
        (Simple("time"), "09:05", "09:05"),
        (Simple("text"), 12.0, "12"),
        (Simple("text"), 1.5, "1.5"),
        (Simple("text"), True, "true"),
        (Simple("any"), "TRUE", True),
        (Simple("any"), True, True),
        (Simple("any"), "no", False),
        (Simple("any"), "12", 12),
        (Simple("any"), 2.0, 2),
        (Simple("any"), FIRST_OF_APRIL, "2024-04-01"),
        (Simple("any"), dt.date(2026, 1, 2), "2026-01-02"),
        (Simple("any"), "[1, a]", [1, "a"]),
        (Simple("any"), "[1, a", "[1, a"),
        (OneOf(("care_home",)), "Care-Home ", "care_home"),
        (OneOf(("care_home",)), "Home", "Home"),
        (SetOf(("a", "b c")), " a;b c; ", ["a", "b c"]),
        (SetOf(("a",)), "-", []),
        (SetOf(()), "x; y", ["x", "y"]),
        (Simple("text"), "  ", None),
        (Simple("text"), None, None),
    ],
)
def test_cells(kind, raw, plain):
    """A cell means what an officer would take it to mean, and what does not fit is left to tell."""
    assert cell(kind, raw) == plain


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Simple("boolean"), 1),
        (Simple("boolean"), "maybe"),
        (Simple("text"), "=A1"),
        (Simple("text"), object()),
        (Simple("text"), dt.date(2026, 1, 1)),
        (Simple("text"), dt.time(12, 30)),
        (Simple("date"), 45000),
        (Simple("date"), "12/31/2026"),
        (Simple("any"), "#N/A"),
    ],
)
def test_cells_that_are_faults(kind, raw):
    """A formula, an error of Excel, and what Excel made something else of are never values."""
    with pytest.raises(Fault):
        cell(kind, raw)


def test_written():
    """What is written says no more than the value; none is a value too."""
    assert written(SetOf(()), frozenset()) == "-"
    assert written(SetOf(()), ("b", "a")) == "b; a"
    assert written(Simple("any"), "TRUE") == '"TRUE"'
    assert written(Simple("any"), {"a": dt.date(2026, 1, 2)}) == '{"a": "2026-01-02"}'
    assert written(Simple("boolean"), value=False) == "no"


def test_letters():
    """Columns are lettered as in Excel."""
    assert [letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_requests_have_their_columns_where_the_pack_knows_of_any():
    """Who asks and for what is offered to be filled in, with a word on each, and only there."""
    boats = load_pack(Path(__file__).parent / "golden" / "good" / "minimal")
    for pack, offered in ((ADULTS, True), (CHILDREN, True), (boats, False)):
        columns = sheets(pack)["activities"].columns
        assert {columns[name].shown for name in ("audience", "what")} == {offered}
        assert columns["what"].about


def test_a_request_and_what_was_decided_on_it_are_the_same_in_a_workbook(tmp_path):
    """What is entered in Excel or in CSV is replied to as what is written in YAML."""
    text = """
framework: children
providers:
  - provider: {provider_id: own, service_type: special_school, locality: in_borough}
    activities:
      - {activity: allocate_pqr, completed: 2026-10-01, outcome: '2'}
      - {activity: information_request, requested: 2026-11-10, audience: neighbouring_council, what: [pqr, qmc1_form]}
      - {activity: information_request, requested: 2026-11-12, audience: ofsted, what: [quality_intelligence]}
      - {activity: tell_provider_of_request, completed: 2026-11-13, requested: 2026-11-10}
    decisions:
      - {decision: answer, to: D-C-10, value: yes, by: cqmo, on: 2026-11-14, audience: neighbouring_council, what: pqr}
"""
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    framework = load("children")
    plain = read_register(tmp_path / "own.yaml", framework)
    made = replies(framework, plain["own"], on=dt.date(2026, 11, 22))
    assert [reply.given is not None for reply in made] == [True, False, False]
    for name in ("own.xlsx", "folder"):
        write_register(plain, tmp_path / name, framework)
        again = read_register(tmp_path / name, framework)
        assert again.faults == ()
        assert replies(framework, again["own"], on=dt.date(2026, 11, 22)) == made
