"""The page of one request: the reading room for the centre, state and report for the sender."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import catalogue, permissions, policies, queries
from xinglin.diagnostics.actions.recordings import MISMATCH_WORDS
from xinglin.diagnostics.actions.reports import NOT_CRITICAL
from xinglin.diagnostics.banner import banner_of
from xinglin.diagnostics.duties import Duty, Link, duties_of, links_of
from xinglin.diagnostics.images import Images, images_of
from xinglin.diagnostics.kinds import Words, words_of
from xinglin.diagnostics.models import CriticalValue, QualityMark, Recording, Report, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.diagnostics.web.kept import Kept
from xinglin.diagnostics.web.pages import doubt_of
from xinglin.diagnostics.web.pills import critical_pill, priority_pill, status_pill
from xinglin.diagnostics.web.steps import steps_of
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.pills import Pill

#: Statuses a signed report brings.
REPORTED = (RequestStatus.PRELIMINARY, RequestStatus.FINAL, RequestStatus.AMENDED)
#: The place of the heart rate in a template; atrial and ventricular rates are left to the reader.
_RATE_BLANK = re.compile(r"(心率|Sinus rhythm(?: at|,) |Regular rhythm at )__(次/分| (?:beats )?per minute)")


@dataclass(frozen=True)
class ReportView:
    """One signed version of a report."""

    report: Report
    stage: str
    codes: list[str]


@dataclass(frozen=True)
class CriticalView:
    """One critical value of the request; `url` is empty for who may not open it."""

    critical: CriticalValue
    status: Pill
    text: str
    url: str


@dataclass(frozen=True)
class RecordingView:
    """One recording with the addresses of its trace."""

    recording: Recording
    trace_url: str
    url: str
    is_shown: bool
    signs: list[str]
    computed: dict[str, Any] | None = None  # where the device measured nothing


@dataclass(frozen=True)
class Detail:
    """All that the page of a request reads."""

    request: Request
    person: Any
    status: Pill
    priority: Pill
    steps: list[dict[str, Any]]
    recordings: list[RecordingView]
    vitals: list[tuple[str, str, str]]
    reports: list[ReportView]
    criticals: list[CriticalView]
    earlier: list[dict[str, Any]]
    rejection: dict[str, Any] | None
    decisions: dict[str, Decision]
    is_reader: bool
    is_sender: bool
    templates: list[dict[str, Any]]
    critical_choices: list[dict[str, Any]]
    reject_reasons: list[tuple[str, str]]
    data: dict[str, Any]
    error: InvalidInput | None
    form: str
    repeat_url: str
    kept: Sequence[Kept]
    not_critical: dict[str, Any] | None
    images: list[Images]
    items: list[str]
    grades: list[tuple[str, str]]
    duty: Duty | None = None
    is_mine_to_start: bool = False
    links: Sequence[Link] = ()

    @property
    def words(self) -> Words:
        """The words of this kind of examination."""
        return words_of(self.request.kind)

    @property
    def is_performed_later(self) -> bool:
        """Whether images belong to it rather than recordings."""
        return self.request.kind in policies.PERFORMED_LATER

    @property
    def first_step(self) -> bool:
        """Whether this reader can only write the preliminary report: a senior signs the final one."""
        return bool(self.decisions["preliminary"]) and self.decisions["final"].code == "two-step"

    @property
    def latest(self) -> ReportView | None:
        """The report that stands."""
        return self.reports[0] if self.reports else None

    @property
    def shown(self) -> RecordingView | None:
        """The recording on the screen."""
        return next((each for each in self.recordings if each.is_shown), None)

    @property
    def has_report_column(self) -> bool:
        """Whether a form or, for a reader, a report stands beside the earlier examinations."""
        return bool(self.writes or (self.latest and not self.is_sender))

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field of the form that was refused."""
        return dict(self.error.fields) if self.error else {}

    @property
    def doubt(self) -> str:
        """Why the form of another recording asks for confirmation, if it does."""
        return doubt_of(self.error)

    @property
    def asks_why_not(self) -> bool:
        """Whether the report form asks why a critical value is not raised: only when that is missing, or was said."""
        return "not_critical_reason" in self.fields or bool(self.data.get("not_critical_reason"))

    @property
    def writes(self) -> str:
        """Which report form is open: ``final`` (with or without a preliminary one), ``amend``, or none."""
        if self.decisions["final"] or self.first_step:
            return "final"
        return "amend" if self.decisions["amend"] else ""


