"""The board as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.indicators.queries import Behind, Board, BoardFigure
from xinglin.referrals import api as referrals

UNITS: dict[str, Promise] = {
    "visits": _("人次"), "referrals": _("人次"), "requests": _("份"), "minutes": _("分钟"), "%": _("%"),
}  # fmt: skip
TIERS: dict[str, Promise] = {"COUNTY": _("县级"), "TOWNSHIP": _("乡级"), "VILLAGE": _("村级")}
DIRECTIONS: dict[str, Promise] = {"UP": _("上转"), "DOWN": _("下转"), "SIDEWAYS": _("平转")}
REQUEST_LABELS = {each.value: each.label for each in diagnostics.state_tables()["diagnostics.request"]}
STATUS_LABELS = {each.value: each.label for each in referrals.state_tables()["referrals.referral"]}
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
    """One figure. `value` is text, "" for no data."""

    title: str
    why: str
    value: str
    unit: str
    parts: str
    change: str
    good: str
    url: str
    bars: Sequence[Bar]
    source: str


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
            tiles=[_tile(figure, board.period) for figure in board.figures],
        )


def _tile(figure: BoardFigure, period: str) -> Tile:
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
    if now.value is not None and before.value is not None:
        difference = now.value - before.value
        change = f"{difference:+,.1f}" if content["measure"] != "count" else f"{difference:+,.0f}"
        if content["direction"] in {"up", "down"} and difference:
            good = "ok" if (difference > 0) == (content["direction"] == "up") else "warning"
    english = (get_language() or "").startswith("en")
    return Tile(
        title=definition.title,
        why=content["why"]["en" if english else "zh"],
        value=""
        if now.value is None
        else (f"{now.value:,.0f}" if content["measure"] == "count" else f"{now.value:,.1f}"),
        unit=str(UNITS.get(content["unit"], content["unit"])),
        parts=parts,
        change=change,
        good=good,
        url=url,
        bars=bars,
        source=definition.version,
    )


def labels_of(definition: Any) -> dict[str, Any]:
    """How the groups of a definition are called."""
    content = definition.content
    column = content.get("group_by", "")
    return GROUP_LABELS.get(f"{content['fact']}.{column}") or GROUP_LABELS.get(column, {})


#: The page that shows a record of a fact, by its uuid.
RECORD_PAGES = {
    "visits": "visits:detail",
    "referrals": "referrals:detail",
    "requests": "diagnostics:detail",
    "critical_values": "diagnostics:critical",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record: number, moment, place, state, and where it can be opened by those who may."""

    number: str
    at: datetime
    facility: str
    state: str
    url: str


def rows_of(behind: Behind) -> list[Row]:
    """Records behind a figure as lines of a table."""
    content = behind.definition.content
    fact = content["fact"]
    status = {"referrals": STATUS_LABELS, "requests": REQUEST_LABELS}.get(fact, {})
    lines = []
    for row in behind.rows:
        place = row["facility_name"] + (f" → {row['to_facility_name']}" if row["to_facility_name"] else "")
        state = str(status.get(row["status"], row["status"]))
        if row.get("in_time") is not None:
            state += " · " + (gettext("及时") if row["in_time"] else gettext("超时"))
        lines.append(Row(row["number"], row["at"], place, state, reverse(RECORD_PAGES[fact], args=[row["uuid"]])))
    return lines
