"""The way of a program's request: the same answers, without what belongs to pages."""

import time

import psycopg
import pytest
from django.db import connection
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


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_name_of_the_scheme_may_be_written_in_any_case(client: Client, token: str, scheme: str) -> None:
    answer = client.get("/api/v1/me", HTTP_AUTHORIZATION=token.replace("Bearer", scheme))

    assert (answer.status_code, answer.json()["kind"]) == (200, "token")
    assert answer["Cache-Control"] == "no-store"
    assert "Accept-Language" in answer["Vary"]


def test_a_wrong_token_is_told_so_when_it_writes_too(county: County) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/api/v1/visits", "{}", content_type="application/json", HTTP_AUTHORIZATION="Bearer wrong")

    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


@pytest.mark.django_db(transaction=True)
def test_a_closed_connection_is_noticed_before_it_is_used() -> None:
    county = County()
    resident = a_resident(county)
    token = "Bearer " + token_for(county.users["alma"], at=clock.now())
    client, url = Client(), f"/api/v1/residents/{resident.uuid}"
    assert client.get(url, HTTP_AUTHORIZATION=token).status_code == 200

    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.get_connection_params()) as other:  # as a restart of the database ends it
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    time.sleep(0.2)
    connection.close_if_unusable_or_obsolete()  # what Django does when a request begins

    assert client.get(url, HTTP_AUTHORIZATION=token).status_code == 200


def test_a_path_the_api_does_not_have_is_answered_as_json(client: Client, token: str) -> None:
    answer = client.get("/api/v1/no-such-thing", HTTP_AUTHORIZATION=token)

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "application/json")
