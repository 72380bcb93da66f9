"""What follows an event of this capability: people are told, the clock of a critical value is set."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.diagnostics import actions, catalogue, kinds, policies
from xinglin.diagnostics.actions.criticals import LEVELS
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.queries import OPEN
from xinglin.diagnostics.states import CriticalStatus
from xinglin.notifications import api as notifications
from xinglin.platform import clock, jobs
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents

ORDINARY, SOON, NOW = 0, 1, 2
OVERDUE = "request.overdue"
PROVER = system_actor("检查报告")

#: How each message reads, and the page it opens.
SENTENCES = {
    Event.REQUEST_PLACED: (_("新的诊断申请 %(number)s"), "diagnostics:detail"),
    OVERDUE: (_("诊断申请 %(number)s 已超过承诺时限，仍未出报告"), "diagnostics:detail"),
    Event.REQUEST_REJECTED: (_("诊断申请 %(number)s 被退回，请重新采集"), "diagnostics:detail"),
    Event.REPORT_PRELIMINARY: (_("检查 %(number)s 已出初步报告"), "diagnostics:detail"),
    Event.REPORT_SIGNED: (_("检查 %(number)s 已出正式报告"), "diagnostics:detail"),
    Event.REPORT_AMENDED: (_("检查 %(number)s 的报告已更正，请重新查看"), "diagnostics:detail"),
    Event.REPORT_SUPPLEMENTED: (_("检查 %(number)s 有补充报告"), "diagnostics:detail"),
    Event.CRITICAL_NOTIFIED: (_("危急值：%(number)s %(text)s，请立即复述确认"), "diagnostics:critical"),
    Event.CRITICAL_SUPERSEDED: (_("危急值 %(number)s %(text)s 已被更正报告取代"), "diagnostics:critical"),
    Event.CRITICAL_CONFIRMED: (_("危急值 %(number)s %(text)s 已由 %(by)s 确认"), "diagnostics:critical"),
    Event.CRITICAL_HANDLED: (_("危急值 %(number)s %(text)s 已处置，请核对后关闭"), "diagnostics:critical"),
    Event.CRITICAL_ESCALATED: (_("危急值 %(number)s %(text)s 超时未确认，请督促处置"), "diagnostics:critical"),
}


def connect() -> None:
    """Subscribe the jobs and describe the messages; called while applications load."""
    subscribe(Event.REQUEST_PLACED, "diagnostics.tell-centre")
    subscribe(Event.EXAMINATION_PERFORMED, "diagnostics.tell-centre")
    for event in (
        Event.REQUEST_REJECTED,
        Event.REPORT_PRELIMINARY,
        Event.REPORT_SIGNED,
        Event.REPORT_AMENDED,
        Event.REPORT_SUPPLEMENTED,
    ):
        subscribe(event, f"diagnostics.tell-sender.{event}")
    subscribe(Event.REPORT_SIGNED, "diagnostics.prove")
    subscribe(Event.CRITICAL_NOTIFIED, "diagnostics.start-critical")
    subscribe(Event.CRITICAL_SUPERSEDED, "diagnostics.tell-superseded")
    for event in (Event.CRITICAL_CONFIRMED, Event.CRITICAL_HANDLED):
        subscribe(event, f"diagnostics.tell-notifier.{event}")
    subscribe(Event.CRITICAL_ESCALATED, "diagnostics.tell-escalated")
    for kind, (sentence, url_name) in SENTENCES.items():
        notifications.describe(str(kind), sentence, url_name, _told)


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a message as they are read: a critical value by its code, in the reader's language."""
    if "code" not in facts:
        return dict(facts)
    return {**facts, "text": catalogue.critical_text(facts["kind"], facts["code"], facts["text"])}


