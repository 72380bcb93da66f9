"""What the clock does: remind, escalate, end a hold. Called by jobs; never silently."""

from datetime import datetime

from django.db import transaction

from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.referrals import catalogue
from xinglin.referrals.actions.steps import advance, is_emergency
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status


@transaction.atomic
def expire_hold(*, referral: Referral, by: Actor, at: datetime) -> Referral:
    """End a hold nobody came for: a kept bed expires, a missed appointment is a no-show. The sender is told.

    :raises Conflict: the patient has arrived, or it ended otherwise
    """
    slot = referral.hold_kind == Referral.Hold.SLOT
    return advance(
        referral, Verb.EXPIRE, to=Status.NO_SHOW if slot else Status.EXPIRED,
        event=Event.NO_SHOW if slot else Event.EXPIRED, by=by, at=at, place=referral.to_facility_id,
        reason_code="slot-missed" if slot else "hold-ended",
    )  # fmt: skip


@transaction.atomic
def remind_due(*, referral: Referral, by: Actor, at: datetime) -> bool:
    """Announce once that a deadline is near; whether this call did it."""
    found = Referral.objects.filter(pk=referral.pk, due_at=referral.due_at, reminded_at__isnull=True).update(
        reminded_at=at
    )
    if found:
        announce(
            Event.DUE_SOON, obj=referral, subject=referral.resident.uuid, by=by, at=at, place=referral.to_facility_id,
            status=referral.status,
        )  # fmt: skip
    return bool(found)


@transaction.atomic
def escalate_overdue(*, referral: Referral, by: Actor, at: datetime) -> bool:
    """Announce the next step of escalation that is due; whether this call did one. Each step happens once."""
    if referral.due_at is None:
        return False
    steps = catalogue.escalations(emergency=is_emergency(referral), due_at=referral.due_at)
    if referral.n_escalations >= len(steps) or steps[referral.n_escalations].at > at:
        return False
    found = Referral.objects.filter(pk=referral.pk, due_at=referral.due_at, n_escalations=referral.n_escalations)
    if not found.update(n_escalations=referral.n_escalations + 1):
        return False
    announce(
        Event.OVERDUE, obj=referral, subject=referral.resident.uuid, by=by, at=at, place=referral.to_facility_id,
        status=referral.status, whom=steps[referral.n_escalations].whom,
    )  # fmt: skip
    referral.n_escalations += 1
    return True
