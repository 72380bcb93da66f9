"""Pages of recognition: the catalogue, decisions, a report that was shown, the figures, one's own results."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.diagnostics import api as diagnostics
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotVisible, wrong
from xinglin.recognition import catalogue, figures, permissions, queries, words
from xinglin.recognition.data import Outcome
from xinglin.recognition.events import Look
from xinglin.recognition.finding import examined
from xinglin.recognition.periods import period
from xinglin.recognition.web import pages
from xinglin.residents import api as residents
from xinglin.web.answers import page
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, Sheet, workbook


@require_safe
@signed_in
def catalogue_page(request: Request) -> HttpResponse:
    """What is recognised."""
    permissions.may_see_catalogue(request.actor).require()
    after = request.GET.get("after", "")
    built = pages.CataloguePage.build(
        request.actor, kind=request.GET.get("kind", "")[:20], text=request.GET.get("q", "").strip()[:40],
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < 6 else 0, at=clock.now(),
    )  # fmt: skip
    return page(request, "recognition/catalogue.html", page=built)


@require_safe
@for_staff
def decisions(request: Request) -> HttpResponse:
    """What was decided at the actor's units, or behind a figure of the report."""
    actor, now = request.actor, clock.now()
    wanted, outcome = filters(request.GET), request.GET.get("outcome", "")
    found = queries.listed(actor, wanted, cursor=request.GET.get("cursor", ""))
    rows = pages.rows_of(actor, found)
    named = [row.decision.resident.uuid for row in rows if row.name]
    audit.look_many(Look.LISTED, by=actor, at=now, subjects=named, n=len(rows), outcome=outcome)
    tabs = pages.outcome_tabs(reverse("recognition:decisions"), request.GET.dict(), outcome)
    return page(
        request, "recognition/decisions.html", rows=rows, paging=found, tabs=tabs,
        since=wanted.since, until=_last_day(wanted), told=_told(wanted),
    )  # fmt: skip


def _last_day(wanted: queries.Filters) -> date:
    return wanted.until - timedelta(days=1)


def _told(wanted: queries.Filters) -> str:
    """The filters that came from the report, in words."""
    parts = [
        wanted.facility and network.facility_names([wanted.facility]).get(wanted.facility, ""),
        wanted.unit and network.facility_names([wanted.unit]).get(wanted.unit, ""),
        wanted.reason and f"{wanted.reason} {catalogue.reason_title(wanted.reason)}",
        wanted.item and _item_words(wanted.item),
    ]
    return " · ".join(str(each) for each in parts if each)


def _item_words(code: str) -> str:
    return next((each.title for each in catalogue.items(on=clock.today()) if each.code == code), code)


def filters(said: QueryDict) -> queries.Filters:
    """Filters of a list or report as typed. :raises InvalidInput: a day that is none"""
    since, until = period(said.get("since", "") or "", said.get("until", "") or "", today=clock.today())
    outcome = said.get("outcome", "") or ""
    if outcome and outcome not in Outcome.values:
        raise wrong("outcome", _("没有这种互认结果。"))
    return queries.Filters(
        since=since, until=until, outcome=outcome, item=(said.get("item", "") or "")[:40],
        reason=(said.get("reason", "") or "")[:10], facility=_number(said, "facility"),
        doctor=_number(said, "doctor"), unit=_number(said, "unit"),
    )  # fmt: skip


def _number(said: QueryDict, name: str) -> int | None:
    text = said.get(name, "") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


@require_safe
@signed_in
def decision(request: Request, uuid: UUID) -> HttpResponse:
    """One decision with the result it is about, or that was ordered all the same."""
    actor = request.actor
    found = queries.visible_decision(actor, uuid)
    audit.look(
        Look.DECISION, by=actor, at=clock.now(), subject=found.resident.uuid, kind="recognition.decision", key=str(uuid)
    )
    named = bool(queries.names_for(actor, [found]))
    opened = [found.source_id, found.request_id]
    opens = set(
        diagnostics.requests_readable_by(actor).filter(pk__in=[x for x in opened if x]).values_list("pk", flat=True)
    )
    latest = found.source.reports.order_by("-version").first()
    return page(
        request, "recognition/decision.html", row=pages.row_of(found), named=named,
        person=residents.person_of(found.resident, actor) if named else None, latest=latest,
        amended=latest is not None and latest.pk != found.report_id, opens_source=found.source_id in opens,
        opens_request=found.request_id in opens, yuan=found.fen / 100, examined_at=examined(found.source),
        age=words.age_words(found.age_days),
    )  # fmt: skip


