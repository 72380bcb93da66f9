"""What accounts tell the reporting side: who of the staff works where. Nobody by name."""

from xinglin.platform.facts import FactTable, Shape, day, number, person, register, text

STAFF = FactTable(
    "staff", "人员岗位", "Staff", "One row: somebody of the staff has a role at a facility for a time. Two sites: two rows, one person.",
    Shape.SPELL,
    source="accounts_grant t JOIN accounts_user u ON u.id = t.user_id AND u.is_active AND u.resident_uuid IS NULL",
    month_of="t.valid_from",
    columns={
        "uuid": text("t.uuid::text", "the grant"), "facility": number("COALESCE(t.facility_id, u.facility_id)", "where"),
        "home": number("u.facility_id", "facility of the account"), "person": person("-u.id", "who"),
        "role": text("t.role", "role"),
        "since": day("(t.valid_from AT TIME ZONE 'Asia/Shanghai')::date", "from"),
        "until": day("(LEAST(t.valid_until, t.revoked_at) AT TIME ZONE 'Asia/Shanghai')::date", "no longer from this day"),
    },
)  # fmt: skip

register(STAFF)
