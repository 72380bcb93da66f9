"""Sessions with their places, bookings, and who comes."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, Session, StationVisit
from xinglin.checkups.states import CHECKUP_TRANSITIONS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move, note_status
from xinglin.residents import api as residents

MOST, AHEAD = 500, timedelta(days=180)


@transaction.atomic
def open_session(*, facility_id: int, held_on: date, half: str, capacity: int, by: Actor, at: datetime) -> Session:
    """Say when a facility examines and for how many; again with another number changes it.

    :raises NotPermitted: the actor does not manage check-ups there
    :raises Conflict: fewer places than are booked
    """
    permissions.may_open(by, facility_id).require()
    today = clock.today(at)
    if half not in Session.Half.values or not today <= held_on <= today + AHEAD:
        raise InvalidInput(_("场次应在今天之后、半年之内。"), fields={"held_on": _("日期不对。")})
    if not 1 <= capacity <= MOST:
        raise InvalidInput(_("人数不对。"), fields={"capacity": _("请填1到500。")})
    Session.objects.bulk_create(
        [Session(facility_id=facility_id, held_on=held_on, half=half, capacity=capacity)], ignore_conflicts=True
    )
    session = Session.objects.select_for_update().get(facility_id=facility_id, held_on=held_on, half=half)
    if capacity < session.n_booked:
        raise Conflict(_("已预约%(n)d人，不能少于这个数。") % {"n": session.n_booked}, code="booked-already")
    session.capacity = capacity
    session.save(update_fields=["capacity"])
    announce(
        Event.SESSION_OPENED, obj=session, by=by, at=at, place=facility_id, held_on=held_on.isoformat(), half=half,
        capacity=capacity,
    )  # fmt: skip
    return session


@transaction.atomic
def book(*, resident: Any, session: Session, package: str, by: Actor, at: datetime) -> Checkup:
    """Book a check-up for a resident: a package that is for him, not had this year, in a session with a place left.

    :raises NotPermitted: the actor does not book there
    :raises Conflict: `code` ``full``, ``booked-already``, ``not-finished``, ``had-this-year``, ``not-for-him``, ``past`` or ``not-active``
    """
    permissions.may_book(by, session.facility_id).require()
    session = Session.objects.select_for_update(of=("self",)).select_related("facility").get(pk=session.pk)
    if session.held_on < clock.today(at):
        raise Conflict(_("这个场次已经过去。"), code="past")
    if resident.status != "ACTIVE":
        raise Conflict(_("该居民已不在册，不能预约体检。"), code="not-active")
    found = rules.packages(session.held_on).get(package)
    if found is None or found not in rules.packages_for(resident.born_on, resident.conditions, session.held_on):
        raise Conflict(_("居民不符合这个体检套餐的条件。"), code="not-for-him")
    _require_free(resident, found.slug, session)
    if session.n_booked >= session.capacity:
        raise Conflict(_("这个场次已约满，请选择其他场次。"), code="full")
    session.n_booked += 1
    session.save(update_fields=["n_booked"])
    try:
        with transaction.atomic():
            checkup = Checkup.objects.create(
                number=next_number("K", at), resident=resident, facility_id=session.facility_id, session=session,
                package=found.slug, version=found.version, year=session.held_on.year, status_changed_at=at, booked_at=at,
            )  # fmt: skip
    except IntegrityError as error:  # two desks booked him in the same second
        raise Conflict(_("该居民已经预约了体检。"), code="booked-already") from error
    note_status(checkup, by=by, at=at, place=session.facility_id)
    residents.note_on_roster(resident=resident, facility_id=session.facility_id, basis="VISIT", at=at)
    announce(
        Event.BOOKED, obj=checkup, subject=resident.uuid, by=by, at=at, place=session.facility_id, package=found.slug,
        held_on=session.held_on.isoformat(), half=session.half,
    )  # fmt: skip
    return checkup


def _require_free(resident: Any, package: str, session: Session) -> None:
    ids = residents.ids_of_person(resident)
    standing = queries.open_checkup_of(ids)
    if standing is not None and standing.status != Status.BOOKED:
        raise Conflict(
            _("该居民%(day)s在%(place)s的体检还没有完成，请先继续、结束或总检。")
            % {"day": standing.session.held_on.isoformat(), "place": standing.facility},
            code="not-finished",
        )
    if standing is not None:
        raise Conflict(
            _("该居民已预约%(day)s在%(place)s体检。")
            % {"day": standing.session.held_on.isoformat(), "place": standing.facility},
            code="booked-already",
        )
    if package in queries.counted_this_year(ids, session.held_on.year):
        raise Conflict(_("今年已做过这项免费体检。"), code="had-this-year")


@transaction.atomic
def arrive(*, checkup: Checkup, by: Actor, at: datetime) -> Checkup:
    """The resident has come: he stands in the queue of every station.

    :raises NotPermitted: the actor does not book there
    :raises Conflict: another day, or he has come already
    """
    permissions.may_arrive(by, checkup, on=clock.today(at)).require()
    package = rules.package(checkup.package)
    if package is None:
        raise Conflict(_("体检套餐已撤销，请取消后重新预约。"), code="no-package")
    move(checkup, table=CHECKUP_TRANSITIONS, to=Status.ARRIVED, by=by, at=at, place=checkup.facility_id, arrived_at=at)
    visits = [
        StationVisit(
            checkup=checkup, station=each.code, position=position, items=list(each.items), status_changed_at=at, queued_at=at
        )
        for position, each in enumerate(package.stations, 1)
    ]  # fmt: skip
    for each in StationVisit.objects.bulk_create(visits):
        note_status(each, by=by, at=at, place=checkup.facility_id)
    announce(Event.ARRIVED, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id)
    return checkup


@transaction.atomic
def cancel_checkup(*, checkup: Checkup, reason: str, by: Actor, at: datetime) -> Checkup:
    """It does not take place, with the reason; its place is free again.

    :raises NotPermitted: the actor does not book there
    :raises Conflict: it has ended, every station was done, or something was found (``has-values``): that is reported
    """
    checkup = Checkup.objects.select_for_update(of=("self",)).select_related("resident").get(pk=checkup.pk)
    permissions.may_cancel(by, checkup).require()
    said = clean(reason, "reason", most=200, least=1)
    _end(checkup, Status.CANCELLED, Event.CANCELLED, said, by=by, at=at)
    return checkup


@transaction.atomic
def mark_missed(*, checkup: Checkup, by: Actor, at: datetime) -> Checkup:
    """He did not come, on the day or after it. :raises Conflict: he came, or the day is not over"""
    permissions.may_book(by, checkup.facility_id).require()
    if clock.today(at) < checkup.session.held_on:
        raise Conflict(_("还没有到预约的日子。"), code="not-yet")
    _end(checkup, Status.MISSED, Event.MISSED, "", by=by, at=at)
    return checkup


@transaction.atomic
def miss_all(*, by: Actor, at: datetime) -> int:
    """Whoever was booked for a day that is over and did not come. Called by the system; safe to call again."""
    rows = Checkup.objects.select_related("resident", "session").select_for_update(of=("self",), skip_locked=True)
    late = list(rows.filter(status=Status.BOOKED, session__held_on__lt=clock.today(at)).order_by("id")[:500])
    for each in late:
        _end(each, Status.MISSED, Event.MISSED, "", by=by, at=at)
    return len(late)


def _end(checkup: Checkup, to: Status, event: Event, reason: str, *, by: Actor, at: datetime) -> None:
    move(checkup, table=CHECKUP_TRANSITIONS, to=to, by=by, at=at, place=checkup.facility_id, reason=reason)
    session = Session.objects.select_for_update().get(pk=checkup.session_id)
    session.n_booked -= 1
    session.save(update_fields=["n_booked"])
    announce(event, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id, reason=reason)
