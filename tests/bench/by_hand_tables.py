"""The rest of what the engine computes, in SQL written by hand: tables beside visits, settlements, programmes and contracts."""

from synth.facts import YEAR
from synth.facts_units import STANDING
from tests.bench.by_hand import BY_UNIT, IN_FORCE, REF, counted, n_of, sum_of

_REPORTED = "reported_at IS NOT NULL"
_DECEMBER = f""" AND "at" >= DATE '{YEAR}-12-01'"""
_LOW = "tier IN ('TOWNSHIP', 'VILLAGE')"
_TOLD = f"(confirmed_at IS NOT NULL OR (due_at + INTERVAL '8 hours')::date < {REF}) AND status <> 'SUPERSEDED'"
_SENT = "sent_at IS NOT NULL"
_UP = "direction = 'UP'"
_TOWNSHIP_UNIT = "IN ('TOWNSHIP_HOSPITAL', 'COMMUNITY_CENTRE')"
_OPENED = f"kind {_TOWNSHIP_UNIT} AND status = 'OPEN'"

#: Counts and sums: table → column → SQL.
COUNTED: dict[str, dict[str, str]] = {
    "prescriptions": {
        "tcm-prescriptions:n": n_of("status <> 'VOIDED' AND is_tcm"), "tcm-prescriptions:d": n_of("status <> 'VOIDED'"),
    },
    "payments": {
        "p65-desk-payment:n": n_of("kind = 'OUTPATIENT' AND total_fen > 0 AND channel = 'DESK'"),
        "p65-desk-payment:d": n_of("kind = 'OUTPATIENT' AND total_fen > 0"), "p66a-waived-visits:n": n_of("waived_fen > 0"),
        "p66b-waived-yuan:n": "sum(waived_fen)", "own-payment-share:n": "sum(own_fen)", "own-payment-share:d": "sum(total_fen)",
    },
    "requests": {
        "p60-remote-services:n": n_of(_REPORTED),
        **{f"p60-remote-services:{each}": n_of(f"{_REPORTED} AND kind = '{each}'") for each in ("ECG", "IMAGING", "LAB", "PATHOLOGY")},
        "p61-report-on-time:n": n_of("reported_at <= due_at"),
        "p61-report-on-time:d": n_of(
            f"status NOT IN ('REJECTED', 'CANCELLED') AND ({_REPORTED} OR (due_at + INTERVAL '8 hours')::date < {REF})"
        ),
        "m05a-imaging-volume:n": n_of(f"kind = 'IMAGING' AND {_LOW} AND {_REPORTED}"),
        "m05b-ecg-volume:n": n_of(f"kind = 'ECG' AND {_LOW} AND {_REPORTED}"), "ecg-requests:n": n_of("kind = 'ECG'"),
        "ecg-requests:FINAL": n_of("kind = 'ECG' AND status = 'FINAL'"), "reports-amended:n": n_of(f"{_REPORTED} AND status = 'AMENDED'"),
        "reports-amended:d": n_of(_REPORTED), "requests-rejected:n": n_of("status = 'REJECTED'"), "requests-rejected:d": n_of(),
        "requests-from-villages:n": n_of("tier = 'VILLAGE'"), "requests-from-villages:d": n_of(),
    },
    "critical_values": {
        "critical-in-time:n": n_of(f"confirmed_at <= due_at AND {_TOLD}"), "critical-in-time:d": n_of(_TOLD),
    },
    "quality_marks": {
        "p85-image-grade:n": n_of("grade = 'A'"), "p85-image-grade:d": n_of(), "double-reading-agreement:n": n_of("agrees"),
        "double-reading-agreement:d": n_of("agrees IS NOT NULL"),
    },
    "recognitions": {
        "m03a-recognised:n": n_of("status = 'RECOGNISED'"), "recognition-share:n": n_of("status = 'RECOGNISED'"),
        "recognition-share:d": n_of("status IN ('RECOGNISED', 'REPEATED')"), "recognition-saved:n": sum_of("fen", "status = 'RECOGNISED'"),
    },
    "referrals": {
        "v05-down-share:n": n_of(f"{_SENT} AND direction = 'DOWN'"), "v05-down-share:d": n_of(f"{_SENT} AND direction IN ('UP', 'DOWN')"),
        "v06-referrals-closed:n": n_of("arrived_at IS NOT NULL AND closed_at IS NOT NULL"),
        "v06-referrals-closed:d": n_of("arrived_at IS NOT NULL"), "referrals-no-show:n": n_of(f"{_UP} AND status = 'NO_SHOW'"),
        "referrals-no-show:d": n_of(f"{_UP} AND answered_at IS NOT NULL"), "referrals-by-direction:n": n_of(_SENT),
        "referrals-by-direction:UP": n_of(f"{_SENT} AND {_UP}"), "referrals-by-state:n": n_of(_SENT),
        "referrals-by-state:CLOSED": n_of(f"{_SENT} AND status = 'CLOSED'"),
    },
    "consultations": {"consultations-by-state:n": n_of(), "consultations-by-state:CLOSED": n_of("status = 'CLOSED'")},
    "promises": {
        "p05-fulfilment:n": n_of(f"NOT is_dropped AND \"at\" <= {REF} AND in_time"),
        "p05-fulfilment:d": n_of(f"NOT is_dropped AND \"at\" <= {REF}"),
    },
    "contract_ratings": {"p07-satisfaction:n": n_of("score >= 4"), "p07-satisfaction:d": n_of()},
    "alerts": {
        "alerts-answered:n": n_of("level >= 3 AND answered_at IS NOT NULL"), "alerts-answered:d": n_of("level >= 3"),
    },
    "candidates": {
        "candidates-by-way:n": n_of(), "candidates-by-way:HAND": n_of("found_by = 'HAND'"),
        "screening-yield:n": n_of("found_by = 'SCREENING' AND enrolled_on IS NOT NULL"), "screening-yield:d": n_of("found_by = 'SCREENING'"),
    },
    "followups": {
        "followups-done:n": n_of(f"status <> 'CANCELLED' AND \"at\" <= {REF} AND done_on <= \"at\""),
        "followups-done:d": n_of(f"status <> 'CANCELLED' AND \"at\" <= {REF}"),
    },
    "deaths": {"crude-death-rate:n": n_of(), "p38-maternal-mortality:n": n_of("is_maternal"), "m14-early-death:n": n_of("is_four AND age >= 30 AND age < 70")},
    "births": {
        **{
            f"{slug}:{letter}": n_of(f"is_live{where}")
            for slug, column in (
                ("p36-prenatal-screening", "prenatal"), ("p37-newborn-screening", "is_screened"), ("p39-early-booking", "early_booked"),
                ("p40-postpartum-visit", "visited"),
            )
            for letter, where in (("n", f" AND {column}"), ("d", ""))
        },
        "p38-maternal-mortality:d": n_of("is_live"),
    },
    "complaints": {
        "p120-on-time:n": n_of('closed_on <= "at"'), "p120-on-time:d": n_of(f'"at" <= {REF}'),
        "p121-first-time:n": n_of("closed_on IS NOT NULL AND first_time"), "p121-first-time:d": n_of("closed_on IS NOT NULL"),
        "p122-satisfied:n": n_of("satisfied"), "p122-satisfied:d": n_of("satisfied IS NOT NULL"), "p123-resolved:n": n_of("resolved"),
        "p123-resolved:d": n_of(),
    },
    "finance": {
        "service-income-share:n": "sum(service_fen)", "service-income-share:d": "sum(income_fen)", "staff-cost-share:n": "sum(staff_fen)",
        "staff-cost-share:d": "sum(spent_fen)", "debt-ratio:n": "sum(debts_fen)", "debt-ratio:d": "sum(assets_fen)",
    },
    "prescription_reviews": {
        "p81a-prescriptions-reviewed:n": "sum(reviewed)", "p81a-prescriptions-reviewed:d": "sum(issued)",
        "p81b-prescriptions-changed:n": "sum(changed)", "p81b-prescriptions-changed:d": "sum(flagged)",
        "p81c-prescriptions-qualified:n": "sum(qualified)", "p81c-prescriptions-qualified:d": "sum(commented)",
    },
    "returns": {
        f"{slug}:{letter}": sum_of("value", f"item = '{item}'" + (_DECEMBER if slug in STANDING else ""))
        for slug, items in {
            "m01-unified-management": ("unified-domains-proved", "unified-domains-required"),
            "m02-democratic-decision": ("body-members-grassroots", "body-members"),
            "m03c-warning-link": ("warning-links-proved", "warning-links-required"),
            "p30-vaccinated": ("children-vaccinated", "children-due"), "p35-two-cancers": ("two-cancer-screened", "two-cancer-target"),
            "p124-inspections": ("units-inspected", "units-drawn"), "p43-childcare-places": ("childcare-places", "census-residents"),
        }.items()
        for letter, item in zip(("n", "d"), items, strict=True)
    },
    "institution_rounds": {
        "institution-rounds-in-time:n": n_of("NOT is_dropped AND in_time"), "institution-rounds-in-time:d": n_of("NOT is_dropped"),
    },
    "village_doctors": {
        "p90-village-doctors-qualified:n": n_of("qualified"), "p90-village-doctors-qualified:d": n_of(),
        "p91-village-doctors-trained:n": n_of("trained"), "p91-village-doctors-trained:d": n_of(),
    },
}  # fmt: skip
#: The same of spells in force.
IN_FORCE_COUNTED: dict[str, dict[str, str]] = {
    "institutions": {"institutions-signed:d": n_of("kind NOT IN ('SCHOOL', 'NURSERY')")},
    "beds": {"beds-per-thousand:n": sum_of("n_beds", "kind = 'MEDICAL'")},
    "residents": {
        "beds-per-thousand:d": n_of(), "crude-death-rate:d": n_of(), "village-doctors-per-thousand:d": n_of(),
        "m14-early-death:d": n_of(f"born_on <= DATE '{YEAR - 30}-12-31' AND born_on > DATE '{YEAR - 70}-12-31'"),
    },
    "facilities": {
        **{f"{slug}:d": n_of(_OPENED) for slug in ("p103-recommended-standard", "p107-dr", "p107-ultrasound", "p107-biochemistry", "p108-tcm-service")},
        "m05c-ecg-coverage:d": n_of("kind = 'VILLAGE_CLINIC' AND status = 'OPEN'"),
    },
}  # fmt: skip


