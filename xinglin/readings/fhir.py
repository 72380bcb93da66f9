"""Observation of FHIR R4 at the edge: into what the action takes, and out of what stands in a record. Reads no row.

Codes are LOINC or MDC (ISO/IEEE 11073-10101), units UCUM. A pressure is one Observation with two components. Who was
measured stands in ``subject.identifier``; nobody there means the borrower of the device.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xinglin.readings import rules
from xinglin.readings.data import Given, GivenValue
from xinglin.readings.models import Reading

LOINC, MDC, UCUM = "http://loinc.org", "urn:iso:std:iso:11073:10101", "http://unitsofmeasure.org"
SERIAL = "urn:xinglin:device-serial"
#: Kinds of identifiers of a person, by the system they stand under.
WHO = {"urn:xinglin:record-number": "number", "urn:xinglin:card": "card", "urn:xinglin:identity-document": "document"}
PANEL, OTHER_PANEL = "85354-9", "85353-1"  # blood pressure; vital signs together
STATUSES = ("final", "amended", "corrected")
MOST_TEXT = 80


class Unreadable(Exception):
    """An Observation cannot be read; `place` is the FHIRPath of what is wrong."""

    def __init__(self, place: str, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.place, self.message, self.code = place, message, code


@dataclass(frozen=True, slots=True)
class Read:
    """An Observation as the action takes it, with the serial number it names and where each value stands."""

    given: Given
    serial_number: str
    places: tuple[str, ...]

    def place(self, place: str) -> str:
        """Where in the Observation something stands that the action refused."""
        head, _dot, rest = place.partition(".")
        if head == "values" and rest:
            number, _dot, part = rest.partition(".")
            tail = {"code": "code", "unit": "valueQuantity.code"}.get(part, "valueQuantity.value")
            return f"{self.places[int(number)]}.{tail}"
        names = {"measured_at": "effectiveDateTime", "record_id": "identifier", "who": "subject.identifier"}
        return f"Observation.{names[head]}" if head in names else "Observation"


def read(resource: Any) -> Read:
    """An Observation. :raises Unreadable: says where and why"""
    if not isinstance(resource, dict) or resource.get("resourceType") != "Observation":
        raise Unreadable("resourceType", _("应为 Observation。"), "structure")
    if resource.get("status") not in STATUSES:
        raise Unreadable("Observation.status", _("只接收 final、amended、corrected。"), "value")
    record_id = _identifier(resource)
    kind, who = _who(resource.get("subject"))
    measured_at = _text(
        resource.get("effectiveDateTime", resource.get("effectiveInstant")), "Observation.effectiveDateTime"
    )
    values, places = [], []
    for place, part in _parts(resource):
        if "dataAbsentReason" in part and "valueQuantity" not in part:  # the device says that it did not get this one
            continue
        values.append(_value(part, place))
        places.append(place)
    given = Given(record_id, measured_at, tuple(values), kind, who)
    return Read(given, _serial(resource.get("device")), tuple(places))


def _identifier(resource: Mapping[str, Any]) -> str:
    found = resource.get("identifier")
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return _text(found[0].get("value"), "Observation.identifier[0].value")
    return _text(resource.get("id"), "Observation.identifier")


def _who(subject: Any) -> tuple[str, str]:
    if subject is None:
        return "", ""
    identifier = subject.get("identifier") if isinstance(subject, dict) else None
    if not isinstance(identifier, dict):
        raise Unreadable("Observation.subject.identifier", _("请以 identifier 说明是谁。"), "required")
    kind = WHO.get(str(identifier.get("system")))
    if kind is None:
        raise Unreadable("Observation.subject.identifier.system", _("不认识这种身份标识。"), "code-invalid")
    return kind, _text(identifier.get("value"), "Observation.subject.identifier.value")


def _serial(device: Any) -> str:
    if device is None:
        return ""
    identifier = device.get("identifier") if isinstance(device, dict) else None
    if not isinstance(identifier, dict):
        raise Unreadable("Observation.device.identifier", _("请以序列号说明设备。"), "required")
    return _text(identifier.get("value"), "Observation.device.identifier.value")


def _parts(resource: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    components = resource.get("component")
    if components is None:
        yield "Observation", resource
        return
    if not isinstance(components, list) or not 1 <= len(components) <= 10:
        raise Unreadable("Observation.component", _("应有1到10个 component。"), "structure")
    for number, part in enumerate(components):
        if not isinstance(part, dict):
            raise Unreadable(f"Observation.component[{number}]", _("结构不对。"), "structure")
        yield f"Observation.component[{number}]", part


def _value(part: Mapping[str, Any], place: str) -> GivenValue:
    quantity = part.get("valueQuantity")
    if not isinstance(quantity, dict):
        raise Unreadable(f"{place}.valueQuantity", _("应有 valueQuantity。"), "required")
    if quantity.get("comparator"):
        raise Unreadable(f"{place}.valueQuantity.comparator", _("不接收带大于、小于号的值。"), "value")
    if quantity.get("system", UCUM) != UCUM:
        raise Unreadable(f"{place}.valueQuantity.system", _("单位应为 UCUM。"), "code-invalid")
    unit = _text(quantity.get("code", quantity.get("unit")), f"{place}.valueQuantity.code", most=20)
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{place}.valueQuantity.value", _("应为数字。"), "value")
    return GivenValue(_code(part.get("code"), place), value, unit)


def _code(concept: Any, place: str) -> str:
    """Of several codes for one thing the first that we know, else the first."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    found = [
        _text(each.get("code"), f"{place}.code.coding.code", most=40)
        for each in (codings if isinstance(codings, list) else ())
        if isinstance(each, dict) and each.get("system") in {LOINC, MDC}
    ]
    if not found:
        raise Unreadable(f"{place}.code", _("应有 LOINC 或 MDC 代码。"), "code-invalid")
    return next((each for each in found if rules.is_known(each)), found[0])


