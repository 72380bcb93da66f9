"""Shares with their parts, villages in reach, distances."""

from datetime import date

import pytest

from tests.factories.county import NOW, County
from tests.factories.network import MAKER, TODAY, a_unit, an_area
from xinglin.network import actions, coverage, geo
from xinglin.network.data import Rate
from xinglin.network.models import Division


def group(county: County, key: str, area: str = "") -> coverage.Group:
    return next(each for each in coverage.groups(county.mei, on=TODAY, area=area) if each.key == key)


def test_what_nobody_entered_is_no_data_and_not_zero(county: County) -> None:
    found = group(county, "village")

    assert found.n_open == 3
    assert all(rate.value is None for rate in found.rates.values())


def test_rates_name_numerator_denominator_and_the_unknown(county: County) -> None:
    actions.edit_facility(facility=county.clinic, publicly_owned=True, by=MAKER, at=NOW)
    actions.edit_facility(facility=county.sibling, publicly_owned=False, by=MAKER, at=NOW)
    for day, clinic in ((date(2020, 1, 1), county.clinic), (TODAY, county.sibling)):
        actions.edit_facility(facility=clinic, insured_since=day, by=MAKER, at=NOW)

    rates = group(county, "village").rates

    assert (rates["owned"], rates["insured"]) == (Rate(1, 3, 1), Rate(2, 3, 0))
    assert rates["telemedicine"].value is None


def test_tcm_and_tibetan_medicine_are_counted_by_unit_and_not_by_service(county: County) -> None:
    for code in ("TUINA", "CUPPING"):
        actions.set_service(facility=county.clinic, code=code, name=code, is_tcm=True, by=MAKER, at=NOW)
    actions.set_service(facility=county.sibling, code="ZB", name="藏医外治", is_tibetan=True, by=MAKER, at=NOW)
    actions.set_service(
        facility=county.other_clinic, code="OLD", name="针刺", is_tcm=True, valid_until=TODAY, by=MAKER, at=NOW
    )

    rates = group(county, "village").rates

    assert (rates["tcm"], rates["tibetan"]) == (Rate(1, 3, 0), Rate(1, 3, 0))


def test_units_that_do_not_work_are_not_counted(county: County) -> None:
    actions.suspend_facility(facility=county.clinic, reason="翻修", by=MAKER, at=NOW)

    assert group(county, "village").n_open == 2


def test_equipment_in_use_is_counted_once_a_unit(county: County) -> None:
    for code, state in (("DR1", "IN_USE"), ("DR2", "REPAIR"), ("CT1", "RETIRED")):
        kind = code[:2]
        actions.set_equipment(facility=county.township, code=code, kind=kind, name=kind, state=state, by=MAKER, at=NOW)

    rates = group(county, "township").rates

    assert (rates["DR"], rates["CT"]) == (Rate(1, 2, 1), Rate(0, 2, 1))


def test_figures_can_be_cut_by_area(county: County) -> None:
    an_area(county, "A1", county.clinic)

    assert group(county, "village", "A1").n_open == 1


def test_titles_are_shares_of_the_units_of_the_same_tier(county: County) -> None:
    actions.grant_title(
        facility=county.township, code="QUALITY_SERVICE", name="优质服务基层行", level="recommended",
        granted_on=date(2024, 1, 1), by=MAKER, at=NOW,
    )  # fmt: skip

    (row,) = coverage.titles(county.mei, on=TODAY)

    assert row["rate"] == Rate(1, 2)


def a_village(code: str, lat: float | None, lng: float | None, county: County) -> Division:
    return Division.objects.create(
        code=code, name=code, level="VILLAGE", parent=county.township_division, latitude=lat, longitude=lng
    )


def test_villages_beyond_the_radius_are_listed_and_those_without_coordinates_apart(county: County) -> None:
    a_unit(county, latitude=34.80, longitude=117.26)
    near = 34.80 + 2.4 / geo.KM_PER_DEGREE
    far = 34.80 + 2.6 / geo.KM_PER_DEGREE
    a_village("370403101301", near, 117.26, county)
    a_village("370403101302", far, 117.26, county)

    found = coverage.reach(county.mei, radius_km=2.5)

    assert found.n_covered == 1
    assert [each.code for each in found.uncovered(9)] == ["370403101302"]
    assert found.n_unknown == 3
    assert found.rate == Rate(1, 2)
    assert coverage.reach(county.mei, radius_km=3.0).uncovered_ids == []


def test_a_closed_clinic_covers_nobody(county: County) -> None:
    unit = a_unit(county, latitude=35.5, longitude=117.9)
    a_village("370403101301", 35.5, 117.9, county)
    assert coverage.reach(county.mei).n_covered == 1

    actions.close_facility(facility=unit, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    assert coverage.reach(county.mei).n_covered == 0


@pytest.mark.parametrize("radius", [0.7, 2.5, 9.0])
def test_the_grid_finds_what_comparing_all_pairs_finds(radius: float) -> None:
    import random

    draw = random.Random(7)
    places = [(34.5 + draw.random(), 117 + draw.random()) for _ in range(120)]
    centres = [(34.5 + draw.random(), 117 + draw.random()) for _ in range(150)]

    found = geo.nearest_km(places, centres, within_km=radius)

    for place, km in zip(places, found, strict=True):
        best = min(geo.distance_km(place, centre) for centre in centres)
        assert km == (pytest.approx(best) if best <= radius else None)


def test_a_degree_of_latitude_is_111_kilometres_and_a_ring_has_its_radius() -> None:
    assert geo.distance_km((34.0, 117.0), (35.0, 117.0)) == pytest.approx(111.195, abs=0.01)
    for lng, lat in geo.ring((34.8, 117.26), 2.5):
        assert geo.distance_km((34.8, 117.26), (lat, lng)) == pytest.approx(2.5, rel=0.01)


def test_residents_and_the_public_see_no_figures(county: County) -> None:
    from xinglin.platform.actors import ANONYMOUS

    assert coverage.groups(ANONYMOUS, on=TODAY) == []
    assert coverage.reach(ANONYMOUS).rate.value is None
