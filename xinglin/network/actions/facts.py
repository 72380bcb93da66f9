"""Changing what is known of a facility."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, permissions, policies, queries, timetables
from xinglin.network.events import Event
from xinglin.network.models import Facility
from xinglin.network.names import initials_of
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce


@transaction.atomic
def edit_facility(*, facility: Facility, by: Actor, at: datetime, **changes: Any) -> Facility:
    """Change the facts named (of `checking.EDITABLE`) and no others.

    Putting a unit under another needs the right there too: it gives that unit a say over it.

    :raises NotPermitted: no right at the unit, or at the one it is to stand under
    :raises InvalidInput: a fact is wrong, by field; or the tree would run in a circle
    :raises Conflict: the unit was merged or closed
    """
    facility = Facility.objects.select_for_update().get(pk=facility.pk)
    permissions.may_edit(by, facility).require()
    if unknown := changes.keys() - set(checking.EDITABLE):
        raise InvalidInput(_("没有这些字段。"), fields=dict.fromkeys(sorted(unknown), _("没有这个字段。")))
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    changed = sorted(name for name, value in changes.items() if getattr(facility, name) != value)
    if not changed:
        return facility
    for name in changed:
        setattr(facility, name, changes[name])
    values = {name: getattr(facility, name) for name in (*checking.EDITABLE, "code", "status", "closed_on")}
    checking.refuse(checking.faults_of(values, today=clock.today(at)))
    for name in {"manager", "host"} & set(changed):
        _check_place(by, facility, name)
    facility.timetable = timetables.checked(facility.timetable)
    facility.pinyin_initials = initials_of(facility.short_name or facility.name)
    facility.save(update_fields=[*changed, "pinyin_initials"])
    announce(Event.EDITED, obj=facility, by=by, at=at, place=facility.pk, fields=changed)
    return facility


def _check_place(by: Actor, facility: Facility, name: str) -> None:
    above: Facility | None = getattr(facility, name)
    if above is None:
        return
    by.may(permissions.P.NETWORK_EDIT, at=above.pk).require()
    policies.can_change(above).require()
    # Every move in the tree takes this lock, so that two of them cannot close a circle together.
    list(Facility.objects.select_for_update().filter(manager__isnull=True).values_list("pk", flat=True))
    if above.pk in queries.facility_ids_within(facility.pk, True, ""):
        reason = _("不能把机构归到它自己或它的下级之下。")
        raise InvalidInput(reason, fields={name: reason}, code="tree-circle")


@transaction.atomic
def set_timetable(*, facility: Facility, timetable: Sequence[dict[str, Any]], by: Actor, at: datetime) -> Facility:
    """When a service point is attended."""
    return edit_facility(facility=facility, timetable=timetables.checked(timetable), by=by, at=at)
