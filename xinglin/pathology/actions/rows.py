"""Rows as an action needs them: locked, so that two actions on one case come one after the other."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology.events import Event
from xinglin.pathology.models import NumberSeries, PathologyCase
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce


def locked_case(case: PathologyCase) -> PathologyCase:
    """The case as it is now; others wait until this transaction ends. Its request is locked first, as reports do."""
    diagnostics.Request.objects.select_for_update(of=("self",)).get(pk=case.request_id)
    cases = PathologyCase.objects.select_for_update(of=("self",))
    return cases.select_related("request__resident", "centre").get(pk=case.pk)


def next_case_number(centre_id: int, at: datetime) -> str:
    """The next pathology number of a centre in the year of a moment, without gaps, e.g. ``2026-00123``."""
    year = timezone.localtime(at).year
    NumberSeries.objects.get_or_create(centre_id=centre_id, year=year)
    series = NumberSeries.objects.select_for_update().get(centre_id=centre_id, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    return f"{year}-{series.last + 1:05}"


def tell(
    event: Event, case: PathologyCase, by: Actor, at: datetime, *, place: int | None = None, **detail: Any
) -> None:
    """Announce what happened to a case; at the centre unless another place is said."""
    announce(
        event, obj=case, subject=case.request.resident.uuid, by=by, at=at, place=place or case.centre.facility_id, **detail
    )  # fmt: skip
