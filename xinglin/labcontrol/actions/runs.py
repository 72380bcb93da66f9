"""A run: kept whole or not at all, judged at once, with what its verdict leads to."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, permissions
from xinglin.labcontrol.actions.judging import judge
from xinglin.labcontrol.actions.losses import follow
from xinglin.labcontrol.actions.texts import clean, figure, wrong
from xinglin.labcontrol.data import GivenValue, Source
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Assay, ControlResult, ControlRun, ControlValue, Instrument, Target
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

#: How far the clock of an instrument may be ahead.
AHEAD = timedelta(minutes=10)
MOST_VALUES = 300


@transaction.atomic
def record_run(
    *, instrument: Instrument, run_at: datetime, values: Sequence[GivenValue], source: str = Source.HAND,
    note: str = "", by: Actor, at: datetime,
) -> ControlRun:  # fmt: skip
    """Keep a run with its values and judge each analyte by the instrument's rules.

    A loss of control opens a record of it; a run in control after an action ends the block. Nothing is kept when one
    value cannot be.

    :raises NotPermitted: the actor does not enter control there
    :raises InvalidInput: no values; a value without a place (`values.<n>`); a moment to come, or before the newest run
    :raises Conflict: a run of this moment is there already
    """
    permissions.may_record(by, instrument).require()
    instrument = Instrument.objects.select_for_update().get(pk=instrument.pk)  # runs are judged one after the other
    if not instrument.is_active:
        raise Conflict(_("这台仪器已停用。"), code="instrument-closed")
    if run_at > at + AHEAD:
        raise wrong("run_at", _("测定时间还没有到。"))
    if ControlRun.objects.filter(instrument=instrument, run_at=run_at).exists():
        raise Conflict(_("这个时间的质控结果已经录入。"), code="run-there")
    placed = _placed(instrument, values, run_at)
    run = ControlRun.objects.create(
        instrument=instrument, run_at=run_at, source=source, note=clean(note, "note", most=200), entered_at=at,
        entered_by=by.user_id, entered_by_name=by.name[:40],
    )  # fmt: skip
    verdicts = {assay.analyte: _keep(run, assay, rows, by=by, at=at).verdict for assay, rows in placed.items()}
    announce(Event.RUN_RECORDED, obj=run, by=by, at=at, place=instrument.facility_id, source=source, verdicts=verdicts)
    return run


Placed = list[tuple[Target, Decimal]]


def _keep(run: ControlRun, assay: Assay, rows: Placed, *, by: Actor, at: datetime) -> ControlResult:
    rules = catalogue.rule_set(run.instrument.rules)
    verdict, broken = judge(assay, rules.rules, rows, before=run.run_at)
    result = ControlResult.objects.create(
        run=run, assay=assay, run_at=run.run_at, verdict=verdict, judged_by=rules.version,
        broken=[{"code": each.code, "levels": list(each.levels), "rejects": each.rejects} for each in broken],
    )  # fmt: skip
    ControlValue.objects.bulk_create(
        ControlValue(
            result=result, target=target, level=target.material.level, value=value, counts=target.begun_at is not None
        )
        for target, value in rows
    )
    follow(result, levels={target.material.level for target, _value in rows if target.begun_at}, by=by, at=at)
    return result


def _placed(instrument: Instrument, values: Sequence[GivenValue], run_at: datetime) -> dict[Assay, Placed]:
    """Each value with its target, by assay. :raises InvalidInput: says of each value that has no place why"""
    if not 0 < len(values) <= MOST_VALUES:
        raise wrong("values", _("请填写质控结果，一次最多%(n)d个。") % {"n": MOST_VALUES})
    assays = {each.analyte: each for each in instrument.assays.filter(is_active=True)}
    for assay in assays.values():
        assay.instrument = instrument
    targets = defaultdict(list)
    for target in Target.objects.filter(assay__in=assays.values(), ended_at__isnull=True).select_related("material"):
        targets[target.assay_id, target.material.level].append(target)
    placed: dict[Assay, Placed] = defaultdict(list)
    fields: dict[str, object] = {}
    for number, given in enumerate(values):
        try:
            found = assays.get(given.analyte.strip().lower())
            if found is None:
                raise wrong("", _("这台仪器没有质控项目“%(code)s”。") % {"code": given.analyte[:24]})
            target = _target(targets[found.pk, given.level], given, run_at)
            if any(each.pk == target.pk for each, _value in placed[found]):
                raise wrong("", _("%(analyte)s 的同一水平出现了两次。") % {"analyte": found.analyte})
            placed[found].append((target, figure(given.value, "")))
        except InvalidInput as error:
            fields[f"values.{number}"] = next(iter(error.fields.values()))
    if fields:
        raise InvalidInput(_("有结果不能录入，整批都没有保存。"), fields=fields)
    _refuse_older(placed, run_at)
    order = list(catalogue.levels())
    for rows in placed.values():
        rows.sort(key=lambda row: order.index(row[0].material.level))
    return placed


def _target(offered: list[Target], given: GivenValue, run_at: datetime) -> Target:
    in_use = [each for each in offered if each.begun_at] or offered
    offered = [each for each in offered if each.material.lot == given.lot.strip()] if given.lot else in_use
    if not offered:
        raise wrong("", _("%(analyte)s 的这个水平没有在用的质控品。") % {"analyte": given.analyte[:24]})
    if len(offered) > 1:
        raise wrong("", _("%(analyte)s 的这个水平有几个批号，请写明批号。") % {"analyte": given.analyte[:24]})
    if offered[0].material.expires_on < clock.today(run_at):
        raise wrong("", _("质控品%(lot)s已过期。") % {"lot": offered[0].material.lot})
    return offered[0]


def _refuse_older(placed: dict[Assay, Placed], run_at: datetime) -> None:
    """The rules look back: what comes late would have changed verdicts that people acted on."""
    newer = ControlResult.objects.filter(assay__in=placed, run_at__gt=run_at).select_related("assay").first()
    if newer is not None:
        raise wrong("run_at", _("%(analyte)s 已有更晚的质控结果，不能补录更早的。") % {"analyte": newer.assay.analyte})
