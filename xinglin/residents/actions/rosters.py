"""Who manages a resident, and who has him on its roster."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import api as accounts
from xinglin.accounts.api import Permission
from xinglin.network.api import facility_by_id
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.outbox import announce
from xinglin.residents import identity, names, permissions, roster
from xinglin.residents.events import Event
from xinglin.residents.models import FormerResidence, Resident


@transaction.atomic
def assign_managing_facility(
    *, resident: Resident, facility_id: int, reason: str = "", division_code: str = "", by: Actor, at: datetime
) -> Resident:
    """Hand the management of a resident to another facility (a move to another village).

    The former one keeps the resident on its roster if it has treated him, else no longer.

    :raises NotPermitted: the actor's facility neither manages the resident nor stands above the one that does
    """
    permissions.may_transfer(by, resident).require()
    fresh = Resident.objects.select_for_update(of=("self",)).select_related("managed_by__manager").get(pk=resident.pk)
    if fresh.managed_by_id == facility_id:
        return fresh
    former, division = fresh.managed_by_id, fresh.division_code
    try:
        facility_by_id(facility_id)
    except NotVisible as error:
        raise InvalidInput(_("没有这个机构。"), fields={"managed_by": _("没有这个机构。")}) from error
    fresh.managed_by_id = facility_id
    if division_code:
        fresh.division_code = division_code
    fresh.save(update_fields=["managed_by", "division_code"])
    last = FormerResidence.objects.filter(resident=fresh).order_by("-until", "-id").first()
    today, since = clock.today(at), last.until if last else clock.today(fresh.registered_at)
    FormerResidence.objects.create(
        resident=fresh, facility_id=former, division_code=division, since=since, until=max(since, today)
    )
    fresh = Resident.objects.select_related("managed_by__manager").get(pk=fresh.pk)
    roster.leave_management(fresh, keep=roster.managing_ids(fresh), at=at)
    roster.place_under_management(fresh, at=at)
    announce(
        Event.TRANSFERRED,
        obj=fresh,
        subject=fresh.uuid,
        by=by,
        at=at,
        place=facility_id,
        reason=reason,
        former=former,
        facility=facility_id,
    )
    return fresh


@transaction.atomic
def note_arrival(*, name: str, id_number: str, facility_id: int | None = None, by: Actor, at: datetime) -> Resident:
    """A person presents himself with his document: put him on the roster of the facility he came to.

    This is how a hospital opens a resident it has not met. Name and number must both be exactly as registered; a wrong
    one and an unknown one get the same answer.

    :raises NotPermitted: no right to register there
    :raises NotVisible: nobody of this name and number is registered
    """
    place = facility_id or by.place
    permissions.may_register(by, facility_id=place).require()
    if place is None:
        raise InvalidInput(_("请先选择就诊机构。"), fields={"facility": _("请先选择就诊机构。")})
    resident = by_document(name, id_number)
    if resident is None:
        raise NotVisible("residents.arrival")
    roster.note_on_roster(resident=resident, facility_id=place, basis=roster.Basis.VISIT, at=at)
    announce(Event.ARRIVED, obj=resident, subject=resident.uuid, by=by, at=at, place=place)
    return resident


def by_document(name: str, id_number: str) -> Resident | None:
    """The registration of exactly this name and document number, of a merged one its survivor."""
    try:
        wanted = names.normalise(name)
    except InvalidInput:
        return None
    rows = Resident.objects.select_related("merged_into").filter(
        identity_index__in=identity.possible_indexes(id_number)
    )
    for row in rows:
        if row.name == wanted:
            return row.merged_into or row
    return None


@transaction.atomic
def open_emergency_by_document(*, id_number: str, reason: str, minutes: int = 30, by: Actor, at: datetime) -> Resident:
    """Break-glass for the person whose document was found on him, when he cannot speak for himself.

    :raises NotPermitted: the actor's role has no emergency access
    :raises InvalidInput: the reason is too short
    :raises NotVisible: nobody has this number
    """
    by.may(Permission.EMERGENCY_OPEN).require()
    rows = Resident.objects.select_related("merged_into").filter(
        identity_index__in=identity.possible_indexes(id_number)
    )
    row = rows.first()
    if row is None:
        raise NotVisible("residents.emergency")
    resident = row.merged_into or row
    if accounts.open_emergency(by, resident.uuid, at=at) is None:
        accounts.open_break_glass(subject_uuid=resident.uuid, reason=reason, minutes=minutes, by=by, at=at)
    return resident
