"""Who lives in an institution. The units that serve it have him on their roster for as long as he does."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import api as contracts
from xinglin.institutions import permissions
from xinglin.institutions.actions.texts import text
from xinglin.institutions.events import Event
from xinglin.institutions.models import CareAgreement, Institution, Stay
from xinglin.institutions.states import Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents


@transaction.atomic
def move_in(
    *, institution: Institution, resident: Any, since: date, room: str = "", by: Actor, at: datetime
) -> Stay:  # fmt: skip
    """A resident lives there from a day on.

    :raises NotPermitted: the actor neither keeps nor serves it
    :raises Conflict: it is closed, he is not on record any more, or lives in an institution already
    """
    permissions.may_edit(by, institution).require()
    if resident.status != "ACTIVE":
        raise Conflict(_("居民已不在册。"), code="not-active")
    if not institution.opened_on <= since <= clock.today(at):
        raise wrong("since", _("入住日期应在机构开办之后、今天或之前。"))
    place = text("room", room, 20)
    standing = Stay.objects.select_related("institution").filter(
        resident_id__in=residents.ids_of_person(resident), until__isnull=True
    )
    if (stands := standing.first()) is not None:
        raise Conflict(_("该居民已登记入住“%(name)s”。") % {"name": stands.institution.name}, code="lives-elsewhere")
    try:
        with transaction.atomic():
            stay = Stay.objects.create(
                institution=institution, resident=resident, room=place, since=since, noted_at=at,
                noted_by_name=by.name[:80],
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("该居民刚刚已登记入住。"), code="lives-elsewhere") from error
    for facility_id in _serving(institution):
        residents.note_on_roster(resident=resident, facility_id=facility_id, basis="CONTRACT", at=at)
    announce(
        Event.MOVED_IN, obj=stay, subject=resident.uuid, by=by, at=at, place=institution.keeper_id,
        institution=str(institution.uuid),
    )  # fmt: skip
    return stay


@transaction.atomic
def move_out(*, stay: Stay, until: date, by: Actor, at: datetime) -> Stay:
    """He lived there until a day.

    :raises NotPermitted: the actor neither keeps nor serves it
    :raises Conflict: he has left
    """
    permissions.may_edit(by, stay.institution).require()
    if not stay.since <= until <= clock.today(at):
        raise wrong("until", _("离开日期应在入住之后、今天或之前。"))
    return _end(stay, until=until, by=by, at=at)


@transaction.atomic
def let_go(*, resident_ids: Sequence[int], by: Actor, at: datetime) -> int:
    """Who died or moved away lives there no more. Called by the system. :returns: how many stays ended"""
    return _end_all(Stay.objects.filter(resident_id__in=list(resident_ids)), on=clock.today(at), by=by, at=at)


@transaction.atomic
def follow_merge(*, kept: Any, merged_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """Of two registrations of one person one stay is kept, on the registration that is. Called by the system."""
    open_ = list(
        Stay.objects.select_related("institution", "resident")
        .filter(resident_id__in=[kept.pk, *merged_ids], until__isnull=True)
        .order_by("since", "id")
    )
    if not open_:
        return
    for each in open_[1:]:
        _end(each, until=max(each.since, clock.today(at)), by=by, at=at)
    stays = open_[0]
    if stays.resident_id != kept.pk:
        Stay.objects.filter(pk=stays.pk).update(resident=kept)


def empty(institution: Institution, *, on: date, by: Actor, at: datetime) -> int:
    """Nobody lives there any more."""
    return _end_all(institution.stays.all(), on=on, by=by, at=at)


def open_rosters(agreement: CareAgreement, *, at: datetime) -> None:
    """The unit that begins to serve an institution has those who live there on its roster."""
    for stay in agreement.institution.stays.select_related("resident").filter(until__isnull=True):
        residents.note_on_roster(resident=stay.resident, facility_id=agreement.facility_id, basis="CONTRACT", at=at)


def close_rosters(agreement: CareAgreement, *, at: datetime) -> None:
    """The unit that no longer serves an institution sees those who live there no more, but for other reasons."""
    for stay in agreement.institution.stays.select_related("resident").filter(until__isnull=True):
        _leave(stay, agreement.facility_id, at=at)


def _serving(institution: Institution) -> set[int]:
    rows = CareAgreement.objects.filter(institution=institution, status=Status.ACTIVE)
    return set(rows.values_list("facility_id", flat=True))


def _end_all(rows: Any, *, on: date, by: Actor, at: datetime) -> int:
    found = list(rows.select_related("institution", "resident").filter(until__isnull=True).order_by("id"))
    for each in found:
        _end(each, until=max(each.since, on), by=by, at=at)
    return len(found)


def _end(stay: Stay, *, until: date, by: Actor, at: datetime) -> Stay:
    written = Stay.objects.filter(pk=stay.pk, until__isnull=True).update(until=until, ended_by_name=by.name[:80])
    if not written:
        raise Conflict(_("已登记离开。"), code="left")
    for facility_id in _serving(stay.institution):
        _leave(stay, facility_id, at=at)
    announce(
        Event.MOVED_OUT, obj=stay, subject=stay.resident.uuid, by=by, at=at, place=stay.institution.keeper_id,
        institution=str(stay.institution.uuid),
    )  # fmt: skip
    stay.refresh_from_db()
    return stay


def _leave(stay: Stay, facility_id: int, *, at: datetime) -> None:
    """Off the roster of a unit, unless he is signed with a team at home there."""
    signed = contracts.team_of_resident(residents.ids_of_person(stay.resident))
    if signed is None or signed.facility_id != facility_id:
        residents.end_on_roster(resident_id=stay.resident_id, facility_id=facility_id, basis="CONTRACT", until=at)
