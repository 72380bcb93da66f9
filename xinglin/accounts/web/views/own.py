"""Everybody's own pages: account, sessions, log, emergency access."""

from uuid import UUID

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts import actions, permissions, queries, trail
from xinglin.accounts.api import signed_in
from xinglin.accounts.web import pages
from xinglin.accounts.web.forms import EmergencyForm
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import page_of
from xinglin.web.answers import done, page, write_once
from xinglin.web.request import Request


@require_GET
@signed_in
def profile(request: Request) -> HttpResponseBase:
    """The account: roles, password, second factor, tokens."""
    shown = pages.OwnAccount.build(request.actor, request.user, at=clock.now())  # type: ignore[arg-type]
    return page(request, "accounts/profile.html", page=shown)


@require_GET
@signed_in
def sessions(request: Request) -> HttpResponseBase:
    """Where am I signed in."""
    key = request.session.session_key
    rows = [pages.SessionRow.of(each, key) for each in queries.sessions_of(request.actor.user_id or 0, at=clock.now())]
    return page(request, "accounts/sessions.html", rows=rows)


@require_POST
@signed_in
def end_session(request: Request, uuid: UUID) -> HttpResponseBase:
    """End one's own session elsewhere, or, as security administrator, somebody's."""
    session = queries.visible_session(request.actor, uuid)
    is_own = session.user_id == request.actor.user_id
    actions.end_session(session=session, by=request.actor, at=clock.now())
    to = reverse("accounts:sessions") if is_own else reverse("accounts:user", args=[session.user.uuid])
    return done(request, to, _("已退出该设备上的登录。"))


@require_GET
@signed_in
def own_log(request: Request) -> HttpResponseBase:
    """What I did and saw."""
    cursor = request.GET.get("cursor", "")
    shown = page_of(trail.own_records(request.actor), by=["-id"], cursor=cursor, size=50)
    older = pages.older_url("", request.GET.dict(), shown.next_cursor)
    return page(request, "accounts/own_log.html", page=pages.RecordsPage(shown, older, request.GET.dict()))


@require_POST
@signed_in
def revoke_token(request: Request, uuid: UUID) -> HttpResponseBase:
    """End a token, one's own or one of an account in one's hands."""
    token = queries.visible_token(request.actor, uuid)
    actions.revoke_token(token=token, by=request.actor, at=clock.now())
    is_own = token.user_id == request.actor.user_id
    to = reverse("accounts:profile") if is_own else reverse("accounts:user", args=[token.user.uuid])
    return done(request, to, _("令牌已收回。"))


@require_http_methods(["GET", "POST"])
@signed_in
def emergency(request: Request) -> HttpResponseBase:
    """Open emergency access to the person named by ``?subject=``; and the ones opened before."""
    permissions.may_open_emergency(request.actor).require()
    form = EmergencyForm(request.POST) if request.method == "POST" else EmergencyForm(initial=request.GET.dict())
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return write_once(
                    request, lambda: _opened(request, form), _("紧急访问已开启，所有操作都会记录并复核。")
                )
            except InvalidInput as error:
                for name, reason in error.fields.items():
                    form.add_error(name, str(reason))
        status = 422
    now = clock.now()
    rows = [pages.EmergencyRow.of(request.actor, each, now) for each in queries.own_emergencies(request.actor)[:20]]
    has_subject = bool(form["subject"].value())
    return page(request, "accounts/emergency.html", status=status, form=form, rows=rows, has_subject=has_subject)


def _opened(request: Request, form: EmergencyForm) -> str:
    data = form.cleaned_data
    access = actions.open_break_glass(
        subject_uuid=data["subject"], reason=data["reason"], minutes=data["minutes"], by=request.actor, at=clock.now()
    )
    is_ours = data["next"] and url_has_allowed_host_and_scheme(data["next"], allowed_hosts=None)
    return str(data["next"]) if is_ours else reverse("accounts:emergency_review", args=[access.uuid])


@require_POST
@signed_in
def close_emergency(request: Request, uuid: UUID) -> HttpResponseBase:
    """End one's own access early."""
    access = queries.visible_emergency(request.actor, uuid)
    actions.close_break_glass(access=access, by=request.actor, at=clock.now())
    return done(request, reverse("accounts:emergency"), _("紧急访问已结束。"))
