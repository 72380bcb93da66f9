"""What prints: labels on the size of the label printer, the paper of a box, the report."""

from datetime import datetime
from typing import Any
from uuid import UUID

import barcode
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, queries, wording
from xinglin.laboratory.data import Flag
from xinglin.laboratory.events import Look
from xinglin.laboratory.models import Shipment, Specimen
from xinglin.laboratory.states import NOT_COLLECTED
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.language import in_language, language_code
from xinglin.web import documents
from xinglin.web.formats import age_text, listed_text


def labels_pdf(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[Any, bytes]:
    """The labels of an order's containers that are in use, 50 × 30 mm each. A look at the person.

    :raises NotVisible: out of the actor's scope
    :raises Conflict: nothing is left to label
    """
    request = queries.visible_order(actor, uuid)
    specimens = list(request.specimens.filter(refusal="").order_by("pk"))
    if not specimens:
        raise Conflict(_("没有需要打印的条码。"), code="no-labels")
    audit.look(Look.LABELS, by=actor, at=at, subject=request.resident.uuid, kind="diagnostics.request", key=str(uuid))
    images = {f"{each.barcode}.svg": code128_svg(each.barcode) for each in specimens}
    data = {"language": language_code(), "labels": [_label(each, request) for each in specimens]}
    return request, documents.render(documents.source_of("laboratory/labels.typ"), data, images=images)


def _label(specimen: Specimen, request: Any) -> dict[str, Any]:
    tube = catalogue.tubes().get(specimen.tube)
    resident = request.resident
    return {
        "barcode": specimen.barcode, "image": f"{specimen.barcode}.svg", "name": resident.name,
        "facts": f"{resident.get_sex_display()} {age_text(resident.born_on, timezone.localdate(request.requested_at))}",
        "tube": tube.title if tube else specimen.tube, "urgent": "" if request.priority_rank == 2  # noqa: PLR2004
        else str(request.get_priority_display()),
        "panels": listed_text(catalogue.panel_titles(specimen.panels, on=clock.today(specimen.labelled_at))),
        "sender": str(request.from_facility),
    }  # fmt: skip


def code128_svg(text: str) -> bytes:
    """A barcode (Code 128) as a drawing: bars of whole modules, with the quiet zone of ten on either side."""
    (modules,) = barcode.get("code128", text).build()
    bars, start = [], None
    for position, module in enumerate(f"{modules}0"):
        if module == "1" and start is None:
            start = position
        elif module == "0" and start is not None:
            bars.append(f'<rect x="{start + 10}" y="0" width="{position - start}" height="40"/>')
            start = None
    width = len(modules) + 20
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 40" preserveAspectRatio="none">'
    return f'{head}<rect width="{width}" height="40" fill="#fff"/>{"".join(bars)}</svg>'.encode()


def manifest_pdf(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[Shipment, bytes]:
    """The paper that travels with a box: what is inside, who gave it, how warm it was. A look at each person.

    :raises NotVisible: out of the actor's scope
    """
    shipment = queries.visible_shipment(actor, uuid)
    specimens = list(shipment.specimens.select_related("request__resident").order_by("pk"))
    for each in specimens:
        audit.look(
            Look.LABELS, by=actor, at=at, subject=each.request.resident.uuid, kind="laboratory.shipment", key=str(uuid)
        )
    tubes = catalogue.tubes()
    data = {
        "language": language_code(), "title": _("标本交接单"), "number": shipment.number, "image": "box.svg",
        "facts": [
            [_("送出单位"), str(shipment.from_facility)], [_("接收中心"), shipment.centre.name],
            [_("箱号"), shipment.box or "—"], [_("运送人"), shipment.courier_name],
            [_("交接人"), shipment.handed_over_by_name], [_("交接时间"), _moment(shipment.handed_over_at)],
            [_("允许温度"), f"{shipment.low}–{shipment.high} ℃"],
            [_("接收人"), shipment.arrived_by_name or "________"],
        ],
        "heads": [_("条码"), _("姓名"), _("容器"), _("项目"), _("采集时间")],
        "rows": [
            [
                each.barcode, each.request.resident.name, tubes[each.tube].title if each.tube in tubes else each.tube,
                listed_text(catalogue.panel_titles(each.panels, on=clock.today(each.labelled_at))),
                _moment(each.collected_at),
            ]
            for each in specimens
        ],
        "total": _("共 %(n)d 支") % {"n": len(specimens)}, "readings_title": _("温度记录"),
        "readings": [
            f"{_moment(each.read_at)}  {each.celsius} ℃{'  ⚠' if each.is_outside else ''}"
            for each in shipment.readings.order_by("read_at", "id")
        ],
    }  # fmt: skip
    content = documents.render(
        documents.source_of("laboratory/manifest.typ"), data, images={"box.svg": code128_svg(shipment.number)}
    )
    return shipment, content


def report_pdf(actor: Actor, request: Any, *, at: datetime) -> bytes:
    """The newest report of a visible order. A look at the person. :raises Conflict: there is none yet"""
    report = request.reports.order_by("-version").first()
    release = getattr(report, "release", None) if report else None
    if report is None or release is None:
        raise Conflict(_("还没有报告，不能打印。"), code="no-report")
    audit.look(
        Look.REPORT, by=actor, at=at, subject=request.resident.uuid, kind="diagnostics.request", key=str(request.uuid)
    )
    results = [each.result for each in release.rows.select_related("result__previous").order_by("pk")]
    specimens = list(request.specimens.order_by("pk"))
    amended = release.remark or report.amend_reason
    data = {
        "language": language_code(), "title": _("检验报告"), "centre": request.centre.name, "number": request.number,
        "stage": str(report.get_stage_display()), "facts": _facts(request, specimens, report),
        "heads": [_("项目"), _("结果"), _("标记"), _("单位"), _("参考范围"), _("上次")],
        "rows": [_line(each) for each in results],
        "conclusion": [_("提示"), report.conclusion], "amended": [_("更正原因"), amended if report.amend_reason else ""],
        "refused": [_refusal(each) for each in specimens if each.refusal],
        "criticals": [
            _("危急值：%(text)s") % {"text": diagnostics.critical_text("LAB", each.critical, "")}
            for each in results
            if each.critical
        ],
        "signed": [
            [_("审核发布"), report.author_name], [_("发布时间"), _moment(report.signed_at)],
            [_("版本"), str(report.version)],
        ],
        "note": _("↑↑、↓↓：危急值。没有参考范围的项目不作正常与否的判断。本报告仅对所检标本负责。"),
    }  # fmt: skip
    return documents.render(documents.source_of("laboratory/report.typ"), data)


def _facts(request: Any, specimens: list[Specimen], report: Any) -> list[list[str]]:
    resident = request.resident
    tubes = catalogue.tubes()
    kinds = dict.fromkeys(
        in_language(tubes[each.tube].specimen) for each in specimens if each.tube in tubes and not each.refusal
    )
    return [
        [_("姓名"), resident.name],
        [_("性别"), str(resident.get_sex_display())],
        [_("年龄"), age_text(resident.born_on, timezone.localdate(request.requested_at))],
        [_("健康档案号"), resident.number],
        [_("申请单位"), str(request.from_facility)],
        [_("申请医生"), request.requested_by_name],
        [_("标本"), listed_text(kinds)],
        [_("条码"), " ".join(each.barcode for each in specimens if not each.refusal)],
        [_("采集时间"), _moment(min((each.collected_at for each in specimens if each.collected_at), default=None))],
        [_("核收时间"), _moment(min((each.received_at for each in specimens if each.received_at), default=None))],
        [_("申请时间"), _moment(request.requested_at)],
        [_("临床诊断与目的"), request.question],
    ]


def _line(result: Any) -> list[str]:
    known = wording.range_text(result.low, result.high, known=result.range_known)
    text = known or (_("无参考范围") if not result.range_known else "")
    analyte = catalogue.analyte(result.analyte)
    if analyte.is_text and result.range_known:
        text = "/".join(analyte.normal)
    mark = wording.arrow(result.flag)
    return [
        analyte.title, result.text, mark, result.unit, text, result.previous.text if result.previous else "",
        "critical" if result.critical else "abnormal" if mark and result.flag != Flag.NORMAL else "",
    ]  # fmt: skip


def _refusal(specimen: Specimen) -> str:
    panels = listed_text(catalogue.panel_titles(specimen.panels, on=clock.today(specimen.labelled_at)))
    if specimen.refusal == NOT_COLLECTED:
        return _("未检：%(panels)s（标本未能采集）") % {"panels": panels}
    return _("未检：%(panels)s（标本被拒收：%(why)s）") % {
        "panels": panels, "why": diagnostics.reject_reason_text("LAB", specimen.refusal),
    }  # fmt: skip


def _moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else "—"
