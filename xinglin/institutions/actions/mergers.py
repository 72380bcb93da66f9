"""A unit is merged into another, which takes over the institutions it kept and the agreements it served."""

from datetime import datetime

from django.db import transaction

from xinglin.institutions.actions.stays import close_rosters, open_rosters
from xinglin.institutions.events import Event
from xinglin.institutions.models import CareAgreement, Institution
from xinglin.institutions.states import IN_FORCE, InstitutionStatus, Status
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce


@transaction.atomic
def follow_facility_merger(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Hand the institutions a merged unit kept, and the agreements it had not ended, to its successor; how many they were.

    Called by the system; safe to run twice. What was closed or ended stays with whom it was.
    """
    kept = Institution.objects.select_for_update(of=("self",)).select_related("keeper").filter(keeper_id=merged_id)
    rows = list(kept.filter(status=InstitutionStatus.OPEN).order_by("id"))
    for institution in rows:
        _keep(institution, successor_id, by=by, at=at)
    served = CareAgreement.objects.select_for_update(of=("self",)).select_related("institution", "facility")
    agreements = list(served.filter(facility_id=merged_id, status__in=[Status.DRAFT, *IN_FORCE]).order_by("id"))
    for agreement in agreements:
        _serve(agreement, successor_id, by=by, at=at)
    return len(rows) + len(agreements)


def _keep(institution: Institution, successor_id: int, *, by: Actor, at: datetime) -> None:
    """Of two homes of one name the one that comes says where it was kept before."""
    was = institution.keeper
    if Institution.objects.filter(
        keeper_id=successor_id, name=institution.name, status=InstitutionStatus.OPEN
    ).exists():
        institution.name = f"{institution.name[:50]}（{str(was)[:28]}）"
    institution.keeper_id = successor_id
    institution.save(update_fields=["keeper", "name"])
    announce(Event.HANDED_OVER, obj=institution, by=by, at=at, place=successor_id, was=str(was.uuid))


def _serve(agreement: CareAgreement, successor_id: int, *, by: Actor, at: datetime) -> None:
    """The rounds stay planned; who lives there leaves the roster of the one and enters that of the other."""
    was = agreement.facility
    if agreement.status == Status.ACTIVE:
        close_rosters(agreement, at=at)
    agreement.facility_id = successor_id
    agreement.save(update_fields=["facility"])
    if agreement.status == Status.ACTIVE:
        open_rosters(agreement, at=at)
    announce(
        Event.SERVED_BY_SUCCESSOR, obj=agreement, by=by, at=at, place=successor_id, was=str(was.uuid),
        institution=str(agreement.institution.uuid),
    )  # fmt: skip
