"""Funds: what is shared, by which weights, to the last fen. Exact, without a database.

A fund has parts; each part is shared among units of some kinds by the product of its factors. The parts add up to the
pool, the lines of a part to the part: what is left of a division goes to the largest remainders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from xinglin.evaluations.rules.plans import KINDS, LEVELS
from xinglin.evaluations.rules.reading import HUNDRED, Place, said
from xinglin.evaluations.rules.scoring import exact
from xinglin.indicators import api as indicators
from xinglin.platform.definitions import Definition, cited, load
from xinglin.platform.language import either
from xinglin.platform.splitting import largest_remainder

TOPIC = "fund-plans"
#: What is given for a pool: an amount, or a budget and what was spent of it.
POOLS = {"amount": ("amount",), "surplus": ("budget", "spent")}
FIGURE_PARTS = {"value", "numerator", "denominator"}


class Overrun(ValueError):
    """More was spent than the budget: there is nothing to share, and nothing is taken from anybody by itself."""


class NoWeight(ValueError):
    """Nobody has a weight in a part: the part, by its code."""


class NoFigure(ValueError):
    """A figure is missing that the fund does not do without: the unit's name and the indicator."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a weight. ``equal``; ``score`` (of 1; below `least` none); ``coefficient`` by kind of unit;
    ``figure``: a frozen figure, at most `most`; `no_data`: ``refuse`` or ``zero``.
    """

    kind: str
    least: Fraction = Fraction(0)
    by: Mapping[str, Fraction] = None  # type: ignore[assignment]
    indicator: str = ""
    level: str = ""
    part: str = ""
    most: Fraction | None = None
    no_data: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a fund: percent of the pool, shared among units of some kinds."""

    code: str
    title_zh: str
    title_en: str
    percent: Fraction
    kinds: frozenset[str]
    factors: tuple[Factor, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class Fund:
    """One fund. `retain`: percent of a surplus that is kept and shared; `most`: at most so many percent of the budget."""

    slug: str
    version: str
    title_zh: str
    title_en: str
    source: str
    source_en: str
    mark: str
    pool: str
    retain: Fraction
    most: Fraction | None
    parts: tuple[Part, ...]
    content: Mapping[str, Any]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)

    @property
    def cited(self) -> str:
        """Where it comes from, in the reader's language as far as it was given."""
        return cited(self.source, self.source_en)

    def part(self, code: str) -> Part:
        """One part. :raises KeyError: there is none of that code"""
        found = next((each for each in self.parts if each.code == code), None)
        if found is None:
            raise KeyError(code)
        return found

    @property
    def figures(self) -> set[tuple[str, str]]:
        """Frozen figures it asks for: (indicator, level)."""
        return {(each.indicator, each.level) for part in self.parts for each in part.factors if each.indicator}


