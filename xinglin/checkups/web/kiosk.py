"""The self-service terminal: a resident reads his own reports, and measures himself in the corner beside it.

Nothing is kept in the browser but two cookies no script can read: which terminal it is, and the sitting. Pages are never
stored, and one left alone returns to the start by itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.checkups import permissions, queries
from xinglin.checkups.actions import kiosk
from xinglin.checkups.events import Event
from xinglin.checkups.models import Sitting, Terminal
from xinglin.checkups.web.pages import ReportPage, package_title
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted, NotVisible
from xinglin.readings import api as readings
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page
from xinglin.web.request import Request

TERMINAL, SITTING = "xinglin-terminal", "xinglin-sitting"
DAYS = 400
#: A page that asks again by itself says so, or it would keep a sitting alive that everybody has left.
BY_ITSELF, LOOK_AGAIN = "waiting", 8
View = Callable[..., HttpResponse]


def _cookie(response: HttpResponse, name: str, value: str, *, max_age: int | None = None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/kiosk/",
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _to_start() -> HttpResponse:
    """The start as the next one should find it: nobody's sitting, and the county's language."""
    response = HttpResponseRedirect(reverse("kiosk:start"))
    response.delete_cookie(SITTING, path="/kiosk/", samesite="Strict")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


def at_terminal(view: View) -> View:
    """Only a browser that is a terminal. :raises NotPermitted: another one"""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        terminal = kiosk.terminal_of(request.COOKIES.get(TERMINAL, ""))
        if terminal is None:
            raise NotPermitted(_("这台设备不是登记的自助终端。"), code="no-terminal")
        response = view(request, terminal, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def while_sitting(view: View) -> View:
    """Only who sits at the terminal now; everybody else is at the start. A page left alone ends the sitting."""

    @wraps(view)
    @at_terminal
    def wrapped(request: Request, terminal: Terminal, *args: Any, **kwargs: Any) -> HttpResponse:
        token, is_touch = request.COOKIES.get(SITTING, ""), BY_ITSELF not in request.GET
        sitting = kiosk.sitting_of(terminal, token, is_touch=is_touch, at=clock.now())
        if sitting is None:
            return _to_start()
        sitting.terminal = terminal
        request.actor = kiosk.own_actor(sitting, request.actor)
        response = view(request, sitting, *args, **kwargs)
        response.setdefault("Refresh", f"{int(kiosk.IDLE.total_seconds())}; url={reverse('kiosk:leave')}")
        return response

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@at_terminal
def start(request: Request, terminal: Terminal) -> HttpResponse:
    """Show two things: the number of a document or card, and the code from the desk. Where this page is shown nobody sits:
    after a restart the browser has no token of the sitting that was open.
    """
    error: DomainError | None = None
    kiosk.put_out(terminal=terminal, by=request.actor, at=clock.now())
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("number", "code")}
        try:
            opened = kiosk.sit_down(terminal=terminal, by=request.actor, at=clock.now(), **given)
        except (InvalidInput, Conflict) as refused:
            error = refused
        else:
            answer = HttpResponseRedirect(reverse("kiosk:reports"))
            _cookie(answer, SITTING, opened.secret)
            return answer
    built = {"terminal": terminal, "error": message_of(error)}
    response = page(request, "checkups/kiosk_start.html", status=error.status if error else 200, page=built)
    response.delete_cookie(SITTING, path="/kiosk/", samesite="Strict")
    return response


@require_safe
@while_sitting
def reports(request: Request, sitting: Sitting) -> HttpResponse:
    """My reports."""
    audit.look(Event.OWN_VIEWED, by=request.actor, at=clock.now(), subject=sitting.resident.uuid)
    found = queries.past_reports(residents.ids_of_person(sitting.resident), limit=20)
    rows = [
        {
            "url": reverse("kiosk:report", args=[each.checkup.uuid]), "on": each.checkup.session.held_on,
            "title": package_title(each.checkup.package),
        }
        for each in found
    ]  # fmt: skip
    return page(request, "checkups/kiosk_reports.html", page={"name": sitting.resident.name, "rows": rows})


@require_safe
@while_sitting
def report(request: Request, sitting: Sitting, uuid: UUID) -> HttpResponse:
    """One of them. :raises NotVisible: it is not his"""
    checkup = queries.visible_checkup(request.actor, uuid)
    found = queries.report_of(checkup)
    if found is None:
        raise NotVisible("checkups.checkupreport", uuid)
    found.checkup = checkup
    whose = sitting.resident.uuid
    audit.look(
        Event.OWN_VIEWED, by=request.actor, at=clock.now(), subject=whose, kind="checkups.checkup", key=str(uuid)
    )
    return page(request, "checkups/kiosk_report.html", page=ReportPage.build(found, actor=None))


@require_http_methods(["GET", "HEAD", "POST"])
@while_sitting
def check(request: Request, sitting: Sitting) -> HttpResponse:
    """Measure oneself in the corner: what its devices send now is mine."""
    at, error, corner = clock.now(), None, sitting.terminal.corner_id
    if request.method == "POST":
        try:
            readings.take_seat(facility_id=corner, resident=sitting.resident, by=request.actor, at=at)
            return HttpResponseRedirect(reverse("kiosk:check"))
        except Conflict as refused:
            error = refused
    audit.look(Event.OWN_VIEWED, by=request.actor, at=at, subject=sitting.resident.uuid)
    found = readings.own_readings_since(residents.ids_of_person(sitting.resident), sitting.begun_at)
    measuring = readings.has_seat(facility_id=corner, resident=sitting.resident, at=at)
    built = {"rows": found, "error": message_of(error), "measuring": measuring}
    response = page(request, "checkups/kiosk_check.html", status=error.status if error else 200, page=built)
    if measuring:  # no hand is free: what comes is shown by itself, until the sitting ends on the server
        response["Refresh"] = f"{LOOK_AGAIN}; url={reverse('kiosk:check')}?{BY_ITSELF}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@at_terminal
def leave(request: Request, terminal: Terminal) -> HttpResponse:
    """Done, or idle: nothing of it stays."""
    shown = kiosk.digest(request.COOKIES.get(SITTING, ""))
    sitting = terminal.sittings.select_related("resident").filter(is_over=False, token_digest=shown).first()
    if sitting is not None:
        sitting.terminal = terminal
        kiosk.get_up(sitting=sitting, by=kiosk.own_actor(sitting, request.actor), at=clock.now())
    return _to_start()


# For staff -----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def terminals(request: Request) -> HttpResponse:
    """Terminals; and making this browser one, which signs the member of staff out of it."""
    actor, at, error = request.actor, clock.now(), None
    actor.may(Permission.CHECKUP_MANAGE).require()
    if request.method == "POST":
        try:
            place = network.facility_by_uuid(posted.uuid(request.POST, "facility")).id
            opened = kiosk.register_terminal(facility_id=place, label=request.POST.get("label", ""), by=actor, at=at)
        except InvalidInput as refused:
            error = refused
        else:
            logout(request)
            answer = HttpResponseRedirect(reverse("kiosk:start"))
            _cookie(answer, TERMINAL, f"{opened.row.uuid}.{opened.secret}", max_age=DAYS * 86_400)
            return answer
    built = {
        "rows": queries.terminals_of(actor), "places": network.choices_of(actor, Permission.CHECKUP_MANAGE),
        "place": network.own_place(actor), "error": message_of(error), "fields": fields_of(error),
    }  # fmt: skip
    return page(request, "checkups/terminals.html", status=error.status if error else 200, page=built)


@require_POST
@for_staff
def end(request: Request, uuid: UUID) -> HttpResponse:
    """It is no terminal any more."""
    found = next((each for each in queries.terminals_of(request.actor) if each.uuid == uuid), None)
    if found is None:
        raise NotVisible("checkups.terminal", uuid)
    kiosk.end_terminal(terminal=found, by=request.actor, at=clock.now())
    return HttpResponseRedirect(reverse("checkups:terminals"))


@require_POST
@for_staff
def code(request: Request, uuid: UUID) -> HttpResponse:
    """Give a resident, whom one sees, a code for the terminal; shown once."""
    actor, at = request.actor, clock.now()
    permissions.may_book(actor, actor.place).require()
    resident = residents.visible_resident(actor, uuid, at=at)
    given = kiosk.give_code(resident=resident, facility_id=actor.place or 0, by=actor, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    shown = {"code": given, "person": residents.person_of(resident, actor), "uuid": uuid}
    return page(request, "checkups/code.html", page=shown)
