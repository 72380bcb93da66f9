"""The state of a page whose figures are being computed: how far it is, and it opens by itself."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpResponse

from xinglin.indicators.readiness import Need, waiting_for
from xinglin.platform.waiting import AGAIN
from xinglin.web.answers import page
from xinglin.web.request import Request


def waiting(request: Request, needs: Iterable[Need], *, at: datetime) -> HttpResponse | None:
    """The page that says so while something a page needs is not kept; None: it can be shown."""
    progress = waiting_for(request.actor, needs, at=at)
    if progress is None:
        return None
    answer = page(request, "indicators/waiting.html", status=202, progress=progress, again=AGAIN)
    answer["Retry-After"] = str(AGAIN)
    return answer
