"""Referrals, walked to a status through the real actions: Alma sends, Du answers, Sun treats, Tang takes back."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform.actors import system_actor
from xinglin.referrals import actions
from xinglin.referrals.data import ConsentGiven, Hold, Route, Slip
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status
from xinglin.visits.api import Vitals

S = Status
CONSENT = ConsentGiven(agreed=True, signer_name="王小麦", explained="已说明转诊原因和风险", on_paper=True)
UP_SLIP = Slip(
    reason_code="bp-very-high",
    impression="高血压3级 很高危",
    impression_code="I10.x00",
    criteria=("bp-high-chest",),
    summary="胸闷1天，血压186/112 mmHg。",
    past_history="高血压10年",
    treatment="硝苯地平缓释片10mg口服",
    contact_phone_given=True,
)
DOWN_SLIP = Slip(
    reason_code="rehabilitation",
    impression="高血压3级 很高危",
    criteria=("condition-stable",),
    results="冠脉CTA：轻度狭窄。",
    plan="规律服药，低盐饮食，每周测血压2次，2周后复诊。",
    treatment="苯磺酸氨氯地平片5mg 每日1次",
    followup_days=14,
)

#: The states a referral passes on its way to each state, after it was submitted.
_WAY: dict[Status, tuple[Status, ...]] = {
    S.SUBMITTED: (),
    S.SENT_BACK: (S.SENT_BACK,),
    S.ACCEPTED: (S.ACCEPTED,),
    S.ARRIVED: (S.ACCEPTED, S.ARRIVED),
    S.IN_CARE: (S.ACCEPTED, S.ARRIVED, S.IN_CARE),
    S.DISCHARGED: (S.ACCEPTED, S.ARRIVED, S.IN_CARE, S.DISCHARGED),
    S.RETURNED: (S.ACCEPTED, S.ARRIVED, S.IN_CARE, S.DISCHARGED, S.RETURNED),
    S.RECEIVED_BACK: (S.RECEIVED_BACK,),
    S.CLOSED: (S.ACCEPTED, S.ARRIVED, S.CLOSED),
    S.REJECTED: (S.REJECTED,),
    S.REDIRECTED: (S.REDIRECTED,),
    S.WITHDRAWN: (S.WITHDRAWN,),
    S.EXPIRED: (S.ACCEPTED, S.EXPIRED),
    S.NO_SHOW: (S.ACCEPTED, S.NO_SHOW),
}
#: States that exist in each direction.
UP_STATES = tuple(status for status in Status if status != S.RECEIVED_BACK)
DOWN_STATES = (S.DRAFT, S.SUBMITTED, S.SENT_BACK, S.RECEIVED_BACK, S.CLOSED, S.REJECTED, S.REDIRECTED, S.WITHDRAWN)


def a_referral(
    county: County,
    *,
    status: Status = S.SUBMITTED,
    channel: str = "ordinary",
    resident: Any = None,
    visit: Any = None,
    to_facility_id: int | None = None,
    slip: Slip = UP_SLIP,
    acknowledged_open: bool = False,
    at: datetime = NOW,
) -> Referral:
    """An up-referral from Alma's clinic to the county hospital."""
    resident = resident or a_resident(county)
    visit = visit or a_visit(
        resident=resident, by=county.alma, at=at, vitals=Vitals(systolic=186, diastolic=112, confirmed_unusual=True),
        complaint="胸闷1天",
    )  # fmt: skip
    route = Route(county.clinic.pk, to_facility_id or county.hospital.pk, channel)
    common = {"resident": resident, "visit": visit, "route": route, "slip": slip, "by": county.alma, "at": at}
    if status == S.DRAFT:
        return actions.draft_referral(**common)
    referral = actions.send_referral(consent=CONSENT, acknowledged_open=acknowledged_open, **common)
    for step in _WAY[status]:
        take_step(county, referral, step, at=at)
    return referral


def a_down_referral(
    county: County, *, status: Status = S.SUBMITTED, channel: str = "ordinary", at: datetime = NOW
) -> Referral:
    """A way back from the county hospital to the township hospital, after a stay."""
    up = a_referral(county, status=S.DISCHARGED, channel=channel, at=at)
    if status == S.DRAFT:
        return actions.draft_referral(
            resident=up.resident, visit=up.visit, route=Route(county.hospital.pk, county.township.pk, "down"),
            slip=DOWN_SLIP, by=county.sun, at=at,
        )  # fmt: skip
    down = send_down(county, up, at=at)
    if status == S.CLOSED:
        take_step(county, down, S.RECEIVED_BACK, at=at)
        return actions.close_referral(referral=down, reason_code="recovered", by=county.tang, at=at)
    for step in _WAY[status]:
        take_step(county, down, step, at=at)
    return down


def send_down(county: County, up: Referral, *, at: datetime = NOW) -> Referral:
    """Sun sends the discharged patient down to Tang's rehabilitation department."""
    return actions.return_down(
        referral=up,
        to_facility_id=county.township.pk,
        to_department_id=county.rehab.pk,
        slip=DOWN_SLIP,
        by=county.sun,
        at=at,
    )


def take_step(county: County, referral: Referral, to: Status, *, at: datetime = NOW) -> None:
    """One step on the way, by who takes it in life."""
    down = referral.direction == "DOWN"
    desk, sender = (county.tang, county.sun) if down else (county.du, county.alma)
    common = {"referral": referral, "at": at}
    if to == S.SENT_BACK:
        actions.send_back(reason_code="summary-missing", by=desk, **common)
    elif to == S.ACCEPTED:
        actions.accept_referral(hold=Hold("BED", "心内科 12床"), by=county.du, **common)
    elif to == S.ARRIVED:
        actions.mark_arrived(by=county.du, **common)
    elif to == S.IN_CARE:
        actions.admit(department="心血管内科", bed="12床", by=county.sun, **common)
    elif to == S.DISCHARGED:
        actions.discharge(diagnosis="高血压3级 很高危", results="冠脉CTA：轻度狭窄。", by=county.sun, **common)
    elif to == S.RETURNED:
        send_down(county, referral, at=at)
        referral.refresh_from_db()
    elif to == S.RECEIVED_BACK:
        actions.receive_back(by=county.tang, **common)
    elif to == S.CLOSED:
        actions.close_referral(reason_code="outpatient-done", by=county.sun, **common)
    elif to == S.REJECTED:
        actions.decline_referral(reason_code="no-bed", by=desk, **common)
    elif to == S.REDIRECTED:
        target = county.other_township if down else county.tcm
        if down:
            county.other_township.departments.get_or_create(
                code="REHA", defaults={"name": "康复科", "takes_back": True}
            )
        actions.redirect_referral(to_facility_id=target.pk, reason_code="better-suited", by=desk, **common)
    elif to == S.WITHDRAWN:
        actions.withdraw_referral(reason_code="improved", by=sender, **common)
    elif to == S.EXPIRED:
        clock = system_actor("referral clock")
        actions.expire_hold(referral=referral, by=clock, at=at + timedelta(days=8))
    elif to == S.NO_SHOW:
        actions.mark_no_show(reason_code="gone-elsewhere", by=county.du, **common)
