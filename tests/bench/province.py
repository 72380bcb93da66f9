"""``make province``: 42 consortia with 4,800 facilities, computed by DuckDB and by Spark: the same figures, in one table.

Facts are written by `synth.facts`; each engine is a process of its own. Every figure of every indicator at every facility,
every consortium and in the whole province is compared: counts to the digit, values to what floating point allows; and the
counts with what was known when the facts were written. 1 when anything differs. ``--check`` takes a small province and
prints no table: ``make spark-check``.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from tests.bench.indicators import BENCH, FLOWS, ROOT, Clock, Parts, flows
from tests.bench.indicators_postgres import watched

LEVELS = ("county", "consortium", "facility")
MEMORY = {"duckdb": "2GB", "spark": "2g"}
SHOWN = {
    "visits-by-tier": "visits", "grassroots-share": "grassroots %", "m12-tcm-share": "TCM %", "m08-in-county-fund": "fund in county %",
    "first-pressure": "pressure %", "p12-hypertension-control": "controlled %", "m03b-clinics-connected": "connected %",
}  # fmt: skip
Cells = dict[str, dict[str, dict[str, dict[str, Any]]]]  # slug → level → unit → cell


def main() -> int:
    """Write, compute twice, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_200_000)
    parser.add_argument("--check", action="store_true", help="a small province, no table")
    parser.add_argument("--one", choices=list(MEMORY), help=argparse.SUPPRESS)
    options = parser.parse_args()
    visits = 240_000 if options.check else options.visits
    if options.one:
        print(json.dumps(computed(options.one, visits)))
        return 0
    from synth import facts

    layout = _layout(visits)
    if not facts.is_written(_folder(visits), layout):
        print(f"{layout.consortia} consortia, {layout.facilities} facilities, {visits} visits", file=sys.stderr)
        facts.write(_folder(visits), layout)
    found = {name: measured(name, visits) for name in MEMORY}
    cells: dict[str, Cells] = {name: each.pop("cells") for name, each in found.items()}
    flown: dict[str, Parts] = {name: each.pop("flows") for name, each in found.items()}
    places = [
        (slug, level, unit) for slug, levels in cells["duckdb"].items() for level in levels for unit in levels[level]
    ]
    wrong = [each for each in places if not same(cells["duckdb"], cells["spark"], each)]
    answers = facts.answers(_folder(visits))
    known = unlike_known(cells["duckdb"], answers["all"])
    elsewhere = [
        (name, unit)
        for name, parts in flown.items()
        for unit in parts
        if not parts[unit].items() <= answers[unit].items()
    ]
    n_known = sum("v" in cells["duckdb"][slug][level][unit] for slug, level, unit in places)
    if not options.check:
        print(table(cells["duckdb"]))
    for name, each in found.items():
        print(f"{name:<7} {each['seconds']:>7.1f} s  {each['peak_mb']:>6} MB at most")
    print(
        f"{len(places)} figures, {n_known} with a value: {len(wrong)} differ between the engines, {len(known)} from what is known"
    )
    for slug, level, unit in wrong[:20]:
        print("differs:", slug, level, unit, *(cells[name][slug][level][unit] for name in MEMORY))
    for line in known[:20]:
        print("differs from what is known:", *line)
    print(f"who is treated where, by engine and township: {len(elsewhere)} differ from what is known")
    return 1 if wrong or known or elsewhere or not n_known else 0


def _layout(visits: int) -> Any:
    from synth import facts

    return facts.province(visits=visits, residents=visits // 2)


def _folder(visits: int) -> Path:
    return BENCH / f"facts-province-{visits}"


def measured(name: str, visits: int) -> dict[str, Any]:
    """One engine in a process of its own, with all it starts; the most memory they held."""
    print(f"{name}: computing", file=sys.stderr)
    command = [sys.executable, "-m", "tests.bench.province", "--one", name, "--visits", str(visits)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        with watched(psutil.Process(process.pid)) as peak:
            output, _errors = process.communicate()
        if process.returncode:
            raise SystemExit(f"{name} failed")
    return {**json.loads(output.splitlines()[-1]), "peak_mb": round(max(peak) / 2**20)}


def computed(name: str, visits: int) -> dict[str, Any]:
    """All figures of the year by one engine."""
    import django

    os.environ.setdefault("XINGLIN_HOME", str(BENCH / "home"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    django.setup()
    from synth import facts
    from xinglin.indicators.definitions.reading import indicators
    from xinglin.indicators.engine import source, spark
    from xinglin.indicators.engine.computing import Places
    from xinglin.indicators.engine.figures import compute
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.engine.values import as_cell

    units = facts.places(_layout(visits))
    places = {level: Places() if level == "county" else Places(units[level]) for level in LEVELS}
    chosen = [each for each in indicators() if not each.growth_of]

    def at(connection: Any) -> dict[str, Any]:
        files = source.Files(connection, lambda table, *months: facts.files(_folder(visits), table, *months))
        clock = Clock()
        found = compute(chosen, files, parse(str(facts.YEAR)), ref=facts.REF, places=places)
        cells = {
            slug: {level: {unit: as_cell(value) for unit, value in each.items()} for level, each in levels.items()}
            for slug, levels in found.items()
        }
        read = clock.read()
        return {**read, "cells": cells, "flows": flows(files, units["township"])}

    if name == "duckdb":
        return at(source.session(memory=MEMORY[name], spill=BENCH / "spill"))
    with spark.session(spill=BENCH / "spill", memory=MEMORY[name]) as connection:
        return at(connection)


def same(one: Cells, two: Cells, place: tuple[str, str, str]) -> bool:
    """Counts to the digit, values to what floating point allows."""
    slug, level, unit = place
    a, b = one[slug][level][unit], two[slug][level][unit]
    near = all(
        a.get(key) == b.get(key) or abs(a.get(key, 0) - b.get(key, 0)) <= 1e-9 * max(1, abs(a.get(key, 0)))
        for key in "vnd"
    )
    return near and a.keys() == b.keys() and all(a.get(key) == b.get(key) for key in ("g", "why", "missing"))


def unlike_known(cells: Cells, known: dict[str, float]) -> list[tuple[str, float, float]]:
    """Parts of the whole province that are not what was counted when the facts were written: part, known, computed."""
    wrong = []
    for part, value in known.items():
        if part in FLOWS:
            continue
        slug, _, side = part.partition(":")
        have = cells[slug]["county"]["all"].get(side, 0)
        if abs(have - value) > 1e-9 * max(1, abs(value)):
            wrong.append((part, value, have))
    return wrong


def table(cells: Cells) -> str:
    """A line for each consortium, and the province."""
    units = [("consortium", each) for each in sorted(cells["grassroots-share"]["consortium"])] + [("county", "all")]
    lines = [f"{'':<9}" + "".join(f"{words:>18}" for words in SHOWN.values())]
    for level, unit in units:
        values = [cells[slug][level][unit].get("v") for slug in SHOWN]
        shown = ["no data" if each is None else f"{each:,.0f}" if each >= 1000 else f"{each:.2f}" for each in values]  # noqa: PLR2004
        lines.append(f"{'province' if unit == 'all' else unit:<9}" + "".join(f"{each:>18}" for each in shown))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
