"""``make bench-indicators``: all indicators of a year over millions of visits, beside SQL written by hand.

The engine and the hand-written SQL (`by_hand`) run on DuckDB over the same files, with the same memory and threads; the
same statements run on PostgreSQL over the same rows. Each measurement is a process of its own, the engine and the SQL in
turn; of several the fastest counts. Whatever is imported is imported before the clock is read. Every part of every
indicator, in the county and at each township, is compared: with the SQL, and with what was counted when the facts were
written (`synth.facts_known`). Results go to ``build/bench/indicators.json``; its shape is in
``docs/explanation/figures-at-scale.md``.
"""

import argparse
import importlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "build" / "bench"
OUT = BENCH / "indicators.json"
BAR, MOST_MB = 1.2, 8 * 1024
MEMORY = "5GB"
FLOWS = ("flow-circulatory:n", "flow-stays-outside:n")
Parts = dict[str, dict[str, float]]  # unit → part of an indicator → number


def main() -> int:
    """Measure at each size; 1 when a value is wrong, the ratio is above the bar or memory above its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5", help="million visits, with commas: 5,50,250")
    parser.add_argument("--postgres-up-to", type=int, default=5, help="million visits up to which PostgreSQL runs too")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each; of large sizes one is enough")
    parser.add_argument("--keep", action="store_true", help="leave the facts there for the next run")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "MILLION"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], int(options.one[1]))))
        return 0
    found = [
        at_size(int(each), rounds=options.rounds, postgres=int(each) <= options.postgres_up_to, keep=options.keep)
        for each in options.sizes.split(",")
    ]
    results: dict[str, Any] = {"bar": BAR, "memory_limit": MEMORY, "machine": machine(), "sizes": found}
    if len(found) > 1:
        results["growth"] = growth(found[0], found[-1])
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n")
    print(told(results))
    return 0 if all(is_good(each) for each in found) else 1


def at_size(million: int, *, rounds: int, postgres: bool, keep: bool) -> dict[str, Any]:
    """Everything at one size."""
    from synth import facts

    folder, layout = folder_of(million), facts.county(million)
    began = time.perf_counter()
    is_fresh = not facts.is_written(folder, layout)
    if is_fresh:
        facts.write(folder, layout)
    written = round(time.perf_counter() - began, 1)
    kinds = ("engine", "by_hand")
    runs: dict[str, list[dict[str, Any]]] = {each: [] for each in kinds}
    for _ in range(rounds):
        for each in kinds:
            runs[each].append(measured(each, million))
    best = {each: min(runs[each], key=lambda run: float(run["seconds"])) for each in kinds}
    if postgres:
        best["postgres"] = measured("postgres", million)
    result = {
        "million_visits": million, "residents": layout.residents, "facilities": layout.facilities,
        "megabytes": round(sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 2**20),
        "written_in": written if is_fresh else None, **compared(best, facts.answers(folder)),
        **{name: {key: value for key, value in run.items() if key != "parts"} for name, run in best.items()},
        "unsteady": sum(run["parts"] != runs["engine"][0]["parts"] for run in runs["engine"]),
        "ratio": round(best["engine"]["seconds"] / best["by_hand"]["seconds"], 3),
        "ratio_cpu": round(min(each["cpu"] for each in runs["engine"]) / min(each["cpu"] for each in runs["by_hand"]), 3),
    }  # fmt: skip
    if postgres:
        result["postgres_ratio"] = round(best["postgres"]["seconds"] / best["engine"]["seconds"], 1)
    if not keep:
        shutil.rmtree(folder)
    return result


def compared(runs: dict[str, dict[str, Any]], known: Parts) -> dict[str, Any]:
    """How many parts were compared, and which differ: told by whom, where, what, the two numbers."""
    engine: Parts = runs["engine"]["parts"]
    sources = {"known": known, **{name: run["parts"] for name, run in runs.items() if name != "engine"}}
    wrong, n_compared = [], {}
    for name, parts in sources.items():
        pairs = [
            (unit, part, value, engine.get(unit, {}).get(part, 0))
            for unit, values in parts.items()
            for part, value in values.items()
            # of an indicator that makes no sense at townships, some parts are counted there all the same
            if unit == "all" or part in engine[unit] or part.partition(":")[0] not in runs["engine"]["county_only"]
        ]
        n_compared[name] = len(pairs)
        wrong += [[name, unit, part, a, b] for unit, part, a, b in pairs if abs(a - b) > 1e-9 * max(1, abs(a))]
    by_hand = {part.partition(":")[0] for part in runs["by_hand"]["parts"]["all"]}
    return {
        "indicators": len(runs["engine"]["slugs"]), "not_by_hand": sorted(set(runs["engine"]["slugs"]) - by_hand),
        "compared": n_compared, "wrong": wrong[:20], "n_wrong": len(wrong),
    }  # fmt: skip


def is_good(result: dict[str, Any]) -> bool:
    """Values are right, the ratio and the memory within their bounds."""
    within = result["ratio"] <= BAR and result["engine"]["peak_mb"] <= MOST_MB
    return within and not result["n_wrong"] and not result["not_by_hand"] and not result["unsteady"]


def growth(small: dict[str, Any], large: dict[str, Any]) -> dict[str, float]:
    """How time grows with the number of visits: 1 is in proportion."""
    times = large["million_visits"] / small["million_visits"]
    names = [each for each in ("engine", "by_hand", "postgres") if each in small and each in large]
    return {name: round(large[name]["seconds"] / small[name]["seconds"] / times, 3) for name in names}


def told(results: dict[str, Any]) -> str:
    """The results as a table."""
    lines = [f"{'million':>8} {'':<10} {'seconds':>9} {'cpu':>8} {'peak MB':>8} {'to by hand':>11}"]
    for each in results["sizes"]:
        for name in ("engine", "by_hand", "postgres"):
            if name in each:
                run = each[name]
                share = run["seconds"] / each["by_hand"]["seconds"]
                lines.append(
                    f"{each['million_visits']:>8} {name:<10} {run['seconds']:>9.2f} {run['cpu'] or 0:>8.2f} {run['peak_mb']:>8} {share:>11.2f}"
                )
        lines.append(
            f"{'':>8} {each['indicators']} indicators, compared {each['compared']}, differing {each['n_wrong']}, ratio of CPU time {each['ratio_cpu']}"
        )
        lines += [f"{'':>8} differs: {line}" for line in each["wrong"]]
    if "growth" in results:
        lines.append(f"growth against the number of visits: {results['growth']}")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What it ran on, and beside what."""
    return {
        "cores": os.cpu_count(), "load": [round(each, 1) for each in os.getloadavg()], "python": platform.python_version(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
    }  # fmt: skip


def folder_of(million: int) -> Path:
    """Where the facts of a size are."""
    return BENCH / f"facts-{million}m"


def measured(what: str, million: int) -> dict[str, Any]:
    """One measurement in a process of its own."""
    print(f"{million} million visits, {what}: ", end="", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.bench.indicators", "--one", what, str(million)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{found['seconds']:.1f} s, CPU {found['cpu'] or 0:.1f} s, {found['peak_mb']} MB", file=sys.stderr)
    return found


def one(what: str, million: int) -> dict[str, Any]:
    """A measurement: seconds, seconds of CPU, the most memory, and the parts."""
    from tests.bench.indicators_postgres import postgres

    found = {"engine": engine, "by_hand": by_hand, "postgres": postgres}[what](million)
    found.setdefault("peak_mb", peak_mb())
    return found


def peak_mb() -> int:
    """The most memory this process held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(each for each in lines if each.startswith("VmHWM")).split()[1]) // 1024


class Clock:
    """Seconds, and seconds of CPU of this process, since it was made."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def read(self) -> dict[str, float]:
        """Both."""
        return {"seconds": round(time.perf_counter() - self._began, 3), "cpu": round(self._used() - self._cpu, 3)}


def engine(million: int) -> dict[str, Any]:
    """Every indicator that the tables allow, in the county and at each township."""
    import django

    os.environ.setdefault("XINGLIN_HOME", str(BENCH / "home"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    django.setup()
    importlib.import_module("ibis.backends.duckdb.converter")  # and pandas with it, as in a service long since running

    from synth import facts
    from xinglin.indicators.definitions.reading import indicators
    from xinglin.indicators.engine.computing import Places
    from xinglin.indicators.engine.figures import compute
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.engine.source import Files, session

    chosen = [each for each in indicators() if not each.growth_of]
    townships = facts.places(facts.county(million))["township"]
    folder = folder_of(million)
    clock = Clock()
    source = Files(
        session(memory=MEMORY, spill=BENCH / "spill"), lambda table, *months: facts.files(folder, table, *months)
    )
    places = {"county": Places(), "township": Places(townships)}
    found = compute(chosen, source, parse(str(facts.YEAR)), ref=facts.REF, places=places)
    read = clock.read()
    told = as_parts(found)
    clock = Clock()
    for unit, parts in flows(source, townships).items():
        told["parts"].setdefault(unit, {}).update(parts)
    return {**read, "flows": clock.read(), **told}


def flows(source: Any, townships: Mapping[int, str]) -> Parts:
    """Of who is treated where, what was counted beside the facts: visits for the heart, and stays outside, by where people are managed.

    They are no indicators: every chapter, home and place is counted, so they have a clock of their own.
    """
    from synth import facts
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.flow_counts import OUTSIDE, counted, together

    year = parse(str(facts.YEAR))
    visits, _missing = counted(source, year, "OUTPATIENT")
    stays, _missing = counted(source, year, "INPATIENT")
    found: dict[str, dict[str, float]] = {each: dict.fromkeys(FLOWS, 0.0) for each in ("all", *set(townships.values()))}
    hearts = ((FLOWS[0], home, n) for home, places in visits["IX"].items() for to, n in places.items() if to != OUTSIDE)
    outside = ((FLOWS[1], home, places.get(OUTSIDE, 0)) for home, places in together(stays.values()).items())
    for part, home, n in (*hearts, *outside):
        for unit in ("all", townships[int(home)]):
            found[unit][part] += n
    return found


def as_parts(found: Any) -> dict[str, Any]:
    """Figures as parts by unit; which indicators have a value, and which of them only in the county."""
    from xinglin.indicators.engine.computing import WHOLE
    from xinglin.indicators.engine.values import Why

    parts: Parts = {}
    county_only, slugs = [], []
    for slug, levels in found.items():
        if levels["county"][WHOLE].why is Why.NO_FACTS:
            continue
        slugs.append(slug)
        for units in levels.values():
            if any(each.why is Why.NOT_APPLICABLE for each in units.values()):
                county_only.append(slug)
                continue
            for unit, value in units.items():
                here = parts.setdefault(unit, {})
                here[f"{slug}:n"] = float(value.numerator or 0)
                if value.denominator is not None:
                    here[f"{slug}:d"] = float(value.denominator)
                here |= {f"{slug}:{group}": float(n) for group, n in value.groups.items()}
    return {"parts": parts, "slugs": slugs, "county_only": county_only}


def by_hand(million: int) -> dict[str, Any]:
    """The same in SQL."""
    import duckdb  # noqa: F401 - before the clock is read

    from synth import facts
    from tests.bench import by_hand as sql

    clock = Clock()
    rows = sql_on_duckdb(folder_of(million), facts.county(million), memory=MEMORY, spill=BENCH / "spill")
    read = clock.read()
    return {**read, "parts": sql.gathered(rows)}


def sql_on_duckdb(folder: Path, layout: Any, *, memory: str, spill: Path) -> list[tuple[list[str], list[Any]]]:
    """Names of columns and rows of every hand-written statement."""
    import duckdb
    import pyarrow as pa

    from synth import facts
    from tests.bench import by_hand as sql

    settings = {"memory_limit": memory, "temp_directory": str(spill), "preserve_insertion_order": False}
    connection = duckdb.connect(config=settings)
    for table in facts.table_names():
        paths = facts.files(folder, table, "", "9999-99")
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({paths})")
    units = facts.places(layout)["township"]
    connection.register("given", pa.table({"facility": list(units), "township": list(units.values())}))
    connection.execute("CREATE TEMP TABLE places AS SELECT * FROM given")
    for each in sql.tables("duckdb"):
        connection.execute(each)
    rows = []
    for each in sql.statements("duckdb"):
        cursor = connection.execute(each)
        rows.append(([column[0] for column in cursor.description], cursor.fetchall()))
    connection.close()
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
