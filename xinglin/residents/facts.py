"""What the register of residents tells the reporting side: who lives where, and from when to when. No names."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, day, number, person, register, text

RESIDENTS = FactTable(
    "residents", "辖区居民", "Residents",
    "One row: a resident on record, each person once: at the facility that manages him on the day of the facts. Who moved"
    " between townships counts where he lives now; what was frozen before keeps him where he lived then.",
    Shape.SPELL,
    source="residents_resident t", where="t.status <> 'MERGED'", month_of="t.registered_at",
    columns={
        "uuid": UUID, "facility": number("t.managed_by_id", "facility that manages him"), "person": person("t.id", "who"),
        "since": day("(t.registered_at AT TIME ZONE 'Asia/Shanghai')::date", "on record from"),
        "until": day(
            "LEAST(t.died_on, CASE WHEN t.status IN ('MOVED', 'DECEASED') THEN"
            " (t.status_changed_at AT TIME ZONE 'Asia/Shanghai')::date END)",
            "first day no longer: moved away, or died",
        ),
        "sex": text("t.sex", "sex (GB/T 2261.1)"), "division": text("t.division_code", "division he lives in"),
        "born_on": day("date_trunc('month', t.born_on)::date", "first day of the month of birth"),
        "died_on": day("t.died_on", "died"),
        "insurance": text("t.insurance", "RESIDENT, EMPLOYEE, COMMERCIAL, NONE, UNKNOWN"),
    },
    checks=(
        Check("backwards", "until < since", "ends before it begins"),
        Check("unborn", "born_on > since", "on record before the month of birth"),
        Check("old", "until is None and age(born_on) > 115", "older than 115 years"),
    ),
)  # fmt: skip

register(RESIDENTS)
