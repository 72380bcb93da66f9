"""What leaves: FHIR that a FHIR library reads, periods of DHIS2, workbooks that say the same twice, cells that run nothing."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.measure import Measure
from fhir.resources.R4B.measurereport import MeasureReport

from xinglin.indicators import api as indicators
from xinglin.indicators.data import UnitName, Value, Why
from xinglin.submissions import forms, words
from xinglin.submissions.formats import fhir, render
from xinglin.submissions.formats.dhis2 import period_code
from xinglin.submissions.formats.made import part_of
from xinglin.submissions.models import Cell

AT = datetime(2026, 11, 20, tzinfo=UTC)
UNIT = UnitName("all", "370403", "薛城区")


@pytest.mark.parametrize(("text", "code"), [("2026-03", "202603"), ("2026-Q1", "2026Q1"), ("2026", "2026")])
def test_periods_are_written_as_dhis2_does(text: str, code: str) -> None:
    assert period_code(indicators.parse(text)) == code


def test_dhis2_has_no_year_to_date() -> None:
    with pytest.raises(ValueError, match="2026-03-YTD"):
        period_code(indicators.parse("2026-03-YTD"))


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.125, 2, "0.13"),
        (2.675, 2, "2.68"),
        (-0.005, 2, "-0.01"),
        (1e6, 0, "1000000"),
        (1 / 3, 3, "0.333"),
        (5e-07, 2, "0.00"),
    ],
)
def test_figures_are_rounded_as_people_do(value: float, decimals: int, text: str) -> None:
    assert f"{indicators.rounded(value, decimals):f}" == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (100 * 29_999 / 30_000, 2, "99.99"),
        (100.0, 2, "100.00"),
        (99.99, 2, "99.99"),
        (100.004, 2, "100.01"),
        (99.4, 0, "99"),
    ],
)
def test_a_share_is_the_whole_only_where_all_are_counted(value: float, decimals: int, text: str) -> None:
    assert f"{indicators.rounded(value, decimals, whole=100):f}" == text


def test_every_definition_is_a_measure_a_fhir_library_reads() -> None:
    found = [fhir.measure_of(each) for each in indicators.indicators()]

    for each in found:
        read = Measure.model_validate(each)
        assert read.scoring.coding[0].code in {"proportion", "ratio", "cohort", "continuous-variable"}
        assert all(part.criteria.name and part.criteria.expression for part in read.group[0].population)
    assert len(found) > 60
    better = {each["id"]: each.get("improvementNotation", {}).get("coding", [{}])[0].get("code") for each in found}
    assert (better["m07-grassroots-visits"], better["m10a-inpatient-cost"]) == ("increase", "decrease")
    Bundle.model_validate(fhir.bundle("searchset", found))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (Value(why=Why.NO_FACTS, missing="settlements"), "unknown"),
        (Value(None, 0, 0, {}, Why.ZERO_DENOMINATOR), "not-a-number"),
        (Value(why=Why.SMALL), "masked"),
        (Value(why=Why.NOT_APPLICABLE), "not-applicable"),
    ],
)
def test_what_is_not_known_is_absent_with_its_reason_and_never_0(value: Value, code: str) -> None:
    found = fhir.report_of(
        indicators.indicator("m07-grassroots-visits"), indicators.parse("2026-Q3"), UNIT, value, made_at=AT
    )

    MeasureReport.model_validate(found)
    score = found["group"][0]["measureScore"]
    assert (score["extension"][0]["valueCode"], "value" in score) == (code, False)
    counts = [each.get("count", "absent") for each in found["group"][0]["population"]]
    assert counts == ([0, 0, 0] if value.why is Why.ZERO_DENOMINATOR else ["absent"] * 3)


@pytest.mark.parametrize(
    "slug",
    ["m07-grassroots-visits", "visits-by-tier", "m14-early-death", "m10b-inpatient-cost-growth", "m06-income-ratio"],
)
def test_a_figure_is_a_report_a_fhir_library_reads(slug: str) -> None:
    value = Value(12.5, 150.0, 1200.0, {"VILLAGE": 100, "COUNTY": 50} if slug == "visits-by-tier" else {}, Why.KNOWN)
    found = fhir.report_of(
        indicators.indicator(slug), indicators.parse("2026-03"), UNIT, value, made_at=AT, is_over=False
    )

    read = MeasureReport.model_validate(found)

    assert (read.status, read.type, str(read.period.start), str(read.period.end)) == (
        "pending",
        "summary",
        "2026-03-01",
        "2026-03-31",
    )
    assert float(read.group[0].measureScore.value) == 12.5
    assert bool(read.group[0].stratifier) == (slug == "visits-by-tier")


def a_cell(item: str, place: int, **more: Any) -> Cell:
    return Cell(
        item=item,
        indicator=item,
        unit=more.pop("unit", "all"),
        unit_code=more.pop("code", "370403"),
        unit_name=more.pop("name", "县"),
        place=place,
        **more,
    )


def test_a_workbook_has_numbers_as_numbers_and_is_the_same_twice(county: Any) -> None:
    form = forms.found("national-monitoring-year")
    cells = [a_cell(each.name, n, value=12.346, numerator=5, denominator=40) for n, each in enumerate(form.items)]

    one, two = (render(form, indicators.parse("2026"), cells, number="B1").content for _ in range(2))
    sheet = openpyxl.load_workbook(io.BytesIO(one)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert one == two
    assert rows[0][0] == "紧密型县域医共体监测指标年报"
    assert [each for each in rows[1] if each] == [
        "填报单位：薛城区",
        "行政区划代码：370403",
        "统计期：2026-01-01 至 2026-12-31",
    ]
    assert rows[2][:3] == ["序号", "指标代码", "指标名称"]
    assert rows[3][1:7] == ["M01", "人财物统一管理", "%", 12.35, 5, 40]
    assert [each for each in rows[-1] if each][0] == "单位负责人（签字）："
    assert len(rows) == 3 + 19 + 2


def test_a_workbook_is_printed_as_wide_as_a_page_with_its_headings_on_each(county: Any) -> None:
    form = forms.found("national-monitoring-year")
    cells = [a_cell(each.name, n, value=12.346, numerator=5, denominator=40) for n, each in enumerate(form.items)]

    made = render(form, indicators.parse("2026"), cells, number="B1").content
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active

    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToHeight, sheet.page_setup.paperSize) == (0, 9)
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.oddFooter.center.text == "&P / &N"
    titles = [str(row[2].value) for row in sheet.iter_rows(min_row=4, max_row=22)]
    assert (
        sheet.column_dimensions["C"].width >= 2 * max(map(len, titles)) * 0.8
        or sheet.column_dimensions["C"].width >= 44
    )


def test_a_name_that_begins_like_a_formula_is_text(county: Any) -> None:
    form = forms.found("grassroots-month")
    cells = [
        a_cell(each.name, n, unit="x", name="=cmd|' /C calc'!A0", value=7, numerator=7)
        for n, each in enumerate(form.items)
    ]

    text = render(form, indicators.parse("2026-03"), cells, number="B1").content.decode("gb18030")

    assert ",'=cmd|" in text


def test_what_is_left_out_or_not_known_is_no_data_value(county: Any) -> None:
    form = forms.found("provincial-dhis2-quarter")
    cells = [
        a_cell("visits", 0, unit="a", why="small"), a_cell("tcm", 1, unit="a", why="no-facts"),
        a_cell("referrals", 2, unit="a", value=9, numerator=9, groups={"UP": 9}),
    ]  # fmt: skip

    found = json.loads(render(form, indicators.parse("2026-Q3"), cells, number="B1").content)

    assert [(each["dataElement"], each.get("categoryOptionCombo"), each["value"]) for each in found["dataValues"]] == [
        ("XL_REFERRALS", "UP", "9"), ("XL_REFERRALS", "DOWN", "0"),
    ]  # fmt: skip


def test_a_set_as_csv_marks_what_earlier_turns_told_and_this_one_does_not() -> None:
    form = replace(forms.found("provincial-dhis2-quarter"), format="dhis2-csv")
    before = [
        a_cell("visits", 0, unit="a", code="a", value=12, numerator=12),
        a_cell("visits", 1, unit="b", code="b", value=9, numerator=9),
    ]
    now = [
        a_cell("visits", 0, unit="a", code="a", why="no-facts"),
        a_cell("visits", 1, unit="b", code="b", value=8, numerator=8),
    ]

    text = render(form, indicators.parse("2026-Q3"), now, number="B1", told=[before]).content.decode()

    assert text.splitlines() == [
        "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted",
        "XL_VISITS,2026Q3,b,,,8,,,,,", "XL_VISITS,2026Q3,a,,,,,,,,true",
    ]  # fmt: skip


def test_a_measure_says_the_same_in_whatever_language_it_is_written() -> None:
    chosen = indicators.indicator("m07-grassroots-visits")
    with override("zh-hans"):
        chinese = fhir.measure_of(chosen)
    with override("en"):
        english = fhir.measure_of(chosen)

    assert chinese == english
    assert chinese["relatedArtifact"][0]["citation"] == chosen.definition.source_en


def test_amounts_leave_in_yuan_and_counts_as_they_are() -> None:
    form = forms.found("national-monitoring-year")
    named = {each.indicator.slug: each.name for each in form.items}
    fund, cost = (
        Cell(item=named[slug], value=1.0, numerator=6_014_050, denominator=n)
        for slug, n in (("m08-in-county-fund", 8_870_000), ("m10a-inpatient-cost", 12))
    )

    assert [f"{part_of(form, fund, part):f}" for part in ("numerator", "denominator")] == ["60140.50", "88700.00"]
    assert [f"{part_of(form, cost, part):f}" for part in ("numerator", "denominator")] == ["60140.50", "12"]


def test_the_page_writes_amounts_with_separators_and_their_unit_and_counts_without_decimals() -> None:
    form = forms.found("national-monitoring-year")
    named = {each.indicator.slug: each.name for each in form.items}
    cost = Cell(item=named["m10a-inpatient-cost"], value=6014.05, numerator=123_456_789, denominator=1200)
    reports = Cell(item=named["m05b-ecg-volume"], value=1320.0, numerator=1320)

    with override("zh-hans"):
        said = [words.said(form, cost, part) for part in ("value", "numerator", "denominator")]

    assert said == ["6,014.05", "1,234,567.89 元", "1,200"]
    assert words.said(form, reports) == "1,320"


@pytest.mark.parametrize(
    ("slug", "counts", "unit"),
    [
        ("m08-in-county-fund", {}, ("%", "%", "http://unitsofmeasure.org")),
        ("recognition-saved", {}, ("yuan", "CNY", "urn:iso:std:iso:4217")),
        ("m10a-inpatient-cost", {"measure-population": 12}, ("yuan", "CNY", "urn:iso:std:iso:4217")),
        ("ecg-turnaround", {}, ("minutes", "min", "http://unitsofmeasure.org")),
        ("m10b-inpatient-cost-growth", {}, ("%", "%", "http://unitsofmeasure.org")),
    ],
)
def test_an_amount_is_never_a_count_of_members(slug: str, counts: dict[str, int], unit: tuple[str, ...]) -> None:
    chosen = indicators.indicator(slug)
    measure = Measure.model_validate(fhir.measure_of(chosen))
    found = fhir.report_of(
        chosen, indicators.parse("2026-03"), UNIT, Value(5.0, 6_014_050, 12, {}, Why.KNOWN), made_at=AT
    )

    read = MeasureReport.model_validate(found).group[0]
    assert {each.code.coding[0].code: each.count for each in read.population or []} == counts
    assert (read.measureScore.unit, read.measureScore.code, read.measureScore.system) == unit
    assert measure.scoring.coding[0].code == "continuous-variable"
    of_money = [each for each in measure.group[0].population if each.code.coding[0].code == "measure-observation"]
    assert all("fen" in each.description for each in of_money)
    assert bool(of_money) == any(chosen.is_money(part) for part in ("numerator", "denominator"))
