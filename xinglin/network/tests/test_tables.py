"""Tables in and out: what people really upload, row by row."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tests.factories.county import NOW, County
from tests.factories.network import (
    MAKER,
    TODAY,
    a_csv,
    a_workbook,
    an_import,
)
from xinglin.network import actions
from xinglin.network.exchange import TABLES, cells, table_named
from xinglin.network.exchange.base import Plan
from xinglin.network.models import Facility, ImportBatch
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import OutboxEvent

HEAD = ["机构编码*", "机构名称*", "机构类型*", "区划代码*", "管理机构编码", "纬度", "经度"]


GOOD = ["N01", "北沟村卫生室", "村卫生室", "370403101201", "T01", 34.81, 117.27]


def planned(rows: list[list[Any]], table: str = "facilities", *, encoding: str = "utf-8-sig", by: Any = MAKER) -> Plan:
    return actions.plan_import(table=table, content=a_csv(rows, encoding), by=by, at=NOW)


def faults(plan: Plan) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in plan.errors]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_each_encoding_is_read(county: County, encoding: str) -> None:
    plan = planned([HEAD, GOOD], encoding=encoding)

    assert plan.errors == []
    assert plan.new[0].values["name"] == "北沟村卫生室"


def test_a_file_in_no_known_encoding_is_refused(county: County) -> None:
    content = a_csv([HEAD, GOOD], "utf-8") + b"\xff\xfe\x81\x30"

    with pytest.raises(InvalidInput) as refusal:
        actions.plan_import(table="facilities", content=content, by=MAKER, at=NOW)

    assert refusal.value.code == "no-table"


def test_an_excel_file_is_read_with_its_numbers_and_dates(county: County) -> None:
    rows = [
        [*HEAD, "开业日期"],
        ["N01", "北沟村卫生室", "村卫生室", 370403101201, "T01", 34.81, 117.27, date(2020, 1, 2)],
    ]

    plan = actions.plan_import(table="facilities", content=a_workbook(rows), by=MAKER, at=NOW)

    assert plan.errors == []
    assert plan.new[0].values["opened_on"] == date(2020, 1, 2)


def test_each_dirty_cell_is_named_with_its_row_column_value_and_reason(county: County) -> None:
    plan = planned([
        HEAD,
        GOOD,
        ["N02", "", "村卫生室", "370403101201", "T01", "", ""],
        ["N03", "三", "宫殿", "370403101201", "T01", "", ""],
        ["N01", "又一个", "村卫生室", "370403101201", "T01", "", ""],
        ["N04", "四", "村卫生室", "999999", "T01", "", ""],
        ["N05", "五", "村卫生室", "370403101201", "X99", "", ""],
        ["N06", "六", "村卫生室", "370403101201", "T01", "117.27", "34.81"],
        ["N07", "七", "村卫生室", "370403101201", "T01", "北纬34", "117"],
        ["N08", "八", "村卫生室", "370403101201", "T01", "34.8", ""],
        ["坏 码", "九", "村卫生室", "370403101201", "T01", "", ""],
        [],
        ["N10", "十\x07", "村卫生室", "370403101201", "T01", "", ""],
    ])  # fmt: skip

    assert faults(plan) == [
        (3, "机构名称*"), (4, "机构类型*"), (5, "机构编码*"), (6, "区划代码*"), (7, "管理机构编码"), (8, "纬度"),
        (9, "纬度"), (10, "经度"), (11, "机构编码*"), (13, "机构名称*"),
    ]  # fmt: skip
    duplicate = next(each for each in plan.errors if each.row == 5)
    assert (duplicate.value, str(duplicate.reason)) == ("N01", "与第2行重复。")
    assert [row.values["code"] for row in plan.good] == ["N01"]


def test_reasons_are_told_in_the_readers_language(county: County) -> None:
    plan = planned([HEAD, ["N02", "", "村卫生室", "370403101201", "T01", "", ""]])

    with translation.override("zh-hans"):
        chinese = str(plan.errors[0].reason)
    with translation.override("en"):
        english = str(plan.errors[0].reason)

    assert (chinese, english) == ("必填。", "Required.")


@pytest.mark.parametrize(
    "head",
    [
        ["机构编码", "机构名称", "机构类型"],
        [*HEAD, "院长姓名"],
        [*HEAD, "机构名称"],
        ["N01", "北沟村卫生室", "村卫生室", "370403101201"],
    ],
    ids=["missing", "unknown", "twice", "none"],
)
def test_a_wrong_heading_is_refused(county: County, head: list[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        planned([head, GOOD])

    assert refusal.value.code == "bad-heading"


def test_a_heading_in_english_or_as_keys_is_understood(county: County) -> None:
    with translation.override("en"):
        english = [str(column.label) for column in TABLES["facilities"].columns if column.required]
    keys = [column.key for column in TABLES["facilities"].columns if column.required]

    for head in (english, keys):
        assert planned([head, ["N01", "一", "VILLAGE_CLINIC", "370403101201"]]).errors == []


def test_an_unknown_table_and_an_empty_file_are_refused(county: County) -> None:
    with pytest.raises(NotVisible):
        table_named("secrets")
    for content in (b"", b"\n\n", a_csv([HEAD])):
        with pytest.raises(InvalidInput):
            actions.plan_import(table="facilities", content=content, by=MAKER, at=NOW)


def test_rows_may_refer_to_rows_below_them(county: County) -> None:
    batch = an_import(a_csv([
        HEAD,
        ["N02", "新村卫生室", "村卫生室", "370403101201", "N01", "", ""],
        ["N01", "新镇卫生院", "乡镇卫生院", "370403101", "", "", ""],
    ]))  # fmt: skip

    actions.apply_import(batch=batch, by=MAKER, at=NOW)

    clinic = Facility.objects.get(code="N02")
    assert (clinic.manager.code, clinic.pinyin_initials) == ("N01", "xcwss")
    assert [each.reason_code for each in clinic.status_changes.all()] == ["import"]


def test_a_row_that_refers_to_a_faulty_row_is_faulty_and_so_on(county: County) -> None:
    plan = planned([
        HEAD,
        ["N01", "", "乡镇卫生院", "370403101", "", "", ""],
        ["N02", "站", "社区卫生服务站", "370403101201", "N01", "", ""],
        ["N03", "室", "村卫生室", "370403101201", "N02", "", ""],
    ])  # fmt: skip

    assert [each.row for each in plan.errors] == [2, 3, 4]


def test_a_circle_of_managers_is_refused(county: County) -> None:
    plan = planned([
        HEAD,
        ["N01", "一", "社区卫生服务站", "370403101201", "N02", "", ""],
        ["N02", "二", "社区卫生服务站", "370403101201", "N01", "", ""],
    ])  # fmt: skip

    assert faults(plan) == [(2, "管理机构编码"), (3, "管理机构编码")]


def test_one_error_means_nothing_is_written(county: County) -> None:
    batch = an_import(a_csv([HEAD, GOOD, ["N02", "", "村卫生室", "370403101201", "T01", "", ""]]))

    with pytest.raises(InvalidInput) as refusal:
        actions.apply_import(batch=batch, by=MAKER, at=NOW)

    assert list(refusal.value.fields) == ["3.机构名称*"]
    assert not Facility.objects.filter(code="N01").exists()


def test_the_operator_may_leave_the_faulty_rows_out(county: County) -> None:
    batch = an_import(a_csv([HEAD, GOOD, ["N02", "", "村卫生室", "370403101201", "T01", "", ""]]))

    actions.apply_import(batch=batch, only_good=True, by=MAKER, at=NOW)

    assert Facility.objects.filter(code="N01").exists()
    assert OutboxEvent.objects.get(event="network.imported").detail == {
        "table": "facilities", "n_new": 1, "n_changed": 0, "n_left_out": 1,
    }  # fmt: skip


def test_a_second_import_of_the_same_file_changes_nothing(county: County) -> None:
    content = a_csv([HEAD, GOOD])
    actions.apply_import(batch=an_import(content), by=MAKER, at=NOW)

    plan = actions.plan_import(table="facilities", content=content, by=MAKER, at=NOW)

    assert (len(plan.new), len(plan.changed), plan.n_same) == (0, 0, 1)


def test_an_import_updates_by_code_and_leaves_columns_that_are_absent(county: County) -> None:
    Facility.objects.filter(code="V01").update(phone="0632-5550001")
    batch = an_import(a_csv([HEAD[:4], ["V01", "东沟中心村卫生室", "村卫生室", "370403101201"]]))

    actions.apply_import(batch=batch, by=MAKER, at=NOW)

    unit = Facility.objects.get(code="V01")
    assert (unit.name, unit.phone, unit.manager, unit.pinyin_initials) == (
        "东沟中心村卫生室", "0632-5550001", county.township, "dgzxcwss",
    )  # fmt: skip


def test_an_import_moves_nobody_through_life(county: County) -> None:
    plan = planned([[*HEAD[:4], "状态", "关闭日期"], ["V01", "东沟村卫生室", "村卫生室", "370403101201", "已关闭", ""]])

    assert faults(plan) == [(2, "状态")]


def test_a_file_is_applied_once_and_by_who_uploaded_it(county: County) -> None:
    batch = an_import(a_csv([HEAD, GOOD]), by=county.mei)
    other = county.actor(county.user("ning", "consortium-manager", county.hospital, everywhere=True))

    with pytest.raises(NotPermitted):
        actions.apply_import(batch=batch, by=other, at=NOW)
    actions.apply_import(batch=batch, by=county.mei, at=NOW)
    with pytest.raises(Conflict):
        actions.apply_import(batch=batch, by=county.mei, at=NOW)


def test_a_preview_that_has_aged_is_checked_again(county: County) -> None:
    batch = an_import(a_csv([HEAD, GOOD]))
    actions.close_facility(facility=county.clinic, on=TODAY, reason="撤并", by=MAKER, at=NOW)
    Facility.objects.filter(code="T01").update(code="T09")

    with pytest.raises(InvalidInput):
        actions.apply_import(batch=batch, by=MAKER, at=NOW)


def test_import_without_the_right_is_refused(county: County) -> None:
    with pytest.raises(NotPermitted):
        planned([HEAD, GOOD], by=county.tang)


def test_rows_outside_the_importers_places_are_refused(county: County) -> None:
    local = county.actor(county.user("ji", "consortium-manager", county.township, subordinates=True))

    plan = planned(
        [
            HEAD,
            GOOD,
            ["V03", "南营村卫生室", "村卫生室", "370403102201", "T02", "", ""],
            ["N02", "二", "村卫生室", "370403102201", "T02", "", ""],
            ["N03", "三院", "县级综合医院", "370403", "", "", ""],
        ],
        by=local,
    )

    assert faults(plan) == [(3, "机构编码*"), (3, "管理机构编码"), (4, "管理机构编码"), (5, "管理机构编码")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026/1/31", date(2026, 1, 31)),
        ("2026年1月31日", date(2026, 1, 31)),
        ("20260131", date(2026, 1, 31)),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: date | None) -> None:
    assert cells.read_date(text) == day


@pytest.mark.parametrize("text", ["2026-02-30", "31.1.2026", "昨天", "1e9"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(cells.Unreadable):
        cells.read_date(text)


def test_money_is_exact() -> None:
    assert (cells.read_fen("520,000.05元"), cells.write_fen(52_000_005)) == (52_000_005, "520000.05")
    for text in ("1.005", "nan", "many"):
        with pytest.raises(cells.Unreadable):
            cells.read_fen(text)


def test_divisions_are_checked_against_their_codes(county: County) -> None:
    plan = planned(
        [
            ["区划代码", "区划名称", "级别", "上级代码"],
            ["370403103", "新镇", "", ""],
            ["370403103201", "新村", "村（居）", "370403103"],
            ["37040310", "短", "", ""],
            ["370403104201", "没有镇", "", ""],
            ["370403105", "镇", "村（居）", ""],
            ["370403106", "镇", "", "370402"],
        ],
        "divisions",
    )

    assert faults(plan) == [(4, "区划代码"), (5, "上级代码"), (6, "级别"), (7, "上级代码")]
    assert len(plan.new) == 2


def test_memberships_keep_one_lead_at_a_time(county: County) -> None:
    plan = planned(
        [
            ["医共体编码", "机构编码", "角色", "加入日期", "退出日期"],
            ["C01", "V01", "牵头医院", "2026-03-01", ""],
            ["C01", "V02", "村卫生室", "2026-03-01", "2026-02-01"],
            ["C01", "T01", "协作单位", "2026-03-01", ""],
            ["C09", "V03", "村卫生室", "2026-03-01", ""],
            ["C01", "V03", "村卫生室", "2027-03-01", ""],
            ["C01", "H02", "专科成员单位", "2026-01-05", "2026-06-01"],
            ["C01", "H02", "协作单位", "2026-06-01", ""],
        ],
        "memberships",
    )

    assert faults(plan) == [(2, "角色"), (3, "退出日期"), (4, "加入日期"), (5, "医共体编码"), (6, "加入日期")]
    assert (len(plan.new), len(plan.changed)) == (1, 1)


def test_a_unit_is_not_bound_to_a_consortium_whose_lead_is_out_of_reach(county: County) -> None:
    local = county.actor(county.user("ji", "consortium-manager", county.township, subordinates=True))

    plan = planned(
        [["医共体编码", "机构编码", "角色", "加入日期"], ["C01", "V01", "村卫生室", "2026-03-01"]],
        "memberships",
        by=local,
    )

    assert faults(plan) == [(2, "医共体编码")]


def test_an_import_of_twenty_thousand_rows_takes_seconds(county: County) -> None:
    rows = [["V01", f"S{number}", f"项目{number}", "是", "否"] for number in range(20_000)]
    batch = an_import(a_csv([["机构编码", "项目编码", "项目名称", "中医", "藏医"], *rows]), "services")

    actions.apply_import(batch=batch, by=MAKER, at=NOW)

    assert county.clinic.services.count() == 20_000


def test_the_command_imports_and_exports(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_bytes(a_csv([HEAD, GOOD], "gb18030"))

    call_command("facilities", "import", str(source), "--dry-run")
    assert not Facility.objects.filter(code="N01").exists()
    call_command("facilities", "import", str(source))
    call_command("facilities", "export", str(target))

    assert Facility.objects.filter(code="N01").exists()
    assert "1 rows: 1 new, 0 changed, 0 the same" in capsys.readouterr().out
    assert target.read_bytes().startswith(b"PK")
    assert ImportBatch.objects.get().applied_at is not None


def test_the_command_says_which_rows_are_wrong(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(a_csv([HEAD, ["N02", "", "村卫生室", "370403101201", "T01", "", ""]]))

    with pytest.raises(CommandError, match="nothing was saved"):
        call_command("facilities", "import", str(source))

    assert "row 2, 机构名称*" in capsys.readouterr().err
