"""What may be read of residents, always from an actor's point of view. The roster is the one rule."""

import dataclasses
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import Permission, open_emergency
from xinglin.network.api import facility_by_uuid
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.finding import the_one
from xinglin.residents.events import Event
from xinglin.residents.identity import card_index, identity_index, normalise, possible_indexes
from xinglin.residents.models import Consent, Contact, Household, Merge, Resident, RosterEntry


def on_roster_of(places: frozenset[int]) -> QuerySet[RosterEntry]:
    """Entries in force on the rosters of these facilities."""
    return RosterEntry.objects.filter(facility_id__in=places).filter(Q(until__isnull=True) | Q(until__gt=Now()))


def residents_visible_to(actor: Actor, permission: str = Permission.RESIDENT_VIEW) -> QuerySet[Resident]:
    """Residents on a roster of a facility where the actor holds `permission`: the one rule of who sees whom.

    Includes registrations that were merged into another (status MERGED); lists leave them out.
    """
    places = actor.places_where(permission)
    if places is None:
        return Resident.objects.all()
    if not places:
        return Resident.objects.none()
    return Resident.objects.filter(Exists(on_roster_of(places).filter(resident_id=OuterRef("pk"))))


def visible_resident(actor: Actor, uuid: UUID, *, at: datetime, permission: str = Permission.RESIDENT_VIEW) -> Resident:
    """The resident with this uuid; of a merged registration, the one it was merged into.

    Break-glass access that is open now counts for reading, and each use of it is written down with its reason.

    :raises NotVisible: out of scope or absent
    """
    rows = Resident.objects.select_related(
        "managed_by", "household", "merged_into__managed_by", "merged_into__household"
    )
    found = rows.filter(pk__in=residents_visible_to(actor, permission).filter(uuid=uuid).values("pk")).first()
    if found is None and permission == Permission.RESIDENT_VIEW:
        found = _by_emergency(actor, uuid, rows, at=at)
    if found is None:
        raise NotVisible("residents.resident", uuid)
    return found.merged_into or found


def resident_by_identity(actor: Actor, number: str) -> Resident | None:
    """The visible resident with this resident identity number; of a merged registration, the one it was merged into."""
    index = identity_index("RESIDENT_ID", normalise(number))
    found = residents_visible_to(actor).select_related("merged_into").filter(identity_index=index).first()
    return (found.merged_into or found) if found else None


def ids_by_identity(numbers: Iterable[str]) -> dict[str, int]:
    """Inside ids of people on record by identity number, merged records followed; for matching tables that nobody is shown.
    One query for each thousand.
    """
    indexes = {identity_index("RESIDENT_ID", normalise(number)): number for number in numbers}
    found: dict[str, int] = {}
    keys = list(indexes)
    for begin in range(0, len(keys), 1000):
        rows = Resident.objects.filter(identity_index__in=keys[begin : begin + 1000])
        for index, pk, merged in rows.values_list("identity_index", "pk", "merged_into"):
            number = indexes[bytes(index)]
            if merged is None or number not in found:
                found[number] = merged or pk
    return found


def resident_by_number(actor: Actor, number: str) -> Resident | None:
    """The visible resident with this health record number; of a merged registration, the one it was merged into."""
    rows = residents_visible_to(actor).select_related("merged_into__managed_by", "managed_by")
    found = rows.filter(number=number.strip().upper()).first()
    return (found.merged_into or found) if found else None


def _by_emergency(actor: Actor, uuid: UUID, rows: QuerySet[Resident], *, at: datetime) -> Resident | None:
    access = open_emergency(actor, uuid, at=at) if actor.may(Permission.EMERGENCY_OPEN) else None
    if access is None:
        return None
    found = rows.filter(uuid=uuid).first()
    if found is not None:
        audit.look(
            Event.EMERGENCY_VIEWED,
            by=dataclasses.replace(actor, emergency=access.reason),
            at=at,
            subject=uuid,
            kind="residents.resident",
            key=str(uuid),
        )
    return found


def holder_of(id_kind: str, id_number: str) -> Resident | None:
    """Whoever is registered under exactly this document, of a merged registration the one kept.

    For programs that bring a person's own document; staff find people by `searching`, on their rosters.
    """
    index = identity_index(id_kind, normalise(id_number))
    rows = Resident.objects.select_related("managed_by", "merged_into__managed_by").filter(identity_index=index)
    found = rows.order_by("status").first()
    return (found.merged_into or found) if found else None


