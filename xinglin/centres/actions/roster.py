"""The duty roster: on or off, who is on duty when, a week copied, a table brought in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import Holder, holders_at
from xinglin.accounts.data import Permission
from xinglin.centres import permissions
from xinglin.centres.events import Event
from xinglin.centres.models import Roster, Shift
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

LONGEST = timedelta(hours=24)
MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift as it is entered."""

    reader_id: int
    starts_at: datetime
    ends_at: datetime
    modalities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    reviews: bool = True


@transaction.atomic
def set_roster(
    *,
    centre: Any,
    is_on: bool,
    minutes_start: int,
    minutes_start_urgent: int,
    draws_seconds: bool = False,
    goes_on: bool = False,
    by: Actor,
    at: datetime,
) -> Roster:
    """Let requests be assigned by the roster, or stop it; how long a reader has to start; and what is done by itself.

    :raises NotPermitted: the actor does not keep the roster of this centre
    :raises InvalidInput: minutes that are no number of minutes of a day
    """
    permissions.may_edit_roster(by, centre).require()
    minutes = {"minutes_start": minutes_start, "minutes_start_urgent": minutes_start_urgent}
    if wrong := {name: _("请填写1到1440分钟。") for name, value in minutes.items() if not 1 <= value <= MOST_MINUTES}:
        raise InvalidInput(_("分钟数不在范围内。"), fields=wrong)
    roster, _new = Roster.objects.select_for_update().get_or_create(centre=centre)
    Roster.objects.filter(pk=roster.pk).update(is_on=is_on, draws_seconds=draws_seconds, goes_on=goes_on, **minutes)
    announce(
        Event.ROSTER_SET, obj=centre, by=by, at=at, place=centre.facility_id, on=is_on, minutes=minutes_start,
        minutes_urgent=minutes_start_urgent, draws_seconds=draws_seconds, goes_on=goes_on,
    )  # fmt: skip
    roster.refresh_from_db()
    return roster


@transaction.atomic
def enter_shift(*, centre: Any, duty: Duty, by: Actor, at: datetime) -> Shift:
    """Put a reader on duty. The first shift of a centre begins its roster.

    :raises NotPermitted: the actor does not keep the roster of this centre
    :raises InvalidInput: the reader writes no reports there, or the period is no shift
    :raises Conflict: he is on duty then already
    """
    permissions.may_edit_roster(by, centre).require()
    shift = _enter(centre, duty, readers_of(centre, at=at), by, at)
    announce(Event.SHIFT_ENTERED, obj=shift, by=by, at=at, place=centre.facility_id, reader=shift.reader_id)
    return shift


@transaction.atomic
def withdraw_shift(*, shift: Shift, by: Actor, at: datetime) -> Shift:
    """Take a shift back. What is suggested to its reader keeps its time.

    :raises NotPermitted: the actor does not keep the roster of this centre
    :raises Conflict: it was withdrawn already
    """
    shift = Shift.objects.select_for_update(of=("self",)).select_related("centre").get(pk=shift.pk)
    permissions.may_withdraw_shift(by, shift).require()
    Shift.objects.filter(pk=shift.pk).update(withdrawn_at=at, withdrawn_by=by.user_id or 0)
    announce(Event.SHIFT_WITHDRAWN, obj=shift, by=by, at=at, place=shift.centre.facility_id, reader=shift.reader_id)
    shift.refresh_from_db()
    return shift


@transaction.atomic
def copy_week(*, centre: Any, to: date, by: Actor, at: datetime) -> list[Shift]:
    """Copy the week before into the week that begins on `to` (a Monday). What would overlap or is over is left out.

    :raises NotPermitted: the actor does not keep the roster of this centre; nobody asked that it go on by itself
    :raises InvalidInput: not a Monday
    :raises Conflict: the week before is empty
    """
    permissions.may_copy_week(by, centre).require()
    if to.weekday() != 0:
        raise InvalidInput(_("一周从星期一开始。"), fields={"week": _("请选择星期一。")})
    since, until = clock.start_of(to - timedelta(days=7)), clock.start_of(to)
    before = centre.shifts.filter(starts_at__gte=since, starts_at__lt=until, withdrawn_at__isnull=True)
    rows = list(before.order_by("starts_at", "id"))
    if not rows:
        raise Conflict(_("上一周没有排班，无法复制。"), code="empty-week")
    readers, made = readers_of(centre, at=at), []
    for row in rows:
        week = timedelta(days=7)
        duty = Duty(
            row.reader_id, row.starts_at + week, row.ends_at + week, tuple(row.modalities), tuple(row.regions),
            row.reviews,
        )  # fmt: skip
        if row.reader_id in readers and duty.ends_at > at and not _overlaps(centre, duty):
            made.append(_enter(centre, duty, readers, by, at))
    announce(Event.WEEK_COPIED, obj=centre, by=by, at=at, place=centre.facility_id, week=f"{to}", shifts=len(made))
    return made


@transaction.atomic
def enter_shifts(*, centre: Any, duties: Sequence[Duty], by: Actor, at: datetime) -> list[Shift]:
    """Put several on duty, all or none: what a table said, after each of its rows was found good.

    :raises NotPermitted: the actor does not keep the roster of this centre
    :raises InvalidInput: a row is no shift of a reader there
    :raises Conflict: somebody is on duty then already
    """
    permissions.may_edit_roster(by, centre).require()
    readers = readers_of(centre, at=at)
    made = [_enter(centre, duty, readers, by, at) for duty in duties]
    announce(Event.SHIFTS_IMPORTED, obj=centre, by=by, at=at, place=centre.facility_id, shifts=len(made))
    return made


def readers_of(centre: Any, *, at: datetime) -> dict[int, Holder]:
    """Who writes reports at a centre, by id."""
    found = holders_at(Permission.REPORT_WRITE, facility_id=centre.facility_id, at=at)
    return {each.id: each for each in found}


def _enter(centre: Any, duty: Duty, readers: dict[int, Holder], by: Actor, at: datetime) -> Shift:
    # The first shift begins the roster; its row is locked, so that two people do not enter the same shift at once.
    Roster.objects.get_or_create(centre=centre)
    Roster.objects.select_for_update().get(centre=centre)
    if duty.reader_id not in readers:
        raise InvalidInput(_("请选择本中心的诊断医生。"), fields={"reader": _("请选择本中心的诊断医生。")})
    if not timedelta(0) < duty.ends_at - duty.starts_at <= LONGEST:
        raise InvalidInput(_("班次最长24小时，结束要晚于开始。"), fields={"until": _("请检查时间。")})
    if duty.ends_at <= at:
        told = _("%(day)s 的班次已经过去，不能再登记。") % {"day": f"{timezone.localtime(duty.starts_at):%m-%d %H:%M}"}
        raise InvalidInput(told, fields={"days": told})
    if _overlaps(centre, duty):
        told = _("%(name)s 在这段时间已有班次。") % {"name": readers[duty.reader_id].name}
        raise Conflict(told, code="shift-overlaps")
    return Shift.objects.create(
        centre=centre, reader_id=duty.reader_id, reader_name=readers[duty.reader_id].name[:40],
        starts_at=duty.starts_at, ends_at=duty.ends_at, modalities=list(duty.modalities), regions=list(duty.regions),
        reviews=duty.reviews, entered_at=at, entered_by=by.user_id,
    )  # fmt: skip


def _overlaps(centre: Any, duty: Duty) -> bool:
    standing = centre.shifts.filter(reader_id=duty.reader_id, withdrawn_at__isnull=True)
    return bool(standing.filter(starts_at__lt=duty.ends_at, ends_at__gt=duty.starts_at).exists())
