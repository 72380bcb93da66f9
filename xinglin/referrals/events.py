"""Events of referrals: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a referral."""

    DRAFTED = "referral.drafted"
    SENT = "referral.sent"
    COMPLETED = "referral.completed"  # sent again after it was sent back
    WITHDRAWN = "referral.withdrawn"
    REFUSED_BY_PATIENT = "referral.refused-by-patient"
    ACCEPTED = "referral.accepted"
    DECLINED = "referral.declined"
    SENT_BACK = "referral.sent-back"
    REDIRECTED = "referral.redirected"
    ARRIVED = "referral.arrived"
    ADMITTED = "referral.admitted"
    DISCHARGED = "referral.discharged"
    RETURNED = "referral.returned"  # the way back has begun: a down-referral exists
    RETURN_DECLINED = "referral.return-declined"
    RECEIVED_BACK = "referral.received-back"
    CLOSED = "referral.closed"
    EXPIRED = "referral.expired"
    NO_SHOW = "referral.no-show"
    DUE_SOON = "referral.due-soon"
    OVERDUE = "referral.overdue"
    SIGNED = "referral.signed"  # consent given after an emergency
    SLIP_PRINTED = "referral.slip-printed"
    VIEWED = "referral.viewed"
    LISTED = "referral.listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.DRAFTED: _("起草转诊"),
    Event.SENT: _("发出转诊"),
    Event.COMPLETED: _("补充后再次发出转诊"),
    Event.WITHDRAWN: _("撤回转诊"),
    Event.REFUSED_BY_PATIENT: _("患者不同意转诊"),
    Event.ACCEPTED: _("接收转诊"),
    Event.DECLINED: _("不接收转诊"),
    Event.SENT_BACK: _("退回补充转诊"),
    Event.REDIRECTED: _("转荐其他机构"),
    Event.ARRIVED: _("登记转诊到院"),
    Event.ADMITTED: _("收治转诊患者"),
    Event.DISCHARGED: _("转诊患者出院"),
    Event.RETURNED: _("开具下转单"),
    Event.RETURN_DECLINED: _("下转未被接收"),
    Event.RECEIVED_BACK: _("接回下转患者"),
    Event.CLOSED: _("转诊结案"),
    Event.EXPIRED: _("转诊超时失效"),
    Event.NO_SHOW: _("转诊未到"),
    Event.DUE_SOON: _("转诊即将超时"),
    Event.OVERDUE: _("转诊已超时"),
    Event.SIGNED: _("补签转诊同意书"),
    Event.SLIP_PRINTED: _("打印转诊凭单"),
    Event.VIEWED: _("查看转诊记录"),
    Event.LISTED: _("查看转诊列表"),
}
