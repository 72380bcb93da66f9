"""The page of one critical value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from xinglin.diagnostics import catalogue, permissions
from xinglin.diagnostics.banner import banner_of
from xinglin.diagnostics.models import CriticalValue
from xinglin.diagnostics.states import CriticalStatus
from xinglin.diagnostics.web.pills import critical_pill
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.web.pills import Pill


@dataclass(frozen=True)
class CriticalPage:
    """All that the page of a critical value reads."""

    critical: CriticalValue
    person: Any
    status: Pill
    text: str
    advice: str
    steps: list[dict[str, Any]]
    escalations: list[dict[str, Any]]
    decisions: dict[str, Decision]
    request_url: str
    referral_url: str
    data: dict[str, Any]
    error: InvalidInput | None

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field."""
        return dict(self.error.fields) if self.error else {}


def build(
    actor: Actor,
    critical: CriticalValue,
    *,
    at: datetime,
    data: dict[str, Any] | None = None,
    error: InvalidInput | None = None,
) -> CriticalPage:
    """Build the page of a visible critical value."""
    request = critical.request
    return CriticalPage(
        critical=critical,
        person=banner_of(actor, request, at=at),
        status=critical_pill(critical),
        text=catalogue.critical_text(request.kind, critical.code, critical.text),
        advice=catalogue.critical_advice(request.kind, critical.code),
        steps=_steps(critical),
        escalations=[
            {"level": each.level, "facility": str(each.facility), "at": each.escalated_at}
            for each in critical.escalations.select_related("facility").order_by("level")
        ],
        decisions={
            "acknowledge": permissions.may_acknowledge(actor, critical),
            "handle": permissions.may_handle(actor, critical),
            "close": permissions.may_close(actor, critical),
        },
        request_url=reverse("diagnostics:detail", args=[request.uuid]),
        referral_url=_referral_url(critical),
        data=data or {},
        error=error,
    )


def _referral_url(critical: CriticalValue) -> str:
    """Where the sender refers the person up; empty without a visit, or where referrals are not in use."""
    visit = critical.request.visit
    if visit is None:
        return ""
    try:
        return reverse("referrals:send", args=[visit.uuid])
    except NoReverseMatch:
        return ""


def _steps(critical: CriticalValue) -> list[dict[str, Any]]:
    order = [CriticalStatus.NOTIFIED, CriticalStatus.CONFIRMED, CriticalStatus.HANDLED, CriticalStatus.CLOSED]
    told = {"label": _("中心通知"), "state": "done", "at": critical.notified_at, "by": critical.notified_by_name}
    if critical.status == CriticalStatus.SUPERSEDED:
        return [told, {"label": _("已被更正报告取代"), "state": "failed", "at": critical.status_changed_at}]
    reached = order.index(CriticalStatus(critical.status))

    def state(position: int) -> str:
        return "done" if position <= reached else "current" if position == reached + 1 else "todo"

    late = _("超时") if critical.is_in_time is False else ""
    return [
        told,
        {
            "label": _("复述确认"),
            "state": state(1),
            "at": critical.confirmed_at,
            "by": critical.confirmed_by_name,
            "note": late,
        },
        {"label": _("处置"), "state": state(2), "at": critical.handled_at, "by": critical.handled_by_name},
        {"label": _("关闭"), "state": state(3), "at": critical.status_changed_at if reached == 3 else None},
    ]
