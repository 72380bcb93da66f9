"""Pages of cases: three lists, one case, one part of its pack, its files, the printed opinion."""

from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.consultations import documents, packs, queries
from xinglin.consultations.events import Look
from xinglin.consultations.models import Case
from xinglin.consultations.web import case_page, pages
from xinglin.consultations.web.asking import offers_of
from xinglin.platform import audit, clock, files
from xinglin.platform.errors import NotVisible
from xinglin.platform.models import StoredFile
from xinglin.web.answers import page
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request


def _list(request: Request, built: pages.ListPage) -> HttpResponse:
    named = [each.resident for each in built.rows if each.resident is not None]
    audit.look_many(Look.CASES, by=request.actor, at=clock.now(), subjects=named, n=len(built.rows))
    return page(request, "consultations/list.html", fragment="rows", page=built)


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """What the reader's units asked."""
    request.actor.may(Permission.CONSULTATION_REQUEST).require()
    box, cursor = request.GET.get("box", "open"), request.GET.get("cursor", "")
    return _list(request, pages.mine(request.actor, box=box, cursor=cursor))


@require_safe
@signed_in
def desk(request: Request) -> HttpResponse:
    """What the reader's centre organises."""
    request.actor.may(Permission.CONSULTATION_DESK).require()
    box, cursor = request.GET.get("box", "new"), request.GET.get("cursor", "")
    return _list(request, pages.desk(request.actor, box=box, cursor=cursor))


@require_safe
@signed_in
def expert(request: Request) -> HttpResponse:
    """What the reader was asked."""
    request.actor.may(Permission.CONSULTATION_ANSWER).require()
    box, cursor = request.GET.get("box", "invited"), request.GET.get("cursor", "")
    return _list(request, pages.expert(request.actor, box=box, cursor=cursor))


@require_safe
@signed_in
def case(request: Request, uuid: UUID) -> HttpResponse:
    """One case, for each side what it may see and do."""
    now = clock.now()
    found = queries.visible_case(request.actor, uuid)
    _look(request, found)
    offers = offers_of(request.actor, found, at=now)
    built = case_page.build(request.actor, found, at=now, offers=offers)
    return page(request, "consultations/case.html", fragment="talk", page=built)


def _look(request: Request, found: Case) -> None:
    audit.look(
        Look.CASE, by=request.actor, at=clock.now(), subject=found.resident.uuid, kind="consultations.case",
        key=str(found.uuid), number=found.number,
    )  # fmt: skip


@require_safe
@signed_in
def item(request: Request, uuid: UUID, item: UUID) -> HttpResponse:
    """One part of the pack, opened inside the case's rights."""
    now = clock.now()
    part = queries.readable_item(request.actor, uuid, item, at=now)
    opened = packs.open_item(request.actor, part, at=now)
    built = case_page.build(request.actor, part.case, at=now)
    return page(request, "consultations/item.html", page=built, opened=opened, chosen=str(part.uuid))


@require_safe
@signed_in
def item_file(request: Request, uuid: UUID, item: UUID) -> HttpResponseBase:
    """The file of a note."""
    now = clock.now()
    part = queries.readable_item(request.actor, uuid, item, at=now)
    if part.file is None:
        raise NotVisible("consultations.packitem", item)
    packs.open_item(request.actor, part, at=now)
    return _file(part.file, str(part.uuid))


@require_safe
@signed_in
def message_file(request: Request, uuid: UUID, message: UUID) -> HttpResponseBase:
    """A file of the conversation."""
    now = clock.now()
    found = queries.readable_file(request.actor, uuid, message, at=now)
    audit.look(
        Look.FILE, by=request.actor, at=now, subject=found.case.resident.uuid, kind="consultations.message",
        key=str(found.uuid), number=found.case.number,
    )  # fmt: skip
    if found.file is None:
        raise NotVisible("consultations.message", message)
    return _file(found.file, str(found.uuid))


def _file(stored: StoredFile, name: str) -> FileResponse:
    """Shown by its content, which is a picture or a PDF; the name people gave it is not used."""
    response = FileResponse(files.open_file(stored), content_type=stored.media_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@signed_in
def opinion_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The opinion for printing, with all signatures."""
    found = queries.opinions_case(request.actor, uuid)
    return pdf_response(documents.opinion_pdf(found, actor=request.actor, at=clock.now()), found.number)
