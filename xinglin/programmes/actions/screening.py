"""A resident is screened for every programme that foresees him; what is positive makes him a candidate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.programmes import answering, evidence, permissions, policies, screening, secrecy
from xinglin.programmes.actions.enrolling import note_candidate
from xinglin.programmes.data import FoundBy
from xinglin.programmes.events import Event
from xinglin.programmes.models import Screening, ScreeningResult
from xinglin.residents import api as residents


@transaction.atomic
def record_screening(
    *, resident: Any, facility_id: int, answers: Mapping[str, Any], by: Actor, at: datetime
) -> Screening:
    """Keep what was asked and measured, and what it comes to in each programme. Positive ones are looked at by a person.

    :raises NotPermitted: the actor manages nobody at the facility
    :raises Conflict: the resident died or left; nothing screens him; or two did it at one moment
    :raises InvalidInput: a value cannot be, or nothing was answered
    """
    permissions.may_begin(by, facility_id).require()
    policies.can_be_managed(resident).require()
    today = clock.today(at)
    form = screening.form_for(by, resident, at=at)
    if not form.programmes:
        raise Conflict(_("没有适合这位居民的筛查。"), code="nothing-to-screen")
    values = answering.read(answers, form.codes, on=today)
    if not values:
        raise InvalidInput(_("请至少填写一项。"), fields={each: _("必填。") for each in sorted(form.codes)[:1]})
    row = Screening.objects.create(
        resident=resident, facility_id=facility_id, screened_at=at, screened_by=by.user_id,
        screened_by_name=by.name[:40], answers=answering.kept(values),
    )  # fmt: skip
    ids = residents.ids_of_person(resident)
    found = screening.results(form, values, on=today)
    slugs = [programme.slug for programme, _result in found]
    ScreeningResult.objects.filter(resident_id__in=ids, programme__in=slugs, is_latest=True).update(is_latest=False)
    try:
        with transaction.atomic():
            ScreeningResult.objects.bulk_create(_row(row, programme, result) for programme, result in found)
    except IntegrityError as error:
        raise Conflict(_("别人刚刚做过筛查，请刷新后再看。"), code="screened-now") from error
    for programme, result in found:
        if result.positive:
            pieces = [*map(evidence.of_reason, result.reasons[:5]), evidence.of_step(programme.version, "screening")]
            note_candidate(
                resident=resident, programme=programme.slug, found_by=FoundBy.SCREENING,
                evidence=pieces, by=by, at=at,
            )  # fmt: skip
    announce(
        Event.SCREENED, obj=row, subject=resident.uuid, by=by, at=at, place=facility_id,
        positive=[secrecy.told(programme.slug) for programme, result in found if result.positive],
    )  # fmt: skip
    return row


def _row(row: Screening, programme: Any, result: Any) -> ScreeningResult:
    return ScreeningResult(
        screening=row, resident=row.resident, programme=programme.slug, version=programme.version,
        is_positive=result.positive, is_high_risk=result.is_high_risk,
        score="" if result.score is None else str(result.score)[:20], reasons=[evidence.of_reason(each) for each in result.reasons],
        missing=list(result.missing), again_on=result.again_on,
    )  # fmt: skip
