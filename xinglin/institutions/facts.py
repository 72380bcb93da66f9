"""What contracts with institutions tell the reporting side: institutions, agreements in force, and rounds by the day due."""

from xinglin.platform.facts import (
    AT_FACILITY,
    UUID,
    Check,
    FactTable,
    Shape,
    day,
    flag,
    number,
    register,
    text,
    told_once,
)

INSTITUTIONS = FactTable(
    "institutions", "签约服务对象机构", "Institutions", "One row: a home, a school or the like is open for a time.", Shape.SPELL,
    source="institutions_institution t", month_of="t.opened_on",
    columns={
        "uuid": UUID, "facility": number("t.keeper_id", "unit in whose place it lies"),
        "institution": number("t.id", "institution"), "kind": text("t.kind", "ELDERLY, WELFARE, DISABLED, SCHOOL, NURSERY"),
        "beds": number("t.beds", "beds"), "since": day("t.opened_on", "open from"),
        "until": day("t.closed_on + 1", "open no longer from this day"),
    },
)  # fmt: skip

AGREEMENTS = FactTable(
    "institution_agreements", "医养签约协议", "Agreements with institutions",
    "One row: a medical unit is signed with an institution for a time.", Shape.SPELL,
    source="institutions_careagreement t JOIN institutions_institution i ON i.id = t.institution_id"
    " AND t.status IN ('SIGNED', 'ACTIVE', 'ENDED')",
    month_of="t.starts_on",
    columns={
        "uuid": UUID, "facility": number("i.keeper_id", "unit in whose place the institution lies"),
        "signed_at_facility": AT_FACILITY, "institution": number("t.institution_id", "institution"),
        "kind": text("i.kind", "kind of institution"), "unit": text("t.unit", "FACILITY, TEAM"),
        "since": day("t.starts_on", "in force from"),
        "until": day("LEAST(t.ends_on, t.ended_on) + 1", "in force no longer from this day"),
    },
    checks=(Check("backwards", "until < since", "ends before it begins"),),
)  # fmt: skip

ROUNDS = FactTable(
    "institution_rounds", "机构巡诊", "Rounds at institutions", "One row: a service an agreement plans, by the day it is due.",
    Shape.EVENT,
    source="institutions_round t JOIN institutions_careagreement a ON a.id = t.agreement_id"
    " JOIN institutions_institution i ON i.id = a.institution_id",
    month_of="t.due_on",
    columns={
        "uuid": UUID, "facility": number("a.facility_id", "facility from where it is served"),
        "institution": number("a.institution_id", "institution"), "kind": text("i.kind", "kind of institution"),
        "item": text("t.item", "item of the package"), "status": text("t.status", "PLANNED, DONE, DROPPED"),
        "at": day("t.due_on", "due"),
        "done_on": day("(t.came_at AT TIME ZONE 'Asia/Shanghai')::date", "somebody came"),
        "is_dropped": flag("t.status = 'DROPPED'", "the agreement ended before it was due"),
        "in_time": flag("COALESCE((t.came_at AT TIME ZONE 'Asia/Shanghai')::date <= t.due_on, FALSE)", "done by the day it was due"),
        "n_seen": told_once(number("(SELECT count(*) FROM institutions_seen s WHERE s.round_id = t.id)", "residents seen")),
    },
)  # fmt: skip

register(INSTITUTIONS, AGREEMENTS, ROUNDS)
