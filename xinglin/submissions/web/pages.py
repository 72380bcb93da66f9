"""What the pages of submissions show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.indicators import api as indicators
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.platform.paging import Page
from xinglin.submissions import drawing, forms, permissions, queries, words
from xinglin.submissions.comparing import Difference, differences
from xinglin.submissions.data import Outcome
from xinglin.submissions.models import Cell, Destination, Submission
from xinglin.submissions.states import LOOKS, OPEN, OUT, Status
from xinglin.web.formats import aside_text
from xinglin.web.pills import Pill


def status_view(submission: Submission) -> Pill:
    """The pill of a submission."""
    tone, icon = LOOKS[Status(submission.status)]
    return Pill(str(submission.get_status_display()), tone, icon)


@dataclass(frozen=True)
class ListPage:
    """What is due, or what has left."""

    tabs: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    paging: Page[Any]
    show: str
    forms: list[tuple[str, str]]
    may_set: bool
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, *, show: str, cursor: str, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "ListPage":  # fmt: skip
        """One page of submissions."""
        show = show if show == "out" else "open"
        paging, today, url = (
            queries.listed(actor, show=show, cursor=cursor),
            clock.today(at),
            reverse("submissions:list"),
        )
        tabs = [
            {"label": _("待上报"), "url": url, "active": show == "open", "icon": "clock", "count": None},
            {"label": _("已报出"), "url": f"{url}?show=out", "active": show == "out", "icon": "send", "count": None},
        ]
        return cls(
            tabs, [_row(each, today) for each in paging.rows], paging, show,
            [(each.slug, f"{each.title} · {words.PERIODS[each.period]}") for each in forms.forms()],
            permissions.may_set_destinations(actor).allowed, given or {}, str(error.message) if error else "",
            getattr(error, "fields", {}) if error else {},
        )  # fmt: skip


def _row(submission: Submission, today: date) -> dict[str, Any]:
    turn = _(" · 第%(n)d次") % {"n": submission.turn} if submission.turn > 1 else ""
    is_late = submission.status in OPEN and submission.due_on < today
    return {
        "url": reverse("submissions:detail", args=[submission.uuid]),
        "title": f"{words.title_of(submission.form)} · {submission.period}{turn}", "number": submission.number,
        "due_on": submission.due_on, "status": status_view(submission), "tone": "critical" if is_late else "",
        "is_late": is_late, "n_faults": len(submission.faults) if submission.status == Status.MADE else 0,
        "n_drifted": submission.n_drifted,
    }  # fmt: skip


#: Figures beside each other in one table.
WIDE = 6


@dataclass(frozen=True, slots=True)
class CellLine:
    """One figure: its parts as they are written down, why there is none, and the page of the figure."""

    title: str
    code: str
    value: str
    unit: str
    numerator: str
    denominator: str
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One figure that is not what it was."""

    title: str
    unit: str
    before: str
    now: str


