"""FHIR R4: a definition as Measure, a figure as MeasureReport. What is not known is said as absent, never as 0.

Criteria are in our own language (`docs/how-to/write-a-definition.md`), named ``text/x-xinglin-indicator``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from xinglin.indicators.api import WHOLE, Indicator, Period
from xinglin.indicators.data import UnitName, Value, Why
from xinglin.platform import clock
from xinglin.submissions.drawing import value_of
from xinglin.submissions.formats.made import Made
from xinglin.submissions.forms import Form
from xinglin.submissions.models import Cell

MEDIA = "application/fhir+json"
LANGUAGE = "text/x-xinglin-indicator"
BASE = "urn:xinglin:measure:"
#: A Measure's canonical address ends in its slug; measures of a county live where its server is, so a URN names them.
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
#: Why there is no value, in the words of HL7's data-absent-reason.
REASONS: dict[Why, str] = {
    Why.NO_FACTS: "unknown", Why.NONE_HERE: "unknown", Why.ZERO_DENOMINATOR: "not-a-number", Why.NOT_KNOWN: "unknown",
    Why.NOT_APPLICABLE: "not-applicable", Why.SMALL: "masked",
}  # fmt: skip
UCUM, CURRENCY = "http://unitsofmeasure.org", "urn:iso:std:iso:4217"
CODES = {"%": (UCUM, "%"), "minutes": (UCUM, "min"), "days": (UCUM, "d"), "yuan": (CURRENCY, "CNY")}
PARTS = ("numerator", "denominator")
Resource = dict[str, Any]


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


def scoring_of(indicator: Indicator) -> str:
    """``proportion`` where the numerator is among the denominator, ``ratio`` where two counts are compared, else one value,
    as of amounts of money.
    """
    if indicator.growth_of or indicator.method or any(indicator.is_money(each) for each in PARTS):
        return "continuous-variable"
    if indicator.denominator is None:
        numerator = str(indicator.content.get("numerator", ""))
        return "cohort" if numerator.startswith(("count(", "persons(")) else "continuous-variable"
    return "proportion" if indicator.unit == "%" else "ratio"


@dataclass(frozen=True, slots=True)
class Population:
    """What a measure counts, or observes of each member. `counts`: the part of a figure that is its number of members; empty
    for what is not counted: an amount, a middle, a growth.
    """

    code: str
    name: str
    formula: str
    counts: str = ""
    says: str = ""


def _populations(indicator: Indicator) -> list[Population]:
    """The populations of a measure."""
    scoring, content = scoring_of(indicator), indicator.content
    said = {part: str(content[part]) for part in PARTS if content.get(part)}
    if any(indicator.is_money(part) for part in said):
        return [_of_money(indicator, part, formula) for part, formula in said.items()]
    if scoring in {"proportion", "ratio"}:
        members = [("initial-population", "denominator")] if scoring == "proportion" else []
        members += [(part, part) for part in PARTS]
        return [Population(code, code, said[part], _counted(indicator, part)) for code, part in members]
    code = "initial-population" if scoring == "cohort" else "measure-population"
    formula = said.get("numerator") or f"growth of {indicator.growth_of}"
    return [Population(code, code, formula, _counted(indicator, "numerator"))]


def _of_money(indicator: Indicator, part: str, formula: str) -> Population:
    if indicator.is_money(part):
        return Population("measure-observation", part, formula, says="amount of money, taken in fen (0.01 CNY)")
    return Population("measure-population", part, formula, _counted(indicator, part))


def _counted(indicator: Indicator, part: str) -> str:
    """The part, where its number is one of members; empty where not: a growth, or the middle of something measured."""
    measured = ("median(", "quantile(")
    is_measured = bool(indicator.growth_of) or str(indicator.content.get(part, "")).startswith(measured)
    return "" if is_measured else part


def measure_of(indicator: Indicator) -> Resource:
    """A definition as Measure."""
    head, content = indicator.definition, indicator.content
    better = {"up": "increase", "down": "decrease"}.get(str(content.get("direction", "")))
    group: Resource = {
        "population": [
            {
                "code": _concept("measure-population", each.code),
                **({"description": each.says} if each.says else {}),
                "criteria": {"name": each.name, "language": LANGUAGE, "expression": each.formula},
            }
            for each in _populations(indicator)
        ]
    }  # fmt: skip
    if indicator.group_by:
        criteria = {"name": "by", "language": LANGUAGE, "expression": indicator.group_by}
        group["stratifier"] = [{"code": {"text": indicator.group_by}, "criteria": criteria}]
    found: Resource = {
        "resourceType": "Measure", "id": indicator.slug, "url": BASE + indicator.slug,
        "version": head.valid_from.isoformat(), "name": indicator.slug.replace("-", "_").capitalize(),
        "title": head.title_en, "subtitle": head.title_zh, "status": "active",
        "date": head.valid_from.isoformat(), "description": content["why"]["en"], "purpose": content["why"]["zh"],
        "approvalDate": head.valid_from.isoformat(),
        "effectivePeriod": {"start": head.valid_from.isoformat()},
        "scoring": _concept("measure-scoring", scoring_of(indicator)),
        "rateAggregation": f"{indicator.unit}; multiplied by {indicator.per:g}",
        "group": [group],
    }  # fmt: skip
    if source := head.source_en or head.source:  # the same whoever writes the file
        found["relatedArtifact"] = [{"type": "citation", "citation": source}]
    if better:
        found["improvementNotation"] = _concept("measure-improvement-notation", better)
    return found


def report_id(slug: str, period: Period, unit: str) -> str:
    """Identifies one report: measure, period, unit."""
    return f"{slug}.{period.text}.{unit}"[:64]


def report_of(
    indicator: Indicator, period: Period, unit: UnitName, value: Value, *, made_at: datetime, is_over: bool = True
) -> Resource:
    """A figure at a unit as MeasureReport of the kind summary. `made_at` is when its facts were."""
    counted = [
        {"code": _concept("measure-population", each.code), **_count(getattr(value, each.counts), value)}
        for each in _populations(indicator)
        if each.counts
    ]
    group: Resource = {"measureScore": _score(indicator, value)}
    if counted:
        group["population"] = counted
    if value.groups:
        strata = [
            {"value": {"text": name}, "population": [{"code": _concept("measure-population", "initial-population"), "count": n}]}
            for name, n in value.groups.items()
        ]  # fmt: skip
        group["stratifier"] = [{"code": [{"text": indicator.group_by}], "stratum": strata}]
    return {
        "resourceType": "MeasureReport", "id": report_id(indicator.slug, period, unit.code or unit.key),
        "status": "complete" if is_over else "pending", "type": "summary",
        "measure": f"{BASE}{indicator.slug}|{indicator.definition.valid_from.isoformat()}",
        "date": made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "reporter": {"type": "Organization", "identifier": {"value": unit.code or unit.key}, "display": unit.name},
        "period": {"start": period.first.isoformat(), "end": period.last.isoformat()},
        **({"improvementNotation": measure_of(indicator)["improvementNotation"]}
           if "improvementNotation" in measure_of(indicator) else {}),
        "group": [group],
    }  # fmt: skip


def _count(number: float | None, value: Value) -> Resource:
    """A count of a population is a whole number; anything else is absent, with the reason."""
    if number is not None and number == int(number):
        return {"count": int(number)}
    reason = REASONS.get(value.why, "unknown") if number is None else "as-text"
    return {"_count": {"extension": [{"url": ABSENT, "valueCode": reason}]}}


def _score(indicator: Indicator, value: Value) -> Resource:
    if value.value is None:
        return {"extension": [{"url": ABSENT, "valueCode": REASONS.get(value.why, "unknown")}]}
    code = CODES.get(indicator.unit)
    unit = {"unit": indicator.unit, **({"system": code[0], "code": code[1]} if code else {})}
    return {"value": value.value, **unit}


def bundle(kind: str, resources: Iterable[Resource], *, identifier: str = "", at: datetime | None = None) -> Resource:
    """Resources as a Bundle of a kind: ``searchset`` or ``collection``."""
    entries = [
        {"fullUrl": f"urn:xinglin:{each['resourceType'].lower()}:{each['id']}", "resource": each} for each in resources
    ]
    found: Resource = {"resourceType": "Bundle", "type": kind}
    if identifier:
        found["identifier"] = {"system": "urn:xinglin:submission", "value": identifier}
    if at is not None:
        found["timestamp"] = at.astimezone(UTC).isoformat(timespec="seconds")
    if kind == "searchset":
        found["total"] = len(entries)
    return found | {"entry": entries}


def bundle_of(form: Form, period: Period, cells: Sequence[Cell], *, number: str) -> Made:
    """A submission as a collection: each measure once, then its reports."""
    of: Mapping[str, Indicator] = {each.name: each.indicator for each in form.items}
    # The file says the same whenever it is written: its moment is the end of the period, not that of writing.
    at = clock.end_of(period.last) - timedelta(seconds=1)
    reports = [
        report_of(
            of[each.item], period, UnitName(each.unit, each.unit_code, each.unit_name), value_of(each), made_at=at
        )
        for each in sorted(cells, key=lambda each: each.place)
        if form.level == "county" or each.unit != WHOLE
    ]
    found = bundle("collection", [*(measure_of(each) for each in of.values()), *reports], identifier=number)
    return Made(json.dumps(found, ensure_ascii=False, indent=1).encode(), f"{form.slug}-{period.text}.json", MEDIA)
