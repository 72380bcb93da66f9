"""What the pages of assessments show, put together from queries and decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.evaluations import figures, permissions, policies, queries
from xinglin.evaluations.models import ItemScore, Round, Sheet
from xinglin.evaluations.rules.plans import Item, Plan, as_kept, plans
from xinglin.evaluations.rules.scoring import OPEN, Basis
from xinglin.evaluations.states import AppealStatus, RoundStatus, SheetStatus
from xinglin.evaluations.web import words
from xinglin.evaluations.web.picture import spread_svg
from xinglin.indicators import api as indicators
from xinglin.network import api as network
from xinglin.network.data import Merger
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError
from xinglin.web.formats import bracketed_text


@dataclass(frozen=True)
class Given:
    """What was sent in a form that was refused: which form, its values, what is wrong."""

    form: str = ""
    values: QueryDict = field(default_factory=QueryDict)
    error: DomainError | None = None

    @property
    def message(self) -> str:
        """Why, for people."""
        return str(self.error.message) if self.error else ""

    @property
    def fields(self) -> dict[str, str]:
        """Why, by field."""
        return {key: str(each) for key, each in getattr(self.error, "fields", {}).items()} if self.error else {}


NOTHING = Given()


def round_line(actor: Actor, found: Round) -> dict[str, Any]:
    """A round in a list."""
    until = {RoundStatus.SELF_CHECK: found.self_check_until, RoundStatus.REVIEW: found.review_until,
             RoundStatus.APPEAL: found.appeal_until, RoundStatus.PUBLISHED: found.objection_until}  # fmt: skip
    return {
        "url": reverse("evaluations:round", args=[found.uuid]), "title": as_kept(found.plan).title,
        "meta": f"{found.period} · {found.number}", "status": words.look(RoundStatus(found.status)),
        "until": until.get(RoundStatus(found.status)),
    }  # fmt: skip


def sheet_line(actor: Actor, each: Sheet) -> dict[str, Any]:
    """A sheet in a list of the own unit's, or of those to review."""
    plan = as_kept(each.round.plan)
    return {
        "url": reverse("evaluations:sheet", args=[each.uuid]), "title": plan.title,
        "meta": f"{each.round.period} · {each.name}", "status": words.look(SheetStatus(each.status)),
        "points": words.score(each.points) if queries.is_told(actor, each.round, each) else "",
        "full": words.score(plan.full).removesuffix(".00"), "round_status": words.look(RoundStatus(each.round.status)),
        "until": each.round.review_until,
    }  # fmt: skip


def home(actor: Actor, *, cursor: str, given: Given = NOTHING) -> dict[str, Any]:
    """Rounds, and what may be opened."""
    paging = queries.rounds_page(actor, cursor=cursor)
    frozen = [(str(each.uuid), f"{each.period} · {each.title}") for each in indicators.frozen_figures()[:40]]
    return {
        "rows": [round_line(actor, each) for each in paging.rows], "paging": paging, "given": given,
        "may_open": permissions.may_manage(actor).allowed, "figures": frozen,
        "plans": [(each.slug, f"{each.title}{bracketed_text(words.RHYTHMS[each.rhythm])}") for each in plans()],
        "n_review": len(queries.to_review(actor)) + len(queries.open_appeals(actor)),
    }  # fmt: skip


def plan_lines() -> list[dict[str, Any]]:
    """Plans in a list."""
    return [
        {
            "url": reverse("evaluations:plan", args=[each.slug]), "title": each.title,
            "meta": f"{words.RHYTHMS[each.rhythm]} · {_('、').join(str(words.KINDS[kind]) for kind in sorted(each.kinds))}",
            "n": len(each.items),
        }
        for each in sorted(plans(), key=lambda each: each.content.get("order", 1000))
    ]  # fmt: skip


def _steps(found: Round) -> list[dict[str, Any]]:
    order = [RoundStatus.SELF_CHECK, RoundStatus.REVIEW, RoundStatus.APPEAL, RoundStatus.PUBLISHED, RoundStatus.CLOSED]
    at = order.index(RoundStatus(found.status)) if found.status in order else -1
    ends = [found.self_check_until, found.review_until, found.appeal_until, found.objection_until, None]
    return [
        {
            "label": each.label, "at": end,
            "state": "done" if n < at or at == len(order) - 1 else "current" if n == at else "todo" if at >= 0 else "skipped",
        }
        for n, (each, end) in enumerate(zip(order, ends, strict=True))
    ]  # fmt: skip


