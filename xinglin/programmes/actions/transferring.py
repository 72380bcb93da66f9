"""A clinic closes, a village is regrouped: its residents go over in one go, and everything they have goes with them.

Each resident is handed over by the one action of the register; enrolments, agreements, follow-ups and day lists follow its
event, so that a single transfer and a thousand leave the same rows.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.programmes import permissions, transferring
from xinglin.programmes.actions.texts import text
from xinglin.programmes.events import Event
from xinglin.programmes.models import Transfer, TransferredResident
from xinglin.residents import api as residents


@transaction.atomic
def transfer_residents(
    *, former_id: int, facility_id: int, why: str, reason: str = "", only: Sequence[UUID] = (), by: Actor, at: datetime
) -> Transfer:
    """Hand residents of a facility over to another: all of them, or `only` some.

    :raises NotPermitted: the actor keeps the register at neither the facility nor the one above it
    :raises InvalidInput: it is the same facility, or no such reason
    :raises Conflict: there is nobody to hand over, or one of those named is not managed there
    """
    permissions.may_transfer(by, former_id).require()
    if former_id == facility_id:
        raise InvalidInput(_("请选择另一个机构。"), fields={"facility": _("不能与原机构相同。")})
    if why not in Transfer.Why.values:
        raise InvalidInput(_("请选择转移原因。"), fields={"why": _("请从列表中选择。")})
    rows = transferring.movable(by, former_id).select_related("managed_by__manager")
    people = list(rows.filter(uuid__in=list(only)) if only else rows[: transferring.MOST])
    if not people or (only and len(people) != len(set(only))):
        raise Conflict(_("没有可以转移的居民，或名单中有人不归该机构管理。"), code="nobody-to-transfer")
    transfer = Transfer.objects.create(
        former_id=former_id, facility_id=facility_id, why=why, reason=text("reason", reason, 200),
        n_residents=len(people), made_at=at, made_by=by.user_id, made_by_name=by.name[:40],
    )  # fmt: skip
    TransferredResident.objects.bulk_create(TransferredResident(transfer=transfer, resident=each) for each in people)
    said = str(Transfer.Why(why).value)
    for each in people:
        residents.assign_managing_facility(resident=each, facility_id=facility_id, reason=said, by=by, at=at)
    announce(Event.TRANSFERRED, obj=transfer, by=by, at=at, place=facility_id, former=former_id, n=len(people), why=why)
    return transfer


@transaction.atomic
def undo_transfer(*, transfer: Transfer, by: Actor, at: datetime) -> Transfer:
    """Hand back who is still where the transfer brought him; who died, left or went on stays where he is.

    :raises NotPermitted: the actor keeps the register neither where they are now nor above it
    :raises Conflict: it was undone already
    """
    permissions.may_transfer(by, transfer.facility_id).require()
    undone = Transfer.objects.filter(pk=transfer.pk, undone_at__isnull=True).update(
        undone_at=at, undone_by=by.user_id or 0, undone_by_name=by.name[:40]
    )
    if undone != 1:
        raise Conflict(_("这次转移已经撤销。"), code="undone")
    ids = transfer.people.values("resident_id")
    people = list(
        transferring.movable(by, transfer.facility_id).select_related("managed_by__manager").filter(pk__in=ids)
    )
    for each in people:
        residents.assign_managing_facility(resident=each, facility_id=transfer.former_id, reason="UNDONE", by=by, at=at)
    transfer.refresh_from_db()
    announce(
        Event.TRANSFER_UNDONE, obj=transfer, by=by, at=at, place=transfer.former_id, n=len(people),
        former=transfer.facility_id,
    )  # fmt: skip
    return transfer
