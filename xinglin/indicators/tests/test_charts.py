"""Trend, ranking and funnel: what is drawn, and what chance is allowed to explain."""

import re
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import figure as figures
from xinglin.indicators.chance import Nature, Standing, interval, limits, nature_of, standing, steps
from xinglin.indicators.charts import ranking, trend
from xinglin.indicators.charts.drawing import HEAD, fitted, headed, in_two, range_of, standalone, tick, ticks, width_of
from xinglin.indicators.comparing import compare
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine import board
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.series import carry_over, series
from xinglin.indicators.engine.values import Value, Why
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Figure
from xinglin.indicators.queries import BoardFigure
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web import charts, pages
from xinglin.visits.models import Visit


def share(numerator: float, denominator: float) -> Value:
    return Value(100 * numerator / denominator, numerator, denominator, {}, Why.KNOWN)


# Chance --------------------------------------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.floats(0.02, 0.98), st.data())
def test_a_share_stands_apart_exactly_where_the_binomial_says_so(n: int, centre: float, data: Any) -> None:
    x = data.draw(st.integers(0, n))

    found = standing(Nature.SHARE, centre, share(x, n))
    low, high = binom.cdf(x, n, centre), binom.sf(x - 1, n, centre)

    assert (found in {Standing.HIGH, Standing.VERY_HIGH}) == (high < 0.025)
    assert (found in {Standing.LOW, Standing.VERY_LOW}) == (low < 0.025)
    assert (found is Standing.VERY_HIGH) == (high < 0.001)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 100_000), st.floats(0.0001, 0.02), st.integers(0, 300))
def test_a_rate_stands_apart_exactly_where_the_poisson_says_so(n: int, centre: float, x: int) -> None:
    found = standing(Nature.RATE, centre, Value(1000 * x / n, x, n, {}, Why.KNOWN))

    assert (found in {Standing.HIGH, Standing.VERY_HIGH}) == (poisson.sf(x - 1, centre * n) < 0.025)
    assert (found in {Standing.LOW, Standing.VERY_LOW}) == (poisson.cdf(x, centre * n) < 0.025)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 400), st.floats(0.02, 0.98), st.data())
def test_the_drawn_lines_agree_with_the_judgement(n: int, centre: float, data: Any) -> None:
    x = data.draw(st.integers(0, n))
    line = limits(Nature.SHARE, centre, n)

    found = standing(Nature.SHARE, centre, share(x, n))

    assert 0 <= line.very_low <= line.low <= centre <= line.high <= line.very_high <= 1
    if found in {Standing.HIGH, Standing.VERY_HIGH}:
        assert x / n > line.high - 1e-9
    if found in {Standing.LOW, Standing.VERY_LOW}:
        assert x / n < line.low + 1e-9


def test_a_small_unit_far_away_is_within_chance_and_a_large_one_as_far_is_not() -> None:
    assert standing(Nature.SHARE, 0.7, share(1, 4)) is Standing.WITHIN
    assert standing(Nature.SHARE, 0.7, share(250, 1000)) is Standing.VERY_LOW


def test_intervals_are_the_published_ones() -> None:
    """Wilson for 15 of 20 (Newcombe 1998, method 3), exact Poisson for 10 events (Garwood 1936)."""
    low, high = interval(Nature.SHARE, share(81, 263)) or (0, 0)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = interval(Nature.RATE, Value(10, 10, 1, {}, Why.KNOWN)) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (4.795, 18.390)


@pytest.mark.parametrize(
    ("slug", "nature"),
    [
        ("grassroots-share", Nature.SHARE), ("m11-in-county-admissions", Nature.SHARE), ("crude-death-rate", Nature.RATE),
        ("m10a-inpatient-cost", Nature.OTHER), ("m10b-inpatient-cost-growth", Nature.OTHER), ("m14-early-death", Nature.OTHER),
        ("m08-in-county-fund", Nature.OTHER), ("visits-by-tier", Nature.OTHER), ("mean-stay", Nature.OTHER),
    ],
)  # fmt: skip
def test_chance_has_limits_for_shares_and_rates_of_counts_only(slug: str, nature: Nature) -> None:
    assert nature_of(indicator(slug)) is nature


def test_no_unit_is_judged_where_a_numerator_is_above_its_denominator() -> None:
    found = compare(indicator("grassroots-share"), share(5, 10), {"1": share(3, 2), "2": share(2, 8)})

    assert found.nature is Nature.OTHER
    assert found.standings == {}


