"""Columns that are encrypted at rest."""

from typing import Any

from django.db import models

from xinglin.platform.crypto.provider import provider


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text outside, SM4-GCM bytes in the table. Bound to its column: a value copied to another does not decrypt.

    It cannot be searched; exact look-up goes through a second column filled with `blind_index`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> bytes:
        """What a value is bound to: table and column."""
        return f"{self.model._meta.db_table}.{self.column}".encode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        if isinstance(value, str):
            value = provider().encrypt(value.encode(), context=self.context) if value else None
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        return provider().decrypt(bytes(value), context=self.context).decode()

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return ""


class EncryptedBinaryField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes outside, SM4-GCM bytes in the table; for what came from elsewhere and is kept as it came."""

    @property
    def context(self) -> bytes:
        """What a value is bound to: table and column."""
        return f"{self.model._meta.db_table}.{self.column}".encode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        if value is not None:
            value = provider().encrypt(bytes(value), context=self.context)
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else provider().decrypt(bytes(value), context=self.context)

    def value_to_string(self, obj: models.Model) -> str:
        return ""
