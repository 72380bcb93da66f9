"""Facts written directly: of the columns the reporting schema has, and of the answers that are known."""

from pathlib import Path

import pyarrow.parquet as pq

from synth import facts
from xinglin.indicators.facts.schema import schema_of
from xinglin.platform.facts import tables


def test_columns_are_those_of_the_schema_and_a_month_has_its_rows(tmp_path: Path) -> None:
    facts.write(tmp_path, only="2026-11")

    for name in facts.TABLES:
        file = facts.files(tmp_path, name, "", "9999-99")[0]
        assert pq.read_schema(file).names == schema_of(tables()[name]).names
    visits = facts.files(tmp_path, "visits", "", "9999-99")
    assert [Path(each).name for each in visits] == ["2026-11.1.parquet"]
    assert pq.read_metadata(visits[0]).num_rows == facts.VISITS


def test_known_answers_grow_with_the_size() -> None:
    one, ten = facts.answers(1), facts.answers(10)

    assert ten["grassroots-share"][0] == 10 * one["grassroots-share"][0]
    assert one["p01-contract-coverage"] == ten["p01-contract-coverage"] == (600_000, 1_000_000)
