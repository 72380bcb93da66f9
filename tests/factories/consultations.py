"""Consultations, walked to a status through the real actions: Alma asks, Sun answers, Dai keeps the desk."""

from datetime import datetime, time, timedelta
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.diagnostics import a_request
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.consultations import actions
from xinglin.consultations.actions import Hours
from xinglin.consultations.data import Asked, Chosen, Said
from xinglin.consultations.models import Case, Expert
from xinglin.consultations.states import Status
from xinglin.platform.actors import Actor
from xinglin.residents.api import ConsentGiven

S = Status
CONSENT = ConsentGiven(agreed=True, signer_name="王小麦", explained="已说明会诊目的和所示资料", on_paper=True)
ASKED = Asked(
    kind="IMMEDIATE",
    reason="胸痛原因不明",
    aim="判断是否急性冠脉综合征，是否需要立即转诊",
    summary="男，63岁，胸闷1天，血压150/92 mmHg。",
    specialty="cardiology",
    title_wanted="CHIEF",
)
SAID = Said(
    findings="心电图下壁导联ST段压低，症状不典型。",
    diagnosis="稳定型心绞痛可能；高血压2级",
    advice="阿司匹林100mg每日一次，2小时后复查心电图和肌钙蛋白；如胸痛加重立即转诊。",
)
_WAY: dict[Status, tuple[str, ...]] = {
    S.REQUESTED: (),
    S.ACCEPTED: ("accept",),
    S.SCHEDULED: ("accept", "schedule"),
    S.IN_SESSION: ("accept", "begin"),
    S.OPINION_GIVEN: ("accept", "opine"),
    S.CLOSED: ("accept", "opine", "close"),
    S.DECLINED: ("decline",),
    S.WITHDRAWN: ("withdraw",),
}


def desk_of(county: County) -> Actor:
    """Dai keeps the consultation desk of the county hospital."""
    return county.actor(county.user("dai", "consultation-desk", county.hospital, name="戴"))


def outside_expert(county: County) -> Actor:
    """Professor Wu from the provincial hospital sees the cases he is invited to, and nothing else."""
    return county.actor(county.user("outside", "consulting-expert", county.hospital, name="吴"))


def an_expert(county: County, actor: Actor | None = None, *, title: str = "CHIEF", **fields: Any) -> Expert:
    """Sun (or another account) in the directory of the county hospital; the same entry each time."""
    who = actor or county.sun
    found = Expert.objects.select_related("user", "managed_by").filter(user=who.user_id).first()
    if found is not None:
        return found
    username = next(name for name, user in county.users.items() if user.pk == who.user_id)
    return actions.register_expert(
        username=username, managed_by_id=county.hospital.pk, title=title, by=desk_of(county), at=NOW - timedelta(days=60),
        **{"specialty": "cardiology", "field": "冠心病、高血压", **fields},
    )  # fmt: skip


def with_times(county: County, expert: Expert, *, at: datetime = NOW) -> Expert:
    """The expert can be booked each weekday from 14:00 to 16:00, half an hour each."""
    hours = [Hours(day, time(14), time(16), 30) for day in range(7)]
    actions.set_times(expert=expert, hours=hours, since=at.date(), by=desk_of(county), at=at)
    return expert


def a_case(
    county: County,
    *,
    status: Status = S.REQUESTED,
    asked: Asked = ASKED,
    resident: Any = None,
    experts: list[Expert] | None = None,
    pack: tuple[Chosen, ...] | None = None,
    consent: ConsentGiven | None = CONSENT,
    at: datetime = NOW,
) -> Case:
    """A case of Alma's with a visit and an ECG in its pack, a minute for each step; Sun is asked."""
    resident = resident or a_resident(county, at=at)
    visit = a_visit(resident=resident, by=county.alma, at=at)
    if pack is None:
        ecg = a_request(county, status="FINAL", resident=resident, at=at - timedelta(minutes=30))
        pack = (Chosen("VISIT", visit.uuid), Chosen("REQUEST", ecg.uuid), Chosen("RECORD"))
    case = actions.request_consultation(
        resident=resident, visit=visit, from_facility_id=county.clinic.pk, to_facility_id=county.hospital.pk,
        asked=asked, consent=consent, pack=pack, experts=[an_expert(county)] if experts is None else experts,
        by=county.alma, at=at,
    )  # fmt: skip
    for number, step in enumerate(_WAY[status], 1):
        take_step(county, case, step, at=at + timedelta(minutes=number))
    case.refresh_from_db()
    return case


def take_step(county: County, case: Case, step: str, *, at: datetime = NOW) -> None:
    """One step on the way, by who takes it in life."""
    case.refresh_from_db()
    if step == "accept":
        actions.accept_invitation(
            invitation=case.invitations.get(expert__user=county.sun.user_id), by=county.sun, at=at
        )
    elif step == "schedule":
        actions.schedule_case(case=case, starts_at=at + timedelta(days=1), by=desk_of(county), at=at)
    elif step == "begin":
        actions.begin_session(case=case, by=county.sun, at=at)
    elif step == "opine":
        actions.write_opinion(case=case, said=SAID, by=county.sun, at=at)
    elif step == "close":
        actions.close_case(case=case, outcome="按意见用药，留观", by=county.alma, at=at)
    elif step == "decline":
        actions.decline_case(case=case, reason_code="refer-now", by=desk_of(county), at=at)
    elif step == "withdraw":
        actions.withdraw_case(case=case, reason_code="improved", by=county.alma, at=at)
