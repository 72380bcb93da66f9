"""Follow-up planned by a referral: nobody goes home without somebody owing him a call (XC-59)."""

from datetime import datetime, timedelta

from xinglin.followups import api as followups
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.referrals import catalogue
from xinglin.referrals.actions.steps import deadline
from xinglin.referrals.models import Referral

ORIGIN = "referral"


def plan_levels(referral: Referral, *, tiers: frozenset[str], by: Actor, at: datetime) -> None:
    """Plan the follow-up tasks of the levels named, once each, from the slip's days or the definition's."""
    for level in catalogue.followup_levels():
        if level.tier not in tiers:
            continue
        facility_id = _who(referral, level.whom)
        if level.days:
            due_on = clock.today(at) + timedelta(days=level.days)
        elif referral.followup_days is not None:
            due_on = clock.today(at) + timedelta(days=referral.followup_days)
        else:
            due_on = clock.today(deadline(referral, "first-follow-up", since=at))
        followups.plan_followup(
            resident=referral.resident, facility_id=facility_id, kind=level.kind, origin_kind=ORIGIN,
            origin_uuid=referral.uuid, due_on=due_on, plan=referral.plan or level.text, risk=level.risk, level=level.tier, by=by,
            at=at,
        )  # fmt: skip


def plan_after_discharge(referral: Referral, *, by: Actor, at: datetime) -> None:
    """For who went home without a way back through a township unit: village and hospital."""
    plan_levels(referral, tiers=frozenset({"VILLAGE", "COUNTY"}), by=by, at=at)


def _who(referral: Referral, whom: str) -> int:
    is_down = referral.direction == Referral.Direction.DOWN
    units = {
        "managing-clinic": referral.resident.managed_by_id,
        "receiving-unit": referral.to_facility_id,
        "discharging-unit": referral.from_facility_id if is_down else referral.to_facility_id,
    }
    return units[whom]
