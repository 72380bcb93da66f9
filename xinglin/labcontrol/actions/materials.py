"""Control materials: lots that come, are opened, and end."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, permissions
from xinglin.labcontrol.actions.texts import clean, wrong
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import ControlMaterial, Target
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce


@transaction.atomic
def add_material(
    *, facility_id: int, maker: str, name: str, lot: str, level: str, expires_on: date, open_days: int | None = None,
    by: Actor, at: datetime,
) -> ControlMaterial:  # fmt: skip
    """Register a lot of a control material at one level.

    :raises NotPermitted: the actor does not enter control there
    :raises InvalidInput: no such level, or it has expired
    :raises Conflict: this lot and level is there already
    """
    permissions.may_keep_materials(by, facility_id).require()
    if level not in catalogue.levels():
        raise wrong("level", _("没有这个水平。"))
    if expires_on < clock.today(at):
        raise wrong("expires_on", _("这个批号已经过期。"))
    if open_days is not None and not 1 <= open_days <= 365:  # noqa: PLR2004
        raise wrong("open_days", _("开瓶有效期应在1到365天之间。"))
    given = {
        "maker": clean(maker, "maker", most=60, least=1), "lot": clean(lot, "lot", most=40, least=1), "level": level,
        "facility_id": facility_id,
    }  # fmt: skip
    if ControlMaterial.objects.filter(**given).exists():
        raise Conflict(_("这个批号和水平的质控品已经登记。"), code="material-there")
    material = ControlMaterial.objects.create(
        **given, name=clean(name, "name", most=60, least=1), expires_on=expires_on, open_days=open_days, added_at=at
    )
    announce(Event.MATERIAL_ADDED, obj=material, by=by, at=at, place=facility_id, lot=material.lot, level=level)
    return material


@transaction.atomic
def open_material(*, material: ControlMaterial, on: date, by: Actor, at: datetime) -> ControlMaterial:
    """Note the day on which the vial in use was opened; the next vial of the lot is opened in the same way.

    :raises NotPermitted: the actor does not enter control there
    :raises InvalidInput: the day is to come, or the lot had expired
    """
    permissions.may_keep_materials(by, material.facility_id).require()
    if on > clock.today(at) or on > material.expires_on:
        raise wrong("opened_on", _("开瓶日期不能晚于今天和有效期。"))
    ControlMaterial.objects.filter(pk=material.pk).update(opened_on=on)
    material.refresh_from_db()
    announce(Event.MATERIAL_OPENED, obj=material, by=by, at=at, place=material.facility_id, on=on.isoformat())
    return material


@transaction.atomic
def retire_material(*, material: ControlMaterial, by: Actor, at: datetime) -> ControlMaterial:
    """Take a lot out of use; its targets end with it.

    :raises NotPermitted: the actor does not enter control there
    """
    permissions.may_keep_materials(by, material.facility_id).require()
    ControlMaterial.objects.filter(pk=material.pk).update(is_active=False)
    n_ended = Target.objects.filter(material=material, ended_at__isnull=True).update(ended_at=at)
    material.refresh_from_db()
    announce(Event.MATERIAL_RETIRED, obj=material, by=by, at=at, place=material.facility_id, targets_ended=n_ended)
    return material
