"""Devices in each state with what they sent, and one well-formed call of each operation of readings."""

from datetime import datetime
from typing import Any

from tests.factories.county import County
from tests.factories.readings import a_device, an_observation, pressure, send
from xinglin.platform import clock
from xinglin.readings.actions import devices
from xinglin.readings.models import Reading


class Readings:
    """A device of Alma's clinic, a lent one, a lost one, and a reading that waits."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        self.county, self.resident = county, resident
        made = a_device(county, at=at)
        self.device, self.key = made.device, made.key
        self.lent = a_device(county, at=at).device
        devices.lend_device(device=self.lent, resident=resident, by=county.alma, at=at)
        self.lost = a_device(county, at=at).device
        devices.report_lost(device=self.lost, by=county.alma, at=at)
        send(self.device, pressure("waits", 128, 78, at=at), pressure("kept", 126, 76, at=at, resident=resident), at=at)
        self.waiting = Reading.objects.get(device=self.device, record_id="waits")

    def batch(self) -> dict[str, Any]:
        """What the device sends next."""
        values = [
            {"code": "systolic", "value": 124, "unit": "mmHg"},
            {"code": "diastolic", "value": 76, "unit": "mmHg"},
        ]
        return {"readings": [{"record_id": "next", "measured_at": clock.now().isoformat(), "values": values}]}

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""
        device, reading, reason = self.device.uuid, self.waiting.uuid, {"reason": "核实"}
        new = {"facility": self.county.clinic.uuid, "kind": "scale", "serial_number": "S1", "place": "BAG"}
        return {
            "send_device_readings": (None, self.batch()),
            "send_fhir_observations": (None, an_observation("fhir")),
            "search_fhir_observations": (None, None, f"?subject={self.resident.uuid}"),
            "list_health_devices": (),
            "register_health_device": (None, new),
            "give_health_device_key": (device, {}),
            "report_health_device_lost": (device, reason),
            "note_health_device_found": (self.lost.uuid, {}),
            "retire_health_device": (device, reason),
            "lend_health_device": (device, {"resident": self.resident.uuid}),
            "return_health_device": (self.lent.uuid, {}),
            "list_waiting_readings": (),
            "assign_device_reading": (reading, {"resident": self.resident.uuid, **reason}),
            "split_device_reading": (reading, {"items": ["systolic"], **reason}),
            "discard_device_reading": (reading, reason),
        }
