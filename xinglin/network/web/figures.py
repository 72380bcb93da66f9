"""What the map and the coverage page show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
LOOK_OF_TIER = {"COUNTY": ("critical", 10), "TOWNSHIP": ("info", 7), "VILLAGE": ("primary", 4.5)}
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
    """Gather the map."""
    tier = asked.get("tier", "") if asked.get("tier") in LOOK_OF_TIER else ""
    radius = _radius(asked.get("radius", ""))
    rings = asked.get("rings") == "1"
    alive = queries.facilities_visible_to(actor).exclude(status__in=FINAL)
    if tier:
        alive = alive.filter(tier=tier)
    n_unlocated = alive.filter(latitude__isnull=True).count()
    shown = list(alive.filter(latitude__isnull=False).select_related("division").order_by("-tier", "id")[:MOST_POINTS])
    shown.sort(key=lambda each: ("VILLAGE", "TOWNSHIP", "COUNTY").index(each.tier))  # larger ones lie on top
    reach = coverage.reach(actor, radius_km=radius)
    located: list[geo.Point] = [(each.latitude or 0.0, each.longitude or 0.0) for each in shown]
    villages: list[geo.Point] = [(each.latitude or 0.0, each.longitude or 0.0) for each in reach.uncovered]
    lines, spacing = geo.graticule([*located, *villages])
    features = lines + (_rings(shown, radius) if rings else [])
    points = [_village(each) for each in reach.uncovered[:MOST_UNCOVERED]] + [_point(each) for each in shown]
    return MapPage(
        data={"points": points, "areas": {"type": "FeatureCollection", "features": features}},
        tier=tier, rings=rings, radius=radius, radii=[(f"{each:g}", f"{each:g} km") for each in RADII],
        tiers=Facility.Tier.choices, spacing=spacing, spacing_km=round(spacing * geo.KM_PER_DEGREE, 1),
        n_points=len(shown), n_unlocated=n_unlocated, reach=reach, uncovered=reach.uncovered[:MOST_UNCOVERED],
        n_more=max(len(reach.uncovered) - MOST_UNCOVERED, 0),
    )  # fmt: skip


def _radius(text: str) -> float:
    try:
        radius = float(text) if len(text) < 8 else coverage.RADIUS_KM
    except ValueError:
        return coverage.RADIUS_KM
    return radius if coverage.NARROWEST_KM <= radius <= coverage.WIDEST_KM else coverage.RADIUS_KM


def _point(facility: Facility) -> dict[str, Any]:
    tone, size = LOOK_OF_TIER[facility.tier]
    note = f"{facility.get_kind_display()} · {facility.division.name}"
    if facility.kind == Facility.Kind.SERVICE_POINT:
        tone, size = "accent", 3
    if facility.status != Status.OPEN:
        note = f"{note} · {facility.get_status_display()}"
    return {
        "lat": facility.latitude, "lng": facility.longitude, "label": facility.name, "note": note,
        "url": reverse("network:detail", args=[facility.uuid]), "tone": tone, "size": size,
    }  # fmt: skip


def _village(division: Division) -> dict[str, Any]:
    return {
        "lat": division.latitude, "lng": division.longitude, "label": division.name, "note": str(_("服务半径外的村")),
        "tone": "warning", "size": 6,
    }  # fmt: skip


def _rings(shown: Sequence[Facility], radius: float) -> list[dict[str, Any]]:
    seen = [each for each in shown if each.kind in coverage.IN_REACH and each.status == Status.OPEN]
    return [
        {
            "type": "Feature",
            "properties": {"label": each.name, "note": f"{radius:g} km"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [geo.ring((each.latitude or 0.0, each.longitude or 0.0), radius)],
            },
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
    reach: coverage.Reach
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
        reach=coverage.reach(actor),
        area=area,
        areas=list(queries.areas(actor).values_list("code", "name")[:60]),
        n_days=WARN_DAYS,
        tiles=[
            *({"label": group.title, "n": group.n_open} for group in groups),
            {"label": _("服务点"), "n": coverage.n_service_points(actor)},
        ],
    )
