"""Where a shared centre is and what it promises."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, permissions
from xinglin.diagnostics.actions.texts import clean
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Centre
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
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


#: Promises a head may set, in minutes.
MINUTES = ("minutes_routine", "minutes_urgent", "minutes_critical", "minutes_claim")
MOST_MINUTES = 7 * 24 * 60


@transaction.atomic
def change_centre(*, centre: Centre, minutes: dict[str, int], two_step: bool, by: Actor, at: datetime) -> Centre:
    """Set what a centre promises (`MINUTES`), and whether a senior signs what another wrote. Requests under way keep
    the promise they were given.

    :raises NotPermitted: the actor does not answer for the centre
    :raises InvalidInput: not a number of minutes within a week, or routine faster than urgent
    """
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
    permissions.may_change_centre(by, centre).require()
    faults: dict[str, object] = {
        name: _("请填写1到10080分钟。") for name in MINUTES if not 1 <= minutes.get(name, 0) <= MOST_MINUTES
    }
    if not faults and minutes["minutes_urgent"] > minutes["minutes_routine"]:
        faults["minutes_urgent"] = _("加急的时限不能长于常规。")
    if faults:
        raise InvalidInput(_("分钟数不在范围内。"), fields=faults)
    was = {name: getattr(centre, name) for name in (*MINUTES, "two_step")}
    became = {**{name: minutes[name] for name in MINUTES}, "two_step": two_step}
    changed = {name: [was[name], became[name]] for name in became if was[name] != became[name]}
    if changed:
        Centre.objects.filter(pk=centre.pk).update(**became)
        announce(Event.CENTRE_CHANGED, obj=centre, by=by, at=at, place=centre.facility_id, changed=changed)
        centre.refresh_from_db()
    return centre
