"""Coverage of a day, counted over all residents. Reads only; for the night job."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Coalesce

from xinglin.contracts.models import Agreement, Coverage, Promise, Rating
from xinglin.contracts.people import READER, in_key_group, is_signed
from xinglin.contracts.rules import settled
from xinglin.contracts.rules.promising import add_months
from xinglin.contracts.states import RAN_OUT, Status
from xinglin.residents import api as residents

ELDERLY_YEARS = 65


def coverage(on: date) -> list[Coverage]:
    """One row for each facility that manages residents, not saved. Four queries."""
    since = add_months(on, -12)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for facility, counts in _people(on):
        found[facility].update(counts)
    for rows in (_terms(since, on), _items(since, on), _ratings(since)):
        for facility, counts in rows:
            found[facility].update(counts)
    names = [each.name for each in Coverage._meta.fields if each.name.startswith("n_")]
    return [
        Coverage(on=on, facility_id=facility, **{name: counts[name] for name in names})
        for facility, counts in sorted(found.items())
    ]


def _people(on: date) -> Any:
    old = Q(born_on__lte=add_months(on, -12 * ELDERLY_YEARS))
    bound = ExpressionWrapper(is_signed(Status.ACTIVE), output_field=BooleanField())
    everybody = residents.residents_visible_to(READER).filter(status="ACTIVE").annotate(
        signed_=bound, key_=Exists(residents.residents_visible_to(READER).filter(in_key_group(on), pk=OuterRef("pk")))
    )  # fmt: skip
    rows = everybody.values("managed_by").annotate(
        n_people=Count("pk"), n_signed=Count("pk", filter=Q(signed_=True)), n_key=Count("pk", filter=Q(key_=True)),
        n_key_signed=Count("pk", filter=Q(key_=True, signed_=True)), n_elderly=Count("pk", filter=old),
        n_elderly_signed=Count("pk", filter=old & Q(signed_=True)),
    ).order_by()  # fmt: skip
    return [(row["managed_by"], {name: n for name, n in row.items() if name != "managed_by"}) for row in rows]


def _terms(since: date, on: date) -> Any:
    over = Agreement.objects.filter(status=Status.ENDED, end_reason__in=RAN_OUT, ends_on__gt=since, ends_on__lte=on)
    again = Exists(
        Agreement.objects.filter(renews=OuterRef("pk"), status__in=[Status.SIGNED, Status.ACTIVE, Status.ENDED])
    )
    rows = over.annotate(again_=again).values(place=_place("resident"))
    return _by_place(rows.annotate(n_ending=Count("pk"), n_renewed=Count("pk", filter=Q(again_=True))))


def _items(since: date, on: date) -> Any:
    due = Promise.objects.filter(due_on__gt=since, due_on__lte=on, dropped_on__isnull=True)
    rows = due.values(place=_place("agreement__resident"))
    in_time = Q(done_on__isnull=False, done_on__lte=F("due_on"))
    return _by_place(rows.annotate(n_due=Count("pk"), n_in_time=Count("pk", filter=in_time)))


def _ratings(since: date) -> Any:
    said = Rating.objects.filter(rated_at__date__gt=since).values(place=_place("agreement__resident"))
    content = Q(score__gte=settled.terms()["satisfied_from"])
    return _by_place(said.annotate(n_rated=Count("pk"), n_content=Count("pk", filter=content)))


def _place(person: str) -> Any:
    """Who manages the person now, whichever of his registrations it is about."""
    return Coalesce(F(f"{person}__merged_into__managed_by"), F(f"{person}__managed_by"))


def _by_place(rows: Any) -> Any:
    return [(row.pop("place"), row) for row in rows.order_by()]
