"""The joint visit: its form, what it says while it is typed, saving, amending, and a clinic's visit made into one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.programmes import actions, documents, judging, permissions, queries
from xinglin.programmes.data import AlertAnswer, VisitIn
from xinglin.programmes.events import Event
from xinglin.programmes.models import ProgrammeVisit
from xinglin.programmes.web import forms
from xinglin.programmes.web.detail_page import DetailPage
from xinglin.programmes.web.form_page import form_page
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

FORM = "programmes/form.html"
#: Small steps on the form, and the part of the page each draws anew.
STEPS = {"look": "advice", "same": "filled", "kind": "asked"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def form(request: Request, uuid: UUID) -> HttpResponse:
    """The joint form of a resident; small steps and saving are posted to the same address."""
    actor, at = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=at, permission=Permission.PROGRAMME_DO)
    permissions.may_manage(actor, actor.place).require()
    if request.method != "POST":
        audit.look(Event.FORM_OPENED, by=actor, at=at, subject=resident.uuid)
        return page(request, FORM, page=form_page(actor, resident, at=at))
    step = request.POST.get("op") or request.GET.get("op") or ""
    if step in STEPS:
        built = form_page(actor, resident, at=at, given=request.POST, same=step == "same", looks=True)
        return page(request, FORM, fragment=STEPS[step], page=built, filled=step == "same")

    def write() -> str:
        content = forms.visit_in(request.POST)
        assert actor.place is not None  # the decision above says so
        visit = actions.record_programme_visit(
            resident=resident, facility_id=actor.place, content=content, by=actor, at=at
        )
        return onward(visit)

    return _answer(request, resident, write)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def amend(request: Request, uuid: UUID) -> HttpResponse:
    """The same form with what was written, to be written right."""
    actor, at = request.actor, clock.now()
    visit = queries.visible_programme_visit(actor, uuid)
    permissions.may_amend(actor, visit).require()
    audit.look(Event.FORM_OPENED, by=actor, at=at, subject=visit.resident.uuid, key=str(uuid))
    if request.method != "POST":
        return page(request, FORM, page=form_page(actor, visit.resident, at=at, amends=visit))
    step = request.POST.get("op") or request.GET.get("op") or ""
    if step in STEPS:
        built = form_page(actor, visit.resident, at=at, given=request.POST, amends=visit, looks=True)
        return page(request, FORM, fragment=STEPS[step], page=built)

    def write() -> str:
        new = actions.amend_programme_visit(
            visit=visit, content=forms.visit_in(request.POST), reason=request.POST.get("reason", ""), by=actor, at=at
        )
        return reverse("programmes:visit", args=[new.uuid])

    return _answer(request, visit.resident, write, amends=visit)


@require_POST
@signed_in
def from_visit(request: Request, uuid: UUID) -> HttpResponse:
    """Make a visit of the clinic into the programme visit, its values taken over; what still lacks is asked."""
    actor, at = request.actor, clock.now()
    source = visits.visible_visit(actor, uuid, at=at)
    resident = queries.visible_resident(actor, source.resident.uuid, at=at, permission=Permission.PROGRAMME_DO)

    def write() -> str:
        content = VisitIn(
            client_id=source.uuid, channel="HOME" if source.kind == "HOME" else "CLINIC",
            answers=judging.answers_of_clinic(resident, source, by=actor), happened_at=source.started_at, advice=source.advice[:2000],
        )  # fmt: skip
        visit = actions.record_programme_visit(
            resident=resident, facility_id=source.facility_id, content=content, source=source, by=actor, at=at
        )
        return onward(visit, to_detail=True)

    try:
        return write_once(request, write, _("已作为慢病随访保存，数值取自这次就诊。"))
    except InvalidInput as error:
        if error.code != "alert-unanswered":
            raise
        to = reverse("programmes:form", args=[resident.uuid])
        return HttpResponseRedirect(to)


@require_safe
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One programme visit with what it came to."""
    actor, at = request.actor, clock.now()
    visit = queries.visible_programme_visit(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=visit.resident.uuid, kind="programmes.programmevisit", key=str(uuid)
    )
    return page(request, "programmes/visit.html", page=DetailPage.build(actor, visit))


@require_safe
@signed_in
def advice(request: Request, uuid: UUID) -> HttpResponse:
    """What the resident takes home from a visit."""
    return _printed(request, queries.visible_programme_visit(request.actor, uuid))


@require_safe
@signed_in
def advice_of_client(request: Request, uuid: UUID) -> HttpResponse:
    """The same for a telephone, which knows the visit by the name that it gave it."""
    return _printed(request, queries.visit_of_client(request.actor, uuid))


def _printed(request: Request, visit: ProgrammeVisit) -> HttpResponse:
    return documents.hand_out(visit, by=request.actor, at=clock.now())


def onward(visit: ProgrammeVisit, *, to_detail: bool = False) -> str:
    """Where the doctor goes on: to the referral he chose, filled in; otherwise to the next resident."""
    alert = visit.alerts.exclude(channel="").order_by("-level", "id").first()
    if visit.alert_answer == AlertAnswer.REFER and alert is not None and visit.visit is not None:
        said = urlencode({"channel": alert.channel, "criterion": alert.criterion})
        return f"{reverse('referrals:send', args=[visit.visit.uuid])}?{said}"
    if to_detail or alert is not None:
        return reverse("programmes:visit", args=[visit.uuid])
    return reverse("programmes:day")


def _answer(
    request: Request, resident: Any, write: Callable[[], str], *, amends: ProgrammeVisit | None = None
) -> HttpResponse:
    try:
        return write_once(request, write, _("随访已保存。"))
    except (InvalidInput, Conflict) as error:
        fresh = residents.registration(resident.uuid)
        built = form_page(request.actor, fresh, at=clock.now(), given=request.POST, error=error, amends=amends)
        return page(request, FORM, status=error.status, page=built)
