"""What must hold of a way and of a slip before anything is written."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible, wrong
from xinglin.referrals import catalogue, criteria, hot
from xinglin.referrals.actions.steps import bounded
from xinglin.referrals.data import Attachment, Route, Slip
from xinglin.referrals.models import Referral
from xinglin.residents import api as residents
from xinglin.visits import api as visits

MAX_ATTACHMENTS = 20
MAX_TEXT = 4000


def checked_way(
    resident: Any, route: Route, *, visit_id: int | None = None, by: Actor, at: datetime
) -> tuple[Route, hot.Known]:
    """The route with the direction of its channel filled in, and what it leads from and to.

    Only units able to receive are targets (WN-05).

    :raises NotVisible: the resident is out of scope
    :raises InvalidInput: the channel, the target or the department cannot be
    """
    try:
        channel = catalogue.channel(route.channel)
    except KeyError as error:
        raise InvalidInput(_("没有这种转诊通道。"), fields={"channel": _("请从列表中选择。")}) from error
    direction = route.direction or channel.direction
    if direction != channel.direction:
        raise InvalidInput(
            _("转诊方向与通道不符。"), fields={"direction": _("此通道用于%(name)s。") % {"name": channel.direction}}
        )
    way = Route(route.from_facility_id, route.to_facility_id, channel.slug, direction, route.to_department_id)
    known = hot.look_up(by=by, resident=resident, route=way, visit_id=visit_id, at=at)
    if known is None:  # on no roster: break-glass may be open; if not, this says what everybody out of scope is told
        row = residents.visible_resident(by, residents.uuid_of(resident), at=at)
        known = hot.look_up(by=by, resident=row, route=way, visit_id=visit_id, at=at)
    if known is None or not known.can_receive:
        raise _cannot_receive()
    if route.to_department_id is not None and known.department is None:
        raise _no_department()
    return way, known


def refuse_second(number: str | None) -> None:
    """:raises Conflict: a referral of this number goes on, of the same visit"""
    if number is not None:
        raise Conflict(
            _("本次就诊已有一条未结的转诊（%(number)s）。确需再转一次的，请勾选确认。") % {"number": number},
            code="referral-open",
        )  # fmt: skip


def _cannot_receive() -> InvalidInput:
    return InvalidInput(_("该机构不能接收这一方向的转诊。"), fields={"to_facility": _("请从列表中选择。")})


def _no_department() -> InvalidInput:
    return InvalidInput(_("转入机构没有这个科室。"), fields={"to_department": _("请从列表中选择。")})


def require_department(department_id: int | None, *, facility_id: int) -> None:
    """The department, if one is named, is one of the facility's. :raises InvalidInput: it is not"""
    if department_id is not None and department_id not in {each.id for each in network.departments_of(facility_id)}:
        raise _no_department()


def require_target(to_facility_id: int, *, from_facility_id: int, direction: str) -> None:
    """The target is a unit that can receive in this direction. :raises InvalidInput: it is not"""
    if not network.can_receive_from(to_facility_id, from_facility_id=from_facility_id, direction=direction):
        raise _cannot_receive()


def require_same_person(resident: Any, visit: Any) -> None:
    """The visit is one of the resident's. :raises InvalidInput: it is somebody else's"""
    if visit is not None and visit.resident_id not in residents.ids_of_person(resident):
        raise InvalidInput(_("这次就诊不是该居民的。"), fields={"visit": _("请重新选择。")})


def slip_fields(slip: Slip, *, direction: str, resident: Any, by: Actor, at: datetime) -> dict[str, Any]:
    """The columns a slip fills. :raises InvalidInput: a code is unknown, a text is missing or too long"""
    kind = "down" if direction == Referral.Direction.DOWN else "up"
    if slip.reason_code not in dict(catalogue.reasons(kind)):
        raise InvalidInput(_("请选择转诊原因。"), fields={"reason_code": _("请从列表中选择。")})
    try:
        noted = criteria.versions_of(slip.criteria)
    except KeyError as error:
        raise InvalidInput(_("没有这项转诊指征。"), fields={"criteria": _("请从列表中选择。")}) from error
    is_down = kind == "down"
    days = slip.followup_days
    if days is not None and not 0 <= days <= 365:
        raise InvalidInput(_("首次随访应在0—365天内（0为当天）。"), fields={"followup_days": _("0—365天。")})
    return {
        "reason_code": slip.reason_code,
        "reason": bounded("reason", slip.reason, 500, required=slip.reason_code == "other"),
        "criteria": noted,
        "impression": bounded("impression", slip.impression, 200, required=True),
        "impression_code": bounded("impression_code", slip.impression_code, 20),
        "summary": bounded("summary", slip.summary, MAX_TEXT),
        "past_history": bounded("past_history", slip.past_history, MAX_TEXT),
        "treatment": bounded("treatment", slip.treatment, MAX_TEXT),
        "plan": bounded("plan", slip.plan, MAX_TEXT, required=is_down),
        "results": bounded("results", slip.results, MAX_TEXT),
        "followup_days": days,
        "contact_phone_given": slip.contact_phone_given,
        "attachments": _attachments(slip.attachments, resident, by=by, at=at),
    }


def _attachments(
    attachments: tuple[Attachment, ...], resident: Any, *, by: Actor, at: datetime
) -> list[dict[str, str]]:
    """Only what is in the record of this person, and what the sender sees himself, can be attached."""
    if len(attachments) > MAX_ATTACHMENTS:
        raise InvalidInput(_("附件太多。"), fields={"attachments": _("最多%(most)d件。") % {"most": MAX_ATTACHMENTS}})
    if not attachments:
        return []
    ids = residents.ids_of_person(resident)
    wanted = [each.uuid for each in attachments if each.kind == "request"]
    seen = diagnostics.requests_readable_by(by).filter(uuid__in=wanted, resident_id__in=ids)
    requests = set(seen.values_list("uuid", flat=True)) if wanted else set()
    for each in attachments:
        try:
            known = each.uuid in requests if each.kind == "request" else _is_visit(each, ids, by=by, at=at)
        except NotVisible:
            known = False
        if not known:
            raise wrong("attachments", _("附件不在该居民的记录中。"))
    return [{"kind": each.kind, "uuid": str(each.uuid)} for each in attachments]


def _is_visit(attachment: Attachment, resident_ids: list[int], *, by: Actor, at: datetime) -> bool:
    if attachment.kind != "visit":
        return False
    return visits.visible_visit(by, attachment.uuid, at=at).resident_id in resident_ids
