"""Targets: mean and SD of an assay for a lot. Each change is a new version; the former ends in the same moment."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import figures, permissions
from xinglin.labcontrol.actions.texts import PLACES, clean, figure, wrong
from xinglin.labcontrol.data import TargetSource
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Assay, ControlMaterial, ControlValue, Target
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import impossible
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce

#: A lot is used up long before.
MOST_OWN = 1_000


@transaction.atomic
def set_target(
    *, assay: Assay, material: ControlMaterial, mean: Decimal | None, sd: Decimal | None, begins: bool = True,
    note: str = "", by: Actor, at: datetime,
) -> Target:  # fmt: skip
    """Give an assay mean and SD for a lot, from the sheet; without them the lot runs in parallel until they are known.

    `begins`: the rules look at its values from now on, and other lots of its level end. Otherwise it runs in parallel.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: only one of mean and SD, or an SD that is not above 0; it cannot begin without them
    """
    _check(assay, material, by)
    if (mean is None) != (sd is None):
        raise wrong("sd" if sd is None else "mean", _("均值和标准差要一起填写。"))
    if mean is None or sd is None:
        if begins:
            raise wrong("mean", _("还没有均值和标准差，只能平行测定。"))
        return _new(assay, material, by=by, at=at, source=TargetSource.NONE, note=note)
    return _new(
        assay, material, by=by, at=at, source=TargetSource.SHEET, note=note, begins=begins,
        mean=figure(mean, "mean"), sd=figure(sd, "sd", above=Decimal(0)),
    )  # fmt: skip


@transaction.atomic
def compute_target(
    *, assay: Assay, material: ControlMaterial, left_out: Collection[int] = (), begins: bool = True, note: str = "",
    by: Actor, at: datetime,
) -> Target:  # fmt: skip
    """Compute mean and SD from all own results of the lot (cumulative), without those named as outliers.

    :raises NotPermitted: the actor does not manage control there
    :raises InvalidInput: fewer than 20 results are left, or they do not vary
    """
    _check(assay, material, by)
    rows = own_values(assay, material)
    kept = [row.value for row in rows if row.pk not in left_out]
    if unknown := set(left_out) - {row.pk for row in rows}:
        raise wrong("left_out", _("要剔除的结果不在这个批号里：%(n)d 个。") % {"n": len(unknown)})
    if len(kept) < figures.LEAST_OWN:
        raise wrong(
            "left_out", _("至少要%(least)d个结果，现在是%(n)d个。") % {"least": figures.LEAST_OWN, "n": len(kept)}
        )
    found = figures.summary(kept)
    mean, sd = (found.mean or Decimal(0)).quantize(PLACES), (found.sd or Decimal(0)).quantize(PLACES)
    if sd <= 0:
        raise wrong("left_out", _("这些结果完全相同，算不出标准差。"))
    out = [f"{row.value.normalize():f}" for row in rows if row.pk in left_out]
    return _new(
        assay, material, by=by, at=at, source=TargetSource.COMPUTED, note=note, begins=begins, mean=mean, sd=sd,
        n_values=len(kept), left_out=out,
    )  # fmt: skip


@transaction.atomic
def begin_target(*, target: Target, by: Actor, at: datetime) -> Target:
    """End the parallel phase: from now on this lot is judged, and the former lot of its level ends.

    :raises NotPermitted: the actor does not manage control there
    :raises Conflict: it has begun, has ended, or has no mean yet
    """
    permissions.may_manage(by, target.assay.instrument.facility_id).require()
    if target.ended_at or target.begun_at:
        impossible("begun", _("这个靶值已经启用或已停用。")).require()
    if target.mean is None:
        impossible("no-mean", _("还没有均值和标准差，不能启用。")).require()
    _end_others(target.assay, target.material, at)
    Target.objects.filter(pk=target.pk, begun_at__isnull=True).update(begun_at=at)
    target.refresh_from_db()
    announce(Event.TARGET_BEGUN, obj=target, by=by, at=at, place=target.assay.instrument.facility_id)
    return target


@transaction.atomic
def end_target(*, target: Target, by: Actor, at: datetime) -> Target:
    """Take a lot of an assay out of control; without another, its level is no longer asked for.

    :raises NotPermitted: the actor does not manage control there
    """
    permissions.may_manage(by, target.assay.instrument.facility_id).require()
    Target.objects.filter(pk=target.pk, ended_at__isnull=True).update(ended_at=at)
    target.refresh_from_db()
    announce(Event.TARGET_ENDED, obj=target, by=by, at=at, place=target.assay.instrument.facility_id)
    return target


def own_values(assay: Assay, material: ControlMaterial) -> list[ControlValue]:
    """The results of an assay for a lot, oldest first, whichever target stood at the time; the newest 1,000."""
    rows = ControlValue.objects.filter(target__assay=assay, target__material=material)
    return list(rows.select_related("result__run", "target").order_by("-result__run_at", "-id")[:MOST_OWN])[::-1]


def _check(assay: Assay, material: ControlMaterial, by: Actor) -> None:
    permissions.may_manage(by, assay.instrument.facility_id).require()
    if material.facility_id != assay.instrument.facility_id or not material.is_active:
        raise InvalidInput(_("这个质控品已停用，或不是本机构的。"), fields={"material": _("请从列表中选择。")})


def _new(
    assay: Assay, material: ControlMaterial, *, by: Actor, at: datetime, source: TargetSource, note: str,
    begins: bool = False, mean: Decimal | None = None, sd: Decimal | None = None, n_values: int = 0,
    left_out: list[str] | None = None,
) -> Target:  # fmt: skip
    Assay.objects.select_for_update().get(pk=assay.pk)
    versions = Target.objects.filter(assay=assay, material=material)
    version = (versions.aggregate(newest=Max("version"))["newest"] or 0) + 1
    versions.filter(ended_at__isnull=True).update(ended_at=at)
    if begins:
        _end_others(assay, material, at)
    target = Target.objects.create(
        assay=assay, material=material, version=version, mean=mean, sd=sd, source=source, n_values=n_values,
        left_out=left_out or [], note=clean(note, "note", most=200), set_at=at, set_by=by.user_id,
        set_by_name=by.name[:40], begun_at=at if begins else None,
    )  # fmt: skip
    announce(
        Event.TARGET_SET, obj=target, by=by, at=at, place=assay.instrument.facility_id, source=source,
        version=version, begins=begins, n_values=n_values, n_left_out=len(target.left_out),
    )  # fmt: skip
    return target


def _end_others(assay: Assay, material: ControlMaterial, at: datetime) -> None:
    """The lots of the same level that were judged until now."""
    Target.objects.filter(
        assay=assay, material__level=material.level, ended_at__isnull=True, begun_at__isnull=False
    ).exclude(material=material).update(ended_at=at)
