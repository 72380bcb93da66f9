"""The board as a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.indicators.queries import Behind, Board, BoardFigure
from xinglin.platform.actors import Actor
from xinglin.recognition import api as recognition
from xinglin.referrals import api as referrals
from xinglin.visits import api as visits

UNITS: dict[str, Promise] = {
    "visits": _("人次"), "referrals": _("人次"), "requests": _("份"), "minutes": _("分钟"), "%": _("%"),
}  # fmt: skip
TIERS: dict[str, Promise] = {"COUNTY": _("县级"), "TOWNSHIP": _("乡级"), "VILLAGE": _("村级")}
DIRECTIONS: dict[str, Promise] = {"UP": _("上转"), "DOWN": _("下转"), "SIDEWAYS": _("平转")}
REQUEST_LABELS = {each.value: each.label for each in diagnostics.state_tables()["diagnostics.request"]}
STATUS_LABELS = {each.value: each.label for each in referrals.state_tables()["referrals.referral"]}
CRITICAL_LABELS = {each.value: each.label for each in diagnostics.state_tables()["diagnostics.critical-value"]}
VISIT_LABELS = {each.value: each.label for each in visits.state_tables()["visits.visit"]}
#: How groups are called, by fact and column.
GROUP_LABELS: dict[str, dict[str, Any]] = {
    "tier": TIERS, "direction": DIRECTIONS, "referrals.status": STATUS_LABELS, "requests.status": REQUEST_LABELS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of a count."""

    label: str
    n: int
    percent: float
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `value` is text, "" for no data.

    `change` to the period before is told of whole periods; while one runs, `before` is what the other came to.
    """

    title: str
    why: str
    value: str
    unit: str
    parts: str
    change: str
    good: str
    url: str
    bars: Sequence[Bar]
    before: str
    since: date


@dataclass(frozen=True, slots=True)
class BoardPage:
    """All tiles of a period."""

    period: str
    previous_url: str
    is_whole_county: bool
    extracted_at: datetime | None
    tiles: Sequence[Tile]

    @classmethod
    def build(cls, board: Board) -> "BoardPage":
        """Words and addresses around the figures."""
        return cls(
            period=board.period,
            previous_url=f"{reverse('indicators:board')}?period={board.before}",
            is_whole_county=board.is_whole_county,
            extracted_at=board.extracted_at,
            tiles=[_tile(figure, board.period, is_over=board.is_over) for figure in board.figures],
        )


def _tile(figure: BoardFigure, period: str, *, is_over: bool) -> Tile:
    definition, now, before = figure.definition, figure.now, figure.before
    content = definition.content
    url = f"{reverse('indicators:records', args=[definition.slug])}?period={period}"
    labels = labels_of(definition)
    total = sum(now.groups.values()) or 1
    bars = [
        Bar(str(labels.get(name, name)), n, 100 * n / total, f"{url}&part={name}")
        for name, n in sorted(now.groups.items(), key=lambda each: -each[1])
    ]
    parts = (
        f"{now.numerator:,} / {now.denominator:,}" if now.denominator is not None and now.numerator is not None else ""
    )
    change, good = "", ""
    if now.value is not None and before.value is not None and is_over:
        difference = now.value - before.value
        change = f"{difference:+,.1f}" if content["measure"] != "count" else f"{difference:+,.0f}"
        if content["direction"] in {"up", "down"} and difference:
            good = "ok" if (difference > 0) == (content["direction"] == "up") else "warning"
    english = (get_language() or "").startswith("en")
    return Tile(
        title=definition.title,
        why=content["why"]["en" if english else "zh"],
        value="" if now.value is None else _number(now.value, content),
        unit=str(UNITS.get(content["unit"], content["unit"])),
        parts=parts,
        change=change,
        good=good,
        url=url,
        bars=bars,
        before="" if before.value is None or is_over else _number(before.value, content),
        since=definition.valid_from,
    )


def _number(value: float, content: Mapping[str, Any]) -> str:
    return f"{value:,.0f}" if content["measure"] == "count" else f"{value:,.1f}"


def labels_of(definition: Any) -> dict[str, Any]:
    """How the groups of a definition are called."""
    content = definition.content
    column = content.get("group_by", "")
    return GROUP_LABELS.get(f"{content['fact']}.{column}") or GROUP_LABELS.get(column, {})


@dataclass(frozen=True, slots=True)
class Records:
    """Of one kind of fact: the page that shows a record by its uuid, who may open which, and how its states are called."""

    page: str
    visible_to: Callable[[Actor], QuerySet[Any]]
    labels: Mapping[str, Any]


RECORDS = {
    "visits": Records("visits:detail", visits.visits_visible_to, VISIT_LABELS),
    "referrals": Records("referrals:detail", referrals.referrals_visible_to, STATUS_LABELS),
    "requests": Records("diagnostics:detail", diagnostics.requests_readable_by, REQUEST_LABELS),
    "recognitions": Records(
        "recognition:decision", recognition.decisions_visible_to, dict(recognition.Outcome.choices)
    ),
    "critical_values": Records("diagnostics:critical", diagnostics.criticals_visible_to, CRITICAL_LABELS),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record: number, moment, place, state, and where the reader can open it (empty: he may not)."""

    number: str
    at: datetime
    facility: str
    state: str
    url: str


def rows_of(behind: Behind, actor: Actor) -> list[Row]:
    """Records behind a figure as lines of a table."""
    records = RECORDS[behind.definition.content["fact"]]
    wanted = [row["uuid"] for row in behind.rows]
    opened = set(map(str, records.visible_to(actor).filter(uuid__in=wanted).values_list("uuid", flat=True)))
    lines = []
    for row in behind.rows:
        place = row["facility_name"] + (f" → {row['to_facility_name']}" if row["to_facility_name"] else "")
        state = str(records.labels.get(row["status"], row["status"]))
        if row.get("in_time") is not None:
            state += " · " + (gettext("及时") if row["in_time"] else gettext("超时"))
        url = reverse(records.page, args=[row["uuid"]]) if str(row["uuid"]) in opened else ""
        lines.append(Row(row["number"], row["at"], place, state, url))
    return lines
