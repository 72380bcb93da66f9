"""Permissions in words, for pages and the reference."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission as P

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
    P.REQUEST_PLACE: _("申请检查"),
    P.REQUEST_VIEW: _("查看检查申请和报告"),
    P.RECORDING_UPLOAD: _("上传心电、影像数据"),
    P.REPORT_WRITE: _("书写诊断报告"),
    P.REPORT_AMEND: _("更正诊断报告"),
    P.CRITICAL_ACKNOWLEDGE: _("接收危急值"),
    P.CENTRE_MANAGE: _("管理诊断中心"),
    P.REFERRAL_SEND: _("发起转诊"),
    P.REFERRAL_VIEW: _("查看转诊"),
    P.REFERRAL_ANSWER: _("答复转诊"),
    P.REFERRAL_ADMIT: _("办理转诊到院、入院和出院"),
    P.REFERRAL_RETURN: _("下转"),
    P.REFERRAL_RECEIVE_BACK: _("接收下转"),
    P.NETWORK_VIEW: _("查看机构"),
    P.NETWORK_EDIT: _("维护机构"),
    P.NETWORK_IMPORT: _("导入、导出机构"),
    P.CATALOGUE_EDIT: _("维护目录"),
    P.BOARD_VIEW: _("查看县域数据"),
    P.USER_MANAGE: _("管理账号"),
    P.SYSTEM_CONFIGURE: _("设置系统参数"),
    P.GRANT_MANAGE: _("授予和收回权限"),
    P.TOKEN_MANAGE: _("管理接口令牌"),
    P.EMERGENCY_REVIEW: _("复核紧急访问"),
    P.AUDIT_READ: _("查阅审计记录"),
    P.EMERGENCY_OPEN: _("紧急访问"),
    P.OWN_RECORD: _("查看本人记录"),
}
