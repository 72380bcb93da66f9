"""What part of the network has what: shares with numerator and denominator, and villages without a unit in reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import geo
from xinglin.network.data import Rate
from xinglin.network.models import Division, Equipment, Facility, Service, Title
from xinglin.network.states import Status
from xinglin.platform.actors import Actor

K = Facility.Kind
#: The groups figures are published for: who counts as a township hospital, a community centre, a village clinic.
GROUPS: tuple[tuple[str, object, tuple[str, ...]], ...] = (
    ("county", _("县级医院"), (K.COUNTY_HOSPITAL, K.TCM_HOSPITAL, K.MATERNAL_CHILD, K.SPECIALIST_HOSPITAL)),
    ("township", _("乡镇卫生院"), (K.TOWNSHIP_HOSPITAL,)),
    ("community", _("社区卫生服务中心"), (K.COMMUNITY_CENTRE,)),
    ("village", _("村卫生室（站）"), (K.VILLAGE_CLINIC, K.COMMUNITY_STATION)),
)
EQUIPMENT_KINDS: tuple[tuple[str, object], ...] = (
    ("CT", _("CT")),
    ("DR", _("数字化X线机（DR）")),
    ("ULTRASOUND", _("彩色超声")),
    ("BIOCHEMISTRY", _("全自动生化分析仪")),
    ("ECG", _("心电图机")),
)
#: Kinds where a villager is seen: what a village must have in reach (WH-03).
IN_REACH = (
    K.COUNTY_HOSPITAL, K.TCM_HOSPITAL, K.TOWNSHIP_HOSPITAL, K.COMMUNITY_CENTRE, K.COMMUNITY_STATION, K.VILLAGE_CLINIC,
    K.SERVICE_POINT,
)  # fmt: skip
#: Service radius of the village network in kilometres (WH-03, Weihai); a parameter of every figure made with it.
RADIUS_KM = 2.5
NARROWEST_KM, WIDEST_KM = 0.5, 30.0


@dataclass(frozen=True)
class Group:
    """One group of units with its shares: key → rate."""

    key: str
    title: object
    n_open: int
    rates: dict[str, Rate]


def groups(actor: Actor, *, on: date, area: str = "") -> list[Group]:
    """Shares of each group of open units on a day; of one area if its code is given. Three queries."""
    if not actor.may(Permission.NETWORK_VIEW):
        return []
    working = Facility.objects.filter(status=Status.OPEN)
    if area:
        working = working.filter(areas__code=area)
    facts = {row["kind"]: row for row in _facts(working, on)}
    machines = {(row["facility__kind"], row["kind"]): row["n"] for row in _machines(working)}
    n_listed = {row["facility__kind"]: row["n"] for row in _with_equipment(working)}
    return [_group(key, title, kinds, facts, machines, n_listed) for key, title, kinds in GROUPS]


def _facts(working: QuerySet[Facility], on: date) -> Iterable[Any]:
    services = Service.objects.filter(facility=OuterRef("pk"))
    valid = services.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=on)).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    )
    marked = working.annotate(
        tcm=Exists(valid.filter(is_tcm=True)),
        tibetan=Exists(valid.filter(is_tibetan=True)),
        any_service=Exists(services),
    )
    since = {
        f"n_{name}": Count("pk", distinct=True, filter=Q(**{f"{name}_since__lte": on}))
        for name in ("integrated", "insured", "telemedicine")
    }
    return (
        marked.order_by()
        .values("kind")
        .annotate(
            n=Count("pk", distinct=True),
            n_owned=Count("pk", distinct=True, filter=Q(publicly_owned=True)),
            n_owned_unknown=Count("pk", distinct=True, filter=Q(publicly_owned__isnull=True)),
            n_tcm=Count("pk", distinct=True, filter=Q(tcm=True)),
            n_tibetan=Count("pk", distinct=True, filter=Q(tibetan=True)),
            n_silent=Count("pk", distinct=True, filter=Q(any_service=False)),
            **since,
        )
    )


def _machines(working: QuerySet[Facility]) -> Iterable[Any]:
    usable = Equipment.objects.filter(facility__in=working.values("pk")).exclude(state=Equipment.State.RETIRED)
    return usable.order_by().values("facility__kind", "kind").annotate(n=Count("facility", distinct=True))


def _with_equipment(working: QuerySet[Facility]) -> Iterable[Any]:
    listed = Equipment.objects.filter(facility__in=working.values("pk"))
    return listed.order_by().values("facility__kind").annotate(n=Count("facility", distinct=True))


def _group(
    key: str, title: object, kinds: Sequence[str], facts: dict[str, Any], machines: dict[tuple[str, str], int],
    n_listed: dict[str, int],
) -> Group:  # fmt: skip
    def total(name: str) -> int:
        return sum(facts[kind][name] for kind in kinds if kind in facts)

    n = total("n")
    silent = total("n_silent")
    rates = {
        "owned": Rate(total("n_owned"), n, total("n_owned_unknown")),
        "tcm": Rate(total("n_tcm"), n, silent),
        "tibetan": Rate(total("n_tibetan"), n, silent),
    }
    for name in ("integrated", "insured", "telemedicine"):
        # A date that is absent means "not so" beside units that have one, and "nobody entered it" where none has.
        count = total(f"n_{name}")
        rates[name] = Rate(count, n, 0 if count else n)
    unlisted = n - sum(n_listed.get(kind, 0) for kind in kinds)
    for machine, _title in EQUIPMENT_KINDS:
        rates[machine] = Rate(sum(machines.get((kind, machine), 0) for kind in kinds), n, unlisted)
    return Group(key, title, n, rates)


def n_service_points(actor: Actor) -> int:
    """Service points that are attended today (WH-05)."""
    if not actor.may(Permission.NETWORK_VIEW):
        return 0
    return Facility.objects.filter(kind=K.SERVICE_POINT, status=Status.OPEN).count()


def titles(actor: Actor, *, on: date) -> list[dict[str, Any]]:
    """Titles in force on a day: how many units hold each, by level, of the open units of the same tiers (WH-10)."""
    if not actor.may(Permission.NETWORK_VIEW):
        return []
    held = Title.objects.filter(facility__status=Status.OPEN, granted_on__lte=on).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    )
    rows = (
        held.order_by("code", "level")
        .values("code", "level", "facility__tier")
        .annotate(n=Count("facility", distinct=True), name=Max("name"))
    )
    sizes = dict(Facility.objects.filter(status=Status.OPEN).order_by().values_list("tier").annotate(Count("pk")))
    tiers = dict(Facility.Tier.choices)
    return [
        {
            "name": row["name"],
            "level": row["level"],
            "tier": tiers[row["facility__tier"]],
            "rate": Rate(row["n"], sizes[row["facility__tier"]]),
        }
        for row in rows[:60]
    ]


def expiring_titles(actor: Actor, *, on: date, until: date) -> QuerySet[Title]:
    """Titles that ran out or run out before `until`, the most urgent first; those renewed since are left out."""
    if not actor.may(Permission.NETWORK_VIEW):
        return Title.objects.none()
    renewed = Title.objects.filter(
        facility=OuterRef("facility"), code=OuterRef("code"), granted_on__gt=OuterRef("granted_on")
    )
    due = Title.objects.filter(facility__status=Status.OPEN, valid_until__lte=until).exclude(Exists(renewed))
    return due.select_related("facility").order_by(F("valid_until").asc(), "id")


@dataclass(frozen=True)
class Reach:
    """Villages and the unit nearest to them. Villages without coordinates are counted apart, never as covered."""

    radius_km: float
    n_covered: int
    uncovered_ids: list[int]
    n_unknown: int

    @property
    def rate(self) -> Rate:
        """Villages with a unit in reach among those whose place is known."""
        return Rate(self.n_covered, self.n_covered + len(self.uncovered_ids), 0)

    def uncovered(self, limit: int) -> list[Division]:
        """The first villages out of reach, in order of their codes, with their townships. One query."""
        return list(
            Division.objects.filter(pk__in=self.uncovered_ids[:limit]).select_related("parent").order_by("code")
        )


def reach(actor: Actor, *, radius_km: float = RADIUS_KM) -> Reach:
    """Which villages have an open unit within a radius, as the crow flies. Two queries, plain rows."""
    if not actor.may(Permission.NETWORK_VIEW):
        return Reach(radius_km, 0, [], 0)
    working = Facility.objects.filter(status=Status.OPEN, kind__in=IN_REACH).order_by()
    centres = [
        (lat, lng) for lat, lng in working.values_list("latitude", "longitude") if lat is not None and lng is not None
    ]
    villages = Division.objects.filter(level="VILLAGE").order_by("code").values_list("pk", "latitude", "longitude")
    rows = list(villages)
    known = [(pk, (lat, lng)) for pk, lat, lng in rows if lat is not None and lng is not None]
    distances = geo.nearest_km([place for _pk, place in known], centres, within_km=radius_km)
    out = [pk for (pk, _place), km in zip(known, distances, strict=True) if km is None]
    return Reach(radius_km, len(known) - len(out), out, len(rows) - len(known))
