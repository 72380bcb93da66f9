"""Figures on a wall: whose eyes it has, what it can do, and when it stops."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.accounts.models import Grant
from xinglin.indicators.actions import screens
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Screen
from xinglin.indicators.screens import period_at
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.tests.test_maps import locate, visits
from xinglin.platform.errors import InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord


def wall_of(county: Any) -> Client:
    """A browser that was made a wall by the manager."""
    assert county.mei
    client = sign_in(Client(), county.users["mei"])
    answer = client.post(
        "/board/screens/",
        {
            "label": "一楼大厅",
            "slugs": ["grassroots-share"],
            "pages": ["work", "outpatient"],
            "period": "this-month",
            "language": "zh-hans",
        },
    )
    assert answer.status_code == 302
    return client


def test_setting_up_a_wall_signs_out_and_the_wall_still_shows(county: Any) -> None:
    locate()
    visits(county)
    extract(at=NOW)
    client = wall_of(county)

    body = client.get("/board/wall/").content.decode()

    assert "sessionid" not in client.cookies or not client.cookies["sessionid"].value
    assert client.get("/board/").status_code != 200
    assert "一楼大厅" in body
    assert "基层诊疗占比" in body
    assert 'data-asks="60"' in body
    cookie = client.cookies["xinglin-screen"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/board/wall/", "Strict")


def test_a_wall_shows_no_few_people_and_no_way_on(county: Any) -> None:
    locate()
    visits(county)  # one visit at 西沟村卫生室
    extract(at=NOW)
    client = wall_of(county)

    shown = client.get("/board/wall/content/").content.decode()

    assert "<a " not in shown
    assert "王小麦" not in shown


def test_a_wall_says_of_the_period_before_that_few_people_are_left_out_and_not_that_nothing_is_known(
    county: Any,
) -> None:
    visits(county)
    a_visit_row(
        county, a_resident(county, name="李四"), facility=county.clinic, at=NOW - timedelta(days=33), number="P"
    )
    extract(at=NOW)
    client = wall_of(county)

    shown = client.get("/board/wall/content/").content.decode()

    assert "上一期 人数太少，不予公布" in shown


def test_a_wall_asks_often_and_is_drawn_once_for_each_extraction(county: Any) -> None:
    extract(at=NOW)
    client = wall_of(county)
    client.get("/board/wall/content/")
    n_looks = AuditRecord.objects.filter(event="board.opened").count()

    for _n in range(3):
        assert client.get("/board/wall/content/").status_code == 200

    assert AuditRecord.objects.filter(event="board.opened").count() == n_looks


def test_a_wall_stops_when_its_owner_loses_the_right_or_ends_it(county: Any) -> None:
    extract(at=NOW)
    client, other = wall_of(county), wall_of(county)
    ended = Screen.objects.latest("id")

    screens.end_screen(uuid=ended.uuid, by=county.mei, at=NOW)
    assert other.get("/board/wall/content/").status_code == 403
    assert client.get("/board/wall/content/").status_code == 200
    Grant.objects.filter(user=county.users["mei"]).update(valid_until=NOW)
    assert client.get("/board/wall/content/").status_code == 403


def test_a_browser_without_the_key_sees_nothing(county: Any) -> None:
    wall_of(county)
    screen = Screen.objects.get()
    for text in ("", "x", str(screen.uuid), f"{screen.uuid}.wrong"):
        stranger = Client()
        stranger.cookies["xinglin-screen"] = text
        assert stranger.get("/board/wall/content/").status_code in {401, 403}
        assert stranger.get("/board/wall/").status_code in {302, 401, 403}


def test_who_may_not_publish_puts_up_no_wall(county: Any) -> None:
    with pytest.raises(NotPermitted):
        screens.register_screen(label="x", slugs=["grassroots-share"], language="en", by=county.alma, at=NOW)
    with pytest.raises(NotPermitted):
        screens.register_screen(label="x", slugs=["grassroots-share"], language="en", by=county.tang, at=NOW)


@pytest.mark.parametrize(
    ("slugs", "language"), [([], "en"), (["grassroots-share"], "fr"), (["a"] * 1 + ["b"] * 1, "en")]
)
def test_a_wall_needs_figures_that_exist_and_a_language(county: Any, slugs: list[str], language: str) -> None:
    with pytest.raises((InvalidInput, NotVisible)):
        screens.register_screen(label="x", slugs=slugs, language=language, by=county.mei, at=NOW)


def test_a_wall_shows_the_period_and_the_pages_it_was_set_up_with_or_its_address_asks_for(county: Any) -> None:
    locate()
    visits(county)
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(), county.users["mei"])
    wanted = {
        "label": "二楼",
        "slugs": ["visits-signed"],
        "pages": ["outpatient"],
        "period": "last-month",
        "language": "zh-hans",
    }
    assert client.post("/board/screens/", wanted).status_code == 302

    before, now = (client.get(f"/board/wall/content/{asked}").content.decode() for asked in ("", "?period=2026-11"))

    assert "<small>2026-10</small>" in before
    assert "<small>2026-11</small>" in now
    assert now.count("data-page") == 2
    assert "工作量" not in now
    assert client.get("/board/wall/content/?period=soon").status_code == 422
    assert (
        'data-url="/board/wall/content/?period=2026-Q4"' in client.get("/board/wall/?period=2026-Q4").content.decode()
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("this-month", "2026-11"), ("last-month", "2026-10"), ("this-quarter", "2026-Q4"), ("to-date", "2026-11-YTD"),
     ("this-year", "2026"), ("2025-Q1", "2025-Q1")],
)  # fmt: skip
def test_a_period_moves_with_the_days_or_stays(text: str, wanted: str) -> None:
    assert period_at(text, NOW) == wanted


@pytest.mark.parametrize("more", [{"period": "soon"}, {"pages": ["weather"]}])
def test_a_wall_needs_a_period_and_pages_that_exist(county: Any, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        screens.register_screen(label="x", slugs=["visits-signed"], language="en", by=county.mei, at=NOW, **more)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_is_signed_in_may_look_at_it_and_it_does_not_ask_again(county: Any, language: str) -> None:
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE=language), county.users["mei"])

    assert 'data-asks="0"' in client.get("/board/wall/").content.decode()
    assert client.get("/board/screens/").status_code == 200
