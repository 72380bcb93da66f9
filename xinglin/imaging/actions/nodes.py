"""Which devices may speak to us."""

import ipaddress
import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import permissions
from xinglin.imaging.events import Event
from xinglin.imaging.models import DicomNode
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

_AE_TITLE = re.compile(r"[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?")  # PS3.5 AE: no backslash, no blank at the ends


@transaction.atomic
def admit_node(
    *, ae_title: str, address: str, name: str, facility_id: int, may_store: bool = True, may_query: bool = True,
    by: Actor, at: datetime,
) -> DicomNode:  # fmt: skip
    """Let a device speak to us, by its AE title from its address. What it sends was taken at `facility_id`.

    :raises NotPermitted: the actor does not look after devices
    :raises InvalidInput: no AE title, no address
    :raises Conflict: title and address are admitted already
    """
    permissions.may_manage_devices(by).require()
    title = ae_title.strip()
    if not _AE_TITLE.fullmatch(title):
        raise InvalidInput(_("AE 标题无效：1–16个英文字符。"), fields={"ae_title": _("1–16个英文字符。")})
    try:
        address = str(ipaddress.ip_address(address.strip()))
    except ValueError as error:
        raise InvalidInput(_("IP 地址无效。"), fields={"address": _("请填写设备的 IP 地址。")}) from error
    name = name.strip()[:60]
    if not name:
        raise InvalidInput(_("请填写设备名称。"), fields={"name": _("请填写。")})
    if DicomNode.objects.filter(ae_title=title, address=address, is_active=True).exists():
        raise Conflict(_("这台设备已经接入。"), code="node-admitted")
    node = DicomNode.objects.create(
        ae_title=title, address=address, name=name, facility_id=facility_id, may_store=may_store, may_query=may_query,
        admitted_at=at,
    )  # fmt: skip
    announce(Event.NODE_ADMITTED, obj=node, by=by, at=at, place=facility_id, ae_title=title)
    return node


@transaction.atomic
def close_node(*, node: DicomNode, by: Actor, at: datetime) -> DicomNode:
    """Speak no more with a device; what it sent stays.

    :raises NotPermitted: the actor does not look after devices
    """
    permissions.may_manage_devices(by).require()
    DicomNode.objects.filter(pk=node.pk).update(is_active=False)
    node.refresh_from_db()
    announce(Event.NODE_CLOSED, obj=node, by=by, at=at, place=node.facility_id, ae_title=node.ae_title)
    return node


@transaction.atomic
def note_seen(*, node: DicomNode, by: Actor, at: datetime) -> None:
    """The device has just spoken: the page of the devices shows when.

    :raises NotPermitted: not the listener
    """
    permissions.is_device(by).require()
    DicomNode.objects.filter(pk=node.pk).update(seen_at=at)
