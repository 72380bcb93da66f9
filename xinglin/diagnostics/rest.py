"""REST interface of diagnostics: one operation each."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status
from ninja.decorators import decorate_view
from pydantic import StringConstraints

from xinglin.diagnostics import actions, documents, queries, rest_body
from xinglin.diagnostics import schemas as s
from xinglin.diagnostics.actions.uploads import keep_upload
from xinglin.diagnostics.duties import duties_of
from xinglin.diagnostics.ecg import trace_json
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.incoming import asked_of, imaging_asked_of
from xinglin.diagnostics.kinds import require_this_room
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.order_checks import AlreadyKnown, note_shown
from xinglin.diagnostics.traces import trace_of
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import Page
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import pdf_response

router = Router()
Cursor = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


@router.get(
    "/ecg-centres", response={200: s.CentresOut, **ERRORS}, operation_id="listEcgCentres", summary="心电诊断中心"
)
def list_centres(request: HttpRequest) -> s.CentresOut:
    """Centres that may be asked."""
    return s.CentresOut(items=[s.CentreOut.of(each) for each in queries.centres_for(_actor(request).place or 0)])


@router.post(
    "/ecg-files", response={201: s.FileOut, **ERRORS}, operation_id="uploadEcgFile", summary="上传心电图文件",
    openapi_extra=rest_body.ONE_FILE,
)  # fmt: skip
@decorate_view(rest_body.short_body)
def upload_file(request: HttpRequest) -> Status[Any]:
    """Upload one ECG (multipart field ``file``), to be named later in a request. What is no ECG is refused here."""
    file = request.FILES.get("file") if request.content_type == "multipart/form-data" else None
    if file is None:
        raise InvalidInput(_("请上传心电图文件。"), fields={"file": _("请上传心电图文件。")})
    upload, ecg = keep_upload(file=file, by=_actor(request), at=clock.now())
    return Status(201, s.FileOut(uuid=upload.uuid, size=upload.file.size, format=ecg.format))


@router.post(
    "/ecg-requests", response={201: s.RequestOut, **ERRORS}, operation_id="placeEcgRequest", summary="申请心电诊断",
    openapi_extra=rest_body.BOTH_FORMS,
)  # fmt: skip
@decorate_view(rest_body.short_body)
def place_request(request: HttpRequest) -> HttpResponse:
    """Ask a centre to read recordings. 422 ``other-person``: the file names another; send `identity_confirmed`."""
    payload, files, content = rest_body.read_place(request)
    by, now = _actor(request), clock.now()

    def place() -> s.RequestOut:
        placed = actions.place_request(asked=asked_of(payload, files, by=by, at=now), by=by, at=now)
        return s.RequestOut.of(placed)

    return write(request, place, status=201, content=content)


@router.post(
    "/imaging-requests", response={201: s.RequestOut | s.SettledOut, **ERRORS}, operation_id="placeImagingRequest",
    summary="申请影像检查",
)  # fmt: skip
def place_imaging_request(request: HttpRequest, payload: s.PlaceImagingIn) -> HttpResponse:
    """Ask a centre for images. They come from a device; the other operations are those of every request.

    422 ``recognisable-result``: a result may stand for an item; say in `answers` what is to become of it.
    """
    by, now = _actor(request), clock.now()

    def place() -> s.RequestOut | s.SettledOut:
        placed = actions.order_examination(asked=imaging_asked_of(payload, by=by, at=now), by=by, at=now)
        return s.RequestOut.of(placed) if placed else s.SettledOut(settled=payload.items)

    try:
        return write(request, place, status=201)
    except AlreadyKnown as known:
        note_shown(known.order, by=by, at=now)
        raise


@router.get(
    "/ecg-requests", response={200: s.LinesOut, **ERRORS}, operation_id="listEcgRequests", summary="心电诊断列表"
)
def list_requests(
    request: HttpRequest, show: Literal["all", "mine", "done", "sent"] = "all", cursor: Cursor = ""
) -> s.LinesOut:
    """The work list of the caller's centre (``all``, ``mine``), what it has done, or what the caller's unit sent."""
    by = _actor(request)
    if show in {"all", "mine"}:
        found: Page[Request] = Page(queries.worklist(by, show=show, at=clock.now()))
    elif show == "done":
        found = queries.done_at_centre(by, cursor=cursor)
    else:
        found = queries.sent_by(by, cursor=cursor)
    shown = [each.resident.uuid for each in found.rows]
    audit.look_many(Look.WORKLIST, by=by, at=clock.now(), subjects=shown, rows=len(shown), show=show)
    duties = duties_of(found.rows, at=clock.now()) if show in {"all", "mine"} else {}
    items = [s.LineOut.of(each, duties.get(each.pk)) for each in found.rows]
    return s.LinesOut(items=items, next_cursor=found.next_cursor)


@router.get(
    "/ecg-requests/{uuid:uuid}",
    response={200: s.RequestOut, **ERRORS},
    operation_id="getEcgRequest",
    summary="心电诊断申请",
)
def get_request(request: HttpRequest, uuid: UUID) -> s.RequestOut:
    """One request with recordings, reports and critical values. A look at the person."""
    by = _actor(request)
    found = queries.visible_request(by, uuid)
    audit.look(
        Look.REQUEST, by=by, at=clock.now(), subject=found.resident.uuid, kind="diagnostics.request", key=str(uuid)
    )
    return s.RequestOut.of(found)


def _step(request: HttpRequest, uuid: UUID, act: Callable[[Request, Actor], object]) -> HttpResponse:
    by = _actor(request)

    def run() -> s.RequestOut:
        found = queries.visible_request(by, uuid)
        require_this_room(found)
        act(found, by)
        return s.RequestOut.of(queries.visible_request(by, uuid))

    return write(request, run)


@router.post(
    "/ecg-requests/{uuid:uuid}/claim",
    response={200: s.RequestOut, **ERRORS},
    operation_id="claimEcgRequest",
    summary="领取",
)
def claim(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it from the work list; 409 when another reader has it."""
    return _step(request, uuid, lambda found, by: actions.claim_request(request=found, by=by, at=clock.now()))


