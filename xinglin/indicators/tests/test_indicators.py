"""Figures: worked examples on DuckDB and on plain Python, and what the board shows."""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from tests.factories.county import NOW
from xinglin.indicators import engine, facts, queries
from xinglin.platform.definitions import Definition, DefinitionError
from xinglin.platform.errors import NotPermitted
from xinglin.visits.models import Visit

EXAMPLES = [
    pytest.param(definition, example, id=f"{definition.slug}-{number}")
    for definition in engine.definitions()
    for number, example in enumerate(definition.examples)
]


def oracle(definition: Definition, rows: list[dict[str, Any]]) -> tuple[float | None, dict[str, int]]:
    """The same figure in plain Python, written apart from the engine."""
    tests = {
        "==": lambda have, want: have == want,
        "!=": lambda have, want: have is not None and have != want,
        "in": lambda have, want: have in want,
        "not in": lambda have, want: have is not None and have not in want,
        "known": lambda have, want: (have is not None) == want,
    }

    def keep(found: list[dict[str, Any]], part: str) -> list[dict[str, Any]]:
        conditions = definition.content.get(part, [])
        return [row for row in found if all(tests[op](row.get(column), value) for column, op, value in conditions)]

    rows = keep(rows, "where")
    measure = definition.content["measure"]
    if measure == "share":
        below = keep(rows, "denominator")
        return (100 * len(keep(below, "numerator")) / len(below) if below else None), {}
    if measure == "median":
        values = sorted(
            row[definition.content["column"]] for row in rows if row.get(definition.content["column"]) is not None
        )
        if not values:
            return None, {}
        middle = len(values) // 2
        return (values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2), {}
    groups: dict[str, int] = {}
    if by := definition.content.get("group_by"):
        for row in rows:
            groups[row[by]] = groups.get(row[by], 0) + 1
    return (float(len(rows)) if rows else None), groups


def table_of(definition: Definition, rows: list[dict[str, Any]]) -> Any:
    fact = facts.FACTS[definition.content["fact"]]
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, (_, kind) in fact.columns.items()}
    return ibis.memtable(pa.table(columns))


def test_every_definition_has_an_example() -> None:
    assert all(definition.examples for definition in engine.definitions())


@pytest.mark.parametrize(("definition", "example"), EXAMPLES)
def test_example_on_duckdb_and_on_plain_python(definition: Definition, example: dict[str, Any]) -> None:
    wanted = None if example["value"] == "no data" else example["value"]

    value = engine.compute(definition, table_of(definition, example["facts"]))
    plain, plain_groups = oracle(definition, example["facts"])

    assert value.value == plain == wanted
    assert value.groups == plain_groups == example.get("groups", {})
    for part in ("numerator", "denominator"):
        if part in example:
            assert getattr(value, part) == example[part]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"fact": "weather"}, "fact"),
        ({"measure": "guess"}, "measure"),
        ({"where": [["colour", "==", "red"]]}, "where[0]"),
        ({"where": [["status", "~", "x"]]}, "where[0]"),
        ({"group_by": "colour"}, "group_by"),
    ],
)
def test_a_definition_that_names_the_unknown_is_refused_with_the_place(change: dict[str, Any], place: str) -> None:
    good = engine.definitions()[0]
    bad = Definition(
        **{**{name: getattr(good, name) for name in good.__dataclass_fields__}, "content": {**good.content, **change}}
    )

    with pytest.raises(DefinitionError, match=place.replace("[", r"\[").replace("]", r"\]")):
        engine.check(bad)


@pytest.fixture
def own_facts(settings: Any, tmp_path: Any) -> None:
    settings.FACTS_DIR = tmp_path / "facts"


def a_visit_row(county: Any, resident: Any, *, facility: Any, at: Any, number: str) -> Visit:
    return Visit.objects.create(
        resident=resident, facility=facility, tier=facility.tier, number=number, started_at=at, recorded_at=at,
        status="SIGNED", status_changed_at=at,
    )  # fmt: skip


def test_without_an_extraction_everything_is_no_data(county: Any, own_facts: None) -> None:
    board = queries.board_for(county.mei, period="2026-11", at=NOW)

    assert board.extracted_at is None
    assert all(figure.now.value is None for figure in board.figures)


def test_the_board_moves_only_with_the_extraction_and_opens_to_its_records(county: Any, own_facts: None) -> None:
    from tests.factories.residents import a_resident

    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    facts.extract(at=NOW)
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="V2")

    first = figure(queries.board_for(county.mei, period="2026-11", at=NOW), "visits-by-tier")
    facts.extract(at=NOW + timedelta(minutes=10))
    second = figure(queries.board_for(county.mei, period="2026-11", at=NOW), "visits-by-tier")
    behind = queries.records_behind(
        county.mei, slug="visits-by-tier", period="2026-11", part="COUNTY", after="", at=NOW
    )

    assert (first.value, second.value) == (1, 2)
    assert second.groups == {"VILLAGE": 1, "COUNTY": 1}
    assert [row["number"] for row in behind.rows] == ["V2"]


def test_a_township_sees_its_own_figures_only(county: Any, own_facts: None) -> None:
    from tests.factories.residents import a_resident

    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="V2")
    facts.extract(at=NOW)

    assert figure(queries.board_for(county.tang, period="2026-11", at=NOW), "visits-by-tier").groups == {"VILLAGE": 1}


def test_a_village_doctor_has_no_board(county: Any) -> None:
    with pytest.raises(NotPermitted):
        queries.board_for(county.alma, period="2026-11", at=NOW)


def test_extracting_twice_gives_the_same_files(county: Any, own_facts: None) -> None:
    from tests.factories.residents import a_resident

    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    facts.extract(at=NOW)
    before = facts.path_of("visits", "2026-11").read_bytes()
    facts.extract(at=NOW, everything=True)

    assert facts.path_of("visits", "2026-11").read_bytes() == before


def figure(board: queries.Board, slug: str) -> engine.Value:
    return next(each.now for each in board.figures if each.definition.slug == slug)
