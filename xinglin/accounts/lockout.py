"""What a locked-out person is told: the same for an account that exists and one that does not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """429 with the time to wait."""
    answer = render(request, "accounts/locked_out.html", {"minutes": 15}, status=429)
    answer["Retry-After"] = "900"
    return answer
