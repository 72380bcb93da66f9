"""Forming, changing and ending teams."""

from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import permissions
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Pairing, SupportNote, Team, TeamMember, TeamPlace
from xinglin.contracts.rules import settled
from xinglin.contracts.states import IN_FORCE
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible, wrong
from xinglin.platform.outbox import announce


@transaction.atomic
def form_team(
    *,
    name: str,
    facility_id: int,
    kind: str = Team.Kind.FAMILY,
    disease: str = "",
    phone: str = "",
    by: Actor,
    at: datetime,
) -> Team:
    """Form a team at its home facility, which it serves from the first day.

    :raises NotPermitted: the actor manages no teams there
    :raises Conflict: a team of this name works there
    """
    permissions.may_form(by, facility_id).require()
    if kind not in Team.Kind.values:
        raise wrong("kind", _("请选择团队类型。"))
    disease = line("disease", disease, 40)
    if (kind == Team.Kind.CHIEF) != bool(disease):
        raise wrong("disease", _("首席医师团队要写明病种，家庭医生团队不写。"))
    today = clock.today(at)
    try:
        with transaction.atomic():
            team = Team.objects.create(
                kind=kind, name=line("name", name, 60, required=True), facility_id=facility_id, disease=disease,
                phone=line("phone", phone, 20), formed_on=today, created_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("该机构已有同名团队。"), code="same-name") from error
    TeamPlace.objects.create(team=team, facility_id=facility_id, since=today)
    announce(Event.TEAM_FORMED, obj=team, by=by, at=at, place=facility_id, kind=kind)
    return team


@transaction.atomic
def edit_team(*, team: Team, name: str, phone: str, by: Actor, at: datetime) -> Team:
    """Change name and telephone."""
    permissions.may_manage(by, team).require()
    team.name, team.phone = line("name", name, 60, required=True), line("phone", phone, 20)
    try:
        with transaction.atomic():
            team.save(update_fields=["name", "phone"])
    except IntegrityError as error:
        raise Conflict(_("该机构已有同名团队。"), code="same-name") from error
    announce(Event.TEAM_CHANGED, obj=team, by=by, at=at, place=team.facility_id, what="name")
    return team


@transaction.atomic
def end_team(*, team: Team, by: Actor, at: datetime) -> Team:
    """End a team. :raises Conflict: residents are still signed with it"""
    permissions.may_manage(by, team).require()
    Team.objects.select_for_update().get(pk=team.pk)
    if Agreement.objects.filter(team=team, status__in=IN_FORCE).exists():
        raise Conflict(_("还有居民签约在这个团队，请先转到其他团队。"), code="has-residents")
    today = clock.today(at)
    for rows in (TeamMember, TeamPlace, Pairing):
        rows.objects.filter(team=team, until__isnull=True).update(until=today)
    Team.objects.filter(pk=team.pk).update(ended_on=today)
    team.refresh_from_db()
    announce(Event.TEAM_ENDED, obj=team, by=by, at=at, place=team.facility_id)
    return team


@transaction.atomic
def add_member(
    *, team: Team, profession: str, username: str = "", name: str = "", is_leader: bool = False, by: Actor, at: datetime
) -> TeamMember:
    """Take somebody into a team: by his account, or by name when he has none.

    :raises InvalidInput: no such account or profession, or the profession does not lead
    :raises Conflict: he is in the team, or it has a leader
    """
    permissions.may_manage(by, team).require()
    try:
        place = settled.profession(profession)
    except KeyError as error:
        raise wrong("profession", _("请从列表中选择岗位。")) from error
    if is_leader and not place.may_lead:
        raise wrong("is_leader", _("这个岗位不担任队长。"))
    user = None
    if username.strip():
        user = get_user_model().objects.filter(username=username.strip(), is_active=True).first()
        if user is None:
            raise wrong("username", _("没有这个账号。"))
        name = user.name
    try:
        with transaction.atomic():
            member = TeamMember.objects.create(
                team=team, user=user, name=line("name", name, 40, required=True), profession=profession,
                is_leader=is_leader, since=clock.today(at),
            )  # fmt: skip
    except IntegrityError as error:
        said = _("团队已有队长。") if "one_leader" in str(error) else _("此人已在团队中。")
        raise Conflict(said, code="already") from error
    announce(
        Event.MEMBER_JOINED,
        obj=team,
        by=by,
        at=at,
        place=team.facility_id,
        member=str(member.uuid),
        profession=profession,
    )
    return member


@transaction.atomic
def end_member(*, member: TeamMember, by: Actor, at: datetime) -> TeamMember:
    """Let somebody leave a team today. :raises Conflict: he has left"""
    permissions.may_manage(by, member.team).require()
    _end(TeamMember, member, at)
    announce(Event.MEMBER_LEFT, obj=member.team, by=by, at=at, place=member.team.facility_id, member=str(member.uuid))
    return member


