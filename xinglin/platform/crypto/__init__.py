"""Encryption of personal fields, keyed indexes over them, and signatures, behind one provider interface."""

from xinglin.platform.crypto.fields import EncryptedBinaryField, EncryptedTextField
from xinglin.platform.crypto.provider import CryptoProvider, blind_index, provider

__all__ = ["CryptoProvider", "EncryptedBinaryField", "EncryptedTextField", "blind_index", "provider"]
