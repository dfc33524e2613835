"""YAML text to plain data plus the line and column of every path.

Only `null`, `true`, `false`, decimal integers and decimal floats are anything but text, so that
what an author writes is what the schema reads: `no`, `on`, `12:30`, `010` and dates stay text.

The parser's events are walked, not its nodes: four times as fast as a loader, and no fault hides
the next. Places are kept only by a second walk, made when the first of them is asked for.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import stat
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import yaml
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from qaf_rules.errors import Diagnostic, InputError, described, did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Document", "dump", "parse", "read"]

_DEEPEST: Final = 100  # levels of nesting: more than packs need, fewer than Python's stack has
_SHOWN: Final = 10  # places told of a fault that may be everywhere, as in a file that is not text
_LONGEST_KEY: Final = 1_000  # characters: YAML ends a key at 1,024 unless `?` announces it
_WORDS: Final[Mapping[str, bool | None]] = {"": None, "null": None, "true": True, "false": False}
_NUMERIC: Final = frozenset("-0123456789")
_number: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?").fullmatch

_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_TEXT = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]+"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]+")
_plain_text: Final = re.compile(
    r"\w(?:[\w ./()%+,;'\"!?=*&@<>|~^$£€-]|:(?=[^\s:])|(?<=[^\s])#)*(?<! )"
).fullmatch
_SAVE_AS: Final = "save the file as UTF-8"


class _PureParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's parser in Python, for where it was built without the one in C."""

    def __init__(self, stream: str) -> None:
        yaml.reader.Reader.__init__(self, stream)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


_Parser: Callable[[str], Any] = _PureParser
if yaml.__with_libyaml__:  # pragma: no branch  # the other is tested in its place
    _Parser = yaml.cyaml.CParser  # type: ignore[attr-defined]  # its stub does not export it

_Event: TypeAlias = Any
"""An event of either parser; their common type leaves open whether it has a place."""

_Place: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Line and column of a key and of its value; in a list both are the item's."""


