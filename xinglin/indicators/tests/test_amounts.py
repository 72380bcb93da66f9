"""Money in what leaves the house: in yuan, and said so, though facts keep fen."""

from typing import Any

import pytest
from django.utils.translation import override

from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import figure as figures
from xinglin.indicators import queries
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_flows import settlements
from xinglin.indicators.web import charts, pages, words
from xinglin.indicators.web.lines import table_of
from xinglin.platform.actors import Actor


@pytest.fixture
def manager(county: Any) -> Actor:
    """Who sees six stays of 100 yuan in the county hospital, 50 of them paid by the fund, and one elsewhere."""
    here, elsewhere = (county.hospital.code, "县内", "县级", "住院"), ("", "县外", "", "住院")
    settlements(county, a_resident(county), *[here] * 6, elsewhere)
    extract(at=NOW)
    found: Actor = county.mei
    return found


def test_the_table_of_a_figure_holds_amounts_in_yuan_and_says_which_they_are(manager: Actor) -> None:
    opened = figures.open_figure(manager, slug="m10a-inpatient-cost", period="2026-11", level="consortium", at=NOW)

    _headings, rows = table_of(opened, at=NOW)

    assert rows[0][1:6] == [100.0, "元", 600.0, 6, "分子为金额，单位：元"]
    assert rows[1][3:5] == [600.0, 6]


def test_the_table_of_a_board_holds_amounts_in_yuan_and_says_which_they_are(manager: Actor) -> None:
    board = queries.board_for(manager, period="2026-11", group="national-2024", at=NOW)

    with override("en"):
        _headings, rows = pages.table_of(board, at=NOW)

    by_title = {row[0]: row for row in rows}
    fund = by_title["In-county share of fund spending"]
    assert fund[3:5] == [300.0, 350.0]
    assert "numerator and denominator are amounts in CNY" in fund[6]


def test_who_is_counted_by_a_figure_of_settlements_is_whom_the_fund_pays_for() -> None:
    seen, settled = (words.counted(found) for slug in ("visits-by-tier", "mean-stay") if (found := indicator(slug)))

    assert seen[0] == "在县内机构就诊的人，不论哪里人"
    assert settled[0] == "在县内机构就诊、由本县医保结算的人"
    assert "自费" in settled[1]


def test_no_ranking_is_drawn_of_units_without_a_figure(manager: Actor) -> None:
    opened = figures.open_figure(manager, slug="m10a-inpatient-cost", period="2026-10", level="township", at=NOW)

    assert opened.units
    assert charts.ranking_chart(opened) == ""


def test_the_middle_of_what_is_measured_has_its_decimal_also_where_it_is_whole_and_a_count_has_none() -> None:
    middle, count = indicator("ecg-turnaround"), indicator("visits-by-tier")
    assert middle is not None
    assert count is not None
    assert [words.number(each, middle) for each in (9.9, 10.0)] == ["9.9", "10.0"]
    assert words.number(1000.0, count) == "1,000"


def test_a_hundred_percent_is_written_only_where_all_are_counted() -> None:
    share = indicator("m07-grassroots-visits")

    assert [words.number(each, share) for each in (100 * 2_999 / 3_000, 100.0, 99.94)] == ["99.9", "100.0", "99.9"]
