"""Others review: each item with points and a reason, each unit as a whole."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import api as accounts
from xinglin.accounts.data import Permission
from xinglin.evaluations import permissions, policies
from xinglin.evaluations.actions.scores import add_up, give, held, held_item, held_sheet
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import ItemScore, Round, Sheet
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.states import ROUND_TRANSITIONS, SHEET_TRANSITIONS, RoundStatus, SheetStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move


@transaction.atomic
def begin_review(*, of_round: Round, by: Actor, at: datetime) -> Round:
    """End the self-checks. Who has sent none in has missed it, and is reviewed all the same.

    :raises Conflict: the time is not over and a unit has not sent its own
    """
    now = held(of_round.pk)
    permissions.may_begin_review(by, now, at=at).require()
    for each in now.sheets.filter(status=SheetStatus.OPEN):
        move(each, table=SHEET_TRANSITIONS, to=SheetStatus.MISSED, by=by, at=at, place=each.facility_id)
    move(now, table=ROUND_TRANSITIONS, to=RoundStatus.REVIEW, by=by, at=at)
    announce(Event.REVIEW_BEGUN, obj=now, by=by, at=at)
    return now


@transaction.atomic
def name_assessor(*, sheet: Sheet, facility_id: int, user_id: int, by: Actor, at: datetime) -> Sheet:
    """Ask somebody of another unit to review this one. :raises InvalidInput: he is not of another unit, or has no right"""
    now = held_sheet(sheet)
    permissions.may_run(by, now.round).require()
    if now.status not in {SheetStatus.OPEN, SheetStatus.SUBMITTED, SheetStatus.MISSED}:
        raise Conflict(_("这张考核表已经复核。"), code="reviewed")
    known = dict(
        accounts.colleagues(Permission.EVALUATION_ANSWER, facility_id, at=at)
        + accounts.colleagues(Permission.EVALUATION_REVIEW, facility_id, at=at)
    )
    if facility_id == now.facility_id or user_id not in known:
        words = _("复核人须是其他单位有权参加考核的人员。")
        raise InvalidInput(words, fields={"assessor": words})
    now.assessor, now.assessor_name = user_id, known[user_id]
    now.save(update_fields=["assessor", "assessor_name"])
    announce(Event.ASSESSOR_NAMED, obj=now, by=by, at=at, place=now.facility_id, assessor=user_id)
    return now


@transaction.atomic
def review_item(
    *, item: ItemScore, points: int | None, reason: str, revision: int | None = None, by: Actor, at: datetime
) -> ItemScore:
    """Give an item its points in hundredths; `points` None leaves an item without data out, so that the others bear its
    weight. What differs from the self-check, or from what was computed, needs a reason.

    :raises NotPermitted: the own unit. :raises Conflict: not in review, or another reviewer was first
    """
    now = held_item(item, revision)
    permissions.may_review(by, now.sheet).require()
    if now.basis in {Basis.NOT_APPLICABLE, Basis.NOT_APPLICABLE_FULL}:
        raise Conflict(_("这一项不适用于这个单位。"), code="not-applicable")
    if points is None and (now.figure is None or now.computed is not None):
        words = _("只有没有数据的项目可以不计分。")
        raise InvalidInput(words, fields={"points": words})
    expected = now.claimed if now.figure is None else now.computed
    why = clean(reason, "reason", most=500, least=0 if points is not None and points == expected else 1)
    now.reviewed_at, now.reviewed_by, now.reviewed_by_name, now.reason = at, by.user_id or 0, by.name, why
    give(now, points, Basis.NO_DATA_LEFT_OUT if points is None else Basis.REVIEWED, reason=why, by=by, at=at)
    announce(Event.ITEM_REVIEWED, obj=now, by=by, at=at, place=now.sheet.facility_id, code=now.code, points=points)
    return now


@transaction.atomic
def finish_review(*, sheet: Sheet, by: Actor, at: datetime) -> Sheet:
    """Say that a unit is reviewed. :raises InvalidInput: an item has no points yet"""
    now = held_sheet(sheet)
    permissions.may_review(by, now).require()
    fields = {each.code: _("还没有得分。") for each in now.items.all() if policies.is_open(each)}
    if fields:
        raise InvalidInput(_("还有项目没有得分。"), fields=fields)
    add_up(now)
    move(now, table=SHEET_TRANSITIONS, to=SheetStatus.REVIEWED, by=by, at=at, place=now.facility_id)
    announce(Event.SHEET_REVIEWED, obj=now, by=by, at=at, place=now.facility_id, points=now.points)
    return now
