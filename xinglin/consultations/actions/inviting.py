"""Who is asked, what he answers, and when they meet."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.consultations import catalogue, permissions, video
from xinglin.consultations.actions.steps import coded, go, locked, refusing, release, tell
from xinglin.consultations.events import Event
from xinglin.consultations.models import Booking, Case, Expert, Invitation
from xinglin.consultations.policies import Verb
from xinglin.consultations.slots import length_of
from xinglin.consultations.states import INVITATION_TRANSITIONS, InvitationStatus, Status
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.transitions import move, note_status

I_ = InvitationStatus


@transaction.atomic
def invite_expert(*, case: Case, expert: Expert, by: Actor, at: datetime) -> Invitation:
    """Ask one more expert.

    :raises NotPermitted: neither of the unit that asked nor of the desk
    :raises Conflict: he was asked already, or the case is over
    """
    fresh = locked(case)
    permissions.may(Verb.INVITE, by, fresh).require()
    return invite(fresh, expert, by=by, at=at)


def invite(case: Case, expert: Expert, *, by: Actor, at: datetime) -> Invitation:
    """Write an invitation and announce it. :raises InvalidInput: he is no expert any more, or asks himself"""
    if expert.ended_at is not None or expert.user_id in {case.requested_by, by.user_id}:
        raise InvalidInput(_("不能邀请这位专家。"), fields={"expert": _("请重新选择。")})
    with refusing("one_invitation_each", _("已经邀请过这位专家。"), "invited-already"):
        invitation = Invitation.objects.create(
            case=case, expert=expert, status=I_.INVITED, status_changed_at=at, invited_at=at, invited_by=by.user_id,
            due_at=catalogue.deadline("answer", case.kind, since=at),
        )  # fmt: skip
    note_status(invitation, by=by, at=at)
    tell(Event.INVITED, case, by=by, at=at, invitation=str(invitation.uuid), expert=str(expert.uuid))
    return invitation


def book(expert: Expert, case: Case, starts_at: datetime, *, by: Actor, at: datetime) -> Booking:
    """Take a slot. :raises Conflict: another case has it"""
    with refusing("one_case_a_slot", _("这个时间刚被别的会诊占用，请另选时间。"), "slot-taken"):
        return Booking.objects.create(
            expert=expert, case=case, starts_at=starts_at, booked_at=at, booked_by=by.user_id,
            ends_at=starts_at + timedelta(minutes=length_of(expert, starts_at)),
        )  # fmt: skip


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, starts_at: datetime | None = None, by: Actor, at: datetime
) -> Invitation:
    """Say yes: from now on the expert reads the pack. A booked case takes the time wanted, or `starts_at`.

    :raises NotPermitted: it is another's invitation
    :raises Conflict: it was answered already, the case is over, or the slot was taken
    """
    case, fresh = _locked(invitation)
    permissions.may_answer(by, fresh).require()
    move(fresh, table=INVITATION_TRANSITIONS, to=I_.ACCEPTED, by=by, at=at, answered_at=at)
    if case.status != Status.REQUESTED:
        tell(Event.ACCEPTED, case, by=by, at=at, invitation=str(fresh.uuid))
        return fresh
    if case.kind == Case.Kind.IMMEDIATE:
        due_at = catalogue.deadline("opinion", case.kind, since=at)
        go(
            case, to=Status.ACCEPTED, event=Event.ACCEPTED, by=by, at=at, place=case.to_facility_id, due_at=due_at,
            answered_at=at,
        )  # fmt: skip
        return fresh
    meets_at = starts_at or case.wanted_at
    if meets_at is None or meets_at <= at:
        raise InvalidInput(_("约定的时间已过，请另选将来的时间。"), fields={"starts_at": _("请重新选择。")})
    _meet(case, [fresh.expert], meets_at, event=Event.ACCEPTED, by=by, at=at, answered_at=at)
    return fresh


def _locked(invitation: Invitation) -> tuple[Case, Invitation]:
    case = locked(invitation.case)
    fresh = Invitation.objects.select_related("expert__user", "expert__managed_by").get(pk=invitation.pk)
    fresh.case = case
    return case, fresh


@transaction.atomic
def decline_invitation(
    *, invitation: Invitation, reason_code: str, reason: str = "", by: Actor, at: datetime
) -> Invitation:
    """Say no, with the reason; the desk finds another.

    :raises NotPermitted: it is another's invitation
    :raises Conflict: it was answered already
    """
    case, fresh = _locked(invitation)
    words = coded("decline", reason_code, reason)
    permissions.may_answer(by, fresh).require()
    move(fresh, table=INVITATION_TRANSITIONS, to=I_.DECLINED, by=by, at=at, answered_at=at, **words)
    _keep_reason(fresh, words)
    release(case, at=at, invitation=fresh)
    tell(Event.DECLINED_BY_EXPERT, case, by=by, at=at, invitation=str(fresh.uuid), code=words["reason_code"])
    return fresh


@transaction.atomic
def step_down(*, invitation: Invitation, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Invitation:
    """Take an acceptance back before the meeting. Without another expert the case waits for an answer again.

    :raises NotPermitted: it is another's invitation
    :raises Conflict: the meeting has begun, or an opinion is there
    """
    case, fresh = _locked(invitation)
    words = coded("decline", reason_code, reason)
    permissions.may_step_down(by, fresh).require()
    move(fresh, table=INVITATION_TRANSITIONS, to=I_.DECLINED, by=by, at=at, **words)
    _keep_reason(fresh, words)
    release(case, at=at, invitation=fresh)
    if case.invitations.filter(status=I_.ACCEPTED).exists():
        tell(Event.STEPPED_DOWN, case, by=by, at=at, invitation=str(fresh.uuid), code=words["reason_code"])
        return fresh
    go(
        case, to=Status.REQUESTED, event=Event.STEPPED_DOWN, by=by, at=at, place=case.to_facility_id,
        due_at=catalogue.deadline("answer", case.kind, since=at), answered_at=None, scheduled_at=None, **words,
    )  # fmt: skip
    return fresh


def _keep_reason(invitation: Invitation, words: dict[str, Any]) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**words)
    invitation.refresh_from_db(fields=list(words))


@transaction.atomic
def decline_case(*, case: Case, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Case:
    """The desk says no, with the reason: nobody of its experts can. The pack closes.

    :raises NotPermitted: not of the desk
    :raises Conflict: an expert has accepted, or the case has ended
    """
    fresh, words = locked(case), coded("decline", reason_code, reason)
    permissions.may(Verb.DECLINE, by, fresh).require()
    return go(fresh, to=Status.DECLINED, event=Event.DECLINED, by=by, at=at, place=fresh.to_facility_id, **words)


@transaction.atomic
def schedule_case(*, case: Case, starts_at: datetime, video_url: str = "", by: Actor, at: datetime) -> Case:
    """Set when they meet (again), and where on video. Experts who accepted have the time taken in their timetable.

    :raises NotPermitted: neither of the desk nor an expert of the case
    :raises InvalidInput: the time has passed, or nobody has accepted
    :raises Conflict: the slot was taken, or the meeting has begun
    """
    fresh, link = locked(case), video.checked_link(video_url)
    permissions.may(Verb.SCHEDULE, by, fresh).require()
    if starts_at <= at:
        raise InvalidInput(_("请选择将来的时间。"), fields={"starts_at": _("请重新选择。")})
    experts = [each.expert for each in fresh.invitations.select_related("expert").filter(status=I_.ACCEPTED)]
    if not experts:
        raise InvalidInput(_("还没有专家接受邀请，不能约定时间。"), fields={"starts_at": _("请先邀请专家。")})
    return _meet(fresh, experts, starts_at, event=Event.SCHEDULED, by=by, at=at, video_url=link or fresh.video_url)


def _meet(
    case: Case, experts: list[Expert], starts_at: datetime, *, event: Event, by: Actor, at: datetime, **changes: Any
) -> Case:
    held = case.bookings.filter(released_at__isnull=True, expert__in=experts)
    there = set(held.filter(starts_at=starts_at).values_list("expert_id", flat=True))
    held.exclude(starts_at=starts_at).update(released_at=at)
    for expert in experts:
        if expert.pk not in there:
            book(expert, case, starts_at, by=by, at=at)
    due_at = catalogue.deadline("opinion", case.kind, since=starts_at)
    if case.status == Status.SCHEDULED:
        Case.objects.filter(pk=case.pk).update(
            scheduled_at=starts_at, due_at=due_at, reminded_at=None, n_escalations=0, **changes
        )
        case.refresh_from_db()
        tell(event, case, by=by, at=at, place=case.to_facility_id)
        return case
    return go(
        case, to=Status.SCHEDULED, event=event, by=by, at=at, place=case.to_facility_id, due_at=due_at,
        scheduled_at=starts_at, **changes,
    )  # fmt: skip


@transaction.atomic
def set_video_link(*, case: Case, video_url: str, by: Actor, at: datetime) -> Case:
    """Type where the case meets. :raises InvalidInput: no https link"""
    fresh, link = locked(case), video.checked_link(video_url)
    permissions.may(Verb.BEGIN, by, fresh).require()
    Case.objects.filter(pk=fresh.pk).update(video_url=link)
    fresh.refresh_from_db(fields=["video_url"])
    tell(Event.SCHEDULED, fresh, by=by, at=at, place=fresh.to_facility_id, video=True)
    return fresh


@transaction.atomic
def begin_session(*, case: Case, by: Actor, at: datetime) -> Case:
    """They meet. :raises Conflict: nobody has accepted yet, or it began already"""
    fresh = locked(case)
    permissions.may(Verb.BEGIN, by, fresh).require()
    return go(
        fresh, to=Status.IN_SESSION, event=Event.BEGAN, by=by, at=at, place=fresh.to_facility_id, began_at=at,
        due_at=catalogue.deadline("opinion", fresh.kind, since=at),
    )  # fmt: skip
