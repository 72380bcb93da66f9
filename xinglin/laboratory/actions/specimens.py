"""At the sending unit: the specimen is taken, could not be taken, or was scanned by mistake."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import permissions
from xinglin.laboratory.actions.receiving import go_on_without
from xinglin.laboratory.actions.rows import locked_specimen, trimmed
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.states import NOT_COLLECTED, SPECIMEN_TRANSITIONS, SpecimenStatus
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

#: What is written down afterwards was taken this day.
LONGEST_AGO = timedelta(hours=24)


@transaction.atomic
def collect_specimen(
    *, specimen: Specimen, remark: str = "", collected_at: datetime | None = None, by: Actor, at: datetime
) -> Specimen:
    """Confirm that a container was filled from this person, now or (`collected_at`) up to a day ago.

    :raises NotPermitted: the actor does not collect at that unit
    :raises Conflict: it was collected, or the request has ended
    :raises InvalidInput: the moment is to come, long past, or before the order
    """
    specimen = locked_specimen(specimen)
    permissions.may_collect(by, specimen).require()
    request = specimen.request
    taken = collected_at or at
    if taken > at or at - taken > LONGEST_AGO or taken < request.requested_at:
        told = _("采集时间应在开单之后、现在之前的24小时内。")
        raise InvalidInput(told, fields={"collected_at": told})
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.COLLECTED, by=by, at=at, place=specimen.from_facility_id,
        collected_at=taken, collected_by=by.user_id or 0, collected_by_name=by.name[:40],
        remark=trimmed(remark, "remark", most=200),
    )  # fmt: skip
    diagnostics.start_examination(request=request, by=by, at=at)
    announce(
        Event.SPECIMEN_COLLECTED, obj=specimen, subject=request.resident.uuid, by=by, at=at,
        place=specimen.from_facility_id, tube=specimen.tube,
    )  # fmt: skip
    return specimen


@transaction.atomic
def note_not_collected(*, specimen: Specimen, remark: str, by: Actor, at: datetime) -> Specimen:
    """Say that a container could not be filled, and why. The order goes on without it, as when it was refused; when no
    other specimen is left the request goes back to the sender.

    :raises NotPermitted: the actor does not collect at that unit
    :raises Conflict: it was collected, or the request has ended
    :raises InvalidInput: no word why
    """
    specimen = locked_specimen(specimen)
    permissions.may_collect(by, specimen).require()
    remark = diagnostics.reasoned("LAB", NOT_COLLECTED, remark, at=at)
    request = specimen.request
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.REFUSED, by=by, at=at, place=specimen.from_facility_id,
        reason_code=NOT_COLLECTED, reason=remark, refusal=NOT_COLLECTED,
    )  # fmt: skip
    announce(
        Event.SPECIMEN_NOT_COLLECTED, obj=specimen, subject=request.resident.uuid, by=by, at=at,
        place=specimen.from_facility_id, tube=specimen.tube,
    )  # fmt: skip
    # To send a request back is a right of the centre: here it follows of itself from what the sender said, in the same call.
    of_itself = system_actor(by.name, within=by)
    go_on_without(request, reason=NOT_COLLECTED, remark=remark, by=of_itself, at=at)
    return specimen


@transaction.atomic
def undo_collection(*, specimen: Specimen, reason: str, by: Actor, at: datetime) -> Specimen:
    """Take back that a container was filled, while it is not handed over: it waits to be collected again.

    :raises NotPermitted: the actor does not collect at that unit
    :raises Conflict: it is not collected, was handed over or received, or the request has ended
    :raises InvalidInput: no reason
    """
    specimen = locked_specimen(specimen)
    permissions.may_undo_collection(by, specimen).require()
    request = specimen.request
    move(
        specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.LABELLED, by=by, at=at, place=specimen.from_facility_id,
        reason=trimmed(reason, "reason", most=200, least=2), collected_at=None, collected_by=None,
        collected_by_name="", remark="",
    )  # fmt: skip
    others = request.specimens.filter(collected_at__isnull=False).exists()
    if not others and request.status == diagnostics.RequestStatus.IN_PROGRESS:
        diagnostics.undo_performed(request=request, reason=reason.strip(), by=by, at=at)
    announce(
        Event.COLLECTION_UNDONE, obj=specimen, subject=request.resident.uuid, by=by, at=at,
        place=specimen.from_facility_id, tube=specimen.tube,
    )  # fmt: skip
    return specimen
