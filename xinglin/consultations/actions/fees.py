"""A fee ends settled, or waived with a reason; never silently."""

from datetime import datetime

from django.db import transaction

from xinglin.consultations import permissions
from xinglin.consultations.actions.steps import tell
from xinglin.consultations.events import Event
from xinglin.consultations.models import Fee
from xinglin.consultations.states import FEE_TRANSITIONS, FeeStatus
from xinglin.platform.actors import Actor
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move


@transaction.atomic
def settle_fee(*, fee: Fee, reference: str, by: Actor, at: datetime) -> Fee:
    """Note that it was paid and shared, with the number of the receipt or settlement.

    :raises NotPermitted: not of the desk
    :raises Conflict: it was settled or waived already
    """
    permissions.may_settle(by, fee).require()
    text = clean(reference, "reference", most=60, least=1)
    place = fee.case.to_facility_id
    move(fee, table=FEE_TRANSITIONS, to=FeeStatus.SETTLED, by=by, at=at, place=place, reference=text)
    tell(Event.FEE_SETTLED, fee.case, by=by, at=at, place=place, fee=str(fee.uuid), fen=fee.amount_fen)
    return fee


@transaction.atomic
def waive_fee(*, fee: Fee, reason: str, by: Actor, at: datetime) -> Fee:
    """Do without it, and say why.

    :raises NotPermitted: not of the desk
    :raises Conflict: it was settled or waived already
    """
    permissions.may_settle(by, fee).require()
    text = clean(reason, "reason", most=200, least=2)
    place = fee.case.to_facility_id
    move(fee, table=FEE_TRANSITIONS, to=FeeStatus.WAIVED, by=by, at=at, place=place, reason=text)
    tell(Event.FEE_WAIVED, fee.case, by=by, at=at, place=place, fee=str(fee.uuid), fen=fee.amount_fen)
    return fee
