"""Instruments and what they measure under control."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, permissions
from xinglin.labcontrol.actions.texts import clean, wrong
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Assay, Instrument
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce

#: Two weeks: no analyte that is reported is controlled more seldom.
MOST_HOURS = 336


@transaction.atomic
def add_instrument(
    *, facility_id: int, name: str, model: str = "", serial: str = "", rules: str = "", only_warns: bool = False,
    equipment_id: int | None = None, by: Actor, at: datetime,
) -> Instrument:  # fmt: skip
    """Put an analyser of a facility under control.

    :raises NotPermitted: the actor does not manage control there
    :raises Conflict: one of that name is there already
    """
    permissions.may_manage(by, facility_id).require()
    name = clean(name, "name", most=60, least=1)
    if Instrument.objects.filter(facility_id=facility_id, name=name, is_active=True).exists():
        raise Conflict(_("本机构已有同名的检验仪器。"), code="name-taken")
    instrument = Instrument.objects.create(
        facility_id=facility_id, name=name, model=clean(model, "model", most=60),
        serial=clean(serial, "serial", most=40), equipment_id=equipment_id, only_warns=only_warns, added_at=at,
        rules=catalogue.rule_set(rules or catalogue.default_rules()).slug,
    )  # fmt: skip
    announce(Event.INSTRUMENT_ADDED, obj=instrument, by=by, at=at, place=facility_id, rules=instrument.rules)
    return instrument


@transaction.atomic
def change_instrument(
    *, instrument: Instrument, rules: str, only_warns: bool, is_active: bool = True, by: Actor, at: datetime
) -> Instrument:
    """Choose its rules, whether a missing run blocks, and whether it is in use. What was judged stays as it was judged.

    :raises NotPermitted: the actor does not manage control there
    """
    permissions.may_manage(by, instrument.facility_id).require()
    rules = catalogue.rule_set(rules).slug
    Instrument.objects.filter(pk=instrument.pk).update(rules=rules, only_warns=only_warns, is_active=is_active)
    instrument.refresh_from_db()
    announce(
        Event.INSTRUMENT_CHANGED, obj=instrument, by=by, at=at, place=instrument.facility_id, rules=rules,
        only_warns=only_warns, is_active=is_active,
    )  # fmt: skip
    return instrument


@transaction.atomic
def add_assay(
    *, instrument: Instrument, analyte: str, title: str = "", unit: str = "", decimals: int = 2,
    interval_hours: int = 24, by: Actor, at: datetime,
) -> Assay:  # fmt: skip
    """Put an analyte of an instrument under control; its results are released only while it is in control.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: the analyte is not one of the laboratory's
    :raises Conflict: it is there already
    """
    permissions.may_manage(by, instrument.facility_id).require()
    code = catalogue.checked_code(analyte)
    known = catalogue.analytes().get(code)
    title = clean(title or (known.title_zh if known else ""), "title", most=60, least=1)
    unit = clean(unit or (known.unit if known else ""), "unit", most=20)
    _check(interval_hours, decimals)
    if Assay.objects.filter(instrument=instrument, analyte=code).exists():
        raise Conflict(_("这台仪器已有这个质控项目。"), code="assay-there")
    assay = Assay.objects.create(
        instrument=instrument, analyte=code, title=title, unit=unit, decimals=decimals,
        interval_hours=interval_hours, added_at=at,
    )  # fmt: skip
    announce(Event.ASSAY_ADDED, obj=assay, by=by, at=at, place=instrument.facility_id, analyte=code)
    return assay


@transaction.atomic
def change_assay(*, assay: Assay, interval_hours: int, is_active: bool = True, by: Actor, at: datetime) -> Assay:
    """How often it is to be controlled, and whether at all.

    :raises NotPermitted: the actor does not manage control there
    """
    permissions.may_manage(by, assay.instrument.facility_id).require()
    _check(interval_hours, assay.decimals)
    Assay.objects.filter(pk=assay.pk).update(interval_hours=interval_hours, is_active=is_active)
    assay.refresh_from_db()
    announce(
        Event.ASSAY_CHANGED, obj=assay, by=by, at=at, place=assay.instrument.facility_id,
        interval_hours=interval_hours, is_active=is_active,
    )  # fmt: skip
    return assay


def _check(interval_hours: int, decimals: int) -> None:
    if not 1 <= interval_hours <= MOST_HOURS:
        raise wrong("interval_hours", _("质控间隔应在1到%(n)d小时之间。") % {"n": MOST_HOURS})
    if not 0 <= decimals <= 5:  # noqa: PLR2004
        raise wrong("decimals", _("小数位数应在0到5之间。"))
