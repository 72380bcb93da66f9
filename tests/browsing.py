"""Pages of the live server in Debian's chromium, opened as one of the cast.

The fixtures `browser` and `open_page` are known to every test (`conftest.py`)::

    def test_it_fits(county, open_page):
        page = open_page("alma", "/visits/", **PHONE)
        assert fits(page)

What a page complains of on its console, a refusal of the content policy included, fails the test at its end.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.factories.accounts import sign_in

CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 800}}
#: That a newer look at the same list replaces one on its way is no fault.
_REPLACED = ("htmx:sendAbort", "htmx:afterRequest")


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser that asks nobody outside."""
    with sync_playwright() as play:
        launched = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", *arguments]
        )
        yield launched
        launched.close()
        connection.close()  # inside playwright's loop the test has a connection of its own


@pytest.fixture
def browser_arguments() -> tuple[str, ...]:
    """What a file's browser is started with beside the usual; a file that needs more overrides it."""
    return ()


@pytest.fixture
def browser(live_server: Any, browser_arguments: tuple[str, ...]) -> Iterator[Browser]:
    """A browser beside a live server, which has let go of the database before the next test empties it."""
    with chromium(*browser_arguments) as launched:
        yield launched
    _let_the_server_finish()


def _let_the_server_finish() -> None:
    deadline, others = time.monotonic() + 5, 1
    while others and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            (others,) = cursor.fetchone()
        time.sleep(0.05)
    connection.close()


class Pages:
    """Opens pages as one of the cast, and remembers what they complained of."""

    def __init__(self, browser: Browser, url: str, county: Any) -> None:
        self.faults: list[str] = []
        self._browser, self._url, self._county = browser, url, county
        self._tolerated = _REPLACED

    def __call__(
        self, who: Any = None, path: str = "", *, cookies: dict[str, str] | None = None, script: str = "", **device: Any
    ) -> Page:
        """A page at `path`, in a context of its own, whose addresses may be written without the server's.

        `who`: a name of the cast, a user, or None for somebody who did not sign in. `script` runs before the page's own.
        """
        context = self._browser.new_context(
            base_url=self._url, **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **(device or DESKTOP)}
        )
        given = dict(cookies or {})
        if who is not None:
            given["sessionid"] = self.session(who)
        context.add_cookies([{"name": name, "value": value, "url": self._url} for name, value in given.items()])
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)
        if path:
            page.goto(path)
        return page

    def session(self, who: Any) -> str:
        """The cookie of one who signed in."""
        if isinstance(who, str):
            getattr(self._county, who, None)  # makes the account, if he is of the cast and has none
            who = self._county.users[who]
        return str(sign_in(Client(), who).cookies["sessionid"].value)

    def tolerate(self, *fragments: str) -> None:
        """Complaints that the test provokes: a form that comes back (422), a network that is away."""
        self.faults[:] = [each for each in self.faults if not any(one in each for one in fragments)]
        self._tolerated += fragments

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not any(each in said.text for each in self._tolerated):
            self.faults.append(said.text)


@pytest.fixture
def open_page(browser: Browser, live_server: Any, county: Any) -> Iterator[Pages]:
    """Open a page as one of the cast; see `Pages`. Whatever a page complained of fails the test."""
    pages = Pages(browser, live_server.url, county)
    yield pages
    if pages.faults:
        pytest.fail("\n".join(pages.faults))


def fits(page: Page) -> bool:
    """Nothing on the page is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def press(page: Page, selector: str) -> int:
    """Press what sends a form, wait for the page that answers, and give its status."""
    with page.expect_navigation() as told:
        page.locator(selector).first.click()
    answer = told.value
    return answer.status if answer else 0


def sending(verb: str) -> str:
    """The button of the form that does something: the last part of its address."""
    return f"form[action$='/{verb}/'] button:not([data-closes])"


def downloaded(page: Page, selector: str) -> bytes:
    """The file behind a link."""
    with page.expect_download() as told:
        page.locator(selector).click()
    return Path(told.value.path()).read_bytes()


__all__ = [
    "CHROMIUM", "DESKTOP", "PHONE", "Pages", "browser", "browser_arguments", "chromium", "downloaded", "fits", "open_page",
    "press", "sending",
]  # fmt: skip
