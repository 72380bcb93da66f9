"""Visits of the residents of one catchment over two years, as arrays: who, when, where, why, and what was measured."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from synth.county import Catchment, Plan
from synth.health import HISTORY_DAYS, Health, condition_slugs
from synth.people import EPOCH
from synth.rows import rng_for
from synth.tables import Array, table

#: Levels at which one can be seen, in the order of `levels` in the table of reasons.
VILLAGE, TOWNSHIP, COUNTY, TCM, MCH = range(5)
MEN, WOMEN = 0, 1
ELSEWHERE_SHARE = 0.03  # of village visits, at another clinic of the same township
_WEEKDAY = (1.12, 1.05, 1.0, 1.0, 1.0, 0.85, 0.7)  # Monday first


@dataclass(frozen=True)
class Reasons:
    """The table of reasons as arrays."""

    rows: tuple[dict[str, Any], ...]
    bands: Array
    running: Array  # age bands × sexes × reasons: running weights of acute reasons
    by_condition: Array  # condition → reason
    levels: Array  # reasons × levels: running shares
    season: Array  # of each reason
    day_weights: Array  # seasons × 12
    ecg: Array
    refer: Array
    between: Array
    vitals: Array


@lru_cache(maxsize=1)
def reasons() -> Reasons:
    """Read the table of reasons once."""
    data = table("reasons")
    rows = tuple(data["reasons"])
    weights = np.array([[r["weights"]] * 2 for r in rows], dtype=float)  # reasons × sexes × bands
    for i, row in enumerate(rows):
        if row.get("sex"):
            weights[i, WOMEN if row["sex"] == "M" else MEN] = 0
    slugs = [r.get("condition", "") for r in rows]
    names = list(data["seasons"])
    return Reasons(
        rows=rows,
        bands=np.array(data["ages"]),
        running=np.cumsum(weights.transpose(2, 1, 0), axis=2),
        by_condition=np.array([slugs.index(slug) for slug in condition_slugs()]),
        levels=np.cumsum([r["levels"] for r in rows], axis=1),
        season=np.array([names.index(r["season"]) for r in rows]),
        day_weights=np.array([data["seasons"][n] for n in names]),
        ecg=np.array([r.get("ecg", 0.0) for r in rows]),
        refer=np.array([r.get("refer", 0.0) for r in rows]),
        between=np.array([r.get("between", [0, 200]) for r in rows]),
        vitals=np.array([r["vitals"] for r in rows]),
    )


@dataclass(frozen=True, slots=True)
class Visits:
    """Arrays over visits, in order of person and time. `at` in local seconds since 1970; vitals with -1 for "not
    measured"; temperature, glucose, weight and height in tenths.
    """

    person: Array
    at: Array
    reason: Array
    level: Array
    elsewhere: Array
    systolic: Array
    diastolic: Array
    pulse: Array
    respiration: Array
    temperature: Array
    spo2: Array
    glucose: Array
    weight: Array
    height: Array
    complaint: Array  # position in the reason's list, by modulo
    draw: Array  # one number for everything that hangs on the visit


def draw_visits(plan: Plan, catchment: Catchment, health: Health) -> Visits:
    """Generate the visits of a catchment: exactly `visits_per_resident` for each resident on average."""
    rng = rng_for(plan.seed, "visits", catchment.index)
    total = catchment.n_residents * plan.visits_per_resident
    person = _who(rng, health, total)
    reason = _why(rng, health, person)
    at = _when(rng, plan, health, person, reason)
    order = np.lexsort((at, person))
    person, reason, at = person[order], reason[order], at[order]
    table_ = reasons()
    level = (rng.random(total)[:, None] > table_.levels[reason][:, :-1]).sum(axis=1)
    elsewhere = (level == VILLAGE) & (rng.random(total) < ELSEWHERE_SHARE)
    return Visits(
        person=person, at=at, reason=reason, level=level, elsewhere=elsewhere,
        complaint=rng.integers(0, 1 << 16, total), draw=rng.random(total),
        **_measure(rng, health, person, table_.vitals[reason], level),
    )  # fmt: skip


def _who(rng: np.random.Generator, health: Health, total: int) -> Array:
    """Children and elders come more often, people with long-term conditions much more."""
    n_conditions = health.conditions.sum(axis=1)
    base = np.interp(health.ages, [0, 2, 6, 12, 20, 40, 60, 75, 95], [1.6, 2.0, 1.4, 0.7, 0.5, 0.7, 1.2, 1.7, 1.3])
    weight = base * (1 + 1.5 * n_conditions) * rng.lognormal(0, 0.5, len(base))
    weight *= np.clip(health.until - health.since, 1, None) / HISTORY_DAYS
    return np.repeat(np.arange(len(base)), rng.multinomial(total, weight / weight.sum()))


def _why(rng: np.random.Generator, health: Health, person: Array) -> Array:
    table_ = reasons()
    n = len(person)
    band = np.searchsorted(table_.bands, health.ages[person], side="right") - 1
    sex = np.where(health.males[person], MEN, WOMEN)
    reason = np.empty(n, dtype=np.int64)
    draw = rng.random(n)
    for b in range(len(table_.bands)):
        for s in (MEN, WOMEN):
            here = np.flatnonzero((band == b) & (sex == s))
            running = table_.running[b, s]
            reason[here] = np.searchsorted(running, draw[here] * running[-1], side="right")
    ages = health.ages[person]
    outside = (ages < table_.between[reason, 0]) | (ages > table_.between[reason, 1])
    common_cold = next(i for i, row in enumerate(table_.rows) if row["code"] == "J06.900")
    reason[outside] = common_cold
    held = health.conditions[person]
    n_held = held.sum(axis=1)
    chronic = np.flatnonzero(rng.random(n) > 0.42**n_held)
    scores = np.where(held[chronic], rng.random((len(chronic), held.shape[1])), -1.0)
    reason[chronic] = table_.by_condition[scores.argmax(axis=1)]
    return reason


@lru_cache(maxsize=4)
def _calendar(end: int) -> Array:
    """Running weights of the days of the history, for each season."""
    days = np.arange(end - HISTORY_DAYS + 1, end + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    weekday = np.array(_WEEKDAY)[(days + 3) % 7]  # 1970-01-01 was a Thursday
    return np.cumsum(reasons().day_weights[:, months] * weekday, axis=1)


def _when(rng: np.random.Generator, plan: Plan, health: Health, person: Array, reason: Array) -> Array:
    end = plan.until.toordinal() - EPOCH - 1  # the last full day
    calendar = _calendar(end)
    season = reasons().season[reason]
    day = np.empty(len(person), dtype=np.int64)
    draw = rng.random(len(person))
    for s in range(len(calendar)):
        here = np.flatnonzero(season == s)
        day[here] = np.searchsorted(calendar[s], draw[here] * calendar[s][-1], side="right")
    day += end - HISTORY_DAYS + 1
    since, until = health.since[person], np.minimum(health.until[person] - 1, end)
    outside = (day < since) | (day > until)
    day = np.where(outside, since + (draw * (until - since + 1)).astype(np.int64), day)
    afternoon = rng.random(len(person)) < 0.36
    hours = np.where(
        afternoon, 14.0 + 3.4 * rng.beta(1.3, 2.0, len(person)), 7.6 + 4.1 * rng.beta(1.6, 1.9, len(person))
    )
    return day * 86_400 + (hours * 3600).astype(np.int64)


def _measure(rng: np.random.Generator, health: Health, person: Array, kind: Array, level: Array) -> dict[str, Array]:
    """Vitals: which are taken depends on the reason; -1 where not taken."""
    n = len(person)
    ages = health.ages[person]
    fever = kind == "fever"
    lung, high = kind == "lung", kind == "high"
    heart = np.isin(kind, ("pressure", "high", "pulse"))
    adult = ages >= 14
    takes = adult & (heart | (kind == "glucose") | (rng.random(n) < np.where(ages >= 35, 0.62, 0.25)))
    systolic = np.rint(health.systolic[person] + rng.normal(0, 9, n) + high * 24 + (rng.random(n) < 0.02) * 22)
    systolic = systolic.clip(84, 218)
    diastolic = np.rint(health.diastolic[person] + (systolic - health.systolic[person]) * 0.45 + rng.normal(0, 4, n))
    diastolic = np.minimum(diastolic.clip(48, 134), systolic - 22)
    hot = fever | (lung & (rng.random(n) < 0.25))
    temperature = np.rint(np.where(hot, rng.normal(382, 6, n), rng.normal(365, 2.3, n))).clip(355, 410)
    pulse = np.rint(health.pulse[person] + rng.normal(0, 6, n) + hot * 12 + (kind == "pulse") * rng.normal(8, 20, n))
    breath = np.rint(18 + np.clip(6 - ages, 0, 6) * 2 + rng.normal(0, 1.4, n) + lung * 3)
    saturation = np.rint(97.8 + rng.normal(0, 0.8, n) - lung * rng.exponential(2.5, n)).clip(82, 100)
    glucose = np.rint(health.glucose[person] + rng.normal(0, 9, n)).clip(30, 298)
    weighs = (kind == "growth") | (kind == "pregnant") | (rng.random(n) < 0.22)
    weight = np.rint(health.weight[person] + rng.normal(0, 6, n) + (kind == "pregnant") * 60).clip(24, 2500)

    def taken(values: Array, where: Array) -> Array:
        return np.where(where, values, -1).astype(np.int64)

    return {
        "systolic": taken(systolic, takes),
        "diastolic": taken(diastolic, takes),
        "pulse": taken(pulse.clip(44, 178), takes | hot | (kind == "pulse")),
        "respiration": taken(breath.clip(12, 44), hot | lung | ((level >= TOWNSHIP) & (rng.random(n) < 0.4))),
        "temperature": taken(temperature, hot | (kind != "glucose") & (rng.random(n) < 0.55)),
        "spo2": taken(saturation, lung | heart & (rng.random(n) < 0.18)),
        "glucose": taken(glucose, (kind == "glucose") | adult & (rng.random(n) < 0.03)),
        "weight": taken(weight, weighs),
        "height": taken(np.rint(health.height[person]), (kind == "growth") | weighs & (rng.random(n) < 0.6)),
    }
