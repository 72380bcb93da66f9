"""The self-check corner: who measures himself there now."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce
from xinglin.readings.events import Event
from xinglin.readings.models import Seat

#: How long one may take; meters send within it.
LONGEST = timedelta(minutes=10)


@transaction.atomic
def take_seat(*, facility_id: int, resident: Any, by: Actor, at: datetime) -> Seat:
    """Somebody measures himself at the corner of a facility; who asks has made sure who he is.

    :raises Conflict: somebody else measures himself there now
    """
    mine = Seat.objects.filter(facility_id=facility_id, is_taken=True)
    mine.filter(until__lt=at).update(is_taken=False)
    mine.filter(resident=resident, since__lte=at).update(is_taken=False, until=at)
    try:
        with transaction.atomic():
            seat = Seat.objects.create(facility_id=facility_id, resident=resident, since=at, until=at + LONGEST)
    except IntegrityError as error:
        raise Conflict(_("自助检测区正有人测量，请稍等。"), code="corner-taken") from error
    announce(Event.SEATED, obj=seat, subject=resident.uuid, by=by, at=at, place=facility_id)
    return seat


@transaction.atomic
def leave_seat(*, facility_id: int, resident: Any, at: datetime) -> None:
    """He has done. What is sent later, measured before, is still his."""
    Seat.objects.filter(facility_id=facility_id, resident=resident, is_taken=True, since__lte=at).update(
        is_taken=False, until=at
    )
