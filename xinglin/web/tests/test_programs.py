"""The way of a program's request: the same answers, without what belongs to pages."""

import pytest
from django.test import Client

from synth.accounts import token_for
from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord


@pytest.fixture
def token(county: County) -> str:
    """Alma's token, as a header."""
    return "Bearer " + token_for(county.users[county.alma and "alma"], at=clock.now())


def test_a_program_gets_the_headers_of_safety_and_no_cookie(county: County, client: Client, token: str) -> None:
    resident = a_resident(county)

    answer = client.get(f"/api/v1/residents/{resident.uuid}", HTTP_AUTHORIZATION=token)

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "没有找到"), ("en", "found")])
def test_a_program_is_told_in_its_language(client: Client, token: str, language: str, word: str) -> None:
    unknown = "/api/v1/residents/00000000-0000-7000-8000-000000000000"

    answer = client.get(unknown, HTTP_AUTHORIZATION=token, HTTP_ACCEPT_LANGUAGE=language)

    assert answer.status_code == 404
    assert word in answer.json()["message"]


def test_a_host_that_is_not_ours_is_refused(client: Client, token: str) -> None:
    assert (
        client.get("/api/v1/residents?q=王", HTTP_AUTHORIZATION=token, HTTP_HOST="elsewhere.example").status_code == 400
    )


def test_a_token_nobody_knows_is_nobody_and_is_written_down(county: County, client: Client) -> None:
    answer = client.get("/api/v1/residents?q=王", HTTP_AUTHORIZATION="Bearer no-such-token")

    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert AuditRecord.objects.filter(actor_kind="anonymous").exists()


def test_a_path_the_api_does_not_have_is_answered_as_json(client: Client, token: str) -> None:
    answer = client.get("/api/v1/no-such-thing", HTTP_AUTHORIZATION=token)

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "application/json")
