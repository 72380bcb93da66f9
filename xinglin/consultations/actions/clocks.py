"""What the clock does: remind, escalate, end what nobody answered. Called by jobs; never silently."""

from datetime import datetime

from django.db import transaction

from xinglin.consultations import catalogue, permissions
from xinglin.consultations.actions.steps import go, locked, release, tell
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, Invitation
from xinglin.consultations.policies import Verb
from xinglin.consultations.states import INVITATION_TRANSITIONS, InvitationStatus, Status
from xinglin.platform.actors import Actor
from xinglin.platform.transitions import move


@transaction.atomic
def remind_due(*, case: Case, by: Actor, at: datetime) -> bool:
    """Announce once that a deadline is near; whether this call did it."""
    found = Case.objects.filter(pk=case.pk, due_at=case.due_at, reminded_at__isnull=True).update(reminded_at=at)
    if found:
        tell(Event.DUE_SOON, case, by=by, at=at, status=case.status)
    return bool(found)


@transaction.atomic
def escalate_overdue(*, case: Case, by: Actor, at: datetime) -> bool:
    """Announce the next step of escalation that is due; whether this call did one. Each step happens once."""
    if case.due_at is None:
        return False
    steps = catalogue.escalations(case.kind, due_at=case.due_at)
    if case.n_escalations >= len(steps) or steps[case.n_escalations].at > at:
        return False
    found = Case.objects.filter(pk=case.pk, due_at=case.due_at, n_escalations=case.n_escalations)
    if not found.update(n_escalations=case.n_escalations + 1):
        return False
    tell(Event.OVERDUE, case, by=by, at=at, status=case.status, whom=steps[case.n_escalations].whom)
    case.n_escalations += 1
    return True


@transaction.atomic
def expire_invitation(*, invitation: Invitation, by: Actor, at: datetime) -> Invitation:
    """End an invitation that was not answered in time; the desk invites another.

    :raises Conflict: it was answered in between
    """
    case = locked(invitation.case)
    permissions.is_on_side(by, case, "clock").require()
    move(invitation, table=INVITATION_TRANSITIONS, to=InvitationStatus.EXPIRED, by=by, at=at)
    release(case, at=at, invitation=invitation)
    tell(Event.UNANSWERED, case, by=by, at=at, invitation=str(invitation.uuid))
    return invitation


@transaction.atomic
def expire_case(*, case: Case, by: Actor, at: datetime) -> Case:
    """End a case nobody accepted for too long; the pack closes. :raises Conflict: somebody accepted in between"""
    fresh = locked(case)
    permissions.may(Verb.EXPIRE, by, fresh).require()
    return go(fresh, to=Status.EXPIRED, event=Event.EXPIRED, by=by, at=at, place=fresh.to_facility_id)


@transaction.atomic
def close_forgotten(*, case: Case, by: Actor, at: datetime) -> Case:
    """End a case whose pack has closed and whose unit has not closed it. :raises Conflict: it was closed in between"""
    fresh = locked(case)
    permissions.is_on_side(by, fresh, "clock").require()
    permissions.may(Verb.CLOSE, by, fresh).require()
    return go(
        fresh, to=Status.CLOSED, event=Event.CLOSED, by=by, at=at, place=fresh.from_facility_id,
        pack_until=fresh.pack_until or at,
    )  # fmt: skip
