"""What crosses the door of the exchange."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.exchange.connections import Connection
from xinglin.exchange.reading import Message
from xinglin.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Incoming:
    """A stored message in the hands of its handler. `number` is its place in the order of arrival."""

    number: int
    type: str
    message: Message
    connection: Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler made of a message: the resident it was about; or, with `ignored`, why nothing followed."""

    resident: Any = None
    ignored: object = ""


Handler = Callable[[Incoming, Actor, datetime], Outcome]


class DiscardReason(models.TextChoices):
    """Why a message is given up. Stable slugs; [default] list."""

    TEST = "TEST", _("测试数据")
    CORRECTED = "CORRECTED", _("已由后来的消息更正")
    ENTERED = "ENTERED", _("已人工录入")
    WRONG_PLACE = "WRONG_PLACE", _("不属于本县")
    OTHER = "OTHER", _("其他（请说明）")
