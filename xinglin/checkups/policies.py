"""What is possible for a check-up or a station as it is now."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from xinglin.checkups import queries, rules
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.checkups.states import Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def can_arrive(checkup: Checkup, *, on: date) -> Decision:
    """Whether the resident can be registered as come: on the day of his session."""
    if checkup.status != Status.BOOKED:
        return impossible("not-booked", _("这次体检已是“%(status)s”。") % {"status": Status(checkup.status).label})
    if checkup.session.held_on != on:
        return impossible("other-day", _("预约的是%(day)s。") % {"day": checkup.session.held_on.isoformat()})
    return ALLOWED


def can_be_cancelled(checkup: Checkup) -> Decision:
    """Whether it may end before anything was found: that would be lost."""
    if checkup.status not in (Status.BOOKED, Status.ARRIVED):
        return impossible("not-open", _("这次体检已是“%(status)s”。") % {"status": Status(checkup.status).label})
    if checkup.values.exists():
        return impossible("has-values", _("已有检查结果，不能取消；没有做的站点登记未检，由医生总检。"))
    return ALLOWED


def can_be_examined(visit: StationVisit) -> Decision:
    """Whether values can be written at a station: while there is no report."""
    if visit.checkup.status in (Status.ARRIVED, Status.EXAMINED):
        return ALLOWED
    return impossible("not-open", _("这次体检已是“%(status)s”。") % {"status": Status(visit.checkup.status).label})


def can_be_taken_up(checkup: Checkup, *, on: date) -> Decision:
    """Whether it was left unfinished on a former day: the resident may go on with it, or it may be closed."""
    if checkup.status != Status.ARRIVED:
        return impossible("not-under-way", _("这次体检已是“%(status)s”。") % {"status": Status(checkup.status).label})
    if queries.waits_today(checkup, on=on):
        return impossible("here-today", _("居民今天正在体检。"))
    return ALLOWED


def can_be_sent(visit: StationVisit, item: str, *, on: date) -> Decision:
    """Whether a machine's value belongs to this check-up: on a day the resident is there; of a laboratory, later too."""
    if rules.analyte_of(rules.read_with(item)) or queries.is_here(visit.checkup, on=on):
        return ALLOWED
    day = visit.checkup.session.held_on.isoformat()
    return impossible("other-day", _("这次体检是%(day)s的，请先在体检页点“继续体检”，或到站点填写。") % {"day": day})


def can_be_reported(checkup: Checkup) -> Decision:
    """Whether a report can be signed: every station was done, or left out with a reason."""
    if checkup.status == Status.EXAMINED:
        return ALLOWED
    if checkup.status == Status.ARRIVED:
        return impossible("stations-open", _("还有站点没有检查，不能总检。"))
    return impossible("not-examined", _("这次体检已是“%(status)s”。") % {"status": Status(checkup.status).label})
