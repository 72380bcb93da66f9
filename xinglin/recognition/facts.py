"""What recognition of results tells the reporting side."""

from xinglin.platform.facts import AT_FACILITY, UUID, FactTable, Shape, moment, number, person, register, text

RECOGNITIONS = FactTable(
    "recognitions", "互认决定", "Recognition decisions", "One row: an earlier result was shown at ordering, and the doctor decided.",
    Shape.EVENT,
    source="recognition_decision t JOIN diagnostics_request r ON r.id = t.source_id"
    " JOIN residents_resident p ON p.id = t.resident_id",
    month_of="t.decided_at",
    columns={
        "uuid": UUID, "number": text("r.number", "number of the request that was recognised"), "facility": AT_FACILITY,
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"), "kind": text("t.kind", "kind of request"),
        "item": text("t.item", "item"), "status": text("t.outcome", "what was decided"),
        "reason": text("t.reason_code", "why not"), "at": moment("t.decided_at", "decided"),
        "fen": number("t.fen", "what a repetition would have cost", "fen"),
    },
)  # fmt: skip

register(RECOGNITIONS)
