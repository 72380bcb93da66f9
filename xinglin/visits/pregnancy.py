"""Who is known to be expecting: by the registration, or by what a signed visit of the last months says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from xinglin.platform import definitions
from xinglin.visits.models import Diagnosis
from xinglin.visits.states import Status

ALWAYS = (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """Spans of days in which somebody is known to be expecting: from the first on, until before the second."""

    spans: tuple[tuple[date, date], ...] = ()

    def on(self, day: date) -> bool | None:
        """True, or None: what nobody wrote down is not known, and never a no."""
        return True if any(first <= day < end for first, end in self.spans) else None


def pregnancies(rows: Sequence[Any], whose: Mapping[int, int]) -> dict[int, Pregnancy]:
    """What is known of residents, by id. `whose`: the resident of each of their registrations. One query at most."""
    known = definitions.one("programme-rules", "pregnancy").content["known"]
    women = {each.pk: each for each in rows if each.sex != "1"}
    spans = {pk: [ALWAYS] if known["condition"] in each.conditions else [] for pk, each in women.items()}
    registered = [each for each, pk in whose.items() if pk in women]
    for resident_id, moment in _coded(registered, known["icd10"]) if registered else ():
        day = timezone.localdate(moment)
        spans[whose[resident_id]].append((day, day + timedelta(days=known["within_days"])))
    return {each.pk: Pregnancy(tuple(sorted(set(spans.get(each.pk, ()))))) for each in rows}


def _coded(resident_ids: Sequence[int], codes: Sequence[str]) -> Any:
    """Registrations with the moment of each signed visit that has one of the codes."""
    rows = Diagnosis.objects.filter(
        reduce(or_, (Q(code__startswith=each) for each in codes)),
        visit__resident_id__in=resident_ids, visit__status=Status.SIGNED, system="ICD-10",
    )  # fmt: skip
    return rows.order_by("visit__started_at", "id").values_list("visit__resident_id", "visit__started_at")
