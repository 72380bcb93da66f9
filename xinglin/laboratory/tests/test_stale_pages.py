"""Pages that are no longer true when they are sent: nothing is overwritten, nothing goes out unseen."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.laboratory import CRITICAL, ELECTROLYTES, entered, li, luo, measured, received
from xinglin.laboratory import actions, queries
from xinglin.laboratory.models import Release, Result
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict

pytestmark = pytest.mark.django_db
LIS = system_actor("LIS")


@pytest.fixture
def people(county: County) -> dict[str, Client]:
    """A signed-in browser of who enters and who releases."""
    li(county), luo(county)
    return {name: sign_in(Client(), county.users[name]) for name in ("li", "luo")}


def at(name: str, *args: Any) -> str:
    return reverse(f"laboratory:{name}", args=args)


def seen(client: Client, url: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(url).content.decode())
    assert found
    return found[1]


def by_lis(order: Any, values: dict[str, str]) -> None:
    actions.take_results(
        request=order, measured=measured(values), source="ORU", source_key="lis 7", by=LIS, at=later(130)
    )


def test_a_stale_table_overwrites_nothing_and_shows_both_values(county: County, people: dict[str, Client]):
    order = entered(county)
    url = at("enter", order.uuid)
    token = seen(people["li"], url)
    by_lis(order, {"K": "6.90", "NA": "150.0"})
    typed = {f"value-{code}": value for code, value in {**ELECTROLYTES, "K": "4.30"}.items()}

    stale = people["li"].post(url, {**typed, "seen": token, "idempotency_key": "s"})

    shown = stale.content.decode()
    assert stale.status_code == 409
    assert [each.text for each in queries.newest_results(order)][:2] == ["6.90", "150.0"]
    assert 'value="4.30"' in shown  # typed by himself
    assert "现在登记的是 6.90（LIS）" in shown
    assert 'value="150.0"' in shown  # untouched by himself: what is kept
    new = re.search(r'name="seen" value="([^"]+)"', shown)
    assert new
    done = people["li"].post(url, {**typed, "value-NA": "150.0", "seen": new[1], "idempotency_key": "t"})
    assert done.status_code == 302
    assert Result.objects.filter(request=order).count() == 7
    assert {each.analyte: each.text for each in queries.newest_results(order)}["K"] == "4.30"


def test_two_tabs_of_an_empty_table_do_not_overwrite_each_other(county: County, people: dict[str, Client]):
    order = received(county)
    url = at("enter", order.uuid)
    token = seen(people["li"], url)

    first = people["li"].post(url, {"value-K": "4.20", "seen": token, "idempotency_key": "a"})
    second = people["li"].post(url, {"value-K": "4.90", "seen": token, "idempotency_key": "b"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert [each.text for each in Result.objects.filter(request=order)] == ["4.20"]


def test_results_that_changed_after_the_review_was_drawn_do_not_go_out(county: County, people: dict[str, Client]):
    order = entered(county, CRITICAL)
    token = seen(people["luo"], at("examine", order.uuid))
    by_lis(order, {"K": "7.90", "NA": "165.0"})
    said = {"op": "all", "confirmed": ["lab-k-high", "lab-na-high"], "conclusion": "异常：钾 6.80↑↑", "seen": token}

    stale = people["luo"].post(at("release", order.uuid), {**said, "idempotency_key": "s"})

    assert stale.status_code == 409
    assert not Release.objects.exists()
    shown = stale.content.decode()
    assert "异常：钾 6.80↑↑" not in shown
    assert "钾 7.90↑↑" in shown


def test_programs_may_say_what_they_saw(county: County):
    order = entered(county)
    token = queries.seen_token(order)
    by_lis(order, {"K": "5.00"})

    with pytest.raises(Conflict) as entering:
        actions.enter_results(request=order, measured=measured({"K": "4.00"}), seen=token, by=li(county), at=later(140))
    with pytest.raises(Conflict) as releasing:
        actions.release_results(request=order, seen=token, by=luo(county), at=later(140))

    assert {entering.value.code, releasing.value.code} == {"results-changed"}