def _distinct(column: str, where: str) -> str:
    return f"count(DISTINCT {column}) FILTER (WHERE {where})"


def _quantile(share: float, value: str, where: str) -> str:
    return f"percentile_cont({share}) WITHIN GROUP (ORDER BY {value}) FILTER (WHERE {where})"


def _equipped(kind: str, at: str) -> str:
    return _distinct("facility", f"kind = '{kind}' AND state = 'IN_USE' AND facility_kind {at}")


#: What must be taken at each unit: table, whether it holds spells, columns.
TAKEN: list[tuple[str, bool, dict[str, str]]] = [
    (
        "requests", False,
        {
            "ecg-turnaround:n": _quantile(0.5, "minutes", "kind = 'ECG' AND status IN ('FINAL', 'AMENDED')"),
            **{
                f"{name}-turnaround:n": _quantile(0.5, "minutes", f"kind = '{kind}' AND {_REPORTED}")
                for name, kind in (("imaging", "IMAGING"), ("lab", "LAB"), ("pathology", "PATHOLOGY"))
            },
            "turnaround-ninety:n": _quantile(0.9, "minutes", _REPORTED),
        },
    ),
    (
        "critical_values", False,
        {"critical-minutes:n": _quantile(0.5, "minutes", "status <> 'SUPERSEDED' AND confirmed_at IS NOT NULL")},
    ),
    (
        "referrals", False,
        {"referrals-answered:n": _quantile(0.5, "EXTRACT(EPOCH FROM (answered_at - sent_at)) / 60.0", "answered_at IS NOT NULL")},
    ),
    ("births", False, {"p42-birth-certificates:n": "count(DISTINCT certificate)"}),
    (
        "equipment", True,
        {
            "p107-dr:n": _equipped("DR", _TOWNSHIP_UNIT), "p107-ultrasound:n": _equipped("ULTRASOUND", _TOWNSHIP_UNIT),
            "p107-biochemistry:n": _equipped("BIOCHEMISTRY", _TOWNSHIP_UNIT), "m05c-ecg-coverage:n": _equipped("ECG", "= 'VILLAGE_CLINIC'"),
        },
    ),
    ("services", True, {"p108-tcm-service:n": _distinct("facility", f"is_tcm AND facility_kind {_TOWNSHIP_UNIT}")}),
    (
        "institution_agreements", True,
        {"institutions-signed:n": _distinct("institution", "kind NOT IN ('SCHOOL', 'NURSERY')")},
    ),
    ("titles", True, {"p103-recommended-standard:n": _distinct("facility", f"level = 'recommended' AND facility_kind {_TOWNSHIP_UNIT}")}),
    ("staff", True, {"village-doctors-per-thousand:n": _distinct("person", "role = 'village-doctor'")}),
    ("team_members", True, {"p06a-members-per-team:n": "count(*)", "p06a-members-per-team:d": "count(DISTINCT team)"}),
]  # fmt: skip