def round_page(actor: Actor, found: Round, *, at: datetime, cursor: str = "", given: Given = NOTHING) -> dict[str, Any]:
    """One round: its way, its units, what can be done next."""
    plan, paging = as_kept(found.plan), queries.sheets_page(actor, found, cursor=cursor)
    is_office = queries.office_sheets(actor) is not None
    known, run = queries.known_points(actor, found), permissions.may_run(actor, found)
    mergers = network.mergers_of(each.facility_id for each in paging.rows)
    decisions = {
        "begin-review": policies.can_begin_review(found, at=at), "tell": policies.can_tell_results(found),
        "publish": policies.can_be_published(found, at=at), "correct": policies.can_be_corrected(found),
        "close": policies.can_be_closed(found, at=at),
    }  # fmt: skip
    wanted = {
        RoundStatus.SELF_CHECK: ["begin-review"], RoundStatus.REVIEW: ["tell"], RoundStatus.APPEAL: ["publish"],
        RoundStatus.PUBLISHED: ["correct", "close"],
    }.get(RoundStatus(found.status), [])  # fmt: skip
    return {
        "round": found, "plan": plan, "status": words.look(RoundStatus(found.status)), "steps": _steps(found),
        "sheets": [_line(actor, found, plan, each, mergers) for each in paging.rows], "paging": paging,
        "picture": spread_svg(known, full=plan.full, label=_("得分分布")) if len(known) > 1 else "",
        "is_office": is_office, "may_run": run.allowed,
        "verbs": {verb: decisions[verb] for verb in wanted} if run else {},
        "may_cancel": run.allowed and found.status in {RoundStatus.SELF_CHECK, RoundStatus.REVIEW, RoundStatus.APPEAL},
        "notices": list(found.publications.order_by("-revision")), "given": given,
        "changes": [(RoundStatus(each.became).label, each) for each in found.status_changes.all()] if is_office else [],
        "late": late_lines(found, plan, queries.sheets_visible_to(actor).filter(round=found).order_by("name", "id"), at=at),
    }  # fmt: skip


def late_lines(found: Round, plan: Plan, sheets: Iterable[Sheet], *, at: datetime) -> list[dict[str, Any]]:
    """Figures that months that came late would change, as they were frozen and as they are now."""
    return [
        {
            "url": f"{reverse('evaluations:sheet', args=[each.sheet.uuid])}#item-{each.item.code}", "name": each.sheet.name,
            "item": each.item, "then": words.figure_text(each.then, each.item.indicator),
            "now": words.figure_text(each.now, each.item.indicator),
        }
        for each in figures.late_changes(found, plan, sheets, at=at)
    ]  # fmt: skip


def _line(actor: Actor, found: Round, plan: Plan, each: Sheet, mergers: Mapping[int, Merger]) -> dict[str, Any]:
    is_told = queries.is_told(actor, found, each)
    return {
        "url": reverse("evaluations:sheet", args=[each.uuid]), "name": each.name, "merged": mergers.get(each.facility_id),
        "status": words.look(SheetStatus(each.status)), "points": words.score(each.points) if is_told else "",
        "share": each.points / plan.full if is_told and each.points is not None else None,
        "n_open": each.n_open if is_told else None,  # type: ignore[attr-defined]
        "assessor": each.assessor_name,
    }  # fmt: skip


def ranking(actor: Actor, found: Round, revision: int | None) -> dict[str, Any]:
    """The ranking as it was published, with how scores spread and where the own unit stands."""
    notice, plan = queries.notice_of(actor, found, revision=revision), as_kept(found.plan)
    own = found.sheets.filter(facility=actor.place).first() if actor.place else None
    own_line = next((each for each in notice.lines if own is not None and each["sheet"] == str(own.uuid)), None)
    seen = {str(uuid) for uuid in queries.sheets_visible_to(actor).filter(round=found).values_list("uuid", flat=True)}
    points = [each["points"] for each in notice.lines if each["points"] is not None]
    return {
        "round": found, "plan": plan, "notice": notice, "full": words.score(plan.full).removesuffix(".00"),
        "lines": [
            {
                **each, "points": words.score(each["points"]),
                "share": each["points"] / plan.full if each["points"] is not None else None,
                "url": reverse("evaluations:sheet", args=[each["sheet"]]) if each["sheet"] in seen else "",
                "is_own": own_line is each, "merged": words.merged(each),
            }
            for each in notice.lines
        ],
        "picture": spread_svg(
            points, full=plan.full, label=_("得分分布"), own=own_line["points"] if own_line else None
        ),
        "has_own": own_line is not None, "notices": list(found.publications.order_by("-revision")),
    }  # fmt: skip


