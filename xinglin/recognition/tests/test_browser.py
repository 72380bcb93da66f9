"""The order form in a real browser: what is known appears as the item is chosen, and is taken over with two taps."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.recognition import a_result
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.recognition.models import Decision

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(county: County, live_server: Any) -> Iterator[Any]:
    assert county.tang
    session = sign_in(Client(), county.users["tang"]).cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        yield context.new_page()
        chromium.close()
        connection.close()


def test_a_doctor_with_a_telephone_takes_over_last_weeks_ct(county: County, page: Any, live_server: Any) -> None:
    now, resident = clock.now(), a_resident(county)
    a_result(county, resident=resident, at=now)
    visit = a_visit(resident=resident, by=county.tang, at=now)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(live_server.url + reverse("diagnostics:imaging_request", args=[visit.uuid]))

    page.get_by_label("头颅CT平扫").check()
    page.locator("label:has(input[value^='adopt:'])").click()
    page.get_by_role("button", name="申请影像检查").click()
    page.wait_for_url("**" + reverse("visits:detail", args=[visit.uuid]))

    assert "各项都采用了已有结果" in page.inner_text("body")
    assert Decision.objects.get().source.items[0]["code"] == "ct-head"
    assert faults == []
