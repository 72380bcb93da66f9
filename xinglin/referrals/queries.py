"""What may be read of referrals, always from an actor's point of view: both units see a referral all along."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.finding import box_of, known_box, the_one
from xinglin.platform.paging import Page, page_of
from xinglin.referrals import data, permissions
from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.states import FINAL, Status

S = Status
_RELATED = ("resident", "from_facility", "to_facility", "to_department")
_UP = [Referral.Direction.UP, Referral.Direction.SIDEWAYS]
#: Changes of the way there that follow from a change of the way back, at the same moment.
_DOUBLED = Q(subject__direction__in=_UP) & (
    Q(became__in=[S.RETURNED, S.RECEIVED_BACK])
    | Q(became=S.CLOSED, reason_code="received-back")
    | Q(became=S.DISCHARGED, was=S.RETURNED)
)

#: Tabs of the receiving desk: what they hold.
DESK_BOXES: dict[str, Q] = {
    "new": Q(status=S.SUBMITTED),
    "accepted": Q(status=S.ACCEPTED),
    "arrived": Q(status=S.ARRIVED),
    "in-care": Q(status=S.IN_CARE),
    "discharged": Q(status=S.DISCHARGED),
    "returned": Q(status__in=[S.RETURNED, S.RECEIVED_BACK]),
    "sent-back": Q(status=S.SENT_BACK),
    "ended": Q(status__in=list(FINAL)),
}
#: Tabs of the sender.
SENT_BOXES: dict[str, Q] = {
    "open": ~Q(status__in=[*FINAL, S.SENT_BACK, S.DRAFT]),
    "todo": Q(status__in=[S.DRAFT, S.SENT_BACK]),
    "ended": Q(status__in=list(FINAL)),
}


def outline(uuid: UUID) -> data.Outline | None:
    """Where a referral stands, for jobs, which act for nobody."""
    row = Referral.objects.filter(uuid=uuid).values_list(
        "uuid", "resident__uuid", "direction", "channel", "status", "sent_at"
    )
    found = row.first()
    return data.Outline(*found) if found else None


def outlines_sent(resident_ids: Iterable[int], *, since: datetime) -> list[data.Outline]:
    """The same of what was sent up for a person since a moment, in that order. For jobs."""
    rows = Referral.objects.filter(
        resident_id__in=list(resident_ids), direction=Referral.Direction.UP, sent_at__gte=since
    )
    found = rows.order_by("sent_at", "id").values_list(
        "uuid", "resident__uuid", "direction", "channel", "status", "sent_at"
    )
    return [data.Outline(*each) for each in found]


def referrals_visible_to(actor: Actor) -> QuerySet[Referral]:
    """Referrals the actor's units sent or receive, and what followed from those sent. A draft is the sender's only."""
    places = actor.places_where(Permission.REFERRAL_VIEW)
    if places is None:
        return Referral.objects.all()
    if not places:
        return Referral.objects.none()
    return Referral.objects.filter(
        Q(from_facility__in=places)
        | (Q(to_facility__in=places) & ~Q(status=S.DRAFT) & Q(sent_at__isnull=False))
        | Q(origin__from_facility__in=places)
        | Q(origin__origin__from_facility__in=places)
    )


def opens_for(referral: Referral, places: frozenset[int] | None) -> bool:
    """Whether `referrals_visible_to` holds a referral for who looks at referrals at `places`; its origins are loaded."""
    if places is None or referral.from_facility_id in places:
        return True
    if referral.to_facility_id in places and referral.status != S.DRAFT and referral.sent_at is not None:
        return True
    origin = referral.origin
    before = origin.origin if origin is not None else None
    return any(each is not None and each.from_facility_id in places for each in (origin, before))


def open_of_visit(visit_id: int | None, *, but: int | None = None) -> list[Referral]:
    """Referrals of a visit that go on, its ways back included, newest first. The caller has seen the visit."""
    if visit_id is None:
        return []
    rows = Referral.objects.select_related(*_RELATED).filter(visit_id=visit_id, sent_at__isnull=False)
    return list(rows.exclude(status__in=FINAL).exclude(pk=but or 0).order_by("-id"))


def visible_referral(actor: Actor, uuid: UUID) -> Referral:
    """One referral with what its page shows. :raises NotVisible: it is none of the actor's units' business"""
    rows = referrals_visible_to(actor).select_related(
        "resident__managed_by", "from_facility", "to_facility", "to_department", "visit", "consent__signature",
        "origin__origin", "origin__from_facility",
    )  # fmt: skip
    return the_one(rows, uuid=uuid)


def desk(actor: Actor, *, box: str = "new", cursor: str = "") -> Page[Referral]:
    """One page of a tab of the desk. What waits: emergencies first, then by deadline or age; the rest: newest first.

    :raises InvalidInput: there is no such tab
    """
    rows = _at(actor, "to_facility").filter(box_of(DESK_BOXES, box), sent_at__isnull=False)
    if box in {"new", "accepted", "discharged", "sent-back"}:
        return page_of(rows.filter(due_at__isnull=False), by=("urgency", "due_at", "id"), cursor=cursor)
    return page_of(rows, by=("urgency", "id") if box == "arrived" else ("-id",), cursor=cursor)


def sent(actor: Actor, *, box: str = "open", cursor: str = "") -> Page[Referral]:
    """One page of what the actor's units sent, and of the ways back of whom they sent, newest first.

    :raises InvalidInput: there is no such tab
    """
    rows = _sent(actor).select_related(*_RELATED).filter(_sent_box(actor, box)).prefetch_related("status_changes")
    return page_of(rows, by=("-id",), cursor=cursor)


def _sent(actor: Actor) -> QuerySet[Referral]:
    places = actor.places_where(Permission.REFERRAL_VIEW)
    if places is None:
        return Referral.objects.all()
    followed = Q(origin__from_facility__in=places) | Q(origin__origin__from_facility__in=places)
    way_back = Q(direction=Referral.Direction.DOWN, sent_at__isnull=False) & followed
    return Referral.objects.filter(Q(from_facility__in=places) | way_back)


def _sent_box(actor: Actor, box: str) -> Q:
    """What a tab holds. A way back that was sent to its hospital for completion is not the first sender's to do."""
    held, places = box_of(SENT_BOXES, box), actor.places_where(Permission.REFERRAL_VIEW)
    if box == "ended" or places is None:
        return held
    own = Q(from_facility__in=places)
    return held | (Q(status=S.SENT_BACK) & ~own) if box == "open" else held & own


