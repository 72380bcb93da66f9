"""What crosses the door of the laboratory."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """The ways results come in."""

    HAND = "HAND", _("手工录入")
    ORU = "ORU", _("LIS传来")
    INSTRUMENT = "INSTRUMENT", _("仪器传来")


class Flag(models.TextChoices):
    """How a result stands to its range. `UNKNOWN`: no range is known for this sex and age; it is never called normal."""

    NORMAL = "N", _("范围内")
    LOW = "L", _("偏低")
    HIGH = "H", _("偏高")
    CRITICAL_LOW = "LL", _("危急低值")
    CRITICAL_HIGH = "HH", _("危急高值")
    ABNORMAL = "A", _("异常")
    UNKNOWN = "?", _("无参考范围")


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a result may not be released now: the sentence is shown to who reviews it."""

    code: str
    reason: object
    url: str = ""  # where it can be set right


#: Asked before anything is released: ``(centre, instrument, analyte, at)`` → why not, or None. `instrument` is empty
#: for what was entered by hand.
ReleaseCheck = Callable[[Any, str, str, datetime], Hold | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One value as somebody or something gives it: a number with its unit, or a text. Not judged yet."""

    analyte: str
    value: str
    unit: str = ""
    instrument: str = ""
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """A released result as another capability shows it."""

    analyte: str
    title: str
    value: str
    number: Decimal | None
    unit: str
    flag: str
    measured_at: datetime