_POSTED = f"""
WITH d AS (SELECT "on"::date AS "on" FROM generate_series(DATE '{YEAR}-01-01', {REF}, INTERVAL '1 day') AS g("on")),
c AS (SELECT township, person, "on", coalesce(share, 1) AS share FROM postings JOIN places USING (facility)
  JOIN d ON since <= "on" AND (until IS NULL OR until > "on")
  WHERE level IN ('SENIOR', 'INTERMEDIATE') AND kind IN ('POSTED', 'DEPUTY_HEAD') AND to_tier = 'TOWNSHIP'),
t AS (SELECT township, person, sum(part) AS n FROM
  (SELECT township, person, "on", least(1, sum(share)) AS part FROM c GROUP BY township, person, "on") AS q GROUP BY township, person),
w AS (SELECT person, sum(part) AS n FROM
  (SELECT person, "on", least(1, sum(share)) AS part FROM c GROUP BY person, "on") AS q GROUP BY person)
SELECT township, count(*) FILTER (WHERE n >= 183) AS "m04-physicians-posted:n" FROM t GROUP BY township
UNION ALL SELECT NULL, count(*) FILTER (WHERE n >= 183) FROM w"""
_INCOME = f"""
SELECT NULL AS township,
  sum(total_fen) FILTER (WHERE {_LOW})::float8 / sum(n_staff) FILTER (WHERE {_LOW}) AS "m06-income-ratio:n",
  sum(total_fen) FILTER (WHERE tier = 'COUNTY')::float8 / sum(n_staff) FILTER (WHERE tier = 'COUNTY') AS "m06-income-ratio:d"
FROM staff_income"""


def statements() -> list[str]:
    """All of them, as in `by_hand`."""
    force = f"WHERE {IN_FORCE}"
    named = [", ".join(f'{sql} AS "{name}"' for name, sql in columns.items()) for _table, _is_spell, columns in TAKEN]
    taken = [
        f"SELECT township, {columns} FROM {table} JOIN places USING (facility) {force if is_spell else ''} {BY_UNIT}"
        for (table, is_spell, _columns), columns in zip(TAKEN, named, strict=True)
    ]
    return [
        *(counted(table, columns) for table, columns in COUNTED.items()),
        *(counted(table, columns, force) for table, columns in IN_FORCE_COUNTED.items()),
        counted(
            "postings", {"p92-staff-sent-down:n": n_of(), "p92-staff-sent-down:ROUND": n_of("kind = 'ROUND'")},
            f"WHERE since BETWEEN DATE '{YEAR}-01-01' AND {REF}",
        ),
        *taken, _POSTED, _INCOME,
    ]  # fmt: skip
