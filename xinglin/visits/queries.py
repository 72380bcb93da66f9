"""What may be read of visits, always from an actor's point of view."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, Max, Min, Q, QuerySet
from django.utils import timezone

from xinglin.accounts.api import open_emergency
from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents
from xinglin.visits import secrecy
from xinglin.visits.data import VITAL_NAMES, Vitals
from xinglin.visits.models import Diagnosis, DiagnosisTerm, Prescription, Visit
from xinglin.visits.pinyin import initials_typed, pinyin_of
from xinglin.visits.states import Status

#: Of so many terms the pinyin is made for one search.
MOST_SPELLED = 400
#: A visit at which something was measured.
_MEASURED = ~Q(**{f"{name}__isnull": True for name in VITAL_NAMES})


def visits_visible_to(actor: Actor) -> QuerySet[Visit]:
    """Visits, at any facility, of the residents on the actor's rosters."""
    return Visit.objects.filter(resident__in=residents.residents_visible_to(actor, permission=Permission.VISIT_VIEW))


def visible_visit(actor: Actor, uuid: UUID, *, at: datetime) -> Visit:
    """One visit with its resident and facility.

    Seen by who has the resident on a roster, by who holds an open break-glass access to him, and by himself.

    :raises NotVisible: it does not exist, or the actor may not see it
    """
    chosen = Visit.objects.select_related("resident", "facility", "replaces")
    visit = chosen.filter(uuid=uuid, pk__in=visits_visible_to(actor).filter(uuid=uuid).values("pk")).first()
    if visit is None:
        visit = chosen.filter(uuid=uuid).first()
        if visit is None or not _by_another_way(actor, visit, at=at):
            raise NotVisible("visits.visit", uuid)
    secrecy.told(actor, [visit])
    return visit


def _by_another_way(actor: Actor, visit: Visit, *, at: datetime) -> bool:
    subject = visit.resident.uuid
    if actor.self_uuid is not None and actor.self_uuid == subject:
        return True
    return Permission.VISIT_VIEW in actor.permissions and open_emergency(actor, subject, at=at) is not None


def visits_on(
    actor: Actor, day: date, *, facility_id: int | None = None, mine: bool = False, cursor: str = ""
) -> Page[Visit]:
    """One page of the visits of a local day at the facilities where the actor may look, newest first.

    `facility_id` narrows it to one of them; `mine` to those the actor recorded.
    """
    rows = _at_own_places(actor, facility_id)
    start, end = day_bounds(day)
    rows = rows.filter(started_at__gte=start, started_at__lt=end)
    if mine:
        rows = rows.filter(clinician_id=actor.user_id)
    return _told(actor, page_of(_with_parts(rows), by=("-started_at", "-id"), cursor=cursor))


def visits_at(actor: Actor, *, facility_id: int | None = None, cursor: str = "") -> Page[Visit]:
    """One page of all visits at the facilities where the actor may look, newest first."""
    rows = _with_parts(_at_own_places(actor, facility_id))
    return _told(actor, page_of(rows, by=("-started_at", "-id"), cursor=cursor))


def _told(actor: Actor, page: Page[Visit]) -> Page[Visit]:
    secrecy.told(actor, page.rows)
    return page


def _at_own_places(actor: Actor, facility_id: int | None) -> QuerySet[Visit]:
    places = actor.places_where(Permission.VISIT_VIEW)
    rows = visits_visible_to(actor)
    if facility_id is not None:
        return rows.filter(facility_id=facility_id) if places is None or facility_id in places else rows.none()
    return rows if places is None else rows.filter(facility_id__in=places)


