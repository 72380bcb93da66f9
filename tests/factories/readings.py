"""Devices, registered as the pages register them, and what they send, signed as they sign."""

import json
from datetime import datetime
from itertools import count
from typing import Any

from django.test import Client

from tests.factories.county import NOW, County
from xinglin.platform.actors import Actor
from xinglin.readings import signing
from xinglin.readings.actions import devices, intake
from xinglin.readings.data import Answer, Given, GivenValue, Signed
from xinglin.readings.models import Device

_sequence = count(1)
PATH = "/api/v1/device-readings"


def a_device(
    county: County, *, kind: str = "blood-pressure-meter", place: str = "LOAN", facility_id: int | None = None,
    by: Actor | None = None, at: datetime = NOW,
) -> devices.NewKey:  # fmt: skip
    """A device of Alma's clinic with its key."""
    return devices.register_device(
        facility_id=facility_id or county.clinic.pk, kind=kind, serial_number=f"SN{next(_sequence):05d}", place=place,
        by=by or county.alma, at=at,
    )  # fmt: skip


def pressure(
    record_id: str, systolic: object, diastolic: object, *, at: datetime = NOW, resident: Any = None, unit: str = "mmHg"
) -> Given:
    """A pressure as a meter writes it."""
    values = (GivenValue("systolic", systolic, unit), GivenValue("diastolic", diastolic, unit))
    who = ("number", resident.number) if resident is not None else ("", "")
    return Given(record_id, at.isoformat(), values, *who)


def an_observation(record_id: str = "1", **changes: Any) -> dict[str, Any]:
    """A pressure as an Observation of FHIR, measured now."""
    from xinglin.platform import clock

    def part(code: str, value: float) -> dict[str, Any]:
        quantity = {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
        return {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": quantity}

    return {
        "resourceType": "Observation", "status": "final", "identifier": [{"value": record_id}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "effectiveDateTime": clock.now().isoformat(), "component": [part("8480-6", 124), part("8462-4", 76)], **changes,
    }  # fmt: skip


def send(device: Device, *given: Given, at: datetime = NOW, transport: str = "DEVICE") -> list[Answer]:
    """What the platform answers to a device."""
    from xinglin.platform.actors import ANONYMOUS

    signed = Signed(at, next(_milliseconds))
    by = intake.device_actor(device, ANONYMOUS)
    return intake.take_readings(device=device, given=given, transport=transport, signed=signed, by=by, at=at)


def outcomes(answers: list[Answer]) -> list[tuple[str, str]]:
    """What became of each measurement, and why."""
    return [(each.outcome, each.code) for each in answers]


_milliseconds = count(1)


def post(
    device: Device, key: str, body: Any, *, milliseconds: int, path: str = PATH, algorithm: str = "sha256",
    tampered: bytes = b"",
) -> Any:  # fmt: skip
    """A request as a device signs it; `tampered` replaces the body after signing."""
    content = json.dumps(body).encode()
    message = signing.text("POST", path, milliseconds, content)
    headers = {
        "X-Device": str(device.uuid), "X-Device-Time": str(milliseconds),
        "X-Device-Signature": signing.sign(signing.signing_key(key), message, algorithm),
    }  # fmt: skip
    return Client().post(path, tampered or content, content_type="application/json", headers=headers)
