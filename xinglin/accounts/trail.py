"""Reading the audit trail: the audit administrator all of it, everybody his own, a person what concerns him."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from xinglin.accounts.data import Permission
from xinglin.accounts.models import EmergencyAccess, User
from xinglin.platform.actors import Actor
from xinglin.platform.crypto import provider
from xinglin.platform.models import AuditRecord, AuditSeal
from xinglin.platform.paging import Page, page_of

MAX_EXPORTED = 50_000
BROAD_DAYS = 7


@dataclass(frozen=True)
class AuditFilter:
    """What to look for; empty fields do not narrow. `actor` is a user name or a name."""

    actor: str = ""
    subject: UUID | None = None
    event: str = ""
    outcome: str = ""
    day: date | None = None
    emergency: bool = False

    @property
    def is_broad(self) -> bool:
        """Whether only fields are given that no index helps to find."""
        return bool(self.event or self.outcome) and not (self.actor or self.subject or self.day or self.emergency)

    def for_audit(self) -> dict[str, str]:
        """What was looked for, as the record of the reading keeps it."""
        fields = {
            "event": self.event,
            "outcome": self.outcome,
            "day": str(self.day or ""),
            "by_actor": "yes" if self.actor else "",
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class ChainState:
    """The latest seal: when, up to which record, whether its signature holds, how many records wait for the next."""

    sealed_at: datetime | None
    number: int
    last_id: int
    n_open: int
    signature_holds: bool
    n_anchors: int


def audit_records(actor: Actor, wanted: AuditFilter, *, at: datetime) -> QuerySet[AuditRecord]:
    """The records an audit administrator may read (those of his places, or all), the latest first.

    A search that no index helps (`AuditFilter.is_broad`) covers the latest `BROAD_DAYS` days only.

    :raises NotPermitted: the actor is not an audit administrator
    """
    actor.may(Permission.AUDIT_READ).require()
    records = AuditRecord.objects.order_by("-id")
    places = actor.places_where(Permission.AUDIT_READ)
    if places is not None and actor.kind != "system":
        records = records.filter(place__in=places)
    if wanted.actor:
        known = User.objects.filter(Q(username=wanted.actor.lower()) | Q(name=wanted.actor)).values_list(
            "pk", flat=True
        )[:50]
        records = records.filter(actor_id__in=list(known)) if known else records.filter(actor_name=wanted.actor)
    if wanted.subject:
        records = records.filter(subject_uuid=wanted.subject)
    if wanted.event:
        records = records.filter(event__startswith=wanted.event)
    if wanted.outcome:
        records = records.filter(outcome=wanted.outcome)
    if wanted.emergency:
        records = records.filter(emergency=True)
    if wanted.day:
        return _of_day(records, wanted.day)
    return records.filter(id__gt=_latest_id_before(at - timedelta(days=BROAD_DAYS))) if wanted.is_broad else records


def _of_day(records: QuerySet[AuditRecord], day: date) -> QuerySet[AuditRecord]:
    """Narrow to a local day. The seals say between which ids it lies, so that the trail is not read from end to end."""
    starts = timezone.make_aware(datetime.combine(day, time.min))
    ends = starts + timedelta(days=1)
    after = (
        AuditSeal.objects.filter(sealed_at__gte=ends + timedelta(hours=1))
        .order_by("id")
        .values_list("last_id", flat=True)
        .first()
    )
    if after is not None:
        records = records.filter(id__lte=after)
    return records.filter(id__gt=_latest_id_before(starts), at__gte=starts, at__lt=ends)


def _latest_id_before(moment: datetime) -> int:
    return AuditSeal.objects.filter(sealed_at__lt=moment).order_by("-id").values_list("last_id", flat=True).first() or 0


def own_records(actor: Actor) -> QuerySet[AuditRecord]:
    """What the actor did and saw."""
    return AuditRecord.objects.filter(actor_id=actor.user_id).order_by("-id")


def audit_of_subject(subject_uuid: UUID, *, cursor: str = "", size: int = 20) -> Page[AuditRecord]:
    """Who looked at or changed a person's data, the latest first. The caller has checked that the reader may know."""
    return page_of(AuditRecord.objects.filter(subject_uuid=subject_uuid), by=["-id"], cursor=cursor, size=size)


def records_under(access: EmergencyAccess) -> QuerySet[AuditRecord]:
    """Each request made under an emergency access."""
    ended = access.closed_at or access.ends_at
    return AuditRecord.objects.filter(
        subject_uuid=access.subject_uuid, actor_id=access.user_id, at__gte=access.opened_at, at__lte=ended
    ).order_by("id")


def exported_rows(records: QuerySet[AuditRecord]) -> Iterator[list[object]]:
    """Rows of an export, at most `MAX_EXPORTED`, streamed."""
    for row in records[:MAX_EXPORTED].iterator(chunk_size=2_000):
        yield [
            row.pk, timezone.localtime(row.at).isoformat(timespec="seconds"), row.event, row.outcome, row.actor_kind,
            row.actor_name, row.actor_id, row.place, row.subject_uuid, row.object_kind, row.object_key, row.reason,
            row.emergency, row.address, row.request_id,
        ]  # fmt: skip


def chain_state() -> ChainState:
    """How the seal chain stands, from its latest link. The whole chain is verified by ``python -m xinglin audit``."""
    head = AuditSeal.objects.order_by("-id").first()
    last_id = head.last_id if head else 0
    n_anchors = sum(1 for _ in settings.ANCHORS_DIR.glob("*.json")) if settings.ANCHORS_DIR.is_dir() else 0
    return ChainState(
        sealed_at=head.sealed_at if head else None,
        number=head.pk if head else 0,
        last_id=last_id,
        n_open=AuditRecord.objects.filter(id__gt=last_id).count(),
        signature_holds=head is not None and provider().verify(bytes(head.digest), bytes(head.signature)),
        n_anchors=n_anchors,
    )
