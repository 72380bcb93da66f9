"""Residents and the team that answers for them: claimed, assigned, given back, handed on. The database lets one team win."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import assigning, permissions, policies
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Assignment, Team
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, wrong
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

Way, End = Assignment.Way, Assignment.End
#: People one choice is about.
MOST = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who was taken, and who was not and why."""

    given: tuple[Assignment, ...]
    refused: tuple[tuple[Any, DomainError], ...]


@transaction.atomic
def assign_resident(*, team: Team, resident: Any, claimed: bool = False, by: Actor, at: datetime) -> Assignment:
    """Let a team answer for a resident of its area who has none; `claimed`: it took him itself.

    :raises NotPermitted: the actor is not in the team and does not manage it
    :raises Conflict: not on record, outside its area (``not-in-area``), or somebody has him (``already-assigned``,
        ``signed-elsewhere``): it says who
    """
    today = clock.today(at)
    permissions.may_claim(by, team, on=today).require()
    if not claimed:
        permissions.may_manage_at(by, team.facility_id).require()
    policies.can_answer_for(team, on=today).require()
    if resident.status != "ACTIVE":
        raise Conflict(_("该居民已不在册，不能分配。"), code="not-active")
    here = assigning.managed_where(None).filter(assigning.area_of(team, on=today), pk=resident.pk)
    if not here.exists():
        raise Conflict(_("该居民不在这个团队的服务区域内。"), code="not-in-area")
    _refuse_signed_elsewhere(team, resident)
    return _give(team, resident, way=Way.CLAIMED if claimed else Way.BY_HAND, by=by, at=at)


def assign_residents(
    *, team: Team, people: Sequence[Any], claimed: bool = False, by: Actor, at: datetime
) -> Outcome:  # fmt: skip
    """The same for several, each for himself: who is refused does not stop the others.

    :raises InvalidInput: nobody was chosen, or too many at once
    """
    if not 0 < len(people) <= MOST:
        raise wrong("residents", _("请选择 1 至 %(most)d 名居民。") % {"most": MOST})
    given, refused = [], []
    for each in people:
        try:
            given.append(assign_resident(team=team, resident=each, claimed=claimed, by=by, at=at))
        except Conflict as error:
            refused.append((each, error))
    return Outcome(tuple(given), tuple(refused))


@transaction.atomic
def release_resident(*, assignment: Assignment, reason: str, by: Actor, at: datetime) -> Assignment:
    """Give a resident back, so that another team can take him.

    :raises Conflict: it has ended, or he is signed with the team
    """
    permissions.may_let_go(by, assignment, on=clock.today(at)).require()
    why = line("reason", reason, 200, required=True)
    fresh = _locked(assignment)
    _refuse_signed_here(fresh)
    return _close(fresh, End.RELEASED, why, by=by, at=at)


@transaction.atomic
def hand_resident(*, assignment: Assignment, team: Team, reason: str, by: Actor, at: datetime) -> Assignment:
    """Hand a resident to another team that serves him. :returns: the assignment that stands now

    :raises Conflict: it has ended, the same team, outside the other's area, or he is signed with the present one
    """
    today = clock.today(at)
    permissions.may_let_go(by, assignment, on=today).require()
    why = line("reason", reason, 200, required=True)
    policies.can_answer_for(team, on=today).require()
    fresh = _locked(assignment)
    _refuse_signed_here(fresh)
    if team.pk == fresh.team_id:
        raise Conflict(_("已经由这个团队负责。"), code="same-team")
    if not assigning.managed_where(None).filter(assigning.area_of(team, on=today), pk=fresh.resident_id).exists():
        raise Conflict(_("该居民不在这个团队的服务区域内。"), code="not-in-area")
    _close(fresh, End.HANDED, why, by=by, at=at)
    return _give(team, fresh.resident, way=Way.HANDED, reason=why, by=by, at=at)


@transaction.atomic
def follow_agreement(*, agreement: Agreement, by: Actor, at: datetime) -> None:
    """Who signs is answered for by the team he signed with. Called in the transaction of signing and changing teams."""
    person = agreement.resident.merged_into or agreement.resident
    open_ = Assignment.objects.select_for_update(of=("self",)).select_related("resident", "team")
    for _attempt in range(2):
        standing = open_.filter(resident_id__in=residents.ids_of_person(person), ended_at__isnull=True).first()
        if standing is not None and standing.team_id == agreement.team_id:
            return
        if standing is not None:
            _close(standing, End.SIGNED, "", by=by, at=at)
        try:
            _give(agreement.team, person, way=Way.SIGNED, by=by, at=at)
        except Conflict:  # somebody took him at this moment: he is handed over
            continue
        return


