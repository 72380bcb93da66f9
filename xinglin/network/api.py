"""Front door of the network: names, choices and relations of facilities."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, Q

from xinglin.network.data import DepartmentChoice, FacilityChoice, Merger, Standing, UnitEquipment
from xinglin.network.models import Area, Consortium, Department, Division, Equipment, Facility, Membership
from xinglin.network.queries import facility_ids_within, final_successor
from xinglin.platform import hot
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one

__all__ = [
    "area_names",
    "can_receive_from",
    "choices",
    "choices_of",
    "consortium_names",
    "coordinates_of",
    "county",
    "DepartmentChoice",
    "departments_of",
    "division_names",
    "facilities_by_id",
    "facility_by_code",
    "facility_by_id",
    "facility_by_uuid",
    "facility_id_of",
    "facility_ids_within",
    "facility_names",
    "FacilityChoice",
    "lead_hospital_of",
    "manager_of",
    "managers_of",
    "merger_of",
    "mergers_of",
    "n_facilities",
    "open_facilities",
    "open_facilities_of",
    "own_place",
    "RECEIVES",
    "receiving_facilities",
    "receiving_values",
    "standings_of",
    "successor_of",
    "unit_facilities",
    "UnitEquipment",
    "units_of",
    "units_with_equipment",
]


def units_with_equipment(kind: str, *, kinds: Iterable[str]) -> list[UnitEquipment]:
    """Open units of some kinds by name, each with how many pieces of a kind of equipment it has in use."""
    in_use = Count("equipment", filter=Q(equipment__kind=kind, equipment__state=Equipment.State.IN_USE))
    units = Facility.objects.filter(kind__in=list(kinds), status=Facility.Status.OPEN).select_related("manager")
    counted = units.annotate(n_in_use=in_use, n_listed=Count("equipment")).order_by("name", "id")
    return [
        UnitEquipment(each.pk, str(each), str(each.manager or ""), each.n_in_use, each.n_listed) for each in counted
    ]


#: Which tiers a referral of a direction may go to, seen from the sender's tier.
_TARGET_TIERS = {
    ("UP", "VILLAGE"): ("TOWNSHIP", "COUNTY"),
    ("UP", "TOWNSHIP"): ("COUNTY",),
    ("UP", "COUNTY"): ("COUNTY",),
    ("DOWN", "COUNTY"): ("TOWNSHIP", "VILLAGE"),
    ("DOWN", "TOWNSHIP"): ("VILLAGE",),
    ("SIDEWAYS", "COUNTY"): ("COUNTY",),
    ("SIDEWAYS", "TOWNSHIP"): ("TOWNSHIP",),
    ("SIDEWAYS", "VILLAGE"): ("VILLAGE",),
}
#: Kinds that treat people.
_TREATING = (
    "COUNTY_HOSPITAL", "TCM_HOSPITAL", "MATERNAL_CHILD", "SPECIALIST_HOSPITAL", "TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE",
    "COMMUNITY_STATION", "VILLAGE_CLINIC",
)  # fmt: skip


def _choice(facility: Facility) -> FacilityChoice:
    return FacilityChoice(facility.pk, facility.uuid, str(facility), facility.kind, facility.tier)


def facility_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Short names by id; one query."""
    wanted = {each for each in ids if each is not None}
    rows = Facility.objects.filter(id__in=wanted).values_list("id", "short_name", "name") if wanted else ()
    return {pk: short or name for pk, short, name in rows}


def division_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of divisions by code. One query."""
    return dict(Division.objects.filter(code__in=set(codes)).values_list("code", "name"))


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of areas by code. One query."""
    return dict(Area.objects.filter(code__in=set(codes)).values_list("code", "name"))


