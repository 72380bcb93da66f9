"""Who a request is about, as far as its reader may know."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinglin.diagnostics.models import Request
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents


def banner_of(actor: Actor, request: Request, *, at: datetime) -> Any:
    """Who it is about: in full for who sees the resident anyway, else only what reading the trace needs."""
    full = residents.person_of(request.resident, actor)
    if residents.residents_visible_to(actor).filter(pk=request.resident_id).exists():
        return full
    return replace(full, url="", phone_masked="", identity_masked="", flags=(), note=_("仅限本次申请"))
