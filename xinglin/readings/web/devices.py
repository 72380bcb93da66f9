"""Pages of the devices of a facility: their state and faults, keys, loans."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible
from xinglin.readings import queries
from xinglin.readings.actions import devices as actions
from xinglin.readings.events import Event
from xinglin.readings.web.pages import DevicePage, DevicesPage
from xinglin.residents import api as residents
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

VERBS: dict[str, Any] = {
    "lost": actions.report_lost, "found": actions.note_found, "retire": actions.retire_device,
    "return": actions.take_back,
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def listing(request: Request) -> HttpResponse:
    """The devices, those with a fault first; and registering one, which shows its key this once."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.METER_MANAGE).require()
    error: DomainError | None = None
    if request.method == "POST":
        names = ("kind", "serial_number", "place", "label")
        given = {name: request.POST.get(name, "") for name in names}
        try:
            facility_id = network.facility_by_uuid(_uuid(request.POST.get("facility", ""))).id
            made = actions.register_device(facility_id=facility_id, by=actor, at=at, **given)
        except (InvalidInput, Conflict) as refused:
            error = refused
        else:
            return _with_key(request, made)
    built = DevicesPage.build(actor, cursor=request.GET.get("cursor", ""), at=at, error=error, given=request.POST)
    audit.record(Event.DEVICES_LISTED, by=actor, at=at, detail={"n": len(built.rows)})
    return page(request, "readings/devices.html", status=error.status if error else 200, page=built)


@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One device."""
    actor, at = request.actor, clock.now()
    device = queries.visible_device(actor, uuid)
    audit.record(Event.DEVICE_VIEWED, by=actor, at=at, kind="readings.device", key=str(uuid))
    return page(request, "readings/device.html", page=DevicePage.build(actor, device, at=at))


@require_POST
@for_staff
def lend(request: Request, uuid: UUID) -> HttpResponse:
    """Lend it."""
    actor, at = request.actor, clock.now()

    def write() -> str:
        borrower = residents.resident_by_number(actor, request.POST.get("number", ""))
        if borrower is None:
            raise InvalidInput(_("没有找到这个档案号。"), fields={"number": _("请核对档案号。")})
        day = request.POST.get("due_back_on", "")
        try:
            due = date.fromisoformat(day) if day else None
        except ValueError as error:
            raise InvalidInput(_("日期格式不对。"), fields={"due_back_on": _("请选择日期。")}) from error
        actions.lend_device(
            device=queries.visible_device(actor, uuid), resident=borrower, due_back_on=due,
            for_household=request.POST.get("for_household") == "on", by=actor, at=at,
        )  # fmt: skip
        return reverse("readings:device", args=[uuid])

    return _answer(request, uuid, write, _("已登记借出。"))


@require_POST
@for_staff
def act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Report lost, found, end, take back; or give a new key, which is shown this once."""
    actor, at = request.actor, clock.now()
    device = queries.visible_device(actor, uuid)
    if verb == "key":
        try:
            return _with_key(request, actions.give_key(device=device, by=actor, at=at))
        except Conflict as error:
            return _refused(request, uuid, error)
    if verb not in VERBS:
        raise NotVisible("readings.device", verb)
    reason = {"reason": request.POST.get("reason", "")} if verb in {"lost", "retire"} else {}

    def write() -> str:
        VERBS[verb](device=device, by=actor, at=at, **reason)
        return reverse("readings:device", args=[uuid])

    return _answer(request, uuid, write, _("已保存。"))


def _with_key(request: Request, made: actions.NewKey) -> HttpResponse:
    device = queries.visible_device(request.actor, made.device.uuid)
    built = DevicePage.build(request.actor, device, at=clock.now(), key=made.key)
    return page(request, "readings/device.html", page=built)


def _answer(request: Request, uuid: UUID, write: Any, message: object) -> HttpResponse:
    return write_once(request, write, message, again=lambda error: _refused(request, uuid, error))


def _refused(request: Request, uuid: UUID, error: DomainError) -> HttpResponse:
    device = queries.visible_device(request.actor, uuid)
    built = DevicePage.build(request.actor, device, at=clock.now(), error=error)
    return page(request, "readings/device.html", status=error.status, page=built)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")}) from error
