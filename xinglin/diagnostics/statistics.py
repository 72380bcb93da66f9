"""How fast and how well a centre answers: for its head, over a period, from the requests themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Extract

from xinglin.diagnostics.models import Centre, CriticalValue, Report, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus

MOST_UNITS = 50
LAB = "LAB"


class Percentile(Aggregate):
    """``percentile_cont(share) WITHIN GROUP (ORDER BY …)``; null over no rows."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=str(float(share)), output_field=FloatField(), **extra)


@dataclass(frozen=True, slots=True)
class Stage:
    """Minutes of one stage; None where nothing was measured."""

    label: str
    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """One priority or one sending unit: requests, reported ones, minutes from request to report, share in time."""

    label: str
    n_requests: int
    n_reported: int
    n_rejected: int
    median: float | None
    p90: float | None
    n_in_time: int
    n_judged: int
    wait: float | None = None  # median minutes until somebody claimed it
    read: float | None = None  # median minutes from claim to report
    key: int | None = None  # id of the unit

    @property
    def share_in_time(self) -> float | None:
        """In time out of those that are reported or past their promise; None when there are none."""
        return self.n_in_time / self.n_judged if self.n_judged else None


@dataclass(frozen=True, slots=True)
class Criticals:
    """Critical values of the period."""

    n: int
    n_acknowledged: int
    n_in_time: int
    n_judged: int
    n_escalated: int
    median: float | None

    @property
    def share_in_time(self) -> float | None:
        """Acknowledged within the limit out of those acknowledged or past it; None when there are none."""
        return self.n_in_time / self.n_judged if self.n_judged else None


@dataclass(frozen=True, slots=True)
class Turnaround:
    """A centre over a period (half-open)."""

    whole: Group
    stages: tuple[Stage, ...]
    by_priority: tuple[Group, ...]
    by_unit: tuple[Group, ...]
    rejections: tuple[tuple[str, int], ...]
    criticals: Criticals


def turnaround(centre: Centre, *, since: datetime, until: datetime, at: datetime) -> Turnaround:
    """The figures of a centre for requests placed in ``[since, until)``, as known at `at`."""
    requests: Any = centre.requests.filter(requested_at__gte=since, requested_at__lt=until).exclude(
        status=RequestStatus.CANCELLED
    )
    requests = with_told(requests, centre.kind)
    labels = dict(Request.Priority.choices)
    priorities = requests.values("priority", "priority_rank").annotate(**_figures(at)).order_by("priority_rank")
    units = (
        requests.values("from_facility", "from_facility__name")
        .annotate(**_figures(at), **_parts())
        .order_by("-n_requests", "from_facility__name")
    )
    return Turnaround(
        whole=_group("", requests.aggregate(**_figures(at))),
        stages=_stages(requests),
        by_priority=tuple(_group(str(labels[row["priority"]]), row) for row in priorities),
        by_unit=tuple(_group(row["from_facility__name"], row) for row in units[:MOST_UNITS]),
        rejections=_rejections(requests),
        criticals=_criticals(requests, at),
    )


def _told_at(kind: str) -> Any:
    """When a request counts as reported: with its first report; of the laboratory, where a preliminary one holds part of
    the results only, with the first final one."""
    if kind != LAB:
        return F("reported_at")
    final = Report.objects.filter(request=OuterRef("pk"), stage=Report.Stage.FINAL)
    return Subquery(final.order_by("signed_at").values("signed_at")[:1])


def with_told(requests: QuerySet[Request], kind: str) -> QuerySet[Any]:
    """Requests of a kind with ``told_at``: when each counts as reported, or None."""
    return requests.annotate(told_at=_told_at(kind))


def minutes_between(until: str, since: Any) -> Any:
    """Minutes from one moment of a row (a field or an expression) to another (a field), as an expression."""
    begun = F(since) if isinstance(since, str) else since
    return Extract(ExpressionWrapper(F(until) - begun, output_field=DurationField()), "epoch") / 60.0


#: From when something can be read: of images, when they are there.
READY = Coalesce("performed_at", "requested_at")


def _figures(at: datetime) -> dict[str, Aggregate]:
    reported = Q(told_at__isnull=False)
    in_time = Q(told_at__lte=F("due_at"))
    late_by_now = Q(told_at__isnull=True, due_at__lt=at) & ~Q(status=RequestStatus.REJECTED)
    total = minutes_between("told_at", "requested_at")
    return {
        "n_requests": Count("id"),
        "n_reported": Count("id", filter=reported),
        "n_rejected": Count("id", filter=Q(status=RequestStatus.REJECTED)),
        "n_in_time": Count("id", filter=in_time),
        "n_judged": Count("id", filter=reported | late_by_now),
        "median": Percentile(total, 0.5, filter=reported),
        "p90": Percentile(total, 0.9, filter=reported),
    }


def _parts() -> dict[str, Aggregate]:
    read = Q(told_at__isnull=False, claimed_at__isnull=False)
    return {
        "wait": Percentile(minutes_between("claimed_at", READY), 0.5, filter=Q(claimed_at__isnull=False)),
        "read": Percentile(minutes_between("told_at", "claimed_at"), 0.5, filter=read),
    }


def _group(label: str, row: Any) -> Group:
    names = ("n_requests", "n_reported", "n_rejected", "median", "p90", "n_in_time", "n_judged")
    parts = {name: row[name] for name in ("wait", "read") if name in row}
    return Group(label, **{name: row[name] for name in names}, **parts, key=row.get("from_facility"))


def _stages(requests: QuerySet[Request]) -> tuple[Stage, ...]:
    spans: dict[str, tuple[str, Any]] = {
        "perform": ("performed_at", "requested_at"),
        "wait": ("claimed_at", READY),
        "read": ("told_at", "claimed_at"),
        "total": ("told_at", "requested_at"),
    }
    wanted: dict[str, Aggregate] = {}
    for name, (until, since) in spans.items():
        known = Q(**{f"{until}__isnull": False})
        if name == "read":
            known &= Q(claimed_at__isnull=False)
        wanted[f"{name}_n"] = Count("id", filter=known)
        wanted[f"{name}_median"] = Percentile(minutes_between(until, since), 0.5, filter=known)
        wanted[f"{name}_p90"] = Percentile(minutes_between(until, since), 0.9, filter=known)
    row = requests.aggregate(**wanted)
    return tuple(Stage(name, row[f"{name}_n"], row[f"{name}_median"], row[f"{name}_p90"]) for name in spans)


def _rejections(requests: QuerySet[Request]) -> tuple[tuple[str, int], ...]:
    rows = (
        requests.filter(status=RequestStatus.REJECTED, status_changes__became=RequestStatus.REJECTED)
        .values_list("status_changes__reason_code")
        .annotate(n=Count("id"))
        .order_by("-n", "status_changes__reason_code")
    )
    return tuple((code, n) for code, n in rows)


def _criticals(requests: QuerySet[Request], at: datetime) -> Criticals:
    confirmed = Q(confirmed_at__isnull=False)
    overdue = Q(status=CriticalStatus.NOTIFIED, due_at__lt=at)
    row = CriticalValue.objects.filter(request__in=requests).aggregate(
        n=Count("id"),
        n_acknowledged=Count("id", filter=confirmed),
        n_in_time=Count("id", filter=Q(confirmed_at__lte=F("due_at"))),
        n_judged=Count("id", filter=confirmed | overdue),
        n_escalated=Count("id", filter=Q(escalation__gt=0)),
        median=Percentile(minutes_between("confirmed_at", "notified_at"), 0.5, filter=confirmed),
    )
    return Criticals(**row)
