"""What follow-up tasks tell the reporting side."""

from xinglin.platform.facts import AT_FACILITY, UUID, FactTable, Shape, day, moment, number, person, register, text

FOLLOWUPS = FactTable(
    "followups", "出院与转诊随访", "Follow-up tasks", "One row: a facility owed a resident a follow-up, by the day it was due.", Shape.EVENT,
    source="followups_followuptask t JOIN residents_resident p ON p.id = t.resident_id", month_of="t.due_on",
    columns={
        "uuid": UUID, "facility": AT_FACILITY, "person": person("COALESCE(p.merged_into_id, p.id)", "who"),
        "kind": text("t.kind", "AFTER_DISCHARGE, AFTER_REFERRAL, PLANNED"), "status": text("t.status", "state"),
        "at": day("t.due_on", "due"), "created_at": moment("t.created_at", "asked for"),
        "done_on": day("(t.done_at AT TIME ZONE 'Asia/Shanghai')::date", "done"), "risk": number("t.risk", "0 ordinary … 2 high"),
    },
)  # fmt: skip

register(FOLLOWUPS)
