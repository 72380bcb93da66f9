"""What a figure is worth: exact, without a database, the same today and in ten years.

Scores are hundredths of a point. A figure that is not there is never 0 by itself: the plan says what becomes of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from xinglin.evaluations.rules.plans import Item, Plan, Rule, Treatment
from xinglin.evaluations.rules.reading import HUNDRED


class Basis(StrEnum):
    """Why an item has the score it has, or none."""

    COMPUTED = "computed"  # by the rule, from the figure
    REVIEWED = "reviewed"  # by a reviewer
    APPEALED = "appealed"  # by the decision on an appeal
    WAITING = "waiting"  # nobody looked at it yet
    HELD = "held"  # no data: a reviewer decides
    NO_DATA_ZERO = "no-data-zero"
    NO_DATA_FULL = "no-data-full"
    NO_DATA_LEFT_OUT = "no-data-left-out"  # its weight goes to the others
    NOT_APPLICABLE_FULL = "not-applicable-full"
    NOT_APPLICABLE = "not-applicable"  # its weight goes to the others


#: Items whose weight the others take over.
LEFT_OUT = frozenset({Basis.NO_DATA_LEFT_OUT, Basis.NOT_APPLICABLE})
#: What somebody gave, or left out; the rest an item has from the figures, when its round is opened.
BY_HAND = frozenset({Basis.REVIEWED, Basis.APPEALED, Basis.NO_DATA_LEFT_OUT})
#: Items that have no score yet.
OPEN = frozenset({Basis.WAITING, Basis.HELD})


@dataclass(frozen=True, slots=True)
class Given:
    """A figure as it was frozen: `value` None says `why`."""

    value: float | None
    denominator: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """What an item came to: hundredths of a point, or None while it is open or left out."""

    points: int | None
    basis: Basis


def rounded(value: Fraction) -> int:
    """To a whole number, a half away from zero (of what is never negative)."""
    return int((2 * value + 1) // 2)


def exact(value: float) -> Fraction:
    """A figure as it is written, not as the machine holds it."""
    return Fraction(Decimal(repr(value)))


def share_of(rule: Rule, value: Fraction, *, weight: int, all_values: Sequence[Fraction] = ()) -> Fraction:
    """The share of the weight, from 0 to 1, that a figure is worth. `all_values`: of every unit, for a rule by rank."""
    n, sign = rule.numbers, 1 if rule.direction == "up" else -1
    if rule.kind == "full-at":
        found = Fraction(sign * (value - n["target"]) >= 0)
    elif rule.kind == "yes-no":
        found = Fraction(sign * (value - n["yes_at"]) >= 0)
    elif rule.kind == "proportional":
        found = (value - n["floor"]) / (n["target"] - n["floor"])
    elif rule.kind == "deduct":
        units = -((-max(Fraction(0), sign * (n["target"] - value))) // n["per"])  # each unit begun counts
        found = 1 - units * n["points"] * HUNDRED / weight
    elif rule.kind == "rank":
        found = _by_rank(rule, value, all_values)
    else:
        found = _on_step(rule, value)
    return min(Fraction(1), max(Fraction(0), found))


def _on_step(rule: Rule, value: Fraction) -> Fraction:
    for each in rule.steps:
        if each.end is None or value < each.end:
            return each.percent / HUNDRED
    raise AssertionError("the last step has no end")


def _by_rank(rule: Rule, value: Fraction, all_values: Sequence[Fraction]) -> Fraction:
    """Alike figures have the same place; the only unit is the first."""
    sign = 1 if rule.direction == "up" else -1
    better = sum(sign * each > sign * value for each in all_values)
    last = max(len(all_values) - 1, 1)
    spread = rule.numbers["first"] - rule.numbers["last"]
    return (rule.numbers["first"] - spread * better / last) / HUNDRED


_NO_DATA = {
    Treatment.HOLD: Basis.HELD,
    Treatment.ZERO: Basis.NO_DATA_ZERO,
    Treatment.FULL: Basis.NO_DATA_FULL,
    Treatment.REDISTRIBUTE: Basis.NO_DATA_LEFT_OUT,
}


def counts(item: Item, given: Given) -> bool:
    """Whether a figure is there, of enough."""
    return given.value is not None and (not item.least or given.denominator is None or given.denominator >= item.least)


def score_item(plan: Plan, item: Item, *, kind: str, given: Given, all_values: Sequence[Fraction] = ()) -> Scored:
    """One item of one unit before anybody looked at it."""
    if not item.applies_to(kind) or given.why == "not-applicable":
        if plan.not_applicable is Treatment.FULL:
            return Scored(item.weight, Basis.NOT_APPLICABLE_FULL)
        return Scored(None, Basis.NOT_APPLICABLE)
    if item.rule is None:
        return Scored(None, Basis.WAITING)
    if not counts(item, given) or given.value is None:
        basis = _NO_DATA[item.no_data]
        return Scored({Basis.NO_DATA_ZERO: 0, Basis.NO_DATA_FULL: item.weight}.get(basis), basis)
    share = share_of(item.rule, exact(given.value), weight=item.weight, all_values=all_values)
    return Scored(rounded(share * item.weight), Basis.COMPUTED)


def score_units(
    plan: Plan, kinds: Mapping[str, str], figures: Mapping[str, Mapping[str, Given]]
) -> dict[str, dict[str, Scored]]:
    """Every item of every unit. `kinds`: kind by unit; `figures`: by unit and code of the item; absent is no data."""
    none = Given(None, why="no-facts")
    found: dict[str, dict[str, Scored]] = {unit: {} for unit in kinds}
    for item in plan.items:
        given = {unit: figures.get(unit, {}).get(item.code, none) for unit in kinds}
        compared = [
            exact(each.value)
            for unit, each in given.items()
            if each.value is not None and counts(item, each) and item.applies_to(kinds[unit])
        ]
        for unit, kind in kinds.items():
            found[unit][item.code] = score_item(plan, item, kind=kind, given=given[unit], all_values=compared)
    return found


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a sheet in hundredths: `earned` of `applicable`, brought to the full mark; None while an item is open."""

    points: int | None
    earned: int
    applicable: int
    n_open: int


def total(plan: Plan, scores: Mapping[str, Scored]) -> Total:
    """What a sheet comes to: earned ÷ applicable × full mark. With no item that applies there is no total."""
    counted = [each for each in plan.items if scores[each.code].basis not in LEFT_OUT]
    earned = sum(scores[each.code].points or 0 for each in counted)
    applicable = sum(each.weight for each in counted)
    n_open = sum(scores[each.code].basis in OPEN for each in counted)
    whole = None if n_open or not applicable else rounded(Fraction(earned * plan.full, applicable))
    return Total(whole, earned, applicable, n_open)


@dataclass(frozen=True, slots=True)
class Placed:
    """One unit in a ranking: its place, shared by those alike."""

    unit: str
    points: int
    place: int
    is_tied: bool


def ranked(totals: Mapping[str, int]) -> list[Placed]:
    """Units by total, the best first; those alike share a place, and the next one is as many further down (1, 2, 2, 4)."""
    ordered = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    values = [points for _unit, points in ordered]
    return [
        Placed(unit, points, 1 + sum(each > points for each in values), values.count(points) > 1)
        for unit, points in ordered
    ]


__all__ = [
    "LEFT_OUT",
    "OPEN",
    "Basis",
    "Given",
    "Placed",
    "Scored",
    "Total",
    "ranked",
    "score_units",
    "share_of",
    "total",
]
