"""Permissions and events in words, for pages and the reference."""

from collections.abc import Mapping
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission as P
from xinglin.accounts.events import Event

EventName = TypeVar("EventName", bound=str)

PERMISSION_TITLES: dict[P, Promise] = {
    P.RESIDENT_SEARCH: _("查找居民"),
    P.RESIDENT_VIEW: _("查看居民档案"),
    P.RESIDENT_REGISTER: _("登记居民"),
    P.RESIDENT_EDIT: _("修改居民档案"),
    P.RESIDENT_MERGE: _("合并、拆分居民档案"),
    P.RESIDENT_REVEAL: _("查看完整证件号和电话"),
    P.RESIDENT_EXPORT: _("导出居民名单"),
    P.VISIT_VIEW: _("查看接诊记录"),
    P.VISIT_RECORD: _("书写接诊记录"),
    P.VISIT_PRESCRIBE: _("开具处方"),
    P.FOLLOWUP_VIEW: _("查看随访"),
    P.FOLLOWUP_DO: _("完成随访"),
    P.FOLLOWUP_CALL: _("随访通话"),
    P.PROGRAMME_VIEW: _("查看疾病管理"),
    P.PROGRAMME_DO: _("疾病管理建档、随访"),
    P.PROGRAMME_CONFIDENTIAL: _("查看、管理保密病种"),
    P.PROGRAMME_LEAD: _("疾病管理质控、首席医师团队"),
    P.PROGRAMME_WRITE: _("编写病种管理方案"),
    P.PROGRAMME_REVIEW: _("审核病种管理方案"),
    P.METER_MANAGE: _("登记、出借测量设备"),
    P.READING_SORT: _("核对设备测量是谁的"),
    P.CONTRACT_VIEW: _("查看签约"),
    P.CONTRACT_SIGN: _("签约、登记履约"),
    P.CONTRACT_MANAGE: _("管理签约团队和绩效"),
    P.REQUEST_PLACE: _("申请检查"),
    P.REQUEST_VIEW: _("查看检查申请和报告"),
    P.RECORDING_UPLOAD: _("上传心电、影像数据"),
    P.CHECKUP_VIEW: _("查看体检结果"),
    P.CHECKUP_BOOK: _("预约体检、体检报到"),
    P.CHECKUP_EXAMINE: _("体检站点录入"),
    P.CHECKUP_REPORT: _("签发、撤回体检报告"),
    P.CHECKUP_MANAGE: _("安排体检场次、自助终端"),
    P.POINTS_VIEW: _("查看健康积分"),
    P.POINTS_KEEP: _("登记积分、兑换用品"),
    P.POINTS_STOCK: _("管理健康用品库存"),
    P.REPORT_WRITE: _("书写诊断报告"),
    P.REPORT_AMEND: _("更正诊断报告"),
    P.CRITICAL_ACKNOWLEDGE: _("接收危急值"),
    P.CENTRE_MANAGE: _("管理诊断中心"),
    P.ROSTER_EDIT: _("编排诊断中心值班"),
    P.IMAGE_MATCH: _("匹配影像"),
    P.SPECIMEN_COLLECT: _("采集、送出检验标本"),
    P.LABORATORY_WORK: _("核收标本、录入检验结果"),
    P.RESULT_RELEASE: _("审核、发布检验结果"),
    P.PATHOLOGY_RECEIVE: _("核收病理标本"),
    P.PATHOLOGY_PREPARE: _("病理取材与制片"),
    P.PATHOLOGY_LEND: _("借出病理切片和蜡块"),
    P.CONTROL_VIEW: _("查看检验质控"),
    P.CONTROL_RECORD: _("录入质控、处理失控"),
    P.CONTROL_MANAGE: _("管理质控仪器、靶值和室间质评"),
    P.CONTROL_REVIEW: _("审核失控处理"),
    P.REFERRAL_SEND: _("发起转诊"),
    P.REFERRAL_VIEW: _("查看转诊"),
    P.REFERRAL_ANSWER: _("答复转诊"),
    P.REFERRAL_ADMIT: _("办理转诊到院、入院和出院"),
    P.REFERRAL_RETURN: _("下转"),
    P.REFERRAL_RECEIVE_BACK: _("接收下转"),
    P.CONSULTATION_REQUEST: _("申请远程会诊"),
    P.CONSULTATION_ANSWER: _("作为专家会诊"),
    P.CONSULTATION_DESK: _("组织远程会诊"),
    P.NETWORK_VIEW: _("查看机构"),
    P.NETWORK_EDIT: _("维护机构"),
    P.NETWORK_IMPORT: _("导入、导出机构"),
    P.DEVICE_MANAGE: _("管理接入设备"),
    P.RECOGNITION_MANAGE: _("管理互认标识"),
    P.CATALOGUE_EDIT: _("维护目录"),
    P.BOARD_VIEW: _("查看县域数据"),
    P.FIGURES_KEEP: _("上报外部数据、发布指标"),
    P.EVALUATION_MANAGE: _("发起、通报考核"),
    P.EVALUATION_REVIEW: _("复核考核、处理申诉"),
    P.EVALUATION_ANSWER: _("办理本单位考核自查和申诉"),
    P.FUND_MANAGE: _("测算、公布资金分配"),
    P.FUND_APPROVE: _("批准资金分配"),
    P.USER_MANAGE: _("管理账号"),
    P.SYSTEM_CONFIGURE: _("设置系统参数"),
    P.EXCHANGE_MANAGE: _("管理系统间的消息交换"),
    P.GRANT_MANAGE: _("授予和收回权限"),
    P.TOKEN_MANAGE: _("管理接口令牌"),
    P.EMERGENCY_REVIEW: _("复核紧急访问"),
    P.AUDIT_READ: _("查阅审计记录"),
    P.EMERGENCY_OPEN: _("紧急访问"),
    P.OWN_RECORD: _("查看本人记录"),
}

