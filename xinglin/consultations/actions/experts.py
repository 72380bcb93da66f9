"""The register of experts, their times, and the stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import accounts_holding
from xinglin.accounts.data import Permission
from xinglin.consultations import catalogue, permissions
from xinglin.consultations.actions.steps import refusing
from xinglin.consultations.events import Event
from xinglin.consultations.models import Availability, Expert, Station, StationSession
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean

MOST_TIMES = 30


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of every week: weekday 0 is Monday; at a station, or for remote consultation."""

    weekday: int
    begins: time
    ends: time
    slot_minutes: int = 30
    station: Station | None = None


@transaction.atomic
def register_expert(  # noqa: PLR0913 - what the directory says of somebody
    *, username: str, managed_by_id: int, title: str, specialty: str, field: str = "", outside_hospital: str = "",
    is_native: bool = False, by: Actor, at: datetime,
) -> Expert:  # fmt: skip
    """Enter an account into the directory of a unit.

    :raises NotPermitted: the actor keeps no experts there
    :raises InvalidInput: no such account, one that may not consult, or an unknown title or specialty
    :raises Conflict: the account is in the directory already
    """
    permissions.may_keep_experts(by, managed_by_id).require()
    user: Any = get_user_model().objects.filter(username=username.strip()[:40], is_active=True).first()
    if user is None or user.pk not in accounts_holding(Permission.CONSULTATION_ANSWER, at=at):
        hint = _("没有这个账号，或该账号没有会诊权限（请先授予专科医生或外聘会诊专家角色）。")
        raise InvalidInput(hint, fields={"username": hint})
    if title not in Expert.Title.values:
        raise InvalidInput(_("请选择专家职称。"), fields={"title": _("请从列表中选择。")})
    if specialty not in dict(catalogue.specialties()):
        raise InvalidInput(_("请选择会诊专业。"), fields={"specialty": _("请从列表中选择。")})
    with refusing("user_id", _("这个账号已在专家名录中。"), "registered-already"):
        expert = Expert.objects.create(
            user=user, managed_by_id=managed_by_id, title=title, specialty=specialty, is_native=is_native,
            field=clean(field, "field", most=200), registered_at=at, registered_by=by.user_id,
            outside_hospital=clean(outside_hospital, "outside_hospital", most=80),
        )  # fmt: skip
    announce(Event.EXPERT_REGISTERED, obj=expert, by=by, at=at, place=managed_by_id)
    return expert


@transaction.atomic
def end_expert(*, expert: Expert, by: Actor, at: datetime) -> Expert:
    """Take somebody out of the directory; his cases and opinions stay."""
    permissions.may_keep_experts(by, expert.managed_by_id).require()
    Expert.objects.filter(pk=expert.pk, ended_at__isnull=True).update(ended_at=at, ended_by=by.user_id or 0)
    expert.refresh_from_db()
    announce(Event.EXPERT_ENDED, obj=expert, by=by, at=at, place=expert.managed_by_id)
    return expert


@transaction.atomic
def set_times(*, expert: Expert, hours: Sequence[Hours], since: date, by: Actor, at: datetime) -> list[Availability]:
    """Give an expert his times of every week, in place of those he had, from a day on. Slots booked stay booked.

    :raises NotPermitted: neither himself nor his desk
    :raises InvalidInput: a time that ends before it begins, overlaps another, or too many
    """
    permissions.may_set_times(by, expert).require()
    if len(hours) > MOST_TIMES:
        raise InvalidInput(_("时间段太多。"), fields={"hours": _("最多30段。")})
    _check(hours)
    Availability.objects.filter(expert=expert, valid_until__isnull=True, valid_from__gte=since).update(
        valid_until=since, valid_from=since
    )
    Availability.objects.filter(expert=expert, valid_until__isnull=True).update(valid_until=since)
    rows = Availability.objects.bulk_create(
        Availability(
            expert=expert, weekday=each.weekday, begins=each.begins, ends=each.ends, slot_minutes=each.slot_minutes,
            station=each.station, valid_from=since,
        )
        for each in hours
    )  # fmt: skip
    announce(Event.EXPERT_TIMES_SET, obj=expert, by=by, at=at, place=expert.managed_by_id, n=len(rows))
    return rows


def _check(hours: Sequence[Hours]) -> None:
    ordered = sorted(hours, key=lambda each: (each.weekday, each.begins))
    for each in ordered:
        if each.ends <= each.begins or not 0 <= each.weekday <= 6 or not 10 <= each.slot_minutes <= 240:  # noqa: PLR2004
            raise InvalidInput(_("时间段不对：结束应晚于开始。"), fields={"hours": _("请核对每一段时间。")})
        if each.station is not None and each.station.expert_id is None:
            raise InvalidInput(_("工作站不对。"), fields={"hours": _("请重新选择。")})
    for former, following in zip(ordered, ordered[1:], strict=False):
        if former.weekday == following.weekday and following.begins < former.ends:
            raise InvalidInput(_("同一天的时间段重叠。"), fields={"hours": _("请核对每一段时间。")})


@transaction.atomic
def open_station(
    *, name: str, expert: Expert, facility_id: int, agreed_on: date, agreed_until: date, purpose: str, by: Actor,
    at: datetime,
) -> Station:  # fmt: skip
    """Open a famous-doctor station at a unit, by an agreement with dates and purpose.

    :raises NotPermitted: the actor keeps no experts of that expert's unit
    :raises InvalidInput: the agreement ends before it begins, or says nothing
    """
    permissions.may_keep_experts(by, expert.managed_by_id).require()
    if agreed_until <= agreed_on:
        raise InvalidInput(_("协议到期日应晚于签订日。"), fields={"agreed_until": _("请核对日期。")})
    station = Station.objects.create(
        name=clean(name, "name", most=80, least=2), expert=expert, facility_id=facility_id, agreed_on=agreed_on,
        agreed_until=agreed_until, purpose=clean(purpose, "purpose", most=300, least=2), opened_at=at,
        opened_by=by.user_id,
    )  # fmt: skip
    announce(Event.STATION_OPENED, obj=station, by=by, at=at, place=facility_id)
    return station


@transaction.atomic
def record_station_session(
    *, station: Station, kind: str, held_on: date, n_people: int, note: str = "", by: Actor, at: datetime, today: date
) -> StationSession:
    """Write down what was held at a station on a day.

    :raises NotPermitted: not of the desk
    :raises InvalidInput: a day to come or outside the agreement, or an unknown kind
    :raises Conflict: it is written down already
    """
    permissions.may_keep_experts(by, station.expert.managed_by_id).require()
    if held_on > today or not station.agreed_on <= held_on < station.agreed_until:
        raise InvalidInput(_("日期应在协议期内，且不晚于今天。"), fields={"held_on": _("请核对日期。")})
    if kind not in StationSession.Kind.values or not 0 <= n_people <= 10_000:  # noqa: PLR2004
        raise InvalidInput(_("活动类型或人数不对。"), fields={"n_people": _("请核对。")})
    with refusing("one_session_of_a_kind_a_day", _("当天这类活动已经登记过。"), "recorded-already"):
        session = StationSession.objects.create(
            station=station, kind=kind, held_on=held_on, n_people=n_people, note=clean(note, "note", most=200),
            recorded_at=at, recorded_by=by.user_id,
        )  # fmt: skip
    announce(Event.STATION_SESSION_HELD, obj=session, by=by, at=at, place=station.facility_id, n=n_people)
    return session