def holder_of_carrier(kind: str, text: str) -> Resident | None:
    """Whoever has exactly this record number, card or document, of a merged registration the one kept.

    `kind` is number, card or document. For devices that read what a person carries; staff find people by `searching`.
    """
    index = {
        "number": Q(number=text.strip().upper()), "card": Q(card_index=card_index(text)),
        "document": Q(identity_index__in=possible_indexes(text)),
    }[kind]  # fmt: skip
    rows = Resident.objects.select_related("managed_by", "household", "merged_into__managed_by").filter(index)
    found = rows.order_by("status", "pk").first()
    return (found.merged_into or found) if found else None


def own_resident(actor: Actor) -> Resident:
    """The actor's own registration.

    :raises NotPermitted: not a resident's account
    :raises NotVisible: the account names no registration
    """
    actor.may(Permission.OWN_RECORD).require()
    rows = Resident.objects.select_related(
        "managed_by", "household", "merged_into__managed_by", "merged_into__household"
    )
    found = rows.filter(uuid=actor.self_uuid).first() if actor.self_uuid else None
    if found is None:
        raise NotVisible("residents.resident", actor.self_uuid or "")
    return found.merged_into or found


def registration(uuid: UUID) -> Resident:
    """The registration of a person; of a merged one, the one it was merged into. For jobs, which act for nobody.

    :raises NotVisible: there is none
    """
    rows = Resident.objects.select_related("managed_by", "merged_into__managed_by")
    found = the_one(rows, uuid=uuid)
    return found.merged_into or found


def managed_counts(facility_ids: Iterable[int] | None, *, born_until: date) -> dict[int, int]:
    """How many registered residents born by a day each facility manages; None means every facility. One query."""
    rows = Resident.objects.filter(status=Resident.Status.ACTIVE, born_on__lte=born_until)
    if facility_ids is not None:
        rows = rows.filter(managed_by_id__in=list(facility_ids))
    return dict(rows.order_by().values_list("managed_by_id").annotate(n=models.Count("id")))


def registration_by_id(resident_id: int) -> Resident:
    """The same by the inside id, for capabilities that hold it."""
    return Resident.objects.select_related("managed_by").get(pk=resident_id)


def registrations_by_id(resident_ids: Collection[int]) -> dict[int, Resident]:
    """Several of them. One query."""
    return Resident.objects.select_related("managed_by").in_bulk(list(resident_ids))


def registrations(resident_ids: Iterable[int]) -> list[Resident]:
    """Many registrations with what rules look at, without names, numbers and telephones. For jobs. One query."""
    rows = Resident.objects.filter(pk__in=list(resident_ids))
    return list(rows.only("uuid", "sex", "born_on", "died_on", "conditions", "status", "merged_into", "managed_by"))


