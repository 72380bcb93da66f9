"""Where residents are treated: small illness in the township, serious illness in the county (小病不出乡、大病不出县).

Outpatient care in the county is what the platform recorded; inpatient care, and all care outside of the county, is what the
fund settled. What no return told is no data, not 0.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.definitions.language import Span
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.source import Source, facts_of
from xinglin.indicators.engine.suppression import suppressed
from xinglin.indicators.engine.values import Value, Why
from xinglin.indicators.events import Event
from xinglin.indicators.models import FactVersion, Flow
from xinglin.indicators.queries import latest_extraction, period_of
from xinglin.indicators.units import unit_names, units_of
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput

KINDS = ("OUTPATIENT", "INPATIENT")
OWN_CLINIC, OWN_HOSPITAL, ELSEWHERE, COUNTY, OUTSIDE = "V", "T", "O", "C", "X"
#: County units shown by name; the others together.
NAMED = 6
#: Where people live of whom nobody knows the township.
NOWHERE = ""
Cells = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Origin:
    """People of one township: how many were treated where. A cell of few people has no number, and says why."""

    key: str
    name: str
    total: int
    cells: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Flows:
    """Who is treated where, as the reader may see it. `destinations`: key and name; `missing`: tables that hold nothing."""

    period: Period
    kind: str
    is_whole_county: bool
    origins: list[Origin]
    destinations: list[tuple[str, str]]
    missing: list[str]
    extracted_at: datetime | None


def flows_for(actor: Actor, *, period: str, kind: str, at: datetime) -> Flows:
    """Who is treated where. :raises NotPermitted: no right to the board. :raises InvalidInput: no such period or kind"""
    permissions.may_view_board(actor).require()
    wanted = period_of(period)
    if kind not in KINDS:
        raise InvalidInput(_("就诊类别是门诊或住院。"), fields={"kind": kind[:20]})
    audit.record(Event.FLOW_VIEWED, by=actor, at=at, detail={"period": wanted.text, "kind": kind})
    extraction = latest_extraction()
    places = permissions.board_places(actor)
    if extraction is None or extraction.version is None:
        return Flows(wanted, kind, places is None, [], [], [], None)
    version = extraction.version
    row = kept_flow(version, wanted, kind, at=at)
    townships = units_of(version, "township", min(kept.reference(version), wanted.last))
    summed = _summed(row.cells, townships, places)
    names = unit_names("township", [each for each in summed if each])
    origins = [
        Origin(key, names.get(key, key) if key else str(_("居住地未定")), sum(cells.values()), _told(cells))
        for key, cells in sorted(summed.items(), key=lambda each: (not each[0], -sum(each[1].values())))
    ]
    return Flows(
        wanted, kind, places is None, origins, _destinations(summed), list(row.missing), extraction.finished_at
    )


def _summed(cells: Cells, townships: dict[int, str], places: Collection[int] | None) -> Cells:
    """By township of residence; of a reader of some places, the people those places manage. Small county units together."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for home, destinations in cells.items():
        if places is not None and (not home or int(home) not in places):
            continue
        origin = townships.get(int(home), NOWHERE) if home else NOWHERE
        for destination, n in destinations.items():
            found[origin][destination] += n
    county: dict[str, int] = defaultdict(int)
    for row in found.values():
        for destination, n in row.items():
            if destination.startswith(COUNTY):
                county[destination] += n
    shown = set(sorted(county, key=lambda each: (-county[each], each))[:NAMED])
    return {origin: _together(row, shown) for origin, row in found.items()}


