"""Orders of another system, known again by the number they have there."""

from datetime import datetime

from django.db import transaction

from xinglin.centres.events import Event
from xinglin.centres.models import OutsideOrder
from xinglin.diagnostics.api import Request
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce


@transaction.atomic
def note_outside_order(
    *, connection: str, number: str, items: list[str], request: Request, by: Actor, at: datetime
) -> OutsideOrder:
    """Keep under which number of theirs `request` was placed, for the items asked for; who placed it had the right to."""
    order = OutsideOrder.objects.create(connection=connection, number=number, items=items, request=request, taken_at=at)
    announce(
        Event.OUTSIDE_ORDER_TAKEN, obj=request, subject=request.resident.uuid, by=by, at=at,
        place=request.from_facility_id, connection=connection,
    )  # fmt: skip
    return order