@dataclass(frozen=True)
class DetailPage:
    """One submission."""

    submission: Submission
    title: str
    status: Pill
    form: forms.Form | None
    format: str
    level: str
    groups: list[tuple[str, str, list[CellLine]]]
    faults: list[str]
    changes: list[ChangeLine]
    drift: list[ChangeLine]
    late: list[ChangeLine]
    deliveries: list[dict[str, Any]]
    history: list[dict[str, Any]]
    snapshots: list[tuple[str, str]]
    snapshot_title: str
    destination: Destination | None
    may: dict[str, Decision]
    error: str
    fields: Mapping[str, object]
    values: Mapping[str, Any]

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What a receiver may answer."""
        return [("yes", _("已接收")), ("no", _("退回"))]

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Headings of the figures."""
        return _headings((_("指标"), False), (_("数值"), True), (_("分子"), True), (_("分母"), True))

    @property
    def is_wide(self) -> bool:
        """Whether the figures stand in one table, a line for each unit: there are several, and few figures of each."""
        return len(self.groups) > 1 and len(self.groups[0][2]) <= WIDE

    @property
    def unit_columns(self) -> list[dict[str, Any]]:
        """Headings of that table."""
        first = self.groups[0][2]
        return _headings((_("单位"), False), *((aside_text(each.title, each.unit), True) for each in first))

    @property
    def change_columns(self) -> list[dict[str, Any]]:
        """Headings of what changed since the turn before."""
        return _headings((_("指标"), False), (_("单位"), False), (_("上一次"), True), (_("这一次"), True))

    @property
    def drift_columns(self) -> list[dict[str, Any]]:
        """Headings of what changed since it left."""
        return _headings((_("指标"), False), (_("单位"), False), (_("报出时"), True), (_("现在"), True))

    @property
    def late_columns(self) -> list[dict[str, Any]]:
        """Headings of what changed since it was made."""
        return _headings((_("指标"), False), (_("单位"), False), (_("编制时"), True), (_("现在"), True))

    @classmethod
    def build(
        cls, actor: Actor, submission: Submission, *, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "DetailPage":  # fmt: skip
        """The page of a visible submission."""
        form = _form(submission)
        cells = queries.cells_by_unit(submission)
        flat = [each for group in cells.values() for each in group]
        before = submission.corrects.cells.all() if submission.corrects and flat else None
        drift = (
            queries.drift_of(submission, at=at) if form and submission.status in OUT and submission.n_drifted else []
        )
        published = indicators.frozen_figures(period=submission.period)
        return cls(
            submission, words.title_of(submission.form), status_view(submission), form,
            str(words.FORMATS[form.format]) if form else "", str(words.LEVELS[form.level]) if form else "",
            [_group(form, submission.period, group) for group in cells.values()] if form else [],
            [words.fault_text(form, each) for each in submission.faults] if form else [],
            _changes(form, differences(before, flat)) if form and before is not None else [], _changes(form, drift),
            _changes(form, queries.late_changes(submission, at=at)) if form else [],
            [_delivery(each) for each in submission.deliveries.order_by("-id").select_related("destination")[:20]],
            [_change_of_status(each) for each in submission.status_changes.all()], [(str(each.uuid), each.title) for each in published],
            next((each.title for each in published if each.uuid == submission.snapshot), ""),
            queries.destination_of(form) if form else None, _may(actor, submission),
            str(error.message) if error else "", getattr(error, "fields", {}) if error else {}, given or {},
        )  # fmt: skip


def _unit(cell: Cell) -> str:
    """How a unit is called; the whole in the reader's language: units of the county itself are in it, and in no township."""
    return _("全县") if cell.unit == indicators.WHOLE and not cell.unit_code else cell.unit_name


def _headings(*said: tuple[str, bool]) -> list[dict[str, Any]]:
    return [{"label": label, "num": is_number} for label, is_number in said]


def _change_of_status(change: Any) -> dict[str, Any]:
    return {
        "label": Status(change.became).label, "at": change.changed_at, "by": change.changed_by_name, "reason": change.reason
    }  # fmt: skip


def _form(submission: Submission) -> forms.Form | None:
    try:
        return forms.found(submission.form)
    except NotVisible:
        return None


def _may(actor: Actor, submission: Submission) -> dict[str, Decision]:
    asked = {
        "make": permissions.may_make, "check": permissions.may_check, "confirm": permissions.may_confirm,
        "turn_back": permissions.may_turn_back, "send": permissions.may_send, "answer": permissions.may_answer,
        "correct": permissions.may_correct, "cancel": permissions.may_cancel,
    }  # fmt: skip
    return {name: may(actor, submission) for name, may in asked.items()}


def _group(form: forms.Form, period: str, cells: list[Cell]) -> tuple[str, str, list[CellLine]]:
    first = cells[0]
    return _unit(first), first.unit_code, [_cell(form, period, each) for each in cells]


def _cell(form: forms.Form, period: str, cell: Cell) -> CellLine:
    item = form.item(cell.item)
    asked = urlencode({"period": period, "level": form.level})
    return CellLine(
        item.title, str(item.indicator.content.get("code", "")), words.said(form, cell),
        str(indicators.UNITS.get(item.indicator.unit, item.indicator.unit)), words.said(form, cell, "numerator"),
        words.said(form, cell, "denominator"), indicators.reason(drawing.value_of(cell)),
        f"{reverse('indicators:figure', args=[cell.indicator])}?{asked}",
    )  # fmt: skip


def _changes(form: forms.Form | None, found: list[Difference]) -> list[ChangeLine]:
    if form is None:
        return []
    lines = []
    for before, now in found:
        cell = now or before
        assert cell is not None
        lines.append(ChangeLine(form.item(cell.item).title, _unit(cell), _said(form, before), _said(form, now)))
    return lines


def _said(form: forms.Form, cell: Cell | None) -> str:
    """A figure with its parts in one line."""
    if cell is None:
        return "—"
    value = words.said(form, cell) or _("无数据")
    parts = " / ".join(
        each for each in (words.said(form, cell, "numerator"), words.said(form, cell, "denominator")) if each
    )
    return f"{value} ({parts})" if parts and cell.denominator is not None else value


def _delivery(delivery: Any) -> dict[str, Any]:
    outcome = Outcome(delivery.outcome)
    return {
        "at": delivery.tried_at, "to": delivery.destination.title, "by": delivery.tried_by_name, "outcome": outcome.label,
        "tone": "ok" if outcome in {Outcome.ACCEPTED, Outcome.KNOWN} else "critical", "status": delivery.http_status,
        "counts": ", ".join(f"{name} {n}" for name, n in delivery.counts.items()), "words": delivery.words,
        "conflicts": [words.conflict_text(each) for each in delivery.conflicts],
    }  # fmt: skip


@dataclass(frozen=True)
class DestinationsPage:
    """Servers, and a form to set one up."""

    rows: list[Destination]
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, *, error: DomainError | None = None, given: QueryDict | None = None
    ) -> "DestinationsPage":
        """The page of who sets up connections."""
        return cls(
            queries.destinations(actor), given or {}, str(error.message) if error else "",
            getattr(error, "fields", {}) if error else {},
        )  # fmt: skip
