"""How long each stage takes, from the specimens themselves: medians, computed by the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Extract

from xinglin.diagnostics.api import Percentile
from xinglin.laboratory.models import Release, Result, Specimen
from xinglin.laboratory.states import NOT_COLLECTED

#: Stage → where it begins and where it ends.
STAGES = {
    "collect": ("ordered", "collected_at"),
    "receive": ("collected_at", "received_at"),
    "result": ("received_at", "first_result"),
    "release": ("first_result", "first_release"),
    "centre": ("received_at", "first_release"),
    "whole": ("ordered", "first_release"),
}
MOST_UNITS = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """Minutes of one stage; None where nothing was measured."""

    stage: str
    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One sending unit: its specimens and the medians of its stages, in the order of `STAGES`."""

    name: str
    n: int
    n_refused: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Turnaround:
    """The centres of an actor over a period (half-open)."""

    figures: tuple[Figure, ...]
    units: tuple[Unit, ...]
    n: int
    n_refused: int
    n_in_time: int
    n_judged: int
    refusals: tuple[tuple[str, int], ...]
    n_by_rules: int
    n_released: int

    @property
    def share_in_time(self) -> float | None:
        """Orders released within their promise out of those released; None when there are none."""
        return self.n_in_time / self.n_judged if self.n_judged else None

    @property
    def share_by_rules(self) -> float | None:
        """Releases without a person out of all; None when there are none."""
        return self.n_by_rules / self.n_released if self.n_released else None


def turnaround(centre_ids: list[int], *, since: datetime, until: datetime) -> Turnaround:
    """The figures of specimens labelled in ``[since, until)``. Four queries, however many specimens."""
    rows = _specimens(centre_ids, since, until)
    wanted = _aggregates()
    whole = rows.aggregate(n=Count("id"), n_refused=Count("id", filter=~Q(refusal="")), **wanted)
    units = (
        rows.values("from_facility__name")
        .annotate(n=Count("id"), n_refused=Count("id", filter=~Q(refusal="")), **wanted)
        .order_by("-n", "from_facility__name")[:MOST_UNITS]
    )
    in_time = Release.objects.filter(
        request__centre__in=centre_ids, released_at__gte=since, released_at__lt=until, is_partial=False
    ).aggregate(
        n_released=Count("id"),
        n_by_rules=Count("id", filter=~Q(rule_set="")),
        n_judged=Count("request", distinct=True),
        n_in_time=Count("request", filter=Q(released_at__lte=F("request__due_at")), distinct=True),
    )
    refusals = rows.exclude(refusal="").values_list("refusal").annotate(n=Count("id")).order_by("-n", "refusal")
    return Turnaround(
        figures=_figures(whole),
        units=tuple(
            Unit(row["from_facility__name"], row["n"], row["n_refused"], _figures(row)) for row in units
        ),
        n=whole["n"], n_refused=whole["n_refused"], refusals=tuple((code, n) for code, n in refusals), **in_time,
    )  # fmt: skip


def _specimens(centre_ids: list[int], since: datetime, until: datetime) -> Any:
    first_result = (
        Result.objects.filter(specimen=OuterRef("pk")).order_by().values("specimen").annotate(at=Min("entered_at"))
    )
    first_release = (
        Release.objects.filter(request=OuterRef("request")).order_by().values("request").annotate(at=Min("released_at"))
    )
    return (
        Specimen.objects.filter(centre__in=centre_ids, labelled_at__gte=since, labelled_at__lt=until)
        .exclude(
            refusal=NOT_COLLECTED  # it never was on its way
        )
        .annotate(
            ordered=F("request__requested_at"),
            first_result=Subquery(first_result.values("at")),
            first_release=Subquery(first_release.values("at")),
        )
    )


def _aggregates() -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for stage, (since, until) in STAGES.items():
        # A specimen that was refused has no results of its own, so it counts in no stage after receipt.
        known = Q(**{f"{since}__isnull": False, f"{until}__isnull": False}) & Q(refusal="")
        minutes = Extract(ExpressionWrapper(F(until) - F(since), output_field=DurationField()), "epoch") / 60.0
        wanted[f"{stage}_n"] = Count("id", filter=known)
        wanted[f"{stage}_median"] = Percentile(minutes, 0.5, filter=known)
        wanted[f"{stage}_p90"] = Percentile(minutes, 0.9, filter=known)
    return wanted


def _figures(row: Any) -> tuple[Figure, ...]:
    return tuple(Figure(stage, row[f"{stage}_n"], row[f"{stage}_median"], row[f"{stage}_p90"]) for stage in STAGES)