def sheet_page(actor: Actor, found: Sheet, *, at: datetime, given: Given = NOTHING) -> dict[str, Any]:
    """One unit's sheet: every item with its figure, self-check, review and appeal."""
    plan, is_told = as_kept(found.round.plan), queries.is_told(actor, found.round, found)
    rows = {each.code: each for each in found.items.prefetch_related("evidence__file", "appeals", "changes")}
    for each in rows.values():
        each.sheet = found
    may = {
        "check": permissions.may_check(actor, found, at=at), "review": permissions.may_review(actor, found),
        "confirm": permissions.may_confirm(actor, found),
    }  # fmt: skip
    units = words.units_of_indicators()
    groups = [
        {"title": group.title, "rows": [_item(actor, found, each, rows[each.code], units, is_told, may, at) for each in group.items]}
        for group in plan.groups
    ]  # fmt: skip
    total = found.points if is_told else None
    return {
        "sheet": found, "plan": plan, "status": words.look(SheetStatus(found.status)), "groups": groups,
        "round_status": words.look(RoundStatus(found.round.status)), "is_told": is_told, "may": may, "given": given,
        "is_stale": given.error is not None and given.error.code == "stale-item",
        "points": words.score(total), "full": words.score(plan.full).removesuffix(".00"),
        "late": late_lines(found.round, plan, [found], at=at),
        "has_notice": found.round.publications.exists(),
        "candidates": _candidates(found, at) if permissions.may_run(actor, found.round) else [],
        "until": {
            RoundStatus.SELF_CHECK: found.round.self_check_until, RoundStatus.REVIEW: found.round.review_until,
            RoundStatus.APPEAL: found.round.appeal_until, RoundStatus.PUBLISHED: found.round.objection_until,
        }.get(RoundStatus(found.round.status)),
    }  # fmt: skip


def _candidates(found: Sheet, at: datetime) -> list[tuple[str, str]]:
    if found.status not in {SheetStatus.OPEN, SheetStatus.SUBMITTED, SheetStatus.MISSED}:
        return []
    return [
        (f"{each.facility.uuid}:{pk}", f"{name} · {each.name}")
        for each, pk, name in queries.assessors_for(found, at=at)
    ]


def _item(
    actor: Actor, sheet: Sheet, item: Item, row: ItemScore, units: dict[str, str], is_told: bool, may: dict[str, Any],
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    hidden = not is_told and row.reviewed_at is not None
    basis = Basis.WAITING if hidden else Basis(row.basis)
    can_appeal = permissions.may_appeal(actor, row, at=at)
    appeals: list[dict[str, Any]] = [
        {"appeal": each, "status": words.look(AppealStatus(each.status)), "wanted": words.score(each.wanted),
         "given": words.score(each.given), "decide": permissions.may_decide(actor, each)}
        for each in row.appeals.all()
    ]  # fmt: skip
    claims = row.claims or [None] * len(item.checks)
    return {
        "item": item, "row": row, "weight": words.score(item.weight).removesuffix(".00"), "words": words.item_words(item, units),
        "figure": words.figure_view(row.figure, sheet.round.period), "basis": words.BASES[basis],
        "points": "" if hidden else words.score(row.points), "claimed": words.score(row.claimed), "is_open": basis in OPEN,
        "checks": [
            {"n": n, "title": check.title, "most": words.score(check.points), "claimed": words.score(claim)}
            for n, (check, claim) in enumerate(zip(item.checks, claims, strict=True))
        ],
        "reason": "" if hidden or basis is Basis.APPEALED else row.reason, "reviewer": "" if hidden else row.reviewed_by_name,
        "evidence": [each for each in row.evidence.all() if each.withdrawn_at is None],
        "appeals": appeals, "has_open_appeal": any(each["appeal"].status == AppealStatus.OPEN for each in appeals),
        "may_claim": bool(may["check"]) and bool(item.checks) and row.basis == Basis.WAITING,
        "may_review": bool(may["review"]) and row.basis not in {Basis.NOT_APPLICABLE, Basis.NOT_APPLICABLE_FULL},
        "may_leave_out": row.figure is not None and row.computed is None, "may_appeal": bool(can_appeal),
        "changes": [] if hidden else [each for each in row.changes.all() if each.reason] if len(row.changes.all()) > 1 else [],
        "suggested": words.score(row.points if row.points is not None else row.claimed),
    }  # fmt: skip
