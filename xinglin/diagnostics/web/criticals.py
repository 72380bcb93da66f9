"""Pages of critical values."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import for_staff, signed_in
from xinglin.diagnostics import actions, queries
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.models import CriticalValue
from xinglin.diagnostics.web import critical_page, pages
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_GET
@for_staff
def register(request: Request) -> HttpResponse:
    """The register: person, time, content, who answered and when."""
    now = clock.now()
    built = pages.register(request.actor, show=request.GET.get("show", ""), cursor=request.GET.get("cursor", ""))
    shown = [each.critical.request.resident.uuid for each in built.lines]
    audit.look_many(Look.CRITICAL, by=request.actor, at=now, subjects=shown, rows=len(shown))
    return page(request, "diagnostics/criticals.html", fragment="rows", page=built, now=now)


@require_GET
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One critical value with its clock."""
    return _shown(request, queries.visible_critical(request.actor, uuid))


def _shown(request: Request, critical: CriticalValue, error: InvalidInput | None = None) -> HttpResponse:
    now = clock.now()
    subject = critical.request.resident.uuid
    audit.look(
        Look.CRITICAL,
        by=request.actor,
        at=now,
        subject=subject,
        kind="diagnostics.criticalvalue",
        key=str(critical.uuid),
    )
    data = {name: request.POST.get(name, "") for name in ("read_back", "handling", "remark")}
    built = critical_page.build(request.actor, critical, at=now, data=data, error=error)
    return page(
        request, "diagnostics/critical.html", fragment="state", status=422 if error else 200, page=built, now=now
    )


def _step(request: Request, uuid: UUID, act: Callable[[CriticalValue], object], message: str) -> HttpResponse:
    critical = queries.visible_critical(request.actor, uuid)

    def write() -> str:
        act(critical)
        return reverse("diagnostics:critical", args=[uuid])

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        return _shown(request, critical, error)


@require_POST
@signed_in
def acknowledge(request: Request, uuid: UUID) -> HttpResponse:
    """Read back and confirm."""
    said = request.POST.get("read_back", "")
    return _step(
        request, uuid,
        lambda found: actions.acknowledge_critical(critical=found, read_back=said, by=request.actor, at=clock.now()),
        _("已确认，请尽快处置并记录。"),
    )  # fmt: skip


@require_POST
@signed_in
def handle(request: Request, uuid: UUID) -> HttpResponse:
    """Write what was done."""
    done = request.POST.get("handling", "")
    return _step(
        request, uuid,
        lambda found: actions.handle_critical(critical=found, handling=done, by=request.actor, at=clock.now()),
        _("处置已记录，诊断中心会收到通知。"),
    )  # fmt: skip


@require_POST
@signed_in
def close(request: Request, uuid: UUID) -> HttpResponse:
    """Close the loop."""
    remark = request.POST.get("remark", "")
    return _step(
        request, uuid,
        lambda found: actions.close_critical(critical=found, remark=remark, by=request.actor, at=clock.now()),
        _("危急值已关闭。"),
    )  # fmt: skip
