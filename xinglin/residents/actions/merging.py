"""Two registrations of one person become one, and can be taken apart again.

Both keep their rows, their visits and their rosters; the merged one points to the one kept. Pointers are never more
than one deep: merging a registration that others were merged into moves their pointers along, and says so in the merge.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import permissions, policies, roster
from xinglin.residents.events import Event
from xinglin.residents.fields import one_line
from xinglin.residents.models import Merge, Resident
from xinglin.residents.states import TRANSITIONS, Status

MIN_REASON = 4


@transaction.atomic
def merge_residents(
    *, kept: Resident, merged: Resident, reason: str, evidence: Mapping[str, Any] | None = None, by: Actor, at: datetime
) -> Merge:
    """Say that two registrations are one person; `kept` goes on, `merged` points to it.

    `evidence` is what was compared (codes and scores, no personal data); the changes made are noted beside it, so that
    `unmerge` restores exactly.

    :raises NotPermitted: no right to merge where both are on a roster
    :raises Conflict: the same registration, or one of them was merged meanwhile
    :raises InvalidInput: no reason
    """
    permissions.may_merge(by, kept, merged).require()
    reason = _reason(reason)
    kept, merged = _locked(kept, merged)
    policies.can_be_merged(kept, merged).require()
    carried = list(Resident.objects.filter(merged_into=merged).order_by("pk").values_list("pk", flat=True))
    was = merged.status
    move(
        merged,
        table=TRANSITIONS,
        to=Status.MERGED,
        by=by,
        at=at,
        reason_code="duplicate",
        reason=reason,
        merged_into=kept,
    )
    Resident.objects.filter(pk__in=carried).update(merged_into=kept)
    rosters = roster.copy_rosters(source=merged, target=kept, at=at)
    merge = Merge.objects.create(
        kept=kept,
        merged=merged,
        reason=reason,
        merged_at=at,
        merged_by=by.user_id,
        evidence={**(evidence or {}), "was": was, "carried": carried, "rosters": rosters},
    )
    _tell(Event.MERGED, merge, kept, merged, reason=reason, by=by, at=at)
    return merge


@transaction.atomic
def unmerge(*, merge: Merge, reason: str, by: Actor, at: datetime) -> Resident:
    """Take a merge back: the merged registration lives again as it was; rosters and pointers are restored.

    A unit that treated the person after the merge keeps him on its roster. What was written to the kept registration
    since the merge stays there.

    :raises Conflict: undone already, the identity was registered again meanwhile, or the kept one was itself merged
    """
    permissions.may_unmerge(by, merge.kept).require()
    reason = _reason(reason)
    kept, merged = _locked(merge.kept, merge.merged)
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    policies.can_be_undone(merge).require()
    if _identity_taken(merged):
        raise Conflict(_("同一证件已另有在册档案，不能撤销合并。"), code="identity-taken")
    merge.undone_at, merge.undone_by, merge.undo_reason = at, by.user_id, reason
    merge.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    move(
        merged,
        table=TRANSITIONS,
        to=Status(merge.evidence["was"]),
        by=by,
        at=at,
        reason_code="merge-undone",
        reason=reason,
        merged_into=None,
    )
    Resident.objects.filter(pk__in=merge.evidence["carried"], status=Status.MERGED).update(merged_into=merged)
    roster.take_back_rosters(target=kept, changes=merge.evidence["rosters"])
    _tell(Event.UNMERGED, merge, kept, merged, reason=reason, by=by, at=at)
    return merged


def _tell(
    event: Event, merge: Merge, kept: Resident, merged: Resident, *, reason: str, by: Actor, at: datetime
) -> None:
    """One record for each of the two: both people's logs must show it."""
    first, second = str(kept.uuid), str(merged.uuid)
    for each in (kept, merged):
        announce(event, obj=merge, subject=each.uuid, by=by, at=at, reason=reason, kept=first, merged=second)


def _locked(first: Resident, second: Resident) -> tuple[Resident, Resident]:
    """Both rows, locked in order of id, so that two merges of one pair wait for each other and never for ever."""
    rows = Resident.objects.select_for_update().filter(pk__in=[first.pk, second.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[first.pk], found[second.pk]


def _identity_taken(merged: Resident) -> bool:
    same = Resident.objects.filter(identity_index=merged.identity_index).exclude(status=Status.MERGED)
    return same.exclude(pk=merged.pk).exists()


def _reason(text: str) -> str:
    reason = one_line("reason", text, 400)
    if len(reason) < MIN_REASON:
        raise InvalidInput(_("请写明理由，至少 4 个字。"), fields={"reason": _("请写明理由，至少 4 个字。")})
    return reason