def consortium_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of consortia by code. One query."""
    return dict(Consortium.objects.filter(code__in=set(codes)).values_list("code", "name"))


def coordinates_of(ids: Iterable[int]) -> dict[int, tuple[float, float]]:
    """Where facilities are: (latitude, longitude) by id; those nobody located are left out. One query."""
    located = Facility.objects.filter(id__in=set(ids), latitude__isnull=False, longitude__isnull=False)
    rows = located.values_list("id", "latitude", "longitude")
    return {pk: (lat, lng) for pk, lat, lng in rows if lat is not None and lng is not None}


def county() -> tuple[str, str]:
    """Code and name of the county this deployment serves; empty before divisions are loaded."""
    row = Division.objects.filter(level=Division.Level.COUNTY).order_by("code").values_list("code", "name").first()
    return row or ("", "")


def facility_by_uuid(uuid: UUID) -> FacilityChoice:
    """One facility. Facilities are no secret to staff. :raises NotVisible: there is none"""
    facility = the_one(Facility.objects, uuid=uuid)
    return _choice(facility)


def facility_by_id(facility_id: int) -> FacilityChoice:
    """One facility by its inside id. :raises NotVisible: there is none"""
    facility = the_one(Facility.objects, pk=facility_id)
    return _choice(facility)


def facilities_by_id(ids: Iterable[int]) -> dict[int, FacilityChoice]:
    """Several of them, also closed ones. One query."""
    return {each.pk: _choice(each) for each in Facility.objects.filter(pk__in=list(ids))}


def n_facilities() -> int:
    """How many there are in the county, whatever became of them."""
    return Facility.objects.count()


def open_facilities() -> list[FacilityChoice]:
    """Every facility that works, by name. Facilities are no secret to staff."""
    return [
        _choice(each) for each in Facility.objects.filter(status=Facility.Status.OPEN).order_by("name", "id")[:3_000]
    ]


def open_facilities_of(actor: Actor, *permissions: str) -> list[FacilityChoice]:
    """Those where an actor holds one of the permissions, by name."""
    places = actor.places_where_any(*permissions)
    return [each for each in open_facilities() if places is None or each.id in places]


def choices(facilities: Iterable[FacilityChoice]) -> list[tuple[str, str]]:
    """Facilities to choose from on a page: address and name."""
    return [(str(each.uuid), each.name) for each in facilities]


def choices_of(actor: Actor, *permissions: str) -> list[tuple[str, str]]:
    """Those where an actor holds one of the permissions, to choose from."""
    return choices(open_facilities_of(actor, *permissions))


def own_place(actor: Actor) -> str:
    """Where the actor works, as it stands among the `choices_of` a page; empty for who works nowhere."""
    return str(facility_by_id(actor.place).uuid) if actor.place else ""


def facility_by_code(code: str) -> FacilityChoice:
    """One facility by the code of the county's register. :raises NotVisible: there is none"""
    facility = the_one(Facility.objects, code=code)
    return _choice(facility)


def receiving_facilities(*, from_facility_id: int, direction: str) -> list[FacilityChoice]:
    """Open facilities that may receive a referral of `direction` (UP, DOWN, SIDEWAYS), the nearest in the tree first.

    Down-referrals go only to units with a department able to take back, or to clinics (WN-05).
    """
    sender = Facility.objects.get(pk=from_facility_id)
    tiers = _TARGET_TIERS.get((direction, sender.tier), ())
    found = Facility.objects.filter(tier__in=tiers, kind__in=_TREATING, status=Facility.Status.OPEN).exclude(
        pk=sender.pk
    )
    if direction == "DOWN":
        able = Department.objects.filter(takes_back=True, closed_on__isnull=True).values("facility_id")
        found = found.filter(id__in=able) | found.filter(tier="VILLAGE")
    chain = {sender.manager_id, getattr(sender.manager, "manager_id", None)}
    ranked = sorted(
        found[:500], key=lambda each: (each.pk not in chain, each.manager_id != sender.pk, each.tier, each.name)
    )
    return [_choice(each) for each in ranked]


#: SQL: whether facility ``t`` may receive from facility ``s``, by the same rule as `receiving_facilities`.
RECEIVES = """(t.id <> s.id AND t.status = 'OPEN' AND t.kind = ANY(%(kinds)s::text[])
  AND (s.tier || '>' || t.tier) = ANY(%(ways)s::text[])
  AND (%(direction)s::text <> 'DOWN' OR t.tier = 'VILLAGE' OR EXISTS (
    SELECT 1 FROM network_department d WHERE d.facility_id = t.id AND d.takes_back AND d.closed_on IS NULL)))"""


def receiving_values(direction: str) -> dict[str, object]:
    """Parameters of `RECEIVES`."""
    ways = [f"{sender}>{tier}" for (way, sender), tiers in _TARGET_TIERS.items() if way == direction for tier in tiers]
    return {"direction": direction, "kinds": list(_TREATING), "ways": ways}


def can_receive_from(facility_id: int, *, from_facility_id: int, direction: str) -> bool:
    """Whether a facility is among the `receiving_facilities` of another."""
    values = {"target": facility_id, "sender": from_facility_id, **receiving_values(direction)}
    return bool(hot.rows(_CAN_RECEIVE, values))


_CAN_RECEIVE = f"""
SELECT 1 FROM network_facility t, network_facility s
WHERE t.id = %(target)s::bigint AND s.id = %(sender)s::bigint AND {RECEIVES}
"""  # noqa: S608 - constants only


