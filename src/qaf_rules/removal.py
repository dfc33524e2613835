"""The rules of a pack, and what the pack is without each of them.

A rule is what cites a clause, and each cell, frequency, criterion, trigger and action besides. It
is taken out where it stands. Where the pack would not load without it, or where others name it:

- a frequency becomes as required; one that is so already becomes not applicable;
- an activity keeps only its name, and no row or supplement brings it;
- the activities of a row's blank become as required;
- a kind of finding says nothing of its findings, and those on record are not read;
- a level of the scale goes with its criteria, an ambiguity is no longer asked about;
- anything else takes what it stands in with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from qaf_rules import frequency
from qaf_rules.pack import Pack, Path_
from qaf_rules.references import CONDITION_KEYS, SECTIONS, TOLD, at

__all__ = ["Change", "Rule", "Without", "rules_of", "texts_of", "without"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack: what it is, where it stands and the clauses that it cites.

    `kind` is a word such as `cell`, `frequency`, `criterion`, `trigger`, `action` or `conduct`.
    `place` is `file:line:col`.
    """

    kind: str
    section: str
    path: Path_
    clauses: tuple[str, ...]
    place: str

    @property
    def name(self) -> str:
        """The section and the path, as in `actions.write_to_provider.triggers.0`."""
        return ".".join(map(str, (self.section, *self.path)))

    def __str__(self) -> str:
        return f"{self.place}: {self.kind} {self.name}"


# --- the rules of a pack -------------------------------------------------------------------------


def rules_of(pack: Pack) -> tuple[Rule, ...]:
    """Give the rules of a pack in the order of its files; those under readings not taken too."""
    found: list[Rule] = []
    for section in SECTIONS:
        for path, raw in _mappings(pack.data.get(section), ()):
            kind = _kind(section, path, raw)
            if kind is None:
                continue
            clauses = _clauses(pack, section, path, raw)
            place = pack.place(section, path)
            found.append(Rule(kind, section, path, clauses, place))
            if kind in ("activity", "cell") and not frequency.FORMS.keys().isdisjoint(raw):
                found.append(Rule("frequency", section, path, clauses, place))
    return tuple(found)


def _mappings(raw: object, path: Path_) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    if isinstance(raw, dict):
        yield path, raw
        for key, value in raw.items():
            if key not in CONDITION_KEYS:
                yield from _mappings(value, (*path, key))
    elif isinstance(raw, list):
        for n, value in enumerate(raw):
            yield from _mappings(value, (*path, n))


def _kind(section: str, path: Path_, raw: Mapping[str, Any]) -> str | None:
    """Say what rule a mapping is; None where it is none."""
    cites = "clause" in raw
    match section, *path:
        case [_]:
            return None
        case ["pack", part, *_]:
            return _part(str(part), path) if cites and part not in TOLD else None
        case ["vocabulary", part, _, *below]:
            # What contradicts itself is refused before there is an answer, so no case can tell.
            if "invalid" in below:
                return None
            return str(below[0] if below else part).removesuffix("s") if cites else None
        case ["activities", _]:
            return "activity"
        case ["activities", _, "conduct", *_]:
            return "conduct" if cites else None
        case ["activities", _, "brings", _]:
            return "brought" if cites else None
        case ["matrix" | "supplements", _]:
            return ("row" if section == "matrix" else "supplement") if cites else None
        case ["matrix" | "supplements", _, "blank", *_]:
            return "blank" if cites else None
        case ["matrix" | "supplements", _, "activities", _, *below] if all(map(_passing, below)):
            return "cell" if "by_reading" not in raw else None
        case ["activities" | "matrix" | "supplements", *_]:
            return (
                "frequency"
                if cites or (_branch(path) and not frequency.FORMS.keys().isdisjoint(raw))
                else None
            )
        case ["rating", _]:
            return "criterion"
        case ["actions", _]:
            return "action"
        case ["actions", _, "triggers", _, *_]:
            return "trigger" if "by_reading" not in raw and ("when" in raw or cites) else None
        case ["pathway", _, "transitions", _]:
            return "transition"
        case ["pathway", _, "states", _]:
            return "state" if cites else None
        case ["pathway", _, "steps_source", _]:
            return "steps_source" if cites else None
        case ["sharing", _, "steps" | "exempt", *_]:
            return "step" if cites else None
        case ["readings", _]:
            return "ambiguity" if "asked_when" in raw else None
        case [_, _]:
            return section.removesuffix("s") if cites else None
    return None


def _part(part: str, path: Path_) -> str:
    names = {
        "audiences": "audience",
        "contacts": "contact",
        "forums": "forum",
        "rating": "method",
        "scale": "level",
    }
    return part if len(path) == 1 and part == "scale" else names.get(part, part)


def _passing(key: object) -> bool:
    """Whether a step of a path only chooses among cells: a place in a list or a reading."""
    return isinstance(key, int) or key not in ("cases", "options", "otherwise", "once_each")


