"""What may be read, always from an actor's point of view: his unit sent it, his unit's centre reads it, or he treats the
person."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.diagnostics import kinds
from xinglin.diagnostics.duties import suggested_to
from xinglin.diagnostics.models import Centre, CriticalValue, Recording, Request
from xinglin.diagnostics.policies import PERFORMED_LATER
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.lending import lent
from xinglin.platform.paging import Page, page_of
from xinglin.residents.api import residents_visible_to

#: Statuses in which the centre still owes something.
OPEN = (
    RequestStatus.REQUESTED,
    RequestStatus.IN_PROGRESS,
    RequestStatus.PERFORMED,
    RequestStatus.CLAIMED,
    RequestStatus.PRELIMINARY,
)
#: Of an examination that is done after its request: nothing can be read yet.
NOT_PERFORMED = Q(kind__in=PERFORMED_LATER, status__in=(RequestStatus.REQUESTED, RequestStatus.IN_PROGRESS))
NOT_PERFORMED = Q(kind__in=tuple(PERFORMED_LATER), status__in=(RequestStatus.REQUESTED, RequestStatus.IN_PROGRESS))
REPORTED = (RequestStatus.FINAL, RequestStatus.AMENDED)
WORKLIST_SIZE = 100


def not_performed() -> Q:
    """Where nothing can be read yet: the examination is done after its request."""
    return NOT_PERFORMED


def requests_visible_to(actor: Actor) -> QuerySet[Request]:
    """Requests that a unit of the actor's sent, or that a centre at a unit of the actor's reads.

    Who works for one kind of centre only (a laboratory) sees requests of that kind.
    """
    places = actor.places_where(Permission.REQUEST_VIEW)
    requests = Request.objects.select_related("resident", "from_facility", "centre")
    if only := kinds.kinds_worked_on(actor.permissions):
        requests = requests.filter(kind__in=only)
    if places is None:
        return requests
    return requests.filter(Q(from_facility__in=places) | Q(centre__in=Centre.objects.filter(facility__in=places)))


def requests_readable_by(actor: Actor) -> QuerySet[Request]:
    """Those, and the requests of residents on a roster of the actor's: who treats a person reads what was examined
    elsewhere. Lists of work use the narrower `requests_visible_to`.
    """
    narrow = requests_visible_to(actor)
    if not (actor.may(Permission.REQUEST_VIEW) and actor.may(Permission.RESIDENT_VIEW)):
        return narrow
    wide = Request.objects.select_related("resident", "from_facility", "centre")
    return narrow | wide.filter(resident__in=residents_visible_to(actor))


def visible_request(actor: Actor, uuid: UUID) -> Request:
    """One request, also one lent to the actor for a while (`xinglin.platform.lending`).

    :raises NotVisible: not the actor's unit's, and its resident on no roster of the actor's
    """
    request = requests_readable_by(actor).filter(uuid=uuid).first() or lent_request(actor, uuid)
    if request is None:
        raise NotVisible("request", uuid)
    return request


def lent_request(actor: Actor, uuid: UUID) -> Request | None:
    """The request, if it is lent to the actor now."""
    rows = Request.objects.select_related("resident", "from_facility", "centre")
    return rows.filter(lent(actor, "diagnostics.request"), uuid=uuid).first()


def request_by_number(actor: Actor, number: str) -> Request | None:
    """A visible request by the number people and devices say."""
    return requests_visible_to(actor).filter(number=number).first()


def open_imaging_requests(actor: Actor, *, taken_at: int | None = None) -> QuerySet[Request]:
    """Imaging requests whose images are awaited, the most urgent first.

    `taken_at`: what devices of this facility take: its own requests, and those of the units it manages.
    """
    requests = requests_visible_to(actor).filter(NOT_PERFORMED, kind="IMAGING")
    if taken_at is not None:
        requests = requests.filter(Q(from_facility=taken_at) | Q(from_facility__manager=taken_at))
    return requests.order_by("priority_rank", "requested_at", "id")


def visible_recording(actor: Actor, request_uuid: UUID, recording_uuid: UUID | None) -> Recording:
    """One recording of a visible request; the newest when none is named. :raises NotVisible: there is none"""
    recordings = Recording.objects.select_related("file", "request__resident").filter(
        request=visible_request(actor, request_uuid)
    )
    if recording_uuid is not None:
        recordings = recordings.filter(uuid=recording_uuid)
    recording = recordings.order_by("-uploaded_at", "-id").first()
    if recording is None:
        raise NotVisible("recording", recording_uuid or request_uuid)
    return recording


def criticals_visible_to(actor: Actor) -> QuerySet[CriticalValue]:
    """Critical values of visible requests, and those that were escalated to a unit of the actor's."""
    places = actor.places_where(Permission.REQUEST_VIEW)
    criticals = CriticalValue.objects.select_related(
        "request__resident", "request__from_facility", "request__centre", "report"
    )
    if only := kinds.kinds_worked_on(actor.permissions):
        criticals = criticals.filter(request__kind__in=only)
    if places is None:
        return criticals
    return criticals.filter(
        Q(request__from_facility__in=places)
        | Q(request__centre__in=Centre.objects.filter(facility__in=places))
        | Q(pk__in=CriticalValue.objects.filter(escalations__facility__in=places).values("pk"))
    )


def visible_critical(actor: Actor, uuid: UUID) -> CriticalValue:
    """One critical value. :raises NotVisible: out of the actor's scope"""
    critical = criticals_visible_to(actor).filter(uuid=uuid).first()
    if critical is None:
        raise NotVisible("critical", uuid)
    return critical


