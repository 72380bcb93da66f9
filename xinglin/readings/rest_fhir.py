"""FHIR R4 of readings: a device sends Observations, and who sees a resident reads them back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from xinglin.platform import audit, clock
from xinglin.readings import fhir, queries
from xinglin.readings.actions import intake
from xinglin.readings.data import Answer
from xinglin.readings.events import Event
from xinglin.readings.models import Device
from xinglin.readings.rest_auth import DeviceSignature
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS

router = Router()
MEDIA = "application/fhir+json"
STATUS = {"kept": 201, "known": 200, "waiting": 202, "refused": 422}
BODY = {"requestBody": {"required": True, "content": {MEDIA: {"schema": {"type": "object"}}}}}
Entry = tuple[int, dict[str, Any], str]


@router.post(
    "/fhir/Observation", response={200: Any, 201: Any, 202: Any, **ERRORS}, operation_id="send_fhir_observations",
    auth=DeviceSignature(), openapi_extra=BODY,
)  # fmt: skip
def send(request: HttpRequest) -> HttpResponse:
    """A device sends an Observation, or a Bundle of them: the same as its own interface takes. Each entry of a Bundle is
    answered by itself; an error is an OperationOutcome that names the place.
    """
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        return _answer(400, fhir.outcome("error", "structure", _("不是 JSON：%(why)s") % {"why": error}))
    is_bundle = isinstance(body, dict) and body.get("resourceType") == "Bundle"
    resources = _entries(body) if is_bundle else [body]
    if not resources or len(resources) > intake.MOST:
        return _answer(422, fhir.outcome("error", "structure", _("一次最多200条，至少1条。"), "Bundle.entry"))
    entries = _taken(request, resources)
    if not is_bundle:
        status, outcome, _location = entries[0]
        return _answer(status, outcome)
    answered = [
        {"response": {"status": str(status), "outcome": outcome, **({"location": location} if location else {})}}
        for status, outcome, location in entries
    ]  # fmt: skip
    return _answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": answered})


def _entries(bundle: dict[str, Any]) -> list[Any]:
    entries = bundle.get("entry")
    return (
        [each.get("resource") if isinstance(each, dict) else None for each in entries]
        if isinstance(entries, list)
        else []
    )


def _taken(request: HttpRequest, resources: Sequence[Any]) -> list[Entry]:
    """An entry for each resource; those that can be read go to the action together."""
    device: Device = request.auth  # type: ignore[attr-defined]
    found: list[Entry | fhir.Read] = [_read(each, device) for each in resources]
    readable = [each for each in found if isinstance(each, fhir.Read)]
    answers: list[Answer] = []
    if readable:
        answers = intake.take_readings(
            device=device, given=[each.given for each in readable], transport="FHIR", signed=request.signed,  # type: ignore[attr-defined]
            by=intake.device_actor(device, request.actor), at=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    said = iter(answers)
    return [_entry(each, next(said)) if isinstance(each, fhir.Read) else each for each in found]


def _read(resource: Any, device: Device) -> Entry | fhir.Read:
    try:
        found = fhir.read(resource)
        if found.serial_number not in {"", device.serial_number}:
            raise fhir.Unreadable("Observation.device.identifier.value", _("不是签名的这台设备。"), "conflict")
    except fhir.Unreadable as error:
        return 422, fhir.outcome("error", error.code, error.message, error.place), ""
    return found


def _entry(read: fhir.Read, answer: Answer) -> Entry:
    location = f"Observation/{answer.reading}" if answer.reading else ""
    if answer.outcome == "refused":
        issue = fhir.outcome("error", "business-rule", str(answer.message), read.place(answer.place))
    else:
        words = {"kept": _("已入档。"), "known": _("已收到过。"), "waiting": str(answer.message)}
        issue = fhir.outcome("information", "informational", words[answer.outcome])
    return STATUS[answer.outcome], issue, location


@router.get("/fhir/Observation", response={200: Any, **ERRORS}, operation_id="search_fhir_observations")
def search(request: HttpRequest, subject: UUID, count: int = Query(50, alias="_count", ge=1, le=200)) -> HttpResponse:
    """What devices measured of a resident (`subject` is his uuid), newest first, as a searchset."""
    actor, at = request.actor, clock.now()  # type: ignore[attr-defined]
    resident = residents.visible_resident(actor, subject, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid))
    rows = queries.kept_of(residents.ids_of_person(resident)).order_by("-measured_at", "-id")
    entries = [{"resource": fhir.observation(each, resident.number)} for each in rows[:count]]
    return _answer(200, {"resourceType": "Bundle", "type": "searchset", "total": rows.count(), "entry": entries})


def _answer(status: int, content: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(content), status=status, content_type=f"{MEDIA}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
