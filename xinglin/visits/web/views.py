"""Pages of visits."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import Permission, for_staff, signed_in
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, wrong
from xinglin.residents import api as residents
from xinglin.visits import actions, documents, medicines, panels, permissions, queries
from xinglin.visits.data import Content
from xinglin.visits.events import Event
from xinglin.visits.models import Visit
from xinglin.visits.web import pages
from xinglin.visits.web.forms import Draft, change
from xinglin.web.answers import page, write_once
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request, Stamp, stamp

#: Buttons that save: what follows the word is where the page goes on to.
SAVING = {"sign", "save", "sign-ecg", "sign-refer"}


@signed_in
@require_http_methods(["GET", "POST"])
def record(request: Request, uuid: UUID) -> HttpResponse:
    """The page on which a visit is written down; small steps and saving are posted to the same address."""
    actor, now = request.actor, clock.now()
    replaces = _replaced(request, now)
    facility_id = _facility(request, actor, replaces)
    permissions.may_record(actor, facility_id, is_over=True).require()  # of what has been; saving asks again
    assert facility_id is not None, "who may record does so somewhere"
    resident = residents.visible_resident(actor, uuid, at=now, permission=Permission.VISIT_RECORD)
    if request.method == "POST":
        return _posted(request, resident, facility_id, replaces)
    audit.look(Event.FORM_OPENED, by=actor, at=now, subject=resident.uuid)
    draft = Draft.from_visit(replaces) if replaces else Draft()
    return page(
        request, "visits/record.html",
        page=pages.record_page(actor, resident, draft, at=now, facility_id=facility_id, replaces=replaces),
        panels=[] if replaces else panels.before(actor, resident, at=now),
    )  # fmt: skip


def _posted(request: Request, resident: Any, facility_id: int, replaces: Visit | None) -> HttpResponse:
    actor, now, operation = request.actor, clock.now(), request.POST.get("op") or request.GET.get("op") or "sign"
    draft = Draft.from_post(request.POST)
    shown = partial(pages.record_page, actor, resident, draft, at=now, facility_id=facility_id, replaces=replaces)
    step = request.POST.get("pending", "") if operation in SAVING else operation
    last = _last(resident) if step == "carry" else None
    options = change(draft, step, request.POST, at=now, last=last)
    if operation not in SAVING:
        part = "hints" if operation == "look" else "plan"
        return page(request, "visits/record.html", fragment=part, page=shown(options=options))
    try:
        return _saved(request, resident, draft, operation, facility_id=facility_id, replaces=replaces)
    except (InvalidInput, Conflict) as refusal:
        errors = getattr(refusal, "fields", {})
        view = shown(message=refusal.message, errors=errors)
        return page(request, "visits/record.html", status=refusal.status, page=view)


def _last(resident: Any) -> Visit | None:
    past = queries.past_visits(residents.ids_of_person(resident), limit=6)
    return next((each for each in past if each.diagnoses.all()), None)


class _Given(Stamp):
    """What a visit and a correction have in common."""

    content: Content
    facility_id: int
    sign: bool


def _saved(
    request: Request, resident: Any, draft: Draft, operation: str, *, facility_id: int, replaces: Visit | None
) -> HttpResponse:
    given = _Given(content=draft.to_content(), facility_id=facility_id, sign=operation != "save", **stamp(request))

    def write() -> str:
        if replaces is not None:
            visit = actions.correct_visit(visit=replaces, reason=draft.reason, **given)
        else:
            visit = actions.record_visit(resident=resident, **given)
        onward = {"sign-ecg": "diagnostics:request", "sign-refer": "referrals:send"}.get(operation, "")
        return (onward and pages.address(onward, visit.uuid)) or reverse("visits:detail", args=[visit.uuid])

    return write_once(request, write, _("已暂存，尚未签名") if operation == "save" else _("就诊已保存并签名"))


def _replaced(request: Request, at: Any) -> Visit | None:
    text = request.GET.get("replaces", "")
    try:
        uuid = UUID(text) if text else None
    except ValueError as error:
        raise wrong("replaces", _("要更正的就诊无法识别。")) from error
    return queries.visible_visit(request.actor, uuid, at=at) if uuid else None


def _facility(request: Request, actor: Actor, replaces: Visit | None) -> int | None:
    """Where the visit takes place: that of the visit corrected, the one chosen, or where the actor works."""
    if replaces is not None:
        return replaces.facility_id
    chosen = request.POST.get("facility", "")
    return int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else actor.place


@signed_in
@require_GET
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One visit."""
    visit = queries.visible_visit(request.actor, uuid, at=clock.now())
    audit.look(
        Event.VIEWED,
        by=request.actor,
        at=clock.now(),
        subject=visit.resident.uuid,
        kind="visits.visit",
        key=str(visit.uuid),
    )
    view = pages.detail_page(request.actor, visit)
    said = panels.after(request.actor, visit, at=clock.now())
    return page(request, "visits/detail.html", page=view, panels=said)


@signed_in
@require_POST
def sign(request: Request, uuid: UUID) -> HttpResponse:
    """Sign a visit that was saved without a signature."""
    visit = queries.visible_visit(request.actor, uuid, at=clock.now())

    def write() -> str:
        actions.sign_visit(visit=visit, by=request.actor, at=clock.now())
        return reverse("visits:detail", args=[visit.uuid])

    return write_once(request, write, _("已签名"))


@signed_in
@require_POST
def void(request: Request, uuid: UUID) -> HttpResponse:
    """Make a visit void, with a reason."""
    visit = queries.visible_visit(request.actor, uuid, at=clock.now())

    def write() -> str:
        actions.void_visit(visit=visit, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("visits:detail", args=[visit.uuid])

    return write_once(request, write, _("就诊已作废"))


@signed_in
@require_GET
def summary_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The summary a patient takes home."""
    visit = queries.visible_visit(request.actor, uuid, at=clock.now())
    content = documents.visit_summary_pdf(visit, at=clock.now())
    audit.look(
        Event.PRINTED,
        by=request.actor,
        at=clock.now(),
        subject=visit.resident.uuid,
        kind="visits.visit",
        key=str(visit.uuid),
    )
    return pdf_response(content, visit.number)


@for_staff
@require_GET
def visit_list(request: Request) -> HttpResponse:
    """Visits of a day at the facilities where the actor may look."""
    now = clock.now()
    day = _day(request.GET.get("day", "")) or clock.today(now)
    mine = request.GET.get("mine") == "1"
    rows = queries.visits_on(request.actor, day, mine=mine, cursor=request.GET.get("cursor", ""))
    shown = [each.resident.uuid for each in rows.rows]
    audit.look_many(Event.LISTED, by=request.actor, at=now, subjects=shown, n=len(shown), day=day.isoformat())
    view = pages.ListPage(day=day, today=clock.today(now), rows=rows, mine=mine)
    return page(request, "visits/list.html", fragment="rows", page=view)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(_("日期无法识别。"), fields={"day": _("请写成2026-01-31。")}) from error


@signed_in
@require_GET
def terms(request: Request) -> HttpResponse:
    """Answers of the diagnosis search box."""
    rows = queries.search_terms(request.GET.get("q", ""), on=clock.today())
    return page(request, "visits/_terms.html", terms=rows)


@signed_in
@require_GET
def medicine_options(request: Request) -> HttpResponse:
    """Answers of the medicine search box."""
    return page(request, "visits/_medicines.html", medicines=medicines.search_medicines(request.GET.get("q", "")))
