"""What the engine computes, in SQL written by hand: what somebody who knows the tables and the database would write.

DuckDB and PostgreSQL read the same statements, but for the first visit of everybody. The facts are views (DuckDB) or tables
(PostgreSQL) of their own names, beside ``places`` (facility, township). Columns are called as what they are part of:
``m12-tcm-share:n`` is a numerator, ``:d`` a denominator.

What adds up is counted at each facility and added; the rest is taken by township and for the whole. A row without a
township is the county.
"""

from typing import Any

from synth.facts import YEAR

REF = f"DATE '{YEAR}-12-31'"


def counted(table: str, columns: dict[str, str], where: str = "", *, at: str = "facility") -> str:
    """Counts and sums at each facility, added; or at the facility of another column."""
    inner = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    outer = ", ".join(f'sum("{name}") AS "{name}"' for name in columns)
    return (
        f"SELECT township, {outer} FROM (SELECT {at} AS facility, {inner} FROM {table} {where} GROUP BY {at}) AS counted "
        "JOIN places USING (facility) GROUP BY ROLLUP (township)"
    )


def n_of(where: str = "") -> str:
    """How many rows."""
    return f"count(*) FILTER (WHERE {where})" if where else "count(*)"


def sum_of(value: str, where: str) -> str:
    """The sum of a value."""
    return f"sum({value}) FILTER (WHERE {where})"


KEPT = "status <> 'VOIDED'"
_GRASSROOTS = f"{KEPT} AND tier IN ('TOWNSHIP', 'VILLAGE')"
_MEDICINES = f"{KEPT} AND n_medicines > 0"
_LATE = "(\"at\" + INTERVAL '8 hours')::date < (recorded_at + INTERVAL '8 hours')::date"
VISITS = {
    "visits-by-tier:n": n_of(KEPT),
    "m07-grassroots-visits:n": n_of(_GRASSROOTS), "m07-grassroots-visits:d": n_of(KEPT),
    "m12-tcm-share:n": n_of(f"{KEPT} AND is_tcm"), "m12-tcm-share:d": n_of(KEPT), "visits-signed:n": n_of("status = 'SIGNED'"),
    "visits-signed:d": n_of(KEPT), "diagnosis-coded:n": n_of("status = 'SIGNED' AND n_diagnoses > 0"),
    "diagnosis-coded:d": n_of("status = 'SIGNED'"), "medicines-per-visit:n": sum_of("n_medicines", _MEDICINES),
    "medicines-per-visit:d": n_of(_MEDICINES), "many-medicines:n": n_of(f"{KEPT} AND n_medicines >= 5"),
    "many-medicines:d": n_of(_MEDICINES), "late-visit-entry:n": n_of(_LATE), "late-visit-entry:d": n_of(),
    "visits-per-resident:n": n_of(KEPT),
}  # fmt: skip
#: Where people live, wherever they went.
VISITS_OF_RESIDENTS = {
    "grassroots-share:n": n_of(_GRASSROOTS), "grassroots-share:d": n_of(KEPT),
    "flow-circulatory:n": n_of(f"{KEPT} AND diagnosis LIKE 'I%'"),
}  # fmt: skip
#: The same, split by tier in the same pass.
BY_TIER = {f"visits-by-tier:{tier}": n_of(f"{KEPT} AND tier = '{tier}'") for tier in ("COUNTY", "TOWNSHIP", "VILLAGE")}

