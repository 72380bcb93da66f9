"""Who may see the board finds this month's figures on the first page; nobody else does."""

from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.figures import worker_at_hand
from tests.factories.referrals import a_referral
from xinglin.indicators.facts.extraction import extract
from xinglin.platform import clock

TITLE = 'id="figures-title"'


def reader(county: County, name: str) -> Client:
    assert getattr(county, name).permissions  # makes the person
    return sign_in(Client(), county.users[name])


def test_a_manager_sees_the_figures_of_the_month(county: County, monkeypatch):
    worker_at_hand(monkeypatch)
    client = reader(county, "mei")
    before = client.get("/").content.decode()

    extract(at=clock.now())
    shown = client.get("/").content.decode()

    assert TITLE not in before
    assert TITLE in shown
    assert reverse("indicators:figure", args=["visits-by-tier"]) in shown


def test_counts_on_the_first_page_are_told_apart_by_their_parts(county: County, monkeypatch):
    worker_at_hand(monkeypatch)
    a_referral(county)
    client = reader(county, "mei")
    extract(at=clock.now())
    client.get("/")

    shown = client.get("/").content.decode()

    assert "上转 1" in shown
    assert "待接收 1" in shown


def test_what_waits_is_refreshed_without_the_figures(county: County, monkeypatch):
    worker_at_hand(monkeypatch)
    client = reader(county, "mei")
    extract(at=clock.now())

    assert TITLE not in client.get("/", headers={"HX-Request": "true"}).content.decode()


def test_a_village_doctor_has_no_figures(county: County):
    extract(at=clock.now())

    assert TITLE not in reader(county, "alma").get("/").content.decode()
