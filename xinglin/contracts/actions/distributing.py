"""Residents without a team given to teams in one go: by a rule, or by a table that was checked first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import assigning, permissions, secrecy
from xinglin.contracts.actions.assigning import MOST as FEW
from xinglin.contracts.assigning import Wish
from xinglin.contracts.events import Event
from xinglin.contracts.models import Assignment, Distribution, Team
from xinglin.contracts.rules import sharing
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

#: People one run is about; a county is distributed township by township.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would go where: resident → team, both by id; and how it would look then. Names nobody."""

    given: Mapping[int, int]
    n_asked: int
    teams: tuple[Team, ...]
    loads: Mapping[int, int]

    @property
    def n_given(self) -> int:
        """How many find a team."""
        return len(self.given)

    @property
    def n_left(self) -> int:
        """How many live where no team serves."""
        return self.n_asked - len(self.given)

    @property
    def lines(self) -> list[tuple[Team, int, int]]:
        """Each team, how many it gets, and how many it has then."""
        counts = Counter(self.given.values())
        return [(each, counts[each.pk], self.loads.get(each.pk, 0) + counts[each.pk]) for each in self.teams]


def plan_by_rule(*, wish: Wish, keep: str, team_ids: Iterable[int] | None = None, by: Actor, at: datetime) -> Plan:
    """What a distribution would come to; writes nothing. `team_ids` None: every team that serves there.

    :raises NotPermitted: the actor manages no teams there
    :raises InvalidInput: no such rule, or a county at once
    """
    permissions.may_distribute(by, wish.facility_id).require()
    if keep not in sharing.KEEPS:
        raise wrong("keep", _("请选择分配规则。"))
    today = clock.today(at)
    rows = assigning.wished(
        assigning.without_team(assigning.managed_where(by.places_where(Permission.CONTRACT_MANAGE))),
        wish,
        by=by,
        on=today,
    )
    found = rows.order_by("id").values_list("id", "managed_by_id", "division_code", "household_id")[: MOST + 1]
    people = [sharing.Person(*each) for each in found]
    if len(people) > MOST:
        raise wrong("facility", _("一次最多分配 %(most)d 人，请选择一个机构或一个村。") % {"most": MOST})
    teams = assigning.teams_at_work(by, on=today)
    if team_ids is not None:
        wanted = set(team_ids)
        teams = [each for each in teams if each.pk in wanted]
    loads = assigning.loads_of([each.pk for each in teams])
    serving = assigning.teams_serving(((each.place, each.village) for each in people), teams, on=today)
    given = sharing.share(people, keep=keep, serving=serving, loads=loads)
    used = {team for found_ in serving.values() for team in found_}
    return Plan(given, len(people), tuple(each for each in teams if each.pk in used), loads)


@transaction.atomic
def distribute_by_rule(
    *, wish: Wish, keep: str, team_ids: Iterable[int] | None = None, by: Actor, at: datetime
) -> Distribution:
    """Do it, as things stand now. Whom a team took in the same moment stays with it.

    :raises NotPermitted: the actor manages no teams there
    :raises InvalidInput: nobody is without a team there, or no team serves
    """
    plan = plan_by_rule(wish=wish, keep=keep, team_ids=team_ids, by=by, at=at)
    if not plan.given:
        raise wrong("keep", _("没有可以分配的居民。"))
    rule = {
        "keep": keep,
        "village": wish.village,
        "group": secrecy.audited(wish.group),
        "condition": _told(wish.condition),
    }
    return _write(
        plan.given, way=Assignment.Way.RULE, rule=rule, facility_id=wish.facility_id, n_asked=plan.n_asked, by=by, at=at
    )


def _told(condition: str) -> str:
    """A condition as it is kept beside those who were given: of a secret one not which."""
    return secrecy.SLUG if condition in residents.secret_conditions() else condition


@transaction.atomic
def distribute_by_table(
    *, pairs: Sequence[tuple[Any, Team]], facility_id: int | None, by: Actor, at: datetime
) -> Distribution:
    """Give each resident of a checked table to his team; areas and teams are looked at once more.

    :raises NotPermitted: the actor does not manage one of the teams
    :raises InvalidInput: there is nobody to give
    """
    today = clock.today(at)
    teams = {team.pk: team for _resident, team in pairs}
    for team in teams.values():
        permissions.may_manage(by, team).require()
    spots = {(each.managed_by_id, each.division_code) for each, _team in pairs}
    serving = assigning.teams_serving(spots, teams.values(), on=today)
    signed = assigning.signed_with([each.pk for each, _team in pairs])
    given = {
        each.pk: team.pk
        for each, team in pairs
        if each.status == "ACTIVE" and team.pk in serving[(each.managed_by_id, each.division_code)]
        and (each.pk not in signed or signed[each.pk].team_id == team.pk)
    }  # fmt: skip
    if not given:
        raise wrong("file", _("没有可以分配的居民。"))
    return _write(given, way=Assignment.Way.TABLE, rule={}, facility_id=facility_id, n_asked=len(pairs), by=by, at=at)


def _write(
    given: Mapping[int, int],
    *,
    way: str,
    rule: dict[str, str],
    facility_id: int | None,
    n_asked: int,
    by: Actor,
    at: datetime,
) -> Distribution:
    run = Distribution.objects.create(
        facility_id=facility_id, way=way, rule=rule, n_asked=n_asked, n_given=0, done_by=by.user_id,
        done_by_name=by.name[:80], done_at=at,
    )  # fmt: skip
    rows = [
        Assignment(
            resident_id=resident, team_id=team, way=way, run=run, assigned_at=at, assigned_by=by.user_id,
            assigned_by_name=by.name[:80],
        )
        for resident, team in sorted(given.items())
    ]  # fmt: skip
    # Whom a team took in the same moment stays with it.
    Assignment.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)
    told = list(run.assignments.order_by("id").values_list("resident__uuid", flat=True))
    for start in range(0, len(told), FEW):
        subjects = told[start : start + FEW]
        audit.look_many(Event.ASSIGNED, by=by, at=at, subjects=subjects, run=str(run.uuid), way=way)
    n_given = len(told)
    Distribution.objects.filter(pk=run.pk).update(n_given=n_given)
    run.refresh_from_db()
    counts: dict[str, Any] = {"n_asked": n_asked, "n_given": n_given}
    announce(Event.DISTRIBUTED, obj=run, by=by, at=at, place=facility_id, way=way, rule=rule, **counts)
    return run
