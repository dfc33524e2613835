"""Readings: which option of each ambiguity is taken, and the pack's data under that choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qaf_rules.errors import Diagnostic, did_you_mean, listed


def by_id(readings: Mapping[str, str], known: object) -> dict[str, str]:
    """Give chosen readings by the ids of their ambiguities; an alias stands for its id."""
    entries = known if isinstance(known, Mapping) else {}
    aliases = {r.get("alias"): i for i, r in entries.items() if isinstance(r, Mapping)}
    return {name if name in entries else aliases.get(name, name): o for name, o in readings.items()}


def choices_of(raw: object, wanted: Mapping[str, str]) -> tuple[dict[str, str], list[Diagnostic]]:
    """Take the default option of every ambiguity, or the wanted one by alias or number."""
    faults: list[Diagnostic] = []
    choices: dict[str, str] = {}
    known = raw if isinstance(raw, Mapping) else {}
    for name, reading in known.items():
        options = reading.get("options") if isinstance(reading, Mapping) else None
        if isinstance(options, Mapping) and options:
            choices[name] = next(iter(options))
    for name, option in wanted.items():
        if name not in choices:
            help_ = did_you_mean(name, choices) or "see readings.yaml of the pack"
            faults.append(_unknown_reading(f"there is no ambiguity `{name}`", help_))
            continue
        options = list(known[name]["options"])
        numbered = {f"r{n}": o for n, o in enumerate(options, start=1)}
        if option in options or option in numbered:
            choices[name] = numbered.get(option, option)
        else:
            help_ = did_you_mean(str(option), options) or f"its readings are {listed(options)}"
            faults.append(_unknown_reading(f"`{name}` has no reading `{option}`", help_))
    return choices, faults


def _unknown_reading(message: str, help_: str) -> Diagnostic:
    return Diagnostic(message, help=help_, code="unknown-reading")


_GONE = object()


class Chooser:
    """Replaces each `by_reading` mapping by the option that is taken."""

    def __init__(self, choices: Mapping[str, str], known: Any) -> None:  # plain data
        self.choices = choices
        self.known = known if isinstance(known, Mapping) else {}
        self.faults: list[str] = []

    def resolved(self, raw: object) -> Any:  # plain data
        """Give plain data without `by_reading`; rules with one name it under `readings`."""
        value, _ = self._resolve(raw)
        return None if value is _GONE else value

    def _resolve(self, raw: object) -> tuple[object, tuple[str, ...]]:
        if isinstance(raw, dict):
            return self._choice(raw) if "by_reading" in raw else self._mapping(raw)
        if isinstance(raw, list):
            used: list[str] = []
            values: list[object] = []
            for entry in raw:
                value, names = self._resolve(entry)
                used.extend(names)
                if value is not _GONE:
                    values.append(value)
            return values, tuple(used)
        return raw, ()

    def _mapping(self, raw: dict[Any, Any]) -> tuple[object, tuple[str, ...]]:
        used: list[str] = []
        values: dict[Any, Any] = {}
        for key, entry in raw.items():
            value, names = self._resolve(entry)
            used.extend(names)
            if value is not _GONE:
                values[key] = value
        if used and _is_rule(values):
            named = values.get("readings", [])
            named = named if isinstance(named, list) else [named]
            values["readings"] = list(dict.fromkeys([*named, *used]))
            return values, ()
        return values, tuple(used)

    def _choice(self, raw: dict[Any, Any]) -> tuple[object, tuple[str, ...]]:
        name = raw["by_reading"]
        taken = self.choices.get(name)
        if taken is None:
            self.faults.append(f"`by_reading: {name}` names no ambiguity of readings.yaml")
            return _GONE, ()
        position = list(self.known[name]["options"]).index(taken) + 1
        for key in (taken, f"r{position}", "otherwise"):
            if key in raw:
                value, names = self._resolve(raw[key])
                return (_GONE if value is None else value), (name, *names)
        return _GONE, (name,)


def _is_rule(values: Mapping[Any, Any]) -> bool:
    """Whether a mapping can name readings: a part of a rule (`is` or `use`, `when`) cannot."""
    if "clause" in values or "triggers" in values:
        return True
    return "when" in values and not {"is", "use"} & set(values)
