"""Canonical JSON has one form; bytes that are not it are refused, each in its own words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaf_rules import canonical
from qaf_rules.errors import InputError

VALUE = {"b": [1, 2.5, None, True], "a": {"é": "Ash “Lodge”\n", "e\u0301": ""}}
GOOD = canonical.write(VALUE)

texts = st.text(st.characters(codec="utf-8"), max_size=8)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4),
    max_leaves=12,
)


def refusal(data):
    """Give what is said of bytes that are refused."""
    with pytest.raises(InputError) as told:
        canonical.read(data, "a.json")
    (diagnostic,) = told.value.diagnostics
    assert diagnostic.file == "a.json"
    assert diagnostic.help
    return diagnostic.message


def test_the_form():
    """Keys in order, no white space but the last line break, text as it was given."""
    assert ('{"a":{"e\u0301":"","é":"Ash “Lodge”\\n"},"b":[1,2.5,null,true]}\n'.encode()) == GOOD
    assert canonical.read(GOOD) == VALUE


@given(st.dictionaries(texts, plain, max_size=4))
def test_what_is_written_is_read_back(value):
    """Any plain data comes back as it was, and has one form."""
    data = canonical.write(value)
    assert canonical.read(data) == value
    assert canonical.write(canonical.read(data)) == data


@given(st.data())
def test_an_altered_byte_is_refused_or_is_another_value(data):
    """No two sequences of bytes mean the same value."""
    at = data.draw(st.integers(0, len(GOOD) - 1))
    other = bytearray(GOOD)
    other[at] = data.draw(st.integers(0, 255).filter(lambda b: b != GOOD[at]))
    try:
        value = canonical.read(bytes(other))
    except InputError:
        return
    assert canonical.digest_of(value) != canonical.digest_of(VALUE)


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_truncated(end):
    """A file that was cut off anywhere is said to be cut off."""
    assert refusal(GOOD[:end]).startswith("the file was cut off")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"  \n", "the file was cut off: it is empty"),
        (GOOD.decode().encode("utf-16"), "the file was encoded again, as UTF-16"),
        (GOOD.decode().encode("utf-32"), "the file was encoded again, as UTF-32"),
        (GOOD.decode().encode("utf-16-le"), "the file was encoded again, as UTF-16 or UTF-32"),
        (GOOD.decode().encode("utf-8-sig"), "the file was encoded again, as UTF-8 with a mark"),
        (
            '{"a":"é"}\n'.encode("latin-1"),
            "the file is not UTF-8: byte 7 was altered or encoded again",
        ),
        (GOOD.replace(b"\n", b"\r\n"), "the line endings of the file were changed"),
        (b'{"a":1,"a":1}\n', "the key `a` is there twice"),
        (b'{"b":1,"a":1}\n', "the keys were put in another order, near `b`"),
        (
            json.dumps(VALUE, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n",
            "spaces or line breaks were added to the file",
        ),
        (GOOD + b"\n", "spaces or line breaks were added to the file"),
        (b'{"a":"\\u00e9"}\n', "byte 7 is not as canonical JSON is written"),
        (b'{"a":1.50}\n', "byte 9 is not as canonical JSON is written"),
        (b'{"a":1]}\n', "the file is not JSON: character 7: expecting ',' delimiter"),
        (b"[1]\n", "the file holds no JSON object"),
        (b'{"a":NaN}\n', "the file holds what canonical JSON cannot"),
        (b'{"a":"\\ud800"}\n', "the file holds what canonical JSON cannot"),
        (
            b'{"a":' + b"1" * 5000 + b"}\n",
            "the file is nested too deeply, or a number is too long",
        ),
        (
            b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
            "the file is nested too deeply, or a number is too long",
        ),
    ],
)
def test_other_bytes(data, message):
    """What was encoded again, reordered, laid out or edited is refused and told apart."""
    assert refusal(data) == message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_has_no_form(value):
    """What JSON or UTF-8 has no word for is not written."""
    with pytest.raises(InputError, match="this cannot be written as JSON"):
        canonical.write({"a": value})
