"""Examinations on the 360° timeline of a resident."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.diagnostics import catalogue, queries
from xinglin.diagnostics.kinds import conclusion_in_words, words_of
from xinglin.diagnostics.models import Report, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry


def requests_of_resident(
    actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int
) -> list[TimelineEntry]:
    """Requests, reports and critical values of a resident that the actor may see. Three queries, however many rows."""
    found: list[TimelineEntry] = []
    for request in queries.requests_of(actor, list(resident_ids), before=before, limit=limit):
        url = reverse("diagnostics:detail", args=[request.uuid])
        found.append(_placed(request, url))
        found += [_report(request, each, url) for each in _reports(actor, request) if each.signed_at < before]
        found += _criticals(request, before)
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]


def _reports(actor: Actor, request: Request) -> list[Report]:
    """All versions; to the person himself what was signed as final."""
    is_own = actor.self_uuid == request.resident.uuid
    return [each for each in request.reports.all() if not is_own or each.stage != Report.Stage.PRELIMINARY]


def _placed(request: Request, url: str) -> TimelineEntry:
    return TimelineEntry(
        at=request.requested_at, kind="request", icon=words_of(request.kind).icon, title=str(words_of(request.kind).ask), detail=request.question,
        url=url,
        facility_name=str(request.from_facility), by_name=request.requested_by_name,
        tone="warning" if request.status == RequestStatus.REJECTED else "",
    )  # fmt: skip


def _report(request: Request, report: Report, url: str) -> TimelineEntry:
    return TimelineEntry(
        at=report.signed_at, kind="report", icon="clipboard", title=str(Report.Stage(report.stage).label),
        detail=conclusion_in_words(request.kind, report.conclusion).replace("\n", "；"), url=url, facility_name=request.centre.name,
        by_name=report.author_name, tone="warning" if report.is_abnormal else "ok",
    )  # fmt: skip


def _criticals(request: Request, before: datetime) -> list[TimelineEntry]:
    found: list[TimelineEntry] = []
    for critical in request.critical_values.all():
        url = reverse("diagnostics:critical", args=[critical.uuid])
        text = catalogue.critical_text(request.kind, critical.code, critical.text)
        superseded = critical.status == CriticalStatus.SUPERSEDED
        steps = [
            (
                critical.notified_at,
                _("危急值"),
                text,
                request.centre.name,
                critical.notified_by_name,
                "" if superseded else "critical",
            ),
            (
                critical.confirmed_at,
                _("危急值已确认"),
                critical.read_back,
                str(request.from_facility),
                critical.confirmed_by_name,
                "info",
            ),
            (
                critical.handled_at,
                _("危急值已处置"),
                critical.handling,
                str(request.from_facility),
                critical.handled_by_name,
                "ok",
            ),
        ]
        found += [
            TimelineEntry(at, "critical", "alert-octagon", title, detail, url, place, name, tone)
            for at, title, detail, place, name, tone in steps
            if at is not None and at < before
        ]
    return found
