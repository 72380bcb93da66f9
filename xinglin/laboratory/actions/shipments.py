"""On the way: a box is handed over, its thermometer is read, it arrives."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.laboratory import catalogue, permissions
from xinglin.laboratory.actions.rows import locked_request, locked_shipment, trimmed
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Shipment, Specimen, TemperatureReading
from xinglin.laboratory.states import (
    SHIPMENT_TRANSITIONS,
    SPECIMEN_TRANSITIONS,
    ShipmentStatus,
    SpecimenStatus,
)
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

#: What a thermometer of a box can say, °C.
COLDEST, WARMEST = Decimal(-40), Decimal(60)
MOST_IN_A_BOX = 100


@transaction.atomic
def hand_over(
    *,
    specimens: Sequence[Specimen],
    courier_name: str,
    celsius: Decimal,
    box: str = "",
    by: Actor,
    at: datetime,
) -> Shipment:
    """Give specimens of one unit for one centre to a courier, in a box whose thermometer says `celsius`.

    :raises NotPermitted: the actor does not hand over at that unit
    :raises Conflict: one of them is not collected, is under way already, or its request has ended
    :raises InvalidInput: none, too many, of several units or for several centres, no courier, or containers that cannot
        travel at one temperature
    """
    rows = _for_one_box(specimens)
    for each in rows:
        permissions.may_hand_over(by, each).require()
    low, high = _range(rows)
    facility_id, centre = rows[0].from_facility_id, rows[0].centre
    shipment = Shipment.objects.create(
        number=next_number("X", at), from_facility_id=facility_id, centre=centre, status_changed_at=at,
        box=trimmed(box, "box", most=40), courier_name=trimmed(courier_name, "courier_name", most=40, least=1),
        low=low, high=high, handed_over_at=at, handed_over_by=by.user_id, handed_over_by_name=by.name[:40],
    )  # fmt: skip
    note_status(shipment, by=by, at=at, place=facility_id)
    for each in rows:
        move(
            each, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.HANDED_OVER, by=by, at=at, place=facility_id,
            shipment=shipment,
        )  # fmt: skip
    announce(
        Event.SHIPMENT_SENT, obj=shipment, by=by, at=at, place=facility_id, centre=centre.code, specimens=len(rows)
    )
    return _read(shipment, celsius, at, TemperatureReading.Way.HAND, by=by, at=at)


def _for_one_box(specimens: Sequence[Specimen]) -> list[Specimen]:
    """The specimens, locked in one order. :raises InvalidInput: they cannot lie in one box"""
    keys = sorted({each.pk for each in specimens})
    if not keys:
        raise InvalidInput(_("请扫描或选择要送出的标本。"), fields={"barcodes": _("请扫描或选择要送出的标本。")})
    if len(keys) > MOST_IN_A_BOX:
        told = _("一箱最多 %(n)d 支。") % {"n": MOST_IN_A_BOX}
        raise InvalidInput(told, fields={"barcodes": told})
    requests = {pk: locked_request(pk) for pk in sorted({each.request_id for each in specimens})}
    rows = list(
        Specimen.objects.select_for_update(of=("self",)).select_related("centre").filter(pk__in=keys).order_by("pk")
    )
    for each in rows:
        each.request = requests[each.request_id]
    if len({(each.from_facility_id, each.centre_id) for each in rows}) > 1:
        mixed = _("一箱只能装同一单位送往同一中心的标本。")
        raise InvalidInput(mixed, fields={"barcodes": mixed})
    return rows


def _range(rows: Sequence[Specimen]) -> tuple[Decimal, Decimal]:
    """The temperatures allowed for everything inside."""
    tubes = [catalogue.tubes()[each.tube] for each in rows if each.tube in catalogue.tubes()]
    low = max((Decimal(str(each.celsius[0])) for each in tubes), default=Decimal(2))
    high = min((Decimal(str(each.celsius[1])) for each in tubes), default=Decimal(25))
    if low > high:
        told = _("这些标本不能在同一温度下运送，请分箱。")
        raise InvalidInput(told, fields={"barcodes": told})
    return low, high


@transaction.atomic
def note_temperature(
    *, shipment: Shipment, celsius: Decimal, read_at: datetime | None = None, way: str = "HAND", by: Actor, at: datetime
) -> Shipment:
    """Write down what the thermometer of a box says, or what its logger said at `read_at`. The same reading twice is one.

    :raises NotPermitted: the actor works at neither side
    :raises InvalidInput: nothing a thermometer says, or a moment outside the journey
    """
    shipment = locked_shipment(shipment)
    permissions.may_note_temperature(by, shipment).require()
    if way not in TemperatureReading.Way.values:
        raise InvalidInput(_("没有这种读数方式。"), fields={"way": _("没有这种读数方式。")})
    moment = read_at or at
    if moment > at or moment < shipment.handed_over_at or (shipment.arrived_at and moment > shipment.arrived_at):
        told = _("读数时间应在交接之后、到达之前。")
        raise InvalidInput(told, fields={"read_at": told})
    return _read(shipment, celsius, moment, way, by=by, at=at)


@transaction.atomic
def arrive_shipment(*, shipment: Shipment, celsius: Decimal, by: Actor, at: datetime) -> Shipment:
    """The centre takes the box and reads its thermometer. Its specimens are received one by one.

    :raises NotPermitted: the actor does not receive at the centre
    :raises Conflict: it has arrived
    :raises InvalidInput: nothing a thermometer says
    """
    shipment = locked_shipment(shipment)
    permissions.may_arrive(by, shipment).require()
    shipment = _read(shipment, celsius, at, TemperatureReading.Way.HAND, by=by, at=at)
    place = shipment.centre.facility_id
    move(
        shipment, table=SHIPMENT_TRANSITIONS, to=ShipmentStatus.ARRIVED, by=by, at=at, place=place,
        arrived_at=at, arrived_by=by.user_id or 0, arrived_by_name=by.name[:40],
    )  # fmt: skip
    announce(Event.SHIPMENT_ARRIVED, obj=shipment, by=by, at=at, place=place, breached=shipment.is_breached)
    return shipment


def _read(shipment: Shipment, celsius: Decimal, moment: datetime, way: str, *, by: Actor, at: datetime) -> Shipment:
    if not (celsius.is_finite() and COLDEST <= celsius <= WARMEST):
        told = _("温度应在 -40 到 60 ℃ 之间。")
        raise InvalidInput(told, fields={"celsius": told})
    celsius = celsius.quantize(Decimal("0.1"))
    outside = not shipment.low <= celsius <= shipment.high
    _row, is_new = TemperatureReading.objects.get_or_create(
        shipment=shipment, celsius=celsius, read_at=moment,
        defaults={"way": way, "is_outside": outside, "noted_by": by.user_id, "noted_by_name": by.name[:40]},
    )  # fmt: skip
    if not is_new:
        return shipment
    detail: dict[str, Any] = {"celsius": str(celsius), "way": str(way)}
    announce(Event.TEMPERATURE_NOTED, obj=shipment, by=by, at=at, place=by.place, **detail)
    if outside and not shipment.is_breached:
        Shipment.objects.filter(pk=shipment.pk).update(is_breached=True)
        shipment.refresh_from_db()
        announce(Event.SHIPMENT_BREACHED, obj=shipment, by=by, at=at, place=shipment.from_facility_id, **detail)
    return shipment
