"""What may be read of consultations, always from an actor's point of view."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Now

from xinglin.accounts.data import Permission
from xinglin.consultations import permissions
from xinglin.consultations.models import (
    Case,
    CaseStatusChange,
    Fee,
    Invitation,
    Message,
    Opinion,
    PackItem,
)
from xinglin.consultations.states import FINAL, FeeStatus, InvitationStatus, Status
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import box_of, the_one
from xinglin.platform.paging import Page, page_of

S, I_ = Status, InvitationStatus
_RELATED = ("resident", "from_facility", "to_facility")
ANSWERABLE = (I_.INVITED, I_.ACCEPTED)
#: Tabs: of the unit that asked, of the desk, of an expert.
SENT_BOXES = {
    "open": Q(status__in=[S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.IN_SESSION]),
    "answered": Q(status=S.OPINION_GIVEN),
    "ended": Q(status__in=sorted(FINAL)),
}
DESK_BOXES = {
    "new": Q(status=S.REQUESTED),
    "going": Q(status__in=[S.ACCEPTED, S.SCHEDULED, S.IN_SESSION]),
    "answered": Q(status=S.OPINION_GIVEN),
    "ended": Q(status__in=sorted(FINAL)),
}
EXPERT_BOXES = {
    "invited": Q(status=I_.INVITED, case__status__in=[S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.IN_SESSION]),
    "going": Q(status=I_.ACCEPTED, case__status__in=[S.ACCEPTED, S.SCHEDULED, S.IN_SESSION]),
    "done": Q(status=I_.ACCEPTED, case__status__in=[S.OPINION_GIVEN, *sorted(FINAL)]),
}


def cases_visible_to(actor: Actor) -> QuerySet[Case]:
    """Cases a unit of the actor's asked, those his desk organises, and those he was invited to and did not decline."""
    asked = actor.places_where(Permission.CONSULTATION_REQUEST)
    organised = actor.places_where(Permission.CONSULTATION_DESK)
    if asked is None or organised is None:
        return Case.objects.all()
    seen = Q(from_facility__in=asked) | Q(to_facility__in=organised)
    if actor.may(Permission.CONSULTATION_ANSWER) and actor.user_id is not None:
        own = Invitation.objects.filter(expert__user=actor.user_id, status__in=ANSWERABLE)
        seen |= Q(pk__in=own.values("case"))
    return Case.objects.filter(seen)


def visible_case(actor: Actor, uuid: UUID) -> Case:
    """One case with what its page shows. :raises NotVisible: it is none of the actor's business"""
    rows = cases_visible_to(actor).select_related(*_RELATED, "visit", "consent__signature")
    return the_one(rows, uuid=uuid)


def readable_case(actor: Actor, uuid: UUID, *, at: datetime) -> Case:
    """A case whose pack the actor may read now.

    :raises NotVisible: he may not: a stranger, the desk, an expert who has not accepted, and anybody after its time
    """
    case = visible_case(actor, uuid)
    if not permissions.may_read_pack(actor, case, at=at):
        raise NotVisible("consultations.pack", uuid)
    return case


def readable_item(actor: Actor, case_uuid: UUID, uuid: UUID, *, at: datetime) -> PackItem:
    """One part of a pack that the actor may read now. :raises NotVisible: see `readable_case`; or it was taken out"""
    case = readable_case(actor, case_uuid, at=at)
    item = case.items.select_related("file").filter(uuid=uuid, removed_at__isnull=True).first()
    if item is None:
        raise NotVisible("consultations.packitem", uuid)
    return item


def readable_file(actor: Actor, case_uuid: UUID, uuid: UUID, *, at: datetime) -> Message:
    """A message with a file that the actor may open now; the unit that asked may for ever.

    :raises NotVisible: he may not, or there is no such file
    """
    case = visible_case(actor, case_uuid)
    if not may_read_talk(actor, case, at=at):
        raise NotVisible("consultations.message", uuid)
    message = case.messages.select_related("file").filter(uuid=uuid, file__isnull=False).first()
    if message is None:
        raise NotVisible("consultations.message", uuid)
    return message


