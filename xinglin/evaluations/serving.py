"""What of a township's figure each unit stands for, where a township has not just one unit that takes part.

One unit in a township stands for all of it. Several share it by what each manages, its clinics included; so does a township
with none of its own, whose people are managed from elsewhere since a merger. Nobody's people count twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xinglin.evaluations.rules.funds import Factor, Fund
from xinglin.indicators import api as indicators
from xinglin.network import api as network

TOWNSHIP_DIGITS = 9


class SharedFigure(ValueError):
    """Units stand for one figure that cannot be parted among them: their names and the indicator."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that takes part: where it stands."""

    id: int
    name: str
    kind: str
    township: str


def township_of(code: str) -> str:
    """The township of a division; empty above it."""
    return code[:TOWNSHIP_DIGITS] if len(code) >= TOWNSHIP_DIGITS else ""


class Served:
    """Figures of townships, parted among units where they have to be."""

    def __init__(self, snapshot_id: int, fund: Fund, units: Sequence[Unit], *, on: date) -> None:
        asked = {each for part in fund.parts for each in part.factors if each.level == "township"}
        self._fund, self._units = fund, units
        self._cells = indicators.cells_of(
            snapshot_id, {(each.indicator, level) for each in asked for level in ("township", "facility")}
        )
        self._townships, self._answers = _places(
            {int(unit) for (_slug, level), cells in self._cells.items() if level == "facility" for unit in cells},
            {each.id for each in units}, on=on,
        )  # fmt: skip

    def figure(self, factor: Factor, unit: Unit) -> float | None:
        """What a unit stands for; None: not known. :raises SharedFigure: it shares a figure that cannot be parted"""
        among = self._among(factor, unit)
        cells = self._cells.get((factor.indicator, "township"), {})
        found = self._of_own_township(factor, unit, [each for each in among if each.township == unit.township])
        if found is None:
            return None
        taken = {each.township for each in among}
        return found + sum(self._own(factor, each, unit) or 0 for each in sorted(cells) if each not in taken)

    def _of_own_township(self, factor: Factor, unit: Unit, here: Sequence[Unit]) -> float | None:
        cell = self._cells.get((factor.indicator, "township"), {}).get(unit.township)
        whole = None if cell is None else _of(cell, factor.part)
        if not whole or len(here) == 1:  # not known, nothing to part, or all of it its own
            return whole
        own = self._own(factor, unit.township, unit)
        if own is None:
            raise SharedFigure([each.name for each in here], factor.indicator)
        return own

    def _among(self, factor: Factor, unit: Unit) -> list[Unit]:
        kinds: set[str] = set()
        for part in self._fund.parts:
            if unit.kind in part.kinds and factor in part.factors:
                kinds |= part.kinds
        return [each for each in self._units if each.kind in kinds]

    def _own(self, factor: Factor, township: str, unit: Unit) -> float | None:
        """Of a township what a unit manages; None where that is not known, or says nothing: parts of shares are no shares."""
        whole = self._cells[factor.indicator, "township"][township]
        if _of(whole, factor.part) is None or (factor.part == "value" and whole.denominator is not None):
            return None
        by_unit: dict[int, float] = {}
        for key, cell in self._cells.get((factor.indicator, "facility"), {}).items():
            value = _of(cell, factor.part)
            if value is not None and self._townships.get(int(key)) == township:
                answers = self._answers[int(key)]
                by_unit[answers] = by_unit.get(answers, 0) + value
        total = sum(by_unit.values())
        if total <= 0:
            return None
        own, value = by_unit.get(unit.id, 0), getattr(whole, factor.part)
        # persons are counted once at each: together they may be more than in the township
        return own if total == value else round(value * own / total, 6)


def _of(cell: Any, part: str) -> float | None:
    found: float | None = getattr(cell, part)
    return found


def _places(facilities: Iterable[int], units: set[int], *, on: date) -> tuple[Mapping[int, str], Mapping[int, int]]:
    """Of each facility its township, and the unit that answers for it: itself where it takes part, else who manages it."""
    ids = set(facilities)
    towns = {pk: township_of(each.division_code) for pk, each in network.standings_of(ids, on=on).items()}
    answers = {pk: pk if pk in units else unit for pk, unit in network.units_of(ids).items()}
    merged = network.mergers_of(answers.values())
    return towns, {pk: network.successor_of(unit) if unit in merged else unit for pk, unit in answers.items()}
