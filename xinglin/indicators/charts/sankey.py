"""Who goes where: townships on the left, places of treatment on the right, ribbons as wide as the people are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import Canvas, fitted, in_two

WIDTH, LEAST, MOST = 760.0, 320.0, 680.0
LEFT, RIGHT, TOP, EDGE = 128.0, 240.0, 30.0, 12.0
NODE, GAP = 12.0, 7.0
#: On a telephone: its width, room for origins and for destinations.
NARROW, NARROW_LEFT, NARROW_RIGHT = 344.0, 86.0, 136.0


@dataclass(frozen=True, slots=True)
class Ribbon:
    """How many of one origin went to one destination; `told` in words."""

    origin: str
    destination: str
    n: float
    told: str
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the nodes of a drawing begin and end."""

    width: float
    left: float
    right: float


def draw(ribbons: Sequence[Ribbon], *, label: str, names: dict[str, str], narrow: bool = False) -> SafeString:
    """The flow as a drawing, in the order given, `narrow` for a telephone. `names` of origins and destinations by key."""
    frame = _Frame(NARROW, NARROW_LEFT, NARROW_RIGHT) if narrow else _Frame(WIDTH, LEFT, RIGHT)
    origins = list(dict.fromkeys(each.origin for each in ribbons))
    ends = [each for each in names if each in {ribbon.destination for ribbon in ribbons}]
    total = sum(each.n for each in ribbons) or 1
    height = min(max(LEAST, 30.0 * max(len(origins), len(ends)) + TOP + EDGE), MOST)
    room = height - TOP - EDGE
    unit = min((room - GAP * (len(side) - 1)) / total for side in (origins, ends))
    canvas = Canvas(frame.width, height)
    sums = {key: sum(r.n for r in ribbons if key in (r.origin, r.destination)) for key in [*origins, *ends]}
    left = _placed(origins, sums, unit)
    right = _placed(ends, sums, unit)
    canvas.text(frame.left - 8, 16, _("居住地"), anchor="end", look="chart-soft")
    canvas.text(frame.width - frame.right + 8, 16, _("就诊地"), look="chart-soft")
    used_left, used_right = dict(left), dict(right)
    for each in sorted(ribbons, key=lambda r: (origins.index(r.origin), ends.index(r.destination))):
        y1, thick = used_left[each.origin], each.n * unit
        used_left[each.origin] += thick
        each_end = used_right[each.destination]
        used_right[each.destination] += thick
        canvas.path(_band(frame, y1, each_end, thick), "chart-link-out" if each.is_out else "chart-link", each.told)
    outs = {each.destination for each in ribbons if each.is_out}
    for key in origins:
        canvas.rect(frame.left, left[key], NODE, max(sums[key] * unit, 1.0), "chart-node")
        middle = left[key] + max(sums[key] * unit, 1.0) / 2 + 4
        canvas.text(frame.left - 8, middle, fitted(names[key], frame.left - 14), anchor="end")
    for key in ends:
        look = "chart-node-out" if key in outs else "chart-node"
        canvas.rect(frame.width - frame.right - NODE, right[key], NODE, max(sums[key] * unit, 1.0), look)
        said = (f"{sums[key]:,.0f}", names[key]) if narrow else (names[key], f"{sums[key]:,.0f}")
        _end(canvas, frame, right[key] + max(sums[key] * unit, 1.0) / 2 + 4, " ".join(said))
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _end(canvas: Canvas, frame: _Frame, middle: float, words: str) -> None:
    """A destination with its number, on two lines where one has no room."""
    lines = in_two(words, frame.right - 14)
    for n, line in enumerate(lines):
        canvas.text(frame.width - frame.right + 8, middle + 15 * (n - (len(lines) - 1) / 2), line)


def _placed(keys: Sequence[str], sums: dict[str, float], unit: float) -> dict[str, float]:
    found, at = {}, TOP
    for key in keys:
        found[key] = at
        at += sums[key] * unit + GAP
    return found


def _band(frame: _Frame, y1: float, y2: float, thick: float) -> str:
    x1, x2 = frame.left + NODE, frame.width - frame.right - NODE
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}v{max(thick, 0.4):.1f}"
        f"C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}Z"
    )
