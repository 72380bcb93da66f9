"""Fees to settle, and statistics."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.consultations import actions, directory, queries
from xinglin.consultations import statistics as stats
from xinglin.consultations.events import Look
from xinglin.consultations.models import Fee, StationSession
from xinglin.consultations.web.steps import fee_pill
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import download, fields_of, message_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, Sheet, workbook


@require_safe
@signed_in
def fees(request: Request) -> HttpResponse:
    """Fees of the reader's centre."""
    request.actor.may(Permission.CONSULTATION_DESK).require()
    return _fees(request)


def _fees(request: Request, *, error: DomainError | None = None, form: str = "") -> HttpResponse:
    box = request.GET.get("box", "due")
    paging = queries.fees(request.actor, box=box, cursor=request.GET.get("cursor", ""))
    audit.record(Look.FEES, by=request.actor, at=clock.now(), detail={"n": len(paging.rows)})
    words = {"due": _("待结算"), "done": _("已结算、减免")}
    url = reverse("consultations:fees")
    built = {
        "tabs": [{"label": text, "url": f"{url}?box={key}", "active": key == box} for key, text in words.items()],
        "rows": [_fee(each) for each in paging.rows], "paging": paging, "box": box, "form": form, "post": request.POST,
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "consultations/fees.html", status=error.status if error else 200, page=built)


def yuan(fen: int) -> str:
    """An amount for people."""
    return f"{fen // 100}.{fen % 100:02d}"


def _fee(fee: Fee) -> dict[str, Any]:
    last = fee.status_changes.order_by("-id").first() if fee.status != "DUE" else None
    return {
        "uuid": str(fee.uuid), "number": fee.case.number, "url": reverse("consultations:case", args=[fee.case.uuid]),
        "expert": str(fee.expert), "unit": fee.expert.unit, "from": str(fee.case.from_facility), "at": fee.charged_at,
        "amount": yuan(fee.amount_fen), "inviting": yuan(fee.inviting_fen), "expert_share": yuan(fee.expert_fen),
        "platform": yuan(fee.platform_fen), "status": fee_pill(fee), "is_due": fee.status == "DUE",
        "words": (last.reason or fee.reference) if last else "", "by": last.changed_by_name if last else "",
        "settle_url": reverse("consultations:settle", args=[fee.uuid]),
        "settle_form": f"settle-{fee.uuid}", "waive_form": f"waive-{fee.uuid}",
        "waive_url": reverse("consultations:waive", args=[fee.uuid]),
    }  # fmt: skip


def _act(request: Request, uuid: UUID, form: str, act: Callable[[Fee], object], message: str) -> HttpResponse:
    fee = queries.visible_fee(request.actor, uuid)

    def write() -> str:
        act(fee)
        return reverse("consultations:fees")

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        return _fees(request, error=error, form=f"{form}-{uuid}")


@require_POST
@signed_in
def settle(request: Request, uuid: UUID) -> HttpResponse:
    """Note that a fee was paid."""
    text = request.POST.get("reference", "")
    return _act(
        request, uuid, "settle",
        lambda fee: actions.settle_fee(fee=fee, reference=text, by=request.actor, at=clock.now()), _("已结算。"),
    )  # fmt: skip


@require_POST
@signed_in
def waive(request: Request, uuid: UUID) -> HttpResponse:
    """Do without a fee."""
    text = request.POST.get("reason", "")
    return _act(
        request, uuid, "waive",
        lambda fee: actions.waive_fee(fee=fee, reason=text, by=request.actor, at=clock.now()), _("已减免。"),
    )  # fmt: skip


def period(request: Request) -> tuple[date, date]:
    """The days asked for, ``[since, until)``. :raises InvalidInput: they are no days, or no period"""
    try:
        since, until = (
            date.fromisoformat(given) if given else None for given in map(request.GET.get, ("since", "until"))
        )
    except ValueError as error:
        raise InvalidInput(_("日期格式不对。"), fields={"since": _("请填写日期。")}) from error
    return stats.period(since, until, today=clock.today())


@require_safe
@signed_in
def statistics(request: Request) -> HttpResponse:
    """How many, how fast, how good."""
    since, until = period(request)
    found = stats.figures(request.actor, since=since, until=until)
    built = {
        "figures": found, "stations": _stations(since, until),
        "tables": [(_("按邀请机构"), found.by_unit), (_("按专家"), found.by_expert)], "since": since, "until": until,
    }  # fmt: skip
    return page(request, "consultations/statistics.html", page=built)


def _stations(since: date, until: date) -> list[dict[str, Any]]:
    kinds = dict(StationSession.Kind.choices)
    return [
        {
            "name": row["station__name"], "facility": row["station__facility__name"],
            "expert": row["station__expert__user__name"], "kind": str(kinds[str(row["kind"])]), "n": row["n"],
            "people": row["people"],
        }
        for row in directory.session_counts(since=since, until=until)
    ]  # fmt: skip


@require_safe
@signed_in
def export(request: Request) -> HttpResponse:
    """The same as a workbook."""
    since, until = period(request)
    found = stats.figures(request.actor, since=since, until=until)
    audit.record(Look.FIGURES, by=request.actor, at=clock.now(), detail={"since": str(since), "until": str(until)})
    heads = [
        _("名称"), _("申请"), _("即时"), _("接受"), _("已出意见"), _("未成"), _("平均答复分钟"), _("平均出意见分钟"), _("平均评分"),
    ]  # fmt: skip
    stations = [tuple(row.values()) for row in _stations(since, until)]
    sheets = [
        Sheet(_("按机构"), heads, [_cells(line) for line in (*found.by_unit, found.total)]),
        Sheet(_("按专家"), heads, [_cells(line) for line in found.by_expert]),
        Sheet(_("名医工作站"), [_("工作站"), _("机构"), _("专家"), _("活动"), _("次数"), _("人数")], stations),
    ]
    return download(workbook(sheets), f"consultations-{since}-{until}.xlsx", media_type=XLSX)


def _cells(line: stats.Line) -> list[str | int | float | None]:
    return [
        line.name or _("合计"), line.n_asked, line.n_immediate, line.n_accepted, line.n_given, line.n_ended,
        *(None if each is None else round(each, 1) for each in (line.answer_minutes, line.opinion_minutes, line.score)),
    ]  # fmt: skip
