"""A resident's own results: the newest first, in words, with the trend of each item."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.laboratory import catalogue, queries, wording
from xinglin.laboratory.events import Look
from xinglin.laboratory.web import pages, reports
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotVisible
from xinglin.residents import api as residents
from xinglin.web.answers import page
from xinglin.web.formats import listed_text
from xinglin.web.request import Request


@require_GET
@signed_in
def mine(request: Request) -> HttpResponse:
    """The reports of the person himself."""
    person, now = residents.own_resident(request.actor), clock.now()
    ids = residents.ids_of_person(person)
    found = queries.orders_of_resident(ids, cursor=request.GET.get("cursor", ""))
    audit.look(
        Look.REPORT, by=request.actor, at=now, subject=person.uuid, kind="residents.resident", key=str(person.uuid)
    )
    context: dict[str, Any] = {
        "orders": [
            (each, listed_text(catalogue.panel_titles([one["code"] for one in each.items], on=clock.today(each.requested_at))))
            for each in found.rows
        ],
        "next_cursor": found.next_cursor,
        "analytes": [
            (catalogue.analyte(code), reverse("laboratory:own_trend", args=[code]))
            for code in queries.measured_of(ids)
            if not catalogue.analyte(code).is_text
        ],
    }  # fmt: skip
    return page(request, "laboratory/mine.html", **context)


@require_GET
@signed_in
def one(request: Request, uuid: UUID) -> HttpResponse:
    """One of them."""
    person, now = residents.own_resident(request.actor), clock.now()
    found = queries.order_of_resident(residents.ids_of_person(person), uuid)
    audit.look(Look.REPORT, by=request.actor, at=now, subject=person.uuid, kind="diagnostics.request", key=str(uuid))
    rows = [each for each in pages.result_rows(found, only_released=True) if each.result is not None]
    report = found.reports.order_by("-version").first()
    context = {"order": found, "rows": rows, "report": report, "abnormal": [each for each in rows if each.arrow]}
    context["undone"] = wording.undone(found)
    context["critical"] = [each for each in rows if each.result is not None and each.result.critical]
    return page(request, "laboratory/own_report.html", **context)


@require_GET
@signed_in
def trend(request: Request, analyte: str) -> HttpResponse:
    """One item over time."""
    person, now = residents.own_resident(request.actor), clock.now()
    results = queries.trend(residents.ids_of_person(person), analyte)
    if not results:
        raise NotVisible("laboratory.trend", analyte[:20])
    audit.look(Look.TREND, by=request.actor, at=now, subject=person.uuid, kind="laboratory.result", key=analyte[:20])
    return page(
        request, "laboratory/trend.html", person=None,
        **reports.trend_context(analyte, results, back=reverse("laboratory:mine")),
    )  # fmt: skip
