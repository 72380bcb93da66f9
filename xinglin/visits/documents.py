"""The summary of a visit as PDF, in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.platform.language import language_code
from xinglin.visits import queries
from xinglin.visits.models import Prescription, Visit
from xinglin.visits.results import taken_over_text
from xinglin.visits.states import Status
from xinglin.visits.summary import days_words, vitals_words
from xinglin.web.documents import Form, qr_svg, render, source_of
from xinglin.web.formats import age_text

TEMPLATE = "visits/summary.typ"


def visit_summary_pdf(visit: Visit, *, at: datetime, form: Form = "pdf") -> bytes:
    """One page of A5 that the patient takes home; a visit that is not signed, or is void, says so across the page."""
    return render(source_of(TEMPLATE), summary_data(visit, at=at), images={"code.svg": qr_svg(visit.number)}, form=form)


def summary_data(visit: Visit, *, at: datetime) -> dict[str, Any]:
    """What the summary says, as plain data; identity and telephone numbers do not stand on it."""
    diagnoses, prescriptions, orders = queries.parts_of(visit)
    resident = visit.resident
    return {
        "language": language_code(),
        "title": _("门诊就诊小结"),
        "facility": visit.facility.name,
        "number": visit.number,
        "stamp": {Status.OPEN: _("未签名"), Status.VOIDED: _("已作废")}.get(Status(visit.status), ""),
        "person": [
            [_("姓名"), resident.name],
            [_("性别"), str(resident.get_sex_display())],
            [_("年龄"), age_text(resident.born_on, timezone.localdate(visit.started_at))],
            [_("类型"), str(Visit.Kind(visit.kind).label)],
            [_("档案号"), resident.number],
            [_("就诊时间"), _minute(visit.started_at)],
        ],
        "allergies": [_("过敏史"), resident.allergies] if resident.allergies else None,
        "vitals": [[name, f"{value} {unit}"] for name, value, unit in vitals_words(queries.vitals_of(visit))],
        "vitals_title": _("生命体征"),
        "texts": [[title, text] for title, text in _texts(visit) if text],
        "diagnoses_title": _("诊断"),
        "diagnoses": [[each.name, each.code, each.system] for each in diagnoses],
        "prescriptions_title": _("处方"),
        **_prescribed(prescriptions),
        "orders": [_("处置"), _("；").join(f"{each.item} {each.note}".strip() for each in orders)] if orders else None,
        "advice": [_("医嘱"), visit.advice] if visit.advice else None,
        "clinician": [_("接诊医生"), visit.clinician_name],
        "signed": _signature(visit),
        "replaces": _("更正就诊：%(number)s") % {"number": visit.replaces.number} if visit.replaces else "",
        "foot": _("打印时间 %(time)s · 由杏林平台生成 · 病情变化请及时就诊") % {"time": _minute(at)},
    }  # fmt: skip


def _texts(visit: Visit) -> list[tuple[str, str]]:
    return [
        (_("主诉"), visit.complaint),
        (_("现病史"), visit.history),
        (_("查体"), visit.examination),
        (_("互认结果"), taken_over_text(visit)),
    ]


def _prescribed(prescriptions: Sequence[Prescription]) -> dict[str, list[Any]]:
    """The table of medicines; a column of quantities only where one is written."""
    head = [_("药品"), _("单次用量"), _("用法"), _("天数")]
    rows = [
        [f"{row.medicine} {row.strength}".strip(), row.dose, f"{row.route} {row.frequency}", days_words(row.days)]
        for row in prescriptions
    ]
    if any(row.quantity for row in prescriptions):
        head.append(_("总量"))
        for cells, row in zip(rows, prescriptions, strict=True):
            cells.append(row.quantity or _("未填"))
    return {"prescription_head": head, "prescriptions": rows}


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _signature(visit: Visit) -> str:
    if visit.status != Status.SIGNED:
        return ""
    return _("电子签名 %(time)s") % {"time": _minute(visit.status_changed_at)}
