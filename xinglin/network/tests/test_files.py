"""Files that are no tables, files that mean harm, and files that were exported."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest

from tests.factories.county import NOW, County
from tests.factories.network import (
    MAKER,
    a_consortium,
    a_csv,
    a_merged_unit,
    a_service_point,
    a_workbook,
    an_import,
)
from xinglin.network import actions
from xinglin.network.exchange import TABLES, writing
from xinglin.network.models import Department, Division, Equipment, Facility, Membership
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.web.sheets import escaping, reading

HEAD = ["机构编码*", "机构名称*", "机构类型*", "区划代码*", "管理机构编码", "纬度", "经度"]


GOOD = ["N01", "北沟村卫生室", "村卫生室", "370403101201", "T01", 34.81, 117.27]


def everything(table: str) -> list[dict[str, Any]]:
    return [
        {column.key: column.write(row.get(column.key)) for column in TABLES[table].columns}
        for row in TABLES[table].stored()
    ]


def test_more_than_twenty_thousand_rows_are_refused(county: County) -> None:
    rows = [["N" + str(number), "室", "村卫生室", "370403101201"] for number in range(25_000)]
    for content in (a_csv([HEAD[:4], *rows]), a_csv([HEAD[:4]]) + b"\n" * 45_000 + b"x,y,z,1\n"):
        with pytest.raises(TooLarge) as refusal:
            actions.plan_import(table="facilities", content=content, by=MAKER, at=NOW)
        assert refusal.value.code == "too-many-rows"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(county: County) -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file,
    ):
        for _ in range(100):
            file.write(b"0" * 1_000_000)
    assert len(buffer.getvalue()) < 200_000

    with pytest.raises(TooLarge) as refusal:
        actions.plan_import(table="facilities", content=buffer.getvalue(), by=MAKER, at=NOW)

    assert refusal.value.code == "archive-bomb"


def rewritten(content: bytes, name: str, change: Any) -> bytes:
    """A workbook with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == name else data)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_that_lies_about_its_size_is_read_for_what_it_is(county: County) -> None:
    lying = rewritten(
        a_workbook([HEAD, GOOD]), SHEET, lambda data: data.replace(b'ref="A1:G2"', b'ref="A1:XFD1048576"')
    )

    assert len(actions.plan_import(table="facilities", content=lying, by=MAKER, at=NOW).new) == 1


def test_a_cell_in_the_last_row_of_a_sheet_is_too_far(county: County) -> None:
    far = rewritten(
        a_workbook([HEAD, GOOD]), SHEET,
        lambda data: data.replace(b'<row r="2"', b'<row r="1048576"').replace(b'2"', b'1048576"'),
    )  # fmt: skip

    with pytest.raises(TooLarge):
        actions.plan_import(table="facilities", content=far, by=MAKER, at=NOW)


