"""What crosses the door of check-ups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

#: The item that the ECG centre answers, where it was asked.
ECG_ITEM = "ecg_result"
#: Why a station was left out.
WHY_NOT = {
    "refused": _("本人不愿做"),
    "unfit": _("身体情况不适合"),
    "ate": _("未空腹"),
    "equipment": _("设备故障"),
    "absent": _("本人未到"),
    "elsewhere": _("近期已做，采用外院结果"),
}


class Level(StrEnum):
    """What a value means, the worst last."""

    NORMAL = "normal"
    WATCH = "watch"
    ABNORMAL = "abnormal"
    URGENT = "urgent"


class Step(StrEnum):
    """What comes next."""

    ENROL = "enrol"
    REFER = "refer"
    RECHECK = "recheck"
    GUIDE = "guide"
    NEXT_YEAR = "next-year"


STEP_WORDS = {
    Step.REFER: _("转诊"),
    Step.RECHECK: _("复查"),
    Step.ENROL: _("纳入疾病管理评估"),
    Step.GUIDE: _("健康指导"),
    Step.NEXT_YEAR: _("明年体检"),
}


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of the plan: what, by when, in words; `programme` of a step that enrols; `items` whose values ask for it.

    Of a step with items the words follow from their values, in the reader's language.
    """

    step: str
    on: date
    words: str
    programme: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One value as it was understood."""

    item: str
    text: str
    number: Decimal | None
    loinc: str


@dataclass(frozen=True, slots=True)
class RowIn:
    """One value for somebody's check-up of today, as a machine or a sheet sends it."""

    number: str
    item: str
    value: Any


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What became of one row: taken, known already, or refused with its reason."""

    row: int
    outcome: str
    message: object = ""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A day of a facility. None is "no data": nobody was booked, or nobody came."""

    booked: int | None
    arrived: int | None
    reported: int | None
    missed: int | None
    cancelled: int | None
    abnormal: int | None
    capacity: int | None
    stations: Mapping[str, tuple[int, int, int]]
