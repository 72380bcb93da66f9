"""The order form in a real browser: what is known appears as the item is chosen, and is taken over with two taps."""

import pytest
from django.urls import reverse

from tests.browsing import PHONE, Pages
from tests.factories.county import County
from tests.factories.recognition import a_result
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.recognition.models import Decision

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_doctor_with_a_telephone_takes_over_last_weeks_ct(county: County, open_page: Pages) -> None:
    now, resident = clock.now(), a_resident(county)
    a_result(county, resident=resident, at=now)
    visit = a_visit(resident=resident, by=county.tang, at=now)
    page = open_page("tang", reverse("diagnostics:imaging_request", args=[visit.uuid]), **PHONE)

    page.get_by_label("头颅CT平扫").check()
    page.locator("label:has(input[value^='adopt:'])").click()
    page.get_by_role("button", name="申请影像检查").click()
    page.wait_for_url("**" + reverse("visits:detail", args=[visit.uuid]))

    assert "各项都采用了已有结果" in page.inner_text("body")
    assert Decision.objects.get().source.items[0]["code"] == "ct-head"