_HERE, _OUT, _STAY = "place = 'IN_COUNTY'", "place = 'OUTSIDE'", "kind = 'INPATIENT'"
_EITHER, _TREATED = "place IN ('IN_COUNTY', 'OUTSIDE')", "kind IN ('OUTPATIENT', 'INPATIENT')"
SETTLEMENTS = {
    "m09-grassroots-fund:n": sum_of("fund_fen", f"{_HERE} AND tier IN ('TOWNSHIP', 'VILLAGE')"),
    "m09-grassroots-fund:d": sum_of("fund_fen", _HERE), "m10a-inpatient-cost:n": sum_of("total_fen", f"{_HERE} AND {_STAY}"),
    "m10a-inpatient-cost:d": n_of(f"{_HERE} AND {_STAY}"),
    "mean-outpatient-cost:n": sum_of("total_fen", f"{_HERE} AND kind = 'OUTPATIENT'"),
    "mean-outpatient-cost:d": n_of(f"{_HERE} AND kind = 'OUTPATIENT'"),
    "mean-stay:n": sum_of('"at" - admitted_on', f"{_HERE} AND {_STAY}"),
    "mean-stay:d": n_of(f"{_HERE} AND {_STAY} AND admitted_on IS NOT NULL"),
}  # fmt: skip
SETTLEMENTS_OF_RESIDENTS = {
    "m08-in-county-fund:n": sum_of("fund_fen", _HERE), "m08-in-county-fund:d": sum_of("fund_fen", _EITHER),
    "m11-in-county-admissions:n": n_of(f"{_HERE} AND {_STAY}"), "m11-in-county-admissions:d": n_of(f"{_EITHER} AND {_STAY}"),
    "v01-in-county-visits:n": n_of(f"{_HERE} AND {_TREATED}"), "v01-in-county-visits:d": n_of(f"{_EITHER} AND {_TREATED}"),
    "flow-stays-outside:n": n_of(f"{_OUT} AND {_STAY}"),
    "v02-out-rate:n": n_of(f"{_OUT} AND {_TREATED}"), "v02-out-rate:d": n_of(f"{_EITHER} AND {_TREATED}"),
    "v03-orderly:n": n_of(f"{_OUT} AND with_referral"), "v03-orderly:d": n_of(_OUT),
    "inpatient-reimbursed:n": sum_of("fund_fen", _STAY), "inpatient-reimbursed:d": sum_of("total_fen", _STAY),
}  # fmt: skip

_CLINIC = "kind = 'VILLAGE_CLINIC' AND status = 'OPEN'"
FACILITIES = {
    "m03b-clinics-connected:n": n_of(f"{_CLINIC} AND connected_on <= {REF}"), "m03b-clinics-connected:d": n_of(_CLINIC),
    "p100-public-clinics:n": n_of(f"{_CLINIC} AND publicly_owned"), "p100-public-clinics:d": n_of(_CLINIC),
    "p101-integrated-clinics:n": n_of(f"{_CLINIC} AND integrated_on <= {REF}"), "p101-integrated-clinics:d": n_of(_CLINIC),
    "p68-insured-clinics:n": n_of(f"{_CLINIC} AND insured_on <= {REF}"), "p68-insured-clinics:d": n_of(_CLINIC),
}  # fmt: skip

_OLD, _YOUNG = f"born_on <= DATE '{YEAR - 65}-12-31'", f"born_on > DATE '{YEAR - 7}-12-31'"
_LISTED = "programme IN ('hypertension', 'diabetes', 'mental-disorder', 'tuberculosis')"
_HIGHS = "programme IN ('hypertension', 'diabetes', 'dyslipidaemia', 'three-highs')"
_MANAGED = "programme IN ('hypertension', 'diabetes')"
_KEY = f"{_OLD} OR {_YOUNG} OR listed.person IS NOT NULL"
IN_FORCE = f"since <= {REF} AND (until IS NULL OR until > {REF})"
_PROGRAMMES = {
    "p11-hypertension-standard": "hypertension", "p13-diabetes-standard": "diabetes",
    "p19a-mental-disorder-managed": "mental-disorder", "p20a-tuberculosis-managed": "tuberculosis",
}  # fmt: skip
_CONTROL = {
    "p12-hypertension-control": "hypertension",
    "p14-diabetes-control": "diabetes",
    "p19b-mental-stable": "mental-disorder",
}


def _standard() -> dict[str, str]:
    """Seen as often as the time in the programme asks for."""
    found = {}
    for slug, programme in _PROGRAMMES.items():
        here = f"programme = '{programme}'"
        often = " OR ".join(
            [f"since > {REF} - 90", *(f"since > {REF} - {90 * (n + 1)} AND n_{programme[:3]} >= {n}" for n in (1, 2, 3)),
             f"n_{programme[:3]} >= 4"]
        )  # fmt: skip
        found |= {f"{slug}:n": n_of(f"{here} AND status <> 'LOST' AND ({often})"), f"{slug}:d": n_of(here)}
    for slug, programme in _CONTROL.items():
        here = f"programme = '{programme}'"
        lost = "" if slug == "p19b-mental-stable" else " AND status <> 'LOST'"
        found |= {f"{slug}:n": n_of(f"{here}{lost} AND last_{programme[:3]}"), f"{slug}:d": n_of(here)}
    return found