def may_read_talk(actor: Actor, case: Case, *, at: datetime) -> bool:
    """Whether the actor reads the conversation: the unit that asked always, an expert as long as he reads the pack."""
    if permissions.is_on_side(actor, case, "inviter"):
        return True
    return bool(permissions.may_read_pack(actor, case, at=at))


def lent_to(actor: Actor, kind: str) -> "QuerySet[PackItem, Any] | None":
    """The uuids of requests or studies in packs the actor reads as an expert now; None when there can be none."""
    kinds = {"diagnostics.request": PackItem.Kind.REQUEST, "imaging.study": PackItem.Kind.STUDY}
    if kind not in kinds or actor.user_id is None or not actor.may(Permission.CONSULTATION_ANSWER):
        return None
    accepted = Invitation.objects.filter(expert__user=actor.user_id, status=I_.ACCEPTED)
    lasting = Q(case__pack_until__isnull=True) | Q(case__pack_until__gt=Now())
    items = PackItem.objects.filter(lasting, kind=kinds[kind], removed_at__isnull=True, object_uuid__isnull=False)
    return items.filter(case__in=accepted.values("case")).values("object_uuid")


def own_invitation(actor: Actor, case: Case) -> Invitation | None:
    """What the actor was asked in this case, if he was and did not decline."""
    rows = Invitation.objects.select_related("case", "expert__user", "expert__managed_by")
    return rows.filter(case=case, expert__user=actor.user_id or 0, status__in=ANSWERABLE).first()


def invitation_of(actor: Actor, case_uuid: UUID) -> Invitation:
    """The actor's own invitation to a case. :raises NotVisible: he was not invited, or has declined"""
    found = own_invitation(actor, visible_case(actor, case_uuid))
    if found is None:
        raise NotVisible("consultations.invitation", case_uuid)
    return found


# Lists ---------------------------------------------------------------------------------------------------------------
def sent(actor: Actor, *, box: str = "open", cursor: str = "") -> Page[Case]:
    """Cases the actor's units asked, newest first. :raises InvalidInput: there is no such tab"""
    rows = _at(actor, Permission.CONSULTATION_REQUEST, "from_facility").filter(box_of(SENT_BOXES, box))
    return page_of(_with_experts(rows), by=("-id",), cursor=cursor)


def desk(actor: Actor, *, box: str = "new", cursor: str = "") -> Page[Case]:
    """Cases of the actor's centre: what waits by deadline, the rest newest first. :raises InvalidInput: no such tab"""
    rows = _at(actor, Permission.CONSULTATION_DESK, "to_facility").filter(box_of(DESK_BOXES, box))
    if box in {"new", "going"}:
        return page_of(_with_experts(rows.filter(due_at__isnull=False)), by=("due_at", "id"), cursor=cursor)
    return page_of(_with_experts(rows), by=("-id",), cursor=cursor)


def invited(actor: Actor, *, box: str = "invited", cursor: str = "") -> Page[Invitation]:
    """The actor's own invitations, newest first. :raises InvalidInput: there is no such tab"""
    rows = own_invitations(actor).filter(box_of(EXPERT_BOXES, box))
    return page_of(rows, by=("-id",), cursor=cursor)


