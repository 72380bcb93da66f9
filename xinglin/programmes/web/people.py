"""One resident in his programmes: candidates, enrolment, steps, calls."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible
from xinglin.programmes import actions, queries
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment
from xinglin.programmes.web.resident_page import ResidentPage, VersionPage
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request, stamp


class _ToTelephone(HttpResponseRedirect):
    allowed_schemes = ["tel"]


@require_safe
@signed_in
def resident(request: Request, uuid: UUID) -> HttpResponse:
    """What a resident is in, may be in, and how his values went."""
    actor, at = request.actor, clock.now()
    found = queries.visible_resident(actor, uuid, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=found.uuid)
    return page(request, "programmes/resident.html", page=ResidentPage.build(actor, found, at=at))


@require_safe
@signed_in
def enrolment(request: Request, uuid: UUID) -> HttpResponse:
    """Where an enrolment stands: the page of its resident."""
    found = queries.visible_enrolment(request.actor, uuid)
    return HttpResponseRedirect(reverse("programmes:resident", args=[found.resident.uuid]))


@require_safe
@signed_in
def call(request: Request, uuid: UUID) -> HttpResponse:
    """Call the resident: the number is revealed to who may see it, and each time is written down."""
    actor, at = request.actor, clock.now()
    found = queries.visible_resident(actor, uuid, at=at)
    actor.may(Permission.RESIDENT_REVEAL).require()
    number = "".join(each for each in found.phone or "" if each.isdecimal() or each == "+")
    if not number:
        raise NotVisible("residents.phone", uuid)
    audit.look(Event.PHONE_REVEALED, by=actor, at=at, subject=found.uuid)
    answer = _ToTelephone(f"tel:{number}")
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@signed_in
def enrol(request: Request, uuid: UUID) -> HttpResponse:
    """Take the resident into a programme."""
    actor, at = request.actor, clock.now()
    found = queries.visible_resident(actor, uuid, at=at, permission=Permission.PROGRAMME_DO)

    def write() -> str:
        actions.enrol_resident(
            resident=found, programme=request.POST.get("programme", ""), basis=request.POST.get("basis", ""), by=actor,
            at=at,
        )  # fmt: skip
        return reverse("programmes:resident", args=[uuid])

    return _answer(request, found, write, _("已纳入管理，首次随访日期见下。"))


@require_POST
@signed_in
def unreached(request: Request, uuid: UUID) -> HttpResponse:
    """Nobody was reached: why, and when to try again."""
    actor, at = request.actor, clock.now()
    found = queries.visible_resident(actor, uuid, at=at, permission=Permission.PROGRAMME_DO)
    line = queries.managed_line(found)
    if line is None:
        raise NotVisible("programmes.managedresident", uuid)

    def write() -> str:
        actions.note_attempt(
            line=line, why=request.POST.get("why", ""), try_again_on=posted.day(request.POST, "try_again_on"),
            by=actor, at=at,
        )  # fmt: skip
        return reverse("programmes:day")

    return _answer(request, found, write, _("已登记，到期会再次提醒。"))


def _verb(enrolment: Enrolment, request: Request, verb: str) -> Callable[[], Any]:
    post, who = request.POST, stamp(request)
    coded = {"reason_code": post.get("reason_code", ""), "note": post.get("reason", "")}
    verbs: dict[str, Callable[[], Any]] = {
        "confirm": lambda: actions.confirm_candidate(enrolment=enrolment, basis=post.get("reason", ""), **who),
        "dismiss": lambda: actions.dismiss_candidate(enrolment=enrolment, reason=post.get("reason", ""), **who),
        "enrol": lambda: actions.enrol_resident(
            resident=enrolment.resident, programme=enrolment.programme, basis=post.get("reason", "") or enrolment.basis,
            **who,
        ),
        "pause": lambda: actions.pause_enrolment(enrolment=enrolment, reason=post.get("reason", ""), **who),
        "resume": lambda: actions.resume_enrolment(enrolment=enrolment, **who),
        "lost": lambda: actions.mark_lost(enrolment=enrolment, **who),
        "graduate": lambda: actions.graduate_enrolment(enrolment=enrolment, **coded, **who),
        "end": lambda: actions.end_enrolment(enrolment=enrolment, **coded, **who),
    }  # fmt: skip
    if verb not in verbs:
        raise NotVisible("programmes.verb", verb)
    return verbs[verb]


@require_POST
@signed_in
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """One step of one enrolment."""
    enrolment = queries.visible_enrolment(request.actor, uuid)
    step = _verb(enrolment, request, verb)

    def write() -> str:
        step()
        return reverse("programmes:resident", args=[enrolment.resident.uuid])

    return _answer(request, enrolment.resident, write, _("已保存。"))


@require_POST
@signed_in
def answer(request: Request, uuid: UUID) -> HttpResponse:
    """What was done about a finding that stands."""
    alert, post = queries.visible_alert(request.actor, uuid), request.POST
    resident = alert.enrolment.resident

    def write() -> str:
        actions.answer_alert(
            alert=alert, answer=post.get("answer", ""), note=post.get("note", ""), by=request.actor, at=clock.now()
        )
        return reverse("programmes:resident", args=[resident.uuid])

    return _answer(request, resident, write, _("已登记处理结果。"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def version(request: Request, uuid: UUID) -> HttpResponse:
    """What the version in force today would change, and moving to it."""
    actor, at = request.actor, clock.now()
    enrolment = queries.visible_enrolment(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=enrolment.resident.uuid, kind="programmes.enrolment", key=str(uuid)
    )
    if request.method != "POST":
        return page(request, "programmes/version.html", page=VersionPage.build(actor, enrolment, at=at))

    def write() -> str:
        actions.move_to_version(enrolment=enrolment, version=request.POST.get("version", ""), by=actor, at=at)
        return reverse("programmes:resident", args=[enrolment.resident.uuid])

    return _answer(request, enrolment.resident, write, _("已更换方案版本。"))


def _answer(request: Request, found: Any, write: Callable[[], str], message: object) -> HttpResponse:
    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict) as error:
        built = ResidentPage.build(request.actor, found, at=clock.now(), error=error, given=request.POST)
        return page(request, "programmes/resident.html", status=error.status, page=built)
