"""Facts of a county written directly, at any size and in bounded memory, with answers known beforehand.

For measuring the engine: nobody needs a database for it. Everything follows from running numbers, so that counts of a year can
be written down without counting (`answers`); whom a visit belongs to strides through the residents, so that no two engines
can profit from an order.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

YEAR = 2026
MONTHS = tuple(f"{YEAR}-{month:02}" for month in range(1, 13))
RESIDENTS = 1_000_000
FACILITIES = 1_000
COUNTY, TOWNSHIP = 8, 69  # facilities up to these numbers are of the county, of townships; the rest of villages
#: Visits of a month at size 1: each facility has the same, and each remainder of 50 the same.
VISITS = 450_000
ENROLMENTS, AGREEMENTS, SETTLEMENTS = 130_000, 600_000, 25_200
#: Coprime to the number of residents: so many visits go to as many people, until everybody has been.
STRIDE = 7919

_TIER = f"CASE WHEN {{0}} <= {COUNTY} THEN 'COUNTY' WHEN {{0}} <= {TOWNSHIP} THEN 'TOWNSHIP' ELSE 'VILLAGE' END"
_BORN = f"make_date({YEAR} - 5 - (({{0}}) % 80)::INT, 1 + ({{0}} % 12)::INT, 1)"
_PLACE = f"({{0}}) % {FACILITIES} + 1"


def write(folder: Path, *, size: int = 1, only: str = "") -> int:
    """Write the facts of a year, `size` times 5.4 million visits, or of one month `only`; returns the number of rows."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET memory_limit = '2GB'")
    n_rows = 0
    for table, make in TABLES.items():
        for number, month in enumerate(MONTHS, start=1):
            query = make(number, month, size)
            if not query or (only and table == "visits" and month != only):
                continue
            path = folder / table / f"{month}.{size}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
            n_rows += connection.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()[0][0]  # noqa: S608 - our own path
    connection.close()
    return n_rows


def files(folder: Path, table: str, first: str, last: str) -> list[str]:
    """The files of a table's months, as an engine asks for them."""
    return [str(path) for path in sorted((folder / table).glob("*.parquet")) if first <= path.name[:7] <= last]


def _visits(number: int, month: str, size: int) -> str:
    facility = _PLACE.format("i // 50")
    person = f"(i * {STRIDE} + {number}) % {RESIDENTS}"
    return f"""SELECT concat('{month}-', lpad(i::VARCHAR, 10, '0')) AS uuid, concat('V{number}-', i) AS number, {facility} AS facility,
        {person} AS person, {_PLACE.format(person)} AS home, TIMESTAMP '{month}-01' + to_minutes((i % 40000)::INT) AS at,
        TIMESTAMP '{month}-01' + to_minutes((i % 40000)::INT + (i % 3)::INT * 900) AS recorded_at,
        {_TIER.format(facility)} AS tier, 'OUTPATIENT' AS kind,
        CASE i % 50 WHEN 0 THEN 'VOIDED' WHEN 1 THEN 'OPEN' ELSE 'SIGNED' END AS status, i % 50 BETWEEN 2 AND 6 AS is_tcm,
        i % 2 = 0 AS has_pressure, CASE WHEN i % 2 = 0 THEN 110 + i % 60 END AS systolic,
        CASE WHEN i % 2 = 0 THEN 60 + i % 40 END AS diastolic, NULL::DOUBLE AS glucose, {_BORN.format(person)} AS born_on,
        i % 7 AS n_medicines, CASE WHEN i % 50 >= 10 THEN 1 ELSE 0 END AS n_diagnoses, 'I10' AS diagnosis
        FROM range({VISITS * size}) AS rows(i)"""  # noqa: S608 - numbers of our own


def _residents(number: int, month: str, size: int) -> str:
    del month, size
    if number > 1:
        return ""
    return f"""SELECT concat('p', i) AS uuid, {_PLACE.format("i")} AS facility, i AS person, DATE '2020-01-01' AS since,
        NULL::DATE AS until, CASE WHEN i % 2 = 0 THEN '1' ELSE '2' END AS sex, '370403101' AS division, {_BORN.format("i")} AS born_on,
        NULL::DATE AS died_on, 'RESIDENT' AS insurance FROM range({RESIDENTS}) AS rows(i)"""  # noqa: S608 - the same


def _facilities(number: int, month: str, size: int) -> str:
    del month, size
    if number > 1:
        return ""
    return f"""SELECT concat('f', i) AS uuid, concat('F', i) AS number, i AS facility, DATE '2000-01-01' AS since, NULL::DATE AS until,
        CASE WHEN i <= {COUNTY} THEN 'COUNTY_HOSPITAL' WHEN i <= {TOWNSHIP} THEN 'TOWNSHIP_HOSPITAL' ELSE 'VILLAGE_CLINIC' END AS kind,
        {_TIER.format("i")} AS tier, 'OPEN' AS status, concat('370403', 100 + i % 61) AS division, NULL::BIGINT AS manager,
        NULL::BIGINT AS successor, i % 2 = 0 AS publicly_owned, DATE '2024-01-01' AS integrated_on, NULL::DATE AS insured_on,
        CASE WHEN i % 4 > 0 THEN DATE '2025-01-01' END AS connected_on
        FROM range(1, {FACILITIES + 1}) AS rows(i)"""  # noqa: S608 - the same


