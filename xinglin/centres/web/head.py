"""Pages of a centre's head: the figures, the lists behind them, the workbook."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.centres import coverage as covering
from xinglin.centres import figures, permissions, queries
from xinglin.centres.events import Look
from xinglin.centres.web import head_page
from xinglin.diagnostics.api import Request as Examination
from xinglin.diagnostics.api import RequestStatus, centres_managed_by, requests_visible_to, words_of
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotPermitted
from xinglin.platform.finding import box_of
from xinglin.platform.paging import page_of
from xinglin.web.answers import download, page
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, Sheet, workbook


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
    name = f"{built.centre.code}-{built.period.first:%Y%m%d}-{built.period.last:%Y%m%d}.xlsx"
    return download(content, name, media_type=XLSX)


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
    title = box_of(record_words(), what, field="what")
    found = figures.records_of(
        centre, what, since=period.since, until=period.until, at=at, unit=get.get("unit", ""),
        reader=get.get("reader", ""),
    ).filter(pk__in=requests_visible_to(request.actor).values("pk")).select_related("resident", "from_facility")  # fmt: skip
    rows = page_of(found, by=("-requested_at", "-id"), cursor=get.get("cursor", ""))
    shown = [each.resident.uuid for each in rows.rows]
    audit.look_many(Look.FIGURES, by=request.actor, at=at, subjects=shown, rows=len(shown), show=what)
    return page(
        request, "centres/records.html", rows=rows, title=title, centre=centre, period=period,
        is_now=what in figures.WAITING, back=f"?{_without(request)}",
        lines=[(each, str(RequestStatus(each.status).label), str(Examination.Priority(each.priority).label)) for each in rows.rows],
    )  # fmt: skip


def _without(request: Request) -> str:
    """The address's centre and period, for the way back."""
    kept = request.GET.copy()
    for name in ("what", "unit", "reader", "cursor"):
        kept.pop(name, None)
    return kept.urlencode()


# ECG in the villages (M05) -------------------------------------------------------------------------------------------
def _coverage(request: Request) -> tuple[covering.Coverage, head_page.Period]:
    if not centres_managed_by(request.actor).exists():
        raise NotPermitted(_("您不负责任何诊断中心。"), code="no-centre")
    get = request.GET
    period = head_page.period_of(get.get("days", "365"), get.get("since", ""), get.get("until", ""), clock.now())
    return covering.coverage(since=period.since, until=period.until), period


@require_GET
@signed_in
def coverage(request: Request) -> HttpResponse:
    """Village clinics that can send an ECG, by township, and those that cannot. It names no person."""
    found, period = _coverage(request)
    reports = [(str(words_of(kind).title), n) for kind, n in found.reports.items()]
    return page(request, "centres/coverage.html", found=found, period=period, reports=reports)


@require_GET
@signed_in
def export_coverage(request: Request) -> HttpResponse:
    """The same as a workbook: every clinic, then the townships."""
    found, period = _coverage(request)
    clinics = [
        (each.name, each.manager, each.n_devices, each.n_read, _("是") if each.is_covered else _("否"))
        for each in found.clinics
    ]
    towns = [
        (each.name, each.n_clinics, each.n_with_device, each.n_covered, each.n_read, each.share)
        for each in found.townships
    ]
    heads = (_("村卫生室"), _("管理机构"), _("在用心电图机"), _("远程心电报告"), _("已覆盖"))
    sums = (_("管理机构"), _("村卫生室"), _("有在用心电图机"), _("已覆盖"), _("远程心电报告"), _("覆盖率"))
    content = workbook([Sheet(_("村卫生室"), heads, clinics), Sheet(_("按管理机构"), sums, towns)])
    name = f"ecg-coverage-{period.first:%Y%m%d}-{period.last:%Y%m%d}.xlsx"
    return download(content, name, media_type=XLSX)
