"""The duty roster: look, enter, withdraw, copy a week, table in and out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.centres import actions, queries, table
from xinglin.centres.actions.roster import readers_of
from xinglin.centres.web import forms, roster_page
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import download, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, Sheet, read_lines, workbook

TEMPLATE = "centres/roster.html"


@require_GET
@signed_in
def roster(request: Request) -> HttpResponse:
    """A week of the roster, and who is on duty now with how much in hand."""
    at = clock.now()
    week = table.week_of(request.GET.get("week", ""), clock.today(at))
    return page(
        request, TEMPLATE,
        page=roster_page.build(request.actor, centre=request.GET.get("centre", ""), week=week, at=at),
    )  # fmt: skip


def _write(request: Request, uuid: UUID, act: Callable[[Any], object], message: object) -> HttpResponse:
    """One action on a centre; the page comes back with what was typed when it is refused."""
    at = clock.now()
    week = table.week_of(request.POST.get("week", ""), clock.today(at))
    centre = queries.visible_centre(request.actor, uuid)

    def write() -> str:
        act(centre)
        return f"{reverse('centres:roster')}?centre={uuid}&week={week}"

    return write_once(request, write, message, again=lambda error: _refused(request, uuid, error))


def _refused(request: Request, uuid: UUID, error: DomainError, rows: Any = ()) -> HttpResponse:
    at, post = clock.now(), request.POST
    data = {
        **{name: post.get(name, "") for name in ("reader", "shift", "from", "until", "reviews")},
        **{name: post.getlist(name) for name in ("days", "modalities", "regions")},
    }
    built = roster_page.build(
        request.actor, centre=str(uuid), week=table.week_of(post.get("week", ""), clock.today(at)), at=at, data=data,
        error=error, rows=rows,
    )  # fmt: skip
    return page(request, TEMPLATE, status=error.status, page=built)


@require_POST
@signed_in
def enter(request: Request, uuid: UUID) -> HttpResponse:
    """Put a reader on duty on some days of the week."""
    week = table.week_of(request.POST.get("week", ""), clock.today())
    return _write(
        request, uuid,
        lambda centre: actions.enter_shifts(
            centre=centre, duties=forms.duties_from(request.POST, week), by=request.actor, at=clock.now()
        ),
        _("值班已登记。"),
    )  # fmt: skip


@require_POST
@signed_in
def copy(request: Request, uuid: UUID) -> HttpResponse:
    """Copy the week before into this one."""
    week = table.week_of(request.POST.get("week", ""), clock.today())
    return _write(
        request, uuid, lambda centre: actions.copy_week(centre=centre, to=week, by=request.actor, at=clock.now()),
        _("已复制上一周的排班。"),
    )  # fmt: skip


@require_POST
@signed_in
def withdraw(request: Request, uuid: UUID) -> HttpResponse:
    """Take a shift back."""
    shift = queries.visible_shift(request.actor, uuid)

    def write() -> str:
        actions.withdraw_shift(shift=shift, by=request.actor, at=clock.now())
        week = queries.monday_of(clock.today(shift.starts_at))
        return f"{reverse('centres:roster')}?centre={shift.centre.uuid}&week={week}"

    return write_once(request, write, _("班次已撤销。"))


@require_GET
@signed_in
def export(request: Request, uuid: UUID) -> HttpResponse:
    """Four weeks from the one shown, as a workbook that an import takes back."""
    centre = queries.visible_centre(request.actor, uuid)
    at = clock.now()
    week = table.week_of(request.GET.get("week", ""), clock.today(at))
    shifts = queries.shifts_between(centre, week, week + timedelta(days=28))
    usernames = {each.id: each.username for each in readers_of(centre, at=at).values()}
    content = workbook([Sheet("值班表", table.HEADINGS, table.rows_of(shifts, usernames))])
    return download(content, f"roster-{centre.code}-{week}.xlsx", media_type=XLSX)


@require_POST
@signed_in
def bring_in(request: Request, uuid: UUID) -> HttpResponse:
    """A table row by row: with one fault nothing is written, unless faulty rows are left out on purpose."""
    centre = queries.visible_centre(request.actor, uuid)
    at, only_good = clock.now(), request.POST.get("only_good") == "on"
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InvalidInput(_("请选择文件。"), fields={"file": _("请选择文件。")})
        standing = centre.shifts.filter(withdrawn_at__isnull=True, ends_at__gte=at - timedelta(days=400))
        rows = table.plan(read_lines(file.read()), readers_of(centre, at=at), standing)
    except DomainError as error:
        return _refused(request, uuid, error)
    duties = [row.duty for row in rows if row.duty is not None]
    if not duties or (len(duties) < len(rows) and not only_good):
        told = _("%(n)d 行有误，没有导入任何内容。") % {"n": len(rows) - len(duties)}
        return _refused(request, uuid, InvalidInput(told, fields={"file": told}, code="bad-rows"), rows)
    return _write(
        request, uuid,
        lambda found: actions.enter_shifts(centre=found, duties=duties, by=request.actor, at=at),
        _("已导入 %(n)d 个班次。") % {"n": len(duties)},
    )  # fmt: skip
