"""How follow-up went: reached, refused, on time, satisfaction. No data is not 0, and small places are not singled out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from xinglin.accounts.data import Permission
from xinglin.followups.data import Dialled
from xinglin.followups.models import Call, FollowUpStatusChange, FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, Status
from xinglin.network import api as network
from xinglin.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Figures:
    """One facility, or all together (`facility_id` None). A share is None where there is nothing to share, or too few
    for nobody to be singled out (`is_small`).
    """

    facility_id: int | None
    name: str
    n_due: int
    n_done: int
    n_on_time: int
    n_refused: int
    n_handed_on: int
    n_open: int
    n_calls: int
    n_answered: int
    n_rated: int
    satisfaction: float | None
    is_small: bool

    def _share(self, part: int, whole: int) -> float | None:
        return part / whole if whole and not self.is_small else None

    @property
    def reached(self) -> float | None:
        """Done of what fell due in the period."""
        return self._share(self.n_done, self.n_due)

    @property
    def on_time(self) -> float | None:
        """Done by their day, of what fell due."""
        return self._share(self.n_on_time, self.n_due)

    @property
    def refused(self) -> float | None:
        """Refused, of what fell due."""
        return self._share(self.n_refused, self.n_due)

    @property
    def answered(self) -> float | None:
        """Calls that were answered."""
        return self._share(self.n_answered, self.n_calls)


def figures(actor: Actor, *, since: date, until: date) -> list[Figures]:
    """The total first, then the facilities whose figures the actor may see, over tasks due in [since, until). Four queries."""
    places = _places(actor)
    tasks = FollowUpTask.objects.filter(due_on__gte=since, due_on__lt=until)
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (since, until))
    calls = Call.objects.filter(opened_at__gte=begin, opened_at__lt=end, ended_at__isnull=False)
    calls = calls.exclude(dialled=Dialled.RELEASED)
    if places is not None:
        tasks, calls = tasks.filter(facility_id__in=places), calls.filter(facility_id__in=places)
    of_tasks = {
        each["facility_id"]: dict(each)
        for each in tasks.annotate(is_refused=Exists(_refusals()))
        .order_by()
        .values("facility_id")
        .annotate(
            n_due=Count("id"),
            n_done=Count("id", filter=Q(status=Status.DONE)),
            n_on_time=Count("id", filter=Q(status=Status.DONE, done_at__date__lte=F("due_on"))),
            n_refused=Count("id", filter=Q(is_refused=True)),
            n_handed_on=Count("id", filter=Q(status=Status.HANDED_ON)),
            n_open=Count("id", filter=Q(status__in=OPEN)),
        )
    }
    of_calls = {
        each["facility_id"]: dict(each)
        for each in calls.order_by()
        .values("facility_id")
        .annotate(
            n_calls=Count("id"),
            n_answered=Count("id", filter=Q(dialled=Dialled.ANSWERED)),
            n_rated=Count("satisfaction"),
            satisfaction=Avg("satisfaction"),
        )
    }
    known = sorted({*of_tasks, *of_calls})
    names = network.facility_names(known)
    rows = [_figures(each, names.get(each, ""), of_tasks.get(each, {}), of_calls.get(each, {})) for each in known]
    overall = calls.aggregate(said=Avg("satisfaction"))["said"]
    return [_total(rows, overall), *sorted(rows, key=lambda each: (-each.n_due, each.name))]


def _refusals() -> QuerySet[FollowUpStatusChange]:
    """Steps by which a task ended because the resident refused, by a call or as written by hand."""
    word = str(Dialled.REFUSED)
    return FollowUpStatusChange.objects.filter(subject=OuterRef("pk"), became=Status.CANCELLED, reason_code=word)


def _figures(facility_id: int | None, name: str, tasks: Mapping[str, Any], calls: Mapping[str, Any]) -> Figures:
    smallest = rules.figure("smallest_group")
    n_rated, n_due, n_calls = int(calls.get("n_rated", 0)), tasks.get("n_due", 0), int(calls.get("n_calls", 0))
    satisfaction = calls.get("satisfaction")
    return Figures(
        facility_id=facility_id, name=name, n_due=n_due, n_done=tasks.get("n_done", 0),
        n_on_time=tasks.get("n_on_time", 0), n_refused=tasks.get("n_refused", 0),
        n_handed_on=tasks.get("n_handed_on", 0), n_open=tasks.get("n_open", 0), n_calls=n_calls,
        n_answered=int(calls.get("n_answered", 0)), n_rated=n_rated,
        satisfaction=float(satisfaction) if satisfaction is not None and n_rated >= smallest else None,
        is_small=max(n_due, n_calls) < smallest,
    )  # fmt: skip


def _total(rows: list[Figures], satisfaction: float | None) -> Figures:
    names = ("n_due", "n_done", "n_on_time", "n_refused", "n_handed_on", "n_open")
    tasks = {name: sum(getattr(each, name) for each in rows) for name in names}
    calls: dict[str, float | None] = {
        name: sum(getattr(each, name) for each in rows) for name in ("n_calls", "n_answered", "n_rated")
    }
    calls["satisfaction"] = satisfaction
    return _figures(None, "", tasks, calls)


def _places(actor: Actor) -> frozenset[int] | None:
    """Facilities whose figures the actor may see; None means all. Figures name nobody."""
    found: set[int] = set()
    for permission in (Permission.BOARD_VIEW, Permission.FOLLOWUP_CALL):
        places = actor.places_where(permission)
        if places is None:
            return None
        found |= places
    return frozenset(found)


def month_of(day: date) -> tuple[date, date]:
    """First day of a month and of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
