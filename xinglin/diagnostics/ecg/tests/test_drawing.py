"""The drawing is true to scale and loses no peak; the JSON says the same as the recording."""

import base64
import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import noto_cjk_sans_otc
import numpy as np
import orjson
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from xinglin.diagnostics.ecg import LAYOUTS, STANDARD_LEADS, EcgRecording, Lead, read_ecg, trace_json, trace_svg
from xinglin.diagnostics.ecg.drawing import LABEL, peaks_kept
from xinglin.diagnostics.ecg.tests import building
from xinglin.diagnostics.ecg.tests.test_reading import REAL
from xinglin.platform.errors import InvalidInput

SVG = "{http://www.w3.org/2000/svg}"


def synthetic(*, hz: float = 500, seconds: float = 10, names=STANDARD_LEADS, mv=None) -> EcgRecording:
    n = round(hz * seconds)
    samples = np.asarray(building.heart(n, hz=hz) if mv is None else mv, dtype=np.float32)
    return EcgRecording(
        format="aecg", leads=tuple(Lead(name, samples) for name in names), sampling_hz=hz, duration_s=seconds
    )


def strokes(svg: str) -> list[np.ndarray]:
    """Each path of the trace group as points in millimetres, pulses included."""
    root = ElementTree.fromstring(svg)
    group = next(each for each in root.iter(f"{SVG}g") if each.get("transform") == "scale(0.01)")
    found = []
    for path in group.iter(f"{SVG}path"):
        x, y, points = 0, 0, []
        for kind, numbers in re.findall(r"([Mlhv])([-\d ]+)", path.get("d")):
            values = [int(each) for each in numbers.split()]
            pairs = {"h": [(v, 0) for v in values], "v": [(0, v) for v in values]}.get(kind) or list(
                zip(values[::2], values[1::2], strict=True)
            )
            for dx, dy in pairs:
                x, y = (dx, dy) if kind == "M" else (x + dx, y + dy)
                points.append((x / 100, y / 100))
        found.append(np.array(points))
    return found


class TestScale:
    @pytest.mark.parametrize(("speed", "gain"), [(25, 10), (50, 10), (25, 5), (25, 20), (12.5, 10)])
    def test_a_millivolt_and_a_second_are_as_long_as_said(self, speed, gain):
        recording = synthetic()
        rhythm = strokes(trace_svg(recording, mm_per_s=speed, mm_per_mv=gain))[-1]
        baseline = np.median(rhythm[:, 1])
        spikes = rhythm[rhythm[:, 1] < baseline - 0.95 * gain]
        # the R wave of 1 mV stands 0.4 s after each full second; time begins at 15 mm
        assert (baseline - rhythm[:, 1]).max() == pytest.approx(gain, abs=0.02)
        expected = {round(15 + (0.4 + second) * speed, 2) for second in range(10) if (0.4 + second) * speed < 250}
        assert expected <= {round(float(x), 2) for x in spikes[:, 0]}

    def test_the_pulse_is_one_millivolt_for_a_fifth_of_a_second(self):
        pulse = strokes(trace_svg(synthetic(), mm_per_mv=20))[0]
        assert np.ptp(pulse[:, 1]) == pytest.approx(20)
        top = pulse[pulse[:, 1] == pulse[:, 1].min()]
        assert np.ptp(top[:, 0]) == pytest.approx(5)

    def test_columns_go_on_in_time(self):
        ramp = np.linspace(-1, 1, 5000)
        paths = strokes(trace_svg(synthetic(mv=ramp), layout="3x4+1"))[4:]
        first_row = [path for index, path in enumerate(paths[:-1]) if index % 3 == 0]
        assert [round(float(path[0, 0]), 1) for path in first_row] == [15, 77.5, 140, 202.5]
        heights = [float(path[0, 1]) for path in first_row]
        assert np.diff(heights) == pytest.approx([-5] * 3, abs=0.05)  # 2.5 s of a ramp of 0.2 mV/s at 10 mm/mV

    @pytest.mark.parametrize("seconds", [2.5, 5, 9])
    def test_no_lead_of_a_short_recording_is_left_out(self, seconds):
        ramp = np.linspace(-1, 1, round(500 * seconds))
        paths = strokes(trace_svg(synthetic(seconds=seconds, mv=ramp), layout="3x4+1"))[4:-1]
        assert len(paths) == 12
        rise = 2.5 / seconds * 2 * 10  # each column shows the first 2.5 s
        assert [float(path[0, 1] - path[-1, 1]) for path in paths] == pytest.approx([rise] * 12, abs=0.1)

    def test_size_fits_a4_across(self):
        for layout in LAYOUTS:
            root = ElementTree.fromstring(trace_svg(synthetic(), layout=layout))
            width, height = (float(part) for part in root.get("viewBox").split()[2:])
            assert root.get("width") == f"{width:g}mm"
            assert root.get("height") == f"{height:g}mm"
            assert (width, height <= 190) == (270, True)

    def test_each_layout_shows_each_lead(self):
        for layout, n_strips in (("3x4+1", 13), ("6x2", 12), ("12x1", 12)):
            root = ElementTree.fromstring(trace_svg(synthetic(), layout=layout))
            labels = [each.text for each in root.iter(f"{SVG}text")][:-1]
            assert len(labels) == n_strips
            assert set(labels) == set(STANDARD_LEADS)

    def test_few_or_unknown_leads(self):
        assert len(strokes(trace_svg(synthetic(names=("II",))))) == 2
        assert "<text" in trace_svg(synthetic(names=(*STANDARD_LEADS, "V7", "V8", "<b>")), layout="12x1")
        assert "<b>" not in trace_svg(synthetic(names=("<b>",)))
        assert len(strokes(trace_svg(synthetic(names=STANDARD_LEADS[:8])))) == 4 + 8 + 1

    def test_short_long_and_later(self):
        assert "0–10 s / 30 s" in trace_svg(synthetic(seconds=30))
        assert "20–30 s / 30 s" in trace_svg(synthetic(seconds=30), start_s=20)
        assert trace_svg(synthetic(seconds=1)).count("<path") > 4
        assert trace_svg(synthetic(seconds=10), start_s=99).endswith("</svg>")

    def test_gaps_are_left_open(self):
        mv = building.heart(5000)
        mv[1000:1500] = np.nan
        rhythm = strokes(trace_svg(synthetic(mv=mv), layout="3x4+1"))[-2:]
        assert [round(float(part[0, 0]), 1) for part in rhythm] == [15, 90]
        assert rhythm[0][-1, 0] == pytest.approx(65, abs=0.1)

    def test_no_inline_style_and_no_script(self):
        svg = trace_svg(read_ecg(REAL))
        assert "style" not in svg
        assert "<script" not in svg
        assert "paper" not in svg
        assert len(trace_svg(read_ecg(REAL), paper=False)) < len(svg)

    @pytest.mark.parametrize(
        "wrong", [{"layout": "4x4"}, {"mm_per_s": 0}, {"mm_per_mv": -1}, {"mm_per_s": float("nan")}]
    )
    def test_wrong_wishes(self, wrong):
        with pytest.raises(InvalidInput):
            trace_svg(synthetic(), **wrong)