def test_what_is_not_known_is_not_compared() -> None:
    found = compare(indicator("grassroots-share"), share(5, 10), {"1": share(5, 10), "2": Value(why=Why.SMALL)})

    assert found.standings == {"1": Standing.WITHIN}
    assert found.middle is None  # of one unit there is no middle


# Drawing -------------------------------------------------------------------------------------------------------------
@settings(max_examples=80, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
@example(1.0, 0.002)
@example(6000.0, 9.0)
def test_ticks_are_few_round_and_hold_what_is_drawn(low: float, span: float) -> None:
    found = ticks(low, low + span)

    assert found[0] <= low + 1e-6
    assert found[-1] >= low + span - 1e-6
    assert 2 <= len(found) <= 9
    assert len({tick(each) for each in found}) == len(found)
    assert [float(tick(each).replace(",", "")) for each in found] == pytest.approx(found, rel=1e-9, abs=1e-9)
    assert range_of([]) == ticks(0.0, 1.0)


@pytest.mark.parametrize("value", [0.02, 5900.0, 100.0, -3.0, 6_014_050.0])
def test_one_value_alone_stands_between_marks_that_are_written_differently(value: float) -> None:
    found = range_of([value])

    assert found[0] < value < found[-1]
    assert len({tick(each) for each in found}) == len(found)


def test_a_flat_line_has_marks_near_it_and_a_share_none_beyond_the_whole() -> None:
    assert (range_of([0.75])[0], range_of([0.75])[-1]) == pytest.approx((0.65, 0.85), abs=0.05)

    drawn = trend.draw([trend.Point(f"2026-{n:02}", 100.0, None) for n in (1, 2)], label="x", unit="%")
    assert ">100<" in drawn
    assert ">105<" not in drawn
    assert ">110<" not in drawn


def test_what_is_not_known_is_a_gap_and_never_0() -> None:
    points = [trend.Point(f"2026-{n:02}", None if n == 3 else 50.0 + n, None, str(n)) for n in range(1, 7)]

    drawn = fromstring(trend.draw(points, label="x", unit="%", target=55.0))
    lines = [each for each in drawn.iter() if each.get("class") == "chart-line" and each.tag.endswith("polyline")]

    assert len(lines) == 2
    assert len([each for each in drawn.iter() if each.get("class") == "chart-dot"]) == 5
    assert len([each for each in drawn.iter() if each.get("class") == "chart-target"]) == 2  # and its key


def test_a_name_from_outside_cannot_become_markup() -> None:
    points = [trend.Point("<script>", 1.0, None, "<b>")]

    assert "<script>" not in trend.draw(points, label="<i>", unit="%")
    assert fitted("很长的一个机构名称", 60) == "很长的…"


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_signs_of_a_trend_never_stand_on_each_other_or_on_the_line(language: str, narrow: bool) -> None:
    points = [trend.Point(f"2026-{n:02}", 50.0 + n, 40.0, str(n), is_revised=n == 3) for n in range(1, 13)]

    with override(language):
        drawn = fromstring(trend.draw(points, label="x", unit="%", target=90.0, narrow=narrow))
    width = float(drawn.attrib["viewBox"].split()[2])
    words = [each for each in drawn.iter() if each.tag.endswith("text") and not each.get("class")]
    rows: dict[float, list[tuple[float, float]]] = {}
    for each in words:
        x = float(each.attrib["x"])
        rows.setdefault(float(each.attrib["y"]), []).append((x, x + width_of(each.text or "")))

    assert len(words) == 4
    assert all(one[1] <= two[0] for row in rows.values() for one, two in pairwise(sorted(row)))
    assert all(end <= width for row in rows.values() for _start, end in row)
    top = min(float(each.attrib["y1"]) for each in drawn.iter() if each.get("class") == "chart-grid")
    assert top > max(rows) + 4


def test_a_telephone_has_every_bar_with_its_figure_on_its_width() -> None:
    bars = [
        ranking.Bar("薛城区紧密型县域医共体", 74.8, "74.8", low=70.0, high=79.0),
        ranking.Bar("乙", None, "人数太少，不予公布"),
    ]

    drawn = fromstring(
        ranking.draw(bars, label="x", unit="%", mean=74.8, mean_words="您权限范围的合计 74.8", narrow=True)
    )

    assert float(drawn.attrib["viewBox"].split()[2]) == ranking.NARROW
    said = {each.text: float(each.attrib["x"]) for each in drawn.iter() if each.tag.endswith("text")}
    assert said["74.8"] + width_of("74.8") <= ranking.NARROW
    assert "%" in said
    assert "您权限范围的合计 74.8 %" in said


def test_a_picture_that_leaves_its_page_says_what_it_is_of() -> None:
    drawn = trend.draw([trend.Point("2026-01", 1.0, None, "1")], label="x", unit="%")

    found = fromstring(standalone(headed(drawn, "M07 <占比>", ["统计期 2026-01", "薛城区"])))
    words = [each.text for each in found.iter() if each.tag.endswith("text")]

    assert {"M07 <占比>", "统计期 2026-01 · 薛城区"} <= set(words)
    _x, top, _width, height = map(float, found.attrib["viewBox"].split())
    assert (top, float(found.attrib["height"])) == (-HEAD, height)
    assert height == trend.HEIGHT + HEAD


def test_the_head_of_a_picture_takes_as_many_lines_as_it_needs() -> None:
    drawn = trend.draw([trend.Point("2026-01", 1.0, None, "1")], label="x", unit="%")
    parts = ["统计期 2026-01", "薛城区", *(f"第{n}个单位于2026-06-30并入中心卫生院" for n in range(8))]

    found = standalone(headed(drawn, "M07", parts))

    assert all(each in found for each in parts)
    assert "…" not in found


def test_words_too_long_for_a_line_go_on_in_the_next() -> None:
    assert in_two("157 Hospital of their township", 122) == ["157 Hospital of", "their township"]
    assert in_two("本乡镇村级机构", 120) == ["本乡镇村级机构"]
    assert in_two("很长的一个机构名称", 60) == ["很长的一", "个机构…"]


def test_a_figure_that_moved_by_less_than_is_shown_is_told_to_stand_still() -> None:
    known = indicator("grassroots-share")
    assert known is not None

    stood, rose = (
        pages.change(BoardFigure(known, share(now, 10_000), share(7_480, 10_000)), is_over=True)
        for now in (7_479, 7_580)
    )

    assert stood == ("持平", "")
    assert rose == ("+1.0", "ok")


# From the county -----------------------------------------------------------------------------------------------------
def some_visits(county: Any) -> None:
    resident = a_resident(county)
    for n in range(12):
        a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=n * 29), number=f"A{n}")
        a_visit_row(county, resident, facility=county.hospital, at=NOW - timedelta(days=n * 31), number=f"B{n}")
    for n in range(12):
        a_visit_row(county, resident, facility=county.hospital, at=NOW, number=f"C{n}")
        a_visit_row(county, resident, facility=county.clinic, at=NOW, number=f"D{n}")
    extract(at=NOW)


