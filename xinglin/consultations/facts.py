"""What consultations tell the reporting side."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, moment, number, person, register, text

CONSULTATIONS = FactTable(
    "consultations", "远程会诊", "Consultations", "One row: one consultation that was asked for.", Shape.EVENT,
    source="consultations_case t JOIN residents_resident p ON p.id = t.resident_id", month_of="t.requested_at",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the case"),
        "facility": number("t.from_facility_id", "facility that asks"),
        "to_facility": number("t.to_facility_id", "facility that is asked"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"), "kind": text("t.kind", "IMMEDIATE, BOOKED"),
        "specialty": text("t.specialty", "specialty"), "status": text("t.status", "state"),
        "at": moment("t.requested_at", "asked"), "answered_at": moment("t.answered_at", "first expert accepted"),
        "opinion_at": moment("t.opinion_at", "every opinion stands"), "closed_at": moment("t.closed_at", "closed"),
    },
    checks=(Check("backwards", "opinion_at < at", "opinion before it was asked"),),
)  # fmt: skip

register(CONSULTATIONS)
