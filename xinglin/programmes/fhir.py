"""FHIR R4 of programmes: an enrolment as EpisodeOfCare, its plan as CarePlan with two Goals, a grade as Observation, a visit as
QuestionnaireResponse. Reads no row of its own. What was not measured is absent or said as unknown, never as false or 0.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from xinglin.programmes import titles
from xinglin.programmes.data import EndReason
from xinglin.programmes.models import Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.states import Status
from xinglin.web.fhir import TERMINOLOGY, Resource

PROGRAMME, GRADE, ITEM = "urn:xinglin:programme", "urn:xinglin:programme-grade", "urn:xinglin:programme-item"
LOINC = "http://loinc.org"
#: A second registration of one person was joined to the first.
WRONG = EndReason.DUPLICATE
EPISODES: dict[str, str] = {
    Status.CANDIDATE: "planned", Status.CONFIRMED: "waitlist", Status.ENROLLED: "active", Status.PAUSED: "onhold",
    Status.LOST: "onhold", Status.GRADUATED: "finished", Status.ENDED: "finished", Status.DISMISSED: "cancelled",
}  # fmt: skip
PLANS: dict[str, str] = {
    Status.ENROLLED: "active", Status.PAUSED: "on-hold", Status.LOST: "on-hold", Status.GRADUATED: "completed", Status.ENDED: "revoked",
}  # fmt: skip
GOALS: dict[str, str] = {
    Status.ENROLLED: "active", Status.PAUSED: "on-hold", Status.LOST: "on-hold", Status.GRADUATED: "completed", Status.ENDED: "cancelled",
}  # fmt: skip
#: The threshold that is reported and the target of treatment are two.
TARGETS = ("reporting", "clinical")
#: An id has at most 64 characters, of which a uuid and a dot take 37.
MOST_SLUG = 27


def episode_of(row: Enrolment) -> Resource:
    """An enrolment from being found to the end; `row` with its resident, facility and status changes."""
    found = {
        "resourceType": "EpisodeOfCare", "id": str(row.uuid), "status": _status(row, EPISODES),
        "statusHistory": list(_history(row)), "type": [_programme(row)], "patient": _subject(row),
        "managingOrganization": _facility(row), "period": _period(row.enrolled_on, row.ended_on),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def care_plan_of(row: Enrolment) -> Resource:
    """The plan of an enrolment that was begun: the version it runs by, its goals, the next visit."""
    found: Resource = {
        "resourceType": "CarePlan", "id": str(row.uuid), "status": _status(row, PLANS), "intent": "plan",
        "instantiatesUri": [_canonical(row.programme, row.version)], "title": _title(row), "subject": _subject(row),
        "period": _period(row.enrolled_on, row.ended_on), "author": _facility(row),
        "supportingInfo": [{"reference": f"EpisodeOfCare/{row.uuid}"}],
        "goal": [{"reference": f"Goal/{each['id']}"} for each in goals_of(row)],
    }  # fmt: skip
    if row.next_due_on and row.status == Status.ENROLLED:
        detail = {
            "status": "scheduled", "code": {"text": "follow-up visit"}, "scheduledPeriod": {"end": row.next_due_on.isoformat()},
            "location": {"display": str(row.facility)},
        }  # fmt: skip
        found["activity"] = [{"detail": detail}]
    return {name: value for name, value in found.items() if value}


def goals_of(row: Enrolment) -> list[Resource]:
    """The thresholds of the version somebody runs by, each with whether the latest visit reached it."""
    programme = _definition(row)
    return [
        _goal(row, name, target.rules, reached)
        for name, reached in zip(TARGETS, (row.is_controlled, row.on_target), strict=True)
        if programme is not None and (target := getattr(programme, name)) is not None
    ]


def _goal(row: Enrolment, name: str, rules: Iterable[tuple[Any, Any, Any]], reached: bool | None) -> Resource:
    achievement = {True: "achieved", False: "not-achieved", None: "in-progress"}[reached]
    found: Resource = {
        "resourceType": "Goal", "id": f"{row.uuid}.{name}", "lifecycleStatus": _status(row, GOALS),
        "achievementStatus": {"coding": [{"system": TERMINOLOGY + "goal-achievement", "code": achievement}]},
        "category": [{"coding": [{"system": "urn:xinglin:programme-target", "code": name}]}],
        "description": {"text": " / ".join(dict.fromkeys(str(text) for _who, _met, text in rules))},
        "subject": _subject(row), "addresses": [{"reference": f"EpisodeOfCare/{row.uuid}"}],
    }  # fmt: skip
    if row.enrolled_on:
        found["startDate"] = row.enrolled_on.isoformat()
    if reached is not None and row.last_visit_on:
        found["statusDate"] = row.last_visit_on.isoformat()
    return found


def grade_of(row: VisitResult) -> Resource:
    """What a visit came to in one programme; `row` with its visit and enrolment."""
    visit, enrolment = row.visit, row.enrolment
    said = titles.grade(enrolment.programme, row.version, row.grade)
    value: Resource = {"dataAbsentReason": _code("data-absent-reason", "unknown")}
    if row.grade:
        system = f"{GRADE}:{enrolment.programme}"
        coding = {"system": system, "version": row.version, "code": row.grade, "display": said or row.grade}
        value = {"valueCodeableConcept": {"coding": [coding]}}
    return {
        "resourceType": "Observation", "id": f"{visit.uuid}.{enrolment.programme[:MOST_SLUG]}",
        "status": "amended" if visit.replaces_id else "final", "category": [_code("observation-category", "survey")],
        "code": {"coding": [{"system": GRADE, "code": enrolment.programme}]}, "subject": _subject(enrolment),
        "effectiveDateTime": visit.happened_at.isoformat(), "issued": visit.recorded_at.isoformat(),
        **({"performer": [{"display": visit.clinician_name}]} if visit.clinician_name else {}), **value,
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{visit.uuid}"}],
        "component": [
            {"code": {"coding": [{"system": "urn:xinglin:programme-target", "code": name}]}, **_yes_no(reached)}
            for name, reached in zip(TARGETS, (row.is_controlled, row.on_target), strict=True)
        ],
    }  # fmt: skip


def response_of(visit: ProgrammeVisit, resident: Any, *, is_replaced: bool = False) -> Resource:
    """A visit with its answers, for all its programmes together."""
    status = "entered-in-error" if is_replaced else "amended" if visit.replaces_id else "completed"
    return {
        "resourceType": "QuestionnaireResponse", "id": str(visit.uuid),
        "identifier": {"system": "urn:xinglin:client-id", "value": str(visit.client_id)},
        "questionnaire": f"{PROGRAMME}-visit:{visit.kind.lower()}", "status": status, "subject": _person(resident),
        "authored": visit.happened_at.isoformat(), "meta": {"lastUpdated": visit.recorded_at.isoformat()},
        **({"author": {"display": visit.clinician_name}} if visit.clinician_name else {}),
        "item": [_item(code, value) for code, value in visit.answers.items()],
    }  # fmt: skip


def _item(code: str, value: Any) -> Resource:
    item = catalogue.items().get(code)
    if item is None:  # no definition asks for it any more
        return {"linkId": code, "answer": [{"valueString": str(value)}]}
    several = value if isinstance(value, list | tuple) else [value]
    found: Resource = {
        "linkId": code,
        "text": str(item.label),
        "answer": [{name: said} for name, said in (_answer(item, each) for each in several)],
    }
    return {**found, "definition": f"{LOINC}|{item.loinc}"} if item.loinc else found


def _answer(item: Item, value: Any) -> tuple[str, Any]:
    if item.kind == "number":
        unit = str(item.unit)
        number = float(Decimal(str(value)))
        return ("valueQuantity", {"value": number, "unit": unit}) if unit else ("valueDecimal", number)
    if item.kind in {"choice", "choices"}:
        said = next((str(each.text) for each in item.options if each.code == value), str(value))
        return "valueCoding", {"system": f"{ITEM}:{item.code}", "code": str(value), "display": said}
    if item.kind == "yes-no":
        return "valueBoolean", bool(value)
    return ("valueDate" if item.kind == "date" else "valueString"), str(value)


def _yes_no(value: bool | None) -> Resource:
    return {"dataAbsentReason": _code("data-absent-reason", "unknown")} if value is None else {"valueBoolean": value}


def _code(system: str, code: str) -> Resource:
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


def _status(row: Enrolment, names: dict[str, str]) -> str:
    return "entered-in-error" if row.end_reason == WRONG else names.get(row.status, "unknown")


def _history(row: Enrolment) -> Iterator[Resource]:
    changes = sorted(row.status_changes.all(), key=lambda each: (each.changed_at, each.pk))
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        end = {"end": following.changed_at.isoformat()} if following else {}
        yield {"status": EPISODES[change.became], "period": {"start": change.changed_at.isoformat(), **end}}


def _programme(row: Enrolment) -> Resource:
    coding = {
        "system": PROGRAMME,
        "version": row.version,
        "code": row.programme,
        "display": titles.short(row.programme),
    }
    return {"coding": [coding]}


def _canonical(slug: str, version: str) -> str:
    return f"{PROGRAMME}:{slug}|{version.partition('@')[2]}"


def _definition(row: Enrolment) -> Programme | None:
    try:
        return catalogue.programme(row.programme, row.version)
    except LookupError:
        return None


def _title(row: Enrolment) -> str:
    found = _definition(row)
    return str(found.title) if found else row.programme


def _subject(row: Enrolment) -> Resource:
    return _person(row.resident)


def _person(resident: Any) -> Resource:
    """By number as people say it; the uuid is what our own REST takes."""
    identifier = {"system": "urn:xinglin:record-number", "value": resident.number}
    return {"reference": f"urn:uuid:{resident.uuid}", "identifier": identifier}


def _facility(row: Enrolment) -> Resource:
    identifier = {"system": "urn:xinglin:facility", "value": str(row.facility.uuid)}
    return {"identifier": identifier, "display": str(row.facility)}


def _period(start: date | None, end: date | None) -> Resource:
    return {name: day.isoformat() for name, day in (("start", start), ("end", end)) if day is not None}
