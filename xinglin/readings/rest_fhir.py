"""FHIR R4 of readings: a device sends Observations, and who sees a resident reads them back."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.readings import fhir, observing
from xinglin.readings.actions import intake
from xinglin.readings.data import Answer
from xinglin.readings.events import Event
from xinglin.readings.models import Device
from xinglin.readings.rest_auth import DeviceSignature
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS
from xinglin.web.fhir import ANSWERED, MEDIA, Day, Paged, answer, period_of, searchset
from xinglin.web.request import Request

router = Router()
STATUS = {"kept": 201, "known": 200, "waiting": 202, "refused": 422}
BODY = {"requestBody": {"required": True, "content": {MEDIA: {"schema": {"type": "object"}}}}}
Word = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
Entry = tuple[int, dict[str, Any], str]


class ObservedOn(Paged):
    """A search by the day of an Observation, too."""

    date: Annotated[list[Day], Field(max_length=2)] = []


@router.post(
    "/fhir/Observation", response={200: Any, 201: Any, 202: Any, **ERRORS}, operation_id="send_fhir_observations",
    auth=DeviceSignature(), openapi_extra=BODY,
)  # fmt: skip
def send(request: Request) -> HttpResponse:
    """A device sends an Observation, or a Bundle of them: the same as its own interface takes. Each entry of a Bundle is
    answered by itself; an error is an OperationOutcome that names the place.
    """
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        return answer(fhir.outcome("error", "structure", _("不是 JSON：%(why)s") % {"why": error}), 400)
    is_bundle = isinstance(body, dict) and body.get("resourceType") == "Bundle"
    resources = _entries(body) if is_bundle else [body]
    if not resources or len(resources) > intake.MOST:
        return answer(fhir.outcome("error", "structure", _("一次最多200条，至少1条。"), "Bundle.entry"), 422)
    entries = _taken(request, resources)
    if not is_bundle:
        status, outcome, location = entries[0]
        made = answer(outcome, status)
        if location:
            made["Location"] = request.build_absolute_uri(f"{request.path}/{location.rpartition('/')[2]}")
        return made
    answered = [
        {"response": {"status": str(status), "outcome": outcome, **({"location": location} if location else {})}}
        for status, outcome, location in entries
    ]  # fmt: skip
    return answer({"resourceType": "Bundle", "type": "batch-response", "entry": answered}, 200)


def _entries(bundle: dict[str, Any]) -> list[Any]:
    entries = bundle.get("entry")
    return (
        [each.get("resource") if isinstance(each, dict) else None for each in entries]
        if isinstance(entries, list)
        else []
    )


def _taken(request: Request, resources: Sequence[Any]) -> list[Entry]:
    """An entry for each resource; those that can be read go to the action together."""
    device: Device = request.auth  # type: ignore[attr-defined]
    found: list[Entry | fhir.Read] = [_read(each, device) for each in resources]
    readable = [each for each in found if isinstance(each, fhir.Read)]
    answers: list[Answer] = []
    if readable:
        answers = intake.take_readings(
            device=device, given=[each.given for each in readable], transport="FHIR", signed=request.signed,  # type: ignore[attr-defined]
            by=intake.device_actor(device, request.actor), at=clock.now(),
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


@router.get("/fhir/Observation", response=ERRORS, operation_id="search_fhir_observations", openapi_extra=ANSWERED)
def search(
    request: Request, paged: Query[ObservedOn], subject: UUID | None = None, patient: UUID | None = None,
    category: Word = observing.VITAL_SIGNS,
) -> HttpResponse:  # fmt: skip
    """Observations, the latest first, in pages (``link``): of a resident (`subject` or `patient` is his uuid), or of those managed where
    the account may look. `category`: ``vital-signs`` is what devices measured, ``survey`` are grades of programmes. `date` as
    ``ge2026-01-01``, ``le2026-01-31``.
    """
    actor, at = request.actor, clock.now()
    source = observing.sources().get(category)
    if source is None:
        raise InvalidInput(_("没有这一类观察。"), fields={"category": ", ".join(sorted(observing.sources()))})
    uuid, ids, during = subject or patient, None, period_of(paged.date, "date")
    if uuid is not None:
        resident = residents.visible_resident(actor, uuid, at=at, permission=source.permission)
        uuid, ids = resident.uuid, tuple(residents.ids_of_person(resident))
    else:
        actor.may(source.permission).require()
    page = source.search(actor, observing.Asked(ids, during, paged.cursor, paged.count))
    people = [uuid] if uuid else list(dict.fromkeys(each for each, _resource in page.rows))
    for each in people if uuid else ():
        audit.look(Event.VIEWED, by=actor, at=at, subject=each, kind="residents.resident", key=str(each), of=category)
    if not uuid:
        audit.look_many(Event.VIEWED, by=actor, at=at, subjects=people, of=category, n=len(page.rows))
    return answer(searchset(request, (resource for _uuid, resource in page.rows), next_cursor=page.next_cursor))


@router.get(
    "/fhir/Observation/{identifier}", response=ERRORS, operation_id="read_fhir_observation", openapi_extra=ANSWERED
)
def read_one(request: Request, identifier: Word) -> HttpResponse:
    """One Observation by the id a search gave it."""
    actor, at = request.actor, clock.now()
    found = next(
        (one for each in observing.sources().values() if (one := each.one(actor, identifier)) is not None), None
    )
    if found is None:
        raise NotVisible("readings.reading", identifier)
    audit.look(Event.VIEWED, by=actor, at=at, subject=found[0], kind="residents.resident", key=str(found[0]))
    return answer(found[1])
