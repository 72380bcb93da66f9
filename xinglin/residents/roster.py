"""Writing rosters: who stands where, and why. Called by actions only, inside their transaction or statement."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from xinglin.platform.instances import new
from xinglin.platform.together import Upsert, insert_together
from xinglin.residents.models import Resident, RosterEntry

Basis = RosterEntry.Basis

# Two at once make one row; a row in force is touched only when something about it changes.
_IF_THERE = """
ON CONFLICT (facility_id, resident_id) DO UPDATE SET
  since = CASE WHEN it.until IS NULL THEN it.since ELSE excluded.since END,
  basis = CASE WHEN it.until IS NULL AND excluded.basis <> 'MANAGED' THEN it.basis ELSE excluded.basis END,
  served_at = COALESCE(it.served_at, excluded.served_at), until = NULL
WHERE it.until IS NOT NULL OR (excluded.basis = 'MANAGED' AND it.basis <> 'MANAGED')
  OR (it.served_at IS NULL AND excluded.served_at IS NOT NULL)
"""


def note_on_roster(*, resident: Resident, facility_id: int, basis: str, at: datetime) -> None:
    """Put a resident on the roster of a facility, or leave him there; safe to call again.

    A managed resident stays MANAGED when he visits; `served_at` remembers that the unit has treated him, so that it
    keeps reading what it wrote after he is transferred.
    """
    insert_together([roster_row(resident=resident, facility_id=facility_id, basis=basis, at=at)])


def roster_row(*, resident: Resident, facility_id: int, basis: str, at: datetime) -> Upsert:
    """The row `note_on_roster` writes, not written yet: for an action that writes it together with its own rows."""
    entry = new(
        RosterEntry, facility_id=facility_id, resident_id=resident.pk, basis=basis, since=at,
        served_at=None if basis == Basis.MANAGED else at, name=resident.name, initials=resident.initials,
        pinyin=resident.pinyin,
    )  # fmt: skip
    return Upsert(entry, _IF_THERE)


def end_on_roster(*, resident_id: int, facility_id: int, basis: str, until: datetime) -> None:
    """Let an entry of this basis end at a moment; what ends already, or stands for another reason, stays."""
    entries = RosterEntry.objects.filter(resident_id=resident_id, facility_id=facility_id, basis=basis)
    entries.filter(until__isnull=True).update(until=until)


def managing_ids(resident: Resident) -> list[int]:
    """The facility that manages a resident, and the units above it (a clinic's township hospital)."""
    ids: list[int] = []
    facility: Any = resident.managed_by
    while facility is not None and facility.pk not in ids:
        ids.append(facility.pk)
        facility = facility.manager
    return ids


def place_under_management(resident: Resident, *, at: datetime) -> None:
    """Put a resident on the rosters of his managing facility and of the units above it."""
    for facility_id in managing_ids(resident):
        note_on_roster(resident=resident, facility_id=facility_id, basis=Basis.MANAGED, at=at)


def leave_management(resident: Resident, *, keep: list[int], at: datetime) -> None:
    """End the managed entries outside `keep`; a unit that has treated the resident stays, as one he visited."""
    left = RosterEntry.objects.filter(resident=resident, basis=Basis.MANAGED, until__isnull=True).exclude(
        facility_id__in=keep
    )
    left.filter(served_at__isnull=False).update(basis=Basis.VISIT)
    left.update(until=at)


def rename_on_rosters(resident: Resident) -> None:
    """Bring the copies of name, pinyin and initials up to date."""
    RosterEntry.objects.filter(resident=resident).update(
        name=resident.name, initials=resident.initials, pinyin=resident.pinyin
    )


def copy_rosters(*, source: Resident, target: Resident, at: datetime) -> dict[str, object]:
    """Put `target` on every roster `source` stands on; returns what was changed, so that it can be taken back."""
    added: list[int] = []
    reopened: dict[str, dict[str, str]] = {}
    present = {entry.facility_id: entry for entry in RosterEntry.objects.filter(resident=target)}
    in_force = Q(until__isnull=True) | Q(until__gt=at)
    for entry in RosterEntry.objects.filter(in_force, resident=source).order_by("facility_id"):
        own = present.get(entry.facility_id)
        basis = Basis.VISIT if entry.basis == Basis.MANAGED else entry.basis
        if own is None:
            RosterEntry.objects.create(
                facility_id=entry.facility_id,
                resident=target,
                basis=basis,
                since=at,
                name=target.name,
                initials=target.initials,
                pinyin=target.pinyin,
            )
            added.append(entry.facility_id)
        elif own.until is not None and own.until <= at:
            reopened[str(entry.facility_id)] = {
                "until": own.until.isoformat(),
                "since": own.since.isoformat(),
                "basis": own.basis,
            }
            RosterEntry.objects.filter(pk=own.pk).update(until=None)
    return {"added": added, "reopened": reopened}


def take_back_rosters(*, target: Resident, changes: dict[str, object]) -> None:
    """Undo `copy_rosters`. A unit that has treated the person since then keeps him on its roster."""
    added, reopened = changes.get("added") or [], changes.get("reopened") or {}
    rows = RosterEntry.objects.filter(resident=target)
    rows.filter(facility_id__in=added, served_at__isnull=True).delete()  # type: ignore[misc]
    for facility_id, was in reopened.items():  # type: ignore[attr-defined]
        rows.filter(Q(served_at__isnull=True) | Q(served_at__lt=F("since")), facility_id=int(facility_id)).update(
            until=datetime.fromisoformat(was["until"]), basis=was["basis"]
        )
