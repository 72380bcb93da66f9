"""What is attached to a referral, as its reader may see it: on the page and on the slip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.diagnostics import api as diagnostics
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.referrals.models import Referral
from xinglin.visits import api as visits


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment: a visit, or a request whose conclusion is said here, so that the reader sees it at once."""

    title: str
    icon: str
    at: datetime | None
    text: str
    url: str = ""
    tone: str = ""


def attachments_of(actor: Actor, referral: Referral) -> list[Attached]:
    """The visit a referral came from, and what was attached."""
    wanted = [each["uuid"] for each in referral.attachments if each["kind"] == "visit"]
    if referral.visit is not None and str(referral.visit.uuid) not in wanted:
        wanted.insert(0, str(referral.visit.uuid))
    seen = visits.visits_visible_to(actor).filter(uuid__in=wanted).select_related("facility").order_by("-started_at")
    requests = [each["uuid"] for each in referral.attachments if each["kind"] == "request"]
    return [_visit(each) for each in seen] + [_request(actor, each) for each in requests]


def requests_of(actor: Actor, referral: Referral) -> list[diagnostics.RequestSummary]:
    """The diagnostic requests attached to a referral that the actor may see."""
    found = [_summary(actor, each["uuid"]) for each in referral.attachments if each["kind"] == "request"]
    return [each for each in found if each is not None]


def _summary(actor: Actor, uuid: str) -> diagnostics.RequestSummary | None:
    try:
        return diagnostics.request_summary(diagnostics.visible_request(actor, UUID(uuid)))
    except NotVisible:
        return None


def _visit(visit: Any) -> Attached:
    pressure = f"{visit.systolic}/{visit.diastolic} mmHg" if visit.systolic else ""
    return Attached(
        title=_("就诊记录 %(number)s") % {"number": visit.number}, icon="stethoscope", at=visit.started_at,
        text=" · ".join(part for part in (str(visit.facility), visit.complaint, pressure) if part),
        url=reverse("visits:detail", args=[visit.uuid]),
    )  # fmt: skip


def _request(actor: Actor, uuid: str) -> Attached:
    told = _summary(actor, uuid)
    if told is None:
        return Attached(title=_("检查申请"), icon="pulse", at=None, text=_("检查报告不在您的查看范围内"))
    words = [told.centre_name, told.status_label, told.conclusion, *told.critical]
    return Attached(
        title=_("心电图 %(number)s") % {"number": told.number}, icon="pulse", at=told.reported_at or told.requested_at,
        text=" · ".join(part for part in words if part), url=told.url,
        tone="critical" if told.critical else "warning" if told.is_abnormal else "",
    )  # fmt: skip
