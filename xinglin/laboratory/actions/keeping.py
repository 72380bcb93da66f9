"""After the results: a specimen is kept for its time, then disposed of."""

from datetime import datetime, timedelta

from django.db import transaction

from xinglin.laboratory import catalogue, permissions
from xinglin.laboratory.actions.rows import locked_specimen, trimmed
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.states import SPECIMEN_TRANSITIONS, SpecimenStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move


@transaction.atomic
def store_specimen(*, specimen: Specimen, position: str, by: Actor, at: datetime) -> Specimen:
    """Put a specimen away at a place, for as long as the longest of its panels asks, from its receipt.

    :raises NotPermitted: the actor does not work at the centre
    :raises Conflict: it is not received, or is stored
    :raises InvalidInput: no place is named
    """
    specimen = locked_specimen(specimen)
    permissions.may_store(by, specimen).require()
    assert specimen.received_at is not None
    received_on = clock.today(specimen.received_at)
    days = catalogue.keep_days(specimen.panels, on=received_on)
    place = specimen.centre.facility_id
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.STORED, by=by, at=at, place=place,
        position=trimmed(position, "position", most=40, least=1), keep_until=received_on + timedelta(days=days),
    )  # fmt: skip
    announce(
        Event.SPECIMEN_STORED,
        obj=specimen,
        subject=specimen.request.resident.uuid,
        by=by,
        at=at,
        place=place,
        days=days,
    )
    return specimen


@transaction.atomic
def dispose_specimen(*, specimen: Specimen, by: Actor, at: datetime) -> Specimen:
    """Dispose of a specimen whose time is over.

    :raises NotPermitted: the actor does not work at the centre
    :raises Conflict: it is neither stored nor refused, or must be kept longer (code ``kept-longer``)
    """
    specimen = locked_specimen(specimen)
    permissions.may_dispose(by, specimen, clock.today(at)).require()
    place = specimen.centre.facility_id
    move(specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.DISPOSED, by=by, at=at, place=place)
    announce(Event.SPECIMEN_DISPOSED, obj=specimen, subject=specimen.request.resident.uuid, by=by, at=at, place=place)
    return specimen
