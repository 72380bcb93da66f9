"""The printed report: one sheet across, the trace true to scale."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.diagnostics import catalogue, queries
from xinglin.diagnostics.actions.recordings import MISMATCH_WORDS
from xinglin.diagnostics.ecg import EcgRecording, trace_svg
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.images import key_images_of
from xinglin.diagnostics.kinds import words_of
from xinglin.diagnostics.models import Recording, Report, Request
from xinglin.diagnostics.states import CriticalStatus
from xinglin.diagnostics.traces import read_kept
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.language import is_english, language_code
from xinglin.web import documents
from xinglin.web.formats import age_text, parted_text


def report_pdf(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[Request, bytes]:
    """The newest report of a visible request as PDF. A look at the person.

    :raises NotVisible: out of the actor's scope
    :raises Conflict: there is no report yet
    """
    request = queries.visible_request(actor, uuid)
    report = request.reports.order_by("-version").first()
    if report is None:
        raise Conflict(_("还没有报告，不能打印。"), code="no-report")
    audit.look(Look.REPORT, by=actor, at=at, subject=request.resident.uuid, kind="diagnostics.request", key=str(uuid))
    recording = request.recordings.select_related("file").order_by("-uploaded_at", "-id").first()
    ecg = read_kept(recording) if recording else None
    images = {"trace.svg": trace_svg(ecg).encode()} if ecg else {}
    keys = key_images_of(request)
    images |= {f"key-{number}.jpg": content for number, content in enumerate(keys)}
    data = {
        **_data(request, report, ecg), "warnings": _warnings(recording),
        "key_images": [f"key-{number}.jpg" for number in range(len(keys))],
    }  # fmt: skip
    return request, documents.render(documents.source_of("diagnostics/report.typ"), data, images=images)


def _data(request: Request, report: Report, ecg: EcgRecording | None) -> dict[str, Any]:
    english = is_english()
    standing = request.critical_values.exclude(status=CriticalStatus.SUPERSEDED)
    return {
        "language": language_code(),
        "title": str(words_of(request.kind).report),
        "centre": request.centre.name,
        "stage": str(Report.Stage(report.stage).label),
        "is_preliminary": report.stage == Report.Stage.PRELIMINARY,
        "facts": _facts(request, ecg),
        "question": [_("申请目的"), request.question],
        "measurements": [
            [each.name_en if english else each.name_zh, each.text(english=english)]
            for each in (ecg.measurements if ecg else ())
        ],
        "has_trace": ecg is not None,
        "findings": [str(words_of(request.kind).findings), report.findings],
        "conclusion": [_("诊断意见"), report.conclusion],
        "amended": [_("更正原因"), report.amend_reason],
        "criticals": [
            _("危急值：%(text)s") % {"text": catalogue.critical_text(request.kind, each.code, each.text)}
            for each in standing
        ],
        "signed": [
            [_("报告医生"), report.author_name],
            [_("签发时间"), _moment(report.signed_at)],
            [_("版本"), str(report.version)],
        ],
        "number": request.number,
        "note": _("初步报告仅供急诊处置参考，以正式报告为准。")
        if report.stage == Report.Stage.PRELIMINARY
        else _("本报告供临床医师参考，请结合临床。"),
    }


def _warnings(recording: Recording | None) -> list[str]:
    """What the sender confirmed about the recording although the file says otherwise."""
    signs = [str(MISMATCH_WORDS[code]) for code in (recording.warnings if recording else ()) if code in MISMATCH_WORDS]
    return [_("图形提示（申请单位已核对确认）"), parted_text(signs)] if signs else []


def _facts(request: Request, ecg: EcgRecording | None) -> list[list[str]]:
    resident = request.resident
    return [
        [_("姓名"), resident.name],
        [_("性别"), str(resident.get_sex_display())],
        [_("年龄"), age_text(resident.born_on, timezone.localdate(request.requested_at))],
        [_("健康档案号"), resident.number],
        [_("申请单位"), str(request.from_facility)],
        [_("申请医生"), request.requested_by_name],
        [_("申请时间"), _moment(request.requested_at)],
        [_("采集时间"), _moment(ecg.recorded_at) if ecg and ecg.recorded_at else _("文件未注明采集时间")],
    ]


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