def _branch(path: Path_) -> bool:
    return path[-1] in ("use", "otherwise") or (len(path) > 1 and path[-2] == "options")


def _clauses(pack: Pack, section: str, path: Path_, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the clauses that a rule cites; a trigger without its own rests on its action's."""
    given = raw.get("clause")
    if given is None and section == "actions":
        given = pack.data[section][path[0]].get("clause")
    flat = [c for _, c in texts_of(given)]
    return tuple(dict.fromkeys(c for c in flat if c in pack.clauses))


def texts_of(raw: object, key: object = None) -> Iterator[tuple[object, str]]:
    """Give every text of plain data with the key that it stands under."""
    if isinstance(raw, Mapping):
        for name, value in raw.items():
            yield None, str(name)
            yield from texts_of(value, name)
    elif isinstance(raw, (list, tuple, frozenset)):
        for value in raw:
            yield from texts_of(value, key)
    elif isinstance(raw, str):
        yield key, raw


# --- taking a rule out ---------------------------------------------------------------------------


class Change(NamedTuple):
    """Other plain data for one entry of a section; None takes it out."""

    section: str
    path: Path_
    raw: Any


class Without(NamedTuple):
    """A pack without a rule: the changes, and the kind whose findings are not read."""

    changes: tuple[Change, ...]
    kind: str | None = None


_DEPTH: Final = {"pack": 0, "vocabulary": 2}


def without(pack: Pack, rule: Rule) -> Iterator[Without]:
    """Give what the pack is without a rule, the smallest change first."""
    entry, below = _split(rule)
    whole = at(pack.data[rule.section], entry)
    match rule.kind:
        case "activity":
            bare = {"name": whole.get("name", entry[0]), "not_applicable": True}
            yield Without((Change("activities", entry, bare), *_cells(pack, str(entry[0]))))
        case "frequency" if not frequency.FORMS.keys().isdisjoint(at(whole, below)):
            raw = _put(whole, below, _loosened(at(whole, below)))
            yield Without((Change(rule.section, entry, raw),))
        case "blank":
            yield Without((Change(rule.section, entry, _filled(pack, rule, whole)),))
        case "kind":
            bare = {k: v for k, v in whole.items() if k in ("label", "topic", "attributes")}
            yield Without((Change(rule.section, entry, bare),), str(entry[-1]))
        case "level":
            criteria = [i for i, c in pack.rating.items() if c.level == below[-1]]
            yield Without(
                (
                    Change("pack", (), _removed(whole, below)),
                    *(Change("rating", (i,), None) for i in criteria),
                )
            )
        case "ambiguity":
            raw = {k: v for k, v in whole.items() if k != "asked_when"}
            yield Without((Change(rule.section, entry, raw),))
        case _:
            for end in range(len(below), 0, -1):
                yield Without((Change(rule.section, entry, _removed(whole, below[:end])),))
            if entry:
                yield Without((Change(rule.section, entry, None),))


def _split(rule: Rule) -> tuple[Path_, Path_]:
    depth = _DEPTH.get(rule.section, 1)
    return rule.path[:depth], rule.path[depth:]


def _cells(pack: Pack, activity: str) -> Iterator[Change]:
    """Take an activity out of every row and supplement."""
    for section in ("matrix", "supplements"):
        for id_, row in (pack.data.get(section) or {}).items():
            if activity in row.get("activities", {}):
                yield Change(section, (id_,), _removed(row, ("activities", activity)))


def _loosened(raw: Mapping[str, Any]) -> dict[str, Any]:
    loose = "not_applicable" if "as_required" in raw else "as_required"
    kept = {k: v for k, v in raw.items() if k not in frequency.KEYS}
    return {**kept, loose: True}


def _filled(pack: Pack, rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    blank = getattr(pack, rule.section)[rule.path[0]].blank
    added = {name: {"class": "as_required"} for name in (blank.activities if blank else ())}
    kept = {k: v for k, v in row.items() if k != "blank"}
    return {**kept, "activities": {**row.get("activities", {}), **added}}


def _put(raw: Any, path: Path_, value: object) -> Any:  # plain data
    """Give plain data with another value at a path; what is beside the path is shared."""
    if not path:
        return value
    key = path[0]
    if isinstance(raw, list):
        return [_put(v, path[1:], value) if n == key else v for n, v in enumerate(raw)]
    return {k: _put(v, path[1:], value) if k == key else v for k, v in raw.items()}


def _removed(raw: Any, path: Path_) -> Any:  # plain data
    """Give plain data without the value at a path."""
    *above, last = path
    parent = at(raw, tuple(above))
    if isinstance(parent, list):
        left: object = [v for n, v in enumerate(parent) if n != last]
    else:
        left = {k: v for k, v in parent.items() if k != last}
    return _put(raw, tuple(above), left)
