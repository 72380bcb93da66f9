"""Definitions of this capability: the shifts a roster offers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from xinglin.platform.definitions import load
from xinglin.platform.language import in_language


@dataclass(frozen=True, slots=True)
class CommonShift:
    """A shift that is offered at one tap; times of the county's day."""

    code: str
    title: str
    start: time
    end: time


def common_shifts(*, on: date) -> list[CommonShift]:
    """Shifts in force on a day, in the order of the definitions; titles in the reader's language."""
    return [
        CommonShift(
            item["code"], in_language(item["title"]), time.fromisoformat(item["from"]),
            time.fromisoformat(item["until"]),
        )
        for definition in load("duty-shifts")
        if definition.is_valid_on(on)
        for item in definition.content["items"]
    ]  # fmt: skip


def moments(on: date, start: time, end: time) -> tuple[datetime, datetime]:
    """A shift of a day as moments; one that ends at or before its start ends the next day."""
    last = on if end > start else on + timedelta(days=1)
    return timezone.make_aware(datetime.combine(on, start)), timezone.make_aware(datetime.combine(last, end))
