"""What visits tell the reporting side."""

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
    real,
    register,
    text,
    told_at_once,
    told_once,
)

_PERSON = "COALESCE(p.merged_into_id, p.id)"

VISITS = FactTable(
    "visits", "诊疗", "Visits", "One row: one outpatient or emergency visit, of whatever state.", Shape.EVENT,
    source="visits_visit t JOIN residents_resident p ON p.id = t.resident_id",
    month_of="t.started_at",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the visit"), "facility": AT_FACILITY,
        "person": person(_PERSON, "who was seen; merged records are one person"),
        "home": number("p.managed_by_id", "facility that manages the resident today"),
        "at": moment("t.started_at", "beginning of the visit"),
        "recorded_at": moment("t.recorded_at", "when it reached the server"),
        "tier": text("t.tier", "tier of the facility at that time: COUNTY, TOWNSHIP, VILLAGE"),
        "kind": text("t.kind", "kind of visit"), "status": text("t.status", "OPEN, SIGNED, AMENDED, VOIDED"),
        "is_tcm": told_once(flag(
            "EXISTS (SELECT 1 FROM visits_prescription m WHERE m.visit_id = t.id AND m.is_tcm)"
            " OR EXISTS (SELECT 1 FROM network_facility f WHERE f.id = t.facility_id AND f.kind = 'TCM_HOSPITAL')",
            "a TCM unit, or a TCM prescription",
        )),
        "has_pressure": flag("t.systolic IS NOT NULL", "blood pressure was measured"),
        "systolic": number("t.systolic", "systolic pressure", "mmHg"),
        "diastolic": number("t.diastolic", "diastolic pressure", "mmHg"),
        "glucose": real("t.glucose", "glucose", "mmol/L"),
        "born_on": day("date_trunc('month', p.born_on)::date", "first day of the month of birth"),
        "n_medicines": told_once(
            number("(SELECT count(*) FROM visits_prescription m WHERE m.visit_id = t.id)", "lines prescribed")
        ),
        "n_diagnoses": told_once(
            number("(SELECT count(*) FROM visits_diagnosis d WHERE d.visit_id = t.id)", "diagnoses coded")
        ),
        "diagnosis": told_once(text(
            "(SELECT d.code FROM visits_diagnosis d WHERE d.visit_id = t.id AND d.system = 'ICD-10'"
            " ORDER BY d.is_primary DESC, d.id LIMIT 1)",
            "code of the main diagnosis by ICD-10, whether a Chinese one stands before it or not",
        )),
    },
    checks=(
        Check("future", "at > recorded_at", "begins after it was recorded"),
        Check("pressure", "systolic is not None and diastolic is not None and systolic <= diastolic", "systolic not above diastolic"),
        Check("unborn", "born_on > day(at)", "before the month of birth"),
    ),
    is_steady=True,
)  # fmt: skip

PRESCRIPTIONS = FactTable(
    "prescriptions", "处方明细", "Prescriptions", "One row: one medicine prescribed at a visit that was not voided.", Shape.EVENT,
    source="visits_prescription t JOIN visits_visit v ON v.id = t.visit_id JOIN residents_resident p ON p.id = v.resident_id",
    month_of="v.started_at",
    columns={
        "uuid": UUID, "number": told_once(text("v.number", "number of the visit")),
        "facility": told_once(number("v.facility_id", "facility of the visit")),
        "person": person(_PERSON, "for whom"), "at": told_once(moment("v.started_at", "beginning of the visit")),
        "status": told_at_once(text("v.status", "state of the visit")), "tier": told_once(text("v.tier", "tier of the facility at that time")),
        "medicine": text("t.medicine", "medicine"), "days": number("t.days", "for how long", "days"),
        "is_tcm": flag("t.is_tcm", "Chinese medicine"), "visit": told_once(text("v.uuid::text", "record of the visit")),
    },
    checks=(Check("long", "days > 90", "for more than 90 days"),),
)  # fmt: skip

register(VISITS, PRESCRIPTIONS)
