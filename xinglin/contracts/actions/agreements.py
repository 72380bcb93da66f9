"""Preparing and signing agreements. One in force for each resident: the database says so, the loser of a race learns it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import permissions, policies, queries, secrecy
from xinglin.contracts.actions.assigning import follow_agreement
from xinglin.contracts.data import Wanted
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Promise, Team
from xinglin.contracts.people import groups_of_resident
from xinglin.contracts.rules import packages, settled
from xinglin.contracts.rules.promising import end_of_term
from xinglin.contracts.states import IN_FORCE, TRANSITIONS, Status
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.batches import one_by_one
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.ids import next_number
from xinglin.platform.models import StoredFile
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.residents import api as residents
from xinglin.web.formats import listed_text

MAX_SCAN = 20 * 1_048_576
SCAN_TYPES = ("application/pdf", "image/png", "image/jpeg")
#: Days before and after today on which a term may begin.
EARLIEST, LATEST = 30, 60
#: Drafts read at a time.
BATCH = 500
#: How long after its end an agreement counts as renewed by the next.
RENEWED_WITHIN = timedelta(days=90)


def keep_scan(scan: files.Content | None, *, at: datetime) -> StoredFile | None:
    """Keep the picture of a signed sheet; None when there is none. :raises InvalidInput: neither a PDF nor a picture"""
    return files.store(scan, at=at, max_bytes=MAX_SCAN, accept=SCAN_TYPES) if scan is not None else None


def may_begin(starts_on: date, today: date) -> bool:
    """Whether a term that renews no other may begin on a day."""
    return not has_lapsed(starts_on, today) and starts_on <= today + timedelta(days=LATEST)


def has_lapsed(starts_on: date, today: date) -> bool:
    """Whether what was to begin on a day can be signed no more."""
    return starts_on < today - timedelta(days=EARLIEST)


@transaction.atomic
def draft_agreement(
    *,
    resident: Any,
    team: Team,
    facility_id: int,
    wanted: Wanted,
    renews: Agreement | None = None,
    kept: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
) -> Agreement:
    """Prepare an agreement, to be printed and signed on paper or signed on the screen.

    `kept` are packages that go over from the former term, although the actor may not know of them.

    :raises NotPermitted: the actor does not sign for the facility
    :raises Conflict: the resident is not on record any more, or the team does not serve there
    :raises InvalidInput: no package, one that is not for him, or a term that cannot be
    """
    permissions.may_sign_at(by, facility_id).require()
    _require_on_record(resident)
    _require_served(team, facility_id, at=at)
    groups = groups_of_resident(resident, on=wanted.starts_on)
    chosen = _packages(wanted, groups, secrecy.hidden_packages(secrecy.hidden_groups(by, facility_id)) - kept)
    agreement = Agreement.objects.create(
        number=next_number("A", at), resident=resident, team=team, facility_id=facility_id,
        packages=[each.version for each in chosen], groups=list(groups), fees=_fees(chosen), starts_on=wanted.starts_on,
        ends_on=_end(wanted, renews, clock.today(at)), status_changed_at=at, created_at=at, created_by=by.user_id,
        renews=renews or _lately_ended(resident, wanted.starts_on),
    )  # fmt: skip
    note_status(agreement, by=by, at=at, place=facility_id)
    announce(Event.DRAFTED, obj=agreement, subject=resident.uuid, by=by, at=at, place=facility_id, team=str(team.uuid))
    return agreement


@transaction.atomic
def sign_draft(
    *,
    agreement: Agreement,
    given: residents.ConsentGiven,
    scan: files.Content | None = None,
    check_up_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Agreement:
    """The resident, or who may sign for him, agrees: by finger on the screen, or on a sheet whose scan is kept.

    What is promised is written down with its days; the team's home has the resident on its roster.

    :raises Conflict: he is signed already (`code` ``already-signed``; says with whom, if the actor may see it), not on
        record any more, the team does not serve there any more, or what was prepared does not hold any more (``prepare-anew``)
    :raises InvalidInput: not agreed, not signed, or no scan of the sheet
    """
    permissions.may_sign(by, agreement).require()
    if not given.agreed:
        raise wrong("consent", _("居民不同意的，不能签约。"))
    if given.on_paper and given.signature_png is None and scan is None:
        raise wrong("scan", _("在纸上签字的，请上传签字页的照片或扫描件。"))
    resident, starts = agreement.resident, agreement.starts_on
    _take_turns(agreement)
    _refuse_second(agreement, by=by)
    groups = _require_as_prepared(agreement, at=at)
    consent = residents.record_answer(
        resident=resident, kind="family-doctor", object_uuid=agreement.uuid, given=given,
        kept_at=str(agreement.facility), by=by, at=at,
    )  # fmt: skip
    stored = keep_scan(scan, at=at)
    to = Status.ACTIVE if starts <= clock.today(at) else Status.SIGNED
    try:
        with transaction.atomic():
            move(
                agreement, table=TRANSITIONS, to=to, by=by, at=at, place=agreement.facility_id, consent=consent,
                scan=stored, signed_at=at, signed_by=by.user_id, signed_by_name=by.name[:40] or "—", groups=groups,
            )  # fmt: skip
    except IntegrityError as error:
        raise _already(agreement, by=by) from error
    _write_promises(agreement, check_up_on)
    residents.note_on_roster(resident=resident, facility_id=agreement.team.facility_id, basis="CONTRACT", at=at)
    follow_agreement(agreement=agreement, by=by, at=at)
    announce(
        Event.SIGNED, obj=agreement, subject=resident.uuid, by=by, at=at, place=agreement.facility_id,
        team=str(agreement.team.uuid), team_name=agreement.team.name, ends_on=agreement.ends_on.isoformat(),
        on_paper=given.on_paper, renews=str(agreement.renews.uuid) if agreement.renews else "",
    )  # fmt: skip
    return agreement


@transaction.atomic
def sign_now(
    *,
    resident: Any,
    team: Team,
    facility_id: int,
    wanted: Wanted,
    given: residents.ConsentGiven,
    scan: files.Content | None = None,
    by: Actor,
    at: datetime,
) -> Agreement:
    """Prepare and sign in one go: first contact."""
    agreement = draft_agreement(resident=resident, team=team, facility_id=facility_id, wanted=wanted, by=by, at=at)
    return sign_draft(agreement=agreement, given=given, scan=scan, check_up_on=wanted.check_up_on, by=by, at=at)


@transaction.atomic
def sign_household(
    *,
    members: Iterable[Any],
    team: Team,
    facility_id: int,
    wanted: Mapping[int, Wanted],
    given: Mapping[int, residents.ConsentGiven],
    by: Actor,
    at: datetime,
) -> list[Agreement]:
    """Sign several members of a family at once, each with his own packages: all of them or none.

    `wanted` and `given` are by the resident's id.
    """
    found = sorted(members, key=lambda each: each.pk)
    if not found:
        raise wrong("members", _("请选择要签约的家庭成员。"))
    return [
        sign_now(
            resident=each,
            team=team,
            facility_id=facility_id,
            wanted=wanted[each.pk],
            given=given[each.pk],
            by=by,
            at=at,
        )
        for each in found
    ]


@transaction.atomic
def discard_draft(*, agreement: Agreement, by: Actor, at: datetime) -> Agreement:
    """Throw away an agreement that was not signed. :raises Conflict: it was signed, or thrown away"""
    permissions.may_sign(by, agreement).require()
    throw_away(agreement, by=by, at=at)
    return agreement


def discard_lapsed(*, by: Actor, at: datetime, limit: int = BATCH) -> int:
    """Throw away the drafts that nobody can sign any more; how many, `limit` of them read at a time. Called by the system."""
    last = clock.today(at) - timedelta(days=EARLIEST)
    rows = Agreement.objects.select_related("resident").filter(status=Status.DRAFT, starts_on__lt=last)
    return one_by_one(rows, lambda each: throw_away(each, why="lapsed", by=by, at=at), at_a_time=limit)


def throw_away(agreement: Agreement, *, why: str = "", by: Actor, at: datetime) -> None:
    """End a draft. Called inside the transaction of an action."""
    move(agreement, table=TRANSITIONS, to=Status.DISCARDED, by=by, at=at, place=agreement.facility_id, reason_code=why)
    announce(Event.DISCARDED, obj=agreement, subject=agreement.resident.uuid, by=by, at=at, place=agreement.facility_id)


def _packages(wanted: Wanted, groups: tuple[str, ...], hidden: frozenset[str]) -> list[packages.Package]:
    if not hidden.isdisjoint(wanted.packages):  # the same words as for a package that does not exist
        raise wrong("packages", _("请从列表中选择服务包。"))
    try:
        chosen = packages.chosen(wanted.packages, wanted.starts_on)
    except KeyError as error:
        raise wrong("packages", _("请从列表中选择服务包。")) from error
    if not chosen:
        raise wrong("packages", _("请至少选择一个服务包。"))
    unfit = [each.title for each in chosen if each.group and each.group not in groups]
    if unfit:
        raise wrong("packages", _("居民不属于这个服务包的人群：%(what)s") % {"what": listed_text(unfit)})
    return chosen


def _end(wanted: Wanted, renews: Agreement | None, today: date) -> date:
    if wanted.years not in settled.terms()["years"]:
        raise wrong("years", _("请选择协议期限。"))
    if renews is None and not may_begin(wanted.starts_on, today):
        raise wrong("starts_on", _("开始日期应在前后两个月之内。"))
    return end_of_term(wanted.starts_on, wanted.years)


def _fees(chosen: list[packages.Package]) -> dict[str, int]:
    return {who: sum(dict(each.fees)[who] for each in chosen) for who in packages.BEARERS}


def _lately_ended(resident: Any, starts_on: date) -> Agreement | None:
    """The agreement whose term has just run out: the new one renews it."""
    ended = Agreement.objects.filter(
        resident_id__in=residents.ids_of_person(resident), status=Status.ENDED, end_reason="expired",
        ended_on__gte=starts_on - RENEWED_WITHIN,
    )  # fmt: skip
    return ended.order_by("-ended_on", "-id").first()


def _require_on_record(resident: Any) -> None:
    if resident.status != "ACTIVE":
        raise Conflict(_("该居民已不在册，不能签约。"), code="not-active")


def _require_served(team: Team, facility_id: int, *, at: datetime) -> None:
    today = clock.today(at)
    policies.can_serve(team, on=today).require()
    if team.kind != Team.Kind.FAMILY or not queries.serves(team, facility_id, on=today):
        raise Conflict(_("这个团队不服务该机构的居民。"), code="not-served-here")


def _require_as_prepared(agreement: Agreement, *, at: datetime) -> list[str]:
    """What was prepared may still be agreed on today: its team, its term, its packages. :returns: the key groups on its first day"""
    _require_served(agreement.team, agreement.facility_id, at=at)
    if has_lapsed(agreement.starts_on, clock.today(at)):
        told = _("这份协议的开始日期已过 %(days)d 天以上，不能再签，请重新准备。") % {"days": EARLIEST}
        raise Conflict(told, code="prepare-anew")
    groups = groups_of_resident(agreement.resident, on=agreement.starts_on)
    offered = {each.version: each for each in packages.packages(agreement.starts_on)}
    fitting = {version for version, each in offered.items() if not each.group or each.group in groups}
    if not fitting.issuperset(agreement.packages):
        raise Conflict(_("协议准备之后，居民所属人群或服务包已有变化，请重新准备。"), code="prepare-anew")
    return list(groups)


def _take_turns(agreement: Agreement) -> None:
    """Let those who sign one person come one after the other, until the transaction ends, and nobody sign who has died
    or was found to be another registration since the draft.
    """
    rows = Agreement.objects.select_for_update(of=("resident",), no_key=True).select_related("resident")
    _require_on_record(rows.get(pk=agreement.pk).resident)


def _refuse_second(agreement: Agreement, *, by: Actor) -> None:
    standing = Agreement.objects.filter(
        resident_id__in=residents.ids_of_person(agreement.resident), status__in=IN_FORCE
    ).exclude(pk=agreement.pk)
    if agreement.renews_id is not None and agreement.starts_on > agreement.renews.ends_on:  # type: ignore[union-attr]
        standing = standing.exclude(pk=agreement.renews_id)
    if standing.exists():
        raise _already(agreement, by=by)


def _already(agreement: Agreement, *, by: Actor) -> Conflict:
    """Why a second agreement is refused, naming the team to whom it is no secret."""
    ids = residents.ids_of_person(agreement.resident)
    standing = (
        Agreement.objects.select_related("team", "team__facility")
        .filter(resident_id__in=ids, status__in=IN_FORCE)
        .exclude(pk=agreement.pk)
        .order_by("-status_changed_at")
        .first()
    )
    if standing is None or not queries.may_know(by, standing):
        return Conflict(_("该居民已与其他团队签约。"), code="already-signed")
    return Conflict(
        _("该居民已与“%(team)s”（%(place)s）签约，至 %(day)s。")
        % {"team": standing.team.name, "place": standing.team.facility, "day": standing.ends_on.isoformat()},
        code="already-signed",
    )  # fmt: skip


def _write_promises(agreement: Agreement, check_up_on: date | None) -> None:
    found = packages.chosen([each.partition("@")[0] for each in agreement.packages], agreement.starts_on)
    rows, booked = [], check_up_on is None
    for package, item in packages.items_of(found):
        days = packages.dues(
            item, starts_on=agreement.starts_on, ends_on=agreement.ends_on, born_on=agreement.resident.born_on
        )
        for due in days:
            row = Promise(
                agreement=agreement, team=agreement.team, package=package.version, item=item.code, n=due.n,
                opens_on=due.opens_on, due_on=due.due_on,
            )  # fmt: skip
            if not booked and "check-up" in item.proofs and check_up_on is not None:
                if not due.opens_on <= check_up_on <= due.due_on:
                    raise wrong("check_up_on", _("体检日期应在协议的第一年之内。"))
                row.booked_on, booked = check_up_on, True
            rows.append(row)
    if not booked:
        raise wrong("check_up_on", _("所选服务包没有体检项目，不能预约。"))
    Promise.objects.bulk_create(rows)
