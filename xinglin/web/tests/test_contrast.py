"""Text can be read: contrast of each pair of colours that meet on a page, by the formula of WCAG 2."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[1] / "static" / "web" / "xinglin.css").read_text()
TONES = ("critical", "warning", "ok", "info", "neutral")
#: Text, at least 4.5 : 1.
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "surface", "sunk", "hover")),
    *((tone, f"{tone}-soft") for tone in TONES),
    *((tone, "surface") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in TONES),
    ("pine", "surface"), ("pine", "paper"), ("pine-2", "pine-soft"), ("on-pine", "pine"), ("on-pine", "pine-2"),
    ("on-strong", "critical"), ("apricot-ink", "apricot-soft"), ("apricot-ink", "surface"), ("ink-3", "neutral-soft"),
]  # fmt: skip
#: Borders of inputs, at least 3 : 1.
EDGES = [("edge", "surface"), ("edge", "paper"), ("pine", "surface")]


def theme(dark: bool) -> dict[str, str]:
    """Colours of the light theme, or of the dark one on top of it."""
    light, _, rest = SHEET.partition("@media screen and (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", light))
    return colours | dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", rest)) if dark else colours


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(ink: str, ground: str, dark: bool) -> None:
    colours = theme(dark)

    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_inputs_can_be_seen(edge: str, ground: str, dark: bool) -> None:
    colours = theme(dark)

    assert contrast(colours[edge], colours[ground]) >= 3
