"""What may be read, always from an actor's point of view: images of residents he treats, of requests his centre reads or
his unit sent, and what waits to be matched where he matches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, ForeignObjectRel, Max, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging.models import ArchiveFault, Conflict, DicomNode, Instance, Refusal, Series, Study
from xinglin.imaging.permissions import reads_images
from xinglin.imaging.states import StudyStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.lending import lent
from xinglin.platform.models import StoredFile
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents


def studies_visible_to(actor: Actor) -> QuerySet[Study]:
    """Studies of residents on a roster of the actor's, of requests he sees, lent to him, and those that wait where he
    matches.
    """
    studies = Study.objects.select_related("resident", "request", "facility")
    if actor.kind == "system":
        return studies
    # Lent for a while: the study itself, or the request it answers.
    seen = lent(actor, "imaging.study") | lent(actor, "diagnostics.request", by="request__uuid")
    if actor.may(Permission.REQUEST_VIEW):
        seen |= Q(request__in=diagnostics.requests_visible_to(actor).values("pk"))
        if actor.may(Permission.RESIDENT_VIEW):
            seen |= Q(resident__in=residents.residents_visible_to(actor).values("pk"))
        if reads_images(actor):
            # Whoever reads somebody's examination reads his former ones beside it.
            asked = diagnostics.requests_visible_to(actor).filter(kind="IMAGING").values("resident")
            seen |= Q(resident__in=asked)
    return studies.filter(seen | _waiting_where(actor))


def _waiting_where(actor: Actor) -> Q:
    if not actor.may(Permission.IMAGE_MATCH):
        return Q(pk__in=())
    nobodys = ~Q(status=StudyStatus.MATCHED)
    places = actor.places_where(Permission.IMAGE_MATCH)
    if places is None or reads_images(actor):
        return nobodys
    return nobodys & Q(facility__in=places)


def visible_study(actor: Actor, uuid: UUID) -> Study:
    """One study by our own identifier. :raises NotVisible: out of scope or absent"""
    return the_one(studies_visible_to(actor), uuid=uuid)


def visible_study_by_uid(actor: Actor, study_uid: str) -> Study:
    """One study by its DICOM identifier. :raises NotVisible: out of scope or absent"""
    study = studies_visible_to(actor).filter(study_uid=study_uid[:64]).first()
    if study is None:
        raise NotVisible("imaging.study", study_uid[:64])
    return study


def series_of(study: Study, series_uid: str = "") -> list[Series]:
    """The series of a visible study in their order; the one named, if any. :raises NotVisible: it is not of this study"""
    found = Series.objects.select_related("study").filter(study=study).order_by("number", "id")
    if series_uid:
        found = found.filter(series_uid=series_uid)
    rows = list(found)
    if series_uid and not rows:
        raise NotVisible("imaging.series", series_uid[:64])
    return rows


def instances_of(study: Study, *, series_uid: str = "", sop_uid: str = "") -> QuerySet[Instance]:
    """Instances of a visible study in their order."""
    found = Instance.objects.select_related("series__study", "file").filter(series__study=study)
    if series_uid:
        found = found.filter(series__series_uid=series_uid)
    if sop_uid:
        found = found.filter(sop_uid=sop_uid)
    return found.order_by("series__number", "series_id", "number", "id")


def instance_of(study: Study, series_uid: str, sop_uid: str) -> Instance:
    """One instance of a visible study. :raises NotVisible: it is not of this study and series"""
    found = instances_of(study, series_uid=series_uid, sop_uid=sop_uid).first()
    if found is None:
        raise NotVisible("imaging.instance", sop_uid[:64])
    return found


def unmatched(actor: Actor) -> QuerySet[Study]:
    """Studies nobody has matched yet, where the actor matches."""
    return Study.objects.filter(_waiting_where(actor), status=StudyStatus.UNMATCHED)


def waiting(actor: Actor, *, cursor: str = "") -> Page[Study]:
    """Studies nobody has matched yet, where the actor matches, newest first."""
    return page_of(unmatched(actor).select_related("facility", "node"), by=("-received_at", "-id"), cursor=cursor)


def received(actor: Actor, *, cursor: str = "") -> Page[Study]:
    """Every study the actor may see, newest first."""
    return page_of(studies_visible_to(actor), by=("-received_at", "-id"), cursor=cursor)


def studies_of_request(request_id: int) -> list[Study]:
    """The images of a request, in the order they came. Its reader sees the request."""
    return list(Study.objects.filter(request=request_id).order_by("received_at", "id"))


def earlier_studies(actor: Actor, resident_ids: list[int], *, without: int | None) -> list[Study]:
    """Other studies of the person that the actor may see, newest first: at most 20."""
    found = studies_visible_to(actor).filter(resident__in=resident_ids)
    if without is not None:
        found = found.exclude(request=without)
    return list(found.order_by("-taken_at", "-id")[:20])


def open_conflicts(actor: Actor) -> list[Conflict]:
    """Conflicts nobody has settled, where the actor matches: at most 50, newest first."""
    conflicts = Conflict.objects.select_related("instance__series__study", "facility").filter(settled_at__isnull=True)
    places = actor.places_where(Permission.IMAGE_MATCH)
    if places is not None and not reads_images(actor):
        conflicts = conflicts.filter(facility__in=places)
    return list(conflicts.order_by("-received_at")[:50]) if actor.may(Permission.IMAGE_MATCH) else []


def visible_conflict(actor: Actor, uuid: UUID) -> Conflict:
    """One of them. :raises NotVisible: out of scope or absent"""
    found = next((each for each in open_conflicts(actor) if each.uuid == uuid), None)
    if found is None:
        raise NotVisible("imaging.conflict", uuid)
    return found


def _to_be_tried(at: datetime) -> Q:
    return Q(fault__isnull=True) | Q(fault__next_try_at__lte=at)


def to_archive(*, at: datetime, most: int) -> list[Instance]:
    """Instances that are not in the outside archive yet, oldest first, those aside that failed lately."""
    found = Instance.objects.select_related("series__study", "file").filter(_to_be_tried(at), archived_at__isnull=True)
    return list(found.order_by("id")[:most])


def to_remove(*, archived_before: datetime, at: datetime, most: int) -> list[Instance]:
    """Instances whose bytes need not lie here any longer. What has no pixels is small, and stays."""
    found = Instance.objects.select_related("series__study", "file").filter(
        _to_be_tried(at), archived_at__lte=archived_before, removed_at__isnull=True, rows__gt=0
    )
    return list(found.exclude(used_elsewhere()).order_by("archived_at")[:most])


def used_elsewhere() -> Exists:
    """Of an instance: whether its very bytes belong to something else, too, such as a recording."""
    uses = [
        each.related_model._default_manager.filter(**{each.field.name: OuterRef("file")}).order_by().values("pk")
        for each in StoredFile._meta.get_fields(include_hidden=True)
        if isinstance(each, ForeignObjectRel) and each.related_model is not Instance
    ]
    return Exists(uses[0].union(*uses[1:], all=True))


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """The outside archive: how many instances wait for it, and the newest faults, at most 10."""

    n_waiting: int
    faults: list[ArchiveFault]


def archive_state() -> ArchiveState:
    """For who looks after devices. Two queries, each by its index."""
    n_waiting = Instance.objects.filter(archived_at__isnull=True).count()
    faults = ArchiveFault.objects.select_related("instance__series__study__facility").order_by("-noted_at", "-id")
    return ArchiveState(n_waiting, list(faults[:10]))


def only_there(*, study_uid: str = "", after: int = 0, most: int = 100) -> list[Instance]:
    """Instances whose bytes are in the outside archive alone, in the order they came, from one after `after`; of one
    study or of all. For the command.
    """
    found = Instance.objects.select_related("series__study", "file").filter(removed_at__isnull=False, pk__gt=after)
    if study_uid:
        found = found.filter(series__study__study_uid=study_uid)
    return list(found.order_by("pk")[:most])


def archive_counts() -> dict[str, Any]:
    """For the command: instances that are in the outside archive, those that are there alone, and when the newest
    went. Reads the whole table.
    """
    return Instance.objects.aggregate(
        archived=Count("archived_at"), only_there=Count("removed_at"), newest=Max("archived_at")
    )


def nodes() -> list[DicomNode]:
    """Devices that may speak to us, by facility and name. For who looks after devices, and for the listener."""
    return list(DicomNode.objects.select_related("facility").filter(is_active=True).order_by("facility__name", "name"))


def node_by_uuid(uuid: UUID) -> DicomNode:
    """One device. :raises NotVisible: there is none"""
    node = DicomNode.objects.select_related("facility").filter(uuid=uuid, is_active=True).first()
    if node is None:
        raise NotVisible("imaging.node", uuid)
    return node


def newest_refusals() -> list[Refusal]:
    """What was not taken in lately: at most 50."""
    return list(Refusal.objects.select_related("facility", "node").order_by("-refused_at")[:50])
