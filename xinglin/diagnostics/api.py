"""The front door of diagnostics."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import catalogue, queries
from xinglin.diagnostics.actions import (
    acknowledge_critical,
    add_recording,
    amend_report,
    cancel_request,
    claim_request,
    close_critical,
    handle_critical,
    note_performed,
    open_centre,
    order_examination,
    place_request,
    reject_request,
    release_request,
    start_examination,
    take_over_request,
    undo_performed,
    write_final,
    write_preliminary,
)
from xinglin.diagnostics.data import Answer, Counts, RejectReason, RequestSummary
from xinglin.diagnostics.ecg.dicom_structure import check_structure
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.identity import mismatches
from xinglin.diagnostics.kinds import words_of
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.order_checks import AlreadyKnown, Order, OrderCheck, Settled, answers_in, note_shown
from xinglin.diagnostics.order_checks import panels as order_panels
from xinglin.diagnostics.order_checks import register as register_order_check
from xinglin.diagnostics.policies import can_take_images
from xinglin.diagnostics.queries import (
    centres_for,
    centres_read_by,
    criticals_visible_to,
    open_imaging_requests,
    reported_of,
    request_by_number,
    requests_readable_by,
    requests_visible_to,
    visible_critical,
    visible_request,
)
from xinglin.diagnostics.states import (
    CRITICAL_TRANSITIONS,
    REQUEST_TRANSITIONS,
    CriticalStatus,
    RequestStatus,
)
from xinglin.platform.actors import Actor
from xinglin.web import work

__all__ = [
    "AlreadyKnown",
    "Answer",
    "Counts",
    "Event",
    "Order",
    "OrderCheck",
    "RejectReason",
    "Request",
    "RequestSummary",
    "Settled",
    "acknowledge_critical",
    "add_recording",
    "amend_report",
    "answers_in",
    "can_take_images",
    "cancel_request",
    "centres_for",
    "centres_read_by",
    "check_structure",
    "claim_request",
    "close_critical",
    "counts",
    "handle_critical",
    "mismatches",
    "note_performed",
    "note_shown",
    "open_centre",
    "open_imaging_requests",
    "order_examination",
    "order_panels",
    "place_request",
    "register_order_check",
    "reported_of",
    "reject_request",
    "release_request",
    "request_by_number",
    "request_summary",
    "criticals_visible_to",
    "requests_readable_by",
    "requests_visible_to",
    "start_examination",
    "state_tables",
    "summaries_of",
    "take_over_request",
    "undo_performed",
    "visible_critical",
    "visible_request",
    "waiting_for",
    "write_final",
    "write_preliminary",
]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"diagnostics.request": REQUEST_TRANSITIONS, "diagnostics.critical-value": CRITICAL_TRANSITIONS}


def request_summary(request: Request) -> RequestSummary:
    """A request for a letter or an attachment; its newest report speaks. Read it by `requests_visible_to` first."""
    reports = sorted(request.reports.all(), key=lambda report: report.version)
    report = reports[-1] if reports else None
    critical = [each for each in request.critical_values.all() if each.status != CriticalStatus.SUPERSEDED]
    return RequestSummary(
        uuid=request.uuid,
        number=request.number,
        resident_uuid=request.resident.uuid,
        kind=request.kind,
        status=request.status,
        status_label=str(RequestStatus(request.status).label),
        requested_at=request.requested_at,
        reported_at=request.reported_at,
        centre_name=request.centre.name,
        from_facility_id=request.from_facility_id,
        conclusion=report.conclusion if report else "",
        is_abnormal=bool(report and report.is_abnormal),
        critical=tuple(catalogue.critical_text(request.kind, each.code, each.text) for each in critical),
        url=reverse("diagnostics:detail", args=[request.uuid]),
    )


def summaries_of(actor: Actor, resident_ids: list[int], *, before: datetime, limit: int = 10) -> list[RequestSummary]:
    """The newest requests of a person that the actor may see, for choosing what to attach."""
    return [request_summary(each) for each in queries.requests_of(actor, resident_ids, before=before, limit=limit)]


def counts(actor: Actor, *, at: datetime) -> Counts:
    """How much waits for the actor: at the centre he reads for, and at the unit he sends from."""
    found = Counts()
    if Permission.REPORT_WRITE in actor.permissions:
        row = queries.requests_visible_to(actor).filter(
            centre__in=queries.centres_read_by(actor), status__in=queries.OPEN
        ).aggregate(
            waiting=Count("id", filter=Q(status=RequestStatus.REQUESTED)),
            emergency=Count("id", filter=Q(status=RequestStatus.REQUESTED, priority_rank=0)),
            overdue=Count("id", filter=Q(due_at__lt=at)),
        )  # fmt: skip
        found = Counts(**row)
    if Permission.CRITICAL_ACKNOWLEDGE in actor.permissions:
        n_open = _own_criticals(actor).count()
        found = Counts(found.waiting, found.emergency, found.overdue, n_open, _rejected(actor).count())
    return found


def waiting_for(actor: Actor, *, at: datetime) -> list[work.WorkItem]:
    """What waits for the actor: critical values of his unit, rejected recordings, and the centre's work list."""
    items: list[work.WorkItem] = []
    if Permission.CRITICAL_ACKNOWLEDGE in actor.permissions:
        items += _critical_items(actor) + _rejected_items(actor)
    if Permission.REPORT_WRITE in actor.permissions:
        items += _reading_items(actor)
    return items[:MOST]


