"""The first page after sign-in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.indicators import api as indicators
from xinglin.platform import clock
from xinglin.web.answers import page
from xinglin.web.request import Request
from xinglin.workbench.web import pages


@require_GET
@signed_in
def home(request: Request) -> HttpResponse:
    """What waits for the reader; a resident is taken to the own record."""
    if request.actor.roles == {"resident"}:
        return redirect("residents:own")
    now = clock.now()
    figures = () if request.htmx and not request.htmx.boosted else indicators.glance(request.actor, at=now)
    return page(
        request, "workbench/home.html", fragment="waiting", home=pages.Home.build(request.actor, at=now), figures=figures,
        now=now,
    )  # fmt: skip
