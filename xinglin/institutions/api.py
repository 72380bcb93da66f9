"""The front door of institutions: what waits for whoever serves them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.institutions import queries
from xinglin.institutions.events import Event
from xinglin.institutions.states import INSTITUTION_TRANSITIONS, ROUND_TRANSITIONS, TRANSITIONS
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web.work import ORDINARY, RAISED, WorkItem

__all__ = ["Event", "state_tables", "waiting_for"]

MOST = 25


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {
        "institutions.institution": INSTITUTION_TRANSITIONS, "institutions.agreement": TRANSITIONS,
        "institutions.round": ROUND_TRANSITIONS,
    }  # fmt: skip


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Rounds that are due or missed, and agreements to renew, where the actor signs."""
    if Permission.CONTRACT_SIGN not in actor.permissions:
        return []
    today = clock.today(at)
    rounds = [
        WorkItem(
            kind="institution-round",
            icon="building",
            title=_("机构巡诊：%(name)s") % {"name": each.agreement.institution.name},
            detail=f"{queries.item_titles(each.agreement.package).get(each.item, each.item)} · {each.agreement.team or each.agreement.facility}",
            url=reverse("institutions:round", args=[each.uuid]),
            risk=RAISED if each.due_on < today else ORDINARY,
            due_on=each.due_on,
        )
        for each in queries.rounds_to_do(actor, on=today, limit=MOST)
    ]
    return rounds + [
        WorkItem(
            kind="institution-renewal",
            icon="signature",
            title=_("医养协议续签：%(name)s") % {"name": each.institution.name},
            detail=str(each.team or each.facility),
            url=reverse("institutions:agreement", args=[each.uuid]),
            risk=ORDINARY,
            due_on=each.ends_on,
        )
        for each in queries.renewals_of(actor, on=today, limit=MOST)
    ]
