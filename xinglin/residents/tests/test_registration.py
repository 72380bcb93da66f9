"""Registering a resident: what is accepted, refused, and noticed."""

from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.residents.models import RosterEntry
from xinglin.residents.queries import residents_visible_to


def test_a_registered_resident_stands_on_the_rosters_of_the_clinic_and_its_township(county: County) -> None:
    resident = a_resident(county)

    entries = RosterEntry.objects.filter(resident=resident)
    assert {entry.facility_id for entry in entries} == {county.clinic.pk, county.township.pk}
    assert {entry.basis for entry in entries} == {"MANAGED"}
    assert residents_visible_to(county.alma).get() == resident
    assert residents_visible_to(county.tang).get() == resident
    assert not residents_visible_to(county.sib).exists()