def _with_parts(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    return rows.select_related("resident", "facility").prefetch_related("diagnoses")


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Begin and end (excluded) of a local day."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, start + timedelta(days=1)


def unsigned_visits_of(actor: Actor, *, limit: int = 50) -> list[Visit]:
    """Visits the actor recorded and has not signed, oldest first."""
    if actor.user_id is None:
        return []
    rows = Visit.objects.filter(clinician_id=actor.user_id, status=Status.OPEN).select_related("resident", "facility")
    return list(rows.order_by("started_at", "id")[:limit])


def past_visits(resident_ids: Iterable[int], *, limit: int = 10) -> list[Visit]:
    """The latest visits of a person that are not void, with their parts. The caller has seen the person."""
    rows = Visit.objects.filter(resident_id__in=list(resident_ids)).exclude(status=Status.VOIDED)
    return list(
        rows.select_related("facility")
        .prefetch_related("diagnoses", "prescriptions")
        .order_by("-started_at", "-id")[:limit]
    )


def diagnosis_codes_of(resident_ids: Iterable[int]) -> dict[int, set[str]]:
    """ICD-10 codes of the signed visits of residents, by resident. For capabilities that look for people by rule."""
    found: dict[int, set[str]] = {}
    rows = Diagnosis.objects.filter(
        visit__resident_id__in=list(resident_ids), visit__status=Status.SIGNED, system="ICD-10"
    )
    for resident_id, code in rows.values_list("visit__resident_id", "code").distinct():
        found.setdefault(resident_id, set()).add(code)
    return found


def first_diagnosed(resident_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """The same with the moment of the first visit that says so, by resident and code. One query."""
    return _diagnosed_at(resident_ids, Min("visit__started_at"))


def last_diagnosed(resident_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """The same with the moment of the last visit that says so. One query."""
    return _diagnosed_at(resident_ids, Max("visit__started_at"))


def _diagnosed_at(resident_ids: Iterable[int], moment: Aggregate) -> dict[int, dict[str, datetime]]:
    found: dict[int, dict[str, datetime]] = {}
    rows = Diagnosis.objects.filter(
        visit__resident_id__in=list(resident_ids), visit__status=Status.SIGNED, system="ICD-10"
    )
    counted = rows.order_by().values_list("visit__resident_id", "code").annotate(at=moment)
    for resident_id, code, at in counted:
        found.setdefault(resident_id, {})[code] = at
    return found


def diagnosed(prefixes: Sequence[str], *, facility_ids: Iterable[int] | None) -> QuerySet[Diagnosis]:
    """Diagnoses of signed visits with these beginnings of ICD-10 codes, of residents whom these facilities manage
    (None: all). For capabilities that count people or look for them by rule.
    """
    begins = reduce(or_, (Q(code__startswith=each) for each in prefixes), Q(pk__in=()))
    rows = Diagnosis.objects.filter(
        begins, system="ICD-10", visit__status=Status.SIGNED, visit__resident__status="ACTIVE"
    )
    return rows if facility_ids is None else rows.filter(visit__resident__managed_by_id__in=list(facility_ids))


def diagnosed_counts(groups: Mapping[str, Sequence[str]]) -> dict[str, dict[int, int]]:
    """How many residents of each managing facility have a diagnosis of each group of beginnings of ICD-10 codes. One query."""
    begins = {
        name: reduce(or_, (Q(code__startswith=each) for each in codes)) for name, codes in groups.items() if codes
    }
    if not begins:
        return {}
    rows = Diagnosis.objects.filter(
        reduce(or_, begins.values()), system="ICD-10", visit__status=Status.SIGNED, visit__resident__status="ACTIVE"
    )
    names = {f"n{n}": name for n, name in enumerate(begins)}
    counts = {key: Count("visit__resident_id", distinct=True, filter=begins[name]) for key, name in names.items()}
    found: dict[str, dict[int, int]] = {name: {} for name in begins}
    by_place = rows.order_by().values("visit__resident__managed_by_id").annotate(**counts)
    for place, *several in by_place.values_list("visit__resident__managed_by_id", *names):
        for name, n in zip(names.values(), several, strict=True):
            found[name][place] = n
    return found


def medicines_of(resident_ids: Iterable[int], *, most: int = 12) -> dict[int, list[str]]:
    """Medicines of each resident's latest signed visit that prescribed any, as one line each. One query."""
    rows = Prescription.objects.filter(visit__resident_id__in=list(resident_ids), visit__status=Status.SIGNED)
    latest: dict[int, int] = {}
    found: dict[int, list[str]] = {}
    columns = ("visit__resident_id", "visit_id", "medicine", "strength", "dose", "frequency")
    for resident_id, visit_id, *said in rows.order_by("-visit__started_at", "-visit_id", "id").values_list(*columns):
        if latest.setdefault(resident_id, visit_id) == visit_id and len(found.setdefault(resident_id, [])) < most:
            found[resident_id].append(" ".join(part for part in said if part))
    return found


def latest_vitals(resident_ids: Iterable[int]) -> Vitals | None:
    """What was measured at the latest visit of a person at which anything was. The caller has seen the person."""
    visit = (
        Visit.objects.filter(resident_id__in=list(resident_ids))
        .exclude(status=Status.VOIDED)
        .filter(_MEASURED)
        .order_by("-started_at", "-id")
        .first()
    )
    return None if visit is None else vitals_of(visit)


def vitals_of(visit: Visit) -> Vitals:
    """The measurements of a visit."""
    return Vitals(
        **{name: getattr(visit, name) for name in VITAL_NAMES}, glucose_when=visit.glucose_when,
        confirmed_unusual=visit.confirmed_unusual, measured_at=visit.started_at,
    )  # fmt: skip


def recent_pressures(resident_ids: Iterable[int], *, until: datetime | None = None, limit: int = 12) -> list[Visit]:
    """The latest visits with a blood pressure, up to a moment, oldest first."""
    rows = Visit.objects.filter(resident_id__in=list(resident_ids), systolic__isnull=False).exclude(
        status=Status.VOIDED
    )
    if until is not None:
        rows = rows.filter(started_at__lte=until)
    return list(reversed(rows.order_by("-started_at", "-id")[:limit]))


def recent_diagnoses(resident_ids: Iterable[int], *, limit: int = 6) -> list[Diagnosis]:
    """Different diagnoses of a person's latest visits, newest first."""
    rows = (
        Diagnosis.objects.filter(visit__resident_id__in=list(resident_ids))
        .exclude(visit__status=Status.VOIDED)
        .order_by("-visit__started_at", "-is_primary", "id")[:40]
    )
    different: dict[tuple[str, str], Diagnosis] = {}
    for each in rows:
        different.setdefault((each.system, each.code), each)
    return list(different.values())[:limit]


def search_terms(query: str, *, on: date, system: str = "", limit: int = 12) -> list[DiagnosisTerm]:
    """Diagnoses by part of the Chinese name, of its pinyin or initials, or start of the code; common ones first."""
    query = query.strip().replace("\x00", "")[:40]
    rows = DiagnosisTerm.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    )
    if system:
        rows = rows.filter(system=system)
    narrowed = rows
    if query:
        wanted = Q(name__contains=query) | Q(code__istartswith=query)
        if query.isascii():
            wanted |= Q(initials__contains=query.lower())
        narrowed = rows.filter(wanted)
    found = list(narrowed.order_by("-rank", "code")[: limit * 4])
    if query and not found:
        found = _by_pinyin(rows, query.lower().replace(" ", ""))
    found.sort(key=lambda term: _closeness(term, query))
    return found[:limit]


def diagnosis_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of diagnoses by code; of one that no table has, nothing."""
    return dict(DiagnosisTerm.objects.filter(code__in=list(codes)).values_list("code", "name"))


def _by_pinyin(rows: QuerySet[DiagnosisTerm], query: str) -> list[DiagnosisTerm]:
    """Terms whose whole pinyin holds `query`; the initials, which the table has, choose whose pinyin is made."""
    ways = initials_typed(query)
    if not ways:
        return []
    possible = rows.filter(reduce(or_, (Q(initials__contains=initials) for initials in ways)))
    return [term for term in possible.order_by("-rank", "code")[:MOST_SPELLED] if query in pinyin_of(term.name)]


def _closeness(term: DiagnosisTerm, query: str) -> int:
    """0 for the very name, code or initials, 1 for a beginning, 2 for a part; the order by rank is kept within."""
    texts = (term.name, term.code.lower(), term.initials, pinyin_of(term.name))
    low = query.lower()
    if low in texts:
        return 0
    return 1 if any(text.startswith(low) for text in texts) else 2


def parts_of(visit: Visit) -> tuple[Sequence[Diagnosis], Sequence[Prescription], Sequence[Any]]:
    """Diagnoses (primary first), prescriptions and orders of a visit; of one just written, without asking again."""
    if visit.written_parts is not None:
        return visit.written_parts
    return (
        list(visit.diagnoses.all()),
        list(visit.prescriptions.all()),
        list(visit.orders.all()),
    )
