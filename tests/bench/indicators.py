"""``make bench-indicators``: all indicators of a year over millions of visits, beside SQL written by hand on the same files.

Facts are written by `synth.facts` under ``build/bench``; each measurement is a process of its own, so that its peak memory is
its own. Values are compared with what is known beforehand, and with the SQL. Results go to
``build/bench/indicators.json``: seconds, megabytes, ratio, and how time grows with the number of visits.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench" / "indicators.json"
BAR = 1.2
#: Over the visits alone, in the county: what the hand-written statement computes, too.
SLUGS = (
    "visits-by-tier", "grassroots-share", "m12-tcm-share", "visits-signed", "diagnosis-coded", "medicines-per-visit",
    "many-medicines", "late-visit-entry", "first-pressure",
)  # fmt: skip
BY_HAND = """
SELECT tier, count(*) FILTER (WHERE status <> 'VOIDED') kept,
  count(*) FILTER (WHERE status <> 'VOIDED' AND tier IN ('TOWNSHIP', 'VILLAGE')) grassroots,
  count(*) FILTER (WHERE status <> 'VOIDED' AND is_tcm) tcm, count(*) FILTER (WHERE status = 'SIGNED') signed,
  count(*) FILTER (WHERE status = 'SIGNED' AND n_diagnoses > 0) coded,
  sum(n_medicines) FILTER (WHERE status <> 'VOIDED' AND n_medicines > 0) medicines,
  count(*) FILTER (WHERE status <> 'VOIDED' AND n_medicines > 0) with_medicine,
  count(*) FILTER (WHERE status <> 'VOIDED' AND n_medicines >= 5) many,
  count(*) FILTER (WHERE date_diff('day', ("at" + INTERVAL 8 HOUR)::DATE, (recorded_at + INTERVAL 8 HOUR)::DATE) > 0) late,
  count(*) total
FROM read_parquet({files}) GROUP BY tier
"""
PERSONS_BY_HAND = """
WITH v AS (SELECT person, has_pressure, 2026 - year(born_on) - (month(born_on) * 100 + day(born_on) > 1231)::INT AS age
  FROM read_parquet({files}) WHERE status <> 'VOIDED')
SELECT count(DISTINCT person) FILTER (WHERE age >= 35 AND has_pressure), count(DISTINCT person) FILTER (WHERE age >= 35) FROM v
"""


def main() -> int:
    """Measure at each size; 1 when a value is wrong or the ratio is above the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1", help="times 5.4 million visits, with commas")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], Path(options.one[1]))))
        return 0
    found = [at_size(int(each)) for each in options.sizes.split(",")]
    results: dict[str, Any] = {"bar": BAR, "cores": os.cpu_count(), "sizes": found}
    if len(found) > 1:
        results["growth"] = round(
            (found[-1]["all"]["seconds"] / found[0]["all"]["seconds"]) / (found[-1]["visits"] / found[0]["visits"]), 3
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1))
    print(json.dumps(results, indent=1))
    return 0 if all(not each["wrong"] and each["ratio"] <= BAR for each in found) else 1


def at_size(size: int) -> dict[str, Any]:
    """Everything at one size. The fastest of three, as the files come into the cache of the machine with the first."""
    from synth import facts

    folder = OUT.parent / f"facts-{size}"
    began = time.perf_counter()
    if not (folder / "visits").is_dir():
        facts.write(folder, size=size)
    written = time.perf_counter() - began
    engine, hand, everything = (measured(what, folder) for what in ("engine", "hand", "all"))
    known = {slug: list(answer) for slug, answer in facts.answers(size).items()}
    wrong = {
        slug: (everything["values"][slug], answer)
        for slug, answer in known.items()
        if everything["values"][slug] != answer
    }
    wrong |= {
        key: (engine["values"].get(key), value)
        for key, value in hand["values"].items()
        if engine["values"].get(key) != value
    }
    ratio = round(engine["seconds"] / hand["seconds"], 3)
    for each in (engine, hand, everything):
        each.pop("values")
    return {
        "visits": 12 * facts.VISITS * size, "written_in": round(written, 1), "engine": engine, "by_hand": hand, "ratio": ratio,
        "all": everything, "known_answers": len(known), "wrong": wrong,
    }  # fmt: skip


