"""What disease programmes tell the reporting side: who is enrolled, what visits found, what alerts they raised."""

from xinglin.platform.facts import (
    AT_FACILITY,
    UUID,
    Check,
    FactTable,
    Shape,
    day,
    flag,
    moment,
    number,
    person,
    register,
    text,
)

_WHO = person("COALESCE(p.merged_into_id, p.id)", "who")

ENROLMENTS = FactTable(
    "enrolments", "慢病在管", "Enrolments", "One row: a resident was in a programme for a time: managed, also while lost.", Shape.SPELL,
    source="programmes_enrolment t JOIN residents_resident p ON p.id = t.resident_id AND t.enrolled_on IS NOT NULL",
    month_of="t.enrolled_on",
    columns={
        "uuid": UUID, "facility": AT_FACILITY, "person": _WHO, "programme": text("t.programme", "programme"),
        "since": day("t.enrolled_on", "managed from"),
        "until": day("CASE WHEN t.status IN ('GRADUATED', 'ENDED') THEN COALESCE(t.ended_on,"
                     " (t.status_changed_at AT TIME ZONE 'Asia/Shanghai')::date) END", "managed no longer from this day"),
        "status": text("t.status", "state today: ENROLLED, PAUSED, LOST, GRADUATED, ENDED"),
        "found_by": text("t.found_by", "how the person came up"), "grade": text("t.grade", "grade of the newest visit"),
        "next_due_on": day("t.next_due_on", "next visit is due"), "end_reason": text("t.end_reason", "why it ended"),
    },
    checks=(Check("backwards", "until < since", "ends before it begins"),),
)  # fmt: skip

CANDIDATES = FactTable(
    "candidates", "筛查与候选", "Candidates", "One row: somebody was found who may belong in a programme.", Shape.EVENT,
    source="programmes_enrolment t JOIN residents_resident p ON p.id = t.resident_id", month_of="t.created_at",
    columns={
        "uuid": UUID, "facility": AT_FACILITY, "person": _WHO, "programme": text("t.programme", "programme"),
        "at": moment("t.created_at", "found"), "found_by": text("t.found_by", "DIAGNOSIS, READINGS, SCREENING, HAND"),
        "status": text("t.status", "state today"), "enrolled_on": day("t.enrolled_on", "enrolled"),
    },
)  # fmt: skip

PROGRAMME_VISITS = FactTable(
    "programme_visits", "慢病随访", "Programme visits",
    "One row: what a visit came to in one programme. Of an amended visit the newest version only.", Shape.EVENT,
    source="programmes_visitresult t JOIN programmes_programmevisit v ON v.id = t.visit_id"
    " AND NOT EXISTS (SELECT 1 FROM programmes_programmevisit n WHERE n.replaces_id = v.id)"
    " JOIN programmes_enrolment e ON e.id = t.enrolment_id JOIN residents_resident p ON p.id = v.resident_id",
    month_of="v.happened_at",
    columns={
        "uuid": text("v.uuid::text", "record of the visit"), "facility": number("v.facility_id", "facility that saw him"),
        "person": _WHO, "programme": text("e.programme", "programme"), "at": moment("v.happened_at", "took place"),
        "recorded_at": moment("v.recorded_at", "reached the server"), "kind": text("v.kind", "routine, yearly"),
        "channel": text("v.channel", "CLINIC, HOME, PHONE, MESSAGE"),
        "face_to_face": flag("v.channel IN ('CLINIC', 'HOME')", "the resident was there in person"),
        "grade": text("t.grade", "grade"), "is_controlled": flag("t.is_controlled", "by the reporting threshold; unknown: not measured"),
        "on_target": flag("t.on_target", "by the clinical target"), "is_complete": flag("t.is_complete", "every item asked for was given"),
        "severity": number("t.severity", "0 none … 4 emergency"), "next_due_on": day("t.next_due_on", "next visit is due"),
    },
    checks=(Check("future", "at > recorded_at", "after it was recorded"),),
)  # fmt: skip

ALERTS = FactTable(
    "alerts", "慢病预警", "Alerts", "One row: a programme visit found something that must be acted on.", Shape.EVENT,
    source="programmes_alert t JOIN programmes_programmevisit v ON v.id = t.visit_id"
    " JOIN programmes_enrolment e ON e.id = t.enrolment_id JOIN residents_resident p ON p.id = v.resident_id",
    month_of="t.raised_at",
    columns={
        "uuid": text("v.uuid::text", "record of the visit"), "facility": number("v.facility_id", "facility"), "person": _WHO,
        "programme": text("e.programme", "programme"), "code": text("t.code", "which alert"),
        "level": number("t.level", "1 note … 4 emergency"), "at": moment("t.raised_at", "raised"),
        "follow_by": day("t.follow_by", "to be followed by"), "answered_at": moment("t.answered_at", "answered"),
    },
)  # fmt: skip

register(ENROLMENTS, CANDIDATES, PROGRAMME_VISITS, ALERTS)
