"""Levey-Jennings charts and z pictures as SVG: geometry and words only; colours come from the style sheet, or from
`PRINTED` where there is none. What is out of control carries the rule's name in text, not only a colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xinglin.labcontrol import catalogue
from xinglin.labcontrol.models import ControlValue

WIDTH, TOP, LEFT, RIGHT, BOTTOM = 960, 22, 52, 46, 34
PLOT = 280
MOST_SD = Decimal("4.5")  # beyond, a point stands at the edge with its z written out
#: How a level is told from others in text.
SIGNS = {"1": "●", "2": "■", "3": "▲"}
#: For a document without our style sheet.
PRINTED = """<style>
.lj-band-1{fill:#e7f2e5}.lj-band-2{fill:#fdf2d8}.lj-band-3{fill:#fcebe9}.lj-mean{stroke:#17211e;stroke-width:1.2}
.lj-limit{stroke:#87908b;stroke-width:.7;stroke-dasharray:4 3}.lj-line{fill:none;stroke:#0f5c55;stroke-width:1.4}
.lj-line[data-level="2"]{stroke:#97480f}.lj-line[data-level="3"]{stroke:#1c5590}
.lj-point{fill:#0f5c55}.lj-point[data-level="2"]{fill:#97480f}.lj-point[data-level="3"]{fill:#1c5590}
.lj-point[data-state="OUT"]{fill:#b3201a}.lj-ring{fill:none;stroke:#b3201a;stroke-width:1.6}
.lj-ring[data-state="WARNING"]{stroke:#7d4f00;stroke-dasharray:3 2}.lj-text{fill:#46524e;font-size:11px}
.lj-rule{fill:#b3201a;font-size:11px;font-weight:600}.lj-rule[data-state="WARNING"]{fill:#7d4f00}
.lj-lot{stroke:#1c5590;stroke-width:1;stroke-dasharray:2 3}.lj-event{stroke:#b3201a;stroke-width:1;stroke-dasharray:6 3}
text{font-family:"Noto Sans CJK SC"}</style>"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on the chart: which run (place on the axis), its level, distance in SD, state and broken rules."""

    place: int
    level: str
    z: Decimal
    state: str
    rules: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows: moments of runs in order, marks, and where lots change (place, words)."""

    moments: list[datetime]
    marks: list[Mark]
    lots: list[tuple[int, str]]

    @property
    def levels(self) -> list[str]:
        """Levels on it, in order."""
        return sorted({each.level for each in self.marks})


def chart_of(values: Sequence[ControlValue]) -> Chart:
    """The chart of an assay's values, oldest first; what ran in parallel is left out."""
    moments: list[datetime] = []
    marks: list[Mark] = []
    lots: list[tuple[int, str]] = []
    standing: dict[str, str] = {}
    for value in values:
        z = value.z
        if not value.counts or z is None:
            continue
        if not moments or moments[-1] != value.result.run_at:
            moments.append(value.result.run_at)
        place, lot = len(moments) - 1, value.target.material.lot
        if standing.get(value.level, lot) != lot:
            lots.append((place, f"{catalogue.level_short(value.level)} {lot}"))
        standing[value.level] = lot
        marks.append(_mark(value, place, z))
    return Chart(moments, marks, lots)


def _mark(value: ControlValue, place: int, z: Decimal) -> Mark:
    mine = [each for each in value.result.broken if value.level in each["levels"]]
    state = "OUT" if any(each["rejects"] for each in mine) else "WARNING" if mine else "IN"
    shown = [each["code"] for each in mine if each["rejects"] or state == "WARNING"]
    title = f"{timezone.localtime(value.result.run_at):%Y-%m-%d %H:%M} {catalogue.level_short(value.level)} "
    title += f"{value.value.normalize():f} (z {z:.2f}) {_('、').join(each['code'] for each in mine)}"
    return Mark(place, value.level, z, state, _("、").join(shown), title.strip())


def levey_jennings(chart: Chart, *, label: str, printed: bool = False) -> SafeString:
    """The drawing. Every level in SDs from its own mean; levels differ by shape as well as colour."""
    height = TOP + PLOT + BOTTOM
    parts = [
        _bands(),
        format_html_join("", '<line class="lj-lot" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/><text class="lj-text" x="{3}" y="{4}">{5}</text>',
                         ((x, TOP, TOP + PLOT, x + 3, TOP - 6, words) for x, words in _lots(chart))),
        format_html_join("", '<polyline class="lj-line" data-level="{}" points="{}"/>',
                         ((level, _line(chart, level)) for level in chart.levels)),
        *(_point(mark, _x(chart, mark.place)) for mark in chart.marks),
        _axis(chart),
    ]  # fmt: skip
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="lj" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}{}</svg>',
        label, WIDTH, height, WIDTH, height, mark_safe(PRINTED if printed else ""), mark_safe("".join(parts)),  # noqa: S308 - parts are escaped
    )  # fmt: skip


def _y(z: Decimal) -> float:
    bounded = max(-MOST_SD, min(MOST_SD, z))
    return round(float(TOP + PLOT / 2 - float(bounded) * PLOT / 2 / float(MOST_SD)), 1)


def _x(chart: Chart, place: int) -> float:
    width = WIDTH - LEFT - RIGHT
    n = len(chart.moments)
    return round(LEFT + (width / 2 if n == 1 else 8 + (width - 16) * place / (n - 1)), 1)


def _bands() -> SafeString:
    width = WIDTH - LEFT - RIGHT
    bands = format_html_join("", '<rect class="lj-band-{}" x="{}" y="{}" width="{}" height="{}"/>', (
        (n, LEFT, _y(Decimal(n)), width, round(_y(Decimal(-n)) - _y(Decimal(n)), 1)) for n in (3, 2, 1)
    ))  # fmt: skip
    marks = [(_y(Decimal(n)), _("均值") if n == 0 else f"{n:+d}SD") for n in range(-3, 4)]
    lines = format_html_join("", '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>', (
        ("lj-mean" if n == 3 else "lj-limit", LEFT, WIDTH - RIGHT, y, y) for n, (y, _words) in enumerate(marks)
    ))  # fmt: skip
    # On both sides: a telephone shows the newest end of the chart only.
    words = format_html_join("", '<text class="lj-text" x="{}" y="{}" text-anchor="{}">{}</text>', (
        (x, y + 4, anchor, said)
        for x, anchor in ((LEFT - 6, "end"), (WIDTH - RIGHT + 6, "start"))
        for y, said in marks
    ))  # fmt: skip
    return bands + lines + words


def _lots(chart: Chart) -> list[tuple[float, str]]:
    """Where lots change; the words of lots that change in one run stand together."""
    words: dict[int, list[str]] = {}
    for place, text in chart.lots:
        words.setdefault(place, []).append(text)
    return [
        (_x(chart, place) - 4, _("换批 %(lots)s") % {"lots": _("、").join(texts)}) for place, texts in words.items()
    ]


def _line(chart: Chart, level: str) -> str:
    return " ".join(f"{_x(chart, m.place)},{_y(m.z)}" for m in chart.marks if m.level == level)


def _point(mark: Mark, x: float) -> SafeString:
    y = _y(mark.z)
    shape = {
        "2": format_html('<rect x="{}" y="{}" width="8" height="8"', x - 4, y - 4),
        "3": format_html('<path d="M{} {} l5 9 h-10 z"', x, y - 5),
    }.get(mark.level, format_html('<circle cx="{}" cy="{}" r="4"', x, y))
    drawn = format_html(
        '{} class="lj-point" data-level="{}" data-state="{}"><title>{}</title></{}>', shape, mark.level, mark.state,
        mark.title, {"2": "rect", "3": "path"}.get(mark.level, "circle"),
    )  # fmt: skip
    if mark.state == "IN":
        return drawn
    words = mark.rules if abs(mark.z) <= MOST_SD else f"{mark.rules} {mark.z:+.1f}SD"
    anchor, at = ("end", x - 10) if x > WIDTH - 120 else ("start", x + 10)
    return drawn + format_html(
        '<circle class="lj-ring" data-state="{0}" cx="{1}" cy="{2}" r="8"/>'
        '<text class="lj-rule" data-state="{0}" x="{3}" y="{4}" text-anchor="{5}">{6}</text>',
        mark.state, x, y, at, y - 6 if mark.z > 0 else y + 15, anchor, words,
    )  # fmt: skip


def _axis(chart: Chart) -> SafeString:
    n = len(chart.moments)
    step = max(1, -(-n // 10))
    places = [place for place in range(0, n, step) if place == 0 or n - 1 - place >= step or place == n - 1]
    if n > 1 and n - 1 not in places:
        places.append(n - 1)
    return format_html_join(
        "", '<text class="lj-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        ((_x(chart, p), TOP + PLOT + 18, f"{timezone.localtime(chart.moments[p]):%m-%d}") for p in places),
    )  # fmt: skip


def z_picture(points: Sequence[tuple[str, Decimal, bool]], *, label: str, printed: bool = False) -> SafeString:
    """Samples of an external assessment by z: (words, z, whether acceptable); one row each, the zero in the middle."""
    width, row = 460, 24
    height = row * len(points) + 30
    scale = scale_of(points)

    def x(z: Decimal) -> float:
        return round(130 + 135 + float(max(-scale, min(scale, z)) / scale) * 130, 1)

    limits = format_html_join(
        "", '<line class="{}" x1="{}" x2="{}" y1="6" y2="{}"/><text class="lj-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        (("lj-mean" if n == 0 else "lj-limit", x(Decimal(n)), x(Decimal(n)), height - 22, x(Decimal(n)), height - 8, n)
         for n in (-3, -2, 0, 2, 3)),
    )  # fmt: skip
    rows = format_html_join(
        "", '<text class="lj-text" x="124" y="{}" text-anchor="end">{}</text><circle class="lj-point" data-state="{}" cx="{}" cy="{}" r="4.5"/>'
        '<text class="{}" x="{}" y="{}">{}</text>',
        ((row * i + 22, words, "IN" if good else "OUT", x(z), row * i + 18, "lj-text" if good else "lj-rule",
          404, row * i + 22, f"{z:+.1f}{'' if good else ' ✗'}") for i, (words, z, good) in enumerate(points)),
    )  # fmt: skip
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="lj" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}{}{}</svg>',
        label, width, height, width, height, mark_safe(PRINTED if printed else ""), limits, rows,  # noqa: S308
    )  # fmt: skip


def scale_of(points: Sequence[tuple[str, Decimal, bool]]) -> Decimal:
    """The widest z a picture shows: at least 4, at most 8; beyond, a point stands at the edge."""
    return min(Decimal(8), max([Decimal(4), *(abs(z) for _words, z, _good in points)]))