def active_ids(*, after: int, limit: int) -> list[int]:
    """Ids of residents who live here, the next ones after an id in their order. For jobs that look at everybody in pieces."""
    rows = Resident.objects.filter(status=Resident.Status.ACTIVE, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def count_active() -> int:
    """How many residents live here."""
    return Resident.objects.filter(status=Resident.Status.ACTIVE).count()


def registrations_merged_into(resident: Resident) -> list[Resident]:
    """Registrations that were found to be this person's. For jobs."""
    return list(Resident.objects.filter(merged_into=resident).order_by("pk"))


def uuid_of(resident: models.Model | UUID) -> UUID:
    """The uuid of a row, or the uuid itself: for actions that look the person up in scope."""
    return resident if isinstance(resident, UUID) else resident.uuid  # type: ignore[attr-defined]


def ids_of_person(resident: Resident) -> list[int]:
    """Ids of this registration, the one it was merged into, and all merged there: one person has them all."""
    survivor = resident.merged_into_id or resident.pk
    return [survivor, *Resident.objects.filter(merged_into_id=survivor).order_by("pk").values_list("pk", flat=True)]


def persons_of(resident_ids: Collection[int]) -> dict[int, int]:
    """Each registration of these people, the merged ones too, and the one kept it belongs to. One query."""
    rows = Resident.objects.filter(merged_into_id__in=resident_ids).values_list("pk", "merged_into_id")
    return {each: each for each in resident_ids} | dict(rows)


def uuids_of_person(resident: Resident) -> list[UUID]:
    """The same as uuids, as the audit trail names people."""
    survivor = resident.merged_into_id or resident.pk
    return list(Resident.objects.filter(Q(pk=survivor) | Q(merged_into_id=survivor)).values_list("uuid", flat=True))


def merged_into(resident: Resident) -> QuerySet[Merge]:
    """Merges of this person that stand, newest first, with the registrations that were merged."""
    return (
        Merge.objects.filter(Q(kept=resident) | Q(merged__merged_into=resident), undone_at__isnull=True)
        .select_related("merged", "kept")
        .order_by("-merged_at", "-pk")
    )


def visible_merge(actor: Actor, uuid: UUID) -> Merge:
    """A merge of residents the actor may merge. :raises NotVisible: out of scope or absent"""
    seen = residents_visible_to(actor, Permission.RESIDENT_MERGE)
    found = Merge.objects.select_related("kept", "merged").filter(uuid=uuid, kept__in=seen).first()
    if found is None:
        raise NotVisible("residents.merge", uuid)
    return found


def contacts_of(resident: Resident) -> QuerySet[Contact]:
    """People to call, present ones, guardians first."""
    return Contact.objects.filter(resident_id__in=ids_of_person(resident), ended_at__isnull=True).order_by(
        "-is_guardian", "pk"
    )


def consents_of(resident: Resident) -> QuerySet[Consent]:
    """What was agreed to or refused, newest first."""
    return (
        Consent.objects.filter(resident_id__in=ids_of_person(resident))
        .select_related("signature")
        .order_by("-given_at", "-pk")
    )


def visible_household(actor: Actor, uuid: UUID) -> Household:
    """A household with a member the actor sees. :raises NotVisible: out of scope or absent"""
    found = Household.objects.filter(
        uuid=uuid, pk__in=residents_visible_to(actor).filter(household__isnull=False).values("household")
    ).first()
    if found is None:
        raise NotVisible("residents.household", uuid)
    return found


def members_of(household: Household, actor: Actor) -> QuerySet[Resident]:
    """Members of a household that the actor sees, the head first."""
    return (
        residents_visible_to(actor)
        .filter(household=household)
        .exclude(status=Resident.Status.MERGED)
        .order_by("relation_to_head", "born_on", "pk")
    )


def household_members(actor: Actor, uuid: UUID) -> list[Resident]:
    """Present members of a household that the actor sees, the head first. :raises NotVisible: he sees none"""
    members = members_of(visible_household(actor, uuid), actor).select_related("managed_by", "household")
    return list(members.filter(status=Resident.Status.ACTIVE))


def recent_residents(actor: Actor, *, limit: int = 12) -> list[Resident]:
    """Residents lately put on the roster of the place where the actor works."""
    places = actor.places_where(Permission.RESIDENT_VIEW)
    if actor.place is None or (places is not None and actor.place not in places):
        return []
    entries = on_roster_of(frozenset({actor.place})).exclude(resident__status=Resident.Status.MERGED)
    latest_first = entries.order_by(F("served_at").desc(nulls_last=True), "-since", "-pk")
    ids = list(latest_first.values_list("resident_id", flat=True)[:limit])
    found = Resident.objects.select_related("managed_by").in_bulk(ids)
    return [found[each] for each in ids if each in found]


def facility_id_of(uuid: UUID | None, *, default: int | None) -> int:
    """The facility with this uuid, or the default. :raises InvalidInput: there is neither"""
    facility_id = default
    if uuid is not None:
        facility_id = facility_by_uuid(uuid).id
    if facility_id is None:
        raise InvalidInput(_("请选择管理机构。"), fields={"managed_by": _("请选择管理机构。")})
    return facility_id


def visible_contact(actor: Actor, uuid: UUID) -> Contact:
    """Somebody to call of a resident the actor sees. :raises NotVisible: out of scope or absent"""
    found = (
        Contact.objects.select_related("resident").filter(uuid=uuid, resident__in=residents_visible_to(actor)).first()
    )
    if found is None:
        raise NotVisible("residents.contact", uuid)
    return found


def visible_consent(actor: Actor, uuid: UUID) -> Consent:
    """A consent of a resident the actor sees. :raises NotVisible: out of scope or absent"""
    rows = Consent.objects.select_related("resident", "signature").filter(uuid=uuid)
    found = rows.filter(resident__in=residents_visible_to(actor)).first()
    if found is None:
        raise NotVisible("residents.consent", uuid)
    return found
