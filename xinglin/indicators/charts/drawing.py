"""Pieces of a chart. A chart is made of shapes with classes; the page's style sheet colours them, and a chart that leaves the
page takes its colours along (`standalone`).
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

#: Colours of a chart outside of a page: on white, to be told apart without colour vision (blue, orange, grey and black).
COLOURS = """
.chart-box{fill:#ffffff}text{fill:#17211e;font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:13px}
.chart-head{font-size:17px;font-weight:bold}.chart-soft{fill:#46524e}.chart-grid{stroke:#e2dfd6;stroke-width:1}.chart-axis{stroke:#87908b;stroke-width:1}
.chart-line{fill:none;stroke:#0f5c55;stroke-width:2.5}.chart-last{fill:none;stroke:#87908b;stroke-width:1.5;stroke-dasharray:5 4}
.chart-dot{fill:#0f5c55;stroke:#ffffff;stroke-width:1}.chart-target{stroke:#97480f;stroke-width:1.5;stroke-dasharray:2 3}
.chart-mean{stroke:#17211e;stroke-width:1.5;stroke-dasharray:7 3}.chart-revised{fill:#97480f}
.chart-bar{fill:#8fb8b1}.chart-bar-good{fill:#1c5590}.chart-bar-bad{fill:#c8641e}.chart-bar-small{fill:#ffffff;stroke:#87908b}
.chart-whisker{stroke:#17211e;stroke-width:1.2}.chart-band{fill:#e4efec}.chart-band-inner{fill:#cfe3de}
.chart-limit{fill:none;stroke:#0f5c55;stroke-width:1}.chart-limit-inner{fill:none;stroke:#0f5c55;stroke-width:1;stroke-dasharray:4 3}
.chart-good{fill:#1c5590;stroke:#ffffff}.chart-bad{fill:#c8641e;stroke:#ffffff}.chart-off{fill:#17211e;stroke:#ffffff}.chart-bar-off{fill:#46524e}.chart-within{fill:#8fb8b1;stroke:#46524e}
.chart-link{fill:#8fb8b1;fill-opacity:.55}.chart-link-out{fill:#c8641e;fill-opacity:.55}.chart-node{fill:#0f5c55}.chart-node-out{fill:#97480f}
.chart-land{fill:#f7f6f1;stroke:#cdc9be}.chart-rim{stroke:#46524e;stroke-width:.8}.chart-crowd{stroke-width:.4}
.chart-edge{stroke:#ffffff;stroke-width:1}.chart-none{fill:#f1efe8;stroke:#87908b;stroke-dasharray:3 3}
.chart-c0{fill:#fff7d6}.chart-c1{fill:#c7e3b4}.chart-c2{fill:#6fbfa5}.chart-c3{fill:#2a7f8e}.chart-c4{fill:#253a73}
.chart-on{fill:#17211e;paint-order:stroke;stroke:#ffffff;stroke-width:3px}
"""
#: Widths of letters of 13 px, roughly: a Chinese one is a square.
_WIDE, _NARROW = 13.0, 7.2
#: From here on numbers on an axis are written without decimals.
WHOLE_FROM = 1000
#: Digits of a number on an axis below that.
DIGITS = 4
#: Shapes of one drawing that say their words when they are pointed at: in a crowd nobody finds them.
MOST_TOLD = 200
#: Room above a picture for its heading.
HEAD = 58
#: Height of each further line of it.
LINE = 19


@dataclass
class Canvas:
    """A drawing under way: its size, and the shapes so far."""

    width: float
    height: float
    shapes: list[SafeString] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str) -> None:
        """A straight line."""
        self.shapes.append(
            format_html('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>', look, r(x1), r(y1), r(x2), r(y2))
        )

    def rect(self, x: float, y: float, width: float, height: float, look: str, told: str = "", url: str = "") -> None:
        """A box; `told` is read when it is pointed at, `url` opens."""
        shape = '<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>'
        size = (r(max(width, 0)), r(max(height, 0)))
        self._add(format_html(shape, look, r(x), r(y), *size, _title(told)), told, url)

    def circle(self, x: float, y: float, radius: float, look: str, told: str = "", url: str = "") -> None:
        """A dot."""
        shape = '<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>'
        self._add(format_html(shape, look, r(x), r(y), r(radius), _title(told)), told, url)

    def circles(self, dots: Iterable[tuple[float, float, float]], look: str) -> None:
        """A crowd of dots (middle and radius) as one shape, without words."""
        ways = (
            f"M{x - size:.1f} {y:.1f}a{size:.1f} {size:.1f} 0 1 0 {2 * size:.1f} 0a{size:.1f} {size:.1f} 0 1 0 {-2 * size:.1f} 0"
            for x, y, size in dots
        )
        if way := "".join(ways):
            self.shapes.append(format_html('<path class="{} chart-crowd" d="{}"/>', look, way))

    def path(self, way: str, look: str, told: str = "", url: str = "") -> None:
        """A path, filled by the even-odd rule."""
        shape = '<path class="{}" fill-rule="evenodd" d="{}">{}</path>'
        self._add(format_html(shape, look, way, _title(told)), told, url)

    def polyline(self, points: Iterable[tuple[float, float]], look: str) -> None:
        """A line through points."""
        self.shapes.append(
            format_html('<polyline class="{}" points="{}"/>', look, " ".join(f"{r(x)},{r(y)}" for x, y in points))
        )

    def text(self, x: float, y: float, words: str, *, anchor: str = "start", look: str = "") -> None:
        """Words; `anchor` is start, middle or end."""
        shape = '<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>'
        self.shapes.append(format_html(shape, r(x), r(y), anchor, look, words))

    def _add(self, shape: SafeString, told: str, url: str) -> None:
        if url:
            shape = format_html('<a href="{}" aria-label="{}">{}</a>', url, told, shape)
        self.shapes.append(shape)

    def svg(self, *, label: str, note: str = "") -> SafeString:
        """The whole drawing. `label` names it for those who hear it, `note` says more."""
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" class="chart-svg" role="{}" aria-label="{}" viewBox="0 0 {} {}"'
            ' width="{}" height="{}" font-size="13" font-family="Noto Sans CJK SC, Microsoft YaHei, sans-serif">'
            '<desc>{}</desc><rect class="chart-box" width="100%" height="100%"/>{}</svg>',
            "group" if any("<a " in each for each in self.shapes) else "img", label, r(self.width), r(self.height),
            r(self.width), r(self.height), note, format_html_join("", "{}", ((each,) for each in self.shapes)),
        )  # fmt: skip


def _title(told: str) -> SafeString:
    return format_html("<title>{}</title>", told) if told else mark_safe("")


def r(number: float) -> float:
    """A coordinate to a tenth."""
    return round(number, 1)


def standalone(svg: str) -> str:
    """A drawing with its colours, for a file of its own; links of the page are left out."""
    head, _, rest = svg.partition("<desc>")
    return f"{head}<style>{COLOURS}</style><desc>{rest}"


def headed(svg: str, title: str, parts: Iterable[str]) -> str:
    """A drawing with room above it for what it is of, as a picture needs that leaves its page: nothing of it is cut."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+" height="[\d.]+"', svg)
    if size is None:
        return svg
    width, height = float(size[1]), float(size[2])
    lines = packed(parts, width - 28)
    head = HEAD + LINE * (len(lines) - 1)
    room = f'viewBox="0 {-head:g} {width:g} {height + head:g}" width="{width:g}" height="{height + head:g}"'
    above = format_html(
        '<rect class="chart-box" y="{}" width="100%" height="{}"/><text class="chart-head" x="14" y="{}" font-size="17" '
        'font-weight="bold">{}</text>{}</svg>',
        -head, head, 26 - head, fitted(title, width * 13 / 17 - 28),
        format_html_join("", '<text class="chart-soft" x="14" y="{}">{}</text>', ((47 - head + LINE * n, each) for n, each in enumerate(lines))),
    )  # fmt: skip
    return svg.replace(size[0], room).removesuffix("</svg>") + str(above)


def packed(parts: Iterable[str], width: float) -> list[str]:
    """Parts beside each other, on as many lines of a width as they need; one that is longer than a line is cut."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fitted(part, width))
    return lines or [""]


@dataclass(frozen=True)
class Scale:
    """From values to places on a line."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1
        return self.start + (value - self.low) / span * (self.end - self.start)


def ticks(low: float, high: float, *, n: int = 5) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`, each written differently by `tick`."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low, low + 1]
    rough = span / n
    power = 10.0 ** math.floor(math.log10(rough))
    most = max(abs(low), abs(high))
    least = 1.0 if most >= WHOLE_FROM else 10.0 ** (math.floor(math.log10(most)) - DIGITS + 1)
    steps = (1, 2, 2.5, 5) if power > 5 * least else (1, 2, 5)  # half of a digit that is not written would be untrue
    step = max(least, power * next((each for each in steps if each * power >= rough), 10))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(k * step, 10) for k in range(first, last + 1)]


def range_of(values: Sequence[float], *, from_zero: bool = False, most: float | None = None) -> list[float]:
    """Ticks that hold all values with a little room."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if from_zero:
        low = min(low, 0.0)
    if low == high:
        room = abs(low) / 10
        low, high = (low - room, high + room) if low else (0.0, 1.0)
    found = ticks(low, high if most is None else min(high, most))
    return found


def tick(value: float) -> str:
    """A number on an axis."""
    return f"{value:,.0f}" if abs(value) >= WHOLE_FROM or value == int(value) else f"{value:,.{DIGITS}g}"


def width_of(words: str) -> float:
    """How wide words of the usual size are, roughly."""
    return sum(_WIDE if ord(letter) > 0x2E80 else _NARROW for letter in words)


def fitted(words: str, width: float) -> str:
    """Words cut to a width, with a mark where they were cut."""
    used = 0.0
    for at, letter in enumerate(words):
        used += width_of(letter)
        if used > width:
            return words[: max(at - 1, 1)] + "…"
    return words


def in_two(words: str, width: float) -> list[str]:
    """Words on at most two lines of a width, broken at a space where there is one."""
    if width_of(words) <= width:
        return [words]
    whole = next((n for n in range(len(words), 0, -1) if width_of(words[:n]) <= width), 1)
    at = words.rfind(" ", 0, whole + 1)
    at = at if at > 0 else whole
    return [words[:at], fitted(words[at:].strip(), width)]


#: A sign and its words in a legend: sign, room between two, height of a row.
_SIGN, _BETWEEN, _ROW = 26.0, 18.0, 20.0


def legend(canvas: Canvas, unit: str, signs: Sequence[tuple[str, str]], *, left: float, right: float) -> float:
    """The unit of the axis, then looks and their words side by side from `left`, or from where the unit ends, in as many rows as
    they need before `right`: how much higher that is than one row. A look may be a shape.
    """
    canvas.text(6, 18, unit, look="chart-soft")
    left = max(left, 6 + width_of(unit) + 10)
    x, y = left, 14.0
    for look, words in signs:
        room = _SIGN + 6 + width_of(words)
        if x > left and x + room > right:
            x, y = left, y + _ROW
        if look == "chart-revised":
            canvas.path(f"M{x + 8:.1f} {y - 5:.1f}h10l-5 8z", look)
        else:
            canvas.line(x, y, x + _SIGN, y, look)
        canvas.text(x + _SIGN + 6, y + 4, words)
        x += room + _BETWEEN
    return y - 14.0
