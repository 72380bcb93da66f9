"""Which units a plan judges, which frozen figures are theirs, and each score computed again from them. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xinglin.evaluations.models import Round, Sheet
from xinglin.evaluations.rules.plans import CONSORTIUM, Item, Plan
from xinglin.evaluations.rules.scoring import Given, score_units
from xinglin.indicators import api as indicators
from xinglin.indicators.data import Value
from xinglin.network import api as network

Cells = Mapping[tuple[str, str], Mapping[str, Value]]
TOWNSHIP_DIGITS = 9
#: A hospital may lead a consortium.
LEADS = {"COUNTY_HOSPITAL", "TCM_HOSPITAL"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that is judged; `keys` names its figures by level."""

    facility_id: int
    kind: str
    name: str
    keys: Mapping[str, str]

    def figure(self, item: Item, cells: Cells) -> dict[str, Any]:
        """The frozen figure of an item as the sheet keeps it: with its parts, and why where there is none."""
        unit = self.keys.get(item.level, "")
        value = cells.get((item.indicator, item.level), {}).get(unit)
        told: dict[str, Any] = {"slug": item.indicator, "level": item.level, "unit": unit}
        if value is None:
            return {**told, "why": "none-here"}
        is_small = value.value is not None and bool(item.least) and (value.denominator or 0) < item.least
        why = "small" if is_small and value.denominator is not None else value.why.value
        parts = {"v": value.value, "n": value.numerator, "d": value.denominator, "why": why}
        return {**told, **{key: each for key, each in parts.items() if each not in (None, "")}}


def units_of(plan: Plan, *, on: date) -> list[Unit]:
    """Units of the plan's kinds that work, by name, with where they stood on a day."""
    working = network.open_facilities()
    if CONSORTIUM in plan.kinds:
        chosen = [each for each in working if each.kind in LEADS and network.lead_hospital_of(each.id) == each.id]
    else:
        chosen = [each for each in working if each.kind in plan.kinds]
    standings = network.standings_of([each.id for each in chosen], on=on)
    return [
        Unit(
            each.id,
            CONSORTIUM if CONSORTIUM in plan.kinds else each.kind,
            each.name,
            _keys(each.id, standings[each.id]),
        )
        for each in chosen
    ]


def _keys(facility_id: int, standing: Any) -> dict[str, str]:
    code = standing.division_code
    keys = {"facility": str(facility_id), "county": "all"}
    if len(code) >= TOWNSHIP_DIGITS:
        keys["township"] = code[:TOWNSHIP_DIGITS]
    if standing.consortia:
        keys["consortium"] = str(min(standing.consortia))
    return keys


def frozen_cells(snapshot_id: int, plan: Plan) -> Cells:
    """The frozen figures a plan asks for."""
    return indicators.cells_of(snapshot_id, {(each.indicator, each.level) for each in plan.items if each.indicator})


@dataclass(frozen=True, slots=True)
class Late:
    """An item of a sheet whose frozen figure the facts of today would change."""

    sheet: Sheet
    item: Item
    then: Value
    now: Value


def late_changes(found: Round, plan: Plan, sheets: Iterable[Sheet], *, at: datetime) -> list[Late]:
    """What came late: items whose figure differs from the frozen one today. Points stay as they were frozen."""
    items = [each for each in plan.items if each.indicator]
    revised = indicators.revised_since(found.snapshot_id, {(each.indicator, each.level) for each in items}, at=at)
    by_place = {(each.slug, each.level, each.unit): each for each in revised}
    late = []
    for sheet in sheets if by_place else ():
        for item in items:
            one = by_place.get((item.indicator, item.level, sheet.units.get(item.level, "")))
            if one is not None:
                late.append(Late(sheet, item, one.then, one.now))
    return late


def given_of(plan: Plan, unit: Unit, cells: Cells) -> dict[str, Given]:
    """What the rules are given of a unit, by code of the item."""
    return {each.code: _given(unit.figure(each, cells)) for each in plan.items if each.indicator}


def _given(figure: Mapping[str, Any]) -> Given:
    return Given(figure.get("v"), figure.get("d"), figure.get("why", ""))


def not_computed_again(found: Round, plan: Plan) -> list[str]:
    """Scores that do not come out again from the frozen figures by the plan as it was: none, as long as both are whole."""
    sheets = list(found.sheets.prefetch_related("items"))
    cells = frozen_cells(found.snapshot_id, plan)
    units = {str(each.facility_id): Unit(each.facility_id, each.kind, each.name, each.units) for each in sheets}
    again = score_units(
        plan,
        {key: unit.kind for key, unit in units.items()},
        {key: given_of(plan, unit, cells) for key, unit in units.items()},
    )
    return [
        f"{sheet.name} {item.code}"
        for sheet in sheets
        for item in sheet.items.all()
        if item.computed != again[str(sheet.facility_id)][item.code].points
    ]
