"""Keep the counts of the whole county. A system's job: it reads everybody and writes figures that name nobody."""

from datetime import datetime

from django.db import transaction

from xinglin.platform import clock
from xinglin.programmes import counting
from xinglin.programmes.models import KeptCount
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def keep_counts(*, at: datetime) -> int:
    """Count what the programmes in force ask for, and forget what none asks for any more; how many counts are kept."""
    today = clock.today(at)
    groups, ages = counting.wanted(today)
    found = dict(visits.diagnosed_counts(groups))
    for age in ages:
        born_until = counting.born_until(age, today)
        found[counting.key_of_age(age)] = residents.managed_counts(None, born_until=born_until)
    rows = [
        KeptCount(of=key, by_facility={str(place): n for place, n in by_place.items() if place is not None}, counted_at=at)
        for key, by_place in found.items()
    ]  # fmt: skip
    with transaction.atomic():
        KeptCount.objects.exclude(of__in=found).delete()
        KeptCount.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["of"], update_fields=["by_facility", "counted_at"]
        )
    return len(rows)
