"""How far the nightly check of everybody is."""

from datetime import datetime, timedelta
from typing import Any

from xinglin.programmes.models import ManagedResident, NightlyCheck

#: A check that was cut off longer ago begins anew.
RESUME_HOURS = 12


def begin_check(*, at: datetime) -> NightlyCheck:
    """A new check, or the one that was cut off a while ago."""
    since = at - timedelta(hours=RESUME_HOURS)
    cut_off = NightlyCheck.objects.filter(ended_at__isnull=True, started_at__gte=since).order_by("id").last()
    return cut_off or NightlyCheck.objects.create(started_at=at, n_residents=ManagedResident.objects.count())


def note_piece(*, run: NightlyCheck, looked: Any) -> None:
    """One piece is done."""
    run.upto, run.n_looked = looked.upto, run.n_looked + looked.n
    run.n_changed, run.n_failed = run.n_changed + looked.n_changed, run.n_failed + looked.n_failed
    run.save(update_fields=["upto", "n_looked", "n_changed", "n_failed"])


def end_check(*, run: NightlyCheck, at: datetime) -> None:
    """Everybody was looked at."""
    run.ended_at = at
    run.save(update_fields=["ended_at"])
