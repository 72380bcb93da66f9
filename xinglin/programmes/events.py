"""Events of programmes: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to an enrolment or a programme visit."""

    FOUND = "programme.found"
    CONFIRMED = "programme.confirmed"
    DISMISSED = "programme.dismissed"
    ENROLLED = "programme.enrolled"
    PAUSED = "programme.paused"
    RESUMED = "programme.resumed"
    LOST = "programme.lost"
    GRADUATED = "programme.graduated"
    ENDED = "programme.ended"
    TAKEN_UP = "programme.taken-up"
    HANDED_OVER = "programme.handed-over"
    VERSION_MOVED = "programme.version-moved"
    VISIT_RECORDED = "programme.visit-recorded"
    VISIT_AMENDED = "programme.visit-amended"
    JUDGED_ANEW = "programme.judged-anew"
    URGENCY_CHANGED = "programme.urgency-changed"
    ALERTED = "programme.alerted"
    ALERT_ANSWERED = "programme.alert-answered"
    UNREACHED = "programme.unreached"
    CHECK_DRAWN = "programme.check-drawn"
    CHECKED = "programme.checked"
    SCREENED = "programme.screened"
    TRANSFERRED = "programme.transferred"
    TRANSFER_UNDONE = "programme.transfer-undone"
    EDITION_KEPT = "programme.edition-kept"
    EDITION_CHANGED = "programme.edition-changed"
    EDITION_SUBMITTED = "programme.edition-submitted"
    EDITION_RETURNED = "programme.edition-returned"
    EDITION_APPROVED = "programme.edition-approved"
    EDITION_DATED = "programme.edition-dated"
    EDITION_WITHDRAWN = "programme.edition-withdrawn"
    EDITION_DISCARDED = "programme.edition-discarded"
    EFFECT_ASKED = "programme.effect-asked"
    MOVED_TOGETHER = "programme.moved-together"
    # Looks: audit only, nothing follows from them.
    VIEWED = "programme.viewed"
    FORM_OPENED = "programme.form-opened"
    PRINTED = "programme.printed"
    PHONE_REVEALED = "programme.phone-revealed"
    LISTED = "programme.listed"
    COUNTED = "programme.counted"
    READ_OUT = "programme.read-out"  # by another program, as FHIR
    EDITION_VIEWED = "programme.edition-viewed"
    TEXT_CHECKED = "programme.text-checked"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.FOUND: _("列为疾病管理待核实对象"),
    Event.CONFIRMED: _("核实了疾病管理对象"),
    Event.DISMISSED: _("排除了疾病管理待核实对象"),
    Event.ENROLLED: _("纳入疾病管理"),
    Event.PAUSED: _("暂停疾病管理"),
    Event.RESUMED: _("恢复疾病管理"),
    Event.LOST: _("标记为失访"),
    Event.GRADUATED: _("疾病管理达标结案"),
    Event.ENDED: _("终止疾病管理"),
    Event.TAKEN_UP: _("继续了已终止的疾病管理"),
    Event.HANDED_OVER: _("疾病管理移交机构"),
    Event.VERSION_MOVED: _("更换管理方案版本"),
    Event.VISIT_RECORDED: _("记录了疾病管理随访"),
    Event.VISIT_AMENDED: _("更正了疾病管理随访"),
    Event.JUDGED_ANEW: _("按补到的资料重新评估了随访"),
    Event.URGENCY_CHANGED: _("设备测量改变了随访的紧急程度"),
    Event.ALERTED: _("随访发现需处理的情况"),
    Event.ALERT_ANSWERED: _("随访发现的情况已有结果"),
    Event.UNREACHED: _("疾病管理随访未联系上"),
    Event.CHECK_DRAWN: _("抽取随访质控样本"),
    Event.CHECKED: _("回访核查了随访真实性"),
    Event.SCREENED: _("记录了慢病筛查"),
    Event.TRANSFERRED: _("批量转移居民"),
    Event.TRANSFER_UNDONE: _("撤销批量转移"),
    Event.EDITION_KEPT: _("起草病种方案"),
    Event.EDITION_CHANGED: _("修改病种方案草稿"),
    Event.EDITION_SUBMITTED: _("提交病种方案审核"),
    Event.EDITION_RETURNED: _("退回病种方案"),
    Event.EDITION_APPROVED: _("审核通过病种方案"),
    Event.EDITION_DATED: _("确定病种方案生效日"),
    Event.EDITION_WITHDRAWN: _("撤回未生效的病种方案"),
    Event.EDITION_DISCARDED: _("放弃病种方案草稿"),
    Event.EFFECT_ASKED: _("测算病种方案的影响"),
    Event.MOVED_TOGETHER: _("批量更换管理方案版本"),
    Event.EDITION_VIEWED: _("查看病种方案草稿"),
    Event.TEXT_CHECKED: _("检查病种方案文本"),
    Event.VIEWED: _("查看了疾病管理档案"),
    Event.FORM_OPENED: _("打开了疾病管理随访表"),
    Event.PRINTED: _("打印了随访建议"),
    Event.PHONE_REVEALED: _("查看电话号码并拨打"),
    Event.LISTED: _("查看疾病管理列表"),
    Event.COUNTED: _("查看疾病管理统计"),
    Event.READ_OUT: _("外部程序读取了疾病管理资料"),
}
