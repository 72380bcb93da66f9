"""A resident dies, moves away, or comes back."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import permissions
from xinglin.residents.events import Event
from xinglin.residents.fields import one_line
from xinglin.residents.models import Resident
from xinglin.residents.states import TRANSITIONS, Status


@transaction.atomic
def mark_deceased(*, resident: Resident, died_on: date, reason: str = "", by: Actor, at: datetime) -> Resident:
    """Note a death. :raises InvalidInput: the day is to come, or before birth"""
    permissions.may_edit(by, resident).require()
    if not resident.born_on <= died_on <= clock.today(at):
        raise InvalidInput(
            _("死亡日期应在出生之后、今天或之前。"), fields={"died_on": _("死亡日期应在出生之后、今天或之前。")}
        )
    moved = move(
        resident,
        table=TRANSITIONS,
        to=Status.DECEASED,
        by=by,
        at=at,
        reason=one_line("reason", reason, 200),
        died_on=died_on,
    )
    announce(Event.DECEASED, obj=moved, subject=moved.uuid, by=by, at=at)
    return moved


@transaction.atomic
def mark_moved(*, resident: Resident, reason: str = "", by: Actor, at: datetime) -> Resident:
    """Note that a resident has left the county; a move within it is `assign_managing_facility`."""
    permissions.may_edit(by, resident).require()
    moved = move(resident, table=TRANSITIONS, to=Status.MOVED, by=by, at=at, reason=one_line("reason", reason, 200))
    announce(Event.MOVED, obj=moved, subject=moved.uuid, by=by, at=at)
    return moved


@transaction.atomic
def restore(*, resident: Resident, reason: str, by: Actor, at: datetime) -> Resident:
    """A resident came back, or a death or move was entered by mistake. :raises InvalidInput: no reason"""
    permissions.may_edit(by, resident).require()
    why = one_line("reason", reason, 200)
    if not why:
        raise InvalidInput(_("请写明恢复在册的理由。"), fields={"reason": _("请写明恢复在册的理由。")})
    was = str(resident.status)
    moved = move(resident, table=TRANSITIONS, to=Status.ACTIVE, by=by, at=at, reason=why, died_on=None)
    announce(Event.RESTORED, obj=moved, subject=moved.uuid, by=by, at=at, reason=why, was=was)
    return moved
