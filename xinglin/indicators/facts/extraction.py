"""From the database to Parquet by month: set by set through COPY, in one view of the database, in bounded memory.

A month is written anew, whole, when a row of it was made, changed or taken away: the transactions and places of its rows
say so, whatever the clocks say; or when something that it takes from elsewhere did. The state of the visit of a
prescription is looked at each time. What else is taken from elsewhere, above all who a person is and where he is managed, is
of today, and would change all his months at once: spells and the newest months look for it once a day, events of former
months once a week. A file is named by its content: extracting twice gives the same files and the same version.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction

from xinglin.indicators.facts.copying import batches
from xinglin.indicators.facts.quality import due_on, look_through
from xinglin.indicators.facts.schema import copied, schema_of
from xinglin.indicators.models import Extraction, FactVersion, Revision, Snapshot
from xinglin.platform import clock
from xinglin.platform.alone import alone
from xinglin.platform.facts import Column, FactTable, Kind, Shape, Watch, tables

#: Rows of a row group, at least, unless the month has fewer: one reading thread takes a row group, and small ones cost much.
GROUP_ROWS = 122_880
#: How files are laid out. When it changes, each month is written anew, which is no revision of what it says.
_LAYOUT = 2
#: Events of the months of so many days look daily for what they take from elsewhere, and those of former months weekly.
_RECENT_DAYS = 62
#: Versions whose files stay, besides those of snapshots.
KEPT = 5
_MONTH = "to_char(({0}) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
_DAY_MONTH = "to_char(({0})::timestamp, 'YYYY-MM')"

Manifest = dict[str, dict[str, dict[str, Any]]]


def extract(*, at: datetime, everything: bool = False) -> Extraction:
    """Bring the facts up to date as of `at`; returns the finished extraction. Another that runs already is waited for."""
    with alone("indicators.extract", waits=True):
        return _extract(at, everything=everything)


def _extract(at: datetime, *, everything: bool) -> Extraction:
    former = latest_version()
    days = (clock.today(former.made_at) if former else date.min, clock.today(at))
    manifest: Manifest = {} if former is None else json.loads(json.dumps(former.manifest))
    run = Extraction.objects.create(started_at=at)
    written: dict[str, list[str]] = {}
    n_rows = 0
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for table in tables().values():
            known = manifest.get(table.name, {})
            seen = _seen(table)
            looked = _with_elsewhere(table, seen, _months_to_look_at(table, seen, *days))
            months = [m for m in seen if everything or _is_stale(table, known.get(m), looked.get(m, seen[m]))]
            looked |= _with_elsewhere(table, seen, [m for m in months if m not in looked])
            fresh = {month: _write_month(table, month, ":".join(looked[month])) for month in months}
            n_rows += sum(each["rows"] for each in fresh.values())
            written[table.name] = months
            manifest[table.name] = {**{m: known[m] for m in known if m in seen}, **fresh}
    version = _version_of(manifest, former, at=at)
    Extraction.objects.filter(pk=run.pk).update(
        finished_at=at, version=version, months={name: months for name, months in written.items() if months}, n_rows=n_rows
    )  # fmt: skip
    prune()
    run.refresh_from_db()
    return run


def latest_version() -> FactVersion | None:
    """The facts as they are now."""
    run = Extraction.objects.filter(finished_at__isnull=False, version__isnull=False).order_by("-id").first()
    return run.version if run else None


def folder(table: str) -> Path:
    """Where the files of a table are."""
    return Path(settings.FACTS_DIR) / table


def files_of(version: FactVersion, table: str, *, first: str = "", last: str = "9999-99") -> list[str]:
    """The files of a table's months from `first` to `last`, in order."""
    months = version.manifest.get(table, {})
    return [str(folder(table) / months[month]["file"]) for month in sorted(months) if first <= month <= last]


def by_month(version: FactVersion, table: str) -> dict[str, str]:
    """The file of each month of a table."""
    return {month: str(folder(table) / said["file"]) for month, said in version.manifest.get(table, {}).items()}


def prune() -> int:
    """Remove files that no kept version names; versions of snapshots are kept. Returns how many went."""
    kept = set(FactVersion.objects.order_by("-id").values_list("pk", flat=True)[:KEPT])
    kept |= set(Snapshot.objects.values_list("version", flat=True))
    kept |= set(
        FactVersion.objects.filter(kept_at__isnull=False).order_by("-id").values_list("pk", flat=True)[:1]
    )  # shown
    FactVersion.objects.exclude(pk__in=kept).delete()
    named: dict[str, set[str]] = {}
    for manifest in FactVersion.objects.values_list("manifest", flat=True):
        for table, months in manifest.items():
            named.setdefault(table, set()).update(each["file"] for each in months.values())
    n_gone = 0
    for path in Path(settings.FACTS_DIR).glob("*/*.parquet"):
        if path.name not in named.get(path.parent.name, set()):
            path.unlink(missing_ok=True)
            n_gone += 1
    return n_gone