def centres_read_by(actor: Actor) -> QuerySet[Centre]:
    """Centres at which the actor writes reports."""
    read = _centres_where(actor, Permission.REPORT_WRITE).exclude(kind__in=kinds.own_kinds())
    for kind in kinds.own_kinds():
        if kinds.writes(kind) in actor.permissions:
            read |= _centres_where(actor, kinds.writes(kind)).filter(kind=kind)
    return read


def centres_managed_by(actor: Actor) -> QuerySet[Centre]:
    """Centres whose figures the actor answers for."""
    return _centres_where(actor, Permission.CENTRE_MANAGE)


def _centres_where(actor: Actor, permission: Permission) -> QuerySet[Centre]:
    places = actor.places_where(permission)
    centres = Centre.objects.select_related("facility").order_by("name", "id")
    return centres if places is None else centres.filter(facility__in=places)


def centres_for(facility_id: int, kind: str = "ECG") -> QuerySet[Centre]:
    """Centres a unit may ask."""
    return Centre.objects.filter(kind=kind, is_active=True, serves_everyone=True).order_by("name", "id")


def centre_to_ask(uuid: UUID) -> Centre:
    """A centre by its uuid. :raises NotVisible: there is none that works"""
    centre = Centre.objects.filter(uuid=uuid, is_active=True).first()
    if centre is None:
        raise NotVisible("centre", uuid)
    return centre


def worklist(actor: Actor, *, show: str = "all", kind: str = "", at: datetime | None = None) -> list[Request]:
    """What the actor's centres still owe: emergency, urgent, then who waits longest. At most `WORKLIST_SIZE`.

    `show`: ``all`` open ones, ``mine`` claimed by the actor, or (given the moment `at`) suggested to him by the roster.
    `kind`: of one kind of centre only.
    """
    requests = requests_visible_to(actor).filter(centre__in=centres_read_by(actor), status__in=OPEN)
    requests = requests.exclude(NOT_PERFORMED)
    if kind:
        requests = requests.filter(kind=kind)
    if show == "mine":
        requests = requests.filter(Q(claimed_by=actor.user_id) | Q(pk__in=_suggested_to(actor, at)))
    return list(requests.order_by("priority_rank", "requested_at", "id")[:WORKLIST_SIZE])


def _suggested_to(actor: Actor, at: datetime | None) -> list[int]:
    return suggested_to(actor.user_id, at=at) if at is not None and actor.user_id is not None else []


def done_at_centre(actor: Actor, *, cursor: str = "", kind: str = "") -> Page[Request]:
    """What the actor's centres have finished, newest first."""
    requests = requests_visible_to(actor).filter(centre__in=centres_read_by(actor)).exclude(status__in=OPEN)
    if kind:
        requests = requests.filter(kind=kind)
    return page_of(requests, by=("-requested_at", "-id"), cursor=cursor)


def sent_by(actor: Actor, *, status: str = "", cursor: str = "") -> Page[Request]:
    """What units of the actor's have sent, newest first. `status`: ``open``, ``done``, ``rejected``; empty for all."""
    places = actor.places_where(Permission.REQUEST_PLACE)
    requests = requests_visible_to(actor)
    if places is not None:
        requests = requests.filter(from_facility__in=places)
    wanted = {"open": OPEN, "done": REPORTED, "rejected": (RequestStatus.REJECTED,)}.get(status)
    if wanted:
        requests = requests.filter(status__in=wanted)
    return page_of(requests, by=("-requested_at", "-id"), cursor=cursor)


def critical_register(actor: Actor, *, show: str = "", cursor: str = "") -> Page[CriticalValue]:
    """The register of critical values, newest first. `show`: ``open`` for those nobody has handled yet."""
    criticals = criticals_visible_to(actor)
    if show == "open":
        criticals = criticals.filter(status__in=(CriticalStatus.NOTIFIED, CriticalStatus.CONFIRMED))
    return page_of(criticals, by=("-notified_at", "-id"), cursor=cursor)


def earlier_requests(actor: Actor, request: Request, resident_ids: list[int]) -> list[Request]:
    """Reported examinations of the same person that the actor may see, newest first, with reports and recordings: at most 10."""
    return list(
        requests_visible_to(actor)
        .filter(
            resident__in=resident_ids, kind=request.kind, status__in=REPORTED, requested_at__lt=request.requested_at
        )
        .prefetch_related("reports", "recordings")
        .order_by("-requested_at", "-id")[:10]
    )


def requests_of(actor: Actor, resident_ids: list[int], *, before: datetime, limit: int) -> list[Request]:
    """Visible requests of a person before a moment, newest first, with their reports and critical values.

    To the person himself all of his are visible.
    """
    seen = requests_readable_by(actor)
    if actor.self_uuid is not None and actor.may(Permission.OWN_RECORD):
        seen |= Request.objects.select_related("resident", "from_facility", "centre").filter(
            resident__uuid=actor.self_uuid
        )
    return list(
        seen.filter(resident__in=resident_ids, requested_at__lt=before)
        .prefetch_related("reports", "critical_values")
        .order_by("-requested_at", "-id")[:limit]
    )


def reported_of(resident_ids: list[int], *, kind: str, since: datetime) -> list[Request]:
    """Examinations of a person that somebody has begun to report, newest first, with reports, marks of quality and
    critical values.

    From all units, whatever the actor's roster says: for the look-up of results before an order, which has seen the
    person and records what it shows.
    """
    begun = (*REPORTED, RequestStatus.PRELIMINARY)
    return list(
        Request.objects.select_related("centre", "from_facility", "resident")
        .filter(resident__in=resident_ids, kind=kind, status__in=begun, requested_at__gte=since)
        .prefetch_related("reports", "quality_marks", "critical_values")
        .order_by("-requested_at", "-id")[:200]
    )
