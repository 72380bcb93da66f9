"""The front door of contracts: teams, and who is signed with which; and what was done that a contract may have promised."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.contracts import queries, secrecy
from xinglin.contracts.actions import note_done, sign_now, take_back_proof
from xinglin.contracts.actions.agreements import MAX_SCAN, has_lapsed, keep_scan, may_begin
from xinglin.contracts.assigning import of_team, standing_of
from xinglin.contracts.data import Evidence, TeamOfResident, Wanted
from xinglin.contracts.events import Event
from xinglin.contracts.models import Promise
from xinglin.contracts.people import groups_of_resident
from xinglin.contracts.policies import can_be_ended, can_be_renewed, can_be_signed, stands
from xinglin.contracts.proofs import describe_proof
from xinglin.contracts.queries import is_member, n_served_at, team_of_resident, teams_of_facility
from xinglin.contracts.rules.groups import group_titles
from xinglin.contracts.rules.packages import Package
from xinglin.contracts.rules.packages import packages as packages_on
from xinglin.contracts.rules.settled import end_reason_title, end_reasons
from xinglin.contracts.states import TRANSITIONS
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web.formats import listed_text
from xinglin.web.work import ORDINARY, RAISED, WorkItem

__all__ = [
    "MAX_SCAN",
    "can_be_ended",
    "can_be_renewed",
    "can_be_signed",
    "end_reason_title",
    "end_reasons",
    "has_lapsed",
    "keep_scan",
    "may_begin",
    "stands",
    "Event",
    "Evidence",
    "group_titles",
    "groups_of_resident",
    "is_member",
    "n_served_at",
    "note_done",
    "of_team",
    "packages_for",
    "packages_on",
    "sign_now",
    "standing_of",
    "state_tables",
    "take_back_proof",
    "team_of_resident",
    "TeamOfResident",
    "teams_of_facility",
    "waiting_for",
    "Wanted",
    "describe_proof",
]

MOST = 25


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"contracts.agreement": TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Whoever waits for promised items, one line each, and agreements to renew, where the actor signs."""
    if Permission.CONTRACT_SIGN not in actor.permissions:
        return []
    today = clock.today(at)
    overdue = [
        WorkItem(
            kind="contract-overdue",
            icon="clipboard",
            title=_("签约服务逾期：%(name)s") % {"name": agreement.resident.name},
            detail=f"{_told(owed, actor)} · {agreement.facility}",
            url=reverse("contracts:detail", args=[agreement.uuid]),
            risk=RAISED,
            due_on=owed[0].due_on,
        )
        for agreement, owed in queries.overdue_of(actor, on=today, limit=MOST).items()
    ]
    return overdue + [
        WorkItem(
            kind="contract-renewal",
            icon="signature",
            title=_("续签：%(name)s") % {"name": each.resident.name},
            detail=f"{each.team.name} · {each.facility}",
            url=reverse("contracts:detail", args=[each.uuid]),
            risk=ORDINARY,
            due_on=each.ends_on,
        )
        for each in queries.renewals_of(actor, on=today, limit=MOST)
    ]


def _told(owed: list[Promise], actor: Actor) -> str:
    """What is overdue, each once: an item promised several times a year may be overdue several times."""
    return listed_text(dict.fromkeys(secrecy.told_item(each, actor) for each in owed))


def packages_for(actor: Actor, resident: Any, facility_id: int | None, *, on: date) -> list[Package]:
    """Service packages for a resident that the actor may know of, on a day."""
    return secrecy.offered(actor, facility_id, groups_of_resident(resident, on=on), on)
