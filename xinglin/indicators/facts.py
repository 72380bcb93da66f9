"""Facts: what indicators are computed from. Extracted from the database into Parquet by month; never live tables.

A fact carries the uuid of its record, its place, its moments and its states; nothing that tells who the person is. A
month is written anew, whole, when anything in it changed, so that extracting twice gives the same files.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction

from xinglin.indicators.models import Extraction

_TIME = pa.timestamp("us", "UTC")
BATCH = 50_000
#: Rows that were being written while the former extraction read are read again.
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact: the query that yields it, the column that says its month, the column that says it changed."""

    name: str
    table: str
    month_of: str
    changed_at: str
    columns: dict[str, tuple[str, pa.DataType]]


_TEXT, _INT, _BOOL = pa.string(), pa.int64(), pa.bool_()
FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact(
            "visits", "visits_visit t", "t.started_at", "t.status_changed_at",
            {
                "uuid": ("t.uuid::text", _TEXT), "number": ("t.number", _TEXT), "facility": ("t.facility_id", _INT),
                "tier": ("t.tier", _TEXT), "kind": ("t.kind", _TEXT), "status": ("t.status", _TEXT),
                "at": ("t.started_at", _TIME), "has_pressure": ("t.systolic IS NOT NULL", _BOOL),
            },
        ),
        Fact(
            "referrals", "referrals_referral t", "COALESCE(t.sent_at, t.drafted_at)", "t.status_changed_at",
            {
                "uuid": ("t.uuid::text", _TEXT), "number": ("t.number", _TEXT), "facility": ("t.from_facility_id", _INT),
                "to_facility": ("t.to_facility_id", _INT), "direction": ("t.direction", _TEXT), "channel": ("t.channel", _TEXT),
                "status": ("t.status", _TEXT), "at": ("COALESCE(t.sent_at, t.drafted_at)", _TIME),
                "sent_at": ("t.sent_at", _TIME), "answered_at": ("t.answered_at", _TIME), "arrived_at": ("t.arrived_at", _TIME),
            },
        ),
        Fact(
            "requests", "diagnostics_request t", "t.requested_at", "t.status_changed_at",
            {
                "uuid": ("t.uuid::text", _TEXT), "number": ("t.number", _TEXT), "facility": ("t.from_facility_id", _INT),
                "kind": ("t.kind", _TEXT), "priority": ("t.priority", _TEXT), "status": ("t.status", _TEXT),
                "at": ("t.requested_at", _TIME), "reported_at": ("t.reported_at", _TIME),
                "minutes": ("extract(epoch FROM t.reported_at - t.requested_at)::float8 / 60", pa.float64()),
            },
        ),
        Fact(
            "recognitions", "recognition_decision t JOIN diagnostics_request r ON r.id = t.source_id", "t.decided_at",
            "t.decided_at",
            {
                "uuid": ("t.uuid::text", _TEXT), "number": ("r.number", _TEXT), "facility": ("t.facility_id", _INT),
                "kind": ("t.kind", _TEXT), "item": ("t.item", _TEXT), "status": ("t.outcome", _TEXT),
                "reason": ("t.reason_code", _TEXT), "at": ("t.decided_at", _TIME), "fen": ("t.fen", _INT),
            },
        ),
        Fact(
            "critical_values", "diagnostics_criticalvalue t JOIN diagnostics_request r ON r.id = t.request_id", "t.notified_at",
            "t.status_changed_at",
            {
                "uuid": ("t.uuid::text", _TEXT), "number": ("r.number", _TEXT), "facility": ("r.from_facility_id", _INT),
                "status": ("t.status", _TEXT), "at": ("t.notified_at", _TIME), "due_at": ("t.due_at", _TIME),
                "confirmed_at": ("t.confirmed_at", _TIME),
                "in_time": ("CASE WHEN t.confirmed_at IS NOT NULL THEN t.confirmed_at <= t.due_at WHEN t.due_at < now() THEN false END", _BOOL),
            },
        ),
    )
}  # fmt: skip


def extract(*, at: datetime, everything: bool = False) -> Extraction:
    """Bring the facts up to date as of `at`, in one view of the database; returns the finished extraction."""
    former = None if everything else Extraction.objects.filter(finished_at__isnull=False).order_by("-id").first()
    run = Extraction.objects.create(started_at=at)
    months: dict[str, list[str]] = {}
    n_rows = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
        for fact in FACTS.values():
            months[fact.name] = _changed_months(fact, former)
            for month in months[fact.name]:
                n_rows += _write_month(fact, month)
    Extraction.objects.filter(pk=run.pk).update(finished_at=at, months=months, n_rows=n_rows)
    run.refresh_from_db()
    return run


def path_of(fact: str, month: str = "*") -> Path:
    """The Parquet file of a fact and month (``2026-11``)."""
    return Path(settings.FACTS_DIR) / fact / f"{month}.parquet"


def _changed_months(fact: Fact, former: Extraction | None) -> list[str]:
    """Months in which a row was made or changed since the former extraction."""
    month = f"to_char({fact.month_of} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
    query = f"SELECT DISTINCT {month} FROM {fact.table} WHERE {fact.month_of} IS NOT NULL"  # noqa: S608 - our own constants
    parameters: list[object] = []
    if former is not None and path_of(fact.name).parent.is_dir():
        query += f" AND {fact.changed_at} >= %s"
        parameters = [former.started_at - OVERLAP]
    with connection.cursor() as cursor:
        cursor.execute(query + " ORDER BY 1", parameters)
        return [row[0] for row in cursor.fetchall()]


def _write_month(fact: Fact, month: str) -> int:
    path = path_of(fact.name, month)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    schema = pa.schema([(name, kind) for name, (_, kind) in fact.columns.items()])
    n_rows = 0
    try:
        with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            for rows in _rows(fact, month):
                columns = list(zip(*rows, strict=True))
                arrays = [
                    pa.array(values, kind) for values, (_, kind) in zip(columns, fact.columns.values(), strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                n_rows += len(rows)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return n_rows


def _rows(fact: Fact, month: str) -> Iterator[list[tuple[object, ...]]]:
    """Rows of a month in batches, through a cursor at the server: memory does not grow with the month."""
    columns = ", ".join(expression for expression, _ in fact.columns.values())
    first = f"('{month}-01'::timestamp AT TIME ZONE 'Asia/Shanghai')"
    after = f"(('{month}-01'::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai')"
    query = (
        f"SELECT {columns} FROM {fact.table} "  # noqa: S608 - our own constants and a month read from the database
        f"WHERE {fact.month_of} >= {first} AND {fact.month_of} < {after} ORDER BY t.id"
    )
    with connection.connection.cursor(name=f"facts_{fact.name}") as cursor:
        cursor.itersize = BATCH
        cursor.execute(query)
        while rows := cursor.fetchmany(BATCH):
            yield rows