def listed(actor: Actor, *, box: str, status: str = "", cursor: str = "") -> Page[Referral]:
    """One page for programs: what a unit received (``desk``) or sent (``sent``), newest first, of one status or any.

    :raises InvalidInput: box or status is none of ours
    """
    known_box(("desk", "sent"), box)
    rows = _at(actor, "to_facility" if box == "desk" else "from_facility")
    if box == "desk":
        rows = rows.filter(sent_at__isnull=False)
    if status:
        if status not in Status.values:
            raise InvalidInput(_("没有这个状态。"), fields={"status": ", ".join(Status.values)})
        rows = rows.filter(status=status)
    return page_of(rows, by=("-id",), cursor=cursor)


def _at(actor: Actor, side: str) -> QuerySet[Referral]:
    places = actor.places_where(Permission.REFERRAL_VIEW)
    rows = Referral.objects.select_related(*_RELATED)
    return rows if places is None else rows.filter(**{f"{side}__in": places})


def desk_counts(actor: Actor) -> dict[str, int]:
    """How many referrals each open tab of the desk holds. One query over the open ones."""
    rows = _at(actor, "to_facility").select_related(None).filter(sent_at__isnull=False).exclude(status__in=FINAL)
    return rows.aggregate(**{name: Count("id", filter=q) for name, q in DESK_BOXES.items() if name != "ended"})


def sent_counts(actor: Actor) -> dict[str, int]:
    """How many referrals each open tab of the sender holds."""
    rows = _sent(actor).exclude(status__in=FINAL)
    boxes = [name for name in SENT_BOXES if name != "ended"]
    return rows.aggregate(**{name: Count("id", filter=_sent_box(actor, name)) for name in boxes})


def waiting(actor: Actor, *, limit: int) -> list[Referral]:
    """Referrals in which it is the turn of a unit of the actor's, and the turn is one he can take; by deadline."""
    if Permission.REFERRAL_VIEW not in actor.permissions:
        return []
    mine = _turns(actor, Permission.REFERRAL_SEND, "from_facility", [S.SENT_BACK, S.DRAFT], _UP)
    mine |= _turns(actor, Permission.REFERRAL_ANSWER, "to_facility", [S.SUBMITTED, S.ACCEPTED], _UP)
    mine |= _turns(actor, Permission.REFERRAL_ADMIT, "to_facility", [S.ARRIVED], _UP)
    mine |= _turns(actor, Permission.REFERRAL_RETURN, "to_facility", [S.DISCHARGED], _UP)
    mine |= _turns(actor, Permission.REFERRAL_RECEIVE_BACK, "to_facility", [S.SUBMITTED], [Referral.Direction.DOWN])
    rows = Referral.objects.select_related(*_RELATED).filter(mine)
    return list(rows.order_by("urgency", "due_at", "id")[:limit])


