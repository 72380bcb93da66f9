"""Events of consultations: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a case."""

    REQUESTED = "consultation.requested"
    INVITED = "consultation.invited"
    ACCEPTED = "consultation.accepted"
    DECLINED_BY_EXPERT = "consultation.declined-by-expert"
    STEPPED_DOWN = "consultation.stepped-down"
    UNANSWERED = "consultation.unanswered"
    SCHEDULED = "consultation.scheduled"
    BEGAN = "consultation.began"
    PACK_CHANGED = "consultation.pack-changed"
    MESSAGE_SENT = "consultation.message-sent"
    OPINION_WRITTEN = "consultation.opinion-written"
    OPINION_SIGNED = "consultation.opinion-signed"
    OPINION_AMENDED = "consultation.opinion-amended"
    OPINION_GIVEN = "consultation.opinion-given"
    RATED = "consultation.rated"
    CLOSED = "consultation.closed"
    DECLINED = "consultation.declined"
    WITHDRAWN = "consultation.withdrawn"
    EXPIRED = "consultation.expired"
    DUE_SOON = "consultation.due-soon"
    OVERDUE = "consultation.overdue"
    FEE_SETTLED = "consultation.fee-settled"
    FEE_WAIVED = "consultation.fee-waived"
    EXPERT_REGISTERED = "expert.registered"
    EXPERT_ENDED = "expert.ended"
    EXPERT_TIMES_SET = "expert.times-set"
    STATION_OPENED = "station.opened"
    STATION_SESSION_HELD = "station.session-held"


class Look(StrEnum):
    """Who looked at a case, or at a part of its pack."""

    CASE = "consultation.viewed"
    CASES = "consultation.listed"
    ITEM = "consultation.item-opened"
    FILE = "consultation.file-opened"
    OPINION = "consultation.opinion-printed"
    FEES = "consultation.fees-listed"
    FIGURES = "consultation.figures-exported"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.REQUESTED: _("申请远程会诊"),
    Event.INVITED: _("邀请会诊专家"),
    Event.ACCEPTED: _("专家接受会诊"),
    Event.DECLINED_BY_EXPERT: _("专家不能参加会诊"),
    Event.STEPPED_DOWN: _("专家退出会诊"),
    Event.UNANSWERED: _("专家超时未答复会诊"),
    Event.SCHEDULED: _("约定会诊时间"),
    Event.BEGAN: _("会诊开始"),
    Event.PACK_CHANGED: _("更改会诊资料"),
    Event.MESSAGE_SENT: _("发送会诊消息"),
    Event.OPINION_WRITTEN: _("书写会诊意见"),
    Event.OPINION_SIGNED: _("签署会诊意见"),
    Event.OPINION_AMENDED: _("更正会诊意见"),
    Event.OPINION_GIVEN: _("会诊意见完成"),
    Event.RATED: _("评价会诊"),
    Event.CLOSED: _("会诊结束"),
    Event.DECLINED: _("未受理会诊申请"),
    Event.WITHDRAWN: _("撤回会诊申请"),
    Event.EXPIRED: _("会诊申请过期"),
    Event.DUE_SOON: _("会诊即将到时限"),
    Event.OVERDUE: _("会诊已超过时限"),
    Event.FEE_SETTLED: _("结算会诊费"),
    Event.FEE_WAIVED: _("减免会诊费"),
    Event.EXPERT_REGISTERED: _("登记会诊专家"),
    Event.EXPERT_ENDED: _("停用会诊专家"),
    Event.EXPERT_TIMES_SET: _("设置专家出诊时间"),
    Event.STATION_OPENED: _("设立名医工作站"),
    Event.STATION_SESSION_HELD: _("登记名医工作站活动"),
    Look.CASE: _("查看会诊"),
    Look.CASES: _("查看会诊列表"),
    Look.ITEM: _("查阅会诊资料"),
    Look.FILE: _("打开会诊文件"),
    Look.OPINION: _("打印会诊意见书"),
    Look.FEES: _("查看会诊费用"),
    Look.FIGURES: _("导出会诊统计"),
}
