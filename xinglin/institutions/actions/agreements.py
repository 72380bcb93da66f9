"""Agreements with institutions: prepared, signed, renewed, ended. Of each kind of unit one binds: the database says so."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import api as contracts
from xinglin.contracts.data import end_of_term
from xinglin.institutions import permissions, policies, rules
from xinglin.institutions.actions.stays import close_rosters, open_rosters
from xinglin.institutions.actions.texts import text
from xinglin.institutions.data import Signing
from xinglin.institutions.events import Event
from xinglin.institutions.models import CareAgreement, Institution, Round
from xinglin.institutions.states import IN_FORCE, ROUND_TRANSITIONS, TRANSITIONS, RoundStatus, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.batches import one_by_one
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status


@transaction.atomic
def draft_agreement(
    *, institution: Institution, facility_id: int, team: Any = None, package: str,
    starts_on: date, years: int, renews: CareAgreement | None = None, by: Actor, at: datetime,
) -> CareAgreement:  # fmt: skip
    """Prepare an agreement of a facility, or of a family-doctor team (one of `contracts.api.teams_of_facility`).

    :raises NotPermitted: the actor does not sign for the unit
    :raises Conflict: the institution is closed
    :raises InvalidInput: no such package for it, or a term that cannot be
    """
    permissions.may_agree_for(by, facility_id, team.facility_id if team else None).require()
    policies.is_open(institution).require()
    offered = {each.slug: each for each in rules.packages(starts_on, kind=institution.kind)}
    if package not in offered:
        raise wrong("package", _("请从列表中选择服务包。"))
    if years not in offered[package].years:
        raise wrong("years", _("请选择协议期限。"))
    today = clock.today(at)
    if renews is None and not contracts.may_begin(starts_on, today):
        raise wrong("starts_on", _("开始日期应在前后两个月之内。"))
    agreement = CareAgreement.objects.create(
        number=next_number("Y", at), institution=institution, facility_id=facility_id,
        unit=CareAgreement.Unit.TEAM if team else CareAgreement.Unit.FACILITY, team=team,
        package=offered[package].version, starts_on=starts_on,
        ends_on=end_of_term(starts_on, years), status_changed_at=at, created_at=at,
        renews=renews,
    )  # fmt: skip
    note_status(agreement, by=by, at=at, place=facility_id)
    announce(Event.DRAFTED, obj=agreement, by=by, at=at, place=facility_id, institution=str(institution.uuid))
    return agreement


@transaction.atomic
def sign_agreement(*, agreement: CareAgreement, signing: Signing, by: Actor, at: datetime) -> CareAgreement:
    """Both have signed on paper: the sheet is kept, and every round of the term is planned.

    :raises Conflict: a unit of that kind is signed already (``already-signed``), it was signed or thrown away, or its term
        should have begun too long ago (``prepare-anew``)
    :raises InvalidInput: nobody named, or no sheet
    """
    permissions.may_sign(by, agreement).require()
    # One after the other: two who sign at once, for today and for a day to come, must see each other.
    policies.is_open(Institution.objects.select_for_update(no_key=True).get(pk=agreement.institution_id)).require()
    name = text("signer_name", signing.name, 40, required=True)
    title = text("signer_title", signing.title, 40)
    if signing.scan is None:
        raise wrong("scan", _("请上传签字页的照片或扫描件。"))
    _refuse_second(agreement)
    if contracts.has_lapsed(agreement.starts_on, clock.today(at)):
        raise Conflict(_("这份协议的开始日期过去太久，不能再签，请重新准备。"), code="prepare-anew")
    scan = contracts.keep_scan(signing.scan, at=at)
    to = Status.ACTIVE if agreement.starts_on <= clock.today(at) else Status.SIGNED
    try:
        with transaction.atomic():
            move(
                agreement, table=TRANSITIONS, to=to, by=by, at=at, place=agreement.facility_id, signer_name=name,
                signer_title=title, scan=scan, signed_at=at, signed_by=by.user_id, signed_by_name=by.name[:80] or "—",
            )  # fmt: skip
    except IntegrityError as error:
        raise _already(agreement) from error
    _plan(agreement, at=at)
    if to == Status.ACTIVE:
        open_rosters(agreement, at=at)
    announce(
        Event.SIGNED, obj=agreement, by=by, at=at, place=agreement.facility_id,
        institution=str(agreement.institution.uuid), ends_on=agreement.ends_on.isoformat(),
        renews=str(agreement.renews.uuid) if agreement.renews else "",
    )  # fmt: skip
    return agreement


@transaction.atomic
def renew_agreement(
    *, agreement: CareAgreement, package: str, years: int, signing: Signing, by: Actor, at: datetime
) -> CareAgreement:  # fmt: skip
    """Sign the next term with the same unit; it begins the day after the present one ends.

    :raises Conflict: too early, renewed already, or not in force
    """
    permissions.may_renew(by, agreement, on=clock.today(at)).require()
    if CareAgreement.objects.filter(renews=agreement, status__in=IN_FORCE).exists():
        raise Conflict(_("这份协议已经续签。"), code="renewed")
    coming = draft_agreement(
        institution=agreement.institution, facility_id=agreement.facility_id, team=agreement.team, package=package,
        starts_on=agreement.ends_on + timedelta(days=1), years=years, renews=agreement, by=by, at=at,
    )  # fmt: skip
    return sign_agreement(agreement=coming, signing=signing, by=by, at=at)


@transaction.atomic
def discard_agreement(*, agreement: CareAgreement, by: Actor, at: datetime) -> CareAgreement:
    """Throw away an agreement that was not signed. :raises Conflict: it was signed, or thrown away"""
    permissions.may_sign(by, agreement).require()
    move(agreement, table=TRANSITIONS, to=Status.DISCARDED, by=by, at=at, place=agreement.facility_id)
    announce(Event.DISCARDED, obj=agreement, by=by, at=at, place=agreement.facility_id)
    return agreement


@transaction.atomic
def end_agreement(
    *, agreement: CareAgreement, reason_code: str, words: str = "", by: Actor, at: datetime
) -> CareAgreement:  # fmt: skip
    """End it today, with a coded reason. Rounds that were not due yet are not owed any more. :raises Conflict: it has ended"""
    permissions.may_end(by, agreement).require()
    if reason_code not in dict(contracts.end_reasons(of=rules.END_REASONS)):
        raise wrong("reason_code", _("请选择终止原因。"))
    return _end(agreement, reason_code, text("words", words, 200), on=clock.today(at), by=by, at=at)


def end_at_once(institution: Institution, reason_code: str, *, by: Actor, at: datetime) -> None:
    """End whatever binds an institution; throw away what waits for its signature."""
    for each in institution.agreements.filter(status__in=IN_FORCE).order_by("id"):
        _end(each, reason_code, "", on=clock.today(at), by=by, at=at)
    for each in institution.agreements.filter(status=Status.DRAFT).order_by("id"):
        move(each, table=TRANSITIONS, to=Status.DISCARDED, by=by, at=at, place=each.facility_id)
        announce(Event.DISCARDED, obj=each, by=by, at=at, place=each.facility_id)


def turn_day(*, by: Actor, at: datetime, limit: int = 500) -> dict[str, int]:
    """What the calendar does: terms end, coming ones begin, `limit` of them read at a time. Called by the system."""
    today = clock.today(at)
    rows = CareAgreement.objects.select_related("institution")
    stands = CareAgreement.objects.filter(
        institution=OuterRef("institution"), unit=OuterRef("unit"), status=Status.ACTIVE
    )
    over = rows.filter(status=Status.ACTIVE, ends_on__lt=today)
    coming = rows.filter(~Exists(stands), status=Status.SIGNED, starts_on__lte=today)
    return {
        "ended": one_by_one(over, lambda each: _run_out(each, by=by, at=at), at_a_time=limit),
        "begun": one_by_one(coming, lambda each: _begin(each, by=by, at=at), at_a_time=limit),
    }


def _run_out(agreement: CareAgreement, *, by: Actor, at: datetime) -> None:
    renewed = CareAgreement.objects.filter(renews=agreement, status=Status.SIGNED).exists()
    _end(agreement, "renewed" if renewed else "expired", "", on=agreement.ends_on, by=by, at=at)


def _begin(agreement: CareAgreement, *, by: Actor, at: datetime) -> None:
    move(agreement, table=TRANSITIONS, to=Status.ACTIVE, by=by, at=at, place=agreement.facility_id)
    open_rosters(agreement, at=at)
    announce(Event.BEGUN, obj=agreement, by=by, at=at, place=agreement.facility_id)


def _end(
    agreement: CareAgreement, reason_code: str, words: str, *, on: date, by: Actor, at: datetime
) -> CareAgreement:  # fmt: skip
    was_active = agreement.status == Status.ACTIVE
    move(
        agreement, table=TRANSITIONS, to=Status.ENDED, by=by, at=at, place=agreement.facility_id,
        reason_code=reason_code, reason=words, ended_on=on, end_reason=reason_code,
    )  # fmt: skip
    for each in agreement.rounds.filter(status=RoundStatus.PLANNED, due_on__gt=on).order_by("id"):
        move(each, table=ROUND_TRANSITIONS, to=RoundStatus.DROPPED, by=by, at=at, place=agreement.facility_id)
    others = CareAgreement.objects.filter(
        institution=agreement.institution_id, status=Status.ACTIVE, facility=agreement.facility_id
    )
    if was_active and reason_code != "renewed" and not others.exists():
        close_rosters(agreement, at=at)
    announce(Event.ENDED, obj=agreement, by=by, at=at, place=agreement.facility_id, why=reason_code, reason=words)
    return agreement


def _plan(agreement: CareAgreement, *, at: datetime) -> None:
    package = rules.version(agreement.package)
    Round.objects.bulk_create(
        Round(
            agreement=agreement, item=each.item, n=each.n, opens_on=each.opens_on, due_on=each.due_on,
            status_changed_at=at,
        )
        for each in rules.plan(package, starts_on=agreement.starts_on, ends_on=agreement.ends_on)
    )  # fmt: skip


def _refuse_second(agreement: CareAgreement) -> None:
    standing = CareAgreement.objects.filter(
        institution=agreement.institution_id, unit=agreement.unit, status__in=IN_FORCE
    ).exclude(pk=agreement.pk)
    if agreement.renews is not None and agreement.starts_on > agreement.renews.ends_on:
        standing = standing.exclude(pk=agreement.renews.pk)
    if standing.exists():
        raise _already(agreement)


def _already(agreement: CareAgreement) -> Conflict:
    standing = (
        CareAgreement.objects.select_related("facility", "team")
        .filter(institution=agreement.institution_id, unit=agreement.unit, status__in=IN_FORCE)
        .exclude(pk=agreement.pk)
        .first()
    )
    if standing is None:
        return Conflict(_("这个机构刚刚已签约。"), code="already-signed")
    return Conflict(
        _("这个机构已与“%(unit)s”签约，至 %(day)s。")
        % {"unit": standing.team or standing.facility, "day": standing.ends_on.isoformat()},
        code="already-signed",
    )
