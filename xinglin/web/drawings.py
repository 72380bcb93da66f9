"""Small drawings as inline SVG: geometry only, colours come from the style sheet."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def sparkline_svg(
    values: Sequence[float | None],
    *,
    label: str,
    width: int = 120,
    height: int = 28,
    low: float | None = None,
    high: float | None = None,
) -> SafeString:
    """A line over evenly spaced values with a dot on the latest; a gap (None) breaks the line.

    `low` and `high` draw a band behind the line, for example a target range.
    """
    known = [value for value in values if value is not None]
    if not known:
        return mark_safe("")
    floor = min([*known, *([low] if low is not None else [])])
    top = max([*known, *([high] if high is not None else [])])
    span = (top - floor) or 1
    step = (width - 8) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return round(height - 4 - (value - floor) / span * (height - 8), 1)

    lines = format_html_join(
        "", '<polyline class="spark-line" points="{}"/>', ((_points(run, step, y),) for run in _runs(values))
    )
    index, latest = next((i, v) for i, v in reversed(list(enumerate(values))) if v is not None)
    band = mark_safe("")
    if low is not None and high is not None:
        band = format_html(
            '<rect class="spark-band" x="0" y="{}" width="{}" height="{}"/>', y(high), width, round(y(low) - y(high), 1)
        )
    return format_html(
        '<svg class="spark" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}{}'
        '<circle class="spark-dot" cx="{}" cy="{}" r="2.5"/></svg>',
        label,
        width,
        height,
        width,
        height,
        band,
        lines,
        round(4 + index * step, 1),
        y(latest),
    )


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]


def _points(run: list[tuple[int, float]], step: float, y) -> str:  # type: ignore[no-untyped-def]
    return " ".join(f"{round(4 + index * step, 1)},{y(value)}" for index, value in run)


def bar_svg(
    value: float, maximum: float, *, label: str, tone: str = "primary", target: float | None = None
) -> SafeString:
    """A horizontal bar of `value` out of `maximum`, with a tick at `target`; drawn to the width of its holder."""
    share = 0.0 if maximum <= 0 else max(0.0, min(100.0, 100 * value / maximum))
    tick = mark_safe("")
    if target is not None and maximum > 0:
        tick = format_html(
            '<line class="bar-target" x1="{0}" x2="{0}" y1="0" y2="8"/>', round(min(100.0, 100 * target / maximum), 2)
        )
    return format_html(
        '<svg class="bar" data-tone="{}" role="img" aria-label="{}" viewBox="0 0 100 8" preserveAspectRatio="none">'
        '<rect class="bar-track" width="100" height="8"/><rect class="bar-fill" width="{}" height="8"/>{}</svg>',
        tone,
        label,
        round(share, 2),
        tick,
    )
