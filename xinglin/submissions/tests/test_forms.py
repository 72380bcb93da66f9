"""Forms: each worked example is computed; a form that names what is not there is refused with the place."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xinglin.indicators import api as indicators
from xinglin.platform.definitions import Definition, DefinitionError, read_text
from xinglin.submissions import forms
from xinglin.submissions.checks import definitions_hold
from xinglin.submissions.formats import render, sheets
from xinglin.submissions.forms import Form, form_of
from xinglin.submissions.models import Cell

EXAMPLES = [(form.slug, n) for form in forms.forms() for n in range(len(form.definition.examples))]


def cells_in(form: Form, example: dict[str, Any]) -> list[Cell]:
    """The cells an example gives, at its one unit."""
    (code,) = example["unit_codes"]
    key = "all" if form.level == "county" else code
    return [
        Cell(
            item=each["item"], indicator=form.item(each["item"]).indicator.slug, unit=key, unit_code=code, unit_name="单位",
            place=n, value=each.get("value"), numerator=each.get("numerator"), denominator=each.get("denominator"),
            groups=each.get("groups", {}), why=each.get("why", ""), missing=each.get("missing", ""),
        )
        for n, each in enumerate(example["cells"])
    ]  # fmt: skip


@pytest.mark.parametrize(("slug", "n"), EXAMPLES)
def test_every_worked_example_comes_out_as_written(county: Any, slug: str, n: int) -> None:
    form = forms.found(slug)
    example = form.definition.examples[n]
    period, cells = indicators.parse(example["period"]), cells_in(form, example)

    made = render(form, period, cells, number="B1")

    if "line" in example:
        first = [sheets._plain(each) for each in next(iter(sheets.rows_of(form, period, cells)))]
        assert first == example["line"]
    if "values" in example:
        assert json.loads(made.content)["dataValues"] == example["values"]
    if "scores" in example:
        reports = [each["resource"] for each in json.loads(made.content)["entry"]]
        of = {
            r["measure"].split(":")[-1].split("|")[0]: r["group"][0]
            for r in reports
            if r["resourceType"] == "MeasureReport"
        }
        assert {slug: of[slug]["measureScore"]["value"] for slug in example["scores"]} == example["scores"]
        absent = {slug: of[slug]["measureScore"]["extension"][0]["valueCode"] for slug in example["absent"]}
        assert absent == example["absent"]
    assert made.content


HEAD = """slug = "f"
title = { zh = "表", en = "Form" }
source = "x"
mark = "default"
author = "a"
checker = "b"
valid_from = 2026-01-01
next_review = 2027-01-01
"""
GOOD = (
    HEAD
    + """period = "month"
level = "township"
due_days = 5
format = "csv"
[[items]]
indicator = "visits-by-tier"
[[columns]]
title = "人次"
item = "visits-by-tier"
"""
)


def a_form(text: str) -> Form:
    definition: Definition = read_text(text, "f.toml")
    return form_of(definition, {each.slug: each for each in indicators.indicators()})


@pytest.mark.parametrize(
    ("was", "now", "place"),
    [
        ('indicator = "visits-by-tier"', 'indicator = "visits"', "items[1].indicator: there is no indicator"),
        ('item = "visits-by-tier"', 'item = "tcm"', "columns[1].item: there is no item"),
        ('item = "visits-by-tier"', 'from = "unit.weight"', "columns[1].from"),
        ('item = "visits-by-tier"', 'item = "visits-by-tier"\nfrom = "period"', "columns[1]: says one of"),
        ('level = "township"', 'level = "planet"', "level: 'planet' is not one of"),
        ('period = "month"', 'period = "week"', "period: 'week'"),
        ('format = "csv"', 'format = "csv"\nencoding = "ascii"', "encoding: 'ascii'"),
        ('format = "csv"', 'format = "dhis2-json"', "elements: a data-value set has elements"),
        ('format = "csv"', 'format = "csv"\nmake_days = 9', "make_days: it is made before it is due"),
        ('format = "csv"', 'format = "csv"\nweight = 9', "weight: unknown key"),
        ('indicator = "visits-by-tier"', 'indicator = "visits-by-tier"\nround = 1', "items[1].round: unknown key"),
        ("[[columns]]", '[dhis2]\ndataset = "X"\n[[columns]]', "dhis2.dataset: unknown key"),
        ("[[columns]]", '[dhis2]\nid_scheme = "NAME"\n[[columns]]', "dhis2.id_scheme: 'NAME' is not one of UID, CODE"),
        ('indicator = "visits-by-tier"', 'indicator = "m06-income-ratio"', "is not told of a township"),
        ("[[columns]]", '[[items]]\nindicator = "visits-by-tier"\n[[columns]]', "items[2].name"),
    ],
)
def test_a_form_that_cannot_be_is_refused_with_the_place(was: str, now: str, place: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        a_form(GOOD.replace(was, now, 1))

    assert f"f: {place}" in str(refused.value) or place in str(refused.value)


def test_two_data_elements_of_one_combination_would_overwrite_each_other() -> None:
    element = '[[elements]]\nitem = "visits-by-tier"\npart = "numerator"\ndata_element = "X"\n'
    with pytest.raises(DefinitionError, match=r"elements\[2\]: X stands twice"):
        a_form(GOOD.replace('format = "csv"', 'format = "dhis2-json"') + element + element)


def test_the_calendar_knows_the_periods_that_ended_and_none_from_before_the_form() -> None:
    month, year = forms.found("grassroots-month"), forms.found("national-monitoring-year")

    assert month.last_periods(date(2026, 3, 1), 9) == ["2026-02", "2026-01"]
    assert month.due_on("2026-02") == date(2026, 3, 10)
    assert year.last_periods(date(2026, 11, 20), 2) == []
    assert year.last_periods(date(2027, 1, 1), 2) == ["2026"]
    assert [month.is_of(indicators.parse(each)) for each in ("2026-02", "2026-Q1", "2026", "2026-02-YTD")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_a_sheet_is_written_in_the_encoding_of_the_form(county: Any) -> None:
    form = forms.found("grassroots-month")
    cells = cells_in(form, form.definition.examples[0])

    made = render(form, indicators.parse("2026-03"), cells, number="B1")
    lines = list(csv.reader(io.StringIO(made.content.decode("gb18030"))))

    assert lines[0] == ["乡镇卫生服务月报", "2026-03", "薛城区"]
    assert lines[1][2] == "乡镇（街道）"
    with pytest.raises(UnicodeDecodeError):
        made.content.decode("utf-8")


def test_a_county_s_own_form_that_is_broken_is_told_before_the_service_starts(tmp_path: Path, settings: Any) -> None:
    assert definitions_hold(None) == []
    text = (settings.DEFINITIONS_DIR / "submission-forms" / "fhir-quarter.toml").read_text(encoding="utf-8")
    (tmp_path / "submission-forms").mkdir()
    bad = text.replace('"m12-tcm-share"', '"weather"')
    (tmp_path / "submission-forms" / "own.toml").write_text(bad, encoding="utf-8")
    settings.COUNTY_DEFINITIONS_DIR = tmp_path

    (problem,) = definitions_hold(None)

    assert "fhir-quarter" in problem.msg
    assert "weather" in problem.msg
