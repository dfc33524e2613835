"""YAML text to plain data, the place of everything in it, and every fault of it at once."""

import os
from enum import IntEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qaf_rules import _yaml
from qaf_rules._yaml import Document, dump, parse, read
from qaf_rules.errors import Diagnostic, InputError


@pytest.fixture(params=["c", "python"])
def _both_parsers(request, monkeypatch):
    if request.param == "python":
        monkeypatch.setattr(_yaml, "_Parser", _yaml._PureParser)  # noqa: SLF001 - to swap it


# One parser serves all the examples of a test.
one_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
both_parsers = pytest.mark.usefixtures("_both_parsers")


def data(text: str) -> object:
    """Parse text that is right."""
    return parse(text, file="f").data


def faults(text: str, **options: int) -> tuple[Diagnostic, ...]:
    """Parse text that is not."""
    with pytest.raises(InputError) as caught:
        parse(text, file="f.yaml", **options)
    return caught.value.diagnostics


def places(text: str) -> list[tuple[str, int | None, int | None]]:
    """Parse faulty text and give what is wrong where."""
    return [(fault.code, fault.line, fault.column) for fault in faults(text)]


def refusal(path: Path, **options: int) -> Diagnostic:
    """Read a file that has one fault."""
    with pytest.raises(InputError) as caught:
        read(path, **options)
    (fault,) = caught.value.diagnostics
    assert fault.file == str(path)
    return fault


@both_parsers
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-7", -7),
        ("12", 12),
        ("1.50", 1.5),
        ("-0.25", -0.25),
    ],
)
def test_three_words_and_decimal_numbers_are_not_text(text: str, value: object) -> None:
    """`null`, `true`, `false`, decimal integers and decimal floats are what they say."""
    (found,) = data(f"- {text}")
    assert found == value
    assert type(found) is type(value)


@both_parsers
@pytest.mark.parametrize(
    "text",
    [
        *("on", "off", "yes", "no", "y", "n", "Yes", "NO", "True", "FALSE", "Null", "~"),
        *("12:30", "1:20:30", "2026-01-01", "2026-02-30", "2026-01-01T10:00:00Z"),
        *("010", "00", "1_000", "0x1F", "0b1", "0o7", "+1", "-x", "1,000", "£5", "²", "\u0661"),
        *("1.", ".5", "1e3", "1.0e3", "-.5", ".nan", ".inf", "1.0.0"),
    ],
)
def test_every_other_plain_scalar_is_text(text: str) -> None:
    """What YAML readers make of other words, times, dates and octals is not made of them here."""
    assert data(f"key: {text}") == {"key": text}


@both_parsers
@pytest.mark.parametrize("text", ["'1'", '"1"', "|-\n  1", ">-\n  1"])
def test_what_is_quoted_is_text(text: str) -> None:
    """Quoted and block scalars are text whatever they say."""
    assert data(f"key: {text}") == {"key": "1"}


@both_parsers
@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", "null\n"])
def test_an_empty_file_is_null(text: str) -> None:
    """A file without a value, and a key without one, hold null."""
    assert data(text) is None
    assert data("a:\nb: ''\n") == {"a": None, "b": ""}


def test_a_number_too_large_to_hold_is_a_fault() -> None:
    """Integers of thousands of digits and floats beyond the largest are faults, not infinity."""
    found = faults(f"a: {'9' * 5000}\nb: {'9' * 400}.0\n")
    assert [(each.code, each.line) for each in found] == [
        ("number-too-large", 1),
        ("number-too-large", 2),
    ]
    assert "9999…" in found[0].message


def test_keys_are_text_or_integers() -> None:
    """Keys that YAML elsewhere turns into truth values or times stay text; integers are kept."""
    assert data("on: 1\n12:30: 2\n3: 3\n'4': 4\n") == {"on": 1, "12:30": 2, 3: 3, "4": 4}


