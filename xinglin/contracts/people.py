"""What key groups are computed from: the facts of persons, one by one for a page, or as a condition over all residents."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from xinglin.contracts.models import Agreement, GroupEntry
from xinglin.contracts.rules.groups import Facts, Group, Registered, born_bounds, diagnosed_since, groups, groups_of
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.visits import api as visits

READER = system_actor("重点人群")


def facts_of(residents: Iterable[Any], *, on: date) -> dict[int, Facts]:
    """Facts of residents by id, with those of registrations merged into them. Two queries."""
    people = {each.pk: each for each in residents}
    same = Q(resident_id__in=people) | Q(resident__merged_into_id__in=people)
    told: dict[int, list[tuple[str, date]]] = defaultdict(list)
    prefixes = Q()
    for prefix in _prefixes():
        prefixes |= Q(diagnoses__code__startswith=prefix)
    seen = visits.visits_visible_to(READER).filter(same, prefixes).exclude(status="VOIDED")
    for pk, code, at in seen.values_list(_who(), "diagnoses__code", "started_at"):
        told[pk].append((code, clock.today(at)))
    entered: dict[int, list[Registered]] = defaultdict(list)
    for entry in GroupEntry.objects.filter(same).annotate(who=_who()):
        entered[entry.who].append(Registered(entry.group, entry.since, entry.until))
    return {
        pk: Facts(each.sex, each.born_on, frozenset(each.conditions), tuple(told[pk]), tuple(entered[pk]))
        for pk, each in people.items()
    }


def groups_of_resident(resident: Any, *, on: date) -> tuple[str, ...]:
    """The key groups of one person on a day."""
    return groups_of(facts_of([resident], on=on)[resident.pk], on)


def in_key_group(on: date) -> Q:
    """A condition on residents: belongs to any key group on a day. The same as the rule, for counting all of them."""
    found = Q(pk__in=_entered(on).values(who_=_who()))
    for group in groups():
        found |= _in_group(group, on)
    return found


def in_one_group(code: str, on: date) -> Q:
    """The same for one key group; nobody is in a group that is unknown."""
    entered = Q(pk__in=_entered(on).filter(group=code).values(who_=_who()))
    return next((entered | _in_group(each, on) for each in groups() if each.code == code), Q(pk__in=[]))


def is_signed(*statuses: str) -> Q:
    """A condition on residents: has an agreement in one of the states, also under a registration merged into this one."""
    rows = Agreement.objects.filter(status__in=statuses)
    return Q(Exists(rows.filter(resident=OuterRef("pk")))) | Q(
        Exists(rows.filter(resident__merged_into=OuterRef("pk")))
    )


def _in_group(group: Group, on: date) -> Q:
    oldest, youngest = born_bounds(group, on)
    sex = Q(sex=group.sex) if group.sex else Q()
    if oldest or youngest:
        born = Q(born_on__lte=youngest) if youngest else Q()
        return sex & born & (Q(born_on__gt=oldest) if oldest else Q())
    found = Q(pk__in=[])
    for condition in sorted(group.conditions):
        found |= Q(conditions__contains=[condition])
    if group.icd10:
        found |= Q(pk__in=_diagnosed(group, on))
    return sex & found


def _diagnosed(group: Group, on: date) -> Any:
    codes = Q()
    for prefix in group.icd10:
        codes |= Q(diagnoses__code__startswith=prefix)
    since = diagnosed_since(group, on)
    seen = visits.visits_visible_to(READER).filter(codes, started_at__date__lte=on).exclude(status="VOIDED")
    if since is not None:
        seen = seen.filter(started_at__date__gte=since)
    return seen.values_list(_who(), flat=True)


def _entered(on: date) -> Any:
    codes = [each.code for each in groups()]
    return GroupEntry.objects.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on, group__in=codes)


def _who() -> Any:
    return Coalesce(F("resident__merged_into_id"), F("resident_id"))


def _prefixes() -> list[str]:
    return sorted({prefix for group in groups() for prefix in group.icd10})
