"""Telephones: registered by their owner, laid down by him, erased from afar."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.pocket import permissions, policies, queries
from xinglin.pocket.actions.panels import repair_panel
from xinglin.pocket.events import Event
from xinglin.pocket.models import Device, Panel
from xinglin.pocket.states import TRANSITIONS, Status

#: A contact is written down at most so often.
SEEN_EVERY = timedelta(minutes=1)


def digest_of(key: str) -> bytes:
    """What is kept of a telephone's key."""
    return hashlib.sha256(key.encode()).digest()


@transaction.atomic
def register_device(*, name: str, by: Actor, at: datetime) -> tuple[Device, str]:
    """Register a telephone for the facility where the actor works; the telephone and its key, which is shown once.

    :raises NotPermitted: not a signed-in person who sees residents there
    :raises Conflict: the account has as many telephones as it may
    :raises InvalidInput: no name, or too long
    """
    permissions.may_register(by).require()
    assert by.place is not None  # the decision above says so
    assert by.user_id is not None
    name = name.strip()
    if not 1 <= len(name) <= 40:
        raise InvalidInput(_("请给手机起个名字，最多40个字。"), fields={"name": _("1至40个字。")})
    get_user_model().objects.select_for_update().get(pk=by.user_id)  # two at once are counted one after the other
    policies.can_register_another(queries.n_in_use(by.user_id)).require()
    key = secrets.token_urlsafe(32)
    device = Device.objects.create(
        user_id=by.user_id, facility_id=by.place, name=name, key_digest=digest_of(key), status_changed_at=at,
        registered_at=at, last_seen_at=at,
    )  # fmt: skip
    note_status(device, by=by, at=at, place=by.place)
    panel, is_new = Panel.objects.get_or_create(facility_id=by.place)
    if is_new:
        repair_panel(panel=panel)
    announce(Event.REGISTERED, obj=device, by=by, at=at, place=by.place)
    return device, key


@transaction.atomic
def order_wipe(*, device: Device, reason: str, by: Actor, at: datetime) -> Device:
    """Have a telephone erase itself at its next contact. What it had not sent is lost with it.

    :raises NotPermitted: another's telephone
    :raises Conflict: it is not in use
    :raises InvalidInput: no reason
    """
    permissions.may_wipe(by, device).require()
    policies.can_carry(device).require()
    reason = _reason(reason)
    move(device, table=TRANSITIONS, to=Status.WIPING, by=by, at=at, place=device.facility_id, reason=reason)
    announce(Event.WIPE_ORDERED, obj=device, by=by, at=at, place=device.facility_id, reason=reason)
    return device


@transaction.atomic
def confirm_wiped(*, device: Device, by: Actor, at: datetime) -> Device:
    """The telephone says that it has erased itself; said again, it is so already."""
    if device.status == Status.WIPING:
        move(device, table=TRANSITIONS, to=Status.WIPED, by=by, at=at, place=device.facility_id)
        announce(Event.WIPED, obj=device, by=by, at=at, place=device.facility_id)
    return device


@transaction.atomic
def end_device(*, device: Device, by: Actor, at: datetime) -> Device:
    """The owner lays a telephone down, its changes sent and its data erased.

    :raises NotPermitted: another's telephone
    :raises Conflict: it is not in use
    """
    permissions.may_wipe(by, device).require()
    policies.can_carry(device).require()
    move(device, table=TRANSITIONS, to=Status.ENDED, by=by, at=at, place=device.facility_id)
    announce(Event.ENDED, obj=device, by=by, at=at, place=device.facility_id)
    return device


def note_seen(*, device: Device, at: datetime) -> None:
    """The telephone was in contact."""
    Device.objects.filter(pk=device.pk, last_seen_at__lt=at - SEEN_EVERY).update(last_seen_at=at)


def note_fed(*, device: Device, told: str, at: datetime) -> None:
    """The telephone was in contact, and was given a page by the rights `told`; nothing: it is to begin anew."""
    note_seen(device=device, at=at)
    Device.objects.filter(pk=device.pk).exclude(fed_with=told).update(fed_with=told)


def _reason(given: str) -> str:
    clean = given.strip()
    if not clean or len(clean) > 500 or "\x00" in clean:
        raise InvalidInput(_("请写明理由，最多500个字。"), fields={"reason": _("必填。")})
    return clean
