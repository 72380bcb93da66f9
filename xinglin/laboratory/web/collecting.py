"""The collection list of a clinic or township hospital: what waits, scanned or tapped as soon as it is filled."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.laboratory import actions, queries
from xinglin.laboratory.web import pages
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request
from xinglin.web.templatetags.xinglin import age

#: Collected ones shown below the list: the newest, to notice a wrong scan.
LATELY = 20


@require_http_methods(["GET", "POST"])
@signed_in
def collect(request: Request) -> HttpResponse:
    """The list; a scanned barcode confirms that the container is filled."""
    request.actor.may(Permission.SPECIMEN_COLLECT).require()
    if request.method == "GET":
        return _shown(request)
    try:
        barcode = request.POST.get("barcode", "")
        told = _whose(request, barcode)
        return write_once(request, lambda: _confirm(request, barcode), told)
    except (InvalidInput, Conflict, NotVisible) as error:
        return _shown(request, error=error)


@require_POST
@signed_in
def confirm(request: Request, barcode: str) -> HttpResponse:
    """Confirm one container, from the list or the page of its order."""

    def write() -> str:
        back = request.POST.get("back", "")
        where = _confirm(request, barcode)
        found = queries.visible_specimen(request.actor, barcode)
        return reverse("laboratory:order", args=[found.request.uuid]) if back == "order" else where

    return write_once(request, write, _whose(request, barcode))


@require_POST
@signed_in
def missed(request: Request, barcode: str) -> HttpResponse:
    """Say that one could not be filled."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.note_not_collected(
            specimen=found, remark=request.POST.get("remark", ""), by=request.actor, at=clock.now()
        )
        return reverse("laboratory:collect")

    return write_once(
        request, write, _("已登记未能采集，申请会略过这支标本。"), again=lambda error: _shown(request, error=error)
    )


@require_POST
@signed_in
def undo(request: Request, barcode: str) -> HttpResponse:
    """Take back a wrong scan."""

    def write() -> str:
        found = queries.visible_specimen(request.actor, barcode)
        actions.undo_collection(specimen=found, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("laboratory:collect")

    return write_once(
        request, write, _("已撤销采集，标本回到待采集。"), again=lambda error: _shown(request, error=error)
    )


def _whose(request: Request, barcode: str) -> str:
    """What a scan confirmed, in words that let a wrong one be noticed. :raises NotVisible: no such barcode here"""
    if not barcode.strip():
        return ""
    found = queries.visible_specimen(request.actor, barcode)
    person, now = found.request.resident, clock.now()
    tube = pages.specimen_view(found, at=now).tube
    return _("已采集：%(name)s %(sex)s %(age)s，%(tube)s %(barcode)s") % {
        "name": person.name, "sex": person.get_sex_display(), "age": age(person.born_on, now), "tube": tube,
        "barcode": found.barcode,
    }  # fmt: skip


def _confirm(request: Request, barcode: str) -> str:
    if not barcode.strip():
        raise InvalidInput(_("请扫描或输入条码。"), fields={"barcode": _("请扫描或输入条码。")})
    specimen = queries.visible_specimen(request.actor, barcode)
    actions.collect_specimen(specimen=specimen, remark=request.POST.get("remark", ""), by=request.actor, at=clock.now())
    return reverse("laboratory:collect")


def _shown(request: Request, *, error: DomainError | None = None) -> HttpResponse:
    now = clock.now()
    rows = [pages.specimen_view(each, at=now) for each in queries.to_collect(request.actor)]
    ready = queries.to_hand_over(request.actor)
    ready.sort(key=lambda each: each.collected_at or now, reverse=True)
    lately = [pages.specimen_view(each, at=now) for each in ready[:LATELY]]
    pages.note_list(request.actor, "collect", (each.specimen.request for each in (*rows, *lately)), at=now)
    return page(
        request, "laboratory/collect.html", status=error.status if error else 200, rows=rows, n_ready=len(ready),
        lately=lately, error=error,
    )  # fmt: skip
