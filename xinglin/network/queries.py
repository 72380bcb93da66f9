"""What may be read of the network."""

from django.db.models import Q

from xinglin.network.models import Facility


def facility_ids_within(facility_id: int | None, with_subordinates: bool, division_code: str) -> frozenset[int]:
    """Ids of the facilities a grant reaches: one with all it manages (three levels at most), or those of a region."""
    if facility_id is None:
        return frozenset(
            Facility.objects.filter(division__code__startswith=division_code).values_list("id", flat=True)
        )
    return frozenset(
        Facility.objects.filter(
            Q(id=facility_id) | Q(manager_id=facility_id) | Q(manager__manager_id=facility_id) | Q(host__manager_id=facility_id)
        ).values_list("id", flat=True)
    ) if with_subordinates else frozenset({facility_id})
