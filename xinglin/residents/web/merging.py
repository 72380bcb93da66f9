"""Comparing two registrations, merging them, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import Permission, signed_in
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.residents import actions, duplicates, permissions, queries, searching
from xinglin.residents.events import Event
from xinglin.residents.models import Merge, Resident
from xinglin.residents.web import forms
from xinglin.residents.web.pages import Row
from xinglin.residents.web.person import facts_of
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@dataclass(frozen=True)
class MergePage:
    """Two registrations side by side; before the second is chosen, the likely ones."""

    resident: Resident
    other: Resident | None
    rows: Sequence[tuple[str, str, str, bool]]
    score: int
    reasons: Sequence[object]
    decision: Decision | None
    candidates: Sequence[duplicates.Match]
    found: Sequence[tuple[Row, UUID]]
    q: str
    back_url: str
    message: object = ""

    @classmethod
    def build(
        cls, actor: Actor, resident: Resident, other: Resident | None, *, q: str, at: datetime, message: object = ""
    ) -> "MergePage":
        """Compare, or offer what to compare with."""
        back = reverse("residents:detail", args=[resident.uuid]) + "?tab=basic"
        if other is None:
            candidates = duplicates.probable_matches(resident, by=actor)
            found = searching.search(actor, q, at=at).rows if q.strip() else []
            others = [(Row.of(each, actor), each.uuid) for each in found if each.pk != resident.pk]
            return cls(resident, None, [], 0, [], None, candidates, others, q, back, message)
        score, reasons = duplicates.rate(resident, other)
        reveal = bool(permissions.may_reveal(actor))
        left, right = facts_of(resident, reveal=reveal), facts_of(other, reveal=reveal)
        rows = [(label, mine, theirs[1], mine != theirs[1]) for (label, mine), theirs in zip(left, right, strict=True)]
        decision = permissions.may_merge(actor, resident, other)
        return cls(resident, other, rows, min(score, 99), reasons, decision, [], [], q, back, message)


@require_http_methods(["GET", "POST"])
@signed_in
def merge(request: Request, uuid: UUID) -> HttpResponse:
    """Find the second registration, compare, choose the one that stays, say why."""
    actor, now = request.actor, clock.now()
    actor.may(Permission.RESIDENT_MERGE).require()
    resident = queries.visible_resident(actor, uuid, at=now)
    second = forms.uuid_or_none(request.POST.get("other") or request.GET.get("other") or "")
    other = queries.visible_resident(actor, second, at=now) if second else None
    q = request.GET.get("q", "")[:60]
    message: object = ""
    if request.method == "POST":
        if other is None:
            raise NotVisible("residents.resident", second or "")
        try:
            return write_once(request, lambda: _merge(request, resident, other, now), _("已合并。"))
        except InvalidInput as error:
            message = error.message
    for each in (resident, other) if other else (resident,):
        audit.look(Event.COMPARED, by=actor, at=now, subject=each.uuid)
    shown = MergePage.build(actor, resident, other, q=q, at=now, message=message)
    return page(request, "residents/merge.html", status=422 if message else 200, page=shown)


def _merge(request: Request, resident: Resident, other: Resident, now: datetime) -> str:
    kept, merged = (other, resident) if request.POST.get("keep") == str(other.uuid) else (resident, other)
    score, _reasons = duplicates.rate(kept, merged)
    done = actions.merge_residents(
        kept=kept,
        merged=merged,
        reason=request.POST.get("reason", ""),
        evidence={"score": score},
        by=request.actor,
        at=now,
    )
    return reverse("residents:detail", args=[done.kept.uuid]) + "?tab=basic"


@require_http_methods(["GET", "POST"])
@signed_in
def undo(request: Request, uuid: UUID) -> HttpResponse:
    """Take a merge back, with the reason."""
    now = clock.now()
    found: Merge = queries.visible_merge(request.actor, uuid)
    message: object = ""

    def save() -> str:
        back = actions.unmerge(merge=found, reason=request.POST.get("reason", ""), by=request.actor, at=now)
        return reverse("residents:detail", args=[back.uuid]) + "?tab=basic"

    if request.method == "POST":
        try:
            return write_once(request, save, _("已撤销合并，两份档案各自恢复。"))
        except InvalidInput as error:
            message = error.message
    for each in (found.kept, found.merged):
        audit.look(Event.COMPARED, by=request.actor, at=now, subject=each.uuid)
    back_url = reverse("residents:detail", args=[found.kept.uuid]) + "?tab=basic"
    return page(
        request,
        "residents/undo_merge.html",
        status=422 if message else 200,
        merge=found,
        message=message,
        back_url=back_url,
    )
