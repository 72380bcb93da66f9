"""Readings as told on a resident's timeline, a line for each day, and as measurements by LOINC code."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.readings import queries, rules
from xinglin.readings.models import Reading
from xinglin.residents.api import Measurement, TimelineEntry
from xinglin.web.formats import parted_text


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """The days on which devices measured something. Three queries."""
    return [_day(each) for each in queries.days_before(resident_ids, before=before, limit=limit)]


def _day(readings: list[Reading]) -> TimelineEntry:
    newest = readings[0]
    said = parted_text(words_of(each) for each in readings[:3])
    if len(readings) > 3:
        said = _("%(said)s 等%(n)d次") % {"said": said, "n": len(readings)}
    return TimelineEntry(
        at=newest.measured_at, kind="reading", icon="pulse", title=_("设备测量 %(n)d次") % {"n": len(readings)},
        detail=f"{said} · {source_of(newest)}", url="", facility_name=str(newest.device.facility),
        tone="warning" if any(each.concern_id for each in readings) else "",
    )  # fmt: skip


def words_of(reading: Reading) -> str:
    """The values of a reading in one line."""
    found, known = {each.item: each for each in reading.values.all()}, rules.quantities()
    said = []
    if {"systolic", "diastolic"} <= found.keys():
        said.append(f"{found.pop('systolic').value:.0f}/{found.pop('diastolic').value:.0f} mmHg")
    for item, each in found.items():
        quantity = known[item]
        said.append(f"{quantity.label} {each.value:.{quantity.decimals}f} {quantity.shown_unit}".strip())
    return " · ".join(said)


def source_of(reading: Reading) -> str:
    """Which device measured, and where it belongs."""
    device = reading.device
    kind = rules.kinds()[device.kind].title
    return f"{device.get_place_display()} {kind} {device.serial_number}"


def measured(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """What devices measured, newest first. Two queries."""
    if codes.isdisjoint({each.loinc for each in rules.quantities().values()}):
        return []
    rows = queries.figures(resident_ids, list(codes), since=since, limit=limit)
    return [
        Measurement(
            code=value.loinc, value=value.value, unit=value.unit, at=reading.measured_at, source=source_of(reading),
            url=reverse("readings:reading", args=[reading.uuid]), resident_id=reading.resident_id or 0,
        )
        for reading in rows for value in reading.values.all() if value.loinc in codes
    ]  # fmt: skip
