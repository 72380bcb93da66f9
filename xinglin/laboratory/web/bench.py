"""The bench: specimens are received or refused, orders worked through, results entered."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import actions, permissions, queries
from xinglin.laboratory.data import Measured
from xinglin.laboratory.events import Look
from xinglin.laboratory.web import pages
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request

PREFIX = "value-"


@require_GET
@signed_in
def receive(request: Request) -> HttpResponse:
    """What comes, and the specimen that was just scanned beside its order."""
    request.actor.may(Permission.LABORATORY_WORK).require()
    return _shown(request, request.GET.get("barcode", ""))


def _shown(request: Request, barcode: str, error: DomainError | None = None) -> HttpResponse:
    now, scanned, missing = clock.now(), None, ""
    if barcode.strip():
        try:
            scanned = queries.visible_specimen(request.actor, barcode)
        except NotVisible:
            missing = barcode.strip()[:24]
    if scanned is not None:
        audit.look(
            Look.ORDER, by=request.actor, at=now, subject=scanned.request.resident.uuid, kind="laboratory.specimen",
            key=str(scanned.uuid),
        )  # fmt: skip
    rows = [pages.specimen_view(each, at=now) for each in queries.coming(request.actor)]
    pages.note_list(request.actor, "receive", (each.specimen.request for each in rows), at=now)
    context: dict[str, Any] = {
        "rows": rows, "boxes": queries.boxes_coming(request.actor), "missing": missing, "error": error,
        "scanned": pages.specimen_view(scanned, at=now) if scanned else None,
        "decision": permissions.may_receive(request.actor, scanned) if scanned else None,
        "reasons": pages.refusal_choices(), "fields": fields_of(error), "data": request.POST,
    }  # fmt: skip
    status = error.status if error else 200
    return page(request, "laboratory/receive.html", status=status, **context)


@require_POST
@signed_in
def take_in(request: Request, barcode: str) -> HttpResponse:
    """Receive one specimen."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.receive_specimen(specimen=found, by=request.actor, at=clock.now())
        return reverse("laboratory:receive")

    return write_once(request, write, _("标本 %(barcode)s 已核收。") % {"barcode": barcode[:24]})


@require_POST
@signed_in
def refuse(request: Request, barcode: str) -> HttpResponse:
    """Refuse one, with its reason."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.refuse_specimen(
            specimen=found, reason=request.POST.get("reason", ""), remark=request.POST.get("remark", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("laboratory:receive")

    return write_once(
        request, write, _("标本已拒收，申请单位会收到通知。"), again=lambda error: _shown(request, barcode, error)
    )


@require_GET
@signed_in
def bench(request: Request) -> HttpResponse:
    """Orders in work, the most urgent first; asks for its rows again every 20 seconds."""
    request.actor.may(Permission.LABORATORY_WORK).require()
    now = clock.now()
    lines = [pages.order_line(each, url_name="enter", at=now) for each in queries.bench(request.actor)]
    if not request.htmx:
        pages.note_list(request.actor, "bench", (each.request for each in lines), at=now)
    return page(request, "laboratory/bench.html", fragment="rows", lines=lines)


@require_http_methods(["GET", "POST"])
@signed_in
def enter(request: Request, uuid: UUID) -> HttpResponse:
    """The table in which results are typed."""
    found = queries.visible_order(request.actor, uuid)
    permissions.works_at(request.actor, found.centre).require()
    if request.method == "GET":
        return _table(request, found)
    typed = {
        name.removeprefix(PREFIX): str(value).strip()
        for name, value in request.POST.items()
        if name.startswith(PREFIX) and str(value).strip()
    }

    def write() -> str:
        actions.enter_results(
            request=found, measured=[Measured(code, value) for code, value in typed.items()],
            reason=request.POST.get("reason", ""), seen=request.POST.get("seen", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("laboratory:bench")

    return write_once(
        request, write, _("结果已登记。"), again=lambda error: _table(request, found, typed=typed, error=error)
    )


def _table(
    request: Request, found: Any, *, typed: dict[str, str] | None = None, error: DomainError | None = None
) -> HttpResponse:
    now, seen = clock.now(), queries.seen_token(found)  # before the rows: what comes between is told, not lost
    audit.look(
        Look.ORDER,
        by=request.actor,
        at=now,
        subject=found.resident.uuid,
        kind="diagnostics.request",
        key=str(found.uuid),
    )
    fields = dict(fields_of(error))
    if error is not None and error.code == "results-changed":
        typed, fields = _against_new(found, request.POST.get("seen", ""), typed or {})
    specimens = list(found.specimens.select_related("shipment").order_by("pk"))
    for each in specimens:
        each.request = found
    context: dict[str, Any] = {
        "order": found, "person": diagnostics.banner_of(request.actor, found, at=now), "error": error,
        "rows": pages.result_rows(found, typed=typed, errors=fields), "fields": fields,
        "priority": pages.priority_pill(found),
        "specimens": [pages.specimen_view(each, at=now) for each in specimens], "prefix": PREFIX,
        "decision": permissions.may_enter(request.actor, found), "reason": request.POST.get("reason", ""),
        "seen": seen,
        "may_release": permissions.may_release(request.actor, found),
        "is_reported": found.status in {"FINAL", "AMENDED"}, "asks_reason": "reason" in fields,
    }  # fmt: skip
    return page(request, "laboratory/enter.html", status=error.status if error else 200, **context)


def _against_new(found: Any, seen: str, typed: dict[str, str]) -> tuple[dict[str, str], dict[str, object]]:
    """What somebody typed himself on a page that is no longer true, and beside it what is kept by now."""
    before = queries.texts_at(found, seen)
    own = {code: value for code, value in typed.items() if value != before.get(code)}
    told: dict[str, object] = {
        each.analyte: _("现在登记的是 %(value)s（%(who)s）") % {"value": each.text, "who": each.entered_by_name}
        for each in queries.newest_results(found)
        if own.get(each.analyte, each.text) != each.text
    }
    return own, told