@both_parsers
def test_a_key_of_another_kind_is_a_fault() -> None:
    """Null, truth values, floats, lists and mappings are no keys; each is told."""
    text = "null: 1\ntrue: 1\n1.5: 1\n?\n: 1\n? [a]\n: 1\n? {a: b}\n: 1\n"
    found = faults(text)
    assert {each.code for each in found} == {"bad-key"}
    assert [(each.line, each.column) for each in found] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 2),
        (6, 3),
        (8, 3),
    ]
    assert "`true`" in found[1].message
    assert "a list" in found[4].message
    assert found[1].help == "put quotes around it if it is text"
    assert found[4].help is None


@both_parsers
def test_a_key_given_twice_is_a_fault_that_tells_both_places() -> None:
    """A duplicate key is reported at the second place and names the first, in every mapping."""
    first, second = faults("a: 1\nb: {x: 1, x: 2}\na: 3\n")
    assert str(first) == (
        "f.yaml:2:11: error: the key `x` is given twice\n"
        "  b: {x: 1, x: 2}\n"
        "            ^\n"
        "  help: the first is at line 2, column 5; keep one of them"
    )
    assert (second.line, second.help) == (3, "the first is at line 1, column 1; keep one of them")


@both_parsers
def test_aliases_repeat_what_their_anchors_name() -> None:
    """An alias stands for the value of its anchor, as a value, an item or a key."""
    assert data("a: &x {k: &y v}\nb: [*x, *y]\n*y : 1\n") == {
        "a": {"k": "v"},
        "b": [{"k": "v"}, "v"],
        "v": 1,
    }


@both_parsers
def test_merge_keys_follow_yaml() -> None:
    """Own keys win wherever they stand, then the mapping merged first; the rest is filled in."""
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall: {c: 0, <<: [*one, *two], d: 4}\n"
    assert data(text)["all"] == {"a": 1, "b": 1, "c": 0, "d": 4}
    assert data("a: &a {x: 1}\nb: {<<: *a}\nc: {<<: {y: 2}}")["b"] == {"x": 1}
    assert data('{"<<": 1}') == {"<<": 1}


def test_what_cannot_be_merged_is_a_fault() -> None:
    """Only mappings merge, and a mapping has one merge key."""
    found = faults("a: &a {x: 1}\nb: {<<: 1}\nc: {<<: [*a, text]}\nd: {<<: *a, <<: *a}\n")
    assert [(each.code, each.line, each.column) for each in found] == [
        ("bad-merge", 2, 9),
        ("bad-merge", 3, 9),
        ("duplicate-key", 4, 13),
    ]


def test_an_alias_without_its_anchor_is_a_fault() -> None:
    """An unknown alias is told once, with the anchor that was probably meant."""
    near, far = faults("a: &service 1\nb: {<<: *servce}\nc: *other\n")
    assert (near.code, near.line, near.column) == ("unknown-alias", 2, 9)
    assert near.help == "did you mean `service`?"
    assert "`&other`" in str(far.help)


def test_an_anchor_given_twice_is_a_fault() -> None:
    """An anchor names one value."""
    (fault,) = faults("a: &x 1\nb: &x [1]\n")
    assert (fault.code, fault.line, fault.column) == ("duplicate-anchor", 2, 4)
    assert "line 1, column 4" in str(fault.help)


@both_parsers
@pytest.mark.parametrize("text", ["&x [*x]", "&x {a: *x}", "a: &x {<<: *x}", "&x {a: [{b: *x}]}"])
def test_an_anchor_that_contains_itself_is_a_fault(text: str) -> None:
    """A value cannot be inside itself."""
    (fault,) = faults(text)
    assert fault.code == "recursive-alias"


def laughs(levels: int) -> str:
    """Give a text whose last value is ten times itself, over and over."""
    first = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
    rest = (f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, levels))
    return first + "".join(rest)


