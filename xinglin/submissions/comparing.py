"""What differs between two turns of a submission, or between what was sent and what the facts say today."""

from collections.abc import Iterable

from xinglin.submissions.models import Cell

Difference = tuple[Cell | None, Cell | None]


def differences(before: Iterable[Cell], now: Iterable[Cell]) -> list[Difference]:
    """Cells that do not say the same, in the order of the form: (before, now); None where only one has it."""
    one, two = ({(each.item, each.unit): each for each in cells} for cells in (before, now))
    keys = sorted(one.keys() | two.keys(), key=lambda key: (two.get(key) or one[key]).place)
    return [(one.get(key), two.get(key)) for key in keys if _said(one.get(key)) != _said(two.get(key))]


def _said(cell: Cell | None) -> tuple[object, ...] | None:
    if cell is None:
        return None
    return cell.value, cell.numerator, cell.denominator, sorted(cell.groups.items()), cell.why, cell.unit_code
