"""What check-ups tell the reporting side."""

from xinglin.platform.facts import (
    AT_FACILITY,
    UUID,
    FactTable,
    Shape,
    flag,
    moment,
    number,
    person,
    register,
    text,
    told_once,
)

CHECKUPS = FactTable(
    "checkups", "健康体检", "Check-ups", "One row: a resident was booked for a check-up, by the day it was booked.", Shape.EVENT,
    source="checkups_checkup t JOIN residents_resident p ON p.id = t.resident_id", month_of="t.booked_at",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the check-up"), "facility": AT_FACILITY,
        "home": number("p.managed_by_id", "facility that manages the resident today"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"), "at": moment("t.booked_at", "booked"),
        "arrived_at": moment("t.arrived_at", "came"), "package": text("t.package", "which"),
        "year": number("t.year", "calendar year it counts in"), "status": text("t.status", "state"),
        "is_reported": told_once(flag(
            "EXISTS (SELECT 1 FROM checkups_checkupreport r WHERE r.checkup_id = t.id AND r.withdrawn_at IS NULL)",
            "a doctor signed its report, and it was not withdrawn",
        )),
    },
)  # fmt: skip

register(CHECKUPS)
