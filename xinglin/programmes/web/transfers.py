"""Residents of one facility go over to another: preview, transfer, the way back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted, NotVisible
from xinglin.programmes import actions, transferring
from xinglin.programmes.models import Transfer
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.request import Request

#: Tiers that manage residents.
TIERS = frozenset({"VILLAGE", "TOWNSHIP"})
SHOWN = 30


@dataclass(frozen=True, slots=True)
class TransferPage:
    """The form with what would go over."""

    formers: list[tuple[str, str]]
    facilities: list[tuple[str, str]]
    whys: list[tuple[str, str]]
    values: Any
    preview: transferring.TransferPreview | None
    most: int
    error: str
    fields: Any

    @classmethod
    def build(cls, actor: Actor, given: Any, *, at: datetime, error: DomainError | None = None) -> "TransferPage":
        """For somebody who keeps a register."""
        places = actor.places_where(Permission.RESIDENT_EDIT)
        found = [each for each in network.open_facilities() if each.tier in TIERS]
        shown = None
        try:
            former, facility = (network.facility_by_uuid(UUID(given.get(name, ""))) for name in ("former", "facility"))
            shown = transferring.preview(actor, former.id, facility.id, on=clock.today(at))
        except (ValueError, NotVisible, NotPermitted):
            shown = None
        return cls(
            formers=network.choices(each for each in found if places is None or each.id in places),
            facilities=network.choices(found),
            whys=[(value, str(label)) for value, label in Transfer.Why.choices], values=given, preview=shown,
            most=transferring.MOST, error=message_of(error),
            fields=fields_of(error),
        )  # fmt: skip


@require_safe
@for_staff
def index(request: Request) -> HttpResponse:
    """Transfers that were made, the newest first."""
    request.actor.may(Permission.RESIDENT_EDIT).require()
    rows = list(transferring.transfers_visible_to(request.actor).order_by("-made_at", "-id")[:SHOWN])
    return page(request, "programmes/transfers.html", rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: Request) -> HttpResponse:
    """Choose both facilities, look at what goes over, hand over."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.RESIDENT_EDIT).require()
    if request.method != "POST":
        return page(request, "programmes/transfer.html", page=TransferPage.build(actor, request.GET, at=at))
    if request.GET.get("op") == "look":
        built = TransferPage.build(actor, request.POST, at=at)
        return page(request, "programmes/transfer.html", fragment="preview", page=built)

    def write() -> str:
        try:
            former, facility = (
                network.facility_by_uuid(UUID(request.POST.get(name, ""))) for name in ("former", "facility")
            )
        except ValueError as error:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")}) from error
        actions.transfer_residents(
            former_id=former.id, facility_id=facility.id, why=request.POST.get("why", ""),
            reason=request.POST.get("reason", ""), by=actor, at=at,
        )  # fmt: skip
        return reverse("programmes:transfers")

    try:
        return write_once(request, write, _("已转移，名单、签约和随访随后跟上。"))
    except (InvalidInput, Conflict) as error:
        built = TransferPage.build(actor, request.POST, at=at, error=error)
        return page(request, "programmes/transfer.html", page=built, status=error.status)


@require_POST
@for_staff
def undo(request: Request, uuid: UUID) -> HttpResponse:
    """Hand back."""

    def write() -> str:
        transfer = transferring.visible_transfer(request.actor, uuid)
        actions.undo_transfer(transfer=transfer, by=request.actor, at=clock.now())
        return reverse("programmes:transfers")

    return write_once(request, write, _("已撤销，居民转回原机构。"))
