"""Values made of others: sums of scores, body mass index, filtration rate. What lacks a part is None."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xinglin.platform.conditions import number
from xinglin.programmes.rules.items import Item

Facts = Mapping[str, Any]
MICROMOL_OF_MG = 88.4  # creatinine: µmol/L in 1 mg/dL


def inputs(formula: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the facts a formula needs, in order. :raises KeyError: a part is missing, or the kind is unknown"""
    kind = formula["kind"]
    named = {
        "bmi": ("weight", "height"), "ratio": ("over", "under"), "difference": ("from", "minus"),
        "scaled": ("raw",), "egfr": ("creatinine",),
    }  # fmt: skip
    if kind in {"sum", "product", "greatest"}:
        return tuple(each if isinstance(each, str) else each["field"] for each in formula["of"])
    return tuple(formula[key] for key in named[kind]) + (("sex", "age") if kind == "egfr" else ())


def compute(item: Item, facts: Facts, items: Mapping[str, Item]) -> Decimal | None:
    """The value of a computed item, rounded to its decimals; None when a part is not known."""
    assert item.formula is not None
    found = _COMPUTED[item.formula["kind"]](item.formula, facts, items)
    if found is None or number(found) is None:
        return None
    return Decimal(str(found)).quantize(item.step, ROUND_HALF_UP)


def _parts(formula: Mapping[str, Any], facts: Facts, items: Mapping[str, Item]) -> Iterator[float | None]:
    for part in formula["of"]:
        if isinstance(part, str):
            yield _points(part, facts, items)
        else:
            yield _banded(number(facts.get(part["field"])), part["bands"])


def _points(code: str, facts: Facts, items: Mapping[str, Item]) -> float | None:
    """A number itself; of a choice its points."""
    item = items.get(code)
    if item is not None and item.kind == "choice":
        chosen = next((each for each in item.options if each.code == facts.get(code)), None)
        return None if chosen is None or chosen.points is None else float(chosen.points)
    return number(facts.get(code))


def _banded(value: float | None, bands: Sequence[Sequence[float]]) -> float | None:
    """The points of the last band that begins at or below the value: ``[[0, 0], [50, 4]]`` gives 4 from 50 on."""
    if value is None:
        return None
    fitting = [points for since, points in bands if value >= since]
    return fitting[-1] if fitting else None


def _sum(formula: Mapping[str, Any], facts: Facts, items: Mapping[str, Item]) -> float | None:
    parts = list(_parts(formula, facts, items))
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _product(formula: Mapping[str, Any], facts: Facts, items: Mapping[str, Item]) -> float | None:
    found = float(formula.get("times", 1))
    for part in _parts(formula, facts, items):
        if part is None:
            return None
        found *= part
    return found


def _greatest(formula: Mapping[str, Any], facts: Facts, items: Mapping[str, Item]) -> float | None:
    parts = list(_parts(formula, facts, items))
    known = [part for part in parts if part is not None]
    return max(known) if known and len(known) == len(parts) else None


def _bmi(formula: Mapping[str, Any], facts: Facts, _items: Mapping[str, Item]) -> float | None:
    weight, height = number(facts.get(formula["weight"])), number(facts.get(formula["height"]))
    return weight / (height / 100) ** 2 if weight is not None and height else None


def _ratio(formula: Mapping[str, Any], facts: Facts, _items: Mapping[str, Item]) -> float | None:
    over, under = number(facts.get(formula["over"])), number(facts.get(formula["under"]))
    return over / under * float(formula.get("times", 1)) if over is not None and under else None


def _difference(formula: Mapping[str, Any], facts: Facts, _items: Mapping[str, Item]) -> float | None:
    whole, part = number(facts.get(formula["from"])), number(facts.get(formula["minus"]))
    return whole - part if whole is not None and part is not None else None


def _scaled(formula: Mapping[str, Any], facts: Facts, _items: Mapping[str, Item]) -> float | None:
    """A raw sum of `n` answers from `lowest` to `highest`, as 0 to 100."""
    raw, n, lowest = number(facts.get(formula["raw"])), formula["n"], formula["lowest"]
    return None if raw is None else (raw - n * lowest) / (n * (formula["highest"] - lowest)) * 100


def _egfr(formula: Mapping[str, Any], facts: Facts, _items: Mapping[str, Item]) -> float | None:
    """CKD-EPI 2021, from creatinine in µmol/L; for adults."""
    creatinine, age, sex = number(facts.get(formula["creatinine"])), number(facts.get("age")), facts.get("sex")
    if not creatinine or age is None or age < 18 or sex not in {"1", "2"}:
        return None
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex == "2" else (0.9, -0.302, 1.0)
    relative = creatinine / MICROMOL_OF_MG / kappa
    found = 142 * min(relative, 1) ** alpha * max(relative, 1) ** -1.2 * 0.9938**age * factor
    return float(found)


_COMPUTED = {
    "sum": _sum, "product": _product, "greatest": _greatest, "bmi": _bmi, "ratio": _ratio, "difference": _difference,
    "scaled": _scaled, "egfr": _egfr,
}  # fmt: skip
KINDS = tuple(_COMPUTED)
