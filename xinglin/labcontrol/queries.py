"""What may be read of laboratory control, always from an actor's point of view: the facilities where he may look at it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Prefetch, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.labcontrol.models import (
    Assay,
    ControlMaterial,
    ControlResult,
    ControlRun,
    ControlValue,
    EqaRound,
    EqaScheme,
    EqaScore,
    Instrument,
    OutOfControl,
    Target,
)
from xinglin.labcontrol.states import UNFINISHED, Status
from xinglin.platform.actors import Actor
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of

RowT = TypeVar("RowT", bound=Model)
#: Warn so many days before a material expires or an assessment lapses.
SOON_DAYS = 30


def _scoped(rows: QuerySet[RowT], actor: Actor, path: str, permission: str = Permission.CONTROL_VIEW) -> QuerySet[RowT]:
    places = actor.places_where(permission)
    return rows if places is None else rows.filter(**{f"{path}__in": places})


def instruments_visible_to(actor: Actor) -> QuerySet[Instrument]:
    """Instruments of the facilities where the actor may look at control."""
    return _scoped(Instrument.objects.select_related("facility"), actor, "facility_id")


def instrument_called(facility_id: int, name: str) -> UUID | None:
    """The instrument of a facility that its device names so: by name, model or serial number; None when none, or several."""
    found = Instrument.objects.filter(facility_id=facility_id, is_active=True)
    named = found.filter(Q(name=name) | Q(model=name) | Q(serial=name)).values_list("uuid", flat=True)[:2]
    return named[0] if name and len(named) == 1 else None


def visible_instrument(actor: Actor, uuid: UUID) -> Instrument:
    """One. :raises NotVisible: absent, or elsewhere"""
    return the_one(instruments_visible_to(actor), uuid=uuid)


def assays_visible_to(actor: Actor) -> QuerySet[Assay]:
    """What these instruments measure under control."""
    return _scoped(Assay.objects.select_related("instrument__facility"), actor, "instrument__facility_id")


def visible_assay(actor: Actor, uuid: UUID) -> Assay:
    """One. :raises NotVisible: absent, or elsewhere"""
    return the_one(assays_visible_to(actor), uuid=uuid)


def materials_visible_to(actor: Actor) -> QuerySet[ControlMaterial]:
    """Control materials of these facilities."""
    return _scoped(ControlMaterial.objects.select_related("facility"), actor, "facility_id")


def visible_material(actor: Actor, uuid: UUID) -> ControlMaterial:
    """One. :raises NotVisible: absent, or elsewhere"""
    return the_one(materials_visible_to(actor), uuid=uuid)


def visible_target(actor: Actor, uuid: UUID) -> Target:
    """One version of a target. :raises NotVisible: absent, or elsewhere"""
    rows = Target.objects.select_related("assay__instrument", "material")
    return the_one(_scoped(rows, actor, "assay__instrument__facility_id"), uuid=uuid)


def visible_run(actor: Actor, uuid: UUID) -> ControlRun:
    """One run with its results. :raises NotVisible: absent, or elsewhere"""
    rows = ControlRun.objects.select_related("instrument__facility").prefetch_related(
        "results__assay", "results__loss", "results__values__target__material"
    )
    return the_one(_scoped(rows, actor, "instrument__facility_id"), uuid=uuid)


def losses_visible_to(actor: Actor) -> QuerySet[OutOfControl]:
    """Losses of control of these instruments."""
    rows = OutOfControl.objects.select_related("assay__instrument__facility")
    return _scoped(rows, actor, "assay__instrument__facility_id")


def visible_loss(actor: Actor, uuid: UUID) -> OutOfControl:
    """One. :raises NotVisible: absent, or elsewhere"""
    return the_one(losses_visible_to(actor), uuid=uuid)


def losses(actor: Actor, *, box: str, cursor: str = "") -> Page[OutOfControl]:
    """One page: what is not finished (``open``), or what was closed (anything else), newest first."""
    rows = losses_visible_to(actor)
    chosen = rows.filter(status__in=UNFINISHED) if box == "open" else rows.filter(status=Status.CLOSED)
    return page_of(chosen, by=("-opened_at", "-id"), cursor=cursor)


def open_losses(assay_ids: Iterable[int]) -> list[OutOfControl]:
    """What is not finished of some assays, newest last."""
    rows = OutOfControl.objects.filter(assay_id__in=list(assay_ids), status__in=UNFINISHED)
    return list(rows.order_by("opened_at", "id"))


def targets_in_force(assay_ids: Iterable[int]) -> list[Target]:
    """Targets that have not ended, parallel ones among them."""
    rows = Target.objects.filter(assay_id__in=list(assay_ids), ended_at__isnull=True)
    return list(rows.select_related("material").order_by("material__level", "begun_at", "id"))


def latest_values(assay_ids: Iterable[int]) -> list[ControlValue]:
    """For each assay and level the newest value that was judged."""
    rows = ControlValue.objects.filter(result__assay_id__in=list(assay_ids), counts=True)
    return list(
        rows.select_related("result", "target")
        .order_by("result__assay_id", "level", "-result__run_at", "-id")
        .distinct("result__assay_id", "level")
    )


def values_between(assay: Assay, since: datetime, until: datetime) -> list[ControlValue]:
    """Values of an assay in a half-open period, oldest first, with what the rules said."""
    rows = ControlValue.objects.filter(
        result__assay=assay, result__run_at__gte=since, result__run_at__lt=until
    ).select_related("result__run", "result__loss", "target__material")
    return list(rows.order_by("result__run_at", "level", "id"))


def values_of_facility(facility_ids: Iterable[int], since: datetime, until: datetime) -> QuerySet[ControlValue]:
    """Values of all instruments of facilities in a half-open period, for a month's table."""
    return (
        ControlValue.objects.filter(
            result__assay__instrument__facility_id__in=list(facility_ids), result__run_at__gte=since,
            result__run_at__lt=until,
        )
        .select_related("result__assay__instrument", "result__run", "target__material")
        .order_by("result__assay__instrument__name", "result__assay__analyte", "result__run_at", "level", "id")
    )  # fmt: skip