@jobs.task("diagnostics.prove")
def prove(*, event_uuid: str, object_uuid: str) -> None:
    """A reported examination is done: whoever promised it under a contract has kept his word."""
    request = Request.objects.select_related("resident").get(uuid=object_uuid)
    evidence = contracts.Evidence(
        frozenset({f"examination:{request.kind}"}), clock.today(request.performed_at or request.requested_at),
        request.from_facility_id, "diagnostics.request", request.uuid,
    )  # fmt: skip
    contracts.note_done(
        resident_ids=residents.ids_of_person(request.resident), evidence=evidence, by=PROVER, at=clock.now()
    )


@jobs.task("diagnostics.tell-centre", queue="urgent")
@transaction.atomic
def tell_centre(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the readers of the centre, and look again when the request is due."""
    request = Request.objects.select_related("centre").get(uuid=object_uuid)
    if policies.waits_for_images(request):
        return  # there is nothing to read yet: told when the images are there
    _tell_readers(request, event_uuid, Event.REQUEST_PLACED, (NOW, SOON, ORDINARY)[request.priority_rank])
    jobs.defer("diagnostics.remind", at=request.due_at, request_uuid=object_uuid)


@jobs.task("diagnostics.remind")
def remind(*, request_uuid: str) -> None:
    """Remind the centre of a request that is past its promise. Once for each request."""
    request = Request.objects.select_related("centre").get(uuid=request_uuid)
    if request.status in OPEN and clock.now() >= request.due_at:
        _tell_readers(request, str(uuid5(request.uuid, OVERDUE)), OVERDUE, SOON)


def _tell_readers(request: Request, event_uuid: str, kind: str, urgency: int) -> None:
    notifications.tell(
        event_uuid=UUID(event_uuid), kind=str(kind), urgency=urgency, at=clock.now(),
        facility_id=request.centre.facility_id, permission=kinds.writes(request.kind), object_kind="request",
        object_uuid=request.uuid, facts={"number": request.number},
    )  # fmt: skip


def _tell_sender(event: Event, event_uuid: str, object_uuid: str) -> None:
    request = Request.objects.get(uuid=object_uuid)
    urgency = ORDINARY if event == Event.REPORT_SIGNED else SOON
    notifications.tell(
        event_uuid=UUID(event_uuid), kind=str(event), urgency=urgency, at=clock.now(),
        **_reader(request.requested_by, request.from_facility_id, Permission.REQUEST_PLACE),
        object_kind="request", object_uuid=request.uuid, facts={"number": request.number},
    )  # fmt: skip


def _reader(user_id: int | None, facility_id: int, permission: str) -> dict[str, Any]:
    """Who is told: the account that asked; without one, whoever may do it there."""
    if user_id:
        return {"user_id": user_id}
    return {"facility_id": facility_id, "permission": permission}


@jobs.task(f"diagnostics.tell-sender.{Event.REQUEST_REJECTED}")
def tell_rejected(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender that the recording could not be read."""
    _tell_sender(Event.REQUEST_REJECTED, event_uuid, object_uuid)


@jobs.task(f"diagnostics.tell-sender.{Event.REPORT_PRELIMINARY}")
def tell_preliminary(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender of a preliminary report."""
    _tell_sender(Event.REPORT_PRELIMINARY, event_uuid, object_uuid)


@jobs.task(f"diagnostics.tell-sender.{Event.REPORT_SIGNED}")
def tell_signed(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender of the report."""
    _tell_sender(Event.REPORT_SIGNED, event_uuid, object_uuid)


@jobs.task(f"diagnostics.tell-sender.{Event.REPORT_AMENDED}")
def tell_amended(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender that the report was corrected."""
    _tell_sender(Event.REPORT_AMENDED, event_uuid, object_uuid)


@jobs.task(f"diagnostics.tell-sender.{Event.REPORT_SUPPLEMENTED}")
def tell_supplemented(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender that something was added to the report."""
    _tell_sender(Event.REPORT_SUPPLEMENTED, event_uuid, object_uuid)


@jobs.task("diagnostics.start-critical", queue="urgent")
@transaction.atomic
def start_critical(*, event_uuid: str, object_uuid: str) -> None:
    """Tell everybody at the sending unit who may acknowledge, and set the clock of the first escalation."""
    critical = _critical(object_uuid)
    _tell_of(
        critical,
        event_uuid,
        Event.CRITICAL_NOTIFIED,
        critical.request.from_facility_id,
        Permission.CRITICAL_ACKNOWLEDGE,
    )
    if critical.status == CriticalStatus.NOTIFIED:
        jobs.defer("diagnostics.escalate", at=critical.due_at, critical_uuid=object_uuid, level=1)


@jobs.task("diagnostics.escalate", queue="urgent")
def escalate(*, critical_uuid: str, level: int) -> None:
    """At its time, tell the next unit; then set the clock of the level after. Run twice, it escalates once."""
    critical = _critical(critical_uuid)
    try:
        with transaction.atomic():
            actions.escalate_critical(critical=critical, level=level, by=system_actor("危急值上报"), at=clock.now())
            if level < LEVELS:
                due = policies.escalation_due(critical, level + 1)
                jobs.defer("diagnostics.escalate", at=due, critical_uuid=critical_uuid, level=level + 1)
    except Conflict:
        return  # confirmed meanwhile, or this level was reached by an earlier run


@jobs.task("diagnostics.tell-escalated", queue="urgent")
def tell_escalated(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the unit of the newest level."""
    critical = _critical(object_uuid)
    newest = critical.escalations.order_by("-level").first()
    if newest is None:
        return
    at_centre = newest.facility_id == critical.request.centre.facility_id
    permission = kinds.writes(critical.request.kind) if at_centre else Permission.CRITICAL_ACKNOWLEDGE
    _tell_of(critical, event_uuid, Event.CRITICAL_ESCALATED, newest.facility_id, permission)


@jobs.task("diagnostics.tell-superseded")
def tell_superseded(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sending unit that a critical value no longer stands."""
    critical = _critical(object_uuid)
    facility_id = critical.request.from_facility_id
    _tell_of(critical, event_uuid, Event.CRITICAL_SUPERSEDED, facility_id, Permission.CRITICAL_ACKNOWLEDGE, SOON)


def _tell_notifier(event: Event, event_uuid: str, object_uuid: str) -> None:
    critical = _critical(object_uuid)
    notifications.tell(
        event_uuid=UUID(event_uuid), kind=str(event), urgency=ORDINARY, at=clock.now(),
        **_reader(critical.notified_by, critical.request.centre.facility_id, kinds.writes(critical.request.kind)),
        object_kind="critical", object_uuid=critical.uuid, facts=_facts(critical),
    )  # fmt: skip


@jobs.task(f"diagnostics.tell-notifier.{Event.CRITICAL_CONFIRMED}")
def tell_confirmed(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the reader that the sender heard."""
    _tell_notifier(Event.CRITICAL_CONFIRMED, event_uuid, object_uuid)


@jobs.task(f"diagnostics.tell-notifier.{Event.CRITICAL_HANDLED}")
def tell_handled(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the reader that it was handled and can be closed."""
    _tell_notifier(Event.CRITICAL_HANDLED, event_uuid, object_uuid)


def _critical(uuid: str) -> CriticalValue:
    return CriticalValue.objects.select_related("request__centre").get(uuid=uuid)


def _facts(critical: CriticalValue) -> dict[str, str]:
    return {
        "number": critical.request.number, "kind": critical.request.kind, "code": critical.code, "text": critical.text,
        "by": critical.confirmed_by_name,
    }  # fmt: skip


def _tell_of(
    critical: CriticalValue, event_uuid: str, kind: Event, facility_id: int, permission: str, urgency: int = NOW
) -> None:
    notifications.tell(
        event_uuid=UUID(event_uuid), kind=str(kind), urgency=urgency, at=clock.now(), facility_id=facility_id,
        permission=permission, object_kind="critical", object_uuid=critical.uuid, facts=_facts(critical),
    )  # fmt: skip
