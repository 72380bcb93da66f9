"""The only writers of whose a reading is: given to somebody, split between two, or thrown away. Each leaves a trail."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.readings import permissions, queries
from xinglin.readings.actions import concerns
from xinglin.readings.events import Event
from xinglin.readings.models import Reading
from xinglin.readings.states import READING_TRANSITIONS, ReadingStatus


@transaction.atomic
def assign_reading(*, reading: Reading, resident: Any, reason: str, by: Actor, at: datetime) -> Reading:
    """Say whose a reading is. One that stood in another record leaves it, and both records say so.

    :raises NotPermitted: the actor sorts no readings of this device's facility
    :raises Conflict: it was thrown away, or somebody else was first
    :raises InvalidInput: no reason, or it is his already
    """
    reading = _locked(reading)
    permissions.may_sort(by, reading).require()
    reason = _reason(reason)
    former = reading.resident
    if former is not None and former.pk == resident.pk:
        raise InvalidInput(_("这次测量已在此人的档案中。"), fields={"resident": _("请选择另一个人。")})
    concerns.leave(reading, at=at)
    _withdraw(reading, reason, by=by, at=at)
    move(
        reading, table=READING_TRANSITIONS, to=ReadingStatus.KEPT, by=by, at=at, place=reading.device.facility_id,
        reason_code="assigned", reason=reason, resident=resident, said_who=None,
    )  # fmt: skip
    announce(
        Event.ASSIGNED, obj=reading, subject=resident.uuid, by=by, at=at, place=reading.device.facility_id,
        reason=reason,
    )  # fmt: skip
    concerns.look_at(reading, by=by, at=at)
    return reading


@transaction.atomic
def split_reading(*, reading: Reading, items: Iterable[str], reason: str, by: Actor, at: datetime) -> Reading:
    """Take some values of a waiting reading out of it, because they are another person's; the new one waits, too.

    :raises NotPermitted: the actor sorts no readings of this device's facility
    :raises InvalidInput: no reason, or none or all of its values
    """
    reading = _locked(reading)
    permissions.may_sort(by, reading).require()
    reason, chosen = _reason(reason), frozenset(items)
    held = set(reading.values.values_list("item", flat=True))
    if reading.status != ReadingStatus.WAITING or not chosen or not chosen < held:
        raise InvalidInput(
            _("请选择一部分测量值，另一部分留下。"), fields={"items": _("请选择一部分。")}, code="no-part"
        )
    part = Reading.objects.filter(device=reading.device, record_id=reading.record_id).count()
    other = Reading.objects.create(
        device=reading.device, record_id=reading.record_id, part=part, fingerprint=reading.fingerprint,
        measurement=reading.measurement, transport=reading.transport, said_who=reading.said_who,
        measured_at=reading.measured_at, received_at=reading.received_at, is_late=reading.is_late,
        status=ReadingStatus.WAITING, status_changed_at=at, wait_code=reading.wait_code,
    )  # fmt: skip
    reading.values.filter(item__in=chosen).update(reading=other)
    if reading.is_dangerous:
        for each in (reading, other):
            each.is_dangerous = bool(queries.dangers_of(Reading.objects.get(pk=each.pk)))
            each.save(update_fields=["is_dangerous"])
    note_status(other, by=by, at=at, reason_code="split", reason=reason, place=reading.device.facility_id)
    announce(
        Event.SPLIT, obj=reading, by=by, at=at, place=reading.device.facility_id, reason=reason, other=str(other.uuid),
        items=sorted(chosen),
    )  # fmt: skip
    return other


@transaction.atomic
def discard_reading(*, reading: Reading, reason: str, by: Actor, at: datetime) -> Reading:
    """Throw a reading away, with the reason written out; the row stays.

    :raises NotPermitted: the actor sorts no readings of this device's facility
    :raises Conflict: it was thrown away, or somebody else was first
    """
    reading = _locked(reading)
    permissions.may_sort(by, reading).require()
    reason = _reason(reason)
    concerns.leave(reading, at=at)
    former = _withdraw(reading, reason, by=by, at=at)
    move(
        reading, table=READING_TRANSITIONS, to=ReadingStatus.DISCARDED, by=by, at=at, reason=reason,
        reason_code="discarded", place=reading.device.facility_id, resident=None,
    )  # fmt: skip
    announce(
        Event.DISCARDED, obj=reading, subject=former, by=by, at=at, place=reading.device.facility_id, reason=reason
    )
    return reading


def _locked(reading: Reading) -> Reading:
    rows = Reading.objects.select_for_update(of=("self",)).select_related("device", "resident", "concern")
    return rows.get(pk=reading.pk)


def _withdraw(reading: Reading, reason: str, *, by: Actor, at: datetime) -> Any:
    """Say in the former record that a reading left it; whose it was, or None."""
    former = reading.resident.uuid if reading.resident is not None else None
    if former is not None:
        announce(
            Event.WITHDRAWN, obj=reading, subject=former, by=by, at=at, place=reading.device.facility_id, reason=reason
        )
    return former


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > 200 or "\x00" in reason:
        raise InvalidInput(_("请写明原因（最多200字）。"), fields={"reason": _("必填，最多200字。")})
    return reason
