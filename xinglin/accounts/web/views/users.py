"""Pages of accounts: the system administrator makes and closes them, the security administrator gives them rights."""

from uuid import UUID

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts import actions, queries
from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.accounts.models import User
from xinglin.accounts.web import pages
from xinglin.accounts.web.forms import GrantForm, NewUserForm, TokenForm
from xinglin.platform import clock
from xinglin.platform.decisions import Decision, refused
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.web.answers import done, page
from xinglin.web.request import Request


def may_look(request: Request) -> Decision:
    """Whether the reader has anything to do with other people's accounts."""
    held = {Permission.USER_MANAGE, Permission.GRANT_MANAGE} & request.actor.permissions
    return Decision(allowed=True) if held else refused("no-permission", _("您的角色没有这项权限。"))


@require_GET
@signed_in
def accounts(request: Request) -> HttpResponseBase:
    """The list."""
    may_look(request).require()
    shown = pages.UsersPage.build(request.actor, request.GET.dict(), at=clock.now())
    return page(request, "accounts/users.html", fragment="rows", page=shown)


@require_http_methods(["GET", "POST"])
@signed_in
def new_user(request: Request) -> HttpResponseBase:
    """Make an account; its password is shown once."""
    request.actor.may(Permission.USER_MANAGE).require()
    form = NewUserForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return _made(request, form)
            except (InvalidInput, Conflict) as error:
                reasons = getattr(error, "fields", None) or {"username": error.message}
                for name, reason in reasons.items():
                    form.add_error(name, str(reason))
        status = 422
    facility = request.POST.get("facility_text", "")
    return page(request, "accounts/new_user.html", status=status, form=form, facility_text=facility)


def _made(request: Request, form: NewUserForm) -> HttpResponseBase:
    data = form.cleaned_data
    facility = queries.facility_by_uuid(data["facility"]) if data["facility"] else None
    new = actions.create_user(
        username=data["username"], name=data["name"], title=data["title"],
        facility_id=facility.pk if facility else None,
        by=request.actor, at=clock.now(),
    )  # fmt: skip
    return hand_over(request, new.user, new.password, "password")


def hand_over(request: Request, user: User, secret: str, kind: str) -> HttpResponseBase:
    """The one page that shows a new secret; it is never stored, so there is no address to come back to."""
    back = reverse("accounts:user", args=[user.uuid])
    return page(request, "accounts/hand_over.html", user_shown=user, secret=secret, kind=kind, back=back)


@require_GET
@signed_in
def account(request: Request, uuid: UUID) -> HttpResponseBase:
    """One account."""
    return show_account(request, queries.visible_user(request.actor, uuid))


def show_account(request: Request, user: User, *, status: int = 200, **forms: object) -> HttpResponseBase:
    """The page of an account, with what was typed wrong into one of its forms."""
    now = clock.now()
    forms.setdefault("grant", GrantForm(initial={"place": "facility"}))
    forms.setdefault("token", TokenForm(permissions=pages.permission_choices(user, at=now)))
    shown = pages.UserPage.build(request.actor, user, at=now, **forms)  # type: ignore[arg-type]
    facility_text = request.POST.get("facility_text", "")
    return page(request, "accounts/user.html", status=status, page=shown, facility_text=facility_text)


@require_POST
@signed_in
def close(request: Request, uuid: UUID) -> HttpResponseBase:
    """Close it."""
    user = actions.close_user(user=queries.visible_user(request.actor, uuid), by=request.actor, at=clock.now())
    return done(request, reverse("accounts:user", args=[user.uuid]), _("账号已停用。"))


@require_POST
@signed_in
def reopen(request: Request, uuid: UUID) -> HttpResponseBase:
    """Open it again."""
    new = actions.reopen_user(user=queries.visible_user(request.actor, uuid), by=request.actor, at=clock.now())
    return hand_over(request, new.user, new.password, "password")


@require_POST
@signed_in
def new_password(request: Request, uuid: UUID) -> HttpResponseBase:
    """Give it a new password."""
    user = queries.visible_user(request.actor, uuid)
    password = actions.set_password(user=user, by=request.actor, at=clock.now())
    return hand_over(request, user, password, "password")


@require_POST
@signed_in
def reset_second_factor(request: Request, uuid: UUID) -> HttpResponseBase:
    """Unbind a lost authenticator."""
    user = queries.visible_user(request.actor, uuid)
    actions.reset_second_factor(user=user, by=request.actor, at=clock.now())
    return done(request, reverse("accounts:user", args=[uuid]), _("两步验证已重置，本人下次登录时重新设置。"))
