"""What is other in one framework than in another: edits, each of which can be undone by itself.

An edit is the smallest difference of plain data: a value, a list, or a condition as a whole. Beside
those of the pack there are the readings that were chosen and the council's settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from qaf_rules.altered import NAMES
from qaf_rules.engine import Framework
from qaf_rules.frequency import texts
from qaf_rules.pack import in_order, make_pack
from qaf_rules.references import CONDITION_KEYS
from qaf_rules.schema import SECTIONS
from qaf_rules.settings import checked_settings

Path_: TypeAlias = tuple[str | int, ...]

READING, SETTING, ORDER = "reading", "setting", "order"
LONGEST = 90  # characters of a value that is shown in a line


class Nothing:
    """The value of what is not there."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = Nothing()


class Edit(NamedTuple):
    """One value that is other: its path, what it was and is (`NOTHING` where it is not there).

    The path begins with the section, or with `reading` or `setting`; one that ends in `order` is of
    the order of entries. `place` says where it is written, `clauses` what its entry cites.
    """

    path: Path_
    before: object
    after: object
    place: str = ""
    clauses: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The path in one word."""
        return ".".join(map(str, self.path))

    @property
    def kind(self) -> str:
        """Whether something was added, removed, or is other."""
        if self.before is NOTHING:
            return "added"
        return "removed" if self.after is NOTHING else "changed"

    def __str__(self) -> str:
        if self.kind != "changed":
            value = _short(self.after if self.before is NOTHING else self.before)
            return f"{self.id} {self.kind}{f': {value}' if value else ''}"
        before, after = _short(self.before), _short(self.after)
        return f"{self.id}: {before} → {after}" if before and after else f"{self.id} changed"


def _short(value: object) -> str:
    """Give a value that can stand in a line; empty where it is too long."""
    told = _word(value)
    return told if len(told) <= LONGEST else ""


def _word(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case Mapping():
            return f"{{{', '.join(f'{key}: {_word(each)}' for key, each in value.items())}}}"
        case list() | frozenset():
            return f"[{', '.join(map(_word, value))}]"
    return str(value)


def edits(before: Framework, after: Framework) -> tuple[Edit, ...]:
    """Give every edit that makes `after` of `before`, in the order of the pack's files.

    What a pack calls itself is none: no answer rests on its id and version.
    """
    found = [
        edit._replace(
            place=after.pack.place(section, edit.path[1:]), clauses=_cited(edit, before, after)
        )
        for section in SECTIONS
        for edit in _of_data(
            before.pack.data.get(section) or {}, after.pack.data.get(section) or {}, (section,)
        )
        if section != "pack" or edit.path[1] not in NAMES
    ]
    found += _of_choices(before, after)
    found += [
        edit._replace(place=f"setting {edit.path[1]}", clauses=_of_setting(edit, after))
        for edit in _of_data(before.settings, after.settings, (SETTING,))
    ]
    return tuple(found)


def _of_setting(edit: Edit, framework: Framework) -> tuple[str, ...]:
    """Give the clauses that a setting rests on."""
    spec = framework.pack.settings.get(str(edit.path[1]))
    return spec.clause if spec is not None else ()


def _of_data(before: Any, after: Any, path: Path_) -> Iterator[Edit]:  # plain data
    if before is after:
        return
    mappings = isinstance(before, Mapping) and isinstance(after, Mapping)
    if not mappings or path[-1] in CONDITION_KEYS:  # half of a condition means nothing
        if in_order(before) != in_order(after):
            yield Edit(path, before, after)
        return
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key, NOTHING), after.get(key, NOTHING)
        yield from _of_data(old, new, (*path, key))
    common = [key for key in before if key in after]
    now = [key for key in after if key in before]
    if common != now and path[0] != SETTING:
        yield Edit((*path, ORDER), common, now)


def _of_choices(before: Framework, after: Framework) -> Iterator[Edit]:
    """Give the readings that were chosen otherwise, where both packs have the ambiguity."""
    old, new = before.pack, after.pack
    for name in old.choices.keys() & new.choices.keys():
        was, now = old.choices[name], new.choices[name]
        told = (name in old.chosen, name in new.chosen)
        if was != now or told[0] != told[1]:
            clauses = new.readings[name].clause
            yield Edit((READING, name), was, now, f"reading {name}", clauses)


def _cited(edit: Edit, before: Framework, after: Framework) -> tuple[str, ...]:
    """Give the clauses that the innermost entry around an edit cites."""
    for framework in (after, before):
        here: Any = framework.pack.data
        found: tuple[str, ...] = ()
        for key in edit.path:
            if not isinstance(here, Mapping) or key not in here:
                break
            here = here[key]
            if isinstance(here, Mapping) and "clause" in here:
                found = texts(here["clause"])
        if found:
            return found
    return ()


def without(before: Framework, after: Framework, undone: Iterable[Edit]) -> Framework:
    """Give `after` with some of its edits undone; PackError where what is left is no framework."""
    data: dict[str, Any] = dict(after.pack.data)
    choices = {name: after.pack.choices[name] for name in after.pack.chosen}
    settings = dict(after.settings)
    for edit in sorted(undone, key=lambda each: each.path[-1] == ORDER):
        if edit.path[0] == READING:
            name = str(edit.path[1])
            choices.pop(name, None)
            if name in before.pack.chosen:
                choices[name] = before.pack.choices[name]
        elif edit.path[0] == SETTING:
            settings = _put(settings, edit.path[1:], edit.before, before.settings)
        elif edit.path[-1] == ORDER:
            data = _sorted(data, edit.path[:-1], before.pack.data)
        else:
            data = _put(data, edit.path, edit.before, before.pack.data)
    known = {n: option for n, option in choices.items() if n in (data.get("readings") or {})}
    places, folder = after.pack.documents, after.pack.folder
    pack = make_pack(data, places, folder=folder, readings=known, like=after.pack)
    return Framework(pack, checked_settings(pack, settings))


def _put(data: Any, path: Path_, value: object, like: Any) -> Any:  # plain data
    """Give data with a value at a path; a key that comes back stands after the one before it."""
    if not path:
        return value
    key, *rest = path
    here = dict(data) if isinstance(data, Mapping) else {}
    if value is NOTHING and not rest:
        here.pop(key, None)
        return here
    like = like if isinstance(like, Mapping) else {}
    placed = key in here
    here[key] = _put(here.get(key), tuple(rest), value, like.get(key))
    return here if placed else _in_place(here, key, list(like))


def _in_place(data: dict[Any, Any], key: object, order: list[Any]) -> dict[Any, Any]:
    """Move the key that was put last behind the nearest one that went before it."""
    earlier = order[: order.index(key)]
    names = [name for name in data if name != key]
    position = max((names.index(n) + 1 for n in earlier if n in names), default=0)
    names.insert(position, key)
    return {name: data[name] for name in names}


def _sorted(data: Any, path: Path_, like: Any) -> Any:  # plain data
    """Give data in which the mapping at a path has its keys in the order that they had."""
    if path:
        return {**data, path[0]: _sorted(data[path[0]], path[1:], like[path[0]])}
    places = iter([key for key in like if key in data])
    return {k: data[k] for k in [next(places) if key in like else key for key in data]}
