"""Entering runs: by hand from the keyboard or a phone, or from a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.labcontrol import actions, catalogue, permissions, queries, tables
from xinglin.labcontrol.data import GivenValue, Source, Verdict
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import ControlRun, Instrument, Target
from xinglin.labcontrol.web import forms
from xinglin.labcontrol.web.common import for_control, rounded, shown, tabs
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import download, fields_of, page, write_once
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX

MAX_TABLE = 2_000_000


@dataclass(frozen=True, slots=True)
class Field:
    """A value to fill in: a lot of a level of an assay."""

    name: str
    label: str
    help: str
    low: str
    high: str
    value: str
    error: object


@require_http_methods(["GET", "POST"])
@for_control
def enter(request: Request, uuid: UUID) -> HttpResponse:
    """Enter a run of an instrument; empty fields were not measured."""
    instrument, at = queries.visible_instrument(request.actor, uuid), clock.now()
    permissions.may_record(request.actor, instrument).require()
    targets = _targets(instrument)

    def show(error: DomainError | None = None, given: QueryDict | None = None) -> HttpResponse:
        fields, typed = fields_of(error), given or QueryDict()
        return page(
            request, "labcontrol/enter.html", status=error.status if error else 200, tabs=tabs("board"),
            instrument=instrument, groups=_groups(targets, typed, fields), error=error,
            error_fields={_id_of(key, given, targets): value for key, value in fields.items()},
            run_at=typed.get("run_at") or f"{timezone.localtime(at):%Y-%m-%dT%H:%M}",
            note=typed.get("note", ""), fields=fields,
        )  # fmt: skip

    if request.method == "GET":
        return show()

    def write() -> str:
        run = actions.record_run(
            instrument=instrument, run_at=forms.moment(request.POST.get("run_at", ""), "run_at"),
            values=[value for _target, value in _given(targets, request.POST)], note=request.POST.get("note", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("labcontrol:run", args=[run.uuid])

    return write_once(request, write, gettext_lazy("质控结果已保存。"), again=lambda error: show(error, request.POST))


def _targets(instrument: Instrument) -> list[Target]:
    assays = {each.pk: each for each in instrument.assays.filter(is_active=True)}
    found = queries.targets_in_force(assays)
    for each in found:
        each.assay = assays[each.assay_id]
    return sorted(found, key=lambda t: (t.assay.analyte, t.material.level, t.begun_at is None, t.pk))


def _given(targets: Sequence[Target], post: QueryDict) -> list[tuple[Target, GivenValue]]:
    found = []
    for target in targets:
        value = forms.number(post.get(f"v-{target.pk}", ""), f"v-{target.pk}")
        if value is not None:
            found.append((target, GivenValue(target.assay.analyte, target.material.level, value, target.material.lot)))
    return found


def _id_of(key: str, given: QueryDict | None, targets: Sequence[Target]) -> str:
    """The field on the page for a place named by the action (``values.3``)."""
    if given is None or not key.startswith("values."):
        return key
    filled = [target for target in targets if given.get(f"v-{target.pk}", "").strip()]
    place = int(key.removeprefix("values."))
    return f"v-{filled[place].pk}" if place < len(filled) else key


def _groups(targets: Sequence[Target], given: QueryDict, fields: Any) -> list[dict[str, Any]]:
    errors = {_id_of(key, given, targets): value for key, value in fields.items()}
    groups: dict[int, dict[str, Any]] = {}
    for target in targets:
        assay = target.assay
        group = groups.setdefault(
            assay.pk,
            {"title": catalogue.analyte_title(assay.analyte, assay.title), "code": assay.analyte, "unit": assay.unit, "fields": []},
        )  # fmt: skip
        group["fields"].append(_field(target, given, errors))
    return list(groups.values())


def _field(target: Target, given: QueryDict, errors: dict[str, Any]) -> Field:
    decimals, name = target.assay.decimals, f"v-{target.pk}"
    label = catalogue.level_short(target.material.level)
    if target.begun_at is None:
        label = _("%(level)s（平行，批号%(lot)s）") % {"level": label, "lot": target.material.lot}
    help_text, low, high = _("批号%(lot)s，尚无靶值") % {"lot": target.material.lot}, "", ""
    if target.mean is not None and target.sd is not None:
        help_text = f"{shown(target.mean, decimals)} ± {shown(target.sd, decimals)}"
        low, high = str(target.mean - 2 * target.sd), str(target.mean + 2 * target.sd)
    return Field(name, label, help_text, low, high, given.get(name, ""), errors.get(name, ""))


@require_GET
@for_control
def run(request: Request, uuid: UUID) -> HttpResponse:
    """One run: each value with its distance from the mean, and what the rules said."""
    found, at = queries.visible_run(request.actor, uuid), clock.now()
    audit.record(Event.VIEWED, by=request.actor, at=at, kind="labcontrol.controlrun", key=str(uuid))
    results = sorted(
        found.results.all(), key=lambda each: (list(Verdict).index(Verdict(each.verdict)) * -1, each.assay.analyte)
    )
    rows = [_result_row(each) for each in results]
    return page(
        request, "labcontrol/run.html", tabs=tabs("board"), run=found, rows=rows, n_out=sum(r["is_out"] for r in rows)
    )


def _result_row(result: Any) -> dict[str, Any]:
    tones = {Verdict.OUT: "critical", Verdict.WARNING: "warning", Verdict.IN: "ok", Verdict.TRIAL: "neutral"}
    assay = result.assay
    return {
        "title": catalogue.analyte_title(assay.analyte, assay.title), "unit": assay.unit,
        "is_out": result.verdict == Verdict.OUT, "verdict": Verdict(result.verdict).label,
        "tone": tones[Verdict(result.verdict)], "url": reverse("labcontrol:chart", args=[assay.uuid]),
        "loss_url": reverse("labcontrol:loss", args=[result.loss.uuid]) if result.loss else "",
        "rules": [(each["code"], catalogue.rule_title(each["code"])) for each in result.broken],
        "values": [
            (catalogue.level_short(value.level), shown(value.value, assay.decimals), rounded(value.z, 2))
            for value in sorted(result.values.all(), key=lambda each: (each.level, not each.counts))
        ],
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_control
def table(request: Request, uuid: UUID) -> HttpResponse:
    """Runs from a table, checked row by row; all of it is kept, or nothing."""
    instrument = queries.visible_instrument(request.actor, uuid)
    permissions.may_record(request.actor, instrument).require()
    if request.GET.get("template"):
        return _template(instrument, clock.now())

    def show(error: DomainError | None = None) -> HttpResponse:
        return page(
            request, "labcontrol/table.html", status=error.status if error else 200, tabs=tabs("board"),
            instrument=instrument, error=error, faults=getattr(error, "faults", []),
        )  # fmt: skip

    if request.method == "GET":
        return show()

    def write() -> str:
        rows = tables.read_runs(forms.upload(request, MAX_TABLE).read())
        keep_rows(instrument, rows, by=request.actor, at=clock.now())
        return f"{reverse('labcontrol:board')}?instrument={instrument.uuid}"

    return write_once(request, write, gettext_lazy("表格已导入。"), again=show)


def keep_rows(instrument: Instrument, rows: list[tables.RunRow], *, by: Actor, at: datetime) -> list[ControlRun]:
    """The runs of a table, oldest first, all or none. :raises BadRows: says which row could not be kept, and why"""
    moments: dict[datetime, list[tables.RunRow]] = {}
    for row in sorted(rows, key=lambda each: each.run_at):
        moments.setdefault(row.run_at, []).append(row)
    kept = []
    with transaction.atomic():
        for run_at, together in moments.items():
            try:
                run = actions.record_run(
                    instrument=instrument, run_at=run_at, values=[each.given for each in together],
                    source=Source.EXCEL, by=by, at=at,
                )  # fmt: skip
            except InvalidInput as error:
                raise tables.BadRows(_faults(error, together)) from error
            except DomainError as error:
                raise tables.BadRows(
                    [tables.RowFault(together[0].row, _("测定时间"), "", str(error.message))]
                ) from error
            kept.append(run)
    return kept


def _faults(error: InvalidInput, rows: list[tables.RunRow]) -> list[tables.RowFault]:
    faults = []
    for key, reason in error.fields.items():
        place = int(key.removeprefix("values.")) if key.startswith("values.") else 0
        row = rows[place]
        faults.append(tables.RowFault(row.row, "", f"{row.given.analyte} {row.given.level}", str(reason)))
    return faults


def _template(instrument: Instrument, at: datetime) -> HttpResponse:
    levels: dict[str, list[str]] = {}
    for target in _targets(instrument):
        if target.begun_at:
            levels.setdefault(target.assay.analyte, []).append(target.material.level)
    return download(tables.run_template(list(levels.items()), at), "control-runs.xlsx", media_type=XLSX)
