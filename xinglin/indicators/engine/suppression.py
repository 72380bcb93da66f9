"""Small cells left out of what is published: nobody is to be recognised in a figure of a few people.

A count of people between 1 and 4, or a rate over fewer than 5, is left out. Where exactly one cell of a table was left out,
the total would give it away: the smallest of the others goes with it.
"""

from collections.abc import Mapping
from dataclasses import replace

from xinglin.indicators.engine.values import Value, Why

LEAST = 5
#: Figures of people; those of units and equipment are no secret.
ABOUT_PEOPLE = {"units", "insured", "residents"}


def suppressed(values: Mapping[str, Value], *, base: str) -> dict[str, Value]:
    """The same cells with the small ones left out."""
    if base not in ABOUT_PEOPLE:
        return dict(values)
    gone = {key for key, value in values.items() if is_small(value)}
    others = {key: _size(value) for key, value in values.items() if key not in gone and value.value is not None}
    if len(gone) == 1 and others:
        gone.add(min(others, key=lambda key: (others[key], key)))
    return {key: _without(value) if key in gone else value for key, value in values.items()}


def is_small(value: Value) -> bool:
    """Whether a cell tells of a few people only; none at all is no secret unless the base is small."""
    if value.value is None:
        return False
    if value.denominator is not None and value.denominator < LEAST:
        return True
    return value.numerator is not None and 0 < value.numerator < LEAST


def _size(value: Value) -> float:
    return value.denominator if value.denominator is not None else value.numerator or 0


def _without(value: Value) -> Value:
    return replace(value, value=None, numerator=None, denominator=None, groups={}, why=Why.SMALL)
