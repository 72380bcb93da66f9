"""What is possible for a round, a sheet, an item, an appeal or a distribution as it is now."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.evaluations.models import Appeal, Distribution, ItemScore, Round, Sheet
from xinglin.evaluations.rules.scoring import OPEN, Basis
from xinglin.evaluations.states import APPEALED_IN, AppealStatus, FundStatus, RoundStatus, SheetStatus
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def _is(status: str, wanted: str, label: object) -> Decision:
    return ALLOWED if status == wanted else _not_now(label)


def _not_now(label: object) -> Decision:
    return impossible("wrong-state", _("现在是“%(now)s”，不能做这一步。") % {"now": label})


def can_be_checked(sheet: Sheet, *, at: datetime) -> Decision:
    """Whether the unit may still write its self-check."""
    if sheet.round.status != RoundStatus.SELF_CHECK or sheet.status != SheetStatus.OPEN:
        return impossible("self-check-over", _("自查已经结束。"))
    if at > sheet.round.self_check_until:
        return impossible("too-late", _("自查期限已过。"))
    return ALLOWED


def can_be_reviewed(sheet: Sheet) -> Decision:
    """Whether items of a sheet are being reviewed."""
    if sheet.round.status == RoundStatus.REVIEW and sheet.status in {SheetStatus.SUBMITTED, SheetStatus.MISSED}:
        return ALLOWED
    return impossible("not-in-review", _("这张考核表现在不在复核中。"))


def can_be_confirmed(sheet: Sheet) -> Decision:
    """Whether the unit may say that it agrees: results were told, and none of its appeals is open."""
    if sheet.round.status != RoundStatus.APPEAL or sheet.status != SheetStatus.REVIEWED:
        return impossible("nothing-to-confirm", _("现在没有要确认的结果。"))
    if Appeal.objects.filter(item__sheet=sheet, status=AppealStatus.OPEN).exists():
        return impossible("appeal-open", _("还有申诉没有处理。"))
    return ALLOWED


def can_be_appealed(item: ItemScore, *, at: datetime) -> Decision:
    """Whether the unit may still disagree: while results are told, or while the notice is open to objections."""
    found = item.sheet.round
    limits = {RoundStatus.APPEAL: found.appeal_until, RoundStatus.PUBLISHED: found.objection_until}
    until = limits.get(RoundStatus(found.status))
    if until is None:
        return impossible("no-appeal-now", _("现在不能申诉。"))
    if at > until:
        return impossible("too-late", _("申诉期限已过。"))
    if item.sheet.status == SheetStatus.CONFIRMED and found.status == RoundStatus.APPEAL:
        return impossible("confirmed", _("本单位已经确认结果。"))
    if item.basis == Basis.NOT_APPLICABLE:
        return impossible("not-applicable", _("这一项不适用于本单位。"))
    if item.appeals.filter(is_objection=found.status == RoundStatus.PUBLISHED).exists():
        return impossible("appealed", _("这一项已经申诉过，每一阶段只能申诉一次。"))
    return ALLOWED


def can_be_decided(appeal: Appeal) -> Decision:
    """Whether an appeal waits for its answer, in a round that still takes one."""
    decision = _is(appeal.status, AppealStatus.OPEN, appeal.get_status_display())
    found = appeal.item.sheet.round
    if decision and found.status not in APPEALED_IN:
        return _not_now(found.get_status_display())
    return decision


def can_begin_review(found: Round, *, at: datetime) -> Decision:
    """Whether self-checks are over: the time, or every unit has sent its own."""
    decision = _is(found.status, RoundStatus.SELF_CHECK, found.get_status_display())
    if not decision:
        return decision
    if at <= found.self_check_until and found.sheets.filter(status=SheetStatus.OPEN).exists():
        return impossible("self-check-open", _("自查期限未到，还有单位没有提交。"))
    return ALLOWED


def can_tell_results(found: Round) -> Decision:
    """Whether every sheet was reviewed."""
    decision = _is(found.status, RoundStatus.REVIEW, found.get_status_display())
    if not decision:
        return decision
    if found.sheets.exclude(status=SheetStatus.REVIEWED).exists():
        return impossible("review-open", _("还有单位没有完成复核。"))
    return ALLOWED


def can_be_published(found: Round, *, at: datetime) -> Decision:
    """Whether appeals are over: the time, or every unit has agreed; and none waits."""
    decision = _is(found.status, RoundStatus.APPEAL, found.get_status_display())
    if not decision:
        return decision
    if Appeal.objects.filter(item__sheet__round=found, status=AppealStatus.OPEN).exists():
        return impossible("appeal-open", _("还有申诉没有处理。"))
    in_time = found.appeal_until is not None and at <= found.appeal_until
    if in_time and found.sheets.exclude(status=SheetStatus.CONFIRMED).exists():
        return impossible("appeal-time", _("申诉期限未到，还有单位没有确认结果。"))
    return ALLOWED


def can_be_closed(found: Round, *, at: datetime) -> Decision:
    """Whether the notice has stood its time, no objection waits, and it says what the scores are now."""
    decision = _is(found.status, RoundStatus.PUBLISHED, found.get_status_display())
    if not decision:
        return decision
    if found.objection_until is not None and at <= found.objection_until:
        return impossible("objection-time", _("公示期未满。"))
    if Appeal.objects.filter(item__sheet__round=found, status=AppealStatus.OPEN).exists():
        return impossible("appeal-open", _("还有异议没有处理。"))
    if differs_from_notice(found):
        return impossible("notice-differs", _("得分在通报后有更正，请先更正通报。"))
    return ALLOWED


def can_be_corrected(found: Round) -> Decision:
    """Whether scores changed after they were published."""
    decision = _is(found.status, RoundStatus.PUBLISHED, found.get_status_display())
    if not decision:
        return decision
    if Appeal.objects.filter(item__sheet__round=found, status=AppealStatus.OPEN).exists():
        return impossible("appeal-open", _("还有异议没有处理。"))
    if not differs_from_notice(found):
        return impossible("nothing-to-correct", _("通报后得分没有变化。"))
    return ALLOWED


def differs_from_notice(found: Round) -> bool:
    """Whether a total is not what the latest notice says."""
    notice = found.publications.order_by("-revision").first()
    said = {line["sheet"]: line["points"] for line in notice.lines} if notice else {}
    return said != {str(uuid): points for uuid, points in found.sheets.values_list("uuid", "points")}


def is_open(item: ItemScore) -> bool:
    """Whether nobody has given it points yet."""
    return item.basis in {str(each) for each in OPEN}


def can_be_submitted(found: Distribution) -> Decision:
    """Whether it is a draft."""
    return _is(found.status, FundStatus.DRAFT, found.get_status_display())


def can_be_approved(found: Distribution) -> Decision:
    """Whether it waits for the second person."""
    return _is(found.status, FundStatus.SUBMITTED, found.get_status_display())


def can_be_told(found: Distribution) -> Decision:
    """Whether it is approved and not yet published."""
    return _is(found.status, FundStatus.APPROVED, found.get_status_display())


def can_be_replaced(found: Distribution) -> Decision:
    """Whether it was published and nothing is meant to replace it yet."""
    decision = _is(found.status, FundStatus.PUBLISHED, found.get_status_display())
    if not decision:
        return decision
    if found.replaced_by.exclude(status=FundStatus.DROPPED).exists():
        return impossible("being-replaced", _("已有一份更正在办。"))
    return ALLOWED
