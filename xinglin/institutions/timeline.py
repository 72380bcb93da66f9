"""Where a resident lived, and the rounds at which he was seen, as told on his timeline."""

from collections.abc import Sequence
from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.institutions import queries
from xinglin.institutions.models import Seen, Stay
from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Stays by the day they began, and rounds. Three queries."""
    stays = list(
        Stay.objects.select_related("institution__keeper")
        .filter(resident_id__in=list(resident_ids), since__lte=timezone.localdate(before))
        .order_by("-since", "-id")[:limit]
    )
    seen = list(
        Seen.objects.select_related("round__agreement__institution", "round__agreement__facility")
        .filter(resident_id__in=list(resident_ids), round__came_at__lt=before)
        .order_by("-round__came_at", "-id")[:limit]
    )
    ids = {each.institution_id for each in stays} | {each.round.agreement.institution_id for each in seen}
    open_ = set(queries.institutions_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return [_stay(each, each.institution_id in open_, before) for each in stays] + [
        _seen(each, each.round.agreement.institution_id in open_) for each in seen
    ]


def _stay(stay: Stay, is_open: bool, before: datetime) -> TimelineEntry:  # noqa: FBT001
    began = timezone.make_aware(datetime.combine(stay.since, time.min))
    return TimelineEntry(
        at=min(began, before), kind="institution", icon="building",
        title=_("入住：%(name)s") % {"name": stay.institution.name},
        detail=_("至 %(day)s") % {"day": stay.until.isoformat()} if stay.until else "",
        url=reverse("institutions:detail", args=[stay.institution.uuid]) if is_open else "",
        facility_name=str(stay.institution.keeper), by_name=stay.noted_by_name, tone="info",
    )  # fmt: skip


def _seen(seen: Seen, is_open: bool) -> TimelineEntry:  # noqa: FBT001
    found = seen.round
    assert found.came_at is not None  # it is done
    return TimelineEntry(
        at=found.came_at, kind="institution", icon="building",
        title=_("机构巡诊：%(name)s") % {"name": found.agreement.institution.name}, detail=seen.words,
        url=reverse("institutions:round", args=[found.uuid]) if is_open else "",
        facility_name=str(found.agreement.facility), by_name=found.recorded_by_name, tone="ok",
    )  # fmt: skip
