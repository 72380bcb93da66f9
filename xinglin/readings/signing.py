"""Signatures of devices: a keyed digest over method, address, time and body. The key itself never travels.

The device holds the key; the platform keeps its SHA-256 digest, and that digest is the key of the HMAC on both sides.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

PREFIX = "xd_"
ALGORITHMS: dict[str, type[hashes.HashAlgorithm]] = {"sm3": hashes.SM3, "sha256": hashes.SHA256}


def new_key() -> str:
    """A key for a device."""
    return PREFIX + secrets.token_urlsafe(32)


def signing_key(key: str) -> bytes:
    """What is kept of a key, and what signs with it."""
    return hashlib.sha256(key.encode()).digest()


def text(method: str, path: str, milliseconds: int, body: bytes) -> bytes:
    """What is signed."""
    return f"{method}\n{path}\n{milliseconds}\n".encode() + body


def sign(key: bytes, message: bytes, algorithm: str = "sha256") -> str:
    """The signature as it stands in the header, ``sha256=<hex>`` or ``sm3=<hex>``."""
    return f"{algorithm}={_mac(key, message, algorithm).finalize().hex()}"


def holds(key: bytes, message: bytes, signature: str) -> bool:
    """Whether a header's signature is of this message; one that cannot be read is not."""
    algorithm, _equals, digest = signature.partition("=")
    if algorithm not in ALGORITHMS:
        return False
    try:
        _mac(key, message, algorithm).verify(bytes.fromhex(digest))
    except (ValueError, InvalidSignature):
        return False
    return True


def _mac(key: bytes, message: bytes, algorithm: str) -> hmac.HMAC:
    mac = hmac.HMAC(key, ALGORITHMS[algorithm]())
    mac.update(message)
    return mac
