"""What requests, reports and critical values tell the reporting side."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, flag, moment, number, person, real, register, text

REQUESTS = FactTable(
    "requests", "检查检验申请与报告", "Requests and reports", "One row: one request to a centre, with what became of it.", Shape.EVENT,
    source="diagnostics_request t JOIN residents_resident p ON p.id = t.resident_id JOIN network_facility f"
    " ON f.id = t.from_facility_id JOIN diagnostics_centre c ON c.id = t.centre_id",
    month_of="t.requested_at",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the request"),
        "facility": number("t.from_facility_id", "facility that asks"),
        "centre_facility": number("c.facility_id", "facility of the centre"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"), "tier": text("f.tier", "tier of who asks"),
        "kind": text("t.kind", "ECG, IMAGING, LAB, PATHOLOGY"), "priority": text("t.priority", "priority"),
        "status": text("t.status", "state"), "at": moment("t.requested_at", "asked"),
        "due_at": moment("t.due_at", "when the report is due"), "reported_at": moment("t.reported_at", "final report"),
        "minutes": real("extract(epoch FROM t.reported_at - t.requested_at)::float8 / 60", "from request to final report", "min"),
        "n_reports": number("(SELECT count(*) FROM diagnostics_report r WHERE r.request_id = t.id)", "versions of the report"),
        "is_abnormal": flag(
            "(SELECT r.is_abnormal FROM diagnostics_report r WHERE r.request_id = t.id ORDER BY r.version DESC LIMIT 1)",
            "the newest report says abnormal",
        ),
    },
    checks=(Check("backwards", "reported_at < at", "reported before it was asked"),),
)  # fmt: skip

CRITICAL_VALUES = FactTable(
    "critical_values", "危急值", "Critical values", "One row: one critical value that was notified.", Shape.EVENT,
    source="diagnostics_criticalvalue t JOIN diagnostics_request r ON r.id = t.request_id"
    " JOIN residents_resident p ON p.id = r.resident_id",
    month_of="t.notified_at",
    columns={
        "uuid": UUID, "number": text("r.number", "number of the request"),
        "facility": number("r.from_facility_id", "facility that asked"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "who"), "kind": text("r.kind", "kind of request"),
        "code": text("t.code", "code of the list"), "status": text("t.status", "state"),
        "at": moment("t.notified_at", "notified"), "due_at": moment("t.due_at", "to be acknowledged by"),
        "confirmed_at": moment("t.confirmed_at", "read back"),
        "minutes": real("extract(epoch FROM t.confirmed_at - t.notified_at)::float8 / 60", "from notice to read-back", "min"),
        "escalation": number("t.escalation", "level of escalation reached"),
    },
    checks=(Check("backwards", "confirmed_at < at", "acknowledged before it was notified"),),
)  # fmt: skip

QUALITY_MARKS = FactTable(
    "quality_marks", "影像与报告质控", "Quality marks", "One row: an image or report was judged.", Shape.EVENT,
    source="diagnostics_qualitymark t JOIN diagnostics_request r ON r.id = t.request_id", month_of="t.marked_at",
    columns={
        "uuid": text("r.uuid::text", "record of the request"), "number": text("r.number", "number of the request"),
        "facility": number("r.from_facility_id", "facility that asked"), "kind": text("r.kind", "kind of request"),
        "status": text("r.status", "state of the request"), "stage": text("t.stage", "what was judged"),
        "grade": text("t.grade", "grade"), "agrees": flag("t.agrees", "the second reader agrees"),
        "at": moment("t.marked_at", "judged"),
    },
)  # fmt: skip

register(REQUESTS, CRITICAL_VALUES, QUALITY_MARKS)
