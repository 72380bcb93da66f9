"""Pages of requests."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import for_staff, signed_in
from xinglin.diagnostics import actions, documents, queries
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.ecg import trace_json, trace_svg
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.kinds import require_this_room, room_of
from xinglin.diagnostics.models import Request as EcgRequest
from xinglin.diagnostics.traces import trace_of
from xinglin.diagnostics.web import forms, kept, pages, reading
from xinglin.diagnostics.web.uploads import takes_upload
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.models import StoredFile
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request, stamp


# Lists ---------------------------------------------------------------------------------------------------------------
@require_GET
@signed_in
def worklist(request: Request, kind: str = "ECG") -> HttpResponse:
    """The work list of the centre; asks for its rows again every 15 seconds."""
    now = clock.now()
    built = pages.worklist(
        request.actor, show=request.GET.get("show", "all"), cursor=request.GET.get("cursor", ""), at=now, kind=kind
    )
    if not request.htmx:
        _noted(request, built.lines, show=built.show, at=now)
    return page(request, "diagnostics/worklist.html", fragment="rows", page=built, now=now)


@require_GET
@for_staff
def sent(request: Request) -> HttpResponse:
    """What the reader's units have sent."""
    now = clock.now()
    built = pages.sent(request.actor, show=request.GET.get("show", ""), cursor=request.GET.get("cursor", ""), at=now)
    _noted(request, built.lines, show="sent", at=now)
    return page(request, "diagnostics/sent.html", fragment="rows", page=built, now=now)


def _noted(request: Request, lines: Sequence[pages.Line], *, show: str, at: datetime) -> None:
    shown = [each.request.resident.uuid for each in lines]
    audit.look_many(Look.WORKLIST, by=request.actor, at=at, subjects=shown, rows=len(shown), show=show)


# One request ---------------------------------------------------------------------------------------------------------
@require_GET
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """The reading room, or for the sender state, report and trace."""
    now = clock.now()
    found = queries.visible_request(request.actor, uuid)
    if room := room_of(found):
        return HttpResponseRedirect(room)
    built = reading.build(request.actor, found, at=now, recording=request.GET.get("recording", ""))
    # A page that waits asks every 15 seconds for the state alone: it becomes a look when there is something to read.
    if not request.htmx or built.latest:
        subject = found.resident.uuid
        audit.look(Look.REQUEST, by=request.actor, at=now, subject=subject, kind="diagnostics.request", key=str(uuid))
    return page(request, "diagnostics/detail.html", fragment="state", page=built, now=now)


@takes_upload
@require_http_methods(["GET", "POST"])
@signed_in
def request_form(request: Request, uuid: UUID) -> HttpResponse:
    """The form with which a unit asks the centre about a visit."""
    now = clock.now()
    visit = visits.visible_visit(request.actor, uuid, at=now)
    audit.look(Look.REQUEST, by=request.actor, at=now, subject=visit.resident.uuid, kind="visits.visit", key=str(uuid))
    return _asked(request, forms.Whom(visit.resident, visit.facility_id, visit))


@takes_upload
@require_http_methods(["GET", "POST"])
@signed_in
def request_without_visit(request: Request, uuid: UUID) -> HttpResponse:
    """The same for a resident who was not seen at a visit: who only records asks from where he works."""
    now = clock.now()
    resident = residents.visible_resident(request.actor, uuid, at=now)
    audit.look(
        Look.REQUEST, by=request.actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid)
    )
    return _asked(request, forms.Whom(resident, request.actor.place or 0))


def _asked(request: Request, whom: forms.Whom) -> HttpResponse:
    repeats = forms.repeated_from(request.POST.get("repeats", "") or request.GET.get("repeats", ""), request.actor)
    if request.method == "GET":
        return page(request, "diagnostics/request.html", page=pages.request_form(request.actor, whom, repeats=repeats))
    data = forms.request_data(request.POST)
    try:
        return write_once(request, lambda: _place(request, whom, repeats, data), _("申请已发出，报告出来后会通知您。"))
    except InvalidInput as error:
        files = kept.keep(request, "recordings")
        built = pages.request_form(request.actor, whom, data=data, error=error, repeats=repeats, kept=files)
        return page(request, "diagnostics/request.html", status=422, page=built)


def _place(request: Request, whom: forms.Whom, repeats: EcgRequest | None, data: dict[str, Any]) -> str:
    asked = Asked(
        centre=forms.centre_from(data["centre"]), visit=whom.visit, resident=whom.resident,
        from_facility_id=whom.facility_id,
        recordings=[*request.FILES.getlist("recordings"), *kept.files_of(request)],
        question=data["question"], clinical=data["clinical"], priority=data["priority"], repeats=repeats,
        identity_confirmed=data["identity_confirmed"],
    )  # fmt: skip
    return _address(actions.place_request(asked=asked, **stamp(request)))


def _address(found: EcgRequest) -> str:
    return reverse("diagnostics:detail", args=[found.uuid])


# Steps ---------------------------------------------------------------------------------------------------------------
def _step(request: Request, uuid: UUID, form: str, act: Callable[[EcgRequest], object], message: str) -> HttpResponse:
    """One action on a visible request; what was typed comes back when it is refused for its content."""
    found = queries.visible_request(request.actor, uuid)
    require_this_room(found)

    def write() -> str:
        act(found)
        return _address(found)

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        now = clock.now()
        data = forms.report_data(request.POST)
        subject = found.resident.uuid
        audit.look(Look.REQUEST, by=request.actor, at=now, subject=subject, kind="diagnostics.request", key=str(uuid))
        files = kept.keep(request, "recording")
        built = reading.build(request.actor, found, at=now, data=data, error=error, form=form, kept=files)
        return page(request, "diagnostics/detail.html", status=422, page=built, now=now)


