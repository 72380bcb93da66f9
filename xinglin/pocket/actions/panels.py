"""The feed of a panel: an entry for each resident, at the revision at which there was something new to tell of him.

Entries follow from what others did. Nobody does them, and no audit record is theirs: that of what they follow from stands.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from xinglin.pocket.models import Panel, PanelEntry
from xinglin.pocket.settings import rule
from xinglin.pocket.snapshots import Snapshot, snapshots_of
from xinglin.programmes import api as programmes

#: So many residents are looked at in one go.
CHUNK = 250


def refresh_resident(*, resident_id: int) -> None:
    """Bring the entries of a resident up to date on every panel he is on or should be on; safe to run again."""
    place = programmes.offline.place_of(resident_id)
    known = PanelEntry.objects.filter(resident_id=resident_id).values_list("panel_id", flat=True)
    here = Panel.objects.filter(facility_id=place).values_list("pk", flat=True) if place is not None else []
    with transaction.atomic():
        for panel in Panel.objects.select_for_update().filter(pk__in={*known, *here}).order_by("pk"):
            _write(panel, [resident_id])


def repair_panel(*, panel: Panel) -> int:
    """Compare a whole panel with the records and write what differs: how many entries that were. Most find none.

    Whoever is carried stays; places that are free go to the most urgent.
    """
    with transaction.atomic():
        panel = Panel.objects.select_for_update().get(pk=panel.pk)
        carried = set(PanelEntry.objects.filter(panel=panel, has_left=False).values_list("resident_id", flat=True))
        managed = programmes.offline.managed_ids(panel.facility_id, limit=100_000)
        order = [each for each in managed if each in carried] + [each for each in managed if each not in carried]
        wanted = [*(carried - set(managed)), *order[: rule("panel", "most")]]  # who left makes room
        return sum(_write(panel, wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def _write(panel: Panel, resident_ids: Sequence[int]) -> int:
    """Write the entries of these residents that are not as they should be. The panel's row is locked."""
    found = {pk: each for pk, each in snapshots_of(resident_ids).items() if each.facility_id == panel.facility_id}
    known = {each.resident_id: each for each in PanelEntry.objects.filter(panel=panel, resident_id__in=resident_ids)}
    free = rule("panel", "most") - PanelEntry.objects.filter(panel=panel, has_left=False).count()
    new: list[PanelEntry] = []
    changed: list[PanelEntry] = []
    for pk in resident_ids:
        snapshot, entry = found.get(pk), known.get(pk)
        if snapshot is None:
            changed.extend(_left(entry))
        elif entry is None or entry.has_left:
            if free <= 0:
                continue
            free -= 1
            (new if entry is None else changed).append(entry or PanelEntry(panel=panel, resident_id=pk))
        elif bytes(entry.digest) != snapshot.digest:
            changed.append(entry)
    for entry in (*new, *changed):
        panel.revision += 1
        _fill(entry, found.get(entry.resident_id), panel.revision)
    PanelEntry.objects.bulk_create(new)
    PanelEntry.objects.bulk_update(changed, _FILLED)
    Panel.objects.filter(pk=panel.pk).update(revision=panel.revision)
    return len(new) + len(changed)


def _left(entry: PanelEntry | None) -> Iterable[PanelEntry]:
    return [entry] if entry is not None and not entry.has_left else []


_FILLED = ("revision", "digest", "has_left", "phone_digest", "phone_revision", "address_digest", "address_revision")


def _fill(entry: PanelEntry, snapshot: Snapshot | None, revision: int) -> None:
    entry.revision, entry.has_left = revision, snapshot is None
    entry.digest = snapshot.digest if snapshot else b""
    if snapshot is None:
        return
    for field in ("phone", "address"):
        digest = getattr(snapshot, f"{field}_digest")
        if bytes(getattr(entry, f"{field}_digest") or b"") != digest:
            setattr(entry, f"{field}_digest", digest)
            setattr(entry, f"{field}_revision", revision)
