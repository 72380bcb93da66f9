"""Draw a recording to scale as SVG. One user unit is one millimetre, so any renderer prints it true to scale."""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from xinglin.diagnostics.ecg.limits import bad
from xinglin.diagnostics.ecg.recording import STANDARD_LEADS, EcgRecording, Lead

LAYOUTS = ("3x4+1", "6x2", "12x1")

#: millimetres; all multiples of 5, so that each row and column begins on a bold line of the paper
MARGIN, PULSE, TRACE = 5.0, 10.0, 250.0
WIDTH = MARGIN + PULSE + TRACE + MARGIN
ENOUGH = 0.5  # seconds a recording may lack of a full sheet
BIN = 0.1  # below this width only the lowest and highest sample are drawn
_GRID = {"columns": {"3x4+1": 4, "6x2": 2, "12x1": 1}, "rows": {"3x4+1": 3, "6x2": 6, "12x1": 12}}
_ROW_HEIGHT = {"3x4+1": 30.0, "6x2": 25.0, "12x1": 15.0}

INK, LABEL, PAPER, FINE, BOLD = "#1b1f2a", "#1b1f2a", "#fffaf7", "#f7d6cf", "#eba99e"
_FONT = "Noto Sans CJK SC, Noto Sans SC, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class _Strip:
    """A stretch of one lead on the sheet: `x`, `y` (its baseline) and `width` in millimetres, `start_s` in seconds."""

    name: str
    lead: Lead | None
    x: float
    y: float
    width: float
    start_s: float


def trace_svg(
    recording: EcgRecording,
    *,
    layout: str = "3x4+1",
    mm_per_s: float = 25,
    mm_per_mv: float = 10,
    paper: bool = True,
    start_s: float = 0,
) -> str:
    """The trace as an SVG whose user unit is one millimetre, without inline styles.

    The sheet always shows 250 mm of time (10 s at 25 mm/s) from `start_s`, so it fits A4 across: 270 mm wide, 130 to
    190 mm high. `paper` draws the 1 mm and 5 mm grid. Each row begins with a calibration pulse of 1 mV. The median of
    each lead is put on the baseline of its row.

    The columns of a layout go on in time; where the recording is too short for that they all show the same stretch, so
    that no lead is left out. A recording with fewer than six standard leads is drawn one lead below the other.

    :raises InvalidInput: unknown layout (``ecg-layout``), or a speed or gain out of range (``ecg-drawing-scale``)
    """
    if layout not in LAYOUTS:
        raise bad("ecg-layout", _("没有这种导联布局：{layout}。"), place="layout", layout=str(layout)[:20])
    if not 5 <= mm_per_s <= 100 or not 2.5 <= mm_per_mv <= 40:
        raise bad("ecg-drawing-scale", _("走纸速度应为 5–100 mm/s，增益应为 2.5–40 mm/mV。"), place="mm_per_s")
    start_s = min(max(start_s, 0.0), recording.duration_s)
    title = _("心电图")
    strips, height = _strips(recording, layout, mm_per_s, start_s)
    drawing = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" role="img">',
        f"<title>{escape(str(title))} {layout}, {mm_per_s:g} mm/s, {mm_per_mv:g} mm/mV</title>",
    ]
    if paper:
        drawing += _paper(height)
    # Hundredths of a millimetre inside: whole numbers keep the paths short.
    drawing.append(
        f'<g transform="scale(0.01)" fill="none" stroke="{INK}" stroke-width="25" '
        'stroke-linejoin="round" stroke-linecap="round">'
    )
    drawing += [_pulse(y, mm_per_s, mm_per_mv) for y in sorted({strip.y for strip in strips})]
    for strip in strips:
        drawing += _trace(strip, recording.sampling_hz, mm_per_s, mm_per_mv, height)
    drawing += ["</g>", *_labels(strips), _footer(recording, height, mm_per_s, mm_per_mv, start_s), "</svg>"]
    return "".join(drawing)


