"""What somebody who keeps the figures looks at: the calendar of returns, how good the facts are, what was published."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from xinglin.indicators import permissions
from xinglin.indicators.engine import periods
from xinglin.indicators.events import Event
from xinglin.indicators.facts import quality
from xinglin.indicators.facts.extraction import latest_version
from xinglin.indicators.facts.layouts import Layout, layouts
from xinglin.indicators.models import FactVersion, ReturnBatch, Revision, Snapshot
from xinglin.indicators.publications import Held, held_against
from xinglin.indicators.queries import current_period, latest_extraction
from xinglin.network.api import facility_names
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.facts import tables

#: Months the calendar shows.
MONTHS = 6
MOST = 30


@dataclass(frozen=True, slots=True)
class Due:
    """One return of one month: when it is due and what came. `state`: TAKEN, LATE (taken late), WAITING, MISSING, NONE (not due)."""

    month: str
    due_on: date
    state: str
    batch: ReturnBatch | None


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of return with its months, the newest first."""

    layout: Layout
    months: list[Due]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Everything of a month."""

    month: str
    this_month: str
    months: list[str]
    calendar: list[Row]
    sent: list[ReturnBatch]
    lines: list[quality.Line]
    names: dict[int, str]
    revisions: list[Revision]
    published: list[Held]


def keeping(actor: Actor, *, month: str, at: datetime) -> Keeping:
    """:raises NotPermitted: no right to keep figures. :raises ValueError: no such month"""
    permissions.may_keep_figures(actor).require()
    audit.record(Event.RETURNS_VIEWED, by=actor, at=at, detail={"month": month})
    this = periods.parse(month)
    today = periods.parse(current_period(at))
    months = [each.text for each in today.months_back(MONTHS)][::-1]
    if month not in months:
        months = [each.text for each in this.months_back(MONTHS)][::-1]
    version = latest_version()
    lines = (
        quality.report(version.manifest, dict(tables()), month=month, folder=Path(settings.FACTS_DIR))
        if version
        else []
    )
    return Keeping(
        month, today.text, months, calendar(months, today=clock.today(at)), sent_for(month), lines,
        facility_names({each for line in lines for each in line.missing}),
        list(Revision.objects.order_by("-found_at", "-id")[:MOST]),
        held_against(Snapshot.objects.order_by("-frozen_at")[:MOST], _shown()),
    )  # fmt: skip


def _shown() -> FactVersion | None:
    extraction = latest_extraction()
    return extraction.version if extraction else None


def calendar(months: list[str], *, today: date) -> list[Row]:
    """What is due when, and what came. One query."""
    batches: dict[tuple[str, str], ReturnBatch] = {}
    for each in ReturnBatch.objects.filter(month__in=months, replaced_by__isnull=True).order_by("taken_at"):
        batches[each.kind, each.month] = each
    return [
        Row(layout, [_due(layout, month, batches.get((layout.kind, month)), today) for month in months])
        for layout in layouts()
    ]


def standing(kind: str, month: str) -> ReturnBatch | None:
    """The county's return that counts for a month."""
    return ReturnBatch.objects.filter(kind=kind, month=month, facility=None, replaced_by__isnull=True).first()


def sent_for(month: str) -> list[ReturnBatch]:
    """Every return sent for a month, also those that were replaced, the latest first."""
    return list(
        ReturnBatch.objects.filter(month=month).prefetch_related("replaces").order_by("-taken_at", "-id")[:MOST]
    )


def _due(layout: Layout, month: str, batch: ReturnBatch | None, today: date) -> Due:
    due_on = periods.parse(month).last + timedelta(days=layout.due_day)
    if batch is not None:
        return Due(month, due_on, "LATE" if clock.today(batch.taken_at) > due_on else "TAKEN", batch)
    if int(month[-2:]) not in layout.months:
        return Due(month, due_on, "NONE", None)
    return Due(month, due_on, "MISSING" if today > due_on else "WAITING", None)
