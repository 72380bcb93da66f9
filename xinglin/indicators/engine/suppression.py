"""Small cells left out of what is published: nobody is to be recognised in a figure of a few people.

The rule itself stands in `xinglin.platform.small`; here it is asked of values of indicators.
"""

from collections.abc import Mapping
from dataclasses import replace

from xinglin.indicators.engine.values import Value, Why
from xinglin.platform import small
from xinglin.platform.small import LEAST

#: Figures of people; those of units and equipment are no secret.
ABOUT_PEOPLE = {"units", "insured", "residents"}

__all__ = ["ABOUT_PEOPLE", "LEAST", "is_small", "suppressed"]


def suppressed(values: Mapping[str, Value], *, base: str) -> dict[str, Value]:
    """The same cells with the small ones left out."""
    if base not in ABOUT_PEOPLE:
        return dict(values)
    sizes = {key: _size(value) for key, value in values.items() if value.value is not None}
    gone = small.hidden({key: is_small(value) for key, value in values.items()}, sizes)
    return {key: _without(value) if key in gone else value for key, value in values.items()}


def is_small(value: Value) -> bool:
    """Whether a cell tells of a few people only; none at all is no secret unless the base is small."""
    return value.value is not None and small.is_small(value.numerator, value.denominator)


def _size(value: Value) -> float:
    return value.denominator if value.denominator is not None else value.numerator or 0


def _without(value: Value) -> Value:
    return replace(value, value=None, numerator=None, denominator=None, groups={}, why=Why.SMALL)
