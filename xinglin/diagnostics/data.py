"""What crosses the door of diagnostics."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class RejectReason(models.TextChoices):
    """Why a centre sends a recording back: it could not be read as it is. Stable slugs; [default] list."""

    LEAD_OFF = "LEAD_OFF", _("导联脱落或缺失")
    LEAD_REVERSAL = "LEAD_REVERSAL", _("疑似导联接反")
    ARTEFACT = "ARTEFACT", _("干扰或基线漂移严重")
    TOO_SHORT = "TOO_SHORT", _("采集时间不足")
    WRONG_PERSON = "WRONG_PERSON", _("疑似非本人图形")
    WRONG_SCALE = "WRONG_SCALE", _("增益或走纸速度有误")
    NO_CLINICAL = "NO_CLINICAL", _("临床资料不足")
    OTHER = "OTHER", _("其他（请说明）")


@dataclass(frozen=True, slots=True)
class PatientInFile:
    """Whom the file names, exactly as written there. For matching against the roster only, never shown as truth.

    `sex` is "M", "F", "O" or "" (not said); `birth_date` is None when absent or not a date.
    """

    name: str = ""
    id: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a doctor says to a result that may stand for an item of his order: he takes it over (`report`: the version he
    saw), or why the item is done all the same (`reason`, a code, and `text`). Without `item`: for all of them.
    """

    item: str = ""
    report: UUID | None = None
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """A request as another capability shows it: attached to a referral, on a board, in a letter."""

    uuid: UUID
    number: str
    resident_uuid: UUID
    kind: str
    status: str
    status_label: str
    requested_at: datetime
    reported_at: datetime | None
    centre_name: str
    from_facility_id: int
    conclusion: str
    is_abnormal: bool
    critical: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Work in hand for an actor: at the centre and at the sending unit."""

    waiting: int = 0
    emergency: int = 0
    overdue: int = 0
    critical_open: int = 0
    rejected: int = 0
