"""What a telephone carries of a resident: compact, the same for all telephones of a facility but for what a role may see."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from xinglin.network import api as network
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents
from xinglin.visits import api as visits


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One resident as carried. `phone` stands apart: some roles are not shown it."""

    resident_id: int
    facility_id: int
    facts: dict[str, Any]
    phone: str
    address: str

    @property
    def digest(self) -> bytes:
        """Of everything, so that an entry changes when, and only when, there is something new to tell."""
        return _digest([self.facts, self.phone])

    @property
    def phone_digest(self) -> bytes:
        """Of the telephone number."""
        return _digest(self.phone)

    @property
    def address_digest(self) -> bytes:
        """Of the address."""
        return _digest(self.address)

    def told_to(self, *, shows_phone: bool, shows_secret: bool) -> dict[str, Any]:
        """What goes to a telephone of somebody who may, or may not, see telephone numbers and know of secret programmes."""
        facts = self.facts if shows_secret else programmes.offline.told(self.facts)
        return facts | {"phone": self.phone if shows_phone else None}


def snapshots_of(resident_ids: Sequence[int]) -> dict[int, Snapshot]:
    """By id, of those who are managed. The number of queries does not grow with the residents."""
    found = programmes.offline.carried(resident_ids)
    whose = residents.persons_of(list(found))
    places = network.division_names(row.division_code for row, _place, _known in found.values())
    medicines: dict[int, list[str]] = {}
    for pk, several in visits.medicines_of(list(whose)).items():
        medicines.setdefault(whose[pk], []).extend(several)
    return {
        pk: Snapshot(pk, place, _facts(row, known, places.get(row.division_code, ""), medicines.get(pk, [])), row.phone or "", row.address)
        for pk, (row, place, known) in found.items()
    }  # fmt: skip


def _facts(row: Any, known: dict[str, Any], village: str, medicines: list[str]) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid), "name": row.name, "initials": row.initials, "pinyin": row.pinyin, "sex": row.sex,
        "born_on": row.born_on.isoformat(), "village": village, "address": row.address, "allergies": row.allergies, "medicines": medicines, **known,
    }  # fmt: skip


def _digest(value: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
