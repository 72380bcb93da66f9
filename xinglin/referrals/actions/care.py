"""The treating unit's verbs: admit, discharge, close."""

from datetime import datetime

from django.db import transaction

from xinglin.platform.actors import Actor
from xinglin.referrals import permissions
from xinglin.referrals.actions.following import plan_after_discharge
from xinglin.referrals.actions.steps import advance, bounded, coded, deadline
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status


@transaction.atomic
def admit(*, referral: Referral, department: str, bed: str = "", by: Actor, at: datetime) -> Referral:
    """Take the patient into care, in a ward and bed or a clinic.

    :raises NotPermitted: the actor does not admit at the receiving unit
    :raises Conflict: the patient has not arrived
    """
    department = bounded("department", department, 50, required=True)
    where = " ".join(part for part in (department, bounded("bed", bed, 20)) if part)
    return advance(
        referral, Verb.ADMIT, to=Status.IN_CARE, event=Event.ADMITTED, by=by, at=at, place=referral.to_facility_id,
        admitted_at=at, admitted_to=where,
    )  # fmt: skip


@transaction.atomic
def discharge(*, referral: Referral, diagnosis: str, results: str = "", by: Actor, at: datetime) -> Referral:
    """End the stay with a diagnosis and the main results; the down slip is due from now.

    :raises NotPermitted: the actor does not treat at the receiving unit
    :raises Conflict: the patient is not in care
    """
    return advance(
        referral,
        Verb.DISCHARGE,
        to=Status.DISCHARGED,
        event=Event.DISCHARGED,
        by=by,
        at=at,
        place=referral.to_facility_id,
        due_at=deadline(referral, "down-slip", since=at),
        discharged_at=at,
        discharge_diagnosis=bounded("diagnosis", diagnosis, 200, required=True),
        results=bounded("results", results, 4000),
    )


@transaction.atomic
def close_referral(*, referral: Referral, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Referral:
    """End it with a coded reason. Who goes home from the ward is followed up by clinic and township unit all the same.

    :raises NotPermitted: the actor may not close it
    :raises Conflict: it is not in a state to be closed
    :raises InvalidInput: the reason is none of this state
    """
    permissions.may(Verb.CLOSE, by, referral).require()
    was = referral.status
    words = coded("close", reason_code, reason, status=was)
    advance(
        referral, Verb.CLOSE, to=Status.CLOSED, event=Event.CLOSED, by=by, at=at, place=referral.to_facility_id, **words
    )
    if was == Status.DISCHARGED and reason_code not in {"died", "transferred-on"}:
        plan_after_discharge(referral, by=by, at=at)
    return referral
