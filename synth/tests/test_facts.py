"""Facts written directly: of the columns the reporting schema has, the same each time, with answers that are right."""

import hashlib
from pathlib import Path

import ibis
import pyarrow.parquet as pq
import pytest

from synth import facts
from synth.progress import Progress
from tests.bench import by_hand
from tests.bench.indicators import FLOWS, flows, sql_on_duckdb
from xinglin.indicators.engine.duck import Duck
from xinglin.indicators.engine.source import Files
from xinglin.indicators.facts.schema import schema_of
from xinglin.platform.facts import tables

SMALL = facts.Layout(20_000, 4_000, consortia=2, of_county=2, of_townships=3, of_villages=20)


def silent() -> Progress:
    return Progress(lambda _text: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("facts") / "small"
    facts.write(found, SMALL, progress=silent())
    return found


def test_files_have_the_schema_of_their_tables_and_hold_the_visits_asked_for(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            for file in facts.files(folder, path.name, "", "9999-99"):
                found = pq.read_schema(file)
                wanted = schema_of(tables()[path.name])
                assert (found.names, found.types) == (wanted.names, wanted.types)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(tables())
    visits = facts.files(folder, "visits", "", "9999-99")
    assert len(visits) == 12
    assert sum(pq.read_metadata(each).num_rows for each in visits) == SMALL.visits
    assert facts.is_written(folder, SMALL)
    assert not facts.is_written(folder, facts.county(5))


def test_the_same_seed_writes_the_same_files_and_another_one_others(folder: Path, tmp_path: Path) -> None:
    def digest(where: Path) -> str:
        return hashlib.sha256(Path(facts.files(where, "visits", "2026-05", "2026-05")[0]).read_bytes()).hexdigest()

    facts.write(tmp_path / "again", SMALL, progress=silent())
    other = facts.Layout(20_000, 4_000, consortia=2, of_county=2, of_townships=3, of_villages=20, seed=2)
    facts.write(tmp_path / "other", other, progress=silent())

    assert digest(tmp_path / "again") == digest(folder)
    assert facts.answers(tmp_path / "again") == facts.answers(folder)
    assert digest(tmp_path / "other") != digest(folder)


def test_what_was_counted_while_writing_is_what_sql_counts_in_the_files(folder: Path) -> None:
    parts = by_hand.gathered(sql_on_duckdb(folder, SMALL, memory="1GB", spill=folder / "spill"))

    for unit, answers in facts.answers(folder).items():
        for part, value in answers.items():
            assert parts[unit].get(part, 0) == pytest.approx(value), (unit, part)


def test_who_is_treated_where_comes_to_what_was_counted_by_chapter_and_outside(folder: Path) -> None:
    source = Files(Duck(ibis.duckdb.connect()), lambda table, first, last: facts.files(folder, table, first, last))

    found = flows(source, facts.places(SMALL)["township"])

    for unit, known in facts.answers(folder).items():
        assert found[unit] == {part: known[part] for part in FLOWS}, unit


def test_a_province_has_42_consortia_and_4800_facilities() -> None:
    layout = facts.province()
    units = facts.places(layout)

    assert len(set(units["consortium"].values())) == 42
    assert len(units["facility"]) == layout.facilities == 4_800
    assert len(set(units["township"].values())) == 420


def test_the_visits_of_all_months_are_the_visits_asked_for() -> None:
    layout = facts.county(5)

    assert sum(layout.visits_in(month) for month in layout.months) == layout.visits == 5_000_000
    assert facts.county(250).residents == 10_000_000
