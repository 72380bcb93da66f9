"""What may be read, always from an actor's point of view: his unit took it, his unit's centre measures it, it is his own,
or he treats the person."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue
from xinglin.laboratory.models import ReleasedResult, Result, Shipment, Specimen
from xinglin.laboratory.policies import ENDED, IN_WORK, REPORTED
from xinglin.laboratory.states import ShipmentStatus, SpecimenStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of

MOST = 100
#: Points of a trend.
MOST_POINTS = 60
#: The token of a request without results.
NO_RESULTS = "none"


# One request -----------------------------------------------------------------------------------------------------------
def visible_order(actor: Actor, uuid: UUID) -> Any:
    """A laboratory request the actor may read. :raises NotVisible: out of scope, or of another kind"""
    request = diagnostics.visible_request(actor, uuid)
    if request.kind != catalogue.KIND:
        raise NotVisible("laboratory.order", uuid)
    return request


def analytes_of(specimen: Specimen) -> list[str]:
    """The items measured in a specimen, by the definitions of the day of its label."""
    return catalogue.expected(specimen.panels, on=clock.today(specimen.labelled_at))


def newest_results(request: Any) -> list[Result]:
    """The newest version of each item, in the order of the panels."""
    newest: dict[str, Result] = {}
    for each in request.results.select_related("previous").order_by("version"):
        newest[each.analyte] = each
    return _in_order(request, newest)


def _in_order(request: Any, found: dict[str, Result]) -> list[Result]:
    """Results in the order of the panels."""
    panels = [each["code"] for each in request.items]
    order = {code: place for place, code in enumerate(catalogue.expected(panels, on=clock.today(request.requested_at)))}
    return sorted(found.values(), key=lambda each: (order.get(each.analyte, 999), each.analyte))


def seen_token(request: Any) -> str:
    """What names the results of a request as they are now: it changes with every new version of any of them."""
    newest = request.results.order_by("-pk").values_list("uuid", flat=True).first()
    return str(newest) if newest else NO_RESULTS


def texts_at(request: Any, seen: str) -> dict[str, str]:
    """The value of each item as it stood when `seen` was the token; empty for a token of no result of the request."""
    last = next((each.pk for each in request.results.all() if str(each.uuid) == seen), None)
    if last is None:
        return {}
    return {each.analyte: each.text for each in request.results.filter(pk__lte=last).order_by("version")}


def released_ids(request: Any) -> set[int]:
    """Versions that stand in a report of the request."""
    return set(ReleasedResult.objects.filter(release__request=request).values_list("result_id", flat=True))


def standing_results(request: Any) -> list[Result]:
    """The newest released version of each item: what the sender, and the person, may see."""
    found: dict[str, Result] = {}
    released = request.results.filter(released_in__isnull=False).select_related("previous").distinct()
    for each in released.order_by("version"):
        found[each.analyte] = each
    return _in_order(request, found)


def missing_of(request: Any, results: Sequence[Result]) -> list[str]:
    """Items that are awaited yet: those of every specimen that was not refused."""
    have = {each.analyte for each in results}
    wanted = [
        code
        for specimen in request.specimens.all()
        if specimen.status != SpecimenStatus.REFUSED and not specimen.refusal
        for code in analytes_of(specimen)
    ]
    return [code for code in dict.fromkeys(wanted) if code not in have]


def last_released(resident_ids: Sequence[int], analyte: str, *, before: datetime, without: int) -> Result | None:
    """The person's newest released result of an item before a moment, of another request. Superseded versions of it
    do not count.
    """
    newer = Result.objects.filter(
        request=OuterRef("request"), analyte=OuterRef("analyte"), version__gt=OuterRef("version"),
        released_in__isnull=False,
    )  # fmt: skip
    return (
        Result.objects.filter(resident__in=list(resident_ids), analyte=analyte, measured_at__lt=before)
        .exclude(request=without)
        .filter(Exists(ReleasedResult.objects.filter(result=OuterRef("pk"))), ~Exists(newer))
        .order_by("-measured_at", "-id")
        .first()
    )


# Specimens -------------------------------------------------------------------------------------------------------------
def _specimens() -> QuerySet[Specimen]:
    return Specimen.objects.select_related(
        "request__resident", "request__centre", "from_facility", "centre", "shipment"
    )


def specimens_visible_to(actor: Actor) -> QuerySet[Specimen]:
    """Specimens of units where the actor collects, or of centres where he works."""
    collects = actor.places_where(Permission.SPECIMEN_COLLECT)
    works = actor.places_where(Permission.LABORATORY_WORK)
    if collects is None or works is None:
        return _specimens()
    return _specimens().filter(Q(from_facility__in=collects) | Q(centre__facility__in=works))


def visible_specimen(actor: Actor, barcode: str) -> Specimen:
    """One specimen by what the scanner reads. :raises NotVisible: out of scope or absent"""
    found = specimens_visible_to(actor).filter(barcode=barcode.strip().upper()[:24]).first()
    if found is None:
        raise NotVisible("laboratory.specimen", barcode[:24])
    return found


def to_collect(actor: Actor) -> list[Specimen]:
    """What waits to be taken at the actor's units, the most urgent first."""
    return list(rows_to_collect(actor).order_by("request__priority_rank", "labelled_at", "id")[:MOST])


