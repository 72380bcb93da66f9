"""Settings of a centre: what it promises, two steps or one, and whether the roster assigns."""

from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.centres import actions, permissions, queries
from xinglin.centres.models import Roster
from xinglin.centres.web import forms
from xinglin.diagnostics import api as diagnostics
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request, stamp

PROMISES = ("minutes_routine", "minutes_urgent", "minutes_critical", "minutes_claim")
STARTS = ("minutes_start", "minutes_start_urgent")


def _shown(request: Request, centre: Any, error: DomainError | None = None, form: str = "") -> HttpResponse:
    roster = queries.roster_of(centre) or Roster(centre=centre, is_on=False)
    post = request.POST if error else {}
    data = {name: post.get(name, getattr(centre, name)) for name in PROMISES}
    data |= {name: post.get(name, getattr(roster, name)) for name in STARTS}
    return page(
        request, "centres/settings.html", status=error.status if error else 200, centre=centre, roster=roster,
        data=data, error=error, form=form, fields=dict(fields_of(error)),
        manage=permissions.may_manage(request.actor, centre), edit=permissions.may_edit_roster(request.actor, centre),
    )  # fmt: skip


@require_GET
@signed_in
def settings(request: Request, uuid: UUID) -> HttpResponse:
    """The settings as they stand."""
    return _shown(request, queries.visible_centre(request.actor, uuid))


def _save(request: Request, uuid: UUID, form: str, act: Callable[[Any], object]) -> HttpResponse:
    centre = queries.visible_centre(request.actor, uuid)

    def write() -> str:
        act(centre)
        return reverse("centres:settings", args=[uuid])

    try:
        return write_once(request, write, _("设置已保存。"))
    except InvalidInput as error:
        return _shown(request, centre, error, form)


@require_POST
@signed_in
def save_promises(request: Request, uuid: UUID) -> HttpResponse:
    """Set what the centre promises, and one step or two."""
    return _save(
        request, uuid, "promises",
        lambda centre: diagnostics.change_centre(
            centre=centre, minutes=forms.minutes_from(request.POST, *PROMISES),
            two_step=request.POST.get("two_step") == "on", by=request.actor, at=clock.now(),
        ),
    )  # fmt: skip


class _Roster(TypedDict):
    is_on: bool
    draws_seconds: bool
    goes_on: bool
    minutes_start: int
    minutes_start_urgent: int


def _roster(post: QueryDict) -> _Roster:
    minutes = forms.minutes_from(post, *STARTS)
    return {
        "is_on": post.get("is_on") == "on", "draws_seconds": post.get("draws_seconds") == "on",
        "goes_on": post.get("goes_on") == "on", "minutes_start": minutes["minutes_start"],
        "minutes_start_urgent": minutes["minutes_start_urgent"],
    }  # fmt: skip


@require_POST
@signed_in
def save_roster(request: Request, uuid: UUID) -> HttpResponse:
    """Let the roster assign, or not; and how long its suggestion stands."""
    return _save(
        request, uuid, "roster",
        lambda centre: actions.set_roster(centre=centre, **_roster(request.POST), **stamp(request)),
    )  # fmt: skip
