"""``make spark-check``: the same definitions on Spark and on DuckDB, over the same files, give the same values.

Facts are those of `synth.facts`, one month of them; Spark runs locally, as a province's cluster would. Prints what differs; 1 if
anything does.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench" / "facts-spark"
MONTH = "2026-12"


class Reading:
    """What `Files` needs of an engine: a table of some Parquet files."""

    def __init__(self, session: Any, backend: Any) -> None:
        self._session, self._backend, self._n = session, backend, 0

    def read_parquet(self, paths: list[str]) -> Any:
        """All of them as one table."""
        self._n += 1
        self._session.read.parquet(*paths).createOrReplaceTempView(f"facts_{self._n}")
        return self._backend.table(f"facts_{self._n}")

    def create_table(self, name: str, table: Any, *, temp: bool) -> Any:
        """A table worked out once."""
        del temp
        self._session.sql(self._backend.compile(table)).cache().createOrReplaceTempView(name)
        return self._backend.table(name)


def main() -> int:
    """Compare; 1 when a figure differs."""
    import django

    os.environ.setdefault("XINGLIN_HOME", str(ROOT / "build" / "bench" / "home"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    django.setup()
    import ibis
    from pyspark.sql import SparkSession

    from synth import facts
    from xinglin.indicators.definitions.reading import indicators
    from xinglin.indicators.engine.computing import Places
    from xinglin.indicators.engine.figures import compute
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.engine.source import Files

    layout = facts.Layout(450_000, 90_000, months=(MONTH,))
    if not facts.is_written(FOLDER, layout):
        facts.write(FOLDER, layout)
    settings = {
        "spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4",
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]").appName("spark-check")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    townships = Places(facts.places(layout)["township"])
    chosen = [each for each in indicators() if not each.growth_of]
    found, seconds = {}, {}
    engines = {"duckdb": ibis.duckdb.connect(), "spark": Reading(session, ibis.pyspark.connect(session))}
    for name, connection in engines.items():
        began = time.perf_counter()
        source = Files(connection, lambda table, first, last: facts.files(FOLDER, table, first, last))
        places = {"township": townships}
        found[name] = compute(chosen, source, parse(MONTH), ref=facts.REF, places=places)
        seconds[name] = time.perf_counter() - began
    session.stop()
    cells = [
        (slug, level, unit)
        for slug, levels in found["duckdb"].items()
        for level, units in levels.items()
        for unit in units
    ]
    wrong = [each for each in cells if not same(found["duckdb"], found["spark"], each)]
    known = sum(found["duckdb"][slug][level][unit].value is not None for slug, level, unit in cells)
    for each in wrong[:20]:
        print("differs:", *each, found["duckdb"][each[0]][each[1]][each[2]], found["spark"][each[0]][each[1]][each[2]])
    print(
        f"{len(cells)} figures, {known} with a value, {len(wrong)} differ; seconds: { ({k: round(v, 1) for k, v in seconds.items()}) }"
    )
    return 1 if wrong or not known else 0


def same(one: Any, two: Any, place: tuple[str, str, str]) -> bool:
    """Counts to the digit, values to what floating point allows."""
    slug, level, unit = place
    a, b = one[slug][level][unit], two[slug][level][unit]
    near = a.value == b.value or (
        a.value is not None and b.value is not None and abs(a.value - b.value) <= 1e-9 * max(1, abs(a.value))
    )
    return near and (a.why, dict(a.groups)) == (b.why, dict(b.groups)) and str(a.numerator) == str(b.numerator)


if __name__ == "__main__":
    sys.exit(main())