@both_parsers
def test_aliases_that_explode_are_a_fault() -> None:
    """What aliases would copy is counted, not copied, and refused beyond the limit."""
    (fault,) = faults(laughs(30))
    assert (fault.code, fault.line) == ("alias-expansion", 6)


def test_merge_keys_that_explode_are_a_fault() -> None:
    """Merged mappings are counted as aliases are."""
    text = "a0: &a0 {x: [1, 2, 3, 4]}\n" + "".join(
        f"a{i}: &a{i} {{<<: *a{i - 1}, k{i}: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 60)
    )
    (fault,) = faults(text)
    assert fault.code == "alias-expansion"


def test_the_limit_counts_only_what_aliases_add() -> None:
    """A long file without aliases is no explosion, and the limit is an argument."""
    assert len(parse("- a\n" * 1000, file="f", copies=10).data) == 1000
    text = "a: &a [1, 2, 3]\nb: [*a, *a]"
    assert parse(text, file="f", copies=6).data["b"] == [[1, 2, 3]] * 2
    assert [each.code for each in faults(text, copies=5)] == ["alias-expansion"]


@both_parsers
def test_tags_are_faults() -> None:
    """No tag is obeyed, so no code runs and no type is forced; every one is told."""
    text = "a: !!python/object:os.system x\nb: !foo [1]\nc: !!str 1\nd: ! {x: 1}\ne: !<tag:x> 1\n"
    found = faults(text)
    assert [(each.code, each.line) for each in found] == [("tag", i) for i in range(1, 6)]
    assert "`!!python/object:os.system`" in found[0].message


@both_parsers
def test_a_second_document_is_a_fault() -> None:
    """A file holds one document."""
    assert places("a: 1\n---\nb: 2\n") == [("several-documents", 2, 1)]
    assert data("---\na: 1\n...\n") == {"a": 1}


@both_parsers
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_a_fault(opening: str) -> None:
    """However deep the nesting, it is a fault and never exhausts the stack."""
    assert [each.code for each in faults(opening * 10_000)] == ["too-deep"]


def test_a_hundred_levels_are_allowed() -> None:
    """Nesting is refused only beyond a hundred levels."""
    assert data("[" * 100 + "]" * 100)
    assert [each.code for each in faults("[" * 101 + "]" * 101)] == ["too-deep"]


@both_parsers
@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a:\n\tb: 1", 2, 1, "a tab is used for indentation"),
        ("a: 1\n\tb: 2", 2, 1, "a tab is used for indentation"),
        ("a: |\n\tx", 2, 1, "a tab is used for indentation"),
        ("a: @x", 1, 4, "text cannot start with `@`"),
        ("a: `x", 1, 4, "text cannot start with `` ` ``"),
        ("a: b: c", 1, 5, "`:` is not allowed here"),
        ("a: 1\n  b: 2", 2, 4, "`:` is not allowed here"),
        ("a: 1\nb\nc: 2", 2, 1, "the line that starts with `b` is no `key: value`, nor"),
        ('a: "b\nc: 1', 1, 4, 'the quotation mark `"` is never closed'),
        ("a: 'b\n---\nc'", 1, 4, "the quotation mark `'` is never closed"),
        ("a:\n  - 1\n b: 2", 3, 2, "this line does not fit what stands above it"),
        ("- a\nb: 1", 2, 1, "this line does not fit what stands above it"),
        ("a: 1\n- b", 2, 1, "this line does not fit what stands above it"),
        ('a: "b" c', 1, 8, "the value ended before this"),
        ("a: [1, 2\nb: 1", 1, 4, "the bracket `[` is not closed, or a `,` is missing after it"),
        ("{a: 1", 1, 1, "the bracket `{` is not closed, or a `,` is missing after it"),
        ("a: [,]", 1, 5, "a value is missing before `,`"),
        ("a: [\n\n", 1, 5, "the file ends inside a bracket"),
        ("[1, 2]]", 1, 7, "the data ended before this"),
        ("a: - b", 1, 4, "this is not YAML: "),
        ("a: &", 1, 5, "this is not YAML: "),
        ("%YAML 3.0\n---\na", 1, 1, "this is not YAML: "),
    ],
)
def test_what_the_parser_cannot_follow_is_told_in_plain_words(
    text: str, line: int, column: int, message: str
) -> None:
    """A syntax fault says what to look for, where, and what helps."""
    (fault,) = faults(text)
    assert (fault.code, fault.line, fault.column) == ("syntax", line, column)
    assert fault.message.startswith(message)
    assert fault.help
    assert fault.source == text.splitlines()[line - 1]