@require_safe
@signed_in
def source(request: Request, uuid: UUID) -> HttpResponse:
    """The version of a report that was shown before an order: read for recognition, and recorded as that."""
    actor = request.actor
    found: Any = queries.shown_report(actor, uuid, at=clock.now())
    asked, resident = found.source, found.source.resident
    audit.look(
        Look.SOURCE, by=actor, at=clock.now(), subject=resident.uuid, kind="diagnostics.report", key=str(uuid),
        why="recognition", unit=asked.centre.facility_id,
    )  # fmt: skip
    opens = diagnostics.requests_readable_by(actor).filter(pk=asked.pk).exists()
    return page(
        request, "recognition/source.html", request_row=asked, report=found.report, opens=opens,
        person=residents.person_of(resident, actor), examined_at=examined(asked),
        titles=[catalogue.item_title(asked.kind, each["code"], each["title"]) for each in asked.items],
    )  # fmt: skip


@require_safe
@signed_in
def report(request: Request) -> HttpResponse:
    """The figures of a period, each of which opens to its records."""
    permissions.may_see_report(request.actor).require()
    by = _by(request.GET)
    wanted = filters(request.GET)
    built = figures.report(request.actor, wanted, by=by)
    audit.record(Look.REPORT, by=request.actor, at=clock.now(), detail={"by": by})
    base = {"since": wanted.since.isoformat(), "until": _last_day(wanted).isoformat()}
    return page(
        request, "recognition/report.html", report=built, by=by, base=_query(base), since=base["since"],
        until=base["until"], groups=_group_tabs(base, by), heading=dict(_groups())[by],
    )  # fmt: skip


def _query(values: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return query.urlencode()


def _by(said: QueryDict) -> str:
    by = said.get("by", "") or "facility"
    if by not in figures.GROUPS:
        raise NotVisible("recognition.group", by[:20])
    return by


def _groups() -> list[tuple[str, str]]:
    return [
        ("facility", _("按申请单位")), ("doctor", _("按医生")), ("item", _("按项目")), ("unit", _("按出具单位")),
        ("reason", _("按重做原因")),
    ]  # fmt: skip


def _group_tabs(base: dict[str, str], by: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": f"?{_query({**base, 'by': key})}", "active": key == by} for key, label in _groups()]


@require_safe
@signed_in
def report_workbook(request: Request) -> HttpResponse:
    """The same as a workbook: one sheet for each breakdown."""
    permissions.may_see_report(request.actor).require()
    wanted = filters(request.GET)
    headings = [_("名称"), *(str(each.label) for each in Outcome), _("采用占比"), _("节省（元）")]
    sheets = []
    for key, label in _groups():
        built = figures.report(request.actor, wanted, by=key)
        lines = [*built.lines, built.whole]
        sheets.append(Sheet(label, headings, [_cells(each, is_whole=each is built.whole) for each in lines]))
    audit.record(Look.REPORT, by=request.actor, at=clock.now(), detail={"by": "workbook"})
    response = HttpResponse(workbook(sheets), content_type=XLSX)
    response["Content-Disposition"] = (
        f'attachment; filename="xinglin-recognition-{wanted.since:%Y%m%d}-{_last_day(wanted):%Y%m%d}.xlsx"'
    )
    response["Cache-Control"] = "no-store"
    return response


def _cells(line: figures.Line, *, is_whole: bool) -> list[Any]:
    share = None if line.share is None else round(line.share, 4)
    return [
        _("合计") if is_whole else line.name, line.n_recognised, line.n_repeated, line.n_not_seen, line.n_serial, share,
        line.saved_yuan,
    ]  # fmt: skip


@require_safe
@signed_in
def own(request: Request) -> HttpResponse:
    """A resident's own results that were taken over, and why something was done again."""
    actor = request.actor
    found = queries.own_decisions(actor, cursor=request.GET.get("cursor", ""))
    if actor.self_uuid is None:
        raise NotVisible("residents.resident", "")
    audit.look(Look.OWN, by=actor, at=clock.now(), subject=actor.self_uuid)
    return page(request, "recognition/own.html", rows=[pages.row_of(each) for each in found.rows], paging=found)
