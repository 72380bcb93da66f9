"""Events of assessments and funds: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a round and a distribution, and who looked."""

    OPENED = "evaluation.opened"
    REVIEW_BEGUN = "evaluation.review-begun"
    RESULTS_TOLD = "evaluation.results-told"
    PUBLISHED = "evaluation.published"
    CORRECTED = "evaluation.corrected"
    CLOSED = "evaluation.closed"
    CANCELLED = "evaluation.cancelled"
    CLAIMED = "evaluation.claimed"
    EVIDENCE_ADDED = "evaluation.evidence-added"
    EVIDENCE_WITHDRAWN = "evaluation.evidence-withdrawn"
    SUBMITTED = "evaluation.submitted"
    ASSESSOR_NAMED = "evaluation.assessor-named"
    ITEM_REVIEWED = "evaluation.item-reviewed"
    SHEET_REVIEWED = "evaluation.sheet-reviewed"
    CONFIRMED = "evaluation.confirmed"
    APPEALED = "evaluation.appealed"
    APPEAL_DECIDED = "evaluation.appeal-decided"
    APPEAL_ENDED = "evaluation.appeal-ended"
    FUND_DRAFTED = "fund.drafted"
    FUND_SUBMITTED = "fund.submitted"
    FUND_APPROVED = "fund.approved"
    FUND_SENT_BACK = "fund.sent-back"
    FUND_DROPPED = "fund.dropped"
    FUND_PUBLISHED = "fund.published"
    FUND_REPLACED = "fund.replaced"
    LISTED = "evaluation.listed"
    VIEWED = "evaluation.viewed"
    EVIDENCE_VIEWED = "evaluation.evidence-viewed"
    SIMULATED = "fund.simulated"
    EXPORTED = "evaluation.exported"


#: Events in words, for the audit trail.
TITLES = {
    Event.OPENED: _("发起考核"),
    Event.REVIEW_BEGUN: _("考核转入复核"),
    Event.RESULTS_TOLD: _("反馈考核结果"),
    Event.PUBLISHED: _("通报考核结果"),
    Event.CORRECTED: _("更正考核通报"),
    Event.CLOSED: _("考核办结"),
    Event.CANCELLED: _("取消考核"),
    Event.CLAIMED: _("填写自查"),
    Event.EVIDENCE_ADDED: _("上传考核佐证"),
    Event.EVIDENCE_WITHDRAWN: _("撤回考核佐证"),
    Event.SUBMITTED: _("提交自查"),
    Event.ASSESSOR_NAMED: _("指定考核复核人"),
    Event.ITEM_REVIEWED: _("复核考核项目"),
    Event.SHEET_REVIEWED: _("完成单位复核"),
    Event.CONFIRMED: _("确认考核结果"),
    Event.APPEALED: _("提出考核申诉"),
    Event.APPEAL_DECIDED: _("处理考核申诉"),
    Event.APPEAL_ENDED: _("考核取消，申诉终止"),
    Event.FUND_DRAFTED: _("测算资金分配"),
    Event.FUND_SUBMITTED: _("提交资金分配"),
    Event.FUND_APPROVED: _("批准资金分配"),
    Event.FUND_SENT_BACK: _("退回资金分配"),
    Event.FUND_DROPPED: _("撤销资金分配"),
    Event.FUND_PUBLISHED: _("公布资金分配"),
    Event.FUND_REPLACED: _("更正资金分配"),
    Event.LISTED: _("查看考核列表"),
    Event.VIEWED: _("查看考核"),
    Event.EVIDENCE_VIEWED: _("查看考核佐证"),
    Event.SIMULATED: _("模拟资金分配"),
    Event.EXPORTED: _("导出考核文件"),
}
