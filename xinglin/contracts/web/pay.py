"""Performance pay: shared, frozen, opened to its people, exported."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import actions, paying, queries, secrecy
from xinglin.contracts.data import Rate
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, PayLine, Promise
from xinglin.contracts.rules import pay, settled
from xinglin.contracts.rules.promising import end_of_span
from xinglin.contracts.web import forms, words
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.platform.paging import page_of
from xinglin.web import posted
from xinglin.web.answers import download, fields_of, message_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, Sheet, workbook

#: Figures of a line one may open: key of its basis → whether it names agreements (else promised items).
OPENS = {"heads": True, "key": True, "due": False, "done": False}
MOST_SHOWN = 500


@require_safe
@for_staff
def runs(request: Request) -> HttpResponse:
    """Runs of the units the actor manages."""
    return _runs(request)


def _runs(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor = request.actor
    actor.may(Permission.CONTRACT_MANAGE).require()
    paging = page_of(paying.runs_visible_to(actor), by=("-since", "-id"), cursor=request.GET.get("cursor", ""))
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"pay": len(paging.rows)})
    today = clock.today()
    first = date(today.year - (today.month <= 3), (today.month - 4) % 12 // 3 * 3 + 1, 1)
    offered = network.open_facilities_of(actor, Permission.CONTRACT_MANAGE)
    built = {
        "rows": [(each, words.yuan(each.pool_fen)) for each in paging.rows], "paging": paging, "values": request.POST,
        "facilities": network.choices(each for each in offered if each.tier != "VILLAGE"),
        "facility": request.POST.get("facility") or network.own_place(actor),
        "since": request.POST.get("since") or first.isoformat(),
        "until": request.POST.get("until") or end_of_span(first, 3).isoformat(),
        "source": pay.source(), "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/pay.html", status=error.status if error else 200, page=built)


@require_POST
@signed_in
def freeze(request: Request) -> HttpResponse:
    """Share a pool and keep it."""
    post, actor = request.POST, request.actor

    def write() -> str:
        done = actions.freeze_pay(
            facility_id=forms.managed_facility(post, actor), since=posted.day(post, "since"),
            until=posted.day(post, "until"), pool_fen=forms.fen(post, "pool"), by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("contracts:run", args=[done.uuid])

    return write_once(request, write, _("已结算并冻结。"), again=lambda error: _runs(request, error))


@require_safe
@for_staff
def run(request: Request, uuid: UUID) -> HttpResponse:
    """One run: teams with their figures, members with their parts."""
    return _run(request, uuid)


def _run(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    found = paying.visible_run(request.actor, uuid)
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), kind="contracts.payrun", key=str(uuid))
    built = {
        "run": found, "pool": words.yuan(found.pool_fen), "lines": [line_view(each) for each in paying.lines_of(found)],
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/run.html", status=error.status if error else 200, page=built)


def line_view(line: PayLine) -> dict[str, Any]:
    """A line for people. Of nothing due there is no rate."""
    return {
        "line": line, "uuid": str(line.uuid), "team": line.team.name, "amount": words.yuan(line.amount_fen),
        "fulfilment": Rate(line.n_done, line.n_due).value, "key_share": Rate(line.n_key, line.heads).value,
        "points": pay.written(Fraction(line.points)) if line.points else None,
        "shares": [
            (each.member.name, settled.profession_title(each.member.profession), each.weight, words.yuan(each.amount_fen), each.amount_fen)
            for each in line.shares.all()
        ],
    }  # fmt: skip


@require_POST
@signed_in
def void(request: Request, uuid: UUID) -> HttpResponse:
    """Void a run found wrong."""
    found = paying.visible_run(request.actor, uuid)

    def write() -> str:
        actions.void_pay(run=found, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("contracts:run", args=[uuid])

    return write_once(request, write, _("已作废。"), again=lambda error: _run(request, uuid, error))


@require_safe
@signed_in
def export(request: Request, uuid: UUID) -> HttpResponse:
    """The run as a workbook: teams on one sheet, members on another."""
    found = paying.visible_run(request.actor, uuid)
    audit.record(Event.EXPORTED, by=request.actor, at=clock.now(), kind="contracts.payrun", key=str(uuid))
    views = [line_view(each) for each in paying.lines_of(found)]
    teams = Sheet(
        _("团队"),
        [_("团队"), _("签约人数"), _("重点人群"), _("到期项目"), _("按期完成"), _("履约率"), _("分数"), _("金额（元）")],
        [
            [view["team"], view["line"].heads, view["line"].n_key, view["line"].n_due, view["line"].n_done,
             view["fulfilment"] if view["fulfilment"] is not None else _("无数据"), view["points"] or _("无数据"),
             view["line"].amount_fen / 100]
            for view in views
        ],
    )  # fmt: skip
    members = Sheet(
        _("成员"), [_("团队"), _("姓名"), _("岗位"), _("权重"), _("金额（元）")],
        [[view["team"], name, place, weight, fen / 100] for view in views for name, place, weight, _amount, fen in view["shares"]],
    )  # fmt: skip
    return download(workbook([teams, members]), f"pay-{found.since}-{found.until}.xlsx", media_type=XLSX)


@require_safe
@for_staff
def behind(request: Request, uuid: UUID, what: str) -> HttpResponse:
    """The people behind one figure of a line, by name for who may see them."""
    actor = request.actor
    line = PayLine.objects.select_related("run", "team").filter(uuid=uuid).first()
    if line is None or what not in OPENS:
        raise NotVisible("contracts.payline", uuid)
    paying.visible_run(actor, line.run.uuid)
    rows, n_all = _behind(actor, line, what)
    for row in rows:
        audit.look(
            Event.PEOPLE_VIEWED,
            by=actor,
            at=clock.now(),
            subject=row["subject"],
            kind="contracts.payline",
            key=str(uuid),
        )
    titles = {"heads": _("签约居民"), "key": _("重点人群"), "due": _("到期项目"), "done": _("按期完成的项目")}
    built = {
        "rows": rows, "n_all": n_all, "n_hidden": n_all - len(rows), "title": titles[what], "line": line,
        "back_url": reverse("contracts:run", args=[line.run.uuid]),
    }  # fmt: skip
    return page(request, "contracts/behind.html", page=built)


def _behind(actor: Actor, line: PayLine, what: str) -> tuple[list[dict[str, Any]], int]:
    ids = line.basis[what]
    seen = queries.agreements_visible_to(actor)
    if OPENS[what]:
        found = Agreement.objects.filter(pk__in=ids[:MOST_SHOWN], id__in=seen.values("pk")).select_related("resident")
        rows = [_person(each, each.number) for each in found.order_by("id")]
    else:
        owed = Promise.objects.filter(pk__in=ids[:MOST_SHOWN], agreement__in=seen).select_related("agreement__resident")
        rows = [_person(each.agreement, _item(each, actor)) for each in owed.order_by("due_on", "id")]
    return rows, len(ids)


def _person(agreement: Agreement, meta: str) -> dict[str, Any]:
    url = reverse("contracts:detail", args=[agreement.uuid])
    return {"url": url, "title": agreement.resident.name, "meta": meta, "subject": agreement.resident.uuid}


def _item(promise: Promise, actor: Actor) -> str:
    return f"{secrecy.told_item(promise, actor)} · {promise.due_on}" + (
        f" · {promise.done_on}" if promise.done_on else ""
    )