def measured(what: str, folder: Path) -> dict[str, Any]:
    """One measurement in a process of its own, three times: the fastest."""
    found = []
    for _ in range(3):
        command = [sys.executable, "-m", "tests.bench.indicators", "--one", what, str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return min(found, key=lambda each: float(each["seconds"]))


def one(what: str, folder: Path) -> dict[str, Any]:
    """A measurement: the engine on what the SQL computes, the SQL, or all indicators in the county and at townships."""
    began_with = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    values, seconds, more = {"engine": engine, "hand": by_hand, "all": everything}[what](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 3), "peak_mb": round(peak / 1024), "before_mb": round(began_with / 1024), **more, "values": values,
    }  # fmt: skip


def engine(folder: Path) -> tuple[dict[str, Any], float, dict[str, Any]]:
    """The indicators of `SLUGS` in the county."""
    values, seconds, more = _computed(folder, SLUGS, ("county",))
    grouped = values.pop("groups")
    return {**values, "tiers": grouped["visits-by-tier"]}, seconds, more


def everything(folder: Path) -> tuple[dict[str, Any], float, dict[str, Any]]:
    """Every indicator that the tables allow, in the county and at each township."""
    return _computed(folder, None, ("county", "township"))


def _computed(
    folder: Path, slugs: tuple[str, ...] | None, levels: tuple[str, ...]
) -> tuple[dict[str, Any], float, dict[str, Any]]:
    import django

    os.environ.setdefault("XINGLIN_HOME", str(ROOT / "build" / "bench" / "home"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    django.setup()
    import ibis

    from synth import facts
    from xinglin.indicators.definitions.reading import indicators
    from xinglin.indicators.engine.computing import WHOLE, Places
    from xinglin.indicators.engine.figures import compute
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.engine.source import Files

    chosen = [each for each in indicators() if not each.growth_of and (slugs is None or each.slug in slugs)]
    units = {n: str(n) for n in range(1, facts.FACILITIES + 1)}
    townships = {n: f"370403{100 + n % 61}" for n in units}
    maps = {
        "county": Places(),
        "consortium": Places(dict.fromkeys(units, "C01")),
        "township": Places(townships),
        "facility": Places(units),
    }
    began = time.perf_counter()
    connection = ibis.duckdb.connect()
    source = Files(connection, lambda table, first, last: facts.files(folder, table, first, last))
    found = compute(chosen, source, parse(str(facts.YEAR)), ref=facts.REF, places={each: maps[each] for each in levels})
    seconds = time.perf_counter() - began
    whole = {slug: each["county"][WHOLE] for slug, each in found.items()}
    values: dict[str, Any] = {slug: [each.numerator, each.denominator] for slug, each in whole.items()}
    values["groups"] = {slug: dict(each.groups) for slug, each in whole.items() if each.groups}
    n_values = sum(
        value.value is not None for each in found.values() for units_ in each.values() for value in units_.values()
    )
    return values, seconds, {"indicators": sum(each.value is not None for each in whole.values()), "figures": n_values}


def by_hand(folder: Path) -> tuple[dict[str, Any], float, dict[str, Any]]:
    """The same in SQL."""
    import duckdb

    from synth import facts

    paths = facts.files(folder, "visits", "", "9999-99")
    began = time.perf_counter()
    connection = duckdb.connect()
    cursor = connection.execute(BY_HAND.format(files=paths))
    names = [each[0] for each in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    first = list(connection.execute(PERSONS_BY_HAND.format(files=paths)).fetchall()[0])
    seconds = time.perf_counter() - began
    n = {name: sum(int(row[name] or 0) for row in rows) for name in names if name != "tier"}
    values = {
        "visits-by-tier": [n["kept"], None], "grassroots-share": [n["grassroots"], n["kept"]], "m12-tcm-share": [n["tcm"], n["kept"]],
        "visits-signed": [n["signed"], n["kept"]], "diagnosis-coded": [n["coded"], n["signed"]],
        "medicines-per-visit": [n["medicines"], n["with_medicine"]], "many-medicines": [n["many"], n["with_medicine"]],
        "late-visit-entry": [n["late"], n["total"]], "first-pressure": first,
        "tiers": {row["tier"]: row["kept"] for row in rows},
    }  # fmt: skip
    return values, seconds, {}


if __name__ == "__main__":
    raise SystemExit(main())
