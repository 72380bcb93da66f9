"""The only writer of what devices send: each measurement is kept, known already, put off, or refused with its reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotSignedIn
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import note_status
from xinglin.readings import queries, rules
from xinglin.readings.actions import concerns
from xinglin.readings.data import WAITS, Answer, Given, Signed
from xinglin.readings.events import Event
from xinglin.readings.models import Device, Reading, ReadingValue, RepeatedRecord
from xinglin.readings.states import DeviceStatus, ReadingStatus
from xinglin.readings.understanding import Understood, fingerprint, refusal, understand

MOST = 200


@transaction.atomic
def take_readings(
    *, device: Device, given: Sequence[Given], transport: str, signed: Signed, by: Actor, at: datetime
) -> list[Answer]:
    """Take what a device sends, each measurement by itself. Sent again, it is answered as the first time and not doubled.

    :raises NotSignedIn: the request is not newer than the last one, or the key was taken away meanwhile
    :raises InvalidInput: none, or too many at once
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    if device.status != DeviceStatus.IN_USE or device.signing_key is None:
        raise NotSignedIn(_("设备没有有效的密钥。"), code="device-unknown")
    if signed.milliseconds <= device.last_signed_ms:
        raise NotSignedIn(_("这个签名已经用过，请用新的时间重新签名。"), code="signature-used")
    if not 1 <= len(given) <= MOST:
        raise InvalidInput(_("一次最多200条，至少1条。"), fields={"readings": _("一次最多200条，至少1条。")})
    kept: list[Reading] = []
    answers = [_take(device, each, transport, kept, by=by, at=at) for each in given]
    for reading in sorted(
        kept, key=lambda each: (each.resident_id or 0, each.measured_at)
    ):  # one order for all devices
        concerns.look_at(reading, by=by, at=at)
    _note_seen(device, answers, signed, at=at)
    counts: dict[str, Any] = {
        word: sum(each.outcome == word for each in answers) for word in ("kept", "known", "waiting", "refused")
    }
    announce(Event.BATCH, obj=device, by=by, at=at, place=device.facility_id, transport=transport, **counts)
    return answers


def _note_seen(device: Device, answers: list[Answer], signed: Signed, *, at: datetime) -> None:
    refused = [each.code for each in answers if each.outcome == "refused"]
    device.last_seen_at, device.last_signed_ms = at, signed.milliseconds
    device.clock_skew_seconds = round((at - signed.at).total_seconds())
    if refused:
        device.fault_code, device.fault_at = refused[-1], at
    else:
        device.fault_code, device.fault_at = "", None
    device.save(update_fields=["last_seen_at", "last_signed_ms", "clock_skew_seconds", "fault_code", "fault_at"])


def _take(device: Device, given: Given, transport: str, kept: list[Reading], *, by: Actor, at: datetime) -> Answer:
    earlier = _said_before(device, given)
    if earlier is not None:
        return earlier
    found = understand(given, rules.kinds()[device.kind], at=at)
    if isinstance(found, Answer):
        return found
    resident, wait = _who(device, found)
    twin = Reading.objects.filter(device=device, measurement=found.measurement, part=0).order_by("pk").first()
    if twin is not None and twin.resident_id is not None and _is_of_another(twin, resident, wait):
        wait = "two-people"
    elif twin is not None:
        RepeatedRecord.objects.create(
            device=device, record_id=given.record_id, fingerprint=fingerprint(given), reading=twin
        )
        return _known(given, twin, "same-measurement")
    if not wait and resident is not None:
        newest = queries.taken(resident, found.measured_at, found.by_item)
        if not rules.dangers(newest) and queries.is_far(resident, newest):  # what is dangerous never waits
            wait = "far-from-earlier"
    reading = _write(device, found, transport, resident, wait, by=by, at=at)
    if wait:
        _tell_danger(reading, found, by=by, at=at)
        return Answer(given.record_id, "waiting", wait, str(WAITS[wait]), reading.uuid, is_late=found.is_late)
    kept.append(reading)
    return Answer(given.record_id, "kept", "", "", reading.uuid, is_late=found.is_late)


