"""The front door of accounts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.actions import open_break_glass
from xinglin.accounts.data import Permission
from xinglin.accounts.gates import WAY_ON
from xinglin.accounts.queries import actor_of_token, actor_of_user, open_emergency
from xinglin.accounts.roles import ROLES, Role
from xinglin.accounts.scopes import use_resolver
from xinglin.platform.errors import NotSignedIn
from xinglin.web.answers import done
from xinglin.web.request import Request

__all__ = [
    "ROLES",
    "Permission",
    "Role",
    "actor_of_token",
    "actor_of_user",
    "open_break_glass",
    "open_emergency",
    "signed_in",
    "use_resolver",
]

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Let a view be reached by a known person only; one with an open duty (password, second factor) is sent there first.

    :raises NotSignedIn: nobody is known to have asked
    """

    @wraps(view)
    def wrapped(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.actor.is_known:
            raise NotSignedIn(_("请先登录。"))
        gate = getattr(request, "gate", None)
        if gate is not None:
            return done(request, reverse(WAY_ON[gate]))
        return view(request, *args, **kwargs)

    return wrapped
