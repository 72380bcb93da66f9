"""What devices measure, in which units, and what a value means: definitions read, values judged. Pure; no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from statistics import median
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from xinglin.platform.definitions import Definition, load, one

Values = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An item that devices measure: possible ends, codes, and the unit it is kept in (UCUM).

    `codes` are others by which devices name it: LOINC of another specimen, MDC of another way of measuring.
    """

    code: str
    zh: str
    en: str
    low: Decimal
    high: Decimal
    loinc: str
    mdc: str
    unit: str
    decimals: int
    also: Mapping[str, tuple[Decimal, Decimal]]
    shown_unit: str
    codes: frozenset[str]

    @property
    def label(self) -> str:
        """In the reader's language."""
        return self.zh if (get_language() or "zh").startswith("zh") else self.en

    def is_named(self, code: str) -> bool:
        """Whether a code names it: our own, LOINC or MDC."""
        return code in {self.code, self.loinc, self.mdc} or code in self.codes

    def kept(self, value: Decimal, unit: str) -> Decimal | None:
        """A value in the unit it is kept in; None when the unit is not one of the item's."""
        factor, offset = (Decimal(1), Decimal(0)) if unit == self.unit else self.also.get(unit, (None, None))
        if factor is None or offset is None:
            return None
        return (value * factor + offset).quantize(Decimal(1).scaleb(-self.decimals))


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A kind of device: what it measures, what comes together or not at all, and codes of what it says beside that, which
    is not kept.
    """

    slug: str
    definition: Definition
    items: tuple[str, ...]
    together: tuple[frozenset[str], ...]
    mdc: str
    left_out: frozenset[str]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    def is_whole(self, given: frozenset[str]) -> bool:
        """Whether nothing is missing of what comes together."""
        return all(given & each in (frozenset(), each) for each in self.together)


@dataclass(frozen=True, slots=True)
class Past:
    """Values of one person at one moment, how old he was (None where nobody knows, who is taken for an adult), and whether she is
    known to be expecting.
    """

    at: datetime
    values: Values
    years: int | None = None
    is_pregnant: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """When a value is not as it should be. `level` is task or urgent."""

    slug: str
    level: str
    raw: Mapping[str, Any]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return str(self.raw["zh" if (get_language() or "zh").startswith("zh") else "en"])

    @property
    def plain(self) -> str:
        """What the person himself is told."""
        return str(self.raw["plain_zh" if (get_language() or "zh").startswith("zh") else "plain_en"])

    @property
    def is_urgent(self) -> bool:
        """Whether somebody is told at once."""
        return self.level == "urgent"

    def holds(self, newest: Past, past: Sequence[Past]) -> bool:
        """Whether it holds for a measurement; `past` does not hold it."""
        if self.raw.get("pregnant") and not newest.is_pregnant:
            return False
        if "from_years" in self.raw and newest.years is not None and newest.years < self.raw["from_years"]:
            return False
        if "until_years" in self.raw and (newest.years is None or newest.years >= self.raw["until_years"]):
            return False
        if self.raw["kind"] == "single":
            return any(_beyond(each, newest.values.get(each["item"])) for each in self.raw["any"])
        return any(_beyond(each, self._mean(each["item"], newest, past)) for each in self.raw["any"])

    def _mean(self, item: str, newest: Past, past: Sequence[Past]) -> Decimal | None:
        """The mean of the days' means; None when there are too few days."""
        last = timezone.localdate(newest.at)
        first = last - timedelta(days=self.raw["within_days"] - 1)
        days: dict[date, list[Decimal]] = {}
        for each in [*past, newest]:
            day = timezone.localdate(each.at)
            if item in each.values and first <= day <= last:
                days.setdefault(day, []).append(each.values[item])
        if item not in newest.values or len(days) < self.raw["days"]:
            return None
        means = [sum(values, Decimal(0)) / len(values) for values in days.values()]
        return sum(means, Decimal(0)) / len(means)


def _beyond(bound: Mapping[str, Any], value: Decimal | None) -> bool:
    if value is None:
        return False
    if "at_least" in bound:
        return value >= Decimal(str(bound["at_least"]))
    return value <= Decimal(str(bound["at_most"]))


def quantities() -> Mapping[str, Quantity]:
    """Everything devices measure, by code."""
    return _quantities(tuple(load("reading-units")), tuple(load("programme-items")))


@lru_cache(maxsize=8)
def _quantities(units: tuple[Definition, ...], items: tuple[Definition, ...]) -> dict[str, Quantity]:
    raw = {each["code"]: each for definition in items for each in definition.content["items"]}
    found = {}
    for definition in units:
        for code, unit in definition.content["items"].items():
            item = raw[code]
            low, high = (Decimal(str(each)) for each in item["plausible"])
            also = {
                name: (Decimal(each["factor"]), Decimal(each.get("offset", "0"))) for name, each in unit["also"].items()
            }
            found[code] = Quantity(
                code, item["zh"], item["en"], low, high, item["loinc"], item["ieee11073"], unit["unit"], unit["decimals"],
                also, item["unit"],
                frozenset(unit.get("codes", ())),
            )  # fmt: skip
    return found


def kinds() -> dict[str, DeviceKind]:
    """Kinds of devices by slug."""
    return {
        each.slug: DeviceKind(
            each.slug, each, tuple(each.content["items"]), tuple(map(frozenset, each.content["together"])),
            each.content["mdc"], frozenset(each.content.get("left_out", ())),
        )
        for each in load("device-kinds")
    }  # fmt: skip


def item_of(code: str, kind: DeviceKind) -> Quantity | None:
    """The item of a kind of device that a code names: our own, LOINC, or MDC (the kind's first of several)."""
    known = quantities()
    return next((known[each] for each in kind.items if known[each].is_named(code)), None)


def is_known(code: str) -> bool:
    """Whether any kind of device measures what a code names, or says it beside that."""
    return any(each.is_named(code) for each in quantities().values()) or any(
        code in each.left_out for each in kinds().values()
    )


def number(value: object) -> Decimal | None:
    """A figure as the device wrote it; None when it is none."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10**6) and found.adjusted() > -9 else None


def rules() -> tuple[Rule, ...]:
    """What is not as it should be, the worst first."""
    return tuple(Rule(each["slug"], each["level"], each) for each in one("reading-rules", "home").content["rules"])


def version() -> str:
    """Of the rules in force."""
    return one("reading-rules", "home").version


def limit(name: str) -> int:
    """A limit of intake."""
    return int(one("reading-rules", "home").content["intake"][name])


def raised(newest: Past, past: Sequence[Past]) -> list[Rule]:
    """The rules that hold for a measurement, the worst first."""
    return [each for each in rules() if each.holds(newest, past)]


def dangers(newest: Past) -> list[Rule]:
    """The urgent rules that hold for a measurement by itself, whatever was before it."""
    return [each for each in raised(newest, ()) if each.is_urgent]


def is_far(newest: Values, past: Sequence[Values]) -> str:
    """The first item whose value lies too far from what this person had before; empty when none does."""
    for item, most in one("reading-rules", "home").content["far"].items():
        before = [each[item] for each in past if item in each]
        if item in newest and len(before) >= limit("far_at_least") and abs(newest[item] - median(before)) > most:
            return str(item)
    return ""
