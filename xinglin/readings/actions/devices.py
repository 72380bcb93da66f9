"""The only writers of devices, their keys and their loans."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.readings import permissions, rules, signing
from xinglin.readings.events import Event
from xinglin.readings.models import Device, Loan
from xinglin.readings.states import DEVICE_TRANSITIONS, DeviceStatus


@dataclass(frozen=True, slots=True)
class NewKey:
    """A device and its key; only a digest is kept, so this is the one time it can be read."""

    device: Device
    key: str


@transaction.atomic
def register_device(
    *, facility_id: int, kind: str, serial_number: str, place: str, label: str = "", by: Actor, at: datetime
) -> NewKey:
    """Register a device of a facility, with its first key.

    :raises NotPermitted: the actor keeps no devices there
    :raises InvalidInput: an unknown kind or place, or no serial number
    :raises Conflict: this serial number of this kind is registered already
    """
    permissions.may_register(by, facility_id).require()
    serial_number, label = serial_number.strip(), label.strip()
    fields: dict[str, object] = {}
    if kind not in rules.kinds():
        fields["kind"] = _("请从列表中选择。")
    if place not in Device.Place.values:
        fields["place"] = _("请从列表中选择。")
    if not 1 <= len(serial_number) <= 60 or not serial_number.isprintable():
        fields["serial_number"] = _("请填写机身上的序列号（最多60字）。")
    if len(label) > 60 or not label.isprintable():
        fields["label"] = _("最多60字。")
    if fields:
        raise InvalidInput(_("设备登记填写有误。"), fields=fields)
    if Device.objects.filter(kind=kind, serial_number=serial_number).exists():
        raise Conflict(_("这台设备已经登记过。"), code="device-known")
    device = Device.objects.create(
        facility_id=facility_id, kind=kind, serial_number=serial_number, place=place, label=label, registered_at=at,
        status_changed_at=at,
    )  # fmt: skip
    note_status(device, by=by, at=at, place=facility_id)
    announce(Event.DEVICE_REGISTERED, obj=device, by=by, at=at, place=facility_id, kind=kind)
    return _with_key(device, by=by, at=at)


@transaction.atomic
def give_key(*, device: Device, by: Actor, at: datetime) -> NewKey:
    """Give a device a new key; the former one ends at once.

    :raises NotPermitted: the actor does not keep this device
    :raises Conflict: it is lost or retired
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    permissions.may_key(by, device).require()
    return _with_key(device, by=by, at=at)


@transaction.atomic
def report_lost(*, device: Device, reason: str = "", by: Actor, at: datetime) -> Device:
    """Report a device lost: its key ends at once.

    :raises NotPermitted: the actor does not keep this device
    :raises Conflict: it is not in use
    """
    return _without_key(device, DeviceStatus.LOST, Event.LOST, reason, by=by, at=at)


@transaction.atomic
def retire_device(*, device: Device, reason: str = "", by: Actor, at: datetime) -> Device:
    """End a device for good. :raises NotPermitted: not his :raises Conflict: it has ended"""
    return _without_key(device, DeviceStatus.RETIRED, Event.RETIRED, reason, by=by, at=at)


@transaction.atomic
def note_found(*, device: Device, by: Actor, at: datetime) -> Device:
    """A lost device was found; it needs a new key to speak. :raises NotPermitted: not his :raises Conflict: not lost"""
    permissions.may_manage(by, device).require()
    move(device, table=DEVICE_TRANSITIONS, to=DeviceStatus.IN_USE, by=by, at=at, place=device.facility_id)
    announce(Event.FOUND, obj=device, by=by, at=at, place=device.facility_id)
    return device


@transaction.atomic
def lend_device(
    *,
    device: Device,
    resident: Any,
    for_household: bool = False,
    due_back_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Loan:
    """Lend a device to a resident, or to all of his household: what it measures from now on is theirs.

    :raises NotPermitted: the actor does not keep this device
    :raises Conflict: it is lent, lost, retired, or stands in a corner
    :raises InvalidInput: the day to bring it back has passed, or he has no household
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    permissions.may_lend(by, device).require()
    if due_back_on is not None and due_back_on < clock.today(at):
        raise InvalidInput(_("归还日期已过。"), fields={"due_back_on": _("请选择今天或以后。")})
    if for_household and resident.household_id is None:
        raise InvalidInput(_("这位居民没有登记家庭。"), fields={"for_household": _("请先登记家庭，或只借给本人。")})
    loan = Loan.objects.create(
        device=device, resident=resident, for_household=for_household, lent_at=at, due_back_on=due_back_on
    )
    announce(Event.LENT, obj=device, subject=resident.uuid, by=by, at=at, place=device.facility_id, loan=str(loan.uuid))
    return loan


@transaction.atomic
def take_back(*, device: Device, by: Actor, at: datetime) -> Loan:
    """A lent device came back. :raises NotPermitted: not his :raises Conflict: it is not lent"""
    permissions.may_manage(by, device).require()
    loan = device.loans.select_for_update(of=("self",)).select_related("resident").filter(returned_at=None).first()
    if loan is None:
        raise Conflict(_("设备没有借出。"), code="not-lent")
    loan.returned_at = at
    loan.save(update_fields=["returned_at"])
    announce(Event.RETURNED, obj=device, subject=loan.resident.uuid, by=by, at=at, place=device.facility_id)
    return loan


def _with_key(device: Device, *, by: Actor, at: datetime) -> NewKey:
    key = signing.new_key()
    device.signing_key, device.key_given_at = signing.signing_key(key), at
    device.save(update_fields=["signing_key", "key_given_at"])
    announce(Event.KEY_GIVEN, obj=device, by=by, at=at, place=device.facility_id)
    return NewKey(device, key)


def _without_key(device: Device, to: DeviceStatus, event: Event, reason: str, *, by: Actor, at: datetime) -> Device:
    permissions.may_manage(by, device).require()
    reason = reason.strip()
    if len(reason) > 200 or "\x00" in reason:
        raise InvalidInput(_("说明最多200字。"), fields={"reason": _("最多200字。")})
    move(
        device, table=DEVICE_TRANSITIONS, to=to, by=by, at=at, place=device.facility_id, reason=reason, signing_key=None
    )
    announce(event, obj=device, by=by, at=at, place=device.facility_id)
    announce(Event.KEY_REVOKED, obj=device, by=by, at=at, place=device.facility_id)
    return device
