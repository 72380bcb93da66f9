"""Reports: preliminary, final, amended. Each is a new signed version; none is ever changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, permissions
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.actions.texts import clean, require_filled
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import CriticalValue, Report, Request
from xinglin.diagnostics.states import CRITICAL_TRANSITIONS, REQUEST_TRANSITIONS, CriticalStatus, RequestStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.web.formats import parted_text

#: Critical values that still run; what was handled stays as it is.
RUNNING = (CriticalStatus.NOTIFIED, CriticalStatus.CONFIRMED)
#: Marks the status record of a report whose conclusion stands for a critical value that its reader did not raise.
NOT_CRITICAL = "not-critical"


@transaction.atomic
def write_preliminary(
    *,
    request: Request,
    findings: str,
    conclusion: str,
    codes: Sequence[str] = (),
    is_abnormal: bool = False,
    criticals: Sequence[str] = (),
    not_critical_reason: str = "",
    by: Actor,
    at: datetime,
) -> Report:
    """Say at once what is seen; the final report follows. Critical values start their clock now.

    :raises NotPermitted: not the reader who claimed it
    :raises Conflict: it is not claimed
    :raises InvalidInput: an empty text, one with a blank of its template (code ``unfilled-blanks``), a code that is not
        in the definitions, or (code ``critical-not-marked``) one that stands for a critical value not in `criticals`
        without a `not_critical_reason`
    """
    request = locked_request(request)
    permissions.may_report_preliminarily(by, request).require()
    why_not = _why_not_critical(request, codes, criticals, not_critical_reason, at)
    report = _sign(request, Report.Stage.PRELIMINARY, findings, conclusion, codes, is_abnormal, criticals, by, at)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.PRELIMINARY, by=by, at=at,
        place=request.centre.facility_id, reported_at=at, **_trail(why_not),
    )  # fmt: skip
    _raise_criticals(report, criticals, by, at)
    _announce(Event.REPORT_PRELIMINARY, report, by, at, why_not)
    return report


@transaction.atomic
def continue_preliminary(
    *,
    request: Request,
    findings: str,
    conclusion: str,
    codes: Sequence[str] = (),
    is_abnormal: bool = False,
    criticals: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Report:
    """Take the place of a preliminary report by one that says more, or otherwise. `criticals` is the whole list, as in
    `write_final`: what runs and stays named keeps its clock.

    :raises NotPermitted: not a reader of the centre
    :raises Conflict: there is no preliminary report, or this kind is not reported in parts
    :raises InvalidInput: as in `write_final`
    """
    request = locked_request(request)
    permissions.may_continue(by, request).require()
    why_not = _why_not_critical(request, codes, criticals, "", at)
    report = _sign(request, Report.Stage.PRELIMINARY, findings, conclusion, codes, is_abnormal, criticals, by, at)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.PRELIMINARY, by=by, at=at,
        place=request.centre.facility_id, **_trail(why_not),
    )  # fmt: skip
    _replace_criticals(report, criticals, by, at, reason_code="preliminary-report")
    _announce(Event.REPORT_PRELIMINARY, report, by, at, why_not)
    return report


@transaction.atomic
def write_final(
    *,
    request: Request,
    findings: str,
    conclusion: str,
    codes: Sequence[str] = (),
    is_abnormal: bool = False,
    criticals: Sequence[str] = (),
    not_critical_reason: str = "",
    by: Actor,
    at: datetime,
) -> Report:
    """Sign the report. `criticals` is the whole list: those of a preliminary report not in it are superseded.

    :raises NotPermitted: not the reader who claimed it, or (after a preliminary report) not a reader of the centre
    :raises Conflict: it is not being read
    :raises InvalidInput: an empty text, one with a blank of its template (code ``unfilled-blanks``), a code that is not
        in the definitions, or (code ``critical-not-marked``) one that stands for a critical value not in `criticals`
        without a `not_critical_reason`
    """
    request = locked_request(request)
    permissions.may_report(by, request).require()
    why_not = _why_not_critical(request, codes, criticals, not_critical_reason, at)
    report = _sign(request, Report.Stage.FINAL, findings, conclusion, codes, is_abnormal, criticals, by, at)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.FINAL, by=by, at=at, place=request.centre.facility_id,
        reported_at=request.reported_at or at, **_trail(why_not),
    )  # fmt: skip
    _replace_criticals(report, criticals, by, at, reason_code="final-report")
    _announce(Event.REPORT_SIGNED, report, by, at, why_not)
    return report


@transaction.atomic
def amend_report(
    *,
    request: Request,
    findings: str,
    conclusion: str,
    reason: str,
    codes: Sequence[str] = (),
    is_abnormal: bool = False,
    criticals: Sequence[str] = (),
    not_critical_reason: str = "",
    by: Actor,
    at: datetime,
) -> Report:
    """Correct a signed report by a new version with its reason. Running critical values end, the new ones start again.

    :raises NotPermitted: the actor may not amend at the centre
    :raises Conflict: there is no signed report
    :raises InvalidInput: no reason, or as in `write_final`
    """
    request = locked_request(request)
    permissions.may_amend(by, request).require()
    reason = clean(reason, "reason", most=500, least=2)
    why_not = _why_not_critical(request, codes, criticals, not_critical_reason, at)
    report = _sign(request, Report.Stage.AMENDMENT, findings, conclusion, codes, is_abnormal, criticals, by, at, reason)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.AMENDED, by=by, at=at, place=request.centre.facility_id,
        **(_trail(why_not) or {"reason": reason}),
    )  # fmt: skip
    _supersede(request, by, at, reason_code="amended")
    _raise_criticals(report, criticals, by, at)
    _announce(Event.REPORT_AMENDED, report, by, at, why_not)
    return report


@transaction.atomic
def supplement_report(
    *, request: Request, findings: str, conclusion: str, codes: Sequence[str] = (), by: Actor, at: datetime
) -> Report:
    """Add to a signed report what came later (another stain, another opinion): a version that takes nothing back.

    :raises NotPermitted: not a reader of the centre
    :raises Conflict: there is no signed report
    :raises InvalidInput: an empty text, a blank of a template, a code that is not in the definitions
    """
    request = locked_request(request)
    permissions.may_supplement(by, request).require()
    stands = request.reports.order_by("-version").values_list("is_abnormal", flat=True)[0]
    report = _sign(request, Report.Stage.SUPPLEMENT, findings, conclusion, codes, stands, (), by, at)
    _announce(Event.REPORT_SUPPLEMENTED, report, by, at, "")
    return report


def _sign(
    request: Request,
    stage: str,
    findings: str,
    conclusion: str,
    codes: Sequence[str],
    is_abnormal: bool,
    criticals: Sequence[str],
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Report:
    findings = clean(findings, "findings", most=4000, least=2)
    conclusion = clean(conclusion, "conclusion", most=2000, least=2)
    require_filled(findings=findings, conclusion=conclusion)
    return Report.objects.create(
        request=request, version=request.reports.count() + 1, stage=stage, findings=findings, conclusion=conclusion,
        codes=catalogue.coded(request.kind, codes, on=clock.today(at)), is_abnormal=is_abnormal or bool(criticals),
        amend_reason=reason, author_id=by.user_id, author_name=by.name[:40], signed_at=at,
    )  # fmt: skip


def _why_not_critical(
    request: Request, codes: Sequence[str], criticals: Sequence[str], reason: str, at: datetime
) -> str:
    """Why what the coded conclusions stand for is no critical value here; empty when all of it is marked.

    :raises InvalidInput: something is not marked, and no reason is given (code ``critical-not-marked``)
    """
    implied = catalogue.implied_criticals(request.kind, codes, on=clock.today(at))
    missing = [item.text for item in implied if item.code not in criticals]
    if not missing:
        return ""
    if not reason.strip():
        told = _("所选诊断属于危急值：%(what)s。请勾选危急值；确实不通知的，请写明原因。") % {
            "what": parted_text(missing)
        }
        raise InvalidInput(
            told, fields={"not_critical_reason": _("请勾选危急值，或写明不通知的原因。")}, code="critical-not-marked"
        )
    return clean(reason, "not_critical_reason", most=200, least=4)


def _trail(why_not: str) -> dict[str, str]:
    """How the status record keeps the reason of `_why_not_critical`. That of an amendment stands in its report."""
    return {"reason_code": NOT_CRITICAL, "reason": why_not} if why_not else {}


def _raise_criticals(report: Report, codes: Sequence[str], by: Actor, at: datetime) -> None:
    request = report.request
    limit = timedelta(minutes=request.centre.minutes_critical)
    for item in catalogue.critical_items(request.kind, codes, on=clock.today(at)):
        critical = CriticalValue.objects.create(
            request=request, report=report, code=item.code, text=item.kept[:200], list_version=item.list_version,
            status_changed_at=at, notified_at=at, notified_by=by.user_id, notified_by_name=by.name[:40],
            due_at=at + limit,
        )  # fmt: skip
        note_status(critical, by=by, at=at, place=request.centre.facility_id)
        announce(
            Event.CRITICAL_NOTIFIED, obj=critical, subject=request.resident.uuid, by=by, at=at,
            place=request.centre.facility_id, code=item.code,
        )  # fmt: skip


def _replace_criticals(report: Report, criticals: Sequence[str], by: Actor, at: datetime, *, reason_code: str) -> None:
    """After a preliminary report: what is no longer said ends, what is new starts, what stays keeps its clock."""
    request = report.request
    kept = set(request.critical_values.exclude(status=CriticalStatus.SUPERSEDED).values_list("code", flat=True))
    _supersede(request, by, at, reason_code=reason_code, keep=set(criticals))
    _raise_criticals(report, [code for code in criticals if code not in kept], by, at)


def _supersede(request: Request, by: Actor, at: datetime, *, reason_code: str, keep: set[str] | None = None) -> None:
    for critical in request.critical_values.select_for_update().filter(status__in=RUNNING).exclude(code__in=keep or ()):
        move(
            critical, table=CRITICAL_TRANSITIONS, to=CriticalStatus.SUPERSEDED, by=by, at=at, reason_code=reason_code,
            place=request.centre.facility_id,
        )  # fmt: skip
        announce(
            Event.CRITICAL_SUPERSEDED, obj=critical, subject=request.resident.uuid, by=by, at=at,
            place=request.centre.facility_id, code=critical.code,
        )  # fmt: skip


def _announce(event: Event, report: Report, by: Actor, at: datetime, reason: str) -> None:
    request = report.request
    announce(
        event, obj=request, subject=request.resident.uuid, by=by, at=at, place=request.centre.facility_id,
        reason=reason, version=report.version, abnormal=report.is_abnormal,
    )  # fmt: skip
