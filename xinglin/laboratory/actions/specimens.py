"""At the sending unit: the specimen is taken."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import permissions
from xinglin.laboratory.actions.rows import locked_specimen, trimmed
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.states import SPECIMEN_TRANSITIONS, SpecimenStatus
from xinglin.platform.actors import Actor
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