@lru_cache(maxsize=5000)
def facility_id_of(uuid: UUID) -> int:
    """The inside id of a facility: it never changes, and a facility is never deleted, so the process remembers it.

    :raises NotVisible: there is none
    """
    return facility_by_uuid(uuid).id


def departments_of(facility_id: int) -> list[DepartmentChoice]:
    """Departments that are open."""
    rows = Department.objects.filter(facility_id=facility_id, closed_on__isnull=True).order_by("code")
    return [DepartmentChoice(row.pk, row.code, row.name, row.takes_back) for row in rows]


def merger_of(uuid: UUID | str) -> tuple[int, int]:
    """Ids of a merged facility and of the one that stands in its place today. :raises NotVisible: it is not merged"""
    facility = Facility.objects.filter(uuid=uuid, status=Facility.Status.MERGED).first()
    if facility is None:
        raise NotVisible("network.facility", uuid)
    return facility.pk, successor_of(facility.pk)


def mergers_of(facility_ids: Iterable[int]) -> dict[int, Merger]:
    """Of those among some facilities that were merged: into which unit, and on which day. One query."""
    asked = set(facility_ids)  # may be all of the county; merged are few
    merged = Facility.objects.filter(status=Facility.Status.MERGED).select_related("successor")
    return {
        each.pk: Merger(each.successor.name, each.closed_on)
        for each in merged
        if each.pk in asked and each.successor is not None and each.closed_on is not None
    }


def manager_of(facility_id: int) -> int | None:
    """The unit that manages a facility, or None."""
    return Facility.objects.filter(pk=facility_id).values_list("manager_id", flat=True).first()


def managers_of(facility_ids: Iterable[int]) -> dict[int, int | None]:
    """Of each facility the unit that manages it; one query."""
    return dict(Facility.objects.filter(pk__in=set(facility_ids)).values_list("id", "manager_id"))


def units_of(facility_ids: Iterable[int]) -> dict[int, int]:
    """Of each facility the unit under which its people are told: of a clinic, station or service point of a village the unit that
    manages it; any other stands for itself, whoever manages it. One query.
    """
    rows = Facility.objects.filter(pk__in=set(facility_ids))
    columns = ("id", "tier", "manager_id", "manager__tier", "manager__manager_id")
    found = {}
    for pk, tier, manager, tier_above, manager_above in rows.values_list(*columns):
        unit = manager if tier == Facility.Tier.VILLAGE and manager else pk
        found[pk] = manager_above if unit != pk and tier_above == Facility.Tier.VILLAGE and manager_above else unit
    return found


def unit_facilities(unit_id: int) -> frozenset[int]:
    """The facilities whose people are told under a unit, as `units_of` says; the unit is among them. Two queries."""
    near = Q(pk=unit_id) | Q(manager=unit_id) | Q(manager__manager=unit_id)
    units = units_of(Facility.objects.filter(near).values_list("id", flat=True))
    return frozenset(pk for pk, unit in units.items() if unit == unit_id)


def lead_hospital_of(facility_id: int) -> int | None:
    """The lead hospital of the consortium a facility (or the unit that manages it) belongs to now, or None."""
    facility = Facility.objects.filter(pk=facility_id).values_list("id", "manager_id").first()
    consortia = Membership.objects.filter(
        facility_id__in=[each for each in facility or () if each], valid_until__isnull=True
    )
    lead = Membership.objects.filter(
        consortium__in=consortia.values("consortium"), role=Membership.Role.LEAD, valid_until__isnull=True
    )
    return lead.values_list("facility_id", flat=True).first()


def standings_of(facility_ids: Iterable[int], *, on: date) -> dict[int, Standing]:
    """Division and consortia of facilities as of a day; a clinic belongs where the unit that manages it does. Two queries."""
    above = ("manager_id", "host_id", "manager__manager_id", "host__manager_id")
    rows = list(Facility.objects.filter(pk__in=set(facility_ids)).values_list("pk", "division__code", *above))
    chains = {pk: {pk, *(each for each in chain if each)} for pk, _code, *chain in rows}
    members: dict[int, set[int]] = {}
    held = Membership.objects.filter(facility_id__in={each for chain in chains.values() for each in chain})
    held = held.filter(valid_from__lte=on).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on))
    for facility_id, consortium_id in held.values_list("facility_id", "consortium_id"):
        members.setdefault(facility_id, set()).add(consortium_id)
    return {
        pk: Standing(code, frozenset().union(*(members.get(each, set()) for each in chains[pk])))
        for pk, code, *_chain in rows
    }


def successor_of(facility_id: int) -> int:
    """The unit that answers for a facility now: mergers followed to their end; its own id where it was never merged."""
    facility = the_one(Facility.objects, pk=facility_id)
    return final_successor(facility).pk
