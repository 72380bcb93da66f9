"""Pages of follow-up: who is due, and one follow-up done on the phone in a few taps."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.followups import actions, queries
from xinglin.followups.events import Event
from xinglin.followups.web import forms
from xinglin.followups.web.pages import DetailPage, ListPage
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def due(request: Request) -> HttpResponse:
    """The due list, by risk and day."""
    box = request.GET.get("box", "due")
    built = ListPage.build(request.actor, box=box, cursor=request.GET.get("cursor", ""), at=clock.now())
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=request.actor, at=clock.now(), subjects=shown, box=box, n=len(shown))
    return page(request, "followups/list.html", fragment="rows", page=built)


@require_safe
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One follow-up with its form."""
    actor, at = request.actor, clock.now()
    task = queries.visible_followup(actor, uuid)
    audit.look(Event.VIEWED, by=actor, at=at, subject=task.resident.uuid, kind="followups.followuptask", key=str(uuid))
    return page(request, "followups/detail.html", page=DetailPage.build(actor, task, at=at))


@require_POST
@signed_in
def complete(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what the follow-up found; while it is typed, say what is dangerous in it."""
    if request.GET.get("op") == "look":
        task = queries.visible_followup(request.actor, uuid)
        built = DetailPage.build(request.actor, task, at=clock.now(), given=request.POST)
        return page(request, "followups/detail.html", fragment="hints", page=built)

    def write() -> str:
        outcome = forms.outcome_of(request.POST)
        task = actions.complete_followup(
            task=queries.visible_followup(request.actor, uuid), outcome=outcome,
            note=request.POST.get("note", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        if task.visit is not None and outcome.critical_note.strip():
            return reverse(
                "visits:detail", args=[task.visit.uuid]
            )  # from there an ECG is asked for, or a referral sent
        return reverse("followups:list")

    return _answer(request, uuid, write, _("随访已完成。"))


@require_POST
@signed_in
def unreached(request: Request, uuid: UUID) -> HttpResponse:
    """Nobody was reached: when to try again."""

    def write() -> str:
        actions.note_unreached(
            task=queries.visible_followup(request.actor, uuid), why=request.POST.get("why", ""),
            try_again_on=posted.day(request.POST, "try_again_on"), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("followups:list")

    return _answer(request, uuid, write, _("已登记，到期会再次提醒。"))


@require_POST
@signed_in
def cancel(request: Request, uuid: UUID) -> HttpResponse:
    """It is no longer owed."""

    def write() -> str:
        actions.cancel_followup(
            task=queries.visible_followup(request.actor, uuid), reason=request.POST.get("reason", ""), by=request.actor,
            at=clock.now(),
        )  # fmt: skip
        return reverse("followups:list")

    return _answer(request, uuid, write, _("已取消。"))


@require_POST
@signed_in
def cover(request: Request, uuid: UUID) -> HttpResponse:
    """The call of this week has answered it."""

    def write() -> str:
        try:
            call = queries.visible_call(request.actor, UUID(request.POST.get("call", "")))
        except ValueError as error:
            raise InvalidInput(_("没有这次通话。"), fields={"call": _("请从列表中选择。")}) from error
        task = queries.visible_followup(request.actor, uuid)
        actions.cover_followup(task=task, call=call, by=request.actor, at=clock.now())
        return reverse("followups:list")

    return _answer(request, uuid, write, _("已并入这次联系。"))


@require_POST
@signed_in
def put_off(request: Request, uuid: UUID) -> HttpResponse:
    """It waits until the week is over."""

    def write() -> str:
        task = queries.visible_followup(request.actor, uuid)
        actions.put_off_followup(task=task, by=request.actor, at=clock.now())
        return reverse("followups:list")

    return _answer(request, uuid, write, _("已推迟。"))


def _answer(request: Request, uuid: UUID, write: Callable[[], str], message: object) -> HttpResponse:
    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict) as error:
        task = queries.visible_followup(request.actor, uuid)
        built = DetailPage.build(request.actor, task, at=clock.now(), error=error, given=request.POST)
        return page(request, "followups/detail.html", status=error.status, page=built)