def build(
    actor: Actor,
    request: Request,
    *,
    at: datetime,
    recording: str = "",
    data: dict[str, Any] | None = None,
    error: InvalidInput | None = None,
    form: str = "",
    kept: Sequence[Kept] = (),
) -> Detail:
    """Build the page of a visible request; `data`, `error`, `form` bring back what was typed and why it was refused."""
    reports = list(request.reports.order_by("-version"))
    decisions = permissions.decisions_on(actor, request, at)
    is_reader = bool(permissions.reads_at(actor, request.centre))
    recordings = _recordings(request, recording)
    writes = bool(decisions["final"] or decisions["amend"] or decisions["final"].code == "two-step")
    person_ids = residents.ids_of_person(request.resident)
    duty = duties_of([request], at=at).get(request.pk) if is_reader else None
    return Detail(
        request=request,
        person=banner_of(actor, request, at=at),
        status=status_pill(request),
        priority=priority_pill(request),
        steps=steps_of(request),
        recordings=recordings,
        vitals=_vitals(request),
        reports=[_report_view(request, report) for report in reports],
        criticals=_critical_views(actor, request),
        earlier=_earlier(actor, request, person_ids),
        rejection=_rejection(request),
        decisions=decisions,
        is_reader=is_reader,
        is_sender=bool(actor.may(Permission.REQUEST_PLACE, at=request.from_facility_id)),
        templates=_templates(request, recordings, at) if writes else [],
        critical_choices=_critical_choices(request, recordings, at) if writes else [],
        reject_reasons=_reject_reasons(request, at),
        data=data or _start(reports, request),
        error=error,
        form=form,
        repeat_url=_repeat_url(request),
        kept=kept,
        not_critical=_not_critical(request),
        images=images_of(actor, request, person_ids) if request.kind in policies.PERFORMED_LATER else [],
        items=[catalogue.item_title(request.kind, item) for item in request.items],
        grades=_grades(request) if writes else [],
        duty=duty,
        is_mine_to_start=duty is not None and duty.reader_id == actor.user_id,
        links=links_of(actor, request),
    )


def _grades(request: Request) -> list[tuple[str, str]]:
    """Grades of a picture, offered until one was given."""
    if request.kind not in policies.PERFORMED_LATER or request.quality_marks.filter(stage="INTAKE").exists():
        return []
    return [(value, str(label)) for value, label in QualityMark.Grade.choices]


def _recordings(request: Request, chosen: str) -> list[RecordingView]:
    rows = list(request.recordings.order_by("-uploaded_at", "-id"))
    shown = next((row for row in rows if str(row.uuid) == chosen), rows[0] if rows else None)
    trace = reverse("diagnostics:trace_json", args=[request.uuid])
    url = reverse("diagnostics:detail", args=[request.uuid])
    return [
        RecordingView(
            recording=row, trace_url=f"{trace}?recording={row.uuid}", url=f"{url}?recording={row.uuid}",
            is_shown=row is shown, signs=[str(MISMATCH_WORDS[code]) for code in row.warnings if code in MISMATCH_WORDS],
            computed=computed_of(row),
        )
        for row in rows
    ]  # fmt: skip


def computed_of(recording: Recording) -> dict[str, Any] | None:
    """Rate and intervals a library computed, with its name and version; None where the device measured, or none came out."""
    found = recording.summary.get("computed")
    if not found:
        return None
    return {
        "by": found["by"], "rate": found["heart-rate"], "rr": found["rr-interval"], "shortest": found["rr-shortest"],
        "longest": found["rr-longest"],
    }  # fmt: skip


def _vitals(request: Request) -> list[tuple[str, str, str]]:
    if request.visit is None:
        return []
    vitals = visits.vitals_of(request.visit)
    rows = [
        (_("血压"), vitals.pressure, "mmHg"),
        (_("脉搏"), vitals.pulse, _("次/分")),
        (_("血氧"), vitals.spo2, "%"),
        (_("体温"), vitals.temperature, "℃"),
        (_("呼吸"), vitals.respiration, _("次/分")),
    ]
    return [(label, str(value), unit) for label, value, unit in rows if value]


def _report_view(request: Request, report: Report) -> ReportView:
    codes = [catalogue.title_of(request.kind, coded) for coded in report.codes]
    return ReportView(report, str(Report.Stage(report.stage).label), codes)


def _critical_views(actor: Actor, request: Request) -> list[CriticalView]:
    criticals = list(request.critical_values.order_by("-notified_at", "-id"))
    opens = set(queries.criticals_visible_to(actor).filter(request=request).values_list("pk", flat=True))
    return [
        CriticalView(
            critical=each,
            status=critical_pill(each),
            text=catalogue.critical_text(request.kind, each.code, each.text),
            url=reverse("diagnostics:critical", args=[each.uuid]) if each.pk in opens else "",
        )
        for each in criticals
    ]


