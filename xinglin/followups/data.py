"""What crosses the door of follow-up, and the words of its form."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

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
