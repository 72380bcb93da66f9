"""A visit told in a few lines, for a letter that goes on from it."""

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.visits import queries
from xinglin.visits.data import GlucoseWhen, Vitals
from xinglin.visits.models import Visit
from xinglin.visits.results import taken_over_text
from xinglin.visits.vitals import limits


def glucose_words() -> dict[str, str]:
    """Words for when blood was taken."""
    return {GlucoseWhen.FASTING: _("空腹"), GlucoseWhen.TWO_HOURS: _("餐后2小时"), GlucoseWhen.RANDOM: _("随机")}


def vitals_words(vitals: Vitals) -> list[tuple[str, str, str]]:
    """Measured values as (name, value, unit); the two pressures as one."""
    table = limits()
    rows: list[tuple[str, str, str]] = []
    if vitals.pressure:
        rows.append((_("血压"), vitals.pressure, "mmHg"))
    for name, value in vitals.measured.items():
        if name in {"systolic", "diastolic"}:
            continue
        label = table[name].label
        if name == "glucose" and (when := glucose_words().get(vitals.glucose_when)):
            label = _("%(name)s（%(when)s）") % {"name": label, "when": when}
        rows.append((label, str(value), table[name].unit_text))
    return rows


def days_words(days: int) -> str:
    """How long a medicine lasts."""
    return _("共%(days)d天") % {"days": days}


def prescription_words(row: object) -> str:
    """One medicine as a line: ``苯磺酸氨氯地平片 5mg 每次5mg 口服 每日1次 28天``."""
    parts = [
        row.medicine, row.strength, _("每次%(dose)s") % {"dose": row.dose}, row.route, row.frequency,  # type: ignore[attr-defined]
        days_words(row.days),  # type: ignore[attr-defined]
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def visit_summary(visit: Visit) -> str:
    """The visit in a few lines, in the reader's language: what brought him, what was found, what was done."""
    diagnoses, prescriptions, orders = queries.parts_of(visit)
    lines = [
        f"{timezone.localtime(visit.started_at):%Y-%m-%d %H:%M} {visit.facility.name} {visit.clinician_name}",
        _line(_("主诉"), visit.complaint),
        _line(_("现病史"), visit.history),
        _line(
            _("生命体征"),
            _("，").join(f"{name} {value} {unit}" for name, value, unit in vitals_words(queries.vitals_of(visit))),
        ),
        _line(_("查体"), visit.examination),
        _line(_("互认结果"), taken_over_text(visit)),
        _line(_("诊断"), _("；").join(f"{each.name}（{each.code}）" for each in diagnoses)),
        _line(_("用药"), _("；").join(prescription_words(each) for each in prescriptions)),
        _line(_("处置"), _("；").join(f"{each.item} {each.note}".strip() for each in orders)),
        _line(_("医嘱"), visit.advice),
    ]
    return "\n".join(line for line in lines if line)


def _line(label: str, text: str) -> str:
    return _("%(label)s：%(text)s") % {"label": label, "text": text} if text else ""
