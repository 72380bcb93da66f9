"""Pages of oversight: emergency accesses, lock-outs, the audit trail."""

from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.accounts import actions, queries, trail
from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.accounts.events import Event
from xinglin.accounts.web import csv, pages
from xinglin.accounts.web.forms import AuditFilterForm, ReviewForm
from xinglin.platform import audit as audit_trail
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import page_of
from xinglin.web.answers import done, page, write_once
from xinglin.web.request import Request


@require_GET
@signed_in
def emergencies(request: Request) -> HttpResponseBase:
    """Emergency accesses, those that wait for review first."""
    request.actor.may(Permission.EMERGENCY_REVIEW).require()
    state, now = request.GET.get("state", "waiting"), clock.now()
    accesses = queries.emergencies_visible_to(request.actor).filter(reviewed_at__isnull=state != "reviewed")
    shown = page_of(accesses, by=["-opened_at", "-id"], cursor=request.GET.get("cursor", ""))
    rows = [pages.EmergencyRow.of(request.actor, each, now) for each in shown.rows]
    url = reverse("accounts:emergencies")
    tabs = [
        {"label": _("待复核"), "url": url, "active": state != "reviewed"},
        {"label": _("已复核"), "url": f"{url}?state=reviewed", "active": state == "reviewed"},
    ]
    older = pages.older_url("", request.GET.dict(), shown.next_cursor)
    return page(request, "accounts/emergencies.html", rows=rows, tabs=tabs, older=older)


@require_http_methods(["GET", "POST"])
@signed_in
def emergency(request: Request, uuid: UUID) -> HttpResponseBase:
    """One emergency access: what was done under it, and the review."""
    access = queries.visible_emergency(request.actor, uuid)
    form = ReviewForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return write_once(request, lambda: _reviewed(request, access, form), _("复核结论已记录。"))
            except InvalidInput as error:
                for name, reason in error.fields.items():
                    form.add_error(name, str(reason))
        status = 422
    shown = pages.EmergencyPage.build(request.actor, access, at=clock.now())
    return page(request, "accounts/emergency_review.html", status=status, page=shown, form=form)


def _reviewed(request: Request, access, form: ReviewForm) -> str:  # type: ignore[no-untyped-def]
    actions.review_break_glass(access=access, **form.cleaned_data, by=request.actor, at=clock.now())
    return reverse("accounts:emergencies")


@require_http_methods(["GET", "POST"])
@signed_in
def lock_outs(request: Request) -> HttpResponseBase:
    """Who has to wait now, and lifting it."""
    request.actor.may(Permission.GRANT_MANAGE).require()
    now = clock.now()
    if request.method == "POST":
        username, address = request.POST.get("username", "")[:150], request.POST.get("address", "")[:45]
        actions.unlock(username=username, address=address, by=request.actor, at=now)
        return done(request, reverse("accounts:lock_outs"), _("锁定已解除。"))
    return page(request, "accounts/lock_outs.html", rows=queries.lock_outs(request.actor, at=now))


@require_GET
@signed_in
def audit(request: Request) -> HttpResponseBase:
    """The audit trail; reading it is recorded too."""
    request.actor.may(Permission.AUDIT_READ).require()
    form, now = AuditFilterForm(request.GET), clock.now()
    wanted = form.wanted() if form.is_valid() else trail.AuditFilter()
    found = trail.audit_records(request.actor, wanted, at=now)
    shown = page_of(found, by=["-id"], cursor=request.GET.get("cursor", ""), size=50)
    audit_trail.record(Event.AUDIT_READ, by=request.actor, at=now, subject=wanted.subject, detail=wanted.for_audit())
    query = request.GET.dict()
    records = pages.RecordsPage(
        shown, pages.older_url("", query, shown.next_cursor), query, wanted, trail.chain_state(),
        f"{reverse('accounts:audit_export')}?{request.GET.urlencode()}",
    )  # fmt: skip
    return page(request, "accounts/audit.html", fragment="rows", page=records, form=form)


@require_GET
@signed_in
def audit_export(request: Request) -> HttpResponseBase:
    """The same as CSV."""
    request.actor.may(Permission.AUDIT_READ).require()
    form, now = AuditFilterForm(request.GET), clock.now()
    if not form.is_valid():
        raise InvalidInput(_("请检查筛选条件。"), fields={name: errors[0] for name, errors in form.errors.items()})
    wanted = form.wanted()
    found = trail.audit_records(request.actor, wanted, at=now)
    audit_trail.record(
        Event.AUDIT_EXPORTED, by=request.actor, at=now, subject=wanted.subject, detail=wanted.for_audit()
    )
    head = [
        _("编号"), _("时间"), _("事件"), _("结果"), _("操作类型"), _("操作人"), _("账号编号"), _("机构编号"),
        _("居民标识"),
        _("对象类型"), _("对象标识"), _("理由"), _("紧急访问"), _("来源地址"), _("请求标识"),
    ]  # fmt: skip
    answer = StreamingHttpResponse(csv.lines(head, trail.exported_rows(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{now:%Y%m%d-%H%M%S}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
