"""What a council gives once: its settings, checked against the pack."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from qaf_rules import _yaml
from qaf_rules.errors import Diagnostic, InputError, described, did_you_mean
from qaf_rules.values import Fault, parse_value
from qaf_rules.workdays import parse_terms

if TYPE_CHECKING:
    from qaf_rules.pack import Pack

TERMS = "terms"


def as_mapping(raw: Any, document: _yaml.Document | None, *path: str) -> dict[str, Any]:  # plain
    """Give a mapping of names; InputError with its place where it is none."""
    if isinstance(raw, Mapping):
        return dict(raw)
    if raw is None:
        return {}
    raise InputError([_of_setting(document, path, f"{described(raw)} is not a mapping of names")])


def _of_setting(
    document: _yaml.Document | None,
    path: tuple[str | int, ...],
    message: str,
    help_: str | None = None,
) -> Diagnostic:
    if document is not None:
        return document.diagnostic(list(path), message, help=help_)
    return Diagnostic(message, help=help_, place=".".join(map(str, ("settings", *path))))


def checked_settings(
    pack: Pack, raw: Mapping[str, object], document: _yaml.Document | None = None
) -> dict[str, object]:
    """Check a council's settings against the pack; InputError with every fault.

    A setting that is null is unknown. `document` is the file that they were read from.
    """
    found: dict[str, object] = {}
    faults: list[Diagnostic] = []
    for name, value in raw.items():
        spec = pack.settings.get(name)
        if spec is None:
            help_ = did_you_mean(str(name), pack.settings)
            message = f"there is no setting `{name}`"
            faults.append(_of_setting(document, (name,), message, help_))
            continue
        try:
            read = parse_terms if name == TERMS else partial(parse_value, spec.type)
            found[name] = None if value is None else read(value)
        except Fault as fault:
            faults.append(_of_setting(document, (name, *fault.path), fault.message, fault.help))
    if faults:
        raise InputError(faults)
    return found
