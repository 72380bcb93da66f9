"""Figures that five places published, computed again from a synthetic county tuned to them.

``definitions/published-figures`` says for each place which rows there are and what was published. Nobody in them is real:
a row is a number of people alike. ``python -m synth.published [--scale 0.05] [PLACE …] [--write]`` makes the rows, has the
engine compute the indicators as they are defined, and prints the table; ``--write`` writes the page of the documentation.
"""

import argparse
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "published-figures.md"
TOPIC = "published-figures"
_RANGE = re.compile(r"([A-Z]?)(\d+)\.\.(\d+)\Z")
#: A person of the n-th group of rows has a number of his own.
APART = 10_000_000


@dataclass(frozen=True)
class Recomputed:
    """One figure: what was published, and what the tuned county comes to."""

    indicator: str
    code: str
    title: str
    unit: str
    published: str
    expected: float
    decimals: int
    value: float | None
    numerator: float | None
    denominator: float | None
    money: tuple[bool, bool]  # whether the two are amounts, which are kept in fen
    why: Mapping[str, str]

    @property
    def is_same(self) -> bool:
        """Whether it comes out as it was published, to the decimals that were."""
        return self.value is not None and round(self.value, self.decimals) == round(self.expected, self.decimals)


def tables_of(content: Mapping[str, Any], *, scale: float = 1.0) -> dict[str, pa.Table]:
    """The rows of a place as Arrow tables; with a `scale` below 1 so many fewer of each, at least one."""
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.facts.schema import schema_of
    from xinglin.platform.facts import tables

    groups: dict[str, int] = {each["name"]: number for number, each in enumerate(content["rows"], 1)}
    middle = date(parse(content["period"]).last.year, 6, 15)
    found: dict[str, list[pa.Table]] = defaultdict(list)
    for each in content["rows"]:
        table = tables()[each["table"]]
        n = each["n"] if _is_single(each) else max(1, round(each["n"] * scale))
        group = groups[each.get("of", each["name"])]
        columns = _usual(each["name"], n, group, middle) | {
            name: _column(value, n) for name, value in each.get("columns", {}).items()
        }
        schema = schema_of(table)
        if unknown := set(each.get("columns", {})) - set(schema.names):
            raise ValueError(f"{each['name']}: {table.name} has no column {min(unknown)!r}")
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(n, field.type)
            for field in schema
        ]
        found[table.name].append(pa.Table.from_arrays(arrays, schema=schema))
    return {name: pa.concat_tables(parts) for name, parts in found.items()}


def _is_single(each: Mapping[str, Any]) -> bool:
    """One line of a return holds a number, units stand each for itself: neither is scaled."""
    return each["n"] == 1 or each["table"] in {
        "facilities",
        "titles",
        "services",
        "equipment",
        "complaints",
        "payments",
        "team_members",
    }


def _usual(name: str, n: int, group: int, middle: date) -> dict[str, Any]:
    """What a row has unless it says otherwise: somebody of his own, in the midst of the year, in force."""
    return {
        "uuid": np.char.add(f"{name}-", np.arange(n).astype(str)), "facility": np.ones(n, np.int64),
        "person": np.arange(n, dtype=np.int64) + group * APART, "since": [date(2020, 1, 1)] * n, "at": [middle] * n,
    }  # fmt: skip


def _column(value: Any, n: int) -> Any:
    """The same in each row, or one after the other: ``1..246``, and ``C1..40`` for texts."""
    if isinstance(value, str) and (ranged := _RANGE.match(value)):
        letter, first, last = ranged.group(1), int(ranged.group(2)), int(ranged.group(3))
        numbers = first + np.arange(n) % (last - first + 1)
        return np.char.add(letter, numbers.astype(str)) if letter else numbers
    return [value.replace(tzinfo=None) if isinstance(value, datetime) else value] * n


def recompute(content: Mapping[str, Any], *, scale: float = 1.0) -> list[Recomputed]:
    """Every published figure of a place, computed by the engine as its indicator is defined."""
    import ibis

    from xinglin.indicators.definitions.reading import indicator
    from xinglin.indicators.engine.computing import WHOLE, Places
    from xinglin.indicators.engine.figures import compute
    from xinglin.indicators.engine.periods import parse
    from xinglin.indicators.engine.source import Tables

    period = parse(content["period"])
    source = Tables({name: ibis.memtable(table) for name, table in tables_of(content, scale=scale).items()})
    chosen = {each["indicator"]: indicator(each["indicator"]) for each in content["figures"]}
    found = compute(chosen.values(), source, period, ref=period.last, places={"county": Places()})
    lines = []
    for each in content["figures"]:
        of, value = chosen[each["indicator"]], found[each["indicator"]]["county"][WHOLE]
        lines.append(
            Recomputed(
                of.slug, str(of.content.get("code", "")), of.definition.title_en, of.unit, each["published"],
                float(each["value"]), int(each["decimals"]), value.value, value.numerator, value.denominator,
                (of.is_money("numerator"), of.is_money("denominator")), each["why"],
            )
        )  # fmt: skip
    return lines


def page(places: Mapping[str, tuple[Any, list[Recomputed]]]) -> str:
    """The page of the documentation."""
    out = [
        "<!-- Made by `python -m synth.published --write`. -->", "", "# Published figures, computed again", "",
        "Five places publish figures of their medical communities, mostly without saying what was counted over what. Here each is computed",
        "again by the indicators as they are [defined](../reference/indicators.md), from a synthetic county tuned to it: so many people",
        "alike as make the published number. Nobody in it is real. That a figure can be made again does not say that the place counted so;",
        "the last column says what had to be assumed. The rows are in `definitions/published-figures/`; `make published-figures` computes",
        "them anew.", "",
    ]  # fmt: skip
    for definition, lines in places.values():
        out += [f"## {definition.title_en}", "", f"{definition.title_zh}。{definition.source}。", ""]
        out += [
            "| code | indicator | published | recomputed | = | why they differ, or what was assumed |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for each in lines:
            value = "no data" if each.value is None else f"{each.value:,.{each.decimals}f} {each.unit}"
            parts = zip((each.numerator, each.denominator), each.money, strict=True)
            over = " / ".join(
                f"{n / 100:,.2f} yuan" if is_money else f"{n:,.0f}" for n, is_money in parts if n is not None
            )
            out.append(f"| {each.code} | {each.title} | {each.published} | {value} | {over} | {each.why['en']} |")
        out.append("")
    return "\n".join(out)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", help="xuecheng, weifang …; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="so many people of each published one (default 1)")
    parser.add_argument("--write", action="store_true", help="write docs/explanation/published-figures.md")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    import django

    django.setup()
    from xinglin.platform.definitions import load

    known = {each.slug: each for each in load(TOPIC)}
    found = {
        slug: (each, recompute(each.content, scale=options.scale))
        for slug, each in known.items() if not options.places or slug in options.places
    }  # fmt: skip
    for slug, (_definition, lines) in found.items():
        for each in lines:
            value = "no data" if each.value is None else f"{each.value:.{each.decimals}f}"
            mark = "=" if each.is_same else "≠"
            print(f"{slug:<10}{each.code:<9}{each.published:>10} {mark} {value:>10} {each.unit:<13}{each.title}")
    if options.write:
        PAGE.write_text(page(found) + "\n", encoding="utf-8")
    return 0 if options.scale != 1 or all(each.is_same for _d, lines in found.values() for each in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
