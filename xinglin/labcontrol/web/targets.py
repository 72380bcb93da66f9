"""Targets of an assay: in force, in parallel, former; from the sheet, or computed from own results."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xinglin.labcontrol import actions, catalogue, figures, permissions, queries
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Assay, Target
from xinglin.labcontrol.web import forms
from xinglin.labcontrol.web.common import for_control, rounded, shown, tabs
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.formats import listed_text
from xinglin.web.request import Request

MOST_VERSIONS = 50


@require_GET
@for_control
def targets(request: Request, uuid: UUID) -> HttpResponse:
    """The page."""
    assay = queries.visible_assay(request.actor, uuid)
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="labcontrol.assay", key=str(uuid))
    return _show(request, assay)


def _show(request: Request, assay: Assay, error: DomainError | None = None) -> HttpResponse:
    every = list(assay.targets.select_related("material").order_by("-set_at", "-id")[:MOST_VERSIONS])
    rows = [_row(each, assay) for each in every]
    usable = queries.materials_visible_to(request.actor).filter(
        facility_id=assay.instrument.facility_id, is_active=True
    )
    options = [
        (str(each.uuid), f"{catalogue.level_short(each.level)} · {each.name} {each.lot}")
        for each in usable.order_by("level", "-added_at")[:100]
    ]
    return page(
        request, "labcontrol/targets.html", status=error.status if error else 200, tabs=tabs("instruments"),
        assay=assay, title=catalogue.analyte_title(assay.analyte, assay.title), standing=[r for r in rows if not r["ended_at"]],
        former=[r for r in rows if r["ended_at"]], materials=options, error=error, data=request.POST,
        fields=fields_of(error), may_manage=permissions.may_manage(request.actor, assay.instrument.facility_id),
        computed=_computed(request, assay), least=figures.LEAST_OWN,
    )  # fmt: skip


def _row(target: Target, assay: Assay) -> dict[str, Any]:
    return {
        "target": target, "level": catalogue.level_short(target.material.level), "lot": target.material.lot,
        "mean": shown(target.mean, assay.decimals), "sd": shown(target.sd, assay.decimals + 1), "n": target.n_values,
        "source": target.get_source_display(), "begun_at": target.begun_at, "ended_at": target.ended_at,
        "left_out": listed_text(target.left_out), "can_begin": target.mean is not None and not target.begun_at,
        "compute_url": f"{reverse('labcontrol:targets', args=[assay.uuid])}?material={target.material.uuid}#compute",
    }  # fmt: skip


def _computed(request: Request, assay: Assay) -> dict[str, Any] | None:
    """What would be computed for the lot that was asked for, with the values that stand out."""
    asked = request.POST.get("material") or request.GET.get("material", "")
    try:
        material = queries.visible_material(request.actor, UUID(asked))
    except (ValueError, DomainError):
        return None
    rows = actions.own_values(assay, material)
    if not rows:
        return None
    posted = {int(each) for each in request.POST.getlist("left_out") if each.isdecimal()}
    odd = posted or {rows[place].pk for place in figures.outliers([row.value for row in rows])}
    kept = figures.summary([row.value for row in rows if row.pk not in odd])
    return {
        "material": material, "level": catalogue.level_short(material.level), "n": len(rows),
        "mean": rounded(kept.mean, assay.decimals + 1), "sd": rounded(kept.sd, assay.decimals + 2), "cv": rounded(kept.cv, 2),
        "n_kept": kept.n, "is_enough": kept.n >= figures.LEAST_OWN,
        "values": [
            {"pk": row.pk, "at": row.result.run_at, "value": shown(row.value, assay.decimals), "is_odd": row.pk in odd}
            for row in rows
        ],
    }  # fmt: skip


def _change(request: Request, uuid: UUID, change: Callable[[Assay], object], message: object) -> HttpResponse:
    assay = queries.visible_assay(request.actor, uuid)

    def write() -> str:
        change(assay)
        return reverse("labcontrol:targets", args=[uuid])

    return write_once(request, write, message, again=lambda error: _show(request, assay, error))


def _material(request: Request) -> Any:
    try:
        return queries.visible_material(request.actor, UUID(request.POST.get("material", "")))
    except ValueError as error:
        reason = gettext_lazy("请从列表中选择。")
        raise InvalidInput(gettext_lazy("有内容需要改正。"), fields={"material": reason}) from error


@require_POST
@for_control
def set_target(request: Request, uuid: UUID) -> HttpResponse:
    """Mean and SD from the sheet; without them the lot runs in parallel."""
    post = request.POST

    def change(assay: Assay) -> object:
        return actions.set_target(
            assay=assay, material=_material(request), mean=forms.number(post.get("mean", ""), "mean"),
            sd=forms.number(post.get("sd", ""), "sd"), begins=post.get("begins") == "now", note=post.get("note", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip

    return _change(request, uuid, change, gettext_lazy("靶值已保存。"))


@require_POST
@for_control
def compute(request: Request, uuid: UUID) -> HttpResponse:
    """Mean and SD from own results."""

    def change(assay: Assay) -> object:
        left_out = {int(each) for each in request.POST.getlist("left_out") if each.isdecimal()}
        return actions.compute_target(
            assay=assay, material=_material(request), left_out=left_out, note=request.POST.get("note", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip

    return _change(request, uuid, change, gettext_lazy("靶值已按本室结果计算并启用。"))


def _switch(request: Request, uuid: UUID, action: Callable[..., object], message: object) -> HttpResponse:
    target = queries.visible_target(request.actor, uuid)

    def change(_assay: Assay) -> object:
        return action(target=target, by=request.actor, at=clock.now())

    return _change(request, target.assay.uuid, change, message)


@require_POST
@for_control
def begin(request: Request, uuid: UUID) -> HttpResponse:
    """The parallel phase ends."""
    return _switch(request, uuid, actions.begin_target, gettext_lazy("新批号已启用。"))


@require_POST
@for_control
def end(request: Request, uuid: UUID) -> HttpResponse:
    """A lot goes out of control."""
    return _switch(request, uuid, actions.end_target, gettext_lazy("靶值已停用。"))