def _strips(recording: EcgRecording, layout: str, mm_per_s: float, start_s: float) -> tuple[list[_Strip], float]:
    by_name = {lead.name: lead for lead in recording.leads}
    n_standard = sum(name in by_name for name in STANDARD_LEADS)
    if layout == "12x1" or n_standard < len(STANDARD_LEADS) // 2:
        columns, names = 1, list(by_name) if n_standard < len(by_name) else [n for n in STANDARD_LEADS if n in by_name]
        row_height = 30.0 if len(names) <= 6 else _ROW_HEIGHT["12x1"] if len(names) <= 12 else 10.0
    else:
        columns, names = _GRID["columns"][layout], list(STANDARD_LEADS)
        row_height = _ROW_HEIGHT[layout]
    n_rows = -(-len(names) // columns)
    # Columns go on in time where there is enough of it; of a shorter recording each shows the same stretch.
    goes_on = recording.duration_s - start_s >= TRACE / mm_per_s - ENOUGH
    width = TRACE / columns
    top = MARGIN + row_height / 2
    strips = []
    for index, name in enumerate(names):
        column, row = divmod(index, n_rows)
        strips.append(
            _Strip(
                name, by_name.get(name), MARGIN + PULSE + column * width, top + row * row_height, width,
                start_s + (column * width / mm_per_s if goes_on else 0),
            )
        )  # fmt: skip
    if layout == "3x4+1" and columns > 1:
        rhythm = "II" if "II" in by_name else recording.leads[0].name
        strips.append(_Strip(rhythm, by_name[rhythm], MARGIN + PULSE, top + n_rows * row_height, TRACE, start_s))
        n_rows += 1
    # A row may be an odd number of millimetres high: the sheet ends on a bold line all the same.
    height = MARGIN + -(-n_rows * row_height // 5) * 5 + MARGIN
    return strips, height


def _paper(height: float) -> list[str]:
    fine = "".join(f"M{x} 0V{height:g}" for x in range(int(WIDTH) + 1) if x % 5)
    fine += "".join(f"M0 {y}H{WIDTH:g}" for y in range(int(height) + 1) if y % 5)
    bold = "".join(f"M{x} 0V{height:g}" for x in range(0, int(WIDTH) + 1, 5))
    bold += "".join(f"M0 {y}H{WIDTH:g}" for y in range(0, int(height) + 1, 5))
    return [
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="{PAPER}"/>',
        f'<path d="{fine}" fill="none" stroke="{FINE}" stroke-width="0.1"/>',
        f'<path d="{bold}" fill="none" stroke="{BOLD}" stroke-width="0.18"/>',
    ]


def _pulse(y: float, mm_per_s: float, mm_per_mv: float) -> str:
    """1 mV for 200 ms (less where the speed leaves no room)."""
    width = min(0.2 * mm_per_s, PULSE - 4)
    side = (PULSE - width) / 2
    return (
        f'<path d="M{MARGIN * 100:.0f} {y * 100:.0f}h{side * 100:.0f}v{-mm_per_mv * 100:.0f}'
        f'h{width * 100:.0f}v{mm_per_mv * 100:.0f}h{side * 100:.0f}"/>'
    )


def _trace(strip: _Strip, sampling_hz: float, mm_per_s: float, mm_per_mv: float, height: float) -> list[str]:
    if strip.lead is None:
        return []
    samples = strip.lead.samples
    first = round(strip.start_s * sampling_hz)
    last = min(first + round(strip.width / mm_per_s * sampling_hz), len(samples) - 1)
    if first >= last:
        return []
    shown = samples[first : last + 1].astype(np.float64) - float(np.nanmedian(samples))
    keep = peaks_kept(shown, max(1, int(BIN * sampling_hz / mm_per_s)))
    x = strip.x + keep / sampling_hz * mm_per_s
    y = np.clip(strip.y - shown[keep] * mm_per_mv, 0, height)
    return [_path(x[part], y[part]) for part in _unbroken(y)]


def peaks_kept(samples: NDArray[np.float64], n_per_bin: int) -> NDArray[np.int64]:
    """Indices to draw: the lowest and the highest sample of each bin, the first and the last; gaps (NaN) stay gaps."""
    n = len(samples)
    if n_per_bin <= 2:
        return np.arange(n)
    whole = n - n % n_per_bin
    bins = samples[:whole].reshape(-1, n_per_bin)
    missing = np.isnan(bins)
    starts = np.arange(0, whole, n_per_bin)
    low = starts + np.where(missing, np.inf, bins).argmin(axis=1)
    high = starts + np.where(missing, -np.inf, bins).argmax(axis=1)
    gap = starts[missing.any(axis=1)] + missing[missing.any(axis=1)].argmax(axis=1)
    return np.unique(np.concatenate([[0, n - 1], low, high, gap, np.arange(whole, n)]))


def _unbroken(y: NDArray[np.float64]) -> list[slice]:
    known = ~np.isnan(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    points = np.rint(np.column_stack([x, y]) * 100).astype(np.int64)
    steps = np.diff(points, axis=0)
    steps = steps[steps.any(axis=1)]
    moves: list[Any] = steps.tolist()
    return f'<path d="M{points[0, 0]} {points[0, 1]}l{" ".join(f"{dx} {dy}" for dx, dy in moves) or "0 0"}"/>'


def _labels(strips: list[_Strip]) -> list[str]:
    drawn = [f'<g font-family="{_FONT}" font-size="3.6" font-weight="bold" fill="{LABEL}">']
    for strip in strips:
        y = strip.y - (8 if strip.width < TRACE or len(strips) <= 6 else 4)
        drawn.append(f'<text x="{strip.x + 1.5:g}" y="{y:g}">{escape(strip.name)}</text>')
    drawn.append("</g>")
    inner = sorted({(strip.x, strip.y) for strip in strips if strip.x > MARGIN + PULSE})
    ticks = "".join(f"M{x:g} {y - 7:g}v2M{x:g} {y + 5:g}v2" for x, y in inner)
    if ticks:
        drawn.append(f'<path d="{ticks}" fill="none" stroke="{INK}" stroke-width="0.2"/>')
    return drawn


def _footer(recording: EcgRecording, height: float, mm_per_s: float, mm_per_mv: float, start_s: float) -> str:
    filters = recording.filters
    parts = [f"{mm_per_s:g} mm/s", f"{mm_per_mv:g} mm/mV"]
    if filters.high_pass_hz or filters.low_pass_hz:
        low = f"{filters.high_pass_hz:g}" if filters.high_pass_hz else ""
        high = f"{filters.low_pass_hz:g}" if filters.low_pass_hz else ""
        parts.append(f"{low}–{high} Hz")
    if filters.notch_hz:
        parts.append(f"AC {filters.notch_hz:g} Hz")
    end_s = min(start_s + TRACE / mm_per_s, recording.duration_s)
    parts.append(f"{start_s:g}–{end_s:g} s / {recording.duration_s:g} s")
    words = "    ".join(parts).replace("    ", "\u2003")
    return (
        f'<text x="{MARGIN:g}" y="{height - 3:g}" font-family="{_FONT}" font-size="3.2" fill="{LABEL}">{words}</text>'
    )
