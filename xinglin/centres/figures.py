"""What the head of a centre answers for, over a period: from the requests placed in it, by aggregates of the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDay, TruncMonth

from xinglin.centres.models import SecondReading
from xinglin.centres.states import AssignmentStatus, SecondStatus
from xinglin.diagnostics.api import (
    OPEN,
    Percentile,
    QualityMark,
    Report,
    Request,
    RequestStatus,
    Turnaround,
    minutes_between,
    not_performed,
    turnaround,
    with_told,
)

MOST_DOCTORS = 100
#: Beyond so many days a column of the volume is a month.
LONG = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the centre owes at this moment, whenever it was asked for."""

    n_unread: int
    n_reading: int
    n_review: int
    n_not_performed: int
    n_overdue: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Doctor:
    """What one reader signed of the requests of the period; minutes from claim to the report that stands."""

    id: int | None
    name: str
    n_final: int
    n_preliminary: int
    n_amended: int
    n_positive: int
    median: float | None

    @property
    def share_positive(self) -> float | None:
        """Abnormal ones of his final reports; None when he signed none."""
        return self.n_positive / self.n_final if self.n_final else None


@dataclass(frozen=True, slots=True)
class Quality:
    """How well examinations were taken and read. Shares are None where nothing was judged."""

    n_reported: int
    n_positive: int
    n_amended: int
    n_repeats: int
    n_requests: int
    n_graded: int
    n_grade_a: int
    n_waste: int
    n_drawn: int
    n_compared: int
    n_agrees: int
    n_minor: int
    n_major: int
    n_seen_before: int

    @property
    def share_positive(self) -> float | None:
        """Abnormal reports of all reports."""
        return _share(self.n_positive, self.n_reported)

    @property
    def share_amended(self) -> float | None:
        """Reports that were amended of all reports."""
        return _share(self.n_amended, self.n_reported)

    @property
    def share_repeats(self) -> float | None:
        """Requests that repeat a rejected one of all requests."""
        return _share(self.n_repeats, self.n_requests)

    @property
    def share_grade_a(self) -> float | None:
        """Grade A of all that were graded when read."""
        return _share(self.n_grade_a, self.n_graded)

    @property
    def share_agrees(self) -> float | None:
        """Second readings without a difference that matters, of those compared."""
        return _share(self.n_agrees + self.n_minor, self.n_compared)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of the suggestions of the roster."""

    n: int
    n_started: int
    n_lapsed: int

    @property
    def share_started(self) -> float | None:
        """Started by the reader they were suggested to, of those that ended."""
        return _share(self.n_started, self.n_started + self.n_lapsed)


@dataclass(frozen=True, slots=True)
class Figures:
    """A centre over a period (half-open), and what came before it."""

    since: datetime
    until: datetime
    waiting: Waiting
    now: Turnaround
    before: Turnaround
    doctors: tuple[Doctor, ...]
    quality: Quality
    assigned: Assigned
    volume: tuple[tuple[datetime, int, int], ...]  # beginning of the day or month, requests, reports
    is_by_month: bool


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def figures_of(centre: Any, *, since: datetime, until: datetime, at: datetime) -> Figures:
    """Every figure of a centre for requests placed in ``[since, until)``, as known at `at`. Some fifteen queries."""
    requests = placed_in(centre, since, until)
    by_month = until - since > LONG
    return Figures(
        since=since,
        until=until,
        waiting=waiting_now(centre, at=at),
        now=turnaround(centre, since=since, until=until, at=at),
        before=turnaround(centre, since=since - (until - since), until=since, at=at),
        doctors=_doctors(requests),
        quality=_quality(requests),
        assigned=_assigned(requests),
        volume=_volume(requests, centre.kind, by_month=by_month),
        is_by_month=by_month,
    )


def placed_in(centre: Any, since: datetime, until: datetime) -> QuerySet[Request]:
    """The requests of a period that were not taken back."""
    found: QuerySet[Request] = centre.requests.filter(requested_at__gte=since, requested_at__lt=until)
    return found.exclude(status=RequestStatus.CANCELLED)


def unread(centre: Any) -> QuerySet[Request]:
    """What could be read and nobody has."""
    return _open(centre).filter(status__in=(RequestStatus.REQUESTED, RequestStatus.PERFORMED)).exclude(not_performed())


def _open(centre: Any) -> QuerySet[Request]:
    found: QuerySet[Request] = centre.requests.filter(status__in=OPEN)
    return found


def waiting_now(centre: Any, *, at: datetime) -> Waiting:
    """Open work of a centre. One query over the index of the work list."""
    is_not_performed = not_performed()
    ready = Q(status__in=(RequestStatus.REQUESTED, RequestStatus.PERFORMED)) & ~is_not_performed
    row = _open(centre).aggregate(
        n_unread=Count("id", filter=ready),
        n_reading=Count("id", filter=Q(status=RequestStatus.CLAIMED)),
        n_review=Count("id", filter=Q(status=RequestStatus.PRELIMINARY)),
        n_not_performed=Count("id", filter=is_not_performed),
        n_overdue=Count("id", filter=Q(due_at__lt=at, reported_at__isnull=True) & ~is_not_performed),
        oldest=Min("requested_at", filter=ready),
    )
    return Waiting(**row)


def _doctors(requests: QuerySet[Request]) -> tuple[Doctor, ...]:
    final = Q(stage=Report.Stage.FINAL)
    rows = (
        Report.objects.filter(request__in=requests)
        .values("author_id")
        .annotate(
            name=Max("author_name"),
            n_final=Count("id", filter=final),
            n_preliminary=Count("id", filter=Q(stage=Report.Stage.PRELIMINARY)),
            n_amended=Count("id", filter=Q(stage=Report.Stage.AMENDMENT)),
            n_positive=Count("id", filter=final & Q(is_abnormal=True)),
            median=Percentile(
                minutes_between("signed_at", "request__claimed_at"), 0.5,
                filter=final & Q(request__claimed_at__isnull=False, request__claimed_by=F("author_id")),
            ),
        )
        .order_by("-n_final", "name")
    )  # fmt: skip
    return tuple(
        Doctor(
            row["author_id"], row["name"], row["n_final"], row["n_preliminary"], row["n_amended"], row["n_positive"],
            row["median"],
        )
        for row in rows[:MOST_DOCTORS]
    )  # fmt: skip


def with_newest(requests: QuerySet[Request]) -> QuerySet[Any]:
    """Requests with ``is_positive``: whether the report that stands is abnormal."""
    newest = Report.objects.filter(request=OuterRef("pk")).order_by("-version").values("is_abnormal")[:1]
    return requests.annotate(is_positive=Subquery(newest))


def _quality(requests: QuerySet[Request]) -> Quality:
    reported = Q(status__in=(RequestStatus.FINAL, RequestStatus.AMENDED))
    row = with_newest(requests).aggregate(
        n_requests=Count("id"),
        n_reported=Count("id", filter=reported),
        n_positive=Count("id", filter=reported & Q(is_positive=True)),
        n_amended=Count("id", filter=Q(status=RequestStatus.AMENDED)),
        n_repeats=Count("id", filter=Q(repeats__isnull=False)),
    )
    marks = QualityMark.objects.filter(request__in=requests, stage=QualityMark.Stage.INTAKE).aggregate(
        n_graded=Count("id"),
        n_grade_a=Count("id", filter=Q(grade="A")),
        n_waste=Count("id", filter=Q(grade="WASTE")),
    )
    compared = Q(status=SecondStatus.COMPARED)
    second = SecondReading.objects.filter(request__in=requests).aggregate(
        n_drawn=Count("id"),
        n_compared=Count("id", filter=compared),
        n_agrees=Count("id", filter=compared & Q(agreement="AGREES")),
        n_minor=Count("id", filter=compared & Q(agreement="MINOR")),
        n_major=Count("id", filter=compared & Q(agreement="MAJOR")),
        n_seen_before=Count("id", filter=Q(seen_before=True)),
    )
    return Quality(**row, **marks, **second)


def _assigned(requests: QuerySet[Request]) -> Assigned:
    found = requests.filter(assignments__isnull=False)
    row = found.aggregate(
        n=Count("assignments"),
        n_started=Count("assignments", filter=Q(assignments__status=AssignmentStatus.STARTED)),
        n_lapsed=Count("assignments", filter=Q(assignments__status=AssignmentStatus.LAPSED)),
    )
    return Assigned(**row)


def _volume(requests: QuerySet[Request], kind: str, *, by_month: bool) -> tuple[tuple[datetime, int, int], ...]:
    trunc = TruncMonth if by_month else TruncDay
    rows = (
        with_told(requests, kind)
        .annotate(on=trunc("requested_at"))
        .values("on")
        .annotate(n=Count("id"), n_reported=Count("id", filter=Q(told_at__isnull=False)))
        .order_by("on")
    )
    return tuple((row["on"], row["n"], row["n_reported"]) for row in rows)


#: Lists behind the figures: what of the period, or (without a period) what waits now.
RECORDS = (
    "all", "reported", "late", "positive", "rejected", "amended", "repeats", "major", "unread", "reading", "review", "overdue",
)  # fmt: skip
WAITING = frozenset({"unread", "reading", "review", "overdue"})


def records_of(
    centre: Any, what: str, *, since: datetime, until: datetime, at: datetime, unit: str = "", reader: str = ""
) -> QuerySet[Any]:
    """The requests behind a figure; of a sending unit or signed by a reader only, when one is named."""
    requests = _open(centre) if what in WAITING else placed_in(centre, since, until)
    late = Q(told_at__gt=F("due_at")) | Q(told_at__isnull=True, due_at__lt=at) & ~Q(status=RequestStatus.REJECTED)
    wanted: dict[str, Q] = {
        "reported": Q(told_at__isnull=False),
        "late": late,
        "positive": Q(is_positive=True, status__in=(RequestStatus.FINAL, RequestStatus.AMENDED)),
        "rejected": Q(status=RequestStatus.REJECTED),
        "amended": Q(status=RequestStatus.AMENDED),
        "repeats": Q(repeats__isnull=False),
        "major": Q(second_reading__agreement="MAJOR"),
        "unread": Q(pk__in=unread(centre).values("pk")),
        "reading": Q(status=RequestStatus.CLAIMED),
        "review": Q(status=RequestStatus.PRELIMINARY),
        "overdue": Q(due_at__lt=at, reported_at__isnull=True) & ~not_performed(),
    }
    found = with_newest(with_told(requests, centre.kind)).filter(wanted.get(what, Q()))
    if unit.isdecimal():
        found = found.filter(from_facility=int(unit))
    if reader.isdecimal():
        found = found.filter(pk__in=Report.objects.filter(author_id=int(reader)).values("request"))
    return found
