"""The front door: names, choices, relations."""

import itertools

import pytest

from tests.factories.county import NOW, County
from tests.factories.network import MAKER, TODAY, a_merged_unit, a_service_point
from xinglin.network import actions, api
from xinglin.network.models import Facility
from xinglin.platform.errors import NotVisible


def names(choices: list[api.FacilityChoice]) -> set[str]:
    return {each.name for each in choices}


def test_names_prefer_the_short_one_and_leave_out_the_unknown(county: County) -> None:
    Facility.objects.filter(pk=county.clinic.pk).update(short_name="东沟")

    found = api.facility_names([county.clinic.pk, county.township.pk, None, 10**9])

    assert found == {county.clinic.pk: "东沟", county.township.pk: "沙沟镇卫生院"}


def test_an_unknown_facility_is_not_found(county: County) -> None:
    for ask in (api.facility_by_id, api.successor_of):
        with pytest.raises(NotVisible):
            ask(10**9)


def test_a_clinic_sends_up_to_its_township_first(county: County) -> None:
    found = api.receiving_facilities(from_facility_id=county.clinic.pk, direction="UP")

    assert found[0].name == "沙沟镇卫生院"
    assert "县人民医院" in names(found)


def test_only_units_able_to_take_back_are_offered_downwards(county: County) -> None:
    found = names(api.receiving_facilities(from_facility_id=county.hospital.pk, direction="DOWN"))

    assert "沙沟镇卫生院" in found
    assert "周营镇卫生院" not in found


def test_units_that_do_not_work_and_service_points_receive_nobody(county: County) -> None:
    gone = a_merged_unit(county)
    point = a_service_point(county)
    actions.suspend_facility(facility=county.sibling, reason="翻修", by=MAKER, at=NOW)

    found = names(api.receiving_facilities(from_facility_id=county.hospital.pk, direction="DOWN"))

    assert found.isdisjoint({gone.name, point.name, county.sibling.name})


@pytest.mark.parametrize("direction", ["UP", "DOWN", "SIDEWAYS", "NOWHERE"])
def test_the_quick_question_has_the_answer_of_the_list(county: County, direction: str) -> None:
    a_merged_unit(county)
    a_service_point(county)
    ids = list(Facility.objects.values_list("pk", flat=True))

    for sender, target in itertools.product(ids, ids):
        listed = {each.id for each in api.receiving_facilities(from_facility_id=sender, direction=direction)}
        assert api.can_receive_from(target, from_facility_id=sender, direction=direction) == (target in listed)


def test_manager_and_lead_hospital_of_a_clinic(county: County) -> None:
    assert api.manager_of(county.clinic.pk) == county.township.pk
    assert api.lead_hospital_of(county.clinic.pk) == county.hospital.pk
    assert api.manager_of(county.hospital.pk) is None


def test_a_department_that_was_closed_is_not_offered(county: County) -> None:
    actions.set_department(
        facility=county.township, code="OLD", name="牙科", opened_on=TODAY, closed_on=TODAY, by=MAKER, at=NOW
    )

    assert [each.code for each in api.departments_of(county.township.pk)] == ["REHA"]


def test_a_grant_by_region_reaches_what_lies_in_it(county: County) -> None:
    inside = api.facility_ids_within(None, False, "370403102")

    assert inside == {county.other_township.pk, county.other_clinic.pk}
    assert api.facility_ids_within(None, False, "") == frozenset()


def test_people_of_a_village_are_told_under_the_unit_above_and_a_township_hospital_under_itself_whoever_manages_it(
    county: County,
) -> None:
    Facility.objects.filter(pk=county.township.pk).update(manager=county.hospital)
    point = a_service_point(county)
    Facility.objects.filter(pk=point.pk).update(manager=county.clinic)  # of a clinic, which is a village's itself

    found = api.units_of([county.clinic.pk, county.township.pk, county.hospital.pk, point.pk])

    assert found == {
        county.clinic.pk: county.township.pk, county.township.pk: county.township.pk,
        county.hospital.pk: county.hospital.pk, point.pk: county.township.pk,
    }  # fmt: skip
    assert {county.clinic.pk, county.township.pk, point.pk} <= api.unit_facilities(county.township.pk)
    assert county.township.pk not in api.unit_facilities(county.hospital.pk)