def test_a_tab_names_the_other_lines_that_start_with_one() -> None:
    """A file indented by tabs is mended in one go."""
    (fault,) = faults("a:\n\tb: 1\n  c: 2\n  \td: 3\n\te: 4\n")
    assert fault.help == "indent with spaces; other lines that start with a tab: 4, 5"


def test_faults_before_one_of_syntax_are_told_with_it() -> None:
    """What was found before the parser gave up is not lost."""
    assert places("a: 1\na: 2\nb: !x 1\nc: [1\n") == [
        ("duplicate-key", 2, 1),
        ("tag", 3, 4),
        ("syntax", 4, 4),
    ]


@both_parsers
@one_fixture
@given(st.text(alphabet="ab:-?#&*!|>'\"%@`{}[], \n\t\\1<é\u2028\x85\r\x00\ud800", max_size=40))
def test_any_text_is_data_or_faults_with_places(text: str) -> None:
    """No text raises anything but faults, each placed within it; every value can be located."""
    found: tuple[Diagnostic, ...] | None = None
    try:
        assert parse(text, file="f").locate([]) >= (1, 1)
    except InputError as error:
        found = error.diagnostics
    assert found != ()
    for fault in found or ():
        assert fault.line
        assert fault.column
        assert fault.column <= len(str(fault.source)) + 1
        assert str(fault).encode()


@both_parsers
@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\x7f", "\x80", "\ud800", "\ufffe", "\ufeff"]
)
def test_what_is_not_text_is_a_fault(character: str) -> None:
    """Control characters, surrogates and what is not seen are told with their places."""
    assert places(f"é: 1\nb: x{character}\nc: {character}y\n") == [
        ("not-text", 2, 5),
        ("not-text", 3, 4),
    ]


def test_every_character_is_text_for_both_or_for_neither() -> None:
    """The characters that are refused are exactly those the parser refuses."""
    for code in range(0x110000):
        if code % 0x101 and not (code < 0x300 or 0xFF00 < code < 0x10010):
            continue  # a sample of the uniform ranges
        refused = False
        try:
            parse(f"'{chr(code)}'", file="f")
        except InputError as error:
            refused = error.diagnostics[0].code in {"not-text", "not-utf8"}
        assert refused == bool(_yaml._NOT_TEXT.search(chr(code)))  # noqa: SLF001


DOCUMENT = """\
# a comment
base: &base
  x: 1
  y: [p, {q: r}]
other:
  <<: *base
  z:
  x: 2
again: *base
inline: {<<: {k: v}, 7: seven}
"""


@both_parsers
@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ([], (2, 1), (2, 1)),
        (["base"], (2, 7), (2, 1)),
        (["base", "x"], (3, 6), (3, 3)),
        (["base", "y", 0], (4, 7), (4, 7)),
        (["base", "y", 1, "q"], (4, 14), (4, 11)),
        (["other", "x"], (8, 6), (8, 3)),
        (["other", "y"], (4, 6), (4, 3)),
        (["other", "z"], (7, 5), (7, 3)),
        (["again"], (9, 8), (9, 1)),
        (["again", "x"], (3, 6), (3, 3)),
        (["inline", "k"], (10, 18), (10, 15)),
        (["inline", 7], (10, 25), (10, 22)),
        (["other", "missing", "deeper"], (6, 3), (5, 1)),
        (["base", "x", "deeper"], (3, 6), (3, 3)),
        (["base", "y", 9], (4, 6), (4, 3)),
        (["nothing"], (2, 1), (2, 1)),
    ],
)
def test_every_path_has_its_line_and_column(
    path: list[str | int], value: tuple[int, int], key: tuple[int, int]
) -> None:
    """A path leads to the value or its key, through aliases and merges, or to what is nearest."""
    document = parse(DOCUMENT, file="f")
    assert document.locate(path) == value
    assert document.locate(path, key=True) == key


