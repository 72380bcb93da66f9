"""Types of a request after the middleware has been through."""

from datetime import datetime
from typing import TypedDict

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from xinglin.platform import clock
from xinglin.platform.actors import Actor


class Request(HttpRequest):
    """A request that knows who asks (`actor`) and whether htmx asks (`htmx`)."""

    actor: Actor
    htmx: HtmxDetails


class Stamp(TypedDict):
    """What every action wants to know last: by whom, and when."""

    by: Actor
    at: datetime


def stamp(request: Request) -> Stamp:
    """Who asks, and the moment he does: ``act(…, **stamp(request))``."""
    return {"by": request.actor, "at": clock.now()}