def _is_stale(table: FactTable, known: dict[str, Any] | None, mark: "Mark") -> bool:
    """Whether a month must be written anew: something differs of what was looked at."""
    if known is None or not (folder(table.name) / known["file"]).is_file():
        return True
    return any(new not in {"", old} for old, new in zip(Mark(*known["mark"].split(":")), mark, strict=True))


def _months_to_look_at(table: FactTable, seen: Iterable[str], former: date, today: date) -> list[str]:
    """The months of which this run looks whether something they take from elsewhere changed: it is the first of its day."""
    if former >= today:
        return []
    is_first_of_week = former.isocalendar()[:2] != today.isocalendar()[:2]
    recent = f"{today - timedelta(days=_RECENT_DAYS):%Y-%m}"
    return [month for month in seen if is_first_of_week or table.shape is Shape.SPELL or month >= recent]


def _month_sql(table: FactTable) -> str:
    return (_MONTH if _is_moment(table) else _DAY_MONTH).format(table.month_of)


def _is_moment(table: FactTable) -> bool:
    """Whether the month comes from a moment rather than from a day, as the database says."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_typeof({table.month_of})::text FROM {table.source} LIMIT 1")  # noqa: S608 - constants of the fact tables
        row = cursor.fetchone()
    return row is None or row[0].startswith("timestamp")


class Mark(NamedTuple):
    """What is noted of a month's rows, to see that one of them changed. Empty: not looked at."""

    n_rows: str
    own: str  # of the main table, by transaction and place
    shape: str  # of the table's columns
    at_once: str = "0"  # what columns take from other tables and each run looks at
    joined: str = "0"  # what else they take from other tables
    persons: str = "0"  # the same, from the registration of the person


