"""Who is treated where, counted: by where people are managed, where they were treated, and chapter of the diagnosis.

Outpatient care in the county is what the platform recorded; inpatient care, and all care outside of the county, is what the
fund settled. What no return told is no data, not 0.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from django.db import transaction

from xinglin.indicators.chapters import chapter_column
from xinglin.indicators.definitions.language import Span
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.duck import rows_of
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.source import Source, facts_of
from xinglin.indicators.models import FactVersion, Flow
from xinglin.indicators.units import units_of

KINDS = ("OUTPATIENT", "INPATIENT")
#: Destinations by level of care, from the nearest to the farthest.
OWN_CLINIC, OWN_HOSPITAL, ELSEWHERE, COUNTY, OUTSIDE = DESTINATIONS = ("V", "T", "O", "C", "X")
#: Where people live of whom nobody knows the unit.
NOWHERE = ""
#: Tables a kind of care is counted from.
TABLES = {"OUTPATIENT": ("visits", "settlements"), "INPATIENT": ("settlements",)}
_TIERS = {"COUNTY": COUNTY, "VILLAGE": OWN_CLINIC}
Cells = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Geography:
    """Where facilities lie, as of the day of the facts: facility → township, and facility → what it has become."""

    townships: Mapping[int, str]
    now: Mapping[int, str]

    @classmethod
    def of(cls, version: FactVersion) -> "Geography":
        """Of a version."""
        on = kept.reference(version)
        return cls(units_of(version, "township", on), units_of(version, "facility", on))

    def township(self, home: str) -> str:
        """The township somebody is managed in; `NOWHERE` where nobody knows."""
        return self.townships.get(int(home), NOWHERE) if home else NOWHERE

    def destination(self, home: str, place: str) -> tuple[str, str]:
        """Level of care seen from home, and the facility (empty outside, or where nobody knows it)."""
        tier, facility = place[:1], place[1:]
        if tier in {COUNTY, OUTSIDE}:
            return tier, self.now.get(int(facility), facility) if facility else ""
        own = self.township(home)
        there = self.townships.get(int(facility), "") if facility else ""
        return tier if own and own == there else ELSEWHERE, self.now.get(int(facility), facility) if facility else ""


def kept_flows(version: FactVersion, periods: Iterable[Period], kind: str, *, at: datetime) -> None:
    """Have the flows of some periods kept, each computed once."""
    for period in periods:
        kept_flow(version, period, kind, at=at)


def kept_flow(version: FactVersion, period: Period, kind: str, *, chapter: str = "", at: datetime) -> Flow:
    """The flow of a period, computed where it is not kept. One query where it is."""
    rows = {
        each.chapter: each
        for each in Flow.objects.filter(version=version, period=period.text, kind=kind, chapter__in={"", chapter})
    }
    if "" not in rows:
        _keep(version, period, kind, at=at)
        return kept_flow(version, period, kind, chapter=chapter, at=at)
    whole = rows[""]
    nobody = Flow(version=version, period=period.text, kind=kind, chapter=chapter, missing=whole.missing)
    return rows.get(chapter, nobody)


@transaction.atomic
def _keep(version: FactVersion, period: Period, kind: str, *, at: datetime) -> None:
    with facts_of(version) as source:
        found, missing = counted(source, period, kind)
    rows = [
        Flow(
            version=version,
            period=period.text,
            kind=kind,
            chapter=chapter,
            cells=cells,
            missing=missing,
            computed_at=at,
        )
        for chapter, cells in {"": together(found.values()), **found}.items()
    ]
    Flow.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else may have computed the same


def together(parts: Iterable[Cells]) -> Cells:
    """Cells of several chapters as one."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cells in parts:
        for home, places in cells.items():
            for place, n in places.items():
                found[home][place] += n
    return {home: dict(places) for home, places in found.items()}


def counted(source: Source, period: Period, kind: str) -> tuple[dict[str, Cells], list[str]]:
    """Cells by chapter from the facts, and the tables that hold nothing, or not all that was due."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    missing = []
    for name in TABLES[kind]:
        table = source.open(name, Span.PERIOD, period)
        if table is None or source.lacking(name, period):
            missing.append(name)
            continue
        chosen = table.filter(table.status != "VOIDED") if name == "visits" else _settled(table, kind)
        for row in rows_of(source.ask(_grouped(chosen, is_here=name == "visits"))()):
            home = "" if row["home"] is None else str(row["home"])
            found[row["chapter"]][home][_place(row)] += row["n"]
    return {chapter: {home: dict(row) for home, row in cells.items()} for chapter, cells in found.items()}, missing


def _settled(table: Any, kind: str) -> Any:
    """Stays wherever they were; of outpatient care only what was outside, as the rest is in the visits."""
    places = ["OUTSIDE"] if kind == "OUTPATIENT" else ["IN_COUNTY", "OUTSIDE"]
    return table.filter((table.kind == kind) & table.place.isin(places))


def _grouped(table: Any, *, is_here: bool) -> Any:
    found = table.select(
        "home", "facility", "tier", is_out=ibis.literal(False) if is_here else table.place == "OUTSIDE",
        chapter=chapter_column(table.diagnosis),
    )  # fmt: skip
    return found.group_by(["home", "facility", "tier", "is_out", "chapter"]).aggregate(n=found.count())


def _place(row: Mapping[str, Any]) -> str:
    if row["is_out"]:
        return OUTSIDE
    facility = "" if row["facility"] is None else str(row["facility"])
    return f"{_TIERS.get(row['tier'], OWN_HOSPITAL)}{facility}"


def months_of_year(version: FactVersion, period: Period) -> list[Period]:
    """The months of a period's year, up to the one of the facts: what is told of a year is decided from them."""
    last, year = kept.reference(version), period.first.year
    n_months = 12 if last.year > year else last.month if last.year == year else 0
    return [parse(f"{year}-{month:02}") for month in range(1, n_months + 1)]


def stored(version: FactVersion, months: Sequence[Period], kind: str, chapters: Collection[str] | None) -> list[Flow]:
    """What is kept of some months: of some chapters, or of each but all together. One query."""
    rows = Flow.objects.filter(version=version, kind=kind, period__in=[each.text for each in months])
    return list(rows.exclude(chapter="") if chapters is None else rows.filter(chapter__in=chapters))
