"""What may be read of telephones and what they sent, always from an actor's point of view."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.pocket.models import Change, Device, Panel, PanelEntry
from xinglin.pocket.snapshots import snapshots_of
from xinglin.pocket.states import ChangeStatus, Status
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents


def devices_visible_to(actor: Actor) -> QuerySet[Device]:
    """The actor's own telephones; to who manages devices, all."""
    rows = Device.objects.select_related("user", "facility")
    return rows if actor.may(Permission.DEVICE_MANAGE) else rows.filter(user_id=actor.user_id or 0)


def devices_of(actor: Actor) -> list[Device]:
    """Telephones in sight, those in use first."""
    return list(devices_visible_to(actor).order_by("status", "-registered_at", "-id")[:200])


def visible_device(actor: Actor, uuid: UUID) -> Device:
    """One of them. :raises NotVisible: another's, or absent"""
    return the_one(devices_visible_to(actor), uuid=uuid)


def own_device(actor: Actor, uuid: UUID) -> Device:
    """A telephone of the actor himself. :raises NotVisible: another's, or absent"""
    found = Device.objects.select_related("facility").filter(uuid=uuid, user_id=actor.user_id or 0).first()
    if found is None:
        raise NotVisible("pocket.device", uuid)
    return found


def device_by_key(uuid: UUID, digest: bytes) -> Device | None:
    """The telephone that knows the key. For the question whether it must erase itself, which needs nobody signed in."""
    return Device.objects.filter(uuid=uuid, key_digest=digest).first()


def n_in_use(user_id: int) -> int:
    """How many telephones an account has in use."""
    return Device.objects.filter(user_id=user_id, status=Status.ACTIVE).count()


def in_use_by_closed_accounts() -> list[Device]:
    """Telephones in use whose owner's account is closed. For the job."""
    return list(Device.objects.filter(user__is_active=False, status=Status.ACTIVE).order_by("id"))


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of the feed. `upto`: where to go on; `n_left`: how many entries come after; `n_left_out`: whom the limit of a
    panel keeps off the telephone; `restart`: the telephone knows more than the server, or by other rights, and begins anew.
    """

    entries: list[tuple[int, dict[str, Any]]]
    left: list[tuple[int, str]]
    upto: int
    revision: int
    n_left: int
    n_carried: int
    n_left_out: int
    restart: bool = False


def feed(
    device: Device, *, after: int, limit: int, shows_phone: bool, shows_secret: bool, is_other: bool = False
) -> FeedPage:
    """Entries after a revision, in its order. The number of queries does not grow with the page.

    `is_other`: what the telephone holds was told by other rights. Entries come again only when their facts change.

    Whoever begins at 0 is told of nobody who left. What changes while pages are fetched comes again later.
    """
    panel = Panel.objects.get(facility_id=device.facility_id)
    rows = PanelEntry.objects.filter(panel=panel, revision__gt=after)
    carried = PanelEntry.objects.filter(panel=panel, has_left=False).count()
    n_left_out = max(0, programmes.offline.n_managed(device.facility_id) - carried)
    if after > panel.revision or (after and is_other):
        return FeedPage([], [], 0, panel.revision, carried, carried, n_left_out, restart=True)
    rows = rows.filter(has_left=False) if after == 0 else rows
    shown = list(rows.select_related("resident").order_by("revision")[:limit])
    n_left = max(0, rows.count() - len(shown))
    found = snapshots_of([each.resident_id for each in shown if not each.has_left])
    entries, left = [], []
    for each in shown:
        snapshot = found.get(each.resident_id)
        if snapshot is None:  # left just now: its own entry follows
            left.append((each.revision, str(each.resident.uuid)))
        else:
            entries.append((each.revision, snapshot.told_to(shows_phone=shows_phone, shows_secret=shows_secret)))
    upto = shown[-1].revision if n_left else panel.revision
    return FeedPage(entries, left, upto, panel.revision, n_left, carried, n_left_out)


def carried_by(device: Device) -> dict[int, UUID]:
    """Whom the telephones of the device's facility carry: uuid by id."""
    rows = PanelEntry.objects.filter(panel__facility_id=device.facility_id, has_left=False)
    return dict(rows.values_list("resident_id", "resident__uuid"))


def was_carried(facility_id: int, resident_ids: list[int]) -> bool:
    """Whether telephones of a facility have ever been given one of these registrations."""
    return PanelEntry.objects.filter(panel__facility_id=facility_id, resident_id__in=resident_ids).exists()


def reviews_visible_to(actor: Actor) -> QuerySet[Change]:
    """Changes that wait for a person, at facilities where the actor sees residents."""
    places = actor.places_where(Permission.PROGRAMME_DO)
    rows = Change.objects.select_related("resident__managed_by", "facility", "device")
    return rows if places is None else rows.filter(facility_id__in=places)


def review_list(actor: Actor, *, cursor: str = "") -> Page[Change]:
    """One page of what waits, oldest first."""
    return page_of(to_review(actor), by=("id",), cursor=cursor)


def to_review(actor: Actor) -> QuerySet[Change]:
    """Changes that wait for a person."""
    return reviews_visible_to(actor).filter(status=ChangeStatus.REVIEW)


def people_whose_reviews_stayed() -> list[UUID]:
    """Registrations about which something waits at another facility than the one that manages them now."""
    waiting = Change.objects.filter(status=ChangeStatus.REVIEW, resident__isnull=False)
    astray = waiting.exclude(facility_id=F("resident__managed_by_id"))
    return list(astray.order_by("resident__uuid").values_list("resident__uuid", flat=True).distinct())


def visible_change(actor: Actor, uuid: UUID) -> Change:
    """One change in sight. :raises NotVisible: out of scope or absent"""
    return the_one(reviews_visible_to(actor), uuid=uuid)


def panels_in_use() -> list[Panel]:
    """Panels that a telephone in use carries. For the job."""
    used = Device.objects.filter(facility_id=OuterRef("facility_id"), status=Status.ACTIVE)
    return list(Panel.objects.filter(Exists(used)).order_by("id"))


def last_own_correction(device: Device, resident_id: int, field: str) -> Change | None:
    """The telephone's own latest correction of a field that was applied."""
    rows = Change.objects.filter(
        Q(status=ChangeStatus.DONE), device=device, resident_id=resident_id, kind="correction", code=field
    )
    return rows.order_by("-happened_at", "-id").first()


def settled(device: Device) -> list[Change]:
    """The telephone's changes that somebody has looked at, newest first: so that it hears of them."""
    rows = Change.objects.filter(device=device, status__in=[ChangeStatus.ADOPTED, ChangeStatus.REJECTED])
    return list(rows.order_by("-status_changed_at", "-id")[:200])


def current_value(change: Change) -> Any:
    """What stands now in the field a correction is about."""
    content = json.loads(change.content or "{}")
    return getattr(residents.registration(change.resident.uuid), content["field"], "") if change.resident else ""