def _turns(actor: Actor, permission: Permission, side: str, statuses: Sequence[Status], directions: Sequence[str]) -> Q:
    places = actor.places_where(permission)
    turn = Q(status__in=statuses, direction__in=directions)
    if places is None:
        return turn
    return turn & Q(**{f"{side}__in": places})


# One referral ----------------------------------------------------------------------------------------------------
def changes_of(referral: Referral) -> list[ReferralStatusChange]:
    """What happened to a referral, in order. The caller has seen it."""
    return list(referral.status_changes.order_by("changed_at", "id"))


def chain_of(referral: Referral) -> list[Referral]:
    """The referral with what it came from and what followed, in order of time. The caller has seen it."""
    first = referral
    while first.origin_id is not None:
        first = Referral.objects.select_related(*_RELATED).get(pk=first.origin_id)
    found, frontier = [first], [first.pk]
    while frontier:
        following = list(Referral.objects.select_related(*_RELATED).filter(origin_id__in=frontier).order_by("id"))
        found += following
        frontier = [each.pk for each in following]
    return found


def steps_of_person(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[ReferralStatusChange]:
    """Main steps of all referrals of a person before a moment, newest first. The caller has seen the person.

    What a way back did by itself to the referral it belongs to is left out: the way back has the same step.
    """
    rows = ReferralStatusChange.objects.select_related(
        "subject__from_facility", "subject__to_facility", "subject__origin__origin"
    )
    return list(
        rows.filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
        .exclude(became=S.DRAFT)
        .exclude(_DOUBLED)
        .order_by("-changed_at", "-id")[:limit]
    )


def received_back_of(origin_uuid: UUID) -> Referral | None:
    """The way back of this uuid that waits for its first follow-up, if it does; for the system."""
    return (
        Referral.objects.select_related("resident")
        .filter(uuid=origin_uuid, direction=Referral.Direction.DOWN, status=S.RECEIVED_BACK)
        .first()
    )


# The clock -------------------------------------------------------------------------------------------------------
def with_running_clock(*, at: datetime, ahead: timedelta, n_escalations: int, limit: int = 500) -> list[Referral]:
    """Open referrals whose deadline asks for something at `at`: a reminder within `ahead`, an escalation, the end of a
    hold; the most overdue first. `n_escalations`: how many steps of escalation there are. For the system.
    """
    overdue = Q(due_at__lte=at) & (Q(status=S.ACCEPTED) | Q(n_escalations__lt=n_escalations))
    coming = Q(due_at__gt=at, due_at__lte=at + ahead, reminded_at__isnull=True)
    return list(
        Referral.objects.select_related("resident", "origin__origin")
        .filter(overdue | coming, due_at__isnull=False)
        .exclude(status__in=FINAL)
        .order_by("due_at", "id")[:limit]
    )


# Statistics (WH-43) ----------------------------------------------------------------------------------------------
def referral_counts(actor: Actor, *, since: date, until: date, facility_id: int | None = None) -> data.CountPeriod:
    """Referrals sent on days ``[since, until)`` by direction, channel and pair of units, at the actor's facilities.

    A redirected referral is counted once, where it ended up.

    :raises NotPermitted: the actor sees neither figures nor referrals
    :raises InvalidInput: the period is empty or longer than five years
    """
    permissions.may_count(actor).require()
    if not since < until <= since + timedelta(days=5 * 366):
        raise InvalidInput(_("统计期间不对。"), fields={"until": _("结束日期应晚于开始日期，且不超过五年。")})
    rows = Referral.objects.filter(sent_at__gte=clock.start_of(since), sent_at__lt=clock.start_of(until)).exclude(
        status=S.REDIRECTED
    )
    places = actor.places_where_any(Permission.BOARD_VIEW, Permission.REFERRAL_VIEW)
    if places is not None:
        rows = rows.filter(Q(from_facility__in=places) | Q(to_facility__in=places))
    if facility_id is not None:
        rows = rows.filter(Q(from_facility_id=facility_id) | Q(to_facility_id=facility_id))
    grouped = (
        rows.order_by()
        .values("direction", "channel", "from_facility_id", "to_facility_id")
        .annotate(
            n_sent=Count("id"),
            n_accepted=Count("id", filter=Q(answered_at__isnull=False) & ~Q(status=S.REJECTED)),
            n_arrived=Count("id", filter=Q(arrived_at__isnull=False)),
            n_received_back=Count("id", filter=Q(direction="DOWN", answered_at__isnull=False) & ~Q(status=S.REJECTED)),
            n_ended_without_arrival=Count("id", filter=Q(status__in=[S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.NO_SHOW])),
        )
    )
    ordered = grouped.order_by("-n_sent", "from_facility_id", "to_facility_id", "channel")
    return data.CountPeriod(since, until, tuple(data.Count(**row) for row in ordered))
