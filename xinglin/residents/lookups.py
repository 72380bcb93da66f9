"""Who looked at a resident's record, in plain words, for the resident and for those who treat him."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.network.api import facility_names
from xinglin.platform.models import AuditRecord
from xinglin.platform.paging import Page, page_of

PAGE = 30
#: What was looked at or done, by the first part of the event's name.
_THINGS: dict[str, Promise] = {
    "resident": _("健康档案"),
    "visit": _("就诊记录"),
    "request": _("检查申请"),
    "recording": _("心电图"),
    "report": _("检查报告"),
    "critical": _("危急值"),
    "referral": _("转诊单"),
    "followup": _("随访记录"),
    "emergency": _("紧急访问"),
}
#: Events said in their own words; others by thing and verb.
_SENTENCES: dict[str, Promise] = {
    "resident.viewed": _("打开了健康档案"),
    "resident.emergency-viewed": _("以紧急访问打开了健康档案"),
    "resident.listed": _("在列表中看到"),
    "resident.timeline-viewed": _("查看了健康时间轴"),
    "resident.lookups-viewed": _("查看了“谁看过”"),
    "resident.consents-viewed": _("查看了知情同意"),
    "resident.compared": _("核对是否重复建档"),
    "resident.own-viewed": _("本人查看自己的档案"),
    "resident.registered": _("建立了健康档案"),
    "resident.edited": _("修改了基本信息"),
    "resident.transferred": _("变更了管理机构"),
    "resident.arrived": _("登记到诊，加入本机构名册"),
    "resident.merged": _("合并了重复档案"),
    "resident.unmerged": _("撤销了档案合并"),
    "resident.consented": _("记录了同意"),
    "resident.refused-consent": _("记录了不同意"),
    "resident.withdrew-consent": _("撤回了同意"),
    "resident.joined-household": _("登记了家庭关系"),
    "resident.contact-added": _("添加了联系人"),
    "resident.contact-ended": _("停用了联系人"),
    "resident.deceased": _("登记了死亡"),
    "resident.moved": _("登记了迁出"),
    "resident.restored": _("恢复在册"),
    "emergency.opened": _("申请了紧急访问"),
    "emergency.closed": _("结束了紧急访问"),
    "emergency.reviewed": _("复核了紧急访问"),
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """One line: who, from which facility, when, what; `reason` when it was break-glass."""

    at: datetime
    who: str
    facility: str
    what: object
    reason: str
    is_emergency: bool
    was_refused: bool
    is_look: bool


def describe_event(event: str, sentence: Promise) -> None:
    """Say an event of one's own in plain words; called while applications load."""
    _SENTENCES[event] = sentence


def sentence_of(event: str) -> object:
    """An event in plain words; one nobody described is told by its thing."""
    if event in _SENTENCES:
        return _SENTENCES[event]
    thing, _dot, verb = event.partition(".")
    name = _THINGS.get(thing, _("健康资料"))
    return (_("查看了%(thing)s") if is_look(event) else _("处理了%(thing)s")) % {"thing": name} if verb else name


def is_look(event: str) -> bool:
    """Whether somebody only looked."""
    return event.endswith(("viewed", "listed", "compared", "printed", "exported", "opened"))


def lookups_of(uuids: list[UUID], *, cursor: str = "", size: int = PAGE) -> Page[Lookup]:
    """All that was done with, or seen of, a person, newest first. Two queries a page."""
    found = page_of(AuditRecord.objects.filter(subject_uuid__in=uuids), by=["-id"], cursor=cursor, size=size)
    names = facility_names({row.place for row in found.rows if row.place is not None})
    lines = [
        Lookup(
            at=row.at,
            who=row.actor_name or str(_("系统")),
            facility=names.get(row.place, "") if row.place is not None else "",
            what=sentence_of(row.event),
            reason=row.reason if row.emergency or row.event.startswith("emergency.") else "",
            is_emergency=row.emergency or row.event.startswith("emergency."),
            was_refused=row.outcome != "ok",
            is_look=is_look(row.event),
        )
        for row in found.rows
    ]
    return Page(lines, found.next_cursor, found.is_first)
