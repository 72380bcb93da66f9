"""From a posted form to the arguments of one action: shape only, every rule is the action's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.network import api as network
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.referrals.data import Attachment, ConsentGiven, Hold, Slip
from xinglin.referrals.policies import Verb
from xinglin.residents import api as residents

_TEXTS = ("impression", "reason", "impression_code", "summary", "past_history", "treatment", "plan", "results")


def slip_of(post: QueryDict) -> Slip:
    """The slip of a form. :raises InvalidInput: a figure or an attachment cannot be read"""
    days = post.get("followup_days", "").strip()
    if days and not (days.isascii() and days.isdecimal()):
        raise InvalidInput(_("随访天数应是数字。"), fields={"followup_days": _("请填数字。")})
    return Slip(
        reason_code=post.get("reason_code", ""), criteria=tuple(post.getlist("criteria")),
        followup_days=int(days) if days else None, contact_phone_given=post.get("contact_phone_given") == "on",
        attachments=tuple(_attachment(each) for each in post.getlist("attachments")),
        **{name: post.get(name, "") for name in _TEXTS},
    )  # fmt: skip


def _attachment(text: str) -> Attachment:
    kind, _sep, uuid = text.partition(":")
    try:
        return Attachment(kind, UUID(uuid))
    except ValueError as error:
        raise InvalidInput(_("附件无法识别。"), fields={"attachments": _("请重新选择。")}) from error


def consent_of(post: QueryDict) -> tuple[ConsentGiven | None, str]:
    """The resident's answer, or the ground why it comes later. :raises InvalidInput: there is no ground"""
    answer = post.get("consent", "")
    if answer == "later":
        ground = post.get("consent_waived", "").strip()
        if not ground:
            raise InvalidInput(_("请写明后补签的理由。"), fields={"consent_waived": _("必填。")})
        return None, ground
    return residents.consent_from(post), ""


def target_of(post: QueryDict) -> tuple[int, int | None]:
    """Facility and department chosen, by uuid and code. :raises InvalidInput: there is no such choice"""
    try:
        facility_id = network.facility_by_uuid(UUID(post.get("to_facility", ""))).id
    except (ValueError, NotVisible) as error:
        raise InvalidInput(_("请选择转入机构。"), fields={"to_facility": _("请从列表中选择。")}) from error
    return facility_id, department_of(post, facility_id)


def department_of(post: QueryDict, facility_id: int) -> int | None:
    """The department chosen, by code, or None. :raises InvalidInput: the facility has no such department"""
    code = post.get("to_department", "")
    if not code:
        return None
    for department in network.departments_of(facility_id):
        if department.code == code:
            return department.id
    raise InvalidInput(_("转入机构没有这个科室。"), fields={"to_department": _("请从列表中选择。")})


def arguments_of(verb: Verb, post: QueryDict) -> dict[str, Any]:
    """What the action of a verb takes besides the referral. :raises InvalidInput: something cannot be read"""
    coded = {"reason_code": post.get("reason_code", ""), "reason": post.get("reason", "")}
    if verb == Verb.ACCEPT:
        hold = Hold(post.get("hold_kind", "BED"), post.get("hold_text", ""), _moment(post.get("hold_until", "")))
        return {"hold": hold}
    if verb == Verb.REDIRECT:
        facility_id, department_id = target_of(post)
        return {"to_facility_id": facility_id, "to_department_id": department_id, **coded}
    if verb == Verb.ADMIT:
        return {"department": post.get("department", ""), "bed": post.get("bed", "")}
    if verb == Verb.DISCHARGE:
        return {"diagnosis": post.get("diagnosis", ""), "results": post.get("results", "")}
    if verb == Verb.RECEIVE_BACK:
        return {"note": post.get("note", "")}
    return {} if verb == Verb.ARRIVE else coded


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(_("时间格式不对。"), fields={"hold_until": _("请重新选择。")}) from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
