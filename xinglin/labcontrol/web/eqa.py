"""External assessment: schemes, rounds, certificates."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.data import Permission
from xinglin.labcontrol import actions, catalogue, charts, figures, permissions, queries, tables
from xinglin.labcontrol.actions.eqa import MAX_CERTIFICATE
from xinglin.labcontrol.data import Organiser
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import EqaSample, EqaScheme
from xinglin.labcontrol.web import forms
from xinglin.labcontrol.web.common import for_control, may, rounded, shown, tabs
from xinglin.platform import audit, clock, files
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible
from xinglin.platform.paging import page_of
from xinglin.web import posted
from xinglin.web.answers import download, fields_of, page, write_once
from xinglin.web.pills import Pill
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX

MAX_TABLE = 2_000_000


@require_http_methods(["GET", "POST"])
@for_control
def schemes(request: Request) -> HttpResponse:
    """External assessments with when they lapse, and a new one."""
    actor, at = request.actor, clock.now()

    def show(error: DomainError | None = None) -> HttpResponse:
        rows = page_of(queries.schemes_visible_to(actor), by=("-year", "-id"), cursor=request.GET.get("cursor", ""))
        audit.record(Event.VIEWED, by=actor, at=at, detail={"what": "eqa", "n": len(rows.rows)})
        return page(
            request, "labcontrol/schemes.html", status=error.status if error else 200, tabs=tabs("eqa"), paging=rows,
            rows=[{"scheme": each, "validity": _validity(each, at)} for each in rows.rows], error=error,
            fields=fields_of(error), data=request.POST, organisers=Organiser.choices,
            year=clock.today(at).year, may_manage=may(actor, Permission.CONTROL_MANAGE),
        )  # fmt: skip

    if request.method == "GET":
        return show()

    def write() -> str:
        post = request.POST
        made = actions.add_scheme(
            facility_id=forms.own_place(actor, Permission.CONTROL_MANAGE), organiser=post.get("organiser", ""),
            organiser_name=post.get("organiser_name", ""), title=post.get("title", ""), year=forms.whole(post, "year", 0) or 0,
            valid_from=posted.day(post, "valid_from"), valid_until=posted.day(post, "valid_until"), by=actor, at=at,
        )  # fmt: skip
        return reverse("labcontrol:scheme", args=[made.uuid])

    actor.may(Permission.CONTROL_MANAGE).require()
    return write_once(request, write, gettext_lazy("室间质评已登记。"), again=show)


def _validity(scheme: EqaScheme, at: datetime) -> Pill:
    days = (scheme.valid_until - clock.today(at)).days
    if days <= 0:
        return Pill(_("已过有效期"), "critical", "x-circle")
    if days <= queries.SOON_DAYS:
        return Pill(_("%(n)d天后到期") % {"n": days}, "warning", "clock")
    return Pill(_("有效"), "ok", "check")


@require_http_methods(["GET", "POST"])
@for_control
def scheme(request: Request, uuid: UUID) -> HttpResponse:
    """One assessment: its rounds by analyte, results from a table, the certificate."""
    found, at = queries.visible_scheme(request.actor, uuid), clock.now()
    if request.GET.get("template"):
        return download(tables.eqa_template(), "eqa-results.xlsx", media_type=XLSX)
    if request.method == "GET":
        audit.record(Event.VIEWED, by=request.actor, at=at, kind="labcontrol.eqascheme", key=str(uuid))
        return _show_scheme(request, found)

    def write() -> str:
        post = request.POST
        rows = tables.read_samples(forms.upload(request, MAX_TABLE).read())
        try:
            kept = actions.keep_round(
                scheme=found, number=forms.whole(post, "number", 0) or 0, assessed_on=posted.day(post, "assessed_on"),
                samples=[sample for _row, sample in rows], by=request.actor, at=at,
            )  # fmt: skip
        except InvalidInput as error:
            if not any(key.startswith("samples.") for key in error.fields):
                raise
            raise tables.BadRows(_faults(error, rows)) from error
        return reverse("labcontrol:round", args=[kept.uuid])

    return write_once(
        request,
        write,
        gettext_lazy("质评结果已导入。"),
        again=lambda error: _show_scheme(request, found, error, "round"),
    )


def _faults(error: InvalidInput, rows: list[tuple[int, Any]]) -> list[tables.RowFault]:
    faults = []
    for key, reason in error.fields.items():
        number, sample = rows[int(key.removeprefix("samples."))]
        faults.append(tables.RowFault(number, "", f"{sample.analyte} {sample.sample}", str(reason)))
    return faults


def _show_scheme(request: Request, found: EqaScheme, error: DomainError | None = None, form: str = "") -> HttpResponse:
    rounds = queries.rounds_of(found)
    analytes = sorted({score.analyte for each in rounds for score in each.scores.all()})
    cells = {(score.analyte, each.pk): score for each in rounds for score in each.scores.all()}
    return page(
        request, "labcontrol/scheme.html", status=error.status if error else 200, tabs=tabs("eqa"), scheme=found,
        validity=_validity(found, clock.now()), error=error, form=form, faults=getattr(error, "faults", []),
        fields=fields_of(error), data=request.POST, next_number=len(rounds) + 1, today=clock.today(clock.now()),
        rounds=[{"round": each, "url": reverse("labcontrol:round", args=[each.uuid])} for each in rounds],
        rows=[
            {"title": catalogue.analyte_title(code), "code": code, "cells": [cells.get((code, each.pk)) for each in rounds]}
            for code in analytes
        ],
        may_manage=permissions.may_manage(request.actor, found.facility_id),
    )  # fmt: skip


@require_POST
@for_control
def certificate(request: Request, uuid: UUID) -> HttpResponse:
    """Keep the certificate."""
    found = queries.visible_scheme(request.actor, uuid)

    def write() -> str:
        file = forms.upload(request, MAX_CERTIFICATE)
        actions.keep_certificate(scheme=found, file=file, name=file.name or "", by=request.actor, at=clock.now())
        return reverse("labcontrol:scheme", args=[uuid])

    return write_once(
        request,
        write,
        gettext_lazy("证书已保存。"),
        again=lambda error: _show_scheme(request, found, error, "certificate"),
    )


@require_GET
@for_control
def certificate_file(request: Request, uuid: UUID) -> HttpResponse | FileResponse:
    """The certificate as it was uploaded."""
    found = queries.visible_scheme(request.actor, uuid)
    if found.certificate is None:
        raise NotVisible("labcontrol.eqascheme", uuid)
    audit.record(
        Event.VIEWED,
        by=request.actor,
        at=clock.now(),
        kind="labcontrol.eqascheme",
        key=str(uuid),
        detail={"what": "certificate"},
    )
    response = FileResponse(files.open_file(found.certificate), content_type=found.certificate.media_type)
    response["Content-Disposition"] = f'attachment; filename="eqa-{found.year}"'
    return response


@require_GET
@for_control
def round_page(request: Request, uuid: UUID) -> HttpResponse:
    """One round: each analyte with its samples, and a picture of z."""
    found = queries.visible_round(request.actor, uuid)
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="labcontrol.eqaround", key=str(uuid))
    scores = [_score(each) for each in sorted(found.scores.all(), key=lambda s: (s.passed, s.analyte))]
    return page(request, "labcontrol/round.html", tabs=tabs("eqa"), round=found, scores=scores)


def _score(score: Any) -> dict[str, Any]:
    samples = sorted(score.samples.all(), key=lambda each: each.sample)
    decimals = next((each.decimals for code, each in catalogue.analytes().items() if code == score.analyte), 2)
    points = [(each.sample, z, each.is_acceptable) for each in samples if (z := _z(each)) is not None]
    title = catalogue.analyte_title(score.analyte)
    return {
        "title": title, "code": score.analyte, "score": score, "percent": rounded(score.percent, 0),
        "samples": [_sample(each, decimals) for each in samples],
        "svg": charts.z_picture(points, label=_("%(analyte)s 各样本的z值") % {"analyte": title}) if points else "",
    }  # fmt: skip


def _z(sample: EqaSample) -> Decimal | None:
    return (sample.own - sample.target) / sample.group_sd if sample.group_sd else None


def _sample(sample: EqaSample, decimals: int) -> dict[str, Any]:
    z, off = _z(sample), figures.bias(sample.own, sample.target)
    vis = 100 * abs(off) / sample.ccv if off is not None and sample.ccv else None
    scoring = catalogue.scoring()
    word = (
        ""
        if z is None
        else _("满意")
        if abs(z) <= scoring.z_good
        else _("可疑")
        if abs(z) < scoring.z_doubtful
        else _("不满意")
    )
    return {
        "sample": sample.sample, "own": shown(sample.own, decimals), "target": shown(sample.target, decimals),
        "range": f"{shown(sample.low, decimals)}–{shown(sample.high, decimals)}", "off": rounded(off, 1),
        "z": rounded(z, 2), "word": word, "vis": rounded(vis, 0), "is_acceptable": sample.is_acceptable,
    }  # fmt: skip
