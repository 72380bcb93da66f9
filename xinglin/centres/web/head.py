"""Pages of a centre's head: the figures, the lists behind them, the workbook."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.centres import figures, permissions, queries
from xinglin.centres.events import Look
from xinglin.centres.web import head_page
from xinglin.diagnostics.api import Request as Examination
from xinglin.diagnostics.api import RequestStatus, requests_visible_to
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import page_of
from xinglin.web.answers import page
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, workbook


def _period(request: Request) -> head_page.Period:
    get = request.GET
    return head_page.period_of(get.get("days", ""), get.get("since", ""), get.get("until", ""), clock.now())


def _built(request: Request) -> head_page.HeadPage:
    return head_page.build(request.actor, centre=request.GET.get("centre", ""), period=_period(request), at=clock.now())


@require_GET
@signed_in
def head(request: Request) -> HttpResponse:
    """What waits, how fast, how well, by whom."""
    return page(request, "centres/head.html", page=_built(request), now=clock.now())


@require_GET
@signed_in
def export(request: Request) -> HttpResponse:
    """The same as a workbook. It names nobody but the readers."""
    built = _built(request)
    content = workbook(head_page.sheets(built))
    audit.record(
        Look.FIGURES_EXPORTED, by=request.actor, at=clock.now(), kind="diagnostics.centre", key=str(built.centre.uuid),
        place=built.centre.facility_id,
    )  # fmt: skip
    answer = HttpResponse(content, content_type=XLSX)
    name = f"{built.centre.code}-{built.period.first:%Y%m%d}-{built.period.last:%Y%m%d}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def record_words() -> dict[str, str]:
    """The lists in words."""
    return {
        "all": _("全部申请"), "reported": _("已报告"), "late": _("未按时"), "positive": _("阳性"), "rejected": _("退回"),
        "amended": _("已更正"), "repeats": _("重拍"), "major": _("复阅有重要差异"), "unread": _("现在待领取"),
        "reading": _("现在诊断中"), "review": _("现在待审核"), "overdue": _("现在超时"),
    }  # fmt: skip


@require_GET
@signed_in
def records(request: Request) -> HttpResponse:
    """The requests behind a figure, as far as the reader may see them."""
    get, at, period = request.GET, clock.now(), _period(request)
    centre = queries.visible_centre(request.actor, get.get("centre", ""))
    permissions.may_manage(request.actor, centre).require()
    what = get.get("what", "all")
    words = record_words()
    if what not in words:
        raise InvalidInput(_("没有这个列表。"), fields={"what": ", ".join(words)})
    found = figures.records_of(
        centre, what, since=period.since, until=period.until, at=at, unit=get.get("unit", ""),
        reader=get.get("reader", ""),
    ).filter(pk__in=requests_visible_to(request.actor).values("pk")).select_related("resident", "from_facility")  # fmt: skip
    rows = page_of(found, by=("-requested_at", "-id"), cursor=get.get("cursor", ""))
    audit.record(Look.FIGURES, by=request.actor, at=at, detail={"rows": len(rows.rows), "show": what})
    return page(
        request, "centres/records.html", rows=rows, title=words[what], centre=centre, period=period,
        is_now=what in figures.WAITING, back=f"?{_without(request)}",
        lines=[(each, str(RequestStatus(each.status).label), str(Examination.Priority(each.priority).label)) for each in rows.rows],
    )  # fmt: skip


def _without(request: Request) -> str:
    """The address's centre and period, for the way back."""
    kept = request.GET.copy()
    for name in ("what", "unit", "reader", "cursor"):
        kept.pop(name, None)
    return kept.urlencode()