@dataclass(frozen=True, slots=True)
class Taker:
    """A unit that may get something. `score`: of 1, its own or that of the unit that manages it; None: no score.
    `figures`: by (indicator, level, part); None: no data.
    """

    key: int
    name: str
    kind: str
    score: Fraction | None = None
    score_of: str = ""
    figures: Mapping[tuple[str, str, str], float | None] = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit gets out of one part: the factors as they were multiplied, the weight, the amount."""

    taker: Taker
    part: str
    factors: tuple[Mapping[str, Any], ...]
    weight: Fraction
    fen: int


_KEYS = {"slug", "version", "mark", "source", "source_en", "title", "order", "pool", "retain", "most_percent", "parts"}


def funds() -> list[Fund]:
    """Every fund. :raises DefinitionError: names the fund and the place"""
    return list(_funds(tuple(load(TOPIC))))


@lru_cache(maxsize=8)
def _funds(found: tuple[Definition, ...]) -> tuple[Fund, ...]:
    return tuple(check(said(each)) for each in found)


def check(content: Mapping[str, Any], *, is_kept: bool = False) -> Fund:
    """The fund of what a definition says; `is_kept`: of what a distribution keeps, whose indicators were known then.

    :raises DefinitionError: names the fund, the place, and what is wrong
    """
    at = Place(str(content.get("slug", "?")), content)
    at.only(_KEYS)
    known = None if is_kept else indicators.known_indicators()
    parts = tuple(_part(each, known) for each in at.places("parts"))
    codes = [each.code for each in parts]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise at.refuse("parts", f"the code {twice[0]!r} stands twice")
    if (total := sum(each.percent for each in parts)) != HUNDRED:
        raise at.refuse("parts", f"percentages come to {float(total):g}, not to 100")
    retain = at.number("retain", HUNDRED)
    if not 0 < retain <= HUNDRED:
        raise at.refuse("retain", "is above 0, at most 100")
    most = at.number("most_percent") if "most_percent" in at.raw else None
    if most is not None and most <= 0:
        raise at.refuse("most_percent", "is above 0")
    return Fund(
        at.text("slug"), at.text("version"), *at.words("title"), *at.cited(), at.text("mark"),
        at.among("pool", POOLS), retain, most, parts, content,
    )  # fmt: skip


def _part(at: Place, known: Mapping[str, Any] | None) -> Part:
    at.only({"code", "title", "percent", "units", "factors"})
    at = Place(f"{at.path} {at.text('code')}", at.raw)
    kinds, percent = at.texts("units", KINDS), at.number("percent")
    if not kinds:
        raise at.refuse("units", "names kinds of facilities")
    if not 0 < percent <= HUNDRED:
        raise at.refuse("percent", "is above 0, at most 100")
    factors = tuple(_factor(each, kinds, known) for each in at.places("factors"))
    return Part(at.text("code"), *at.words("title"), percent, kinds, factors)


def _factor(at: Place, kinds: frozenset[str], known: Mapping[str, Any] | None) -> Factor:
    kind = at.among("kind", ("equal", "score", "coefficient", "figure"))
    if kind == "equal":
        at.only({"kind"})
        return Factor(kind)
    if kind == "score":
        at.only({"kind", "least"})
        return Factor(kind, least=at.number("least", 0) / HUNDRED)
    if kind == "coefficient":
        at.only({"kind", "by"})
        by = Place(f"{at.path}: by", at.raw.get("by"))
        by.only(kinds)
        found = {each: by.number(each) for each in sorted(kinds)}
        if wrong := [each for each, value in found.items() if value < 0]:
            raise by.refuse(wrong[0], "is not below 0")
        return Factor(kind, by=found)
    at.only({"kind", "indicator", "level", "part", "most", "no_data"})
    slug, level = at.text("indicator"), at.among("level", LEVELS)
    if known is not None and slug not in known:
        raise at.refuse("indicator", f"there is no indicator {slug!r}")
    if known is not None and level not in known[slug].levels:
        raise at.refuse("level", f"{slug} is not told of a {level}")
    most = at.number("most") if "most" in at.raw else None
    part, no_data = at.among("part", FIGURE_PARTS, "value"), at.among("no_data", ("refuse", "zero"))
    return Factor(kind, indicator=slug, level=level, part=part, most=most, no_data=no_data)


def pool_of(fund: Fund, given: Mapping[str, int]) -> int:
    """What is shared, in fen. :raises Overrun: nothing is left. :raises KeyError: an amount is not given"""
    if fund.pool == "amount":
        return given["amount"]
    budget, surplus = given["budget"], given["budget"] - given["spent"]
    if surplus <= 0:
        raise Overrun
    kept = surplus if fund.most is None else min(surplus, int(budget * fund.most // HUNDRED))
    return int(kept * fund.retain // HUNDRED)


def with_changes(fund: Fund, *, percents: Mapping[str, Fraction] | None = None, least: Fraction | None = None) -> Fund:
    """The same fund as it might be: other percentages of its parts, another least score (of 100).

    :raises ValueError: percentages do not add up to 100
    """
    parts = tuple(replace(each, percent=(percents or {}).get(each.code, each.percent)) for each in fund.parts)
    if sum(each.percent for each in parts) != HUNDRED or min(each.percent for each in parts) < 0:
        raise ValueError("percentages")
    if least is not None:
        parts = tuple(
            replace(
                each,
                factors=tuple(
                    replace(one, least=least / HUNDRED) if one.kind == "score" else one for one in each.factors
                ),
            )
            for each in parts
        )
    return replace(fund, parts=parts)


def share(fund: Fund, pool_fen: int, takers: Sequence[Taker]) -> list[Line]:
    """The pool to the last fen: the lines add up to it.

    :raises NoWeight: nobody has a weight in a part that has something. :raises NoFigure: a figure is missing
    """
    amounts = _split(pool_fen, [each.percent for each in fund.parts])
    found: list[Line] = []
    for part, fen in zip(fund.parts, amounts, strict=True):
        among = [each for each in takers if each.kind in part.kinds]
        weighed = [_weight(part, each) for each in among]
        if not any(weight for _factors, weight in weighed):
            if fen:
                raise NoWeight(part.code)
            continue
        shares = _split(fen, [weight for _factors, weight in weighed])
        found += [
            Line(taker, part.code, factors, weight, amount)
            for taker, (factors, weight), amount in zip(among, weighed, shares, strict=True)
        ]
    return found


def _split(fen: int, weights: Sequence[Fraction]) -> list[int]:
    common = lcm(*(each.denominator for each in weights))
    return largest_remainder(fen, [int(each * common) for each in weights])


def _weight(part: Part, taker: Taker) -> tuple[tuple[Mapping[str, Any], ...], Fraction]:
    told: list[Mapping[str, Any]] = []
    weight = Fraction(1)
    for each in part.factors:
        value, words = _value(each, taker)
        weight *= value
        told.append({"kind": each.kind, "value": _written(value), **words})
    return tuple(told), weight


def _value(factor: Factor, taker: Taker) -> tuple[Fraction, Mapping[str, Any]]:
    if factor.kind == "equal":
        return Fraction(1), {}
    if factor.kind == "coefficient":
        return factor.by[taker.kind], {}
    if factor.kind == "score":
        if taker.score is None:
            return Fraction(0), {"why": "no-score"}
        told = {"of": taker.score_of} if taker.score_of else {}
        return (taker.score, told) if taker.score >= factor.least else (Fraction(0), {**told, "why": "below-least"})
    figure = (taker.figures or {}).get((factor.indicator, factor.level, factor.part))
    words = {"indicator": factor.indicator, "level": factor.level, "part": factor.part}
    if figure is None:
        if factor.no_data == "refuse":
            raise NoFigure(taker.name, factor.indicator)
        return Fraction(0), {**words, "why": "no-data"}
    value = max(Fraction(0), exact(figure))
    if factor.most is not None and value > factor.most:
        return factor.most, {**words, "why": "capped", "figure": _written(value)}
    return value, words


def _written(value: Fraction) -> str:
    """As people write it: exact where it is short, else with six decimals."""
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):.6f}"
    return text.rstrip("0").rstrip(".")


__all__ = [
    "Fund",
    "Line",
    "NoFigure",
    "NoWeight",
    "Overrun",
    "Taker",
    "check",
    "funds",
    "pool_of",
    "share",
    "with_changes",
]