ENROLMENTS = {
    **_standard(), "p16a-managed-by-disease:n": n_of(),
    "p16a-managed-by-disease:hypertension": n_of("programme = 'hypertension'"),
    "p16a-managed-by-disease:diabetes": n_of("programme = 'diabetes'"),
    "p17-followup-current:n": n_of(f"status = 'ENROLLED' AND next_due_on >= {REF}"),
    "p17-followup-current:d": n_of("status IN ('ENROLLED', 'LOST')"), "programme-lost:n": n_of("status = 'LOST'"),
    "programme-lost:d": n_of("status IN ('ENROLLED', 'LOST')"), "p10-hypertension-managed:n": n_of("programme = 'hypertension'"),
    "admitted-hypertension:n": n_of("programme = 'hypertension' AND admitted.person IS NOT NULL"),
    "admitted-hypertension:d": n_of("programme = 'hypertension'"),
}  # fmt: skip
RESIDENTS = {
    "p01-contract-coverage:d": n_of(), "p02-key-group-coverage:d": n_of(_KEY), "p03-elderly-coverage:d": n_of(_OLD),
    "p10-hypertension-managed:d": "0.275 * " + n_of(f"born_on <= DATE '{YEAR - 18}-12-31'"),
    "insured-admission-rate:n": n_of("admitted.person IS NOT NULL"), "insured-admission-rate:d": n_of(),
    "visits-per-resident:d": n_of(), "p50-elderly-managed:n": n_of(f"{_OLD} AND elderly_yearly"), "p50-elderly-managed:d": n_of(_OLD),
}  # fmt: skip
AGREEMENTS = {
    "p01-contract-coverage:n": n_of(), "p02-key-group-coverage:n": n_of(_KEY), "p03-elderly-coverage:n": n_of(_OLD),
    "p06b-residents-per-team:n": n_of(),
}  # fmt: skip
_ENDED = "end_reason IN ('expired', 'renewed')"
BY_UNIT = "GROUP BY GROUPING SETS ((township), ())"
_JOINED = "LEFT JOIN {0} USING (person)"

_SEEN = ", ".join(
    f"count(*) FILTER (WHERE programme = '{each}' AND face_to_face) AS n_{each[:3]}" for each in _PROGRAMMES.values()
)
_YEARLY = "bool_or(kind = 'yearly') AS yearly, bool_or(programme = 'elderly' AND kind = 'yearly') AS elderly_yearly"
_LASTS = ", ".join(
    f"arg_max(is_controlled, {{'at': \"at\", 'uuid': uuid}}) FILTER (WHERE programme = '{each}') AS last_{each[:3]}"
    for each in _CONTROL.values()
)
_LASTS_POSTGRES = ", ".join(
    f"(array_agg(is_controlled ORDER BY \"at\" DESC, uuid DESC) FILTER (WHERE programme = '{each}'))[1] AS last_{each[:3]}"
    for each in _CONTROL.values()
)
_FIRST_PRESSURE = f"""
WITH p AS (SELECT township, person, bool_or(has_pressure) AS has FROM visits JOIN places USING (facility)
  WHERE {KEPT} AND born_on <= DATE '{YEAR - 35}-12-31' GROUP BY township, person)
SELECT township, count(*) FILTER (WHERE has) AS "first-pressure:n", count(*) AS "first-pressure:d" FROM p GROUP BY township"""
_PERSONS = f"""
WITH p AS (SELECT person, bool_or(has_pressure) AS has, min(born_on) AS born_on,
    arg_min(tier IN ('TOWNSHIP', 'VILLAGE'), {{'at': "at", 'uuid': uuid}}) AS grassroots
  FROM visits WHERE {KEPT} GROUP BY person)
SELECT NULL AS township, count(*) FILTER (WHERE has AND born_on <= DATE '{YEAR - 35}-12-31') AS "first-pressure:n",
  count(*) FILTER (WHERE born_on <= DATE '{YEAR - 35}-12-31') AS "first-pressure:d",
  count(*) FILTER (WHERE grassroots) AS "v04-first-visit:n", count(*) AS "v04-first-visit:d" FROM p"""
