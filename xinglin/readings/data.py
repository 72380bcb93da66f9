"""What crosses the door of readings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

#: How a device may say who was measured.
WHO_KINDS = ("number", "card", "document")

#: Why a reading waits for somebody.
WAITS = {
    "unknown-person": _("本县没有登记这个人，请核对卡证或档案号。"),
    "not-registered": _("此人已迁出或已登记死亡。"),
    "nobody-said": _("设备没有说明是谁测的。"),
    "who-of-household": _("设备借给一户使用，没有说明是谁测的。"),
    "not-borrower": _("设备借给别人使用，与上报的人不符。"),
    "far-from-earlier": _("与本人以往的测量相差过大，请核实是否本人。"),
    "two-people": _("同一次测量报给了两个人。"),
}

#: Why a reading is refused.
REFUSALS = {
    "record-id-reused": _("这个记录编号已用于另一份内容。"),
    "no-values": _("没有测量值。"),
    "not-of-kind": _("这种设备不测 %(what)s。"),
    "twice": _("同一项目给了两个值：%(what)s。"),
    "incomplete": _("一次测量的项目不齐。"),
    "not-a-number": _("%(what)s 不是数字。"),
    "unknown-unit": _("%(what)s 不是可换算的单位。"),
    "implausible": _("%(what)s 超出可能的范围。"),
    "pressure-order": _("收缩压应高于舒张压。"),
    "bad-time": _("测量时间无法识别，应带时区，如 2026-11-20T08:30:00+08:00。"),
    "in-future": _("测量时间在将来，请校准设备时钟。"),
    "too-old": _("测量时间太久，不再接收。"),
    "unknown-who": _("身份的种类只能是 number、card、document。"),
}


@dataclass(frozen=True, slots=True)
class GivenValue:
    """One value as the device wrote it. `code` is ours, LOINC or MDC."""

    code: str
    value: object
    unit: str


@dataclass(frozen=True, slots=True)
class Given:
    """One measurement as the device wrote it; `who_kind` is empty when it does not say who it was."""

    record_id: str
    measured_at: str
    values: tuple[GivenValue, ...]
    who_kind: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one measurement: kept, known, waiting or refused. `first` is what a known one was answered first."""

    record_id: str
    outcome: str
    code: str = ""
    message: object = ""
    reading: UUID | None = None
    first: str = ""
    is_late: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature held: when the device signed it, by its own clock."""

    at: datetime
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """What a reading in somebody's record says: when it was measured, and its values by the code of their item."""

    at: datetime
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A reading as the person himself reads it: its values in words, and what he is told when it is not as it should be."""

    at: datetime
    words: str
    told: tuple[str, ...]
    is_urgent: bool
