"""One order: where its specimens are, its results, the report, and what prints."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, charts, documents, permissions, queries, wording
from xinglin.laboratory.events import Look
from xinglin.laboratory.web import pages
from xinglin.platform import audit, clock
from xinglin.residents import api as residents
from xinglin.web.answers import page
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request


@require_GET
@signed_in
def order(request: Request, uuid: UUID) -> HttpResponse:
    """The order as its sender, its centre, and who treats the person see it."""
    now, actor = clock.now(), request.actor
    found = queries.visible_order(actor, uuid)
    audit.look(Look.ORDER, by=actor, at=now, subject=found.resident.uuid, kind="diagnostics.request", key=str(uuid))
    specimens = list(found.specimens.select_related("shipment", "from_facility").order_by("pk"))
    for each in specimens:
        each.request = found
    reports = list(found.reports.select_related("release").order_by("-version"))
    works = permissions.works_at(actor, found.centre)
    day = clock.today(found.requested_at)
    context: dict[str, Any] = {
        "order": found, "person": diagnostics.banner_of(actor, found, at=now),
        "pill": diagnostics.status_pill(found), "priority": pages.priority_pill(found),
        "steps": pages.steps_of(found, specimens),
        "specimens": [pages.specimen_view(each, at=now) for each in specimens],
        "trail": [
            (each, list(each.specimen.status_changes.all()))
            for each in (pages.specimen_view(one, at=now) for one in specimens)
        ],
        "rows": pages.result_rows(found, only_released=True) if reports else [], "reports": reports,
        "latest": reports[0] if reports else None,
        "conclusion": wording.in_words(reports[0].conclusion) if reports else "",
        "collects": permissions.collects_at(actor, found.from_facility_id),
        "to_collect": [each for each in specimens if permissions.may_collect(actor, each)],
        "works": works, "may_enter": permissions.may_enter(actor, found),
        "may_release": permissions.may_release(actor, found) if works else works,
        "cancel": diagnostics.may_cancel(actor, found), "repeat_url": _repeat_url(request, found),
        "criticals": [
            (each, diagnostics.critical_text("LAB", each.code, each.text),
             reverse("diagnostics:critical", args=[each.uuid]))
            for each in diagnostics.criticals_visible_to(actor).filter(request=found).order_by("-notified_at", "-id")
        ],
        "panels": catalogue.panel_titles([each["code"] for each in found.items], on=day),
        "prepare": _prepare(found, day), "refusal": found.status_changes.filter(became="REJECTED").last(),
    }  # fmt: skip
    return page(request, "laboratory/order.html", **context)


def _prepare(found: Any, day: Any) -> list[str]:
    known = catalogue.panels(on=day)
    return list(dict.fromkeys(known[each["code"]].preparation for each in found.items if each["code"] in known))


def _repeat_url(request: Request, found: Any) -> str:
    if found.status != "REJECTED" or not request.actor.may(Permission.REQUEST_PLACE, at=found.from_facility_id):
        return ""
    if found.visit is not None:
        return f"{reverse('laboratory:order_visit', args=[found.visit.uuid])}?repeats={found.uuid}"
    return f"{reverse('laboratory:order_resident', args=[found.resident.uuid])}?repeats={found.uuid}"


@require_GET
@signed_in
def labels(request: Request, uuid: UUID) -> HttpResponse:
    """The labels of an order, one on each page of the printer's size."""
    found, content = documents.labels_pdf(request.actor, uuid, at=clock.now())
    return pdf_response(content, f"{found.number}-labels")


@require_GET
@signed_in
def report_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The report for printing."""
    found = queries.visible_order(request.actor, uuid)
    content = documents.report_pdf(request.actor, found, at=clock.now())
    return pdf_response(content, found.number)


@require_GET
@signed_in
def trend(request: Request, uuid: UUID, analyte: str) -> HttpResponse:
    """The person's released results of one item, whoever sees this order of his."""
    now, actor = clock.now(), request.actor
    found = queries.visible_order(actor, uuid)
    audit.look(
        Look.TREND, by=actor, at=now, subject=found.resident.uuid, kind="diagnostics.request", key=str(uuid),
        analyte=analyte[:20],
    )  # fmt: skip
    results = queries.trend(residents.ids_of_person(found.resident), analyte)
    back = reverse("laboratory:order", args=[uuid])
    return page(
        request, "laboratory/trend.html", person=diagnostics.banner_of(actor, found, at=now),
        **trend_context(analyte, results, back=back),
    )  # fmt: skip


def trend_context(code: str, results: list[Any], *, back: str) -> dict[str, Any]:
    """The chart of an item and its figures, newest first."""
    analyte = catalogue.analyte(code)
    return {
        "analyte": analyte, "back": back, "option": charts.trend_option(analyte, results), "results": [
            (each, wording.arrow(each.flag), wording.range_text(each.low, each.high, known=each.range_known))
            for each in reversed(results)
        ],
    }  # fmt: skip
