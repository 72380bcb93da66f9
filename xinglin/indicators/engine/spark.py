"""The same definitions on Spark, for a province: through Ibis, on this machine or on a cluster.

Spark is no dependency of a county: ``scripts/spark.sh`` puts it beside the environment, from ``requirements-spark.lock``.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
    """What `source.Files` needs of an engine: tables of Parquet files, and tables worked out once."""

    def __init__(self, running: Any, backend: Any) -> None:
        self._running, self._backend, self._n = running, backend, 0

    def read_parquet(self, paths: list[str]) -> Any:
        """All files as one table."""
        self._n += 1
        return self._named(f"facts_{self._n}", self._running.read.parquet(*paths))

    def create_table(self, name: str, table: Any, *, temp: bool) -> Any:
        """A table worked out once, held by Spark: in memory, else on its disks; `temp` it is in any case."""
        del temp
        return self._named(name, self._running.sql(self._backend.compile(table)).persist())

    def _named(self, name: str, frame: Any) -> Any:
        frame.createOrReplaceTempView(name)
        return self._backend.table(name)


@contextmanager
def session(*, spill: Path, memory: str = "2g", master: str = "local[*]") -> Iterator[Spark]:
    """Spark while it is needed. `memory` is that of the driver, which on one machine does all the work.

    :raises ModuleNotFoundError: Spark is not there
    """
    sql = importlib.import_module("pyspark.sql")
    ibis = importlib.import_module("ibis")
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
