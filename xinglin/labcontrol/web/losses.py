"""Losses of control: the list, and one with its next step."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xinglin.labcontrol import actions, catalogue, permissions, queries
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import OutOfControl
from xinglin.labcontrol.states import BLOCKING, LOOKS, Status
from xinglin.labcontrol.web.common import for_control, rounded, shown, tabs
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.pills import Pill
from xinglin.web.request import Request


def status_view(loss: OutOfControl) -> Pill:
    """The pill of a loss of control."""
    return Pill(str(loss.get_status_display()), *LOOKS[Status(loss.status)])


@require_GET
@for_control
def losses(request: Request) -> HttpResponse:
    """What is not finished, or what was closed."""
    box = "closed" if request.GET.get("box") == "closed" else "open"
    found = queries.losses(request.actor, box=box, cursor=request.GET.get("cursor", ""))
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), detail={"what": "losses", "n": len(found.rows)})
    url = reverse("labcontrol:losses")
    rows = [
        {
            "url": reverse("labcontrol:loss", args=[each.uuid]), "status": status_view(each), "at": each.opened_at,
            "title": f"{catalogue.analyte_title(each.assay.analyte, each.assay.title)} {_('、').join(each.rules_broken)}",
            "meta": f"{each.assay.instrument.name} · {each.assay.instrument.facility}",
            "tone": "critical" if each.status in BLOCKING else "",
        }
        for each in found.rows
    ]  # fmt: skip
    boxes = [
        {"label": _("未完成"), "url": url, "active": box == "open"},
        {"label": _("已审核关闭"), "url": f"{url}?box=closed", "active": box == "closed"},
    ]
    return page(request, "labcontrol/losses.html", tabs=tabs("losses"), boxes=boxes, rows=rows, paging=found, box=box)


def _show(request: Request, loss: OutOfControl, error: DomainError | None = None) -> HttpResponse:
    actor, assay = request.actor, loss.assay
    results = queries.results_of_loss(loss)
    return page(
        request, "labcontrol/loss.html", status=error.status if error else 200, tabs=tabs("losses"), loss=loss,
        title=catalogue.analyte_title(assay.analyte, assay.title), pill=status_view(loss), steps=_steps(loss),
        rules=[(code, catalogue.rule_title(code)) for code in loss.rules_broken],
        causes=list(catalogue.reasons("causes").items()), measures=list(catalogue.reasons("actions").items()),
        cause_title=catalogue.reasons("causes").get(loss.cause_code, loss.cause_code),
        action_title=catalogue.reasons("actions").get(loss.action_code, loss.action_code),
        may_explain=permissions.may_explain(actor, loss), may_act=permissions.may_act(actor, loss),
        may_review=permissions.may_review(actor, loss), error=error, fields=fields_of(error),
        data=request.POST, runs=[_run(each, assay.decimals) for each in results],
        blocks=loss.status in BLOCKING, changes=list(loss.status_changes.all()),
        enter_url=reverse("labcontrol:enter", args=[assay.instrument.uuid]),
    )  # fmt: skip


def _steps(loss: OutOfControl) -> list[dict[str, Any]]:
    order = list(Status)
    now = order.index(Status(loss.status))
    words = (_("查原因"), _("作处理"), _("复测在控"), _("审核"))
    moments = (loss.caused_at, loss.acted_at, loss.retested_at, loss.reviewed_at)
    people = (loss.caused_by_name, loss.acted_by_name, "", loss.reviewed_by_name)
    return [
        {
            "label": text, "state": "done" if place < now else "current" if place == now else "todo",
            "at": moments[place] if place < now else None, "by": people[place] if place < now else "",
        }
        for place, text in enumerate(words)
    ]  # fmt: skip


def _run(result: Any, decimals: int) -> dict[str, Any]:
    return {
        "at": result.run_at, "verdict": result.get_verdict_display(), "url": reverse("labcontrol:run", args=[result.run.uuid]),
        "tone": {"OUT": "critical", "WARNING": "warning"}.get(result.verdict, "ok"), "by": result.run.entered_by_name,
        "rules": _("、").join(each["code"] for each in result.broken),
        "values": " · ".join(
            f"{catalogue.level_short(v.level)} {shown(v.value, decimals)} ({rounded(v.z, 2)}SD)"
            for v in result.values.all()
        ),
    }  # fmt: skip


@require_GET
@for_control
def loss(request: Request, uuid: UUID) -> HttpResponse:
    """One loss of control with its next step."""
    found = queries.visible_loss(request.actor, uuid)
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="labcontrol.outofcontrol", key=str(uuid))
    return _show(request, found)


def _do(request: Request, uuid: UUID, action: Callable[..., Any], message: object, **given: str) -> HttpResponse:
    def write() -> str:
        action(loss=queries.visible_loss(request.actor, uuid), by=request.actor, at=clock.now(), **given)
        return reverse("labcontrol:loss", args=[uuid])

    return write_once(
        request, write, message, again=lambda error: _show(request, queries.visible_loss(request.actor, uuid), error)
    )


@require_POST
@for_control
def cause(request: Request, uuid: UUID) -> HttpResponse:
    """Write down the cause."""
    given = {name: request.POST.get(name, "") for name in ("code", "text")}
    return _do(request, uuid, actions.note_cause, gettext_lazy("原因已记录，请写明处理。"), **given)


@require_POST
@for_control
def act(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what was done, and what became of results."""
    given = {name: request.POST.get(name, "") for name in ("code", "text", "patients")}
    return _do(request, uuid, actions.note_action, gettext_lazy("处理已记录，请复测质控。"), **given)


@require_POST
@for_control
def close(request: Request, uuid: UUID) -> HttpResponse:
    """Agree."""
    return _do(request, uuid, actions.close_loss, gettext_lazy("已审核关闭。"), review=request.POST.get("review", ""))


@require_POST
@for_control
def send_back(request: Request, uuid: UUID) -> HttpResponse:
    """Do not agree."""
    return _do(
        request, uuid, actions.send_back, gettext_lazy("已退回，结果暂停发布。"), reason=request.POST.get("reason", "")
    )
