"""The front door of consultations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.consultations import catalogue, queries
from xinglin.consultations.data import Asked, Chosen, Said, Shares, Slot
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, Invitation
from xinglin.consultations.states import FEE_TRANSITIONS, INVITATION_TRANSITIONS, TRANSITIONS, InvitationStatus, Status
from xinglin.platform.actors import Actor
from xinglin.web import work

__all__ = ["Asked", "Chosen", "Event", "Said", "Shares", "Slot", "state_tables", "waiting_for"]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {
        "consultations.case": TRANSITIONS,
        "consultations.invitation": INVITATION_TRANSITIONS,
        "consultations.fee": FEE_TRANSITIONS,
    }


def waiting_for(actor: Actor, *, at: datetime) -> list[work.WorkItem]:
    """Invitations and opinions an expert owes, cases the desk must find somebody for, opinions to read."""
    items: list[work.WorkItem] = []
    if Permission.CONSULTATION_ANSWER in actor.permissions:
        items += [_of_expert(each) for each in _owed(actor)]
    if Permission.CONSULTATION_DESK in actor.permissions:
        rows = queries.desk(actor, box="new").rows
        items += [_of_desk(each) for each in rows if not each.invitations.all()]
    if Permission.CONSULTATION_REQUEST in actor.permissions:
        items += [_of_inviter(each) for each in queries.sent(actor, box="answered").rows]
    return items[:MOST]


def _owed(actor: Actor) -> list[Invitation]:
    open_states = [Status.REQUESTED, Status.ACCEPTED, Status.SCHEDULED, Status.IN_SESSION]
    rows = queries.own_invitations(actor).filter(case__status__in=open_states)
    return list(rows.order_by("due_at", "id")[:MOST])


def _of_expert(invitation: Invitation) -> work.WorkItem:
    case, asked = invitation.case, invitation.status == InvitationStatus.INVITED
    immediate = case.kind == Case.Kind.IMMEDIATE
    risk = work.CRITICAL if immediate and asked else work.HIGH if immediate or asked else work.RAISED
    title = _("会诊邀请：%(specialty)s") if asked else _("会诊意见待出具：%(specialty)s")
    return work.WorkItem(
        kind="consultation", icon="users", title=title % {"specialty": catalogue.specialty_title(case.specialty)},
        detail=f"{case.get_kind_display()} · {case.from_facility} · {case.aim}", url=_url(case), risk=risk,
        due_at=invitation.due_at if asked else case.due_at, since=invitation.invited_at,
    )  # fmt: skip


def _of_desk(case: Case) -> work.WorkItem:
    immediate = case.kind == Case.Kind.IMMEDIATE
    return work.WorkItem(
        kind="consultation-desk", icon="users", title=_("会诊待安排专家：%(number)s") % {"number": case.number},
        detail=f"{case.get_kind_display()} · {case.from_facility} · {catalogue.specialty_title(case.specialty)}",
        url=_url(case), risk=work.CRITICAL if immediate else work.HIGH, due_at=case.due_at, since=case.requested_at,
    )  # fmt: skip


def _of_inviter(case: Case) -> work.WorkItem:
    return work.WorkItem(
        kind="consultation-opinion", icon="file-text", title=_("会诊意见已出：%(name)s") % {"name": case.resident.name},
        detail=f"{case.number} · {catalogue.specialty_title(case.specialty)} · {case.aim}", url=_url(case),
        risk=work.HIGH if case.kind == Case.Kind.IMMEDIATE else work.RAISED, since=case.opinion_at,
    )  # fmt: skip


def _url(case: Case) -> str:
    return reverse("consultations:case", args=[case.uuid])
