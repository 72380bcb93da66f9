"""What ails the people of a catchment, as arrays: long-term conditions, and how each body usually measures."""

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from synth.county import Catchment, Plan
from synth.people import EPOCH, People
from synth.rows import rng_for
from synth.tables import Array, table

#: Visits reach back this long.
HISTORY_DAYS = 730
DECEASED_SHARE_FROM_70 = 0.02
MOVED_SHARE = 0.004


@dataclass(frozen=True, slots=True)
class Health:
    """Arrays over the residents of a catchment. Days since 1970; pressures in mmHg; `height` and `weight` in tenths of
    cm and kg. `until` is the last day somebody can be seen: the day of death or leaving, or the end of the history.
    """

    ages: Array
    males: Array
    born: Array
    conditions: Array  # people × conditions, boolean
    systolic: Array
    diastolic: Array
    pulse: Array
    glucose: Array  # tenths of mmol/L
    height: Array
    weight: Array
    since: Array
    until: Array
    deceased: Array
    moved: Array


@lru_cache(maxsize=1)
def condition_slugs() -> tuple[str, ...]:
    """Slugs of the long-term conditions, in order of their columns."""
    return tuple(c["slug"] for c in table("conditions")["conditions"])


@lru_cache(maxsize=1)
def recorded_conditions() -> dict[int, str]:
    """Columns of the conditions that a registration names, with their slugs."""
    rows = table("conditions")["conditions"]
    return {i: c["slug"] for i, c in enumerate(rows) if c.get("recorded", True)}


@lru_cache(maxsize=1)
def _prevalence() -> tuple[Array, Array, Array]:
    data = table("conditions")
    men = np.array([c["men"] for c in data["conditions"]], dtype=float).T
    women = np.array([c["women"] for c in data["conditions"]], dtype=float).T
    return np.array(data["ages"]), men, women


def draw_health(plan: Plan, catchment: Catchment, people: People) -> Health:
    """Generate the health of a catchment's residents."""
    rng = rng_for(plan.seed, "health", catchment.index)
    ages = np.array([p.age for p in people.persons])
    males = np.array([p.male for p in people.persons])
    born = np.array([p.born for p in people.persons], dtype=np.int64)
    n = len(ages)
    conditions = _draw_conditions(rng, ages, males)
    pressure = conditions[:, condition_slugs().index("hypertension")]
    sugar = conditions[:, condition_slugs().index("diabetes")]
    end = plan.until.toordinal() - EPOCH
    deceased = (ages >= 70) & (rng.random(n) < DECEASED_SHARE_FROM_70)
    moved = ~deceased & (ages > 18) & (ages < 45) & (rng.random(n) < MOVED_SHARE)
    gone = deceased | moved
    until = np.where(gone, end - rng.integers(1, HISTORY_DAYS * 3 // 4, n), end)
    grown = np.clip(ages / 17, 0.0, 1.0) ** 0.75
    height = np.where(males, 1695, 1575) - np.clip((ages - 30) * 1.0, 0, 50) + rng.normal(0, 58, n)
    height = np.where(ages < 17, 500 + (height - 500) * grown + rng.normal(0, 12, n), height)
    mass = np.clip(rng.normal(241, 33, n) - (1 - grown) * 78, 130, 400) / 10  # kg/m²
    return Health(
        ages=ages,
        males=males,
        born=born,
        conditions=conditions,
        systolic=96 + grown * 14 + np.clip(ages - 30, 0, 60) * 0.32 + pressure * 18 + rng.normal(0, 8, n),
        diastolic=60 + grown * 10 + pressure * 9 - np.clip(ages - 60, 0, 40) * 0.15 + rng.normal(0, 6, n),
        pulse=np.clip(78 + (1 - grown) * 40 + rng.normal(0, 7, n), 52, 150),
        glucose=np.where(sugar, rng.normal(84, 18, n), rng.normal(53, 5, n)).clip(35, 200),
        height=height.clip(450, 1980),
        weight=(mass * (height / 1000) ** 2 * 10).clip(24, 1600),
        since=np.maximum(end - HISTORY_DAYS, born + 1),
        until=np.maximum(until, born + 2),
        deceased=deceased,
        moved=moved,
    )


def _draw_conditions(rng: np.random.Generator, ages: Array, males: Array) -> Array:
    starts, men, women = _prevalence()
    bands = np.searchsorted(starts, ages, side="right") - 1
    chance = np.where(males[:, None], men[bands], women[bands])
    # Who has one disease of vessels or sugar has the others more often: one shared draw moves all chances.
    frailty = np.exp(rng.normal(0, 0.55, len(ages)))[:, None] / np.exp(0.55**2 / 2)
    return cast(Array, rng.random(chance.shape) < np.minimum(chance * frailty, 0.95))