@require_POST
@signed_in
def claim(request: Request, uuid: UUID) -> HttpResponse:
    """Take it from the work list."""
    return _step(
        request, uuid, "claim", lambda found: actions.claim_request(request=found, by=request.actor, at=clock.now()),
        _("已领取，请诊断。"),
    )  # fmt: skip


@require_POST
@signed_in
def release(request: Request, uuid: UUID) -> HttpResponse:
    """Put it back."""
    return _step(
        request, uuid, "release",
        lambda found: actions.release_request(request=found, by=request.actor, at=clock.now()),
        _("已放回待诊断列表。"),
    )  # fmt: skip


@require_POST
@signed_in
def take_over(request: Request, uuid: UUID) -> HttpResponse:
    """Go on with what another reader has had for too long."""
    return _step(
        request, uuid, "claim",
        lambda found: actions.take_over_request(request=found, by=request.actor, at=clock.now()),
        _("已接手，请诊断。"),
    )  # fmt: skip


@require_POST
@signed_in
def reject(request: Request, uuid: UUID) -> HttpResponse:
    """Send the recording back for quality."""
    reason, remark = request.POST.get("reject_reason", ""), request.POST.get("remark", "")
    return _step(
        request, uuid, "reject",
        lambda found: actions.reject_request(
            request=found, reason=reason, remark=remark, by=request.actor, at=clock.now()
        ),
        _("已退回，申请单位会收到通知。"),
    )  # fmt: skip


@require_POST
@signed_in
def cancel(request: Request, uuid: UUID) -> HttpResponse:
    """Take the request back."""
    reason = request.POST.get("cancel_reason", "")
    return _step(
        request, uuid, "cancel",
        lambda found: actions.cancel_request(request=found, reason=reason, by=request.actor, at=clock.now()),
        _("申请已撤销。"),
    )  # fmt: skip


def _sign(request: Request, found: EcgRequest, sign: Callable[[], object]) -> None:
    """Sign, and keep the grade of the pictures that the form gave with it."""
    sign()
    if grade := request.POST.get("grade", ""):
        actions.mark_quality(request=found, stage="INTAKE", grade=grade, by=request.actor, at=clock.now())


@require_POST
@signed_in
def preliminary(request: Request, uuid: UUID) -> HttpResponse:
    """Sign a preliminary report."""
    said = forms.report_arguments(forms.report_data(request.POST))
    return _step(
        request, uuid, "report",
        lambda found: _sign(request, found, lambda: actions.write_preliminary(
            request=found, **said, by=request.actor, at=clock.now()
        )),
        _("初步报告已发出。"),
    )  # fmt: skip


@require_POST
@signed_in
def final(request: Request, uuid: UUID) -> HttpResponse:
    """Sign the report."""
    said = forms.report_arguments(forms.report_data(request.POST))
    return _step(
        request, uuid, "report",
        lambda found: _sign(request, found, lambda: actions.write_final(
            request=found, **said, by=request.actor, at=clock.now()
        )),
        _("正式报告已签发。"),
    )  # fmt: skip


@require_POST
@signed_in
def amend(request: Request, uuid: UUID) -> HttpResponse:
    """Correct a signed report."""
    data = forms.report_data(request.POST)
    said = forms.report_arguments(data)
    return _step(
        request, uuid, "amend",
        lambda found: actions.amend_report(
            request=found, **said, reason=data["reason"], by=request.actor, at=clock.now()
        ),
        _("更正报告已签发，申请单位会收到通知。"),
    )  # fmt: skip


@takes_upload
@require_POST
@signed_in
def add_recording(request: Request, uuid: UUID) -> HttpResponse:
    """Send another recording for the same request."""
    confirmed = request.POST.get("identity_confirmed") == "on"

    def act(found: EcgRequest) -> None:
        chosen: list[UploadedFile[Any] | StoredFile] = [*request.FILES.getlist("recording"), *kept.files_of(request)]
        if not chosen:
            raise InvalidInput(_("请上传心电图文件。"), fields={"recording": _("请上传心电图文件。")})
        for file in chosen:
            actions.add_recording(
                request=found, recording=file, identity_confirmed=confirmed, by=request.actor, at=clock.now()
            )

    return _step(request, uuid, "recording", act, _("已追加图形。"))


# Traces and documents ------------------------------------------------------------------------------------------------
@require_GET
@signed_in
def trace_json_file(request: Request, uuid: UUID) -> HttpResponse:
    """The samples for the viewer. Each read is a look at the person."""
    recording = trace_of(request.actor, uuid, forms.uuid_from(request.GET.get("recording", "")), at=clock.now())
    return _uncached(HttpResponse(trace_json(recording), content_type="application/json"))


@require_GET
@signed_in
def trace_svg_file(request: Request, uuid: UUID) -> HttpResponse:
    """The trace to scale as a drawing."""
    recording = trace_of(request.actor, uuid, forms.uuid_from(request.GET.get("recording", "")), at=clock.now())
    drawing = trace_svg(recording, layout=request.GET.get("layout", "3x4+1"))
    return _uncached(HttpResponse(drawing, content_type="image/svg+xml"))


@require_GET
@signed_in
def report_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The report for printing, with the trace to scale."""
    found, content = documents.report_pdf(request.actor, uuid, at=clock.now())
    return pdf_response(content, found.number)


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