@transaction.atomic
def lead_team(*, member: TeamMember, by: Actor, at: datetime) -> TeamMember:
    """Make a member the leader, in place of the present one."""
    permissions.may_manage(by, member.team).require()
    if member.until is not None or not settled.profession(member.profession).may_lead:
        raise Conflict(_("此人不能担任队长。"), code="cannot-lead")
    Team.objects.select_for_update().get(pk=member.team_id)
    TeamMember.objects.filter(team=member.team_id, is_leader=True, until__isnull=True).update(is_leader=False)
    TeamMember.objects.filter(pk=member.pk).update(is_leader=True)
    member.refresh_from_db()
    announce(
        Event.TEAM_CHANGED, obj=member.team, by=by, at=at, place=member.team.facility_id, what="leader",
        member=str(member.uuid),
    )  # fmt: skip
    return member


@transaction.atomic
def add_place(
    *, team: Team, facility_id: int | None = None, division_code: str = "", by: Actor, at: datetime
) -> TeamPlace:
    """Let a team serve a clinic, a service point, or a village.

    :raises NotPermitted: a family-doctor team may only serve units its manager manages
    :raises Conflict: it does already
    """
    permissions.may_manage(by, team).require()
    code = line("division_code", division_code, 12)
    if (facility_id is None) == (not code) or (code and not code.isdecimal()):
        raise wrong("facility", _("请选择一个机构，或填写村的区划代码。"))
    if facility_id is not None:
        try:
            network.facility_by_id(facility_id)
        except NotVisible as error:
            raise wrong("facility", _("没有这个机构。")) from error
        if team.kind == Team.Kind.FAMILY:
            permissions.may_manage_at(by, facility_id).require()
    try:
        with transaction.atomic():
            place = TeamPlace.objects.create(
                team=team, facility_id=facility_id, division_code=code, since=clock.today(at)
            )
    except IntegrityError as error:
        raise Conflict(_("已在服务区域内。"), code="already") from error
    announce(Event.TEAM_CHANGED, obj=team, by=by, at=at, place=team.facility_id, what="area", facility=facility_id)
    return place


@transaction.atomic
def end_place(*, place: TeamPlace, by: Actor, at: datetime) -> TeamPlace:
    """Take a place out of the area a team serves. :raises Conflict: it is out, or the team's home"""
    permissions.may_manage(by, place.team).require()
    if place.facility_id == place.team.facility_id:
        raise Conflict(_("团队所在机构不能移出服务区域。"), code="home")
    _end(TeamPlace, place, at)
    announce(Event.TEAM_CHANGED, obj=place.team, by=by, at=at, place=place.team.facility_id, what="area-ended")
    return place


@transaction.atomic
def pair_team(*, team: Team, partner_id: int, subject: str = "", by: Actor, at: datetime) -> Pairing:
    """Pair a team with a unit that supports it. :raises Conflict: it is paired with that unit"""
    permissions.may_manage(by, team).require()
    try:
        network.facility_by_id(partner_id)
    except NotVisible as error:
        raise wrong("partner", _("没有这个机构。")) from error
    try:
        with transaction.atomic():
            pairing = Pairing.objects.create(
                team=team, partner_id=partner_id, subject=line("subject", subject, 80), since=clock.today(at)
            )
    except IntegrityError as error:
        raise Conflict(_("已与该单位结对。"), code="already") from error
    announce(Event.PAIRED, obj=team, by=by, at=at, place=team.facility_id, partner=partner_id)
    return pairing


@transaction.atomic
def end_pairing(*, pairing: Pairing, by: Actor, at: datetime) -> Pairing:
    """End a pairing today. :raises Conflict: it has ended"""
    permissions.may_manage(by, pairing.team).require()
    _end(Pairing, pairing, at)
    announce(Event.PAIRING_ENDED, obj=pairing.team, by=by, at=at, place=pairing.team.facility_id)
    return pairing


@transaction.atomic
def note_support(
    *, pairing: Pairing, done_on: date, kind: str, what: str, n_served: int | None = None, by: Actor, at: datetime
) -> SupportNote:
    """Note what the partner did for the team. :raises InvalidInput: a day outside the pairing, or to come"""
    permissions.may_manage(by, pairing.team).require()
    if kind not in SupportNote.Kind.values:
        raise wrong("kind", _("请选择支持方式。"))
    if not pairing.since <= done_on <= min(clock.today(at), pairing.until or clock.today(at)):
        raise wrong("done_on", _("日期应在结对期内、今天或之前。"))
    if n_served is not None and not 0 <= n_served <= 100_000:
        raise InvalidInput(_("人次不对。"), fields={"n_served": _("人次不对。")})
    note = SupportNote.objects.create(
        pairing=pairing, done_on=done_on, kind=kind, what=line("what", what, 200, required=True), n_served=n_served,
        noted_by=by.user_id, noted_by_name=by.name[:40], noted_at=at,
    )  # fmt: skip
    announce(Event.SUPPORTED, obj=note, by=by, at=at, place=pairing.team.facility_id, kind=kind)
    return note


def _end(
    rows: type[TeamMember] | type[TeamPlace] | type[Pairing], row: TeamMember | TeamPlace | Pairing, at: datetime
) -> None:
    if not rows.objects.filter(pk=row.pk, until__isnull=True).update(until=clock.today(at)):
        raise Conflict(_("已经结束。"), code="ended")
    row.refresh_from_db()
