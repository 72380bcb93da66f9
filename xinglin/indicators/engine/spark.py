"""The same definitions on Spark, for a province: through Ibis, on this machine or on a cluster.

Spark is no dependency of a county: ``scripts/spark.sh`` puts it beside the environment, from ``requirements-spark.lock``.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from xinglin.indicators.engine.duck import Answer, Columns

#: A day is a day in UTC: moments in facts have no zone. What stays on one machine listens on loopback only.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true", "spark.ui.showConsoleProgress": "false",
}  # fmt: skip
#: A cluster keeps its own number of parts; on one machine two hundred of them would be mostly empty.
LOCAL = {
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.sql.shuffle.partitions": "8",
}  # fmt: skip


class Spark:
    """What `source.Files` needs of an engine, as `duck.Duck` does it; a statement is done when it has been asked."""

    def __init__(self, running: Any, backend: Any) -> None:
        self._running, self._backend, self._n = running, backend, 0
        self._kept: list[Any] = []

    def read_parquet(self, paths: Sequence[str], *, filename: bool = False) -> Any:
        """Files as one table; `filename`: which says of each row which it is from."""
        frame = self._running.read.parquet(*paths)
        return self._named(frame.selectExpr("*", "_metadata.file_path AS filename") if filename else frame)

    def given(self, rows: pa.Table) -> Any:
        """Rows from here as a table."""
        return ibis.memtable(rows)

    def keep(self, table: Any) -> Any:
        """A table worked out once, held by Spark: in memory, else on its disks."""
        self._kept.append(self._running.sql(self._backend.compile(table)).persist())
        return self._named(self._kept[-1])

    def ask(self, table: Any) -> Answer:
        """What a table comes to."""
        found: Columns = self._backend.to_pyarrow(table).to_pydict()
        return lambda: found

    def forget(self) -> None:
        """Let go of what was kept."""
        for each in self._kept:
            each.unpersist()
        self._kept.clear()

    def _named(self, frame: Any) -> Any:
        self._n += 1
        frame.createOrReplaceTempView(f"xinglin_{self._n}")
        return self._backend.table(f"xinglin_{self._n}")


@contextmanager
def session(*, spill: Path, memory: str = "2g", master: str = "local[*]") -> Iterator[Spark]:
    """Spark while it is needed. `memory` is that of the driver, which on one machine does all the work.

    :raises ModuleNotFoundError: Spark is not there
    """
    sql = importlib.import_module("pyspark.sql")
    settings = {
        **SETTINGS, "spark.driver.memory": memory, "spark.local.dir": str(spill), "spark.sql.warehouse.dir": str(spill / "warehouse"),
        **(LOCAL if master.startswith("local") else {}),
    }  # fmt: skip
    builder = sql.SparkSession.builder.master(master).appName("xinglin")
    for key, value in settings.items():
        builder = builder.config(key, value)
    running = builder.getOrCreate()
    running.sparkContext.setLogLevel("ERROR")
    try:
        yield Spark(running, ibis.pyspark.connect(running))
    finally:
        running.stop()
