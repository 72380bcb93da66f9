"""The small county stands."""

from typing import Any


def test_a_township_doctor_reaches_the_clinics_below(county: Any) -> None:
    assert county.tang.places_where("visit:view") == {county.township.id, county.clinic.id, county.sibling.id}


def test_a_village_doctor_reaches_only_the_own_clinic(county: Any) -> None:
    assert county.alma.places_where("visit:view") == {county.clinic.id}
