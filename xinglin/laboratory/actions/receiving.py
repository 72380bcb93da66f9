"""At the centre: a specimen is received, or refused with a reason. Refusal is possible here only."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, permissions
from xinglin.laboratory.actions.releasing import release_by_rules
from xinglin.laboratory.actions.rows import locked_shipment, locked_specimen
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.states import (
    NOT_COLLECTED,
    SHIPMENT_TRANSITIONS,
    SPECIMEN_TRANSITIONS,
    ShipmentStatus,
    SpecimenStatus,
)
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

#: What was refused is kept so long, in case somebody asks. [default]
REFUSED_KEPT = timedelta(days=1)


@transaction.atomic
def receive_specimen(*, specimen: Specimen, by: Actor, at: datetime) -> Specimen:
    """Take a specimen in. With the first one the centre's promise begins: that of the slowest panel ordered.

    :raises NotPermitted: the actor does not receive at the centre
    :raises Conflict: it was not collected, was received or refused, or its request has ended
    """
    specimen = locked_specimen(specimen)
    permissions.may_receive(by, specimen).require()
    request, place = specimen.request, specimen.centre.facility_id
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.RECEIVED, by=by, at=at, place=place,
        received_at=at, received_by=by.user_id or 0, received_by_name=by.name[:40],
    )  # fmt: skip
    day = clock.today(at)
    minutes = catalogue.promised(
        [each["code"] for each in request.items], is_urgent=request.priority != "ROUTINE", on=day
    )
    diagnostics.note_performed(request=request, due_at=at + minutes if minutes else None, by=by, at=at)
    announce(
        Event.SPECIMEN_RECEIVED, obj=specimen, subject=request.resident.uuid, by=by, at=at, place=place,
        tube=specimen.tube,
    )  # fmt: skip
    _arrive_emptied(specimen, by=by, at=at)
    return specimen


@transaction.atomic
def refuse_specimen(*, specimen: Specimen, reason: str, remark: str = "", by: Actor, at: datetime) -> Specimen:
    """Refuse a specimen with a coded reason. When it was the last and none was received, the request goes back to the
    sender; else the report says which panels could not be measured.

    :raises NotPermitted: the actor does not receive at the centre
    :raises Conflict: it was received or refused, or its request has ended
    :raises InvalidInput: no such reason, or ``OTHER`` without a remark
    """
    specimen = locked_specimen(specimen)
    permissions.may_receive(by, specimen).require()
    if reason == NOT_COLLECTED:  # said by who collects, of what he did not send
        told = _("请选择退回原因。")
        raise InvalidInput(told, fields={"reason": told})
    remark = diagnostics.reasoned("LAB", reason, remark, at=at)
    request, place = specimen.request, specimen.centre.facility_id
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.REFUSED, by=by, at=at, place=place, reason_code=reason,
        reason=remark, refusal=reason, keep_until=clock.today(at + REFUSED_KEPT),
    )  # fmt: skip
    announce(Event.SPECIMEN_REFUSED, obj=specimen, subject=request.resident.uuid, by=by, at=at, place=place, why=reason)
    _arrive_emptied(specimen, by=by, at=at)
    go_on_without(request, reason=reason, remark=remark, by=by, at=at)
    return specimen


def _arrive_emptied(specimen: Specimen, *, by: Actor, at: datetime) -> None:
    """A box out of which everything was received or refused has arrived, though nobody said so of the box."""
    if specimen.shipment is None:
        return
    box = locked_shipment(specimen.shipment)  # first: of two last specimens the second sees what the first did
    if box.status != ShipmentStatus.ON_THE_WAY or box.specimens.filter(status=SpecimenStatus.HANDED_OVER).exists():
        return
    place = box.centre.facility_id
    move(
        box, table=SHIPMENT_TRANSITIONS, to=ShipmentStatus.ARRIVED, by=by, at=at, place=place,
        arrived_at=at, arrived_by=by.user_id or 0, arrived_by_name=by.name[:40],
    )  # fmt: skip
    announce(Event.SHIPMENT_ARRIVED, obj=box, by=by, at=at, place=place, breached=box.is_breached)


def go_on_without(request: Any, *, reason: str, remark: str, by: Actor, at: datetime) -> None:
    """One specimen of a request will not come: it goes back to the sender when that was the last, else goes on."""
    if not request.specimens.filter(refusal="").exists():
        diagnostics.refuse_on_receipt(request=request, reason=reason, remark=remark, by=by, at=at)
    else:
        release_by_rules(request, by=by, at=at)  # what was still awaited will not come
