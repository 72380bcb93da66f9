"""Residents of one facility go over to another: what would move, what has moved, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.followups import api as followups
from xinglin.platform.actors import Actor
from xinglin.platform.finding import the_one
from xinglin.programmes import permissions
from xinglin.programmes.models import Enrolment, Transfer, TransferredResident
from xinglin.programmes.states import ACTIVE
from xinglin.residents import api as residents
from xinglin.residents.data import TimelineEntry

#: So many go over in one go; who has more presses again.
MOST = 500


@dataclass(frozen=True, slots=True)
class TransferPreview:
    """What goes over with the residents of a facility. `teams`: who would serve their agreements there."""

    n_residents: int
    n_enrolments: int
    n_agreements: int
    n_followups: int
    teams: tuple[str, ...]


def movable(actor: Actor, former_id: int) -> QuerySet[Any]:
    """Residents whom a facility manages and the actor may hand over, those registered first in front."""
    seen = residents.residents_visible_to(actor, Permission.RESIDENT_EDIT)
    return seen.filter(managed_by_id=former_id, status="ACTIVE").order_by("pk")


def preview(actor: Actor, former_id: int, facility_id: int, *, on: date) -> TransferPreview:
    """Counts of what would go over. Names nobody. :raises NotPermitted: the actor may not hand these residents over"""
    permissions.may_transfer(actor, former_id).require()
    people = movable(actor, former_id)
    tasks = followups.followups_visible_to(actor).filter(facility_id=former_id, status__in=followups.OPEN)
    return TransferPreview(
        n_residents=people.count(),
        n_enrolments=Enrolment.objects.filter(resident__in=people.order_by(), status__in=ACTIVE).count(),
        n_agreements=contracts.n_served_at(former_id), n_followups=tasks.count(),
        teams=tuple(each.name for each in contracts.teams_of_facility(facility_id, on=on)),
    )  # fmt: skip


def transfers_visible_to(actor: Actor) -> QuerySet[Transfer]:
    """Transfers from or to facilities where the actor keeps the register."""
    places = actor.places_where(Permission.RESIDENT_EDIT)
    rows = Transfer.objects.select_related("former", "facility")
    return rows if places is None else rows.filter(Q(former_id__in=places) | Q(facility_id__in=places))


def visible_transfer(actor: Actor, uuid: UUID) -> Transfer:
    """One of them. :raises NotVisible: out of scope or absent"""
    return the_one(transfers_visible_to(actor), uuid=uuid)


def told(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Transfers on the timeline of a resident, and that one was undone. One query."""
    rows = TransferredResident.objects.select_related("transfer__former", "transfer__facility").filter(
        resident_id__in=list(resident_ids), transfer__made_at__lt=before
    )
    found = []
    for row in rows.order_by("-transfer__made_at", "-id")[:limit]:
        transfer = row.transfer
        detail = str(transfer.get_why_display())
        if transfer.undone_at is not None:
            detail = _("%(why)s，已撤销") % {"why": detail}
        found.append(
            TimelineEntry(
                at=transfer.made_at, kind="transfer", icon="transfer",
                title=_("转到%(where)s管理") % {"where": transfer.facility}, detail=detail,
                facility_name=str(transfer.former), by_name=transfer.made_by_name,
            )
        )  # fmt: skip
    return found
