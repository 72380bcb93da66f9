"""What the map and the coverage page show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.network import coverage, geo, queries
from xinglin.network.models import Division, Facility
from xinglin.network.states import FINAL, Status
from xinglin.network.web.forms import LEVELS
from xinglin.network.web.pages import WARN_DAYS, expiry_of
from xinglin.platform import clock
from xinglin.platform.actors import Actor

#: Tone and size of a point, by tier; service points are smaller still.
LOOK_OF_TIER = {"COUNTY": ("critical", 10.0), "TOWNSHIP": ("info", 7.0), "VILLAGE": ("primary", 4.5)}
TIERS = ("VILLAGE", "TOWNSHIP", "COUNTY")
MOST_POINTS, MOST_RINGS, MOST_UNCOVERED = 6_000, 2_500, 200
RADII = (1.5, 2.5, 3.0, 5.0)


@dataclass(frozen=True)
class MapPage:
    """Units on a plain ground, with rings of the service radius where asked for."""

    data: dict[str, Any]
    tier: str
    rings: bool
    radius: float
    radii: Sequence[tuple[str, str]]
    tiers: Sequence[tuple[str, object]]
    spacing: float
    spacing_km: float
    n_points: int
    n_unlocated: int
    reach: coverage.Reach
    uncovered: Sequence[Division]
    n_more: int


def map_page(actor: Actor, asked: Mapping[str, str]) -> MapPage:
    """Gather the map: plain rows, for a county has more than a thousand units."""
    tier = asked.get("tier", "") if asked.get("tier") in LOOK_OF_TIER else ""
    radius = _radius(asked.get("radius", ""))
    rings = asked.get("rings") == "1"
    alive = queries.facilities_visible_to(actor).exclude(status__in=FINAL)
    if tier:
        alive = alive.filter(tier=tier)
    n_unlocated = alive.filter(latitude__isnull=True).count()
    shown = list(alive.filter(latitude__isnull=False).values_list(*Spot._fields).order_by("-tier", "id")[:MOST_POINTS])
    spots = sorted(map(Spot._make, shown), key=lambda each: TIERS.index(each.tier))  # larger ones lie on top
    reach = coverage.reach(actor, radius_km=radius)
    uncovered = reach.uncovered(MOST_UNCOVERED)
    located = [each.place for each in spots] + [(each.latitude or 0.0, each.longitude or 0.0) for each in uncovered]
    lines, spacing = geo.graticule(located)
    features = lines + (_rings(spots, radius) if rings else [])
    return MapPage(
        data={
            "points": [_village(each) for each in uncovered] + _points(spots),
            "areas": {"type": "FeatureCollection", "features": features},
        },
        tier=tier, rings=rings, radius=radius, radii=[(f"{each:g}", f"{each:g} km") for each in RADII],
        tiers=Facility.Tier.choices, spacing=spacing, spacing_km=round(spacing * geo.KM_PER_DEGREE, 1),
        n_points=len(spots), n_unlocated=n_unlocated, reach=reach, uncovered=uncovered,
        n_more=max(len(reach.uncovered_ids) - MOST_UNCOVERED, 0),
    )  # fmt: skip


class Spot(NamedTuple):
    """A unit on the map."""

    uuid: UUID
    name: str
    kind: str
    tier: str
    status: str
    latitude: float
    longitude: float
    division__name: str

    @property
    def place(self) -> geo.Point:
        """Where it is."""
        return self.latitude, self.longitude


def _radius(text: str) -> float:
    try:
        radius = float(text) if len(text) < 8 else coverage.RADIUS_KM
    except ValueError:
        return coverage.RADIUS_KM
    return radius if coverage.NARROWEST_KM <= radius <= coverage.WIDEST_KM else coverage.RADIUS_KM


def _points(spots: Sequence[Spot]) -> list[dict[str, Any]]:
    kinds = {value: str(label) for value, label in Facility.Kind.choices}
    states = {value: str(label) for value, label in Status.choices if value != Status.OPEN}
    nobody = UUID(int=0)
    address = reverse("network:detail", args=[nobody])
    points = []
    for each in spots:
        is_point = each.kind == Facility.Kind.SERVICE_POINT
        tone, size = ("accent", 3.0) if is_point else LOOK_OF_TIER[each.tier]
        note = " · ".join(filter(None, (kinds[each.kind], each.division__name, states.get(each.status))))
        points.append({
            "lat": each.latitude, "lng": each.longitude, "label": each.name, "note": note, "tone": tone, "size": size,
            "url": address.replace(str(nobody), str(each.uuid)),
        })  # fmt: skip
    return points


def _village(division: Division) -> dict[str, Any]:
    return {
        "lat": division.latitude, "lng": division.longitude, "label": division.name, "note": str(_("服务半径外的村")),
        "tone": "warning", "size": 6,
    }  # fmt: skip


def _rings(spots: Sequence[Spot], radius: float) -> list[dict[str, Any]]:
    seen = [each for each in spots if each.kind in coverage.IN_REACH and each.status == Status.OPEN]
    return [
        {
            "type": "Feature",
            "properties": {"label": each.name, "note": f"{radius:g} km"},
            "geometry": {"type": "Polygon", "coordinates": [geo.ring(each.place, radius)]},
        }
        for each in seen[:MOST_RINGS]
    ]


#: Shares of the page in order: key, words, what is counted.
SHARES: tuple[tuple[str, object], ...] = (
    ("owned", _("产权公有")),
    ("integrated", _("一体化管理")),
    ("insured", _("医保联网")),
    ("telemedicine", _("远程医疗接入")),
    ("tcm", _("能提供中医药服务")),
    ("tibetan", _("能提供藏医药服务")),
)


@dataclass(frozen=True)
class CoveragePage:
    """Shares of each group, titles held, titles running out, villages in reach."""

    groups: Sequence[coverage.Group]
    shares: Sequence[dict[str, Any]]
    machines: Sequence[dict[str, Any]]
    titles: Sequence[dict[str, Any]]
    expiring: Sequence[dict[str, Any]]
    area: str
    areas: Sequence[tuple[str, str]]
    n_days: int
    tiles: Sequence[dict[str, Any]]


def coverage_page(actor: Actor, asked: Mapping[str, str], *, at: datetime) -> CoveragePage:
    """Gather the figures of today."""
    today, area = clock.today(at), asked.get("area", "").replace("\x00", "")[:20]
    groups = coverage.groups(actor, on=today, area=area)
    expiring = coverage.expiring_titles(actor, on=today, until=today + timedelta(days=WARN_DAYS))[:50]
    return CoveragePage(
        groups=groups,
        shares=[{"title": title, "rates": [(group, group.rates[key]) for group in groups]} for key, title in SHARES],
        machines=[
            {"title": title, "rates": [(group, group.rates[key]) for group in groups]}
            for key, title in coverage.EQUIPMENT_KINDS
        ],
        titles=[
            {**row, "level": LEVELS.get(row["level"], row["level"]) if row["level"] else "—"}
            for row in coverage.titles(actor, on=today)
        ],
        expiring=[
            {
                "title": row,
                "expiry": expiry_of(row, today),
                "url": f"{reverse('network:detail', args=[row.facility.uuid])}?tab=titles",
            }
            for row in expiring
        ],
        area=area,
        areas=list(queries.areas(actor).values_list("code", "name")[:60]),
        n_days=WARN_DAYS,
        tiles=[
            *({"label": group.title, "n": group.n_open} for group in groups),
            {"label": _("服务点"), "n": coverage.n_service_points(actor)},
        ],
    )
