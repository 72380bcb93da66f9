"""The way back: a down-referral is made, received, and ends when the first follow-up is done."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.referrals import catalogue, permissions
from xinglin.referrals.actions import sending
from xinglin.referrals.actions.following import plan_levels
from xinglin.referrals.actions.steps import advance, go
from xinglin.referrals.data import Route, Slip
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status

ALL_TIERS = frozenset({"VILLAGE", "TOWNSHIP", "COUNTY"})


@transaction.atomic
def return_down(
    *, referral: Referral, to_facility_id: int, to_department_id: int | None = None, slip: Slip, by: Actor, at: datetime
) -> Referral:
    """Send a discharged patient down with a rehabilitation plan; returns the down-referral, whose origin is this one.

    The target's department must take patients back (WN-05). No new consent: it rests on that of the way up.

    :raises NotPermitted: the actor does not refer down from the treating unit
    :raises Conflict: the patient is not discharged, or a way back is open already
    :raises InvalidInput: target or slip cannot be
    """
    permissions.may(Verb.RETURN, by, referral).require()
    channel = next(each for each in catalogue.channels(Referral.Direction.DOWN))
    route = Route(referral.to_facility_id, to_facility_id, channel.slug, Referral.Direction.DOWN, to_department_id)
    down = sending.send_referral(
        resident=referral.resident, visit=referral.visit, route=route, slip=slip, origin=referral, by=by, at=at
    )
    advance(
        referral, Verb.RETURN, to=Status.RETURNED, event=Event.RETURNED, by=by, at=at, place=referral.to_facility_id,
        detail={"to": str(down.uuid)},
    )  # fmt: skip
    return down


@transaction.atomic
def receive_back(*, referral: Referral, note: str = "", by: Actor, at: datetime) -> Referral:
    """The unit below has taken the patient back: follow-up is planned at each level, and the way up is closed.

    :raises NotPermitted: the actor does not take back for the receiving unit
    :raises Conflict: it is no way back that waits to be received
    """
    advance(
        referral, Verb.RECEIVE_BACK, to=Status.RECEIVED_BACK, event=Event.RECEIVED_BACK, by=by, at=at,
        place=referral.to_facility_id, reason=note[:500], answered_at=at, answered_by=by.user_id,
        answered_by_name=by.name[:40],
    )  # fmt: skip
    plan_levels(referral, tiers=ALL_TIERS, by=by, at=at)
    origin = sending.returned_origin(referral)
    if origin is not None:
        place = referral.to_facility_id
        go(origin, to=Status.RECEIVED_BACK, event=Event.RECEIVED_BACK, by=by, at=at, place=place)
        go(
            origin, to=Status.CLOSED, event=Event.CLOSED, by=by, at=at, place=place, reason_code="received-back",
            reason=referral.number,
        )  # fmt: skip
    return referral


@transaction.atomic
def close_followed_up(*, referral: Referral, by: Actor, at: datetime) -> Referral:
    """End a received way back whose first follow-up is done; called by the system.

    :raises Conflict: it is not in that state (any more)
    """
    permissions.may(Verb.CLOSE, by, referral).require()
    if referral.direction != Referral.Direction.DOWN:
        raise Conflict(_("只有下转单随首次随访结案。"))
    return advance(
        referral, Verb.CLOSE, to=Status.CLOSED, event=Event.CLOSED, by=by, at=at, place=referral.to_facility_id,
        reason_code="followed-up",
    )  # fmt: skip
