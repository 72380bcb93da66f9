"""The hot write of visits: one operation."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.visits import actions
from xinglin.visits.schemas import VisitIn, VisitOut
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()


@router.post("/visits", response={201: VisitOut, **ERRORS}, operation_id="recordVisit", summary="记录就诊")
def record_visit(request: Request, payload: VisitIn) -> HttpResponse:
    """Record a visit of a resident on a roster of the facility, and sign it unless `sign` is false.

    422 ``vitals-unusual`` asks for `confirmed_unusual`; ``vitals-impossible``, ``unknown-diagnosis`` name the fields.
    """
    by, now = request.actor, clock.now()

    def record() -> VisitOut:
        facility_id = network.facility_id_of(payload.facility) if payload.facility else by.place
        if facility_id is None:
            raise InvalidInput(_("请指明就诊机构。"), fields={"facility": _("请指明就诊机构。")})
        visit = actions.record_visit(
            resident=payload.resident,
            facility_id=facility_id,
            content=payload.to_content(),
            sign=payload.sign,
            by=by,
            at=now,
        )
        return VisitOut.of(visit)

    return write(request, record, status=201, only_inserts=True)