@dataclass(frozen=True, slots=True)
class Document:
    """What one YAML file holds.

    `data` is plain: dict, list, str, int, float, bool and None, nothing else.
    What an alias names is the same object wherever it is named, so it is not to be changed.
    `file` is the name to show in messages; `text` is what was parsed.
    """

    data: object
    file: str
    text: str
    _index: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def locate(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Give the line and column, counted from 1, of the value at a path.

        `path` holds keys and, for lists, positions from 0; where it leaves the data, the nearest
        value above it is located. `key` asks for the value's key instead, where it has one.
        """
        builder, _ = self._indexed()
        return builder.locate(path, key=key)

    def diagnostic(
        self,
        path: Sequence[str | int],
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - it fills the field of that name
        key: bool = False,
        code: str = "invalid",
    ) -> Diagnostic:
        """Make a fault of the value at a path, with its place and its line.

        `path` and `key` are those of `locate`; `message`, `help` and `code` those of `Diagnostic`.
        """
        builder, lines = self._indexed()
        line, column = builder.locate(path, key=key)
        source, place = _line(lines, line), ".".join(map(str, path)) or None
        return Diagnostic(message, self.file, line, column, help, source, place, code)

    def _indexed(self) -> tuple[_Builder, list[str]]:
        if not self._index:
            builder = _Builder(self.text, [], math.inf)
            builder.places = {}
            builder.document()
            self._index.extend((builder, _lines(self.text)))
        return self._index[0], self._index[1]


def read(path: Path, *, limit: int = 5_000_000) -> Document:
    """Read and parse a YAML file.

    `limit` is the most bytes that are read; a larger file is refused unread.
    Raises `InputError` with every fault.
    """
    file = str(path)
    raw = _bytes(path, file, limit)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(file, "the file is UTF-16, not UTF-8", _SAVE_AS, "not-utf8")
    # A byte that is not UTF-8 becomes a lone surrogate, so that all of them are found at once.
    text = raw.decode("utf-8", errors="surrogateescape")
    if not text.isascii() and (faults := list(_unfit(_SURROGATE, text))):
        raise _placed(faults, file, text)
    return parse(text, file=file)


def parse(text: str, *, file: str, copies: int = 200_000) -> Document:
    """Parse YAML text.

    `file` is the name to show in messages.
    `copies` is the most values that aliases and merge keys may add to those written out.
    Raises `InputError` with every fault, as far as the text can be followed.
    """
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    if "\N{ZERO WIDTH NO-BREAK SPACE}" in text:  # the C parser drops it, and loses count
        raise _placed(_unfit(_NOT_TEXT, text), file, text)
    faults: list[Diagnostic] = []
    data: object = None
    try:
        data = _Builder(text, faults, copies).document()
    except _Stopped:
        pass
    except yaml.MarkedYAMLError as error:
        faults.append(_syntax_fault(error, text))
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        faults.extend(_unfit(_NOT_TEXT, text))
    if faults:
        raise _placed(faults, file, text)
    return Document(data, file, text)


def dump(data: object) -> str:
    """Write plain data as YAML text that `parse` reads back equal.

    `data` is made of dict, list, str, int, float, bool and None; keys are text or integers.
    Raises `TypeError` on anything else and `ValueError` on what YAML cannot hold: numbers that are
    not finite, lone surrogates, more levels of nesting than `parse` accepts.
    """
    return "".join(f"{line}\n" for line in _block(data, 0))


class _Stopped(Exception):  # noqa: N818 - it reports nothing; the fault was noted before
    """The rest of the text is not worth walking."""


class _Anchor(NamedTuple):
    """What an anchor names; `size` is what an alias adds, None while it is still being built."""

    event: _Event
    value: object
    size: int | None


class _Builder:
    """Plain data from the parser's events.

    `faults` receives what is wrong; `copies` is the most values that aliases may add.
    `places`, where it is not None, receives those in each mapping and list by the object's id,
    which stays its own as long as the builder holds the data. Events are not kept: tens of
    thousands of them would keep the garbage collector busy.
    """

    def __init__(self, text: str, faults: list[Diagnostic], copies: float) -> None:
        self._next: Callable[[], Any] = _Parser(text).get_event
        self._faults = faults
        self._copies = copies
        self.places: dict[int, dict[str | int, _Place]] | None = None
        self._anchors: dict[str, _Anchor] = {}
        self._size = 0
        self._root: _Event = self._next()  # the start of the stream
        self._data: Any = None

    def document(self) -> object:
        """Build the one document of the text; an empty text is null."""
        if type(self._next()) is yaml.StreamEndEvent:
            return None
        self._root = self._next()
        self._data = self._value(self._root, 0)
        self._next()  # the end of the document
        event = self._next()
        if type(event) is not yaml.StreamEndEvent:
            help_ = "keep one document in a file, and remove the `---` before the others"
            self._fault(event, "a second document starts here", help_, "several-documents")
        return self._data

    def locate(self, path: Sequence[str | int], *, key: bool) -> tuple[int, int]:
        """Give the place of what `Document.locate` is asked for."""
        value: Any = self._data
        at = _place(self._root, self._root)
        for part in path:
            # The id of a text or a number may once have been that of a mapping since dropped.
            inside = isinstance(value, dict | list) and self.places and self.places[id(value)]
            if not inside or part not in inside:
                break
            at, value = inside[part], value[part]
        return at[0 if key else 1]

    def _value(self, event: _Event, depth: int) -> object:
        if type(event) is ScalarEvent:
            return self._scalar(event)
        if type(event) is yaml.AliasEvent:
            return self._alias(event)
        if event.tag is not None:
            self._tag(event)
        if depth == _DEEPEST:
            message = f"more than {_DEEPEST} levels of nesting"
            self._fault(event, message, "close the brackets, or nest less", "too-deep")
            raise _Stopped
        build = self._mapping if type(event) is MappingStartEvent else self._sequence
        if event.anchor is None:
            return build(depth + 1)
        before = self._size
        self._anchor(event, None, None)
        value = build(depth + 1)
        self._anchors[event.anchor] = _Anchor(event, value, self._size - before)
        return value

    def _scalar(self, event: _Event) -> object:
        text = event.value
        value: object = text
        if event.tag is not None:
            self._tag(event)
        if event.style:
            pass  # quoted or a block, so text whatever it says
        elif text in _WORDS:
            value = _WORDS[text]
        elif text[0] in _NUMERIC and (match := _number(text)):
            value = self._numeral(event, is_float=match[1] is not None)
        if event.anchor is not None:
            self._anchor(event, value, 0)
        return value

    def _numeral(self, event: _Event, *, is_float: bool) -> float:
        text = event.value
        try:
            value = float(text) if is_float else int(text)
        except ValueError:  # Python refuses integers of thousands of digits
            value = math.inf
        if math.isfinite(value):
            return value
        message = f"the number {quoted(text, 20)} is too large"
        self._fault(event, message, "put quotes around it if it is text", "number-too-large")
        return 0

    def _sequence(self, depth: int) -> list[object]:
        get, scalar = self._next, self._scalar
        result: list[object] = []
        events = []
        while type(event := get()) is not SequenceEndEvent:
            events.append(event)
            result.append(
                scalar(event) if type(event) is ScalarEvent else self._value(event, depth)
            )
        self._size += len(result)
        if self.places is not None:
            self.places[id(result)] = {i: _place(each, each) for i, each in enumerate(events)}
        return result

    def _mapping(self, depth: int) -> dict[str | int, object]:
        get, scalar = self._next, self._scalar
        result: dict[str | int, object] = {}
        entries: dict[str | int, tuple[_Event, _Event]] = {}
        merge: tuple[_Event, _Event, object] | None = None
        while type(event := get()) is not MappingEndEvent:
            key: Any = scalar(event) if type(event) is ScalarEvent else self._value(event, depth)
            item = get()
            value = scalar(item) if type(item) is ScalarEvent else self._value(item, depth)
            if key == "<<" and type(event) is ScalarEvent and not event.style:
                if merge is not None:
                    self._twice(event, key, merge[0])
                merge = event, item, value
            elif type(key) is not str and type(key) is not int:
                self._bad_key(event, key)
            elif key in entries:
                self._twice(event, key, entries[key][0])
            else:
                result[key] = value
                entries[key] = event, item
        self._size += 2 * len(result)
        merged = [] if merge is None else self._merged(merge[1], merge[2])
        if merged:
            result = {key: value for each in merged for key, value in each.items()} | result
        if self.places is not None:
            places = self.places[id(result)] = {}
            for each in merged:
                places |= self.places[id(each)]
            places |= {key: _place(*events) for key, events in entries.items()}
        return result

    def _merged(self, event: _Event, value: object) -> list[dict[str | int, object]]:
        """Give the mappings that a merge key names; the first named wins, so it comes last."""
        named = value if isinstance(value, list) else [value]
        for each in named:
            if not isinstance(each, dict):
                message = f"`<<` needs a mapping to merge, not {described(each)}"
                self._fault(event, message, "write `<<: *name`, or `<<: [*one, *two]`", "bad-merge")
        return [each for each in reversed(named) if isinstance(each, dict)]

    def _alias(self, event: _Event) -> object:
        name = event.anchor
        anchor = self._anchors.get(name)
        if anchor is None:
            help_ = did_you_mean(name, self._anchors) or (
                f"define it before this line with `&{name}`, "
                "or put quotes around text that starts with `*`"
            )
            self._fault(event, f"no anchor {quoted(name)} is defined", help_, "unknown-alias")
            return {}  # what can be merged, so that one slip is not told twice
        if anchor.size is None:
            message = f"the alias {quoted('*' + name)} stands inside what it names"
            help_ = f"the anchor is at {_spot(anchor.event.start_mark)}"
            self._fault(event, message, help_, "recursive-alias")
            return {}
        self._size += anchor.size
        self._copies -= anchor.size
        if self._copies < 0:
            message = f"the alias {quoted('*' + name)} copies more than a file may hold"
            self._fault(event, message, "write out what is meant", "alias-expansion")
            raise _Stopped
        return anchor.value

    def _anchor(self, event: _Event, value: object, size: int | None) -> None:
        first = self._anchors.get(event.anchor)
        if first is not None:
            message = f"the anchor {quoted('&' + event.anchor)} is defined twice"
            help_ = f"the first is at {_spot(first.event.start_mark)}; give this one another name"
            self._fault(event, message, help_, "duplicate-anchor")
        self._anchors[event.anchor] = _Anchor(event, value, size)

    def _tag(self, event: _Event) -> None:
        tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!", 1))
        help_ = "remove it, or put quotes around text that starts with `!`"
        self._fault(event, f"the tag {tag} is not allowed", help_, "tag")

    def _bad_key(self, event: _Event, key: object) -> None:
        message = f"a key is text or a whole number, not {described(key)}"
        help_ = None if isinstance(key, dict | list) else "put quotes around it if it is text"
        self._fault(event, message, help_, "bad-key")

    def _twice(self, event: _Event, key: object, first: _Event) -> None:
        help_ = f"the first is at {_spot(first.start_mark)}; keep one of them"
        self._fault(event, f"the key {quoted(key)} is given twice", help_, "duplicate-key")

    def _fault(self, event: _Event, message: str, help_: str | None, code: str) -> None:
        self._faults.append(_fault(event.start_mark, message, help_, code))


def _place(key: _Event, value: _Event) -> _Place:
    start, end = key.start_mark, value.start_mark
    return (start.line + 1, start.column + 1), (end.line + 1, end.column + 1)


def _spot(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"


def _fault(mark: Any, message: str, help_: str | None, code: str) -> Diagnostic:
    return Diagnostic(message, None, mark.line + 1, mark.column + 1, help_, code=code)


def _lines(text: str) -> list[str]:
    """Give the lines, and one more, on which the C parser finds the end of what ends in none."""
    return [*_BREAK.split(text), ""]


def _line(lines: Sequence[str], number: int | None) -> str:
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", lines[(number or 1) - 1])


def _placed(faults: Iterable[Diagnostic], file: str, text: str) -> InputError:
    """Add the file and the text of their lines to faults."""
    lines = _lines(text)
    return InputError(replace(each, file=file, source=_line(lines, each.line)) for each in faults)


def _unfit(pattern: re.Pattern[str], text: str) -> Iterator[Diagnostic]:
    """Report the characters that have no place in the text; a byte that is none is a surrogate."""
    for match in itertools.islice(pattern.finditer(text), _SHOWN):
        before, code = text[: match.start()], ord(match[0][0])
        if 0xDC80 <= code <= 0xDCFF:
            offset = len(before.encode("utf-8", errors="surrogateescape"))
            message = f"byte {offset} of the file, `0x{code - 0xDC00:02X}`, is not UTF-8"
            help_, kind = _SAVE_AS, "not-utf8"
        elif code == 0:
            message, help_, kind = "a NUL byte, so this is not text", _SAVE_AS, "not-text"
        else:
            message, kind = f"the character U+{code:04X} cannot stand in YAML", "not-text"
            help_ = "remove it; it may not be visible"
        lines = _BREAK.split(before)
        yield Diagnostic(message, None, len(lines), len(lines[-1]) + 1, help_, code=kind)


def _refused(file: str, message: str, help_: str, code: str) -> InputError:
    return InputError([Diagnostic(message, file, help=help_, code=code)])


def _bytes(path: Path, file: str, limit: int) -> bytes:
    """Read a file, never more than `limit` bytes of it, and never what is not a file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe"
            help_ = "give the path of a YAML file"
            raise _refused(file, f"this is {what}, not a file", help_, "not-a-file")
        raw, size = b"", status.st_size
        if size <= limit:
            with path.open("rb") as handle:
                raw = handle.read(limit + 1)  # it may have grown
            size = len(raw)
    except FileNotFoundError:
        raise _refused(file, "there is no such file", _near(path), "missing-file") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        help_ = "check the path, and that you may read it"
        raise _refused(file, f"cannot read the file: {reason}", help_, "unreadable-file") from None
    if size > limit:
        message = f"the file has {size:,} bytes; at most {limit:,} are read"
        raise _refused(file, message, "check that it is the right file, or split it", "too-large")
    return raw


def _near(path: Path) -> str:
    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        return f"the folder {quoted(path.parent)} cannot be read either"
    return did_you_mean(path.name, names) or "check the path"


_WORDINGS: Final = (
    # What is searched in the parser's words and the signs added to them; the message; the help.
    # The fault is put where the parser stopped, or, where the message names what was `{begun}`,
    # at its beginning.
    ("tab char|any token.* tab", "a tab is used for indentation", "indent with spaces{tabs}"),
    ("start any token", "text cannot start with {here}", "put quotes around the text"),
    (
        "mapping values are",
        "`:` is not allowed here",
        "put quotes around text that holds `: `; check the indentation and the line before",
    ),
    (
        "expected ':'",
        "the line that starts with {begun} is no `key: value`, nor part of what stands above it",
        "add the `:`, or indent the line if it continues the text above",
    ),
    (
        "quoted scalar.*(of stream|document)",
        "the quotation mark {begun} is never closed",
        "close the quotation, or write `''` for an apostrophe in single quotes",
    ),
    (
        "block (mapping|collection).* first",
        "this line does not fit what stands above it",
        "check the indentation: what is still open starts at {start}, and is all `key:` or all `-`",
    ),
    (
        "block (mapping|collection)",
        "the value ended before this",
        "put quotes around the whole value, or start a new line before this",
    ),
    (
        "flow (sequence|mapping).*expected ','",
        "the bracket {begun} is not closed, or a `,` is missing after it",
        "the fault shows at {end}; put quotes around text that holds brackets or `: `",
    ),
    ("node content.* end", "the file ends inside a bracket", "close every bracket"),
    (
        "node content",
        "a value is missing before {here}",
        "write a value, or put quotes around text that starts with {here}",
    ),
    (
        "document start",
        "the data ended before this",
        "start all keys of the top level in one column, and put quotes around text as a whole",
    ),
    ("", "this is not YAML: {problem}", "put quotes around text, single ones around backslashes"),
)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str) -> Diagnostic:
    """Say in plain words what the parser could not follow, and where to look."""
    lines = _lines(text)
    end = _in_text(error.problem_mark, lines)
    start = _in_text(error.context_mark or error.problem_mark, lines)
    before, here = lines[end.line][: end.column], lines[end.line][end.column :][:1]
    signs = "" if before.strip() else " first"
    signs += {"\t": " tab", "": " end"}.get(here, "")
    told = f"{error.context}: {error.problem};{signs}"
    wording = next(each for each in _WORDINGS if re.search(each[0], told, re.DOTALL))
    values = {
        "here": quoted(here),
        "begun": quoted(lines[start.line][start.column :][:1]),
        "start": _spot(start),
        "end": _spot(end),
        "problem": error.problem,
        "tabs": _other_tabs(lines, end.line),
    }
    message, help_ = (each.format_map(values) for each in wording[1:])
    return _fault(start if "{begun}" in wording[1] else end, message, help_, "syntax")


