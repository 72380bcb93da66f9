"""Pages of studies: what waits to be matched, and one study."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import actions, queries
from xinglin.imaging.events import Look
from xinglin.imaging.models import Study
from xinglin.imaging.web import pages
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_safe
@signed_in
def queue(request: Request) -> HttpResponse:
    """Studies nobody has matched yet, and conflicts."""
    request.actor.may(Permission.IMAGE_MATCH).require()
    built = pages.Queue.build(request.actor, cursor=request.GET.get("cursor", ""))
    audit.record(Look.QUEUE, by=request.actor, at=clock.now(), detail={"rows": len(built.rows)})
    return page(request, "imaging/queue.html", page=built)


@require_safe
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One study."""
    return _shown(request, queries.visible_study(request.actor, uuid))


def _shown(request: Request, study: Study, *, error: InvalidInput | None = None, form: str = "") -> HttpResponse:
    now = clock.now()
    actions.open_study(study=study, by=request.actor, at=now)
    data = {key: request.POST.get(key, "") for key in ("request", "resident", "reason")}
    built = pages.detail(request.actor, study, at=now, error=error, form=form, data=data)
    return page(request, "imaging/study.html", status=422 if error else 200, page=built)


@require_POST
@signed_in
def link(request: Request, uuid: UUID) -> HttpResponse:
    """Say whose images these are: a request's, or a resident's by his record number or identity number."""

    def act(study: Study) -> None:
        actor, post = request.actor, request.POST
        asked = _request_of(request, post.get("request", ""))
        resident = None if asked is not None else _resident_of(request, post.get("resident", ""))
        actions.link_study(
            study=study, request=asked, resident=resident, confirmed=post.get("confirmed") == "on",
            reason=post.get("reason", ""), by=actor, at=clock.now(),
        )  # fmt: skip

    return _step(request, uuid, "link", act, _("已匹配。"))


def _request_of(request: Request, value: str) -> object | None:
    try:
        return diagnostics.visible_request(request.actor, UUID(value)) if value else None
    except ValueError:
        return None


def _resident_of(request: Request, value: str) -> object | None:
    """A visible resident by identity number or by record number."""
    value = value.strip()
    if not value:
        return None
    found = residents.resident_by_identity(request.actor, value)
    found = found or residents.residents_visible_to(request.actor).filter(number=value.upper()).first()
    if found is None:
        raise InvalidInput(
            _("没有找到这位居民，或不在您的查看范围内。"), fields={"resident": _("请核对证件号或健康档案号。")}
        )
    return found


@require_POST
@signed_in
def unlink(request: Request, uuid: UUID) -> HttpResponse:
    """Take the match back."""
    reason = request.POST.get("reason", "")
    return _step(
        request, uuid, "unlink",
        lambda study: actions.unlink_study(study=study, reason=reason, by=request.actor, at=clock.now()),
        _("已解除匹配。"),
    )  # fmt: skip


@require_POST
@signed_in
def reject(request: Request, uuid: UUID) -> HttpResponse:
    """Refuse a study that is nobody's."""
    reason = request.POST.get("reason", "")
    return _step(
        request, uuid, "reject",
        lambda study: actions.reject_study(study=study, reason=reason, by=request.actor, at=clock.now()), _("已拒收。"),
    )  # fmt: skip


def _step(request: Request, uuid: UUID, form: str, act: Callable[[Study], object], message: object) -> HttpResponse:
    """One action on a visible study; what was typed comes back when it is refused for its content."""
    study = queries.visible_study(request.actor, uuid)

    def write() -> str:
        act(study)
        # Whoever matched it may no longer see it: then back to the queue.
        seen = queries.studies_visible_to(request.actor).filter(pk=study.pk).exists()
        return reverse("imaging:study", args=[study.uuid]) if seen else reverse("imaging:queue")

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        return _shown(request, queries.visible_study(request.actor, uuid), error=error, form=form)


@require_POST
@signed_in
def settle(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what was found out about a conflict."""
    conflict = queries.visible_conflict(request.actor, uuid)

    def write() -> str:
        remark = request.POST.get("remark", "")
        actions.settle_conflict(conflict=conflict, remark=remark, by=request.actor, at=clock.now())
        return reverse("imaging:queue")

    return write_once(request, write, _("已处理。"))
