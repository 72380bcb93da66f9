"""The cells of a form: figures of the facts of today, or of a publication, at each unit, in the order of the form."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinglin.indicators import api as indicators
from xinglin.indicators.api import NO_DATA, WHOLE, Value
from xinglin.indicators.data import UnitName, Why
from xinglin.submissions.data import FaultCode
from xinglin.submissions.forms import Form, Item
from xinglin.submissions.models import Cell


@dataclass(frozen=True, slots=True)
class Drawn:
    """Units, and the value of each item at each of them; `version` of the facts."""

    version: int | None
    units: tuple[UnitName, ...]
    values: dict[tuple[str, str], Value]  # item, unit


def draw(form: Form, period: str, *, snapshot: UUID | None, at: datetime) -> Drawn:
    """The figures of a form. :raises NotVisible: there is no such publication"""
    slugs = {each.indicator.slug for each in form.items}
    version = indicators.frozen_version(snapshot) if snapshot else indicators.facts_version()
    if version is None:
        return Drawn(None, (), {})
    units = indicators.units_of(form.level, period, version=version)
    found = figures_at(form.level, period, slugs, snapshot, at)
    if form.total and form.level != "county":
        whole = figures_at("county", period, slugs, snapshot, at)
        for slug in slugs:
            found.setdefault(slug, {})[WHOLE] = whole.get(slug, {}).get(WHOLE, NO_DATA)
        units.append(UnitName(WHOLE, "", form.total))
    values = {
        (item.name, unit.key): found.get(item.indicator.slug, {}).get(unit.key, NO_DATA)
        for item in form.items for unit in units
    }  # fmt: skip
    return Drawn(version, tuple(units), _left_out(form, period, values, version=version, at=at))


def figures_at(
    level: str, period: str, slugs: set[str], snapshot: UUID | None, at: datetime
) -> dict[str, dict[str, Value]]:
    """Frozen figures of a publication, or those of the latest facts."""
    if snapshot is None:
        return indicators.figures_of(period, level=level, slugs=slugs, at=at)
    cells = indicators.cells_of(indicators.frozen_figures_of(snapshot).id, [(slug, level) for slug in slugs])
    return {slug: units for (slug, _level), units in cells.items()}


def _left_out(
    form: Form, period: str, values: dict[tuple[str, str], Value], *, version: int, at: datetime
) -> dict[tuple[str, str], Value]:
    """Small cells left out, and those they would follow from."""
    if not form.suppress:
        return values
    levels = dict.fromkeys(("county", form.level))
    indicators.demand_publishable([each.indicator for each in form.items], period, levels, version=version)
    for item in form.items:
        own = {unit: value for (name, unit), value in values.items() if name == item.name}
        for level in {"county", form.level}:
            here = {unit: value for unit, value in own.items() if (unit == WHOLE) == (level == "county")}
            told = indicators.publishable(item.indicator, period, level, here, version=version, at=at)
            values |= {(item.name, unit): value for unit, value in told.items()}
    return values


def cells_of(form: Form, drawn: Drawn) -> list[Cell]:
    """Rows to write, without their submission. Codes are those of the receiver."""
    found: list[Cell] = []
    for unit in drawn.units:
        for item in form.items:
            value = drawn.values[item.name, unit.key]
            found.append(
                Cell(
                    item=item.name, indicator=item.indicator.slug, definition=item.indicator.definition.version,
                    unit=unit.key, unit_code=code_of(form, unit.key, unit.code), unit_name=unit.name, place=len(found),
                    value=value.value, numerator=value.numerator, denominator=value.denominator,
                    groups=dict(value.groups), why=value.why.value, missing=value.missing,
                )
            )  # fmt: skip
    return found


def code_of(form: Form, key: str, own: str) -> str:
    """How the receiver calls a unit: as the form says, or as the county's register does."""
    if form.unit_codes:
        return form.unit_codes.get(own or key, "")
    return own


def value_of(cell: Cell) -> Value:
    """The figure a cell holds."""
    return Value(cell.value, cell.numerator, cell.denominator, cell.groups, Why(cell.why), cell.missing)


def faults_of(form: Form, drawn: Drawn, cells: list[Cell], *, is_over: bool) -> list[dict[str, str]]:
    """Everything that keeps a form from being handed in, as codes with the places they are about."""
    if drawn.version is None:
        return [{"code": FaultCode.NOTHING.value}]
    faults = [] if is_over else [{"code": FaultCode.RUNNING.value}]
    rows = [each for each in drawn.units if each.key != WHOLE or form.level == "county"]
    if not rows:
        return [*faults, {"code": FaultCode.NO_UNITS.value}]
    coded = {each.unit: each.unit_code for each in cells}
    faults += [{"code": FaultCode.NO_CODE.value, "unit": each.name} for each in rows if not coded.get(each.key)]
    for cell in cells:
        item = form.item(cell.item)
        if cell.value is None and item.required and cell.why != Why.SMALL:
            faults.append({"code": FaultCode.MISSING.value, **_place(cell), "why": cell.why, "missing": cell.missing})
        elif _is_implausible(item, cell):
            faults.append({"code": FaultCode.IMPLAUSIBLE.value, **_place(cell)})
    return faults + _not_adding(form, cells)


def _place(cell: Cell) -> dict[str, str]:
    return {"item": cell.item, "unit": cell.unit_name, "unit_key": cell.unit}


def _is_implausible(item: Item, cell: Cell) -> bool:
    """More than the whole, or less than nothing: of a share that cannot be."""
    if cell.value is None or item.indicator.growth_of:
        return False
    whole = item.indicator.whole
    return cell.value < 0 or (whole is not None and cell.value > whole)


def _not_adding(form: Form, cells: list[Cell]) -> list[dict[str, str]]:
    faults = []
    for column in form.columns:
        if not (column.adds and form.total and column.item):
            continue
        of = {each.unit: getattr(each, column.part) for each in cells if each.item == column.item}
        whole = of.pop(WHOLE, None)
        known = [each for each in of.values() if each is not None]
        if whole is not None and len(known) == len(of) and abs(sum(known) - whole) > 1e-6 * max(1.0, abs(whole)):
            faults.append({"code": FaultCode.NOT_ADDING.value, "item": column.item})
    return faults
