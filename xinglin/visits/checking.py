"""Checks the shape and the sense of what is to be recorded; every complaint names its field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput
from xinglin.visits.data import Content, DiagnosisIn, PrescriptionIn
from xinglin.visits.models import DiagnosisTerm, Visit

MAX_DIAGNOSES, MAX_PRESCRIPTIONS, MAX_ORDERS = 20, 50, 30
#: Longest texts, by field of a visit.
MAX_LENGTHS = {"complaint": 500, "history": 4000, "examination": 4000, "advice": 4000}
#: A prescription lasts at most this many days (long prescriptions of stable chronic disease: 12 weeks).
MAX_DAYS = 84
Fields = dict[str, object]


def require_sound(visit: Visit, content: Content, *, at: datetime) -> None:
    """Refuse what cannot be written down as it is. :raises InvalidInput: `fields` name the places"""
    fields: Fields = {}
    if visit.kind not in Visit.Kind.values:
        fields["kind"] = _("就诊类型无法识别。")
    if visit.started_at > at:
        fields["started_at"] = _("就诊时间不能晚于现在。")
    for name, most in MAX_LENGTHS.items():
        _check_text(fields, name, getattr(visit, name), most)
    _check_counts(fields, content)
    for index, each in enumerate(content.diagnoses):
        _check_text(fields, f"diagnoses.{index}.name", each.name, 120)
    if len({(each.system, each.code) for each in content.diagnoses}) < len(content.diagnoses):
        fields["diagnoses"] = _("同一诊断只能填写一次。")
    for index, prescription in enumerate(content.prescriptions):
        _check_prescription(fields, f"prescriptions.{index}", prescription)
    for index, order in enumerate(content.orders):
        _check_text(fields, f"orders.{index}.item", order.item, 80, required=True)
        _check_text(fields, f"orders.{index}.note", order.note, 200)
    if fields:
        raise InvalidInput(_("请更正标出的内容。"), fields=fields)


def _check_counts(fields: Fields, content: Content) -> None:
    for name, most in (("diagnoses", MAX_DIAGNOSES), ("prescriptions", MAX_PRESCRIPTIONS), ("orders", MAX_ORDERS)):
        if len(getattr(content, name)) > most:
            fields[name] = _("最多填写%(most)d项。") % {"most": most}


def _check_prescription(fields: Fields, place: str, each: PrescriptionIn) -> None:
    for name, most, required in (
        ("medicine", 80, True),
        ("strength", 40, False),
        ("dose", 30, True),
        ("route", 20, True),
        ("frequency", 20, True),
        ("quantity", 20, False),
    ):
        _check_text(fields, f"{place}.{name}", getattr(each, name), most, required=required)
    if not 1 <= each.days <= MAX_DAYS:
        fields[f"{place}.days"] = _("天数应在1至%(most)d之间。") % {"most": MAX_DAYS}


def _check_text(fields: Fields, place: str, text: str, most: int, *, required: bool = False) -> None:
    if "\x00" in text:
        fields[place] = _("含有不能保存的字符。")
    elif len(text) > most:
        fields[place] = _("最多%(most)d个字。") % {"most": most}
    elif required and not text.strip():
        fields[place] = _("不能为空。")


def named(
    diagnoses: Sequence[DiagnosisIn], terms: Mapping[tuple[str, str], DiagnosisTerm], *, on: date
) -> list[tuple[DiagnosisIn, str]]:
    """Each diagnosis with its name: as written, else that of the table, whose `terms` are given by system and code.

    :raises InvalidInput: a code is not in the table, or was not in force on the day
    """
    fields: Fields = {}
    for index, each in enumerate(diagnoses):
        term = terms.get((each.system, each.code))
        if term is None:
            fields[f"diagnoses.{index}.code"] = _("诊断编码不在诊断库中。")
        elif not term.is_valid_on(on):
            fields[f"diagnoses.{index}.code"] = _("该诊断编码在就诊当日未启用或已停用。")
    if fields:
        raise InvalidInput(_("有诊断编码无法使用。"), fields=fields, code="unknown-diagnosis")
    return [(each, each.name.strip() or terms[each.system, each.code].name) for each in diagnoses]


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in the county."""
    return timezone.localdate(moment)
