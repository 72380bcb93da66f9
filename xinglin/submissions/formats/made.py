"""What every format shares: a finished file, and a figure as it is written down."""

from dataclasses import dataclass
from decimal import Decimal

from xinglin.indicators import api as indicators
from xinglin.submissions.forms import Form, Item
from xinglin.submissions.models import Cell

#: Fen of a yuan.
FEN = 100


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file: what is in it, how it is called, of which kind it is."""

    content: bytes
    name: str
    media_type: str


def part_of(form: Form, cell: Cell, part: str, *, group: str = "") -> Decimal | None:
    """A part of a cell in the unit and with the decimals of the form, an amount in yuan; None for no data."""
    item = form.item(cell.item)
    if group:
        return Decimal(cell.groups.get(group, 0)) if cell.value is not None else None
    value = getattr(cell, part)
    if value is None:
        return None
    factor, decimals = (item.factor, item.decimals) if part == "value" else (item.parts_factor, item.parts_decimals)
    if item.indicator.is_money(part):
        value, decimals = value / FEN, max(decimals, 2)
    whole = item.indicator.whole if part == "value" else None
    told = value * factor if factor != 1 else value
    return indicators.rounded(told, decimals, whole=None if whole is None else whole * factor)


def text_of(form: Form, cell: Cell, part: str = "value") -> str:
    """The same as text; empty for no data."""
    found = part_of(form, cell, part)
    return "" if found is None else f"{found:f}"


def item_of(form: Form, cell: Cell) -> Item:
    """Which figure of the form a cell is."""
    return form.item(cell.item)
