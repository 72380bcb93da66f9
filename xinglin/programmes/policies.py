"""What is possible for an enrolment or a resident now, whoever asks."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.programmes.models import Edition, Enrolment, ProgrammeVisit
from xinglin.programmes.states import EDITION_TRANSITIONS, TRANSITIONS, EditionStatus, Status


def can_be_managed(resident: Any) -> Decision:
    """Whether somebody still lives here under this registration."""
    if resident.status == "MERGED":
        return impossible("resident-merged", _("该档案已合并，请使用保留的档案。"))
    if resident.status == "DECEASED":
        return impossible("resident-deceased", _("该居民已登记死亡，不能再纳入管理。"))
    if resident.status == "MOVED":
        return impossible("resident-moved", _("该居民已迁出本县，不能再纳入管理。"))
    return ALLOWED


def can_be_seen(resident: Any, *, on: date) -> Decision:
    """Whether a visit of a day can be written down: late entries of the days before a death or move are taken."""
    if resident.status == "MERGED":
        return impossible("resident-merged", _("该档案已合并，请使用保留的档案。"))
    if on < resident.born_on:
        return impossible("before-birth", _("随访日期早于出生日期。"))
    if resident.died_on is not None and on > resident.died_on:
        return impossible("after-death", _("该居民已于 %(day)s 死亡，不能记录此后的随访。") % {"day": resident.died_on})
    if resident.status == "MOVED" and on > clock.today(resident.status_changed_at):
        return impossible("resident-moved", _("该居民已迁出本县，不能记录随访。"))
    return ALLOWED


def can_step(enrolment: Enrolment, to: Status) -> Decision:
    """Whether the enrolment can take this step."""
    if to in TRANSITIONS[Status(enrolment.status)]:
        return ALLOWED
    now = Status(enrolment.status).label
    return impossible("transition-not-allowed", _("当前状态为“%(status)s”，不能进行这一步。") % {"status": now})


def can_change_version(enrolment: Enrolment) -> Decision:
    """Whether the enrolment is being managed."""
    if enrolment.status in {Status.ENROLLED, Status.PAUSED, Status.LOST}:
        return ALLOWED
    return impossible("not-managed", _("只有在管的对象可以更换方案版本。"))


def can_be_amended(visit: ProgrammeVisit) -> Decision:
    """Whether it is the version that stands."""
    if ProgrammeVisit.objects.filter(replaces=visit).exists():
        return impossible("already-amended", _("这次随访已有更正记录，请更正最新的一份。"))
    return ALLOWED


def can_step_edition(edition: Edition, to: EditionStatus) -> Decision:
    """Whether the definition on its way can take this step."""
    if to in EDITION_TRANSITIONS[EditionStatus(edition.status)]:
        return ALLOWED
    now = EditionStatus(edition.status).label
    return impossible("transition-not-allowed", _("当前状态为“%(status)s”，不能进行这一步。") % {"status": now})


def can_withdraw_edition(edition: Edition, *, on: date) -> Decision:
    """Whether it has not begun: what somebody was enrolled by stays."""
    if edition.valid_from is not None and edition.valid_from <= on:
        return impossible("has-begun", _("已经生效的版本不能撤回，请发布新的版本。"))
    return ALLOWED
