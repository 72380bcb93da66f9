"""What the pages of the laboratory show. Templates only print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, checks, queries, wording
from xinglin.laboratory.checks import Reason
from xinglin.laboratory.data import Flag
from xinglin.laboratory.events import Look
from xinglin.laboratory.models import Result, Specimen
from xinglin.laboratory.states import AT_THE_CENTRE, NOT_COLLECTED, SpecimenStatus
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.web.formats import listed_text
from xinglin.web.pills import Pill

TONES = {
    Flag.NORMAL: "", Flag.UNKNOWN: "neutral", Flag.LOW: "info", Flag.HIGH: "warning", Flag.ABNORMAL: "warning",
    Flag.CRITICAL_LOW: "critical", Flag.CRITICAL_HIGH: "critical",
}  # fmt: skip
LOOKS = {
    SpecimenStatus.LABELLED: ("warning", "tag"),
    SpecimenStatus.COLLECTED: ("info", "drop"),
    SpecimenStatus.HANDED_OVER: ("info", "transfer"),
    SpecimenStatus.RECEIVED: ("ok", "check"),
    SpecimenStatus.REFUSED: ("critical", "x-circle"),
    SpecimenStatus.STORED: ("neutral", "database"),
    SpecimenStatus.DISPOSED: ("neutral", "trash"),
}


def note_list(by: Actor, name: str, requests: Iterable[Any], *, at: datetime, kind: str = "", key: str = "") -> None:
    """Somebody was shown a list of requests: each person on it can see that."""
    shown = [each.resident.uuid for each in requests]
    audit.look_many(Look.LIST, by=by, at=at, subjects=shown, kind=kind, key=key, rows=len(shown), list=name)


@dataclass(frozen=True)
class SpecimenView:
    """One container as a line of a list."""

    specimen: Specimen
    tube: str
    colour: str
    panels: str
    status: Pill
    priority: Pill
    refusal: str
    is_late: bool
    url: str

    @property
    def was_collected(self) -> bool:
        """Whether it was ever filled, as far as anybody said."""
        return bool(self.specimen.refusal != NOT_COLLECTED)

    @property
    def is_urgent(self) -> bool:
        """Whether its order is not a routine one."""
        return bool(self.specimen.request.priority_rank < 2)  # noqa: PLR2004


PRIORITIES = {"EMERGENCY": ("critical", "bolt"), "URGENT": ("warning", "chevron-up"), "ROUTINE": ("neutral", "minus")}


def priority_pill(request: Any) -> Pill:
    """How urgent an order is."""
    tone, icon = PRIORITIES[request.priority]
    return Pill(str(request.get_priority_display()), tone, icon)


def specimen_view(specimen: Specimen, *, at: datetime) -> SpecimenView:
    """A container for a page; no query when its request is loaded."""
    tube = catalogue.tubes().get(specimen.tube)
    tone, icon = LOOKS[SpecimenStatus(specimen.status)]
    said = str(specimen.get_status_display())
    if specimen.refusal == NOT_COLLECTED:
        tone, icon, said = "warning", "ban", _("未能采集")
    return SpecimenView(
        specimen=specimen,
        tube=tube.title if tube else specimen.tube,
        colour=tube.colour if tube else "",
        panels=listed_text(catalogue.panel_titles(specimen.panels, on=clock.today(specimen.labelled_at))),
        status=Pill(said, tone, icon),
        priority=priority_pill(specimen.request),
        refusal=diagnostics.reject_reason_text("LAB", specimen.refusal) if specimen.refusal else "",
        is_late=specimen.received_at is None and checks.is_late(specimen, at),
        url=reverse("laboratory:order", args=[specimen.request.uuid]),
    )


@dataclass(frozen=True)
class ResultRow:
    """One item of an order: its value and how it stands, or that it is awaited."""

    code: str
    title: str
    unit: str
    result: Result | None = None
    value: str = ""
    arrow: str = ""
    tone: str = ""
    flag: str = ""
    range_text: str = ""
    previous: str = ""
    change: str = ""
    is_new: bool = False
    reasons: Sequence[str] = ()
    trend_url: str = ""
    options: Sequence[str] = ()
    critical: str = ""
    error: object = ""
    typed: str = ""
    former: str = ""  # of a correction: what stood before
    waits: str = ""  # why nothing can be entered yet


def result_rows(
    request: Any, *, reasons: Sequence[Reason] = (), typed: dict[str, str] | None = None,
    errors: dict[str, object] | None = None, only_released: bool = False,
) -> list[ResultRow]:  # fmt: skip
    """Every item of an order in the order of its panels. `only_released`: as the sender may see it."""
    released = queries.released_ids(request)
    results = {each.analyte: each for each in queries.newest_results(request)}
    if only_released:
        results = {each.analyte: each for each in queries.standing_results(request)}
    codes = list(dict.fromkeys([*_expected(request), *results]))
    formers = {(each.analyte, each.version): each.text for each in request.results.all()}
    waits = _waiting(request)
    return [
        _row(
            request, code, results.get(code), released, [each.words for each in reasons if each.analyte == code],
            typed=(typed or {}).get(code, ""), error=(errors or {}).get(code, ""), formers=formers,
            waits=waits.get(code, ""),
        )
        for code in codes
    ]  # fmt: skip


def _expected(request: Any) -> list[str]:
    """What is measured: the items of every specimen that was not refused, in the order of the panels."""
    wanted = {code for each in request.specimens.all() if not each.refusal for code in queries.analytes_of(each)}
    asked = catalogue.expected([each["code"] for each in request.items], on=clock.today(request.requested_at))
    return [code for code in asked if code in wanted]


def _waiting(request: Any) -> dict[str, str]:
    """Items no specimen of which is at the centre, with the reason nothing can be entered for them."""
    there, waits = set(), {}
    for each in request.specimens.all():
        for code in queries.analytes_of(each):
            if each.status in AT_THE_CENTRE:
                there.add(code)
            elif not each.refusal:
                waits[code] = _("标本还没有核收（%(state)s）") % {"state": each.get_status_display()}
    return {code: why for code, why in waits.items() if code not in there}


def _row(
    request: Any, code: str, result: Result | None, released: set[int], reasons: list[str], *, typed: str,
    error: object, formers: dict[tuple[str, int], str], waits: str,
) -> ResultRow:  # fmt: skip
    analyte = catalogue.analyte(code)
    plain: dict[str, Any] = {
        "code": code, "title": analyte.title, "unit": analyte.shown, "options": analyte.options, "error": error,
        "waits": waits,
        "typed": typed or (result.text if result else ""),
    }  # fmt: skip
    if result is None:
        return ResultRow(**plain)
    flag = Flag(result.flag)
    return ResultRow(
        **plain, result=result, value=result.text, arrow=wording.arrow(result.flag), tone=TONES[flag],
        flag=str(flag.label), range_text=wording.range_text(result.low, result.high, known=result.range_known),
        previous=result.previous.text if result.previous else "", change=_change(result),
        is_new=result.pk not in released, reasons=reasons, former=formers.get((code, result.version - 1), ""),
        trend_url=reverse("laboratory:trend", args=[request.uuid, code]) if result.number is not None else "",
        critical=diagnostics.critical_text("LAB", result.critical, "") if result.critical else "",
    )  # fmt: skip


def _change(result: Result) -> str:
    if result.change is None:
        return ""
    sign = "+" if result.change > 0 else ""
    percent = f"（{sign}{result.change_percent:.0f}%）" if result.change_percent is not None else ""
    return f"{sign}{result.change.normalize():f}{percent}"


@dataclass(frozen=True)
class OrderLine:
    """One order in a list of the centre."""

    request: Any
    priority: Pill
    panels: str
    tubes: Sequence[SpecimenView]
    n_have: int
    n_wanted: int
    url: str
    has_critical: bool = False
    reasons: Sequence[str] = field(default_factory=tuple)

    @property
    def is_complete(self) -> bool:
        """Whether every item has its result."""
        return self.n_have >= self.n_wanted


def order_line(request: Any, *, url_name: str, at: datetime, with_reasons: bool = False) -> OrderLine:
    """An order as a line; its specimens and results are loaded."""
    specimens = list(request.specimens.all())
    for each in specimens:
        each.request = request
    newest = _newest(request)
    wanted = _expected(request)
    reasons: list[str] = []
    if with_reasons:
        found = checks.reasons_for_review(request, list(newest.values()), specimens, at=at)
        reasons = list(dict.fromkeys(str(checks.WORDS[each.code]) for each in found))
    return OrderLine(
        request=request, priority=priority_pill(request),
        panels=listed_text(
            catalogue.panel_titles([each["code"] for each in request.items], on=clock.today(request.requested_at))
        ),
        tubes=[specimen_view(each, at=at) for each in specimens],
        n_have=len([code for code in wanted if code in newest]), n_wanted=len(wanted),
        url=reverse(f"laboratory:{url_name}", args=[request.uuid]),
        has_critical=any(each.critical for each in newest.values()), reasons=reasons,
    )  # fmt: skip


def _newest(request: Any) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for each in sorted(request.results.all(), key=lambda row: row.version):
        found[each.analyte] = each
    return found


def steps_of(request: Any, specimens: Sequence[Specimen]) -> list[dict[str, Any]]:
    """Where an order stands: ordered, collected, sent, received, reported."""
    asked = {"label": _("申请"), "state": "done", "at": request.requested_at, "by": request.requested_by_name}
    if request.status == "CANCELLED":
        return [asked, {"label": _("已撤销"), "state": "failed", "at": request.status_changed_at}]
    collected = [each.collected_at for each in specimens if each.collected_at]
    sent = [each.shipment.handed_over_at for each in specimens if each.shipment]
    received = [each.received_at for each in specimens if each.received_at]
    steps = [
        asked,
        _step(_("采集"), collected),
        _step(_("送出"), sent, skipped=bool(received)),
        _step(_("核收"), received),
    ]
    if request.status == "REJECTED":
        steps[3] = {"label": _("拒收"), "state": "failed", "at": request.status_changed_at}
        return steps
    report: dict[str, Any] = {"label": _("报告"), "state": "done" if request.reported_at else "todo"}
    report["at"] = request.reported_at
    if request.status == "PRELIMINARY":
        report.update(state="current", note=_("已出部分结果"))
    steps.append(report)
    if request.status == "AMENDED":
        steps.append({"label": _("已更正"), "state": "done", "at": request.status_changed_at})
    current = next((each for each in steps if each["state"] == "todo"), None)
    if current is not None:
        current["state"] = "current"
    return steps


def _step(label: str, moments: Sequence[datetime], *, skipped: bool = False) -> dict[str, Any]:
    state = "done" if moments else "skipped" if skipped else "todo"
    return {"label": label, "state": state, "at": min(moments, default=None)}


def refusal_choices() -> list[tuple[str, str]]:
    """Reasons of refusal in words."""
    known = diagnostics.reject_reasons("LAB", on=clock.today())
    return [(each.code, each.title) for each in known if each.code != NOT_COLLECTED]
