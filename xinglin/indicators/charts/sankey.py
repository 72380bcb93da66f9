"""Who goes where: townships on the left, places of treatment on the right, ribbons as wide as the people are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import Canvas, fitted

WIDTH, LEAST, MOST = 760.0, 320.0, 680.0
LEFT, RIGHT, TOP, EDGE = 128.0, 240.0, 30.0, 12.0
NODE, GAP = 12.0, 7.0


@dataclass(frozen=True, slots=True)
class Ribbon:
    """How many of one origin went to one destination; `told` in words."""

    origin: str
    destination: str
    n: float
    told: str
    is_out: bool = False


def draw(ribbons: Sequence[Ribbon], *, label: str, names: dict[str, str]) -> SafeString:
    """The flow as a drawing, in the order given. `names` of origins and destinations by key."""
    origins = list(dict.fromkeys(each.origin for each in ribbons))
    ends = [each for each in names if each in {ribbon.destination for ribbon in ribbons}]
    total = sum(each.n for each in ribbons) or 1
    height = min(max(LEAST, 30.0 * max(len(origins), len(ends)) + TOP + EDGE), MOST)
    room = height - TOP - EDGE
    unit = min((room - GAP * (len(side) - 1)) / total for side in (origins, ends))
    canvas = Canvas(WIDTH, height)
    sums = {key: sum(r.n for r in ribbons if key in (r.origin, r.destination)) for key in [*origins, *ends]}
    left = _placed(origins, sums, unit)
    right = _placed(ends, sums, unit)
    canvas.text(LEFT - 8, 16, _("居住地"), anchor="end", look="chart-soft")
    canvas.text(WIDTH - RIGHT + 8, 16, _("就诊地"), look="chart-soft")
    used_left, used_right = dict(left), dict(right)
    for each in sorted(ribbons, key=lambda r: (origins.index(r.origin), ends.index(r.destination))):
        y1, thick = used_left[each.origin], each.n * unit
        used_left[each.origin] += thick
        each_end = used_right[each.destination]
        used_right[each.destination] += thick
        canvas.path(_band(y1, each_end, thick), "chart-link-out" if each.is_out else "chart-link", each.told)
    outs = {each.destination for each in ribbons if each.is_out}
    for key in origins:
        _node(canvas, LEFT, left[key], sums[key] * unit, names[key], "chart-node", at_left=True)
    for key in ends:
        look = "chart-node-out" if key in outs else "chart-node"
        _node(
            canvas,
            WIDTH - RIGHT - NODE,
            right[key],
            sums[key] * unit,
            f"{names[key]} {sums[key]:,.0f}",
            look,
            at_left=False,
        )
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _placed(keys: Sequence[str], sums: dict[str, float], unit: float) -> dict[str, float]:
    found, at = {}, TOP
    for key in keys:
        found[key] = at
        at += sums[key] * unit + GAP
    return found


def _band(y1: float, y2: float, thick: float) -> str:
    x1, x2 = LEFT + NODE, WIDTH - RIGHT - NODE
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}v{max(thick, 0.4):.1f}"
        f"C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}Z"
    )


def _node(canvas: Canvas, x: float, y: float, high: float, words: str, look: str, *, at_left: bool) -> None:
    canvas.rect(x, y, NODE, max(high, 1.0), look)
    middle = y + max(high, 1.0) / 2 + 4
    if at_left:
        canvas.text(x - 8, middle, fitted(words, LEFT - 14), anchor="end")
    else:
        canvas.text(x + NODE + 8, middle, fitted(words, RIGHT - 14))
