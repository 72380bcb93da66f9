"""Counting of the night: who belongs to which group, and how far the county is covered; and populations that are entered."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import counting, permissions
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Coverage, PopulationBase
from xinglin.contracts.people import facts_of
from xinglin.contracts.rules.groups import groups_of
from xinglin.contracts.states import IN_FORCE
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce

BATCH = 1_000


@transaction.atomic
def enter_population(
    *, facility_id: int, as_of: date, n_people: int, n_elderly: int | None, source: str, by: Actor, at: datetime
) -> PopulationBase:
    """Enter how many people live in the area of a unit, and who says so. :raises Conflict: entered for that day"""
    permissions.may_manage_at(by, facility_id).require()
    network.facility_by_id(facility_id)
    if not 0 < n_people < 10_000_000 or (n_elderly is not None and not 0 <= n_elderly <= n_people):
        raise wrong("n_people", _("人口数不对。"))
    if as_of > clock.today(at):
        raise wrong("as_of", _("日期应在今天或之前。"))
    base, is_new = PopulationBase.objects.get_or_create(
        facility_id=facility_id, as_of=as_of,
        defaults={
            "n_people": n_people, "n_elderly": n_elderly, "source": line("source", source, 120, required=True),
            "entered_at": at, "entered_by_name": by.name[:80],
        },
    )  # fmt: skip
    if not is_new:
        raise Conflict(_("这一天的人口数已填报。"), code="entered")
    announce(Event.POPULATION_ENTERED, obj=base, by=by, at=at, place=facility_id, as_of=as_of.isoformat())
    return base


def look_at_groups(*, at: datetime) -> int:
    """Bring the key groups of all agreements in force up to date; how many changed. Called by the night job."""
    on, last, changed = clock.today(at), 0, 0
    while True:
        standing = Agreement.objects.filter(status__in=IN_FORCE, pk__gt=last).order_by("pk")
        batch = list(standing.select_related("resident")[:BATCH])
        if not batch:
            return changed
        changed += _look_at(batch, on)
        last = batch[-1].pk


def _look_at(batch: Iterable[Agreement], on: date) -> int:
    rows = list(batch)
    facts = facts_of((each.resident for each in rows), on=on)
    moved = []
    for each in rows:
        groups = list(groups_of(facts[each.resident_id], on))
        if groups != each.groups:
            each.groups = groups
            moved.append(each)
    Agreement.objects.bulk_update(moved, ["groups"])
    return len(moved)


def count_coverage(*, at: datetime) -> int:
    """Count coverage of today for every managing facility, in place of an earlier count of the day; how many rows."""
    on = clock.today(at)
    rows = counting.coverage(on)
    with transaction.atomic():
        Coverage.objects.filter(on=on).delete()
        Coverage.objects.bulk_create(rows)
    return len(rows)
