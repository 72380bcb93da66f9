"""Who of those on duty reads next: the one who can, with the least open work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from xinglin.accounts.api import holders_at
from xinglin.accounts.data import Permission
from xinglin.centres.models import Assignment, Shift
from xinglin.centres.states import AssignmentStatus
from xinglin.diagnostics.api import Request, RequestStatus

#: Ranks of urgent and emergency requests.
URGENT = 1


@dataclass(frozen=True, slots=True)
class Load:
    """What a reader has in hand: claimed or suggested, how much of it is urgent, and when he was last chosen."""

    n_urgent: int = 0
    n_open: int = 0
    last: datetime | None = None


def on_duty(centre_id: int, *, at: datetime) -> list[Shift]:
    """Shifts that stand at a moment."""
    return list(
        Shift.objects.filter(
            centre=centre_id, starts_at__lte=at, ends_at__gt=at, withdrawn_at__isnull=True
        ).order_by("starts_at", "id")
    )  # fmt: skip


def fits(shift: Shift, request: Any, step: str) -> bool:
    """Whether the reader of a shift reads this device and these regions of the body, and signs for others if asked."""
    if step == Assignment.Step.REVIEW and not shift.reviews:
        return False
    if shift.modalities and request.modality and request.modality not in shift.modalities:
        return False
    parts = {item.get("body_part", "") for item in request.items} - {""}
    return not shift.regions or parts <= set(shift.regions)


def choose(request: Any, step: str, *, at: datetime, without: Iterable[int] = ()) -> Shift | None:
    """The shift whose reader is chosen, or None. Fewest urgent ones first (for an urgent request), then fewest open
    ones, then who was chosen longest ago.
    """
    barred = {*without, *_barred(request, step)}
    entitled = {
        each.id: each
        for each in holders_at(Permission.REPORT_WRITE, facility_id=request.centre.facility_id, at=at)
        if step == Assignment.Step.READ or each.is_senior
    }
    shifts = [
        each
        for each in on_duty(request.centre_id, at=at)
        if each.reader_id in entitled and each.reader_id not in barred and fits(each, request, step)
    ]
    if not shifts:
        return None
    loads = loads_of({each.reader_id for each in shifts}, at=at)
    urgent = request.priority_rank <= URGENT

    def rank(shift: Shift) -> tuple[int, int, float, int]:
        load = loads[shift.reader_id]
        return load.n_urgent if urgent else 0, load.n_open, load.last.timestamp() if load.last else 0.0, shift.pk

    return min(shifts, key=rank)


def _barred(request: Any, step: str) -> set[int]:
    """Who may not: for the senior step, who wrote the preliminary report."""
    if step != Assignment.Step.REVIEW:
        return set()
    return {each for each in request.reports.values_list("author_id", flat=True) if each is not None}


def loads_of(readers: Iterable[int], *, at: datetime) -> dict[int, Load]:
    """Open work of readers, at whatever centre: two queries."""
    wanted = list(readers)
    held = dict[int, tuple[int, int]]()
    claimed = Request.objects.filter(claimed_by__in=wanted, status=RequestStatus.CLAIMED)
    for row in claimed.values("claimed_by").annotate(n=Count("id"), n_urgent=Count("id", filter=_urgent(""))):
        if row["claimed_by"] is not None:
            held[row["claimed_by"]] = (row["n_urgent"], row["n"])
    waiting = Q(status=AssignmentStatus.ASSIGNED, until__gt=at)
    rows = Assignment.objects.filter(reader_id__in=wanted).values("reader_id").annotate(
        n=Count("id", filter=waiting), n_urgent=Count("id", filter=waiting & _urgent("request__")), last=Max("assigned_at")
    )  # fmt: skip
    given = {row["reader_id"]: (row["n_urgent"], row["n"], row["last"]) for row in rows}
    loads = {}
    for reader in wanted:
        n_urgent, n_open = held.get(reader, (0, 0))
        more_urgent, more, last = given.get(reader, (0, 0, None))
        loads[reader] = Load(n_urgent + more_urgent, n_open + more, last)
    return loads


def _urgent(prefix: str) -> Q:
    return Q(**{f"{prefix}priority_rank__lte": URGENT})
