"""What is possible for a check-up or a station as it is now."""

from datetime import date

from django.utils.translation import gettext_lazy as _

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


def can_be_examined(visit: StationVisit) -> Decision:
    """Whether values can be written at a station: while there is no report."""
    if visit.checkup.status in (Status.ARRIVED, Status.EXAMINED):
        return ALLOWED
    return impossible("not-open", _("这次体检已是“%(status)s”。") % {"status": Status(visit.checkup.status).label})


def can_be_reported(checkup: Checkup) -> Decision:
    """Whether a report can be signed: every station was done, or left out with a reason."""
    if checkup.status == Status.EXAMINED:
        return ALLOWED
    if checkup.status == Status.ARRIVED:
        return impossible("stations-open", _("还有站点没有检查，不能总检。"))
    return impossible("not-examined", _("这次体检已是“%(status)s”。") % {"status": Status(checkup.status).label})