@transaction.atomic
def let_go(*, resident_ids: Iterable[int], end: str, by: Actor, at: datetime) -> int:
    """End what stands for people who died, moved away or turned out to be one person. Called by the system."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("resident", "team")
    standing = list(rows.filter(resident_id__in=list(resident_ids), ended_at__isnull=True).order_by("id"))
    for each in standing:
        _close(each, end, "", by=by, at=at)
    return len(standing)


@transaction.atomic
def follow_merge(*, kept: Any, merged_ids: Iterable[int], by: Actor, at: datetime) -> None:
    """Two registrations were one person: the team of the one that was kept stays, else that of the other goes with him.

    Called by the system; safe to run twice.
    """
    had = assigning.standing_of(merged_ids)
    let_go(resident_ids=merged_ids, end=End.MERGED, by=by, at=at)
    if had is not None and assigning.standing_of([kept.pk]) is None:
        _give(had.team, kept, way=Way.HANDED, by=by, at=at)


@transaction.atomic
def leave_outside_area(*, resident_ids: Iterable[int], by: Actor, at: datetime) -> int:
    """After a person moved to another managing facility: his team keeps him where it serves him there, too, or signed him.

    Called by the system; safe to run twice.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("resident", "team")
    standing = list(rows.filter(resident_id__in=list(resident_ids), ended_at__isnull=True).order_by("id"))
    signed = assigning.signed_with([each.resident_id for each in standing])
    n_left = 0
    for each in standing:
        inside = assigning.managed_where(None).filter(assigning.area_of(each.team, on=clock.today(at)))
        if each.resident_id in signed or inside.filter(pk=each.resident_id).exists():
            continue
        _close(each, End.MOVED, "", by=by, at=at)
        n_left += 1
    return n_left


def _give(team: Team, resident: Any, *, way: str, reason: str = "", by: Actor, at: datetime) -> Assignment:
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                team=team, resident=resident, way=way, reason=reason, assigned_at=at, assigned_by=by.user_id,
                assigned_by_name=by.name[:80],
            )  # fmt: skip
    except IntegrityError as error:
        raise held_by_another(resident) from error
    announce(
        Event.ASSIGNED, obj=made, subject=resident.uuid, by=by, at=at, place=team.facility_id, reason=reason,
        team=str(team.uuid), way=way,
    )  # fmt: skip
    return made


def held_by_another(resident: Any) -> Conflict:
    """Why a second team does not get him: who has him, since when. Teams are no secret to who sees the resident."""
    standing = assigning.standing_of([resident.pk])
    if standing is None:  # he was given back between the two looks
        return Conflict(_("刚刚有变动，请再试一次。"), code="already-assigned")
    return Conflict(
        _("%(name)s已由“%(team)s”负责（%(by)s，%(day)s）。")
        % {"name": resident.name, "team": standing.team.name, "by": standing.assigned_by_name,
           "day": clock.today(standing.assigned_at).isoformat()},
        code="already-assigned",
    )  # fmt: skip


def _refuse_signed_elsewhere(team: Team, resident: Any) -> None:
    signed = assigning.signed_with(residents.ids_of_person(resident))
    other = next((each for each in signed.values() if each.team_id != team.pk), None)
    if other is not None:
        raise Conflict(
            _("%(name)s已与“%(team)s”签约，请先更换签约团队。") % {"name": resident.name, "team": other.team.name},
            code="signed-elsewhere",
        )  # fmt: skip


def _refuse_signed_here(assignment: Assignment) -> None:
    signed = assigning.signed_with(residents.ids_of_person(assignment.resident))
    if any(each.team_id == assignment.team_id for each in signed.values()):
        raise Conflict(_("该居民与这个团队签约，请先终止协议或更换签约团队。"), code="signed-here")


def _locked(assignment: Assignment) -> Assignment:
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("resident", "team")
    fresh = rows.get(pk=assignment.pk)
    if fresh.ended_at is not None:
        raise Conflict(_("这次分配已经结束。"), code="ended")
    return fresh


def _close(assignment: Assignment, end: str, reason: str, *, by: Actor, at: datetime) -> Assignment:
    Assignment.objects.filter(pk=assignment.pk).update(
        ended_at=at, ended_by_name=by.name[:80], end=end, end_reason=reason
    )
    assignment.refresh_from_db(fields=["ended_at", "ended_by_name", "end", "end_reason"])
    announce(
        Event.RELEASED, obj=assignment, subject=assignment.resident.uuid, by=by, at=at,
        place=assignment.team.facility_id, reason=reason, team=str(assignment.team.uuid), end=end,
    )  # fmt: skip
    return assignment
