"""Data-value sets as DHIS2 imports them (``/api/dataValueSets``), and its periods."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xinglin.indicators.api import WHOLE, Period
from xinglin.submissions.formats.made import Made, part_of
from xinglin.submissions.forms import Element, Form
from xinglin.submissions.models import Cell

HEADINGS = (
    "dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value", "storedby",
    "lastupdated", "comment", "followup", "deleted",
)  # fmt: skip


def period_code(period: Period) -> str:
    """``202603``, ``2026Q1``, ``2026``. :raises ValueError: DHIS2 has no year to date"""
    if period.is_to_date:
        raise ValueError(f"no period of DHIS2: {period.text}")
    return period.text.replace("-", "")


def values_of(form: Form, cells: Sequence[Cell]) -> Iterator[tuple[Element, Cell, str]]:
    """What is told, in order: no data is no value; left out for few people is none either."""
    by_item = sorted(cells, key=lambda each: each.place)
    for cell in by_item:
        if cell.unit == WHOLE and form.level != "county":
            continue
        for element in form.elements:
            if element.item == cell.item:
                value = part_of(form, cell, element.part, group=element.group)
                if value is not None:
                    yield element, cell, f"{value:f}"


def withdrawn(form: Form, cells: Sequence[Cell], told: Iterable[Sequence[Cell]]) -> list[tuple[Element, Cell]]:
    """What earlier turns told and this one does not: a set only adds and changes, so the receiver is told to delete these."""
    said = {_key(element, cell) for element, cell, _value in values_of(form, cells)}
    gone = {
        _key(element, cell): (element, cell)
        for each in told
        for element, cell, _value in values_of(form, each)
        if _key(element, cell) not in said
    }
    return [gone[key] for key in sorted(gone)]


def _key(element: Element, cell: Cell) -> tuple[str, str, str]:
    return cell.unit_code, element.data_element, element.combo


def as_json(form: Form, period: Period, cells: Sequence[Cell], told: Iterable[Sequence[Cell]] = ()) -> Made:
    """The set as JSON."""
    code = period_code(period)
    content: dict[str, Any] = {"period": code} | (
        {"dataSet": form.dhis2["data_set"]} if form.dhis2.get("data_set") else {}
    )
    combo = form.dhis2.get("attribute_option_combo", "")
    rows: list[tuple[Element, Cell, dict[str, Any]]] = [
        *((element, cell, {"value": value}) for element, cell, value in values_of(form, cells)),
        *((element, cell, {"deleted": True}) for element, cell in withdrawn(form, cells, told)),
    ]
    content["dataValues"] = [
        {
            "dataElement": element.data_element, "period": code, "orgUnit": cell.unit_code,
            **({"categoryOptionCombo": element.combo} if element.combo else {}),
            **({"attributeOptionCombo": combo} if combo else {}), **said,
        }
        for element, cell, said in rows
    ]  # fmt: skip
    return Made(
        json.dumps(content, ensure_ascii=False, indent=1).encode(), f"{form.slug}-{code}.json", "application/json"
    )


def as_csv(form: Form, period: Period, cells: Sequence[Cell], told: Iterable[Sequence[Cell]] = ()) -> Made:
    """The set as CSV, with the headings DHIS2 reads."""
    code, combo = period_code(period), form.dhis2.get("attribute_option_combo", "")
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADINGS)
    for element, cell, value in values_of(form, cells):
        writer.writerow([element.data_element, code, cell.unit_code, element.combo, combo, value, "", "", "", "", ""])
    for element, cell in withdrawn(form, cells, told):
        writer.writerow([element.data_element, code, cell.unit_code, element.combo, combo, "", "", "", "", "", "true"])
    return Made(buffer.getvalue().encode(), f"{form.slug}-{code}.csv", "text/csv; charset=utf-8")


def address_of(form: Form) -> str:
    """Path and question of an import of this form. ``idScheme`` is the one that data sets and option combinations follow, too."""
    scheme = form.dhis2.get("id_scheme", "UID")
    asked = f"importStrategy=CREATE_AND_UPDATE&idScheme={scheme}"
    return f"/api/dataValueSets?{asked}&dataElementIdScheme={scheme}&orgUnitIdScheme={scheme}"
