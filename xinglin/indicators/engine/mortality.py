"""Chance of dying between 30 and 70 of the four main chronic diseases, by the method of the WHO.

For each five-year band M = deaths ÷ population, q = 5M ÷ (1 + 2.5M); the result is 1 - Π(1 - q). A band without population
is no data, and so is the whole.
"""

import ast
from dataclasses import replace
from math import prod

from xinglin.indicators.definitions.language import parse
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.computing import Parts, formula
from xinglin.indicators.engine.values import Value, Why

BANDS = tuple((age, age + 5) for age in range(30, 70, 5))
WIDTH = 5


def chance(deaths: list[float], people: list[float]) -> float | None:
    """The chance, in percent; None where a band has nobody."""
    if any(not each for each in people):
        return None
    rates = [n / base for n, base in zip(deaths, people, strict=True)]
    return 100 * (1 - prod(1 - WIDTH * m / (1 + WIDTH / 2 * m) for m in rates))


def in_bands(indicator: Indicator) -> list[Indicator]:
    """The indicator once for each band, which its formulas name by ``age_from`` and ``age_until``."""
    return [
        replace(
            indicator,
            numerator=_with_band(indicator.numerator, low, high),
            denominator=_with_band(indicator.denominator, low, high),
        )
        for low, high in BANDS
    ]


def premature(bands: list[Indicator], parts: Parts, unit: str) -> Value:
    """The figure at a unit, from the parts of the bands."""
    deaths = [formula(each.numerator, parts, unit) or 0.0 for each in bands if each.numerator is not None]
    people = [formula(each.denominator, parts, unit) or 0.0 for each in bands if each.denominator is not None]
    value = chance(deaths, people)
    why = Why.ZERO_DENOMINATOR if value is None else Why.KNOWN
    return Value(value, sum(deaths), sum(people), {}, why)


def _with_band(tree: ast.expr | None, low: int, high: int) -> ast.expr:
    assert tree is not None
    return parse(ast.unparse(tree).replace("age_from", str(low)).replace("age_until", str(high)))