def rows_to_collect(actor: Actor) -> QuerySet[Specimen]:
    """Containers that wait to be filled at the actor's units."""
    places = actor.places_where(Permission.SPECIMEN_COLLECT)
    found = _specimens().filter(status=SpecimenStatus.LABELLED).exclude(request__status__in=list(ENDED))
    if places is not None:
        found = found.filter(from_facility__in=places)
    return found


def to_hand_over(actor: Actor) -> list[Specimen]:
    """What lies collected at the actor's units."""
    places = actor.places_where(Permission.SPECIMEN_COLLECT)
    found = _specimens().filter(status=SpecimenStatus.COLLECTED).exclude(request__status__in=list(ENDED))
    if places is not None:
        found = found.filter(from_facility__in=places)
    return list(found.order_by("request__priority_rank", "collected_at", "id")[:MOST])


def coming(actor: Actor) -> list[Specimen]:
    """What is on its way to the actor's centres, or was brought: the most urgent first."""
    return list(rows_coming(actor).order_by("request__priority_rank", "collected_at", "id")[:MOST])


def rows_coming(actor: Actor) -> QuerySet[Specimen]:
    """Specimens that wait to be received at the actor's centres."""
    places = actor.places_where(Permission.LABORATORY_WORK)
    found = _specimens().filter(status__in=(SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER))
    found = found.exclude(request__status__in=list(ENDED))
    if places is not None:
        found = found.filter(centre__facility__in=places)
    return found


def to_store(actor: Actor) -> list[Specimen]:
    """Received specimens of reported requests that nobody has put away."""
    places = actor.places_where(Permission.LABORATORY_WORK)
    found = _specimens().filter(status=SpecimenStatus.RECEIVED, request__status__in=list(REPORTED))
    if places is not None:
        found = found.filter(centre__facility__in=places)
    return list(found.order_by("received_at", "id")[:MOST])


def to_dispose(actor: Actor, *, on: date) -> list[Specimen]:
    """What may go today: the day it had to be kept to has come."""
    return list(_kept(actor).filter(keep_until__lte=on).order_by("keep_until", "id")[:MOST])


def kept(actor: Actor, *, cursor: str = "") -> Page[Specimen]:
    """Everything that is kept, that which goes first on top."""
    return page_of(_kept(actor), by=("keep_until", "id"), cursor=cursor)


def _kept(actor: Actor) -> QuerySet[Specimen]:
    places = actor.places_where(Permission.LABORATORY_WORK)
    found = _specimens().filter(status__in=(SpecimenStatus.STORED, SpecimenStatus.REFUSED), keep_until__isnull=False)
    return found if places is None else found.filter(centre__facility__in=places)


# Boxes -----------------------------------------------------------------------------------------------------------------
def shipments_visible_to(actor: Actor) -> QuerySet[Shipment]:
    """Boxes of units where the actor collects, or to centres where he works."""
    collects = actor.places_where(Permission.SPECIMEN_COLLECT)
    works = actor.places_where(Permission.LABORATORY_WORK)
    found = Shipment.objects.select_related("from_facility", "centre__facility")
    if collects is None or works is None:
        return found
    return found.filter(Q(from_facility__in=collects) | Q(centre__facility__in=works))


def visible_shipment(actor: Actor, uuid: UUID) -> Shipment:
    """One box. :raises NotVisible: out of scope or absent"""
    return the_one(shipments_visible_to(actor), uuid=uuid)


def shipments(actor: Actor, *, cursor: str = "") -> Page[Shipment]:
    """Boxes the actor may see, newest first."""
    return page_of(shipments_visible_to(actor), by=("-handed_over_at", "-id"), cursor=cursor)