def results_of_loss(loss: OutOfControl) -> list[ControlResult]:
    """The runs that belong to a loss of control, oldest first."""
    rows = ControlResult.objects.filter(loss=loss).select_related("run")
    values = ControlValue.objects.select_related("target").order_by("level")
    return list(rows.prefetch_related(Prefetch("values", queryset=values)).order_by("run_at", "id"))


def materials_ending(actor: Actor, *, on: date) -> list[ControlMaterial]:
    """Materials in use that have expired or will within 30 days, by the box or by the opened vial."""
    rows = materials_visible_to(actor).filter(is_active=True)
    near = rows.filter(
        Q(expires_on__lte=on + timedelta(days=SOON_DAYS)) | Q(opened_on__isnull=False, open_days__isnull=False)
    )
    return [each for each in near.order_by("expires_on", "id")[:200] if ends_on(each) <= on + timedelta(days=SOON_DAYS)]


def ends_on(material: ControlMaterial) -> date:
    """The last day on which the vial in use may be used."""
    if material.opened_on and material.open_days:
        return min(material.expires_on, material.opened_on + timedelta(days=material.open_days))
    return material.expires_on


def schemes_visible_to(actor: Actor) -> QuerySet[EqaScheme]:
    """External assessments of these facilities."""
    return _scoped(EqaScheme.objects.select_related("facility", "certificate"), actor, "facility_id")


def visible_scheme(actor: Actor, uuid: UUID) -> EqaScheme:
    """One. :raises NotVisible: absent, or elsewhere"""
    return the_one(schemes_visible_to(actor), uuid=uuid)


def visible_round(actor: Actor, uuid: UUID) -> EqaRound:
    """One round with its results. :raises NotVisible: absent, or elsewhere"""
    rows = EqaRound.objects.select_related("scheme__facility").prefetch_related("scores__samples")
    return the_one(_scoped(rows, actor, "scheme__facility_id"), uuid=uuid)


def rounds_of(scheme: EqaScheme) -> list[EqaRound]:
    """Its rounds with their scores, in order. The caller has seen the scheme."""
    return list(scheme.rounds.prefetch_related("scores").order_by("number"))


def scores_until(facility_ids: Iterable[int], *, on: date, analyte: str = "") -> list[EqaScore]:
    """The scores of laboratories (of one analyte, if named) up to a day, newest first, with round and scheme."""
    rows = EqaScore.objects.filter(round__scheme__facility_id__in=set(facility_ids), round__assessed_on__lte=on)
    rows = rows.filter(analyte=analyte) if analyte else rows
    return list(rows.select_related("round__scheme").order_by("-round__assessed_on", "-id"))


def scores_standing(facility_id: int, analyte: str, *, on: date) -> list[EqaScore]:
    """The scores of an analyte in assessments that stand on a day, newest first."""
    rows = EqaScore.objects.filter(
        analyte=analyte, round__scheme__facility_id=facility_id, round__assessed_on__lte=on,
        round__scheme__valid_from__lte=on, round__scheme__valid_until__gt=on,
    )  # fmt: skip
    return list(rows.select_related("round__scheme").order_by("-round__assessed_on", "-id")[:50])


def mean_bias(facility_id: int, analyte: str, *, on: date) -> list[tuple[Decimal | None, Decimal | None]]:
    """Own result and target of each sample in the newest round that stands on a day; for the bias of a month."""
    scores = scores_standing(facility_id, analyte, on=on)
    return list(scores[0].samples.values_list("own", "target")) if scores else []