def test_lines_are_counted_as_editors_do_and_a_mark_at_the_start_is_not_a_column() -> None:
    """Windows line ends count once, and a byte order mark is not part of the first line."""
    document = parse("\ufeffa: 1\r\nb:\r\n  c: é\r\n", file="f")
    assert document.locate(["a"], key=True) == (1, 1)
    assert document.locate(["b", "c"]) == (3, 6)
    assert document.diagnostic(["b", "c"], "no").source == "  c: é"


def test_a_document_makes_faults_of_its_values() -> None:
    """A fault made from a path has the file, place, line, column and text of its line."""
    document = Document({"a": {"b": 1}}, "f.yaml", "a:\n  b: 1\n")
    assert document.diagnostic(["a", "b"], "no", help="yes", key=True, code="x") == Diagnostic(
        "no",
        file="f.yaml",
        line=2,
        column=3,
        help="yes",
        source="  b: 1",
        place="a.b",
        code="x",
    )
    assert document.diagnostic([], "no").place is None
    assert parse("", file="f").diagnostic(["a"], "no").line == 1
    assert parse("# nothing", file="f").diagnostic([], "no").line == 1
    assert str(parse("? a", file="f").diagnostic(["a"], "no")).startswith("f:")


def test_a_file_is_read(tmp_path: Path) -> None:
    """A file is read as UTF-8, with or without a byte order mark."""
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: é\r\n".encode())
    document = read(path)
    assert document.data == {"a": "é"}
    assert document.file == str(path)


def test_bytes_that_are_not_utf8_are_told_with_their_places(tmp_path: Path) -> None:
    """Each stray byte is told by its offset in the file, its line and its column."""
    path = tmp_path / "a.yaml"
    path.write_bytes("é: 1\nb: ".encode() + b"\xa35\r\nc: 5\xa3\xa3\n")
    with pytest.raises(InputError) as caught:
        read(path)
    first, second = caught.value.diagnostics
    assert (first.line, first.column, second.line, second.column) == (2, 4, 3, 5)
    assert first.message == "byte 9 of the file, `0xA3`, is not UTF-8"
    assert first.source == "b: \N{REPLACEMENT CHARACTER}5"
    assert first.help == "save the file as UTF-8"


def test_of_a_file_that_is_no_text_only_the_first_places_are_told(tmp_path: Path) -> None:
    """A picture by mistake does not fill the screen."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xff\x00\xfe\n" * 1000)
    with pytest.raises(InputError) as caught:
        read(path)
    assert len(caught.value.diagnostics) == 10


def test_utf16_is_told_by_its_name(tmp_path: Path) -> None:
    """A file saved as UTF-16 gets a message that says so."""
    path = tmp_path / "a.yaml"
    for encoding in ("utf-16-le", "utf-16-be"):
        path.write_bytes("\ufeffa: 1\n".encode(encoding))
        assert refusal(path).message == "the file is UTF-16, not UTF-8"


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is refused from its size, before it is opened."""
    path = tmp_path / "a.yaml"
    with path.open("wb") as handle:
        handle.truncate(100_000_000)
    monkeypatch.setattr(Path, "open", None)
    fault = refusal(path)
    assert fault.message == "the file has 100,000,000 bytes; at most 5,000,000 are read"
    assert fault.code == "too-large"


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    """The limit is the most that is read."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1")
    assert read(path, limit=4).data == {"a": 1}
    assert refusal(path, limit=3).code == "too-large"


def test_what_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    """A missing file is told with one of a like name, a folder and a pipe for what they are."""
    (tmp_path / "rating.yaml").write_text("a: 1")
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "ratings.yaml").help == "did you mean `rating.yaml`?"
    assert refusal(tmp_path / "xyz").help == "check the path"
    assert "cannot be read either" in str(refusal(tmp_path / "no" / "a.yaml").help)
    assert refusal(tmp_path).message == "this is a folder, not a file"
    assert refusal(tmp_path / "pipe").message == "this is a device or a pipe, not a file"


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system refuses is a fault of the file."""
    assert refusal(tmp_path / ("a" * 5000)).code == "unreadable-file"
    assert refusal(Path("a\0b")).code == "unreadable-file"
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    fault = refusal(path)
    assert fault.message == "cannot read the file: permission denied"
    assert fault.help


