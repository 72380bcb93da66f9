"""The clock. Read at the edges only (views, endpoints, jobs, commands) and handed down as ``at=``."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware."""
    return timezone.now()


def today(at: datetime | None = None) -> date:
    """The calendar day in the county at a moment (default: now)."""
    return timezone.localdate(at)


def completed_years(since: date, on: date) -> int:
    """Whole years from a day to another, as ages are counted; 0 before it."""
    return max(0, on.year - since.year - ((on.month, on.day) < (since.month, since.day)))


def start_of(day: date) -> datetime:
    """The moment at which a calendar day begins in the county."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The moment at which a calendar day ends in the county: the next one begins."""
    return start_of(day + timedelta(days=1))
