"""Judging measurements: what cannot be, what must be looked at twice, what is dangerous. Definitions decide, no clock.

See ``definitions/vitals/limits.toml`` and ``hints.toml``; a county may put its own in their place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform import definitions
from xinglin.platform.conditions import Always, Condition, SomeOf, parse
from xinglin.platform.errors import InvalidInput
from xinglin.platform.language import either, is_english
from xinglin.visits import queries
from xinglin.visits.data import VITAL_NAMES, GlucoseWhen, Vitals
from xinglin.visits.models import Visit
from xinglin.visits.states import Status

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one measurement: its words, unit, and the ranges (both ends included)."""

    name: str
    zh: str
    en: str
    unit: str
    unit_en: str
    decimals: int
    lowest: Decimal
    highest: Decimal
    bands: tuple[tuple[int, Decimal, Decimal], ...]

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return either(self.zh, self.en)

    @property
    def unit_text(self) -> str:
        """Its unit in the reader's language."""
        return either(self.unit, self.unit_en)

    def usual_at(self, age_months: int) -> tuple[Decimal, Decimal]:
        """The usual range at an age in months."""
        fitting = [band for band in self.bands if band[0] <= age_months] or [self.bands[0]]
        return fitting[-1][1], fitting[-1][2]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with measurements: `refused` cannot be, `unusual` must be confirmed. Field to reason."""

    refused: dict[str, object] = field(default_factory=dict)
    unusual: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hint:
    """Something dangerous, said at once. `actions` of ``ecg`` and ``refer``; `source` and `mark` say where from."""

    slug: str
    tone: str
    title: str
    advice: str
    actions: tuple[str, ...]
    source: str
    mark: str


def limits() -> dict[str, Limit]:
    """The limits in force, by name of the measurement."""
    return _limits(definitions.one("vitals", "limits"))


@lru_cache(maxsize=4)
def _limits(definition: definitions.Definition) -> dict[str, Limit]:
    table: Mapping[str, Any] = definition.content["vitals"]
    return {name: _limit(name, table[name]) for name in VITAL_NAMES}


def _limit(name: str, row: Mapping[str, Any]) -> Limit:
    return Limit(
        name=name,
        zh=row["zh"],
        en=row["en"],
        unit=row["unit"],
        unit_en=row.get("unit_en", row["unit"]),
        decimals=row["decimals"],
        lowest=Decimal(str(row["possible"][0])),
        highest=Decimal(str(row["possible"][1])),
        bands=tuple((since, Decimal(str(low)), Decimal(str(high))) for since, low, high in row["usual"]),
    )


def age_in_months(born_on: date, on: date) -> int:
    """Completed months of age on a day; 0 for one not yet born."""
    return max(0, (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day))


def judge(vitals: Vitals, *, age_months: int) -> Judgement:
    """Hold measurements against the limits for an age."""
    found = Judgement()
    for name, limit in limits().items():
        value = getattr(vitals, name)
        if value is not None:
            _judge_one(limit, value, age_months, found)
    systolic, diastolic = vitals.systolic, vitals.diastolic
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        found.refused.setdefault("diastolic", _("舒张压应低于收缩压，请核对是否填反。"))
    if (systolic is None) != (diastolic is None):
        found.refused.setdefault("diastolic" if diastolic is None else "systolic", _("收缩压和舒张压应同时填写。"))
    if vitals.glucose_when and vitals.glucose_when not in set(GlucoseWhen):
        found.refused["glucose_when"] = _("采血时间无法识别。")
    for name in found.refused:
        found.unusual.pop(name, None)
    return found


def _judge_one(limit: Limit, value: Number, age_months: int, found: Judgement) -> None:
    given = Decimal(value)
    words = {"low": limit.lowest, "high": limit.highest, "unit": limit.unit}
    if not given.is_finite() or not limit.lowest <= given <= limit.highest:
        found.refused[limit.name] = _("超出可能的范围（%(low)s–%(high)s %(unit)s），请核对。") % words
    elif given != round(given, limit.decimals):
        found.refused[limit.name] = _("请填写整数。") if limit.decimals == 0 else _("最多保留一位小数。")
    else:
        low, high = limit.usual_at(age_months)
        if not low <= given <= high:
            words = {"low": low, "high": high, "unit": limit.unit}
            found.unusual[limit.name] = _("少见的数值（常见 %(low)s–%(high)s %(unit)s），请复测或确认。") % words


def require_plausible(vitals: Vitals, *, age_months: int) -> None:
    """Refuse measurements that cannot be, and unusual ones that nobody confirmed.

    :raises InvalidInput: `code` is ``vitals-impossible`` or ``vitals-unusual``; `fields` say which and why
    """
    judgement = judge(vitals, age_months=age_months)
    if judgement.refused:
        raise InvalidInput(_("有测量值不可能，请核对。"), fields=_named(judgement.refused), code="vitals-impossible")
    if judgement.unusual and not vitals.confirmed_unusual:
        fields = {**_named(judgement.unusual), "confirmed_unusual": _("请复测；确认无误后勾选“已复核”。")}
        raise InvalidInput(_("有少见的测量值，请复测或确认。"), fields=fields, code="vitals-unusual")


def _named(reasons: Mapping[str, object]) -> dict[str, object]:
    """Reasons that say which measurement they are about: a summary shows them away from their field."""
    table = limits()
    return {
        name: _("%(label)s：%(reason)s") % {"label": table[name].label, "reason": reason} if name in table else reason
        for name, reason in reasons.items()
    }


def believable(vitals: Vitals, *, age_months: int) -> Vitals:
    """The measurements without those that are refused; of a pressure, both numbers go."""
    refused = set(judge(vitals, age_months=age_months).refused)
    if refused & {"systolic", "diastolic"}:
        refused |= {"systolic", "diastolic"}
    nothing: dict[str, Any] = dict.fromkeys(refused & set(VITAL_NAMES))
    return replace(vitals, **nothing)


def hints(vitals: Vitals, *, words: str, age_years: int) -> list[Hint]:
    """What is dangerous in these measurements and words of the complaint, the worst first; nothing shown twice."""
    applying = [
        row
        for row, condition in _hints(definitions.one("vitals", "hints"))
        if _applies(row, condition, vitals, words, age_years)
    ]
    hidden = {slug for row in applying for slug in row.get("hides", ())}
    found = [_hint(row) for row in applying if row["slug"] not in hidden]
    return sorted(found, key=lambda hint: hint.tone != "critical")


def hints_of(visit: Visit) -> list[Hint]:
    """The hints of a visit as it was written down, at the age of that day; none of a void one."""
    if visit.status == Status.VOIDED:
        return []
    age_years = age_in_months(visit.resident.born_on, timezone.localdate(visit.started_at)) // 12
    return hints(queries.vitals_of(visit), words=visit.complaint, age_years=age_years)


def is_dangerous(visit: Visit) -> bool:
    """Whether a hint of the visit is critical: what is asked for it should not wait."""
    return any(hint.tone == "critical" for hint in hints_of(visit))


@lru_cache(maxsize=4)
def _hints(definition: definitions.Definition) -> list[tuple[Mapping[str, Any], Condition]]:
    """Each hint with the condition of its measurements; where it has none, it always holds."""
    return [(row, SomeOf(1, _measured(row)) if "any" in row else Always()) for row in definition.content["hints"]]


def _measured(row: Mapping[str, Any]) -> list[Condition]:
    return [parse({("field" if key == "vital" else key): each[key] for key in each}) for each in row["any"]]


def _applies(row: Mapping[str, Any], condition: Condition, vitals: Vitals, words: str, age_years: int) -> bool:
    if not row.get("from_years", 0) <= age_years < row.get("until_years", 200):
        return False
    if not condition.truth({name: getattr(vitals, name) for name in VITAL_NAMES}):
        return False
    return "words" not in row or any(word in words for word in row["words"])


def _hint(row: Mapping[str, Any]) -> Hint:
    english = is_english()
    return Hint(
        slug=row["slug"],
        tone=row["tone"],
        title=row["en"] if english else row["zh"],
        advice=row["advice_en"] if english else row["advice_zh"],
        actions=tuple(row["actions"]),
        source=row["source"],
        mark=row["mark"],
    )
