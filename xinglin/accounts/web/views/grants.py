"""Pages of rights: grants and tokens."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts import actions, queries
from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.accounts.web import pages
from xinglin.accounts.web.forms import GrantForm, TokenForm
from xinglin.accounts.web.views.users import hand_over, may_look, show_account
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.paging import page_of
from xinglin.web.answers import done, fields_of, page, write_once
from xinglin.web.request import Request


@require_POST
@signed_in
def grant(request: Request, uuid: UUID) -> HttpResponseBase:
    """Give an account a role."""
    user = queries.visible_user(request.actor, uuid)
    form = GrantForm(request.POST)
    if form.is_valid():
        try:
            return write_once(request, lambda: _granted(request, user, form), _("已授权，本人重新登录后生效。"))
        except (InvalidInput, Conflict) as error:
            _explain(form, error)
    return show_account(request, user, status=422, grant=form)


def _granted(request: Request, user: Any, form: GrantForm) -> str:
    data, now = form.cleaned_data, clock.now()
    facility = queries.facility_by_uuid(data["facility"]) if data["place"] == "facility" and data["facility"] else None
    valid_from, valid_until = form.period(now)
    actions.grant_role(
        user=user, role=data["role"], facility_id=facility.pk if facility else None,
        with_subordinates=bool(facility) and data["with_subordinates"],
        division_code=data["division_code"] if data["place"] == "division" else "",
        everywhere=data["place"] == "everywhere", valid_from=valid_from, valid_until=valid_until,
        by=request.actor, at=now,
    )  # fmt: skip
    return reverse("accounts:user", args=[user.uuid])


def _explain(form: Any, error: InvalidInput | Conflict) -> None:
    names = {"valid_from": "from_on", "valid_until": "until_on", "expires_at": "days"}
    for name, reason in fields_of(error).items() or [("", error.message)]:
        form.add_error(names.get(name, name) if names.get(name, name) in form.fields else None, str(reason))


@require_POST
@signed_in
def revoke_grant(request: Request, uuid: UUID) -> HttpResponseBase:
    """Take a role back."""
    taken = actions.revoke_grant(grant=queries.visible_grant(request.actor, uuid), by=request.actor, at=clock.now())
    return done(request, reverse("accounts:user", args=[taken.user.uuid]), _("授权已收回。"))


@require_POST
@signed_in
def new_token(request: Request, uuid: UUID) -> HttpResponseBase:
    """Make a token; its secret is shown once."""
    user, now = queries.visible_user(request.actor, uuid), clock.now()
    form = TokenForm(request.POST, permissions=pages.permission_choices(user, at=now))
    if form.is_valid():
        data = form.cleaned_data
        try:
            new = actions.create_token(
                user=user,
                label=data["label"],
                permitted=data["scopes"],
                expires_at=now + form.life(),
                by=request.actor,
                at=now,
            )
            return hand_over(request, user, new.secret, "token")
        except (InvalidInput, Conflict) as error:
            _explain(form, error)
    return show_account(request, user, status=422, token=form)


@require_GET
@signed_in
def tokens(request: Request) -> HttpResponseBase:
    """All tokens in force, the next to expire first."""
    request.actor.may(Permission.TOKEN_MANAGE).require()
    now, cursor = clock.now(), request.GET.get("cursor", "")
    in_force = queries.tokens_visible_to(request.actor).filter(revoked_at__isnull=True, expires_at__gt=now)
    shown = page_of(in_force, by=["expires_at", "id"], cursor=cursor)
    rows = [pages.TokenRow.of(request.actor, token, now) for token in shown.rows]
    return page(
        request, "accounts/tokens.html", rows=rows, older=pages.older_url("", request.GET.dict(), shown.next_cursor)
    )


@require_GET
@signed_in
def facilities(request: Request) -> HttpResponseBase:
    """Options of the facility box."""
    may_look(request).require()
    text = (request.GET.get("q") or request.GET.get("facility_text") or "").strip()[:40].replace("\x00", "")
    return page(request, "accounts/_facilities.html", rows=queries.facilities_named(text) if text else [])
