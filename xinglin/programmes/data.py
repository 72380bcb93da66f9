"""What crosses the door of programmes, and the words of its forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FoundBy(models.TextChoices):
    """How a candidate came up."""

    DIAGNOSIS = "DIAGNOSIS", _("诊断记录")
    READINGS = "READINGS", _("多次测量值偏高")
    SCREENING = "SCREENING", _("筛查阳性")
    HAND = "HAND", _("人工登记")


class Channel(models.TextChoices):
    """How the resident was seen or reached."""

    CLINIC = "CLINIC", _("来诊")
    HOME = "HOME", _("上门")
    PHONE = "PHONE", _("电话")
    MESSAGE = "MESSAGE", _("视频或微信")


#: By these the resident is called at.
CALLS = (Channel.PHONE, Channel.MESSAGE)
#: Of these the resident was there in person.
FACE_TO_FACE = frozenset({Channel.CLINIC, Channel.HOME})


class VisitKind(models.TextChoices):
    """Which form was filled in."""

    ROUTINE = "routine", _("常规随访")
    YEARLY = "yearly", _("年度评估")


class AlertLevel(models.IntegerChoices):
    """How serious what was found is; the day list puts the most serious first."""

    NONE = 0, pgettext_lazy("alert", "无")
    NOTE = 1, _("提示")
    ADJUST = 2, _("需调整治疗")
    REFER = 3, _("需转诊")
    EMERGENCY = 4, _("危急")


#: As the rules call them.
LEVELS = {
    "note": AlertLevel.NOTE, "adjust": AlertLevel.ADJUST, "refer": AlertLevel.REFER, "emergency": AlertLevel.EMERGENCY,
}  # fmt: skip


class AlertAnswer(models.TextChoices):
    """What is done about a finding that wants a referral."""

    REFER = "REFER", _("现在转诊")
    REFERRED = "REFERRED", _("已在上级机构治疗")
    REFUSED = "REFUSED", _("居民拒绝转诊")
    OTHER = "OTHER", _("其他处理")


#: What the system does of itself is written down under this name.
SYSTEM = "疾病管理"
#: With these somebody has done something else than refer, and has said what.
ACTED = frozenset({AlertAnswer.REFERRED, AlertAnswer.REFUSED, AlertAnswer.OTHER})


class WhyUnreached(models.TextChoices):
    """Why nobody was reached."""

    NO_ANSWER = "NO_ANSWER", _("无人接听")
    WRONG_NUMBER = "WRONG_NUMBER", _("号码有误")
    AWAY = "AWAY", _("外出不在家")
    REFUSED = "REFUSED", _("拒绝随访")


class EndReason(models.TextChoices):
    """Why managing ended."""

    DIED = "DIED", _("死亡")
    MOVED = "MOVED", _("迁出本县")
    DUPLICATE = "DUPLICATE", _("档案合并，重复建档")
    MISDIAGNOSED = "MISDIAGNOSED", _("诊断排除")
    REFUSED = "REFUSED", _("拒绝管理")
    LOST = "LOST", _("长期失访")
    OTHER = "OTHER", _("其他原因")


class Because(models.TextChoices):
    """Why what a visit came to was judged anew."""

    VISIT = "VISIT", _("补录了更早的随访")
    AMENDMENT = "AMENDMENT", _("更正了更早的随访")
    VALUE = "VALUE", _("补到了更早的检验、诊断或测量")
    NIGHT = "NIGHT", _("夜间核对")
    MERGE = "MERGE", _("合并了重复档案，或撤销了合并")


class CheckResult(models.TextChoices):
    """What a call-back found about a visit that was recorded."""

    TRUE = "TRUE", _("真实")
    PARTLY = "PARTLY", _("部分不符")
    FALSE = "FALSE", _("不真实")
    UNREACHED = "UNREACHED", _("未联系上")


#: How grave it is.
CHECK_TONES = {
    CheckResult.TRUE: "ok",
    CheckResult.PARTLY: "warning",
    CheckResult.FALSE: "critical",
    CheckResult.UNREACHED: "neutral",
}


@dataclass(frozen=True, slots=True)
class VisitIn:
    """What one meeting found, as it was written down: values by code of the item, as text, number or list.

    `happened_at` None means now. `client_id` is the name the device gave it. `call_reason`: why the resident was called
    although somebody had spoken to him that week.
    """

    client_id: UUID
    channel: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    kind: str = VisitKind.ROUTINE
    happened_at: datetime | None = None
    advice: str = ""
    note: str = ""
    alert_answer: str = ""
    alert_note: str = ""
    confirmed_unusual: bool = False
    call_reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that another version of a programme would change for one enrolment."""

    what: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving an enrolment to another version changes."""

    version: str
    changes: tuple[Change, ...]
    next_due_on: date
