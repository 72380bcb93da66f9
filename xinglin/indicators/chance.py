"""What chance alone explains: limits of a funnel around the county's value, and where a unit stands in it.

For a share of counts the limits are those of the binomial distribution, for a rate of events those of the Poisson
distribution, both exact and drawn through between whole numbers by the incomplete beta and gamma functions. Two lines: 95 %
and 99.8 %, as usual for comparing institutions. Source: D. J. Spiegelhalter, Funnel plots for comparing institutional
performance, Statistics in Medicine 24 (2005), 1185-1202. Intervals of one unit: E. B. Wilson (1927) for a share, the exact
interval of a Poisson count for a rate.
"""

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from scipy.special import bdtr, bdtrik, gammaincinv, pdtr, pdtrik

from xinglin.indicators.definitions.language import measures
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.values import Value

#: One chance in 20 outside of the inner line, one in 500 outside of the outer.
INNER, OUTER = 0.05, 0.002
_Z95 = 1.959964
_COUNTS = {"count", "persons", "distinct"}


class Nature(StrEnum):
    """What a figure is to chance."""

    SHARE = "share"
    RATE = "rate"
    OTHER = ""


class Standing(StrEnum):
    """Where a unit stands against the county's value. A small unit far from it may well be within chance."""

    WITHIN = "within"
    HIGH, LOW = "high", "low"  # outside of 95 %
    VERY_HIGH, VERY_LOW = "very-high", "very-low"  # outside of 99.8 %
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits at one denominator, as figures: 95 % inside, 99.8 % outside."""

    n: float
    low: float
    high: float
    very_low: float
    very_high: float


def nature_of(indicator: Indicator) -> Nature:
    """Whether a figure counts people or events out of others, so that chance has limits; means and money have none."""
    if indicator.method or indicator.growth_of or indicator.numerator is None or indicator.denominator is None:
        return Nature.OTHER
    if not (_counts(indicator.numerator) and _counts(indicator.denominator)):
        return Nature.OTHER
    if indicator.unit == "%" and indicator.per == 100:
        return Nature.SHARE
    return Nature.RATE if indicator.unit.startswith("per ") and indicator.per >= 1000 else Nature.OTHER


def _counts(tree: ast.expr) -> bool:
    """Whether a formula only counts, and adds counts up."""
    if isinstance(tree, ast.BinOp):
        return isinstance(tree.op, ast.Add) and _counts(tree.left) and _counts(tree.right)
    return isinstance(tree, ast.Call) and next(measures(tree)).kind in _COUNTS


def is_fit(nature: Nature, values: Sequence[Value]) -> bool:
    """Whether these figures can be held against chance: a share has no numerator above its denominator."""
    known = [each for each in values if each.value is not None]
    if nature is Nature.OTHER or not known:
        return False
    return nature is Nature.RATE or all((each.numerator or 0) <= (each.denominator or 0) for each in known)


@lru_cache(maxsize=8192)
def limits(nature: Nature, centre: float, n: float) -> Limits:
    """Limits around `centre` (events for each of the denominator, between 0 and 1 for a share) at a denominator `n`."""
    found = []
    for alpha in (INNER, OUTER):
        if nature is Nature.SHARE:
            low, high = _share(centre, n, alpha)
        else:
            low, high = _rate(centre, n, alpha)
        found += [low, high]
    return Limits(n, found[0], found[1], found[2], found[3])


def _share(centre: float, n: float, alpha: float) -> tuple[float, float]:
    if centre <= 0 or centre >= 1:
        return centre, centre
    low, high = float(bdtrik(alpha / 2, n, centre)), float(bdtrik(1 - alpha / 2, n, centre))
    return max(0.0, 0.0 if math.isnan(low) else low) / n, min(1.0, (n if math.isnan(high) else high + 1) / n)


def _rate(centre: float, n: float, alpha: float) -> tuple[float, float]:
    expected = centre * n
    if expected <= 0:
        return 0.0, 0.0
    low, high = float(pdtrik(alpha / 2, expected)), float(pdtrik(1 - alpha / 2, expected))
    return max(0.0, 0.0 if math.isnan(low) else low) / n, (high + 1) / n


def standing(nature: Nature, centre: float, value: Value) -> Standing:
    """Where a unit stands: by the chance to see as many or more, and as many or fewer, were it like the county."""
    if nature is Nature.OTHER or value.value is None or not value.denominator or value.numerator is None:
        return Standing.UNKNOWN
    n, x = round(value.denominator), round(value.numerator)
    if nature is Nature.SHARE:
        if not 0 < centre < 1:
            return Standing.WITHIN if x == round(centre * n) else Standing.UNKNOWN
        below, above = float(bdtr(x, n, centre)), 1 - float(bdtr(x - 1, n, centre)) if x else 1.0
    else:
        below, above = float(pdtr(x, centre * n)), 1 - float(pdtr(x - 1, centre * n)) if x else 1.0
    if above < OUTER / 2:
        return Standing.VERY_HIGH
    if below < OUTER / 2:
        return Standing.VERY_LOW
    if above < INNER / 2:
        return Standing.HIGH
    return Standing.LOW if below < INNER / 2 else Standing.WITHIN


def interval(nature: Nature, value: Value) -> tuple[float, float] | None:
    """The 95 % interval of one unit's own figure, for each of the denominator; None where there is none."""
    if nature is Nature.OTHER or value.value is None or not value.denominator or value.numerator is None:
        return None
    n, x = value.denominator, value.numerator
    if nature is Nature.RATE:
        low = float(gammaincinv(x, INNER / 2)) if x else 0.0
        return low / n, float(gammaincinv(x + 1, 1 - INNER / 2)) / n
    share, square = x / n, _Z95 * _Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z95 * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def steps(largest: float, *, n: int = 48) -> list[float]:
    """Denominators at which a funnel is drawn, closer together where it bends."""
    if largest <= 1:
        return [1.0]
    return sorted({max(1.0, largest * (k / n) ** 2) for k in range(1, n + 1)})