def _agreements(number: int, month: str, size: int) -> str:
    del month, size
    if number > 1:
        return ""
    return f"""SELECT concat('a', i) AS uuid, concat('A', i) AS number, {_PLACE.format("i")} AS facility,
        {_PLACE.format("i")} AS signed_at_facility, i AS person, i % 2000 AS team, DATE '2026-01-01' AS since,
        DATE '2027-01-01' AS until, DATE '2026-12-31' AS ends_on, 'ACTIVE' AS status, '' AS end_reason, {_BORN.format("i")} AS born_on,
        i % 3 = 0 AS is_key, i % 2 = 0 AS is_renewal, false AS was_renewed FROM range({AGREEMENTS}) AS rows(i)"""  # noqa: S608 - the same


def _enrolments(number: int, month: str, size: int) -> str:
    del month, size
    if number > 1:
        return ""
    return f"""SELECT concat('e', i) AS uuid, {_PLACE.format("i")} AS facility, i AS person,
        CASE WHEN i % 13 < 10 THEN 'hypertension' ELSE 'diabetes' END AS programme, DATE '2024-01-01' AS since, NULL::DATE AS until,
        'ENROLLED' AS status, 'DIAGNOSIS' AS found_by, '' AS grade, DATE '2027-01-15' AS next_due_on, '' AS end_reason
        FROM range({ENROLMENTS}) AS rows(i)"""  # noqa: S608 - the same


def _programme_visits(number: int, month: str, size: int) -> str:
    """Four quarters of the year: three of four people each time, the fourth only in the first three."""
    del size
    if number % 3:
        return ""
    most = 4 if number < 12 else 3
    return f"""SELECT concat('{month}-', i) AS uuid, {_PLACE.format("i")} AS facility, i AS person,
        CASE WHEN i % 13 < 10 THEN 'hypertension' ELSE 'diabetes' END AS programme, TIMESTAMP '{month}-05' AS at,
        TIMESTAMP '{month}-05' AS recorded_at, 'routine' AS kind, 'HOME' AS channel, true AS face_to_face, '' AS grade,
        (i + {number}) % 2 = 0 AS is_controlled, false AS on_target, true AS is_complete, 0 AS severity,
        DATE '2027-01-15' AS next_due_on FROM range({ENROLMENTS}) AS rows(i) WHERE i % 4 < {most}"""  # noqa: S608 - the same


def _settlements(number: int, month: str, size: int) -> str:
    del size
    facility = _PLACE.format("j")
    return f"""SELECT concat('{month}-', j) AS uuid, concat('S{number}-', j) AS number, {facility} AS facility,
        (j + {number} * {SETTLEMENTS}) % {RESIDENTS} AS person, {facility} AS home, DATE '{month}-10' AS at,
        CASE WHEN j % 10 < 8 THEN 'IN_COUNTY' ELSE 'OUTSIDE' END AS place, {_TIER.format(facility)} AS tier,
        CASE WHEN j % 3 = 0 THEN 'INPATIENT' ELSE 'OUTPATIENT' END AS kind, 'RESIDENT' AS insurance, 200000 AS total_fen,
        100000 AS fund_fen, DATE '{month}-01' AS admitted_on, j % 2 = 0 AS with_referral, 'I10' AS diagnosis
        FROM range({SETTLEMENTS}) AS rows(j)"""  # noqa: S608 - the same


TABLES: dict[str, Callable[[int, str, int], str]] = {
    "facilities": _facilities, "residents": _residents, "agreements": _agreements, "enrolments": _enrolments,
    "programme_visits": _programme_visits, "settlements": _settlements, "visits": _visits,
}  # fmt: skip


def answers(size: int = 1) -> dict[str, tuple[float, float | None]]:
    """Numerator and denominator of the year, without counting."""
    visits = 12 * VISITS * size
    kept = visits * 49 // 50
    settled = 12 * SETTLEMENTS
    hypertension = ENROLMENTS * 10 // 13
    return {
        "visits-by-tier": (kept, None),
        "grassroots-share": (kept * (FACILITIES - COUNTY) // FACILITIES, kept),
        "m12-tcm-share": (visits // 10, kept),
        "visits-signed": (visits * 48 // 50, kept),
        "diagnosis-coded": (visits * 40 // 50, visits * 48 // 50),
        "m08-in-county-fund": (settled * 8 // 10 * 100000, settled * 100000),
        "p01-contract-coverage": (AGREEMENTS, RESIDENTS),
        "m03b-clinics-connected": (_connected(), FACILITIES - TOWNSHIP),
        "p12-hypertension-control": (_controlled(), hypertension),
        "p11-hypertension-standard": (_standard(), hypertension),
    }


def _connected() -> int:
    return sum(1 for i in range(TOWNSHIP + 1, FACILITIES + 1) if i % 4 > 0)


def _hypertensive() -> list[int]:
    return [i for i in range(ENROLMENTS) if i % 13 < 10]


def _standard() -> int:
    return sum(1 for i in _hypertensive() if i % 4 < 3)


def _controlled() -> int:
    """The last visit is that of December, or of September for one in four."""
    return sum(1 for i in _hypertensive() if (i + (12 if i % 4 < 3 else 9)) % 2 == 0)


REF = date(YEAR, 12, 31)
