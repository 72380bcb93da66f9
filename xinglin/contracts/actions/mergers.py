"""A unit is merged into another: its teams work on there, and the agreements they signed hold."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Pairing, Team, TeamPlace
from xinglin.contracts.states import IN_FORCE, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

BATCH = 200


@transaction.atomic
def follow_facility_merger(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Move what teams have at a merged unit to its successor: their home, the places they serve, their pairings.

    How many teams it was their home. Members and residents of a team stay as they are. Called by the system; safe to run twice.
    """
    today = clock.today(at)
    rows = Team.objects.select_for_update(of=("self",)).select_related("facility")
    teams = list(rows.filter(facility_id=merged_id, ended_on__isnull=True).order_by("id"))
    for team in teams:
        _take_in(team, successor_id, by=by, at=at)
    for place in TeamPlace.objects.select_for_update().filter(facility_id=merged_id, until__isnull=True).order_by("id"):
        TeamPlace.objects.filter(pk=place.pk).update(until=today)
        TeamPlace.objects.bulk_create(
            [TeamPlace(team_id=place.team_id, facility_id=successor_id, since=today)], ignore_conflicts=True
        )
    pairings = Pairing.objects.select_for_update(of=("self",)).select_related("team").order_by("id")
    for pairing in pairings.filter(
        Q(partner_id=merged_id) | Q(team__in=teams, partner_id=successor_id), until__isnull=True
    ):
        Pairing.objects.filter(pk=pairing.pk).update(until=today)
        if pairing.team.facility_id != successor_id:  # nobody is paired with himself
            Pairing.objects.bulk_create(
                [Pairing(team=pairing.team, partner_id=successor_id, subject=pairing.subject, since=today)],
                ignore_conflicts=True,
            )
    return len(teams)


@transaction.atomic
def serve_at_successor(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Serve the next agreements of a merged unit at its successor, with the team they have; how many they were.

    Called by the system until there are none; safe to run twice. What has ended stays with whom it was.
    """
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("resident", "team")
    mine = rows.filter(facility_id=merged_id, status__in=[Status.DRAFT, *IN_FORCE]).order_by("id")[:BATCH]
    served = list(mine)
    for each in served:
        Agreement.objects.filter(pk=each.pk).update(facility_id=successor_id)
        announce(
            Event.MOVED, obj=each, subject=each.resident.uuid, by=by, at=at, place=successor_id, former=merged_id,
            team=str(each.team.uuid),
        )  # fmt: skip
    return len(served)


def _take_in(team: Team, successor_id: int, *, by: Actor, at: datetime) -> None:
    """Of two teams of one name the one that comes says where it was at home. Who is signed with it is seen at its new home."""
    was = team.facility
    for each in Agreement.objects.select_related("resident").filter(team=team, status__in=IN_FORCE):
        residents.note_on_roster(resident=each.resident, facility_id=successor_id, basis="CONTRACT", at=at)
        residents.end_on_roster(resident_id=each.resident_id, facility_id=was.pk, basis="CONTRACT", until=at)
    if Team.objects.filter(facility_id=successor_id, name=team.name, ended_on__isnull=True).exists():
        team.name = f"{team.name[:30]}（{str(was)[:28]}）"
    team.facility_id = successor_id
    team.save(update_fields=["name", "facility"])
    announce(Event.TEAM_HANDED_OVER, obj=team, by=by, at=at, place=successor_id, was=str(was.uuid))
