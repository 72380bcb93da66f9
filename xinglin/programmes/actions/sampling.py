"""Quality control: visits drawn by a seeded rule, their truth asked by somebody else."""

import hashlib
import heapq
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce
from xinglin.programmes import judging, permissions
from xinglin.programmes.actions.texts import code, required, text
from xinglin.programmes.data import CheckResult
from xinglin.programmes.events import Event
from xinglin.programmes.models import ProgrammeVisit, QualityCheck
from xinglin.programmes.settings import rule


@transaction.atomic
def draw_sample(*, programme: str, by: Actor, at: datetime) -> list[QualityCheck]:
    """Draw visits of a programme for call-back; those drawn now. The seed is the month: nobody chooses whom it hits.

    Drawn again in the same month those stand, and are only filled up to the number that is asked for when there were too few visits.

    :raises NotPermitted: the actor does not lead
    :raises InvalidInput: no such programme
    """
    permissions.may_lead(by).require()
    today = clock.today(at)
    judging.programme_of(programme, on=today)
    seed = f"{programme} {today:%Y-%m}"
    places = by.places_where(Permission.PROGRAMME_LEAD)
    here = ProgrammeVisit.objects.all() if places is None else ProgrammeVisit.objects.filter(facility_id__in=places)
    visits = here.filter(
        results__enrolment__programme=programme, replaced_by__isnull=True,
        happened_at__gte=at - timedelta(days=rule("quality", "days")),
    )  # fmt: skip
    drawn_before = QualityCheck.objects.filter(programme=programme)
    n = max(0, rule("quality", "sample") - drawn_before.filter(seed=seed, visit__in=here).count())
    uuids = visits.exclude(pk__in=drawn_before.values("visit")).values_list("uuid", flat=True).distinct()
    hit = heapq.nsmallest(n, uuids.iterator(), key=lambda each: _lot(seed, each))
    drawn = []
    for visit in ProgrammeVisit.objects.filter(uuid__in=hit).select_related("resident"):
        check, is_new = QualityCheck.objects.get_or_create(
            visit=visit, programme=programme,
            defaults={"seed": seed, "drawn_at": at, "drawn_by": by.user_id, "drawn_by_name": by.name[:40]},
        )  # fmt: skip
        if is_new:
            drawn.append(check)
            announce(
                Event.CHECK_DRAWN,
                obj=check,
                subject=visit.resident.uuid,
                by=by,
                at=at,
                place=visit.facility_id,
                seed=seed,
            )
    return drawn


def _lot(seed: str, visit: UUID) -> str:
    return hashlib.sha256(f"{seed} {visit}".encode()).hexdigest()


@transaction.atomic
def check_visit(*, check: QualityCheck, result: str, note: str = "", by: Actor, at: datetime) -> QualityCheck:
    """Write down what the call-back found; what is not true wants words. Who was not reached may be called again.

    :raises NotPermitted: the actor does not lead there, or made the visit himself
    :raises Conflict: it has been checked
    """
    permissions.may_check(by, check).require()
    chosen = code("result", result, CheckResult)
    is_doubtful = chosen in {CheckResult.PARTLY, CheckResult.FALSE}
    note = required("note", note, 500) if is_doubtful else text("note", note, 500)
    open_rows = QualityCheck.objects.filter(pk=check.pk, result__in=["", CheckResult.UNREACHED])
    facts = {"checked_at": at, "checked_by": by.user_id, "checked_by_name": by.name[:40]}
    if not open_rows.update(result=chosen, note=note, **facts):
        raise Conflict(_("这次随访已核查过。"), code="already-checked")
    check.refresh_from_db()
    announce(
        Event.CHECKED, obj=check, subject=check.visit.resident.uuid, by=by, at=at, place=check.visit.facility_id,
        result=chosen,
    )  # fmt: skip
    return check
