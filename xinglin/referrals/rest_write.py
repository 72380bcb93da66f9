"""POST /referrals: the hottest write of referrals, kept apart so that it can be made faster alone."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Router

from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.referrals import actions
from xinglin.referrals.data import Route
from xinglin.referrals.schemas import ReferralIn, ReferralOut
from xinglin.visits import api as visits
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()


@router.post("/referrals", response={201: ReferralOut, **ERRORS}, operation_id="send_referral")
def send(request: Request, body: ReferralIn) -> Any:
    """Refer a resident from one unit to another."""
    by = request.actor
    only_inserts = body.consent_agreed is None
    return write(request, lambda: ReferralOut.of(_send(by, body)), status=201, only_inserts=only_inserts)


def _send(actor: Actor, body: ReferralIn) -> Any:
    at = clock.now()
    visit = visits.visible_visit(actor, body.visit, at=at) if body.visit else None
    from_facility_id = network.facility_id_of(body.from_facility) if body.from_facility else actor.place
    if from_facility_id is None:
        raise InvalidInput(_("请选择转出机构。"), fields={"from_facility": _("必填。")})
    to_facility_id = network.facility_id_of(body.to_facility)
    route = Route(
        from_facility_id=from_facility_id, to_facility_id=to_facility_id, channel=body.channel,
        to_department_id=department_id(to_facility_id, body.to_department),
    )  # fmt: skip
    return actions.send_referral(
        resident=body.resident, visit=visit, route=route, slip=body.slip(), consent=body.consent(),
        consent_waived=body.consent_waived, acknowledged_open=body.acknowledged_open, by=actor, at=at,
    )  # fmt: skip


def department_id(facility_id: int, code: str) -> int | None:
    """The department of a code. :raises InvalidInput: the facility has none"""
    if not code:
        return None
    for department in network.departments_of(facility_id):
        if department.code == code:
            return department.id
    raise InvalidInput(_("转入机构没有这个科室。"), fields={"to_department": code})
