"""What crosses the door of follow-up, and the words of its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How the resident was reached."""

    CLINIC = "CLINIC", _("来诊")
    HOME = "HOME", _("上门")
    PHONE = "PHONE", _("电话")
    MESSAGE = "MESSAGE", _("视频或微信")


class Adherence(models.TextChoices):
    """How medicines are taken (national hypertension follow-up form)."""

    REGULAR = "REGULAR", _("规律服药")
    SOMETIMES = "SOMETIMES", _("间断服药")
    NONE = "NONE", _("不服药")
    NOT_PRESCRIBED = "NOT_PRESCRIBED", _("未用药")


class Symptom(models.TextChoices):
    """Symptoms to ask for after discharge, those of the national hypertension follow-up form."""

    HEADACHE = "HEADACHE", _("头痛头晕")
    NAUSEA = "NAUSEA", _("恶心呕吐")
    BLURRED = "BLURRED", _("眼花耳鸣")
    BREATH = "BREATH", _("呼吸困难")
    CHEST = "CHEST", _("心悸胸闷")
    BLEEDING = "BLEEDING", _("鼻衄出血")
    NUMBNESS = "NUMBNESS", _("四肢发麻")
    SWELLING = "SWELLING", _("下肢水肿")


class Unreached(StrEnum):
    """Why nobody was reached."""

    NO_ANSWER = "NO_ANSWER"
    WRONG_NUMBER = "WRONG_NUMBER"
    AWAY = "AWAY"
    REFUSED = "REFUSED"


UNREACHED_WORDS = {
    Unreached.NO_ANSWER: _("无人接听"),
    Unreached.WRONG_NUMBER: _("号码有误"),
    Unreached.AWAY: _("外出不在家"),
    Unreached.REFUSED: _("拒绝随访"),
}


class Level(models.TextChoices):
    """Of the three levels of follow-up (XC-59)."""

    COUNTY = "COUNTY", _("县级")
    TOWNSHIP = "TOWNSHIP", _("乡级")
    VILLAGE = "VILLAGE", _("村级")


class Discharge(models.TextChoices):
    """How somebody left a hospital."""

    ORDERED = "ORDERED", _("医嘱离院")
    TRANSFERRED = "TRANSFERRED", _("医嘱转院")
    AGAINST_ADVICE = "AGAINST_ADVICE", _("非医嘱离院")


class Dialled(models.TextChoices):
    """How a call went."""

    ANSWERED = "ANSWERED", _("已接通")
    NO_ANSWER = "NO_ANSWER", _("无人接听")
    BUSY = "BUSY", _("占线")
    ASKED_BACK = "ASKED_BACK", _("请改时间再打")
    REFUSED = "REFUSED", _("拒绝随访")
    WRONG_NUMBER = "WRONG_NUMBER", _("号码有误")
    MOVED = "MOVED", _("已迁出")
    DIED = "DIED", _("已去世")
    RELEASED = "RELEASED", _("未拨打")


#: What a caller may say; the system says that a call was let go.
SPOKEN = tuple(each for each in Dialled if each != Dialled.RELEASED)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing a resident is to be contacted about. `source` and `key` name it, `url` is where it is done.

    `exemption`: the origin by which it is not put off although there was a contact this week; empty when it is. Only tasks of
    follow-up have one (`purposes.exemptions_of` reads no others).
    `resident_id` is whose it is.
    """

    source: str
    key: UUID
    title: str
    facility_id: int
    facility: str
    due_on: date
    detail: str = ""
    url: str = ""
    exemption: str = ""
    resident_id: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact that took place: who, how, when, what was said. `answers` are pairs of question and answer;
    `resident_id` says to whom, `by_id` whose account made it: names are not one person's alone.
    """

    at: datetime
    channel: str
    by_id: int | None
    by_name: str
    facility: str
    what: str
    was_reached: bool
    answers: tuple[tuple[str, str], ...] = ()
    url: str = ""
    resident_id: int = 0


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call went, as it was written down. `again_on` only of one that asked to be called another day."""

    dialled: str
    answers: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    again_on: date | None = None
    no_more_calls: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a follow-up found. Pressures in mmHg, glucose in mmol/L; None means not measured.

    `not_measured` says why neither pressure nor glucose was taken; `critical_note` what was done about a dangerous value.
    """

    channel: str
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    glucose: Decimal | None = None
    symptoms: tuple[str, ...] = ()
    adherence: str = ""
    advice: str = ""
    confirmed_unusual: bool = False
    not_measured: str = ""
    critical_note: str = ""

    @property
    def was_measured(self) -> bool:
        """Whether any value was taken."""
        return any(value is not None for value in (self.systolic, self.diastolic, self.pulse, self.glucose))
