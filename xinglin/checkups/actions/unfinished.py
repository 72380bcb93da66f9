"""Check-ups that were left before every station was done: gone on with on another day, or closed with what was done."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions
from xinglin.checkups.actions.stations import after_station, leave_station
from xinglin.checkups.data import WHY_NOT
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.checkups.states import STATION_TRANSITIONS, StationStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move


@transaction.atomic
def resume_checkup(*, checkup: Checkup, by: Actor, at: datetime) -> Checkup:
    """The resident is back: he stands in today's queue of every station that was left. It stays a check-up of its session.

    :raises NotPermitted: the actor does not book there
    :raises Conflict: it is not under way, or he is in a queue of today already
    """
    checkup, visits = _left(checkup, by=by, at=at)
    for visit in visits:
        move(
            visit, table=STATION_TRANSITIONS, to=StationStatus.WAITING, by=by, at=at, place=checkup.facility_id,
            reason_code="resumed", queued_at=at,
        )  # fmt: skip
    announce(
        Event.RESUMED,
        obj=checkup,
        subject=checkup.resident.uuid,
        by=by,
        at=at,
        place=checkup.facility_id,
        n=len(visits),
    )
    return checkup


@transaction.atomic
def close_checkup(*, checkup: Checkup, why: str, by: Actor, at: datetime) -> Checkup:
    """The resident does not come back: what was left is not done, with the reason, and a doctor reports what was found. Until then
    a station can be made good.

    :raises NotPermitted: the actor does not book there
    :raises InvalidInput: no reason of the list
    :raises Conflict: it is not under way, he is in a queue of today, or nothing was found (it is cancelled then)
    """
    checkup, visits = _left(checkup, by=by, at=at)
    if why not in WHY_NOT:
        raise InvalidInput(_("请选择未检的原因。"), fields={"why": _("请从列表中选择。")})
    if not checkup.values.exists():
        raise Conflict(_("还没有任何检查结果，请取消体检。"), code="nothing-found")
    for visit in visits:
        visit.checkup = checkup
        leave_station(visit, why, by=by, at=at)
    announce(
        Event.CLOSED, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id, n=len(visits),
        why=why,
    )  # fmt: skip
    after_station(checkup, by=by, at=at)
    return checkup


def _left(checkup: Checkup, *, by: Actor, at: datetime) -> tuple[Checkup, list[StationVisit]]:
    """It, locked, and the stations that still wait."""
    checkup = Checkup.objects.select_for_update(of=("self",)).select_related("resident", "session").get(pk=checkup.pk)
    permissions.may_take_up(by, checkup, on=clock.today(at)).require()
    return checkup, list(checkup.stations.filter(status=StationStatus.WAITING).order_by("position"))
