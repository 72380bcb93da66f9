"""What crosses the door of laboratory control, and the words of its forms."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible


class Verdict(models.TextChoices):
    """What the rules say of the results of one analyte in one run."""

    IN = "IN", _("在控")
    WARNING = "WARNING", _("警告")
    OUT = "OUT", _("失控")
    TRIAL = "TRIAL", _("平行测定，不判断")


class Source(models.TextChoices):
    """How a run came in."""

    HAND = "HAND", _("手工录入")
    REST = "REST", _("接口")
    EXCEL = "EXCEL", _("Excel导入")


class TargetSource(models.TextChoices):
    """Where mean and SD come from."""

    SHEET = "SHEET", _("说明书定值")
    COMPUTED = "COMPUTED", _("本室累积计算")
    NONE = "NONE", _("尚未定值")


class Organiser(models.TextChoices):
    """Who organises an external assessment."""

    NATIONAL = "NATIONAL", _("国家级临检中心")
    PROVINCIAL = "PROVINCIAL", _("省级临检中心")
    MUNICIPAL = "MUNICIPAL", _("市级临检中心")


class At(Protocol):
    """A centre, as far as control knows it: something at a facility (`xinglin.diagnostics` has centres of kind LAB)."""

    @property
    def facility_id(self) -> int:
        """The facility it sits at."""


@dataclass(frozen=True, slots=True)
class ReleaseBlock:
    """Whether control blocks the release of an analyte's results; true in a condition when it does.

    `code`: ``in-control``, ``not-controlled`` (no instrument here, or not the one named, has it under control),
    ``out-of-control``, ``no-run``, ``overdue``. `reason` is for people, also where release is only warned of
    (`warns`). `suspect_from`: since when results are to be looked at (the last run in control), where it blocks by a loss
    of control.
    """

    blocks: bool
    code: str
    reason: object = ""
    warns: bool = False
    suspect_from: datetime | None = None
    event: UUID | None = None

    def __bool__(self) -> bool:
        return self.blocks

    @property
    def decision(self) -> Decision:
        """The same as a decision on the release: refused by state where it blocks."""
        return impossible(self.code, self.reason) if self.blocks else ALLOWED


@dataclass(frozen=True, slots=True)
class SuspectWindow:
    """The time whose patient results are to be looked at after a loss of control: after `since`, up to `until`."""

    facility_id: int
    instrument: UUID
    analyte: str
    since: datetime | None  # None: there was no run in control before
    until: datetime


@dataclass(frozen=True, slots=True)
class EqaState:
    """Whether an analyte's external assessment stands on a day. `code`: ``valid``, ``failed``, ``lapsed``, ``none``."""

    valid: bool
    code: str
    reason: object
    organiser: str = ""  # of the highest assessment that stands: NATIONAL, PROVINCIAL, MUNICIPAL
    until: date | None = None
    score: Decimal | None = None

    def __bool__(self) -> bool:
        return self.valid


@dataclass(frozen=True, slots=True)
class GivenValue:
    """One value of a run, before it is kept: analyte and level by code; `lot` only where several are in use."""

    analyte: str
    level: str
    value: Decimal
    lot: str = ""


@dataclass(frozen=True, slots=True)
class GivenSample:
    """A sample of an external assessment before it is kept. Without a range the allowable total error makes one."""

    analyte: str
    sample: str
    own: Decimal
    target: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    group_sd: Decimal | None = None
    ccv: Decimal | None = None