def _not_critical(request: Request) -> dict[str, Any] | None:
    """Why the newest report raises no critical value although its conclusion stands for one, and who said so."""
    change = request.status_changes.filter(became__in=REPORTED).last()
    if change is None or change.reason_code != NOT_CRITICAL:
        return None
    return {"reason": change.reason, "by": change.changed_by_name, "at": change.changed_at}


def _earlier(actor: Actor, request: Request, person_ids: list[int]) -> list[dict[str, Any]]:
    found = []
    for each in queries.earlier_requests(actor, request, person_ids):
        reports = sorted(each.reports.all(), key=lambda report: -report.version)
        recorded = [row.recorded_at for row in each.recordings.all() if row.recorded_at]
        found.append(
            {
                "at": each.requested_at, "recorded_at": max(recorded, default=None), "url": reverse("diagnostics:detail", args=[each.uuid]),
                "conclusion": reports[0].conclusion if reports else "",
                "is_abnormal": bool(reports and reports[0].is_abnormal), "sender": str(each.from_facility),
                "compare_url": f"{reverse('diagnostics:compare', args=[request.uuid])}?prior={each.uuid}",
            }
        )  # fmt: skip
    return found


def _reject_reasons(request: Request, at: datetime) -> list[tuple[str, str]]:
    return [(each.code, each.title) for each in catalogue.reject_reasons(request.kind, on=timezone.localdate(at))]


def _rejection(request: Request) -> dict[str, Any] | None:
    change = request.status_changes.filter(became=RequestStatus.REJECTED).last()
    if change is None:
        return None
    return {
        "reason": catalogue.reject_reason_text(request.kind, change.reason_code),
        "remark": change.reason,
        "by": change.changed_by_name,
        "at": change.changed_at,
    }


def _repeat_url(request: Request) -> str:
    if request.status != RequestStatus.REJECTED:
        return ""
    if request.visit is None:
        form = reverse("diagnostics:request_resident", args=[request.resident.uuid])
    elif request.kind in policies.PERFORMED_LATER:
        form = reverse("diagnostics:imaging_request", args=[request.visit.uuid])
    else:
        form = reverse("diagnostics:request", args=[request.visit.uuid])
    return f"{form}?repeats={request.uuid}"


def with_rate(findings: str, rate: float | None) -> str:
    """The findings of a template with the rate the device measured in its place; other blanks stay for the reader."""
    if rate is None:
        return findings
    return _RATE_BLANK.sub(lambda found: f"{found[1]}{rate:.0f}{found[2]}", findings)


def _templates(request: Request, recordings: list[RecordingView], at: datetime) -> list[dict[str, Any]]:
    rate = _measured(recordings).get("heart-rate")
    return [
        {
            "code": each.code, "group": each.group, "title": each.title,
            "findings": with_rate(each.findings, rate),
            "conclusion": each.conclusion, "abnormal": each.is_abnormal, "critical": each.critical,
            "keywords": each.keywords,
        }
        for each in catalogue.templates(request.kind, on=timezone.localdate(at))
    ]  # fmt: skip


def _measured(recordings: list[RecordingView]) -> dict[str, float]:
    """What the device measured in the recording on the screen."""
    shown = next((each.recording for each in recordings if each.is_shown), None)
    return shown.summary.get("measurements", {}) if shown else {}


def _critical_choices(request: Request, recordings: list[RecordingView], at: datetime) -> list[dict[str, Any]]:
    day = timezone.localdate(at)
    hinted = set(catalogue.suggested(request.kind, _measured(recordings), on=day))
    return [
        {"code": item.code, "text": item.text, "group": item.group, "hinted": item.code in hinted}
        for item in catalogue.critical_list(request.kind, on=day)
    ]


def _start(reports: list[Report], request: Request) -> dict[str, Any]:
    """What the form begins with: the report that stands, so that a final report or an amendment goes on from it."""
    if not reports:
        return {"findings": "", "conclusion": "", "codes": [], "is_abnormal": False, "criticals": [], "reason": ""}
    newest = reports[0]
    standing = request.critical_values.exclude(status=CriticalStatus.SUPERSEDED).values_list("code", flat=True)
    return {
        "findings": newest.findings, "conclusion": newest.conclusion, "codes": [each["code"] for each in newest.codes],
        "is_abnormal": newest.is_abnormal, "criticals": list(standing), "reason": "",
    }  # fmt: skip
