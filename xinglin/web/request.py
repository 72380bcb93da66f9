"""Types of a request after the middleware has been through."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from xinglin.platform.actors import Actor


class Request(HttpRequest):
    """A request that knows who asks (`actor`) and whether htmx asks (`htmx`)."""

    actor: Actor
    htmx: HtmxDetails