def own_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations to the actor that he did not decline."""
    if not actor.may(Permission.CONSULTATION_ANSWER):
        return Invitation.objects.none()
    rows = Invitation.objects.filter(expert__user=actor.user_id or 0, status__in=ANSWERABLE)
    return rows.select_related("case__resident", "case__from_facility", "case__to_facility", "expert__user")


def _at(actor: Actor, permission: Permission, side: str) -> QuerySet[Case]:
    places = actor.places_where(permission)
    return Case.objects.all() if places is None else Case.objects.filter(**{f"{side}__in": places})


def _with_experts(rows: QuerySet[Case]) -> QuerySet[Case]:
    answerable = Invitation.objects.select_related("expert__user").filter(status__in=ANSWERABLE).order_by("id")
    return rows.select_related(*_RELATED).prefetch_related(Prefetch("invitations", answerable))


def opinions_of(case: Case) -> list[Opinion]:
    """Versions of the opinions of a visible case with their signatures, newest first."""
    rows = case.opinions.select_related("author__user", "replaced_by").prefetch_related("signatures__expert")
    return list(rows.order_by("-version"))


def standing_opinions(case: Case) -> list[Opinion]:
    """Opinions that count: completed, and not replaced by one that is."""
    return [
        each for each in reversed(opinions_of(case))
        if each.completed_at and not (hasattr(each, "replaced_by") and each.replaced_by.completed_at)
    ]  # fmt: skip


def visible_opinion(actor: Actor, uuid: UUID) -> Opinion:
    """One version of an opinion of a visible case. :raises NotVisible: out of scope or absent"""
    rows = Opinion.objects.select_related("case__resident", "case__from_facility", "case__to_facility", "author")
    found = rows.filter(uuid=uuid, case__in=cases_visible_to(actor)).first()
    if found is None or not knows_resident(actor, found.case):
        raise NotVisible("consultations.opinion", uuid)
    return found


def opinions_case(actor: Actor, uuid: UUID) -> Case:
    """A visible case whose opinions the actor reads: not the desk. :raises NotVisible: he does not"""
    case = visible_case(actor, uuid)
    if not knows_resident(actor, case):
        raise NotVisible("consultations.case", uuid)
    return case


def knows_resident(actor: Actor, case: Case) -> bool:
    """Whether the actor knows whom a visible case is about, and reads its opinions: not the desk, nor who has not said yes."""
    sides: tuple[permissions.Side, ...] = ("inviter", "expert")
    return any(permissions.is_on_side(actor, case, side) for side in sides)


def visible_fee(actor: Actor, uuid: UUID) -> Fee:
    """One fee of a case the actor's desk organises. :raises NotVisible: out of scope or absent"""
    rows = fees_visible_to(actor).filter(uuid=uuid)
    found = rows.first()
    if found is None:
        raise NotVisible("consultations.fee", uuid)
    return found


def fees_visible_to(actor: Actor) -> QuerySet[Fee]:
    """Fees of the cases the actor's desk organises."""
    places = actor.places_where(Permission.CONSULTATION_DESK)
    rows = Fee.objects.select_related("case__from_facility", "case__to_facility", "expert__user", "expert__managed_by")
    return rows if places is None else rows.filter(case__to_facility__in=places)


def fees(actor: Actor, *, box: str = "due", cursor: str = "") -> Page[Fee]:
    """Fees of the actor's centre, newest first: due, or done. :raises InvalidInput: there is no such tab"""
    boxes = {"due": Q(status=FeeStatus.DUE), "done": ~Q(status=FeeStatus.DUE)}
    return page_of(fees_visible_to(actor).filter(box_of(boxes, box)), by=("-id",), cursor=cursor)


# The person ----------------------------------------------------------------------------------------------------------
def steps_of_person(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[CaseStatusChange]:
    """Steps of all cases of a person before a moment, newest first. The caller has seen the person."""
    rows = CaseStatusChange.objects.select_related("subject__from_facility", "subject__to_facility")
    found = rows.filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
    return list(found.order_by("-changed_at", "-id")[:limit])


# The clock -----------------------------------------------------------------------------------------------------------
def with_running_clock(*, until: datetime, limit: int = 500) -> list[Case]:
    """Cases whose deadline lies before a moment, for the job that reminds and escalates."""
    rows = Case.objects.select_related(*_RELATED).filter(due_at__lt=until).exclude(status__in=sorted(FINAL))
    return list(rows.order_by("due_at")[:limit])


def unanswered(*, at: datetime, limit: int = 500) -> list[Invitation]:
    """Invitations whose time to answer is over."""
    rows = Invitation.objects.select_related("case__resident", "expert__user")
    return list(rows.filter(status=I_.INVITED, due_at__lte=at).order_by("due_at")[:limit])


def waiting_requests(*, before: datetime, kind: str, limit: int = 500) -> list[Case]:
    """Cases of a kind nobody has accepted, asked before a moment."""
    rows = Case.objects.select_related(*_RELATED).filter(status=S.REQUESTED, kind=kind, requested_at__lte=before)
    return list(rows.order_by("requested_at")[:limit])


def forgotten(*, at: datetime, limit: int = 500) -> list[Case]:
    """Cases with an opinion whose pack has closed and which nobody has closed."""
    rows = Case.objects.select_related(*_RELATED).filter(status=S.OPINION_GIVEN, pack_until__lte=at)
    return list(rows.order_by("pack_until")[:limit])
