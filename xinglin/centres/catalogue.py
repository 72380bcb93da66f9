"""Definitions of this capability: the shifts a roster offers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import get_language

from xinglin.platform.definitions import load


@dataclass(frozen=True, slots=True)
class CommonShift:
    """A shift that is offered at one tap; times of the county's day."""

    code: str
    title: str
    start: time
    end: time


def common_shifts(*, on: date) -> list[CommonShift]:
    """Shifts in force on a day, in the order of the definitions; titles in the reader's language."""
    english = (get_language() or "").startswith("en")
    return [
        CommonShift(
            item["code"], item["title"]["en" if english else "zh"], time.fromisoformat(item["from"]),
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