TEXT = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"[-+]?[0-9_:.e]{1,8}", fullmatch=True),
    st.text(alphabet=" :#-'\"ab?&*!,[]{}\n\t<\\", max_size=8),
    st.sampled_from(["null", "true", "false", "~", "<<", "---", "...", "on", "2026-01-01", "a: b"]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(TEXT, st.integers()), inner, max_size=4),
    ),
    max_leaves=20,
)


def same(one: object, other: object) -> bool:
    """Tell equality in which 1, 1.0 and True differ, as do orders of keys."""
    return repr(one) == repr(other)


@both_parsers
@one_fixture
@given(PLAIN)
@example({"k" * 1100: {"a": [1]}, "m\n" * 600: "x"})
@example([[], {}, [[1, [2]], {"a": [], "b": {}}], 5e-324, 1.7976931348623157e308, -0.0, 2**64])
def test_what_is_written_is_read_back_equal(value: object) -> None:
    """Any plain data survives being written and read, types and order of keys included."""
    assert same(data(dump(value)), value)


def test_text_is_written_plainly_where_it_can_be() -> None:
    """Only text that would be read as something else is quoted; blocks are indented by two."""
    value = {
        "on": "2026-01-01",
        "time": "12:30",
        "says": "the officer's visit, at 5",
        "code": "010",
        "number": "12",
        "word": "null",
        "note": "a: b",
        "list": ["x", {"a": 1, "b": [True, None]}],
        1: [],
        "£": {},
    }
    assert dump(value) == (
        "on: 2026-01-01\n"
        "time: 12:30\n"
        "says: the officer's visit, at 5\n"
        "code: 010\n"
        'number: "12"\n'
        'word: "null"\n'
        'note: "a: b"\n'
        "list:\n"
        "  - x\n"
        "  - a: 1\n"
        "    b:\n"
        "      - true\n"
        "      - null\n"
        "1: []\n"
        '"£": {}\n'
    )


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", 2**20000], ids=["nan", "inf", "half", "huge"]
)
def test_what_yaml_cannot_hold_is_refused(value: object) -> None:
    """Infinity, surrogates, numbers and nesting that could not be read back are not written."""
    with pytest.raises(ValueError, match=r"."):
        dump([value])


def test_nesting_is_written_as_deep_as_it_is_read() -> None:
    """A hundred levels are written, more are not, and a list inside itself is refused."""
    value: list[object] = []
    for _ in range(99):
        value = [value]
    assert data(dump(value)) == value
    with pytest.raises(ValueError, match="more than 100 levels"):
        dump([value])
    value.append(value)
    with pytest.raises(ValueError, match="more than 100 levels"):
        dump(value)


class _Level(IntEnum):
    ONE = 1


@pytest.mark.parametrize("value", [(1,), {1}, object(), {None: 1}, {True: 1}, {1.5: 1}])
def test_only_plain_data_is_written(value: object) -> None:
    """Anything but plain data is an error of the program, not written as something else."""
    with pytest.raises(TypeError):
        dump([value])
    assert dump(_Level.ONE) == "1\n"
