"""How the scores of a round spread, as a drawing made here: a bar for each step of ten percent, a mark for one unit."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

WIDTH, HEIGHT, FOOT, HEAD, BINS = 420, 150, 32, 32, 10


def spread_svg(points: Sequence[int], *, full: int, label: str, own: int | None = None) -> SafeString:
    """Scores in hundredths, up to the full mark. `own` is drawn as a line of its own."""
    if not points:
        return mark_safe("")
    counts = [0] * BINS
    for each in points:
        counts[min(BINS - 1, each * BINS // full)] += 1
    most, step = max(counts), WIDTH / BINS
    bars = format_html_join(
        "",
        '<rect class="spread-bar" x="{}" y="{}" width="{}" height="{}"/><text x="{}" y="{}" class="spread-n">{}</text>',
        (
            (
                round(n * step + 2, 1), round(HEIGHT - FOOT - (top := (HEIGHT - FOOT - HEAD) * count / most), 1),
                round(step - 4, 1), round(top, 1), round((n + 0.5) * step, 1), round(HEIGHT - FOOT - top - 3, 1), count,
            )
            for n, count in enumerate(counts)
            if count
        ),
    )  # fmt: skip
    ticks = format_html_join(
        "",
        '<text class="spread-tick" x="{}" y="{}">{}</text>',
        ((round(n * step, 1), HEIGHT - FOOT + 14, f"{full * n / BINS / 100:g}") for n in range(0, BINS + 1, 2)),
    )
    mark = mark_safe("")
    if own is not None:
        at = round(min(own, full) * WIDTH / full, 1)
        mark = format_html('<line class="spread-own" x1="{0}" x2="{0}" y1="0" y2="{1}"/>', at, HEIGHT - FOOT)
    names = format_html(
        '<text x="0" y="11" class="spread-name">{}</text><text x="{}" y="{}" class="spread-name spread-end">{}</text>',
        _("单位数"), WIDTH, HEIGHT - 3, _("得分"),
    )  # fmt: skip
    return format_html(
        '<svg class="spread" role="img" aria-label="{}" viewBox="-12 0 {} {}">{}<line class="spread-axis" x1="0" x2="{}" '
        'y1="{}" y2="{}"/>{}{}{}</svg>',
        label, WIDTH + 24, HEIGHT, bars, WIDTH, HEIGHT - FOOT, HEIGHT - FOOT, ticks, names, mark,
    )  # fmt: skip
