"""A critical value on its way: acknowledged with read-back, handled, closed; escalated while nobody answers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, permissions
from xinglin.diagnostics.actions.rows import locked_critical
from xinglin.diagnostics.actions.texts import clean
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import CriticalValue, Escalation
from xinglin.diagnostics.read_back import repeats
from xinglin.diagnostics.states import CRITICAL_TRANSITIONS, CriticalStatus
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

#: 1: the unit that manages the sender; 2: the centre itself.
LEVELS = 2


@transaction.atomic
def acknowledge_critical(*, critical: CriticalValue, read_back: str, by: Actor, at: datetime) -> CriticalValue:
    """Confirm that it was heard, by saying it back. Late is recorded as late, never refused.

    :raises NotPermitted: not the sending unit
    :raises Conflict: somebody has confirmed it, or the report was amended
    :raises InvalidInput: nothing was read back, or (code ``nothing-repeated``) nothing of the person or the finding
    """
    critical = locked_critical(critical)
    permissions.may_acknowledge(by, critical).require()
    request = critical.request
    read_back = _read_back(critical, read_back)
    move(
        critical, table=CRITICAL_TRANSITIONS, to=CriticalStatus.CONFIRMED, by=by, at=at, place=request.from_facility_id,
        confirmed_at=at, confirmed_by=by.user_id or 0, confirmed_by_name=by.name[:40],
        read_back=read_back,
    )  # fmt: skip
    announce(
        Event.CRITICAL_CONFIRMED, obj=critical, subject=request.resident.uuid, by=by, at=at,
        place=request.from_facility_id, in_time=critical.is_in_time,
    )  # fmt: skip
    return critical


def _read_back(critical: CriticalValue, said: str) -> str:
    said = clean(said, "read_back", most=500, least=2)
    resident = critical.request.resident
    shown = catalogue.critical_text(critical.request.kind, critical.code, critical.text)
    texts = (critical.text, shown, critical.report.conclusion)
    if not repeats(said, name=resident.name, pinyin=resident.pinyin, texts=texts):
        example = _("请复述居民姓名或危急值内容，例如：%(name)s，%(text)s。") % {"name": resident.name, "text": shown}
        raise InvalidInput(example, fields={"read_back": example}, code="nothing-repeated")
    return said


@transaction.atomic
def handle_critical(*, critical: CriticalValue, handling: str, by: Actor, at: datetime) -> CriticalValue:
    """Write what was done for the person.

    :raises NotPermitted: not the sending unit
    :raises Conflict: it was not confirmed yet, or is handled
    :raises InvalidInput: nothing is written
    """
    critical = locked_critical(critical)
    permissions.may_handle(by, critical).require()
    request = critical.request
    move(
        critical, table=CRITICAL_TRANSITIONS, to=CriticalStatus.HANDLED, by=by, at=at, place=request.from_facility_id,
        handled_at=at, handled_by=by.user_id or 0, handled_by_name=by.name[:40],
        handling=clean(handling, "handling", most=1000, least=2),
    )  # fmt: skip
    announce(
        Event.CRITICAL_HANDLED,
        obj=critical,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=request.from_facility_id,
    )
    return critical


@transaction.atomic
def close_critical(*, critical: CriticalValue, remark: str = "", by: Actor, at: datetime) -> CriticalValue:
    """Close the loop at the centre after it was handled.

    :raises NotPermitted: not a reader of the centre
    :raises Conflict: it was not handled yet
    """
    critical = locked_critical(critical)
    permissions.may_close(by, critical).require()
    request = critical.request
    move(
        critical, table=CRITICAL_TRANSITIONS, to=CriticalStatus.CLOSED, by=by, at=at, place=request.centre.facility_id,
        reason=clean(remark, "remark", most=500),
    )  # fmt: skip
    announce(
        Event.CRITICAL_CLOSED,
        obj=critical,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=request.centre.facility_id,
    )
    return critical


@transaction.atomic
def escalate_critical(*, critical: CriticalValue, level: int, by: Actor, at: datetime) -> Escalation:
    """Tell the next unit that nobody has confirmed. It never closes anything; only people do.

    :raises NotPermitted: not the system
    :raises Conflict: confirmed, superseded, not due, or this level was reached already
    """
    critical = locked_critical(critical)
    permissions.may_escalate(by, critical, level, at).require()
    request = critical.request
    facility_id = _told_at(level, critical)
    escalation = Escalation.objects.create(critical=critical, level=level, facility_id=facility_id, escalated_at=at)
    CriticalValue.objects.filter(pk=critical.pk).update(escalation=level)
    announce(
        Event.CRITICAL_ESCALATED,
        obj=critical,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=facility_id,
        level=level,
    )
    return escalation


def _told_at(level: int, critical: CriticalValue) -> int:
    """Level 1 is the unit that manages the sender (the centre, when nobody does), level 2 the centre."""
    centre_facility_id: int = critical.request.centre.facility_id
    if level >= LEVELS:
        return centre_facility_id
    return network.manager_of(critical.request.from_facility_id) or centre_facility_id
