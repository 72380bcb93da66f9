"""Who may do what in an assessment: managers run it, units check themselves, others review, nobody judges his own unit."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.evaluations import policies
from xinglin.evaluations.models import Appeal, Distribution, DistributionLine, ItemScore, Round, Sheet
from xinglin.evaluations.rules.scoring import BY_HAND
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_manage(actor: Actor) -> Decision:
    """Open rounds, move them on, publish."""
    return actor.may(Permission.EVALUATION_MANAGE)


def takes_part(actor: Actor) -> Decision:
    """Read plans and lists: who has any part in assessments or funds."""
    held = (
        Permission.EVALUATION_MANAGE, Permission.EVALUATION_REVIEW, Permission.EVALUATION_ANSWER, Permission.FUND_MANAGE,
        Permission.FUND_APPROVE,
    )  # fmt: skip
    return next((ALLOWED for each in held if actor.may(each)), actor.may(Permission.EVALUATION_ANSWER))


def managed_places(actor: Actor) -> frozenset[int] | None:
    """Where somebody runs assessments; None for the whole county."""
    return actor.places_where(Permission.EVALUATION_MANAGE)


def may_run(actor: Actor, found: Round) -> Decision:
    """Move a round on: who runs assessments at every unit in it."""
    places = managed_places(actor)
    if places is not None and found.sheets.exclude(facility__in=places).exists():
        return refused("wrong-place", _("考核中有您管理范围以外的单位。"))
    return may_manage(actor)


def may_answer(actor: Actor, sheet: Sheet) -> Decision:
    """Act for a unit: who works there and has the right."""
    if actor.place != sheet.facility_id:
        return refused("not-own-unit", _("只能办理本单位的考核。"))
    return actor.may(Permission.EVALUATION_ANSWER, at=sheet.facility_id)


def is_assessor(actor: Actor, sheet: Sheet) -> bool:
    """Whether somebody was asked to review a unit, and may still answer for his own."""
    asked = sheet.assessor is not None and sheet.assessor == actor.user_id
    return asked and bool(actor.may(Permission.EVALUATION_ANSWER) or actor.may(Permission.EVALUATION_REVIEW))


def may_judge(actor: Actor, sheet: Sheet) -> Decision:
    """Give points to a unit: by office or by being asked, and never to one's own unit."""
    if actor.place == sheet.facility_id:
        return refused("own-unit", _("不能复核本单位。"))
    return ALLOWED if is_assessor(actor, sheet) else actor.may(Permission.EVALUATION_REVIEW, at=sheet.facility_id)


def may_check(actor: Actor, sheet: Sheet, *, at: datetime) -> Decision:
    """Write the self-check now."""
    return first_refusal(may_answer(actor, sheet), policies.can_be_checked(sheet, at=at))


def may_review(actor: Actor, sheet: Sheet) -> Decision:
    """Review now."""
    return first_refusal(may_judge(actor, sheet), policies.can_be_reviewed(sheet))


def may_confirm(actor: Actor, sheet: Sheet) -> Decision:
    """Agree with the result now."""
    return first_refusal(may_answer(actor, sheet), policies.can_be_confirmed(sheet))


def may_appeal(actor: Actor, item: ItemScore, *, at: datetime) -> Decision:
    """Disagree with the points of an item now."""
    return first_refusal(may_answer(actor, item.sheet), policies.can_be_appealed(item, at=at))


def may_decide(actor: Actor, appeal: Appeal) -> Decision:
    """Answer an appeal: by office, of another unit, and not who gave the points: by review, or by upholding an appeal before."""
    sheet = appeal.item.sheet
    if actor.place == sheet.facility_id:
        return refused("own-unit", _("不能处理本单位的申诉。"))
    if appeal.item.reviewed_by is not None and appeal.item.reviewed_by == actor.user_id:
        return refused("own-review", _("申诉由原复核人以外的人处理。"))
    if appeal.raised_by == actor.user_id:
        return refused("own-appeal", _("不能处理自己提出的申诉。"))
    can = first_refusal(actor.may(Permission.EVALUATION_REVIEW, at=sheet.facility_id), policies.can_be_decided(appeal))
    given = [each for each in appeal.item.changes.all() if each.basis in BY_HAND]
    if can and any(each.changed_by == actor.user_id for each in given):
        return refused("own-points", _("申诉由没有给过这一项分数的人处理。"))
    return can


def may_share_funds(actor: Actor) -> Decision:
    """Work out distributions of some round or other."""
    return actor.may(Permission.FUND_MANAGE)


def may_share(actor: Actor, of_round: Round) -> Decision:
    """Work a fund out from a round: who manages funds at every unit in it."""
    return first_refusal(may_share_funds(actor), _at_all(actor, Permission.FUND_MANAGE, of_round.sheets.all()))


def may_keep(actor: Actor, found: Distribution) -> Decision:
    """Submit, drop, publish, replace: who manages funds at every unit of its round, and at all that get something of it."""
    return _fund_everywhere(actor, Permission.FUND_MANAGE, found)


def may_approve(actor: Actor, found: Distribution) -> Decision:
    """Approve what somebody else worked out, or send it back: at every unit it concerns."""
    if actor.user_id is None or actor.user_id == found.made_by:
        return refused("own-work", _("须由测算人以外的人批准。"))
    held = _fund_everywhere(actor, Permission.FUND_APPROVE, found)
    return first_refusal(held, policies.can_be_approved(found))


def _fund_everywhere(actor: Actor, permission: Permission, found: Distribution) -> Decision:
    units = (found.round.sheets.all(), found.lines.all())
    return first_refusal(actor.may(permission), *(_at_all(actor, permission, each) for each in units))


def _at_all(actor: Actor, permission: Permission, units: QuerySet[Sheet] | QuerySet[DistributionLine]) -> Decision:
    places = actor.places_where(permission)
    if places is not None and units.exclude(facility__in=places).exists():
        return refused("wrong-place", _("分配中有您管理范围以外的单位。"))
    return ALLOWED


def may_begin_review(actor: Actor, found: Round, *, at: datetime) -> Decision:
    """End the self-checks now."""
    return first_refusal(may_run(actor, found), policies.can_begin_review(found, at=at))
