"""Who asks: turns a session or a bearer token into an `Actor`, and ends sessions that are idle or too old."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from django.contrib.auth import logout
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from xinglin.accounts import gates, queries, sessions
from xinglin.accounts.addresses import address_of
from xinglin.platform import clock
from xinglin.platform.actors import ANONYMOUS, Actor, Trace
from xinglin.web.middleware import database_unavailable
from xinglin.web.programs import bearer_token


class ActorMiddleware:
    """Sets ``request.actor``. A token that is unknown, expired or revoked leaves nobody: the API answers 401.

    An account with an open duty (password to change, second factor to set up) is known but holds no grant;
    ``request.gate`` names the duty and `xinglin.accounts.api.signed_in` leads to it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.gate = None  # type: ignore[attr-defined]
        try:
            request.actor = self.actor_of(request)  # type: ignore[attr-defined]
        except OperationalError as error:
            return database_unavailable(request, error)
        return self.get_response(request)

    def actor_of(self, request: HttpRequest) -> Actor:
        """The actor of a request."""
        now = clock.now()
        trace = Trace(address=address_of(request))
        token = bearer_token(request)
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            return queries.actor_of_token(digest, at=now, trace=trace) or anonymous(trace)
        if not request.user.is_authenticated:
            return anonymous(trace)
        if not sessions.is_alive(request, at=now):
            logout(request)
            return anonymous(trace)
        actor = queries.actor_of_user(request.user, at=now, trace=trace)
        gate = gates.shut_gate(request, request.user, actor, at=now)
        request.gate = gate  # type: ignore[attr-defined]
        return replace(actor, grants=()) if gate else actor


def anonymous(trace: Trace) -> Actor:
    """Nobody, from an address."""
    return Actor(kind=ANONYMOUS.kind, trace=trace)
