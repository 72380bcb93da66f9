"""What readings of devices tell the reporting side."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, flag, moment, number, person, register, text

READINGS = FactTable(
    "readings", "设备测量", "Readings of devices", "One row: a device measured somebody, or nobody known.", Shape.EVENT,
    source="readings_reading t JOIN readings_device d ON d.id = t.device_id"
    " LEFT JOIN residents_resident p ON p.id = t.resident_id",
    month_of="t.measured_at",
    columns={
        "uuid": UUID, "facility": number("d.facility_id", "facility of the device"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who, where known"), "kind": text("d.kind", "kind of device"),
        "place": text("d.place", "where the device stands"), "at": moment("t.measured_at", "measured"),
        "recorded_at": moment("t.received_at", "reached the server"), "is_late": flag("t.is_late", "came late"),
        "status": text("t.status", "state"),
    },
    checks=(Check("future", "at > recorded_at", "measured after it was received"),),
)  # fmt: skip

register(READINGS)