#: PostgreSQL sorts once for the first visit of everybody, and again for nothing else.
_PERSONS_POSTGRES = f"""
WITH p AS (SELECT person, bool_or(has_pressure) AS has, min(born_on) AS born_on FROM visits WHERE {KEPT} GROUP BY person),
f AS (SELECT DISTINCT ON (person) tier IN ('TOWNSHIP', 'VILLAGE') AS grassroots FROM visits WHERE {KEPT} ORDER BY person, "at", uuid)
SELECT NULL AS township, count(*) FILTER (WHERE has AND born_on <= DATE '{YEAR - 35}-12-31') AS "first-pressure:n",
  count(*) FILTER (WHERE born_on <= DATE '{YEAR - 35}-12-31') AS "first-pressure:d",
  (SELECT count(*) FROM f WHERE grassroots) AS "v04-first-visit:n", count(*) AS "v04-first-visit:d" FROM p"""


def tables(database: str) -> list[str]:
    """What is worked out once: of everybody, what was seen in the programmes; who was admitted; who is listed."""
    lasts = _LASTS if database == "duckdb" else _LASTS_POSTGRES
    return [
        f"CREATE TEMP TABLE followed AS SELECT person, {_SEEN}, {lasts}, {_YEARLY} FROM programme_visits GROUP BY person",
        f"CREATE TEMP TABLE admitted AS SELECT DISTINCT person FROM settlements WHERE {_STAY}",
        f"CREATE TEMP TABLE listed AS SELECT DISTINCT person FROM enrolments WHERE {IN_FORCE} AND {_LISTED}",
    ]


def statements(database: str) -> list[str]:
    """All of them. Each row has a township, or none for the county, and parts of indicators."""
    from tests.bench import by_hand_tables

    followed, admitted, listed = (_JOINED.format(each) for each in ("followed", "admitted", "listed"))
    force = f"WHERE {IN_FORCE}"
    return [
        counted("visits", {**VISITS, **BY_TIER}),
        _PERSONS if database == "duckdb" else _PERSONS_POSTGRES,
        _FIRST_PRESSURE,
        counted("visits", VISITS_OF_RESIDENTS, at="home"),
        counted("settlements", SETTLEMENTS),
        counted("settlements", SETTLEMENTS_OF_RESIDENTS, at="home"),
        counted("facilities", FACILITIES, force),
        counted(f"enrolments {followed} {admitted}", ENROLMENTS, force),
        f"""SELECT township, count(DISTINCT person) AS "p16b-managed-persons:n",
          count(DISTINCT person) FILTER (WHERE {_HIGHS}) AS "p15-three-highs:n",
          count(DISTINCT person) FILTER (WHERE {_HIGHS} AND yearly) AS "p18-yearly-assessment:n",
          count(DISTINCT person) FILTER (WHERE {_HIGHS}) AS "p18-yearly-assessment:d",
          count(DISTINCT person) FILTER (WHERE {_MANAGED} AND admitted.person IS NOT NULL) AS "m13-managed-admitted:n",
          count(DISTINCT person) FILTER (WHERE {_MANAGED}) AS "m13-managed-admitted:d"
        FROM enrolments JOIN places USING (facility) {followed} {admitted} {force} {BY_UNIT}""",
        counted(f"residents {followed} {admitted} {listed}", RESIDENTS, force),
        counted(f"agreements {listed}", AGREEMENTS, force),
        f"""SELECT township, count(DISTINCT team) AS "p06b-residents-per-team:d" FROM agreements JOIN places USING (facility)
        {force} {BY_UNIT}""",
        counted(
            "agreements", {"p04-renewal:n": n_of(f"{_ENDED} AND was_renewed"), "p04-renewal:d": n_of(_ENDED)},
            f"WHERE until - 1 BETWEEN DATE '{YEAR}-01-01' AND {REF}",
        ),
        counted("programme_visits", {"programme-visits-by-channel:n": n_of(), "programme-visits-by-channel:HOME": n_of("channel = 'HOME'")}),
        *by_hand_tables.statements(),
    ]  # fmt: skip


def gathered(rows: list[tuple[list[str], list[tuple[Any, ...]]]]) -> dict[str, dict[str, float]]:
    """What statements gave, from their column names and rows: unit → part → number; the county is ``all``."""
    found: dict[str, dict[str, float]] = {}
    for names, lines in rows:
        for line in lines:
            parts = dict(zip(names, line, strict=True))
            unit = str(parts.pop("township") or "all")
            found.setdefault(unit, {}).update({name: float(value or 0) for name, value in parts.items()})
    return found