def _seen(table: FactTable) -> dict[str, Mark]:
    """For each month with rows, what changes when one of them does, or when the table's columns do. Every run reads this of
    all that ever was: nothing costly belongs here.
    """
    columns = [(n, c.kind, c.sql) for n, c in table.columns.items()]
    shape = hashlib.sha256(repr((_LAYOUT, columns)).encode()).hexdigest()[:8]
    at_once = [c for c in table.columns.values() if c.watch is Watch.AT_ONCE]
    query = (
        f"SELECT {_month_sql(table)}, count(*), "  # noqa: S608 - constants of the fact tables
        f"sum(hashtextextended(t.xmin::text || t.ctid::text, 0)), {_sum_of(at_once)} "
        f"FROM {table.source} WHERE ({table.where}) AND ({table.month_of}) IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {month: Mark(str(n), str(own), shape, str(rest), "", "") for month, n, own, rest in cursor.fetchall()}
        if table.nothing_to_tell:
            cursor.execute(table.nothing_to_tell)
            found = {**{month: Mark("0", "0", shape) for (month,) in cursor.fetchall()}, **found}
    return found


def _with_elsewhere(table: FactTable, seen: dict[str, Mark], months: list[str]) -> dict[str, Mark]:
    """The marks of these months, with what is taken from elsewhere."""
    elsewhere = [c for c in table.columns.values() if c.aliases - {"t"} and c.watch is Watch.DAILY]
    persons = [c for c in elsewhere if c.aliases <= {"t", "p"}]
    joined = [c for c in elsewhere if c not in persons]
    found = {month: seen[month]._replace(joined="0", persons="0") for month in months}
    if not elsewhere or not months:
        return found
    named = ", ".join(f"'{month}'" for month in months)
    query = (
        f"SELECT {_month_sql(table)}, {_sum_of(joined)}, {_sum_of(persons)} FROM {table.source} "  # noqa: S608 - constants, and months of the database
        f"WHERE ({table.where}) AND {_between(table, min(months), max(months))} AND {_month_sql(table)} IN ({named}) GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        for month, rest, who in cursor.fetchall():
            found[month] = seen[month]._replace(joined=str(rest), persons=str(who))
    return found


def _sum_of(columns: list[Column]) -> str:
    """What changes when a column of a row does: the columns of each row in one number, and these added up."""
    said = "hashtidextended(t.ctid, 0)"
    for each in columns:
        match each.kind:
            case Kind.INT | Kind.PERSON:
                said = f"hashint8extended(COALESCE(({each.sql})::bigint, -1), {said})"
            case Kind.DAY:
                said = f"hashint8extended(COALESCE(({each.sql}) - DATE '2000-01-01', 0)::bigint, {said})"
            case _:
                said = f"hashtextextended(COALESCE(({each.sql})::text, ''), {said})"
    return f"sum({said})" if columns else "0"


def _write_month(table: FactTable, month: str, mark: str) -> dict[str, Any]:
    """Write one month; what the manifest says of it."""
    where = folder(table.name)
    where.mkdir(parents=True, exist_ok=True)
    draft = where / f"{month}.part"
    schema = schema_of(table)
    n_rows = 0
    try:
        with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            for group in _groups(batches(table, _query(table, month))):
                found = pa.Table.from_batches(group).cast(schema)
                writer.write_table(found, row_group_size=found.num_rows)
                n_rows += found.num_rows
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        final = where / f"{month}.{digest}.parquet"
        draft.replace(final)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return {"file": final.name, "rows": n_rows, "mark": mark, **look_through(table, final, month)}


def _groups(found: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches together until they make a row group; the rest of a month makes the last one."""
    group: list[pa.RecordBatch] = []
    n_rows = 0
    for batch in found:
        group.append(batch)
        n_rows += batch.num_rows
        if n_rows >= GROUP_ROWS:
            yield group
            group, n_rows = [], 0
    if group:
        yield group


def _query(table: FactTable, month: str) -> str:
    columns = ", ".join(f'{copied(column)} AS "{name}"' for name, column in table.columns.items())
    return (
        f"SELECT {columns} FROM {table.source} WHERE ({table.where}) "  # noqa: S608 - constants, and a month of the database
        f"AND {_between(table, month, month)} ORDER BY {table.order}"
    )


def _between(table: FactTable, first: str, last: str) -> str:
    """The condition on rows of these months, so that an index of the moment or day serves."""
    zone = " AT TIME ZONE 'Asia/Shanghai'" if _is_moment(table) else ""
    return (
        f"({table.month_of}) >= (TIMESTAMP '{first}-01'{zone}) "
        f"AND ({table.month_of}) < ((TIMESTAMP '{last}-01' + interval '1 month'){zone})"
    )


def _version_of(manifest: Manifest, former: FactVersion | None, *, at: datetime) -> FactVersion:
    """The version of a manifest: the former one if no file differs and the day is the same. Changes of months that were due are noted."""
    named = {table: {m: each["file"] for m, each in months.items()} for table, months in manifest.items()}
    # The day belongs to it: what is in force changes with the days, though no row does.
    digest = hashlib.sha256(json.dumps([str(clock.today(at)), named], sort_keys=True).encode()).hexdigest()
    n_rows = sum(each["rows"] for months in manifest.values() for each in months.values())
    version, is_new = FactVersion.objects.get_or_create(
        digest=digest, defaults={"manifest": manifest, "n_rows": n_rows, "made_at": at}
    )
    if not is_new:
        FactVersion.objects.filter(pk=version.pk).update(manifest=manifest)
    elif former is not None:
        Revision.objects.bulk_create(_revisions(version, former.manifest, at=at))
    return version


def _revisions(version: FactVersion, before: Manifest, *, at: datetime) -> list[Revision]:
    found = []
    for name, months in version.manifest.items():
        table = tables().get(name)
        former = before.get(name)
        # that a spell ends is no revision, but a return of spells says when they end
        if table is None or former is None or (table.shape is Shape.SPELL and not table.nothing_to_tell):
            continue
        for month in sorted(months.keys() | former.keys()):
            old, new = former.get(month), months.get(month)
            if due_on(table, month) < clock.today(at) and _differs(old, new):
                rows = (old["rows"] if old else 0, new["rows"] if new else 0)
                found.append(
                    Revision(version=version, table=name, month=month, rows_before=rows[0], rows_after=rows[1], found_at=at)
                )  # fmt: skip
    return found


def _differs(old: dict[str, Any] | None, new: dict[str, Any] | None) -> bool:
    """Whether a month says something else: its file differs, and its rows do, not only how they are laid out or who is
    managed where today.
    """
    if old is None or new is None:
        return old is not new
    return bool(old["file"] != new["file"] and _rows_of(old["mark"]) != _rows_of(new["mark"]))


def _rows_of(mark: str) -> Mark:
    """What a mark says of the rows, without the table's columns and the persons."""
    return Mark(*mark.split(":"))._replace(shape="", persons="")
