"""Facts: what leaves the database, when a file is written anew, what is late, and what can be believed."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.factories.county import NOW
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from tests.racing import at_once
from xinglin.indicators.definitions.checking import check_condition
from xinglin.indicators.definitions.language import parse
from xinglin.indicators.facts import extraction, quality
from xinglin.indicators.facts.extraction import extract, files_of, folder, latest_version
from xinglin.indicators.facts.pseudonyms import pseudonym
from xinglin.indicators.models import FactVersion, Revision
from xinglin.platform.facts import Kind, Shape, tables
from xinglin.residents.models import Resident
from xinglin.visits.api import void_visit
from xinglin.visits.models import Visit


def a_visit_row(county: Any, resident: Any, *, facility: Any, at: Any, number: str, **more: Any) -> Visit:
    return Visit.objects.create(
        resident=resident, facility=facility, tier=facility.tier, number=number, started_at=at,
        recorded_at=more.pop("recorded_at", at), status="SIGNED", status_changed_at=at, **more,
    )  # fmt: skip


def rows(table: str) -> list[dict[str, Any]]:
    version = latest_version()
    assert version is not None
    found: list[dict[str, Any]] = []
    for file in files_of(version, table):
        found += pq.read_table(file).to_pylist()
    return found


def test_every_table_can_be_extracted_and_every_check_of_it_computed(county: Any) -> None:
    for table in tables().values():
        for each in table.checks:
            check_condition(parse(each.when), table)

    run = extract(at=NOW)

    assert run.version is not None
    assert {"visits", "residents", "settlements", "agreements", "enrolments", "programme_visits"} <= tables().keys()
    assert len(rows("facilities")) >= 8


def test_a_row_keeps_its_record_and_moment_and_nobody_by_name(county: Any) -> None:
    resident = a_resident(county)
    visit = a_visit_row(
        county, resident, facility=county.clinic, at=NOW, number="V1", complaint='胸闷，\n"咳嗽"', systolic=150
    )

    extract(at=NOW)
    row = rows("visits")[0]

    assert (row["uuid"], row["number"], row["facility"]) == (str(visit.uuid), "V1", county.clinic.pk)
    assert row["at"].replace(tzinfo=UTC) == NOW
    assert (row["systolic"], row["diastolic"], row["has_pressure"]) == (150, None, True)
    assert row["person"] == pseudonym(resident.pk) != resident.pk
    assert row["born_on"].day == 1
    assert resident.name not in str(row)


def test_no_column_of_any_table_is_a_name_a_number_or_a_telephone() -> None:
    told = {"name", "phone", "identity", "address", "id_number", "clinician_name", "born"}

    assert [(t.name, c) for t in tables().values() for c in t.columns if c in told] == []
    assert all(
        "person" not in c or column.kind is Kind.PERSON for t in tables().values() for c, column in t.columns.items()
    )


def test_extracting_twice_gives_the_same_files_and_the_same_version(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    first = extract(at=NOW)
    names = sorted(path.name for path in folder("visits").iterdir())

    again = extract(at=NOW + timedelta(minutes=10))
    everything = extract(at=NOW + timedelta(minutes=20), everything=True)

    assert sorted(path.name for path in folder("visits").iterdir()) == names
    assert (again.n_rows, again.months) == (0, {})
    assert first.version == again.version == everything.version
    assert FactVersion.objects.count() == 1


def test_a_month_is_written_anew_when_a_row_of_it_is_changed_or_gone(county: Any) -> None:
    resident = a_resident(county)
    visit = a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=40), number="V0")
    extract(at=NOW)

    Visit.objects.filter(pk=visit.pk).update(complaint="头晕")
    silent = extract(at=NOW)
    Visit.objects.filter(pk=visit.pk).update(systolic=170)
    changed = extract(at=NOW)

    assert silent.months["visits"] == ["2026-11"]  # written, and the same
    assert changed.months["visits"] == ["2026-11"]
    assert {row["systolic"] for row in rows("visits")} == {None, 170}


def test_a_month_that_was_due_and_changes_is_noted_as_a_revision(county: Any) -> None:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=60), number="V0")
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    assert not Revision.objects.exists()

    a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=60), number="late", recorded_at=NOW)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V2")
    extract(at=NOW)

    noted = Revision.objects.get()
    assert (noted.table, noted.month, noted.rows_before, noted.rows_after) == ("visits", "2026-09", 1, 2)
    assert noted.version.manifest["visits"]["2026-09"]["late"] == 1


def test_implausible_rows_are_counted_and_kept(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1", systolic=80, diastolic=120)

    run = extract(at=NOW)
    assert run.version is not None
    line = next(each for each in report(run.version, "2026-11") if each.table.name == "visits")

    assert [(code, n) for code, _meaning, n in line.implausible] == [("pressure", 1)]
    assert line.n_rows == 1


def test_a_facility_that_fell_silent_is_reported_as_missing(county: Any) -> None:
    resident = a_resident(county)
    for month in (8, 9, 10):
        for facility in (county.clinic, county.hospital):
            at = datetime(2026, month, 5, 2, tzinfo=UTC)
            a_visit_row(county, resident, facility=facility, at=at, number=f"V{month}{facility.pk}")
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="V11")

    run = extract(at=NOW)
    assert run.version is not None
    line = next(each for each in report(run.version, "2026-11") if each.table.name == "visits")

    assert line.missing == (county.clinic.pk,)


def test_a_resident_counts_once_where_he_lives_and_a_merged_record_not_at_all(county: Any) -> None:
    kept, merged = a_resident(county), a_resident(county)
    visit = a_visit_row(county, merged, facility=county.clinic, at=NOW, number="V1")
    Resident.objects.filter(pk=merged.pk).update(status="MERGED", merged_into=kept)
    Resident.objects.filter(pk=kept.pk).update(managed_by=county.other_clinic)

    extract(at=NOW)

    found = [row for row in rows("residents") if row["person"] in {pseudonym(kept.pk), pseudonym(merged.pk)}]
    assert [(row["person"], row["facility"]) for row in found] == [(pseudonym(kept.pk), county.other_clinic.pk)]
    assert [row["person"] for row in rows("visits") if row["uuid"] == str(visit.uuid)] == [pseudonym(kept.pk)]


def test_a_void_visit_takes_its_prescriptions_along_though_they_are_rows_of_their_own(county: Any) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma, at=NOW - timedelta(days=60))
    extract(at=NOW)

    void_visit(visit=visit, reason="录错人", by=county.alma, at=NOW)
    run = extract(at=NOW)

    assert {row["status"] for row in rows("prescriptions")} == {"VOIDED"}
    assert run.version == extract(at=NOW, everything=True).version
    assert {each.table for each in Revision.objects.all()} == {"visits", "prescriptions"}


def test_who_was_merged_or_moved_is_so_in_every_month_from_the_next_day(county: Any) -> None:
    kept, merged = a_resident(county), a_resident(county)
    for n, resident in enumerate((kept, merged)):
        a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=60), number=f"V{n}")
    extract(at=NOW)
    Resident.objects.filter(pk=merged.pk).update(status="MERGED", merged_into=kept)
    Resident.objects.filter(pk=kept.pk).update(managed_by=county.other_clinic)

    same_day = extract(at=NOW + timedelta(minutes=10))
    next_day = extract(at=NOW + timedelta(days=1))

    assert "visits" not in same_day.months
    assert "visits" in next_day.months
    assert {row["person"] for row in rows("visits")} == {pseudonym(kept.pk)}
    assert county.other_clinic.pk in {row["home"] for row in rows("visits")}
    assert next_day.version == extract(at=NOW + timedelta(days=1), everything=True).version
    assert not Revision.objects.exists()  # what happened is the same


def test_events_of_former_months_learn_in_the_next_week_where_their_persons_are_managed(county: Any) -> None:
    monday = NOW - timedelta(days=NOW.weekday())
    resident = a_resident(county)
    for n, days in enumerate((1, 200)):
        a_visit_row(county, resident, facility=county.clinic, at=monday - timedelta(days=days), number=f"V{n}")
    first = extract(at=monday)
    Resident.objects.filter(pk=resident.pk).update(managed_by=county.other_clinic)

    days = [extract(at=monday + timedelta(days=n)).months.get("visits", []) for n in range(1, 8)]

    assert [month for found in days for month in found] == first.months["visits"][::-1]
    assert days[0] == first.months["visits"][1:]
    assert days[-1] == first.months["visits"][:1]
    assert {row["home"] for row in rows("visits")} == {county.other_clinic.pk}


def test_only_the_first_run_of_a_day_reads_for_all_months_what_is_taken_from_elsewhere(
    county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = a_resident(county)
    for n, days in enumerate((0, 90, 200)):
        a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=days), number=f"V{n}")
    extract(at=NOW)
    asked: list[tuple[str, str]] = []
    elsewhere = extraction._with_elsewhere

    def watched(table: Any, seen: Any, months: list[str]) -> Any:
        asked.extend((table.name, month) for month in months)
        return elsewhere(table, seen, months)

    monkeypatch.setattr(extraction, "_with_elsewhere", watched)
    late = a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=90), number="V9")
    extract(at=NOW + timedelta(minutes=10))
    month = f"{late.started_at:%Y-%m}"
    assert asked == [("visits", month)]  # which it writes

    extract(at=NOW + timedelta(days=7))
    assert len([month for table, month in asked[1:] if table == "visits"]) == 3


def test_files_of_versions_that_nobody_needs_are_removed(county: Any) -> None:
    resident = a_resident(county)
    for n in range(8):
        a_visit_row(county, resident, facility=county.clinic, at=NOW, number=f"V{n}")
        extract(at=NOW + timedelta(minutes=n))

    assert FactVersion.objects.count() == 5
    assert len(list(folder("visits").iterdir())) == 5


def test_a_month_belongs_to_the_county_not_to_utc(county: Any) -> None:
    at = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)  # the first of November, one o'clock
    a_visit_row(county, a_resident(county), facility=county.clinic, at=at, number="V1")

    run = extract(at=NOW)

    assert run.months["visits"] == ["2026-11"]


def report(version: FactVersion, month: str) -> list[quality.Line]:
    from django.conf import settings

    return quality.report(version.manifest, dict(tables()), month=month, folder=settings.FACTS_DIR)


def test_late_rows_of_a_table_are_due_some_days_after_its_month() -> None:
    assert quality.due_on(tables()["visits"], "2026-09") == date(2026, 10, 10)
    assert tables()["visits"].shape is Shape.EVENT


@pytest.mark.django_db(transaction=True)
def test_of_two_extractions_at_once_the_second_waits_and_finds_nothing_to_do(
    county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_resident(county)
    at_work, most, written = 0, 0, []
    write = extraction._write_month

    def watched(table: Any, month: str, mark: str) -> dict[str, Any]:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.05)
        try:
            return write(table, month, mark)
        finally:
            written.append((table.name, month))
            at_work -= 1

    monkeypatch.setattr(extraction, "_write_month", watched)
    found = at_once(*[lambda: extract(at=NOW).version] * 2)

    assert most == 1
    assert len(set(written)) == len(written)
    assert found[0] == found[1]
