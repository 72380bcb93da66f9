"""FHIR R4 of figures: definitions as Measure, figures as MeasureReport, from published or kept figures."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from xinglin.indicators import api as indicators
from xinglin.indicators.api import NO_DATA, Indicator, Period
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.submissions import permissions
from xinglin.submissions.drawing import figures_at
from xinglin.submissions.events import Event
from xinglin.submissions.formats import fhir
from xinglin.web.api import ERRORS
from xinglin.web.fhir import ANSWERED

router = Router()
Word = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]


@router.get("/fhir/Measure", response=ERRORS, operation_id="search_fhir_measures", openapi_extra=ANSWERED)
def measures(request: HttpRequest, group: Word = "") -> HttpResponse:
    """The library of definitions as a Bundle; `group`: one group of the board."""
    by = _actor(request)
    permissions.may_read_figures(by).require()
    audit.record(Event.EXCHANGED, by=by, at=clock.now(), detail={"of": "measures"})
    chosen = [each for each in indicators.indicators() if group in ("", each.content.get("group"))]
    return _answer(fhir.bundle("searchset", (fhir.measure_of(each) for each in chosen)))


@router.get("/fhir/Measure/{slug}", response=ERRORS, operation_id="read_fhir_measure", openapi_extra=ANSWERED)
def measure(request: HttpRequest, slug: Word) -> HttpResponse:
    """One definition."""
    by = _actor(request)
    permissions.may_read_figures(by).require()
    audit.record(Event.EXCHANGED, by=by, at=clock.now(), detail={"of": "measures"})
    return _answer(fhir.measure_of(indicators.indicator_of(slug)))


@router.get("/fhir/MeasureReport", response=ERRORS, operation_id="search_fhir_measure_reports", openapi_extra=ANSWERED)
def reports(
    request: HttpRequest, measure: Word, period: Word, level: Word = "county", snapshot: UUID | None = None
) -> HttpResponse:
    """Figures of a measure (slugs parted by commas) in a period at every unit of a level the caller may see. `snapshot`: as
    they were published; without it, from the latest facts. Small cells are masked.
    """
    by, now = _actor(request), clock.now()
    permissions.may_read_figures(by).require()
    if level not in indicators.LEVELS:
        raise wrong("level", _("没有这个层级。"))
    chosen, wanted = [indicators.indicator_of(each) for each in measure.split(",")], indicators.period_of(period)
    made_at = indicators.frozen_figures_of(snapshot).frozen_at if snapshot else now
    found = fhir.bundle("searchset", _reports(by, chosen, wanted, level, snapshot, now, made_at))
    audit.record(Event.EXCHANGED, by=by, at=now, detail={"period": wanted.text, "level": level, "n": found["total"]})
    return _answer(found)


def _reports(
    by: Actor,
    chosen: list[Indicator],
    period: Period,
    level: str,
    snapshot: UUID | None,
    now: datetime,
    made_at: datetime,
) -> list[fhir.Resource]:
    if snapshot and indicators.frozen_figures_of(snapshot).period != period.text:
        raise wrong("snapshot", _("这次发布不是本统计期的。"))
    version = indicators.frozen_version(snapshot) if snapshot else None
    then = indicators.as_published(snapshot, chosen) if snapshot else {}
    figures = figures_at(level, period.text, {each.slug for each in chosen}, snapshot, now)
    # Who hands in the county's figures reads them all.
    seen = None if permissions.may_keep(by) else indicators.visible_units(by, level, period.text)
    units = [
        each for each in indicators.units_of(level, period.text, version=version) if seen is None or each.key in seen
    ]
    indicators.demand_publishable(chosen, period.text, [level], version=version)
    today: date = clock.today(now)
    return [
        fhir.report_of(
            then.get(each.slug, each),
            period,
            unit,
            values.get(unit.key, NO_DATA),
            made_at=made_at,
            is_over=period.is_over(today),
        )
        for each in chosen
        for values in [
            indicators.publishable(each, period.text, level, figures.get(each.slug, {}), version=version, at=now)
        ]
        for unit in units
    ]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _answer(resource: fhir.Resource) -> HttpResponse:
    response = HttpResponse(orjson.dumps(resource), content_type=f"{fhir.MEDIA}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
