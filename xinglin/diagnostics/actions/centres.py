"""Where a shared centre is and what it promises."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, permissions
from xinglin.diagnostics.actions.texts import clean
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Centre
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce


@transaction.atomic
def open_centre(
    *,
    code: str,
    name: str,
    facility_id: int,
    kind: str = "ECG",
    minutes: dict[str, int] | None = None,
    by: Actor,
    at: datetime,
) -> Centre:
    """Open a shared centre at a facility. `minutes` overrides the definition: routine, urgent, critical, claim.

    :raises NotPermitted: the actor does not run the network there
    :raises InvalidInput: no such kind of centre, or an empty name
    :raises Conflict: the code is taken
    """
    permissions.may_open_centre(by, facility_id).require()
    promised = {**catalogue.promises(kind), **(minutes or {})}
    if Centre.objects.filter(code=code).exists():
        raise Conflict(_("这个中心代码已被使用。"), code="code-taken")
    centre = Centre.objects.create(
        code=clean(code, "code", most=20, least=1), name=clean(name, "name", most=60, least=1), kind=kind,
        facility_id=facility_id, minutes_routine=promised["routine"], minutes_urgent=promised["urgent"],
        minutes_critical=promised["critical"], minutes_claim=promised["claim"],
    )  # fmt: skip
    announce(Event.CENTRE_OPENED, obj=centre, by=by, at=at, place=facility_id, kind_of_centre=kind)
    return centre