#: Events in words; capabilities above add theirs with `describe_events`.
EVENT_TITLES: dict[str, Promise] = {
    "request": _("打开页面"),
    Event.SIGNED_IN: _("登录"),
    Event.SIGN_IN_FAILED: _("登录未成功"),
    Event.SIGNED_OUT: _("退出登录"),
    Event.LOCKED_OUT: _("登录被锁定"),
    Event.UNLOCKED: _("解除登录锁定"),
    Event.USER_CREATED: _("开设账号"),
    Event.USER_CLOSED: _("停用账号"),
    Event.USER_REOPENED: _("重新启用账号"),
    Event.PASSWORD_SET: _("重置密码"),
    Event.PASSWORD_CHANGED: _("修改密码"),
    Event.SECOND_FACTOR_ADDED: _("设置两步验证"),
    Event.SECOND_FACTOR_REMOVED: _("停用两步验证"),
    Event.RECOVERY_CODES_MADE: _("重新生成恢复码"),
    Event.SESSION_ENDED: _("退出一处登录"),
    Event.GRANT_GIVEN: _("授予角色"),
    Event.GRANT_REVOKED: _("收回角色"),
    Event.TOKEN_CREATED: _("生成令牌"),
    Event.TOKEN_REVOKED: _("收回令牌"),
    Event.EMERGENCY_OPENED: _("开启紧急访问"),
    Event.EMERGENCY_CLOSED: _("结束紧急访问"),
    Event.EMERGENCY_REVIEWED: _("复核紧急访问"),
    Event.AUDIT_READ: _("查阅审计记录"),
    Event.AUDIT_EXPORTED: _("导出审计记录"),
}


def describe_events(titles: Mapping[EventName, Promise]) -> None:
    """Give events their words on the pages of the trail; called while applications load."""
    EVENT_TITLES.update({str(event): title for event, title in titles.items()})


def event_title(event: str) -> Promise | str:
    """An event in words, or ``""`` when nobody has named it."""
    return EVENT_TITLES.get(event, "")
