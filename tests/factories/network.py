"""Facilities, consortia and tables, made through the actions."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl

from tests.factories.county import NOW, County
from xinglin.network import actions, patterns
from xinglin.network.models import Area, BedCount, Consortium, Facility, ImportBatch, Title
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.models import OutboxEvent

MAKER = system_actor("factory")
TODAY = date(2026, 11, 20)
SLOT = {"weekday": 1, "from": "08:00", "until": "11:30"}


def a_unit(county: County, code: str = "N01", *, by: Actor = MAKER, at: datetime = NOW, **facts: Any) -> Facility:
    """A village clinic under the township hospital, unless told otherwise."""
    chosen = {
        "name": f"{code}村卫生室", "kind": "VILLAGE_CLINIC", "division": county.village_division,
        "manager": county.township, "latitude": 34.81, "longitude": 117.27, **facts,
    }  # fmt: skip
    return actions.open_facility(code=code, by=by, at=at, **chosen)


def a_merged_unit(county: County, code: str = "M01", *, into: Facility | None = None, on: date = TODAY) -> Facility:
    """A clinic that was merged into another (东沟 clinic by default)."""
    unit = a_unit(county, code)
    return actions.merge_facility_into(
        facility=unit, successor=into or county.clinic, on=on, reason="整合小散弱卫生室", by=MAKER, at=NOW
    )


def merge(unit: Facility, into: Facility, *jobs: Callable[..., None], times: int = 1) -> None:
    """A unit goes into another, and the relay tells the jobs that hear of it, `times` over."""
    actions.merge_facility_into(facility=unit, successor=into, on=TODAY, reason="撤并", by=MAKER, at=NOW)
    event = OutboxEvent.objects.get(event="facility.merged", object_uuid=unit.uuid)
    for _time in range(times):
        for job in jobs:
            job(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def a_service_point(county: County, code: str = "P01", *, host: Facility | None = None) -> Facility:
    """A point of a clinic, attended on Monday mornings."""
    return actions.add_service_point(
        host=host or county.clinic, code=code, name=f"{code}服务点", timetable=[SLOT], by=MAKER, at=NOW
    )


def a_consortium(
    county: County, code: str = "C02", *, lead: Facility | None = None, on: date = date(2026, 2, 1)
) -> Consortium:
    """A second consortium of the county, led by the TCM hospital."""
    return actions.form_consortium(
        code=code, name=f"{code}医共体", division=county.division, lead=lead or county.tcm, on=on,
        structure=patterns.structure_of("1-n"), by=MAKER, at=NOW,
    )  # fmt: skip


def an_area(county: County, code: str = "A1", *facilities: Facility) -> Area:
    """An area with the two townships, unless told otherwise."""
    units = facilities or (county.township, county.other_township)
    return actions.set_area(code=code, name=f"{code}片区", facility_ids=[each.pk for each in units], by=MAKER, at=NOW)


def a_title(county: County, *, valid_until: date | None, code: str = "QUALITY_SERVICE") -> Title:
    """A title of the township hospital."""
    return actions.grant_title(
        facility=county.township, code=code, name="优质服务基层行", level="basic", granted_on=date(2024, 1, 1),
        valid_until=valid_until, by=MAKER, at=NOW,
    )  # fmt: skip


def some_beds(county: County, n_beds: int = 40, *, on: date = date(2025, 1, 1)) -> BedCount:
    """Beds of the township hospital."""
    return actions.set_beds(facility=county.township, kind="MEDICAL", n_beds=n_beds, on=on, by=MAKER, at=NOW)


def a_csv(rows: Sequence[Sequence[object]], encoding: str = "utf-8-sig") -> bytes:
    """A CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def a_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """An Excel file as a person saves it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def an_import(content: bytes, table: str = "facilities", *, by: Actor = MAKER) -> ImportBatch:
    """A file that was checked and waits to be applied."""
    return actions.check_import(table=table, content=content, file_name="表格.csv", by=by, at=NOW)[0]
