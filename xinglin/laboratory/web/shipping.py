"""Hand-over: a box is packed by scanning, given to the courier with its temperature, and watched until it arrives."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.laboratory import actions, documents, permissions, queries, values
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.web import pages
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request


@require_http_methods(["GET", "POST"])
@signed_in
def hand_over(request: Request) -> HttpResponse:
    """What lies ready, and the form that gives it to a courier."""
    request.actor.may(Permission.SPECIMEN_COLLECT).require()
    if request.method == "GET":
        return _shown(request)
    try:
        return write_once(request, lambda: _send(request), _("已交接，请打印交接单随箱送出。"))
    except (InvalidInput, Conflict, NotVisible) as error:
        return _shown(request, error=error)


def _send(request: Request) -> str:
    post = request.POST
    barcodes = [*post.getlist("barcodes"), *post.get("more", "").split()]
    specimens: list[Specimen] = [
        queries.visible_specimen(request.actor, each) for each in dict.fromkeys(barcodes) if each.strip()
    ]
    sent = actions.hand_over(
        specimens=specimens, courier_name=post.get("courier_name", ""), celsius=celsius_in(post.get("celsius", "")),
        box=post.get("box", ""), by=request.actor, at=clock.now(),
    )  # fmt: skip
    return reverse("laboratory:shipment", args=[sent.uuid])


def celsius_in(text: str) -> Decimal:
    """A temperature as typed. :raises InvalidInput: it is none"""
    try:
        return Decimal(values.plain_number(text).replace(",", ".").removesuffix("°C"))
    except InvalidOperation as error:
        told = _("请填写温度，例如 4.5。")
        raise InvalidInput(told, fields={"celsius": told}) from error


def _shown(request: Request, *, error: DomainError | None = None) -> HttpResponse:
    now = clock.now()
    rows = [pages.specimen_view(each, at=now) for each in queries.to_hand_over(request.actor)]
    boxes = queries.shipments(request.actor, cursor=request.GET.get("cursor", ""))
    chosen = request.POST.getlist("barcodes") if error else [each.specimen.barcode for each in rows]
    pages.note_list(request.actor, "hand-over", (each.specimen.request for each in rows), at=now)
    context: dict[str, Any] = {
        "rows": rows, "boxes": boxes, "chosen": chosen, "error": error, "data": request.POST,
        "fields": fields_of(error),
    }  # fmt: skip
    return page(request, "laboratory/hand_over.html", status=error.status if error else 200, **context)


@require_GET
@signed_in
def shipment(request: Request, uuid: UUID) -> HttpResponse:
    """One box: what is inside, who had it, how warm it was."""
    return _box(request, uuid)


def _box(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    now = clock.now()
    found = queries.visible_shipment(request.actor, uuid)
    specimens = found.specimens.select_related("request__resident", "request__centre", "shipment").order_by("pk")
    rows = [pages.specimen_view(each, at=now) for each in specimens]
    inside = (each.specimen.request for each in rows)
    pages.note_list(request.actor, "shipment", inside, at=now, kind="laboratory.shipment", key=str(uuid))
    context: dict[str, Any] = {
        "box": found, "rows": rows, "readings": list(found.readings.order_by("read_at", "id")), "error": error,
        "may_note": permissions.may_note_temperature(request.actor, found),
        "may_arrive": permissions.may_arrive(request.actor, found), "fields": fields_of(error),
    }  # fmt: skip
    return page(request, "laboratory/shipment.html", status=error.status if error else 200, **context)


@require_POST
@signed_in
def temperature(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what the thermometer says, or what the logger said."""
    found = queries.visible_shipment(request.actor, uuid)

    def write() -> str:
        moment = request.POST.get("read_at", "")
        actions.note_temperature(
            shipment=found, celsius=celsius_in(request.POST.get("celsius", "")), read_at=_moment(moment),
            way="LOGGER" if moment else "HAND", by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("laboratory:shipment", args=[uuid])

    try:
        return write_once(request, write, _("温度已记录。"))
    except (InvalidInput, Conflict) as error:
        return _box(request, uuid, error)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError as error:
        raise InvalidInput(_("时间不对。"), fields={"read_at": _("时间不对。")}) from error


@require_POST
@signed_in
def arrive(request: Request, uuid: UUID) -> HttpResponse:
    """The centre takes the box."""
    found = queries.visible_shipment(request.actor, uuid)

    def write() -> str:
        actions.arrive_shipment(
            shipment=found, celsius=celsius_in(request.POST.get("celsius", "")), by=request.actor, at=clock.now()
        )
        return reverse("laboratory:receive")

    return write_once(
        request, write, _("转运箱已到达，请逐支扫码核收。"), again=lambda error: _box(request, uuid, error)
    )


@require_GET
@signed_in
def manifest(request: Request, uuid: UUID) -> HttpResponse:
    """The paper that travels with the box."""
    found, content = documents.manifest_pdf(request.actor, uuid, at=clock.now())
    return pdf_response(content, found.number)
