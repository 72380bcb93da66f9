"""Ages, spans, masks and figures as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from xinglin.web import drawings, formats


@pytest.mark.parametrize(
    ("born_on", "on", "text"),
    [
        (date(2026, 11, 21), date(2026, 11, 21), "0天"),
        (date(2026, 10, 1), date(2026, 11, 21), "51天"),
        (date(2026, 9, 1), date(2026, 11, 21), "2月龄"),
        (date(2023, 11, 22), date(2026, 11, 21), "35月龄"),
        (date(2023, 11, 21), date(2026, 11, 21), "3岁"),
        (date(1954, 11, 22), date(2026, 11, 21), "71岁"),
        (date(2024, 2, 29), date(2028, 2, 28), "3岁"),
        (date(2026, 11, 22), date(2026, 11, 21), ""),
    ],
)
def test_age_is_said_as_clinicians_say_it(born_on: date, on: date, text: str) -> None:
    with translation.override("zh-hans"):
        assert formats.age_text(born_on, on) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 20), "逾期1天"),
        (date(2026, 11, 21), "今天"),
        (date(2026, 11, 22), "1天后"),
        (date(2026, 9, 1), "逾期81天"),
    ],
)
def test_what_is_due_by_a_day_is_counted_in_calendar_days(day: date, text: str) -> None:
    with translation.override("zh-hans"):
        assert formats.due_day_text(day, today=date(2026, 11, 21)) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=59), "不到1分钟"),
        (timedelta(minutes=1), "1分钟"),
        (timedelta(hours=2, minutes=5), "2小时05分"),
        (timedelta(days=1), "1天"),
        (timedelta(days=3, hours=4), "3天4小时"),
        (timedelta(days=7, hours=4), "7天"),
    ],
)
def test_spans_show_their_two_largest_units(span: timedelta, text: str) -> None:
    with translation.override("zh-hans"):
        assert formats.span_text(span) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("13800000000", "138****0000"), ("370123195403081234", "370********1234"), ("1234567", "*******"), ("", "")],
)
def test_masks_never_show_more_than_the_two_ends(value: str, text: str) -> None:
    assert formats.masked(value) == text


def test_no_data_stays_apart_from_zero() -> None:
    assert formats.figure_text(None) is None
    assert formats.figure_text(0) == "0"
    assert formats.figure_text(1234567) == "1,234,567"
    assert formats.figure_text(2, 1) == "2.0"
    assert formats.percent_text(None) is None
    assert formats.percent_text(0.7342) == "73.4%"


def test_due_state_turns_at_the_edges() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    warn = timedelta(minutes=15)

    assert formats.due_state(now + timedelta(minutes=16), now=now, warn=warn) == "calm"
    assert formats.due_state(now + timedelta(minutes=15), now=now, warn=warn) == "soon"
    assert formats.due_state(now, now=now, warn=warn) == "soon"
    assert formats.due_state(now - timedelta(seconds=1), now=now, warn=warn) == "over"


def test_moments_are_local_and_drop_the_present_year() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)

    assert formats.datetime_text(datetime(2026, 1, 1, 0, 5, tzinfo=UTC), now=now) == "01-01 08:05"
    assert formats.datetime_text(datetime(2025, 12, 31, 0, 5, tzinfo=UTC), now=now) == "2025-12-31 08:05"


def test_a_gap_breaks_the_line_of_a_sparkline() -> None:
    svg = drawings.sparkline_svg([1, 2, None, 3], label="x")

    assert svg.count("<polyline") == 2
    assert drawings.sparkline_svg([None], label="x") == ""


@pytest.mark.parametrize(("value", "width"), [(0, "0.0"), (50, "50.0"), (150, "100.0"), (-5, "0.0")])
def test_a_bar_never_leaves_its_track(value: float, width: str) -> None:
    assert f'class="bar-fill" width="{width}"' in drawings.bar_svg(value, 100, label="x")