def test_entities_in_a_workbook_are_not_expanded(county: County) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    hostile = rewritten(a_workbook([HEAD, GOOD]), SHEET, lambda data: laughs)

    with pytest.raises(InvalidInput) as refusal:
        actions.plan_import(table="facilities", content=hostile, by=MAKER, at=NOW)

    assert refusal.value.code in {"no-table", "bad-heading"}


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0old excel",
        a_workbook([HEAD, GOOD])[:600],
        b'a,b\n"never closed' + b"x" * 200_000,
        a_csv([HEAD, [*GOOD[:1], "长" * 3000, *GOOD[2:]]]),
    ],
    ids=["broken zip", "old excel", "cut", "open quote", "long cell"],
)
def test_what_is_no_table_is_refused(county: County, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        actions.plan_import(table="facilities", content=content, by=MAKER, at=NOW)


def test_a_table_of_a_thousand_columns_is_refused(county: County) -> None:
    for content in (a_csv([["x"] * 1000]), a_workbook([["x"] * 1000])):
        with pytest.raises(TooLarge):
            list(reading.read_lines(content))


def a_full_county(county: County) -> None:
    """Something in every table, with the awkward cases."""
    a_merged_unit(county)
    a_service_point(county)
    a_consortium(county)
    actions.edit_facility(
        facility=county.clinic, publicly_owned=True, publicly_owned_since=date(2020, 1, 1), address="-东沟村3组",
        insured_since=date(2021, 5, 1), by=MAKER, at=NOW,
    )  # fmt: skip
    actions.set_equipment(
        facility=county.township,
        code="DR1",
        kind="DR",
        name="=DR（数字化X线机）",
        cost_fen=52_000_050,
        by=MAKER,
        at=NOW,
    )
    actions.set_service(facility=county.clinic, code="TUINA", name="推拿", is_tcm=True, by=MAKER, at=NOW)
    Division.objects.filter(code="370403101").update(latitude=34.8, longitude=117.2)


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("write", [writing.as_csv, writing.as_workbook])
def test_what_was_exported_reads_back_as_no_change(county: County, table: str, write: Any) -> None:
    a_full_county(county)
    content = write(TABLES[table], TABLES[table].stored())

    plan = actions.plan_import(table=table, content=content, by=MAKER, at=NOW)

    ended = [each for each in plan.errors if "已合并或关闭" not in str(each.reason)]
    assert (ended, plan.new, plan.changed) == ([], [], [])


@pytest.mark.parametrize("write", [writing.as_csv, writing.as_workbook])
def test_a_county_moves_to_an_empty_database_by_its_tables(county: County, write: Any) -> None:
    a_full_county(county)
    before = {key: everything(key) for key in TABLES}
    content = {key: write(TABLES[key], TABLES[key].stored()) for key in TABLES}
    empty()

    for key in TABLES:
        actions.apply_import(batch=an_import(content[key], key), by=MAKER, at=NOW)

    after = {key: everything(key) for key in TABLES}
    after["divisions"] = [each for each in after["divisions"] if each["name"] != "别处"]
    assert after == before


def empty() -> None:
    """Take everything out but the consortia, which no table brings."""
    from xinglin.network.models import FacilityStatusChange, Service

    for model in (Membership, Equipment, Department, Service, FacilityStatusChange):
        model.objects.all().delete()
    Facility.objects.update(manager=None, host=None, successor=None, status="OPEN", kind="OTHER")
    Facility.objects.all().delete()
    from xinglin.network.models import Consortium

    ground = Division.objects.create(code="99", name="别处", level="PROVINCE")
    Consortium.objects.update(division=ground)
    Division.objects.filter(code__startswith="37").update(parent=None)
    Division.objects.filter(code__startswith="37").delete()
    Division.objects.filter(pk=ground.pk).update(code="98")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_run_is_escaped_and_read_back(first: str) -> None:
    for text in (f"{first}cmd|' /C calc'!A0", f"'{first}x", f"''{first}x"):
        safe = escaping.escape(text)
        assert safe.startswith("'")
        assert safe != text
        assert escaping.unescape(safe) == text


@pytest.mark.parametrize("text", ["", "东沟村", "'quoted'", "a=b", "''", "'"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert escaping.escape(text) == escaping.unescape(text) == text


def test_no_cell_of_an_exported_workbook_is_a_formula(county: County) -> None:
    Facility.objects.filter(code="V01").update(name='=HYPERLINK("http://x","点我")')

    book = openpyxl.load_workbook(io.BytesIO(writing.as_workbook(TABLES["facilities"], TABLES["facilities"].stored())))

    cells_found = [cell for row in book.active.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells_found)
    assert '\'=HYPERLINK("http://x","点我")' in [cell.value for cell in cells_found]


@pytest.mark.parametrize("table", list(TABLES))
def test_the_sample_row_of_each_template_can_be_read(table: str) -> None:
    lines = list(reading.read_lines(writing.template(TABLES[table])))

    assert len(lines) == 2
    for column, text in zip(TABLES[table].columns, lines[1].cells, strict=False):
        column.read(text)
