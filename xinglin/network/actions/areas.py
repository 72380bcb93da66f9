"""Areas: groupings across the tree (片区, WH-39). A unit may be in several."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, permissions
from xinglin.network.events import Event
from xinglin.network.models import Area, Facility
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce

MAX_NAME, MAX_CODE = 60, 20


@transaction.atomic
def set_area(*, code: str, name: str, facility_ids: Iterable[int], by: Actor, at: datetime) -> Area:
    """Make an area or change it; `facility_ids` are all its units. The right is asked for at each unit put in or out.

    :raises InvalidInput: code or name are wrong, or a unit does not exist
    """
    code, name, wanted = code.strip(), name.strip(), set(facility_ids)
    permissions.may_set_area(by, ()).require()
    faults: dict[str, object] = {}
    if not checking.is_code(code, MAX_CODE):
        faults["code"] = _("编码只能用字母、数字和 . _ -，最多20位。")
    if not 0 < len(name) <= MAX_NAME or checking.CONTROL.search(name):
        faults["name"] = _("请填写名称，最多60字。")
    if Facility.objects.filter(pk__in=wanted).count() != len(wanted):
        faults["facilities"] = _("有的机构不存在。")
    checking.refuse(faults)
    area, is_new = Area.objects.select_for_update().get_or_create(code=code, defaults={"name": name})
    had = set(area.facilities.values_list("pk", flat=True))
    # A new name concerns every unit that is in it.
    concerned = had ^ wanted if is_new or area.name == name else had | wanted
    permissions.may_set_area(by, concerned).require()
    if is_new and not wanted:
        raise InvalidInput(_("片区至少要有一家机构。"), fields={"facilities": _("片区至少要有一家机构。")})
    area.name = name
    area.save(update_fields=["name"])
    area.facilities.set(wanted)
    announce(Event.AREA_SET, obj=area, by=by, at=at, code=code, n_in=len(wanted - had), n_out=len(had - wanted))
    return area
