"""What becomes of an agreement: renewed, handed to another team, ended; and what the calendar does to it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import permissions, policies, queries, secrecy
from xinglin.contracts.actions.agreements import draft_agreement, sign_draft, throw_away
from xinglin.contracts.actions.assigning import follow_agreement
from xinglin.contracts.actions.texts import line
from xinglin.contracts.data import Wanted
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Promise, Team, TeamChange
from xinglin.contracts.people import groups_of_resident
from xinglin.contracts.rules import settled
from xinglin.contracts.rules.packages import packages as packages_on
from xinglin.contracts.states import IN_FORCE, TRANSITIONS, Status
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.batches import one_by_one
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import api as residents

BATCH = 2_000


@transaction.atomic
def renew_agreement(
    *,
    agreement: Agreement,
    packages: tuple[str, ...],
    years: int,
    given: residents.ConsentGiven,
    scan: files.Content | None = None,
    by: Actor,
    at: datetime,
) -> Agreement:
    """Sign the next term with the same team; it begins the day after the present one ends.

    :raises Conflict: too early, renewed already, or not in force
    """
    permissions.may_renew(by, agreement, at=at).require()
    if Agreement.objects.filter(renews=agreement, status__in=IN_FORCE).exists():
        raise Conflict(_("这份协议已经续签。"), code="renewed")
    starts_on = agreement.ends_on + timedelta(days=1)
    kept = _kept(agreement, starts_on, by=by)
    wanted = Wanted((*packages, *sorted(kept - set(packages))), starts_on, years)
    coming = draft_agreement(
        resident=agreement.resident.merged_into or agreement.resident, team=agreement.team,
        facility_id=agreement.facility_id, wanted=wanted, renews=agreement, kept=kept, by=by, at=at,
    )  # fmt: skip
    return sign_draft(agreement=coming, given=given, scan=scan, by=by, at=at)


def _kept(agreement: Agreement, on: date, *, by: Actor) -> frozenset[str]:
    """Packages of the present term that stay in the next because the actor may not know of them, and they still fit."""
    secret = secrecy.hidden_packages(secrecy.hidden_groups(by, agreement.facility_id))
    had = {version.partition("@")[0] for version in agreement.packages} & secret
    groups = groups_of_resident(agreement.resident, on=on) if had else ()
    return frozenset(each.slug for each in packages_on(on) if each.slug in had and each.group in groups)


@transaction.atomic
def change_team(*, agreement: Agreement, team: Team, reason: str, by: Actor, at: datetime) -> Agreement:
    """Hand an agreement to another team. What was done stays with who did it, what is overdue with who owed it.

    :raises Conflict: not in force, the same team, or one that does not serve there
    """
    permissions.may_change_team(by, agreement).require()
    why, today = line("reason", reason, 200, required=True), clock.today(at)
    fresh = Agreement.objects.select_for_update(of=("self",)).select_related("team", "resident").get(pk=agreement.pk)
    policies.can_be_served(fresh).require()
    policies.can_serve(team, on=today).require()
    if team.pk == fresh.team_id:
        raise Conflict(_("已经签约在这个团队。"), code="same-team")
    if team.kind != Team.Kind.FAMILY or not queries.serves(team, fresh.facility_id, on=today):
        raise Conflict(_("这个团队不服务该机构的居民。"), code="not-served-here")
    former = fresh.team
    person = residents.ids_of_person(fresh.resident)
    bound = Agreement.objects.filter(resident_id__in=person, status__in=IN_FORCE).exclude(team=team)
    TeamChange.objects.bulk_create(
        TeamChange(
            agreement=each, former_id=each.team_id, team=team, reason=why, changed_at=at, changed_by_name=by.name[:40]
        )
        for each in bound.order_by("id")
    )
    bound.update(team=team)
    Promise.objects.filter(
        agreement__resident_id__in=person, done_on__isnull=True, dropped_on__isnull=True, due_on__gte=today
    ).update(team=team)
    residents.note_on_roster(resident=fresh.resident, facility_id=team.facility_id, basis="CONTRACT", at=at)
    _leave_roster(fresh, former.facility_id, at=at)
    fresh.team = team
    follow_agreement(agreement=fresh, by=by, at=at)
    announce(
        Event.TEAM_TAKEN_OVER, obj=fresh, subject=fresh.resident.uuid, by=by, at=at, place=team.facility_id,
        team=str(team.uuid), former=str(former.uuid), team_name=team.name,
    )  # fmt: skip
    return queries.fresh(fresh)


@transaction.atomic
def end_agreement(*, agreement: Agreement, reason_code: str, words: str = "", by: Actor, at: datetime) -> Agreement:
    """End an agreement today, with its coded reason. What was not due yet is not owed any more.

    :raises Conflict: it has ended
    """
    permissions.may_end(by, agreement).require()
    if reason_code not in dict(settled.end_reasons()):
        raise wrong("reason_code", _("请选择终止原因。"))
    return _end(agreement, reason_code, line("words", words, 200), on=clock.today(at), by=by, at=at)


@transaction.atomic
def end_for_person(*, resident_ids: list[int], reason_code: str, by: Actor, at: datetime) -> int:
    """End what binds a person who died, moved away, or turned out to be registered twice. Called by the system.

    :returns: how many agreements ended
    """
    standing = Agreement.objects.select_related("resident", "team").filter(
        resident_id__in=resident_ids, status__in=IN_FORCE
    )
    found = list(standing.order_by("id"))
    for each in found:
        _end(each, reason_code, "", on=clock.today(at), by=by, at=at)
    return len(found)


@transaction.atomic
def keep_one(*, kept: Any, merged_ids: Sequence[int], by: Actor, at: datetime) -> Agreement | None:
    """Of the agreements of one person who was registered several times one stands, with what begins after it; the others
    end, and drafts that nobody can sign any more are thrown away. Called by the system; safe to run twice.

    :returns: the one that stands
    """
    rows = Agreement.objects.select_related("resident", "team")
    found = list(rows.filter(resident_id__in=[kept.pk, *merged_ids], status__in=IN_FORCE).order_by("signed_at", "id"))
    found.sort(key=lambda each: (each.status != Status.ACTIVE, each.resident_id != kept.pk))
    stays, coming = found[0] if found else None, None
    for each in found[1:]:
        if coming is None and each.starts_on > stays.ends_on and each.renews_id in (None, stays.pk):  # type: ignore[union-attr]
            coming = each
        else:
            _end(each, "duplicate", "", on=clock.today(at), by=by, at=at)
    for each in rows.filter(resident_id__in=merged_ids, status=Status.DRAFT).order_by("id"):
        throw_away(each, why="duplicate", by=by, at=at)
    return stays


def turn_day(*, by: Actor, at: datetime, limit: int = BATCH) -> dict[str, int]:
    """What the calendar does: terms end, coming ones begin, renewals are recalled; each once, `limit` of them read at a
    time. Called by the system.
    """
    today = clock.today(at)
    rows = Agreement.objects.select_related("resident", "team")
    active = Agreement.objects.filter(status=Status.ACTIVE)
    own, of_merged = (
        active.filter(resident=OuterRef("resident")),
        active.filter(resident__merged_into=OuterRef("resident")),
    )
    soon = today + timedelta(days=settled.renew_days())
    over = rows.filter(status=Status.ACTIVE, ends_on__lt=today)
    coming = rows.filter(~Exists(own), ~Exists(of_merged), status=Status.SIGNED, starts_on__lte=today)
    due = rows.filter(status=Status.ACTIVE, renewal_told_at__isnull=True, ends_on__lte=soon)
    due = due.exclude(renewals__status=Status.SIGNED)
    return {
        "ended": one_by_one(over, lambda each: _run_out(each, by=by, at=at), at_a_time=limit),
        "begun": one_by_one(coming, lambda each: _begin(each, by=by, at=at), at_a_time=limit),
        "recalled": one_by_one(due, lambda each: _recall(each, by=by, at=at), at_a_time=limit),
    }


def _run_out(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    renewed = Agreement.objects.filter(renews=agreement, status=Status.SIGNED).exists()
    _end(agreement, "renewed" if renewed else "expired", "", on=agreement.ends_on, by=by, at=at)


def _begin(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    move(agreement, table=TRANSITIONS, to=Status.ACTIVE, by=by, at=at, place=agreement.facility_id)
    announce(Event.BEGUN, obj=agreement, subject=agreement.resident.uuid, by=by, at=at, place=agreement.facility_id)


def _recall(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    found = Agreement.objects.filter(pk=agreement.pk, status=Status.ACTIVE, renewal_told_at__isnull=True)
    if found.update(renewal_told_at=at):
        announce(
            Event.RENEWAL_DUE, obj=agreement, subject=agreement.resident.uuid, by=by, at=at,
            place=agreement.facility_id, ends_on=agreement.ends_on.isoformat(),
        )  # fmt: skip


def _end(agreement: Agreement, reason_code: str, words: str, *, on: date, by: Actor, at: datetime) -> Agreement:
    move(
        agreement, table=TRANSITIONS, to=Status.ENDED, by=by, at=at, place=agreement.facility_id,
        reason_code=reason_code, reason=words, ended_on=on, end_reason=reason_code,
    )  # fmt: skip
    Promise.objects.filter(agreement=agreement, done_on__isnull=True, due_on__gt=on).update(dropped_on=on)
    if reason_code != "renewed":
        _leave_roster(agreement, agreement.team.facility_id, at=at)
    announce(
        Event.ENDED, obj=agreement, subject=agreement.resident.uuid, by=by, at=at, place=agreement.facility_id,
        reason=words, why=reason_code, team=str(agreement.team.uuid),
    )  # fmt: skip
    return agreement


def _leave_roster(agreement: Agreement, facility_id: int, *, at: datetime) -> None:
    residents.end_on_roster(resident_id=agreement.resident_id, facility_id=facility_id, basis="CONTRACT", until=at)
