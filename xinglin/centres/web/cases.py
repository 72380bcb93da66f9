"""Teaching cases: find, look, make, withdraw. They name nobody."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import for_staff, signed_in
from xinglin.centres import actions, permissions, queries
from xinglin.centres.events import Look
from xinglin.centres.words import modality_word
from xinglin.diagnostics.api import read_ecg, trace_svg, visible_request, words_of
from xinglin.imaging.api import drawn
from xinglin.platform import audit, clock, files
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


@require_GET
@for_staff
def listing(request: Request) -> HttpResponse:
    """Cases by words of their title and points, the newest first."""
    text, kind = request.GET.get("q", "")[:60], request.GET.get("kind", "")
    rows = queries.cases_found(request.actor, text=text, kind=kind, cursor=request.GET.get("cursor", ""))
    kinds = [(each, str(words_of(each).title)) for each in queries.case_kinds(request.actor)]
    lines = [(each, modality_word(each.modality) or str(words_of(each.kind).title)) for each in rows.rows]
    return page(request, "centres/cases.html", rows=rows, lines=lines, q=text, kind=kind, kinds=kinds)


@require_GET
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One case with its pictures."""
    case = queries.visible_case(request.actor, uuid)
    audit.record(Look.CASE, by=request.actor, at=clock.now(), kind="centres.teachingcase", key=str(uuid))
    return page(
        request, "centres/case.html", case=case, files=list(case.files.order_by("number")),
        device=modality_word(case.modality), withdraw=permissions.may_withdraw_case(request.actor, case),
    )  # fmt: skip


@require_GET
@signed_in
def picture(request: Request, uuid: UUID, number: int) -> HttpResponse:
    """One file as a picture: a trace to scale, or the middle frame."""
    case = queries.visible_case(request.actor, uuid)
    found = queries.file_of_case(case, number)
    if case.kind == "ECG":
        with files.open_file(found.file) as file:
            answer = HttpResponse(trace_svg(read_ecg(file), layout="6x2"), content_type="image/svg+xml")
    else:
        shown = drawn(files.path_of(found.file.sha256), (found.frames + 1) // 2 or 1, side=1200)
        answer = HttpResponse(shown, content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_GET
@signed_in
def download(request: Request, uuid: UUID, number: int) -> HttpResponse:
    """One de-identified file, for a viewer of the reader's own."""
    found = queries.file_of_case(queries.visible_case(request.actor, uuid), number)
    with files.open_file(found.file) as file:
        answer = HttpResponse(file.read(), content_type="application/dicom")
    answer["Content-Disposition"] = f'attachment; filename="case-{number}.dcm"'
    return answer


@require_http_methods(["GET", "POST"])
@signed_in
def make(request: Request, uuid: UUID) -> HttpResponse:
    """Make a case of a reported examination."""
    source = visible_request(request.actor, uuid)
    permissions.may_make_case(request.actor, source).require()
    data = {name: request.POST.get(name, "") for name in ("title", "points", "no_text_seen")}
    if request.method == "GET":
        return page(request, "centres/make_case.html", source=source, data=data)

    def write() -> str:
        case = actions.make_case(
            request=source, title=data["title"], points=data["points"], no_text_seen=data["no_text_seen"] == "on",
            by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("centres:case", args=[case.uuid])

    try:
        return write_once(request, write, _("教学病例已制作，已去除身份信息。"))
    except (InvalidInput, Conflict) as error:
        fields = dict(fields_of(error))
        return page(
            request, "centres/make_case.html", status=error.status, source=source, data=data, error=error, fields=fields
        )


@require_POST
@signed_in
def withdraw(request: Request, uuid: UUID) -> HttpResponse:
    """Show a case no more."""
    case = queries.visible_case(request.actor, uuid)

    def write() -> str:
        actions.withdraw_case(case=case, by=request.actor, at=clock.now())
        return reverse("centres:cases")

    return write_once(request, write, _("教学病例已撤下。"))