def test_the_trend_is_read_with_one_statement_once_it_is_kept(county: Any, django_assert_num_queries: Any) -> None:
    some_visits(county)
    first = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", level="facility", at=NOW)
    assert first.version is not None
    back = first.period.months_back(13)

    with django_assert_num_queries(1):
        again = series(first.version, first.indicator, back, facilities=None, at=NOW)

    assert [each.value for each in first.trend] == [again[each.text] for each in back]
    assert len(first.trend) == 13


def test_a_figure_opens_with_the_same_few_statements_for_many_units(
    county: Any, django_assert_max_num_queries: Any
) -> None:
    some_visits(county)
    for level in ("facility", "township", "consortium"):
        figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", level=level, at=NOW)
        with django_assert_max_num_queries(12):
            figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", level=level, at=NOW)


def test_the_ranking_says_who_is_within_chance_and_leaves_few_people_out(county: Any) -> None:
    some_visits(county)
    a_visit_row(county, a_resident(county), facility=county.township, at=NOW, number="T1")
    a_visit_row(county, a_resident(county), facility=county.sibling, at=NOW, number="T2")
    Visit.objects.filter(facility=county.hospital).update(status="OPEN")
    extract(at=NOW + timedelta(minutes=10))

    opened = figures.open_figure(county.mei, slug="visits-signed", period="2026-11", level="facility", at=NOW)
    drawn = str(charts.ranking_chart(opened))

    assert opened.told[str(county.township.pk)].why is Why.SMALL
    assert "人数太少，不予公布" in drawn
    assert opened.comparison.standings[str(county.hospital.pk)] is Standing.VERY_LOW
    assert "chart-bar-bad" in drawn
    assert "低于99.8%控制限" in str(charts.funnel_chart(opened))


