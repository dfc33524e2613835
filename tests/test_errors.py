"""What a fault says, and how faults are told together."""

import pickle

import pytest

from qaf_rules.errors import (
    Diagnostic,
    InputError,
    PackError,
    QafError,
    described,
    did_you_mean,
    listed,
    quoted,
)


def test_a_fault_in_a_text_file_shows_its_line_a_caret_and_help() -> None:
    """A fault says file, line and column, then shows the line, a caret and the help."""
    fault = Diagnostic(
        "unknown key `evry`",
        file="a.yaml",
        line=3,
        column=3,
        help="did you mean `every`?",
        source="  evry: 12 months",
        code="unknown-key",
    )
    assert str(fault) == (
        "a.yaml:3:3: error: unknown key `evry`\n"
        "    evry: 12 months\n"
        "    ^\n"
        "  help: did you mean `every`?"
    )


def test_a_fault_in_a_workbook_says_its_sheet_row_and_column() -> None:
    """Where there are no lines, the place is told in words."""
    fault = Diagnostic("not a date", "b.xlsx", place="sheet providers, row 4, column C")
    assert str(fault) == "b.xlsx: sheet providers, row 4, column C: error: not a date"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Diagnostic("no"), "error: no"),
        (Diagnostic("no", "f"), "f: error: no"),
        (Diagnostic("no", place="on"), "on: error: no"),
        (Diagnostic("no", "f", 2), "f:2: error: no"),
        (Diagnostic("no", line=2), "line 2: error: no"),
        (Diagnostic("no", line=2, column=5), "line 2, column 5: error: no"),
        (Diagnostic("no", "f", 2, source="a: b"), "f:2: error: no\n  a: b"),
        (Diagnostic("no", "f", 2, 1, source="  "), "f:2:1: error: no"),
        (Diagnostic("late", "f", severity="notice"), "f: notice: late"),
        (Diagnostic("no", "a\x1b[2Jb"), "a\N{REPLACEMENT CHARACTER}[2Jb: error: no"),
    ],
)
def test_a_fault_says_as_much_of_its_place_as_is_known(fault: Diagnostic, text: str) -> None:
    """File, line, column, place and source may each be missing."""
    assert str(fault) == text


@pytest.mark.parametrize(
    ("source", "column", "caret"),
    [
        ("\ta: 1", 2, "  \t^"),
        ("a\tb\tc", 5, "   \t \t^"),
        ("日本: x", 5, "        ^"),
        ("e\u0301: x", 4, "    ^"),
        ("abc", 4, "     ^"),
        ("abc", 40, "     ^"),
        ("abc\r\n", 1, "  ^"),
    ],
)
def test_the_caret_stands_below_its_character(source: str, column: int, caret: str) -> None:
    """Tabs, wide and combining characters before the caret take the room they take above it."""
    assert str(Diagnostic("no", "f", 1, column, source=source)).splitlines()[2] == caret


@pytest.mark.parametrize("column", [1, 60, 61, 62, 200, 399, 400, 401])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    """Of a long line about a hundred characters are shown, with the caret below the right one."""
    source = "".join(chr(0x100 + i) for i in range(400))
    _, shown, caret = str(Diagnostic("no", "f", 1, column, source=source)).splitlines()
    assert len(shown) <= 104
    assert ("…" in shown[:3]) == (column > 61)
    assert (shown + " ")[caret.index("^")] == (source + " ")[column - 1]


def test_what_would_command_a_terminal_is_not_printed() -> None:
    """Control characters of a faulty file are shown as replacement characters."""
    assert "\x1b" not in str(Diagnostic("no", "f", 1, 1, source="\x1b[31m"))


def test_an_error_tells_every_fault_and_counts_them() -> None:
    """The text of an error is all of its faults, then their number."""
    error = PackError([Diagnostic("one", "f"), Diagnostic("two", "f")])
    assert str(error) == "f: error: one\nf: error: two\n2 faults"
    assert str(InputError([Diagnostic("one")])) == "error: one\n1 fault"
    assert isinstance(error, QafError)


def test_notices_are_counted_apart() -> None:
    """A notice is not a fault."""
    late = Diagnostic("late", severity="notice")
    assert str(QafError([late])).endswith("\n0 faults, 1 notice")
    assert str(QafError([late, Diagnostic("no"), late])).endswith("\n1 fault, 2 notices")


def test_an_error_can_be_sent_to_another_process() -> None:
    """An error survives pickling with its faults."""
    error = InputError(Diagnostic(word, "f", 1, 1) for word in ("one", "two"))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - it was pickled here
    assert type(copy) is InputError
    assert copy.diagnostics == error.diagnostics


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("carehome", "`care_home`"),
        ("Care Home", "`care_home`"),
        ("care-home", "`care_home`"),
        ("domicilary", "`domiciliary`"),
    ],
)
def test_a_slip_of_the_pen_is_recognised(word: str, meant: str) -> None:
    """Slips, other spacing and other case still find the word meant."""
    assert did_you_mean(word, ["care_home", "domiciliary"]) == f"did you mean {meant}?"


@pytest.mark.parametrize("word", ["xyz", "", "care_home" * 1000])
def test_nothing_is_suggested_where_nothing_is_near(word: str) -> None:
    """A word that resembles none gets no suggestion."""
    assert did_you_mean(word, ["care_home"]) is None
    assert did_you_mean(word, []) is None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "nothing"),
        (["a"], "`a`"),
        (["a", "b"], "`a` or `b`"),
        (["a", "b", "c"], "`a`, `b` or `c`"),
        (["a", "b", "c", "d", "e"], "`a`, `b`, `c` or 2 more"),
        ([1, None], "`1` or `null`"),
    ],
)
def test_words_are_listed_as_in_a_sentence(words: list[object], text: str) -> None:
    """Words are set apart by commas, the last by "or", and beyond the limit only counted."""
    assert listed(words, limit=3) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "`a`"),
        (None, "`null`"),
        (True, "`true`"),
        (12, "`12`"),
        ("a\nb\tc", "`a\N{REPLACEMENT CHARACTER}b c`"),
        ("`", "`` ` ``"),
        ("x" * 61, "`" + "x" * 59 + "…`"),
    ],
)
def test_a_value_is_quoted_on_one_line(value: object, text: str) -> None:
    """Any value is shown in backticks, as YAML words it, short and printable."""
    assert quoted(value) == text


def test_a_value_is_described_by_its_kind_or_its_text() -> None:
    """Collections are named by their kind, scalars shown."""
    assert [described(each) for each in ({}, [], 1)] == ["a mapping", "a list", "`1`"]
