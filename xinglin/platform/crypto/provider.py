"""The provider interface and its software implementation.

A certified cryptographic module takes the place of `SoftwareProvider` by naming its class in
``XINGLIN_CRYPTO_PROVIDER``; the algorithm's name stands beside everything stored, so that old values keep working.
SM4-GCM: GB/T 32907 with the GCM mode; keyed SM3: HMAC over GB/T 32905; signatures: Ed25519 (RFC 8032).
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.utils.module_loading import import_string

NONCE_BYTES, TAG_BYTES = 12, 16


class CryptoProvider(Protocol):
    """What Xinglin asks of a cryptographic module."""

    algorithm: str

    def encrypt(self, plain: bytes, *, context: bytes) -> bytes:
        """Encrypt and authenticate; `context` (table and column) is bound to the value but not stored."""

    def decrypt(self, sealed: bytes, *, context: bytes) -> bytes:
        """The plain bytes. :raises ValueError: the value was changed, moved to another column, or has another key"""

    def keyed_digest(self, data: bytes, *, context: bytes) -> bytes:
        """32 bytes that are equal for equal data and tell nothing without the key."""

    def sign(self, data: bytes) -> bytes:
        """A signature with the key of the audit chain."""

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature` was made by that key over `data`."""


class SoftwareProvider:
    """Keys in files readable by the service only. Good for tests, demos and places without a certified module."""

    algorithm = "sm4-gcm/1"

    def __init__(self, keys: Path) -> None:
        self._data_key = _key_file(keys / "data.key", 16)
        self._index_key = _key_file(keys / "index.key", 32)
        self._signing_key = Ed25519PrivateKey.from_private_bytes(_key_file(keys / "audit-signing.key", 32))

    def encrypt(self, plain: bytes, *, context: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        encryptor = Cipher(algorithms.SM4(self._data_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context)
        body = encryptor.update(plain) + encryptor.finalize()
        return b"\x01" + nonce + encryptor.tag + body

    def decrypt(self, sealed: bytes, *, context: bytes) -> bytes:
        if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[0] != 1:
            raise ValueError("unknown cipher version")
        nonce, tag = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES : 1 + NONCE_BYTES + TAG_BYTES]
        decryptor = Cipher(algorithms.SM4(self._data_key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(context)
        try:
            return decryptor.update(sealed[1 + NONCE_BYTES + TAG_BYTES :]) + decryptor.finalize()
        except InvalidTag as error:
            raise ValueError("the value was changed, moved or encrypted with another key") from error

    def keyed_digest(self, data: bytes, *, context: bytes) -> bytes:
        mac = hmac.HMAC(self._index_key, hashes.SM3())
        mac.update(context + b"\x00" + data)
        return mac.finalize()

    def sign(self, data: bytes) -> bytes:
        return self._signing_key.sign(data)

    def verify(self, data: bytes, signature: bytes) -> bool:
        try:
            self._signing_key.public_key().verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def public_key(self) -> bytes:
        """The raw public key, for a verifier elsewhere."""
        return self._signing_key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _key_file(path: Path, size: int) -> bytes:
    """Read a key, making it on the first start; two processes that start together end with the same key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(size))
        try:
            os.link(draft, path)  # fails if somebody was first: then theirs is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


@lru_cache(maxsize=1)
def provider() -> CryptoProvider:
    """The provider of this deployment."""
    name = os.environ.get("XINGLIN_CRYPTO_PROVIDER")
    if name:
        chosen: CryptoProvider = import_string(name)()
        return chosen
    return SoftwareProvider(settings.KEYS_DIR)


def blind_index(context: str, value: str) -> bytes:
    """A keyed SM3 digest of `value` for exact look-up of an encrypted field; `context` names what kind of value it is."""
    return provider().keyed_digest(value.encode(), context=context.encode())
