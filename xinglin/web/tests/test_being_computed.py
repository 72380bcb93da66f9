"""A form that had to wait for the worker can be sent again as it was typed."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

from xinglin.platform.actors import ANONYMOUS
from xinglin.platform.errors import BeingComputed
from xinglin.web.middleware import error_response


def asked(request: HttpRequest) -> HttpRequest:
    request.actor, request.user, request.htmx = ANONYMOUS, AnonymousUser(), False  # type: ignore[attr-defined]
    return request


@pytest.mark.django_db
def test_what_was_typed_is_offered_to_be_sent_again() -> None:
    request = asked(RequestFactory().post("/board/returns/publish/?x=1", {"title": "十月<b>", "kinds": ["a", "b"]}))

    answer = error_response(request, BeingComputed("在算"))
    shown = answer.content.decode()

    assert answer.status_code == 503
    assert 'action="/board/returns/publish/?x=1"' in shown
    assert re.findall(r'type="hidden" name="(title|kinds)" value="([^"]*)"', shown) == [
        ("title", "十月&lt;b&gt;"), ("kinds", "a"), ("kinds", "b"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_form_with_a_file_must_be_filled_in_again() -> None:
    request = asked(RequestFactory().post("/board/returns/send/", {"month": "2026-10"}))
    request._files, request._post = MultiValueDict({"file": [object()]}), QueryDict("month=2026-10")  # type: ignore[attr-defined]

    assert "data-again" not in error_response(request, BeingComputed("在算")).content.decode()


@pytest.mark.django_db
def test_a_page_opens_by_itself() -> None:
    answer = error_response(asked(RequestFactory().get("/board/")), BeingComputed("在算"))

    assert (answer.status_code, "Refresh" in answer.headers) == (202, True)
    assert "data-again" not in answer.content.decode()
