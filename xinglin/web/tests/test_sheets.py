"""Workbooks: plain ones are read back, those with a heading are papers."""

import io

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xinglin.web.sheets.writing import Sheet, workbook


def read(*sheets: Sheet) -> list[Worksheet]:
    return load_workbook(io.BytesIO(workbook(sheets))).worksheets


def test_a_plain_sheet_has_its_headings_in_the_first_row_for_who_reads_it_back() -> None:
    (sheet,) = read(Sheet("名单", ["机构", "数"], [["沙沟镇卫生院", 3], ["=1+1", None]]))

    assert list(sheet.values) == [("机构", "数"), ("沙沟镇卫生院", 3), ("'=1+1", None)]
    assert sheet.freeze_panes == "A2"


def test_a_paper_says_what_it_is_and_is_printed_on_pages_with_numbers() -> None:
    rows = [[f"很长名称的乡镇卫生院第{n}分院", n] for n in range(60)]
    (sheet,) = read(
        Sheet(
            "甲",
            ["单位", "得分"],
            rows,
            "2026年第四季度考核表",
            [["统计期：2026-Q4", "单位：分"]],
            [["负责人：", "日期："]],
        )
    )
    cells = list(sheet.values)

    assert cells[0][0] == "2026年第四季度考核表"
    assert cells[1] == ("统计期：2026-Q4", "单位：分")
    assert cells[2] == ("单位", "得分")
    assert cells[-1] == ("负责人：", "日期：")
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.freeze_panes == "A4"
    assert sheet.oddFooter.center.text == "&P / &N"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["A"].width >= 2 * len("很长名称的乡镇卫生院第59分院")


def test_names_of_sheets_are_such_as_a_workbook_takes_and_each_stands_once() -> None:
    found = read(Sheet("门诊/住院: 合计", [], []), Sheet("门诊 住院  合计", [], []), Sheet("", [], []))

    assert [each.title for each in found] == ["门诊 住院  合计", "门诊 住院  合计 2", "-"]
