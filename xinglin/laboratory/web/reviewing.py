"""The review queue: why a result was not released by the rules, what it was before, and the release."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import actions, catalogue, checks, permissions, queries, wording
from xinglin.laboratory.checks import Reason
from xinglin.laboratory.events import Look
from xinglin.laboratory.web import pages
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


@require_GET
@signed_in
def queue(request: Request) -> HttpResponse:
    """Orders whose results wait for a person; asks for its rows again every 20 seconds."""
    request.actor.may(Permission.RESULT_RELEASE).require()
    now = clock.now()
    found = queries.review_queue(request.actor)
    lines = [pages.order_line(each, url_name="examine", at=now, with_reasons=True) for each in found]
    lines.sort(key=lambda line: (not line.has_critical, line.request.priority_rank))
    if not request.htmx:
        pages.note_list(request.actor, "review", (each.request for each in lines), at=now)
    return page(request, "laboratory/review.html", fragment="rows", lines=lines)


@require_GET
@signed_in
def examine(request: Request, uuid: UUID) -> HttpResponse:
    """One order with everything a reviewer needs."""
    found = queries.visible_order(request.actor, uuid)
    permissions.releases_at(request.actor, found.centre).require()
    return _shown(request, found)


@require_POST
@signed_in
def release(request: Request, uuid: UUID) -> HttpResponse:
    """Let the results out."""
    found, post = queries.visible_order(request.actor, uuid), request.POST

    def write() -> str:
        actions.release_results(
            request=found, confirmed=post.getlist("confirmed"), conclusion=post.get("conclusion", ""),
            remark=post.get("remark", ""), partial=post.get("op") == "partial",
            seen=post.get("seen", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("laboratory:review")

    try:
        return write_once(request, write, _("结果已发布，申请单位会收到通知。"))
    except (InvalidInput, Conflict) as error:
        permissions.releases_at(request.actor, found.centre).require()
        return _shown(request, found, error)


def _shown(request: Request, found: Any, error: DomainError | None = None) -> HttpResponse:
    now, seen = clock.now(), queries.seen_token(found)  # before the rows: what comes between is told, not lost
    audit.look(
        Look.ORDER,
        by=request.actor,
        at=now,
        subject=found.resident.uuid,
        kind="diagnostics.request",
        key=str(found.uuid),
    )
    results = queries.newest_results(found)
    specimens = list(found.specimens.select_related("shipment").order_by("pk"))
    for each in specimens:
        each.request = found
    released = queries.released_ids(found)
    fresh = [each for each in results if each.pk not in released]
    reasons = checks.reasons_for_review(found, fresh, specimens, at=now)
    # That everything was typed by hand is said once, not on every line.
    reasons = [Reason("", each.code, each.words) if each.code == "source" else each for each in reasons]
    # A conclusion about results that have changed since is not kept.
    stale = error is not None and error.code == "results-changed"
    conclusion = "" if stale else request.POST.get("conclusion", "")
    missing = [catalogue.analyte(code).title for code in queries.missing_of(found, results)]
    context: dict[str, Any] = {
        "order": found, "person": diagnostics.banner_of(request.actor, found, at=now), "error": error,
        "fields": fields_of(error), "rows": pages.result_rows(found, reasons=reasons),
        "specimens": [pages.specimen_view(each, at=now) for each in specimens], "missing": missing,
        "general": list(dict.fromkeys(each.words for each in reasons if not each.analyte)),
        "blocked": [each for each in reasons if each.code == "blocked"], "n_fresh": len(fresh),
        "critical": [
            (each.critical, diagnostics.critical_text("LAB", each.critical, ""), f"{each.text} {each.unit}")
            for each in results
            if each.critical
        ],
        "data": request.POST, "seen": seen, "conclusion": conclusion or wording.conclusion_of(found, results),
        "decision": permissions.may_release(request.actor, found), "priority": pages.priority_pill(found),
        "is_reported": found.status in {"FINAL", "AMENDED"},
        "warm": next((each.shipment for each in specimens if each.shipment and each.shipment.is_breached), None),
    }  # fmt: skip
    return page(request, "laboratory/examine.html", status=error.status if error else 200, **context)