def _text(value: Any, place: str, *, most: int = MOST_TEXT) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
        raise Unreadable(place, _("缺少，或不是文字。"), "required")
    return value


def outcome(severity: str, code: str, message: str, place: str = "") -> dict[str, Any]:
    """An OperationOutcome with one issue."""
    issue: dict[str, Any] = {"severity": severity, "code": code, "details": {"text": message}}
    if place:
        issue["expression"] = [place]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def observation(reading: Reading, resident: Any) -> dict[str, Any]:
    """A reading as it stands in a record."""
    known = rules.quantities()
    parts = [
        {
            "code": {"coding": [{"system": LOINC, "code": each.loinc}, {"system": MDC, "code": known[each.item].mdc}],
                     "text": known[each.item].label},
            "valueQuantity": {"value": float(each.value), "unit": each.unit, "system": UCUM, "code": each.unit},
        }
        for each in reading.values.all()
    ]  # fmt: skip
    found: dict[str, Any] = {
        "resourceType": "Observation", "id": str(reading.uuid), "status": "final",
        "identifier": [{"system": f"urn:uuid:{reading.device.uuid}", "value": reading.record_id}],
        "category": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs",
        }]}],
        "subject": {"reference": f"urn:uuid:{resident.uuid}",
                    "identifier": {"system": "urn:xinglin:record-number", "value": resident.number}},
        "effectiveDateTime": reading.measured_at.isoformat(), "issued": reading.received_at.isoformat(),
        "device": {"identifier": {"system": SERIAL, "value": reading.device.serial_number}},
    }  # fmt: skip
    if len(parts) == 1:
        return {**found, **parts[0]}
    is_pressure = any(each.item == "systolic" for each in reading.values.all())
    panel = {"coding": [{"system": LOINC, "code": PANEL if is_pressure else OTHER_PANEL}]}
    return {**found, "code": panel, "component": parts}
