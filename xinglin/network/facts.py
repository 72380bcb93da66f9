"""What the network tells the reporting side: facilities over time, what they have and hold, and who belongs to which."""

from xinglin.platform.facts import AT_FACILITY, UUID, Check, Column, FactTable, Shape, day, flag, number, register, text


def _spell(first: str, last: str, words: str) -> dict[str, Column]:
    return {
        "since": day(f"COALESCE({first}, DATE '2000-01-01')", f"{words} from; 2000-01-01 where nobody wrote it down"),
        "until": day(last, f"{words} no longer from this day"),
    }


def _closed(alias: str) -> str:
    """The day a facility was open no longer; NULL while it is."""
    return (
        f"CASE WHEN {alias}.status IN ('CLOSED', 'MERGED') THEN COALESCE({alias}.closed_on,"
        f" ({alias}.status_changed_at AT TIME ZONE 'Asia/Shanghai')::date) END"
    )


def _until(last: str) -> str:
    """What a facility has ends with it, at the latest."""
    return f"LEAST({last}, {_closed('f')})"


#: What a facility has that works, or worked until it closed.
_AT_WORK = "f.status NOT IN ('PLANNED', 'SUSPENDED')"

FACILITIES = FactTable(
    "facilities", "机构", "Facilities", "One row: a facility, while it is open.", Shape.SPELL,
    source="network_facility t JOIN network_division d ON d.id = t.division_id",
    month_of="COALESCE(t.opened_on, DATE '2000-01-01')",
    columns={
        "uuid": UUID, "number": text("t.code", "code of the registry"), "facility": number("t.id", "the facility"),
        **_spell("t.opened_on", _closed("t"), "open"),
        "kind": text("t.kind", "kind of facility"), "tier": text("t.tier", "tier"), "status": text("t.status", "state"),
        "division": text("d.code", "division"), "manager": number("t.manager_id", "facility that manages it"),
        "successor": number("t.successor_id", "what it was merged into"),
        "publicly_owned": flag("t.publicly_owned", "publicly owned"),
        "integrated_on": day("t.integrated_since", "run by the township from"),
        "insured_on": day("t.insured_since", "on the insurance network from"),
        "connected_on": day("t.telemedicine_since", "connected to telemedicine from"),
    },
    checks=(Check("backwards", "until < since", "closed before it opened"),),
)  # fmt: skip

EQUIPMENT = FactTable(
    "equipment", "设备", "Equipment", "One row: a piece of equipment at a facility that works, while it is not retired.", Shape.SPELL,
    where=_AT_WORK, source="network_equipment t JOIN network_facility f ON f.id = t.facility_id",
    month_of="COALESCE(t.installed_on, DATE '2000-01-01')",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "number": text("t.code", "code of the device"),
        "facility": AT_FACILITY, **_spell("t.installed_on", _until("t.retired_on"), "there"),
        "kind": text("t.kind", "DR, CT, ECG, ULTRASOUND, BIOCHEMISTRY …"), "state": text("t.state", "IN_USE, REPAIR, RETIRED"),
        "facility_kind": text("f.kind", "kind of facility"), "fen": number("t.cost_fen", "price", "fen"),
    },
)  # fmt: skip

BEDS = FactTable(
    "beds", "床位", "Beds", "One row: how many beds of a kind a facility has for a time.", Shape.SPELL,
    source="network_bedcount t JOIN network_facility f ON f.id = t.facility_id", month_of="t.valid_from",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "facility": AT_FACILITY,
        **_spell("t.valid_from", _until("t.valid_until"), "counted"),
        "kind": text("t.kind", "MEDICAL, CARE"), "n_beds": number("t.n_beds", "beds", "beds"),
        "facility_kind": text("f.kind", "kind of facility"),
    },
)  # fmt: skip

SERVICES = FactTable(
    "services", "服务项目", "Services", "One row: a facility that works offers a service for a time.", Shape.SPELL,
    where=_AT_WORK, source="network_service t JOIN network_facility f ON f.id = t.facility_id",
    month_of="COALESCE(t.valid_from, DATE '2000-01-01')",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "facility": AT_FACILITY,
        **_spell("t.valid_from", _until("t.valid_until"), "offered"),
        "code": text("t.code", "code of the service"), "is_tcm": flag("t.is_tcm", "Chinese medicine"),
        "facility_kind": text("f.kind", "kind of facility"),
    },
)  # fmt: skip

TITLES = FactTable(
    "titles", "资质", "Titles and standards", "One row: a facility that works holds a title or standard for a time.", Shape.SPELL,
    where=_AT_WORK, source="network_title t JOIN network_facility f ON f.id = t.facility_id", month_of="t.granted_on",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "facility": AT_FACILITY,
        **_spell("t.granted_on", _until("t.valid_until"), "held"),
        "code": text("t.code", "code of the title"), "level": text("t.level", "level"),
        "facility_kind": text("f.kind", "kind of facility"),
    },
)  # fmt: skip

MEMBERSHIPS = FactTable(
    "memberships", "成员单位", "Memberships", "One row: a facility belongs to a consortium for a time.", Shape.SPELL,
    source="network_membership t JOIN network_facility f ON f.id = t.facility_id"
    " JOIN network_consortium c ON c.id = t.consortium_id",
    month_of="t.valid_from",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "facility": AT_FACILITY,
        **_spell("t.valid_from", "t.valid_until", "member"),
        "consortium": text("c.code", "code of the consortium"), "role": text("t.role", "role"),
    },
)  # fmt: skip

AREAS = FactTable(
    "areas", "片区", "Areas", "One row: a facility is in an area across the tree today. It may be in several.", Shape.SPELL,
    source="network_area_facilities t JOIN network_facility f ON f.id = t.facility_id JOIN network_area a ON a.id = t.area_id",
    month_of="DATE '2000-01-01'",
    columns={
        "uuid": text("f.uuid::text", "record of the facility"), "facility": AT_FACILITY,
        **_spell("NULL", "NULL::date", "in the area"), "area": text("a.code", "code of the area"),
    },
)  # fmt: skip

register(AREAS, FACILITIES, EQUIPMENT, BEDS, SERVICES, TITLES, MEMBERSHIPS)
