"""Rows of residents made and read the short way of the hot paths."""

from datetime import date
from typing import Any

import pytest

from tests.factories.residents import a_resident
from xinglin.platform.instances import new, partial
from xinglin.residents.models import Resident, RosterEntry


def test_values_and_relations_are_taken():
    resident = Resident(pk=7, name="杏林")
    entry = new(RosterEntry, resident=resident, basis="VISIT")
    assert (entry.resident_id, entry.resident, entry.basis) == (7, resident, "VISIT")


@pytest.mark.django_db
def test_a_part_of_a_row_reads_the_rest_when_asked(county: Any):
    whole = a_resident(county)
    part = partial(Resident, ("id", "born_on", "name"), [whole.pk, whole.born_on.isoformat(), whole.name])
    assert isinstance(part.born_on, date)
    assert part.get_deferred_fields() >= {"number", "sex"}
    assert part.number == whole.number
    assert part == whole
