"""The scripts in a real browser, on the gallery: nothing is refused by the content policy, and each helper helps."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from playwright.sync_api import Browser, Page

from tests.browsing import chromium

pytestmark = pytest.mark.browser
#: The gallery alone: no database, no sign-in, the real content policy.
SETTINGS = {
    "ROOT_URLCONF": "xinglin.web.tests.urls",
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
    "MIDDLEWARE": [
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ],
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with override_settings(**SETTINGS):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    tab = context.new_page()
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(f"{address}/ui/")
    yield tab
    context.close()


def test_the_page_runs_under_the_content_policy_without_complaint(page: Page, complaints: list[str]) -> None:
    for holder in ("#sample-chart", "#sample-map"):
        page.locator(holder).scroll_into_view_if_needed()
        page.locator(f"{holder}[data-ready]").wait_for()
    page.locator("#sample-chart canvas").wait_for()
    page.locator("#sample-map path").first.wait_for()

    assert complaints == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_on_a_phone_are_large_enough_for_a_thumb(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            '.button, .tool, .choice, .tab, .list-item, .option, .check, select, input[id]')]
        .filter(e => e.offsetParent && e.type !== 'hidden' && !e.matches('.choice input, .check input'))
        .map(e => [e.className || e.id, e.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 43.9)"""
    )

    assert small == []


def test_a_slash_brings_the_cursor_to_the_search_box(page: Page) -> None:
    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.type") == "search"


def test_a_question_mark_shows_the_shortcuts(page: Page) -> None:
    page.keyboard.press("?")

    assert page.evaluate("document.getElementById('shortcuts').open")


def test_the_combobox_finds_and_chooses_by_keyboard(page: Page) -> None:
    box = page.locator("#id_fruit")
    box.press_sequentially("杏")
    page.locator("#id_fruit-options [role=option]").nth(2).wait_for()
    box.press("ArrowDown")
    box.press("Enter")

    assert page.input_value("[name=fruit]") == "A02"
    assert page.input_value("[name=fruit_text]") == "银杏"


def test_typing_on_after_a_choice_takes_the_choice_back(page: Page) -> None:
    box = page.locator("#id_fruit")
    box.press_sequentially("桃")
    page.locator("#id_fruit-options [role=option]").first.wait_for()
    box.press("Enter")
    box.press_sequentially("x")

    assert page.input_value("[name=fruit]") == ""
    assert page.evaluate("!document.getElementById('id_fruit').checkValidity()")


def test_figures_understand_full_width_digits_and_move_on(page: Page) -> None:
    page.locator("#id_systolic").fill("")
    page.locator("#id_systolic").press_sequentially("１７６")

    assert page.input_value("#id_systolic") == "176"
    assert page.evaluate("document.activeElement.id") == "id_diastolic"


def test_an_impossible_figure_is_refused_and_an_unusual_one_is_only_marked(page: Page) -> None:
    page.locator("#id_pulse").fill("130")
    marked = page.locator("output[for=id_pulse]").inner_text()
    allowed = page.evaluate("document.getElementById('id_pulse').checkValidity()")
    page.locator("#id_pulse").fill("999")

    assert marked == "偏高，请核对"
    assert allowed
    assert not page.evaluate("document.getElementById('id_pulse').checkValidity()")


def test_a_signature_becomes_a_picture_and_can_be_taken_back(page: Page) -> None:
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80, steps=6)
    page.mouse.up()
    drawn = page.input_value("[name=signature]")
    page.locator("[data-signature] [data-clear]").click()

    assert drawn.startswith("data:image/png;base64,")
    assert page.input_value("[name=signature]") == ""


def test_a_file_of_the_wrong_kind_is_refused_before_it_is_sent(page: Page) -> None:
    page.set_input_files("[name=file]", {"name": "a.exe", "mimeType": "application/x", "buffer": b"x"})

    assert not page.evaluate("document.querySelector('[name=file]').checkValidity()")


def test_a_question_is_asked_before_what_matters(page: Page) -> None:
    button = page.locator("form[data-confirm] button")
    button.click()
    page.locator("#confirm-dialog button").first.click()
    stayed = page.locator("#messages .notice").count()
    button.click()
    page.locator("#confirm-dialog button[value=yes]").click()
    page.locator("#messages .notice").wait_for()

    assert stayed == 0


def test_a_second_submission_of_the_same_form_is_not_sent(page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
    page.route("**/ui/echo/", lambda route: route.fulfill(status=204))
    button = page.locator("form[action$='/echo/']:not([data-confirm]) button[type=submit]").first
    button.dispatch_event("click")
    button.dispatch_event("click")
    page.wait_for_timeout(200)
    button.dispatch_event("click")
    page.wait_for_timeout(200)

    assert len(requests) == 1
    assert button.get_attribute("aria-busy") == "true"


def test_changed_content_gets_a_new_idempotency_key_and_the_same_content_keeps_it(page: Page) -> None:
    page.route("**/ui/echo/", lambda route: route.fulfill(status=204))
    key = "document.querySelector('.form input[name=idempotency_key]').value"
    page.evaluate("document.querySelector('.form').setAttribute('novalidate', '')")
    first = page.evaluate(key)
    page.locator(".form .toolbar-sticky button[type=submit]").click()
    page.wait_for_timeout(200)
    repeated = page.evaluate(key)
    page.locator("#id_complaint").fill("改过的内容")

    assert repeated == first
    assert page.evaluate(key) != first


def test_a_refusal_is_shown_beside_the_page_and_replaces_nothing(page: Page) -> None:
    problem = '<div class="notice" data-problem="409">已有人处理</div>'
    page.route("**/ui/refused/", lambda route: route.fulfill(status=409, content_type="text/html", body=problem))
    page.evaluate("htmx.ajax('GET', '/ui/refused/', {target: '#buttons', swap: 'outerHTML'})")
    page.locator("#toasts [data-problem]").wait_for()

    assert page.locator("#buttons").count() == 1


def test_a_form_drawn_anew_with_422_is_swapped_in(page: Page) -> None:
    body = '<section id="buttons">请改正</section>'
    page.route("**/ui/wrong/", lambda route: route.fulfill(status=422, content_type="text/html", body=body))
    page.evaluate("htmx.ajax('GET', '/ui/wrong/', {target: '#buttons', swap: 'outerHTML'})")
    page.get_by_text("请改正", exact=True).wait_for()

    assert page.locator("#buttons .button").count() == 0


def test_a_lost_connection_is_said(page: Page) -> None:
    page.route("**/ui/gone/", lambda route: route.abort())
    page.evaluate("htmx.ajax('GET', '/ui/gone/', {target: '#buttons'}).catch(() => 0)")

    page.locator("#toasts .toast").wait_for()


def test_forms_work_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    tab = context.new_page()
    tab.goto(f"{address}/ui/")
    tab.locator("form[action$='/echo/'] button[type=submit]").first.click()

    assert "示例表单已收到" in tab.locator("#messages").inner_text()
    context.close()
