"""Areas across the tree, and residents who move: each day once, where they lived on that day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import figure as figures
from xinglin.indicators.api import units_of, visible_units
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine import board
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.places import Network
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_engine import a_facility
from xinglin.indicators.tests.test_facts import a_visit_row, rows
from xinglin.network.models import Area
from xinglin.residents.actions import assign_managing_facility


def an_area(code: str, name: str, *facilities: Any) -> Area:
    area = Area.objects.create(code=code, name=name)
    area.facilities.set(facilities)
    return area


def test_areas_that_overlap_stand_in_layers_and_a_clinic_follows_the_unit_above_it() -> None:
    areas = [
        {"facility": 1, "area": "E"}, {"facility": 2, "area": "E"}, {"facility": 2, "area": "S"},
        {"facility": 3, "area": "W"},
    ]  # fmt: skip
    network = Network([a_facility(1), a_facility(2), a_facility(3), a_facility(4, manager=2), a_facility(5)], [], areas)

    one, two = network.layers("area", on=date(2026, 11, 30))

    assert one.units == {1: "E", 2: "E", 4: "E", 3: "W"}
    assert two.units == {2: "S", 4: "S"}
    assert [each.units for each in network.layers("township", on=date(2026, 11, 30))] == [
        network.places("township", on=date(2026, 11, 30)).units
    ]


def test_a_unit_in_two_areas_counts_in_both_and_in_the_county_once(county: Any) -> None:
    resident = a_resident(county)
    an_area("E", "东片区", county.township, county.hospital)
    an_area("S", "南片区", county.township, county.other_township)
    for n, facility in enumerate((county.clinic, county.hospital, county.hospital, county.other_clinic)):
        a_visit_row(county, resident, facility=facility, at=NOW, number=f"V{n}")
    run = extract(at=NOW)
    assert run.version is not None

    def value(level: str) -> dict[str, Any]:
        chosen = [indicator("visits-by-tier"), indicator("m06-income-ratio")]
        found = board.figures(run.version, parse("2026-11"), level=level, wanted=chosen, at=NOW)  # type: ignore[arg-type]
        assert all(each.why == "not-applicable" for each in found["m06-income-ratio"].values()) or level == "county"
        return {unit: each.value for unit, each in found["visits-by-tier"].items()}

    assert value("area") == {"E": 3, "S": 2}
    assert value("county") == {"all": 4}
    assert [(each.key, each.name) for each in units_of("area", "2026-11")] == [("E", "东片区"), ("S", "南片区")]
    assert visible_units(county.tang, "area", "2026-11") == set()
    opened = figures.open_figure(county.tang, slug="visits-by-tier", period="2026-11", level="area", at=NOW)
    assert opened.units == []
    whole = figures.open_figure(county.mei, slug="visits-by-tier", period="2026-11", level="area", at=NOW)
    assert {each.name: each.value.value for each in whole.units} == {"东片区": 3, "南片区": 2}


def test_without_areas_there_is_nothing_to_tell_of_them(county: Any) -> None:
    run = extract(at=NOW)
    assert run.version is not None

    found = board.figures(run.version, parse("2026-11"), level="area", wanted=[indicator("visits-by-tier")], at=NOW)

    assert found == {"visits-by-tier": {}}


def test_who_moved_between_townships_counts_on_each_day_where_he_lived(county: Any) -> None:
    registered = datetime(2026, 3, 2, 2, tzinfo=UTC)
    resident = a_resident(county, at=registered)
    moved = datetime(2026, 9, 15, 2, tzinfo=UTC)
    assign_managing_facility(
        resident=resident, facility_id=county.other_clinic.pk, reason="搬家", division_code="370403102201", by=county.tang,
        at=moved,
    )  # fmt: skip
    run = extract(at=NOW)
    assert run.version is not None

    spells = sorted(
        (each["since"], each["until"], each["facility"])
        for each in rows("residents")
        if each["uuid"] == str(resident.uuid)
    )
    slug = "village-doctors-per-thousand"

    def people(period: str) -> dict[str, Any]:
        found = board.figures(run.version, parse(period), level="township", wanted=[indicator(slug)], at=NOW)  # type: ignore[arg-type]
        return {unit: each.denominator for unit, each in found[slug].items()}

    assert spells == [
        (date(2026, 3, 2), date(2026, 9, 15), county.clinic.pk), (date(2026, 9, 15), None, county.other_clinic.pk),
    ]  # fmt: skip
    a_visit_row(county, resident, facility=county.clinic, at=registered + timedelta(days=9), number="V1")
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V2")
    run = extract(at=NOW)
    before, after = people("2026-04"), people("2026-11")
    assert (before["370403101"] or 0) - (after["370403101"] or 0) == 1
    assert (after["370403102"] or 0) - (before["370403102"] or 0) == 1
    assert sum(each or 0 for each in before.values()) == sum(each or 0 for each in after.values())


def test_who_moves_twice_on_a_day_lived_in_between_nowhere(county: Any) -> None:
    resident = a_resident(county, at=datetime(2026, 3, 2, 2, tzinfo=UTC))
    for facility in (county.sibling, county.other_clinic):
        assign_managing_facility(resident=resident, facility_id=facility.pk, reason="更正", by=county.tang, at=NOW)
    extract(at=NOW)

    spells = [each["facility"] for each in rows("residents") if each["uuid"] == str(resident.uuid)]

    assert sorted(spells) == sorted([county.clinic.pk, county.other_clinic.pk])
