"""Canonical JSON: one value, one sequence of bytes, so that a digest speaks for the value.

UTF-8 without a mark; the keys of every object in the order of their code points; no white space
but one line break at the end; text as it was given, escaped only where JSON needs it; numbers as
Python writes them, which is the shortest text that reads back as the same number.

Bytes that are not the canonical form of what they hold are refused, never put right.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from qaf_rules.errors import Diagnostic, InputError, quoted

__all__ = ["digest_of", "read", "write"]

_MARKS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    codecs.BOM_UTF8: "UTF-8 with a mark",
}
_OUTSIDE_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(\s)')
_AGAIN: Final = "get the file again from where it is kept; a record is not edited or converted"


def write(value: Mapping[str, object]) -> bytes:
    """Give the canonical form of plain data.

    InputError where it holds what JSON or UTF-8 has no word for: a number that is none, half of a
    character.
    """
    try:
        text = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
        return f"{text}\n".encode()
    except ValueError as error:  # that of an encoding among them
        told = Diagnostic(f"this cannot be written as JSON: {error}", help="correct the value")
        raise InputError([told]) from None


def digest_of(value: Mapping[str, object]) -> str:
    """Give the SHA-256 digest of the canonical form of plain data, as 64 hexadecimal digits."""
    return hashlib.sha256(write(value)).hexdigest()


def read(data: bytes, file: str | None = None) -> dict[str, Any]:
    """Read an object from its canonical form.

    `file` is its name for messages. InputError says in which way the bytes are not canonical.
    """
    text = _decoded(data, file)
    value, odd = _parsed(text, file)
    if odd is not None:
        raise _refused(odd, file)
    if not isinstance(value, dict):
        raise _refused("the file holds no JSON object", file)
    try:
        canonical = write(value)
    except InputError:
        raise _refused("the file holds what canonical JSON cannot", file) from None
    if canonical != data:
        raise _refused(_how_other(text, data, canonical), file)
    return value


def _refused(message: str, file: str | None) -> InputError:
    return InputError([Diagnostic(message, file, help=_AGAIN, code="not-canonical")])


def _decoded(data: bytes, file: str | None) -> str:
    if not data.strip():
        raise _refused("the file was cut off: it is empty", file)
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            raise _refused(f"the file was encoded again, as {name}", file)
    if b"\0" in data:
        raise _refused("the file was encoded again, as UTF-16 or UTF-32", file)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _refused("the file was cut off, in the middle of a character", file) from None
        message = f"the file is not UTF-8: byte {error.start + 1} was altered or encoded again"
        raise _refused(message, file) from None
    if "\r" in text:
        raise _refused("the line endings of the file were changed", file)
    return text


def _parsed(text: str, file: str | None) -> tuple[object, str | None]:
    """Give what the text holds, and what is odd about the keys of its objects."""
    odd: list[str] = []

    def entries(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            odd.append(f"the key {quoted(twice)} is there twice")
        elif keys != sorted(keys):
            odd.append(f"the keys were put in another order, near {quoted(keys[0])}")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=entries)
    except json.JSONDecodeError as error:
        whole = text.rstrip()
        if error.pos >= len(whole) or not whole.endswith("}"):
            raise _refused("the file was cut off before its end", file) from None
        message = f"the file is not JSON: character {error.pos + 1}: {error.msg.lower()}"
        raise _refused(message, file) from None
    except (RecursionError, ValueError):
        raise _refused("the file is nested too deeply, or a number is too long", file) from None
    return value, odd[0] if odd else None


def _how_other(text: str, data: bytes, canonical: bytes) -> str:
    """Say in which way bytes differ from the canonical form of what they hold."""
    if data + b"\n" == canonical:
        return "the file was cut off: its last line break is missing"
    if any(found.group(1) for found in _OUTSIDE_TEXT.finditer(text.removesuffix("\n"))):
        return "spaces or line breaks were added to the file"
    pairs = zip(data, canonical, strict=False)
    at = next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), len(canonical))
    return f"byte {at} is not as canonical JSON is written"
