"""Is it possible, for this object, now? Nothing here asks who acts."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.visits.models import Visit
from xinglin.visits.states import TRANSITIONS, Status


def can_be_seen(resident: Any, *, on: datetime) -> Decision:
    """Whether a visit of this resident (a row of residents) can have happened at a moment."""
    if resident.status == "MERGED":
        return impossible("resident-merged", _("该档案已合并，请使用保留的档案。"))
    day = timezone.localdate(on)
    if day < resident.born_on:
        return impossible("before-birth", _("就诊时间早于出生日期。"))
    if resident.died_on is not None and day > resident.died_on:
        return impossible("after-death", _("就诊时间晚于死亡日期。"))
    return ALLOWED


def can_receive(facility: Any, *, on: date) -> Decision:
    """Whether somebody can have been seen at a facility on a day: it is running, or it was merged or closed later."""
    if facility.status == "OPEN" or (facility.closed_on is not None and on < facility.closed_on):
        return ALLOWED
    if facility.closed_on is not None:
        day = facility.closed_on.isoformat()
        return impossible("facility-not-open", _("该机构已于%(day)s合并或关闭，只能补录此前的就诊。") % {"day": day})
    return impossible("facility-not-open", _("该机构已停业，不能记录就诊。"))


def can_be_signed(visit: Visit) -> Decision:
    """Whether the visit waits for a signature and says what was found."""
    if Status.SIGNED not in TRANSITIONS[Status(visit.status)]:
        return impossible("not-open", _("这次就诊已签名或已作废。"))
    return says_enough(has_diagnosis=visit.diagnoses.exists())


def says_enough(*, has_diagnosis: bool) -> Decision:
    """Whether there is what a signature stands under."""
    if not has_diagnosis:
        return impossible("needs-diagnosis", _("签名前请至少填写一个诊断。"))
    return ALLOWED


def can_be_voided(visit: Visit) -> Decision:
    """Whether the visit is not void yet."""
    if Status.VOIDED not in TRANSITIONS[Status(visit.status)]:
        return impossible("already-void", _("这次就诊已作废。"))
    return ALLOWED


def can_be_replaced(visit: Visit) -> Decision:
    """Whether no other visit stands in its place yet."""
    if visit.replaced_by.exists():
        return impossible("already-replaced", _("这次就诊已有更正记录。"))
    return ALLOWED
