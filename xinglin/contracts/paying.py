"""What teams did in a period, what each gets, and what was frozen. Reads only; `actions.freeze_pay` writes it down."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import queries
from xinglin.contracts.data import TeamResult
from xinglin.contracts.models import Agreement, PayLine, PayRun, Promise, Team, TeamChange, TeamMember
from xinglin.contracts.people import READER, in_key_group
from xinglin.contracts.rules import pay, settled
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.finding import the_one
from xinglin.residents import api as residents


def results(facility_id: int, *, since: date, until: date) -> list[TeamResult]:
    """What each family-doctor team of a unit did in ``[since, until]``, by rows. Heads are who was signed on its last day, with
    the team he had and the key groups he was in that day, whenever it is asked.
    """
    teams = Team.objects.filter(facility_id=facility_id, kind=Team.Kind.FAMILY, formed_on__lte=until)
    ids = list(
        teams.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=since)).order_by("id").values_list("id", flat=True)
    )
    signed = _signed_on(until, with_=ids)
    in_group = residents.residents_visible_to(READER).filter(in_key_group(until))
    heads: dict[int, list[int]] = defaultdict(list)
    key: dict[int, list[int]] = defaultdict(list)
    for team, pk in signed.values_list("team_then", "id"):
        heads[team].append(pk)
    for team, pk in signed.filter(person__in=in_group.values("pk")).values_list("team_then", "id"):
        key[team].append(pk)
    due: dict[int, list[int]] = defaultdict(list)
    done: dict[int, list[int]] = defaultdict(list)
    owed = Promise.objects.filter(team__in=ids, due_on__gte=since, due_on__lte=until, dropped_on__isnull=True)
    for team, pk, due_on, done_on in owed.order_by("id").values_list("team", "id", "due_on", "done_on"):
        due[team].append(pk)
        if done_on is not None and done_on <= due_on:
            done[team].append(pk)
    return [_result(pk, heads[pk], key[pk], due[pk], done[pk]) for pk in ids]


def _signed_on(day: date, *, with_: list[int]) -> QuerySet[Any]:
    """Agreements that bound on a day with one of the teams, as `team_then`, each of a `person`."""
    after = TeamChange.objects.filter(changed_at__gte=clock.start_of(day + timedelta(days=1)))
    later = after.filter(agreement=OuterRef("pk")).order_by("changed_at", "id")
    rows = Agreement.objects.filter(queries.bound_on(day)).filter(
        Q(team__in=with_) | Q(pk__in=after.filter(former__in=with_).values("agreement"))
    )
    then = Coalesce(Subquery(later.values("former")[:1]), F("team_id"), output_field=BigIntegerField())
    person = Coalesce(F("resident__merged_into_id"), F("resident_id"))
    return rows.annotate(team_then=then, person=person).filter(team_then__in=with_).order_by("id")


def _result(team: int, heads: list[int], key: list[int], due: list[int], done: list[int]) -> TeamResult:
    figures = pay.TeamFigures(len(heads), len(due), len(done), len(key))
    return TeamResult(team, tuple(heads), tuple(key), tuple(due), tuple(done), pay.points(figures))


def shared(found: list[TeamResult], pool_fen: int, *, since: date, until: date) -> list[TeamResult]:
    """The pool shared among teams by points and among their members by weights, to the fen.

    :raises Conflict: nobody has points, or a team that has some has no member
    """
    if not any(each.points for each in found):
        raise Conflict(_("这一时期没有履约记录，不能分配。"), code="no-points")
    amounts = pay.split_pool(pool_fen, [each.points for each in found])
    weights = _weights([each.team_id for each in found], since, until)
    done = []
    for each, amount in zip(found, amounts, strict=True):
        members = weights.get(each.team_id, [])
        if not members and amount:
            raise Conflict(_("有团队在这一时期没有成员，不能分配。"), code="no-members")
        fen = pay.split_among(amount, [weight for _pk, weight in members]) if members and amount else []
        shares = tuple((pk, weight, part) for (pk, weight), part in zip(members, fen, strict=False))
        done.append(replace(each, amount_fen=amount, shares=shares))
    return done


def _weights(teams: list[int], since: date, until: date) -> dict[int, list[tuple[int, int]]]:
    """Members of each team with their weights: that of the profession times the days in the team."""
    of = {each.code: each.weight for each in settled.professions()}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    members = TeamMember.objects.filter(team__in=teams, since__lte=until).filter(
        Q(until__isnull=True) | Q(until__gte=since)
    )
    for each in members.order_by("id"):
        days = (min(each.until or until, until) - max(each.since, since)).days + 1
        weight = of.get(each.profession, 0) * days
        if weight:
            found[each.team_id].append((each.pk, weight))
    return found


# What was frozen -----------------------------------------------------------------------------------------------------
def runs_visible_to(actor: Actor) -> QuerySet[PayRun]:
    """Runs of pay of the units the actor manages."""
    places = actor.places_where(Permission.CONTRACT_MANAGE)
    found = PayRun.objects.select_related("facility")
    return found if places is None else found.filter(facility__in=places)


def visible_run(actor: Actor, uuid: UUID) -> PayRun:
    """A run of a unit the actor manages. :raises NotVisible: out of scope or absent"""
    return the_one(runs_visible_to(actor), uuid=uuid)


def lines_of(found: PayRun) -> list[PayLine]:
    """Teams of a run with the parts of their members."""
    return list(found.lines.select_related("team").prefetch_related("shares__member").order_by("-amount_fen", "id"))
