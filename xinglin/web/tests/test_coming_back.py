"""After a session ended, the way back leads to the page that was open, with its query."""

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import County

pytestmark = pytest.mark.django_db
PAGE = "/diagnostics/sent/?show=all&q=a%26b"
BACK = "/sign-in/?next=/diagnostics/sent/%3Fshow%3Dall%26q%3Da%2526b"


def test_a_page_keeps_its_query_through_signing_in():
    assert Client().get(PAGE)["Location"] == BACK


def test_a_form_sent_too_late_leads_back_to_the_page_it_stood_on(county: County):
    client = Client(enforce_csrf_checks=True, headers={"referer": f"http://testserver{PAGE}"})
    answer = client.post("/pathology/desk/", {})
    foreign = Client(enforce_csrf_checks=True, headers={"referer": "http://elsewhere.test/x"}).post("/visits/", {})
    county.alma  # noqa: B018 - makes the account
    known = sign_in(client, county.users["alma"]).post("/pathology/desk/", {})

    assert (answer.status_code, foreign.status_code, known.status_code) == (403, 403, 403)
    assert f'href="{BACK}"' in answer.content.decode()
    assert 'href="/sign-in/?next=/"' in foreign.content.decode()
    assert "elsewhere" not in foreign.content.decode()
    assert 'href="/diagnostics/sent/?show=all&amp;q=a%26b"' in known.content.decode()
