"""What the pages of recognition show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision as Verdict
from xinglin.platform.paging import Page
from xinglin.recognition import catalogue, permissions, queries, validity, words
from xinglin.recognition.data import Outcome
from xinglin.recognition.models import Decision, Mark
from xinglin.recognition.rule import Item
from xinglin.recognition.timeline import origin_of, why
from xinglin.web.pills import Pill

LOOKS = {
    Outcome.RECOGNISED: ("ok", "shield-check"),
    Outcome.REPEATED: ("warning", "refresh"),
    Outcome.NOT_SEEN: ("neutral", "eye-off"),
    Outcome.SERIAL: ("info", "trend"),
}
CATALOGUE_SIZE = 20


def pill_of(decision: Decision) -> Pill:
    """The pill of a decision."""
    tone, icon = LOOKS[Outcome(decision.outcome)]
    return Pill(str(Outcome(decision.outcome).label), tone, icon)


@dataclass(frozen=True, slots=True)
class Row:
    """One decision in a list; without the name where the reader may not see the person."""

    decision: Decision
    url: str
    title: str
    name: str
    origin: str
    why: str
    pill: Pill


def rows_of(actor: Actor, decisions: Page[Decision]) -> list[Row]:
    """Decisions as lines."""
    names = queries.names_for(actor, decisions.rows)
    return [row_of(each, names.get(each.resident_id, "")) for each in decisions.rows]


def row_of(decision: Decision, name: str = "") -> Row:
    """One decision as a line."""
    return Row(
        decision=decision,
        url=reverse("recognition:decision", args=[decision.uuid]),
        title=catalogue.item_title(decision.kind, decision.item, decision.item_title),
        name=name,
        origin=origin_of(decision),
        why=why(decision),
        pill=pill_of(decision),
    )


def outcome_tabs(address: str, parameters: Mapping[str, str], outcome: str) -> list[dict[str, Any]]:
    """All, and each outcome, as addresses that keep the other filters."""
    kept = {name: value for name, value in parameters.items() if value and name not in {"outcome", "cursor"}}
    found: list[dict[str, Any]] = []
    for value, label in (("", _("全部")), *((str(each.value), str(each.label)) for each in Outcome)):
        query = urlencode({**kept, **({"outcome": value} if value else {})})
        found.append({"label": label, "url": f"{address}?{query}", "active": value == outcome})
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of the catalogue, with the marks that hold for it today."""

    item: Item
    kind: str
    scope: str
    marks: list[str]
    n_marks: int


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """The catalogue: what is recognised, for how long, how far, and who holds a mark."""

    rows: list[Listed]
    kinds: list[tuple[str, str]]
    kind: str
    text: str
    n_items: int
    older: str
    reasons: list[catalogue.Reason]
    manage: Verdict

    @classmethod
    def build(cls, actor: Actor, *, kind: str, text: str, after: int, at: datetime) -> "CataloguePage":
        """One page of the items that match."""
        today = clock.today(at)
        items = [
            each
            for each in catalogue.items(on=today, kind=kind)
            if text.lower() in each.title.lower() or text.lower() in each.code
        ]
        shown = items[after : after + CATALOGUE_SIZE]
        marks, _ended = validity.in_force(queries.marks_on(today, kind=kind), on=today)
        kinds = catalogue.kinds(on=today)
        query = urlencode({"kind": kind, "q": text, "after": after + CATALOGUE_SIZE})
        return cls(
            rows=[_listed(each, marks, dict(kinds)) for each in shown], kinds=kinds, kind=kind, text=text,
            n_items=len(items), older=f"?{query}" if len(items) > after + CATALOGUE_SIZE else "",
            reasons=catalogue.reasons(on=today), manage=permissions.may_manage(actor),
        )  # fmt: skip


def _listed(item: Item, marks: list[Mark], kinds: Mapping[str, str]) -> Listed:
    holding = [each for each in marks if each.kind == item.kind and each.item in {"", item.code}]
    told = [f"{each.facility} {words.level_words(each.level)}" for each in holding[:3]]
    return Listed(item, kinds.get(item.kind, item.kind), words.reach_words(item.scope), told, len(holding))


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark with whether it holds today, and if not, why."""

    mark: Mark
    kind: str
    item: str
    level: str
    pill: Pill
    end: Verdict


def mark_row(actor: Actor, mark: Mark, *, ended: Mapping[int, str], today: date) -> MarkRow:
    """A mark as a line."""
    kinds = dict(catalogue.kinds(on=today))
    return MarkRow(
        mark=mark,
        kind=kinds.get(mark.kind, mark.kind),
        item=catalogue.item_title(mark.kind, mark.item, mark.item) if mark.item else _("全部项目"),
        level=words.level_words(mark.level),
        pill=_mark_pill(mark, ended, today),
        end=permissions.may_end(actor, mark),
    )


def _mark_pill(mark: Mark, ended: Mapping[int, str], today: date) -> Pill:
    if mark.ended_at is not None:
        return Pill(_("已停用：%(reason)s") % {"reason": mark.end_reason}, "neutral", "ban")
    if mark.valid_from > today:
        return Pill(_("未生效"), "info", "clock")
    if mark.valid_until <= today:
        return Pill(_("已到期"), "neutral", "clock")
    if mark.pk in ended:
        return Pill(ended[mark.pk], "warning", "alert-triangle")
    return Pill(_("有效"), "ok", "check")