def _tell_danger(reading: Reading, found: Understood, *, by: Actor, at: datetime) -> None:
    """What is dangerous is told though nobody knows yet whose it is: somebody must find out."""
    if reading.is_dangerous:
        slugs = [each.slug for each in rules.dangers(queries.taken(None, found.measured_at, found.by_item))]
        announce(Event.URGENT_WAITING, obj=reading, by=by, at=at, place=reading.device.facility_id, rules=slugs)


def _is_dangerous(found: Understood, *, at: datetime) -> bool:
    """Whether it is dangerous by itself, and not of long ago."""
    is_new = found.measured_at >= at - timedelta(days=rules.limit("to_days"))
    return is_new and bool(rules.dangers(queries.taken(None, found.measured_at, found.by_item)))


def _said_before(device: Device, given: Given) -> Answer | None:
    """The answer to a record id that was answered before, whether it made a reading or stood already as another."""
    made = Reading.objects.filter(device=device, record_id=given.record_id, part=0).first()
    if made is not None:
        return _once_more(given, made, bytes(made.fingerprint), "same-record")
    repeated = RepeatedRecord.objects.select_related("reading").filter(device=device, record_id=given.record_id).first()
    if repeated is not None:
        return _once_more(given, repeated.reading, bytes(repeated.fingerprint), "same-measurement")
    return None


def _once_more(given: Given, reading: Reading, content: bytes, code: str) -> Answer:
    if content != fingerprint(given):
        return refusal(given, "record-id-reused", place="record_id")
    return _known(given, reading, code)


def _is_of_another(twin: Reading, resident: Any, wait: str) -> bool:
    """Whether somebody else is named for a measurement that stands in a record: a name nobody knows is somebody else's, too."""
    return wait == "unknown-person" if resident is None else twin.resident_id != resident.pk


def _known(given: Given, reading: Reading, code: str) -> Answer:
    first = "waiting" if reading.wait_code else "kept"
    return Answer(given.record_id, "known", code, "", reading.uuid, first=first, is_late=reading.is_late)


def _who(device: Device, found: Understood) -> tuple[Any, str]:
    """Whose a measurement is, and why that must be looked at; nobody when it cannot be said."""
    loan = queries.loan_at(device, found.measured_at)
    if not found.given.who_kind:
        if loan is None:
            seated = (
                queries.seated_at(device.corner_id, found.measured_at) if device.place == Device.Place.CORNER else None
            )
            return (seated, "") if seated is not None else (None, "nobody-said")
        return (None, "who-of-household") if loan.for_household else (loan.resident.merged_into or loan.resident, "")
    resident = queries.person_said(found.given)
    if resident is None:
        return None, "unknown-person"
    if resident.status != "ACTIVE":
        return resident, "not-registered"
    if loan is not None and not queries.is_borrower(loan, resident):
        return resident, "not-borrower"
    return resident, ""


def _write(
    device: Device, found: Understood, transport: str, resident: Any, wait: str, *, by: Actor, at: datetime
) -> Reading:
    status = ReadingStatus.WAITING if wait else ReadingStatus.KEPT
    said = found.given.who or (resident.number if resident is not None else "")
    reading = Reading.objects.create(
        device=device, record_id=found.given.record_id, fingerprint=fingerprint(found.given),
        measurement=found.measurement, transport=transport, resident=None if wait else resident,
        said_who=said if wait else None, measured_at=found.measured_at, received_at=at, is_late=found.is_late,
        status=status, status_changed_at=at, wait_code=wait, is_dangerous=_is_dangerous(found, at=at),
    )  # fmt: skip
    ReadingValue.objects.bulk_create(
        ReadingValue(
            reading=reading, item=each.quantity.code, loinc=each.quantity.loinc, value=each.value,
            unit=each.quantity.unit, given_value=str(each.given.value)[:30], given_unit=each.given.unit,
        )
        for each in found.values
    )  # fmt: skip
    note_status(reading, by=by, at=at, reason_code=wait, place=device.facility_id)
    announce(
        Event.WAITING if wait else Event.KEPT, obj=reading, subject=None if wait else resident.uuid, by=by, at=at,
        place=device.facility_id, device=str(device.uuid), transport=transport, code=wait,
    )  # fmt: skip
    return reading


def device_actor(device: Device, by: Actor) -> Actor:
    """A device as who acts: it holds no permission, and its records carry its name."""
    name = f"{rules.kinds()[device.kind].title} {device.serial_number}"[:80]
    return replace(by, kind="device", name=name, place=device.facility_id)
