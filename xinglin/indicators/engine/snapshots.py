"""Published figures computed again: from the facts as they were, by the definitions as they were."""

from datetime import date
from typing import Any

from xinglin.indicators.definitions.reading import Indicator, check
from xinglin.indicators.engine import board
from xinglin.indicators.engine.figures import grown
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.values import NO_DATA, as_cell
from xinglin.indicators.models import Snapshot
from xinglin.platform.definitions import Definition

_HEAD = {"slug", "title_zh", "title_en", "valid_from"}


def as_published(said: dict[str, Any]) -> Indicator:
    """The indicator a snapshot keeps, whatever became of its definition."""
    return check(
        Definition(
            slug=said["slug"], title_zh=said["title_zh"], title_en=said["title_en"], source="", mark="", valid_until=None,
            valid_from=date.fromisoformat(said["valid_from"]), next_review=date.max, examples=(),
            content={key: value for key, value in said.items() if key not in _HEAD},
        )
    )  # fmt: skip


def differences(snapshot: Snapshot) -> list[str]:
    """What does not come out as it was published, to the digit: nothing, as long as files and engine are whole."""
    chosen = [as_published(each) for each in snapshot.definitions.values()]
    plain = [each for each in chosen if not each.growth_of]
    period = parse(snapshot.period)
    found = []
    for level in dict.fromkeys(snapshot.figures.values_list("level", flat=True)):
        again = board.fresh(snapshot.version, plain, period, level=level)
        before = board.fresh(snapshot.version, plain, period.year_before, level=level)
        for each in chosen:
            if each.growth_of:
                base = before[each.growth_of]
                again[each.slug] = {
                    unit: grown(value, base.get(unit, NO_DATA)) for unit, value in again[each.growth_of].items()
                }
        for row in snapshot.figures.filter(level=level):
            now = {unit: as_cell(value) for unit, value in again[row.slug].items()}
            found += [
                f"{row.slug} {level} {unit}" for unit in now.keys() | row.cells if now.get(unit) != row.cells.get(unit)
            ]
    return sorted(found)