class TestPeaks:
    @settings(max_examples=60, deadline=None)
    @given(seed=st.integers(0, 10**6), n=st.integers(2, 3000), k=st.integers(1, 25))
    def test_none_is_lost(self, seed, n, k):
        samples = np.random.default_rng(seed).normal(size=n)
        kept = peaks_kept(samples, k)
        assert kept[0] == 0
        assert kept[-1] == n - 1
        for begin in range(0, n - n % k, k):
            part = samples[begin : begin + k]
            inside = samples[kept[(kept >= begin) & (kept < begin + k)]]
            assert inside.min() == part.min()
            assert inside.max() == part.max()

    def test_a_pacing_spike_of_one_sample_is_drawn(self):
        mv = np.zeros(20_000)
        mv[7_777] = 2.0
        mv[3] = 0.01
        rhythm = strokes(trace_svg(synthetic(hz=2000, mv=mv)))[-1]
        assert np.ptp(rhythm[:, 1]) == pytest.approx(20, abs=0.02)
        assert len(rhythm) < 6000  # of 20 000 samples


class TestJson:
    def test_it_is_the_recording_to_half_a_microvolt(self):
        recording = read_ecg(REAL)
        said = orjson.loads(trace_json(recording))
        assert said["sampling_hz"] == 1000
        assert [each["name"] for each in said["leads"]] == list(STANDARD_LEADS)
        for lead, sent in zip(recording.leads, said["leads"], strict=True):
            steps = np.frombuffer(base64.b64decode(sent["samples"]), "<i2")
            assert steps * said["uv_per_unit"] / 1000 == pytest.approx(lead.samples, abs=0.000501)

    def test_it_names_nobody(self):
        said = trace_json(read_ecg(REAL))
        for secret in (b"Anonymous", b"642341", b"1971", b"1.3.76"):
            assert secret not in said

    def test_large_voltages_and_gaps(self):
        mv = building.heart(5000) * 45
        mv[10] = np.nan
        said = orjson.loads(trace_json(synthetic(mv=mv)))
        steps = np.frombuffer(base64.b64decode(said["leads"][0]["samples"]), "<i2")
        assert steps[10] == -32768
        assert steps.max() == 32767
        assert steps.max() * said["uv_per_unit"] / 1000 == pytest.approx(np.nanmax(mv), abs=0.01)

    def test_warnings_are_in_the_readers_language(self):
        leads = building.voltages() | {"V4": np.zeros(5000)}
        recording = read_ecg(BytesIO(building.file_of(building.ecg(WaveformSequence=[building.group(leads)]))))
        (warning,) = orjson.loads(trace_json(recording))["warnings"]
        assert warning["code"] == "flat-lead"
        assert "V4" in warning["message"]


class TestPdf:
    def test_typst_keeps_the_scale(self, tmp_path):
        """One millimetre of the SVG is one millimetre of the page: each pulse ends 10 mm above its baseline."""
        (tmp_path / "trace.svg").write_text(trace_svg(read_ecg(REAL)), encoding="utf-8")
        page = tmp_path / "page.typ"
        page.write_text('#set page(width: 270mm, height: 130mm, margin: 0mm)\n#image("trace.svg")', encoding="utf-8")
        fonts = [str(Path(noto_cjk_sans_otc.__file__).parent)]
        pixels_per_mm = 8
        png = typst.compile(str(page), format="png", ppi=pixels_per_mm * 25.4, font_paths=fonts)
        picture = np.asarray(Image.open(BytesIO(png)).convert("L")).astype(int)
        assert picture.shape == (130 * pixels_per_mm, 270 * pixels_per_mm)
        ink = int(LABEL[1:3], 16) + 60
        pulse = picture[:, 6 * pixels_per_mm : 14 * pixels_per_mm] < ink
        rows = np.flatnonzero(pulse.sum(axis=1) > 4 * pixels_per_mm)  # the top of each pulse
        tops = rows[np.insert(np.diff(rows) > 1, 0, True)] / pixels_per_mm
        assert tops == pytest.approx([10, 40, 70, 100], abs=0.3)
        assert typst.compile(str(page), font_paths=fonts)[:5] == b"%PDF-"