def _together(row: dict[str, int], shown: set[str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for destination, n in row.items():
        found[COUNTY if destination.startswith(COUNTY) and destination not in shown else destination] += n
    return dict(found)


def _told(cells: dict[str, int]) -> dict[str, Value]:
    """Cells as they may be shown: those of a few people are left out, and one more where the total would give it away."""
    values = {key: Value(float(n), float(n), None, {}, Why.KNOWN) for key, n in cells.items()}
    return suppressed(values, base="residents")


def _destinations(summed: Cells) -> list[tuple[str, str]]:
    """Destinations from the nearest to the farthest."""
    found = {each for row in summed.values() for each in row}
    county = sorted(each for each in found if each.startswith(COUNTY) and each != COUNTY)
    names = unit_names("facility", [each[1:] for each in county])
    words = {
        OWN_CLINIC: _("本乡镇村级机构"), OWN_HOSPITAL: _("本乡镇卫生院"), ELSEWHERE: _("其他乡镇"), COUNTY: _("其他县级机构"),
        OUTSIDE: _("县外"),
    }  # fmt: skip
    order = [OWN_CLINIC, OWN_HOSPITAL, ELSEWHERE, *county, COUNTY, OUTSIDE]
    return [(each, names.get(each[1:], "") or str(words.get(each, each))) for each in order if each in found]


def kept_flow(version: FactVersion, period: Period, kind: str, *, at: datetime) -> Flow:
    """The flow of a period, computed where it is not kept."""
    found = Flow.objects.filter(version=version, period=period.text, kind=kind).first()
    if found is not None:
        return found
    cells, missing = computed(version, period, kind)
    row = Flow(version=version, period=period.text, kind=kind, cells=cells, missing=missing, computed_at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # somebody else computed the same
        return Flow.objects.get(version=version, period=period.text, kind=kind)
    return row


def computed(version: FactVersion, period: Period, kind: str) -> tuple[Cells, list[str]]:
    """Cells from the files, and the tables that hold nothing."""
    townships = units_of(version, "township", min(kept.reference(version), period.last))
    cells: Cells = defaultdict(lambda: defaultdict(int))  # type: ignore[arg-type]
    missing = []
    with facts_of(version) as source:
        if kind == "OUTPATIENT" and not _count_visits(source, period, townships, cells):
            missing.append("visits")
        if not _count_settlements(source, period, kind, townships, cells):
            missing.append("settlements")
    return {home: dict(row) for home, row in cells.items()}, missing


def _count_visits(source: Source, period: Period, townships: dict[int, str], cells: Cells) -> bool:
    table = source.open("visits", Span.PERIOD, period)
    if table is None:
        return False
    for row in _grouped(table.filter(table.status != "VOIDED")):
        cells[_home(row)][_destination(row, townships)] += row["n"]
    return True


def _count_settlements(source: Source, period: Period, kind: str, townships: dict[int, str], cells: Cells) -> bool:
    """Stays wherever they were; of outpatient care only what was outside, as the rest is in the visits."""
    table = source.open("settlements", Span.PERIOD, period)
    if table is None:
        return False
    table = table.filter((table.kind == kind) & table.place.isin(["IN_COUNTY", "OUTSIDE"]))
    for row in _grouped(table.filter(table.place == "OUTSIDE")):
        cells[_home(row)][OUTSIDE] += row["n"]
    if kind == "INPATIENT":
        for row in _grouped(table.filter(table.place == "IN_COUNTY")):
            cells[_home(row)][_destination(row, townships)] += row["n"]
    return True


def _grouped(table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        table.group_by(["home", "facility", "tier"]).aggregate(n=ibis._.count()).to_pyarrow().to_pylist()
    )
    return rows


def _home(row: dict[str, Any]) -> str:
    return "" if row["home"] is None else str(row["home"])


def _destination(row: dict[str, Any], townships: dict[int, str]) -> str:
    facility = row["facility"]
    if row["tier"] == "COUNTY":
        return f"{COUNTY}{facility}" if facility is not None else COUNTY
    own = townships.get(row["home"] or 0, "")
    if not own or townships.get(facility or 0) != own:
        return ELSEWHERE
    return OWN_CLINIC if row["tier"] == "VILLAGE" else OWN_HOSPITAL
