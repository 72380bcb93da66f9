"""The steps of a request as a line to look at: asked, performed, read, reported."""

from typing import Any

from django.utils.translation import gettext as _

from xinglin.diagnostics import policies
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.states import RequestStatus


def steps_of(request: Request) -> list[dict[str, Any]]:
    """Label, state (done, current, todo, failed), moment and person of each step."""
    status = RequestStatus(request.status)
    asked: dict[str, Any] = {
        "label": _("申请"),
        "state": "done",
        "at": request.requested_at,
        "by": request.requested_by_name,
    }
    if status == RequestStatus.CANCELLED:
        return [asked, {"label": _("已撤销"), "state": "failed", "at": request.status_changed_at}]
    claimed: dict[str, Any] = {
        "label": _("诊断中"),
        "state": "todo",
        "at": request.claimed_at,
        "by": request.claimed_by_name,
    }
    if status == RequestStatus.REJECTED:
        failed = {"label": _("退回重采"), "state": "failed", "at": request.status_changed_at}
        return [asked, {**claimed, "state": "done"}, failed]
    order = [RequestStatus.REQUESTED, RequestStatus.CLAIMED, RequestStatus.PRELIMINARY]
    waiting = status in {RequestStatus.IN_PROGRESS, RequestStatus.PERFORMED}
    reached = 0 if waiting else order.index(status) if status in order else len(order)
    claimed["state"] = "done" if reached > 1 else "current"
    report: dict[str, Any] = {
        "label": _("报告"),
        "state": "done" if reached > 2 else "current" if reached == 2 else "todo",
        "at": request.reported_at,
    }
    if reached == 0:
        claimed.update(label=_("等待领取"), at=None)
    if status == RequestStatus.PRELIMINARY:
        report["note"] = _("已出初步报告")
    steps = [asked, *_performed(request), claimed, report]
    if status == RequestStatus.AMENDED:
        steps.append({"label": _("已更正"), "state": "done", "at": request.status_changed_at})
    return steps


def _performed(request: Request) -> list[dict[str, Any]]:
    """The step of an examination that is done after its request."""
    if request.kind not in policies.PERFORMED_LATER:
        return []
    state = "done" if request.performed_at else "current"
    return [{"label": _("检查"), "state": state, "at": request.performed_at}]
