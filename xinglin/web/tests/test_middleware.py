"""What a view could not compute with becomes an answer that says so."""

from datetime import date, timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from xinglin.platform.errors import NotVisible
from xinglin.platform.models import AuditRecord


def far(request: HttpRequest) -> HttpResponse:
    return HttpResponse(date.fromisoformat(request.GET["day"]) + timedelta(days=1))


def nowhere(request: HttpRequest) -> HttpResponse:
    raise NotVisible("a.thing", request.GET["key"])


urlpatterns = [path("far/", far), path("nowhere/", nowhere), path("", include("xinglin.web.tests.urls"))]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_the_day_after_the_last_day_is_the_askers_mistake(client: Client) -> None:
    answer = client.get("/far/", {"day": "9999-12-31"}, headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert "超出了可以计算的范围" in answer.content.decode()
    assert client.get("/far/", {"day": "2026-12-31"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_refusal_is_recorded_whatever_was_asked_for(client: Client) -> None:
    answer = client.get("/nowhere/", {"key": "a\x00b"}, headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert AuditRecord.objects.filter(event="refused.not-found").values_list("object_key", flat=True).get() == "a␀b"
