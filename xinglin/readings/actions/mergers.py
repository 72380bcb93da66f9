"""A unit is merged into another, which keeps its devices."""

from datetime import datetime

from django.db import transaction

from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.readings.events import Event
from xinglin.readings.models import Device
from xinglin.readings.states import DeviceStatus


@transaction.atomic
def follow_facility_merger(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Hand the devices of a merged unit to its successor, with key, loans and what waits to be sorted; how many they were.

    One that stands in a corner stays in that corner: what it measures is never his who sits in the successor's own.
    Called by the system; safe to run twice. What was retired stays with whom it was.
    """
    rows = Device.objects.select_for_update(of=("self",)).select_related("facility").filter(facility_id=merged_id)
    devices = list(rows.exclude(status=DeviceStatus.RETIRED).order_by("id"))
    for device in devices:
        was = device.facility
        if device.place == Device.Place.CORNER:
            device.stands_at_id = device.corner_id
        device.facility_id = successor_id
        device.save(update_fields=["facility", "stands_at"])
        announce(Event.HANDED_OVER, obj=device, by=by, at=at, place=successor_id, was=str(was.uuid))
    return len(devices)
