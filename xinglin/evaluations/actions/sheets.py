"""A unit checks itself: points line by line, files as proof, then the whole sent in."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.evaluations import permissions
from xinglin.evaluations.actions.scores import held_item, held_sheet, plan_of
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Evidence, ItemScore, Sheet
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.states import SHEET_TRANSITIONS, SheetStatus
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move

MAX_BYTES = 20 * 1_048_576
#: Papers and pictures; a zip is what office programs write.
ACCEPTED = ("application/pdf", "image/png", "image/jpeg", "application/zip")
MOST_FILES = 20


@transaction.atomic
def claim_item(
    *, item: ItemScore, claims: Sequence[int], words: str, revision: int | None = None, by: Actor, at: datetime
) -> ItemScore:
    """Write down what the unit gives itself for each line of an item, in hundredths, in the order of the plan.

    :raises NotPermitted: not the own unit. :raises Conflict: the self-check is over, or somebody else wrote meanwhile
    """
    now = held_item(item, revision)
    permissions.may_check(by, now.sheet, at=at).require()
    checks = plan_of(now.sheet.round).item(now.code).checks
    if not checks or now.basis != Basis.WAITING:
        raise Conflict(_("这一项由数据计算，不用自查。"), code="computed")
    fields = {
        f"claim_{n}": _("应在0到%(most)s之间。") % {"most": f"{one.points / 100:g}"}
        for n, one in enumerate(checks)
        if n >= len(claims) or not 0 <= claims[n] <= one.points
    }
    if fields or len(claims) != len(checks):
        raise InvalidInput(_("自查得分不对。"), fields=fields or {"claims": _("每一条都要填。")})
    now.claims, now.claimed, now.claim_words = list(claims), sum(claims), clean(words, "words", most=500)
    now.revision += 1
    now.save(update_fields=["claims", "claimed", "claim_words", "revision"])
    announce(Event.CLAIMED, obj=now, by=by, at=at, place=now.sheet.facility_id, code=now.code, claimed=now.claimed)
    return now


@transaction.atomic
def add_evidence(*, item: ItemScore, content: files.Content, name: str, by: Actor, at: datetime) -> Evidence:
    """Give a file as proof. :raises TooLarge: over 20 MB. :raises InvalidInput: no PDF, picture or office file"""
    now = held_item(item, None)
    permissions.may_check(by, now.sheet, at=at).require()
    if now.evidence.filter(withdrawn_at__isnull=True).count() >= MOST_FILES:
        raise Conflict(_("一项最多%(n)d个文件。") % {"n": MOST_FILES}, code="too-many-files")
    stored = files.store(content, at=at, max_bytes=MAX_BYTES, accept=ACCEPTED)
    try:
        with transaction.atomic():
            made = Evidence.objects.create(
                item=now, file=stored, name=clean(name, "file", most=120, least=1), added_at=at, added_by=by.user_id or 0,
                added_by_name=by.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这个文件已经上传。"), code="same-file") from error
    announce(Event.EVIDENCE_ADDED, obj=made, by=by, at=at, place=now.sheet.facility_id, code=now.code, size=stored.size)
    return made


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, by: Actor, at: datetime) -> Evidence:
    """Take a file back that was given by mistake. :raises Conflict: it was taken back, or the self-check is over"""
    now = held_item(evidence.item, None)
    permissions.may_check(by, now.sheet, at=at).require()
    found = Evidence.objects.filter(pk=evidence.pk, withdrawn_at__isnull=True)
    if not found.update(withdrawn_at=at, withdrawn_by=by.user_id or 0):
        raise Conflict(_("这个文件已经撤回。"), code="withdrawn")
    evidence.refresh_from_db()
    announce(Event.EVIDENCE_WITHDRAWN, obj=evidence, by=by, at=at, place=now.sheet.facility_id, code=now.code)
    return evidence


@transaction.atomic
def submit_sheet(*, sheet: Sheet, by: Actor, at: datetime) -> Sheet:
    """Send the self-check in.

    :raises InvalidInput: an item has no points, or no file where the plan wants one
    """
    now = held_sheet(sheet)
    permissions.may_check(by, now, at=at).require()
    plan, fields = plan_of(now.round), {}
    for each in now.items.filter(basis=Basis.WAITING):
        said = plan.item(each.code)
        if each.claimed is None:
            fields[each.code] = _("%(item)s：还没有自评得分。") % {"item": said.title}
        elif said.needs_evidence and not each.evidence.filter(withdrawn_at__isnull=True).exists():
            fields[each.code] = _("%(item)s：需要上传佐证。") % {"item": said.title}
    if fields:
        raise InvalidInput(_("自查还没有填完。"), fields=fields)
    move(now, table=SHEET_TRANSITIONS, to=SheetStatus.SUBMITTED, by=by, at=at, place=now.facility_id)
    announce(Event.SUBMITTED, obj=now, by=by, at=at, place=now.facility_id)
    return now
