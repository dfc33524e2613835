"""Ed25519 signatures of bytes, as plain data that JSON holds.

Keys are PEM, as `openssl genpkey -algorithm ed25519` writes them. The library that computes is
optional, and is imported where it is used.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from qaf_rules.errors import Diagnostic, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

__all__ = ["is_signature_of", "key_of", "signature_of"]

ALGORITHM: Final = "ed25519"
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_VALUE: Final = re.compile(r"[0-9a-f]{128}")


def signature_of(data: bytes, private_key: bytes) -> dict[str, str]:
    """Sign bytes: give the algorithm, the public key and the signature, both in hexadecimal.

    `private_key` is PEM without a password. InputError where it is no such key.
    """
    key = _private(private_key)
    public = key.public_key().public_bytes_raw()
    return {"algorithm": ALGORITHM, "key": public.hex(), "value": key.sign(data).hex()}


def key_of(public_key: bytes) -> str:
    """Give a public key as signatures name it; `public_key` is PEM. InputError where it is none."""
    return _public(public_key).public_bytes_raw().hex()


def is_signature_of(signature: object, data: bytes) -> bool:
    """Say whether a signature is one of these bytes by the key that it names.

    Capitals or spaces in its hexadecimal make it none: a record has one way to be written.
    """
    _needed()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(signature, Mapping) or {*signature} != {"algorithm", "key", "value"}:
        return False
    algorithm, key, value = (str(signature[name]) for name in ("algorithm", "key", "value"))
    if algorithm != ALGORITHM or not (_KEY.fullmatch(key) and _VALUE.fullmatch(value)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(value), data)
    except InvalidSignature:
        return False
    return True


def _private(pem: bytes) -> Ed25519PrivateKey:
    _needed()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any = None
    try:
        with contextlib.suppress(ValueError):  # told below, as is a key of another kind
            key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise _refused("the private key has a password", "give a copy without one") from None
    if not isinstance(key, Ed25519PrivateKey):
        help_ = "make one with `openssl genpkey -algorithm ed25519 -out key.pem`"
        raise _refused("this is no private key of Ed25519 in PEM", help_)
    return key


def _public(pem: bytes) -> Ed25519PublicKey:
    _needed()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key: Any = None
    with contextlib.suppress(ValueError):  # told below, as is a key of another kind
        key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        help_ = "give the public half: `openssl pkey -in key.pem -pubout`"
        raise _refused("this is no public key of Ed25519 in PEM", help_)
    return key


def _needed() -> None:
    if find_spec("cryptography") is None:
        help_ = "pip install 'qaf-rules[sign]'"
        raise _refused("signatures need the `sign` extra", help_)


def _refused(message: str, help_: str) -> InputError:
    return InputError([Diagnostic(message, help=help_, code="signature")])
