"""Pages of the follow-up centre: the desk, a person, a call, a plan at discharge, the figures."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.followups import actions, desk, queries
from xinglin.followups.actions.calling import scripts_of_call
from xinglin.followups.data import CallEnd
from xinglin.followups.events import Event
from xinglin.followups.web.desk_pages import (
    CallPage,
    DischargeForm,
    DischargePage,
    FiguresPage,
    PersonPage,
    answers_of,
    desk_row,
)
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, wrong
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def show_desk(request: Request) -> HttpResponse:
    """Whom to contact today, one line for a person."""
    request.actor.may(Permission.FOLLOWUP_CALL).require()
    at = clock.now()
    found = desk.page(request.actor, at=at, cursor=request.GET.get("cursor", ""))
    audit.look_many(Event.DESK_LISTED, by=request.actor, at=at, subjects=[each.resident.uuid for each in found.rows])
    rows = [desk_row(each, at=at) for each in found.rows]
    return page(request, "followups/desk.html", rows=rows, paging=found, n_people=desk.due_today(request.actor, at=at))


@require_safe
@signed_in
def person(request: Request, uuid: UUID) -> HttpResponse:
    """Before the call; whoever is at it already goes on with it."""
    actor, at = request.actor, clock.now()
    resident, _facility = desk.resident_to_contact(actor, uuid, at=at)
    own = desk.own_call(actor, residents.ids_of_person(resident), at=at)
    return redirect("followups:call", uuid=own.uuid) if own else _person(request, uuid)


def _person(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    resident, facility_id = desk.resident_to_contact(actor, uuid, at=at)
    audit.look(Event.CONTACTS_VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    built = PersonPage.build(actor, resident, facility_id, at=at, error=error)
    return page(request, "followups/person.html", page=built, status=error.status if error else 200)


@require_POST
@signed_in
def open_call(request: Request, uuid: UUID) -> HttpResponse:
    """Take the person."""

    def write() -> str:
        actor, at = request.actor, clock.now()
        resident, facility_id = desk.resident_to_contact(actor, uuid, at=at)
        call = actions.open_call(
            resident=resident, facility_id=facility_id, channel=request.POST.get("channel", "PHONE"), by=actor, at=at
        )
        return reverse("followups:call", args=[call.uuid])

    return write_once(request, write, again=lambda error: _person(request, uuid, error))


@require_POST
@signed_in
def settle_week(request: Request, uuid: UUID) -> HttpResponse:
    """Do not call again who was spoken to this week: end what is due by that call, or let it wait."""

    def write() -> str:
        actor, at, post = request.actor, clock.now(), request.POST
        resident, _facility = desk.resident_to_contact(actor, uuid, at=at)
        call = queries.visible_call(actor, posted.uuid(post, "call")) if post.get("call") else None
        tasks = desk.owed_to(actor, residents.ids_of_person(resident), at=at)
        actions.settle_week(tasks=tasks, call=call, by=actor, at=at)
        return reverse("followups:desk")

    done = _("已并入这次联系。") if request.POST.get("call") else _("已推迟。")
    return write_once(request, write, done, again=lambda error: _person(request, uuid, error))


@require_POST
@signed_in
def note_wish(request: Request, uuid: UUID) -> HttpResponse:
    """How the person wants to be reached."""

    def write() -> str:
        actor, at = request.actor, clock.now()
        resident, facility_id = desk.resident_to_contact(actor, uuid, at=at)
        actions.note_wish(
            resident=resident, facility_id=facility_id, channel=request.POST.get("channel", ""),
            is_agreed=request.POST.get("is_agreed") == "yes", words=request.POST.get("words", ""), by=actor, at=at,
        )  # fmt: skip
        return reverse("followups:person", args=[uuid])

    try:
        return write_once(request, write, _("已登记联系意愿。"))
    except InvalidInput as error:
        return _person(request, uuid, error)


@require_safe
@signed_in
def call(request: Request, uuid: UUID) -> HttpResponse:
    """One call with its script."""
    actor, at = request.actor, clock.now()
    found = queries.visible_call(actor, uuid)
    audit.look(Event.CALL_VIEWED, by=actor, at=at, subject=found.resident.uuid, kind="followups.call", key=str(uuid))
    return page(request, "followups/call.html", page=CallPage.build(actor, found, at=at))


@require_POST
@signed_in
def end_call(request: Request, uuid: UUID) -> HttpResponse:
    """Write down how it went; while it is typed, the branches open and what is dangerous is said."""
    found = queries.visible_call(request.actor, uuid)
    if request.GET.get("op") == "look":
        built = CallPage.build(request.actor, found, at=clock.now(), given=request.POST)
        return page(request, "followups/call.html", fragment="script", page=built)

    def write() -> str:
        dialled = request.POST.get("dialled", "")
        wants_day = dialled == "ASKED_BACK" and request.POST.get("again_on")
        end = CallEnd(
            dialled=dialled, answers=answers_of(request.POST, scripts_of_call(found)),
            note=request.POST.get("note", ""), again_on=posted.day(request.POST, "again_on") if wants_day else None,
            no_more_calls=request.POST.get("no_more_calls") == "on",
        )  # fmt: skip
        actions.end_call(call=found, end=end, by=request.actor, at=clock.now())
        return reverse("followups:desk")

    try:
        return write_once(request, write, _("通话已记录。"))
    except (Conflict, InvalidInput) as error:
        fresh = queries.visible_call(request.actor, uuid)
        built = CallPage.build(request.actor, fresh, at=clock.now(), given=request.POST, error=error)
        return page(request, "followups/call.html", page=built, status=error.status)


@require_POST
@signed_in
def release_call(request: Request, uuid: UUID) -> HttpResponse:
    """Let the person go whom nobody dialled."""

    def write() -> str:
        actions.release_call(call=queries.visible_call(request.actor, uuid), by=request.actor, at=clock.now())
        return reverse("followups:desk")

    return write_once(request, write, _("已放回。"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_discharge(request: Request) -> HttpResponse:
    """Make the plan of a discharge; while it is typed, its steps are shown."""
    request.actor.may(Permission.FOLLOWUP_DO).require()
    if request.method != "POST":
        built = DischargeForm.build(at=clock.now(), given=request.GET)
        return page(request, "followups/discharge_form.html", page=built)
    if request.GET.get("op") == "look":
        built = DischargeForm.build(at=clock.now(), given=request.POST)
        return page(request, "followups/discharge_form.html", fragment="preview", page=built)

    def write() -> str:
        actor, at, post = request.actor, clock.now(), request.POST
        resident = residents.resident_by_number(actor, post.get("number", ""))
        if resident is None:
            raise InvalidInput(_("没有找到这份健康档案。"), fields={"number": _("请核对健康档案编号。")})
        if actor.place is None:
            raise InvalidInput(_("请选择随访机构。"))
        plan = actions.plan_discharge(
            resident=resident, facility_id=actor.place, ward=post.get("ward", ""),
            discharge=post.get("discharge", ""), diagnosis_code=post.get("diagnosis_code", ""),
            diagnosis_name=post.get("diagnosis_name", ""), discharged_on=posted.day(post, "discharged_on"),
            advice=post.get("advice", ""), by=actor, at=at,
        )  # fmt: skip
        return reverse("followups:discharge", args=[plan.uuid])

    try:
        return write_once(request, write, _("随访计划已制定。"))
    except (Conflict, InvalidInput) as error:
        built = DischargeForm.build(at=clock.now(), given=request.POST, error=error)
        return page(request, "followups/discharge_form.html", page=built, status=error.status)


@require_safe
@signed_in
def discharge(request: Request, uuid: UUID) -> HttpResponse:
    """One plan with its tasks."""
    actor, at = request.actor, clock.now()
    plan = queries.visible_discharge_plan(actor, uuid)
    audit.look(
        Event.DISCHARGE_VIEWED, by=actor, at=at, subject=plan.resident.uuid, kind="followups.dischargeplan",
        key=str(uuid),
    )  # fmt: skip
    return page(request, "followups/discharge.html", page=DischargePage.build(actor, plan, at=at))


@require_POST
@signed_in
def cancel_discharge(request: Request, uuid: UUID) -> HttpResponse:
    """End what is open of a plan."""

    def write() -> str:
        plan = queries.visible_discharge_plan(request.actor, uuid)
        actions.cancel_discharge_plan(
            plan=plan, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
        )
        return reverse("followups:discharge", args=[uuid])

    try:
        return write_once(request, write, _("已取消。"))
    except (Conflict, InvalidInput) as error:
        plan = queries.visible_discharge_plan(request.actor, uuid)
        built = DischargePage.build(request.actor, plan, at=clock.now(), error=error)
        return page(request, "followups/discharge.html", page=built, status=error.status)


@require_safe
@for_staff
def show_figures(request: Request) -> HttpResponse:
    """How follow-up went in a month."""
    if not request.actor.may(Permission.BOARD_VIEW):
        request.actor.may(Permission.FOLLOWUP_CALL).require()
    at = clock.now()
    try:
        month = date.fromisoformat(f"{request.GET['month']}-01") if request.GET.get("month") else clock.today(at)
    except ValueError as error:
        raise wrong("month", _("日期格式不对。")) from error
    audit.record(Event.FIGURES_VIEWED, by=request.actor, at=at, detail={"since": month.isoformat()})
    return page(request, "followups/figures.html", page=FiguresPage.build(request.actor, month=month, at=at))