@router.post(
    "/ecg-requests/{uuid:uuid}/release", response={200: s.RequestOut, **ERRORS}, operation_id="releaseEcgRequest",
    summary="放回列表",
)  # fmt: skip
def release(request: HttpRequest, uuid: UUID, payload: s.EcgReasonIn) -> HttpResponse:
    """Put it back on the work list."""
    return _step(
        request, uuid,
        lambda found, by: actions.release_request(request=found, reason=payload.reason, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/ecg-requests/{uuid:uuid}/take-over", response={200: s.RequestOut, **ERRORS}, operation_id="takeOverEcgRequest",
    summary="接手",
)  # fmt: skip
def take_over(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Go on with what another reader has had for too long."""
    return _step(request, uuid, lambda found, by: actions.take_over_request(request=found, by=by, at=clock.now()))


@router.post(
    "/ecg-requests/{uuid:uuid}/cancel",
    response={200: s.RequestOut, **ERRORS},
    operation_id="cancelEcgRequest",
    summary="撤销",
)
def cancel(request: HttpRequest, uuid: UUID, payload: s.EcgReasonIn) -> HttpResponse:
    """Take the request back before a reader has claimed it."""
    return _step(
        request, uuid,
        lambda found, by: actions.cancel_request(request=found, reason=payload.reason, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/ecg-requests/{uuid:uuid}/reject",
    response={200: s.RequestOut, **ERRORS},
    operation_id="rejectEcgRequest",
    summary="退回重采",
)
def reject(request: HttpRequest, uuid: UUID, payload: s.RejectIn) -> HttpResponse:
    """Send the recording back for quality."""
    said = payload.model_dump()
    return _step(request, uuid, lambda found, by: actions.reject_request(request=found, **said, by=by, at=clock.now()))


@router.post(
    "/ecg-requests/{uuid:uuid}/preliminary", response={200: s.RequestOut, **ERRORS},
    operation_id="writePreliminaryReport",
    summary="初步报告",
)  # fmt: skip
def preliminary(request: HttpRequest, uuid: UUID, payload: s.ReportIn) -> HttpResponse:
    """Sign a preliminary report."""
    said = payload.model_dump()
    return _step(
        request, uuid, lambda found, by: actions.write_preliminary(request=found, **said, by=by, at=clock.now())
    )


@router.post(
    "/ecg-requests/{uuid:uuid}/final",
    response={200: s.RequestOut, **ERRORS},
    operation_id="writeFinalReport",
    summary="正式报告",
)
def final(request: HttpRequest, uuid: UUID, payload: s.ReportIn) -> HttpResponse:
    """Sign the report; critical values start their clock."""
    said = payload.model_dump()
    return _step(request, uuid, lambda found, by: actions.write_final(request=found, **said, by=by, at=clock.now()))


@router.post(
    "/ecg-requests/{uuid:uuid}/amend",
    response={200: s.RequestOut, **ERRORS},
    operation_id="amendReport",
    summary="更正报告",
)
def amend(request: HttpRequest, uuid: UUID, payload: s.AmendIn) -> HttpResponse:
    """Sign a new version with its reason; running critical values end, the new ones start again."""
    said = payload.model_dump()
    return _step(request, uuid, lambda found, by: actions.amend_report(request=found, **said, by=by, at=clock.now()))


@router.get(
    "/ecg-requests/{uuid:uuid}/trace.json", response={200: Any, **ERRORS}, operation_id="getTrace", summary="心电波形"
)
def get_trace(request: HttpRequest, uuid: UUID, recording: UUID | None = None) -> HttpResponse:
    """Samples of a recording (the newest unless one is named). A look at the person; never cached."""
    ecg = trace_of(_actor(request), uuid, recording, at=clock.now())
    response = HttpResponse(trace_json(ecg), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@router.get(
    "/ecg-requests/{uuid:uuid}/report.pdf",
    response={200: Any, **ERRORS},
    operation_id="getReportPdf",
    summary="报告 PDF",
)
def get_report_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report with its trace to scale; 409 before there is one."""
    found, content = documents.report_pdf(_actor(request), uuid, at=clock.now())
    return pdf_response(content, found.number)


@router.get(
    "/critical-values",
    response={200: s.CriticalsOut, **ERRORS},
    operation_id="listCriticalValues",
    summary="危急值登记",
)
def list_criticals(request: HttpRequest, show: Literal["all", "open"] = "all", cursor: Cursor = "") -> s.CriticalsOut:
    """The register, newest first; ``open`` are those nobody has handled yet."""
    by = _actor(request)
    found = queries.critical_register(by, show=show, cursor=cursor)
    shown = [each.request.resident.uuid for each in found.rows]
    audit.look_many(Look.CRITICAL, by=by, at=clock.now(), subjects=shown, rows=len(shown))
    return s.CriticalsOut(items=[s.CriticalOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.get(
    "/critical-values/{uuid:uuid}",
    response={200: s.CriticalOut, **ERRORS},
    operation_id="getCriticalValue",
    summary="危急值",
)
def get_critical(request: HttpRequest, uuid: UUID) -> s.CriticalOut:
    """One critical value with its clock. A look at the person."""
    by = _actor(request)
    found = queries.visible_critical(by, uuid)
    subject = found.request.resident.uuid
    audit.look(Look.CRITICAL, by=by, at=clock.now(), subject=subject, kind="diagnostics.criticalvalue", key=str(uuid))
    return s.CriticalOut.of(found)


def _critical_step(
    request: HttpRequest, uuid: UUID, act: Callable[[CriticalValue, Actor], CriticalValue]
) -> HttpResponse:
    by = _actor(request)
    return write(request, lambda: s.CriticalOut.of(act(queries.visible_critical(by, uuid), by)))


@router.post(
    "/critical-values/{uuid:uuid}/acknowledge", response={200: s.CriticalOut, **ERRORS},
    operation_id="acknowledgeCriticalValue", summary="复述确认",
)  # fmt: skip
def acknowledge(request: HttpRequest, uuid: UUID, payload: s.AcknowledgeIn) -> HttpResponse:
    """Read back and confirm; late is recorded as late."""
    said = payload.model_dump()
    return _critical_step(
        request, uuid, lambda found, by: actions.acknowledge_critical(critical=found, **said, by=by, at=clock.now())
    )


@router.post(
    "/critical-values/{uuid:uuid}/handle", response={200: s.CriticalOut, **ERRORS}, operation_id="handleCriticalValue",
    summary="记录处置",
)  # fmt: skip
def handle(request: HttpRequest, uuid: UUID, payload: s.HandleIn) -> HttpResponse:
    """Write what was done."""
    said = payload.model_dump()
    return _critical_step(
        request, uuid, lambda found, by: actions.handle_critical(critical=found, **said, by=by, at=clock.now())
    )


@router.post(
    "/critical-values/{uuid:uuid}/close", response={200: s.CriticalOut, **ERRORS}, operation_id="closeCriticalValue",
    summary="关闭",
)  # fmt: skip
def close(request: HttpRequest, uuid: UUID, payload: s.EcgReasonIn) -> HttpResponse:
    """Close the loop at the centre."""
    return _critical_step(
        request, uuid,
        lambda found, by: actions.close_critical(critical=found, remark=payload.reason, by=by, at=clock.now()),
    )  # fmt: skip
