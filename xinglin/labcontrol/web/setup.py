"""What control rests on: instruments with their assays, and control materials."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.accounts.data import Permission
from xinglin.labcontrol import actions, catalogue, permissions, queries
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Instrument
from xinglin.labcontrol.web import forms
from xinglin.labcontrol.web.common import for_control, may, tabs
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError
from xinglin.platform.paging import page_of
from xinglin.web import posted
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


def _rule_options() -> list[tuple[str, str]]:
    return [(each.slug, each.title) for each in catalogue.rule_sets()]


@require_http_methods(["GET", "POST"])
@for_control
def instruments(request: Request) -> HttpResponse:
    """Instruments under control, and a new one."""
    actor = request.actor

    def show(error: DomainError | None = None) -> HttpResponse:
        rows = page_of(
            queries.instruments_visible_to(actor).prefetch_related("assays"), by=("-is_active", "name", "id"),
            cursor=request.GET.get("cursor", ""),
        )  # fmt: skip
        audit.record(Event.VIEWED, by=actor, at=clock.now(), detail={"what": "instruments", "n": len(rows.rows)})
        return page(
            request, "labcontrol/instruments.html", status=error.status if error else 200, tabs=tabs("instruments"),
            paging=rows, error=error, fields=fields_of(error), data=request.POST, rules=_rule_options(),
            default=catalogue.default_rules(), may_manage=may(actor, Permission.CONTROL_MANAGE),
        )  # fmt: skip

    if request.method == "GET":
        return show()

    def write() -> str:
        post = request.POST
        made = actions.add_instrument(
            facility_id=forms.own_place(actor, Permission.CONTROL_MANAGE), name=post.get("name", ""),
            model=post.get("model", ""), serial=post.get("serial", ""), rules=post.get("rules", ""),
            only_warns=post.get("only_warns") == "on", by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("labcontrol:instrument", args=[made.uuid])

    actor.may(Permission.CONTROL_MANAGE).require()
    return write_once(request, write, gettext_lazy("仪器已登记，请添加质控项目。"), again=show)


def _show_instrument(
    request: Request, found: Instrument, error: DomainError | None = None, form: str = ""
) -> HttpResponse:
    assays = list(found.assays.order_by("analyte"))
    targets: dict[int, list[Any]] = {}
    for target in queries.targets_in_force(each.pk for each in assays):
        targets.setdefault(target.assay_id, []).append(target)
    rows = [
        {
            "assay": each, "title": catalogue.analyte_title(each.analyte, each.title),
            "url": reverse("labcontrol:targets", args=[each.uuid]),
            "levels": [
                (catalogue.level_short(t.material.level), t.material.lot, t.begun_at is not None) for t in targets.get(each.pk, [])
            ],
        }
        for each in assays
    ]  # fmt: skip
    return page(
        request, "labcontrol/instrument.html", status=error.status if error else 200, tabs=tabs("instruments"),
        instrument=found, rows=rows, rules=_rule_options(), error=error, form=form, data=request.POST,
        fields=fields_of(error), analytes=[(each.code, each.title_zh) for each in catalogue.analytes().values()],
        may_manage=permissions.may_manage(request.actor, found.facility_id),
        may_record=permissions.may_record(request.actor, found), rule_list=catalogue.rule_set(found.rules).rules,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_control
def instrument(request: Request, uuid: UUID) -> HttpResponse:
    """One instrument: its rules, whether missing runs only warn, what it measures."""
    found = queries.visible_instrument(request.actor, uuid)
    if request.method == "GET":
        audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="labcontrol.instrument", key=str(uuid))
        return _show_instrument(request, found)

    def write() -> str:
        post = request.POST
        actions.change_instrument(
            instrument=found, rules=post.get("rules", ""), only_warns=post.get("only_warns") == "on",
            is_active=post.get("is_active") == "on", by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("labcontrol:instrument", args=[uuid])

    return write_once(
        request,
        write,
        gettext_lazy("已保存。"),
        again=lambda error: _show_instrument(request, found, error, "settings"),
    )


@require_POST
@for_control
def add_assay(request: Request, uuid: UUID) -> HttpResponse:
    """Put an analyte of an instrument under control."""
    found, post = queries.visible_instrument(request.actor, uuid), request.POST

    def write() -> str:
        made = actions.add_assay(
            instrument=found, analyte=post.get("analyte", ""), title=post.get("title", ""), unit=post.get("unit", ""),
            decimals=forms.whole(post, "decimals", 2) or 0, interval_hours=forms.whole(post, "interval_hours", 24) or 0,
            by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("labcontrol:targets", args=[made.uuid])

    return write_once(
        request,
        write,
        gettext_lazy("质控项目已添加，请设定靶值。"),
        again=lambda error: _show_instrument(request, found, error, "assay"),
    )


@require_http_methods(["GET", "POST"])
@for_control
def materials(request: Request) -> HttpResponse:
    """Control materials with what expires, and a new lot."""
    actor, at = request.actor, clock.now()

    def show(error: DomainError | None = None) -> HttpResponse:
        found = page_of(
            queries.materials_visible_to(actor),
            by=("-is_active", "-expires_on", "-id"),
            cursor=request.GET.get("cursor", ""),
        )
        today = clock.today(at)
        rows = [
            {"material": each, "level": catalogue.level_short(each.level), "ends_on": queries.ends_on(each),
             "is_over": queries.ends_on(each) < today, "is_soon": (queries.ends_on(each) - today).days <= queries.SOON_DAYS}
            for each in found.rows
        ]  # fmt: skip
        audit.record(Event.VIEWED, by=actor, at=at, detail={"what": "materials", "n": len(rows)})
        return page(
            request, "labcontrol/materials.html", status=error.status if error else 200, tabs=tabs("materials"),
            rows=rows, paging=found, error=error, fields=fields_of(error), data=request.POST, today=today,
            levels=list(catalogue.levels().items()), may_record=may(actor, Permission.CONTROL_RECORD),
        )  # fmt: skip

    if request.method == "GET":
        return show()

    def write() -> str:
        post = request.POST
        actions.add_material(
            facility_id=forms.own_place(actor, Permission.CONTROL_RECORD), maker=post.get("maker", ""),
            name=post.get("name", ""), lot=post.get("lot", ""), level=post.get("level", ""),
            expires_on=posted.day(post, "expires_on"), open_days=forms.whole(post, "open_days"), by=actor, at=at,
        )  # fmt: skip
        return reverse("labcontrol:materials")

    actor.may(Permission.CONTROL_RECORD).require()
    return write_once(request, write, gettext_lazy("质控品已登记。"), again=show)


@require_POST
@for_control
def open_material(request: Request, uuid: UUID) -> HttpResponse:
    """The vial in use was opened today."""

    def write() -> str:
        at = clock.now()
        material = queries.visible_material(request.actor, uuid)
        actions.open_material(material=material, on=clock.today(at), by=request.actor, at=at)
        return reverse("labcontrol:materials")

    return write_once(request, write, gettext_lazy("已记录今天开瓶。"))


@require_POST
@for_control
def retire_material(request: Request, uuid: UUID) -> HttpResponse:
    """A lot goes out of use."""

    def write() -> str:
        actions.retire_material(
            material=queries.visible_material(request.actor, uuid), by=request.actor, at=clock.now()
        )
        return reverse("labcontrol:materials")

    return write_once(request, write, gettext_lazy("质控品已停用。"))
