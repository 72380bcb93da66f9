"""Statements for DuckDB: worked at in their order, while the next are written."""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from time import monotonic

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.duck import Answer, Duck, rows_of
from xinglin.indicators.engine.examples import filled, memory
from xinglin.indicators.engine.figures import compute
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.source import Tables

ROWS = pa.table({"person": [1, 1, 2], "day": pa.array([0, 1, 2], pa.date32())})


@pytest.fixture
def duck() -> Iterator[Duck]:
    found = Duck(ibis.duckdb.connect())
    yield found
    found.disconnect()


def written(folder: Path, name: str = "1.parquet") -> str:
    pq.write_table(ROWS, folder / name)
    return str(folder / name)


def test_what_was_kept_and_given_is_read_by_statements_written_before_it_is_there(duck: Duck, tmp_path: Path) -> None:
    table = duck.read_parquet([written(tmp_path), written(tmp_path, "it's 2.parquet")])
    kept = duck.keep(table.group_by("person").aggregate(n=table.count()))
    names = duck.given(pa.table({"person": [1, 2], "name": ["甲", "乙"]}))
    answer = duck.ask(names.join(kept, "person").select("name", "n").order_by("n"))
    nobody = duck.ask(kept.filter(kept.n > 9))

    assert rows_of(answer()) == [{"name": "乙", "n": 2}, {"name": "甲", "n": 4}]
    assert nobody() == {"person": (), "n": ()}


def test_rows_say_which_file_they_are_from(duck: Duck, tmp_path: Path) -> None:
    paths = [written(tmp_path, "a.parquet"), written(tmp_path, "b.parquet")]
    table = duck.read_parquet(paths, filename=True)

    assert sorted(duck.ask(table.select("filename").distinct())()["filename"]) == paths


def test_who_asks_is_told_what_went_wrong_first(duck: Duck, tmp_path: Path) -> None:
    path = written(tmp_path)
    table = duck.read_parquet([path, str(tmp_path / "gone.parquet")])
    kept = duck.keep(table.group_by("person").aggregate(n=table.count()))

    with pytest.raises(duckdb.IOException, match=r"gone\.parquet"):
        duck.ask(kept)()


def test_what_was_forgotten_is_no_longer_there_and_files_stay_open(duck: Duck, tmp_path: Path) -> None:
    table = duck.read_parquet([written(tmp_path)])
    kept, given = duck.keep(table), duck.given(ROWS)
    duck.forget()

    for each in (kept, given):
        with pytest.raises(duckdb.CatalogException):
            duck.ask(each)()
    assert len(duck.ask(table)()["person"]) == len(ROWS)


def test_leaving_breaks_off_what_is_being_worked_at(tmp_path: Path) -> None:
    duck = Duck(ibis.duckdb.connect())
    table = duck.given(pa.table({"n": list(range(50_000))}))
    other = duck.given(pa.table({"o": list(range(50_000))}))
    pairs = table.join(other, table.n * 7 % 1009 != other.o * 3 % 1013)
    running: Answer = duck.ask(pairs.aggregate(n=(pairs.n * pairs.o % 97).nunique()))
    waiting: Answer = duck.ask(table)
    began = monotonic()
    duck.disconnect()

    assert monotonic() - began < 5
    for each in (running, waiting):
        with pytest.raises((duckdb.InterruptException, CancelledError)):
            each()


class Noting(Tables):
    """Tables in memory, noting what is asked and when an answer is taken."""

    def __init__(self, found: dict[str, pa.Table]) -> None:
        super().__init__(found)
        self.noted: list[str] = []

    def ask(self, table: ibis.Table) -> Answer:
        self.noted.append("asked")
        answer = super().ask(table)

        def taken() -> dict[str, list[object]]:
            self.noted.append("taken")
            return dict(answer())

        return taken


def test_all_is_asked_before_the_first_answer_is_taken_also_where_a_window_is_the_period() -> None:
    year = parse("2026")
    facts = filled({"visits": [{"tier": "COUNTY", "status": "SIGNED"}], "residents": [{"since": year.first}]}, year)
    source = Noting(memory(facts))
    found = compute(
        [indicator("visits-signed"), indicator("visits-per-resident")], source, year, ref=year.last,
        places={"county": Places(), "township": Places({1: "a"})},
    )  # fmt: skip

    assert found["visits-signed"]["county"][WHOLE].value == 100
    assert source.noted[:3] == ["asked", "asked", "taken"]  # a pass over visits, and one over residents
