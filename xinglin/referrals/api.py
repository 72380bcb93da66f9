"""The front door of referrals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.referrals import catalogue, queries
from xinglin.referrals.actions import accept_referral, receive_back, return_down, send_referral
from xinglin.referrals.data import Attachment, ConsentGiven, Count, CountPeriod, Hold, Route, Slip
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.queries import outline, outlines_sent, referral_counts, referrals_visible_to, visible_referral
from xinglin.referrals.states import TRANSITIONS, Status
from xinglin.web.work import CRITICAL, HIGH, ORDINARY, RAISED, WorkItem

__all__ = [
    "TRANSITIONS",
    "Attachment",
    "ConsentGiven",
    "Count",
    "CountPeriod",
    "Event",
    "Hold",
    "Route",
    "Slip",
    "Status",
    "accept_referral",
    "counts",
    "outline",
    "outlines_sent",
    "receive_back",
    "referral_counts",
    "referrals_visible_to",
    "return_down",
    "send_referral",
    "state_tables",
    "visible_referral",
    "waiting_for",
]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"referrals.referral": TRANSITIONS}


def counts(actor: Actor) -> dict[str, int]:
    """How many referrals stand at each step at the actor's desk; empty for who sees none."""
    return queries.desk_counts(actor) if Permission.REFERRAL_VIEW in actor.permissions else {}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Referrals that wait for the actor's unit: to answer, complete, receive, admit, send down, take back."""
    return [_item(each, at) for each in queries.waiting(actor, limit=MOST)]


def _item(referral: Referral, at: datetime) -> WorkItem:
    status = Status(referral.status)
    channel = catalogue.channel(referral.channel)
    overdue = referral.due_at is not None and referral.due_at < at
    risk = (
        CRITICAL
        if channel.is_emergency and status in {Status.SUBMITTED, Status.ARRIVED}
        else HIGH
        if overdue
        else _RISKS.get(status, ORDINARY)
    )
    return WorkItem(
        kind="referral",
        icon=channel.icon,
        title=_("%(what)s：%(name)s") % {"what": _what(referral, status), "name": referral.resident.name},
        detail=f"{channel.title} · {referral.from_facility} → {referral.to_facility} · {referral.impression}",
        url=reverse("referrals:detail", args=[referral.uuid]),
        risk=risk,
        due_at=referral.due_at,
        since=referral.status_changed_at,
    )


_RISKS = {Status.SUBMITTED: RAISED, Status.SENT_BACK: RAISED, Status.DISCHARGED: RAISED, Status.ARRIVED: RAISED}


def _what(referral: Referral, status: Status) -> str:
    if referral.direction == Referral.Direction.DOWN and status == Status.SUBMITTED:
        return _("下转待接回")
    return {
        Status.DRAFT: _("转诊草稿待提交"),
        Status.SUBMITTED: _("转诊待接收"),
        Status.SENT_BACK: _("转诊待补充"),
        Status.ACCEPTED: _("已留床（号），待到院"),
        Status.ARRIVED: _("已到院，待收治"),
        Status.DISCHARGED: _("已出院，待开下转单"),
    }[status]
