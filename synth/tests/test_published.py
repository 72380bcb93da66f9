"""The published figures of five places come out again from the counties tuned to them, at a small scale."""

from typing import Any

import pytest

from synth.published import recompute, tables_of
from xinglin.platform.definitions import Definition, load

PLACES = load("published-figures")
#: At this scale whole people make up for less than a point of a share.
SCALE, TOLERANCE = 0.05, 0.6


@pytest.mark.parametrize("place", PLACES, ids=lambda each: each.slug)
def test_each_published_figure_comes_out_again(place: Definition) -> None:
    for each in recompute(place.content, scale=SCALE):
        assert each.value is not None, each.indicator
        if each.unit == "%" or each.denominator is not None:
            assert each.value == pytest.approx(each.expected, abs=TOLERANCE), each.indicator
        else:
            assert each.value == pytest.approx(each.expected * SCALE, rel=0.02), each.indicator
        assert each.why.keys() == {"zh", "en"}


def test_all_five_places_are_there_with_what_they_published() -> None:
    assert [each.slug for each in PLACES] == ["qinghai", "weifang", "weihai", "weinan", "xuecheng"]
    assert sum(len(each.content["figures"]) for each in PLACES) >= 30
    assert all(each.mark.startswith("local: ") for each in PLACES)


def without(content: dict[str, Any], table: str) -> dict[str, Any]:
    return {**content, "rows": [each for each in content["rows"] if each["table"] != table]}


def test_what_a_place_has_no_rows_of_is_no_data_and_not_0() -> None:
    place = next(each for each in PLACES if each.slug == "xuecheng")

    found = {each.indicator: each for each in recompute(without(place.content, "complaints"), scale=0.01)}

    assert found["p123-resolved"].value is None
    assert found["p38-maternal-mortality"].value == 0


def test_a_row_of_an_unknown_column_is_refused_with_its_name() -> None:
    content = {"period": "2026", "rows": [{"name": "x", "table": "births", "n": 2, "columns": {"weight": 3}}]}

    with pytest.raises(ValueError, match="x: births has no column 'weight'"):
        tables_of(content)


def test_the_same_people_stand_behind_rows_that_say_so() -> None:
    rows = [{"name": "a", "table": "residents", "n": 10}, {"name": "b", "table": "agreements", "n": 4, "of": "a"}]

    found = tables_of({"period": "2026", "rows": rows})

    assert found["agreements"]["person"].to_pylist() == found["residents"]["person"].to_pylist()[:4]


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda each: each.slug)
def test_at_full_size_each_is_the_same_to_the_published_decimal(place: Definition) -> None:
    assert [each.indicator for each in recompute(place.content) if not each.is_same] == []
