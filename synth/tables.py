"""The data tables of the generator (``definitions/synth``), read once and made ready for drawing."""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np

#: An array whose shape and kind its name tells.
Array = np.ndarray[Any, Any]
FOLDER = Path(__file__).resolve().parents[1] / "definitions" / "synth"


@cache
def table(name: str) -> dict[str, Any]:
    """One table as written."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Pyramid:
    """Shares of five-year age groups, and what depends on age in steps."""

    shares: Array
    years: int

    def by_age(self, name: str, ages: Array, column: int = 1) -> Array:
        """The value of a step table at each age."""
        steps = table("population")[name]
        starts = np.array([row[0] for row in steps])
        values = np.array([row[column] for row in steps], dtype=float)
        return cast(Array, values[np.searchsorted(starts, ages, side="right") - 1])


@lru_cache(maxsize=1)
def pyramid() -> Pyramid:
    """The national groups, tilted to the rural shares of children and elders."""
    data = table("population")
    shares = np.array(data["national_percent"]) / sum(data["national_percent"])
    young, old = data["rural_percent_under_15"] / 100, data["rural_percent_from_60"] / 100
    first, last = 15 // data["group_years"], 60 // data["group_years"]
    shares[:first] *= young / shares[:first].sum()
    shares[last:] *= old / shares[last:].sum()
    shares[first:last] *= (1 - young - old) / shares[first:last].sum()
    return Pyramid(shares, data["group_years"])


def apportion(total: int, weights: Array) -> Array:
    """Whole numbers in proportion to `weights` that sum to `total` (largest remainders)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return cast(Array, whole)
