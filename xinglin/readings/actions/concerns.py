"""Readings that are not as they should be: one task for the managing clinic, which later ones join."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.followups import api as followups
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.outbox import announce
from xinglin.readings import queries, rules
from xinglin.readings.events import Event
from xinglin.readings.models import Concern, Reading
from xinglin.residents import api as residents
from xinglin.web.formats import parted_text

SORTING = system_actor("设备测量")
TASK_DAYS, RAISED, HIGH = 7, 1, 2


def look_at(reading: Reading, *, by: Actor, at: datetime) -> Concern | None:
    """Judge a reading that came to stand in a record, and let it join the open task or raise one.

    Called inside the transaction of the action that kept it.
    """
    if reading.measured_at < at - timedelta(days=rules.limit("to_days")):
        return None
    newest, past = queries.past_of(reading)
    found = rules.raised(newest, past)
    if not found:
        return None
    concern = _open_concern(reading, at=at)
    slugs, today = [each.slug for each in found], clock.today(at)
    urgent = {each.slug for each in found if each.is_urgent}
    is_told = concern.urgent_on == today and urgent <= set(concern.rules)
    concern.rules = [*concern.rules, *(each for each in slugs if each not in concern.rules)]
    plan = _plan(reading, newest, found)
    if concern.task is None:
        concern.task = _task(reading, concern, plan, is_urgent=bool(urgent), by=by, at=at)
        _say(Event.CONCERN, concern, reading, slugs, by=by, at=at)
    elif urgent:
        concern.task = followups.hasten_followup(
            task=concern.task, due_on=today, risk=HIGH, plan=plan, by=by, at=at
        )  # fmt: skip
    if urgent and not is_told:
        concern.urgent_on = today
        _say(Event.URGENT, concern, reading, slugs, by=by, at=at)
    concern.save(update_fields=["rules", "task", "urgent_on"])
    reading.concern = concern
    reading.save(update_fields=["concern"])
    return concern


def _open_concern(reading: Reading, *, at: datetime) -> Concern:
    """The open concern of a person, under whatever registration, locked; two devices at once meet here."""
    resident = reading.resident
    if resident is None:
        raise AssertionError("a reading in a record has a resident")
    ids = residents.ids_of_person(resident)
    rows = Concern.objects.select_for_update(of=("self",)).filter(resident_id__in=ids, closed_at__isnull=True)
    for concern in rows.order_by("pk"):
        task = followups.held_open(concern.task_id) if concern.task_id is not None else None
        if task is not None:
            concern.task = task
            return concern
        if concern.task_id is not None:
            concern.closed_at = at
            concern.save(update_fields=["closed_at"])
    fresh = Concern(resident=resident, rules_version=rules.version(), opened_at=at)
    Concern.objects.bulk_create([fresh], ignore_conflicts=True)
    return rows.get(resident=resident)


def _plan(reading: Reading, newest: rules.Past, found: list[rules.Rule]) -> str:
    with override(settings.LANGUAGE_CODE):  # the language of the records, whoever asks
        what = parted_text(each.title for each in found)
        if queries.is_far(reading.resident, newest, but=reading):
            return _("设备测量异常：%(what)s，与本人以往相差很大。请先核实是否本人，再联系居民，必要时复测。") % {
                "what": what
            }
        return _("设备测量异常：%(what)s。请核实并联系居民，必要时复测。") % {"what": what}


def _task(reading: Reading, concern: Concern, plan: str, *, is_urgent: bool, by: Actor, at: datetime) -> Any:
    resident = reading.resident
    if resident is None:
        raise AssertionError("a reading in a record has a resident")
    return followups.plan_followup(
        resident=resident, facility_id=resident.managed_by_id, kind="PLANNED", origin_kind="reading",
        origin_uuid=concern.uuid, due_on=clock.today(at) + timedelta(days=0 if is_urgent else TASK_DAYS), plan=plan,
        risk=HIGH if is_urgent else RAISED, by=by, at=at,
    )  # fmt: skip


def _say(event: Event, concern: Concern, reading: Reading, slugs: list[str], *, by: Actor, at: datetime) -> None:
    task, resident = concern.task, reading.resident
    if task is None or resident is None:
        raise AssertionError("said of a concern with its task")
    announce(
        event,
        obj=concern,
        subject=resident.uuid,
        by=by,
        at=at,
        place=task.facility_id,
        rules=slugs,
        task=str(task.uuid),
    )


def leave(reading: Reading, *, at: datetime) -> None:
    """A reading leaves the record it stood in. When it was the only reason of an open task, the task ends."""
    concern = reading.concern
    if concern is None:
        return
    reading.concern = None
    reading.save(update_fields=["concern"])
    concern = Concern.objects.select_for_update(of=("self",)).select_related("task").get(pk=concern.pk)
    if concern.closed_at is not None or concern.readings.exists():
        return
    concern.closed_at = at
    concern.save(update_fields=["closed_at"])
    if concern.task is not None and concern.task.status in followups.OPEN:
        with override(settings.LANGUAGE_CODE):
            reason = _("引起这项任务的设备测量不属于本人。")
        followups.cancel_followup(task=concern.task, reason=reason, by=SORTING, at=at)
