"""A figure on the map: cells around facilities, outlines the county gave, what is shown of few people."""

import json
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import figure as figures
from xinglin.indicators.charts.areas import breaks, step_of
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.outlines import area, cells, outlines_of
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web import maps
from xinglin.network.models import Facility

PLACES = {
    "V01": (34.80, 117.20),
    "V02": (34.82, 117.22),
    "V03": (34.90, 117.30),
    "T01": (34.81, 117.21),
    "T02": (34.91, 117.31),
}


def locate() -> None:
    for code, (latitude, longitude) in PLACES.items():
        Facility.objects.filter(code=code).update(latitude=latitude, longitude=longitude)


def visits(county: Any) -> None:
    resident = a_resident(county)
    for n in range(9):
        a_visit_row(county, resident, facility=county.clinic, at=NOW, number=f"A{n}")
    for n in range(7):
        a_visit_row(county, resident, facility=county.other_clinic, at=NOW, number=f"B{n}")
    a_visit_row(county, resident, facility=county.sibling, at=NOW, number="C")


def opened(county: Any, level: str) -> figures.Opened:
    return figures.open_figure(county.mei, slug="visits-signed", period="2026-11", level=level, at=NOW)


# Outlines ------------------------------------------------------------------------------------------------------------
def _holds(polygons: Any, point: tuple[float, float]) -> bool:
    """Whether a point lies in polygons, by the even-odd rule over all rings."""
    latitude, longitude = point
    inside = False
    for polygon in polygons:
        for ring in polygon:
            for (x1, y1), (x2, y2) in pairwise(ring):
                if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
                    inside = not inside
    return inside


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda at: (34 + at[0] / 100, 117 + at[1] / 100)),
        st.sampled_from("ABC"), min_size=1, max_size=40,
    )
)  # fmt: skip
def test_each_facility_lies_in_the_outline_of_its_unit_and_in_no_other(sites: dict[tuple[float, float], str]) -> None:
    found = cells(sites)

    assert set(found) == set(sites.values())
    for point, unit in sites.items():
        assert [each for each, polygons in found.items() if _holds(polygons, point)] == [unit]
    for polygons in found.values():
        for polygon in polygons:
            assert all(ring[0] == ring[-1] and area(ring) > 0 for ring in polygon)


def test_nothing_located_is_no_map(county: Any) -> None:
    assert county.clinic
    Facility.objects.update(latitude=None, longitude=None)
    visits(county)
    extract(at=NOW)

    assert cells({}) == {}
    assert maps.map_of(opened(county, "township")) is None
    assert maps.map_chart(opened(county, "facility")) == ""


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9, 60])
def test_steps_are_as_many_as_there_are_values_to_tell_apart(n: int) -> None:
    values = [float(each) for each in range(n)]

    ends = breaks(values)
    steps = {step_of(each, ends) for each in values}

    assert len(steps) == min(n, 5)
    assert step_of(None, ends) is None
    assert max(each for each in steps if each is not None) <= 4


# A figure on it ------------------------------------------------------------------------------------------------------
def test_townships_are_areas_and_facilities_are_dots_on_them(county: Any) -> None:
    locate()
    visits(county)
    extract(at=NOW)

    township, facility = maps.map_of(opened(county, "township")), maps.map_of(opened(county, "facility"))
    assert township is not None
    assert facility is not None

    assert {each.name for each in township.shapes} == {"沙沟镇", "周营镇"}
    assert all(each.polygons and each.step is not None for each in township.shapes)
    dots = {each.name: each for each in facility.shapes if each.point}
    assert dots["东沟村卫生室"].step is not None
    assert "人数太少" in dots["西沟村卫生室"].told  # one visit: it has a place and no figure
    assert dots["西沟村卫生室"].step is None
    assert sum(each.is_land for each in facility.shapes) == 2
    assert "chart-land" in maps.map_chart(opened(county, "facility"))


def test_a_consortium_is_the_land_of_all_its_townships(county: Any) -> None:
    locate()
    visits(county)
    extract(at=NOW)

    found = maps.map_of(opened(county, "consortium"))

    assert found is not None
    (shape,) = found.shapes
    assert shape.name == "薛城区紧密型县域医共体"
    assert all(_holds(shape.polygons, at) for code, at in PLACES.items() if code != "X")


def test_outlines_the_county_gave_are_used_instead(county: Any, settings: Any) -> None:
    square = [[[117.0, 34.0], [117.5, 34.0], [117.5, 34.5], [117.0, 34.5], [117.0, 34.0]]]
    feature = {
        "type": "Feature",
        "properties": {"code": "370403101"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    maps_folder = Path(settings.FACTS_DIR).parent / "maps"
    maps_folder.mkdir(parents=True)
    (maps_folder / "townships.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    visits(county)
    version = extract(at=NOW + timedelta(minutes=1)).version
    assert version is not None

    found = outlines_of(version, "township", NOW.date())

    assert found.is_given
    assert list(found.areas) == ["370403101"]


def test_the_page_has_the_map_its_key_and_the_same_values_as_a_table(county: Any) -> None:
    locate()
    visits(county)
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    body = client.get("/board/figures/grassroots-share/?period=2026-11&level=township&view=map").content.decode()
    kept = client.get(
        "/board/figures/grassroots-share/map.chart?period=2026-11&level=township&form=svg"
    ).content.decode()

    assert 'data-map="figure-map-data"' in body
    assert "不是行政界线" in body
    assert "沙沟镇" in body
    # until the map stands, on paper and where nothing can draw it, the drawing stands in its place
    assert re.search(r'data-map="figure-map-data"[^>]*>\s*<svg ', body)
    assert "chart-c" in kept
    assert "<a " not in kept
