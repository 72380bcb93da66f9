"""Pages of check-ups: the day, the stations, one check-up, its report; and the resident's own."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.checkups import actions, permissions, queries
from xinglin.checkups.documents import report_document
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, CheckupReport
from xinglin.checkups.web import forms
from xinglin.checkups.web.pages import DetailPage, ListPage, QueuePage, ReportPage, StationPage, package_title, row_of
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def checkups(request: Request) -> HttpResponse:
    """The day's check-ups and its figures."""
    return _list(request)


@require_POST
@for_staff
def sessions(request: Request) -> HttpResponse:
    """Say when the facility examines, and how many."""

    def write() -> str:
        post = request.POST
        actions.open_session(
            facility_id=network.facility_by_uuid(posted.uuid(post, "facility")).id, held_on=posted.day(post, "held_on"),
            half=post.get("half", ""), capacity=posted.whole(post, "capacity", most=99_999), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("checkups:list")

    return write_once(request, write, _("场次已安排。"), again=lambda error: _list(request, error))


@require_safe
@for_staff
def stations(request: Request) -> HttpResponse:
    """Who waits at a station."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CHECKUP_EXAMINE).require()
    built = QueuePage.build(actor, station=request.GET.get("station", ""), at=at)
    shown = [each["resident"] for each in built.rows]
    audit.look_many(Event.QUEUE_LISTED, by=actor, at=at, subjects=shown, n=len(shown))
    return page(request, "checkups/stations.html", fragment="queue", page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def station(request: Request, uuid: UUID) -> HttpResponse:
    """The form of a station."""

    def write() -> str:
        visit, post = queries.visible_station(request.actor, uuid), request.POST
        values = {
            code: ",".join(each for each in post.getlist(code) if each.strip()) for code in visit.items if code in post
        }
        actions.save_station(visit=visit, values=values, by=request.actor, at=clock.now())
        return f"{reverse('checkups:stations')}?station={visit.station}"

    if request.method == "POST":
        return write_once(request, write, _("已保存。"), again=lambda error: _station(request, uuid, error))
    return _station(request, uuid)


@require_POST
@for_staff
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Skip, leave out, queue again; ask the laboratory, take its results."""

    def write() -> str:
        visit, by, at = queries.visible_station(request.actor, uuid), request.actor, clock.now()
        if verb == "skip":
            actions.skip(visit=visit, by=by, at=at)
        elif verb == "leave-out":
            actions.leave_out(visit=visit, why=request.POST.get("why", ""), by=by, at=at)
        elif verb == "again":
            actions.queue_again(visit=visit, by=by, at=at)
        else:
            run = actions.ask_laboratory if verb == "laboratory" else actions.take_results
            run(visit=visit, by=by, at=at)
            return reverse("checkups:station", args=[uuid])
        return f"{reverse('checkups:stations')}?station={visit.station}"

    return write_once(request, write, _("已登记。"), again=lambda error: _station(request, uuid, error))


@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One check-up."""
    return _detail(request, uuid)


@require_POST
@for_staff
def step(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Arrive, cancel, miss; go on with what was left, close it; sign the report, withdraw it."""

    def write() -> str:
        checkup, by, at, post = queries.visible_checkup(request.actor, uuid), request.actor, clock.now(), request.POST
        if verb == "arrive":
            actions.arrive(checkup=checkup, by=by, at=at)
        elif verb == "cancel":
            actions.cancel_checkup(checkup=checkup, reason=post.get("reason", ""), by=by, at=at)
        elif verb == "resume":
            actions.resume_checkup(checkup=checkup, by=by, at=at)
        elif verb == "close":
            actions.close_checkup(checkup=checkup, why=post.get("why", ""), by=by, at=at)
        elif verb == "miss":
            actions.mark_missed(checkup=checkup, by=by, at=at)
        elif verb == "sign":
            actions.sign_report(
                checkup=checkup, conclusion=post.get("conclusion", ""), plan=forms.plan(post), by=by, at=at
            )
            return reverse("checkups:report", args=[uuid])
        else:
            actions.withdraw_report(checkup=checkup, reason=post.get("reason", ""), by=by, at=at)
        return reverse("checkups:detail", args=[uuid])

    return write_once(request, write, _("已登记。"), again=lambda error: _detail(request, uuid, error))


@require_safe
@signed_in
def report(request: Request, uuid: UUID) -> HttpResponse:
    """The report in plain words."""
    actor, at = request.actor, clock.now()
    checkup, found = _report(request, uuid)
    is_own = actor.permissions == {Permission.OWN_RECORD}
    event = Event.OWN_VIEWED if is_own else Event.VIEWED
    audit.look(event, by=actor, at=at, subject=checkup.resident.uuid, kind="checkups.checkup", key=str(uuid))
    return page(request, "checkups/report.html", page=ReportPage.build(found, actor=actor, is_own=is_own))


@require_safe
@signed_in
def report_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The report to take home."""
    actor, at = request.actor, clock.now()
    checkup, found = _report(request, uuid)
    audit.look(Event.PRINTED, by=actor, at=at, subject=checkup.resident.uuid, kind="checkups.checkup", key=str(uuid))
    response = HttpResponse(report_document(found, at=at), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{checkup.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@signed_in
def own(request: Request) -> HttpResponse:
    """My check-ups."""
    actor, at = request.actor, clock.now()
    resident = residents.own_resident(actor)
    audit.look(Event.OWN_VIEWED, by=actor, at=at, subject=resident.uuid)
    ids = residents.ids_of_person(resident)
    standing = queries.open_checkup_of(ids)
    built = {
        "booked": row_of(standing) if standing else None,
        "rows": [
            {
                "url": reverse("checkups:report", args=[each.checkup.uuid]), "title": package_title(each.checkup.package),
                "meta": str(each.checkup.facility), "on": each.checkup.session.held_on,
                "n": sum(row["level"] in ("abnormal", "urgent") for row in each.findings),
            }
            for each in queries.past_reports(ids, limit=20)
        ],
    }  # fmt: skip
    return page(request, "checkups/own.html", page=built)


def _report(request: Request, uuid: UUID) -> tuple[Checkup, CheckupReport]:
    """The report that stands, for who may see what was found. :raises NotVisible: none, or not for him"""
    checkup = queries.visible_checkup(request.actor, uuid)
    found = queries.report_of(checkup)
    if found is None or not permissions.may_see_values(request.actor):
        raise NotVisible("checkups.checkupreport", uuid)
    found.checkup = checkup
    return checkup, found


def _list(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    actor.may(Permission.CHECKUP_BOOK).require()
    built = ListPage.build(
        actor,
        box=request.GET.get("box", "today"),
        cursor=request.GET.get("cursor", ""),
        at=at,
        error=error,
        given=request.POST,
    )
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, n=len(shown))
    return page(request, "checkups/list.html", status=error.status if error else 200, page=built)


def _station(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    actor.may(Permission.CHECKUP_EXAMINE).require()
    visit = queries.visible_station(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=visit.checkup.resident.uuid, kind="checkups.stationvisit", key=str(uuid)
    )
    built = StationPage.build(actor, visit, error=error, given=request.POST if error else None)
    return page(request, "checkups/station.html", status=error.status if error else 200, page=built)


def _detail(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    checkup = queries.visible_checkup(actor, uuid)
    audit.look(Event.VIEWED, by=actor, at=at, subject=checkup.resident.uuid, kind="checkups.checkup", key=str(uuid))
    built = DetailPage.build(actor, checkup, at=at, error=error, given=request.POST)
    return page(request, "checkups/detail.html", status=error.status if error else 200, page=built)
