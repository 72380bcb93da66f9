"""What crosses the door of imaging."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """The ways by which images come in."""

    C_STORE = "C-STORE", _("设备直传")
    STOW = "STOW-RS", _("DICOMweb 上传")
    UPLOAD = "UPLOAD", _("页面上传")


class Trouble(models.TextChoices):
    """What goes wrong with the outside archive."""

    UNREACHABLE = "unreachable", _("外部影像存档没有应答")
    DENIED = "denied", _("外部影像存档不接受我们的账号")
    NOT_TAKEN = "not-taken", _("外部影像存档没有收下")
    NOT_THERE = "not-there", _("外部影像存档中读不到")
    CUT = "cut", _("从外部影像存档读回的内容不完整")
    DIFFERS = "differs", _("从外部影像存档读回的内容与原件不同")
    LOCAL = "local", _("本机的原件缺失或损坏")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an instance comes from: the way, the facility it was taken at, and the device that sent it (its row's id)."""

    way: str
    facility_id: int
    node_id: int | None = None


@dataclass(frozen=True, slots=True)
class StudySummary:
    """A study as another capability shows it."""

    uuid: UUID
    study_uid: str
    description: str
    modalities: tuple[str, ...]
    taken_at: datetime | None
    n_series: int
    n_instances: int
    view_url: str
    thumbnail_url: str
