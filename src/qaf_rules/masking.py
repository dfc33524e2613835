"""Masked records: a decision record without what tells whose it is, for sharing.

The provider's id and name, every reference and every reason are replaced by keyed digests, and so
is every other word that is not the pack's. The same word becomes the same digest, so what belongs
together still does, and the assessment is made again from what is masked. A masked record is a
record like any other. Whoever holds the key and the original can check that it is that one's; the
digest of the original is keyed too, since it would confirm a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from qaf_rules.decisions import (
    DecisionRecord,
    Difference,
    anew,
    derived,
    differences,
    framework_of,
    inputs_of,
    known_of,
    rating_of,
    sealed,
    verify,
)
from qaf_rules.errors import Diagnostic, InputError
from qaf_rules.model import OUTCOMES, STAGES
from qaf_rules.shapes import CONSENT, JUDGEMENT, STATUSES
from qaf_rules.values import INTERVAL

if TYPE_CHECKING:
    from qaf_rules.engine import Framework
    from qaf_rules.pack import Pack

__all__ = ["MASK", "mask", "verify_masked"]

MASK: Final = "masked-"
"""What a keyed digest begins with, so that nobody takes it for a name."""

_DIGITS: Final = 20  # 80 bits: two words of one register never become the same
_SHORTEST: Final = 16
"""Bytes of a key; a shorter one could be guessed."""

_ALWAYS: Final[dict[str, set[str]]] = {
    "provider": {"provider_id", "name"},
    "activities": set(),
    "findings": {"ref"},
    "ratings": {"ref", "reason"},
    "decisions": {"reason"},
}
"""What tells whose a record is even where it happens to be a word of the pack."""

_OWN: Final = {*STATUSES, *CONSENT, *STAGES, *OUTCOMES, JUDGEMENT, "all", "confirmed", "overridden"}
_WHEN: Final = re.compile(rf"\d{{4}}-\d\d-\d\d|\d\d:\d\d|{INTERVAL.pattern}", re.ASCII)
"""Days, times and intervals: they tell when, and the assessment needs them."""

_NEVER: Final = {"period"}
"""What tells when by its name; it is checked to be a period where it is read."""


def mask(record: DecisionRecord, key: bytes, framework: Framework | None = None) -> DecisionRecord:
    """Give a record with digests under a key in place of what tells whose it is; without signature.

    `key` is a secret of 16 bytes or more. `framework` is as for `verify`. InputError where the
    record is masked already or no longer agrees, and where the key is too short.
    """
    data = record.data
    if data["masked"] is not None:
        message, help_ = "the record is masked already", "mask the original"
        raise InputError([Diagnostic(message, help=help_)])
    if found := verify(record, framework):
        help_ = "mask it with the framework and the library that it was made with"
        told = [Diagnostic(f"the record no longer agrees: {each}", help=help_) for each in found]
        raise InputError(told)
    return _masked(data, key, framework)


def verify_masked(
    masked: DecisionRecord,
    original: DecisionRecord,
    key: bytes,
    framework: Framework | None = None,
) -> tuple[Difference, ...]:
    """Say, field by field, where a masked record is not the one that masking an original gives.

    Nothing where it is. `key` and `framework` are as for `mask`, and so is what is raised; that
    the masked record agrees with itself is part of it.
    """
    wanted = mask(original, key, framework).data
    told = masked.data
    told.pop("signature", None)
    return tuple(differences(told, wanted, ()))


def _masked(data: Mapping[str, Any], key: bytes, framework: Framework | None) -> DecisionRecord:
    used = framework_of(data, framework)
    masker = _Masker(key, used.pack)
    inputs = {part: masker.part(part, each) for part, each in data["inputs"].items()}
    decision = masker.part("ratings", data["decision"])
    hidden = {**data, "inputs": inputs, "decision": decision}
    whole = derived(
        used,
        inputs_of(hidden, used),
        rating_of(hidden, used),
        known_of(data),
        masker.digest(str(data["digest"])),
    )
    # The order of what is listed follows the words, and these have changed.
    return sealed(anew(sealed(whole).data, used))


class _Masker:
    """The digests of words under a key; the words of the pack stay."""

    def __init__(self, key: bytes, pack: Pack) -> None:
        if len(key) < _SHORTEST:
            message = f"the key has {len(key)} bytes, and could be guessed"
            help_ = f"give {_SHORTEST} bytes or more: `openssl rand -hex 32`"
            raise InputError([Diagnostic(message, help=help_, code="short-key")])
        self.key = key
        self.words = {*_OWN, *_words(pack.data), f"{pack.id} {pack.identity.version}"}

    def digest(self, word: str) -> str:
        """Give the digest of a word."""
        made = hmac.new(self.key, word.encode(), hashlib.sha256)
        return f"{MASK}{made.hexdigest()[:_DIGITS]}"

    def part(self, part: str, value: Any) -> Any:
        """Give a part of a provider's record with digests in place of words."""
        if isinstance(value, list):
            return [self.part(part, each) for each in value]
        always = _ALWAYS[part]
        return {
            name: each if name in _NEVER else self._value(each, always=name in always)
            for name, each in value.items()
        }

    def _value(self, value: Any, *, always: bool = False) -> Any:
        match value:
            case str():
                return value if not always and self._tells_nothing(value) else self.digest(value)
            case list():
                return [self._value(each, always=always) for each in value]
            case dict():
                return {name: self._value(each) for name, each in value.items()}
        return value

    def _tells_nothing(self, word: str) -> bool:
        return word in self.words or _WHEN.fullmatch(word) is not None


def _words(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, each in value.items():
                yield str(key)
                yield from _words(each)
        case list():
            for each in value:
                yield from _words(each)
