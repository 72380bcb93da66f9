"""What the register of residents tells the reporting side: who lives where, and from when to when. No names."""

from xinglin.platform.facts import UUID, Check, FactTable, Shape, day, number, person, register, text

_HERE = "r.id, r.uuid, r.sex, r.born_on, r.died_on, r.insurance"
#: Where each person lives, and where he lived before; a change of either row is seen by its own transaction and place, and
#: one of the person where he lived before.
_EVERYWHERE = f"""(
  SELECT r.xmin::text AS xmin, r.ctid, {_HERE}, r.managed_by_id AS facility_id, r.division_code,
    COALESCE(h.until, (r.registered_at AT TIME ZONE 'Asia/Shanghai')::date) AS since,
    LEAST(r.died_on, CASE WHEN r.status IN ('MOVED', 'DECEASED')
      THEN (r.status_changed_at AT TIME ZONE 'Asia/Shanghai')::date END) AS until
  FROM residents_resident r
  LEFT JOIN (SELECT resident_id, max(until) AS until FROM residents_formerresidence GROUP BY 1) h ON h.resident_id = r.id
  WHERE r.status <> 'MERGED'
  UNION ALL
  SELECT h.xmin::text || '.' || r.xmin::text || r.ctid::text, h.ctid, {_HERE}, h.facility_id, h.division_code, h.since, h.until
  FROM residents_formerresidence h JOIN residents_resident r ON r.id = h.resident_id
  WHERE r.status <> 'MERGED' AND h.since < h.until
) t"""  # noqa: S608 - constants only

RESIDENTS = FactTable(
    "residents", "辖区居民", "Residents",
    "One row: a facility managed a resident for a time. Who moved between townships counts on each day where he lived on"
    " that day, and on each day once.",
    Shape.SPELL,
    source=_EVERYWHERE, order="t.id, t.since", month_of="t.since",
    columns={
        "uuid": UUID, "facility": number("t.facility_id", "facility that managed him"), "person": person("t.id", "who"),
        "since": day("t.since", "on record from, or moved there"),
        "until": day("t.until", "first day no longer: moved to another facility, moved away, or died"),
        "sex": text("t.sex", "sex (GB/T 2261.1)"), "division": text("t.division_code", "division he lived in"),
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
