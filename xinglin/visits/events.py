"""Names of what happens to visits: they stand in the audit trail and in the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """`RECORDED` carries ``signed`` (bool): a visit saved and signed in one go is announced once."""

    RECORDED = "visit.recorded"
    SIGNED = "visit.signed"
    VOIDED = "visit.voided"
    FORM_OPENED = "visit.form-opened"
    VIEWED = "visit.viewed"
    LISTED = "visit.listed"
    PRINTED = "visit.printed"
    TERMS_IMPORTED = "visit.terms-imported"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.RECORDED: _("书写了接诊记录"),
    Event.SIGNED: _("签署接诊记录"),
    Event.VOIDED: _("作废接诊记录"),
    Event.FORM_OPENED: _("打开接诊页面"),
    Event.VIEWED: _("查看了接诊记录"),
    Event.LISTED: _("查看接诊列表"),
    Event.PRINTED: _("打印就诊小结"),
    Event.TERMS_IMPORTED: _("导入诊断目录"),
}
