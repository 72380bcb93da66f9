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

CALLS = FactTable(
    "followup_calls", "随访通话", "Follow-up calls", "One row: the follow-up centre took up a call to a resident.", Shape.EVENT,
    source="followups_call t JOIN residents_resident p ON p.id = t.resident_id", month_of="t.opened_at",
    columns={
        "uuid": UUID, "facility": AT_FACILITY, "person": person("COALESCE(p.merged_into_id, p.id)", "who"),
        "at": moment("t.opened_at", "taken up"), "ended_at": moment("t.ended_at", "written down"),
        "channel": text("t.channel", "way of reaching him"), "outcome": text("t.dialled", "how it went; empty while it is open"),
        "satisfaction": number("t.satisfaction", "the lowest said; empty: nobody said"),
    },
)  # fmt: skip

register(CALLS, FOLLOWUPS)
