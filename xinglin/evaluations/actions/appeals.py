"""A unit agrees with its result or disagrees with an item; somebody else than the reviewer decides."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.evaluations import permissions
from xinglin.evaluations.actions.scores import give, held_item, held_sheet
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Appeal, ItemScore, Round, Sheet
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.states import APPEAL_TRANSITIONS, SHEET_TRANSITIONS, AppealStatus, RoundStatus, SheetStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move, note_status


@transaction.atomic
def confirm_sheet(*, sheet: Sheet, by: Actor, at: datetime) -> Sheet:
    """Agree with the result. :raises Conflict: results are not told, or an appeal is open"""
    now = held_sheet(sheet)
    permissions.may_confirm(by, now).require()
    move(now, table=SHEET_TRANSITIONS, to=SheetStatus.CONFIRMED, by=by, at=at, place=now.facility_id)
    announce(Event.CONFIRMED, obj=now, by=by, at=at, place=now.facility_id, points=now.points)
    return now


@transaction.atomic
def raise_appeal(*, item: ItemScore, wanted: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Disagree with the points of an item, within the time.

    :raises NotPermitted: not the own unit. :raises Conflict: too late, already appealed, or agreed
    """
    now = held_item(item, None)
    permissions.may_appeal(by, now, at=at).require()
    if not 0 <= wanted <= now.weight or wanted == now.points:
        words = _("应与现在的得分不同，在0到%(most)s之间。") % {"most": f"{now.weight / 100:g}"}
        raise InvalidInput(words, fields={"wanted": words})
    made = Appeal.objects.create(
        item=now, is_objection=now.sheet.round.status == RoundStatus.PUBLISHED, wanted=wanted,
        reason=clean(reason, "reason", most=500, least=1), status_changed_at=at, raised_at=at, raised_by=by.user_id or 0,
        raised_by_name=by.name,
    )  # fmt: skip
    note_status(made, by=by, at=at, place=now.sheet.facility_id)
    announce(Event.APPEALED, obj=made, by=by, at=at, place=now.sheet.facility_id, code=now.code, wanted=wanted)
    return made


@transaction.atomic
def decide_appeal(
    *, appeal: Appeal, uphold: bool, points: int | None = None, answer: str, by: Actor, at: datetime
) -> Appeal:
    """Uphold an appeal with the points the item gets now, or reject it; both with the reason.

    :raises NotPermitted: who gave the points, or somebody of the unit. :raises Conflict: it was decided
    """
    item = held_item(appeal.item, None)
    now = Appeal.objects.get(pk=appeal.pk)
    now.item = item
    permissions.may_decide(by, now).require()
    why = clean(answer, "answer", most=500, least=1)
    if uphold and (points is None or points == item.points):
        words = _("申诉成立时须写明改后的得分。")
        raise InvalidInput(words, fields={"points": words})
    if uphold:
        give(item, points, Basis.APPEALED, reason=why, by=by, at=at)
    move(
        now, table=APPEAL_TRANSITIONS, to=AppealStatus.UPHELD if uphold else AppealStatus.REJECTED, by=by, at=at,
        place=item.sheet.facility_id, given=points if uphold else item.points, answer=why, decided_at=at,
        decided_by=by.user_id or 0, decided_by_name=by.name,
    )  # fmt: skip
    announce(
        Event.APPEAL_DECIDED, obj=now, by=by, at=at, place=item.sheet.facility_id, code=item.code, upheld=uphold,
        points=now.given,
    )  # fmt: skip
    return now


def end_appeals(of_round: Round, why: str, *, by: Actor, at: datetime) -> None:
    """Nobody answers what waits in a round that is given up: it ends with the reason. The caller holds the round."""
    waiting = Appeal.objects.filter(item__sheet__round=of_round, status=AppealStatus.OPEN)
    for each in waiting.select_related("item__sheet").order_by("id"):
        place = each.item.sheet.facility_id
        move(
            each, table=APPEAL_TRANSITIONS, to=AppealStatus.ENDED, by=by, at=at, reason=why, place=place, answer=why,
            decided_at=at, decided_by=by.user_id or 0, decided_by_name=by.name,
        )  # fmt: skip
        announce(Event.APPEAL_ENDED, obj=each, by=by, at=at, place=place, code=each.item.code)
