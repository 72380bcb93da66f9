"""What may be told of ways of few people, and in which chapter a diagnosis lies."""

import ibis
import pytest

from xinglin.indicators.chapters import UNCODED, chapter_column, chapter_of, chapters, titles
from xinglin.indicators.engine.crossing import TOGETHER, guarded, plan_of, plan_within
from xinglin.platform import definitions

EXAMPLES = definitions.one("diagnosis-chapters", "icd10").examples


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["code"] or "empty")
def test_a_diagnosis_lies_in_the_chapter_its_example_says_in_python_and_in_the_engine(example: dict[str, str]) -> None:
    table = ibis.memtable({"diagnosis": [example["code"]]}, schema={"diagnosis": "string"})

    assert chapter_of(example["code"]) == example["chapter"]
    assert chapter_column(table.diagnosis).to_pyarrow().to_pylist() == [example["chapter"] or UNCODED]


def test_what_nobody_coded_is_said_to_be_uncoded() -> None:
    table = ibis.memtable({"diagnosis": [None]}, schema={"diagnosis": "string"})

    assert chapter_column(table.diagnosis).to_pyarrow().to_pylist() == [UNCODED]
    assert list(titles())[-1] == UNCODED


def test_chapters_stand_in_order_and_do_not_overlap() -> None:
    letters = [each for each in chapters() if each.key != "XXII"]  # U stands at the end of the list

    assert all(each.first <= each.last for each in chapters())
    assert all(one.last < other.first for one, other in zip(letters, letters[1:], strict=False))
    assert len(chapters()) == 22


def test_a_small_cell_goes_with_the_cheapest_rectangle_and_sums_stay() -> None:
    table = {"A": {"V": 50, "C": 20, "X": 2}, "B": {"V": 40, "C": 9, "X": 30}, "D": {"V": 60, "C": 70, "X": 80}}

    found = guarded(table)

    assert {("A", "X"), ("A", "C"), ("B", "X"), ("B", "C")} == set(found.cells)
    assert found.tells({"A"}, None)
    assert found.tells(None, {"X"})
    assert found.tells({"D"}, {"X"})
    assert not found.tells({"A"}, {"X"})
    assert not found.tells({"A", "D"}, {"X"})


def test_a_small_row_is_told_with_the_next_smallest_as_one_sum() -> None:
    table = {"A": {"V": 2, "C": 1}, "B": {"V": 9, "C": 9}, "D": {"V": 60, "C": 70}}

    found = guarded(table)

    assert found.rows == {"A", "B"}
    assert not found.tells({"A"}, None)
    assert not found.tells({"B"}, {"V"})
    assert found.tells({"A", "B"}, {"V"})
    assert found.tells({"D"}, {"V"})
    assert (TOGETHER, "V") not in found.cells


def test_people_of_a_small_consortium_are_moved_out_of_it() -> None:
    table = {"A": {"V": 50, "X": 1}, "B": {"V": 50, "X": 2}, "D": {"V": 50, "X": 90}}

    found = guarded(table, [frozenset("AB")])

    assert ("D", "X") in found.cells  # else A and B together were three, whoever of them it is


def test_a_few_people_in_all_are_not_told_of_and_nobody_is_nobody() -> None:
    assert not guarded({"A": {"V": 3}}).tells(None, None)
    assert guarded({}).tells({"A"}, {"V"})


def test_a_year_is_told_by_the_shortest_spans_in_which_half_can_be_told() -> None:
    many = plan_of([{"A": {"V": 30, "C": 20}, "B": {"V": 25, "C": 40}} for _month in range(12)])
    few = plan_of([{"A": {"V": 3, "C": 2}, "B": {"V": 2, "C": 4}} for _month in range(12)])

    assert len(many.spans) == 12
    assert len(few.spans) == 4
    assert few.tells({"A"}, {"V"}, range(3))
    assert not few.tells({"A"}, {"V"}, range(1))
    assert few.tells({"A"}, {"V"}, range(12))


def test_parts_of_a_destination_are_told_only_of_rows_that_are_told_it() -> None:
    above = plan_of([{"A": {"C": 20, "X": 2}, "B": {"C": 9, "X": 30}, "D": {"C": 70, "X": 80}}])
    parts = plan_within([{"A": {"h1": 10, "h2": 10}, "B": {"h1": 9, "h2": 0}, "D": {"h1": 40, "h2": 30}}], above, "C")

    assert not above.tells({"A"}, {"C"}, [0])
    assert not parts.tells({"A"}, {"h1"}, [0])
    assert parts.tells({"D"}, {"h1"}, [0])
    assert parts.tells(None, {"h1"}, [0])
