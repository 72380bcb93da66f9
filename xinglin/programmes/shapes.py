"""Shapes of the day list."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from xinglin.followups.api import QuietWeek
from xinglin.platform.actors import Actor
from xinglin.programmes import secrecy
from xinglin.programmes.models import ManagedResident


class QuietOut(BaseModel):
    """Somebody spoke to the resident this week, or is calling him (`is_open`): he is not called before `until`, but for the
    `exemption`.
    """

    on: date
    by: str
    until: date
    exemption: str
    is_open: bool

    @classmethod
    def of(cls, week: QuietWeek) -> "QuietOut":
        """From a week."""
        return cls(
            on=week.on, by=f"{week.facility} {week.by_name}", until=week.until, exemption=week.exemption,
            is_open=week.is_open,
        )  # fmt: skip


class DueOut(BaseModel):
    """One line of the day list."""

    resident: UUID
    resident_name: str
    facility: str
    programmes: list[str]
    severity: int
    next_due_on: date
    last_visit_on: date | None
    is_lost: bool
    n_attempts: int
    quiet: QuietOut | None

    @classmethod
    def of(cls, row: ManagedResident, reader: Actor, week: QuietWeek | None) -> "DueOut":
        """From a row with its resident and facility, and the week in which he is not called again."""
        return cls(
            resident=row.resident.uuid, resident_name=row.resident.name, facility=str(row.facility),
            programmes=list(dict.fromkeys(secrecy.slug_for(reader, each, row.facility_id) for each in row.programmes)),
            severity=row.severity, next_due_on=row.next_due_on,
            last_visit_on=row.last_visit_on, is_lost=row.is_lost, n_attempts=row.n_attempts,
            quiet=QuietOut.of(week) if week else None,
        )  # fmt: skip


class DuePageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[DueOut]
    next_cursor: str
