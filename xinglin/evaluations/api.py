"""The front door of evaluations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.evaluations import queries, sharing
from xinglin.evaluations.events import Event
from xinglin.evaluations.rules.plans import as_kept
from xinglin.evaluations.states import (
    APPEAL_TRANSITIONS,
    FUND_TRANSITIONS,
    ROUND_TRANSITIONS,
    SHEET_TRANSITIONS,
    RoundStatus,
    SheetStatus,
)
from xinglin.platform.actors import Actor
from xinglin.web.work import ORDINARY, RAISED, WorkItem

__all__ = ["Event", "state_tables", "waiting_for"]

_HELD = (Permission.EVALUATION_ANSWER, Permission.EVALUATION_REVIEW, Permission.FUND_APPROVE)


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {
        "evaluations.round": ROUND_TRANSITIONS,
        "evaluations.sheet": SHEET_TRANSITIONS,
        "evaluations.appeal": APPEAL_TRANSITIONS,
        "evaluations.distribution": FUND_TRANSITIONS,
    }


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Own self-checks and results, units to review, appeals to decide: each with its deadline."""
    if not actor.permissions & {str(each) for each in _HELD}:
        return []
    return [*_own(actor, at), *_reviews(actor, at), *_appeals(actor), *_funds(actor)]


def _funds(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(
            kind="fund-approval", icon="table", title=_("审批：%(fund)s") % {"fund": sharing.fund_of(each).title},
            detail=f"{each.number} · {each.made_by_name}", url=reverse("evaluations:fund", args=[each.uuid]), risk=RAISED,
            since=each.status_changed_at,
        )
        for each in sharing.to_approve(actor)
    ]  # fmt: skip


def _own(actor: Actor, at: datetime) -> list[WorkItem]:
    if actor.place is None or not actor.may(Permission.EVALUATION_ANSWER, at=actor.place):
        return []
    seen = queries.sheets_visible_to(actor).filter(facility=actor.place)
    checks = seen.filter(round__status=RoundStatus.SELF_CHECK, status=SheetStatus.OPEN, round__self_check_until__gt=at)
    told = seen.filter(round__status=RoundStatus.APPEAL, status=SheetStatus.REVIEWED, round__appeal_until__gt=at)
    found = []
    for sheets, words, until in (
        (checks, _("考核自查：%(plan)s"), "self_check_until"),
        (told, _("确认考核结果：%(plan)s"), "appeal_until"),
    ):
        for each in sheets.order_by("id")[:20]:
            due = getattr(each.round, until)
            found.append(
                WorkItem(
                    kind="evaluation", icon="clipboard", title=words % {"plan": as_kept(each.round.plan).title},
                    detail=each.round.period, url=reverse("evaluations:sheet", args=[each.uuid]),
                    risk=RAISED if (due - at).days < 1 else ORDINARY, due_at=due, since=each.status_changed_at,
                )
            )  # fmt: skip
    return found


def _reviews(actor: Actor, at: datetime) -> list[WorkItem]:
    return [
        WorkItem(
            kind="evaluation-review", icon="clipboard", title=_("复核：%(unit)s") % {"unit": each.name},
            detail=f"{as_kept(each.round.plan).title} · {each.round.period}",
            url=reverse("evaluations:sheet", args=[each.uuid]),
            risk=RAISED if (each.round.review_until - at).days < 1 else ORDINARY, due_at=each.round.review_until,
            since=each.status_changed_at,
        )
        for each in queries.to_review(actor)
    ]  # fmt: skip


def _appeals(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(
            kind="evaluation-appeal", icon="clipboard", title=_("处理申诉：%(unit)s") % {"unit": each.item.sheet.name},
            detail=as_kept(each.item.sheet.round.plan).item(each.item.code).title,
            url=reverse("evaluations:sheet", args=[each.item.sheet.uuid]), risk=RAISED, since=each.raised_at,
        )
        for each in queries.open_appeals(actor)
    ]  # fmt: skip
