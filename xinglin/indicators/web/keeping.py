"""Pages of who keeps the figures: returns sent in, how good the facts are, figures published."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.indicators import actions, keeping, queries
from xinglin.indicators.facts.layouts import layouts
from xinglin.platform import clock
from xinglin.platform.errors import BeingComputed, DomainError, InvalidInput, wrong
from xinglin.web.answers import done, download, fields_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets.reading import MAX_BYTES
from xinglin.web.sheets.writing import XLSX, Sheet, workbook
from xinglin.web.uploads import checked_first, refuse_longer

STATES = {
    "TAKEN": (gettext_lazy("已接收"), "ok"), "LATE": (gettext_lazy("迟报"), "warning"),
    "WAITING": (gettext_lazy("未到期"), "neutral"), "MISSING": (gettext_lazy("缺报"), "critical"),
}  # fmt: skip


@require_GET
@signed_in
def returns(request: Request) -> HttpResponse:
    """The calendar, the quality report, and what was published."""
    now = clock.now()
    month = request.GET.get("month") or queries.current_period(now)
    if len(queries.period_of(month).text) != len("2026-11"):
        raise wrong("month", _("统计月份应写作 2026-11。"))
    return _page(request, month)


def _page(
    request: Request,
    month: str,
    *,
    error: DomainError | None = None,
    refused: DomainError | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """`error`: of a return; `refused`: of a publication, with what was typed. Either is shown where it was sent from."""
    fault = error or refused
    status = fault.status if fault else 200
    replaces = _to_replace(error, typed)
    found = keeping.keeping(request.actor, month=month, at=clock.now())
    return page(
        request, "indicators/returns.html", status=status, page=found, states=STATES, error=error, refused=refused,
        faults=[] if replaces else faults_of(error),
        replaces=replaces, is_soon=isinstance(refused, BeingComputed), typed=typed or {},
        kinds=[(each.kind, each.definition.title) for each in layouts()],
    )  # fmt: skip


def _to_replace(error: DomainError | None, typed: Mapping[str, str] | None) -> str:
    """The return that stands for the month, where somebody is to say that it goes."""
    if error is None or error.code != "would-replace" or typed is None:
        return ""
    stands = keeping.standing(typed.get("kind", ""), typed.get("month", ""))
    return str(stands.uuid) if stands else ""


@dataclass(frozen=True, slots=True)
class Place:
    """One fault of a file: its row and the column as the file calls it, either empty where it concerns the whole."""

    row: str
    column: str
    reason: object


def faults_of(error: DomainError | None) -> list[Place]:
    """Faults by row and column, from the places of a refusal (``3.column``)."""
    found = []
    for place, reason in fields_of(error).items():
        row, _sign, column = place.partition(".")
        found.append(Place(row, column, reason) if row.isascii() and row.isdecimal() else Place("", "", reason))
    return found


def _month_of(text: str) -> str:
    """The month a refused return was sent for, so that its page shows what stands there; this month where it is none."""
    this_month = queries.current_period(clock.now())
    try:
        return text if len(queries.period_of(text).text) == len(this_month) else this_month
    except InvalidInput:
        return this_month


def _check_length(request: Request) -> None:
    refuse_longer(request, most=MAX_BYTES + 20_000, told=MAX_BYTES, code="too-large")


@checked_first(_check_length)  # type: ignore[arg-type]
@require_POST
@signed_in
def send(request: Request) -> HttpResponse:
    """Take a return; faults are shown by row and column, and nothing is taken."""
    month, file = request.POST.get("month", ""), request.FILES.get("file")
    try:
        if file is None:
            raise wrong("file", _("请选择文件。"))
        batch = actions.take_return(
            kind=request.POST.get("kind", ""), month=month, content=file.read(), file_name=file.name or "",
            replaces=request.POST.get("replaces", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
    except InvalidInput as error:
        return _page(request, _month_of(month), error=error, typed=request.POST)
    message = _("已接收 %(n)d 行，下次抽取后计入指标。") % {"n": batch.n_rows}
    if former := batch.replaces.first():
        said = {"n": batch.n_rows, "before": former.n_rows}
        message = _("已接收 %(n)d 行，替换了原来的%(before)d行，下次抽取后计入指标。") % said
    return done(request, f"{reverse('indicators:returns')}?month={month}", message)


@require_POST
@signed_in
def publish(request: Request) -> HttpResponse:
    """Publish the figures of a period."""
    title, period = request.POST.get("title", ""), request.POST.get("period", "")

    def write() -> str:
        actions.publish_figures(title=title, period=period, by=request.actor, at=clock.now())
        return reverse("indicators:returns")

    def again(error: DomainError) -> HttpResponse:
        return _page(request, queries.current_period(clock.now()), refused=error, typed=request.POST)

    return write_once(request, write, _("已发布：%(title)s。") % {"title": title}, again=again)


@require_GET
@signed_in
def template(request: Request, kind: str) -> HttpResponse:
    """An empty table of a kind of return, and beside it how each column is written; both in the reader's language."""
    chosen = next((each for each in layouts() if each.kind == kind), None)
    if chosen is None:
        raise wrong("kind", _("没有这种上报表。"))
    headings = [f"{each.heading}{'*' if each.required else ''}" for each in chosen.columns]
    how = [(str(each.heading), _("是") if each.required else "", each.how) for each in chosen.columns]
    sheets = [
        Sheet(chosen.definition.title, headings, []),
        Sheet(_("填写说明"), [_("列"), _("必填"), _("填写要求")], how),
    ]
    return download(workbook(sheets), f"{kind}.xlsx", media_type=XLSX)
