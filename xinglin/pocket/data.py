"""What crosses the door of telephones: what they send, and the reasons for which a person must look at it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


class Kind(models.TextChoices):
    """What a telephone may write down without a connection."""

    VISIT = "visit", _("慢病随访")
    UNREACHED = "unreached", _("未联系上")
    CORRECTION = "correction", _("更正电话或住址")


class Field(models.TextChoices):
    """What a telephone may correct of a registration."""

    PHONE = "phone", _("联系电话")
    ADDRESS = "address", _("住址")


class Why(models.TextChoices):
    """Why a person must look at a change before it counts."""

    CLOCK = "clock", _("手机时钟与服务器相差超过一天，请核对时间")
    JUMPED = "clock-changed", _("手机时钟在记录和上传之间改过，请核对时间")
    FUTURE = "future", _("记录时间晚于收到的时间，请核对时间")
    TOO_OLD = "too-old", _("记录时间早于可以补录的期限，请核对时间")
    LEFT = "left-panel", _("居民已不在这台手机所属机构的管理名单中")
    DIED = "died-before", _("居民登记的死亡日期早于这次记录")
    MOVED = "moved-away", _("居民已迁出本县")
    NOT_MANAGED = "not-managed", _("管理已全部终止，没有可以记入的病种")
    CHANGED = "changed-meanwhile", _("这一项在手机记录之后已被别人改过")
    UNANSWERED = "alert-unanswered", _("按现行方案需要转诊，手机上没有写明处理")
    UNUSUAL = "unusual", _("数值少见，需要核对")
    CALLED = "called-this-week", _("本周已有人联系过，手机上没有写明再次电话的原因")
    NOT_ALLOWED = "not-allowed", _("记录人现在没有这项权限")


#: Reasons for which the reviewer puts the time right.
OF_CLOCK = frozenset({Why.CLOCK, Why.JUMPED, Why.FUTURE, Why.TOO_OLD})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one upload says of itself: the telephone's clock when it was sent, and the server's when it came."""

    sent_at: datetime
    received_at: datetime

    @property
    def skew_seconds(self) -> int:
        """So much the telephone's clock lies behind the server's."""
        return round((self.received_at - self.sent_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ChangeIn:
    """One change as the telephone wrote it down. `happened_at` by its own clock; `base_revision`: what it had seen.

    `noted_skew`: so many seconds its clock lay behind the server's at the last contact before it was noted. `is_doubtful`: the
    telephone saw its clock set back since. Neither is part of what was written down: sent again they may differ.
    """

    client_id: UUID
    kind: str
    resident: UUID
    happened_at: datetime
    base_revision: int
    content: Mapping[str, Any]
    noted_skew: int | None = None
    is_doubtful: bool = False

    @property
    def written(self) -> dict[str, Any]:
        """What was written down."""
        return {name: value for name, value in asdict(self).items() if name not in {"noted_skew", "is_doubtful"}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a change: done, review or refused, with a code, words in Chinese and English, and what the telephone
    should be told.
    """

    status: str
    code: str = ""
    words: tuple[str, str] = ("", "")
    object_uuid: UUID | None = None
    told: tuple[Mapping[str, Any], ...] = ()


def in_both(message: object) -> tuple[str, str]:
    """Words in Chinese and in English: a telephone keeps them, and its reader may change the language later."""
    with override("zh-hans"):
        chinese = str(message)
    with override("en"):
        return chinese, str(message)
