"""An agreement goes with its resident when another facility manages him from now on."""

from datetime import datetime

from django.db import transaction

from xinglin.contracts import queries
from xinglin.contracts.actions.assigning import follow_agreement
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Promise, Team, TeamChange
from xinglin.contracts.states import IN_FORCE
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

#: Why the team changed, in the language of the records.
WHY = "管理机构变更"


@transaction.atomic
def follow_transfer(*, resident_ids: list[int], former_id: int, facility_id: int, by: Actor, at: datetime) -> int:
    """Serve the agreements of a person at the facility that manages him now; how many went over. Called by the system.

    The team stays where it serves there, too; otherwise the first team at home there takes over. Where no team serves, the
    agreement stays with the one that signed it: nobody loses his team by a move. Safe to run twice.
    """
    today = clock.today(at)
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("team", "resident")
    standing = list(
        rows.filter(resident_id__in=resident_ids, facility_id=former_id, status__in=IN_FORCE).order_by("id")
    )
    serving = queries.teams_of_facility(facility_id, on=today)
    n_moved = 0
    for each in standing:
        stays = any(team.pk == each.team_id for team in serving)
        if not stays and not serving:
            continue
        team = each.team if stays else serving[0]
        Agreement.objects.filter(pk=each.pk).update(facility_id=facility_id, team=team)
        if not stays:
            _hand_to(each, team, by=by, at=at)
        announce(
            Event.MOVED, obj=each, subject=each.resident.uuid, by=by, at=at, place=facility_id, former=former_id,
            team=str(team.uuid),
        )  # fmt: skip
        n_moved += 1
    return n_moved


def _hand_to(agreement: Agreement, team: Team, *, by: Actor, at: datetime) -> None:
    """What is still to come is owed by the team that takes over; what was done stays with who did it."""
    former = agreement.team
    TeamChange.objects.create(
        agreement=agreement, former=former, team=team, reason=WHY, changed_at=at, changed_by_name=by.name[:40]
    )
    Promise.objects.filter(
        agreement=agreement, done_on__isnull=True, dropped_on__isnull=True, due_on__gte=clock.today(at)
    ).update(team=team)
    residents.note_on_roster(resident=agreement.resident, facility_id=team.facility_id, basis="CONTRACT", at=at)
    residents.end_on_roster(
        resident_id=agreement.resident_id, facility_id=former.facility_id, basis="CONTRACT", until=at
    )
    agreement.team = team
    follow_agreement(agreement=agreement, by=by, at=at)
    announce(
        Event.TEAM_TAKEN_OVER, obj=agreement, subject=agreement.resident.uuid, by=by, at=at, place=team.facility_id,
        team=str(team.uuid), former=str(former.uuid), team_name=team.name,
    )  # fmt: skip
