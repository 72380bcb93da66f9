"""The front door of diagnostics."""

from collections.abc import Mapping, Sequence
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
    change_centre,
    claim_request,
    close_critical,
    continue_preliminary,
    handle_critical,
    mark_quality,
    note_performed,
    open_centre,
    order_examination,
    place_request,
    refuse_on_receipt,
    reject_request,
    release_request,
    start_examination,
    supplement_report,
    take_over_request,
    undo_performed,
    write_final,
    write_preliminary,
)
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.actions.texts import clean as clean_text
from xinglin.diagnostics.actions.texts import reasoned
from xinglin.diagnostics.banner import banner_of
from xinglin.diagnostics.catalogue import (
    chosen_items,
    critical_list,
    critical_text,
    exam_items,
    item_title,
    reject_reason_text,
    reject_reasons,
    title_of,
)
from xinglin.diagnostics.catalogue import skills as skills_of
from xinglin.diagnostics.data import Answer, Asked, Counts, RequestSummary
from xinglin.diagnostics.ecg import read_ecg, trace_svg
from xinglin.diagnostics.ecg.dicom_structure import check_structure
from xinglin.diagnostics.events import Event, Look
from xinglin.diagnostics.identity import mismatches
from xinglin.diagnostics.images import Images, images_of
from xinglin.diagnostics.kinds import has_page, room_of, status_word, words_of
from xinglin.diagnostics.models import Centre, CriticalValue, QualityMark, Recording, Report, Request
from xinglin.diagnostics.order_checks import AlreadyKnown, Order, OrderCheck, Settled, answers_in, note_shown
from xinglin.diagnostics.order_checks import panels as order_panels
from xinglin.diagnostics.order_checks import register as register_order_check
from xinglin.diagnostics.permissions import decisions_on, may_cancel, may_place, reads_at
from xinglin.diagnostics.policies import can_be_claimed, can_take_images
from xinglin.diagnostics.queries import (
    OPEN,
    centre_to_ask,
    centres_for,
    centres_managed_by,
    centres_read_by,
    criticals_visible_to,
    earlier_requests,
    not_performed,
    open_imaging_requests,
    reported_of,
    request_by_number,
    requests_readable_by,
    requests_visible_to,
    visible_critical,
    visible_request,
)
from xinglin.diagnostics.read_back import repeats
from xinglin.diagnostics.schemas import AnswerIn, SettledOut
from xinglin.diagnostics.states import CRITICAL_TRANSITIONS, REQUEST_TRANSITIONS, CriticalStatus, RequestStatus
from xinglin.diagnostics.statistics import Percentile, Turnaround, minutes_between, turnaround, with_told
from xinglin.diagnostics.web.pills import status_pill
from xinglin.platform.actors import Actor
from xinglin.web import work

__all__ = [
    "acknowledge_critical",
    "add_recording",
    "AlreadyKnown",
    "amend_report",
    "Answer",
    "AnswerIn",
    "Asked",
    "answers_in",
    "banner_of",
    "can_be_claimed",
    "can_take_images",
    "cancel_request",
    "Centre",
    "centre_to_ask",
    "centres_for",
    "centres_managed_by",
    "centres_read_by",
    "change_centre",
    "check_structure",
    "chosen_items",
    "claim_request",
    "clean_text",
    "close_critical",
    "continue_preliminary",
    "Counts",
    "counts",
    "critical_list",
    "critical_text",
    "criticals_visible_to",
    "CriticalStatus",
    "CriticalValue",
    "decisions_on",
    "earlier_requests",
    "Event",
    "exam_items",
    "handle_critical",
    "has_page",
    "Images",
    "images_of",
    "item_title",
    "item_titles",
    "locked_request",
    "Look",
    "mark_quality",
    "may_cancel",
    "may_place",
    "minutes_between",
    "mismatches",
    "not_performed",
    "note_performed",
    "note_shown",
    "OPEN",
    "open_centre",
    "open_imaging_requests",
    "Order",
    "order_examination",
    "order_panels",
    "OrderCheck",
    "Percentile",
    "place_request",
    "QualityMark",
    "read_ecg",
    "reads_at",
    "reasoned",
    "recordings_of",
    "refuse_on_receipt",
    "register_order_check",
    "reject_reason_text",
    "reject_reasons",
    "reject_request",
    "release_request",
    "repeats",
    "Report",
    "reported_of",
    "Request",
    "request_by_number",
    "request_summary",
    "requests_readable_by",
    "requests_visible_to",
    "RequestStatus",
    "RequestSummary",
    "Settled",
    "SettledOut",
    "skills_of",
    "standing",
    "start_examination",
    "state_tables",
    "status_pill",
    "summaries_of",
    "supplement_report",
    "take_over_request",
    "title_of",
    "trace_svg",
    "Turnaround",
    "turnaround",
    "undo_performed",
    "visible_critical",
    "visible_request",
    "waiting_for",
    "with_told",
    "words_of",
    "write_final",
    "write_preliminary",
]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"diagnostics.request": REQUEST_TRANSITIONS, "diagnostics.critical-value": CRITICAL_TRANSITIONS}


def recordings_of(request: Request) -> list[Recording]:
    """The recordings of a visible request, the newest first."""
    return list(request.recordings.order_by("-uploaded_at", "-id"))


def item_titles(request: Request) -> list[str]:
    """What was asked for, in the reader's language."""
    return [catalogue.item_title(request.kind, item) for item in request.items]


def standing(reports: Sequence[Report]) -> tuple[Report | None, list[Report]]:
    """Of the versions in their order: the one that stands, and the supplements added to it."""
    main = [each for each in reports if each.stage != Report.Stage.SUPPLEMENT]
    report = main[-1] if main else None
    return report, [each for each in reports if report and each.version > report.version]


def request_summary(request: Request) -> RequestSummary:
    """A request for a letter or an attachment; its newest report speaks. Read it by `requests_visible_to` first."""
    reports = sorted(request.reports.all(), key=lambda report: report.version)
    report, added = standing(reports)
    critical = [each for each in request.critical_values.all() if each.status != CriticalStatus.SUPERSEDED]
    return RequestSummary(
        uuid=request.uuid,
        number=request.number,
        resident_uuid=request.resident.uuid,
        kind=request.kind,
        status=request.status,
        status_label=status_word(request.kind, request.status, str(RequestStatus(request.status).label)),
        requested_at=request.requested_at,
        reported_at=request.reported_at,
        centre_name=request.centre.name,
        from_facility_id=request.from_facility_id,
        conclusion="\n".join(each.conclusion for each in (report, *added) if each),
        is_abnormal=bool(report and report.is_abnormal),
        critical=tuple(catalogue.critical_text(request.kind, each.code, each.text) for each in critical),
        url=reverse("diagnostics:detail", args=[request.uuid]),
        items=tuple(item_titles(request)),
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
        if not room_of(each)  # what has a page of its own is told by its own capability
        and (each.status in {RequestStatus.REQUESTED, RequestStatus.PERFORMED} or each.claimed_by == actor.user_id)
    ]
