"""A merger of clinics hands residents over."""

from typing import Any

import pytest

from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.network.actions import merge_facility_into
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.models import OutboxEvent
from xinglin.residents import jobs
from xinglin.residents.api import residents_visible_to


def test_residents_of_a_merged_clinic_pass_to_its_successor(county: Any) -> None:
    resident = a_resident(county)
    merge_facility_into(
        facility=county.clinic, successor=county.sibling, on=NOW.date(), reason="撤并", by=system_actor("test"), at=NOW
    )
    event = OutboxEvent.objects.get(event="facility.merged")

    for _time in range(2):
        jobs.hand_over_residents(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    resident.refresh_from_db()
    assert resident.managed_by_id == county.sibling.pk
    assert resident in residents_visible_to(county.sib)


def test_a_facility_that_was_not_merged_hands_over_nobody(county: Any) -> None:
    with pytest.raises(NotVisible):
        jobs.hand_over_residents(event_uuid="", object_uuid=str(county.clinic.uuid))