def test_figures_of_closed_months_are_taken_over_and_those_of_changed_months_are_not(county: Any) -> None:
    some_visits(county)
    former = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", at=NOW).version
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW - timedelta(days=62), number="L1")
    version = extract(at=NOW + timedelta(minutes=10)).version
    assert former is not None
    assert version is not None

    carry_over(former, version)

    kept = set(Figure.objects.filter(version=version).values_list("period", flat=True))
    assert {"2026-08", "2026-10", "2026-11"} <= kept  # this month, too: both versions are of one day
    assert "2026-09" not in kept  # the late visit is of September
    fresh = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", at=NOW)
    again = figures.open_figure(county.mei, slug="grassroots-share", period="2026-08", at=NOW)
    Figure.objects.filter(version=version).delete()
    assert figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", at=NOW).trend == fresh.trend
    assert figures.open_figure(county.mei, slug="grassroots-share", period="2026-08", at=NOW).now == again.now


def test_a_running_month_of_the_day_before_is_not_taken_over(county: Any) -> None:
    some_visits(county)
    former = extract(at=NOW).version
    assert former is not None
    for month in ("2026-10", "2026-11"):
        board.keep(former, parse(month), spots=[board.Spot()], wanted=[indicator("grassroots-share")], at=NOW)
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW - timedelta(days=92), number="L2")
    version = extract(at=NOW + timedelta(days=1)).version
    assert version is not None

    assert carry_over(former, version) == 1

    assert Figure.objects.get(version=version).period == "2026-10"


def test_a_month_that_changed_after_it_was_due_is_marked(county: Any) -> None:
    some_visits(county)
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW - timedelta(days=62), number="L1")
    extract(at=NOW + timedelta(minutes=10))

    opened = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", at=NOW)

    assert [each.period for each in opened.trend if each.is_revised] == ["2026-09"]
    assert "chart-revised" in str(charts.trend_chart(opened))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_each_view_and_keeps_each_chart(county: Any, language: str) -> None:
    resident = a_resident(county)
    for n in range(12):
        a_visit_row(county, resident, facility=county.hospital, at=NOW, number=f"C{n}")
        a_visit_row(county, resident, facility=county.clinic, at=NOW, number=f"D{n}")
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE=language), county.users["mei"])
    own = "/board/figures/grassroots-share/"

    for view in ("ranking", "funnel"):
        body = client.get(f"{own}?period=2026-11&level=facility&view={view}").content.decode()
        assert "<svg" in body
        assert not re.search(r"<svg.*? style=", body)
        for form, head in (("svg", b"<svg"), ("png", b"\x89PNG")):
            kept = client.get(f"{own}{view}.chart?period=2026-11&level=facility&form={form}")
            assert kept.content.startswith(head)
            assert "attachment" in kept["Content-Disposition"]
    assert client.get(f"{own}trend.chart?period=2026-11&form=svg").content.startswith(b"<svg")
    assert client.get(f"{own}nothing.chart?period=2026-11").status_code == 404
    assert client.get(f"{own}trend.chart?period=2026-11&form=gif").status_code == 422


def test_a_county_without_facts_has_no_data_and_no_zero(county: Any) -> None:
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    body = client.get("/board/figures/grassroots-share/?period=2026-11").content.decode()

    assert "无数据" in body
    assert "<svg xmlns" not in body


def test_better_and_worse_follow_the_direction() -> None:
    opened = SimpleNamespace(
        indicator=indicator("v02-out-rate"),
        comparison=SimpleNamespace(standings={"1": Standing.HIGH, "2": Standing.LOW}),
    )
    assert charts.look_of(opened, SimpleNamespace(key="1")) == "bad"  # type: ignore[arg-type]
    assert charts.look_of(opened, SimpleNamespace(key="2")) == "good"  # type: ignore[arg-type]
    assert steps(1) == [1.0]


def test_a_chart_that_is_kept_and_a_wall_leave_out_months_of_few_people(county: Any) -> None:
    some_visits(county)
    opened = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", level="facility", at=NOW)

    kept = figures.published(opened, at=NOW)

    assert [each.value.value for each in opened.trend if each.period == "2026-08"] != [None]
    assert [each.value.why for each in kept.trend if each.period == "2026-08"] == [Why.SMALL]
    assert all(kept.told[each.key] == each.value for each in kept.units)
