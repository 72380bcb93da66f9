"""The viewer in a real browser: what it measures is what the paper says."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from tests.browsing import chromium
from xinglin.diagnostics.ecg import read_ecg, trace_json
from xinglin.diagnostics.ecg.tests import building
from xinglin.diagnostics.ecg.tests.test_reading import REAL

pytestmark = pytest.mark.browser

STATIC = Path(__file__).parents[2] / "static" / "diagnostics"
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self';
 connect-src 'self'; img-src 'self'">
<link rel="stylesheet" href="ecg-viewer.css"><script type="module" src="ecg-viewer.js"></script></head>
<body><ecg-viewer {attributes}></ecg-viewer></body></html>"""


class Handler(SimpleHTTPRequestHandler):
    pages: dict[str, tuple[str, bytes]]

    def do_GET(self):
        if self.path in self.pages:
            kind, body = self.pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    html = "text/html; charset=utf-8"
    short = building.file_of(building.ecg(WaveformSequence=[building.group(building.voltages(2500))]))
    Handler.pages = {
        "/zh": (html, PAGE.format(lang="zh-hans", attributes='src="trace.json"').encode()),
        "/en": (html, PAGE.format(lang="en", attributes='src="trace.json" layout="12x1"').encode()),
        "/gone": (html, PAGE.format(lang="zh-hans", attributes='src="gone.json"').encode()),
        "/broken": (html, PAGE.format(lang="zh-hans", attributes='src="broken.json"').encode()),
        "/none": (html, PAGE.format(lang="zh-hans", attributes="").encode()),
        "/trace.json": ("application/json", trace_json(read_ecg(REAL))),
        "/short": (html, PAGE.format(lang="zh-hans", attributes='src="short.json"').encode()),
        "/short.json": ("application/json", trace_json(read_ecg(BytesIO(short)))),
        "/broken.json": ("application/json", b'{"leads": [{"name"'),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture
def page(browser):
    made = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    made.on("pageerror", lambda fault: faults.append(str(fault)))
    made.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    yield made
    made.close()
    assert faults == []


def viewer(page, expression: str):
    return page.evaluate(f"(() => {{ const v = document.querySelector('ecg-viewer'); return {expression}; }})()")


def test_samples_arrive_as_sent(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    mv = viewer(page, "Array.from(v.recording.leads[10].mv)")
    assert max(mv) == pytest.approx(1.9625, abs=0.0006)
    assert len(mv) == 10_000
    assert viewer(page, "v.recording.leads[10].name") == "V5"


def test_the_drawn_r_wave_is_as_high_as_the_voltage(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    page.select_option("select >> nth=3", "V5")
    page.get_by_title("真实大小：1 毫米显示为 1 毫米").click()
    # dark pixels right of the pulse: from the highest R wave down to the deepest point, in mm
    top_to_bottom = viewer(
        page,
        """(() => { const c = v.canvas, k = v.scale * v.ratio, from = Math.round(24 * k);
        const d = c.getContext('2d').getImageData(from, 0, c.width - from, c.height), ys = [];
        for (let y = 0; y < d.height; y++) for (let x = 0; x < d.width; x++)
          if (d.data[4 * (y * d.width + x)] < 90) { ys.push(y); break; }
        return (Math.max(...ys) - Math.min(...ys)) / k; })()""",
    )
    samples = read_ecg(REAL).lead("V5").samples
    assert top_to_bottom == pytest.approx(float(samples.max() - samples.min()) * 10, abs=0.8)


def test_callipers_by_keyboard_say_ms_rate_and_millivolt(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    page.focus(".ecg-stage")
    page.keyboard.press("c")
    before = viewer(page, "v.callipers.reading")
    for _step in range(5):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    after = viewer(page, "v.callipers.reading")
    assert after["ms"] - before["ms"] == 200  # 5 mm at 25 mm/s
    assert float(after["mv"]) - float(before["mv"]) == pytest.approx(0.1)
    assert after["bpm"] == round(60_000 / after["ms"])
    page.locator(".ecg-spoken", has_text="毫秒").wait_for(state="attached")
    page.keyboard.press("s")
    assert viewer(page, "v.callipers.reading.ms") == after["ms"]  # the interval stays when the speed changes
    page.keyboard.press("c")
    assert page.locator(".ecg-line").first.is_hidden()


def test_callipers_by_mouse(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    page.get_by_role("button", name="分规").click()
    before = viewer(page, "v.callipers.reading.ms")
    line = page.locator(".ecg-line-x").nth(1).bounding_box()
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10 * viewer(page, "v.scale"), y, steps=4)
    page.mouse.up()
    assert viewer(page, "v.callipers.reading.ms") - before == pytest.approx(400, abs=2)
    assert viewer(page, "v.state.lead") == ""


def test_a_click_enlarges_a_lead_and_keys_change_the_paper(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    strip = viewer(page, "v.sheet.strips.filter(s => s.name === 'V2').map(s => [s.x + 20, s.y])[0]")
    box, scale = page.locator("canvas").bounding_box(), viewer(page, "v.scale")
    page.mouse.click(box["x"] + strip[0] * scale, box["y"] + strip[1] * scale)
    assert viewer(page, "v.state.lead") == "V2"
    page.keyboard.press("Escape")
    page.focus(".ecg-stage")
    for key in ("2", "+", "s"):
        page.keyboard.press(key)
    assert viewer(page, "[v.state.lead, v.state.layout, v.state.gain, v.state.speed]") == ["", "6x2", 20, 50]


def test_a_measured_screen_shows_everything_at_its_new_size(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    page.get_by_title("真实大小：1 毫米显示为 1 毫米").click()
    assert viewer(page, "v.scale") == pytest.approx(96 / 25.4)
    page.get_by_role("button", name="屏幕校准").click()
    page.get_by_role("slider", name="屏幕校准").fill("1.2")
    assert page.locator(".ecg-card").bounding_box()["width"] == pytest.approx(85.6 * 96 / 25.4 * 1.2, abs=0.5)
    page.get_by_role("button", name="完成").click()
    page.locator(".ecg-dialog").wait_for(state="detached")
    assert viewer(page, "v.scale") == pytest.approx(96 / 25.4 * 1.2)
    page.reload()
    page.wait_for_selector("canvas")
    assert viewer(page, "v.calibration") == 1.2
    page.evaluate("localStorage.clear()")


def test_a_short_recording_shows_every_lead(page, address):
    page.goto(f"{address}/short")
    page.wait_for_selector("canvas")
    assert viewer(page, "v.sheet.strips.map(s => s.start)") == [0] * 13


def test_a_narrow_screen_pans_inside_the_stage_only(browser, address):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert viewer(page, "v.stage.scrollWidth > v.stage.clientWidth")
    assert viewer(page, "v.canvas.width") == round(viewer(page, "v.viewport[0]") * 2)
    page.get_by_role("button", name="分规").tap()
    assert page.locator(".ecg-line-x").first.is_visible()
    context.close()


def test_english_and_the_layout_asked_for(page, address):
    page.goto(f"{address}/en")
    page.wait_for_selector("canvas")
    assert viewer(page, "v.state.layout") == "12x1"
    assert page.get_by_role("button", name="Callipers").is_visible()
    assert page.get_by_role("img", name="ECG, 12 leads, 10 seconds").is_visible()


@pytest.mark.parametrize(("path", "said"), [("gone", "没有查看"), ("broken", "数据不完整"), ("none", "还没有心电图")])
def test_what_is_not_there_is_said(page, address, path, said):
    page.goto(f"{address}/{path}")
    page.get_by_text(said).wait_for()


def test_print_is_true_to_scale(page, address):
    page.goto(f"{address}/zh")
    page.wait_for_selector("canvas")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_timeout(100)
    box = page.locator("canvas").bounding_box()
    assert (box["width"] / 96 * 25.4, box["height"] / 96 * 25.4) == (
        pytest.approx(270, abs=0.5),
        pytest.approx(130, abs=0.5),
    )
    assert page.locator(".ecg-toolbar").is_hidden()
