"""Quality of a centre over a period: on time, slides by grade, frozen against paraffin, refusals, fixation known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology.models import FrozenSection, PathologyCase, Receipt, SecondOpinion, Slide, SpecimenPart
from xinglin.pathology.states import CaseStatus


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `rate` is None when there is nothing to judge."""

    n: int
    of: int

    @property
    def rate(self) -> float | None:
        """Between 0 and 1."""
        return self.n / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a head of a centre looks at, of cases taken in within a period."""

    n_received: int
    on_time: Share  # the first report within the promise; what is late and open counts as late
    slides_a: Share
    slides_by_grade: dict[str, int]
    frozen_in_time: Share
    frozen_agrees: Share
    opinions_agree: Share
    fixation_known: Share  # containers with both moments written down
    refused: list[tuple[str, int]]
    n_decided: int


def figures(centre_ids: list[int], *, since: datetime, until: datetime, at: datetime) -> Figures:
    """Compute them. Half-open period; `at` decides what is late by now."""
    cases = PathologyCase.objects.filter(centre__in=centre_ids, received_at__gte=since, received_at__lt=until)
    reported = Q(request__reported_at__isnull=False)
    in_time = Q(request__reported_at__lte=F("request__due_at"))
    judged = cases.filter(reported | Q(request__due_at__lt=at))
    frozen = FrozenSection.objects.filter(case__in=cases)
    grades = _grades(cases)
    return Figures(
        n_received=cases.count(),
        on_time=Share(judged.filter(in_time).count(), judged.count()),
        slides_a=Share(grades["A"], sum(grades.values())),
        slides_by_grade=grades,
        frozen_in_time=_frozen_in_time(frozen),
        frozen_agrees=_agreeing(frozen.filter(compared_at__isnull=False)),
        opinions_agree=_agreeing(SecondOpinion.objects.filter(case__in=cases, answered_at__isnull=False)),
        fixation_known=_fixation(cases),
        refused=_refused(centre_ids, since, until),
        n_decided=Receipt.objects.filter(
            case__centre__in=centre_ids, decided_at__gte=since, decided_at__lt=until
        ).exclude(outcome="HELD").count(),
    )  # fmt: skip


def _grades(cases: Any) -> dict[str, int]:
    rows = Slide.objects.filter(case__in=cases).exclude(grade="").values_list("grade").annotate(Count("id"))
    found = dict(rows)
    return {grade: found.get(grade, 0) for grade in Slide.Grade.values}


def _frozen_in_time(frozen: Any) -> Share:
    """Answered within the minutes promised from receipt."""
    rows = frozen.filter(answered_at__isnull=False).values_list("case__received_at", "answered_at", "minutes")
    within = [(answered - received).total_seconds() <= minutes * 60 for received, answered, minutes in rows]
    return Share(sum(within), len(within))


def _agreeing(rows: Any) -> Share:
    found = rows.aggregate(n=Count("id", filter=Q(agreement="AGREES")), of=Count("id"))
    return Share(found["n"], found["of"])


def _fixation(cases: Any) -> Share:
    parts = SpecimenPart.objects.filter(case__in=cases).exclude(case__kind="CYTOLOGY")
    found = parts.aggregate(n=Count("id", filter=Q(taken_at__isnull=False, fixed_at__isnull=False)), of=Count("id"))
    return Share(found["n"], found["of"])


def _refused(centre_ids: list[int], since: datetime, until: datetime) -> list[tuple[str, int]]:
    rows = Receipt.objects.filter(
        case__centre__in=centre_ids, outcome="REFUSED", decided_at__gte=since, decided_at__lt=until,
        case__status=CaseStatus.REFUSED,
    ).values_list("reason").annotate(n=Count("id")).order_by("-n", "reason")  # fmt: skip
    return [(diagnostics.reject_reason_text("PATHOLOGY", reason), n) for reason, n in rows]
