"""What is kept and what may go; and how long everything takes."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import actions, catalogue, queries
from xinglin.laboratory import turnaround as figures
from xinglin.laboratory.web import pages
from xinglin.platform import clock
from xinglin.web.answers import page, write_once
from xinglin.web.formats import listed_text
from xinglin.web.request import Request

PERIODS = (1, 7, 30, 90)


@require_GET
@signed_in
def retention(request: Request) -> HttpResponse:
    """What is to be put away, what may go today, and everything that is kept."""
    request.actor.may(Permission.LABORATORY_WORK).require()
    now, show = clock.now(), request.GET.get("show", "due")
    next_cursor = ""
    if show == "store":
        found = queries.to_store(request.actor)
    elif show == "kept":
        kept = queries.kept(request.actor, cursor=request.GET.get("cursor", ""))
        found, next_cursor = list(kept.rows), kept.next_cursor
    else:
        show, found = "due", queries.to_dispose(request.actor, on=clock.today(now))
    pages.note_list(request.actor, f"retention-{show}", (each.request for each in found), at=now)
    url = reverse("laboratory:retention")
    words = (("due", _("今天可处置"), "trash"), ("store", _("待入库"), "inbox"), ("kept", _("全部留样"), "database"))
    context: dict[str, Any] = {
        "show": show, "rows": [pages.specimen_view(each, at=now) for each in found], "next_cursor": next_cursor,
        "tabs": [
            {"label": label, "url": f"{url}?show={name}", "active": name == show, "icon": icon, "count": None}
            for name, label, icon in words
        ],
    }  # fmt: skip
    return page(request, "laboratory/retention.html", **context)


@require_POST
@signed_in
def store(request: Request, barcode: str) -> HttpResponse:
    """Put one away."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.store_specimen(
            specimen=found, position=request.POST.get("position", ""), by=request.actor, at=clock.now()
        )
        return f"{reverse('laboratory:retention')}?show=store"

    return write_once(request, write, _("已留样。"))


@require_POST
@signed_in
def dispose(request: Request, barcode: str) -> HttpResponse:
    """Dispose of one."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.dispose_specimen(specimen=found, by=request.actor, at=clock.now())
        return reverse("laboratory:retention")

    return write_once(request, write, _("已处置。"))


@require_GET
@signed_in
def turnaround(request: Request) -> HttpResponse:
    """Medians by stage, for the centre and for each unit that sends."""
    request.actor.may(Permission.RESULT_RELEASE).require()
    days = request.GET.get("days", "")
    n_days = int(days) if days.isdecimal() and int(days) in PERIODS else 30
    now = clock.now()
    centres = [each for each in diagnostics.centres_read_by(request.actor) if each.kind == catalogue.KIND]
    found = figures.turnaround([each.pk for each in centres], since=now - timedelta(days=n_days), until=now)
    url = reverse("laboratory:turnaround")
    words = {
        "collect": _("开单到采集"), "receive": _("采集到核收"), "result": _("核收到结果"), "release": _("结果到发布"),
        "centre": _("核收到发布"), "whole": _("开单到发布"),
    }  # fmt: skip
    context: dict[str, Any] = {
        "figures": found, "centres": listed_text(each.name for each in centres),
        "stages": [(words[each.stage], each) for each in found.figures], "heads": list(words.values()),
        "refusals": [(diagnostics.reject_reason_text("LAB", code), n) for code, n in found.refusals],
        "tabs": [
            {
                "label": _("近24小时") if each == 1 else _("近%(days)d天") % {"days": each},
                "url": f"{url}?days={each}", "active": each == n_days, "count": None,
            }
            for each in PERIODS
        ],
    }  # fmt: skip
    return page(request, "laboratory/turnaround.html", **context)
