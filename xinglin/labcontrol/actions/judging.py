"""What the rules look at: the run, and the runs before it that belong to the same count."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from xinglin.labcontrol import catalogue
from xinglin.labcontrol.data import Verdict
from xinglin.labcontrol.models import Assay, ControlResult, OutOfControl, Target
from xinglin.labcontrol.rules import MOST_RUNS, Broken, Point, Rule, evaluate


def judge(
    assay: Assay, rules: Sequence[Rule], rows: Sequence[tuple[Target, Decimal]], *, before: datetime
) -> tuple[Verdict, list[Broken]]:
    """The verdict on the values of a run; `TRIAL` when every lot still runs in parallel."""
    run = [Point(t.material.level, z) for t, value in rows if t.begun_at and (z := t.z_of(value)) is not None]
    if not run:
        return Verdict.TRIAL, []
    return evaluate(rules, _earlier(assay, before), run)


def _earlier(assay: Assay, before: datetime) -> list[list[Point]]:
    """Earlier runs of the lots now in force, oldest first, since control was last regained by an action."""
    lots = set(
        Target.objects.filter(assay=assay, ended_at__isnull=True, begun_at__isnull=False).values_list(
            "material_id", flat=True
        )
    )
    acted = (
        OutOfControl.objects.filter(assay=assay, acted_at__isnull=False)
        .order_by("-acted_at")
        .values_list("acted_at", flat=True)
        .first()
    )
    results = ControlResult.objects.filter(assay=assay, run_at__lt=before).exclude(verdict=Verdict.TRIAL)
    if acted is not None:
        results = results.filter(run_at__gt=acted)
    newest = results.order_by("-run_at", "-id").prefetch_related("values__target")[:MOST_RUNS]
    return [_points(result, lots) for result in reversed(newest)]


def _points(result: ControlResult, lots: set[int]) -> list[Point]:
    order = list(catalogue.levels())
    values = [each for each in result.values.all() if each.counts and each.target.material_id in lots]
    return [
        Point(each.level, z) for each in sorted(values, key=lambda v: order.index(v.level)) if (z := each.z) is not None
    ]