def _in_text(mark: Any, lines: Sequence[str]) -> Any:
    """Give a mark where there is something to show, not in the void after the last line."""
    last = max((i for i, each in enumerate(lines) if each.strip()), default=0)
    return mark if mark.line <= last else yaml.Mark("", 0, last, len(lines[last]), None, 0)


def _other_tabs(lines: Sequence[str], line: int) -> str:
    tabbed = (i for i, each in enumerate(lines) if each.lstrip(" ").startswith("\t") and i != line)
    others = ", ".join(str(i + 1) for i in itertools.islice(tabbed, _SHOWN))
    return f"; other lines that start with a tab: {others}" if others else ""


def _block(data: object, depth: int) -> Iterator[str]:
    """Write data as lines of block style."""
    if isinstance(data, dict | list) and depth == _DEEPEST:
        raise ValueError(f"more than {_DEEPEST} levels of nesting")
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from _entry(key, value, depth + 1)
    elif isinstance(data, list) and data:
        for value in data:
            yield from _hung("-", value, depth + 1)
    else:
        yield _inline(data)


def _entry(key: object, value: object, depth: int) -> Iterator[str]:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise TypeError(f"a key is text or a whole number, not {quoted(key)}")
    head = _inline(key)
    if len(head) > _LONGEST_KEY:
        yield f"? {head}"
        head = ""
    elif isinstance(value, dict | list) and value:
        yield f"{head}:"
        yield from _hung(" ", value, depth)
        return
    yield from _hung(f"{head}:", value, depth)


def _hung(mark: str, value: object, depth: int) -> Iterator[str]:
    for line in _block(value, depth):
        yield f"{mark} {line}"
        mark = " "


def _inline(data: object) -> str:
    match data:
        case str():
            return _text(data)
        case float():
            if not math.isfinite(data):
                raise ValueError(f"{quoted(data)} is not a finite number")
            text = format(Decimal(repr(data)), "f")
            return text if "." in text else f"{text}.0"
        case None | bool() | int() | dict() | list():
            return json.dumps(data)
        case _:
            raise TypeError(f"{quoted(data)} is not plain data, but a {type(data).__name__}")


def _text(text: str) -> str:
    if _SURROGATE.search(text):
        raise ValueError(f"{quoted(text)} holds a lone surrogate, which is not text")
    if _plain_text(text) and text not in _WORDS and not _number(text):
        return text
    quotation = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in quotation)
