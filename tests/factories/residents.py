"""Residents, registered as the pages register them."""

from datetime import date, datetime
from itertools import count
from typing import Any

from stdnum.cn import ric

from tests.factories.county import NOW, County
from xinglin.platform.actors import Actor
from xinglin.residents.actions import register_resident
from xinglin.residents.models import Resident

_sequence = count(1)


def an_id_number(born_on: date, sex: str = "1", *, sequence: int | None = None, division: str = "370403") -> str:
    """A resident identity number that is formally right; nobody's, or anybody's by chance.

    Who names a `sequence` takes one below 100: those above are given in turn.
    """
    running = 100 + next(_sequence) % 400 if sequence is None else sequence
    body = f"{division}{born_on:%Y%m%d}{2 * running + (sex == '1'):03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def a_resident(
    county: County,
    *,
    name: str = "王小麦",
    sex: str = "1",
    born_on: date = date(1963, 4, 15),
    by: Actor | None = None,
    at: datetime = NOW,
    **fields: Any,
) -> Resident:
    """A resident of Alma's village, on the rosters of her clinic and of the township hospital above it.

    Give `managed_by_id` (and `by`) for another clinic. What looks like a duplicate is acknowledged.
    """
    fields.setdefault("managed_by_id", county.clinic.pk)
    if fields.get("id_kind", "RESIDENT_ID") == "RESIDENT_ID":
        fields.setdefault("id_number", an_id_number(born_on, sex))
    return register_resident(
        name=name, sex=sex, born_on=born_on, by=by or county.alma, at=at, acknowledged_matches=_Everyone(), **fields
    )


class _Everyone(frozenset):  # type: ignore[type-arg]
    """Every registration is acknowledged to be somebody else."""

    def __contains__(self, item: object) -> bool:
        return True
