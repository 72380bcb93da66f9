"""What referrals tell the reporting side."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, moment, number, person, register, text

REFERRALS = FactTable(
    "referrals", "转诊", "Referrals", "One row: one referral, by the day it was sent, else drafted.", Shape.EVENT,
    source="referrals_referral t JOIN residents_resident p ON p.id = t.resident_id",
    month_of="COALESCE(t.sent_at, t.drafted_at)",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the referral"),
        "facility": number("t.from_facility_id", "facility that sends"),
        "to_facility": number("t.to_facility_id", "facility that receives"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"),
        "direction": text("t.direction", "UP, DOWN, SIDEWAYS"), "channel": text("t.channel", "channel"),
        "status": text("t.status", "state"), "reason": text("t.reason_code", "reason"),
        "at": moment("COALESCE(t.sent_at, t.drafted_at)", "sent, else drafted"),
        "sent_at": moment("t.sent_at", "sent"), "answered_at": moment("t.answered_at", "accepted or refused"),
        "due_at": moment("t.due_at", "when the present step is due"), "arrived_at": moment("t.arrived_at", "arrived"),
        "admitted_at": moment("t.admitted_at", "admitted"), "discharged_at": moment("t.discharged_at", "discharged"),
        "closed_at": moment("t.closed_at", "closed"),
    },
    checks=(
        Check("backwards", "arrived_at < sent_at", "arrived before it was sent"),
        Check("closed-early", "closed_at < arrived_at", "closed before arrival"),
    ),
)  # fmt: skip

register(REFERRALS)
