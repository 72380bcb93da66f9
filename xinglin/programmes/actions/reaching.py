"""Tries to reach a resident in vain."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.programmes import permissions
from xinglin.programmes.actions import agenda
from xinglin.programmes.actions.texts import code
from xinglin.programmes.data import WhyUnreached
from xinglin.programmes.events import Event
from xinglin.programmes.models import Attempt, ManagedResident


@transaction.atomic
def note_attempt(
    *, line: ManagedResident, why: str, try_again_on: date, tried_at: datetime | None = None, by: Actor, at: datetime
) -> ManagedResident:
    """Note that a managed resident was not reached, why, and when to try again.

    `tried_at`: of one noted without a connection, when it was; what lies before the latest visit is kept and no longer counts.

    :raises NotPermitted: the actor does not manage at his facility
    :raises InvalidInput: no such reason, or the day has passed
    """
    permissions.may_manage(by, line.facility_id).require()
    chosen, today = code("why", why, WhyUnreached), clock.today(at)
    if not today <= try_again_on <= today + timedelta(days=90):
        raise InvalidInput(_("再次联系的日期应在今天之后、90天之内。"), fields={"try_again_on": _("日期不对。")})
    Attempt.objects.create(
        resident=line.resident, facility_id=line.facility_id, why=chosen, tried_at=tried_at or at, tried_by=by.user_id,
        tried_by_name=by.name[:40], try_again_on=try_again_on,
    )  # fmt: skip
    agenda.refresh(line.resident_id, count_tries=True)
    line.refresh_from_db()
    announce(
        Event.UNREACHED, obj=line, subject=line.resident.uuid, by=by, at=at, place=line.facility_id, why=chosen,
        attempts=line.n_attempts,
    )  # fmt: skip
    return line
