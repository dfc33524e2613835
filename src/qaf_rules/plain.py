"""A provider with its history as plain data, as a register in YAML has it and a record keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qaf_rules.cells import as_plain
from qaf_rules.model import Activity, Decision, Finding, ProviderRecord, Rating

__all__ = ["plain_entry", "plain_map", "plain_record"]


def plain_record(record: ProviderRecord) -> dict[str, object]:
    """Give a provider with its history as plain data, without the provider's id."""
    return {
        "provider": _named(record) | plain_map(record.provider.fields),
        **dict(_parts(record)),
    }


def _named(record: ProviderRecord) -> dict[str, object]:
    return {} if record.provider.name is None else {"name": record.provider.name}


def _parts(record: ProviderRecord) -> Iterator[tuple[str, list[object]]]:
    for part in ("activities", "findings", "ratings", "decisions"):
        if entries := getattr(record, part):
            yield part, [plain_entry(entry) for entry in entries]


def plain_entry(entry: Activity | Finding | Rating | Decision) -> dict[str, object]:
    """Give an entry as it is written by hand: without what only says that nothing was given."""
    said: dict[str, object] = {}
    for name, known in type(entry).model_fields.items():
        value = getattr(entry, name)
        if name in ("attributes", "carries"):
            said |= plain_map(value)
        elif value != known.default:
            said[name] = as_plain(value)
    return said


def plain_map(values: Mapping[str, object]) -> dict[str, object]:
    """Give the plain data of each value by its name."""
    return {name: as_plain(value) for name, value in values.items()}
