"""What contracts contact residents about, told to the follow-up centre, so that nobody is called twice in one week."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from xinglin.contracts import secrecy
from xinglin.contracts.models import Agreement, Promise
from xinglin.contracts.states import Status
from xinglin.followups.api import Purpose
from xinglin.platform.actors import Actor

#: An agreement is renewed in the last days of its term; a promised item stands for itself.
MOST = 5


def due(actor: Actor, resident_ids: Sequence[int], until: date) -> list[Purpose]:
    """Promised items that fall due, and an agreement that ends. Two queries."""
    ids = list(resident_ids)
    owed = Promise.objects.select_related("agreement__facility", "agreement__resident").filter(
        agreement__resident_id__in=ids, agreement__status=Status.ACTIVE, done_on__isnull=True, dropped_on__isnull=True,
        due_on__lte=until,
    )  # fmt: skip
    ending = Agreement.objects.select_related("facility").filter(
        resident_id__in=ids, status=Status.ACTIVE, ends_on__lte=until
    )
    found = [
        Purpose(
            source="contracts", key=each.uuid, title=_item(each, actor),
            facility_id=each.agreement.facility_id, facility=str(each.agreement.facility), due_on=each.due_on,
            resident_id=each.agreement.resident_id,
        )
        for each in owed.order_by("due_on", "id")[:MOST]
    ]  # fmt: skip
    return found + [
        Purpose(
            source="contracts", key=each.uuid, title=_renewal(), facility_id=each.facility_id,
            facility=str(each.facility), due_on=each.ends_on, url="contracts:detail",
            resident_id=each.resident_id,
        )
        for each in ending
    ]  # fmt: skip


def said(actor: Actor, keys: Sequence[UUID]) -> dict[UUID, str]:
    """What a call was made for, as far as the reader may know. Two queries."""
    owed = Promise.objects.select_related("agreement__facility", "agreement__resident").filter(uuid__in=keys)
    ending = Agreement.objects.filter(uuid__in=keys).values_list("uuid", flat=True)
    return {each.uuid: _item(each, actor) for each in owed} | dict.fromkeys(ending, _renewal())


def _item(promise: Promise, actor: Actor) -> str:
    return _("签约服务：%(item)s") % {"item": secrecy.told_item(promise, actor)}


def _renewal() -> str:
    return _("续签家庭医生")
