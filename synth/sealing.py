"""What turns plain values into what tables hold: encryption, blind indexes, pinyin; the code of registration."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from xinglin.platform.crypto import provider
from xinglin.residents import identity, names


class Sealer(Protocol):
    """Everything that depends on the deployment's keys, and the spelling of names."""

    def seal(self, field: str, value: str) -> bytes:
        """Encrypt a value for a column, named ``table.column``."""

    def identity(
        self, *, id_kind: str, id_number: str | None, name: str, male: bool, born_on: str, guardian: str
    ) -> bytes:
        """The index that makes a second registration of one person impossible."""

    def phone_index(self, phone: str) -> bytes:
        """The index by which a telephone number is found."""

    def pinyin(self, name: str) -> tuple[str, str]:
        """Full pinyin and initials of a name."""


@dataclass(frozen=True)
class PlainSealer:
    """No keys: values stay readable. For comparing two runs, which random nonces would make different."""

    def seal(self, field: str, value: str) -> bytes:
        return f"{field}:{value}".encode()

    def identity(
        self, *, id_kind: str, id_number: str | None, name: str, male: bool, born_on: str, guardian: str
    ) -> bytes:
        return f"{id_kind}:{id_number or (name, male, born_on, guardian)}".encode()

    def phone_index(self, phone: str) -> bytes:
        return phone.encode()

    def pinyin(self, name: str) -> tuple[str, str]:
        return spell(name)


@lru_cache(maxsize=1 << 18)
def spell(name: str) -> tuple[str, str]:
    """Pinyin and initials by the rule of registration."""
    return names.pinyin(name), names.initials(name)


class DeploymentSealer:
    """Seals with the keys of this deployment; keeps what does not change from value to value."""

    def __init__(self) -> None:
        self._provider = provider()

    def seal(self, field: str, value: str) -> bytes:
        return self._provider.encrypt(value.encode(), context=field.encode())

    def identity(
        self, *, id_kind: str, id_number: str | None, name: str, male: bool, born_on: str, guardian: str
    ) -> bytes:
        if id_number:
            return identity.identity_index(id_kind, id_number)
        return identity.identity_without_document(
            name=name, sex="1" if male else "2", born_on=date.fromisoformat(born_on), anchor=guardian
        )

    def phone_index(self, phone: str) -> bytes:
        return identity.phone_index(phone)

    def pinyin(self, name: str) -> tuple[str, str]:
        return spell(name)
