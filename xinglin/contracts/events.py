"""Events of contracts: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to teams, agreements, promises and pay."""

    TEAM_FORMED = "contract.team-formed"
    TEAM_CHANGED = "contract.team-changed"
    TEAM_ENDED = "contract.team-ended"
    TEAM_HANDED_OVER = "contract.team-handed-over"
    MEMBER_JOINED = "contract.member-joined"
    MEMBER_LEFT = "contract.member-left"
    PAIRED = "contract.paired"
    PAIRING_ENDED = "contract.pairing-ended"
    SUPPORTED = "contract.supported"
    DRAFTED = "contract.drafted"
    SIGNED = "contract.signed"
    DISCARDED = "contract.discarded"
    BEGUN = "contract.begun"
    ENDED = "contract.ended"
    TEAM_TAKEN_OVER = "contract.team-taken-over"
    MOVED = "contract.moved"
    RENEWAL_DUE = "contract.renewal-due"
    BOOKED = "contract.booked"
    DELIVERED = "contract.delivered"
    PROOF_TAKEN_BACK = "contract.proof-taken-back"
    RATED = "contract.rated"
    GROUP_ENTERED = "contract.group-entered"
    GROUP_ENDED = "contract.group-ended"
    PAY_FROZEN = "contract.pay-frozen"
    PAY_VOIDED = "contract.pay-voided"
    POPULATION_ENTERED = "contract.population-entered"
    ASSIGNED = "contract.assigned"
    RELEASED = "contract.released"
    DISTRIBUTED = "contract.distributed"
    # Looks.
    VIEWED = "contract.viewed"
    LISTED = "contract.listed"
    PRINTED = "contract.printed"
    OWN_VIEWED = "contract.own-viewed"
    PEOPLE_VIEWED = "contract.people-viewed"
    EXPORTED = "contract.exported"
    UNASSIGNED_LISTED = "contract.unassigned-listed"
    ASSIGNMENT_VIEWED = "contract.assignment-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.TEAM_FORMED: _("组建团队"),
    Event.TEAM_CHANGED: _("修改团队"),
    Event.TEAM_ENDED: _("撤销团队"),
    Event.TEAM_HANDED_OVER: _("机构合并，团队转到承接机构"),
    Event.MEMBER_JOINED: _("加入团队"),
    Event.MEMBER_LEFT: _("离开团队"),
    Event.PAIRED: _("建立对口协作"),
    Event.PAIRING_ENDED: _("结束对口协作"),
    Event.SUPPORTED: _("登记对口支持"),
    Event.DRAFTED: _("准备签约协议"),
    Event.SIGNED: _("签约家庭医生"),
    Event.DISCARDED: _("作废签约协议"),
    Event.BEGUN: _("签约协议生效"),
    Event.ENDED: _("终止签约"),
    Event.TEAM_TAKEN_OVER: _("更换签约团队"),
    Event.MOVED: _("签约服务转到新的管理机构"),
    Event.RENEWAL_DUE: _("签约即将到期"),
    Event.BOOKED: _("预约签约服务"),
    Event.DELIVERED: _("完成签约服务"),
    Event.PROOF_TAKEN_BACK: _("撤回履约凭据"),
    Event.RATED: _("评价签约服务"),
    Event.GROUP_ENTERED: _("登记重点人群"),
    Event.GROUP_ENDED: _("结束重点人群登记"),
    Event.PAY_FROZEN: _("冻结签约绩效"),
    Event.PAY_VOIDED: _("作废签约绩效"),
    Event.POPULATION_ENTERED: _("填报常住人口"),
    Event.ASSIGNED: _("分配到家庭医生团队"),
    Event.RELEASED: _("不再由团队负责"),
    Event.DISTRIBUTED: _("批量分配居民"),
    Event.VIEWED: _("查看了签约协议"),
    Event.LISTED: _("查看签约名单"),
    Event.PRINTED: _("打印签约协议"),
    Event.OWN_VIEWED: _("本人查看签约"),
    Event.PEOPLE_VIEWED: _("查看数字背后的居民"),
    Event.EXPORTED: _("导出签约绩效"),
    Event.UNASSIGNED_LISTED: _("查看待分配居民"),
    Event.ASSIGNMENT_VIEWED: _("查看居民的负责团队"),
}