def boxes_coming(actor: Actor) -> list[Shipment]:
    """Boxes on their way to the actor's centres."""
    works = actor.places_where(Permission.LABORATORY_WORK)
    found = Shipment.objects.select_related("from_facility", "centre").filter(status=ShipmentStatus.ON_THE_WAY)
    if works is not None:
        found = found.filter(centre__facility__in=works)
    return list(found.order_by("handed_over_at", "id")[:MOST])


# Work at the centre ----------------------------------------------------------------------------------------------------
def _orders_where(actor: Actor, permission: Permission) -> QuerySet[Any]:
    places = actor.places_where(permission)
    found = diagnostics.requests_visible_to(actor).filter(kind=catalogue.KIND)
    return found if places is None else found.filter(centre__facility__in=places)


def bench(actor: Actor) -> list[Any]:
    """Orders in work at the actor's centres, the most urgent first, with their specimens and results."""
    found = rows_on_bench(actor).prefetch_related("specimens", "results")
    return list(found.order_by("priority_rank", "performed_at", "id")[:MOST])


def rows_on_bench(actor: Actor) -> QuerySet[Any]:
    """Orders in work at the actor's centres."""
    return _orders_where(actor, Permission.LABORATORY_WORK).filter(status__in=list(IN_WORK))


def review_queue(actor: Actor) -> list[Any]:
    """Orders of the actor's centres with results that no report has yet: new ones, and corrections of released ones."""
    found = rows_to_review(actor).prefetch_related("specimens__shipment", "results")
    return list(found.order_by("priority_rank", F("performed_at").asc(nulls_last=True), "id")[:MOST])


def rows_to_review(actor: Actor) -> QuerySet[Any]:
    """Orders whose results wait for a person."""
    newer = Result.objects.filter(
        request=OuterRef("request"), analyte=OuterRef("analyte"), version__gt=OuterRef("version")
    )
    corrected = Result.objects.filter(version__gt=1, released_in__isnull=True).filter(~Exists(newer)).values("request")
    unseen = Result.objects.filter(request=OuterRef("pk"), released_in__isnull=True)
    orders = _orders_where(actor, Permission.RESULT_RELEASE)
    return orders.filter(Q(status__in=list(IN_WORK)) & Exists(unseen) | Q(status__in=list(REPORTED), pk__in=corrected))


# A person's results ----------------------------------------------------------------------------------------------------
def _released(resident_ids: Sequence[int]) -> QuerySet[Result]:
    newer = Result.objects.filter(
        request=OuterRef("request"), analyte=OuterRef("analyte"), version__gt=OuterRef("version"),
        released_in__isnull=False,
    )  # fmt: skip
    return Result.objects.filter(
        Exists(ReleasedResult.objects.filter(result=OuterRef("pk"))), ~Exists(newer), resident__in=list(resident_ids)
    )


def trend(resident_ids: Sequence[int], analyte: str) -> list[Result]:
    """A person's released results of an item, oldest first: at most the newest 60. Ask whose they are first."""
    rows = _released(resident_ids).filter(analyte=analyte).order_by("-measured_at", "-id")[:MOST_POINTS]
    return list(reversed(list(rows)))


def released_figures(resident_ids: Sequence[int], analytes: Sequence[str], *, since: datetime) -> QuerySet[Result]:
    """A person's released results of some items that are figures, newest first. Ask whose they are first."""
    rows = _released(resident_ids).filter(
        analyte__in=analytes, measured_at__gte=since, number__isnull=False, comparator=""
    )
    return rows.select_related("request").order_by("-measured_at", "-id")


def measured_of(resident_ids: Sequence[int]) -> list[str]:
    """Items of which a person has released results."""
    return list(_released(resident_ids).order_by("analyte").values_list("analyte", flat=True).distinct())


def orders_of_resident(resident_ids: Sequence[int], *, cursor: str = "") -> Page[Any]:
    """A person's own reported orders, newest first."""
    found = diagnostics.Request.objects.select_related("centre", "from_facility", "resident").filter(
        kind=catalogue.KIND, resident__in=list(resident_ids), status__in=list(REPORTED)
    )
    return page_of(found, by=("-requested_at", "-id"), cursor=cursor)


def order_of_resident(resident_ids: Sequence[int], uuid: UUID) -> Any:
    """One of them. :raises NotVisible: it is not his, or not reported"""
    found = (
        diagnostics.Request.objects.select_related("centre", "from_facility", "resident")
        .filter(kind=catalogue.KIND, resident__in=list(resident_ids), status__in=list(REPORTED), uuid=uuid)
        .first()
    )
    if found is None:
        raise NotVisible("laboratory.order", uuid)
    return found
