"""The life of a facility: opened, suspended, started again, merged into another, closed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, permissions, policies, timetables
from xinglin.network.events import Event
from xinglin.network.models import Division, Facility, Membership
from xinglin.network.names import initials_of
from xinglin.network.states import TRANSITIONS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

MAX_REASON = 500


@transaction.atomic
def open_facility(
    *, code: str, division: Division, manager: Facility | None = None, host: Facility | None = None,
    planned: bool = False, by: Actor, at: datetime, **facts: Any,
) -> Facility:  # fmt: skip
    """Enter a new unit, working or only planned. `facts` are those of `checking.EDITABLE`.

    :raises NotPermitted: no right at the unit above it or over the county
    :raises InvalidInput: facts are wrong, by field
    :raises Conflict: the code is taken, or the unit above has ended
    """
    above = host or manager
    permissions.may_open_under(by, above=above, division=division).require()
    for unit in (manager, host):
        if unit is not None:
            policies.can_change(unit).require()
    status = Status.PLANNED if planned else Status.OPEN
    values = _clean(
        {**facts, "code": code.strip(), "division": division, "manager": manager, "host": host, "status": status}, at
    )
    facility = Facility(**values, status_changed_at=at)
    facility.pinyin_initials = initials_of(facility.short_name or facility.name)
    try:
        with transaction.atomic():
            facility.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("编码“%(code)s”已有机构使用。") % {"code": facility.code}, code="code-taken") from error
    note_status(facility, by=by, at=at, place=facility.pk)
    announce(Event.OPENED, obj=facility, by=by, at=at, place=facility.pk, code=facility.code, status=facility.status)
    return facility


def _clean(values: dict[str, Any], at: datetime) -> dict[str, Any]:
    unknown = values.keys() - {*checking.EDITABLE, "code", "status"}
    if unknown:
        raise InvalidInput(_("没有这些字段。"), fields=dict.fromkeys(sorted(unknown), _("没有这个字段。")))
    values = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if not values.get("tier"):
        values["tier"] = checking.TIER_OF.get(values.get("kind", ""), "")
    faults = checking.faults_of(values, today=clock.today(at))
    if not checking.is_code(values["code"], checking.LENGTHS["code"]):
        faults["code"] = _("编码只能用字母、数字和 . _ -，最多22位。")
    checking.refuse(faults)
    values["timetable"] = timetables.checked(values.get("timetable") or [])
    return values


@transaction.atomic
def add_service_point(
    *, host: Facility, code: str, name: str, timetable: Sequence[dict[str, Any]], by: Actor, at: datetime, **facts: Any
) -> Facility:
    """A place a clinic attends at fixed times (WH-05). It stands in the clinic's division unless told otherwise.

    :raises NotPermitted: no right at the clinic
    :raises Conflict: the clinic does not work, or is a service point itself
    """
    if host.kind == Facility.Kind.SERVICE_POINT or host.status != Status.OPEN:
        permissions.may_open_under(by, above=host, division=host.division).require()
        raise Conflict(_("服务点须属于运行中的卫生室。"), code="host-not-open")
    facts.setdefault("division", host.division)
    facility = open_facility(
        code=code, name=name, kind=Facility.Kind.SERVICE_POINT, manager=host.manager, host=host,
        timetable=list(timetable), by=by, at=at, **facts,
    )  # fmt: skip
    announce(Event.POINT_ADDED, obj=host, by=by, at=at, place=host.pk, point=str(facility.uuid))
    return facility


@transaction.atomic
def start_facility(*, facility: Facility, by: Actor, at: datetime) -> Facility:
    """Let a planned or suspended unit work (again)."""
    facility = _locked(facility)
    permissions.may_move(by, facility, Status.OPEN).require()
    opening: dict[str, Any] = {"opened_on": clock.today(at)} if facility.status == Status.PLANNED else {}
    move(facility, table=TRANSITIONS, to=Status.OPEN, by=by, at=at, place=facility.pk, **opening)
    announce(Event.STARTED, obj=facility, by=by, at=at, place=facility.pk)
    return facility


@transaction.atomic
def suspend_facility(*, facility: Facility, reason: str, by: Actor, at: datetime) -> Facility:
    """Stop its work for a while. :raises InvalidInput: no reason"""
    facility = _locked(facility)
    permissions.may_move(by, facility, Status.SUSPENDED).require()
    reason = _reason(reason)
    move(facility, table=TRANSITIONS, to=Status.SUSPENDED, by=by, at=at, reason=reason, place=facility.pk)
    announce(Event.SUSPENDED, obj=facility, by=by, at=at, place=facility.pk, reason=reason)
    return facility


@transaction.atomic
def close_facility(*, facility: Facility, on: date, reason: str, by: Actor, at: datetime) -> Facility:
    """End a unit without a successor, and its memberships with it.

    :raises Conflict: it leads a consortium, manages units, or hosts service points
    """
    facility = _locked(facility)
    permissions.may_close(by, facility).require()
    reason = _reason(reason)
    _ending_day(facility, on, at)
    move(facility, table=TRANSITIONS, to=Status.CLOSED, by=by, at=at, reason=reason, place=facility.pk, closed_on=on)
    _end_memberships(facility, on)
    announce(Event.CLOSED, obj=facility, by=by, at=at, place=facility.pk, reason=reason, on=on.isoformat())
    return facility


@transaction.atomic
def merge_facility_into(
    *, facility: Facility, successor: Facility, on: date, reason: str, by: Actor, at: datetime
) -> Facility:
    """End a unit in favour of another, which takes over the units it managed and its service points (WH-04).

    Rights are asked for at both. The old unit keeps its rows and its history. Residents are not touched here: who
    keeps them subscribes to ``facility.merged``, whose detail names the successor.

    :raises Conflict: either is not in a state for it, or the unit leads a consortium
    """
    # Always in the same order: two mergers crossing each other wait instead of deadlocking.
    locked = {
        each.pk: each
        for each in Facility.objects.select_for_update().filter(pk__in=[facility.pk, successor.pk]).order_by("pk")
    }
    facility, successor = locked[facility.pk], locked[successor.pk]
    permissions.may_merge(by, facility).require()
    by.may(permissions.P.NETWORK_EDIT, at=successor.pk).require()
    policies.can_succeed(successor, facility).require()
    reason = _reason(reason)
    _ending_day(facility, on, at)
    move(
        facility, table=TRANSITIONS, to=Status.MERGED, by=by, at=at, reason=reason, place=facility.pk, closed_on=on,
        successor=successor,
    )  # fmt: skip
    _end_memberships(facility, on)
    n_managed, n_points = _hand_over(facility, successor)
    announce(
        Event.MERGED, obj=facility, by=by, at=at, place=facility.pk, reason=reason, successor=str(successor.uuid),
        on=on.isoformat(), n_managed=n_managed, n_points=n_points,
    )  # fmt: skip
    return facility


def _hand_over(facility: Facility, successor: Facility) -> tuple[int, int]:
    n_managed = Facility.objects.filter(manager=facility).update(manager=successor)
    points = Facility.objects.filter(host=facility)
    n_points = points.update(host=successor)
    return n_managed, n_points


def _locked(facility: Facility) -> Facility:
    return Facility.objects.select_for_update().get(pk=facility.pk)


def _reason(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_REASON or checking.CONTROL.search(text):
        reason = _("请写明原因，最多500字。")
        raise InvalidInput(reason, fields={"reason": reason})
    return text


def _ending_day(facility: Facility, on: date, at: datetime) -> None:
    if on > clock.today(at):
        reason: object = _("日期不能晚于今天。")
    elif facility.opened_on and on < facility.opened_on:
        reason = _("日期早于开业日期。")
    else:
        return
    raise InvalidInput(reason, fields={"on": reason})


def _end_memberships(facility: Facility, on: date) -> None:
    """Memberships that began after the day it ended never were in force: they become empty periods."""
    open_ones = Membership.objects.filter(facility=facility, valid_until__isnull=True)
    for membership in open_ones:
        membership.valid_until = max(on, membership.valid_from)
        membership.save(update_fields=["valid_until"])
