"""REST of devices and readings: where devices speak, and where people keep devices and sort readings."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.readings import queries, rest_fhir, schemas
from xinglin.readings.actions import devices, intake, sorting
from xinglin.readings.events import Event
from xinglin.readings.rest_auth import DeviceSignature
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()
router.add_router("", rest_fhir.router)
Cursor = Annotated[str, Field(max_length=200)]
DEVICE: dict[Any, Any] = {200: schemas.HealthDeviceOut, **ERRORS}
READING: dict[Any, Any] = {200: schemas.DeviceReadingOut, **ERRORS}


@router.post(
    "/device-readings", response={200: schemas.DeviceBatchOut, **ERRORS}, operation_id="send_device_readings",
    auth=DeviceSignature(),
)  # fmt: skip
def send(request: Request, body: schemas.DeviceBatchIn) -> Any:
    """A device sends what it measured. Each is answered by itself; sent again, it is not doubled."""
    device, at = request.auth, clock.now()  # type: ignore[attr-defined]
    answers = intake.take_readings(
        device=device, given=[each.given() for each in body.readings], transport="DEVICE", signed=request.signed,  # type: ignore[attr-defined]
        by=intake.device_actor(device, request.actor), at=at,
    )  # fmt: skip
    return schemas.DeviceBatchOut(server_time=at, answers=[schemas.DeviceAnswerOut.of(each) for each in answers])


@router.get(
    "/health-devices", response={200: schemas.HealthDevicePageOut, **ERRORS}, operation_id="list_health_devices"
)
def list_devices(request: Request, cursor: Cursor = "") -> Any:
    """Devices of the actor's facilities, those with a fault first."""
    actor = request.actor
    page = queries.list_of_devices(actor, cursor=cursor)
    audit.record(Event.DEVICES_LISTED, by=actor, at=clock.now(), detail={"n": len(page.rows)})
    items = [schemas.HealthDeviceOut.of(each) for each in page.rows]
    return schemas.HealthDevicePageOut(items=items, next_cursor=page.next_cursor)


@router.post(
    "/health-devices", response={201: schemas.HealthDeviceOut, **ERRORS}, operation_id="register_health_device"
)
def register(request: Request, body: schemas.HealthDeviceIn) -> Any:
    """Register a device; the answer holds its key, the one time it can be read."""

    def run() -> schemas.HealthDeviceOut:
        actor = request.actor
        facility_id = network.facility_by_uuid(body.facility).id if body.facility else actor.place
        if facility_id is None:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("必填。")})
        made = devices.register_device(
            facility_id=facility_id, by=actor, at=clock.now(), **body.model_dump(exclude={"facility"})
        )
        return schemas.HealthDeviceOut.of(made.device, made.key)

    return write(request, run, status=201)


def _do(request: Request, uuid: UUID, run: Callable[..., schemas.HealthDeviceOut]) -> Any:
    actor = request.actor
    return write(request, lambda: run(device=queries.visible_device(actor, uuid), by=actor, at=clock.now()))


@router.post("/health-devices/{uuid}/key", response=DEVICE, operation_id="give_health_device_key")
def key(request: Request, uuid: UUID) -> Any:
    """Give a new key; the former one ends at once."""

    def run(**given: Any) -> schemas.HealthDeviceOut:
        made = devices.give_key(**given)
        return schemas.HealthDeviceOut.of(made.device, made.key)

    return _do(request, uuid, run)


@router.post("/health-devices/{uuid}/lost", response=DEVICE, operation_id="report_health_device_lost")
def lost(request: Request, uuid: UUID, body: schemas.LostDeviceIn) -> Any:
    """It is lost: its key ends at once."""
    return _do(
        request, uuid, lambda **given: schemas.HealthDeviceOut.of(devices.report_lost(reason=body.reason, **given))
    )


@router.post("/health-devices/{uuid}/found", response=DEVICE, operation_id="note_health_device_found")
def found(request: Request, uuid: UUID) -> Any:
    """A lost one was found; it needs a new key."""
    return _do(request, uuid, lambda **given: schemas.HealthDeviceOut.of(devices.note_found(**given)))


@router.post("/health-devices/{uuid}/retire", response=DEVICE, operation_id="retire_health_device")
def retire(request: Request, uuid: UUID, body: schemas.LostDeviceIn) -> Any:
    """It ends for good."""
    return _do(
        request, uuid, lambda **given: schemas.HealthDeviceOut.of(devices.retire_device(reason=body.reason, **given))
    )


@router.post("/health-devices/{uuid}/lend", response=DEVICE, operation_id="lend_health_device")
def lend(request: Request, uuid: UUID, body: schemas.LendDeviceIn) -> Any:
    """Lend it to a resident, or to his household."""

    def run(**given: Any) -> schemas.HealthDeviceOut:
        resident = residents.visible_resident(given["by"], body.resident, at=given["at"])
        loan = devices.lend_device(
            resident=resident, for_household=body.for_household, due_back_on=body.due_back_on, **given
        )
        return schemas.HealthDeviceOut.of(loan.device)

    return _do(request, uuid, run)


@router.post("/health-devices/{uuid}/return", response=DEVICE, operation_id="return_health_device")
def take_back(request: Request, uuid: UUID) -> Any:
    """It came back."""
    return _do(request, uuid, lambda **given: schemas.HealthDeviceOut.of(devices.take_back(**given).device))


@router.get(
    "/device-readings/waiting", response={200: schemas.DeviceReadingPageOut, **ERRORS},
    operation_id="list_waiting_readings",
)  # fmt: skip
def waiting(request: Request, cursor: Cursor = "") -> Any:
    """Readings that wait for somebody to say whose they are, the oldest first."""
    actor = request.actor
    page = queries.waiting_list(actor, cursor=cursor)
    audit.record(Event.QUEUE_LISTED, by=actor, at=clock.now(), detail={"n": len(page.rows)})
    items = [schemas.DeviceReadingOut.of(each) for each in page.rows]
    return schemas.DeviceReadingPageOut(items=items, next_cursor=page.next_cursor)


def _sort(request: Request, uuid: UUID, action: Callable[..., Any], **given: Any) -> Any:
    def run() -> schemas.DeviceReadingOut:
        actor = request.actor
        reading = action(reading=queries.visible_reading(actor, uuid), by=actor, at=clock.now(), **given)
        return schemas.DeviceReadingOut.of(queries.visible_reading(actor, reading.uuid))

    return write(request, run)


@router.post("/device-readings/{uuid}/assign", response=READING, operation_id="assign_device_reading")
def assign(request: Request, uuid: UUID, body: schemas.AssignReadingIn) -> Any:
    """Say whose it is; out of the record it stood in, if any."""
    resident = residents.visible_resident(request.actor, body.resident, at=clock.now())
    return _sort(request, uuid, sorting.assign_reading, resident=resident, reason=body.reason)


@router.post("/device-readings/{uuid}/split", response=READING, operation_id="split_device_reading")
def split(request: Request, uuid: UUID, body: schemas.SplitReadingIn) -> Any:
    """Take some values out; the answer is the new reading, which waits, too."""
    return _sort(request, uuid, sorting.split_reading, items=body.items, reason=body.reason)


@router.post("/device-readings/{uuid}/discard", response=READING, operation_id="discard_device_reading")
def discard(request: Request, uuid: UUID, body: schemas.DiscardReadingIn) -> Any:
    """Throw it away; the row and the reason stay."""
    return _sort(request, uuid, sorting.discard_reading, reason=body.reason)
