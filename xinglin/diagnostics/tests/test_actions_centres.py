"""Opening a shared centre."""

import pytest

from tests.factories.county import County, later
from xinglin.diagnostics import actions
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted


def test_open_centre_promises_what_the_definition_says(county: County):
    centre = actions.open_centre(
        code="E1",
        name="心电诊断中心",
        facility_id=county.hospital.pk,
        minutes={"routine": 45},
        by=county.mei,
        at=later(0),
    )

    assert (centre.minutes_routine, centre.minutes_urgent, centre.minutes_critical) == (45, 10, 10)


def test_open_centre_by_a_reading_doctor_is_refused(county: County):
    with pytest.raises(NotPermitted):
        actions.open_centre(code="E1", name="中心", facility_id=county.hospital.pk, by=county.bo, at=later(0))


def test_open_centre_with_a_code_that_is_taken_is_a_conflict(county: County):
    said = {"code": "E1", "name": "心电诊断中心", "facility_id": county.hospital.pk, "by": county.mei, "at": later(0)}
    actions.open_centre(**said)

    with pytest.raises(Conflict):
        actions.open_centre(**said)


def test_open_centre_of_an_unknown_kind_is_refused(county: County):
    with pytest.raises(InvalidInput):
        actions.open_centre(
            code="E1", name="中心", facility_id=county.hospital.pk, kind="PET", by=county.mei, at=later(0)
        )
