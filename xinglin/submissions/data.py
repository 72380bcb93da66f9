"""What crosses the door of submissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """How sending went."""

    ACCEPTED = "ACCEPTED", _("全部接收")
    KNOWN = "KNOWN", _("此前已接收，未重复发送")
    CONFLICTS = "CONFLICTS", _("部分或全部被拒")
    DENIED = "DENIED", _("账号不被接受")
    UNREACHABLE = "UNREACHABLE", _("无法连接")
    NOT_UNDERSTOOD = "UNCLEAR", _("应答无法识别")


class FaultCode(models.TextChoices):
    """Why a submission cannot be handed in as it is."""

    NOTHING = "nothing", _("还没有统计数据，先抽取再编制")
    NO_UNITS = "no-units", _("这一层级没有单位")
    MISSING = "missing", _("缺数：%(item)s，%(unit)s（%(why)s）")
    NO_CODE = "no-code", _("单位“%(unit)s”没有接收方的编码")
    IMPLAUSIBLE = "implausible", _("数值不合理：%(item)s，%(unit)s")
    NOT_ADDING = "not-adding", _("合计与各行之和不一致：%(item)s")
    RUNNING = "running", _("统计期还没有结束")
    SAME = "same", _("与上一次报出的内容完全相同，无需更正")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value the server refused. `row` counts from 1 in the set that was sent; 0: the server named no row."""

    row: int
    name: str
    words: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt to send."""

    outcome: Outcome
    http_status: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One form of one period, and the last day to hand it in."""

    form: str
    period: str
    due_on: date
