"""Dates and times as DICOM and HL7 write them: both use YYYYMMDDHHMMSS.FFFFFF±ZZZZ, cut off anywhere."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from django.utils import timezone as county_time

_MOMENT = re.compile(
    r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\.(\d{1,6})\d*)?)?\s*(?:([+-])(\d{2})(\d{2}))?\s*", re.ASCII
)
_DAY = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})", re.ASCII)
_OFFSET = re.compile(r"\s*([+-])(\d{2})(\d{2})\s*", re.ASCII)


def moment(text: str, *, offset: str = "") -> datetime | None:
    """The aware moment in `text`, or None when it has no hour and minute or is no date.

    Without a zone in the text, `offset` ("+0800") holds; without both, the county's time zone.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    second, fraction = int(match[6] or 0), int((match[7] or "0").ljust(6, "0"))
    zone = _zone(match[8], match[9], match[10]) if match[8] else zone_of(offset)
    try:
        naive = datetime(year, month, day, hour, minute, min(second, 59), fraction)  # 60 is a leap second
        aware = naive.replace(tzinfo=zone) if zone else county_time.make_aware(naive)
        aware.astimezone(UTC)  # the first and last days of the calendar have no such moment
    except (ValueError, OverflowError):
        return None
    return aware


def day(text: str) -> date | None:
    """The calendar day at the start of `text`, or None."""
    match = _DAY.match(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def zone_of(offset: str) -> timezone | None:
    """The zone written as ±HHMM, or None."""
    match = _OFFSET.fullmatch(offset)
    return _zone(match[1], match[2], match[3]) if match else None


def _zone(sign: str, hours: str, minutes: str) -> timezone | None:
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    if shift > timedelta(hours=14):
        return None
    return timezone(-shift if sign == "-" else shift)