def _own_criticals(actor: Actor) -> Any:
    places = actor.places_where(Permission.CRITICAL_ACKNOWLEDGE)
    criticals = queries.criticals_visible_to(actor).filter(
        status__in=(CriticalStatus.NOTIFIED, CriticalStatus.CONFIRMED)
    )
    return criticals if places is None else criticals.filter(request__from_facility__in=places)


def _critical_items(actor: Actor) -> list[work.WorkItem]:
    return [
        work.WorkItem(
            kind="critical",
            icon="alert-octagon",
            title=_("危急值：%(name)s %(text)s")
            % {
                "name": each.request.resident.name,
                "text": catalogue.critical_text(each.request.kind, each.code, each.text),
            },
            detail=_("请立即复述确认") if each.status == CriticalStatus.NOTIFIED else _("已确认，请记录处置"),
            url=reverse("diagnostics:critical", args=[each.uuid]),
            risk=work.CRITICAL,
            due_at=each.due_at if each.status == CriticalStatus.NOTIFIED else None,
            since=each.notified_at,
        )
        for each in _own_criticals(actor).order_by("due_at", "id")[:MOST]
    ]


def _rejected(actor: Actor) -> Any:
    places = actor.places_where(Permission.REQUEST_PLACE)
    requests = queries.requests_visible_to(actor).filter(status=RequestStatus.REJECTED, repeated_by__isnull=True)
    return requests if places is None else requests.filter(from_facility__in=places)


def _rejected_items(actor: Actor) -> list[work.WorkItem]:
    return [
        work.WorkItem(
            kind="request-rejected",
            icon="refresh",
            title=str(words_of(each.kind).sent_back) % {"name": each.resident.name},
            detail=_("请重新采集后再次申请"),
            url=reverse("diagnostics:detail", args=[each.uuid]),
            risk=work.RAISED,
            since=each.status_changed_at,
        )
        for each in _rejected(actor).order_by("-status_changed_at", "-id")[:10]
    ]


def _reading_items(actor: Actor) -> list[work.WorkItem]:
    risks = {0: work.CRITICAL, 1: work.HIGH, 2: work.ORDINARY}
    return [
        work.WorkItem(
            kind="request",
            icon=words_of(each.kind).icon,
            title=str(words_of(each.kind).waits) % {"name": each.resident.name},
            detail=f"{Request.Priority(each.priority).label} · {each.from_facility} · {each.question}",
            url=reverse("diagnostics:detail", args=[each.uuid]),
            risk=risks[each.priority_rank],
            due_at=each.due_at,
            since=each.requested_at,
        )
        for each in queries.worklist(actor)[:MOST]
        if each.status == RequestStatus.REQUESTED or each.claimed_by == actor.user_id
    ]
